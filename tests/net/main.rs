//! The network thread against real sockets on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail; clippy knows only its functions, not their helpers, to be one"
)]

mod acknowledged;
mod connecting;
mod ending;
mod ids;
mod listening;
#[cfg(target_os = "linux")]
mod network;
mod pressure;
mod room;
mod stepping;
mod talking;
#[cfg(target_os = "linux")]
mod urgent;
#[cfg(target_os = "linux")]
mod vanishing;
