//! The picture: a column of states for each end, and the packets of the handshake and of the close between them.

use egui::{
    Align, Align2, Color32, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2,
    text::LayoutJob, vec2,
};
use i18n_embed_fl::fl;

use super::{name_of, source_text};
use crate::window::{
    Cx,
    theme::{self, STEP},
};
use crate::{
    core::tcp_states::{End, History, Packet, Source, StatePeriod},
    host::TcpState,
};

/// Where each state stands in its column. CLOSED stands at both ends.
const ROWS: [TcpState; 12] = [
    TcpState::Closed,
    TcpState::Listen,
    TcpState::SynSent,
    TcpState::SynReceived,
    TcpState::Established,
    TcpState::FinWait1,
    TcpState::FinWait2,
    TcpState::Closing,
    TcpState::TimeWait,
    TcpState::CloseWait,
    TcpState::LastAck,
    TcpState::Closed,
];

/// The arrows between states (RFC 9293, figure 5): from row, to row, and how far out they are drawn; 0 where the
/// rows are neighbours.
const ARROWS: [(usize, usize, u8); 14] = [
    (0, 1, 0),
    (0, 2, 1),
    (1, 3, 2),
    (2, 4, 1),
    (3, 4, 0),
    (4, 5, 0),
    (4, 9, 3),
    (5, 6, 0),
    (5, 7, 1),
    (6, 8, 2),
    (7, 8, 0),
    (8, 11, 1),
    (9, 10, 0),
    (10, 11, 0),
];

/// Between two of the ways along the outer side of a column, in points.
const LANE: f32 = 6.0;
/// Room for the outermost of them.
const LANES: f32 = 3.0 * LANE + 2.0;
/// From here on it is drawn larger.
const ROOMY: f32 = 420.0;

/// Sizes that follow from the room there is.
struct Sizes {
    font: f32,
    node: egui::Vec2,
    pitch: f32,
}

/// Draw it.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, history: &History) {
    let width = ui.available_width();
    let font = if width < ROOMY { theme::SMALL - 1.0 } else { theme::SMALL + 1.0 };
    let widest = ui.painter().layout_no_wrap("SYN-RECEIVED".to_owned(), theme::mono(font), cx.look.text).size();
    let captions = [fl!(cx.words, "figure-handshake"), fl!(cx.words, "figure-close")];
    // The longest word between the columns stays in one piece, as far as the states can do with less ground.
    let words = captions.iter().flat_map(|caption| caption.split_whitespace());
    let word = words.map(|word| ui.painter().layout_no_wrap(word.to_owned(), theme::small(), cx.look.weak).size().x);
    let between = word.fold(0.0, f32::max) + 2.0 * STEP + 1.0;
    let ground = ((width - between) / 2.0 - LANES - widest.x).clamp(STEP, 3.0 * STEP);
    let node = vec2(widest.x + ground, widest.y + STEP);
    let sizes = Sizes { font, node, pitch: node.y + if width < ROOMY { 2.0 } else { 3.0 } * STEP };
    let (area, response) = ui.allocate_exact_size(vec2(width, sizes.pitch * ROWS.len() as f32), Sense::hover());
    let told = [End::Ours, End::Peer].map(|end| told(cx, end, history)).join(". ");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    if !ui.is_rect_visible(area) {
        return;
    }
    let painter = ui.painter_at(area);
    column(&painter, cx, area, &sizes, End::Ours, history);
    column(&painter, cx, area, &sizes, End::Peer, history);
    let inner = Rect::from_x_y_ranges(
        area.left() + LANES + node.x + STEP..=area.right() - LANES - node.x - STEP,
        area.y_range(),
    );
    let caption = |row: f32, text: &String| {
        let at = pos2(inner.center().x, area.top() + row * sizes.pitch);
        // In two lines where there is little room, smaller where these would be more.
        let lay_out = |size| {
            let font = egui::FontId::proportional(size);
            let mut job = LayoutJob::simple(text.clone(), font, cx.look.weak, inner.width().max(1.0));
            job.halign = Align::Center;
            painter.layout_job(job)
        };
        let mut galley = lay_out(theme::SMALL);
        if galley.rows.len() > 2 {
            galley = lay_out(theme::SMALL - 2.0);
        }
        painter.galley(at - vec2(0.0, galley.size().y / 2.0), galley, cx.look.weak);
    };
    let [handshake, close] = &captions;
    caption(0.5, handshake);
    packets(&painter, cx, inner, &sizes, (1.2, 4.4), &history.handshake());
    caption(5.4, close);
    packets(&painter, cx, inner, &sizes, (6.2, 11.4), &history.close());
}

/// The states of an end in words.
fn told(cx: &Cx<'_>, end: End, history: &History) -> String {
    let states: Vec<String> = history
        .of(end)
        .iter()
        .map(|stay| format!("{} ({})", stay.state.name(), source_text(cx, stay.source)))
        .collect();
    format!("{}: {}", name_of(cx, end), if states.is_empty() { "–".to_owned() } else { states.join(", ") })
}

