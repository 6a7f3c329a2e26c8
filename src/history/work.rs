//! What takes its time, in steps, so that recording never waits long: searches, tasks, and the index.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    Answer, Cancel, Format, HITS_A_PAGE, Hit, Outcome, Question, Removal, TaskId, Which, blocks,
    export::{ExportError, Exporting},
    import::{ImportError, Importing},
    read, recode, refold,
    remove::{Next, Removing},
    salvage::{self, Salvaging},
    search::{Search, Step},
    write::Live,
};
use crate::{chat::SessionId, wire::text::TextEncoding};

/// What the thread is at when nothing is to be written.
#[derive(Debug, Default)]
pub(super) struct Work {
    search: Option<Searching>,
    /// The first is under way.
    tasks: VecDeque<Task>,
    /// Removals that can still be taken back, with the time at which they begin.
    later: Vec<(Instant, Task)>,
    /// Rows may have been written that are not indexed.
    unindexed: bool,
    /// No indexing before this time, since it failed.
    rest: Option<Instant>,
    /// None before this time either, as long as something is written again and again.
    pace: Option<Instant>,
    /// When removing traces is tried again, since it had to give way.
    traces: Option<Instant>,
    /// When was reported how much of the index is up to date.
    refolding: Option<Instant>,
}

/// A search under way.
#[derive(Debug)]
struct Searching {
    search: Search,
    asked: Question,
    /// As many as are still wanted.
    count: usize,
    /// Those that were not reported yet.
    hits: Vec<Hit>,
    reported: Instant,
}

/// Something that was asked for and takes its time.
#[derive(Debug)]
struct Task {
    /// None, if nobody waits for it.
    id: Option<TaskId>,
    kind: TaskKind,
    /// When its progress was reported.
    reported: Option<Instant>,
}

#[derive(Debug)]
enum TaskKind {
    Requested(TaskRequest),
    Export(Box<Exporting>),
    Import(Box<Importing>),
    Remove(Box<Removing>),
    Salvage(Box<Salvaging>),
}

/// What is asked for, before anything was done.
#[derive(Clone, Debug)]
pub(super) enum TaskRequest {
    Export { what: Which, format: Format, to: PathBuf, cancel: Cancel },
    Import { from: PathBuf, cancel: Cancel },
    Remove { what: Removal, cancel: Cancel },
}

impl Work {
    /// A file was opened.
    pub(super) fn new(connection: &Connection, path: &Path) -> Self {
        let mut work = Self { unindexed: true, ..Self::default() };
        for from in salvage::noted(connection, path).unwrap_or_default() {
            let kind = TaskKind::Salvage(Box::new(Salvaging::new(from)));
            work.tasks.push_back(Task { id: None, kind, reported: None });
        }
        work.remove_left_over(connection);
        work
    }

    fn remove_left_over(&mut self, connection: &Connection) {
        // Where even that can't be read, all else will report it.
        if let Ok(Some(left_over)) = Removing::left_over(connection) {
            self.tasks.push_back(Task { id: None, kind: TaskKind::Remove(Box::new(left_over)), reported: None });
        }
    }

    /// Rows were written.
    pub(super) fn written(&mut self) {
        self.unindexed = true;
    }

    /// Somebody chose another encoding, and sees and searches what is read in it from here on.
    pub(super) fn recode(&mut self) {
        self.unindexed = true;
        self.pace = None;
    }

    /// Whether there is anything to be done, if all is calm from that time on.
    pub(super) fn is_due(&self, calm: Instant) -> bool {
        let index = self.index_at(calm);
        let now = Instant::now();
        self.is_awaited()
            || index.is_some_and(|at| at <= now)
            || self.traces.is_some_and(|at| at <= now)
            || self.later.iter().any(|(at, _)| *at <= now)
    }

    /// When there is something to be done again, if there is not now.
    pub(super) fn due_at(&self, calm: Instant) -> Option<Instant> {
        let later = self.later.iter().map(|(at, _)| *at);
        self.index_at(calm).into_iter().chain(self.traces).chain(later).min()
    }

    /// When indexing continues, if there is something to index.
    fn index_at(&self, calm: Instant) -> Option<Instant> {
        let pace = self.pace.map(|pace| pace.min(calm));
        self.unindexed.then(|| self.rest.max(pace).unwrap_or_else(Instant::now))
    }

    /// Whether somebody waits for it, so that it has to continue also while much is to be written.
    pub(super) fn is_awaited(&self) -> bool {
        self.search.is_some() || !self.tasks.is_empty()
    }

    /// Whether what comes next changes nothing in the file.
    pub(super) fn only_reads(&self) -> bool {
        let exports =
            |task: &Task| matches!(task.kind, TaskKind::Export(_) | TaskKind::Requested(TaskRequest::Export { .. }));
        self.search.is_some() || self.tasks.front().is_some_and(exports)
    }

