//! The buffers of a flood, used again once its messages are dropped.
//!
//! Memory that was just freed goes back to the system, and comes back page by page: in a flood, that
//! costs as much as the copying. Only large batches are held in these buffers, and only if they fill
//! them, since a message keeps its batch's buffer for as long as it lives.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender};

use super::READ_BUDGET;
use crate::wire::{Batch, BatchBuilder};

/// Bytes in a buffer: those of a turn, and what was held before it.
const SIZE: usize = READ_BUDGET + 4096;

/// A batch of fewer bytes gets a buffer of its own size.
const FILLED: usize = SIZE / 4 * 3;

/// Buffers retained for the next flood.
const KEPT: usize = 64;

/// Buffers that nobody uses now.
#[derive(Debug)]
pub(super) struct Buffers {
    home: Sender<Vec<u8>>,
    free: Receiver<Vec<u8>>,
}

/// A buffer that goes home when the last message in it is dropped, on whatever thread.
#[derive(Debug)]
struct Lent {
    bytes: Vec<u8>,
    home: Sender<Vec<u8>>,
}

impl Buffers {
    pub(super) fn new() -> Self {
        let (home, free) = crossbeam_channel::bounded(KEPT);
        Self { home, free }
    }

    /// A large batch is about to begin.
    pub(super) fn lend(&self, batch: &mut BatchBuilder) {
        batch.begin_in(self.free.try_recv().unwrap_or_else(|_| Vec::with_capacity(SIZE)));
    }

    /// The batch is over.
    pub(super) fn take(&self, batch: &mut BatchBuilder) -> Batch {
        batch.take_with(|mut bytes| {
            if bytes.capacity() < SIZE {
                bytes.shrink_to_fit();
                return bytes.into();
            }
            let lent = Lent { bytes, home: self.home.clone() };
            // Dropped at the end of this, the buffer is home again.
            if lent.bytes.len() < FILLED { Bytes::copy_from_slice(&lent.bytes) } else { Bytes::from_owner(lent) }
        })
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        // One that had to grow is no longer of the size that is retained.
        if bytes.capacity() < 2 * SIZE {
            bytes.clear();
            // Enough are retained, or the thread has ended: this one is freed.
            let _ = self.home.try_send(bytes);
        }
    }
}
