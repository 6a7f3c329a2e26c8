//! What a class is shown, decided without a window: simulated students, one call at a time, labs, reading back.
//!
//! The network is played: what core asks of it is looked at, and events are fed. At the end each lab is run on real
//! sockets.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, bounded};
use jiff::{SignedDuration, Timestamp};
use sockhop::{
    chat::{CloseReason, JournalEntry, LineEnding, Row, RowKind, RowNumber, SessionId},
    core::{
        ConversationOptions, Core, Effects, Input, Key, LabInput, PastState, Sight, Step, StudentPhrases,
        labs::{self, Lab, LabPlace},
    },
    driver::Driver,
    history::{Answer, Outcome, Place, Question, TaskId},
    host::{self, Host},
    net::{
        Call, Command, ConnId, ConnStep, Event, EventKind, ListenOptions, ListenStep, ListenerId, SocketCall, SocketId,
    },
    wire::{BatchBuilder, Framer, Framing, text::TextEncoding},
};

const LISTENER: ListenerId = ListenerId(1);

/// A core, with a network that is played.
#[derive(Default)]
struct Stage {
    core: Core,
    clock: i64,
    last_effects: Effects,
    accepted: u64,
}

impl Stage {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(self.clock)
    }

    /// What is asked of the network, in words.
    #[track_caller]
    fn apply(&mut self, input: Input) -> String {
        self.last_effects = self.core.apply(input, self.now());
        self.last_effects.commands.iter().map(in_words).collect::<Vec<_>>().join(", ")
    }

    #[track_caller]
    fn happens(&mut self, kind: EventKind) -> String {
        self.apply(Input::Net(Event { at: self.now(), kind }))
    }

    fn listen(&mut self, backlog: u32) {
        let options = ListenOptions { backlog, ..ListenOptions::new(here()) };
        self.apply(Input::Listen(options));
        let listener = self.core.server().listener().unwrap();
        self.happens(EventKind::Listening { listener, local: here(), backlog });
    }

    /// Both ends of the connection from this port stand: the client's, then the server's.
    fn connect(&mut self, client: ConnId, port: u16) -> (ConnId, String) {
        let greeting = self.happens(EventKind::Connected { conn: client, peer: here(), local: at_port(port) });
        self.accepted += 1;
        let conn = ConnId::accepted(self.accepted);
        let listener = self.core.server().listener().unwrap();
        self.happens(EventKind::Accepted { listener, conn, peer: at_port(port), local: here() });
        (conn, greeting)
    }

    fn receives(&mut self, conn: ConnId, text: &str) -> String {
        let mut batch = BatchBuilder::default();
        Framer::new(Framing::Line, 1).push(text.as_bytes(), Duration::ZERO, &mut batch).unwrap();
        self.happens(EventKind::Received { conn, batch: batch.take(), recv_ends: Vec::new() })
    }

    /// What this connection sends next was sent.
    fn was_sent(&mut self, conn: ConnId, bytes: usize) -> String {
        let message = self.last_effects.commands.iter().find_map(|command| match command {
            Command::Send { conn: to, message, .. } if *to == conn => Some(*message),
            _ => None,
        });
        self.happens(EventKind::Sent { conn, message: message.unwrap(), bytes })
    }

    fn returns(&mut self, socket: SocketId, call: Call) {
        let outcome = sockhop::net::Outcome::Done;
        let call = SocketCall { socket, fd: 3, call, outcome, at: self.now(), waited: Duration::ZERO, count: 1 };
        self.happens(EventKind::Call(call));
    }

    fn closes(&mut self, conn: ConnId) -> String {
        self.happens(EventKind::Closed { conn, reason: CloseReason::ByUs, bytes_in: 0, bytes_out: 0 })
    }
}

fn here() -> SocketAddr {
    at_port(8888)
}

