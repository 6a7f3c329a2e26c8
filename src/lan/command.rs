//! What the `lan` thread can be asked for.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::{Identity, Interface, KeyFile};
use crate::chat::{Epoch, PersonColour, PersonId, PersonRecord, Presence};

/// What the `lan` thread can be asked for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Be seen on this network, and see who is. While it is so already, only what is different changes.
    Start(Box<Options>),
    /// Be seen no more: say goodbye, close every link.
    Stop,
    /// What is said of us changed.
    Me(Box<Me>),
    /// These are the interfaces of this machine now.
    Interfaces(Vec<Interface>),
    /// Ask every address of the own networks, as far as they are no larger than a /22.
    LookHarder,
    /// Ask at this address, and where nobody answers try the usual port there.
    Ask(IpAddr),
    /// Keep a link to this person while they are nearby, and know what is kept of them.
    Know(Box<PersonRecord>),
    /// Close the link to this person, and take none from them, until [`Command::Know`].
    Refuse(PersonId),
    /// Nobody wants a link to this person any more.
    Forget(PersonId),
    /// Send this once there is a link, and again until it is delivered. Messages of one person come in the order of
    /// their numbers.
    Send {
        /// To whom.
        to: PersonId,
        /// In which numbering.
        epoch: Epoch,
        /// Its number.
        n: u64,
        /// What.
        what: Outgoing,
    },
    /// What they have of ours is known: send what follows on this number.
    Resume {
        /// To whom.
        to: PersonId,
        /// In which numbering.
        epoch: Epoch,
        /// The last that is on their disk.
        after: u64,
    },
    /// Everything to this person is numbered anew: this takes the place of all that waits.
    Renumbered {
        /// To whom.
        to: PersonId,
        /// In which numbering from here on.
        epoch: Epoch,
        /// What waits, from number 1 on.
        waiting: Vec<Outgoing>,
    },
    /// Send what was held back as one that was given up: that is on our disk.
    GivenUp {
        /// To whom.
        to: PersonId,
        /// Its number.
        n: u64,
    },
    /// Hold this message back, if none of it has been sent; [`super::EventKind::Withheld`] says so.
    Withhold {
        /// To whom.
        to: PersonId,
        /// Its number.
        n: u64,
    },
    /// All up to this number is on our disk: say so.
    Acknowledge {
        /// To whom.
        to: PersonId,
        /// In which numbering of theirs.
        epoch: Epoch,
        /// The last of them.
        n: u64,
        /// What stands for it.
        mark: u64,
    },
    /// All up to this number was before the user's eyes: say so.
    Read {
        /// To whom.
        to: PersonId,
        /// The last of them.
        n: u64,
    },
    /// What this person sent cannot be taken now: close the link, and begin again later from what is on the disk.
    Cut(PersonId),
    /// Begin to compare six digits with this person.
    Verify(PersonId),
    /// The digits are the same, or they are not.
    Compared {
        /// With whom.
        with: PersonId,
        /// Whether they are the same.
        same: bool,
    },
    /// The user does not compare them now.
    StopVerifying(PersonId),
    /// Report what goes over the wire of the link to this person, or of none, from now on.
    Watch(Option<PersonId>),
    /// Send this text from one end to another, both of this program, and report what goes over the wire.
    Rehearse {
        /// The text.
        text: Bytes,
        /// One byte of it is changed on the way.
        change: bool,
    },
    /// End, after saying goodbye.
    Quit,
}

/// A message as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// A random number that stands for it.
    pub mark: u64,
    /// When it was written, in milliseconds since 1970.
    pub at: i64,
    /// Its text in UTF-8; none of a message that was given up, whose number says nothing.
    pub text: Option<Bytes>,
    /// They may have it under another number: it waited in a copy of our folder that was put back. Whoever has this text
    /// takes the number alone.
    pub again: bool,
}

/// How to be on this network.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who we are.
    pub identity: Identity,
    /// What is said of us.
    pub me: Me,
    /// The interfaces of this machine.
    pub interfaces: Vec<Interface>,
    /// Where links are taken; if it is not free, and not 0, another one is.
    pub lan_port: u16,
    /// Where beacons go and come.
    pub beacon_port: u16,
    /// Where the secrets of links are written, if the user asked for that on the command line.
    pub keys: Option<KeyFile>,
}

/// What is said of us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// What we call ourselves.
    pub name: String,
    /// Our colour.
    pub colour: PersonColour,
    /// Whether we are there.
    pub presence: Presence,
    /// Where our bare server listens, if it does.
    pub door: Option<SocketAddr>,
    /// Whether we say what was read, and are told.
    pub receipts: bool,
}
