//! Lines that find nobody, or nobody who reads; and that what is told is what core has in memory.

use std::{cell::RefCell, rc::Rc};

use proptest::{collection::vec, prelude::*};

use super::{super::input::Line, waiting::QUEUED_AT_MOST, *};
use crate::{
    chat::{Delivery, LineEnding, Received, RowKind, Sent},
    core::{Conversation, ConversationOptions},
    i18n,
    net::{AutoReply, CallKind, Event, Limit, ListenOptions, ListenerId, MessageId, Reason, Target},
    settings::{AutoReplyChoice, Language},
    wire::{
        BatchBuilder, Framer, Framing,
        text::{SplitChar, TextEncoding},
    },
};

const LISTENER: ListenerId = ListenerId(1);
const MESSAGE: MessageId = MessageId::asked(1);

/// What is told, to be read while more is.
#[derive(Clone, Default)]
struct Out(Rc<RefCell<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A session, and the core that it hears of.
struct Room<'a> {
    core: Core,
    session: Session<'a, Out>,
    out: Out,
}

impl Room<'_> {
    fn happens(&mut self, kind: EventKind) {
        let at = Timestamp::UNIX_EPOCH;
        let journal = self.core.apply(Input::Net(Event { at, kind: kind.clone() }), at).journal;
        self.session.told(&self.core, at, Some(kind), journal).expect("a Vec takes all");
    }

    fn accept(&mut self, count: u64) -> ConnId {
        let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
        let conn = ConnId::accepted(count);
        self.happens(EventKind::Listening { listener: LISTENER, local, backlog: 5 });
        self.happens(EventKind::Accepted { listener: LISTENER, conn, peer, local });
        conn
    }

    fn send(&mut self, bytes: impl Into<Bytes>) -> Vec<Command> {
        let input = Input::SendBytes { key: self.session.key(), bytes: bytes.into() };
        let effects = self.core.apply(input, Timestamp::UNIX_EPOCH);
        self.session.sent(effects.journal);
        effects.commands
    }
}

fn with_room(first: Input, test: impl FnOnce(&mut Room<'_>)) {
    let (settings, options) = (Settings::default(), json());
    let words = i18n::words(Language::English);
    test(&mut room(first, &settings, &options, &words));
}

fn room<'a>(first: Input, settings: &'a Settings, options: &'a Options, words: &'a Words) -> Room<'a> {
    let mut core = Core::new(settings.conversation_options());
    let role = match core.apply(first, Timestamp::UNIX_EPOCH).show {
        Some(Key::Conn(conn)) => Role::Connect(conn),
        _ => Role::Listen,
    };
    let out = Out::default();
    let report = Report::new(out.clone(), options.form);
    Room { core, session: Session::new(role, settings, options, words, report, Copies::default()), out }
}

fn json() -> Options {
    Options { form: Form::Json, ..Options::default() }
}

fn connect(manner: ConversationOptions) -> Input {
    Input::Connect { target: ("127.0.0.1".to_owned(), 5), name: None, manner }
}

fn listen() -> Input {
    Input::Listen(ListenOptions::new(([127, 0, 0, 1], 6).into()))
}

