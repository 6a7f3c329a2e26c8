//! What the kernel says of the network, over `rtnetlink(7)`: links, addresses, default routes, and that they changed.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::{AsRawFd as _, OwnedFd},
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use mio::{Events, Interest, Poll, Token, Waker, unix::SourceFd};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, netlink, recv, sendto, socket_with,
};

use super::{
    interfaces::{Interface, InterfaceKind},
    link::{Link, LinkState, Nature},
};

/// Every address of this machine, in no order.
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut kernel = Kernel { netlink: open(0)?, number: 0 };
    let mut links: HashMap<u32, FoundLink> = HashMap::new();
    kernel.dump(RTM_GETLINK, |body| {
        if let Some((index, link)) = FoundLink::read(body) {
            links.insert(index, link);
        }
    })?;
    // A bridge that a network card is plugged into is that network.
    let lent: Vec<u32> =
        links.values().filter(|link| link.nature == Nature::Physical).filter_map(|l| l.master).collect();
    for master in lent {
        if let Some(link) = links.get_mut(&master) {
            link.nature = Nature::Physical;
        }
    }
    let mut defaults: HashMap<(u32, bool), u32> = HashMap::new();
    kernel.dump(RTM_GETROUTE, |body| {
        if let Some((link, ipv6, metric)) = default_route(body) {
            let least = defaults.entry((link, ipv6)).or_insert(metric);
            *least = metric.min(*least);
        }
    })?;
    let mut found = Vec::new();
    kernel.dump(RTM_GETADDR, |body| {
        let Some(address) = FoundAddress::read(body) else { return };
        let Some(on) = links.get(&address.link) else { return };
        let link = Link {
            state: on.state,
            nature: on.nature,
            default_route: defaults.get(&(address.link, address.ip.is_ipv6())).copied(),
            prefix: Some(address.prefix),
            is_passing: address.is_passing,
        };
        let kind = InterfaceKind::told(address.ip, link);
        found.push(Interface { name: on.name.clone(), address: address.ip, kind, link });
    })?;
    Ok(found)
}

/// A link of the kernel's table.
struct FoundLink {
    name: String,
    state: LinkState,
    nature: Nature,
    /// The link that it is plugged into.
    master: Option<u32>,
}

impl FoundLink {
    fn read(body: &[u8]) -> Option<(u32, Self)> {
        let hardware = u16_at(body, 2)?;
        let (index, flags) = (u32_at(body, 4)?, u32_at(body, 8)?);
        let mut name = String::new();
        let (mut operational, mut carrier, mut master, mut kind, mut device) = (OPER_UNKNOWN, true, None, None, false);
        for (attribute, value) in Attributes(body.get(16..)?) {
            match attribute {
                IFLA_IFNAME => name = text(value),
                IFLA_MASTER => master = u32_at(value, 0),
                IFLA_OPERSTATE => operational = *value.first()?,
                IFLA_CARRIER => carrier = value.first() != Some(&0),
                IFLA_LINKINFO => {
                    kind = Attributes(value).find(|(inner, _)| *inner == IFLA_INFO_KIND).map(|(_, value)| text(value));
                }
                IFLA_PARENT_DEV_NAME => device = true,
                _ => {}
            }
        }
        let state = if flags & IFF_UP == 0 {
            LinkState::Down
        } else if !carrier || !matches!(operational, OPER_UNKNOWN | OPER_UP) {
            LinkState::NoCarrier
        } else {
            LinkState::Up
        };
        // Kernels before 5.14 do not name the device.
        let device = device || Path::new("/sys/class/net").join(&name).join("device").exists();
        let nature = nature(hardware, kind.as_deref(), device);
        Some((index, Self { name, state, nature, master }))
    }
}

/// What a link is, by its kind of hardware, the driver that made it, and whether there is a device.
fn nature(hardware: u16, kind: Option<&str>, device: bool) -> Nature {
    match (hardware, kind) {
        (ARPHRD_LOOPBACK, _) => Nature::Virtual,
        (_, Some("vlan" | "macvlan" | "ipvlan" | "bond" | "team" | "hsr")) => Nature::Physical,
        (_, Some(kind)) if TUNNELS.contains(&kind) => Nature::Tunnel,
        (_, Some(kind)) if !WITH_DEVICE.contains(&kind) => Nature::Virtual,
        _ if device => Nature::Physical,
        (ARPHRD_PPP | ARPHRD_TUNNEL | ARPHRD_TUNNEL6 | ARPHRD_SIT | ARPHRD_IPGRE | ARPHRD_NONE, _) => Nature::Tunnel,
        _ => Nature::Virtual,
    }
}

/// An address of the kernel's table.
struct FoundAddress {
    link: u32,
    ip: IpAddr,
    prefix: u8,
    is_passing: bool,
}

