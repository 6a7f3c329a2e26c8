//! What is recorded: sessions, their rows, and what changes about them.

use std::{net::SocketAddr, ops::Range};

use bytes::Bytes;
use jiff::Timestamp;

use super::read::payload;
use crate::{
    net::{CloseReason, NetError},
    wire::{
        Batch, Cut,
        text::{self, Decoded, SplitChar, TextEncoding},
    },
};

/// One run of a server, or one connection. Never used again, in no later run of the program either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// How a session came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is everyone on our server.
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
}

/// What is known of a session, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, from [`super::History::new_session`].
    pub id: SessionId,
    /// How it came to be.
    pub origin: Origin,
    /// The peer's address; of everyone, and before a connection stands, none.
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

/// Something to be remembered. The records of one session are written in the order in which they come.
#[derive(Clone, Debug)]
pub enum Record {
    /// A session begins.
    Opened(Box<Session>),
    /// Messages came, in one batch, as the framer cut them. They get the numbers from `first` on.
    Received {
        /// In which session.
        session: SessionId,
        /// The number of the first of them.
        first: u64,
        /// When.
        at: Timestamp,
        /// Their bytes.
        batch: Batch,
    },
    /// A message that we send.
    Sent {
        /// In which session.
        session: SessionId,
        /// Its number.
        number: u64,
        /// When.
        at: Timestamp,
        /// Its bytes as they go on the wire, framing included.
        raw: Bytes,
        /// What of them is framing.
        cut: Cut,
        /// What became of it so far.
        delivery: Delivery,
        /// Whether it is an automatic reply.
        auto: bool,
    },
    /// What became of a message that we sent.
    Delivery {
        /// In which session.
        session: SessionId,
        /// Which message.
        number: u64,
        /// What became of it.
        delivery: Delivery,
    },
    /// Something happened to the connection.
    Happened {
        /// In which session.
        session: SessionId,
        /// The row's number.
        number: u64,
        /// When.
        at: Timestamp,
        /// What.
        what: Happening,
    },
    /// Something about the session changed.
    Changed {
        /// Which session.
        session: SessionId,
        /// What about it.
        change: Change,
    },
    /// These rows are no more: they are about to come again under later numbers, cut in another way.
    Replaced {
        /// In which session.
        session: SessionId,
        /// Their numbers.
        numbers: Range<u64>,
    },
    /// The session is over. Its name may still change.
    Ended {
        /// Which session.
        session: SessionId,
        /// When.
        at: Timestamp,
    },
}

/// What changes about a session while it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The user gave the peer a name, or took it back.
    Name(Option<String>),
    /// The user chose another encoding: all text of the session is read in it.
    Encoding(TextEncoding),
    /// The connection stands, or the server listens.
    Addresses {
        /// The peer's address.
        peer: Option<SocketAddr>,
        /// Ours.
        local: Option<SocketAddr>,
    },
}

/// A row of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place in the session. Rows have rising numbers; some may be missing.
    pub number: u64,
    /// When it happened, to the nanosecond.
    pub at: Timestamp,
    /// What.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq)]
pub enum RowKind {
    /// A message that came.
    Received {
        /// Its bytes as they came, framing included.
        raw: Bytes,
        /// What of them is framing, and what ended it; its `end` is the length of `raw`.
        cut: Cut,
        /// The first bytes of its first character, in the session's encoding, if the message before ended in the
        /// middle of it.
        carry: SplitChar,
    },
    /// A message that we sent, or tried to.
    Sent {
        /// Its bytes as they went on the wire, framing included.
        raw: Bytes,
        /// What of them is framing; its `end` is the length of `raw`.
        cut: Cut,
        /// What became of it.
        delivery: Delivery,
        /// Whether it was an automatic reply.
        auto: bool,
    },
    /// Something that happened to the connection.
    Happened(Happening),
}

/// What became of a message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Not all its bytes are with the kernel yet; in a session that is over, nobody knows.
    Waiting,
    /// The kernel took all its bytes.
    Sent,
    /// It could not be sent, or not wholly.
    Failed(NetError),
    /// A message to everyone: how many clients it was for, and what became of their shares.
    ToAll {
        /// Clients it was handed to.
        clients: usize,
        /// Those whose kernel queue took all of it.
        sent: usize,
        /// Those it could not be sent to.
        failed: usize,
        /// Why, for the last of those.
        error: Option<NetError>,
    },
}

/// Something that happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// We accepted this client.
    Accepted(SocketAddr),
    /// We connected to this address.
    Connected(SocketAddr),
    /// We could not connect.
    ConnectFailed(NetError),
    /// The peer finished sending.
    PeerFinished,
    /// We finished sending.
    WriteFinished,
    /// The connection is closed.
    Closed(CloseReason),
}

impl Record {
    /// Which session it belongs to.
    #[must_use]
    pub fn session(&self) -> SessionId {
        match self {
            Self::Opened(session) => session.id,
            Self::Received { session, .. }
            | Self::Sent { session, .. }
            | Self::Delivery { session, .. }
            | Self::Happened { session, .. }
            | Self::Changed { session, .. }
            | Self::Replaced { session, .. }
            | Self::Ended { session, .. } => *session,
        }
    }

    /// Rows that come of it.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Received { batch, .. } => batch.cuts.len(),
            Self::Sent { .. } | Self::Happened { .. } => 1,
            Self::Opened(_)
            | Self::Delivery { .. }
            | Self::Changed { .. }
            | Self::Replaced { .. }
            | Self::Ended { .. } => 0,
        }
    }

    /// What it weighs in a queue, in bytes: its own, and those around each row.
    #[must_use]
    pub fn weight(&self) -> usize {
        let bytes = match self {
            Self::Received { batch, .. } => batch.bytes.len(),
            Self::Sent { raw, .. } => raw.len(),
            _ => 0,
        };
        bytes + (1 + self.rows()) * AROUND_A_ROW
    }
}

impl Row {
    /// Its bytes, framing included; none of what is no message.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        match &self.kind {
            RowKind::Received { raw, .. } | RowKind::Sent { raw, .. } => raw,
            RowKind::Happened(_) => &[],
        }
    }

    /// Its text, in that encoding; none of what is no message.
    #[must_use]
    pub fn decode(&self, encoding: TextEncoding) -> Option<Decoded> {
        let (raw, cut, carry) = match &self.kind {
            RowKind::Received { raw, cut, carry } => (raw, cut, *carry),
            RowKind::Sent { raw, cut, .. } => (raw, cut, SplitChar::default()),
            RowKind::Happened(_) => return None,
        };
        Some(text::decode(encoding, carry, payload(raw, *cut), cut.boundary))
    }
}

/// About what a row holds in memory besides its bytes.
const AROUND_A_ROW: usize = 64;
