//! Imports of any files as JSON Lines, one after the other.

#![no_main]

#[path = "../../history/book.rs"]
#[allow(dead_code, reason = "the tests of the history share it")]
mod book;
#[path = "../../history/imports.rs"]
mod imports;
mod pieces;

use libfuzzer_sys::fuzz_target;

use imports::{PIECES, an_import_is_whole_or_nothing_and_comes_once};

fuzz_target!(|bytes: &[u8]| {
    // Where one file ends and the next begins.
    let files: Vec<_> = bytes.splitn(3, |byte| *byte == 0xff).map(|file| pieces::spell(file, &PIECES)).collect();
    an_import_is_whole_or_nothing_and_comes_once(&files);
});
