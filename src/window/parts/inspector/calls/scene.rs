//! The diagram as marks with places, colours and text: what the screen and a file both paint.

use std::collections::HashSet;

use egui::{Color32, Pos2, Rect, Vec2, emath::Rangef, pos2, vec2};

use super::{
    arrows::{arrow, arrow_head, curve},
    row::{Of, Placed, Row},
    run_words,
    shape::{self, BESIDE, EDGE, HALF_BAR, LEFT, LINE, Shape, WAIT_TOLD},
    words::{self, RowText},
};
use crate::window::{
    Cx,
    theme::{self, STEP},
};
use crate::{
    core::diagram::{Diagram, DiagramRow, Fold, Item, Lane, Run},
    net::{Call, Outcome, SocketId},
};

/// Width of every line, in points.
pub const STROKE: f32 = 1.5;

/// Length of an arrow's head.
pub const HEAD_LENGTH: f32 = 6.0;

/// How far an arrow leads that comes from another machine, or goes there.
const ELSEWHERE: f32 = 28.0;

/// How strongly a lane is drawn, behind what happens on it.
const LANE_STRENGTH: f32 = 0.55;

/// How strongly a wait is drawn.
pub(super) const WAIT_STRENGTH: f32 = 0.75;

/// The most width of an explanation: longer lines are hard to read.
const WIDEST_CARD: f32 = 640.0;

/// What a text is, on which its font depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A call, or what it gave back.
    Call,
    /// What a lane is called.
    LaneName,
    /// What else is said of a lane.
    LaneAddress,
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
    /// A straight line of dots.
    Dotted {
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
        /// Its middle; its radius is [`shape::DOT`].
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
    /// A rectangle without an edge.
    pub fn plate(rect: Rect, corner: f32, fill: Color32) -> Self {
        Self::Plate { rect, corner, fill: Some(fill), edge: None }
    }
}

/// Where the lanes are.
pub struct Scene<'a> {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) lane_width: f32,
    /// The lanes' names are one line each.
    pub(super) low: bool,
    /// The colours of the lanes of one socket each.
    colours: Vec<Color32>,
    pub(super) diagram: &'a Diagram,
    pub(super) fold: &'a Fold,
}

impl<'a> Scene<'a> {
    /// The lanes in a picture of this width.
    pub fn new(cx: &Cx<'_>, (left, width): (f32, f32), diagram: &'a Diagram, fold: &'a Fold) -> Self {
        let lane_width = shape::lane_width(width, fold.lanes().count());
        let mut colours = vec![cx.look.accent];
        for own in &fold.lanes().own {
            colours.push(match own.socket {
                SocketId::Listener(_) => cx.look.accent,
                SocketId::Conn(conn) => theme::lane_colour(cx.look, conn, &colours),
            });
        }
        colours.remove(0);
        Self { left: left + LEFT, right: left + width, lane_width, low: false, colours, diagram, fold }
    }

    /// The same in a picture of this height, names included.
    #[must_use]
    pub fn of_height(self, height: f32) -> Self {
        Self { low: height < shape::LOW, ..self }
    }

    /// How wide the picture is.
    pub fn width(&self) -> f32 {
        self.right - self.left + LEFT
    }

    pub(super) fn column_x(&self, column: usize) -> f32 {
        self.left + column as f32 * self.lane_width
    }

    /// The colour of a lane: that of the peer, unless a lane has it already; weak for all others.
    pub(super) fn colour(&self, cx: &Cx<'_>, socket: SocketId) -> Color32 {
        let column = self.fold.lanes().column(socket);
        column.and_then(|column| self.colours.get(column).copied()).unwrap_or(cx.look.weak)
    }

    /// The line of a lane, in its colour.
    pub(super) fn lane_line<L>(&self, cx: &Cx<'_>, socket: SocketId, x: f32, ys: Rangef) -> Mark<L> {
        let colour = self.colour(cx, socket).gamma_multiply(LANE_STRENGTH);
        Mark::Line { ends: [pos2(x, ys.min), pos2(x, ys.max)], colour }
    }

    /// Where the lane of the others is.
    pub(super) fn others_x(&self) -> Option<f32> {
        Some(self.column_x(self.fold.lanes().others_column()?))
    }

    /// Where the lane of a socket is: its own, or that of the others.
    pub(super) fn x(&self, socket: SocketId) -> f32 {
        let lanes = self.fold.lanes();
        self.column_x(lanes.column(socket).or(lanes.others_column()).unwrap_or(0))
    }

    /// Lays the item at this place out.
    pub fn item<T: Typesetter>(&self, setter: &T, cx: &Cx<'_>, place: usize) -> Option<Row<T::Line>> {
        let call = |number: u64| self.diagram.row(self.diagram.place_of(number)?);
        match self.fold.item(place)? {
            Item::Call(number) => Some(self.call(setter, cx, call(*number)?)),
            Item::Run(run) if run.rows == 1 && !run.open => Some(self.call(setter, cx, call(run.calls.0)?)),
            Item::Run(run) => Some(self.run(setter, cx, run)),
        }
    }

