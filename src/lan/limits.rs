//! What a stranger may cost, each a named constant, and the counts that hold it.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

/// Connections that have not proved a key, at once; past it a new one is closed.
pub const UNAUTHENTICATED: usize = 64;

/// Of those, from one IPv4 address or one /64 of IPv6; past it a new one is closed.
pub const UNAUTHENTICATED_AN_ADDRESS: usize = 8;

/// How long proving the keys may take; then the connection is closed.
pub const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

/// How long the first word after that may take; then the connection is closed.
pub const HELLO_LIMIT: Duration = Duration::from_secs(2);

/// How long connecting to an address may take; then the next one is tried.
pub const DIAL_LIMIT: Duration = Duration::from_secs(5);

/// Bytes taken from a connection that has not proved a key (a handshake has 397); past it the connection is closed.
pub const BYTES_BEFORE_AUTHENTICATION: usize = 1024;

/// Memory of a connection that has not proved a key, about.
pub const MEMORY_BEFORE_AUTHENTICATION: usize = 16 * 1024;

/// Handshakes begun in a second; past it a new connection is closed.
pub const HANDSHAKES_A_SECOND: u32 = 50;

/// Of those, with one address or /64; past it a new connection is closed.
pub const HANDSHAKES_A_SECOND_AN_ADDRESS: u32 = 5;

/// Beacons taken in a second, copies of one counted once; past it the others of that second are not heard.
pub const BEACONS_A_SECOND: u32 = 100;

/// Of those, from one address or /64; past it the others of that second are not heard.
pub const BEACONS_A_SECOND_A_SOURCE: u32 = 10;

/// Packets looked at in a second, whatever they are; past it the others of that second are thrown away unread.
pub const PACKETS_A_SECOND: u32 = 2_000;

/// Keys kept that somebody sent beacons for; past it the one heard longest ago goes. Those that are known are never
/// pushed out.
pub const PEERS_KEPT: usize = 1_024;

/// Addresses kept of one person; past it the one heard longest ago goes.
pub const ADDRESSES_KEPT: usize = 8;

/// New keys taken from one address or /64 in an hour; past it others are not heard.
pub const NEW_KEYS_AN_HOUR: u32 = 16;

/// Messages taken in a second from somebody to whom the user never wrote; past it nothing more is read for that second.
pub const STRANGERS_MESSAGES_A_SECOND: u32 = 20;

/// Links at once; past it nobody else is dialled or taken.
pub const LINKS: usize = 1_024;

/// A link on which nothing came for this long is asked whether it is there.
pub const PING_AFTER: Duration = Duration::from_secs(15);

/// Who was dialled asks so much later: one question a link is enough, and is an answer to the other side too.
pub const ASKED_LATER: Duration = Duration::from_secs(3);

/// When one link is asked, so are all whose turn would come within this time: the program wakes up once for all of them.
pub const ASKED_TOGETHER: Duration = Duration::from_secs(3);

/// One on which nothing came for this long is dead.
pub const DEAD_AFTER: Duration = Duration::from_secs(45);

/// Of two links to one person, both younger than this, that which the smaller key dialled stays.
pub const YOUNG: Duration = Duration::from_secs(5);

/// Bytes that one person may send before they are on our disk; past it nothing more is read from them.
pub const UNACKNOWLEDGED_BYTES: usize = 256 * 1024;

/// Bytes that are handed to one link before it has written them; what is over stays in the queue of messages.
pub const SEND_QUEUE: usize = 128 * 1024;

/// Addresses of a network that is looked through: a /22.
pub const LOOKED_THROUGH: u32 = 1 << 10;

/// Sources that are counted one by one; past it all others count as one.
const SOURCES: usize = 4_096;

/// An address as the limits count it: a whole /64 of IPv6, since one machine may have all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
            ip @ IpAddr::V4(_) => ip,
        })
    }
}

/// How often something may happen within a time, in all and for each source.
#[derive(Debug)]
pub struct Rate<K> {
    within: Duration,
    all: u32,
    each: u32,
    begun: Option<Instant>,
    so_far: u32,
    of: HashMap<K, u32>,
}

impl<K: Copy + Eq + Hash> Rate<K> {
    /// So often within that time: in all, and for each.
    #[must_use]
    pub fn new(within: Duration, all: u32, each: u32) -> Self {
        Self { within, all, each, begun: None, so_far: 0, of: HashMap::new() }
    }

    /// Whether it may happen once more now. Then it counts.
    pub fn allows(&mut self, key: K, now: Instant) -> bool {
        if self.begun.is_none_or(|begun| now.saturating_duration_since(begun) >= self.within) {
            self.begun = Some(now);
            self.so_far = 0;
            self.of.clear();
        }
        let crowded = self.of.len() >= SOURCES && !self.of.contains_key(&key);
        if self.so_far >= self.all || crowded {
            return false;
        }
        let count = self.of.entry(key).or_default();
        if *count >= self.each {
            return false;
        }
        *count += 1;
        self.so_far += 1;
        true
    }
}

/// Objects and lists in each other that JSON of a stranger may have.
pub const JSON_DEPTH: u32 = 8;

/// Fields and items in all that JSON of a stranger may have.
pub const JSON_FIELDS: u32 = 64;

/// Whether JSON is flat and small enough to be read. What is no JSON at all is left to whoever reads it.
#[must_use]
pub fn json_is_plain(json: &[u8]) -> bool {
    let (mut depth, mut fields) = (0_u32, 0_u32);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' | b':' => fields += 1,
            _ => {}
        }
        if depth > JSON_DEPTH || fields > 2 * JSON_FIELDS {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_may_happen_in_all_and_from_each_source_and_then_again_when_the_time_is_over() {
        let mut rate = Rate::new(Duration::from_secs(1), 5, 2);
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_millis(1_001));
        let taken: Vec<bool> = [1, 1, 1, 2, 2, 3, 4].map(|source| rate.allows(source, now)).to_vec();
        assert_eq!(taken, [true, true, false, true, true, true, false]);
        assert!(rate.allows(1, later));
    }

    #[test]
    fn many_sources_are_not_kept_for_ever() {
        let mut rate = Rate::new(Duration::from_hours(1), u32::MAX, 2);
        let now = Instant::now();
        let taken = (0..2 * SOURCES).filter(|source| rate.allows(*source, now)).count();
        assert_eq!((taken, rate.of.len()), (SOURCES, SOURCES));
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let source = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(source("fd00::1"), source("fd00::ffff:2"));
        assert_ne!(source("fd00::1"), source("fd00:0:0:1::1"));
        assert_ne!(source("192.168.1.1"), source("192.168.1.2"));
        assert_eq!(source("::ffff:192.168.1.1"), source("192.168.1.1"));
    }

    #[test]
    fn json_that_is_deep_or_has_many_fields_is_not_read() {
        assert!(json_is_plain(br#"{"a":[1,2,{"b":"{{{{{{{{{{[[[[[[[[[\"[[[[["}]}"#));
        assert!(!json_is_plain("[".repeat(9).as_bytes()));
        assert!(!json_is_plain(format!("[{}]", "1,".repeat(200)).as_bytes()));
        assert!(!json_is_plain("[".repeat(100_000).as_bytes()));
    }
}
