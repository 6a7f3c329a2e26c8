//! What an address lacks: what follows from the call, the address and this machine together.

use std::net::{IpAddr, SocketAddr};

use i18n_embed_fl::fl;

use super::Facts;
use crate::{
    host::Interface,
    i18n::Words,
    net::{CallKind, Cause, Errno, NetError, Operation, Target},
};

/// What follows from the call, the address and this machine together, where the error's cause alone says too little or
/// something else.
pub(super) enum Case<'a> {
    /// The address is of IPv6, which this machine does not have.
    NoIpv6(IpAddr),
    /// An IPv6 address that is one on each interface, without the interface.
    NoZone(IpAddr),
    /// The address stands for many computers.
    Many(IpAddr),
    /// In the own network, nobody has the address.
    NobodyThere(IpAddr, &'a Interface),
    /// In the own network, but its link is cut.
    Cut(&'a Interface),
    /// The system lets nothing go there.
    NotLetThrough(IpAddr),
    /// No local port is left for that address.
    NoPortLeft,
    /// No name server has answered.
    NoNameServer(&'a str),
}

impl<'a> Case<'a> {
    pub(super) fn of(error: &'a NetError, facts: &'a Facts) -> Option<Self> {
        let (ip, port) = match &error.target {
            Target::Address(address) => (address.ip(), address.port()),
            Target::Name(name, _) if error.operation == Operation::LookUp => {
                return (error.cause() == Cause::TimedOut).then_some(Self::NoNameServer(name));
            }
            Target::Name(..) | Target::None => return None,
        };
        let is = |name: &str| error.errno().and_then(Errno::name).is_some_and(|found| found.ends_with(name));
        let call = |kind: CallKind| error.is_of(kind);
        let tells = matches!(
            error.cause(),
            Cause::AddressNotHere | Cause::Unreachable | Cause::NotPermitted | Cause::OutOfOrder | Cause::Other
        );
        if error.cause() == Cause::ManyComputers {
            return Some(Self::Many(ip));
        }
        if !tells || !(call(CallKind::Connect) || call(CallKind::Bind) || call(CallKind::Socket)) {
            return None;
        }
        let connects = call(CallKind::Connect);
        let zone = if let Target::Address(SocketAddr::V6(address)) = error.target { address.scope_id() } else { 0 };
        let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if is("EAFNOSUPPORT") && ip.is_ipv6()
            || error.cause() != Cause::NotPermitted && ip.is_ipv6() && facts.has_no_ipv6()
        {
            Some(Self::NoIpv6(ip))
        } else if link_local && zone == 0 {
            Some(Self::NoZone(ip))
        } else if ip.is_multicast() || ip == IpAddr::from([255; 4]) || facts.is_broadcast(ip) {
            Some(Self::Many(ip))
        } else if connects && error.cause() == Cause::Unreachable {
            match facts.network_of(ip) {
                Some(one) if one.link.is_cut() => Some(Self::Cut(one)),
                // The kernel has asked for it in the network, and nobody has answered.
                Some(one) if is("EHOSTUNREACH") => Some(Self::NobodyThere(ip, one)),
                _ => None,
            }
        } else if connects && is("EINVAL") {
            Some(Self::NotLetThrough(ip))
        } else if connects && error.cause() == Cause::AddressNotHere && port != 0 && !ip.is_unspecified() {
            Some(Self::NoPortLeft)
        } else {
            None
        }
    }

    pub(super) fn sentence(&self, words: &Words) -> String {
        match self {
            Self::NoIpv6(ip) => fl!(words, "error-no-ipv6", ip = ip.to_string()),
            Self::NoZone(ip) => fl!(words, "error-no-zone", ip = ip.to_string()),
            Self::Many(ip) => fl!(words, "address-many", ip = ip.to_string()),
            Self::NobodyThere(ip, _) => fl!(words, "error-nobody-there", ip = ip.to_string()),
            Self::Cut(one) => fl!(words, "error-cut", interface = one.name.as_str()),
            Self::NotLetThrough(ip) => fl!(words, "error-not-let-through", ip = ip.to_string()),
            Self::NoPortLeft => fl!(words, "error-no-port-left"),
            Self::NoNameServer(name) => fl!(words, "error-no-name-server", name = (*name).to_owned()),
        }
    }

    pub(super) fn todo(&self, words: &Words, error: &NetError, facts: &Facts) -> String {
        match self {
            Self::NoIpv6(_) if error.is_of(CallKind::Connect) => fl!(words, "error-no-ipv6-todo"),
            Self::NoIpv6(_) => fl!(words, "error-no-ipv6-todo-listen"),
            Self::NoZone(ip) => {
                let links = |one: &&Interface| one.address.is_ipv6() && !one.address.is_loopback();
                let name = facts.interfaces.iter().find(links).map_or("eth0", |one| one.name.as_str());
                fl!(words, "error-no-zone-todo", address = format!("{ip}%{name}"))
            }
            Self::Many(_) => fl!(words, "error-many-todo"),
            Self::NobodyThere(_, one) => fl!(words, "error-nobody-there-todo", interface = one.name.as_str()),
            Self::Cut(_) => fl!(words, "error-cut-todo"),
            Self::NotLetThrough(_) => fl!(words, "error-not-let-through-todo"),
            Self::NoPortLeft => fl!(words, "error-no-port-left-todo"),
            Self::NoNameServer(_) => fl!(words, "error-no-name-server-todo"),
        }
    }
}
