//! Somebody on this network, as the thread knows them: where they are, what waits for them, how the link stands.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::Token;

use super::{
    LinkState, Outgoing, Seen, Taken,
    limits::{ADDRESSES_KEPT, STRANGERS_MESSAGES_A_SECOND},
    verify::Verifying,
};
use crate::chat::{Epoch, PersonId, PersonRecord};

/// The shortest time from one try to connect to the next.
pub const SHORTEST_PAUSE: Duration = Duration::from_millis(500);

/// The longest time from one try to connect to the next.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long the larger of two keys waits for the smaller one's link before it dials by itself.
pub const LETS_THE_OTHER_DIAL: Duration = Duration::from_millis(1_500);

/// Somebody on this network.
#[derive(Debug, Default)]
pub(super) struct Peer {
    /// What is kept of them was told: they are somebody, not a stranger.
    pub is_known: bool,
    /// Nothing is taken from them.
    pub is_refused: bool,
    /// What their latest beacon says; none, if they are not nearby by their beacons.
    pub seen: Option<Seen>,
    /// When that was heard.
    pub heard: Option<Instant>,
    /// The run and the number of that beacon.
    pub beacon: (u64, u64),
    /// Where they say they are, the latest first.
    pub addresses: Vec<SocketAddr>,
    /// Where the key was proved last.
    pub proved_at: Option<SocketAddr>,
    /// The link that is live.
    pub link: Option<Token>,
    /// The state that was reported.
    pub state: LinkState,
    pub next_dial: Option<Instant>,
    pause: Duration,
    tries: usize,

    /// The numbering of what we send.
    pub epoch: Epoch,
    /// What is not delivered, in the order of the numbers.
    pub queue: VecDeque<(u64, Outgoing)>,
    /// The number of the last message that we know of, delivered or not.
    pub last: u64,
    /// What of theirs is on our disk.
    pub taken: Taken,
    /// The live link may carry messages: it is known what they have.
    pub resumed: bool,
    /// The last message that was handed to the live link.
    pub sent: u64,
    /// The last message that was ever handed to a link.
    pub ever_sent: u64,
    /// The last message of which it was reported.
    pub sent_told: u64,
    /// This message is held back.
    pub withheld: Option<u64>,
    /// All of theirs up to this number was read.
    pub read: u64,
    /// And up to this number the live link was told so.
    pub read_said: u64,
    /// Messages that were reported and are not on our disk yet: the last number and the bytes of each batch.
    on_the_way: VecDeque<(u64, usize)>,
    pub bytes_on_the_way: usize,
    /// The user wrote to them, or has verified them.
    pub is_contact: bool,
    second: Option<Instant>,
    in_that_second: u32,
    pub verifying: Verifying,
}

impl Peer {
    /// What is kept of them is told.
    pub fn know(&mut self, record: &PersonRecord) {
        self.is_known = true;
        self.is_refused = false;
        self.is_contact = record.ours.last > 0 || record.verified.is_some();
        if self.epoch != record.ours.epoch || self.queue.is_empty() {
            self.queue.clear();
            self.epoch = record.ours.epoch;
            self.last = record.ours.delivered;
        }
        let theirs = record.theirs;
        self.taken = Taken { epoch: theirs.epoch, n: theirs.last, mark: theirs.mark };
        self.read = theirs.read;
    }

    /// The number of the first message that waits, or of the next one.
    pub fn first(&self) -> u64 {
        self.queue.front().map_or(self.last + 1, |(n, _)| *n)
    }

    /// A message to be sent.
    pub fn push(&mut self, epoch: Epoch, n: u64, what: Outgoing) {
        if self.epoch != epoch {
            self.queue.clear();
            (self.epoch, self.sent, self.ever_sent, self.sent_told) = (epoch, 0, 0, 0);
        }
        self.is_contact = true;
        self.last = n;
        match self.queue.binary_search_by_key(&n, |(n, _)| *n) {
            // It was given up meanwhile.
            Ok(place) => {
                if let Some((_, known)) = self.queue.get_mut(place) {
                    *known = what;
                }
            }
            Err(place) => self.queue.insert(place, (n, what)),
        }
    }

