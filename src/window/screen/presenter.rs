//! The projected window: the address to connect to across the top, the calls, and beside them one thing more.

use egui::{Align, Align2, CentralPanel, ComboBox, Frame, Label, Layout, Margin, Panel, RichText, Stroke, Ui, vec2};
use egui_material_icons::icons::{ICON_CLOSE, ICON_FULLSCREEN, ICON_FULLSCREEN_EXIT};
use i18n_embed_fl::fl;

use crate::core::{Key, ServerState};
use crate::window::{
    Cx,
    parts::{
        controls,
        conversation::{self, ConversationPanel},
        inspector::{self, Inspector, Tab, tab_button},
        notices::{ToastAction, Toasts},
        server_card,
        steps::{self, StepBar},
    },
    theme::{self, STEP},
    wording,
};

/// Size of the address, in points, where there is room.
const ADDRESS: f32 = 40.0;

/// Size of the figures beside it.
const FIGURE: f32 = 26.0;

/// Least width of the list of conversations, in points.
const NARROWEST: f32 = 130.0;

/// Height of the window, in points, below which the address is smaller.
const LOW: f32 = 440.0;

/// Conversations offered in the list; past it the keys lead to the others.
const OFFERED: usize = 100;

/// What leaves the projected window.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one a frame at most")]
pub enum Action {
    /// To have the usual window again.
    Leave,
    /// To fill the screen, or not.
    ToggleFullScreen,
    /// To start the server.
    StartServer,
    /// Select a conversation.
    Select(Key),
    /// A call to be made.
    Step(steps::Action),
    /// Something of the inspector, of which the calls always show.
    Inspector(inspector::Action),
    /// Something of the conversation.
    Conversation(conversation::Action),
    /// Something with a toast.
    Toast(ToastAction),
}

/// The projected window.
#[derive(Debug, Default)]
pub struct Presenter {
    /// The conversation is beside the calls, not a tab of the inspector.
    pub talk: bool,
}

impl Presenter {
    /// Draw it in all the window.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        toasts: &Toasts,
        inspector: &mut Inspector,
        conversation: &mut ConversationPanel,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        Panel::top("presenter-head")
            .resizable(false)
            .frame(Frame::new().fill(cx.look.side).inner_margin(Margin::symmetric(16, 8)))
            .show(ui, |ui| actions.extend(head(ui, cx)));
        if StepBar::Next.steps(cx).is_some() {
            Panel::bottom("presenter-steps")
                .resizable(false)
                .frame(Frame::new().fill(cx.look.side).inner_margin(Margin::symmetric(16, 8)))
                .show(ui, |ui| actions.extend(StepBar::Next.show(ui, cx).map(Action::Step)));
        }
        Panel::left("presenter-calls")
            .resizable(true)
            .default_size(ui.available_width() / 2.0)
            .min_size(ui.available_width() / 4.0)
            .max_size(ui.available_width() * 0.75)
            .frame(Frame::new().fill(cx.look.raised))
            .show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                actions.extend(inspector.calls.show(ui, cx).map(Action::Inspector));
            });
        CentralPanel::default().frame(Frame::new().fill(cx.look.ground)).show(ui, |ui| {
            Panel::top("presenter-tabs")
                .resizable(false)
                .frame(Frame::new().fill(cx.look.ground).inner_margin(Margin { left: 8, right: 8, top: 6, bottom: 0 }))
                .show(ui, |ui| actions.extend(self.tabs(ui, cx, inspector.tab)));
            if !self.talk && inspector.tab != Tab::Calls {
                actions.extend(toasts.show(ui, cx).map(Action::Toast));
            }
            actions.extend(match inspector.tab {
                _ if self.talk => conversation.show(ui, cx, toasts).map(Action::Conversation),
                Tab::Calls => conversation.show(ui, cx, toasts).map(Action::Conversation),
                Tab::Bytes => inspector.bytes.show(ui, cx).map(Action::Inspector),
                Tab::Connection => inspector.connection.show(ui, cx).map(Action::Inspector),
                Tab::Code => inspector.code.show(ui, cx).map(Action::Inspector),
            });
        });
        actions
    }

    /// What is beside the calls, and of whom.
    fn tabs(&mut self, ui: &mut Ui, cx: &Cx<'_>, tab: Tab) -> Option<Action> {
        let mut action = None;
        let talk = self.talk || tab == Tab::Calls;
        let mut named = false;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, STEP);
            if tab_button(ui, cx, fl!(cx.words, "tab-conversation"), talk) {
                self.talk = true;
            }
            for other in [Tab::Bytes, Tab::Connection, Tab::Code] {
                if tab_button(ui, cx, other.name(cx), !talk && tab == other) {
                    self.talk = false;
                    action = Some(Action::Inspector(inspector::Action::ShowTab(other)));
                }
            }
            if ui.available_size_before_wrap().x >= NARROWEST {
                action = whom(ui, cx).or(action.take());
                named = true;
            }
        });
        if !named {
            action = whom(ui, cx).or(action.take());
            ui.add_space(STEP);
        }
        let line = ui.min_rect().bottom();
        ui.painter().hline(ui.clip_rect().x_range(), line, Stroke::new(1.0, cx.look.line));
        action
    }
}

