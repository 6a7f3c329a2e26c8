//! Removing for good, step by step: the rows, what searching knows of them, and the room that they took.

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    Cancel, Outcome, Removal, Trouble, blocks, read, runs,
    schema::{LAST_NUMBER, row_id},
    stored::nanoseconds,
    write::Live,
};
use crate::chat::SessionId;
use crate::wire::text::TextEncoding;

/// A removal under way.
#[derive(Debug)]
pub(super) struct Removing {
    cancel: Cancel,
    stage: Stage,
    done: u64,
    of: u64,
    /// What is reported at the end, if not how many were removed.
    outcome: Option<Outcome>,
}

#[derive(Debug)]
enum Stage {
    Begin(Removal),
    /// The same, of what was there when it was asked for.
    BeginWith(Removal, VecDeque<RemovalTarget>),
    /// These sessions are still to be emptied.
    Rows(VecDeque<RemovalTarget>),
    /// The index still holds what was deleted from it, marked as such.
    Index,
    /// All is removed, and has left traces in the file.
    Traces,
    /// Nothing is left.
    Vacuumed,
    /// There was no time to remove the traces.
    Postponed,
}

/// What a removal does next.
#[derive(Debug)]
pub(super) enum Next {
    /// [`vacuum`], which takes its time, and then [`Removing::vacuumed`] or [`Removing::postponed`].
    Vacuum,
    /// Nothing: this is its outcome.
    Over(Outcome),
    /// Nothing, and nobody waits for an outcome: this is to be told, if anything.
    Told(Option<Trouble>),
}

/// A session, rows of which are to be removed.
#[derive(Debug)]
struct RemovalTarget {
    key: i64,
    id: SessionId,
    encoding: TextEncoding,
    /// Only rows before this number.
    end: u64,
    /// Only rows before this time.
    before: Option<i64>,
}

impl Removing {
    pub(super) fn new(what: Removal, cancel: Cancel) -> Self {
        Self { cancel, stage: Stage::Begin(what), done: 0, of: 0, outcome: None }
    }

    /// Removes what is there now, whenever it begins.
    pub(super) fn of_what_is_there(
        what: Removal,
        cancel: Cancel,
        connection: &Connection,
        live: &Live,
    ) -> rusqlite::Result<Self> {
        let (sessions, of) = targets_of(what, connection, live)?;
        Ok(Self { of, stage: Stage::BeginWith(what, sessions), ..Self::new(what, cancel) })
    }

    /// End what an earlier run was killed in: a removal, or an import.
    pub(super) fn left_over(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let traces = has_traces(connection)?;
        let (halves, of) = targets(connection, "whole = ?1", 0)?;
        let left = traces || !halves.is_empty();
        let empty = Self::new(Removal::All, Cancel::default());
        Ok(left.then_some(Self { stage: Stage::Rows(halves), of, ..empty }))
    }

    /// Removes sessions that were imported by halves, and then reports this outcome.
    pub(super) fn back(ids: &[SessionId], outcome: Outcome, connection: &Connection) -> rusqlite::Result<Self> {
        let mut sessions = VecDeque::new();
        for id in ids {
            sessions.append(&mut targets(connection, "id = ?1", id.0 as i64)?.0);
        }
        connection.execute(NOTE_TRACES, [])?;
        let empty = Self::new(Removal::All, Cancel::default());
        Ok(Self { stage: Stage::Rows(sessions), outcome: Some(outcome), ..empty })
    }

    /// Messages removed so far, and of how many.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.done, Some(self.of.max(self.done)))
    }

    /// The file was vacuumed.
    pub(super) fn vacuumed(&mut self) {
        self.stage = Stage::Vacuumed;
    }

    /// The file could not be vacuumed now: the traces stay noted.
    pub(super) fn postponed(&mut self) {
        self.stage = Stage::Postponed;
    }

    /// Continues until then, about. `None` if there is more to do the same way.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        live: &Live,
        until: Instant,
    ) -> rusqlite::Result<Option<Next>> {
        while Instant::now() < until {
            if self.cancel.is_cancelled() && matches!(self.stage, Stage::Begin(_) | Stage::BeginWith(..)) {
                return Ok(Some(Next::Over(Outcome::Cancelled)));
            }
            if self.cancel.is_cancelled() && matches!(self.stage, Stage::Rows(_)) {
                // What is removed by now is not to be found in the file either.
                self.outcome = Some(Outcome::Cancelled);
                self.stage = Stage::Index;
            }
            match &mut self.stage {
                Stage::Begin(what) => {
                    let (sessions, messages) = targets_of(*what, connection, live)?;
                    self.of = messages;
                    self.stage = Stage::BeginWith(*what, sessions);
                }
                Stage::BeginWith(what, sessions) => {
                    if let Removal::Old(time) = *what
                        && let Some(most) = most_is_old(connection, live, time)?
                    {
                        return Ok(Some(Next::Over(most)));
                    }
                    // Otherwise there is nothing to write the whole file again for.
                    self.stage = if !sessions.is_empty() || has_traces(connection)? {
                        connection.execute(NOTE_TRACES, [])?;
                        Stage::Rows(std::mem::take(sessions))
                    } else {
                        Stage::Vacuumed
                    };
                }
                Stage::Rows(sessions) => match sessions.front() {
                    Some(session) => {
                        let (messages, over) = remove_some(connection, session, live)?;
                        self.done += messages;
                        if over {
                            sessions.pop_front();
                        }
                    }
                    None => self.stage = Stage::Index,
                },
                Stage::Index => {
                    if forget(connection)? {
                        self.stage = Stage::Traces;
                    }
                }
                Stage::Traces => return Ok(Some(Next::Vacuum)),
                Stage::Vacuumed | Stage::Postponed => {
                    let traces = matches!(self.stage, Stage::Postponed);
                    if !traces {
                        connection.execute("DELETE FROM traces", [])?;
                    }
                    let removed = Outcome::Removed { messages: self.done, traces };
                    return Ok(Some(Next::Over(self.outcome.take().unwrap_or(removed))));
                }
            }
        }
        Ok(None)
    }
}

