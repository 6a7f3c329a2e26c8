//! A person on this network: another Sockhop, known by its key.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::SessionId;
use crate::wire::mark;

/// Bytes of a text to a person, as JSON writes them; a longer one is not taken.
pub const LONGEST_PERSON_TEXT: usize = 60 * 1024;

/// How many bytes this text has as JSON writes it, without the quotes (RFC 8259 section 7).
#[must_use]
pub fn json_length(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

/// Characters of a person's name; what is longer is cut.
pub const LONGEST_PERSON_NAME: usize = 32;

/// Who: an Ed25519 public key (RFC 8032). The name is a label beside it. Written as base64url without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub [u8; 32]);

/// What is no [`PersonId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a person: 43 characters of base64url")]
pub struct NoPersonId;

impl PersonId {
    /// A few characters of the key, to tell people of one name apart: 40 bits in base32, as `k7f2 9q3d`. Whoever takes
    /// the trouble finds a key with the same ones, so it proves nothing.
    #[must_use]
    pub fn tag(&self) -> String {
        let bits = self.0.iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let mut tag = String::with_capacity(9);
        for place in 0..8_u32 {
            if place == 4 {
                tag.push(' ');
            }
            let digit = bits >> (35 - 5 * place) & 31;
            tag.extend(TAG_DIGITS.get(digit as usize).map(|digit| char::from(*digit)));
        }
        tag
    }
}

/// Without those that are read as others: i, l, o, u.
const TAG_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonId({self})")
    }
}

impl FromStr for PersonId {
    type Err = NoPersonId;

    fn from_str(text: &str) -> Result<Self, NoPersonId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoPersonId)?;
        bytes.try_into().map(Self).map_err(|_| NoPersonId)
    }
}

/// A name as it may be shown: at most [`LONGEST_PERSON_NAME`] characters, none that cannot be seen, and white space only
/// between words. Of a name that is nothing else, the key's tag.
#[must_use]
pub fn person_name(text: &str, id: &PersonId) -> String {
    let seen: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| mark(*c).is_none()).collect();
    let words: Vec<&str> = seen.split(' ').filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(LONGEST_PERSON_NAME).collect();
    if name.is_empty() { id.tag() } else { name.trim_end().to_owned() }
}

/// One of the eight colours that a person may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersonColour(u8);

impl PersonColour {
    /// How many there are.
    pub const COUNT: u8 = 8;

    /// The colour of that number; of a number that none has, another.
    #[must_use]
    pub fn new(number: u8) -> Self {
        Self(number % Self::COUNT)
    }

    /// Its number, from 0 on.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// What a person says of themselves while they are on this network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// At the computer.
    #[default]
    Here,
    /// Away from it.
    Away,
    /// Not to be disturbed.
    Busy,
}

impl Stream {
    /// What stands for a message of this numbering, written then: another one where a second copy of a data folder gave
    /// its number to another message. In its upper 48 bits is when, by the writer's clock ([`Self::written`]).
    #[must_use]
    pub fn mark(epoch: Epoch, n: u64, at: Timestamp) -> u64 {
        // The finalizer of MurmurHash3. It outlives the program, so it can't be the hasher of a version of Rust.
        let mix = |word: u64| {
            let word = (word ^ word >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
            let word = (word ^ word >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
            word ^ word >> 33
        };
        let told_apart = mix(mix(epoch.0) ^ mix(n.rotate_left(32)) ^ at.as_nanosecond() as u64);
        (at.as_millisecond() as u64) << MARKS_BITS | told_apart >> (64 - MARKS_BITS)
    }

    /// When a message was written, in milliseconds since 1970, by its mark.
    #[must_use]
    pub fn written(mark: u64) -> i64 {
        (mark >> MARKS_BITS) as i64
    }
}

/// Bits of a mark that tell messages of one millisecond apart.
const MARKS_BITS: u32 = 16;

impl Presence {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Here, Self::Away, Self::Busy];

    /// The word in beacons and in `--json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Away => "away",
            Self::Busy => "busy",
        }
    }

    /// The presence of that word; of another word, the first.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|presence| presence.name() == name).unwrap_or_default()
    }
}

/// A numbering of one direction between two keys: random, and another one after what was numbered is not known any more.
/// 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epoch(pub u64);

