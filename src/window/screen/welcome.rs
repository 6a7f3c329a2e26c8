//! What is shown when nothing is open: wait for others, connect to someone, or try it alone.

use egui::{Button, RichText, ScrollArea, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons::ICON_SCIENCE;
use i18n_embed_fl::fl;

use crate::core::ServerState;
use crate::window::{
    Cx,
    parts::{
        connect::{self, AddressField},
        controls, server_card,
        steps::{self, StepBar},
    },
    theme::{self, STEP, TITLE},
    wording,
};

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To start the server.
    StartServer,
    /// A call to be made.
    Step(steps::Action),
    /// A connection.
    Connect(connect::Action),
    /// To listen on 127.0.0.1 and connect to it.
    TryLoopback,
    /// The list of labs.
    OpenLabs,
    /// Put this on the clipboard.
    Copy(String),
}

/// The welcome.
#[derive(Debug, Default)]
pub struct Welcome {
    address: AddressField,
}

impl Welcome {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 8.0 * STEP).min(520.0);
            let room = ui.available_height();
            let side = (ui.available_width() - width) / 2.0;
            ui.add_space(((room - 430.0) / 2.0).max(4.0 * STEP));
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 2.0 * STEP;
                    ui.label(theme::strong(fl!(cx.words, "welcome-title"), TITLE + 2.0));
                    ui.add_space(2.0 * STEP);
                    controls::card(cx.look).show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        action = wait_for_others(ui, cx).or(action.take());
                    });
                    ui.add_space(STEP);
                    controls::card(cx.look).show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        ui.label(theme::strong(fl!(cx.words, "welcome-connect"), theme::TEXT));
                        controls::hint(ui, cx.look, fl!(cx.words, "welcome-address-hint"));
                        action = self.address.show(ui, cx).map(Action::Connect).or(action.take());
                    });
                    ui.add_space(STEP);
                    ui.horizontal_wrapped(|ui| {
                        ui.spacing_mut().item_spacing.x = STEP;
                        ui.label(RichText::new(fl!(cx.words, "welcome-alone")).color(cx.look.weak));
                        if ui.link(fl!(cx.words, "welcome-try")).clicked() {
                            action = Some(Action::TryLoopback);
                        }
                    });
                    ui.horizontal_wrapped(|ui| {
                        ui.spacing_mut().item_spacing.x = STEP;
                        ui.label(RichText::new(fl!(cx.words, "welcome-labs")).color(cx.look.weak));
                        let text = (ICON_SCIENCE.rich_text().size(16.0), RichText::new(fl!(cx.words, "labs")));
                        let button = ui.add(Button::new(text));
                        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, fl!(cx.words, "labs-open")));
                        if button.clicked() {
                            action = Some(Action::OpenLabs);
                        }
                    });
                });
            });
            ui.add_space(4.0 * STEP);
        });
        action
    }
}

/// The address to hand out; and the button that starts the server, until it listens.
fn wait_for_others(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let listening = match cx.core.server().state {
        ServerState::Listening { local, .. } => Some(local),
        ServerState::Stopped | ServerState::Starting(_) => None,
    };
    let title = if listening.is_some() { fl!(cx.words, "welcome-waiting") } else { fl!(cx.words, "welcome-wait") };
    ui.label(theme::strong(title, theme::TEXT));
    if cx.is_for_others() {
        controls::hint(ui, cx.look, fl!(cx.words, "welcome-they-type"));
    }
    let address = listening.map_or_else(|| cx.address_to_come(), |local| cx.address_to_hand_out(local));
    let mut action = server_card::address(ui, cx, address, listening.is_some(), true).map(Action::Copy);
    if let Some(local) = listening {
        controls::hint(ui, cx.look, wording::reach(cx, local.ip()));
    } else {
        controls::hint(ui, cx.look, wording::reach(cx, cx.listen_at.ip()));
        ui.add_space(STEP);
        let idle = cx.core.server().state == ServerState::Stopped;
        if cx.core.server().stepping {
            action = StepBar::Server.show(ui, cx).map(Action::Step).or(action);
        } else if controls::primary_enabled(ui, cx.look, idle, fl!(cx.words, "start-listening")).clicked() {
            action = Some(Action::StartServer);
        }
    }
    action
}
