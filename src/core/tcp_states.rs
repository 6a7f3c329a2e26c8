//! The states that both ends of a connection pass through: read from the kernel where it was looked at, inferred
//! from calls in between.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use crate::host::TcpState;

/// Facts kept of one connection; past it no more are taken in, but those that end it.
pub const FACTS_KEPT: usize = 64;

/// How long Linux holds a socket in TIME-WAIT (`TCP_TIMEWAIT_LEN` in the kernel's `include/net/tcp.h`).
pub const TIME_WAIT: Duration = Duration::from_mins(1);

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Our socket.
    Ours,
    /// The socket at the other end.
    Peer,
}

impl End {
    /// The one across from it.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Ours => Self::Peer,
            Self::Peer => Self::Ours,
        }
    }
}

/// How a state is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The kernel said so.
    Kernel,
    /// It follows from calls that were made, or from the states before and after it.
    Inferred,
}

/// What the kernel said of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KernelReading {
    /// It doesn't know that end, as a rule because that is on another machine.
    Unknown,
    /// It knows that end no more.
    Gone,
    /// It is in this state.
    In(TcpState),
}

/// What is known to have happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// `connect` was called.
    ConnectCalled,
    /// `connect` succeeded.
    Connected,
    /// `connect` failed.
    ConnectFailed {
        /// The other end said no.
        refused: bool,
    },
    /// `accept` returned it.
    Accepted,
    /// `recv` returned 0.
    PeerFinished,
    /// `shutdown(SHUT_WR)` succeeded.
    WriteFinished,
    /// `close` will reset it.
    LingerZero,
    /// We called `close`.
    Closed,
    /// A call failed since the other end reset it.
    ResetByPeer,
    /// The kernel was asked.
    Seen {
        /// Of our end.
        ours: KernelReading,
        /// Of the other end.
        peer: KernelReading,
    },
}

/// The facts of one connection, in the order of their times.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    facts: Vec<(Timestamp, Fact)>,
}

impl Facts {
    /// One more, which may have happened before others that are known already.
    pub fn add(&mut self, at: Timestamp, fact: Fact) {
        if fact == Fact::ConnectCalled {
            // Another address is tried, by another socket.
            self.facts.clear();
        }
        let ends = matches!(fact, Fact::Closed | Fact::ResetByPeer | Fact::PeerFinished | Fact::WriteFinished);
        let seen = self.facts.iter().rev().find(|(_, known)| matches!(known, Fact::Seen { .. }));
        if (self.facts.len() >= FACTS_KEPT && !ends) || seen.is_some_and(|(_, known)| *known == fact) && !self.changed()
        {
            return;
        }
        let place = self.facts.partition_point(|(known, _)| *known <= at);
        self.facts.insert(place, (at, fact));
    }

    /// Whether something happened since the kernel was asked last.
    fn changed(&self) -> bool {
        !matches!(self.facts.last(), Some((_, Fact::Seen { .. })))
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether the connection ended and the kernel knows neither end any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let closed = |(_, fact): &(Timestamp, Fact)| matches!(fact, Fact::Closed | Fact::ConnectFailed { .. });
        let gone = Fact::Seen { ours: KernelReading::Gone, peer: KernelReading::Gone };
        let unknown = Fact::Seen { ours: KernelReading::Gone, peer: KernelReading::Unknown };
        self.facts.last().is_some_and(|(_, last)| *last == gone || *last == unknown) && self.facts.iter().any(closed)
    }

    /// Whether the kernel said at some time that it has the other end.
    #[must_use]
    pub fn peer_was_seen(&self) -> bool {
        self.facts.iter().any(|(_, fact)| matches!(fact, Fact::Seen { peer: KernelReading::In(_), .. }))
    }

    /// What follows from the facts.
    #[must_use]
    pub fn history(&self) -> History {
        let mut history = History::default();
        for (at, fact) in &self.facts {
            history.take(*at, *fact);
        }
        history
    }
}

