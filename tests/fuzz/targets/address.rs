//! Addresses as they are typed.

#![no_main]

#[path = "../../addresses/checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| checks::all_holds(typed));
