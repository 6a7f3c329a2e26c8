//! When messages that have grown old are removed: at the start and once a day, by a clock that did not jump.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// A wall clock that moved by so much more or less than time passed has jumped.
const JUMP: SignedDuration = SignedDuration::from_hours(1);

/// When old messages were removed, and what the clocks said meanwhile. `uptime` is time that passed, from any moment on,
/// whatever the wall clock was set to.
#[derive(Debug, Default)]
pub struct RemovalSchedule {
    /// What both clocks said when they were last compared.
    seen: Option<(Timestamp, Duration)>,
    /// Not before this time.
    not_before: Duration,
}

impl RemovalSchedule {
    /// Whether old messages are to be removed now. After the wall clock has jumped, not for a day: it may be set back.
    pub fn is_due(&mut self, now: Timestamp, uptime: Duration) -> bool {
        if let Some((then, before)) = self.seen.replace((now, uptime)) {
            let passed = SignedDuration::try_from(uptime.saturating_sub(before)).unwrap_or(SignedDuration::MAX);
            let moved = now.duration_since(then);
            if (moved - passed).abs() > JUMP {
                self.not_before = uptime + DAY;
            }
        }
        let due = uptime >= self.not_before;
        if due {
            self.not_before = uptime + DAY;
        }
        due
    }

    /// After which time it may be due.
    #[must_use]
    pub fn next(&self, uptime: Duration) -> Duration {
        self.not_before.saturating_sub(uptime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: u64) -> Duration {
        Duration::from_hours(count)
    }

    fn clock(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn it_is_due_at_the_start_and_once_a_day() {
        let mut schedule = RemovalSchedule::default();
        let due: Vec<u64> = (0..60).filter(|hour| schedule.is_due(clock(*hour as i64), hours(*hour))).collect();
        assert_eq!(due, [0, 24, 48]);
        assert_eq!(schedule.next(hours(59)), hours(13));
    }

    #[test]
    fn after_the_clock_has_jumped_it_waits_for_a_day() {
        for jump in [-40_000, 50_000] {
            let mut schedule = RemovalSchedule::default();
            assert!(schedule.is_due(clock(0), hours(0)));
            assert!(!schedule.is_due(clock(20), hours(20)));
            assert!(!schedule.is_due(clock(jump), hours(21)), "it jumped");
            assert!(
                !schedule.is_due(clock(jump + 10), hours(31)),
                "a day after the last one, the clock is not trusted"
            );
            assert!(schedule.is_due(clock(jump + 24), hours(45)));
        }
    }
}
