//! Rows → what the questions ask for.

use std::{
    borrow::Cow,
    ops::{ControlFlow, Range},
    path::Path,
};

use bytes::Bytes;
use memchr::memmem;
use rusqlite::{Connection, OptionalExtension as _, RowIndex, params, types::ValueRef};

use super::{
    PAGE_BYTES, PAGE_ROWS, Place, SESSIONS_A_PAGE, SessionSummary, Size, file, fold, runs,
    schema::{LAST_NUMBER, number_of, row_id},
    stored::{self, kind, origin, timestamp},
};
use crate::chat::{Delivery, Happening, Origin, Row, RowKind, Session, SessionId};
use crate::chat::{Received, RowNumber, Sent, payload};
use crate::wire::{
    Cut,
    text::{self, SplitChar, TextEncoding},
};

/// The columns that [`summary`] reads.
pub(super) const SESSION: &str =
    "id, origin, host, port, peer, local, name, encoding, opened, ended, last, messages, bytes";

/// A session as the columns of [`SESSION`] have it.
pub(super) fn summary(row: &rusqlite::Row<'_>) -> rusqlite::Result<SessionSummary> {
    // As with rows: one bad value must not hide the other sessions.
    let text = |column: &str| Ok::<_, rusqlite::Error>(lossy(row, column)?.map(Cow::into_owned));
    let address = |column: &str| Ok::<_, rusqlite::Error>(text(column)?.and_then(|address| address.parse().ok()));
    let (id, messages, bytes): (i64, i64, i64) = (row.get("id")?, row.get("messages")?, row.get("bytes")?);
    let origin = match row.get("origin")? {
        origin::ACCEPTED => Origin::Accepted,
        origin::OUTGOING => Origin::Outgoing { host: text("host")?.unwrap_or_default(), port: small(row, "port")? },
        origin::PERSON => match text("host")?.and_then(|id| id.parse().ok()) {
            Some(id) => Origin::Person(id),
            None => Origin::Nearby,
        },
        origin::NEARBY => Origin::Nearby,
        origin::HEARD => Origin::Heard,
        origin::DATAGRAMS => Origin::Datagrams { host: text("host")?.unwrap_or_default(), port: small(row, "port")? },
        _ => Origin::Everyone,
    };
    let session = Session {
        id: SessionId(id as u64),
        origin,
        peer: address("peer")?,
        local: address("local")?,
        name: text("name")?,
        encoding: encoding(row, "encoding")?,
        opened: timestamp(row.get("opened")?),
    };
    Ok(SessionSummary {
        session,
        ended: row.get::<_, Option<i64>>("ended")?.map(timestamp),
        last: timestamp(row.get("last")?),
        messages: messages as u64,
        bytes: bytes as u64,
    })
}

/// The encoding in that column.
pub(super) fn encoding(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<TextEncoding> {
    Ok(lossy(row, column)?.and_then(|name| TextEncoding::named(&name)).unwrap_or_default())
}

/// The text in that column, whatever its bytes are.
fn lossy<'r>(row: &'r rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<Cow<'r, str>>> {
    Ok(row.get_ref(column)?.as_bytes_or_null()?.map(String::from_utf8_lossy))
}

/// The number in that column; 0 for none, and for one that is out of its range.
fn small<N: TryFrom<i64> + Default>(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<N> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|number| N::try_from(number).ok()).unwrap_or_default())
}

/// One session, and its key.
pub(super) fn session(connection: &Connection, id: SessionId) -> rusqlite::Result<Option<(SessionSummary, i64)>> {
    connection
        .prepare_cached(&format!("SELECT {SESSION}, key FROM sessions WHERE id = ?1"))?
        .query_row([id.0 as i64], |row| Ok((summary(row)?, row.get("key")?)))
        .optional()
}

/// Sessions, the one opened last first, and whether there are others after them.
pub(super) fn sessions(
    connection: &Connection,
    matching: &str,
    before: Option<SessionId>,
    count: usize,
) -> rusqlite::Result<(Vec<SessionSummary>, bool)> {
    let count = count.min(SESSIONS_A_PAGE);
    let needle = fold::needle(matching);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {SESSION} FROM sessions
        WHERE whole AND (?1 IS NULL OR (opened, key) < (SELECT opened, key FROM sessions WHERE id = ?1))
        ORDER BY opened DESC, key DESC"
    ))?;
    let mut found = statement.query([before.map(|id| id.0 as i64)])?;
    let mut sessions = Vec::new();
    let mut folded = Vec::new();
    while let Some(row) = found.next()? {
        if !needle.is_empty() && !has(row, &needle, &mut folded)? {
            continue;
        }
        if sessions.len() == count {
            return Ok((sessions, true));
        }
        sessions.push(summary(row)?);
    }
    Ok((sessions, false))
}

