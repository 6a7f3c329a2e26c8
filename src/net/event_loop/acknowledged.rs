//! When the kernel is asked what is acknowledged, and whether the peer answers: as often as somebody looks. Of what is
//! acknowledged, only for whoever is in sight, and only when a keepalive probe should have been answered.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use super::{
    super::{ACKNOWLEDGED_ASKED, ACKNOWLEDGED_ASKED_IN_SIGHT, ConnId, connection::Connection},
    EventLoop,
};

/// After sending, how long the first question waits: in a network at hand the answer has come by then.
const FIRST: Duration = Duration::from_millis(40);

/// Connections asked for before sockets are served again.
const ASKED_A_TURN: usize = 128;

/// Connections with something that is not known to be acknowledged, and when to ask for them.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged {
    in_sight: Option<ConnId>,
    in_sight_due: Option<Instant>,
    in_sight_asked: Option<Instant>,
    /// All that are not in sight; some may be closed.
    others: BTreeSet<ConnId>,
    others_due: Option<Instant>,
    others_asked: Option<Instant>,
    /// Those of them that are being asked for.
    asking: VecDeque<ConnId>,
}

impl Unacknowledged {
    /// Whether some are being asked for.
    pub(super) fn has_work(&self) -> bool {
        !self.asking.is_empty()
    }

    /// When to ask next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.in_sight_due.into_iter().chain(self.others_due).min()
    }

    fn add(&mut self, conn: ConnId, now: Instant) {
        let next = |asked: Option<Instant>, between| {
            let first = now + FIRST;
            asked.map_or(first, |asked| first.max(asked + between))
        };
        if self.in_sight == Some(conn) {
            let due = next(self.in_sight_asked, ACKNOWLEDGED_ASKED_IN_SIGHT);
            // It may have been due for the next probe only.
            self.in_sight_due = Some(self.in_sight_due.map_or(due, |before| before.min(due)));
        } else {
            self.others.insert(conn);
            self.others_due.get_or_insert(next(self.others_asked, ACKNOWLEDGED_ASKED));
        }
    }
}

impl EventLoop {
    /// A connection was served: ask for it, if it sent something.
    pub(super) fn await_acknowledgement(&mut self, id: ConnId) {
        let now = self.cx.events.now();
        if self.conns.get_mut(&id).is_some_and(Connection::begins_to_await_acknowledgement) {
            self.unacknowledged.add(id, now);
        }
    }

    /// Somebody looks at this connection, and at no other.
    pub(super) fn in_sight(&mut self, conn: Option<ConnId>) {
        let now = self.cx.events.now();
        self.cx.events.in_sight = conn;
        let before = std::mem::replace(&mut self.unacknowledged.in_sight, conn);
        self.unacknowledged.in_sight_due = None;
        for id in before.into_iter().chain(conn) {
            self.unacknowledged.others.remove(&id);
            if self.conns.get(&id).is_some_and(Connection::awaits_acknowledgement) {
                self.unacknowledged.add(id, now);
            }
        }
        if let Some(id) = conn {
            self.begin_sight(id);
        }
    }

    /// A connection is in sight, or one that is has been made: whether its peer answers is to be known.
    pub(super) fn begin_sight(&mut self, id: ConnId) {
        if self.unacknowledged.in_sight == Some(id) && self.conns.contains_key(&id) {
            self.unacknowledged.in_sight_due.get_or_insert(self.cx.events.now());
        }
    }

    /// Ask for those whose time has come. While the receiver has to drain first, nobody could be told.
    pub(super) fn ask_acknowledged(&mut self) {
        if self.cx.events.is_stalled() {
            return;
        }
        let now = self.cx.events.now();
        let is_due = |due: &mut Option<Instant>| due.take_if(|due| *due <= now).is_some();
        if is_due(&mut self.unacknowledged.in_sight_due) {
            self.unacknowledged.in_sight_asked = Some(now);
            if let Some(id) = self.unacknowledged.in_sight {
                self.ask_for(id, now);
            }
        }
        if self.unacknowledged.asking.is_empty() && is_due(&mut self.unacknowledged.others_due) {
            self.unacknowledged.others_asked = Some(now);
            self.unacknowledged.asking = std::mem::take(&mut self.unacknowledged.others).into_iter().collect();
        }
        for _ in 0..ASKED_A_TURN {
            let Some(id) = self.unacknowledged.asking.pop_front() else { break };
            if self.unacknowledged.in_sight != Some(id) {
                self.ask_for(id, now);
            }
        }
    }

    fn ask_for(&mut self, id: ConnId, now: Instant) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.ask_kernel(&mut self.cx) {
            self.unacknowledged.add(id, now);
        } else if self.unacknowledged.in_sight == Some(id) {
            self.unacknowledged.in_sight_due = conn.until_probe().map(|wait| now + wait);
        }
    }
}
