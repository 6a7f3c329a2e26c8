//! Who is nearby, by beacons: sent, heard, answered, and forgotten.

use std::{
    net::{IpAddr, SocketAddr, SocketAddrV6},
    time::{Duration, Instant},
};

use mio::Token;

use super::{On, Thread, tokens};
use crate::{
    chat::PersonId,
    lan::{
        EventKind, Interface, LAN_PORT, Me, Seen,
        beacon::{Beacon, LONGEST_BEACON, Purpose},
        frame::{Kind, frame},
        limits::{LOOKED_THROUGH, PEERS_KEPT, Source},
        said::Oneself,
    },
};

/// When it is asked who is there, after we appear and after each change of addresses.
const ASKED_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(400), Duration::from_millis(1_500)];

/// How often we say that we are there, ± a quarter.
pub const HERE_EVERY: Duration = Duration::from_secs(20);

/// Who was not heard for this long is gone.
pub const GONE_AFTER: Duration = Duration::from_secs(65);

/// The longest time until a question is answered: not all at once.
const ANSWERED_WITHIN: Duration = Duration::from_millis(50);

/// Answers that wait; past it a question gets none.
const ANSWERS_WAITING: usize = 256;

/// Addresses asked at a time while a network is looked through, and how often.
const ASKED_AT_ONCE: usize = 32;
const ASKED_EVERY: Duration = Duration::from_millis(20);

/// How long an address may not answer before the usual port is dialled there.
const DIALLED_AFTER: Duration = Duration::from_secs(2);

/// Packets taken from a socket at a time; those of a flood beyond are thrown away.
const PACKETS_AT_ONCE: usize = 256;

impl Thread {
    pub(super) fn use_interfaces(&mut self) {
        let Some(on) = &mut self.on else { return };
        let wanted: Vec<Interface> = on.options.interfaces.iter().filter(|one| one.on).cloned().collect();
        let (failed, is_new) = on.air.use_interfaces(&wanted, self.poll.registry(), &mut tokens(&mut self.next_token));
        let used = names(on.air.used());
        let off = names(on.options.interfaces.iter().filter(|one| !one.on));
        on.failed.clear();
        self.tell(EventKind::Interfaces { used, off });
        self.tell_failed(failed);
        if is_new && let Some(on) = &mut self.on {
            on.asks = ASKED_AFTER.map(|after| self.now + after).into();
        }
    }

    pub(super) fn change_me(&mut self, me: Me) {
        let Some(on) = &mut self.on else { return };
        if on.options.me == me {
            return;
        }
        let said = Oneself {
            name: me.name.clone(),
            colour: me.colour.number(),
            state: me.presence.name().to_owned(),
            receipts: me.receipts,
        };
        on.options.me = me;
        on.next_here = self.now;
        for conn in self.links.values_mut().filter(|conn| conn.is_live()) {
            conn.link.send(frame(Kind::Me, &said));
        }
    }

    /// Asks every address of the own networks, as far as they are no larger than a /22.
    pub(super) fn look_harder(&mut self) {
        let Some(on) = &mut self.on else { return };
        on.to_ask.clear();
        for interface in on.air.used() {
            let (IpAddr::V4(own), Some(prefix)) = (interface.address, interface.prefix) else { continue };
            let size = 1_u64 << (32 - u32::from(prefix.min(32)));
            if size > u64::from(LOOKED_THROUGH) || own.is_loopback() {
                continue;
            }
            let first = own.to_bits() & !(size as u32 - 1);
            let all = (1..size as u32 - 1).map(|host| std::net::Ipv4Addr::from_bits(first + host));
            let others = all.filter(|address| *address != own);
            on.to_ask.extend(others.map(|address| SocketAddr::new(address.into(), on.options.beacon_port)));
        }
        on.next_to_ask = self.now;
    }

    /// Asks there, and dials the usual port where nobody answers.
    pub(super) fn ask_at(&mut self, address: IpAddr) {
        let Some(on) = &mut self.on else { return };
        let to = SocketAddr::new(address, on.options.beacon_port);
        let packet = on.beacon(Purpose::Ask);
        on.air.say_to(&packet, to);
        on.asked.push((SocketAddr::new(address, LAN_PORT), self.now + DIALLED_AFTER));
    }

