//! Which conversations are looked at, and when what was found of one is said: once it has held for a while.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;

use super::{Diagnosis, Facts, diagnose};
use crate::{
    chat::{Cause, CloseReason, ConnId, Origin},
    core::{ConnState, Conversation, Core, Key},
    host::{Pace, Wanted},
};

/// What was found of a conversation.
#[derive(Debug, Default)]
pub(in crate::core) struct Watched {
    found: Option<(Diagnosis, Timestamp)>,
    said: bool,
}

impl Watched {
    /// What is said of it.
    fn said(&self) -> Option<&Diagnosis> {
        self.found.as_ref().filter(|_| self.said).map(|(diagnosis, _)| diagnosis)
    }

    /// When what was found is to be said, if it holds until then.
    fn due(&self) -> Option<Timestamp> {
        let (diagnosis, since) = self.found.as_ref().filter(|_| !self.said)?;
        since.checked_add(diagnosis.said_after()).ok()
    }

    /// Takes in what follows from the facts now. Gives whether something else is said than before.
    fn take(&mut self, found: Option<Diagnosis>, now: Timestamp) -> bool {
        let before = self.said().cloned();
        let same = |one: &Diagnosis, other: &Diagnosis| std::mem::discriminant(one) == std::mem::discriminant(other);
        self.found = match (self.found.take(), found) {
            (Some((before, since)), Some(found)) if same(&before, &found) => Some((found, since)),
            (_, found) => {
                self.said = false;
                found.map(|found| (found, now))
            }
        };
        self.said |= self.due().is_some_and(|due| due <= now);
        self.said() != before.as_ref()
    }
}

/// What the core keeps of all of them.
#[derive(Debug, Default)]
pub(in crate::core) struct Watching {
    /// The conversation in sight.
    in_sight: Option<ConnId>,
    /// Something has happened to these since they were looked at.
    changed: HashSet<ConnId>,
    /// Of these something is found that is not said yet.
    waiting: HashSet<ConnId>,
    /// Changes with what is to be asked of the kernel.
    version: u64,
}

impl Watching {
    /// What is to be asked of the kernel may be something else now.
    pub(in crate::core) fn changed(&mut self) {
        self.version += 1;
    }
}

impl Conversation {
    /// Why it does not do what it should, where that is known.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.watched.said()
    }

    /// Whether the address at the other end is one of this machine, as far as addresses say: to one of its own the
    /// system connects from that very address.
    pub(in crate::core) fn peer_is_here(&self) -> bool {
        let peer = self.peer.or(self.connecting_to).map(|peer| peer.ip().to_canonical());
        let local = self.local.or(self.connecting_from).map(|local| local.ip().to_canonical());
        peer.is_some_and(|peer| peer.is_loopback() || peer.is_unspecified() || Some(peer) == local)
    }

    /// Whether something came after we had finished sending.
    pub(in crate::core) fn received_since_finish(&self) -> bool {
        self.finished_at.is_some_and(|bytes| self.bytes_in > bytes)
    }

    /// Whether the kernel may know more of it than we do: one that was closed in order, it does not.
    fn may_be_asked(&self) -> bool {
        if self.origin.is_udp() {
            return false;
        }
        match &self.state {
            ConnState::Connecting(_) | ConnState::Failed(_) => self.peer_is_here(),
            ConnState::Open | ConnState::PeerFinished | ConnState::WeFinished => true,
            ConnState::Closed(CloseReason::Failed(error)) if error.cause() == Cause::Reset => self.peer_is_here(),
            ConnState::New | ConnState::LookingUp(_) | ConnState::Closed(_) => false,
        }
    }

    /// Whether something may be wrong with it, though nobody looks.
    fn is_suspicious(&self) -> bool {
        if self.student.is_some() || !self.may_be_asked() {
            return false;
        }
        match &self.state {
            ConnState::Connecting(_) | ConnState::WeFinished => true,
            // It may not be accepted yet.
            ConnState::Open => matches!(self.origin, Origin::Outgoing { .. }) && self.bytes_in == 0 || self.no_room,
            ConnState::Failed(_) | ConnState::Closed(_) => false,
            _ => self.watched.found.is_some(),
        }
    }

    /// Whether something may be found of it now, if it is not in sight.
    fn is_worth_a_look(&self) -> bool {
        self.state.is_over() || self.is_suspicious() || self.watched.found.is_some()
    }
}

impl Core {
    /// The network was told who is in sight.
    pub(in crate::core) fn looks_at(&mut self, conn: Option<ConnId>) {
        self.watching.changed.extend(self.watching.in_sight.into_iter().chain(conn));
        self.watching.in_sight = conn;
        self.watching.version += 1;
    }

    /// A connection has come further, or has ended.
    pub(in crate::core) fn may_be_ill(&mut self, conn: ConnId) {
        self.watching.changed.insert(conn);
        self.watching.version += 1;
    }

