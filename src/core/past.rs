//! What is known of past sessions: the list of them, and the one that is open for reading.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Conversation, Key, Task, TaskKind};
use crate::chat::RowNumber;
use crate::{
    chat::SessionId,
    history::{Answer, Hit, Place, Removal, SessionSummary, Size, Unavailable},
};

/// What is known of past sessions.
#[derive(Debug, Default)]
pub struct Past {
    /// Whether there is a history.
    pub state: PastState,
    /// Sessions found, the latest first.
    pub sessions: Vec<SessionSummary>,
    /// Whether there are more of them.
    pub more: bool,
    /// Messages found, the newest first.
    pub hits: Vec<Hit>,
    /// Whether there may be more of them.
    pub more_hits: bool,
    /// The search that was asked for last; answers to earlier ones are let go.
    pub search: u64,
    /// The search that these were found by.
    found: u64,
    /// How far bringing the index up to date is, and of how much, while that is done.
    pub indexing: Option<(u64, u64)>,
    /// How much a removal would remove, when that was last asked: messages, and the sessions they are in.
    pub weighed: Option<(Removal, u64, u64)>,
    /// How much there is, when it was last asked.
    pub size: Option<Size>,
    /// The session that is open for reading.
    pub open: Option<OpenPast>,
    /// The latest sessions that are no conversation in the list.
    pub latest: Vec<SessionSummary>,
    /// What the history is at, or is to do after that.
    pub tasks: Vec<Task>,
}

/// Whether there is a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PastState {
    /// The file is being opened.
    #[default]
    Opening,
    /// It is open.
    Open(PathBuf),
    /// Another program has it; it is opened when it is free.
    Waiting(Unavailable),
    /// There is none in this run.
    Unavailable(Unavailable),
}

/// A past session, open for reading.
#[derive(Debug)]
pub struct OpenPast {
    /// What is known of it.
    pub summary: SessionSummary,
    /// Its rows, as a conversation.
    pub conversation: Conversation,
    /// The row that was asked for, where one was.
    pub sought: Option<RowNumber>,
}

impl OpenPast {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::Past(self.summary.session.id)
    }
}

impl Past {
    /// The removal that was asked for last, if it can still be taken back.
    #[must_use]
    pub fn removal_to_undo(&self, now: Timestamp) -> Option<&Task> {
        let last = self.tasks.iter().rev().find(|task| matches!(task.kind, TaskKind::Remove { .. }))?;
        matches!(last.kind, TaskKind::Remove { until, .. } if now < until && !last.cancel.is_cancelled())
            .then_some(last)
    }

    /// The history was given something to do. What is to be removed is out of sight from here on.
    pub(super) fn begun(&mut self, task: Task) {
        self.tasks.push(task);
        self.hide_removed();
    }

    /// The latest sessions that are no conversation in the list.
    pub(super) fn set_latest(&mut self, latest: Vec<SessionSummary>) {
        self.latest = latest;
        self.hide_removed();
    }

    fn hide_removed(&mut self) {
        for task in &self.tasks {
            let TaskKind::Remove { what, .. } = task.kind else { continue };
            self.sessions.retain(|summary| !what.takes(summary));
            self.latest.retain(|summary| !what.takes(summary));
            self.hits.retain(|hit| !what.takes_hit(&hit.place));
        }
    }

    /// Take in an answer of the history.
    pub(super) fn answered(&mut self, answer: Answer, wanted: Option<SessionId>) {
        match answer {
            Answer::Opened { path } => self.state = PastState::Open(path),
            Answer::Waiting { why, .. } => self.state = PastState::Waiting(why),
            Answer::Indexing { done, of } => self.indexing = (done < of).then_some((done, of)),
            Answer::Unavailable { why, .. } => self.state = PastState::Unavailable(why),
            Answer::Sessions { sessions, more } => {
                self.sessions = sessions;
                self.more = more;
                self.hide_removed();
            }
            Answer::Found { generation, hits, more, .. } if generation == self.search => {
                // What an earlier search found stays in sight until there is something else.
                if self.found != generation {
                    self.found = generation;
                    self.hits.clear();
                }
                self.hits.extend(hits);
                self.more_hits = more;
                self.hide_removed();
            }
            Answer::Progress { task, done, of } => {
                if let Some(task) = self.tasks.iter_mut().find(|other| other.id == task) {
                    task.progress = Some((done, of));
                }
            }
            Answer::Done { task, .. } => self.tasks.retain(|other| other.id != task),
            Answer::Weighed { what, messages, sessions } => self.weighed = Some((what, messages, sessions)),
            Answer::Size(size) => self.size = Some(size),
            Answer::Page { session: Some(summary), asked, place, rows, more_before, more_after }
                if wanted == Some(asked) =>
            {
                let sought = match place {
                    Place::Around(number) | Place::From(number) => rows.iter().find(|row| row.number.0 >= number),
                    _ => None,
                };
                let sought = sought.map(|row| row.number);
                let conversation = Conversation::past(&summary, rows, (more_before, more_after));
                self.open = Some(OpenPast { summary: *summary, conversation, sought });
            }
            _ => {}
        }
    }
}
