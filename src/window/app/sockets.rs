//! The socket table: asked for while it shows, and at no other time.

use std::collections::BTreeSet;

use super::App;
use crate::{
    core::{Input, ServerState},
    host::{Question, SocketTable, SocketsError},
    net::{Event, EventKind},
    window::screen::Screen,
};

/// What the host has been asked to watch.
#[derive(Debug, Default)]
pub(super) struct Watching {
    /// The ports that it was given; None, if it does not watch.
    ports: Option<BTreeSet<u16>>,
    /// Something happened since that may have changed which ports are ours.
    stale: bool,
    /// The socket table showed in the last frame.
    showing: bool,
}

impl Watching {
    /// Something happened on a socket.
    pub(super) fn heard(&mut self, event: &Event) {
        self.stale |= matches!(
            event.kind,
            EventKind::Listening { .. } | EventKind::Connected { .. } | EventKind::Accepted { .. }
        );
    }
}

impl App {
    /// A frame was drawn: see whether the socket table was in it.
    pub(super) fn sockets_drawn(&mut self) {
        let asked = self.screens.stage.shows(Screen::ExplainError) && self.screens.explain_error.port().is_some();
        self.machine.sockets.showing = self.screens.inspector.connection.take_shown() || asked;
        self.watch_sockets();
    }

    /// Have the host watch our sockets while they show, and end it when they don't.
    pub(super) fn watch_sockets(&mut self) {
        if !self.machine.sockets.showing {
            // A host that is busy is asked again by the next frame.
            if self.machine.sockets.ports.is_some() && self.machine.host.ask(Question::WatchSockets(None)) {
                self.machine.sockets.ports = None;
                self.change(Input::Sockets(None));
            }
            return;
        }
        if self.machine.sockets.ports.is_some() && !std::mem::take(&mut self.machine.sockets.stale) {
            return;
        }
        let ports = self.our_ports();
        if self.machine.sockets.ports.as_ref() != Some(&ports) {
            if self.machine.host.ask(Question::WatchSockets(Some(ports.clone()))) {
                self.machine.sockets.ports = Some(ports);
            } else {
                self.machine.sockets.stale = true;
            }
        }
    }

    /// Apply what the host found. What was on its way when the watch ended is dropped.
    pub(super) fn apply_sockets(&mut self, table: Result<SocketTable, SocketsError>) {
        if self.machine.sockets.ports.is_some() {
            self.change(Input::Sockets(Some(table)));
        }
    }

    /// The local ports of our sockets, those that are closed included.
    fn our_ports(&self) -> BTreeSet<u16> {
        let conns = self.core().conversations().filter_map(|(_, conversation)| conversation.local);
        let mut ports: BTreeSet<u16> = conns.map(|local| local.port()).collect();
        if let ServerState::Listening { local, .. } = self.core().server().state {
            ports.insert(local.port());
        }
        if self.screens.stage.shows(Screen::ExplainError) {
            ports.extend(self.screens.explain_error.port());
        }
        ports
    }

    /// Ask who holds the port that an error is about, and watch its sockets.
    pub(super) fn look_at_port(&mut self) {
        self.machine.sockets.stale = true;
        self.ask_host(Question::ListeningPorts);
    }
}
