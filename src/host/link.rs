//! What is known of the link that an address is on, and which address of all works for the others.

use std::net::IpAddr;

use super::interfaces::{Interface, InterfaceKind};

/// What the system says of an address and of the link that it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Link {
    /// Whether something is at the other end.
    pub state: LinkState,
    /// What it is made of.
    pub nature: Nature,
    /// The metric of the default route over this link, for addresses of this family; the least is taken.
    pub default_route: Option<u32>,
    /// How many bits of the address all in this network have in common.
    pub prefix: Option<u8>,
    /// The address is soon replaced by another one (RFC 8981), or is not for new connections.
    pub is_passing: bool,
}

/// Whether something is at the other end of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// The system does not say it.
    #[default]
    Unknown,
    /// It is turned off.
    Down,
    /// It is on, with nothing at the other end: no cable, no Wi-Fi joined.
    NoCarrier,
    /// Something is there.
    Up,
}

/// What a link is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nature {
    /// The system does not say it.
    #[default]
    Unknown,
    /// A device, or a part of one.
    Physical,
    /// Within this machine: for containers and virtual machines.
    Virtual,
    /// Through another network.
    Tunnel,
}

impl Link {
    /// Whether nothing comes or goes over it.
    #[must_use]
    pub fn is_cut(self) -> bool {
        matches!(self.state, LinkState::Down | LinkState::NoCarrier)
    }
}

/// What others type to reach a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOut {
    /// This address.
    Address(IpAddr),
    /// Nothing: this interface has an address, but nothing is at the other end of its link.
    Cut(String),
    /// Nothing: the network has only IPv6, and the server listens on IPv4 alone. This would be the address.
    Ipv6Only(IpAddr),
    /// Nothing: the address that the server listens on is no more one of this machine.
    Gone,
    /// Nothing: this machine has no address but loopback.
    NoNetwork,
}

/// What others type to reach a server that listens on this address.
#[must_use]
pub fn hand_out(interfaces: &[Interface], listening_on: IpAddr) -> HandOut {
    let listening_on = listening_on.to_canonical();
    if listening_on.is_loopback() {
        return HandOut::Address(listening_on);
    }
    if !listening_on.is_unspecified() {
        let has = interfaces.iter().find(|one| one.address == listening_on);
        return match has {
            Some(one) if one.link.is_cut() => HandOut::Cut(one.name.clone()),
            // They may not have been asked for yet.
            None if !interfaces.is_empty() => HandOut::Gone,
            _ => HandOut::Address(listening_on),
        };
    }
    let best = |serves: fn(IpAddr) -> bool| {
        interfaces.iter().filter(|one| serves(one.address) && leads_here(one)).min_by_key(|one| rank(one))
    };
    let of_both = best(|_| true);
    let served = if listening_on.is_ipv6() { of_both } else { best(|ip| ip.is_ipv4()) };
    match (served, of_both) {
        (served, Some(other)) if class(other) <= DEVICE && served.is_none_or(|served| class(served) > DEVICE) => {
            HandOut::Ipv6Only(other.address)
        }
        (Some(served), _) => HandOut::Address(served.address),
        (None, Some(other)) => HandOut::Ipv6Only(other.address),
        (None, None) => {
            let is_cut = |one: &&Interface| one.kind != InterfaceKind::Loopback && one.link.is_cut();
            let cut = interfaces.iter().filter(is_cut).min_by_key(|one| class(one));
            cut.map_or(HandOut::NoNetwork, |one| HandOut::Cut(one.name.clone()))
        }
    }
}

/// Whether others can use the address at all.
fn leads_here(one: &Interface) -> bool {
    // Useless without the zone, which is another on each machine (RFC 4007 section 11).
    let needs_zone = matches!(one.address, IpAddr::V6(ip) if ip.is_unicast_link_local());
    one.kind != InterfaceKind::Loopback && !needs_zone && !one.link.is_cut()
}

