//! Sockets driven by hand, one call at a time, in order and out of it.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use sockhop::{
    host,
    net::{
        AutoReply, Call, Cause, CloseReason, Command, ConnId, ConnOptions, ConnStep, Errno, EventKind, ListenOptions,
        ListenStep, ListenerId, NetError, Outcome, SocketCall, SocketId, SocketOption,
    },
};

use crate::{
    free_port::free_port,
    ids,
    room::{LIMIT, Room, anywhere, read, replying},
};

fn prepare(room: &Room, address: SocketAddr) -> ListenerId {
    let listener = ids::next_listener();
    room.ask(Command::PrepareListener { listener, options: ListenOptions::new(address) });
    listener
}

fn step(room: &mut Room, listener: ListenerId, step: ListenStep) {
    room.ask(Command::Step { listener, step });
    room.catch_up();
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    ([127, 0, 0, 1], free_port()).into()
}

#[test]
fn each_step_is_one_call_and_nothing_happens_between_two() {
    let mut room = Room::new();
    let at = free_address();
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
    let listener = prepare(&room, free_address());
    let socket = SocketId::Listener(listener);
    // No socket, no kernel to ask.
    step(&mut room, listener, ListenStep::Bind);
    let error = room.step_failed(socket);
    assert_eq!((error.operation.name(), error.cause(), error.errno()), ("bind", Cause::NoSocketYet, None));
    assert!(room.calls(socket).is_empty());

    step(&mut room, listener, ListenStep::Socket);
    step(&mut room, listener, ListenStep::Accept);
    let error = room.step_failed(socket);
    assert_eq!((error.operation.name(), error.cause()), ("accept", Cause::OutOfOrder));
    let row = room.rows(socket)[1];
    #[cfg(target_os = "linux")]
    assert_eq!((row.call, row.outcome), (Call::Accept, Outcome::Failed(Errno(22))));

    step(&mut room, listener, ListenStep::Bind);
    step(&mut room, listener, ListenStep::Bind);
    let error = room.step_failed(socket);
    assert_eq!((error.operation.name(), error.cause()), ("bind", Cause::OutOfOrder));
    assert!(error.errno().is_some());

    step(&mut room, listener, ListenStep::Socket);
    assert_eq!(room.step_failed(socket).operation.name(), "socket");

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
    let socket = SocketId::Listener(listener);
    step(&mut room, listener, ListenStep::Socket);
    step(&mut room, listener, ListenStep::Bind);
    assert_eq!(room.step_failed(socket).cause(), Cause::AddressInUse);
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
    let socket = SocketId::Listener(listener);
    room.ask(Command::CloseListener { listener });
    step(&mut room, listener, ListenStep::Socket);
    assert_eq!(room.step_failed(socket).cause(), Cause::NoSuchSocket);
    assert!(room.calls(SocketId::Listener(listener)).is_empty());
}

/// A prepared listener up to `listen`, with everything stepped, and its address.
fn stepped_server(room: &mut Room, conn: ConnOptions) -> (ListenerId, SocketAddr) {
    room.ask(Command::StepServers { stepped: true });
    let listener = ids::next_listener();
    let options = ListenOptions { conn, ..ListenOptions::new(anywhere()) };
    room.ask(Command::PrepareListener { listener, options });
    for next in [ListenStep::Socket, ListenStep::ReuseAddress, ListenStep::Bind, ListenStep::Listen] {
        step(room, listener, next);
    }
    let at = room.listening(listener);
    (listener, at)
}

/// A plain socket, and the stepped connection that its accept gave.
fn stepped_guest(room: &mut Room, conn: ConnOptions) -> (ConnId, TcpStream) {
    let (listener, at) = stepped_server(room, conn);
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    step(room, listener, ListenStep::Accept);
    (room.accepted().0, stream)
}

fn step_conn(room: &mut Room, conn: ConnId, step: ConnStep) {
    room.ask(Command::StepConn { conn, step });
    room.catch_up();
}

/// A client connection of which no call has been made.
fn prepare_client(room: &mut Room, address: SocketAddr) -> ConnId {
    let conn = ids::next_conn();
    room.ask(Command::PrepareConnection { conn, address, options: ConnOptions::default() });
    room.catch_up();
    conn
}

/// Try a step that the kernel refuses.
fn refused(room: &mut Room, conn: ConnId, step: ConnStep) -> NetError {
    step_conn(room, conn, step);
    room.step_failed(SocketId::Conn(conn))
}

