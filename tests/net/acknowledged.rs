//! What the other machine has acknowledged, as the kernel has it.
#![cfg(target_os = "linux")]

use std::{
    io::Read as _,
    net::{TcpListener, TcpStream},
    time::Duration,
};

use socket2::SockRef;
use sockhop::net::{Command, ConnId, ConnStep, EventKind};

use crate::{
    ids,
    room::{LIMIT, Room, anywhere, read},
};

/// Wait until that many bytes are acknowledged. Gives what was reported, up to there.
fn acknowledged(room: &mut Room, conn: ConnId, bytes: u64) -> Vec<u64> {
    let mut reported = Vec::new();
    while reported.last().is_none_or(|last| *last < bytes) {
        reported.push(room.wait("Acknowledged", |kind| match kind {
            EventKind::Acknowledged { conn: of, bytes } if *of == conn => Some(*bytes),
            _ => None,
        }));
    }
    reported
}

#[test]
fn what_a_peer_does_not_read_is_acknowledged_all_the_same() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, _client) = room.guest(at);
    let message = room.send(conn, "hello\n");
    assert_eq!(room.sent(message), 6);
    assert_eq!(acknowledged(&mut room, conn, 6).last(), Some(&6));
    // Nothing more is asked for, and nothing more reported.
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Acknowledged { .. })));
    let message = room.send(conn, "again\n");
    room.sent(message);
    assert_eq!(acknowledged(&mut room, conn, 12).last(), Some(&12));
}

#[test]
fn over_ipv6_and_in_sight_it_is_the_same() {
    let mut room = Room::new();
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let conn = room.connect("::1", listener.local_addr().unwrap().port());
    room.connected(conn);
    let (_peer, _) = listener.accept().unwrap();
    room.ask(Command::InSight { conn: Some(conn) });
    room.send(conn, "hello\n");
    assert_eq!(acknowledged(&mut room, conn, 6).last(), Some(&6));
}

#[test]
fn what_the_other_machine_has_no_room_for_is_sent_and_not_acknowledged_until_it_has() {
    let mut room = Room::new();
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    // Small from the start: the window that the other end may offer is set with the handshake.
    listener.set_recv_buffer_size(4096).unwrap();
    listener.bind(&anywhere().into()).unwrap();
    listener.listen(1).unwrap();
    let listener = TcpListener::from(listener);
    let conn = room.connect("127.0.0.1", listener.local_addr().unwrap().port());
    room.connected(conn);
    let (mut peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    room.ask(Command::InSight { conn: Some(conn) });
    let bytes = 200_000;
    let message = room.send(conn, vec![b'x'; bytes]);
    assert_eq!(room.sent(message), bytes);
    let first = room.wait("Acknowledged", |kind| match kind {
        EventKind::Acknowledged { bytes, .. } => Some(*bytes),
        _ => None,
    });
    assert!(first < bytes as u64, "{first}");
    assert_eq!(read(&mut peer, bytes).len(), bytes);
    assert_eq!(acknowledged(&mut room, conn, bytes as u64).last(), Some(&(bytes as u64)));
}

#[test]
fn a_fin_is_no_byte_of_the_stream() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    let message = room.send(conn, "last\n");
    room.ask(Command::FinishSending { conn });
    room.sent(message);
    assert_eq!(acknowledged(&mut room, conn, 5).last(), Some(&5));
    let mut all = Vec::new();
    client.read_to_end(&mut all).unwrap();
    assert_eq!(all, b"last\n");
}

#[test]
fn at_the_close_it_is_asked_once_more_even_if_the_kernel_has_only_a_time_wait_left() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    let message = room.send(conn, "last\n");
    room.ask(Command::FinishSending { conn });
    room.sent(message);
    let mut all = Vec::new();
    client.read_to_end(&mut all).unwrap();
    drop(client);
    // In order: the acknowledgement, if it was not reported before, then the end.
    let (mut last, mut closed) = (0, false);
    while !closed {
        closed = room.wait("Acknowledged or Closed", |kind| match kind {
            EventKind::Acknowledged { conn: of, bytes } if *of == conn => {
                last = *bytes;
                Some(false)
            }
            EventKind::Closed { conn: of, .. } if *of == conn => Some(true),
            _ => None,
        });
    }
    assert_eq!(last, 5);
}

#[test]
fn what_a_reset_came_before_is_never_acknowledged() {
    let mut room = Room::new();
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.set_recv_buffer_size(4096).unwrap();
    listener.bind(&anywhere().into()).unwrap();
    listener.listen(1).unwrap();
    let listener = TcpListener::from(listener);
    let conn = room.connect("127.0.0.1", listener.local_addr().unwrap().port());
    room.connected(conn);
    let (peer, _) = listener.accept().unwrap();
    let bytes = 200_000;
    let message = room.send(conn, vec![b'x'; bytes]);
    room.sent(message);
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    room.closed(conn);
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Acknowledged { bytes: 200_000, .. })));
}

#[test]
fn a_message_to_all_is_acknowledged_by_each() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let clients: Vec<(ConnId, TcpStream)> = (0..200).map(|_| room.guest(at)).collect();
    let message = ids::next_message();
    room.ask(Command::SendToAll { message, bytes: "all\n".into() });
    for (conn, _) in &clients {
        assert_eq!(acknowledged(&mut room, *conn, 4).last(), Some(&4));
    }
}

#[test]
fn a_step_that_sends_is_acknowledged_too() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, _client) = room.guest(at);
    room.ask(Command::SetStepped { conn, stepped: true });
    room.send(conn, "step\n");
    room.ask(Command::StepConn { conn, step: ConnStep::Send });
    assert_eq!(acknowledged(&mut room, conn, 5).last(), Some(&5));
}