    /// The file was vacuumed, as a removal wanted it.
    pub(super) fn vacuumed(&mut self) {
        if let Some(Task { kind: TaskKind::Remove(remove), .. }) = self.tasks.front_mut() {
            remove.vacuumed();
        }
    }

    /// The file could not be vacuumed, since too much was to be written: that is tried again.
    pub(super) fn vacuum_gave_way(&mut self) {
        self.traces = Some(Instant::now() + TRACES_AGAIN);
        if let Some(Task { kind: TaskKind::Remove(remove), .. }) = self.tasks.front_mut() {
            remove.postponed();
        }
    }

    /// Search, instead of what was looked for before.
    pub(super) fn search(&mut self, connection: &Connection, asked: &Question) -> rusqlite::Result<()> {
        let Question::Search { needle, after, count, .. } = asked else { return Ok(()) };
        let search = Search::new(needle);
        let search = match after {
            Some(last) => search.after(connection, last)?,
            None => search,
        };
        let count = (*count).min(HITS_A_PAGE);
        let reported = Instant::now();
        self.search = Some(Searching { search, asked: asked.clone(), count, hits: Vec::new(), reported });
        Ok(())
    }

    /// Do what this asks for, after what was asked before.
    pub(super) fn add(&mut self, id: TaskId, asked: TaskRequest) {
        self.tasks.push_back(Task { id: Some(id), kind: TaskKind::Requested(asked), reported: None });
    }

    /// Remove this after that time: what is there now, and nothing that comes until then.
    ///
    /// # Errors
    /// Where the history can't be read.
    pub(super) fn remove_later(
        &mut self,
        id: TaskId,
        (what, cancel, after): (Removal, Cancel, Duration),
        connection: &Connection,
        live: &Live,
    ) -> rusqlite::Result<()> {
        let removing = Removing::of_what_is_there(what, cancel, connection, live)?;
        let task = Task { id: Some(id), kind: TaskKind::Remove(Box::new(removing)), reported: None };
        self.later.push((Instant::now() + after, task));
        Ok(())
    }

    /// The program ends: what was to be removed is removed now, and nothing else is begun or continued.
    pub(super) fn only_removals(&mut self) {
        self.search = None;
        self.unindexed = false;
        self.traces = None;
        self.begin_later(None);
        self.tasks.retain(|task| {
            let removes = matches!(task.kind, TaskKind::Remove(_) | TaskKind::Requested(TaskRequest::Remove { .. }));
            removes && task.id.is_some()
        });
    }

    /// Begins the removals that nobody can take back any more: those that are due by then, or all.
    fn begin_later(&mut self, by: Option<Instant>) {
        let due = |at: Instant| by.is_none_or(|by| at <= by);
        self.tasks.extend(self.later.extract_if(.., |(at, _)| due(*at)).map(|(_, task)| task));
    }

    /// Give up what was begun: the file is another one, or can't be read. What to report to those who wait.
    pub(super) fn forget(&mut self, why: &str) -> Vec<Answer> {
        self.rest = Some(Instant::now() + REST);
        let search = self.search.take().map(|search| Answer::Failed(Box::new(search.asked)));
        let failed = |task: Task| {
            let outcome = Outcome::Failed { line: None, why: why.to_owned() };
            Some(Answer::Done { task: task.id?, outcome })
        };
        let later = self.later.drain(..).map(|(_, task)| task);
        search.into_iter().chain(self.tasks.drain(..).chain(later).filter_map(failed)).collect()
    }

    /// Continues for a little while.
    ///
    /// # Errors
    /// Where the history can't be read or written.
    pub(super) fn step(&mut self, connection: &mut Connection, live: &mut Live) -> rusqlite::Result<StepOutcome> {
        let until = Instant::now() + STEP;
        self.begin_later(Some(Instant::now()));
        if let Some(searching) = &mut self.search {
            let Some(more) = searching.step(connection, until)? else { return Ok(searching.report_part().into()) };
            let found = self.search.take().map(|mut search| search.answer(true, more));
            return Ok(found.into());
        }
        if let Some(task) = self.tasks.front_mut() {
            let outcome = match task.step(connection, live, until)? {
                None => return Ok(task.report_progress().into()),
                Some(Next::Vacuum) => return Ok(StepOutcome::Vacuum),
                Some(Next::Told(trouble)) => {
                    self.tasks.pop_front();
                    self.unindexed = true;
                    return Ok(trouble.map(Answer::Trouble).into());
                }
                Some(Next::Over(outcome)) => outcome,
            };
            let id = self.tasks.pop_front().and_then(|task| task.id);
            self.unindexed = true;
            return Ok(id.map(|task| Answer::Done { task, outcome }).into());
        }
        if self.traces.is_some_and(|at| at <= Instant::now()) {
            self.traces = None;
            self.remove_left_over(connection);
            return Ok(StepOutcome::Continue);
        }
        if self.unindexed {
            // Nothing is indexed during a search: what it has not come to yet would be in another place.
            if recode::step(connection, live)? {
                return Ok(StepOutcome::Continue);
            }
            let begun = Instant::now();
            self.unindexed = index(connection, live, until)?;
            self.pace = Some(Instant::now() + begun.elapsed() * (PARTS - 1));
            if !self.unindexed
                && let Some((done, of)) = refold::step(connection, until)?
            {
                self.unindexed = true;
                if done >= of || self.refolding.is_none_or(|reported| reported.elapsed() >= BETWEEN_PROGRESS) {
                    self.refolding = Some(Instant::now());
                    return Ok(StepOutcome::Report(Answer::Indexing { done, of }));
                }
            }
        }
        Ok(StepOutcome::Continue)
    }
}

