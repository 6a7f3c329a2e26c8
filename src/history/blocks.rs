//! Blocks: the folded texts of some messages of a session laid end to end, so that a search reads them at once.
//!
//! Each block is one FTS5 document. FTS5 narrows a search to blocks, the block's text to messages. That takes a tenth
//! of the room and of the time that an index of each message would take, and a needle that is nearly everywhere, or
//! nowhere, costs at most one reading of all blocks.

use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::{
    fold::fold_into,
    grams, leb128,
    read::{StoredRow, each_row},
};
use crate::wire::text::TextEncoding;

/// The tables of blocks.
pub(super) const TABLES: &str = "
    CREATE TABLE blocks (
        id        INTEGER PRIMARY KEY,
        session   INTEGER NOT NULL REFERENCES sessions (key),
        first     INTEGER NOT NULL,             -- the number of its first message
        end       INTEGER NOT NULL,             -- the number after that of its last
        oldest    INTEGER NOT NULL,             -- the least and the greatest time of its messages
        newest    INTEGER NOT NULL,
        messages  BLOB NOT NULL,                -- of each its number and time, LEB128, as steps from the one before
        text      BLOB NOT NULL                 -- their texts, folded, after each the byte 255
    ) STRICT;
    CREATE INDEX blocks_by_session ON blocks (session, first);
    CREATE INDEX blocks_by_time ON blocks (newest, session, end, oldest);
    -- Not the text but its grams, each once; which are in a text is worked out again to take it out.
    CREATE VIRTUAL TABLE grams USING fts5 (words, content = '', detail = none, columnsize = 0, tokenize = ascii);
";

/// Ends a text in a block: no byte of UTF-8.
pub(super) const END_OF_TEXT: u8 = 0xff;

/// Bytes of text after which a block is full.
const BLOCK_BYTES: usize = 16 * 1024;

/// Messages after which a block is full.
const BLOCK_MESSAGES: usize = 512;

/// One message of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexed {
    pub number: u64,
    pub at: i64,
}

/// A block while it is made.
#[derive(Debug, Default)]
struct Block {
    first: u64,
    before: Indexed,
    count: usize,
    times: Option<(i64, i64)>,
    messages: Vec<u8>,
    text: Vec<u8>,
}

impl Block {
    fn begin(first: u64) -> Self {
        Self { first, before: Indexed { number: first, at: 0 }, ..Self::default() }
    }

    fn push(&mut self, message: Indexed, text: &str) {
        leb128::put(message.number - self.before.number, &mut self.messages);
        leb128::put_step(message.at.wrapping_sub(self.before.at), &mut self.messages);
        fold_into(text, &mut self.text);
        self.text.push(END_OF_TEXT);
        let (oldest, newest) = self.times.unwrap_or((message.at, message.at));
        self.times = Some((oldest.min(message.at), newest.max(message.at)));
        self.before = message;
        self.count += 1;
    }

    /// Add a row, if it is a message.
    fn push_row(&mut self, row: StoredRow<'_>, encoding: TextEncoding) {
        if let Some(text) = row.text(encoding) {
            self.push(Indexed { number: row.number, at: row.at }, &text);
        }
    }

    fn is_full(&self) -> bool {
        self.count >= BLOCK_MESSAGES || self.text.len() >= BLOCK_BYTES
    }

    fn insert(&self, connection: &Connection, key: i64, end: u64) -> rusqlite::Result<()> {
        let Some((oldest, newest)) = self.times else { return Ok(()) };
        let id = connection
            .prepare_cached(
                "INSERT INTO blocks (session, first, end, oldest, newest, messages, text)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .insert(params![key, self.first as i64, end as i64, oldest, newest, self.messages, self.text])?;
        connection
            .prepare_cached("INSERT INTO grams (rowid, words) VALUES (?1, ?2)")?
            .execute(params![id, grams::words(texts(&self.text))])?;
        Ok(())
    }
}

/// The folded texts of a block.
pub(super) fn texts(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|byte| *byte == END_OF_TEXT).filter_map(|text| std::str::from_utf8(text).ok())
}

/// The messages of a block.
pub(super) fn messages(mut stored: &[u8], first: u64) -> impl Iterator<Item = Indexed> {
    let mut message = Indexed { number: first, at: 0 };
    std::iter::from_fn(move || {
        message.number = message.number.wrapping_add(leb128::get(&mut stored)?);
        message.at = message.at.wrapping_add(leb128::get_step(&mut stored)?);
        Some(message)
    })
}

