//! The number of a network interface, as a socket address has it.

use std::net::{SocketAddr, ToSocketAddrs as _};

/// The number of the interface of that name or number, if the system has one.
#[must_use]
pub fn interface_number(name: &str) -> Option<u32> {
    // An address with a zone is no name: nobody is asked over the network.
    let address = (format!("fe80::1%{name}"), 0);
    match (address.0.as_str(), address.1).to_socket_addrs().ok()?.next()? {
        SocketAddr::V6(address) => Some(address.scope_id()),
        SocketAddr::V4(_) => None,
    }
}
