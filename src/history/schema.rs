//! The tables of the file, and how an older file becomes one of today.

use rusqlite::Connection;

use super::{blocks, people, recent, refold, salvage};

/// The version of the tables, as `user_version` has it.
pub const VERSION: u32 = 5;

/// The first version that a [`super::Reader`] reads.
pub(super) const OLDEST_READ: u32 = 1;

/// What `application_id` has, so that a file of some other program is not taken for ours: `Skhp`.
pub(super) const APPLICATION: u32 = 0x536b_6870;

/// What makes a file of the version before one of this version: the first, from an empty file. The second folds texts
/// otherwise. Since the third what was sent has an encoding of its own. The fourth knows people. In
/// the fifth several messages may be in one row of the table, and what came last is in another.
const STEPS: [&[&str]; VERSION as usize] = [
    &[FIRST, blocks::TABLES],
    &[refold::TABLES, salvage::TABLES],
    &[ENCODING_OF_SENT],
    &[people::TABLES],
    &[RUNS, recent::TABLE],
];

/// A row's id has its session and its number in it, so that the rows of a session lie together, in order, and no
/// index has to be kept beside the table: `sessions.key` in the upper 31 bits, `number` in the lower 32.
const FIRST: &str = "
    CREATE TABLE sessions (
        key       INTEGER PRIMARY KEY AUTOINCREMENT,
        id        INTEGER NOT NULL UNIQUE,
        origin    INTEGER NOT NULL,             -- 0 everyone, 1 accepted, 2 outgoing, 3 a person, 4 everyone nearby
        host      TEXT,                         -- as typed
        port      INTEGER,
        peer      TEXT,                         -- address:port
        local     TEXT,
        name      TEXT,
        encoding  TEXT NOT NULL,
        opened    INTEGER NOT NULL,             -- times are nanoseconds since 1970
        ended     INTEGER,
        last      INTEGER NOT NULL,
        messages  INTEGER NOT NULL DEFAULT 0,
        bytes     INTEGER NOT NULL DEFAULT 0,
        next      INTEGER NOT NULL DEFAULT 0,   -- the number after that of the last row
        indexed   INTEGER NOT NULL DEFAULT 0,   -- rows with lower numbers can be found through `blocks`
        recode    INTEGER,                      -- from this number on, `carry` is still for another encoding
        whole     INTEGER NOT NULL DEFAULT 1    -- 0 while it is taken in from a file
    ) STRICT;
    CREATE INDEX sessions_by_time ON sessions (opened, key);
    CREATE INDEX sessions_to_index ON sessions (key) WHERE indexed < next;
    CREATE INDEX sessions_to_recode ON sessions (key) WHERE recode IS NOT NULL;
    CREATE INDEX sessions_by_halves ON sessions (key) WHERE whole = 0;

    CREATE TABLE rows (
        id        INTEGER PRIMARY KEY,
        at        INTEGER NOT NULL,
        kind      INTEGER NOT NULL,             -- 0 received, 1 sent, 2 an automatic reply, 3 something happened
        header    INTEGER,                      -- bytes of framing before the text
        trailer   INTEGER,                      -- and after it
        boundary  INTEGER,                      -- what ended the message
        raw       BLOB,
        carry     BLOB,                         -- the first bytes of its first character, if not in raw
        detail    TEXT                          -- JSON: what became of a message sent, or what happened
    ) STRICT;

    -- A row while traces of something removed may be left.
    CREATE TABLE traces (id INTEGER PRIMARY KEY) STRICT;
";

/// A message that we sent keeps the encoding in which it was written; none is UTF-8. Before, each was read in that of
/// its session.
const ENCODING_OF_SENT: &str = "
    ALTER TABLE rows ADD COLUMN encoding TEXT;
    UPDATE rows SET encoding = sessions.encoding FROM sessions
    WHERE sessions.encoding <> 'UTF-8' AND rows.kind IN (1, 2)
        AND rows.id >= sessions.key << 32 AND rows.id < (sessions.key + 1) << 32;
";

/// The first version that has the column of [`ENCODING_OF_SENT`].
const ENCODING_SINCE: u32 = 3;

/// Several messages in one row: of each its length and its time (`runs.rs`).
const RUNS: &str = "ALTER TABLE rows ADD COLUMN run BLOB;";

/// The first version that has the column of [`RUNS`].
const RUNS_SINCE: u32 = 5;

/// Lets a file that is only read be asked as one of today, with all that came last.
pub(super) fn show_as_today(connection: &Connection) -> rusqlite::Result<()> {
    let found = version(connection)?;
    if found >= RUNS_SINCE {
        return count_recent(connection);
    }
    let of_session = "(SELECT encoding FROM sessions WHERE key = rows.id >> 32)";
    let encoding = if found < ENCODING_SINCE { of_session } else { "encoding" };
    connection.execute_batch(&format!(
        "CREATE TEMP VIEW rows AS SELECT id, at, kind, header, trailer, boundary, raw, carry, detail,
            {encoding} AS encoding, NULL AS run FROM main.rows;
        CREATE TEMP VIEW recent AS SELECT * FROM temp.rows WHERE false"
    ))
}

/// Has the sessions count what came last of them as well, as long as this is there; they can't be written meanwhile.
pub(super) fn count_recent(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TEMP VIEW sessions AS
            SELECT sessions.key, id, origin, host, port, peer, local, name, encoding, opened, ended, indexed, recode, whole,
                max(last, ifnull(came, last)) AS last, messages + ifnull(more, 0) AS messages,
                bytes + ifnull(longer, 0) AS bytes, max(next, ifnull(after, next)) AS next
            FROM main.sessions LEFT JOIN (
                SELECT id >> 32 AS key, max(at) AS came, count(raw) AS more, ifnull(sum(length(raw)), 0) AS longer,
                    (max(id) & 0xffffffff) + 1 AS after
                FROM main.recent GROUP BY id >> 32
            ) AS recent ON recent.key = sessions.key",
    )
}

/// Ends that.
pub(super) fn count_placed(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP VIEW temp.sessions")
}

/// Bring the tables to [`VERSION`], each step in a transaction of its own.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let found = version(connection)?;
    for (step, to) in STEPS.iter().zip(1..).skip(found as usize) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {} PRAGMA user_version = {to}; PRAGMA application_id = {APPLICATION}; COMMIT",
            step.concat()
        ))?;
    }
    Ok(())
}

/// The version that the file says it has; 0 of a new one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Whether there are tables in a file that has no version: another program's.
pub(super) fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT user_version = 0 AND EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_user_version",
        [],
        |row| row.get(0),
    )
}

/// The id of a row.
pub(super) fn row_id(key: i64, number: u64) -> i64 {
    key << NUMBER_BITS | number.min(LAST_NUMBER) as i64
}

/// A row's number.
pub(super) fn number_of(id: i64) -> u64 {
    id as u64 & LAST_NUMBER
}

const NUMBER_BITS: u32 = 32;

/// The highest number that a row may have.
pub(super) const LAST_NUMBER: u64 = u32::MAX as u64;
