//! Which bytes are which character, in any encoding, for looking at them.

use std::ops::Range;

use encoding_rs::DecoderResult;

use super::{
    Boundary,
    marks::mark,
    text::{SplitChar, TextEncoding},
};

/// A few bytes and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes, counted from the first byte of the split character, which is before the payload.
    pub bytes: Range<usize>,
    /// What they are.
    pub is: Meaning,
}

/// What a few bytes are in an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A character.
    Character(char),
    /// A character and a combining mark that share their bytes (Big5 has four such).
    Pair(char, char),
    /// No character.
    Malformed,
    /// The beginning of a character whose other bytes are in the next message.
    Unfinished,
}

impl Meaning {
    /// What it is shown as: nothing where it continues in the next message.
    pub fn chars(self) -> impl Iterator<Item = char> {
        let (first, second) = match self {
            Self::Character(character) => (Some(character), None),
            Self::Pair(first, second) => (Some(first), Some(second)),
            Self::Malformed => (Some(char::REPLACEMENT_CHARACTER), None),
            Self::Unfinished => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// The pieces of a message in that encoding, in order; laid end to end they are `split_char` and `payload`, and
/// their characters are the text that [`super::text::decode`] gives. Each is found only when it is asked for.
#[must_use]
pub fn pieces(encoding: TextEncoding, split_char: SplitChar, payload: &[u8], boundary: Boundary) -> Pieces<'_> {
    Pieces { encoding, split_char, payload, boundary, at: 0 }
}

/// See [`pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'p> {
    encoding: TextEncoding,
    split_char: SplitChar,
    payload: &'p [u8],
    boundary: Boundary,
    at: usize,
}

impl Pieces<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        let carried = self.split_char.as_slice();
        at.checked_sub(carried.len()).map_or_else(|| carried.get(at), |at| self.payload.get(at)).copied()
    }

    fn piece(&self, bytes: usize, is: Meaning) -> Piece {
        Piece { bytes: self.at..self.at + bytes, is }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        self.byte(self.at)?;
        // None of the encodings has shift states: each character may be decoded on its own.
        let mut decoder = self.encoding.decoder();
        let mut text = String::with_capacity(ROOM);
        let mut read = 0;
        let piece = loop {
            let (fed, last) = match self.byte(self.at + read) {
                Some(byte) => (Some(byte), false),
                None => (None, true),
            };
            read += usize::from(fed.is_some());
            let (result, ..) = decoder.decode_to_string_without_replacement(fed.as_slice(), &mut text, last);
            if let DecoderResult::Malformed(bytes, _) = result {
                let bytes = usize::from(bytes).max(1);
                let waits = last && self.boundary.is_open() && bytes <= SplitChar::LONGEST;
                break self.piece(bytes, if waits { Meaning::Unfinished } else { Meaning::Malformed });
            }
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(first), Some(second)) => break self.piece(read, Meaning::Pair(first, second)),
                (Some(character), None) => break self.piece(read, Meaning::Character(character)),
                // Not reached: at the end, half a character is malformed.
                (None, _) if last => break self.piece(read, Meaning::Malformed),
                (None, _) => {}
            }
        };
        self.at = piece.bytes.end;
        Some(piece)
    }
}

/// Where bytes are no characters of an encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// How many pieces are malformed.
    pub count: usize,
    /// Where in the payload the first of them begin, at most [`FAULTS_TOLD`].
    pub first: Vec<usize>,
}

/// Places of malformed bytes that are reported; the rest is counted.
pub const FAULTS_TOLD: usize = 4;

/// What of `payload`, with nothing before it, is malformed in that encoding. Faster than looking at each piece.
#[must_use]
pub fn faults(encoding: TextEncoding, payload: &[u8], boundary: Boundary) -> Faults {
    let mut decoder = encoding.decoder();
    let mut faults = Faults::default();
    let mut text = String::with_capacity(TEXT_AT_ONCE);
    let mut at = 0;
    loop {
        text.clear();
        let rest = payload.get(at..).unwrap_or_default();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return faults,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bytes, after) => {
                let waits = at == payload.len()
                    && after == 0
                    && boundary.is_open()
                    && pieces(
                        encoding,
                        SplitChar::default(),
                        payload.get(at - usize::from(bytes)..).unwrap_or_default(),
                        boundary,
                    )
                    .next()
                    .is_some_and(|piece| piece.is == Meaning::Unfinished);
                if !waits {
                    faults.count += 1;
                    if faults.first.len() < FAULTS_TOLD {
                        faults.first.push(at.saturating_sub(usize::from(bytes) + usize::from(after)));
                    }
                }
            }
        }
    }
}

