//! A history in a folder of its own, asked so that a test can go on with the answer.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sockhop::{
    chat::{JournalEntry, Row, SessionId},
    history::{
        Answer, Cancel, Format, Full, History, Hit, Outcome, Place, Question, Removal, SessionSummary, Size,
        StoredPerson, TaskId, Trouble, Unavailable, Which,
    },
};
use tempfile::TempDir;

/// Longer than anything takes on a busy machine.
pub const LIMIT: Duration = Duration::from_mins(1);

/// An open history.
pub struct Book {
    pub history: History,
    /// What went wrong and was not waited for.
    pub troubles: Vec<Trouble>,
}

/// An id that no session has.
pub fn new_session() -> SessionId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap();
    let after = |last: u64| now.max(last + 1);
    SessionId(after(LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last))).unwrap()))
}

/// Where a history may be.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    (folder, path)
}

/// Where a history is without anything in it: faster than to have another made.
pub fn place_of_empty() -> (TempDir, PathBuf) {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    let empty = EMPTY.get_or_init(|| {
        let (_folder, path) = place();
        drop(Book::open(&path));
        fs::read(path).unwrap()
    });
    let (folder, path) = place();
    fs::write(&path, empty).unwrap();
    (folder, path)
}

impl Book {
    /// Open it, and wait until it is.
    pub fn open(path: &Path) -> Self {
        match Self::try_open(path) {
            (book, Ok(())) => book,
            (_, Err(why)) => panic!("{why:?}"),
        }
    }

    /// Open it, and wait until it is, or can't be, or not yet.
    pub fn try_open(path: &Path) -> (Self, Result<(), Unavailable>) {
        let mut book = Self { history: History::open(path, || ()).unwrap(), troubles: Vec::new() };
        let opened = book.wait(|answer| match answer {
            Answer::Opened { .. } => Some(Ok(())),
            Answer::Unavailable { why, .. } | Answer::Waiting { why, .. } => Some(Err(why)),
            _ => None,
        });
        (book, opened)
    }

    /// The first answer that is the one waited for; those before it are let go, but for troubles.
    pub fn wait<T>(&mut self, mut wanted: impl FnMut(Answer) -> Option<T>) -> T {
        loop {
            let answer = self.history.recv_timeout(LIMIT).unwrap();
            if let Answer::Trouble(trouble) = &answer {
                self.troubles.push(trouble.clone());
            }
            if let Some(found) = wanted(answer) {
                return found;
            }
        }
    }

    /// Record it, however long that takes.
    pub fn record(&mut self, mut record: JournalEntry) {
        while let Err(Full(back)) = self.history.record(record) {
            std::thread::yield_now();
            record = *back;
        }
    }

    pub fn ask(&mut self, question: Question) {
        assert!(self.history.ask(question));
    }

    /// All sessions, the one opened last first.
    pub fn sessions(&mut self) -> Vec<SessionSummary> {
        self.sessions_matching("")
    }

    /// All sessions with this text in their names, asked for a few at a time.
    pub fn sessions_matching(&mut self, matching: &str) -> Vec<SessionSummary> {
        let mut all: Vec<SessionSummary> = Vec::new();
        loop {
            let before = all.last().map(|summary| summary.session.id);
            self.ask(Question::Sessions { matching: matching.to_owned(), before, count: 3 });
            let (mut sessions, more) = self.wait(|answer| match answer {
                Answer::Sessions { sessions, more } => Some((sessions, more)),
                _ => None,
            });
            assert!(sessions.len() == 3 || !more);
            all.append(&mut sessions);
            if !more {
                return all;
            }
        }
    }

    /// Everyone of this network who is kept.
    pub fn people(&mut self) -> Vec<StoredPerson> {
        self.ask(Question::People);
        self.wait(|answer| if let Answer::People(people) = answer { Some(people) } else { None })
    }

    /// Whether questions are answered, rather than told to have failed.
    pub fn answers(&mut self) -> bool {
        self.ask(Question::Size);
        self.wait(|answer| match answer {
            Answer::Size(_) => Some(true),
            Answer::Failed(_) => Some(false),
            _ => None,
        })
    }

    pub fn size(&mut self) -> Size {
        self.ask(Question::Size);
        self.wait(|answer| match answer {
            Answer::Size(size) => Some(size),
            _ => None,
        })
    }

    /// Wait until a search need not look at every message.
    pub fn wait_until_indexed(&mut self) {
        while self.size().unindexed > 0 {
            std::thread::yield_now();
        }
    }

    /// Some rows of a session, and whether there are others before and after.
    pub fn page(&mut self, session: SessionId, place: Place, count: usize) -> (Vec<Row>, bool, bool) {
        self.ask(Question::Page { session, place, count });
        self.wait(|answer| match answer {
            Answer::Page { asked, rows, more_before, more_after, .. } if asked == session => {
                Some((rows, more_before, more_after))
            }
            _ => None,
        })
    }

    /// All rows of a session, page by page.
    pub fn rows(&mut self, session: SessionId) -> Vec<Row> {
        let mut all: Vec<Row> = Vec::new();
        loop {
            let from = all.last().map_or(0, |row| row.number.0 + 1);
            let (mut rows, _, more) = self.page(session, Place::From(from), 1_000);
            all.append(&mut rows);
            if !more {
                return all;
            }
        }
    }

    /// What came of the task; its progress only ever goes forward.
    pub fn outcome(&mut self, task: TaskId) -> Outcome {
        let mut before = 0;
        self.wait(|answer| match answer {
            Answer::Done { task: of, outcome } if of == task => Some(outcome),
            Answer::Progress { task: of, done, of: all } if of == task => {
                assert!(before <= done && all.is_none_or(|all| done <= all), "{done} of {all:?}");
                before = done;
                None
            }
            _ => None,
        })
    }

    pub fn export(&mut self, what: Which, format: Format, to: &Path) -> Outcome {
        let task = TaskId(1);
        self.ask(Question::Export { task, what, format, to: to.to_owned(), cancel: Cancel::default() });
        self.outcome(task)
    }

    pub fn import(&mut self, from: &Path) -> Outcome {
        let task = TaskId(2);
        self.ask(Question::Import { task, from: from.to_owned(), cancel: Cancel::default() });
        self.outcome(task)
    }

    pub fn remove(&mut self, what: Removal) -> Outcome {
        let task = TaskId(3);
        self.ask(Question::Remove { task, what, cancel: Cancel::default(), after: Duration::ZERO });
        self.outcome(task)
    }

    /// All messages with the needle, asked for a few at a time.
    pub fn search(&mut self, needle: &str, count: usize) -> Vec<Hit> {
        let mut all: Vec<Hit> = Vec::new();
        for generation in 0.. {
            let after = all.last().map(|hit| hit.place);
            self.ask(Question::Search { generation, needle: needle.to_owned(), after, count });
            let mut hits = Vec::new();
            let more = self.wait(|answer| match answer {
                Answer::Found { generation: of, hits: mut part, done, more } if of == generation => {
                    hits.append(&mut part);
                    done.then_some(more)
                }
                _ => None,
            });
            assert!(hits.len() == count || !more);
            all.append(&mut hits);
            if !more {
                break;
            }
        }
        all
    }
}