/// What a step resulted in.
#[derive(Debug)]
pub(super) enum StepOutcome {
    /// There is nothing to report.
    Continue,
    /// This is to be reported.
    Report(Answer),
    /// The file has to be vacuumed before the next step.
    Vacuum,
}

impl From<Option<Answer>> for StepOutcome {
    fn from(answer: Option<Answer>) -> Self {
        answer.map_or(Self::Continue, Self::Report)
    }
}

impl Searching {
    /// Continues until then, about. Once there is an answer, whether there are more messages.
    fn step(&mut self, connection: &Connection, until: Instant) -> rusqlite::Result<Option<bool>> {
        while Instant::now() < until {
            match self.search.advance(connection)? {
                Step::Working => {}
                Step::End => return Ok(Some(false)),
                Step::Hit(_) if self.count == 0 => return Ok(Some(true)),
                Step::Hit(hit) => {
                    self.hits.push(*hit);
                    self.count -= 1;
                }
            }
        }
        Ok(None)
    }

    /// What was found so far, if the last report was a while ago.
    fn report_part(&mut self) -> Option<Answer> {
        let due = !self.hits.is_empty() && self.reported.elapsed() >= BETWEEN_PROGRESS;
        due.then(|| self.answer(false, true))
    }

    fn answer(&mut self, done: bool, more: bool) -> Answer {
        let generation = if let Question::Search { generation, .. } = self.asked { generation } else { 0 };
        self.reported = Instant::now();
        Answer::Found { generation, hits: std::mem::take(&mut self.hits), done, more }
    }
}

impl Task {
    fn step(&mut self, connection: &mut Connection, live: &Live, until: Instant) -> rusqlite::Result<Option<Next>> {
        let over = |outcome| Ok(Some(Next::Over(outcome)));
        let failed = |why: String| over(Outcome::Failed { line: None, why });
        match &mut self.kind {
            TaskKind::Requested(asked) => match begin(asked.clone(), connection) {
                Ok(kind) => self.kind = kind,
                Err(ExportError::Sql(error)) => return Err(error),
                Err(ExportError::Io(error)) => return failed(error.to_string()),
            },
            TaskKind::Export(export) => match export.step(connection, until) {
                Ok(outcome) => return Ok(outcome.map(Next::Over)),
                Err(ExportError::Sql(error)) => return Err(error),
                Err(ExportError::Io(error)) => return failed(error.to_string()),
            },
            TaskKind::Import(import) => {
                let outcome = match import.step(connection, live, until) {
                    Ok(None) => return Ok(None),
                    Ok(Some(outcome @ Outcome::Imported { .. })) => return over(outcome),
                    Ok(Some(outcome)) => outcome,
                    Err(ImportError::File(line, why)) => Outcome::Failed { line, why },
                    Err(ImportError::Sql(error)) => Outcome::Failed { line: None, why: error.to_string() },
                };
                // By halves is worse than not at all.
                let removing = Removing::back(&import.imported(), outcome, connection)?;
                self.kind = TaskKind::Remove(Box::new(removing));
            }
            TaskKind::Remove(remove) => return remove.step(connection, live, until),
            TaskKind::Salvage(salvage) => return salvage.step(connection, live, until),
        }
        Ok(None)
    }

    fn report_progress(&mut self) -> Option<Answer> {
        if self.reported.is_some_and(|reported| reported.elapsed() < BETWEEN_PROGRESS) {
            return None;
        }
        let (done, of) = match &self.kind {
            TaskKind::Requested(_) | TaskKind::Salvage(_) => return None,
            TaskKind::Export(export) => export.progress(),
            TaskKind::Import(import) => import.progress(),
            TaskKind::Remove(remove) => remove.progress(),
        };
        self.reported = Some(Instant::now());
        Some(Answer::Progress { task: self.id?, done, of })
    }
}

