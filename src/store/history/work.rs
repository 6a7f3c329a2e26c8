//! What takes its time, in steps, so that recording never waits long: searches, tasks, and the index.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    Answer, Cancel, Format, HITS_A_PAGE, Hit, Outcome, Question, Removal, SessionId, TaskId, Which, blocks,
    export::{ExportError, Exporting},
    import::{ImportError, Importing},
    recode,
    remove::Removing,
    search::{Search, Step},
    write::Live,
};
use crate::wire::text::TextEncoding;

/// What the thread is at when nothing is to be written.
#[derive(Debug, Default)]
pub(super) struct Work {
    search: Option<Searching>,
    /// The first is under way.
    tasks: VecDeque<Task>,
    /// Rows may have been written that are not indexed.
    unindexed: bool,
    /// No indexing before this time, since it failed.
    rest: Option<Instant>,
}

/// A search under way.
#[derive(Debug)]
struct Searching {
    search: Search,
    asked: Question,
    generation: u64,
    count: usize,
    hits: Vec<Hit>,
}

/// Something that was asked for and takes its time.
#[derive(Debug)]
struct Task {
    id: TaskId,
    kind: TaskKind,
    /// When its progress was told.
    told: Option<Instant>,
}

#[derive(Debug)]
enum TaskKind {
    Asked(Asked),
    Export(Box<Exporting>),
    Import(Box<Importing>),
    Remove(Box<Removing>),
}

/// What is asked for, before anything was done.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Export { what: Which, format: Format, to: PathBuf, cancel: Cancel },
    Import { from: PathBuf, cancel: Cancel },
    Remove { what: Removal, cancel: Cancel },
}

impl Work {
    /// A file was opened.
    pub(super) fn new() -> Self {
        Self { unindexed: true, ..Self::default() }
    }

    /// Rows were written.
    pub(super) fn written(&mut self) {
        self.unindexed = self.rest.is_none_or(|until| until <= Instant::now());
    }

    /// Whether there is anything to be done.
    pub(super) fn is_due(&self) -> bool {
        self.is_awaited() || self.unindexed
    }

    /// Whether somebody waits for it, so that it has to go on also while much is to be written.
    pub(super) fn is_awaited(&self) -> bool {
        self.search.is_some() || !self.tasks.is_empty()
    }

    /// Search, instead of what was looked for before.
    pub(super) fn search(&mut self, connection: &Connection, asked: &Question) -> rusqlite::Result<()> {
        let Question::Search { generation, needle, within, after, count } = asked else { return Ok(()) };
        let search = Search::new(needle, *within);
        let search = match after {
            Some(last) => search.after(connection, last)?,
            None => search,
        };
        let (generation, count) = (*generation, (*count).min(HITS_A_PAGE));
        self.search = Some(Searching { search, asked: asked.clone(), generation, count, hits: Vec::new() });
        Ok(())
    }

    /// Do what this asks for, after what was asked before.
    pub(super) fn add(&mut self, id: TaskId, asked: Asked) {
        self.tasks.push_back(Task { id, kind: TaskKind::Asked(asked), told: None });
    }

    /// Give up what was begun: the file is another one, or can't be read. What to tell those who wait.
    pub(super) fn forget(&mut self, why: &str) -> Vec<Answer> {
        self.unindexed = false;
        self.rest = Some(Instant::now() + REST);
        let search = self.search.take().map(|search| Answer::Failed(Box::new(search.asked)));
        let failed =
            |task: Task| Answer::Done { task: task.id, outcome: Outcome::Failed { line: None, why: why.to_owned() } };
        search.into_iter().chain(self.tasks.drain(..).map(failed)).collect()
    }

    /// Go on for a little while. What there is to tell after it.
    ///
    /// # Errors
    /// Where the history can't be read or written.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        live: &mut Live,
        path: &Path,
    ) -> rusqlite::Result<Option<Answer>> {
        let until = Instant::now() + STEP;
        if let Some(searching) = &mut self.search {
            let Some(more) = searching.step(connection, until)? else { return Ok(None) };
            return Ok(self.search.take().map(|search| search.answer(more)));
        }
        if let Some(task) = self.tasks.front_mut() {
            let outcome = task.step(connection, live, path, until)?;
            let task_id = task.id;
            if let Some(outcome) = outcome {
                self.tasks.pop_front();
                self.unindexed = true;
                return Ok(Some(Answer::Done { task: task_id, outcome }));
            }
            return Ok(task.tell_progress());
        } else if self.unindexed {
            // Nothing is indexed during a search: what it has not come to yet would be in another place.
            self.unindexed = recode::step(connection, live)? || index(connection, live)?;
        }
        Ok(None)
    }
}

