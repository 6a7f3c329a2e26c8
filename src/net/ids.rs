//! Ids of what comes by itself, counted by the thread.

use std::cell::Cell;

use super::{ConnId, MessageId};

/// How many of each kind were given out.
#[derive(Debug, Default)]
pub(super) struct Ids {
    accepted: Cell<u64>,
    replies: Cell<u64>,
}

impl Ids {
    pub(super) fn next_accepted(&self) -> ConnId {
        ConnId::accepted(next(&self.accepted))
    }

    pub(super) fn next_reply(&self) -> MessageId {
        MessageId::reply(next(&self.replies))
    }
}

fn next(counter: &Cell<u64>) -> u64 {
    counter.set(counter.get() + 1);
    counter.get()
}
