//! What may be asked of the history, and what it answers.

use std::{
    ops::Range,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;

use crate::chat::{PersonRecord, Row, RowNumber, Session, SessionId};

/// The most sessions in one [`Answer::Sessions`].
pub const SESSIONS_A_PAGE: usize = 1_000;

/// The most rows in one [`Answer::Page`].
pub const PAGE_ROWS: usize = 10_000;

/// Bytes of messages past which an [`Answer::Page`] holds no further row.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The most messages in one [`Answer::Found`].
pub const HITS_A_PAGE: usize = 1_000;

/// What may be asked. Each is answered once, unless it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Sessions, the one opened last first.
    Sessions {
        /// Only those with this text in their name, host or address, by the rules of [`Self::Search`]; empty for all.
        matching: String,
        /// Only those that come after this one in the list.
        before: Option<SessionId>,
        /// How many, at most [`SESSIONS_A_PAGE`].
        count: usize,
    },
    /// Some rows of a session.
    Page {
        /// Which session.
        session: SessionId,
        /// Where in it.
        place: Place,
        /// How many, at most [`PAGE_ROWS`]; fewer come, if they have more than [`PAGE_BYTES`].
        count: usize,
    },
    /// Messages with this text in them, the newest first. A later search takes the place of one that is under way,
    /// which then gets no answer.
    Search {
        /// Comes back with the answer, so that one to an earlier search can be recognised.
        generation: u64,
        /// The text, as it is: no character has a meaning of its own. White space around it is not looked for. Alike
        /// are upper and lower case, letters with marks and without, what is written in full width or in parts.
        needle: String,
        /// Only what comes after this, in the order of the answers.
        after: Option<HitPlace>,
        /// How many, at most [`HITS_A_PAGE`].
        count: usize,
    },
    /// Everyone of this network who is kept, and what waits for them.
    People,
    /// How much there is.
    Size,
    /// Write messages to a file, whole or not at all: while it is written it has another name.
    Export {
        /// Comes back with the answers.
        task: TaskId,
        /// Which messages.
        what: Which,
        /// In which form.
        format: Format,
        /// The file; what is there is replaced.
        to: PathBuf,
        /// To give it up.
        cancel: Cancel,
    },
    /// Import the rows of a file that was written as [`Format::JsonLines`], but for those that are here already, by
    /// session and number. All of them, or, if something is wrong with the file, none. A session that is under way
    /// here gets none.
    Import {
        /// Comes back with the answers.
        task: TaskId,
        /// The file.
        from: PathBuf,
        /// To give it up.
        cancel: Cancel,
    },
    /// Remove messages for good: nothing of them is left in the file. Of a session that continues, what was there
    /// until now.
    Remove {
        /// Comes back with the answers.
        task: TaskId,
        /// Which messages.
        what: Removal,
        /// To give it up: what is removed by then stays removed.
        cancel: Cancel,
        /// When to begin; at once, if the program ends before. What comes meanwhile stays.
        after: Duration,
    },
    /// How much a removal would remove.
    Weigh(Removal),
    /// Record from here on, or don't: what is there stays and can be asked for. Not answered.
    Keep(bool),
}

/// Something that takes its time; the caller's own number for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// Which messages are written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of a session.
    Session(SessionId),
    /// All, session by session, the one opened first first.
    All,
    /// Those that a search finds, the newest first.
    Found {
        /// The text.
        needle: String,
    },
}

/// In which form messages are written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For reading: a line a message, in local time with its distance from UTC. UTF-8.
    Text,
    /// A table for a spreadsheet, in UTC (RFC 4180, with a byte order mark).
    Csv,
    /// All there is to know, to be imported again: a JSON object a line.
    JsonLines,
    /// The bytes that were received, as they came, and nothing else.
    RawReceived,
}

/// Which messages are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// A session.
    Session(SessionId),
    /// What happened before this time; the sessions too that were over by then.
    Before(Timestamp),
    /// The same, but for what was written after something that is younger: its time is not to be trusted. And unless that is more than half of all messages, however few: then the clock may be wrong, and
    /// [`Outcome::MostIsOld`] says so.
    Old(Timestamp),
    /// All.
    All,
}

impl Removal {
    /// Whether nothing is left of a session once this is removed.
    #[must_use]
    pub fn takes(self, summary: &SessionSummary) -> bool {
        match self {
            Self::Session(id) => summary.session.id == id,
            Self::Before(time) | Self::Old(time) => summary.ended.is_some() && summary.last < time,
            Self::All => true,
        }
    }

