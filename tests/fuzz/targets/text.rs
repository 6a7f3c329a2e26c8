//! Decoding of any bytes: whole, read by read, and in the pieces that the inspector shows.

#![no_main]

#[path = "../../wire/checks.rs"]
#[allow(dead_code, reason = "the other targets and the properties share it")]
mod checks;

use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use sockhop::wire::{Boundary, text::READ_AS};

use checks::{pieces_are_the_text, text_read_by_read_is_the_text};

fuzz_target!(|bytes: &[u8]| {
    let _ = check(&mut Unstructured::new(bytes));
});

fn check(from: &mut Unstructured<'_>) -> Result<()> {
    let encoding = *from.choose(&READ_AS)?;
    let boundary = *from.choose(&BOUNDARIES)?;
    let before = from.int_in_range(0..=4)?.min(from.len());
    let before = from.bytes(before)?;
    let cuts = (0..from.int_in_range(0..=8)?).map(|_| from.arbitrary::<u8>()).collect::<Result<Vec<_>>>()?;
    let bytes = from.bytes(from.len())?;
    let ends = cuts.into_iter().map(|cut| usize::from(cut) % (bytes.len() + 1)).collect();
    text_read_by_read_is_the_text(encoding, bytes, ends);
    pieces_are_the_text(encoding, before, bytes, boundary);
    Ok(())
}

const BOUNDARIES: [Boundary; 7] = [
    Boundary::Newline,
    Boundary::Recv,
    Boundary::Length,
    Boundary::Quiet,
    Boundary::Cut,
    Boundary::Reframed,
    Boundary::EndOfStream,
];
