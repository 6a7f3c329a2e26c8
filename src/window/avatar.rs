//! What stands in a peer's avatar: up to three characters that tell it from the others.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use crate::{chat::Origin, core::Conversation, wire::mark};

/// The last three digits of a port tell the peers of one address apart: the ports of a machine's clients follow each other.
const PORT_DIGITS: u16 = 1000;

/// Digits of a number in a name.
const NAME_DIGITS: usize = 2;

/// What is known of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer<'a> {
    /// The name that the user gave it.
    Name(&'a str),
    /// Its address.
    Address(SocketAddr),
    /// The host that is connected to, as typed.
    Host(&'a str),
    /// Nothing.
    Nobody,
}

impl<'a> Peer<'a> {
    /// The peer of a conversation.
    #[must_use]
    pub fn of(conversation: &'a Conversation) -> Self {
        let nameable = |name: &&String| name.chars().any(|c| mark(c).is_none() && c.is_alphanumeric());
        if let Some(name) = conversation.name.as_ref().filter(nameable) {
            return Self::Name(name);
        }
        if let Some(address) = conversation.peer {
            return Self::Address(address);
        }
        match &conversation.origin {
            Origin::Outgoing { host, port } | Origin::Datagrams { host, port } => match host.parse() {
                Ok(ip) => Self::Address(SocketAddr::new(ip, *port)),
                Err(_) => Self::Host(host),
            },
            Origin::Accepted | Origin::Heard | Origin::Everyone | Origin::Person(_) | Origin::Nearby => Self::Nobody,
        }
    }
}

/// The last part of an IP address, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LastPart {
    Decimal(u8),
    Hex(u16),
}

impl LastPart {
    fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self::Decimal(ip.octets()[3]),
            IpAddr::V6(ip) => Self::Hex(ip.segments()[7]),
        }
    }
}

/// How many of the peers in a list have addresses that end alike.
#[derive(Debug, Default)]
pub struct Endings(HashMap<LastPart, usize>);

impl<'a> FromIterator<Peer<'a>> for Endings {
    fn from_iter<T: IntoIterator<Item = Peer<'a>>>(peers: T) -> Self {
        let mut endings = Self::default();
        for peer in peers {
            if let Peer::Address(address) = peer {
                *endings.0.entry(LastPart::of(address.ip())).or_default() += 1;
            }
        }
        endings
    }
}

/// The characters in a peer's avatar: the initials of its name or host, or the last part of its address; where that is
/// the same for several, the last digits of the port.
#[must_use]
pub fn letters(peer: Peer<'_>, endings: &Endings) -> String {
    match peer {
        Peer::Name(name) | Peer::Host(name) => initials(name),
        Peer::Address(address) => {
            let part = LastPart::of(address.ip());
            if endings.0.get(&part).is_some_and(|peers| *peers > 1) {
                return format!("{:03}", address.port() % PORT_DIGITS);
            }
            match part {
                LastPart::Decimal(part) => part.to_string(),
                LastPart::Hex(part) => {
                    format!("{part:x}").chars().rev().take(3).collect::<Vec<_>>().iter().rev().collect()
                }
            }
        }
        Peer::Nobody => "…".to_owned(),
    }
}

/// The first letter, and the number in the name or the first letter of its second word.
fn initials(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut letters = words.clone().filter_map(|word| word.chars().next());
    let Some(first) = letters.next() else { return "…".to_owned() };
    let mut after: Vec<char> = name.chars().skip_while(|c| *c != first).skip(1).collect();
    // The last number: 机房 2 的 07 号 is the seventh.
    while after.last().is_some_and(|c| !is_numeral(*c)) {
        after.pop();
    }
    let begin = after.iter().rposition(|c| !is_numeral(*c)).map_or(0, |place| place + 1);
    let number: Vec<char> = after.get(begin..).unwrap_or_default().iter().copied().skip_while(|c| *c == '0').collect();
    let number = number.get(number.len().saturating_sub(NAME_DIGITS)..).unwrap_or_default();
    let second = letters.next().filter(|c| number.is_empty() && !is_han(*c));
    first.to_uppercase().chain(number.iter().copied()).chain(second.into_iter().flat_map(char::to_uppercase)).collect()
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || "一二三四五六七八九十".contains(c)
}

/// A character that fills the avatar by itself.
fn is_han(c: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Peer<'static> {
        text.parse().map_or(Peer::Nobody, Peer::Address)
    }

    fn all(peers: &[Peer<'_>]) -> Vec<String> {
        let endings = peers.iter().copied().collect();
        peers.iter().map(|peer| letters(*peer, &endings)).collect()
    }

    #[test]
    fn peers_of_one_machine_are_told_apart_by_their_ports() {
        assert_eq!(
            all(&[address("127.0.0.1:53124"), address("127.0.0.1:53126"), address("127.0.0.1:8888")]),
            ["124", "126", "888"]
        );
        assert_eq!(all(&[address("[::1]:50001"), address("[::1]:50011")]), ["001", "011"]);
        assert_eq!(all(&[address("127.0.0.1:53124"), address("[::ffff:127.0.0.1]:53126")]), ["124", "126"]);
    }

    #[test]
    fn peers_of_several_machines_are_told_apart_by_the_last_part_of_their_addresses() {
        assert_eq!(
            all(&[address("192.168.1.21:5000"), address("192.168.1.123:5000"), address("[fe80::9a3c]:5000")]),
            ["21", "123", "a3c"]
        );
        assert_eq!(all(&[address("127.0.0.1:53124")]), ["1"]);
    }

    #[test]
    fn a_name_has_its_initials_and_its_number() {
        for (name, initials) in [
            ("front row", "FR"),
            ("Lab 07", "L7"),
            ("实验室 07", "实7"),
            ("机房 2 的 14 号", "机14"),
            ("第二排", "第二"),
            ("小明", "小"),
            ("小 明", "小"),
            ("thermometer", "T"),
            ("device-1012", "D12"),
            ("7", "7"),
            ("ǆ", "Ǆ"),
        ] {
            assert_eq!(letters(Peer::Name(name), &Endings::default()), initials, "{name}");
        }
        assert_eq!(letters(Peer::Host("device.local"), &Endings::default()), "DL");
    }

    #[test]
    fn who_is_not_known_yet_has_dots() {
        assert_eq!(letters(Peer::Nobody, &Endings::default()), "…");
        assert_eq!(letters(Peer::Name("\u{202e}"), &Endings::default()), "…");
    }
}
