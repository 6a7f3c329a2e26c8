//! The calls of one turn on one connection, folded into one row where they are many.

use std::time::Instant;

use super::{
    Call, EventKind, Outcome, SocketCall,
    event_queue::{EventSender, Who},
};

/// More calls of the same kind in one turn become one row.
const FOLD_ABOVE: usize = 4;

/// Gathers the rows of a turn. Empty between two turns.
#[derive(Debug, Default)]
pub(super) struct CallRun {
    rows: Vec<SocketCall>,
    /// How many of the rows, from the first, may be folded.
    plain: usize,
}

impl CallRun {
    /// One more call, that we were ready for since `since`. When it ended: what the next one counts from.
    ///
    /// Only a `plain` call may be folded: one like the others, a full `recv` or a `send`.
    pub(super) fn add(
        &mut self,
        who: Who,
        call: Call,
        outcome: Outcome,
        plain: bool,
        since: Instant,
        to: &mut EventSender,
    ) -> Instant {
        to.tick();
        if plain && self.plain == self.rows.len() {
            self.plain += 1;
        }
        self.rows.push(to.row(who, call, outcome, since));
        to.now()
    }

    /// The turn is over.
    pub(super) fn report(&mut self, to: &mut EventSender) {
        let mut rows = self.rows.drain(..);
        if self.plain > FOLD_ABOVE
            && let Some(mut folded) = rows.next()
        {
            for row in rows.by_ref().take(self.plain - 1) {
                folded.at = row.at;
                folded.waited += row.waited;
                folded.count += row.count;
                if let (Outcome::Bytes(sum), Outcome::Bytes(bytes)) = (&mut folded.outcome, row.outcome) {
                    *sum += bytes;
                }
                if let (Call::Send(sum), Call::Send(len)) = (&mut folded.call, row.call) {
                    *sum += len;
                }
            }
            to.event(EventKind::Call(folded));
        }
        for row in rows {
            to.event(EventKind::Call(row));
        }
        self.plain = 0;
    }
}
