//! How much all conversations and calls hold in memory together.
//!
//! Past [`MEMORY_KEPT`], what was read longest ago goes first, closed conversations before open ones: rows that the
//! history has, to be read back from there; without a history, closed conversations as a whole, which is told.

use jiff::Timestamp;

use super::{CallRow, Core, NoticeKind, PastState};
use crate::chat::{ConnId, Row, SocketId};

/// Bytes of all rows and calls in memory together, about; past it some are dropped as said above.
pub const MEMORY_KEPT: usize = 512 * 1024 * 1024;

/// Rows that stay of a conversation whose rows are dropped: what is in sight when it is opened again.
pub const ROWS_LEFT: usize = 200;

/// What is left when some had to be dropped: not at the next message again.
const AFTERWARDS: usize = MEMORY_KEPT / 4 * 3;

/// Bytes decided about between two countings.
const BETWEEN_COUNTS: usize = 16 * 1024 * 1024;

/// What was decided about since memory was counted.
#[derive(Debug, Default)]
pub(super) struct Memory {
    since_count: usize,
    /// Rises with each conversation that is read.
    reads: u64,
    /// The history keeps what is handed to it.
    pub(super) is_kept: bool,
}

impl Memory {
    /// A conversation is read: which reading that is.
    pub(super) fn next_read(&mut self) -> u64 {
        self.reads += 1;
        self.reads
    }

    /// So much more may be in memory. Whether it is time to count.
    pub(super) fn grew(&mut self, bytes: usize) {
        self.since_count += bytes;
    }
}

impl Core {
    /// Bytes of all rows and calls in memory, about.
    #[must_use]
    pub fn memory(&self) -> usize {
        let rows: usize = self.conversations.iter().map(|(_, conversation)| conversation.entries().memory()).sum();
        let calls: usize = self.calls.values().map(|calls| calls.iter().len()).sum();
        rows + self.everyone.entries().memory() + calls * size_of::<CallRow>()
    }

    /// Drops rows and calls where there are too many, if it is time to look.
    pub(super) fn look_after_memory(&mut self, now: Timestamp) {
        if self.memory.since_count < BETWEEN_COUNTS {
            return;
        }
        self.memory.since_count = 0;
        let mut total = self.memory();
        if total <= MEMORY_KEPT {
            return;
        }
        let mut order: Vec<(bool, u64, ConnId)> = (self.conversations.iter())
            .map(|(conn, conversation)| (!conversation.state.is_over(), conversation.last_read, conn))
            .collect();
        order.sort_unstable();
        let in_history = self.memory.is_kept && matches!(self.past.state, PastState::Open(_));
        for (open, _, conn) in order {
            if total <= AFTERWARDS {
                return;
            }
            let Some(conversation) = self.conversations.get_mut(conn) else { continue };
            let before = conversation.entries().memory();
            let in_history = in_history && conversation.is_kept();
            if in_history {
                conversation.keep_latest(ROWS_LEFT);
                total -= before - conversation.entries().memory();
            }
            if open {
                continue;
            }
            total -=
                self.calls.remove(&SocketId::Conn(conn)).map_or(0, |calls| calls.iter().len() * size_of::<CallRow>());
            if !in_history {
                total -= before;
                self.forget(conn);
                self.notice_once(now, NoticeKind::ClosedLetGo);
            }
        }
    }
}

/// What a row holds besides its bytes.
pub(super) const ROW: usize = size_of::<Row>();
