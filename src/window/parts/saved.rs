//! Saved messages: sent with a click or a key, changed, exported and imported.

use egui::{ComboBox, Margin, RichText, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::{
    chat::Written,
    core::{Conversation, Key},
    settings::{MOST_SAVED, SavedMessage, SavedMessages, Settings},
    window::{Cx, file_wanted::FileWanted, theme, wording},
    wire::visible,
};

/// What the file is called that messages are exported to, unless the user has another name for it.
const FILE: &str = "sockhop-messages.toml";

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To send this message.
    Send(Key, SavedMessage),
    /// These settings from now on.
    Set(Box<Settings>),
    /// A file to write messages to, or to take them from.
    AskFile(FileWanted),
    /// To close it.
    Close,
}

/// The list of saved messages, and the one that is changed or new.
#[derive(Debug)]
pub struct SavedDialog {
    key: Key,
    /// Which of them is changed; as many as there are: a new one.
    edited: Option<(usize, SavedMessage)>,
}

/// The messages for this conversation, with their places among all.
pub fn of<'s>(settings: &'s Settings, conversation: &Conversation) -> impl Iterator<Item = (usize, &'s SavedMessage)> {
    let device = conversation.device();
    let for_it = move |message: &SavedMessage| message.device.is_empty() || message.device == device;
    settings.saved_messages.iter().enumerate().filter(move |(_, message)| for_it(message))
}

