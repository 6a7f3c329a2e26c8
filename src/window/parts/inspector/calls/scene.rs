//! The diagram as marks with places, colours and text: what the screen and a file both paint.

use std::collections::{BTreeMap, HashSet};

use egui::{Color32, Pos2, Rect, Vec2, emath::Rangef, pos2, vec2};
use i18n_embed_fl::fl;

use super::{
    shape::{self, BESIDE, DOT, EDGE, HALF_BAR, HEAD, LEFT, LINE, Shape, WAIT_TOLD},
    words::{self, RowText},
};
use crate::window::{
    Cx,
    theme::{self, STEP},
};
use crate::{
    core::diagram::{Columns, Diagram, DiagramRow, Lane, LaneId, Waiting},
    net::{Call, Outcome, SocketId},
};

/// Width of every line, in points.
pub const STROKE: f32 = 1.5;

/// Length of an arrow's head.
const HEAD_LENGTH: f32 = 6.0;

/// Lanes closer than this have no room for `fd 12`.
const CROWDED: f32 = 48.0;

/// How strongly a lane is drawn, behind what happens on it.
const LANE_STRENGTH: f32 = 0.55;

/// How strongly a wait is drawn.
const WAIT_STRENGTH: f32 = 0.75;

/// The most width of an explanation: longer lines are hard to read.
const WIDEST_CARD: f32 = 640.0;

/// What a text is, on which its font depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A call, or what it gave back.
    Call,
    /// The name of a lane, over its first row.
    LaneName,
    /// The least name of a lane, over the picture.
    Strip,
}

/// Lays out a line of text, so that its size is known before it is painted.
pub trait Typesetter {
    /// A line that is laid out.
    type Line: Clone;

    /// Lays out these parts as one line, which is cut where the room ends if the painter can measure it.
    fn set(&self, kind: TextKind, parts: &[(&str, Color32)], room: f32) -> Line<Self::Line>;
}

/// A line of text that is laid out, and how large it is.
#[derive(Clone, Debug)]
pub struct Line<L> {
    /// For the painter.
    pub laid: L,
    /// Its size, in points.
    pub size: Vec2,
}

/// One thing to paint. Lengths are in points.
#[derive(Clone, Debug)]
pub enum Mark<L> {
    /// A straight line.
    Line {
        /// Its ends.
        ends: [Pos2; 2],
        /// Its colour.
        colour: Color32,
    },
    /// A cubic Bézier curve: begin, two control points, end.
    Curve {
        /// The four points.
        points: [Pos2; 4],
        /// Its colour.
        colour: Color32,
    },
    /// The head of an arrow.
    ArrowHead {
        /// The tip first.
        corners: [Pos2; 3],
        /// Its colour.
        colour: Color32,
    },
    /// The dot of a call, or of a lane that begins.
    Dot {
        /// Its middle; its radius is [`DOT`].
        middle: Pos2,
        /// Its colour.
        colour: Color32,
    },
    /// A rectangle with round corners.
    Plate {
        /// Where it is.
        rect: Rect,
        /// The radius of its corners.
        corner: f32,
        /// Its colour; `None` for an edge alone.
        fill: Option<Color32>,
        /// The colour of its edge, which is inside it.
        edge: Option<Color32>,
    },
    /// A line of text.
    Text {
        /// The middle of its left side.
        at: Pos2,
        /// What is written.
        line: Line<L>,
    },
}

impl<L> Mark<L> {
    fn plate(rect: Rect, corner: f32, fill: Color32) -> Self {
        Self::Plate { rect, corner, fill: Some(fill), edge: None }
    }
}

/// How a row is set off from the others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Emphasis {
    /// Its explanation is open.
    pub open: bool,
    /// It carried the message that was asked for.
    pub marked: bool,
    /// The pointer is over it.
    pub hovered: bool,
}

