//! Which process listens on a port.

use std::{io, net::Ipv4Addr};

use listeners::{Protocol, SocketState};
use socket2::{Domain, SockAddr, Socket, Type};

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortOwner {
    /// The process's name, as the system shortens it.
    pub name: String,
    /// The process's number.
    pub pid: u32,
}

/// The process that listens on that TCP port, on whichever address. None, if there is none or the system
/// doesn't tell: other users' processes are told to the administrator only.
///
/// Takes as long as it takes to look through the open files of all processes.
#[must_use]
pub fn who_listens_on(port: u16) -> Option<PortOwner> {
    // Not `get_process_by_port`: it also finds a connection that only happens to have that local port.
    let all = listeners::get_all().inspect_err(|error| tracing::debug!("listing the listeners: {error}")).ok()?;
    all.into_iter()
        .filter(|one| one.protocol == Protocol::TCP && one.state == SocketState::Listen && one.socket.port() == port)
        .map(|one| PortOwner { name: one.process.name, pid: one.process.pid })
        // Processes that inherited the socket hold it too; the oldest is most likely the one that is meant.
        .min_by_key(|owner| owner.pid)
}

/// That TCP port if no socket of this computer has it, not even one in TIME_WAIT; else any that is free.
///
/// # Errors
/// Where the system has no port to give.
pub fn free_port(wanted: u16) -> io::Result<u16> {
    let bound = |port: u16| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SockAddr::from(std::net::SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))))?;
        socket.local_addr()
    };
    let address = bound(wanted).or_else(|_| bound(0))?;
    address.as_socket().map(|address| address.port()).ok_or_else(|| io::Error::other("no port"))
}
