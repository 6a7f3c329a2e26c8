//! Any packet, as a beacon.

#![no_main]

#[path = "../../lan/checks.rs"]
#[allow(dead_code, reason = "the other targets and the properties share it")]
mod checks;

libfuzzer_sys::fuzz_target!(|packet: &[u8]| checks::beacon(packet));
