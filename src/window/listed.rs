//! The conversations in the order of the sidebar: people nearby, then open connections above closed ones; those without
//! a word, and those with people who are not there, are folded into one row each.

use crate::{
    core::{Conversation, Core, Key, People, Person, Visibility},
    net::ConnId,
};

/// From so many on, the closed conversations in which nothing was said are one row.
pub const FOLDED_FROM: usize = 3;

/// All conversations that are not past: with people, and over connections.
pub fn all(core: &Core) -> impl Iterator<Item = (Key, &Conversation)> {
    let people = core.people().iter().map(|person| (Key::Person(person.id()), person.conversation()));
    people.chain(core.conversations().map(|(conn, conversation)| (Key::Conn(conn), conversation)))
}

/// The people of the list, by name.
#[derive(Debug, Default)]
pub struct PeopleList<'a> {
    /// Those who are nearby, and those of whom there is something to see: unread, or waiting for them.
    pub shown: Vec<&'a Person>,
    /// Those who are not there, where they are one row.
    pub away: Vec<&'a Person>,
}

impl<'a> PeopleList<'a> {
    /// The list now. The selected person has a row of their own in any case.
    #[must_use]
    pub fn of(people: &'a People, selected: Key) -> Self {
        let mut list = Self::default();
        for person in people.iter() {
            let has_row = person.is_nearby()
                || person.conversation().unread() > 0
                || person.waiting() > 0
                || selected == Key::Person(person.id());
            if has_row { list.shown.push(person) } else { list.away.push(person) }
        }
        if list.away.len() < FOLDED_FROM {
            list.shown.append(&mut list.away);
        }
        list.shown.sort_by_cached_key(|person| (!person.is_nearby(), person.name().to_lowercase(), person.id()));
        list.away.sort_by_cached_key(|person| (person.name().to_lowercase(), person.id()));
        list
    }

    /// Whether there is such a list at all: while we are on this network, or know somebody.
    #[must_use]
    pub fn is_wanted(&self, people: &People) -> bool {
        !matches!(people.visibility(), Visibility::Off) || !self.shown.is_empty() || !self.away.is_empty()
    }

    /// Whether everyone nearby has a row: there are several, or something was said to them.
    #[must_use]
    pub fn has_everyone(core: &Core) -> bool {
        core.people().reached_by_all().nth(1).is_some()
            || core.conversation(Key::Nearby).is_some_and(|nearby| !nearby.entries().is_empty())
    }

    /// Those that have a row of their own, from the top; all of them where the folded ones are unfolded.
    pub fn rows(&self, unfolded: bool) -> impl Iterator<Item = Key> {
        let away = self.away.iter().filter(move |_| unfolded);
        self.shown.iter().chain(away).map(|person| Key::Person(person.id()))
    }
}

/// A conversation in the list.
pub type Listed<'a> = (ConnId, &'a Conversation);

/// The list, each part with the oldest first.
#[derive(Debug, Default)]
pub struct List<'a> {
    /// Those that are open, or about to be.
    pub open: Vec<Listed<'a>>,
    /// Those that are closed.
    pub closed: Vec<Listed<'a>>,
    /// Those in which nothing was said, where they are one row.
    pub silent: Vec<Listed<'a>>,
}

impl<'a> List<'a> {
    /// The list now. The selected conversation has a row of its own in any case.
    #[must_use]
    pub fn of(core: &'a Core, selected: Key) -> Self {
        let mut list = Self::default();
        for (conn, conversation) in core.conversations() {
            if !conversation.state.is_over() {
                list.open.push((conn, conversation));
            } else if conversation.said_nothing() && Key::Conn(conn) != selected {
                list.silent.push((conn, conversation));
            } else {
                list.closed.push((conn, conversation));
            }
        }
        if list.silent.len() < FOLDED_FROM {
            list.closed.append(&mut list.silent);
            list.closed.sort_by_key(|(_, conversation)| conversation.id);
        }
        list
    }

    /// How many are closed, folded or not.
    #[must_use]
    pub fn over(&self) -> usize {
        self.closed.len() + self.silent.len()
    }

    /// Those that have a row of their own, from the top; all of them where the folded ones are unfolded.
    pub fn rows(&self, unfolded: bool) -> impl Iterator<Item = ConnId> {
        let silent = self.silent.iter().filter(move |_| unfolded);
        self.open.iter().chain(&self.closed).chain(silent).map(|(conn, _)| *conn)
    }
}
