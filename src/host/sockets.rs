//! The kernel's TCP sockets that are this program's, and the other ends of its connections on this machine.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// Sockets reported at a time; past it the other ends go first, then what only the kernel holds.
pub const SOCKETS_TOLD: usize = 40_000;

/// State of one end of a connection (RFC 9293, section 3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TcpState {
    /// No connection.
    Closed,
    /// Waits for a SYN from anyone.
    Listen,
    /// Sent a SYN.
    SynSent,
    /// Received a SYN and sent one.
    SynReceived,
    /// Open: both ends may send.
    Established,
    /// Sent a FIN that is not acknowledged yet.
    FinWait1,
    /// The FIN sent is acknowledged.
    FinWait2,
    /// Both sent a FIN at the same time.
    Closing,
    /// Finished; waits until no packet of the connection can be on its way.
    TimeWait,
    /// Received a FIN, and may continue sending.
    CloseWait,
    /// Received a FIN and sent one.
    LastAck,
}

impl TcpState {
    /// All, in the order in which a picture shows them.
    pub const ALL: [Self; 11] = [
        Self::Closed,
        Self::Listen,
        Self::SynSent,
        Self::SynReceived,
        Self::Established,
        Self::FinWait1,
        Self::FinWait2,
        Self::Closing,
        Self::TimeWait,
        Self::CloseWait,
        Self::LastAck,
    ];

    /// Its name in RFC 9293, which is the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::Closing => "CLOSING",
            Self::TimeWait => "TIME-WAIT",
            Self::CloseWait => "CLOSE-WAIT",
            Self::LastAck => "LAST-ACK",
        }
    }
}

/// Who holds a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// This program, under this descriptor where the system reports it.
    ThisProgram(Option<i64>),
    /// The kernel alone: not accepted yet, or closed by its program and not over.
    Kernel,
    /// Another program.
    Other,
}

/// A TCP socket as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SocketRow {
    /// Its own address.
    pub local: SocketAddr,
    /// The address at the other end; unspecified, with port 0, where there is none.
    pub remote: SocketAddr,
    /// Its state.
    pub state: TcpState,
    /// Bytes received that its program has not read, a FIN counting as one; of a listening socket, the
    /// connections that wait to be accepted. None, if the system doesn't report it.
    pub unread: Option<u32>,
    /// Bytes sent that the other end has not acknowledged, SYN and FIN counting as one. None, if the system
    /// doesn't report it.
    pub unacknowledged: Option<u32>,
    /// Who holds it.
    pub holder: Holder,
}

/// What the kernel said of our sockets at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketTable {
    /// Just before the kernel was asked.
    pub at: Timestamp,
    /// The sockets, by local port: the listening one first, then by descriptor.
    pub rows: Vec<SocketRow>,
    /// Sockets past [`SOCKETS_TOLD`].
    pub left_out: usize,
    /// Whether a socket that is not here does not exist. Some systems don't report those that no program holds.
    pub complete: bool,
}

/// The system did not report its sockets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listing the sockets: {0}")]
pub struct SocketsError(pub String);

/// The TCP sockets of this program, and of all others those with one of these ports of ours at either end.
///
/// On Linux from `/proc/net/tcp` and `/proc/net/tcp6` (`proc_pid_net(5)`), whose inodes are found again among
/// this program's descriptors. `/proc/net/tcp` has no backlog of a listening socket: what was asked of `listen`,
/// cut down to [`system_backlog_cap`](super::system_backlog_cap), is.
///
/// # Errors
/// Where the system does not report them.
pub fn sockets(ports: &BTreeSet<u16>) -> Result<SocketTable, SocketsError> {
    let at = Timestamp::now();
    let all = system::sockets()?;
    let ours = |row: &SocketRow| matches!(row.holder, Holder::ThisProgram(_));
    // Ports of sockets that the asker does not know yet are ours too.
    let mut ports = ports.clone();
    ports.extend(all.iter().filter(|row| ours(row)).map(|row| row.local.port()));
    let mut rows: Vec<SocketRow> = all
        .into_iter()
        .filter(|row| ours(row) || ports.contains(&row.local.port()) || ports.contains(&row.remote.port()))
        .collect();
    let left_out = rows.len().saturating_sub(SOCKETS_TOLD);
    if left_out > 0 {
        rows.sort_by_key(|row| match row.holder {
            Holder::ThisProgram(_) => 0,
            Holder::Kernel => 1,
            Holder::Other => 2,
        });
        rows.truncate(SOCKETS_TOLD);
    }
    rows.sort_by_key(|row| {
        let fd = if let Holder::ThisProgram(fd) = row.holder { fd } else { None };
        (row.local.port(), row.state != TcpState::Listen, fd.is_none(), fd, row.remote)
    });
    Ok(SocketTable { at, rows, left_out, complete: system::COMPLETE })
}

