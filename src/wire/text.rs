//! Text → bytes, and bytes → text across split characters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Boundary, Framing};

/// A text encoding, by the names of the WHATWG Encoding Standard.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextEncoding(&'static encoding_rs::Encoding);

/// Those offered for choosing, the most usual first.
pub const OFFERED: [TextEncoding; 8] = [
    TextEncoding(encoding_rs::UTF_8),
    TextEncoding(encoding_rs::GBK),
    TextEncoding(encoding_rs::GB18030),
    TextEncoding(encoding_rs::BIG5),
    TextEncoding(encoding_rs::SHIFT_JIS),
    TextEncoding(encoding_rs::EUC_KR),
    TextEncoding(encoding_rs::UTF_16LE),
    TextEncoding(encoding_rs::WINDOWS_1252),
];

impl Default for TextEncoding {
    fn default() -> Self {
        Self(encoding_rs::UTF_8)
    }
}

impl std::fmt::Debug for TextEncoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl TextEncoding {
    /// The encoding of that name or label, if it is one that can be sent too.
    #[must_use]
    pub fn named(label: &str) -> Option<Self> {
        OFFERED.into_iter().find(|offered| encoding_rs::Encoding::for_label(label.as_bytes()) == Some(offered.0))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Bytes in a code unit: 2 for UTF-16, else 1.
    #[must_use]
    pub fn unit(self) -> u8 {
        if self.0 == encoding_rs::UTF_16LE { 2 } else { 1 }
    }
}

impl Serialize for TextEncoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TextEncoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        Self::named(&label).ok_or_else(|| serde::de::Error::custom(format!("unknown encoding {label:?}")))
    }
}

/// Text as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The first character that the encoding has no bytes for; each such one became `?`.
    pub unmappable: Option<char>,
}

/// Bytes of a character whose other half is still to come; at most 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    bytes: [u8; 3],
    len: u8,
}

/// Bytes as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, with U+FFFD for what is no character.
    pub text: String,
    /// Whether any U+FFFD stands for malformed bytes.
    pub malformed: bool,
    /// What the next message's decoding begins with.
    pub carry: Carry,
}

impl Carry {
    /// The bytes that wait.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

/// Text as bytes of that encoding, no framing added.
#[must_use]
pub fn encode(text: &str, encoding: TextEncoding) -> Encoded {
    todo!("{text} {encoding:?}")
}

/// One message, ready for the wire: encoded, and with its line ending (line and chunk framing) or its
/// length prefix (length framing).
#[must_use]
pub fn encode_message(text: &str, encoding: TextEncoding, framing: Framing, ending: &str) -> Encoded {
    todo!("{text} {encoding:?} {framing:?} {ending}")
}

/// The text of one message: `payload` without its framing, `carry` from the message before (empty, if
/// its boundary was not open), `boundary` the one that ended this message.
#[must_use]
pub fn decode(encoding: TextEncoding, carry: Carry, payload: &[u8], boundary: Boundary) -> Decoded {
    todo!("{encoding:?} {carry:?} {payload:?} {boundary:?}")
}
