//! Records → rows, many in one transaction.

use std::collections::{HashMap, hash_map::Entry};

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Statement, Transaction, params};

use super::{
    blocks, people,
    read::{self, SESSION, carry_after_message},
    recode,
    schema::{LAST_NUMBER, row_id},
    stored::{self, boundary_number, kind, nanoseconds, origin},
};
use crate::chat::{
    ConversationChange, Delivery, Happening, JournalEntry, Origin, PersonRecord, Row, RowKind, Session, SessionId,
};
use crate::chat::{Received, Sent};
use crate::wire::{
    Cut,
    text::{SplitChar, TextEncoding},
};

/// Sessions for which there is room in memory, however few are under way.
const ROOM_KEPT: usize = 512;

/// What the thread knows of the sessions that are under way, so that nothing has to be read while writing.
#[derive(Debug, Default)]
pub(super) struct Live {
    sessions: HashMap<SessionId, Known>,
}

/// What is known of one session.
#[derive(Clone, Debug)]
struct Known {
    session: Session,
    /// Its key in the file; None while it is not in the file.
    key: Option<i64>,
    /// Its key in the file that this one took the place of.
    lost_key: Option<i64>,
    /// The lowest number that its next row may have.
    next: u64,
    /// When its last row was written.
    last: i64,
    /// What the text of the next message received begins with.
    carry: SplitChar,
    ended: bool,
}

/// What writing resulted in.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Rows that came out of order, or of a session that was never opened.
    pub refused: u64,
    /// What is kept of people from here on: the last of each.
    pub kept: Vec<PersonRecord>,
}

/// What changed about a session in this transaction.
struct Touched {
    known: Known,
    messages: i64,
    bytes: i64,
}

impl Live {
    /// Follow what begins and ends, while nothing is written.
    pub(super) fn follow(&mut self, record: &JournalEntry) {
        match record {
            JournalEntry::Opened(session) => {
                self.sessions.insert(session.id, Known::new(session));
            }
            JournalEntry::Changed { session, change } => {
                if let Some(known) = self.sessions.get_mut(session) {
                    known.change(change);
                }
            }
            JournalEntry::Ended { session, .. } => {
                self.sessions.remove(session);
            }
            JournalEntry::Received { .. }
            | JournalEntry::Sent { .. }
            | JournalEntry::Delivery { .. }
            | JournalEntry::Acknowledged { .. }
            | JournalEntry::Happened { .. }
            | JournalEntry::Replaced { .. } => {}
            JournalEntry::Person { with, .. } => with.iter().for_each(|record| self.follow(record)),
        }
    }

    /// Whether that session is under way.
    pub(super) fn has(&self, id: SessionId) -> bool {
        self.sessions.contains_key(&id)
    }

    /// The text of the next message received in that session begins with this.
    pub(super) fn set_carry(&mut self, id: SessionId, carry: SplitChar) {
        if let Some(known) = self.sessions.get_mut(&id) {
            known.carry = carry;
        }
    }

    /// The file is another one: none of the sessions is in it yet.
    pub(super) fn forget_keys(&mut self) {
        for known in self.sessions.values_mut() {
            known.lost_key = known.key.take();
        }
    }

    /// Sessions that were in the file before this one: their keys there, and the numbers of their next rows.
    pub(super) fn lost_keys(&self) -> impl Iterator<Item = (i64, &Session, u64)> {
        self.sessions.values().filter_map(|known| Some((known.lost_key?, &known.session, known.next)))
    }

