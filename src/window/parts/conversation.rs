//! One conversation: its head, its transcript and its composer.

use egui::{Align, Button, Frame, Layout, Margin, Panel, Popup, RichText, Stroke, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons::ICON_MORE_HORIZ;
use i18n_embed_fl::fl;

use crate::window::{
    Cx,
    command::UiCommand,
    fonts,
    parts::{
        composer::{self, Composer},
        conn_menu, controls, diagnosis,
        find::{self, FindBar},
        inspector::Tab,
        notices::{ToastAction, Toasts},
        person_bar, person_menu, reconnecting, replies,
        steps::{self, StepBar},
        transcript::{self, Form, Transcript},
        unfinished,
    },
    request::ConnRequest,
    shield::Shield,
    theme, wording,
};
use crate::{
    chat::{Origin, RowNumber},
    core::{Conversation, Key, Recording, Sight},
    net::{ConnId, SocketId},
};

/// Height, in points, from which a projected conversation has its own head.
const HEADER_MIN_HEIGHT: f32 = 420.0;

/// With less room than this beside it, the shield has no words.
const CHIP_WITH_WORDS: f32 = 330.0;

/// What is asked for in a conversation.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one a frame at most")]
pub enum Action {
    /// To go to another conversation.
    Select(Key),
    /// The inspector beside it.
    ShowInspector,
    /// This tab of it.
    ShowTab(Tab),
    /// Something of its connection.
    Conn(ConnId, conn_menu::Action),
    /// Something of the person it is with.
    Person(person_menu::Action),
    /// A call to be made.
    Step(steps::Action),
    /// Something that was written, or how.
    Composer(composer::Action),
    /// Something about what is looked for in it.
    Find(find::Action),
    /// Something about its rows.
    Transcript(transcript::Action),
    /// Something with a toast.
    Toast(ToastAction),
}

fn asked(conn: ConnId, request: ConnRequest) -> Action {
    Action::Conn(conn, conn_menu::Action::Ask(request))
}

/// The open conversation.
#[derive(Debug, Default)]
pub struct ConversationPanel {
    /// What is being written, for each conversation.
    pub composer: Composer,
    /// What is looked for in it.
    pub find: FindBar,
    transcript: Transcript,
    /// How high the panel with the field was when it was drawn last.
    written_in: f32,
}

impl ConversationPanel {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, toasts: &Toasts) -> Option<Action> {
        let key = cx.selected;
        let conversation = cx.core.conversation(key)?;
        let mut action = None;
        // The projected window names it above: where that leaves little room, once is enough.
        if !cx.presenting || ui.available_height() >= HEADER_MIN_HEIGHT {
            Panel::top("conversation-head")
                .resizable(false)
                .frame(Frame::new().inner_margin(Margin::symmetric(16, 8)))
                .show(ui, |ui| action = head(ui, cx, key, conversation, &mut self.transcript));
        }
        action = diagnosis::show(ui, cx, key).map(Action::ShowTab).or(action);
        action = self.find.show(ui, cx, key, conversation).map(Action::Find).or(action);
        let panel = Panel::bottom("composer")
            .resizable(false)
            .frame(Frame::new().inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 8 }))
            .show(ui, |ui| {
                // The server's clients are stepped with the server, and so is who its UDP socket has heard.
                let of_server = conversation.udp.is_some_and(|over| matches!(over.socket, SocketId::Listener(_)));
                if let Key::Conn(conn) = key
                    && conversation.origin != Origin::Accepted
                    && !of_server
                    && !cx.presenting
                    && let Some(asked) = StepBar::Conn(conn).show(ui, cx)
                {
                    action = Some(Action::Step(asked));
                }
                if let Key::Person(id) = key
                    && let Some(person) = cx.core.people().get(id)
                    && !cx.presenting
                {
                    action = person_bar::show(ui, cx, person).map(Action::Person).or(action.take());
                }
                if key == Key::Everyone
                    && let Some(conn) = replies::show(ui, cx, conversation)
                {
                    action = Some(Action::Select(Key::Conn(conn)));
                }
                if let Key::Conn(conn) = key
                    && let Some(request) = reconnecting::show(ui, cx, conn)
                {
                    action = Some(asked(conn, request));
                }
                action = unfinished::show(ui, cx, key, conversation).map(Action::Composer).or(action.take());
                action = self.composer.show(ui, cx, key, conversation).map(Action::Composer).or(action.take());
            });
        // It is placed by the height that it had: what it has grown by is in sight a frame later.
        let height = panel.response.rect.height();
        if height > self.written_in {
            ui.ctx().request_repaint();
        }
        self.written_in = height;
        // Above what is being written, which does not move.
        action = toasts.show(ui, cx).map(Action::Toast).or(action);
        egui::CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin { left: 16, right: 6, top: 0, bottom: 0 }))
            .show(ui, |ui| {
                self.transcript.mark(key, self.find.found());
                action = self.transcript.show(ui, cx, key, conversation).map(Action::Transcript).or(action.take());
            });
        action
    }

    /// Draw its rows alone, where there is no room for more.
    pub fn show_rows(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let key = cx.selected;
        let conversation = cx.core.conversation(key)?;
        egui::CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin { left: 16, right: 6, top: 0, bottom: 0 }))
            .show(ui, |ui| self.transcript.show(ui, cx, key, conversation))
            .inner
            .map(Action::Transcript)
    }

    /// Have the end of a conversation in sight, as after sending.
    pub fn to_end(&mut self, key: Key) {
        self.transcript.to_end(key);
    }

    /// Have this row in sight.
    pub fn to_row(&mut self, key: Key, row: RowNumber) {
        self.transcript.to_row(key, row);
    }

    /// What is in sight, if it was drawn since this was asked last.
    pub fn take_sight(&mut self) -> Option<Sight> {
        self.transcript.take_sight()
    }

    /// Forget what was kept of conversations that are gone.
    pub fn keep_only(&mut self, lives: impl Fn(Key) -> bool) {
        self.composer.keep_only(&lives);
        self.transcript.keep_only(&lives);
    }
}

