//! Which other framing fits bytes that the chosen one does not.

use super::framing::{ByteOrder, Framing, LengthPrefix, PrefixWidth};

/// Beginnings of messages that are looked at, in bytes.
pub const LOOKED_AT: usize = 512;

/// Framings that are offered.
const OFFERED: usize = 3;

/// Bytes before a prefix that are tried.
const OFFSETS: u8 = 8;

/// Framings in which `total` bytes, that begin with these, are whole messages, none of them empty; the likeliest first.
/// None that is certain: bytes can look like anything.
#[must_use]
pub fn fitting(bytes: &[u8], total: usize) -> Vec<Framing> {
    let mut fitting = Vec::new();
    let text =
        std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(|c| c.is_control() && !"\r\n\t".contains(c)));
    if text && bytes.contains(&b'\n') {
        fitting.push(Framing::Line);
    } else if text && bytes.contains(&b'\r') {
        fitting.push(Framing::Cr);
    }
    for offset in 0..=OFFSETS {
        for counts_itself in [false, true] {
            for width in [PrefixWidth::Four, PrefixWidth::Two, PrefixWidth::One] {
                for order in [ByteOrder::Big, ByteOrder::Little] {
                    let prefix = LengthPrefix { width, order, counts_itself, offset };
                    let twice = width == PrefixWidth::One && order == ByteOrder::Little;
                    if !twice && fits(prefix, bytes, total) {
                        fitting.push(Framing::Length(prefix));
                    }
                }
            }
        }
    }
    fitting.truncate(OFFERED);
    fitting
}

/// Whether messages with this prefix end exactly where the bytes do, as far as these are known.
fn fits(prefix: LengthPrefix, bytes: &[u8], total: usize) -> bool {
    let mut begin = 0;
    while begin < total {
        let known = bytes.get(begin..).unwrap_or_default();
        let Some(number) = prefix.number(known) else {
            // More than one message was whole, and the next begins behind what is known.
            return begin > 0 && begin + prefix.header() > bytes.len() && bytes.len() < total;
        };
        match prefix.following(number) {
            Some(following) if following > 0 => begin += prefix.header() + following as usize,
            _ => return false,
        }
    }
    begin == total && total > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(width: PrefixWidth, order: ByteOrder) -> Framing {
        Framing::Length(LengthPrefix { width, order, ..LengthPrefix::NETWORK })
    }

    #[test]
    fn the_prefix_that_the_bytes_have_is_found() {
        for (bytes, first) in [
            (&b"\0\x05hello"[..], prefix(PrefixWidth::Two, ByteOrder::Big)),
            (b"\x05\0hello\x02\0hi", prefix(PrefixWidth::Two, ByteOrder::Little)),
            (b"\x05\0\0\0hello", prefix(PrefixWidth::Four, ByteOrder::Little)),
            (b"\x05hello\x02hi", prefix(PrefixWidth::One, ByteOrder::Big)),
            (
                b"\0\x07hello",
                Framing::Length(LengthPrefix { counts_itself: true, width: PrefixWidth::Two, ..LengthPrefix::NETWORK }),
            ),
            (b"hello\r\nworld\r\n", Framing::Line),
            (b"T=21.5\r", Framing::Cr),
        ] {
            assert_eq!(fitting(bytes, bytes.len()).first(), Some(&first), "{bytes:?}");
        }
        assert_eq!(fitting(b"hello", 5), []);
        assert_eq!(fitting(b"", 0), []);
        // A stream of which only the beginning is known.
        let long = b"\0\x05hello".repeat(1_000);
        assert_eq!(fitting(&long[..LOOKED_AT], long.len()).first(), Some(&prefix(PrefixWidth::Two, ByteOrder::Big)));
    }
}
