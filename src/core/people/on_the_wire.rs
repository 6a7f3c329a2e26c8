//! What goes over the wire of one link while somebody looks at it, cut into records as a listener on the way can.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    chat::PersonId,
    wire::tls_records::{Record, Records},
};

/// Records kept; past it the oldest go.
pub const RECORDS_KEPT: usize = 128;

/// Bytes of records kept; past it the oldest go.
pub const RECORD_BYTES_KEPT: usize = 256 * 1024;

/// A record that went over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// When.
    pub at: Timestamp,
    /// We sent it; they did, if not.
    pub ours: bool,
    /// It.
    pub record: Record,
}

/// The records of one link, the latest ones.
#[derive(Debug, Default)]
pub struct OnTheWire {
    with: Option<PersonId>,
    ours: Records,
    theirs: Records,
    crossings: VecDeque<Crossing>,
    bytes: usize,
    gone: usize,
}

impl OnTheWire {
    /// Looks at the link to this person from now on.
    pub(super) fn of(with: Option<PersonId>) -> Self {
        Self { with, ..Self::default() }
    }

    /// Whose link is looked at.
    #[must_use]
    pub fn with(&self) -> Option<PersonId> {
        self.with
    }

    /// The records, the oldest first.
    #[must_use]
    pub fn crossings(&self) -> impl DoubleEndedIterator<Item = &Crossing> + ExactSizeIterator {
        self.crossings.iter()
    }

    /// Records that went before those that are kept.
    #[must_use]
    pub fn gone(&self) -> usize {
        self.gone
    }

    /// Whether bytes came that begin no record: nothing after them is shown.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.ours.is_lost() || self.theirs.is_lost()
    }

    /// Another connection takes the place of the one that was looked at: its records begin anew.
    pub(super) fn begin_again(&mut self) {
        self.ours = Records::default();
        self.theirs = Records::default();
    }

    pub(super) fn take(&mut self, at: Timestamp, ours: bool, bytes: &Bytes) {
        let records = if ours { &mut self.ours } else { &mut self.theirs };
        for record in records.push(bytes) {
            self.bytes += record.bytes().len();
            self.crossings.push_back(Crossing { at, ours, record });
        }
        while self.crossings.len() > RECORDS_KEPT || self.bytes > RECORD_BYTES_KEPT {
            let Some(oldest) = self.crossings.pop_front() else { break };
            self.bytes -= oldest.record.bytes().len();
            self.gone += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_link_is_bounded_and_says_how_much_went_before() {
        let mut wire = OnTheWire::of(Some(PersonId([1; 32])));
        let record = |length: usize| {
            let [high, low] = u16::try_from(length).unwrap_or_default().to_be_bytes();
            Bytes::from([&[23, 3, 3, high, low][..], &vec![0; length]].concat())
        };
        for _ in 0..RECORDS_KEPT + 3 {
            wire.take(Timestamp::UNIX_EPOCH, true, &record(10));
        }
        assert_eq!((wire.crossings().len(), wire.gone()), (RECORDS_KEPT, 3));
        for _ in 0..40 {
            wire.take(Timestamp::UNIX_EPOCH, false, &record(16_000));
        }
        let bytes: usize = wire.crossings().map(|crossing| crossing.record.bytes().len()).sum();
        assert!(bytes <= RECORD_BYTES_KEPT && bytes > RECORD_BYTES_KEPT - 17_000, "{bytes}");
        assert!(wire.crossings().next_back().is_some_and(|last| !last.ours));
        wire.take(Timestamp::UNIX_EPOCH, true, &Bytes::from_static(b"GET / HTTP/1.1"));
        assert!(wire.is_lost());
        wire.begin_again();
        assert!(!wire.is_lost());
    }
}