fn head(
    ui: &mut Ui,
    cx: &Cx<'_>,
    key: Key,
    conversation: &Conversation,
    transcript: &mut Transcript,
) -> Option<Action> {
    let mut action = None;
    let title = cx.title(conversation);
    let is_address =
        matches!(key, Key::Conn(_) | Key::Past(_)) && conversation.name.is_none() && conversation.student.is_none();
    let title_font = if is_address { theme::mono(theme::TEXT + 1.0) } else { fonts::semibold(theme::TEXT + 1.0) };
    ui.horizontal(|ui| {
        ui.set_height(44.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !cx.inspecting && controls::command_button(ui, cx.words, UiCommand::Inspector) {
                action = Some(Action::ShowInspector);
            }
            if let Key::Person(id) = key
                && let Some(person) = cx.core.people().get(id)
            {
                let more = controls::icon_button(ui, ICON_MORE_HORIZ, fl!(cx.words, "conversation-menu"));
                Popup::menu(&more).show(|ui| {
                    action = person_menu::show(ui, cx, person).map(Action::Person).or(action.take());
                });
            }
            if let Key::Conn(conn) = key {
                let more = controls::icon_button(ui, ICON_MORE_HORIZ, fl!(cx.words, "conversation-menu"));
                Popup::menu(&more).show(|ui| {
                    controls::tall_menu(ui, |ui| {
                        forms(ui, cx, key, transcript);
                        ui.separator();
                        action = conn_menu::show(ui, cx, conn, conversation).map(|asked| Action::Conn(conn, asked));
                    });
                });
                if conversation.state.is_under_way() && ui.button(fl!(cx.words, "cancel")).clicked() {
                    action = Some(asked(conn, ConnRequest::CancelConnect));
                }
                if conversation.state.is_over()
                    && matches!(conversation.origin, Origin::Outgoing { .. })
                    && conversation.is_kept()
                    && controls::primary(ui, cx.look, fl!(cx.words, "connect-again")).clicked()
                {
                    action = Some(asked(conn, ConnRequest::ConnectAgain));
                }
                if conversation.state.is_over()
                    && matches!(conversation.origin, Origin::Datagrams { .. })
                    && conversation.is_kept()
                    && controls::primary(ui, cx.look, fl!(cx.words, "udp-again")).clicked()
                {
                    action = Some(asked(conn, ConnRequest::ConnectAgain));
                }
                // The sidebar has the state too: an address is not cut for it, whose end is the port.
                let colour = cx.state_colour(conversation).unwrap_or(cx.look.weak);
                let state = wording::short_state(cx, conversation);
                let width_of = |text: &str, font| ui.painter().layout_no_wrap(text.to_owned(), font, colour).size().x;
                let address = if is_address { width_of(&title, title_font.clone()) } else { 0.0 };
                let both = address + width_of(&state, theme::small()) + 2.0 * ui.spacing().item_spacing.x;
                if ui.available_width() > both.max(220.0) {
                    ui.label(RichText::new(state).size(theme::SMALL).color(colour));
                }
            }
            if let Some(shield) = Shield::of(cx.core, key)
                && chip(ui, cx, shield)
            {
                action = Some(Action::Person(person_menu::Action::ShowProtection));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add_space(2.0);
                ui.add(egui::Label::new(RichText::new(title).font(title_font)).truncate().selectable(true));
                let full = wording::subtitle(cx, key, conversation);
                // The line is as high as its text, not as a button.
                ui.spacing_mut().interact_size.y = 0.0;
                ui.horizontal(|ui| {
                    // Who does not answer acknowledges nothing either: it is said once.
                    let silent = conversation.silent_since.map(|since| wording::silent(cx, conversation, since));
                    let not_acknowledged = || {
                        let words = wording::not_acknowledged(ui, cx, conversation.oldest_unacknowledged_since())?;
                        Some((words, fl!(cx.words, "not-acknowledged-hint")))
                    };
                    if let Some((words, hint)) = silent.or_else(not_acknowledged) {
                        ui.label(RichText::new(words).size(theme::SMALL).color(cx.look.wait)).on_hover_text(hint);
                    }
                    let width = ui.painter().layout_no_wrap(full.clone(), theme::small(), cx.look.weak).size().x;
                    let fits = width <= ui.available_width();
                    let text = if fits { full.clone() } else { wording::short_subtitle(cx, key, conversation) };
                    let text = RichText::new(text).size(theme::SMALL).color(cx.look.weak);
                    let shown = ui.add(egui::Label::new(text).truncate().selectable(true));
                    if !fits {
                        shown.on_hover_text(full);
                    }
                });
            });
        });
    });
    if let (Key::Conn(conn), Some(recording)) = (key, &conversation.recording) {
        action = recording_line(ui, cx, conn, recording).or(action.take());
    }
    let line = ui.min_rect().bottom() + 8.0;
    ui.painter().hline(ui.clip_rect().x_range(), line, Stroke::new(1.0, cx.look.line));
    action
}

