//! The diagram on the screen: lanes, bars, arrows and the text of the calls in sight.

use std::sync::Arc;

use egui::{
    Align2, Color32, Galley, Id, Painter, Pos2, Rect, Response, Sense, Shape as Ink, Stroke, StrokeKind, Ui,
    WidgetInfo,
    accesskit::Role,
    emath::Rangef,
    epaint::CubicBezierShape,
    pos2,
    text::{LayoutJob, TextFormat, TextWrapping},
    vec2,
};
use i18n_embed_fl::fl;

use super::{
    super::super::controls,
    shape::{self, BESIDE, DOT, EDGE, HALF_BAR, HEAD, LEFT, LINE, Shape, WAIT_TOLD},
    words::{self, RowText},
};
use crate::window::{
    Cx, fonts,
    theme::{self, STEP},
};
use crate::{
    core::diagram::{Columns, Diagram, DiagramRow, Lane, LaneId, Waiting},
    net::{Call, Outcome, SocketId},
};

/// Stroke of a lane.
const LANE: f32 = 1.5;

/// Length of an arrow's head.
const HEAD_LENGTH: f32 = 6.0;

/// The most width of an explanation: longer lines are hard to read.
const WIDEST_CARD: f32 = 640.0;

/// Where the lanes stand.
pub struct Scene {
    left: f32,
    right: f32,
    lane_width: f32,
    columns: Columns,
}

/// A row, laid out but not drawn.
pub struct Laid {
    row: DiagramRow,
    shape: Shape,
    card: f32,
    x: f32,
    colour: Color32,
    failed: bool,
    head: Option<Arc<Galley>>,
    lines: Vec<Arc<Galley>>,
    /// All of it, for screen readers.
    told: String,
    /// To the edge of the picture, or from it: the other end is not ours.
    elsewhere: bool,
    right: f32,
}

impl Scene {
    /// The lanes of these columns, in a picture of this width.
    pub fn new(left: f32, width: f32, columns: Columns) -> Self {
        let lane_width = shape::lane_width(width, columns.count);
        Self { left: left + LEFT, right: left + width, lane_width, columns }
    }

    fn x(&self, lane: LaneId) -> Option<f32> {
        Some(self.left + self.columns.of(lane)? as f32 * self.lane_width)
    }

