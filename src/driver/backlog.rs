//! What the history has no room for yet, in order.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{
    chat::JournalEntry,
    history::{Full, History},
};

/// How long a history that takes nothing holds up the conversations. After that it is told, and they go on without it.
pub const HISTORY_HOLDS_UP: Duration = Duration::from_secs(2);

/// Weight of what is kept for a history that takes nothing, in bytes; past it rows are given up, and counted.
pub const BACKLOG_BYTES: usize = 16 * 1024 * 1024;

/// Entries that the history had no room for.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    entries: VecDeque<JournalEntry>,
    /// Of all entries.
    weight: usize,
    /// Since when the history has taken nothing, though something waits.
    full_since: Option<Instant>,
    /// That was told.
    told: bool,
    given_up: u64,
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The history has taken nothing for [`HISTORY_HOLDS_UP`].
    Stuck,
    /// It has taken all again, but for so many rows.
    Again { given_up: u64 },
}

impl Backlog {
    /// Add entries, and hand out what can be.
    pub(super) fn extend(&mut self, entries: Vec<JournalEntry>, history: &History) {
        for entry in entries {
            // Without what opens and ends a session, its later rows would be lost too.
            let most = if entry.rows() > 0 { BACKLOG_BYTES } else { 2 * BACKLOG_BYTES };
            // What people say is not given up; while the history is stuck, no more of it is taken.
            let of_person = matches!(entry, JournalEntry::Person { .. });
            if self.is_stuck() && !of_person && self.weight + entry.weight() > most {
                self.given_up += entry.rows() as u64;
            } else {
                self.weight += entry.weight();
                self.entries.push_back(entry);
            }
        }
        self.hand_out(history);
    }

    /// Whether the history has all of it now.
    pub(super) fn hand_out(&mut self, history: &History) -> bool {
        while let Some(entry) = self.entries.pop_front() {
            let weight = entry.weight();
            if let Err(Full(entry)) = history.record(entry) {
                self.entries.push_front(*entry);
                self.full_since.get_or_insert_with(Instant::now);
                return false;
            }
            self.weight -= weight;
            self.full_since = None;
        }
        true
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the conversations go on without the history.
    pub(super) fn is_stuck(&self) -> bool {
        self.told || self.full_since.is_some_and(|since| since.elapsed() >= HISTORY_HOLDS_UP)
    }

    /// What is to be told now, once.
    pub(super) fn tells(&mut self) -> Option<Told> {
        if !self.told && self.is_stuck() {
            self.told = true;
            return Some(Told::Stuck);
        }
        if self.told && self.is_empty() {
            self.told = false;
            return Some(Told::Again { given_up: std::mem::take(&mut self.given_up) });
        }
        None
    }

    /// How long until there may be something to tell, if nothing else happens.
    pub(super) fn wake(&self) -> Option<Duration> {
        let since = self.full_since.filter(|_| !self.told)?;
        Some(HISTORY_HOLDS_UP.saturating_sub(since.elapsed()))
    }
}