impl SavedDialog {
    /// For this conversation; a new message begins as what is written there, if anything is.
    #[must_use]
    pub fn new(key: Key, settings: &Settings, text: String, written: Written) -> Self {
        let new = SavedMessage { text, written, ..SavedMessage::default() };
        let edited = (!new.text.is_empty()).then_some((settings.saved_messages.len(), new));
        Self { key, edited }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let conversation = cx.core.conversation(self.key)?;
        let response = controls::dialog(ui, "saved-dialog", 560.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "saved-title"), theme::TITLE));
            let height = (ui.ctx().content_rect().height() - 220.0).max(120.0);
            let action = ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| match self.edited.take() {
                    Some((place, message)) => self.edit(ui, cx, conversation, place, message),
                    None => self.list(ui, cx, conversation),
                })
                .inner;
            ui.add_space(theme::GAP);
            let below = ui.horizontal_wrapped(|ui| self.below(ui, cx)).inner;
            action.or(below)
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    fn below(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        if self.edited.is_some() {
            return None;
        }
        let mut action = None;
        let room = cx.settings.saved_messages.len() < MOST_SAVED;
        if ui.add_enabled(room, egui::Button::new(fl!(cx.words, "saved-new"))).clicked() {
            self.edited = Some((cx.settings.saved_messages.len(), SavedMessage::default()));
        }
        let any = !cx.settings.saved_messages.is_empty();
        if ui.add_enabled(any, egui::Button::new(fl!(cx.words, "saved-export"))).clicked() {
            let text = SavedMessages { message: cx.settings.saved_messages.clone() }.to_text();
            action = Some(Action::AskFile(FileWanted::SaveText { name: FILE.to_owned(), text }));
        }
        if ui.button(fl!(cx.words, "saved-import")).clicked() {
            action = Some(Action::AskFile(FileWanted::ImportSaved));
        }
        if ui.button(fl!(cx.words, "close-dialog")).clicked() { Some(Action::Close) } else { action }
    }

    fn list(&mut self, ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation) -> Option<Action> {
        let mut action = None;
        let can_send = wording::why_no_sending(cx, self.key, conversation).is_none();
        if of(cx.settings, conversation).next().is_none() {
            controls::hint(ui, cx.look, fl!(cx.words, "saved-none"));
        }
        for (place, message) in of(cx.settings, conversation) {
            let name = called(message);
            ui.horizontal(|ui| {
                let send = fl!(cx.words, "saved-send", name = name.as_str());
                let button = ui.add_enabled(can_send, egui::Button::new(fl!(cx.words, "send")));
                button
                    .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, can_send, send.as_str()));
                if button.clicked() {
                    action = Some(Action::Send(self.key, message.clone()));
                }
                let change = fl!(cx.words, "saved-change", name = name.as_str());
                let button = ui.button(fl!(cx.words, "saved-change-short"));
                button.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, change.as_str()));
                if button.clicked() {
                    self.edited = Some((place, message.clone()));
                }
                if message.key > 0 {
                    ui.label(RichText::new(format!("Alt+{}", message.key)).size(theme::SMALL).color(cx.look.weak));
                }
                ui.add(egui::Label::new(name.as_str()).truncate());
                if !message.name.is_empty() {
                    let text = RichText::new(visible(&message.text, &[])).font(theme::mono(theme::SMALL));
                    ui.add(egui::Label::new(text.color(cx.look.weak)).truncate());
                }
            });
        }
        action
    }

    fn edit(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        conversation: &Conversation,
        place: usize,
        mut message: SavedMessage,
    ) -> Option<Action> {
        let line = |ui: &mut Ui, text: &mut String, name: String, mono: bool| {
            ui.label(name.as_str());
            let font = if mono { theme::mono(theme::TEXT) } else { theme::text() };
            field::one_line(ui, cx.words, text, font, name, |field| {
                field.margin(Margin::symmetric(10, 7)).desired_width(440.0)
            })
        };
        line(ui, &mut message.name, fl!(cx.words, "name"), false);
        let written = choose_written(ui, cx, &fl!(cx.words, "written"), message.written);
        message.written = written.unwrap_or(message.written);
        line(ui, &mut message.text, fl!(cx.words, "message"), message.written != Written::Text);
        let encoded = message.written.encode(&message.text, conversation.manner());
        if let Err(why) = &encoded
            && !message.text.is_empty()
        {
            controls::wrong(ui, cx.look, wording::not_written(cx, why));
        }
        ui.horizontal(|ui| {
            let name = fl!(cx.words, "saved-key");
            ui.label(name.as_str());
            let text = |key: u8| if key == 0 { fl!(cx.words, "saved-no-key") } else { format!("Alt+{key}") };
            let combo = ComboBox::from_id_salt("saved-key").selected_text(text(message.key));
            let shown = combo.show_ui(ui, |ui| {
                for key in 0..=9 {
                    ui.selectable_value(&mut message.key, key, text(key));
                }
            });
            shown.response.accessible_name(name);
        });
        let device = conversation.device();
        if !device.is_empty() {
            let mut only = !message.device.is_empty();
            if controls::checkbox(ui, cx.look, &mut only, fl!(cx.words, "saved-only-device", device = device.as_str()))
                .changed()
            {
                message.device = if only { device } else { String::new() };
            }
        }
        let mut messages = cx.settings.saved_messages.clone();
        let is_new = place >= messages.len();
        let ready = encoded.is_ok() && !message.text.is_empty();
        let (mut keep, mut delete, mut cancel) = (false, false, false);
        ui.horizontal(|ui| {
            keep = controls::primary_enabled(ui, cx.look, ready, fl!(cx.words, "saved-keep")).clicked();
            delete = !is_new && ui.button(fl!(cx.words, "saved-delete")).clicked();
            cancel = ui.button(fl!(cx.words, "cancel")).clicked();
        });
        if keep {
            // A key sends one message only, to one device.
            for other in &mut messages {
                if other.key == message.key && other.device == message.device {
                    other.key = 0;
                }
            }
            match messages.get_mut(place) {
                Some(old) => *old = message,
                None => messages.push(message),
            }
        } else if delete {
            messages.remove(place);
        } else {
            self.edited = (!cancel).then_some((place, message));
            return None;
        }
        Some(Action::Set(Box::new(Settings { saved_messages: messages, ..cx.settings.clone() })))
    }
}

/// Its name, or what it says.
fn called(message: &SavedMessage) -> String {
    let name = if message.name.is_empty() { &message.text } else { &message.name };
    visible(name, &[]).chars().take(40).collect()
}

/// How something is written: as text, with escapes, or as hex.
pub fn choose_written(ui: &mut Ui, cx: &Cx<'_>, name: &str, now: Written) -> Option<Written> {
    let all = [
        (Written::Text, fl!(cx.words, "written-text")),
        (Written::Escapes, fl!(cx.words, "written-escapes")),
        (Written::Hex, fl!(cx.words, "hex")),
    ];
    controls::segments(ui, cx.look, name, now, &all)
}