/// The short name of a character that cannot be seen, or not be told from others: a [`mark`] or a blank; `None` for all
/// others.
#[must_use]
pub fn abbreviation(character: char) -> Option<&'static str> {
    match character {
        ' ' => Some("SP"),
        '\u{a0}' => Some("NBSP"),
        '\u{3000}' => Some("IDSP"),
        character => mark(character),
    }
}

/// Whether the character stands over or under the one before it, as far as the usual blocks go.
#[must_use]
pub fn is_combining(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x064b..=0x065f | 0x0e31 | 0x0e34..=0x0e3a
        | 0x0e47..=0x0e4e | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0x302a..=0x302f
        | 0x3099 | 0x309a | 0xfe20..=0xfe2f | 0x1f3fb..=0x1f3ff)
}

/// Room for the longest character and what `encoding_rs` wants to spare.
const ROOM: usize = 32;

/// Bytes of text decoded at once for counting.
const TEXT_AT_ONCE: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, split_char: &[u8], payload: &[u8], boundary: Boundary) -> Vec<(Range<usize>, Meaning)> {
        let encoding = TextEncoding::named(name).unwrap();
        pieces(encoding, SplitChar::new(split_char), payload, boundary).map(|piece| (piece.bytes, piece.is)).collect()
    }

    #[test]
    fn each_character_stands_over_its_bytes() {
        use Meaning::{Character, Malformed, Unfinished};
        let newline = Boundary::Newline;
        assert_eq!(seen("utf-8", b"", "a你".as_bytes(), newline), [(0..1, Character('a')), (1..4, Character('你'))]);
        assert_eq!(seen("gbk", b"", b"\xc4\xe3\xba", newline), [(0..2, Character('你')), (2..3, Malformed)]);
        assert_eq!(seen("gbk", b"", b"\xba", Boundary::Recv), [(0..1, Unfinished)]);
        assert_eq!(seen("utf-8", b"\xe4\xbd", b"\xa0!", newline), [(0..3, Character('你')), (3..4, Character('!'))]);
        assert_eq!(seen("utf-16le", b"", b"\x60\x4fa\0", newline), [(0..2, Character('你')), (2..4, Character('a'))]);
        assert_eq!(seen("big5", b"", b"\x88\x62", newline), [(0..2, Meaning::Pair('Ê', '\u{304}'))]);
        assert_eq!(
            seen("gb18030", b"", b"\x81\x30\x81A", newline),
            [(0..1, Malformed), (1..2, Character('0')), (2..4, Character('丄'))]
        );
    }

    #[test]
    fn faults_are_counted_and_the_first_are_placed() {
        let gbk = TextEncoding::named("gbk").unwrap();
        let found = faults(gbk, b"a\xff\xffb\xff\xff\xff", Boundary::Newline);
        assert_eq!((found.count, found.first), (5, vec![1, 2, 4, 5]));
        assert_eq!(faults(gbk, b"\xc4", Boundary::Recv), Faults::default());
        assert_eq!(faults(gbk, b"\xc4", Boundary::Newline), Faults { count: 1, first: vec![0] });
    }

    #[test]
    fn what_cannot_be_seen_has_a_name() {
        assert_eq!(
            ['\n', '\r', '\0', ' ', '\u{7f}', '\u{feff}'].map(abbreviation),
            [Some("LF"), Some("CR"), Some("NUL"), Some("SP"), Some("DEL"), Some("BOM")]
        );
        assert_eq!(abbreviation('你'), None);
        assert!(is_combining('\u{301}') && !is_combining('e'));
    }

    #[test]
    fn every_character_that_cannot_be_seen_is_named_as_the_standards_do() {
        for (character, name) in [
            ('\u{0}', "NUL"),
            ('\u{1f}', "US"),
            ('\u{80}', "PAD"),
            ('\u{9f}', "APC"),
            ('\u{85}', "NEL"),
            ('\u{a0}', "NBSP"),
            ('\u{ad}', "SHY"),
            ('\u{3000}', "IDSP"),
            ('\u{200b}', "ZWSP"),
            ('\u{200c}', "ZWNJ"),
            ('\u{200d}', "ZWJ"),
            ('\u{200e}', "LRM"),
            ('\u{200f}', "RLM"),
            ('\u{2028}', "LSEP"),
            ('\u{2029}', "PSEP"),
            ('\u{202a}', "LRE"),
            ('\u{202b}', "RLE"),
            ('\u{202c}', "PDF"),
            ('\u{202d}', "LRO"),
            ('\u{202e}', "RLO"),
            ('\u{2060}', "WJ"),
            ('\u{2066}', "LRI"),
            ('\u{2067}', "RLI"),
            ('\u{2068}', "FSI"),
            ('\u{2069}', "PDI"),
            ('\u{fe00}', "VS1"),
            ('\u{fe0f}', "VS16"),
        ] {
            assert_eq!(abbreviation(character), Some(name));
        }
    }
}
