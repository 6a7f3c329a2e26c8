//! The addresses of this machine, by network interface.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::link::{Link, Nature};

/// An address of this machine, and the interface that has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The interface's name as the system has it: `eth0`, `en0`, `Wi-Fi`.
    pub name: String,
    /// One of its addresses.
    pub address: IpAddr,
    /// From where that address can be reached.
    pub kind: InterfaceKind,
    /// What the system says of its link.
    pub link: Link,
}

/// From where an address can be reached; those that others are most likely to reach first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InterfaceKind {
    /// From the local network: private IPv4 (RFC 1918), unique local IPv6 (RFC 4193), or another that the internet's
    /// routers do not pass on.
    Lan,
    /// None of the others: as a rule from everywhere, where no firewall is between.
    Public,
    /// From virtual machines, containers, or through a tunnel.
    Virtual,
    /// From the same cable or radio network only (RFC 3927, RFC 4291 section 2.5.6).
    LinkLocal,
    /// From this machine only.
    Loopback,
}

/// The system did not report its addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listing the network interfaces: {0}")]
pub struct InterfacesError(String);

/// Every address of this machine, those that others are most likely to reach first; of one kind, IPv4 first.
///
/// # Errors
/// Where the system does not report them.
pub fn interfaces() -> Result<Vec<Interface>, InterfacesError> {
    let mut interfaces = listed()?;
    interfaces.sort_by(|a, b| {
        let key = |interface: &Interface| (interface.kind, interface.address.is_ipv6());
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name)).then_with(|| a.address.cmp(&b.address))
    });
    interfaces.dedup();
    Ok(interfaces)
}

#[cfg(target_os = "linux")]
fn listed() -> Result<Vec<Interface>, InterfacesError> {
    super::rtnetlink::interfaces().or_else(|error| {
        tracing::warn!("the kernel does not tell of its links: {error}");
        by_name()
    })
}

#[cfg(not(target_os = "linux"))]
fn listed() -> Result<Vec<Interface>, InterfacesError> {
    by_name()
}

/// The addresses where nothing is known of their links but the names.
fn by_name() -> Result<Vec<Interface>, InterfacesError> {
    let listed = local_ip_address::list_afinet_netifas().map_err(|error| InterfacesError(error.to_string()))?;
    let interface = |(name, address): (String, IpAddr)| Interface {
        kind: InterfaceKind::by_name(&name, address),
        name,
        address,
        link: Link::default(),
    };
    Ok(listed.into_iter().map(interface).collect())
}

/// A network interface with all its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceAddresses<'a> {
    /// Its name.
    pub name: &'a str,
    /// The first address's kind: what it is for.
    pub kind: InterfaceKind,
    /// Its addresses, at least one: those that are of use to most first, IPv4 before IPv6.
    pub addresses: Vec<&'a Interface>,
}

/// The addresses by interface, in the order in which each interface comes first.
#[must_use]
pub fn by_interface(interfaces: &[Interface]) -> Vec<InterfaceAddresses<'_>> {
    let mut grouped: Vec<InterfaceAddresses<'_>> = Vec::new();
    for one in interfaces {
        match grouped.iter_mut().find(|group| group.name == one.name) {
            Some(group) => group.addresses.push(one),
            None => grouped.push(InterfaceAddresses { name: &one.name, kind: one.kind, addresses: vec![one] }),
        }
    }
    for group in &mut grouped {
        group
            .addresses
            .sort_by_key(|one| (one.kind == InterfaceKind::LinkLocal, one.address.is_ipv6(), one.kind, one.address));
        group.kind = group.addresses.first().map_or(group.kind, |first| first.kind);
    }
    grouped
}

impl InterfaceKind {
    /// By what the system says of the link.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems are asked for less"))]
    pub(super) fn told(address: IpAddr, link: Link) -> Self {
        let within = match link.nature {
            Nature::Tunnel => true,
            // In a container or a virtual machine it is the way out.
            Nature::Virtual => link.default_route.is_none(),
            Nature::Physical | Nature::Unknown => false,
        };
        Self::of(address, within)
    }

    /// By the interface's name, where the system says no more.
    pub(super) fn by_name(name: &str, address: IpAddr) -> Self {
        Self::of(address, is_virtual(name))
    }

    fn of(address: IpAddr, is_virtual: bool) -> Self {
        if address.is_loopback() {
            Self::Loopback
        } else if is_virtual {
            Self::Virtual
        } else {
            match address {
                IpAddr::V4(address) if address.is_link_local() => Self::LinkLocal,
                IpAddr::V6(address) if address.is_unicast_link_local() => Self::LinkLocal,
                IpAddr::V4(address) if is_public_v4(address) => Self::Public,
                IpAddr::V6(address) if is_public_v6(address) => Self::Public,
                IpAddr::V4(_) | IpAddr::V6(_) => Self::Lan,
            }
        }
    }
}

/// Whether the internet's routers pass it on, as far as its range tells (IANA's registries of special addresses).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // 100.64.0.0/10, which a provider shares among its customers (RFC 6598); 198.18.0.0/15, for measurements (RFC 2544);
    // 240.0.0.0/4, for the future (RFC 1112).
    let is_shared = first == 100 && second & 0xc0 == 64;
    let is_for_measurements = first == 198 && second & 0xfe == 18;
    let is_reserved = first >= 240;
    !(address.is_private() || address.is_documentation() || is_shared || is_for_measurements || is_reserved)
}

