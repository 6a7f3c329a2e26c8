//! Cutting the bytes of a conversation again, after its framing was changed.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::chat::{ConnOptions, Happening, Received, RowKind, RowNumber};
use crate::wire::{BatchBuilder, Boundary, Cut, Framer, text::SplitChar};

/// A row that has no number yet.
#[derive(Clone, Debug)]
pub(super) struct Uncounted {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub kind: RowKind,
    /// The number it had, if it had one.
    pub was: Option<RowNumber>,
}

impl Uncounted {
    fn bytes(&self) -> usize {
        match &self.kind {
            RowKind::Received(received) => received.raw.len(),
            RowKind::Sent(_) | RowKind::Happened(_) => 0,
        }
    }
}

/// Where one `recv` ended, in bytes from the start of the stream, and when.
#[derive(Clone, Copy, Debug)]
pub struct RecvEnd {
    /// Bytes received by then.
    pub end: u64,
    /// When it was reported.
    pub at: Timestamp,
}

/// The same rows, with the received ones cut in another way: the bytes are replayed `recv` by `recv`
/// as they came, at the times they came. `recvs_known_from` is where in the stream the first of `recv_ends`
/// began, `stream_end` is how many bytes came up to the last row, and `goes_on` whether more may come.
pub(super) fn reframe(
    rows: Vec<Uncounted>,
    recv_ends: &[RecvEnd],
    recvs_known_from: u64,
    stream_end: u64,
    options: &ConnOptions,
    goes_on: bool,
) -> Vec<Uncounted> {
    let mut others = Vec::new();
    let mut stream: Vec<u8> = Vec::new();
    let mut message_ends = Vec::new();
    for entry in rows {
        match entry.kind {
            RowKind::Received(received) => {
                stream.extend_from_slice(&received.raw);
                message_ends.push((stream.len(), entry.at));
            }
            _ => others.push(entry),
        }
    }
    let Some((_, start)) = message_ends.first().copied() else { return others };
    // The oldest bytes may be gone from memory; offsets in `stream` are `before` less.
    let before = stream_end - stream.len() as u64;
    let recvs = recv_ends.iter().filter_map(|recv| {
        let end = usize::try_from(recv.end.checked_sub(before)?).ok()?;
        (end > 0 && end <= stream.len()).then_some((end, recv.at))
    });
    // What lies before the first remembered recv is replayed by the old messages.
    let known_from = usize::try_from(recvs_known_from.saturating_sub(before)).unwrap_or(usize::MAX);
    let older = message_ends.iter().copied().filter(|(end, _)| *end <= known_from);
    let mut reads: Vec<(usize, Timestamp)> = older.chain(recvs).collect();
    if reads.last().is_none_or(|(end, _)| *end < stream.len()) {
        reads.push((stream.len(), message_ends.last().map_or(start, |(_, at)| *at)));
    }

    let received = replay(&stream, &reads, start, options, goes_on);
    let mut all: Vec<Uncounted> = others;
    all.extend(received);
    all.sort_by_key(|entry| (entry.at, rank(entry)));
    all
}

/// Of rows with the same time: the connection begins, messages come, and all else follows from them.
fn rank(entry: &Uncounted) -> u8 {
    match entry.kind {
        RowKind::Happened(Happening::Accepted(_) | Happening::Connected(_)) => 0,
        RowKind::Received(_) => 1,
        RowKind::Sent(_) | RowKind::Happened(_) => 2,
    }
}

fn replay(
    stream: &[u8],
    reads: &[(usize, Timestamp)],
    start: Timestamp,
    options: &ConnOptions,
    goes_on: bool,
) -> Vec<Uncounted> {
    let mut framer = Framer::new(options.framing, options.unit).with_quiet(options.quiet);
    let mut out = BatchBuilder::default();
    let mut rows = Vec::new();
    let mut begin = 0;
    let mut last = start;
    for (end, at) in reads.iter().copied() {
        let now = Duration::try_from(at.duration_since(start)).unwrap_or_default();
        if framer.deadline().is_some_and(|deadline| deadline <= now) {
            framer.quiet(now, &mut out);
            collect(&mut out, last + options.quiet, &mut rows);
        }
        let bytes = stream.get(begin..end).unwrap_or_default();
        let cut = framer.push(bytes, now, &mut out);
        collect(&mut out, at, &mut rows);
        begin = end.max(begin);
        last = at;
        if cut.is_err() {
            // These bytes are not framed this way: the rest is shown as it is.
            break;
        }
    }
    framer.finish(&mut out);
    let complete = rows.len();
    collect(&mut out, last, &mut rows);
    if goes_on {
        for entry in rows.iter_mut().skip(complete) {
            if let RowKind::Received(received) = &mut entry.kind {
                received.cut.boundary = Boundary::Reframed;
            }
        }
    }
    let shown: usize = rows.iter().map(Uncounted::bytes).sum();
    if let Some(rest) = stream.get(shown..)
        && !rest.is_empty()
    {
        let cut = Cut { end: rest.len() as u32, header: 0, trailer: 0, boundary: Boundary::Reframed };
        let received = Received { raw: Bytes::copy_from_slice(rest), cut, carry: SplitChar::default(), begins: None };
        rows.push(Uncounted { at: last, kind: RowKind::Received(received), was: None });
    }
    rows
}

fn collect(out: &mut BatchBuilder, at: Timestamp, rows: &mut Vec<Uncounted>) {
    if out.is_empty() {
        return;
    }
    for (raw, cut) in out.take().messages() {
        let received = Received { raw, cut, carry: SplitChar::default(), begins: None };
        rows.push(Uncounted { at, kind: RowKind::Received(received), was: None });
    }
}
