//! Which conversation, and who with.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::PersonId;
use crate::wire::text::TextEncoding;

/// One connection, or everyone on one run of a server. Never used again, in no later run of the program either: the
/// time at which it was opened, in microseconds since 1970, or the next number after the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Characters of the name that a peer may have; what is longer, in a file that is imported, is cut.
pub const LONGEST_NAME: usize = 200;

/// How a conversation came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It is everyone on our server.
    #[default]
    Everyone,
    /// Our server accepted it.
    Accepted,
    /// We connected, or tried to, to this host and port, as typed.
    Outgoing {
        /// The host, as typed.
        host: String,
        /// The port.
        port: u16,
    },
    /// Our UDP socket heard it: an address that sent us a datagram.
    Heard,
    /// We send datagrams to this host and port, as typed.
    Datagrams {
        /// The host, as typed.
        host: String,
        /// The port.
        port: u16,
    },
    /// It is with a person on this network, over all connections there ever are.
    Person(PersonId),
    /// It is everyone who is nearby when a message to all of them is written.
    Nearby,
}

impl Origin {
    /// Whether what is said are datagrams, of which none belongs to a connection.
    #[must_use]
    pub fn is_udp(&self) -> bool {
        matches!(self, Self::Heard | Self::Datagrams { .. })
    }
}

/// What is known of a conversation without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// How it came to be.
    pub origin: Origin,
    /// The peer's address; of everyone, and before there is a connection, none.
    pub peer: Option<SocketAddr>,
    /// Our address; of everyone, the one listened on.
    pub local: Option<SocketAddr>,
    /// The name the user gave the peer.
    pub name: Option<String>,
    /// Encoding of its text.
    pub encoding: TextEncoding,
    /// When it began.
    pub opened: Timestamp,
}
