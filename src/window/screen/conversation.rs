//! One conversation: its head, its transcript and its composer.

use egui::{Align, Button, Frame, Layout, Margin, Panel, Popup, RichText, Stroke, Ui};
use egui_material_icons::icons::{ICON_MORE_HORIZ, ICON_RIGHT_PANEL_OPEN};
use i18n_embed_fl::fl;

use super::history;
use crate::window::{
    Action, Cx, grouped,
    parts::{
        composer::Composer,
        controls,
        file_dialog::{Exported, FileWanted},
        sidebar,
        steps::StepBar,
        transcript::{Sight, Transcript},
    },
    theme::{self, STEP},
};
use crate::{
    chat::{Origin, RowNumber},
    core::{ConnState, Conversation, Key, Manner, PastState, Recording},
    history::Format,
    net::{AutoReply, CloseReason, ConnId},
    settings::Settings,
    wire::text,
};

/// Height, in points, from which a projected conversation has its own head.
const HEAD_TOO: f32 = 420.0;

/// The open conversation.
#[derive(Debug, Default)]
pub struct ConversationPanel {
    /// What is being written, for each conversation.
    pub composer: Composer,
    transcript: Transcript,
}

impl ConversationPanel {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let key = cx.selected;
        let conversation = cx.model.conversation(key)?;
        let look = cx.look;
        let mut action = None;
        // The projected window names it above: where that leaves little room, once is enough.
        if !cx.presenting || ui.available_height() >= HEAD_TOO {
            Panel::top("conversation-head")
                .resizable(false)
                .frame(Frame::new().fill(look.ground).inner_margin(Margin::symmetric(16, 8)))
                .show(ui, |ui| action = head(ui, cx, key, conversation));
        }
        Panel::bottom("composer")
            .resizable(false)
            .frame(Frame::new().fill(look.ground).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 8 }))
            .show(ui, |ui| {
                // The server's clients are stepped with the server.
                if let Key::Conn(conn) = key
                    && conversation.origin != Origin::Accepted
                    && !cx.presenting
                    && let Some(asked) = StepBar::Conn(conn).show(ui, cx)
                {
                    action = Some(asked);
                }
                action = self.composer.show(ui, cx, key, conversation).or(action.take());
            });
        egui::CentralPanel::default()
            .frame(Frame::new().fill(look.ground).inner_margin(Margin { left: 16, right: 6, top: 0, bottom: 0 }))
            .show(ui, |ui| action = self.transcript.show(ui, cx, key, conversation).or(action.take()));
        action
    }

    /// Draw its rows alone, where there is no room for more.
    pub fn show_rows(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let key = cx.selected;
        let conversation = cx.model.conversation(key)?;
        egui::CentralPanel::default()
            .frame(Frame::new().fill(cx.look.ground).inner_margin(Margin { left: 16, right: 6, top: 0, bottom: 0 }))
            .show(ui, |ui| self.transcript.show(ui, cx, key, conversation))
            .inner
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

    /// Forget what was kept of a conversation that is no more.
    pub fn forget(&mut self, key: Key) {
        self.composer.forget(key);
        self.transcript.forget(key);
    }
}

