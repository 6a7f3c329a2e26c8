//! The socket table: asked for while it shows, and while it may say why a conversation does not do what it should.

use super::App;
use crate::{
    core::Input,
    host::{Question, SocketTable, SocketsError, Wanted},
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
        self.machine.sockets.showing = self.screens.inspector.connection.take_shown();
        self.watch_sockets();
    }

    /// Have the host watch what is to be known, and end it when nothing is.
    pub(super) fn watch_sockets(&mut self) {
        let now = (self.core().sockets_wanted_version(), self.machine.sockets.showing);
        if self.machine.sockets.found_out == Some(now) {
            return;
        }
        let wanted = self.core().sockets_wanted(now.1);
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
}