#[test]
fn a_line_that_came_to_nobody_is_kept_for_the_next_client() {
    with_room(listen(), |room| {
        assert!(!room.session.wants_lines(Instant::now()));
        let conn = room.accept(1);
        assert!(room.session.wants_lines(Instant::now()));
        room.send(&b"a\n"[..]);
        let reason = CloseReason::Orderly;
        room.happens(EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
        room.happens(EventKind::SendingToAll { message: MESSAGE, clients: 0 });
        assert!(!room.session.wants_lines(Instant::now()));
        room.accept(2);
        assert_eq!(room.session.take_returned().as_deref(), Some(&b"a\n"[..]));
    });
}

/// The network had closed the connection when it got the line, and nobody says of the line that it failed.
#[test]
fn a_line_that_was_handed_over_after_the_end_was_not_sent() {
    with_room(connect(ConversationOptions::default()), |room| {
        let Role::Connect(conn) = room.session.role else { panic!("a client") };
        room.happens(EventKind::Connected { conn, peer: address(5), local: address(6) });
        room.happens(EventKind::PeerFinished { conn });
        room.send(&b"late\n"[..]);
        room.happens(EventKind::Closed { conn, reason: CloseReason::Orderly, bytes_in: 0, bytes_out: 0 });
        let told = String::from_utf8(room.out.0.borrow().clone()).unwrap();
        assert!(told.contains("\"unsent\":1"), "{told}");
        assert_eq!(room.session.lost(), 1);
    });
}

#[test]
fn lines_wait_while_much_is_queued_and_not_for_ever_for_one_of_many() {
    with_room(listen(), |room| {
        let conn = room.accept(1);
        room.send(vec![0; QUEUED_AT_MOST]);
        let now = Instant::now();
        assert!(!room.session.wants_lines(now));
        assert!(room.session.patience_ends().is_some_and(|at| room.session.wants_lines(at)));
        room.happens(EventKind::SendingToAll { message: MESSAGE, clients: 1 });
        room.happens(EventKind::Sent { conn, message: MESSAGE, bytes: QUEUED_AT_MOST });
        assert!(room.session.wants_lines(now));
    });
}

#[test]
fn a_server_gets_a_line_again_that_its_full_queue_refused() {
    with_room(connect(ConversationOptions::default()), |room| {
        let Role::Connect(conn) = room.session.role else { panic!("a client") };
        let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
        room.happens(EventKind::Connected { conn, peer, local });
        room.send(&b"a\n"[..]);
        let error = NetError::ours(CallKind::Send, Target::Address(peer), Reason::Limit(Limit::SendQueue));
        room.happens(EventKind::SendFailed { conn, message: MESSAGE, error });
        assert_eq!(room.session.take_returned().as_deref(), Some(&b"a\n"[..]));
        assert!(room.session.failure().is_none());
    });
}

/// Something that happens to one of a few connections, or that is typed.
#[derive(Clone, Debug)]
enum Step {
    Accept,
    Recv(usize, Vec<u8>),
    Type(Vec<u8>),
    Reply(usize),
    /// The message that waits longest there was sent, or failed.
    SendEnded(usize, bool),
    PeerFinished(usize),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = prop_oneof![
        4 => vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(b'\r'), Just(0xe4), Just(0xbd), Just(0xa0)], 1..12),
        2 => Just("你好\n世".as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..40),
    ];
    let line = prop_oneof![Just("a你"), Just("b\r"), Just(""), Just("世😀")].prop_map(|line| line.as_bytes().to_vec());
    let who = 0_usize..3;
    prop_oneof![
        2 => Just(Step::Accept),
        9 => (who.clone(), bytes).prop_map(|(who, bytes)| Step::Recv(who, bytes)),
        4 => line.prop_map(Step::Type),
        4 => who.clone().prop_map(Step::Reply),
        9 => (who.clone(), prop::bool::weighted(0.8)).prop_map(|(who, sent)| Step::SendEnded(who, sent)),
        1 => who.clone().prop_map(Step::PeerFinished),
        1 => who.prop_map(Step::Close),
    ]
}

fn chosen() -> impl Strategy<Value = Settings> {
    let encoding = prop::sample::select(vec!["utf-8", "gbk", "utf-16le"]);
    let framing = prop::sample::select(vec![Framing::Line, Framing::Chunk, Framing::LENGTH]);
    let line_ending = prop::sample::select(vec![LineEnding::None, LineEnding::Lf, LineEnding::Crlf]);
    let auto_reply = prop::sample::select(vec![AutoReplyChoice::Echo, AutoReplyChoice::Text]);
    (encoding, framing, line_ending, auto_reply).prop_map(|(encoding, framing, line_ending, auto_reply)| {
        let encoding = TextEncoding::named(encoding).unwrap();
        Settings { encoding, framing, line_ending, auto_reply, ..Settings::default() }
    })
}

