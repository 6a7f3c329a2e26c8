//! Messages to and from one person: numbered, kept, sent, delivered, read.
//!
//! What is written gets the next number and goes to the history; once it is on the disk, the thread sends it
//! ([`Core::kept`]). What comes is taken if its number is the next one, and acknowledged once it is on the disk.

use bytes::Bytes;
use jiff::Timestamp;

use super::{NotSaid, READ_NOTED, WAITING_BYTES_FOR_A_PERSON, WAITING_FOR_A_PERSON, WAITS_AT_MOST, Waiting};
use crate::{
    chat::{
        Delivery, Epoch, GivenUp, Happening, JournalEntry, LONGEST_PERSON_TEXT, PersonHappening, PersonId,
        PersonRecord, RowKind, RowNumber, SessionId, Stream, json_length,
    },
    core::{Core, NoticeKind},
    lan::{Command, Incoming, LinkState, Outgoing, Taken},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

/// A whole message: it came as one, whatever is in it.
fn whole(length: usize) -> Cut {
    Cut { end: u32::try_from(length).unwrap_or(u32::MAX), header: 0, trailer: 0, boundary: Boundary::Length }
}

impl Core {
    /// Decides entries of the conversation with a person, and what is kept of them from here on: together.
    pub(super) fn decide_with(&mut self, id: PersonId, with: impl FnOnce(SessionId, RowNumber) -> Vec<JournalEntry>) {
        let Some(person) = self.people.all.get_mut(&id).filter(|person| person.is_pinned) else { return };
        let mut entries = with(person.conversation.id, person.conversation.entries().end());
        for entry in &entries {
            person.conversation.apply(entry);
        }
        if !person.is_opened && !entries.is_empty() {
            person.is_opened = true;
            entries.insert(0, JournalEntry::Opened(Box::new(person.conversation.session())));
        }
        person.record.step += 1;
        let entry = JournalEntry::Person { record: Box::new(person.record.clone()), with: entries };
        self.memory.grew(entry.weight());
        self.effects.journal.push(entry);
    }

    /// Something happened between a person and us.
    pub(super) fn decide_about(&mut self, id: PersonId, at: Timestamp, what: PersonHappening) {
        self.decide_with(id, |session, number| {
            vec![JournalEntry::Happened { session, number, at, what: Happening::Person(what) }]
        });
    }

    /// Whether there is a link, where the last row that said so said otherwise: a row of its own, before the message.
    fn link_row(&mut self, id: PersonId, at: Timestamp, session: SessionId, number: RowNumber) -> Option<JournalEntry> {
        let person = self.people.all.get_mut(&id)?;
        let linked = person.link == LinkState::Live;
        if person.told_linked == Some(linked) {
            return None;
        }
        person.told_linked = Some(linked);
        let what = Happening::Person(if linked { PersonHappening::Linked } else { PersonHappening::NotLinked });
        Some(JournalEntry::Happened { session, number, at, what })
    }

    /// The user writes to a person.
    pub(in crate::core) fn say(&mut self, id: PersonId, text: &str, now: Timestamp) -> Option<RowNumber> {
        let person = self.people.all.get(&id)?;
        let why = if person.record.blocked {
            Some(NotSaid::Blocked)
        } else if person.record.warns {
            Some(NotSaid::NewKey)
        } else if !person.is_pinned {
            Some(NotSaid::NotMet)
        } else if json_length(text) > LONGEST_PERSON_TEXT {
            Some(NotSaid::TooLong)
        } else if person.waiting.len() >= WAITING_FOR_A_PERSON
            || person.waiting_bytes + text.len() > WAITING_BYTES_FOR_A_PERSON
        {
            Some(NotSaid::TooManyWait)
        } else {
            None
        };
        if let Some(why) = why {
            self.notice(now, NoticeKind::NotSaid { to: id, why });
            return None;
        }
        let session = person.conversation.id;
        let end = person.conversation.entries().end();
        let link_row = self.link_row(id, now, session, end);
        let person = self.people.all.get_mut(&id)?;
        person.record.forgotten = false;
        let ours = &mut person.record.ours;
        if ours.epoch == Epoch::default() {
            *ours = Stream { epoch: new_epoch(id, ours.epoch, now), ..Stream::default() };
        }
        ours.last += 1;
        let (epoch, n) = (ours.epoch, ours.last);
        let raw = Bytes::copy_from_slice(text.as_bytes());
        let row = RowNumber(end.0 + u64::from(link_row.is_some()));
        let mark = Stream::mark(epoch, n, now);
        person.waiting_bytes += raw.len();
        person.waiting.push_back(Waiting { n, row, at: now, mark, text: Some(raw.clone()), sent: false, again: false });
        self.decide_with(id, |session, _| {
            let cut = whole(raw.len());
            let sent = JournalEntry::Sent {
                session,
                number: row,
                at: now,
                raw,
                cut,
                delivery: Delivery::Waiting,
                auto: false,
                encoding: TextEncoding::default(),
            };
            link_row.into_iter().chain([sent]).collect()
        });
        Some(row)
    }

    /// Gives the thread what waits and is on the disk.
    pub(super) fn hand_over(&mut self, to: PersonId) {
        let Some(person) = self.people.all.get_mut(&to) else { return };
        if person.renumbering {
            return;
        }
        let (epoch, last) = (person.record.ours.epoch, person.kept);
        let from = person.waiting.partition_point(|waiting| waiting.n <= person.handed);
        for waiting in person.waiting.iter().skip(from).take_while(|waiting| waiting.n <= last) {
            self.effects.lan.push(Command::Send { to, epoch, n: waiting.n, what: waiting.outgoing() });
            person.handed = waiting.n;
        }
    }

    /// This of a person is on the disk: what came is acknowledged, what was written is sent.
    pub(in crate::core) fn kept(&mut self, kept: &PersonRecord) {
        let id = kept.id;
        let on = self.is_on_lan();
        let Some(person) = self.people.all.get_mut(&id) else { return };
        let theirs = kept.theirs;
        if theirs.epoch == person.record.theirs.epoch && theirs.epoch != Epoch::default() && on {
            self.effects.lan.push(Command::Acknowledge {
                to: id,
                epoch: theirs.epoch,
                n: theirs.last,
                mark: theirs.mark,
            });
        }
        if kept.ours.epoch != person.record.ours.epoch || !on {
            return;
        }
        if std::mem::take(&mut person.renumbering) {
            let last = kept.ours.last;
            let waiting = person.waiting.iter().take_while(|waiting| waiting.n <= last);
            let waiting: Vec<Outgoing> = waiting.map(Waiting::outgoing).collect();
            person.handed = last;
            self.effects.lan.push(Command::Renumbered { to: id, epoch: kept.ours.epoch, waiting });
        }
        let is_kept = |(step, _): &mut (u64, u64)| *step <= kept.step;
        for (_, n) in person.withheld.extract_if(.., is_kept) {
            self.effects.lan.push(Command::GivenUp { to: id, n });
        }
        person.kept = kept.ours.last;
        self.hand_over(id);
    }

    /// A person sent messages.
    pub(super) fn person_said(
        &mut self,
        from: PersonId,
        epoch: Epoch,
        first: u64,
        messages: &[Incoming],
        at: Timestamp,
    ) {
        let Some(person) = self.people.all.get_mut(&from) else { return };
        let theirs = &mut person.record.theirs;
        let begins_anew = epoch != theirs.epoch && first == 1 && epoch != Epoch::default();
        if begins_anew {
            *theirs = Stream { epoch, ..Stream::default() };
        }
        let new = (theirs.last + 1).saturating_sub(first);
        if person.record.blocked || epoch != theirs.epoch || first > theirs.last + 1 {
            self.effects.lan.push(Command::Cut(from));
            return;
        }
        // Those before are on the disk, or on the way there.
        let messages = messages.get(usize::try_from(new).unwrap_or(usize::MAX)..).unwrap_or_default();
        let Some(last) = messages.last() else { return };
        theirs.last += messages.len() as u64;
        theirs.mark = last.mark;
        person.record.forgotten = false;
        let rows = person.conversation.entries();
        let has = |text: &Bytes| {
            rows.iter().any(|(_, row)| matches!(&row.kind, RowKind::Received(received) if received.raw == *text))
        };
        let is_new = |message: &&Incoming| !message.again || !message.text.as_ref().is_some_and(has);
        let texts: Vec<&Bytes> = messages.iter().filter(is_new).filter_map(|message| message.text.as_ref()).collect();
        let (session, end) = (person.conversation.id, person.conversation.entries().end());
        let link_row = if texts.is_empty() { None } else { self.link_row(from, at, session, end) };
        let number = RowNumber(end.0 + u64::from(link_row.is_some()));
        let mut batch = Batch {
            bytes: Bytes::from(texts.iter().flat_map(|text| text.iter().copied()).collect::<Vec<u8>>()),
            cuts: Vec::with_capacity(texts.len()),
        };
        let mut length = 0;
        for text in &texts {
            length += text.len();
            batch.cuts.push(whole(length));
        }
        let count = texts.len();
        self.decide_with(from, |session, _| {
            let received = (count > 0).then_some(JournalEntry::Received { session, first: number, at, batch });
            link_row.into_iter().chain(received).collect()
        });
        if let Some(person) = self.people.all.get_mut(&from) {
            person.conversation.unseen(number, count);
        }
    }

    /// All up to this number is on its way.
    pub(super) fn person_was_sent(&mut self, to: PersonId, epoch: Epoch, n: u64) {
        let Some(person) = self.people.all.get_mut(&to).filter(|person| person.record.ours.epoch == epoch) else {
            return;
        };
        let mut rows = Vec::new();
        for waiting in person.waiting.iter_mut().take_while(|waiting| waiting.n <= n) {
            if !std::mem::replace(&mut waiting.sent, true) && waiting.text.is_some() {
                rows.push(waiting.row);
            }
        }
        self.deliveries(to, &rows, &Delivery::Sent);
    }

    /// All up to this number is on their disk.
    pub(super) fn person_has(&mut self, to: PersonId, epoch: Epoch, n: u64) {
        let Some(person) = self.people.all.get_mut(&to).filter(|person| person.record.ours.epoch == epoch) else {
            return;
        };
        let mut rows = Vec::new();
        while let Some(waiting) = person.waiting.pop_front_if(|waiting| waiting.n <= n) {
            person.record.ours.delivered = waiting.n;
            person.record.ours.mark = waiting.mark;
            if let Some(text) = &waiting.text {
                person.waiting_bytes -= text.len();
                rows.push(waiting.row);
                person.unread_there.push_back((waiting.n, waiting.row));
            }
        }
        while person.unread_there.len() > READ_NOTED {
            person.unread_there.pop_front();
        }
        person.handed = person.handed.max(person.record.ours.delivered);
        self.deliveries(to, &rows, &Delivery::Delivered);
    }

    /// All up to this number was read.
    pub(super) fn person_read(&mut self, by: PersonId, epoch: Epoch, n: u64) {
        if !self.people.me.receipts {
            return;
        }
        let Some(person) = self.people.all.get_mut(&by).filter(|person| person.record.ours.epoch == epoch) else {
            return;
        };
        let n = n.min(person.record.ours.delivered);
        if n <= person.record.ours.read {
            return;
        }
        person.record.ours.read = n;
        let mut rows = Vec::new();
        while let Some((_, row)) = person.unread_there.pop_front_if(|(of, _)| *of <= n) {
            rows.push(row);
        }
        self.deliveries(by, &rows, &Delivery::Read);
    }

    /// These messages of ours came to that.
    fn deliveries(&mut self, to: PersonId, rows: &[RowNumber], delivery: &Delivery) {
        if rows.is_empty() {
            return;
        }
        self.decide_with(to, |session, _| {
            let entry =
                |number: &RowNumber| JournalEntry::Delivery { session, number: *number, delivery: delivery.clone() };
            rows.iter().map(entry).collect()
        });
        for row in rows {
            self.share_changed(to, *row, delivery);
        }
    }

    /// These messages are given up: their numbers are sent without their texts.
    pub(super) fn give_up(&mut self, to: PersonId, numbers: &[u64], why: GivenUp) {
        let Some(person) = self.people.all.get_mut(&to) else { return };
        let mut rows = Vec::new();
        for waiting in person.waiting.iter_mut().filter(|waiting| numbers.contains(&waiting.n)) {
            if let Some(text) = waiting.text.take() {
                person.waiting_bytes -= text.len();
                rows.push(waiting.row);
            }
        }
        self.deliveries(to, &rows, &Delivery::GivenUp(why));
    }

    /// The thread holds this message back: nothing of it was sent.
    pub(super) fn withheld(&mut self, to: PersonId, n: u64) {
        self.give_up(to, &[n], GivenUp::Cancelled);
        if let Some(person) = self.people.all.get_mut(&to) {
            person.withheld.push((person.record.step, n));
        }
    }

    /// What they have of ours, as they say when a link begins, against what we know. Then it goes on from there.
    pub(super) fn compare_streams(&mut self, with: PersonId, has: Taken, now: Timestamp) {
        let Some(person) = self.people.all.get_mut(&with) else { return };
        let ours = person.record.ours;
        if person.renumbering {
            return;
        }
        if has.epoch == ours.epoch && ours.epoch != Epoch::default() {
            let known = match has.n {
                0 => Some(has.mark),
                n if n == ours.delivered => Some(ours.mark),
                n => person.waiting.iter().find(|waiting| waiting.n == n).map(|waiting| waiting.mark),
            };
            let less = has.n < ours.delivered;
            if !less && known != Some(has.mark) {
                // They know more of ours than we do, or other things: this is an older copy of our folder.
                return self.renumber(with, has, now);
            }
            if !less {
                self.person_has(with, ours.epoch, has.n);
            }
        }
        let Some(person) = self.people.all.get(&with) else { return };
        let ours = person.record.ours;
        self.effects.lan.push(Command::Resume { to: with, epoch: ours.epoch, after: ours.delivered });
    }

    /// Begins a new numbering for all that waits. They have messages of the old one up to `has`, written by the copy of our
    /// folder that is lost. What waits under such a number, and was written before the last that they have, waited when
    /// the copy was made, so they may have it. What was written later is another message.
    fn renumber(&mut self, to: PersonId, has: Taken, now: Timestamp) {
        let Some(person) = self.people.all.get_mut(&to) else { return };
        let epoch = new_epoch(to, person.record.ours.epoch, now);
        person.record.ours = Stream { epoch, last: person.waiting.len() as u64, ..Stream::default() };
        for (waiting, n) in person.waiting.iter_mut().zip(1..) {
            waiting.again |= waiting.n <= has.n && waiting.at.as_millisecond() <= Stream::written(has.mark);
            waiting.n = n;
            waiting.mark = Stream::mark(epoch, n, waiting.at);
        }
        person.unread_there.clear();
        person.renumbering = true;
        person.withheld.clear();
        (person.handed, person.kept) = (0, 0);
        self.decide_with(to, |_, _| Vec::new());
    }

    /// Gives up what waits for too long.
    pub(in crate::core) fn give_up_what_is_old(&mut self, now: Timestamp) {
        if now.duration_since(self.people.aged) < LOOKED_AGAIN || !self.people.loaded {
            return;
        }
        self.people.aged = now;
        let is_old = |waiting: &&Waiting| waiting.text.is_some() && now.duration_since(waiting.at) > WAITS_AT_MOST;
        let old: Vec<(PersonId, Vec<u64>)> = (self.people.all.iter())
            .filter(|(_, person)| person.link != LinkState::Live)
            .map(|(id, person)| (*id, person.waiting.iter().filter(is_old).map(|waiting| waiting.n).collect()))
            .collect();
        for (id, numbers) in old.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            self.give_up(id, &numbers, GivenUp::Expired);
            self.know(id);
        }
    }
}

impl Waiting {
    fn outgoing(&self) -> Outgoing {
        Outgoing { mark: self.mark, at: self.at.as_millisecond(), text: self.text.clone(), again: self.again }
    }
}

/// A numbering that no other is.
fn new_epoch(id: PersonId, before: Epoch, now: Timestamp) -> Epoch {
    let of_key = id.0.iter().fold(0_u64, |all, byte| all.rotate_left(8) ^ u64::from(*byte));
    Epoch(Stream::mark(before, of_key, now).max(1))
}

/// How often it is looked for messages that wait for too long. Nobody is woken for it.
const LOOKED_AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
