//! People of this network: who they are, how far both directions have come, and which rows wait for them.
//!
//! What is kept of a person is written in the transaction of the rows that go with it, and synced to the disk before
//! anybody is told ([`Answer::Kept`](super::Answer::Kept)).

use std::collections::BTreeMap;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row as Found, Transaction, params, params_from_iter, types::Value};

use super::{
    PERSON_ROWS, Place, SessionSummary, StoredMessage, StoredPerson, read,
    schema::{LAST_NUMBER, row_id},
    stored::{nanoseconds, timestamp},
    write::insert_session,
};
use crate::chat::{
    Delivery, Epoch, JournalEntry, PersonColour, PersonId, PersonRecord, RowKind, RowNumber, SessionId, Stream,
};

/// Delivered messages whose reading is still noted; the rows of those before stay at delivered.
const READ_NOTED: u64 = 10_000;

/// People, and the messages of ours that are not delivered or not read: their numbers, and their rows in the person's
/// session.
pub(super) const TABLES: &str = "
    CREATE TABLE people (
        key             INTEGER PRIMARY KEY,
        id              BLOB NOT NULL UNIQUE,   -- the Ed25519 public key
        session         INTEGER NOT NULL,       -- sessions.id of the conversation; there may be none yet
        name            TEXT NOT NULL,
        colour          INTEGER NOT NULL,
        met             INTEGER NOT NULL,       -- times are nanoseconds since 1970
        verified        INTEGER,
        blocked         INTEGER NOT NULL,
        forgotten       INTEGER NOT NULL,
        warns           INTEGER NOT NULL,
        our_epoch       INTEGER NOT NULL,
        our_last        INTEGER NOT NULL,
        our_mark        INTEGER NOT NULL,
        our_delivered   INTEGER NOT NULL,
        our_read        INTEGER NOT NULL,
        their_epoch     INTEGER NOT NULL,
        their_last      INTEGER NOT NULL,
        their_mark      INTEGER NOT NULL,
        their_delivered INTEGER NOT NULL,
        their_read      INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE outgoing (
        person INTEGER NOT NULL,
        n      INTEGER NOT NULL,
        row    INTEGER NOT NULL,                -- its number in the session
        PRIMARY KEY (person, n)
    ) STRICT, WITHOUT ROWID;
";

/// Writes what is kept of a person. The entries are those that were written with it.
pub(super) fn put(transaction: &Transaction<'_>, record: &PersonRecord, with: &[JournalEntry]) -> rusqlite::Result<()> {
    let known: Option<(i64, i64, i64)> = transaction
        .prepare_cached("SELECT key, our_epoch, our_delivered FROM people WHERE id = ?1")?
        .query_row([&record.id.0[..]], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let PersonRecord { ours, theirs, .. } = record;
    let was_stranger = ours.last == 0 && theirs.last == 0 && record.verified.is_none() && !record.blocked;
    if record.forgotten && was_stranger {
        transaction.prepare_cached("DELETE FROM people WHERE id = ?1")?.execute([&record.id.0[..]])?;
        return Ok(());
    }
    let key = match known {
        Some((key, epoch, delivered)) => {
            if epoch != ours.epoch.0 as i64 {
                renumber(transaction, key, delivered)?;
            }
            key
        }
        None => next_key(transaction)?,
    };
    insert(transaction, key, record)?;
    let sent: Vec<RowNumber> = with
        .iter()
        .filter_map(|entry| if let JournalEntry::Sent { number, .. } = entry { Some(*number) } else { None })
        .collect();
    let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO outgoing VALUES (?1, ?2, ?3)")?;
    for (back, row) in sent.iter().rev().enumerate() {
        insert.execute([key, (ours.last - back as u64) as i64, row.0 as i64])?;
    }
    if with.iter().any(|entry| matches!(entry, JournalEntry::Delivery { .. })) {
        let done = ours.read.max(ours.delivered.saturating_sub(READ_NOTED));
        transaction
            .prepare_cached("DELETE FROM outgoing WHERE person = ?1 AND n <= ?2")?
            .execute([key, done as i64])?;
    }
    Ok(())
}

fn next_key(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT ifnull(max(key), 0) + 1 FROM people", [], |row| row.get(0))
}

fn insert(transaction: &Transaction<'_>, key: i64, record: &PersonRecord) -> rusqlite::Result<()> {
    let PersonRecord { ours, theirs, .. } = record;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO people VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        )?
        .execute(params![
            key,
            &record.id.0[..],
            record.session.0 as i64,
            record.name,
            record.colour.number(),
            nanoseconds(record.met),
            record.verified.map(nanoseconds),
            record.blocked,
            record.forgotten,
            record.warns,
            ours.epoch.0 as i64,
            ours.last as i64,
            ours.mark as i64,
            ours.delivered as i64,
            ours.read as i64,
            theirs.epoch.0 as i64,
            theirs.last as i64,
            theirs.mark as i64,
            theirs.delivered as i64,
            theirs.read as i64,
        ])?;
    Ok(())
}

/// What is not delivered gets the numbers from 1 on, in a numbering that begins.
fn renumber(transaction: &Transaction<'_>, key: i64, delivered: i64) -> rusqlite::Result<()> {
    let rows: Vec<i64> = transaction
        .prepare_cached("SELECT row FROM outgoing WHERE person = ?1 AND n > ?2 ORDER BY n")?
        .query_map([key, delivered], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    transaction.prepare_cached("DELETE FROM outgoing WHERE person = ?1")?.execute([key])?;
    let mut insert = transaction.prepare_cached("INSERT INTO outgoing VALUES (?1, ?2, ?3)")?;
    for (row, n) in rows.into_iter().zip(1_i64..) {
        insert.execute([key, n, row])?;
    }
    Ok(())
}

/// Everyone who is kept, and what waits for them.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<StoredPerson>> {
    let mut select = connection.prepare_cached("SELECT * FROM people ORDER BY key")?;
    let found: Vec<(i64, PersonRecord)> =
        select.query_map([], |row| Ok((row.get("key")?, record(row)?)))?.collect::<Result<_, _>>()?;
    let mut people = Vec::with_capacity(found.len());
    for (key, record) in found {
        let session = read::session(connection, record.session)?.map(|(_, key)| key);
        let next = match session {
            Some(session) => connection
                .prepare_cached("SELECT next FROM sessions WHERE key = ?1")?
                .query_row([session], |row| row.get::<_, i64>(0))?,
            None => 0,
        };
        let rows = match session {
            Some(session) => read::page(connection, session, Place::End, PERSON_ROWS)?.rows,
            None => Vec::new(),
        };
        let messages = outgoing(connection, key, session)?;
        people.push(StoredPerson { record, next: RowNumber(next as u64), rows, messages });
    }
    Ok(people)
}

fn record(row: &Found<'_>) -> rusqlite::Result<PersonRecord> {
    let number = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)? as u64);
    let stream = |whose: &str| {
        let of = |what: &str| number(&format!("{whose}_{what}"));
        Ok::<_, rusqlite::Error>(Stream {
            epoch: Epoch(of("epoch")?),
            last: of("last")?,
            mark: of("mark")?,
            delivered: of("delivered")?,
            read: of("read")?,
        })
    };
    Ok(PersonRecord {
        id: PersonId(row.get("id")?),
        session: SessionId(number("session")?),
        name: row.get("name")?,
        colour: PersonColour::new(row.get("colour")?),
        met: timestamp(row.get("met")?),
        verified: row.get::<_, Option<i64>>("verified")?.map(timestamp),
        blocked: row.get("blocked")?,
        forgotten: row.get("forgotten")?,
        warns: row.get("warns")?,
        ours: stream("our")?,
        theirs: stream("their")?,
        step: 0,
    })
}

