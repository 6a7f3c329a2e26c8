//! One conversation: who with, in which state and manner, and its rows.

use std::{collections::VecDeque, net::SocketAddr, ops::Range, path::PathBuf};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    earlier::Paged,
    entries::{Entries, Entry, EntryId, EntryKind, Received, SendState, Sent, System},
    reframe::{self, RecvEnd},
    sockets,
    tcp_states::{Fact, Facts},
};
use crate::{
    net::{AutoReply, CloseReason, ConnOptions, MessageId, NetError},
    store::{
        LineEnding,
        history::{self, Delivery, Happening, Row, RowKind, SessionSummary},
    },
    wire::{
        Batch, Boundary, Cut, Framing, LENGTH_PREFIX_BYTES,
        text::{self, SplitChar, TextEncoding},
    },
};

/// In which manner a conversation is held; the user may change it at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Encoding of text, sent and received.
    pub encoding: TextEncoding,
    /// What is added to each message sent, but with length framing.
    pub line_ending: LineEnding,
    /// What the connection does on its own.
    pub options: ConnOptions,
}

impl Manner {
    /// Where a received message ends.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.options.framing
    }
}

/// How a conversation came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It is everyone on our server.
    #[default]
    Everyone,
    /// Our server accepted it.
    Accepted,
    /// We connected, or tried to, to this host and port, as typed.
    Outgoing(String, u16),
}

