//! A session's text in another encoding: which characters continue in the next message is worked out again.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{
    blocks,
    read::{self, ROWS, carry, carry_after},
    schema::{LAST_NUMBER, number_of, row_id},
    stored::kind,
    write::Live,
};
use crate::chat::SessionId;
use crate::wire::text::{SplitChar, TextEncoding};

/// Another encoding was chosen for the session with this key.
pub(super) fn begin(transaction: &Connection, key: i64) -> rusqlite::Result<()> {
    transaction.prepare_cached("UPDATE sessions SET recode = 0 WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// Continues for some rows. Returns whether there was anything to be done.
pub(super) fn step(connection: &mut Connection, live: &mut Live) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let found = transaction
        .prepare_cached("SELECT key, id, encoding, recode FROM sessions WHERE recode IS NOT NULL LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, read::encoding(row, 2)?, row.get(3)?)))
        .optional()?;
    let Some((key, id, encoding, from)): Option<(i64, i64, _, i64)> = found else { return Ok(false) };
    let mut over = None;
    if blocks::take_out_from(&transaction, key, 0, BLOCKS_A_STEP)? {
        let (next, carry) = some_rows(&transaction, key, encoding, from as u64)?;
        transaction
            .prepare_cached("UPDATE sessions SET recode = ?2 WHERE key = ?1")?
            .execute(params![key, next.map(|number| number as i64)])?;
        over = next.is_none().then_some(carry);
    }
    transaction.commit()?;
    if let Some(carry) = over {
        live.set_carry(SessionId(id as u64), carry);
    }
    Ok(true)
}

/// Do some rows from this number on. Where to go on, if there are more; and what the last one leaves.
fn some_rows(
    transaction: &Transaction<'_>,
    key: i64,
    encoding: TextEncoding,
    from: u64,
) -> rusqlite::Result<(Option<u64>, SplitChar)> {
    let mut before = transaction
        .prepare_cached(&format!("{ROWS} AND kind = ?3 ORDER BY id DESC LIMIT 1"))?
        .query_row(params![row_id(key, 0), row_id(key, from), kind::RECEIVED], |row| {
            carry_after(row, encoding, carry(row)?)
        })
        .optional()?
        .unwrap_or_default();
    let mut rows = transaction.prepare_cached(&format!("{ROWS} AND kind = ?3 ORDER BY id LIMIT ?4"))?;
    let mut found = rows.query(params![row_id(key, from), row_id(key, LAST_NUMBER), kind::RECEIVED, ROWS_A_STEP])?;
    let mut update = transaction.prepare_cached("UPDATE rows SET carry = ?2 WHERE id = ?1")?;
    let (mut next, mut count) = (None, 0);
    while let Some(row) = found.next()? {
        let id: i64 = row.get(0)?;
        if carry(row)? != before {
            update.execute(params![id, Some(before.as_slice()).filter(|bytes| !bytes.is_empty())])?;
        }
        before = carry_after(row, encoding, before)?;
        next = Some(number_of(id) + 1);
        count += 1;
    }
    Ok((next.filter(|_| count == ROWS_A_STEP), before))
}

/// Blocks taken out in one step.
const BLOCKS_A_STEP: usize = 8;

/// Rows read in one step.
const ROWS_A_STEP: i64 = 2_000;
