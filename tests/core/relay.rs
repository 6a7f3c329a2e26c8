//! A room: what a client says goes to all others, each with a row of its own; a slow one holds nobody up, and answers to
//! answers end.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use sockhop::{
    chat::{Delivery, Relay, RowKind},
    core::{CAME_BACK, Core, Input, Key, NoticeKind, RELAY_PATIENCE, RELAY_WAITS, StudentPhrases, WakeReason},
    net::{CallKind, Command, ConnId, Event, EventKind, Limit, MessageId, NetError, Reason, Target},
    wire::{Batch, Boundary, Cut, Framing},
};

use crate::{accept, address, close, listen};

struct Room {
    core: Core,
    now: Timestamp,
}

impl Room {
    fn new(relay: Relay, clients: u64) -> Self {
        let mut core = Core::default();
        let _ = core.apply(Input::RelayChanged(relay), Timestamp::UNIX_EPOCH);
        listen(&mut core, address(9));
        for client in 1..=clients {
            accept(&mut core, ConnId(client));
        }
        Self { core, now: Timestamp::UNIX_EPOCH }
    }

    fn happens(&mut self, kind: EventKind) -> Vec<Command> {
        self.core.apply(Input::Net(Event { at: self.now, kind }), self.now).commands
    }

    fn says(&mut self, conn: u64, lines: &[&str]) -> Vec<Command> {
        let mut bytes = Vec::new();
        let cuts = lines.iter().map(|line| {
            bytes.extend_from_slice(line.as_bytes());
            let trailer = u8::from(line.ends_with('\n'));
            Cut { end: bytes.len() as u32, header: 0, trailer, boundary: Boundary::Newline }
        });
        let batch = Batch { cuts: cuts.collect(), bytes: bytes.clone().into() };
        self.happens(EventKind::Received { conn: ConnId(conn), batch, recv_ends: Vec::new() })
    }

    fn sent(&mut self, conn: u64, message: MessageId, bytes: usize) -> Vec<Command> {
        self.happens(EventKind::Sent { conn: ConnId(conn), message, bytes })
    }

    /// The texts of what was sent there.
    fn heard(&self, conn: u64) -> Vec<(String, bool)> {
        let conversation = self.core.conversation(Key::Conn(ConnId(conn))).unwrap();
        let sent = conversation.entries().iter().filter_map(|(_, row)| match &row.kind {
            RowKind::Sent(sent) => {
                assert!(sent.auto, "nobody here has typed it");
                Some((sent.decode().text, sent.delivery == Delivery::Sent))
            }
            _ => None,
        });
        sent.collect()
    }
}

