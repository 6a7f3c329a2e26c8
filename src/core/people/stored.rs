//! What the history kept of people, when it is opened.

use std::collections::VecDeque;

use super::{Person, Visibility, Waiting};
use crate::{
    chat::{JournalEntry, Stream},
    core::Core,
    history::{Question, StoredPerson},
};

impl Core {
    /// The history is open: it is asked what it keeps of people, or, where another file took its place, told.
    pub(in crate::core) fn history_opened(&mut self) {
        if !self.people.loaded {
            return self.effects.questions.push(Question::People);
        }
        let pinned = self.people.all.values_mut().filter(|person| person.is_pinned);
        for person in pinned {
            person.is_opened = false;
            let record = Box::new(person.record.clone());
            self.effects.journal.push(JournalEntry::Person { record, with: Vec::new() });
        }
    }

    /// There is no history: messages could be lost.
    pub(in crate::core) fn no_history(&mut self) {
        if self.people.wanted.is_some() && !matches!(self.people.visibility, Visibility::On { .. }) {
            self.appear_if_possible();
        }
    }

    /// What the history keeps of people.
    pub(in crate::core) fn people_stored(&mut self, people: Vec<StoredPerson>) {
        for stored in people {
            let record = stored.record;
            let (ours, session) = (record.ours, record.session);
            self.last_id = self.last_id.max(session);
            let mut person = Person::new(record);
            person.is_pinned = true;
            let unread = person.record.theirs.last - person.record.theirs.read;
            person.conversation.restore(stored.next, stored.rows, unread);
            person.kept = ours.last;
            let message = |message: crate::history::StoredMessage| {
                let mark = Stream::mark(ours.epoch, message.n, message.at);
                Waiting {
                    n: message.n,
                    row: message.row,
                    at: message.at,
                    mark,
                    text: message.text,
                    sent: false,
                    again: false,
                }
            };
            let (delivered, waiting): (Vec<_>, Vec<_>) =
                stored.messages.into_iter().partition(|message| message.n <= ours.delivered);
            person.unread_there = delivered.iter().map(|message| (message.n, message.row)).collect();
            person.waiting = waiting.into_iter().map(message).collect::<VecDeque<_>>();
            let bytes = |waiting: &Waiting| waiting.text.as_ref().map_or(0, bytes::Bytes::len);
            person.waiting_bytes = person.waiting.iter().map(bytes).sum();
            self.people.all.insert(person.record.id, person);
        }
        self.people.loaded = true;
        self.appear_if_possible();
    }
}
