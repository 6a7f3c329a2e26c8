//! Where each panel is in the window.

use egui::{CentralPanel, Frame, Label, Margin, Panel, RichText, Ui};
use i18n_embed_fl::fl;

use super::{App, actions::Action};
use crate::{
    core::Key,
    window::{
        Cx, command,
        parts::{controls, lab::CRAMPED},
        screen::{InspectorSize, Layout, Middle, Right, Screen, about},
        theme,
    },
};

/// Below this width, in points, the sidebar has narrower margins: an address with its port fits.
const NARROW: f32 = 860.0;

/// Below this one, it is narrower itself.
const SMALL: f32 = 700.0;

/// Below this width, in points, the settings take the conversation's place.
const SIDE_BY_SIDE: f32 = 980.0;

impl App {
    /// Draw all panels. Gives what the user asked for.
    pub(super) fn draw(&mut self, ui: &mut Ui) -> Vec<Action> {
        self.front.toasts.tidy();
        let look = theme::palette(ui.ctx());
        self.front.look_after_focus(ui.ctx());
        self.machine.facts.port_held.clone_from(&self.driver.core().server().held);
        self.machine.facts.reuse_address = Some(self.settings.reuse_address);
        let cx = Cx {
            core: self.driver.core(),
            settings: &self.settings,
            listen_at: self.address_to_listen_on(),
            words: &self.words,
            look,
            interfaces: &self.machine.interfaces,
            facts: &self.machine.facts,
            backlog_cap: self.machine.backlog_cap,
            zone: &self.machine.zone,
            selected: self.selection.conversation,
            chosen: self.selection.inspected_message,
            inspecting: self.settings.inspector || self.screens.stage.is_projecting(),
            presenting: self.screens.stage.is_projecting(),
            welcoming: self.shows_welcome(ui.available_width()),
            listing: !self.screens.stage.is_projecting() && self.layout(ui.available_width()).sidebar,
            labs: &self.labs.all,
        };
        let lab = cx.core.lab().map(|running| (running, cx.core.can_do_step_of_lab()));
        let toasts = &self.front.toasts;
        let mut actions = Vec::new();
        // Escape closes one thing at a time, and an open menu lies in front of the screen.
        let menu_open = egui::Popup::is_any_open(ui.ctx());
        if self.front.dialog.is_none() {
            actions.extend(command::pressed(ui, &cx).map(Action::Run));
        }
        if self.driver.writes_tls_keys() {
            Panel::top("tls-keys")
                .frame(Frame::new().fill(look.bad_ground).inner_margin(Margin::symmetric(12, 6)))
                .show(ui, |ui| {
                    let words = RichText::new(fl!(cx.words, "tls-keys-written")).color(look.bad);
                    ui.add(Label::new(words).wrap());
                });
        }
        let width = ui.available_width();
        if self.screens.stage.is_projecting() {
            if self.screens.stage.shows(Screen::Settings) {
                actions.extend(self.screens.settings.show_beside(ui, &cx).map(Action::Settings));
            }
            if let Some((running, possible)) = lab {
                actions.extend(self.screens.lab_card.show_below(ui, &cx, running, possible).map(Action::Lab));
            }
            let presented = self.screens.presenter.show(
                ui,
                &cx,
                toasts,
                &mut self.screens.inspector,
                &mut self.screens.conversation,
            );
            actions.extend(presented.into_iter().map(Action::Presenter));
        } else {
            let layout = self.layout(width);
            if layout.sidebar {
                Panel::left("sidebar")
                    .resizable(false)
                    .exact_size((width * 0.225).clamp(if width < SMALL { 196.0 } else { 220.0 }, 276.0))
                    .frame(Frame::new().fill(look.side).inner_margin(Margin::same(if width < NARROW { 8 } else { 12 })))
                    .show(ui, |ui| actions.extend(self.screens.sidebar.show(ui, &cx).map(Action::Sidebar)));
            }
            let ground = if self.viewport.is_cleared.get() { Frame::new() } else { Frame::new().fill(look.ground) };
            actions.extend(match layout.right {
                Some(Right::Settings) => self.screens.settings.show_beside(ui, &cx).map(Action::Settings),
                Some(Right::Inspector) => self.screens.inspector.show_beside(ui, &cx).map(Action::Inspector),
                None => None,
            });
            CentralPanel::default().frame(ground).show(ui, |ui| {
                let cramped = lab.is_some() && ui.available_height() < CRAMPED;
                if let Some((running, possible)) = lab {
                    // Below the inspector, whose buttons then stay under the pointer that widened it.
                    let card = &mut self.screens.lab_card;
                    actions.extend(match layout.middle {
                        Middle::Inspector => card.show_below(ui, &cx, running, possible).map(Action::Lab),
                        Middle::Screen(_) => card.show_above(ui, &cx, running, possible).map(Action::Lab),
                    });
                }
                // A conversation has them above its composer.
                let with_composer = layout.middle == Middle::Screen(Screen::Conversation) && !cx.welcoming && !cramped;
                if !with_composer {
                    actions.extend(toasts.show(ui, &cx).map(Action::Toast));
                }
                actions.extend(match layout.middle {
                    Middle::Screen(Screen::Network) => {
                        self.screens.network.panel.show(ui, &cx, &self.screens.network.findings).map(Action::Network)
                    }
                    Middle::Screen(Screen::ExplainError) => {
                        let listening = self.screens.network.findings.ports.as_ref();
                        self.screens.explain_error.show(ui, &cx, listening).map(Action::ExplainError)
                    }
                    Middle::Screen(Screen::About) => about::show(ui, &cx).map(Action::About),
                    Middle::Screen(Screen::History) => self.screens.history.show(ui, &cx).map(Action::History),
                    Middle::Screen(Screen::Settings) => self.screens.settings.show(ui, &cx).map(Action::Settings),
                    Middle::Inspector => self.screens.inspector.show(ui, &cx).map(Action::Inspector),
                    Middle::Screen(Screen::Conversation) => match lab {
                        None if cx.welcoming => self.screens.welcome.show(ui, &cx).map(Action::Welcome),
                        Some(_) if cramped => self.screens.conversation.show_rows(ui, &cx).map(Action::Conversation),
                        _ => self.screens.conversation.show(ui, &cx, toasts).map(Action::Conversation),
                    },
                });
            });
        }
        if let Some(dialog) = &mut self.front.dialog {
            actions.extend(dialog.show(ui, &cx).map(Action::Dialog));
        } else if !menu_open && ui.input(|input| input.key_pressed(egui::Key::Escape)) && self.screens.can_close() {
            actions.push(Action::CloseInFront);
        }
        controls::ring_of_focus(ui.ctx(), look);
        self.screens.spoken.show(ui, &cx);
        actions
    }

    /// What the window of this width shows, unless it is the projected one.
    fn layout(&self, width: f32) -> Layout {
        let inspector = match (self.settings.inspector, self.screens.inspector.wide) {
            (false, _) => InspectorSize::Folded,
            (true, false) => InspectorSize::Beside,
            (true, true) => InspectorSize::Whole,
        };
        self.screens.stage.layout(inspector, width >= SIDE_BY_SIDE)
    }

    /// Whether the welcome is in sight: there is nobody to talk to, and nothing that the user has chosen to read.
    fn shows_welcome(&self, width: f32) -> bool {
        let core = self.driver.core();
        let said = core.conversation(Key::Everyone).is_some_and(|everyone| !everyone.entries().is_empty());
        core.conversations().len() == 0
            && !(said && self.selection.user_has_selected)
            && !matches!(self.selection.conversation, Key::Person(_) | Key::Nearby)
            && core.lab().is_none()
            && !self.screens.stage.is_projecting()
            && self.layout(width).middle == Middle::Screen(Screen::Conversation)
    }
}
