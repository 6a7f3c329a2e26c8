//! `sockhop listen`, `connect` and `interfaces`, end to end: the real program against scripts, `nc`, and itself.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail; clippy knows only its functions, not their helpers, to be one"
)]

mod connect;
mod datagrams;
#[cfg(target_os = "linux")]
mod diagnoses;
#[cfg(target_os = "linux")]
mod diagnoses_far;
mod editor;
mod examples;
mod expected;
mod framing;
#[path = "../net/free_port.rs"]
mod free_port;
mod history;
mod listen;
#[cfg(target_os = "linux")]
mod network;
#[cfg(unix)]
mod private;
mod process;
mod relay;
mod start;