/// The row of the only such call so far.
fn row(room: &Room, conn: ConnId, name: &str) -> SocketCall {
    let rows: Vec<_> = room.rows(SocketId::Conn(conn)).into_iter().filter(|row| row.call.name() == name).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0]
}

#[cfg(target_os = "linux")]
#[test]
fn who_connects_before_accept_sits_in_the_accept_queue() {
    let mut room = Room::new();
    let (listener, at) = stepped_server(&mut room, ConnOptions::default());
    let clients: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(at).unwrap()).collect();
    assert_eq!(host::accept_queue(at).unwrap().waiting, 2);
    step(&mut room, listener, ListenStep::Accept);
    assert_eq!(room.accepted().1, clients[0].local_addr().unwrap());
    assert_eq!(host::accept_queue(at).unwrap().waiting, 1);
}

#[test]
fn an_accepted_socket_reads_and_sends_nothing_before_it_is_stepped() {
    let mut room = Room::new();
    let (conn, mut stream) = stepped_guest(&mut room, ConnOptions { recv_size: 4, ..ConnOptions::default() });
    let socket = SocketId::Conn(conn);
    stream.write_all(b"hello\n").unwrap();
    let message = room.send(conn, "answer\n");
    room.catch_up();
    assert!(room.calls(socket).is_empty(), "{:?}", room.calls(socket));

    // One recv of the size that is set, and no more.
    step_conn(&mut room, conn, ConnStep::Recv);
    room.until_calls(socket, 1);
    assert_eq!((room.rows(socket)[0].call, room.rows(socket)[0].outcome), (Call::Recv(4), Outcome::Bytes(4)));
    step_conn(&mut room, conn, ConnStep::Recv);
    assert_eq!(room.message(conn).0, b"hello\n");
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Sent { .. })));

    step_conn(&mut room, conn, ConnStep::Send);
    room.sent(message);
    assert_eq!(read(&mut stream, 7), b"answer\n");
    assert_eq!(room.calls(socket), ["recv", "recv", "send"]);

    // The peer's end is not ours: it waits for close.
    stream.shutdown(Shutdown::Write).unwrap();
    step_conn(&mut room, conn, ConnStep::Recv);
    room.peer_finished(conn);
    step_conn(&mut room, conn, ConnStep::Recv);
    room.until_calls(socket, 5);
    assert_eq!(room.rows(socket)[4].outcome, Outcome::Bytes(0));
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Closed { .. } | EventKind::PeerFinished { .. })));
    step_conn(&mut room, conn, ConnStep::Close);
    assert_eq!(room.closed_with(conn), (CloseReason::ByUs, 6, 7));
}

#[test]
fn recv_waits_for_what_comes_and_takes_that_alone() {
    let mut room = Room::new();
    let (conn, mut stream) = stepped_guest(&mut room, ConnOptions::default());
    step_conn(&mut room, conn, ConnStep::Recv);
    let waiting = room.step_waiting(SocketId::Conn(conn));
    assert_eq!(waiting, Call::Recv(sockhop::net::RECV_SIZE));
    assert!(room.calls(SocketId::Conn(conn)).is_empty());
    // Asked again it waits as before: a program can't call recv while it is in recv.
    step_conn(&mut room, conn, ConnStep::Recv);

    std::thread::sleep(Duration::from_millis(30));
    stream.write_all(b"first").unwrap();
    assert_eq!(room.message(conn).0, b"first");
    let recv = row(&room, conn, "recv");
    assert!(recv.waited >= Duration::from_millis(25), "{recv:?}");

    stream.write_all(b"second").unwrap();
    room.catch_up();
    row(&room, conn, "recv");
}

#[test]
fn send_without_a_message_sends_nothing_and_automatic_replies_wait_too() {
    let mut room = Room::new();
    let (conn, mut stream) = stepped_guest(&mut room, replying(AutoReply::Echo));
    step_conn(&mut room, conn, ConnStep::Send);
    room.until_calls(SocketId::Conn(conn), 1);
    let sent = row(&room, conn, "send");
    assert_eq!((sent.call, sent.outcome), (Call::Send(0), Outcome::Bytes(0)));

    stream.write_all(b"back\n").unwrap();
    step_conn(&mut room, conn, ConnStep::Recv);
    room.message(conn);
    room.catch_up();
    row(&room, conn, "send");
    step_conn(&mut room, conn, ConnStep::Send);
    assert_eq!(read(&mut stream, 5), b"back\n");
}

