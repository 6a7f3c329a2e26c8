//! The file: opened once, by one program, and set aside where it is damaged.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, config::DbConfig};

use super::{
    Unavailable,
    schema::{self, APPLICATION, VERSION},
};
use crate::{atomic_file, private_file};

/// The open file.
#[derive(Debug)]
pub(super) struct HistoryFile {
    pub connection: Connection,
    /// Which file it is, whatever its name; None where the system does not tell. There, open files are not deleted.
    identity: Option<Identity>,
    /// And which one its log is.
    log: Option<Identity>,
    /// Held for as long as the file is open, so that a second program keeps off.
    _lock: Option<File>,
}

/// Device and number of the file there.
type Identity = (u64, u64);

impl HistoryFile {
    /// Whether it is still the file of that name.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        match identity(path) {
            Ok(identity) => identity == self.identity,
            // What else is wrong is for SQLite to say.
            Err(error) => !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        }
    }

    /// Close it, since it is no longer the file of that name. Its log goes too, if it has stayed: SQLite would take it for
    /// that of the file that is there now. One that came with that file stays.
    pub(super) fn leave(self, path: &Path) {
        let log = beside(path, WAL);
        if self.log.is_some() && identity(&log).is_ok_and(|there| there == self.log) {
            for left in [log, beside(path, SHARED)] {
                if let Err(error) = fs::remove_file(&left) {
                    tracing::warn!(%error, "{}", left.display());
                }
            }
        }
        if let Err(error) = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
            tracing::warn!(%error, "a history that is gone");
        }
    }
}

fn identity(path: &Path) -> io::Result<Option<Identity>> {
    let found = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok(Some((found.dev(), found.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        Ok(None)
    }
}

/// Why the file could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// It is no history, or a broken one; why.
    Damaged(String),
    /// There can be no history.
    Unavailable(Unavailable),
}

/// What a failed statement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The file is damaged.
    Damaged,
    /// There is no room.
    Full,
    /// Something else about the disk that may pass.
    Passing,
    /// What was to be written makes no sense, and won't later either.
    Refused,
}

/// What that error means.
pub(super) fn failure(error: &rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Failure::Damaged,
        Some(ErrorCode::DiskFull) => Failure::Full,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::OperationAborted,
        ) => Failure::Passing,
        _ => Failure::Refused,
    }
}

/// Open the file, or make it, and bring it to this version.
pub(super) fn open(path: &Path) -> Result<HistoryFile, OpenError> {
    for ending in ["", WAL, SHARED, ".lock"] {
        let plain = private_file::check_plain_or_absent(&beside(path, ending));
        plain.map_err(|error| OpenError::Unavailable(unopened(&error)))?;
    }
    let lock = lock(path).map_err(OpenError::Unavailable)?;
    check_header(path)?;
    let shared = connect(path, false);
    // The log's index is shared memory, which some file systems of networks don't have. Then nobody else can read.
    let no_shared_memory = matches!(&shared, Err(error) if failure(error) == Failure::Passing && !is_busy(error));
    let connected = if no_shared_memory { connect(path, true) } else { shared };
    let connection = connected.map_err(|error| match failure(&error) {
        Failure::Damaged => OpenError::Damaged(error.to_string()),
        Failure::Full | Failure::Passing | Failure::Refused => {
            OpenError::Unavailable(match error.sqlite_error_code() {
                _ if is_busy(&error) => Unavailable::Locked,
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Unavailable::ReadOnly(error.to_string()),
                _ => Unavailable::NotOpened(error.to_string()),
            })
        }
    })??;
    let log = identity(&beside(path, WAL)).unwrap_or_default();
    let identity = identity(path).map_err(|error| OpenError::Unavailable(unopened(&error)))?;
    Ok(HistoryFile { connection, identity, log, _lock: lock })
}

/// Take the lock file beside the history. None where the file system knows no locks: SQLite then notices by itself.
fn lock(path: &Path) -> Result<Option<File>, Unavailable> {
    let file = private_file::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))
        .map_err(|error| unopened(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Unavailable::InUse),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// See from the first bytes, without touching the file, whether it is one that we may open.
pub(super) fn check_header(path: &Path) -> Result<(), OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OpenError::Unavailable(unopened(&error))),
    };
    let mut header = Vec::new();
    file.by_ref()
        .take(HEADER_BYTES)
        .read_to_end(&mut header)
        .map_err(|error| OpenError::Unavailable(unopened(&error)))?;
    if header.is_empty() {
        return Ok(());
    }
    let number = |at: usize| {
        let bytes = header.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*bytes))
    };
    // https://sqlite.org/fileformat2.html, section 1.3
    let (Some(found), Some(application), true) = (number(60), number(68), header.starts_with(MAGIC)) else {
        return Err(OpenError::Damaged("not a SQLite file".to_owned()));
    };
    if application != APPLICATION && (application, found) != (0, 0) {
        return Err(OpenError::Damaged(FOREIGN.to_owned()));
    }
    check_version(found)
}

