//! JSON Lines → sessions, a few lines at a time.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
    time::Instant,
};

use rusqlite::{Connection, ErrorCode, Transaction, params};

use super::{
    Cancel, Outcome, SessionSummary,
    lines::{Auto, Line},
    read,
    schema::LAST_NUMBER,
    stored::nanoseconds,
    write::{insert_row, insert_session},
};
use crate::chat::{Row, RowKind, SessionId};

/// An import under way.
#[derive(Debug)]
pub(super) struct Importing {
    cancel: Cancel,
    file: BufReader<File>,
    read: u64,
    size: u64,
    line: u64,
    /// What becomes of the sessions of the file: the key of one that is imported.
    sessions: HashMap<SessionId, Option<i64>>,
    messages: u64,
}

/// Why it could not go on.
#[derive(Debug)]
pub(super) enum ImportError {
    /// The history could not be written.
    Sql(rusqlite::Error),
    /// The file could not be read, or is none of ours: in which line, and why.
    File(Option<u64>, String),
}

impl From<rusqlite::Error> for ImportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> Self {
        Self::File(None, error.to_string())
    }
}

/// What was added to a session in one step.
#[derive(Default)]
struct Added {
    messages: i64,
    bytes: i64,
    next: u64,
    last: i64,
}

impl Importing {
    pub(super) fn new(from: &Path, cancel: Cancel) -> io::Result<Self> {
        let file = File::open(from)?;
        let size = file.metadata()?.len();
        Ok(Self { cancel, file: BufReader::new(file), read: 0, size, line: 0, sessions: HashMap::new(), messages: 0 })
    }

    /// Bytes read so far, and of how many.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.read, Some(self.size))
    }

    /// The sessions that were imported so far.
    pub(super) fn imported(&self) -> Vec<SessionId> {
        self.sessions.iter().filter(|(_, key)| key.is_some()).map(|(id, _)| *id).collect()
    }

    /// Continues until then, about. Whether it is over, and how.
    pub(super) fn step(&mut self, connection: &mut Connection, until: Instant) -> Result<Option<Outcome>, ImportError> {
        let transaction = connection.transaction()?;
        let mut added: HashMap<i64, Added> = HashMap::new();
        let mut over = None;
        let mut text = Vec::new();
        while over.is_none() && Instant::now() < until {
            if self.cancel.is_cancelled() {
                over = Some(Outcome::Cancelled);
                continue;
            }
            text.clear();
            self.line += 1;
            let read = self.file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text)?;
            self.read += read as u64;
            if read == 0 {
                transaction.execute("UPDATE sessions SET whole = 1 WHERE whole = 0", [])?;
                let imported = self.imported().len();
                over = Some(Outcome::Imported {
                    sessions: imported as u64,
                    messages: self.messages,
                    known: (self.sessions.len() - imported) as u64,
                });
            } else if !text.trim_ascii().is_empty() {
                self.apply_line(&transaction, &text, &mut added)?;
            }
        }
        {
            let mut update = transaction.prepare_cached(
                "UPDATE sessions SET messages = messages + ?2, bytes = bytes + ?3, next = max(next, ?4),
                last = max(last, ?5) WHERE key = ?1",
            )?;
            for (key, Added { messages, bytes, next, last }) in added {
                update.execute(params![key, messages, bytes, next as i64, last])?;
            }
        }
        transaction.commit()?;
        Ok(over)
    }

    fn apply_line(
        &mut self,
        transaction: &Transaction<'_>,
        text: &[u8],
        added: &mut HashMap<i64, Added>,
    ) -> Result<(), ImportError> {
        let wrong = |why: String| ImportError::File(Some(self.line), why);
        let line: Line = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
        let row = match line {
            Line::Session(session) => {
                let SessionSummary { session, ended, last, .. } = session.into_summary().map_err(wrong)?;
                let key = if read::session(transaction, session.id)?.is_some() {
                    None
                } else {
                    let key = insert_session(transaction, &session)?;
                    transaction
                        .prepare_cached(
                            "UPDATE sessions SET ended = ?2, last = max(last, ?3), whole = 0 WHERE key = ?1",
                        )?
                        .execute(params![key, ended.map(nanoseconds), nanoseconds(last)])?;
                    Some(key)
                };
                // Should it come twice, its rows go where they went.
                self.sessions.entry(session.id).or_insert(key);
                return Ok(());
            }
            Line::Received(message) => message.into_row(None),
            Line::Sent(message) => message.into_row(Some(Auto(false))),
            Line::Auto(message) => message.into_row(Some(Auto(true))),
            Line::Happened(line) => line.into_row(),
        };
        let (session, row) = row.map_err(wrong)?;
        let key = self.sessions.get(&session).ok_or_else(|| wrong(format!("no session {}", session.0)))?;
        let Some(key) = *key else { return Ok(()) };
        if row.number.0 >= LAST_NUMBER {
            return Err(wrong(format!("no number {}", row.number.0)));
        }
        insert_row(transaction, key, &row).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => wrong(format!("a second row {}", row.number.0)),
            _ => ImportError::Sql(error),
        })?;
        let added = added.entry(key).or_default();
        added.next = added.next.max(row.number.0 + 1);
        added.last = added.last.max(nanoseconds(row.at));
        if !matches!(row, Row { kind: RowKind::Happened(_), .. }) {
            added.messages += 1;
            added.bytes += row.raw().len() as i64;
            self.messages += 1;
        }
        Ok(())
    }
}

/// A longer line is none that an export has written.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
