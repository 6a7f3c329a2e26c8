//! The kernel's TCP sockets that are this program's, and the other ends of its connections on this machine.

use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use super::{ListeningPort, PortOwner};

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
    /// The process of another program that holds it, where the system reports it.
    pub owner: Option<PortOwner>,
    /// Of a listening socket, how many connections its accept queue was made for, where the system reports it.
    pub backlog: Option<u32>,
    /// The timer that runs, where the system reports it.
    pub timer: Option<Timer>,
}

impl SocketRow {
    /// A socket of which nothing else is known.
    #[must_use]
    pub fn new(local: SocketAddr, remote: SocketAddr, state: TcpState, holder: Holder) -> Self {
        let (unread, unacknowledged, owner, backlog, timer) = (None, None, None, None, None);
        Self { local, remote, state, unread, unacknowledged, holder, owner, backlog, timer }
    }
}

/// What the kernel waits for with a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimerKind {
    /// An acknowledgement, or it sends again.
    Retransmit,
    /// It asks whether the peer is still there.
    KeepAlive,
    /// The end of TIME-WAIT, or of FIN-WAIT-2 without a program.
    TimeWait,
    /// It asks whether the peer, which had no room, has some.
    Probe,
}

/// A timer of the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    /// What for.
    pub kind: TimerKind,
    /// When it goes off, to about a second.
    pub ends: Timestamp,
}

impl Timer {
    /// How long until it goes off.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Duration {
        self.ends.duration_since(now).try_into().unwrap_or(Duration::ZERO)
    }
}

/// What the kernel said of our sockets at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketTable {
    /// Just before the kernel was asked.
    pub at: Timestamp,
    /// The sockets, by local port: the listening one first, then by descriptor.
    pub rows: Vec<SocketRow>,
    /// What has to do with the ports whose state was asked for.
    pub ports: PortsAsked,
    /// Sockets past [`SOCKETS_TOLD`].
    pub left_out: usize,
    /// Whether a socket that is not here does not exist. Some systems don't report those that no program holds.
    pub complete: bool,
}

/// What may keep somebody from a port, or show where else a program waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortsAsked {
    /// The ports.
    pub ports: BTreeSet<u16>,
    /// The UDP sockets that are bound to one of them.
    pub udp: Vec<ListeningPort>,
    /// Every TCP socket that listens, on whatever port.
    pub listening: Vec<SocketRow>,
}

/// Which sockets are looked at, besides those of this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those with one of these ports of ours at either end.
    pub ports: BTreeSet<u16>,
    /// All that has to do with these ports: see [`PortsAsked`].
    pub asked: BTreeSet<u16>,
    /// How often.
    pub pace: Pace,
    /// What is so after this moment: what was told before is told again, though nothing has changed.
    pub after: Option<Timestamp>,
}

/// How often sockets are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Four times a second: they are being watched.
    #[default]
    Shown,
    /// So often at first, and every two seconds while nothing changes. Of this program's sockets only those with the
    /// ports, and of timers only those of TIME-WAIT.
    Behind,
}

/// The system did not report its sockets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listing the sockets: {0}")]
pub struct SocketsError(pub String);

/// The TCP sockets of this program, and of all others those that are wanted.
///
/// On Linux over `sock_diag(7)`, or where that is not to be had from `/proc/net/tcp` and `/proc/net/tcp6`
/// (`proc_pid_net(5)`), which know no backlog and no time left. Their inodes are found again among the descriptors of
/// this program and of others.
///
/// # Errors
/// Where the system does not report them.
pub fn sockets(wanted: &Wanted) -> Result<SocketTable, SocketsError> {
    look(wanted, &mut system::Owners::default())
}

