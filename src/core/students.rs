//! Simulated students: clients of our own server in this very window, told apart from all others.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::SocketAddr,
    ops::Range,
};

use super::{Conversation, Core, Key};
use crate::chat::ConnId;
use crate::chat::{Origin, RowKind};

/// Simulated students at once.
pub const STUDENTS: usize = 1_000;

/// The simulated students' own ends, and which connections of this window are each other's ends.
#[derive(Debug, Default)]
pub(super) struct Students {
    /// Their own ends; the ends that our server accepted are ordinary conversations.
    pub(super) client_ends: BTreeMap<ConnId, Conversation>,
    /// Live connections of this window by (local address, peer's address).
    by_addresses: HashMap<(SocketAddr, SocketAddr), ConnId>,
    /// Ends of students that were sent away: forgotten once they are closed.
    leaving: HashSet<ConnId>,
}

impl Core {
    /// The simulated students' own ends, by the order in which they came.
    #[must_use]
    pub fn students(&self) -> impl DoubleEndedIterator<Item = (ConnId, &Conversation)> + ExactSizeIterator {
        self.students.client_ends.iter().map(|(conn, conversation)| (*conn, conversation))
    }

    /// The live connection of this window that is this one's other end, if it is ours too.
    #[must_use]
    pub fn other_end(&self, conn: ConnId) -> Option<ConnId> {
        let conversation = self.conversation(Key::Conn(conn))?;
        self.students.by_addresses.get(&(conversation.peer?, conversation.local?)).copied()
    }

    /// Whether this is an end of a student that was sent away, and which is about to go.
    #[must_use]
    pub fn is_leaving(&self, conn: ConnId) -> bool {
        self.students.leaving.contains(&conn)
    }

    /// The messages sent on a connection that end within these bytes of its outgoing stream and are no automatic
    /// replies: what a simulated student at the other end answers.
    #[must_use]
    pub fn said_by_hand(&self, conn: ConnId, bytes: &Range<u64>) -> usize {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return 0 };
        let rows = conversation.entries().iter().rev();
        let ends = rows.filter_map(|(_, entry)| match &entry.kind {
            RowKind::Sent(sent) => Some((sent.begins? + sent.raw.len() as u64, sent.auto)),
            _ => None,
        });
        let recent = ends.take_while(|(end, _)| *end > bytes.start);
        recent.filter(|(end, auto)| *end <= bytes.end && !auto).count()
    }

    /// A connection stands: if its other end is a student's, both are that student's.
    pub(super) fn pair(&mut self, conn: ConnId) {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        let (Some(local), Some(peer)) = (conversation.local, conversation.peer) else { return };
        self.students.by_addresses.insert((local, peer), conn);
        let Some(other) = self.other_end(conn) else { return };
        let number = |conn| self.conversation(Key::Conn(conn)).and_then(|c| c.student);
        let student = number(conn).or(number(other));
        for end in [conn, other] {
            self.with(end, |conversation| conversation.student = student);
        }
        // It was sent away before its other end was known.
        if self.is_leaving(conn) || self.is_leaving(other) {
            self.students.leaving.extend([conn, other]);
        }
    }

    /// A connection is no more.
    pub(super) fn part(&mut self, conn: ConnId) {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        if let (Some(local), Some(peer)) = (conversation.local, conversation.peer)
            && self.students.by_addresses.get(&(local, peer)) == Some(&conn)
        {
            self.students.by_addresses.remove(&(local, peer));
        }
        if self.students.leaving.remove(&conn) {
            self.forget(conn);
        }
    }

    /// These connections go: at once if they are over, else when they are closed.
    pub(super) fn send_away(&mut self, conns: Vec<ConnId>) {
        for conn in conns {
            match self.conversation(Key::Conn(conn)) {
                Some(conversation) if conversation.state.is_over() => self.forget(conn),
                Some(_) => {
                    self.students.leaving.insert(conn);
                }
                None => {}
            }
        }
    }
}

impl Conversation {
    /// Whether this is a simulated student's own end, not the end that our server accepted.
    #[must_use]
    pub fn is_students_own(&self) -> bool {
        self.student.is_some() && matches!(self.origin, Origin::Outgoing { .. })
    }
}