/// The sessions that this removes rows of, and how many messages are in them.
fn targets_of(what: Removal, connection: &Connection, live: &Live) -> rusqlite::Result<(VecDeque<RemovalTarget>, u64)> {
    match what {
        Removal::All => targets(connection, "?1 = 0", 0),
        Removal::Session(id) => targets(connection, "id = ?1", id.0 as i64),
        Removal::Before(time) | Removal::Old(time) => {
            let (mut sessions, messages) = targets(connection, "opened < ?1", nanoseconds(time))?;
            // What is open is not removed for its age: the clock may have jumped under it.
            sessions.retain(|session| !live.has(session.id));
            if matches!(what, Removal::Old(_)) {
                let young = first_young(connection, time)?;
                sessions.retain(|session| session.key < young);
            }
            for session in &mut sessions {
                session.before = Some(nanoseconds(time));
            }
            Ok((sessions, messages))
        }
    }
}

/// How many messages this would remove, and of how many sessions.
pub(super) fn weigh(what: Removal, connection: &Connection, live: &Live) -> rusqlite::Result<(u64, u64)> {
    let (targets, _) = targets_of(what, connection, live)?;
    let mut whole = connection.prepare("SELECT messages, last FROM sessions WHERE key = ?1")?;
    let (mut messages, mut sessions) = (0, 0);
    for RemovalTarget { key, before, .. } in targets {
        let (all, last): (i64, i64) = whole.query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let of_it = match before {
            Some(before) if last >= before => {
                let mut old = 0;
                read::each_row(connection, key, 0..LAST_NUMBER, |row| {
                    old += i64::from(row.at < before && row.bytes().is_some());
                    Ok(ControlFlow::Continue(()))
                })?;
                old
            }
            _ => all,
        };
        messages += of_it as u64;
        sessions += u64::from(of_it > 0);
    }
    Ok((messages, sessions))
}

/// The key of the first session that was opened at this time or later. What was written after it is as young, whatever
/// the clock said then, and whenever it was said: a computer may begin in 1970, and an import brings what is old.
fn first_young(connection: &Connection, time: Timestamp) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT ifnull(min(key), ?2) FROM sessions WHERE opened >= ?1",
        [nanoseconds(time), i64::MAX],
        |row| row.get(0),
    )
}

/// That most of all messages are of sessions that were over before this time, if they are.
fn most_is_old(connection: &Connection, live: &Live, time: Timestamp) -> rusqlite::Result<Option<Outcome>> {
    let young = first_young(connection, time)?;
    let (mut messages, mut of) = (0, 0);
    let mut select = connection.prepare("SELECT id, messages, last < ?1 AND key < ?2 FROM sessions")?;
    let mut sessions = select.query([nanoseconds(time), young])?;
    while let Some(row) = sessions.next()? {
        let (id, count): (i64, i64) = (row.get(0)?, row.get(1)?);
        of += count as u64;
        if row.get(2)? && !live.has(SessionId(id as u64)) {
            messages += count as u64;
        }
    }
    Ok((messages > of / 2).then_some(Outcome::MostIsOld { messages, of }))
}

/// Whether a removal was begun that has not come to its end.
fn has_traces(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM traces)", [], |row| row.get(0))
}