/// The list of conversations, since there is no sidebar.
fn whom(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let title = |key| cx.core.conversation(key).map(|conversation| cx.title(conversation)).unwrap_or_default();
    let width = ui.available_size_before_wrap().x.clamp(NARROWEST, 200.0) - 2.0 * STEP;
    let list = ComboBox::from_id_salt("presenter-whom").width(width).selected_text(title(cx.selected)).truncate();
    let response = controls::no_wider(ui, width, |ui| {
        list.show_ui(ui, |ui| {
            let conns = cx.core.conversations().rev().take(OFFERED).map(|(conn, _)| Key::Conn(conn));
            let people = cx.core.people().nearby().take(OFFERED).map(|person| Key::Person(person.id()));
            for key in std::iter::once(Key::Everyone).chain(conns).chain(people) {
                if ui.selectable_label(cx.selected == key, title(key)).clicked() {
                    action = Some(Action::Select(key));
                }
            }
        })
    });
    response.response.accessible_name(fl!(cx.words, "conversations"));
    action
}

/// The address in letters legible from the back row, and how many have come.
fn head(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let state = cx.core.server().state;
    let (address, live) = match state {
        ServerState::Listening { local, .. } | ServerState::Bound { local, .. } => {
            (cx.address_to_hand_out(local), true)
        }
        _ => (cx.address_to_come(), false),
    };
    let for_others = cx.is_for_others();
    ui.horizontal(|ui| {
        let largest = if ui.ctx().content_rect().height() < LOW { 0.7 * ADDRESS } else { ADDRESS };
        ui.set_height(largest + theme::SMALL + 3.0 * STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            let leave = fl!(cx.words, "presenter-leave");
            if controls::quiet_icon(ui, cx.look, ICON_CLOSE, leave).clicked() {
                action = Some(Action::Leave);
            }
            let full = ui.input(|input| input.viewport().fullscreen == Some(true));
            let icon = if full { ICON_FULLSCREEN_EXIT } else { ICON_FULLSCREEN };
            if controls::quiet_icon(ui, cx.look, icon, fl!(cx.words, "full-screen")).clicked() {
                action = Some(Action::ToggleFullScreen);
            }
            ui.add_space(2.0 * STEP);
            if let ServerState::Listening { backlog, .. } = state {
                let waiting = cx.core.server().waiting;
                let colour = if waiting.unwrap_or(0) > 0 { cx.look.wait } else { cx.look.text };
                let waiting = waiting.map_or_else(|| "–".to_owned(), |waiting| waiting.to_string());
                let queue = format!("{waiting}\u{a0}/\u{a0}{backlog}");
                figure(ui, cx, RichText::new(queue).color(colour), fl!(cx.words, "accept-queue"));
                ui.add_space(3.0 * STEP);
                let clients = cx.core.connected_clients();
                let name = fl!(cx.words, "presenter-clients", count = clients);
                figure(ui, cx, RichText::new(clients.to_string()), name);
                ui.add_space(2.0 * STEP);
            } else if !live
                && !cx.core.server().stepping
                && controls::primary(ui, cx.look, server_card::start_name(cx)).clicked()
            {
                action = Some(Action::StartServer);
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let above = match (live, for_others) {
                    (true, true) if cx.core.server().udp().is_some() => fl!(cx.words, "udp-presenter-send-to"),
                    (true, true) => fl!(cx.words, "presenter-connect-to"),
                    (true, false) => wording::reach(cx, cx.server_address().ip()),
                    (false, _) => wording::server_stopped(cx),
                };
                controls::hint(ui, cx.look, above);
                let text = address.to_string();
                let fits = ui.available_width() / (text.chars().count().max(1) as f32 * 0.62);
                let colour = if live { cx.look.text } else { cx.look.weak };
                let text = RichText::new(text).font(theme::mono(fits.clamp(theme::TEXT, largest))).color(colour);
                ui.add(Label::new(text).selectable(true).extend());
            });
        });
    });
    let line = ui.min_rect().bottom() + 8.0;
    ui.painter().hline(ui.clip_rect().x_range(), line, Stroke::new(1.0, cx.look.line));
    action
}

/// A figure over its name.
fn figure(ui: &mut Ui, cx: &Cx<'_>, figure: RichText, name: String) {
    let weak = cx.look.weak;
    let painter = ui.painter().clone();
    let galley = painter.layout_no_wrap(name, theme::small(), weak);
    let number = figure.text().to_owned();
    let font = theme::mono(FIGURE);
    let width = (number.chars().count() as f32 * FIGURE * 0.62).max(galley.size().x);
    let (rect, response) = ui.allocate_exact_size(vec2(width, FIGURE + theme::SMALL + 10.0), egui::Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, format!("{} {number}", galley.text()))
    });
    let mut job = egui::text::LayoutJob::default();
    figure.font(font).append_to(&mut job, ui.style(), egui::FontSelection::Default, Align::Center);
    let big = painter.layout_job(job);
    let at = Align2::CENTER_TOP.align_size_within_rect(big.size(), rect).min;
    painter.galley(at, big, cx.look.text);
    let at = Align2::CENTER_BOTTOM.align_size_within_rect(galley.size(), rect).min;
    painter.galley(at, galley, weak);
}