    /// All is numbered anew.
    pub fn renumber(&mut self, epoch: Epoch, waiting: Vec<Outgoing>) {
        self.queue = (1..).zip(waiting).collect();
        self.epoch = epoch;
        self.last = self.queue.len() as u64;
        (self.sent, self.ever_sent, self.sent_told, self.withheld) = (0, 0, 0, None);
    }

    /// Everything up to this number is on their disk.
    pub fn delivered(&mut self, n: u64) {
        while self.queue.pop_front_if(|(first, _)| *first <= n).is_some() {}
    }

    /// The next message for the live link.
    pub fn next(&self) -> Option<(u64, &Outgoing)> {
        if !self.resumed {
            return None;
        }
        let place = self.queue.partition_point(|(n, _)| *n <= self.sent);
        let (n, what) = self.queue.get(place)?;
        (self.withheld.is_none_or(|held| *n < held)).then_some((*n, what))
    }

    /// They are at this address too.
    pub fn is_at(&mut self, address: SocketAddr) {
        self.addresses.retain(|other| *other != address);
        self.addresses.insert(0, address);
        self.addresses.truncate(ADDRESSES_KEPT);
    }

    /// Where to dial next.
    pub fn address(&self) -> Option<SocketAddr> {
        let proved = self.proved_at.filter(|proved| !self.addresses.contains(proved));
        let all: Vec<SocketAddr> = proved.into_iter().chain(self.addresses.iter().copied()).collect();
        all.get(self.tries.checked_rem(all.len())?).copied()
    }

    /// Nobody answered, or the link was lost: when it is tried again. `random` is from 0 to 1.
    pub fn wait(&mut self, now: Instant, random: f64) {
        self.tries += 1;
        self.pause = (self.pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.next_dial = Some(now + self.pause.mul_f64(0.7 + 0.6 * random));
    }

    /// There is a link: the next pause is short again.
    pub fn linked(&mut self) {
        self.pause = Duration::ZERO;
        self.next_dial = None;
        self.tries = 0;
    }

    /// They are there: nobody waits any longer.
    pub fn cut_short(&mut self, now: Instant, us: PersonId, them: PersonId) {
        let soonest = if us < them { now } else { now + LETS_THE_OTHER_DIAL };
        self.next_dial = Some(self.next_dial.map_or(soonest, |due| due.min(soonest)));
    }

    /// Messages were reported that are not on our disk yet.
    pub fn reported(&mut self, last: u64, bytes: usize) {
        self.on_the_way.push_back((last, bytes));
        self.bytes_on_the_way += bytes;
    }

    /// Up to which number it is to be said that theirs was read: never further than what is on our disk.
    pub fn reads(&mut self) -> Option<(Epoch, u64)> {
        let n = self.read.min(self.taken.n);
        (n > std::mem::replace(&mut self.read_said, n)).then_some((self.taken.epoch, n))
    }

    /// All up to this number is on our disk.
    pub fn kept(&mut self, taken: Taken) {
        self.taken = taken;
        while let Some((_, bytes)) = self.on_the_way.pop_front_if(|(last, _)| *last <= taken.n) {
            self.bytes_on_the_way -= bytes;
        }
    }

    /// The live link is no more.
    pub fn unlinked(&mut self) {
        self.link = None;
        self.resumed = false;
        (self.sent, self.read_said) = (0, 0);
        self.on_the_way.clear();
        self.bytes_on_the_way = 0;
    }

    /// Until when nothing more is read from them, since the user never wrote to them and they say so much.
    pub fn talks_too_much(&mut self, messages: usize, now: Instant) -> Option<Instant> {
        if self.is_contact {
            return None;
        }
        let second = *self.second.get_or_insert(now);
        if now.saturating_duration_since(second) >= Duration::from_secs(1) {
            self.second = Some(now);
            self.in_that_second = 0;
        }
        self.in_that_second = self.in_that_second.saturating_add(messages as u32);
        let seconds = self.in_that_second / STRANGERS_MESSAGES_A_SECOND;
        (seconds > 0).then(|| self.second.unwrap_or(now) + Duration::from_secs(seconds.into()))
    }
}
