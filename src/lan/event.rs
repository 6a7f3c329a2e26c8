//! What the `lan` thread reports.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Rehearsal;
use crate::chat::{Epoch, PersonColour, PersonId, Presence};

/// Something that happened on this network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// We are on this network.
    Visible {
        /// Where links are taken.
        port: u16,
    },
    /// We are not, or no more.
    Invisible(Invisible),
    /// This interface cannot be used.
    InterfaceFailed {
        /// Its name.
        name: String,
        /// Why, in the system's words.
        why: String,
    },
    /// These interfaces are used, by name, and these could be but are off.
    Interfaces {
        /// Where beacons go.
        used: Vec<String>,
        /// Docker, virtual machines, tunnels, point to point.
        off: Vec<String>,
    },
    /// Someone is nearby, or says something else than before. They say so themselves: nothing of it is certain before
    /// [`EventKind::Greeted`].
    Seen(Box<Seen>),
    /// They are not any more.
    Gone(PersonId),
    /// The link to this person changed.
    Link {
        /// With whom.
        with: PersonId,
        /// Its state.
        state: LinkState,
    },
    /// The link to this person is live: they hold the key, and they said this.
    Greeted {
        /// Who.
        with: PersonId,
        /// Over which address, where a link has one.
        address: Option<SocketAddr>,
        /// What they said.
        hello: Box<Greeting>,
    },
    /// This person said something else of themselves, over the link.
    Me {
        /// Who.
        with: PersonId,
        /// What they call themselves; not to be shown as it is.
        name: String,
        /// Their colour.
        colour: PersonColour,
        /// Whether they are there.
        presence: Presence,
        /// Whether they tell what was read.
        receipts: bool,
    },
    /// This person sent messages, with numbers that follow on each other.
    Received {
        /// Who.
        from: PersonId,
        /// In which numbering of theirs.
        epoch: Epoch,
        /// The number of the first.
        first: u64,
        /// The messages.
        messages: Vec<Incoming>,
    },
    /// All up to this number is on its way.
    Sent {
        /// To whom.
        to: PersonId,
        /// In which numbering.
        epoch: Epoch,
        /// The last of them.
        n: u64,
    },
    /// All up to this number is on their disk.
    Delivered {
        /// To whom.
        to: PersonId,
        /// In which numbering.
        epoch: Epoch,
        /// The last of them.
        n: u64,
    },
    /// All up to this number was read.
    Read {
        /// By whom.
        by: PersonId,
        /// In which numbering.
        epoch: Epoch,
        /// The last of them.
        n: u64,
    },
    /// This message waits to be sent as one that was given up: nothing of it was sent, and nothing after it is.
    Withheld {
        /// To whom.
        to: PersonId,
        /// Its number.
        n: u64,
    },
    /// These six digits are to be compared.
    Digits {
        /// With whom.
        with: PersonId,
        /// The digits.
        digits: Digits,
        /// Whether they began.
        theirs: bool,
    },
    /// Comparing came to an end.
    Compared {
        /// With whom.
        with: PersonId,
        /// How.
        outcome: Comparison,
    },
    /// These bytes went over the wire of the link that is looked at.
    OnTheWire {
        /// With whom.
        with: PersonId,
        /// We sent them.
        ours: bool,
        /// The bytes, as they are on the wire.
        bytes: Bytes,
    },
    /// A text was sent between two ends of this program; or why not, in the system's words.
    Rehearsed(Result<Rehearsal, String>),
    /// More strangers than are kept, or faster than is taken: some were not taken in.
    Crowded,
    /// The thread has ended. Nothing comes after it.
    Stopped,
}

/// Why we are not on this network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invisible {
    /// The user wants it so.
    Asked,
    /// No port can be listened on.
    NoPort {
        /// Which was asked for.
        port: u16,
        /// Why not, in the system's words.
        why: String,
    },
    /// No beacon can be sent or heard.
    NoBeacons {
        /// On which port.
        port: u16,
        /// Why not, in the system's words.
        why: String,
    },
}

/// What someone says of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who they say they are.
    pub id: PersonId,
    /// As they say it; not to be shown as it is.
    pub name: String,
    /// Their colour.
    pub colour: PersonColour,
    /// Whether they are there.
    pub presence: Presence,
    /// Where they take links, the latest address first.
    pub addresses: Vec<SocketAddr>,
    /// The port of their bare server.
    pub door: Option<u16>,
}

/// What a person says when a link begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// What they call themselves; not to be shown as it is.
    pub name: String,
    /// Their colour.
    pub colour: PersonColour,
    /// Whether they are there.
    pub presence: Presence,
    /// The numbering of what they send.
    pub epoch: Epoch,
    /// The number of the first message that they still have to send, or of the next one they will write.
    pub first: u64,
    /// What of ours is on their disk.
    pub has: Taken,
    /// Whether they tell what was read.
    pub receipts: bool,
}

/// How far somebody took in what somebody else sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// In which numbering.
    pub epoch: Epoch,
    /// The number of the last that is on the disk.
    pub n: u64,
    /// What stands for it.
    pub mark: u64,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// What stands for it.
    pub mark: u64,
    /// When they wrote it, by their clock, in milliseconds since 1970.
    pub at: i64,
    /// Its text, which is UTF-8; none of one that was given up.
    pub text: Option<Bytes>,
    /// We may have it: see [`Outgoing::again`](super::Outgoing::again).
    pub again: bool,
}

/// What state a link is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// There is none, and none is wanted or possible: nobody knows an address.
    #[default]
    Absent,
    /// An address is being connected to.
    Dialling,
    /// The keys are being proved.
    Handshake,
    /// Waits for what the other says first.
    Greeting,
    /// Messages go both ways.
    Live,
    /// It was lost, or could not be made; it is tried again.
    Waiting,
}

/// Six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits(pub u32);

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// How comparing six digits ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// Both said that they are the same.
    Same,
    /// One of both said that they are not.
    Differ,
    /// One of both stopped, or the link was lost.
    Stopped,
    /// They did not keep to the rules: what was revealed is not what was committed to.
    Cheated,
    /// Too often not the same: not for this long, in seconds.
    Locked(u64),
    /// There is no link.
    NotLinked,
}