/// Where what a connection receives is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// Bytes received since it was begun.
    pub bytes: u64,
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
    /// What is known of the states of its two ends.
    pub tcp: Facts,
    manner: Manner,
    entries: Entries,
    unread: usize,
    first_unread: Option<EntryId>,
    waiting: VecDeque<(MessageId, EntryId)>,
    recv_ends: VecDeque<RecvEnd>,
    /// Where in the stream the first of them began.
    recvs_known_from: u64,
    /// How many came before the first of them.
    recvs_let_go: u64,
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
    pub(super) fn everyone(manner: Manner) -> Self {
        Self { manner, ..Self::default() }
    }

    pub(super) fn accepted(peer: SocketAddr, local: SocketAddr, manner: Manner, at: Timestamp) -> Self {
        let mut conversation = Self {
            origin: Origin::Accepted,
            peer: Some(peer),
            local: Some(local),
            state: ConnState::Open,
            manner,
            ..Self::default()
        };
        conversation.tcp.add(at, Fact::Accepted);
        conversation.system(System::Accepted(peer), at);
        conversation
    }

    pub(super) fn outgoing((host, port): (String, u16), manner: Manner, _at: Timestamp) -> Self {
        Self { origin: Origin::Outgoing(host, port), manner, ..Self::default() }
    }

    /// A past session, as it was.
    pub(super) fn past(summary: &SessionSummary, rows: Vec<Row>, more: (bool, bool)) -> Self {
        let session = &summary.session;
        let origin = match &session.origin {
            history::Origin::Everyone => Origin::Everyone,
            history::Origin::Accepted => Origin::Accepted,
            history::Origin::Outgoing { host, port } => Origin::Outgoing(host.clone(), *port),
        };
        let rows = rows.into_iter().map(|row| (EntryId(row.number), past_entry(row))).collect();
        Self {
            origin,
            peer: session.peer,
            local: session.local,
            name: session.name.clone(),
            state: ConnState::Closed(CloseReason::Quit),
            manner: Manner { encoding: session.encoding, ..Manner::default() },
            entries: Entries::past(rows, more, summary.messages),
            ..Self::default()
        }
    }

    pub(super) fn read_at(&mut self, near: (EntryId, EntryId)) {
        self.entries.read_at(near);
    }

    pub(super) fn read_no_more(&mut self) {
        self.entries.read_no_more();
    }

    pub(super) fn page(&mut self, Paged { place, rows, more_before, more_after, live }: Paged) {
        let rows = rows.into_iter().map(|(id, row)| (id, past_entry(row))).collect();
        self.entries.page(place, rows, (more_before, more_after), live);
    }

    /// In which manner it is held.
    #[must_use]
    pub fn manner(&self) -> &Manner {
        &self.manner
    }

    /// Its rows.
    #[must_use]
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// Messages received and not seen yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The first message not seen yet.
    #[must_use]
    pub fn first_unread(&self) -> Option<EntryId> {
        self.first_unread
    }

    /// Messages not sent yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What of these bytes of ours is framing.
    #[must_use]
    pub fn cut_of(&self, raw: &[u8]) -> Cut {
        cut_of(raw, &self.manner)
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

    pub(super) fn set_manner(&mut self, manner: Manner) {
        let recode = manner.encoding != self.manner.encoding;
        let way = |manner: &Manner| (manner.options.framing, manner.options.unit);
        let recut = way(&manner) != way(&self.manner);
        self.manner = manner;
        if recut && self.state.is_over() {
            // While the connection lives, the network thread says where in the stream the change falls.
            self.reframe();
        } else if recode {
            self.carry_anew();
        }
    }

    pub(super) fn push_sent(&mut self, sent: Sent, at: Timestamp) -> EntryId {
        let (message, waits) = (sent.message, sent.state == SendState::Waiting);
        let id = self.entries.push(Entry { at, kind: EntryKind::Sent(sent) });
        if waits && self.origin != Origin::Everyone {
            self.waiting.push_back((message, id));
        }
        id
    }

    pub(super) fn resend(&mut self, entry: EntryId, message: MessageId) {
        if let Some(sent) = self.sent_mut(entry) {
            sent.message = message;
            sent.state = SendState::Waiting;
            if self.origin != Origin::Everyone {
                self.waiting.push_back((message, entry));
            }
        }
    }

    /// The kernel took all bytes of the message that is sent next. Gives where in the stream they began.
    pub(super) fn took(&mut self, bytes: usize) -> u64 {
        let began = self.bytes_out;
        self.bytes_out += bytes as u64;
        began
    }

    /// A message was sent, its bytes beginning there in the stream, or it could not be.
    pub(super) fn send_ended(&mut self, message: MessageId, state: SendState, began: Option<u64>) {
        if let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == message)
            && let Some((_, entry)) = self.waiting.remove(place)
        {
            if let Some(sent) = self.sent_mut(entry) {
                sent.state = state;
                sent.begins = began;
            }
        } else if self.origin == Origin::Everyone {
            let of_message =
                |entry: &&mut Entry| matches!(&entry.kind, EntryKind::Sent(sent) if sent.message == message);
            if let Some(Entry { kind: EntryKind::Sent(sent), .. }) = self.entries.iter_mut().find(of_message) {
                sent.state = state;
            }
        }
    }

    pub(super) fn broadcast_started(&mut self, entry: EntryId, clients: usize) {
        if let Some(sent) = self.sent_mut(entry) {
            sent.state = SendState::ToAll { clients, sent: 0, failed: 0, error: None };
        }
    }

    /// One client's share of a message to everyone ended. Gives the bytes, for that client's own
    /// conversation, and whether this was the last share.
    pub(super) fn broadcast_share(
        &mut self,
        entry: EntryId,
        failure: Option<&NetError>,
    ) -> (Option<(Bytes, Cut)>, bool) {
        let Some(message) = self.sent_mut(entry) else { return (None, true) };
        let bytes = (message.raw.clone(), message.cut);
        let SendState::ToAll { clients, sent, failed, error } = &mut message.state else {
            return (Some(bytes), false);
        };
        match failure {
            None => *sent += 1,
            Some(why) => {
                *failed += 1;
                *error = Some(why.clone());
            }
        }
        (Some(bytes), *sent + *failed >= *clients)
    }

    pub(super) fn received(&mut self, batch: &Batch, recv_ends: &[u64], at: Timestamp) {
        let mut begins = self.bytes_in;
        self.bytes_in += batch.bytes.len() as u64;
        if let Some(recording) = &mut self.recording {
            recording.bytes += batch.bytes.len() as u64;
        }
        self.messages_in += batch.cuts.len() as u64;
        self.recv_ends.extend(recv_ends.iter().map(|end| RecvEnd { end: *end, at }));
        while self.recv_ends.len() > RECV_ENDS_KEPT {
            self.recvs_known_from = self.recv_ends.pop_front().map_or(0, |gone| gone.end);
            self.recvs_let_go += 1;
        }
        let mut carry = self.carry_after_last();
        for (raw, cut) in batch.messages() {
            let received = Received { raw, cut, carry, begins: Some(begins) };
            begins += received.raw.len() as u64;
            carry = carry_after(&received, self.manner.encoding);
            let id = self.entries.push(Entry { at, kind: EntryKind::Received(received) });
            if !self.is_students_own() {
                self.unread += 1;
                self.first_unread.get_or_insert(id);
            }
        }
    }

    /// The framing changed at this point of the stream: what came before is cut anew.
    pub(super) fn reframe(&mut self) {
        let way = (self.manner.options.framing, self.manner.options.unit);
        let (stream_end, goes_on) = (self.bytes_in, !self.state.is_over());
        let known_from = self.recvs_known_from;
        let (unread_here, unread_bytes) = self.unread_in_memory();
        let recv_ends = self.recv_ends.make_contiguous();
        self.entries.remake(|rows| reframe::reframe(rows, recv_ends, known_from, stream_end, way, goes_on));
        self.unread -= unread_here;
        self.mark_unread(unread_bytes);
        // The rows have new ids: those that still wait are found again.
        let waiting: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(id, entry)| match &entry.kind {
                EntryKind::Sent(sent) if sent.state == SendState::Waiting => Some((sent.message, id)),
                _ => None,
            })
            .collect();
        self.waiting = waiting.into();
        self.carry_anew();
    }

    /// Unread messages that are in memory, and their bytes.
    fn unread_in_memory(&self) -> (usize, usize) {
        let Some(first) = self.first_unread else { return (0, 0) };
        let unread = self.entries.iter().rev().take_while(|(id, _)| *id >= first);
        let received = unread.filter(|(_, entry)| matches!(entry.kind, EntryKind::Received(_)));
        received.fold((0, 0), |(count, bytes), (_, entry)| (count + 1, bytes + entry.bytes()))
    }

    /// The messages with the last `bytes` received, which were not seen yet, have new ids.
    fn mark_unread(&mut self, mut bytes: usize) {
        self.first_unread = None;
        for (id, entry) in self.entries.iter().rev() {
            if bytes == 0 {
                break;
            }
            if matches!(entry.kind, EntryKind::Received(_)) {
                bytes = bytes.saturating_sub(entry.bytes());
                self.unread += 1;
                self.first_unread = Some(id);
            }
        }
    }

    pub(super) fn read_all(&mut self) {
        self.unread = 0;
        self.first_unread = None;
    }

    pub(super) fn connected(&mut self, peer: SocketAddr, local: SocketAddr, at: Timestamp) {
        self.peer = Some(peer);
        self.local = Some(local);
        self.state = ConnState::Open;
        self.tcp.add(at, Fact::Connected);
        self.system(System::Connected(peer), at);
    }

    pub(super) fn failed(&mut self, error: NetError, at: Timestamp) {
        self.tcp.add(at, sockets::fact_of_failure(&error));
        self.system(System::ConnectFailed(error.clone()), at);
        self.state = ConnState::Failed(error);
    }

    /// A call of a connection that is stepped failed: where that was `connect`, it may be tried again.
    pub(super) fn step_failed(&mut self) {
        if matches!(self.state, ConnState::Connecting(_)) {
            self.state = ConnState::New;
        }
    }

    pub(super) fn peer_finished(&mut self, at: Timestamp) {
        if self.state == ConnState::Open {
            self.state = ConnState::PeerFinished;
        }
        self.system(System::PeerFinished, at);
    }

    pub(super) fn write_finished(&mut self, at: Timestamp) {
        if self.state == ConnState::Open {
            self.state = ConnState::WeFinished;
        }
        self.system(System::WriteFinished, at);
    }

    pub(super) fn closed(&mut self, reason: CloseReason, at: Timestamp) {
        self.system(System::Closed(reason.clone()), at);
        self.state = ConnState::Closed(reason);
        self.recording = None;
    }

    fn system(&mut self, system: System, at: Timestamp) {
        self.entries.push(Entry { at, kind: EntryKind::System(system) });
    }

    fn sent_mut(&mut self, entry: EntryId) -> Option<&mut Sent> {
        match &mut self.entries.get_mut(entry)?.kind {
            EntryKind::Sent(sent) => Some(sent),
            _ => None,
        }
    }

    fn carry_after_last(&self) -> SplitChar {
        self.entries.last_received().map_or_else(SplitChar::default, |last| carry_after(last, self.manner.encoding))
    }

    /// Work out anew, in the present encoding, which characters go on in the next message.
    fn carry_anew(&mut self) {
        let encoding = self.manner.encoding;
        let mut carry = SplitChar::default();
        for entry in self.entries.iter_mut() {
            if let EntryKind::Received(received) = &mut entry.kind {
                received.carry = carry;
                carry = carry_after(received, encoding);
            }
        }
    }
}