    /// Write these records, all of them or none.
    pub(super) fn write(&mut self, connection: &mut Connection, records: &[JournalEntry]) -> rusqlite::Result<Written> {
        let people = records.iter().any(|record| matches!(record, JournalEntry::Person { .. }));
        let synced = if people { "FULL" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", synced)?;
        let transaction = connection.transaction()?;
        let (touched, written) = write_all(&transaction, self, records)?;
        transaction.commit()?;
        for (id, Touched { known, .. }) in touched {
            if known.ended {
                self.sessions.remove(&id);
            } else {
                self.sessions.insert(id, known);
            }
        }
        if self.sessions.capacity() > ROOM_KEPT && self.sessions.len() < self.sessions.capacity() / 8 {
            self.sessions.shrink_to(2 * self.sessions.len());
        }
        Ok(written)
    }
}

impl Known {
    fn new(session: &Session) -> Self {
        Self {
            session: session.clone(),
            key: None,
            lost_key: None,
            next: 0,
            last: nanoseconds(session.opened),
            carry: SplitChar::default(),
            ended: false,
        }
    }

    fn change(&mut self, change: &ConversationChange) {
        match change.clone() {
            ConversationChange::Name(name) => self.session.name = name,
            ConversationChange::Encoding(encoding) => self.session.encoding = encoding,
            ConversationChange::Addresses { peer, local } => (self.session.peer, self.session.local) = (peer, local),
        }
    }
}

fn write_all(
    transaction: &Transaction<'_>,
    live: &Live,
    records: &[JournalEntry],
) -> rusqlite::Result<(HashMap<SessionId, Touched>, Written)> {
    let insert = transaction.prepare_cached(INSERT_ROW)?;
    let (touched, written) = (HashMap::new(), Written::default());
    let mut writing = Writing { transaction, insert, insert_lines: None, live, touched, written };
    for record in records {
        writing.record(record)?;
    }
    let Writing { touched, written, .. } = writing;
    let mut update = transaction.prepare_cached(
        "UPDATE sessions SET next = ?2, last = ?3, messages = messages + ?4, bytes = bytes + ?5 WHERE key = ?1",
    )?;
    for Touched { known, messages, bytes } in touched.values() {
        update.execute(params![known.key, known.next as i64, known.last, messages, bytes])?;
    }
    Ok((touched, written))
}

/// A transaction under way.
struct Writing<'c> {
    transaction: &'c Transaction<'c>,
    insert: CachedStatement<'c>,
    /// For [`LINES_AT_ONCE`] messages; once there are so many.
    insert_lines: Option<CachedStatement<'c>>,
    live: &'c Live,
    touched: HashMap<SessionId, Touched>,
    written: Written,
}

const INSERT_ROW: &str = "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, carry, detail, encoding)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// Messages that are alike but for their bytes, inserted by one statement: another one for each would look for its place in
/// the table from the root on, and bind ten values in place of one.
const LINES_AT_ONCE: usize = 64;

/// The statement for them: the id of the first, what all have in common, and the bytes of each.
fn insert_lines() -> String {
    let row = |place: usize| format!("(?1 + {place}, ?2, {}, 0, ?3, ?4, ?{})", kind::RECEIVED, place + FIRST_LINE);
    let rows: Vec<String> = (0..LINES_AT_ONCE).map(row).collect();
    format!("INSERT INTO rows (id, at, kind, header, trailer, boundary, raw) VALUES {}", rows.join(", "))
}

/// The parameter of that statement with the bytes of its first message.
const FIRST_LINE: usize = 5;

