//! The numbers of errors, and the names that the system's headers give them.

use std::io;

/// The number of an error, as the system gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The number behind an [`io::Error`], 0 where the system gave none.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(0))
    }

    /// The number that has this name; a name without the `WSA` of Windows finds it there too.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is = |known: &str| known == name || known.strip_prefix("WSA") == Some(name);
        ERRNO_NAMES.iter().find(|(_, known)| is(known)).map(|(number, _)| Self(*number))
    }

    /// The name that the system's headers give this number, where it is one that a socket's calls return.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        ERRNO_NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }

    /// Its name, without the `WSA` of Windows.
    pub(super) fn plain_name(self) -> Option<&'static str> {
        self.name().map(|name| name.strip_prefix("WSA").unwrap_or(name))
    }

    /// Whether the peer has reset the connection: `ECONNRESET`, or `EPIPE` from a later `send`.
    #[must_use]
    pub fn is_reset(self) -> bool {
        matches!(self.plain_name(), Some("ECONNRESET" | "EPIPE"))
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
    (90, "EMSGSIZE"),
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
    (108, "ESHUTDOWN"),
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
    (40, "EMSGSIZE"),
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
    (58, "ESHUTDOWN"),
    (60, "ETIMEDOUT"),
    (61, "ECONNREFUSED"),
    (64, "EHOSTDOWN"),
    (65, "EHOSTUNREACH"),
    (102, "EOPNOTSUPP"), // macOS; 45 elsewhere
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
    (10040, "WSAEMSGSIZE"),
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
    (10058, "WSAESHUTDOWN"),
    (10060, "WSAETIMEDOUT"),
    (10061, "WSAECONNREFUSED"),
    (10064, "WSAEHOSTDOWN"),
    (10065, "WSAEHOSTUNREACH"),
    (11001, "WSAHOST_NOT_FOUND"),
    (11002, "WSATRY_AGAIN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_name_of_the_headers_and_is_found_by_it() {
        let refused = Errno::named("ECONNREFUSED").unwrap();
        assert_eq!(io::Error::from_raw_os_error(refused.0).kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(refused.plain_name(), Some("ECONNREFUSED"));
        assert_eq!(Errno::named(refused.name().unwrap()), Some(refused));
        assert_eq!((Errno::named("ENOTHING"), Errno(0).name(), Errno(0).plain_name()), (None, None, None));
    }

    #[test]
    fn an_error_that_is_not_the_systems_has_no_number() {
        assert_eq!(Errno::of(&io::Error::from_raw_os_error(7)), Errno(7));
        assert_eq!(Errno::of(&io::Error::other("ours")), Errno(0));
    }

    #[test]
    fn a_reset_connection_is_known_by_its_number() {
        assert!(Errno::named("ECONNRESET").unwrap().is_reset());
        assert!(Errno::named("EPIPE").is_none_or(Errno::is_reset), "Windows has none");
        assert!(!Errno::named("ECONNREFUSED").unwrap().is_reset());
        assert!(!Errno(0).is_reset());
    }
}