/// The messages of ours to a person that are not delivered or not read.
fn outgoing(connection: &Connection, person: i64, session: Option<i64>) -> rusqlite::Result<Vec<StoredMessage>> {
    let mut select = connection.prepare_cached("SELECT n, row FROM outgoing WHERE person = ?1 ORDER BY n")?;
    let found: Vec<(i64, i64)> =
        select.query_map([person], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut messages = Vec::with_capacity(found.len());
    for (n, row) in found {
        let kept = match session {
            Some(session) => read::row(connection, session, row as u64)?,
            None => None,
        };
        let (at, text) = match kept.map(|row| (row.at, row.kind)) {
            Some((at, RowKind::Sent(sent))) => {
                let text = (!matches!(sent.delivery, Delivery::GivenUp(_))).then(|| Bytes::clone(&sent.raw));
                (at, text)
            }
            _ => (jiff::Timestamp::default(), None),
        };
        messages.push(StoredMessage { n: n as u64, row: RowNumber(row as u64), at, text });
    }
    Ok(messages)
}

/// Takes over from a damaged file who is kept there, how far both directions are, and what waits, with its rows: all of
/// it before anybody asks, or whoever was verified would be a stranger and what waits would be lost. The other rows of
/// their conversations come later, as those of all others do.
pub(super) fn salvage(source: &Connection, into: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut found: BTreeMap<i64, PersonRecord> = BTreeMap::new();
    // From both ends, as far as the damaged page.
    for order in ["ASC", "DESC"] {
        let Ok(mut select) = source.prepare(&format!("SELECT * FROM people ORDER BY key {order}")) else {
            return Ok(());
        };
        let mut rows = select.query([])?;
        while let Ok(Some(row)) = rows.next() {
            let (Ok(key), Ok(record)) = (row.get("key"), record(row)) else { break };
            found.insert(key, record);
        }
    }
    for (from, record) in found {
        let is_there = into.prepare_cached("SELECT 1 FROM people WHERE id = ?1")?.exists([&record.id.0[..]])?;
        if is_there {
            continue;
        }
        let key = next_key(into)?;
        insert(into, key, &record)?;
        let session = match read::session(source, record.session) {
            Ok(Some((summary, from))) => Some((from, salvage_session(source, into, from, &summary)?)),
            _ => None,
        };
        let rows = waiting_rows(source, from);
        let mut outgoing = into.prepare_cached("INSERT OR REPLACE INTO outgoing VALUES (?1, ?2, ?3)")?;
        for (n, row) in &rows {
            outgoing.execute([key, *n as i64, *row])?;
            if let Some((from, to)) = session {
                salvage_row(source, into, row_id(from, *row as u64), row_id(to, *row as u64), to)?;
            }
        }
        // What can't be read is given up: its number goes without a text, or nothing after it would be taken.
        let most = record.ours.delivered.saturating_add(READ_NOTED).min(record.ours.last);
        for n in (record.ours.delivered + 1..=most).filter(|n| !rows.contains_key(n)) {
            outgoing.execute([key, n as i64, LAST_NUMBER as i64])?;
        }
    }
    Ok(())
}

/// The rows that wait for somebody, by their numbers in the stream.
fn waiting_rows(source: &Connection, person: i64) -> BTreeMap<u64, i64> {
    let mut found = BTreeMap::new();
    for order in ["ASC", "DESC"] {
        let select = format!("SELECT n, row FROM outgoing WHERE person = ?1 ORDER BY n {order}");
        let Ok(mut select) = source.prepare(&select) else { break };
        let Ok(mut rows) = select.query([person]) else { break };
        while let Ok(Some(row)) = rows.next() {
            let (Ok(n), Ok(row)) = (row.get::<_, i64>(0), row.get(1)) else { break };
            found.insert(n as u64, row);
        }
    }
    found
}

/// The session of a conversation with somebody, so that what comes now gets the numbers after those of before.
fn salvage_session(
    source: &Connection,
    into: &Transaction<'_>,
    from: i64,
    summary: &SessionSummary,
) -> rusqlite::Result<i64> {
    let next = "SELECT next FROM sessions WHERE key = ?1";
    let next: i64 = source.query_row(next, [from], |row| row.get(0)).unwrap_or(LAST_NUMBER as i64 / 2);
    let key = match read::session(into, summary.session.id)? {
        Some((_, key)) => key,
        None => insert_session(into, &summary.session)?,
    };
    into.prepare_cached("UPDATE sessions SET next = max(next, ?2), last = max(last, ?3) WHERE key = ?1")?
        .execute(params![key, next, nanoseconds(summary.last)])?;
    Ok(key)
}

/// One row, if it can be read and is not there.
fn salvage_row(source: &Connection, into: &Transaction<'_>, from: i64, to: i64, session: i64) -> rusqlite::Result<()> {
    const COLUMNS: &str = "at, kind, header, trailer, boundary, raw, carry, detail, encoding";
    let values = ["rows", "recent"].iter().find_map(|table| {
        let select = format!("SELECT {COLUMNS} FROM {table} WHERE id = ?1");
        let values = |row: &rusqlite::Row<'_>| (0..9).map(|column| row.get::<_, Value>(column)).collect();
        source.query_row(&select, [from], values).ok()
    });
    let Some(mut values): Option<Vec<Value>> = values else { return Ok(()) };
    let bytes = values.get(5).and_then(|raw| if let Value::Blob(raw) = raw { Some(raw.len() as i64) } else { None });
    values.insert(0, Value::Integer(to));
    let insert = format!("INSERT OR IGNORE INTO rows (id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    if into.prepare_cached(&insert)?.execute(params_from_iter(values))? > 0
        && let Some(bytes) = bytes
    {
        into.prepare_cached("UPDATE sessions SET messages = messages + 1, bytes = bytes + ?2 WHERE key = ?1")?
            .execute([session, bytes])?;
    }
    Ok(())
}
