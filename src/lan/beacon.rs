//! Beacons: one small JSON object in a packet, by which Sockhops find each other. Nothing in one is certain.

use serde::{Deserialize, Serialize};

use super::{Me, limits::json_is_plain};
use crate::chat::{PersonColour, PersonId, Presence, json_length};

/// Bytes of a beacon; a longer packet is none.
pub const LONGEST_BEACON: usize = 1_200;

/// Bytes of a name in a beacon; a longer one is no beacon's.
const LONGEST_NAME: usize = 400;

/// The first version, and the only one.
const VERSION: u32 = 1;

/// What a beacon is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Who is there?
    Ask,
    /// I am.
    Here,
    /// I am not any more.
    Bye,
}

/// A beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// What it is for.
    pub purpose: Purpose,
    /// Who says that they sent it.
    pub id: PersonId,
    /// A number of this run of theirs.
    pub run: u64,
    /// Counts the beacons of the run; all copies of one have the same.
    pub n: u64,
    /// What they call themselves; not to be shown as it is.
    pub name: String,
    /// Their colour.
    pub colour: PersonColour,
    /// Whether they are there.
    pub presence: Presence,
    /// The port where they take links.
    pub tcp: u16,
    /// The port of their bare server.
    pub door: Option<u16>,
}

#[derive(Serialize, Deserialize)]
struct Json<'b> {
    sockhop: u32,
    t: Purpose,
    id: std::borrow::Cow<'b, str>,
    run: u64,
    n: u64,
    name: std::borrow::Cow<'b, str>,
    colour: u8,
    state: std::borrow::Cow<'b, str>,
    tcp: u16,
    #[serde(default)]
    door: Option<u16>,
}

impl Beacon {
    /// Ours.
    #[must_use]
    pub fn ours(purpose: Purpose, id: PersonId, (run, n): (u64, u64), me: &Me, tcp: u16) -> Self {
        Self {
            purpose,
            id,
            run,
            n,
            name: me.name.clone(),
            colour: me.colour,
            presence: me.presence,
            tcp,
            door: me.door.map(|door| door.port()),
        }
    }

    /// As a packet.
    #[must_use]
    pub fn to_packet(&self) -> Vec<u8> {
        let mut name = self.name.as_str();
        while name.len() > LONGEST_NAME / 2 || json_length(name) > LONGEST_NAME {
            let mut shorter = name.chars();
            shorter.next_back();
            name = shorter.as_str();
        }
        let json = Json {
            sockhop: VERSION,
            t: self.purpose,
            id: self.id.to_string().into(),
            run: self.run,
            n: self.n,
            name: name.into(),
            colour: self.colour.number(),
            state: self.presence.name().into(),
            tcp: self.tcp,
            door: self.door,
        };
        serde_json::to_vec(&json).unwrap_or_default()
    }

    /// What a packet says, if it is a beacon.
    #[must_use]
    pub fn from_packet(packet: &[u8]) -> Option<Self> {
        if packet.len() > LONGEST_BEACON || !json_is_plain(packet) {
            return None;
        }
        let json: Json<'_> = serde_json::from_slice(packet).ok()?;
        if json.sockhop != VERSION || json.name.len() > LONGEST_NAME || json.tcp == 0 {
            return None;
        }
        Some(Self {
            purpose: json.t,
            id: json.id.parse().ok()?,
            run: json.run,
            n: json.n,
            name: json.name.into_owned(),
            colour: PersonColour::new(json.colour),
            presence: Presence::named(&json.state),
            tcp: json.tcp,
            door: json.door.filter(|port| *port != 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beacon(name: &str) -> Beacon {
        let me = Me {
            name: name.to_owned(),
            colour: PersonColour::new(3),
            presence: Presence::Busy,
            door: "0.0.0.0:8888".parse().ok(),
            receipts: true,
        };
        Beacon::ours(Purpose::Ask, PersonId([7; 32]), (u64::MAX, 5), &me, 28_888)
    }

    #[test]
    fn a_beacon_is_read_as_it_was_written_and_as_the_page_says() {
        let one = beacon("三排二座");
        let packet = one.to_packet();
        assert_eq!(Beacon::from_packet(&packet), Some(one));
        let text = String::from_utf8(packet).unwrap();
        assert!(text.starts_with(r#"{"sockhop":1,"t":"ask","id":"BwcH"#), "{text}");
        assert!(text.contains(r#""name":"三排二座","colour":3,"state":"busy","tcp":28888,"door":8888}"#), "{text}");
    }

    #[test]
    fn a_long_name_still_makes_a_beacon_that_others_take() {
        for name in ["机".repeat(500), "\u{1}".repeat(500), "\"".repeat(500)] {
            let packet = beacon(&name).to_packet();
            assert!(packet.len() <= LONGEST_BEACON, "{}", packet.len());
            assert!(Beacon::from_packet(&packet).is_some());
        }
    }

    #[test]
    fn what_is_no_beacon_is_none() {
        let good = String::from_utf8(beacon("a").to_packet()).unwrap();
        let with = |from: &str, to: &str| good.replace(from, to);
        for wrong in [
            String::new(),
            "{}".to_owned(),
            with("\"sockhop\":1", "\"sockhop\":2"),
            with("\"ask\"", "\"shout\""),
            with("28888", "0"),
            with("28888", "65536"),
            with("BwcH", "Bwc"),
            with("\"a\"", &format!("\"{}\"", "a".repeat(401))),
            with("\"a\"", &"[".repeat(100)),
            format!("{good}{}", " ".repeat(LONGEST_BEACON)),
        ] {
            assert_eq!(Beacon::from_packet(wrong.as_bytes()), None, "{wrong}");
        }
        let more = with("\"door\"", "\"later\":true,\"door\"");
        assert!(Beacon::from_packet(more.as_bytes()).is_some(), "a later version may say more");
    }
}
