//! The sockets of beacons: one that hears everyone, a family; and one that speaks, an interface address.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
};

use mio::{Interest, Registry, Token, net::UdpSocket};
use socket2::{Domain, Protocol, Socket, Type};

use super::{Interface, family};

/// Where beacons go in IPv4: this network alone.
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(239, 255, 83, 72);

/// Where beacons go in IPv6: this link alone, a group of its own (RFC 4291 section 2.7).
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0, 0x536f, 0x636b);

/// One socket that speaks.
#[derive(Debug)]
struct Speaker {
    interface: Interface,
    socket: UdpSocket,
    token: Token,
}

/// All sockets of beacons.
#[derive(Debug, Default)]
pub(super) struct Air {
    hears: Vec<(UdpSocket, Token)>,
    speakers: Vec<Speaker>,
    /// Interfaces joined, of each family.
    joined: BTreeSet<(bool, String, IpAddr)>,
    port: u16,
}

impl Air {
    /// Hears on that port. One family that the system does not have is left out.
    ///
    /// # Errors
    /// Where neither works: what the system says of IPv4.
    pub fn open(port: u16, registry: &Registry, tokens: &mut impl FnMut() -> Token) -> io::Result<Self> {
        let mut air = Self { port, ..Self::default() };
        let mut failed = None;
        for domain in [Domain::IPV4, Domain::IPV6] {
            match hearing(domain, port) {
                Ok(mut socket) => {
                    let token = tokens();
                    registry.register(&mut socket, token, Interest::READABLE)?;
                    air.hears.push((socket, token));
                }
                Err(error) if domain == Domain::IPV4 => failed = Some(error),
                Err(error) => tracing::info!(%error, "no beacons over IPv6"),
            }
        }
        match failed {
            Some(error) if air.hears.is_empty() => Err(error),
            _ => Ok(air),
        }
    }

    /// Speaks on these interfaces from here on. Gives those that can't be used, and whether anything is new.
    pub fn use_interfaces(
        &mut self,
        interfaces: &[Interface],
        registry: &Registry,
        tokens: &mut impl FnMut() -> Token,
    ) -> (Vec<(String, io::Error)>, bool) {
        let mut failed = Vec::new();
        let mut is_new = false;
        self.speakers.retain_mut(|speaker| {
            let stays = interfaces.contains(&speaker.interface);
            if !stays {
                let _ = registry.deregister(&mut speaker.socket);
            }
            stays
        });
        self.joined
            .retain(|(_, name, address)| interfaces.iter().any(|one| one.name == *name && one.address == *address));
        for interface in interfaces {
            if self.speakers.iter().any(|speaker| speaker.interface == *interface) {
                continue;
            }
            self.join(interface);
            let token = tokens();
            let opened = speaking(interface).and_then(|mut socket| {
                registry.register(&mut socket, token, Interest::READABLE)?;
                Ok(socket)
            });
            match opened {
                Ok(socket) => {
                    self.speakers.push(Speaker { interface: interface.clone(), socket, token });
                    is_new = true;
                }
                Err(error) => failed.push((interface.name.clone(), error)),
            }
        }
        (failed, is_new)
    }

    /// Hears the group on that interface. Where it can't be joined, broadcast and answers are heard still.
    fn join(&mut self, interface: &Interface) {
        let of_v4 = interface.address.is_ipv4();
        if !self.joined.insert((of_v4, interface.name.clone(), interface.address)) {
            return;
        }
        for (socket, _) in &self.hears {
            let is_v4 = socket.local_addr().is_ok_and(|local| local.is_ipv4());
            let joined = match interface.address {
                IpAddr::V4(address) if is_v4 => socket.join_multicast_v4(&GROUP_V4, &address),
                IpAddr::V6(_) if !is_v4 => socket.join_multicast_v6(&GROUP_V6, interface.index),
                _ => continue,
            };
            if let Err(error) = joined {
                tracing::debug!(%error, name = interface.name, "the group is not joined");
            }
        }
    }

