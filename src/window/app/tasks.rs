//! What the history is asked for: lists, and tasks that take their time.

use std::{
    collections::{HashSet, VecDeque},
    path::PathBuf,
    time::Duration,
};

use egui::Context;
use jiff::Timestamp;

use super::{App, dialog::Dialog};
use crate::{
    chat::SessionId,
    core::{Input, Key, NoticeKind, PastState, RemovalSchedule, Task, TaskKind},
    history::{self, Answer, Cancel, Format, Outcome, Question, Removal, SessionSummary, TaskId, Trouble, Which},
    host,
    net::NetError,
    window::{
        file_wanted::Exported,
        listed,
        parts::{
            notices::{Confirmation, Removed, UNDO},
            removal::RemovalDialog,
        },
    },
};

/// The history begins to remove so much later than the time for taking it back is over: whoever clicks at the last
/// moment is in time.
const AFTER_UNDO: Duration = Duration::from_secs(1);

/// Past sessions in the sidebar, at most.
pub const LATEST: usize = 6;

/// What was asked of the history, to recognise the answers by.
#[derive(Debug, Default)]
pub(super) struct PendingQuestions {
    /// Searches so far; the number distinguishes an answer from that to an earlier one.
    pub(super) searches: u64,
    /// Tasks so far.
    tasks: u64,
    /// Whom the next lists of sessions are for, in their order.
    sessions: VecDeque<ListFor>,
    /// When messages that have grown old are removed.
    old: RemovalSchedule,
}

/// Whom a list of sessions is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListFor {
    /// The panel of past sessions.
    Panel,
    /// The sidebar.
    Sidebar,
}

impl App {
    /// Write messages to a file.
    pub(super) fn export(&mut self, what: &Exported, format: Format, to: PathBuf) {
        let what = match what {
            Exported::Conversation(key) => match self.core().id_of(*key) {
                Some(session) => Which::Session(session),
                None => return self.change(Input::Notice(NoticeKind::NothingKept)),
            },
            Exported::Found(needle) => Which::Found { needle: needle.clone() },
            Exported::All => Which::All,
        };
        let _ = self.begin(TaskKind::Export(to.clone()), |task, cancel| Question::Export {
            task,
            what,
            format,
            to,
            cancel,
        });
    }

    /// Import what was exported.
    pub(super) fn import(&mut self, from: PathBuf) {
        let _ = self.begin(TaskKind::Import(from.clone()), |task, cancel| Question::Import { task, from, cancel });
    }

    /// Ask whether these messages are to be removed, and say how many they are.
    pub(super) fn ask_removal(&mut self, ctx: &Context, what: Removal) {
        if self.ask_history(Question::Weigh(what)) {
            self.front.dialog =
                Some(Dialog::Removal(RemovalDialog::new(what, ctx.input(|input| input.pointer.interact_pos()))));
        } else {
            self.change(Input::Notice(NoticeKind::Net { conn: None, error: NetError::busy() }));
        }
    }

    /// Ask whether what is older than the user wants to keep is to be removed now.
    pub(super) fn ask_removal_of_old(&mut self, ctx: &Context) {
        if let Some(before) = self.old_before() {
            self.ask_removal(ctx, Removal::Before(before));
        }
    }

    /// Remove messages for good, unless that is taken back in time.
    pub(super) fn remove_past(&mut self, what: Removal) {
        let weighed = self.core().past().weighed.filter(|(weighed, ..)| *weighed == what);
        let until = Timestamp::now() + UNDO;
        let removed = self.begin(TaskKind::Remove { what, until }, |task, cancel| Question::Remove {
            task,
            what,
            cancel,
            after: UNDO + AFTER_UNDO,
        });
        if let Some(task) = removed {
            let count = weighed.map_or(0, |(_, messages, _)| messages);
            self.front.toasts.removed(Removed::Messages { task, count });
        }
        self.change(Input::ClosePast);
    }

    /// Take back the removal that was asked for last, if its time is not over. Whether it was.
    pub(super) fn undo_removal(&mut self) -> bool {
        let Some(task) = self.core().past().removal_to_undo(Timestamp::now()) else { return false };
        task.cancel.cancel();
        let id = task.id;
        self.change(Input::TaskOver(id));
        self.find(self.screens.history.matching().to_owned());
        true
    }

    /// What was before this time is older than the user wants to keep.
    fn old_before(&self) -> Option<Timestamp> {
        Timestamp::now().checked_sub(self.settings.remove_after.age()?).ok()
    }

    fn remove_old(&mut self) {
        let Some(before) = self.old_before() else { return };
        let (what, after) = (Removal::Old(before), Duration::ZERO);
        let _ = self.begin(TaskKind::RemoveOld, |task, cancel| Question::Remove { task, what, cancel, after });
    }

