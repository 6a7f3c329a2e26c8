//! What can be read of a damaged file, put into the new one a few rows at a time, and how much is missing.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Instant,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, config::DbConfig, params, types::Value};

use super::{
    SessionSummary, Trouble, blocks, file, people,
    read::{self, SESSION},
    reader::uri,
    recode,
    remove::Next,
    runs,
    schema::{LAST_NUMBER, number_of, row_id},
    stored::{kind, nanoseconds, timestamp},
    write::{Live, insert_session},
};
use crate::{
    chat::{Origin, Session, SessionId},
    wire::text::TextEncoding,
};

/// What is still to be done, should the program end meanwhile.
pub(super) const TABLES: &str = "
    -- Damaged files beside this one of which not everything is here yet.
    CREATE TABLE salvage (name TEXT PRIMARY KEY) STRICT;
";

/// Takes over people at once, who are asked for first, and remembers, over the end of the program, that the rest of this
/// file is to be salvaged.
pub(super) fn begin(connection: &Connection, from: &Path) -> rusqlite::Result<()> {
    let people = || {
        let source = open(from)?;
        let transaction = connection.unchecked_transaction()?;
        people::salvage(&source, &transaction)?;
        transaction.commit()
    };
    // The rest does not depend on it.
    if let Err(error) = people() {
        tracing::warn!(%error, "nobody is salvaged from the damaged history");
    }
    note(connection, from)
}

fn note(connection: &Connection, from: &Path) -> rusqlite::Result<()> {
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    connection.execute("INSERT OR IGNORE INTO salvage VALUES (?1)", [name])?;
    Ok(())
}

/// The files that are still to be salvaged for this one.
pub(super) fn noted(connection: &Connection, path: &Path) -> rusqlite::Result<Vec<PathBuf>> {
    let mut select = connection.prepare("SELECT name FROM salvage")?;
    let names = select.query_map([], |row| row.get::<_, String>(0))?;
    names.map(|name| Ok(path.with_file_name(name?))).collect()
}

/// A salvage under way.
#[derive(Debug)]
pub(super) struct Salvaging {
    from: PathBuf,
    /// None before it was opened.
    reading: Option<Box<Reading>>,
    /// Messages that were read.
    kept: u64,
    /// Messages that were there, and were not read.
    missing: u64,
}

/// What is read.
#[derive(Debug)]
struct Reading {
    source: Connection,
    /// The next is the last.
    sessions: Vec<Salvaged>,
    open: Option<OpenSession>,
}

/// A session of the damaged file.
#[derive(Debug)]
struct Salvaged {
    /// Its key there.
    key: i64,
    /// None, if what is known of it can't be read, or only from memory.
    summary: Option<SessionSummary>,
    /// The number after its last row, at most.
    next: u64,
    recodes: bool,
}

/// The session that is read.
#[derive(Debug)]
struct OpenSession {
    of: Salvaged,
    /// Its key in the new file; none as long as nothing of it is there.
    target: Option<i64>,
    unread: Unread,
    /// What came last of it, and had not come to its place.
    unread_recent: Unread,
    messages: u64,
    /// Messages of those that came last: the session does not count them.
    recent: u64,
}

/// Ids of a table that are still to be read, the next at the end.
#[derive(Debug)]
struct Unread(Vec<(i64, i64)>);

