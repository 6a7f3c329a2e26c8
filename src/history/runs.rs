//! Runs: messages received one after the other, alike but for their bytes and times, in one row of the table.
//!
//! A row of its own costs a short message as much again, of the disk and of the time to write and to read it. In place of
//! a row for each, a run has the bytes of all laid end to end, and in its column `run` of each its length and its time, as
//! a step from the one before: the first's from `at`. What `carry` has is the first's.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    leb128,
    schema::{number_of, row_id},
};
use crate::wire::{Cut, text::SplitChar};

/// Bytes of a run after which it ends, those of its column `run` with them. Of rows that are no longer, four have room in a
/// page of 4,096 bytes, and little of it is left over.
pub(super) const RUN_BYTES: usize = 960;

/// The statement that adds one.
pub(super) const INSERT_RUN: &str = "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, run)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// Messages of a run, while they are counted.
#[derive(Debug, Default)]
pub(super) struct Run {
    lengths: Vec<u8>,
    /// How many there are.
    pub count: usize,
    /// Their bytes.
    pub bytes: usize,
}

impl Run {
    /// The first of these messages, which came at once, and those after it that are alike and have room. The first begins
    /// at `start`, and its text with `carry`.
    pub(super) fn first_of(cuts: &[Cut], start: usize, carry: SplitChar) -> Self {
        let mut run = Self::default();
        let mut like = None;
        for cut in cuts {
            let length = (cut.end as usize).saturating_sub(start + run.bytes);
            let framing = (cut.header, cut.trailer, cut.boundary);
            let first = *like.get_or_insert(framing);
            if run.count > 0 && (framing != first || !run.has_room(length)) {
                break;
            }
            run.push(length, 0);
            // What one leaves for the next is in a row of its own.
            if cut.boundary.is_open() || carry != SplitChar::default() {
                break;
            }
        }
        run
    }

    /// The column `run`: none for a single one.
    pub(super) fn column(&self) -> Option<&[u8]> {
        (self.count > 1).then_some(&self.lengths)
    }

    pub(super) fn has_room(&self, length: usize) -> bool {
        self.bytes + self.lengths.len() + length <= RUN_BYTES
    }

    pub(super) fn push(&mut self, length: usize, step: i64) {
        leb128::put(length as u64, &mut self.lengths);
        leb128::put_step(step, &mut self.lengths);
        self.bytes += length;
        self.count += 1;
    }
}

/// The next message of a run: its length, and its time as a step from the one before.
pub(super) fn next(run: &mut &[u8]) -> Option<(usize, i64)> {
    Some((leb128::get(run)? as usize, leb128::get_step(run)?))
}

/// How many messages are in a row with this column `run`.
pub(super) fn count(run: Option<&[u8]>) -> u64 {
    let Some(mut run) = run else { return 1 };
    std::iter::from_fn(|| next(&mut run)).count() as u64
}

