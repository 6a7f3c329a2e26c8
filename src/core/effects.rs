//! What follows from one input.

use crate::chat::JournalEntry;

/// What to do about one input. Hand out all of it, in this order, or the journal and the sockets disagree.
#[derive(Debug, Default)]
#[must_use]
pub struct Effects {
    /// What was decided about conversations: for the history, a recording, the terminal.
    pub journal: Vec<JournalEntry>,
}
