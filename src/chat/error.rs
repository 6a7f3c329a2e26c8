//! What went wrong on a socket: which operation, on which address, why.

use std::{fmt, io, net::SocketAddr, ops::Deref, time::Duration};

use super::{
    call::{Call, CallKind},
    errno::Errno,
};

/// A socket operation that failed. As large as a pointer: it is a part of every row, entry and event that may tell of one, and
/// few do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}: {}", .0.operation, .0.target, .0.reason)]
pub struct NetError(Box<Failure>);

/// What of an operation failed: which, on which address, why. No path and no payload is in it: it may be pasted anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub operation: Operation,
    /// On which address.
    pub target: Target,
    /// Why. It is no `#[source]`: the line above says it already.
    pub reason: Reason,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// A call on a socket.
    Call(CallKind),
    /// Looking a name up (`getaddrinfo`).
    LookUp,
    /// Handing a command to the network thread, or to the history's.
    QueueCommand,
    /// One that this version does not know, from a history that another one wrote.
    Unknown,
}

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

/// Who said no. What to do about it depends on that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The system: its number, where it gave one, and its own words. A look-up has no number.
    #[error("{text}")]
    #[allow(missing_docs, reason = "the fields' names and types say what they are")]
    Kernel { cause: Cause, errno: Option<Errno>, text: String },
    /// One of our limits.
    #[error("{0}")]
    Limit(Limit),
    /// The connection had failed from this cause before the kernel was asked.
    #[error("the connection had failed before")]
    Broken(Cause),
    /// The connection was closed before it was done.
    #[error("the connection was closed first")]
    Closed,
    /// We had finished sending (`shutdown(SHUT_WR)`).
    #[error("sending was finished before")]
    WriteFinished,
    /// There is no such connection or listener (any more).
    #[error("there is no such socket")]
    NoSuchSocket,
    /// A call on a socket that has not been made yet, so that there is no kernel to ask.
    #[error("the socket has not been made yet")]
    NoSocketYet,
    /// A step out of order that the kernel is not asked about: `socket` for a socket that there is.
    #[error("out of order")]
    OutOfOrder,
    /// The look-up succeeded, with no address.
    #[error("the name has no address")]
    NoAddress,
    /// An address of many computers at once (multicast, broadcast): TCP connects two.
    #[error("it stands for many computers at once")]
    ManyComputers,
    /// Nobody listens there, and `connect` took that very port for its own end: the socket is its own peer.
    #[error("the socket was connected to itself")]
    Itself,
    /// The user called it off.
    #[error("cancelled")]
    Cancelled,
    /// A client that is not among those who may connect: [`Admission`](crate::chat::Admission).
    #[error("the address may not connect")]
    NotAdmitted,
}

/// One of our own limits, by the constant that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Limit {
    /// [`QUEUE_LIMIT`](crate::net::QUEUE_LIMIT): more bytes wait for this peer than may; it is not reading.
    #[error("the peer is not reading")]
    SendQueue,
    /// [`ListenOptions::max_clients`](crate::net::ListenOptions::max_clients), which is this.
    #[error("no more than {0} clients")]
    Clients(usize),
    /// [`LONGEST_PREFIXED`](crate::wire::LONGEST_PREFIXED): a length prefix announced this many bytes.
    #[error("a length prefix of {0} bytes")]
    Prefix(u64),
    /// A length prefix that counts itself said fewer bytes than it has with what is before it.
    #[error("a length prefix of {0} bytes, which counts itself")]
    ShortPrefix(u64),
    /// [`largest_datagram`](crate::net::largest_datagram), which is this: more bytes are no datagram.
    #[error("a datagram has no more than {0} bytes")]
    Datagram(usize),
    /// [`QUEUE_LIMIT`](crate::net::QUEUE_LIMIT): more datagrams wait here for the system to take them than may.
    #[error("too many datagrams wait to be sent")]
    Datagrams,
    /// [`COMMANDS_IN_FLIGHT`](crate::net::COMMANDS_IN_FLIGHT) commands wait already, or the thread has ended.
    #[error("too many commands wait")]
    Commands,
    /// [`CONNECT_LIMIT`](crate::net::CONNECT_LIMIT), or one address' share of it; of a look-up
    /// [`LOOK_UP_LIMIT`](crate::net::LOOK_UP_LIMIT).
    #[error("no answer in time")]
    ConnectTime,
    /// [`ConnOptions::connect_limit`](crate::chat::ConnOptions::connect_limit), which is this, or one address' share of it.
    #[error("no answer within {0:?}")]
    ConnectTimeSet(Duration),
}

