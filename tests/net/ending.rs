//! How a connection ends, and how the thread does.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use sockhop::net::{Cause, CloseReason, Command, ConnOptions, EventKind, ListenOptions, MOST_CLIENTS, SocketId};

use crate::room::{LIMIT, Room, anywhere, read};

/// Close as a program does that has not read everything, or that crashed on some systems: with RST.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[test]
fn when_the_peer_finishes_we_close_too() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    client.write_all(b"bye\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    room.peer_finished(conn);
    assert_eq!(room.closed_with(conn), (CloseReason::Orderly, 4, 0));
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    assert_eq!(room.calls(SocketId::Conn(conn)).last(), Some(&"close"));
}

#[test]
fn a_half_open_connection_talks_on_after_its_peer_has_finished() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(ConnOptions { half_open: true, ..ConnOptions::default() });
    let (conn, mut client) = room.guest(at);
    client.shutdown(Shutdown::Write).unwrap();
    room.peer_finished(conn);
    for _ in 0..3 {
        let message = room.send(conn, "more\n");
        room.sent(message);
        assert_eq!(read(&mut client, 5), b"more\n");
    }
    room.ask(Command::FinishSending { conn });
    room.wait("WriteFinished", |kind| matches!(kind, EventKind::WriteFinished { .. }).then_some(()));
    assert_eq!(room.closed(conn), CloseReason::Orderly);
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    assert!(room.calls(SocketId::Conn(conn)).ends_with(&["shutdown", "close"]));
}

#[test]
fn a_half_open_connection_that_is_told_to_close_with_the_peer_closes() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(ConnOptions { half_open: true, ..ConnOptions::default() });
    let (conn, client) = room.guest(at);
    client.shutdown(Shutdown::Write).unwrap();
    room.peer_finished(conn);
    room.ask(Command::SetOptions { conn, options: ConnOptions::default() });
    assert_eq!(room.closed(conn), CloseReason::Orderly);
}

#[test]
fn a_reset_is_noticed_on_a_half_open_connection_too() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(ConnOptions { half_open: true, ..ConnOptions::default() });
    let (conn, client) = room.guest(at);
    client.shutdown(Shutdown::Write).unwrap();
    room.peer_finished(conn);
    reset(client);
    let CloseReason::Failed(error) = room.closed(conn) else { panic!("not failed") };
    assert_eq!(error.cause(), Cause::Reset);
}

#[test]
fn after_we_have_finished_the_peer_talks_on() {
    let mut room = Room::new();
    let (conn, mut peer) = room.visit(ConnOptions::default());
    let last = room.send(conn, "that was all\n");
    room.ask(Command::FinishSending { conn });
    let late = room.send(conn, "one thing more\n");
    room.sent(last);
    room.wait("WriteFinished", |kind| matches!(kind, EventKind::WriteFinished { .. }).then_some(()));
    assert_eq!(room.send_failed(late).cause(), Cause::WriteFinished);
    let mut all = String::new();
    peer.read_to_string(&mut all).unwrap();
    assert_eq!(all, "that was all\n");

    peer.write_all(b"not for me\n").unwrap();
    assert_eq!(room.message(conn).0, b"not for me\n");
    drop(peer);
    assert_eq!(room.closed(conn), CloseReason::Orderly);
}

#[test]
fn a_reset_by_the_peer_is_told_from_an_orderly_close_and_loses_nothing_that_came_before() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    client.write_all(b"last words\nhalf a").unwrap();
    reset(client);
    let (reason, bytes_in, _) = room.closed_with(conn);
    let CloseReason::Failed(error) = reason else { panic!("{reason:?}") };
    assert_eq!((error.operation.name(), error.cause()), ("recv", Cause::Reset));
    assert_eq!(bytes_in, 17);
    let mut received = Vec::new();
    while received.len() < 17 {
        received.extend_from_slice(&room.received(conn).0.bytes);
    }
    assert_eq!(received, b"last words\nhalf a");
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::PeerFinished { .. })));
    assert!(room.calls(SocketId::Conn(conn)).ends_with(&["recv", "close"]));
}

