//! Carrying out what was chosen in the palette.

use egui::Context;

use super::App;
use crate::window::{
    parts::{connect, palette::Action},
    screen::Screen,
};

impl App {
    pub(super) fn palette_action(&mut self, ctx: &Context, action: Action) {
        if let Action::Find(text) = action {
            return self.find(text);
        }
        self.close_dialog();
        match action {
            Action::Find(_) | Action::Close => self.find_again(),
            Action::Run(intent) => {
                self.find_again();
                self.run(ctx, intent);
            }
            Action::Connect(peer) => self.connect_action(connect::Action::Connect(peer, connect::Way::default())),
            Action::Explain(text) => {
                self.screens.explain_error.explain(text);
                self.open(ctx, Screen::ExplainError);
            }
            Action::StartLab(id) => self.start_lab(&id, false),
            Action::ShowSetting(name) => {
                self.open(ctx, Screen::Settings);
                self.screens.settings.show_row(name);
            }
            Action::Select(key) => self.go_to_conversation(key),
            Action::OpenPast(session) => self.read_past(ctx, Some(session)),
            Action::OpenHit(place) => self.open_hit(ctx, place),
        }
    }

    /// The history, where it is in sight, shows again what it is searched for: the palette asks by the same road.
    fn find_again(&mut self) {
        if self.screens.stage.shows(Screen::History) {
            self.find(self.screens.history.matching().to_owned());
        }
    }
}
