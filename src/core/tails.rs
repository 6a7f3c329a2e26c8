//! Tails that went on: a message that was shown in parts, since it was quiet in between, becomes one row again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Conversation, Core, Key};
use crate::{
    chat::{ConnId, JournalEntry, Received, Row, RowKind, RowNumber},
    wire::{Batch, BatchBuilder, Boundary, Framer, LONGEST_MESSAGE},
};

/// What comes later than this after a tail is a message of its own: a person who types key by key is faster, and so is a
/// segment that is sent again.
pub const JOINED_WITHIN: SignedDuration = SignedDuration::from_secs(2);

/// The most tails that are joined.
pub const MOST_JOINED: usize = 1_000;

impl Core {
    /// Tails at the end of a conversation become one row with the first of these messages, if that ends as its framing
    /// says, and nothing was sent in between. Gives the messages that are left.
    pub(super) fn join_tails(&mut self, conn: ConnId, batch: Batch, at: Timestamp) -> Batch {
        if !self.joins_tails {
            return batch;
        }
        let key = Key::Conn(conn);
        let Some(joined) = self.conversation(key).and_then(|conversation| joined(conversation, &batch, at)) else {
            return batch;
        };
        let Joined { numbers, count, since, message } = joined;
        if let Some(conversation) = self.conversation_mut(key) {
            conversation.messages_in -= count as u64;
            if let Some(first) = conversation.first_unread {
                let unread = conversation.entries().iter().rev().take(count).filter(|(number, _)| *number >= first);
                let unread = unread.count();
                conversation.unread -= unread.min(conversation.unread);
                conversation.first_unread = Some(first).filter(|first| *first < numbers.start);
            }
        }
        self.decide(key, |session, _| JournalEntry::Replaced { session, numbers });
        self.decide(key, |session, first| JournalEntry::Received { session, first, at: since, batch: message });
        without_first(&batch)
    }
}

/// What tails become.
struct Joined {
    numbers: std::ops::Range<RowNumber>,
    /// How many they are.
    count: usize,
    /// When the first of them came.
    since: Timestamp,
    message: Batch,
}

fn joined(conversation: &Conversation, batch: &Batch, at: Timestamp) -> Option<Joined> {
    let options = &conversation.manner().options;
    let (last, cut) = batch.messages().next()?;
    if !options.framing.has_tails() || cut.boundary != Boundary::Newline {
        return None;
    }
    let (mut next_at, mut bytes) = (at, last.len());
    let mut tails: Vec<&Row> = Vec::new();
    for (_, row) in conversation.entries().iter().rev().take(MOST_JOINED) {
        let RowKind::Received(Received { raw, cut, .. }) = &row.kind else { break };
        let soon = next_at.duration_since(row.at) <= JOINED_WITHIN;
        if cut.boundary != Boundary::Quiet || !soon || bytes + raw.len() > LONGEST_MESSAGE {
            break;
        }
        bytes += raw.len();
        next_at = row.at;
        tails.push(row);
    }
    let (first, newest) = (tails.last()?, tails.first()?);
    let mut whole: Vec<u8> = tails.iter().rev().flat_map(|row| row.raw().iter().copied()).collect();
    whole.extend_from_slice(&last);
    // Its line ending may have come in two parts.
    let (mut framer, mut out) = (Framer::new(options.framing, options.unit), BatchBuilder::default());
    framer.push(&whole, Duration::ZERO, &mut out).ok()?;
    let message = out.take();
    let is_one = message.cuts.len() == 1 && message.bytes.len() == whole.len();
    let (numbers, count) = (first.number..RowNumber(newest.number.0 + 1), tails.len());
    is_one.then_some(Joined { numbers, count, since: first.at, message })
}

/// The messages but for the first.
fn without_first(batch: &Batch) -> Batch {
    let Some((first, others)) = batch.cuts.split_first() else { return batch.clone() };
    let cuts = others.iter().map(|cut| crate::wire::Cut { end: cut.end - first.end, ..*cut });
    Batch { bytes: batch.bytes.slice((first.end as usize).min(batch.bytes.len())..), cuts: cuts.collect() }
}
