//! Ids, counted by the handle and the thread together.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{ConnId, ListenerId, MessageId};

/// The last id of each kind that was given out.
#[derive(Debug, Default)]
pub(super) struct Ids {
    listener: AtomicU64,
    conn: AtomicU64,
    message: AtomicU64,
}

impl Ids {
    pub(super) fn next_listener(&self) -> ListenerId {
        ListenerId(next(&self.listener))
    }

    pub(super) fn next_conn(&self) -> ConnId {
        ConnId(next(&self.conn))
    }

    pub(super) fn next_message(&self) -> MessageId {
        MessageId(next(&self.message))
    }
}

fn next(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}
