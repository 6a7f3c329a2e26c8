//! The `store` thread: gathers records, writes them in batches, and answers questions in between.

mod opening;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, never, select};
use rusqlite::Connection;

use super::{
    Answer, Place, QUEUE_BYTES, QUEUE_RECORDS, Question, Trouble, Unavailable,
    file::{self, Failure, HistoryFile},
    handle::{LEAST_ROOM, QueueFill, Queued},
    pending::{Pending, single_rows},
    people, read, remove,
    work::{StepOutcome, TaskRequest, Work},
    write::Live,
};
use crate::chat::{JournalEntry, SessionId};

/// What a killed program loses at most, while the disk takes what is written: what was recorded in so long a time.
pub const LOST_AT_MOST: Duration = Duration::from_millis(250);

/// The longest that a record waits to be written with others.
pub const BETWEEN_COMMITS: Duration = Duration::from_millis(100);

/// It is calm when no record came for so long: then there is time for other work.
const CALM: Duration = BETWEEN_COMMITS;

/// About how long one transaction takes, and with it how much is on its way behind it: both together, and a step of other
/// work, leave [`LOST_AT_MOST`] some air.
const A_COMMIT: Duration = Duration::from_millis(50);

/// Rows after which a transaction is committed.
pub const ROWS_A_COMMIT: usize = 10_000;

/// Weight of records that wait while the file can't be written, in bytes; past it what comes is given up.
pub const PENDING_BYTES: usize = 16 * 1024 * 1024;

/// What the thread owns.
pub(super) struct Store<Wake> {
    path: PathBuf,
    recorded: Receiver<Queued>,
    asked: Receiver<Question>,
    answer: Sender<Answer>,
    queue: Arc<QueueFill>,
    wake: Wake,
    /// None before it is opened, and where there is no history.
    file: Option<HistoryFile>,
    live: Live,
    work: Work,
    pending: Pending,
    committed: Instant,
    /// When the last record was taken.
    taken: Instant,
    /// When the memory of pages that were read or written is given back, if nothing is done until then.
    rests: Option<Instant>,
    /// While the file can't be written, or not be opened yet.
    outage: Option<WriteOutage>,
    /// While the file can't be opened yet.
    waiting: Option<Waiting>,
    /// The handle was dropped, and all that came is taken.
    ends: bool,
}

/// The file can't be opened yet.
struct Waiting {
    since: Instant,
    /// What was reported.
    told: Option<Unavailable>,
}

/// The file can't be written.
struct WriteOutage {
    retry: Instant,
    given_up: u64,
}

/// What the thread does next.
enum Next {
    Record(Queued),
    Question(Question),
    /// Nothing came, and something is to be written.
    Due,
    /// Nothing came, and there is work to continue.
    Idle,
    /// The handle was dropped.
    Closed,
}

impl<Wake: Fn()> Store<Wake> {
    pub(super) fn new(
        path: PathBuf,
        recorded: Receiver<Queued>,
        asked: Receiver<Question>,
        answer: Sender<Answer>,
        queue: Arc<QueueFill>,
        wake: Wake,
    ) -> Self {
        Self {
            path,
            recorded,
            asked,
            answer,
            queue,
            wake,
            file: None,
            live: Live::default(),
            work: Work::default(),
            pending: Pending::default(),
            committed: Instant::now(),
            taken: Instant::now(),
            rests: None,
            outage: None,
            waiting: None,
            ends: false,
        }
    }

