//! Text → bytes, and bytes → text across split characters.

use encoding_rs::{CoderResult, Decoder, DecoderResult, EncoderResult};
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

/// Those that bytes are read as side by side: the ones offered, and UTF-16 with its bytes the other way round.
pub const READ_AS: [TextEncoding; 9] = [
    TextEncoding(encoding_rs::UTF_8),
    TextEncoding(encoding_rs::GBK),
    TextEncoding(encoding_rs::GB18030),
    TextEncoding(encoding_rs::BIG5),
    TextEncoding(encoding_rs::SHIFT_JIS),
    TextEncoding(encoding_rs::EUC_KR),
    TextEncoding(encoding_rs::UTF_16LE),
    TextEncoding(encoding_rs::UTF_16BE),
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
        // The standard of the web has it in small letters (Encoding Standard, 4.2); the standard of its name has not.
        if self.0 == encoding_rs::GB18030 { "GB18030" } else { self.0.name() }
    }

    /// Bytes in a code unit: 2 for UTF-16, else 1.
    #[must_use]
    pub fn unit(self) -> u8 {
        if self.0 == encoding_rs::UTF_16LE || self.0 == encoding_rs::UTF_16BE { 2 } else { 1 }
    }

    /// A decoder at the start of a text. A byte order mark is a character to it like any other.
    pub(super) fn decoder(self) -> Decoder {
        self.0.new_decoder_without_bom_handling()
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
pub struct SplitChar {
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
    pub split_char: SplitChar,
}

impl SplitChar {
    /// The most bytes that wait.
    pub const LONGEST: usize = 3;

    /// These bytes; none, if they are too many to wait.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self::of_last(bytes.len(), Self::default(), bytes)
    }

    /// The bytes that wait.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }

    /// The last `count` of the bytes of `before` and `payload` together; none, if they are too many to wait.
    fn of_last(count: usize, before: Self, payload: &[u8]) -> Self {
        let mut last = Self::default();
        let all = before.as_slice().iter().chain(payload);
        if let Some(skipped) = (usize::from(before.len) + payload.len()).checked_sub(count)
            && count <= last.bytes.len()
        {
            for (place, byte) in last.bytes.iter_mut().zip(all.skip(skipped)) {
                *place = *byte;
            }
            last.len = count as u8;
        }
        last
    }
}

/// Text as bytes of that encoding, no framing added.
///
/// What results from it for a character with no bytes of its own is the WHATWG Encoding Standard's
/// (section 4.3, without its character references); `Shift_JIS`, for one, sends `¥` as `\\`.
#[must_use]
pub fn encode(text: &str, encoding: TextEncoding) -> Encoded {
    if encoding.0 == encoding_rs::UTF_8 {
        return Encoded { bytes: text.into(), unmappable: None };
    }
    if encoding.0 == encoding_rs::UTF_16LE {
        // By hand: the standard has nothing encoded as UTF-16, and so encoding_rs can't.
        let mut bytes = Vec::with_capacity(text.len() * 2);
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        return Encoded { bytes, unmappable: None };
    }
    if encoding.0 == encoding_rs::UTF_16BE {
        let bytes = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        return Encoded { bytes, unmappable: None };
    }
    let mut encoder = encoding.0.new_encoder();
    let mut bytes = Vec::new();
    let mut unmappable = None;
    let mut rest = text;
    loop {
        bytes.reserve(encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len() + 16));
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return Encoded { bytes, unmappable },
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                unmappable = unmappable.or(Some(character));
                // A `?` of its own is right as none of the encodings offered has shift states.
                bytes.push(b'?');
            }
        }
    }
}

/// One message, ready for the wire: encoded, and as [`Framing::wrap`] has it.
#[must_use]
pub fn encode_message(text: &str, encoding: TextEncoding, framing: Framing, ending: &[u8]) -> Encoded {
    let Encoded { bytes, unmappable } = encode(text, encoding);
    Encoded { bytes: framing.wrap(bytes, ending), unmappable }
}

