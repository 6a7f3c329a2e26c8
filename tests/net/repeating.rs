//! Messages that are sent again and again.

use std::time::{Duration, Instant};

use sockhop::net::{Command, EventKind, Repeat};

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
