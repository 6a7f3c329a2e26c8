//! Hex digits ↔ bytes, as a person types and reads them.

use std::fmt::Write as _;

/// Why a text is no row of hex bytes. Positions count characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Neither a hex digit nor anything that may stand between two bytes.
    #[error("{found:?} at character {position} is not a hex digit")]
    BadDigit {
        /// Which character.
        position: usize,
        /// That character.
        found: char,
    },
    /// A byte begins here that has one digit only, or none after its prefix.
    #[error("the byte at character {position} does not have two hex digits")]
    OddDigits {
        /// Its first character.
        position: usize,
    },
}

/// The bytes that hex digits stand for, two digits a byte: `e4 bd a0`, `E4BDA0`, `e4:bd:a0`, `e4-bd-a0`, `0xE4, 0xBD`,
/// `\xe4\xbd`, `{0x02, 0xa}` or `0Dh`. Between bytes there may be white space, colons, commas, semicolons and dashes,
/// around them brackets. Behind `0x`, one digit may be a byte.
///
/// # Errors
/// At the first character that does not belong there.
pub fn decode_hex(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::new();
    let mut characters = text.chars().zip(1..).peekable();
    while let Some((first, position)) = characters.next() {
        if is_separator(first) {
            continue;
        }
        let prefixed = matches!((first, characters.peek()), ('0', Some(('x' | 'X', _))) | ('\\', Some(('x', _))));
        let high = if prefixed {
            characters.next();
            characters.next().filter(|(character, _)| !is_separator(*character))
        } else {
            Some((first, position))
        };
        let high = digit(high, position)?;
        let low = characters.next_if(|(character, _)| !is_separator(*character));
        if low.is_none() && prefixed && first == '0' {
            bytes.push(high);
            continue;
        }
        bytes.push(high << 4 | digit(low, position)?);
        // As assemblers write it: no digit.
        characters.next_if(|(character, _)| !prefixed && matches!(character, 'h' | 'H'));
    }
    Ok(bytes)
}

/// The value of the digit there, in the byte that begins at `byte_position`.
fn digit(there: Option<(char, usize)>, byte_position: usize) -> Result<u8, HexError> {
    let (found, position) = there.ok_or(HexError::OddDigits { position: byte_position })?;
    found.to_digit(16).map(|value| value as u8).ok_or(HexError::BadDigit { position, found })
}

/// What may stand between two bytes; those of full width are what a Chinese input method types.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || ",:;-{}[]()，：；、".contains(character)
}

/// Bytes as hex digits, with a space between two bytes: `e4 bd a0`.
#[must_use]
pub fn encode_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        // Writing to a String does not fail.
        let _ = write!(text, "{space}{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_of_writing_bytes_is_read() {
        for text in [
            "e4bda0",
            "E4 BD A0",
            "0xe4, 0xBD,0Xa0",
            r"\xe4\xbd\xa0",
            " e4\n\tbd\r\na0 ",
            "0xe4bda0",
            "e4，bd　a0",
            "e4:bd:a0",
            "E4：BD：A0",
            "0xE4:0xBD:0xA0",
            "{ 0xe4, 0xbd, 0xa0 };",
            "[0xE4, 0xBD, 0xA0]",
            "e4-bd-a0",
            "E4h BDh a0h",
        ] {
            assert_eq!(decode_hex(text), Ok(vec![0xe4, 0xbd, 0xa0]), "{text}");
        }
        assert_eq!(decode_hex(" \n"), Ok(vec![]));
        assert_eq!(decode_hex("{0x2, 0xA}"), Ok(vec![2, 10]));
    }

    #[test]
    fn an_error_names_the_character_that_is_wrong() {
        let bad = |position, found| Err(HexError::BadDigit { position, found });
        let odd = |position| Err(HexError::OddDigits { position });
        assert_eq!(decode_hex("e4 bg"), bad(5, 'g'));
        assert_eq!(decode_hex("你"), bad(1, '你'));
        assert_eq!(decode_hex("e4 你"), bad(4, '你'));
        assert_eq!(decode_hex("0x0x12"), bad(4, 'x'));
        assert_eq!(decode_hex(r"\y12"), bad(1, '\\'));
        assert_eq!(decode_hex("e4 b"), odd(4));
        assert_eq!(decode_hex("e4 b d"), odd(4));
        assert_eq!(decode_hex("e4b"), odd(3));
        assert_eq!(decode_hex("e4 0x"), odd(4));
        assert_eq!(decode_hex("0x e4"), odd(1));
    }

    #[test]
    fn bytes_are_written_in_pairs_of_digits() {
        assert_eq!(encode_hex(&[0xe4, 0xbd, 0x00]), "e4 bd 00");
        assert_eq!(encode_hex(&[]), "");
    }
}
