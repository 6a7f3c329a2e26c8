//! What holds of the state "acknowledged": scripts of what the network reports in, rows out.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::{collections::HashMap, net::SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{CallKind, Cause, Happening, Reason, Target},
    chat::{CloseReason, ConnId, Delivery, JournalEntry, ListenerId, MessageId, NetError, RowKind, SessionId},
    core::{Conversation, ConversationOptions, Core, Input, Key, replay},
    net::{Event, EventKind},
    wire::{Batch, Boundary, Cut, Framing},
};

#[test]
fn a_message_goes_from_waiting_over_sent_to_acknowledged() {
    check("accepted c1; send c1 m1 hello", "c1: hello waiting");
    check("accepted c1; send c1 m1 hello; sent m1", "c1: hello sent");
    check("accepted c1; send c1 m1 hello; sent m1; acknowledged c1 5", "c1: hello acknowledged");
}

#[test]
fn only_a_message_all_of_whose_bytes_are_acknowledged_is() {
    check("accepted c1; send c1 m1 hello; sent m1; acknowledged c1 4", "c1: hello sent");
    check(
        "accepted c1; send c1 m1 one; send c1 m2 two; send c1 m3 three; sent m1; sent m2; sent m3; acknowledged c1 7",
        "c1: one acknowledged, two acknowledged, three sent",
    );
}

#[test]
fn many_messages_are_acknowledged_by_one_entry_of_the_journal() {
    let journal = check(
        "accepted c1; send c1 m1 a; send c1 m2 b; send c1 m3 c; sent m1; sent m2; sent m3; acknowledged c1 3",
        "c1: a acknowledged, b acknowledged, c acknowledged",
    );
    let entries: Vec<u64> = journal
        .iter()
        .filter_map(|entry| if let JournalEntry::Acknowledged { bytes, .. } = entry { Some(*bytes) } else { None })
        .collect();
    assert_eq!(entries, [3]);
}

#[test]
fn messages_with_others_between_them_are_acknowledged_by_an_entry_each() {
    let journal = check(
        "accepted c1; send c1 m1 a; sent m1; received c1 x|; send c1 m2 bb; sent m2; acknowledged c1 3",
        "c1: a acknowledged, bb acknowledged",
    );
    let entries: Vec<(u64, u64)> = journal
        .iter()
        .filter_map(|entry| match entry {
            JournalEntry::Acknowledged { numbers, bytes, .. } => Some((numbers.end.0 - numbers.start.0, *bytes)),
            _ => None,
        })
        .collect();
    assert_eq!(entries, [(1, 1), (1, 2)]);
}

#[test]
fn the_order_is_that_of_the_wire_also_where_rows_have_another() {
    // Its row is older than that of the message that went out before it.
    check(
        "accepted c1; send c1 m1 again; failed m1; send c1 m2 later; sent m2; resend c1 m3; sent m3; acknowledged c1 5",
        "c1: again sent, later acknowledged",
    );
    check(
        "accepted c1; send all m1 everyone; send c1 m2 you; to-all m1 1; sent m1 c1; sent m2; acknowledged c1 8",
        "c1: you sent, everyone acknowledged",
    );
}

#[test]
fn a_share_of_a_message_to_everyone_is_acknowledged_where_it_was() {
    check(
        "accepted c1; accepted c2; send all m1 hello; to-all m1 2; sent m1 c1; sent m1 c2; acknowledged c2 5",
        "c1: hello sent
         c2: hello acknowledged",
    );
}

#[test]
fn what_is_not_acknowledged_at_the_end_stays_sent() {
    check("accepted c1; send c1 m1 hello; sent m1; reset c1; acknowledged c1 5", "c1: hello sent");
}

#[test]
fn what_failed_is_never_acknowledged() {
    check("accepted c1; send c1 m1 hello; failed m1; acknowledged c1 5", "c1: hello failed");
}

#[test]
fn rows_that_are_cut_again_are_acknowledged_under_their_new_numbers() {
    check(
        "accepted c1; send c1 m1 one; sent m1; received c1 a|b|; send c1 m2 two; sent m2; chunks c1; acknowledged c1 3; \
         acknowledged c1 6",
        "c1: one acknowledged, two acknowledged",
    );
}

