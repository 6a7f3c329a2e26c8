//! Crowds of strangers and links that are one too many: the limits that take many addresses or much time to reach.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};
use sockhop::{
    chat::{PersonId, PersonRecord},
    lan::{
        Command, EventKind, Identity, LinkState, Me,
        beacon::{Beacon, Purpose},
        frame::{Kind, frame},
        limits::{
            BEACONS_A_SECOND, BEACONS_A_SECOND_A_SOURCE, DEAD_AFTER, HANDSHAKE_LIMIT, HANDSHAKES_A_SECOND,
            HANDSHAKES_A_SECOND_AN_ADDRESS, NEW_KEYS_AN_HOUR, PEERS_KEPT, PING_AFTER, UNAUTHENTICATED,
            UNAUTHENTICATED_AN_ADDRESS, YOUNG,
        },
        link::Link,
        tls::Tls,
    },
};

use super::hostile::{LIMIT, Peer, Target, closed_after};

/// Longer than the second that a rate is counted in.
const NEXT_SECOND: Duration = Duration::from_millis(1_100);

/// One of the addresses that this machine has for itself.
fn machine(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, (number / 250) as u8, (number % 250) as u8 + 1)
}

fn connect_from(number: usize, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(machine(number).into(), 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Whether it is closed already, or within a moment.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    match stream.read(&mut [0; 64]) {
        Ok(count) => count == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn so_many_strangers_are_held_at_once_whatever_addresses_they_have() {
    let target = Target::start();
    let from_each = HANDSHAKES_A_SECOND_AN_ADDRESS.min(UNAUTHENTICATED_AN_ADDRESS as u32) as usize;
    let mut held = Vec::new();
    let begun = Instant::now();
    while held.len() < UNAUTHENTICATED {
        // In two parts, so that it is the number at once that is met, not that of a second.
        if held.len() == HANDSHAKES_A_SECOND as usize / from_each * from_each {
            thread::sleep(NEXT_SECOND);
        }
        held.push(connect_from(held.len() / from_each, target.link));
    }
    assert!(closed_after(&mut connect_from(200, target.link)) < Duration::from_secs(1), "one more is held");
    assert!(begun.elapsed() < HANDSHAKE_LIMIT, "too slow to tell: {:?}", begun.elapsed());
    let closed = held.iter_mut().rev().take(8).filter_map(|stream| is_closed(stream).then_some(())).count();
    assert_eq!(closed, 0, "they are too many before {UNAUTHENTICATED}");
    drop(held);
    // They are gone: the next is served.
    thread::sleep(NEXT_SECOND);
    let mut peer = Peer::prove(&target, &Identity::generate().unwrap());
    peer.greet();
    target.wait(|kind| matches!(kind, EventKind::Greeted { .. }));
}

#[test]
fn so_many_handshakes_begin_in_a_second_whatever_addresses_they_come_from() {
    let target = Target::start();
    let more = 10;
    let begun = Instant::now();
    let mut all: Vec<TcpStream> = (0..HANDSHAKES_A_SECOND as usize + more)
        .map(|number| connect_from(number / HANDSHAKES_A_SECOND_AN_ADDRESS as usize, target.link))
        .collect();
    assert!(begun.elapsed() < Duration::from_millis(900), "too slow to tell: {:?}", begun.elapsed());
    thread::sleep(Duration::from_millis(300));
    let closed = all.iter_mut().filter_map(|stream| is_closed(stream).then_some(())).count();
    assert_eq!(closed, more);
}

#[test]
fn so_many_keys_are_kept_and_whoever_is_known_is_never_pushed_out() {
    let target = Target::start();
    let known = Identity::generate().unwrap();
    target.lan.send(Command::Know(Box::new(PersonRecord { id: known.id(), ..PersonRecord::default() }))).unwrap();
    let me = Me { name: "crowd".to_owned(), ..Me::default() };
    let beacon = |socket: &UdpSocket, id: PersonId| {
        let beacon = Beacon::ours(Purpose::Here, id, (1, 1), &me, 9);
        socket.send_to(&beacon.to_packet(), target.beacons).unwrap();
    };
    let from = |number: usize| UdpSocket::bind((machine(number), 0)).unwrap();
    beacon(&from(240), known.id());
    let wanted = PEERS_KEPT + 20;
    let a_machine = NEW_KEYS_AN_HOUR.min(BEACONS_A_SECOND_A_SOURCE) as usize;
    let a_second = BEACONS_A_SECOND as usize / 2;
    let (mut seen, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut sent = 0;
    while sent < wanted {
        for number in sent..(sent + a_second).min(wanted) {
            let mut id = [3; 32];
            id[..8].copy_from_slice(&(number as u64).to_be_bytes());
            beacon(&from(number / a_machine), PersonId(id));
        }
        sent += a_second;
        for kind in target.all(NEXT_SECOND) {
            match kind {
                EventKind::Seen(person) => _ = seen.insert(person.id),
                EventKind::Gone(id) => _ = gone.insert(id),
                _ => {}
            }
        }
    }
    // One that was known before, and all that were seen.
    assert_eq!(seen.len(), wanted + 1, "not all were heard");
    assert_eq!(seen.len() - gone.len(), PEERS_KEPT);
    assert!(!gone.contains(&known.id()));
}

#[test]
fn a_link_on_which_nothing_comes_is_asked_and_then_closed_as_dead() {
    let target = Target::start();
    let mut peer = Peer::prove(&target, &Identity::generate().unwrap());
    peer.greet();
    target.wait(|kind| matches!(kind, EventKind::Greeted { .. }));
    let begun = Instant::now();
    peer.wait(Kind::Ping);
    let asked = begun.elapsed();
    assert!((PING_AFTER..PING_AFTER + Duration::from_secs(5)).contains(&(asked + Duration::from_millis(500))));
    peer.stream.set_read_timeout(Some(DEAD_AFTER)).unwrap();
    closed_after(&mut peer.stream);
    let after = begun.elapsed() + Duration::from_millis(500);
    assert!((DEAD_AFTER..DEAD_AFTER + Duration::from_secs(5)).contains(&after), "{after:?}");
    target.wait(|kind| matches!(kind, EventKind::Link { state: LinkState::Absent | LinkState::Waiting, .. }));
}

/// A peer that was dialled by the target, as far as its first word.
fn dialled_by(target: &Target, identity: &Identity, listener: &TcpListener) -> Peer {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let link = Link::accept(&Tls::new(identity).unwrap()).unwrap();
    let mut peer = Peer { stream, link, frames: Vec::new() };
    while peer.link.peer().is_none() {
        peer.turn();
    }
    assert_eq!(peer.link.peer(), Some(target.id));
    peer.link.greeted();
    peer.link.send(frame(Kind::Hello, &hello()));
    peer.flush();
    peer.wait(Kind::Hello);
    peer
}

fn hello() -> serde_json::Value {
    serde_json::json!({
        "name": "Lab PC 2", "colour": 1, "state": "here", "epoch": 7, "first": 1, "has_epoch": 0, "has": 0,
        "has_mark": 0, "receipts": true,
    })
}

#[test]
fn of_two_links_that_of_the_smaller_key_stays_while_both_are_young_and_else_the_newest() {
    for target_is_smaller in [true, false] {
        let target = Target::start();
        let identity = loop {
            let identity = Identity::generate().unwrap();
            if (target.id < identity.id()) == target_is_smaller {
                break identity;
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let me = Me { name: "Lab PC 2".to_owned(), ..Me::default() };
        let port = listener.local_addr().unwrap().port();
        let beacon = Beacon::ours(Purpose::Here, identity.id(), (1, 1), &me, port);
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&beacon.to_packet(), target.beacons).unwrap();
        let mut theirs = dialled_by(&target, &identity, &listener);
        target.wait(|kind| matches!(kind, EventKind::Greeted { .. }));
        let mut ours = Peer::prove(&target, &identity);
        ours.wait(Kind::Hello);
        ours.link.greeted();
        ours.link.send(frame(Kind::Hello, &hello()));
        ours.flush();
        let (stays, goes) = if target_is_smaller { (&mut theirs, &mut ours) } else { (&mut ours, &mut theirs) };
        closed_after(&mut goes.stream);
        stays.link.send(frame(Kind::Ping, &serde_json::json!({})));
        stays.flush();
        stays.wait(Kind::Pong);
        // Later it is the newest, whoever dialled: the other end may have lost its own.
        thread::sleep(YOUNG + Duration::from_millis(200));
        let mut newest = Peer::prove(&target, &identity);
        newest.wait(Kind::Hello);
        newest.link.greeted();
        newest.link.send(frame(Kind::Hello, &hello()));
        newest.flush();
        closed_after(&mut stays.stream);
        newest.link.send(frame(Kind::Ping, &serde_json::json!({})));
        newest.flush();
        newest.wait(Kind::Pong);
    }
}

#[test]
fn a_hello_that_was_recorded_proves_nobody_and_one_said_twice_ends_the_link() {
    let target = Target::start();
    let identity = Identity::generate().unwrap();
    let mut stream = TcpStream::connect(target.link).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let mut link = Link::dial(&Tls::new(&identity).unwrap(), Some(target.id)).unwrap();
    let (mut recorded, mut buffer) = (Vec::new(), [0; 16_384]);
    let mut say = |link: &mut Link, stream: &mut TcpStream| {
        let from = recorded.len();
        link.write(&mut recorded).unwrap();
        stream.write_all(&recorded[from..]).unwrap();
    };
    while link.peer().is_none() {
        say(&mut link, &mut stream);
        let count = stream.read(&mut buffer).unwrap();
        let _ = link.take(&buffer[..count]).unwrap();
    }
    link.greeted();
    link.send(frame(Kind::Hello, &hello()));
    say(&mut link, &mut stream);
    target.wait(|kind| matches!(kind, EventKind::Greeted { .. }));
    link.send(frame(Kind::Hello, &hello()));
    say(&mut link, &mut stream);
    closed_after(&mut stream);
    // The same bytes once more, from the same machine.
    let mut again = TcpStream::connect(target.link).unwrap();
    again.set_read_timeout(Some(LIMIT)).unwrap();
    let _ = again.write_all(&recorded);
    assert!(closed_after(&mut again) < HANDSHAKE_LIMIT);
    let told = target.all(Duration::from_millis(500));
    let greeted = told.iter().find(|kind| matches!(kind, EventKind::Greeted { .. }));
    assert_eq!(greeted, None);
}