fn at_port(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn in_words(command: &Command) -> String {
    let end =
        |conn: &ConnId| format!("{}{}", if conn.0.is_multiple_of(2) { "client " } else { "accepted " }, conn.number());
    match command {
        Command::Listen { listener, options } => format!("listen {} on {}", listener.0, options.address),
        Command::PrepareListener { listener, .. } => format!("prepare listener {}", listener.0),
        Command::CloseListener { listener } => format!("close listener {}", listener.0),
        Command::Step { listener, step } => format!("{step:?} {}", listener.0),
        Command::StepConn { conn, step } => format!("{step:?} {}", end(conn)),
        Command::StepServers { stepped } => format!("stepped {stepped}"),
        Command::Connect { conn, host, port, .. } => format!("connect {} to {host}:{port}", end(conn)),
        Command::Send { conn, bytes, .. } => format!("send {} {:?}", end(conn), String::from_utf8_lossy(bytes)),
        Command::Close { conn } => format!("close {}", end(conn)),
        other => format!("{other:?}"),
    }
}

fn phrases() -> StudentPhrases {
    StudentPhrases { greeting: "I am {number}".to_owned(), answer: "{number} heard {text}".to_owned() }
}

fn students(count: usize) -> Input {
    Input::AddStudents { count, phrases: phrases() }
}

#[test]
fn no_more_students_connect_at_once_than_the_backlog_holds() {
    let mut stage = Stage::default();
    stage.listen(2);
    assert_eq!(stage.apply(students(3)), "connect client 1 to 127.0.0.1:8888, connect client 2 to 127.0.0.1:8888");
    assert_eq!(stage.apply(Input::Wake), "", "nobody was accepted yet");
    stage.connect(ConnId::asked(1), 1001);
    assert_eq!(stage.apply(Input::Wake), "connect client 3 to 127.0.0.1:8888");
    assert_eq!(stage.apply(Input::Wake), "");
    assert_eq!(stage.core.students().map(|(_, end)| end.student).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
}

#[test]
fn students_that_are_to_come_do_not_when_the_server_stops() {
    let mut stage = Stage::default();
    stage.listen(1);
    stage.apply(students(5));
    stage.happens(EventKind::ListenerClosed { listener: LISTENER });
    stage.apply(Input::Wake);
    stage.apply(Input::Listen(ListenOptions::new(here())));
    let listener = stage.core.server().listener().unwrap();
    stage.happens(EventKind::Listening { listener, local: here(), backlog: 5 });
    assert_eq!(stage.apply(Input::Wake), "");
}

#[test]
fn a_student_greets_and_answers_what_the_user_sent_and_nothing_else() {
    let mut stage = Stage::default();
    stage.listen(5);
    stage.apply(students(1));
    let student = ConnId::asked(1);
    let (accepted, greeting) = stage.connect(student, 1001);
    assert_eq!(greeting, "send client 1 \"I am 1\\n\"");
    assert_eq!(stage.core.other_end(accepted), Some(student));
    assert_eq!(stage.receives(accepted, "I am 1\n"), "", "the user's end answers nothing by itself");

    let sent = stage.apply(Input::SendText { key: Key::Conn(accepted), text: "hello {number}".to_owned() });
    assert_eq!(sent, "send accepted 1 \"hello {number}\\n\"");
    stage.was_sent(accepted, 15);
    assert_eq!(stage.receives(student, "hello {number}\n"), "send client 1 \"1 heard hello {number}\\n\"");
    let long = "x".repeat(50);
    stage.apply(Input::SendText { key: Key::Conn(accepted), text: long.clone() });
    stage.was_sent(accepted, 51);
    let answer = stage.receives(student, &format!("{long}\n"));
    assert_eq!(answer, format!("send client 1 \"1 heard {}…\\n\"", "x".repeat(40)));

    assert_eq!(stage.receives(student, "an automatic reply\n"), "", "nobody sent that by hand");
}

#[test]
fn a_line_broken_in_the_field_goes_out_as_the_line_ending_that_was_chosen() {
    for (framing, line_ending, sent) in [
        (Framing::Line, LineEnding::Crlf, "a\r\nb\r\n"),
        (Framing::Line, LineEnding::None, "a\nb"),
        (Framing::Chunk, LineEnding::Crlf, "a\nb\r\n"),
    ] {
        let mut stage = Stage::default();
        let mut manner = ConversationOptions { line_ending, ..ConversationOptions::default() };
        manner.options.framing = framing;
        stage.apply(Input::Connect { target: ("here".to_owned(), 9), name: None, manner });
        let conn = ConnId::asked(1);
        stage.happens(EventKind::Connected { conn, peer: here(), local: at_port(1) });
        let asked = stage.apply(Input::SendText { key: Key::Conn(conn), text: "a\nb".to_owned() });
        assert_eq!(asked, format!("send client 1 {sent:?}"), "{framing:?}");
    }
}

#[test]
fn students_sent_away_close_and_are_forgotten_with_both_ends_once_closed() {
    let mut stage = Stage::default();
    stage.listen(5);
    stage.apply(students(1));
    let student = ConnId::asked(1);
    let (accepted, _) = stage.connect(student, 1001);
    assert_eq!(stage.apply(Input::RemoveStudents), "close client 1");
    assert_eq!(stage.happens(EventKind::PeerFinished { conn: accepted }), "close accepted 1");
    stage.closes(student);
    stage.closes(accepted);
    assert_eq!((stage.core.students().len(), stage.core.conversations().len()), (0, 0));
}

#[test]
fn the_next_step_is_the_next_call_of_a_program_and_one_at_a_time() {
    let mut stage = Stage::default();
    stage.apply(Input::Stepping(true));
    let next = || Input::NextStep { selected: Key::Everyone, listen: ListenOptions::new(here()) };
    assert_eq!(stage.apply(next()), "prepare listener 1, Socket 1");
    assert_eq!(stage.apply(next()), "", "the step before has not returned");
    let server = SocketId::Listener(LISTENER);
    stage.returns(server, Call::Socket { ipv6: false });
    assert_eq!(stage.apply(next()), "ReuseAddress 1");
    stage.returns(server, Call::SetOption(sockhop::net::SocketOption::ReuseAddress(true)));
    assert_eq!(stage.apply(next()), "Bind 1");
    stage.returns(server, Call::Bind(here()));
    assert_eq!(stage.apply(next()), "Listen 1");
    stage.returns(server, Call::Listen(5));
    stage.happens(EventKind::Listening { listener: LISTENER, local: here(), backlog: 5 });
    assert_eq!(stage.apply(next()), "Accept 1");
    stage.happens(EventKind::StepWaiting { socket: server, call: Call::Accept });
    assert_eq!(stage.apply(next()), "", "accept waits for a client");
    let step = Step::Server(ListenStep::Close);
    assert_eq!(
        stage.apply(Input::Step { step, listen: ListenOptions::new(here()) }),
        "Close 1",
        "any call can be tried"
    );
}

#[test]
fn a_step_that_was_refused_can_be_asked_for_again() {
    let mut stage = Stage::default();
    stage.apply(Input::Stepping(true));
    let listen = ListenOptions::new(here());
    stage.apply(Input::NextStep { selected: Key::Everyone, listen: listen.clone() });
    let step = Command::Step { listener: LISTENER, step: ListenStep::Socket };
    stage.apply(Input::Refused(Box::new(step)));
    assert_eq!(stage.apply(Input::NextStep { selected: Key::Everyone, listen }), "Socket 1");
    stage.apply(Input::Refused(Box::new(Command::StepServers { stepped: true })));
    assert!(!stage.core.server().stepping);
}

#[test]
fn both_ends_in_one_window_connect_once_the_server_listens() {
    let mut stage = Stage::default();
    let options = || ListenOptions::new(here());
    assert_eq!(stage.apply(Input::TryLoopback(options())), "listen 1 on 127.0.0.1:8888");
    let everywhere = ([0, 0, 0, 0], 8888).into();
    let connect = stage.happens(EventKind::Listening { listener: LISTENER, local: everywhere, backlog: 5 });
    assert_eq!(connect, "connect client 1 to 127.0.0.1:8888");
    assert_eq!(stage.last_effects.show, Some(Key::Conn(ConnId::asked(1))));
    assert_eq!(stage.apply(Input::TryLoopback(options())), "connect client 2 to 127.0.0.1:8888");
}

fn lab(file: &str) -> Lab {
    let texts = "{ en = \"t\", zh-CN = \"t\" }";
    let head = format!("title = {texts}\nsummary = {texts}\n");
    let steps = file
        .replace("[[step]]", &format!("[[step]]\ntext = {texts}"))
        .replace("\ndo =", &format!("\nbutton = {texts}\ndo ="));
    Lab::parse("test", &(head + &steps)).unwrap()
}

fn start(file: &str) -> Input {
    let place = LabPlace { port: 7000, lan: [192, 168, 1, 2].into() };
    Input::Lab(LabInput::Start(Box::new(lab(file)), place))
}

fn leave() -> Input {
    Input::Lab(LabInput::Leave(ListenOptions { backlog: 77, ..ListenOptions::new(at_port(1)) }))
}

fn press() -> Input {
    Input::Lab(LabInput::Do(phrases()))
}

#[test]
fn a_lab_stops_the_server_and_leaving_it_has_everything_as_before() {
    let mut stage = Stage::default();
    let gbk = TextEncoding::named("gbk").unwrap();
    let manner = ConversationOptions { encoding: gbk, ..ConversationOptions::default() };
    stage.apply(Input::DefaultOptionsChanged { manner: manner.clone(), max_clients: 5 });
    stage.listen(5);
    assert_eq!(stage.apply(start("[[step]]\ndo = [{ serve = {} }]")), "close listener 1");
    assert_eq!(stage.last_effects.show, Some(Key::Everyone));
    assert_eq!(stage.core.manner().encoding, TextEncoding::default(), "a lab begins as its file says");
    assert_eq!(stage.apply(press()), "listen 2 on 127.0.0.1:7000");
    // What is chosen meanwhile is for after the lab.
    let chosen = ConversationOptions { encoding: TextEncoding::named("big5").unwrap(), ..manner };
    assert_eq!(stage.apply(Input::DefaultOptionsChanged { manner: chosen.clone(), max_clients: 5 }), "");
    assert_eq!(stage.core.manner().encoding, TextEncoding::default());
    assert_eq!(stage.apply(leave()), "close listener 2, listen 3 on 127.0.0.1:8888");
    assert_eq!(*stage.core.manner(), chosen);
    assert!(stage.core.lab().is_none());
}

#[test]
fn a_lab_that_is_begun_again_remembers_what_was_before_the_first_time() {
    let mut stage = Stage::default();
    stage.listen(5);
    stage.apply(start("[[step]]"));
    stage.apply(start("[[step]]"));
    assert_eq!(stage.apply(leave()), "listen 2 on 127.0.0.1:8888");
}

#[test]
fn stepping_is_off_in_a_lab_and_on_again_after_it() {
    let mut stage = Stage::default();
    stage.apply(Input::Stepping(true));
    assert_eq!(stage.apply(start("[[step]]\ndo = [{ prepare = {} }, { call = \"socket\" }]")), "stepped false");
    assert_eq!(stage.apply(press()), "stepped true, prepare listener 1, Socket 1");
    assert_eq!(stage.apply(leave()), "close listener 1");
    assert!(stage.core.server().stepping);
}

#[test]
fn what_a_lab_made_goes_with_it_at_both_ends() {
    let mut stage = Stage::default();
    stage.apply(start("[[step]]\ndo = [{ serve = {} }]\n[[step]]\ndo = [{ connect = \"loopback\" }]"));
    stage.apply(press());
    stage.happens(EventKind::Listening { listener: LISTENER, local: at_port(7000), backlog: 5 });
    stage.apply(Input::Lab(LabInput::Next));
    assert_eq!(stage.apply(press()), "connect client 1 to 127.0.0.1:7000");
    let client = ConnId::asked(1);
    assert!(stage.core.lab().unwrap().made(client));
    let (accepted, _) = stage.connect(client, 1001);
    assert_eq!(stage.core.strangers(), 1);
    stage.happens(EventKind::Connected { conn: client, peer: here(), local: at_port(1001) });
    assert_eq!(stage.apply(leave()), "close listener 1, close client 1, close accepted 1");
    stage.closes(client);
    stage.closes(accepted);
    assert_eq!(stage.core.conversations().len(), 0);
}

#[test]
fn a_step_is_done_by_what_happens_or_when_its_time_has_come() {
    let mut stage = Stage::default();
    stage.apply(start(
        "[[step]]\ndo = [{ serve = {} }, { add-students = 1 }]\nuntil = [{ server = \"accepting\" }]\n\
         [[step]]\nuntil = [{ kept-waiting = 1 }]",
    ));
    stage.apply(press());
    stage.apply(Input::Wake);
    let progress = |stage: &Stage| stage.core.lab().unwrap().progress.clone();
    assert!(!progress(&stage).is_done(0));
    stage.happens(EventKind::Listening { listener: LISTENER, local: at_port(7000), backlog: 5 });
    assert_eq!(stage.apply(Input::Wake), "connect client 1 to 127.0.0.1:7000");
    assert!(progress(&stage).is_done(0));
    stage.apply(Input::Lab(LabInput::Next));
    assert_eq!(stage.core.next_wake(stage.now()), None, "nobody waits yet");
    let conn = ConnId::asked(1);
    stage.happens(EventKind::Connecting { conn, address: at_port(7000), local: None });
    stage.returns(SocketId::Conn(conn), Call::Connect(at_port(7000)));
    let (due, _) = stage.core.next_wake(stage.now()).unwrap();
    stage.apply(Input::Wake);
    assert!(!progress(&stage).is_all_done(), "an early one does no harm");
    stage.clock += due.duration_since(stage.now()).as_millis() as i64;
    stage.apply(Input::Wake);
    assert!(progress(&stage).is_all_done());
    stage.apply(Input::Lab(LabInput::Back));
    assert_eq!(progress(&stage).at(), 0);
}

#[test]
fn a_button_can_be_pressed_only_where_there_is_what_it_acts_on() {
    let mut stage = Stage::default();
    let can = |stage: &mut Stage, deed: &str| {
        stage.apply(start(&format!("[[step]]\ndo = [{deed}]")));
        stage.core.can_do_step_of_lab()
    };
    for deed in ["{ call = \"bind\" }", "\"pause-accepting\"", "\"stop-server\"", "{ add-students = 1 }"] {
        assert!(!can(&mut stage, deed), "{deed} without a server");
        assert!(can(&mut stage, &format!("{{ serve = {{}} }}, {deed}")), "{deed}");
    }
    for deed in ["{ say = { by = \"client\", texts = [\"a\"] } }", "{ finish = \"client\" }", "{ close = \"client\" }"]
    {
        assert!(!can(&mut stage, deed), "{deed} without a connection");
        assert!(can(&mut stage, &format!("{{ connect = \"loopback\" }}, {deed}")), "{deed}");
    }
    for deed in
        ["{ second-server = { calls = [\"socket\"] } }", "\"remove-students\"", "{ set = { framing = \"chunk\" } }"]
    {
        assert!(can(&mut stage, deed), "{deed}");
    }
}

#[test]
fn a_lab_acts_on_the_end_that_it_names() {
    let mut stage = Stage::default();
    stage.apply(start(
        "[[step]]\ndo = [{ serve = {} }, { connect = \"loopback\" }]\n\
         [[step]]\ndo = [{ say = { by = \"client\", texts = [\"a\", \"b\"], bare = true } }, { say = { by = \"accepted\", texts = [\"c\"] } }]\n\
         [[step]]\ndo = [{ call-on = { end = \"client\", call = \"send\" } }, { set = { of = \"client\", framing = \"chunk\" } }]\n\
         [[step]]\ndo = [{ second-server = { calls = [\"socket\", \"bind\"] } }, \"stop-second-server\", { close = \"client\" }]",
    ));
    stage.apply(press());
    stage.happens(EventKind::Listening { listener: LISTENER, local: at_port(7000), backlog: 5 });
    stage.happens(EventKind::Connected { conn: ConnId::asked(1), peer: at_port(7000), local: at_port(1001) });
    let (peer, local) = (at_port(1001), at_port(7000));
    stage.happens(EventKind::Accepted { listener: LISTENER, conn: ConnId::accepted(1), peer, local });
    stage.apply(Input::Lab(LabInput::Next));
    assert_eq!(stage.apply(press()), "send client 1 \"a\", send client 1 \"b\", send accepted 1 \"c\\n\"");
    stage.apply(Input::Lab(LabInput::Next));
    assert!(stage.apply(press()).starts_with("Send client 1, SetOptions { conn: ConnId(2)"));
    let framing = |conn| stage.core.conversation(Key::Conn(conn)).unwrap().manner().framing();
    assert_eq!((framing(ConnId::asked(1)), framing(ConnId::accepted(1))), (Framing::Chunk, Framing::Line));
    stage.apply(Input::Lab(LabInput::Next));
    assert_eq!(stage.apply(press()), "prepare listener 2, Socket 2, Bind 2, close listener 2, close client 1");
}

#[test]
fn a_call_on_a_client_is_a_step() {
    let mut stage = Stage::default();
    let manner = ConversationOptions::default();
    stage.apply(Input::PrepareConnection { address: here(), name: None, manner });
    let conn = ConnId::asked(1);
    let step = Step::Conn(conn, ConnStep::Socket);
    assert_eq!(stage.apply(Input::Step { step, listen: ListenOptions::new(here()) }), "Socket client 1");
}

/// A conversation of which rows have left memory, with a history that has them.
fn long_conversation() -> (Stage, Key, SessionId) {
    let mut stage = Stage::default();
    stage.apply(Input::History(Box::new(Answer::Opened { path: "h".into() })));
    assert!(matches!(stage.core.past().state, PastState::Open(_)));
    stage.listen(5);
    let (peer, local) = (at_port(1), here());
    let conn = ConnId::accepted(1);
    stage.happens(EventKind::Accepted { listener: LISTENER, conn, peer, local });
    for _ in 0..30 {
        stage.receives(conn, &"line\n".repeat(500));
    }
    let key = Key::Conn(conn);
    let id = stage.core.id_of(key).unwrap();
    assert_eq!(stage.core.key_of(id), Some(key));
    (stage, key, id)
}

fn sight(key: Key, row: u64) -> Input {
    let near = (RowNumber(row), RowNumber(row + 50));
    Input::InSight(Sight { key, near, wanted: RowNumber(row), at_end: false })
}

fn page(session: SessionId, place: Place, numbers: std::ops::Range<u64>) -> Input {
    let row = |number| Row {
        number: RowNumber(number),
        at: Timestamp::UNIX_EPOCH,
        kind: RowKind::Happened(sockhop::chat::Happening::PeerFinished),
    };
    let rows = numbers.map(row).collect();
    Input::History(Box::new(Answer::Page {
        session: None,
        asked: session,
        place,
        rows,
        more_before: true,
        more_after: true,
    }))
}

#[test]
fn who_reads_what_left_memory_is_given_it_page_by_page() {
    let (mut stage, key, session) = long_conversation();
    let first = stage.core.conversation(key).unwrap().entries().first().0;
    assert!(first > 1_000, "rows have left memory: {first}");
    stage.apply(sight(key, first));
    let place = Place::Before(first);
    let question = Question::Page { session, place, count: 1_000 };
    assert_eq!(stage.last_effects.questions, [question]);
    stage.apply(sight(key, first));
    assert_eq!(stage.last_effects.questions, [], "one question at a time");
    stage.apply(page(session, place, first - 1_000..first));
    let rows = |stage: &Stage| stage.core.conversation(key).unwrap().entries().at(0).unwrap().0.0;
    assert_eq!(rows(&stage), first - 1_000);
    // Back at the end, what was read back is dropped.
    let end = stage.core.conversation(key).unwrap().entries().end();
    let near = (RowNumber(end.0 - 50), end);
    stage.apply(Input::InSight(Sight { key, near, wanted: end, at_end: true }));
    assert_eq!(rows(&stage), first);
}

#[test]
fn a_page_that_comes_after_the_rows_were_cut_again_is_dropped() {
    let (mut stage, key, session) = long_conversation();
    let first = stage.core.conversation(key).unwrap().entries().first().0;
    stage.apply(sight(key, first));
    let mut manner = ConversationOptions::default();
    manner.options.framing = Framing::Chunk;
    stage.apply(Input::OptionsChanged { key, manner });
    let Key::Conn(conn) = key else { panic!("{key:?}") };
    stage.happens(EventKind::Reframed { conn });
    let before = stage.core.conversation(key).unwrap().entries().at(0).unwrap().0;
    stage.apply(page(session, Place::Before(first), first - 1_000..first));
    assert_eq!(stage.core.conversation(key).unwrap().entries().at(0).unwrap().0, before);
}

#[test]
fn a_question_of_others_that_failed_leaves_the_reader_waiting_and_its_own_is_passed_over() {
    let (mut stage, key, session) = long_conversation();
    let first = stage.core.conversation(key).unwrap().entries().first().0;
    stage.apply(sight(key, first));
    stage.apply(Input::History(Box::new(Answer::Failed(Box::new(Question::Size)))));
    stage.apply(sight(key, first));
    assert_eq!(stage.last_effects.questions, [], "its own is not answered yet");
    let own = Question::Page { session, place: Place::Before(first), count: 1_000 };
    stage.apply(Input::History(Box::new(Answer::Failed(Box::new(own)))));
    assert!(!stage.core.conversation(key).unwrap().entries().more_before(), "what cannot be read is passed over");
}

#[test]
fn what_was_removed_from_the_history_is_not_kept_by_who_read_it() {
    let (mut stage, key, session) = long_conversation();
    let first = stage.core.conversation(key).unwrap().entries().first().0;
    stage.apply(sight(key, first));
    stage.apply(page(session, Place::Before(first), first - 1_000..first));
    let outcome = Outcome::Removed { messages: 1, traces: false };
    stage.apply(Input::History(Box::new(Answer::Done { task: TaskId(1), outcome })));
    assert_eq!(stage.core.conversation(key).unwrap().entries().at(0).unwrap().0.0, first);
}

#[test]
fn a_past_session_is_asked_for_and_only_the_one_wanted_last_is_opened() {
    let mut stage = Stage::default();
    stage.apply(Input::OpenPast(SessionId(5), Place::End));
    assert_eq!(
        stage.last_effects.questions,
        [Question::Page { session: SessionId(5), place: Place::End, count: 2_000 }]
    );
    stage.apply(Input::ClosePast);
    stage.apply(page(SessionId(5), Place::End, 0..3));
    assert!(stage.core.past().open.is_none());
}

#[test]
fn what_the_journal_says_comes_with_what_is_asked_of_the_network() {
    let mut stage = Stage::default();
    let (target, manner) = (("here".to_owned(), 9), ConversationOptions::default());
    stage.apply(Input::Connect { target, name: None, manner });
    assert!(matches!(stage.last_effects.journal[..], [JournalEntry::Opened(_)]));
    assert!(matches!(stage.last_effects.commands[..], [Command::Connect { .. }]));
}

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// What is found of a connection is said only once it has held for up to 5 s.
const LONGER_THAN_A_DIAGNOSIS: Duration = Duration::from_secs(10);

/// A driver, and who asks the kernel for it what core wants to know.
struct OnRealSockets {
    driver: Driver,
    host: Host,
    woken: Receiver<()>,
}

/// Has the driver take in what comes until `done`, for this time at most. Whether it is.
fn is_done_within(limit: Duration, stage: &mut OnRealSockets, done: impl Fn(&Core) -> bool) -> bool {
    let OnRealSockets { driver, host, woken } = stage;
    let until = Instant::now() + limit;
    let mut wanted = None;
    loop {
        while let Some(answer) = host.try_recv() {
            if let host::Answer::Sockets(table) = answer {
                let _ = driver.apply(Input::Sockets(Some(table)));
            }
        }
        let now_wanted = driver.core().sockets_wanted(true);
        if wanted.as_ref() != Some(&now_wanted) && host.ask(host::Question::WatchSockets(now_wanted.clone())) {
            wanted = Some(now_wanted);
        }
        while let Some(input) = driver.next() {
            let journal = driver.apply(input).journal;
            assert!(journal.is_empty(), "nothing of a lab is kept: {journal:?}");
        }
        let wake = driver.settle();
        if done(driver.core()) {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let _ = woken.recv_timeout(wake.map_or(left, |wake| wake.after.min(left)));
    }
}

#[test]
fn each_lab_is_done_to_its_end_by_its_buttons_on_real_sockets() {
    let (all, damaged) = labs::embedded();
    assert_eq!(damaged, []);
    for lab in all {
        let (wake, woken) = bounded(1);
        let wake = move || _ = wake.try_send(());
        let host = Host::start(wake.clone()).unwrap();
        let driver = Driver::start(ConversationOptions::default(), None, wake).unwrap();
        let mut stage = OnRealSockets { driver, host, woken };
        let (name, steps) = (lab.id.clone(), lab.steps.len());
        let place = LabPlace { port: host::free_port(0).unwrap(), lan: [127, 0, 0, 2].into() };
        let _ = stage.driver.apply(Input::Lab(LabInput::Start(Box::new(lab), place)));
        for step in 0..steps {
            let what = format!("{name}, step {}", step + 1);
            assert!(is_done_within(LIMIT, &mut stage, Core::can_do_step_of_lab), "{what}: its button");
            // Whether messages stick together is the kernel's to say: then the button is pressed again.
            let done = |core: &Core| core.lab().unwrap().progress.is_done(step);
            let mut press_and_wait = || {
                let journal = stage.driver.apply(press()).journal;
                assert!(journal.is_empty(), "{what}: nothing of a lab is kept: {journal:?}");
                is_done_within(LONGER_THAN_A_DIAGNOSIS, &mut stage, done)
            };
            assert!((0..8).any(|_| press_and_wait()), "{what}");
            let _ = stage.driver.apply(Input::Lab(LabInput::Next));
        }
        assert!(stage.driver.core().lab().unwrap().progress.is_all_done(), "{name}");
        let _ = stage.driver.apply(leave());
        let left = |core: &Core| core.conversations().len() == 0 && core.sockets().len() == 0;
        assert!(is_done_within(LIMIT, &mut stage, left), "{name}: left");
        assert!(stage.driver.end(LIMIT));
    }
}
