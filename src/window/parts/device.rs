//! A device that is to be known when it comes back, and what its connection does on its own.

use std::time::Duration;

use egui::{DragValue, Margin, Ui};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::{
    chat::{
        ConversationOptions, Device, LEAST_PEER_TIMEOUT, LONGEST_FIRST_LINE, LONGEST_KEEPALIVE, MOST_DEVICES,
        MOST_PEER_TIMEOUT, Origin, PEER_TIMEOUT,
    },
    core::{Conversation, Key},
    net::ConnId,
    settings::Settings,
    window::{
        Cx,
        theme::{self, STEP},
    },
};

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To know these devices from now on, and to call this peer so.
    Remember(ConnId, Option<String>, Box<Settings>),
    /// To hold this conversation so from now on.
    Hold(Key, Box<ConversationOptions>),
    /// To close it.
    Close,
}

/// By what a device is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Address,
    FirstLine,
}

/// Asks by what a device is to be known.
#[derive(Debug)]
pub struct DeviceDialog {
    conn: ConnId,
    name: String,
    by: By,
    first_line: String,
}

/// The device that a conversation is with, among those that are known.
#[must_use]
pub fn known(settings: &Settings, conversation: &Conversation) -> Option<usize> {
    let (address, first) = (conversation.device(), conversation.first_line());
    let first = first.as_deref().unwrap_or_default();
    let is_it = |device: &Device| {
        (!device.address.is_empty() && device.address == address)
            || (!device.first_line.is_empty() && first.starts_with(&device.first_line))
    };
    settings.devices.iter().position(is_it)
}

impl DeviceDialog {
    /// For the peer of this conversation.
    #[must_use]
    pub fn new(conn: ConnId, conversation: &Conversation, settings: &Settings) -> Self {
        let known = known(settings, conversation).and_then(|place| settings.devices.get(place));
        let first = conversation.first_line().unwrap_or_default();
        let first = known.map_or(first, |device| device.first_line.clone());
        Self {
            conn,
            name: conversation.name.clone().unwrap_or_default(),
            by: if known.is_some_and(|device| device.address.is_empty()) { By::FirstLine } else { By::Address },
            first_line: first.lines().next().unwrap_or_default().chars().take(LONGEST_FIRST_LINE).collect(),
        }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let conversation = cx.core.conversation(Key::Conn(self.conn))?;
        let place = known(cx.settings, conversation);
        let response = controls::dialog(ui, "device-dialog", 420.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "device-title"), theme::TITLE));
            controls::hint(ui, cx.look, fl!(cx.words, "device-hint"));
            let line = |ui: &mut Ui, text: &mut String, name: String, most: usize| {
                ui.label(name.as_str());
                field::one_line(ui, cx.words, text, theme::text(), name, |field| {
                    field.char_limit(most).margin(Margin::symmetric(10, 7)).desired_width(380.0)
                });
            };
            line(ui, &mut self.name, fl!(cx.words, "name"), 40);
            let name = fl!(cx.words, "device-by");
            ui.label(name.as_str());
            let all = [
                (By::Address, fl!(cx.words, "device-by-address", address = conversation.device())),
                (By::FirstLine, fl!(cx.words, "device-by-first-line")),
            ];
            self.by = controls::segments(ui, cx.look, &name, self.by, &all).unwrap_or(self.by);
            if self.by == By::FirstLine {
                line(ui, &mut self.first_line, fl!(cx.words, "device-first-line"), LONGEST_FIRST_LINE);
            }
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                let says = self.by == By::Address || !self.first_line.trim().is_empty();
                let room = place.is_some() || cx.settings.devices.len() < MOST_DEVICES;
                let keep = controls::primary_enabled(ui, cx.look, says && room, fl!(cx.words, "device-keep")).clicked();
                let forget = place.is_some() && ui.button(fl!(cx.words, "device-forget")).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if keep || forget {
                    Some(self.changed(cx, conversation, place, keep))
                } else {
                    cancelled.then_some(Action::Close)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    fn changed(&self, cx: &Cx<'_>, conversation: &Conversation, place: Option<usize>, keep: bool) -> Action {
        let mut settings = cx.settings.clone();
        if let Some(place) = place {
            settings.devices.remove(place);
        }
        let name = self.name.trim();
        if keep {
            let (address, first_line) = match self.by {
                By::Address => (conversation.device(), String::new()),
                By::FirstLine => (String::new(), self.first_line.trim_end().to_owned()),
            };
            let mut device = Device { address, first_line, name: name.to_owned(), ..Device::default() };
            device.remember(conversation.manner());
            settings.devices.push(device);
        }
        let name = if name.is_empty() { conversation.name.clone() } else { Some(name.to_owned()) };
        Action::Remember(self.conn, name, Box::new(settings))
    }
}

/// Asks what a connection does on its own.
#[derive(Debug)]
pub struct OptionsDialog {
    conn: ConnId,
    /// Seconds; 0: for as long as our system waits.
    peer_timeout: u64,
    /// Seconds; none: as fits the timeout.
    keepalive: Option<u64>,
    reconnect: bool,
}

impl OptionsDialog {
    /// For this connection, which does so now.
    #[must_use]
    pub fn new(conn: ConnId, manner: &ConversationOptions) -> Self {
        let peer_timeout = manner.options.peer_timeout.map_or(0, |timeout| timeout.as_secs());
        let keepalive = manner.options.keepalive.map(|after| after.as_secs());
        Self { conn, peer_timeout, keepalive, reconnect: manner.reconnect }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let key = Key::Conn(self.conn);
        let conversation = cx.core.conversation(key)?;
        let response = controls::dialog(ui, "conn-options-dialog", 420.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "conn-options-title"), theme::TITLE));
            let mut asks = self.peer_timeout > 0;
            if controls::checkbox(ui, cx.look, &mut asks, fl!(cx.words, "keepalive")).changed() {
                self.peer_timeout = if asks { PEER_TIMEOUT.as_secs() } else { 0 };
                self.keepalive = None;
            }
            if asks {
                ui.horizontal_wrapped(|ui| {
                    let label = ui.label(fl!(cx.words, "keepalive-after"));
                    let mut after = self.keepalive.unwrap_or((self.peer_timeout / 4).max(1));
                    let edit = DragValue::new(&mut after).range(1..=LONGEST_KEEPALIVE).suffix(" s");
                    if ui.add(edit).labelled_by(label.id).changed() {
                        self.keepalive = Some(after);
                    }
                });
                ui.horizontal_wrapped(|ui| {
                    let label = ui.label(fl!(cx.words, "keepalive-within"));
                    let range = LEAST_PEER_TIMEOUT.as_secs()..=MOST_PEER_TIMEOUT.as_secs();
                    ui.add(DragValue::new(&mut self.peer_timeout).range(range).suffix(" s")).labelled_by(label.id);
                });
            }
            if matches!(conversation.origin, Origin::Outgoing { .. }) {
                let response = controls::checkbox(ui, cx.look, &mut self.reconnect, fl!(cx.words, "reconnect"));
                response.on_hover_text(fl!(cx.words, "reconnect-hint"));
            }
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                let done = controls::primary(ui, cx.look, fl!(cx.words, "framing-use")).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if done {
                    let mut manner = conversation.manner().clone();
                    manner.reconnect = self.reconnect;
                    let timeout = (self.peer_timeout > 0).then(|| Duration::from_secs(self.peer_timeout));
                    manner.options.peer_timeout = timeout;
                    manner.options.keepalive = self.keepalive.map(Duration::from_secs);
                    Some(Action::Hold(key, Box::new(manner)))
                } else {
                    cancelled.then_some(Action::Close)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }
}