/// One end of a connection, as the network thread serves it.
struct End {
    framer: Framer,
    waiting: Vec<(MessageId, Bytes)>,
    echoable: Bytes,
}

/// A session with a network that is played.
struct Stage<'a> {
    room: Room<'a>,
    ends: BTreeMap<ConnId, End>,
    last: u64,
}

impl Stage<'_> {
    fn happen(&mut self, kind: EventKind) {
        self.room.happens(kind);
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn conn(&self, who: usize) -> Option<ConnId> {
        self.ends.keys().copied().nth(who)
    }

    fn begin(&mut self) {
        let (peer, local) = (address(1), address(9));
        self.happen(match self.room.session.role {
            Role::Listen => EventKind::Listening { listener: LISTENER, local, backlog: 5 },
            Role::Connect(conn) => EventKind::Connected { conn, peer, local },
        });
        if let Role::Connect(conn) = self.room.session.role {
            self.open(conn);
        }
    }

    fn open(&mut self, conn: ConnId) {
        let settings = self.room.session.settings;
        let framer = Framer::new(settings.framing, settings.encoding.unit());
        self.ends.insert(conn, End { framer, waiting: Vec::new(), echoable: Bytes::new() });
    }

    fn deliver(&mut self, conn: ConnId, out: &mut BatchBuilder) {
        if !out.is_empty() {
            let batch = out.take();
            self.ends.get_mut(&conn).unwrap().echoable = batch.bytes.clone();
            self.happen(EventKind::Received { conn, batch, recv_ends: Vec::new() });
        }
    }

    fn play(&mut self, step: Step) -> Option<()> {
        match step {
            Step::Accept => {
                if self.room.session.role != Role::Listen {
                    return None;
                }
                let conn = ConnId::accepted(self.next());
                self.open(conn);
                let (peer, local) = (address(conn.0 as u16), address(9));
                self.happen(EventKind::Accepted { listener: LISTENER, conn, peer, local });
            }
            Step::Recv(who, bytes) => {
                let conn = self.conn(who)?;
                let mut out = BatchBuilder::default();
                let _ = self.ends.get_mut(&conn)?.framer.push(&bytes, std::time::Duration::ZERO, &mut out);
                self.deliver(conn, &mut out);
            }
            Step::Type(bytes) => {
                if !self.room.session.wants_lines(Instant::now()) {
                    return None;
                }
                let returned = self.room.session.take_returned();
                let bytes = if returned.is_some() {
                    returned
                } else {
                    let line = Line { bytes: bytes.into(), ends: true };
                    self.room.session.encode(vec![line], false).expect("a Vec takes all").map(|batch| batch.bytes)
                };
                let commands = self.room.send(bytes?);
                self.carry_out(commands);
            }
            Step::Reply(who) => {
                let conn = self.conn(who)?;
                let message = MessageId::reply(self.next());
                let end = self.ends.get_mut(&conn)?;
                let bytes = match self.room.session.settings.conn_options().auto_reply {
                    AutoReply::Fixed(bytes) => bytes,
                    _ => std::mem::take(&mut end.echoable),
                };
                if bytes.is_empty() {
                    return None;
                }
                end.waiting.push((message, bytes.clone()));
                self.happen(EventKind::AutoReplied { conn, message, bytes });
            }
            Step::SendEnded(who, sent) => {
                let conn = self.conn(who)?;
                let waiting = &mut self.ends.get_mut(&conn)?.waiting;
                let (message, bytes) = (!waiting.is_empty()).then(|| waiting.remove(0))?;
                self.send_ended(conn, message, &bytes, sent);
            }
            Step::PeerFinished(who) => {
                let conn = self.conn(who)?;
                self.happen(EventKind::PeerFinished { conn });
            }
            Step::Close(who) => {
                let conn = self.conn(who)?;
                let mut out = BatchBuilder::default();
                self.ends.get_mut(&conn)?.framer.finish(&mut out);
                self.deliver(conn, &mut out);
                for (message, bytes) in self.ends.remove(&conn)?.waiting {
                    self.send_ended(conn, message, &bytes, false);
                }
                let reason = CloseReason::Orderly;
                self.happen(EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
            }
        }
        Some(())
    }

    fn carry_out(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::SendToAll { message, bytes } => {
                    for end in self.ends.values_mut() {
                        end.waiting.push((message, bytes.clone()));
                    }
                    self.happen(EventKind::SendingToAll { message, clients: self.ends.len() });
                }
                Command::Send { conn, message, bytes } => {
                    self.ends.get_mut(&conn).unwrap().waiting.push((message, bytes));
                }
                _ => {}
            }
        }
    }

    fn send_ended(&mut self, conn: ConnId, message: MessageId, bytes: &Bytes, sent: bool) {
        self.happen(if sent {
            EventKind::Sent { conn, message, bytes: bytes.len() }
        } else {
            let error = NetError::ours(CallKind::Send, Target::None, Reason::Limit(Limit::SendQueue));
            EventKind::SendFailed { conn, message, error }
        });
    }
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// The messages of one connection: each with its text, and how many bytes it has.
#[derive(Debug, Default, PartialEq)]
struct Messages {
    received: Vec<(String, u64)>,
    sent: Vec<(String, u64)>,
}