    /// Remove what is older than the user wants to keep, at the start and once a day.
    pub(super) fn remove_old_if_due(&mut self, ctx: &Context) {
        if !matches!(self.core().past().state, PastState::Open(_)) {
            return;
        }
        if self.questions.old.is_due(Timestamp::now(), host::uptime()) {
            self.remove_old();
        }
        if self.settings.remove_after.age().is_some() {
            let left = self.questions.old.next(host::uptime());
            ctx.request_repaint_after(left.max(Duration::from_secs(1)));
        }
    }

    /// Cancel a task.
    pub(super) fn cancel_task(&mut self, id: TaskId) {
        if let Some(task) = self.core().past().tasks.iter().find(|task| task.id == id) {
            task.cancel.cancel();
        }
    }

    /// Apply an answer of the history.
    pub(super) fn history_answered(&mut self, answer: Answer) {
        match &answer {
            // Who is known is in the list from then on, and not among what is past.
            Answer::Opened { .. } | Answer::People(_) => self.ask_latest(),
            Answer::Trouble(Trouble::Salvaged { .. }) => {
                self.find(self.screens.history.matching().to_owned());
                self.ask_latest();
            }
            Answer::Done { task, outcome } => self.task_done(*task, outcome.clone()),
            Answer::Failed(question) => match &**question {
                Question::Sessions { .. } => drop(self.questions.sessions.pop_front()),
                Question::Export { task, .. } | Question::Import { task, .. } | Question::Remove { task, .. } => {
                    self.change(Input::TaskOver(*task));
                    self.change(Input::Notice(NoticeKind::HistoryClosed));
                }
                _ => {}
            },
            Answer::Sessions { sessions, .. } => {
                let list = self.questions.sessions.pop_front();
                if list == Some(ListFor::Sidebar) {
                    return self.show_latest(sessions);
                }
            }
            _ => {}
        }
        self.change(Input::History(Box::new(answer)));
    }

    fn show_latest(&mut self, sessions: &[SessionSummary]) {
        let keys = listed::all(self.core()).map(|(key, _)| key).chain([Key::Everyone, Key::Nearby]);
        let listed: HashSet<SessionId> = keys.filter_map(|key| self.core().id_of(key)).collect();
        let others = sessions.iter().filter(|past| !listed.contains(&past.session.id));
        let latest = others.take(LATEST).cloned().collect();
        self.change(Input::Latest(latest));
    }

    /// Have the sidebar's list of past sessions brought up to date.
    pub(super) fn ask_latest(&mut self) {
        // Those that are in the sidebar anyway are left out of it.
        let count = (self.core().conversations().len() + 1 + LATEST).min(history::SESSIONS_A_PAGE);
        let question = Question::Sessions { matching: String::new(), before: None, count };
        self.ask_sessions(ListFor::Sidebar, question);
    }

    /// Ask for a list of sessions.
    pub(super) fn ask_sessions(&mut self, list: ListFor, question: Question) {
        if self.ask_history(question) {
            self.questions.sessions.push_back(list);
        }
    }

    fn begin(&mut self, kind: TaskKind, question: impl FnOnce(TaskId, Cancel) -> Question) -> Option<TaskId> {
        self.questions.tasks += 1;
        let (id, cancel) = (TaskId(self.questions.tasks), Cancel::default());
        if self.ask_history(question(id, cancel.clone())) {
            self.change(Input::TaskBegun(Task { id, kind, cancel, progress: None }));
            Some(id)
        } else {
            let error = NetError::busy();
            self.change(Input::Notice(NoticeKind::Net { conn: None, error }));
            None
        }
    }

    /// Something that the history was asked to do is done: ask again for what is shown of it.
    fn task_done(&mut self, id: TaskId, outcome: Outcome) {
        let kind = self.core().past().tasks.iter().find(|task| task.id == id).map(|task| task.kind.clone());
        match (outcome, kind) {
            (Outcome::Failed { line, why }, Some(task)) => {
                self.change(Input::Notice(NoticeKind::TaskFailed { task, line, why }));
            }
            (Outcome::Exported { messages }, Some(TaskKind::Export(path))) => {
                return self.front.toasts.confirm(Confirmation::Exported { path, messages });
            }
            (Outcome::Imported { sessions, messages, known }, _) => {
                self.front.toasts.confirm(Confirmation::Imported { sessions, messages, known });
            }
            // What was taken back was told then.
            (Outcome::Removed { messages: 0, .. }, Some(TaskKind::RemoveOld)) | (Outcome::Cancelled, None) => return,
            (Outcome::Removed { messages, traces }, kind) => {
                let old = kind == Some(TaskKind::RemoveOld);
                self.front.toasts.confirm(Confirmation::Removed { messages, old, traces });
            }
            (Outcome::MostIsOld { messages, of }, _) => {
                return self.change(Input::Notice(NoticeKind::MostIsOld { messages, of }));
            }
            (Outcome::Cancelled, _) => self.front.toasts.confirm(Confirmation::Cancelled),
            (Outcome::Failed { .. } | Outcome::Exported { .. }, _) => {}
        }
        self.find(self.screens.history.matching().to_owned());
        self.ask_latest();
        self.ask_history(Question::Size);
    }
}