impl FoundAddress {
    fn read(body: &[u8]) -> Option<Self> {
        let (prefix, link) = (*body.get(1)?, u32_at(body, 4)?);
        let mut flags = u32::from(*body.get(2)?);
        let (mut address, mut local) = (None, None);
        for (attribute, value) in Attributes(body.get(8..)?) {
            match attribute {
                IFA_ADDRESS => address = ip(value),
                // On a point-to-point link the other is the peer's.
                IFA_LOCAL => local = ip(value),
                IFA_FLAGS => flags = u32_at(value, 0)?,
                _ => {}
            }
        }
        let ip = local.or(address)?;
        if flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) != 0 && flags & IFA_F_OPTIMISTIC == 0 {
            return None;
        }
        let passing = IFA_F_DEPRECATED | if ip.is_ipv6() { IFA_F_TEMPORARY } else { 0 };
        Some(Self { link, ip, prefix, is_passing: flags & passing != 0 })
    }
}

/// The link of a default route, whether it is for IPv6, and its metric.
fn default_route(body: &[u8]) -> Option<(u32, bool, u32)> {
    let (family, length, table, kind) = (*body.first()?, *body.get(1)?, *body.get(4)?, *body.get(7)?);
    if length != 0 || table != RT_TABLE_MAIN || kind != RTN_UNICAST {
        return None;
    }
    let (mut link, mut metric) = (None, 0);
    for (attribute, value) in Attributes(body.get(12..)?) {
        match attribute {
            RTA_OIF => link = u32_at(value, 0),
            // Of several ways the first; its link is the third field of a `rtnexthop`.
            RTA_MULTIPATH => link = link.or(u32_at(value, 4)),
            RTA_PRIORITY => metric = u32_at(value, 0)?,
            _ => {}
        }
    }
    Some((link?, family == AF_INET6, metric))
}

/// The kernel, to be asked for its tables.
struct Kernel {
    netlink: OwnedFd,
    number: u32,
}

impl Kernel {
    /// Have `each` read the body of every entry of a table.
    fn dump(&mut self, question: u16, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        self.number += 1;
        let mut message = Vec::with_capacity(32);
        message.extend(32_u32.to_ne_bytes());
        message.extend(question.to_ne_bytes());
        message.extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
        message.extend(self.number.to_ne_bytes());
        // The port, and as much of a body as the longest question has: any family, all else 0.
        message.extend([0; 20]);
        sendto(&self.netlink, &message, SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let (length, _) = recv(&self.netlink, &mut buffer, RecvFlags::empty())?;
            for (kind, number, body) in Messages(buffer.get(..length).unwrap_or_default()) {
                match kind {
                    _ if number != self.number => {}
                    NLMSG_DONE => return Ok(()),
                    NLMSG_ERROR => {
                        let number = u32_at(body, 0).unwrap_or_default().cast_signed();
                        return Err(io::Error::from_raw_os_error(-number));
                    }
                    _ => each(body),
                }
            }
        }
    }
}

fn open(groups: u32) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let netlink = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, None)?;
    bind(&netlink, &netlink::SocketAddrNetlink::new(0, groups))?;
    Ok(netlink)
}

/// The messages in what was received: kind, number and body of each.
struct Messages<'a>(&'a [u8]);

impl<'a> Iterator for Messages<'a> {
    type Item = (u16, u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = u32_at(self.0, 0)? as usize;
        let (kind, number, body) = (u16_at(self.0, 4)?, u32_at(self.0, 8)?, self.0.get(16..length)?);
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, number, body))
    }
}

/// The attributes of a message: kind and value of each.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.0, 0)?);
        let (kind, value) = (u16_at(self.0, 2)? & NLA_TYPE_MASK, self.0.get(4..length)?);
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}

fn ip(value: &[u8]) -> Option<IpAddr> {
    match value.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(value).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(value).ok()?).into()),
        _ => None,
    }
}

/// Changes of the network come several at a time; how long one waits for more of them.
const QUIET: Duration = Duration::from_millis(100);

const CHANGE: Token = Token(0);
const END: Token = Token(1);

/// A thread that waits for the kernel to say that links, addresses or routes have changed. It ends when this is dropped.
#[derive(Debug)]
pub struct NetworkWatch {
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
}

impl NetworkWatch {
    /// Start it. `changed` is called on the thread.
    ///
    /// # Errors
    /// If the system has no thread to give, or reports no changes.
    pub fn start(changed: impl Fn() + Send + 'static) -> io::Result<Self> {
        let groups = [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE];
        let netlink = open(groups.iter().map(|group| 1 << (group - 1)).sum())?;
        let mut poll = Poll::new()?;
        poll.registry().register(&mut SourceFd(&netlink.as_raw_fd()), CHANGE, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), END)?);
        let thread = thread::Builder::new().name("network".to_owned()).spawn(move || {
            let mut events = Events::with_capacity(8);
            let mut pending = false;
            loop {
                if let Err(error) = poll.poll(&mut events, pending.then_some(QUIET))
                    && error.kind() != io::ErrorKind::Interrupted
                {
                    tracing::warn!("changes of the network are not heard any more: {error}");
                    return;
                }
                if events.iter().any(|event| event.token() == END) {
                    return;
                }
                if events.is_empty() && pending {
                    pending = false;
                    changed();
                } else if !events.is_empty() {
                    // What they say is read from the tables; more than fits is a change too.
                    let mut buffer = [0; 4096];
                    while !matches!(recv(&netlink, &mut buffer, RecvFlags::empty()), Err(rustix::io::Errno::AGAIN)) {}
                    pending = true;
                }
            }
        })?;
        Ok(Self { waker, thread: Some(thread) })
    }
}

