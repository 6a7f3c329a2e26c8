//! One conversation: who with, in which state and manner, and its rows.

use std::{collections::VecDeque, net::SocketAddr, ops::Range, path::PathBuf};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    OverUdp,
    acknowledged::Unacknowledged,
    answer_loop::Answers,
    answering::Repeating,
    diagnoses::Watched,
    earlier::Paged,
    reframe::RecvEnd,
    rows::Rows,
    tcp_states::{End, Facts},
};
use crate::{
    chat::{
        CloseReason, ConnId, ConversationChange, ConversationOptions, JournalEntry, MessageId, NetError, Origin,
        PersonRecord, Received, Row, RowKind, RowNumber, Sent, Session, SessionId,
    },
    history::SessionSummary,
    wire::{self, Cut, text::SplitChar},
};

/// Where what a connection receives is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// Bytes received since it was begun.
    pub bytes: u64,
    /// The file takes nothing at present, so that the connection is not read.
    pub waits: bool,
}

/// A message that is coming, whose length is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// How much of it came.
    pub so_far: wire::Unfinished,
    /// Its first bytes, framing included; empty where a part of it is a row already.
    pub held: Bytes,
}

/// In which state a connection is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ConnState {
    /// Nothing has been tried yet.
    #[default]
    New,
    /// This name is being looked up.
    LookingUp(String),
    /// The handshake with this address is under way.
    Connecting(SocketAddr),
    /// Both sides may send.
    Open,
    /// The peer finished sending, we may go on.
    PeerFinished,
    /// We finished sending, the peer may go on.
    WeFinished,
    /// It is closed.
    Closed(CloseReason),
    /// It could not be made.
    Failed(NetError),
}

impl ConnState {
    /// Whether the connection is no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Failed(_))
    }

    /// One side finished sending.
    pub(super) fn finished(&mut self, by: Self) {
        if *self == Self::Open {
            *self = by;
        }
    }

    /// Whether we may send.
    #[must_use]
    pub fn can_send(&self) -> bool {
        matches!(self, Self::Open | Self::PeerFinished)
    }

    /// Whether it is being made.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::New | Self::LookingUp(_) | Self::Connecting(_))
    }
}

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Its id, from its first moment and for ever.
    pub id: SessionId,
    /// When it was opened.
    pub opened: Timestamp,
    /// How it came to be.
    pub origin: Origin,
    /// The peer's address: as `accept` returned it, or as `connect` reached it.
    pub peer: Option<SocketAddr>,
    /// Our address on this connection.
    pub local: Option<SocketAddr>,
    /// The name the user gave it.
    pub name: Option<String>,
    /// Which simulated student this is an end of, counted from 1.
    pub student: Option<u32>,
    /// In which state it is.
    pub state: ConnState,
    /// Bytes received, framing included.
    pub bytes_in: u64,
    /// Messages received.
    pub messages_in: u64,
    /// Each call waits for the user's step.
    pub stepped: bool,
    /// Where what it receives is recorded.
    pub recording: Option<Recording>,
    /// Bytes of messages sent whole, framing included.
    pub bytes_out: u64,
    /// Messages sent whole.
    pub messages_out: u64,
    /// Which reading of all conversations the last one of it was.
    pub(super) last_read: u64,
    /// What is known of the states of its two ends.
    pub tcp: Facts,
    /// What it goes over, if that is UDP.
    pub udp: Option<OverUdp>,
    /// The connection that it was, before that ended.
    pub continues: Option<ConnId>,
    /// What is sent again and again.
    pub repeating: Option<Repeating>,
    /// What is missing of the message that is coming, if that has taken a while.
    pub unfinished: Option<Unfinished>,
    /// When its peer was heard last, if the peer's system does not answer at present.
    pub silent_since: Option<Timestamp>,
    /// The peer's system has no room for what we send.
    pub no_room: bool,
    /// `recv` is not called, for what waits to be sent has to go first.
    pub reading_held_up: bool,
    /// Where it connects from and to, or did last, as far as it is known.
    pub(super) connecting_from: Option<SocketAddr>,
    pub(super) connecting_to: Option<SocketAddr>,
    /// Who finished sending, or closed, first.
    pub(super) finished_first: Option<End>,
    /// How much had come when we had finished sending.
    pub(super) finished_at: Option<u64>,
    /// When it was over.
    pub(super) ended_at: Option<Timestamp>,
    /// How many messages the peer answered by RST after it had finished.
    pub(super) answered_by_reset: Option<u64>,
    pub(super) watched: Watched,
    pub(super) manner: ConversationOptions,
    /// How messages and automatic answers follow each other.
    pub(super) answers: Answers,
    entries: Rows,
    pub(super) unread: usize,
    pub(super) first_unread: Option<RowNumber>,
    /// Rows from this number on are in no journal: they are a simulation's.
    kept_below: Option<RowNumber>,
    /// Messages that the kernel has not taken yet, and their rows: several, if an echo answers several messages.
    pub(super) waiting: VecDeque<(MessageId, Range<RowNumber>)>,
    /// Those that it took and that are not acknowledged.
    pub(super) unacknowledged: Unacknowledged,
    /// Where in the incoming stream the next received row begins.
    next_begins: u64,
    /// The messages received last, as they were cut: what an echo echoes.
    pub(super) last_cuts: Vec<Cut>,
    pub(super) recv_ends: VecDeque<RecvEnd>,
    /// Where in the stream the first of them began.
    pub(super) recvs_known_from: u64,
    /// How many came before the first of them.
    pub(super) recvs_let_go: u64,
}

