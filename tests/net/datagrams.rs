//! UDP: datagrams are messages, whole; peers are addresses; and nothing is said that UDP does not tell.

use std::{
    net::{SocketAddr, UdpSocket},
    thread,
    time::Duration,
};

use sockhop::net::{
    AutoReply, Call, Cause, CloseReason, Command, ConnId, ConnOptions, EventKind, LARGEST_DATAGRAM, ListenerId,
    Outcome, Repeat, SocketId, UdpOptions, largest_datagram,
};

use crate::{
    ids,
    room::{LIMIT, Room, anywhere},
};

impl Room {
    fn bind_udp(&mut self, options: UdpOptions) -> (ListenerId, SocketAddr) {
        let listener = ids::next_listener();
        self.ask(Command::BindUdp { listener, options });
        let local = self.wait("UdpBound", |kind| match kind {
            EventKind::UdpBound { listener: bound, local, .. } if *bound == listener => Some(*local),
            _ => None,
        });
        (listener, local)
    }

    fn send_to(&mut self, host: &str, port: u16, options: ConnOptions) -> ConnId {
        let conn = ids::next_conn();
        self.ask(Command::OpenUdp { conn, host: host.to_owned(), port, options });
        self.wait("UdpReady", |kind| {
            matches!(kind, EventKind::UdpReady { conn: ready, .. } if *ready == conn).then_some(())
        });
        conn
    }

    fn heard(&mut self, from: SocketAddr) -> ConnId {
        self.wait("UdpHeard", |kind| match kind {
            EventKind::UdpHeard { conn, peer, .. } if *peer == from => Some(*conn),
            _ => None,
        })
    }

    /// So many messages, of however many events.
    fn datagrams(&mut self, conn: ConnId, count: usize) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        while all.len() < count {
            let (batch, _) = self.received(conn);
            all.extend(batch.messages().map(|(bytes, _)| bytes.to_vec()));
        }
        all
    }
}

fn guest() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(anywhere()).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let local = socket.local_addr().unwrap();
    (socket, local)
}

#[test]
fn each_datagram_is_a_message_whole_and_an_empty_one_too() {
    let mut room = Room::new();
    let (listener, at) = room.bind_udp(UdpOptions::new(anywhere()));
    let (guest, from) = guest();
    let largest = vec![7; largest_datagram(at.ip())];
    let all: [&[u8]; 5] = ["你好".as_bytes(), b"one\ntwo\n", b"", &largest, b"end"];
    for one in all {
        assert_eq!(guest.send_to(one, at).unwrap(), one.len());
    }
    let conn = room.heard(from);
    assert_eq!(room.datagrams(conn, all.len()), all);
    let calls = room.calls(SocketId::Listener(listener));
    assert_eq!(calls[..3], ["socket", "bind", "getsockname"]);
    assert!(calls[3..].iter().all(|call| *call == "recvfrom"), "{calls:?}");
    let first = room.rows(SocketId::Listener(listener))[3];
    assert_eq!(first.call, Call::RecvFrom(LARGEST_DATAGRAM));
    if first.count == 1 {
        assert_eq!(first.outcome, Outcome::BytesFrom { bytes: 6, from });
    }
}

#[test]
fn two_clients_at_once_are_two_conversations_and_each_is_answered() {
    let mut room = Room::new();
    let (_, at) = room.bind_udp(UdpOptions::new(anywhere()));
    let ((first, from_first), (second, from_second)) = (guest(), guest());
    first.send_to(b"a", at).unwrap();
    second.send_to(b"b", at).unwrap();
    first.send_to(b"c", at).unwrap();
    let (one, two) = (room.heard(from_first), room.heard(from_second));
    assert_eq!(room.datagrams(one, 2), [b"a", b"c"]);
    assert_eq!(room.datagrams(two, 1), [b"b"]);
    let (to_one, to_two) = (room.send(one, "一"), room.send(two, ""));
    assert_eq!((room.sent(to_one), room.sent(to_two)), (3, 0));
    let mut buffer = [0; 100];
    assert_eq!(first.recv_from(&mut buffer).unwrap(), (3, at));
    assert_eq!(second.recv_from(&mut buffer).unwrap(), (0, at), "an empty datagram");
    let message = ids::next_message();
    room.ask(Command::SendToAll { message, bytes: "all".into() });
    let clients = room.wait("SendingToAll", |kind| match kind {
        EventKind::SendingToAll { clients, .. } => Some(*clients),
        _ => None,
    });
    assert_eq!(clients, 2);
    for guest in [&first, &second] {
        assert_eq!(guest.recv_from(&mut buffer).unwrap().0, 3);
    }
}

