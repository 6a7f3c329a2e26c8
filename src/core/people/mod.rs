//! People on this network: who is there, what was said, how far it has come.
//!
//! The `lan` thread carries frames and knows no conversation; the history keeps rows and how far both directions are, in
//! one transaction. What is on the disk is what is acknowledged ([`Answer::Kept`](crate::history::Answer)), and what is
//! sent is on the disk before: so each message arrives once, or stays visibly waiting.

mod asked;
mod met;
mod nearby;
mod on_the_wire;
mod stored;
mod stream;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use asked::PeopleInput;
pub use nearby::FOLLOWED_TO_ALL;
pub use on_the_wire::{Crossing, OnTheWire, RECORD_BYTES_KEPT, RECORDS_KEPT};

use super::Conversation;
use crate::{
    chat::{Delivery, PersonId, PersonRecord, Presence, RowKind, RowNumber, SessionId},
    history::Unavailable,
    lan::{Comparison, Digits, Invisible, LinkState, Me, Options, Rehearsal},
};

/// Messages that wait for one person; past it a text is not taken, and a notice says so.
pub const WAITING_FOR_A_PERSON: usize = 10_000;

/// Bytes of messages that wait for one person; past it a text is not taken, and a notice says so.
pub const WAITING_BYTES_FOR_A_PERSON: usize = 64 * 1024 * 1024;

/// How long a message waits for a person who is not met; then it is given up, and its row says so.
pub const WAITS_AT_MOST: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// Strangers kept: people with whom nothing was ever said, who are not verified and not blocked. Past it the one met
/// longest ago who is not nearby goes.
pub const STRANGERS_KEPT: usize = 512;

/// Delivered messages to one person whose reading is still noted; past it the oldest stay at delivered.
pub const READ_NOTED: usize = 10_000;

/// Everyone on this network who is or was met.
#[derive(Debug, Default)]
pub struct People {
    all: BTreeMap<PersonId, Person>,
    visibility: Visibility,
    /// What we are to be on this network, once that can be.
    wanted: Option<Box<Options>>,
    /// What the history keeps of people is here.
    loaded: bool,
    me: Me,
    id: Option<PersonId>,
    interfaces: UsedInterfaces,
    nearby: Conversation,
    shares: BTreeMap<RowNumber, Vec<Share>>,
    crowded: bool,
    wire: OnTheWire,
    rehearsal: Option<(Timestamp, Result<Rehearsal, String>)>,
    /// When a message was looked for last that waits for too long.
    aged: Timestamp,
}

/// Whether we are seen on this network.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Visibility {
    /// Nobody has asked for it.
    #[default]
    Off,
    /// It is about to be.
    Opening,
    /// We are, and links are taken on this port.
    On {
        /// The port.
        port: u16,
    },
    /// We can't be.
    Unable(Unable),
}

/// Why we are not on this network, though the user wants it.
#[derive(Clone, Debug, PartialEq)]
pub enum Unable {
    /// There is no folder to keep messages in, so they could be lost.
    NoFolder,
    /// The file of the key can't be read or made.
    NoIdentity {
        /// Why, in the system's words.
        why: String,
    },
    /// Messages can't be kept: another Sockhop has the folder, or the history can't be opened.
    NoHistory(Unavailable),
    /// No port, or no beacons.
    Network(Invisible),
}

/// Why it is not known which person is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnclearPerson {
    /// Nobody is called so, or has that key.
    Nobody,
    /// Several are.
    Several,
}

/// Why a text to a person was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotSaid {
    /// The user blocked them.
    Blocked,
    /// Their key is new, and their name that of somebody verified: the user is to say first that this is right.
    NewKey,
    /// They have not proved yet who they are.
    NotMet,
    /// It has more than [`LONGEST_PERSON_TEXT`](crate::chat::LONGEST_PERSON_TEXT) bytes.
    TooLong,
    /// [`WAITING_FOR_A_PERSON`] or [`WAITING_BYTES_FOR_A_PERSON`] wait already.
    TooManyWait,
    /// Nobody is nearby whom it could be sent to.
    Nobody,
}

/// Which interfaces beacons use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedInterfaces {
    /// These, by name.
    pub used: Vec<String>,
    /// These are off unless switched on: Docker, virtual machines, tunnels, point to point.
    pub off: Vec<String>,
    /// These can't be used: name, and why in the system's words.
    pub failed: Vec<(String, String)>,
}