/// Whether a session's name, host or address has this folded text.
fn has(row: &rusqlite::Row<'_>, needle: &str, folded: &mut Vec<u8>) -> rusqlite::Result<bool> {
    for column in ["name", "host", "peer", "local"] {
        if let Some(text) = lossy(row, column)? {
            folded.clear();
            fold::fold_into(&text, folded);
            if memmem::find(folded, needle.as_bytes()).is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The ids of all sessions, the one opened first first.
pub(super) fn ids(connection: &Connection) -> rusqlite::Result<Vec<SessionId>> {
    let mut select = connection.prepare_cached("SELECT id FROM sessions WHERE whole ORDER BY opened, key")?;
    select.query_map([], |row| Ok(SessionId(row.get::<_, i64>(0)? as u64)))?.collect()
}

/// How much there is.
pub(super) fn totals(connection: &Connection, path: &Path) -> rusqlite::Result<Size> {
    connection
        .prepare_cached(
            "SELECT count(*), ifnull(sum(messages), 0), ifnull(sum(next - indexed), 0), min(opened) FROM sessions",
        )?
        .query_row([], |row| {
            let count = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)? as u64);
            Ok(Size {
                path: path.to_owned(),
                bytes: file::size(path),
                sessions: count(0)?,
                messages: count(1)?,
                unindexed: count(2)?,
                oldest: row.get::<_, Option<i64>>(3)?.map(timestamp),
            })
        })
}

/// Some rows of a session.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub rows: Vec<Row>,
    pub more_before: bool,
    pub more_after: bool,
}

/// The rows at that place of the session with this key.
pub(super) fn page(connection: &Connection, key: i64, place: Place, count: usize) -> rusqlite::Result<Page> {
    let count = count.clamp(1, PAGE_ROWS);
    let (number, before, after) = match place {
        Place::End => (LAST_NUMBER, count, 0),
        Place::Before(number) => (number, count, 0),
        Place::From(number) => (number, 0, count),
        Place::Around(number) => (number, count / 2, count - count / 2),
    };
    let middle = row_id(key, number);
    let (mut rows, more_before) = side(connection, "DESC", [row_id(key, 0), middle], before, PAGE_BYTES / 2)?;
    rows.reverse();
    let (mut later, more_after) = side(connection, "ASC", [middle, row_id(key, LAST_NUMBER)], after, PAGE_BYTES / 2)?;
    rows.append(&mut later);
    Ok(Page { rows, more_before, more_after })
}

/// At most `count` rows, but for the first no more than `bytes`, and whether there are more on this side.
fn side(
    connection: &Connection,
    order: &str,
    [from, to]: [i64; 2],
    count: usize,
    mut bytes: usize,
) -> rusqlite::Result<(Vec<Row>, bool)> {
    let mut statement = connection.prepare_cached(&format!("{} LIMIT ?3", select(order)))?;
    // One of them may be before the first.
    let mut found = statement.query(params![from, to, count as i64 + 2])?;
    let numbers = number_of(from)..number_of(to);
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let mut several: Vec<StoredRow<'_>> = rows_of(row)?.filter(|row| numbers.contains(&row.number)).collect();
        if order == "DESC" {
            several.reverse();
        }
        for row in several {
            let weight = row.raw.map_or(0, <[u8]>::len);
            if rows.len() == count || (weight > bytes && !rows.is_empty()) {
                return Ok((rows, true));
            }
            bytes = bytes.saturating_sub(weight);
            rows.push(row.row());
        }
    }
    Ok((rows, false))
}

