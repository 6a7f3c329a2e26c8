//! Opening and closing screens: what is asked for when one is opened, and what ends with it.

use egui::{Context, ViewportCommand};

use super::App;
use crate::{
    history,
    host::Question,
    window::screen::{Screen, Stage},
};

impl App {
    /// Open a screen, with what it shows brought up to date.
    pub(super) fn open(&mut self, ctx: &Context, screen: Screen) {
        self.show_screen(ctx, screen);
        match screen {
            Screen::Conversation | Screen::About => {}
            Screen::Settings => {
                self.ask_host(Question::Interfaces);
                self.ask_history(history::Question::Size);
            }
            Screen::History => {
                self.screens.history.focus_search();
                self.find(self.screens.history.matching().to_owned());
            }
            Screen::Network => self.look_at_network(),
            Screen::ExplainError => {
                self.screens.explain_error.focus();
                self.look_at_network();
            }
        }
    }

    /// Open a screen with what it has.
    pub(super) fn show_screen(&mut self, ctx: &Context, screen: Screen) {
        let projecting = self.screens.stage.is_projecting();
        self.change_stage(|stage| stage.open(screen));
        if self.screens.stage.is_projecting() != projecting {
            self.projecting_changed(ctx);
        }
    }

    /// Open a screen, or close it if it is in sight.
    pub(super) fn toggle_screen(&mut self, ctx: &Context, screen: Screen) {
        if self.screens.stage.shows(screen) {
            self.close();
        } else {
            self.open(ctx, screen);
        }
    }

    /// Close the screen that is open.
    pub(super) fn close(&mut self) {
        self.change_stage(Stage::close);
    }

    /// Close what lies in front, as Escape does: one thing at a time.
    pub(super) fn close_in_front(&mut self, ctx: &Context) {
        if self.screens.stage.in_front() == Some(Screen::History) && self.core().past().open.is_some() {
            self.close_session();
        } else if self.screens.stage.in_front().is_some() {
            self.close();
        } else if self.screens.finds() {
            self.close_find();
        } else if self.screens.stage.is_projecting() {
            self.toggle_projecting(ctx);
        } else {
            self.screens.inspector.wide = false;
        }
    }

    /// Have the conversation in sight.
    pub(super) fn uncover_conversation(&mut self) {
        self.change_stage(Stage::uncover_conversation);
    }

    /// Turn the window into the projected one, or back.
    pub(super) fn toggle_projecting(&mut self, ctx: &Context) {
        self.change_stage(Stage::toggle_projecting);
        self.projecting_changed(ctx);
    }

    /// What is projected fills the screen, with a zoom of its own.
    fn projecting_changed(&mut self, ctx: &Context) {
        self.apply_theme_and_zoom(ctx);
        ctx.send_viewport_cmd(ViewportCommand::Fullscreen(self.screens.stage.is_projecting()));
    }

    fn change_stage(&mut self, change: impl FnOnce(&mut Stage)) {
        change(&mut self.screens.stage);
        // Nothing continues behind what is in sight.
        if !self.screens.stage.shows(Screen::Network) {
            self.screens.network.stop_ping();
        }
    }
}
