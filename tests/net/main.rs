//! The network thread against real sockets on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail; clippy knows only its functions, not their helpers, to be one"
)]
#![cfg_attr(not(target_os = "linux"), allow(unused_imports, dead_code, reason = "some tests are of Linux alone"))]

mod acknowledged;
mod connecting;
mod datagrams;
mod ending;
mod free_port;
mod ids;
mod listening;
#[cfg(target_os = "linux")]
mod network;
mod pressure;
mod repeating;
mod room;
mod stepped_datagrams;
mod stepping;
mod talking;
#[cfg(target_os = "linux")]
mod urgent;
#[cfg(target_os = "linux")]
mod vanishing;
