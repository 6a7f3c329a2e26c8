//! The history, in real files: what was recorded is there, whatever happened in between.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod book;
mod records;

mod recording;
mod searching;
mod tasks;
mod trouble;
mod violence;
