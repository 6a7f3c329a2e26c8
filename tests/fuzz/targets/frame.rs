//! Any bytes as frames of a link, however they are cut.

#![no_main]

#[path = "../../lan/checks.rs"]
#[allow(dead_code, reason = "the other targets and the properties share it")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&[u8], u16)| checks::frames(input.0, input.1.into()));