/// Where the lanes are.
pub struct Scene {
    left: f32,
    right: f32,
    lane_width: f32,
    columns: Columns,
}

/// A row with its text laid out; its place is known, but not yet how far down it is.
pub struct Row<L> {
    of: DiagramRow,
    shape: Shape,
    x: f32,
    right: f32,
    colour: Color32,
    failed: bool,
    head: Option<Line<L>>,
    lines: Vec<Line<L>>,
    /// All of it in one line.
    pub text: String,
    /// The peer's end is not ours: an arrow leads to the edge of the picture, or from it.
    elsewhere: bool,
}

/// A row where it is painted.
pub struct Placed<L> {
    /// Its place in the diagram.
    pub place: usize,
    /// Where it begins.
    pub top: f32,
    /// The row.
    pub row: Row<L>,
}

/// The calls that wait now.
pub struct WaitingRows<L> {
    /// Their lanes, behind them.
    pub lanes: Vec<Mark<L>>,
    /// Each of them, from top to bottom.
    pub rows: Vec<WaitingRow<L>>,
}

/// A call that waits now, as it is painted.
pub struct WaitingRow<L> {
    /// The marks, the last of which is the text.
    pub marks: Vec<Mark<L>>,
    /// Where the text is.
    pub rect: Rect,
    /// For screen readers.
    pub told: String,
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

    /// Lays a row out.
    pub fn row<T: Typesetter>(&self, setter: &T, cx: &Cx<'_>, diagram: &Diagram, row: &DiagramRow) -> Row<T::Line> {
        let x = self.x(row.lane).unwrap_or(self.left);
        let lane = diagram.lane(row.lane);
        let text = RowText::new(cx, &row.call);
        let call = &row.call.call;
        let room = self.right - EDGE - x - BESIDE;
        let result_colour = match call.outcome {
            _ if text.failed => cx.look.bad,
            Outcome::Accepted { .. } | Outcome::Bytes(_) => cx.look.accent,
            _ => cx.look.weak,
        };
        let line = |parts: &[(&str, Color32)]| setter.set(TextKind::Call, parts, room);
        let wait = text.wait.as_ref().map(|wait| format!("  {wait}")).unwrap_or_default();
        let whole = text.line();
        // Estimated: text is laid out once, which is what a row costs most.
        let one_line = wait.is_empty() && shape::text_width(&whole) <= room;
        let lines = if one_line {
            let result = format!(" {}", text.result);
            vec![line(&[(&text.call, cx.look.text), (&result, result_colour)])]
        } else {
            vec![line(&[(&text.call, cx.look.text), (&wait, cx.look.wait)]), line(&[(&text.result, result_colour)])]
        };
        let head = row.begins_lane.then(|| {
            let name = lane.map(|lane| words::lane_name(cx, diagram, lane)).unwrap_or_default();
            setter.set(TextKind::LaneName, &[(&name, cx.look.weak)], room)
        });
        let wait = text.wait.is_some().then_some(call.waited);
        Row {
            of: *row,
            shape: Shape { head: head.is_some(), two_lines: lines.len() == 2, wait },
            x,
            right: self.right,
            colour: lane.map_or(cx.look.accent, |lane| lane_colour(cx, lane)),
            failed: text.failed,
            head,
            lines,
            text: whole,
            elsewhere: row.call.bytes().is_some_and(|bytes| !bytes.is_empty())
                && !matches!(call.socket, SocketId::Conn(conn) if diagram.other_end(conn).is_some()),
        }
    }

    /// The room for an explanation that begins here.
    pub fn card_rect(&self, top: f32) -> Rect {
        let left = self.left - LEFT + 8.0;
        Rect::from_min_max(pos2(left, top + STEP), pos2((self.right - 4.0).min(left + WIDEST_CARD), f32::INFINITY))
    }

