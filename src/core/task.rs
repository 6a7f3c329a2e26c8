//! What the history is asked to do and takes its time over.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::history::{Cancel, Removal, TaskId};

/// What the history is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// Write messages to this file.
    Export(PathBuf),
    /// Take this file in.
    Import(PathBuf),
    /// Remove messages, as the user asked.
    Remove {
        /// Which.
        what: Removal,
        /// Until then it can be taken back: nothing is removed before.
        until: Timestamp,
    },
    /// Remove messages that have grown old.
    RemoveOld,
}

/// A task that is not over yet.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What is to be done.
    pub kind: TaskKind,
    /// To give it up.
    pub cancel: Cancel,
    /// How far it is: messages, or bytes of a file that is taken in, and of how many. None until that is told,
    /// which it is of no task that is over at once.
    pub progress: Option<(u64, Option<u64>)>,
}
