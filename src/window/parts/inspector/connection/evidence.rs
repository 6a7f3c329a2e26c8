//! What a diagnosis follows from: both ends of the open connection and the listener, as the kernel has them.

use std::time::Duration;

use egui::{Grid, Label, RichText, Ui};
use i18n_embed_fl::fl;

use super::super::super::controls;
use crate::window::{
    Cx,
    theme::{self, STEP},
};
use crate::{
    core::{
        Key,
        diagnoses::{Diagnosis, Facts, OtherEnd},
    },
    explain::{diagnoses, held::seconds_left},
    host::{Holder, SocketRow, TcpState, Timer, TimerKind},
    net::ConnId,
};

/// Width of the names of what is known.
const NAMES: f32 = 96.0;

/// What the kernel says of the other end and of its listener, where they are on this machine; of our own, the picture
/// above says the state.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId) {
    let Some(facts) = cx.core.facts(conn) else { return };
    let found = cx.core.diagnosis(Key::Conn(conn));
    let Some(Ok(table)) = cx.core.socket_table().map(|sockets| &sockets.table) else { return };
    let elsewhere = match found {
        Some(Diagnosis::ListensElsewhere { listens, .. } | Diagnosis::OtherPort { listens, .. }) => {
            facts.listening.iter().find(|row| row.local == *listens)
        }
        _ => None,
    };
    let udp = facts.udp.iter().filter(|_| matches!(found, Some(Diagnosis::OnlyUdp { .. })));
    let nobody = facts.peer.filter(|_| {
        let refused =
            elsewhere.is_some() || matches!(found, Some(Diagnosis::OnlyUdp { .. } | Diagnosis::ServerGone(_)));
        refused && facts.listeners.is_empty()
    });
    let known_here = matches!(facts.other, OtherEnd::Here(_)) || !facts.listeners.is_empty();
    if !known_here && nobody.is_none() {
        return;
    }
    if let Some(row) = &facts.ours {
        card(ui, cx, &fl!(cx.words, "evidence-ours"), &own_end(cx, row, found));
    }
    if let OtherEnd::Here(row) = &facts.other {
        card(ui, cx, &fl!(cx.words, "evidence-other"), &other_end(cx, row, found));
    }
    for row in &facts.listeners {
        let address = row.local.to_string();
        card(ui, cx, &fl!(cx.words, "evidence-listener", address = address), &listener(cx, row, &facts, found));
    }
    if let Some(address) = nobody {
        controls::hint(ui, cx.look, fl!(cx.words, "evidence-no-listener", address = address.to_string()));
    }
    if let Some(row) = elsewhere {
        let title = fl!(cx.words, "evidence-listener", address = row.local.to_string());
        card(ui, cx, &title, &[Known { name: fl!(cx.words, "evidence-owner"), value: owner(cx, row), counts: true }]);
    }
    for one in udp {
        let title = fl!(cx.words, "evidence-udp", address = one.local.to_string());
        let value =
            one.owner.as_ref().map_or_else(|| fl!(cx.words, "not-told"), |owner| diagnoses::process(cx.words, owner));
        card(ui, cx, &title, &[Known { name: fl!(cx.words, "evidence-owner"), value, counts: true }]);
    }
    controls::hint(ui, cx.look, fl!(cx.words, "evidence-at", time = cx.time(table.at)));
    if facts.ours.iter().any(|row| row.timer.is_some()) {
        // The seconds that are left.
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
}

/// One thing that is known, and whether the diagnosis follows from it.
struct Known {
    name: String,
    value: String,
    counts: bool,
}

fn own_end(cx: &Cx<'_>, row: &SocketRow, found: Option<&Diagnosis>) -> Vec<Known> {
    let ends = matches!(found, Some(Diagnosis::EndNotNoticed { .. }));
    let waits = matches!(found, Some(Diagnosis::BothWait { .. } | Diagnosis::NoRoom { .. }));
    let mut known = vec![state(cx, row, ends)];
    known.extend(bytes(cx, fl!(cx.words, "evidence-unacknowledged"), row.unacknowledged, waits));
    known.extend(timer(cx, row.timer));
    known
}

