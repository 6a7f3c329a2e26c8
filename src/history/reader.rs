//! Reading a history from another program than the one that writes it, without ever writing.

use std::{
    collections::HashSet,
    fmt::Write as _,
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    Format, Hit, HitPlace, SessionSummary, Unavailable,
    export::{Part, Printer},
    file::{self, Failure, OpenError},
    read, schema,
    search::{Search, Step},
};
use crate::chat::SessionId;

/// A history that is only read, also while a [`super::History`] of another program writes it. Creates no file but
/// the index (`-shm`) that SQLite needs for the log that a killed program left behind.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
    /// `Some` if nobody had the file open, so that it is read without locks and without a log: as it was then. Once
    /// it is another, what was read since may be a mixture of old and new pages.
    unlocked: Option<Stamp>,
}

/// By what can be seen that a file was written.
type Stamp = (u64, Option<SystemTime>);

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no file, or one without anything in it.
    #[error("there is no history")]
    Missing,
    /// It has the tables of a version too early, which [`super::History::open`] brings up to date.
    #[error("the history has version {found}, this program reads {known}", known = schema::OLDEST_READ)]
    Older {
        /// The file's version.
        found: u32,
    },
    /// It can't be opened.
    #[error("the history can't be opened: {0:?}")]
    Unavailable(Unavailable),
    /// It is damaged, or another program's; why.
    #[error("the history is damaged: {0}")]
    Damaged(String),
    /// It can't be read, in SQLite's words.
    #[error("the history can't be read: {0}")]
    NotRead(String),
    /// No session has this id.
    #[error("there is no session {0:?}")]
    UnknownSession(SessionId),
    /// What was read can't be written.
    #[error("{0}")]
    NotWritten(#[from] io::Error),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        match (file::failure(&error), error.sqlite_error_code()) {
            (Failure::Damaged, _) => Self::Damaged(error.to_string()),
            (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Self::Unavailable(Unavailable::Locked),
            _ => Self::NotRead(error.to_string()),
        }
    }
}

impl From<OpenError> for ReadError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Damaged(why) => Self::Damaged(why),
            OpenError::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

impl Reader {
    /// Opens the history of this file.
    ///
    /// # Errors
    /// Where there is none, or none of this version.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let path = std::path::absolute(path)?;
        match path.metadata() {
            Ok(data) if !data.is_file() => {
                return Err(ReadError::Unavailable(Unavailable::NotOpened("not a file".to_owned())));
            }
            Ok(data) if data.len() == 0 && !file::has_log(&path) => return Err(ReadError::Missing),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ReadError::Missing),
            Err(error) => return Err(ReadError::Unavailable(file::unopened(&error))),
        }
        file::check_header(&path)?;
        let unlocked = unlocked(&path)?;
        let connection = connect(&path, unlocked.is_some())?;
        let mut reader = Self { path, connection, unlocked };
        let (found, foreign) =
            reader.read(|connection| Ok((schema::version(connection)?, schema::is_foreign(connection)?)))?;
        file::check_version(found)?;
        match found {
            _ if foreign => Err(OpenError::Damaged(file::FOREIGN.to_owned()).into()),
            0 => Err(ReadError::Missing),
            found if found < schema::OLDEST_READ => Err(ReadError::Older { found }),
            _ => Ok(reader),
        }
    }

    /// Sessions, the one opened last first, from the one after `before` on; and whether there are others after them.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn sessions(
        &mut self,
        before: Option<SessionId>,
        count: usize,
    ) -> Result<(Vec<SessionSummary>, bool), ReadError> {
        self.read(|connection| read::sessions(connection, "", before, count))
    }

    /// Messages with this text in them, in the order and by the rules of [`super::Question::Search`], from the one
    /// after `after` on; and whether there are others after them.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn search(
        &mut self,
        needle: &str,
        after: Option<&HitPlace>,
        count: usize,
    ) -> Result<(Vec<Hit>, bool), ReadError> {
        self.read(|connection| {
            let search = Search::new(needle);
            let mut search = match after {
                Some(last) => search.after(connection, last)?,
                None => search,
            };
            let mut hits = Vec::new();
            loop {
                match search.advance(connection)? {
                    Step::Working => {}
                    Step::End => return Ok((hits, false)),
                    Step::Hit(_) if hits.len() == count => return Ok((hits, true)),
                    Step::Hit(hit) => hits.push(*hit),
                }
            }
        })
    }

    /// Writes the messages of these sessions, or of all if none is named, a few at a time. `Ok` with their number.
    ///
    /// # Errors
    /// Where the file can't be read, `out` can't be written, or a session is not there; then nothing was written.
    pub fn export(&mut self, ids: &[SessionId], format: Format, mut out: impl Write) -> Result<u64, ReadError> {
        let mut seen = HashSet::new();
        let ids = if ids.is_empty() {
            self.read(read::ids)?
        } else {
            for id in ids {
                let found = self.read(|connection| read::session(connection, *id))?;
                found.ok_or(ReadError::UnknownSession(*id))?;
            }
            ids.iter().copied().filter(|id| seen.insert(*id)).collect()
        };
        let mut printer = Printer::new(Vec::new(), format)?;
        let mut messages = 0;
        for id in ids {
            let mut next = Some(0);
            while let Some(from) = next {
                // Removed meanwhile: then there is no more of it.
                let Some(part) = self.read(|connection| Part::read(connection, id, from))? else { break };
                messages += printer.part(&part)?;
                next = part.next;
                // Not while reading: whoever takes it may be slow, and a reader keeps the log from being emptied.
                out.write_all(&printer.out)?;
                printer.out.clear();
            }
        }
        out.write_all(&printer.out)?;
        out.flush()?;
        Ok(messages)
    }

    /// Reads with this function, all of it from one state of the file.
    fn read<T>(&mut self, ask: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        loop {
            let transaction = self.connection.unchecked_transaction()?;
            let answer = ask(&transaction);
            drop(transaction);
            let now = unlocked(&self.path)?;
            if self.unlocked.is_none() || self.unlocked == now {
                return Ok(answer?);
            }
            self.connection = connect(&self.path, now.is_some())?;
            self.unlocked = now;
        }
    }
}

/// What the file is like if it can be read without locks: nobody has it open.
fn unlocked(path: &Path) -> Result<Option<Stamp>, ReadError> {
    if file::has_log(path) {
        return Ok(None);
    }
    let data = path.metadata().map_err(|error| ReadError::Unavailable(file::unopened(&error)))?;
    Ok(Some((data.len(), data.modified().ok())))
}

fn connect(path: &Path, unlocked: bool) -> Result<Connection, ReadError> {
    let only_read = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if unlocked {
        // Without this SQLite would create a log and an index of it, and could not remove them.
        Connection::open_with_flags(format!("{}?immutable=1", uri(path)), only_read | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, only_read)?
    };
    connection.busy_timeout(LONGEST_WAIT)?;
    schema::show_as_today(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The path as SQLite takes it with parameters: <https://sqlite.org/uri.html>, section 3.1.
pub(super) fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    if cfg!(windows) && path.has_root() && !path.as_os_str().as_encoded_bytes().starts_with(b"\\") {
        uri.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b':' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(*byte)),
            // A String takes everything.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

/// How long another program may be in the way, as it is for a moment when it opens the file.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_also_with_what_a_uri_means_something_by() {
        assert_eq!(uri(Path::new("/a b/ü?#%.db")), "file:///a%20b/%C3%BC%3F%23%25.db");
    }
}