/// Why a call failed, as far as a person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// `EADDRINUSE`: another socket holds the address.
    AddressInUse,
    /// The same of a UDP socket: those of TCP don't count.
    UdpAddressInUse,
    /// `EADDRNOTAVAIL`: not an address of this machine.
    AddressNotHere,
    /// `EACCES`: a port below 1024 without the right, or a firewall's refusal.
    NotPermitted,
    /// `ECONNREFUSED`: nobody listens there.
    Refused,
    /// `ETIMEDOUT`, or our own limit ran out. Of a look-up (`EAI_AGAIN`): no name server answered.
    TimedOut,
    /// `ENETUNREACH`, `EHOSTUNREACH`: no way leads there.
    Unreachable,
    /// The name has no address (`EAI_NONAME`).
    NameNotFound,
    /// An address of many computers at once.
    ManyComputers,
    /// The socket is its own peer.
    Itself,
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
    /// A length prefix that counts itself, and says less than that.
    PrefixTooShort(u64),
    /// More clients than allowed.
    TooManyClients(usize),
    /// `EMSGSIZE`, or our own limit: more bytes than one datagram can have here.
    DatagramTooLong,
    /// More datagrams wait to be taken by our own system than may.
    NotTaken,
    /// [`COMMANDS_IN_FLIGHT`](crate::net::COMMANDS_IN_FLIGHT) commands wait already, or the thread has ended.
    Busy,
    /// The user called it off.
    Cancelled,
    /// Anything else: the system's own words are in [`Reason::Kernel`].
    Other,
}

impl Deref for NetError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl NetError {
    /// The error of `call` on `target`, as the system gave it.
    #[must_use]
    pub fn new(call: Call, target: Target, error: &io::Error) -> Self {
        let failed = Self::ours(call, target, Reason::of(error));
        match failed.cause() {
            // WSAEACCES: a socket of another user's or with SO_EXCLUSIVEADDRUSE holds the port, or Windows reserves it.
            // No port needs a right there.
            Cause::NotPermitted if cfg!(windows) && failed.is_of(CallKind::Bind) => {
                failed.with_cause(Cause::AddressInUse)
            }
            _ => failed,
        }
    }

    /// An error that we, not the system, found.
    #[must_use]
    pub fn ours(operation: impl Into<Operation>, target: Target, reason: Reason) -> Self {
        Self(Box::new(Failure { operation: operation.into(), target, reason }))
    }

    /// A command that found the queue full.
    #[must_use]
    pub fn busy() -> Self {
        Self::ours(Operation::QueueCommand, Target::None, Reason::Limit(Limit::Commands))
    }

    /// Why, as far as a person can do something about it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.reason.cause()
    }

    /// The system's number, where there was one.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        self.reason.errno()
    }

    /// Whether it is an error of that call.
    #[must_use]
    pub fn is_of(&self, call: CallKind) -> bool {
        self.operation == Operation::Call(call)
    }

    /// Whether it ended a connection whose peer did not answer any more. With the network unreachable, or nobody at the
    /// peer's address, the system says so in the place of `ETIMEDOUT`.
    #[must_use]
    pub fn is_of_vanished_peer(&self) -> bool {
        let of_connection = [CallKind::Recv, CallKind::Send, CallKind::GetOption, CallKind::ShutdownWrite];
        of_connection.iter().any(|call| self.is_of(*call))
            && matches!(self.cause(), Cause::TimedOut | Cause::Unreachable)
    }

    /// The same, where another cause than its number's is to be shown.
    #[must_use]
    pub(crate) fn with_cause(mut self, new: Cause) -> Self {
        if let Reason::Kernel { cause, .. } = &mut self.0.reason {
            *cause = new;
        }
        self
    }
}