/// How far a direction between two people has come. Messages are numbered from 1 on within an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// In which numbering.
    pub epoch: Epoch,
    /// The number of the last message: of ours, that was written; of theirs, that is on our disk.
    pub last: u64,
    /// What stands for that message of theirs, or for the last of ours that is on their disk: [`Self::last`] alone would
    /// not tell a numbering that two copies of a data folder went on with.
    pub mark: u64,
    /// The number of the last that is on the receiver's disk.
    pub delivered: u64,
    /// The number of the last that was read.
    pub read: u64,
}

/// What is kept of a person: with the key pinned at first contact, how far both directions are, and what the user decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonRecord {
    /// Who.
    pub id: PersonId,
    /// The conversation with them, for ever.
    pub session: SessionId,
    /// What they call themselves, as it may be shown.
    pub name: String,
    /// Their colour.
    pub colour: PersonColour,
    /// When the key was met first.
    pub met: Timestamp,
    /// When both have compared six digits and found them the same; none, if they have not.
    pub verified: Option<Timestamp>,
    /// Nothing is sent to them or taken from them.
    pub blocked: bool,
    /// Not in the list of people any more, until they are met again.
    pub forgotten: bool,
    /// The key is new, its name is that of somebody verified, and the user has not said that this is right: nothing is
    /// sent.
    pub warns: bool,
    /// What we write.
    pub ours: Stream,
    /// What they write.
    pub theirs: Stream,
    /// Counts what was decided about them in this run; not kept.
    pub step: u64,
}

/// Why a message to a person is not delivered, and never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The user took it back before it was sent.
    Cancelled,
    /// The user blocked the person.
    Blocked,
    /// The person was not met for 30 days.
    Expired,
}

/// Something that happened between a person and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonHappening {
    /// What follows went over an encrypted link, to the key of this conversation.
    Linked,
    /// There is no link: what follows waits.
    NotLinked,
    /// Both have seen the same six digits.
    Verified,
    /// The six digits were not the same.
    CodesDiffered,
    /// This key is new, and its name is that of a person who was verified.
    NewKeyUnderVerifiedName,
    /// The user blocked the person.
    Blocked,
    /// The user blocks them no more.
    Unblocked,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written_and_nothing_else_is_one() {
        let id = PersonId(std::array::from_fn(|at| (at * 7) as u8));
        let text = id.to_string();
        assert_eq!((text.len(), text.parse()), (43, Ok(id)));
        let padded = format!("{text}=");
        let last_bits = format!("{}B", &text[..42]);
        for wrong in ["", "a", &text[1..], &padded, &last_bits, &text.replace('A', "+")] {
            assert_eq!(wrong.parse::<PersonId>(), Err(NoPersonId), "{wrong}");
        }
        assert_eq!(PersonId([255; 32]).tag(), "zzzz zzzz");
        assert_eq!(PersonId([0; 32]).tag(), "0000 0000");
        assert_eq!(id.tag(), "003g w58w");
    }

    #[test]
    fn a_name_has_only_what_can_be_seen_and_is_short() {
        let id = PersonId::default();
        for (text, name) in [
            ("Lab PC 3", "Lab PC 3"),
            ("  三排  二座\n", "三排 二座"),
            ("a\u{202e}b\u{200b}c\u{7}", "abc"),
            ("\u{feff}\u{61c}", "0000 0000"),
            ("", "0000 0000"),
        ] {
            assert_eq!(person_name(text, &id), name, "{text:?}");
        }
        let long = "机".repeat(100);
        assert_eq!(person_name(&long, &id).chars().count(), LONGEST_PERSON_NAME);
        let cut_at_a_space = format!("{} b", "a".repeat(31));
        assert_eq!(person_name(&cut_at_a_space, &id), "a".repeat(31));
    }

    #[test]
    fn a_text_is_as_long_as_json_writes_it() {
        let text: String = (0..0x250_u32).chain([0x4f60, 0x1f600]).filter_map(char::from_u32).collect();
        assert_eq!(json_length(&text) + 2, serde_json::to_string(&text).unwrap().len());
    }

    #[test]
    fn a_presence_is_known_again_by_its_word() {
        for presence in Presence::ALL {
            assert_eq!(Presence::named(presence.name()), presence);
        }
        assert_eq!(Presence::named("asleep"), Presence::Here);
    }
}
