//! Connecting again by itself, after waits that grow.

use jiff::{SignedDuration, Timestamp};

use super::{Conversation, Core, Key, asked::Keeping};
use crate::{
    chat::{ConnId, JournalEntry, Origin, SessionId},
    net::Command,
};

/// The wait before the first attempt. Each later one is twice as long as the one before it.
pub const FIRST_RECONNECT: SignedDuration = SignedDuration::from_secs(1);

/// The longest wait.
pub const LONGEST_RECONNECT: SignedDuration = SignedDuration::from_secs(30);

/// The next attempt to connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// When.
    pub at: Timestamp,
    /// Which it is since there was a connection, counted from 1.
    pub attempt: u32,
}

/// How long before that attempt.
fn wait(attempt: u32) -> SignedDuration {
    let doubled = 1_i32.checked_shl(attempt.saturating_sub(1).min(16)).unwrap_or(i32::MAX);
    FIRST_RECONNECT.saturating_mul(doubled).min(LONGEST_RECONNECT)
}

impl Core {
    /// A connection has ended without our asking for it, or could not be made: it is tried again, if that was chosen.
    pub(super) fn reconnect_later(&mut self, conn: ConnId, at: Timestamp) {
        if self.lab.is_some() {
            return;
        }
        self.with(conn, |c| {
            let outgoing = matches!(c.origin, Origin::Outgoing { .. }) && c.student.is_none() && !c.stepped;
            if c.manner.reconnect && outgoing {
                let attempt = if c.peer.is_some() { 1 } else { c.attempt.saturating_add(1) };
                let at = at.checked_add(wait(attempt)).unwrap_or(at);
                c.reconnect = Some(Reconnect { at, attempt });
            }
        });
    }

    /// When the next attempt is due.
    pub(super) fn next_reconnect(&self) -> Option<Timestamp> {
        self.reconnecting().map(|(_, reconnect)| reconnect.at).min()
    }

    fn reconnecting(&self) -> impl Iterator<Item = (ConnId, Reconnect)> {
        self.conversations.iter().filter_map(|(conn, conversation)| Some((conn, conversation.reconnect?)))
    }

    /// Begins the attempts whose time has come.
    pub(super) fn reconnect_due(&mut self, now: Timestamp) {
        let due: Vec<(ConnId, Reconnect)> = self.reconnecting().filter(|(_, reconnect)| reconnect.at <= now).collect();
        for (conn, Reconnect { attempt, .. }) in due {
            self.reconnect(conn, attempt, now);
        }
    }

    fn reconnect(&mut self, old: ConnId, attempt: u32, now: Timestamp) {
        self.with(old, |c| c.reconnect = None);
        let Some(before) = self.conversation(Key::Conn(old)) else { return };
        let Origin::Outgoing { host, port } = before.origin.clone() else { return };
        let (name, manner, never_was) = (before.name.clone(), before.manner.clone(), before.peer.is_none());
        let options = manner.options.clone();
        // Nobody asked for it at this moment: whatever is in sight stays so, and what fails is in no history.
        let show = self.effects.show;
        let conn = self.outgoing((host.clone(), port), name, manner, Keeping::Nothing, now);
        self.effects.show = show;
        self.with(conn, |c| (c.attempt, c.continues) = (attempt, Some(old)));
        if never_was && attempt > 1 {
            self.forget(old);
        }
        self.command(Command::Connect { conn, host, port, options });
    }

    /// The user wants no more attempts there.
    pub(super) fn stop_reconnecting(&mut self, conn: ConnId) {
        self.with(conn, |c| c.reconnect = None);
    }

    /// An attempt has become a connection: its conversation is kept like any other.
    pub(super) fn reconnected(&mut self, conn: ConnId, now: Timestamp) {
        let key = Key::Conn(conn);
        if self.conversation(key).is_none_or(|c| c.attempt == 0) {
            return;
        }
        let id = self.new_id(now);
        self.with(conn, |c| {
            c.forget_what_is_not_kept();
            if c.id == SessionId::default() {
                c.id = id;
            }
        });
        let Some(session) = self.conversation(key).map(Conversation::session) else { return };
        self.decide(key, |_, _| JournalEntry::Opened(Box::new(session)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute() {
        let seconds: Vec<i64> = [1, 2, 3, 4, 5, 6, 7, 100].map(|attempt| wait(attempt).as_secs()).into();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }
}