impl Drop for NetworkWatch {
    fn drop(&mut self) {
        if self.waker.wake().is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

// From the kernel's `linux/netlink.h`, `linux/rtnetlink.h`, `linux/if_link.h`, `linux/if_addr.h`, `linux/if.h`,
// `linux/if_arp.h` and `linux/socket.h`.
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// Without the bits that say how the value is written.
const NLA_TYPE_MASK: u16 = 0x3fff;
const RTM_GETLINK: u16 = 18;
const RTM_GETADDR: u16 = 22;
const RTM_GETROUTE: u16 = 26;
const RTNLGRP_LINK: u32 = 1;
const RTNLGRP_IPV4_IFADDR: u32 = 5;
const RTNLGRP_IPV4_ROUTE: u32 = 7;
const RTNLGRP_IPV6_IFADDR: u32 = 9;
const RTNLGRP_IPV6_ROUTE: u32 = 11;
const RT_TABLE_MAIN: u8 = 254;
const RTN_UNICAST: u8 = 1;
const RTA_OIF: u16 = 4;
const RTA_PRIORITY: u16 = 6;
const RTA_MULTIPATH: u16 = 9;
const IFLA_IFNAME: u16 = 3;
const IFLA_MASTER: u16 = 10;
const IFLA_OPERSTATE: u16 = 16;
const IFLA_LINKINFO: u16 = 18;
const IFLA_CARRIER: u16 = 33;
const IFLA_PARENT_DEV_NAME: u16 = 56;
const IFLA_INFO_KIND: u16 = 1;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_FLAGS: u16 = 8;
const IFA_F_TEMPORARY: u32 = 0x01;
const IFA_F_OPTIMISTIC: u32 = 0x04;
const IFA_F_DADFAILED: u32 = 0x08;
const IFA_F_DEPRECATED: u32 = 0x20;
const IFA_F_TENTATIVE: u32 = 0x40;
const IFF_UP: u32 = 1;
const OPER_UNKNOWN: u8 = 0;
const OPER_UP: u8 = 6;
const ARPHRD_PPP: u16 = 512;
const ARPHRD_TUNNEL: u16 = 768;
const ARPHRD_TUNNEL6: u16 = 769;
const ARPHRD_LOOPBACK: u16 = 772;
const ARPHRD_SIT: u16 = 776;
const ARPHRD_IPGRE: u16 = 778;
const ARPHRD_NONE: u16 = 0xfffe;
const AF_INET6: u8 = 10;

/// The drivers whose links lead through another network.
const TUNNELS: [&str; 22] = [
    "tun",
    "wireguard",
    "amneziawg",
    "ovpn",
    "ovpn-dco",
    "ppp",
    "ipip",
    "sit",
    "gre",
    "gretap",
    "erspan",
    "ip6tnl",
    "ip6gre",
    "ip6gretap",
    "vti",
    "vti6",
    "xfrm",
    "l2tp",
    "geneve",
    "vxlan",
    "gtp",
    "bareudp",
];

/// The drivers that name themselves though their links are hardware.
const WITH_DEVICE: [&str; 3] = ["wwan", "wlan", "can"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_is_does_not_depend_on_its_name() {
        for (hardware, kind, device, expected) in [
            (1, None, true, Nature::Physical),
            (1, Some("vlan"), false, Nature::Physical),
            (1, Some("bridge"), false, Nature::Virtual),
            (1, Some("veth"), false, Nature::Virtual),
            // vmnet1 and vboxnet0 of VMware and VirtualBox.
            (1, None, false, Nature::Virtual),
            // A tap of a virtual machine; cscotun0.
            (1, Some("tun"), false, Nature::Tunnel),
            (ARPHRD_NONE, Some("tun"), false, Nature::Tunnel),
            (ARPHRD_NONE, Some("wireguard"), false, Nature::Tunnel),
            (ARPHRD_PPP, None, false, Nature::Tunnel),
            // A modem for mobile networks.
            (ARPHRD_NONE, None, true, Nature::Physical),
        ] {
            assert_eq!(nature(hardware, kind, device), expected, "{hardware} {kind:?} {device}");
        }
    }

    #[test]
    fn the_kernel_tells_its_loopback() {
        let all = interfaces().unwrap();
        let loopback = all.iter().find(|one| one.address == IpAddr::from([127, 0, 0, 1])).unwrap();
        assert_eq!((loopback.kind, loopback.link.prefix), (InterfaceKind::Loopback, Some(8)));
    }
}
