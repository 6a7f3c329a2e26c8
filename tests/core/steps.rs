//! Which call comes next where each waits for the user.

use jiff::Timestamp;
use sockhop::{
    chat::Errno,
    core::{
        ConversationOptions, Core, Input, Key, Step, Steps,
        steps::{ToOpen, next, of_conn, of_selected, of_server},
    },
    net::{
        Call, CloseReason, ConnId, ConnStep, EventKind, ListenOptions, ListenStep, ListenerId, Outcome, SocketId,
        SocketOption,
    },
};

use crate::{CONN, KEY, accept, address, call, connecting, happen, listen, send};

const SERVER: SocketId = SocketId::Listener(ListenerId(1));
const SOCKET: SocketId = SocketId::Conn(CONN);

/// A client connection that was asked for first.
const CLIENT: ConnId = ConnId::asked(1);
const CLIENT_SOCKET: SocketId = SocketId::Conn(CLIENT);

fn apply(core: &mut Core, input: Input) {
    let _ = core.apply(input, Timestamp::UNIX_EPOCH);
}

fn stepped(core: &mut Core, conn: ConnId) {
    happen(core, EventKind::Stepping { conn, stepped: true });
}

fn failed() -> Outcome {
    Outcome::Failed(Errno(1))
}

/// A server whose calls are steps, of which none has returned yet.
fn server() -> Core {
    let mut core = Core::default();
    apply(&mut core, Input::Stepping(true));
    let step = Step::Server(ListenStep::Socket);
    apply(&mut core, Input::Step { step, listen: ListenOptions::new(address(9)) });
    assert_eq!(core.server().listener(), Some(ListenerId(1)));
    core
}

/// A client whose calls are steps, that is connected.
fn client() -> Core {
    let mut core = Core::default();
    let manner = ConversationOptions::default();
    apply(&mut core, Input::PrepareConnection { address: address(9), name: None, manner });
    stepped(&mut core, CLIENT);
    call(&mut core, CLIENT_SOCKET, Call::Socket { ipv6: false }, Outcome::Descriptor(5));
    call(&mut core, CLIENT_SOCKET, Call::Connect(address(9)), Outcome::Done);
    happen(&mut core, EventKind::Connected { conn: CLIENT, peer: address(9), local: address(1) });
    core
}

fn next_of(core: &Core, conn: ConnId) -> ConnStep {
    match of_conn(core, conn).unwrap().next {
        Step::Conn(of, step) if of == conn => step,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_makes_its_calls_in_their_order() {
    for reuse_address in [true, false] {
        let mut core = server();
        let next_is = |core: &Core, expected: ListenStep| {
            let steps = next(core, Key::Everyone, ToOpen::Tcp { reuse_address }).unwrap();
            assert_eq!((steps.next, steps.waits), (Step::Server(expected), false));
            assert_eq!(steps.next.conn(), None);
            assert!(steps.all.contains(&steps.next) && steps.all.len() == 6, "{steps:?}");
        };
        next_is(&core, ListenStep::Socket);
        call(&mut core, SERVER, Call::Socket { ipv6: false }, failed());
        next_is(&core, ListenStep::Socket);
        call(&mut core, SERVER, Call::Socket { ipv6: false }, Outcome::Descriptor(3));
        if reuse_address {
            next_is(&core, ListenStep::ReuseAddress);
            call(&mut core, SERVER, Call::SetOption(SocketOption::ReuseAddress(true)), Outcome::Done);
        }
        next_is(&core, ListenStep::Bind);
        call(&mut core, SERVER, Call::Bind(address(9)), failed());
        next_is(&core, ListenStep::Bind);
        call(&mut core, SERVER, Call::Bind(address(9)), Outcome::Done);
        next_is(&core, ListenStep::Listen);
        happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(9), backlog: 5 });
        next_is(&core, ListenStep::Accept);
        happen(&mut core, EventKind::StepWaiting { socket: SERVER, call: Call::Accept });
        let steps = of_server(&core, Key::Everyone, ToOpen::Tcp { reuse_address }).unwrap();
        assert_eq!((steps.next.name(), steps.waits), ("accept", true));
        happen(&mut core, EventKind::AcceptingPaused { listener: ListenerId(1), paused: true });
        assert!(!of_server(&core, Key::Everyone, ToOpen::Tcp { reuse_address }).unwrap().waits);
    }
    let mut core = Core::default();
    listen(&mut core, address(9));
    assert_eq!(next(&core, Key::Everyone, ToOpen::Tcp { reuse_address: true }), None, "nothing is stepped");
}