impl Operation {
    /// The name as the manual page has it. In the history and in `--json`, so none of them changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Call(call) => call.name(),
            Self::LookUp => "getaddrinfo",
            Self::QueueCommand => "command",
            Self::Unknown => "?",
        }
    }

    /// The operation of that name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let others = [Self::LookUp, Self::QueueCommand];
        let mut all = CallKind::ALL.into_iter().map(Self::Call).chain(others);
        all.find(|operation| operation.name() == name).unwrap_or(Self::Unknown)
    }
}

impl From<Call> for Operation {
    fn from(call: Call) -> Self {
        Self::Call(call.kind())
    }
}

impl From<CallKind> for Operation {
    fn from(call: CallKind) -> Self {
        Self::Call(call)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Reason {
    /// What the system said of a look-up. It has no number; its words are English, whatever the user's language.
    #[must_use]
    pub fn of_look_up(error: &io::Error) -> Self {
        let text = error.to_string();
        // EAI_AGAIN of glibc and the BSDs, and of musl; WSATRY_AGAIN.
        let again = ["Temporary failure in name resolution", "Try again"].iter().any(|words| text.contains(words))
            || (cfg!(windows) && error.raw_os_error() == Some(11002));
        let cause = if again { Cause::TimedOut } else { Cause::NameNotFound };
        Self::Kernel { cause, errno: None, text }
    }

    /// What the system said.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        let errno = error.raw_os_error().map(Errno);
        Self::Kernel { cause: Cause::of(error), errno, text: error.to_string() }
    }

    /// Why, as far as a person can do something about it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Kernel { cause, .. } | Self::Broken(cause) => *cause,
            Self::Limit(limit) => limit.cause(),
            Self::Closed => Cause::EndedBeforeSent,
            Self::WriteFinished => Cause::WriteFinished,
            Self::NoSuchSocket => Cause::NoSuchSocket,
            Self::NoSocketYet => Cause::NoSocketYet,
            Self::OutOfOrder => Cause::OutOfOrder,
            Self::NoAddress => Cause::NameNotFound,
            Self::ManyComputers => Cause::ManyComputers,
            Self::Itself => Cause::Itself,
            Self::Cancelled => Cause::Cancelled,
            Self::NotAdmitted => Cause::NotPermitted,
        }
    }

    /// The system's number, where there was one.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        if let Self::Kernel { errno, .. } = self { *errno } else { None }
    }
}

