//! Messages as they were cut from a stream: their bytes, and where each begins and ends.

use bytes::Bytes;

/// What ended a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A line ending, `trailer` bytes long.
    Newline,
    /// The end of one `recv` (chunk framing).
    Recv,
    /// As many bytes as the prefix said.
    Length,
    /// [`super::QUIET_TAIL`] without a byte after a tail with no newline.
    Quiet,
    /// [`super::LONGEST_MESSAGE`] bytes; the message continues in the next cut.
    Cut,
    /// The framing was changed here.
    Reframed,
    /// The stream ended in the middle of a message.
    EndOfStream,
}

impl Boundary {
    /// Whether the text may continue after this boundary, so that half a character waits for the next message.
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

impl Cut {
    pub(super) fn new(end: usize, header: u8, trailer: u8, boundary: Boundary) -> Self {
        Self { end: u32::try_from(end).unwrap_or(u32::MAX), header, trailer, boundary }
    }
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
            let end = (cut.end as usize).clamp(start, self.bytes.len());
            let bytes = self.bytes.slice(start..end);
            start = end;
            (bytes, *cut)
        })
    }
}

/// Collects the messages of several reads into one [`Batch`].
///
/// It holds nothing between a [`Self::take`] and the next message, so one for each connection costs
/// an idle connection no memory.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    pub(super) bytes: Vec<u8>,
    pub(super) cuts: Vec<Cut>,
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
        self.take_with(|mut bytes| {
            bytes.shrink_to_fit();
            bytes.into()
        })
    }

    /// As [`Self::take`], but `hold` decides what the bytes are held in.
    pub fn take_with(&mut self, hold: impl FnOnce(Vec<u8>) -> Bytes) -> Batch {
        Batch { bytes: hold(std::mem::take(&mut self.bytes)), cuts: std::mem::take(&mut self.cuts) }
    }

    /// Collect in this buffer, which is empty; does nothing in the middle of a batch.
    pub fn begin_in(&mut self, buffer: Vec<u8>) {
        if self.bytes.is_empty() && buffer.is_empty() {
            self.bytes = buffer;
        }
    }

    /// Make room for that many bytes more: to the byte for the first read of a batch, which is often the
    /// only one, and plentifully for what comes after it.
    pub(super) fn reserve(&mut self, bytes: usize) {
        if self.bytes.is_empty() {
            self.bytes.reserve_exact(bytes);
        } else if self.bytes.capacity() - self.bytes.len() < bytes {
            self.bytes.reserve(bytes.max(SEVERAL_READS));
        }
    }

    /// End the message that began where the last cut was, at the last byte appended.
    pub(super) fn cut_here(&mut self, header: u8, trailer: u8, boundary: Boundary) {
        self.cuts.push(Cut::new(self.bytes.len(), header, trailer, boundary));
    }
}

/// Room made at once for the second read of a batch and those after it, in bytes.
const SEVERAL_READS: usize = 64 * 1024;