#[test]
fn a_client_makes_its_calls_in_their_order() {
    let mut core = Core::default();
    assert_eq!(connecting(&mut core), CLIENT);
    assert_eq!(of_conn(&core, CLIENT), None, "it is not stepped");
    stepped(&mut core, CLIENT);
    assert_eq!(next_of(&core, CLIENT), ConnStep::Socket);
    assert_eq!(of_conn(&core, CLIENT).unwrap().all.len(), 6);
    call(&mut core, CLIENT_SOCKET, Call::Socket { ipv6: false }, Outcome::Descriptor(5));
    assert_eq!((next_of(&core, CLIENT), of_conn(&core, CLIENT).unwrap().waits), (ConnStep::Connect, false));
    happen(&mut core, EventKind::Connecting { conn: CLIENT, address: address(9), local: None });
    assert_eq!((next_of(&core, CLIENT), of_conn(&core, CLIENT).unwrap().waits), (ConnStep::Connect, true));
    call(&mut core, CLIENT_SOCKET, Call::Connect(address(9)), failed());
    let error = crate::failure();
    happen(&mut core, EventKind::StepFailed { socket: CLIENT_SOCKET, error: error.clone() });
    assert_eq!(
        (next_of(&core, CLIENT), of_conn(&core, CLIENT).unwrap().waits),
        (ConnStep::Connect, false),
        "it may be tried again"
    );
    let told = core.notices().last().unwrap();
    assert_eq!(told.kind, sockhop::core::NoticeKind::Net { conn: Some(CLIENT), error });

    let mut core = client();
    assert_eq!(next_of(&core, CLIENT), ConnStep::Recv, "nothing is to be sent");
    send(&mut core, Key::Conn(CLIENT), 1);
    assert_eq!(next_of(&core, CLIENT), ConnStep::Send);
    call(&mut core, CLIENT_SOCKET, Call::Send(3), Outcome::Bytes(3));
    crate::was_sent(&mut core, CLIENT, 1);
    assert_eq!(next_of(&core, CLIENT), ConnStep::Recv, "for the answer");
    happen(&mut core, EventKind::StepWaiting { socket: CLIENT_SOCKET, call: Call::Recv(1024) });
    let steps = of_conn(&core, CLIENT).unwrap();
    assert_eq!((steps.next.name(), steps.next.conn(), steps.waits), ("recv", Some(CLIENT), true));
    call(&mut core, CLIENT_SOCKET, Call::Recv(1024), Outcome::Bytes(3));
    assert_eq!(
        (next_of(&core, CLIENT), of_conn(&core, CLIENT).unwrap().waits),
        (ConnStep::Close, false),
        "it has its answer"
    );
    crate::close(&mut core, CLIENT);
    assert_eq!(of_conn(&core, CLIENT), None, "it is over");
}

#[test]
fn a_client_that_was_spoken_to_first_reads_on() {
    let mut core = client();
    call(&mut core, CLIENT_SOCKET, Call::Recv(1024), Outcome::Bytes(3));
    assert_eq!(next_of(&core, CLIENT), ConnStep::Recv);
    call(&mut core, CLIENT_SOCKET, Call::Recv(1024), Outcome::Bytes(0));
    assert_eq!(next_of(&core, CLIENT), ConnStep::Close, "the peer has finished");
}