/// A `recv` that returned bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recv {
    /// Which of the connection it is, counted from 1.
    pub number: u64,
    /// Its bytes, by their place in the stream.
    pub bytes: Range<u64>,
}

/// Ends of recvs remembered for cutting the bytes anew; past it the oldest go.
const RECV_ENDS_KEPT: usize = 50_000;

impl Conversation {
    /// A conversation as its first entry in the journal has it.
    pub(super) fn opened(session: &Session, manner: ConversationOptions) -> Self {
        let mut conversation = Self { manner, ..Self::default() };
        conversation.take_session(session);
        conversation
    }

    pub(super) fn everyone(manner: ConversationOptions) -> Self {
        Self { manner, ..Self::default() }
    }

    /// That with a person: it is open for ever, whatever becomes of connections.
    pub(super) fn with_person(record: &PersonRecord) -> Self {
        Self {
            id: record.session,
            opened: record.met,
            origin: Origin::Person(record.id),
            name: Some(record.name.clone()),
            state: ConnState::Open,
            ..Self::default()
        }
    }

    /// What is said to everyone nearby begins.
    pub(super) fn begin_nearby(&mut self, id: SessionId, opened: Timestamp) {
        (self.id, self.opened, self.origin, self.state) = (id, opened, Origin::Nearby, ConnState::Open);
    }

    /// Takes in the last rows that the history kept; so many messages of the last were not seen.
    pub(super) fn restore(&mut self, next: RowNumber, rows: Vec<Row>, unread: u64) {
        self.entries.restore(next, rows);
        let received = self.entries.iter().rev().filter(|(_, row)| matches!(row.kind, RowKind::Received(_)));
        let unread: Vec<RowNumber> = received.take(unread as usize).map(|(number, _)| number).collect();
        (self.unread, self.first_unread) = (unread.len(), unread.last().copied());
    }

    /// A past session, as it was.
    pub(super) fn past(summary: &SessionSummary, rows: Vec<Row>, more: (bool, bool)) -> Self {
        Self {
            state: ConnState::Closed(CloseReason::Quit),
            entries: Rows::past(rows, more, summary.messages),
            ..Self::opened(&summary.session, ConversationOptions::default())
        }
    }

    fn take_session(&mut self, session: &Session) {
        self.id = session.id;
        self.opened = session.opened;
        self.origin = session.origin.clone();
        self.peer = session.peer;
        self.local = session.local;
        self.name.clone_from(&session.name);
        self.manner.encoding = session.encoding;
    }

    /// What its first entry in the journal says.
    pub(super) fn session(&self) -> Session {
        Session {
            id: self.id,
            origin: self.origin.clone(),
            peer: self.peer,
            local: self.local,
            name: self.name.clone(),
            encoding: self.manner.encoding,
            opened: self.opened,
        }
    }

    /// From here on nothing of it is kept.
    pub(super) fn keep_nothing(&mut self) {
        self.kept_below = Some(self.entries.end());
    }

    /// What came since [`Self::keep_nothing`] never was; what comes is kept again.
    pub(super) fn forget_what_is_not_kept(&mut self) {
        if let Some(from) = self.kept_below.take() {
            self.entries.truncate(from);
            if from == RowNumber::default() {
                // Nothing of it is in the journal: it begins with its next row.
                self.id = SessionId::default();
            }
        }
    }