    fn call<T: Typesetter>(&self, setter: &T, cx: &Cx<'_>, row: &DiagramRow) -> Row<T::Line> {
        let call = &row.call.call;
        let x = self.x(call.socket);
        let own = self.fold.lanes().column(call.socket).is_some();
        let text = RowText::new(cx, &row.call);
        let room = self.right - EDGE - x - BESIDE;
        let colour = self.colour(cx, call.socket);
        let result_colour = match call.outcome {
            _ if text.failed => cx.look.bad,
            Outcome::Accepted { .. } | Outcome::Bytes(_) | Outcome::BytesFrom { .. } => cx.look.accent,
            _ => cx.look.weak,
        };
        let line = |parts: &[(&str, Color32)]| (setter.set(TextKind::Call, parts, room), x + BESIDE);
        let wait = text.wait.as_ref().map(|wait| format!("  {wait}")).unwrap_or_default();
        let whole = text.line();
        // Estimated: text is laid out once, which is what a row costs most.
        let one_line = wait.is_empty() && shape::text_width(&whole) <= room;
        let lines = if one_line {
            let result = format!(" {}", text.result);
            vec![line(&[(&text.socket, colour), (&text.call, cx.look.text), (&result, result_colour)])]
        } else {
            vec![
                line(&[(&text.socket, colour), (&text.call, cx.look.text), (&wait, cx.look.wait)]),
                line(&[(&text.result, result_colour)]),
            ]
        };
        // Only what an accept made begins with a line of its own: `socket` says what it made by itself.
        let is_new = own && row.begins_lane && self.diagram.accepted_by(row.lane).is_some();
        let head = is_new.then(|| {
            let name = words::is_new(cx, row.call.descriptor, |name| shape::text_width(name) <= room);
            let line = setter.set(TextKind::LaneName, &[(&name, colour)], room);
            (name, line)
        });
        let wait = text.wait.is_some().then_some(call.waited);
        Row {
            of: Of::Call(*row),
            shape: Shape { head: head.is_some(), two_lines: lines.len() == 2, wait },
            x,
            right: self.right,
            colour,
            failed: text.failed,
            head,
            lines,
            beside: false,
            text: whole,
            elsewhere: row.call.bytes().is_some_and(|bytes| !bytes.is_empty())
                && !matches!(call.socket, SocketId::Conn(conn) if self.diagram.other_end(conn).is_some()),
        }
    }

    fn run<T: Typesetter>(&self, setter: &T, cx: &Cx<'_>, run: &Run) -> Row<T::Line> {
        let others = self.others_x().unwrap_or(self.left);
        let listener = self.diagram.row_of(run.calls.0).map(|row| row.call.call.socket);
        let listener = listener.filter(|socket| matches!(socket, SocketId::Listener(_)));
        let listener = listener.or_else(|| {
            let own = self.fold.lanes().own.iter().map(|own| own.socket);
            own.into_iter().find(|socket| matches!(socket, SocketId::Listener(_)))
        });
        let accepts = listener.filter(|_| run.accepts > 0).map(|socket| (socket, self.x(socket)));
        let (told, wait) = run_words::accepts(cx, run);
        let rest = run_words::others(cx, run);
        let mut text = rest.clone();
        let mut lines = Vec::new();
        let room = |x: f32| self.right - 8.0 - x;
        let mut beside = false;
        if let Some((socket, x)) = accepts {
            let socket_name = words::prefix(self.diagram.descriptor_of(socket));
            let wait = wait.as_ref().map(|wait| format!("  {wait}")).unwrap_or_default();
            text = format!("{socket_name}{told}{wait} · {rest}");
            beside = x + BESIDE + shape::text_width(&format!("{socket_name}{told}{wait}")) + 24.0 < others;
            let room = if beside { others - x - BESIDE } else { room(x + BESIDE) };
            let parts = [
                (socket_name.as_str(), self.colour(cx, socket)),
                (told.as_str(), cx.look.text),
                (wait.as_str(), cx.look.wait),
            ];
            lines.push((setter.set(TextKind::Call, &parts, room), x + BESIDE));
        }
        let mark = if run.open { "▾" } else { "▸" };
        // The mark first: it is there, however narrow the picture.
        let rest = format!("{mark} {rest}");
        let left = others + BESIDE;
        lines.push((setter.set(TextKind::Call, &[(&rest, cx.look.weak)], room(left)), left));
        let waited = (run.accepts > 0 && run.waited >= WAIT_TOLD).then_some(run.waited);
        Row {
            of: Of::Run(*run),
            shape: Shape { head: false, two_lines: lines.len() == 2 && !beside, wait: waited },
            x: accepts.map_or(others, |(_, x)| x),
            right: self.right,
            colour: accepts.map_or(cx.look.weak, |(socket, _)| self.colour(cx, socket)),
            failed: false,
            head: None,
            lines,
            beside,
            text,
            elsewhere: false,
        }
    }

    /// The room for an explanation that begins here.
    pub fn card_rect(&self, top: f32) -> Rect {
        let left = self.left - LEFT + 8.0;
        Rect::from_min_max(pos2(left, top + STEP), pos2((self.right - 4.0).min(left + WIDEST_CARD), f32::INFINITY))
    }