/// A state that an end was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatePeriod {
    /// The state.
    pub state: TcpState,
    /// When it was known that the end is in it.
    pub at: Timestamp,
    /// How it is known.
    pub source: Source,
}

/// A packet of the handshake or of the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// Its flags.
    pub flags: &'static str,
    /// Who sends it.
    pub from: End,
    /// Whether it was sent, by what is known of the states.
    pub sent: bool,
}

/// Who closed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closer {
    /// One end.
    One(End),
    /// Both at the same time.
    Both,
}

/// The states that both ends have passed through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Of our end, the present one last.
    pub ours: Vec<StatePeriod>,
    /// Of the other end, the present one last; empty where nothing is known of it.
    pub peer: Vec<StatePeriod>,
    /// Who sent the first SYN.
    pub opener: Option<End>,
    /// Who sent a RST.
    pub reset: Option<End>,
    /// When `shutdown` or `close` was called, or `recv` gave 0: whichever was first.
    pub closed_at: Option<Timestamp>,
    linger: bool,
}

impl History {
    /// The states of one end, the present one last.
    #[must_use]
    pub fn of(&self, end: End) -> &[StatePeriod] {
        match end {
            End::Ours => &self.ours,
            End::Peer => &self.peer,
        }
    }

    /// The state that an end is in now.
    #[must_use]
    pub fn now(&self, end: End) -> Option<StatePeriod> {
        self.of(end).last().copied()
    }

    /// Whether an end was or is in this state.
    #[must_use]
    pub fn has(&self, end: End, state: TcpState) -> bool {
        self.of(end).iter().any(|stay| stay.state == state)
    }

    /// Who finished sending first.
    #[must_use]
    pub fn closed_first(&self) -> Option<Closer> {
        if self.has(End::Ours, TcpState::Closing) || self.has(End::Peer, TcpState::Closing) {
            Some(Closer::Both)
        } else if self.has(End::Ours, TcpState::FinWait1) {
            Some(Closer::One(End::Ours))
        } else if self.has(End::Ours, TcpState::CloseWait) {
            Some(Closer::One(End::Peer))
        } else {
            None
        }
    }

    /// Who holds the connection in TIME-WAIT, or did.
    #[must_use]
    pub fn time_wait(&self) -> Option<End> {
        [End::Ours, End::Peer].into_iter().find(|end| self.has(*end, TcpState::TimeWait))
    }

    /// Whether there was a connection: a reset before that is a refusal.
    #[must_use]
    pub fn was_open(&self) -> bool {
        self.has(self.opener.unwrap_or(End::Ours), TcpState::Established)
    }

    /// The three packets of the handshake.
    #[must_use]
    pub fn handshake(&self) -> Vec<Packet> {
        let active = self.opener.unwrap_or(End::Ours);
        let passive = active.other();
        let stands = self.was_open();
        let mut packets = vec![Packet { flags: "SYN", from: active, sent: self.has(active, TcpState::SynSent) }];
        if self.reset.is_some() && !stands {
            packets.push(Packet { flags: "RST", from: passive, sent: true });
        }
        packets.push(Packet { flags: "SYN+ACK", from: passive, sent: self.has(passive, TcpState::SynReceived) });
        packets.push(Packet { flags: "ACK", from: active, sent: stands });
        packets
    }

