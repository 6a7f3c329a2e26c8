//! The socket table: every socket of this program, as the kernel has it.

use std::{collections::BTreeSet, net::SocketAddr};

use egui::{Align2, Color32, Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use i18n_embed_fl::fl;

use super::super::super::{controls, controls::one_line};
use crate::window::{
    Cx,
    parts::inspector::Action,
    theme::{self, STEP},
};
use crate::{
    chat::Origin,
    core::{Conversation, Key, ServerState, Sockets, Use},
    host::{Holder, SOCKETS_TOLD, SocketRow, TcpState},
    net::ConnId,
    wire::visible,
};

/// Height of a heading, in points.
const HEADING: f32 = 28.0;
/// Height of a socket's row, in points: three lines.
const ROW: f32 = 62.0;
/// The same where there is room for one line.
const FLAT_ROW: f32 = 28.0;
/// From this width on, a socket takes one line.
const FLAT: f32 = 720.0;

/// The table, with its lines in order as long as the sockets are the same.
#[derive(Debug, Default)]
pub struct Table {
    /// Which of the core's tables the lines are of.
    number: u64,
    lines: Vec<Line>,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// The sockets of a local port that is listened on.
    Port { port: u16, listening: usize, others: usize },
    /// The sockets with ports of their own.
    Rest,
    /// The socket at this place of the core's table.
    Socket(usize),
}

impl Table {
    /// Draw it, within an area that scrolls.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        ui.label(theme::strong(fl!(cx.words, "socket-table"), theme::TEXT));
        let Some(sockets) = cx.core.socket_table() else {
            controls::hint(ui, cx.look, fl!(cx.words, "socket-table-asking"));
            return None;
        };
        let table = match &sockets.table {
            Ok(table) => table,
            Err(error) => {
                let why = error.0.as_str();
                controls::hint(ui, cx.look, fl!(cx.words, "socket-table-none", why = why));
                return None;
            }
        };
        if self.number != sockets.number {
            self.number = sockets.number;
            self.lines = lines(sockets, &table.rows);
        }
        if self.lines.is_empty() {
            controls::hint(ui, cx.look, fl!(cx.words, "socket-table-empty"));
            return None;
        }
        let returns = |line: &Line| matches!(line, Line::Port { others, .. } if *others > 0);
        if self.lines.iter().any(returns) {
            controls::hint(ui, cx.look, fl!(cx.words, "accept-returns-new"));
        }
        if table.left_out > 0 {
            let (count, most) = (table.left_out, SOCKETS_TOLD);
            controls::hint(ui, cx.look, fl!(cx.words, "sockets-left-out", count = count, most = most));
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let flat = ui.available_width() >= FLAT;
        let height = |line: &Line| match line {
            Line::Port { .. } | Line::Rest => HEADING,
            Line::Socket(_) if flat => FLAT_ROW,
            Line::Socket(_) => ROW,
        };
        let mut action = None;
        let seen = ui.clip_rect().y_range().expand(ROW);
        let mut skipped = 0.0;
        for line in &self.lines {
            let height = height(line);
            let top = ui.cursor().top() + skipped;
            if top + height < seen.min || top > seen.max {
                skipped += height;
                continue;
            }
            if skipped > 0.0 {
                ui.add_space(std::mem::take(&mut skipped));
            }
            match line {
                Line::Port { port, listening, others } => {
                    let (port, listening, others) = (port.to_string(), *listening, *others);
                    heading(ui, cx, &fl!(cx.words, "port-group", port = port, listening = listening, others = others));
                }
                Line::Rest => heading(ui, cx, &fl!(cx.words, "port-rest")),
                Line::Socket(place) => {
                    if let Some(row) = table.rows.get(*place) {
                        let shown = Shown::new(cx, row, sockets.use_of(*place));
                        action = shown.show(ui, cx, flat).or(action.take());
                    }
                }
            }
        }
        ui.add_space(skipped);
        controls::hint(ui, cx.look, fl!(cx.words, "queues-count-fin"));
        action
    }
}

/// Our sockets, those with the port of a listening socket beneath it.
fn lines(sockets: &Sockets, rows: &[SocketRow]) -> Vec<Line> {
    let listens = |row: &SocketRow| row.state == TcpState::Listen && matches!(row.holder, Holder::ThisProgram(_));
    let ports: BTreeSet<u16> = rows.iter().filter(|row| listens(row)).map(|row| row.local.port()).collect();
    let ours = |place: usize, row: &SocketRow| match (row.holder, sockets.use_of(place)) {
        (Holder::ThisProgram(_), _) | (Holder::Kernel, Use::Conn(_) | Use::Waiting) => true,
        (Holder::Kernel, _) => ports.contains(&row.local.port()),
        (Holder::Other, _) => false,
    };
    let mut lines = Vec::new();
    let mut rest = Vec::new();
    let mut heading: Option<usize> = None;
    let mut port = None;
    for (place, row) in rows.iter().enumerate().filter(|(place, row)| ours(*place, row)) {
        if !ports.contains(&row.local.port()) {
            rest.push(Line::Socket(place));
            continue;
        }
        if port != Some(row.local.port()) {
            port = Some(row.local.port());
            heading = Some(lines.len());
            lines.push(Line::Port { port: row.local.port(), listening: 0, others: 0 });
        }
        if let Some(Line::Port { listening, others, .. }) = heading.and_then(|heading| lines.get_mut(heading)) {
            *(if row.state == TcpState::Listen { listening } else { others }) += 1;
        }
        lines.push(Line::Socket(place));
    }
    if !rest.is_empty() {
        lines.push(Line::Rest);
        lines.extend(rest);
    }
    lines
}

fn heading(ui: &mut Ui, cx: &Cx<'_>, text: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEADING), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let at = pos2(rect.left(), rect.bottom() - theme::SMALL - 2.0 * STEP);
    one_line(ui, at, text, theme::small(), cx.look.weak, rect.width());
    ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, egui::Stroke::new(1.0, cx.look.line));
}

