//! Records that are not written yet.

use std::collections::VecDeque;

use super::thread::ROWS_A_COMMIT;
use crate::{
    chat::{JournalEntry, RowNumber},
    wire::{Batch, Cut},
};

/// Records that are not written yet, in their order.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) records: VecDeque<JournalEntry>,
    pub(super) rows: usize,
    pub(super) weight: usize,
    /// How many of them are waited for.
    pub(super) awaited: usize,
}

impl Pending {
    pub(super) fn push(&mut self, record: JournalEntry) {
        self.rows += record.rows();
        self.weight += record.weight();
        self.awaited += usize::from(record.is_awaited());
        self.records.push_back(record);
    }

    /// As many of the first records as one transaction takes.
    pub(super) fn first_batch(&mut self) -> &[JournalEntry] {
        let mut rows = 0;
        let fits = self.records.iter().take_while(|record| {
            let before = rows;
            rows += record.rows();
            before < ROWS_A_COMMIT
        });
        let count = fits.count();
        self.records.make_contiguous().get(..count).unwrap_or_default()
    }

    /// Takes out the first record.
    pub(super) fn pop(&mut self) -> Option<JournalEntry> {
        let record = self.records.pop_front()?;
        self.rows -= record.rows();
        self.weight -= record.weight();
        self.awaited -= usize::from(record.is_awaited());
        Some(record)
    }

    /// Puts records before the others.
    pub(super) fn put_back(&mut self, records: VecDeque<JournalEntry>) {
        for record in records.into_iter().rev() {
            self.rows += record.rows();
            self.weight += record.weight();
            self.awaited += usize::from(record.is_awaited());
            self.records.push_front(record);
        }
    }

    /// Drops the first records. Returns their weight.
    pub(super) fn drop_first(&mut self, count: usize) -> usize {
        let before = self.weight;
        for record in self.records.drain(..count) {
            self.rows -= record.rows();
            self.weight -= record.weight();
            self.awaited -= usize::from(record.is_awaited());
        }
        before - self.weight
    }
}

/// The record, its rows one by one.
pub(super) fn single_rows(record: JournalEntry) -> VecDeque<JournalEntry> {
    let JournalEntry::Received { session, first, at, batch } = &record else { return [record].into() };
    let mut start = 0;
    let rows = batch.cuts.iter().zip(first.0..).map(|(cut, number)| {
        let end = (cut.end as usize).clamp(start, batch.bytes.len());
        let bytes = batch.bytes.slice(start..end);
        start = end;
        let cuts = vec![Cut { end: bytes.len() as u32, ..*cut }];
        JournalEntry::Received { session: *session, first: RowNumber(number), at: *at, batch: Batch { bytes, cuts } }
    });
    rows.collect()
}
