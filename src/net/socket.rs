//! What `mio` and `socket2` don't agree on: making a socket, its descriptor, and its local address.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use mio::{Interest, event::Event, net::TcpStream};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{
    Call, ConnOptions, Errno, NetError, Outcome, SocketOption, Target,
    event_queue::{EventSender, SocketLabel},
    peer_timeout,
};

/// One `socket` call, and where the platform can say so in that call: not waiting, and not inherited
/// by programs we start (socket(2), `SOCK_NONBLOCK`, `SOCK_CLOEXEC`).
pub(super) fn stream_socket(ipv6: bool) -> io::Result<Socket> {
    new_socket(ipv6, Type::STREAM)
}

/// The same, of this type.
pub(super) fn new_socket(ipv6: bool, kind: Type) -> io::Result<Socket> {
    let domain = if ipv6 { Domain::IPV6 } else { Domain::IPV4 };
    let protocol = if kind == Type::DGRAM { Protocol::UDP } else { Protocol::TCP };
    #[cfg(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    {
        Socket::new(domain, kind.nonblocking(), Some(protocol))
    }
    #[cfg(not(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd"
    )))]
    {
        let socket = Socket::new(domain, kind, Some(protocol))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// Whether an address stands for many computers at once: multicast, or the broadcast address of a network that this
/// machine is in, where the system says so.
pub(super) fn is_of_many(ip: IpAddr) -> bool {
    let IpAddr::V4(v4) = ip else { return ip.is_multicast() };
    if v4.is_multicast() || v4.is_broadcast() {
        return true;
    }
    if v4.is_unspecified() || v4.is_loopback() {
        return false;
    }
    // Without SO_BROADCAST a UDP socket must not be connected to one (ip(7)); nothing is sent.
    let tried = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect((v4, 9)));
    cfg!(target_os = "linux") && tried.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// A socket's descriptor, a handle on Windows.
#[cfg(unix)]
pub(super) fn descriptor(socket: &impl std::os::fd::AsRawFd) -> i64 {
    socket.as_raw_fd().into()
}

/// A socket's descriptor, a handle on Windows.
#[cfg(windows)]
pub(super) fn descriptor(socket: &impl std::os::windows::io::AsRawSocket) -> i64 {
    socket.as_raw_socket() as i64
}

/// The `socket` call's row.
pub(super) fn report_socket(
    label: SocketLabel,
    ipv6: bool,
    result: &io::Result<Socket>,
    since: Instant,
    to: &mut EventSender,
) {
    let (fd, outcome) = match result {
        Ok(socket) => (descriptor(socket), Outcome::Descriptor(descriptor(socket))),
        Err(error) => (-1, Outcome::Failed(Errno::of(error))),
    };
    to.call(SocketLabel { fd, ..label }, Call::Socket { ipv6 }, outcome, since);
}

/// The row of a call that gives back an address, and the address.
pub(super) fn report_address(
    label: SocketLabel,
    call: Call,
    result: io::Result<SocketAddr>,
    since: Instant,
    to: &mut EventSender,
) -> io::Result<SocketAddr> {
    let outcome = match &result {
        Ok(address) => Outcome::Address(*address),
        Err(error) => Outcome::Failed(Errno::of(error)),
    };
    to.call(label, call, outcome, since);
    result
}

/// Set [`SocketOption::of_server`].
#[cfg(not(windows))]
pub(super) fn set_option_of_server(socket: &SockRef<'_>, on: bool) -> io::Result<()> {
    socket.set_reuse_address(on)
}

/// Set [`SocketOption::of_server`], which no crate of ours offers: the one call that is made without their safety.
#[cfg(windows)]
#[expect(unsafe_code, reason = "setsockopt by its C interface")]
pub(super) fn set_option_of_server(socket: &SockRef<'_>, on: bool) -> io::Result<()> {
    use std::os::windows::io::AsRawSocket as _;

    use windows_sys::Win32::Networking::WinSock::{SO_EXCLUSIVEADDRUSE, SOCKET, SOL_SOCKET, setsockopt};

    let value = u32::from(on).to_ne_bytes();
    // SAFETY: `value` is there during the call, as long as its length says; the socket is borrowed, so it is open.
    let failed = unsafe {
        setsockopt(
            socket.as_raw_socket() as SOCKET,
            SOL_SOCKET,
            SO_EXCLUSIVEADDRUSE,
            value.as_ptr(),
            value.len() as i32,
        )
    };
    if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Have a client connect from there: `bind`, and before it `SO_REUSEADDR`, so that a port can be taken again at once after
/// the connection before (socket(7)). On Windows that would take it from another program.
pub(super) fn bind_client(
    label: SocketLabel,
    socket: &SockRef<'_>,
    local: SocketAddr,
    ipv6: bool,
    to: &mut EventSender,
) -> Result<(), NetError> {
    let local = match local.ip() {
        ip if ip.is_unspecified() && ipv6 => SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), local.port()),
        ip if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), local.port()),
        _ => local,
    };
    if cfg!(not(windows)) && local.port() != 0 {
        let since = Instant::now();
        let result = socket.set_reuse_address(true);
        to.plain_call(label, Call::SetOption(SocketOption::of_server(true)), &result, since);
    }
    let (call, since) = (Call::Bind(local), Instant::now());
    let result = socket.bind(&local.into());
    to.plain_call(label, call, &result, since);
    result.map_err(|error| NetError::new(call, Target::Address(local), &error))
}