pub(super) fn check_version(found: u32) -> Result<(), OpenError> {
    if found > VERSION {
        return Err(OpenError::Unavailable(Unavailable::Newer { found, known: VERSION }));
    }
    Ok(())
}

/// Whether another program has the file.
fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn connect(path: &Path, alone: bool) -> rusqlite::Result<Result<Connection, OpenError>> {
    make_private(path);
    let connection = Connection::open(path)?;
    // A reader of another program is in the way for a moment when it finds a log that was left behind.
    connection.busy_timeout(READER_OPENS)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    if connection.is_readonly("main")? {
        return Ok(Err(OpenError::Unavailable(Unavailable::ReadOnly(String::new()))));
    }
    if alone {
        // Before anything is read: then the log needs no shared memory.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    // What lies in a WAL that was left behind counts too.
    let newer = check_version(schema::version(&connection)?);
    if newer.is_err() {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        return Ok(newer.map(|()| connection));
    }
    if schema::is_foreign(&connection)? {
        return Ok(Err(OpenError::Damaged(FOREIGN.to_owned())));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", WAL_LEFT)?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    schema::migrate(&connection)?;
    connection.busy_timeout(Duration::ZERO)?;
    Ok(Ok(connection))
}

/// Makes the file, if it is not there, for its owner alone, and takes what is there from all others. What SQLite makes
/// beside it has the rights of the file itself.
fn make_private(path: &Path) {
    // Where that can't be done, SQLite says why.
    drop(private_file::options().create(true).append(true).open(path));
    for ending in ["", WAL, SHARED, ".lock"] {
        private_file::restrict(&beside(path, ending));
    }
}

/// Sets a damaged file aside, and its log with it, which is part of it.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let free = atomic_file::set_aside(path)?;
    match fs::rename(beside(path, WAL), beside(&free, WAL)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(free),
    }
}

/// Whether there is a log, of a program that has the file open or did not close it.
pub(super) fn has_log(path: &Path) -> bool {
    beside(path, WAL).exists()
}

/// How large the history is, in bytes: the file and its WAL.
pub(super) fn size(path: &Path) -> u64 {
    [path.to_owned(), beside(path, WAL)].iter().filter_map(|path| fs::metadata(path).ok()).map(|data| data.len()).sum()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

pub(super) fn unopened(error: &io::Error) -> Unavailable {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Unavailable::ReadOnly(error.to_string()),
        _ => Unavailable::NotOpened(error.to_string()),
    }
}

/// Why a file of another program is no history.
pub(super) const FOREIGN: &str = "not a history of Sockhop";

const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of a SQLite file before its first page's content.
const HEADER_BYTES: u64 = 100;

/// What SQLite adds to the name for the write-ahead log.
const WAL: &str = "-wal";

/// What SQLite adds to the name for the log's index in shared memory.
const SHARED: &str = "-shm";

/// How long a reader may be in the way.
const READER_OPENS: Duration = Duration::from_secs(1);

/// Prepared statements kept.
const STATEMENTS_KEPT: usize = 64;

/// Pages kept in memory: as a negative number, KiB. The system keeps the file in memory too.
const CACHE_KIB: i64 = -4 * 1024;

/// Pages in the write-ahead log after which they go into the file: as many as it is cut to. Of most pages of what came
/// last only the log has ever known, then.
const WAL_PAGES: i64 = 2_000;

/// What the write-ahead log is cut to when all of it is in the file, in bytes.
const WAL_LEFT: i64 = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_what_can_be_done_about_it() -> rusqlite::Result<()> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch("PRAGMA max_page_count = 3; CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")?;
        let full = connection.execute("INSERT INTO t VALUES (1, zeroblob(100000))", []);
        assert_eq!(full.map_err(|error| failure(&error)), Err(Failure::Full));
        connection.execute("INSERT INTO t VALUES (1, NULL)", [])?;
        let twice = connection.execute("INSERT INTO t VALUES (1, NULL)", []);
        assert_eq!(twice.map_err(|error| failure(&error)), Err(Failure::Refused));
        Ok(())
    }
}
