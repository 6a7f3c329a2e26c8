//! Why a conversation does not do what it should, where that follows from facts: at most one sentence for each.
//!
//! [`diagnose`] is a function of [`Facts`] alone. It says what follows from them, and nothing where something else would
//! explain them as well; `tests/core/diagnoses.rs` holds that against a model of what can cause them. In `facts` stands
//! where each fact comes from, and in `watch` how long one has to hold before it is said.

mod facts;
mod listens;
mod watch;

use std::{net::SocketAddr, time::Duration};

pub use facts::{End, Facts, LastWord, OtherEnd, Stage};
pub use listens::refused;
pub(super) use watch::{Watched, Watching};

use crate::{
    chat::Cause,
    host::{Holder, PortOwner, SocketRow, TcpState},
};

/// A program at the other end, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// This one.
    This,
    /// Another.
    Other(PortOwner),
    /// Another, of which the system does not say which.
    Unknown,
}

impl Program {
    fn of(row: &SocketRow) -> Self {
        match (&row.holder, &row.owner) {
            (Holder::ThisProgram(_), _) => Self::This,
            (_, Some(owner)) => Self::Other(owner.clone()),
            _ => Self::Unknown,
        }
    }
}

/// What the program at the other end has read when our FIN had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOfEnd {
    /// All, and that there is no more: its `recv` returned `b''`.
    All,
    /// So many bytes are left that it has not read; the end comes behind them.
    Left(u32),
    /// It is on another machine.
    NotTold,
}

/// Why a conversation does not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The kernel at the other end has made the connection, and its program has not accepted it.
    NotAccepted {
        /// The listening program, how many wait in its queue, and how many may, where there is one such listener.
        listener: Option<Listener>,
        /// So many connections it has accepted, and holds.
        serves: usize,
    },
    /// A server listens there, and its accept queue is full: `connect` gets no answer.
    QueueFull(Listener),
    /// What we sent has come to the other end, and its program has not read it.
    NotRead {
        /// The program.
        program: Program,
        /// How much it has not read.
        bytes: u32,
    },
    /// The other machine's kernel has no room: the program there does not read.
    NoRoom {
        /// How much waits here, as far as is known.
        waiting: Option<u32>,
    },
    /// Nothing is under way in either direction, and nobody speaks.
    BothWait {
        /// The program at the other end.
        program: Program,
        /// Whether something of ours was said last, which it has read.
        we_spoke: bool,
    },
    /// We have finished sending, and the program at the other end has not.
    EndNotNoticed {
        /// The program, where it is on this machine.
        program: Option<Program>,
        /// What it has read of what we sent.
        read: ReadOfEnd,
    },
    /// The peer had finished sending, and answered what we sent then with RST.
    AnsweredByReset {
        /// How many messages.
        messages: u64,
    },
    /// The peer reset the connection, and nobody listens there any more.
    ServerGone(SocketAddr),
    /// The peer closed the connection and never sent a byte.
    ClosedSilently,
    /// The peer closed the connection and sent nothing after our message.
    ClosedUnanswered,
    /// Refused, for the program listens on another address with this port.
    ListensElsewhere {
        /// The program.
        program: Program,
        /// Where it listens.
        listens: SocketAddr,
        /// Where it was asked.
        asked: SocketAddr,
    },
    /// Refused, for the program that has this port has it for UDP.
    OnlyUdp {
        /// The program.
        program: Program,
        /// The port.
        port: u16,
    },
    /// Refused, and the one Python program that listens does so on another port.
    OtherPort {
        /// The program.
        program: Program,
        /// Where it listens.
        listens: SocketAddr,
        /// The port that was asked for.
        asked: u16,
    },
}

/// A socket that listens, on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The program.
    pub program: Program,
    /// Connections in its accept queue.
    pub waiting: u32,
    /// How many that was made for; on Linux one more may wait.
    pub backlog: Option<u32>,
}

/// Which tab of the inspector shows what a diagnosis follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The sockets' states and queues.
    Connection,
    /// The calls, as they were made and returned.
    Calls,
}

