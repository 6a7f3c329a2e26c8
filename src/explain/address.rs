//! What is wrong with an address as it was written.

use std::net::{IpAddr, Ipv6Addr};

use i18n_embed_fl::fl;

use crate::{
    chat::address::AddressError,
    host::{Interface, InterfaceKind},
    i18n::Words,
};

/// What is wrong with an address as it was written. These are the interfaces of which one may have been meant.
#[must_use]
pub fn address_error(words: &Words, error: &AddressError, interfaces: &[Interface]) -> String {
    match error {
        AddressError::Empty => fl!(words, "address-empty"),
        AddressError::NoHost(_) => fl!(words, "address-no-host"),
        AddressError::Port(_) | AddressError::PortZero => fl!(words, "address-port"),
        AddressError::Host(_) => fl!(words, "address-host"),
        AddressError::NotAnIp(_) => fl!(words, "ip-wrong"),
        AddressError::NotWhole { meant: Some(meant), .. } => {
            fl!(words, "address-not-whole-meant", meant = meant.as_str())
        }
        AddressError::NotWhole { meant: None, .. } => fl!(words, "address-not-whole"),
        AddressError::Brackets(meant) => fl!(words, "address-brackets", meant = meant.as_str()),
        AddressError::NoZone(ip) => {
            fl!(words, "address-no-zone", ip = ip.to_string(), interface = an_interface(interfaces, *ip))
        }
        AddressError::NoSuchZone(zone) => fl!(words, "address-no-such-zone", zone = zone.as_str()),
        AddressError::Many(ip) => fl!(words, "address-many", ip = ip.to_string()),
    }
}

/// An interface that may be meant where none was written: the one that has the address, or one in use.
fn an_interface(interfaces: &[Interface], ip: Ipv6Addr) -> &str {
    let has = |interface: &&Interface| interface.address == IpAddr::V6(ip);
    let links = |interface: &&Interface| interface.kind != InterfaceKind::Loopback && interface.address.is_ipv6();
    let found = interfaces.iter().find(has).or_else(|| interfaces.iter().find(links));
    found.map_or("eth0", |interface| interface.name.as_str())
}
