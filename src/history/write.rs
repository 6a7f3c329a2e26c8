//! Records → rows, many in one transaction.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::ControlFlow,
};

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Statement, Transaction, params};

use super::{
    blocks, people,
    read::{self, SESSION, carry_after_message},
    recent::Recent,
    recode,
    runs::{self, INSERT_RUN, RUN_BYTES, Run},
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
    recent: Recent,
    /// A session was ended: what is left of it makes a block.
    ended: bool,
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
    /// Whether there is something to be indexed.
    pub work: bool,
    /// Whether something is to be read in another encoding.
    pub recode: bool,
}

/// What changed about a session in this transaction.
struct Touched {
    known: Known,
    /// Whether rows of it went to their places, or were taken out of them.
    placed: bool,
    messages: i64,
    bytes: i64,
}

impl Touched {
    fn new(known: Known) -> Self {
        Self { known, placed: false, messages: 0, bytes: 0 }
    }

    /// Rows with so many messages and bytes go to their places.
    fn place(&mut self, messages: usize, bytes: usize) {
        self.placed = true;
        self.messages += messages as i64;
        self.bytes += bytes as i64;
    }
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
        self.recent = Recent::default();
        for known in self.sessions.values_mut() {
            known.lost_key = known.key.take();
        }
    }

    /// Sessions that were in the file before this one: their keys there, and the numbers of their next rows.
    pub(super) fn lost_keys(&self) -> impl Iterator<Item = (i64, &Session, u64)> {
        self.sessions.values().filter_map(|known| Some((known.lost_key?, &known.session, known.next)))
    }

    /// Puts what came last into its place, where it is asked for. Whether there is something to be indexed now.
    pub(super) fn settle(&mut self, connection: &mut Connection) -> rusqlite::Result<bool> {
        let settled = self.recent.settle(connection)?;
        Ok(std::mem::take(&mut self.ended) || settled)
    }

    /// Whether what came last could not go to its place, and is read where it is.
    pub(super) fn reads_unsettled(&self) -> bool {
        self.recent.is_counted()
    }

    /// Write these records, all of them or none.
    pub(super) fn write(&mut self, connection: &mut Connection, records: &[JournalEntry]) -> rusqlite::Result<Written> {
        let people = records.iter().any(|record| matches!(record, JournalEntry::Person { .. }));
        let synced = if people { "FULL" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", synced)?;
        self.recent.count_placed(connection)?;
        let replaces = records.iter().any(replaces);
        let settled = (replaces || self.recent.is_full()) && self.recent.settle(connection)?;
        let transaction = connection.transaction()?;
        let (touched, mut written) = write_all(&transaction, self, records, replaces)?;
        transaction.commit()?;
        written.work |= settled;
        for (id, Touched { known, .. }) in touched {
            if known.ended {
                self.ended = true;
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
    live: &mut Live,
    records: &[JournalEntry],
    at_once: bool,
) -> rusqlite::Result<(HashMap<SessionId, Touched>, Written)> {
    let Live { sessions: live, recent, .. } = live;
    let mut writing = Writing {
        transaction,
        insert: transaction.prepare_cached(INSERT_ROW)?,
        insert_run: transaction.prepare_cached(INSERT_RUN)?,
        insert_recent: transaction.prepare_cached(INSERT_RECENT)?,
        at_once,
        live,
        recent,
        touched: HashMap::new(),
        written: Written::default(),
    };
    for record in records {
        writing.record(record)?;
    }
    let Writing { touched, mut written, .. } = writing;
    let mut update = transaction.prepare_cached(
        "UPDATE sessions SET next = max(next, ?2), last = max(last, ?3), messages = messages + ?4, bytes = bytes + ?5
        WHERE key = ?1",
    )?;
    for Touched { known, messages, bytes, .. } in touched.values().filter(|touched| touched.placed) {
        update.execute(params![known.key, known.next as i64, known.last, messages, bytes])?;
        written.work = true;
    }
    Ok((touched, written))
}

/// Whether rows are taken out again, which then have to be in their places.
fn replaces(record: &JournalEntry) -> bool {
    match record {
        JournalEntry::Replaced { .. } => true,
        JournalEntry::Person { with, .. } => with.iter().any(replaces),
        _ => false,
    }
}

/// A transaction under way.
struct Writing<'c> {
    transaction: &'c Transaction<'c>,
    insert: CachedStatement<'c>,
    insert_run: CachedStatement<'c>,
    insert_recent: CachedStatement<'c>,
    /// Whether all rows go to their places at once.
    at_once: bool,
    live: &'c HashMap<SessionId, Known>,
    recent: &'c mut Recent,
    touched: HashMap<SessionId, Touched>,
    written: Written,
}

const INSERT_ROW: &str = "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, carry, detail, encoding)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const INSERT_RECENT: &str = "INSERT INTO recent (id, at, kind, header, trailer, boundary, raw, carry, detail, encoding)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

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
                self.touched.insert(id, Touched::new(known));
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
                // What fills a run has no need to be gathered with others.
                let placed = self.at_once || batch.bytes.len() >= RUN_BYTES;
                if placed {
                    touched.place(batch.cuts.len(), batch.bytes.len());
                }
                let known = &mut touched.known;
                let (mut start, mut number, mut cuts) = (0, first.0, batch.cuts.as_slice());
                while let Some(cut) = cuts.first() {
                    let most = if placed { cuts } else { std::slice::from_ref(cut) };
                    let run = Run::first_of(most, start, known.carry);
                    let raw = batch.bytes.get(start..start + run.bytes).unwrap_or_default();
                    let id = row_id(key, number);
                    if let Some(run) = run.column() {
                        self.insert_run.execute(params![
                            id,
                            at,
                            kind::RECEIVED,
                            cut.header,
                            cut.trailer,
                            boundary_number(cut.boundary),
                            raw,
                            run
                        ])?;
                    } else if placed {
                        insert_received(&mut self.insert, id, at, raw, *cut, known.carry)?;
                    } else {
                        insert_received(&mut self.insert_recent, id, at, raw, *cut, known.carry)?;
                        self.recent.added(raw.len());
                    }
                    known.carry = carry_after_message(known.session.encoding, known.carry, raw, *cut);
                    cuts = cuts.get(run.count..).unwrap_or_default();
                    start += run.bytes;
                    number += run.count as u64;
                }
            }
            JournalEntry::Sent { number, at, raw, cut, delivery, auto, encoding, .. } => {
                known.last = known.last.max(nanoseconds(*at));
                let (id, at, what) = (row_id(key, number.0), nanoseconds(*at), (raw.as_ref(), *cut, *encoding));
                if self.at_once || raw.len() >= RUN_BYTES {
                    touched.place(1, raw.len());
                    insert_sent(&mut self.insert, id, at, what, delivery, *auto)?;
                } else {
                    insert_sent(&mut self.insert_recent, id, at, what, delivery, *auto)?;
                    self.recent.added(raw.len());
                    self.recent.placed(id, self.transaction.last_insert_rowid());
                }
            }
            JournalEntry::Happened { number, at, what, .. } => {
                known.last = known.last.max(nanoseconds(*at));
                let (id, at) = (row_id(key, number.0), nanoseconds(*at));
                if self.at_once {
                    touched.place(0, 0);
                    insert_happening(&mut self.insert, id, at, what)?;
                } else {
                    insert_happening(&mut self.insert_recent, id, at, what)?;
                    self.recent.added(0);
                }
            }
            JournalEntry::Delivery { number, delivery, .. } => self.update_delivery(key, number.0, delivery)?,
            JournalEntry::Acknowledged { numbers, .. } => {
                let acknowledged = stored::delivery_text(&Delivery::Acknowledged);
                let mut recent = self.transaction.prepare_cached(
                    "UPDATE recent SET detail = ?3 WHERE place = ?1 AND id = ?2 AND kind IN (?4, ?5) AND detail IS NULL",
                )?;
                for (id, place) in self.recent.sent(row_id(key, numbers.start.0)..row_id(key, numbers.end.0)) {
                    recent.execute(params![place, id, acknowledged, kind::SENT, kind::AUTO])?;
                }
                // What has no detail was sent.
                self.transaction
                    .prepare_cached(
                        "UPDATE rows SET detail = ?3 WHERE id >= ?1 AND id < ?2 AND kind IN (?4, ?5) AND detail IS NULL",
                    )?
                    .execute(params![
                        row_id(key, numbers.start.0),
                        row_id(key, numbers.end.0),
                        acknowledged,
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
                    self.written.recode = true;
                }
            }
            JournalEntry::Replaced { numbers, .. } => {
                known.carry = SplitChar::default();
                let numbers = numbers.start.0..numbers.end.0;
                touched.place(0, 0);
                blocks::take_out_from(self.transaction, key, numbers.start, usize::MAX)?;
                read::each_row(self.transaction, key, numbers.clone(), |row| {
                    touched.messages -= i64::from(row.bytes().is_some());
                    touched.bytes -= row.bytes().unwrap_or_default() as i64;
                    Ok(ControlFlow::Continue(()))
                })?;
                runs::split(self.transaction, key, numbers.start)?;
                runs::split(self.transaction, key, numbers.end)?;
                self.transaction
                    .prepare_cached("DELETE FROM rows WHERE id >= ?1 AND id < ?2")?
                    .execute([row_id(key, numbers.start), row_id(key, numbers.end)])?;
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
        let id = row_id(key, number);
        if let Some((_, place)) = self.recent.sent(id..id + 1).next() {
            let changed = self
                .transaction
                .prepare_cached("UPDATE recent SET detail = ?3 WHERE place = ?1 AND id = ?2 AND kind IN (?4, ?5)")?
                .execute(params![place, id, stored::delivery_text(delivery), kind::SENT, kind::AUTO])?;
            if changed > 0 {
                return Ok(());
            }
        }
        self.transaction
            .prepare_cached("UPDATE rows SET detail = ?2 WHERE id = ?1 AND kind IN (?3, ?4)")?
            .execute(params![id, stored::delivery_text(delivery), kind::SENT, kind::AUTO])?;
        Ok(())
    }
}

/// A session as this transaction has left it so far; from the file, if it is over. None if nobody knows it.
fn touch<'t>(
    touched: &'t mut HashMap<SessionId, Touched>,
    live: &HashMap<SessionId, Known>,
    transaction: &Transaction<'_>,
    id: SessionId,
) -> rusqlite::Result<Option<&'t mut Touched>> {
    match touched.entry(id) {
        Entry::Occupied(entry) => Ok(Some(entry.into_mut())),
        Entry::Vacant(entry) => {
            let known = match live.get(&id) {
                Some(known) => Some(known.clone()),
                None => read_known(transaction, id)?,
            };
            Ok(known.map(|known| entry.insert(Touched::new(known))))
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
    let (none, detail) = (None::<&[u8]>, stored::delivery_text(delivery));
    insert.execute(params![id, at, kind, header, trailer, boundary, raw, none, detail, encoding])?;
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
