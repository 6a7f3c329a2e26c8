//! What is selected in a conversation: from one place in a row's text to another, whichever rows are in sight.

use std::ops::Range;

use crate::chat::RowNumber;

/// A place in the text of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The row.
    pub row: RowNumber,
    /// Which part of a very long message.
    pub part: usize,
    /// Where in the text of that part, in bytes of what is copied.
    pub at: usize,
}

/// What a click takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Nothing yet, after one.
    Character,
    /// A word, after two.
    Word,
    /// A row, after three.
    Row,
}

/// What is selected.
#[derive(Debug, Default)]
pub struct Selection {
    /// Where it began, and where it goes to.
    ends: Option<(Spot, Spot)>,
    /// The pointer leads its end.
    pub dragged: bool,
    /// It was pressed or clicked in this frame.
    pub touched: bool,
    /// The end of the conversation was in sight when it began.
    pub at_end: bool,
    /// Asked for in the frame before.
    pub asked: Asked,
}

/// What is asked for by keys, of a field or of the transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// To select all.
    pub all: bool,
    /// To copy what is selected.
    pub copy: bool,
}

impl Selection {
    /// Begins here, or goes on to here from where it began.
    pub fn press(&mut self, here: Range<Spot>, goes_on: bool) {
        let began = self.ends.filter(|_| goes_on).map_or(here.start, |(began, _)| began);
        self.ends = Some((began, here.end));
        (self.dragged, self.touched) = (true, true);
    }

    /// Goes on to here.
    pub fn drag_to(&mut self, here: Spot) {
        if let Some((_, head)) = &mut self.ends {
            *head = here;
        }
    }

    /// All from here to there.
    pub fn take(&mut self, all: Range<Spot>) {
        self.ends = Some((all.start, all.end));
        (self.dragged, self.touched) = (false, true);
    }

    /// Nothing is selected any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What is selected, if that is anything.
    #[must_use]
    pub fn range(&self) -> Option<Range<Spot>> {
        let (began, head) = self.ends?;
        let range = began.min(head)..began.max(head);
        (!range.is_empty()).then_some(range)
    }

    /// Whether something is selected or about to be, so that the view waits.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.dragged || self.range().is_some()
    }

    /// Has a row drawn that is selected alone or not at all: what happened is no part of the messages around it.
    pub fn show_alone(&mut self, row: RowNumber, show: impl FnOnce(&mut Self)) {
        let passed_over = self.range().is_some_and(|range| range.start.row != row || range.end.row != row);
        if !passed_over {
            return show(self);
        }
        let mut none = Self::default();
        show(&mut none);
        if none.ends.is_some() {
            *self = none;
        }
    }

    /// What of this part of a row is selected, which has as many bytes.
    #[must_use]
    pub fn of_row(&self, row: RowNumber, part: usize, length: usize) -> Option<Range<usize>> {
        let range = self.range()?;
        let (from, to) = (Spot { row, part, at: 0 }, Spot { row, part, at: length });
        let within = range.start.max(from)..range.end.min(to);
        (!within.is_empty()).then(|| within.start.at..within.end.at.min(length))
    }
}

/// The word around this place, or the characters of one kind.
#[must_use]
pub fn word_at(text: &str, at: usize) -> Range<usize> {
    let kind = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            0
        } else if c.is_whitespace() {
            1
        } else {
            2
        }
    };
    let at = text.floor_char_boundary(at.min(text.len()));
    let (before, after) = text.split_at(at);
    let Some(this) = after.chars().next().or_else(|| before.chars().next_back()).map(kind) else { return at..at };
    let back: usize = before.chars().rev().take_while(|c| kind(*c) == this).map(char::len_utf8).sum();
    let on: usize = after.chars().take_while(|c| kind(*c) == this).map(char::len_utf8).sum();
    at - back..at + on
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(row: u64, at: usize) -> Spot {
        Spot { row: RowNumber(row), part: 0, at }
    }

    #[test]
    fn a_selection_reaches_over_rows_in_either_direction() {
        let mut selection = Selection::default();
        selection.press(spot(5, 3)..spot(5, 3), false);
        assert_eq!(selection.range(), None);
        assert!(selection.holds(), "the pointer is down");
        selection.drag_to(spot(2, 1));
        assert_eq!(selection.range(), Some(spot(2, 1)..spot(5, 3)));
        assert_eq!(selection.of_row(RowNumber(1), 0, 10), None);
        assert_eq!(selection.of_row(RowNumber(2), 0, 10), Some(1..10));
        assert_eq!(selection.of_row(RowNumber(3), 0, 10), Some(0..10));
        assert_eq!(selection.of_row(RowNumber(5), 0, 10), Some(0..3));
        selection.press(spot(7, 4)..spot(7, 4), true);
        assert_eq!(selection.range(), Some(spot(5, 3)..spot(7, 4)), "with Shift it goes on from where it began");
    }

    #[test]
    fn a_word_is_letters_of_one_kind() {
        assert_eq!(word_at("one two, three", 5), 4..7);
        assert_eq!(word_at("one two, three", 0), 0..3);
        assert_eq!(word_at("one", 3), 0..3);
        assert_eq!(word_at("", 0), 0..0);
    }
}
