//! Messages in both directions: whole, in order, and none invented.

use std::io::Write as _;

use sockhop::{
    net::{AutoReply, Call, Cause, Command, ConnId, ConnOptions, EventKind, Outcome, SocketId, SocketOption},
    wire::{Boundary, Framing},
};

use crate::room::{Room, framed, moved, read, replying};

#[test]
fn bytes_that_stick_together_are_the_bytes_that_were_sent() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::Chunk));
    let (conn, mut client) = room.guest(at);
    let (mut expected, mut messages) = (Vec::new(), Vec::new());
    for number in 0..500_usize {
        let bytes: Vec<u8> = (0..number * 7 % 3000).map(|at| (at * number) as u8).collect();
        expected.extend_from_slice(&bytes);
        messages.push((bytes.len(), room.send(conn, bytes)));
    }
    assert_eq!(read(&mut client, expected.len()), expected);
    for (len, message) in messages {
        assert_eq!(room.sent(message), len);
    }
    client.write_all(&expected).unwrap();
    let mut received = Vec::new();
    let mut ends = Vec::new();
    while received.len() < expected.len() {
        let (batch, recv_ends) = room.received(conn);
        received.extend_from_slice(&batch.bytes);
        ends.extend(recv_ends);
    }
    assert_eq!(received, expected);
    // Each recv's end is told, and with chunk framing each is the end of a message.
    assert!(ends.is_sorted());
    assert_eq!(ends.last(), Some(&(expected.len() as u64)));
    let rows = room.rows(SocketId::Conn(conn));
    assert_eq!(moved(&rows), (expected.len() as u64, expected.len() as u64));
    let recvs: u32 = rows.iter().filter(|row| row.call == Call::Recv(4096)).map(|row| row.count).sum();
    assert_eq!(recvs as usize, ends.len());
}

#[test]
fn the_size_of_recv_is_as_asked_and_many_of_them_are_one_row() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(ConnOptions { recv_size: 10, ..framed(Framing::Chunk) });
    let (conn, mut client) = room.guest(at);
    client.write_all(&[b'x'; 95]).unwrap();
    let mut lengths = Vec::new();
    while lengths.iter().sum::<usize>() < 95 {
        lengths.extend(room.received(conn).0.messages().map(|(bytes, _)| bytes.len()));
    }
    assert_eq!(lengths, [10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
    let rows = room.rows(SocketId::Conn(conn));
    let recvs: Vec<_> = rows.iter().filter(|row| row.call == Call::Recv(10)).collect();
    assert_eq!(recvs.iter().map(|row| row.count).sum::<u32>(), 10);
    assert_eq!((recvs[0].count, recvs[0].outcome), (9, Outcome::Bytes(90)));
    assert_eq!((recvs[1].count, recvs[1].outcome), (1, Outcome::Bytes(5)));
}

#[test]
fn a_tail_without_newline_is_a_message_once_it_is_quiet() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    client.write_all("第一行\n你好".as_bytes()).unwrap();
    let (bytes, cut) = room.message(conn);
    assert_eq!((bytes.as_slice(), cut.boundary), ("第一行\n".as_bytes(), Boundary::Newline));
    let (batch, recv_ends) = room.received(conn);
    assert_eq!((&batch.bytes[..], batch.cuts[0].boundary), ("你好".as_bytes(), Boundary::Quiet));
    assert!(recv_ends.is_empty());
}

#[test]
fn a_tail_at_the_end_of_the_stream_is_a_message_before_the_peer_has_finished() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    client.write_all(b"bye").unwrap();
    drop(client);
    let mut story = Vec::new();
    while story.last() != Some(&"closed") {
        room.wait("the end", |kind| {
            story.push(match kind {
                EventKind::Received { batch, .. } if batch.cuts[0].boundary == Boundary::EndOfStream => "tail",
                EventKind::PeerFinished { .. } => "finished",
                EventKind::Closed { .. } => "closed",
                _ => return None,
            });
            Some(())
        });
    }
    // Unless the machine was so slow that the tail had become quiet.
    assert!(story.ends_with(&["tail", "finished", "closed"]) || story.ends_with(&["finished", "closed"]), "{story:?}");
    room.rows(SocketId::Conn(conn));
}