fn past_entry(Row { at, kind, .. }: Row) -> Entry {
    Entry { at, kind: past_kind(kind) }
}

fn past_kind(kind: RowKind) -> EntryKind {
    match kind {
        RowKind::Received { raw, cut, carry } => EntryKind::Received(Received { raw, cut, carry, begins: None }),
        RowKind::Sent { raw, cut, delivery, auto } => {
            let state = match delivery {
                Delivery::Waiting => SendState::Waiting,
                Delivery::Sent => SendState::Sent,
                Delivery::Failed(error) => SendState::Failed(error),
                Delivery::ToAll { clients, sent, failed, error } => SendState::ToAll { clients, sent, failed, error },
            };
            EntryKind::Sent(Sent { message: MessageId(0), raw, cut, state, auto, begins: None })
        }
        RowKind::Happened(what) => EntryKind::System(match what {
            Happening::Accepted(peer) => System::Accepted(peer),
            Happening::Connected(peer) => System::Connected(peer),
            Happening::ConnectFailed(error) => System::ConnectFailed(error),
            Happening::PeerFinished => System::PeerFinished,
            Happening::WriteFinished => System::WriteFinished,
            Happening::Closed(reason) => System::Closed(reason),
        }),
    }
}

impl From<&SendState> for Delivery {
    fn from(state: &SendState) -> Self {
        match state.clone() {
            SendState::Waiting => Self::Waiting,
            SendState::Sent => Self::Sent,
            SendState::Failed(error) => Self::Failed(error),
            SendState::ToAll { clients, sent, failed, error } => Self::ToAll { clients, sent, failed, error },
        }
    }
}

