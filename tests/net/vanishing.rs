//! A peer that vanishes is told, and one that only says nothing, or reads nothing, is not taken for one.

use std::{
    io::Write as _,
    net::TcpListener,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sockhop::net::{Cause, CloseReason, Command, ConnId, ConnOptions, EventKind, ListenOptions, PEER_SILENT_AFTER};

use crate::{
    ids,
    network::Far,
    room::{LIMIT, Room, anywhere},
};

/// As short as it may be.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What a close may come late by: the kernel's timers, and a busy machine.
const LATE: Duration = Duration::from_secs(6);

fn options() -> ConnOptions {
    ConnOptions { peer_timeout: Some(TIMEOUT), ..ConnOptions::default() }
}

/// A server that reads all it gets.
const SERVER: &str = "import socket
server = socket.create_server(('0.0.0.0', 8888))
print('ready', flush=True)
client, _ = server.accept()
while client.recv(4096):
    pass
";

/// A client that says nothing.
const CLIENT: &str = "import socket, time
peer = socket.create_connection(('10.9.0.1', 8888))
print('ready', flush=True)
time.sleep(60)
";

fn connect(room: &mut Room) -> ConnId {
    let conn = ids::next_conn();
    room.ask(Command::Connect { conn, host: Far::ADDRESS.to_owned(), port: 8888, options: options() });
    room.connected(conn);
    conn
}

/// The peer has been given up, in time.
fn given_up(room: &mut Room, conn: ConnId, since: Instant) {
    let reason = room.closed(conn);
    let took = since.elapsed();
    let CloseReason::Failed(error) = &reason else { panic!("{reason:?}") };
    assert!(error.cause() == Cause::TimedOut || error.cause() == Cause::Unreachable, "{error:?}");
    assert!(error.is_of_vanished_peer(), "{error:?}");
    assert!(took < TIMEOUT + LATE, "{took:?}");
}

fn silent(room: &mut Room, conn: ConnId) -> Option<Timestamp> {
    room.wait("Silent", |kind| match kind {
        EventKind::Silent { conn: of, since } if *of == conn => Some(*since),
        _ => None,
    })
}

/// Until then no connection was closed, and no peer called silent.
fn all_is_well_for(room: &mut Room, time: Duration) {
    let until = Instant::now() + time;
    while let Some(event) = room.net.recv_timeout(until.saturating_duration_since(Instant::now())) {
        assert!(!matches!(event.kind, EventKind::Closed { .. } | EventKind::Silent { .. }), "{event:?}");
    }
}

#[test]
fn an_idle_end_is_told_that_its_peer_has_vanished() {
    let Some(far) = Far::away("vanishing::an_idle_end_is_told_that_its_peer_has_vanished") else { return };
    let mut room = Room::new();
    // Both kinds of end: one that connected, and one that was accepted.
    let _server = far.python(SERVER);
    let connected = connect(&mut room);
    let all = ([0, 0, 0, 0], 8888).into();
    let _listener = room.listen_with(ListenOptions { conn: options(), ..ListenOptions::new(all) });
    let _client = far.python(CLIENT);
    let (accepted, _, _) = room.accepted();
    let since = Instant::now();
    far.cut();
    for conn in [connected, accepted] {
        given_up(&mut room, conn, since);
    }
}

#[test]
fn a_sending_end_is_told_that_its_peer_has_vanished() {
    let Some(far) = Far::away("vanishing::a_sending_end_is_told_that_its_peer_has_vanished") else { return };
    let _server = far.python(SERVER);
    let mut room = Room::new();
    let conn = connect(&mut room);
    far.cut();
    let since = Instant::now();
    let message = room.send(conn, "are you there\n");
    room.sent(message);
    given_up(&mut room, conn, since);
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Acknowledged { bytes: 1.., .. })));
}

#[test]
fn a_peer_that_does_not_answer_is_silent_until_it_answers_again() {
    let Some(far) = Far::away("vanishing::a_peer_that_does_not_answer_is_silent_until_it_answers_again") else {
        return;
    };
    let _server = far.python(SERVER);
    let mut room = Room::new();
    let conn = ids::next_conn();
    // Long enough not to end meanwhile; the first probe is after two seconds.
    let options = ConnOptions { peer_timeout: Some(Duration::from_secs(11)), ..ConnOptions::default() };
    room.ask(Command::Connect { conn, host: Far::ADDRESS.to_owned(), port: 8888, options });
    room.ask(Command::InSight { conn: Some(conn) });
    room.connected(conn);
    let cut = Timestamp::now();
    far.cut();
    let since = silent(&mut room, conn).expect("it does not answer");
    let heard_before = cut.duration_since(since).unsigned_abs();
    assert!(heard_before < Duration::from_secs(3), "{since} {cut}");
    assert!(Timestamp::now().duration_since(since).unsigned_abs() >= PEER_SILENT_AFTER);
    far.mend();
    assert_eq!(silent(&mut room, conn), None);
}

