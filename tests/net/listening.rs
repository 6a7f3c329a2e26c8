//! Opening, accepting, pausing, and what goes wrong with them.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    process::Command as Process,
};

use sockhop::net::{Call, Cause, Command, ConnOptions, EventKind, ListenOptions, Outcome, SocketId, SocketOption};

use crate::{
    ids,
    room::{Room, anywhere, read},
};

#[test]
fn accepting_gives_the_peer_exactly_as_accept_returned_it() {
    for address in [anywhere(), (Ipv6Addr::LOCALHOST, 0).into()] {
        let mut room = Room::new();
        let (listener, at) = room.listen_with(ListenOptions::new(address));
        assert_eq!(at.ip(), address.ip());
        assert_ne!(at.port(), 0);
        let client = TcpStream::connect(at).unwrap();
        let (conn, peer, local) = room.accepted();
        assert_eq!((peer, local), (client.local_addr().unwrap(), client.peer_addr().unwrap()));
        let rows = room.rows(SocketId::Listener(listener));
        let calls: Vec<Call> = rows.iter().map(|row| row.call).collect();
        assert_eq!(
            calls,
            [
                Call::Socket { ipv6: address.is_ipv6() },
                Call::SetOption(SocketOption::ReuseAddress(true)),
                Call::Bind(address),
                Call::Listen(5),
                Call::LocalName,
                Call::Accept,
            ]
        );
        let Outcome::Accepted { conn: by_row, fd, peer: by_accept } = rows[5].outcome else { panic!("{rows:?}") };
        assert_eq!((by_row, by_accept), (conn, peer));
        let first = room.rows(SocketId::Conn(conn))[0];
        assert_eq!((first.call, first.fd), (Call::SetOption(SocketOption::NoDelay(true)), fd));
    }
}

#[test]
fn all_interfaces_of_ipv6_take_ipv4_too_and_tell_the_real_local_address() {
    let mut room = Room::new();
    let (listener, at) = room.listen_with(ListenOptions::new((Ipv6Addr::UNSPECIFIED, 0).into()));
    for ip in ["127.0.0.1", "::1"] {
        let client = TcpStream::connect((ip, at.port())).unwrap();
        let (conn, peer, local) = room.accepted();
        assert_eq!(peer.ip().to_canonical(), client.local_addr().unwrap().ip());
        assert_eq!(local.ip().to_canonical().to_string(), ip);
        assert_eq!(room.calls(SocketId::Conn(conn))[..2], ["getsockname", "setsockopt"]);
    }
    let rows = room.rows(SocketId::Listener(listener));
    assert!(rows.iter().any(|row| row.call == Call::SetOption(SocketOption::Ipv6Only(false))));
}

#[test]
fn an_address_in_use_is_refused_and_its_socket_closed() {
    let taken = TcpListener::bind(anywhere()).unwrap();
    let mut room = Room::new();
    let listener = ids::next_listener();
    let address = taken.local_addr().unwrap();
    room.ask(Command::Listen { listener, options: ListenOptions::new(address) });
    let error = room.listen_failed(listener);
    assert_eq!((error.operation.name(), error.cause()), ("bind", Cause::AddressInUse));
    assert_eq!(error.to_string(), format!("bind {address}: Address already in use (os error 98)"));
    assert_eq!(room.calls(SocketId::Listener(listener)), ["socket", "setsockopt", "bind", "close"]);
    // The id is free again: the same listener can be tried at another address.
    room.ask(Command::Listen { listener, options: ListenOptions::new(anywhere()) });
    room.listening(listener);
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let mut room = Room::new();
    let listener = ids::next_listener();
    let elsewhere = SocketAddr::from(([203, 0, 113, 7], 0));
    room.ask(Command::Listen { listener, options: ListenOptions::new(elsewhere) });
    assert_eq!(room.listen_failed(listener).cause(), Cause::AddressNotHere);
}

#[cfg(unix)]
#[test]
fn a_port_below_1024_needs_the_right() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let mut room = Room::new();
    let listener = ids::next_listener();
    room.ask(Command::Listen { listener, options: ListenOptions::new(([127, 0, 0, 1], 1).into()) });
    let error = room.listen_failed(listener);
    assert_eq!((error.operation.name(), error.cause()), ("bind", Cause::NotPermitted));
}

#[test]
fn while_accepting_is_paused_clients_wait_in_the_accept_queue() {
    let mut room = Room::new();
    let (listener, at) = room.listen();
    room.ask(Command::PauseAccepting { listener });
    room.wait("pause", |kind| matches!(kind, EventKind::AcceptingPaused { paused: true, .. }).then_some(()));
    let mut clients: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(at).unwrap()).collect();
    for client in &mut clients {
        client.write_all(b"let me in\n").unwrap();
    }
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Accepted { .. })));
    assert!(!room.calls(SocketId::Listener(listener)).contains(&"accept"));

    room.ask(Command::ResumeAccepting { listener });
    room.wait("resume", |kind| matches!(kind, EventKind::AcceptingPaused { paused: false, .. }).then_some(()));
    for client in &clients {
        let (conn, peer, _) = room.accepted();
        assert_eq!(peer, client.local_addr().unwrap());
        assert_eq!(room.message(conn).0, b"let me in\n");
    }
    // And whoever comes later is announced as ever.
    room.guest(at);
}

