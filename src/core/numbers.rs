//! Numbers in messages, and how many messages came: for who watches a device.

use jiff::{SignedDuration, Timestamp};

use super::Conversation;
use crate::chat::{Row, RowKind};

/// Messages looked through for numbers.
pub const MESSAGES_PLOTTED: usize = 2_000;

/// The rate is that of so long before the last message.
pub const RATE_OVER: SignedDuration = SignedDuration::from_secs(10);

/// What came in [`RATE_OVER`] up to the last message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Messages a second.
    pub messages: f64,
    /// Bytes a second.
    pub bytes: f64,
}

/// The number of this place among the numbers in a text, counted from 0: digits with a sign, a point and an exponent.
#[must_use]
pub fn number_in(text: &str, place: usize) -> Option<f64> {
    numbers(text).nth(place)
}

fn numbers(text: &str) -> impl Iterator<Item = f64> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = at + text.get(at..)?.find(|c: char| c.is_ascii_digit())?;
            // A minus belongs to it, unless it stands between two words, as in a date or a name.
            let minus = text.get(..begin)?.strip_suffix('-');
            let negative = minus.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric()));
            let digits = text.get(begin..)?;
            let number = digits.get(..length_of(digits))?;
            at = begin + number.len();
            if let Ok(number) = number.parse::<f64>()
                && number.is_finite()
            {
                return Some(if negative { -number } else { number });
            }
        }
    })
}

/// How many bytes of this text, which begins with a digit, are the number.
fn length_of(text: &str) -> usize {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    if text.as_bytes().get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(text.as_bytes().get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.as_bytes().get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        length += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    length
}

impl Conversation {
    /// When the latest messages came that have a number at that place, and the number; the oldest first.
    #[must_use]
    pub fn numbers(&self, place: usize) -> Vec<(Timestamp, f64)> {
        let encoding = self.manner().encoding;
        let number = |row: &Row| match &row.kind {
            RowKind::Received(received) => Some((row.at, number_in(&received.decode(encoding).text, place)?)),
            _ => None,
        };
        let mut numbers: Vec<_> =
            self.entries().iter().rev().take(MESSAGES_PLOTTED).filter_map(|(_, row)| number(row)).collect();
        numbers.reverse();
        numbers
    }

    /// How fast messages came in [`RATE_OVER`] up to the last one; `None` if there are not two.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        let mut received = self.entries().iter().rev().filter(|(_, row)| matches!(row.kind, RowKind::Received(_)));
        let (_, last) = received.next()?;
        let since = last.at.checked_sub(RATE_OVER).ok()?;
        // The last is where the time ends: what came before it came in that time.
        let (mut messages, mut bytes, mut first) = (0_u32, 0, last.at);
        for (_, row) in received.take_while(|(_, row)| row.at >= since) {
            messages += 1;
            bytes += row.bytes();
            first = row.at;
        }
        let seconds = last.at.duration_since(first).as_secs_f64();
        (seconds > 0.0).then(|| Rate { messages: f64::from(messages) / seconds, bytes: bytes as f64 / seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_in_a_text_are_found_in_their_order() {
        let all = |text| numbers(text).collect::<Vec<_>>();
        assert_eq!(all("T=21.5 H=-40 p=1.013e3"), [21.5, -40.0, 1013.0]);
        assert_eq!(all("2026-11-27"), [2026.0, 11.0, 27.0]);
        assert_eq!(all("温度：23.4℃，湿度：45%"), [23.4, 45.0]);
        assert_eq!(all("5e, 7. 1e999 .5"), [5.0, 7.0, 5.0]);
        assert_eq!(all("none"), Vec::<f64>::new());
        assert_eq!((number_in("a1b2", 1), number_in("a1b2", 2)), (Some(2.0), None));
    }
}