/// One person.
#[derive(Debug)]
pub struct Person {
    record: PersonRecord,
    /// Whether they proved that they hold the key, now or ever.
    is_pinned: bool,
    /// What they say of themselves, while they are nearby.
    presence: Presence,
    is_nearby: bool,
    addresses: Vec<SocketAddr>,
    door: Option<u16>,
    link: LinkState,
    comparing: Option<Comparing>,
    conversation: Conversation,
    /// The conversation is open in the history, in this run.
    is_opened: bool,
    /// What was written and is not delivered, in the order of the numbers.
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// What was delivered and not read yet: number and row; at most [`READ_NOTED`].
    unread_there: VecDeque<(u64, RowNumber)>,
    /// The number of the last message of ours that the `lan` thread was given.
    handed: u64,
    /// The number of the last message of ours that is on our disk.
    kept: u64,
    /// Messages that the thread holds back, and the step of the record that gave them up.
    withheld: Vec<(u64, u64)>,
    /// Our numbering is being begun anew: the thread is told once that is on the disk.
    renumbering: bool,
    /// What the last row said of the link.
    told_linked: Option<bool>,
    /// Whether they tell what they have read.
    tells_read: bool,
}

/// A message that is not delivered yet.
#[derive(Clone, Debug)]
struct Waiting {
    n: u64,
    row: RowNumber,
    at: Timestamp,
    mark: u64,
    /// None, if it was given up.
    text: Option<bytes::Bytes>,
    sent: bool,
    /// They may have it: see [`Outgoing::again`].
    again: bool,
}

/// One person's share of a message to everyone nearby.
#[derive(Clone, Debug)]
pub struct Share {
    /// Whose.
    pub person: PersonId,
    /// Its row in their conversation.
    pub row: RowNumber,
    /// What became of it.
    pub delivery: Delivery,
}

/// Comparing six digits with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparing {
    /// The digits are being made.
    Begun,
    /// These are to be compared.
    Digits {
        /// The digits.
        digits: Digits,
        /// Whether they began.
        theirs: bool,
    },
    /// We said that they are the same; they have not yet.
    WaitsForThem(Digits),
    /// It ended like this.
    Over(Comparison),
}

impl People {
    /// Everyone who is nearby or known, by their keys.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.all.values().filter(|person| person.is_nearby || !person.record.forgotten)
    }

    /// Those who are nearby, by their keys.
    pub fn nearby(&self) -> impl Iterator<Item = &Person> {
        self.all.values().filter(|person| person.is_nearby)
    }

    /// Who is meant by a name or an id: of those nearby, else of all who have proved a key.
    ///
    /// # Errors
    /// Where that is nobody, or several.
    pub fn meant(&self, person: &str) -> Result<PersonId, UnclearPerson> {
        if let Ok(id) = person.parse::<PersonId>() {
            return self.get(id).map(Person::id).ok_or(UnclearPerson::Nobody);
        }
        let named = |one: &&Person| one.name() == person && one.is_pinned();
        let nearby: Vec<PersonId> = self.nearby().filter(named).map(Person::id).collect();
        let known: Vec<PersonId> = self.iter().filter(named).map(Person::id).collect();
        match (&nearby[..], &known[..]) {
            ([one], _) | ([], [one]) => Ok(*one),
            ([], []) => Err(UnclearPerson::Nobody),
            _ => Err(UnclearPerson::Several),
        }
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: PersonId) -> Option<&Person> {
        self.all.get(&id)
    }

    /// Whether we are seen, and if not, why.
    #[must_use]
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }

    /// What is said of us.
    #[must_use]
    pub fn me(&self) -> &Me {
        &self.me
    }

    /// Who we are, once that is known.
    #[must_use]
    pub fn id(&self) -> Option<PersonId> {
        self.id
    }

    /// Which interfaces beacons use.
    #[must_use]
    pub fn interfaces(&self) -> &UsedInterfaces {
        &self.interfaces
    }

    /// Whether there were more strangers than are kept, or they were faster than is taken.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.crowded
    }

    /// What goes over the wire of the link that is looked at.
    #[must_use]
    pub fn wire(&self) -> &OnTheWire {
        &self.wire
    }

    /// The text that was sent last between two ends of this program, and when; or why not.
    #[must_use]
    pub fn rehearsal(&self) -> Option<(Timestamp, &Result<Rehearsal, String>)> {
        self.rehearsal.as_ref().map(|(at, rehearsed)| (*at, rehearsed))
    }

    /// Those whom a message to everyone nearby would go to.
    pub fn reached_by_all(&self) -> impl Iterator<Item = &Person> {
        self.nearby().filter(|person| person.is_pinned && !person.record.blocked && !person.record.warns)
    }

    /// Who got a message to everyone nearby, while this run lasts.
    #[must_use]
    pub fn shares(&self, row: RowNumber) -> &[Share] {
        self.shares.get(&row).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whose conversation this is.
    pub(super) fn with_session(&self, session: SessionId) -> Option<PersonId> {
        self.all.values().find(|person| person.record.session == session).map(Person::id)
    }

    pub(super) fn conversation_with(&self, id: PersonId) -> Option<&Conversation> {
        self.all.get(&id).map(|person| &person.conversation)
    }

    pub(super) fn conversation_with_mut(&mut self, id: PersonId) -> Option<&mut Conversation> {
        self.all.get_mut(&id).map(|person| &mut person.conversation)
    }

    pub(super) fn nearby_conversation(&self) -> &Conversation {
        &self.nearby
    }

    pub(super) fn nearby_conversation_mut(&mut self) -> &mut Conversation {
        &mut self.nearby
    }
}

