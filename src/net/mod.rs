//! Sockets, all of them on one background thread.
//!
//! [`Net`] is the handle: push a [`Command`], receive [`Event`]s.

mod call;
mod command;
mod error;
mod event;

use std::time::Duration;

pub use call::{Call, Errno, Outcome, SocketCall, SocketId, SocketOption};
pub use command::{AutoReply, Command, ConnOptions, ListenOptions, ListenStep};
pub use error::{Cause, NetError, SystemWords, Target};
pub use event::{CloseReason, Event, EventKind};

/// Default of [`ConnOptions::recv_size`], in bytes.
pub const RECV_SIZE: usize = 4096;

/// Default of [`ListenOptions::max_clients`].
pub const MAX_CLIENTS: usize = 1024;

/// The most that [`ListenOptions::max_clients`] may be set to.
pub const MOST_CLIENTS: usize = 20_000;

/// How long a connect may take, look-up and every address of the name together.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Bytes that may wait for one peer that does not read; past it a send fails.
pub const QUEUE_LIMIT: usize = 4 * 1024 * 1024;

/// Events on their way to the receiver; past it the thread stops reading from sockets.
pub const EVENTS_IN_FLIGHT: usize = 4096;

/// Bytes of received messages on their way to the receiver; past it the thread stops reading from sockets.
pub const BYTES_IN_FLIGHT: usize = 16 * 1024 * 1024;

/// Commands on their way to the thread; past it [`Net::send`] says no.
pub const COMMANDS_IN_FLIGHT: usize = 4096;

/// A connection, accepted or made by us. Counted from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct ConnId(pub u64);

/// A listening socket. Counted from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(pub u64);

/// A message sent, given out by [`Net`]. Counted from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);
