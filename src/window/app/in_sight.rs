//! Which conversation is in sight: what comes to it is read, and what is acknowledged is asked for more often.

use egui::Context;

use super::{App, state::is_in_front};
use crate::{
    core::{Input, Key},
    net::Command,
    window::screen::Screen,
};

impl App {
    /// A frame was drawn: have the network thread know whose conversation was in it.
    pub(super) fn report_sight(&mut self) {
        let covered = self.screens.stage.in_front().is_some_and(Screen::is_in_its_place);
        let conn = match self.selection.conversation {
            Key::Conn(conn) if !covered => Some(conn),
            _ => None,
        };
        if conn != self.selection.reported_in_sight {
            self.selection.reported_in_sight = conn;
            self.change(Input::Command(Command::InSight { conn }));
        }
    }

    /// Whoever looks at the end of a conversation reads what comes to it, before anything counts it as unread.
    pub(super) fn read_what_is_in_sight(&mut self, ctx: &Context) {
        let Some(key) = self.selection.end_in_sight.filter(|key| *key == self.selection.conversation) else { return };
        if is_in_front(ctx) && self.core().conversation(key).is_some_and(|conversation| conversation.unread() > 0) {
            self.change(Input::Read(key));
        }
    }
}
