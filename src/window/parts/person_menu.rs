//! The menu of what can be done about a person.

use egui::{Button, Ui};
use i18n_embed_fl::fl;

use super::controls;
use crate::{
    chat::PersonId,
    core::{Key, Person},
    history::Format,
    lan::LinkState,
    window::{
        Cx,
        file_wanted::{Exported, FileWanted},
        request::PersonRequest,
        wording,
    },
};

/// What is asked for in the menu, or in a bar of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Something of the person.
    Ask(PersonId, PersonRequest),
    /// Put this on the clipboard.
    Copy(String),
    /// A file to export to.
    AskFile(FileWanted),
    /// What is protected and what is not.
    ShowProtection,
}

/// What can be done about a person.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, person: &Person) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(210.0);
    let id = person.id();
    let item = |ui: &mut Ui, enabled: bool, text: String, what: Action| {
        let clicked = ui.add_enabled(enabled, Button::new(text).frame_when_inactive(false)).clicked();
        if clicked {
            ui.close();
        }
        clicked.then_some(what)
    };
    let blocked = person.record().blocked;
    let ask = |request| Action::Ask(id, request);
    if !blocked {
        let linked = person.link() == LinkState::Live;
        action = item(ui, linked, fl!(cx.words, "person-verify"), ask(PersonRequest::Verify)).or(action);
        if !linked {
            ui.set_max_width(260.0);
            controls::hint(ui, cx.look, fl!(cx.words, "person-verify-not-linked"));
        }
    }
    action = item(ui, true, fl!(cx.words, "protection-open"), Action::ShowProtection).or(action);
    action = item(ui, true, fl!(cx.words, "person-copy-key"), Action::Copy(id.to_string())).or(action);
    let why = wording::why_no_export(cx, person.conversation());
    let what = Exported::Conversation(Key::Person(id));
    let export = Action::AskFile(FileWanted::Export { what, format: Format::Text });
    action = item(ui, why.is_none(), fl!(cx.words, "export"), export).or(action);
    if person.is_pinned() {
        ui.separator();
        action = if blocked {
            item(ui, true, fl!(cx.words, "person-unblock"), ask(PersonRequest::Unblock)).or(action)
        } else {
            item(ui, true, fl!(cx.words, "person-block"), ask(PersonRequest::Block)).or(action)
        };
        action = item(ui, true, fl!(cx.words, "person-forget"), ask(PersonRequest::AskForget)).or(action);
    }
    action
}
