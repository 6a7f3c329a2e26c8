//! How one conversation is looked at: which rows there are, how high, and which of them is being read.

use std::collections::VecDeque;

use egui::Ui;
use jiff::Timestamp;

use super::{
    heights::Heights,
    row::{self, LaidOutRow},
    said::{AllSaid, Form, PART_BYTES},
    scroll_bar::Extent,
    selection::Selection,
};
use crate::window::{Cx, long_text::Seen};
use crate::{
    chat::{Row, RowKind, RowNumber},
    core::{Conversation, Key, Rows, Sight},
};

/// Height of a short message that has not been measured yet, in points.
pub const ESTIMATE: f32 = 44.0;

/// Bytes that about fill a line.
const LINE_BYTES: usize = 80;

/// Height of a line, in points, about.
const LINE: f32 = 18.0;

/// Closer to the end than this counts as at the end.
const AT_END: f64 = 8.0;

/// So much above and below the view is laid out with it, in points.
const AHEAD: f32 = 60.0;

/// What is closer to the view than this, in points, is near.
const NEAR: f64 = 8_000.0;

/// How one conversation is looked at.
#[derive(Debug)]
pub struct View {
    pub place: Place,
    /// The conversation was open in the frame before.
    pub open: bool,
    /// Rows there were when the reader left the end.
    pub seen_end: RowNumber,
    pub said: AllSaid,
    /// What of its messages is shown.
    pub form: Form,
    /// Times to the millisecond, and how long after the row before.
    pub exact_times: bool,
    /// What is selected in it.
    pub selection: Selection,
    /// The rows that can be shown, and how high each is.
    ids: VecDeque<RowNumber>,
    heights: Heights,
    /// How far the view is below the top of the first of them.
    offset: f64,
    /// Another part of this message was turned to.
    turned: Option<RowNumber>,
    /// The row that was found by its text.
    pub found: Option<RowNumber>,
    generation: u64,
    /// What is read, in a way that outlives cutting the rows anew.
    read: Option<Read>,
    /// The first message that was unread when the conversation was opened.
    unread_line: Option<RowNumber>,
}

/// What of it is in sight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// The end, whatever comes.
    End,
    /// This row, its top this far above the top of the view.
    Row(RowNumber, f32),
}

/// What is read at the top of the view.
#[derive(Clone, Copy, Debug)]
struct Read {
    /// The byte of the incoming stream.
    byte: Option<u64>,
    at: Timestamp,
}

impl Default for View {
    fn default() -> Self {
        Self {
            place: Place::End,
            open: false,
            seen_end: RowNumber(0),
            said: AllSaid::default(),
            form: Form::default(),
            exact_times: false,
            selection: Selection::default(),
            ids: VecDeque::new(),
            heights: Heights::default(),
            offset: 0.0,
            turned: None,
            found: None,
            generation: 0,
            read: None,
            unread_line: None,
        }
    }
}

impl View {
    /// It is the open conversation from here on.
    pub fn open_now(&mut self, conversation: &Conversation) {
        if !self.open {
            self.open = true;
            self.deselect();
            // Where nothing was said before, all is unread.
            let said_before = |first: &RowNumber| {
                let mut before = conversation.entries().iter().take_while(|(id, _)| id < first);
                before.any(|(_, row)| !matches!(row.kind, RowKind::Happened(_)))
            };
            self.unread_line = conversation.first_unread().filter(said_before);
        }
    }

    /// Have as many heights as there are rows, under the same ids.
    pub fn follow(&mut self, conversation: &Conversation) {
        let entries = conversation.entries();
        if self.generation != entries.generation() {
            self.generation = entries.generation();
            // Rows that were cut anew have other numbers.
            self.deselect();
            if let (Place::Row(id, _), Some(read)) = (self.place, self.read)
                && entries.get(id).is_none()
            {
                self.place = read.find(entries);
            }
            self.unread_line = conversation.first_unread().filter(|_| self.unread_line.is_some());
            self.ids.clear();
            self.heights.clear();
        }
        let count = entries.shown();
        let id_at = |place: usize| entries.at(place).map(|(id, _)| id);
        let (Some(first), Some(last)) = (id_at(0), count.checked_sub(1).and_then(id_at)) else {
            self.ids.clear();
            self.heights.clear();
            return;
        };
        // What is shown is a stretch of a longer row of ids, which only moves.
        let gone = self.ids.iter().take_while(|id| **id < first).count();
        self.ids.drain(..gone);
        self.heights.remove_first(gone);
        let gone = self.ids.iter().rev().take_while(|id| **id > last).count();
        self.ids.truncate(self.ids.len() - gone);
        self.heights.remove_last(gone);
        let before = self.ids.front().map_or(0, |id| entries.place_of(*id));
        if before > 0 {
            let rows = |place: usize| entries.at(place);
            self.heights.insert_first((0..before).filter_map(rows).map(|(_, entry)| estimate(entry)));
            for id in (0..before).rev().filter_map(id_at) {
                self.ids.push_front(id);
            }
        }
        for (id, entry) in (self.ids.len()..count).filter_map(|place| entries.at(place)) {
            self.ids.push_back(id);
            self.heights.push(estimate(entry));
        }
    }

