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
        let covered = [Screen::History, Screen::Network].iter().any(|screen| self.screens.stage.shows(*screen));
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
