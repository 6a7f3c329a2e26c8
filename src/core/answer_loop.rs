//! Automatic answers to automatic answers: two programs that answer each other would never stop.
//!
//! Nothing on the wire says that a message was sent automatically. What gives a loop away is that each message that
//! comes is an answer to ours: it comes after it, there are no more of them than we sent, and they are always the same.

use std::{
    collections::{VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use jiff::{SignedDuration, Timestamp};

use crate::{chat::payload, wire::Batch};

/// Answers to our automatic answers, one after the other, from which on it is a loop: where that is certain, since what
/// comes is our own text, or from the other end in this very program.
pub const CERTAIN_ANSWERS: u32 = 20;

/// The same where it is only likely, since what comes is what came before.
pub const LIKELY_ANSWERS: u32 = 1_000;

/// A message that comes later than this after our answer is likely to be said by itself, such as a sensor's.
pub const ANSWERS_WITHIN: SignedDuration = SignedDuration::from_millis(50);

/// Messages of the other side that are remembered, to know one again.
const REMEMBERED: usize = 8;

/// How messages and automatic answers have followed each other on one connection.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// When we answered automatically last, with how many messages since the last ones came, and with which one.
    last: Option<(Timestamp, usize, u64)>,
    /// What came, by its hash.
    came: VecDeque<u64>,
    /// Times that all of what came was our own answer.
    own: u32,
    /// Times that all of what came had come before.
    alike: u32,
}

/// What is known of the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherSide {
    /// It is an end of this program too, which answers automatically.
    pub answers_here: bool,
    /// We answer with a text of our own, and not with what came: if that comes, it is an answer.
    pub hears_our_text: bool,
}

impl Answers {
    /// We answered automatically with this message, without its framing.
    pub fn answered(&mut self, at: Timestamp, message: &[u8]) {
        let count = self.last.map_or(0, |(_, count, _)| count);
        self.last = Some((at, count + 1, hash(message)));
    }

    /// These messages came. Whether they make it a loop; it then begins to count anew.
    pub fn is_loop(&mut self, at: Timestamp, batch: &Batch, recv_size: usize, other: OtherSide) -> bool {
        let answered = self.last.filter(|(_, count, _)| *count > 0);
        let came: Vec<u64> = batch.messages().take(REMEMBERED + 1).map(|(raw, cut)| hash(payload(&raw, cut))).collect();
        let fits = |(when, count, _): (Timestamp, usize, u64)| {
            // A full recv says that more waits: the other side does not wait for our answers.
            let waits_for_us = batch.cuts.len() <= count.min(REMEMBERED) && batch.bytes.len() < recv_size;
            waits_for_us.then(|| at.duration_since(when) <= ANSWERS_WITHIN)
        };
        let soon = answered.and_then(fits);
        let own = other.hears_our_text && answered.is_some_and(|(_, _, ours)| came.iter().all(|came| *came == ours));
        self.own = if own && soon.is_some() { self.own + 1 } else { 0 };
        let alike = came.iter().all(|came| self.came.contains(came));
        self.alike = if alike && soon == Some(true) { self.alike + 1 } else { 0 };
        for came in came {
            if !self.came.contains(&came) {
                self.came.truncate(REMEMBERED - 1);
                self.came.push_front(came);
            }
        }
        if let Some((_, count, _)) = &mut self.last {
            *count = 0;
        }
        let most = if other.answers_here { CERTAIN_ANSWERS } else { LIKELY_ANSWERS };
        let is_loop = self.own >= CERTAIN_ANSWERS || self.alike >= most;
        if is_loop {
            *self = Self::default();
        }
        is_loop
    }
}

fn hash(message: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::wire::{Boundary, Cut};

    const STRANGER: OtherSide = OtherSide { answers_here: false, hears_our_text: false };

    fn batch(messages: &[&str]) -> Batch {
        let mut end = 0;
        let cuts = messages.iter().map(|message| {
            end += message.len() as u32;
            Cut { end, header: 0, trailer: 0, boundary: Boundary::Newline }
        });
        Batch { cuts: cuts.collect(), bytes: Bytes::from(messages.concat()) }
    }

    /// After how many messages it is a loop: each comes so many milliseconds after the answer to the one before.
    fn loops_after(
        other: OtherSide,
        pause: i64,
        said: impl Fn(u32) -> Vec<String>,
        answer: impl Fn(&str) -> String,
    ) -> Option<u32> {
        let (mut answers, mut now) = (Answers::default(), Timestamp::UNIX_EPOCH);
        (1..=LIKELY_ANSWERS * 3).find(|n| {
            let said = said(*n);
            let said: Vec<&str> = said.iter().map(String::as_str).collect();
            now += SignedDuration::from_millis(pause);
            if answers.is_loop(now, &batch(&said), 4096, other) {
                return true;
            }
            for said in &said {
                answers.answered(now, answer(said).as_bytes());
            }
            false
        })
    }

    #[test]
    fn answers_to_answers_are_a_loop() {
        let echo = |said: &str| said.to_owned();
        let hello = |_| vec!["hello".to_owned()];
        assert_eq!(loops_after(STRANGER, 1, hello, echo), Some(LIKELY_ANSWERS + 1));
        let here = OtherSide { answers_here: true, ..STRANGER };
        assert_eq!(loops_after(here, 1, hello, echo), Some(CERTAIN_ANSWERS + 1));
        // Our text comes back, however slowly.
        let ours = OtherSide { hears_our_text: true, ..STRANGER };
        let returns = |n| vec![if n == 1 { "hello" } else { "received" }.to_owned()];
        assert_eq!(loops_after(ours, 2_000, returns, |_| "received".to_owned()), Some(CERTAIN_ANSWERS + 1));
        // Several go round.
        let three = |_| ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(loops_after(STRANGER, 1, three, echo), Some(LIKELY_ANSWERS + 1));
    }

    #[test]
    fn what_is_said_by_itself_is_none() {
        let echo = |said: &str| said.to_owned();
        assert_eq!(loops_after(STRANGER, 1, |n| vec![n.to_string()], echo), None, "each is another");
        assert_eq!(loops_after(STRANGER, 100, |_| vec!["T=21.5".to_owned()], echo), None, "a sensor");
        let flood = |n| vec!["y".to_owned(); 1 + n as usize % 7];
        assert_eq!(loops_after(STRANGER, 1, flood, echo), None, "more come than we answered");
        let large = |_| vec!["y".repeat(1024); 4];
        assert_eq!(loops_after(STRANGER, 1, large, echo), None, "recv is full");
        let mut quiet = Answers::default();
        assert!((0..5_000).all(|_| !quiet.is_loop(Timestamp::UNIX_EPOCH, &batch(&["a"]), 4096, STRANGER)), "no answer");
    }
}
