//! Where one message ends: at a line ending, with each `recv`, or after a length prefix.

use std::time::{Duration, Instant};

use memchr::memrchr_iter;

use super::{
    batch::{BatchBuilder, Boundary, Cut},
    line_feeds::for_each_line_feed,
};

/// A longer message is cut into parts of this many bytes, each but the last marked [`Boundary::Cut`].
pub const LONGEST_MESSAGE: usize = 64 * 1024;

/// A length prefix above this many bytes is a [`FramingError`].
pub const LONGEST_PREFIXED: usize = 16 * 1024 * 1024;

/// Bytes in a length prefix: Python's `struct.pack("!I", n)`.
pub const LENGTH_PREFIX_BYTES: usize = 4;

/// With line framing, a tail with no newline becomes a message after this long without a byte.
pub const QUIET_TAIL: Duration = Duration::from_millis(200);

/// How a stream of bytes is cut into messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// A message ends at LF or CRLF.
    #[default]
    Line,
    /// A message ends with each `recv`.
    Chunk,
    /// A 4-byte big-endian length is before each message.
    Length,
}

/// A stream that cannot be cut any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A length prefix above [`LONGEST_PREFIXED`].
    #[error("length prefix of {0} bytes")]
    PrefixTooLong(u64),
}

/// Cuts one stream into messages.
///
/// Laid end to end, the messages' bytes are the bytes pushed. With line and length framing they are
/// the same messages however the stream was cut into reads. Held back are never more than
/// [`LONGEST_MESSAGE`] bytes and a length prefix.
///
/// With 2-byte code units, lines are cut at whole units only: the half of one stays behind.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    /// Bytes in a code unit, 1 or 2.
    unit: usize,
    /// Bytes of the message, or of the part of one, that has not ended yet.
    pending: Vec<u8>,
    /// When the last byte came with line framing.
    last_byte: Option<Instant>,
    /// Where in a length-prefixed message the stream is.
    prefixed: Prefixed,
}

/// Where in a length-prefixed message the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefixed {
    /// In or before the prefix.
    Prefix,
    /// In a part of a message.
    Payload {
        /// Bytes of the payload that are in no message yet.
        left: usize,
        /// Bytes of the prefix that this part begins with: all or none.
        header: u8,
    },
    /// Behind a prefix of this length, which is too long.
    TooLong(u64),
}

impl Framer {
    /// A framer at the start of a stream. `unit` is the bytes in a code unit, 1 or 2.
    #[must_use]
    pub fn new(framing: Framing, unit: u8) -> Self {
        Self {
            framing,
            unit: if unit == 2 { 2 } else { 1 },
            pending: Vec::new(),
            last_byte: None,
            prefixed: Prefixed::Prefix,
        }
    }

