//! Text of which every character can be seen, and none commands whoever shows it.

use std::borrow::Cow;

/// The text with a symbol for each character that would command a terminal, lay the text out otherwise, or
/// turn the direction of what stands around it; but for those `kept`.
#[must_use]
pub fn visible<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    let hidden = |c: char| commands(c) && !kept.contains(&c);
    if !text.chars().any(hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
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
}
