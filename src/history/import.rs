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
    Cancel, Outcome, SessionSummary, blocks,
    lines::{Auto, Line},
    read, recode,
    schema::{LAST_NUMBER, number_of, row_id},
    stored::nanoseconds,
    write::{Live, insert_row, insert_session},
};
use crate::{
    chat::{Row, RowKind, SessionId},
    wire::text::TextEncoding,
};

/// An import under way.
#[derive(Debug)]
pub(super) struct Importing {
    cancel: Cancel,
    file: BufReader<File>,
    read: u64,
    size: u64,
    line: u64,
    /// What becomes of the sessions of the file.
    sessions: HashMap<SessionId, Fate>,
    /// The encoding that each of them has there.
    encodings: HashMap<SessionId, TextEncoding>,
    messages: u64,
}

/// What becomes of a session of the file.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is new, with this key.
    New(i64),
    /// It is here with the first key. Rows that are not are gathered under the second, a session of an id that no
    /// other has, until the file is read.
    Grows { key: i64, apart: i64, id: SessionId },
    /// It is under way here.
    Stays,
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
struct Added {
    messages: i64,
    bytes: i64,
    next: u64,
    last: i64,
}

impl Default for Added {
    fn default() -> Self {
        // A time may be before 1970, by a clock that stood wrong.
        Self { messages: 0, bytes: 0, next: 0, last: i64::MIN }
    }
}

impl Importing {
    pub(super) fn new(from: &Path, cancel: Cancel) -> io::Result<Self> {
        let file = File::open(from)?;
        let size = file.metadata()?.len();
        let (file, sessions, encodings) = (BufReader::new(file), HashMap::new(), HashMap::new());
        Ok(Self { cancel, file, read: 0, size, line: 0, sessions, encodings, messages: 0 })
    }

