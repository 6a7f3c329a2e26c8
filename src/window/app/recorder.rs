//! What must last: turns what happens into records of the history.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    core::{Change, Entry, EntryKind, Key, Model, SendState},
    history::{self, Delivery, Full, Happening, History, Origin, Record, Session, SessionId},
    net::{ConnId, Event, EventKind, MessageId, NetError},
    wire::{Batch, Cut, text::TextEncoding},
};

/// Ended sessions whose name may still change; past it the oldest are forgotten.
const ENDED_KEPT: usize = 4_000;

/// Bytes of messages cut anew that are recorded together, about.
const BATCH_BYTES: usize = 64 * 1024;

/// Turns what happens into records, and hands them to the history.
#[derive(Debug)]
pub struct Recorder {
    history: History,
    ongoing: HashMap<ConnId, Ongoing>,
    everyone: Option<Ongoing>,
    broadcasts: HashMap<MessageId, Broadcast>,
    /// Records that found no room yet, in their order. Few: nothing more is taken in while there are any.
    backlog: VecDeque<Record>,
    /// A change was taken that may have the rows in memory cut anew.
    recut: Option<Recut>,
}

/// The rows in memory of a conversation, before a change that may have them cut anew.
#[derive(Debug)]
struct Recut {
    conn: ConnId,
    generation: u64,
    rows: u64,
}

/// A session that is being recorded.
#[derive(Debug)]
struct Ongoing {
    session: SessionId,
    next: u64,
    /// Numbers of messages that are not sent yet, or failed.
    unsent: HashMap<MessageId, u64>,
}

/// A message to everyone whose shares have not all ended.
#[derive(Debug)]
struct Broadcast {
    number: u64,
    raw: Bytes,
    cut: Cut,
    clients: usize,
    sent: usize,
    failed: usize,
    error: Option<NetError>,
}

impl Ongoing {
    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }
}

