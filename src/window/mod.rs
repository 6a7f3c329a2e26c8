//! The window: what draws it, and what its parts draw from. A screen draws from [`Cx`] and returns an [`Action`]; the
//! app carries it out.

pub mod action;
pub mod app;
pub mod fonts;
pub mod input_method;
pub mod parts;
pub mod screen;
pub mod shortcuts;
pub mod theme;
pub mod typeahead;

pub use app::{App, Start, run};
use std::net::{IpAddr, SocketAddr};

pub use action::Action;
use i18n_embed::LanguageLoader as _;
use i18n_embed_fl::fl;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    chat::{Origin, RowNumber},
    core::{Conversation, Key, Model},
    explain::Facts,
    host::Interface,
    i18n::Words,
    settings::{Language, Settings},
};

/// What every panel draws from.
pub struct Cx<'a> {
    /// What the program knows.
    pub model: &'a Model,
    /// What the user chose.
    pub settings: &'a Settings,
    /// The words of the language.
    pub words: &'a Words,
    /// The colours of the theme.
    pub look: &'static theme::Look,
    /// This machine's addresses.
    pub interfaces: &'a [Interface],
    /// What the host knows that helps to explain an error.
    pub facts: &'a Facts,
    /// What the system caps a backlog to, where it tells.
    pub backlog_cap: Option<u32>,
    /// The time zone of times shown.
    pub zone: &'a TimeZone,
    /// The conversation that is open.
    pub selected: Key,
    /// The message whose bytes are looked at.
    pub chosen: Option<(Key, RowNumber)>,
    /// Whether the inspector shows.
    pub inspecting: bool,
    /// Whether the window is the projected one.
    pub presenting: bool,
    /// The labs there are.
    pub labs: &'a [crate::core::labs::Lab],
}

/// A number as it is read: its digits in groups of three.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl Cx<'_> {
    /// The address that others type to reach the server at `local`.
    #[must_use]
    pub fn address_to_hand_out(&self, local: SocketAddr) -> SocketAddr {
        if local.ip().is_unspecified()
            && let Some(ip) = crate::host::address_to_hand_out(self.interfaces)
        {
            return SocketAddr::new(ip, local.port());
        }
        local
    }

    /// The address that others would type if the server were started now.
    #[must_use]
    pub fn address_to_come(&self) -> SocketAddr {
        let ip: IpAddr = self.settings.listen_on.ip();
        self.address_to_hand_out(SocketAddr::new(ip, self.settings.port))
    }

    /// What a conversation is called.
    #[must_use]
    pub fn title(&self, conversation: &Conversation) -> String {
        if let Some(name) = &conversation.name {
            return name.clone();
        }
        if let Some(number) = conversation.student {
            return fl!(self.words, "student-name", number = number);
        }
        match (&conversation.origin, conversation.peer) {
            (Origin::Everyone, _) => fl!(self.words, "everyone"),
            (Origin::Accepted, Some(peer)) => peer.to_string(),
            (Origin::Outgoing { .. }, Some(peer)) => format!("→ {peer}"),
            (Origin::Outgoing { host, port }, None) => format!("→ {}", parts::connect::join(host, *port)),
            (Origin::Accepted, None) => String::new(),
        }
    }

    /// What is written in both languages, in the window's.
    #[must_use]
    pub fn written<'t>(&self, text: &'t crate::core::labs::file::Text) -> &'t str {
        let chinese = self.words.current_language().language.as_str() == "zh";
        text.in_language(if chinese { Language::Chinese } else { Language::English })
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// A date, in full.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        fl!(self.words, "day", year = date.year(), month = i64::from(date.month()), day = i64::from(date.day()))
    }

    /// The time of day, to the second.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_in_threes() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_204_012, "1,204,012")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}