fn head(ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
    let mut action = None;
    let title = cx.title(conversation);
    ui.horizontal(|ui| {
        ui.set_height(44.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !cx.inspecting && controls::icon_button(ui, ICON_RIGHT_PANEL_OPEN, fl!(cx.words, "inspector")).clicked()
            {
                action = Some(Action::ToggleInspector);
            }
            if let Key::Conn(conn) = key {
                let more = controls::icon_button(ui, ICON_MORE_HORIZ, fl!(cx.words, "conversation-menu"));
                Popup::menu(&more).show(|ui| action = menu(ui, cx, conn, conversation));
                if conversation.state.is_under_way() && ui.button(fl!(cx.words, "cancel")).clicked() {
                    action = Some(Action::CancelConnect(conn));
                }
                if conversation.state.is_over()
                    && matches!(conversation.origin, Origin::Outgoing { .. })
                    && !conversation.is_students_own()
                    && controls::primary(ui, cx.look, fl!(cx.words, "connect-again")).clicked()
                {
                    action = Some(Action::ConnectAgain(conn));
                }
                let colour = sidebar::dot_colour(cx, conversation).unwrap_or(cx.look.weak);
                let state = short_state(cx, conversation);
                if ui.available_width() > 220.0 {
                    ui.label(RichText::new(state).size(theme::SMALL).color(colour));
                }
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add_space(2.0);
                let title = if conversation.name.is_none() && conversation.student.is_none() && key != Key::Everyone {
                    RichText::new(title).font(theme::mono(theme::TEXT + 1.0))
                } else {
                    theme::strong(title, theme::TEXT + 1.0)
                };
                ui.add(egui::Label::new(title).truncate().selectable(true));
                let text = RichText::new(subtitle(cx, key, conversation)).size(theme::SMALL).color(cx.look.weak);
                ui.add(egui::Label::new(text).truncate().selectable(true));
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

/// Where what comes is recorded.
fn recording_line(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, recording: &Recording) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        let (dot, _) = ui.allocate_exact_size(egui::vec2(10.0, theme::CONTROL), egui::Sense::hover());
        crate::window::parts::server_card::dot(ui, cx, dot.center(), Some(cx.look.bad));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button(fl!(cx.words, "record-stop")).clicked() {
                action = Some(Action::StopRecording(conn));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = recording.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let (count, shown) = (recording.bytes, grouped(recording.bytes));
                let words = fl!(cx.words, "recording", name = name, count = count, shown = shown);
                let response = ui.add(egui::Label::new(RichText::new(words).size(theme::SMALL)).truncate());
                response.on_hover_text(recording.path.display().to_string());
            });
        });
    });
    action
}

fn short_state(cx: &Cx<'_>, conversation: &Conversation) -> String {
    match conversation.state {
        ConnState::LookingUp(_) | ConnState::Connecting(_) => fl!(cx.words, "state-new"),
        _ => sidebar::state_text(cx, conversation),
    }
}

