//! What is too long for one message: sent in pieces, as the kernel takes them.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;

use super::{Core, Key, NoticeKind};
use crate::{
    chat::{Delivery, Happening, JournalEntry, RowKind, RowNumber},
    wire::Framing,
};

/// The most bytes of a piece: a message that is longer is cut so at the other end as well.
pub const PIECE: usize = 64 * 1024;

/// The most bytes that are sent so at once; the window refuses more.
pub const MOST_SENT: usize = 64 * 1024 * 1024;

/// Pieces that wait for the kernel at a time: the network thread's queue has room for more than these.
const PIECES_WAITING: usize = 8;

/// Something on its way in pieces.
#[derive(Debug)]
pub(super) struct LongSend {
    rest: Bytes,
    of: usize,
    /// The rows of the pieces that the kernel has not taken yet, and how many of the bytes are in each.
    waiting: VecDeque<(RowNumber, usize)>,
}

impl Core {
    /// What is on its way there in pieces: bytes that were handed on so far, and of how many.
    #[must_use]
    pub fn long_send(&self, key: Key) -> Option<(usize, usize)> {
        self.long_sends.get(&key).map(|long| (long.of - long.rest.len(), long.of))
    }

    /// Bytes of all that is on its way in pieces, but for the pieces that the kernel has taken whole.
    #[must_use]
    pub fn not_taken(&self) -> usize {
        let waits = |key: Key, row| matches!(self.piece(key, row), Piece::Waiting);
        let left = |(key, long): (&Key, &LongSend)| {
            let waiting = long.waiting.iter().filter(|(row, _)| waits(*key, *row)).map(|(_, bytes)| bytes);
            long.rest.len() + waiting.sum::<usize>()
        };
        self.long_sends.iter().map(left).sum()
    }

    /// The conversation ends: what was not handed on by now never will be, and a row says so.
    pub(super) fn cut_long_send_short(&mut self, key: Key, now: Timestamp) {
        if let Some(long) = self.long_sends.remove(&key) {
            self.decide_not_sent(key, &long, now);
        }
    }

    fn decide_not_sent(&mut self, key: Key, long: &LongSend, at: Timestamp) {
        let (bytes, of) = (long.rest.len() as u64, long.of as u64);
        if bytes == 0 {
            return;
        }
        if self.conversation(key).is_some_and(|conversation| !conversation.state.is_over()) {
            let what = Happening::NotSent { bytes, of };
            self.decide(key, |session, number| JournalEntry::Happened { session, number, at, what });
        }
        self.notice(at, NoticeKind::NotAllSent { bytes });
    }

    /// Sends these bytes as they are, in pieces; with a length before each where the framing is so. One at a time.
    pub(super) fn send_long(&mut self, key: Key, bytes: Bytes, now: Timestamp) {
        if self.conversation(key).is_some_and(|c| c.udp.is_some()) {
            // In pieces it would be several datagrams; as one, it is refused with the reason where it is too long.
            self.send(key, bytes, now);
            return;
        }
        let (of, waiting) = (bytes.len(), VecDeque::new());
        if self.long_sends.contains_key(&key) {
            self.notice(now, NoticeKind::NotAllSent { bytes: of as u64 });
            return;
        }
        self.long_sends.insert(key, LongSend { rest: bytes, of, waiting });
        self.continue_long_sends(now);
    }

    /// Sends the pieces that there is room for by now.
    pub(super) fn continue_long_sends(&mut self, now: Timestamp) {
        let keys: Vec<Key> = self.long_sends.keys().copied().collect();
        for key in keys {
            if let Some(mut long) = self.long_sends.remove(&key)
                && self.send_pieces(key, &mut long, now)
            {
                self.long_sends.insert(key, long);
            }
        }
    }

    /// Whether there is more to send.
    fn send_pieces(&mut self, key: Key, long: &mut LongSend, now: Timestamp) -> bool {
        while let Some((first, _)) = long.waiting.front() {
            match self.piece(key, *first) {
                Piece::Waiting => break,
                Piece::Taken => drop(long.waiting.pop_front()),
                Piece::Failed => {
                    self.decide_not_sent(key, long, now);
                    return false;
                }
            }
        }
        while long.waiting.len() < PIECES_WAITING && !long.rest.is_empty() {
            let Some(conversation) = self.conversation(key) else {
                self.notice(now, NoticeKind::NotAllSent { bytes: long.rest.len() as u64 });
                return false;
            };
            let (row, framing) = (conversation.entries().end(), conversation.manner().framing());
            let piece = long.rest.split_to(piece_end(&long.rest).min(framing.longest_sent()));
            let bytes = piece.len();
            let raw = if let Framing::Length(_) = framing { framing.wrap(piece.to_vec(), &[]).into() } else { piece };
            self.send(key, raw, now);
            long.waiting.push_back((row, bytes));
        }
        !long.waiting.is_empty()
    }

    fn piece(&self, key: Key, row: RowNumber) -> Piece {
        let Some(conversation) = self.conversation(key) else { return Piece::Failed };
        let kind = conversation.entries().get(row).map(|row| &row.kind);
        match kind {
            Some(RowKind::Sent(sent)) => match &sent.delivery {
                Delivery::Waiting if conversation.state.is_over() => Piece::Failed,
                Delivery::Waiting => Piece::Waiting,
                Delivery::Failed(_) => Piece::Failed,
                Delivery::ToAll { clients, sent, failed, .. } if sent + failed < *clients => Piece::Waiting,
                _ => Piece::Taken,
            },
            // It is in the history alone by now.
            _ => Piece::Taken,
        }
    }
}

/// What became of a piece.
enum Piece {
    Waiting,
    Taken,
    Failed,
}

/// Where the next piece of these bytes ends: behind a line, or at least not in a character of UTF-8.
fn piece_end(bytes: &[u8]) -> usize {
    let Some(piece) = bytes.get(..PIECE).filter(|_| bytes.len() > PIECE) else { return bytes.len() };
    if let Some(line) = piece.iter().rposition(|byte| *byte == b'\n') {
        return line + 1;
    }
    let begins = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80);
    (PIECE - 3..=PIECE).rev().find(begins).unwrap_or(PIECE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_behind_a_line_or_between_characters() {
        assert_eq!(piece_end(b"short"), 5);
        let mut lines = b"0123456789abcde\n".repeat(8192);
        assert_eq!(piece_end(&lines), PIECE);
        lines.insert(0, b'x');
        assert_eq!(piece_end(&lines), PIECE - 15);
        assert_eq!(piece_end("你".repeat(PIECE).as_bytes()), PIECE - 1);
        assert_eq!(piece_end(&vec![0x80; 2 * PIECE]), PIECE);
    }
}