    /// Cut the bytes of one `recv`.
    ///
    /// # Errors
    /// Where the stream can't be cut any further; the messages before that are in `out`, and what came
    /// after them in this push is what [`Self::finish`] or [`Self::reframe`] makes a message of. Every
    /// later push is the same error and takes nothing.
    pub fn push(&mut self, bytes: &[u8], now: Instant, out: &mut BatchBuilder) -> Result<(), FramingError> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self.framing {
            Framing::Line => {
                self.last_byte = Some(now);
                self.push_lines(bytes, out);
                Ok(())
            }
            Framing::Chunk => {
                push_parts(bytes, Boundary::Recv, out);
                Ok(())
            }
            Framing::Length => self.push_prefixed(bytes, out),
        }
    }

    /// When [`Self::quiet`] is due, if no byte comes before. None when nothing but half a code unit waits.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.framing == Framing::Line && self.pending.len() >= self.unit {
            self.last_byte.map(|last| last + QUIET_TAIL)
        } else {
            None
        }
    }

    /// Make a message of a tail that has been quiet until `now` for [`QUIET_TAIL`]; else nothing.
    ///
    /// A CR whose LF comes only after this belongs to this message, and the LF ends the next.
    pub fn quiet(&mut self, now: Instant, out: &mut BatchBuilder) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        let half = if self.pending.len().is_multiple_of(self.unit) { None } else { self.pending.pop() };
        self.release(out);
        out.cut_here(0, 0, Boundary::Quiet);
        self.pending.extend(half);
    }

    /// Continue in another way: what is held becomes a message ([`Boundary::Reframed`]). Nothing happens
    /// if lines, chunks or lengths end where they did before.
    pub fn reframe(&mut self, framing: Framing, unit: u8, out: &mut BatchBuilder) {
        let next = Self::new(framing, unit);
        // The code unit says where lines end. In the middle of a length-prefixed message, a cut for
        // its sake would take the rest of the message for the next prefix.
        if next.framing != self.framing || (framing == Framing::Line && next.unit != self.unit) {
            self.end(Boundary::Reframed, out);
            self.prefixed = Prefixed::Prefix;
        }
        (self.framing, self.unit) = (next.framing, next.unit);
    }

    /// The stream has ended: what is held becomes a message ([`Boundary::EndOfStream`]).
    pub fn finish(&mut self, out: &mut BatchBuilder) {
        self.end(Boundary::EndOfStream, out);
        self.prefixed = Prefixed::Prefix;
    }

    /// Ends the unfinished message: the stream ended or its framing changed in the middle of it.
    fn end(&mut self, boundary: Boundary, out: &mut BatchBuilder) {
        if self.pending.is_empty() {
            return;
        }
        let header = match (self.framing, self.prefixed) {
            (Framing::Length, Prefixed::Prefix) => self.pending.len() as u8,
            (Framing::Length, Prefixed::Payload { header, .. }) => header,
            // What stood where a prefix should was none: most likely it is text.
            (Framing::Length, Prefixed::TooLong(_)) => {
                push_parts(&std::mem::take(&mut self.pending), boundary, out);
                return;
            }
            (Framing::Line | Framing::Chunk, _) => 0,
        };
        self.release(out);
        out.cut_here(header, 0, boundary);
    }

    fn push_lines(&mut self, bytes: &[u8], out: &mut BatchBuilder) {
        // Everything up to the last line ending goes over in one piece. Without one, the bytes are only
        // held: a long line that comes in many small reads is moved and searched once, not at each read.
        let lines_end = last_line_end(&self.pending, bytes, self.unit);
        let (lines, tail) = bytes.split_at_checked(lines_end).unwrap_or((bytes, &[]));
        if !lines.is_empty() {
            let begin = out.bytes.len();
            out.reserve(self.pending.len() + lines.len());
            // An LF may have its first half in what is held, but not a whole one.
            let search_from = begin + self.pending.len() / self.unit * self.unit;
            self.release(out);
            out.bytes.extend_from_slice(lines);
            cut_lines(begin, search_from, self.unit, out);
        }
        self.hold(tail, out);
    }

    /// Keep a tail with no line ending, and cut off what is too long to be kept.
    fn hold(&mut self, mut tail: &[u8], out: &mut BatchBuilder) {
        while self.pending.len() + tail.len() > LONGEST_MESSAGE {
            let (part, rest) = tail.split_at_checked(LONGEST_MESSAGE - self.pending.len()).unwrap_or((tail, &[]));
            out.reserve(LONGEST_MESSAGE);
            self.release(out);
            out.bytes.extend_from_slice(part);
            out.cut_here(0, 0, Boundary::Cut);
            tail = rest;
        }
        self.pending.extend_from_slice(tail);
    }

    fn push_prefixed(&mut self, mut bytes: &[u8], out: &mut BatchBuilder) -> Result<(), FramingError> {
        loop {
            match self.prefixed {
                Prefixed::Prefix => {
                    let mut all = self.pending.iter().chain(bytes).copied();
                    let (Some(a), Some(b), Some(c), Some(d)) = (all.next(), all.next(), all.next(), all.next()) else {
                        self.pending.extend_from_slice(bytes);
                        return Ok(());
                    };
                    let length = u32::from_be_bytes([a, b, c, d]);
                    if length as usize > LONGEST_PREFIXED {
                        self.prefixed = Prefixed::TooLong(length.into());
                        self.pending.extend_from_slice(bytes);
                        return Err(FramingError::PrefixTooLong(length.into()));
                    }
                    self.prefixed = Prefixed::Payload { left: length as usize, header: LENGTH_PREFIX_BYTES as u8 };
                }
                Prefixed::Payload { left, header } => {
                    let payload = left.min(LONGEST_MESSAGE);
                    let missing = (usize::from(header) + payload).saturating_sub(self.pending.len());
                    let Some((part, rest)) = bytes.split_at_checked(missing) else {
                        self.pending.extend_from_slice(bytes);
                        return Ok(());
                    };
                    // For all that may end in this push, and nothing when none does.
                    out.reserve(self.pending.len() + bytes.len());
                    self.release(out);
                    out.bytes.extend_from_slice(part);
                    if payload < left {
                        out.cut_here(header, 0, Boundary::Cut);
                        self.prefixed = Prefixed::Payload { left: left - payload, header: 0 };
                    } else {
                        out.cut_here(header, 0, Boundary::Length);
                        self.prefixed = Prefixed::Prefix;
                    }
                    bytes = rest;
                }
                Prefixed::TooLong(length) => return Err(FramingError::PrefixTooLong(length)),
            }
        }
    }

    /// Move what is held to the end of `out`.
    fn release(&mut self, out: &mut BatchBuilder) {
        out.bytes.extend_from_slice(&self.pending);
        self.pending.clear();
        // Ten thousand idle connections must not remember the longest line of each.
        if self.pending.capacity() > PENDING_KEPT {
            self.pending = Vec::new();
        }
    }
}