fn subtitle(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> String {
    if key == Key::Everyone {
        return fl!(cx.words, "everyone-subtitle", count = cx.model.connected_clients());
    }
    match (&conversation.origin, conversation.peer, conversation.local) {
        (Origin::Accepted, Some(peer), Some(local)) => {
            fl!(cx.words, "accepted-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        (_, Some(peer), Some(local)) => {
            fl!(cx.words, "outgoing-subtitle", peer = peer.to_string(), local = local.to_string())
        }
        _ => sidebar::state_text(cx, conversation),
    }
}

/// What can be done with a connection.
pub fn menu(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, conversation: &Conversation) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(210.0);
    let item = |ui: &mut Ui, enabled: bool, text: String, hint: Option<String>, what: Action| {
        let mut response = ui.add_enabled(enabled, Button::new(text).frame_when_inactive(false));
        if let Some(hint) = hint {
            response = response.on_hover_text(hint);
        }
        if response.clicked() {
            ui.close();
            Some(what)
        } else {
            None
        }
    };
    let live = !conversation.state.is_over() && !conversation.state.is_under_way();
    action = item(ui, true, fl!(cx.words, "rename"), None, Action::AskName(conn)).or(action);
    if let Some(peer) = conversation.peer {
        action = item(ui, true, fl!(cx.words, "copy-address"), None, Action::Copy(peer.to_string())).or(action);
    }
    let why = why_no_export(cx);
    let wanted = FileWanted::Export { what: Exported::Conversation(Key::Conn(conn)), format: Format::Text };
    action = item(ui, why.is_none(), fl!(cx.words, "export"), None, Action::AskFile(wanted)).or(action);
    if let Some(why) = why {
        ui.set_max_width(260.0);
        controls::hint(ui, cx.look, why);
    }
    if conversation.recording.is_some() {
        action = item(ui, true, fl!(cx.words, "record-stop"), None, Action::StopRecording(conn)).or(action);
    } else if live {
        let wanted = FileWanted::Record(conn);
        action = item(ui, true, fl!(cx.words, "record"), None, Action::AskFile(wanted)).or(action);
    }
    ui.separator();
    if live {
        ui.menu_button(fl!(cx.words, "auto-reply"), |ui| {
            action = auto_reply(ui, cx, conn, conversation).or(action.take());
        });
        let hint = Some(fl!(cx.words, "finish-sending-hint"));
        let can = conversation.state.can_send();
        action = item(ui, can, fl!(cx.words, "finish-sending"), hint, Action::FinishSending(conn)).or(action);
        let hint = Some(fl!(cx.words, "close-hint"));
        action = item(ui, true, fl!(cx.words, "close"), hint, Action::Close(conn)).or(action);
        let hint = Some(fl!(cx.words, "reset-hint"));
        action = item(ui, true, fl!(cx.words, "reset"), hint, Action::Reset(conn)).or(action);
    } else if conversation.state.is_under_way() {
        action = item(ui, true, fl!(cx.words, "cancel"), None, Action::CancelConnect(conn)).or(action);
    } else if !conversation.is_students_own() {
        if matches!(conversation.origin, Origin::Outgoing { .. }) {
            action = item(ui, true, fl!(cx.words, "connect-again"), None, Action::ConnectAgain(conn)).or(action);
        }
        action = item(ui, true, fl!(cx.words, "remove"), None, Action::Remove(conn)).or(action);
    }
    action
}

/// Why a conversation can't be exported, in words; `None` if it can.
fn why_no_export(cx: &Cx<'_>) -> Option<String> {
    match &cx.model.past().state {
        PastState::Open(_) if cx.settings.keep_history => None,
        PastState::Open(_) => Some(fl!(cx.words, "export-off")),
        PastState::Opening => Some(fl!(cx.words, "export-opening")),
        PastState::Unavailable(why) => Some(history::why_not(cx, why)),
    }
}

fn auto_reply(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, conversation: &Conversation) -> Option<Action> {
    let manner = conversation.manner();
    let now = &manner.options.auto_reply;
    let fixed = AutoReply::Fixed(reply_bytes(cx.settings, manner));
    let mut action = None;
    let choices = [
        (fl!(cx.words, "auto-reply-off"), matches!(now, AutoReply::Off), AutoReply::Off),
        (fl!(cx.words, "auto-reply-echo"), matches!(now, AutoReply::Echo), AutoReply::Echo),
        (
            fl!(cx.words, "auto-reply-this", text = cx.settings.reply_text.as_str()),
            matches!(now, AutoReply::Fixed(_)),
            fixed,
        ),
    ];
    for (text, selected, reply) in choices {
        if ui.add(Button::selectable(selected, text)).clicked() {
            ui.close();
            action = Some(Action::SetManner(Key::Conn(conn), manner.clone().replying(reply)));
        }
    }
    action
}

/// The fixed reply, as bytes of a conversation held in that manner.
#[must_use]
pub fn reply_bytes(settings: &Settings, manner: &Manner) -> bytes::Bytes {
    text::encode_message(&settings.reply_text, manner.encoding, manner.framing(), manner.line_ending.text())
        .bytes
        .into()
}

/// Why nothing can be sent now, in words; `None` if it can.
#[must_use]
pub fn why_not(cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<String> {
    if key == Key::Everyone {
        return (cx.model.connected_clients() == 0).then(|| fl!(cx.words, "cannot-send-nobody"));
    }
    match &conversation.state {
        ConnState::Open | ConnState::PeerFinished => None,
        ConnState::New | ConnState::LookingUp(_) | ConnState::Connecting(_) => {
            Some(fl!(cx.words, "cannot-send-connecting"))
        }
        ConnState::WeFinished => Some(fl!(cx.words, "cannot-send-finished")),
        ConnState::Closed(CloseReason::Failed(error)) => Some(crate::explain::explain(cx.words, error, cx.facts).what),
        ConnState::Closed(_) => Some(fl!(cx.words, "cannot-send-closed")),
        ConnState::Failed(_) => Some(fl!(cx.words, "cannot-send-failed")),
    }
}

/// Space between the parts of a line of small text.
pub const GAP: f32 = 2.0 * STEP;
