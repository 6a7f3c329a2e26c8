//! The rows of one conversation: messages and what happened around them, the latest ones in memory.

use std::{collections::VecDeque, ops::Range};

use jiff::Timestamp;

use super::{
    earlier::{Earlier, PagedPlace},
    memory,
};
use crate::chat::{Direction, Received, Row, RowKind, RowNumber};

/// Rows kept in memory of one conversation; past it the oldest go, and are counted.
pub const ROWS_KEPT: usize = 10_000;

/// Bytes of messages kept in memory of one conversation; past it the oldest go, and are counted.
pub const BYTES_KEPT: usize = 16 * 1024 * 1024;

/// The rows of one conversation, oldest first: the latest ones, and while earlier ones are being read, those too.
#[derive(Debug, Default)]
pub struct Rows {
    /// None while nobody reads what left memory.
    earlier: Option<Box<Earlier>>,
    /// Their numbers rise; some are missing where tails were joined.
    latest: VecDeque<Row>,
    /// The number that the next one will get.
    next: u64,
    bytes: usize,
    messages_let_go: u64,
    generation: u64,
    /// Of a past session, which has no latest rows: about how many there are.
    extent: u64,
}

impl Rows {
    /// Rows of a past session, of which these are in memory.
    pub(super) fn past(rows: Vec<Row>, more: (bool, bool), count: u64) -> Self {
        let end = RowNumber(u64::MAX);
        let last = rows.last().map_or(0, |row| row.number.0 + 1);
        let mut earlier = Earlier::default();
        earlier.page(PagedPlace::Instead, rows, more, end, (RowNumber(0), RowNumber(0)));
        earlier.more_after = more.1;
        Self { earlier: Some(Box::new(earlier)), next: end.0, extent: count.max(last), ..Self::default() }
    }

