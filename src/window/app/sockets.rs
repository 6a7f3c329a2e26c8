//! The socket table: asked for while it shows, and while it may say why a conversation does not do what it should.

use super::App;
use crate::{
    core::Input,
    host::{Question, SocketTable, SocketsError, Wanted},
    window::screen::Screen,
};

/// What the host has been asked to watch.
#[derive(Debug, Default)]
pub(super) struct Watching {
    /// What it watches.
    wanted: Option<Wanted>,
    /// For which of the core's wishes that was found out, and whether the table showed then.
    found_out: Option<(u64, bool)>,
    /// The socket table showed in the last frame.
    showing: bool,
}

impl App {
    /// A frame was drawn: see whether the socket table was in it.
    pub(super) fn sockets_drawn(&mut self) {
        let asked = self.screens.stage.shows(Screen::ExplainError) && self.screens.explain_error.port().is_some();
        self.machine.sockets.showing = self.screens.inspector.connection.take_shown() || asked;
        self.watch_sockets();
    }

    /// Have the host watch what is to be known, and end it when nothing is.
    pub(super) fn watch_sockets(&mut self) {
        let now = (self.core().sockets_wanted_version(), self.machine.sockets.showing);
        if self.machine.sockets.found_out == Some(now) {
            return;
        }
        let mut wanted = self.core().sockets_wanted(now.1);
        if let Some(wanted) = wanted.as_mut().filter(|_| self.screens.stage.shows(Screen::ExplainError)) {
            wanted.ports.extend(self.screens.explain_error.port());
        }
        if wanted != self.machine.sockets.wanted {
            // A host that is busy is asked again by the next frame.
            if !self.machine.host.ask(Question::WatchSockets(wanted.clone())) {
                return;
            }
            if wanted.is_none() {
                self.change(Input::Sockets(None));
            }
            self.machine.sockets.wanted = wanted;
        }
        self.machine.sockets.found_out = Some(now);
    }

    /// Apply what the host found. What was on its way when the watch ended is dropped.
    pub(super) fn apply_sockets(&mut self, table: Result<SocketTable, SocketsError>) {
        if self.machine.sockets.wanted.is_some() {
            self.change(Input::Sockets(Some(table)));
        }
    }

    /// Ask who holds the port that an error is about, and watch its sockets.
    pub(super) fn look_at_port(&mut self) {
        self.machine.sockets.found_out = None;
        self.ask_host(Question::ListeningPorts);
    }
}
