//! Where each panel stands in the window.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::App;
use crate::{
    core::{Key, Model},
    window::{Action, Cx, parts::lab::CRAMPED, shortcuts, theme},
};

/// Below this width, in points, the settings take the conversation's place.
const SIDE_BY_SIDE: f32 = 980.0;

impl App {
    /// Draw all panels. Gives what the user asked for.
    pub(super) fn draw(&mut self, ui: &mut Ui) -> Vec<Action> {
        let look = theme::look(ui.ctx());
        let cx = Cx {
            model: &self.model,
            settings: &self.settings,
            words: &self.words,
            look,
            interfaces: &self.interfaces,
            facts: &self.facts,
            backlog_cap: self.backlog_cap,
            zone: &self.zone,
            selected: self.selected,
            chosen: self.chosen,
            inspecting: self.settings.inspector || self.presenting,
            presenting: self.presenting,
            labs: &self.labs.all,
        };
        let lab = self.labs.running.as_ref().map(|running| (&running.progress, self.can_do_step_of_lab()));
        let mut actions = Vec::new();
        // Escape closes one thing at a time, and an open menu lies in front of the settings.
        let menu_open = egui::Popup::is_any_open(ui.ctx());
        if self.dialog.is_none() {
            actions.extend(shortcuts::pressed(ui, &cx));
        }
        let width = ui.available_width();
        if self.presenting {
            if self.settings_open {
                actions.extend(self.settings_pane.show_beside(ui, &cx));
            }
            if let Some((progress, possible)) = lab {
                actions.extend(self.lab_card.show_below(ui, &cx, progress, possible));
            }
            actions.extend(self.presenter.show(ui, &cx, &mut self.inspector, &mut self.conversation));
        } else {
            let inspector_alone = self.settings.inspector && self.inspector.wide;
            if !inspector_alone {
                Panel::left("sidebar")
                    .resizable(false)
                    .exact_size((width * 0.225).clamp(196.0, 276.0))
                    .frame(Frame::new().fill(look.side).inner_margin(Margin::same(if width < 700.0 { 8 } else { 12 })))
                    .show(ui, |ui| actions.extend(self.sidebar.show(ui, &cx)));
            }
            let ground = Frame::new().fill(look.ground);
            let beside = width >= SIDE_BY_SIDE;
            if self.settings_open && beside {
                actions.extend(self.settings_pane.show_beside(ui, &cx));
            } else if self.settings.inspector && beside && !inspector_alone {
                actions.extend(self.inspector.show_beside(ui, &cx));
            }
            CentralPanel::default().frame(ground).show(ui, |ui| {
                let cramped = lab.is_some() && ui.available_height() < CRAMPED;
                if let Some((progress, possible)) = lab {
                    actions.extend(self.lab_card.show_above(ui, &cx, progress, possible));
                }
                if self.network.open {
                    actions.extend(self.network.panel.show(ui, &cx, &self.network.findings));
                } else if self.history_open {
                    actions.extend(self.history.show(ui, &cx));
                } else if self.settings_open && !beside {
                    actions.extend(self.settings_pane.show(ui, &cx));
                } else if self.settings.inspector && (inspector_alone || !beside) {
                    actions.extend(self.inspector.show(ui, &cx));
                } else if lab.is_none() && shows_welcome(&self.model) {
                    actions.extend(self.welcome.show(ui, &cx));
                } else if cramped {
                    actions.extend(self.conversation.show_rows(ui, &cx));
                } else {
                    actions.extend(self.conversation.show(ui, &cx));
                }
            });
        }
        if let Some(dialog) = &mut self.dialog {
            actions.extend(dialog.show(ui, &cx));
        } else if self.settings_open && !menu_open && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            actions.push(Action::ToggleSettings);
        }
        actions.extend(self.toasts.show(ui, &cx));
        actions
    }
}

/// Whether there is nobody to talk to yet.
fn shows_welcome(model: &Model) -> bool {
    model.conversations().len() == 0 && model.conversation(Key::Everyone).is_none_or(|c| c.entries().is_empty())
}
