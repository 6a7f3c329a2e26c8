//! A row of the diagram: what it stands for, its text laid out, and where it is painted.

use egui::{Color32, Rect, pos2, vec2};

use super::{
    scene::{Line, Mark, WAIT_STRENGTH},
    shape::{self, BESIDE, HALF_BAR, HEAD, LINE, Shape},
};
use crate::core::diagram::{DiagramRow, Run};
use crate::window::Cx;

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

/// What a row stands for.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// A call.
    Call(DiagramRow),
    /// Several calls of other sockets.
    Run(Run),
}

/// A row with its text laid out; its place is known, but not yet how far down it is.
pub struct Row<L> {
    /// What it stands for.
    pub of: Of,
    pub(super) shape: Shape,
    pub(super) x: f32,
    pub(super) right: f32,
    pub(super) colour: Color32,
    pub(super) failed: bool,
    /// That its lane is new, in a line of its own.
    pub(super) head: Option<(String, Line<L>)>,
    /// Each line, and where it begins.
    pub(super) lines: Vec<(Line<L>, f32)>,
    /// Both lines stand beside each other.
    pub(super) beside: bool,
    /// All of it in one line.
    pub text: String,
    /// The peer's end is not ours: an arrow leads out of the picture, or from there.
    pub(super) elsewhere: bool,
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

impl<L: Clone> Row<L> {
    /// The number of its call, or of the first.
    pub fn number(&self) -> u64 {
        match &self.of {
            Of::Call(row) => row.call.number,
            Of::Run(run) => run.calls.0,
        }
    }

    /// Height of the row, without an explanation.
    pub fn height(&self) -> f32 {
        self.shape.height()
    }

    /// Whether it waited for long enough to have a bar.
    pub fn waited(&self) -> bool {
        self.shape.wait.is_some()
    }

    /// From the top of the row to its explanation.
    pub fn body_bottom(&self) -> f32 {
        self.shape.height() - shape::PAD
    }

    /// What is said of its lane that begins here, and where.
    pub fn head(&self, top: f32) -> Option<(&str, Rect)> {
        let (text, line) = self.head.as_ref()?;
        let at = pos2(self.x + BESIDE, top + LANE_BEGINS - line.size.y / 2.0);
        Some((text, Rect::from_min_size(at, line.size)))
    }

    /// Where the text of the call is, in a row that begins at `top`.
    pub fn text_rect(&self, top: f32) -> Rect {
        let body = top + self.shape.body_top();
        let left = self.lines.iter().map(|(_, left)| *left).fold(f32::INFINITY, f32::min);
        let right = self.lines.iter().map(|(line, left)| left + line.size.x).fold(0.0, f32::max);
        Rect::from_min_max(
            pos2(left - 5.0, body - 2.0),
            pos2((right + 5.0).min(self.right), body + self.shape.body() + 2.0),
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
        if let (Some((_, line)), Some((_, ground))) = (&self.head, self.head(top)) {
            let at = ground.left_center();
            marks.push(Mark::Dot { middle: pos2(self.x, at.y), colour: self.colour });
            marks.push(Mark::plate(ground.expand2(vec2(4.0, 1.0)), 4.0, look.raised));
            marks.push(Mark::Text { at, line: line.clone() });
        }
        let Emphasis { open, marked, hovered } = emphasis;
        let is_run = matches!(self.of, Of::Run(_));
        let fill = match (open && !is_run || marked, self.failed, hovered) {
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
        let last = self.lines.len().saturating_sub(1);
        for (place, (line, left)) in self.lines.iter().enumerate() {
            let y = if place == 0 || self.beside { self.first_line() } else { self.last_line() };
            let at = pos2(*left, top + y);
            // Text covers the lanes it crosses, and no more than that.
            let ground = Rect::from_min_size(at - vec2(0.0, line.size.y / 2.0), line.size);
            if is_run && place == last && fill.is_none() {
                marks.push(Mark::plate(ground.expand2(vec2(6.0, 3.0)), 6.0, look.side));
            } else if fill.is_none() {
                marks.push(Mark::plate(ground.expand2(vec2(3.0, 0.0)), 4.0, look.raised));
            }
            marks.push(Mark::Text { at, line: line.clone() });
        }
        marks
    }
}

impl<L> Row<L> {
    /// From the top of the row to the middle of its first line.
    pub(super) fn first_line(&self) -> f32 {
        self.shape.body_top() + LINE / 2.0
    }

    /// From the top of the row to the middle of the last line.
    pub(super) fn last_line(&self) -> f32 {
        self.shape.body_top() + self.shape.body() - LINE / 2.0
    }
}

impl<L> Placed<L> {
    /// Where arrows begin and end, from the top of the picture.
    pub(super) fn joint(&self) -> f32 {
        self.top + self.row.shape.joint()
    }

    /// The middle of the dot that begins the lane: that of its name, or of its first call.
    pub(super) fn lane_begins(&self) -> f32 {
        self.top + if self.row.head.is_some() { LANE_BEGINS } else { self.row.first_line() }
    }
}

/// From the top of a row that begins a lane to the middle of the lane's dot.
const LANE_BEGINS: f32 = shape::PAD + HEAD / 2.0 - 2.0;