    /// How many of the latest are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.latest.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.latest.is_empty() && self.earlier.as_ref().is_none_or(|earlier| earlier.len() == 0)
    }

    /// The id of the oldest of the latest in memory.
    #[must_use]
    pub fn first(&self) -> RowNumber {
        self.latest.front().map_or(RowNumber(self.next), |row| row.number)
    }

    /// The id that the next one will get.
    #[must_use]
    pub fn end(&self) -> RowNumber {
        RowNumber(self.next)
    }

    /// How many there are by their ids, those that are not in memory included.
    #[must_use]
    pub fn extent(&self) -> u64 {
        if self.next == u64::MAX { self.extent } else { self.end().0 }
    }

    /// Older messages that are not among the latest any more.
    #[must_use]
    pub fn messages_let_go(&self) -> u64 {
        self.messages_let_go
    }

    /// Changes when all rows were made anew, so that what was measured of them is void.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// One row, if it is in memory.
    #[must_use]
    pub fn get(&self, id: RowNumber) -> Option<&Row> {
        if id >= self.first() { self.latest.get(self.index(id).ok()?) } else { self.earlier.as_ref()?.get(id) }
    }

    /// Where among the latest that row is, or would be.
    fn index(&self, id: RowNumber) -> Result<usize, usize> {
        // None is missing, as a rule.
        let place = usize::try_from(id.0.saturating_sub(self.first().0)).unwrap_or(usize::MAX);
        match self.latest.get(place) {
            Some(row) if row.number == id => Ok(place),
            _ => self.latest.binary_search_by_key(&id, |row| row.number),
        }
    }

    /// The latest rows, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (RowNumber, &Row)> {
        self.latest.iter().map(|row| (row.number, row))
    }

    /// The latest rows from this one on, oldest first.
    pub fn since(&self, id: RowNumber) -> impl Iterator<Item = (RowNumber, &Row)> {
        let from = self.index(id).unwrap_or_else(|place| place);
        self.latest.range(from..).map(|row| (row.number, row))
    }

    /// The messages in memory that have bytes in this range of the stream, of the one or the other direction.
    pub fn carrying(&self, direction: Direction, bytes: Range<u64>) -> impl Iterator<Item = (RowNumber, &Row)> {
        let (mut low, mut high, mut first) = (0, self.latest.len(), None);
        while low < high {
            let middle = usize::midpoint(low, high);
            let begins = |i: &usize| self.latest.get(*i).and_then(|entry| entry.begins(direction));
            match (middle..high).find_map(|i| Some((i, begins(&i)?))) {
                Some((i, at)) if at <= bytes.start => {
                    first = Some(i);
                    low = i + 1;
                }
                _ => high = middle,
            }
        }
        let rows = (first.unwrap_or(0)..self.latest.len()).filter_map(move |i| {
            let entry = self.latest.get(i)?;
            Some((entry.number, entry, entry.begins(direction)?))
        });
        let (start, end) = (bytes.start, bytes.end);
        rows.take_while(move |(.., at)| *at < end)
            .filter(move |(_, entry, at)| at + entry.bytes() as u64 > start)
            .map(|(id, entry, _)| (id, entry))
    }

    /// How many rows can be shown, one after the other with none missing in between.
    #[must_use]
    pub fn shown(&self) -> usize {
        match &self.earlier {
            Some(earlier) if earlier.more_after => earlier.len(),
            Some(earlier) => earlier.len() + self.latest.len(),
            None => self.latest.len(),
        }
    }

    /// The row at that place of those that can be shown.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<(RowNumber, &Row)> {
        let earlier = self.earlier.as_ref();
        if let Some(row) = earlier.and_then(|earlier| earlier.at(place)) {
            return Some((row.number, row));
        }
        if place >= self.shown() {
            return None;
        }
        let place = place - earlier.map_or(0, |earlier| earlier.len());
        self.latest.get(place).map(|row| (row.number, row))
    }

    /// The place, among those that can be shown, of the first row whose id is not below this one.
    #[must_use]
    pub fn place_of(&self, id: RowNumber) -> usize {
        let earlier = self.earlier.as_ref().map_or(0, |earlier| earlier.len());
        if id >= self.first() {
            let place = self.index(id).unwrap_or_else(|place| place);
            place.saturating_add(earlier).min(self.shown())
        } else {
            self.earlier.as_ref().map_or(0, |earlier| earlier.place(id))
        }
    }

    /// Whether earlier rows are being read, so that those before the latest ones are known or asked for.
    #[must_use]
    pub fn reads_earlier(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether there may be rows before those that can be shown.
    #[must_use]
    pub fn more_before(&self) -> bool {
        self.earlier.as_ref().map_or(self.first().0 > 0, |earlier| earlier.more_before)
    }

    /// Whether there are rows after those that can be shown.
    #[must_use]
    pub fn more_after(&self) -> bool {
        self.earlier.as_ref().is_some_and(|earlier| earlier.more_after)
    }

    /// Whether this row would have to be read back from the history to be shown.
    #[must_use]
    pub fn is_away(&self, id: RowNumber) -> bool {
        let shown = |place: usize| self.at(place).map(|(id, _)| id);
        let before = shown(0).is_none_or(|first| id < first) && self.more_before();
        let after = self.shown().checked_sub(1).and_then(shown).is_none_or(|last| id > last) && self.more_after();
        before || after
    }

    /// The reader is near these rows: what leaves memory there stays.
    pub(super) fn read_at(&mut self, near: (RowNumber, RowNumber)) {
        let more_before = self.first().0 > 0;
        self.earlier.get_or_insert_with(|| Box::new(Earlier::new(more_before))).read_at(near);
    }

    /// Nobody reads earlier rows any more.
    pub(super) fn read_no_more(&mut self) {
        self.earlier = None;
    }

    /// Take in what the history gave.
    pub(super) fn page(
        &mut self,
        place: PagedPlace,
        rows: Vec<Row>,
        more: (bool, bool),
        asked_when: (RowNumber, RowNumber),
    ) {
        let first = self.first();
        if let Some(earlier) = &mut self.earlier {
            let last = rows.last().map_or(0, |row| row.number.0 + 1);
            let past = self.next == u64::MAX;
            earlier.page(place, rows, more, first, asked_when);
            if past {
                self.extent = self.extent.max(last);
                if place != PagedPlace::Before {
                    earlier.more_after = more.1;
                }
            }
        }
    }

    /// Takes in the last rows that the history kept, before any other comes. The next one gets the number `next`.
    pub(super) fn restore(&mut self, next: RowNumber, rows: Vec<Row>) {
        self.next = next.0;
        self.bytes = rows.iter().map(Row::bytes).sum();
        self.latest = rows.into();
    }

    pub(super) fn get_mut(&mut self, id: RowNumber) -> Option<&mut Row> {
        if id >= self.first() {
            let index = self.index(id).ok()?;
            self.latest.get_mut(index)
        } else {
            self.earlier.as_mut()?.get_mut(id)
        }
    }

    pub(super) fn last_received(&self) -> Option<&Received> {
        self.latest.iter().rev().find_map(|entry| match &entry.kind {
            RowKind::Received(received) => Some(received),
            _ => None,
        })
    }

    pub(super) fn push(&mut self, at: Timestamp, kind: RowKind) -> RowNumber {
        let number = self.end();
        let row = Row { number, at, kind };
        self.next += 1;
        self.bytes += row.bytes();
        self.latest.push_back(row);
        while self.latest.len() > ROWS_KEPT || (self.bytes > BYTES_KEPT && self.latest.len() > 1) {
            self.drop_oldest();
        }
        number
    }

    /// Keeps the latest so many in memory.
    pub(super) fn keep_latest(&mut self, count: usize) {
        while self.latest.len() > count {
            self.drop_oldest();
        }
        self.latest.shrink_to_fit();
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.latest.pop_front() {
            self.bytes -= oldest.bytes();
            self.messages_let_go += u64::from(!matches!(oldest.kind, RowKind::Happened(_)));
            if let Some(earlier) = &mut self.earlier
                && !earlier.more_after
            {
                earlier.push(oldest);
            }
        }
    }

    /// Takes the rows from this number on away, as if they had never been.
    pub(super) fn truncate(&mut self, from: RowNumber) {
        while self.latest.back().is_some_and(|last| last.number >= from)
            && let Some(gone) = self.latest.pop_back()
        {
            self.bytes -= gone.bytes();
        }
        self.next = self.next.min(from.0);
        self.generation += 1;
    }

    /// Bytes that the latest hold in memory, about.
    pub(super) fn memory(&self) -> usize {
        self.bytes + self.latest.len() * memory::ROW
    }

    /// Removes the latest rows that have these numbers, all or the last of them: what follows comes under later ones.
    pub(super) fn replace(&mut self, numbers: &Range<RowNumber>) -> Vec<Row> {
        let (kept, gone): (Vec<Row>, Vec<Row>) =
            std::mem::take(&mut self.latest).into_iter().partition(|row| !numbers.contains(&row.number));
        self.latest = kept.into();
        self.next = self.next.max(numbers.end.0);
        self.bytes -= gone.iter().map(Row::bytes).sum::<usize>();
        self.generation += 1;
        gone
    }

    /// All rows in memory, oldest first.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        let earlier = self.earlier.iter_mut().flat_map(|earlier| earlier.iter_mut());
        earlier.chain(self.latest.iter_mut())
    }
}