impl Diagnosis {
    /// What it is called in `--json`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotAccepted { .. } => "not_accepted",
            Self::QueueFull(_) => "accept_queue_full",
            Self::NotRead { .. } => "not_read",
            Self::NoRoom { .. } => "no_room",
            Self::BothWait { .. } => "both_wait",
            Self::EndNotNoticed { .. } => "end_not_noticed",
            Self::AnsweredByReset { .. } => "answered_by_reset",
            Self::ServerGone(_) => "server_gone",
            Self::ClosedSilently => "closed_silently",
            Self::ClosedUnanswered => "closed_unanswered",
            Self::ListensElsewhere { .. } => "listens_elsewhere",
            Self::OnlyUdp { .. } => "only_udp",
            Self::OtherPort { .. } => "other_port",
        }
    }

    /// Where it is to be seen.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::AnsweredByReset { .. } | Self::ClosedSilently | Self::ClosedUnanswered => Evidence::Calls,
            _ => Evidence::Connection,
        }
    }

    /// Whether it may well be as it is meant: it is said in the conversation, and marks no row.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        matches!(self, Self::BothWait { .. } | Self::ClosedSilently | Self::ClosedUnanswered)
    }

    /// How long it has to hold before it is said: what passes by itself is no news.
    fn said_after(&self) -> Duration {
        match self {
            Self::NotAccepted { .. } | Self::QueueFull(_) => Duration::from_secs(1),
            Self::NotRead { .. } | Self::NoRoom { .. } | Self::EndNotNoticed { .. } => Duration::from_secs(2),
            Self::BothWait { .. } => Duration::from_secs(5),
            _ => Duration::ZERO,
        }
    }
}

/// What follows from the facts of one conversation.
#[must_use]
pub fn diagnose(facts: &Facts) -> Option<Diagnosis> {
    match &facts.stage {
        Stage::Connecting | Stage::Failed(Cause::TimedOut) => queue_full(facts),
        Stage::Failed(Cause::Refused) => refused(facts),
        Stage::Open => {
            not_accepted(facts).or_else(|| not_read(facts)).or_else(|| no_room(facts)).or_else(|| both_wait(facts))
        }
        Stage::PeerFinished => not_read(facts).or_else(|| no_room(facts)),
        Stage::WeFinished => not_accepted(facts)
            .or_else(|| no_room(facts))
            .or_else(|| end_not_noticed(facts))
            .or_else(|| not_read(facts)),
        Stage::Closed { answered_by_reset: Some(messages), .. } => {
            Some(Diagnosis::AnsweredByReset { messages: *messages })
        }
        Stage::Closed { reset: true, .. } => server_gone(facts),
        Stage::Closed { finished_first: Some(End::Peer), .. } => match (facts.last_word, facts.received) {
            (LastWord::Ours { automatic: false }, _) => Some(Diagnosis::ClosedUnanswered),
            (LastWord::Nobody, 0) => Some(Diagnosis::ClosedSilently),
            _ => None,
        },
        Stage::Failed(_) | Stage::Closed { .. } => None,
    }
}

/// Whether a program has the socket, and somebody may wonder what it does: with both ends in this window nobody does, but
/// in a lab.
fn counts(row: &SocketRow, facts: &Facts) -> bool {
    match row.holder {
        Holder::Other => true,
        Holder::ThisProgram(_) => facts.in_lab,
        Holder::Kernel => false,
    }
}

/// Bytes that the other end's program has not read; its kernel counts a FIN that it has not read as one.
fn unread(row: &SocketRow) -> Option<u32> {
    let unread = row.unread?;
    match row.state {
        TcpState::CloseWait | TcpState::LastAck | TcpState::Closing | TcpState::TimeWait => {
            Some(unread.saturating_sub(1))
        }
        _ => Some(unread),
    }
}

fn listener_of(rows: &[SocketRow]) -> Option<Listener> {
    let [row] = rows else { return None };
    Some(Listener { program: Program::of(row), waiting: row.unread?, backlog: row.backlog })
}

