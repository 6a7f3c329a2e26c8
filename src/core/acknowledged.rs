//! Which of the messages that the kernel took the other machine has acknowledged, and which not yet.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

use jiff::Timestamp;

use super::{Conversation, Core, Key, Rows};
use crate::chat::{
    CallKind, Cause, ConnId, Delivery, Direction, JournalEntry, NetError, Reason, Row, RowKind, RowNumber, Target,
};

/// Runs of messages remembered of one conversation until they are acknowledged; past it the oldest stay at "sent".
/// Messages sent one after the other, with nothing received in between, are one run.
pub const UNACKNOWLEDGED_KEPT: usize = 10_000;

/// Messages of one conversation that the kernel took and that are not known to be acknowledged, in their order on the
/// wire. That is not always that of their rows: a message sent again has its old row.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged {
    runs: VecDeque<Run>,
    /// Where in the outgoing stream the first of them begins.
    begins: u64,
    /// How many bytes of it are acknowledged.
    acknowledged: u64,
    /// The kernel says what is acknowledged. Until it has, nothing is known of any message.
    told: bool,
}

/// Messages that follow one another, on the wire and as rows.
#[derive(Clone, Debug)]
struct Run {
    numbers: Range<RowNumber>,
    /// Where in the outgoing stream they end.
    end: u64,
    /// When the kernel had taken the first of them.
    since: Timestamp,
}

/// Rows that turned out to be acknowledged, one after the other, and their bytes.
type Found = (Range<RowNumber>, u64);

impl Unacknowledged {
    /// The kernel took these messages, which end there in the stream.
    pub(super) fn took(&mut self, numbers: Range<RowNumber>, end: u64, at: Timestamp) {
        match self.runs.back_mut() {
            Some(last) if last.numbers.end == numbers.start => {
                last.numbers.end = numbers.end;
                last.end = end;
            }
            _ => self.runs.push_back(Run { numbers, end, since: at }),
        }
        if self.runs.len() > UNACKNOWLEDGED_KEPT {
            self.begins = self.runs.pop_front().map_or(self.begins, |dropped| dropped.end);
        }
    }

    /// The other machine has the stream up to there.
    fn acknowledged(&mut self, up_to: u64, rows: &Rows) -> Vec<Found> {
        (self.told, self.acknowledged) = (true, up_to);
        let mut found: Vec<Found> = Vec::new();
        let mut add = |numbers: Range<RowNumber>, bytes: u64| match found.last_mut() {
            Some((last, all)) if last.end == numbers.start => {
                last.end = numbers.end;
                *all += bytes;
            }
            _ => found.push((numbers, bytes)),
        };
        while let Some(run) = self.runs.pop_front_if(|run| run.end <= up_to) {
            add(run.numbers, run.end.saturating_sub(self.begins));
            self.begins = run.end;
        }
        // Of one that is acknowledged in part, those that are. In a flood they may have left memory, and wait for the rest.
        if let Some(run) = self.runs.front_mut() {
            while let Some(end) = rows.get(run.numbers.start).and_then(end_of).filter(|end| *end <= up_to)
                && run.numbers.start.0 + 1 < run.numbers.end.0
            {
                let number = run.numbers.start;
                run.numbers.start.0 += 1;
                add(number..run.numbers.start, end.saturating_sub(self.begins));
                self.begins = end;
            }
        }
        found
    }

    /// The rows from `first` on have come again under other numbers.
    pub(super) fn renumber(&mut self, first: RowNumber, again: &BTreeMap<RowNumber, RowNumber>, rows: &Rows) {
        for run in std::mem::take(&mut self.runs) {
            let Run { numbers, end, since } = run;
            if numbers.start < first {
                self.took(numbers.start..numbers.end.min(first), end, since);
            }
            for number in (numbers.start.max(first).0..numbers.end.0).map(RowNumber) {
                if let Some((again, end)) =
                    again.get(&number).and_then(|again| Some((*again, end_of(rows.get(*again)?)?)))
                {
                    self.took(again..RowNumber(again.0 + 1), end, since);
                }
            }
        }
    }