fn other_end(cx: &Cx<'_>, row: &SocketRow, found: Option<&Diagnosis>) -> Vec<Known> {
    let not_accepted = matches!(found, Some(Diagnosis::NotAccepted { .. }));
    let unread = matches!(
        found,
        Some(
            Diagnosis::NotAccepted { .. }
                | Diagnosis::NotRead { .. }
                | Diagnosis::BothWait { .. }
                | Diagnosis::EndNotNoticed { .. }
        )
    );
    let mut known = vec![
        state(cx, row, matches!(found, Some(Diagnosis::EndNotNoticed { .. }))),
        Known { name: fl!(cx.words, "evidence-owner"), value: owner(cx, row), counts: not_accepted },
    ];
    known.extend(bytes(cx, fl!(cx.words, "evidence-unread"), row.unread, unread));
    let waits = matches!(found, Some(Diagnosis::BothWait { .. }));
    known.extend(bytes(cx, fl!(cx.words, "evidence-unacknowledged"), row.unacknowledged, waits));
    known
}

fn listener(cx: &Cx<'_>, row: &SocketRow, facts: &Facts, found: Option<&Diagnosis>) -> Vec<Known> {
    let counts = matches!(found, Some(Diagnosis::NotAccepted { .. } | Diagnosis::QueueFull(_)));
    let number = |number: Option<u32>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let value = format!("{}\u{a0}/\u{a0}{}", number(row.unread), number(row.backlog));
    let owner =
        Known { name: fl!(cx.words, "evidence-owner"), value: owner(cx, row), counts: facts.serves > 0 && counts };
    vec![owner, Known { name: fl!(cx.words, "evidence-queue"), value, counts }]
}

fn state(cx: &Cx<'_>, row: &SocketRow, counts: bool) -> Known {
    Known { name: fl!(cx.words, "evidence-state"), value: row.state.name().to_owned(), counts }
}

fn bytes(cx: &Cx<'_>, name: String, bytes: Option<u32>, counts: bool) -> Option<Known> {
    let value = fl!(cx.words, "evidence-bytes", count = bytes?);
    Some(Known { name, value, counts })
}

fn owner(cx: &Cx<'_>, row: &SocketRow) -> String {
    match (&row.holder, row.state) {
        (Holder::ThisProgram(_), _) => fl!(cx.words, "program-this"),
        (Holder::Kernel, TcpState::Established | TcpState::CloseWait | TcpState::SynReceived) => {
            fl!(cx.words, "evidence-owner-none")
        }
        (Holder::Kernel, _) => fl!(cx.words, "evidence-owner-kernel"),
        (Holder::Other, _) => match &row.owner {
            Some(owner) => diagnoses::process(cx.words, owner),
            None => fl!(cx.words, "not-told"),
        },
    }
}

fn timer(cx: &Cx<'_>, timer: Option<Timer>) -> Option<Known> {
    let Timer { kind, ends } = timer?;
    let seconds = seconds_left(ends);
    let value = match kind {
        TimerKind::Retransmit => fl!(cx.words, "evidence-timer-retransmit", seconds = seconds),
        TimerKind::KeepAlive => fl!(cx.words, "evidence-timer-keepalive", seconds = seconds),
        TimerKind::TimeWait => fl!(cx.words, "evidence-timer-time-wait", seconds = seconds),
        TimerKind::Probe => fl!(cx.words, "evidence-timer-probe", seconds = seconds),
    };
    Some(Known { name: fl!(cx.words, "evidence-timer"), value, counts: false })
}

fn card(ui: &mut Ui, cx: &Cx<'_>, title: &str, known: &[Known]) {
    controls::card(cx.look).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(theme::strong(title, theme::TEXT));
        Grid::new(title).num_columns(2).min_col_width(NAMES).spacing(egui::vec2(2.0 * STEP, STEP)).show(ui, |ui| {
            for Known { name, value, counts } in known {
                let ground = if *counts { cx.look.wait_ground } else { egui::Color32::TRANSPARENT };
                ui.label(RichText::new(name).size(theme::SMALL).color(cx.look.weak));
                let text = RichText::new(value).size(theme::SMALL).color(cx.look.text).background_color(ground);
                ui.add(Label::new(text).wrap());
                ui.end_row();
            }
        });
    });
    ui.add_space(STEP);
}
