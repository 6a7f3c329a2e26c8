//! The file of the history: opened, waited for, begun again where it was taken away or is damaged.

use std::time::{Duration, Instant};

use super::{Store, Waiting, WriteOutage};
use crate::{
    history::{
        Answer, Trouble, Unavailable,
        file::{self, HistoryFile, OpenError},
        salvage,
        work::Work,
    },
    private_file,
};

impl<Wake: Fn()> Store<Wake> {
    pub(super) fn open(&mut self) {
        self.take_file(file::open(&self.path));
    }

    fn take_file(&mut self, opened: Result<HistoryFile, OpenError>) {
        match opened {
            Ok(file) => self.opened(file),
            Err(OpenError::Damaged(why)) => {
                self.end_waiting();
                self.set_aside(why);
            }
            Err(OpenError::Unavailable(why)) if why.is_waited_for() => self.wait(why),
            Err(OpenError::Unavailable(why)) => self.unavailable(why),
        }
    }

    /// Begins another, if the file was taken away from under us: what is written to it then is nowhere.
    pub(super) fn look_for_it(&mut self) {
        if self.file.as_ref().is_none_or(|file| file.is_at(&self.path)) {
            return;
        }
        if let Some(file) = self.file.take() {
            file.leave(&self.path);
        }
        self.live.forget_keys();
        for answer in self.work.forget("the file is gone") {
            self.report(answer);
        }
        self.trouble(Trouble::Gone { path: self.path.clone() });
        self.open_again();
    }

    /// Opens the file where there was one in this run, or is to be one: whatever is in the way may pass.
    pub(super) fn open_again(&mut self) {
        let folder = self.path.parent().map_or(Ok(()), private_file::create_folder);
        match folder
            .map_err(|error| OpenError::Unavailable(file::unopened(&error)))
            .and_then(|()| file::open(&self.path))
        {
            Err(OpenError::Unavailable(Unavailable::NotOpened(why) | Unavailable::ReadOnly(why))) => {
                self.wait(Unavailable::Gone(why));
            }
            opened => self.take_file(opened),
        }
    }

    fn opened(&mut self, file: HistoryFile) {
        self.work = Work::new(&file.connection, &self.path);
        self.file = Some(file);
        self.report(Answer::Opened { path: self.path.clone() });
        self.end_waiting();
    }

    /// The file can't be opened now: what is recorded waits, and opening is tried again.
    fn wait(&mut self, why: Unavailable) {
        let now = Instant::now();
        let retry = now + BETWEEN_OPENS;
        self.outage.get_or_insert(WriteOutage { retry, given_up: 0 }).retry = retry;
        let waiting = self.waiting.get_or_insert(Waiting { since: now, told: None });
        // A backup is over soon, and nothing is lost by it.
        let soon = why == Unavailable::Locked && waiting.since.elapsed() < LOCKED_UNTOLD;
        if !soon && waiting.told.as_ref() != Some(&why) {
            waiting.told = Some(why.clone());
            self.report(Answer::Waiting { path: self.path.clone(), why });
        }
    }

    fn end_waiting(&mut self) {
        if self.waiting.take().is_some()
            && let Some(WriteOutage { given_up: given_up @ 1.., .. }) = self.outage.take()
        {
            self.trouble(Trouble::WrittenAgain { given_up });
        }
    }

    /// The file is damaged: begin a new one, with what can be read of it.
    pub(super) fn set_aside(&mut self, why: String) {
        self.file = None;
        self.live.forget_keys();
        for answer in self.work.forget(&why) {
            self.report(answer);
        }
        let to = match file::set_aside(&self.path) {
            Ok(to) => to,
            Err(error) => return self.unavailable(Unavailable::Damaged(format!("{why}; {error}"))),
        };
        self.trouble(Trouble::SetAside { why, to: to.clone() });
        match file::open(&self.path) {
            Ok(file) => {
                if let Err(error) = salvage::begin(&file.connection, &to) {
                    tracing::warn!(%error, "nothing of the damaged history is salvaged");
                }
                self.opened(file);
            }
            Err(OpenError::Damaged(why)) => self.unavailable(Unavailable::Damaged(why)),
            Err(OpenError::Unavailable(why)) => self.unavailable(why),
        }
    }

    fn unavailable(&mut self, why: Unavailable) {
        // No more of it is written, and no more waits.
        while let Some(record) = self.pending.pop() {
            self.live.follow(&record);
        }
        self.outage = None;
        self.waiting = None;
        self.report(Answer::Unavailable { path: self.path.clone(), why });
    }
}

/// From one try to open the file to the next, while another program has it.
const BETWEEN_OPENS: Duration = Duration::from_millis(500);

/// How long another program may have the file locked before somebody is told.
const LOCKED_UNTOLD: Duration = Duration::from_secs(4);