    /// Takes in the beacons on that socket.
    pub(super) fn hear(&mut self, token: Token) {
        let mut packet = [0; LONGEST_BEACON + 1];
        // Read until it is empty, as nobody tells of it again before the next packet; but a flood has no end.
        for turn in 0..16 * PACKETS_AT_ONCE {
            let Some(on) = &mut self.on else { return };
            let Ok((length, from)) = on.air.recv(token, &mut packet) else { return };
            if turn >= PACKETS_AT_ONCE || !on.packets.allows((), self.now) {
                continue;
            }
            if let Some(beacon) = packet.get(..length).and_then(Beacon::from_packet) {
                self.heard(&beacon, from);
            }
        }
    }

    fn heard(&mut self, beacon: &Beacon, from: SocketAddr) {
        let Some(on) = &mut self.on else { return };
        let (id, us, now) = (beacon.id, on.us(), self.now);
        if id == us || on.is_off(from.ip()) {
            return;
        }
        let at = with_port(from, beacon.tcp);
        let is_copy = self.peers.get(&id).is_some_and(|peer| peer.beacon == (beacon.run, beacon.n));
        if is_copy && self.peers.get(&id).is_some_and(|peer| peer.addresses.contains(&at)) {
            return;
        }
        if !on.taken.allows(from.ip().into(), now) {
            return self.crowded();
        }
        on.asked.retain(|(address, _)| address.ip() != from.ip());
        if !self.peers.contains_key(&id) && !self.makes_room(from) {
            return self.crowded();
        }
        let peer = self.peers.entry(id).or_default();
        if peer.is_refused {
            return;
        }
        if beacon.purpose == Purpose::Bye {
            if peer.link.is_none() && peer.addresses.contains(&at) && peer.seen.take().is_some() {
                peer.addresses.clear();
                self.tell(EventKind::Gone(id));
            }
            return;
        }
        let is_new_run = peer.beacon.0 != beacon.run;
        peer.beacon = (beacon.run, beacon.n);
        peer.heard = Some(now);
        if is_new_run {
            // They are somewhere else, or on another port.
            peer.addresses.clear();
        }
        peer.is_at(at);
        let seen = Seen {
            id,
            name: beacon.name.clone(),
            colour: beacon.colour,
            presence: beacon.presence,
            addresses: peer.addresses.clone(),
            door: beacon.door,
        };
        let is_same = peer.seen.as_ref().is_some_and(|before| {
            let mut addresses = before.addresses.clone();
            addresses.sort_unstable();
            let mut now = seen.addresses.clone();
            now.sort_unstable();
            Seen { addresses, ..before.clone() } == Seen { addresses: now, ..seen.clone() }
        });
        let was_gone = peer.seen.is_none();
        peer.seen = Some(seen.clone());
        if peer.link.is_none() && (was_gone || is_new_run || peer.next_dial.is_none()) {
            peer.cut_short(now, us, id);
        }
        if !is_same {
            self.tell(EventKind::Seen(Box::new(seen)));
        }
        if beacon.purpose == Purpose::Ask && !is_copy {
            let after = ANSWERED_WITHIN.mul_f64(self.chance());
            if let Some(on) = self.on.as_mut().filter(|on| on.answers.len() < ANSWERS_WAITING) {
                on.answers.push_back((now + after, from));
            }
        }
    }

    /// Whether one more key may be kept that came from there.
    pub(super) fn makes_room(&mut self, from: SocketAddr) -> bool {
        let now = self.now;
        let Some(on) = &mut self.on else { return false };
        if !on.new_keys.allows(Source::from(from.ip()), now) {
            return false;
        }
        if self.peers.len() < PEERS_KEPT {
            return true;
        }
        let strangers = self.peers.iter().filter(|(_, peer)| !peer.is_known && !peer.is_refused && peer.link.is_none());
        let oldest = strangers.min_by_key(|(_, peer)| peer.heard).map(|(id, _)| *id);
        let Some(oldest) = oldest else { return false };
        self.peers.remove(&oldest);
        self.tell(EventKind::Gone(oldest));
        true
    }

    pub(super) fn crowded(&mut self) {
        if let Some(on) = &mut self.on
            && !std::mem::replace(&mut on.told_crowded, true)
        {
            self.tell(EventKind::Crowded);
        }
    }

    /// When something of this is due.
    pub(super) fn neighbours_due(&self) -> Option<Instant> {
        let on = self.on.as_ref()?;
        let asks = on.asks.front().copied();
        let answers = on.answers.iter().map(|(due, _)| *due).min();
        let to_ask = (!on.to_ask.is_empty()).then_some(on.next_to_ask);
        let asked = on.asked.iter().map(|(_, due)| *due).min();
        let gone = self.peers.values().filter(|peer| peer.seen.is_some() && peer.link.is_none());
        let gone = gone.filter_map(|peer| peer.heard).min().map(|heard| heard + GONE_AFTER);
        [Some(on.next_here), asks, answers, to_ask, asked, gone].into_iter().flatten().min()
    }