    /// The least names of the lanes in sight, over the picture, as far as there is room.
    pub fn names<T: Typesetter>(
        &self,
        setter: &T,
        cx: &Cx<'_>,
        diagram: &Diagram,
        rows: &[Placed<T::Line>],
        strip: Rect,
    ) -> Vec<Mark<T::Line>> {
        let Some(numbers) = numbers(rows) else { return Vec::new() };
        let mut names: Vec<(f32, &Lane)> = diagram
            .lanes()
            .filter(|(_, lane)| lane.fd >= 0 && is_in(lane, numbers))
            .filter_map(|(id, lane)| Some((self.x(id)?, lane)))
            .collect();
        // In a column with several lanes, the one at the top of the view.
        names.sort_by(|(x, a), (y, b)| x.total_cmp(y).then(a.calls.cmp(&b.calls)));
        let mut free = strip.left();
        let mut marks = Vec::new();
        for (x, lane) in names {
            let name = match lane.socket {
                SocketId::Listener(_) if self.lane_width > 140.0 => words::lane_name(cx, diagram, lane),
                // Each lane rather says its number than some their name.
                _ if self.lane_width < CROWDED => lane.fd.to_string(),
                _ => words::short_lane_name(lane),
            };
            let left = (x - 2.0 * HALF_BAR).max(strip.left() + 4.0);
            if left >= free {
                let line = setter.set(TextKind::Strip, &[(&name, lane_colour(cx, lane))], f32::INFINITY);
                free = left + line.size.x + if self.lane_width < CROWDED { 4.0 } else { 8.0 };
                marks.push(Mark::Text { at: pos2(left, strip.center().y), line });
            }
        }
        marks
    }

    /// Lanes, curves from `accept`, and arrows: all that lies behind the text of these rows, which follow each other.
    /// `view` is what is in sight, `end` the end of the last row of all; `top_of` gives where a row begins that is not
    /// among these.
    pub fn behind<L>(
        &self,
        cx: &Cx<'_>,
        diagram: &Diagram,
        rows: &[Placed<L>],
        view: Rangef,
        end: f32,
        top_of: &dyn Fn(usize) -> f32,
    ) -> Vec<Mark<L>> {
        let mut marks = self.lanes(cx, diagram, rows, view, end);
        let first = rows.first().map_or(0, |row| row.place);
        let here = |number: u64| rows.get(diagram.place_of(number)?.checked_sub(first)?);
        let joint = |number: u64| -> Option<Pos2> {
            if let Some(placed) = here(number) {
                return Some(pos2(placed.row.x, placed.joint()));
            }
            // Out of sight, the way there is enough.
            let place = diagram.place_of(number)?;
            Some(pos2(self.x(diagram.row(place)?.lane)?, top_of(place) + LINE))
        };
        let waited = |number: u64| {
            let row = diagram.place_of(number).and_then(|place| diagram.row(place));
            row.is_some_and(|row| row.call.call.waited >= WAIT_TOLD)
        };
        let mut drawn = HashSet::new();
        for placed in rows {
            let row = &placed.row;
            if row.of.begins_lane
                && let Some(accept) = diagram.accepted_by(row.of.lane)
                && let Some(from) = joint(accept)
            {
                let points = curve(from, pos2(row.x, placed.lane_begins()), waited(accept));
                marks.push(Mark::Curve { points, colour: row.colour });
            }
            for join in diagram.joins(&row.of) {
                if !drawn.insert((join.send, join.recv)) {
                    continue;
                }
                let (Some(from), Some(to)) = (joint(join.send), joint(join.recv)) else { continue };
                if from.y.max(to.y) < view.min || from.y.min(to.y) > view.max {
                    continue;
                }
                let sender = diagram.place_of(join.send).and_then(|place| diagram.row(place));
                let lane = sender.and_then(|sender| diagram.lane(sender.lane));
                let colour = lane.map_or(row.colour, |lane| lane_colour(cx, lane));
                let to_bar = here(join.recv).is_some_and(|to| to.row.shape.wait.is_some());
                let (points, corners) = arrow(from, to, to_bar);
                marks.push(Mark::Curve { points, colour });
                marks.push(Mark::ArrowHead { corners, colour });
            }
            if row.elsewhere {
                let text = row.lines.last().map_or(0.0, |line| line.size.x);
                let y = placed.top + row.last_line();
                let near = pos2(row.x + BESIDE + text + 8.0, y);
                let far = pos2(row.right, y);
                let sends = matches!(row.of.call.call.call, Call::Send(_));
                let (from, to) = if sends { (near, far) } else { (far, near) };
                if far.x - near.x >= HEAD_LENGTH + 4.0 {
                    let along = vec2((to.x - from.x).signum(), 0.0);
                    let colour = row.colour;
                    marks.push(Mark::Line { ends: [from, to - along * (HEAD_LENGTH - 1.0)], colour });
                    marks.push(Mark::ArrowHead { corners: arrow_head(to, along), colour });
                }
            }
        }
        marks
    }