/// The last class of links that lead to a network which this machine is in.
const DEVICE: u8 = 1;

/// In which order links are likely to lead to those who are to connect.
fn class(one: &Interface) -> u8 {
    match (one.link.nature, one.link.default_route, one.kind) {
        (Nature::Tunnel, ..) => 3,
        (_, Some(_), _) => 0,
        (Nature::Virtual, ..) | (Nature::Unknown, None, InterfaceKind::Virtual) => 2,
        (Nature::Physical | Nature::Unknown, ..) => DEVICE,
    }
}

/// The least is the address to hand out. IPv4 first, since it is shorter to type.
fn rank(one: &Interface) -> impl Ord + use<> {
    let link_local = one.kind == InterfaceKind::LinkLocal;
    let metric = one.link.default_route.unwrap_or(u32::MAX);
    (
        class(one),
        link_local,
        one.address.is_ipv6(),
        metric,
        one.kind,
        one.link.is_passing,
        one.name.clone(),
        one.address,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link = Link {
        state: LinkState::Up,
        nature: Nature::Physical,
        default_route: None,
        prefix: Some(24),
        is_passing: false,
    };
    const TUNNEL: Link = Link { nature: Nature::Tunnel, ..LINK };
    const VIRTUAL: Link = Link { nature: Nature::Virtual, ..LINK };
    const NO_CABLE: Link = Link { state: LinkState::NoCarrier, ..LINK };

    fn default_by(link: Link, metric: u32) -> Link {
        Link { default_route: Some(metric), ..link }
    }

    fn on(name: &str, address: &str, link: Link) -> Interface {
        let address = address.parse().unwrap();
        Interface { name: name.to_owned(), address, kind: InterfaceKind::told(address, link), link }
    }

    fn handed_out(interfaces: &[Interface], listening_on: &str) -> HandOut {
        hand_out(interfaces, listening_on.parse().unwrap())
    }

    fn address(text: &str) -> HandOut {
        HandOut::Address(text.parse().unwrap())
    }

    #[test]
    fn the_default_route_s_address_comes_first_whatever_the_names() {
        let all = [
            on("cscotun0", "10.20.30.40", TUNNEL),
            on("a0", "192.168.7.1", VIRTUAL),
            on("lo", "127.0.0.1", VIRTUAL),
            on("eth0", "192.168.5.5", LINK),
            on("wlp2s0", "192.168.1.20", default_by(LINK, 600)),
        ];
        assert_eq!(handed_out(&all, "0.0.0.0"), address("192.168.1.20"));
        assert_eq!(handed_out(&all, "::"), address("192.168.1.20"));
        assert_eq!(handed_out(&all[..4], "0.0.0.0"), address("192.168.5.5"), "a device before bridges and tunnels");
        assert_eq!(handed_out(&all[..3], "0.0.0.0"), address("192.168.7.1"));
        assert_eq!(handed_out(&all[..1], "0.0.0.0"), address("10.20.30.40"));
        let tunnelled = [on("tun0", "10.8.0.2", default_by(TUNNEL, 0)), on("wlp2s0", "192.168.1.20", LINK)];
        assert_eq!(handed_out(&tunnelled, "0.0.0.0"), address("192.168.1.20"), "others are not in the tunnel");
        let container = [on("eth0", "172.17.0.2", default_by(VIRTUAL, 0))];
        assert_eq!(handed_out(&container, "0.0.0.0"), address("172.17.0.2"));
    }

    #[test]
    fn of_two_default_routes_the_one_that_is_taken() {
        let all = [on("eth0", "10.0.0.5", default_by(LINK, 600)), on("wlan0", "10.1.0.5", default_by(LINK, 100))];
        assert_eq!(handed_out(&all, "0.0.0.0"), address("10.1.0.5"));
    }

    #[test]
    fn an_address_without_a_cable_is_not_handed_out() {
        let all =
            [on("eth0", "192.168.5.5", default_by(NO_CABLE, 100)), on("wlan0", "192.168.1.20", default_by(LINK, 600))];
        assert_eq!(handed_out(&all, "0.0.0.0"), address("192.168.1.20"));
        assert_eq!(handed_out(&all[..1], "0.0.0.0"), HandOut::Cut("eth0".to_owned()));
        assert_eq!(handed_out(&all, "192.168.5.5"), HandOut::Cut("eth0".to_owned()));
        let down = [on("eth0", "192.168.5.5", Link { state: LinkState::Down, ..LINK })];
        assert_eq!(handed_out(&down, "0.0.0.0"), HandOut::Cut("eth0".to_owned()));
    }

    #[test]
    fn only_what_the_listener_s_family_serves_is_handed_out() {
        let all = [
            on("lo", "127.0.0.1", VIRTUAL),
            on("docker0", "172.17.0.1", VIRTUAL),
            on("eth0", "fe80::5", LINK),
            on("eth0", "fd00::20", default_by(LINK, 1024)),
        ];
        assert_eq!(handed_out(&all, "0.0.0.0"), HandOut::Ipv6Only("fd00::20".parse().unwrap()));
        assert_eq!(handed_out(&all, "::"), address("fd00::20"));
        assert_eq!(handed_out(&all[..2], "0.0.0.0"), address("172.17.0.1"));
    }

    #[test]
    fn nothing_but_loopback_is_no_network() {
        let all = [on("lo", "127.0.0.1", VIRTUAL), on("lo", "::1", VIRTUAL), on("eth0", "fe80::5", LINK)];
        assert_eq!(handed_out(&all, "0.0.0.0"), HandOut::NoNetwork);
        assert_eq!(handed_out(&all, "::"), HandOut::NoNetwork);
        assert_eq!(handed_out(&[], "0.0.0.0"), HandOut::NoNetwork);
    }

    #[test]
    fn an_address_that_was_taken_away_is_gone() {
        let all = [on("lo", "127.0.0.1", VIRTUAL), on("eth0", "192.168.1.20", LINK)];
        assert_eq!(handed_out(&all, "192.168.1.21"), HandOut::Gone);
        assert_eq!(handed_out(&all, "192.168.1.20"), address("192.168.1.20"));
        assert_eq!(handed_out(&all, "127.0.0.2"), address("127.0.0.2"));
        assert_eq!(handed_out(&[], "192.168.1.21"), address("192.168.1.21"), "nothing is known yet");
    }

    #[test]
    fn a_lasting_address_before_a_passing_one() {
        let passing = Link { is_passing: true, ..default_by(LINK, 1024) };
        let all = [on("eth0", "2001:db8::1", passing), on("eth0", "2001:db8::2", default_by(LINK, 1024))];
        assert_eq!(handed_out(&all, "::"), address("2001:db8::2"));
    }

    #[test]
    fn where_the_system_says_nothing_the_names_of_interfaces_do() {
        let unknown = |name: &str, address: &str| {
            let address = address.parse().unwrap();
            let kind = InterfaceKind::by_name(name, address);
            Interface { name: name.to_owned(), address, kind, link: Link::default() }
        };
        let all = [
            unknown("lo", "127.0.0.1"),
            unknown("docker0", "172.17.0.1"),
            unknown("eth0", "169.254.1.1"),
            unknown("eth1", "8.8.8.8"),
            unknown("eth0", "192.168.1.5"),
        ];
        assert_eq!(handed_out(&all, "0.0.0.0"), address("192.168.1.5"));
        assert_eq!(handed_out(&all[..4], "0.0.0.0"), address("8.8.8.8"));
        assert_eq!(handed_out(&all[..3], "0.0.0.0"), address("169.254.1.1"));
        assert_eq!(handed_out(&all[..2], "0.0.0.0"), address("172.17.0.1"));
    }
}