/// No program has the socket, and a listener counts it. (What was closed has another state than these two.)
fn not_accepted(facts: &Facts) -> Option<Diagnosis> {
    let OtherEnd::Here(row) = &facts.other else { return None };
    let waits = row.holder == Holder::Kernel && matches!(row.state, TcpState::Established | TcpState::CloseWait);
    if !waits || !facts.listeners.iter().any(|listener| listener.unread > Some(0)) {
        return None;
    }
    Some(Diagnosis::NotAccepted { listener: listener_of(&facts.listeners), serves: facts.serves })
}

/// The kernel drops a SYN for a queue with more than its backlog in it (`sk_acceptq_is_full` in `net/sock.h`).
fn queue_full(facts: &Facts) -> Option<Diagnosis> {
    if !facts.peer_is_here {
        return None;
    }
    let listener = listener_of(&facts.listeners)?;
    let full = listener.backlog.is_some_and(|backlog| listener.waiting > backlog);
    full.then_some(Diagnosis::QueueFull(listener))
}

fn not_read(facts: &Facts) -> Option<Diagnosis> {
    let OtherEnd::Here(row) = &facts.other else { return None };
    let bytes = unread(row).filter(|bytes| *bytes > 0 && counts(row, facts))?;
    Some(Diagnosis::NotRead { program: Program::of(row), bytes })
}

/// The peer's own word: its window is closed, and what we sent waits for it.
fn no_room(facts: &Facts) -> Option<Diagnosis> {
    // Of a program on this machine it is known how much it has not read.
    let here = matches!(&facts.other, OtherEnd::Here(row) if unread(row) > Some(0) && row.holder != Holder::Kernel);
    (facts.no_room && !here)
        .then(|| Diagnosis::NoRoom { waiting: facts.ours.as_ref().and_then(|row| row.unacknowledged) })
}

fn both_wait(facts: &Facts) -> Option<Diagnosis> {
    let (OtherEnd::Here(row), Some(ours)) = (&facts.other, &facts.ours) else { return None };
    let quiet =
        |row: &SocketRow| row.state == TcpState::Established && row.unread == Some(0) && row.unacknowledged == Some(0);
    let we_spoke = match facts.last_word {
        LastWord::Nobody => false,
        LastWord::Ours { automatic: false } => true,
        // Then it is our turn, as they know who write here.
        LastWord::Ours { automatic: true } | LastWord::Theirs => return None,
    };
    (counts(row, facts) && quiet(row) && quiet(ours) && facts.nothing_queued)
        .then(|| Diagnosis::BothWait { program: Program::of(row), we_spoke })
}

/// Our FIN is acknowledged, by the other kernel; the FIN of its program has not come.
fn end_not_noticed(facts: &Facts) -> Option<Diagnosis> {
    let ours = facts.ours.as_ref().filter(|row| row.state == TcpState::FinWait2)?;
    // Who goes on speaking may well have noticed.
    if facts.received_since_finish || ours.unread > Some(0) {
        return None;
    }
    let (program, read) = match &facts.other {
        OtherEnd::Unknown => (None, ReadOfEnd::NotTold),
        OtherEnd::Here(row) if row.state == TcpState::CloseWait && counts(row, facts) => {
            let read = if row.unread? == 0 { ReadOfEnd::All } else { ReadOfEnd::Left(unread(row)?) };
            (Some(Program::of(row)), read)
        }
        // It has closed meanwhile, or is about to.
        OtherEnd::Here(_) => return None,
    };
    Some(Diagnosis::EndNotNoticed { program, read })
}

/// It was reset, and on this machine nobody listens at that address any more.
fn server_gone(facts: &Facts) -> Option<Diagnosis> {
    let known = facts.outgoing && facts.peer_is_here && facts.ports_are_known;
    let gone = known && facts.listeners.is_empty();
    facts.peer.filter(|_| gone).map(Diagnosis::ServerGone)
}
