//! How a conversation is protected, as its header and its row say it.

use egui::Color32;
use egui_material_icons::{
    MaterialIcon,
    icons::{ICON_BLOCK, ICON_GPP_MAYBE, ICON_LOCK, ICON_LOCK_OPEN, ICON_SCHEDULE, ICON_VERIFIED_USER},
};
use i18n_embed_fl::fl;

use super::theme::Palette;
use crate::{
    chat::Origin,
    core::{Core, Key, Person},
    i18n::Words,
};

/// How a conversation is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shield {
    /// Not at all: bare TCP.
    Plain,
    /// It will be, once the person was reached and proved the key.
    NotReached,
    /// By TLS 1.3. Whose key it is, nobody has compared.
    Encrypted,
    /// The same, and both have compared six digits.
    Verified,
    /// The key is new, under the name of somebody verified: nothing is sent.
    NewKey,
    /// Nothing is sent, and nothing taken.
    Blocked,
}

impl Shield {
    /// Of the conversation of this key; none, where it is not a conversation with a peer.
    #[must_use]
    pub fn of(core: &Core, key: Key) -> Option<Self> {
        match key {
            Key::Person(id) => core.people().get(id).map(Self::of_person),
            Key::Nearby => Some(Self::Encrypted),
            Key::Conn(_) | Key::Everyone => Some(Self::Plain),
            Key::Past(_) => match core.conversation(key)?.origin {
                Origin::Person(_) | Origin::Nearby => Some(Self::Encrypted),
                Origin::Accepted
                | Origin::Heard
                | Origin::Outgoing { .. }
                | Origin::Datagrams { .. }
                | Origin::Everyone => Some(Self::Plain),
            },
        }
    }

    /// Of the conversation with a person.
    #[must_use]
    pub fn of_person(person: &Person) -> Self {
        if person.record().blocked {
            Self::Blocked
        } else if person.record().warns {
            Self::NewKey
        } else if person.is_verified() {
            Self::Verified
        } else if person.is_pinned() {
            Self::Encrypted
        } else {
            Self::NotReached
        }
    }

    /// Its icon.
    #[must_use]
    pub fn icon(self) -> MaterialIcon {
        match self {
            Self::Plain => ICON_LOCK_OPEN,
            Self::NotReached => ICON_SCHEDULE,
            Self::Encrypted => ICON_LOCK,
            Self::Verified => ICON_VERIFIED_USER,
            Self::NewKey => ICON_GPP_MAYBE,
            Self::Blocked => ICON_BLOCK,
        }
    }

    /// Its colour.
    #[must_use]
    pub fn colour(self, look: &Palette) -> Color32 {
        match self {
            Self::Plain => look.wait,
            Self::NotReached | Self::Encrypted => look.weak,
            Self::Verified => look.good,
            Self::NewKey | Self::Blocked => look.bad,
        }
    }

    /// In a word or three.
    #[must_use]
    pub fn name(self, words: &Words) -> String {
        match self {
            Self::Plain => fl!(words, "shield-plain"),
            Self::NotReached => fl!(words, "shield-not-reached"),
            Self::Encrypted => fl!(words, "shield-encrypted"),
            Self::Verified => fl!(words, "shield-verified"),
            Self::NewKey => fl!(words, "shield-new-key"),
            Self::Blocked => fl!(words, "shield-blocked"),
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn hint(self, words: &Words) -> String {
        match self {
            Self::Plain => fl!(words, "shield-plain-hint"),
            Self::NotReached => fl!(words, "shield-not-reached-hint"),
            Self::Encrypted => fl!(words, "shield-encrypted-hint"),
            Self::Verified => fl!(words, "shield-verified-hint"),
            Self::NewKey => fl!(words, "shield-new-key-hint"),
            Self::Blocked => fl!(words, "shield-blocked-hint"),
        }
    }
}
