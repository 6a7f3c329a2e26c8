//! Simulated students: which ends are theirs, and how they leave.

use jiff::Timestamp;
use sockhop::{
    chat::Delivery,
    core::{Core, Input, Key, NoticeKind},
    net::{CloseReason, ConnId, EventKind, ListenerId, MessageId},
};

use crate::{address, failure, happen, send, sent, was_sent};

/// The student's own end, and the one that our server accepted.
const STUDENT: ConnId = ConnId(1);
const ACCEPTED: ConnId = ConnId(2);

fn apply(core: &mut Core, input: Input) {
    let _ = core.apply(input, Timestamp::UNIX_EPOCH);
}

fn student_connecting(core: &mut Core, conn: ConnId, number: u32) {
    let (target, at) = (("127.0.0.1".to_owned(), 9), Timestamp::UNIX_EPOCH);
    let effects = core.apply(Input::StudentConnecting { conn, target, number, at }, at);
    assert!(effects.journal.is_empty(), "the end that was accepted is kept, not this one");
}

fn connected(core: &mut Core, conn: ConnId, port: u16) {
    happen(core, EventKind::Connected { conn, peer: address(9), local: address(port) });
}

fn accepted(core: &mut Core, conn: ConnId, port: u16) {
    happen(core, EventKind::Accepted { listener: ListenerId(1), conn, peer: address(port), local: address(9) });
}

fn closed(core: &mut Core, conn: ConnId) {
    happen(core, EventKind::Closed { conn, reason: CloseReason::ByUs, bytes_in: 0, bytes_out: 0 });
}

/// A student that is connected, whose connect returned before or after it was accepted.
fn room(accepted_first: bool) -> Core {
    let mut core = Core::default();
    student_connecting(&mut core, STUDENT, 7);
    if accepted_first {
        accepted(&mut core, ACCEPTED, 5);
        connected(&mut core, STUDENT, 5);
    } else {
        connected(&mut core, STUDENT, 5);
        accepted(&mut core, ACCEPTED, 5);
    }
    core
}

fn is_known(core: &Core, conn: ConnId) -> bool {
    core.conversation(Key::Conn(conn)).is_some()
}

#[test]
fn both_ends_of_a_students_connection_are_that_students() {
    for accepted_first in [true, false] {
        let core = room(accepted_first);
        let student = |conn| core.conversation(Key::Conn(conn)).unwrap().student;
        assert_eq!((student(STUDENT), student(ACCEPTED)), (Some(7), Some(7)));
        assert_eq!((core.other_end(STUDENT), core.other_end(ACCEPTED)), (Some(ACCEPTED), Some(STUDENT)));
        let own = |conn| core.conversation(Key::Conn(conn)).unwrap().is_students_own();
        assert!(own(STUDENT) && !own(ACCEPTED));
        assert_eq!(core.students().map(|(conn, _)| conn).collect::<Vec<_>>(), [STUDENT]);
        assert_eq!(core.conversations().map(|(conn, _)| conn).collect::<Vec<_>>(), [ACCEPTED]);
    }
}

#[test]
fn another_client_is_no_student() {
    let mut core = room(true);
    accepted(&mut core, ConnId(3), 6);
    let other = core.conversation(Key::Conn(ConnId(3))).unwrap();
    assert_eq!((other.student, other.is_students_own(), core.other_end(ConnId(3))), (None, false, None));
    assert_eq!(core.other_end(ConnId(99)), None);
}

#[test]
fn what_students_receive_is_not_to_be_read() {
    use sockhop::wire::{BatchBuilder, Framer, Framing};
    let mut core = room(true);
    for conn in [STUDENT, ACCEPTED] {
        let (mut framer, mut out) = (Framer::new(Framing::Line, 1), BatchBuilder::default());
        framer.push(b"hi\n", std::time::Instant::now(), &mut out).unwrap();
        happen(&mut core, EventKind::Received { conn, batch: out.take(), recv_ends: vec![3] });
    }
    let unread = |conn| core.conversation(Key::Conn(conn)).unwrap().unread();
    assert_eq!((unread(STUDENT), unread(ACCEPTED)), (0, 1));
}

