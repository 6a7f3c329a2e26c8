//! A step is done by what it waits for, since it began, at the end that it names, and by nothing else.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::{
    chat::{Call, Limit, Reason, SocketCall, Target},
    core::{
        ConversationOptions, Input, StudentPhrases,
        labs::{Lab, LabError},
    },
    net::{Event, EventKind, ListenOptions},
    wire::{BatchBuilder, Framer},
};

const SERVER: SocketId = SocketId::Listener(ListenerId(1));
const SECOND: SocketId = SocketId::Listener(ListenerId(2));
const ACCEPTED: ConnId = ConnId(1);
const STUDENT: ConnId = ConnId::asked(1);
const CLIENT: ConnId = ConnId::asked(2);

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn since(second: i64) -> Since {
    Since { at: at(second), now: at(second), second: Some(ListenerId(2)) }
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// The conditions that are written so in a lab's file.
fn until(written: &str) -> Vec<Condition> {
    let file = format!(
        "title = {{ en = \"t\", zh-CN = \"t\" }}\nsummary = {{ en = \"t\", zh-CN = \"t\" }}\n\
         [[step]]\ntext = {{ en = \"t\", zh-CN = \"t\" }}\nuntil = [{written}]\n"
    );
    let lab: Result<Lab, LabError> = Lab::parse("test", &file);
    lab.map(|lab| lab.steps.into_iter().flat_map(|step| step.until).collect()).unwrap_or_default()
}

fn holds(written: &str, core: &Core, since: Since) -> bool {
    let conditions = until(written);
    assert_eq!(conditions.len(), 1, "{written}");
    conditions.iter().all(|condition| condition.holds(core, since))
}

/// A core in which a student (port 1000) and another client (port 2000) are connected to our server since second 1.
struct Room(Core);

impl Room {
    fn new() -> Self {
        let mut room = Self(Core::default());
        let _ = room.0.apply(Input::Listen(ListenOptions::new(address(8888))), at(0));
        room.happen(1, EventKind::Listening { listener: ListenerId(1), local: address(8888), backlog: 5 });
        let _ = room.0.apply(Input::AddStudents { count: 1, phrases: StudentPhrases::default() }, at(1));
        let target = ("127.0.0.1".to_owned(), 8888);
        let _ = room.0.apply(Input::Connect { target, name: None, manner: ConversationOptions::default() }, at(1));
        let (peer, local) = (address(1000), address(8888));
        room.happen(1, EventKind::Accepted { listener: ListenerId(1), conn: ACCEPTED, peer, local });
        room.happen(1, EventKind::Connected { conn: STUDENT, peer: local, local: peer });
        room
    }

    fn happen(&mut self, second: i64, kind: EventKind) {
        let _ = self.0.apply(Input::Net(Event { at: at(second), kind }), Timestamp::UNIX_EPOCH);
    }

    fn call(&mut self, second: i64, socket: SocketId, call: Call, outcome: Outcome) {
        let waited = Duration::ZERO;
        let call = SocketCall { socket, fd: 3, call, outcome, at: at(second), waited, count: 1 };
        self.happen(second, EventKind::Call(call));
    }

    fn receive(&mut self, second: i64, conn: ConnId, bytes: &[u8]) {
        let mut batch = BatchBuilder::default();
        let mut framer = Framer::new(Framing::Line, 1);
        // The stream ends, so that nothing is held back.
        let _ = framer.push(bytes, Duration::ZERO, &mut batch);
        framer.finish(&mut batch);
        let end = bytes.len() as u64;
        self.happen(second, EventKind::Received { conn, batch: batch.take(), recv_ends: vec![end] });
    }
}

fn in_use() -> Outcome {
    Outcome::Failed(Errno::named("EADDRINUSE").expect("every system has it"))
}

#[test]
fn a_call_counts_only_since_the_step_began_on_its_socket_with_its_result() {
    let mut room = Room::new();
    room.call(5, SERVER, Call::Bind(address(8888)), Outcome::Done);
    let bound = "{ call = { name = \"bind\", on = \"server\" } }";
    assert!(holds(bound, &room.0, since(5)));
    assert!(!holds(bound, &room.0, since(6)), "it was before");
    assert!(!holds("{ call = { name = \"listen\", on = \"server\" } }", &room.0, since(5)), "another call");
    let second = "{ call = { name = \"bind\", on = \"second-server\" } }";
    let refused = "{ call = { name = \"bind\", on = \"second-server\", result = \"EADDRINUSE\" } }";
    assert!(!holds(second, &room.0, since(5)), "another socket");
    assert!(!holds(refused, &room.0, since(5)));
    room.call(6, SECOND, Call::Bind(address(8888)), in_use());
    assert!(!holds(second, &room.0, since(6)), "it failed");
    assert!(holds(refused, &room.0, since(6)));
    assert!(!holds("{ call = { name = \"bind\", on = \"second-server\", result = \"EACCES\" } }", &room.0, since(6)));
    assert!(!holds(bound, &room.0, since(6)), "the second server's call is not the server's");
}

#[test]
fn a_recv_of_nothing_is_the_end_of_the_stream_and_no_data() {
    let mut room = Room::new();
    let data = "{ call = { name = \"recv\", on = \"accepted\" } }";
    let end = "{ call = { name = \"recv\", on = \"accepted\", bytes = 0 } }";
    room.call(5, SocketId::Conn(ACCEPTED), Call::Recv(1024), Outcome::Bytes(3));
    assert!(holds(data, &room.0, since(5)) && !holds(end, &room.0, since(5)));
    room.call(6, SocketId::Conn(ACCEPTED), Call::Recv(1024), Outcome::Bytes(0));
    assert!(!holds(data, &room.0, since(6)) && holds(end, &room.0, since(6)));
    assert!(!holds("{ call = { name = \"recv\", on = \"student\", bytes = 0 } }", &room.0, since(6)), "another end");
    assert!(!holds("{ call = { name = \"recv\", on = \"accepted\", times = 3 } }", &room.0, since(5)), "once");
}

#[test]
fn a_message_counts_at_its_end_with_its_text_and_as_often_as_asked() {
    let mut room = Room::new();
    room.receive(5, ACCEPTED, "你好\n".as_bytes());
    let text = "{ received = { by = \"accepted\", text = \"你好\" } }";
    assert!(holds(text, &room.0, since(5)));
    assert!(!holds(text, &room.0, since(6)));
    assert!(!holds("{ received = { by = \"accepted\", text = \"您好\" } }", &room.0, since(5)));
    assert!(!holds("{ received = { by = \"student\", text = \"你好\" } }", &room.0, since(5)));
    assert!(!holds("{ received = { by = \"accepted\", messages = 2 } }", &room.0, since(5)));
    assert!(holds(
        "{ reads = { by = \"accepted\", bytes = \"e4 bd a0 e5 a5 bd\", broken = false } }",
        &room.0,
        since(9)
    ));
    room.receive(6, ACCEPTED, b"\xc4\xe3\xba\xc3\n");
    assert!(holds("{ reads = { by = \"accepted\", broken = true } }", &room.0, since(6)));
    assert!(!holds("{ reads = { by = \"accepted\", text = \"你好\" } }", &room.0, since(6)));
    let gbk = ConversationOptions {
        encoding: TextEncoding::named("gbk").unwrap_or_default(),
        ..ConversationOptions::default()
    };
    assert!(!holds("{ manner = { of = \"accepted\", encoding = \"gbk\" } }", &room.0, since(6)));
    let _ = room.0.apply(Input::OptionsChanged { key: Key::Conn(ACCEPTED), manner: gbk }, Timestamp::UNIX_EPOCH);
    assert!(holds("{ manner = { of = \"accepted\", encoding = \"gbk\" } }", &room.0, since(6)));
    assert!(holds("{ reads = { by = \"accepted\", text = \"你好\", broken = false } }", &room.0, since(6)));
}

#[test]
fn messages_stick_together_only_if_one_recv_brought_several_sends() {
    let mut room = Room::new();
    let stuck = "{ stuck-together = \"accepted\" }";
    let (sends, recvs) = (SocketId::Conn(STUDENT), SocketId::Conn(ACCEPTED));
    room.call(5, sends, Call::Send(3), Outcome::Bytes(3));
    room.call(5, recvs, Call::Recv(1024), Outcome::Bytes(3));
    room.call(5, sends, Call::Send(3), Outcome::Bytes(3));
    room.call(5, recvs, Call::Recv(2), Outcome::Bytes(2));
    room.call(5, recvs, Call::Recv(2), Outcome::Bytes(1));
    assert!(!holds(stuck, &room.0, since(5)), "each send had a recv of its own");
    room.call(6, sends, Call::Send(3), Outcome::Bytes(3));
    room.call(6, sends, Call::Send(3), Outcome::Bytes(3));
    room.call(6, recvs, Call::Recv(1024), Outcome::Bytes(6));
    assert!(holds(stuck, &room.0, since(6)));
    assert!(!holds(stuck, &room.0, since(7)));
}

#[test]
fn what_happened_to_one_end_did_not_happen_to_another() {
    let mut room = Room::new();
    assert!(holds("{ happened = { to = \"student\", what = \"connected\" } }", &room.0, since(1)));
    assert!(!holds("{ happened = { to = \"client\", what = \"connected\" } }", &room.0, since(1)));
    room.happen(5, EventKind::PeerFinished { conn: ACCEPTED });
    let finished = "{ happened = { to = \"accepted\", what = \"peer-finished\" } }";
    assert!(holds(finished, &room.0, since(5)) && !holds(finished, &room.0, since(6)));
    assert!(!holds("{ happened = { to = \"accepted\", what = \"closed\" } }", &room.0, since(5)));
    let error = NetError::ours(CallKind::Recv, Target::None, Reason::Broken(Cause::Reset));
    let reason = CloseReason::Failed(error);
    room.happen(6, EventKind::Closed { conn: ACCEPTED, reason, bytes_in: 0, bytes_out: 0 });
    assert!(holds("{ happened = { to = \"accepted\", what = \"reset\" } }", &room.0, since(6)));
    assert!(
        !holds("{ happened = { to = \"accepted\", what = \"closed\" } }", &room.0, since(6)),
        "a reset is no close"
    );
    let error = NetError::ours(CallKind::Connect, Target::None, Reason::Limit(Limit::ConnectTime));
    room.happen(7, EventKind::ConnectFailed { conn: CLIENT, error });
    assert!(
        !holds("{ happened = { to = \"client\", what = \"refused\" } }", &room.0, since(7)),
        "no answer is no refusal"
    );
}

#[test]
fn a_connect_is_kept_waiting_after_a_while_and_not_before() {
    let mut room = Room::new();
    let _ = room.0.apply(Input::AddStudents { count: 1, phrases: StudentPhrases::default() }, at(5));
    let conn = room.0.students().next_back().expect("two").0;
    room.happen(5, EventKind::Connecting { conn, address: address(8888), local: None });
    room.call(5, SocketId::Conn(conn), Call::Connect(address(8888)), Outcome::InProgress);
    let waiting = "{ any = [{ kept-waiting = 1 }, { clients = 50 }] }";
    let wakes = |room: &Room, now| until(waiting).iter().find_map(|condition| condition.wakes(&room.0, now));
    assert_eq!(wakes(&room, at(5)), Some(at(5) + KEPT_WAITING));
    assert_eq!(wakes(&room, at(6)), None, "it holds by then");
    assert!(!holds(waiting, &room.0, since(5)));
    assert!(holds(waiting, &room.0, Since { now: at(6), ..since(5) }));
    room.happen(6, EventKind::Connected { conn, peer: address(8888), local: address(3000) });
    assert!(!holds(waiting, &room.0, Since { now: at(7), ..since(5) }), "it stands now");
}

#[test]
fn the_servers_state_the_queue_and_the_clients_are_those_of_now() {
    let mut room = Room::new();
    assert!(holds("{ server = \"accepting\" }", &room.0, since(9)));
    assert!(!holds("{ server = \"paused\" }", &room.0, since(9)));
    assert!(holds("{ clients = 1 }", &room.0, since(9)) && !holds("{ clients = 2 }", &room.0, since(9)));
    assert!(!holds("{ queue = 1 }", &room.0, since(9)), "the kernel has not told");
    let _ = room.0.apply(Input::AcceptQueue { waiting: Some(1) }, Timestamp::UNIX_EPOCH);
    assert!(holds("{ queue = 1 }", &room.0, since(9)) && !holds("{ queue = 2 }", &room.0, since(9)));
    room.happen(9, EventKind::AcceptingPaused { listener: ListenerId(1), paused: true });
    assert!(
        holds("{ server = \"paused\" }", &room.0, since(9)) && holds("{ server = \"listening\" }", &room.0, since(9))
    );
    room.happen(9, EventKind::ListenerClosed { listener: ListenerId(2) });
    assert!(!holds("{ server = \"stopped\" }", &room.0, since(9)), "another one was closed");
    room.happen(9, EventKind::ListenerClosed { listener: ListenerId(1) });
    assert!(holds("{ server = \"stopped\" }", &room.0, since(9)));
}

#[test]
fn bytes_are_kept_as_they_came() {
    // What the tests above rest on: a batch holds the bytes that were pushed.
    let mut room = Room::new();
    room.receive(5, ACCEPTED, b"abc\n");
    let end = room.0.conversation(Key::Conn(ACCEPTED));
    let row = end.and_then(|end| end.entries().iter().find_map(|(_, entry)| received(&entry.kind)));
    assert_eq!(row.map(|row| row.raw.clone()), Some(Bytes::from_static(b"abc\n")));
}

#[test]
fn a_call_is_made_on_one_kind_of_socket_and_no_other() {
    let kinds = ["server", "second-server", "accepted", "student", "client"];
    let sockets = [SERVER, SECOND, SocketId::Conn(ACCEPTED), SocketId::Conn(STUDENT), SocketId::Conn(CLIENT)];
    for (made_on, socket) in kinds.into_iter().zip(sockets) {
        let mut room = Room::new();
        room.call(5, socket, Call::Close, Outcome::Done);
        for kind in kinds {
            let closed = format!("{{ call = {{ name = \"close\", on = \"{kind}\" }} }}");
            assert_eq!(holds(&closed, &room.0, since(5)), kind == made_on, "{kind} for {made_on}");
        }
    }
}