    /// The four packets of the close; where it was reset, those that were sent before, and the reset.
    #[must_use]
    pub fn close(&self) -> Vec<Packet> {
        let closer = self.closed_first();
        let first = if let Some(Closer::One(end)) = closer { end } else { End::Ours };
        let second = first.other();
        let packet = |flags, from, sent| Packet { flags, from, sent };
        let finished = self.has(first, TcpState::FinWait1);
        let acknowledged = self.has(first, TcpState::FinWait2);
        let over = self.has(first, TcpState::TimeWait) || self.has(second, TcpState::TimeWait);
        let mut packets = if closer == Some(Closer::Both) {
            vec![
                packet("FIN", first, true),
                packet("FIN", second, true),
                packet("ACK", second, over),
                packet("ACK", first, over),
            ]
        } else {
            vec![
                packet("FIN", first, finished),
                packet("ACK", second, acknowledged),
                packet("FIN", second, self.has(second, TcpState::LastAck)),
                packet("ACK", first, self.has(first, TcpState::TimeWait)),
            ]
        };
        if let Some(end) = self.reset
            && self.has(End::Ours, TcpState::Established)
        {
            packets.retain(|packet| packet.sent);
            packets.push(packet("RST", end, true));
        }
        packets
    }

    fn take(&mut self, at: Timestamp, fact: Fact) {
        use TcpState::{
            CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynSent, TimeWait,
        };
        let inferred = Source::Inferred;
        let state = self.now(End::Ours).map(|stay| stay.state);
        match fact {
            Fact::ConnectCalled => {
                *self = Self { opener: Some(End::Ours), ..Self::default() };
                self.push(End::Ours, Closed, at, inferred);
                self.push(End::Ours, SynSent, at, inferred);
            }
            Fact::Connected => self.advance(End::Ours, Established, at, inferred),
            Fact::ConnectFailed { refused } => {
                self.end(End::Ours, at, inferred);
                if refused {
                    self.reset = Some(End::Peer);
                    self.peer.clear();
                    self.push(End::Peer, Closed, at, inferred);
                }
            }
            Fact::Accepted => {
                self.opener = Some(End::Peer);
                if self.ours.is_empty() {
                    self.push(End::Ours, Listen, at, inferred);
                }
                self.advance(End::Ours, Established, at, inferred);
            }
            Fact::PeerFinished => {
                self.closed_at.get_or_insert(at);
                let to = if matches!(state, Some(FinWait1 | FinWait2 | Closing)) { TimeWait } else { CloseWait };
                self.advance(End::Ours, to, at, inferred);
            }
            Fact::LingerZero => self.linger = true,
            Fact::Closed if self.linger && state != Some(Closed) => {
                self.reset = Some(End::Ours);
                self.end(End::Ours, at, inferred);
                self.end(End::Peer, at, inferred);
            }
            Fact::WriteFinished | Fact::Closed => self.finish(state, at),
            Fact::ResetByPeer => {
                self.reset = Some(End::Peer);
                self.end(End::Ours, at, inferred);
                self.end(End::Peer, at, inferred);
            }
            Fact::Seen { ours, peer } => {
                self.see(End::Ours, ours, at);
                self.infer_other_end(at);
                self.see(End::Peer, peer, at);
                // A close that nobody waits out was no close in order.
                let fin = |stay: &StatePeriod| matches!(stay.state, FinWait1 | FinWait2 | LastAck | TimeWait);
                if (ours, peer) == (KernelReading::Gone, KernelReading::Gone)
                    && self.reset.is_none()
                    && self.closed_first() == Some(Closer::One(End::Ours))
                    && self.time_wait().is_none()
                {
                    let kernel = |stay: &StatePeriod| fin(stay) && stay.source == Source::Kernel;
                    self.reset = Some(if self.ours.iter().any(kernel) { End::Peer } else { End::Ours });
                }
            }
        }
        self.infer_other_end(at);
    }

    /// We send a FIN, if that has not been done; as a rule it is acknowledged at once.
    fn finish(&mut self, state: Option<TcpState>, at: Timestamp) {
        let to = match state {
            Some(TcpState::Established) => TcpState::FinWait2,
            Some(TcpState::CloseWait) => TcpState::Closed,
            Some(TcpState::SynSent) => return self.end(End::Ours, at, Source::Inferred),
            _ => return,
        };
        self.closed_at.get_or_insert(at);
        self.advance(End::Ours, to, at, Source::Inferred);
    }

