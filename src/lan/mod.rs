//! Sockhops on this network: found without an address, known by a key, encrypted, one thread of its own.
//!
//! [`Command`] and [`Event`] are its vocabulary. Nothing in `identity` knows of a socket or of an address.

mod command;
mod event;
mod identity;
mod interface;

pub use command::{Command, Me, Options, Outgoing};
pub use event::{Comparison, Digits, Event, EventKind, Greeting, Incoming, Invisible, LinkState, Seen, Taken};
pub use identity::{Identity, NoIdentity, is_of_small_order};
pub use interface::Interface;

/// Where beacons go and come: UDP.
pub const BEACON_PORT: u16 = 28_888;

/// Where links are taken, if it is free: TCP.
pub const LAN_PORT: u16 = 28_888;
