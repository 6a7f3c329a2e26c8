//! Ids for what a test asks of the network thread: counted over all tests of a run, as core counts them.

use std::sync::atomic::{AtomicU64, Ordering};

use sockhop::net::{ConnId, ListenerId, MessageId};

static LAST: AtomicU64 = AtomicU64::new(0);

fn next() -> u64 {
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

pub fn next_listener() -> ListenerId {
    ListenerId(next())
}

pub fn next_conn() -> ConnId {
    ConnId::asked(next())
}

pub fn next_message() -> MessageId {
    MessageId::asked(next())
}
