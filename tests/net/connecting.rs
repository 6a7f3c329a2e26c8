//! Connecting: by name and address, and what goes wrong with it.

use std::{
    net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use sockhop::net::{
    CONNECT_LIMIT, Call, Cause, Command, ConnId, ConnOptions, EventKind, Limit, ListenOptions, Outcome, Reason,
    SocketId, SocketOption, Target,
};

use crate::{
    free_port::free_port,
    ids,
    room::{Room, anywhere},
};

/// A listener whose accept queue is full: who connects now gets no answer. The connections fill it.
fn deaf() -> (TcpListener, SocketAddr, Vec<TcpStream>) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&anywhere().into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let at = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&at, Duration::from_millis(300)) {
        waiting.push(stream);
    }
    (listener, at, waiting)
}

#[test]
fn a_connection_tells_both_addresses_and_every_call() {
    for address in [anywhere(), (Ipv6Addr::LOCALHOST, 0).into()] {
        let host = TcpListener::bind(address).unwrap();
        let at = host.local_addr().unwrap();
        let mut room = Room::new();
        // An IPv6 address may stand in brackets, as in a URL.
        let typed = if at.is_ipv6() { "[::1]" } else { "127.0.0.1" };
        let conn = room.connect(typed, at.port());
        let (peer, local) = room.connected(conn);
        let (_stream, seen) = host.accept().unwrap();
        assert_eq!((peer, local), (at, seen));
        let rows = room.rows(SocketId::Conn(conn));
        let calls: Vec<Call> = rows.iter().map(|row| row.call).collect();
        assert_eq!(
            calls,
            [
                Call::Socket { ipv6: at.is_ipv6() },
                Call::Connect(at),
                Call::GetOption(SocketOption::Error),
                Call::LocalName,
                Call::SetOption(SocketOption::NoDelay(true)),
            ]
        );
        assert_eq!((rows[1].outcome, rows[2].outcome), (Outcome::InProgress, Outcome::Done));
        assert!(rows[2].waited >= rows[1].waited);
    }
}

#[test]
fn a_name_is_looked_up_and_each_of_its_addresses_tried() {
    let host = TcpListener::bind(anywhere()).unwrap();
    let port = host.local_addr().unwrap().port();
    let mut room = Room::new();
    let conn = room.connect("localhost", port);
    room.wait("LookingUp", |kind| {
        matches!(kind, EventKind::LookingUp { host, .. } if host == "localhost").then_some(())
    });
    // Where the name has ::1 too, that is refused first: nobody listens there.
    let (peer, _) = room.connected(conn);
    assert_eq!(peer, host.local_addr().unwrap());
    let rows = room.rows(SocketId::Conn(conn));
    let count = |name| rows.iter().filter(|row| row.call.name() == name).count();
    assert_eq!(count("socket"), count("connect"));
    assert_eq!(count("socket"), count("close") + 1);
}

#[test]
fn where_nobody_listens_the_connection_is_refused_and_its_socket_closed() {
    let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let mut room = Room::new();
    let conn = room.connect("127.0.0.1", at.port());
    let error = room.connect_failed(conn);
    assert_eq!((error.operation.name(), error.cause()), ("connect", Cause::Refused));
    assert_eq!(error.target, Target::Address(at));
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket", "connect", "getsockopt", "close"]);
}

#[test]
fn a_name_without_an_address_is_not_found() {
    let mut room = Room::new();
    for name in ["nonexistent.invalid", ""] {
        let conn = room.connect(name, 80);
        let error = room.connect_failed(conn);
        assert_eq!((error.operation.name(), error.cause()), ("getaddrinfo", Cause::NameNotFound));
        assert_eq!(error.target, Target::Name(name.to_owned(), 80));
        assert!(room.calls(SocketId::Conn(conn)).is_empty());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_way_leads_the_kernel_says_so_at_once() {
    let mut room = Room::new();
    // No connection leads to everybody.
    let conn = room.connect("255.255.255.255", 80);
    let error = room.connect_failed(conn);
    assert_eq!((error.operation.name(), error.cause()), ("connect", Cause::Unreachable));
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket", "connect", "close"]);
}

#[cfg(target_os = "linux")]
#[test]
fn who_does_not_answer_times_out_after_the_limit() {
    let (_listener, at, _waiting) = deaf();
    let mut room = Room::new();
    let begun = Instant::now();
    let conn = room.connect("127.0.0.1", at.port());
    let error = room.connect_failed(conn);
    assert_eq!((error.operation.name(), error.cause()), ("connect", Cause::TimedOut));
    let took = begun.elapsed();
    assert!(took >= CONNECT_LIMIT && took < CONNECT_LIMIT + Duration::from_secs(3), "{took:?}");
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket", "connect", "close"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_connect_under_way_can_be_called_off() {
    let (_listener, at, _waiting) = deaf();
    let mut room = Room::new();
    let conn = room.connect("127.0.0.1", at.port());
    room.wait("Connecting", |kind| matches!(kind, EventKind::Connecting { .. }).then_some(()));
    room.ask(Command::CancelConnect { conn });
    assert_eq!(room.connect_failed(conn).cause(), Cause::Cancelled);
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket", "connect", "close"]);

    let conn = room.connect("nonexistent.invalid", 80);
    room.ask(Command::CancelConnect { conn });
    // Whichever came first, it is told once.
    let error = room.connect_failed(conn);
    assert!(matches!(error.cause(), Cause::Cancelled | Cause::NameNotFound));
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::ConnectFailed { .. })));
}

