//! Sockhops on this network: found without an address, known by a key, encrypted, on one thread of its own.
//!
//! [`Lan`] is the handle: push a [`Command`], receive [`Event`]s. What is said is kept by others: the thread acknowledges
//! what it is told is on the disk, and holds what waits in memory only.
//!
//! | file | what | knows sockets and addresses |
//! | --- | --- | --- |
//! | `identity`, `tls`, `link`, `frame`, `said`, `verify` | who it is with, what goes over a stream of bytes | no |
//! | `peer`, `thread` | one person's queue and link; the loop | addresses |
//! | `dial` | links over TCP | yes |
//! | `beacon`, `air` | beacons, and their sockets | `air` |
//! | `family` | sockets of IPv4 or of IPv6 alone, for both | yes |
//! | `limits` | what a stranger may cost | no |

mod air;
pub mod beacon;
mod command;
mod dial;
mod event;
mod family;
pub mod frame;
mod handle;
mod identity;
mod interface;
pub mod limits;
pub mod link;
mod peer;
mod rehearsal;
mod said;
mod thread;
pub mod tls;
mod verify;

pub use command::{Command, Me, Options, Outgoing};
pub use event::{Comparison, Digits, Event, EventKind, Greeting, Incoming, Invisible, LinkState, Seen, Taken};
pub use handle::{Busy, COMMANDS_IN_FLIGHT, EVENTS_IN_FLIGHT, Lan};
pub use identity::{Identity, NoIdentity, is_of_small_order};
pub use interface::Interface;
pub use rehearsal::{Rehearsal, rehearse};
pub use tls::KeyFile;
pub use verify::{COMPARED_WITHIN, FAILURES, LOCKED};

/// Where beacons go and come: UDP.
pub const BEACON_PORT: u16 = 28_888;

/// Where links are taken, if it is free: TCP.
pub const LAN_PORT: u16 = 28_888;