/// The row of a state: CLOSED is the last row once there was another.
fn row_of(place: usize, state: TcpState) -> usize {
    if state == TcpState::Closed && place > 0 {
        return ROWS.len() - 1;
    }
    ROWS.iter().position(|row| *row == state).unwrap_or(0)
}

fn column(painter: &Painter, cx: &Cx<'_>, drawn: Rect, sizes: &Sizes, end: End, history: &History) {
    let look = cx.look;
    let stays = history.of(end);
    let passed: Vec<usize> = stays.iter().enumerate().map(|(place, stay)| row_of(place, stay.state)).collect();
    let now = stays.last().zip(passed.last());
    let (x, out) = match end {
        End::Ours => (drawn.left() + LANES + sizes.node.x / 2.0, -1.0),
        End::Peer => (drawn.right() - LANES - sizes.node.x / 2.0, 1.0),
    };
    let middle = |row: usize| pos2(x, drawn.top() + (row as f32 + 0.5) * sizes.pitch);
    let went = |from, to| passed.windows(2).any(|pair| pair == [from, to]);
    for lit in [false, true] {
        for (from, to, lane) in ARROWS.into_iter().filter(|(from, to, _)| went(*from, *to) == lit) {
            let stroke = if lit { Stroke::new(1.5, look.accent) } else { Stroke::new(1.0, faint(cx)) };
            let half = sizes.node / 2.0;
            if lane == 0 {
                let begin = middle(from) + vec2(0.0, half.y);
                arrow(painter, &[begin, middle(to) - vec2(0.0, half.y)], stroke, 3.0);
            } else {
                let edge = x + out * half.x;
                let far = edge + out * f32::from(lane) * LANE;
                // What leaves a state does so below what comes to it.
                let (leave, come) = (middle(from).y + 4.0, middle(to).y - 4.0);
                arrow(painter, &[pos2(edge, leave), pos2(far, leave), pos2(far, come), pos2(edge, come)], stroke, 3.0);
            }
        }
    }
    for (row, state) in ROWS.into_iter().enumerate() {
        let rect = Rect::from_center_size(middle(row), sizes.node);
        let text = match now {
            Some((StatePeriod { source: Source::Kernel, .. }, place)) if *place == row => {
                painter.rect_filled(rect, 6.0, look.accent);
                look.on_accent
            }
            Some((_, place)) if *place == row => {
                painter.rect(rect, 6.0, look.chosen, Stroke::new(1.5, look.accent), StrokeKind::Inside);
                look.accent
            }
            _ if passed.contains(&row) => {
                painter.rect(rect, 6.0, look.hover, Stroke::new(1.0, look.weak), StrokeKind::Inside);
                look.text
            }
            _ => {
                painter.rect(rect, 6.0, look.raised, Stroke::new(1.0, faint(cx)), StrokeKind::Inside);
                look.weak
            }
        };
        painter.text(rect.center(), Align2::CENTER_CENTER, state.name(), theme::mono(sizes.font), text);
    }
}

/// Packets across the middle, from one row to another, each a little lower where it arrives.
fn packets(painter: &Painter, cx: &Cx<'_>, inner: Rect, sizes: &Sizes, (first, last): (f32, f32), packets: &[Packet]) {
    let each = (last - first) / packets.len().max(1) as f32 * sizes.pitch;
    let slant = (each * 0.3).min(10.0);
    for (number, packet) in packets.iter().enumerate() {
        let begin = inner.top() + first * sizes.pitch + each * (number as f32 + 0.55);
        let (from, to) = match packet.from {
            End::Ours => (inner.left(), inner.right()),
            End::Peer => (inner.right(), inner.left()),
        };
        let reset = packet.flags == "RST";
        let (line, text) = match (packet.sent, reset) {
            (true, true) => (Stroke::new(2.0, cx.look.bad), cx.look.bad),
            (true, false) => (Stroke::new(2.0, cx.look.accent), cx.look.text),
            (false, _) => (Stroke::new(1.0, faint(cx)), cx.look.weak),
        };
        arrow(painter, &[pos2(from, begin), pos2(to, begin + slant)], line, 5.0);
        label(painter, pos2(inner.center().x, begin + slant / 2.0 - 3.0), packet.flags, sizes.font, text);
    }
}

/// Lines of what has not happened.
fn faint(cx: &Cx<'_>) -> Color32 {
    cx.look.weak.gamma_multiply(0.4)
}

fn label(painter: &Painter, at: Pos2, text: &str, font: f32, colour: Color32) {
    painter.text(at, Align2::CENTER_BOTTOM, text, theme::mono(font), colour);
}

/// A line through these points, with a head at the last.
fn arrow(painter: &Painter, points: &[Pos2], stroke: Stroke, head: f32) {
    painter.line(points.to_vec(), stroke);
    if let [.., before, tip] = points {
        let along = (*tip - *before).normalized() * head;
        let across = along.rot90() * 0.6;
        let corners = vec![*tip, *tip - along + across, *tip - along - across];
        painter.add(egui::Shape::convex_polygon(corners, stroke.color, Stroke::NONE));
    }
}
