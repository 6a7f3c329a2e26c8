//! Urgent data (`MSG_OOB`): no byte is lost, and each is told with its place.

use std::{io::Write as _, net::TcpStream};

use socket2::SockRef;
use sockhop::{
    net::{Command, ConnId, ConnOptions, ConnStep, EventKind, URGENT_TOLD},
    wire::Framing,
};

use crate::room::{Room, framed};

fn send_urgent(stream: &TcpStream, byte: u8) {
    assert_eq!(SockRef::from(stream).send_out_of_band(&[byte]).unwrap(), 1);
}

/// The next urgent byte that is told, its place, and whether it is the last that is.
fn urgent(room: &mut Room, conn: ConnId) -> (u8, u64, bool) {
    room.wait("Urgent", |kind| match kind {
        EventKind::Urgent { conn: of, byte, position, last_told } if *of == conn => {
            Some((*byte, *position, *last_told))
        }
        _ => None,
    })
}

/// That many bytes, in however many messages.
fn received(room: &mut Room, conn: ConnId, bytes: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < bytes {
        all.extend(room.received(conn).0.bytes);
    }
    all
}

#[test]
fn an_urgent_byte_stays_in_its_place_and_is_told() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    client.write_all(b"hello world?").unwrap();
    send_urgent(&client, b'!');
    assert_eq!(received(&mut room, conn, 13), b"hello world?!");
    assert_eq!(urgent(&mut room, conn), (b'!', 13, false));
    client.write_all(b"one\ntw").unwrap();
    send_urgent(&client, b'o');
    client.write_all(b"\nthree\n").unwrap();
    assert_eq!(urgent(&mut room, conn), (b'o', 20, false));
    assert_eq!(received(&mut room, conn, 14), b"one\ntwo\nthree\n");
}

#[test]
fn the_first_byte_of_all_may_be_urgent() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::Chunk));
    let (conn, client) = room.guest(at);
    send_urgent(&client, 0);
    assert_eq!(urgent(&mut room, conn), (0, 1, false));
    assert_eq!(room.message(conn).0, [0]);
    // Also of a connection that we made.
    let (conn, stream) = room.visit(ConnOptions::default());
    send_urgent(&stream, b'\n');
    assert_eq!(urgent(&mut room, conn), (b'\n', 1, false));
    assert_eq!(room.message(conn).0, b"\n");
}

#[test]
fn of_many_urgent_bytes_the_first_are_told_and_all_arrive() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::Chunk));
    let (conn, mut client) = room.guest(at);
    for number in 1..=u64::from(2 * URGENT_TOLD) {
        // One after the other: TCP has one mark, and a later one takes the place of an earlier.
        send_urgent(&client, b'u');
        assert_eq!(received(&mut room, conn, 1), b"u");
        if number <= u64::from(URGENT_TOLD) {
            assert_eq!(urgent(&mut room, conn), (b'u', number, number == u64::from(URGENT_TOLD)));
        }
    }
    client.write_all(b"end").unwrap();
    assert_eq!(room.message(conn).0, b"end");
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Urgent { .. })));
}

#[test]
fn a_step_that_receives_stops_before_an_urgent_byte() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::Chunk));
    let (conn, mut client) = room.guest(at);
    room.ask(Command::SetStepped { conn, stepped: true });
    room.catch_up();
    client.write_all(b"before").unwrap();
    room.ask(Command::StepConn { conn, step: ConnStep::Recv });
    assert_eq!(room.message(conn).0, b"before");
    send_urgent(&client, b'!');
    client.write_all(b"after").unwrap();
    let mut all = Vec::new();
    while all.len() < 6 {
        room.ask(Command::StepConn { conn, step: ConnStep::Recv });
        all.extend(room.message(conn).0);
    }
    assert_eq!(all, b"!after");
    assert_eq!(urgent(&mut room, conn), (b'!', 7, false));
}