#[test]
fn both_ends_can_be_in_one_process() {
    let mut room = Room::new();
    let (_, at) = room.listen_with(ListenOptions::new(anywhere()));
    let ours = room.connect("127.0.0.1", at.port());
    let (_, local) = room.connected(ours);
    let (theirs, peer, _) = room.accepted();
    assert_ne!(ours, theirs);
    assert_eq!(peer, local);
    let message = room.send(ours, "你好\n");
    assert_eq!(room.sent(message), 7);
    assert_eq!(room.message(theirs).0, "你好\n".as_bytes());
    room.send(theirs, "你也好\n");
    assert_eq!(room.message(ours).0, "你也好\n".as_bytes());
}

#[test]
fn many_names_are_looked_up_at_once_and_all_answered() {
    let host = TcpListener::bind(anywhere()).unwrap();
    let port = host.local_addr().unwrap().port();
    let mut room = Room::new();
    let conns: Vec<_> = (0..30).map(|_| room.connect("localhost", port)).collect();
    for conn in conns {
        room.connected(conn);
    }
}

fn connect_with(room: &Room, host: &str, port: u16, options: ConnOptions) -> ConnId {
    let conn = ids::next_conn();
    room.ask(Command::Connect { conn, host: host.to_owned(), port, options });
    conn
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_connects_from_the_address_and_port_it_was_given() {
    let host = TcpListener::bind(anywhere()).unwrap();
    let at = host.local_addr().unwrap();
    let mut room = Room::new();
    let own = TcpListener::bind("127.0.0.2:0").unwrap().local_addr().unwrap();
    // Twice: the port is free again at once, although the connection before is in TIME-WAIT.
    for _ in 0..2 {
        let options = ConnOptions { local: Some(own), ..ConnOptions::default() };
        let conn = connect_with(&room, "127.0.0.1", at.port(), options);
        let (_, local) = room.connected(conn);
        let (stream, seen) = host.accept().unwrap();
        assert_eq!((local, seen), (own, own));
        let calls: Vec<Call> = room.rows(SocketId::Conn(conn)).iter().map(|row| row.call).take(3).collect();
        assert_eq!(
            calls,
            [Call::Socket { ipv6: false }, Call::SetOption(SocketOption::ReuseAddress(true)), Call::Bind(own)]
        );
        room.ask(Command::Close { conn });
        room.wait("Closed", |kind| matches!(kind, EventKind::Closed { .. }).then_some(()));
        drop(stream);
    }
    // A port alone is one of either family.
    let port = own.port();
    let options = ConnOptions { local: Some(([0, 0, 0, 0], port).into()), ..ConnOptions::default() };
    let conn = connect_with(&room, "127.0.0.1", at.port(), options);
    assert_eq!(room.connected(conn).1.port(), port);
    // And one that is not of this computer is refused by the system.
    let elsewhere = ([203, 0, 113, 1], 0).into();
    let conn =
        connect_with(&room, "127.0.0.1", at.port(), ConnOptions { local: Some(elsewhere), ..ConnOptions::default() });
    let error = room.connect_failed(conn);
    assert_eq!((error.cause(), &error.target), (Cause::AddressNotHere, &Target::Address(elsewhere)));
}

#[test]
fn of_a_name_the_addresses_of_the_own_family_are_tried() {
    // On the IPv4 side alone; `localhost` may be `::1` first.
    let host = TcpListener::bind(anywhere()).unwrap();
    let mut room = Room::new();
    let options = ConnOptions { local: Some(anywhere()), ..ConnOptions::default() };
    let conn = connect_with(&room, "localhost", host.local_addr().unwrap().port(), options);
    assert!(room.connected(conn).0.is_ipv4());
    assert_eq!(room.calls(SocketId::Conn(conn)).iter().filter(|call| **call == "socket").count(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_limit_that_was_set_is_the_one_that_ends_connecting() {
    let (_listener, at, _waiting) = deaf();
    let mut room = Room::new();
    let limit = Duration::from_millis(300);
    let begun = Instant::now();
    let conn = connect_with(
        &room,
        "127.0.0.1",
        at.port(),
        ConnOptions { connect_limit: Some(limit), ..ConnOptions::default() },
    );
    assert_eq!(room.connect_failed(conn).reason, Reason::Limit(Limit::ConnectTimeSet(limit)));
    assert!(begun.elapsed() >= limit && begun.elapsed() < CONNECT_LIMIT, "{:?}", begun.elapsed());
}
