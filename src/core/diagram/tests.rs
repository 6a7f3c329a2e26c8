//! The diagram of calls, put to the test.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    chat::{ListenerId, SocketCall},
    core::{ConversationOptions, Input},
    net::{Event, EventKind, ListenOptions},
};

const LISTENER: SocketId = SocketId::Listener(ListenerId(1));
const A: ConnId = ConnId::asked(1);
const B: ConnId = ConnId::accepted(1);

fn happen(core: &mut Core, kind: EventKind) {
    let _ = core.apply(Input::Net(Event { at: Timestamp::UNIX_EPOCH, kind }), Timestamp::UNIX_EPOCH);
}

fn call(core: &mut Core, socket: SocketId, call: Call, outcome: Outcome, count: u32) -> u64 {
    let (at, waited) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
    happen(core, EventKind::Call(SocketCall { socket, fd: 7, call, outcome, at, waited, count }));
    core.calls_so_far()
}

fn send(core: &mut Core, conn: ConnId, bytes: u64) -> u64 {
    call(core, SocketId::Conn(conn), Call::Send(bytes as usize), Outcome::Bytes(bytes), 1)
}

fn recv(core: &mut Core, conn: ConnId, bytes: u64) -> u64 {
    call(core, SocketId::Conn(conn), Call::Recv(4096), Outcome::Bytes(bytes), 1)
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn accept(core: &mut Core, conn: ConnId, peer: u16) -> u64 {
    let outcome = Outcome::Accepted { conn, fd: 9, peer: address(peer) };
    let number = call(core, LISTENER, Call::Accept, outcome, 1);
    let (peer, local) = (address(peer), address(1));
    happen(core, EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
    number
}

/// Both ends ours: A connects to our own server, which accepts it as B.
fn both_ends() -> Core {
    let mut core = Core::default();
    connect(&mut core);
    call(&mut core, SocketId::Conn(A), Call::Connect(address(1)), Outcome::InProgress, 1);
    happen(&mut core, EventKind::Connected { conn: A, peer: address(1), local: address(50) });
    accept(&mut core, B, 50);
    core
}

/// Connects to someone, as [`A`].
fn connect(core: &mut Core) {
    let (target, manner) = (("127.0.0.1".to_owned(), 1), ConversationOptions::default());
    let _ = core.apply(Input::Connect { target, name: None, manner }, Timestamp::UNIX_EPOCH);
}

fn followed(core: &Core) -> Diagram {
    let mut diagram = Diagram::default();
    diagram.follow(core);
    diagram
}

fn joins(diagram: &Diagram, number: u64) -> Vec<(u64, u64, Range<u64>)> {
    let row = diagram.row(diagram.place_of(number).unwrap()).unwrap();
    diagram.joins(row).into_iter().map(|join| (join.send, join.recv, join.bytes)).collect()
}

fn lane_of(diagram: &Diagram, number: u64) -> LaneId {
    diagram.row(diagram.place_of(number).unwrap()).unwrap().lane
}

#[test]
fn a_send_leads_to_each_recv_that_delivered_its_bytes() {
    let mut core = both_ends();
    let (one, two) = (send(&mut core, A, 10), send(&mut core, A, 5));
    let (first, second) = (recv(&mut core, B, 4), recv(&mut core, B, 11));
    let diagram = followed(&core);
    assert_eq!(diagram.other_end(A), Some(B));
    assert_eq!(diagram.other_end(B), Some(A));
    let accepted = [SocketId::Conn(A), SocketId::Conn(B), LISTENER]
        .map(|socket| diagram.accepted_by(diagram.lane_of(socket).unwrap()));
    assert_eq!(accepted, [None, Some(2), None]);
    assert_eq!(joins(&diagram, one), [(one, first, 0..4), (one, second, 4..10)]);
    assert_eq!(joins(&diagram, two), [(two, second, 10..15)]);
    assert_eq!(joins(&diagram, second), [(one, second, 4..10), (two, second, 10..15)]);
    assert_eq!(diagram.carried(B, Direction::In, &(3..5)), [first, second]);
}

#[test]
fn a_folded_row_is_joined_to_all_that_it_stands_for() {
    let mut core = both_ends();
    let sends: Vec<u64> = (0..3).map(|_| send(&mut core, B, 100)).collect();
    let folded = call(&mut core, SocketId::Conn(A), Call::Recv(50), Outcome::Bytes(300), 6);
    let found = joins(&followed(&core), folded);
    assert_eq!(found.iter().map(|(send, ..)| *send).collect::<Vec<_>>(), sends);
    assert_eq!(found.iter().map(|(.., bytes)| bytes.end - bytes.start).sum::<u64>(), 300);
}

#[test]
fn joins_of_a_row_are_bounded() {
    let mut core = both_ends();
    let all = send(&mut core, A, 1000);
    for _ in 0..1000 {
        recv(&mut core, B, 1);
    }
    assert_eq!(joins(&followed(&core), all).len(), JOINS_OF_A_ROW);
}

#[test]
fn the_oldest_rows_go_and_leave_no_trace() {
    let mut core = both_ends();
    let gone = send(&mut core, A, 1);
    let delivered = recv(&mut core, B, 1);
    let mut diagram = followed(&core);
    assert_eq!(joins(&diagram, delivered).len(), 1);
    let other = ConnId(9);
    for _ in 0..ROWS_SHOWN - 1 {
        recv(&mut core, other, 1);
    }
    diagram.follow(&core);
    assert_eq!(diagram.len(), ROWS_SHOWN);
    assert_eq!(diagram.place_of(gone), None);
    assert_eq!(joins(&diagram, delivered), []);
    recv(&mut core, other, 1);
    diagram.follow(&core);
    assert_eq!(diagram.place_of(delivered), None);
    assert_eq!(diagram.lanes().count(), 1);
    assert_eq!(diagram.let_go(), core.calls_so_far() - ROWS_SHOWN as u64);
    assert!(diagram.streams.len() == 1 && diagram.addresses.is_empty() && diagram.ends.is_empty());
}

#[test]
fn one_socket_is_shown_with_the_accept_it_came_from() {
    let mut core = Core::default();
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    let accepted = accept(&mut core, A, 50);
    accept(&mut core, B, 51);
    let (ours, _) = (recv(&mut core, A, 1), recv(&mut core, B, 1));
    let mut diagram = followed(&core);
    assert_eq!(diagram.len(), 5);
    diagram.show_only(Some(SocketId::Conn(A)));
    diagram.follow(&core);
    assert_eq!(diagram.rows().map(|row| row.call.number).collect::<Vec<_>>(), [accepted, ours]);
    diagram.show_only(Some(LISTENER));
    diagram.follow(&core);
    assert_eq!(diagram.len(), 3);
}

#[test]
fn calls_of_a_removed_conversation_go_with_it_and_come_back() {
    let mut core = Core::default();
    accept(&mut core, A, 50);
    recv(&mut core, A, 0);
    let reason = crate::chat::CloseReason::Orderly;
    happen(&mut core, EventKind::Closed { conn: A, reason, bytes_in: 0, bytes_out: 0 });
    let mut diagram = followed(&core);
    let _ = core.apply(Input::Removed(vec![A]), Timestamp::UNIX_EPOCH);
    diagram.follow(&core);
    assert_eq!(diagram.len(), 1);
    let generation = diagram.generation();
    assert!(!diagram.follow(&core));
    assert_eq!(diagram.generation(), generation, "gathered once");
    let _ = core.apply(Input::RemovalUndone, Timestamp::UNIX_EPOCH);
    diagram.follow(&core);
    assert_eq!(diagram.len(), 2);
}

#[test]
fn a_lane_stays_while_a_row_of_it_is_there() {
    let mut core = both_ends();
    send(&mut core, A, 1);
    let delivered = recv(&mut core, B, 1);
    for _ in 0..ROWS_SHOWN - 3 {
        recv(&mut core, ConnId(9), 1);
    }
    let mut diagram = Diagram::default();
    // Call by call, and not the latest at once: the oldest has to go.
    let mut before = both_ends();
    send(&mut before, A, 1);
    recv(&mut before, B, 1);
    diagram.follow(&before);
    diagram.follow(&core);
    assert_eq!((diagram.let_go(), diagram.len()), (1, ROWS_SHOWN));
    assert_eq!((diagram.other_end(A), joins(&diagram, delivered).len()), (Some(B), 1));
    let lane = diagram.lane(diagram.lane_of(SocketId::Conn(A)).unwrap()).unwrap();
    assert_eq!((lane.calls, lane.closed, lane.descriptor.unwrap().fd), ((1, 3), false, 7));
    assert_eq!(diagram.lanes().count(), 4);
}

#[test]
fn a_lane_keeps_its_descriptor_when_a_call_has_none() {
    let mut core = both_ends();
    let (at, waited) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
    let (socket, call, outcome) = (SocketId::Conn(A), Call::LocalName, Outcome::Done);
    happen(&mut core, EventKind::Call(SocketCall { socket, fd: -1, call, outcome, at, waited, count: 1 }));
    let diagram = followed(&core);
    assert_eq!(diagram.lane(diagram.lane_of(socket).unwrap()).unwrap().descriptor, Some(Descriptor { fd: 7, nth: 1 }));
}

#[test]
fn the_other_end_is_learned_when_it_is_connected() {
    let mut core = Core::default();
    // The call is told before the connection.
    call(&mut core, SocketId::Conn(A), Call::Connect(address(1)), Outcome::InProgress, 1);
    let mut diagram = followed(&core);
    connect(&mut core);
    assert!(!diagram.follow(&core), "no call was made");
    assert_eq!(diagram.other_end(A), None);
    happen(&mut core, EventKind::Connected { conn: A, peer: address(1), local: address(50) });
    accept(&mut core, B, 50);
    recv(&mut core, B, 1);
    assert!(diagram.follow(&core));
    assert_eq!((diagram.other_end(A), diagram.other_end(B)), (Some(B), Some(A)));
}

#[test]
fn rows_are_found_by_their_numbers() {
    let mut core = Core::default();
    accept(&mut core, A, 50);
    for _ in 0..3 {
        recv(&mut core, A, 1);
    }
    let mut diagram = Diagram::default();
    assert!(diagram.is_empty() && diagram.follow(&core) && !diagram.is_empty());
    let generation = diagram.generation();
    diagram.show_only(Some(SocketId::Conn(B)));
    assert_eq!((diagram.only(), diagram.generation()), (Some(SocketId::Conn(B)), generation + 1));
    diagram.follow(&core);
    assert!(diagram.is_empty());
    diagram.show_only(Some(SocketId::Conn(A)));
    accept(&mut core, B, 51);
    recv(&mut core, B, 1);
    recv(&mut core, A, 1);
    diagram.follow(&core);
    assert_eq!(diagram.rows().map(|row| row.call.number).collect::<Vec<_>>(), [1, 2, 3, 4, 7]);
    assert_eq!([0, 1, 2, 5, 7, 8].map(|number| diagram.place_at_or_after(number)), [0, 0, 1, 4, 4, 5]);
    assert_eq!(
        [0, 1, 2, 5, 7, 8].map(|number| diagram.place_of(number)),
        [None, Some(0), Some(1), None, Some(4), None]
    );
    assert_eq!(diagram.rows().map(|row| row.begins_lane).collect::<Vec<_>>(), [true, true, false, false, false]);
}

/// The lanes of these wishes, and the rows in them: a call by its lane, a run by what is folded in it.
fn drawn(core: &Core, chosen: Option<ConnId>, asked: &[SocketId], most: usize) -> String {
    let (diagram, mut fold) = (followed(core), Fold::default());
    let lanes = diagram.lanes_for(core, Wishes { chosen, asked, most });
    fold.follow(&diagram, core, lanes);
    print(&diagram, &fold)
}

fn print(diagram: &Diagram, fold: &Fold) -> String {
    let name = |socket: SocketId| match socket {
        SocketId::Listener(_) => "listener".to_owned(),
        SocketId::Conn(conn) if conn == A => "A".to_owned(),
        SocketId::Conn(conn) => format!("c{}", conn.number()),
    };
    let lanes = fold.lanes();
    let own = lanes.own.iter().map(|own| format!("{} {:?}", name(own.socket), own.role));
    let head: Vec<_> = own.chain(lanes.others.then(|| "others".to_owned())).collect();
    let rows = fold.items().map(|item| match item {
        Item::Call(number) => {
            let call = diagram.row(diagram.place_of(*number).unwrap()).unwrap().call.call;
            format!("{} {}", name(call.socket), call.call.name())
        }
        Item::Run(run) => {
            let Run { accepts, sockets, new, .. } = run;
            let times = |times: Times| format!("{}/{}", times.all, times.most);
            let (recv, send, close) = (times(run.recv), times(run.send), times(run.close));
            let open = if run.open { " open" } else { "" };
            format!("others: accept {accepts}, {new} new of {sockets}, recv {recv}, send {send}, close {close}{open}")
        }
    });
    [head.join(" | ")].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// A listener, and so many clients, each of which sends one message.
fn class(clients: u64) -> Core {
    let mut core = Core::default();
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    for client in 1..=clients {
        accept(&mut core, ConnId::accepted(client), 100 + client as u16);
        recv(&mut core, ConnId::accepted(client), 1);
    }
    core
}

#[test]
fn each_socket_has_a_lane_while_there_is_room_for_all() {
    let core = class(3);
    assert_eq!(
        drawn(&core, Some(B), &[], 4),
        "listener Listening | c1 Chosen | c3 Newest | c2 Room\n\
         listener listen\nlistener accept\nc1 recv\nlistener accept\nc2 recv\nlistener accept\nc3 recv"
    );
}

/// A listener, and so many simulated students with both their ends.
fn simulated(students: u64) -> Core {
    let mut core = Core::default();
    let _ = core.apply(Input::Listen(ListenOptions::new(address(1))), Timestamp::UNIX_EPOCH);
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(1), backlog: 5 });
    let phrases = crate::core::StudentPhrases::default();
    let _ = core.apply(Input::AddStudents { count: students as usize, phrases }, Timestamp::UNIX_EPOCH);
    let own: Vec<ConnId> = core.students().map(|(conn, _)| conn).collect();
    for (n, own) in (1..).zip(own) {
        let (conn, port) = (ConnId::accepted(n), 50 + n as u16);
        call(&mut core, SocketId::Conn(own), Call::Connect(address(1)), Outcome::InProgress, 1);
        happen(&mut core, EventKind::Connected { conn: own, peer: address(1), local: address(port) });
        accept(&mut core, conn, port);
        send(&mut core, conn, 3);
    }
    core
}

#[test]
fn a_student_s_own_end_takes_no_lane_from_the_server_s() {
    let head = |students| drawn(&simulated(students), Some(B), &[], 4).lines().next().map(str::to_owned);
    assert_eq!(head(2).as_deref(), Some("listener Listening | c1 Chosen | A OtherEnd | c2 Newest"));
    assert_eq!(head(3).as_deref(), Some("listener Listening | c1 Chosen | c3 Newest | c2 Room"));
    assert_eq!(head(4).as_deref(), Some("listener Listening | c1 Chosen | A OtherEnd | others"));
}

#[test]
fn others_are_folded_with_the_accepts_that_made_them() {
    let mut core = class(106);
    let (chosen, newest) = (ConnId::accepted(1), ConnId::accepted(106));
    send(&mut core, chosen, 3);
    recv(&mut core, ConnId::accepted(40), 1);
    let reset = Outcome::Failed(crate::chat::Errno(104));
    call(&mut core, SocketId::Conn(ConnId::accepted(42)), Call::Recv(4096), reset, 1);
    recv(&mut core, ConnId::accepted(40), 1);
    recv(&mut core, ConnId::accepted(41), 1);
    send(&mut core, ConnId::accepted(41), 1);
    let asked = [SocketId::Conn(ConnId::accepted(5))];
    assert_eq!(
        drawn(&core, Some(chosen), &[], 4),
        "listener Listening | c1 Chosen | c106 Newest | others\n\
         listener listen\n\
         listener accept\n\
         c1 recv\n\
         others: accept 104, 104 new of 104, recv 104/1, send 0/0, close 0/0\n\
         listener accept\n\
         c106 recv\n\
         c1 send\n\
         others: accept 0, 0 new of 1, recv 1/1, send 0/0, close 0/0\n\
         c42 recv\n\
         others: accept 0, 0 new of 2, recv 2/1, send 1/1, close 0/0"
    );
    let with_asked = drawn(&core, Some(chosen), &asked, 5);
    assert!(
        with_asked.starts_with("listener Listening | c1 Chosen | c5 Asked | c106 Newest | others\n"),
        "{with_asked}"
    );
    assert!(with_asked.contains("\nlistener accept\nc5 recv\n"), "an accept leads to the lane it made: {with_asked}");
    // The newest is the chosen one: there is room for one more.
    let both = drawn(&core, Some(newest), &[], 4);
    assert!(both.starts_with("listener Listening | c106 Chosen | c105 Room | others\n"), "{both}");
}

#[test]
fn a_run_that_is_opened_shows_each_of_its_calls() {
    let mut core = class(6);
    let (mut diagram, mut fold) = (followed(&core), Fold::default());
    let lanes = diagram.lanes_for(&core, Wishes { chosen: Some(B), asked: &[], most: 4 });
    fold.follow(&diagram, &core, lanes.clone());
    let run = fold.items().find_map(|item| if let Item::Run(run) = item { Some(run.calls) } else { None }).unwrap();
    assert_eq!(run, (4, 11));
    assert_eq!((fold.place_of(7), fold.place_of_call(7)), (fold.place_of(4), None));
    fold.toggle(run.0);
    fold.follow(&diagram, &core, lanes.clone());
    let calls: Vec<_> = (2..=6).map(|conn| format!("listener accept\nc{conn} recv\n")).collect();
    let (folded, alone) = (calls[..4].concat(), &calls[4]);
    let open = "others: accept 4, 4 new of 4, recv 4/1, send 0/0, close 0/0 open\n";
    let head = "listener Listening | c1 Chosen | c6 Newest | others\nlistener listen\nlistener accept\nc1 recv\n";
    assert_eq!(format!("{}\n", print(&diagram, &fold)), format!("{head}{open}{folded}{alone}"));
    assert_eq!(fold.place_of_call(7), fold.place_of(4).map(|place| place + 3));
    // Calls that come later go on in a run of their own, which is closed.
    recv(&mut core, ConnId::accepted(3), 1);
    diagram.follow(&core);
    fold.follow(&diagram, &core, lanes.clone());
    assert_eq!(fold.items().next_back().unwrap().number(), diagram.rows().next_back().unwrap().call.number);
    fold.toggle(run.0);
    fold.follow(&diagram, &core, lanes);
    assert_eq!(fold.len(), 7);
}

#[test]
fn a_closed_socket_gives_its_number_to_the_next_and_both_are_told_apart() {
    let mut core = Core::default();
    accept(&mut core, A, 50);
    let first = recv(&mut core, A, 1);
    let close = call(&mut core, SocketId::Conn(A), Call::Close, Outcome::Done, 1);
    accept(&mut core, B, 51);
    let second = recv(&mut core, B, 1);
    let diagram = followed(&core);
    let nth = |number| diagram.row(diagram.place_of(number).unwrap()).unwrap().call.descriptor.unwrap().nth;
    // The listener of these tests has the same number.
    assert_eq!([first, close, second].map(nth), [2, 2, 3]);
    assert!(diagram.lane(lane_of(&diagram, close)).unwrap().closed);
    // So it is whichever sockets are looked at.
    let mut only = Diagram::default();
    only.show_only(Some(SocketId::Conn(B)));
    only.follow(&core);
    assert_eq!(only.row(only.place_of(second).unwrap()).unwrap().call.descriptor.unwrap().nth, 3);
}

#[test]
fn a_simulated_students_own_end_is_no_other_socket() {
    let mut core = Core::default();
    let phrases = crate::core::StudentPhrases::default();
    let _ = core.apply(Input::Listen(ListenOptions::new(address(1))), Timestamp::UNIX_EPOCH);
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(1), backlog: 5 });
    let _ = core.apply(Input::AddStudents { count: 6, phrases }, Timestamp::UNIX_EPOCH);
    let ends: Vec<ConnId> = core.students().map(|(conn, _)| conn).collect();
    for (end, port) in ends.iter().zip(100..) {
        call(&mut core, SocketId::Conn(*end), Call::Socket { ipv6: false }, Outcome::Descriptor(7), 1);
        accept(&mut core, ConnId::accepted(u64::from(port)), port);
        recv(&mut core, ConnId::accepted(u64::from(port)), 1);
    }
    assert!(!ends.is_empty());
    let drawn = drawn(&core, None, &[], 3);
    let sockets = ends.len() as u64;
    assert!(drawn.starts_with("listener Listening | c104 Newest | others\n"), "{drawn}");
    assert!(drawn.contains(&format!("others: accept {0}, {0} new of {0}, recv {0}/1,", sockets - 1)), "{drawn}");
    let lanes = Lanes { own: Vec::new(), others: true };
    assert_eq!(Tally::of_others(&core, &lanes).sockets as u64, 1 + sockets);
}

