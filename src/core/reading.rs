//! Earlier rows for whoever reads a conversation away from its end: asked of the history page by page, and let go
//! when the reader is back. And past sessions, opened for reading.

use jiff::Timestamp;

use super::{Conversation, Core, Key, NoticeKind, Paged, PagedPlace, PastState};
use crate::{
    chat::{RowNumber, SessionId},
    history::{Answer, Outcome, Place, Question},
};

/// Rows that the history is asked for at a time.
const PAGE: usize = 1_000;

/// Rows of a past session that are shown at first.
const FIRST_PAGE: usize = 2_000;

/// What is in sight of a conversation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Which conversation.
    pub key: Key,
    /// The first and the last row in sight or near to it.
    pub near: (RowNumber, RowNumber),
    /// The row that is to be seen; it may have to be read back from the history.
    pub wanted: RowNumber,
    /// The end is to be seen, whatever comes.
    pub at_end: bool,
}

/// What is being read of the history, besides the past sessions themselves.
#[derive(Debug, Default)]
pub(super) struct Reading {
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

impl Core {
    /// The id of a conversation, if what happens to it is kept.
    #[must_use]
    pub fn id_of(&self, key: Key) -> Option<SessionId> {
        let conversation = self.conversation(key).filter(|c| c.is_kept())?;
        (conversation.id != SessionId::default()).then_some(conversation.id)
    }

    /// The conversation in the list that has this id.
    #[must_use]
    pub fn key_of(&self, id: SessionId) -> Option<Key> {
        if self.id_of(Key::Everyone) == Some(id) {
            return Some(Key::Everyone);
        }
        if self.id_of(Key::Nearby) == Some(id) {
            return Some(Key::Nearby);
        }
        let conn = self.conversations.conn_of(id).map(Key::Conn);
        conn.or_else(|| self.people.with_session(id).map(Key::Person))
    }

    /// Opens a past session for reading, at this place.
    pub(super) fn open_past(&mut self, session: SessionId, place: Place) {
        self.wanted = Some(session);
        self.effects.questions.push(Question::Page { session, place, count: FIRST_PAGE });
    }

    /// Has around the reader what there is to read.
    pub(super) fn in_sight(&mut self, sight: Sight) {
        if self.reading.key != Some(sight.key) {
            self.let_go_earlier();
        }
        let Some(entries) = self.conversation(sight.key).map(Conversation::entries) else { return };
        let past = matches!(sight.key, Key::Past(_));
        if sight.at_end && !past && (entries.more_after() || sight.near.0 > entries.first()) {
            // All there is to see has never left memory.
            self.let_go_earlier();
            return;
        }
        let PastState::Open(_) = self.past.state else { return };
        let Some(session) = self.id_of(sight.key) else { return };
        self.reading.key = Some(sight.key);
        if let Some(conversation) = self.conversation_mut(sight.key) {
            conversation.read_at(sight.near);
        }
        if self.reading.asked.is_some() {
            return;
        }
        let Some(entries) = self.conversation(sight.key).map(Conversation::entries) else { return };
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
        let generation = entries.generation();
        self.reading.asked = Some(Asked { key: sight.key, session, at, belongs, generation, live });
        self.effects.questions.push(Question::Page { session, place: at, count: PAGE });
    }

    /// The history answered.
    pub(super) fn answered(&mut self, answer: Answer, now: Timestamp) {
        let Some(answer) = self.paged(answer) else { return };
        self.let_go_removed(&answer);
        match &answer {
            Answer::Trouble(trouble) => {
                self.notice(now, NoticeKind::History(trouble.clone()));
            }
            Answer::Opened { .. } => {
                // Nobody is in the way any more.
                let waited =
                    |kind: &NoticeKind| matches!(kind, NoticeKind::NoHistory { why, .. } if why.is_waited_for());
                self.notices.retain(|notice| !waited(&notice.kind));
            }
            Answer::Unavailable { path, why } | Answer::Waiting { path, why } => {
                self.notice(now, NoticeKind::NoHistory { path: path.clone(), why: why.clone() });
            }
            Answer::Kept(records) => return records.iter().for_each(|record| self.kept(record)),
            _ => {}
        }
        let (opened, none) = (
            matches!(answer, Answer::Opened { .. }),
            matches!(answer, Answer::Unavailable { .. } | Answer::Waiting { .. }),
        );
        if let Answer::People(people) = answer {
            return self.people_stored(people);
        }
        self.past.answered(answer, self.wanted);
        if opened {
            self.history_opened();
        } else if none {
            self.no_history();
        }
    }

    /// Takes in an answer, if it is one to a question from here; gives it back, if not.
    pub(super) fn paged(&mut self, answer: Answer) -> Option<Answer> {
        let (rows, more_before, more_after) = match (&self.reading.asked, answer) {
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
        let asked = self.reading.asked.take()?;
        let reads_on = self.reading.key == Some(asked.key);
        // Otherwise the rows were cut anew meanwhile, or nobody reads there any more.
        if let Some(conversation) = self.conversation_mut(asked.key)
            && conversation.entries().generation() == asked.generation
            && reads_on
        {
            conversation.page(Paged { place: asked.belongs, rows, more_before, more_after, live: asked.live });
        }
        None
    }

    /// What was removed from the history is not kept by who read it either.
    pub(super) fn let_go_removed(&mut self, answer: &Answer) {
        if let Answer::Done { outcome: Outcome::Removed { .. }, .. } = answer {
            self.let_go_earlier();
        }
    }

    fn let_go_earlier(&mut self) {
        if let Some(key) = self.reading.key.take()
            && !matches!(key, Key::Past(_))
            && let Some(conversation) = self.conversation_mut(key)
        {
            conversation.read_no_more();
        }
    }
}