/// The text of bytes that are all of one; None, where some of them are none.
#[must_use]
pub fn decode_whole(encoding: TextEncoding, bytes: &[u8]) -> Option<String> {
    let decoded = decode(encoding, SplitChar::default(), bytes, Boundary::EndOfStream);
    (!decoded.malformed).then_some(decoded.text)
}

/// The text of one message: `payload` without its framing, `split_char` from the message before (empty, if
/// its boundary was not open), `boundary` the one that ended this message.
///
/// Where the boundary is open, a character of which only the beginning is there waits in
/// [`Decoded::split_char`]; else it is malformed. A byte order mark is a character like any other.
#[must_use]
pub fn decode(encoding: TextEncoding, split_char: SplitChar, payload: &[u8], boundary: Boundary) -> Decoded {
    if encoding.0 == encoding_rs::UTF_8
        && split_char.len == 0
        && let Ok(text) = std::str::from_utf8(payload)
    {
        return Decoded { text: text.to_owned(), malformed: false, split_char };
    }
    let mut decoder = encoding.decoder();
    let mut text = String::new();
    let mut malformed = feed(&mut decoder, split_char.as_slice(), &mut text);
    malformed |= feed(&mut decoder, payload, &mut text);

    text.reserve(LONGEST_CHARACTER);
    let incomplete = match decoder.decode_to_string_without_replacement(&[], &mut text, true).0 {
        DecoderResult::Malformed(bytes, _) => usize::from(bytes),
        DecoderResult::InputEmpty | DecoderResult::OutputFull => 0,
    };
    let waits =
        if boundary.is_open() { SplitChar::of_last(incomplete, split_char, payload) } else { SplitChar::default() };
    if usize::from(waits.len) < incomplete {
        text.push(char::REPLACEMENT_CHARACTER);
        malformed = true;
    }
    Decoded { text, malformed, split_char: waits }
}

/// Append what `bytes` mean, and return whether any were malformed.
fn feed(decoder: &mut Decoder, mut bytes: &[u8], text: &mut String) -> bool {
    let mut malformed = false;
    loop {
        text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()).max(LONGEST_CHARACTER));
        let (result, read, errors) = decoder.decode_to_string(bytes, text, false);
        malformed |= errors;
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            CoderResult::InputEmpty => return malformed,
            CoderResult::OutputFull => {}
        }
    }
}