#[test]
fn a_server_reads_answers_and_closes() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    stepped(&mut core, CONN);
    assert_eq!((next_of(&core, CONN), of_conn(&core, CONN).unwrap().all.len()), (ConnStep::Recv, 4));
    call(&mut core, SOCKET, Call::Recv(1024), Outcome::Bytes(3));
    assert_eq!(next_of(&core, CONN), ConnStep::Recv, "there is no answer yet");
    send(&mut core, KEY, 1);
    assert_eq!(next_of(&core, CONN), ConnStep::Send);
    happen(&mut core, EventKind::StepWaiting { socket: SOCKET, call: Call::Send(3) });
    assert!(of_conn(&core, CONN).unwrap().waits);
    call(&mut core, SOCKET, Call::Send(3), Outcome::Bytes(3));
    crate::was_sent(&mut core, CONN, 1);
    assert_eq!(next_of(&core, CONN), ConnStep::Close);
}

#[test]
fn a_connection_that_is_lost_or_finished_is_closed() {
    let mut core = client();
    send(&mut core, Key::Conn(CLIENT), 1);
    call(&mut core, CLIENT_SOCKET, Call::Send(3), failed());
    assert_eq!(next_of(&core, CLIENT), ConnStep::Close, "no other call would do");
    let mut core = client();
    happen(&mut core, EventKind::PeerFinished { conn: CLIENT });
    assert_eq!(next_of(&core, CLIENT), ConnStep::Close);
    send(&mut core, Key::Conn(CLIENT), 1);
    assert_eq!(next_of(&core, CLIENT), ConnStep::Send, "we may still send");
    let mut core = client();
    happen(&mut core, EventKind::WriteFinished { conn: CLIENT });
    send(&mut core, Key::Conn(CLIENT), 1);
    assert_eq!(next_of(&core, CLIENT), ConnStep::Recv, "we may not send any more");
}

#[test]
fn a_server_is_done_with_one_client_before_it_accepts_the_next() {
    let (mut core, second) = (server(), ConnId::accepted(2));
    happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(9), backlog: 5 });
    for conn in [CONN, second] {
        accept(&mut core, conn);
        stepped(&mut core, conn);
    }
    let served = |core: &Core, selected: Key| -> Steps {
        of_server(core, selected, ToOpen::Tcp { reuse_address: false }).unwrap()
    };
    let steps = served(&core, Key::Everyone);
    assert_eq!((steps.next, steps.all.len()), (Step::Conn(second, ConnStep::Recv), 10), "the last that came");
    assert_eq!(served(&core, KEY).next, Step::Conn(CONN, ConnStep::Recv), "the one that is selected");
    assert_eq!(next(&core, KEY, ToOpen::Tcp { reuse_address: false }).unwrap().all.len(), 4, "its own steps first");
    assert_eq!(of_selected(&core, Key::Everyone), None);
    for conn in [CONN, second] {
        happen(&mut core, EventKind::StepWaiting { socket: SocketId::Conn(conn), call: Call::Recv(1024) });
    }
    assert_eq!(served(&core, Key::Everyone).next, Step::Server(ListenStep::Accept), "both wait for their clients");
    assert!(served(&core, KEY).waits);
    // A connection that we made is none of the server's.
    let other = connecting(&mut core);
    stepped(&mut core, other);
    assert_eq!(served(&core, Key::Conn(other)).next, Step::Server(ListenStep::Accept));
    happen(&mut core, EventKind::Closed { conn: CONN, reason: CloseReason::ByUs, bytes_in: 0, bytes_out: 0 });
    assert_eq!(served(&core, KEY).next, Step::Server(ListenStep::Accept));
}

#[test]
fn a_step_has_the_name_of_its_call() {
    let of_server = [
        (ListenStep::Socket, "socket"),
        (ListenStep::ReuseAddress, "setsockopt"),
        (ListenStep::Bind, "bind"),
        (ListenStep::Listen, "listen"),
        (ListenStep::Accept, "accept"),
        (ListenStep::Close, "close"),
    ];
    for (step, name) in of_server {
        assert_eq!(Step::Server(step).name(), name);
    }
    let of_conn = [
        (ConnStep::Socket, "socket"),
        (ConnStep::Connect, "connect"),
        (ConnStep::Recv, "recv"),
        (ConnStep::Send, "send"),
        (ConnStep::FinishSending, "shutdown"),
        (ConnStep::Close, "close"),
    ];
    for (step, name) in of_conn {
        assert_eq!(Step::Conn(CONN, step).name(), name);
    }
}