#[test]
fn folding_call_by_call_gives_what_folding_at_once_gives_and_goes_with_its_rows() {
    let mut core = Core::default();
    let (mut diagram, mut fold) = (Diagram::default(), Fold::default());
    let lanes = Lanes { own: vec![OwnLane { socket: SocketId::Conn(A), role: Role::Chosen }], others: true };
    for number in 0..ROWS_SHOWN + 700 {
        recv(&mut core, if number % 500 == 0 { A } else { ConnId::accepted(1 + number as u64 % 7) }, 1);
        if number % 97 == 0 {
            diagram.follow(&core);
            fold.follow(&diagram, &core, lanes.clone());
        }
    }
    diagram.follow(&core);
    fold.follow(&diagram, &core, lanes.clone());
    let mut at_once = Fold::default();
    at_once.follow(&diagram, &core, lanes);
    let places = |fold: &Fold| fold.items().skip(1).map(Item::number).collect::<Vec<_>>();
    assert_eq!(places(&fold), places(&at_once));
    assert!(fold.let_go() > 0 && fold.len() < 30, "{} {}", fold.let_go(), fold.len());
    assert_eq!(print(&diagram, &fold).lines().next_back(), print(&diagram, &at_once).lines().next_back());
}

#[test]
fn what_a_socket_is_about_is_told_by_its_state() {
    let mut core = Core::default();
    let (a, b) = (SocketId::Conn(A), SocketId::Conn(B));
    assert_eq!(state_of(&core, LISTENER), SocketState::Closed);
    let _ = core.apply(Input::Listen(ListenOptions::new(address(1))), Timestamp::UNIX_EPOCH);
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    assert_eq!(state_of(&core, LISTENER), SocketState::Idle, "it does not accept yet");
    happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(1), backlog: 5 });
    assert_eq!(state_of(&core, LISTENER), SocketState::Waits(Call::Accept));
    connect(&mut core);
    call(&mut core, a, Call::Socket { ipv6: false }, Outcome::Descriptor(7), 1);
    assert_eq!(state_of(&core, a), SocketState::Idle);
    happen(&mut core, EventKind::Connecting { conn: A, address: address(1), local: None });
    assert_eq!(state_of(&core, a), SocketState::Waits(Call::Connect(address(1))));
    accept(&mut core, B, 50);
    recv(&mut core, B, 1);
    let recvs = SocketState::Waits(Call::Recv(core.manner().options.recv_size));
    assert_eq!(state_of(&core, b), recvs);
    let tally = Tally::of_others(&core, &Lanes::default());
    assert_eq!(tally, Tally { sockets: 3, recv: 1, connect: 1, other_call: 1, ..Tally::default() });
    happen(&mut core, EventKind::WriteFinished { conn: B });
    assert_eq!(state_of(&core, b), recvs);
    happen(&mut core, EventKind::Stepping { conn: B, stepped: true });
    assert_eq!(state_of(&core, b), SocketState::Idle, "it waits for the user");
    happen(&mut core, EventKind::StepWaiting { socket: b, call: Call::Recv(3) });
    assert_eq!(state_of(&core, b), SocketState::Waits(Call::Recv(3)));
    happen(&mut core, EventKind::AcceptingPaused { listener: ListenerId(1), paused: true });
    assert_eq!(state_of(&core, LISTENER), SocketState::Idle);
    let closed = |core: &mut Core, conn: ConnId, reason| {
        happen(core, EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
        state_of(core, SocketId::Conn(conn))
    };
    assert_eq!(closed(&mut core, A, crate::chat::CloseReason::ByUs), SocketState::Closed);
    let error = |cause| {
        let reason = crate::chat::Reason::Kernel { cause, errno: None, text: String::new() };
        crate::chat::NetError::ours(crate::chat::CallKind::Recv, crate::chat::Target::Address(address(50)), reason)
    };
    accept(&mut core, ConnId::accepted(8), 51);
    let reason = crate::chat::CloseReason::Failed(error(crate::chat::Cause::Reset));
    assert_eq!(closed(&mut core, ConnId::accepted(8), reason), SocketState::Reset);
    accept(&mut core, ConnId::accepted(9), 52);
    let reason = crate::chat::CloseReason::Failed(error(crate::chat::Cause::TimedOut));
    assert_eq!(closed(&mut core, ConnId::accepted(9), reason), SocketState::Failed);
}

