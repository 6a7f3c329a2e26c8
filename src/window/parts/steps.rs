//! Step by step: the button for the next call, what that call will do, and the other calls to try.

use egui::{Align, Button, Label, Layout, Popup, RichText, ScrollArea, Stroke, Ui, vec2};
use egui_material_icons::icons::ICON_ARROW_DROP_DOWN;
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{
    Cx,
    command::UiCommand,
    theme::{self, STEP},
    to_open, wording,
};
use crate::{
    chat::Origin,
    core::{Key, Step, Steps, steps},
    net::{ConnId, ConnStep, ListenStep, SocketOption, UdpStep},
};

/// From this width on, in points, what a call does is beside its button.
const WIDE: f32 = 440.0;

/// What is asked for with the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make this call, whatever the order.
    Make(Step),
    /// Have this connection continue by itself.
    StopStepping(ConnId),
}

/// The bar with the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepBar {
    /// Of the server: its listening socket, or the client that it serves.
    Server,
    /// Of one connection.
    Conn(ConnId),
    /// Of whatever the key would step.
    Next,
}

impl StepBar {
    /// Draw it; nothing, where nothing is stepped.
    pub fn show(self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let steps = self.steps(cx)?;
        let by_key = to_open::next_step(cx).is_some_and(|next| next.next == steps.next);
        let keys = fl!(cx.words, "step-keys", key = controls::keys(ui, cx.words, UiCommand::NextStep));
        if ui.available_width() < WIDE {
            let mut action = Self::button(ui, cx, &steps);
            self.describe(ui, cx, &steps);
            ui.horizontal_wrapped(|ui| {
                action = Self::others(ui, cx, &steps).or(action.take());
                if by_key {
                    controls::hint(ui, cx.look, keys);
                }
            });
            return action;
        }
        let mut action = None;
        ui.horizontal(|ui| {
            action = Self::button(ui, cx, &steps);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                action = Self::others(ui, cx, &steps).or(action.take());
                if by_key {
                    controls::hint(ui, cx.look, keys);
                }
                ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| {
                    let mut text = description(cx, &steps);
                    if let Some(peer) = self.peer(cx, &steps) {
                        text = format!("{peer}\n{text}");
                    }
                    let text = RichText::new(text).size(theme::SMALL).color(cx.look.weak);
                    ui.add(Label::new(text).wrap());
                });
            });
        });
        action
    }

    /// What it would show, if anything.
    #[must_use]
    pub fn steps(self, cx: &Cx<'_>) -> Option<Steps> {
        match self {
            Self::Server => to_open::next_of_server(cx),
            Self::Conn(conn) => steps::of_conn(cx.core, conn),
            Self::Next => to_open::next_step(cx),
        }
    }

    fn button(ui: &mut Ui, cx: &Cx<'_>, steps: &Steps) -> Option<Action> {
        let call = call(steps.next);
        let words = if steps.waits {
            fl!(cx.words, "step-waits", call = call)
        } else {
            fl!(cx.words, "step-next", call = call)
        };
        let (fill, ink) = if steps.waits {
            (cx.look.raised, cx.look.wait)
        } else if cx.core.lab().is_some() {
            // The main button is the lab's.
            (cx.look.raised, cx.look.text)
        } else {
            (cx.look.accent, cx.look.on_accent)
        };
        let stroke = if fill == cx.look.raised { Stroke::new(1.0, cx.look.line) } else { Stroke::NONE };
        let text = theme::strong(words, theme::TEXT + 1.0).color(ink);
        let width = if ui.available_width() < WIDE { ui.available_width() } else { 0.0 };
        let button = Button::new(text).fill(fill).stroke(stroke).min_size(vec2(width, theme::CONTROL + 2.0 * STEP));
        let clicked = ui.add_enabled(!steps.waits, button).clicked();
        clicked.then_some(Action::Make(steps.next))
    }

    /// In one sentence, what the next call will do; and on which socket, where that is not plain.
    fn describe(self, ui: &mut Ui, cx: &Cx<'_>, steps: &Steps) {
        if let Some(peer) = self.peer(cx, steps) {
            let peer = RichText::new(peer).font(theme::mono(theme::SMALL)).color(cx.look.text);
            ui.add(Label::new(peer).truncate());
        }
        controls::hint(ui, cx.look, description(cx, steps));
    }

    /// Whose socket the next call is made on, where the bar is not in its conversation.
    fn peer(self, cx: &Cx<'_>, steps: &Steps) -> Option<String> {
        let conn = steps.next.conn().filter(|_| !matches!(self, Self::Conn(_)))?;
        cx.core.conversation(Key::Conn(conn)).map(|conversation| cx.title(conversation))
    }

    fn others(ui: &mut Ui, cx: &Cx<'_>, steps: &Steps) -> Option<Action> {
        let mut action = None;
        let text = format!("{} {}", fl!(cx.words, "step-others"), ICON_ARROW_DROP_DOWN.codepoint);
        let response = ui.button(text).accessible_name(fl!(cx.words, "step-others"));
        Popup::menu(&response).show(|ui| {
            let height = (ui.ctx().content_rect().height() - 48.0).max(80.0);
            ScrollArea::vertical().max_height(height).show(ui, |ui| action = calls(ui, cx, steps));
        });
        action
    }
}

