//! What the user chose: taking it up, and saving it.

use egui::Context;
use i18n_embed_fl::fl;

use super::{App, SMALLEST, dialog::Dialog};
use crate::{
    core::{Input, NoticeKind},
    history::{self, Removal},
    i18n,
    settings::{SaveError, Saver, Settings, Theme},
    window::{
        parts::framing::FramingDialog,
        screen::{Screen, settings::Action},
    },
};

impl App {
    pub(super) fn settings_action(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Close => self.close(),
            Action::Set(settings) => self.set_settings(ctx, *settings),
            Action::RemoveAllHistory => self.ask_removal(ctx, Removal::All),
            Action::RemoveOldHistory => self.ask_removal_of_old(ctx),
            Action::About => self.open(ctx, Screen::About),
            Action::AskFraming => {
                self.front.dialog = Some(Dialog::Framing(FramingDialog::of_settings(&self.settings)));
            }
        }
    }

    pub(super) fn set_settings(&mut self, ctx: &Context, mut settings: Settings) {
        if settings == self.settings {
            return;
        }
        if settings.language != self.settings.language {
            let before = std::mem::replace(&mut self.words, i18n::words(settings.language));
            // One that nobody has written yet.
            if settings.reply_text == fl!(before, "reply-default") {
                settings.reply_text = fl!(self.words, "reply-default");
            }
        }
        let before = std::mem::replace(&mut self.settings, settings);
        self.save_settings();
        if (before.listen_on, before.port) != (self.settings.listen_on, self.settings.port) {
            self.told_to_listen = None;
        }
        let worn = |settings: &Settings| (settings.theme, settings.text_size, settings.presenter_text_size);
        if worn(&before) != worn(&self.settings) {
            self.apply_theme_and_zoom(ctx);
        }
        if before.keep_history != self.settings.keep_history {
            self.set_keeping(self.settings.keep_history);
        }
        if before.lan_interfaces != self.settings.lan_interfaces {
            self.lan_interfaces_changed();
        }
        if before.devices != self.settings.devices {
            self.change(Input::DevicesChanged(self.settings.devices.clone()));
        }
        if before.rules != self.settings.rules {
            self.change(Input::RulesChanged(self.settings.rules.clone()));
        }
        if before.relay != self.settings.relay {
            self.change(Input::RelayChanged(self.settings.relay));
        }
        let manner = self.settings.conversation_options();
        if manner != before.conversation_options() || before.max_clients != self.settings.max_clients {
            let max_clients = self.settings.max_clients;
            self.change(Input::DefaultOptionsChanged { manner, max_clients });
        }
    }

    /// Have the history keep what happens from here on, or not.
    pub(super) fn set_keeping(&mut self, keep: bool) {
        let keeps = self.ask_history(history::Question::Keep(keep)) && keep;
        self.change(Input::HistoryKeeps(keeps));
    }

    /// Show the theme and the text size of the settings.
    pub(super) fn apply_theme_and_zoom(&mut self, ctx: &Context) {
        ctx.set_theme(match self.settings.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        let size = if self.screens.stage.is_projecting() {
            self.settings.presenter_text_size
        } else {
            self.settings.text_size
        };
        ctx.set_zoom_factor(f32::from(size) / 100.0);
        // In points, so that larger text asks for a larger window.
        ctx.send_viewport_cmd(egui::ViewportCommand::MinInnerSize(SMALLEST));
    }

    /// Has the settings written, soon and on another thread.
    pub(super) fn save_settings(&mut self) {
        if let Some(place) = self.viewport.place_to_save() {
            self.settings.window = place;
        }
        if let Some(saver) = &self.saver {
            saver.save(&self.settings);
        }
    }

    /// Says so where they could not be.
    pub(super) fn settings_failures(&mut self) {
        while let Some(SaveError { path, source }) = self.saver.as_ref().and_then(Saver::take_failure) {
            self.change(Input::Notice(NoticeKind::SettingsNotSaved { path, why: source.to_string() }));
        }
    }
}