    /// Whether the history keeps what is said here: not what simulated students and labs do.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept_below.is_none()
    }

    /// Whether this entry goes into the journal.
    pub(super) fn keeps(&self, entry: &JournalEntry) -> bool {
        self.kept_below.is_none_or(|end| entry.first_row().unwrap_or_default() < end)
    }

    /// Applies an entry of the journal: the one way in which rows come and change, now and when they are replayed.
    pub(super) fn apply(&mut self, entry: &JournalEntry) {
        match entry {
            JournalEntry::Opened(session) => self.take_session(session),
            JournalEntry::Received { at, batch, .. } => {
                let mut carry = self.carry_after_last();
                for (raw, cut) in batch.messages() {
                    let begins = self.next_begins;
                    self.next_begins += raw.len() as u64;
                    let cut = Cut { end: raw.len() as u32, ..cut };
                    let received = Received { raw, cut, carry, begins: Some(begins) };
                    carry = received.carry_after(self.manner.encoding);
                    self.entries.push(*at, RowKind::Received(received));
                }
            }
            JournalEntry::Sent { at, raw, cut, delivery, auto, encoding, .. } => {
                let (raw, delivery) = (raw.clone(), delivery.clone());
                let sent = Sent { raw, cut: *cut, delivery, auto: *auto, encoding: *encoding, begins: None };
                self.entries.push(*at, RowKind::Sent(sent));
            }
            JournalEntry::Delivery { number, delivery, .. } => {
                if let Some(sent) = self.sent_mut(*number) {
                    sent.delivery = delivery.clone();
                }
            }
            JournalEntry::Acknowledged { numbers, .. } => self.apply_acknowledged(numbers),
            JournalEntry::Happened { at, what, .. } => {
                self.entries.push(*at, RowKind::Happened(what.clone()));
            }
            JournalEntry::Changed { change, .. } => match change {
                ConversationChange::Name(name) => self.name.clone_from(name),
                ConversationChange::Encoding(encoding) => {
                    self.manner.encoding = *encoding;
                    self.recompute_split_chars();
                }
                ConversationChange::Addresses { peer, local } => (self.peer, self.local) = (*peer, *local),
            },
            JournalEntry::Replaced { numbers, .. } => {
                let gone = self.entries.replace(numbers);
                let bytes: usize = (gone.iter())
                    .filter_map(|row| {
                        if let RowKind::Received(received) = &row.kind { Some(received.raw.len()) } else { None }
                    })
                    .sum();
                self.next_begins -= bytes as u64;
            }
            JournalEntry::Ended { .. } => {}
            JournalEntry::Person { record, with } => {
                self.id = record.session;
                for entry in with {
                    self.apply(entry);
                }
            }
        }
    }

    pub(super) fn read_at(&mut self, near: (RowNumber, RowNumber)) {
        self.entries.read_at(near);
    }

    pub(super) fn read_no_more(&mut self) {
        self.entries.read_no_more();
    }

    pub(super) fn page(&mut self, Paged { place, rows, more_before, more_after, live }: Paged) {
        self.entries.page(place, rows, (more_before, more_after), live);
    }

    /// In which manner it is held.
    #[must_use]
    pub fn manner(&self) -> &ConversationOptions {
        &self.manner
    }

    /// Its rows.
    #[must_use]
    pub fn entries(&self) -> &Rows {
        &self.entries
    }

    /// Messages received and not seen yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The first message not seen yet.
    #[must_use]
    pub fn first_unread(&self) -> Option<RowNumber> {
        self.first_unread
    }

    /// Whether a client came and went without a word, and nobody said one to it: a health check, or a port scan.
    #[must_use]
    pub fn said_nothing(&self) -> bool {
        self.origin == Origin::Accepted
            && self.state.is_over()
            && (self.bytes_in, self.bytes_out) == (0, 0)
            && self.name.is_none()
            && self.student.is_none()
            && self.entries.iter().all(|(_, row)| matches!(row.kind, RowKind::Happened(_)))
    }

    /// Messages not sent yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes of the message that is sent next; of one that is partly sent, all of them.
    pub(super) fn waiting_bytes(&self) -> usize {
        let Some((_, rows)) = self.waiting.front() else { return 0 };
        let rows = (rows.start.0..rows.end.0).filter_map(|row| self.entries().get(RowNumber(row)));
        rows.map(Row::bytes).sum()
    }

    /// What of these bytes of ours is framing.
    #[must_use]
    pub fn cut_of(&self, raw: &[u8]) -> Cut {
        self.manner.cut_of(raw)
    }

    /// The recvs that brought these bytes of the stream, in order, as far as they are remembered.
    pub fn recvs_within(&self, bytes: Range<u64>) -> impl Iterator<Item = Recv> {
        let first = self.recv_ends.partition_point(|recv| recv.end <= bytes.start);
        let before = match first.checked_sub(1) {
            Some(last) => self.recv_ends.get(last).map_or(0, |recv| recv.end),
            None => self.recvs_known_from,
        };
        let ends = self.recv_ends.iter().skip(first);
        let numbers = self.recvs_let_go + first as u64 + 1..;
        let recvs = numbers.zip(ends).scan(before, |begin, (number, recv)| {
            Some(Recv { number, bytes: std::mem::replace(begin, recv.end)..recv.end })
        });
        recvs.take_while(move |recv| recv.bytes.start < bytes.end)
    }

    /// The same in another manner, without a word to the journal: what is only read, and what everyone is sent.
    pub(super) fn set_manner(&mut self, manner: ConversationOptions) {
        let recode = manner.encoding != self.manner.encoding;
        self.manner = manner;
        if recode {
            self.recompute_split_chars();
        }
    }

    /// The kernel took all bytes of the message that is sent next. Gives where in the stream they began.
    pub(super) fn took(&mut self, bytes: usize) -> u64 {
        let began = self.bytes_out;
        self.bytes_out += bytes as u64;
        began
    }

    /// The rows of a message that waits, which waits no more.
    pub(super) fn take_waiting(&mut self, message: MessageId) -> Option<Range<RowNumber>> {
        let place = self.waiting.iter().position(|(waiting, _)| *waiting == message)?;
        self.waiting.remove(place).map(|(_, rows)| rows)
    }

    /// Notes where in the outgoing stream a row's bytes began.
    pub(super) fn began(&mut self, number: RowNumber, began: u64) {
        if let Some(sent) = self.sent_mut(number) {
            sent.begins = Some(began);
        }
    }

    /// What is known of the recvs that brought a batch: where each ended, and how much came in all.
    pub(super) fn recvs_ended(&mut self, bytes: usize, messages: usize, recv_ends: &[u64], at: Timestamp) {
        self.bytes_in += bytes as u64;
        self.messages_in += messages as u64;
        if let Some(recording) = &mut self.recording {
            recording.bytes += bytes as u64;
        }
        self.recv_ends.extend(recv_ends.iter().map(|end| RecvEnd { end: *end, at }));
        while self.recv_ends.len() > RECV_ENDS_KEPT {
            self.recvs_known_from = self.recv_ends.pop_front().map_or(0, |gone| gone.end);
            self.recvs_let_go += 1;
        }
    }

    /// These rows were received and not seen yet.
    pub(super) fn unseen(&mut self, first: RowNumber, messages: usize) {
        if messages > 0 && !self.is_students_own() {
            self.unread += messages;
            self.first_unread.get_or_insert(first);
        }
    }

    /// Unread messages that are in memory, and their bytes.
    pub(super) fn unread_in_memory(&self) -> (usize, usize) {
        let Some(first) = self.first_unread else { return (0, 0) };
        let unread = self.entries.iter().rev().take_while(|(id, _)| *id >= first);
        let received = unread.filter(|(_, entry)| matches!(entry.kind, RowKind::Received(_)));
        received.fold((0, 0), |(count, bytes), (_, entry)| (count + 1, bytes + entry.bytes()))
    }

    /// The messages with the last `bytes` received, which were not seen yet, have new ids.
    pub(super) fn mark_unread(&mut self, mut bytes: usize) {
        self.first_unread = None;
        for (id, entry) in self.entries.iter().rev() {
            if bytes == 0 {
                break;
            }
            if matches!(entry.kind, RowKind::Received(_)) {
                bytes = bytes.saturating_sub(entry.bytes());
                self.unread += 1;
                self.first_unread = Some(id);
            }
        }
    }

    /// Keeps the latest so many rows in memory.
    pub(super) fn keep_latest(&mut self, count: usize) {
        self.entries.keep_latest(count);
    }

    pub(super) fn read_all(&mut self) {
        self.unread = 0;
        self.first_unread = None;
    }

    /// A call of a connection that is stepped failed: where that was `connect`, it may be tried again.
    pub(super) fn step_failed(&mut self) {
        if matches!(self.state, ConnState::Connecting(_)) {
            self.state = ConnState::New;
        }
    }

    pub(super) fn sent_mut(&mut self, entry: RowNumber) -> Option<&mut Sent> {
        match &mut self.entries.get_mut(entry)?.kind {
            RowKind::Sent(sent) => Some(sent),
            _ => None,
        }
    }

    fn carry_after_last(&self) -> SplitChar {
        self.entries.last_received().map_or_else(SplitChar::default, |last| last.carry_after(self.manner.encoding))
    }

    /// Which characters continue in the next message, in the present encoding.
    fn recompute_split_chars(&mut self) {
        let encoding = self.manner.encoding;
        let mut carry = SplitChar::default();
        for row in self.entries.iter_mut() {
            if let RowKind::Received(received) = &mut row.kind {
                received.carry = carry;
                carry = received.carry_after(encoding);
            }
        }
    }
}
