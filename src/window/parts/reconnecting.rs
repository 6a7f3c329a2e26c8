//! A connection that is tried again by itself: when, and a way to stop that.

use egui::Ui;
use i18n_embed_fl::fl;

use super::controls;
use crate::{
    core::Reconnecting,
    net::ConnId,
    window::{Cx, request::ConnRequest, theme::STEP},
};

/// Draws it, if it is to be tried again.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId) -> Option<ConnRequest> {
    let Reconnecting { due, attempt } = cx.core.reconnecting(conn)?;
    let stopped = ui
        .horizontal_wrapped(|ui| {
            controls::hint(ui, cx.look, fl!(cx.words, "reconnect-at", time = cx.time(due), attempt = attempt));
            ui.button(fl!(cx.words, "reconnect-stop")).clicked()
        })
        .inner;
    ui.add_space(STEP);
    stopped.then_some(ConnRequest::StopReconnecting)
}
