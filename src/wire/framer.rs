//! Cutting a stream into messages, as its framing says.

use std::time::Duration;

use memchr::{memchr_iter, memrchr_iter};

use super::{
    batch::{BatchBuilder, Boundary, Cut},
    framing::{Framing, LONGEST_DELIMITER, LengthPrefix, MOST_PREFIX_OFFSET},
    places::for_each,
};

/// A longer message is cut into parts of this many bytes, each but the last marked [`Boundary::Cut`].
pub const LONGEST_MESSAGE: usize = 64 * 1024;

/// A length prefix above this many bytes is a [`FramingError`].
pub const LONGEST_PREFIXED: usize = 16 * 1024 * 1024;

/// The most bytes of framing before the text of a message.
pub const LONGEST_HEADER: usize = MOST_PREFIX_OFFSET as usize + 4;

/// The quiet time, unless set otherwise: after this long without a byte, a tail with no line ending becomes a message.
pub const QUIET_TAIL: Duration = Duration::from_millis(200);

/// The shortest quiet time.
pub const SHORTEST_QUIET: Duration = Duration::from_millis(1);

/// The longest quiet time.
pub const LONGEST_QUIET: Duration = Duration::from_mins(1);

/// What is missing of a message whose length is known is told after this long without a byte, or after the quiet time
/// if that is longer.
pub const MISSING_TOLD_AFTER: Duration = Duration::from_secs(1);

/// A stream that cannot be cut any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A length prefix above [`LONGEST_PREFIXED`].
    #[error("length prefix of {0} bytes")]
    PrefixTooLong(u64),
    /// A length prefix that counts itself, and says fewer bytes than it has itself with what is before it.
    #[error("length prefix of {0} bytes, which counts itself")]
    PrefixTooShort(u64),
}

/// A message of a known length that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Bytes that came of it: without its prefix, but of the prefix as long as that is not whole.
    pub came: usize,
    /// Bytes that it has without its prefix; `None` as long as the prefix is not whole.
    pub of: Option<usize>,
}

/// Cuts one stream into messages.
///
/// Laid end to end, the messages' bytes are the bytes pushed. But with [`Framing::Chunk`], they are the same messages
/// however the stream was cut into reads, as long as it was not quiet. Held back are never more than
/// [`LONGEST_MESSAGE`] and [`LONGEST_HEADER`] bytes.
///
/// With 2-byte code units, lines are cut at whole units only: the half of one stays behind.
///
/// It has no clock: every time is the time since one moment of its owner's choice, the same for the whole stream.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    /// Bytes in a code unit, 1 or 2.
    unit: usize,
    /// After so long without a byte, what is held is a tail.
    quiet: Duration,
    /// Bytes of the message, or of the part of one, that has not ended yet.
    pending: Vec<u8>,
    /// The last bytes of a message of which a part was cut off already: a delimiter may have begun in them.
    before: Vec<u8>,
    /// When the last byte came, and nothing has become of the quiet after it yet.
    last_byte: Option<Duration>,
    /// Where in a message of a known length the stream is.
    counted: Counted,
}

/// Where in a message of a known length the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    /// In or before the prefix.
    Prefix,
    /// In a part of a message.
    Payload {
        /// Bytes of the payload.
        of: usize,
        /// Those that are in no message yet.
        left: usize,
        /// Bytes of the prefix that this part begins with: all or none.
        header: u8,
    },
    /// Behind a prefix that cannot be one.
    Broken(FramingError),
}

impl Framer {
    /// A framer at the start of a stream. `unit` is the bytes in a code unit, 1 or 2.
    #[must_use]
    pub fn new(framing: Framing, unit: u8) -> Self {
        Self {
            framing,
            unit: if unit == 2 { 2 } else { 1 },
            quiet: QUIET_TAIL,
            pending: Vec::new(),
            before: Vec::new(),
            last_byte: None,
            counted: Counted::Prefix,
        }
    }

    /// The same with another quiet time, from [`SHORTEST_QUIET`] to [`LONGEST_QUIET`].
    #[must_use]
    pub fn with_quiet(mut self, quiet: Duration) -> Self {
        self.set_quiet(quiet);
        self
    }

