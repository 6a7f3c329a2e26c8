//! A listening socket: socket, setsockopt, bind, listen, accept, each its own step.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream},
};
use socket2::{SockAddr, SockRef};

use super::{
    Call, CallKind, Cause, ConnOptions, Errno, EventKind, Limit, ListenOptions, ListenStep, ListenerId, NetError,
    Outcome, Reason, SocketId, SocketOption, Target,
    event_queue::{EventSender, SocketLabel},
    ids::Ids,
    socket,
};

/// How long accepting rests after it failed, unless a connection closes before.
pub(super) const ACCEPT_RETRY: Duration = Duration::from_millis(200);

/// A listening socket, or one on its way to be one.
#[derive(Debug)]
pub(super) struct Listener {
    id: ListenerId,
    token: Token,
    pub(super) options: ListenOptions,
    /// None before the step that makes it.
    socket: Option<TcpListener>,
    fd: i64,
    /// As `getsockname` returned it; before that, as asked for.
    local: SocketAddr,
    /// [`SocketOption::of_server`] is set.
    reused: bool,
    /// `bind` has succeeded.
    bound: bool,
    /// `listen` has succeeded, and the poll knows it.
    registered: bool,
    /// Accept whoever comes; else only as many as steps ask for.
    automatic: bool,
    /// Steps that asked for a client and have none yet.
    steps: usize,
    /// `StepWaiting` was sent.
    waiting_reported: bool,
    /// A client may be waiting: the poll said so, or we have not looked yet.
    ready: bool,
    /// Since when we would take one.
    since: Instant,
    /// `AcceptFailed` was sent; not again before a success.
    failing: bool,
    /// Accepted sockets have from this one all that [`socket::set_unseen_options`] would set.
    accepted_inherit: bool,
    /// Until when accepting rests.
    resting: Option<Instant>,
    /// It is in the loop's queue of those to serve.
    pub(super) in_ready: bool,
    /// It is in the loop's queue of those to serve once the receiver has drained.
    pub(super) in_parked: bool,
}

/// A new socket, and the client's address as `accept` gave it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) conn: super::ConnId,
    pub(super) stream: TcpStream,
    pub(super) label: SocketLabel,
    pub(super) peer: SocketAddr,
}

impl Listener {
    pub(super) fn new(id: ListenerId, token: Token, options: ListenOptions, now: Instant) -> Self {
        Self {
            id,
            token,
            fd: -1,
            local: options.address,
            options,
            socket: None,
            reused: false,
            bound: false,
            registered: false,
            automatic: false,
            steps: 0,
            waiting_reported: false,
            ready: false,
            since: now,
            failing: false,
            accepted_inherit: false,
            resting: None,
            in_ready: false,
            in_parked: false,
        }
    }

    /// Everything up to `listen`, and accept whoever comes.
    pub(super) fn open(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        self.make_socket(to)?;
        self.open_rest(registry, to)
    }

    /// Whatever is still to do from `socket` up to `listen`, and accept whoever comes.
    pub(super) fn open_rest(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        if !self.registered {
            if self.options.reuse_address && !self.reused && !self.bound {
                self.set_reuse_address(to)?;
            }
            if !self.bound {
                if self.options.address.is_ipv6() && self.options.address.ip().is_unspecified() {
                    self.take_ipv4_too(to);
                }
                self.bind(to)?;
            }
            self.listen(registry, to)?;
        }
        self.resume(to.now());
        Ok(())
    }

    /// Whether `socket` has been called.
    pub(super) fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    /// One step by hand, whatever the order. The kernel says what results from it; we do only where there
    /// is no socket to ask the kernel about.
    pub(super) fn step(&mut self, step: ListenStep, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        match step {
            ListenStep::Socket if self.socket.is_some() => {
                Err(NetError::ours(CallKind::Socket, Target::None, Reason::OutOfOrder))
            }
            ListenStep::Socket => self.make_socket(to),
            ListenStep::ReuseAddress => self.set_reuse_address(to),
            ListenStep::Bind => self.bind(to),
            ListenStep::Listen => {
                self.listen(registry, to)?;
                to.event(EventKind::AcceptingPaused { listener: self.id, paused: !self.automatic });
                Ok(())
            }
            ListenStep::Close => self.socket(Call::Close).map(|_| ()),
            ListenStep::Accept => {
                self.socket(Call::Accept)?;
                if !self.wants_client() {
                    self.since = to.now();
                }
                self.steps += 1;
                self.waiting_reported = false;
                self.ready = true;
                Ok(())
            }
        }
    }

