//! Earlier rows of a conversation in memory, read back from the history: a part of it that slides along with the
//! reader.

use std::collections::VecDeque;

use super::entries::{Entry, EntryId};
use crate::history::Row;

/// Earlier rows kept in memory, of the one conversation that is being read; past it those farthest from the reader go.
/// What is near the reader stays in any case.
pub const EARLIER_ROWS: usize = 6_000;

/// Bytes of earlier messages kept in memory, of the one conversation that is being read; past it those farthest from
/// the reader go. What is near the reader stays in any case.
pub const EARLIER_BYTES: usize = 8 * 1024 * 1024;

/// Rows that the history gave.
#[derive(Debug)]
pub struct Paged {
    /// Where they belong.
    pub place: PagedPlace,
    /// The rows, oldest first, under their ids in the conversation.
    pub rows: Vec<(EntryId, Row)>,
    /// Whether the history has others before them.
    pub more_before: bool,
    /// Whether the history has others after them.
    pub more_after: bool,
    /// The oldest row that was in memory when the history was asked, and the one that was to come next.
    pub live: (EntryId, EntryId),
}

/// Where rows belong that the history gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagedPlace {
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
    rows: VecDeque<(EntryId, Entry)>,
    bytes: usize,
    pub more_before: bool,
    pub more_after: bool,
    /// The first and the last row near the reader.
    near: (EntryId, EntryId),
}

impl Earlier {
    /// No rows yet, and none missing between these and those in memory.
    pub fn new(more_before: bool) -> Self {
        Self { more_before, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn at(&self, place: usize) -> Option<&(EntryId, Entry)> {
        self.rows.get(place)
    }

    pub fn first(&self) -> Option<EntryId> {
        self.rows.front().map(|(id, _)| *id)
    }

    pub fn last(&self) -> Option<EntryId> {
        self.rows.back().map(|(id, _)| *id)
    }

    /// The place of the first row whose id is not below this one.
    pub fn place(&self, id: EntryId) -> usize {
        self.rows.partition_point(|(other, _)| *other < id)
    }

    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        let (found, entry) = self.rows.get(self.place(id))?;
        (*found == id).then_some(entry)
    }

    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        let place = self.place(id);
        let (found, entry) = self.rows.get_mut(place)?;
        (*found == id).then_some(entry)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.rows.iter_mut().map(|(_, entry)| entry)
    }

    /// The reader is near these rows.
    pub fn read_at(&mut self, near: (EntryId, EntryId)) {
        self.near = near;
    }

    /// A row leaves those in memory.
    pub fn push(&mut self, id: EntryId, entry: Entry) {
        self.bytes += entry.bytes();
        self.rows.push_back((id, entry));
        self.trim();
    }

    /// Take in what the history gave, in the order of the ids; `first_live` is the oldest row that never left memory.
    pub fn page(
        &mut self,
        place: PagedPlace,
        rows: Vec<(EntryId, Entry)>,
        (more_before, more_after): (bool, bool),
        first_live: EntryId,
        asked_when: (EntryId, EntryId),
    ) {
        let last_given = rows.last().map(|(id, _)| *id);
        if place == PagedPlace::Instead {
            self.rows.clear();
            self.bytes = 0;
        }
        let (first, last) = (self.first(), self.last());
        let fits = |id: EntryId| match place {
            PagedPlace::Before => first.is_none_or(|first| id < first),
            PagedPlace::After => last.is_none_or(|last| id > last),
            PagedPlace::Instead => true,
        };
        let rows: Vec<_> = rows.into_iter().filter(|(id, _)| fits(*id) && *id < first_live).collect();
        self.bytes += rows.iter().map(|(_, entry)| entry.bytes()).sum::<usize>();
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
        let mut below = self.len() - self.place(EntryId(self.near.1.0.saturating_add(1)));
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
            self.bytes -= gone.map_or(0, |(_, entry)| entry.bytes());
        }
    }
}
