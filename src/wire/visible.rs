//! Text of which every character can be seen, and none commands whoever shows it.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::marks::{belongs, mark};

/// A stretch of a text: what is seen, or one character that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Shown as it is.
    Seen(&'t str),
    /// A [`mark`], as [`symbol`] or by its name.
    Mark(char),
}

/// The stretches of a text. A mark is what would command a terminal, turn or break the text around it, or hide in it;
/// but for those `kept`, and for joiners and variation selectors where they belong to the writing.
pub fn pieces<'t>(text: &'t str, kept: &[char]) -> impl Iterator<Item = Piece<'t>> {
    let mut rest = text;
    let mut before = None;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().peekable();
        let mut last = before;
        while let Some((place, c)) = characters.next() {
            let after = characters.peek().map(|(_, after)| *after);
            if mark(c).is_some() && !kept.contains(&c) && !belongs(last, c, after) {
                let (seen, from) = rest.split_at(place);
                if seen.is_empty() {
                    rest = from.get(c.len_utf8()..).unwrap_or_default();
                    before = Some(c);
                    return Some(Piece::Mark(c));
                }
                rest = from;
                before = last;
                return Some(Piece::Seen(seen));
            }
            last = Some(c);
        }
        let seen = std::mem::take(&mut rest);
        (!seen.is_empty()).then_some(Piece::Seen(seen))
    })
}

/// Writes the symbol for a [`mark`]: a control picture, or the character's number.
pub fn symbol(mark: char, shown: &mut String) {
    match mark {
        // The block Control Pictures has the C0 controls in their order.
        '\0'..'\u{20}' => shown.extend(char::from_u32(0x2400 + u32::from(mark))),
        '\u{7f}' => shown.push('␡'),
        mark => shown.extend(mark.escape_unicode()),
    }
}

/// The text with a [`symbol`] for each mark in it, see [`pieces`].
#[must_use]
pub fn visible<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    // Of most texts a look at the bytes is enough, in a third of the time.
    let is_plain = text.bytes().all(|byte| (b' '..b'\x7f').contains(&byte));
    if is_plain || !text.chars().any(|c| mark(c).is_some() && !kept.contains(&c)) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for piece in pieces(text, kept) {
        match piece {
            Piece::Seen(seen) => shown.push_str(seen),
            Piece::Mark(mark) => symbol(mark, &mut shown),
        }
    }
    shown.into()
}

/// What is kept of the marks in a text that may have several lines.
pub const OF_LINES: [char; 2] = ['\n', '\t'];

/// As [`visible`], of a text that may have several lines.
#[must_use]
pub fn visible_text(text: &str) -> Cow<'_, str> {
    visible(text, &OF_LINES)
}

/// Writes this value as a line of JSON, and as `\uXXXX` each [`mark`] in it, wherever it is.
///
/// # Errors
/// Where it can't be written.
pub fn write_json_line(mut out: impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// The formatter of the crate escapes what JSON demands, which is only the controls of ASCII below the space.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((place, c)) = rest.char_indices().find(|(_, c)| mark(*c).is_some()) {
            let (before, from) = rest.split_at(place);
            out.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_command_is_shown_as_a_symbol() {
        assert_eq!(visible("plain 你好 text", &[]), "plain 你好 text");
        assert!(matches!(visible("plain 你好 text", &['\n']), Cow::Borrowed(_)), "most texts are shown as they are");
        assert_eq!(visible("\u{1b}[2J\r\n\t\0\u{7f}", &[]), "␛[2J␍␊␉␀␡");
        assert_eq!(visible("a\r\n\tb", &['\n', '\t']), "a␍\n\tb");
        assert_eq!(visible("\u{9b}2J \u{202e}x", &[]), "\\u{9b}2J \\u{202e}x");
    }

    #[test]
    fn what_hides_in_a_text_is_shown_and_what_belongs_to_the_writing_stays() {
        assert_eq!(visible("pay\u{200b}pal\u{ad}\u{feff}", &[]), "pay\\u{200b}pal\\u{ad}\\u{feff}");
        assert_eq!(visible("\u{61c}x\u{e0041}\u{2029}", &[]), "\\u{61c}x\\u{e0041}\\u{2029}");
        assert_eq!(visible("👩\u{200d}💻 ❤\u{fe0f} می\u{200c}خواهم", &[]), "👩\u{200d}💻 ❤\u{fe0f} می\u{200c}خواهم");
        assert_eq!(visible("a\u{200d}b 😀\u{fe0f}\u{fe0f}", &[]), "a\\u{200d}b 😀\u{fe0f}\\u{fe0f}");
    }

    #[test]
    fn no_mark_is_raw_in_json_and_the_value_is_the_same() -> io::Result<()> {
        let text: String = ('\0'..=char::MAX).filter(|c| mark(*c).is_some()).collect();
        assert!(text.chars().count() > 300);
        let mut out = Vec::new();
        write_json_line(&mut out, &[&text])?;
        let raw = String::from_utf8_lossy(&out);
        assert!(raw.trim_end_matches('\n').chars().all(|c| mark(c).is_none()));
        assert_eq!(serde_json::from_slice::<Vec<String>>(&out)?, [text]);
        Ok(())
    }

    #[test]
    fn a_line_of_json_has_escapes_for_what_would_command() -> io::Result<()> {
        let mut out = Vec::new();
        let text = "你\u{202e}\u{9b}\u{7f}\n\"x";
        write_json_line(&mut out, &[text])?;
        assert_eq!(out, "[\"你\\u202e\\u009b\\u007f\\n\\\"x\"]\n".as_bytes());
        assert_eq!(serde_json::from_slice::<Vec<String>>(&out)?, [text]);
        Ok(())
    }
}