impl Limit {
    fn cause(self) -> Cause {
        match self {
            Self::SendQueue => Cause::NotReading,
            Self::Clients(most) => Cause::TooManyClients(most),
            Self::Prefix(length) => Cause::PrefixTooLong(length),
            Self::ShortPrefix(length) => Cause::PrefixTooShort(length),
            Self::Datagram(_) => Cause::DatagramTooLong,
            Self::Datagrams => Cause::NotTaken,
            Self::Commands => Cause::Busy,
            Self::ConnectTime | Self::ConnectTimeSet(_) => Cause::TimedOut,
        }
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

    fn of_number(number: Option<i32>) -> Self {
        match number.and_then(|number| Errno(number).plain_name()) {
            Some("EMFILE" | "ENFILE") => Self::TooManyFiles,
            Some("EMSGSIZE") => Self::DatagramTooLong,
            Some("EDESTADDRREQ" | "EOPNOTSUPP" | "EISCONN" | "EALREADY") => Self::OutOfOrder,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_numbers_have_the_causes_that_people_can_do_something_about() {
        for (name, cause) in [
            ("EADDRINUSE", Cause::AddressInUse),
            ("EADDRNOTAVAIL", Cause::AddressNotHere),
            ("EACCES", Cause::NotPermitted),
            ("ECONNREFUSED", Cause::Refused),
            ("ETIMEDOUT", Cause::TimedOut),
            ("ENETUNREACH", Cause::Unreachable),
            ("EHOSTUNREACH", Cause::Unreachable),
            ("ECONNRESET", Cause::Reset),
            ("ECONNABORTED", Cause::Reset),
            ("EINVAL", Cause::OutOfOrder),
            ("ENOTCONN", Cause::OutOfOrder),
            ("EISCONN", Cause::OutOfOrder),
            ("EMFILE", Cause::TooManyFiles),
            ("ENOBUFS", Cause::Other),
        ] {
            let errno = Errno::named(name).unwrap();
            let error = NetError::new(Call::Accept, Target::None, &io::Error::from_raw_os_error(errno.0));
            assert_eq!((error.cause(), error.errno()), (cause, Some(errno)), "{name}");
            assert!(error.is_of(CallKind::Accept) && !error.is_of(CallKind::Connect));
            assert_eq!(error.with_cause(Cause::Busy).cause(), Cause::Busy);
        }
        assert_eq!(Cause::of(&io::Error::other("?")), Cause::Other);
    }

    #[test]
    fn a_port_that_may_not_be_bound_is_in_use_on_windows() {
        let refused = |call| {
            let errno = Errno::named("EACCES").unwrap();
            NetError::new(call, Target::None, &io::Error::from_raw_os_error(errno.0)).cause()
        };
        let address = ([127, 0, 0, 1], 80).into();
        let of_bind = if cfg!(windows) { Cause::AddressInUse } else { Cause::NotPermitted };
        assert_eq!((refused(Call::Bind(address)), refused(Call::Connect(address))), (of_bind, Cause::NotPermitted));
    }

    #[test]
    fn an_error_of_ours_has_a_cause_and_no_number() {
        let busy = NetError::busy();
        assert_eq!((busy.cause(), busy.errno()), (Cause::Busy, None));
        for (reason, cause) in [
            (Reason::Limit(Limit::SendQueue), Cause::NotReading),
            (Reason::Limit(Limit::Clients(3)), Cause::TooManyClients(3)),
            (Reason::Limit(Limit::ConnectTime), Cause::TimedOut),
            (Reason::Limit(Limit::ConnectTimeSet(Duration::from_secs(3))), Cause::TimedOut),
            (Reason::Broken(Cause::Reset), Cause::Reset),
            (Reason::NoAddress, Cause::NameNotFound),
        ] {
            assert_eq!(NetError::ours(Operation::LookUp, Target::None, reason).cause(), cause);
        }
    }

    #[test]
    fn an_operation_is_known_again_by_its_name() {
        let calls = CallKind::ALL.map(Operation::Call);
        for operation in calls.into_iter().chain([Operation::LookUp, Operation::QueueCommand, Operation::Unknown]) {
            assert_eq!(Operation::named(operation.name()), operation);
        }
        assert_eq!(Operation::named("select"), Operation::Unknown);
    }

    #[test]
    fn an_error_reads_as_operation_target_and_reason() {
        let address = Target::Address(([127, 0, 0, 1], 80).into());
        let error = |target, reason| NetError::ours(Call::ShutdownWrite, target, reason).to_string();
        assert_eq!(error(address, Reason::Closed), "shutdown 127.0.0.1:80: the connection was closed first");
        assert_eq!(error(Target::Name("a".to_owned(), 9), Reason::OutOfOrder), "shutdown a:9: out of order");
        assert_eq!(Call::LocalName.to_string(), "getsockname");
    }
}