impl From<&System> for Happening {
    fn from(system: &System) -> Self {
        match system.clone() {
            System::Accepted(peer) => Self::Accepted(peer),
            System::Connected(peer) => Self::Connected(peer),
            System::ConnectFailed(error) => Self::ConnectFailed(error),
            System::PeerFinished => Self::PeerFinished,
            System::WriteFinished => Self::WriteFinished,
            System::Closed(reason) => Self::Closed(reason),
        }
    }
}

/// What a message leaves for the next: nothing, if it ended as its framing says it should.
fn carry_after(received: &Received, encoding: TextEncoding) -> SplitChar {
    if received.cut.boundary.is_open() { received.decode(encoding).split_char } else { SplitChar::default() }
}

/// What of bytes that we send in this manner is framing.
#[must_use]
pub fn cut_of(raw: &[u8], manner: &Manner) -> Cut {
    let end = raw.len() as u32;
    match manner.options.framing {
        Framing::Length => {
            Cut { end, header: LENGTH_PREFIX_BYTES.min(raw.len()) as u8, trailer: 0, boundary: Boundary::Length }
        }
        Framing::Line | Framing::Chunk => {
            let ending = text::encode(manner.line_ending.text(), manner.encoding).bytes;
            let trailer = if raw.ends_with(&ending) { ending.len() as u8 } else { 0 };
            Cut { end, header: 0, trailer, boundary: Boundary::Newline }
        }
    }
}

/// The manner in which connections begin when nothing was chosen.
impl From<&crate::store::Settings> for Manner {
    fn from(settings: &crate::store::Settings) -> Self {
        Self { encoding: settings.encoding, line_ending: settings.line_ending, options: settings.conn_options() }
    }
}

impl Manner {
    /// This manner with another automatic reply.
    #[must_use]
    pub fn replying(mut self, auto_reply: AutoReply) -> Self {
        self.options.auto_reply = auto_reply;
        self
    }
}
