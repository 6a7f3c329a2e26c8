//! Random steps of a few connections, played to a core: what holds of its journal after any of them.
//!
//! `tests/journal` gives the steps by proptest, `tests/fuzz` reads them from bytes.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, JournalEntry, Row, RowKind, RowNumber, SessionId},
    core::{Conversation, ConversationOptions, Core, Input, Key, replay},
    net::{
        AutoReply, CallKind, CloseReason, Command, ConnId, Event, EventKind, Limit, ListenerId, MessageId, NetError,
        Reason, Target,
    },
    wire::{BatchBuilder, Framer, Framing, QUIET_TAIL, text::TextEncoding},
};

/// Something that happens, or that somebody does, to one of a few connections.
#[derive(Clone, Debug)]
pub enum Step {
    Accept,
    Connect,
    ConnectFailed,
    Recv(usize, Vec<u8>),
    /// Nothing came for long.
    Quiet(usize),
    PeerFinished(usize),
    Send(usize),
    SendToAll,
    /// The message that waits longest there was sent, or failed.
    SendEnded(usize, bool),
    /// The other machine has acknowledged this share, of 8, of what was sent there and is not acknowledged.
    Acknowledge(usize, u64),
    NotSent(usize),
    Resend(usize),
    AutoReply(usize),
    /// Another manner: encoding, framing, and whether to echo.
    Hold(usize, TextEncoding, Framing, bool),
    /// Another manner for one that is closed.
    HoldClosed(usize, TextEncoding, Framing),
    Rename(usize, Option<String>),
    Close(usize),
    Remove(usize),
    Undo,
    StopListening,
}

/// One end of a connection, as the network thread serves it.
struct End {
    framer: Framer,
    recv_ends: Vec<u64>,
    waiting: Vec<MessageId>,
    /// Bytes sent, and those of them that are acknowledged.
    sent: (u64, u64),
    echoable: Vec<u8>,
    /// A length prefix was too long: nothing more is read, unless lengths are given up.
    broken: bool,
}

/// A core with a network that is played, and the journal of it.
pub struct Stage {
    core: Core,
    journal: Vec<JournalEntry>,
    ends: BTreeMap<ConnId, End>,
    /// Bytes of each message.
    sizes: BTreeMap<MessageId, usize>,
    /// All that was received.
    came: BTreeMap<ConnId, Vec<u8>>,
    last: u64,
    /// In milliseconds.
    clock: u64,
}

/// Plays the steps; those that have nobody to happen to are left out. Then holds what the journal promises.
pub fn check(steps: Vec<Step>) {
    let mut stage = Stage::new();
    for step in steps {
        let _ = stage.play(step);
        stage.what_is_acknowledged_ends_in_the_bytes_acknowledged();
    }
    stage.replayed_it_is_what_is_in_memory();
    stage.numbers_rise_and_none_comes_twice();
    stage.all_bytes_that_came_are_there_in_their_order();
}

impl Stage {
    fn new() -> Self {
        let core = Core::new(ConversationOptions::default()).joining_tails();
        let (journal, ends, came) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let sizes = BTreeMap::new();
        Self { core, journal, ends, sizes, came, last: 0, clock: 0 }
    }

    fn replayed_it_is_what_is_in_memory(&self) {
        let replayed = replay(&self.journal);
        for (id, conversation) in self.in_memory() {
            let again = &replayed[&id];
            assert_eq!(rows(conversation), rows(again));
            assert_eq!(conversation.manner().encoding, again.manner().encoding);
            assert_eq!(who_with(conversation), who_with(again));
            assert_eq!(conversation.origin, again.origin);
        }
    }

    fn what_is_acknowledged_ends_in_the_bytes_acknowledged(&self) {
        for (conn, end) in &self.ends {
            let Some(conversation) = self.core.conversation(Key::Conn(*conn)) else { continue };
            let acknowledged = end.sent.1;
            for (_, row) in conversation.entries().iter() {
                let RowKind::Sent(sent) = &row.kind else { continue };
                let ends = sent.begins.map(|begins| begins + row.bytes() as u64);
                match sent.delivery {
                    Delivery::Acknowledged => assert!(ends.unwrap() <= acknowledged, "{row:?} {acknowledged}"),
                    Delivery::Sent => assert!(
                        ends.is_none_or(|ends| ends > acknowledged || sent.raw.is_empty()),
                        "{row:?} {acknowledged}"
                    ),
                    _ => {}
                }
            }
        }
    }