/// As for IPv4.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // 2000::/3 is what is given out (RFC 4291), but for 2001:db8::/32 (RFC 3849) and 3fff::/20 (RFC 9637).
    let is_documentation = (first, second) == (0x2001, 0xdb8) || (first == 0x3fff && second < 0x1000);
    first & 0xe000 == 0x2000 && !is_documentation
}

fn is_virtual(name: &str) -> bool {
    let name = name.to_lowercase();
    VIRTUAL_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || VIRTUAL_PARTS.iter().any(|part| name.contains(part))
}

/// How the names of virtual interfaces begin on Linux and macOS.
const VIRTUAL_BEGINNINGS: [&str; 20] = [
    "docker",
    "podman",
    "veth",
    "br-",
    "virbr",
    "lxcbr",
    "lxdbr",
    "cni",
    "flannel",
    "vmnet",
    "vnet",
    "bridge",
    "vbox",
    "tun",
    "tap",
    "utun",
    "ppp",
    "wg",
    "tailscale",
    "zt",
];

/// What the names of virtual interfaces contain on Windows.
const VIRTUAL_PARTS: [&str; 6] = ["vethernet", "vmware", "virtualbox", "zerotier", "wireguard", "openvpn"];

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, address: &str) -> Interface {
        let address = address.parse().unwrap();
        Interface { name: name.into(), address, kind: InterfaceKind::by_name(name, address), link: Link::default() }
    }

    #[test]
    fn the_kind_follows_from_name_and_address() {
        for (name, address, kind) in [
            ("lo", "127.0.0.1", InterfaceKind::Loopback),
            ("lo0", "::1", InterfaceKind::Loopback),
            ("eth0", "192.168.1.5", InterfaceKind::Lan),
            ("en0", "10.0.0.3", InterfaceKind::Lan),
            ("Wi-Fi", "fd00::2", InterfaceKind::Lan),
            ("eth0", "169.254.7.7", InterfaceKind::LinkLocal),
            ("eth0", "fe80::1", InterfaceKind::LinkLocal),
            ("docker0", "172.17.0.1", InterfaceKind::Virtual),
            ("br-1a2b", "172.18.0.1", InterfaceKind::Virtual),
            ("utun3", "fe80::1", InterfaceKind::Virtual),
            ("vEthernet (WSL)", "172.20.0.1", InterfaceKind::Virtual),
            ("eth0", "8.8.8.8", InterfaceKind::Public),
            ("eth0", "2400:cb00::1", InterfaceKind::Public),
            // The internet's routers do not pass these on.
            ("eth0", "192.0.2.2", InterfaceKind::Lan),
            ("eth0", "198.51.100.7", InterfaceKind::Lan),
            ("eth0", "203.0.113.7", InterfaceKind::Lan),
            ("eth0", "2001:db8::1", InterfaceKind::Lan),
            ("eth0", "3fff::1", InterfaceKind::Lan),
            ("eth0", "100.64.0.1", InterfaceKind::Lan),
            ("eth0", "100.127.255.254", InterfaceKind::Lan),
            ("eth0", "198.18.0.1", InterfaceKind::Lan),
            ("eth0", "198.19.255.254", InterfaceKind::Lan),
            ("eth0", "240.0.0.1", InterfaceKind::Lan),
            ("eth0", "fec0::1", InterfaceKind::Lan),
            // Their neighbours are passed on.
            ("eth0", "192.0.3.2", InterfaceKind::Public),
            ("eth0", "100.63.255.254", InterfaceKind::Public),
            ("eth0", "100.128.0.1", InterfaceKind::Public),
            ("eth0", "198.20.0.1", InterfaceKind::Public),
            ("eth0", "2001:db9::1", InterfaceKind::Public),
        ] {
            assert_eq!(interface(name, address).kind, kind, "{name} {address}");
        }
    }

    #[test]
    fn an_interface_has_all_its_addresses_and_is_for_what_the_first_of_them_is() {
        let all = [
            interface("eth0", "fd00::5"),
            interface("docker0", "172.17.0.1"),
            interface("eth0", "169.254.3.3"),
            interface("eth0", "192.168.1.5"),
            interface("eth0", "fe80::2"),
            interface("lo", "127.0.0.1"),
        ];
        let grouped = by_interface(&all);
        let names: Vec<_> = grouped.iter().map(|group| (group.name, group.kind, group.addresses.len())).collect();
        assert_eq!(
            names,
            [
                ("eth0", InterfaceKind::Lan, 4),
                ("docker0", InterfaceKind::Virtual, 1),
                ("lo", InterfaceKind::Loopback, 1)
            ]
        );
    }

    #[test]
    fn of_an_interface_the_address_that_most_can_use_comes_first() {
        let all = ["fd00::5", "fe80::2", "8.8.8.8", "169.254.3.3"].map(|address| interface("eth0", address));
        let grouped = by_interface(&all);
        let order: Vec<_> = grouped[0].addresses.iter().map(|one| one.address.to_string()).collect();
        assert_eq!(order, ["8.8.8.8", "fd00::5", "169.254.3.3", "fe80::2"]);
        assert_eq!(grouped[0].kind, InterfaceKind::Public);
    }
}
