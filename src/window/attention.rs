//! Of which conversations the user is told while the window is not in front: each once, until it was looked at.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::core::Key;

/// So often at most is a notification brought up to date: whoever floods one end floods no desktop.
pub const UPDATED_EVERY: Duration = Duration::from_secs(2);

/// Notifications at once. A class of fifty that all answer is seen in the window's title, not in fifty bubbles.
pub const MOST: usize = 4;

/// What to do on the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Show that so many messages of this conversation are unread, in place of what is shown of it.
    Show(Key, usize),
    /// Take away what is shown of it.
    Close(Key),
}

/// What of the window decides whether the user is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// It has the keyboard.
    pub in_front: bool,
    /// The user wants to be told, and nobody else is looking at a projected screen.
    pub may_tell: bool,
}

/// What is known of each conversation with unread messages.
#[derive(Debug, Default)]
pub struct Attention {
    known: HashMap<Key, Known>,
}

#[derive(Clone, Copy, Debug)]
enum Known {
    /// So many were unread when the user could see it, or was not to be told.
    Counted(usize),
    /// The user was told of so many.
    Told { count: usize, at: Instant },
    /// The user has put it away, or chosen it: nothing more until it was looked at.
    PutAway,
}

impl Attention {
    /// Whether the user has put it away or chosen it: it is shown no more.
    pub fn put_away(&mut self, key: Key) {
        if let Some(known @ Known::Told { .. }) = self.known.get_mut(&key) {
            *known = Known::PutAway;
        }
    }

    /// What follows from how many messages are unread now. `unread` names each conversation that has some.
    pub fn follow(&mut self, sight: Sight, unread: &[(Key, usize)], now: Instant) -> Vec<Tell> {
        let mut tells = Vec::new();
        if !self.known.is_empty() {
            let still: std::collections::HashSet<Key> = unread.iter().map(|(key, _)| *key).collect();
            self.known.retain(|key, known| {
                let stays = still.contains(key);
                if !stays && matches!(known, Known::Told { .. }) {
                    tells.push(Tell::Close(*key));
                }
                stays
            });
        }
        let mut told = self.known.values().filter(|known| matches!(known, Known::Told { .. })).count();
        for &(key, unread) in unread {
            let known = self.known.entry(key).or_insert(Known::Counted(0));
            let tell = sight.may_tell && !sight.in_front;
            match *known {
                Known::Counted(count) if tell && unread > count && told < MOST => {
                    *known = Known::Told { count: unread, at: now };
                    tells.push(Tell::Show(key, unread));
                    told += 1;
                }
                Known::Counted(_) => *known = Known::Counted(unread),
                Known::Told { count, at } if tell && unread != count && now >= at + UPDATED_EVERY => {
                    *known = Known::Told { count: unread, at: now };
                    tells.push(Tell::Show(key, unread));
                }
                Known::Told { .. } | Known::PutAway => {}
            }
        }
        tells
    }

    /// When a notification is to be brought up to date, if one is behind.
    #[must_use]
    pub fn next(&self, unread: &[(Key, usize)]) -> Option<Instant> {
        let behind = unread.iter().filter_map(|(key, unread)| match self.known.get(key) {
            Some(Known::Told { count, at }) if count != unread => Some(*at + UPDATED_EVERY),
            _ => None,
        });
        behind.min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{ConnId, PersonId};

    const AWAY: Sight = Sight { in_front: false, may_tell: true };
    const IN_FRONT: Sight = Sight { in_front: true, may_tell: true };
    const PROJECTING: Sight = Sight { in_front: false, may_tell: false };
    const A: Key = Key::Conn(ConnId(1));
    const B: Key = Key::Person(PersonId([2; 32]));

    /// Milliseconds, where the window is, what is unread.
    type Moment<'a> = (u64, Sight, &'a [(Key, usize)]);

    /// What is told at each of these moments.
    fn told(moments: &[Moment<'_>]) -> Vec<Vec<Tell>> {
        let (mut attention, start) = (Attention::default(), Instant::now());
        moments
            .iter()
            .map(|(at, sight, unread)| attention.follow(*sight, unread, start + Duration::from_millis(*at)))
            .collect()
    }

    #[test]
    fn each_conversation_is_told_of_once_and_brought_up_to_date_until_it_is_looked_at() {
        assert_eq!(
            told(&[
                (0, AWAY, &[(A, 1)]),
                (10, AWAY, &[(A, 2), (B, 1)]),
                (20, AWAY, &[(A, 900), (B, 1)]),
                (2100, AWAY, &[(A, 1000), (B, 1)]),
                (2200, AWAY, &[(B, 1)]),
                (2300, AWAY, &[(A, 1), (B, 1)]),
            ]),
            [
                vec![Tell::Show(A, 1)],
                vec![Tell::Show(B, 1)],
                vec![],
                vec![Tell::Show(A, 1000)],
                vec![Tell::Close(A)],
                vec![Tell::Show(A, 1)],
            ]
        );
    }

    #[test]
    fn what_came_in_front_or_while_projecting_is_not_told_of_later_but_what_comes_then_is() {
        for quiet in [IN_FRONT, PROJECTING] {
            assert_eq!(
                told(&[(0, quiet, &[(A, 3)]), (10, AWAY, &[(A, 3)]), (20, AWAY, &[(A, 4)]), (30, quiet, &[(A, 9)])]),
                [vec![], vec![], vec![Tell::Show(A, 4)], vec![]]
            );
        }
    }

    #[test]
    fn what_was_put_away_does_not_come_back_before_it_was_looked_at() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        assert_eq!(attention.follow(AWAY, &[(A, 1)], now), [Tell::Show(A, 1)]);
        attention.put_away(A);
        let later = now + 2 * UPDATED_EVERY;
        assert_eq!(attention.follow(AWAY, &[(A, 5)], later), []);
        assert_eq!(attention.follow(IN_FRONT, &[], later), [], "there is nothing to take away");
        assert_eq!(attention.follow(AWAY, &[(A, 1)], later), [Tell::Show(A, 1)]);
    }

    #[test]
    fn a_whole_class_that_answers_does_not_fill_the_desktop() {
        let class: Vec<(Key, usize)> = (1..=50).map(|number| (Key::Conn(ConnId(number)), 1)).collect();
        let mut attention = Attention::default();
        assert_eq!(attention.follow(AWAY, &class, Instant::now()).len(), MOST);
        assert_eq!(attention.follow(AWAY, &class, Instant::now()), []);
    }

    #[test]
    fn a_notification_that_is_behind_is_brought_up_to_date_though_nothing_more_comes() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        let _ = attention.follow(AWAY, &[(A, 1)], now);
        assert_eq!(attention.next(&[(A, 1)]), None);
        assert_eq!(attention.next(&[(A, 2)]), Some(now + UPDATED_EVERY));
    }
}
