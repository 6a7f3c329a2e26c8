//! Addresses as people write them: one parser for the window and the command line.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use super::zone::{Zone, ZonedIp};
use crate::wire::mark;

/// Characters of a host's name at most (RFC 1035, section 2.3.4).
pub const LONGEST_HOST: usize = 253;

/// The port where none is written, unless the user has set another.
pub const USUAL_PORT: u16 = 8888;

/// An address that can't be used, worded for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The port is no number up to 65535.
    #[error("“{0}” is not a port: ports are numbers from 0 to 65535")]
    Port(String),
    /// There is nobody at port 0.
    #[error("nobody can be reached at port 0: ports are numbers from 1 to 65535")]
    PortZero,
    /// Nothing was typed.
    #[error("an address is missing: write 127.0.0.1:8888")]
    Empty,
    /// There is only a port: this one.
    #[error("an address is missing: write 127.0.0.1:{0}")]
    NoHost(u16),
    /// A host that is neither an address nor a possible name.
    #[error("“{0}” is neither an IP address nor a name")]
    Host(String),
    /// Something like an IPv4 address, which programs read in different ways; and the one that is probably meant.
    #[error("“{typed}” is not a whole IPv4 address{}", or_is(meant.as_deref()))]
    #[allow(missing_docs, reason = "the variant's sentence names both")]
    NotWhole { typed: String, meant: Option<String> },
    /// Where the address ends and the port begins can't be told; how it is probably meant.
    #[error("write an IPv6 address with a port in brackets: {0}")]
    Brackets(String),
    /// An address that is one on each interface, without the interface.
    #[error("{0} is on every interface: add which, as in [{0}%eth0]:8888")]
    NoZone(Ipv6Addr),
    /// There is no such interface.
    #[error("this computer has no interface “{0}”")]
    NoSuchZone(String),
    /// An address of many computers at once: multicast or broadcast.
    #[error("{0} stands for many computers at once; TCP connects two")]
    Many(IpAddr),
    /// An address to listen on must be one, not a name.
    #[error("“{0}” is not an IP address: write 127.0.0.1:8888, [::1]:8888, or only a port")]
    NotAnIp(String),
}

fn or_is(meant: Option<&str>) -> String {
    meant.map_or_else(|| ": it has four numbers, each from 0 to 255".to_owned(), |meant| format!(": is {meant} meant?"))
}

/// As it is written, also an address of a link without its interface: an older file may hold one.
impl Serialize for ZonedIp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ZonedIp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let ip = text.parse::<IpAddr>().map(Self::from).ok().or_else(|| ip6(&text));
        ip.ok_or_else(|| serde::de::Error::custom(format!("“{text}” is not an IP address")))
    }
}

/// One IP address, without a port: `192.168.1.20`, `::1`, `[fe80::1%eth0]`.
impl FromStr for ZonedIp {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = narrow(text);
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&text);
        match host(bare)? {
            Host::Ip(ip) => Ok(ip),
            Host::Name(name) => Err(AddressError::NotAnIp(name)),
        }
    }
}

/// Where to listen, as far as it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListenAddress {
    /// On which address.
    pub ip: Option<ZonedIp>,
    /// On which port.
    pub port: Option<u16>,
}

impl FromStr for ListenAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Written { host: written, port, .. } = Written::read(text)?;
        let ip = match written {
            None if port.is_none() => return Err(AddressError::Empty),
            None => None,
            Some(Host::Ip(ip)) => Some(ip),
            Some(Host::Name(name)) if name == "localhost" => Some(IpAddr::from(Ipv4Addr::LOCALHOST).into()),
            Some(Host::Name(name)) => return Err(AddressError::NotAnIp(name)),
        };
        Ok(Self { ip, port })
    }
}

/// Whom to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// A name, or an address (of IPv6 without its brackets).
    pub host: String,
    /// The port, never 0; none was written.
    pub port: Option<u16>,
    /// It was an address of the web, of which only host and port are used.
    pub of_web: bool,
}

impl PeerAddress {
    /// Host and port; the usual port, if none was written.
    #[must_use]
    pub fn or_port(self, usual: u16) -> (String, u16) {
        (self.host, self.port.unwrap_or(usual))
    }

    /// That there is the interface that was written, if one was.
    ///
    /// # Errors
    /// If there is none.
    pub fn check_zone(&self, number_of: impl Fn(&str) -> Option<u32>) -> Result<(), AddressError> {
        match self.host.parse::<ZonedIp>() {
            Ok(ip) => ip.with_port(0, number_of).map(|_| ()),
            Err(_) => Ok(()),
        }
    }
}