#[test]
fn sending_to_nobody_says_nothing_and_gives_the_socket_a_port() {
    let mut room = Room::new();
    let (nobody, at) = guest();
    drop(nobody);
    let conn = room.send_to("127.0.0.1", at.port(), ConnOptions::default());
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket"]);
    for text in ["one", "two"] {
        let message = room.send(conn, text);
        assert_eq!(room.sent(message), 3);
    }
    let local = room.wait("its port", |kind| match kind {
        EventKind::UdpReady { conn: ready, local: Some(local), .. } if *ready == conn => Some(*local),
        _ => None,
    });
    assert_ne!(local.port(), 0);
    room.ask(Command::Close { conn });
    assert_eq!(room.closed_with(conn), (CloseReason::SocketClosed, 0, 6));
    assert_eq!(room.calls(SocketId::Conn(conn)), ["socket", "sendto", "getsockname", "sendto", "close"]);
}

#[test]
fn a_client_is_answered_and_another_address_that_answers_is_another_conversation() {
    let mut room = Room::new();
    let (server, at) = guest();
    let (other, from_other) = guest();
    let conn = room.send_to("localhost", at.port(), ConnOptions::default());
    room.send(conn, "你好");
    let mut buffer = [0; 100];
    let (bytes, us) = server.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..bytes], "你好".as_bytes());
    server.send_to(b"yes", us).unwrap();
    other.send_to(b"me too", us).unwrap();
    assert_eq!(room.datagrams(conn, 1), [b"yes"]);
    let stranger = room.heard(from_other);
    assert_eq!(room.datagrams(stranger, 1), [b"me too"]);
    room.ask(Command::Close { conn });
    assert_eq!(room.closed(stranger), CloseReason::SocketClosed, "they shared a socket");
}

#[test]
fn what_is_too_long_is_refused_before_it_is_sent() {
    let mut room = Room::new();
    let (server, at) = guest();
    let conn = room.send_to("127.0.0.1", at.port(), ConnOptions::default());
    let most = largest_datagram(at.ip());
    assert_eq!(most, 65_507);
    let too_long = room.send(conn, vec![0; most + 1]);
    let error = room.send_failed(too_long);
    assert_eq!((error.cause(), error.errno()), (Cause::DatagramTooLong, None));
    assert!(!room.calls(SocketId::Conn(conn)).contains(&"sendto"));
    let longest = room.send(conn, vec![0; most]);
    assert_eq!(room.sent(longest), most);
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    assert_eq!(server.recv_from(&mut buffer).unwrap().0, most);
}

#[test]
fn what_the_system_refuses_is_told_with_its_number() {
    let mut room = Room::new();
    let (_held, at) = guest();
    let listener = ids::next_listener();
    room.ask(Command::BindUdp { listener, options: UdpOptions::new(at) });
    let error = room.listen_failed(listener);
    assert_eq!(error.cause(), Cause::UdpAddressInUse);
    assert!(error.errno().is_some());
    let conn = ids::next_conn();
    room.ask(Command::OpenUdp { conn, host: "nobody.invalid".to_owned(), port: 9, options: ConnOptions::default() });
    assert_eq!(room.connect_failed(conn).cause(), Cause::NameNotFound);
}

#[test]
fn each_datagram_is_echoed_by_itself() {
    let mut room = Room::new();
    let options = UdpOptions { auto_reply: AutoReply::Echo, ..UdpOptions::new(anywhere()) };
    let (_, at) = room.bind_udp(options);
    let (guest, _) = guest();
    for text in ["一", "", "three"] {
        guest.send_to(text.as_bytes(), at).unwrap();
    }
    let mut buffer = [0; 100];
    for text in ["一", "", "three"] {
        let (bytes, _) = guest.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..bytes], text.as_bytes());
    }
}

#[test]
fn past_the_limit_the_address_that_was_not_heard_for_longest_is_let_go() {
    let mut room = Room::new();
    let (_, at) = room.bind_udp(UdpOptions { most_peers: 2, ..UdpOptions::new(anywhere()) });
    let guests: Vec<_> = (0..3).map(|_| guest()).collect();
    let mut conns = Vec::new();
    for (guest, from) in &guests[..2] {
        guest.send_to(b"x", at).unwrap();
        conns.push(room.heard(*from));
    }
    // The first is heard again: the second is the one that was silent for longest.
    guests[0].0.send_to(b"y", at).unwrap();
    assert_eq!(room.datagrams(conns[0], 2).len(), 2);
    guests[2].0.send_to(b"z", at).unwrap();
    room.heard(guests[2].1);
    assert_eq!(room.closed(conns[1]), CloseReason::LetGo);
    room.ask(Command::Close { conn: conns[0] });
    assert_eq!(room.closed(conns[0]), CloseReason::Forgotten);
    guests[0].0.send_to(b"again", at).unwrap();
    assert_ne!(room.heard(guests[0].1), conns[0], "another conversation");
}