    /// Whether a message at this place is removed.
    #[must_use]
    pub fn takes_hit(self, place: &HitPlace) -> bool {
        match self {
            Self::Session(id) => place.session == id,
            Self::Before(time) | Self::Old(time) => place.at < time,
            Self::All => true,
        }
    }
}

/// A task can be given up through this.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Give the task up. [`Outcome::Cancelled`] is reported, if it was not over yet.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the task is given up.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl PartialEq for Cancel {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What a task resulted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file is there.
    Exported {
        /// Messages in it.
        messages: u64,
    },
    /// The sessions of the file are here.
    Imported {
        /// Sessions that were imported.
        sessions: u64,
        /// Messages that were not here yet.
        messages: u64,
        /// Sessions that were here already; some messages of them may not have been.
        known: u64,
    },
    /// They are gone.
    Removed {
        /// How many messages.
        messages: u64,
        /// Whether traces of them are still in the file. They are removed when less is to be written, or at the next
        /// start.
        traces: bool,
    },
    /// Nothing was removed: most of all messages are that old, by this computer's clock.
    MostIsOld {
        /// How many.
        messages: u64,
        /// Of how many.
        of: u64,
    },
    /// It was given up.
    Cancelled,
    /// It could not be done.
    Failed {
        /// In which line of the file to be imported something is wrong.
        line: Option<u64>,
        /// What, in the system's words.
        why: String,
    },
}

/// Where in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The last rows.
    End,
    /// The rows that end before this number.
    Before(u64),
    /// The rows from this number on.
    From(u64),
    /// Half of the rows before this number, the others from it on.
    Around(u64),
}

/// A person, as the history keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPerson {
    /// All that is kept of them.
    pub record: PersonRecord,
    /// The number that the next row of the conversation gets.
    pub next: RowNumber,
    /// The last rows of the conversation, oldest first; at most [`PERSON_ROWS`].
    pub rows: Vec<Row>,
    /// Messages of ours that are not delivered, or not read, in the order of their numbers.
    pub messages: Vec<StoredMessage>,
}

/// A message of ours to a person that is not delivered or not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its number.
    pub n: u64,
    /// Its row.
    pub row: RowNumber,
    /// When it was written.
    pub at: Timestamp,
    /// Its text; none, if it was given up or its row was removed.
    pub text: Option<Bytes>,
}

/// Rows of the conversation with each person that are in memory from the start.
pub const PERSON_ROWS: usize = 100;

/// What the history reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The file is open; reported once, or again after a damaged one was set aside, or one that was taken away.
    Opened {
        /// The file.
        path: PathBuf,
    },
    /// There is no history in this run; reported once. What is recorded from then on is dropped.
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unavailable,
    },
    /// The file can't be opened now; reported once. What is recorded waits, as far as it may, and the file is opened when
    /// it is free.
    Waiting {
        /// The file.
        path: PathBuf,
        /// Who has it, or what is wrong.
        why: Unavailable,
    },
    /// Something went wrong.
    Trouble(Trouble),
    /// To [`Question::Sessions`].
    Sessions {
        /// The sessions.
        sessions: Vec<SessionSummary>,
        /// Whether there are others after these.
        more: bool,
    },
    /// To [`Question::Page`].
    Page {
        /// Of which session; `None` if it was removed.
        session: Option<Box<SessionSummary>>,
        /// As it was asked.
        asked: SessionId,
        /// As it was asked.
        place: Place,
        /// The rows, oldest first.
        rows: Vec<Row>,
        /// Whether there are rows before these.
        more_before: bool,
        /// Whether there are rows after these.
        more_after: bool,
    },
    /// To [`Question::Search`]. Comes in parts where the search takes long: the messages of each follow on those of
    /// the part before, and the last one is `done`.
    Found {
        /// As it was asked.
        generation: u64,
        /// The messages, the newest first.
        hits: Vec<Hit>,
        /// Set on the last part.
        done: bool,
        /// Whether there are others after these.
        more: bool,
    },
    /// To [`Question::People`].
    People(Vec<StoredPerson>),
    /// This of people is on the disk, for certain, with all that went with it: the last of each. Not asked for.
    Kept(Vec<PersonRecord>),
    /// To [`Question::Size`].
    Size(Size),
    /// To [`Question::Weigh`].
    Weighed {
        /// As it was asked.
        what: Removal,
        /// Messages that it would remove.
        messages: u64,
        /// The sessions that they are in.
        sessions: u64,
    },
    /// How far a task is. Reported now and then.
    Progress {
        /// Which task.
        task: TaskId,
        /// Messages, or bytes of a file that is imported, so far.
        done: u64,
        /// Of how many; None, where nobody knows before the end.
        of: Option<u64>,
    },
    /// How far bringing the index up to date is; searching finds everything meanwhile. Reported now and then, and when
    /// both are the same.
    Indexing {
        /// So far.
        done: u64,
        /// Of how much.
        of: u64,
    },
    /// A task is over.
    Done {
        /// Which task.
        task: TaskId,
        /// What it resulted in.
        outcome: Outcome,
    },
    /// The question could not be answered; [`Answer::Trouble`] reports what went wrong.
    Failed(Box<Question>),
}

