//! What went wrong on a socket: which call, on which address, why.

use std::{fmt, io, net::SocketAddr};

use super::call::{Call, Errno};

/// An address as far as it was known when the call failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A socket address.
    Address(SocketAddr),
    /// A name that was to be looked up, and the port.
    Name(String, u16),
    /// None, as with `socket` itself.
    None,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(host, port) => write!(f, "{host}:{port}"),
            Self::None => Ok(()),
        }
    }
}

/// Why a call failed, as far as a person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// `EADDRINUSE`: another socket holds the address.
    AddressInUse,
    /// `EADDRNOTAVAIL`: not an address of this machine.
    AddressNotHere,
    /// `EACCES`: a port below 1024 without the right, or a firewall's refusal.
    NotPermitted,
    /// `ECONNREFUSED`: nobody listens there.
    Refused,
    /// `ETIMEDOUT`, or our own limit ran out.
    TimedOut,
    /// `ENETUNREACH`, `EHOSTUNREACH`: no way leads there.
    Unreachable,
    /// The name has no address.
    NameNotFound,
    /// `ECONNRESET`, `EPIPE`, `ECONNABORTED`: the peer threw the connection away.
    Reset,
    /// `EMFILE`, `ENFILE`: too many open files.
    TooManyFiles,
    /// More bytes wait for this peer than the queue may hold: it is not reading.
    NotReading,
    /// The connection ended before the bytes were sent.
    EndedBeforeSent,
    /// The other side of the connection was already finished by us.
    WriteFinished,
    /// There is no such connection or listener (any more).
    NoSuchSocket,
    /// A call on a socket that has not been made yet, so that there is no kernel to ask.
    NoSocketYet,
    /// A call out of order (`EINVAL`, `ENOTCONN`, `EDESTADDRREQ`, …), as steps may make.
    OutOfOrder,
    /// A length prefix above 16 MiB.
    PrefixTooLong(u64),
    /// More clients than allowed.
    TooManyClients(usize),
    /// [`COMMANDS_IN_FLIGHT`](super::COMMANDS_IN_FLIGHT) commands wait already, or the thread has ended.
    Busy,
    /// The user called it off.
    Cancelled,
    /// Anything else: the system's own words are in [`NetError::source`].
    Other,
}

/// A failed call: which, on which address, why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call} {target}: {source}")]
pub struct NetError {
    /// The call that failed, by its manual page's name; `getaddrinfo` for a look-up.
    pub call: &'static str,
    /// On which address.
    pub target: Target,
    /// Why.
    pub cause: Cause,
    /// The system's number, where there was one.
    pub errno: Option<Errno>,
    /// The system's own words.
    pub source: SystemWords,
}

/// What the system says of an error, kept as text so that the error can be cloned and compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SystemWords(pub String);

impl NetError {
    /// The error of `call` on `target`.
    #[must_use]
    pub fn new(call: Call, target: Target, error: &io::Error) -> Self {
        Self {
            call: call.name(),
            target,
            cause: Cause::of(error),
            errno: error.raw_os_error().map(Errno),
            source: SystemWords(error.to_string()),
        }
    }

    /// An error that we, not the system, found.
    #[must_use]
    pub fn ours(call: &'static str, target: Target, cause: Cause) -> Self {
        Self { call, target, cause, errno: None, source: SystemWords(format!("{cause:?}")) }
    }
}

impl Errno {
    /// The name that the system's headers give this number, where it is one that a socket's calls return.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        ERRNO_NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }
}

impl Cause {
    /// The cause behind an [`io::Error`].
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::AddrInUse => Self::AddressInUse,
            Kind::AddrNotAvailable => Self::AddressNotHere,
            Kind::PermissionDenied => Self::NotPermitted,
            Kind::ConnectionRefused => Self::Refused,
            Kind::TimedOut => Self::TimedOut,
            Kind::NetworkUnreachable | Kind::HostUnreachable | Kind::NetworkDown => Self::Unreachable,
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Self::Reset,
            Kind::InvalidInput | Kind::NotConnected => Self::OutOfOrder,
            _ => Self::of_number(error.raw_os_error()),
        }
    }

    #[cfg(unix)]
    fn of_number(number: Option<i32>) -> Self {
        use rustix::io::Errno;
        match number.map(Errno::from_raw_os_error) {
            Some(Errno::MFILE | Errno::NFILE) => Self::TooManyFiles,
            Some(Errno::DESTADDRREQ | Errno::OPNOTSUPP | Errno::ISCONN | Errno::ALREADY) => Self::OutOfOrder,
            _ => Self::Other,
        }
    }

    #[cfg(windows)]
    fn of_number(number: Option<i32>) -> Self {
        // WSAEMFILE; WSAEALREADY, WSAEDESTADDRREQ, WSAEOPNOTSUPP, WSAEISCONN: winsock2.h
        match number {
            Some(10024) => Self::TooManyFiles,
            Some(10037 | 10039 | 10045 | 10056) => Self::OutOfOrder,
            _ => Self::Other,
        }
    }
}