    /// Take it for quiet after this time from now on.
    pub fn set_quiet(&mut self, quiet: Duration) {
        self.quiet = quiet.clamp(SHORTEST_QUIET, LONGEST_QUIET);
    }

    /// Cut the bytes of one `recv`.
    ///
    /// # Errors
    /// Where the stream can't be cut any further; the messages before that are in `out`, and what came
    /// after them in this push is what [`Self::finish`] or [`Self::reframe`] makes a message of. Every
    /// later push is the same error and takes nothing.
    pub fn push(&mut self, bytes: &[u8], now: Duration, out: &mut BatchBuilder) -> Result<(), FramingError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.last_byte = Some(now);
        match self.framing {
            Framing::Line => self.push_lines(bytes, out),
            Framing::Chunk => push_parts(bytes, Boundary::Recv, out),
            Framing::Cr if self.unit == 2 => self.push_delimited(bytes, b"\r\0", out),
            Framing::Cr => self.push_delimited(bytes, b"\r", out),
            Framing::Delimiter(delimiter) => self.push_delimited(bytes, delimiter.as_slice(), out),
            Framing::Quiet => self.hold(bytes, out),
            Framing::Fixed(_) | Framing::Length(_) => return self.push_counted(bytes, out),
        }
        Ok(())
    }

    /// When [`Self::quiet`] is due, if no byte comes before. None when nothing but half a code unit waits.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let least = if self.framing == Framing::Quiet { 1 } else { self.unit };
        let (least, after) = match self.framing {
            Framing::Line | Framing::Cr | Framing::Delimiter(_) | Framing::Quiet => (least, self.quiet),
            Framing::Length(_) | Framing::Fixed(_) if matches!(self.counted, Counted::Broken(_)) => return None,
            Framing::Length(_) | Framing::Fixed(_) => (1, self.quiet.max(MISSING_TOLD_AFTER)),
            Framing::Chunk => return None,
        };
        self.last_byte.filter(|_| self.pending.len() >= least).map(|last| last + after)
    }

    /// It has been quiet until `now`. If that was for the quiet time, a tail becomes a message. Of a message whose
    /// length is known, what came of it is told, once; it is not cut.
    ///
    /// A CR whose LF comes only after this belongs to this message, and the LF ends the next.
    pub fn quiet(&mut self, now: Duration, out: &mut BatchBuilder) -> Option<Unfinished> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return None;
        }
        if !self.framing.has_tails() && self.framing != Framing::Quiet {
            self.last_byte = None;
            return self.unfinished();
        }
        if self.framing == Framing::Quiet {
            self.end(Boundary::Pause, out);
        } else {
            let half = if self.pending.len().is_multiple_of(self.unit) { None } else { self.pending.pop() };
            self.remember_end();
            self.release(out);
            out.cut_here(0, 0, Boundary::Quiet);
            self.pending.extend(half);
        }
        None
    }

    /// What came of a message whose length is known, if one has begun.
    #[must_use]
    pub fn unfinished(&self) -> Option<Unfinished> {
        match self.counted {
            Counted::Prefix if self.pending.is_empty() => None,
            Counted::Prefix => match self.framing {
                Framing::Length(_) => Some(Unfinished { came: self.pending.len(), of: None }),
                _ => None,
            },
            Counted::Payload { of, left, header } => {
                Some(Unfinished { came: of - left + self.pending.len() - usize::from(header), of: Some(of) })
            }
            Counted::Broken(_) => None,
        }
    }

    /// What is held: the beginning of the message that has not ended, or of its part that was not cut off.
    #[must_use]
    pub fn held(&self) -> &[u8] {
        &self.pending
    }

    /// Continue in another way: what is held becomes a message ([`Boundary::Reframed`]). Nothing happens
    /// if messages end where they did before.
    pub fn reframe(&mut self, framing: Framing, unit: u8, out: &mut BatchBuilder) {
        let next = Self::new(framing, unit);
        // The code unit says where lines end. In the middle of a length-prefixed message, a cut for
        // its sake would take the rest of the message for the next prefix.
        if next.framing != self.framing || (framing.has_tails() && next.unit != self.unit) {
            self.end(Boundary::Reframed, out);
            self.counted = Counted::Prefix;
        }
        (self.framing, self.unit) = (next.framing, next.unit);
    }

    /// The stream has ended: what is held becomes a message ([`Boundary::EndOfStream`]).
    pub fn finish(&mut self, out: &mut BatchBuilder) {
        // Nothing is as quiet as the end.
        self.end(if self.framing == Framing::Quiet { Boundary::Pause } else { Boundary::EndOfStream }, out);
        self.counted = Counted::Prefix;
    }

    /// Ends the unfinished message: the stream ended or its framing changed in the middle of it.
    fn end(&mut self, boundary: Boundary, out: &mut BatchBuilder) {
        self.before = Vec::new();
        if self.pending.is_empty() {
            return;
        }
        let header = match (self.framing, self.counted) {
            (Framing::Length(_), Counted::Prefix) => self.pending.len() as u8,
            (Framing::Length(_), Counted::Payload { header, .. }) => header,
            // What stood where a prefix should was none: most likely it is text.
            (Framing::Length(_), Counted::Broken(_)) => {
                push_parts(&std::mem::take(&mut self.pending), boundary, out);
                return;
            }
            _ => 0,
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
            if let Framing::Delimiter(_) | Framing::Cr = self.framing {
                // The delimiter may have begun in it.
                self.before = out.bytes.get(out.bytes.len() - LONGEST_DELIMITER..).unwrap_or_default().to_vec();
            }
            tail = rest;
        }
        self.pending.extend_from_slice(tail);
    }

    /// Messages that end at these bytes; of an even number of them, at whole code units only.
    fn push_delimited(&mut self, bytes: &[u8], delimiter: &[u8], out: &mut BatchBuilder) {
        // The bit that is set in how many bytes a message cannot have. A division, for each, takes as long as the rest.
        let odd = usize::from(self.unit == 2 && delimiter.len().is_multiple_of(2));
        let Some(first) = self.first_end(bytes, delimiter, odd) else {
            self.hold(bytes, out);
            return;
        };
        let (message, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
        // What is before this end may be longer than a message may be, and a part of the delimiter may have been cut
        // off with it.
        self.hold(message, out);
        let trailer = delimiter.len().min(self.pending.len());
        self.release(out);
        out.cut_here(0, trailer as u8, Boundary::Newline);
        self.before = Vec::new();

        // All others go over in one piece, and what is behind the last comes back.
        let begin = out.bytes.len();
        out.reserve(rest.len());
        out.bytes.extend_from_slice(rest);
        let BatchBuilder { bytes: all, cuts } = out;
        cuts.reserve(rest.len() / USUAL_LINE);
        let mut start = begin;
        let mut least = begin + delimiter.len();
        for_each(delimiter.last().copied().unwrap_or_default(), rest, |last| {
            let end = begin + last + 1;
            if end < least || !ends_with(all, end, delimiter) || (end - start) & odd != 0 {
                return;
            }
            while end - start > LONGEST_MESSAGE {
                start += LONGEST_MESSAGE;
                cuts.push(Cut::new(start, 0, 0, Boundary::Cut));
            }
            cuts.push(Cut::new(end, 0, delimiter.len().min(end - start) as u8, Boundary::Newline));
            (start, least) = (end, end + delimiter.len());
        });
        out.bytes.truncate(start);
        self.hold(rest.get(start - begin..).unwrap_or_default(), out);
    }

    /// Where in these bytes the message that is held ends, if it does: not after a number of bytes with the bit `odd`.
    fn first_end(&self, bytes: &[u8], delimiter: &[u8], odd: usize) -> Option<usize> {
        let (last, others) = delimiter.split_last()?;
        // The end of what is held may be its beginning.
        let mut joined = [0; 2 * LONGEST_DELIMITER];
        let mut held = 0;
        let known = self.before.iter().chain(&self.pending);
        let known_bytes = self.before.len() + self.pending.len();
        for (to, from) in joined.iter_mut().zip(known.skip(known_bytes.saturating_sub(others.len()))) {
            *to = *from;
            held += 1;
        }
        for (to, from) in joined.iter_mut().skip(held).zip(bytes.iter().take(others.len())) {
            *to = *from;
        }
        memchr_iter(*last, bytes).map(|at| at + 1).find(|&end| {
            let is_there = if end > others.len() {
                ends_with(bytes, end, delimiter)
            } else {
                ends_with(&joined, held + end, delimiter)
            };
            is_there && (self.pending.len() + end) & odd == 0
        })
    }

    /// What is held is about to be cut off as a tail: the delimiter may have begun in it.
    fn remember_end(&mut self) {
        if let Framing::Delimiter(_) | Framing::Cr = self.framing {
            let all = self.pending.len();
            if all < LONGEST_DELIMITER {
                self.before.extend_from_slice(&self.pending);
                self.before.drain(..self.before.len().saturating_sub(LONGEST_DELIMITER));
            } else {
                self.before = self.pending.get(all - LONGEST_DELIMITER..).unwrap_or_default().to_vec();
            }
        }
    }

    fn push_counted(&mut self, mut bytes: &[u8], out: &mut BatchBuilder) -> Result<(), FramingError> {
        loop {
            match self.counted {
                Counted::Prefix => match self.framing {
                    Framing::Length(prefix) => match self.read_prefix(prefix, bytes) {
                        Ok(Some(of)) => {
                            self.counted = Counted::Payload { of, left: of, header: prefix.header() as u8 };
                        }
                        Ok(None) => {
                            self.pending.extend_from_slice(bytes);
                            return Ok(());
                        }
                        Err(error) => {
                            self.counted = Counted::Broken(error);
                            self.pending.extend_from_slice(bytes);
                            return Err(error);
                        }
                    },
                    Framing::Fixed(length) if !bytes.is_empty() => {
                        self.counted = Counted::Payload { of: length.get(), left: length.get(), header: 0 };
                    }
                    _ => return Ok(()),
                },
                Counted::Payload { of, left, header } => {
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
                        self.counted = Counted::Payload { of, left: left - payload, header: 0 };
                    } else {
                        out.cut_here(header, 0, Boundary::Length);
                        self.counted = Counted::Prefix;
                    }
                    bytes = rest;
                }
                Counted::Broken(error) => return Err(error),
            }
        }
    }

    /// How many bytes follow the prefix, if it is whole with these bytes.
    fn read_prefix(&self, prefix: LengthPrefix, bytes: &[u8]) -> Result<Option<usize>, FramingError> {
        let mut header = [0; LONGEST_HEADER];
        let mut length = 0;
        for (to, from) in header.iter_mut().take(prefix.header()).zip(self.pending.iter().chain(bytes)) {
            *to = *from;
            length += 1;
        }
        let Some(number) = prefix.number(header.get(..length).unwrap_or_default()) else { return Ok(None) };
        match prefix.following(number) {
            None => Err(FramingError::PrefixTooShort(number.into())),
            Some(following) if following as usize > LONGEST_PREFIXED => {
                Err(FramingError::PrefixTooLong(following.into()))
            }
            Some(following) => Ok(Some(following as usize)),
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

/// Whether these bytes, up to `end`, end with the others. A delimiter is a few bytes, and comparing them one by one takes less
/// than the call that compares many.
fn ends_with(bytes: &[u8], end: usize, with: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..end).filter(|bytes| bytes.len() >= with.len()) else { return false };
    bytes.iter().rev().zip(with.iter().rev()).all(|(one, other)| one == other)
}

/// Cut the bytes of `out` from `begin` on, the last of which end a line. Before `search_from` no line ends.
fn cut_lines(begin: usize, search_from: usize, unit: usize, out: &mut BatchBuilder) {
    let BatchBuilder { bytes, cuts } = out;
    let searched = bytes.get(search_from..).unwrap_or_default();
    cuts.reserve(searched.len() / USUAL_LINE);
    let mut start = begin;
    for_each(b'\n', searched, |lf| {
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
mod tests;