impl Searching {
    /// Go on until then, about. Once there is an answer, whether there are more messages.
    fn step(&mut self, connection: &Connection, until: Instant) -> rusqlite::Result<Option<bool>> {
        while Instant::now() < until {
            match self.search.advance(connection)? {
                Step::Working => {}
                Step::End => return Ok(Some(false)),
                Step::Hit(_) if self.hits.len() == self.count => return Ok(Some(true)),
                Step::Hit(hit) => self.hits.push(*hit),
            }
        }
        Ok(None)
    }

    fn answer(self, more: bool) -> Answer {
        Answer::Found { generation: self.generation, hits: self.hits, more }
    }
}

impl Task {
    fn step(
        &mut self,
        connection: &mut Connection,
        live: &Live,
        path: &Path,
        until: Instant,
    ) -> rusqlite::Result<Option<Outcome>> {
        let failed = |why: String| Ok(Some(Outcome::Failed { line: None, why }));
        match &mut self.kind {
            TaskKind::Asked(asked) => match begin(asked.clone(), connection) {
                Ok(kind) => self.kind = kind,
                Err(ExportError::Sql(error)) => return Err(error),
                Err(ExportError::Io(error)) => return failed(error.to_string()),
            },
            TaskKind::Export(export) => match export.step(connection, until) {
                Ok(outcome) => return Ok(outcome),
                Err(ExportError::Sql(error)) => return Err(error),
                Err(ExportError::Io(error)) => return failed(error.to_string()),
            },
            TaskKind::Import(import) => {
                let outcome = match import.step(connection, until) {
                    Ok(None) => return Ok(None),
                    Ok(Some(outcome @ Outcome::Imported { .. })) => return Ok(Some(outcome)),
                    Ok(Some(outcome)) => outcome,
                    Err(ImportError::File(line, why)) => Outcome::Failed { line, why },
                    Err(ImportError::Sql(error)) => Outcome::Failed { line: None, why: error.to_string() },
                };
                // By halves is worse than not at all.
                let removing = Removing::back(&import.taken_in(), outcome, connection)?;
                self.kind = TaskKind::Remove(Box::new(removing));
            }
            TaskKind::Remove(remove) => return remove.step(connection, live, path, until),
        }
        Ok(None)
    }

    fn tell_progress(&mut self) -> Option<Answer> {
        if self.told.is_some_and(|told| told.elapsed() < BETWEEN_PROGRESS) {
            return None;
        }
        let (done, of) = match &self.kind {
            TaskKind::Asked(_) => return None,
            TaskKind::Export(export) => export.progress(),
            TaskKind::Import(import) => import.progress(),
            TaskKind::Remove(remove) => remove.progress(),
        };
        self.told = Some(Instant::now());
        Some(Answer::Progress { task: self.id, done, of })
    }
}

fn begin(asked: Asked, connection: &Connection) -> Result<TaskKind, ExportError> {
    Ok(match asked {
        Asked::Export { what, format, to, cancel } => {
            TaskKind::Export(Box::new(Exporting::new(connection, what, format, to, cancel)?))
        }
        Asked::Import { from, cancel } => TaskKind::Import(Box::new(Importing::new(&from, cancel)?)),
        Asked::Remove { what, cancel } => TaskKind::Remove(Box::new(Removing::new(what, cancel))),
    })
}

/// Make some blocks, and tell whether others can be made.
fn index(connection: &mut Connection, live: &Live) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let mut made = false;
    {
        let mut select = transaction.prepare_cached(
            "SELECT key, id, encoding, indexed, next FROM sessions WHERE indexed < next AND recode IS NULL",
        )?;
        let mut sessions = select.query([])?;
        while let Some(row) = sessions.next()? {
            let (id, from, end): (i64, i64, i64) = (row.get(1)?, row.get(3)?, row.get(4)?);
            // A session that goes on gets a block when there is enough for one.
            let goes_on = live.has(SessionId(id as u64));
            if goes_on && end - from < ROWS_WORTH_A_BLOCK {
                continue;
            }
            let encoding = TextEncoding::named(&row.get::<_, String>(2)?).unwrap_or_default();
            blocks::make(&transaction, row.get(0)?, encoding, from as u64, end as u64, true, BLOCKS_A_STEP)?;
            made = true;
            break;
        }
    }
    transaction.commit()?;
    Ok(made)
}

/// How long a step may take, about.
const STEP: Duration = Duration::from_millis(20);

/// No indexing for so long after it failed.
const REST: Duration = Duration::from_mins(1);

/// From one telling of a task's progress to the next.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

/// Blocks made in one step.
const BLOCKS_A_STEP: usize = 4;

/// Rows that make a block worth while in a session that goes on.
const ROWS_WORTH_A_BLOCK: i64 = 128;
