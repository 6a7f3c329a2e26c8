//! Earlier rows of a conversation in memory, read back from the history: a part of it that slides along with the
//! reader.

use std::collections::VecDeque;

use crate::chat::{Row, RowNumber};

/// Earlier rows kept in memory, of the one conversation that is being read; past it those farthest from the reader go.
/// What is near the reader stays in any case.
pub const EARLIER_ROWS: usize = 6_000;

/// Bytes of earlier messages kept in memory, of the one conversation that is being read; past it those farthest from
/// the reader go. What is near the reader stays in any case.
pub const EARLIER_BYTES: usize = 8 * 1024 * 1024;

/// Rows that the history gave.
#[derive(Debug)]
pub(super) struct Paged {
    /// Where they belong.
    pub place: PagedPlace,
    /// The rows, oldest first.
    pub rows: Vec<Row>,
    /// Whether the history has others before them.
    pub more_before: bool,
    /// Whether the history has others after them.
    pub more_after: bool,
    /// The oldest row that was in memory when the history was asked, and the one that was to come next.
    pub live: (RowNumber, RowNumber),
}

/// Where rows belong that the history gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PagedPlace {
    /// Before those that were read back so far.
    Before,
    /// After those that were read back so far.
    After,
    /// In place of those that were read back so far.
    Instead,
}

/// Earlier rows, oldest first. They come before those that never left memory, and where there are `more_after`, others
/// are missing in between.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    rows: VecDeque<Row>,
    bytes: usize,
    pub more_before: bool,
    pub more_after: bool,
    /// The first and the last row near the reader.
    near: (RowNumber, RowNumber),
}

impl Earlier {
    /// No rows yet, and none missing between these and those in memory.
    pub fn new(more_before: bool) -> Self {
        Self { more_before, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn at(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    pub fn first(&self) -> Option<RowNumber> {
        self.rows.front().map(|row| row.number)
    }

    pub fn last(&self) -> Option<RowNumber> {
        self.rows.back().map(|row| row.number)
    }

    /// The place of the first row whose id is not below this one.
    pub fn place(&self, id: RowNumber) -> usize {
        self.rows.partition_point(|row| row.number < id)
    }

    pub fn get(&self, id: RowNumber) -> Option<&Row> {
        self.rows.get(self.place(id)).filter(|row| row.number == id)
    }

    pub fn get_mut(&mut self, id: RowNumber) -> Option<&mut Row> {
        let place = self.place(id);
        self.rows.get_mut(place).filter(|row| row.number == id)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut()
    }

    /// The reader is near these rows.
    pub fn read_at(&mut self, near: (RowNumber, RowNumber)) {
        self.near = near;
    }

    /// A row leaves those in memory.
    pub fn push(&mut self, row: Row) {
        self.bytes += row.bytes();
        self.rows.push_back(row);
        self.trim();
    }

    /// Take in what the history gave, in the order of the ids; `first_live` is the oldest row that never left memory.
    pub fn page(
        &mut self,
        place: PagedPlace,
        rows: Vec<Row>,
        (more_before, more_after): (bool, bool),
        first_live: RowNumber,
        asked_when: (RowNumber, RowNumber),
    ) {
        let last_given = rows.last().map(|row| row.number);
        if place == PagedPlace::Instead {
            self.rows.clear();
            self.bytes = 0;
        }
        let (first, last) = (self.first(), self.last());
        let fits = |id: RowNumber| match place {
            PagedPlace::Before => first.is_none_or(|first| id < first),
            PagedPlace::After => last.is_none_or(|last| id > last),
            PagedPlace::Instead => true,
        };
        let rows: Vec<_> = rows.into_iter().filter(|row| fits(row.number) && row.number < first_live).collect();
        self.bytes += rows.iter().map(Row::bytes).sum::<usize>();
        if place == PagedPlace::Before {
            for row in rows.into_iter().rev() {
                self.rows.push_front(row);
            }
        } else {
            self.rows.extend(rows);
            let (live_then, end_then) = asked_when;
            let reaches = last_given.is_some_and(|last| last.0 + 1 >= first_live.0);
            // The history may lack what came last, when it was turned off or can't be written.
            let has_no_more = !more_after && (first_live <= end_then || last_given.is_none_or(|last| last < live_then));
            self.more_after = !(reaches || has_no_more);
        }
        if place != PagedPlace::After {
            self.more_before = more_before;
        }
        self.trim();
    }

    fn trim(&mut self) {
        // By places: numbers skip what was cut anew.
        let mut above = self.place(self.near.0);
        let mut below = self.len() - self.place(RowNumber(self.near.1.0.saturating_add(1)));
        while (self.rows.len() > EARLIER_ROWS || self.bytes > EARLIER_BYTES) && above.max(below) > 0 {
            let gone = if above >= below {
                above -= 1;
                self.more_before = true;
                self.rows.pop_front()
            } else {
                below -= 1;
                self.more_after = true;
                self.rows.pop_back()
            };
            self.bytes -= gone.map_or(0, |row| row.bytes());
        }
    }
}

#[cfg(test)]
mod tests;
