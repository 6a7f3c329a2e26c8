//! Checks of framing and of decoding that hold for any bytes and any way they are cut into reads.
//!
//! `tests/wire` gives the bytes by proptest, `tests/fuzz` takes them as they come.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use sockhop::wire::{
    BatchBuilder, Boundary, Cut, Framer, Framing, LONGEST_HEADER, LONGEST_MESSAGE, MISSING_TOLD_AFTER, QUIET_TAIL,
    Unfinished,
    characters::{Meaning, faults, pieces},
    text::{self, SplitChar, TextEncoding},
};

/// A message as it was cut: its raw bytes, and what is framing in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub raw: Vec<u8>,
    pub header: usize,
    pub trailer: usize,
    pub boundary: Boundary,
}

impl Message {
    pub fn payload(&self) -> &[u8] {
        &self.raw[self.header..self.raw.len() - self.trailer]
    }
}

/// Collects what a framer gives, in one batch per push or over several of them.
#[derive(Default)]
pub struct Receiver {
    pub builder: BatchBuilder,
    pub messages: Vec<Message>,
}

impl Receiver {
    pub fn take(&mut self) {
        let batch = self.builder.take();
        assert_eq!(batch.cuts.last().map_or(0, |cut| cut.end as usize), batch.bytes.len());
        self.messages.extend(batch.messages().map(|(raw, Cut { header, trailer, boundary, .. })| Message {
            raw: raw.to_vec(),
            header: header.into(),
            trailer: trailer.into(),
            boundary,
        }));
    }

    pub fn raw(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|message| message.raw.clone()).collect()
    }

    /// How the messages after so many of them ended.
    fn since(&self, count: usize) -> impl Iterator<Item = Boundary> {
        self.messages.iter().skip(count).map(|message| message.boundary)
    }

    pub fn held_back(&self, pushed: usize) -> usize {
        pushed - self.messages.iter().map(|message| message.raw.len()).sum::<usize>()
    }
}

/// All messages of these reads, taken after every `take_each` of them.
pub fn messages(framing: Framing, unit: u8, reads: &[&[u8]], take_each: usize) -> Vec<Message> {
    let mut framer = Framer::new(framing, unit);
    let mut receiver = Receiver::default();
    let now = Duration::ZERO;
    for (number, read) in reads.iter().enumerate() {
        if framer.push(read, now, &mut receiver.builder).is_err() {
            break;
        }
        if number % take_each == 0 {
            receiver.take();
        }
    }
    framer.finish(&mut receiver.builder);
    receiver.take();
    receiver.messages
}

/// The bytes, cut at these places, which may be in any order.
pub fn reads(bytes: &[u8], mut ends: Vec<usize>) -> Vec<&[u8]> {
    ends.push(bytes.len());
    ends.sort_unstable();
    let mut start = 0;
    ends.into_iter().map(|end| &bytes[std::mem::replace(&mut start, end)..end]).collect()
}

/// Line framing, byte by byte and in one go.
pub fn lines_by_search(unit: usize, bytes: &[u8]) -> Vec<Message> {
    let (lf, cr_lf): (&[u8], &[u8]) = if unit == 2 { (b"\n\0", b"\r\0\n\0") } else { (b"\n", b"\r\n") };
    let mut messages = Vec::new();
    let mut raw = Vec::new();
    for byte in bytes {
        if raw.len() == LONGEST_MESSAGE {
            let whole = std::mem::take(&mut raw);
            messages.push(Message { raw: whole, header: 0, trailer: 0, boundary: Boundary::Cut });
        }
        raw.push(*byte);
        if raw.len().is_multiple_of(unit) && raw.ends_with(lf) {
            // A CR and an LF in odd places of two code units are no line ending.
            let trailer = if raw.ends_with(cr_lf) { 2 * unit } else { unit };
            messages.push(Message { raw: std::mem::take(&mut raw), header: 0, trailer, boundary: Boundary::Newline });
        }
    }
    if !raw.is_empty() {
        messages.push(Message { raw, header: 0, trailer: 0, boundary: Boundary::EndOfStream });
    }
    messages
}

