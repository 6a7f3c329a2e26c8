//! What this machine tells that makes an explanation better.

use std::net::IpAddr;

use crate::{
    core::{
        self,
        diagnoses::{Diagnosis, diagnose},
    },
    host::{self, Interface, PortHeld, PortOwner, SocketTable, Wanted},
    i18n::{self, Words},
    net::{CallKind, Cause, NetError, Target},
};

/// What is known of this machine that makes an explanation better. Nothing in it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who listens on the port of the error's target.
    pub port_owner: Option<PortOwner>,
    /// What holds that port, where nobody listens on it.
    pub port_held: Option<PortHeld>,
    /// Why `connect` failed, as far as this machine's sockets say.
    pub why: Option<Diagnosis>,
    /// Whether our server was to set `SO_REUSEADDR`, where that is known.
    pub reuse_address: Option<bool>,
    /// This machine's addresses, with what is known of their links.
    pub interfaces: Vec<Interface>,
}

impl Facts {
    /// What this machine tells that helps to explain this error. May take its time: it asks the system.
    #[must_use]
    pub fn gather(error: &NetError) -> Self {
        match (error.cause(), &error.target) {
            (Cause::AddressInUse, Target::Address(address)) if !error.is_of(CallKind::Connect) => {
                let port_held = table_of(address.port()).and_then(|table| host::who_holds(&table.rows, *address));
                Self { port_owner: host::who_listens_on(address.port()), port_held, ..Self::default() }
            }
            (cause, target) => {
                let mut facts = Self { interfaces: host::interfaces().unwrap_or_default(), ..Self::default() };
                if error.is_of(CallKind::Connect)
                    && let Target::Address(address) = target
                    && facts.is_own(target)
                {
                    let table = table_of(address.port());
                    facts.why =
                        table.and_then(|table| diagnose(&core::diagnoses::Facts::of_failed(cause, *address, &table)));
                }
                facts
            }
        }
    }

    /// Whether it is an address of this machine.
    pub(super) fn is_own(&self, target: &Target) -> bool {
        let ip = match target {
            Target::Address(address) => address.ip().to_canonical(),
            Target::Name(..) | Target::None => return false,
        };
        ip.is_loopback() || ip.is_unspecified() || self.interfaces.iter().any(|one| one.address == ip)
    }

    /// This machine's addresses as they are listed, those of IPv4 first; loopback leads nowhere else.
    pub(super) fn list(&self, words: &Words, with_loopback: bool) -> Option<String> {
        let counts = |one: &&Interface| with_loopback || !one.address.is_loopback();
        let of = |ipv4: bool| self.interfaces.iter().filter(counts).filter(move |one| one.address.is_ipv4() == ipv4);
        let listed: Vec<String> = of(true).chain(of(false)).map(written).collect();
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

/// An address as it has to be written to be used: one that each interface may have, with its interface.
fn written(interface: &Interface) -> String {
    match interface.address {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => format!("{ip}%{}", interface.name),
        ip => ip.to_string(),
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

/// What the kernel says of that port now.
fn table_of(port: u16) -> Option<SocketTable> {
    let wanted = Wanted { asked: [port].into(), ..Wanted::default() };
    host::sockets(&wanted).inspect_err(|error| tracing::debug!("{error}")).ok()
}
