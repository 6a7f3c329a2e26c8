//! What bytes look like, where another protocol begins than this one, or text that was meant as bytes.

/// The beginning of a protocol that is spoken to a plain TCP port by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Looks {
    /// TLS: a `ClientHello` in its record (RFC 8446, sections 4.1.2 and 5.1), as a browser sends it for `https://`.
    Tls,
    /// A request line of HTTP (RFC 9112, section 3; RFC 9113, section 3.4).
    Http,
    /// A command of telnet about an option (RFC 854).
    Telnet,
    /// An identification of SSH (RFC 4253, section 4.2).
    Ssh,
}

impl Looks {
    /// What a stream that begins with these bytes, or its first message, looks like.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            // A record of type handshake, of a version 3.x; then its length, and a handshake of type ClientHello.
            [0x16, 0x03, 0..=4, _, _, 0x01, ..] => Some(Self::Tls),
            // IAC, then WILL or DO, and one of the options that there are (IANA, Telnet Options). WON'T and DON'T are
            // answers only; and FF FE begins a text in UTF-16.
            [0xff, 0xfb | 0xfd, 0..=49, ..] => Some(Self::Telnet),
            [b'S', b'S', b'H', b'-', b'1' | b'2', b'.', ..] => Some(Self::Ssh),
            _ => is_request_line(beginning).then_some(Self::Http),
        }
    }
}

fn is_request_line(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Ok(line) = std::str::from_utf8(line.get(..LONGEST_REQUEST_LINE.min(line.len())).unwrap_or_default()) else {
        return false;
    };
    let mut words = line.split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    method.is_some_and(|method| METHODS.contains(&method))
        && target.is_some_and(|target| !target.is_empty())
        && version.is_some_and(|version| version.starts_with("HTTP/1.") || version == "HTTP/2.0")
        && words.next().is_none()
}

/// Whether these bytes have the blank line that ends the head of a request (RFC 9112, section 2.1).
#[must_use]
pub fn has_blank_line(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    // Behind the last line feed nothing has ended yet.
    let _ = lines.next_back();
    lines.any(|line| matches!(line, [] | [b'\r']))
}

/// Whether this is how Python writes a bytes object, as in `str(data)` or an f-string: the letters and escapes, not the
/// bytes.
#[must_use]
pub fn is_bytes_literal(text: &str) -> bool {
    let text = text.trim_matches(['\r', '\n', ' ']);
    ['\'', '"'].into_iter().any(|quote| {
        let inner = text.strip_prefix('b').and_then(|rest| rest.strip_prefix(quote)?.strip_suffix(quote));
        inner.is_some_and(|inner| inner.is_ascii() && !inner.is_empty() && !inner.contains(quote))
    })
}

/// The methods of RFC 9110, section 9.3, that of RFC 5789, and `PRI`, with which HTTP/2 begins.
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"];

/// Of a longer line only so much is looked at, in bytes.
const LONGEST_REQUEST_LINE: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_of_other_protocols_are_known() {
        for (beginning, looks) in [
            (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], Some(Looks::Tls)),
            (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Some(Looks::Http)),
            (b"GET /favicon.ico HTTP/1.0", Some(Looks::Http)),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Looks::Http)),
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", Some(Looks::Ssh)),
            (b"\xff\xfd\x18\xff\xfd\x20", Some(Looks::Telnet)),
            (b"\x16\x03\x01\x02\x00\x02", None),
            (b"GET ready", None),
            (b"get / HTTP/1.1", None),
            (b"GET  HTTP/1.1", None),
            (b"SSH is a protocol", None),
            (b"\xff\xff\xff", None),
            (b"\xff\xfe\x60\x4f", None),
            ("你好".as_bytes(), None),
            (b"", None),
        ] {
            assert_eq!(Looks::of(beginning), looks, "{}", String::from_utf8_lossy(beginning));
        }
    }

    #[test]
    fn a_request_has_ended_with_its_blank_line() {
        assert!(has_blank_line(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(has_blank_line(b"GET / HTTP/1.1\n\n"));
        assert!(has_blank_line(b"\r\n"));
        assert!(!has_blank_line(b"GET / HTTP/1.1\r\nHost: a\r\n"));
        assert!(!has_blank_line(b"GET / HTTP/1.1\r\n\r"), "the line feed is still to come");
        assert!(!has_blank_line(b""));
    }

    #[test]
    fn a_bytes_object_that_was_made_text_is_known() {
        for text in [r"b'\xe4\xbd\xa0\xe5\xa5\xbd'", "b'hello'\n", r#"b"it's""#] {
            assert!(is_bytes_literal(text), "{text}");
        }
        for text in ["b''", "b'", "b", "hello", "b'a' and b'b'", "b'你好'", "'hello'", "bb'a'"] {
            assert!(!is_bytes_literal(text), "{text}");
        }
    }
}