    fn numbers_rise_and_none_comes_twice(&self) {
        let mut next: BTreeMap<SessionId, u64> = BTreeMap::new();
        for entry in &self.journal {
            let first = match entry {
                JournalEntry::Received { first: RowNumber(number), .. }
                | JournalEntry::Sent { number: RowNumber(number), .. }
                | JournalEntry::Happened { number: RowNumber(number), .. } => *number,
                JournalEntry::Opened(session) => {
                    assert_eq!(next.insert(session.id, 0), None, "opened once");
                    continue;
                }
                _ => {
                    assert!(next.contains_key(&entry.session()), "opened first");
                    continue;
                }
            };
            let next = next.get_mut(&entry.session()).unwrap();
            assert_eq!(first, *next);
            *next = first + entry.rows() as u64;
        }
    }

    fn all_bytes_that_came_are_there_in_their_order(&self) {
        for (conn, conversation) in self.core.conversations() {
            let rows = conversation.entries().iter().map(|(_, row)| row);
            let received = rows.filter(|row| matches!(row.kind, RowKind::Received(_)));
            let there: Vec<u8> = received.flat_map(|row| row.raw().to_vec()).collect();
            let came = self.came.get(&conn).map_or(&[][..], Vec::as_slice);
            if conversation.state.is_over() {
                assert_eq!(there, came);
            } else {
                assert!(came.starts_with(&there), "{there:x?} of {came:x?}");
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock as i64).unwrap()
    }

    fn since_start(&self) -> Duration {
        Duration::from_millis(self.clock)
    }

    fn change(&mut self, change: Input) -> Vec<Command> {
        let effects = self.core.apply(change, self.now());
        self.journal.extend(effects.journal);
        effects.commands
    }

    fn happen(&mut self, kind: EventKind) {
        let _ = self.change(Input::Net(Event { at: self.now(), kind }));
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn conn(&self, who: usize) -> Option<ConnId> {
        self.ends.keys().copied().nth(who)
    }

    fn open(&mut self, conn: ConnId) {
        let manner = self.core.manner().clone();
        let framer = Framer::new(manner.framing(), manner.options.unit);
        let (recv_ends, waiting, echoable) = (Vec::new(), Vec::new(), Vec::new());
        self.ends.insert(conn, End { framer, recv_ends, waiting, sent: (0, 0), echoable, broken: false });
        self.came.insert(conn, Vec::new());
    }

    fn deliver(&mut self, conn: ConnId, out: &mut BatchBuilder) {
        if out.is_empty() {
            return;
        }
        let batch = out.take();
        let end = self.ends.get_mut(&conn).unwrap();
        end.echoable = batch.bytes.to_vec();
        let recv_ends = std::mem::take(&mut end.recv_ends);
        self.happen(EventKind::Received { conn, batch, recv_ends });
    }

    fn play(&mut self, step: Step) -> Option<()> {
        self.clock += 7;
        match step {
            Step::Accept => {
                let conn = ConnId::accepted(self.next());
                self.open(conn);
                let (peer, local) = (address(conn.0), address(9));
                self.happen(EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
            }
            Step::Connect => {
                let conn = self.connect("here", None);
                self.open(conn);
                let (peer, local) = (address(9), address(conn.0));
                self.happen(EventKind::Connected { conn, peer, local });
            }
            Step::ConnectFailed => {
                let conn = self.connect("nobody", Some("n".to_owned()));
                self.happen(EventKind::ConnectFailed { conn, error: failure() });
            }
            Step::Recv(who, bytes) => {
                let (conn, now) = (self.conn(who)?, self.since_start());
                let mut out = BatchBuilder::default();
                let (end, came) = (self.ends.get_mut(&conn)?, self.came.get_mut(&conn)?);
                if end.broken || bytes.is_empty() {
                    return None;
                }
                came.extend(&bytes);
                end.recv_ends.push(came.len() as u64);
                // A prefix that is too long ends no conversation here: its bytes are held, and come at the end.
                end.broken = end.framer.push(&bytes, now, &mut out).is_err();
                self.deliver(conn, &mut out);
            }
            Step::Quiet(who) => {
                self.clock += QUIET_TAIL.as_millis() as u64;
                let (conn, now) = (self.conn(who)?, self.since_start());
                let mut out = BatchBuilder::default();
                self.ends.get_mut(&conn)?.framer.quiet(now, &mut out);
                self.deliver(conn, &mut out);
            }
            Step::PeerFinished(who) => {
                let conn = self.conn(who)?;
                self.happen(EventKind::PeerFinished { conn });
            }
            Step::Send(who) => {
                let conn = self.conn(who)?;
                let message = self.send(Key::Conn(conn))?;
                self.ends.get_mut(&conn)?.waiting.push(message);
            }
            Step::SendToAll => {
                let message = self.send(Key::Everyone)?;
                for end in self.ends.values_mut() {
                    end.waiting.push(message);
                }
                self.happen(EventKind::SendingToAll { message, clients: self.ends.len() });
            }
            Step::SendEnded(who, sent) => {
                let conn = self.conn(who)?;
                let waiting = &mut self.ends.get_mut(&conn)?.waiting;
                let message = (!waiting.is_empty()).then(|| waiting.remove(0))?;
                self.send_ended(conn, message, sent);
            }
            Step::Acknowledge(who, share) => {
                let conn = self.conn(who)?;
                let (sent, acknowledged) = &mut self.ends.get_mut(&conn)?.sent;
                *acknowledged += (*sent - *acknowledged) * share / 8;
                let bytes = *acknowledged;
                self.happen(EventKind::Acknowledged { conn, bytes });
            }
            Step::NotSent(who) => {
                let conn = self.conn(who)?;
                let message = self.send(Key::Conn(conn))?;
                let command = Command::Send { conn, message, bytes: Bytes::new() };
                let _ = self.change(Input::Refused(Box::new(command)));
            }
            Step::Resend(who) => {
                let conn = self.conn(who)?;
                let failed = |row: &Row| matches!(&row.kind, RowKind::Sent(sent) if matches!(sent.delivery, Delivery::Failed(_)));
                let rows = self.core.conversation(Key::Conn(conn))?.entries();
                let row = rows.iter().find(|(_, row)| failed(row))?.0;
                let bytes = rows.get(row)?.bytes();
                let commands = self.change(Input::Resend { key: Key::Conn(conn), row });
                let message = asked(&commands)?;
                self.sizes.insert(message, bytes);
                self.ends.get_mut(&conn)?.waiting.push(message);
            }
            Step::AutoReply(who) => {
                let conn = self.conn(who)?;
                let message = MessageId::reply(self.next());
                let end = self.ends.get_mut(&conn)?;
                let bytes = Bytes::from(std::mem::take(&mut end.echoable));
                self.sizes.insert(message, bytes.len());
                end.waiting.push(message);
                self.happen(EventKind::AutoReplied { conn, message, bytes });
            }
            Step::Hold(who, encoding, framing, echo) => {
                let conn = self.conn(who)?;
                let mut manner = self.core.conversation(Key::Conn(conn))?.manner().clone();
                hold(&mut manner, encoding, framing);
                manner.options.auto_reply = if echo { AutoReply::Echo } else { AutoReply::Off };
                let unit = manner.options.unit;
                let _ = self.change(Input::OptionsChanged { key: Key::Conn(conn), manner });
                let mut out = BatchBuilder::default();
                let end = self.ends.get_mut(&conn)?;
                end.framer.reframe(framing, unit, &mut out);
                end.broken &= framing == Framing::LENGTH;
                self.deliver(conn, &mut out);
                self.happen(EventKind::Reframed { conn });
            }
            Step::HoldClosed(who, encoding, framing) => {
                let key = Key::Conn(*self.over().get(who)?);
                let mut manner = self.core.conversation(key)?.manner().clone();
                hold(&mut manner, encoding, framing);
                let _ = self.change(Input::OptionsChanged { key, manner });
            }
            Step::Rename(who, name) => {
                let conn = self.conn(who)?;
                let _ = self.change(Input::Renamed { conn, name });
            }
            Step::Close(who) => {
                let conn = self.conn(who)?;
                let mut out = BatchBuilder::default();
                self.ends.get_mut(&conn)?.framer.finish(&mut out);
                self.deliver(conn, &mut out);
                for message in self.ends.remove(&conn)?.waiting {
                    self.send_ended(conn, message, false);
                }
                self.happen(EventKind::Closed { conn, reason: CloseReason::Orderly, bytes_in: 0, bytes_out: 0 });
            }
            Step::Remove(who) => {
                let conn = *self.over().get(who)?;
                let _ = self.change(Input::Removed(vec![conn]));
            }
            Step::Undo => _ = self.change(Input::RemovalUndone),
            Step::StopListening => self.happen(EventKind::ListenerClosed { listener: ListenerId(1) }),
        }
        Some(())
    }

    fn send(&mut self, key: Key) -> Option<MessageId> {
        let bytes = Bytes::from(format!("message {}\n", self.next()));
        let size = bytes.len();
        let message = asked(&self.change(Input::SendBytes { key, bytes }))?;
        self.sizes.insert(message, size);
        Some(message)
    }

    fn connect(&mut self, host: &str, name: Option<String>) -> ConnId {
        let manner = self.core.manner().clone();
        let commands = self.change(Input::Connect { target: (host.to_owned(), 9), name, manner });
        let asked = commands.iter().find_map(|command| match command {
            Command::Connect { conn, .. } => Some(*conn),
            _ => None,
        });
        asked.unwrap()
    }

    fn send_ended(&mut self, conn: ConnId, message: MessageId, sent: bool) {
        let bytes = self.sizes.get(&message).copied().unwrap_or_default();
        if let Some(end) = self.ends.get_mut(&conn).filter(|_| sent) {
            end.sent.0 += bytes as u64;
        }
        self.happen(if sent {
            EventKind::Sent { conn, message, bytes }
        } else {
            EventKind::SendFailed { conn, message, error: failure() }
        });
    }

    /// The connections that are closed, or could not be made.
    fn over(&self) -> Vec<ConnId> {
        self.core.conversations().filter(|(_, c)| c.state.is_over()).map(|(conn, _)| conn).collect()
    }

    /// The conversations in memory, by their ids.
    fn in_memory(&self) -> BTreeMap<SessionId, &Conversation> {
        let keys = self.core.conversations().map(|(conn, _)| Key::Conn(conn)).chain([Key::Everyone]);
        let all = keys.filter_map(|key| self.core.conversation(key));
        all.filter(|conversation| conversation.id != SessionId::default()).map(|c| (c.id, c)).collect()
    }
}

/// The message that is to be sent.
fn asked(commands: &[Command]) -> Option<MessageId> {
    commands.iter().find_map(|command| match command {
        Command::Send { message, .. } | Command::SendToAll { message, .. } => Some(*message),
        _ => None,
    })
}

fn hold(manner: &mut ConversationOptions, encoding: TextEncoding, framing: Framing) {
    manner.encoding = encoding;
    manner.options.framing = framing;
    manner.options.unit = encoding.unit();
}

fn address(port: u64) -> SocketAddr {
    ([127, 0, 0, 1], port as u16).into()
}

fn failure() -> NetError {
    NetError::ours(CallKind::Send, Target::None, Reason::Limit(Limit::SendQueue))
}

fn who_with(conversation: &Conversation) -> (&Option<String>, Option<SocketAddr>, Option<SocketAddr>) {
    (&conversation.name, conversation.peer, conversation.local)
}

/// Its rows, but for where in the streams they lie: that the journal does not tell.
fn rows(conversation: &Conversation) -> Vec<Row> {
    let mut rows: Vec<Row> = conversation.entries().iter().map(|(_, row)| row.clone()).collect();
    for row in &mut rows {
        match &mut row.kind {
            RowKind::Received(received) => received.begins = None,
            RowKind::Sent(sent) => sent.begins = None,
            RowKind::Happened(_) => {}
        }
    }
    rows
}