/// asm-generic/errno.h
#[cfg(any(target_os = "linux", target_os = "android"))]
const ERRNO_NAMES: &[(i32, &str)] = &[
    (1, "EPERM"),
    (4, "EINTR"),
    (9, "EBADF"),
    (11, "EAGAIN"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (22, "EINVAL"),
    (23, "ENFILE"),
    (24, "EMFILE"),
    (32, "EPIPE"),
    (71, "EPROTO"),
    (88, "ENOTSOCK"),
    (89, "EDESTADDRREQ"),
    (92, "ENOPROTOOPT"),
    (93, "EPROTONOSUPPORT"),
    (95, "EOPNOTSUPP"),
    (97, "EAFNOSUPPORT"),
    (98, "EADDRINUSE"),
    (99, "EADDRNOTAVAIL"),
    (100, "ENETDOWN"),
    (101, "ENETUNREACH"),
    (102, "ENETRESET"),
    (103, "ECONNABORTED"),
    (104, "ECONNRESET"),
    (105, "ENOBUFS"),
    (106, "EISCONN"),
    (107, "ENOTCONN"),
    (110, "ETIMEDOUT"),
    (111, "ECONNREFUSED"),
    (112, "EHOSTDOWN"),
    (113, "EHOSTUNREACH"),
    (114, "EALREADY"),
    (115, "EINPROGRESS"),
];

/// sys/errno.h of macOS and the BSDs
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const ERRNO_NAMES: &[(i32, &str)] = &[
    (1, "EPERM"),
    (4, "EINTR"),
    (9, "EBADF"),
    (12, "ENOMEM"),
    (13, "EACCES"),
    (22, "EINVAL"),
    (23, "ENFILE"),
    (24, "EMFILE"),
    (32, "EPIPE"),
    (35, "EAGAIN"),
    (36, "EINPROGRESS"),
    (37, "EALREADY"),
    (38, "ENOTSOCK"),
    (39, "EDESTADDRREQ"),
    (42, "ENOPROTOOPT"),
    (43, "EPROTONOSUPPORT"),
    (45, "EOPNOTSUPP"),
    (47, "EAFNOSUPPORT"),
    (48, "EADDRINUSE"),
    (49, "EADDRNOTAVAIL"),
    (50, "ENETDOWN"),
    (51, "ENETUNREACH"),
    (52, "ENETRESET"),
    (53, "ECONNABORTED"),
    (54, "ECONNRESET"),
    (55, "ENOBUFS"),
    (56, "EISCONN"),
    (57, "ENOTCONN"),
    (60, "ETIMEDOUT"),
    (61, "ECONNREFUSED"),
    (64, "EHOSTDOWN"),
    (65, "EHOSTUNREACH"),
];

/// winsock2.h
#[cfg(windows)]
const ERRNO_NAMES: &[(i32, &str)] = &[
    (10004, "WSAEINTR"),
    (10013, "WSAEACCES"),
    (10022, "WSAEINVAL"),
    (10024, "WSAEMFILE"),
    (10035, "WSAEWOULDBLOCK"),
    (10036, "WSAEINPROGRESS"),
    (10037, "WSAEALREADY"),
    (10038, "WSAENOTSOCK"),
    (10039, "WSAEDESTADDRREQ"),
    (10042, "WSAENOPROTOOPT"),
    (10043, "WSAEPROTONOSUPPORT"),
    (10045, "WSAEOPNOTSUPP"),
    (10047, "WSAEAFNOSUPPORT"),
    (10048, "WSAEADDRINUSE"),
    (10049, "WSAEADDRNOTAVAIL"),
    (10050, "WSAENETDOWN"),
    (10051, "WSAENETUNREACH"),
    (10052, "WSAENETRESET"),
    (10053, "WSAECONNABORTED"),
    (10054, "WSAECONNRESET"),
    (10055, "WSAENOBUFS"),
    (10056, "WSAEISCONN"),
    (10057, "WSAENOTCONN"),
    (10060, "WSAETIMEDOUT"),
    (10061, "WSAECONNREFUSED"),
    (10064, "WSAEHOSTDOWN"),
    (10065, "WSAEHOSTUNREACH"),
    (11001, "WSAHOST_NOT_FOUND"),
    (11002, "WSATRY_AGAIN"),
];
