//! People on this network: keys and links, hostile peers against the thread, and whole Sockhops in namespaces.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod crowd;
mod hostile;
mod link;
#[cfg(target_os = "linux")]
mod network;
mod properties;
mod relay;
mod wire;
