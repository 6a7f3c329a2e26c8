//! Facts about this machine: local addresses, the kernel's socket table, who holds a port.
//!
//! Each is a function that asks the system and may take its time; [`Host`] asks on a thread of its own.

mod accept_queue;
mod interfaces;
mod ports;
mod sockets;
mod thread;

pub use accept_queue::{AcceptQueue, accept_queue, system_backlog_cap};
pub use interfaces::{Interface, InterfaceKind, InterfacesError, address_to_hand_out, interfaces};
pub use ports::{PortOwner, who_listens_on};
pub use sockets::{Holder, SOCKETS_TOLD, SocketRow, SocketTable, SocketsError, TcpState, plain, sockets};
pub use thread::{Answer, Host, QUESTIONS_IN_FLIGHT, Question};
