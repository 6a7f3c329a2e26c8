//! Simulated students: which ends are theirs, and how they leave.

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::Delivery,
    core::{Core, Input, Key, NoticeKind, StudentPhrases},
    net::{CloseReason, Command, ConnId, Event, EventKind, ListenerId, MessageId},
    wire::{Batch, Boundary, Cut},
};

use crate::{address, connecting, failure, happen, listen, send, sent, was_sent};

/// The student's own end, and the one that our server accepted.
const STUDENT: ConnId = ConnId::asked(1);
const ACCEPTED: ConnId = ConnId::accepted(1);

fn apply(core: &mut Core, input: Input) {
    let _ = core.apply(input, Timestamp::UNIX_EPOCH);
}

/// A server that so many students are connecting to.
fn server(students: usize) -> Core {
    let mut core = Core::default();
    listen(&mut core, address(9));
    add_students(&mut core, students);
    core
}

/// So many more students are connecting; their own ends.
fn add_students(core: &mut Core, count: usize) -> Vec<ConnId> {
    let phrases = StudentPhrases::default();
    let effects = core.apply(Input::AddStudents { count, phrases }, Timestamp::UNIX_EPOCH);
    assert!(effects.journal.is_empty(), "nothing that students do is kept");
    let conn = |command: &Command| if let Command::Connect { conn, .. } = command { Some(*conn) } else { None };
    effects.commands.iter().filter_map(conn).collect()
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
    let mut core = server(1);
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
fn nothing_of_a_student_is_kept_though_it_is_accepted_before_it_knows_of_its_connection() {
    let mut core = server(1);
    let kept = |core: &mut Core, kind| {
        let event = Event { at: Timestamp::UNIX_EPOCH, kind };
        core.apply(Input::Net(event), Timestamp::UNIX_EPOCH).journal.len()
    };
    let connecting = EventKind::Connecting { conn: STUDENT, address: address(9), local: Some(address(5)) };
    let accepted = |conn, port| {
        let (listener, peer, local) = (ListenerId(1), address(port), address(9));
        EventKind::Accepted { listener, conn, peer, local }
    };
    assert_eq!(kept(&mut core, connecting), 0);
    assert_eq!(kept(&mut core, accepted(ACCEPTED, 5)), 0);
    assert_eq!(kept(&mut core, EventKind::Connected { conn: STUDENT, peer: address(9), local: address(5) }), 0);
    assert_eq!(kept(&mut core, EventKind::PeerFinished { conn: ACCEPTED }), 0);
    // Somebody else's is, from another port.
    assert!(kept(&mut core, accepted(ConnId::accepted(2), 6)) > 0);
    assert!(core.conversation(Key::Conn(ConnId::accepted(2))).unwrap().is_kept());
}

#[test]
fn an_address_that_a_student_failed_to_connect_from_is_anybodys() {
    let mut core = server(1);
    happen(&mut core, EventKind::Connecting { conn: STUDENT, address: address(9), local: Some(address(5)) });
    happen(&mut core, EventKind::ConnectFailed { conn: STUDENT, error: failure() });
    accepted(&mut core, ACCEPTED, 5);
    assert!(core.conversation(Key::Conn(ACCEPTED)).unwrap().is_kept());
}

#[test]
fn both_ends_of_a_students_connection_are_that_students() {
    for accepted_first in [true, false] {
        let core = room(accepted_first);
        let student = |conn| core.conversation(Key::Conn(conn)).unwrap().student;
        assert_eq!((student(STUDENT), student(ACCEPTED)), (Some(1), Some(1)));
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
    let conn = ConnId::accepted(2);
    accepted(&mut core, conn, 6);
    let other = core.conversation(Key::Conn(conn)).unwrap();
    assert_eq!((other.student, other.is_students_own(), core.other_end(conn)), (None, false, None));
    assert_eq!(core.other_end(ConnId::accepted(99)), None);
}

#[test]
fn what_students_receive_is_not_to_be_read() {
    use sockhop::wire::{BatchBuilder, Framer, Framing};
    let mut core = room(true);
    for conn in [STUDENT, ACCEPTED] {
        let (mut framer, mut out) = (Framer::new(Framing::Line, 1), BatchBuilder::default());
        framer.push(b"hi\n", std::time::Duration::ZERO, &mut out).unwrap();
        happen(&mut core, EventKind::Received { conn, batch: out.take(), recv_ends: vec![3] });
    }
    let unread = |conn| core.conversation(Key::Conn(conn)).unwrap().unread();
    assert_eq!((unread(STUDENT), unread(ACCEPTED)), (0, 1));
}

#[test]
fn a_student_that_is_sent_away_goes_once_it_is_closed() {
    let mut core = room(true);
    apply(&mut core, Input::RemoveStudents);
    assert!(core.is_leaving(STUDENT) && core.is_leaving(ACCEPTED) && is_known(&core, STUDENT));
    closed(&mut core, STUDENT);
    assert!(!is_known(&core, STUDENT) && is_known(&core, ACCEPTED) && !core.is_leaving(STUDENT));
    closed(&mut core, ACCEPTED);
    assert!(!is_known(&core, ACCEPTED));
    assert_eq!((core.students().len(), core.conversations().len(), core.connected_clients()), (0, 0, 0));
    // A later connection from the same port is another's.
    let later = ConnId::accepted(2);
    accepted(&mut core, later, 5);
    assert_eq!((core.other_end(later), core.conversation(Key::Conn(later)).unwrap().student), (None, None));
}

#[test]
fn one_that_is_closed_goes_at_once_when_it_is_sent_away() {
    let mut core = room(true);
    closed(&mut core, STUDENT);
    closed(&mut core, ACCEPTED);
    assert!(is_known(&core, STUDENT) && is_known(&core, ACCEPTED));
    assert_eq!(core.other_end(STUDENT), None, "its end is no connection any more");
    apply(&mut core, Input::RemoveStudents);
    assert!(!is_known(&core, STUDENT) && !is_known(&core, ACCEPTED));
    assert!(!core.is_leaving(STUDENT));
}

#[test]
fn one_that_was_sent_away_before_it_was_accepted_goes_with_both_ends() {
    let mut core = server(1);
    connected(&mut core, STUDENT, 5);
    apply(&mut core, Input::RemoveStudents);
    accepted(&mut core, ACCEPTED, 5);
    assert!(core.is_leaving(STUDENT) && core.is_leaving(ACCEPTED));
    closed(&mut core, ACCEPTED);
    closed(&mut core, STUDENT);
    assert!(!is_known(&core, STUDENT) && !is_known(&core, ACCEPTED));
}

#[test]
fn of_students_that_fail_alike_one_after_the_other_one_is_told() {
    let mut core = server(0);
    let told = |core: &Core| core.notices().iter().filter(|n| matches!(n.kind, NoticeKind::Net { .. })).count();
    let failed = |core: &mut Core, conn| happen(core, EventKind::ConnectFailed { conn, error: failure() });
    for conn in add_students(&mut core, 3) {
        failed(&mut core, conn);
    }
    assert_eq!(told(&core), 1);
    // Others are told each.
    for _ in 0..2 {
        let conn = connecting(&mut core);
        failed(&mut core, conn);
    }
    assert_eq!(told(&core), 3);
    // After another's failure, a student's is told again.
    let fourth = add_students(&mut core, 1)[0];
    failed(&mut core, fourth);
    assert_eq!(told(&core), 4);
    // One that leaves fails for nobody.
    let fifth = add_students(&mut core, 1)[0];
    connected(&mut core, fifth, 5);
    accepted(&mut core, ACCEPTED, 5);
    let conn = connecting(&mut core);
    failed(&mut core, conn);
    assert_eq!(told(&core), 5);
    apply(&mut core, Input::RemoveStudents);
    for conn in [ACCEPTED, fifth] {
        let reason = CloseReason::Failed(failure());
        happen(&mut core, EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
    }
    assert_eq!(told(&core), 5);
}

/// A student receives so many bytes. Gives how many answers it has to them.
fn answers(core: &mut Core, bytes: u64) -> usize {
    let cut = Cut { end: bytes as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
    let batch = Batch { bytes: Bytes::from(vec![b'a'; bytes as usize]), cuts: vec![cut] };
    let (at, kind) = (Timestamp::UNIX_EPOCH, EventKind::Received { conn: STUDENT, batch, recv_ends: Vec::new() });
    let commands = core.apply(Input::Net(Event { at, kind }), at).commands;
    assert!(commands.iter().all(|command| matches!(command, Command::Send { conn: STUDENT, .. })), "{commands:?}");
    commands.len()
}

#[test]
fn what_was_said_by_hand_is_answered_within_its_part_of_the_stream() {
    let said = |from: u64, to: u64| {
        let mut core = room(true);
        // Its greeting was the first message.
        for message in 2..=4 {
            send(&mut core, Key::Conn(ACCEPTED), message);
            was_sent(&mut core, ACCEPTED, message);
        }
        let (message, bytes) = (MessageId::reply(1), "auto\n".into());
        happen(&mut core, EventKind::AutoReplied { conn: ACCEPTED, message, bytes });
        happen(&mut core, EventKind::Sent { conn: ACCEPTED, message, bytes: 5 });
        send(&mut core, Key::Conn(ACCEPTED), 5);
        let waits = sent(core.conversation(Key::Conn(ACCEPTED)).unwrap()).last().unwrap().delivery.clone();
        assert_eq!(waits, Delivery::Waiting);
        if from > 0 {
            answers(&mut core, from);
        }
        answers(&mut core, to - from)
    };
    assert_eq!([said(0, 9), said(0, 3), said(0, 2), said(3, 6), said(3, 8)], [3, 1, 0, 1, 1]);
    assert_eq!([said(9, 14), said(0, 100), said(2, 7)], [0, 3, 2]);
}
