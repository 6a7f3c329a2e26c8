//! Connecting: every address of a name in turn, within one limit of time.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr, SocketAddrV6},
    time::{Duration, Instant},
};

use mio::{Interest, Registry, Token, net::TcpStream};
use socket2::{SockAddr, SockRef, Socket};

use super::{
    CONNECT_LIMIT, Call, CallKind, ConnId, ConnOptions, Errno, EventKind, LOOK_UP_LIMIT, Limit, NetError, Operation,
    Outcome, Reason, SocketId, SocketOption, Target,
    event_queue::{EventSender, SocketLabel},
    socket,
    zone::interface_number,
};

/// One connection under way, from the name to the handshake.
#[derive(Debug)]
pub(super) struct Connecting {
    id: ConnId,
    token: Token,
    host: String,
    port: u16,
    pub(super) options: ConnOptions,
    begun: Instant,
    deadline: Instant,
    addresses: VecDeque<SocketAddr>,
    attempt: Option<Attempt>,
    last_error: Option<NetError>,
}

/// One address being tried.
#[derive(Debug)]
struct Attempt {
    stream: TcpStream,
    address: SocketAddr,
    label: SocketLabel,
    since: Instant,
    until: Instant,
}

/// How far a connection under way has got.
#[derive(Debug)]
pub(super) enum Progress {
    /// Nothing to do before this moment, unless the poll reports something.
    Waiting(Instant),
    /// It is connected.
    Connected { stream: TcpStream, label: SocketLabel, peer: SocketAddr, local: SocketAddr },
    /// No address answered.
    Failed(NetError),
}

/// The address that the host is, where it is one: nobody need be asked for it.
pub(super) fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.split_once('%') {
        Some((ip, zone)) => Some(SocketAddrV6::new(ip.parse().ok()?, port, 0, interface_number(zone)?).into()),
        None => bare.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, port)),
    }
}

impl Connecting {
    pub(super) fn new(id: ConnId, token: Token, host: String, port: u16, options: ConnOptions, now: Instant) -> Self {
        Self {
            id,
            token,
            host,
            port,
            deadline: now + options.connect_limit.map_or(LOOK_UP_LIMIT, |limit| limit.min(LOOK_UP_LIMIT)),
            options,
            begun: now,
            addresses: VecDeque::new(),
            attempt: None,
            last_error: None,
        }
    }

    /// The name, as a look-up wants it: without the brackets around an IPv6 address with a scope.
    pub(super) fn name(&self) -> String {
        let host = &self.host;
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_owned()
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    fn target(&self) -> Target {
        Target::Name(self.host.clone(), self.port)
    }

    /// The look-up has answered: try the first address.
    pub(super) fn on_lookup(
        &mut self,
        addresses: io::Result<Vec<SocketAddr>>,
        registry: &Registry,
        to: &mut EventSender,
    ) -> Progress {
        match addresses {
            Ok(addresses) => {
                self.deadline = match self.options.connect_limit {
                    Some(limit) => self.begun + limit,
                    None => to.now() + CONNECT_LIMIT,
                };
                // From an address of the one family nothing of the other can be reached.
                let local = self.options.local.filter(|local| !local.ip().is_unspecified());
                let fits = |address: &SocketAddr| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4());
                let any_fits = addresses.iter().any(fits);
                for address in addresses {
                    if !self.addresses.contains(&address) && (fits(&address) || !any_fits) {
                        self.addresses.push_back(address);
                    }
                }
                self.try_next(registry, to)
            }
            Err(error) => {
                let reason = Reason::of_look_up(&error);
                Progress::Failed(NetError::ours(Operation::LookUp, self.target(), reason))
            }
        }
    }

    /// The poll reported something of the handshake.
    pub(super) fn on_poll_event(&mut self, registry: &Registry, to: &mut EventSender) -> Progress {
        let Some(attempt) = self.attempt.take() else { return Progress::Waiting(self.deadline) };
        let Attempt { mut stream, address, label, since, .. } = attempt;
        let error = stream.take_error();
        let row = match &error {
            Ok(None) => Outcome::Done,
            Ok(Some(error)) | Err(error) => Outcome::Failed(Errno::of(error)),
        };
        to.call(label, Call::GetOption(SocketOption::Error), row, since);
        let connected = match error {
            Ok(None) => self.connected(&mut stream, label, registry, to),
            Ok(Some(error)) | Err(error) => Err(error),
        };
        match connected {
            Ok(local) if local == peer_of(&stream, address) => {
                socket::close(label, stream, to);
                self.last_error = Some(NetError::ours(CallKind::Connect, Target::Address(address), Reason::Itself));
                self.try_next(registry, to)
            }
            Ok(local) => Progress::Connected { peer: peer_of(&stream, address), stream, label, local },
            Err(error) => {
                socket::close(label, stream, to);
                self.last_error = Some(NetError::new(Call::Connect(address), Target::Address(address), &error));
                self.try_next(registry, to)
            }
        }
    }

    fn connected(
        &self,
        stream: &mut TcpStream,
        label: SocketLabel,
        registry: &Registry,
        to: &mut EventSender,
    ) -> io::Result<SocketAddr> {
        let since = Instant::now();
        let local = socket::report_address(label, Call::LocalName, stream.local_addr(), since, to)?;
        socket::set_no_delay(label, stream, to);
        // From here on the poll reports what can be read; room to send only when a message waits for it.
        registry.reregister(stream, self.token, socket::RECEIVING)?;
        Ok(local)
    }

