//! Clients that connect again by themselves: when, to whom, and when they stop.
//!
//! A connection that could not be made is tried again in its own conversation, under its own id. One that was made has
//! had its stream; what comes after it is a conversation of its own, as if the user had connected again.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{ConnState, ConversationOptions, Core};
use crate::{
    chat::{Cause, CloseReason, ConnId, Happening, NetError, Origin, RowKind},
    net::Command,
};

/// How long after an end the first attempt follows. Each one that fails doubles the wait.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait between two attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A connection that lasted so long, or over which anything came, was a good one: the waits begin anew after it. A server
/// that closes each client at once is not asked every second.
pub const GOOD_AFTER: Duration = Duration::from_secs(10);

/// A client that will connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnecting {
    /// When.
    pub due: Timestamp,
    /// Which attempt in a row that will be, counted from 1.
    pub attempt: u32,
}

/// Attempts of all clients.
#[derive(Debug, Default)]
pub(super) struct Reconnects {
    /// Those that wait for their time, by the connection that they follow on.
    waiting: BTreeMap<ConnId, Reconnecting>,
    /// How many attempts there have been in a row up to a connection that is being made, or was made.
    attempts: BTreeMap<ConnId, u32>,
}

impl Core {
    /// Whether this connection, which ended or could not be made, will be made again.
    #[must_use]
    pub fn reconnecting(&self, conn: ConnId) -> Option<Reconnecting> {
        self.reconnects.waiting.get(&conn).copied()
    }

    /// When the next client connects again.
    pub(super) fn next_reconnect(&self) -> Option<Timestamp> {
        self.reconnects.waiting.values().map(|waiting| waiting.due).min()
    }

    /// The connection could not be made. Whether it will be tried again: then its conversation is not over.
    pub(super) fn will_try_again(&mut self, conn: ConnId, error: &NetError, at: Timestamp) -> bool {
        if error.cause() == Cause::Cancelled || !self.reconnects_by_itself(conn) {
            return false;
        }
        self.reconnect_later(conn, at);
        let known = |conversation: &super::Conversation| {
            let last = conversation.entries().iter().next_back().map(|(_, row)| &row.kind);
            matches!(last, Some(RowKind::Happened(Happening::ConnectFailed(last))) if last == error)
        };
        // The same again is no row: a server that is off all night would be a thousand.
        if !self.conversations.get(conn).is_some_and(known) {
            self.decide_happening(conn, at, Happening::ConnectFailed(error.clone()));
        }
        self.with(conn, |conversation| conversation.state = ConnState::Failed(error.clone()));
        true
    }

    /// We finish sending before the peer does: what ends then ends as we wished.
    pub(super) fn end_is_wished(&mut self, conn: ConnId) {
        self.with(conn, |conversation| {
            if conversation.state == ConnState::Open {
                conversation.manner.reconnect = false;
            }
        });
    }

    /// A connection is closed: where that was not our wish, it is made again.
    pub(super) fn closed_with(&mut self, conn: ConnId, reason: &CloseReason, at: Timestamp) {
        let wished = matches!(reason, CloseReason::ByUs | CloseReason::ResetByUs | CloseReason::Quit);
        if wished || !self.reconnects_by_itself(conn) {
            self.reconnects.attempts.remove(&conn);
            return;
        }
        let good = self.conversations.get(conn).is_some_and(|conversation| {
            let connected = (conversation.entries().iter())
                .find_map(|(_, row)| matches!(row.kind, RowKind::Happened(Happening::Connected(_))).then_some(row.at));
            conversation.bytes_in > 0
                || connected.is_none_or(|connected| at.duration_since(connected) >= signed(GOOD_AFTER))
        });
        if good {
            self.reconnects.attempts.remove(&conn);
        }
        self.reconnect_later(conn, at);
    }

    /// It is not to be made again.
    pub(super) fn stop_reconnecting(&mut self, conn: ConnId, now: Timestamp) {
        self.with(conn, |conversation| conversation.manner.reconnect = false);
        self.reconnects.attempts.remove(&conn);
        if self.reconnects.waiting.remove(&conn).is_some()
            && self.conversations.get(conn).is_some_and(|c| matches!(c.state, ConnState::Failed(_)))
        {
            self.decide_end(conn, now);
            self.ended(conn, now);
        }
    }

    /// Nothing connects any more.
    pub(super) fn stop_all_reconnecting(&mut self, now: Timestamp) {
        let waiting: Vec<ConnId> = self.reconnects.waiting.keys().copied().collect();
        for conn in waiting {
            self.stop_reconnecting(conn, now);
        }
    }

    /// The user has removed the conversation.
    pub(super) fn forget_reconnect(&mut self, conn: ConnId) {
        self.reconnects.waiting.remove(&conn);
        self.reconnects.attempts.remove(&conn);
    }

    /// Has those connect again whose time has come.
    pub(super) fn reconnect_due(&mut self, now: Timestamp) {
        let due: Vec<ConnId> =
            (self.reconnects.waiting.iter()).filter(|(_, waiting)| waiting.due <= now).map(|(conn, _)| *conn).collect();
        for conn in due {
            let attempt = self.reconnects.waiting.remove(&conn).map_or(1, |waiting| waiting.attempt);
            let Some(conversation) = self.conversations.get(conn) else { continue };
            let Origin::Outgoing { host, port } = conversation.origin.clone() else { continue };
            let (manner, name) = (conversation.manner().clone(), conversation.name.clone());
            self.reconnects.attempts.remove(&conn);
            let conn = if matches!(conversation.state, ConnState::Failed(_)) {
                self.with(conn, |conversation| conversation.state = ConnState::New);
                let options = manner.options;
                self.command(Command::Connect { conn, host, port, options });
                conn
            } else {
                // What is in sight stays: nobody has asked for another conversation.
                let in_sight = self.effects.show;
                let old = conn;
                let conn = self.connect((host, port), name, manner, now);
                self.effects.show = in_sight;
                self.with(conn, |conversation| conversation.continues = Some(old));
                conn
            };
            self.reconnects.attempts.insert(conn, attempt);
        }
    }

    fn reconnects_by_itself(&self, conn: ConnId) -> bool {
        let is_of_lab = self.lab.as_ref().is_some_and(|lab| lab.made(conn));
        self.conversations.get(conn).is_some_and(|conversation| {
            let ConversationOptions { reconnect, .. } = conversation.manner();
            *reconnect && matches!(conversation.origin, Origin::Outgoing { .. }) && conversation.student.is_none()
        }) && !is_of_lab
    }

    fn reconnect_later(&mut self, conn: ConnId, at: Timestamp) {
        let attempt = self.reconnects.attempts.remove(&conn).unwrap_or(0) + 1;
        let wait = FIRST_WAIT.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST_WAIT);
        let due = at.checked_add(signed(wait)).unwrap_or(at);
        self.reconnects.waiting.insert(conn, Reconnecting { due, attempt });
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
