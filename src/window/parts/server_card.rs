//! The server's card at the foot of the sidebar: the address to hand out, and unfolded what else there is to do.

use std::{net::SocketAddr, time::Duration};

use egui::{
    Align, Button, Color32, Label, Layout, Popup, PopupCloseBehavior, RichText, Sense, Stroke, StrokeKind, TextEdit,
    Ui, WidgetInfo, accesskit::Role, vec2,
};
use egui_material_icons::icons::{ICON_CHEVRON_RIGHT, ICON_CONTENT_COPY, ICON_EXPAND_MORE};
use i18n_embed_fl::fl;

use super::{
    controls::{self, hint},
    field,
    steps::{self, StepBar},
    students,
};
use crate::window::{
    Cx,
    command::{Intent, UiCommand},
    request::ServerRequest,
    theme::{self, STEP},
    to_open::{group, may_start},
    wording,
};
use crate::{core::ServerState, explain::held, host::PortHeld, settings::Transport};

/// Height of a window from which the card unfolds where it is, instead of in front of the window.
const ROOMY: f32 = 560.0;

/// Width of what is unfolded in front of the window.
const IN_FRONT: f32 = 250.0;

/// From one second that is left to the next.
const SECOND: Duration = Duration::from_secs(1);

/// Height of the line with the state.
const HEAD: f32 = 24.0;

/// The least height of the card: its state and its address are always in sight.
pub const LEAST: f32 = 74.0;

/// Size of the mark that a click copies.
const COPY: f32 = 15.0;

/// Room for the button of the students.
const STUDENTS: f32 = 44.0;

/// Width of what shows how full the queue is, at most.
const BOXES: f32 = 92.0;

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
    /// Unfold the card, or fold it.
    Unfold(bool),
    /// The multicast group to join, as typed.
    Group(String),
    /// What a command does.
    Run(Intent),
}

/// The card.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let roomy = ui.ctx().content_rect().height() >= ROOMY;
    controls::card(cx.look).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = STEP;
        action = ui.scope(|ui| head(ui, cx, roomy)).inner;
        let server = cx.core.server();
        let (address, listening) = match server.state {
            ServerState::Listening { local, .. } | ServerState::Bound { local, .. } => {
                (cx.address_to_hand_out(local), true)
            }
            ServerState::Stopped | ServerState::Starting(_) => (cx.address_to_come(), false),
        };
        action = self::address(ui, cx, address, listening, listening).map(Action::Copy).or(action.take());
        if server.dropped > 0 {
            controls::wrong(ui, cx.look, fl!(cx.words, "udp-dropped", count = server.dropped));
        }
        if let Some(failure) = server.failure.as_ref().filter(|_| !listening) {
            let explanation = crate::explain::explain(cx.words, failure, cx.facts);
            controls::wrong(ui, cx.look, explanation.what);
            if !explanation.todo.is_empty() {
                hint(ui, cx.look, explanation.todo);
            }
        }
        if server.failure.is_none()
            && let Some(left) = server.held_after()
            && let Some(text) = held::left(cx.words, left.0, left.1)
        {
            hint(ui, cx.look, text);
        }
        if matches!(server.held, Some(PortHeld::TimeWait { .. })) {
            // The seconds that are left.
            ui.ctx().request_repaint_after(SECOND);
        }
        // The welcome has that button too, and larger.
        if !listening && !server.stepping && !cx.welcoming {
            let name = start_name(cx);
            let start = ui.add_enabled(may_start(cx), Button::new(name));
            if start.on_hover_text(controls::keys(ui, cx.words, UiCommand::StartOrStop)).clicked() {
                action = Some(Action::Ask(ServerRequest::Start));
            }
        }
        if server.stepping && matches!(server.state, ServerState::Starting(_)) {
            action = stop_button(ui, cx).or(action.take());
        }
        action = StepBar::Server.show(ui, cx).map(Action::Step).or(action.take());
        if roomy && cx.settings.server_unfolded {
            action = details(ui, cx).or(action.take());
        }
    });
    action
}

