//! What is sent by itself: the answers of rules, each at its time, and messages that are repeated.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{Core, Key, NoticeKind, rules::Rules};
use crate::{
    chat::{AutoReply, ConnId, Delivery, MessageId, RowNumber, Rule, payload},
    net::{Command, Repeat},
    wire::{Batch, text::TextEncoding},
};

/// The most answers that wait for their time; those beyond are not given, and a notice says so.
pub const ANSWERS_WAITING: usize = 1_024;

/// The rules, and what they have to answer later.
#[derive(Debug, Default)]
pub(super) struct Answering {
    rules: Vec<Rule>,
    /// Those that can be used in each encoding in which a message came since they were changed.
    compiled: Vec<(TextEncoding, Rules)>,
    waiting: Vec<(Timestamp, ConnId, Vec<u8>)>,
}

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

    /// When the next answer is due.
    pub(super) fn next_answer(&self) -> Option<Timestamp> {
        self.answering.waiting.iter().map(|(due, ..)| *due).min()
    }

    /// Answers these messages as the rules say, if that is how the conversation is held.
    pub(super) fn answer_by_rules(&mut self, conn: ConnId, batch: &Batch, at: Timestamp) {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        let manner = conversation.manner().clone();
        if manner.options.auto_reply != AutoReply::Rules || !conversation.state.can_send() {
            return;
        }
        let Answering { rules, compiled, waiting } = &mut self.answering;
        if compiled.iter().all(|(encoding, _)| *encoding != manner.encoding) {
            compiled.push((manner.encoding, Rules::new(rules, manner.encoding)));
        }
        let usable = compiled.iter().find(|(encoding, _)| *encoding == manner.encoding);
        let Some((_, usable)) = usable.filter(|(_, usable)| !usable.is_empty()) else { return };
        let (mut now, mut too_many) = (Vec::new(), false);
        for (raw, cut) in batch.messages() {
            let Some(answer) = usable.answer(payload(&raw, cut), &manner) else { continue };
            if answer.wait.is_zero() {
                now.push(answer.raw);
            } else if waiting.len() < ANSWERS_WAITING {
                let due = SignedDuration::try_from(answer.wait).ok().and_then(|wait| at.checked_add(wait).ok());
                waiting.push((due.unwrap_or(at), conn, answer.raw));
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
        for (_, conn, raw) in due {
            self.answer(conn, vec![raw], now);
        }
    }

    /// Nothing more is answered there.
    pub(super) fn drop_answers(&mut self, conn: ConnId) {
        self.answering.waiting.retain(|(_, of, _)| *of != conn);
    }

    /// These are sent as automatic replies: each a row, and all of them one message for the network.
    fn answer(&mut self, conn: ConnId, answers: Vec<Vec<u8>>, at: Timestamp) {
        let key = Key::Conn(conn);
        let open = self.conversation(key).is_some_and(|conversation| conversation.state.can_send());
        if answers.is_empty() || !open {
            return;
        }
        if self.conversation(key).is_some_and(|conversation| conversation.origin.is_udp()) && answers.len() > 1 {
            // Together they would be one datagram.
            for answer in answers {
                self.answer(conn, vec![answer], at);
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

    /// The user has messages repeated, in place of those that are.
    pub(super) fn repeat(&mut self, conn: ConnId, repeat: Repeat) {
        let of = repeat.rounds.map(|rounds| rounds.saturating_mul(repeat.messages.len() as u64));
        self.with(conn, |c| c.repeating = Some(Repeating { sent: 0, of }));
        self.command(Command::Repeat { conn, repeat });
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