    fn lanes<L>(&self, cx: &Cx<'_>, diagram: &Diagram, rows: &[Placed<L>], view: Rangef, end: f32) -> Vec<Mark<L>> {
        let Some(numbers) = numbers(rows) else { return Vec::new() };
        // The first row of each lane, and its last.
        let mut of_lane: BTreeMap<LaneId, (&Placed<L>, &Placed<L>)> = BTreeMap::new();
        for placed in rows {
            of_lane.entry(placed.row.of.lane).or_insert((placed, placed)).1 = placed;
        }
        let mut marks = Vec::new();
        for (id, lane) in diagram.lanes().filter(|(_, lane)| is_in(lane, numbers)) {
            let Some(x) = self.x(id) else { continue };
            let here = of_lane.get(&id);
            let top = match here {
                Some((first, _)) if first.row.of.begins_lane => first.lane_begins(),
                Some((first, _)) if self.columns.folded => first.joint(),
                None if self.columns.folded => continue,
                _ => view.min,
            };
            let bottom = match here {
                Some((_, last)) if self.columns.folded || (lane.closed && lane.calls.1 <= numbers.1) => last.joint(),
                _ if lane.calls.1 > numbers.1 => view.max,
                _ => end.min(view.max),
            };
            if bottom > top {
                marks.push(lane_line(cx, lane, x, top, bottom));
            }
        }
        marks
    }

    /// The calls that wait now, under the last row, which ends at `end`.
    pub fn waiting<T: Typesetter>(
        &self,
        setter: &T,
        cx: &Cx<'_>,
        diagram: &Diagram,
        (waiting, more): (&[Waiting], usize),
        end: f32,
    ) -> WaitingRows<T::Line> {
        let (mut lanes, mut rows) = (Vec::new(), Vec::new());
        let mut top = end;
        let label = |mut marks: Vec<Mark<T::Line>>, words: &str, told: String, at: Pos2| {
            let line = setter.set(TextKind::Call, &[(words, cx.look.wait)], self.right - EDGE - at.x);
            let rect = Rect::from_min_size(at - vec2(0.0, line.size.y / 2.0), line.size);
            marks.push(Mark::plate(rect.expand2(vec2(4.0, 1.0)), 4.0, cx.look.raised));
            marks.push(Mark::Text { at, line });
            WaitingRow { marks, rect, told }
        };
        for waiting in waiting {
            let Some(lane) = diagram.lane(waiting.lane) else { continue };
            if let Some(x) = self.x(waiting.lane) {
                lanes.push(lane_line(cx, lane, x, end, top + shape::PAD));
            }
            let x = self.x(waiting.lane).unwrap_or(self.left);
            let bar = Rect::from_min_max(pos2(x - HALF_BAR, top + 4.0), pos2(x + HALF_BAR, top + shape::WAITING - 2.0));
            let bar = Mark::Plate { rect: bar, corner: HALF_BAR, fill: Some(cx.look.raised), edge: Some(cx.look.wait) };
            let words = format!("{}  {}", words::call_text(waiting.call), fl!(cx.words, "calls-waiting"));
            let told = format!("{words} · {}", words::short_lane_name(lane));
            rows.push(label(vec![bar], &words, told, pos2(x + BESIDE, top + shape::WAITING / 2.0)));
            top += shape::WAITING;
        }
        if more > 0 {
            let words = fl!(cx.words, "calls-more-waiting", count = more);
            rows.push(label(Vec::new(), &words, words.clone(), pos2(self.left + BESIDE, top + shape::WAITING / 2.0)));
        }
        WaitingRows { lanes, rows }
    }
}

