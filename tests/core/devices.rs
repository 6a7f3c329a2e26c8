//! Talking to devices: tails that went on, answers of rules at their time, attempts to connect again.

use std::time::Duration;

use jiff::Timestamp;
use sockhop::{
    chat::{AnswerTo, AutoReply, Device, Rule, When},
    core::{ANSWERS_WAITING, JOINED_WITHIN, Repeating, WakeReason},
    net::{MessageId, Repeat},
    wire::{Boundary, Cut},
};

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn happen_at(core: &mut Core, ms: i64, kind: EventKind) -> Vec<Command> {
    core.apply(Input::Net(Event { at: at(ms), kind }), at(ms)).commands
}

/// One message, ended by this.
fn came(core: &mut Core, ms: i64, bytes: &str, boundary: Boundary) -> Vec<Command> {
    let trailer = u8::from(boundary == Boundary::Newline);
    let cuts = vec![Cut { end: bytes.len() as u32, header: 0, trailer, boundary }];
    let batch = Batch { bytes: Bytes::from(bytes.to_owned()), cuts };
    happen_at(core, ms, EventKind::Received { conn: CONN, batch, recv_ends: Vec::new() })
}

fn texts(core: &Core) -> Vec<String> {
    let conversation = core.conversation(KEY).unwrap();
    let row = |kind: &RowKind| match kind {
        RowKind::Received(received) => Some(String::from_utf8_lossy(&received.raw).into_owned()),
        RowKind::Sent(sent) => Some(format!("> {}", String::from_utf8_lossy(&sent.raw))),
        RowKind::Happened(_) => None,
    };
    conversation.entries().iter().filter_map(|(_, entry)| row(&entry.kind)).collect()
}

fn joining() -> Core {
    let mut core = Core::new(ConversationOptions::default()).joining_tails();
    accept(&mut core, CONN);
    core
}

#[test]
fn tails_that_went_on_become_one_row_which_is_unread_once() {
    let mut core = joining();
    came(&mut core, 0, "before\n", Boundary::Newline);
    for (ms, key) in [(250, "h"), (500, "e"), (750, "llo\r")] {
        came(&mut core, ms, key, Boundary::Quiet);
    }
    assert_eq!(core.conversation(KEY).unwrap().unread(), 4);
    came(&mut core, 1_000, "\n", Boundary::Newline);
    assert_eq!(texts(&core), ["before\n", "hello\r\n"]);
    let conversation = core.conversation(KEY).unwrap();
    assert_eq!((conversation.unread(), conversation.messages_in), (2, 2));
    let (_, row) = conversation.entries().iter().next_back().unwrap();
    let RowKind::Received(received) = &row.kind else { panic!("{row:?}") };
    assert_eq!((received.cut.trailer, row.at), (2, at(250)), "its line ending came in two parts");
    came(&mut core, 1_001, "after\n", Boundary::Newline);
    assert_eq!(texts(&core), ["before\n", "hello\r\n", "after\n"]);
}

#[test]
fn a_tail_stays_alone_where_it_was_late_answered_or_did_not_end() {
    let late = JOINED_WITHIN.as_millis() as i64 + 1;
    let mut core = joining();
    came(&mut core, 0, "login: ", Boundary::Quiet);
    came(&mut core, late, "hello\n", Boundary::Newline);
    assert_eq!(texts(&core), ["login: ", "hello\n"], "late");
    let mut core = joining();
    came(&mut core, 0, "login: ", Boundary::Quiet);
    let _ = core.apply(Input::SendBytes { key: KEY, bytes: Bytes::from_static(b"me\n") }, at(1));
    came(&mut core, 2, "hello\n", Boundary::Newline);
    assert_eq!(texts(&core), ["login: ", "> me\n", "hello\n"], "answered");
    let mut core = joining();
    came(&mut core, 0, "one", Boundary::Quiet);
    came(&mut core, 300, "two", Boundary::Quiet);
    assert_eq!(texts(&core), ["one", "two"], "scripts that send no newline");
    let mut core = Core::new(ConversationOptions::default());
    accept(&mut core, CONN);
    came(&mut core, 0, "hel", Boundary::Quiet);
    came(&mut core, 300, "lo\n", Boundary::Newline);
    assert_eq!(texts(&core), ["hel", "lo\n"], "in the terminal, what was told is told");
}

