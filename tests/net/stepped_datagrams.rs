//! UDP step by step: each call is made when it is asked for, and none in between.

use std::net::{SocketAddr, UdpSocket};

use sockhop::net::{
    Call, Cause, CloseReason, Command, ConnId, ConnOptions, EventKind, LARGEST_DATAGRAM, ListenerId, Outcome, SocketId,
    UdpOptions, UdpStep,
};

use crate::{
    ids,
    room::{LIMIT, Room, anywhere},
};

fn guest() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(anywhere()).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let local = socket.local_addr().unwrap();
    (socket, local)
}

fn step(room: &mut Room, socket: SocketId, step: UdpStep) {
    room.ask(Command::StepUdp { socket, step });
    room.catch_up();
}

fn bound_at(room: &mut Room, id: ListenerId) -> SocketAddr {
    room.wait("UdpBound", |kind| match kind {
        EventKind::UdpBound { listener, local, .. } if *listener == id => Some(*local),
        _ => None,
    })
}

fn heard(room: &mut Room, from: SocketAddr) -> ConnId {
    room.wait("UdpHeard", |kind| match kind {
        EventKind::UdpHeard { conn, peer, .. } if *peer == from => Some(*conn),
        _ => None,
    })
}

fn stepped_server(room: &mut Room) -> (ListenerId, SocketAddr) {
    room.ask(Command::StepServers { stepped: true });
    let listener = ids::next_listener();
    room.ask(Command::PrepareUdp { listener, options: UdpOptions::new(anywhere()) });
    for next in [UdpStep::Socket, UdpStep::Bind] {
        step(room, SocketId::Listener(listener), next);
    }
    (listener, bound_at(room, listener))
}

#[test]
fn a_server_makes_one_call_for_each_step() {
    let mut room = Room::new();
    let (listener, at) = stepped_server(&mut room);
    let socket = SocketId::Listener(listener);
    let (guest, from) = guest();
    for text in ["one", "two"] {
        guest.send_to(text.as_bytes(), at).unwrap();
    }
    step(&mut room, socket, UdpStep::RecvFrom);
    let conn = heard(&mut room, from);
    assert_eq!(room.received(conn).0.bytes, "one");
    // What is said waits for its step, and so does the second datagram.
    let message = room.send(conn, "answer");
    room.catch_up();
    assert_eq!(room.calls(socket), ["socket", "bind", "getsockname", "recvfrom"]);
    step(&mut room, socket, UdpStep::SendTo);
    assert_eq!(room.sent(message), 6);
    let mut buffer = [0; 100];
    assert_eq!(guest.recv_from(&mut buffer).unwrap(), (6, at));
    step(&mut room, socket, UdpStep::RecvFrom);
    assert_eq!(room.received(conn).0.bytes, "two");
    // Nothing is there: the call waits, and returns with what comes.
    step(&mut room, socket, UdpStep::RecvFrom);
    assert_eq!(room.step_waiting(socket), Call::RecvFrom(LARGEST_DATAGRAM));
    guest.send_to(b"three", at).unwrap();
    assert_eq!(room.received(conn).0.bytes, "three");
    let last = *room.rows(socket).last().unwrap();
    assert_eq!((last.outcome, last.count), (Outcome::BytesFrom { bytes: 5, from }, 1));
    let unsent = room.send(conn, "never");
    step(&mut room, socket, UdpStep::Close);
    assert_eq!(room.send_failed(unsent).cause(), Cause::EndedBeforeSent);
    assert_eq!(room.closed(conn), CloseReason::SocketClosed);
    let calls = room.calls(socket);
    assert_eq!(calls[3..], ["recvfrom", "sendto", "recvfrom", "recvfrom", "close"]);
}

#[test]
fn a_client_needs_no_bind_and_gets_its_port_with_the_first_datagram() {
    let mut room = Room::new();
    let (server, at) = guest();
    let conn = ids::next_conn();
    let socket = SocketId::Conn(conn);
    room.ask(Command::PrepareUdpTo { conn, address: at, options: ConnOptions::default() });
    step(&mut room, socket, UdpStep::SendTo);
    assert_eq!(room.step_failed(socket).cause(), Cause::NoSocketYet);
    step(&mut room, socket, UdpStep::Socket);
    step(&mut room, socket, UdpStep::Socket);
    assert_eq!(room.step_failed(socket).cause(), Cause::OutOfOrder);
    let message = room.send(conn, "你好");
    room.catch_up();
    assert_eq!(room.calls(socket), ["socket"]);
    step(&mut room, socket, UdpStep::SendTo);
    assert_eq!(room.sent(message), 6);
    let mut buffer = [0; 100];
    let (_, us) = server.recv_from(&mut buffer).unwrap();
    let local = room.wait("its port", |kind| match kind {
        EventKind::UdpReady { conn: ready, local, .. } if *ready == conn => *local,
        _ => None,
    });
    assert_eq!(local.port(), us.port());
    server.send_to(b"", us).unwrap();
    step(&mut room, socket, UdpStep::RecvFrom);
    assert_eq!(room.received(conn).0.messages().count(), 1, "an empty datagram is one");
    step(&mut room, socket, UdpStep::Close);
    assert_eq!(room.closed(conn), CloseReason::SocketClosed);
    step(&mut room, socket, UdpStep::RecvFrom);
    assert_eq!(room.step_failed(socket).cause(), Cause::NoSuchSocket);
}

#[test]
fn one_that_goes_on_by_itself_makes_the_rest_of_the_calls() {
    let mut room = Room::new();
    room.ask(Command::StepServers { stepped: true });
    let listener = ids::next_listener();
    let socket = SocketId::Listener(listener);
    room.ask(Command::PrepareUdp { listener, options: UdpOptions::new(anywhere()) });
    step(&mut room, socket, UdpStep::Socket);
    room.ask(Command::StepServers { stepped: false });
    let at = bound_at(&mut room, listener);
    let (guest, from) = guest();
    guest.send_to(b"first", at).unwrap();
    let conn = heard(&mut room, from);
    assert_eq!(room.received(conn).0.bytes, "first");
    // And back: what comes now is left to the system.
    room.ask(Command::StepServers { stepped: true });
    room.catch_up();
    guest.send_to(b"second", at).unwrap();
    step(&mut room, socket, UdpStep::RecvFrom);
    assert_eq!(room.received(conn).0.bytes, "second");
    // Of one of which no call was made nothing is left.
    let other = ids::next_listener();
    room.ask(Command::PrepareUdp { listener: other, options: UdpOptions::new(anywhere()) });
    room.ask(Command::StepServers { stepped: false });
    room.wait("ListenerClosed", |kind| {
        matches!(kind, EventKind::ListenerClosed { listener } if *listener == other).then_some(())
    });
    assert!(room.calls(SocketId::Listener(other)).is_empty());
    let client = ids::next_conn();
    let address = guest.local_addr().unwrap();
    room.ask(Command::PrepareUdpTo { conn: client, address, options: ConnOptions::default() });
    room.ask(Command::SetStepped { conn: client, stepped: false });
    let message = room.send(client, "by itself");
    assert_eq!(room.sent(message), 9);
}