#[test]
fn the_end_of_the_socket_ends_its_conversations_and_frees_its_port() {
    let mut room = Room::new();
    let (listener, at) = room.bind_udp(UdpOptions::new(anywhere()));
    let (guest, from) = guest();
    guest.send_to(b"x", at).unwrap();
    let conn = room.heard(from);
    room.ask(Command::CloseListener { listener });
    assert_eq!(room.closed(conn), CloseReason::SocketClosed);
    room.wait("ListenerClosed", |kind| {
        matches!(kind, EventKind::ListenerClosed { listener: closed } if *closed == listener).then_some(())
    });
    drop(UdpSocket::bind(at).unwrap());
    let late = room.send(conn, "late");
    assert_eq!(room.send_failed(late).cause(), Cause::NoSuchSocket);
}

/// While nobody takes events the socket is not read: what the kernel has no room for then is counted by it, and told.
#[cfg(target_os = "linux")]
#[test]
fn what_the_system_had_no_room_for_is_told() {
    let mut room = Room::new();
    let (listener, at) = room.bind_udp(UdpOptions::new(anywhere()));
    let (guest, from) = guest();
    let flood = thread::spawn(move || {
        // More than may be in flight and than a socket's buffer holds, together.
        for _ in 0..4_000 {
            let _ = guest.send_to(&vec![0; 60_000], at);
        }
    });
    flood.join().unwrap();
    let conn = room.heard(from);
    let dropped = room.wait("UdpDropped", |kind| match kind {
        EventKind::UdpDropped { socket, datagrams } if *socket == SocketId::Listener(listener) => Some(*datagrams),
        _ => None,
    });
    assert!(dropped > 0);
    room.ask(Command::CloseListener { listener });
    let (_, bytes_in, _) = room.closed_with(conn);
    assert!(bytes_in / 60_000 + dropped <= 4_000, "{dropped} of what came");
}

/// In a network of its own: a datagram to all computers of it, and to a group.
#[cfg(target_os = "linux")]
#[test]
fn many_computers_are_reached_by_broadcast_and_by_multicast() {
    use sockhop::net::Group;

    use crate::network::Far;

    let Some(far) = Far::away("datagrams::many_computers_are_reached_by_broadcast_and_by_multicast") else { return };
    let hears = "
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 7000))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.1.2.3') + socket.inet_aton('10.9.0.2'))
print('ready', flush=True)
while True:
    data, addr = s.recvfrom(100)
    s.sendto(b'far: ' + data, addr)
";
    let _peer = far.python(hears);
    let mut room = Room::new();
    for host in ["10.9.0.255", "255.255.255.255", "239.1.2.3"] {
        // The two addresses that no route leads to go out where this one is.
        let options = ConnOptions { local: Some(([10, 9, 0, 1], 0).into()), ..ConnOptions::default() };
        let conn = room.send_to(host, 7000, options);
        let message = room.send(conn, "谁在");
        assert_eq!(room.sent(message), 6, "{host}");
        let calls = room.calls(SocketId::Conn(conn));
        assert_eq!(calls.contains(&"setsockopt"), host != "239.1.2.3", "SO_BROADCAST, {host}: {calls:?}");
        let answers = room.heard(([10, 9, 0, 2], 7000).into());
        assert_eq!(room.datagrams(answers, 1), ["far: 谁在".as_bytes()], "{host}");
        room.ask(Command::Close { conn });
        room.closed(answers);
    }
    // And the other way round: we hear the group, beside another program here.
    let interface = sockhop::net::interface_number("cable").unwrap();
    let group = Some(Group { ip: [239, 1, 2, 4].into(), interface });
    let address = ([0, 0, 0, 0], 7001).into();
    let (listener, _) = room.bind_udp(UdpOptions { group, ..UdpOptions::new(address) });
    let (second, _) = room.bind_udp(UdpOptions { group, ..UdpOptions::new(address) });
    let says = "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.9.0.2'))
s.bind(('10.9.0.2', 7002))
s.sendto('大家好'.encode(), ('239.1.2.4', 7001))
print('sent', flush=True)
time.sleep(60)
";
    let _speaker = far.python(says);
    let from: SocketAddr = ([10, 9, 0, 2], 7002).into();
    for _ in 0..2 {
        let conn = room.heard(from);
        assert_eq!(room.datagrams(conn, 1), ["大家好".as_bytes()]);
    }
    room.ask(Command::CloseListener { listener });
    room.ask(Command::CloseListener { listener: second });
    room.wait("ListenerClosed", |kind| {
        matches!(kind, EventKind::ListenerClosed { listener: closed } if *closed == second).then_some(())
    });
    let calls = room.calls(SocketId::Listener(listener));
    assert_eq!(calls, ["socket", "setsockopt", "bind", "getsockname", "setsockopt", "recvfrom", "setsockopt", "close"]);
}