/// To whom it goes, under which id, and the bytes.
fn relayed(commands: &[Command]) -> (Vec<u64>, MessageId, Bytes) {
    match commands {
        [Command::SendToEach { conns, message, bytes }, ..] => {
            let mut conns: Vec<u64> = conns.iter().map(|conn| conn.0).collect();
            conns.sort_unstable();
            (conns, *message, bytes.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_one_says_goes_to_all_others_and_each_message_is_a_row_there() {
    let mut room = Room::new(Relay::Plain, 3);
    let (conns, message, bytes) = relayed(&room.says(2, &["hello\n", "你好\n"]));
    assert_eq!((conns, &bytes[..]), (vec![1, 3], "hello\n你好\n".as_bytes()));
    room.sent(1, message, bytes.len());
    let error = NetError::ours(CallKind::Send, Target::None, Reason::Closed);
    room.happens(EventKind::SendFailed { conn: ConnId(3), message, error });
    let both = |sent| vec![("hello".to_owned(), sent), ("你好".to_owned(), sent)];
    assert_eq!((room.heard(1), room.heard(2), room.heard(3)), (both(true), Vec::new(), both(false)));
    assert_eq!(room.core.conversation(Key::Conn(ConnId(1))).unwrap().bytes_out, bytes.len() as u64);
    // Who has left hears nothing, and one alone is not answered.
    close(&mut room.core, ConnId(1));
    close(&mut room.core, ConnId(3));
    assert!(room.says(2, &["anybody?\n"]).is_empty());
}

#[test]
fn with_names_each_message_begins_with_the_address_of_who_said_it() {
    let mut room = Room::new(Relay::Named, 2);
    let (_, _, bytes) = relayed(&room.says(2, &["a\n", "b"]));
    assert_eq!(&bytes[..], b"127.0.0.1:2: a\n127.0.0.1:2: b\n");
    // It can be switched off while they talk.
    let _ = room.core.apply(Input::RelayChanged(Relay::Off), room.now);
    assert!(room.says(2, &["c\n"]).is_empty());
}

/// Messages, each ended by its boundary.
fn ended(messages: &[(&[u8], Boundary)]) -> Batch {
    let mut bytes = Vec::new();
    let cuts = messages.iter().map(|(message, boundary)| {
        bytes.extend_from_slice(message);
        let trailer = u8::from(message.ends_with(b"\n"));
        Cut { end: bytes.len() as u32, header: 0, trailer, boundary: *boundary }
    });
    Batch { cuts: cuts.collect(), bytes: bytes.clone().into() }
}

#[test]
fn a_tail_gets_the_ending_that_it_lacks_and_nothing_else_is_changed() {
    let mut room = Room::new(Relay::Plain, 2);
    let mut says = |messages: &[(&[u8], Boundary)]| {
        let said = EventKind::Received { conn: ConnId(1), batch: ended(messages), recv_ends: Vec::new() };
        relayed(&room.happens(said)).2
    };
    let newline = Boundary::Newline;
    assert_eq!(&says(&[(b"one\n", newline), (b"two", Boundary::Quiet)])[..], b"one\ntwo\n");
    assert_eq!(&says(&[(b"bye", Boundary::EndOfStream)])[..], b"bye\n");
    // What breaks off within a character goes on, and so does a part of what is too long.
    assert_eq!(&says(&[("你好".as_bytes().split_at(4).0, Boundary::Quiet)])[..], &"你好".as_bytes()[..4]);
    assert_eq!(&says(&[(b"xxxx", Boundary::Cut)])[..], b"xxxx");
    // Each recv as it is: byte for byte.
    let mut manner = room.core.manner().clone();
    manner.options.framing = Framing::Chunk;
    let _ = room.core.apply(Input::OptionsChanged { key: Key::Conn(ConnId(1)), manner }, room.now);
    let said =
        EventKind::Received { conn: ConnId(1), batch: ended(&[(b"raw", Boundary::Recv)]), recv_ends: Vec::new() };
    assert_eq!(&relayed(&room.happens(said)).2[..], b"raw");
}

#[test]
fn one_who_reads_slowly_slows_the_others_down_for_a_moment_and_no_longer() {
    let mut room = Room::new(Relay::Plain, 3);
    let long = "x".repeat(RELAY_WAITS);
    let commands = room.says(1, &[&long]);
    let (_, message, _) = relayed(&commands);
    assert!(matches!(commands.last(), Some(Command::PauseReading { conn: ConnId(1) })), "{commands:?}");
    // One has caught up, the other has not.
    assert!(room.sent(2, message, long.len()).is_empty());
    let (due, why) = room.core.next_wake(room.now).unwrap();
    assert_eq!((why, due), (WakeReason::Relay, room.now + SignedDuration::try_from(RELAY_PATIENCE).unwrap()));
    room.now = due;
    let commands = room.core.apply(Input::Wake, room.now).commands;
    assert!(matches!(commands.as_slice(), [Command::ResumeReading { conn: ConnId(1) }]), "{commands:?}");
    // From now on nobody waits for it, until it has taken something.
    let commands = room.says(1, &["more\n"]);
    assert_eq!(commands.len(), 1, "{commands:?}");
    // Past its queue it is closed: it would go on with a hole.
    let (_, message, _) = relayed(&commands);
    let error = NetError::ours(CallKind::Send, Target::None, Reason::Limit(Limit::SendQueue));
    let commands = room.happens(EventKind::SendFailed { conn: ConnId(3), message, error });
    assert!(matches!(commands.as_slice(), [Command::Close { conn: ConnId(3) }]), "{commands:?}");
}

#[test]
fn who_has_caught_up_is_waited_for_no_longer() {
    let mut room = Room::new(Relay::Plain, 2);
    let long = "x".repeat(RELAY_WAITS);
    let (_, message, _) = relayed(&room.says(1, &[&long]));
    let commands = room.sent(2, message, long.len());
    assert!(matches!(commands.as_slice(), [Command::ResumeReading { conn: ConnId(1) }]), "{commands:?}");
    assert_eq!(room.core.next_wake(room.now), None);
}

#[test]
fn who_leaves_is_waited_for_no_longer() {
    let mut room = Room::new(Relay::Plain, 2);
    room.says(1, &[&"x".repeat(RELAY_WAITS)]);
    close(&mut room.core, ConnId(2));
    assert_eq!(room.core.next_wake(room.now), None);
}

#[test]
fn who_answers_what_it_hears_is_relayed_no_more() {
    let mut room = Room::new(Relay::Named, 2);
    let mut said = "hello\n".to_owned();
    let mut rounds = 0;
    // Both say again what they hear.
    for from in [1, 2].into_iter().cycle() {
        room.now += SignedDuration::from_millis(5);
        let commands = room.says(from, &[&said]);
        if commands.is_empty() {
            break;
        }
        let (_, _, bytes) = relayed(&commands);
        said = String::from_utf8(bytes.to_vec()).unwrap();
        rounds += 1;
        assert!(rounds <= 3 * CAME_BACK, "it goes round");
    }
    let told = room.core.notices().iter().filter(|notice| matches!(notice.kind, NoticeKind::RelayWentRound { .. }));
    assert_eq!(told.count(), 1);
}

#[test]
fn those_who_say_the_same_by_themselves_are_no_loop() {
    let mut room = Room::new(Relay::Plain, 2);
    for _ in 0..10 * CAME_BACK {
        room.now += SignedDuration::from_secs(1);
        assert_eq!(room.says(1, &["T=21.5\n"]).len(), 1);
        assert_eq!(room.says(2, &["T=21.5\n"]).len(), 1);
    }
}

#[test]
fn simulated_students_are_heard_by_the_real_ones_and_answer_no_student() {
    let mut room = Room::new(Relay::Plain, 1);
    let phrases = StudentPhrases::default();
    let effects = room.core.apply(Input::AddStudents { count: 2, phrases }, room.now);
    let asked: Vec<ConnId> = (effects.commands.iter())
        .filter_map(|command| if let Command::Connect { conn, .. } = command { Some(*conn) } else { None })
        .collect();
    for (conn, port) in asked.into_iter().zip(2..) {
        room.happens(EventKind::Connected { conn, peer: address(9), local: address(port) });
        accept(&mut room.core, ConnId(port.into()));
    }
    assert_eq!(relayed(&room.says(2, &["I am a student\n"])).0, [1]);
    assert_eq!(relayed(&room.says(1, &["hello\n"])).0, [2, 3]);
}
