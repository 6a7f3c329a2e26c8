//! What holds of the journal: replayed, it is the conversation in memory.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::{collections::BTreeMap, net::SocketAddr, time::Instant};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};
use sockhop::{
    chat::{Delivery, JournalEntry, Row, RowKind, RowNumber, SessionId},
    core::{Conversation, ConversationOptions, Core, Input, Key, cut_of, replay},
    net::{
        AutoReply, CallKind, CloseReason, Command, ConnId, Event, EventKind, Limit, ListenerId, MessageId, NetError,
        Reason, Target,
    },
    wire::{BatchBuilder, Framer, Framing, text::TextEncoding},
};

/// Something that happens, or that somebody does, to one of a few connections.
#[derive(Clone, Debug)]
enum Step {
    Accept,
    Connect,
    ConnectFailed,
    Recv(usize, Vec<u8>),
    PeerFinished(usize),
    Send(usize),
    SendToAll,
    /// The message that waits longest there was sent, or failed.
    SendEnded(usize, bool),
    NotSent(usize),
    Resend(usize),
    AutoReply(usize),
    Hold(usize, usize, Framing, bool),
    Rename(usize, Option<String>),
    Close(usize),
    Remove(usize),
    Undo,
    StopListening,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0_usize..4;
    let bytes = prop_oneof![
        4 => vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(b'\r'), Just(0xe4), Just(0xbd), Just(0xa0)], 1..12),
        2 => Just("你好\n世".as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..40),
    ];
    let framing = prop_oneof![Just(Framing::Line), Just(Framing::Chunk), Just(Framing::Length)];
    prop_oneof![
        2 => Just(Step::Accept),
        1 => Just(Step::Connect),
        1 => Just(Step::ConnectFailed),
        9 => (who.clone(), bytes).prop_map(|(who, bytes)| Step::Recv(who, bytes)),
        1 => who.clone().prop_map(Step::PeerFinished),
        3 => who.clone().prop_map(Step::Send),
        2 => Just(Step::SendToAll),
        6 => (who.clone(), any::<bool>()).prop_map(|(who, sent)| Step::SendEnded(who, sent)),
        1 => who.clone().prop_map(Step::NotSent),
        1 => who.clone().prop_map(Step::Resend),
        2 => who.clone().prop_map(Step::AutoReply),
        3 => (who.clone(), 0_usize..3, framing, any::<bool>())
            .prop_map(|(who, encoding, framing, echo)| Step::Hold(who, encoding, framing, echo)),
        1 => (who.clone(), proptest::option::of("[a-z]{1,3}")).prop_map(|(who, name)| Step::Rename(who, name)),
        1 => who.clone().prop_map(Step::Close),
        1 => who.prop_map(Step::Remove),
        1 => Just(Step::Undo),
        1 => Just(Step::StopListening),
    ]
}

/// One end of a connection, as the network thread serves it.
struct End {
    framer: Framer,
    recv_ends: Vec<u64>,
    received: u64,
    waiting: Vec<MessageId>,
    echoable: Vec<u8>,
}

/// A core with a network that is played, and the journal of it.
struct Stage {
    core: Core,
    journal: Vec<JournalEntry>,
    ends: BTreeMap<ConnId, End>,
    last: u64,
    clock: i64,
}