impl Unread {
    /// Reads some of the rows, going round what can't be read. `Some` with the last ids that can't be.
    fn some(
        &mut self,
        source: &Connection,
        select: &str,
        mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<Option<(i64, i64)>> {
        let Some((from, to)) = self.0.pop().filter(|(from, to)| from < to) else { return Ok(None) };
        let (mut next, mut count, mut failed) = (from, 0, None);
        let mut statement = source.prepare_cached(select)?;
        let mut rows = statement.query(params![from, to, ROWS_A_STEP])?;
        let unreadable = loop {
            match rows.next() {
                Ok(Some(row)) => {
                    let Ok(id) = row.get::<_, i64>(0) else { break true };
                    if let Err(error) = each(row) {
                        // Either nothing can be made of it, or it can't be written.
                        if matches!(error, rusqlite::Error::SqliteFailure(..)) {
                            failed = Some(error);
                        }
                        break true;
                    }
                    next = id + 1;
                    count += 1;
                }
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        drop(rows);
        if let Some(error) = failed {
            return Err(error);
        }
        if !unreadable {
            if count == ROWS_A_STEP {
                self.0.push((next, to));
            }
            return Ok(None);
        }
        if count > 0 {
            self.0.push((next, to));
            return Ok(None);
        }
        // The first of them can't be read. Which others can?
        if to - from == 1 || (to - from > LARGE && !reaches_any(source, select, from, to)) {
            return Ok(Some((from, to)));
        }
        let middle = from + (to - from) / 2;
        self.0.extend([(middle, to), (from, middle)]);
        Ok(None)
    }
}

/// Whether something can be read at one of some places in a large range.
fn reaches_any(source: &Connection, select: &str, from: i64, to: i64) -> bool {
    let step = (to - from) / PROBES;
    (1..PROBES).any(|probe| {
        let found = source
            .prepare_cached(select)
            .and_then(|mut statement| statement.query_row(params![from + probe * step, to, 1], |_| Ok(())).optional());
        found.is_ok()
    })
}

impl Salvaging {
    pub(super) fn new(from: PathBuf) -> Self {
        Self { from, reading: None, kept: 0, missing: 0 }
    }

    /// Continues until then, about. `None` if there is more to do.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        live: &Live,
        until: Instant,
    ) -> rusqlite::Result<Option<Next>> {
        let transaction = connection.transaction()?;
        let mut over = false;
        while !over && Instant::now() < until {
            let Some(reading) = &mut self.reading else {
                let Ok(source) = open(&self.from) else {
                    // It is none of ours, or nothing can be read of it.
                    forget(&transaction, &self.from)?;
                    transaction.commit()?;
                    return Ok(Some(Next::Told(None)));
                };
                let sessions = sessions(&source, live);
                self.reading = Some(Box::new(Reading { source, sessions, open: None }));
                continue;
            };
            match &mut reading.open {
                None => {
                    reading.open = reading.sessions.pop().map(OpenSession::new);
                    over = reading.open.is_none();
                }
                Some(session) if session.is_over() => {
                    let expected = session.of.summary.as_ref().map_or(0, |summary| summary.messages);
                    self.kept += session.messages + session.recent;
                    self.missing += expected.saturating_sub(session.messages);
                    session.end(&transaction)?;
                    reading.open = None;
                }
                Some(session) => session.some(&reading.source, &transaction)?,
            }
        }
        if over {
            forget(&transaction, &self.from)?;
        }
        transaction.commit()?;
        let (kept, missing) = (self.kept, self.missing);
        Ok(over.then(|| Next::Told(Some(Trouble::Salvaged { kept, missing, from: self.from.clone() }))))
    }
}

impl OpenSession {
    fn new(of: Salvaged) -> Self {
        let end = if of.next == 0 { LAST_NUMBER } else { of.next };
        let unread = |end| Unread(vec![(row_id(of.key, 0), row_id(of.key, end))]);
        let (unread, unread_recent) = (unread(end), unread(LAST_NUMBER));
        Self { of, target: None, unread, unread_recent, messages: 0, recent: 0 }
    }

    fn is_over(&self) -> bool {
        self.unread.0.is_empty() && self.unread_recent.0.is_empty()
    }

    fn some(&mut self, source: &Connection, into: &Connection) -> rusqlite::Result<()> {
        let (mut messages, mut added, mut bytes, mut next, mut last) = (0_u64, 0_i64, 0_i64, 0_u64, i64::MIN);
        let (target, of) = (&mut self.target, &self.of);
        let select = [ROWS, ROWS_BEFORE_RUNS, ROWS_BEFORE_ENCODINGS];
        let mut select = select.into_iter().find(|select| source.prepare_cached(select).is_ok()).unwrap_or(ROWS);
        let recent = self.unread.0.is_empty();
        if recent {
            select = RECENT;
            if source.prepare_cached(select).is_err() {
                self.unread_recent.0.clear();
                return Ok(());
            }
        }
        let unread = if recent { &mut self.unread_recent } else { &mut self.unread };
        // Without a column that says so, what was sent is in the encoding of its session.
        let old = select == ROWS_BEFORE_ENCODINGS;
        let session = of.summary.as_ref().map_or("UTF-8", |summary| summary.session.encoding.name());
        unread.some(source, select, |row| {
            let number = number_of(row.get(0)?);
            let at: i64 = row.get(1)?;
            let length = row.get_ref(6)?.as_blob_or_null()?.map(<[u8]>::len);
            let count = runs::count(row.get_ref(10)?.as_blob_or_null()?);
            let values = (2..11).map(|column| row.get::<_, Value>(column)).collect::<rusqlite::Result<Vec<_>>>()?;
            let key = match *target {
                Some(key) => key,
                None => *target.insert(of.target(into, at)?),
            };
            let [kind, header, trailer, boundary, raw, carry, detail, encoding, run] = values.as_slice() else {
                return Ok(());
            };
            let of_session = old && matches!(kind, Value::Integer(kind::SENT | kind::AUTO)) && session != "UTF-8";
            let encoding = if of_session { &Value::Text(session.to_owned()) } else { encoding };
            let inserted = into
                .prepare_cached(
                    "INSERT OR IGNORE INTO rows
                        (id, at, kind, header, trailer, boundary, raw, carry, detail, encoding, run)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    row_id(key, number),
                    at,
                    kind,
                    header,
                    trailer,
                    boundary,
                    raw,
                    carry,
                    detail,
                    encoding,
                    run
                ])?;
            let of_it = length.map_or(0, |_| count);
            messages += of_it;
            if inserted > 0 {
                added += of_it as i64;
                bytes += length.unwrap_or_default() as i64;
                (next, last) = (next.max(number + count), last.max(at));
            }
            Ok(())
        })?;
        *if recent { &mut self.recent } else { &mut self.messages } += messages;
        into.prepare_cached(
            "UPDATE sessions SET messages = messages + ?2, bytes = bytes + ?3, next = max(next, ?4),
            last = max(last, ?5) WHERE key = ?1",
        )?
        .execute(params![self.target, added, bytes, next as i64, last])?;
        Ok(())
    }

    /// Nothing more of it can be read. One without rows stays as well, if more is known of it than its key.
    fn end(&mut self, into: &Connection) -> rusqlite::Result<()> {
        let Some(summary) = &self.of.summary else { return Ok(()) };
        let key = match self.target {
            Some(key) => key,
            None => self.of.target(into, nanoseconds(summary.last))?,
        };
        into.prepare_cached(
            "UPDATE sessions SET next = max(next, ?2), last = max(last, ?3), ended = ifnull(ended, ?4) WHERE key = ?1",
        )?
        .execute(params![
            key,
            self.of.next as i64,
            nanoseconds(summary.last),
            summary.ended.map(nanoseconds)
        ])?;
        if self.of.recodes {
            recode::begin(into, key)?;
        }
        Ok(())
    }
}

impl Salvaged {
    /// The key of the session in the new file; it is added, if it is not there.
    fn target(&self, into: &Connection, at: i64) -> rusqlite::Result<i64> {
        let nameless = || Session {
            // Its id is lost, and that of another it can't have.
            id: SessionId((at.max(0) as u64 / 1_000).wrapping_add(self.key as u64)),
            origin: Origin::Everyone,
            peer: None,
            local: None,
            name: None,
            encoding: TextEncoding::default(),
            opened: timestamp(at),
        };
        let session = self.summary.as_ref().map_or_else(nameless, |summary| summary.session.clone());
        match read::session(into, session.id)? {
            Some((_, key)) => {
                blocks::begin_again_from(into, key, 0)?;
                Ok(key)
            }
            None => insert_session(into, &session),
        }
    }
}

/// The damaged file, to be read and to be left as it is.
fn open(from: &Path) -> rusqlite::Result<Connection> {
    let source = if file::has_log(from) {
        let source =
            Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        source.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        source
    } else {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(format!("{}?immutable=1", uri(from)), flags)?
    };
    source.pragma_update(None, "query_only", true)?;
    source.pragma_update(None, "cell_size_check", true)?;
    let ours = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('sessions', 'rows')";
    match source.query_row(ours, [], |row| row.get::<_, i64>(0))? {
        2 => Ok(source),
        _ => Err(rusqlite::Error::QueryReturnedNoRows),
    }
}

/// The sessions of the damaged file, and what is known of those that continue, the one to begin with last.
fn sessions(source: &Connection, live: &Live) -> Vec<Salvaged> {
    let highest = [
        "SELECT max(key) FROM sessions",
        "SELECT seq FROM sqlite_sequence WHERE name = 'sessions'",
        "SELECT max(id) >> 32 FROM rows",
    ]
    .iter()
    .filter_map(|question| source.query_row(question, [], |row| row.get::<_, Option<i64>>(0)).ok().flatten())
    .chain(live.lost_keys().map(|(key, ..)| key))
    .max();
    let mut unread = Unread(vec![(1, highest.map_or(MOST_SESSIONS, |key| key.saturating_add(1)))]);
    let select = format!(
        "SELECT key AS number, {SESSION}, next, recode, whole FROM sessions WHERE key >= ?1 AND key < ?2
        ORDER BY key LIMIT ?3"
    );
    let mut found: HashMap<i64, Option<Salvaged>> = HashMap::new();
    let mut lost = Vec::new();
    while !unread.0.is_empty() {
        let unreadable = unread.some(source, &select, |row| {
            let (key, next, whole): (i64, i64, bool) = (row.get("number")?, row.get("next")?, row.get("whole")?);
            let summary = Some(read::summary(row)?);
            let recodes = row.get::<_, Option<i64>>("recode")?.is_some();
            found.insert(key, whole.then_some(Salvaged { key, summary, next: next.max(0) as u64, recodes }));
            Ok(())
        });
        match unreadable {
            Ok(Some((from, to))) => lost.extend(from..to.min(from + LARGE)),
            Ok(None) => {}
            Err(_) => break,
        }
    }
    for (key, session, next) in live.lost_keys() {
        // At most: some of the rows may be none.
        let (messages, bytes) = (next, 0);
        let summary = SessionSummary { session: session.clone(), ended: None, last: session.opened, messages, bytes };
        let known = Salvaged { key, summary: Some(summary), next, recodes: false };
        found.entry(key).or_insert(Some(known));
    }
    for key in lost {
        found.entry(key).or_insert(Some(Salvaged { key, summary: None, next: 0, recodes: false }));
    }
    let mut sessions: Vec<Salvaged> = found.into_values().flatten().collect();
    sessions.sort_by_key(|session| session.key);
    // What continues is asked for first.
    sessions
}

fn forget(connection: &Connection, from: &Path) -> rusqlite::Result<()> {
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    connection.execute("DELETE FROM salvage WHERE name = ?1", [name])?;
    Ok(())
}

const ROWS: &str = "SELECT id, at, kind, header, trailer, boundary, raw, carry, detail, encoding, run FROM rows
    WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";

/// The same of a file from before there were runs.
const ROWS_BEFORE_RUNS: &str =
    "SELECT id, at, kind, header, trailer, boundary, raw, carry, detail, encoding, NULL FROM rows
    WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";

/// The same of a file from before messages had encodings of their own.
const ROWS_BEFORE_ENCODINGS: &str =
    "SELECT id, at, kind, header, trailer, boundary, raw, carry, detail, NULL, NULL FROM rows
    WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";

/// The same of what came last. Where there is no such table, nothing can be read of it.
const RECENT: &str = "SELECT id, at, kind, header, trailer, boundary, raw, carry, detail, encoding, NULL FROM recent
    WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";

/// Rows read at once.
const ROWS_A_STEP: i64 = 256;

/// A range of ids that is not looked through one by one, if nothing can be read at any of [`PROBES`] places in it.
const LARGE: i64 = 4_096;

const PROBES: i64 = 16;

/// Sessions that are looked for where nothing says how many there are.
const MOST_SESSIONS: i64 = 1 << 16;
