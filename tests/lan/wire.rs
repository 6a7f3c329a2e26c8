//! What goes over the wire of a link is reported while it is looked at, and at no other time.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use sockhop::{
    chat::{Epoch, PersonId},
    lan::{Command, Event, EventKind, Identity, Interface, Lan, Me, Options, Outgoing},
    wire::tls_records::{ContentType, Record, Records},
};

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

const EPOCH: Epoch = Epoch(5);

fn start(beacon_port: u16, name: &str) -> (Lan, PersonId) {
    let identity = Identity::generate().unwrap();
    let id = identity.id();
    let lan = Lan::start(|| ()).unwrap();
    let interface =
        Interface { name: "lo".to_owned(), index: 1, address: [127, 0, 0, 1].into(), prefix: Some(8), on: true };
    let me = Me { name: name.to_owned(), ..Me::default() };
    let options = Options { identity, me, interfaces: vec![interface], lan_port: 0, beacon_port, keys: None };
    lan.send(Command::Start(Box::new(options))).unwrap();
    (lan, id)
}

/// The events up to this one.
#[track_caller]
fn until(lan: &Lan, is_it: impl Fn(&EventKind) -> bool) -> Vec<EventKind> {
    let end = Instant::now() + LIMIT;
    let mut events = Vec::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let Event { kind, .. } = lan.recv_timeout(left).expect("an event");
        let found = is_it(&kind);
        events.push(kind);
        if found {
            return events;
        }
    }
}

/// What of them went over the wire: ours, and theirs.
fn crossed(events: &[EventKind], with: PersonId) -> (Vec<u8>, Vec<u8>) {
    let of = |whose: bool| {
        let bytes = events.iter().filter_map(|kind| match kind {
            EventKind::OnTheWire { with: of, ours, bytes } if *of == with && *ours == whose => Some(bytes.to_vec()),
            _ => None,
        });
        bytes.flatten().collect()
    };
    (of(true), of(false))
}

#[test]
fn the_records_of_a_link_are_reported_while_it_is_looked_at_and_none_can_be_read() {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (first, _) = start(port, "Lab PC 1");
    let (second, other) = start(port, "Lab PC 2");
    let events = until(&first, |kind| matches!(kind, EventKind::Greeted { with, .. } if *with == other));
    assert_eq!(crossed(&events, other), (Vec::new(), Vec::new()), "nobody looked");

    let text = "你好，2 点见，还是在老地方";
    let say = |n: u64| {
        let what = Outgoing { mark: n, at: 0, text: Some(text.as_bytes().into()), again: false };
        first.send(Command::Send { to: other, epoch: EPOCH, n, what }).unwrap();
    };
    first.send(Command::Watch(Some(other))).unwrap();
    first.send(Command::Resume { to: other, epoch: EPOCH, after: 0 }).unwrap();
    say(1);
    until(&second, |kind| matches!(kind, EventKind::Received { messages, .. } if messages.len() == 1));
    let events = until(&first, |kind| matches!(kind, EventKind::Sent { n: 1, .. }));
    let (ours, _) = crossed(&events, other);
    let mut records = Records::default();
    let records = records.push(&ours);
    assert!(!records.is_empty(), "{events:?}");
    for record in &records {
        assert_eq!(record.content_type(), ContentType::ApplicationData);
    }
    let encrypted: usize = records.iter().filter_map(Record::encrypted_bytes).sum();
    assert!(encrypted > text.len(), "{encrypted}");
    assert!(!ours.windows(6).any(|six| text.as_bytes().windows(6).any(|of| of == six)), "it can be read");

    first.send(Command::Watch(None)).unwrap();
    say(2);
    let events = until(&first, |kind| matches!(kind, EventKind::Sent { n: 2, .. }));
    assert_eq!(crossed(&events, other).0, Vec::<u8>::new(), "nobody looks any more");
}