#[test]
fn a_client_connection_is_made_call_by_call() {
    let mut room = Room::new();
    let host = TcpListener::bind(anywhere()).unwrap();
    let at = host.local_addr().unwrap();
    let conn = prepare_client(&mut room, at);
    let socket = SocketId::Conn(conn);
    assert!(room.calls(socket).is_empty());
    step_conn(&mut room, conn, ConnStep::Socket);
    assert_eq!(room.calls(socket), ["socket"]);
    host.set_nonblocking(true).unwrap();
    assert_eq!(host.accept().unwrap_err().kind(), ErrorKind::WouldBlock);

    step_conn(&mut room, conn, ConnStep::Connect);
    let (peer, local) = room.connected(conn);
    host.set_nonblocking(false).unwrap();
    let (mut stream, from) = host.accept().unwrap();
    assert_eq!((peer, local), (at, from));
    stream.set_read_timeout(Some(LIMIT)).unwrap();

    let message = room.send(conn, "hello");
    room.catch_up();
    assert!(!room.calls(socket).contains(&"send"));
    step_conn(&mut room, conn, ConnStep::Send);
    room.sent(message);
    assert_eq!(read(&mut stream, 5), b"hello");
    stream.write_all(b"world\n").unwrap();
    step_conn(&mut room, conn, ConnStep::Recv);
    assert_eq!(room.message(conn).0, b"world\n");
    step_conn(&mut room, conn, ConnStep::Close);
    assert_eq!(room.closed_with(conn), (CloseReason::ByUs, 6, 5));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    if cfg!(target_os = "linux") {
        assert_eq!(room.calls(socket), ["socket", "connect", "getsockname", "send", "recv", "close"]);
        assert_eq!(row(&room, conn, "connect").outcome, Outcome::Done);
    }
}

#[test]
fn calls_out_of_order_are_made_and_fail_with_the_number_that_the_kernel_gives() {
    let mut room = Room::new();
    let host = TcpListener::bind(anywhere()).unwrap();
    let conn = prepare_client(&mut room, host.local_addr().unwrap());
    let socket = SocketId::Conn(conn);
    // No socket, no kernel to ask.
    for (step, name) in [
        (ConnStep::Connect, "connect"),
        (ConnStep::Recv, "recv"),
        (ConnStep::Send, "send"),
        (ConnStep::FinishSending, "shutdown"),
        (ConnStep::Close, "close"),
    ] {
        let error = refused(&mut room, conn, step);
        assert_eq!((error.operation.name(), error.cause(), error.errno()), (name, Cause::NoSocketYet, None));
    }
    assert!(room.calls(socket).is_empty());

    step_conn(&mut room, conn, ConnStep::Socket);
    for (step, number) in [(ConnStep::Recv, 107), (ConnStep::Send, 32), (ConnStep::FinishSending, 107)] {
        let error = refused(&mut room, conn, step);
        assert_eq!(error.cause(), Cause::OutOfOrder, "{step:?}");
        if cfg!(target_os = "linux") {
            assert_eq!(error.errno(), Some(Errno(number)), "{step:?}");
            assert_eq!(room.rows(socket).last().unwrap().outcome, Outcome::Failed(Errno(number)));
        }
    }
    step_conn(&mut room, conn, ConnStep::Connect);
    room.connected(conn);
    let error = refused(&mut room, conn, ConnStep::Connect);
    assert_eq!((error.operation.name(), error.cause()), ("connect", Cause::OutOfOrder));
    assert_eq!(refused(&mut room, conn, ConnStep::Socket).cause(), Cause::OutOfOrder);
    if cfg!(target_os = "linux") {
        assert_eq!(error.errno(), Some(Errno(106)));
    }
    step_conn(&mut room, conn, ConnStep::FinishSending);
    let error = refused(&mut room, conn, ConnStep::Send);
    assert_eq!((error.operation.name(), error.cause()), ("send", Cause::OutOfOrder));
    step_conn(&mut room, conn, ConnStep::Close);
    assert_eq!(room.closed(conn), CloseReason::ByUs);
    assert_eq!(refused(&mut room, conn, ConnStep::Recv).cause(), Cause::NoSuchSocket);
}