#[test]
fn nothing_is_said_of_what_is_not_acknowledged_before_the_kernel_was_asked() {
    let mut stage = Stage::default();
    stage.play("accepted c1; send c1 m1 hello; sent m1");
    assert_eq!(stage.unacknowledged_since(1), None);
    stage.play("acknowledged c1 0");
    assert_eq!(stage.unacknowledged_since(1), Some(2));
    stage.play("send c1 m2 more; sent m2; acknowledged c1 5");
    assert_eq!(stage.unacknowledged_since(1), Some(4));
    stage.play("acknowledged c1 9");
    assert_eq!(stage.unacknowledged_since(1), None);
    stage.play("send c1 m3 last; sent m3; reset c1");
    assert_eq!(stage.unacknowledged_since(1), None);
}

#[test]
fn what_a_vanished_peer_has_not_acknowledged_is_counted() {
    let sent = "accepted c1; send c1 m1 one; sent m1; send c1 m2 four; sent m2; send c1 m3 six; sent m3";
    for (script, left) in [
        (format!("{sent}; acknowledged c1 0; vanished c1"), Some((3, 10))),
        (format!("{sent}; acknowledged c1 5; vanished c1"), Some((2, 5))),
        (format!("{sent}; acknowledged c1 10; vanished c1"), None),
        // The kernel never said anything, or the peer did: it reset the connection.
        (format!("{sent}; vanished c1"), None),
        (format!("{sent}; acknowledged c1 5; reset c1"), None),
    ] {
        let mut stage = Stage::default();
        stage.play(&script);
        let counted = stage.journal.iter().find_map(|entry| match entry {
            JournalEntry::Happened { what: Happening::NeverAcknowledged { messages, bytes }, .. } => {
                Some((*messages, *bytes))
            }
            _ => None,
        });
        assert_eq!(counted, left, "{script}");
    }
}

/// Plays a script, one step a second, and expects the same states of sent messages from memory and from the journal.
#[track_caller]
fn check(script: &str, states: &str) -> Vec<JournalEntry> {
    let mut stage = Stage::default();
    stage.play(script);
    let expected = states.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let replayed = replay(&stage.journal);
    let print = |of: &dyn Fn(SessionId) -> String| -> String {
        let all = stage.core.conversations();
        all.map(|(conn, conversation)| format!("c{}: {}", conn.number(), of(conversation.id)))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let by_id: HashMap<SessionId, &Conversation> = stage.core.conversations().map(|(_, c)| (c.id, c)).collect();
    assert_eq!(print(&|id| sent(by_id[&id])), expected, "in memory");
    assert_eq!(print(&|id| sent(&replayed[&id])), expected, "from the journal");
    stage.journal
}

/// The messages sent, with what became of them.
fn sent(conversation: &Conversation) -> String {
    let rows = conversation.entries().iter().filter_map(|(_, row)| match &row.kind {
        RowKind::Sent(sent) => Some(format!("{} {}", String::from_utf8_lossy(&sent.raw), name(&sent.delivery))),
        _ => None,
    });
    rows.collect::<Vec<_>>().join(", ")
}

fn name(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Waiting => "waiting",
        Delivery::Sent => "sent",
        Delivery::Acknowledged => "acknowledged",
        Delivery::Failed(_) => "failed",
        Delivery::ToAll { .. } => "to all",
        Delivery::Delivered | Delivery::Read | Delivery::GivenUp(_) | Delivery::ToPeople { .. } => "of a person",
    }
}

#[derive(Default)]
struct Stage {
    core: Core,
    journal: Vec<JournalEntry>,
    /// To whom each message goes.
    to: HashMap<u64, ConnId>,
    seconds: i64,
}

impl Stage {
    fn play(&mut self, script: &str) {
        for step in script.split(';').map(str::trim) {
            self.step(&step.split(' ').collect::<Vec<_>>());
            self.seconds += 1;
        }
    }

