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
fn a_lane_leaves_its_column_to_another_when_its_socket_closes() {
    let mut core = Core::default();
    let first = accept(&mut core, A, 50);
    let made = recv(&mut core, A, 0);
    let close = call(&mut core, SocketId::Conn(A), Call::Close, Outcome::Done, 1);
    accept(&mut core, B, 51);
    let next = recv(&mut core, B, 0);
    let diagram = followed(&core);
    assert_eq!(diagram.accepted_by(lane_of(&diagram, made)), Some(first));
    assert!(diagram.lane(lane_of(&diagram, close)).unwrap().closed);
    let columns = diagram.columns(0..diagram.len(), 8);
    assert_eq!((columns.count, columns.folded), (2, false));
    assert_eq!(columns.of(lane_of(&diagram, made)), columns.of(lane_of(&diagram, next)));
}

#[test]
fn a_thousand_lanes_share_the_few_columns_there_are() {
    let mut core = Core::default();
    let mut calls = Vec::new();
    for conn in 1..=1024 {
        accept(&mut core, ConnId(conn), conn as u16);
        calls.push(recv(&mut core, ConnId(conn), 1));
    }
    let diagram = followed(&core);
    let columns = diagram.columns(100..130, 4);
    assert!(columns.folded && columns.count <= 4, "{columns:?}");
    for place in 100..130 {
        assert!(columns.of(diagram.row(place).unwrap().lane).is_some_and(|column| column < 4));
    }
    let (waiting, _) = diagram.waiting(&core);
    assert!(waiting.len() <= WAITING_SHOWN);
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
fn lanes_share_a_column_from_the_first_row_of_each_to_its_last() {
    let columns_of = |order: &[u64], rows: Range<usize>, most: usize| {
        let mut core = Core::default();
        for conn in order {
            recv(&mut core, ConnId(*conn), 1);
        }
        let diagram = followed(&core);
        let columns = diagram.columns(rows, most);
        let of = |conn: u64| columns.of(diagram.lane_of(SocketId::Conn(ConnId(conn))).unwrap());
        ((1..=4).map(of).collect::<Vec<_>>(), columns.count, columns.folded)
    };
    let in_turn = [1, 2, 1, 3, 4, 2];
    assert_eq!(columns_of(&in_turn, 0..6, 2), (vec![Some(0), Some(1), Some(0), Some(0)], 2, true));
    assert_eq!(columns_of(&in_turn, 0..6, 4), (vec![Some(0), Some(1), Some(2), Some(3)], 4, false));
    assert_eq!(columns_of(&in_turn, 3..100, 3), (vec![None, Some(0), Some(0), Some(0)], 1, true));
    assert_eq!(columns_of(&in_turn, 100..200, 3), (vec![None; 4], 0, true));
    assert_eq!(columns_of(&in_turn, 0..6, 0), (vec![Some(0); 4], 1, true), "there is one at least");
    // At the third row there is no room: the last column has two, and the longer of them holds it.
    assert_eq!(columns_of(&[1, 2, 3, 2, 3, 4, 1], 0..7, 2), (vec![Some(0), Some(1), Some(1), Some(1)], 2, true));
    assert_eq!(columns_of(&[1, 2, 3, 1, 4, 2], 0..6, 2), (vec![Some(0), Some(1), Some(1), Some(0)], 2, true));
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
    assert_eq!((lane.calls, lane.closed, lane.fd), ((1, 3), false, 7));
    assert_eq!(diagram.lanes().count(), 4);
}

#[test]
fn a_lane_keeps_its_descriptor_when_a_call_has_none() {
    let mut core = both_ends();
    let (at, waited) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
    let (socket, call, outcome) = (SocketId::Conn(A), Call::LocalName, Outcome::Done);
    happen(&mut core, EventKind::Call(SocketCall { socket, fd: -1, call, outcome, at, waited, count: 1 }));
    let diagram = followed(&core);
    assert_eq!(diagram.lane(diagram.lane_of(socket).unwrap()).unwrap().fd, 7);
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

#[test]
fn what_waits_is_told_for_each_socket_by_its_state() {
    let mut core = Core::default();
    let waiting = |core: &Core| {
        let diagram = followed(core);
        let (waiting, more) = diagram.waiting(core);
        let told: Vec<_> = waiting.iter().map(|w| (diagram.lane(w.lane).unwrap().socket, w.call)).collect();
        (told, more)
    };
    let (a, b) = (SocketId::Conn(B), SocketId::Conn(A));
    call(&mut core, LISTENER, Call::Listen(5), Outcome::Done, 1);
    let _ = core.apply(Input::Listen(ListenOptions::new(address(1))), Timestamp::UNIX_EPOCH);
    assert_eq!(waiting(&core), (vec![], 0));
    happen(&mut core, EventKind::Listening { listener: ListenerId(1), local: address(1), backlog: 5 });
    let accepts = (LISTENER, Call::Accept);
    assert_eq!(waiting(&core), (vec![accepts], 0));
    connect(&mut core);
    call(&mut core, b, Call::Socket { ipv6: false }, Outcome::Descriptor(7), 1);
    assert_eq!(waiting(&core), (vec![accepts], 0));
    happen(&mut core, EventKind::Connecting { conn: A, address: address(1), local: None });
    let connects = (b, Call::Connect(address(1)));
    assert_eq!(waiting(&core), (vec![accepts, connects], 0));
    accept(&mut core, B, 50);
    recv(&mut core, B, 1);
    let size = core.manner().options.recv_size;
    assert_eq!(waiting(&core), (vec![accepts, connects, (a, Call::Recv(size))], 0));
    happen(&mut core, EventKind::WriteFinished { conn: B });
    assert_eq!(waiting(&core).0.last(), Some(&(a, Call::Recv(size))));
    happen(&mut core, EventKind::Stepping { conn: B, stepped: true });
    assert_eq!(waiting(&core), (vec![accepts, connects], 0), "it waits for the user");
    happen(&mut core, EventKind::StepWaiting { socket: a, call: Call::Recv(3) });
    assert_eq!(waiting(&core), (vec![accepts, connects, (a, Call::Recv(3))], 0));
    happen(&mut core, EventKind::AcceptingPaused { listener: ListenerId(1), paused: true });
    assert_eq!(waiting(&core), (vec![connects, (a, Call::Recv(3))], 0));
    call(&mut core, a, Call::Close, Outcome::Done, 1);
    for conn in 10..18 {
        accept(&mut core, ConnId(conn), 100 + conn as u16);
        recv(&mut core, ConnId(conn), 1);
    }
    let (told, more) = waiting(&core);
    let busiest: Vec<_> = (12..18).map(|conn| (SocketId::Conn(ConnId(conn)), Call::Recv(size))).collect();
    assert_eq!((told, more), (busiest, 3), "of eight that receive and one that connects");
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
