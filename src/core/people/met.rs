//! What the `lan` thread reports: who is nearby, who proved to be whom, and the state of links.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::{Comparing, Person, STRANGERS_KEPT, Unable, Visibility};
use crate::{
    chat::{Epoch, PersonColour, PersonHappening, PersonId, PersonRecord, Presence, Stream, person_name},
    core::{Core, NoticeKind},
    lan::{Command, Comparison, Event, EventKind, Greeting, Invisible, LinkState, Seen},
};

impl Core {
    pub(in crate::core) fn lan_happened(&mut self, Event { at, kind }: Event, now: Timestamp) {
        match kind {
            EventKind::Visible { port } => {
                if self.people.wanted.is_some() {
                    self.people.visibility = Visibility::On { port };
                }
            }
            EventKind::Invisible(why) => {
                self.nobody_is_nearby();
                match why {
                    Invisible::Asked => {}
                    why => self.people.visibility = Visibility::Unable(Unable::Network(why)),
                }
            }
            EventKind::InterfaceFailed { name, why } => {
                let failed = &mut self.people.interfaces.failed;
                if !failed.iter().any(|(other, _)| *other == name) {
                    failed.push((name, why));
                }
            }
            EventKind::Interfaces { used, off } => {
                self.people.interfaces.used = used;
                self.people.interfaces.off = off;
            }
            EventKind::Seen(seen) => self.seen(*seen, at, now),
            EventKind::Gone(id) => {
                if let Some(person) = self.person_mut(id) {
                    person.is_nearby = person.link == LinkState::Live;
                    if !person.is_nearby && !person.is_pinned {
                        self.people.all.remove(&id);
                    }
                }
            }
            EventKind::Link { with, state } => self.link_changed(with, state),
            EventKind::Greeted { with, address, hello } => self.greeted(with, address, &hello, at, now),
            EventKind::Me { with, name, colour, presence, receipts } => {
                if self.people.get(with).is_some_and(Person::is_pinned) {
                    let warned = self.says_of_themselves(with, &name, (colour, presence, receipts), at);
                    if !warned {
                        self.decide_with(with, |_, _| Vec::new());
                    }
                }
            }
            EventKind::Received { from, epoch, first, messages } => self.person_said(from, epoch, first, &messages, at),
            EventKind::Sent { to, epoch, n } => self.person_was_sent(to, epoch, n),
            EventKind::Delivered { to, epoch, n } => self.person_has(to, epoch, n),
            EventKind::Read { by, epoch, n } => self.person_read(by, epoch, n),
            EventKind::Withheld { to, n } => self.withheld(to, n),
            EventKind::Digits { with, digits, theirs } => {
                if let Some(person) = self.person_mut(with) {
                    person.comparing = Some(Comparing::Digits { digits, theirs });
                }
            }
            EventKind::Compared { with, outcome } => self.compared(with, outcome, at),
            EventKind::OnTheWire { with, ours, bytes } => {
                if self.people.wire.with() == Some(with) {
                    self.people.wire.take(at, ours, &bytes);
                }
            }
            EventKind::Rehearsed(rehearsed) => self.people.rehearsal = Some((at, rehearsed)),
            EventKind::Crowded => self.people.crowded = true,
            EventKind::Stopped => self.nobody_is_nearby(),
        }
    }

    fn nobody_is_nearby(&mut self) {
        self.people.all.retain(|_, person| person.is_pinned);
        for person in self.people.all.values_mut() {
            person.is_nearby = false;
            person.link = LinkState::Absent;
        }
    }

    fn seen(&mut self, seen: Seen, at: Timestamp, now: Timestamp) {
        let (id, Seen { name, colour, presence, addresses, door, .. }) = (seen.id, seen);
        if !self.people.all.contains_key(&id) {
            let session = self.new_id(now);
            let record =
                PersonRecord { id, session, name: person_name(&name, &id), colour, met: at, ..PersonRecord::default() };
            self.people.all.insert(id, Person::new(record));
        }
        let Some(person) = self.person_mut(id) else { return };
        person.is_nearby = true;
        let is_live = person.link == LinkState::Live;
        if !is_live {
            person.presence = presence;
        }
        // Who dialled us did so from a port that says nothing of where they are.
        if !is_live || person.addresses.is_empty() {
            person.addresses = addresses;
        }
        person.door = door;
        if !person.is_pinned {
            // Whoever sends beacons in the name of a key changes no name that its holder gave.
            person.record.name = person_name(&name, &id);
            person.record.colour = colour;
            person.conversation.name = Some(person.record.name.clone());
        }
    }

    fn link_changed(&mut self, with: PersonId, state: LinkState) {
        let Some(person) = self.person_mut(with) else { return };
        let was_live = person.link == LinkState::Live;
        person.link = state;
        if was_live && self.people.wire.with() == Some(with) {
            self.people.wire.begin_again();
        }
        let Some(person) = self.person_mut(with) else { return };
        if was_live
            && let Some(comparing) = person.comparing
            && !matches!(comparing, Comparing::Over(_))
        {
            person.comparing = Some(Comparing::Over(Comparison::Stopped));
        }
    }

