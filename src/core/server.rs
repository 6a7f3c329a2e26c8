//! The server: whether it listens, where, and how full its accept queue is.

use std::net::SocketAddr;

use super::Sockets;
use crate::{
    chat::{Cause, Group, ListenerId, NetError, Target},
    host::{PortHeld, who_holds},
    net::UdpOptions,
};

/// The server.
#[derive(Debug, Default)]
pub struct Server {
    /// Whether it listens.
    pub state: ServerState,
    /// Connections waiting in the kernel's accept queue, where the kernel tells.
    pub waiting: Option<u32>,
    /// Why it could not be started the last time.
    pub failure: Option<NetError>,
    /// Each call waits for the user's step.
    pub stepping: bool,
    /// Where it listened last, as long as something may hold that port.
    left: Option<SocketAddr>,
    /// Who holds the port that it could not have, or has left.
    pub held: Option<PortHeld>,
    /// How its UDP socket is opened, where it is one.
    udp: Option<UdpOptions>,
    /// Of a UDP socket: datagrams that came to it and that our system had no room for, where it says so.
    pub dropped: u64,
}

/// Whether the server listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerState {
    /// There is no listening socket.
    #[default]
    Stopped,
    /// The calls up to `listen` are under way.
    Starting(ListenerId),
    /// It listens.
    Listening {
        /// The listening socket.
        listener: ListenerId,
        /// Its address, as `getsockname` tells it.
        local: SocketAddr,
        /// What was asked of `listen`.
        backlog: u32,
        /// Whether `accept` is being called.
        accepting: bool,
    },
    /// In its place is a UDP socket that hears anybody: it neither listens nor accepts.
    Bound {
        /// The socket.
        listener: ListenerId,
        /// Its address, as `getsockname` tells it.
        local: SocketAddr,
        /// The multicast group that it is in.
        group: Option<Group>,
    },
}

impl Server {
    /// Whether it is a UDP socket: then nobody is connected to it.
    #[must_use]
    pub fn is_udp(&self) -> bool {
        matches!(self.state, ServerState::Bound { .. })
    }

    /// How its UDP socket is opened, where it is one.
    #[must_use]
    pub fn udp(&self) -> Option<&UdpOptions> {
        self.udp.as_ref()
    }

    /// The listener, if there is one.
    #[must_use]
    pub fn listener(&self) -> Option<ListenerId> {
        match self.state {
            ServerState::Stopped => None,
            ServerState::Starting(listener)
            | ServerState::Listening { listener, .. }
            | ServerState::Bound { listener, .. } => Some(listener),
        }
    }

    /// Where it listens, or is bound.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        match self.state {
            ServerState::Listening { local, .. } | ServerState::Bound { local, .. } => Some(local),
            ServerState::Stopped | ServerState::Starting(_) => None,
        }
    }

    /// What holds the port that it has left, and the port.
    #[must_use]
    pub fn held_after(&self) -> Option<(&PortHeld, u16)> {
        Some((self.held.as_ref()?, self.left?.port())).filter(|_| self.state == ServerState::Stopped)
    }

    /// The port that it could not have, or has left: who holds that is to be known.
    pub(super) fn port_to_watch(&self) -> Option<u16> {
        Some(self.port_wanted()?.port())
    }

    fn port_wanted(&self) -> Option<SocketAddr> {
        if self.state != ServerState::Stopped {
            return None;
        }
        let Some(failure) = &self.failure else { return self.left };
        match &failure.target {
            Target::Address(address) if failure.cause() == Cause::AddressInUse => Some(*address),
            _ => None,
        }
    }

    /// The kernel was asked: who holds that port.
    pub(super) fn look_at_port(&mut self, sockets: Option<&Sockets>) {
        let table = sockets.and_then(|sockets| sockets.table.as_ref().ok());
        let (Some(address), Some(table)) = (self.port_wanted(), table) else {
            self.held = None;
            return;
        };
        if !table.ports.ports.contains(&address.port()) {
            return;
        }
        self.held = who_holds(&table.rows, address);
        if self.held.is_none() {
            self.left = None;
        }
    }

    pub(super) fn starting(&mut self, listener: ListenerId) {
        *self = Self { state: ServerState::Starting(listener), stepping: self.stepping, ..Self::default() };
    }

    pub(super) fn starting_udp(&mut self, listener: ListenerId, options: UdpOptions) {
        self.starting(listener);
        self.udp = Some(options);
    }

    pub(super) fn listening(&mut self, listener: ListenerId, local: SocketAddr, backlog: u32) {
        if self.listener() == Some(listener) {
            self.state = ServerState::Listening { listener, local, backlog, accepting: true };
        }
    }

    pub(super) fn bound(&mut self, listener: ListenerId, local: SocketAddr, group: Option<Group>) {
        if self.listener() == Some(listener) {
            self.state = ServerState::Bound { listener, local, group };
        }
    }

    pub(super) fn failed(&mut self, listener: ListenerId, error: &NetError) {
        if self.listener() == Some(listener) {
            *self = Self { failure: Some(error.clone()), stepping: self.stepping, ..Self::default() };
        }
    }

    pub(super) fn accepting(&mut self, listener: ListenerId, now: bool) {
        match &mut self.state {
            ServerState::Listening { listener: ours, accepting, .. } if *ours == listener => *accepting = now,
            _ => {}
        }
    }

    pub(super) fn closed(&mut self, listener: ListenerId) {
        if self.listener() == Some(listener) {
            // A UDP socket leaves nothing behind.
            let left = self.local().filter(|_| matches!(self.state, ServerState::Listening { .. }));
            *self = Self { stepping: self.stepping, left, ..Self::default() };
        }
    }
}