    fn see(&mut self, end: End, look: KernelReading, at: Timestamp) {
        match look {
            KernelReading::Unknown => {}
            KernelReading::In(state) => self.advance(end, state, at, Source::Kernel),
            KernelReading::Gone => {
                let Some(now) = self.now(end) else { return };
                let waited = at.duration_since(now.at).unsigned_abs() >= TIME_WAIT;
                match now.state {
                    // The other end's socket may not exist yet, or is not seen: a look at ours says more. Nor may ours
                    // while it connects: what becomes of that, connect() says.
                    TcpState::Listen | TcpState::SynReceived | TcpState::SynSent => {}
                    // The look was before our socket was there, though it seems later: calls have the time at which
                    // their turn began. Where the socket was reset before any look, a call says so.
                    TcpState::Established | TcpState::CloseWait
                        if end == End::Ours && now.source == Source::Inferred => {}
                    TcpState::Closed | TcpState::TimeWait | TcpState::LastAck => {
                        self.advance(end, TcpState::Closed, at, Source::Kernel);
                    }
                    TcpState::FinWait1 | TcpState::FinWait2 | TcpState::Closing if waited => {
                        self.advance(end, TcpState::Closed, at, Source::Kernel);
                    }
                    _ => self.end(end, at, Source::Kernel),
                }
            }
        }
    }

    /// What one end's states say of the other's.
    fn infer_other_end(&mut self, at: Timestamp) {
        if self.reset.is_some() {
            return;
        }
        let begins = match self.opener {
            Some(End::Ours) => TcpState::Listen,
            Some(End::Peer) => TcpState::Closed,
            None => return,
        };
        if self.peer.is_empty() && self.has(End::Ours, TcpState::Established) {
            self.push(End::Peer, begins, at, Source::Inferred);
        }
        let direct = self.ours.len() == 1;
        if let Some(to) = self.now(End::Ours).and_then(|stay| self.least_state_of_peer(stay.state))
            && !direct
        {
            self.advance(End::Peer, to, at, Source::Inferred);
        }
        if let Some(StatePeriod { state, source: Source::Kernel, .. }) = self.now(End::Peer)
            && let Some(to) = across_of_kernel(state)
        {
            self.advance(End::Ours, to, at, Source::Inferred);
        }
    }

    /// The state that the other end has reached at least, if ours is in this one.
    fn least_state_of_peer(&self, ours: TcpState) -> Option<TcpState> {
        match ours {
            TcpState::Established | TcpState::FinWait1 => Some(TcpState::Established),
            TcpState::FinWait2 => Some(TcpState::CloseWait),
            TcpState::CloseWait | TcpState::LastAck => Some(TcpState::FinWait2),
            TcpState::Closing => Some(TcpState::Closing),
            TcpState::TimeWait if self.has(End::Ours, TcpState::Closing) => Some(TcpState::TimeWait),
            TcpState::TimeWait => Some(TcpState::Closed),
            TcpState::Closed if self.has(End::Ours, TcpState::LastAck) => Some(TcpState::TimeWait),
            TcpState::Closed | TcpState::Listen | TcpState::SynSent | TcpState::SynReceived => None,
        }
    }

    /// An end reaches a state; those that it must have passed through to it are filled in.
    fn advance(&mut self, end: End, to: TcpState, at: Timestamp, source: Source) {
        if source == Source::Kernel && self.go_back(end, to) {
            // What was inferred of the other end followed from what was wrong of this one.
            let other = self.of_mut(end.other());
            while other.len() > 1
                && other.last().is_some_and(|stay| stay.source == Source::Inferred && ends(stay.state))
            {
                other.pop();
            }
        }
        let stays = self.of_mut(end);
        let Some(now) = stays.last_mut() else {
            return self.push(end, to, at, source);
        };
        if now.state == to {
            if source == Source::Kernel {
                now.source = source;
            }
            return;
        }
        let over = now.state == TcpState::Closed && stays.len() > 1;
        let passed = to != TcpState::Closed && stays.iter().any(|stay| stay.state == to);
        if over || passed {
            return;
        }
        let Some(now) = stays.last().map(|stay| stay.state) else { return };
        if let Some(path) = path(now, to) {
            let last = path.len() - 1;
            for (place, state) in path.into_iter().enumerate() {
                let source = if place == last { source } else { Source::Inferred };
                self.push(end, state, at, source);
            }
        } else if source == Source::Kernel {
            self.push(end, to, at, source);
        }
    }

