//! A row of a conversation: a message that came, one that we send, or something that happened.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::{GivenUp, NetError, PersonHappening};
use crate::wire::{
    Cut,
    text::{self, Decoded, SplitChar, TextEncoding},
};

/// A row's place in its conversation: the same in memory, on disk, in exports and in searches. Counted from 0 as rows
/// come; rising, and never used again. Some are missing where rows were cut again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowNumber(pub u64);

/// A row of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the conversation.
    pub number: RowNumber,
    /// When it happened, to the nanosecond.
    pub at: Timestamp,
    /// What.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A message that came.
    Received(Received),
    /// A message that we sent, or try to.
    Sent(Sent),
    /// Something that happened to the connection.
    Happened(Happening),
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its bytes as they came, framing included.
    pub raw: Bytes,
    /// What of them is framing, and what ended it; its `end` is the length of `raw`.
    pub cut: Cut,
    /// The first bytes of its first character, in the conversation's encoding, if the message before ended in the
    /// middle of it.
    pub carry: SplitChar,
    /// Where in the incoming stream its bytes begin, in bytes; `None` for one that was read back from the history.
    pub begins: Option<u64>,
}

/// A message that we sent, or try to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its bytes as they go on the wire, framing included.
    pub raw: Bytes,
    /// What of them is framing; its `end` is the length of `raw`.
    pub cut: Cut,
    /// What became of it.
    pub delivery: Delivery,
    /// Whether it is an automatic reply.
    pub auto: bool,
    /// The encoding in which it was written, whatever the conversation is read in later.
    pub encoding: TextEncoding,
    /// Where in the outgoing stream its bytes begin, in bytes; `None` before the kernel has taken them all, and for
    /// one that was read back from the history.
    pub begins: Option<u64>,
}

/// What became of a message to send. Plain TCP cannot know whether the other program read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Not all its bytes are with the kernel yet; in a conversation that is closed, nobody knows.
    Waiting,
    /// The kernel took all its bytes.
    Sent,
    /// The other machine's kernel has acknowledged all its bytes.
    Acknowledged,
    /// It could not be sent, or not wholly.
    Failed(NetError),
    /// To a person on this network: it is on their disk.
    Delivered,
    /// To a person on this network: they had it before their eyes.
    Read,
    /// To a person on this network: it is not delivered, and never will be.
    GivenUp(GivenUp),
    /// A message to everyone nearby: how many people it was for, and what became of it.
    ToPeople {
        /// People it was written to.
        people: usize,
        /// Those on whose disk it is, or who read it.
        delivered: usize,
        /// Those of them who read it.
        read: usize,
        /// Those to whom it is given up.
        given_up: usize,
    },
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
    /// A byte came that the peer had sent as urgent (`MSG_OOB`); it is in its place among the received ones.
    Urgent {
        /// The byte.
        byte: u8,
        /// Which of the stream it is, counted from 1.
        position: u64,
        /// Nothing is said of later ones.
        last_told: bool,
    },
    /// The peer vanished, and these are the last messages that we sent: its system has not acknowledged them.
    NeverAcknowledged {
        /// How many.
        messages: u64,
        /// Their bytes that were not, framing included.
        bytes: u64,
    },
    /// Something long was on its way in pieces, and its last bytes were not handed to the kernel: only what stands before
    /// this row was.
    NotSent {
        /// How many bytes.
        bytes: u64,
        /// Of how many.
        of: u64,
    },
    /// The connection is closed.
    Closed(CloseReason),
    /// Something happened between a person on this network and us.
    Person(PersonHappening),
}

/// Why a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// We closed it, as asked.
    ByUs,
    /// Both sides finished sending, and we closed.
    Orderly,
    /// We reset it, as asked.
    ResetByUs,
    /// The peer reset it, or the network failed.
    Failed(NetError),
    /// Sockhop is quitting.
    Quit,
    /// The UDP socket that it went over was closed.
    SocketClosed,
    /// Of a UDP socket's address: it is let go, as asked. What it sends next begins a conversation of its own.
    Forgotten,
    /// The same, to make room for another address.
    LetGo,
}

/// A direction of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the peer sends.
    In,
    /// What we send.
    Out,
}

/// The bytes of a message without its framing. The one place where framing is taken off.
#[must_use]
pub fn payload(raw: &[u8], cut: Cut) -> &[u8] {
    let end = raw.len().saturating_sub(cut.trailer.into());
    raw.get(cut.header.into()..end).unwrap_or_default()
}

impl Received {
    /// Its bytes without framing.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        payload(&self.raw, self.cut)
    }

    /// Its text, in that encoding.
    #[must_use]
    pub fn decode(&self, encoding: TextEncoding) -> Decoded {
        text::decode(encoding, self.carry, self.payload(), self.cut.boundary)
    }

    /// What it leaves for the next message: nothing, if it ended as its framing says it should.
    #[must_use]
    pub fn carry_after(&self, encoding: TextEncoding) -> SplitChar {
        if self.cut.boundary.is_open() { self.decode(encoding).split_char } else { SplitChar::default() }
    }
}

impl Sent {
    /// Its bytes without framing.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        payload(&self.raw, self.cut)
    }

    /// Its text, as it was written.
    #[must_use]
    pub fn decode(&self) -> Decoded {
        text::decode(self.encoding, SplitChar::default(), self.payload(), self.cut.boundary)
    }
}

impl Row {
    /// Where in the stream of this direction its bytes begin, if it is a message of it and that is known.
    #[must_use]
    pub fn begins(&self, direction: Direction) -> Option<u64> {
        match (&self.kind, direction) {
            (RowKind::Received(received), Direction::In) => received.begins,
            (RowKind::Sent(sent), Direction::Out) => sent.begins,
            _ => None,
        }
    }

    /// Its bytes as they are on the wire, framing included; none of what is no message.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        match &self.kind {
            RowKind::Received(received) => &received.raw,
            RowKind::Sent(sent) => &sent.raw,
            RowKind::Happened(_) => &[],
        }
    }

    /// How many bytes it has, framing included; 0 for what is no message.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.raw().len()
    }

    /// Its text: what came is read in that encoding, and what was sent in its own; none of what is no message.
    #[must_use]
    pub fn decode(&self, encoding: TextEncoding) -> Option<Decoded> {
        match &self.kind {
            RowKind::Received(received) => Some(received.decode(encoding)),
            RowKind::Sent(sent) => Some(sent.decode()),
            RowKind::Happened(_) => None,
        }
    }
}