    /// How many messages there are, and their bytes that are not acknowledged; `None`, if there are none, or nobody knows.
    pub(super) fn left(&self) -> Option<(u64, u64)> {
        let end = self.runs.back().filter(|_| self.told)?.end;
        let messages = self.runs.iter().map(|run| run.numbers.end.0 - run.numbers.start.0).sum();
        Some((messages, end.saturating_sub(self.begins.max(self.acknowledged))))
    }

    /// When the kernel had taken the messages around this one, if it is one of these.
    fn since(&self, number: RowNumber) -> Option<Timestamp> {
        // The one that is asked for is most often one of the last.
        let run = self.runs.iter().rev().find(|run| run.numbers.contains(&number))?;
        self.told.then_some(run.since)
    }
}

/// Where in the outgoing stream a message ends.
fn end_of(row: &Row) -> Option<u64> {
    Some(row.begins(Direction::Out)? + row.bytes() as u64)
}

impl Conversation {
    /// Since when a message is with the kernel and not acknowledged. `None`, if it is, or nobody knows.
    #[must_use]
    pub fn unacknowledged_since(&self, row: &Row) -> Option<Timestamp> {
        let RowKind::Sent(sent) = &row.kind else { return None };
        if sent.delivery != Delivery::Sent {
            return None;
        }
        Some(self.unacknowledged.since(row.number)?.max(row.at))
    }

    /// The same of the message that waits longest for its acknowledgement.
    #[must_use]
    pub fn oldest_unacknowledged_since(&self) -> Option<Timestamp> {
        let run = self.unacknowledged.runs.front().filter(|_| self.unacknowledged.told)?;
        let row = self.entries().get(run.numbers.start);
        Some(row.map_or(run.since, |row| run.since.max(row.at)))
    }

    /// Applies to these rows that they are acknowledged: to those that were sent.
    pub(super) fn apply_acknowledged(&mut self, numbers: &Range<RowNumber>) {
        for number in numbers.start.0..numbers.end.0 {
            if let Some(sent) = self.sent_mut(RowNumber(number))
                && sent.delivery == Delivery::Sent
            {
                sent.delivery = Delivery::Acknowledged;
            }
        }
    }
}

impl Core {
    /// The peer had finished sending, and answered what we sent from there on by RST: those messages have not arrived.
    pub(super) fn answered_by_reset(&mut self, conn: ConnId, from: u64) {
        let key = Key::Conn(conn);
        let Some(conversation) = self.conversation_mut(key) else { return };
        let sent = conversation.entries().iter().rev();
        // An answer that came before is behind all that was sent then.
        let mut lost: Vec<RowNumber> = Vec::new();
        for (number, row) in sent {
            let (RowKind::Sent(sent), Some(begins)) = (&row.kind, row.begins(Direction::Out)) else { continue };
            if begins < from {
                break;
            }
            if sent.delivery == Delivery::Sent {
                lost.push(number);
            }
        }
        conversation.answered_by_reset = Some(lost.len() as u64).filter(|lost| *lost > 0);
        let target = conversation.peer.map_or(Target::None, Target::Address);
        let error = NetError::ours(CallKind::Send, target, Reason::Broken(Cause::Reset));
        for number in lost.into_iter().rev() {
            self.decide_delivery(key, number, Delivery::Failed(error.clone()));
        }
    }

    /// The other machine has acknowledged that many bytes of what was sent.
    pub(super) fn acknowledged(&mut self, conn: ConnId, up_to: u64) {
        let key = Key::Conn(conn);
        let Some(conversation) = self.conversation_mut(key) else { return };
        let mut unacknowledged = std::mem::take(&mut conversation.unacknowledged);
        let found = unacknowledged.acknowledged(up_to, conversation.entries());
        conversation.unacknowledged = unacknowledged;
        for (numbers, bytes) in found {
            self.decide(key, |session, _| JournalEntry::Acknowledged { session, numbers, bytes });
        }
    }
}
