//! How a UDP socket is opened, call by call: at once, or as steps.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Instant,
};

use mio::{Interest, Registry, Token, net::UdpSocket};
use socket2::{InterfaceIndexOrAddress, SockAddr, SockRef, Type};

use super::{
    super::{
        AutoReply, Call, Cause, ConnId, Errno, Group, MOST_UDP_PEERS, NetError, Outcome, SocketId, SocketOption,
        Target, UdpOptions,
        event_queue::{EventSender, SocketLabel},
        socket,
    },
    UdpEndpoint,
    drops::Drops,
};

/// How a UDP socket is opened.
#[derive(Clone, Debug)]
pub(in crate::net) enum Plan {
    /// One that hears anybody.
    Hears(UdpOptions),
    /// One that sends to someone.
    SendsTo {
        conn: ConnId,
        peer: SocketAddr,
        /// Its own address, if that is asked for; else the system gives it a port with the first datagram.
        local: Option<SocketAddr>,
        auto_reply: AutoReply,
    },
}

impl Plan {
    /// What an error of it names.
    fn target(&self) -> Target {
        Target::Address(match self {
            Self::Hears(options) => options.address,
            Self::SendsTo { peer, .. } => *peer,
        })
    }

    fn is_ipv6(&self) -> bool {
        match self {
            Self::Hears(options) => options.address.is_ipv6(),
            Self::SendsTo { peer, .. } => peer.is_ipv6(),
        }
    }

    fn group(&self) -> Option<Group> {
        match self {
            Self::Hears(options) => options.group,
            Self::SendsTo { .. } => None,
        }
    }

    /// What it is bound to; of one that sends, nothing need be.
    fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Hears(options) => Some(options.address),
            Self::SendsTo { peer, local, .. } => local.map(|local| match local.ip() {
                // An address of no computer is any of this one's, in the peer's family.
                ip if ip.is_unspecified() => SocketAddr::new(any_of(*peer), local.port()),
                _ => local,
            }),
        }
    }
}

/// Any address of this computer, in the same family.
fn any_of(address: SocketAddr) -> IpAddr {
    if address.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}

impl UdpEndpoint {
    /// Whatever is still to do up to the first datagram; it is closed if that fails.
    pub(in crate::net) fn open(mut self, to: &mut EventSender) -> Result<Self, NetError> {
        if let Err(error) = self.open_rest(to) {
            socket::close(self.label, self.socket, to);
            return Err(error);
        }
        Ok(self)
    }

    /// `socket`, and what is set on it at once.
    pub(in crate::net) fn make(
        id: SocketId,
        token: Token,
        plan: Plan,
        registry: &Registry,
        to: &mut EventSender,
    ) -> Result<Self, NetError> {
        let ipv6 = plan.is_ipv6();
        let call = Call::DatagramSocket { ipv6 };
        let since = Instant::now();
        let made = socket::new_socket(ipv6, Type::DGRAM);
        let (fd, outcome) = match &made {
            Ok(made) => (socket::descriptor(made), Outcome::Descriptor(socket::descriptor(made))),
            Err(error) => (-1, Outcome::Failed(Errno::of(error))),
        };
        let label = SocketLabel { socket: id, fd };
        to.call(label, call, outcome, since);
        let made = made.map_err(|error| NetError::new(call, plan.target(), &error))?;
        let mut endpoint = Self {
            drops: Drops::of(fd, ipv6),
            socket: UdpSocket::from_std(made.into()),
            label,
            token,
            local: None,
            reused: false,
            bound: false,
            group: None,
            stepped: None,
            target: None,
            most_peers: MOST_UDP_PEERS,
            peers: HashMap::new(),
            by_conn: HashMap::new(),
            auto_reply: AutoReply::Off,
            queue: VecDeque::new(),
            queued_bytes: 0,
            readable: false,
            blocked: false,
            watching_room: false,
            paused: BTreeSet::new(),
            ready_since: to.now(),
            timer: None,
            in_ready: false,
            in_parked: false,
            plan,
        };
        let begun = endpoint.begin_plan(registry, to);
        if let Err(error) = begun {
            socket::close(endpoint.label, endpoint.socket, to);
            return Err(error);
        }
        Ok(endpoint)
    }