/// What a row says.
struct Shown {
    fd: String,
    kind: String,
    local: String,
    remote: String,
    state: TcpState,
    unread: String,
    unacknowledged: String,
    /// Of a listening socket: how many wait, and how many may.
    queue: Option<(Option<u32>, Option<u32>)>,
    select: Option<ConnId>,
}

impl Shown {
    fn new(cx: &Cx<'_>, row: &SocketRow, used: Use) -> Self {
        let number =
            |number: Option<u32>| number.map_or_else(|| fl!(cx.words, "not-told"), |number| number.to_string());
        let select = match used {
            Use::Conn(conn) | Use::OtherEnd(conn) => Some(conn),
            _ => None,
        };
        let conversation = select.and_then(|conn| cx.core.conversation(Key::Conn(conn)));
        let remote = match (used, conversation.and_then(|conversation| conversation.name.clone())) {
            (Use::Conn(_), Some(name)) => visible(&name, &[]).into_owned(),
            _ if row.state == TcpState::Listen => fl!(cx.words, "remote-anyone"),
            _ => unmapped(row.remote).to_string(),
        };
        let queue = (row.state == TcpState::Listen).then(|| {
            let backlog = match cx.core.server().state {
                ServerState::Listening { backlog, .. } if matches!(used, Use::Listening(_)) => Some(backlog),
                _ => None,
            };
            // listen cuts a larger one down to what the system allows.
            (row.unread, backlog.map(|backlog| backlog.min(cx.backlog_cap.unwrap_or(u32::MAX))))
        });
        Self {
            fd: match row.holder {
                Holder::ThisProgram(Some(fd)) => format!("fd {fd}"),
                Holder::ThisProgram(None) => "fd ?".to_owned(),
                Holder::Kernel | Holder::Other => "–".to_owned(),
            },
            kind: kind(cx, row, used, conversation),
            local: unmapped(row.local).to_string(),
            remote,
            state: row.state,
            unread: fl!(cx.words, "unread-bytes", count = number(row.unread)),
            unacknowledged: fl!(cx.words, "unacknowledged-bytes", count = number(row.unacknowledged)),
            queue,
            select,
        }
    }

    fn queue_text(&self, cx: &Cx<'_>) -> Option<String> {
        let (waiting, backlog) = self.queue?;
        let told = |number: Option<u32>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
        let figure = format!("{}\u{a0}/\u{a0}{}", told(waiting), told(backlog));
        Some(match waiting {
            Some(_) => fl!(cx.words, "queue-figure", figure = figure),
            None => fl!(cx.words, "queue-not-told", figure = figure),
        })
    }