proptest! {
    #[test]
    fn following_call_by_call_gives_what_gathering_at_once_gives(
        moves in prop::collection::vec((0_u8..4, 1_u64..50), 0..120),
    ) {
        let mut core = both_ends();
        let mut step_by_step = Diagram::default();
        let mut sent = [0_u64; 2];
        let mut received = [0_u64; 2];
        for (what, bytes) in moves {
            let from = usize::from(what % 2);
            let (conn, other) = if from == 0 { (A, B) } else { (B, A) };
            if what < 2 {
                sent[from] += bytes;
                send(&mut core, conn, bytes);
            } else {
                let bytes = bytes.min(sent[from] - received[from]);
                received[from] += bytes;
                recv(&mut core, other, bytes);
            }
            step_by_step.follow(&core);
        }
        step_by_step.follow(&core);
        let at_once = followed(&core);
        prop_assert_eq!(step_by_step.len(), at_once.len());
        for (one, other) in step_by_step.rows().zip(at_once.rows()) {
            prop_assert_eq!(one.call, other.call);
            let joins = step_by_step.joins(one);
            prop_assert_eq!(&joins, &at_once.joins(other));
            // Each byte received came by one send: the joins cover a recv without a gap.
            if matches!(one.call.call.call, Call::Recv(_)) && joins.len() < JOINS_OF_A_ROW {
                let covered: u64 = joins.iter().map(|join| join.bytes.end - join.bytes.start).sum();
                let bytes = one.call.bytes().map_or(0, |bytes| bytes.end - bytes.start);
                prop_assert_eq!(covered, bytes);
                prop_assert!(joins.windows(2).all(|pair| pair[0].bytes.end == pair[1].bytes.start));
            }
        }
    }
}
