//! The smallest programs for the other end of this server or connection.

use egui::Ui;

use super::super::{Action, Cx};

/// The tab.
#[derive(Debug, Default)]
pub struct CodeTab;

impl CodeTab {
    /// Draw it.
    pub fn show(&mut self, _ui: &mut Ui, _cx: &Cx<'_>) -> Option<Action> {
        None
    }
}