/// What the button is called that starts the server.
#[must_use]
pub fn start_name(cx: &Cx<'_>) -> String {
    match cx.settings.server_over {
        Transport::Tcp => fl!(cx.words, "start-listening"),
        Transport::Udp => fl!(cx.words, "udp-start"),
    }
}

/// Over what it is started the next time, and with UDP in which group.
fn transport(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let all = [(Transport::Tcp, fl!(cx.words, "udp-tcp")), (Transport::Udp, fl!(cx.words, "udp-udp"))];
    let now = cx.settings.server_over;
    if let Some(over) = controls::segments(ui, cx.look, &fl!(cx.words, "udp-over"), now, &all) {
        action = Some(Action::Ask(ServerRequest::SetTransport(over)));
    }
    if now == Transport::Udp {
        let mut typed = cx.settings.udp_group.clone();
        let name = fl!(cx.words, "udp-group");
        hint(ui, cx.look, name.clone());
        let edit = TextEdit::singleline(&mut typed)
            .font(theme::mono(theme::SMALL))
            .hint_text(fl!(cx.words, "udp-group-none"))
            .desired_width(ui.available_width() - 4.0 * STEP);
        if field::show(ui, cx.words, edit, name).changed() {
            action = Some(Action::Group(typed.clone()));
        }
        if group(cx.settings).is_err() {
            controls::wrong(ui, cx.look, fl!(cx.words, "udp-group-wrong"));
        }
    }
    action
}

/// The state, the accept queue, and the button that unfolds the rest.
fn head(ui: &mut Ui, cx: &Cx<'_>, roomy: bool) -> Option<Action> {
    let mut action = None;
    let state = cx.core.server().state;
    let stepping = cx.core.server().stepping;
    let (title, dot) = match state {
        ServerState::Bound { .. } => (fl!(cx.words, "udp-bound"), Some(cx.look.good)),
        // Between two steps nothing starts, and accept is not paused.
        ServerState::Starting(_) if stepping => (wording::server_stopped(cx), Some(cx.look.wait)),
        ServerState::Listening { .. } if stepping => (fl!(cx.words, "server-listening"), Some(cx.look.good)),
        ServerState::Stopped => (wording::server_stopped(cx), None),
        ServerState::Starting(_) => (fl!(cx.words, "server-starting"), Some(cx.look.wait)),
        ServerState::Listening { accepting: true, .. } => (fl!(cx.words, "server-listening"), Some(cx.look.good)),
        ServerState::Listening { accepting: false, .. } => (fl!(cx.words, "server-paused"), Some(cx.look.wait)),
    };
    let unfolded = roomy && cx.settings.server_unfolded;
    let figure = match state {
        ServerState::Listening { backlog, .. } if !unfolded => Some(queue_figure(cx, backlog)),
        _ => None,
    };
    ui.allocate_ui_with_layout(vec2(ui.available_width(), HEAD), Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        ui.spacing_mut().interact_size.y = HEAD;
        state_dot(ui, cx, dot);
        let right = figure.as_deref().map_or(0.0, |figure| small_width(ui, figure) + STEP) + HEAD + STEP;
        let left = vec2((ui.available_width() - right).max(0.0), HEAD);
        ui.allocate_ui_with_layout(left, Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(left.x);
            ui.add(Label::new(theme::strong(title, theme::TEXT)).truncate());
        });
        if let Some(figure) = figure {
            hint(ui, cx.look, figure).on_hover_text(queue_hint(cx));
        }
        let (icon, name) = if unfolded {
            (ICON_EXPAND_MORE, fl!(cx.words, "server-fold"))
        } else {
            (ICON_CHEVRON_RIGHT, fl!(cx.words, "server-unfold"))
        };
        let button = controls::quiet_icon(ui, cx.look, icon, name);
        if !roomy {
            // There is no room for it among the conversations.
            Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
                ui.set_width(IN_FRONT);
                action = details(ui, cx);
            });
        } else if button.clicked() {
            action = Some(Action::Unfold(!unfolded));
        }
    });
    action
}

