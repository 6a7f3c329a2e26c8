//! Where one message ends, as the user chose it, and how that is written in a file or a command.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{LONGEST_MESSAGE, decode_hex, encode_hex};

/// The most bytes of a [`Delimiter`].
pub const LONGEST_DELIMITER: usize = 32;

/// The most bytes before a length prefix, in a message: more count as this many.
pub const MOST_PREFIX_OFFSET: u8 = 64;

/// How a stream of bytes is cut into messages.
///
/// Written in a word or a few: `line`, `length`, `length 2 little itself at 4`, `delimiter 23 23`, `fixed 16`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Framing {
    /// A message ends at LF or CRLF.
    #[default]
    Line,
    /// A message ends with each `recv`.
    Chunk,
    /// A length is before each message, or near its beginning.
    Length(LengthPrefix),
    /// A message ends at CR.
    Cr,
    /// A message ends at these bytes.
    Delimiter(Delimiter),
    /// A message ends after so many bytes.
    Fixed(FixedLength),
    /// A message ends when no byte has come for the quiet time.
    Quiet,
}

impl Framing {
    /// A 4-byte big-endian length before each message: Python's `struct.pack("!I", n)`.
    pub const LENGTH: Self = Self::Length(LengthPrefix::NETWORK);

    /// Whether a line ending is added to what is sent so: not where the number of bytes says where a message ends.
    #[must_use]
    pub fn takes_ending(self) -> bool {
        !matches!(self, Self::Length(_) | Self::Fixed(_))
    }

    /// Whether a message that has not ended is shown after the quiet time, as a tail.
    #[must_use]
    pub fn has_tails(self) -> bool {
        matches!(self, Self::Line | Self::Cr | Self::Delimiter(_))
    }

    /// The most bytes of one message that we send so; a longer one is sent as several.
    #[must_use]
    pub fn longest_sent(self) -> usize {
        match self {
            Self::Length(prefix) => prefix.longest(),
            _ => usize::MAX,
        }
    }

    /// A message as it goes on the wire: behind its length, or with this ending. One that is longer than its prefix
    /// can say becomes several.
    #[must_use]
    pub fn wrap(self, mut message: Vec<u8>, ending: &[u8]) -> Vec<u8> {
        match self {
            Self::Length(prefix) if message.len() <= prefix.longest() => {
                message.splice(0..0, prefix.header_of(message.len()));
                message
            }
            Self::Length(prefix) => {
                let parts = message.chunks(prefix.longest());
                parts.flat_map(|part| prefix.header_of(part.len()).into_iter().chain(part.iter().copied())).collect()
            }
            Self::Fixed(_) => message,
            Self::Line | Self::Chunk | Self::Cr | Self::Delimiter(_) | Self::Quiet => {
                message.extend_from_slice(ending);
                message
            }
        }
    }
}

/// Bytes of the user's that end a message: 1 to [`LONGEST_DELIMITER`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delimiter {
    length: u8,
    /// Those behind the length are 0.
    bytes: [u8; LONGEST_DELIMITER],
}

impl Delimiter {
    /// These bytes; `None` if there are none, or too many.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut all = [0; LONGEST_DELIMITER];
        all.get_mut(..bytes.len())?.copy_from_slice(bytes);
        (!bytes.is_empty()).then_some(Self { length: bytes.len() as u8, bytes: all })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or_default()
    }
}

impl fmt::Debug for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delimiter({})", encode_hex(self.as_slice()))
    }
}

/// Bytes in each message of [`Framing::Fixed`]: 1 to [`LONGEST_MESSAGE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FixedLength(u32);

impl FixedLength {
    /// So many bytes, if a message may have them.
    #[must_use]
    pub fn new(bytes: usize) -> Option<Self> {
        (1..=LONGEST_MESSAGE).contains(&bytes).then_some(Self(bytes as u32))
    }

