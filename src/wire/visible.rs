//! Text of which every character can be seen, and none commands whoever shows it.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The text with a symbol for each character that would command a terminal, lay the text out otherwise, or
/// turn the direction of what stands around it; but for those `kept`.
#[must_use]
pub fn visible<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    let hidden = |c: char| commands(c) && !kept.contains(&c);
    if !text.chars().any(hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if !hidden(c) => shown.push(c),
            // The block Control Pictures has the C0 controls in their order.
            '\0'..'\u{20}' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => shown.push('␡'),
            c => shown.extend(c.escape_unicode()),
        }
    }
    shown.into()
}

/// Writes this value as a line of JSON, and as `\uXXXX` each character that [`visible`] would hide.
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
        while let Some((place, c)) = rest.char_indices().find(|(_, c)| commands(*c)) {
            let (before, from) = rest.split_at(place);
            out.write_all(before.as_bytes())?;
            // All of them are in the first 65,536 characters, where one escape is enough.
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

fn commands(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_command_is_shown_as_a_symbol() {
        assert_eq!(visible("plain 你好 text", &[]), "plain 你好 text");
        assert_eq!(visible("\u{1b}[2J\r\n\t\0\u{7f}", &[]), "␛[2J␍␊␉␀␡");
        assert_eq!(visible("a\r\n\tb", &['\n', '\t']), "a␍\n\tb");
        assert_eq!(visible("\u{9b}2J \u{202e}x", &[]), "\\u{9b}2J \\u{202e}x");
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