#[test]
fn length_framing_cuts_by_the_prefix_and_a_prefix_too_long_closes() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::LENGTH));
    let (conn, mut client) = room.guest(at);
    client.write_all(b"\0\0\0\x03abc\0\0\0\x02de\x7f\xff\xff\xffjunk").unwrap();
    let (batch, _) = room.received(conn);
    let texts: Vec<_> = batch.messages().map(|(bytes, _)| bytes).collect();
    assert_eq!(texts, ["\0\0\0\x03abc", "\0\0\0\x02de"]);
    let reason = room.closed(conn);
    let sockhop::net::CloseReason::Failed(error) = reason else { panic!("{reason:?}") };
    assert_eq!(error.cause(), Cause::PrefixTooLong(0x7fff_ffff));
}

#[test]
fn a_change_of_framing_cuts_off_what_was_held() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(framed(Framing::LENGTH));
    let (conn, mut client) = room.guest(at);
    client.write_all(b"\0\0\0\x09half").unwrap();
    let socket = SocketId::Conn(conn);
    while !room.calls(socket).contains(&"recv") {
        room.catch_up();
    }
    room.ask(Command::SetOptions { conn, options: framed(Framing::Line) });
    let (bytes, cut) = room.message(conn);
    assert_eq!((bytes.as_slice(), cut.boundary), (&b"\0\0\0\x09half"[..], Boundary::Reframed));
    room.wait("Reframed", |kind| matches!(kind, EventKind::Reframed { .. }).then_some(()));
    client.write_all(b"line\n").unwrap();
    assert_eq!(room.message(conn).0, b"line\n");
}

#[test]
fn an_echo_answers_with_the_same_bytes() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(replying(AutoReply::Echo));
    let (conn, mut client) = room.guest(at);
    for text in ["你好\n", "a\r\n", "\n"] {
        client.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(&mut client, text.len()), text.as_bytes());
        let message = room.wait("AutoReplied", |kind| match kind {
            EventKind::AutoReplied { conn: to, message, bytes } if *to == conn && bytes == text => Some(*message),
            _ => None,
        });
        assert_eq!(room.sent(message), text.len());
    }
}

#[test]
fn a_fixed_text_answers_each_message_once() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(replying(AutoReply::Fixed("数据已收到".into())));
    let (conn, mut client) = room.guest(at);
    client.write_all(b"one\ntwo\nthree\n").unwrap();
    assert_eq!(read(&mut client, 45), "数据已收到数据已收到数据已收到".as_bytes());
    // Without a newline it is answered too, once it is quiet; and at the end of the stream, before we close.
    client.write_all("你好".as_bytes()).unwrap();
    assert_eq!(read(&mut client, 15), "数据已收到".as_bytes());
    client.write_all(b"last words").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read(&mut client, 15), "数据已收到".as_bytes());
    room.closed(conn);
    assert!(room.has_seen(|kind| matches!(kind, EventKind::AutoReplied { .. })));
}

#[test]
fn options_given_to_a_listener_are_for_later_clients() {
    let mut room = Room::new();
    let (listener, at) = room.listen();
    let (old, mut first) = room.guest(at);
    room.ask(Command::SetListenerOptions { listener, max_clients: 10, conn: replying(AutoReply::Echo) });
    room.catch_up();
    let (_, mut second) = room.guest(at);
    second.write_all(b"2\n").unwrap();
    assert_eq!(read(&mut second, 2), b"2\n");
    first.write_all(b"1\n").unwrap();
    room.message(old);
    room.catch_up();
    assert_eq!(moved(&room.rows(SocketId::Conn(old))), (2, 0));
    // Until the old one is told as well.
    room.ask(Command::SetOptions { conn: old, options: replying(AutoReply::Echo) });
    first.write_all(b"1\n").unwrap();
    assert_eq!(read(&mut first, 2), b"1\n");
}

#[test]
fn a_message_to_nobody_fails() {
    let mut room = Room::new();
    let message = room.send(ConnId(999), "hello");
    assert_eq!(room.send_failed(message).cause(), Cause::NoSuchSocket);
    room.ask(Command::SendToAll { message, bytes: "hello".into() });
    room.wait("SendingToAll", |kind| matches!(kind, EventKind::SendingToAll { clients: 0, .. }).then_some(()));
}

#[test]
fn an_empty_message_is_sent_without_a_call() {
    let mut room = Room::new();
    let (conn, _peer) = room.visit(ConnOptions::default());
    let message = room.send(conn, "");
    assert_eq!(room.sent(message), 0);
    let no_delay = Call::SetOption(SocketOption::NoDelay(true));
    assert_eq!(room.rows(SocketId::Conn(conn)).last().map(|row| row.call), Some(no_delay));
}