    /// How many bytes.
    #[must_use]
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// A length that is before each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LengthPrefix {
    /// How many bytes it has.
    pub width: PrefixWidth,
    /// In which order they are.
    pub order: ByteOrder,
    /// Whether it counts all of the message, itself and what is before it too; else what is behind it.
    pub counts_itself: bool,
    /// How many bytes of the message are before it, at most [`MOST_PREFIX_OFFSET`]. We send them as 0.
    pub offset: u8,
}

/// Bytes of a [`LengthPrefix`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PrefixWidth {
    /// 0 to 255.
    One,
    /// 0 to 65,535.
    Two,
    /// 0 to 4,294,967,295.
    #[default]
    Four,
}

/// In which order the bytes of a number are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum ByteOrder {
    /// The highest first, as in the headers of TCP/IP.
    #[default]
    Big,
    /// The lowest first.
    Little,
}

impl PrefixWidth {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Four];

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// That of so many bytes, if there is one.
    #[must_use]
    pub fn of(bytes: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|width| width.bytes() == bytes)
    }
}

impl LengthPrefix {
    /// Python's `struct.pack("!I", n)`.
    pub const NETWORK: Self = Self { width: PrefixWidth::Four, order: ByteOrder::Big, counts_itself: false, offset: 0 };

    /// Bytes up to its last one, from the beginning of a message.
    #[must_use]
    pub fn header(self) -> usize {
        usize::from(self.offset.min(MOST_PREFIX_OFFSET)) + self.width.bytes()
    }

    /// The number in the first bytes of a message, as it is written there. `None` if they are too few.
    #[must_use]
    pub fn number(self, header: &[u8]) -> Option<u32> {
        let bytes = header.get(self.header() - self.width.bytes()..self.header())?;
        let digit = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        Some(match self.order {
            ByteOrder::Big => bytes.iter().fold(0, digit),
            ByteOrder::Little => bytes.iter().rev().fold(0, digit),
        })
    }

    /// How many bytes follow it, where it has this number; `None` if it counts fewer bytes than are up to its end.
    #[must_use]
    pub fn following(self, number: u32) -> Option<u32> {
        if self.counts_itself { number.checked_sub(self.header() as u32) } else { Some(number) }
    }

    /// The most bytes that can follow it.
    #[must_use]
    pub fn longest(self) -> usize {
        let most = u32::MAX >> (32 - 8 * self.width.bytes());
        self.following(most).unwrap_or_default() as usize
    }

    /// The first bytes of a message in which so many follow them, at most [`Self::longest`].
    fn header_of(self, following: usize) -> Vec<u8> {
        let counted = following + if self.counts_itself { self.header() } else { 0 };
        let number = u32::try_from(counted).unwrap_or(u32::MAX);
        let mut header = vec![0; self.header() - self.width.bytes()];
        match self.order {
            ByteOrder::Big => header.extend(number.to_be_bytes().iter().skip(4 - self.width.bytes())),
            ByteOrder::Little => header.extend(number.to_le_bytes().iter().take(self.width.bytes())),
        }
        header
    }
}

/// A text that is no [`Framing`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not where a message ends")]
pub struct NotAFraming(pub String);

impl FromStr for Framing {
    type Err = NotAFraming;

