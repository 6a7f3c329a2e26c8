//! Blocks of a history, and what else is stored in its file: what was recorded, and anything.

#![no_main]

#[path = "../../history/blocks.rs"]
mod blocks;
#[path = "../../history/book.rs"]
#[allow(dead_code, reason = "the tests of the history share it")]
mod book;

use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};

use blocks::{
    LETTERS, Message, Stored, StoredBlock, StoredRow, what_was_recorded_is_found_in_blocks, whatever_is_stored_is_read,
};

fuzz_target!(|bytes: &[u8]| {
    let mut from = Unstructured::new(bytes);
    let _ = if bytes.first().is_some_and(|first| *first < 0x40) { recorded(&mut from) } else { stored(&mut from) };
});

fn recorded(from: &mut Unstructured<'_>) -> Result<()> {
    let _: u8 = from.arbitrary()?;
    let needles = (0..3).map(|_| text(from, 4)).collect::<Result<Vec<_>>>()?;
    let mut messages = Vec::new();
    while !from.is_empty() {
        let (gap, at) = (from.int_in_range(0..=9)?, number(from)?);
        // Some long ones, so that blocks are full.
        let text = text(from, 12)?.repeat(if from.ratio(1, 8)? { 500 } else { 1 });
        messages.push(Message { gap, at, text });
    }
    what_was_recorded_is_found_in_blocks(&messages, &needles);
    Ok(())
}

fn text(from: &mut Unstructured<'_>, longest: usize) -> Result<String> {
    (0..from.int_in_range(0..=longest)?).map(|_| from.choose(&LETTERS).copied()).collect()
}

fn stored(from: &mut Unstructured<'_>) -> Result<()> {
    let needle = text(from, 3)?;
    let mut stored = Stored {
        origin: number(from)?,
        port: maybe(from, number)?,
        texts: [maybe(from, bytes)?, maybe(from, bytes)?, maybe(from, bytes)?, maybe(from, bytes)?],
        encoding: maybe(from, bytes)?.unwrap_or_else(|| b"GBK".to_vec()),
        opened: number(from)?,
        recode: from.arbitrary()?,
        ..Stored::default()
    };
    while !from.is_empty() {
        if from.arbitrary()? {
            stored.rows.push(StoredRow {
                at: number(from)?,
                kind: number(from)?,
                cut: [maybe(from, number)?, maybe(from, number)?, maybe(from, number)?],
                raw: maybe(from, bytes)?,
                carry: maybe(from, bytes)?,
                detail: maybe(from, bytes)?,
            });
        } else {
            let range = [number(from)?, number(from)?, number(from)?, number(from)?];
            stored.blocks.push(StoredBlock { range, messages: bytes(from)?, text: bytes(from)? });
        }
    }
    whatever_is_stored_is_read(&stored, &needle);
    Ok(())
}

/// A small number, mostly.
fn number(from: &mut Unstructured<'_>) -> Result<i64> {
    Ok(match from.arbitrary::<i8>()? {
        i8::MIN => i64::arbitrary(from)?,
        small => small.into(),
    })
}

fn bytes(from: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = from.int_in_range(0..=40)?.min(from.len());
    from.bytes(length).map(<[u8]>::to_vec)
}

fn maybe<'b, T>(from: &mut Unstructured<'b>, of: impl Fn(&mut Unstructured<'b>) -> Result<T>) -> Result<Option<T>> {
    if from.arbitrary()? { of(from).map(Some) } else { Ok(None) }
}