impl Writing<'_> {
    fn record(&mut self, record: &JournalEntry) -> rusqlite::Result<()> {
        let id = record.session();
        if let JournalEntry::Person { record, with } = record {
            return self.person(record, with);
        }
        if let JournalEntry::Opened(session) = record {
            if let Some(touched) = touch(&mut self.touched, self.live, self.transaction, id)? {
                // A conversation with a person continues in each run.
                touched.known.ended = false;
            } else {
                let known = Known::new(session);
                self.touched.insert(id, Touched { known, messages: 0, bytes: 0 });
            }
        }
        let rows = record.rows() as u64;
        let Some(touched) = touch(&mut self.touched, self.live, self.transaction, id)? else {
            self.written.refused += rows;
            return Ok(());
        };
        let known = &mut touched.known;
        let key = match known.key {
            Some(key) => key,
            // What was salvaged of it may be there already.
            None => match read::session(self.transaction, id)? {
                Some((_, key)) => key,
                None => insert_session(self.transaction, &known.session)?,
            },
        };
        known.key = Some(key);
        if let Some(first) = first_number(record) {
            if first < known.next || first.saturating_add(rows) > LAST_NUMBER {
                self.written.refused += rows;
                return Ok(());
            }
            known.next = first + rows;
        }

        match record {
            // Of a person all went its own way above.
            JournalEntry::Opened(_) | JournalEntry::Person { .. } => {}
            JournalEntry::Received { first, at, batch, .. } => {
                let at = nanoseconds(*at);
                known.last = known.last.max(at);
                touched.messages += batch.cuts.len() as i64;
                touched.bytes += batch.bytes.len() as i64;
                let (mut start, mut number, mut cuts) = (0, first.0, batch.cuts.as_slice());
                let mut raw = |cut: &Cut| {
                    let end = (cut.end as usize).clamp(start, batch.bytes.len());
                    let raw = batch.bytes.get(start..end).unwrap_or_default();
                    start = end;
                    raw
                };
                while let Some((cut, rest)) = cuts.split_first() {
                    if known.carry.as_slice().is_empty()
                        && let Some((lines, rest)) = cuts.split_at_checked(LINES_AT_ONCE)
                        && are_lines(lines, *cut)
                    {
                        let insert = match &mut self.insert_lines {
                            Some(insert) => insert,
                            none => none.insert(self.transaction.prepare_cached(&insert_lines())?),
                        };
                        insert.raw_bind_parameter(1, row_id(key, number))?;
                        insert.raw_bind_parameter(2, at)?;
                        insert.raw_bind_parameter(3, cut.trailer)?;
                        insert.raw_bind_parameter(4, boundary_number(cut.boundary))?;
                        for (place, line) in lines.iter().enumerate() {
                            insert.raw_bind_parameter(FIRST_LINE + place, raw(line))?;
                        }
                        insert.raw_execute()?;
                        number += LINES_AT_ONCE as u64;
                        cuts = rest;
                        continue;
                    }
                    let raw = raw(cut);
                    insert_received(&mut self.insert, row_id(key, number), at, raw, *cut, known.carry)?;
                    known.carry = carry_after_message(known.session.encoding, known.carry, raw, *cut);
                    number += 1;
                    cuts = rest;
                }
            }
            JournalEntry::Sent { number, at, raw, cut, delivery, auto, encoding, .. } => {
                known.last = known.last.max(nanoseconds(*at));
                touched.messages += 1;
                touched.bytes += raw.len() as i64;
                let (id, at) = (row_id(key, number.0), nanoseconds(*at));
                insert_sent(&mut self.insert, id, at, (raw, *cut, *encoding), delivery, *auto)?;
            }
            JournalEntry::Happened { number, at, what, .. } => {
                known.last = known.last.max(nanoseconds(*at));
                insert_happening(&mut self.insert, row_id(key, number.0), nanoseconds(*at), what)?;
            }
            JournalEntry::Delivery { number, delivery, .. } => self.update_delivery(key, number.0, delivery)?,
            JournalEntry::Acknowledged { numbers, .. } => {
                // What has no detail was sent.
                self.transaction
                    .prepare_cached(
                        "UPDATE rows SET detail = ?3 WHERE id >= ?1 AND id < ?2 AND kind IN (?4, ?5) AND detail IS NULL",
                    )?
                    .execute(params![
                        row_id(key, numbers.start.0),
                        row_id(key, numbers.end.0),
                        stored::delivery_text(&Delivery::Acknowledged),
                        kind::SENT,
                        kind::AUTO,
                    ])?;
            }
            JournalEntry::Changed { change, .. } => {
                let encoding = known.session.encoding;
                known.change(change);
                update_session(self.transaction, key, &known.session)?;
                if known.session.encoding != encoding {
                    known.carry = SplitChar::default();
                    recode::begin(self.transaction, key)?;
                }
            }
            JournalEntry::Replaced { numbers, .. } => {
                known.carry = SplitChar::default();
                blocks::take_out_from(self.transaction, key, numbers.start.0, usize::MAX)?;
                let (first, end) = (row_id(key, numbers.start.0), row_id(key, numbers.end.0));
                let (messages, bytes): (i64, i64) = self
                    .transaction
                    .prepare_cached(
                        "SELECT count(*), ifnull(sum(length(raw)), 0) FROM rows
                        WHERE id >= ?1 AND id < ?2 AND raw IS NOT NULL",
                    )?
                    .query_row([first, end], |row| Ok((row.get(0)?, row.get(1)?)))?;
                touched.messages -= messages;
                touched.bytes -= bytes;
                self.transaction
                    .prepare_cached("DELETE FROM rows WHERE id >= ?1 AND id < ?2")?
                    .execute([first, end])?;
            }
            JournalEntry::Ended { at, .. } => {
                known.ended = true;
                self.transaction
                    .prepare_cached("UPDATE sessions SET ended = ?2 WHERE key = ?1")?
                    .execute([key, nanoseconds(*at)])?;
            }
        }
        Ok(())
    }

    /// What is kept of a person, and what goes with it: all or nothing.
    fn person(&mut self, record: &PersonRecord, with: &[JournalEntry]) -> rusqlite::Result<()> {
        let refused = self.written.refused;
        for entry in with {
            self.record(entry)?;
        }
        if self.written.refused > refused {
            // Written by itself it is left out as a whole.
            return Err(rusqlite::Error::InvalidQuery);
        }
        people::put(self.transaction, record, with)?;
        self.written.kept.retain(|kept| kept.id != record.id);
        self.written.kept.push(record.clone());
        Ok(())
    }

    fn update_delivery(&self, key: i64, number: u64, delivery: &Delivery) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE rows SET detail = ?2 WHERE id = ?1 AND kind IN (?3, ?4)")?
            .execute(params![row_id(key, number), stored::delivery_text(delivery), kind::SENT, kind::AUTO])?;
        Ok(())
    }
}

