//! What the user asks of people on this network.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{Comparing, OnTheWire, Unable, Visibility};
use crate::{
    chat::{GivenUp, PersonHappening, PersonId, RowNumber},
    core::{Core, Key, PastState},
    lan::{Command, Interface, Me, Options},
};

/// What the user asks of people on this network. A text is sent to one with [`super::super::Input::SendText`] and
/// [`Key::Person`], to everyone nearby with [`Key::Nearby`].
#[derive(Debug)]
pub enum PeopleInput {
    /// Be seen on this network, as soon as the history can keep what is said.
    Appear(Box<Options>),
    /// Be seen no more.
    Disappear,
    /// We can't be seen, for this reason.
    Unable(Unable),
    /// This is said of us from here on.
    Me(Box<Me>),
    /// These are the interfaces of this machine now.
    Interfaces(Vec<Interface>),
    /// Ask every address of the own networks.
    LookHarder,
    /// Look for a Sockhop at this address.
    Ask(IpAddr),
    /// Take back a message that waits, if nothing of it was sent.
    Cancel {
        /// To whom.
        to: PersonId,
        /// Its row.
        row: RowNumber,
    },
    /// Send nothing to them, and take nothing from them.
    Block(PersonId),
    /// Do so again.
    Unblock(PersonId),
    /// Have them no more in the list until they are met again, and forget that they were verified. What waits is given
    /// up. The conversation stays in the history.
    Forget(PersonId),
    /// The key is new, and its name that of somebody verified: the user says that this is right.
    Accept(PersonId),
    /// Compare six digits.
    Verify(PersonId),
    /// They are the same, or not.
    Compared {
        /// With whom.
        with: PersonId,
        /// Whether they are the same.
        same: bool,
    },
    /// Look at what goes over the wire of the link to this person, or of none.
    Watch(Option<PersonId>),
    /// Not now; or what came of it was seen.
    StopVerifying(PersonId),
}

impl Core {
    pub(in crate::core) fn people_asked(&mut self, input: PeopleInput, now: Timestamp) {
        match input {
            PeopleInput::Appear(options) => self.appear(options),
            PeopleInput::Disappear => {
                self.people.wanted = None;
                self.people.visibility = Visibility::Off;
                self.effects.lan.push(Command::Stop);
            }
            PeopleInput::Unable(why) => {
                self.people.wanted = None;
                self.people.visibility = Visibility::Unable(why);
            }
            PeopleInput::Me(me) => {
                if let Some(wanted) = &mut self.people.wanted {
                    wanted.me = (*me).clone();
                }
                self.people.me = (*me).clone();
                if self.is_on_lan() {
                    self.effects.lan.push(Command::Me(me));
                }
            }
            PeopleInput::Interfaces(interfaces) => {
                if let Some(wanted) = &mut self.people.wanted {
                    wanted.interfaces.clone_from(&interfaces);
                }
                if self.is_on_lan() {
                    self.people.interfaces.failed.clear();
                    self.effects.lan.push(Command::Interfaces(interfaces));
                }
            }
            PeopleInput::LookHarder => self.effects.lan.push(Command::LookHarder),
            PeopleInput::Ask(address) => self.effects.lan.push(Command::Ask(address)),
            PeopleInput::Cancel { to, row } => self.cancel(to, row),
            PeopleInput::Block(id) => self.block(id, now),
            PeopleInput::Unblock(id) => {
                if self.person_mut(id).is_some_and(|person| std::mem::take(&mut person.record.blocked)) {
                    self.decide_about(id, now, PersonHappening::Unblocked);
                    self.know(id);
                }
            }
            PeopleInput::Forget(id) => self.forget_person(id),
            PeopleInput::Accept(id) => {
                if self.person_mut(id).is_some_and(|person| std::mem::take(&mut person.record.warns)) {
                    self.decide_with(id, |_, _| Vec::new());
                }
            }
            PeopleInput::Verify(id) => {
                if let Some(person) = self.person_mut(id) {
                    person.comparing = Some(Comparing::Begun);
                    self.effects.lan.push(Command::Verify(id));
                }
            }
            PeopleInput::Compared { with, same } => {
                let Some(person) = self.person_mut(with) else { return };
                let Some(Comparing::Digits { digits, .. }) = person.comparing else { return };
                person.comparing = Some(Comparing::WaitsForThem(digits));
                self.effects.lan.push(Command::Compared { with, same });
            }
            PeopleInput::Watch(with) => {
                if self.people.wire.with() != with {
                    self.people.wire = OnTheWire::of(with);
                    self.effects.lan.push(Command::Watch(with));
                }
            }
            PeopleInput::StopVerifying(id) => {
                if let Some(person) = self.person_mut(id)
                    && let Some(comparing) = person.comparing.take()
                    && !matches!(comparing, Comparing::Over(_))
                {
                    self.effects.lan.push(Command::StopVerifying(id));
                }
            }
        }
    }

