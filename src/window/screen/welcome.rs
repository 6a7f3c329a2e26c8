//! What is shown when nothing is open: wait for others, connect to someone, or try it alone.

use egui::{Align, Button, Layout, RichText, ScrollArea, Ui, WidgetInfo, accesskit::Role, vec2};
use egui_material_icons::icons::{ICON_CLOSE, ICON_HISTORY, ICON_SCIENCE};
use i18n_embed_fl::fl;

use crate::core::ServerState;
use crate::settings::{RECENT_PEERS, Transport};
use crate::window::{
    Cx,
    command::UiCommand,
    parts::{
        connect::{self, AddressField, Beside},
        controls, me, server_card,
        steps::{self, StepBar},
    },
    theme::{self, STEP, TITLE},
    to_open::may_start,
    wording,
};

/// Size of the address that others type, while they are waited for.
const ADDRESS: f32 = 34.0;

/// Width of what is on it.
const WIDTH: f32 = 520.0;

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To start the server.
    StartServer,
    /// A call to be made.
    Step(steps::Action),
    /// A connection.
    Connect(connect::Action),
    /// No more of this recent address.
    ForgetPeer(String),
    /// To listen on 127.0.0.1 and connect to it.
    TryLoopback,
    /// The list of labs.
    OpenLabs,
    /// Put this on the clipboard.
    Copy(String),
    /// Whether to be seen on this network.
    Me(me::Action),
}

/// The welcome.
#[derive(Debug, Default)]
pub struct Welcome {
    address: AddressField,
    /// Over what it is connected to; as the last time until it is chosen.
    over: Option<Transport>,
    /// The frame in which it was drawn last, and its height then.
    drawn: Option<(u64, f32)>,
}

impl Welcome {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let frame = ui.ctx().cumulative_frame_nr();
        // Each time it comes, one can type at once. Space makes the next step, where there are steps.
        let comes = self.drawn.is_none_or(|(last, _)| last + 1 < frame);
        if comes && !cx.core.server().stepping && ui.memory(|memory| memory.focused().is_none()) {
            self.address.focus();
        }
        let height = self.drawn.map_or(0.0, |(_, height)| height);
        let mut action = None;
        let mut drawn = height;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 8.0 * STEP).min(WIDTH);
            let side = (ui.available_width() - width) / 2.0;
            ui.add_space(((ui.available_height() - height) / 2.0).max(4.0 * STEP));
            ui.horizontal(|ui| {
                ui.add_space(side);
                let content = ui.vertical(|ui| {
                    ui.set_width(width);
                    action = self.content(ui, cx);
                });
                drawn = content.response.rect.height();
            });
            ui.add_space(4.0 * STEP);
        });
        if (drawn - height).abs() > 0.5 {
            ui.ctx().request_repaint();
        }
        self.drawn = Some((frame, drawn));
        action
    }

    fn content(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        ui.spacing_mut().item_spacing.y = 2.0 * STEP;
        ui.label(theme::strong(fl!(cx.words, "welcome-title"), TITLE + 2.0));
        ui.add_space(STEP);
        let mut action = me::question(ui, cx).map(Action::Me);
        // One main button at a time: what was typed is more likely meant.
        let typed = self.address.is_filled();
        let mut starts = false;
        controls::card(cx.look).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let waited;
            (waited, starts) = wait_for_others(ui, cx, !typed);
            action = waited.or(action.take());
        });
        controls::card(cx.look).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let over = self.over.unwrap_or(cx.settings.client_over);
            let title = match over {
                Transport::Tcp => fl!(cx.words, "welcome-connect"),
                Transport::Udp => fl!(cx.words, "udp-client-title"),
            };
            ui.label(theme::strong(title, theme::TEXT));
            controls::hint(ui, cx.look, fl!(cx.words, "welcome-address-hint"));
            // As the last time; and the way back to TCP.
            if over == Transport::Udp || self.over.is_some() {
                self.over = connect::choose(ui, cx, over).or(self.over);
            }
            let over = self.over.unwrap_or(over);
            let beside = if starts { Beside::MainButton } else { Beside::Recent };
            self.address.set_over(over);
            action = self.address.show(ui, cx, beside).map(Action::Connect).or(action.take());
            action = recent(ui, cx).or(action.take());
        });
        ui.add_space(STEP);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            ui.label(RichText::new(fl!(cx.words, "welcome-alone")).color(cx.look.weak));
            let both = if cx.serves_udp() { fl!(cx.words, "udp-welcome-try") } else { fl!(cx.words, "welcome-try") };
            if ui.link(both).clicked() {
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
        action
    }
}

