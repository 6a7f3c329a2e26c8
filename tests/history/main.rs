//! The history, in real files: what was recorded is there, whatever happened in between.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
// Lists of ranges may have one.
#![allow(clippy::single_range_in_vec_init)]

mod blocks;
mod book;
mod records;

mod damage;
mod imports;
mod origins;
mod people;
#[cfg(unix)]
mod private;
mod reading;
mod recent;
mod recording;
mod searching;
mod tasks;
mod trouble;
mod violence;