    pub(super) fn run(mut self) {
        self.open();
        loop {
            let next = self.next();
            if !matches!(next, Next::Due) {
                self.rests = Some(Instant::now() + REST);
            }
            match next {
                Next::Record(queued) => {
                    self.take(queued);
                    self.take_present();
                }
                Next::Question(question) => {
                    // All that was recorded before the question was asked is there by now.
                    self.take_all();
                    self.flush();
                    self.answer(question);
                }
                Next::Due => {}
                Next::Idle => self.work(),
                Next::Closed => break,
            }
            if self.is_due() {
                self.flush();
                if self.work.is_awaited() {
                    self.work();
                }
            }
            self.rest();
        }
        while !self.take_all() {
            self.flush();
        }
        self.flush();
        if let Err(error) = self.settle() {
            // It is done at the next start.
            tracing::warn!(%error, "what came last is not in its place");
        }
        self.remove_at_the_end();
        if !self.pending.records.is_empty() {
            tracing::error!(rows = self.pending.rows, "the program ends with messages that could not be written");
        }
    }

    /// Gives memory back, if nothing was done for a while.
    fn rest(&mut self) {
        let now = Instant::now();
        if self.rests.take_if(|at| *at <= now).is_some()
            && let Some(file) = &self.file
            && let Err(error) = file.connection.pragma_query(None, "shrink_memory", |_| Ok(()))
        {
            tracing::warn!(%error, "memory is not given back");
        }
    }