    /// Bytes read so far, and of how many.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.read, Some(self.size))
    }

    /// The sessions in which there is what was imported so far.
    pub(super) fn imported(&self) -> Vec<SessionId> {
        let of = |(id, fate): (&SessionId, &Fate)| match fate {
            Fate::New(_) => Some(*id),
            Fate::Grows { id, .. } => Some(*id),
            Fate::Stays => None,
        };
        self.sessions.iter().filter_map(of).collect()
    }

    /// Continues until then, about. Whether it is over, and how.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        live: &Live,
        until: Instant,
    ) -> Result<Option<Outcome>, ImportError> {
        let transaction = connection.transaction()?;
        let mut added: HashMap<i64, Added> = HashMap::new();
        let mut over = None;
        let mut ended = false;
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
            let line = text.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.line == 1).unwrap_or(&text);
            if read == 0 {
                ended = true;
                break;
            }
            if !line.trim_ascii().is_empty() {
                self.apply_line(&transaction, live, line, &mut added)?;
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
        if ended {
            over = Some(self.put_together(&transaction)?);
        }
        transaction.commit()?;
        Ok(over)
    }

    /// The file is read: what is new of it becomes part of the history, all at once.
    fn put_together(&self, transaction: &Transaction<'_>) -> rusqlite::Result<Outcome> {
        let mut sessions = 0;
        for fate in self.sessions.values() {
            match *fate {
                Fate::New(_) => sessions += 1,
                Fate::Grows { key, apart, .. } => add_rows(transaction, key, apart)?,
                Fate::Stays => {}
            }
        }
        transaction.execute("UPDATE sessions SET whole = 1 WHERE whole = 0", [])?;
        let known = self.sessions.len() as u64 - sessions;
        Ok(Outcome::Imported { sessions, messages: self.messages, known })
    }

    /// The encoding that this session has in the file.
    fn encoding_of(&self, session: SessionId) -> TextEncoding {
        self.encodings.get(&session).copied().unwrap_or_default()
    }

    fn apply_line(
        &mut self,
        transaction: &Transaction<'_>,
        live: &Live,
        text: &[u8],
        added: &mut HashMap<i64, Added>,
    ) -> Result<(), ImportError> {
        let wrong = |why: String| ImportError::File(Some(self.line), why);
        let line: Line = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
        let row = match line {
            Line::Session(session) => {
                let SessionSummary { mut session, ended, last, .. } = session.into_summary().map_err(wrong)?;
                let id = session.id;
                self.encodings.insert(id, session.encoding);
                if i64::try_from(id.0).is_err() {
                    // Ids are times. Below are those under which rows are gathered.
                    return Err(wrong(format!("no id {}", id.0)));
                }
                // Should it come twice, its rows go where they went.
                if self.sessions.contains_key(&id) {
                    return Ok(());
                }
                let here = read::session(transaction, id)?;
                if live.has(id) {
                    self.sessions.insert(id, Fate::Stays);
                    return Ok(());
                }
                if here.is_some() {
                    session.id = free_id(transaction)?;
                }
                let key = insert_session(transaction, &session)?;
                transaction
                    .prepare_cached("UPDATE sessions SET ended = ?2, last = max(last, ?3), whole = 0 WHERE key = ?1")?
                    .execute(params![key, ended.map(nanoseconds), nanoseconds(last)])?;
                let grows = |(_, here)| Fate::Grows { key: here, apart: key, id: session.id };
                self.sessions.insert(id, here.map_or(Fate::New(key), grows));
                return Ok(());
            }
            Line::Received(message) => message.into_row(None),
            Line::Sent(message) => {
                let encoding = self.encoding_of(message.session());
                message.into_row(Some((Auto(false), encoding)))
            }
            Line::Auto(message) => {
                let encoding = self.encoding_of(message.session());
                message.into_row(Some((Auto(true), encoding)))
            }
            Line::Happened(line) => line.into_row(),
        };
        let (session, row) = row.map_err(wrong)?;
        let fate = self.sessions.get(&session).ok_or_else(|| wrong(format!("no session {}", session.0)))?;
        let (key, here) = match *fate {
            Fate::New(key) => (key, None),
            Fate::Grows { key, apart, .. } => (apart, Some(key)),
            Fate::Stays => return Ok(()),
        };
        if row.number.0 >= LAST_NUMBER {
            return Err(wrong(format!("no number {}", row.number.0)));
        }
        if let Some(here) = here
            && read::row(transaction, here, row.number.0)?.is_some()
        {
            return Ok(());
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

/// An id that no session has, and none will have.
fn free_id(connection: &Connection) -> rusqlite::Result<SessionId> {
    let id: i64 = connection.query_row("SELECT min(ifnull(min(id), 0), 0) - 1 FROM sessions", [], |row| row.get(0))?;
    Ok(SessionId(id as u64))
}

/// Puts the rows that were gathered of a session to those that it has.
fn add_rows(connection: &Connection, key: i64, apart: i64) -> rusqlite::Result<()> {
    let (first, end) = (row_id(apart, 0), row_id(apart, LAST_NUMBER));
    let lowest: Option<i64> =
        connection.query_row("SELECT min(id) FROM rows WHERE id >= ?1 AND id < ?2", [first, end], |row| row.get(0))?;
    connection.prepare_cached("UPDATE rows SET id = id + ?3 WHERE id >= ?1 AND id < ?2")?.execute([
        first,
        end,
        row_id(key, 0) - first,
    ])?;
    if let Some(lowest) = lowest {
        blocks::begin_again_from(connection, key, number_of(lowest))?;
    }
    // What an encoding or a name was changed to belongs to the later rows.
    let (encoding, later): (bool, bool) = connection
        .prepare_cached(
            "SELECT here.encoding <> apart.encoding, apart.last > here.last FROM sessions here, sessions apart
            WHERE here.key = ?1 AND apart.key = ?2",
        )?
        .query_row([key, apart], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if later {
        connection
            .prepare_cached(
                "UPDATE sessions SET name = apart.name, encoding = apart.encoding, peer = apart.peer, local = apart.local
                FROM (SELECT * FROM sessions WHERE key = ?2) apart WHERE sessions.key = ?1",
            )?
            .execute([key, apart])?;
        if encoding {
            recode::begin(connection, key)?;
        }
    }
    connection
        .prepare_cached(
            "UPDATE sessions SET messages = sessions.messages + apart.messages, bytes = sessions.bytes + apart.bytes,
                next = max(sessions.next, apart.next), last = max(sessions.last, apart.last),
                ended = ifnull(sessions.ended, apart.ended)
            FROM (SELECT * FROM sessions WHERE key = ?2) apart WHERE sessions.key = ?1",
        )?
        .execute([key, apart])?;
    connection.prepare_cached("DELETE FROM sessions WHERE key = ?1")?.execute([apart])?;
    Ok(())
}

/// What some editors begin a file with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A longer line is none that an export has written.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