    fn show(&self, ui: &mut Ui, cx: &Cx<'_>, flat: bool) -> Option<Action> {
        let look = cx.look;
        let height = if flat { FLAT_ROW } else { ROW };
        let sense = if self.select.is_some() { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), sense);
        let chosen = self.select.is_some_and(|conn| cx.selected == Key::Conn(conn));
        let queues = self.queue_text(cx).unwrap_or_else(|| format!("{} · {}", self.unread, self.unacknowledged));
        let state = self.state.name();
        let name = format!("{}, {}, {}, {}, {state}, {queues}", self.fd, self.kind, self.local, self.remote);
        response.widget_info(|| {
            if self.select.is_some() {
                WidgetInfo::selected(Role::ListItem, true, chosen, &name)
            } else {
                WidgetInfo::labeled(Role::Label, true, &name)
            }
        });
        if ui.is_rect_visible(rect) {
            if chosen {
                ui.painter().rect_filled(rect, theme::RADIUS, look.chosen);
            } else if response.hovered() && self.select.is_some() {
                ui.painter().rect_filled(rect, theme::RADIUS, look.hover);
            }
            controls::focus_ring(ui, look, &response, rect.shrink(3.0), theme::RADIUS);
            if flat {
                self.paint_flat(ui, cx, rect, &queues);
            } else {
                self.paint(ui, cx, rect, &queues);
            }
            let bottom = rect.bottom() - 0.5;
            ui.painter().hline(rect.x_range(), bottom, egui::Stroke::new(1.0, look.line));
        }
        let clicked = response.clicked();
        self.select.filter(|_| clicked).map(|conn| Action::Select(Key::Conn(conn)))
    }

    fn paint(&self, ui: &Ui, cx: &Cx<'_>, rect: Rect, queues: &str) {
        let look = cx.look;
        let inner = rect.shrink2(vec2(2.0 * STEP, 0.0));
        let (left, width) = (inner.left(), inner.width());
        let mono = theme::mono(theme::SMALL);
        let line = |number: f32| rect.top() + 5.0 + number * 18.0;
        let state = self.state.name();
        let right =
            ui.painter().text(pos2(inner.right(), line(0.0)), Align2::RIGHT_TOP, state, mono.clone(), self.colour(cx));
        one_line(ui, pos2(left, line(0.0)), &self.fd, mono.clone(), look.text, 48.0);
        one_line(ui, pos2(left + 52.0, line(0.0)), &self.kind, theme::small(), look.text, right.left() - left - 56.0);
        let ends = format!("{} → {}", self.local, self.remote);
        let fitting = width / (ends.chars().count().max(1) as f32 * 0.61);
        let font = theme::mono(fitting.clamp(theme::SMALL - 3.0, theme::SMALL));
        one_line(ui, pos2(left, line(1.0)), &ends, font, look.weak, width);
        let beside = self.bar(ui, cx, pos2(left, line(2.0) + 3.0));
        one_line(ui, pos2(left + beside, line(2.0)), queues, theme::small(), look.weak, width - beside);
    }

    fn paint_flat(&self, ui: &Ui, cx: &Cx<'_>, rect: Rect, queues: &str) {
        let look = cx.look;
        let inner = rect.shrink2(vec2(2.0 * STEP, 0.0));
        let mono = theme::mono(theme::SMALL);
        let top = inner.center().y - theme::SMALL * 0.66;
        let mut x = inner.left();
        let share = inner.width() / 100.0;
        let mut cell = |text: &str, of: f32, font: egui::FontId, colour: Color32| {
            one_line(ui, pos2(x, top), text, font, colour, of * share - 2.0 * STEP);
            x += of * share;
        };
        cell(&self.fd, 7.0, mono.clone(), look.text);
        cell(&self.kind, 16.0, theme::small(), look.text);
        cell(self.state.name(), 14.0, mono.clone(), self.colour(cx));
        cell(&self.local, 19.0, mono.clone(), look.weak);
        cell(&self.remote, 19.0, mono, look.weak);
        let beside = self.bar(ui, cx, pos2(x, inner.center().y - 5.0));
        one_line(ui, pos2(x + beside, top), queues, theme::small(), look.weak, inner.right() - x - beside);
    }

    /// How full the accept queue is; gives the width that it takes.
    fn bar(&self, ui: &Ui, cx: &Cx<'_>, at: egui::Pos2) -> f32 {
        let Some((Some(waiting), Some(backlog))) = self.queue else { return 0.0 };
        let rect = Rect::from_min_size(at, vec2(56.0, 10.0));
        ui.painter().rect_filled(rect, 2.0, cx.look.line);
        let share = (waiting as f32 / backlog.max(1) as f32).min(1.0);
        let full = Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
        ui.painter().rect_filled(full, 2.0, cx.look.wait);
        rect.width() + 2.0 * STEP
    }

    fn colour(&self, cx: &Cx<'_>) -> Color32 {
        match self.state {
            TcpState::Listen | TcpState::Established => cx.look.good,
            TcpState::Closed => cx.look.weak,
            _ => cx.look.wait,
        }
    }
}

fn kind(cx: &Cx<'_>, row: &SocketRow, used: Use, conversation: Option<&Conversation>) -> String {
    match (used, row.holder) {
        _ if row.state == TcpState::Listen => fl!(cx.words, "socket-listening"),
        (Use::Waiting, _) => fl!(cx.words, "socket-waiting"),
        (_, Holder::Kernel) => fl!(cx.words, "socket-kernel"),
        (Use::OtherEnd(_), _) => fl!(cx.words, "socket-other-end"),
        (Use::Conn(_), _) => match conversation {
            Some(conversation) if conversation.state.is_under_way() => fl!(cx.words, "socket-connecting"),
            Some(Conversation { origin: Origin::Accepted, .. }) => fl!(cx.words, "socket-accepted"),
            _ => fl!(cx.words, "socket-connected"),
        },
        _ => fl!(cx.words, "socket-unknown"),
    }
}

/// IPv4 as it is written, also where the kernel has it within IPv6.
fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
