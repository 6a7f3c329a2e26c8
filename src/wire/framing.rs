//! Where one message ends: at a line ending, with each `recv`, or after a length prefix.

use std::time::{Duration, Instant};

use bytes::Bytes;

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
#[derive(Debug, Default)]
pub struct BatchBuilder {
    bytes: bytes::BytesMut,
    cuts: Vec<Cut>,
}

impl BatchBuilder {
    /// Whether no message is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// What was collected; the builder is empty after it.
    pub fn take(&mut self) -> Batch {
        Batch { bytes: self.bytes.split().freeze(), cuts: std::mem::take(&mut self.cuts) }
    }
}

/// Cuts one stream into messages.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    unit: u8,
}

impl Framer {
    /// A framer at the start of a stream. `unit` is the bytes in a code unit, 1 or 2.
    #[must_use]
    pub fn new(framing: Framing, unit: u8) -> Self {
        Self { framing, unit }
    }

    /// Cut the bytes of one `recv`.
    ///
    /// # Errors
    /// Where the stream can't be cut any further; the messages before that are in `out`.
    pub fn push(&mut self, bytes: &[u8], now: Instant, out: &mut BatchBuilder) -> Result<(), FramingError> {
        todo!("{bytes:?} {now:?} {out:?} {:?} {}", self.framing, self.unit)
    }

    /// When [`Self::quiet`] is due, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        todo!()
    }

    /// Make a message of a tail that has been quiet until `now` for [`QUIET_TAIL`]; else nothing.
    pub fn quiet(&mut self, now: Instant, out: &mut BatchBuilder) {
        todo!("{now:?} {out:?}")
    }

    /// Go on in another way: what is held becomes a message ([`Boundary::Reframed`]).
    pub fn reframe(&mut self, framing: Framing, unit: u8, out: &mut BatchBuilder) {
        todo!("{framing:?} {unit} {out:?}")
    }

    /// The stream has ended: what is held becomes a message ([`Boundary::EndOfStream`]).
    pub fn finish(&mut self, out: &mut BatchBuilder) {
        todo!("{out:?}")
    }
}
