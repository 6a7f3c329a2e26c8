//! Earlier rows for whoever reads a conversation away from its end: asked of the history page by page, and let go
//! when the reader is back.

use super::App;
use crate::{
    core::{Change, Conversation, EntryId, Key, Paged, PagedPlace, PastState},
    history::{Answer, Place, Question, SessionId},
    window::screen::Screen,
};

/// Rows that the history is asked for at a time.
const PAGE: usize = 1_000;

/// What is being read of the history, besides the past sessions themselves.
#[derive(Debug, Default)]
pub(super) struct Paging {
    /// The conversation that earlier rows are kept of.
    key: Option<Key>,
    /// What the history was asked and has not answered.
    asked: Option<Asked>,
}

/// A question to the history.
#[derive(Debug)]
struct Asked {
    key: Key,
    session: SessionId,
    at: Place,
    belongs: PagedPlace,
    /// What a row's id has more than its number in the history.
    shift: u64,
    generation: u64,
    live: (EntryId, EntryId),
}

impl App {
    /// Have around the reader what there is to read.
    pub(super) fn follow_reader(&mut self) {
        let sight = if self.screens.stage.shows(Screen::History) {
            self.screens.history.take_sight()
        } else {
            self.screens.conversation.take_sight()
        };
        let Some(sight) = sight else { return };
        if self.paging.key != Some(sight.key) {
            self.let_go_earlier();
        }
        let Some(entries) = self.model.conversation(sight.key).map(Conversation::entries) else { return };
        let past = matches!(sight.key, Key::Past(_));
        if sight.at_end && !past && (entries.more_after() || sight.near.0 > entries.first()) {
            // All there is to see has never left memory.
            self.let_go_earlier();
            return;
        }
        let PastState::Open(_) = self.model.past().state else { return };
        let Some((session, shift)) = self.recorded_as(sight.key) else { return };
        self.paging.key = Some(sight.key);
        self.model.apply(Change::Reading { key: sight.key, near: sight.near });
        if self.paging.asked.is_some() || self.recorder.as_ref().is_none_or(|recorder| !recorder.is_flushed()) {
            return;
        }
        let Some(entries) = self.model.conversation(sight.key).map(Conversation::entries) else { return };
        let number = |id: EntryId| id.0.wrapping_sub(shift);
        let live = (entries.first(), entries.end());
        let first = entries.at(0).map(|(id, _)| id);
        let last = entries.shown().checked_sub(1).and_then(|last| entries.at(last)).map(|(id, _)| id);
        let (at, belongs) = if past && sight.at_end && entries.more_after() {
            (Place::End, PagedPlace::Instead)
        } else if entries.is_away(sight.wanted) {
            (Place::Around(number(sight.wanted)), PagedPlace::Instead)
        } else if let Some(first) = first.filter(|first| sight.near.0 <= *first && entries.more_before()) {
            (Place::Before(number(first)), PagedPlace::Before)
        } else if let Some(last) = last.filter(|last| sight.near.1 >= *last && entries.more_after()) {
            (Place::From(number(last) + 1), PagedPlace::After)
        } else {
            return;
        };
        if first.is_some_and(|first| first.0 < shift && shift < u64::MAX / 2) && belongs == PagedPlace::Before {
            // What everyone was told before the server was started again is another session.
            let paged = Paged { place: belongs, rows: Vec::new(), more_before: false, more_after: false, live };
            self.model.apply(Change::Paged { key: sight.key, paged });
            return;
        }
        let asked = Asked { key: sight.key, session, at, belongs, shift, generation: entries.generation(), live };
        let question = Question::Page { session, place: at, count: PAGE };
        // Asked again in the next frame, if there are too many questions.
        if self.recorder.as_ref().is_some_and(|recorder| recorder.history().ask(question)) {
            self.paging.asked = Some(asked);
        }
    }

    /// Take in an answer, if it is one to a question from here; give it back, if not.
    pub(super) fn paged(&mut self, answer: Answer) -> Option<Answer> {
        let (rows, more_before, more_after) = match (&self.paging.asked, answer) {
            (Some(asked), Answer::Page { asked: session, place, rows, more_before, more_after, .. })
                if (session, place) == (asked.session, asked.at) =>
            {
                (rows, more_before, more_after)
            }
            (Some(asked), Answer::Failed(question)) if matches!(&*question, Question::Page { session, place, .. } if (*session, *place) == (asked.session, asked.at)) =>
            {
                // What can't be read is passed over; a notice says why.
                (Vec::new(), false, false)
            }
            (_, answer) => return Some(answer),
        };
        let asked = self.paging.asked.take()?;
        let generation = self.model.conversation(asked.key).map(|c| c.entries().generation());
        // Otherwise the rows were cut anew meanwhile, or nobody reads there any more.
        if generation == Some(asked.generation) && self.paging.key == Some(asked.key) {
            let rows = rows.into_iter().map(|row| (EntryId(row.number.wrapping_add(asked.shift)), row)).collect();
            let paged = Paged { place: asked.belongs, rows, more_before, more_after, live: asked.live };
            self.model.apply(Change::Paged { key: asked.key, paged });
        }
        None
    }

    /// Nothing of what was read back is kept: it may be gone from the history.
    pub(super) fn let_go_earlier(&mut self) {
        if let Some(key) = self.paging.key.take()
            && !matches!(key, Key::Past(_))
        {
            self.model.apply(Change::ReadingNoMore(key));
        }
    }

    /// The conversation that goes on, or is in the list still, as which a session is recorded; and the row of it that
    /// has this number.
    pub(super) fn place_in_list(&self, session: SessionId, number: u64) -> Option<(Key, EntryId)> {
        let key = self.recorder.as_ref()?.key_of(session)?;
        self.model.conversation(key)?;
        let (_, shift) = self.recorded_as(key)?;
        Some((key, EntryId(number.wrapping_add(shift))))
    }

    /// As which session a conversation is recorded, and what the ids of its rows have more than the numbers there.
    fn recorded_as(&self, key: Key) -> Option<(SessionId, u64)> {
        if let Key::Past(session) = key {
            return Some((session, 0));
        }
        let (session, next) = self.recorder.as_ref()?.recorded_as(key)?;
        let end = self.model.conversation(key)?.entries().end();
        Some((session, end.0.wrapping_sub(next)))
    }
}