/// The same with the multicast of IPv6: of the site, and of the cable alone, which needs its name.
#[cfg(target_os = "linux")]
#[test]
fn a_group_of_ipv6_is_reached_and_heard() {
    use sockhop::net::Group;

    use crate::network::Far;

    let Some(far) = Far::away("datagrams::a_group_of_ipv6_is_reached_and_heard") else { return };
    far.here("address add fd00:9::1/64 dev cable nodad");
    far.there("address add fd00:9::2/64 dev cable nodad");
    let hears = "
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 7000))
for group in ('ff15::1234', 'ff02::1234'):
    member = socket.inet_pton(socket.AF_INET6, group) + struct.pack('@I', socket.if_nametoindex('cable'))
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
print('ready', flush=True)
while True:
    data, addr = s.recvfrom(100)
    s.sendto(b'far: ' + data, addr)
";
    let _peer = far.python(hears);
    let mut room = Room::new();
    let ours: std::net::IpAddr = "fd00:9::1".parse().unwrap();
    for host in ["ff15::1234", "ff02::1234%cable"] {
        let options = ConnOptions { local: Some(SocketAddr::new(ours, 0)), ..ConnOptions::default() };
        let conn = room.send_to(host, 7000, options);
        let message = room.send(conn, "谁在");
        assert_eq!(room.sent(message), 6, "{host}");
        let answers = room.heard("[fd00:9::2]:7000".parse().unwrap());
        assert_eq!(room.datagrams(answers, 1), ["far: 谁在".as_bytes()], "{host}");
        room.ask(Command::Close { conn });
        room.closed(answers);
    }
    let interface = sockhop::net::interface_number("cable").unwrap();
    let group = Some(Group { ip: "ff15::4321".parse().unwrap(), interface });
    let (listener, _) = room.bind_udp(UdpOptions { group, ..UdpOptions::new("[::]:7001".parse().unwrap()) });
    let says = "
import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex('cable'))
s.bind(('fd00:9::2', 7002))
s.sendto('大家好'.encode(), ('ff15::4321', 7001))
print('sent', flush=True)
time.sleep(60)
";
    let _speaker = far.python(says);
    let conn = room.heard("[fd00:9::2]:7002".parse().unwrap());
    assert_eq!(room.datagrams(conn, 1), ["大家好".as_bytes()]);
    room.ask(Command::CloseListener { listener });
    room.closed(conn);
}

/// An address that becomes one of many computers only after its socket was opened: the system refuses it then.
#[cfg(target_os = "linux")]
#[test]
fn a_broadcast_without_leave_is_refused_by_the_system_and_told() {
    use crate::network::Far;

    let Some(far) = Far::away("datagrams::a_broadcast_without_leave_is_refused_by_the_system_and_told") else { return };
    far.here("route add 10.8.0.255 via 10.9.0.2");
    let mut room = Room::new();
    let conn = room.send_to("10.8.0.255", 7000, ConnOptions::default());
    far.here("address add 10.8.0.1/24 broadcast + dev cable");
    far.here("route del 10.8.0.255 via 10.9.0.2");
    let message = room.send(conn, "谁在");
    let error = room.send_failed(message);
    assert_eq!((error.cause(), error.errno().map(|errno| errno.0)), (Cause::NotPermitted, Some(13)), "{error}");
    assert!(error.is_of(sockhop::net::CallKind::SendTo));
    // The socket can be used further.
    let (guest, to) = guest();
    let other = room.send_to("127.0.0.1", to.port(), ConnOptions::default());
    room.send(other, "here");
    assert_eq!(guest.recv(&mut [0; 10]).unwrap(), 4);
}

#[test]
fn what_is_repeated_is_a_datagram_each_time_until_the_round_is_over_or_the_socket_closed() {
    let mut room = Room::new();
    let (guest, to) = guest();
    let conn = room.send_to("127.0.0.1", to.port(), ConnOptions::default());
    let repeat = |rounds| Repeat { messages: vec![("tick".into(), Duration::from_millis(1))], rounds };
    room.ask(Command::Repeat { conn, repeat: repeat(Some(20)) });
    let mut buffer = [0; 64];
    for _ in 0..20 {
        let came = guest.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..came], b"tick");
    }
    let ended = |kind: &EventKind| matches!(kind, EventKind::RepeatEnded { conn: of } if *of == conn).then_some(());
    room.wait("the end of it", ended);
    room.ask(Command::Repeat { conn, repeat: repeat(None) });
    guest.recv(&mut buffer).unwrap();
    room.ask(Command::Close { conn });
    room.closed(conn);
}
