//! The texts of blocks that an earlier version folded otherwise, folded as they are now: the newest first, a few at a
//! time, and continued where the program ended.
//!
//! Version 1 had them in lower case only, from which the same results as from the texts themselves. A search folds them
//! when it reads them, until that is done here.

use std::time::Instant;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    blocks::{END_OF_TEXT, texts},
    fold::fold_into,
    grams, schema,
};

/// Where it is.
pub(super) const TABLES: &str = "
    CREATE TABLE refolding (
        id    INTEGER PRIMARY KEY CHECK (id = 1),
        upto  INTEGER NOT NULL,                 -- blocks up to this id are still to be folded again
        began INTEGER NOT NULL                  -- what that was at first
    ) STRICT;
    INSERT INTO refolding SELECT 1, ifnull(max(id), 0), ifnull(max(id), 0) FROM blocks;
";

/// Blocks up to this id are still to be folded again.
pub(super) fn old_blocks(connection: &Connection) -> rusqlite::Result<i64> {
    if schema::version(connection)? < FOLDED_SINCE {
        // Only read, it has no table that says so.
        return Ok(i64::MAX);
    }
    let upto = connection.prepare_cached("SELECT upto FROM refolding")?.query_row([], |row| row.get(0)).optional()?;
    Ok(upto.unwrap_or_default())
}

/// The text of a block, folded again.
pub(super) fn text(old: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(old.len());
    for old in texts_and_end(old) {
        fold_into(old, &mut text);
        text.push(END_OF_TEXT);
    }
    text
}

/// The texts without what is after the end of the last.
fn texts_and_end(text: &[u8]) -> impl Iterator<Item = &str> {
    texts(text.strip_suffix(&[END_OF_TEXT]).unwrap_or(text))
}

/// Continues until then, about. How far it is, and of how much; `None` if there was nothing to be done.
pub(super) fn step(connection: &mut Connection, until: Instant) -> rusqlite::Result<Option<(u64, u64)>> {
    let (mut upto, began): (i64, i64) = connection
        .prepare_cached("SELECT upto, began FROM refolding")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or_default();
    if upto <= 0 {
        return Ok(None);
    }
    let transaction = connection.transaction()?;
    let mut changed = 0;
    while upto > 0 && changed < CHANGED_A_STEP && Instant::now() < until {
        let next = transaction
            .prepare_cached("SELECT id, text FROM blocks WHERE id <= ?1 ORDER BY id DESC LIMIT 1")?
            .query_row([upto], |row| {
                let old = row.get_ref(1)?.as_blob()?;
                let new = text(old);
                let words = (new != old).then(|| (grams::words(texts(old)), grams::words(texts(&new))));
                Ok((row.get::<_, i64>(0)?, new, words))
            })
            .optional()?;
        let Some((id, new, words)) = next else {
            upto = 0;
            break;
        };
        // Most texts are the same either way.
        if let Some((old_words, new_words)) = words {
            transaction
                .prepare_cached("INSERT INTO grams (grams, rowid, words) VALUES ('delete', ?1, ?2)")?
                .execute(params![id, old_words])?;
            transaction.prepare_cached("UPDATE blocks SET text = ?2 WHERE id = ?1")?.execute(params![id, new])?;
            transaction
                .prepare_cached("INSERT INTO grams (rowid, words) VALUES (?1, ?2)")?
                .execute(params![id, new_words])?;
            changed += 1;
        }
        upto = id - 1;
    }
    transaction.prepare_cached("UPDATE refolding SET upto = ?1")?.execute([upto.max(0)])?;
    transaction.commit()?;
    Ok(Some((began.saturating_sub(upto.max(0)).max(0) as u64, began as u64)))
}

/// The first version that folds texts as they are folded now.
const FOLDED_SINCE: u32 = 2;

/// Blocks changed in one step.
const CHANGED_A_STEP: usize = 8;
