//! The menu of what can be done with a connection.

use egui::{Button, Ui};
use i18n_embed_fl::fl;

use super::{
    controls,
    file_dialog::{Exported, FileWanted},
};
use crate::window::{Action, Cx, wording};
use crate::{
    core::{Conversation, Key, Manner, Origin},
    history::Format,
    net::{AutoReply, ConnId},
    settings::Settings,
    wire::text,
};

/// What can be done with a connection.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, conversation: &Conversation) -> Option<Action> {
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
    let why = wording::why_no_export(cx);
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
        if matches!(conversation.origin, Origin::Outgoing(..)) {
            action = item(ui, true, fl!(cx.words, "connect-again"), None, Action::ConnectAgain(conn)).or(action);
        }
        action = item(ui, true, fl!(cx.words, "remove"), None, Action::Remove(conn)).or(action);
    }
    action
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