fn look(wanted: &Wanted, owners: &mut system::Owners) -> Result<SocketTable, SocketsError> {
    let at = Timestamp::now();
    let all = system::sockets(at)?;
    let ours = |row: &SocketRow| matches!(row.holder, Holder::ThisProgram(_));
    let shown = wanted.pace == Pace::Shown;
    let mut ports = wanted.ports.clone();
    if shown {
        // Ports of sockets that the asker does not know yet are ours too.
        ports.extend(all.iter().filter(|one| ours(&one.row)).map(|one| one.row.local.port()));
    }
    let is_wanted = |row: &SocketRow| {
        shown && ours(row)
            || ports.contains(&row.local.port())
            || ports.contains(&row.remote.port())
            || wanted.asked.contains(&row.local.port())
    };
    let is_port = |one: &system::Found| !wanted.asked.is_empty() && one.row.state == TcpState::Listen;
    let (mut found, mut listening) = (Vec::new(), Vec::new());
    for one in all {
        if is_port(&one) {
            listening.push(one.clone());
        }
        if is_wanted(&one.row) {
            found.push(one);
        }
    }
    let udp = if wanted.asked.is_empty() { Vec::new() } else { system::udp(&wanted.asked) };
    let left_out = found.len().saturating_sub(SOCKETS_TOLD);
    if left_out > 0 {
        found.sort_by_key(|one| match one.row.holder {
            Holder::ThisProgram(_) => 0,
            Holder::Kernel => 1,
            Holder::Other => 2,
        });
        found.truncate(SOCKETS_TOLD);
    }
    let owned = found.iter().chain(&listening).filter(|one| one.row.holder == Holder::Other);
    owners.look_for(&owned.map(|one| one.inode).chain(udp.iter().map(|(_, inode)| *inode)).collect());
    let udp = udp.into_iter().map(|(local, inode)| ListeningPort { local, owner: owners.of(inode).cloned() }).collect();
    // A probe now and then is no news to who does not look.
    let tells = |timer: &Timer| shown || timer.kind == TimerKind::TimeWait;
    let row = |one: system::Found| SocketRow {
        owner: owners.of(one.inode).cloned(),
        timer: one.row.timer.filter(tells),
        ..one.row
    };
    let listening = listening.into_iter().map(row).collect();
    let mut rows: Vec<SocketRow> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| {
        let fd = if let Holder::ThisProgram(fd) = row.holder { fd } else { None };
        (row.local.port(), row.state != TcpState::Listen, fd.is_none(), fd, row.remote)
    });
    let ports = PortsAsked { ports: wanted.asked.clone(), udp, listening };
    Ok(SocketTable { at, rows, ports, left_out, complete: system::COMPLETE })
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
    let all = system::sockets(Timestamp::now()).inspect_err(|error| tracing::debug!("{error}")).ok()?;
    Some(all.into_iter().filter(|one| one.row.state == TcpState::Listen).map(|one| one.row.local).collect())
}

/// Sockets that are looked at again and again.
#[derive(Debug)]
pub(super) struct Watch {
    wanted: Wanted,
    owners: system::Owners,
    /// What was found last; None before the first look.
    reported: Option<Result<SocketTable, SocketsError>>,
    /// How long it was between the last two looks.
    paused: Duration,
    /// When to look again.
    pub(super) next: Instant,
}

impl Watch {
    pub(super) fn new(wanted: Wanted) -> Self {
        let owners = system::Owners::default();
        Self { wanted, owners, reported: None, paused: Duration::ZERO, next: Instant::now() }
    }

    /// Watches these from now on.
    pub(super) fn want(&mut self, wanted: Wanted) {
        (self.wanted, self.reported, self.paused) = (wanted, None, Duration::ZERO);
        self.next = Instant::now();
    }

