//! A connection that is tried again by itself: when, and a way to stop that.

use egui::Ui;
use i18n_embed_fl::fl;

use super::controls;
use crate::{
    core::{Conversation, Reconnect},
    window::{Cx, request::ConnRequest, theme::STEP},
};

/// Draws it, if it is to be tried again.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation) -> Option<ConnRequest> {
    let (words, waits) = match conversation.reconnect {
        Some(Reconnect { at, attempt }) => (fl!(cx.words, "reconnect-at", time = cx.time(at), attempt = attempt), true),
        None if conversation.attempt > 0 && conversation.state.is_under_way() => {
            (fl!(cx.words, "reconnect-now", attempt = conversation.attempt), false)
        }
        None => return None,
    };
    let asked = ui
        .horizontal_wrapped(|ui| {
            controls::hint(ui, cx.look, words);
            let stop = ui.button(fl!(cx.words, "reconnect-stop")).clicked();
            let request = if waits { ConnRequest::StopReconnecting } else { ConnRequest::CancelConnect };
            stop.then_some(request)
        })
        .inner;
    ui.add_space(STEP);
    asked
}