/// The addresses connected to before: a click connects, over the same as then.
fn recent(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for typed in cx.settings.recent_peers.iter().take(RECENT_PEERS) {
        // What no longer can be read as an address is not offered.
        let Ok(peer) = typed.parse() else { continue };
        let line = vec2(ui.available_width(), theme::CONTROL - STEP);
        ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
            let forget = fl!(cx.words, "recent-forget", address = typed.as_str());
            if controls::quiet_icon(ui, cx.look, ICON_CLOSE, forget).clicked() {
                action = Some(Action::ForgetPeer(typed.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().button_padding = vec2(2.0 * STEP, 0.0);
                ui.spacing_mut().interact_size.y = line.y;
                let icon = ICON_HISTORY.rich_text().size(16.0).color(cx.look.weak);
                let over = cx.settings.recent_over(typed);
                let shown = match over {
                    Transport::Tcp => typed.clone(),
                    Transport::Udp => format!("{typed}  UDP"),
                };
                let text = RichText::new(shown).font(theme::mono(theme::TEXT - 1.0));
                let button = ui.add(Button::new((icon, text)).frame_when_inactive(false).truncate());
                let name = match over {
                    Transport::Tcp => fl!(cx.words, "recent-connect", address = typed.as_str()),
                    Transport::Udp => fl!(cx.words, "udp-recent", address = typed.as_str()),
                };
                button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
                if button.on_hover_text(name).clicked() {
                    action = Some(Action::Connect(connect::Action::Connect(peer, connect::Way::over(over))));
                }
            });
        });
    }
    action
}

/// The address to hand out; and the button that starts the server, until it listens: whether it is there, and may be the
/// main one.
fn wait_for_others(ui: &mut Ui, cx: &Cx<'_>, main: bool) -> (Option<Action>, bool) {
    let server = cx.core.server();
    if let Some(local) = server.local() {
        let bound = matches!(server.state, ServerState::Bound { .. });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * STEP;
            ui.spacing_mut().interact_size.y = 0.0;
            let (dot, _) = ui.allocate_exact_size(vec2(10.0, TITLE), egui::Sense::hover());
            controls::dot(ui, cx.look, dot.center(), Some(cx.look.good));
            let waits = if bound { fl!(cx.words, "udp-welcome-waiting") } else { fl!(cx.words, "welcome-waiting") };
            ui.label(theme::strong(waits, TITLE - 2.0));
        });
        if cx.is_for_others() {
            ui.label(fl!(cx.words, "welcome-they-type"));
        }
        let address = cx.address_to_hand_out(local).to_string();
        let action = server_card::address_button(ui, cx, &address, true, ADDRESS).map(Action::Copy);
        controls::hint(ui, cx.look, wording::reach(cx, local.ip()));
        if bound {
            controls::hint(ui, cx.look, fl!(cx.words, "udp-bound"));
        }
        let step = server.stepping.then(|| StepBar::Server.show(ui, cx)).flatten();
        return (step.map(Action::Step).or(action), false);
    }
    let wait = if cx.serves_udp() { fl!(cx.words, "udp-welcome-wait") } else { fl!(cx.words, "welcome-wait") };
    ui.label(theme::strong(wait, theme::TEXT));
    if cx.is_for_others() {
        controls::hint(ui, cx.look, fl!(cx.words, "welcome-they-type"));
    }
    let mut action = server_card::address(ui, cx, cx.address_to_come(), false, true).map(Action::Copy);
    controls::hint(ui, cx.look, wording::reach(cx, cx.listen_at.ip()));
    if server.stepping && may_start(cx) {
        action = StepBar::Server.show(ui, cx).map(Action::Step).or(action);
        return (action, false);
    }
    let idle = may_start(cx);
    let name = server_card::start_name(cx);
    let start =
        if main { controls::primary_enabled(ui, cx.look, idle, name) } else { ui.add_enabled(idle, Button::new(name)) };
    if start.on_hover_text(controls::keys(ui, cx.words, UiCommand::StartOrStop)).clicked() {
        action = Some(Action::StartServer);
    }
    (action, true)
}