    fn step(&mut self, words: &[&str]) {
        let at = Timestamp::from_second(self.seconds).unwrap();
        let conn = |word: &str| ConnId::accepted(number(word));
        // Core counts them, in the order of the script.
        let message = |word: &str| MessageId::asked(number(word));
        let kind = match *words {
            ["accepted", c] => {
                let (peer, local): (SocketAddr, SocketAddr) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 9).into());
                EventKind::Accepted { listener: ListenerId(1), conn: conn(c), peer, local }
            }
            ["send", to, m, text] => {
                let key = if to == "all" { Key::Everyone } else { Key::Conn(conn(to)) };
                if let Key::Conn(conn) = key {
                    self.to.insert(number(m), conn);
                }
                return self.apply(Input::SendBytes { key, bytes: Bytes::copy_from_slice(text.as_bytes()) });
            }
            ["resend", c, m] => {
                self.to.insert(number(m), conn(c));
                let key = Key::Conn(conn(c));
                let rows = self.core.conversation(key).unwrap().entries();
                let failed = rows.iter().find(
                    |(_, row)| matches!(&row.kind, RowKind::Sent(sent) if matches!(sent.delivery, Delivery::Failed(_))),
                );
                let row = failed.unwrap().0;
                return self.apply(Input::Resend { key, row });
            }
            ["to-all", m, clients] => {
                EventKind::SendingToAll { message: message(m), clients: clients.parse().unwrap() }
            }
            ["sent", m] => self.sent(m, self.to[&number(m)]),
            ["sent", m, c] => self.sent(m, conn(c)),
            ["failed", m] => {
                let error = NetError::ours(CallKind::Send, Target::None, Reason::Closed);
                EventKind::SendFailed { conn: self.to[&number(m)], message: message(m), error }
            }
            ["acknowledged", c, bytes] => EventKind::Acknowledged { conn: conn(c), bytes: bytes.parse().unwrap() },
            ["received", c, text] => {
                let ends = text.match_indices('|').map(|(at, _)| at as u32 + 1);
                let cuts = ends.map(|end| Cut { end, header: 0, trailer: 1, boundary: Boundary::Newline }).collect();
                let bytes = Bytes::from(text.replace('|', "\n"));
                let recv_ends = vec![bytes.len() as u64];
                EventKind::Received { conn: conn(c), batch: Batch { bytes, cuts }, recv_ends }
            }
            ["chunks", c] => {
                let mut manner = ConversationOptions::default();
                manner.options.framing = Framing::Chunk;
                self.apply(Input::OptionsChanged { key: Key::Conn(conn(c)), manner });
                EventKind::Reframed { conn: conn(c) }
            }
            ["vanished", c] => {
                let error = NetError::ours(CallKind::Recv, Target::None, Reason::Broken(Cause::TimedOut));
                let reason = CloseReason::Failed(error);
                EventKind::Closed { conn: conn(c), reason, bytes_in: 0, bytes_out: 0 }
            }
            ["reset", c] => {
                let error = NetError::ours(CallKind::Recv, Target::None, Reason::Closed);
                let reason = CloseReason::Failed(error);
                EventKind::Closed { conn: conn(c), reason, bytes_in: 0, bytes_out: 0 }
            }
            _ => panic!("{words:?}"),
        };
        self.apply(Input::Net(Event { at, kind }));
    }

    fn sent(&self, m: &str, conn: ConnId) -> EventKind {
        let key = if self.to.contains_key(&number(m)) { Key::Conn(conn) } else { Key::Everyone };
        // The message that waits longest; one to everyone waits until all its shares have ended.
        let mut rows = self.core.conversation(key).unwrap().entries().iter();
        let bytes = rows.find_map(|(_, row)| match &row.kind {
            RowKind::Sent(sent) if matches!(sent.delivery, Delivery::Waiting | Delivery::ToAll { .. }) => {
                Some(sent.raw.len())
            }
            _ => None,
        });
        EventKind::Sent { conn, message: MessageId::asked(number(m)), bytes: bytes.unwrap() }
    }

    fn apply(&mut self, input: Input) {
        let now = Timestamp::from_second(self.seconds).unwrap();
        self.journal.extend(self.core.apply(input, now).journal);
    }

    /// Since when something is not acknowledged, in seconds from the start of the script; the oldest of the rows, and
    /// of the conversation, which agree.
    #[track_caller]
    fn unacknowledged_since(&self, conn: u64) -> Option<i64> {
        let conversation = self.core.conversation(Key::Conn(ConnId::accepted(conn))).unwrap();
        let of_rows = conversation.entries().iter().filter_map(|(_, row)| conversation.unacknowledged_since(row)).min();
        let of_all = conversation.oldest_unacknowledged_since();
        assert_eq!(of_rows, of_all);
        of_all.map(Timestamp::as_second)
    }
}

fn number(word: &str) -> u64 {
    word[1..].parse().unwrap()
}
