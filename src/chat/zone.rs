//! An IP address, and the interface that it belongs to where it is one on each.

use std::{
    fmt,
    net::{IpAddr, SocketAddr, SocketAddrV6},
};

use super::address::AddressError;

/// The interface of an IPv6 address that is one on each interface (RFC 4007 section 11): its name or its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone {
    bytes: [u8; LONGEST_ZONE],
    length: u8,
}

/// No system's names of interfaces are longer (Linux: `IFNAMSIZ`).
const LONGEST_ZONE: usize = 15;

impl Zone {
    /// The zone of that name, if an interface can have it.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        // Nothing that means something to a shell: names are written into programs.
        let fits = |c: char| c.is_alphanumeric() || "-._:@".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            return None;
        }
        let mut bytes = [0; LONGEST_ZONE];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self { bytes, length: name.len() as u8 })
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length.into()).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// An IP address, with its interface where it is one on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ZonedIp {
    /// The address.
    pub ip: IpAddr,
    /// Its interface, where one was written.
    pub zone: Option<Zone>,
}

impl ZonedIp {
    /// The socket address; `number_of` gives an interface's number.
    ///
    /// # Errors
    /// If there is no such interface.
    pub fn with_port(self, port: u16, number_of: impl Fn(&str) -> Option<u32>) -> Result<SocketAddr, AddressError> {
        match (self.ip, self.zone) {
            (IpAddr::V6(ip), Some(zone)) => {
                let number =
                    number_of(zone.as_str()).ok_or_else(|| AddressError::NoSuchZone(zone.as_str().to_owned()))?;
                Ok(SocketAddrV6::new(ip, port, 0, number).into())
            }
            (ip, _) => Ok(SocketAddr::new(ip, port)),
        }
    }
}

impl From<IpAddr> for ZonedIp {
    fn from(ip: IpAddr) -> Self {
        Self { ip, zone: None }
    }
}

impl fmt::Display for ZonedIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.zone {
            Some(zone) => write!(f, "{}%{zone}", self.ip),
            None => self.ip.fmt(f),
        }
    }
}
