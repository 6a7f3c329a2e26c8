//! Messages as they were cut from a stream: their bytes, and where each begins and ends.

use bytes::Bytes;

/// What ended a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A line ending or the user's delimiter, of which the last `trailer` bytes are in it.
    Newline,
    /// The end of one `recv` (chunk framing).
    Recv,
    /// As many bytes as the prefix said, or as each message has.
    Length,
    /// The quiet time without a byte, after a tail with no line ending.
    Quiet,
    /// [`super::LONGEST_MESSAGE`] bytes; the message continues in the next cut.
    Cut,
    /// The framing was changed here.
    Reframed,
    /// The stream ended in the middle of a message.
    EndOfStream,
    /// The quiet time without a byte, where that is what ends a message.
    Pause,
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
    /// Bytes of framing before the text: those up to the end of the length prefix, else 0.
    pub header: u8,
    /// Bytes of framing after the text: those of the line ending or delimiter, else 0.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_to_the_byte_for_the_first_read_and_plentifully_for_those_after_it() {
        let mut builder = BatchBuilder::default();
        builder.reserve(100);
        assert_eq!(builder.bytes.capacity(), 100);
        builder.bytes.extend_from_slice(&[0; 90]);
        builder.reserve(10);
        assert_eq!(builder.bytes.capacity(), 100, "there is room");
        builder.reserve(11);
        assert!(builder.bytes.capacity() >= SEVERAL_READS);
        builder.reserve(3 * SEVERAL_READS);
        assert!(builder.bytes.capacity() >= 3 * SEVERAL_READS);
    }

    #[test]
    fn a_batch_is_collected_in_a_buffer_that_is_given_before_it_begins() {
        let mut builder = BatchBuilder::default();
        builder.begin_in(Vec::with_capacity(77));
        assert_eq!(builder.bytes.capacity(), 77);
        builder.begin_in(vec![1]);
        assert_eq!(builder.bytes.capacity(), 77, "what has bytes is not taken");
        builder.bytes.push(b'a');
        builder.begin_in(Vec::new());
        assert_eq!((builder.len(), builder.is_empty()), (1, true), "no message has ended");
        builder.cut_here(0, 0, Boundary::Recv);
        assert!(!builder.is_empty());
        let batch = builder.take_with(|bytes| Bytes::from(bytes.to_ascii_uppercase()));
        assert_eq!((&batch.bytes[..], batch.cuts.len()), (&b"A"[..], 1));
        assert!(builder.is_empty());
    }

    #[test]
    fn cuts_that_are_none_are_taken_as_far_as_there_are_bytes() {
        let cut = |end| Cut::new(end, 0, 0, Boundary::Recv);
        let batch = Batch { bytes: Bytes::from_static(b"abc"), cuts: vec![cut(2), cut(1), cut(9)] };
        let messages: Vec<Bytes> = batch.messages().map(|(bytes, _)| bytes).collect();
        assert_eq!(messages, [&b"ab"[..], b"", b"c"]);
        assert_eq!((cut(7).end, cut(usize::MAX).end), (7, u32::MAX));
    }

    #[test]
    fn text_continues_after_a_boundary_that_is_not_the_framings() {
        use Boundary::{Cut, EndOfStream, Length, Newline, Pause, Quiet, Recv, Reframed};
        assert!([Recv, Quiet, Cut, Reframed].into_iter().all(Boundary::is_open));
        assert!(![Newline, Length, EndOfStream, Pause].into_iter().any(Boundary::is_open));
    }
}