impl Stage {
    fn new() -> Self {
        let (core, ends) = (Core::new(ConversationOptions::default()), BTreeMap::new());
        Self { core, journal: Vec::new(), ends, last: 0, clock: 0 }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock).unwrap()
    }

    fn change(&mut self, change: Input) {
        let effects = self.core.apply(change, self.now());
        self.journal.extend(effects.journal);
    }

    fn happen(&mut self, kind: EventKind) {
        self.change(Input::Net(Event { at: self.now(), kind }));
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
        self.ends.insert(conn, End { framer, recv_ends, received: 0, waiting, echoable });
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
                let conn = ConnId(self.next());
                self.open(conn);
                let (peer, local) = (address(conn.0), address(9));
                self.happen(EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
            }
            Step::Connect => {
                let conn = ConnId(self.next());
                self.open(conn);
                let (target, at) = (("here".to_owned(), 9), self.now());
                self.change(Input::Connecting { conn, target, name: None, at });
                let (peer, local) = (address(9), address(conn.0));
                self.happen(EventKind::Connected { conn, peer, local });
            }
            Step::ConnectFailed => {
                let conn = ConnId(self.next());
                let (target, at) = (("nobody".to_owned(), 9), self.now());
                self.change(Input::Connecting { conn, target, name: Some("n".to_owned()), at });
                self.happen(EventKind::ConnectFailed { conn, error: failure() });
            }
            Step::Recv(who, bytes) => {
                let conn = self.conn(who)?;
                let mut out = BatchBuilder::default();
                let end = self.ends.get_mut(&conn)?;
                end.received += bytes.len() as u64;
                end.recv_ends.push(end.received);
                // A prefix that is too long ends no conversation here: its bytes are held, and come at the end.
                let _ = end.framer.push(&bytes, Instant::now(), &mut out);
                self.deliver(conn, &mut out);
            }
            Step::PeerFinished(who) => {
                let conn = self.conn(who)?;
                self.happen(EventKind::PeerFinished { conn });
            }
            Step::Send(who) => {
                let conn = self.conn(who)?;
                let message = MessageId(self.next());
                self.send(Key::Conn(conn), message);
                self.ends.get_mut(&conn)?.waiting.push(message);
            }
            Step::SendToAll => {
                let message = MessageId(self.next());
                self.send(Key::Everyone, message);
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
            Step::NotSent(who) => {
                let conn = self.conn(who)?;
                let message = MessageId(self.next());
                self.send(Key::Conn(conn), message);
                let command = Command::Send { conn, message, bytes: Bytes::new() };
                self.change(Input::Refused(Box::new(command)));
            }
            Step::Resend(who) => {
                let conn = self.conn(who)?;
                let failed = |row: &Row| matches!(&row.kind, RowKind::Sent(sent) if matches!(sent.delivery, Delivery::Failed(_)));
                let rows = self.core.conversation(Key::Conn(conn))?.entries();
                let entry = rows.iter().find(|(_, row)| failed(row))?.0;
                let message = MessageId(self.next());
                self.change(Input::Resending { key: Key::Conn(conn), entry, message });
                self.ends.get_mut(&conn)?.waiting.push(message);
            }
            Step::AutoReply(who) => {
                let conn = self.conn(who)?;
                let message = MessageId(self.next());
                let end = self.ends.get_mut(&conn)?;
                let bytes = Bytes::from(std::mem::take(&mut end.echoable));
                end.waiting.push(message);
                self.happen(EventKind::AutoReplied { conn, message, bytes });
            }
            Step::Hold(who, encoding, framing, echo) => {
                let conn = self.conn(who)?;
                let mut manner = self.core.conversation(Key::Conn(conn))?.manner().clone();
                manner.encoding = TextEncoding::named(["utf-8", "gbk", "utf-16le"][encoding]).unwrap();
                manner.options.framing = framing;
                manner.options.unit = manner.encoding.unit();
                manner.options.auto_reply = if echo { AutoReply::Echo } else { AutoReply::Off };
                let unit = manner.options.unit;
                self.change(Input::OptionsChanged { key: Key::Conn(conn), manner });
                let mut out = BatchBuilder::default();
                self.ends.get_mut(&conn)?.framer.reframe(framing, unit, &mut out);
                self.deliver(conn, &mut out);
                self.happen(EventKind::Reframed { conn });
            }
            Step::Rename(who, name) => {
                let conn = self.conn(who)?;
                self.change(Input::Renamed { conn, name });
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
                let over: Vec<ConnId> =
                    self.core.conversations().filter(|(_, c)| c.state.is_over()).map(|(conn, _)| conn).collect();
                self.change(Input::Removed(vec![*over.get(who)?]));
            }
            Step::Undo => self.change(Input::RemovalUndone),
            Step::StopListening => self.happen(EventKind::ListenerClosed { listener: ListenerId(1) }),
        }
        Some(())
    }

    fn send(&mut self, key: Key, message: MessageId) {
        let raw = Bytes::from(format!("message {}\n", message.0));
        let cut = cut_of(&raw, self.core.conversation(key).unwrap().manner());
        self.change(Input::Sending { key, message, raw, cut, at: self.now() });
    }

    fn send_ended(&mut self, conn: ConnId, message: MessageId, sent: bool) {
        self.happen(if sent {
            EventKind::Sent { conn, message, bytes: 5 }
        } else {
            EventKind::SendFailed { conn, message, error: failure() }
        });
    }

    /// The conversations in memory, by their ids.
    fn in_memory(&self) -> BTreeMap<SessionId, &Conversation> {
        let keys = self.core.conversations().map(|(conn, _)| Key::Conn(conn)).chain([Key::Everyone]);
        let all = keys.filter_map(|key| self.core.conversation(key));
        all.filter(|conversation| conversation.id != SessionId::default()).map(|c| (c.id, c)).collect()
    }
}