/// Just past the last line ending in `bytes`, 0 if there is none. `pending` is before them.
fn last_line_end(pending: &[u8], bytes: &[u8], unit: usize) -> usize {
    if unit == 1 {
        return memrchr_iter(b'\n', bytes).next().map_or(0, |lf| lf + 1);
    }
    let half = pending.len() % 2;
    memrchr_iter(b'\n', bytes)
        .find(|&lf| (half + lf).is_multiple_of(2) && bytes.get(lf + 1) == Some(&0))
        .map(|lf| lf + 2)
        .or_else(|| (half == 1 && pending.last() == Some(&b'\n') && bytes.first() == Some(&0)).then_some(1))
        .unwrap_or(0)
}

/// Cut the bytes of `out` from `begin` on, the last of which end a line. Before `search_from` no line ends.
fn cut_lines(begin: usize, search_from: usize, unit: usize, out: &mut BatchBuilder) {
    let BatchBuilder { bytes, cuts } = out;
    let searched = bytes.get(search_from..).unwrap_or_default();
    cuts.reserve(searched.len() / USUAL_LINE);
    let mut start = begin;
    for_each_line_feed(searched, |lf| {
        let lf = search_from + lf;
        if unit == 2 && (!(lf - begin).is_multiple_of(2) || bytes.get(lf + 1) != Some(&0)) {
            return;
        }
        let end = lf + unit;
        while end - start > LONGEST_MESSAGE {
            start += LONGEST_MESSAGE;
            cuts.push(Cut::new(start, 0, 0, Boundary::Cut));
        }
        let after_cr =
            lf >= start + unit && bytes.get(lf - unit) == Some(&b'\r') && (unit == 1 || bytes.get(lf - 1) == Some(&0));
        let trailer = if after_cr { 2 * unit } else { unit };
        cuts.push(Cut::new(end, 0, trailer as u8, Boundary::Newline));
        start = end;
    });
}

/// Messages of at most [`LONGEST_MESSAGE`] bytes each, the last ended by `boundary`.
fn push_parts(bytes: &[u8], boundary: Boundary, out: &mut BatchBuilder) {
    out.reserve(bytes.len());
    let mut parts = bytes.chunks(LONGEST_MESSAGE).peekable();
    while let Some(part) = parts.next() {
        out.bytes.extend_from_slice(part);
        out.cut_here(0, 0, if parts.peek().is_some() { Boundary::Cut } else { boundary });
    }
}

/// Bytes for each of which room for a message is made; with shorter lines, the room grows.
const USUAL_LINE: usize = 32;

