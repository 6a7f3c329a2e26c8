//! `sockhop listen`, `connect` and `interfaces`, end to end: the real program against scripts, `nc`, and itself.
#![cfg(unix)]

mod connect;
mod listen;
mod process;
mod start;
