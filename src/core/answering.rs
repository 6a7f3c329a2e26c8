//! What is sent by itself: the answers of rules, each at its time, and messages that are repeated.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{Core, Key, NoticeKind, rules::Rules};
use crate::{
    chat::{AnswerTo, AutoReply, ConnId, Delivery, MessageId, Origin, RowNumber, Rule, payload},
    net::{Command, Repeat, Rounds},
    wire::{Batch, text::TextEncoding},
};

/// The most answers that wait for their time; those beyond are not given, and a notice says so.
pub const ANSWERS_WAITING: usize = 1_024;

/// Messages to everyone that are late and sent in one turn; the others follow in the next.
const SENT_A_TURN: usize = 64;

/// The rules, and what they have to answer later; and what everyone is sent again and again.
#[derive(Debug, Default)]
pub(super) struct Answering {
    rules: Vec<Rule>,
    /// Those that can be used in each encoding in which a message came since they were changed.
    compiled: Vec<(TextEncoding, Rules)>,
    waiting: Vec<(Timestamp, ConnId, Answer)>,
    /// Since when.
    to_everyone: Option<(Timestamp, Rounds)>,
}

/// What is answered, and to whom.
type Answer = (AnswerTo, Vec<u8>);

/// A message that is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeating {
    /// How many were sent.
    pub sent: u64,
    /// Of how many; `None`: until it is stopped.
    pub of: Option<u64>,
}

impl Core {
    /// The user changed the rules.
    pub(super) fn set_rules(&mut self, rules: Vec<Rule>) {
        self.answering.rules = rules;
        self.answering.compiled.clear();
    }

    /// Whether there are rules by which something may be answered.
    pub(super) fn answers_by_rules(&self) -> bool {
        !self.answering.rules.is_empty()
    }

    /// When the next answer is due.
    pub(super) fn next_answer(&self) -> Option<Timestamp> {
        self.answering.waiting.iter().map(|(due, ..)| *due).min()
    }

    /// Answers these messages as the rules say, if that is how the conversation is held.
    pub(super) fn answer_by_rules(&mut self, conn: ConnId, batch: &Batch, at: Timestamp) {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        let (manner, everyone) = (conversation.manner().clone(), self.everyone.manner().clone());
        if manner.options.auto_reply != AutoReply::Rules || !conversation.state.can_send() {
            return;
        }
        let Answering { rules, compiled, waiting, .. } = &mut self.answering;
        if compiled.iter().all(|(encoding, _)| *encoding != manner.encoding) {
            compiled.push((manner.encoding, Rules::new(rules, manner.encoding)));
        }
        let usable = compiled.iter().find(|(encoding, _)| *encoding == manner.encoding);
        let Some((_, usable)) = usable.filter(|(_, usable)| !usable.is_empty()) else { return };
        let (mut now, mut too_many) = (Vec::new(), false);
        for answer in usable.answers(batch, &manner, &everyone) {
            if answer.wait.is_zero() {
                now.push((answer.to, answer.raw));
            } else if waiting.len() < ANSWERS_WAITING {
                let due = SignedDuration::try_from(answer.wait).ok().and_then(|wait| at.checked_add(wait).ok());
                waiting.push((due.unwrap_or(at), conn, (answer.to, answer.raw)));
            } else {
                too_many = true;
            }
        }
        if too_many {
            self.notice_once(at, NoticeKind::AnswersLeftOut);
        }
        self.answer(conn, now, at);
    }

