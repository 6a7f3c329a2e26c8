//! The round trips of a running ping: the last of them, and what all came to.

use std::{collections::VecDeque, time::Duration};

/// Round trips that are retained; of those before, only the counts.
pub const ROUND_TRIPS_KEPT: usize = 300;

/// One question of a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// Its number, without the turn-over at 65,536.
    pub number: u64,
    /// From the question to its answer. None, as long as there is none.
    pub took: Option<Duration>,
}

/// The round trips of a ping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundTrips {
    kept: VecDeque<RoundTrip>,
    answered: u64,
    lost: u64,
    least: Duration,
    most: Duration,
    total: Duration,
}

impl RoundTrips {
    /// An answer came. One that had been given up is lost no longer; where the program prints no number it
    /// is the next one.
    pub fn answer(&mut self, number: Option<u16>, took: Duration) {
        let number = self.whole(number);
        self.up_to(number);
        let Some(one) = self.kept.iter_mut().rev().find(|one| one.number == number) else { return };
        // Some networks deliver an answer twice.
        if one.took.is_some() {
            return;
        }
        one.took = Some(took);
        self.lost -= 1;
        self.least = if self.answered == 0 { took } else { self.least.min(took) };
        self.most = self.most.max(took);
        self.total += took;
        self.answered += 1;
    }

    /// No answer came by now.
    pub fn no_answer(&mut self, number: Option<u16>) {
        let number = self.whole(number);
        self.up_to(number);
    }

    /// The last [`ROUND_TRIPS_KEPT`], oldest first.
    #[must_use]
    pub fn kept(&self) -> impl DoubleEndedIterator<Item = RoundTrip> + ExactSizeIterator {
        self.kept.iter().copied()
    }

    /// How many were answered, ever.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// How many were not, ever.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The shortest, the mean and the longest; None before the first answer.
    #[must_use]
    pub fn least_mean_most(&self) -> Option<(Duration, Duration, Duration)> {
        let mean = self.total.as_nanos().checked_div(u128::from(self.answered))?;
        Some((self.least, Duration::from_nanos(mean as u64), self.most))
    }

    /// The number nearest to the last one that ends in these 16 bits.
    fn whole(&self, number: Option<u16>) -> u64 {
        match (self.kept.back(), number) {
            (None, number) => u64::from(number.unwrap_or(1)),
            (Some(last), None) => last.number + 1,
            (Some(last), Some(number)) => {
                let step = number.wrapping_sub(last.number as u16) as i16;
                last.number.saturating_add_signed(i64::from(step))
            }
        }
    }

    /// Everything up to this number was asked; what is new is lost until its answer comes.
    fn up_to(&mut self, number: u64) {
        let first = self.kept.back().map_or(number, |last| last.number + 1);
        if first > number {
            return;
        }
        self.lost += number - first + 1;
        for number in first.max(number.saturating_sub(ROUND_TRIPS_KEPT as u64 - 1))..=number {
            if self.kept.len() == ROUND_TRIPS_KEPT {
                self.kept.pop_front();
            }
            self.kept.push_back(RoundTrip { number, took: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_gap_is_lost_until_the_late_answer_comes() {
        let mut trips = RoundTrips::default();
        trips.answer(Some(1), 2 * MS);
        trips.answer(Some(4), 4 * MS);
        assert_eq!((trips.answered(), trips.lost()), (2, 2));
        trips.no_answer(Some(3));
        assert_eq!((trips.answered(), trips.lost()), (2, 2));
        trips.answer(Some(3), 6 * MS);
        trips.answer(Some(3), 9 * MS);
        assert_eq!((trips.answered(), trips.lost()), (3, 1));
        assert_eq!(trips.least_mean_most(), Some((2 * MS, 4 * MS, 6 * MS)));
        let took: Vec<_> = trips.kept().map(|one| one.took).collect();
        assert_eq!(took, [Some(2 * MS), None, Some(6 * MS), Some(4 * MS)]);
    }

    #[test]
    fn numbers_go_on_past_their_turn_over() {
        let mut trips = RoundTrips::default();
        trips.answer(Some(65_535), MS);
        trips.answer(Some(0), MS);
        trips.answer(Some(1), MS);
        assert_eq!(trips.kept().map(|one| one.number).collect::<Vec<_>>(), [65_535, 65_536, 65_537]);
        assert_eq!(trips.lost(), 0);
    }

    #[test]
    fn without_numbers_they_are_counted() {
        let mut trips = RoundTrips::default();
        trips.answer(None, MS);
        trips.no_answer(None);
        trips.answer(None, MS);
        assert_eq!(trips.kept().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((trips.answered(), trips.lost()), (2, 1));
    }

    #[test]
    fn no_more_are_kept_than_the_limit_and_all_are_counted() {
        let mut trips = RoundTrips::default();
        assert_eq!(trips.least_mean_most(), None);
        for number in 1..=1000 {
            trips.answer(Some(number), MS);
        }
        assert_eq!((trips.kept().len(), trips.answered(), trips.lost()), (ROUND_TRIPS_KEPT, 1000, 0));
        trips.no_answer(Some(20_000));
        assert_eq!((trips.kept().len(), trips.lost()), (ROUND_TRIPS_KEPT, 19_000));
        assert_eq!(trips.kept().next_back().map(|one| one.number), Some(20_000));
    }
}
