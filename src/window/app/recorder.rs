//! The journal on its way to the history.

use std::collections::VecDeque;

use crate::{
    chat::JournalEntry,
    history::{Full, History},
};

/// Hands the journal to the history, in order.
#[derive(Debug)]
pub struct Recorder {
    history: History,
    /// Entries that found no room yet. Few: no event is taken while there are any.
    backlog: VecDeque<JournalEntry>,
}

impl Recorder {
    /// A recorder into this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, backlog: VecDeque::new() }
    }

    /// The history, to ask.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Takes entries of the journal, and hands over what there is room for.
    pub fn take(&mut self, journal: impl IntoIterator<Item = JournalEntry>) {
        self.backlog.extend(journal);
        self.flush();
    }

    /// Hands over what found no room; whether all of it did now. If not, no further event may be taken: the history
    /// wakes the window when there is room.
    pub fn flush(&mut self) -> bool {
        while let Some(entry) = self.backlog.pop_front() {
            if let Err(Full(entry)) = self.history.record(entry) {
                self.backlog.push_front(*entry);
                return false;
            }
        }
        true
    }

    /// Whether the history was handed all that was taken.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.backlog.is_empty()
    }
}
