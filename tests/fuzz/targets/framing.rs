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
use sockhop::wire::{Framing, LONGEST_MESSAGE, QUIET_TAIL};

use checks::{Step, nothing_is_lost, reads_do_not_matter};

fuzz_target!(|bytes: &[u8]| {
    let _ = check(&mut Unstructured::new(bytes));
});

fn check(from: &mut Unstructured<'_>) -> Result<()> {
    let first = framing(from)?;
    let mut steps = Vec::new();
    while !from.is_empty() {
        steps.push(match from.int_in_range(0..=7)? {
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
    let framing = from.choose(&[Framing::Line, Framing::Chunk, Framing::Length])?;
    Ok((*framing, from.int_in_range(1..=2)?))
}
