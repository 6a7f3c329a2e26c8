//! The rows of one conversation: messages and what happened around them, the latest ones in memory.

use std::{collections::VecDeque, net::SocketAddr, ops::Range};

use bytes::Bytes;
use jiff::Timestamp;

use super::earlier::{Earlier, PagedPlace};
use crate::{
    net::{CloseReason, MessageId, NetError},
    wire::{
        Cut,
        text::{self, Decoded, SplitChar, TextEncoding},
    },
};

/// Rows kept in memory of one conversation; past it the oldest go, and are counted.
pub const ENTRIES_KEPT: usize = 10_000;

/// Bytes of messages kept in memory of one conversation; past it the oldest go, and are counted.
pub const BYTES_KEPT: usize = 16 * 1024 * 1024;

/// A row of a conversation. Counted from 0 as they come; never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u64);

/// A row of a conversation.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub kind: EntryKind,
}

/// What a row shows.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// A message that came.
    Received(Received),
    /// A message that we sent, or try to.
    Sent(Sent),
    /// Something that happened to the connection.
    System(System),
}

/// A message that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its bytes as they came, framing included.
    pub raw: Bytes,
    /// What of them is framing, and what ended it.
    pub cut: Cut,
    /// The first bytes of its first character, if the message before ended in the middle of it.
    pub carry: SplitChar,
    /// Where in the incoming stream its bytes begin, in bytes; `None` for one of a past session.
    pub begins: Option<u64>,
}

/// A message that we sent, or try to.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its id.
    pub message: MessageId,
    /// Its bytes as they go on the wire, framing included.
    pub raw: Bytes,
    /// What of them is framing.
    pub cut: Cut,
    /// What became of it.
    pub state: SendState,
    /// Whether it is an automatic reply.
    pub auto: bool,
    /// Where in the outgoing stream its bytes begin, in bytes; `None` before the kernel has taken them all.
    pub begins: Option<u64>,
}

/// What became of a message to send. Plain TCP cannot know whether the other program read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendState {
    /// Not all its bytes are with the kernel yet.
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

/// Something that happened to the connection.
#[derive(Clone, Debug)]
pub enum System {
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
}

impl Sent {
    /// Its bytes without framing.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        payload(&self.raw, self.cut)
    }

    /// Its text, in that encoding.
    #[must_use]
    pub fn decode(&self, encoding: TextEncoding) -> Decoded {
        text::decode(encoding, SplitChar::default(), self.payload(), self.cut.boundary)
    }
}

fn payload(raw: &[u8], cut: Cut) -> &[u8] {
    let end = raw.len().saturating_sub(cut.trailer.into());
    raw.get(cut.header.into()..end).unwrap_or_default()
}

/// A direction of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the peer sends.
    In,
    /// What we send.
    Out,
}

impl Entry {
    /// Where in the stream of this direction its bytes begin, if it is a message of it and that is known.
    #[must_use]
    pub fn begins(&self, direction: Direction) -> Option<u64> {
        match (&self.kind, direction) {
            (EntryKind::Received(received), Direction::In) => received.begins,
            (EntryKind::Sent(sent), Direction::Out) => sent.begins,
            _ => None,
        }
    }

    /// Its bytes as they are on the wire, none for what is no message.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        match &self.kind {
            EntryKind::Received(received) => &received.raw,
            EntryKind::Sent(sent) => &sent.raw,
            EntryKind::System(_) => &[],
        }
    }

    /// Its bytes, 0 for what is no message.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.kind {
            EntryKind::Received(received) => received.raw.len(),
            EntryKind::Sent(sent) => sent.raw.len(),
            EntryKind::System(_) => 0,
        }
    }
}

/// The rows of one conversation, oldest first: the latest ones, and while earlier ones are being read, those too.
#[derive(Debug, Default)]
pub struct Entries {
    /// None while nobody reads what left memory.
    earlier: Option<Box<Earlier>>,
    rows: VecDeque<Entry>,
    first: u64,
    bytes: usize,
    messages_let_go: u64,
    generation: u64,
    /// Of a past session, which has no latest rows: about how many there are.
    extent: u64,
}

