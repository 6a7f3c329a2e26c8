//! What was sent to a peer that has finished is answered by ACK or by RST: the socket is kept until it is known which.

use std::time::{Duration, Instant};

use super::{Connection, IoContext};
use crate::net::{Cause, CloseReason, EventKind};

/// How long an answer is waited for. A peer that has vanished gives none.
pub const LAST_ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What is known of the answer.
#[derive(Debug, Default)]
pub(super) struct LastAnswer {
    /// Where in the stream what was written last begins.
    last_write: u64,
    /// Since when the answer is waited for.
    since: Option<Instant>,
    /// When the kernel is asked again.
    next: Option<Instant>,
}

impl LastAnswer {
    /// So much of the stream the kernel took at once.
    pub(super) fn wrote(&mut self, begins: u64, end: u64) {
        if end > begins {
            self.last_write = begins;
        }
    }

    /// When the kernel is asked again, if an answer is waited for.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }
}

impl Connection {
    /// Both sides are done. Whether to close, and why: once all that was sent is acknowledged, or the peer has reset the
    /// connection, or no answer came.
    pub(super) fn last_answer(&mut self, cx: &mut IoContext) -> Option<CloseReason> {
        self.last_answer.next = None;
        if !self.has_unacknowledged() {
            return Some(CloseReason::Orderly);
        }
        if self.ask_kernel(cx) && self.has_unacknowledged() {
            let now = Instant::now();
            let waited = now.saturating_duration_since(*self.last_answer.since.get_or_insert(now));
            if waited < LAST_ANSWER_WITHIN {
                // Soon at first: nearly always the answer is here by then.
                self.last_answer.next = Some(now + waited.clamp(SOONEST, LATEST));
                return None;
            }
        } else if self.has_unacknowledged() && self.is_known_to_kernel() {
            // The kernel knows of no such connection any more: it is over, or was reset. No lesson shows this call where
            // it finds nothing.
            let since = Instant::now();
            let error = self.stream.take_error();
            let found = !matches!(error, Ok(None));
            let reason = found.then(|| self.report_error(error, since, cx)).flatten();
            return Some(reason.unwrap_or(CloseReason::Orderly));
        }
        Some(CloseReason::Orderly)
    }

    /// Reports what a peer that had finished answered by RST.
    pub(super) fn tell_answered_by_reset(&self, reason: &CloseReason, cx: &mut IoContext) {
        let reset = matches!(reason, CloseReason::Failed(error) if error.cause() == Cause::Reset);
        let from = self.last_answer.last_write.max(self.acknowledged_so_far());
        if reset && self.peer_finished && self.bytes_out > from {
            cx.events.event(EventKind::AnsweredByReset { conn: self.id, from });
        }
    }
}

/// The first time between two questions.
const SOONEST: Duration = Duration::from_millis(2);

/// The longest.
const LATEST: Duration = Duration::from_millis(200);
