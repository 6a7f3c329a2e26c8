//! Addresses as people type them, with what this machine knows by itself: the names of services, and its own.

use std::net::ToSocketAddrs as _;

use super::names::{own_name, service_port};
use crate::chat::address::{AddressError, ListenAddress, PeerAddress};

/// Whom to connect to; the port may be a service's name that this system knows.
///
/// # Errors
/// Why it is no such address.
pub fn peer_address(text: &str) -> Result<PeerAddress, AddressError> {
    with_services(text)
}

/// Where to listen: an address, a port, or this machine's own name. Looks that name up, which may take its time.
///
/// # Errors
/// Why it is no such address.
pub fn listen_address(text: &str) -> Result<ListenAddress, AddressError> {
    let name = match with_services::<ListenAddress>(text) {
        Err(AddressError::NotAnIp(name)) => name,
        other => return other,
    };
    let addresses = is_own_name(&name).then(|| (name.as_str(), 0).to_socket_addrs().ok()).flatten();
    match addresses.and_then(|mut addresses| addresses.next()) {
        Some(address) => {
            let ListenAddress { port, .. } = with_services(&text.replacen(&name, "127.0.0.1", 1))?;
            Ok(ListenAddress { ip: Some(address.ip().into()), port })
        }
        None => Err(AddressError::NotAnIp(name)),
    }
}

/// Whether this machine calls itself so.
#[must_use]
pub fn is_own_name(name: &str) -> bool {
    own_name().is_some_and(|own| is_same_machine(&own, name))
}

/// Whether both are one machine's name, with its domain or without.
fn is_same_machine(own: &str, typed: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let (own, typed) = (own.trim_end_matches('.'), typed.trim_end_matches('.'));
    own.eq_ignore_ascii_case(typed)
        || short(own) == short(typed) && (!own.contains('.') || !typed.contains('.')) && !own.is_empty()
}

/// A port that stands by itself.
///
/// # Errors
/// If it is none.
pub fn lone_port(text: &str) -> Result<u16, AddressError> {
    match with_services(text) {
        Ok(ListenAddress { ip: None, port: Some(port) }) => Ok(port),
        Err(error @ AddressError::Port(_)) => Err(error),
        _ => service_port(text).ok_or_else(|| AddressError::Port(text.to_owned())),
    }
}

/// Reads an address whose port may be a service's name.
fn with_services<A: std::str::FromStr<Err = AddressError>>(text: &str) -> Result<A, AddressError> {
    match text.parse() {
        Err(AddressError::Port(name)) => match service_port(&name) {
            Some(port) => text.strip_suffix(name.as_str()).unwrap_or(text).to_owned() + &port.to_string(),
            None => return Err(AddressError::Port(name)),
        }
        .parse(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_be_a_service_s_name() {
        assert_eq!(peer_address("a:http").map(|peer| peer.port), Ok(Some(80)));
        assert_eq!(peer_address("[::1]:ssh").map(|peer| (peer.host, peer.port)), Ok(("::1".to_owned(), Some(22))));
        assert_eq!(listen_address(":http-alt").map(|at| at.port), Ok(Some(8080)));
        assert_eq!((lone_port("https"), lone_port("９０")), (Ok(443), Ok(90)));
        assert_eq!(lone_port("no-such-service"), Err(AddressError::Port("no-such-service".to_owned())));
        assert!(peer_address("a:no-such-service").is_err());
    }

    #[test]
    fn a_machine_s_own_name_is_known_with_its_domain_or_without() {
        for (own, typed) in [("lab3", "lab3"), ("lab3", "LAB3.school.example"), ("lab3.school.example", "lab3")] {
            assert!(is_same_machine(own, typed), "{own} {typed}");
        }
        for (own, typed) in [("lab3", "lab4"), ("lab3.a.example", "lab3.b.example"), ("", "")] {
            assert!(own.is_empty() && typed.is_empty() || !is_same_machine(own, typed), "{own} {typed}");
        }
    }
}