    /// Lanes, curves from `accept`, and arrows: all that lies behind the text of these rows, which follow each other.
    /// `view` is what is in sight, `end` the end of the last row of all; `top_of` gives where a row begins that is not
    /// among these.
    pub fn behind<L: Clone>(
        &self,
        cx: &Cx<'_>,
        rows: &[Placed<L>],
        view: Rangef,
        end: f32,
        top_of: &dyn Fn(usize) -> f32,
    ) -> Vec<Mark<L>> {
        let (diagram, fold) = (self.diagram, self.fold);
        let mut marks = self.lanes(cx, rows, view, end, top_of);
        marks.extend(self.waits(cx, rows));
        let first = rows.first().map_or(0, |row| row.place);
        let here = |number: u64| rows.get(fold.place_of_call(number)?.checked_sub(first)?);
        let joint = |number: u64| -> Option<Pos2> {
            if let Some(placed) = here(number) {
                return Some(pos2(placed.row.x, placed.joint()));
            }
            // Out of sight, the way there is enough.
            let place = fold.place_of_call(number)?;
            Some(pos2(self.x(diagram.row_of(number)?.call.call.socket), top_of(place) + LINE))
        };
        let waited = |number: u64| diagram.row_of(number).is_some_and(|row| row.call.call.waited >= WAIT_TOLD);
        let mut drawn = HashSet::new();
        for placed in rows {
            let row = &placed.row;
            let of = match row.of {
                Of::Call(of) => of,
                Of::Run(_) => {
                    if let (Some(others), true) = (self.others_x(), row.lines.len() == 2) {
                        let text = row.lines.first().map_or(0.0, |(line, left)| left + line.size.x + 8.0);
                        let y = if row.beside { placed.top + row.first_line() } else { placed.top + row.last_line() };
                        let from = if row.beside { text } else { row.x + 2.0 * HALF_BAR };
                        marks.push(Mark::Dotted { ends: [pos2(from, y), pos2(others, y)], colour: cx.look.weak });
                    }
                    continue;
                }
            };
            if row.head.is_some()
                && let Some(accept) = diagram.accepted_by(of.lane)
                && let Some(from) = joint(accept)
            {
                let points = curve(from, pos2(row.x, placed.lane_begins()), waited(accept));
                marks.push(Mark::Curve { points, colour: row.colour });
            }
            for join in diagram.joins(&of) {
                if !drawn.insert((join.send, join.recv)) {
                    continue;
                }
                let (Some(from), Some(to)) = (joint(join.send), joint(join.recv)) else { continue };
                if from.y.max(to.y) < view.min || from.y.min(to.y) > view.max {
                    continue;
                }
                let sender = diagram.row_of(join.send);
                let colour = sender.map_or(row.colour, |sender| self.colour(cx, sender.call.call.socket));
                let to_bar = here(join.recv).is_some_and(|to| to.row.shape.wait.is_some());
                let (points, corners) = arrow(from, to, to_bar);
                marks.push(Mark::Curve { points, colour });
                marks.push(Mark::ArrowHead { corners, colour });
            }
            if row.elsewhere {
                let text = row.lines.last().map_or(0.0, |(line, left)| left + line.size.x);
                let y = placed.top + row.last_line();
                let near = pos2(text + 8.0, y);
                let far = pos2((near.x + ELSEWHERE).min(row.right - 2.0), y);
                let sends = matches!(of.call.call.call, Call::Send(_));
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

    /// The line of each lane, from its first row to its last.
    fn lanes<L>(
        &self,
        cx: &Cx<'_>,
        rows: &[Placed<L>],
        view: Rangef,
        end: f32,
        top_of: &dyn Fn(usize) -> f32,
    ) -> Vec<Mark<L>> {
        let first = rows.first().map_or(0, |row| row.place);
        let y_of = |number: u64, of: fn(&Placed<L>) -> f32| {
            let place = self.fold.place_of(number)?;
            let here = place.checked_sub(first).and_then(|place| rows.get(place));
            Some(here.map_or_else(|| top_of(place) + LINE, of))
        };
        let mut marks = Vec::new();
        for (column, own) in self.fold.lanes().own.iter().enumerate() {
            let x = self.column_x(column);
            let lane: Option<&Lane> = self.diagram.lane_of(own.socket).and_then(|lane| self.diagram.lane(lane));
            let begins = lane.and_then(|lane| y_of(lane.calls.0, Placed::lane_begins));
            let ends = lane.filter(|lane| lane.closed).and_then(|lane| y_of(lane.calls.1, Placed::joint));
            let top = begins.unwrap_or(view.min).max(view.min);
            let bottom = ends.unwrap_or(end).min(view.max);
            if bottom > top {
                marks.push(self.lane_line(cx, own.socket, x, Rangef::new(top, bottom)));
            }
        }
        if let Some(x) = self.others_x() {
            let colour = cx.look.weak.gamma_multiply(LANE_STRENGTH);
            marks.push(Mark::Dotted { ends: [pos2(x, view.min), pos2(x, end.min(view.max))], colour });
        }
        marks
    }
}