#[test]
fn a_student_that_is_sent_away_goes_once_it_is_closed() {
    let mut core = room(true);
    apply(&mut core, Input::Dismissed(vec![STUDENT, ACCEPTED, ConnId(99)]));
    assert!(core.is_leaving(STUDENT) && core.is_leaving(ACCEPTED) && is_known(&core, STUDENT));
    closed(&mut core, STUDENT);
    assert!(!is_known(&core, STUDENT) && is_known(&core, ACCEPTED) && !core.is_leaving(STUDENT));
    closed(&mut core, ACCEPTED);
    assert!(!is_known(&core, ACCEPTED));
    assert_eq!((core.students().len(), core.conversations().len(), core.connected_clients()), (0, 0, 0));
    // A later connection from the same port is another's.
    accepted(&mut core, ConnId(3), 5);
    assert_eq!((core.other_end(ConnId(3)), core.conversation(Key::Conn(ConnId(3))).unwrap().student), (None, None));
}

#[test]
fn one_that_is_closed_goes_at_once_when_it_is_sent_away() {
    let mut core = room(true);
    closed(&mut core, STUDENT);
    closed(&mut core, ACCEPTED);
    assert!(is_known(&core, STUDENT) && is_known(&core, ACCEPTED));
    assert_eq!(core.other_end(STUDENT), None, "its end is no connection any more");
    apply(&mut core, Input::Dismissed(vec![STUDENT, ACCEPTED]));
    assert!(!is_known(&core, STUDENT) && !is_known(&core, ACCEPTED));
    assert!(!core.is_leaving(STUDENT));
}

#[test]
fn one_that_was_sent_away_before_it_was_accepted_goes_with_both_ends() {
    let mut core = Core::default();
    student_connecting(&mut core, STUDENT, 7);
    connected(&mut core, STUDENT, 5);
    apply(&mut core, Input::Dismissed(vec![STUDENT]));
    accepted(&mut core, ACCEPTED, 5);
    assert!(core.is_leaving(STUDENT) && core.is_leaving(ACCEPTED));
    closed(&mut core, ACCEPTED);
    closed(&mut core, STUDENT);
    assert!(!is_known(&core, STUDENT) && !is_known(&core, ACCEPTED));
}

#[test]
fn of_students_that_fail_alike_one_after_the_other_one_is_told() {
    let mut core = Core::default();
    let told = |core: &Core| core.notices().iter().filter(|n| matches!(n.kind, NoticeKind::Net { .. })).count();
    for number in 1..=3 {
        let conn = ConnId(number);
        student_connecting(&mut core, conn, number as u32);
        happen(&mut core, EventKind::ConnectFailed { conn, error: failure() });
    }
    assert_eq!(told(&core), 1);
    // Others are told each.
    for conn in [ConnId(11), ConnId(12)] {
        crate::connecting(&mut core, conn);
        happen(&mut core, EventKind::ConnectFailed { conn, error: failure() });
    }
    assert_eq!(told(&core), 3);
    // After another's failure, a student's is told again.
    student_connecting(&mut core, ConnId(4), 4);
    happen(&mut core, EventKind::ConnectFailed { conn: ConnId(4), error: failure() });
    assert_eq!(told(&core), 4);
    // One that leaves fails for nobody.
    crate::accept(&mut core, ConnId(21));
    apply(&mut core, Input::Dismissed(vec![ConnId(21)]));
    let reason = CloseReason::Failed(failure());
    happen(&mut core, EventKind::Closed { conn: ConnId(21), reason, bytes_in: 0, bytes_out: 0 });
    assert_eq!(told(&core), 4);
}

#[test]
fn what_was_said_by_hand_is_counted_within_its_part_of_the_stream() {
    let mut core = room(true);
    for message in 1..=3 {
        send(&mut core, Key::Conn(ACCEPTED), message);
        was_sent(&mut core, ACCEPTED, message);
    }
    let (message, bytes) = (MessageId(4), "auto\n".into());
    happen(&mut core, EventKind::AutoReplied { conn: ACCEPTED, message, bytes });
    happen(&mut core, EventKind::Sent { conn: ACCEPTED, message, bytes: 5 });
    send(&mut core, Key::Conn(ACCEPTED), 5);
    let said = |from, to| core.said_by_hand(ACCEPTED, &(from..to));
    assert_eq!([said(0, 9), said(0, 3), said(0, 2), said(3, 6), said(3, 8)], [3, 1, 0, 1, 1]);
    assert_eq!([said(9, 14), said(0, 100), said(2, 7)], [0, 3, 2]);
    assert_eq!(core.said_by_hand(ConnId(99), &(0..100)), 0);
    let waits = sent(core.conversation(Key::Conn(ACCEPTED)).unwrap()).last().unwrap().delivery.clone();
    assert_eq!(waits, Delivery::Waiting);
}