impl PeerAddress {
    /// Whom to send datagrams to: also an address of many computers at once.
    ///
    /// # Errors
    /// As of an address of one.
    pub fn of_datagrams(text: &str) -> Result<Self, AddressError> {
        let many = match text.parse::<Self>() {
            Err(AddressError::Many(many)) => many,
            other => return other,
        };
        // Read as that of one computer, which is written in its place.
        let of_link = matches!(many, IpAddr::V6(v6) if v6.segments()[0] & 0xf == 2);
        let one = match many {
            IpAddr::V4(_) => "127.0.0.1",
            // It is one on each interface.
            IpAddr::V6(_) if of_link || text.contains('%') => "fe80::1",
            IpAddr::V6(_) => "::1",
        };
        let written = many.to_string();
        let text = text.to_lowercase();
        if !text.contains(&written) {
            return Err(AddressError::Many(many));
        }
        let read = text.replacen(&written, one, 1).parse::<Self>().map_err(|error| match (error, many) {
            (AddressError::NoZone(_), IpAddr::V6(many)) => AddressError::NoZone(many),
            (other, _) => other,
        })?;
        Ok(Self { host: read.host.replacen(one, &written, 1), ..read })
    }

    /// The address, if it is one of many computers at once.
    #[must_use]
    pub fn many(&self) -> Option<IpAddr> {
        let ip = self.host.split('%').next()?.parse::<IpAddr>().ok()?;
        let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
        (broadcast || ip.is_multicast()).then_some(ip)
    }
}

impl FromStr for PeerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Written { host, port, of_web } = Written::read(text)?;
        match (host, port) {
            (_, Some(0)) => Err(AddressError::PortZero),
            (None, Some(port)) => Err(AddressError::NoHost(port)),
            (None, None) => Err(AddressError::Empty),
            (Some(host), port) => Ok(Self { host: host.to_string(), port, of_web }),
        }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        match port {
            Some(port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Some(port) => write!(f, "{host}:{port}"),
            // Its last group may read as a port.
            None if host.contains(':') => write!(f, "[{host}]"),
            None => host.fmt(f),
        }
    }
}

/// The address as a host, with its interface where it has one.
#[must_use]
pub fn host_of(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(address) if address.scope_id() != 0 => format!("{}%{}", address.ip(), address.scope_id()),
        address => address.ip().to_string(),
    }
}

/// The name as it is looked up: letters beyond ASCII as `xn--…` (RFC 5891). What is no such name stays as it is.
#[must_use]
pub fn name_to_look_up(host: &str) -> String {
    if host.is_ascii() { host.to_owned() } else { idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned()) }
}

/// An address or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Ip(ZonedIp),
    Name(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// What was written, taken apart.
struct Written {
    host: Option<Host>,
    port: Option<u16>,
    of_web: bool,
}

impl Written {
    fn read(typed: &str) -> Result<Self, AddressError> {
        let text = narrow(typed);
        let (rest, scheme_port) = without_scheme(&text);
        let of_web = rest.len() != text.len();
        let rest = if of_web { rest } else { tuple(rest) };
        let (written, port) = host_and_port(rest)?;
        let port = port.map(read_port).transpose()?;
        let host = if written.is_empty() { None } else { Some(host(written)?) };
        Ok(Self { host, port: port.or(scheme_port), of_web })
    }
}

/// Without blanks around it, and with the narrow forms of wide letters, digits and marks, as a Chinese keyboard has
/// them.
pub(crate) fn narrow(typed: &str) -> String {
    let narrow = |c: char| match c {
        '。' | '｡' => '.',
        '，' | '、' => ',',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c if c.is_whitespace() => ' ',
        c => c,
    };
    typed.trim().chars().map(narrow).collect::<String>().trim().to_owned()
}

/// What is left of an address of the web, and the port that its scheme stands for.
fn without_scheme(text: &str) -> (&str, Option<u16>) {
    let Some((scheme, rest)) = text.split_once("://") else { return (text, None) };
    let named = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if scheme.is_empty() || !named {
        return (text, None);
    }
    let port = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        "ssh" => Some(22),
        "telnet" => Some(23),
        _ => None,
    };
    (rest.split(['/', '?', '#']).next().unwrap_or(rest), port)
}

/// Without what Python puts around an address: `('127.0.0.1', 8888)`.
fn tuple(text: &str) -> &str {
    text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text).trim()
}

