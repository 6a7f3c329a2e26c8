//! A connection that is made step by step, up to the end of its handshake.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr},
    time::Instant,
};

use mio::{Interest, Registry, Token, net::TcpStream};
use socket2::{SockAddr, SockRef};

use super::{
    Call, CallKind, Cause, ConnId, ConnOptions, ConnStep, Errno, EventKind, MOST_RECV_SIZE, NetError, Outcome, Reason,
    SocketId, Target,
    connecting::{is_in_progress, local_address, peer_of},
    event_queue::{EventSender, SocketLabel},
    socket,
};

/// A socket on its way to be connected, or not even that.
#[derive(Debug)]
pub(super) struct Prepared {
    id: ConnId,
    token: Token,
    address: SocketAddr,
    pub(super) options: ConnOptions,
    /// None before the step that makes it.
    stream: Option<TcpStream>,
    fd: i64,
    handshake: Option<Handshake>,
    /// [`ConnOptions::local`] is bound.
    bound: bool,
    /// It makes a call only as a step.
    pub(super) stepped: bool,
}

/// `connect` was called.
#[derive(Clone, Copy, Debug)]
struct Handshake {
    since: Instant,
    /// `connect` has succeeded.
    done: bool,
}

/// The handshake is over: the socket, its peer, and our own address.
pub(super) struct ConnectedSocket {
    pub(super) stream: TcpStream,
    pub(super) label: SocketLabel,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
}

impl Prepared {
    pub(super) fn new(id: ConnId, token: Token, address: SocketAddr, options: ConnOptions) -> Self {
        Self { id, token, address, options, stream: None, fd: -1, handshake: None, bound: false, stepped: true }
    }

    /// One call, whatever the order. The kernel says what results from it; we do only where there is no
    /// socket to ask the kernel about. [`ConnStep::Close`] is for the loop.
    pub(super) fn step(&mut self, step: ConnStep, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        match step {
            ConnStep::Socket if self.stream.is_some() => {
                Err(NetError::ours(CallKind::Socket, Target::None, Reason::OutOfOrder))
            }
            ConnStep::Socket => self.make_socket(to),
            ConnStep::Connect => self.connect(registry, to),
            ConnStep::Recv => self.recv(to),
            ConnStep::Send => self.send(to),
            ConnStep::FinishSending => {
                let stream = self.stream(Call::ShutdownWrite)?;
                let since = Instant::now();
                let result = stream.shutdown(Shutdown::Write);
                to.plain_call(self.label(), Call::ShutdownWrite, &result, since);
                result.map_err(|error| self.error(Call::ShutdownWrite, &error))
            }
            ConnStep::Close => self.stream(Call::Close).map(|_| ()),
        }
    }

    /// Whatever is still to do up to `connect`.
    pub(super) fn connect_rest(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        self.stepped = false;
        if self.stream.is_none() {
            self.make_socket(to)?;
        }
        if self.handshake.is_some() { Ok(()) } else { self.connect(registry, to) }
    }

    /// The poll reported something of the handshake. None: there is none under way, or it continues.
    pub(super) fn on_poll_event(
        &mut self,
        registry: &Registry,
        to: &mut EventSender,
    ) -> Option<Result<ConnectedSocket, NetError>> {
        let Handshake { since, done } = self.handshake?;
        let ended = if done { Ok(()) } else { self.ask_how_it_ended(since, to)? };
        self.handshake = None;
        let mut stream = self.stream.take()?;
        let label = self.label();
        let connected = ended.and_then(|()| {
            let since = Instant::now();
            let local = socket::report_address(label, Call::LocalName, stream.local_addr(), since, to)?;
            // From here on the poll reports what can be read; room to send only when a message waits for it.
            registry.reregister(&mut stream, self.token, socket::RECEIVING)?;
            Ok(local)
        });
        Some(match connected {
            Ok(local) if local == peer_of(&stream, self.address) => {
                self.fd = -1;
                socket::close(label, stream, to);
                Err(NetError::ours(CallKind::Connect, Target::Address(self.address), Reason::Itself))
            }
            Ok(local) => Ok(ConnectedSocket { peer: peer_of(&stream, self.address), stream, label, local }),
            Err(error) => {
                self.stream = Some(stream);
                // The socket is still there, and so may be another connect.
                self.watch_no_more(registry);
                Err(self.error(Call::Connect(self.address), &error))
            }
        })
    }

    /// How `connect` ended. On Linux the same call returns it, as to a program that waited in it: with
    /// `SO_ERROR` asked for in its place, the socket would refuse the next `connect` (`ECONNABORTED`).
    #[cfg(target_os = "linux")]
    fn ask_how_it_ended(&self, since: Instant, to: &mut EventSender) -> Option<io::Result<()>> {
        let result = SockRef::from(self.stream.as_ref()?).connect(&SockAddr::from(self.address));
        if result.as_ref().is_err_and(is_under_way) {
            return None;
        }
        to.plain_call(self.label(), Call::Connect(self.address), &result, since);
        Some(result)
    }

    /// How `connect` ended.
    #[cfg(not(target_os = "linux"))]
    fn ask_how_it_ended(&self, since: Instant, to: &mut EventSender) -> Option<io::Result<()>> {
        let result = match self.stream.as_ref()?.take_error() {
            Ok(None) => Ok(()),
            Ok(Some(error)) | Err(error) => Err(error),
        };
        to.plain_call(self.label(), Call::GetOption(super::SocketOption::Error), &result, since);
        Some(result)
    }

