//! What is told of people on this network: a line for reading, or a JSON object a line.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Write},
};

use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{
    chat::{Epoch, PersonId, RowNumber},
    core::{Comparing, Core, Input, NotSaid, NoticeKind, Unable, Visibility},
    history::Answer,
    i18n::Words,
    lan::{Comparison, Event, EventKind, Invisible, LinkState},
    second_start::Neighbour,
    wire::{visible, write_json_line},
};

/// Something that happened, in the form that `--json` prints.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Told<'a> {
    /// We are seen.
    Visible { id: String, name: &'a str, port: u16 },
    /// Somebody is there, or says something else of themselves.
    Person { id: String, name: &'a str, state: &'a str, address: Option<String> },
    /// They are not any more.
    Gone { id: String },
    /// There is an encrypted link to the holder of this key.
    Linked { id: String, verified: bool },
    /// It is lost.
    Unlinked { id: String },
    /// A message came, and is on our disk.
    Message { from: String, name: &'a str, n: u64, text: &'a str },
    /// A message of ours is on our disk, and waits.
    Queued { to: String, n: u64 },
    /// It is on theirs.
    Delivered { to: String, n: u64 },
    /// They read it.
    Read { to: String, n: u64 },
    /// These six digits are to be compared.
    Digits { id: String, digits: String },
    /// Comparing ended.
    Compared { id: String, outcome: &'static str },
    /// Something went wrong.
    Error { message: &'a str },
}

/// A message of ours that was written in this run.
#[derive(Debug)]
struct Ours {
    row: RowNumber,
    epoch: Epoch,
    n: u64,
    kept: bool,
}

/// What is known of a person besides what core knows: what was told.
#[derive(Debug, Default)]
struct Follows {
    told: Option<(String, &'static str, Option<String>)>,
    linked: bool,
    /// Messages that came and are not on our disk yet.
    coming: VecDeque<(Epoch, u64, String)>,
    ours: VecDeque<Ours>,
    unread: VecDeque<(Epoch, u64)>,
    comparing: Option<Comparing>,
}

/// Tells what happens among people.
pub(super) struct Teller<'w, W: Write> {
    out: W,
    json: bool,
    words: &'w Words,
    people: BTreeMap<PersonId, Follows>,
    visibility: Visibility,
    notices: u64,
}

impl<'w, W: Write> Teller<'w, W> {
    pub fn new(out: W, json: bool, words: &'w Words) -> Self {
        Self { out, json, words, people: BTreeMap::new(), visibility: Visibility::Off, notices: 0 }
    }

    /// What core is about to take in: of messages, what they say, as they are told once they are on the disk.
    pub fn before(&mut self, core: &Core, input: &Input) {
        if let Input::Lan(Event { kind: EventKind::Received { from, epoch, first, messages }, .. }) = input {
            let theirs = core.people().get(*from).map(|person| person.record().theirs).unwrap_or_default();
            let last = if theirs.epoch == *epoch { theirs.last } else { 0 };
            let follows = self.people.entry(*from).or_default();
            for (n, message) in (*first..).zip(messages).filter(|(n, _)| *n > last) {
                if let Some(text) = &message.text {
                    follows.coming.push_back((*epoch, n, String::from_utf8_lossy(text).into_owned()));
                }
            }
        }
    }

    /// A message of ours was written.
    pub fn wrote(&mut self, core: &Core, to: PersonId) {
        let Some(person) = core.people().get(to) else { return };
        let Some(row) = person.last_written() else { return };
        let (epoch, n) = (person.record().ours.epoch, person.record().ours.last);
        let follows = self.people.entry(to).or_default();
        if follows.ours.back().is_none_or(|last| last.row < row) {
            follows.ours.push_back(Ours { row, epoch, n, kept: false });
        }
    }

    /// Core has taken that in.
    pub fn after(&mut self, core: &Core, input: &Heard) -> io::Result<()> {
        match input {
            Heard::Lan(kind) => self.happened(core, kind)?,
            Heard::Kept(records) => {
                for (id, ours, theirs) in records {
                    self.kept(core, *id, *ours, *theirs)?;
                }
            }
            Heard::Other => {}
        }
        self.tell_visibility(core)?;
        self.tell_notices(core)?;
        self.out.flush()
    }

    fn happened(&mut self, core: &Core, kind: &EventKind) -> io::Result<()> {
        let who = match kind {
            EventKind::Seen(seen) => seen.id,
            EventKind::Gone(id) => *id,
            EventKind::Link { with, .. }
            | EventKind::Greeted { with, .. }
            | EventKind::Me { with, .. }
            | EventKind::Digits { with, .. }
            | EventKind::Compared { with, .. } => *with,
            EventKind::Delivered { to, .. } | EventKind::Withheld { to, .. } => *to,
            EventKind::Read { by, epoch, n } => {
                self.tell_read(*by, *epoch, *n)?;
                *by
            }
            EventKind::InterfaceFailed { name, why } => {
                let message = format!("{name}: {why}");
                return self.error(&message);
            }
            EventKind::Stopped | EventKind::Invisible(_) => {
                let all: Vec<PersonId> = self.people.keys().copied().collect();
                return all.into_iter().try_for_each(|id| self.tell_person(core, id));
            }
            _ => return Ok(()),
        };
        self.tell_person(core, who)?;
        self.tell_delivered(core, who)
    }

    /// Who they are and whether there is a link, where that is not what was told last.
    fn tell_person(&mut self, core: &Core, id: PersonId) -> io::Result<()> {
        let person = core.people().get(id);
        let Some(person) = person.filter(|person| person.is_nearby()) else {
            let follows = self.people.entry(id).or_default();
            if std::mem::take(&mut follows.linked) {
                self.tell(&Told::Unlinked { id: id.to_string() })?;
            }
            let follows = self.people.entry(id).or_default();
            if follows.told.take().is_some() {
                self.tell(&Told::Gone { id: id.to_string() })?;
            }
            return Ok(());
        };
        let address = person.addresses().first().map(ToString::to_string);
        let now = (person.name().to_owned(), person.presence().name(), address);
        let follows = self.people.entry(id).or_default();
        let is_there_too = |told: &Option<String>| {
            told.as_ref().is_some_and(|told| person.addresses().iter().any(|at| at.to_string() == *told))
        };
        let same = follows.told.as_ref().is_some_and(|(name, state, address)| {
            (name, state) == (&now.0, &now.1) && (*address == now.2 || is_there_too(address))
        });
        if !same {
            let (name, state, address) = now.clone();
            follows.told = Some(now);
            self.tell(&Told::Person { id: id.to_string(), name: &name, state, address })?;
        }
        let linked = person.link() == LinkState::Live;
        let follows = self.people.entry(id).or_default();
        if std::mem::replace(&mut follows.linked, linked) != linked {
            let id = id.to_string();
            self.tell(&if linked {
                Told::Linked { id, verified: person.is_verified() }
            } else {
                Told::Unlinked { id }
            })?;
        }
        let comparing = person.comparing();
        let follows = self.people.entry(id).or_default();
        if std::mem::replace(&mut follows.comparing, comparing) != comparing {
            match comparing {
                Some(Comparing::Digits { digits, .. }) => {
                    self.tell(&Told::Digits { id: id.to_string(), digits: digits.to_string() })?;
                }
                Some(Comparing::Over(outcome)) => {
                    self.tell(&Told::Compared { id: id.to_string(), outcome: name_of(outcome) })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// This is on our disk.
    fn kept(&mut self, core: &Core, id: PersonId, ours: (Epoch, u64), theirs: (Epoch, u64)) -> io::Result<()> {
        let name = core.people().get(id).map(|person| person.name().to_owned()).unwrap_or_default();
        let follows = self.people.entry(id).or_default();
        let mut came = Vec::new();
        while let Some((_, n, text)) = follows.coming.pop_front_if(|(epoch, n, _)| *epoch != theirs.0 || *n <= theirs.1)
        {
            came.push((n, text));
        }
        let mut queued = Vec::new();
        for message in follows.ours.iter_mut().filter(|message| !message.kept) {
            if message.epoch != ours.0 || message.n <= ours.1 {
                message.kept = true;
                queued.push(message.n);
            }
        }
        for (n, text) in came {
            self.tell(&Told::Message { from: id.to_string(), name: &name, n, text: &text })?;
        }
        for n in queued {
            self.tell(&Told::Queued { to: id.to_string(), n })?;
        }
        self.tell_delivered(core, id)
    }

    fn tell_delivered(&mut self, core: &Core, id: PersonId) -> io::Result<()> {
        let Some(person) = core.people().get(id) else { return Ok(()) };
        let first = person.first_waiting();
        let follows = self.people.entry(id).or_default();
        let mut done = Vec::new();
        while let Some(ours) = follows.ours.pop_front_if(|ours| ours.kept && first.is_none_or(|first| ours.row < first))
        {
            done.push(ours);
        }
        for Ours { row, epoch, n, .. } in done {
            if person.is_given_up(row) {
                self.error(&fl!(self.words, "lan-given-up", n = n))?;
                continue;
            }
            self.people.entry(id).or_default().unread.push_back((epoch, n));
            self.tell(&Told::Delivered { to: id.to_string(), n })?;
        }
        Ok(())
    }

    fn tell_read(&mut self, by: PersonId, epoch: Epoch, n: u64) -> io::Result<()> {
        let follows = self.people.entry(by).or_default();
        let mut read = Vec::new();
        while let Some((_, of)) = follows.unread.pop_front_if(|(of, number)| *of != epoch || *number <= n) {
            read.push(of);
        }
        read.into_iter().try_for_each(|n| self.tell(&Told::Read { to: by.to_string(), n }))
    }

    fn tell_visibility(&mut self, core: &Core) -> io::Result<()> {
        let now = core.people().visibility();
        if *now == self.visibility {
            return Ok(());
        }
        self.visibility = now.clone();
        match now {
            Visibility::On { port } => {
                let id = core.people().id().unwrap_or_default().to_string();
                let name = core.people().me().name.clone();
                self.tell(&Told::Visible { id, name: &name, port: *port })
            }
            Visibility::Unable(why) => self.error(&unable(self.words, why)),
            Visibility::Off | Visibility::Opening => Ok(()),
        }
    }

    fn tell_notices(&mut self, core: &Core) -> io::Result<()> {
        let new: Vec<String> = (core.notices().iter().rev())
            .take_while(|notice| notice.number > self.notices)
            .filter_map(|notice| match &notice.kind {
                NoticeKind::NotSaid { to, why } => Some(not_said(self.words, &super::name_of(core, *to), *why)),
                _ => None,
            })
            .collect();
        self.notices = core.notices().last().map_or(0, |notice| notice.number);
        new.into_iter().rev().try_for_each(|message| self.error(&message))
    }

    /// Something to be read, in the form for reading.
    pub fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", visible(text, &['\n']))?;
        self.out.flush()
    }

    /// Who is nearby, for reading.
    pub fn list(&mut self, nearby: &[Neighbour]) -> io::Result<()> {
        for person in nearby {
            let address = person.address.map(|address| address.to_string()).unwrap_or_default();
            let link = match person.linked {
                Some(true) => fl!(self.words, "lan-list-verified"),
                Some(false) => fl!(self.words, "lan-list-encrypted"),
                None => fl!(self.words, "lan-list-no-link"),
            };
            let line = format!("{}\t{}\t{address}\t{link}", person.name, person.tag);
            writeln!(self.out, "{}", visible(&line, &['\t']))?;
        }
        if nearby.is_empty() {
            writeln!(self.out, "{}", fl!(self.words, "lan-list-nobody"))?;
        }
        self.out.flush()
    }

    /// Who is nearby, as events.
    pub fn tell_nearby(&mut self, nearby: &[Neighbour]) -> io::Result<()> {
        for person in nearby {
            let (id, address) = (person.id.clone(), person.address.map(|address| address.to_string()));
            self.tell(&Told::Person { id: id.clone(), name: &person.name, state: &person.state, address })?;
            if let Some(verified) = person.linked {
                self.tell(&Told::Linked { id, verified })?;
            }
        }
        self.out.flush()
    }

    pub fn error(&mut self, message: &str) -> io::Result<()> {
        self.tell(&Told::Error { message })?;
        self.out.flush()
    }

    fn tell(&mut self, told: &Told<'_>) -> io::Result<()> {
        if self.json {
            #[derive(Serialize)]
            struct Line<'a> {
                #[serde(flatten)]
                told: &'a Told<'a>,
                at: String,
            }
            return write_json_line(&mut self.out, &Line { told, at: Timestamp::now().to_string() });
        }
        let Some(line) = self.in_words(told) else { return Ok(()) };
        let at = Timestamp::now().to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string();
        writeln!(self.out, "{at} {}", visible(&line, &['\n']))
    }

    fn in_words(&self, told: &Told<'_>) -> Option<String> {
        let words = self.words;
        let name_of = |id: &str| {
            let known =
                id.parse().ok().and_then(|id: PersonId| self.people.get(&id)?.told.as_ref().map(|t| t.0.clone()));
            known.unwrap_or_else(|| id.to_owned())
        };
        Some(match told {
            Told::Visible { name, port, .. } => {
                let (name, port) = ((*name).to_owned(), port.to_string());
                fl!(words, "lan-visible", name = name, port = port)
            }
            Told::Person { name, address, .. } => {
                let (name, address) = ((*name).to_owned(), address.clone().unwrap_or_default());
                fl!(words, "lan-person", name = name, address = address)
            }
            Told::Linked { id, verified: true } => fl!(words, "lan-linked-verified", name = name_of(id)),
            Told::Linked { id, verified: false } => fl!(words, "lan-linked", name = name_of(id)),
            Told::Unlinked { id } => fl!(words, "lan-unlinked", name = name_of(id)),
            Told::Message { name, text, .. } => {
                let (name, what) = ((*name).to_owned(), (*text).to_owned());
                fl!(words, "named", name = name, what = what)
            }
            Told::Delivered { to, n } => {
                let (name, n) = (name_of(to), *n);
                fl!(words, "lan-delivered", name = name, n = n)
            }
            Told::Read { to, n } => {
                let (name, n) = (name_of(to), *n);
                fl!(words, "lan-read", name = name, n = n)
            }
            Told::Digits { id, digits } => {
                let (name, digits) = (name_of(id), digits.clone());
                fl!(words, "lan-digits", name = name, digits = digits)
            }
            Told::Compared { outcome, .. } => compared(words, outcome),
            Told::Error { message } => (*message).to_owned(),
            Told::Gone { .. } | Told::Queued { .. } => return None,
        })
    }
}

/// Whose directions are how far: ours, and theirs.
type HowFar = (PersonId, (Epoch, u64), (Epoch, u64));

/// What of an input is told, once core has taken it in.
#[derive(Debug)]
pub(super) enum Heard {
    /// This happened.
    Lan(EventKind),
    /// This is on the disk: of whom, and how far both directions are.
    Kept(Vec<HowFar>),
    /// Nothing of it.
    Other,
}

impl Heard {
    pub fn of(input: &Input) -> Self {
        match input {
            // What was said is with `before`.
            Input::Lan(Event { kind: EventKind::Received { .. }, .. }) => Self::Other,
            Input::Lan(event) => Self::Lan(event.kind.clone()),
            Input::History(answer) => match &**answer {
                Answer::Kept(records) => Self::Kept(
                    records
                        .iter()
                        .map(|of| (of.id, (of.ours.epoch, of.ours.last), (of.theirs.epoch, of.theirs.last)))
                        .collect(),
                ),
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

pub(super) fn name_of(outcome: Comparison) -> &'static str {
    match outcome {
        Comparison::Same => "same",
        Comparison::Differ => "differ",
        Comparison::Stopped => "stopped",
        Comparison::Cheated => "cheated",
        Comparison::Locked(_) => "locked",
        Comparison::NotLinked => "not_linked",
    }
}

pub(super) fn compared(words: &Words, outcome: &str) -> String {
    match outcome {
        "same" => fl!(words, "row-verified"),
        "differ" | "cheated" => fl!(words, "row-codes-differed"),
        "locked" => fl!(words, "lan-locked"),
        "not_linked" => fl!(words, "lan-not-linked"),
        _ => fl!(words, "lan-stopped"),
    }
}

/// Why we are not on this network.
pub(super) fn unable(words: &Words, why: &Unable) -> String {
    match why {
        Unable::NoFolder => fl!(words, "lan-no-folder"),
        Unable::NoIdentity { why } => fl!(words, "lan-no-identity", why = why.as_str()),
        Unable::NoHistory(_) => fl!(words, "lan-no-history"),
        Unable::Network(Invisible::NoPort { port, why } | Invisible::NoBeacons { port, why }) => {
            fl!(words, "lan-no-port", port = port.to_string(), why = why.as_str())
        }
        Unable::Network(Invisible::Asked) => String::new(),
    }
}

/// Why a text to a person was not taken.
pub(super) fn not_said(words: &Words, name: &str, why: NotSaid) -> String {
    match why {
        NotSaid::Blocked => fl!(words, "not-said-blocked", name = name),
        NotSaid::NewKey => fl!(words, "not-said-new-key", name = name),
        NotSaid::NotMet => fl!(words, "not-said-not-met", name = name),
        NotSaid::TooLong => fl!(words, "not-said-too-long", most = crate::chat::LONGEST_PERSON_TEXT),
        NotSaid::TooManyWait => fl!(words, "not-said-too-many", name = name),
        NotSaid::Nobody => fl!(words, "not-said-nobody"),
    }
}
