//! Messages that are sent again and again.

use std::time::{Duration, Instant};

use sockhop::net::{Command, ConnOptions, EventKind, Repeat};

use crate::room::{Room, read};

fn messages(all: &[(&'static str, u64)]) -> Vec<(bytes::Bytes, Duration)> {
    all.iter().map(|(text, ms)| (bytes::Bytes::from_static(text.as_bytes()), Duration::from_millis(*ms))).collect()
}

#[test]
fn a_round_is_sent_as_often_as_was_asked_and_never_early() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    let start = Instant::now();
    let repeat = Repeat { messages: messages(&[("a", 1), ("b", 3)]), rounds: Some(50) };
    room.ask(Command::Repeat { conn, repeat });
    assert_eq!(read(&mut client, 100), b"ab".repeat(50));
    // The last is sent 49 rounds and a wait after the first.
    assert!(start.elapsed() >= Duration::from_millis(49 * 4 + 1), "{:?}", start.elapsed());
    let mut queued = 0;
    room.wait("the end of it", |kind| match kind {
        EventKind::Repeated { .. } => {
            queued += 1;
            None
        }
        EventKind::RepeatEnded { conn: ended } => (*ended == conn).then_some(()),
        _ => None,
    });
}

#[test]
fn a_repeat_ends_when_it_is_stopped_and_with_its_connection() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    let repeat = Repeat { messages: messages(&[("x", 1)]), rounds: None };
    room.ask(Command::Repeat { conn, repeat: repeat.clone() });
    assert_eq!(read(&mut client, 5), b"xxxxx");
    room.ask(Command::StopRepeating { conn });
    let ended = |kind: &EventKind| matches!(kind, EventKind::RepeatEnded { .. }).then_some(());
    room.wait("the end of it", ended);
    room.ask(Command::Repeat { conn, repeat: repeat.clone() });
    drop(client);
    room.closed(conn);
    room.ask(Command::Repeat { conn, repeat });
    room.wait("that there is nobody", ended);
}

#[test]
fn a_client_connects_from_the_port_that_was_chosen_again_and_again() {
    let mut room = Room::new();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for _ in 0..2 {
        let conn = crate::ids::next_conn();
        let options = ConnOptions { bind: Some(([0, 0, 0, 0], free.port()).into()), ..ConnOptions::default() };
        let (host, port) = ("127.0.0.1".to_owned(), server.local_addr().unwrap().port());
        room.ask(Command::Connect { conn, host, port, options });
        let (_, local) = room.connected(conn);
        assert_eq!(local, free);
        drop(server.accept().unwrap());
        room.closed(conn);
    }
}
