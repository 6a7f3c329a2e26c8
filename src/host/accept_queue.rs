//! How many connections wait in a listener's accept queue, and the most that the system lets wait.

use std::net::SocketAddr;

/// The accept queue of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AcceptQueue {
    /// Connections that the kernel has made and `accept` has not taken yet.
    pub waiting: u32,
}

/// The accept queue of the socket that listens on exactly that address, as the kernel has it at this
/// moment. None, if there is no such socket in this network namespace or the system doesn't report it.
///
/// From `/proc/net/tcp` and `/proc/net/tcp6` (`proc_pid_net(5)`); of a listening socket, `rx_queue` is the
/// length of its accept queue (`get_tcp4_sock` in the kernel's `net/ipv4/tcp_ipv4.c`).
#[must_use]
pub fn accept_queue(local: SocketAddr) -> Option<AcceptQueue> {
    system::accept_queue(local)
}

/// Every listening TCP socket of this network namespace, whoever holds it. None, where the system doesn't report it.
pub(super) fn listening_sockets() -> Option<Vec<SocketAddr>> {
    system::listening_sockets()
}

/// The most that `listen`'s backlog can be: a larger one is cut down to it without a word (`listen(2)`).
/// None, if the system doesn't report it, as Windows does not. From `/proc/sys/net/core/somaxconn`.
#[must_use]
pub fn system_backlog_cap() -> Option<u32> {
    system::backlog_cap()
}

#[cfg(target_os = "linux")]
mod system {
    use std::{
        fs::{self, File},
        io::{BufRead as _, BufReader},
        net::SocketAddr,
    };

    use procfs::{
        FromBufReadSI as _, current_system_info,
        net::{TcpNetEntries, TcpNetEntry, TcpState},
    };

    use super::AcceptQueue;

    pub(super) fn accept_queue(local: SocketAddr) -> Option<AcceptQueue> {
        let rows = listening(if local.is_ipv4() { IPV4 } else { IPV6 })?;
        rows.into_iter()
            // The table knows no zones of IPv6 addresses.
            .find(|row| (row.local_address.ip(), row.local_address.port()) == (local.ip(), local.port()))
            .map(|row| AcceptQueue { waiting: row.rx_queue })
    }

    pub(super) fn listening_sockets() -> Option<Vec<SocketAddr>> {
        let mut sockets = listening(IPV4)?;
        // There is no such table where IPv6 is switched off.
        sockets.extend(listening(IPV6).unwrap_or_default());
        Some(sockets.into_iter().map(|row| row.local_address).collect())
    }

    fn listening(table: &str) -> Option<Vec<TcpNetEntry>> {
        let rows = listening_rows(table)
            .and_then(|rows| {
                TcpNetEntries::from_buf_read(rows.as_bytes(), current_system_info()).map_err(std::io::Error::other)
            })
            .inspect_err(|error| tracing::debug!("reading {table}: {error}"))
            .ok()?;
        Some(rows.0.into_iter().filter(|row| row.state == TcpState::Listen).collect())
    }

    /// The table's heading and its first rows, which are the listening sockets: with ten thousand
    /// connections, what follows them is thousands of times as long.
    fn listening_rows(table: &str) -> std::io::Result<String> {
        let mut reader = BufReader::new(File::open(table)?);
        let mut rows = String::new();
        reader.read_line(&mut rows)?;
        loop {
            let row_begins = rows.len();
            let bytes = reader.read_line(&mut rows)?;
            let state = rows.get(row_begins..).and_then(|row| row.split_ascii_whitespace().nth(3));
            if bytes == 0 || state != Some(LISTEN) {
                rows.truncate(row_begins);
                return Ok(rows);
            }
        }
    }

    pub(super) fn backlog_cap() -> Option<u32> {
        fs::read_to_string("/proc/sys/net/core/somaxconn").ok()?.trim().parse().ok()
    }

    const IPV4: &str = "/proc/net/tcp";
    const IPV6: &str = "/proc/net/tcp6";

    /// `TCP_LISTEN` as the table writes it (the kernel's `include/net/tcp_states.h`).
    const LISTEN: &str = "0A";
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::SocketAddr;

    use super::AcceptQueue;

    pub(super) fn accept_queue(_: SocketAddr) -> Option<AcceptQueue> {
        None
    }

    pub(super) fn listening_sockets() -> Option<Vec<SocketAddr>> {
        super::super::sockets::listening()
    }

    pub(super) fn backlog_cap() -> Option<u32> {
        None
    }
}
