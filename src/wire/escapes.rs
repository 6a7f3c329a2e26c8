//! Text with escapes ↔ bytes: `##\r\n`, `\x02T?\x03`, `\u4f60`.

use std::{fmt::Write as _, iter::Peekable, str::Chars};

use super::text::{self, TextEncoding};

/// Why a text has no bytes. Positions count characters from 1, and are those of the backslash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EscapeError {
    /// A backslash before a character that means nothing after one.
    #[error("`\\{found}` at character {position} means nothing")]
    Unknown {
        /// Which character.
        position: usize,
        /// What is behind the backslash.
        found: char,
    },
    /// The hex digits after a `\x` or `\u` are too few, or the text ends behind a backslash.
    #[error("the escape at character {position} is not whole")]
    Unfinished {
        /// Which character.
        position: usize,
    },
    /// A number after `\u` that no character has.
    #[error("no character has the number at character {position}")]
    NoCharacter {
        /// Which character.
        position: usize,
    },
    /// The encoding has no bytes for this character.
    #[error("the encoding has no {0:?}")]
    Unmappable(char),
}

/// The bytes of a text in which a backslash begins an escape: `\r`, `\n`, `\t`, `\0`, `\e` (escape), `\\`, a byte as
/// `\xNN`, a character as `\uNNNN`, two of these for a pair of surrogates, or `\u{…}`. Characters are encoded, bytes are
/// taken as they are.
///
/// # Errors
/// At the first escape that is none, or the first character that the encoding does not have.
pub fn decode_escapes(text: &str, encoding: TextEncoding) -> Result<Vec<u8>, EscapeError> {
    let mut rest = Rest { characters: text.chars().peekable(), position: 0 };
    let (mut bytes, mut plain) = (Vec::new(), String::new());
    while let Some(character) = rest.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        let position = rest.position;
        let unfinished = EscapeError::Unfinished { position };
        match rest.next().ok_or(unfinished)? {
            'r' => plain.push('\r'),
            'n' => plain.push('\n'),
            't' => plain.push('\t'),
            '0' => plain.push('\0'),
            'e' => plain.push('\u{1b}'),
            '\\' => plain.push('\\'),
            'x' => {
                append(&mut plain, encoding, &mut bytes)?;
                bytes.push(rest.hex(2).ok_or(unfinished)? as u8);
            }
            'u' => plain.push(rest.character(position)?),
            found => return Err(EscapeError::Unknown { position, found }),
        }
    }
    append(&mut plain, encoding, &mut bytes)?;
    Ok(bytes)
}

/// Bytes as [`decode_escapes`] reads them in UTF-8: text as it is, and everything that cannot be seen as an escape.
#[must_use]
pub fn encode_escapes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            // Writing to a String does not fail.
            let _ = match character {
                '\r' => text.write_str("\\r"),
                '\n' => text.write_str("\\n"),
                '\t' => text.write_str("\\t"),
                '\0' => text.write_str("\\0"),
                '\\' => text.write_str("\\\\"),
                ' '..='~' => text.write_char(character),
                '\0'..='\u{7f}' => write!(text, "\\x{:02x}", u32::from(character)),
                _ if super::mark(character).is_some() => write!(text, "\\u{{{:x}}}", u32::from(character)),
                _ => text.write_char(character),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Encode what was collected.
fn append(plain: &mut String, encoding: TextEncoding, bytes: &mut Vec<u8>) -> Result<(), EscapeError> {
    let mut encoded = text::encode(plain, encoding);
    plain.clear();
    bytes.append(&mut encoded.bytes);
    encoded.unmappable.map_or(Ok(()), |character| Err(EscapeError::Unmappable(character)))
}

/// What of a text is not read yet.
struct Rest<'a> {
    characters: Peekable<Chars<'a>>,
    /// That of the last character read, counted from 1.
    position: usize,
}

impl Rest<'_> {
    fn next(&mut self) -> Option<char> {
        self.position += 1;
        self.characters.next()
    }

    /// The number of so many hex digits.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |number, _| {
            let digit = self.characters.peek()?.to_digit(16)?;
            self.next();
            Some(number << 4 | digit)
        })
    }

    /// The character of the number behind a `\u`.
    fn character(&mut self, position: usize) -> Result<char, EscapeError> {
        let unfinished = EscapeError::Unfinished { position };
        let nobody = EscapeError::NoCharacter { position };
        if self.characters.next_if_eq(&'{').is_some() {
            self.position += 1;
            let mut number = 0_u32;
            let mut digits = 0;
            while let Some(digit) = self.characters.peek().and_then(|character| character.to_digit(16)) {
                number = number.checked_mul(16).ok_or(nobody)? | digit;
                digits += 1;
                self.next();
            }
            if digits == 0 || self.next() != Some('}') {
                return Err(unfinished);
            }
            return char::from_u32(number).ok_or(nobody);
        }
        let first = self.hex(4).ok_or(unfinished)?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(nobody);
        }
        let (backslash, letter) = (self.next(), self.next());
        let second = if (backslash, letter) == (Some('\\'), Some('u')) { self.hex(4) } else { None };
        let second = second.filter(|second| (0xdc00..0xe000).contains(second)).ok_or(nobody)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(nobody)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Vec<u8>, EscapeError> {
        decode_escapes(text, TextEncoding::default())
    }

    #[test]
    fn escapes_are_the_bytes_that_they_stand_for() {
        assert_eq!(decode(r"##\r\n"), Ok(b"##\r\n".to_vec()));
        assert_eq!(decode(r"\x02T?\x03\t\0\e\\"), Ok(b"\x02T?\x03\t\0\x1b\\".to_vec()));
        assert_eq!(decode(r"\u4f60\u{1f600}\ud83d\ude00好"), Ok("你😀😀好".as_bytes().to_vec()));
        assert_eq!(decode(""), Ok(vec![]));
        let gbk = TextEncoding::named("gbk").unwrap();
        assert_eq!(decode_escapes(r"你\xff\u4f60", gbk), Ok(vec![0xc4, 0xe3, 0xff, 0xc4, 0xe3]));
        let utf_16 = TextEncoding::named("utf-16le").unwrap();
        assert_eq!(decode_escapes(r"\r\x41", utf_16), Ok(vec![0x0d, 0, 0x41]));
    }

    #[test]
    fn what_is_no_escape_is_named_with_its_place() {
        assert_eq!(decode(r"ab\q"), Err(EscapeError::Unknown { position: 3, found: 'q' }));
        for text in ["\\", r"\x", r"\x1", r"\xg0", r"\u", r"\u12", r"\u{}", r"\u{12"] {
            assert_eq!(decode(text), Err(EscapeError::Unfinished { position: 1 }), "{text}");
        }
        for text in [r"\ud83d", r"\udc00", r"\ud83d\u0041", r"\u{110000}", r"\u{ffffffffff}"] {
            assert_eq!(decode(text), Err(EscapeError::NoCharacter { position: 1 }), "{text}");
        }
        let gbk = TextEncoding::named("gbk").unwrap();
        assert_eq!(decode_escapes("a😀", gbk), Err(EscapeError::Unmappable('😀')));
    }

    #[test]
    fn bytes_are_written_so_that_all_of_them_are_seen() {
        assert_eq!(encode_escapes("你 \\\r\n\t\0\x03".as_bytes()), "你 \\\\\\r\\n\\t\\0\\x03");
        assert_eq!(encode_escapes(b"\xffa"), "\\xffa");
        assert_eq!(encode_escapes("\u{202e}".as_bytes()), "\\u{202e}");
    }
}