#[test]
fn our_reset_is_seen_as_one_by_the_peer() {
    let mut room = Room::new();
    let (conn, mut peer) = room.visit(ConnOptions::default());
    room.ask(Command::Reset { conn });
    assert_eq!(room.closed(conn), CloseReason::ResetByUs);
    assert_eq!(peer.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(room.calls(SocketId::Conn(conn)).ends_with(&["setsockopt", "close"]));
}

#[test]
fn close_sends_what_was_asked_before_and_fails_what_the_kernel_does_not_take() {
    let mut room = Room::new();
    let (conn, mut peer) = room.visit(ConnOptions::default());
    let message = room.send(conn, "good bye\n");
    room.ask(Command::Close { conn });
    room.sent(message);
    assert_eq!(room.closed_with(conn), (CloseReason::ByUs, 0, 9));
    assert_eq!(read(&mut peer, 9), b"good bye\n");
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);

    let (conn, _peer) = room.visit(ConnOptions::default());
    let too_much = room.send(conn, vec![0; 64 * 1024 * 1024]);
    room.ask(Command::Close { conn });
    assert_eq!(room.send_failed(too_much).cause(), Cause::EndedBeforeSent);
    assert_eq!(room.closed(conn), CloseReason::ByUs);
    // Closing what is closed is nothing to speak of.
    room.ask(Command::Close { conn });
    room.ask(Command::Reset { conn });
    room.ask(Command::FinishSending { conn });
    let late = room.send(conn, "late");
    assert_eq!(room.send_failed(late).cause(), Cause::NoSuchSocket);
}

#[test]
fn what_waits_when_the_peer_resets_fails_with_the_reset() {
    let mut room = Room::new();
    let (conn, peer) = room.visit(ConnOptions::default());
    let messages = [room.send(conn, vec![0; 64 * 1024 * 1024]), room.send(conn, "behind it")];
    room.catch_up();
    reset(peer);
    // The second was refused at once: the first is more than the queue holds.
    assert_eq!(room.send_failed(messages[1]).cause(), Cause::NotReading);
    assert_eq!(room.send_failed(messages[0]).cause(), Cause::Reset);
    assert!(matches!(room.closed(conn), CloseReason::Failed(error) if error.cause() == Cause::Reset));
}

#[test]
fn quitting_closes_everything_and_says_so() {
    let mut room = Room::new();
    let (listener, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    let visit = room.connect("127.0.0.1", at.port());
    room.connected(visit);
    let message = room.send(conn, "the last\n");
    room.ask(Command::Quit);
    room.sent(message);
    room.wait("Stopped", |kind| matches!(kind, EventKind::Stopped).then_some(()));
    assert!(room.net.recv_timeout(LIMIT).is_none());
    for conn in [conn, visit] {
        assert_eq!(room.closed(conn), CloseReason::Quit);
        assert_eq!(room.calls(SocketId::Conn(conn)).last(), Some(&"close"));
    }
    assert_eq!(room.calls(SocketId::Listener(listener)).last(), Some(&"close"));
    assert_eq!(read(&mut client, 9), b"the last\n");
    assert!(room.net.send(Command::CloseListener { listener }).is_err());
}

#[test]
fn quitting_waits_for_nobody_with_many_connections_and_nobody_receiving() {
    let mut room = Room::new();
    let options = ListenOptions { backlog: 1024, max_clients: MOST_CLIENTS, ..ListenOptions::new(anywhere()) };
    let (_, at) = room.listen_with(options);
    // Both ends are in this process, and so is every other test's.
    let clients: Vec<TcpStream> = (0..2000).map(|_| TcpStream::connect(at).unwrap()).collect();
    for _ in &clients {
        room.accepted();
    }
    let flood = vec![b'\n'; 64 * 1024];
    for mut client in &clients[..100] {
        client.set_nonblocking(true).unwrap();
        let _ = client.write(&flood);
    }
    room.connect("nonexistent.invalid", 80);
    let begun = Instant::now();
    room.net.quit();
    // It takes a tenth of a second; but other tests run beside it.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // Everything is closed: every client sees the end, or the reset for what was not read.
    for mut client in clients {
        client.set_nonblocking(false).unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        assert!(!matches!(client.read(&mut [0]), Ok(1)));
    }
}

#[test]
fn what_has_arrived_is_received_before_the_end_and_the_peer_is_not_reset() {
    let mut room = Room::new();
    // One byte for each recv: most of it is unread when the thread ends.
    let (_, at) = room.listen_for(ConnOptions { recv_size: 1, ..ConnOptions::default() });
    let (conn, mut client) = room.guest(at);
    let sent = 100 * 1024;
    client.write_all(&vec![b'x'; sent]).unwrap();
    room.ask(Command::Quit);
    assert_eq!(room.closed_with(conn), (CloseReason::Quit, sent as u64, 0));
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "an end, and no reset");
}