/// A core whose peer is answered by this rule.
fn ruled(rule: Rule) -> Core {
    let mut manner = ConversationOptions::default();
    manner.options.auto_reply = AutoReply::Rules;
    let mut core = Core::new(manner);
    let _ = core.apply(Input::RulesChanged(vec![rule]), at(0));
    accept(&mut core, CONN);
    core
}

fn rule(this: &str, answer: &str, wait_ms: u64) -> Rule {
    Rule { when: When::BeginsWith, this: this.into(), answer: answer.into(), wait_ms, ..Rule::default() }
}

#[test]
fn the_answers_to_one_batch_are_rows_of_their_own_and_one_command() {
    let mut core = ruled(rule("T", "ok", 0));
    let cuts = [3, 6, 9].map(|end| Cut { end, header: 0, trailer: 1, boundary: Boundary::Newline });
    let batch = Batch { bytes: Bytes::from_static(b"T1\nH1\nT2\n"), cuts: cuts.to_vec() };
    let commands = happen_at(&mut core, 5, EventKind::Received { conn: CONN, batch, recv_ends: Vec::new() });
    let [Command::Send { bytes, message, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(&bytes[..], b"ok\nok\n");
    assert_eq!(texts(&core), ["T1\n", "H1\n", "T2\n", "> ok\n", "> ok\n"]);
    happen_at(&mut core, 6, EventKind::Sent { conn: CONN, message: *message, bytes: 6 });
    assert!(sent(core.conversation(KEY).unwrap()).iter().all(|sent| sent.auto && sent.delivery == Delivery::Sent));
}

#[test]
fn an_answer_waits_for_its_time_and_no_longer_than_its_connection() {
    let mut core = ruled(rule("T", "ok", 500));
    assert!(came(&mut core, 100, "T1\n", Boundary::Newline).is_empty());
    assert_eq!(core.next_wake(at(100)), Some((at(600), WakeReason::Answer)));
    assert!(core.apply(Input::Wake, at(599)).commands.is_empty());
    assert!(matches!(core.apply(Input::Wake, at(600)).commands[..], [Command::Send { .. }]));
    assert_eq!(core.next_wake(at(600)), None);
    came(&mut core, 700, "T2\n", Boundary::Newline);
    close(&mut core, CONN);
    assert!(core.apply(Input::Wake, at(2_000)).commands.is_empty());
}

#[test]
fn of_too_many_answers_that_would_wait_the_user_is_told() {
    let mut core = ruled(rule("T", "ok", 60_000));
    for n in 0..ANSWERS_WAITING as i64 + 2 {
        came(&mut core, n, "T\n", Boundary::Newline);
    }
    let told = core.notices().iter().filter(|notice| notice.kind == NoticeKind::AnswersLeftOut).count();
    assert_eq!(told, 1);
    let due = core.apply(Input::Wake, at(200_000)).commands.len();
    assert_eq!(due, ANSWERS_WAITING);
}

#[test]
fn rules_that_answer_each_other_are_stopped() {
    let mut core = ruled(rule("T", "T", 0));
    let mut ms = 0;
    while core.conversation(KEY).unwrap().manner().options.auto_reply == AutoReply::Rules {
        ms += 1;
        came(&mut core, ms, "T\n", Boundary::Newline);
        assert!(ms < 1_000, "it goes on and on");
    }
    assert!(core.notices().iter().any(|notice| notice.kind == NoticeKind::AnswersWentRound { conn: CONN }));
}

#[test]
fn a_device_is_known_by_its_address_or_by_the_first_it_says() {
    let by_line =
        Device { first_line: "HELLO 42".into(), name: "Sensor".into(), framing: Framing::Cr, ..Device::default() };
    let mut core = Core::new(ConversationOptions::default());
    let _ = core.apply(Input::DevicesChanged(vec![by_line.clone()]), at(0));
    accept(&mut core, CONN);
    assert_eq!(core.conversation(KEY).unwrap().name, None);
    let commands = came(&mut core, 1, "HELLO 42 v1\n", Boundary::Newline);
    assert!(matches!(commands[..], [Command::SetOptions { .. }]), "{commands:?}");
    let conversation = core.conversation(KEY).unwrap();
    assert_eq!((conversation.name.as_deref(), conversation.manner().framing()), (Some("Sensor"), Framing::Cr));
    // Later messages change nothing.
    let other = ConnId(2);
    accept(&mut core, other);
    let by_address = Device { address: "127.0.0.1".into(), name: "Here".into(), ..Device::default() };
    let _ = core.apply(Input::DevicesChanged(vec![by_line, by_address]), at(2));
    let third = ConnId(3);
    accept(&mut core, third);
    assert_eq!(core.conversation(Key::Conn(third)).unwrap().name.as_deref(), Some("Here"));
    assert_eq!(core.conversation(Key::Conn(other)).unwrap().name, None, "it was there before");
}

/// A message to everyone was sent by its only client.
fn told_to_all(commands: &[Command]) -> (MessageId, Bytes) {
    match commands {
        [Command::SendToAll { message, bytes }] => (*message, bytes.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_may_answer_everyone_and_its_answer_is_a_row_with_each() {
    let mut core = ruled(Rule { to: AnswerTo::Everyone, ..rule("ALARM", "all out", 0) });
    let other = ConnId(2);
    accept(&mut core, other);
    let (message, bytes) = told_to_all(&came(&mut core, 5, "ALARM 7\n", Boundary::Newline));
    assert_eq!(&bytes[..], b"all out\n");
    happen_at(&mut core, 6, EventKind::SendingToAll { message, clients: 2 });
    for conn in [CONN, other] {
        happen_at(&mut core, 7, EventKind::Sent { conn, message, bytes: bytes.len() });
        let sent = sent(core.conversation(Key::Conn(conn)).unwrap());
        assert!(sent.len() == 1 && sent[0].auto, "{sent:?}");
    }
    let everyone = sent(core.conversation(Key::Everyone).unwrap());
    let both = Delivery::ToAll { clients: 2, sent: 2, failed: 0, error: None };
    assert!(everyone.len() == 1 && everyone[0].auto && everyone[0].delivery == both, "{everyone:?}");
}

#[test]
fn answers_to_everyone_that_come_back_as_messages_are_stopped() {
    let mut core = ruled(Rule { to: AnswerTo::Everyone, ..rule("T", "T", 0) });
    let mut ms = 0;
    while core.conversation(KEY).unwrap().manner().options.auto_reply == AutoReply::Rules {
        ms += 1;
        came(&mut core, ms, "T\n", Boundary::Newline);
        assert!(ms < 1_000, "it goes on and on");
    }
}

#[test]
fn what_is_repeated_to_everyone_has_its_times_and_ends_with_the_last_client() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let messages = vec![
        (Bytes::from_static(b"a\n"), Duration::from_millis(10)),
        (Bytes::from_static(b"b\n"), Duration::from_millis(20)),
    ];
    let repeat = Repeat { messages, rounds: Some(2) };
    let ask = |core: &mut Core, ms, repeat: &Repeat| {
        core.apply(Input::Repeat { key: Key::Everyone, repeat: repeat.clone() }, at(ms)).commands
    };
    let said = |commands: &[Command]| told_to_all(commands).1;
    assert_eq!(said(&ask(&mut core, 1_000, &repeat)), "a\n");
    assert_eq!(core.next_wake(at(1_000)), Some((at(1_010), WakeReason::Repeat)));
    assert!(core.apply(Input::Wake, at(1_009)).commands.is_empty());
    assert_eq!(said(&core.apply(Input::Wake, at(1_017)).commands), "b\n");
    // None is late for another's being so.
    assert_eq!(core.next_wake(at(1_017)), Some((at(1_030), WakeReason::Repeat)));
    assert_eq!(said(&core.apply(Input::Wake, at(1_030)).commands), "a\n");
    assert_eq!(core.conversation(Key::Everyone).unwrap().repeating, Some(Repeating { sent: 3, of: Some(4) }));
    assert_eq!(said(&core.apply(Input::Wake, at(1_040)).commands), "b\n");
    assert_eq!((core.conversation(Key::Everyone).unwrap().repeating, core.next_wake(at(1_040))), (None, None));
    // Stopped by the user.
    let endless = Repeat { rounds: None, ..repeat };
    assert_eq!(said(&ask(&mut core, 2_000, &endless)), "a\n");
    let _ = core.apply(Input::StopRepeating(Key::Everyone), at(2_001));
    assert!(core.apply(Input::Wake, at(3_000)).commands.is_empty());
    // Nobody is there any more.
    assert_eq!(said(&ask(&mut core, 4_000, &endless)), "a\n");
    close(&mut core, CONN);
    assert!(core.apply(Input::Wake, at(5_000)).commands.is_empty());
    assert_eq!(core.conversation(Key::Everyone).unwrap().repeating, None);
}
