//! The calls made on one socket.

use std::collections::VecDeque;

use crate::net::SocketCall;

/// Calls kept of one socket; past it the oldest go, and are counted.
pub const CALLS_KEPT: usize = 5_000;

/// The calls made on one socket, oldest first.
#[derive(Debug, Default)]
pub struct CallLog {
    calls: VecDeque<SocketCall>,
    let_go: u64,
}

impl CallLog {
    /// The calls, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &SocketCall> + ExactSizeIterator {
        self.calls.iter()
    }

    /// How many older ones are not kept any more.
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    pub(super) fn push(&mut self, call: SocketCall) {
        if self.calls.len() == CALLS_KEPT {
            self.calls.pop_front();
            self.let_go += 1;
        }
        self.calls.push_back(call);
    }
}