/// Room for any character, in bytes of UTF-8, with some to spare as `encoding_rs` wants.
const LONGEST_CHARACTER: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> TextEncoding {
        TextEncoding::named(name).unwrap()
    }

    #[test]
    fn a_split_character_waits_for_its_other_half() {
        for (name, first, carried, second, text) in [
            ("utf-8", &b"a\xe4\xbd"[..], 2, &b"\xa0"[..], "你"),
            ("utf-8", b"a\xf0\x9f\x98", 3, b"\x80", "😀"),
            ("gbk", b"a\xc4", 1, b"\xe3", "你"),
            ("gb18030", b"a\x94\x39\xfc", 3, b"\x36", "😀"),
            ("big5", b"a\xa7", 1, b"\x41", "你"),
            ("shift_jis", b"a\x82", 1, b"\xa0", "あ"),
            ("euc-kr", b"a\xb0", 1, b"\xa1", "가"),
            ("utf-16le", b"a\0\x60", 1, b"\x4f", "你"),
            ("utf-16le", b"a\0\x3d\xd8", 2, b"\x00\xde", "😀"),
            ("utf-16le", b"a\0\x3d\xd8\x00", 3, b"\xde", "😀"),
        ] {
            let before = decode(named(name), SplitChar::default(), first, Boundary::Quiet);
            assert_eq!((before.text.as_str(), before.malformed), ("a", false), "{name}");
            assert_eq!(before.split_char.as_slice(), &first[first.len() - carried..], "{name}");
            let after = decode(named(name), before.split_char, second, Boundary::Newline);
            assert_eq!(
                (after.text.as_str(), after.malformed, after.split_char),
                (text, false, SplitChar::default()),
                "{name}"
            );
        }
    }

    #[test]
    fn a_character_comes_together_from_single_bytes() {
        let (mut text, mut split_char) = (String::new(), SplitChar::default());
        for byte in "你😀".bytes() {
            let decoded = decode(TextEncoding::default(), split_char, &[byte], Boundary::Recv);
            text += &decoded.text;
            split_char = decoded.split_char;
        }
        assert_eq!(text, "你😀");
    }

    #[test]
    fn half_a_character_at_the_end_of_a_message_is_malformed() {
        let decoded = decode(TextEncoding::default(), SplitChar::default(), b"a\xe4\xbd", Boundary::Newline);
        assert_eq!(
            (decoded.text.as_str(), decoded.malformed, decoded.split_char),
            ("a\u{fffd}", true, SplitChar::default())
        );
    }

    #[test]
    fn a_replacement_character_that_was_sent_is_not_malformed() {
        let decoded = decode(TextEncoding::default(), SplitChar::default(), "\u{fffd}".as_bytes(), Boundary::Newline);
        assert_eq!((decoded.text.as_str(), decoded.malformed), ("\u{fffd}", false));
    }

    #[test]
    fn a_byte_order_mark_is_a_character_and_chooses_no_encoding() {
        let decoded = decode(named("gbk"), SplitChar::default(), b"\xef\xbb\xbf", Boundary::EndOfStream);
        assert_ne!(decoded.text, "");
        let decoded = decode(TextEncoding::default(), SplitChar::default(), b"\xef\xbb\xbfa\xff", Boundary::Newline);
        assert_eq!(decoded.text, "\u{feff}a\u{fffd}");
    }

    #[test]
    fn a_character_without_bytes_becomes_a_question_mark_and_the_first_is_named() {
        let encoded = encode("a你b😀c", named("windows-1252"));
        assert_eq!((encoded.bytes.as_slice(), encoded.unmappable), (&b"a?b?c"[..], Some('你')));
        let encoded = encode("你😀", named("gbk"));
        assert_eq!((encoded.bytes.as_slice(), encoded.unmappable), (&b"\xc4\xe3?"[..], Some('😀')));
    }

    #[test]
    fn a_message_has_its_ending_or_its_prefix() {
        let sent = |encoding, framing, ending: &[u8]| encode_message("你", encoding, framing, ending).bytes;
        let utf_8 = TextEncoding::default();
        assert_eq!(sent(utf_8, Framing::Line, b"\n"), b"\xe4\xbd\xa0\n");
        assert_eq!(sent(utf_8, Framing::Chunk, b"\r\n"), b"\xe4\xbd\xa0\r\n");
        assert_eq!(sent(utf_8, Framing::Chunk, b""), b"\xe4\xbd\xa0");
        assert_eq!(sent(utf_8, Framing::LENGTH, b"\n"), b"\0\0\0\x03\xe4\xbd\xa0");
        assert_eq!(sent(named("utf-16le"), Framing::Line, b"\r\0\n\0"), b"\x60\x4f\r\0\n\0");
    }

    #[test]
    fn an_encoding_is_known_by_its_labels_and_only_if_it_is_offered() {
        assert_eq!(named("gb2312"), named("GBK"));
        assert_eq!(named("latin1").name(), "windows-1252");
        assert_eq!(TextEncoding::named("iso-2022-jp"), None);
        assert_eq!(TextEncoding::named("klingon"), None);
    }

    #[test]
    fn utf_16_has_two_bytes_a_unit_either_way_round() {
        for encoding in READ_AS {
            let is_utf_16 = encoding.name().starts_with("UTF-16");
            assert_eq!(encoding.unit(), if is_utf_16 { 2 } else { 1 });
            let bytes = encode("a", encoding).bytes;
            assert_eq!(
                bytes,
                match encoding.name() {
                    "UTF-16LE" => &b"a\0"[..],
                    "UTF-16BE" => b"\0a",
                    _ => b"a",
                }
            );
        }
    }

    #[test]
    fn more_bytes_than_may_wait_do_not() {
        assert_eq!(SplitChar::new(b"abc").as_slice(), b"abc");
        assert_eq!(SplitChar::new(b"abcd"), SplitChar::default());
    }
}