/// How the conversation is protected: a click says what that means. Its icon alone, where there is no room for its words.
fn chip(ui: &mut Ui, cx: &Cx<'_>, shield: Shield) -> bool {
    let (name, colour) = (shield.name(cx.words), shield.colour(cx.look));
    let icon = shield.icon().rich_text().size(16.0).color(colour);
    let roomy = ui.available_width() > CHIP_WITH_WORDS;
    let text = RichText::new(&name).size(theme::SMALL).color(colour);
    let button = if roomy { Button::new((icon, text)) } else { Button::new(icon) };
    let fill = if shield == Shield::NewKey { cx.look.bad_ground } else { cx.look.raised };
    let response =
        ui.add(button.fill(fill).corner_radius(theme::CONTROL as u8 / 2).stroke(Stroke::new(1.0, cx.look.line)));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    response.on_hover_text(shield.hint(cx.words)).clicked()
}

/// What of the messages is shown: text, bytes, or both.
fn forms(ui: &mut Ui, cx: &Cx<'_>, key: Key, transcript: &mut Transcript) {
    let now = transcript.form(key);
    for (form, name) in [
        (Form::Text, fl!(cx.words, "show-as-text")),
        (Form::Hex, fl!(cx.words, "show-as-hex")),
        (Form::Both, fl!(cx.words, "show-as-both")),
    ] {
        let response = ui.add(Button::selectable(form == now, name.as_str()));
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, form == now, name.as_str()));
        if response.clicked() {
            transcript.show_as(key, form);
            ui.close();
        }
    }
    let exact = transcript.exact_times(key);
    let name = fl!(cx.words, "show-exact-times");
    let response = ui.add(Button::selectable(exact, name.as_str()));
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, exact, name.as_str()));
    if response.clicked() {
        transcript.show_exact_times(key, !exact);
        ui.close();
    }
}

/// Where what comes is recorded.
fn recording_line(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, recording: &Recording) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        let (dot, _) = ui.allocate_exact_size(egui::vec2(10.0, theme::CONTROL), egui::Sense::hover());
        controls::dot(ui, cx.look, dot.center(), Some(cx.look.bad));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button(fl!(cx.words, "record-stop")).clicked() {
                action = Some(asked(conn, ConnRequest::StopRecording));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = recording.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let count = recording.bytes;
                let words = if recording.waits {
                    fl!(cx.words, "recording-waits", name = name)
                } else {
                    fl!(cx.words, "recording", name = name, count = count)
                };
                let response = ui.add(egui::Label::new(RichText::new(words).size(theme::SMALL)).truncate());
                response.on_hover_text(recording.path.display().to_string());
            });
        });
    });
    action
}