    /// What is to be removed is removed, though somebody might have taken it back yet.
    fn remove_at_the_end(&mut self) {
        self.ends = true;
        self.work.only_removals();
        while self.file.is_some() && self.outage.is_none() && self.work.is_awaited() {
            self.work();
            self.queue.progress.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn next(&self) -> Next {
        let due = match &self.outage {
            Some(outage) => Some(outage.retry),
            None if self.pending.records.is_empty() => None,
            None if self.pending.awaited > 0 => Some(self.committed),
            None => Some(self.committed + BETWEEN_COMMITS),
        };
        if self.file.is_some() && self.outage.is_none() && self.work.is_due(self.taken + CALM) {
            return select! {
                recv(self.recorded) -> record => record.map_or(Next::Closed, Next::Record),
                recv(self.asked) -> question => question.map_or(Next::Closed, Next::Question),
                default => Next::Idle,
            };
        }
        let rest = self.work.due_at(self.taken + CALM).filter(|_| self.file.is_some() && self.outage.is_none());
        let clock = due.into_iter().chain(rest).chain(self.rests).min().map_or_else(never, crossbeam_channel::at);
        select! {
            recv(self.recorded) -> record => record.map_or(Next::Closed, Next::Record),
            recv(self.asked) -> question => question.map_or(Next::Closed, Next::Question),
            recv(clock) -> _ => Next::Due,
        }
    }

    /// Take the records that are there already, until they are enough for a transaction.
    fn take_present(&mut self) {
        while !self.fills_a_commit() {
            let Ok(queued) = self.recorded.try_recv() else { return };
            self.take(queued);
        }
    }

    /// Take all records that are there already. Whether the handle was dropped.
    fn take_all(&mut self) -> bool {
        // Not those that come meanwhile: there may be no end of them.
        for _ in 0..=self.recorded.len() {
            match self.recorded.try_recv() {
                Ok(queued) => self.take(queued),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
        false
    }

    fn take(&mut self, queued: Queued) {
        count_out(&queued.record, &self.recorded, &self.queue, &self.wake);
        self.put(queued);
    }

    fn put(&mut self, Queued { record, keep }: Queued) {
        self.taken = Instant::now();
        // What people say is not lost, whether or not the user keeps a history.
        let of_person = matches!(record, JournalEntry::Person { .. });
        let keep = keep || of_person;
        if !keep && self.outage.is_none() {
            // What is to be written of its session was before it.
            self.flush();
        }
        if (self.file.is_none() && self.waiting.is_none()) || !keep {
            self.live.follow(&record);
        } else if let Some(outage) = &mut self.outage
            && self.pending.weight + record.weight() > PENDING_BYTES
            && !of_person
        {
            outage.given_up += record.rows() as u64;
            if matches!(record, JournalEntry::Opened(_)) {
                // Its later rows may find room.
                self.live.follow(&record);
            }
        } else {
            self.pending.push(record);
        }
    }

    fn is_due(&self) -> bool {
        if let Some(outage) = &self.outage {
            return outage.retry <= Instant::now();
        }
        self.fills_a_commit()
            || self.pending.awaited > 0
            || (!self.pending.records.is_empty() && self.committed.elapsed() >= BETWEEN_COMMITS)
    }

    fn fills_a_commit(&self) -> bool {
        self.pending.rows >= ROWS_A_COMMIT || self.pending.weight >= self.queue.room.load(Ordering::Relaxed)
    }

    /// So much was written in that time: what is taken from here on is what can be written in good time.
    fn measured(&self, weight: usize, took: Duration) {
        // Of less, the time tells what a transaction costs by itself.
        if weight >= LEAST_ROOM || took >= A_COMMIT {
            let room = weight as f64 * A_COMMIT.as_secs_f64() / took.as_secs_f64().max(f64::EPSILON);
            self.queue.room.store((room as usize).clamp(LEAST_ROOM, QUEUE_BYTES), Ordering::Relaxed);
        }
    }

    /// Write what is pending, as far as that can be done.
    fn flush(&mut self) {
        if self.waiting.is_some() && self.is_due() {
            self.open_again();
        } else if !self.pending.records.is_empty() {
            self.look_for_it();
        }
        while let Some(file) = &mut self.file
            && !self.pending.records.is_empty()
        {
            let batch = self.pending.first_batch();
            let count = batch.len();
            let begun = Instant::now();
            match self.live.write(&mut file.connection, batch) {
                Ok(written) => {
                    let weight = self.pending.drop_first(count);
                    self.measured(weight, begun.elapsed());
                    if written.work {
                        self.work.written();
                    }
                    if written.recode {
                        self.work.recode();
                    }
                    self.queue.progress.fetch_add(1, Ordering::Relaxed);
                    if !written.kept.is_empty() {
                        self.report(Answer::Kept(written.kept));
                    }
                    if written.refused > 0 {
                        self.trouble(Trouble::Refused { rows: written.refused });
                    }
                    if let Some(WriteOutage { given_up, .. }) = self.outage.take() {
                        self.trouble(Trouble::WrittenAgain { given_up });
                    }
                }
                Err(error) if file::failure(&error) == Failure::Damaged => self.set_aside(error.to_string()),
                Err(error) if file::failure(&error) == Failure::Refused => {
                    tracing::error!(%error, "records that can't be written");
                    let rows = self.write_singly(count);
                    if rows > 0 {
                        self.trouble(Trouble::Refused { rows });
                    }
                }
                Err(error) => {
                    let retry = Instant::now() + BETWEEN_TRIES;
                    if let Some(outage) = &mut self.outage {
                        outage.retry = retry;
                    } else {
                        self.outage = Some(WriteOutage { retry, given_up: 0 });
                        let full = file::failure(&error) == Failure::Full;
                        self.trouble(Trouble::NotWritten { path: self.path.clone(), full, why: error.to_string() });
                    }
                    break;
                }
            }
        }
        self.committed = Instant::now();
    }

    /// Writes the first records row by row, so that only those are left out that are refused. Returns how many rows
    /// they were. What could not be written for another reason is pending still.
    fn write_singly(&mut self, count: usize) -> u64 {
        let Some(file) = &mut self.file else { return 0 };
        let mut refused = 0;
        for _ in 0..count {
            let Some(record) = self.pending.pop() else { break };
            let mut rows: VecDeque<JournalEntry> = single_rows(record);
            while let Some(row) = rows.front() {
                match self.live.write(&mut file.connection, std::slice::from_ref(row)) {
                    Ok(written) => {
                        refused += written.refused;
                        if !written.kept.is_empty() && self.answer.send(Answer::Kept(written.kept)).is_ok() {
                            (self.wake)();
                        }
                    }
                    Err(error) if file::failure(&error) == Failure::Refused => {
                        tracing::error!(%error, "a record that can't be written");
                        refused += row.rows() as u64;
                    }
                    Err(_) => {
                        self.pending.put_back(rows);
                        return refused;
                    }
                }
                rows.pop_front();
            }
        }
        self.work.written();
        self.queue.progress.fetch_add(1, Ordering::Relaxed);
        refused
    }

    /// Puts what came last into its place. Where there is no room for that, it is read where it is.
    fn settle(&mut self) -> rusqlite::Result<()> {
        if let Some(file) = &mut self.file
            && self.live.settle(&mut file.connection)?
        {
            self.work.written();
        }
        Ok(())
    }

    fn answer(&mut self, question: Question) {
        self.look_for_it();
        if let Err(error) = self.settle()
            && !self.live.reads_unsettled()
        {
            self.not_read(&error);
            return self.report(Answer::Failed(Box::new(question)));
        }
        let Some(file) = &self.file else { return self.report(Answer::Failed(Box::new(question))) };
        let connection = &file.connection;
        let answer = match question.clone() {
            // The handle keeps that to itself.
            Question::Keep(_) => Ok(None),
            Question::Search { .. } => self.work.search(connection, &question).map(|()| None),
            Question::Export { task, what, format, to, cancel } => {
                self.work.add(task, TaskRequest::Export { what, format, to, cancel });
                Ok(None)
            }
            Question::Import { task, from, cancel } => {
                self.work.add(task, TaskRequest::Import { from, cancel });
                Ok(None)
            }
            Question::Remove { task, what, cancel, after: Duration::ZERO } => {
                self.work.add(task, TaskRequest::Remove { what, cancel });
                Ok(None)
            }
            Question::Remove { task, what, cancel, after } => {
                self.work.remove_later(task, (what, cancel, after), connection, &self.live).map(|()| None)
            }
            Question::Weigh(what) => remove::weigh(what, connection, &self.live)
                .map(|(messages, sessions)| Some(Answer::Weighed { what, messages, sessions })),
            Question::People => people::all(connection).map(|people| Some(Answer::People(people))),
            Question::Size => read::totals(connection, &self.path).map(|size| Some(Answer::Size(size))),
            Question::Sessions { matching, before, count } => read::sessions(connection, &matching, before, count)
                .map(|(sessions, more)| Some(Answer::Sessions { sessions, more })),
            Question::Page { session, place, count } => answer_page(connection, session, place, count).map(Some),
        };
        match answer {
            Ok(Some(answer)) => self.report(answer),
            Ok(None) => {}
            Err(error) => {
                self.not_read(&error);
                self.report(Answer::Failed(Box::new(question)));
            }
        }
    }

    /// Continues what takes its time.
    fn work(&mut self) {
        let settled = self.settle();
        let Some(file) = &mut self.file else { return };
        let outcome = match settled {
            Err(error) if !(self.work.only_reads() && self.live.reads_unsettled()) => Err(error),
            _ => self.work.step(&mut file.connection, &mut self.live),
        };
        let outcome = match outcome {
            Ok(StepOutcome::Vacuum) => self.vacuum(),
            outcome => outcome,
        };
        match outcome {
            Ok(StepOutcome::Report(answer)) => self.report(answer),
            Ok(StepOutcome::Continue | StepOutcome::Vacuum) => {}
            Err(error) => {
                let answers = self.work.forget(&error.to_string());
                if file::failure(&error) == Failure::Damaged || answers.iter().any(|a| matches!(a, Answer::Failed(_))) {
                    self.not_read(&error);
                } else {
                    // A task reports by itself why it failed. Nobody waits for the index: what is not in it is found
                    // as well.
                    tracing::warn!(%error, "work on the history failed");
                }
                for answer in answers {
                    self.report(answer);
                }
            }
        }
    }

    /// Has the whole file written again. That takes as long as it is large, so records are received meanwhile; when
    /// there is half as much of them as may wait, they come first, and it is tried again later.
    fn vacuum(&mut self) -> rusqlite::Result<StepOutcome> {
        let Some(file) = &mut self.file else { return Ok(StepOutcome::Continue) };
        let (recorded, queue, wake) = (&self.recorded, &self.queue, &self.wake);
        let connection = &mut file.connection;
        let interrupt = connection.get_interrupt_handle();
        let give_way = AtomicBool::new(false);
        let gives_way = &give_way;
        let mut taken = Vec::new();
        let mut weight = self.pending.weight;
        let vacuumed = thread::scope(|scope| {
            let (end, ended) = bounded::<()>(0);
            let aside = thread::Builder::new().name("store-vacuum".to_owned()).spawn_scoped(scope, move || {
                let vacuumed = remove::vacuum(connection, gives_way);
                drop(end);
                vacuumed
            });
            let closed = never();
            let mut recorded = if self.ends { &closed } else { recorded };
            loop {
                let more = if weight < PENDING_BYTES { recorded } else { &closed };
                select! {
                    recv(ended) -> _ => break,
                    recv(more) -> queued => if let Ok(queued) = queued {
                        count_out(&queued.record, recorded, queue, wake);
                        weight += queued.record.weight();
                        taken.push(queued);
                        if weight > PENDING_BYTES / 2 && !gives_way.swap(true, Ordering::Relaxed) {
                            interrupt.interrupt();
                        }
                    } else {
                        // The program ends; what is removed is so, and its traces are at the next start.
                        gives_way.store(true, Ordering::Relaxed);
                        interrupt.interrupt();
                        recorded = &closed;
                    },
                }
            }
            aside.map(thread::ScopedJoinHandle::join)
        });
        for queued in taken {
            self.put(queued);
        }
        let vacuumed = match vacuumed {
            Ok(Ok(vacuumed)) => vacuumed,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // No second thread to be had.
            Err(_) => self.file.as_ref().map_or(Ok(()), |file| remove::vacuum(&file.connection, &give_way)),
        };
        match vacuumed {
            Err(_) if give_way.into_inner() => self.work.vacuum_gave_way(),
            vacuumed => {
                vacuumed?;
                self.work.vacuumed();
            }
        }
        Ok(StepOutcome::Continue)
    }

    fn not_read(&mut self, error: &rusqlite::Error) {
        if file::failure(error) == Failure::Damaged {
            self.set_aside(error.to_string());
        } else {
            self.trouble(Trouble::NotRead { path: self.path.clone(), why: error.to_string() });
        }
    }

    fn trouble(&self, trouble: Trouble) {
        tracing::warn!(?trouble, "history");
        self.report(Answer::Trouble(trouble));
    }

    fn report(&self, answer: Answer) {
        // Nobody takes answers while the handle is being dropped.
        if self.answer.send(answer).is_ok() {
            (self.wake)();
        }
    }
}

fn answer_page(connection: &Connection, asked: SessionId, place: Place, count: usize) -> rusqlite::Result<Answer> {
    let (session, page) = match read::session(connection, asked)? {
        Some((summary, key)) => (Some(Box::new(summary)), read::page(connection, key, place, count)?),
        None => (None, read::Page::default()),
    };
    let read::Page { rows, more_before, more_after } = page;
    Ok(Answer::Page { session, asked, place, rows, more_before, more_after })
}

/// A record is off the queue: there is room for another.
fn count_out(record: &JournalEntry, recorded: &Receiver<Queued>, queue: &QueueFill, wake: &impl Fn()) {
    let weight = record.weight();
    let left = queue.weight.fetch_sub(weight, Ordering::SeqCst) - weight;
    if left <= queue.room.load(Ordering::Relaxed) / 2
        && recorded.len() <= QUEUE_RECORDS / 2
        && queue.sender_waits.swap(false, Ordering::SeqCst)
    {
        wake();
    }
}

/// After so long without anything to do the thread is at rest.
const REST: Duration = Duration::from_millis(500);

/// From one try to write to the next, while it fails.
const BETWEEN_TRIES: Duration = Duration::from_secs(2);
