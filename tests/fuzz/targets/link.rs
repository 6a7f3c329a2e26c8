//! Any bytes of a stranger into either end of a link.

#![no_main]

#[path = "../../lan/checks.rs"]
#[allow(dead_code, reason = "the other targets and the properties share it")]
mod checks;

use std::sync::OnceLock;

use sockhop::lan::tls::Tls;

libfuzzer_sys::fuzz_target!(|input: (&[u8], bool)| {
    static OURS: OnceLock<Tls> = OnceLock::new();
    checks::link(OURS.get_or_init(checks::somebody), input.0, input.1);
});
