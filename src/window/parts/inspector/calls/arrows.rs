//! The curves that join calls, and their heads.

use egui::{Pos2, Vec2, pos2, vec2};

use super::{
    scene::HEAD_LENGTH,
    shape::{DOT, HALF_BAR},
};

/// From a call that made a lane to where the lane begins: from the end of its bar, or from under its dot.
pub fn curve(from: Pos2, to: Pos2, bar: bool) -> [Pos2; 4] {
    let middle = f32::midpoint(from.x, to.x);
    let (from, bend) = if bar {
        (from + vec2(HALF_BAR, 0.0), pos2(middle, from.y))
    } else {
        (from + vec2(0.0, DOT), pos2(from.x, to.y))
    };
    [from, bend, pos2(middle, to.y), to]
}

/// From a call that sent to one that received: to its dot from above, to its bar from the side. The curve and the head.
pub fn arrow(from: Pos2, to: Pos2, bar: bool) -> ([Pos2; 4], [Pos2; 3]) {
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

/// The head of an arrow that points along this direction.
pub fn arrow_head(tip: Pos2, along: Vec2) -> [Pos2; 3] {
    let (back, side) = (tip - along * HEAD_LENGTH, along.rot90() * (HEAD_LENGTH * 0.6));
    [tip, back + side, back - side]
}
