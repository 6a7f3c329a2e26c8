//! The conversations in the order of the sidebar: open ones above closed ones, those without a word folded into one row.

use crate::{
    core::{Conversation, Core, Key},
    net::ConnId,
};

/// From so many on, the closed conversations in which nothing was said are one row.
pub const FOLDED_FROM: usize = 3;

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