/// The most capacity that is retained for the next tail once one has become a message, in bytes.
const PENDING_KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Raw bytes, header, trailer, boundary of each message so far.
    fn taken(out: &mut BatchBuilder) -> Vec<(Vec<u8>, u8, u8, Boundary)> {
        let batch = out.take();
        batch.messages().map(|(raw, cut)| (raw.to_vec(), cut.header, cut.trailer, cut.boundary)).collect()
    }

    fn pushed(framer: &mut Framer, bytes: &[u8]) -> Vec<(Vec<u8>, u8, u8, Boundary)> {
        let mut out = BatchBuilder::default();
        framer.push(bytes, Instant::now(), &mut out).unwrap();
        taken(&mut out)
    }

    #[test]
    fn a_line_ends_at_lf_or_crlf_and_a_cr_alone_is_text() {
        let mut framer = Framer::new(Framing::Line, 1);
        assert_eq!(
            pushed(&mut framer, b"one\ntwo\r\n\nth\rree\r"),
            [
                (b"one\n".to_vec(), 0, 1, Boundary::Newline),
                (b"two\r\n".to_vec(), 0, 2, Boundary::Newline),
                (b"\n".to_vec(), 0, 1, Boundary::Newline),
            ]
        );
        assert_eq!(pushed(&mut framer, b"\n"), [(b"th\rree\r\n".to_vec(), 0, 2, Boundary::Newline)]);
    }

    #[test]
    fn with_two_byte_units_only_an_aligned_line_feed_ends_a_line() {
        let mut framer = Framer::new(Framing::Line, 2);
        // U+0A00 and U+000A; the first has the byte 0A where it is no line feed.
        assert_eq!(pushed(&mut framer, b"\x00\x0a\x00"), []);
        assert_eq!(pushed(&mut framer, b"\x61\x0d\x00\x0a"), []);
        assert_eq!(
            pushed(&mut framer, b"\x00\x0a\x00"),
            [
                (b"\x00\x0a\x00\x61\x0d\x00\x0a\x00".to_vec(), 0, 4, Boundary::Newline),
                (b"\x0a\x00".to_vec(), 0, 2, Boundary::Newline),
            ]
        );
    }

    #[test]
    fn half_a_code_unit_stays_behind_when_it_is_quiet() {
        let mut framer = Framer::new(Framing::Line, 2);
        let mut out = BatchBuilder::default();
        let now = Instant::now();
        framer.push(b"a\0\x0a", now, &mut out).unwrap();
        framer.quiet(now + QUIET_TAIL, &mut out);
        assert_eq!(taken(&mut out), [(b"a\0".to_vec(), 0, 0, Boundary::Quiet)]);
        assert_eq!(framer.deadline(), None);
        assert_eq!(pushed(&mut framer, b"\0"), [(b"\x0a\0".to_vec(), 0, 2, Boundary::Newline)]);
    }

    #[test]
    fn a_line_of_exactly_the_longest_length_is_whole() {
        let mut framer = Framer::new(Framing::Line, 1);
        let mut line = vec![b'a'; LONGEST_MESSAGE - 1];
        line.push(b'\n');
        assert_eq!(pushed(&mut framer, &line), [(line.clone(), 0, 1, Boundary::Newline)]);
    }

    #[test]
    fn each_recv_is_a_chunk_and_a_long_one_is_several() {
        let mut framer = Framer::new(Framing::Chunk, 1);
        assert_eq!(pushed(&mut framer, b""), []);
        assert_eq!(pushed(&mut framer, b"a\nb"), [(b"a\nb".to_vec(), 0, 0, Boundary::Recv)]);
        let long = vec![b'a'; LONGEST_MESSAGE + 1];
        let ends: Vec<_> = pushed(&mut framer, &long).into_iter().map(|(raw, .., end)| (raw.len(), end)).collect();
        assert_eq!(ends, [(LONGEST_MESSAGE, Boundary::Cut), (1, Boundary::Recv)]);
    }

    #[test]
    fn a_length_may_be_zero_and_a_long_message_comes_in_parts() {
        let mut framer = Framer::new(Framing::Length, 1);
        assert_eq!(pushed(&mut framer, &[0, 0, 0, 0]), [(vec![0; 4], 4, 0, Boundary::Length)]);
        let mut bytes = (2 * LONGEST_MESSAGE as u32).to_be_bytes().to_vec();
        bytes.resize(4 + 2 * LONGEST_MESSAGE, b'a');
        let parts: Vec<_> =
            pushed(&mut framer, &bytes).into_iter().map(|(raw, header, _, end)| (raw.len(), header, end)).collect();
        assert_eq!(parts, [(LONGEST_MESSAGE + 4, 4, Boundary::Cut), (LONGEST_MESSAGE, 0, Boundary::Length)]);
    }

    #[test]
    fn a_stream_that_ends_in_a_prefix_has_that_much_of_a_header() {
        let mut framer = Framer::new(Framing::Length, 1);
        let mut out = BatchBuilder::default();
        assert_eq!(pushed(&mut framer, &[0, 0]), []);
        framer.finish(&mut out);
        assert_eq!(taken(&mut out), [(vec![0, 0], 2, 0, Boundary::EndOfStream)]);
    }

    #[test]
    fn text_where_a_prefix_should_be_is_given_as_text() {
        let mut framer = Framer::new(Framing::Length, 1);
        let mut out = BatchBuilder::default();
        framer.push(b"hello\n", Instant::now(), &mut out).unwrap_err();
        framer.finish(&mut out);
        assert_eq!(taken(&mut out), [(b"hello\n".to_vec(), 0, 0, Boundary::EndOfStream)]);
    }

    #[test]
    fn another_encoding_does_not_cut_a_prefixed_message() {
        let mut framer = Framer::new(Framing::Length, 1);
        let mut out = BatchBuilder::default();
        assert_eq!(pushed(&mut framer, b"\0\0\0\x02a"), []);
        framer.reframe(Framing::Length, 2, &mut out);
        assert!(out.is_empty());
        assert_eq!(pushed(&mut framer, b"b"), [(b"\0\0\0\x02ab".to_vec(), 4, 0, Boundary::Length)]);
        assert_eq!(pushed(&mut framer, b"\0"), []);
        framer.reframe(Framing::Line, 2, &mut out);
        assert_eq!(taken(&mut out), [(b"\0".to_vec(), 1, 0, Boundary::Reframed)]);
        assert_eq!(pushed(&mut framer, b"\n\0"), [(b"\n\0".to_vec(), 0, 2, Boundary::Newline)]);
    }

    #[test]
    fn the_longest_line_is_not_remembered_once_it_has_ended() {
        for (length, kept) in [(PENDING_KEPT, PENDING_KEPT), (PENDING_KEPT + 1, 0)] {
            let mut framer = Framer::new(Framing::Line, 1);
            assert_eq!(pushed(&mut framer, &vec![b'a'; length]), []);
            assert_eq!(pushed(&mut framer, b"\n").len(), 1);
            assert_eq!(framer.pending.capacity(), kept, "after {length}");
        }
    }

    #[test]
    fn the_code_unit_says_where_lines_end_and_nothing_else() {
        let mut out = BatchBuilder::default();
        for (framing, unit, cuts) in [(Framing::Line, 1, 0), (Framing::Line, 2, 1), (Framing::Chunk, 1, 1)] {
            let mut framer = Framer::new(Framing::Line, 1);
            assert_eq!(pushed(&mut framer, b"ab"), []);
            framer.reframe(framing, unit, &mut out);
            assert_eq!(out.take().cuts.len(), cuts, "{framing:?} {unit}");
        }
        assert_eq!((Framer::new(Framing::Line, 2).unit, Framer::new(Framing::Line, 9).unit), (2, 1));
    }

    #[test]
    fn nothing_waits_for_quiet_but_a_line() {
        let now = Instant::now();
        for (framing, unit, bytes, waits) in [
            (Framing::Line, 1, &b"a"[..], true),
            (Framing::Line, 1, b"a\n", false),
            (Framing::Line, 2, b"a", false),
            (Framing::Line, 2, b"ab", true),
            (Framing::Length, 1, b"\0\0\0\x09abc", false),
        ] {
            let (mut framer, mut out) = (Framer::new(framing, unit), BatchBuilder::default());
            assert_eq!(framer.deadline(), None);
            framer.push(bytes, now, &mut out).unwrap();
            assert_eq!(framer.deadline(), waits.then_some(now + QUIET_TAIL), "{framing:?} {unit} {bytes:?}");
            out.take();
            framer.quiet(now + QUIET_TAIL.saturating_sub(Duration::from_nanos(1)), &mut out);
            assert!(out.is_empty());
            framer.quiet(now + QUIET_TAIL, &mut out);
            assert_eq!(!out.is_empty(), waits);
        }
    }
}