    /// Look, and give what is found if it is not what was found before.
    pub(super) fn look(&mut self) -> Option<Result<SocketTable, SocketsError>> {
        let begun = Instant::now();
        let mut found = look(&self.wanted, &mut self.owners);
        if let (Ok(found), Some(Ok(reported))) = (&mut found, &self.reported) {
            steady(found, reported);
        }
        let same = match (&found, &self.reported) {
            (Ok(found), Some(Ok(reported))) => {
                (&found.rows, &found.ports, found.left_out) == (&reported.rows, &reported.ports, reported.left_out)
            }
            (Err(found), Some(Err(reported))) => found == reported,
            _ => false,
        };
        let slower = same && self.wanted.pace == Pace::Behind;
        self.paused = if slower { (self.paused * 2).clamp(BETWEEN_LOOKS, LONGEST_PAUSE) } else { BETWEEN_LOOKS };
        // However long a look takes, it is a hundredth of the time, as long as that does not make it too rare.
        self.next = begun + self.paused.max(begun.elapsed() * 100).min(LONGEST_PAUSE.max(begun.elapsed() * 2));
        if same {
            return None;
        }
        self.reported = Some(found.clone());
        Some(found)
    }
}

/// A timer is read to some milliseconds only: one that ends when it was to end already is no news.
fn steady(found: &mut SocketTable, before: &SocketTable) {
    let known: HashMap<_, _> =
        before.rows.iter().filter_map(|row| Some(((row.local, row.remote, row.state), row.timer?))).collect();
    for row in &mut found.rows {
        let Some(before) = known.get(&(row.local, row.remote, row.state)) else { continue };
        if let Some(timer) = &mut row.timer
            && timer.kind == before.kind
            && timer.ends.duration_since(before.ends).abs() < SAME_TIMER
        {
            *timer = *before;
        }
    }
}

/// From one look to the next.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// The same while nothing changes and nobody watches.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Two readings of a timer that are no further apart are of the same.
const SAME_TIMER: SignedDuration = SignedDuration::from_millis(900);

#[cfg(target_os = "linux")]
mod system {
    use std::{
        collections::{BTreeSet, HashMap},
        fs,
        net::SocketAddr,
    };

    use jiff::Timestamp;
    use procfs::{ProcError, net};

    pub(super) use super::super::owners::Owners;
    use super::{
        super::{owners::inode_of, sock_diag},
        Holder, SocketRow, SocketsError, TcpState, Timer,
    };

    pub(super) const COMPLETE: bool = true;

    #[derive(Clone, Debug)]
    pub(super) struct Found {
        pub(super) row: SocketRow,
        pub(super) inode: u64,
    }