/// A session, and how much is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionSummary {
    /// The session.
    pub session: Session,
    /// When it ended; `None` while it is open, or if the program was killed first.
    pub ended: Option<Timestamp>,
    /// When its last row was written; when it was opened, if it has none.
    pub last: Timestamp,
    /// Messages in it, both ways.
    pub messages: u64,
    /// Their bytes, framing included.
    pub bytes: u64,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitPlace {
    /// When it came or was sent.
    pub at: Timestamp,
    /// In which session.
    pub session: SessionId,
    /// Its number there.
    pub number: u64,
}

/// A message that has the text looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Where it is.
    pub place: HitPlace,
    /// Its session.
    pub session: Arc<Session>,
    /// Whether we sent it.
    pub ours: bool,
    /// Its text around the first match.
    pub excerpt: String,
    /// Where the excerpt has the text, in bytes.
    pub matches: Vec<Range<usize>>,
    /// Whether the message has text before the excerpt.
    pub cut_before: bool,
    /// Whether the message has text after the excerpt.
    pub cut_after: bool,
}

/// How much there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// The file.
    pub path: PathBuf,
    /// What it takes on the disk, in bytes, what is written but not in its place yet included.
    pub bytes: u64,
    /// Sessions in it.
    pub sessions: u64,
    /// Messages in it.
    pub messages: u64,
    /// Rows of which searching looks at each one still, since they are in no index yet.
    pub unindexed: u64,
    /// When the first session that is still there was opened.
    pub oldest: Option<Timestamp>,
}

/// Why there is no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The file was written by a later program; it is left as it is.
    Newer {
        /// The file's version.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// Another Sockhop has it.
    InUse,
    /// Another program has it locked.
    Locked,
    /// The folder or the file may not be written to; why, in the system's words.
    ReadOnly(String),
    /// The file is damaged and could not be set aside; what is wrong with it.
    Damaged(String),
    /// It could not be opened; why, in the system's words.
    NotOpened(String),
    /// It was taken away while it was open, and can't be begun again yet; why, in the system's words.
    Gone(String),
}

impl Unavailable {
    /// Whether it may pass, so that what is recorded waits.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        matches!(self, Self::InUse | Self::Locked | Self::Gone(_))
    }
}

/// Something that went wrong while there is a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file was damaged. It was set aside, and a new one begun; [`Self::Salvaged`] follows, if anything can be read.
    SetAside {
        /// What was wrong with it.
        why: String,
        /// Where it is now.
        to: PathBuf,
    },
    /// It could not be written. What is recorded waits, as far as it may, and writing is tried again.
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Whether the disk is full.
        full: bool,
        /// Why, in SQLite's words.
        why: String,
    },
    /// It can be written again.
    WrittenAgain {
        /// Rows that were given up meanwhile, since too many waited.
        given_up: u64,
    },
    /// What could be read of the file that was set aside is in the new one.
    Salvaged {
        /// How many messages that is.
        kept: u64,
        /// How many more there were.
        missing: u64,
        /// Where the damaged file is.
        from: PathBuf,
    },
    /// It could not be read.
    NotRead {
        /// The file.
        path: PathBuf,
        /// Why, in SQLite's words.
        why: String,
    },
    /// The file was deleted, moved away or replaced while it was open. What is recorded from then on is written to the one
    /// that is there now, which is made if there is none.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Rows came out of order, or of a session that was never opened, and were not written.
    Refused {
        /// How many.
        rows: u64,
    },
}
