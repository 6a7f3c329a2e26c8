//! Who may connect to a server: networks that are let in, and others that are not.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Addresses that begin with the same bits: `192.168.1.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    bits: u8,
}

/// A text that is no [`Network`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an address or a network, as in 192.168.1.20 or 192.168.1.0/24")]
pub struct NotANetwork(pub String);

impl Network {
    /// Whether the address is in it. An IPv4 client of a socket of both families is known by its IPv4 address.
    #[must_use]
    pub fn contains(self, ip: IpAddr) -> bool {
        let differ = match (self.ip, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (u32::from(own) ^ u32::from(other)).checked_shr(32 - u32::from(self.bits)).unwrap_or(0).into()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (u128::from(own) ^ u128::from(other)).checked_shr(128 - u32::from(self.bits)).unwrap_or(0)
            }
            _ => 1,
        };
        differ == 0
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let text = super::address::narrow(text);
        let wrong = || NotANetwork(text.clone());
        let (ip, bits) = match text.split_once('/') {
            Some((ip, bits)) => (ip, Some(bits)),
            None => (text.as_str(), None),
        };
        let ip = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
        let ip = ip.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?
            }
            Some(_) => return Err(wrong()),
            None => most,
        };
        Ok(Self { ip, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.bits)
    }
}

/// Who may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Those who may; if it is empty, everybody.
    pub allow: Vec<Network>,
    /// Those who may not, even if they are among those who may.
    pub deny: Vec<Network>,
}

impl Admission {
    /// Whether a client with this address may connect.
    #[must_use]
    pub fn admits(&self, peer: SocketAddr) -> bool {
        let among = |networks: &[Network]| networks.iter().any(|network| network.contains(peer.ip()));
        (self.allow.is_empty() || among(&self.allow)) && !among(&self.deny)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_network_has_those_whose_first_bits_are_its_own() {
        for (of, inside, outside) in [
            ("192.168.1.0/24", "192.168.1.255", "192.168.2.0"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1", "::1", "127.0.0.1"),
            ("192.168.1.20/24", "192.168.1.1", "192.168.0.20"),
            ("127.0.0.0/8", "::ffff:127.0.0.9", "::ffff:128.0.0.9"),
            ("[fd00::1]/128", "fd00::1", "fd00::2"),
        ] {
            assert!(network(of).contains(inside.parse().unwrap()), "{inside} in {of}");
            assert!(!network(of).contains(outside.parse().unwrap()), "{outside} in {of}");
        }
        for wrong in ["", "a", "192.168.1", "192.168.1.0/33", "::/129", "1.2.3.4/+8", "1.2.3.4/", "example.com"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_is_denied_is_not_let_in_though_allowed() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 5);
        let everybody = Admission::default();
        assert!(everybody.admits(at("203.0.113.9")));
        let some = Admission { allow: vec![network("192.168.0.0/16")], deny: vec![network("192.168.9.0/24")] };
        assert!(some.admits(at("192.168.1.1")) && !some.admits(at("192.168.9.1")) && !some.admits(at("10.0.0.1")));
        let no_one = Admission { allow: Vec::new(), deny: vec![network("::1")] };
        assert!(no_one.admits(at("127.0.0.1")) && !no_one.admits(at("::1")));
    }
}