fn address(port: u64) -> SocketAddr {
    ([127, 0, 0, 1], port as u16).into()
}

fn failure() -> NetError {
    NetError::ours(CallKind::Send, Target::None, Reason::Limit(Limit::SendQueue))
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_journal_replayed_is_the_conversation_in_memory(steps in vec(step(), 1..60)) {
        let mut stage = Stage::new();
        for step in steps {
            let _ = stage.play(step);
        }
        let replayed = replay(&stage.journal);
        for (id, conversation) in stage.in_memory() {
            let again = &replayed[&id];
            prop_assert_eq!(rows(conversation), rows(again));
            prop_assert_eq!(conversation.manner().encoding, again.manner().encoding);
            prop_assert_eq!((&conversation.name, conversation.peer, conversation.local), (&again.name, again.peer, again.local));
            prop_assert_eq!(&conversation.origin, &again.origin);
        }
    }

    #[test]
    fn numbers_in_the_journal_rise_and_none_comes_twice(steps in vec(step(), 1..60)) {
        let mut stage = Stage::new();
        for step in steps {
            let _ = stage.play(step);
        }
        let mut next: BTreeMap<SessionId, u64> = BTreeMap::new();
        for entry in &stage.journal {
            let first = match entry {
                JournalEntry::Received { first: RowNumber(number), .. }
                | JournalEntry::Sent { number: RowNumber(number), .. }
                | JournalEntry::Happened { number: RowNumber(number), .. } => *number,
                JournalEntry::Opened(session) => {
                    prop_assert_eq!(next.insert(session.id, 0), None, "opened once");
                    continue;
                }
                _ => {
                    prop_assert!(next.contains_key(&entry.session()), "opened first");
                    continue;
                }
            };
            let next = next.get_mut(&entry.session()).unwrap();
            prop_assert_eq!(first, *next);
            *next = first + entry.rows() as u64;
        }
    }

    #[test]
    fn all_bytes_that_came_are_in_the_journal_in_their_order(pieces in vec(vec(any::<u8>(), 1..30), 1..30)) {
        let mut stage = Stage::new();
        let _ = stage.play(Step::Accept);
        for piece in &pieces {
            let _ = stage.play(Step::Recv(0, piece.clone()));
        }
        let _ = stage.play(Step::Close(0));
        let came: Vec<u8> = (stage.journal.iter())
            .filter_map(|entry| if let JournalEntry::Received { batch, .. } = entry { Some(batch.bytes.to_vec()) } else { None })
            .flatten()
            .collect();
        prop_assert_eq!(came, pieces.concat());
    }
}
