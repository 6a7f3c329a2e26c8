//! Sending again and again: what, how often and when; and how far that has come.

use std::time::Duration;

use egui::{DragValue, Margin, Ui};
use i18n_embed_fl::fl;

use super::{controls, field, saved};
use crate::{
    chat::Written,
    core::{Conversation, Key},
    net::{LEAST_WAIT, LONGEST_WAIT, MOST_IN_ROUND, Repeat},
    window::{
        Cx,
        theme::{self, STEP},
        wording,
    },
};

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To begin.
    Start(Key, Repeat),
    /// To close it.
    Close,
}

/// Asks what is repeated.
#[derive(Debug)]
pub struct RepeatDialog {
    key: Key,
    written: Written,
    /// Each message, and how many milliseconds after it the next is sent.
    messages: Vec<(String, u64)>,
    /// 0: until it is stopped.
    rounds: u64,
    /// Put the cursor in the first message at the next draw.
    focus: bool,
}

impl RepeatDialog {
    /// To this connection or everyone, beginning with what is written there.
    #[must_use]
    pub fn new(key: Key, text: String, written: Written) -> Self {
        Self { key, written, messages: vec![(text, 1_000)], rounds: 0, focus: true }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let conversation = cx.core.conversation(self.key)?;
        let response = controls::dialog(ui, "repeat-dialog", 560.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "repeat-title"), theme::TITLE));
            let written = saved::choose_written(ui, cx, &fl!(cx.words, "written"), self.written);
            self.written = written.unwrap_or(self.written);
            let height = (ui.ctx().content_rect().height() - 300.0).max(100.0);
            egui::ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    self.list(ui, cx);
                });
            let room = self.messages.len() < MOST_IN_ROUND;
            if ui.add_enabled(room, egui::Button::new(fl!(cx.words, "repeat-add"))).clicked() {
                self.messages.push((String::new(), 1_000));
            }
            ui.horizontal_wrapped(|ui| {
                let label = ui.label(fl!(cx.words, "repeat-rounds"));
                ui.add(DragValue::new(&mut self.rounds)).labelled_by(label.id);
                controls::hint(ui, cx.look, fl!(cx.words, "repeat-rounds-hint"));
            });
            let messages = self.encoded(conversation);
            if let Err(Some(why)) = &messages {
                controls::wrong(ui, cx.look, why(cx));
            }
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                let start = controls::primary_enabled(ui, cx.look, messages.is_ok(), fl!(cx.words, "repeat-start"));
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                let rounds = (self.rounds > 0).then_some(self.rounds);
                match messages {
                    Ok(messages) if start.clicked() => Some(Action::Start(self.key, Repeat { messages, rounds })),
                    _ => cancelled.then_some(Action::Close),
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    fn list(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let mut removed = None;
        let (many, mono) = (self.messages.len() > 1, self.written != Written::Text);
        for (n, (text, wait)) in self.messages.iter_mut().enumerate() {
            let number = n + 1;
            ui.horizontal(|ui| {
                let font = if mono { theme::mono(theme::TEXT) } else { theme::text() };
                let width = (ui.available_width() - 230.0).max(120.0);
                let name = fl!(cx.words, "repeat-message", number = number);
                let response = field::one_line(ui, cx.words, text, font, name, |field| {
                    field.margin(Margin::symmetric(10, 7)).desired_width(width)
                });
                if std::mem::take(&mut self.focus) {
                    response.request_focus();
                }
                let label = ui.label(fl!(cx.words, "repeat-wait"));
                let (least, most) = (LEAST_WAIT.as_millis() as u64, LONGEST_WAIT.as_millis() as u64);
                ui.add(DragValue::new(wait).range(least..=most).suffix(" ms")).labelled_by(label.id);
                if many && ui.button("×").accessible_name(fl!(cx.words, "repeat-remove", number = number)).clicked() {
                    removed = Some(n);
                }
            });
        }
        if let Some(removed) = removed {
            self.messages.remove(removed);
        }
    }

    /// The messages as they go on the wire; else what is wrong with one, if anything is written there.
    #[allow(clippy::type_complexity, reason = "a sentence that needs the words of the language")]
    fn encoded(
        &self,
        conversation: &Conversation,
    ) -> Result<Vec<(bytes::Bytes, Duration)>, Option<Box<dyn Fn(&Cx<'_>) -> String>>> {
        let message = |(text, wait): &(String, u64)| {
            if text.is_empty() {
                return Err(None);
            }
            match self.written.encode(text, conversation.manner()) {
                Ok(encoded) => Ok((encoded.bytes.into(), Duration::from_millis(*wait))),
                Err(why) => {
                    let say: Box<dyn Fn(&Cx<'_>) -> String> = Box::new(move |cx| wording::not_written(cx, &why));
                    Err(Some(say))
                }
            }
        };
        self.messages.iter().map(message).collect()
    }
}

/// How far it has come, with a button that stops it. Whether that was pressed.
pub fn progress(ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation) -> bool {
    let Some(repeating) = conversation.repeating else { return false };
    let stopped = ui
        .horizontal_wrapped(|ui| {
            let words = match repeating.of {
                Some(of) => fl!(cx.words, "repeat-so-far-of", sent = repeating.sent, of = of),
                None => fl!(cx.words, "repeat-so-far", sent = repeating.sent),
            };
            controls::hint(ui, cx.look, words);
            ui.button(fl!(cx.words, "repeat-stop")).clicked()
        })
        .inner;
    ui.add_space(STEP);
    stopped
}