/// What the card shows unfolded.
fn details(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let server = cx.core.server();
    let mut limit = cx.settings.backlog;
    if let ServerState::Listening { local, backlog, accepting, .. } = server.state {
        limit = backlog;
        hint(ui, cx.look, wording::reach(cx, local.ip()));
        queue(ui, cx, server.waiting, backlog);
        if is_full(cx, server.waiting, backlog) {
            controls::wrong(ui, cx.look, fl!(cx.words, "queue-is-full"));
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 1.5 * STEP;
            ui.spacing_mut().button_padding.x = 2.0 * STEP;
            action = stop_or_pause(ui, cx, accepting, server.stepping);
        });
    }
    if let ServerState::Bound { local, group, .. } = server.state {
        hint(ui, cx.look, wording::reach(cx, local.ip()));
        hint(ui, cx.look, fl!(cx.words, "udp-server-hint"));
        if let Some(group) = group {
            hint(ui, cx.look, fl!(cx.words, "udp-in-group", group = group.ip.to_string()));
        }
        action = stop_button(ui, cx);
        return step_switch(ui, cx, server.stepping).or(action);
    }
    if server.state == ServerState::Stopped {
        action = transport(ui, cx).or(action.take());
    }
    if cx.serves_udp() {
        return step_switch(ui, cx, server.stepping).or(action);
    }
    let listening = matches!(server.state, ServerState::Listening { .. });
    ui.horizontal(|ui| {
        let right = if listening { STUDENTS } else { 0.0 };
        let left = vec2((ui.available_width() - right).max(0.0), theme::CONTROL);
        ui.allocate_ui_with_layout(left, Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(left.x);
            action = step_switch(ui, cx, server.stepping).or(action.take());
        });
        if listening {
            ui.spacing_mut().button_padding.x = 2.0 * STEP;
            action = students::menu(ui, cx).map(Action::Students).or(action.take());
        }
    });
    let figures = match cx.server_address().port() {
        0 => fl!(cx.words, "server-figures-any-port", backlog = limit),
        port => fl!(cx.words, "server-figures", port = port.to_string(), backlog = limit),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, 0.0);
        ui.spacing_mut().interact_size.y = 0.0;
        hint(ui, cx.look, figures);
        if ui.link(RichText::new(fl!(cx.words, "server-change")).size(theme::SMALL)).clicked() {
            action = UiCommand::Settings.resolve(cx).map(Action::Run);
        }
    });
    action
}

fn stop_or_pause(ui: &mut Ui, cx: &Cx<'_>, accepting: bool, stepping: bool) -> Option<Action> {
    let mut action = stop_button(ui, cx);
    if stepping {
        // Each accept is a step.
        return action;
    }
    let (name, request) = if accepting {
        (fl!(cx.words, "pause-accept"), ServerRequest::PauseAccepting)
    } else {
        (fl!(cx.words, "resume-accept"), ServerRequest::ResumeAccepting)
    };
    let keys = controls::keys(ui, cx.words, UiCommand::PauseOrResume);
    if ui.button(name).on_hover_text(format!("{} ({keys})", fl!(cx.words, "pause-accept-hint"))).clicked() {
        action = Some(Action::Ask(request));
    }
    action
}

fn stop_button(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let stop = ui.button(fl!(cx.words, "stop"));
    let clicked = stop.on_hover_text(controls::keys(ui, cx.words, UiCommand::StartOrStop)).clicked();
    clicked.then_some(Action::Ask(ServerRequest::Stop))
}