#[test]
fn one_client_too_many_is_closed_with_a_reason_and_the_next_is_welcome() {
    let mut room = Room::new();
    let (listener, at) = room.listen_with(ListenOptions { max_clients: 2, ..ListenOptions::new(anywhere()) });
    let (first, stream) = room.guest(at);
    let _second = room.guest(at);
    let mut third = TcpStream::connect(at).unwrap();
    let (peer, error) = room.wait("TurnedAway", |kind| match kind {
        EventKind::TurnedAway { peer, error, .. } => Some((*peer, error.clone())),
        _ => None,
    });
    assert_eq!((peer, error.cause()), (third.local_addr().unwrap(), Cause::TooManyClients(2)));
    assert_eq!(third.read(&mut [0]).unwrap(), 0);

    drop(stream);
    room.closed(first);
    room.guest(at);

    room.ask(Command::SetListenerOptions { listener, max_clients: 3, conn: ConnOptions::default() });
    room.catch_up();
    room.guest(at);
}

#[test]
fn a_closed_listener_leaves_its_clients_connected_and_its_port_free() {
    let mut room = Room::new();
    let (listener, at) = room.listen();
    let (conn, mut client) = room.guest(at);
    room.ask(Command::CloseListener { listener });
    room.wait("ListenerClosed", |kind| matches!(kind, EventKind::ListenerClosed { .. }).then_some(()));
    assert!(TcpStream::connect(at).is_err());
    assert_eq!(room.calls(SocketId::Listener(listener)).last(), Some(&"close"));

    client.write_all(b"still here?\n").unwrap();
    assert_eq!(room.message(conn).0, b"still here?\n");
    let message = ids::next_message();
    room.ask(Command::SendToAll { message, bytes: "yes\n".into() });
    assert_eq!(read(&mut client, 4), b"yes\n");

    let again = ids::next_listener();
    room.ask(Command::Listen { listener: again, options: ListenOptions::new(at) });
    assert_eq!(room.listening(again), at);
}

#[test]
fn a_message_to_all_reaches_each_client_of_every_listener_once_and_says_so() {
    let mut room = Room::new();
    let (listener, at) = room.listen();
    let mut clients: Vec<(_, TcpStream)> = (0..19).map(|_| room.guest(at)).collect();
    let (_, other_at) = room.listen();
    clients.push(room.guest(other_at));
    room.ask(Command::CloseListener { listener });

    let message = ids::next_message();
    room.ask(Command::SendToAll { message, bytes: "大家好\n".into() });
    let count = room.wait("SendingToAll", |kind| match kind {
        EventKind::SendingToAll { message: id, clients, .. } if *id == message => Some(*clients),
        _ => None,
    });
    assert_eq!(count, 20);
    for (conn, client) in &mut clients {
        assert_eq!(read(client, "大家好\n".len()), "大家好\n".as_bytes());
        room.wait("Sent", |kind| {
            matches!(kind, EventKind::Sent { conn: to, message: id, .. } if to == conn && *id == message).then_some(())
        });
    }
}

/// Runs in a process of its own, since a limit on open files is everybody's.
#[cfg(target_os = "linux")]
#[test]
fn out_of_descriptors_it_says_so_once_and_accepts_when_one_is_free() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    const ALONE: &str = "SOCKHOP_TEST_FEW_FILES";
    if std::env::var_os(ALONE).is_none() {
        let me = std::env::current_exe().unwrap();
        let name = "listening::out_of_descriptors_it_says_so_once_and_accepts_when_one_is_free";
        let run = Process::new(me).args(["--exact", name]).env(ALONE, "1").output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
        return;
    }
    let mut room = Room::new();
    let (listener, at) = room.listen();
    let (first, stream) = room.guest(at);
    room.ask(Command::PauseAccepting { listener });
    room.catch_up();
    let _waiting: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(at).unwrap()).collect();
    // The count has one too many, for the reading of the folder itself.
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64 - 1;
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(open), ..before }).unwrap();

    room.ask(Command::ResumeAccepting { listener });
    let is_failure = |kind: &EventKind| matches!(kind, EventKind::AcceptFailed { .. });
    let error = room.wait("AcceptFailed", |kind| match kind {
        EventKind::AcceptFailed { error, .. } => Some(error.clone()),
        _ => None,
    });
    assert_eq!((error.operation.name(), error.cause()), ("accept", Cause::TooManyFiles));

    // A client goes: its descriptor is the next one's, at once. For the one after that there is none again.
    room.ask(Command::Close { conn: first });
    room.accepted();
    room.wait("AcceptFailed", |kind| is_failure(kind).then_some(()));
    setrlimit(Resource::Nofile, before).unwrap();
    // Nothing happens that would be heard of: it is tried again by itself.
    room.accepted();
    assert!(!room.has_seen(is_failure));
    drop(stream);
}
