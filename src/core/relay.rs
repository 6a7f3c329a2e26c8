//! A room: what one client of the server says goes to all others.
//!
//! Each of the others gets a row of its own with its own outcome, as with a message to everyone. One that reads slowly slows
//! those who write down for a moment, and is closed once more waits for it than may: it holds nobody up, and nobody reads
//! a stream with a hole in it. Simulated students hear the room, and what they say goes to the real ones: they answer
//! everything, each other too.

use std::{
    collections::{BTreeSet, HashMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{Conversation, Core, Key, NoticeKind, WakeReason};
use crate::{
    chat::{Cause, ConnId, Delivery, MessageId, NetError, Relay, RowNumber, payload},
    net::Command,
    wire::{
        Batch, Boundary, Cut,
        text::{self, SplitChar},
    },
};

/// When so many bytes wait for one client, those who write are not read for a while.
pub const RELAY_WAITS: usize = 512 * 1024;

/// How long a client that takes nothing slows the others down.
pub const RELAY_PATIENCE: Duration = Duration::from_millis(250);

/// So many messages in a row that came back from a client as they had been relayed to it make a loop: it answers what it
/// hears, and others answer that.
pub const CAME_BACK: u32 = 20;

/// They have to come back within this time: devices may well say the same as each other, but not that often.
pub const CAME_BACK_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// Messages relayed to a client that are remembered, to know them again.
const HEARD: usize = 64;

/// The clients among whom everything is relayed.
#[derive(Debug, Default)]
pub(super) struct Room {
    relay: Relay,
    /// Those who are connected, and what is known of each.
    members: HashMap<ConnId, Member>,
    /// What is on its way to them.
    shares: HashMap<MessageId, Shared>,
    /// Those for whom more than [`RELAY_WAITS`] waits.
    full: BTreeSet<ConnId>,
    /// Those who are not read until the others have caught up.
    paused: BTreeSet<ConnId>,
}

#[derive(Debug, Default)]
struct Member {
    /// Bytes of others on their way to it.
    waits: usize,
    /// When it last took something, or had nothing to take.
    progress: Timestamp,
    /// What it heard of others last, by hash.
    heard: VecDeque<u64>,
    /// How many of its last messages it had heard, and since when.
    came_back: (u32, Timestamp),
    /// It answers what it hears: what it says goes to nobody.
    muted: bool,
}

/// Messages on their way to several clients.
#[derive(Debug)]
struct Shared {
    batch: Batch,
    /// To how many they are still on their way.
    left: usize,
}

impl Core {
    /// Whether what a client says goes to all others.
    #[must_use]
    pub fn relay(&self) -> Relay {
        self.room.relay
    }

    pub(super) fn set_relay(&mut self, relay: Relay) {
        self.room.relay = relay;
        self.resume_writers();
    }

    pub(super) fn joins_room(&mut self, conn: ConnId, at: Timestamp) {
        self.room.members.insert(conn, Member { progress: at, ..Member::default() });
    }

    pub(super) fn leaves_room(&mut self, conn: ConnId) {
        self.room.members.remove(&conn);
        self.room.full.remove(&conn);
        self.room.paused.remove(&conn);
        self.resume_writers();
    }

    /// A client said this.
    pub(super) fn relay_from(&mut self, from: ConnId, batch: &Batch, at: Timestamp) {
        let is_room = self.room.relay != Relay::Off && self.lab.is_none() && self.room.members.contains_key(&from);
        if !is_room || self.went_round(from, batch, at) {
            return;
        }
        let is_student = |conn: ConnId| self.conversations.get(conn).is_some_and(|c| c.student.is_some());
        let from_student = is_student(from);
        let hears = |conn: ConnId| {
            let conversation = self.conversations.get(conn);
            conn != from && conversation.is_some_and(|c| c.state.can_send()) && !(from_student && is_student(conn))
        };
        let to: Arc<[ConnId]> = self.room.members.keys().copied().filter(|conn| hears(*conn)).collect();
        if to.is_empty() {
            return;
        }
        let said = match self.room.relay {
            Relay::Named => self.with_name(from, batch),
            Relay::Off | Relay::Plain => self.with_endings(from, batch),
        };
        let message = self.next_message();
        let (bytes, hashes) = (said.bytes.clone(), hashes(&said));
        for conn in to.iter() {
            let Some(member) = self.room.members.get_mut(conn) else { continue };
            if member.waits == 0 {
                member.progress = at;
            }
            member.waits += bytes.len();
            if member.waits >= RELAY_WAITS {
                self.room.full.insert(*conn);
            }
            member.heard.extend(hashes.iter().rev().take(HEARD).rev());
            let too_many = member.heard.len().saturating_sub(HEARD);
            member.heard.drain(..too_many);
        }
        self.room.shares.insert(message, Shared { batch: said, left: to.len() });
        self.command(Command::SendToEach { conns: to, message, bytes });
        if self.waits_for_readers(at) && self.room.paused.insert(from) {
            self.command(Command::PauseReading { conn: from });
        }
    }

    /// One client's share of what another said was sent, or failed. False: it is no such message.
    pub(super) fn relayed(
        &mut self,
        conn: ConnId,
        message: MessageId,
        sent: &Result<usize, NetError>,
        at: Timestamp,
    ) -> bool {
        let Some(shared) = self.room.shares.get_mut(&message) else { return false };
        shared.left = shared.left.saturating_sub(1);
        let (batch, done) = (shared.batch.clone(), shared.left == 0);
        if done {
            self.room.shares.remove(&message);
        }
        if let Some(member) = self.room.members.get_mut(&conn) {
            member.waits = member.waits.saturating_sub(batch.bytes.len());
            member.progress = at;
            if member.waits < RELAY_WAITS {
                self.room.full.remove(&conn);
            }
        }
        let key = Key::Conn(conn);
        let delivery = sent.as_ref().map_or_else(|error| Delivery::Failed(error.clone()), |_| Delivery::Sent);
        let mut begins = sent.as_ref().ok().and_then(|bytes| Some(self.conversation_mut(key)?.took(*bytes)));
        let encoding = self.manner.encoding;
        for (raw, cut) in batch.messages() {
            let number = self.decide_sent(key, at, (raw, cut, encoding), delivery.clone(), true);
            let bytes = self.note_begins(key, number, begins);
            self.note_unacknowledged(key, number..RowNumber(number.0 + 1), begins, at);
            begins = begins.map(|begins| begins + bytes);
        }
        if sent.as_ref().is_err_and(|error| error.cause() == Cause::NotReading) {
            // What it would get from here on has a hole.
            self.command(Command::Close { conn });
        }
        self.resume_writers_at(at);
        true
    }

    /// The network thread took no more commands: nobody got it.
    pub(super) fn not_relayed(&mut self, conns: &[ConnId], message: MessageId) {
        let Some(shared) = self.room.shares.remove(&message) else { return };
        for conn in conns {
            if let Some(member) = self.room.members.get_mut(conn) {
                member.waits = member.waits.saturating_sub(shared.batch.bytes.len());
            }
            self.command(Command::Close { conn: *conn });
        }
    }

    /// When those who write are read again, though nobody has caught up.
    pub(super) fn relay_wakes(&self) -> Option<(Timestamp, WakeReason)> {
        if self.room.paused.is_empty() {
            return None;
        }
        let patience = SignedDuration::try_from(RELAY_PATIENCE).unwrap_or_default();
        let ends = |conn: &ConnId| self.room.members.get(conn)?.progress.checked_add(patience).ok();
        let due = self.room.full.iter().filter_map(ends).max().unwrap_or_default();
        Some((due, WakeReason::Relay))
    }

    /// Reads those who write again, if nobody is waited for any more.
    pub(super) fn resume_writers_at(&mut self, now: Timestamp) {
        if !self.room.paused.is_empty() && !self.waits_for_readers(now) {
            self.resume_writers();
        }
    }

    fn resume_writers(&mut self) {
        for conn in std::mem::take(&mut self.room.paused) {
            let recording = self.conversations.get(conn).and_then(|c| c.recording.as_ref());
            if !recording.is_some_and(|recording| recording.waits) {
                self.command(Command::ResumeReading { conn });
            }
        }
    }

    /// Whether somebody has not caught up, and has taken something lately.
    fn waits_for_readers(&self, now: Timestamp) -> bool {
        let patience = SignedDuration::try_from(RELAY_PATIENCE).unwrap_or_default();
        let slow = |conn: &ConnId| {
            self.room.members.get(conn).is_some_and(|member| now.duration_since(member.progress) < patience)
        };
        self.room.full.iter().any(slow)
    }

    /// Whether this client says what it has heard, again and again, and fast. It is told once.
    fn went_round(&mut self, from: ConnId, batch: &Batch, at: Timestamp) -> bool {
        let Some(member) = self.room.members.get_mut(&from) else { return true };
        if member.muted {
            return true;
        }
        for said in hashes(batch) {
            if let Some(place) = member.heard.iter().position(|heard| *heard == said) {
                // Each that was heard comes back once.
                member.heard.remove(place);
                if member.came_back.0 == 0 || at.duration_since(member.came_back.1) > CAME_BACK_WITHIN {
                    member.came_back = (0, at);
                }
                member.came_back.0 += 1;
            } else {
                member.came_back.0 = 0;
            }
        }
        member.muted = member.came_back.0 >= CAME_BACK;
        if member.muted {
            self.notice(at, NoticeKind::RelayWentRound { conn: from });
            return true;
        }
        false
    }

    /// The messages as they came, but that a tail gets the ending which it lacks, as the server frames what it sends: the
    /// next line, of whoever, would stick to it. One that breaks off within a character goes on, and a part of what is too
    /// long for one message does too.
    fn with_endings(&self, from: ConnId, batch: &Batch) -> Batch {
        let ending = self.manner.ending();
        let Some(manner) = self.conversations.get(from).map(Conversation::manner) else { return batch.clone() };
        let lacks = |raw: &Bytes, cut: Cut| {
            let is_tail = matches!(cut.boundary, Boundary::Quiet | Boundary::EndOfStream);
            let decoded = || text::decode(manner.encoding, SplitChar::default(), payload(raw, cut), cut.boundary);
            is_tail && cut.trailer == 0 && decoded().split_char == SplitChar::default()
        };
        let tails = manner.framing().has_tails() && !ending.is_empty();
        if !tails || !batch.messages().any(|(raw, cut)| lacks(&raw, cut)) {
            return batch.clone();
        }
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for (raw, cut) in batch.messages() {
            bytes.extend_from_slice(&raw);
            let trailer = if lacks(&raw, cut) {
                bytes.extend_from_slice(&ending);
                ending.len() as u8
            } else {
                cut.trailer
            };
            cuts.push(Cut { end: bytes.len() as u32, trailer, ..cut });
        }
        Batch { bytes: bytes.into(), cuts }
    }

    /// The messages, each with the address of who said it before it, as the server frames what it sends.
    fn with_name(&self, from: ConnId, batch: &Batch) -> Batch {
        let peer = self.conversations.get(from).and_then(|conversation| conversation.peer);
        let manner = &self.manner;
        // Of a socket of both families, that of an IPv4 client is as the client knows it.
        let peer = peer.map(|peer| SocketAddr::new(peer.ip().to_canonical(), peer.port()));
        let name = peer.map_or_else(String::new, |peer| format!("{peer}: "));
        let name = text::encode(&name, manner.encoding).bytes;
        let ending = manner.ending();
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for (raw, cut) in batch.messages() {
            let said = [&name, payload(&raw, cut)].concat();
            let said = manner.framing().wrap(said, &ending);
            bytes.extend_from_slice(&said);
            cuts.push(Cut { end: bytes.len() as u32, ..manner.cut_of(&said) });
        }
        Batch { bytes: bytes.into(), cuts }
    }
}

fn hashes(batch: &Batch) -> Vec<u64> {
    let hash = |(raw, cut): (Bytes, _)| {
        let mut hasher = DefaultHasher::new();
        payload(&raw, cut).hash(&mut hasher);
        hasher.finish()
    };
    batch.messages().map(hash).collect()
}
