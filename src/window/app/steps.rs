//! Step by step: carrying out one call at a time, as the user asks for it.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use super::App;
use crate::{
    core::{ConversationOptions, Input, Key, Step, steps},
    net::{Command, ConnId, EventKind, ListenerId, SocketId},
    window::wording,
};

impl App {
    /// Have the server and its clients make each call as a step, or go on by themselves.
    pub(super) fn set_stepping(&mut self, stepping: bool) {
        if self.try_command(Command::StepServers { stepped: stepping }) {
            self.pending.step_in_flight = None;
            self.change(Input::Stepping(stepping));
        }
    }

    /// Make the call that a program would make next, unless one is being waited in.
    pub(super) fn next_step(&mut self) {
        if self.pending.step_in_flight.is_none()
            && let Some(steps) = steps::next(&self.core, self.selection.conversation, self.settings.reuse_address)
            && !steps.waits
        {
            self.try_step(steps.next);
        }
    }

    /// Make a call, whatever the order.
    pub(super) fn try_step(&mut self, step: Step) {
        let (socket, command) = match step {
            Step::Server(step) => {
                let listener = self.core.server().listener().or_else(|| self.prepare_listener());
                let Some(listener) = listener else { return };
                (SocketId::Listener(listener), Command::Step { listener, step })
            }
            Step::Conn(conn, step) => (SocketId::Conn(conn), Command::StepConn { conn, step }),
        };
        if self.try_command(command) {
            self.pending.step_in_flight = Some(socket);
        }
    }

    /// A client connection of which no call is made before its step.
    pub(super) fn prepare_connection(&mut self, address: SocketAddr, name: Option<String>) {
        let conn = self.net.next_conn();
        let options = ConversationOptions::from(&self.settings).options;
        let target = (address.ip().to_string(), address.port());
        let typed = wording::join(&target.0, target.1);
        self.change(Input::Connecting { conn, target, name, at: Timestamp::now() });
        self.command(Command::PrepareConnection { conn, address, options });
        self.opened(conn, typed);
    }

    /// The address that a stepped conversation connects to again; none if it was not stepped.
    pub(super) fn stepped_address(&self, conn: ConnId, host: &str, port: u16) -> Option<SocketAddr> {
        let stepped = self.core.conversation(Key::Conn(conn)).is_some_and(|conversation| conversation.stepped);
        let ip: IpAddr = host.parse().ok().filter(|_| stepped)?;
        Some(SocketAddr::new(ip, port))
    }

    /// What a step came to, before the core knows of it.
    pub(super) fn step_answered(&mut self, kind: &EventKind) {
        let socket = match kind {
            EventKind::Call(call) => call.socket,
            EventKind::StepFailed { socket, .. } | EventKind::StepWaiting { socket, .. } => *socket,
            _ => return,
        };
        if self.pending.step_in_flight == Some(socket) {
            self.pending.step_in_flight = None;
        }
    }

    fn prepare_listener(&mut self) -> Option<ListenerId> {
        let address = SocketAddr::new(self.settings.listen_on.ip(), self.settings.port);
        let listener = self.net.next_listener();
        let options = self.listen_options(address);
        if !self.try_command(Command::PrepareListener { listener, options }) {
            return None;
        }
        self.screens.settings.started(self.settings.clone());
        self.change(Input::Starting(listener));
        Some(listener)
    }
}
