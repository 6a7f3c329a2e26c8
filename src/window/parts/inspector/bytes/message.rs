//! The message that is looked at, taken apart.

use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    chat::{RowKind, RowNumber},
    core::{Conversation, Core, Key},
    net::{Call, SocketId},
    wire::{
        Boundary, Cut, Framing,
        characters::{self, Meaning},
        text::{SplitChar, TextEncoding},
    },
};

/// The message that is looked at.
#[derive(Clone, Debug)]
pub struct Message {
    /// Whose.
    pub key: Key,
    /// Which.
    pub id: RowNumber,
    /// When it came or was given to the connection.
    pub at: Timestamp,
    /// Whether we sent it.
    pub ours: bool,
    /// Its bytes, framing included.
    pub raw: Bytes,
    /// What of them is framing.
    pub cut: Cut,
    /// The first bytes of its first character, where the message before has them.
    pub carry: SplitChar,
    /// Where in the stream it begins.
    pub begins: Option<u64>,
    /// In which encoding it is read.
    pub encoding: TextEncoding,
    /// Where the conversation's messages end.
    pub framing: Framing,
}

impl Message {
    /// That message, if it is one and is in memory.
    pub fn of(core: &Core, key: Key, id: RowNumber) -> Option<Self> {
        let conversation = core.conversation(key)?;
        let entry = conversation.entries().get(id)?;
        let manner = conversation.manner();
        let (ours, raw, cut, carry, begins, encoding) = match &entry.kind {
            RowKind::Received(it) => (false, &it.raw, it.cut, it.carry, it.begins, manner.encoding),
            RowKind::Sent(it) => (true, &it.raw, it.cut, SplitChar::default(), it.begins, it.encoding),
            RowKind::Happened(_) => return None,
        };
        Some(Self {
            key,
            id,
            at: entry.at,
            ours,
            raw: raw.clone(),
            cut,
            carry,
            begins,
            encoding,
            framing: manner.framing(),
        })
    }

    /// The latest message of a conversation.
    pub fn latest(core: &Core, key: Key) -> Option<Self> {
        let entries = core.conversation(key)?.entries();
        let is_message = |kind: &RowKind| !matches!(kind, RowKind::Happened(_));
        let (id, _) = entries.iter().rev().take(LOOKED_BACK).find(|(_, entry)| is_message(&entry.kind))?;
        Self::of(core, key, id)
    }

    /// Its bytes without framing.
    pub fn payload(&self) -> &[u8] {
        self.raw.get(self.payload_range()).unwrap_or_default()
    }

    /// Where these are in it.
    pub fn payload_range(&self) -> Range<usize> {
        let end = self.raw.len().saturating_sub(self.cut.trailer.into());
        usize::from(self.cut.header).min(end)..end
    }

    /// The first `count` items of it, and whether there are more.
    pub fn items(&self, count: usize) -> (Vec<Item>, bool) {
        let Range { start, end } = self.payload_range();
        let mut items = Vec::new();
        if start > 0 {
            let header = self.raw.get(..start).unwrap_or_default();
            let prefix = if let Framing::Length(prefix) = self.framing { prefix.number(header) } else { None };
            items.push(Item { bytes: 0..start, carried: 0, is: Is::Prefix(prefix), framing: true });
        }
        let carried = self.carry.as_slice().len();
        let mut pieces = characters::pieces(self.encoding, self.carry, self.payload(), self.cut.boundary);
        for piece in pieces.by_ref().take(count) {
            let place = |at: usize| start + at.saturating_sub(carried);
            items.push(Item {
                bytes: place(piece.bytes.start)..place(piece.bytes.end),
                carried: carried.saturating_sub(piece.bytes.start).min(piece.bytes.len()),
                is: Is::Piece(piece.is),
                framing: false,
            });
        }
        let more = pieces.next().is_some();
        if !more {
            let ending = self.raw.get(end..).unwrap_or_default();
            items.extend(characters::pieces(self.encoding, SplitChar::default(), ending, Boundary::Newline).map(
                |piece| {
                    let bytes = end + piece.bytes.start..end + piece.bytes.end;
                    Item { bytes, carried: 0, is: Is::Piece(piece.is), framing: true }
                },
            ));
        }
        (items, more)
    }

    /// The calls that moved its bytes, as far as they are remembered; `None` where that is not known at all.
    pub fn moves(&self, core: &Core, conversation: &Conversation) -> Option<Vec<Move>> {
        let begins = self.begins?;
        let stream = begins..begins + self.raw.len() as u64;
        let here = |bytes: &Range<u64>| {
            let place = |at: u64| at.clamp(stream.start, stream.end).saturating_sub(begins) as usize;
            place(bytes.start)..place(bytes.end)
        };
        if !self.ours {
            let recvs = conversation.recvs_within(stream.clone()).take(MOVES_SHOWN + 1);
            return Some(
                recvs
                    .map(|recv| Move {
                        number: Some(recv.number),
                        calls: 1,
                        bytes: recv.bytes.end - recv.bytes.start,
                        here: here(&recv.bytes),
                    })
                    .collect(),
            );
        }
        let Key::Conn(conn) = self.key else { return None };
        let sends = core.calls(SocketId::Conn(conn))?.iter().filter(|row| matches!(row.call.call, Call::Send(_)));
        let moved = sends.filter_map(|row| Some((row.call.count, row.bytes()?)));
        let ours = moved.filter(|(_, bytes)| bytes.start < stream.end && bytes.end > stream.start);
        Some(
            ours.take(MOVES_SHOWN + 1)
                .map(|(calls, bytes)| Move { number: None, calls, bytes: bytes.end - bytes.start, here: here(&bytes) })
                .collect(),
        )
    }
}

/// A part of a message, shown in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its bytes in the message.
    pub bytes: Range<usize>,
    /// Bytes of it that the message before has.
    pub carried: usize,
    /// What it is.
    pub is: Is,
    /// Whether it is framing rather than text.
    pub framing: bool,
}

/// What a part of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// A length prefix that says this; `None`, if the stream ended in it.
    Prefix(Option<u32>),
    /// A character, or none.
    Piece(Meaning),
}

/// A call that moved bytes of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// `recv`: which of the connection it was, counted from 1.
    pub number: Option<u64>,
    /// How many calls these are.
    pub calls: u32,
    /// The bytes they moved.
    pub bytes: u64,
    /// Which of them are the message's, by their place in it.
    pub here: Range<usize>,
}

/// Calls listed of one message; the rest is said to be there.
pub const MOVES_SHOWN: usize = 50;

/// Rows looked through for the latest message; what is only about the connection is seldom many rows long.
const LOOKED_BACK: usize = 200;
