//! What came last, of whichever session, in the order in which it came.
//!
//! Rows of a session lie together in `rows`, so what many say at once is in as many pages of 4,096 bytes, and each
//! transaction would write all of these again for a few bytes. A row is written to the end of `recent` first; from there
//! they go to their places together, many to a page: when there are [`MOST_ROWS`], and before anybody asks. Whatever ends
//! the program, they are there at the next start.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, Transaction, params};

use super::{
    file::{self, Failure},
    read::{COLUMNS, StoredRow, rows_of},
    runs::Run,
    schema,
    stored::{boundary_number, kind},
};
use crate::wire::text::SplitChar;

/// The table.
pub(super) const TABLE: &str = "
    CREATE TABLE recent (
        place     INTEGER PRIMARY KEY,
        id        INTEGER NOT NULL,             -- this, and the others, as in `rows`
        at        INTEGER NOT NULL,
        kind      INTEGER NOT NULL,
        header    INTEGER,
        trailer   INTEGER,
        boundary  INTEGER,
        raw       BLOB,
        carry     BLOB,
        detail    TEXT,
        encoding  TEXT
    ) STRICT;
";

/// Rows after which they go to their places.
const MOST_ROWS: usize = 16_384;

/// The same of their bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What the thread knows of the table.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Of what a program before this one left there, nothing is known.
    is_ours: bool,
    rows: usize,
    bytes: usize,
    /// They could not go to their places, and sessions count them where they are.
    counted: bool,
    /// The places of what was sent: it may become something else yet.
    sent: BTreeMap<i64, i64>,
}

impl Recent {
    /// A row was added.
    pub(super) fn added(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes;
    }

    /// The row with this id, which was added last, has this place, and may become something else.
    pub(super) fn placed(&mut self, id: i64, place: i64) {
        self.sent.insert(id, place);
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    /// Where what was sent with these ids is, as far as it is here.
    pub(super) fn sent(&self, ids: std::ops::Range<i64>) -> impl Iterator<Item = (i64, i64)> {
        self.sent.range(ids).map(|(id, place)| (*id, *place))
    }

    /// Puts all rows into their places. Whether there were any. Where that fails, sessions count them where they are, until
    /// something is written.
    pub(super) fn settle(&mut self, connection: &mut Connection) -> rusqlite::Result<bool> {
        if self.is_ours && self.rows == 0 {
            return Ok(false);
        }
        self.count_placed(connection)?;
        // What is left of them in free pages is in the file anyway, and goes as all traces go.
        connection.pragma_update(None, "secure_delete", false)?;
        let settled = settle(connection);
        connection.pragma_update(None, "secure_delete", true)?;
        match settled {
            Ok(settled) => {
                *self = Self { is_ours: true, ..Self::default() };
                Ok(settled)
            }
            Err(error) => {
                if file::failure(&error) != Failure::Damaged {
                    schema::count_recent(connection)?;
                    self.counted = true;
                }
                Err(error)
            }
        }
    }

    pub(super) fn is_counted(&self) -> bool {
        self.counted
    }

    /// Sessions count what is in its place: they are to be written.
    pub(super) fn count_placed(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.counted) { schema::count_placed(connection) } else { Ok(()) }
    }
}

fn settle(connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let any = place(&transaction)?;
    if any {
        transaction.execute("DELETE FROM recent", [])?;
        transaction.commit()?;
    }
    Ok(any)
}

/// Adds all rows to those of their sessions. Whether there were any.
fn place(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let mut settling = Settling::new(transaction)?;
    let mut select = transaction.prepare_cached(&format!("SELECT {COLUMNS}, NULL, place FROM recent ORDER BY id"))?;
    let mut found = select.query([])?;
    let mut any = false;
    while let Some(row) = found.next()? {
        any = true;
        let (id, place) = (row.get(0)?, row.get(11)?);
        for row in rows_of(row)? {
            settling.row(id, place, row)?;
        }
    }
    settling.end()?;
    Ok(any)
}

/// Rows on their way.
struct Settling<'c> {
    insert: CachedStatement<'c>,
    copy: CachedStatement<'c>,
    update: CachedStatement<'c>,
    gathered: Option<Gathered>,
    session: Option<Session>,
}

/// Messages that go into one row of the table.
struct Gathered {
    id: i64,
    at: i64,
    last: i64,
    framing: (u8, u8, i64),
    raw: Vec<u8>,
    run: Run,
}

/// What rows add to their session.
struct Session {
    key: i64,
    next: u64,
    last: i64,
    messages: i64,
    bytes: i64,
}

impl<'c> Settling<'c> {
    fn new(transaction: &'c Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            // What a salvage has brought meanwhile is the same.
            insert: transaction.prepare_cached(
                "INSERT OR IGNORE INTO rows (id, at, kind, header, trailer, boundary, raw, run)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            copy: transaction.prepare_cached(&format!(
                "INSERT OR IGNORE INTO rows ({COLUMNS}) SELECT {COLUMNS} FROM recent WHERE place = ?1"
            ))?,
            update: transaction.prepare_cached(
                "UPDATE sessions SET next = max(next, ?2), last = max(last, ?3), messages = messages + ?4,
                    bytes = bytes + ?5
                WHERE key = ?1",
            )?,
            gathered: None,
            session: None,
        })
    }

    /// The next row, by its id.
    fn row(&mut self, id: i64, place: i64, row: StoredRow<'_>) -> rusqlite::Result<()> {
        let key = id >> 32;
        if self.session.as_ref().is_none_or(|session| session.key != key) {
            self.end()?;
        }
        let session = self.session.get_or_insert(Session { key, next: 0, last: i64::MIN, messages: 0, bytes: 0 });
        session.next = row.number + 1;
        session.last = session.last.max(row.at);
        if let Some(raw) = row.raw {
            session.messages += 1;
            session.bytes += raw.len() as i64;
        }
        let alone = row.kind != kind::RECEIVED || row.cut.boundary.is_open() || row.carry != SplitChar::default();
        let framing = (row.cut.header, row.cut.trailer, boundary_number(row.cut.boundary));
        let raw = row.raw.unwrap_or_default();
        if let Some(gathered) = &mut self.gathered
            && !alone
            && gathered.id + gathered.run.count as i64 == id
            && gathered.framing == framing
            && gathered.run.has_room(raw.len())
        {
            gathered.run.push(raw.len(), row.at.wrapping_sub(gathered.last));
            gathered.raw.extend_from_slice(raw);
            gathered.last = row.at;
            return Ok(());
        }
        self.write_gathered()?;
        if alone {
            self.copy.execute([place])?;
        } else {
            let mut run = Run::default();
            run.push(raw.len(), 0);
            self.gathered = Some(Gathered { id, at: row.at, last: row.at, framing, raw: raw.to_vec(), run });
        }
        Ok(())
    }

    fn write_gathered(&mut self) -> rusqlite::Result<()> {
        let Some(Gathered { id, at, framing: (header, trailer, boundary), raw, run, .. }) = self.gathered.take() else {
            return Ok(());
        };
        let run = run.column();
        self.insert.execute(params![id, at, kind::RECEIVED, header, trailer, boundary, raw, run])?;
        Ok(())
    }

    /// All of a session came.
    fn end(&mut self) -> rusqlite::Result<()> {
        self.write_gathered()?;
        if let Some(Session { key, next, last, messages, bytes }) = self.session.take() {
            self.update.execute(params![key, next as i64, last, messages, bytes])?;
        }
        Ok(())
    }
}
