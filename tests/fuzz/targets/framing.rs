//! Framing of any bytes in any reads, with pauses and with other framings in between.

#![no_main]

#[path = "../../wire/checks.rs"]
#[allow(dead_code, reason = "the other targets and the properties share it")]
mod checks;

use std::time::Duration;

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use sockhop::wire::{
    ByteOrder, Delimiter, FixedLength, Framing, LONGEST_DELIMITER, LONGEST_MESSAGE, LengthPrefix, MISSING_TOLD_AFTER,
    MOST_PREFIX_OFFSET, PrefixWidth, QUIET_TAIL,
};

use checks::{Step, nothing_is_lost, reads_do_not_matter};

fuzz_target!(|bytes: &[u8]| {
    let _ = check(&mut Unstructured::new(bytes));
});

fn check(from: &mut Unstructured<'_>) -> Result<()> {
    let first = framing(from)?;
    let mut steps = Vec::new();
    while !from.is_empty() {
        steps.push(match from.int_in_range(0..=8)? {
            8 => Step::Pause(MISSING_TOLD_AFTER),
            0 => Step::Pause(QUIET_TAIL.saturating_sub(Duration::from_millis(from.int_in_range(0..=200)?))),
            1 => {
                let (framing, unit) = framing(from)?;
                Step::Reframe(framing, unit)
            }
            // What is about as long as the longest message, without as long an input.
            2 => {
                let length = from.int_in_range(LONGEST_MESSAGE - 8..=LONGEST_MESSAGE + 8)?;
                Step::Push(vec![from.arbitrary()?; length])
            }
            _ => {
                let length = from.int_in_range(1..=40)?.min(from.len());
                Step::Push(from.bytes(length)?.to_vec())
            }
        });
    }
    let (mut stream, mut ends) = (Vec::new(), Vec::new());
    for step in &steps {
        if let Step::Push(bytes) = step {
            stream.extend(bytes);
            ends.push(stream.len());
        }
    }
    reads_do_not_matter(first.0, first.1, &stream, ends, 2);
    nothing_is_lost(first, steps);
    Ok(())
}

fn framing(from: &mut Unstructured<'_>) -> Result<(Framing, u8)> {
    let framing = match from.int_in_range(0..=6)? {
        0 => Framing::Line,
        1 => Framing::Chunk,
        2 => Framing::Cr,
        3 => Framing::Quiet,
        4 => {
            let length = from.int_in_range(1..=LONGEST_DELIMITER)?.min(from.len());
            Delimiter::new(from.bytes(length)?).map_or(Framing::Line, Framing::Delimiter)
        }
        5 => FixedLength::new(from.int_in_range(1..=LONGEST_MESSAGE)?).map_or(Framing::Line, Framing::Fixed),
        _ => Framing::Length(LengthPrefix {
            width: *from.choose(&PrefixWidth::ALL)?,
            order: *from.choose(&[ByteOrder::Big, ByteOrder::Little])?,
            counts_itself: from.arbitrary()?,
            offset: from.int_in_range(0..=MOST_PREFIX_OFFSET)?,
        }),
    };
    Ok((framing, from.int_in_range(1..=2)?))
}