/// Whether these are messages without anything before their text, that ended as this one did, and whole.
fn are_lines(cuts: &[Cut], like: Cut) -> bool {
    let is_line = |cut: &Cut| (cut.header, cut.trailer, cut.boundary) == (0, like.trailer, like.boundary);
    !like.boundary.is_open() && cuts.iter().all(is_line)
}

/// A session as this transaction has left it so far; from the file, if it is over. None if nobody knows it.
fn touch<'t>(
    touched: &'t mut HashMap<SessionId, Touched>,
    live: &Live,
    transaction: &Transaction<'_>,
    id: SessionId,
) -> rusqlite::Result<Option<&'t mut Touched>> {
    match touched.entry(id) {
        Entry::Occupied(entry) => Ok(Some(entry.into_mut())),
        Entry::Vacant(entry) => {
            let known = match live.sessions.get(&id) {
                Some(known) => Some(known.clone()),
                None => read_known(transaction, id)?,
            };
            Ok(known.map(|known| entry.insert(Touched { known, messages: 0, bytes: 0 })))
        }
    }
}

fn read_known(transaction: &Transaction<'_>, id: SessionId) -> rusqlite::Result<Option<Known>> {
    let found = transaction
        .prepare_cached(&format!("SELECT {SESSION}, key, next FROM sessions WHERE id = ?1"))?
        .query_row([id.0 as i64], |row| {
            let summary = read::summary(row)?;
            let next: i64 = row.get("next")?;
            Ok(Known {
                last: nanoseconds(summary.last),
                session: summary.session,
                key: row.get("key")?,
                lost_key: None,
                next: next as u64,
                carry: SplitChar::default(),
                ended: true,
            })
        })
        .optional()?;
    Ok(found)
}

/// The number of the first row that results from a record.
fn first_number(record: &JournalEntry) -> Option<u64> {
    match record {
        JournalEntry::Received { first, .. } => Some(first.0),
        JournalEntry::Sent { number, .. } | JournalEntry::Happened { number, .. } => Some(number.0),
        _ => None,
    }
}

