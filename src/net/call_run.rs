//! The calls of one turn on one connection, folded into one row where they are many.

use std::time::{Duration, Instant};

use super::{
    Call, Outcome,
    event_queue::{EventSender, SocketLabel},
};

/// More calls of the same kind in one turn become one row.
pub(super) const FOLD_ABOVE: usize = 4;

/// Gathers the calls of a turn. Empty between two turns.
#[derive(Debug, Default)]
pub(super) struct CallRun {
    calls: Vec<ReturnedCall>,
    /// How many of the calls, from the first, may be folded.
    plain: usize,
}

/// A call that has returned. Less than a row, since most will share one.
#[derive(Debug)]
struct ReturnedCall {
    call: Call,
    outcome: Outcome,
    waited: Duration,
    at: Instant,
}

impl CallRun {
    /// One more call, that we were ready for since `since`. When it ended: what the next one counts from.
    ///
    /// Only a `plain` call may be folded: one like the others, a full `recv` or a `send`.
    pub(super) fn add(
        &mut self,
        call: Call,
        outcome: Outcome,
        plain: bool,
        since: Instant,
        to: &mut EventSender,
    ) -> Instant {
        to.tick();
        let at = to.now();
        if plain && self.plain == self.calls.len() {
            self.plain += 1;
        }
        self.calls.push(ReturnedCall { call, outcome, waited: at.saturating_duration_since(since), at });
        at
    }

    /// The turn of `label` is over.
    pub(super) fn report(&mut self, label: SocketLabel, to: &mut EventSender) {
        let mut calls = self.calls.drain(..);
        if self.plain > FOLD_ABOVE
            && let Some(mut all) = calls.next()
        {
            for call in calls.by_ref().take(self.plain - 1) {
                all.at = call.at;
                all.waited += call.waited;
                if let (Outcome::Bytes(sum), Outcome::Bytes(bytes)) = (&mut all.outcome, call.outcome) {
                    *sum += bytes;
                }
                if let (Call::Send(sum), Call::Send(len)) = (&mut all.call, call.call) {
                    *sum += len;
                }
            }
            to.row(label, all.call, all.outcome, all.waited, all.at, self.plain as u32);
        }
        for call in calls {
            to.row(label, call.call, call.outcome, call.waited, call.at, 1);
        }
        self.plain = 0;
    }
}
