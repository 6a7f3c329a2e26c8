//! Checks of addresses as typed that hold for any text.
//!
//! `tests/addresses` gives the texts by proptest, `tests/fuzz` takes them as they come.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::{IpAddr, SocketAddr};

use icu_normalizer::ComposingNormalizerBorrowed;
use sockhop::{
    chat::{
        LONGEST_HOST,
        address::{AddressError, ListenAddress, PeerAddress, ZonedIp, is_host, name_to_look_up},
    },
    wire::mark,
};

/// All that holds of one text.
pub fn all_holds(typed: &str) {
    an_address_in_its_usual_form_is_read_as_it_is(typed);
    what_is_read_was_typed(typed);
    what_is_read_is_a_host(typed);
    what_was_read_is_read_alike_when_it_is_written_again(typed);
    full_width_is_read_alike(typed);
}

/// What the standard library reads as an address is read as that one, or refused for what it is.
fn an_address_in_its_usual_form_is_read_as_it_is(typed: &str) {
    let (ip, port) = match (typed.parse::<IpAddr>(), typed.parse::<SocketAddr>()) {
        (Ok(ip), _) => (ip, None),
        (_, Ok(address)) => (address.ip(), Some(address.port())),
        _ => return,
    };
    let many = ip.is_multicast() || ip == IpAddr::from([255; 4]);
    match typed.parse::<PeerAddress>() {
        Ok(peer) => {
            assert_eq!((without_zone(&peer.host).parse(), peer.port), (Ok(ip), port), "{typed:?}");
            assert!(!many && port != Some(0), "{typed:?}");
        }
        Err(AddressError::Many(refused)) => assert!(many && refused == ip, "{typed:?}"),
        Err(AddressError::NoZone(refused)) => assert!(refused.is_unicast_link_local() && refused == ip, "{typed:?}"),
        Err(AddressError::PortZero) => assert_eq!(port, Some(0), "{typed:?}"),
        // Its last group may be a port.
        Err(AddressError::Brackets(_)) => assert!(ip.is_ipv6() && port.is_none(), "{typed:?}"),
        Err(error) => panic!("{typed:?}: {error}"),
    }
}

/// The host that is read, and the port, were typed.
fn what_is_read_was_typed(typed: &str) {
    let Ok(PeerAddress { host, port, of_web }) = typed.parse::<PeerAddress>() else { return };
    let folded = ComposingNormalizerBorrowed::new_nfkc().normalize(typed).replace(['。', '｡'], ".");
    if let Some(port) = port {
        let mut numbers = folded.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<u16>().ok());
        assert!(of_web || numbers.any(|number| number == port), "{typed:?} read with port {port}");
    }
    match without_zone(&host).parse() {
        Ok(IpAddr::V4(ip)) => assert!(words(&folded, "._-").any(|word| word == ip.to_string()), "{typed:?}: {ip}"),
        Ok(IpAddr::V6(ip)) => {
            // `::1: 80` has one colon more.
            let parsed = |word: &str| word.parse().or_else(|_| word.strip_suffix(':').unwrap_or(word).parse());
            assert!(words(&folded, ":.").any(|word| parsed(word) == Ok(ip)), "{typed:?}: {ip}");
        }
        Err(_) => {
            let ascii = name_to_look_up(&host);
            assert!(!is_number_for_programs(&ascii), "{typed:?} read as the name {host:?}");
            if host.is_ascii() {
                let word = words(&folded, "._-").any(|word| word == host);
                // A name beyond ASCII is told in ASCII where that says more.
                assert!(word || !typed.is_ascii(), "{typed:?} read as the name {host:?}");
            }
        }
    }
}

/// What is read is no longer than a host may be, and nothing in it hides or means something to a shell.
fn what_is_read_is_a_host(typed: &str) {
    let Ok(PeerAddress { host, port, .. }) = typed.parse::<PeerAddress>() else { return };
    assert!(is_host(&host), "{host:?}");
    assert!(host.chars().count() <= LONGEST_HOST && port != Some(0), "{host:?}");
    let ascii = name_to_look_up(&host);
    assert!(ascii.len() <= LONGEST_HOST, "{ascii:?}");
    for text in [&host, &ascii] {
        let plain = |c: char| mark(c).is_none() && !c.is_whitespace();
        let for_a_shell = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"._-:%@".contains(c);
        assert!(text.chars().all(|c| plain(c) && !for_a_shell(c)), "{text:?}");
        assert!(!text.starts_with('-'), "{text:?}");
    }
}

/// What was read is read alike when it is written again; and as an address to listen on it is no other.
fn what_was_read_is_read_alike_when_it_is_written_again(typed: &str) {
    let peer = typed.parse::<PeerAddress>();
    if let Ok(peer) = &peer {
        let again = PeerAddress { of_web: false, ..peer.clone() };
        assert_eq!(peer.to_string().parse(), Ok(again), "{typed:?}");
    }
    if let Ok(ip) = typed.parse::<ZonedIp>() {
        assert_eq!(ip.to_string().parse(), Ok(ip), "{typed:?}");
    }
    if let Ok(ListenAddress { ip: Some(ip), port }) = typed.parse() {
        assert_eq!(ip.to_string().parse(), Ok(ip), "{typed:?}");
        match peer {
            Ok(peer) if peer.host == "localhost" => assert!(ip.ip.is_loopback()),
            Ok(peer) => assert_eq!((peer.host, peer.port), (ip.to_string(), port), "{typed:?}"),
            Err(error) => assert_eq!((error, port), (AddressError::PortZero, Some(0)), "{typed:?}"),
        }
    }
}

/// In full width, as a Chinese keyboard types it, it is the same.
fn full_width_is_read_alike(typed: &str) {
    let wide = |c: char| match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        c => c,
    };
    let of_keyboard = |c: char| match c {
        '.' => '。',
        ',' => '，',
        c => c,
    };
    for other in [typed.chars().map(wide).collect::<String>(), typed.chars().map(of_keyboard).collect()] {
        assert_eq!(other.parse::<PeerAddress>(), typed.parse(), "{other:?}");
        assert_eq!(other.parse::<ListenAddress>(), typed.parse(), "{other:?}");
        assert_eq!(other.parse::<ZonedIp>(), typed.parse(), "{other:?}");
    }
}

fn without_zone(host: &str) -> &str {
    host.split_once('%').map_or(host, |(ip, _)| ip)
}

/// The longest parts of letters, digits and these.
fn words<'t>(text: &'t str, and: &'static str) -> impl Iterator<Item = &'t str> {
    text.split(move |c: char| !c.is_alphanumeric() && !and.contains(c))
}

/// Whether `inet_aton` takes it for an IPv4 address: inet(3).
fn is_number_for_programs(name: &str) -> bool {
    let parts: Vec<Option<u64>> = name.split('.').map(number).collect();
    let Some((Some(last), before)) = parts.split_last() else { return false };
    before.len() < 4
        && before.iter().all(|part| part.is_some_and(|part| part < 256))
        && last >> (8 * (4 - before.len())) == 0
}

/// A number as C writes it: decimal, or octal behind 0, or hexadecimal behind 0x.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16),
        [b'0', _, ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    // `from_str_radix` would take a sign.
    digits.chars().all(|c| c.is_digit(radix)).then(|| u64::from_str_radix(digits, radix).ok())?
}
