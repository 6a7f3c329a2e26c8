//! Links to people: dialled and accepted, one to each, watched, closed.

mod said;

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::Token;

use super::{READ_AT_ONCE, Thread, tokens, watched::Tap};
use crate::{
    chat::PersonId,
    lan::{
        EventKind, LinkState,
        dial::Stream,
        frame::{Kind, frame},
        limits::{
            ASKED_LATER, ASKED_TOGETHER, BYTES_BEFORE_AUTHENTICATION, DEAD_AFTER, DIAL_LIMIT, HANDSHAKE_LIMIT,
            HELLO_LIMIT, LINKS, PING_AFTER, Source, UNACKNOWLEDGED_BYTES, UNAUTHENTICATED, UNAUTHENTICATED_AN_ADDRESS,
        },
        link::{End, Link, LinkError},
        said::{Message, Nothing},
    },
};

/// What state a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Handshake,
    Greeting,
    Live,
}

/// A connection, and the link over it.
#[derive(Debug)]
pub(super) struct Conn {
    stream: Stream,
    pub link: Link,
    state: State,
    since: Instant,
    address: SocketAddr,
    /// Who was dialled.
    wanted: Option<PersonId>,
    person: Option<PersonId>,
    heard: Instant,
    asked: Option<Instant>,
    is_writable: bool,
    /// Nothing is read before then.
    paused_until: Option<Instant>,
}

impl Conn {
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// When it is asked whether it is there, if nothing comes.
    fn asked_at(&self) -> Instant {
        let longer = if self.link.end() == End::Accepted { ASKED_LATER } else { Duration::ZERO };
        self.heard + PING_AFTER + longer
    }

    /// When it is to be looked at.
    fn due(&self) -> Instant {
        match self.state {
            State::Connecting => self.since + DIAL_LIMIT,
            State::Handshake => self.since + HANDSHAKE_LIMIT,
            State::Greeting => self.since + HELLO_LIMIT,
            State::Live => {
                let due = if self.asked.is_some() { self.heard + DEAD_AFTER } else { self.asked_at() };
                self.paused_until.map_or(due, |until| due.min(until))
            }
        }
    }
}

impl Thread {
    /// This person is wanted: they are dialled, if somebody knows where.
    pub(super) fn look_for(&mut self, id: PersonId) {
        let (now, us) = (self.now, self.on.as_ref().map(super::On::us));
        if let (Some(us), Some(peer)) = (us, self.peers.get_mut(&id))
            && peer.seen.is_some()
            && peer.link.is_none()
        {
            peer.cut_short(now, us, id);
        }
    }

    /// Connects to somebody, or to whoever is there.
    pub(super) fn dial(&mut self, wanted: Option<PersonId>, address: SocketAddr) {
        let Some(on) = &self.on else { return };
        let now = self.now;
        let opened = Link::dial(&on.tls, wanted).map_err(io::Error::other);
        let opened = opened.and_then(|link| Ok((link, Stream::dial(address)?)));
        let token = tokens(&mut self.next_token)();
        let opened = opened.and_then(|(link, mut stream)| {
            stream.register(self.poll.registry(), token)?;
            Ok((link, stream))
        });
        match opened {
            Ok((link, stream)) => {
                let conn = Conn::new(stream, link, State::Connecting, address, now);
                self.links.insert(token, Conn { wanted, ..conn });
                if let Some(id) = wanted {
                    self.state_of(id, LinkState::Dialling);
                }
            }
            Err(error) => {
                tracing::debug!(%error, %address, "dialling");
                self.dial_failed(wanted);
            }
        }
    }

    fn dial_failed(&mut self, wanted: Option<PersonId>) {
        let (now, random) = (self.now, self.chance());
        let Some(id) = wanted else { return };
        if let Some(peer) = self.peers.get_mut(&id).filter(|peer| peer.link.is_none()) {
            peer.wait(now, random);
            self.state_of(id, LinkState::Waiting);
        }
    }