/// Whether each call waits for a step.
fn step_switch(ui: &mut Ui, cx: &Cx<'_>, stepping: bool) -> Option<Action> {
    ui.horizontal(|ui| {
        let name = fl!(cx.words, "step-by-step");
        let turned = controls::switch(ui, cx.look, &name, stepping);
        let words = RichText::new(name.as_str()).size(theme::SMALL).color(cx.look.weak);
        let label = Label::new(words).truncate();
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
        ui.add(Label::new(ip).truncate());
        hint(ui, cx.look, fl!(cx.words, "port-later"));
        return None;
    }
    address_button(ui, cx, &address.to_string(), live, theme::ADDRESS)
}

/// The address in letters as large as fit; a click asks for it to be copied.
pub fn address_button(ui: &mut Ui, cx: &Cx<'_>, address: &str, live: bool, largest: f32) -> Option<String> {
    let colour = if live { cx.look.text } else { cx.look.weak };
    // An IPv6 address is long: it shrinks before it is cut.
    let width = ui.available_width() - COPY - 2.0 * STEP;
    let size = (width / (address.len() as f32 * 0.62)).clamp(theme::SMALL, largest);
    let text = RichText::new(address).font(theme::mono(size)).color(colour);
    let copy = ICON_CONTENT_COPY.rich_text().size(COPY).color(cx.look.weak);
    let button = Button::new((text, copy)).frame_when_inactive(false).truncate();
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(0.0, 0.0);
        ui.spacing_mut().interact_size.y = HEAD;
        ui.add(button)
    });
    let response = response.inner;
    let name = fl!(cx.words, "copy-this-address", address = address);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    response.on_hover_text(fl!(cx.words, "click-to-copy")).clicked().then(|| address.to_owned())
}

fn state_dot(ui: &mut Ui, cx: &Cx<'_>, colour: Option<Color32>) {
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
    controls::dot(ui, cx.look, rect.center(), colour);
}

/// Width of small text.
fn small_width(ui: &Ui, text: &str) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), theme::small(), Color32::PLACEHOLDER).size().x
}

/// How many connections wait for accept, of how many that may. With no-break spaces, so that it stays in one piece.
fn queue_figure(cx: &Cx<'_>, backlog: u32) -> String {
    let waiting = cx.core.server().waiting.map_or_else(|| "–".to_owned(), |waiting| waiting.to_string());
    format!("{waiting}\u{a0}/\u{a0}{backlog}")
}

/// Whether the kernel gives no answer to further clients: Linux lets one more than the backlog wait.
fn is_full(cx: &Cx<'_>, waiting: Option<u32>, backlog: u32) -> bool {
    cfg!(target_os = "linux")
        && waiting.is_some_and(|waiting| waiting > backlog.min(cx.backlog_cap.unwrap_or(u32::MAX)))
}

fn queue_hint(cx: &Cx<'_>) -> String {
    let hint = match cx.core.server().waiting {
        Some(_) => fl!(cx.words, "accept-queue-hint"),
        None => fl!(cx.words, "accept-queue-unknown"),
    };
    format!("{}\n{hint}", fl!(cx.words, "accept-queue"))
}

/// How full the accept queue is: boxes for a small backlog, a bar for a large one; the figure alone where there is no
/// room for either.
fn queue(ui: &mut Ui, cx: &Cx<'_>, waiting: Option<u32>, backlog: u32) {
    let name = fl!(cx.words, "accept-queue");
    let figure = queue_figure(cx, backlog);
    let line = vec2(ui.available_width(), 18.0);
    let response = ui.allocate_ui_with_layout(line, Layout::left_to_right(Align::Center), |ui| {
        let room = ui.available_width() - small_width(ui, &name) - small_width(ui, &figure) - 4.0 * STEP;
        hint(ui, cx.look, name);
        let filled = waiting.unwrap_or(0);
        let size = backlog as f32 * (8.0 + STEP) - STEP;
        if (1..=8_u32).contains(&backlog) && size <= room {
            let (rect, _) = ui.allocate_exact_size(vec2(size, 10.0), Sense::hover());
            for n in 0..backlog {
                let fill = if n < filled { cx.look.wait } else { cx.look.line };
                let at = rect.min + vec2(n as f32 * (8.0 + STEP), 0.0);
                ui.painter().rect_filled(egui::Rect::from_min_size(at, vec2(8.0, 10.0)), 2.0, fill);
            }
        } else if room >= 6.0 * STEP {
            let (rect, _) = ui.allocate_exact_size(vec2(room.min(BOXES), 10.0), Sense::hover());
            ui.painter().rect(rect, 2.0, cx.look.line, Stroke::NONE, StrokeKind::Inside);
            let share = (filled as f32 / backlog.max(1) as f32).min(1.0);
            let full = egui::Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
            ui.painter().rect_filled(full, 2.0, cx.look.wait);
        }
        hint(ui, cx.look, figure);
    });
    response.response.on_hover_text(queue_hint(cx));
}
