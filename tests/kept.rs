//! What is kept and what is dropped, however many come and go.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{CloseReason, Delivery, JournalEntry, NetError, Reason, RowKind, Target},
    core::{CALLS_OF_NOBODY_KEPT, CLOSED_KEPT, Core, Effects, Input, Key, MEMORY_KEPT, NoticeKind, ROWS_LEFT},
    history::Answer,
    net::{Call, CallKind, Command, ConnId, Event, EventKind, ListenerId, Outcome, SocketCall, SocketId},
    wire::{BatchBuilder, Framer, Framing},
};

const LISTENER: ListenerId = ListenerId(1);

fn happens(core: &mut Core, kind: EventKind) -> Effects {
    core.apply(Input::Net(Event { at: Timestamp::UNIX_EPOCH, kind }), Timestamp::UNIX_EPOCH)
}

fn address(port: u64) -> SocketAddr {
    ([127, 0, 0, 1], port as u16).into()
}

fn accept(core: &mut Core, count: u64) -> ConnId {
    let conn = ConnId::accepted(count);
    let (peer, local) = (address(count), address(9));
    let _ = happens(core, EventKind::Accepted { listener: LISTENER, conn, peer, local });
    conn
}

fn come_and_go(core: &mut Core, counts: std::ops::Range<u64>) {
    for count in counts {
        let conn = accept(core, count);
        let reason = CloseReason::Orderly;
        let _ = happens(core, EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
    }
}

#[test]
fn who_stays_is_recorded_however_many_others_come_and_go() {
    let mut core = Core::default();
    let stays = accept(&mut core, 1);
    come_and_go(&mut core, 2..2 * CLOSED_KEPT as u64 + 2);
    let mut batch = BatchBuilder::default();
    Framer::new(Framing::Line, 1).push(b"still here\n", Duration::ZERO, &mut batch).unwrap();
    let effects = happens(&mut core, EventKind::Received { conn: stays, batch: batch.take(), recv_ends: Vec::new() });
    assert!(matches!(&effects.journal[..], [JournalEntry::Received { .. }]), "{:?}", effects.journal);
    assert_eq!(core.conversation(Key::Conn(stays)).unwrap().unread(), 1);
}

#[test]
fn a_message_to_everyone_counts_on_however_many_come_and_go() {
    let mut core = Core::default();
    let stays = accept(&mut core, 1);
    let bytes = Bytes::from_static(b"hello\n");
    let sent = core.apply(Input::SendBytes { key: Key::Everyone, bytes }, Timestamp::UNIX_EPOCH);
    let Some(Command::SendToAll { message, .. }) = sent.commands.first() else { panic!("{:?}", sent.commands) };
    let message = *message;
    let _ = happens(&mut core, EventKind::SendingToAll { message, clients: 1 });
    come_and_go(&mut core, 2..2 * CLOSED_KEPT as u64 + 2);
    let _ = happens(&mut core, EventKind::Sent { conn: stays, message, bytes: 6 });
    let everyone = core.conversation(Key::Everyone).unwrap();
    let (_, row) = everyone.entries().iter().next().unwrap();
    let RowKind::Sent(row) = &row.kind else { panic!("{row:?}") };
    assert_eq!(row.delivery, Delivery::ToAll { clients: 1, sent: 1, failed: 0, error: None });
}

#[test]
fn calls_of_clients_turned_away_and_of_closed_listeners_are_dropped_in_time() {
    let mut core = Core::default();
    let call = |core: &mut Core, socket| {
        let waited = Duration::ZERO;
        let at = Timestamp::UNIX_EPOCH;
        let call = SocketCall { socket, fd: 3, call: Call::Close, outcome: Outcome::Done, at, waited, count: 1 };
        let _ = happens(core, EventKind::Call(call));
    };
    let error = NetError::ours(CallKind::Accept, Target::None, Reason::Closed);
    for count in 1..=3 * CALLS_OF_NOBODY_KEPT as u64 {
        let conn = ConnId::accepted(count);
        call(&mut core, SocketId::Conn(conn));
        let error = error.clone();
        let _ = happens(&mut core, EventKind::TurnedAway { listener: LISTENER, conn, peer: address(count), error });
        let listener = ListenerId(count + 1);
        call(&mut core, SocketId::Listener(listener));
        let _ = happens(&mut core, EventKind::ListenerClosed { listener });
    }
    assert_eq!(core.sockets().len(), CALLS_OF_NOBODY_KEPT, "the latest can still be looked at");
    // A connection that stands keeps its calls.
    let stays = accept(&mut core, 1_000);
    call(&mut core, SocketId::Conn(stays));
    let _ = happens(&mut core, EventKind::ListenerClosed { listener: LISTENER });
    assert!(core.calls(SocketId::Conn(stays)).is_some());
}

/// 50 conversations of 12 MiB each, closed but for the last; the first was read last.
fn much(core: &mut Core) {
    for count in 1..=50 {
        let conn = accept(core, count);
        for _ in 0..12 {
            let mut batch = BatchBuilder::default();
            let line = [&[b'x'; 1023][..], b"\n"].concat().repeat(1024);
            Framer::new(Framing::Line, 1).push(&line, Duration::ZERO, &mut batch).unwrap();
            let _ = happens(core, EventKind::Received { conn, batch: batch.take(), recv_ends: Vec::new() });
        }
        if count < 50 {
            let reason = CloseReason::Orderly;
            let _ = happens(core, EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
        }
        if count == 2 {
            let _ = core.apply(Input::Read(Key::Conn(ConnId::accepted(1))), Timestamp::UNIX_EPOCH);
        }
        let _ = core.apply(Input::Wake, Timestamp::UNIX_EPOCH);
    }
}

#[test]
fn past_the_limit_of_memory_rows_that_the_history_has_are_dropped_of_what_was_read_longest_ago() {
    let mut core = Core::default();
    let _ = core.apply(Input::HistoryKeeps(true), Timestamp::UNIX_EPOCH);
    let _ = core.apply(Input::History(Box::new(Answer::Opened { path: "h".into() })), Timestamp::UNIX_EPOCH);
    much(&mut core);
    assert!(core.memory() <= MEMORY_KEPT, "{}", core.memory());
    assert_eq!(core.conversations().len(), 50, "all are still in the list");
    let rows = |count| core.conversation(Key::Conn(ConnId::accepted(count))).unwrap().entries().len();
    assert_eq!(rows(2), ROWS_LEFT);
    assert!(rows(1) > 10_000 - 1 && rows(50) > 10_000 - 1, "one was read, the other is open");
    assert!(core.notices().is_empty());
}

#[test]
fn past_the_limit_of_memory_closed_conversations_go_where_there_is_no_history_and_that_is_told() {
    let mut core = Core::default();
    much(&mut core);
    assert!(core.memory() <= MEMORY_KEPT, "{}", core.memory());
    assert!(core.conversations().len() < 50);
    assert!(core.conversation(Key::Conn(ConnId::accepted(50))).is_some(), "what is open stays");
    assert!(core.notices().iter().any(|notice| notice.kind == NoticeKind::ClosedLetGo));
}