    /// Time has passed: give up on an address that does not answer, or on all.
    pub(super) fn check_time(&mut self, registry: &Registry, to: &mut EventSender) -> Progress {
        let now = to.now();
        let Some(attempt) = &self.attempt else {
            // Still looking the name up.
            if now < self.deadline {
                return Progress::Waiting(self.deadline);
            }
            return Progress::Failed(NetError::ours(Operation::LookUp, self.target(), self.out_of_time()));
        };
        if now < attempt.until {
            return Progress::Waiting(attempt.until);
        }
        if attempt.stream.peer_addr().is_ok() {
            // The program was stopped for a while (SIGSTOP), and the answer came in time.
            return self.on_poll_event(registry, to);
        }
        let address = attempt.address;
        let error = NetError::ours(CallKind::Connect, Target::Address(address), self.out_of_time());
        self.last_error = Some(error);
        self.stop(to);
        self.try_next(registry, to)
    }

    /// Close the socket that is connecting.
    pub(super) fn stop(&mut self, to: &mut EventSender) {
        if let Some(Attempt { stream, label, .. }) = self.attempt.take() {
            socket::close(label, stream, to);
        }
    }

    /// Why a connect that has no answer is given up.
    fn out_of_time(&self) -> Reason {
        Reason::Limit(self.options.connect_limit.map_or(Limit::ConnectTime, Limit::ConnectTimeSet))
    }

    /// The error of calling it off.
    pub(super) fn cancelled(&self) -> NetError {
        NetError::ours(CallKind::Connect, self.target(), Reason::Cancelled)
    }

    fn try_next(&mut self, registry: &Registry, to: &mut EventSender) -> Progress {
        while let Some(address) = self.addresses.pop_front() {
            to.tick();
            let left = self.deadline.saturating_duration_since(to.now());
            if left == Duration::ZERO {
                break;
            }
            // One address that swallows everything must not take the others' chance.
            let share = if self.addresses.is_empty() { left } else { left / 2 };
            match self.connect(address, to.now() + share, registry, to) {
                Ok(attempt) => {
                    let until = attempt.until;
                    self.attempt = Some(attempt);
                    return Progress::Waiting(until);
                }
                Err(error) => self.last_error = Some(error),
            }
        }
        Progress::Failed(match self.last_error.take() {
            Some(error) => error,
            None if to.now() < self.deadline => NetError::ours(Operation::LookUp, self.target(), Reason::NoAddress),
            None => NetError::ours(CallKind::Connect, self.target(), self.out_of_time()),
        })
    }

    fn connect(
        &self,
        address: SocketAddr,
        until: Instant,
        registry: &Registry,
        to: &mut EventSender,
    ) -> Result<Attempt, NetError> {
        let target = Target::Address(address);
        let ipv6 = address.is_ipv6();
        let no_socket = SocketLabel { socket: SocketId::Conn(self.id), fd: -1 };
        let since = Instant::now();
        let socket = socket::stream_socket(ipv6);
        socket::report_socket(no_socket, ipv6, &socket, since, to);
        let socket = socket.map_err(|error| NetError::new(Call::Socket { ipv6 }, target.clone(), &error))?;
        let label = SocketLabel { fd: socket::descriptor(&socket), ..no_socket };
        if let Some(local) = self.options.local {
            socket::bind_client(label, &SockRef::from(&socket), local, ipv6, to)?;
        }

        let since = Instant::now();
        let outcome = match socket.connect(&SockAddr::from(address)) {
            Ok(()) => Ok(Outcome::Done),
            Err(error) if is_in_progress(&error) => Ok(Outcome::InProgress),
            Err(error) => Err(error),
        };
        to.event(EventKind::Connecting { conn: self.id, address, local: local_address(&socket) });
        let row = outcome.as_ref().map_or_else(|error| Outcome::Failed(Errno::of(error)), |row| *row);
        to.call(label, Call::Connect(address), row, since);

        let mut stream = TcpStream::from_std(socket.into());
        let started =
            outcome.and_then(|_| registry.register(&mut stream, self.token, socket::RECEIVING | Interest::WRITABLE));
        match started {
            Ok(()) => Ok(Attempt { stream, address, label, since, until }),
            Err(error) => {
                socket::close(label, stream, to);
                Err(NetError::new(Call::Connect(address), target, &error))
            }
        }
    }
}

/// The address that a socket connects from, as soon as the system has given it one: before the handshake is over, so
/// that a server in the same program knows whom it accepts.
pub(super) fn local_address(socket: &Socket) -> Option<SocketAddr> {
    socket.local_addr().ok()?.as_socket().filter(|local| local.port() != 0)
}

/// The address that a socket was connected to. It is not the one that was asked for where that was 0.0.0.0 or ::, which
/// Linux and macOS take for the loopback address.
pub(super) fn peer_of(stream: &TcpStream, asked: SocketAddr) -> SocketAddr {
    if asked.ip().is_unspecified() { stream.peer_addr().unwrap_or(asked) } else { asked }
}

/// connect(2): `EINPROGRESS`; on Windows `WSAEWOULDBLOCK`.
pub(super) fn is_in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    let in_progress = error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error());
    #[cfg(not(unix))]
    let in_progress = false;
    in_progress || error.kind() == io::ErrorKind::WouldBlock
}
