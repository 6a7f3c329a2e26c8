//! A listener opened by hand, one call at a time, in order and out of it.

use std::{
    io::{ErrorKind, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
};

use sockhop::net::{
    Call, Cause, Command, Errno, EventKind, ListenOptions, ListenStep, ListenerId, Outcome, SocketId, SocketOption,
};

use crate::room::{Room, anywhere};

fn prepare(room: &Room, address: SocketAddr) -> ListenerId {
    let listener = room.net.next_listener();
    room.ask(Command::PrepareListener { listener, options: ListenOptions::new(address) });
    listener
}

fn step(room: &mut Room, listener: ListenerId, step: ListenStep) {
    room.ask(Command::Step { listener, step });
    room.catch_up();
}

/// A port that was free a moment ago.
fn free_port() -> SocketAddr {
    TcpListener::bind(anywhere()).unwrap().local_addr().unwrap()
}

#[test]
fn each_step_is_one_call_and_nothing_happens_between_two() {
    let mut room = Room::new();
    let at = free_port();
    let listener = prepare(&room, at);
    let socket = SocketId::Listener(listener);
    room.catch_up();
    assert!(room.calls(socket).is_empty());

    let steps = [
        (ListenStep::Socket, Call::Socket { ipv6: false }),
        (ListenStep::ReuseAddress, Call::SetOption(SocketOption::ReuseAddress(true))),
        (ListenStep::Bind, Call::Bind(at)),
    ];
    for (number, (next, call)) in steps.into_iter().enumerate() {
        step(&mut room, listener, next);
        let rows = room.rows(socket);
        assert_eq!((rows.len(), rows[number].call), (number + 1, call));
        // Before listen a client is refused.
        assert_eq!(TcpStream::connect(at).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }

    step(&mut room, listener, ListenStep::Listen);
    assert_eq!(room.listening(listener), at);
    assert_eq!(room.calls(socket)[3..], ["listen", "getsockname"]);

    // From here on clients get through to the accept queue, and no further.
    let mut clients: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(at).unwrap()).collect();
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Accepted { .. })));

    step(&mut room, listener, ListenStep::Accept);
    let (conn, peer, _) = room.accepted();
    assert_eq!(peer, clients[0].local_addr().unwrap());
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Accepted { .. })));
    clients[0].write_all(b"hello\n").unwrap();
    assert_eq!(room.message(conn).0, b"hello\n");

    step(&mut room, listener, ListenStep::Accept);
    room.accepted();
    // With nobody in the queue, a step waits for the next client, and takes that one alone.
    step(&mut room, listener, ListenStep::Accept);
    assert_eq!(room.calls(socket).iter().filter(|name| **name == "accept").count(), 2);
    clients.extend((0..2).map(|_| TcpStream::connect(at).unwrap()));
    let (_, peer, _) = room.accepted();
    assert_eq!(peer, clients[2].local_addr().unwrap());
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Accepted { .. })));

    room.ask(Command::ResumeAccepting { listener });
    let (_, peer, _) = room.accepted();
    assert_eq!(peer, clients[3].local_addr().unwrap());
}

#[test]
fn out_of_order_the_kernel_says_no_and_the_listener_goes_on() {
    let mut room = Room::new();
    let listener = prepare(&room, free_port());
    let socket = SocketId::Listener(listener);
    // No socket, no kernel to ask.
    step(&mut room, listener, ListenStep::Bind);
    let error = room.listen_failed(listener);
    assert_eq!((error.call, error.cause, error.errno), ("bind", Cause::OutOfOrder, None));
    assert!(room.calls(socket).is_empty());

    step(&mut room, listener, ListenStep::Socket);
    step(&mut room, listener, ListenStep::Accept);
    let error = room.listen_failed(listener);
    assert_eq!((error.call, error.cause), ("accept", Cause::OutOfOrder));
    let row = room.rows(socket)[1];
    #[cfg(target_os = "linux")]
    assert_eq!((row.call, row.outcome), (Call::Accept, Outcome::Failed(Errno(22))));

    step(&mut room, listener, ListenStep::Bind);
    step(&mut room, listener, ListenStep::Bind);
    let error = room.listen_failed(listener);
    assert_eq!((error.call, error.cause), ("bind", Cause::OutOfOrder));
    assert!(error.errno.is_some());

    step(&mut room, listener, ListenStep::Socket);
    assert_eq!(room.listen_failed(listener).call, "socket");

    step(&mut room, listener, ListenStep::Listen);
    let at = room.listening(listener);
    step(&mut room, listener, ListenStep::Accept);
    let _client = TcpStream::connect(at).unwrap();
    room.accepted();
    assert_eq!(row.count, 1);
}

#[test]
fn a_bind_that_fails_can_be_tried_again_on_the_same_socket() {
    let mut room = Room::new();
    let holder = TcpListener::bind(anywhere()).unwrap();
    let at = holder.local_addr().unwrap();
    let listener = prepare(&room, at);
    step(&mut room, listener, ListenStep::Socket);
    step(&mut room, listener, ListenStep::Bind);
    assert_eq!(room.listen_failed(listener).cause, Cause::AddressInUse);
    drop(holder);
    step(&mut room, listener, ListenStep::Bind);
    step(&mut room, listener, ListenStep::Listen);
    assert_eq!(room.listening(listener), at);
    assert_eq!(room.calls(SocketId::Listener(listener)), ["socket", "bind", "bind", "listen", "getsockname"]);
}

#[test]
fn a_step_of_a_listener_that_is_gone_fails() {
    let mut room = Room::new();
    let listener = prepare(&room, anywhere());
    room.ask(Command::CloseListener { listener });
    step(&mut room, listener, ListenStep::Socket);
    assert_eq!(room.listen_failed(listener).cause, Cause::NoSuchSocket);
    assert!(room.calls(SocketId::Listener(listener)).is_empty());
}
