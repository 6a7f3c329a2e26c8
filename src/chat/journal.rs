//! The journal: what core decided, in the order in which it decided. Replayed, it gives the rows that are in memory.

use std::{net::SocketAddr, ops::Range};

use bytes::Bytes;
use jiff::Timestamp;

use super::{Delivery, Happening, PersonRecord, RowNumber, Session, SessionId};
use crate::wire::{Batch, Cut, text::TextEncoding};

/// Something that was decided about a conversation. Those of one conversation are in order.
#[derive(Clone, Debug)]
pub enum JournalEntry {
    /// A conversation begins.
    Opened(Box<Session>),
    /// Messages came, in one batch, as the framer cut them. They get the numbers from `first` on.
    Received {
        /// In which conversation.
        session: SessionId,
        /// The number of the first of them.
        first: RowNumber,
        /// When.
        at: Timestamp,
        /// Their bytes.
        batch: Batch,
    },
    /// A message that we send.
    Sent {
        /// In which conversation.
        session: SessionId,
        /// Its number.
        number: RowNumber,
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
        /// The encoding in which it was written.
        encoding: TextEncoding,
    },
    /// What became of a message that we sent.
    Delivery {
        /// In which conversation.
        session: SessionId,
        /// Which message.
        number: RowNumber,
        /// What became of it.
        delivery: Delivery,
    },
    /// The other machine has acknowledged these messages: those of the rows with these numbers that were sent.
    Acknowledged {
        /// In which conversation.
        session: SessionId,
        /// Their numbers.
        numbers: Range<RowNumber>,
        /// Their bytes, framing included.
        bytes: u64,
    },
    /// Something happened to the connection.
    Happened {
        /// In which conversation.
        session: SessionId,
        /// The row's number.
        number: RowNumber,
        /// When.
        at: Timestamp,
        /// What.
        what: Happening,
    },
    /// Something about the conversation changed.
    Changed {
        /// Which conversation.
        session: SessionId,
        /// What about it.
        change: ConversationChange,
    },
    /// These rows are removed: they come again under later numbers, cut in another way.
    Replaced {
        /// In which conversation.
        session: SessionId,
        /// Their numbers.
        numbers: Range<RowNumber>,
    },
    /// The conversation is closed. Its name may still change.
    Ended {
        /// Which conversation.
        session: SessionId,
        /// When.
        at: Timestamp,
    },
    /// A person on this network is as follows from here on, and with it these entries about their conversation: on the
    /// disk are all or none, for certain before anybody is told so.
    Person {
        /// All that is kept of them.
        record: Box<PersonRecord>,
        /// The rows that were received or sent, or what became of some.
        with: Vec<JournalEntry>,
    },
}

/// What changes about a conversation while it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversationChange {
    /// The user gave the peer a name, or took it back.
    Name(Option<String>),
    /// The user chose another encoding: all that came is read in it. What was sent stays as it was written.
    Encoding(TextEncoding),
    /// There is a connection, or the server listens.
    Addresses {
        /// The peer's address.
        peer: Option<SocketAddr>,
        /// Ours.
        local: Option<SocketAddr>,
    },
}

impl JournalEntry {
    /// Which conversation it belongs to.
    #[must_use]
    pub fn session(&self) -> SessionId {
        match self {
            Self::Opened(session) => session.id,
            Self::Person { record, .. } => record.session,
            Self::Received { session, .. }
            | Self::Sent { session, .. }
            | Self::Delivery { session, .. }
            | Self::Acknowledged { session, .. }
            | Self::Happened { session, .. }
            | Self::Changed { session, .. }
            | Self::Replaced { session, .. }
            | Self::Ended { session, .. } => *session,
        }
    }

    /// The first of the rows that it makes or tells of, if it does.
    #[must_use]
    pub fn first_row(&self) -> Option<RowNumber> {
        match self {
            Self::Received { first, .. } => Some(*first),
            Self::Sent { number, .. } | Self::Delivery { number, .. } | Self::Happened { number, .. } => Some(*number),
            Self::Acknowledged { numbers, .. } | Self::Replaced { numbers, .. } => Some(numbers.start),
            Self::Person { with, .. } => with.iter().find_map(Self::first_row),
            Self::Opened(_) | Self::Changed { .. } | Self::Ended { .. } => None,
        }
    }

    /// How many rows it makes.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Received { batch, .. } => batch.cuts.len(),
            Self::Sent { .. } | Self::Happened { .. } => 1,
            Self::Person { with, .. } => with.iter().map(Self::rows).sum(),
            Self::Opened(_)
            | Self::Delivery { .. }
            | Self::Acknowledged { .. }
            | Self::Changed { .. }
            | Self::Replaced { .. }
            | Self::Ended { .. } => 0,
        }
    }

    /// Whether somebody waits until it is on the disk: a message that is sent or acknowledged then. What merely became of
    /// a message is not waited for.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        let Self::Person { with, .. } = self else { return false };
        with.is_empty() || with.iter().any(|entry| !matches!(entry, Self::Delivery { .. }))
    }

    /// What it weighs in a queue, in bytes: its own, and those around each row.
    #[must_use]
    pub fn weight(&self) -> usize {
        let bytes = match self {
            Self::Received { batch, .. } => batch.bytes.len(),
            Self::Sent { raw, .. } => raw.len(),
            Self::Person { with, .. } => return AROUND_A_ROW + with.iter().map(Self::weight).sum::<usize>(),
            _ => 0,
        };
        bytes + (1 + self.rows()) * AROUND_A_ROW
    }
}

/// About what a row holds in memory besides its bytes.
const AROUND_A_ROW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BatchBuilder, Framer, Framing};

    #[test]
    fn an_entry_weighs_its_bytes_and_something_for_each_row() {
        let (mut framer, mut out) = (Framer::new(Framing::Line, 1), BatchBuilder::default());
        framer.push(b"one\ntwo\n", std::time::Duration::ZERO, &mut out).unwrap();
        let (session, at, batch) = (SessionId(3), Timestamp::UNIX_EPOCH, out.take());
        let cut = batch.cuts[0];
        let received = JournalEntry::Received { session, first: RowNumber(0), at, batch };
        let (number, raw) = (RowNumber(2), Bytes::from_static(b"one\n"));
        let (delivery, encoding) = (Delivery::Sent, TextEncoding::default());
        let sent = JournalEntry::Sent { session, number, at, raw, cut, delivery, auto: false, encoding };
        let ended = JournalEntry::Ended { session, at };
        assert_eq!([received.rows(), sent.rows(), ended.rows()], [2, 1, 0]);
        let weights = [received.weight(), sent.weight(), ended.weight()];
        assert_eq!(weights, [8 + 3 * AROUND_A_ROW, 4 + 2 * AROUND_A_ROW, AROUND_A_ROW]);
    }
}
