//! The chosen message, byte by byte.

use egui::Ui;

use super::super::{Action, Cx};

/// The tab.
#[derive(Debug, Default)]
pub struct BytesTab;

impl BytesTab {
    /// Draw it.
    pub fn show(&mut self, _ui: &mut Ui, _cx: &Cx<'_>) -> Option<Action> {
        None
    }
}