impl<L: Clone> Row<L> {
    /// The call.
    pub fn row(&self) -> &DiagramRow {
        &self.of
    }

    /// Height of the row, without an explanation.
    pub fn height(&self) -> f32 {
        self.shape.height()
    }

    /// From the top of the row to its explanation.
    pub fn body_bottom(&self) -> f32 {
        self.shape.height() - shape::PAD
    }

    /// Where the text of the call is, in a row that begins at `top`.
    pub fn text_rect(&self, top: f32) -> Rect {
        let body = top + self.shape.body_top();
        let widest = self.lines.iter().map(|line| line.size.x).fold(0.0, f32::max);
        let left = self.x + BESIDE;
        Rect::from_min_max(
            pos2(left - 5.0, body - 2.0),
            pos2((left + widest + 5.0).min(self.right), body + self.shape.body() + 2.0),
        )
    }

    /// Where the row is clicked: its text, and its dot or bar.
    pub fn hit_rect(&self, top: f32) -> Rect {
        let text = self.text_rect(top);
        Rect::from_min_max(pos2(self.x - 2.0 * HALF_BAR, text.top()), text.max)
    }

    /// The marks of the row where it begins at `top`, from back to front.
    pub fn marks(&self, cx: &Cx<'_>, top: f32, emphasis: Emphasis) -> Vec<Mark<L>> {
        let look = cx.look;
        let mut marks = Vec::new();
        let text_left = self.x + BESIDE;
        if let Some(head) = &self.head {
            let y = top + LANE_BEGINS;
            marks.push(Mark::Dot { middle: pos2(self.x, y), colour: self.colour });
            let ground = Rect::from_min_size(pos2(text_left, y - head.size.y / 2.0), head.size);
            marks.push(Mark::plate(ground.expand2(vec2(4.0, 1.0)), 4.0, look.raised));
            marks.push(Mark::Text { at: pos2(text_left, y), line: head.clone() });
        }
        let Emphasis { open, marked, hovered } = emphasis;
        let fill = match (open || marked, self.failed, hovered) {
            (true, ..) => Some(look.chosen),
            (_, true, _) => Some(look.bad_ground),
            (.., true) => Some(look.hover),
            _ => None,
        };
        if fill.is_some() || marked {
            let edge = marked.then_some(look.accent);
            marks.push(Mark::Plate { rect: self.text_rect(top), corner: 6.0, fill, edge });
        }
        let body = top + self.shape.body_top();
        if self.shape.wait.is_some() {
            let (left, right) = (self.x - HALF_BAR, self.x + HALF_BAR);
            let bar = Rect::from_x_y_ranges(left..=right, body..=body + self.shape.body());
            let colour = if self.failed { look.bad } else { look.wait };
            marks.push(Mark::plate(bar, HALF_BAR, look.raised));
            marks.push(Mark::plate(bar, HALF_BAR, colour.gamma_multiply(WAIT_STRENGTH)));
        } else {
            let colour = if self.failed { look.bad } else { self.colour };
            marks.push(Mark::Dot { middle: pos2(self.x, body + LINE / 2.0), colour });
        }
        for (line, y) in self.lines.iter().zip([body + LINE / 2.0, top + self.last_line()]) {
            if fill.is_none() {
                // Text covers the lanes it crosses, and no more than that.
                let ground = Rect::from_min_size(pos2(text_left, y - line.size.y / 2.0), line.size);
                marks.push(Mark::plate(ground.expand2(vec2(3.0, 0.0)), 4.0, look.raised));
            }
            marks.push(Mark::Text { at: pos2(text_left, y), line: line.clone() });
        }
        marks
    }
}

