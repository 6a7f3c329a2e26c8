//! The server's card at the top of the sidebar: the address to hand out, start and stop, the accept queue.

use std::net::SocketAddr;

use egui::{Button, Color32, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, vec2};
use i18n_embed_fl::fl;

use super::{
    controls::{self, hint},
    steps::{self, StepBar},
    students,
};
use crate::core::ServerState;
use crate::window::{
    Cx,
    request::ServerRequest,
    theme::{self, STEP},
    wording,
};

/// What is asked for on the card.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Something of the server.
    Ask(ServerRequest),
    /// A call to be made.
    Step(steps::Action),
    /// Something of the students.
    Students(students::Action),
    /// Put this on the clipboard.
    Copy(String),
}

/// The card.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    controls::card(cx.look).inner_margin(egui::Margin::same(12)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = STEP * 1.5;
        let state = cx.core.server().state;
        let stepping = cx.core.server().stepping;
        let (title, dot) = match state {
            // Between two steps nothing starts, and accept is not paused.
            ServerState::Starting(_) if stepping => (fl!(cx.words, "server-stopped"), Some(cx.look.wait)),
            ServerState::Listening { .. } if stepping => (fl!(cx.words, "server-listening"), Some(cx.look.good)),
            ServerState::Stopped => (fl!(cx.words, "server-stopped"), None),
            ServerState::Starting(_) => (fl!(cx.words, "server-starting"), Some(cx.look.wait)),
            ServerState::Listening { accepting: true, .. } => (fl!(cx.words, "server-listening"), Some(cx.look.good)),
            ServerState::Listening { accepting: false, .. } => (fl!(cx.words, "server-paused"), Some(cx.look.wait)),
        };
        ui.horizontal(|ui| {
            state_dot(ui, cx, dot);
            ui.add(egui::Label::new(theme::strong(title, theme::TEXT)).truncate());
        });
        if let ServerState::Listening { local, .. } = state {
            let address = cx.address_to_hand_out(local);
            action = address_button(ui, cx, &address.to_string(), true).map(Action::Copy).or(action.take());
            hint(ui, cx.look, wording::reach(cx, local.ip()));
        } else {
            let address = cx.address_to_come();
            action = self::address(ui, cx, address, false, false).map(Action::Copy).or(action.take());
        }
        if let ServerState::Listening { backlog, accepting, .. } = state {
            queue(ui, cx, cx.core.server().waiting, backlog);
            ui.horizontal_wrapped(|ui| {
                if !stepping {
                    action = stop_or_pause(ui, cx, accepting).or(action.take());
                }
                action = students::menu(ui, cx).map(Action::Students).or(action.take());
            });
        } else {
            if let Some(failure) = &cx.core.server().failure {
                let explanation = crate::explain::explain(cx.words, failure, cx.facts);
                controls::wrong(ui, cx.look, explanation.what);
                if !explanation.todo.is_empty() {
                    hint(ui, cx.look, explanation.todo);
                }
            }
            let idle = state == ServerState::Stopped;
            if !stepping && controls::primary_enabled(ui, cx.look, idle, fl!(cx.words, "start-listening")).clicked() {
                action = Some(Action::Ask(ServerRequest::Start));
            }
        }
        action = StepBar::Server.show(ui, cx).map(Action::Step).or(action.take());
        action = step_switch(ui, cx, stepping).or(action.take());
    });
    action
}

fn stop_or_pause(ui: &mut Ui, cx: &Cx<'_>, accepting: bool) -> Option<Action> {
    let mut action = None;
    if ui.button(fl!(cx.words, "stop")).clicked() {
        action = Some(Action::Ask(ServerRequest::Stop));
    }
    if accepting {
        let pause = ui.button(fl!(cx.words, "pause-accept"));
        if pause.on_hover_text(fl!(cx.words, "pause-accept-hint")).clicked() {
            action = Some(Action::Ask(ServerRequest::PauseAccepting));
        }
    } else if controls::primary(ui, cx.look, fl!(cx.words, "resume-accept")).clicked() {
        action = Some(Action::Ask(ServerRequest::ResumeAccepting));
    }
    action
}