/// Has a row of the table begin with this number, so that what is before and what is after can be asked for, and removed,
/// by itself.
pub(super) fn split(connection: &Connection, key: i64, number: u64) -> rusqlite::Result<()> {
    let before = connection
        .prepare_cached("SELECT id, at, raw, run FROM rows WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")?
        .query_row([row_id(key, 0), row_id(key, number)], |row| {
            let run: Option<Vec<u8>> = row.get(3)?;
            Ok(run.map(|run| Ok::<_, rusqlite::Error>((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, run))))
        })
        .optional()?
        .flatten()
        .transpose()?;
    let Some((id, mut at, raw, run)): Option<(i64, i64, Vec<u8>, Vec<u8>)> = before else { return Ok(()) };
    let (mut left, mut bytes) = (run.as_slice(), 0_usize);
    for _ in number_of(id)..number {
        let Some((length, step)) = next(&mut left) else { return Ok(()) };
        bytes = bytes.saturating_add(length);
        at = at.wrapping_add(step);
    }
    let (first, later) = (run.len() - left.len(), raw.split_at_checked(bytes));
    let (Some((raw, later)), Some((length, step))) = (later, next(&mut left)) else { return Ok(()) };
    let mut rest = Run::default();
    rest.push(length, 0);
    rest.lengths.extend(left);
    connection
        .prepare_cached(
            "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, run)
            SELECT ?2, ?3, kind, header, trailer, boundary, ?4, ?5 FROM rows WHERE id = ?1",
        )?
        .execute(params![id, row_id(key, number), at.wrapping_add(step), later, rest.lengths])?;
    connection.prepare_cached("UPDATE rows SET raw = ?2, run = ?3 WHERE id = ?1")?.execute(params![
        id,
        raw,
        run.get(..first)
    ])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::ops::ControlFlow;

    use jiff::Timestamp;
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        chat::{JournalEntry, Origin, RowNumber, Session, SessionId},
        history::{read::each_row, schema, write::Live},
        wire::{Batch, Boundary, text::TextEncoding},
    };

    /// A history with these messages of one session, the first of which has the number 7.
    fn with(lengths: &[usize]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection).unwrap();
        let mut bytes = Vec::new();
        let cuts = lengths.iter().enumerate().map(|(place, length)| {
            bytes.resize(bytes.len() + length, place as u8);
            Cut { end: bytes.len() as u32, header: 0, trailer: 0, boundary: Boundary::Length }
        });
        let (cuts, session, at) = (cuts.collect(), SessionId(1), Timestamp::UNIX_EPOCH);
        let (name, encoding) = (None, TextEncoding::default());
        let opened =
            Session { id: session, origin: Origin::Accepted, peer: None, local: None, name, encoding, opened: at };
        let batch = Batch { bytes: bytes.into(), cuts };
        let records = [
            JournalEntry::Opened(Box::new(opened)),
            JournalEntry::Received { session, first: RowNumber(7), at, batch },
        ];
        let mut live = Live::default();
        live.write(&mut connection, &records).unwrap();
        live.settle(&mut connection).unwrap();
        connection
    }

    fn rows(connection: &Connection, from: u64, end: u64) -> Vec<(u64, Vec<u8>)> {
        let mut rows = Vec::new();
        let found = each_row(connection, 1, from..end, |row| {
            rows.push((row.number, row.raw.unwrap().to_vec()));
            Ok(ControlFlow::Continue(()))
        });
        found.unwrap();
        rows
    }

    fn in_table(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM rows", [], |row| row.get(0)).unwrap()
    }

    proptest! {
        #[test]
        fn wherever_runs_are_split_the_messages_are_the_same(
            lengths in vec(0..200_usize, 1..80), splits in vec(0..100_u64, 0..8), ends in (0..100_u64, 0..100_u64),
        ) {
            let connection = with(&lengths);
            let expected: Vec<(u64, Vec<u8>)> =
                (7..).zip(&lengths).map(|(number, length)| (number, vec![number as u8 - 7; *length])).collect();
            prop_assert_eq!(&rows(&connection, 0, u64::from(u32::MAX)), &expected);
            for number in splits {
                split(&connection, 1, number).unwrap();
                let begins = connection.prepare("SELECT 1 FROM rows WHERE id = ?1").unwrap().exists([row_id(1, number)]);
                let is_there = expected.iter().any(|(there, _)| *there == number);
                prop_assert_eq!(begins.unwrap(), is_there);
                prop_assert_eq!(&rows(&connection, 0, 1_000), &expected);
            }
            let (from, end) = ends;
            let within: Vec<_> = expected.iter().filter(|(number, _)| (from..end).contains(number)).cloned().collect();
            prop_assert_eq!(rows(&connection, from, end), within);
        }
    }

    #[test]
    fn a_run_has_room_for_so_many_that_four_are_in_a_page() {
        // 48 bytes of each, and one for its length and one for its time.
        assert_eq!(in_table(&with(&[46; 60])), 3);
        // What is longer is by itself.
        assert_eq!(in_table(&with(&[1_000; 3])), 3);
    }
}