    /// Take back what was inferred and the kernel says is not so. Tells whether anything was.
    fn go_back(&mut self, end: End, to: TcpState) -> bool {
        let stays = self.of_mut(end);
        let mut keep = stays.len();
        while let Some(stay) = keep.checked_sub(1).and_then(|last| stays.get(last)) {
            let begins = keep == 1;
            if (stay.state == to && !(begins && to == TcpState::Closed))
                || (begins || stay.state != TcpState::Closed) && path(stay.state, to).is_some()
            {
                let back = keep < stays.len();
                stays.truncate(keep);
                return back;
            }
            if stay.source == Source::Kernel || begins {
                return false;
            }
            keep -= 1;
        }
        false
    }

    /// An end is no more, in whatever state it was.
    fn end(&mut self, end: End, at: Timestamp, source: Source) {
        match self.now(end) {
            None => {}
            Some(now) if now.state == TcpState::Closed => self.advance(end, TcpState::Closed, at, source),
            Some(_) => self.push(end, TcpState::Closed, at, source),
        }
    }

    fn push(&mut self, end: End, state: TcpState, at: Timestamp, source: Source) {
        self.of_mut(end).push(StatePeriod { state, at, source });
    }

    fn of_mut(&mut self, end: End) -> &mut Vec<StatePeriod> {
        match end {
            End::Ours => &mut self.ours,
            End::Peer => &mut self.peer,
        }
    }
}

/// Whether a state comes after ESTABLISHED.
fn ends(state: TcpState) -> bool {
    state > TcpState::Established || state == TcpState::Closed
}

/// The state that our end has reached at least, if the kernel says that the other end is in this one.
fn across_of_kernel(peer: TcpState) -> Option<TcpState> {
    match peer {
        TcpState::FinWait2 => Some(TcpState::CloseWait),
        TcpState::CloseWait | TcpState::LastAck => Some(TcpState::FinWait2),
        TcpState::Closing => Some(TcpState::Closing),
        _ => None,
    }
}

/// Where a state leads to (RFC 9293, figure 5), the usual way first.
fn leads_to(state: TcpState) -> &'static [TcpState] {
    match state {
        TcpState::Closed => &[TcpState::SynSent, TcpState::Listen],
        TcpState::Listen => &[TcpState::SynReceived],
        TcpState::SynSent => &[TcpState::Established, TcpState::SynReceived],
        TcpState::SynReceived => &[TcpState::Established],
        TcpState::Established => &[TcpState::FinWait1, TcpState::CloseWait],
        TcpState::FinWait1 => &[TcpState::FinWait2, TcpState::Closing],
        TcpState::FinWait2 | TcpState::Closing => &[TcpState::TimeWait],
        TcpState::CloseWait => &[TcpState::LastAck],
        TcpState::TimeWait | TcpState::LastAck => &[TcpState::Closed],
    }
}

/// The shortest way from a state to another, without the first; None, if there is none.
fn path(from: TcpState, to: TcpState) -> Option<Vec<TcpState>> {
    let mut ways = VecDeque::from([vec![from]]);
    let mut reached = vec![from];
    while let Some(way) = ways.pop_front() {
        let last = way.last().copied()?;
        for next in leads_to(last).iter().copied() {
            let mut longer = way.clone();
            longer.push(next);
            if next == to {
                longer.remove(0);
                return Some(longer);
            }
            if next != TcpState::Closed && !reached.contains(&next) {
                reached.push(next);
                ways.push_back(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
