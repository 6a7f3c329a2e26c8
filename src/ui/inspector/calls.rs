//! The calls of all sockets as a sequence diagram that grows downward.

use egui::Ui;

use super::super::{Action, Cx};
use crate::model::{EntryId, Key, Model};

/// The tab.
#[derive(Debug, Default)]
pub struct CallsTab;

impl CallsTab {
    /// Have the calls in sight that carried this message.
    pub fn go_to_message(&mut self, _model: &Model, _key: Key, _entry: EntryId) {}

    /// Draw it.
    pub fn show(&mut self, _ui: &mut Ui, _cx: &Cx<'_>) -> Option<Action> {
        None
    }
}
