//! A session's text in another encoding: which characters continue in the next message is worked out again.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{
    blocks,
    read::{self, COLUMNS, rows_of},
    schema::{LAST_NUMBER, row_id},
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
    // What came last is in its place by now, and the number is that after a row of the table.
    let select = |order| {
        format!(
            "SELECT {COLUMNS}, run FROM rows
            WHERE id >= ?1 AND id < ?2 AND kind = ?3 ORDER BY id {order} LIMIT ?4"
        )
    };
    let mut before = SplitChar::default();
    let mut last = transaction.prepare_cached(&select("DESC"))?;
    let mut found = last.query(params![row_id(key, 0), row_id(key, from), kind::RECEIVED, 1])?;
    if let Some(row) = found.next()?
        && let Some(last) = rows_of(row)?.last()
    {
        before = last.carry_after(encoding, last.carry);
    }
    let mut rows = transaction.prepare_cached(&select("ASC"))?;
    let mut found = rows.query(params![row_id(key, from), row_id(key, LAST_NUMBER), kind::RECEIVED, ROWS_A_STEP])?;
    let mut update = transaction.prepare_cached("UPDATE rows SET carry = ?2 WHERE id = ?1")?;
    let (mut next, mut count) = (None, 0);
    while let Some(row) = found.next()? {
        count += 1;
        for one in rows_of(row)? {
            // Within a run no message leaves anything for the next: only the first may begin with something.
            if one.carry != before {
                let carry = Some(before.as_slice()).filter(|bytes| !bytes.is_empty());
                update.execute(params![row_id(key, one.number), carry])?;
            }
            before = one.carry_after(encoding, before);
            next = Some(one.number + 1);
        }
    }
    Ok((next.filter(|_| count == ROWS_A_STEP), before))
}

/// Blocks taken out in one step.
const BLOCKS_A_STEP: usize = 8;

/// Rows read in one step.
const ROWS_A_STEP: i64 = 2_000;
