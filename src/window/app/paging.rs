//! Earlier rows for whoever reads a conversation away from its end: asked of the history page by page, and let go
//! when the reader is back.

use super::App;
use crate::{
    chat::{RowNumber, SessionId},
    core::{Conversation, Input, Key, Paged, PagedPlace, PastState},
    history::{Answer, Place, Question},
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
    generation: u64,
    live: (RowNumber, RowNumber),
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
        let Some(entries) = self.core.conversation(sight.key).map(Conversation::entries) else { return };
        let past = matches!(sight.key, Key::Past(_));
        if sight.at_end && !past && (entries.more_after() || sight.near.0 > entries.first()) {
            // All there is to see has never left memory.
            self.let_go_earlier();
            return;
        }
        let PastState::Open(_) = self.core.past().state else { return };
        let Some(session) = self.session_of(sight.key) else { return };
        self.paging.key = Some(sight.key);
        self.change(Input::ScrolledBack { key: sight.key, near: sight.near });
        if self.paging.asked.is_some() || self.recorder.as_ref().is_none_or(|recorder| !recorder.is_flushed()) {
            return;
        }
        let Some(entries) = self.core.conversation(sight.key).map(Conversation::entries) else { return };
        let live = (entries.first(), entries.end());
        let first = entries.at(0).map(|(id, _)| id);
        let last = entries.shown().checked_sub(1).and_then(|last| entries.at(last)).map(|(id, _)| id);
        let (at, belongs) = if past && sight.at_end && entries.more_after() {
            (Place::End, PagedPlace::Instead)
        } else if entries.is_away(sight.wanted) {
            (Place::Around(sight.wanted.0), PagedPlace::Instead)
        } else if let Some(first) = first.filter(|first| sight.near.0 <= *first && entries.more_before()) {
            (Place::Before(first.0), PagedPlace::Before)
        } else if let Some(last) = last.filter(|last| sight.near.1 >= *last && entries.more_after()) {
            (Place::From(last.0 + 1), PagedPlace::After)
        } else {
            return;
        };
        let asked = Asked { key: sight.key, session, at, belongs, generation: entries.generation(), live };
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
        let generation = self.core.conversation(asked.key).map(|c| c.entries().generation());
        // Otherwise the rows were cut anew meanwhile, or nobody reads there any more.
        if generation == Some(asked.generation) && self.paging.key == Some(asked.key) {
            let paged = Paged { place: asked.belongs, rows, more_before, more_after, live: asked.live };
            self.change(Input::Paged { key: asked.key, paged });
        }
        None
    }

    /// Nothing of what was read back is kept: it may be gone from the history.
    pub(super) fn let_go_earlier(&mut self) {
        if let Some(key) = self.paging.key.take()
            && !matches!(key, Key::Past(_))
        {
            self.change(Input::ScrolledToEnd(key));
        }
    }

    /// The listed conversation that has this id, and its row with this number.
    pub(super) fn place_in_list(&self, session: SessionId, number: u64) -> Option<(Key, RowNumber)> {
        let keys = self.core.conversations().map(|(conn, _)| Key::Conn(conn)).chain([Key::Everyone]);
        let key = keys.into_iter().find(|key| self.session_of(*key) == Some(session))?;
        Some((key, RowNumber(number)))
    }
}