    /// Takes who comes, as far as the limits allow.
    pub(super) fn accept(&mut self, token: Token) {
        loop {
            let Some(on) = &mut self.on else { return };
            let (mut stream, from) = match on.door.accept(token) {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // Somebody left before they were taken, or there are no descriptors: the next may come.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return tracing::warn!(%error, "lan: accept"),
            };
            let source = Source::from(from.ip());
            let strangers = || self.links.values().filter(|conn| conn.link.end() == End::Accepted && !conn.is_live());
            let of_source = strangers().filter(|conn| Source::from(conn.address.ip()) == source).count();
            let fits = !on.is_off(from.ip())
                && self.links.len() < LINKS
                && strangers().count() < UNAUTHENTICATED
                && of_source < UNAUTHENTICATED_AN_ADDRESS;
            if !fits || !on.handshakes.allows(source, self.now) {
                continue;
            }
            let Ok(link) = Link::accept(&on.tls) else { continue };
            let token = tokens(&mut self.next_token)();
            if stream.register(self.poll.registry(), token).is_ok() {
                let conn = Conn::new(stream, link, State::Handshake, from, self.now);
                self.links.insert(token, conn);
            }
        }
    }

    pub(super) fn link_ready(&mut self, token: Token, readable: bool, writable: bool) {
        let Some(conn) = self.links.get_mut(&token) else { return };
        if conn.state == State::Connecting {
            match conn.stream.is_connected() {
                Ok(None) => return,
                Ok(Some(peer)) => {
                    conn.address = peer;
                    (conn.state, conn.since) = (State::Handshake, self.now);
                    let wanted = conn.wanted;
                    if let Some(id) = wanted {
                        self.state_of(id, LinkState::Handshake);
                    }
                }
                Err(error) => return self.lost(token, &error.to_string()),
            }
        }
        if let Some(conn) = self.links.get_mut(&token) {
            conn.is_writable |= writable;
        }
        if readable {
            self.readable.insert(token);
        }
        self.write(token);
    }

    /// Whether a link may be read now; if not, from when on, where that is known.
    pub(super) fn may_read(&self, token: Token) -> Result<(), Option<Instant>> {
        let Some(conn) = self.links.get(&token) else { return Err(None) };
        let peer = conn.person.and_then(|id| self.peers.get(&id));
        match conn.paused_until {
            Some(until) if until > self.now => Err(Some(until)),
            _ if peer.is_some_and(|peer| peer.bytes_on_the_way > UNACKNOWLEDGED_BYTES) => Err(None),
            _ => Ok(()),
        }
    }

