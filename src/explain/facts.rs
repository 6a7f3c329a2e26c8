//! What this machine tells that makes an explanation better.

use std::net::IpAddr;

use crate::{
    host::{self, Interface, PortOwner},
    i18n::{self, Words},
    net::{CallKind, Cause, NetError, Target},
};

/// What is known of this machine that makes an explanation better. Nothing in it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who listens on the port of the error's target.
    pub port_owner: Option<PortOwner>,
    /// This machine's addresses, with what is known of their links.
    pub interfaces: Vec<Interface>,
}

impl Facts {
    /// What this machine tells that helps to explain this error. May take its time: it asks the system.
    #[must_use]
    pub fn gather(error: &NetError) -> Self {
        match (error.cause(), &error.target) {
            (Cause::AddressInUse, Target::Address(address)) if !error.is_of(CallKind::Connect) => {
                Self { port_owner: host::who_listens_on(address.port()), ..Self::default() }
            }
            _ => Self { interfaces: host::interfaces().unwrap_or_default(), ..Self::default() },
        }
    }

    /// This machine's addresses as they are listed, those of IPv4 first; loopback leads nowhere else.
    pub(super) fn list(&self, words: &Words, with_loopback: bool) -> Option<String> {
        let counts = |one: &&IpAddr| with_loopback || !one.is_loopback();
        let addresses = || self.interfaces.iter().map(|one| &one.address).filter(counts);
        let (of4, of6) = (addresses().filter(|one| one.is_ipv4()), addresses().filter(|one| one.is_ipv6()));
        let listed: Vec<String> = of4.chain(of6).map(IpAddr::to_string).collect();
        (!listed.is_empty()).then(|| i18n::listed_and(words, &listed))
    }

    /// The interface whose network this address is in.
    pub(super) fn network_of(&self, ip: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|one| {
            !one.address.is_loopback() && one.link.prefix.is_some_and(|prefix| in_network(one.address, prefix, ip))
        })
    }

    /// Whether it stands for all of a network that this machine is in.
    pub(super) fn is_broadcast(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(v4) = ip else { return false };
        let hosts = |prefix: u8| u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
        self.network_of(ip)
            .and_then(|one| one.link.prefix)
            .is_some_and(|prefix| prefix < 31 && u32::from(v4) & hosts(prefix) == hosts(prefix))
    }

    /// Whether the system was asked, and has no IPv6.
    pub(super) fn has_no_ipv6(&self) -> bool {
        !self.interfaces.is_empty() && !self.interfaces.iter().any(|one| one.address.is_ipv6())
    }
}

fn in_network(own: IpAddr, prefix: u8, other: IpAddr) -> bool {
    match (own, other) {
        (IpAddr::V4(own), IpAddr::V4(other)) => {
            (u32::from(own) ^ u32::from(other)).checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
        }
        (IpAddr::V6(own), IpAddr::V6(other)) => {
            (u128::from(own) ^ u128::from(other)).checked_shr(128 - u32::from(prefix.min(128))).unwrap_or(0) == 0
        }
        _ => false,
    }
}