/// Those that core has; the sent ones as they are in the stream, as a share of a message to everyone gets its row late.
fn in_memory(core: &Core) -> BTreeMap<u64, Messages> {
    core.conversations().map(|(conn, conversation)| (conn.number(), messages(conversation))).collect()
}

fn messages(conversation: &Conversation) -> Messages {
    let encoding = conversation.manner().encoding;
    let mut received = Vec::new();
    let mut sent = BTreeMap::new();
    for (_, row) in conversation.entries().iter() {
        match &row.kind {
            RowKind::Received(message) => received.push((message.decode(encoding).text, row.bytes() as u64)),
            RowKind::Sent(message) if message.delivery == Delivery::Sent => {
                assert!(sent.insert(message.begins, message).is_none(), "each has its own place");
            }
            _ => {}
        }
    }
    // An echo is read on from the one before, as what it repeats is.
    let mut carry = SplitChar::default();
    let text = |message: &Sent| {
        if !message.auto {
            return message.decode().text;
        }
        let echo = Received { raw: message.raw.clone(), cut: message.cut, carry, begins: None };
        carry = echo.carry_after(encoding);
        echo.decode(encoding).text
    };
    let bytes: Vec<u64> = sent.values().map(|message| message.raw.len() as u64).collect();
    Messages { received, sent: sent.into_values().map(text).zip(bytes).collect() }
}

/// Those that these lines of JSON tell, and that the counts at a connection's end are theirs.
fn told(lines: &str) -> BTreeMap<u64, Messages> {
    let mut all: BTreeMap<u64, Messages> = BTreeMap::new();
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(conn) = line["conn"].as_u64() else { continue };
        let messages = all.entry(conn).or_default();
        let message = || (line["text"].as_str().unwrap().to_owned(), line["bytes"].as_u64().unwrap());
        match line["event"].as_str().unwrap() {
            "received" => messages.received.push(message()),
            "sent" => messages.sent.push(message()),
            "closed" => {
                assert_eq!(line["messages_in"], messages.received.len());
                assert_eq!(line["messages_out"], messages.sent.len());
            }
            _ => {}
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_told_is_what_core_has_in_memory(settings in chosen(), serves in any::<bool>(), steps in vec(step(), 1..60)) {
        let words = i18n::words(Language::English);
        let first = if serves { listen() } else { connect(settings.conversation_options()) };
        let options = json();
        let mut stage = Stage { room: room(first, &settings, &options, &words), ends: BTreeMap::new(), last: 0 };
        stage.begin();
        for step in steps {
            let _ = stage.play(step);
        }
        let out = stage.room.out.0.borrow();
        prop_assert_eq!(told(std::str::from_utf8(&out).unwrap()), in_memory(&stage.room.core));
    }
}
