//! Where one message ends: at a line ending, with each `recv`, or after a length prefix.

use std::time::{Duration, Instant};

use bytes::Bytes;
use memchr::{memchr_iter, memrchr_iter};

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
    /// A 4-byte big-endian length stands before each message.
    Length,
}

/// What ended a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A line ending, `trailer` bytes long.
    Newline,
    /// The end of one `recv` (chunk framing).
    Recv,
    /// As many bytes as the prefix said.
    Length,
    /// [`QUIET_TAIL`] without a byte after a tail with no newline.
    Quiet,
    /// [`LONGEST_MESSAGE`] bytes; the message goes on in the next cut.
    Cut,
    /// The framing was changed here.
    Reframed,
    /// The stream ended in the middle of a message.
    EndOfStream,
}

impl Boundary {
    /// Whether the text may go on after this boundary, so that half a character waits for the next message.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Recv | Self::Quiet | Self::Cut | Self::Reframed)
    }
}

/// One message in a [`Batch`]: where it ends, and what of it is framing rather than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Offset in [`Batch::bytes`] just past this message, framing included. Starts where the one before ended.
    pub end: u32,
    /// Bytes of framing before the text: those of the length prefix, else 0.
    pub header: u8,
    /// Bytes of framing after the text: those of the line ending, else 0.
    pub trailer: u8,
    /// What ended it.
    pub boundary: Boundary,
}

/// Messages cut from one or more reads. Their bytes, laid end to end, are the bytes that were received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The raw bytes of all messages, framing included.
    pub bytes: Bytes,
    /// One entry a message, in order; the last one's `end` is the length of `bytes`.
    pub cuts: Vec<Cut>,
}

impl Batch {
    /// The raw bytes of each message, framing included, with its cut.
    pub fn messages(&self) -> impl Iterator<Item = (Bytes, Cut)> + '_ {
        let mut start = 0;
        self.cuts.iter().map(move |cut| {
            let end = cut.end as usize;
            let bytes = self.bytes.slice(start..end);
            start = end;
            (bytes, *cut)
        })
    }
}

/// A stream that cannot be cut any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A length prefix above [`LONGEST_PREFIXED`].
    #[error("length prefix of {0} bytes")]
    PrefixTooLong(u64),
}

/// Collects the messages of several reads into one [`Batch`].
///
/// It holds nothing between a [`Self::take`] and the next message, so one for each connection costs
/// an idle connection no memory.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    bytes: Vec<u8>,
    cuts: Vec<Cut>,
}

impl BatchBuilder {
    /// Whether no message is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// Bytes of the messages in it. Take them long before 4 GiB, where [`Cut::end`] ends.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What was collected; the builder is empty after it. The bytes are held in a buffer of exactly
    /// their size, since a message keeps its batch's buffer for as long as it lives.
    pub fn take(&mut self) -> Batch {
        let mut bytes = std::mem::take(&mut self.bytes);
        // The first read of a batch is reserved to the byte, so that this moves bytes only after several.
        bytes.shrink_to_fit();
        Batch { bytes: bytes.into(), cuts: std::mem::take(&mut self.cuts) }
    }

    /// End the message that began where the last cut was, at the last byte appended.
    fn cut_here(&mut self, header: u8, trailer: u8, boundary: Boundary) {
        self.cuts.push(Cut { end: offset(self.bytes.len()), header, trailer, boundary });
    }
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
    /// When the last byte came. Only kept with line framing.
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

    /// Go on in another way: what is held becomes a message ([`Boundary::Reframed`]). Nothing happens
    /// if the way is the same as before.
    pub fn reframe(&mut self, framing: Framing, unit: u8, out: &mut BatchBuilder) {
        let next = Self::new(framing, unit);
        if (next.framing, next.unit) != (self.framing, self.unit) {
            self.end(Boundary::Reframed, out);
            *self = next;
        }
    }

    /// The stream has ended: what is held becomes a message ([`Boundary::EndOfStream`]).
    pub fn finish(&mut self, out: &mut BatchBuilder) {
        self.end(Boundary::EndOfStream, out);
        self.prefixed = Prefixed::Prefix;
    }

    /// Make a message of what is held, in the middle of which the stream was left.
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
            out.bytes.reserve(self.pending.len() + lines.len());
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
            out.bytes.reserve(LONGEST_MESSAGE);
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
                    out.bytes.reserve(self.pending.len() + part.len());
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

/// Just past the last line ending in `bytes`, 0 if there is none. `pending` stands before them.
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
    // Counting is several times faster than finding, and saves growing the list on the way.
    cuts.reserve(memchr_iter(b'\n', searched).count());
    let mut start = begin;
    for lf in memchr_iter(b'\n', searched) {
        let lf = search_from + lf;
        if unit == 2 && (!(lf - begin).is_multiple_of(2) || bytes.get(lf + 1) != Some(&0)) {
            continue;
        }
        let end = lf + unit;
        while end - start > LONGEST_MESSAGE {
            start += LONGEST_MESSAGE;
            cuts.push(Cut { end: offset(start), header: 0, trailer: 0, boundary: Boundary::Cut });
        }
        let before = bytes.get(start..lf).unwrap_or_default();
        let after_cr = if unit == 1 { before.ends_with(b"\r") } else { before.ends_with(b"\r\0") };
        let trailer = if after_cr { 2 * unit } else { unit };
        cuts.push(Cut { end: offset(end), header: 0, trailer: trailer as u8, boundary: Boundary::Newline });
        start = end;
    }
}

/// Messages of at most [`LONGEST_MESSAGE`] bytes each, the last ended by `boundary`.
fn push_parts(bytes: &[u8], boundary: Boundary, out: &mut BatchBuilder) {
    out.bytes.reserve(bytes.len());
    let mut parts = bytes.chunks(LONGEST_MESSAGE).peekable();
    while let Some(part) = parts.next() {
        out.bytes.extend_from_slice(part);
        out.cut_here(0, 0, if parts.peek().is_some() { Boundary::Cut } else { boundary });
    }
}

fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The most capacity that is kept for the next tail once one has become a message, in bytes.
const PENDING_KEPT: usize = 1024;
