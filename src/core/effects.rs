//! What follows from one input.

use super::Key;
use crate::{chat::JournalEntry, history::Question, lan::Command as LanCommand, net::Command};

/// What time alone may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeReason {
    /// The step of the lab that runs may be done by then.
    LabStep,
    /// What was found of a conversation may have held long enough to be said.
    Diagnosis,
    /// A rule's answer is due.
    Answer,
    /// Everyone is sent the next message of those that are repeated.
    Repeat,
    /// A client connects again by then.
    Reconnect,
    /// Those who say something are read again by then, though a slow one has not heard it all.
    Relay,
}

/// What to do about one input. Hand out all of it, in this order, or the journal and the sockets disagree.
#[derive(Debug, Default)]
#[must_use]
pub struct Effects {
    /// What was decided about conversations: for the history, the terminal.
    pub journal: Vec<JournalEntry>,
    /// What is asked of the network; what it does not take comes back as [`super::Input::Refused`].
    pub commands: Vec<Command>,
    /// What is asked of the `lan` thread.
    pub lan: Vec<LanCommand>,
    /// What is asked of the history, once it has all of the journal.
    pub questions: Vec<Question>,
    /// The conversation that is to be in sight from here on: the user asked for it.
    pub show: Option<Key>,
}