    fn from_str(text: &str) -> Result<Self, NotAFraming> {
        let (name, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let framing = match (name, rest.trim()) {
            ("line", "") => Some(Self::Line),
            ("chunk", "") => Some(Self::Chunk),
            ("cr", "") => Some(Self::Cr),
            ("quiet", "") => Some(Self::Quiet),
            ("length", prefix) => prefix_of(prefix).map(Self::Length),
            ("fixed", bytes) => bytes.parse().ok().and_then(FixedLength::new).map(Self::Fixed),
            ("delimiter", hex) => decode_hex(hex).ok().and_then(|bytes| Delimiter::new(&bytes)).map(Self::Delimiter),
            _ => None,
        };
        framing.ok_or_else(|| NotAFraming(text.chars().take(80).collect()))
    }
}

/// What is behind `length`: `2 little itself at 4`, each of which may be missing.
fn prefix_of(text: &str) -> Option<LengthPrefix> {
    let mut prefix = LengthPrefix::NETWORK;
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "big" => prefix.order = ByteOrder::Big,
            "little" => prefix.order = ByteOrder::Little,
            "itself" => prefix.counts_itself = true,
            "at" => prefix.offset = words.next()?.parse().ok().filter(|offset| *offset <= MOST_PREFIX_OFFSET)?,
            bytes => prefix.width = bytes.parse().ok().and_then(PrefixWidth::of)?,
        }
    }
    Some(prefix)
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str("line"),
            Self::Chunk => f.write_str("chunk"),
            Self::Cr => f.write_str("cr"),
            Self::Quiet => f.write_str("quiet"),
            Self::Fixed(length) => write!(f, "fixed {}", length.get()),
            Self::Delimiter(delimiter) => write!(f, "delimiter {}", encode_hex(delimiter.as_slice())),
            // As it was written when there was one prefix only.
            Self::Length(LengthPrefix::NETWORK) => f.write_str("length"),
            Self::Length(prefix) => {
                let order = if prefix.order == ByteOrder::Big { "big" } else { "little" };
                write!(f, "length {} {order}", prefix.width.bytes())?;
                f.write_str(if prefix.counts_itself { " itself" } else { "" })?;
                if prefix.offset > 0 { write!(f, " at {}", prefix.offset.min(MOST_PREFIX_OFFSET)) } else { Ok(()) }
            }
        }
    }
}

impl TryFrom<String> for Framing {
    type Error = NotAFraming;

    fn try_from(text: String) -> Result<Self, NotAFraming> {
        text.parse()
    }
}

impl From<Framing> for String {
    fn from(framing: Framing) -> Self {
        framing.to_string()
    }
}

impl TryFrom<String> for Delimiter {
    type Error = NotAFraming;

    fn try_from(hex: String) -> Result<Self, NotAFraming> {
        decode_hex(&hex).ok().and_then(|bytes| Self::new(&bytes)).ok_or(NotAFraming(hex))
    }
}

impl From<Delimiter> for String {
    fn from(delimiter: Delimiter) -> Self {
        encode_hex(delimiter.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framing_is_read_as_it_is_written_and_what_is_none_is_refused() {
        for text in [
            "line",
            "chunk",
            "cr",
            "quiet",
            "length",
            "length 1 big",
            "length 2 little itself at 4",
            "length 4 big at 64",
            "fixed 65536",
            "delimiter 23 23 0d 0a",
        ] {
            assert_eq!(text.parse::<Framing>().map(|framing| framing.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("length 4 big".parse(), Ok(Framing::LENGTH));
        assert_eq!("delimiter 0x0d0A".parse(), Ok(Framing::Delimiter(Delimiter::new(b"\r\n").unwrap())));
        let long = format!("delimiter {}", "00".repeat(LONGEST_DELIMITER + 1));
        for text in ["", "lines", "line 2", "length 3", "length at", "length at 65", "fixed 0", "fixed 65537", &long] {
            assert!(text.parse::<Framing>().is_err(), "{text}");
        }
        assert!("delimiter".parse::<Framing>().is_err());
    }

    #[test]
    fn what_is_longer_than_its_prefix_can_say_is_sent_as_several() {
        let one = LengthPrefix { width: PrefixWidth::One, ..LengthPrefix::NETWORK };
        let sent = Framing::Length(one).wrap(vec![b'a'; 300], b"\n");
        assert_eq!((sent.len(), sent[0], sent[256]), (302, 255, 45));
        assert_eq!(Framing::Length(one).wrap(Vec::new(), b"\n"), [0]);
        let itself = LengthPrefix { counts_itself: true, offset: 2, width: PrefixWidth::Two, order: ByteOrder::Little };
        assert_eq!(Framing::Length(itself).wrap(b"abc".to_vec(), b"\n"), b"\0\0\x07\0abc");
        assert_eq!((itself.longest(), LengthPrefix::NETWORK.longest()), (65_531, u32::MAX as usize));
        assert_eq!(itself.following(3), None);
    }
}
