//! A message to everyone nearby: one row with counts, and one with each of them.

use bytes::Bytes;
use jiff::Timestamp;

use super::{NotSaid, Share};
use crate::{
    chat::{Delivery, JournalEntry, PersonId, RowNumber, SessionId},
    core::{Core, Key},
    wire::{Boundary, Cut, text::TextEncoding},
};

/// Messages to everyone nearby whose shares are still followed; past it the oldest keeps its counts.
pub const FOLLOWED_TO_ALL: usize = 64;

impl Core {
    /// The user writes to everyone nearby.
    pub(in crate::core) fn say_to_all_nearby(&mut self, text: &str, now: Timestamp) {
        let people: Vec<PersonId> = self.people.reached_by_all().map(super::Person::id).collect();
        let mut shares = Vec::new();
        for person in people {
            if let Some(row) = self.say(person, text, now) {
                shares.push(Share { person, row, delivery: Delivery::Waiting });
            }
        }
        if shares.is_empty() {
            return self.not_said(PersonId::default(), NotSaid::Nobody, now);
        }
        if self.people.nearby.id == SessionId::default() {
            let id = self.new_id(now);
            self.people.nearby.begin_nearby(id, now);
            let session = Box::new(self.people.nearby.session());
            self.decide(Key::Nearby, |_, _| JournalEntry::Opened(session));
        }
        let raw = Bytes::copy_from_slice(text.as_bytes());
        let cut = Cut { end: raw.len() as u32, header: 0, trailer: 0, boundary: Boundary::Length };
        let number = self.decide_sent(Key::Nearby, now, (raw, cut, TextEncoding::default()), counted(&shares), false);
        self.people.shares.insert(number, shares);
        while self.people.shares.len() > FOLLOWED_TO_ALL {
            self.people.shares.pop_first();
        }
    }

    /// What became of a message to one person: it may be a share of one to all.
    pub(super) fn share_changed(&mut self, person: PersonId, row: RowNumber, delivery: &Delivery) {
        let found = self.people.shares.iter_mut().find_map(|(number, shares)| {
            let share = shares.iter_mut().find(|share| share.person == person && share.row == row)?;
            share.delivery = delivery.clone();
            Some((*number, counted(shares)))
        });
        let Some((number, counted)) = found else { return };
        let sent = self.people.nearby.entries().get(number).map(|row| &row.kind);
        if !matches!(sent, Some(crate::chat::RowKind::Sent(sent)) if sent.delivery == counted) {
            self.decide_delivery(Key::Nearby, number, counted);
        }
    }
}

fn counted(shares: &[Share]) -> Delivery {
    let count = |is: fn(&Delivery) -> bool| shares.iter().filter(|share| is(&share.delivery)).count();
    let read = count(|delivery| *delivery == Delivery::Read);
    let delivered = read + count(|delivery| *delivery == Delivery::Delivered);
    let given_up = count(|delivery| matches!(delivery, Delivery::GivenUp(_)));
    Delivery::ToPeople { people: shares.len(), delivered, read, given_up }
}