/// Whether each call waits for a step.
fn step_switch(ui: &mut Ui, cx: &Cx<'_>, stepping: bool) -> Option<Action> {
    ui.horizontal(|ui| {
        let name = fl!(cx.words, "step-by-step");
        let turned = controls::switch(ui, cx.look, &name, stepping);
        let words = RichText::new(name.as_str()).size(theme::SMALL).color(cx.look.weak);
        let label = egui::Label::new(words).truncate();
        controls::switch_label(ui, &name, label).on_hover_text(fl!(cx.words, "step-by-step-hint"));
        turned.map(|stepping| Action::Ask(ServerRequest::SetStepping(stepping)))
    })
    .inner
}

/// The address to hand out; a port that the system picks at the start is not known before. What a click asks to
/// be copied.
pub fn address(ui: &mut Ui, cx: &Cx<'_>, address: SocketAddr, listening: bool, live: bool) -> Option<String> {
    if !listening && address.port() == 0 {
        let ip = RichText::new(address.ip().to_string()).font(theme::mono(theme::ADDRESS)).color(cx.look.weak);
        ui.add(egui::Label::new(ip).truncate());
        hint(ui, cx.look, fl!(cx.words, "port-later"));
        return None;
    }
    address_button(ui, cx, &address.to_string(), live)
}

/// The address in large letters; a click asks for it to be copied.
pub fn address_button(ui: &mut Ui, cx: &Cx<'_>, address: &str, live: bool) -> Option<String> {
    let colour = if live { cx.look.text } else { cx.look.weak };
    // An IPv6 address is long: it shrinks before it is cut.
    let width = ui.available_width();
    let size = (width / (address.len() as f32 * 0.62)).clamp(theme::SMALL, theme::ADDRESS);
    let text = RichText::new(address).font(theme::mono(size)).color(colour);
    let button = Button::new(text).frame_when_inactive(false).truncate();
    let padding = ui.spacing().button_padding;
    ui.spacing_mut().button_padding = vec2(0.0, 0.0);
    let response = ui.add(button);
    ui.spacing_mut().button_padding = padding;
    let name = fl!(cx.words, "copy-this-address", address = address);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    response.on_hover_text(fl!(cx.words, "click-to-copy")).clicked().then(|| address.to_owned())
}

fn state_dot(ui: &mut Ui, cx: &Cx<'_>, colour: Option<Color32>) {
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
    controls::dot(ui, cx.look, rect.center(), colour);
}

/// How full the accept queue is: boxes for a small backlog, a bar for a large one.
fn queue(ui: &mut Ui, cx: &Cx<'_>, waiting: Option<u32>, backlog: u32) {
    let name = fl!(cx.words, "accept-queue");
    // With no-break spaces, so that the figure stays in one piece.
    let waiting_text = waiting.map_or_else(|| "–".to_owned(), |waiting| waiting.to_string());
    let figure = format!("{waiting_text}\u{a0}/\u{a0}{backlog}");
    let response = ui
        .horizontal_wrapped(|ui| {
            hint(ui, cx.look, name.clone());
            let boxes = 1..=8_u32;
            let filled = waiting.unwrap_or(0);
            if boxes.contains(&backlog) {
                let size = vec2(backlog as f32 * (8.0 + STEP) - STEP, 10.0);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                for n in 0..backlog {
                    let fill = if n < filled { cx.look.wait } else { cx.look.line };
                    let at = rect.min + vec2(n as f32 * (8.0 + STEP), 0.0);
                    ui.painter().rect_filled(egui::Rect::from_min_size(at, vec2(8.0, 10.0)), 2.0, fill);
                }
            } else {
                let (rect, _) = ui.allocate_exact_size(vec2(56.0, 10.0), Sense::hover());
                ui.painter().rect(rect, 2.0, cx.look.line, Stroke::NONE, StrokeKind::Inside);
                let share = (filled as f32 / backlog.max(1) as f32).min(1.0);
                let full = egui::Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
                ui.painter().rect_filled(full, 2.0, cx.look.wait);
            }
            hint(ui, cx.look, figure.clone());
        })
        .response;
    response.on_hover_text(match waiting {
        Some(_) => fl!(cx.words, "accept-queue-hint"),
        None => fl!(cx.words, "accept-queue-unknown"),
    });
}