#[test]
fn a_refused_connect_leaves_the_socket_as_the_kernel_does() {
    let mut room = Room::new();
    let at = free_address();
    let conn = prepare_client(&mut room, at);
    step_conn(&mut room, conn, ConnStep::Socket);
    step_conn(&mut room, conn, ConnStep::Connect);
    let error = room.step_failed(SocketId::Conn(conn));
    assert_eq!((error.operation.name(), error.cause()), ("connect", Cause::Refused));
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::ConnectFailed { .. })));
    if cfg!(target_os = "linux") {
        let _host = TcpListener::bind(at).unwrap();
        step_conn(&mut room, conn, ConnStep::Connect);
        room.connected(conn);
    }
}

#[test]
fn a_reset_is_told_by_the_recv_that_meets_it_and_the_socket_stays_until_close() {
    let mut room = Room::new();
    let (conn, stream) = stepped_guest(&mut room, ConnOptions::default());
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    room.catch_up();
    assert!(room.calls(SocketId::Conn(conn)).is_empty());
    let error = refused(&mut room, conn, ConnStep::Recv);
    assert_eq!((error.operation.name(), error.cause()), ("recv", Cause::Reset));
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Closed { .. })));
    step_conn(&mut room, conn, ConnStep::Close);
    assert_eq!(room.closed(conn), CloseReason::ByUs);
}

#[test]
fn what_is_no_longer_stepped_goes_on_by_itself() {
    let mut room = Room::new();
    let (conn, mut stream) = stepped_guest(&mut room, ConnOptions::default());
    let at = stream.peer_addr().unwrap();
    stream.write_all(b"unread\n").unwrap();
    let message = room.send(conn, "unsent\n");
    let _waiting = TcpStream::connect(at).unwrap();
    room.catch_up();

    room.ask(Command::StepServers { stepped: false });
    assert_eq!(room.message(conn).0, b"unread\n");
    room.sent(message);
    assert_eq!(read(&mut stream, 7), b"unsent\n");
    room.accepted();

    // And the other way: a server that runs is stopped where it is.
    room.ask(Command::StepServers { stepped: true });
    room.catch_up();
    stream.write_all(b"later\n").unwrap();
    let _third = TcpStream::connect(at).unwrap();
    room.catch_up();
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Received { .. } | EventKind::Accepted { .. })));
    step_conn(&mut room, conn, ConnStep::Recv);
    assert_eq!(room.message(conn).0, b"later\n");
}

#[test]
fn a_half_opened_listener_is_opened_when_it_goes_on_by_itself() {
    let mut room = Room::new();
    room.ask(Command::StepServers { stepped: true });
    let listener = prepare(&room, anywhere());
    let unused = prepare(&room, anywhere());
    step(&mut room, listener, ListenStep::Socket);
    step(&mut room, listener, ListenStep::Bind);
    room.ask(Command::StepServers { stepped: false });
    let at = room.listening(listener);
    let _client = TcpStream::connect(at).unwrap();
    room.accepted();
    assert_eq!(room.calls(SocketId::Listener(listener)), ["socket", "bind", "listen", "getsockname", "accept"]);
    // Of which nothing was made, there is nothing to go on with.
    room.wait("ListenerClosed", |kind| {
        matches!(kind, EventKind::ListenerClosed { listener } if *listener == unused).then_some(())
    });
}

#[test]
fn a_client_that_is_no_longer_stepped_connects_by_itself() {
    let mut room = Room::new();
    let host = TcpListener::bind(anywhere()).unwrap();
    let conn = prepare_client(&mut room, host.local_addr().unwrap());
    room.ask(Command::SetStepped { conn, stepped: false });
    room.connected(conn);
    host.accept().unwrap().0.write_all(b"hello\n").unwrap();
    assert_eq!(room.message(conn).0, b"hello\n");
}

#[test]
fn a_listener_is_closed_by_a_step_and_its_clients_stay() {
    let mut room = Room::new();
    let (listener, at) = stepped_server(&mut room, ConnOptions::default());
    let mut stream = TcpStream::connect(at).unwrap();
    step(&mut room, listener, ListenStep::Accept);
    let conn = room.accepted().0;
    step(&mut room, listener, ListenStep::Close);
    assert_eq!(TcpStream::connect(at).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    stream.write_all(b"still here\n").unwrap();
    step_conn(&mut room, conn, ConnStep::Recv);
    assert_eq!(room.message(conn).0, b"still here\n");
}
