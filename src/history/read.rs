//! Rows → what the questions ask for.

use std::{borrow::Cow, path::Path};

use bytes::Bytes;
use memchr::memmem;
use rusqlite::{Connection, OptionalExtension as _, RowIndex, params, types::ValueRef};

use super::{
    PAGE_BYTES, PAGE_ROWS, Place, SESSIONS_A_PAGE, SessionSummary, Size, file, fold,
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
    let mut statement = connection.prepare_cached(&format!("{ROWS} ORDER BY id {order} LIMIT ?3"))?;
    let mut found = statement.query(params![from, to, count as i64 + 1])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        if rows.len() == count {
            return Ok((rows, true));
        }
        let row = read_row(row)?;
        let weight = row.raw().len();
        if weight > bytes && !rows.is_empty() {
            return Ok((rows, true));
        }
        bytes = bytes.saturating_sub(weight);
        rows.push(row);
    }
    Ok((rows, false))
}

/// One row.
pub(super) fn row(connection: &Connection, key: i64, number: u64) -> rusqlite::Result<Option<Row>> {
    let id = row_id(key, number);
    connection.prepare_cached(ROWS)?.query_row([id, id + 1], read_row).optional()
}

/// The rows from one id to before another, with the columns that [`read_row`] and [`text`] read.
pub(super) const ROWS: &str =
    "SELECT id, at, kind, header, trailer, boundary, raw, carry, detail, encoding FROM rows WHERE id >= ?1 AND id < ?2";

/// A row as the columns of [`ROWS`] have it.
pub(super) fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let number = RowNumber(number_of(row.get(0)?));
    let at = timestamp(row.get(1)?);
    let of_row: i64 = row.get(2)?;
    let detail = || match row.get_ref(8)? {
        ValueRef::Text(text) => Ok(std::str::from_utf8(text).ok()),
        _ => Ok::<_, rusqlite::Error>(None),
    };
    // What nobody can have written is shown as what it most likely was, not as an error: the other rows are whole.
    if of_row == kind::HAPPENED {
        let what = detail()?.and_then(stored::happening).unwrap_or(Happening::PeerFinished);
        return Ok(Row { number, at, kind: RowKind::Happened(what) });
    }
    let raw = Bytes::copy_from_slice(row.get_ref(6)?.as_blob_or_null()?.unwrap_or_default());
    let cut = cut(row, raw.len())?;
    let kind = if of_row == kind::RECEIVED {
        RowKind::Received(Received { raw, cut, carry: carry(row)?, begins: None })
    } else {
        let delivery = stored::delivery(detail()?).unwrap_or(Delivery::Waiting);
        RowKind::Sent(Sent {
            raw,
            cut,
            delivery,
            auto: of_row == kind::AUTO,
            encoding: encoding(row, 9)?,
            begins: None,
        })
    };
    Ok(Row { number, at, kind })
}

/// The text of a row as the columns of [`ROWS`] have it: what came in that encoding, and what was sent in its own. None
/// of what is no message.
pub(super) fn text<'r>(row: &'r rusqlite::Row<'_>, encoding: TextEncoding) -> rusqlite::Result<Option<Cow<'r, str>>> {
    let Some(raw) = row.get_ref(6)?.as_blob_or_null()? else { return Ok(None) };
    let (cut, carry) = (cut(row, raw.len())?, carry(row)?);
    let payload = payload(raw, cut);
    let encoding = if row.get::<_, i64>(2)? == kind::RECEIVED { encoding } else { self::encoding(row, 9)? };
    if encoding == TextEncoding::default()
        && carry == SplitChar::default()
        && let Ok(text) = std::str::from_utf8(payload)
    {
        return Ok(Some(text.into()));
    }
    Ok(Some(text::decode(encoding, carry, payload, cut.boundary).text.into()))
}

fn cut(row: &rusqlite::Row<'_>, end: usize) -> rusqlite::Result<Cut> {
    Ok(Cut {
        end: end as u32,
        header: small(row, 3)?,
        trailer: small(row, 4)?,
        boundary: stored::boundary(row.get::<_, Option<i64>>(5)?.unwrap_or_default()),
    })
}

/// What the message of a row leaves for the next, if its text begins with `carry`: nothing, if it ended as its framing
/// says it should.
pub(super) fn carry_after(
    row: &rusqlite::Row<'_>,
    encoding: TextEncoding,
    carry: SplitChar,
) -> rusqlite::Result<SplitChar> {
    let raw = row.get_ref(6)?.as_blob_or_null()?.unwrap_or_default();
    Ok(carry_after_message(encoding, carry, raw, cut(row, raw.len())?))
}

/// As [`carry_after`].
pub(super) fn carry_after_message(encoding: TextEncoding, carry: SplitChar, raw: &[u8], cut: Cut) -> SplitChar {
    if !cut.boundary.is_open() {
        return SplitChar::default();
    }
    text::decode(encoding, carry, payload(raw, cut), cut.boundary).split_char
}

/// The first bytes of a row's text, from the message before.
pub(super) fn carry(row: &rusqlite::Row<'_>) -> rusqlite::Result<SplitChar> {
    Ok(SplitChar::new(row.get_ref(7)?.as_blob_or_null()?.unwrap_or_default()))
}
