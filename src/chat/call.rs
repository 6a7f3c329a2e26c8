//! One call on a socket, as it happened.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use jiff::Timestamp;

use super::{ConnId, Errno, ListenerId};

/// Which of our sockets a call was made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SocketId {
    /// A listening socket, or a UDP socket that hears anybody.
    Listener(ListenerId),
    /// An accepted socket, one that connects, or a UDP socket that was opened to send to one address.
    Conn(ConnId),
}

/// A multicast group, joined on one interface (ip(7), `IP_ADD_MEMBERSHIP`; ipv6(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its address.
    pub ip: IpAddr,
    /// The interface's number; 0: the one that the system chooses.
    pub interface: u32,
}

/// A socket option, as `setsockopt` and `getsockopt` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOption {
    /// `SOL_SOCKET, SO_REUSEADDR`
    ReuseAddress(bool),
    /// `SOL_SOCKET, SO_EXCLUSIVEADDRUSE`, which only Windows has
    ExclusiveAddress(bool),
    /// `IPPROTO_TCP, TCP_NODELAY`
    NoDelay(bool),
    /// `IPPROTO_IPV6, IPV6_V6ONLY`
    Ipv6Only(bool),
    /// `SOL_SOCKET, SO_LINGER` with this many seconds
    Linger(u16),
    /// `SOL_SOCKET, SO_ERROR`
    Error,
    /// `SOL_SOCKET, SO_BROADCAST`
    Broadcast(bool),
    /// `IPPROTO_IP, IP_ADD_MEMBERSHIP` or `IPPROTO_IPV6, IPV6_JOIN_GROUP`
    JoinGroup(Group),
    /// `IPPROTO_IP, IP_DROP_MEMBERSHIP` or `IPPROTO_IPV6, IPV6_LEAVE_GROUP`
    LeaveGroup(Group),
}

impl SocketOption {
    /// What a server sets before `bind`, so that its port can be taken again right after it ends. On Windows it can be
    /// anyway, and `SO_REUSEADDR` would let another program take the port of a server that runs; what a server sets there
    /// keeps it from that: <https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse>.
    #[must_use]
    pub fn of_server(on: bool) -> Self {
        if cfg!(windows) { Self::ExclusiveAddress(on) } else { Self::ReuseAddress(on) }
    }
}

/// The call and its arguments. `fd` is in [`SocketCall`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `socket(AF_INET or AF_INET6, SOCK_STREAM)`
    Socket {
        /// Whether the family is `AF_INET6`.
        ipv6: bool,
    },
    /// `socket(AF_INET or AF_INET6, SOCK_DGRAM)`
    DatagramSocket {
        /// Whether the family is `AF_INET6`.
        ipv6: bool,
    },
    /// `setsockopt(fill, option, value)`
    SetOption(SocketOption),
    /// `getsockopt(fill, option)`
    GetOption(SocketOption),
    /// `bind(address)`
    Bind(SocketAddr),
    /// `listen(backlog)`
    Listen(u32),
    /// `accept()`
    Accept,
    /// `connect(address)`
    Connect(SocketAddr),
    /// `getsockname()`
    LocalName,
    /// `recv(size)`, in bytes
    Recv(usize),
    /// `send(data)`, `len` in bytes
    Send(usize),
    /// `recvfrom(size)`, in bytes
    RecvFrom(usize),
    /// `sendto(data, address)`, `len` in bytes
    SendTo {
        /// Bytes of the datagram.
        len: usize,
        /// Where to.
        to: SocketAddr,
    },
    /// `shutdown(SHUT_WR)`
    ShutdownWrite,
    /// `close()`
    Close,
}

