//! The two ends of a connection as state machines, and the socket table.

use egui::Ui;

use super::super::{Action, Cx};

/// The tab.
#[derive(Debug, Default)]
pub struct ConnectionTab;

impl ConnectionTab {
    /// Draw it.
    pub fn show(&mut self, _ui: &mut Ui, _cx: &Cx<'_>) -> Option<Action> {
        None
    }
}