/// A delimiter, byte by byte: also one of which a part was cut off with a message that is too long.
pub fn delimited_by_search(delimiter: &[u8], unit: usize, bytes: &[u8]) -> Vec<Message> {
    let step = if unit == 2 && delimiter.len().is_multiple_of(2) { 2 } else { 1 };
    let mut messages = Vec::new();
    let (mut whole, mut raw): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    for byte in bytes {
        if raw.len() == LONGEST_MESSAGE {
            let part = std::mem::take(&mut raw);
            messages.push(Message { raw: part, header: 0, trailer: 0, boundary: Boundary::Cut });
        }
        raw.push(*byte);
        whole.push(*byte);
        if whole.len().is_multiple_of(step) && whole.ends_with(delimiter) {
            whole.clear();
            let (raw, trailer) = (std::mem::take(&mut raw), delimiter.len());
            let trailer = trailer.min(raw.len());
            messages.push(Message { raw, header: 0, trailer, boundary: Boundary::Newline });
        }
    }
    if !raw.is_empty() {
        messages.push(Message { raw, header: 0, trailer: 0, boundary: Boundary::EndOfStream });
    }
    messages
}

/// The bytes in pieces of this length, the last of which may be shorter.
fn pieces_of(length: usize, bytes: &[u8], by: Boundary, at_end: Boundary) -> Vec<Message> {
    let pieces = bytes.chunks(length);
    let message = |raw: &[u8]| Message {
        raw: raw.to_vec(),
        header: 0,
        trailer: 0,
        boundary: if raw.len() == length { by } else { at_end },
    };
    pieces.map(message).collect()
}

/// But for chunks, the messages are the same however the bytes were read.
pub fn reads_do_not_matter(framing: Framing, unit: u8, bytes: &[u8], ends: Vec<usize>, take_each: usize) {
    let cut = messages(framing, unit, &reads(bytes, ends), take_each);
    match framing {
        Framing::Line => assert_eq!(cut, lines_by_search(unit.into(), bytes)),
        Framing::Cr if unit == 2 => assert_eq!(cut, delimited_by_search(b"\r\0", 2, bytes)),
        Framing::Cr => assert_eq!(cut, delimited_by_search(b"\r", 1, bytes)),
        Framing::Delimiter(delimiter) => {
            assert_eq!(cut, delimited_by_search(delimiter.as_slice(), unit.into(), bytes));
        }
        Framing::Fixed(length) => {
            assert_eq!(cut, pieces_of(length.get(), bytes, Boundary::Length, Boundary::EndOfStream));
        }
        Framing::Quiet => {
            let mut whole = pieces_of(LONGEST_MESSAGE, bytes, Boundary::Cut, Boundary::Pause);
            if let Some(last) = whole.last_mut() {
                last.boundary = Boundary::Pause;
            }
            assert_eq!(cut, whole);
        }
        Framing::Length(_) => {
            let (mut framer, mut out) = (Framer::new(framing, unit), BatchBuilder::default());
            let raw: Vec<u8> = cut.iter().flat_map(|message| message.raw.clone()).collect();
            match framer.push(bytes, Duration::ZERO, &mut out) {
                Ok(()) => assert_eq!(cut, messages(framing, unit, &[bytes], 1)),
                // Behind a prefix that is too long, what the failed push brought is still there; later reads are not.
                Err(_) => assert!(bytes.starts_with(&raw)),
            }
        }
        Framing::Chunk => assert_eq!(cut.iter().flat_map(|message| message.raw.clone()).collect::<Vec<_>>(), bytes),
    }
}

/// What happens to a framer.
#[derive(Clone, Debug)]
pub enum Step {
    Push(Vec<u8>),
    /// No byte comes for so long.
    Pause(Duration),
    Reframe(Framing, u8),
}