    /// This person proved that they hold the key, and said how far both directions are.
    fn greeted(&mut self, id: PersonId, address: Option<SocketAddr>, hello: &Greeting, at: Timestamp, now: Timestamp) {
        if !self.people.all.contains_key(&id) {
            let session = self.new_id(now);
            let record = PersonRecord { id, session, met: at, ..PersonRecord::default() };
            self.people.all.insert(id, Person::new(record));
        }
        let Some(person) = self.people.all.get_mut(&id) else { return };
        let is_new = !person.is_pinned;
        person.is_pinned = true;
        person.is_nearby = true;
        person.link = LinkState::Live;
        if let Some(address) = address {
            person.addresses.retain(|other| *other != address);
            person.addresses.insert(0, address);
        }
        let before = person.record.clone();
        let theirs = &mut person.record.theirs;
        let first = hello.first.max(1);
        if hello.epoch != theirs.epoch {
            let last = if hello.epoch == Epoch::default() { 0 } else { first - 1 };
            *theirs = Stream { epoch: hello.epoch, last, ..Stream::default() };
        } else if first > theirs.last + 1 {
            // They have not kept what is missing, as it was on our disk once: an older copy of it is there now.
            theirs.last = first - 1;
        }
        theirs.read = theirs.read.min(theirs.last);
        if is_new {
            // What beacons called them was nobody's word.
            person.record.name.clear();
        }
        let warned = self.says_of_themselves(id, &hello.name, (hello.colour, hello.presence, hello.receipts), at);
        if !warned && self.people.get(id).is_some_and(|person| before != person.record) {
            self.decide_with(id, |_, _| Vec::new());
        }
        if is_new {
            self.know(id);
            self.forget_old_strangers(id);
        }
        self.compare_streams(id, hello.has, now);
    }

    /// What a person who proved the key says of themselves. Whether the user was warned: the name is new, and that of
    /// somebody else who was verified.
    fn says_of_themselves(
        &mut self,
        id: PersonId,
        name: &str,
        (colour, presence, receipts): (PersonColour, Presence, bool),
        at: Timestamp,
    ) -> bool {
        let name = person_name(name, &id);
        let lower = name.to_lowercase();
        let is_like =
            |other: &Person| other.record.id != id && other.is_verified() && other.record.name.to_lowercase() == lower;
        let like_verified = self.people.all.values().any(is_like);
        let Some(person) = self.people.all.get_mut(&id) else { return false };
        person.presence = presence;
        person.tells_read = receipts;
        let warns = like_verified && !person.is_verified() && person.record.name != name;
        person.record.colour = colour;
        person.record.name.clone_from(&name);
        person.conversation.name = Some(name);
        if warns {
            person.record.warns = true;
            self.decide_about(id, at, PersonHappening::NewKeyUnderVerifiedName);
        }
        warns
    }

    fn compared(&mut self, with: PersonId, outcome: Comparison, at: Timestamp) {
        let Some(person) = self.person_mut(with) else { return };
        // What was never begun is not shown either.
        if person.comparing.is_none() {
            return;
        }
        person.comparing = Some(Comparing::Over(outcome));
        match outcome {
            Comparison::Same => {
                person.record.verified = Some(at);
                person.record.warns = false;
                self.decide_about(with, at, PersonHappening::Verified);
            }
            Comparison::Differ | Comparison::Cheated => {
                self.decide_about(with, at, PersonHappening::CodesDiffered);
            }
            Comparison::Stopped | Comparison::Locked(_) | Comparison::NotLinked => {}
        }
    }

    /// Strangers are kept up to a limit; contacts are never pushed out.
    fn forget_old_strangers(&mut self, newest: PersonId) {
        let is_stranger = |person: &&Person| {
            let record = &person.record;
            person.is_pinned
                && record.id != newest
                && record.verified.is_none()
                && !record.blocked
                && record.ours.last == 0
                && record.theirs.last == 0
        };
        let strangers = self.people.all.values().filter(is_stranger);
        if strangers.clone().count() < STRANGERS_KEPT {
            return;
        }
        let oldest = strangers.filter(|person| !person.is_nearby).min_by_key(|person| person.record.met);
        if let Some(oldest) = oldest.map(|person| person.record.id) {
            self.effects.lan.push(Command::Forget(oldest));
            if let Some(mut person) = self.people.all.remove(&oldest) {
                person.record.forgotten = true;
                let record = Box::new(person.record);
                self.effects.journal.push(crate::chat::JournalEntry::Person { record, with: Vec::new() });
            }
        }
        self.people.crowded = true;
    }

    pub(super) fn not_said(&mut self, to: PersonId, why: super::NotSaid, now: Timestamp) {
        self.notice(now, NoticeKind::NotSaid { to, why });
    }
}