    /// What the plan says of a socket that has just been made.
    fn begin_plan(&mut self, registry: &Registry, to: &mut EventSender) -> Result<(), NetError> {
        match self.plan.clone() {
            Plan::Hears(options) => {
                self.most_peers = options.most_peers;
                self.auto_reply = options.auto_reply;
            }
            Plan::SendsTo { conn, peer, auto_reply, .. } => {
                self.target = Some(peer);
                self.auto_reply = auto_reply;
                if !peer.ip().is_multicast() && socket::is_of_many(peer.ip()) {
                    let call = Call::SetOption(SocketOption::Broadcast(true));
                    self.make_call(call, &self.plan.target(), to, |socket| socket.set_broadcast(true))?;
                }
                self.begin(peer, conn, to.now());
            }
        }
        let watched = registry.register(&mut self.socket, self.token, Interest::READABLE);
        let call = Call::DatagramSocket { ipv6: self.plan.is_ipv6() };
        watched.map_err(|error| NetError::new(call, self.plan.target(), &error))
    }

    /// Whatever is still to do up to the first datagram.
    pub(super) fn open_rest(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let address = self.plan.address();
        if let Some(address) = address.filter(|_| !self.bound) {
            if self.plan.group().is_some() && !self.reused {
                self.reuse_address(to)?;
            }
            if matches!(self.plan, Plan::Hears(_)) && address.is_ipv6() && address.ip().is_unspecified() {
                let call = Call::SetOption(SocketOption::Ipv6Only(false));
                let target = self.plan.target();
                if let Err(error) = self.make_call(call, &target, to, |socket| socket.set_only_v6(false)) {
                    tracing::info!(%error, "only IPv6 is heard");
                }
            }
            self.bind_to_plan(to)?;
        }
        if self.group.is_none() && self.plan.group().is_some() {
            self.join_group(to)?;
        }
        Ok(())
    }

    /// Several programs of one computer may hear a group. Without this, a second socket would take the first one's.
    pub(super) fn reuse_address(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let call = Call::SetOption(SocketOption::ReuseAddress(true));
        self.make_call(call, &self.plan.target(), to, |socket| socket.set_reuse_address(true))?;
        self.reused = true;
        Ok(())
    }

    /// Binds it as planned, or else to any address and port.
    pub(super) fn bind_to_plan(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let address = self.plan.address().unwrap_or_else(|| match &self.plan {
            Plan::Hears(options) => options.address,
            Plan::SendsTo { peer, .. } => SocketAddr::new(any_of(*peer), 0),
        });
        let bound = SockAddr::from(address);
        let made = self.make_call(Call::Bind(address), &Target::Address(address), to, |socket| socket.bind(&bound));
        made.map_err(in_use_of_udp)?;
        self.bound = true;
        self.look_up_local(to);
        Ok(())
    }

    /// Joins the group, if there is one.
    pub(super) fn join_group(&mut self, to: &mut EventSender) -> Result<(), NetError> {
        let Some(group) = self.plan.group() else { return Ok(()) };
        let port = self.plan.address().map_or(0, |address| address.port());
        let target = Target::Address(SocketAddr::new(group.ip, port));
        let call = Call::SetOption(SocketOption::JoinGroup(group));
        self.make_call(call, &target, to, |socket| join(&socket, group))?;
        self.group = Some(group);
        Ok(())
    }

    pub(super) fn make_call(
        &self,
        call: Call,
        target: &Target,
        to: &mut EventSender,
        make: impl FnOnce(SockRef<'_>) -> io::Result<()>,
    ) -> Result<(), NetError> {
        let since = Instant::now();
        let result = make(SockRef::from(&self.socket));
        to.plain_call(self.label, call, &result, since);
        result.map_err(|error| NetError::new(call, target.clone(), &error))
    }

    pub(super) fn look_up_local(&mut self, to: &mut EventSender) {
        let since = Instant::now();
        let address = self.socket.local_addr();
        self.local = socket::report_address(self.label, Call::LocalName, address, since, to).ok();
    }

    /// The group that it is in.
    pub(in crate::net) fn group(&self) -> Option<Group> {
        self.group
    }
}

/// An address that is in use is so by a UDP socket: the ports of TCP are others.
fn in_use_of_udp(error: NetError) -> NetError {
    if error.cause() == Cause::AddressInUse { error.with_cause(Cause::UdpAddressInUse) } else { error }
}

fn join(socket: &SockRef<'_>, Group { ip, interface }: Group) -> io::Result<()> {
    match ip {
        IpAddr::V4(ip) => socket.join_multicast_v4_n(&ip, &InterfaceIndexOrAddress::Index(interface)),
        IpAddr::V6(ip) => socket.join_multicast_v6(&ip, interface),
    }
}
