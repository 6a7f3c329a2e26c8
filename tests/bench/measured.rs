//! Which program is measured.

use std::process::Command;

/// The program that is measured: the one that `SOCKHOP` names, else the one that was built with this bench. The latter has
/// what tests switch on in its crates as well, and so draws in another way.
pub fn sockhop() -> Command {
    Command::new(std::env::var_os("SOCKHOP").unwrap_or_else(|| env!("CARGO_BIN_EXE_sockhop").into()))
}