    /// Lay out what is in sight: each row, and where its top is below the top of the view.
    pub fn lay_out(
        &mut self,
        ui: &Ui,
        cx: &Cx<'_>,
        key: Key,
        conversation: &Conversation,
        (width, height): (f32, f32),
    ) -> Vec<(f32, LaidOutRow)> {
        let entries = conversation.entries();
        let count = self.ids.len();
        if count == 0 || matches!(self.place, Place::Row(id, _) if entries.is_away(id)) {
            return Vec::new();
        }
        let unread_line = self.unread_line;
        let mut rows: VecDeque<(f32, LaidOutRow)> = VecDeque::new();
        let Self { said, heights, form, exact_times, .. } = self;
        let mut lay = |place: usize, sight: Seen| {
            let sight = sight.with_margin(AHEAD);
            let row = row::layout(
                ui,
                cx,
                key,
                conversation,
                (said, *form, *exact_times),
                place,
                unread_line,
                (width, &sight),
            )?;
            let before = heights.get(place);
            heights.set(place, row.height);
            Some((before, row))
        };
        // The rows laid out are `from..to`; they reach from `top` to `bottom`.
        let (mut from, mut to, mut top, mut bottom) = (count, count, height, height);
        if let Place::Row(id, above) = self.place {
            from = entries.place_of(id).min(count - 1);
            to = from;
            top = -above;
            bottom = top;
            if let Some((before, row)) = lay(from, Seen::FromTop(above..above + height)) {
                if let Some(grown) = row.grown_above {
                    top = -(above + grown);
                } else if above > 0.0 && before > 0.0 && (before - row.height).abs() > 0.01 {
                    // Its lines broke anew: what is read is as far down in it as it was.
                    top = -above * row.height / before;
                }
                to += 1;
                bottom = top + row.height;
                rows.push_back((top, row));
            }
        }
        // Once for what is in sight, and once more if it has to be moved for want of rows.
        for _ in 0..2 {
            while from > 0 && top > 0.0 {
                from -= 1;
                if let Some((_, row)) = lay(from, Seen::FromEnd(top - height..top)) {
                    top -= row.height;
                    rows.push_front((top, row));
                }
            }
            if from == 0 && top > 0.0 && self.place != Place::End {
                let by = top;
                for (y, _) in &mut rows {
                    *y -= by;
                }
                (top, bottom) = (0.0, bottom - by);
            }
            while to < count && bottom < height {
                if let Some((_, row)) = lay(to, Seen::FromTop(-bottom..height - bottom)) {
                    let y = bottom;
                    bottom += row.height;
                    rows.push_back((y, row));
                }
                to += 1;
            }
            if bottom >= height {
                break;
            }
            // The last row ends where the view does; few rows stand at the bottom, where the composer is.
            let by = height - bottom;
            for (y, _) in &mut rows {
                *y += by;
            }
            (top, bottom) = (top + by, height);
            if self.place != Place::End && from == 0 && top > 0.0 {
                break;
            }
        }
        self.offset = self.heights.top(from) - f64::from(top);
        let mut rows: Vec<_> = rows.into();
        rows.retain(|(y, row)| y + row.height > 0.0 && *y < height);
        rows
    }

    /// Turn to that part of a very long message, and begin to read it.
    pub fn turn_to(&mut self, id: RowNumber, part: usize) {
        self.said.turn_to(id, part);
        self.turned = Some(id);
    }

    /// Height of the rows in memory above and below the view.
    pub fn around(&self, height: f64) -> (f64, f64) {
        (self.offset.max(0.0), (self.heights.total() - self.offset - height).max(0.0))
    }

    /// Whether anything is below the view: it may be at the end without following it, as while something is selected.
    pub fn is_more_below(&self, conversation: &Conversation, height: f64) -> bool {
        self.around(height).1 >= AT_END || conversation.entries().more_after()
    }