    /// Sends what is due, and forgets who was not heard for long.
    pub(super) fn look_at_neighbours(&mut self) {
        let now = self.now;
        let quarter = self.chance();
        let Some(on) = &mut self.on else { return };
        let mut failed = Vec::new();
        if on.asks.front().is_some_and(|due| *due <= now) {
            on.asks.pop_front();
            let packet = on.beacon(Purpose::Ask);
            failed = on.air.say_to_all(&packet);
            on.next_here = now + HERE_EVERY.mul_f64(0.75 + 0.5 * quarter);
        } else if on.next_here <= now {
            let packet = on.beacon(Purpose::Here);
            failed = on.air.say_to_all(&packet);
            on.next_here = now + HERE_EVERY.mul_f64(0.75 + 0.5 * quarter);
        }
        let due: Vec<SocketAddr> = on.answers.iter().filter(|(due, _)| *due <= now).map(|(_, to)| *to).collect();
        on.answers.retain(|(due, _)| *due > now);
        if !due.is_empty() {
            let packet = on.beacon(Purpose::Here);
            for to in due {
                on.air.say_to(&packet, to);
            }
        }
        if !on.to_ask.is_empty() && on.next_to_ask <= now {
            let packet = on.beacon(Purpose::Ask);
            let count = on.to_ask.len().min(ASKED_AT_ONCE);
            on.to_ask.drain(..count).for_each(|to| on.air.say_to(&packet, to));
            on.next_to_ask = now + ASKED_EVERY;
        }
        let unanswered: Vec<SocketAddr> = on.asked.iter().filter(|(_, due)| *due <= now).map(|(to, _)| *to).collect();
        on.asked.retain(|(_, due)| *due > now);
        self.tell_failed(failed);
        for to in unanswered {
            self.dial(None, to);
        }
        let is_gone =
            |heard: Option<Instant>| heard.is_none_or(|heard| now.saturating_duration_since(heard) >= GONE_AFTER);
        let gone: Vec<PersonId> = (self.peers.iter_mut())
            .filter(|(_, peer)| peer.seen.is_some() && peer.link.is_none() && is_gone(peer.heard))
            .map(|(id, peer)| {
                peer.seen = None;
                *id
            })
            .collect();
        for id in gone {
            self.tell(EventKind::Gone(id));
        }
        self.peers.retain(|_, peer| {
            let is_somebody = peer.is_known || peer.is_refused || !peer.queue.is_empty();
            is_somebody || peer.seen.is_some() || peer.link.is_some() || peer.next_dial.is_some()
        });
    }

    /// Each interface that fails is named once, until they are looked at again.
    fn tell_failed(&mut self, failed: Vec<(String, std::io::Error)>) {
        for (name, error) in failed {
            if self.on.as_mut().is_some_and(|on| on.failed.insert(name.clone())) {
                self.tell(EventKind::InterfaceFailed { name, why: error.to_string() });
            }
        }
    }

    pub(super) fn say_goodbye(&mut self) {
        if let Some(on) = &mut self.on {
            let packet = on.beacon(Purpose::Bye);
            // Once more than is needed where packets get lost.
            for _ in 0..2 {
                let _ = on.air.say_to_all(&packet);
            }
        }
    }
}

impl On {
    /// Whether an address is in the network of an interface that is not used.
    pub(super) fn is_off(&self, address: IpAddr) -> bool {
        let all = &self.options.interfaces;
        let has = |on: bool| all.iter().any(|one| one.on == on && one.has(address));
        has(false) && !has(true)
    }

    fn beacon(&mut self, purpose: Purpose) -> Vec<u8> {
        self.beacons += 1;
        Beacon::ours(purpose, self.us(), (self.run, self.beacons), self.me(), self.door.port()).to_packet()
    }
}

/// The same machine, at another port.
fn with_port(from: SocketAddr, port: u16) -> SocketAddr {
    match from {
        SocketAddr::V4(from) => SocketAddr::new((*from.ip()).into(), port),
        SocketAddr::V6(from) => SocketAddrV6::new(*from.ip(), port, 0, from.scope_id()).into(),
    }
}

fn names<'i>(interfaces: impl Iterator<Item = &'i Interface>) -> Vec<String> {
    let mut names: Vec<String> = interfaces.map(|one| one.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