/// Make blocks of the session's rows from this number up to before `end`: full ones, and if `rest` one of what is
/// left, but at most `most`. Tells up to which number there are blocks now.
pub(super) fn make(
    connection: &Connection,
    key: i64,
    encoding: TextEncoding,
    from: u64,
    end: u64,
    rest: bool,
    most: usize,
) -> rusqlite::Result<u64> {
    let (mut block, mut made, mut done) = (Block::begin(from), 0, from);
    each_row(connection, key, from..end, |row| {
        block.push_row(row, encoding);
        if !block.is_full() {
            return Ok(ControlFlow::Continue(()));
        }
        done = row.number + 1;
        std::mem::replace(&mut block, Block::begin(done)).insert(connection, key, done)?;
        made += 1;
        Ok(if made == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if made < most && rest {
        block.insert(connection, key, end)?;
        done = end;
    }
    set_indexed(connection, key, done)?;
    Ok(done)
}

/// Take out blocks of the session that have rows from this number on, the last first, at most `most`; the rows are
/// no longer indexed. Whether all are out.
pub(super) fn take_out_from(connection: &Connection, key: i64, number: u64, most: usize) -> rusqlite::Result<bool> {
    let mut blocks = connection
        .prepare_cached("SELECT id, first FROM blocks WHERE session = ?1 AND end > ?2 ORDER BY first DESC LIMIT ?3")?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut found = blocks.query([key, number as i64, limit])?;
    let (mut lowest, mut count) = (None, 0);
    while let Some(row) = found.next()? {
        take_out(connection, row.get(0)?)?;
        lowest = Some(row.get::<_, i64>(1)? as u64);
        count += 1;
    }
    if let Some(first) = lowest {
        set_indexed(connection, key, first)?;
    }
    Ok(count < most)
}

/// Rows came in before the last ones of the session, from this number on: what is indexed of them is to be again.
pub(super) fn begin_again_from(connection: &Connection, key: i64, number: u64) -> rusqlite::Result<()> {
    take_out_from(connection, key, number, usize::MAX)?;
    connection
        .prepare_cached("UPDATE sessions SET indexed = min(indexed, ?2) WHERE key = ?1")?
        .execute([key, number as i64])?;
    Ok(())
}

/// Take out all blocks of the session that have rows before this number; one that has others too is made again.
pub(super) fn take_out_before(
    connection: &Connection,
    key: i64,
    encoding: TextEncoding,
    number: u64,
) -> rusqlite::Result<()> {
    let mut blocks =
        connection.prepare_cached("SELECT id, end FROM blocks WHERE session = ?1 AND first < ?2 ORDER BY first")?;
    let mut found = blocks.query([key, number as i64])?;
    let mut left = None;
    while let Some(row) = found.next()? {
        take_out(connection, row.get(0)?)?;
        left = Some(row.get::<_, i64>(1)? as u64).filter(|end| *end > number);
    }
    let Some(end) = left else { return Ok(()) };
    let mut block = Block::begin(number);
    each_row(connection, key, number..end, |row| {
        block.push_row(row, encoding);
        Ok(ControlFlow::Continue(()))
    })?;
    block.insert(connection, key, end)
}

fn take_out(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    let words = connection
        .prepare_cached("SELECT text FROM blocks WHERE id = ?1")?
        .query_row([id], |row| Ok(grams::words(texts(row.get_ref(0)?.as_blob()?))))?;
    connection
        .prepare_cached("INSERT INTO grams (grams, rowid, words) VALUES ('delete', ?1, ?2)")?
        .execute(params![id, words])?;
    connection.prepare_cached("DELETE FROM blocks WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn set_indexed(connection: &Connection, key: i64, number: u64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE sessions SET indexed = ?2 WHERE key = ?1")?.execute([key, number as i64])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_come_back_also_when_the_clock_was_set_back() {
        let mut block = Block::begin(7);
        let given = [(7, 5), (8, 5), (20, i64::MIN), (21, i64::MAX), (u64::from(u32::MAX), 0)]
            .map(|(number, at)| Indexed { number, at });
        for message in given {
            block.push(message, "x");
        }
        assert_eq!(messages(&block.messages, 7).collect::<Vec<_>>(), given);
        assert_eq!(block.times, Some((i64::MIN, i64::MAX)));
        assert_eq!(block.text, b"x\xffx\xffx\xffx\xffx\xff");
    }
}
