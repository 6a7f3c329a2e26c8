//! The menu of what can be done with a connection.

use egui::{Button, Ui};
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{
    Cx,
    file_wanted::{Exported, FileWanted},
    request::ConnRequest,
    wording,
};
use crate::{
    chat::Origin,
    core::{Conversation, Key},
    history::Format,
    net::{AutoReply, ConnId},
    settings::AutoReplyChoice,
};

/// What is asked for in the menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Something of the connection.
    Ask(ConnRequest),
    /// Another name for the peer.
    Rename,
    /// Put this on the clipboard.
    Copy(String),
    /// A file to export to, or to record to.
    AskFile(FileWanted),
    /// Reply so from now on.
    Reply(AutoReplyChoice),
    /// The text to reply with from now on.
    AskReply,
    /// The rules to reply by from now on.
    AskRules,
    /// What the connection does on its own.
    AskOptions,
    /// Whether the device is to be known when it comes back.
    AskDevice,
}

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
    action = item(ui, true, fl!(cx.words, "rename"), None, Action::Rename).or(action);
    if let Some(peer) = conversation.peer {
        action = item(ui, true, fl!(cx.words, "copy-address"), None, Action::Copy(peer.to_string())).or(action);
    }
    if conversation.student.is_none() && conversation.is_kept() {
        action = item(ui, true, fl!(cx.words, "device-ask"), None, Action::AskDevice).or(action);
        action = item(ui, true, fl!(cx.words, "conn-options-ask"), None, Action::AskOptions).or(action);
    }
    let why = wording::why_no_export(cx, conversation);
    let wanted = FileWanted::Export { what: Exported::Conversation(Key::Conn(conn)), format: Format::Text };
    action = item(ui, why.is_none(), fl!(cx.words, "export"), None, Action::AskFile(wanted)).or(action);
    if let Some(why) = why {
        ui.set_max_width(260.0);
        controls::hint(ui, cx.look, why);
    }
    if conversation.recording.is_some() {
        action = item(ui, true, fl!(cx.words, "record-stop"), None, Action::Ask(ConnRequest::StopRecording)).or(action);
    } else if live {
        let wanted = FileWanted::Record(conn);
        action = item(ui, true, fl!(cx.words, "record"), None, Action::AskFile(wanted)).or(action);
    }
    ui.separator();
    if live {
        ui.menu_button(fl!(cx.words, "auto-reply"), |ui| {
            action = auto_reply(ui, cx, conversation).or(action.take());
        });
        if conversation.origin.is_udp() {
            let (name, hint) = if conversation.origin == Origin::Heard {
                (fl!(cx.words, "udp-let-go"), fl!(cx.words, "udp-let-go-hint"))
            } else {
                (fl!(cx.words, "udp-close"), fl!(cx.words, "udp-close-hint"))
            };
            return item(ui, true, name, Some(hint), Action::Ask(ConnRequest::Close)).or(action);
        }
        let hint = Some(fl!(cx.words, "finish-sending-hint"));
        let can = conversation.state.can_send();
        action =
            item(ui, can, fl!(cx.words, "finish-sending"), hint, Action::Ask(ConnRequest::FinishSending)).or(action);
        let hint = Some(fl!(cx.words, "close-hint"));
        action = item(ui, true, fl!(cx.words, "close"), hint, Action::Ask(ConnRequest::Close)).or(action);
        let hint = Some(fl!(cx.words, "reset-hint"));
        action = item(ui, true, fl!(cx.words, "reset"), hint, Action::Ask(ConnRequest::Reset)).or(action);
    } else if conversation.state.is_under_way() {
        action = item(ui, true, fl!(cx.words, "cancel"), None, Action::Ask(ConnRequest::CancelConnect)).or(action);
    } else if !conversation.is_students_own() {
        if matches!(conversation.origin, Origin::Outgoing { .. }) && conversation.is_kept() {
            action =
                item(ui, true, fl!(cx.words, "connect-again"), None, Action::Ask(ConnRequest::ConnectAgain)).or(action);
        }
        if matches!(conversation.origin, Origin::Datagrams { .. }) && conversation.is_kept() {
            action =
                item(ui, true, fl!(cx.words, "udp-again"), None, Action::Ask(ConnRequest::ConnectAgain)).or(action);
        }
        action = item(ui, true, fl!(cx.words, "remove"), None, Action::Ask(ConnRequest::Remove)).or(action);
    }
    action
}

fn auto_reply(ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation) -> Option<Action> {
    let now = &conversation.manner().options.auto_reply;
    let mut action = None;
    let choices = [
        (fl!(cx.words, "auto-reply-off"), matches!(now, AutoReply::Off), Action::Reply(AutoReplyChoice::Off)),
        (fl!(cx.words, "auto-reply-echo"), matches!(now, AutoReply::Echo), Action::Reply(AutoReplyChoice::Echo)),
        (
            fl!(cx.words, "auto-reply-this", text = cx.settings.reply_text.as_str()),
            matches!(now, AutoReply::Fixed(_)),
            Action::AskReply,
        ),
        (fl!(cx.words, "auto-reply-rules-ask"), matches!(now, AutoReply::Rules), Action::AskRules),
    ];
    for (text, selected, reply) in choices {
        if ui.add(Button::selectable(selected, text)).clicked() {
            ui.close();
            action = Some(reply);
        }
    }
    action
}