impl Entries {
    /// Rows of a past session, of which these are in memory.
    pub(super) fn past(rows: Vec<(EntryId, Entry)>, more: (bool, bool), count: u64) -> Self {
        let end = EntryId(u64::MAX);
        let last = rows.last().map_or(0, |(id, _)| id.0 + 1);
        let mut earlier = Earlier::default();
        earlier.page(PagedPlace::Instead, rows, more, end, (EntryId(0), EntryId(0)));
        earlier.more_after = more.1;
        Self { earlier: Some(Box::new(earlier)), first: end.0, extent: count.max(last), ..Self::default() }
    }

    /// How many of the latest are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.earlier.as_ref().is_none_or(|earlier| earlier.len() == 0)
    }

    /// The id of the oldest of the latest in memory.
    #[must_use]
    pub fn first(&self) -> EntryId {
        EntryId(self.first)
    }

    /// The id that the next one will get.
    #[must_use]
    pub fn end(&self) -> EntryId {
        EntryId(self.first + self.rows.len() as u64)
    }

    /// How many there are by their ids, those that are not in memory included.
    #[must_use]
    pub fn extent(&self) -> u64 {
        if self.first == u64::MAX { self.extent } else { self.end().0 }
    }

    /// Older messages that are not among the latest any more.
    #[must_use]
    pub fn messages_let_go(&self) -> u64 {
        self.messages_let_go
    }

    /// Changes when all rows were made anew, so that what was measured of them is void.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// One row, if it is in memory.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        match id.0.checked_sub(self.first) {
            Some(place) => self.rows.get(usize::try_from(place).ok()?),
            None => self.earlier.as_ref()?.get(id),
        }
    }

    /// The latest rows, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (EntryId, &Entry)> {
        self.rows.iter().enumerate().map(|(i, entry)| (EntryId(self.first + i as u64), entry))
    }

    /// The messages in memory that have bytes in this range of the stream, of the one or the other direction.
    pub fn carrying(&self, direction: Direction, bytes: Range<u64>) -> impl Iterator<Item = (EntryId, &Entry)> {
        let (mut low, mut high, mut first) = (0, self.rows.len(), None);
        while low < high {
            let middle = usize::midpoint(low, high);
            let begins = |i: &usize| self.rows.get(*i).and_then(|entry| entry.begins(direction));
            match (middle..high).find_map(|i| Some((i, begins(&i)?))) {
                Some((i, at)) if at <= bytes.start => {
                    first = Some(i);
                    low = i + 1;
                }
                _ => high = middle,
            }
        }
        let rows = (first.unwrap_or(0)..self.rows.len()).filter_map(move |i| {
            let entry = self.rows.get(i)?;
            Some((EntryId(self.first + i as u64), entry, entry.begins(direction)?))
        });
        let (start, end) = (bytes.start, bytes.end);
        rows.take_while(move |(.., at)| *at < end)
            .filter(move |(_, entry, at)| at + entry.bytes() as u64 > start)
            .map(|(id, entry, _)| (id, entry))
    }

    /// How many rows can be shown, one after the other with none missing in between.
    #[must_use]
    pub fn shown(&self) -> usize {
        match &self.earlier {
            Some(earlier) if earlier.more_after => earlier.len(),
            Some(earlier) => earlier.len() + self.rows.len(),
            None => self.rows.len(),
        }
    }

    /// The row at that place of those that can be shown.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<(EntryId, &Entry)> {
        let earlier = self.earlier.as_ref();
        if let Some((id, entry)) = earlier.and_then(|earlier| earlier.at(place)) {
            return Some((*id, entry));
        }
        if place >= self.shown() {
            return None;
        }
        let place = place - earlier.map_or(0, |earlier| earlier.len());
        Some((EntryId(self.first + place as u64), self.rows.get(place)?))
    }

    /// The place, among those that can be shown, of the first row whose id is not below this one.
    #[must_use]
    pub fn place_of(&self, id: EntryId) -> usize {
        let earlier = self.earlier.as_ref().map_or(0, |earlier| earlier.len());
        match id.0.checked_sub(self.first) {
            Some(place) => usize::try_from(place).unwrap_or(usize::MAX).saturating_add(earlier).min(self.shown()),
            None => self.earlier.as_ref().map_or(0, |earlier| earlier.place(id)),
        }
    }

    /// Whether earlier rows are being read, so that those before the latest ones are known or asked for.
    #[must_use]
    pub fn reads_earlier(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether there may be rows before those that can be shown.
    #[must_use]
    pub fn more_before(&self) -> bool {
        self.earlier.as_ref().map_or(self.first > 0, |earlier| earlier.more_before)
    }

    /// Whether there are rows after those that can be shown.
    #[must_use]
    pub fn more_after(&self) -> bool {
        self.earlier.as_ref().is_some_and(|earlier| earlier.more_after)
    }

    /// Whether this row would have to be read back from the history to be shown.
    #[must_use]
    pub fn is_away(&self, id: EntryId) -> bool {
        let shown = |place: usize| self.at(place).map(|(id, _)| id);
        let before = shown(0).is_none_or(|first| id < first) && self.more_before();
        let after = self.shown().checked_sub(1).and_then(shown).is_none_or(|last| id > last) && self.more_after();
        before || after
    }

    /// The reader is near these rows: what leaves memory there stays.
    pub(super) fn read_at(&mut self, near: (EntryId, EntryId)) {
        let more_before = self.first > 0;
        self.earlier.get_or_insert_with(|| Box::new(Earlier::new(more_before))).read_at(near);
    }

    /// Nobody reads earlier rows any more.
    pub(super) fn read_no_more(&mut self) {
        self.earlier = None;
    }

    /// Take in what the history gave.
    pub(super) fn page(
        &mut self,
        place: PagedPlace,
        rows: Vec<(EntryId, Entry)>,
        more: (bool, bool),
        asked_when: (EntryId, EntryId),
    ) {
        if let Some(earlier) = &mut self.earlier {
            let last = rows.last().map_or(0, |(id, _)| id.0 + 1);
            let past = self.first == u64::MAX;
            earlier.page(place, rows, more, EntryId(self.first), asked_when);
            if past {
                self.extent = self.extent.max(last);
                if place != PagedPlace::Before {
                    earlier.more_after = more.1;
                }
            }
        }
    }

    pub(super) fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        match id.0.checked_sub(self.first) {
            Some(place) => self.rows.get_mut(usize::try_from(place).ok()?),
            None => self.earlier.as_mut()?.get_mut(id),
        }
    }

    pub(super) fn last_received(&self) -> Option<&Received> {
        self.rows.iter().rev().find_map(|entry| match &entry.kind {
            EntryKind::Received(received) => Some(received),
            _ => None,
        })
    }

    pub(super) fn push(&mut self, entry: Entry) -> EntryId {
        let id = self.end();
        self.bytes += entry.bytes();
        self.rows.push_back(entry);
        while self.rows.len() > ENTRIES_KEPT || (self.bytes > BYTES_KEPT && self.rows.len() > 1) {
            if let Some(oldest) = self.rows.pop_front() {
                let id = EntryId(self.first);
                self.first += 1;
                self.bytes -= oldest.bytes();
                self.messages_let_go += u64::from(!matches!(oldest.kind, EntryKind::System(_)));
                if let Some(earlier) = &mut self.earlier
                    && !earlier.more_after
                {
                    earlier.push(id, oldest);
                }
            }
        }
        id
    }

    /// Make the latest rows anew from the old ones; they get new ids.
    pub(super) fn remake(&mut self, make: impl FnOnce(Vec<Entry>) -> Vec<Entry>) {
        self.first = self.end().0;
        self.rows = make(std::mem::take(&mut self.rows).into()).into();
        self.bytes = self.rows.iter().map(Entry::bytes).sum();
        self.generation += 1;
    }

    /// All rows in memory, oldest first.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        let earlier = self.earlier.iter_mut().flat_map(|earlier| earlier.iter_mut());
        earlier.chain(self.rows.iter_mut())
    }
}