fn begin(asked: TaskRequest, connection: &Connection) -> Result<TaskKind, ExportError> {
    Ok(match asked {
        TaskRequest::Export { what, format, to, cancel } => {
            TaskKind::Export(Box::new(Exporting::new(connection, what, format, to, cancel)?))
        }
        TaskRequest::Import { from, cancel } => TaskKind::Import(Box::new(Importing::new(&from, cancel)?)),
        TaskRequest::Remove { what, cancel } => TaskKind::Remove(Box::new(Removing::new(what, cancel))),
    })
}

/// Makes blocks until then, about, in one transaction: each of them writes whole pages of the index again, and most
/// sessions are short. Returns whether others can be made.
fn index(connection: &mut Connection, live: &Live, until: Instant) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let mut made = false;
    for (key, encoding, from, end) in to_index(&transaction, live)? {
        blocks::make(&transaction, key, encoding, from, end, true, BLOCKS_A_STEP)?;
        made = true;
        if Instant::now() >= until {
            break;
        }
    }
    transaction.commit()?;
    Ok(made)
}

/// Sessions with rows that are worth a block: their keys and encodings, from which number on, and up to before which.
fn to_index(connection: &Connection, live: &Live) -> rusqlite::Result<Vec<(i64, TextEncoding, u64, u64)>> {
    let mut select = connection.prepare_cached(
        "SELECT key, id, encoding, indexed, next FROM sessions WHERE indexed < next AND recode IS NULL",
    )?;
    let mut sessions = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = sessions.next()? {
        let (id, from, end): (i64, i64, i64) = (row.get(1)?, row.get(3)?, row.get(4)?);
        // A session that continues gets a block when there is enough for one.
        if live.has(SessionId(id as u64)) && end - from < ROWS_WORTH_A_BLOCK {
            continue;
        }
        let encoding = read::encoding(row, 2)?;
        found.push((row.get(0)?, encoding, from as u64, end as u64));
        if found.len() == SESSIONS_A_STEP {
            break;
        }
    }
    Ok(found)
}

/// How long a step may take, about.
const STEP: Duration = Duration::from_millis(20);

/// While records come, indexing takes one of so many parts of the time: what comes is read and shown first.
const PARTS: u32 = 16;

/// No indexing for so long after it failed.
const REST: Duration = Duration::from_mins(1);

/// When traces of what was removed are to be removed again, after that had to give way.
const TRACES_AGAIN: Duration = Duration::from_secs(10);

/// From one report of a task's progress, or of what was found so far, to the next.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

/// Blocks made in one step.
const BLOCKS_A_STEP: usize = 4;

/// Sessions indexed in one step, at most.
const SESSIONS_A_STEP: usize = 512;

/// Rows that make a block worth while in a session that continues.
const ROWS_WORTH_A_BLOCK: i64 = 128;

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        chat::{JournalEntry, Origin, RowNumber, Session},
        history::schema,
        wire::{Batch, Boundary, Cut},
    };

    #[test]
    fn short_sessions_are_indexed_many_in_one_transaction() -> rusqlite::Result<()> {
        let mut connection = Connection::open_in_memory()?;
        schema::migrate(&connection)?;
        let mut live = Live::default();
        let at = Timestamp::UNIX_EPOCH;
        let sessions = 2 * SESSIONS_A_STEP as u64;
        for number in 1..=sessions {
            let id = SessionId(number);
            let (name, encoding) = (None, TextEncoding::default());
            let session = Session { id, origin: Origin::Accepted, peer: None, local: None, name, encoding, opened: at };
            let cuts = vec![Cut { end: 3, header: 0, trailer: 1, boundary: Boundary::Newline }];
            let batch = Batch { bytes: bytes::Bytes::from_static(b"hi\n"), cuts };
            let records = [
                JournalEntry::Opened(Box::new(session)),
                JournalEntry::Received { session: id, first: RowNumber(0), at, batch },
                JournalEntry::Ended { session: id, at },
            ];
            live.write(&mut connection, &records)?;
        }
        live.settle(&mut connection)?;
        let in_time = Instant::now() + Duration::from_mins(1);
        assert!(index(&mut connection, &live, in_time)?);
        assert!(index(&mut connection, &live, in_time)?);
        assert!(!index(&mut connection, &live, in_time)?);
        assert_eq!(
            connection.query_row("SELECT count(*) FROM blocks", [], |row| row.get::<_, i64>(0))?,
            sessions as i64
        );
        // However short the time is, it goes on.
        connection.execute("UPDATE sessions SET next = next + 1", [])?;
        assert!(index(&mut connection, &live, Instant::now())?);
        Ok(())
    }
}