    /// Remember what is in sight, so that it stays there whatever comes, after it was moved up by this much.
    pub fn settle(&mut self, conversation: &Conversation, rows: &[(f32, LaidOutRow)], moved: f32, height: f64) {
        if let Some(id) = self.turned.take() {
            self.place = Place::Row(id, 0.0);
            return;
        }
        let Some((y, row)) = rows.first() else { return };
        let (up, down) = self.around(height);
        let moved = f64::from(moved).clamp(-up, down);
        self.offset += moved;
        // Whoever scrolls while something is selected is not led back to the end.
        self.selection.at_end =
            if self.selection.holds() { self.selection.at_end && moved == 0.0 } else { self.place == Place::End };
        let stays = self.place == Place::End && moved >= 0.0;
        let at_end = stays || !self.is_more_below(conversation, height);
        if at_end && !self.selection.holds() {
            self.place = Place::End;
        } else {
            let above = (moved - f64::from(*y)) as f32;
            self.place = Place::Row(row.id, above);
            let share = if row.height > 0.0 { (above / row.height).clamp(0.0, 0.999) } else { 0.0 };
            self.read = conversation.entries().get(row.id).map(|entry| Read::of(entry, share));
        }
    }

    /// Nothing is selected any more: the end is followed again if it was before.
    pub fn deselect(&mut self) {
        if self.selection.at_end {
            self.place = Place::End;
        }
        self.selection.clear();
    }

    /// How far down the whole conversation the view is.
    pub fn extent(&self, conversation: &Conversation, view: f64) -> Extent {
        let entries = conversation.entries();
        let (before, after) = self.not_shown(entries);
        let total = before + self.heights.total() + after;
        let above = match self.place {
            Place::End => total - view,
            Place::Row(id, _) if entries.is_away(id) => id.0 as f64 * f64::from(ESTIMATE),
            Place::Row(..) => before + self.offset,
        };
        Extent { above, view, total }
    }

    /// Have as much above the view; all there is, if that is infinite.
    pub fn scroll_to(&mut self, conversation: &Conversation, above: f64) {
        let (before, _) = self.not_shown(conversation.entries());
        self.selection.at_end = false;
        if above.is_infinite() {
            self.place = Place::End;
        } else if above < before {
            self.place = Place::Row(RowNumber((above / f64::from(ESTIMATE)) as u64), 0.0);
        } else if above - before < self.heights.total() {
            let place = self.heights.row_at(above - before);
            let into = above - before - self.heights.top(place);
            self.place = self.ids.get(place).map_or(Place::End, |id| Place::Row(*id, into as f32));
        } else {
            let beyond = (above - before - self.heights.total()) / f64::from(ESTIMATE);
            self.place = Place::Row(RowNumber(self.ids.back().map_or(0, |id| id.0 + 1) + beyond as u64), 0.0);
        }
    }

    /// Height of what is before and after the rows in memory, if each is as high as a short message.
    fn not_shown(&self, entries: &Rows) -> (f64, f64) {
        let rows = |count: u64| count as f64 * f64::from(ESTIMATE);
        let before = if entries.more_before() { self.ids.front().map_or(0, |id| id.0) } else { 0 };
        let next = self.ids.back().map_or(0, |id| id.0 + 1);
        let after = if entries.more_after() { entries.extent().saturating_sub(next) } else { 0 };
        (rows(before), rows(after))
    }

    /// What is in sight, and near.
    pub fn sight(&self, key: Key, conversation: &Conversation, height: f64) -> Sight {
        let entries = conversation.entries();
        let id = |y: f64| self.ids.get(self.heights.row_at(y)).copied().unwrap_or_default();
        let (wanted, near) = match self.place {
            Place::Row(wanted, _) if self.ids.is_empty() || entries.is_away(wanted) => (wanted, (wanted, wanted)),
            Place::Row(wanted, _) => (wanted, (id(self.offset - NEAR), id(self.offset + height + NEAR))),
            Place::End => {
                let last = RowNumber(entries.extent().saturating_sub(1));
                (last, (id(self.heights.total() - height - NEAR), last))
            }
        };
        Sight { key, near, wanted, at_end: self.place == Place::End }
    }
}

impl Read {
    /// What is read when this much of a row is above the view.
    fn of(entry: &Row, share: f32) -> Self {
        let byte = match &entry.kind {
            RowKind::Received(received) => {
                received.begins.map(|begins| begins + (received.raw.len() as f64 * f64::from(share)) as u64)
            }
            _ => None,
        };
        Self { byte, at: entry.at }
    }

    /// Where that is now.
    fn find(self, entries: &Rows) -> Place {
        let share = |entry: &Row| match (&entry.kind, self.byte) {
            (RowKind::Received(received), Some(byte)) => {
                let into = byte.checked_sub(received.begins?)?;
                (into < received.raw.len() as u64).then(|| into as f32 / received.raw.len() as f32)
            }
            (_, Some(_)) => None,
            (_, None) => (entry.at >= self.at).then_some(0.0),
        };
        let mut found = entries.iter().filter_map(|(id, entry)| Some(Place::Row(id, share(entry)? * estimate(entry))));
        found.next().unwrap_or(Place::End)
    }
}

/// About how high a row will be.
fn estimate(entry: &Row) -> f32 {
    let lines = entry.bytes().min(PART_BYTES) / LINE_BYTES;
    ESTIMATE + lines as f32 * LINE
}
