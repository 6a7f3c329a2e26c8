//! The two ends of a connection as state machines, and the socket table.

mod evidence;
mod figure;
mod table;
mod traffic;

use std::net::SocketAddr;

use egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder, WidgetInfo, accesskit::Role};
use i18n_embed_fl::fl;

use super::super::controls;
use crate::window::{
    Cx,
    parts::inspector::Action,
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::Origin,
    core::{
        Conversation, Key,
        tcp_states::{Closer, End, History, Source, TIME_WAIT},
    },
    net::ConnId,
};

/// What is in it grows no wider, in points.
const WIDEST: f32 = 920.0;

/// The tab.
#[derive(Debug, Default)]
pub struct ConnectionTab {
    /// Whether it was drawn since the app asked last.
    shown: bool,
    table: table::Table,
    traffic: traffic::Traffic,
}

impl ConnectionTab {
    /// Whether it was drawn since this was asked last.
    pub fn take_shown(&mut self) -> bool {
        std::mem::take(&mut self.shown)
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        self.shown = true;
        let mut action = None;
        ScrollArea::vertical().id_salt("connection").auto_shrink(false).show(ui, |ui| {
            let room = ui.available_rect_before_wrap();
            let width = (room.width() - 6.0 * STEP).min(WIDEST);
            let aside = (room.width() - width) / 2.0;
            let content = Rect::from_x_y_ranges(room.left() + aside..=room.right() - aside, room.y_range());
            ui.scope_builder(UiBuilder::new().max_rect(content), |ui| {
                ui.add_space(3.0 * STEP);
                match cx.selected {
                    Key::Conn(conn) => match cx.core.conversation(cx.selected) {
                        Some(conversation) if conversation.origin.is_udp() => {
                            without_connection(ui, cx, conversation);
                            ui.add_space(4.0 * STEP);
                            self.traffic.show(ui, cx, cx.selected, conversation);
                        }
                        Some(conversation) => {
                            connection(ui, cx, conn, conversation);
                            ui.add_space(4.0 * STEP);
                            self.traffic.show(ui, cx, cx.selected, conversation);
                        }
                        None => _ = controls::hint(ui, cx.look, fl!(cx.words, "ends-none")),
                    },
                    Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => {
                        _ = controls::hint(ui, cx.look, fl!(cx.words, "ends-none"));
                    }
                }
                ui.add_space(4.0 * STEP);
                action = self.table.show(ui, cx);
                ui.add_space(3.0 * STEP);
            });
        });
        action
    }
}

/// What one end is called.
fn name_of(cx: &Cx<'_>, end: End) -> String {
    match end {
        End::Ours => fl!(cx.words, "end-ours"),
        End::Peer => fl!(cx.words, "end-peer"),
    }
}

fn connection(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, conversation: &Conversation) {
    let history = conversation.tcp.history();
    ui.spacing_mut().item_spacing.y = STEP;
    ui.columns(2, |columns| {
        for (end, ui) in [End::Ours, End::Peer].into_iter().zip(columns) {
            let align = if end == End::Ours { Align::Min } else { Align::Max };
            ui.with_layout(Layout::top_down(align), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                head(ui, cx, end, conn, conversation, &history);
            });
        }
    });
    ui.add_space(STEP);
    evidence::show(ui, cx, conn);
    figure::show(ui, cx, &history);
    ui.add_space(STEP);
    for line in story(cx, &history) {
        ui.label(RichText::new(line).size(theme::SMALL));
    }
    controls::hint(ui, cx.look, fl!(cx.words, "packets-inferred"));
}