    /// Reads a link, as much as its turn allows.
    pub(super) fn read(&mut self, token: Token) {
        if self.may_read(token).is_err() {
            return;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut left = READ_AT_ONCE;
        while left > 0 && self.may_read(token).is_ok() {
            let watched = self.watched_on(token);
            let Some(conn) = self.links.get_mut(&token) else { break };
            // Of a stranger no more is held than is taken.
            let most = if conn.link.peer().is_none() { BYTES_BEFORE_AUTHENTICATION } else { left };
            let room = buffer.get_mut(..most.min(left)).unwrap_or_default();
            match conn.stream.read(room) {
                Ok(0) => {
                    self.lost(token, "ended");
                    break;
                }
                Ok(count) => {
                    left -= count;
                    conn.heard = self.now;
                    conn.asked = None;
                    let came = buffer.get(..count).unwrap_or_default();
                    let taken = conn.link.take(came);
                    if let Some(with) = watched {
                        self.crossed(with, false, came);
                    }
                    if !self.taken(token, taken) {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable.remove(&token);
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.lost(token, &error.to_string());
                    break;
                }
            }
        }
        self.buffer = buffer;
        self.write(token);
    }

    /// Hands messages to the links that have room, and writes.
    pub(super) fn send_what_waits(&mut self) {
        let live: Vec<(PersonId, Token)> = self.peers.iter().filter_map(|(id, peer)| Some((*id, peer.link?))).collect();
        for (id, token) in live {
            let (Some(peer), Some(conn)) = (self.peers.get_mut(&id), self.links.get_mut(&token)) else { continue };
            while conn.link.has_room()
                && let Some((n, what)) = peer.next()
            {
                let message = frame(Kind::Message, &Message::of(peer.epoch, n, what));
                conn.link.send(message);
                peer.sent = n;
                peer.ever_sent = peer.ever_sent.max(n);
            }
            self.write(token);
        }
        let strangers: Vec<Token> =
            self.links.iter().filter(|(_, conn)| !conn.is_live()).map(|(token, _)| *token).collect();
        for token in strangers {
            self.write(token);
        }
    }

    fn write(&mut self, token: Token) {
        let watched = self.watched_on(token);
        let mut ours = Vec::new();
        let Some(conn) = self.links.get_mut(&token) else { return };
        if conn.state == State::Connecting || !conn.is_writable || !conn.link.wants_write() {
            return;
        }
        let written = conn.link.write(Tap::new(&mut conn.stream, watched.is_some().then_some(&mut ours)));
        if let Some(with) = watched {
            self.crossed(with, true, &ours);
        }
        let Some(conn) = self.links.get_mut(&token) else { return };
        match written {
            Ok(()) => {
                let live = conn.person.filter(|_| conn.state == State::Live);
                if let Some(id) = live.filter(|id| self.peers.get(id).is_some_and(|peer| peer.link == Some(token))) {
                    self.sent_so_far(id);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => conn.is_writable = false,
            Err(error) => self.lost(token, &error.to_string()),
        }
    }

    /// All that was handed to the live link is with the system.
    fn sent_so_far(&mut self, id: PersonId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if peer.sent > peer.sent_told {
            peer.sent_told = peer.sent;
            let (epoch, n) = (peer.epoch, peer.sent);
            self.tell(EventKind::Sent { to: id, epoch, n });
        }
    }

    /// When a link or a dial is due.
    pub(super) fn links_due(&self) -> Option<Instant> {
        let links = self.links.values().map(Conn::due);
        let dials = self.peers.values().filter(|peer| peer.link.is_none()).filter_map(|peer| peer.next_dial);
        let verifying = self.peers.values().filter_map(|peer| peer.verifying.due());
        links.chain(dials.filter(|_| self.on.is_some())).chain(verifying).min()
    }

    /// Dials who is due, asks silent links, closes dead ones and strangers that take too long.
    pub(super) fn look_at_links(&mut self) {
        let now = self.now;
        let due: Vec<Token> =
            self.links.iter().filter(|(_, conn)| conn.due() <= now).map(|(token, _)| *token).collect();
        let together = if due.is_empty() { Duration::ZERO } else { ASKED_TOGETHER };
        for (_, conn) in self.links.iter_mut().filter(|(_, conn)| conn.is_live() && conn.asked.is_none()) {
            if conn.asked_at() <= now + together {
                conn.asked = Some(now);
                conn.link.send(frame(Kind::Ping, &Nothing {}));
            }
        }
        for token in due {
            let Some(conn) = self.links.get_mut(&token) else { continue };
            if conn.paused_until.is_some_and(|until| until <= now) {
                conn.paused_until = None;
            }
            if conn.state != State::Live {
                self.lost(token, "too slow");
            } else if conn.heard + DEAD_AFTER <= now {
                self.lost(token, "silent");
            }
        }
        let late: Vec<PersonId> = (self.peers.iter())
            .filter(|(_, peer)| peer.verifying.due().is_some_and(|due| due <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            let todo = self.peers.entry(id).or_default().verifying.lost();
            self.verify(id, todo);
        }
        if self.on.is_none() {
            return;
        }
        let dials: Vec<PersonId> = (self.peers.iter())
            .filter(|(_, peer)| peer.link.is_none() && !peer.is_refused && peer.next_dial.is_some_and(|due| due <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in dials {
            let is_under_way = self.links.values().any(|conn| conn.wanted == Some(id) || conn.person == Some(id));
            let room = self.links.len() < LINKS;
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            peer.next_dial = None;
            // Who is gone is not looked for: they say so when they are back.
            let wanted = peer.seen.is_some() && !is_under_way && room;
            if let Some(address) = peer.address().filter(|_| wanted) {
                self.dial(Some(id), address);
            } else if is_under_way {
                // That comes to an end by itself.
            } else {
                self.state_of(id, LinkState::Absent);
            }
        }
    }

    /// Closes the link to somebody, whatever its state.
    pub(super) fn unlink(&mut self, id: PersonId) {
        let of_them = |conn: &Conn| conn.person == Some(id) || conn.wanted == Some(id);
        let tokens: Vec<Token> = self.links.iter().filter(|(_, conn)| of_them(conn)).map(|(token, _)| *token).collect();
        for token in tokens {
            if let Some(conn) = self.links.get_mut(&token) {
                conn.link.end_in_order();
            }
            self.lost(token, "unlinked");
        }
    }

    /// What came makes no sense, or there was too much of it.
    fn refuse(&mut self, token: Token, error: &LinkError) {
        let Some(conn) = self.links.get_mut(&token) else { return };
        tracing::info!(%error, address = %conn.address, "a link is closed");
        let (wanted, address) = (conn.wanted, conn.address);
        if matches!(error, LinkError::OtherKey | LinkError::OwnKey)
            && let Some(peer) = wanted.and_then(|id| self.peers.get_mut(&id))
        {
            // Somebody else is there by now.
            peer.addresses.retain(|other| *other != address);
            peer.proved_at = peer.proved_at.filter(|proved| *proved != address);
        }
        // The alert of TLS; to whoever is somebody else, not even that.
        if matches!(error, LinkError::Tls(_)) {
            self.write(token);
        }
        self.lost(token, &error.to_string());
    }

    /// A goodbye, and the connection is closed.
    pub(super) fn close_in_order(&mut self, token: Token) {
        if let Some(conn) = self.links.get_mut(&token) {
            if conn.is_live() && self.on.is_some() {
                let is_only = conn.person.and_then(|id| self.peers.get(&id)).is_some_and(|p| p.link == Some(token));
                if is_only {
                    conn.link.send(frame(Kind::Bye, &Nothing {}));
                    let _ = conn.link.write(&mut conn.stream);
                }
            }
            conn.link.end_in_order();
            let _ = conn.link.write(&mut conn.stream);
        }
        self.lost(token, "closed by us");
    }

    /// A connection is no more.
    fn lost(&mut self, token: Token, why: &str) {
        let Some(mut conn) = self.links.remove(&token) else { return };
        self.readable.remove(&token);
        conn.stream.deregister(self.poll.registry());
        conn.stream.finish();
        tracing::debug!(why, address = %conn.address, person = ?conn.person, "a link ends");
        let live = conn.person.filter(|id| self.peers.get(id).is_some_and(|peer| peer.link == Some(token)));
        if let Some(id) = live {
            let random = self.chance();
            let peer = self.peers.entry(id).or_default();
            peer.unlinked();
            let todo = peer.verifying.lost();
            let is_nearby = peer.seen.is_some();
            peer.wait(self.now, random);
            if !is_nearby {
                peer.next_dial = None;
            }
            self.verify(id, todo);
            self.state_of(id, if is_nearby { LinkState::Waiting } else { LinkState::Absent });
            if !is_nearby {
                self.tell(EventKind::Gone(id));
            }
        } else if conn.state != State::Live {
            self.dial_failed(conn.wanted);
        }
    }

    /// The state of the link to somebody, as it is reported.
    fn state_of(&mut self, id: PersonId, state: LinkState) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        // While one is live, what becomes of others is nobody's concern.
        let state = if peer.link.is_some() { LinkState::Live } else { state };
        if std::mem::replace(&mut peer.state, state) != state {
            self.tell(EventKind::Link { with: id, state });
        }
    }
}

impl Conn {
    fn new(stream: Stream, link: Link, state: State, address: SocketAddr, now: Instant) -> Self {
        Self {
            stream,
            link,
            state,
            since: now,
            address,
            wanted: None,
            person: None,
            heard: now,
            asked: None,
            is_writable: state != State::Connecting,
            paused_until: None,
        }
    }
}
