//! Which ports are listened on, and by which process.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use jiff::Timestamp;
use listeners::{Listener, Protocol, SocketState};
use socket2::{Domain, SockAddr, Socket, Type};

use super::{Holder, SocketRow, TcpState, accept_queue::listening_sockets, plain};

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortOwner {
    /// The process's name, as the system shortens it.
    pub name: String,
    /// The process's number.
    pub pid: u32,
}

/// A listening TCP socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListeningPort {
    /// The address it listens on.
    pub local: SocketAddr,
    /// Its process. None, if the system doesn't report it: other users' are shown to the administrator only.
    pub owner: Option<PortOwner>,
}

/// The system did not report who listens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listing the listening ports: {0}")]
pub struct PortsError(pub String);

/// What keeps a server from a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PortHeld {
    /// A program listens on it; which, where the system reports it.
    Listening {
        /// This one.
        ours: bool,
        /// Another.
        owner: Option<PortOwner>,
    },
    /// Its listener is closed, but so many connections are not.
    Connections {
        /// How many.
        count: usize,
        /// They are this program's.
        ours: bool,
        /// Another's.
        owner: Option<PortOwner>,
    },
    /// Only the kernel has it still, in TIME-WAIT.
    TimeWait {
        /// Until then, where the system reports it.
        ends: Option<Timestamp>,
    },
}

/// What keeps a server from this address, by the kernel's sockets. None, if nothing that the table shows does.
///
/// A socket that is bound and neither listens nor is connected is in no table.
#[must_use]
pub fn who_holds(rows: &[SocketRow], address: SocketAddr) -> Option<PortHeld> {
    let (ip, port) = plain(address);
    let meets = |row: &&SocketRow| {
        let (own, its_port) = plain(row.local);
        let any = |ip: IpAddr| ip.is_unspecified();
        its_port == port && (own == ip || any(own) || any(ip)) && row.state != TcpState::Closed
    };
    let held: Vec<&SocketRow> = rows.iter().filter(meets).collect();
    let is_ours = |row: &SocketRow| matches!(row.holder, Holder::ThisProgram(_));
    if let Some(row) = held.iter().find(|row| row.state == TcpState::Listen) {
        return Some(PortHeld::Listening { ours: is_ours(row), owner: row.owner.clone() });
    }
    let live: Vec<&&SocketRow> = held.iter().filter(|row| row.state != TcpState::TimeWait).collect();
    if let Some(first) = live.iter().find(|row| row.holder != Holder::Kernel).or(live.first()) {
        let same = live.iter().filter(|row| is_ours(row) == is_ours(first) && row.owner == first.owner);
        return Some(PortHeld::Connections { count: same.count(), ours: is_ours(first), owner: first.owner.clone() });
    }
    let ends = held.iter().filter_map(|row| row.timer).map(|timer| timer.ends).max();
    (!held.is_empty()).then_some(PortHeld::TimeWait { ends })
}

/// Every TCP port that this computer listens on, by port and address.
///
/// Takes as long as it takes to look through the open files of all processes.
///
/// # Errors
/// Where the system does not report them.
pub fn listening_ports() -> Result<Vec<ListeningPort>, PortsError> {
    // Not by `SocketAddr`, whose order has the address first; and the tables know no zones.
    let mut found: BTreeMap<(u16, IpAddr), Option<PortOwner>> = BTreeMap::new();
    for socket in listening_sockets().unwrap_or_default() {
        found.insert((socket.port(), socket.ip()), None);
    }
    for (socket, owner) in owned()? {
        let known = found.entry((socket.port(), socket.ip())).or_default();
        // Processes that inherited the socket hold it too; the oldest is most likely the one that is meant.
        if known.as_ref().is_none_or(|known| owner.pid < known.pid) {
            *known = Some(owner);
        }
    }
    let ports = found.into_iter();
    Ok(ports.map(|((port, ip), owner)| ListeningPort { local: SocketAddr::new(ip, port), owner }).collect())
}

/// The process that listens on that TCP port, on whichever address. None, if there is none or the system
/// doesn't report it: other users' processes are shown to the administrator only.
///
/// Takes as long as it takes to look through the open files of all processes.
#[must_use]
pub fn who_listens_on(port: u16) -> Option<PortOwner> {
    let all = owned().inspect_err(|error| tracing::debug!("{error}")).ok()?;
    let owners = all.filter(|(socket, _)| socket.port() == port).map(|(_, owner)| owner);
    owners.min_by_key(|owner| owner.pid)
}

/// The listening sockets whose processes the system reports, several times where several hold the same.
fn owned() -> Result<impl Iterator<Item = (SocketAddr, PortOwner)>, PortsError> {
    // Not `get_process_by_port`: it also finds a connection that only happens to have that local port.
    let all = listeners::get_all().map_err(|error| PortsError(error.to_string()))?;
    let listening = |one: &Listener| one.protocol == Protocol::TCP && one.state == SocketState::Listen;
    Ok(all
        .into_iter()
        .filter(listening)
        .map(|one| (one.socket, PortOwner { name: one.process.name, pid: one.process.pid })))
}

/// That TCP port if no socket of this computer has it, not even one in `TIME_WAIT`; else any that is free.
///
/// # Errors
/// Where the system has no port to give.
pub fn free_port(wanted: u16) -> io::Result<u16> {
    let bound = |port: u16| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))))?;
        socket.local_addr()
    };
    let address = bound(wanted).or_else(|_| bound(0))?;
    address.as_socket().map(|address| address.port()).ok_or_else(|| io::Error::other("no port"))
}