    pub(super) fn is_on_lan(&self) -> bool {
        matches!(self.people.visibility, Visibility::On { .. } | Visibility::Opening) && self.people.loaded
    }

    fn appear(&mut self, options: Box<Options>) {
        self.people.me = options.me.clone();
        self.people.id = Some(options.identity.id());
        self.people.wanted = Some(options);
        if !matches!(self.people.visibility, Visibility::On { .. }) {
            self.people.visibility = Visibility::Opening;
        }
        self.appear_if_possible();
    }

    /// Begins to be seen, if that is wanted and the history has said what it keeps of people.
    pub(super) fn appear_if_possible(&mut self) {
        let Some(wanted) = &self.people.wanted else { return };
        if let PastState::Unavailable(why) | PastState::Waiting(why) = &self.past.state {
            self.people.visibility = Visibility::Unable(Unable::NoHistory(why.clone()));
            return;
        }
        if !self.people.loaded {
            return;
        }
        if matches!(self.people.visibility, Visibility::Unable(Unable::NoHistory(_))) {
            self.people.visibility = Visibility::Opening;
        }
        self.effects.lan.push(Command::Start(wanted.clone()));
        let known: Vec<PersonId> = self.people.all.keys().copied().collect();
        for id in known {
            self.know(id);
        }
    }

    /// Tells the thread what is kept of a person, and what waits for them.
    pub(super) fn know(&mut self, id: PersonId) {
        let Some(person) = self.people.all.get_mut(&id).filter(|person| person.is_pinned) else { return };
        if person.record.blocked {
            self.effects.lan.push(Command::Refuse(id));
        } else if !person.record.forgotten {
            self.effects.lan.push(Command::Know(Box::new(person.record.clone())));
            person.handed = person.record.ours.delivered;
            self.hand_over(id);
        }
    }

    fn cancel(&mut self, to: PersonId, row: RowNumber) {
        let on = self.is_on_lan();
        let Some(person) = self.people.all.get(&to) else { return };
        let Some(waiting) = person.waiting.iter().find(|waiting| waiting.row == row) else { return };
        let (n, is_given) = (waiting.n, waiting.n <= person.handed);
        if waiting.text.is_none() || waiting.sent {
            return;
        }
        if is_given && on {
            self.effects.lan.push(Command::Withhold { to, n });
        } else {
            self.give_up(to, &[n], GivenUp::Cancelled);
        }
    }

    fn block(&mut self, id: PersonId, now: Timestamp) {
        let Some(person) = self.person_mut(id).filter(|person| !person.record.blocked) else { return };
        person.record.blocked = true;
        person.comparing = None;
        let waiting: Vec<u64> = person.waiting.iter().map(|waiting| waiting.n).collect();
        self.effects.lan.push(Command::Refuse(id));
        self.give_up(id, &waiting, GivenUp::Blocked);
        self.decide_about(id, now, PersonHappening::Blocked);
    }

    fn forget_person(&mut self, id: PersonId) {
        let Some(person) = self.person_mut(id) else { return };
        person.record.forgotten = true;
        person.record.verified = None;
        person.record.warns = false;
        person.comparing = None;
        let waiting: Vec<u64> = person.waiting.iter().map(|waiting| waiting.n).collect();
        self.effects.lan.push(Command::Forget(id));
        self.give_up(id, &waiting, GivenUp::Cancelled);
        self.decide_with(id, |_, _| Vec::new());
    }

    pub(super) fn person_mut(&mut self, id: PersonId) -> Option<&mut super::Person> {
        self.people.all.get_mut(&id)
    }

    /// Everyone on this network who is or was met.
    #[must_use]
    pub fn people(&self) -> &super::People {
        &self.people
    }

    /// The conversation with this person was read up to its end: they are told, if both want that.
    pub(in crate::core) fn read_of_person(&mut self, key: Key) {
        let Key::Person(id) = key else { return };
        let receipts = self.people.me.receipts;
        let Some(person) = self.people.all.get_mut(&id) else { return };
        let theirs = &mut person.record.theirs;
        if theirs.read == theirs.last {
            return;
        }
        theirs.read = theirs.last;
        let n = theirs.last;
        self.decide_with(id, |_, _| Vec::new());
        if receipts {
            self.effects.lan.push(Command::Read { to: id, n });
        }
    }
}