    fn watch_no_more(&mut self, registry: &Registry) {
        if let Some(stream) = &mut self.stream
            && let Err(error) = registry.deregister(stream)
        {
            tracing::warn!(%error, "a socket that did not connect could not be taken out of the poll");
        }
    }

    /// The error of calling it off.
    pub(super) fn cancelled(&self) -> NetError {
        NetError::ours(CallKind::Connect, Target::Address(self.address), Reason::Cancelled)
    }

    /// Close the socket, if there is one.
    pub(super) fn close(mut self, to: &mut EventSender) {
        let label = self.label();
        if let Some(stream) = self.stream.take() {
            socket::close(label, stream, to);
        }
    }

    fn label(&self) -> SocketLabel {
        SocketLabel { socket: SocketId::Conn(self.id), fd: self.fd }
    }

    fn stream(&self, call: Call) -> Result<&TcpStream, NetError> {
        let none = || NetError::ours(call, Target::Address(self.address), Reason::NoSocketYet);
        self.stream.as_ref().ok_or_else(none)
    }

    fn error(&self, call: Call, error: &io::Error) -> NetError {
        let error = NetError::new(call, Target::Address(self.address), error);
        // EPIPE of a socket that never was connected: nobody has thrown anything away.
        let out_of_order = error.cause() == Cause::Reset && matches!(call, Call::Send(_));
        if out_of_order { error.with_cause(Cause::OutOfOrder) } else { error }
    }

    fn make_socket(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let ipv6 = self.address.is_ipv6();
        let since = Instant::now();
        let socket = socket::stream_socket(ipv6);
        socket::report_socket(self.label(), ipv6, &socket, since, to);
        let socket = socket.map_err(|error| self.error(Call::Socket { ipv6 }, &error))?;
        self.fd = socket::descriptor(&socket);
        self.stream = Some(TcpStream::from_std(socket.into()));
        Ok(())
    }

    fn connect(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        let call = Call::Connect(self.address);
        let stream = self.stream(call)?;
        if let Some(local) = self.options.local.filter(|_| self.handshake.is_none() && !self.bound) {
            // Where the user set one, it is a part of this step.
            socket::bind_client(self.label(), &SockRef::from(stream), local, self.address.is_ipv6(), to)?;
            self.bound = true;
        }
        let stream = self.stream(call)?;
        let since = Instant::now();
        let result = SockRef::from(stream).connect(&SockAddr::from(self.address));
        if let Some(handshake) = &mut self.handshake {
            // Called again while it is under way.
            handshake.done |= result.is_ok();
            if result.as_ref().is_err_and(|error| !is_under_way(error)) {
                self.handshake = None;
                self.watch_no_more(registry);
            }
            to.plain_call(self.label(), call, &result, since);
            return result.map_err(|error| self.error(call, &error));
        }
        let waits = result.as_ref().is_err_and(is_in_progress);
        let (done, row) = match &result {
            Ok(()) => (true, Some(Outcome::Done)),
            // Where the same call returns how it ended, that is its row.
            Err(_) if waits => (false, cfg!(not(target_os = "linux")).then_some(Outcome::InProgress)),
            Err(error) => (false, Some(Outcome::Failed(Errno::of(error)))),
        };
        if let Some(row) = row {
            to.call(self.label(), call, row, since);
        }
        if !waits {
            result.map_err(|error| self.error(call, &error))?;
        }
        if let Some(stream) = &mut self.stream {
            let watched = registry.register(stream, self.token, socket::RECEIVING | Interest::WRITABLE);
            watched.map_err(|error| self.error(call, &error))?;
        }
        self.handshake = Some(Handshake { since, done });
        let local = self.stream.as_ref().and_then(|stream| local_address(&SockRef::from(stream)));
        to.event(EventKind::Connecting { conn: self.id, address: self.address, local });
        if waits {
            to.event(EventKind::StepWaiting { socket: SocketId::Conn(self.id), call });
        }
        Ok(())
    }

    fn recv(&self, to: &mut EventSender) -> Result<(), NetError> {
        let size = self.options.recv_size.clamp(1, MOST_RECV_SIZE);
        let call = Call::Recv(size);
        let mut stream = self.stream(call)?;
        let since = Instant::now();
        let result = stream.read(&mut vec![0; size]);
        self.moved(call, result, since, to)
    }

    fn send(&self, to: &mut EventSender) -> Result<(), NetError> {
        let call = Call::Send(0);
        let mut stream = self.stream(call)?;
        let since = Instant::now();
        let result = stream.write(&[]);
        self.moved(call, result, since, to)
    }

    fn moved(
        &self,
        call: Call,
        result: io::Result<usize>,
        since: Instant,
        to: &mut EventSender,
    ) -> Result<(), NetError> {
        let outcome = match &result {
            Ok(n) => Outcome::Bytes(*n as u64),
            Err(error) => Outcome::Failed(Errno::of(error)),
        };
        to.call(self.label(), call, outcome, since);
        result.map(|_| ()).map_err(|error| self.error(call, &error))
    }
}

/// connect(2): `EINPROGRESS`, or `EALREADY` for one more call.
fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    let already = error.raw_os_error() == Some(rustix::io::Errno::ALREADY.raw_os_error());
    #[cfg(not(unix))]
    let already = error.raw_os_error() == Some(10037);
    already || is_in_progress(error)
}