impl<L> Row<L> {
    /// From the top of the row to the middle of the last line.
    fn last_line(&self) -> f32 {
        self.shape.body_top() + self.shape.body() - LINE / 2.0
    }
}

impl<L> Placed<L> {
    /// Where arrows begin and end, from the top of the picture.
    fn joint(&self) -> f32 {
        self.top + self.row.shape.joint()
    }

    /// The middle of the dot that begins the lane.
    fn lane_begins(&self) -> f32 {
        self.top + LANE_BEGINS
    }
}

/// From the top of a row that begins a lane to the middle of the lane's dot.
const LANE_BEGINS: f32 = shape::PAD + HEAD / 2.0 - 2.0;

/// The numbers of the first call and the last of these rows.
fn numbers<L>(rows: &[Placed<L>]) -> Option<(u64, u64)> {
    Some((rows.first()?.row.of.call.number, rows.last()?.row.of.call.number))
}

/// Whether a lane lasts at some time between these calls.
fn is_in(lane: &Lane, (first, last): (u64, u64)) -> bool {
    lane.calls.0 <= last && (!lane.closed || lane.calls.1 >= first)
}

fn lane_line<L>(cx: &Cx<'_>, lane: &Lane, x: f32, top: f32, bottom: f32) -> Mark<L> {
    Mark::Line { ends: [pos2(x, top), pos2(x, bottom)], colour: lane_colour(cx, lane).gamma_multiply(LANE_STRENGTH) }
}

/// The colour of a lane.
pub fn lane_colour(cx: &Cx<'_>, lane: &Lane) -> Color32 {
    match lane.socket {
        SocketId::Listener(_) => cx.look.accent,
        SocketId::Conn(conn) => theme::lane_colour(cx.look, conn),
    }
}

/// From a call that made a lane to where the lane begins: from the end of its bar, or from under its dot.
fn curve(from: Pos2, to: Pos2, bar: bool) -> [Pos2; 4] {
    let middle = f32::midpoint(from.x, to.x);
    let (from, bend) = if bar {
        (from + vec2(HALF_BAR, 0.0), pos2(middle, from.y))
    } else {
        (from + vec2(0.0, DOT), pos2(from.x, to.y))
    };
    [from, bend, pos2(middle, to.y), to]
}

/// From a call that sent to one that received: to its dot from above, to its bar from the side. The curve and the head.
fn arrow(from: Pos2, to: Pos2, bar: bool) -> ([Pos2; 4], [Pos2; 3]) {
    let from = from + vec2(0.0, DOT);
    let (tip, along) = if bar {
        let side = if from.x > to.x { -1.0 } else { 1.0 };
        (to - vec2(side * (HALF_BAR + 1.0), HALF_BAR), vec2(side, 0.0))
    } else {
        (to - vec2(0.0, DOT + 1.0), vec2(0.0, 1.0))
    };
    let bend = ((tip.y - from.y) / 2.0).abs().clamp(6.0, 60.0);
    let end = tip - along * (HEAD_LENGTH - 1.0);
    ([from, from + vec2(0.0, bend), end - along * bend.min(24.0), end], arrow_head(tip, along))
}

fn arrow_head(tip: Pos2, along: Vec2) -> [Pos2; 3] {
    let (back, side) = (tip - along * HEAD_LENGTH, along.rot90() * (HEAD_LENGTH * 0.6));
    [tip, back + side, back - side]
}
