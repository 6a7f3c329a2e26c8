//! The server: whether it listens, where, and how full its accept queue is.

use std::net::SocketAddr;

use crate::chat::{ListenerId, NetError};

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
}

impl Server {
    /// The listener, if there is one.
    #[must_use]
    pub fn listener(&self) -> Option<ListenerId> {
        match self.state {
            ServerState::Stopped => None,
            ServerState::Starting(listener) | ServerState::Listening { listener, .. } => Some(listener),
        }
    }

    pub(super) fn starting(&mut self, listener: ListenerId) {
        *self = Self { state: ServerState::Starting(listener), stepping: self.stepping, ..Self::default() };
    }

    pub(super) fn listening(&mut self, listener: ListenerId, local: SocketAddr, backlog: u32) {
        if self.listener() == Some(listener) {
            self.state = ServerState::Listening { listener, local, backlog, accepting: true };
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
            *self = Self { stepping: self.stepping, ..Self::default() };
        }
    }
}