    pub(super) fn sockets(at: Timestamp) -> Result<Vec<Found>, SocketsError> {
        let ours = descriptors()?;
        let holder = |inode: u64| match (inode, ours.get(&inode)) {
            (0, _) => Holder::Kernel,
            (_, Some(fd)) => Holder::ThisProgram(Some(*fd)),
            (_, None) => Holder::Other,
        };
        let found = match sock_diag::all() {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!("sock_diag: {error}");
                return Ok(of_proc()?
                    .into_iter()
                    .map(|(row, inode)| Found { row: SocketRow { holder: holder(inode), ..row }, inode })
                    .collect());
            }
        };
        let row = |one: sock_diag::Found| {
            let listens = one.state == TcpState::Listen;
            let ends = |left| at.checked_add(left).unwrap_or(at);
            let row = SocketRow {
                local: one.local,
                remote: one.remote,
                state: one.state,
                unread: Some(one.unread),
                unacknowledged: Some(if listens { 0 } else { one.unacknowledged }),
                holder: holder(one.inode),
                owner: None,
                backlog: listens.then_some(one.unacknowledged),
                timer: one.timer.map(|(kind, left)| Timer { kind, ends: ends(left) }),
            };
            Found { row, inode: one.inode }
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The UDP sockets that are bound to one of these ports, with their inodes.
    pub(super) fn udp(ports: &BTreeSet<u16>) -> Vec<(SocketAddr, u64)> {
        let all = net::udp().into_iter().flatten().chain(net::udp6().into_iter().flatten());
        let wanted = all.filter(|entry| ports.contains(&entry.local_address.port()));
        wanted.map(|entry| (entry.local_address, entry.inode)).collect()
    }

    /// The same from the tables in `/proc`, with the inodes.
    fn of_proc() -> Result<Vec<(SocketRow, u64)>, SocketsError> {
        let failed = |error: ProcError| SocketsError(error.to_string());
        let mut entries = net::tcp().map_err(failed)?;
        match net::tcp6() {
            Ok(more) => entries.extend(more),
            // There is no such table where IPv6 is switched off.
            Err(ProcError::NotFound(_)) => {}
            Err(error) => return Err(failed(error)),
        }
        let row = |entry: net::TcpNetEntry| {
            let (local, remote) = (entry.local_address, entry.remote_address);
            let row = SocketRow {
                unread: Some(entry.rx_queue),
                unacknowledged: Some(entry.tx_queue),
                ..SocketRow::new(local, remote, state(&entry.state), Holder::Kernel)
            };
            (row, entry.inode)
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
            let fd = entry.file_name().to_str().and_then(|fd| fd.parse().ok());
            if let (Some(inode), Some(fd)) = (target.to_str().and_then(inode_of), fd) {
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

    use jiff::Timestamp;
    use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, iterate_sockets_info};

    pub(super) use super::nobody::{Found, Owners, udp};
    use super::{Holder, SocketRow, SocketsError, TcpState};

    pub(super) const COMPLETE: bool = true;

    pub(super) fn sockets(_: Timestamp) -> Result<Vec<Found>, SocketsError> {
        let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
        let all =
            iterate_sockets_info(families, ProtocolFlags::TCP).map_err(|error| SocketsError(error.to_string()))?;
        // One that was closed while it was looked at is no error.
        Ok(all.flatten().filter_map(row).map(|row| Found { row, inode: 0 }).collect())
    }

    fn row(info: SocketInfo) -> Option<SocketRow> {
        let ProtocolSocketInfo::Tcp(tcp) = &info.protocol_socket_info else { return None };
        let pids = &info.associated_pids;
        let holder = if pids.contains(&std::process::id()) {
            Holder::ThisProgram(None)
        } else if pids.iter().all(|pid| *pid == 0) {
            Holder::Kernel
        } else {
            Holder::Other
        };
        let local = SocketAddr::new(tcp.local_addr, tcp.local_port);
        let remote = SocketAddr::new(tcp.remote_addr, tcp.remote_port);
        Some(SocketRow::new(local, remote, state(&tcp.state)?, holder))
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
    use jiff::Timestamp;

    use super::SocketsError;
    pub(super) use super::nobody::{Found, Owners, udp};

    pub(super) const COMPLETE: bool = false;

    pub(super) fn sockets(_: Timestamp) -> Result<Vec<Found>, SocketsError> {
        Err(SocketsError(format!("{} tells no program its table", std::env::consts::OS)))
    }
}

/// Where the system says nothing of owners and UDP.
#[cfg(not(target_os = "linux"))]
mod nobody {
    use std::{
        collections::{BTreeSet, HashSet},
        net::SocketAddr,
    };

    use super::{super::PortOwner, SocketRow};

    #[derive(Clone, Debug)]
    pub(super) struct Found {
        pub(super) row: SocketRow,
        pub(super) inode: u64,
    }

    #[derive(Debug, Default)]
    pub(super) struct Owners;

    impl Owners {
        #[expect(
            clippy::unused_self,
            clippy::needless_pass_by_ref_mut,
            reason = "elsewhere there is something to know"
        )]
        pub(super) fn look_for(&mut self, _: &HashSet<u64>) {}

        #[expect(clippy::unused_self, reason = "elsewhere there is something to know")]
        pub(super) fn of(&self, _: u64) -> Option<&PortOwner> {
            None
        }
    }

    pub(super) fn udp(_: &BTreeSet<u16>) -> Vec<(SocketAddr, u64)> {
        Vec::new()
    }
}