impl Person {
    fn new(record: PersonRecord) -> Self {
        let conversation = Conversation::with_person(&record);
        Self {
            record,
            is_pinned: false,
            presence: Presence::default(),
            is_nearby: false,
            addresses: Vec::new(),
            door: None,
            link: LinkState::default(),
            comparing: None,
            conversation,
            is_opened: false,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            unread_there: VecDeque::new(),
            handed: 0,
            kept: 0,
            withheld: Vec::new(),
            renumbering: false,
            told_linked: None,
            tells_read: true,
        }
    }

    /// Who: the key.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.record.id
    }

    /// All that is kept of them.
    #[must_use]
    pub fn record(&self) -> &PersonRecord {
        &self.record
    }

    /// What they call themselves, as it may be shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// Whether they proved that they hold the key, now or ever. Before that nothing of them is certain.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.is_pinned
    }

    /// Whether both have compared six digits.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.record.verified.is_some()
    }

    /// What they say of themselves, while they are nearby.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// Whether they are nearby now.
    #[must_use]
    pub fn is_nearby(&self) -> bool {
        self.is_nearby
    }

    /// Where they take links, the latest first; the one that the link uses, if there is one.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where their bare server listens, if it does.
    #[must_use]
    pub fn door(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.addresses.first()?.ip(), self.door?))
    }

    /// The state of the link.
    #[must_use]
    pub fn link(&self) -> LinkState {
        self.link
    }

    /// How comparing six digits stands.
    #[must_use]
    pub fn comparing(&self) -> Option<Comparing> {
        self.comparing
    }

    /// The conversation with them.
    #[must_use]
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Messages that are not delivered yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.iter().filter(|waiting| waiting.text.is_some()).count()
    }

    /// The row of the last message that we wrote, in this run or waiting from an earlier one.
    #[must_use]
    pub fn last_written(&self) -> Option<RowNumber> {
        self.waiting.back().map(|waiting| waiting.row)
    }

    /// The row of a message of ours that is not delivered, by its number.
    #[must_use]
    pub fn row_of(&self, n: u64) -> Option<RowNumber> {
        self.waiting.iter().find(|waiting| waiting.n == n).map(|waiting| waiting.row)
    }

    /// Whether a message of ours was given up.
    #[must_use]
    pub fn is_given_up(&self, row: RowNumber) -> bool {
        let row = self.conversation.entries().get(row).map(|row| &row.kind);
        matches!(row, Some(RowKind::Sent(sent)) if matches!(sent.delivery, Delivery::GivenUp(_)))
    }

    /// The row of the first message of ours that is not delivered: all rows before it are, or are given up.
    #[must_use]
    pub fn first_waiting(&self) -> Option<RowNumber> {
        self.waiting.front().map(|waiting| waiting.row)
    }

    /// The number of a message of ours that is not delivered, or not read, by its row.
    #[must_use]
    pub fn number_of(&self, row: RowNumber) -> Option<u64> {
        let delivered = self.unread_there.iter().find(|(_, of)| *of == row).map(|(n, _)| *n);
        delivered.or_else(|| self.waiting.iter().find(|waiting| waiting.row == row).map(|waiting| waiting.n))
    }
}
