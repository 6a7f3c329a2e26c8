//! Messages that are sent again and again, each at its time.

use std::time::Duration;

use bytes::Bytes;

/// The least wait between two messages.
pub const LEAST_WAIT: Duration = Duration::from_millis(1);

/// The longest wait between two messages.
pub const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The most messages of one round; those beyond are not sent.
pub const MOST_IN_ROUND: usize = 100;

/// Messages that are late by more than this are not made up for.
const MOST_BEHIND: Duration = Duration::from_secs(1);

/// What is sent in rounds until it is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// One round: at most [`MOST_IN_ROUND`] messages, as bytes on the wire, and how long after each the next is sent,
    /// from [`LEAST_WAIT`] to [`LONGEST_WAIT`].
    pub messages: Vec<(Bytes, Duration)>,
    /// How many rounds; `None`: until it is stopped.
    pub rounds: Option<u64>,
}

/// A repeat that is under way. Its times are those since it began.
#[derive(Debug)]
pub struct Rounds {
    repeat: Repeat,
    /// Which message of the round is next.
    next: usize,
    done: u64,
    due: Duration,
}

impl Rounds {
    /// From its beginning on.
    #[must_use]
    pub fn new(mut repeat: Repeat) -> Self {
        repeat.messages.truncate(MOST_IN_ROUND);
        Self { repeat, next: 0, done: 0, due: Duration::ZERO }
    }

    /// When the next message is due; `None` if there is none any more.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let over = self.repeat.messages.is_empty() || self.repeat.rounds.is_some_and(|all| self.done >= all);
        (!over).then_some(self.due)
    }

    /// The message that is due, if one is. The times of all are counted from the first, so that none is late for
    /// another's being so.
    pub fn take_due(&mut self, now: Duration) -> Option<Bytes> {
        let due = self.due().filter(|due| *due <= now)?;
        let (bytes, wait) = self.repeat.messages.get(self.next)?.clone();
        let due = if now.saturating_sub(due) > MOST_BEHIND { now } else { due };
        self.due = due + wait.clamp(LEAST_WAIT, LONGEST_WAIT);
        self.next += 1;
        if self.next == self.repeat.messages.len() {
            self.next = 0;
            self.done += 1;
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_its_time_however_late_the_one_before_was() {
        let ms = Duration::from_millis;
        let messages = vec![(Bytes::from_static(b"a"), ms(10)), (Bytes::from_static(b"b"), ms(20))];
        let mut rounds = Rounds::new(Repeat { messages, rounds: Some(2) });
        assert_eq!(rounds.take_due(ms(0)).as_deref(), Some(&b"a"[..]));
        assert_eq!(rounds.take_due(ms(9)), None);
        assert_eq!(rounds.take_due(ms(17)).as_deref(), Some(&b"b"[..]));
        assert_eq!(rounds.due(), Some(ms(30)));
        assert_eq!(rounds.take_due(ms(30)).as_deref(), Some(&b"a"[..]));
        // What is very late is not made up for.
        let late = Duration::from_mins(1);
        assert_eq!(rounds.take_due(late).as_deref(), Some(&b"b"[..]));
        assert_eq!((rounds.due(), rounds.take_due(late)), (None, None));
    }
}