    /// Gives the answers whose time has come.
    pub(super) fn give_due_answers(&mut self, now: Timestamp) {
        if self.next_answer().is_none_or(|due| due > now) {
            return;
        }
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.answering.waiting).into_iter().partition(|(due, ..)| *due <= now);
        self.answering.waiting = later;
        due.sort_by_key(|(due, ..)| *due);
        for (_, conn, answer) in due {
            self.answer(conn, vec![answer], now);
        }
    }

    /// Nothing more is answered there.
    pub(super) fn drop_answers(&mut self, conn: ConnId) {
        self.answering.waiting.retain(|(_, of, _)| *of != conn);
    }

    /// These are sent as automatic replies.
    fn answer(&mut self, conn: ConnId, answers: Vec<Answer>, at: Timestamp) {
        let (to_all, to_sender): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(to, _)| *to == AnswerTo::Everyone);
        self.answer_sender(conn, to_sender.into_iter().map(|(_, raw)| raw).collect(), at);
        for (_, raw) in to_all {
            self.answer_everyone(raw, at);
        }
    }

    /// All clients get this, if there are any. Each of them may answer it.
    fn answer_everyone(&mut self, raw: Vec<u8>, at: Timestamp) {
        if self.connected_clients == 0 {
            return;
        }
        let cut = self.everyone.cut_of(&raw);
        for (_, conversation) in self.conversations.iter_mut() {
            if matches!(conversation.origin, Origin::Accepted | Origin::Heard) && conversation.state.can_send() {
                conversation.answers.answered(at, payload(&raw, cut));
            }
        }
        let (message, raw) = (self.next_message(), Bytes::from(raw));
        self.sending_as(Key::Everyone, message, (raw.clone(), cut), at, true);
        self.command(Command::SendToAll { message, bytes: raw });
    }

    /// Each a row, and all of them one message for the network.
    fn answer_sender(&mut self, conn: ConnId, answers: Vec<Vec<u8>>, at: Timestamp) {
        let key = Key::Conn(conn);
        let open = self.conversation(key).is_some_and(|conversation| conversation.state.can_send());
        if answers.is_empty() || !open {
            return;
        }
        if self.conversation(key).is_some_and(|conversation| conversation.origin.is_udp()) && answers.len() > 1 {
            // Together they would be one datagram.
            for answer in answers {
                self.answer_sender(conn, vec![answer], at);
            }
            return;
        }
        let message = self.next_message();
        let bytes = Bytes::from(answers.concat());
        let first = self.conversation(key).map_or_else(RowNumber::default, |c| c.entries().end());
        let mut begin = 0;
        for answer in answers {
            let raw = bytes.slice(begin..begin + answer.len());
            begin += answer.len();
            let Some(conversation) = self.conversation_mut(key) else { return };
            let (cut, encoding) = (conversation.cut_of(&raw), conversation.manner().encoding);
            conversation.answers.answered(at, payload(&raw, cut));
            self.decide_sent(key, at, (raw, cut, encoding), Delivery::Waiting, true);
        }
        if let Some(conversation) = self.conversation_mut(key) {
            let end = conversation.entries().end();
            conversation.waiting.push_back((message, first..end));
        }
        self.command(Command::Send { conn, message, bytes });
    }

    /// The user has messages repeated, in place of those that are. Those to everyone are sent from here: each is a row of
    /// its own there, and goes to the clients that are connected by then.
    pub(super) fn repeat(&mut self, key: Key, repeat: Repeat, now: Timestamp) {
        let of = repeat.rounds.map(|rounds| rounds.saturating_mul(repeat.messages.len() as u64));
        let Some(conversation) = self.conversation_mut(key) else { return };
        conversation.repeating = Some(Repeating { sent: 0, of });
        match key {
            Key::Conn(conn) => self.command(Command::Repeat { conn, repeat }),
            Key::Everyone => {
                self.answering.to_everyone = Some((now, Rounds::new(repeat)));
                self.repeat_to_everyone(now);
            }
            Key::Past(_) | Key::Person(_) | Key::Nearby => conversation.repeating = None,
        }
    }

    /// The user has that stopped.
    pub(super) fn stop_repeating(&mut self, key: Key) {
        match key {
            Key::Conn(conn) => self.command(Command::StopRepeating { conn }),
            Key::Everyone => (self.answering.to_everyone, self.everyone.repeating) = (None, None),
            Key::Past(_) | Key::Person(_) | Key::Nearby => {}
        }
    }

    /// When everyone is sent the next message of those that are repeated.
    pub(super) fn next_repeated(&self) -> Option<Timestamp> {
        let (since, rounds) = self.answering.to_everyone.as_ref()?;
        since.checked_add(rounds.due()?).ok()
    }

    /// Sends everyone what is due. Ends with the last message, and with the last client.
    pub(super) fn repeat_to_everyone(&mut self, now: Timestamp) {
        for _ in 0..SENT_A_TURN {
            let Some((since, rounds)) = &mut self.answering.to_everyone else { return };
            let elapsed = now.duration_since(*since).try_into().unwrap_or_default();
            let due = if self.connected_clients > 0 { rounds.take_due(elapsed) } else { None };
            if rounds.due().is_none() || self.connected_clients == 0 {
                self.stop_repeating(Key::Everyone);
            }
            let Some(raw) = due else { return };
            if let Some(repeating) = &mut self.everyone.repeating {
                repeating.sent += 1;
            }
            self.send(Key::Everyone, raw, now);
        }
    }

    /// A message was sent once more.
    pub(super) fn repeated(&mut self, conn: ConnId, message: MessageId, raw: Bytes, at: Timestamp) {
        let key = Key::Conn(conn);
        let Some(conversation) = self.conversation_mut(key) else { return };
        if let Some(repeating) = &mut conversation.repeating {
            repeating.sent += 1;
        }
        let (cut, encoding) = (conversation.cut_of(&raw), conversation.manner().encoding);
        let number = self.decide_sent(key, at, (raw, cut, encoding), Delivery::Waiting, false);
        if let Some(conversation) = self.conversation_mut(key) {
            conversation.waiting.push_back((message, number..RowNumber(number.0 + 1)));
        }
    }
}
