//! What this machine knows by itself: its name, the names of services, and whether it has IPv6.

use std::{
    fs,
    net::{Ipv6Addr, UdpSocket},
    path::PathBuf,
};

/// Services that people name, with the ports that IANA has registered for them.
const KNOWN: [(&str, u16); 22] = [
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("http", 80),
    ("pop3", 110),
    ("ntp", 123),
    ("imap", 143),
    ("https", 443),
    ("modbus", 502),
    ("mbap", 502),
    ("submission", 587),
    ("ipp", 631),
    ("ldap", 389),
    ("mqtt", 1883),
    ("mysql", 3306),
    ("rdp", 3389),
    ("postgresql", 5432),
    ("redis", 6379),
    ("http-alt", 8080),
    ("echo", 7),
];

/// The port of a service of TCP, by its name or one of its other names: as this system lists it, or as everybody does.
#[must_use]
pub fn service_port(name: &str) -> Option<u16> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let listed = fs::read_to_string(services_file()).unwrap_or_default();
    let known = || KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, port)| *port);
    listed_port(&listed, name).or_else(known)
}

/// services(5): `http 80/tcp www  # WorldWideWeb HTTP`.
fn listed_port(listed: &str, name: &str) -> Option<u16> {
    listed.lines().find_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let service = words.next()?;
        let port = words.next()?.strip_suffix("/tcp")?.parse().ok()?;
        let named = |one: &str| one.eq_ignore_ascii_case(name);
        (named(service) || words.any(named)).then_some(port)
    })
}

fn services_file() -> PathBuf {
    if cfg!(windows) {
        let system = std::env::var_os("SystemRoot").map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from);
        system.join(r"System32\drivers\etc\services")
    } else {
        PathBuf::from("/etc/services")
    }
}

/// Whether it has IPv6 at all.
#[must_use]
pub fn has_ipv6() -> bool {
    UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok()
}

/// The name of this machine, where the system tells.
#[cfg(unix)]
#[must_use]
pub fn own_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    (!name.is_empty()).then_some(name)
}

/// The name of this machine, where the system tells.
#[cfg(not(unix))]
#[must_use]
pub fn own_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_by_each_of_its_names_and_only_of_tcp() {
        let listed =
            "# Network services\nhttp\t\t80/tcp\t\twww\t# WorldWideWeb HTTP\ntftp 69/udp\nour-device 9001/tcp\n";
        assert_eq!(listed_port(listed, "www"), Some(80));
        assert_eq!(listed_port(listed, "HTTP"), Some(80));
        assert_eq!(listed_port(listed, "our-device"), Some(9001));
        assert_eq!(listed_port(listed, "tftp"), None);
        assert_eq!((service_port("https"), service_port(""), service_port("no such")), (Some(443), None, None));
    }
}
