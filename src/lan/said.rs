//! What the frames of a link say, as JSON.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Greeting, Incoming, Me, Outgoing, Taken};
use crate::chat::{Epoch, PersonColour, Presence};

/// The first word of each side.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub name: String,
    pub colour: u8,
    pub state: String,
    pub epoch: u64,
    pub first: u64,
    pub has_epoch: u64,
    pub has: u64,
    pub has_mark: u64,
    pub receipts: bool,
}

impl Hello {
    /// Ours. `first`: the first message that waits, or the next one; `has`: what of theirs is on our disk.
    pub fn ours(me: &Me, (epoch, first): (Epoch, u64), has: Taken) -> Self {
        Self {
            name: me.name.clone(),
            colour: me.colour.number(),
            state: me.presence.name().to_owned(),
            epoch: epoch.0,
            first,
            has_epoch: has.epoch.0,
            has: has.n,
            has_mark: has.mark,
            receipts: me.receipts,
        }
    }

    pub fn greeting(self) -> Greeting {
        Greeting {
            name: self.name,
            colour: PersonColour::new(self.colour),
            presence: Presence::named(&self.state),
            epoch: Epoch(self.epoch),
            first: self.first,
            has: Taken { epoch: Epoch(self.has_epoch), n: self.has, mark: self.has_mark },
            receipts: self.receipts,
        }
    }
}

/// A message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message<'m> {
    pub epoch: u64,
    pub n: u64,
    pub mark: u64,
    /// In milliseconds since 1970.
    pub at: i64,
    /// None, if it was given up.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'m, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

impl<'m> Message<'m> {
    pub fn of(epoch: Epoch, n: u64, what: &'m Outgoing) -> Self {
        let text = what.text.as_ref().map(|text| String::from_utf8_lossy(text));
        Self { epoch: epoch.0, n, mark: what.mark, at: what.at, text, again: what.again }
    }

    pub fn into_incoming(self) -> Incoming {
        let text = self.text.map(|text| Bytes::from(text.into_owned().into_bytes()));
        Incoming { mark: self.mark, at: self.at, text, again: self.again }
    }
}

/// All up to this number is on the disk, or was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UpTo {
    pub epoch: u64,
    pub n: u64,
}

/// What is said of oneself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Oneself {
    pub name: String,
    pub colour: u8,
    pub state: String,
    pub receipts: bool,
}

/// Nothing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Nothing {}