impl Recorder {
    /// A recorder into this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self {
            history,
            ongoing: HashMap::new(),
            everyone: None,
            broadcasts: HashMap::new(),
            backlog: VecDeque::new(),
            recut: None,
        }
    }

    /// The history, to ask.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The session as which a conversation of this run is recorded.
    #[must_use]
    pub fn session_of(&self, key: Key) -> Option<SessionId> {
        match key {
            Key::Everyone => self.everyone.as_ref().map(|everyone| everyone.session),
            Key::Conn(conn) => self.ongoing.get(&conn).map(|ongoing| ongoing.session),
            Key::Past(session) => Some(session),
        }
    }

    /// Hand over what found no room; whether all of it did now. If not, nothing more may be taken in: the history
    /// wakes the window when there is room.
    pub fn flush(&mut self) -> bool {
        while let Some(record) = self.backlog.pop_front() {
            if let Err(Full(record)) = self.history.record(record) {
                self.backlog.push_front(*record);
                return false;
            }
        }
        true
    }

    /// Whether the history was handed all that was taken.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.backlog.is_empty()
    }

    /// As which session a conversation is recorded, and the number that its next row gets.
    #[must_use]
    pub fn recorded_as(&self, key: Key) -> Option<(SessionId, u64)> {
        let ongoing = match key {
            Key::Everyone => self.everyone.as_ref(),
            Key::Conn(conn) => self.ongoing.get(&conn),
            Key::Past(_) => None,
        };
        ongoing.map(|ongoing| (ongoing.session, ongoing.next))
    }

    /// The conversation that is recorded as this session, if it is of this run of the program.
    #[must_use]
    pub fn key_of(&self, session: SessionId) -> Option<Key> {
        if self.everyone.as_ref().is_some_and(|everyone| everyone.session == session) {
            return Some(Key::Everyone);
        }
        self.ongoing.iter().find(|(_, ongoing)| ongoing.session == session).map(|(conn, _)| Key::Conn(*conn))
    }

    /// Record what a change means, before the model takes it in.
    pub fn take(&mut self, change: &Change, model: &Model) {
        if let Change::Net(Event { kind: EventKind::Reframed { conn }, .. })
        | Change::Manner { key: Key::Conn(conn), .. } = change
            && let Some(conversation) = model.conversation(Key::Conn(*conn))
        {
            let (generation, rows) = (conversation.entries().generation(), conversation.entries().len() as u64);
            self.recut = Some(Recut { conn: *conn, generation, rows });
        }
        match change {
            Change::Net(event) => self.happened(event, model),
            Change::Connecting { conn, target: (host, port), name, at } => {
                let origin = Origin::Outgoing { host: host.clone(), port: *port };
                let encoding = model.manner().encoding;
                self.open(*conn, Session { name: name.clone(), ..self.session(origin, encoding, *at) });
            }
            Change::Sending { key, message, raw, cut, at } => self.sending(*key, *message, raw, *cut, *at, model),
            Change::Resending { key, entry, message } => {
                let entries = model.conversation(*key).map(crate::core::Conversation::entries);
                let Some(EntryKind::Sent(sent)) = entries.and_then(|e| e.get(*entry)).map(|e| &e.kind) else { return };
                let (before, raw, cut) = (sent.message, sent.raw.clone(), sent.cut);
                self.resending(*key, before, *message, raw, cut);
            }
            Change::NotSent { key, message, error } => {
                if let Some(ongoing) = self.of(*key)
                    && let Some(number) = ongoing.unsent.get(message)
                {
                    let record = Record::Delivery {
                        session: ongoing.session,
                        number: *number,
                        delivery: Delivery::Failed(error.clone()),
                    };
                    self.backlog.push_back(record);
                }
            }
            Change::Renamed { conn, name } => self.changed(*conn, history::Change::Name(name.clone())),
            Change::Manner { key: Key::Conn(conn), manner } => {
                let before = model.conversation(Key::Conn(*conn)).map(|c| c.manner().encoding);
                if before != Some(manner.encoding) {
                    self.changed(*conn, history::Change::Encoding(manner.encoding));
                }
            }
            _ => {}
        }
    }

    /// Record what came of a change, after the model took it in: rows that were cut anew take the place of the old.
    pub fn taken(&mut self, model: &Model) {
        let Some(recut) = self.recut.take() else { return };
        let Some(conversation) = model.conversation(Key::Conn(recut.conn)) else { return };
        let Some(ongoing) = self.ongoing.get_mut(&recut.conn) else { return };
        let entries = conversation.entries();
        if entries.generation() == recut.generation {
            return;
        }
        let (session, old) = (ongoing.session, ongoing.next.saturating_sub(recut.rows)..ongoing.next);
        ongoing.unsent.retain(|_, number| !old.contains(number));
        self.backlog.push_back(Record::Replaced { session, numbers: old });
        // Messages that came at one time go together, as they do when they come.
        let (mut bytes, mut cuts, mut began) = (Vec::new(), Vec::new(), None);
        for (_, Entry { at, kind }) in entries.iter() {
            if let Some(before) = began
                && (before != *at || bytes.len() >= BATCH_BYTES || !matches!(kind, EntryKind::Received(_)))
            {
                let batch = Batch { bytes: std::mem::take(&mut bytes).into(), cuts: std::mem::take(&mut cuts) };
                let first = ongoing.next;
                ongoing.next += batch.cuts.len() as u64;
                self.backlog.push_back(Record::Received { session, first, at: before, batch });
                began = None;
            }
            match kind {
                EntryKind::Received(received) => {
                    began = Some(*at);
                    bytes.extend_from_slice(&received.raw);
                    cuts.push(Cut { end: bytes.len() as u32, ..received.cut });
                }
                EntryKind::Sent(sent) => {
                    let number = ongoing.number();
                    if sent.state != SendState::Sent {
                        ongoing.unsent.insert(sent.message, number);
                    }
                    let (raw, delivery) = (sent.raw.clone(), Delivery::from(&sent.state));
                    let (at, cut, auto) = (*at, sent.cut, sent.auto);
                    self.backlog.push_back(Record::Sent { session, number, at, raw, cut, delivery, auto });
                }
                EntryKind::System(system) => {
                    let (number, at, what) = (ongoing.number(), *at, Happening::from(system));
                    self.backlog.push_back(Record::Happened { session, number, at, what });
                }
            }
        }
        if let Some(at) = began {
            let first = ongoing.next;
            ongoing.next += cuts.len() as u64;
            self.backlog.push_back(Record::Received { session, first, at, batch: Batch { bytes: bytes.into(), cuts } });
        }
    }

    fn happened(&mut self, Event { at, kind }: &Event, model: &Model) {
        match kind {
            EventKind::Accepted { conn, peer, local, .. } => {
                let session = self.session(Origin::Accepted, model.manner().encoding, *at);
                self.open(*conn, Session { peer: Some(*peer), local: Some(*local), ..session });
                self.row(*conn, *at, Happening::Accepted(*peer));
            }
            EventKind::Connected { conn, peer, local } => {
                let addresses = history::Change::Addresses { peer: Some(*peer), local: Some(*local) };
                self.changed(*conn, addresses);
                self.row(*conn, *at, Happening::Connected(*peer));
            }
            EventKind::ConnectFailed { conn, error } => {
                self.row(*conn, *at, Happening::ConnectFailed(error.clone()));
                self.end(*conn, *at);
            }
            EventKind::Received { conn, batch, .. } => {
                let Some(ongoing) = self.ongoing.get_mut(conn) else { return };
                let first = ongoing.next;
                ongoing.next += batch.cuts.len() as u64;
                let session = ongoing.session;
                self.backlog.push_back(Record::Received { session, first, at: *at, batch: batch.clone() });
            }
            EventKind::AutoReplied { conn, message, bytes } => {
                let Some(conversation) = model.conversation(Key::Conn(*conn)) else { return };
                let cut = conversation.cut_of(bytes);
                self.sent(Key::Conn(*conn), *message, bytes, cut, *at, true);
            }
            EventKind::Sent { conn, message, .. } => self.send_ended(*conn, *message, None, *at),
            EventKind::SendFailed { conn, message, error } => self.send_ended(*conn, *message, Some(error), *at),
            EventKind::SendingToAll { message, clients } => {
                if let Some(broadcast) = self.broadcasts.get_mut(message) {
                    broadcast.clients = *clients;
                }
                self.broadcast_done(*message);
            }
            EventKind::PeerFinished { conn } => self.row(*conn, *at, Happening::PeerFinished),
            EventKind::WriteFinished { conn } => self.row(*conn, *at, Happening::WriteFinished),
            EventKind::Closed { conn, reason, .. } => {
                self.row(*conn, *at, Happening::Closed(reason.clone()));
                self.end(*conn, *at);
            }
            EventKind::ListenerClosed { .. } => {
                if let Some(everyone) = self.everyone.take() {
                    self.backlog.push_back(Record::Ended { session: everyone.session, at: *at });
                }
            }
            _ => {}
        }
    }

    fn session(&self, origin: Origin, encoding: TextEncoding, opened: Timestamp) -> Session {
        Session { id: self.history.new_session(), origin, peer: None, local: None, name: None, encoding, opened }
    }

    fn open(&mut self, conn: ConnId, session: Session) {
        if self.ongoing.len() >= ENDED_KEPT
            && let Some(oldest) = self.ongoing.keys().min().copied()
        {
            // Connections that live are at most a clients' limit; the oldest is one that ended.
            self.ongoing.remove(&oldest);
        }
        self.ongoing.insert(conn, Ongoing { session: session.id, next: 0, unsent: HashMap::new() });
        self.backlog.push_back(Record::Opened(Box::new(session)));
    }

    fn row(&mut self, conn: ConnId, at: Timestamp, what: Happening) {
        if let Some(ongoing) = self.ongoing.get_mut(&conn) {
            let (session, number) = (ongoing.session, ongoing.number());
            self.backlog.push_back(Record::Happened { session, number, at, what });
        }
    }

    fn changed(&mut self, conn: ConnId, change: history::Change) {
        if let Some(ongoing) = self.ongoing.get(&conn) {
            self.backlog.push_back(Record::Changed { session: ongoing.session, change });
        }
    }

    fn end(&mut self, conn: ConnId, at: Timestamp) {
        if let Some(ongoing) = self.ongoing.get(&conn) {
            self.backlog.push_back(Record::Ended { session: ongoing.session, at });
        }
    }

    fn of(&mut self, key: Key) -> Option<&mut Ongoing> {
        match key {
            Key::Everyone => self.everyone.as_mut(),
            Key::Conn(conn) => self.ongoing.get_mut(&conn),
            Key::Past(_) => None,
        }
    }

    fn sending(&mut self, key: Key, message: MessageId, raw: &Bytes, cut: Cut, at: Timestamp, model: &Model) {
        if key == Key::Everyone && self.everyone.is_none() {
            let encoding = model.conversation(key).map_or_else(TextEncoding::default, |c| c.manner().encoding);
            let session = self.session(Origin::Everyone, encoding, at);
            self.everyone = Some(Ongoing { session: session.id, next: 0, unsent: HashMap::new() });
            self.backlog.push_back(Record::Opened(Box::new(session)));
        }
        self.sent(key, message, raw, cut, at, false);
    }

    fn sent(&mut self, key: Key, message: MessageId, raw: &Bytes, cut: Cut, at: Timestamp, auto: bool) {
        let Some(ongoing) = self.of(key) else { return };
        let (session, number) = (ongoing.session, ongoing.number());
        ongoing.unsent.insert(message, number);
        if key == Key::Everyone {
            let broadcast =
                Broadcast { number, raw: raw.clone(), cut, clients: usize::MAX, sent: 0, failed: 0, error: None };
            self.broadcasts.insert(message, broadcast);
        }
        let raw = raw.clone();
        self.backlog.push_back(Record::Sent { session, number, at, raw, cut, delivery: Delivery::Waiting, auto });
    }

    fn resending(&mut self, key: Key, before: MessageId, message: MessageId, raw: Bytes, cut: Cut) {
        let Some(ongoing) = self.of(key) else { return };
        let Some(number) = ongoing.unsent.remove(&before) else { return };
        ongoing.unsent.insert(message, number);
        let session = ongoing.session;
        if key == Key::Everyone {
            let broadcast = Broadcast { number, raw, cut, clients: usize::MAX, sent: 0, failed: 0, error: None };
            self.broadcasts.insert(message, broadcast);
        }
        self.backlog.push_back(Record::Delivery { session, number, delivery: Delivery::Waiting });
    }

    /// A message to one peer, or one peer's share of a message to everyone, was sent or failed.
    fn send_ended(&mut self, conn: ConnId, message: MessageId, error: Option<&NetError>, at: Timestamp) {
        let delivery = error.map_or(Delivery::Sent, |error| Delivery::Failed(error.clone()));
        let Some(ongoing) = self.ongoing.get_mut(&conn) else { return };
        let session = ongoing.session;
        if let Some(broadcast) = self.broadcasts.get_mut(&message) {
            let (raw, cut) = (broadcast.raw.clone(), broadcast.cut);
            match error {
                None => broadcast.sent += 1,
                Some(error) => {
                    broadcast.failed += 1;
                    broadcast.error = Some(error.clone());
                }
            }
            let number = ongoing.number();
            self.backlog.push_back(Record::Sent { session, number, at, raw, cut, delivery, auto: false });
            self.broadcast_done(message);
        } else if let Some(number) = ongoing.unsent.get(&message).copied() {
            if error.is_none() {
                ongoing.unsent.remove(&message);
            }
            self.backlog.push_back(Record::Delivery { session, number, delivery });
        }
    }

    /// Record what became of a message to everyone, once the last share of it ended.
    fn broadcast_done(&mut self, message: MessageId) {
        let Some(broadcast) = self.broadcasts.get(&message) else { return };
        if broadcast.sent + broadcast.failed < broadcast.clients {
            return;
        }
        if let Some(Broadcast { number, clients, sent, failed, error, .. }) = self.broadcasts.remove(&message)
            && let Some(everyone) = &self.everyone
        {
            let delivery = Delivery::ToAll { clients, sent, failed, error };
            self.backlog.push_back(Record::Delivery { session: everyone.session, number, delivery });
        }
    }
}