    /// Something was said over a connection.
    pub(in crate::core) fn may_be_well(&mut self, conn: ConnId) {
        let found = |one: &Conversation| one.watched.found.is_some() || one.bytes_in == 0;
        if self.watching.in_sight == Some(conn) || self.conversations.get(conn).is_some_and(found) {
            self.watching.changed.insert(conn);
        }
    }

    /// Changes whenever [`Self::sockets_wanted`] may.
    #[must_use]
    pub fn sockets_wanted_version(&self) -> u64 {
        self.watching.version
    }

    /// What is to be asked of the kernel: everything where it is `shown`; else what may say why something that is in
    /// sight, or that may be wrong, does not do what it should. `None`: nothing.
    #[must_use]
    pub fn sockets_wanted(&self, shown: bool) -> Option<Wanted> {
        let in_sight = self.watching.in_sight;
        let mut asked = BTreeSet::new();
        let mut any = shown;
        let mut after = None;
        for (conn, conversation) in self.conversations.iter() {
            let looked_at = in_sight == Some(conn) && conversation.may_be_asked();
            if !looked_at && !conversation.is_suspicious() {
                continue;
            }
            any = true;
            // Of one that is over, only what is so since then counts.
            after = after.max(conversation.ended_at);
            let peer = conversation.peer.or(conversation.connecting_to);
            if matches!(conversation.origin, Origin::Outgoing { .. }) && conversation.peer_is_here() {
                asked.extend(peer.map(|peer| peer.port()));
            }
        }
        if let Some(port) = self.server.port_to_watch() {
            any = true;
            asked.insert(port);
        }
        if !any {
            return None;
        }
        let locals = self.conversations.iter().filter_map(|(_, conversation)| conversation.local);
        let mut ports: BTreeSet<u16> = locals.map(|local| local.port()).collect();
        ports.extend(self.server.local().map(|local| local.port()));
        Some(Wanted { ports, asked, pace: if shown { Pace::Shown } else { Pace::Behind }, after })
    }

    /// The kernel was asked: looks at all conversations of which it may have said something.
    pub(in crate::core) fn diagnose_all(&mut self, now: Timestamp) {
        let in_sight = self.watching.in_sight;
        let looked_at = |(conn, conversation): &(ConnId, &Conversation)| {
            in_sight == Some(*conn) || !conversation.state.is_over() && conversation.is_worth_a_look()
        };
        let conns: Vec<ConnId> = self.conversations.iter().filter(looked_at).map(|(conn, _)| conn).collect();
        for conn in conns {
            self.diagnose_one(conn, now);
        }
    }

    /// Looks at those to which something has happened, and at those of which something is to be said by now.
    pub(in crate::core) fn diagnose_due(&mut self, now: Timestamp) {
        let mut conns = std::mem::take(&mut self.watching.changed);
        let in_sight = self.watching.in_sight;
        conns.retain(|conn| {
            in_sight == Some(*conn) || self.conversations.get(*conn).is_some_and(Conversation::is_worth_a_look)
        });
        let due = |conn: &&ConnId| {
            self.conversations.get(**conn).and_then(|one| one.watched.due()).is_some_and(|due| due <= now)
        };
        conns.extend(self.watching.waiting.iter().filter(due).copied().collect::<Vec<_>>());
        for conn in conns {
            self.diagnose_one(conn, now);
        }
    }

    /// When something that was found is to be said.
    pub(in crate::core) fn diagnosis_due(&self) -> Option<Timestamp> {
        let waiting = self.watching.waiting.iter();
        waiting.filter_map(|conn| self.conversations.get(*conn)?.watched.due()).min()
    }

    pub(in crate::core) fn diagnose_one(&mut self, conn: ConnId, now: Timestamp) {
        let in_lab = self.lab.as_ref().is_some_and(|lab| lab.made(conn));
        let Some(conversation) = self.conversations.get(conn) else {
            self.watching.waiting.remove(&conn);
            return;
        };
        // The simulated students wait for their turn.
        let facts = if conversation.student.is_some() && !in_lab {
            None
        } else {
            Facts::of(conversation, self.sockets.as_ref(), &self.server, in_lab)
        };
        let found = facts.as_ref().and_then(diagnose);
        let Some(conversation) = self.conversations.get_mut(conn) else { return };
        if conversation.watched.take(found, now) {
            self.watching.version += 1;
        }
        if conversation.watched.due().is_some() {
            self.watching.waiting.insert(conn);
        } else {
            self.watching.waiting.remove(&conn);
        }
    }

    /// What is known of a connection now.
    #[must_use]
    pub fn facts(&self, conn: ConnId) -> Option<Facts> {
        let in_lab = self.lab.as_ref().is_some_and(|lab| lab.made(conn));
        Facts::of(self.conversations.get(conn)?, self.sockets.as_ref(), &self.server, in_lab)
    }

    /// Why a conversation does not do what it should, where that is known.
    #[must_use]
    pub fn diagnosis(&self, key: Key) -> Option<&Diagnosis> {
        self.conversation(key)?.diagnosis()
    }
}