/// Send small messages at once (tcp(7), `TCP_NODELAY`). A connection that refuses works without.
pub(super) fn set_no_delay(label: SocketLabel, stream: &TcpStream, to: &mut EventSender) {
    let since = Instant::now();
    let result = stream.set_nodelay(true);
    to.plain_call(label, Call::SetOption(SocketOption::NoDelay(true)), &result, since);
}

/// Make `close` throw the connection away (socket(7), `SO_LINGER` of 0 seconds).
pub(super) fn set_linger_zero(label: SocketLabel, stream: &TcpStream, to: &mut EventSender) {
    let since = Instant::now();
    let result = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    to.plain_call(label, Call::SetOption(SocketOption::Linger(0)), &result, since);
}

/// What the poll watches of a connection that receives; urgent data, where it can be asked for that.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) const RECEIVING: Interest = Interest::READABLE.add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) const RECEIVING: Interest = Interest::READABLE;

/// Whether the poll reports that an urgent byte waits.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn is_urgent(event: &Event) -> bool {
    event.is_priority()
}

/// Whether the poll reports that an urgent byte waits; it never does.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_urgent(_: &Event) -> bool {
    false
}

/// Set what every connection has, and no lesson shows. No rows: see [`super::peer_timeout`].
pub(super) fn set_unseen_options(socket: &SockRef<'_>, options: &ConnOptions) {
    take_urgent_in_line(socket);
    if options.peer_timeout.is_some() || options.keepalive.is_some() {
        peer_timeout::set(socket, options);
    }
}

/// Whether what `accept` returns has the options of the listening socket: tcp(7) says so of `TCP_USER_TIMEOUT`, "like many
/// others", and all of [`set_unseen_options`] are among those. Elsewhere it is not promised.
pub(super) const ACCEPTED_INHERIT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Have `recv` return urgent bytes where they came (socket(7), `SO_OOBINLINE`): by itself the system takes each out of
/// the stream.
fn take_urgent_in_line(socket: &SockRef<'_>) {
    if let Err(error) = socket.set_out_of_band_inline(true) {
        tracing::debug!("urgent data will be lost: {error}");
    }
}

/// Close a socket.
pub(super) fn close<S>(label: SocketLabel, socket: S, to: &mut EventSender) {
    let since = Instant::now();
    drop(socket);
    to.call(label, Call::Close, Outcome::Done, since);
}