    /// Says it to everyone, on each interface. Gives the interfaces where nothing of it could be sent.
    pub fn say_to_all(&self, packet: &[u8]) -> Vec<(String, io::Error)> {
        let mut failed = Vec::new();
        for Speaker { interface, socket, .. } in &self.speakers {
            let sent: Vec<io::Result<usize>> = match interface.address {
                IpAddr::V4(_) => {
                    let group = Some(GROUP_V4);
                    let to = group.into_iter().chain(interface.broadcast());
                    to.map(|to| socket.send_to(packet, SocketAddr::new(to.into(), self.port))).collect()
                }
                IpAddr::V6(_) => {
                    let to = SocketAddrV6::new(GROUP_V6, self.port, 0, interface.index);
                    vec![socket.send_to(packet, to.into())]
                }
            };
            // One of several ways is enough.
            if let Some(Err(error)) = sent.into_iter().reduce(io::Result::or) {
                failed.push((interface.name.clone(), error));
            }
        }
        failed
    }

    /// Says it to one address, from the socket on the way there.
    pub fn say_to(&self, packet: &[u8], to: SocketAddr) {
        let fits = |speaker: &&Speaker| speaker.interface.address.is_ipv4() == to.is_ipv4();
        let is_near = |speaker: &&Speaker| speaker.interface.has(to.ip()) || zone(to) == Some(speaker.interface.index);
        let of_family: Vec<&Speaker> = self.speakers.iter().filter(fits).collect();
        let near: Vec<&&Speaker> = of_family.iter().filter(|speaker| is_near(speaker)).collect();
        let speaker = near.first().copied().or_else(|| of_family.first());
        if let Some(speaker) = speaker
            && let Err(error) = speaker.socket.send_to(packet, to)
        {
            tracing::debug!(%error, %to, "a beacon to one");
        }
    }

    /// Whether a socket of beacons has this token.
    pub fn has(&self, token: Token) -> bool {
        self.hears.iter().any(|(_, of)| *of == token) || self.speakers.iter().any(|speaker| speaker.token == token)
    }

    /// The next packet on that socket.
    pub fn recv(&self, token: Token, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let hears = self.hears.iter().find(|(_, of)| *of == token).map(|(socket, _)| socket);
        let speaks = || self.speakers.iter().find(|speaker| speaker.token == token).map(|speaker| &speaker.socket);
        hears.or_else(speaks).ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?.recv_from(buffer)
    }

    /// The interfaces that beacons go to.
    pub fn used(&self) -> impl Iterator<Item = &Interface> {
        self.speakers.iter().map(|speaker| &speaker.interface)
    }

    /// Closes all sockets.
    pub fn close(&mut self, registry: &Registry) {
        for (socket, _) in &mut self.hears {
            let _ = registry.deregister(socket);
        }
        for speaker in &mut self.speakers {
            let _ = registry.deregister(&mut speaker.socket);
        }
        *self = Self::default();
    }
}

impl Interface {
    /// Whether an address is in its network.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        match (self.address, address, self.prefix) {
            (IpAddr::V4(own), IpAddr::V4(other), Some(prefix)) => {
                let shift = 32 - u32::from(prefix.min(32));
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other), Some(prefix)) => {
                let shift = 128 - u32::from(prefix.min(128));
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => self.address == address,
        }
    }
}

fn zone(to: SocketAddr) -> Option<u32> {
    match to {
        SocketAddr::V6(to) if to.scope_id() != 0 => Some(to.scope_id()),
        _ => None,
    }
}

fn hearing(domain: Domain, port: u16) -> io::Result<UdpSocket> {
    let socket = family::bound(domain, Type::DGRAM, port, |socket| {
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
        Ok(())
    })?;
    Ok(UdpSocket::from_std(socket.into()))
}

fn speaking(interface: &Interface) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(SocketAddr::new(interface.address, 0));
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    match interface.address {
        IpAddr::V4(address) => {
            socket.bind(&SocketAddr::new(address.into(), 0).into())?;
            socket.set_broadcast(true)?;
            socket.set_multicast_if_v4(&address)?;
            socket.set_multicast_ttl_v4(1)?;
        }
        IpAddr::V6(address) => {
            socket.set_only_v6(true)?;
            let scope = if address.is_unicast_link_local() { interface.index } else { 0 };
            socket.bind(&SocketAddrV6::new(address, 0, 0, scope).into())?;
            socket.set_multicast_if_v6(interface.index)?;
            socket.set_multicast_hops_v6(1)?;
        }
    }
    socket.set_nonblocking(true)?;
    Ok(UdpSocket::from_std(socket.into()))
}