/// Whatever happens, the messages laid end to end are the bytes, few of them are held back, and each ended for a reason.
pub fn nothing_is_lost((mut framing, mut unit): (Framing, u8), steps: Vec<Step>) {
    let mut framer = Framer::new(framing, unit);
    let mut receiver = Receiver::default();
    let mut now = Duration::ZERO;
    let mut last_byte = now;
    let mut told = false;
    let mut sent: Vec<u8> = Vec::new();
    for step in steps {
        let before = receiver.messages.len();
        match step {
            Step::Push(bytes) => {
                sent.extend(&bytes);
                if !bytes.is_empty() {
                    last_byte = now;
                    told = false;
                }
                let cut = framer.push(&bytes, now, &mut receiver.builder);
                receiver.take();
                if cut.is_err() {
                    break;
                }
                assert!(receiver.held_back(sent.len()) <= LONGEST_MESSAGE + LONGEST_HEADER);
                let by = match framing {
                    Framing::Line | Framing::Cr | Framing::Delimiter(_) => Boundary::Newline,
                    Framing::Chunk => Boundary::Recv,
                    Framing::Length(_) | Framing::Fixed(_) => Boundary::Length,
                    Framing::Quiet => Boundary::Cut,
                };
                assert!(receiver.since(before).all(|boundary| boundary == by || boundary == Boundary::Cut));
            }
            Step::Pause(pause) => {
                now += pause;
                let due = framer.deadline().is_some_and(|deadline| deadline <= now);
                let missing = framer.quiet(now, &mut receiver.builder);
                receiver.take();
                let by = if framing == Framing::Quiet { Boundary::Pause } else { Boundary::Quiet };
                let ends = due && (framing.has_tails() || framing == Framing::Quiet);
                assert!(receiver.since(before).eq(ends.then_some(by)));
                assert_eq!(missing.is_some(), due && !ends);
                // What is missing is told once.
                told |= missing.is_some();
            }
            Step::Reframe(to, of) => {
                let held = receiver.held_back(sent.len());
                framer.reframe(to, of, &mut receiver.builder);
                receiver.take();
                let other = to != framing || (to.has_tails() && of != unit);
                let ended = (other && held > 0).then_some(Boundary::Reframed);
                assert!(receiver.since(before).eq(ended));
                (framing, unit) = (to, of);
            }
        }
        let held = receiver.held_back(sent.len());
        let after = match framing {
            Framing::Line | Framing::Cr | Framing::Delimiter(_) => (held >= unit.into()).then_some(QUIET_TAIL),
            Framing::Quiet => (held > 0).then_some(QUIET_TAIL),
            Framing::Length(_) | Framing::Fixed(_) => (held > 0 && !told).then_some(MISSING_TOLD_AFTER),
            Framing::Chunk => None,
        };
        assert_eq!(framer.deadline(), after.map(|after| last_byte + after));
        if let Some(Unfinished { came, of: Some(of) }) = framer.unfinished() {
            assert!(came < of, "{came} of {of}");
        }
    }
    framer.finish(&mut receiver.builder);
    receiver.take();
    assert_eq!(receiver.raw(), sent);
    for message in &receiver.messages {
        assert!(message.payload().len() <= LONGEST_MESSAGE);
    }
}

/// Text decoded read by read is the text decoded whole.
pub fn text_read_by_read_is_the_text(encoding: TextEncoding, bytes: &[u8], ends: Vec<usize>) {
    let whole = text::decode(encoding, SplitChar::default(), bytes, Boundary::EndOfStream);
    let (mut text, mut malformed, mut carry) = (String::new(), false, SplitChar::default());
    let reads = reads(bytes, ends);
    for (number, read) in reads.iter().enumerate() {
        let last = number + 1 == reads.len();
        let boundary = if last { Boundary::EndOfStream } else { Boundary::Recv };
        let decoded = text::decode(encoding, carry, read, boundary);
        text += &decoded.text;
        malformed |= decoded.malformed;
        carry = decoded.split_char;
    }
    assert_eq!(carry, SplitChar::default());
    assert_eq!((text, malformed), (whole.text, whole.malformed));
}

/// The pieces tile the bytes, and their characters are the text; those that are malformed are the faults.
pub fn pieces_are_the_text(encoding: TextEncoding, before: &[u8], bytes: &[u8], boundary: Boundary) {
    // What waits is the beginning of a character; or whatever a history file holds.
    for carry in
        [text::decode(encoding, SplitChar::default(), before, Boundary::Recv).split_char, SplitChar::new(before)]
    {
        let decoded = text::decode(encoding, carry, bytes, boundary);
        let all: Vec<_> = pieces(encoding, carry, bytes, boundary).collect();
        let mut end = 0;
        for piece in &all {
            assert_eq!(piece.bytes.start, end);
            assert!(piece.bytes.end > end);
            end = piece.bytes.end;
        }
        assert_eq!(end, carry.as_slice().len() + bytes.len());
        let shown: String = all.iter().flat_map(|piece| piece.is.chars()).collect();
        assert_eq!(shown, decoded.text);
        assert_eq!(all.iter().any(|piece| piece.is == Meaning::Malformed), decoded.malformed);
        let unfinished: usize =
            all.iter().filter(|piece| piece.is == Meaning::Unfinished).map(|piece| piece.bytes.len()).sum();
        assert_eq!(unfinished, decoded.split_char.as_slice().len());
    }
    let malformed: Vec<usize> = pieces(encoding, SplitChar::default(), bytes, boundary)
        .filter(|piece| piece.is == Meaning::Malformed)
        .map(|piece| piece.bytes.start)
        .collect();
    let told = faults(encoding, bytes, boundary);
    assert_eq!(told.count, malformed.len());
    assert!(malformed.starts_with(&told.first));
}
