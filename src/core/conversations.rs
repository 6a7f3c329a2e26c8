//! The conversations with one peer each, in the order in which they were opened.

use std::collections::{BTreeMap, HashMap};

use super::Conversation;
use crate::chat::{ConnId, SessionId};

/// Conversations by their own ids, which rise as they are opened; found by their connection too.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    by_id: BTreeMap<SessionId, (ConnId, Conversation)>,
    of_conn: HashMap<ConnId, SessionId>,
}

impl Conversations {
    pub(super) fn get(&self, conn: ConnId) -> Option<&Conversation> {
        self.by_id.get(self.of_conn.get(&conn)?).map(|(_, conversation)| conversation)
    }

    pub(super) fn get_mut(&mut self, conn: ConnId) -> Option<&mut Conversation> {
        self.by_id.get_mut(self.of_conn.get(&conn)?).map(|(_, conversation)| conversation)
    }

    pub(super) fn contains(&self, conn: ConnId) -> bool {
        self.of_conn.contains_key(&conn)
    }

    pub(super) fn insert(&mut self, conn: ConnId, conversation: Conversation) {
        self.of_conn.insert(conn, conversation.id);
        self.by_id.insert(conversation.id, (conn, conversation));
    }

    pub(super) fn remove(&mut self, conn: ConnId) -> Option<Conversation> {
        self.by_id.remove(&self.of_conn.remove(&conn)?).map(|(_, conversation)| conversation)
    }

    /// The oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (ConnId, &Conversation)> + ExactSizeIterator {
        self.by_id.values().map(|(conn, conversation)| (*conn, conversation))
    }

    /// The oldest first.
    pub(super) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (ConnId, &mut Conversation)> {
        self.by_id.values_mut().map(|(conn, conversation)| (*conn, conversation))
    }

    /// The conversation that has this id, by its connection.
    pub(super) fn conn_of(&self, id: SessionId) -> Option<ConnId> {
        self.by_id.get(&id).map(|(conn, _)| *conn)
    }
}