/// An address as it is compared: IPv4 also where the table has it within IPv6, and without the zone, which the
/// table doesn't know.
#[must_use]
pub fn plain(address: SocketAddr) -> (IpAddr, u16) {
    (address.ip().to_canonical(), address.port())
}

/// Every listening socket, whoever holds it. None, where the system doesn't report it.
#[cfg(not(target_os = "linux"))]
pub(super) fn listening() -> Option<Vec<SocketAddr>> {
    let all = system::sockets().inspect_err(|error| tracing::debug!("{error}")).ok()?;
    Some(all.into_iter().filter(|row| row.state == TcpState::Listen).map(|row| row.local).collect())
}

/// Sockets that are looked at again and again.
#[derive(Debug)]
pub(super) struct Watch {
    ports: BTreeSet<u16>,
    /// What was found last; None before the first look.
    reported: Option<Result<SocketTable, SocketsError>>,
    /// When to look again.
    pub(super) next: Instant,
}

impl Watch {
    pub(super) fn new(ports: BTreeSet<u16>) -> Self {
        Self { ports, reported: None, next: Instant::now() }
    }

    /// Look, and give what is found if it is not what was found before.
    pub(super) fn look(&mut self) -> Option<Result<SocketTable, SocketsError>> {
        let begun = Instant::now();
        let found = sockets(&self.ports);
        // A table of very many sockets takes its time: the thread rests at least as long.
        self.next = begun + BETWEEN_LOOKS.max(begun.elapsed() * 2);
        let same = match (&found, &self.reported) {
            (Ok(found), Some(Ok(reported))) => (&found.rows, found.left_out) == (&reported.rows, reported.left_out),
            (Err(found), Some(Err(reported))) => found == reported,
            _ => false,
        };
        if same {
            return None;
        }
        self.reported = Some(found.clone());
        Some(found)
    }
}

/// From one look to the next.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

#[cfg(target_os = "linux")]
mod system {
    use std::{collections::HashMap, fs};

    use procfs::{ProcError, net};

    use super::{Holder, SocketRow, SocketsError, TcpState};

    pub(super) const COMPLETE: bool = true;

    pub(super) fn sockets() -> Result<Vec<SocketRow>, SocketsError> {
        let ours = descriptors()?;
        let failed = |error: ProcError| SocketsError(error.to_string());
        let mut entries = net::tcp().map_err(failed)?;
        match net::tcp6() {
            Ok(more) => entries.extend(more),
            // There is no such table where IPv6 is switched off.
            Err(ProcError::NotFound(_)) => {}
            Err(error) => return Err(failed(error)),
        }
        let row = |entry: net::TcpNetEntry| SocketRow {
            local: entry.local_address,
            remote: entry.remote_address,
            state: state(&entry.state),
            unread: Some(entry.rx_queue),
            unacknowledged: Some(entry.tx_queue),
            holder: match (entry.inode, ours.get(&entry.inode)) {
                (0, _) => Holder::Kernel,
                (_, Some(fd)) => Holder::ThisProgram(Some(*fd)),
                (_, None) => Holder::Other,
            },
        };
        Ok(entries.into_iter().map(row).collect())
    }