#[test]
fn what_is_sent_to_a_peer_that_does_not_answer_makes_it_silent_though_nobody_looks() {
    let test = "vanishing::what_is_sent_to_a_peer_that_does_not_answer_makes_it_silent_though_nobody_looks";
    let Some(far) = Far::away(test) else { return };
    let _server = far.python(SERVER);
    let mut room = Room::new();
    let conn = room.connect(Far::ADDRESS, 8888);
    room.connected(conn);
    far.cut();
    room.send(conn, "are you there\n");
    assert!(silent(&mut room, conn).is_some());
    far.mend();
    assert_eq!(silent(&mut room, conn), None);
}

#[test]
fn a_peer_that_says_nothing_is_neither_given_up_nor_silent() {
    let mut room = Room::new();
    let (_, at) = room.listen_for(options());
    let (conn, mut client) = room.guest(at);
    room.ask(Command::InSight { conn: Some(conn) });
    all_is_well_for(&mut room, 2 * TIMEOUT);
    client.write_all(b"still here\n").unwrap();
    assert_eq!(room.message(conn).0, b"still here\n");
}

/// As of a program that a debugger has stopped: its system answers that there is no room.
#[test]
fn a_peer_that_reads_nothing_is_neither_given_up_nor_silent() {
    let mut room = Room::new();
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.set_recv_buffer_size(4096).unwrap();
    listener.bind(&anywhere().into()).unwrap();
    listener.listen(1).unwrap();
    let listener = TcpListener::from(listener);
    let conn = ids::next_conn();
    let port = listener.local_addr().unwrap().port();
    room.ask(Command::Connect { conn, host: "127.0.0.1".to_owned(), port, options: options() });
    room.connected(conn);
    let (mut peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    let bytes = 200_000;
    let message = room.send(conn, vec![b'x'; bytes]);
    room.sent(message);
    all_is_well_for(&mut room, 2 * TIMEOUT);
    assert_eq!(crate::room::read(&mut peer, bytes).len(), bytes);
}

/// When the kernel will ask the peer at the other end of `client` whether it is there, in seconds from now: `tm->when` of
/// its socket in `/proc/net/tcp` (proc(5)), in hundredths of a second, where the timer is that of keepalive (2).
#[cfg(target_os = "linux")]
fn first_probe_of(client: &std::net::TcpStream) -> u64 {
    let ends = [client.peer_addr().unwrap(), client.local_addr().unwrap()];
    let [local, remote] = ends.map(|end| format!("0100007F:{:04X}", end.port()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let row = table.lines().find(|row| row.contains(&format!("{local} {remote}"))).unwrap();
    let timer = row.split_whitespace().nth(5).unwrap();
    let left = timer.strip_prefix("02:").unwrap_or_else(|| panic!("keepalive is off: {row}"));
    u64::from_str_radix(left, 16).unwrap().div_ceil(100)
}

#[cfg(target_os = "linux")]
#[test]
fn each_accepted_client_has_the_timeout_that_is_set_when_it_is_accepted() {
    let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
    let options = |timeout| ConnOptions { peer_timeout: timeout, ..ConnOptions::default() };
    let mut room = Room::new();
    let (listener, at) =
        room.listen_with(ListenOptions { conn: options(minutes(4)), ..ListenOptions::new(anywhere()) });
    // Their handshakes are over before it is changed: what they have from the listening socket is out of date then.
    room.ask(Command::PauseAccepting { listener });
    room.wait("it pauses", |kind| matches!(kind, EventKind::AcceptingPaused { paused: true, .. }).then_some(()));
    for (timeout, about) in [(minutes(4), 60), (minutes(8), 120), (minutes(2), 30)] {
        let client = std::net::TcpStream::connect(at).unwrap();
        room.ask(Command::SetListenerOptions { listener, max_clients: 10, conn: options(timeout) });
        room.ask(Command::ResumeAccepting { listener });
        room.accepted();
        room.ask(Command::PauseAccepting { listener });
        let seconds = first_probe_of(&client);
        assert!((about - 10..=about).contains(&seconds), "{timeout:?}: {seconds}");
    }
}
