//! Words for people on this network.

use i18n_embed_fl::fl;

use super::super::{Cx, shield::Shield};
use crate::{
    chat::{Delivery, GivenUp, LONGEST_PERSON_TEXT, Presence},
    core::{Comparing, Person, Unable, Visibility},
    explain,
    i18n::Words,
    lan::{Invisible, LinkState},
    wire::visible,
};

/// What somebody says of themselves, in a word.
#[must_use]
pub fn presence(words: &Words, presence: Presence) -> String {
    match presence {
        Presence::Here => fl!(words, "presence-here"),
        Presence::Away => fl!(words, "presence-away"),
        Presence::Busy => fl!(words, "presence-busy"),
    }
}

/// Where a person is, in a word or two.
#[must_use]
pub fn whereabouts(words: &Words, person: &Person) -> String {
    if person.is_nearby() { presence(words, person.presence()) } else { fl!(words, "presence-not-nearby") }
}

/// What stands below the name of a person in the list, where nothing was said yet or something is more urgent.
#[must_use]
pub fn person_line(cx: &Cx<'_>, person: &Person, said: Option<String>) -> String {
    let shield = Shield::of_person(person);
    if let Some(Comparing::Digits { theirs: true, .. }) = person.comparing() {
        return fl!(cx.words, "person-wants-to-compare");
    }
    if matches!(shield, Shield::NewKey | Shield::Blocked | Shield::NotReached) {
        return shield.name(cx.words);
    }
    let waiting = person.waiting();
    if waiting > 0 && person.link() != LinkState::Live {
        let state = whereabouts(cx.words, person);
        return fl!(cx.words, "person-waiting", state = state, count = waiting);
    }
    said.unwrap_or_else(|| whereabouts(cx.words, person))
}

/// For a screen reader: who, where, how protected, and how much is unread.
#[must_use]
pub fn person_name(cx: &Cx<'_>, person: &Person) -> String {
    let (name, state) = (visible(person.name(), &[]), whereabouts(cx.words, person));
    let told = format!("{name}, {state}, {}", Shield::of_person(person).name(cx.words));
    match person.conversation().unread() {
        0 => told,
        count => format!("{told}, {}", fl!(cx.words, "unread", count = count)),
    }
}

/// What stands below the title of the conversation with a person.
#[must_use]
pub fn person_subtitle(cx: &Cx<'_>, person: &Person) -> String {
    let state = match person.link() {
        LinkState::Live => whereabouts(cx.words, person),
        LinkState::Dialling | LinkState::Handshake | LinkState::Greeting => fl!(cx.words, "link-connecting"),
        LinkState::Absent | LinkState::Waiting => fl!(cx.words, "link-none"),
    };
    let tag = fl!(cx.words, "person-key", tag = person.id().tag());
    match person.addresses().first().filter(|_| person.is_nearby()) {
        Some(address) => format!("{state} · {} · {tag}", address.ip()),
        None => format!("{state} · {tag}"),
    }
}

/// Why nothing can be written to a person now, in words; `None` if it can.
#[must_use]
pub fn why_not_said(cx: &Cx<'_>, person: &Person) -> Option<String> {
    match Shield::of_person(person) {
        Shield::Blocked => Some(fl!(cx.words, "cannot-say-blocked")),
        Shield::NewKey => Some(fl!(cx.words, "cannot-say-new-key")),
        Shield::NotReached => Some(fl!(cx.words, "cannot-say-not-reached")),
        Shield::Plain | Shield::Encrypted | Shield::Verified => None,
    }
}

/// That a text is too long for a person, if it is.
#[must_use]
pub fn too_long_for_a_person(cx: &Cx<'_>, text: &str) -> Option<String> {
    let bytes = crate::chat::json_length(text);
    let most = LONGEST_PERSON_TEXT;
    (bytes > most).then(|| fl!(cx.words, "person-text-too-long", bytes = bytes, most = most))
}

/// What became of a message to one person, in a word.
#[must_use]
pub fn delivery(words: &Words, delivery: &Delivery) -> String {
    match delivery {
        Delivery::Waiting => fl!(words, "person-waits"),
        Delivery::Sent => fl!(words, "sent"),
        Delivery::Delivered => fl!(words, "delivered"),
        Delivery::Read => fl!(words, "sent-read"),
        Delivery::GivenUp(why) => explain::given_up(words, *why),
        Delivery::Acknowledged | Delivery::Failed(_) | Delivery::ToPeople { .. } | Delivery::ToAll { .. } => {
            String::new()
        }
    }
}

/// Whether a message was given up by the user's own will: nothing is wrong then.
#[must_use]
pub fn is_wished(why: GivenUp) -> bool {
    matches!(why, GivenUp::Cancelled | GivenUp::Blocked)
}

/// Whether we are seen, in a line; below our name.
#[must_use]
pub fn visibility(cx: &Cx<'_>) -> String {
    let nearby = cx.core.people().nearby().count();
    match cx.core.people().visibility() {
        Visibility::Off => fl!(cx.words, "visibility-off"),
        Visibility::Opening => fl!(cx.words, "visibility-opening"),
        Visibility::On { .. } => fl!(cx.words, "visibility-on", count = nearby),
        Visibility::Unable(_) => fl!(cx.words, "visibility-unable"),
    }
}

/// Why we can't be seen, and what to do about it.
#[must_use]
pub fn why_unable(cx: &Cx<'_>, why: &Unable) -> String {
    match why {
        Unable::NoFolder => fl!(cx.words, "unable-no-folder"),
        Unable::NoIdentity { why } => fl!(cx.words, "unable-no-identity", why = why.as_str()),
        Unable::NoHistory(why) => fl!(cx.words, "unable-no-history", why = super::why_no_history(cx, why)),
        Unable::Network(Invisible::NoPort { port, why }) => {
            fl!(cx.words, "unable-no-port", port = port.to_string(), why = why.as_str())
        }
        Unable::Network(Invisible::NoBeacons { port, why }) => {
            fl!(cx.words, "unable-no-beacons", port = port.to_string(), why = why.as_str())
        }
        Unable::Network(Invisible::Asked) => fl!(cx.words, "visibility-off"),
    }
}
