//! What the other ends of links say: the first word, messages, and what became of ours.

use mio::Token;

use super::{super::On, State, Thread, frame};
use crate::{
    chat::{Epoch, PersonColour, PersonId, Presence},
    lan::{
        EventKind, Incoming, LinkState,
        frame::{Frame, FrameError, Kind},
        limits::YOUNG,
        link::{End, LinkError, Taken},
        peer::Peer,
        said::{Hello, Message, Nothing, Oneself, UpTo},
        verify::{Between, Do, EXPORTED, Said},
    },
};

impl Thread {
    /// What came of bytes that were read. False: the link is no more.
    pub(super) fn taken(&mut self, token: Token, taken: Result<Taken, LinkError>) -> bool {
        let taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                self.refuse(token, &error);
                return false;
            }
        };
        self.proved(token);
        let mut messages: Option<(Epoch, u64, Vec<Incoming>)> = None;
        for frame in taken.frames {
            if frame.kind == Kind::Message
                && let Some(conn) = self.links.get(&token)
                && conn.is_live()
            {
                match frame.read::<Message<'_>>() {
                    Ok(message) => {
                        let (epoch, n) = (Epoch(message.epoch), message.n);
                        match &mut messages {
                            Some((of, first, batch)) if *of == epoch && *first + batch.len() as u64 == n => {
                                batch.push(message.into_incoming());
                            }
                            other => {
                                let before = other.replace((epoch, n, vec![message.into_incoming()]));
                                self.received(token, before);
                            }
                        }
                        continue;
                    }
                    Err(error) => {
                        self.refuse(token, &error.into());
                        return false;
                    }
                }
            }
            self.received(token, messages.take());
            if let Err(error) = self.said(token, &frame) {
                self.refuse(token, &error.into());
                return false;
            }
            if !self.links.contains_key(&token) {
                return false;
            }
        }
        self.received(token, messages);
        if taken.ended {
            self.lost(token, "closed");
            return false;
        }
        true
    }

    /// The keys are proved: the end that was dialled speaks first.
    fn proved(&mut self, token: Token) {
        let Some(conn) = self.links.get_mut(&token) else { return };
        let Some(id) = conn.link.peer().filter(|_| conn.state == State::Handshake) else { return };
        (conn.state, conn.since, conn.person) = (State::Greeting, self.now, Some(id));
        let end = conn.link.end();
        let address = conn.address;
        if !self.peers.contains_key(&id) && !self.makes_room(address) {
            self.crowded();
            return self.close_in_order(token);
        }
        if self.peers.get(&id).is_some_and(|peer| peer.is_refused) {
            return self.close_in_order(token);
        }
        if end == End::Accepted {
            self.say_hello(token, id);
        } else {
            self.state_of(id, LinkState::Greeting);
        }
    }

    fn say_hello(&mut self, token: Token, id: PersonId) {
        let Some(on) = &self.on else { return };
        let peer = self.peers.entry(id).or_default();
        let hello = Hello::ours(on.me(), (peer.epoch, peer.first()), peer.taken);
        if let Some(conn) = self.links.get_mut(&token) {
            conn.link.send(frame(Kind::Hello, &hello));
        }
        self.write(token);
    }

    fn said(&mut self, token: Token, frame: &Frame) -> Result<(), FrameError> {
        let Some(conn) = self.links.get(&token) else { return Ok(()) };
        let Some(id) = conn.person else { return Err(FrameError::Content) };
        if conn.state == State::Greeting {
            if frame.kind != Kind::Hello {
                return Err(FrameError::Content);
            }
            let hello = frame.read::<Hello>()?;
            self.greeted(token, id, hello);
            return Ok(());
        }
        match frame.kind {
            // The first word is said once; messages were taken before.
            Kind::Hello | Kind::Message => return Err(FrameError::Content),
            Kind::Delivered => {
                let upto: UpTo = frame.read()?;
                let Some(peer) = self.peers.get_mut(&id) else { return Ok(()) };
                if upto.epoch == peer.epoch.0 {
                    // It may have been sent over an earlier link.
                    if upto.n > peer.last {
                        return Err(FrameError::Content);
                    }
                    self.sent_so_far(id);
                    if let Some(peer) = self.peers.get_mut(&id) {
                        peer.delivered(upto.n);
                        peer.sent = peer.sent.max(upto.n);
                    }
                    self.tell(EventKind::Delivered { to: id, epoch: Epoch(upto.epoch), n: upto.n });
                }
            }
            Kind::Read => {
                let upto: UpTo = frame.read()?;
                self.tell(EventKind::Read { by: id, epoch: Epoch(upto.epoch), n: upto.n });
            }
            Kind::Ping => {
                if let Some(conn) = self.links.get_mut(&token).filter(|conn| conn.link.has_room()) {
                    conn.link.send(super::frame(Kind::Pong, &Nothing {}));
                }
            }
            Kind::Pong => {}
            Kind::Me => {
                let me: Oneself = frame.read()?;
                self.tell(EventKind::Me {
                    with: id,
                    name: me.name,
                    colour: PersonColour::new(me.colour),
                    presence: Presence::named(&me.state),
                    receipts: me.receipts,
                });
            }
            Kind::Verify => {
                let said: Said = frame.read()?;
                let us = self.on.as_ref().map(On::us).unwrap_or_default();
                let exported = self.links.get(&token).and_then(|conn| conn.link.exported(EXPORTED));
                let between = Between { us, them: id, exported: exported.ok_or(FrameError::Content)? };
                let now = self.now;
                let is_theirs = matches!(said, Said::Reveal { .. });
                let todo = self.peers.entry(id).or_default().verifying.said(said, between, now);
                self.verify_of(id, todo, is_theirs);
            }
            Kind::Bye => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.seen = None;
                    peer.addresses.clear();
                }
                self.lost(token, "bye");
            }
        }
        Ok(())
    }

    /// The other end said its first word: the link is live, and of two one stays.
    fn greeted(&mut self, token: Token, id: PersonId, hello: Hello) {
        let us = self.on.as_ref().map(On::us).unwrap_or_default();
        let Some(conn) = self.links.get_mut(&token) else { return };
        conn.link.greeted();
        (conn.state, conn.since) = (State::Live, self.now);
        let (end, address) = (conn.link.end(), conn.address);
        let by_smaller = |end: End| (end == End::Dialled) == (us < id);
        let other = self.peers.get(&id).and_then(|peer| peer.link).filter(|other| *other != token);
        if let Some((other, conn)) = other.and_then(|other| Some((other, self.links.get(&other)?))) {
            let is_young = self.now.saturating_duration_since(conn.since) < YOUNG;
            if is_young && by_smaller(conn.link.end()) && !by_smaller(end) {
                return self.close_in_order(token);
            }
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.unlinked();
            }
            self.close_in_order(other);
        }
        let peer = self.peers.entry(id).or_default();
        peer.unlinked();
        peer.link = Some(token);
        peer.linked();
        if end == End::Dialled {
            peer.proved_at = Some(address);
            self.say_hello(token, id);
        }
        self.state_of(id, LinkState::Live);
        let hello = Box::new(hello.greeting());
        // Whoever dialled us did so from a port that nobody listens on.
        let listens = |peer: &Peer| peer.addresses.iter().find(|at| at.ip() == address.ip()).copied();
        let there = self.peers.get(&id).and_then(listens);
        let address = if end == End::Dialled { Some(address) } else { there };
        self.tell(EventKind::Greeted { with: id, address, hello });
        self.say_read(id);
    }

    /// Messages that came one after the other.
    fn received(&mut self, token: Token, messages: Option<(Epoch, u64, Vec<Incoming>)>) {
        let Some((epoch, first, messages)) = messages else { return };
        let Some(id) = self.links.get(&token).and_then(|conn| conn.person) else { return };
        let now = self.now;
        let bytes = messages.iter().map(|message| message.text.as_ref().map_or(0, bytes::Bytes::len) + 64).sum();
        let peer = self.peers.entry(id).or_default();
        peer.reported(first + messages.len() as u64 - 1, bytes);
        let pause = peer.talks_too_much(messages.len(), now);
        if let Some(conn) = self.links.get_mut(&token) {
            conn.paused_until = pause;
        }
        self.tell(EventKind::Received { from: id, epoch, first, messages });
    }

    /// Says over the live link that all up to a number is on the disk, or was read.
    pub(in super::super) fn say_up_to(&mut self, to: PersonId, kind: Kind, epoch: Epoch, n: u64) {
        let Some(token) = self.peers.get(&to).and_then(|peer| peer.link) else { return };
        if let Some(conn) = self.links.get_mut(&token) {
            conn.link.send(frame(kind, &UpTo { epoch: epoch.0, n }));
        }
    }

    /// Says what was read, if the user wants that.
    pub(in super::super) fn say_read(&mut self, to: PersonId) {
        let receipts = self.on.as_ref().is_some_and(|on| on.me().receipts);
        let Some(peer) = self.peers.get_mut(&to).filter(|peer| receipts && peer.link.is_some()) else { return };
        if let Some((epoch, n)) = peer.reads() {
            self.say_up_to(to, Kind::Read, epoch, n);
        }
    }

    pub(in super::super) fn verify(&mut self, id: PersonId, todo: Vec<Do>) {
        self.verify_of(id, todo, false);
    }

    fn verify_of(&mut self, id: PersonId, todo: Vec<Do>, theirs: bool) {
        for act in todo {
            match act {
                Do::Say(said) => {
                    let token = self.peers.get(&id).and_then(|peer| peer.link);
                    if let Some(conn) = token.and_then(|token| self.links.get_mut(&token)) {
                        conn.link.send(frame(Kind::Verify, &said));
                    }
                }
                Do::Show(digits) => self.tell(EventKind::Digits { with: id, digits, theirs }),
                Do::End(outcome) => self.tell(EventKind::Compared { with: id, outcome }),
            }
        }
    }
}