    /// Lay a row out.
    pub fn lay(&self, painter: &Painter, cx: &Cx<'_>, diagram: &Diagram, row: &DiagramRow, card: f32) -> Laid {
        let x = self.x(row.lane).unwrap_or(self.left);
        let lane = diagram.lane(row.lane);
        let colour = lane.map_or(cx.look.accent, |lane| lane_colour(cx, lane));
        let text = RowText::new(cx, &row.call);
        let call = &row.call.call;
        let told = format!("{} · {}", text.line(), lane.map(words::short_lane_name).unwrap_or_default());
        let room = self.right - EDGE - x - BESIDE;
        let result_colour = match call.outcome {
            _ if text.failed => cx.look.bad,
            Outcome::Accepted { .. } | Outcome::Bytes(_) => cx.look.accent,
            _ => cx.look.weak,
        };
        let format = |colour| TextFormat::simple(theme::mono(theme::SMALL), colour);
        let line = |parts: &[(&str, Color32)], room: f32| {
            let mut job = LayoutJob::default();
            for (part, colour) in parts {
                job.append(part, 0.0, format(*colour));
            }
            job.wrap = TextWrapping { max_width: room, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
            painter.layout_job(job)
        };
        let wait = text.wait.as_ref().map(|wait| format!("  {wait}")).unwrap_or_default();
        // Estimated: text is laid out once, which is what a row costs most.
        let one_line = wait.is_empty() && shape::text_width(&text.line()) <= room;
        let lines = if one_line {
            let result = format!(" {}", text.result);
            vec![line(&[(&text.call, cx.look.text), (&result, result_colour)], room)]
        } else {
            vec![
                line(&[(&text.call, cx.look.text), (&wait, cx.look.wait)], room),
                line(&[(&text.result, result_colour)], room),
            ]
        };
        let head = row.begins_lane.then(|| {
            let name = lane.map(|lane| words::lane_name(cx, diagram, lane)).unwrap_or_default();
            let mut job =
                LayoutJob::single_section(name, TextFormat::simple(fonts::semibold(theme::SMALL), cx.look.weak));
            job.wrap = TextWrapping { max_width: room, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
            painter.layout_job(job)
        });
        let wait = text.wait.is_some().then_some(call.waited);
        let shape = Shape { head: head.is_some(), two_lines: lines.len() == 2, wait };
        let elsewhere = row.call.bytes().is_some_and(|bytes| !bytes.is_empty())
            && !matches!(call.socket, SocketId::Conn(conn) if diagram.other_end(conn).is_some());
        let (failed, right) = (text.failed, self.right);
        Laid { row: *row, shape, card, x, colour, failed, head, lines, told, elsewhere, right }
    }

    /// The room for an explanation that begins here.
    pub fn card_rect(&self, top: f32) -> Rect {
        let left = self.left - LEFT + 8.0;
        Rect::from_min_max(pos2(left, top + STEP), pos2((self.right - 4.0).min(left + WIDEST_CARD), f32::INFINITY))
    }

    /// The least names of the lanes in sight, over the picture, as far as there is room.
    pub fn names(&self, painter: &Painter, cx: &Cx<'_>, diagram: &Diagram, rows: &[(usize, f32, Laid)], strip: Rect) {
        let (Some((_, _, first)), Some((_, _, last))) = (rows.first(), rows.last()) else { return };
        let (first, last) = (first.row.call.number, last.row.call.number);
        let in_sight = |lane: &Lane| lane.calls.0 <= last && (!lane.closed || lane.calls.1 >= first);
        let mut names: Vec<(f32, &Lane)> = diagram
            .lanes()
            .filter(|(_, lane)| lane.fd >= 0 && in_sight(lane))
            .filter_map(|(id, lane)| Some((self.x(id)?, lane)))
            .collect();
        // In a column with several lanes, the one at the top of the view.
        names.sort_by(|(x, a), (y, b)| x.total_cmp(y).then(a.calls.cmp(&b.calls)));
        let mut free = strip.left();
        for (x, lane) in names {
            let name = match lane.socket {
                SocketId::Listener(_) if self.lane_width > 140.0 => words::lane_name(cx, diagram, lane),
                _ => words::short_lane_name(lane),
            };
            let left = (x - 2.0 * HALF_BAR).max(strip.left() + 4.0);
            if left >= free {
                let galley = painter.layout_no_wrap(name, theme::mono(theme::SMALL - 1.0), lane_colour(cx, lane));
                free = left + galley.size().x + 8.0;
                painter.galley(pos2(left, strip.center().y - galley.size().y / 2.0), galley, cx.look.weak);
            }
        }
    }

    /// Lanes, curves from `accept`, and arrows: all that lies behind the text.
    pub fn lines(
        &self,
        ui: &Ui,
        cx: &Cx<'_>,
        diagram: &Diagram,
        rows: &[(usize, f32, Laid)],
        end: f32,
        tops: &dyn Fn(usize) -> f32,
    ) {
        let view = ui.clip_rect();
        self.lanes(ui, cx, diagram, rows, end);
        let joint = |number: u64| -> Option<Pos2> {
            if let Some((_, top, laid)) = rows.iter().find(|(.., laid)| laid.row.call.number == number) {
                return Some(pos2(laid.x, top + laid.shape.joint()));
            }
            // Out of sight, the way there is enough.
            let place = diagram.place_of(number)?;
            let row = diagram.row(place)?;
            let x = self.x(row.lane)?;
            Some(pos2(x, tops(place) + LINE))
        };
        let mut drawn = std::collections::HashSet::new();
        for (_, top, laid) in rows {
            let row = &laid.row;
            if row.begins_lane
                && let Some(from) = diagram.accepted_by(row.lane).and_then(joint)
            {
                let to = pos2(laid.x, top + shape::PAD + HEAD / 2.0 - 2.0);
                let accept = diagram.accepted_by(row.lane).and_then(|number| diagram.place_of(number));
                let accept = accept.and_then(|place| diagram.row(place));
                let bar = accept.is_some_and(|accept| accept.call.call.waited >= WAIT_TOLD);
                curve(ui, from, to, bar, Stroke::new(1.5, laid.colour));
            }
            for join in diagram.joins(row) {
                if !drawn.insert((join.send, join.recv)) {
                    continue;
                }
                let (Some(from), Some(to)) = (joint(join.send), joint(join.recv)) else { continue };
                let sender = diagram.place_of(join.send).and_then(|place| diagram.row(place));
                let lane = sender.and_then(|sender| diagram.lane(sender.lane));
                let colour = lane.map_or(laid.colour, |lane| lane_colour(cx, lane));
                if from.y.max(to.y) >= view.top() && from.y.min(to.y) <= view.bottom() {
                    let bar =
                        rows.iter().any(|(.., laid)| laid.row.call.number == join.recv && laid.shape.wait.is_some());
                    arrow(ui, from, to, bar, Stroke::new(1.5, colour));
                }
            }
            if laid.elsewhere {
                let text = laid.lines.last().map_or(0.0, |line| line.size().x);
                let y = top + laid.last_line();
                let near = pos2(laid.x + BESIDE + text + 8.0, y);
                let far = pos2(laid.right, y);
                let sends = matches!(row.call.call.call, Call::Send(_));
                let (from, to) = if sends { (near, far) } else { (far, near) };
                if far.x - near.x >= HEAD_LENGTH + 4.0 {
                    straight(ui, from, to, Stroke::new(1.5, laid.colour));
                }
            }
        }
    }

    fn lanes(&self, ui: &Ui, cx: &Cx<'_>, diagram: &Diagram, rows: &[(usize, f32, Laid)], end: f32) {
        let view = ui.clip_rect();
        let (Some((_, _, first)), Some((_, _, last))) = (rows.first(), rows.last()) else { return };
        let (first, last) = (first.row.call.number, last.row.call.number);
        for (id, lane) in diagram.lanes() {
            let Some(x) = self.x(id) else { continue };
            if lane.calls.0 > last || (lane.closed && lane.calls.1 < first) {
                continue;
            }
            let mut here = rows.iter().filter(|(.., laid)| laid.row.lane == id);
            let (begin, finish) = (here.next(), here.next_back());
            let finish = finish.or(begin);
            let top_of = |(_, top, laid): &(usize, f32, Laid)| {
                top + if laid.row.begins_lane { shape::PAD + HEAD / 2.0 - 2.0 } else { laid.shape.joint() }
            };
            let bottom_of = |(_, top, laid): &(usize, f32, Laid)| top + laid.shape.joint();
            let top = match begin {
                Some(row) if self.columns.folded || row.2.row.begins_lane => top_of(row),
                _ if self.columns.folded => continue,
                _ => view.top(),
            };
            let bottom = match finish {
                Some(row) if self.columns.folded || (lane.closed && lane.calls.1 <= last) => bottom_of(row),
                _ if lane.calls.1 > last => view.bottom(),
                _ => end.min(view.bottom()),
            };
            if bottom > top {
                let colour = lane_colour(cx, lane).gamma_multiply(0.55);
                ui.painter().vline(x, Rangef::new(top, bottom), Stroke::new(LANE, colour));
            }
        }
    }

    /// The calls that wait now, under the last row.
    pub fn waiting(&self, ui: &Ui, cx: &Cx<'_>, diagram: &Diagram, waiting: &[Waiting], more: usize, mut top: f32) {
        for (place, waiting) in waiting.iter().enumerate() {
            if let (Some(lane), Some(x)) = (diagram.lane(waiting.lane), self.x(waiting.lane)) {
                let bottom = top + place as f32 * shape::WAITING + shape::PAD;
                let colour = lane_colour(cx, lane).gamma_multiply(0.55);
                ui.painter().vline(x, Rangef::new(top, bottom), Stroke::new(LANE, colour));
            }
        }
        for waiting in waiting {
            let Some(lane) = diagram.lane(waiting.lane) else { continue };
            let x = self.x(waiting.lane).unwrap_or(self.left);
            let bar = Rect::from_min_max(pos2(x - HALF_BAR, top + 4.0), pos2(x + HALF_BAR, top + shape::WAITING - 2.0));
            ui.painter().rect(bar, HALF_BAR, cx.look.raised, Stroke::new(1.5, cx.look.wait), StrokeKind::Inside);
            let words = format!("{}  {}", words::call_text(waiting.call), fl!(cx.words, "calls-waiting"));
            let name = words::short_lane_name(lane);
            let at = pos2(x + BESIDE, top + shape::WAITING / 2.0);
            let shown = label(ui, cx, &format!("waiting-{name}-{words}"), &words, at, self.right - EDGE - at.x);
            let told = format!("{words} · {name}");
            shown.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
            top += shape::WAITING;
        }
        if more > 0 {
            let words = fl!(cx.words, "calls-more-waiting", count = more);
            let at = pos2(self.left + BESIDE, top + shape::WAITING / 2.0);
            let shown = label(ui, cx, "more-waiting", &words, at, self.right - EDGE - at.x);
            shown.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        }
    }
}

/// Text in one line that a screen reader finds.
fn label(ui: &Ui, cx: &Cx<'_>, id: &str, text: &str, at: Pos2, room: f32) -> Response {
    let mut job =
        LayoutJob::single_section(text.to_owned(), TextFormat::simple(theme::mono(theme::SMALL), cx.look.wait));
    job.wrap = TextWrapping { max_width: room, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    ui.painter().rect_filled(rect.expand2(vec2(4.0, 1.0)), 4.0, cx.look.raised);
    ui.painter().galley(rect.min, galley, cx.look.wait);
    ui.interact(rect, Id::unique(id), Sense::hover())
}

impl Laid {
    /// Height of the row, its explanation included.
    pub fn height(&self) -> f32 {
        self.shape.height() + self.card
    }

    /// From the top of the row to its explanation.
    pub fn body_bottom(&self) -> f32 {
        self.shape.height() - shape::PAD
    }

    /// From the top of the row to the middle of the last line.
    fn last_line(&self) -> f32 {
        self.shape.body_top() + self.shape.body() - LINE / 2.0
    }

    /// Draw it.
    pub fn show(&self, ui: &Ui, cx: &Cx<'_>, top: f32, open: bool, marked: bool) -> Response {
        let look = cx.look;
        let body_top = top + self.shape.body_top();
        let body_bottom = body_top + self.shape.body();
        let widest = self.lines.iter().map(|line| line.size().x).fold(0.0, f32::max);
        let text_left = self.x + BESIDE;
        let rect = Rect::from_min_max(
            pos2(text_left - 5.0, body_top - 2.0),
            pos2((text_left + widest + 5.0).min(self.right), body_bottom + 2.0),
        );
        let id = Id::unique(("call", self.row.call.number));
        ui.data_mut(|data| data.insert_temp(id, self.row.call.number));
        let hit = Rect::from_min_max(pos2(self.x - 2.0 * HALF_BAR, rect.top()), rect.max);
        let response = ui.interact(hit, id, Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &self.told));
        if response.hovered() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        }
        if let Some(head) = &self.head {
            let middle = pos2(self.x, top + shape::PAD + HEAD / 2.0 - 2.0);
            ui.painter().circle_filled(middle, DOT, self.colour);
            let at = Align2::LEFT_CENTER.anchor_size(pos2(text_left, middle.y), head.size());
            ui.painter().rect_filled(at.expand2(vec2(4.0, 1.0)), 4.0, look.raised);
            ui.painter().galley(at.min, Arc::clone(head), look.weak);
        }
        let fill = match (open || marked, self.failed, response.hovered()) {
            (true, ..) => Some(look.chosen),
            (_, true, _) => Some(look.bad_ground),
            (.., true) => Some(look.hover),
            _ => None,
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, 6.0, fill);
        }
        if marked {
            ui.painter().rect_stroke(rect, 6.0, Stroke::new(1.5, look.accent), StrokeKind::Inside);
        }
        controls::focus_ring(ui, look, &response, rect, 6);
        if self.shape.wait.is_some() {
            let bar = Rect::from_x_y_ranges(self.x - HALF_BAR..=self.x + HALF_BAR, body_top..=body_bottom);
            ui.painter().rect_filled(bar, HALF_BAR, look.raised);
            let colour = if self.failed { look.bad } else { look.wait };
            ui.painter().rect_filled(bar, HALF_BAR, colour.gamma_multiply(0.75));
        } else {
            let colour = if self.failed { look.bad } else { self.colour };
            ui.painter().circle_filled(pos2(self.x, body_top + LINE / 2.0), DOT, colour);
        }
        for (line, y) in self.lines.iter().zip([body_top + LINE / 2.0, top + self.last_line()]) {
            let at = Align2::LEFT_CENTER.anchor_size(pos2(text_left, y), line.size());
            if fill.is_none() {
                // Text covers the lanes it crosses, and no more than that.
                ui.painter().rect_filled(at.expand2(vec2(3.0, 0.0)), 4.0, look.raised);
            }
            ui.painter().galley(at.min, Arc::clone(line), look.text);
        }
        response
    }
}