/// What there is of a conversation over UDP: two addresses, and no states.
fn without_connection(ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation) {
    let address = |address: Option<SocketAddr>| address.map_or_else(|| "–".to_owned(), |address| address.to_string());
    ui.spacing_mut().item_spacing.y = STEP;
    ui.label(fl!(cx.words, "udp-no-connection"));
    for line in [
        fl!(cx.words, "udp-our-socket", local = address(conversation.local)),
        fl!(cx.words, "udp-peer-address", peer = address(conversation.peer)),
    ] {
        ui.add(Label::new(RichText::new(line).font(theme::mono(theme::SMALL))).wrap());
    }
    controls::hint(ui, cx.look, wording::state_text(cx, conversation));
    if let Some(over) = conversation.udp.filter(|over| over.dropped > 0) {
        controls::wrong(ui, cx.look, fl!(cx.words, "udp-dropped", count = over.dropped));
    }
}

/// Whose end it is, where, and its state.
fn head(ui: &mut Ui, cx: &Cx<'_>, end: End, conn: ConnId, conversation: &Conversation, history: &History) {
    let name = name_of(cx, end);
    let address = match end {
        End::Ours => conversation
            .local
            .or_else(|| cx.core.socket_table().and_then(|table| table.row_of(conn)).map(|row| row.local)),
        End::Peer => conversation.peer,
    };
    let address = match (address, &conversation.origin) {
        (Some(address), _) => address.to_string(),
        (None, Origin::Outgoing { host, port }) if end == End::Peer => wording::join(host, *port),
        _ => "–".to_owned(),
    };
    ui.label(theme::strong(name.clone(), theme::TEXT));
    let given = conversation.name.as_ref().filter(|_| end == End::Peer);
    if let Some(given) = given {
        ui.add(Label::new(RichText::new(given).size(theme::SMALL)).truncate());
    }
    let width = ui.available_width() / (address.chars().count().max(1) as f32 * 0.62);
    let font = theme::mono(width.clamp(theme::SMALL - 3.0, theme::SMALL));
    ui.add(Label::new(RichText::new(address).font(font).color(cx.look.weak)).truncate());
    let (state, source) = match history.now(end) {
        Some(stay) => (stay.state.name(), source_text(cx, stay.source)),
        None => ("–", fl!(cx.words, "state-not-known")),
    };
    let whole = fl!(cx.words, "end-is", end = name, state = state, source = source.clone());
    let response = ui.label(RichText::new(state).font(theme::mono(theme::TEXT)).color(cx.look.accent));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &whole));
    controls::hint(ui, cx.look, source);
}

fn source_text(cx: &Cx<'_>, source: Source) -> String {
    match source {
        Source::Kernel => fl!(cx.words, "source-kernel"),
        Source::Inferred => fl!(cx.words, "source-inferred"),
    }
}

/// What happened, in sentences.
fn story(cx: &Cx<'_>, history: &History) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(opener) = history.opener {
        lines.push(match opener {
            End::Ours => fl!(cx.words, "opened-by-us"),
            End::Peer => fl!(cx.words, "opened-by-peer"),
        });
    }
    // Where the kernel alone knows, it does not say when.
    if let (Some(closer), Some(at)) = (history.closed_first(), history.closed_at) {
        let time = cx.time(at);
        lines.push(match closer {
            Closer::One(End::Ours) => fl!(cx.words, "closed-first-ours", time = time),
            Closer::One(End::Peer) => fl!(cx.words, "closed-first-peer", time = time),
            Closer::Both => fl!(cx.words, "closed-first-both", time = time),
        });
    }
    if let Some(end) = history.reset {
        lines.push(match end {
            End::Ours => fl!(cx.words, "reset-from-ours"),
            End::Peer if history.was_open() => fl!(cx.words, "reset-from-peer"),
            End::Peer => fl!(cx.words, "refused-by-peer"),
        });
    }
    if let Some(end) = history.time_wait() {
        let seconds = TIME_WAIT.as_secs();
        lines.push(match end {
            End::Ours => fl!(cx.words, "time-wait-ours", seconds = seconds),
            End::Peer => fl!(cx.words, "time-wait-peer", seconds = seconds),
        });
    }
    lines
}