/// The sessions with this property, and how many messages are in them.
fn targets(connection: &Connection, property: &str, value: i64) -> rusqlite::Result<(VecDeque<RemovalTarget>, u64)> {
    let mut messages = 0;
    let mut select = connection
        .prepare(&format!("SELECT key, id, encoding, next, messages FROM sessions WHERE {property} ORDER BY key"))?;
    let mut found = select.query([value])?;
    let mut sessions = VecDeque::new();
    while let Some(row) = found.next()? {
        let (id, end, count): (i64, i64, i64) = (row.get(1)?, row.get(3)?, row.get(4)?);
        sessions.push_back(RemovalTarget {
            key: row.get(0)?,
            id: SessionId(id as u64),
            encoding: read::encoding(row, 2)?,
            end: end as u64,
            before: None,
        });
        messages += count as u64;
    }
    Ok((sessions, messages))
}

/// Remove some rows of a session: how many messages they were, and whether nothing is left to be removed of it.
fn remove_some(connection: &mut Connection, session: &RemovalTarget, live: &Live) -> rusqlite::Result<(u64, bool)> {
    let RemovalTarget { key, end, before, .. } = *session;
    let transaction = connection.transaction()?;
    let (mut last, mut rows, mut messages, mut bytes) = (None, 0, 0_i64, 0);
    let mut reached = false;
    read::each_row(&transaction, key, 0..end, |row| {
        reached = before.is_some_and(|before| row.at >= before);
        if reached || rows == ROWS_A_STEP {
            return Ok(ControlFlow::Break(()));
        }
        last = Some(row.number);
        rows += 1;
        messages += i64::from(row.bytes().is_some());
        bytes += row.bytes().unwrap_or_default() as i64;
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(last) = last {
        let next = last + 1;
        runs::split(&transaction, key, next)?;
        transaction
            .prepare_cached("DELETE FROM rows WHERE id >= ?1 AND id < ?2")?
            .execute([row_id(key, 0), row_id(key, next)])?;
        transaction
            .prepare_cached(
                "UPDATE sessions SET messages = messages - ?2, bytes = bytes - ?3, indexed = max(indexed, ?4)
                WHERE key = ?1",
            )?
            .execute([key, messages, bytes, next as i64])?;
        blocks::take_out_before(&transaction, key, session.encoding, next)?;
    }
    let over = reached || rows < ROWS_A_STEP;
    let came_since = |transaction: &Connection| {
        transaction
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM rows WHERE id >= ?1 AND id <= ?2)")?
            .query_row([row_id(key, 0), row_id(key, LAST_NUMBER)], |row| row.get::<_, bool>(0))
    };
    if over && !reached && !live.has(session.id) && !came_since(&transaction)? {
        blocks::take_out_before(&transaction, key, session.encoding, LAST_NUMBER)?;
        transaction
            .prepare_cached("DELETE FROM sessions WHERE key = ?1 AND (?2 IS NULL OR last < ?2)")?
            .execute(params![key, before])?;
    }
    transaction.commit()?;
    Ok((messages as u64, over))
}

/// Has the index write itself again without what was deleted from it. Returns whether that is done.
fn forget(connection: &Connection) -> rusqlite::Result<bool> {
    let blocks: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM blocks)", [], |row| row.get(0))?;
    if !blocks {
        connection.execute("INSERT INTO grams (grams) VALUES ('delete-all')", [])?;
        return Ok(true);
    }
    // https://sqlite.org/fts5.html, section 6.8: negative for all segments, and done when nothing changes any more.
    let before = connection.total_changes();
    connection.execute("INSERT INTO grams (grams, rank) VALUES ('merge', ?1)", [-PAGES_MERGED_A_STEP])?;
    Ok(connection.total_changes() - before < 2)
}

/// Writes the whole file again, which takes as long as it is large, unless it is to give way. There is no other way to be rid of all traces:
/// `secure_delete` overwrites what is deleted, but not what SQLite left behind where it moved rows from one page to
/// another.
pub(super) fn vacuum(connection: &Connection, give_way: &AtomicBool) -> rusqlite::Result<()> {
    connection.execute_batch("VACUUM")?;
    // The write-ahead log has pages as they were.
    let begun = Instant::now();
    connection.busy_timeout(A_READER_ENDS)?;
    let busy = loop {
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        if !matches!(busy, Ok(true)) || give_way.load(Ordering::Relaxed) || begun.elapsed() >= READERS_END {
            break busy;
        }
    };
    connection.busy_timeout(Duration::ZERO)?;
    if busy? {
        // The traces stay noted, and are removed at the next start.
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            Some("another program is reading the history; try again when it has ended".to_owned()),
        ));
    }
    Ok(())
}

/// How long other programs may continue to read before the log, which has pages as they were, is emptied.
const READERS_END: Duration = Duration::from_secs(10);

/// From one look whether they do to the next.
const A_READER_ENDS: Duration = Duration::from_millis(100);

/// Remember, over the end of the program, that the file is to be vacuumed.
const NOTE_TRACES: &str = "INSERT OR REPLACE INTO traces VALUES (1)";

/// Rows removed in one transaction.
const ROWS_A_STEP: i64 = 2_000;

/// Pages that the index writes again in one step.
const PAGES_MERGED_A_STEP: i64 = 500;
