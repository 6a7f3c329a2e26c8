//! Facts about this machine: local addresses, the kernel's socket table, who holds a port.
//!
//! Each is a function that asks the system and may take its time; [`Host`] asks on a thread of its own.

mod accept_queue;
mod destination;
mod interfaces;
mod link;
mod names;
#[cfg(target_os = "linux")]
mod owners;
mod ping;
mod ports;
mod round_trips;
#[cfg(target_os = "linux")]
mod rtnetlink;
#[cfg(target_os = "linux")]
mod sock_diag;
mod sockets;
mod thread;
mod try_port;
mod typed;
mod uptime;

pub use accept_queue::{AcceptQueue, accept_queue, system_backlog_cap};
pub use destination::{Destination, DestinationError};
pub use interfaces::{Interface, InterfaceAddresses, InterfaceKind, InterfacesError, by_interface, interfaces};
pub use link::{HandOut, Link, LinkState, Nature, hand_out};
pub use names::{has_ipv6, own_name, service_port};
pub use ping::{PING_INTERVAL, PING_REPORTS_IN_FLIGHT, Ping, PingEnd, PingReport};
pub use ports::{
    ListeningPort, PortHeld, PortOwner, PortsError, free_port, listening_ports, who_holds, who_listens_on,
};
pub use round_trips::{ROUND_TRIPS_KEPT, RoundTrip, RoundTrips};
#[cfg(target_os = "linux")]
pub use rtnetlink::NetworkWatch;
pub use sockets::{
    Holder, Pace, PortsAsked, SOCKETS_TOLD, SocketRow, SocketTable, SocketsError, TcpState, Timer, TimerKind, Wanted,
    plain, sockets,
};
pub use thread::{Answer, Host, QUESTIONS_IN_FLIGHT, Question, TRIES_AT_ONCE};
pub use try_port::{ADDRESSES_TRIED, TRY_LIMIT, Tried, TryError, TryOutcome};
pub use typed::{is_own_name, listen_address, lone_port, peer_address};
pub use uptime::uptime;
