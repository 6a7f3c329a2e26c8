//! Which connection is in sight: of that one, what is acknowledged is asked for more often.

use super::App;
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
}