impl Call {
    /// Which call, without its arguments.
    #[must_use]
    pub fn kind(self) -> CallKind {
        match self {
            Self::Socket { .. } | Self::DatagramSocket { .. } => CallKind::Socket,
            Self::SetOption(_) => CallKind::SetOption,
            Self::GetOption(_) => CallKind::GetOption,
            Self::Bind(_) => CallKind::Bind,
            Self::Listen(_) => CallKind::Listen,
            Self::Accept => CallKind::Accept,
            Self::Connect(_) => CallKind::Connect,
            Self::LocalName => CallKind::LocalName,
            Self::Recv(_) => CallKind::Recv,
            Self::Send(_) => CallKind::Send,
            Self::RecvFrom(_) => CallKind::RecvFrom,
            Self::SendTo { .. } => CallKind::SendTo,
            Self::ShutdownWrite => CallKind::ShutdownWrite,
            Self::Close => CallKind::Close,
        }
    }

    /// The name as the manual page has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.kind().name()
    }
}

/// Which call, without its arguments.
#[allow(missing_docs, reason = "a variant's name says which call of [`Call`] it is")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallKind {
    Socket,
    SetOption,
    GetOption,
    Bind,
    Listen,
    Accept,
    Connect,
    LocalName,
    Recv,
    Send,
    RecvFrom,
    SendTo,
    ShutdownWrite,
    Close,
}

impl CallKind {
    /// All of them, in the order of a socket's life.
    pub const ALL: [Self; 14] = [
        Self::Socket,
        Self::SetOption,
        Self::GetOption,
        Self::Bind,
        Self::Listen,
        Self::Accept,
        Self::Connect,
        Self::LocalName,
        Self::Recv,
        Self::Send,
        Self::RecvFrom,
        Self::SendTo,
        Self::ShutdownWrite,
        Self::Close,
    ];

    /// The name as the manual page has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::SetOption => "setsockopt",
            Self::GetOption => "getsockopt",
            Self::Bind => "bind",
            Self::Listen => "listen",
            Self::Accept => "accept",
            Self::Connect => "connect",
            Self::LocalName => "getsockname",
            Self::Recv => "recv",
            Self::Send => "send",
            Self::RecvFrom => "recvfrom",
            Self::SendTo => "sendto",
            Self::ShutdownWrite => "shutdown",
            Self::Close => "close",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded and there is nothing more to say (`0` in C).
    Done,
    /// `socket`: the new descriptor.
    Descriptor(i64),
    /// `accept`: the new socket, its descriptor, and the client's address.
    Accepted {
        /// The connection that the new socket is.
        conn: ConnId,
        /// Its descriptor.
        fd: i64,
        /// The address that `accept` returned.
        peer: SocketAddr,
    },
    /// `recv`, `send`: bytes moved, over all the calls in this row. 0 from `recv`: the peer has finished.
    Bytes(u64),
    /// `recvfrom`: the bytes of one datagram, and who sent it.
    BytesFrom {
        /// How many; 0 is an empty datagram.
        bytes: u64,
        /// The address that `recvfrom` returned.
        from: SocketAddr,
    },
    /// `getsockname`: the address.
    Address(SocketAddr),
    /// `connect` on a socket that does not wait: the handshake is under way (`EINPROGRESS`).
    InProgress,
    /// It failed with this number (`errno`).
    Failed(Errno),
}

/// One call on a socket, as it happened; or a run of the same `recv` or `send` under load, folded into one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SocketCall {
    /// The socket it was made on.
    pub socket: SocketId,
    /// That socket's descriptor (a handle on Windows), -1 where there was none yet.
    pub fd: i64,
    /// The call and its arguments.
    pub call: Call,
    /// What it gave back.
    pub outcome: Outcome,
    /// When it returned.
    pub at: Timestamp,
    /// How long it waited: from when we were ready for it until it returned. A call that would
    /// block is not a row of its own but part of the wait of the one that succeeds. `accept`: since
    /// it would take a client. `recv`: since the one before. `send`: since the bytes headed the queue.
    /// The `getsockopt(SO_ERROR)` that returns how `connect` ended: since `connect` was called.
    pub waited: Duration,
    /// How many calls this row stands for: 1, or more for a folded run.
    pub count: u32,
}