/// The colour of a lane.
pub fn lane_colour(cx: &Cx<'_>, lane: &Lane) -> Color32 {
    match lane.socket {
        SocketId::Listener(_) => cx.look.accent,
        SocketId::Conn(conn) => theme::lane_colour(cx.look, conn.number()),
    }
}

/// From a call that made a lane to where the lane begins: from the end of its bar, or from under its dot.
fn curve(ui: &Ui, from: Pos2, to: Pos2, bar: bool, stroke: Stroke) {
    let middle = f32::midpoint(from.x, to.x);
    let (from, bend) = if bar {
        (from + vec2(HALF_BAR, 0.0), pos2(middle, from.y))
    } else {
        (from + vec2(0.0, DOT), pos2(from.x, to.y))
    };
    let points = [from, bend, pos2(middle, to.y), to];
    ui.painter().add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
}

/// From a call that sent to one that received: to its dot from above, to its bar from the side.
fn arrow(ui: &Ui, from: Pos2, to: Pos2, bar: bool, stroke: Stroke) {
    let from = from + vec2(0.0, DOT);
    let (tip, along) = if bar {
        let side = if from.x > to.x { -1.0 } else { 1.0 };
        (to - vec2(side * (HALF_BAR + 1.0), HALF_BAR), vec2(side, 0.0))
    } else {
        (to - vec2(0.0, DOT + 1.0), vec2(0.0, 1.0))
    };
    let bend = ((tip.y - from.y) / 2.0).abs().clamp(6.0, 60.0);
    let end = tip - along * (HEAD_LENGTH - 1.0);
    let points = [from, from + vec2(0.0, bend), end - along * bend.min(24.0), end];
    ui.painter().add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
    head(ui, tip, along, stroke.color);
}

fn straight(ui: &Ui, from: Pos2, to: Pos2, stroke: Stroke) {
    let along = (to - from).normalized();
    ui.painter().line_segment([from, to - along * (HEAD_LENGTH - 1.0)], stroke);
    head(ui, to, along, stroke.color);
}

fn head(ui: &Ui, tip: Pos2, along: egui::Vec2, colour: Color32) {
    let (back, side) = (tip - along * HEAD_LENGTH, along.rot90() * (HEAD_LENGTH * 0.6));
    ui.painter().add(Ink::convex_polygon(vec![tip, back + side, back - side], colour, Stroke::NONE));
}