/// One row.
pub(super) fn row(connection: &Connection, key: i64, number: u64) -> rusqlite::Result<Option<Row>> {
    let mut found = None;
    each_row(connection, key, number..number + 1, |row| {
        found = Some(row.row());
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// Calls with each row of these numbers, in their order, until it breaks.
pub(super) fn each_row(
    connection: &Connection,
    key: i64,
    numbers: Range<u64>,
    mut each: impl FnMut(StoredRow<'_>) -> rusqlite::Result<ControlFlow<()>>,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(&select("ASC"))?;
    let mut found = select.query([row_id(key, numbers.start), row_id(key, numbers.end)])?;
    while let Some(row) = found.next()? {
        for row in rows_of(row)?.filter(|row| numbers.contains(&row.number)) {
            if each(row)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The statement for the rows of the table in which those from one id to before another are, and for what came last of
/// them, in this order, with the columns that [`rows_of`] reads. The first may begin with what is before: the id may be in
/// the middle of a run.
fn select(order: &str) -> String {
    format!(
        "SELECT {COLUMNS}, run FROM rows
        WHERE id >= ifnull((SELECT id FROM rows WHERE id BETWEEN ?1 >> 32 << 32 AND ?1 ORDER BY id DESC LIMIT 1), ?1)
            AND id < ?2
        UNION ALL
        SELECT {COLUMNS}, NULL FROM recent
        WHERE id >= ?1 AND id < ?2
        ORDER BY id {order}"
    )
}

/// The columns that [`rows_of`] reads, before that of a run.
pub(super) const COLUMNS: &str = "id, at, kind, header, trailer, boundary, raw, carry, detail, encoding";

/// A row of a session, as the table has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredRow<'r> {
    pub number: u64,
    pub at: i64,
    pub kind: i64,
    /// None of what is no message.
    pub raw: Option<&'r [u8]>,
    pub cut: Cut,
    /// The first bytes of its text, from the message before.
    pub carry: SplitChar,
    detail: Option<&'r str>,
    encoding: TextEncoding,
}

/// The rows of a session that are in one row of the table: several in a run, else one.
pub(super) fn rows_of<'r>(row: &'r rusqlite::Row<'_>) -> rusqlite::Result<impl Iterator<Item = StoredRow<'r>>> {
    let raw = row.get_ref(6)?.as_blob_or_null()?;
    // What nobody can have written is shown as what it most likely was, not as an error: the other rows are whole.
    let detail = match row.get_ref(8)? {
        ValueRef::Text(text) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    let mut stored = StoredRow {
        number: number_of(row.get(0)?),
        at: row.get(1)?,
        kind: row.get(2)?,
        raw,
        cut: Cut {
            end: raw.map_or(0, <[u8]>::len) as u32,
            header: small(row, 3)?,
            trailer: small(row, 4)?,
            boundary: stored::boundary(row.get::<_, Option<i64>>(5)?.unwrap_or_default()),
        },
        carry: SplitChar::new(row.get_ref(7)?.as_blob_or_null()?.unwrap_or_default()),
        detail,
        encoding: encoding(row, 9)?,
    };
    let mut run = row.get_ref(10)?.as_blob_or_null()?;
    let mut over = false;
    Ok(std::iter::from_fn(move || {
        let Some(run) = &mut run else { return (!std::mem::replace(&mut over, true)).then_some(stored) };
        let (length, step) = runs::next(run)?;
        let (raw, rest) = stored.raw.unwrap_or_default().split_at_checked(length)?;
        stored.at = stored.at.wrapping_add(step);
        let one = StoredRow { raw: Some(raw), cut: Cut { end: length as u32, ..stored.cut }, ..stored };
        stored = StoredRow { number: stored.number + 1, raw: Some(rest), carry: SplitChar::default(), ..stored };
        Some(one)
    }))
}

impl<'r> StoredRow<'r> {
    /// As it is in memory.
    pub(super) fn row(self) -> Row {
        let Self { number, at, kind: of_row, raw, cut, carry, detail, encoding } = self;
        let (number, at) = (RowNumber(number), timestamp(at));
        if of_row == kind::HAPPENED {
            let what = detail.and_then(stored::happening).unwrap_or(Happening::PeerFinished);
            return Row { number, at, kind: RowKind::Happened(what) };
        }
        let raw = Bytes::copy_from_slice(raw.unwrap_or_default());
        let kind = if of_row == kind::RECEIVED {
            RowKind::Received(Received { raw, cut, carry, begins: None })
        } else {
            let delivery = stored::delivery(detail).unwrap_or(Delivery::Waiting);
            RowKind::Sent(Sent { raw, cut, delivery, auto: of_row == kind::AUTO, encoding, begins: None })
        };
        Row { number, at, kind }
    }

    /// How many bytes it has. None of what is no message.
    pub(super) fn bytes(self) -> Option<usize> {
        self.raw.map(<[u8]>::len)
    }

    /// Its text: what came in that encoding, and what was sent in its own. None of what is no message.
    pub(super) fn text(self, encoding: TextEncoding) -> Option<Cow<'r, str>> {
        let payload = payload(self.raw?, self.cut);
        let encoding = if self.kind == kind::RECEIVED { encoding } else { self.encoding };
        if encoding == TextEncoding::default()
            && self.carry == SplitChar::default()
            && let Ok(text) = std::str::from_utf8(payload)
        {
            return Some(text.into());
        }
        Some(text::decode(encoding, self.carry, payload, self.cut.boundary).text.into())
    }

    /// What it leaves for the next message, if its text begins with `carry`.
    pub(super) fn carry_after(self, encoding: TextEncoding, carry: SplitChar) -> SplitChar {
        carry_after_message(encoding, carry, self.raw.unwrap_or_default(), self.cut)
    }
}

/// What a message leaves for the next, if its text begins with `carry`: nothing, if it ended as its framing says it
/// should.
pub(super) fn carry_after_message(encoding: TextEncoding, carry: SplitChar, raw: &[u8], cut: Cut) -> SplitChar {
    if !cut.boundary.is_open() {
        return SplitChar::default();
    }
    text::decode(encoding, carry, payload(raw, cut), cut.boundary).split_char
}
