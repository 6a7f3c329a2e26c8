//! Files of labs.

#![no_main]

#[path = "../../core/lab_files.rs"]
mod lab_files;
mod pieces;

use libfuzzer_sys::fuzz_target;

use lab_files::{PIECES, a_lab_can_be_used_or_its_fault_is_told};

fuzz_target!(|bytes: &[u8]| {
    let file = pieces::spell(bytes, &PIECES);
    // What is no UTF-8 is refused before.
    if let Ok(file) = str::from_utf8(&file) {
        a_lab_can_be_used_or_its_fault_is_told(file);
    }
});