/// The host, which may be empty, and the port as it is written.
fn host_and_port(text: &str) -> Result<(&str, Option<&str>), AddressError> {
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, after) = rest.split_once(']').ok_or_else(|| AddressError::Host(text.to_owned()))?;
        if ip6(inside).is_none() {
            return Err(AddressError::Host(inside.to_owned()));
        }
        let after = after.trim_start();
        let port = after.strip_prefix([':', ',']).unwrap_or(after).trim();
        return match port {
            "" if after.is_empty() => Ok((inside, None)),
            port => Ok((inside, Some(port))),
        };
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Ok(("", Some(text)));
    }
    // With a blank or a comma between them, the host may have colons.
    if let Some(at) = text.rfind([' ', ',']) {
        let (host, port) = text.split_at(at);
        let port = port.trim_start_matches([' ', ',']);
        let port = port.strip_prefix(':').unwrap_or(port);
        let host = host.trim_end_matches([' ', ',']);
        let host = if ip6(host).is_none() { host.strip_suffix(':').unwrap_or(host).trim_end() } else { host };
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AddressError::Host(text.to_owned()));
        }
        return Ok((unquoted(host), Some(port)));
    }
    let text = unquoted(text);
    let Some((host, port)) = text.rsplit_once(':') else { return Ok((text, None)) };
    if !host.contains(':') {
        return Ok((host, Some(port)));
    }
    let in_brackets = || AddressError::Brackets(format!("[{host}]:{port}"));
    let may_be_port = (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    match (ip6(text), ip6(host)) {
        // It may be either.
        (Some(_), Some(_)) if may_be_port => Err(in_brackets()),
        (Some(_), _) => Ok((text, None)),
        (None, Some(_)) => Err(in_brackets()),
        (None, None) => Err(AddressError::Host(text.to_owned())),
    }
}

fn unquoted(text: &str) -> &str {
    let within = |quote| text.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(text)
}

fn read_port(text: &str) -> Result<u16, AddressError> {
    // `u16::from_str` alone would take "+80".
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(port) = text.parse()
    {
        return Ok(port);
    }
    Err(AddressError::Port(text.to_owned()))
}

fn ip6(text: &str) -> Option<ZonedIp> {
    let (ip, zone) = match text.split_once('%') {
        Some((ip, zone)) => (ip, Some(Zone::new(zone)?)),
        None => (text, None),
    };
    Some(ZonedIp { ip: IpAddr::V6(ip.parse().ok()?), zone })
}

/// Whether this is the address of a computer, or may be a name: no blank, no mark, and nothing that means something to a
/// shell. For what was imported or handed on, and is written into programs.
#[must_use]
pub fn is_host(text: &str) -> bool {
    host(text).is_ok()
}

fn host(text: &str) -> Result<Host, AddressError> {
    if let Some(ip) = ip6(text) {
        return whole(ip);
    }
    let strange = || AddressError::Host(text.to_owned());
    if text.chars().any(|c| mark(c).is_some()) {
        // The name that is looked up would lack it, and be another than was written.
        return Err(strange());
    }
    let ascii = idna::domain_to_ascii(text).map_err(|_| strange())?;
    if is_numeric(&ascii) {
        return match ascii.parse::<Ipv4Addr>() {
            Ok(ip) => whole(IpAddr::V4(ip).into()),
            Err(_) => Err(AddressError::NotWhole { meant: meant(&ascii), typed: text.to_owned() }),
        };
    }
    if !is_name(&ascii) {
        return Err(strange());
    }
    if text.is_ascii() {
        return Ok(Host::Name(text.to_owned()));
    }
    let (unicode, _) = idna::domain_to_unicode(text);
    if unicode.starts_with('-') {
        // Its form in ASCII does not, but programs are given this one.
        return Err(strange());
    }
    // Something may hide in what a part `xn--…` stands for, or be read otherwise when it is written again.
    let plain = !unicode.chars().any(|c| mark(c).is_some()) && narrow(&unicode) == unicode;
    Ok(Host::Name(if plain { unicode } else { ascii }))
}

/// An address of one computer, with its interface where it needs one.
fn whole(ip: ZonedIp) -> Result<Host, AddressError> {
    match ip.ip {
        IpAddr::V6(v6) if v6.is_unicast_link_local() && ip.zone.is_none() => Err(AddressError::NoZone(v6)),
        IpAddr::V4(v4) if v4.is_broadcast() => Err(AddressError::Many(ip.ip)),
        many if many.is_multicast() => Err(AddressError::Many(many)),
        _ => Ok(Host::Ip(ip)),
    }
}

/// Whether programs take it for an IPv4 address in one of its old spellings (inet(3)): the last part is a number.
fn is_numeric(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits(last) || last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).is_some_and(hex)
}

/// The IPv4 address that is probably meant by one that is not whole: without zeros in front, and with the parts that
/// were left out.
fn meant(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let number = |part: &str| part.parse::<u8>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let parts = name.split('.').map(number).collect::<Option<Vec<u8>>>()?;
    let octets = match *parts.as_slice() {
        [a, b, c, d] => [a, b, c, d],
        [a, b, c] => [a, b, c, 1],
        [127, d] => [127, 0, 0, d],
        _ => return None,
    };
    Some(Ipv4Addr::from(octets).to_string())
}

/// RFC 1123 section 2.1, with the underscores that names of computers have.
fn is_name(ascii: &str) -> bool {
    let name = ascii.strip_suffix('.').unwrap_or(ascii);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= LONGEST_HOST && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
