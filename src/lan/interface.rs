//! A network interface of this machine, as beacons and links use it.

use std::net::{IpAddr, Ipv4Addr};

/// An interface with one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number in the system; 0 where it is not known.
    pub index: u32,
    /// The address.
    pub address: IpAddr,
    /// How many bits of the address all in this network have in common.
    pub prefix: Option<u8>,
    /// Whether it is used.
    pub on: bool,
}

impl Interface {
    /// The address that everyone in its network hears.
    #[must_use]
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        let (IpAddr::V4(address), Some(prefix)) = (self.address, self.prefix) else { return None };
        (prefix < 31).then(|| Ipv4Addr::from_bits(address.to_bits() | u32::MAX >> prefix))
    }
}