/// The calls to try, under the socket that each is made on.
fn calls(ui: &mut Ui, cx: &Cx<'_>, steps: &Steps) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(180.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut of = None;
    for step in &steps.all {
        if of != Some(step.conn()) {
            of = Some(step.conn());
            let name = match step.conn().and_then(|conn| cx.core.conversation(Key::Conn(conn))) {
                None if matches!(step, Step::UdpServer(_)) => fl!(cx.words, "step-udp-socket"),
                None => fl!(cx.words, "step-listening-socket"),
                Some(conversation) => cx.title(conversation),
            };
            ui.add_space(STEP);
            controls::hint(ui, cx.look, name);
        }
        let call = call(*step);
        let name = match step {
            Step::Server(_) | Step::UdpServer(_) | Step::UdpConn(..) => {
                fl!(cx.words, "step-try", call = call.as_str())
            }
            Step::Conn(..) => fl!(cx.words, "step-try-conn", call = call.as_str()),
        };
        let text = RichText::new(call).font(theme::mono(theme::TEXT));
        if ui.add(Button::new(text).frame_when_inactive(false)).accessible_name(name).clicked() {
            ui.close();
            action = Some(Action::Make(*step));
        }
    }
    // The server's clients go on with the server.
    if let Some(conn) = steps.next.conn().filter(|conn| !is_accepted(cx, *conn)) {
        ui.separator();
        if ui.add(Button::new(fl!(cx.words, "step-go-on")).frame_when_inactive(false)).clicked() {
            ui.close();
            action = Some(Action::StopStepping(conn));
        }
    }
    action
}

/// A call as a programmer writes it, without its arguments.
fn call(step: Step) -> String {
    format!("{}()", step.name())
}

fn is_accepted(cx: &Cx<'_>, conn: ConnId) -> bool {
    cx.core.conversation(Key::Conn(conn)).is_some_and(|c| c.origin == Origin::Accepted)
}

fn description(cx: &Cx<'_>, steps: &Steps) -> String {
    let settings = cx.settings;
    match steps.next {
        Step::UdpServer(step) => udp_description(cx, None, step, steps.waits),
        Step::UdpConn(conn, step) => udp_description(cx, Some(conn), step, steps.waits),
        Step::Server(step) => match step {
            ListenStep::Socket => fl!(cx.words, "step-does-socket"),
            ListenStep::ReuseAddress => match SocketOption::of_server(true) {
                SocketOption::ExclusiveAddress(_) => fl!(cx.words, "step-does-exclusive"),
                _ => fl!(cx.words, "step-does-reuse"),
            },
            ListenStep::Bind => {
                fl!(cx.words, "step-does-bind", address = cx.listen_at.to_string())
            }
            ListenStep::Listen => fl!(cx.words, "step-does-listen", backlog = settings.backlog),
            ListenStep::Accept if steps.waits => fl!(cx.words, "step-waits-accept"),
            ListenStep::Accept => match cx.core.server().waiting {
                Some(waiting @ 1..) => fl!(cx.words, "step-does-accept-waiting", count = waiting),
                Some(0) => fl!(cx.words, "step-does-accept-nobody"),
                None => fl!(cx.words, "step-does-accept"),
            },
            ListenStep::Close => fl!(cx.words, "step-does-close-listener"),
        },
        Step::Conn(conn, step) => {
            let Some(conversation) = cx.core.conversation(Key::Conn(conn)) else { return String::new() };
            let size = conversation.manner().options.recv_size;
            match step {
                ConnStep::Socket => fl!(cx.words, "step-does-socket-client"),
                ConnStep::Connect if steps.waits => fl!(cx.words, "step-waits-connect"),
                ConnStep::Connect => {
                    let Origin::Outgoing { host, port } = &conversation.origin else { return String::new() };
                    fl!(cx.words, "step-does-connect", address = wording::join(host, *port))
                }
                ConnStep::Recv if steps.waits => fl!(cx.words, "step-waits-recv"),
                ConnStep::Recv => fl!(cx.words, "step-does-recv", bytes = size),
                ConnStep::Send if steps.waits => fl!(cx.words, "step-waits-send"),
                ConnStep::Send => fl!(cx.words, "step-does-send"),
                ConnStep::FinishSending => fl!(cx.words, "finish-sending-hint"),
                ConnStep::Close => fl!(cx.words, "step-does-close"),
            }
        }
    }
}

fn udp_description(cx: &Cx<'_>, conn: Option<ConnId>, step: UdpStep, waits: bool) -> String {
    let conversation = conn.and_then(|conn| cx.core.conversation(Key::Conn(conn)));
    match step {
        UdpStep::Socket => fl!(cx.words, "step-does-udp-socket"),
        UdpStep::ReuseAddress => fl!(cx.words, "step-does-udp-reuse"),
        UdpStep::Bind => {
            let own = conversation.map(|conversation| conversation.manner().options.local);
            let ours = cx.core.server().udp().map_or(cx.listen_at, |options| options.address);
            let address = own.unwrap_or(Some(ours)).map(|address| address.to_string());
            match address {
                Some(address) => fl!(cx.words, "step-does-udp-bind", address = address),
                None => fl!(cx.words, "step-does-udp-bind-any"),
            }
        }
        UdpStep::JoinGroup => fl!(cx.words, "step-does-join", group = cx.settings.udp_group.trim()),
        UdpStep::RecvFrom if waits => fl!(cx.words, "step-waits-recvfrom"),
        UdpStep::RecvFrom => fl!(cx.words, "step-does-recvfrom"),
        UdpStep::SendTo if waits => fl!(cx.words, "step-waits-send"),
        UdpStep::SendTo if conversation.is_some_and(|conversation| conversation.waiting() == 0) => {
            fl!(cx.words, "step-does-sendto-empty")
        }
        UdpStep::SendTo => fl!(cx.words, "step-does-sendto"),
        UdpStep::Close => fl!(cx.words, "step-does-close-udp"),
    }
}