    /// The descriptors of this program that are sockets, by inode (`proc_pid_fd(5)`).
    fn descriptors() -> Result<HashMap<u64, i64>, SocketsError> {
        let failed = |error: std::io::Error| SocketsError(error.to_string());
        let mut found = HashMap::new();
        for entry in fs::read_dir("/proc/self/fd").map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // It may have been closed since.
            let Ok(target) = fs::read_link(entry.path()) else { continue };
            let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
            let fd = entry.file_name().to_str().and_then(|fd| fd.parse().ok());
            if let (Some(inode), Some(fd)) = (inode.and_then(|inode| inode.parse().ok()), fd) {
                found.insert(inode, fd);
            }
        }
        Ok(found)
    }

    fn state(state: &net::TcpState) -> TcpState {
        match state {
            net::TcpState::Established => TcpState::Established,
            net::TcpState::SynSent => TcpState::SynSent,
            net::TcpState::SynRecv | net::TcpState::NewSynRecv => TcpState::SynReceived,
            net::TcpState::FinWait1 => TcpState::FinWait1,
            net::TcpState::FinWait2 => TcpState::FinWait2,
            net::TcpState::TimeWait => TcpState::TimeWait,
            net::TcpState::Close => TcpState::Closed,
            net::TcpState::CloseWait => TcpState::CloseWait,
            net::TcpState::LastAck => TcpState::LastAck,
            net::TcpState::Listen => TcpState::Listen,
            net::TcpState::Closing => TcpState::Closing,
        }
    }
}

#[cfg(windows)]
mod system {
    use std::net::SocketAddr;

    use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, iterate_sockets_info};

    use super::{Holder, SocketRow, SocketsError, TcpState};

    pub(super) const COMPLETE: bool = true;

    pub(super) fn sockets() -> Result<Vec<SocketRow>, SocketsError> {
        let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
        let all =
            iterate_sockets_info(families, ProtocolFlags::TCP).map_err(|error| SocketsError(error.to_string()))?;
        // One that was closed while it was looked at is no error.
        Ok(all.flatten().filter_map(row).collect())
    }

    fn row(info: SocketInfo) -> Option<SocketRow> {
        let ProtocolSocketInfo::Tcp(tcp) = &info.protocol_socket_info else { return None };
        let pids = &info.associated_pids;
        Some(SocketRow {
            local: SocketAddr::new(tcp.local_addr, tcp.local_port),
            remote: SocketAddr::new(tcp.remote_addr, tcp.remote_port),
            state: state(&tcp.state)?,
            unread: None,
            unacknowledged: None,
            holder: if pids.contains(&std::process::id()) {
                Holder::ThisProgram(None)
            } else if pids.iter().all(|pid| *pid == 0) {
                Holder::Kernel
            } else {
                Holder::Other
            },
        })
    }

    fn state(state: &netstat2::TcpState) -> Option<TcpState> {
        Some(match state {
            netstat2::TcpState::Closed | netstat2::TcpState::DeleteTcb => TcpState::Closed,
            netstat2::TcpState::Listen => TcpState::Listen,
            netstat2::TcpState::SynSent => TcpState::SynSent,
            netstat2::TcpState::SynReceived => TcpState::SynReceived,
            netstat2::TcpState::Established => TcpState::Established,
            netstat2::TcpState::FinWait1 => TcpState::FinWait1,
            netstat2::TcpState::FinWait2 => TcpState::FinWait2,
            netstat2::TcpState::CloseWait => TcpState::CloseWait,
            netstat2::TcpState::Closing => TcpState::Closing,
            netstat2::TcpState::LastAck => TcpState::LastAck,
            netstat2::TcpState::TimeWait => TcpState::TimeWait,
            netstat2::TcpState::Unknown => return None,
        })
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod system {
    use super::{SocketRow, SocketsError};

    pub(super) const COMPLETE: bool = false;

    pub(super) fn sockets() -> Result<Vec<SocketRow>, SocketsError> {
        Err(SocketsError(format!("{} tells no program its table", std::env::consts::OS)))
    }
}