    /// Accept whoever comes.
    pub(super) fn resume(&mut self, now: Instant) {
        if !self.wants_client() {
            self.since = now;
        }
        self.automatic = true;
        // Who came while nobody accepted was announced long ago: look.
        self.ready = true;
    }

    /// Stop calling `accept`.
    pub(super) fn pause(&mut self) {
        self.automatic = false;
        self.steps = 0;
    }

    /// The poll says that a client waits.
    pub(super) fn on_poll_event(&mut self) {
        self.ready = true;
    }

    /// A descriptor may be free again.
    pub(super) fn end_rest(&mut self) {
        self.resting = None;
    }

    /// Until when accepting rests after a failure, if it does.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        self.resting
    }

    fn wants_client(&self) -> bool {
        self.automatic || self.steps > 0
    }

    /// Whether `accept` is to be called now.
    pub(super) fn may_accept(&self) -> bool {
        self.ready && self.wants_client() && self.resting.is_none()
    }

    /// Call `accept` once. None: nobody waits, or nothing to speak of happened.
    pub(super) fn accept(&mut self, ids: &Ids, to: &mut EventSender) -> Result<Option<Client>, AcceptError> {
        let Some(socket) = &self.socket else { return Ok(None) };
        match socket.accept() {
            Ok((stream, peer)) => {
                let conn = ids.next_accepted();
                let fd = socket::descriptor(&stream);
                to.call(self.label(), Call::Accept, Outcome::Accepted { conn, fd, peer }, self.since);
                self.since = to.now();
                self.steps = self.steps.saturating_sub(1);
                self.failing = false;
                Ok(Some(Client { conn, stream, label: SocketLabel { socket: SocketId::Conn(conn), fd }, peer }))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.ready = false;
                if self.steps > 0 && !std::mem::replace(&mut self.waiting_reported, true) {
                    to.event(EventKind::StepWaiting { socket: SocketId::Listener(self.id), call: Call::Accept });
                }
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => {
                to.call(self.label(), Call::Accept, Outcome::Failed(Errno::of(&error)), self.since);
                Err(self.accept_failed(&error, to.now()))
            }
        }
    }

    fn accept_failed(&mut self, error: &io::Error, now: Instant) -> AcceptError {
        let failed = NetError::new(Call::Accept, Target::Address(self.local), error);
        if !self.registered {
            // Not listening: accepting can't be tried again before a step has changed that.
            self.ready = false;
            self.steps = 0;
            return AcceptError::Step(failed);
        }
        // A client that was gone before it was accepted is no reason to let the next one wait.
        if failed.cause() == Cause::Reset {
            return AcceptError::Quiet;
        }
        self.resting = Some(now + ACCEPT_RETRY);
        if std::mem::replace(&mut self.failing, true) { AcceptError::Quiet } else { AcceptError::First(failed) }
    }

    /// The address that a client accepted here talks to.
    pub(super) fn local_of(&self, client: &Client, to: &mut EventSender) -> SocketAddr {
        if !self.local.ip().is_unspecified() {
            return self.local;
        }
        let since = Instant::now();
        let address = client.stream.local_addr();
        socket::report_address(client.label, Call::LocalName, address, since, to).unwrap_or(self.local)
    }

    /// What clients have that are accepted from now on.
    pub(super) fn set_options(&mut self, max_clients: usize, conn: ConnOptions) {
        // The socket could be given the new ones; but clients that wait to be accepted have the old ones already.
        let before = &self.options.conn;
        self.accepted_inherit &= (conn.peer_timeout, conn.keepalive) == (before.peer_timeout, before.keepalive);
        self.options.max_clients = max_clients;
        self.options.conn = conn;
    }

    /// Set on an accepted socket what it has not from the listening one.
    pub(super) fn complete_options(&self, accepted: &TcpStream) {
        if !self.accepted_inherit {
            socket::set_unseen_options(&SockRef::from(accepted), &self.options.conn);
        }
    }

    /// Why a client with that address is turned away while there are so many others, if it is.
    pub(super) fn refusal(&self, peer: SocketAddr, clients: usize) -> Option<NetError> {
        let ListenOptions { max_clients, admission, .. } = &self.options;
        let reason = if !admission.admits(peer) {
            Reason::NotAdmitted
        } else if clients >= *max_clients {
            Reason::Limit(Limit::Clients(*max_clients))
        } else {
            return None;
        };
        Some(NetError::ours(CallKind::Accept, Target::Address(peer), reason))
    }

    /// Close the socket, if there is one.
    pub(super) fn close(mut self, to: &mut EventSender) {
        let label = self.label();
        if let Some(socket) = self.socket.take() {
            socket::close(label, socket, to);
        }
    }

    fn label(&self) -> SocketLabel {
        SocketLabel { socket: SocketId::Listener(self.id), fd: self.fd }
    }

    fn target(&self) -> Target {
        Target::Address(self.options.address)
    }

    fn socket(&self, call: Call) -> Result<&TcpListener, NetError> {
        self.socket.as_ref().ok_or_else(|| NetError::ours(call, self.target(), Reason::NoSocketYet))
    }

    fn make_socket(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let ipv6 = self.options.address.is_ipv6();
        let since = Instant::now();
        let socket = socket::stream_socket(ipv6);
        socket::report_socket(self.label(), ipv6, &socket, since, to);
        let socket = socket.map_err(|error| NetError::new(Call::Socket { ipv6 }, self.target(), &error))?;
        self.fd = socket::descriptor(&socket);
        self.socket = Some(TcpListener::from_std(socket.into()));
        Ok(())
    }

    fn set_reuse_address(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let reuse = self.options.reuse_address;
        let call = Call::SetOption(SocketOption::of_server(reuse));
        self.make_call(call, to, |socket| socket::set_option_of_server(&socket, reuse))?;
        self.reused = true;
        Ok(())
    }

    /// `::` takes IPv4 clients too, whatever the system's default. Where it can't, it serves IPv6 alone.
    fn take_ipv4_too(&mut self, to: &mut EventSender) {
        let call = Call::SetOption(SocketOption::Ipv6Only(false));
        if let Err(error) = self.make_call(call, to, |socket| socket.set_only_v6(false)) {
            tracing::info!(%error, "only IPv6 clients can come");
        }
    }

    fn bind(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        // The kernel binds it, and even listens; but nobody can connect.
        if socket::is_of_many(self.options.address.ip()) {
            return Err(NetError::ours(CallKind::Bind, self.target(), Reason::ManyComputers));
        }
        let address = SockAddr::from(self.options.address);
        self.make_call(Call::Bind(self.options.address), to, |socket| socket.bind(&address))?;
        self.bound = true;
        Ok(())
    }

    fn listen(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        let backlog = self.options.backlog;
        let call = Call::Listen(backlog);
        if socket::ACCEPTED_INHERIT
            && !self.registered
            && let Some(socket) = &self.socket
        {
            // Once, in the place of five calls for each client.
            socket::set_unseen_options(&SockRef::from(socket), &self.options.conn);
            self.accepted_inherit = true;
        }
        self.make_call(call, to, |socket| socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX)))?;

        let since = Instant::now();
        let address = self.socket(Call::LocalName)?.local_addr();
        self.local = socket::report_address(self.label(), Call::LocalName, address, since, to)
            .map_err(|error| NetError::new(Call::LocalName, self.target(), &error))?;
        if !self.registered
            && let Some(socket) = &mut self.socket
        {
            registry
                .register(socket, self.token, Interest::READABLE)
                .map_err(|error| NetError::new(call, Target::Address(self.options.address), &error))?;
            self.registered = true;
        }
        to.event(EventKind::Listening { listener: self.id, local: self.local, backlog });
        Ok(())
    }

    fn make_call(
        &mut self,
        call: Call,
        to: &mut EventSender,
        make: impl FnOnce(SockRef<'_>) -> io::Result<()>,
    ) -> Result<(), NetError> {
        let socket = self.socket(call)?;
        let since = Instant::now();
        let result = make(SockRef::from(socket));
        to.plain_call(self.label(), call, &result, since);
        result.map_err(|error| NetError::new(call, self.target(), &error))
    }
}

/// Why `accept` gave no client.
#[derive(Debug)]
pub(super) enum AcceptError {
    /// Asked for by a step before `listen`.
    Step(NetError),
    /// It began to fail.
    First(NetError),
    /// It fails still, or one client was gone before it was accepted.
    Quiet,
}