/// Add a session without rows. Its key.
pub(super) fn insert_session(transaction: &Connection, session: &Session) -> rusqlite::Result<i64> {
    let (origin, host, port) = match &session.origin {
        Origin::Everyone => (origin::EVERYONE, None, None),
        Origin::Accepted => (origin::ACCEPTED, None, None),
        Origin::Outgoing { host, port } => (origin::OUTGOING, Some(host.clone()), Some(port)),
        Origin::Person(id) => (origin::PERSON, Some(id.to_string()), None),
        Origin::Nearby => (origin::NEARBY, None, None),
        Origin::Heard => (origin::HEARD, None, None),
        Origin::Datagrams { host, port } => (origin::DATAGRAMS, Some(host.clone()), Some(port)),
    };
    transaction
        .prepare_cached(
            "INSERT INTO sessions (id, origin, host, port, peer, local, name, encoding, opened, last)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        )?
        .insert(params![
            session.id.0 as i64,
            origin,
            host,
            port,
            session.peer.map(|address| address.to_string()),
            session.local.map(|address| address.to_string()),
            session.name,
            session.encoding.name(),
            nanoseconds(session.opened),
        ])
}

/// Add a row.
pub(super) fn insert_row(transaction: &Transaction<'_>, key: i64, row: &Row) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(INSERT_ROW)?;
    let (id, at) = (row_id(key, row.number.0), nanoseconds(row.at));
    match &row.kind {
        RowKind::Received(Received { raw, cut, carry, .. }) => insert_received(&mut insert, id, at, raw, *cut, *carry),
        RowKind::Sent(Sent { raw, cut, delivery, auto, encoding, .. }) => {
            insert_sent(&mut insert, id, at, (raw, *cut, *encoding), delivery, *auto)
        }
        RowKind::Happened(what) => insert_happening(&mut insert, id, at, what),
    }
}

fn insert_received(
    insert: &mut Statement<'_>,
    id: i64,
    at: i64,
    raw: &[u8],
    cut: Cut,
    carry: SplitChar,
) -> rusqlite::Result<()> {
    let carry = Some(carry.as_slice()).filter(|bytes| !bytes.is_empty());
    let (header, trailer, boundary) = (cut.header, cut.trailer, boundary_number(cut.boundary));
    let none = None::<&str>;
    insert.execute(params![id, at, kind::RECEIVED, header, trailer, boundary, raw, carry, none, none])?;
    Ok(())
}

fn insert_sent(
    insert: &mut Statement<'_>,
    id: i64,
    at: i64,
    (raw, cut, encoding): (&[u8], Cut, TextEncoding),
    delivery: &Delivery,
    auto: bool,
) -> rusqlite::Result<()> {
    let kind = if auto { kind::AUTO } else { kind::SENT };
    let (header, trailer, boundary) = (cut.header, cut.trailer, boundary_number(cut.boundary));
    let encoding = Some(encoding.name()).filter(|_| encoding != TextEncoding::default());
    let (carry, detail) = (None::<&[u8]>, stored::delivery_text(delivery));
    insert.execute(params![id, at, kind, header, trailer, boundary, raw, carry, detail, encoding])?;
    Ok(())
}

fn insert_happening(insert: &mut Statement<'_>, id: i64, at: i64, what: &Happening) -> rusqlite::Result<()> {
    let (number, bytes) = (None::<i64>, None::<&[u8]>);
    let detail = stored::happening_text(what);
    insert.execute(params![id, at, kind::HAPPENED, number, number, number, bytes, bytes, detail, bytes])?;
    Ok(())
}

fn update_session(transaction: &Transaction<'_>, key: i64, session: &Session) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE sessions SET peer = ?2, local = ?3, name = ?4, encoding = ?5 WHERE key = ?1")?
        .execute(params![
        key,
        session.peer.map(|address| address.to_string()),
        session.local.map(|address| address.to_string()),
        session.name,
        session.encoding.name(),
    ])?;
    Ok(())
}
