//! Where things stand in the diagram, on the screen and in a file: lengths in points, no widgets.

use std::time::Duration;

/// Left of the first lane.
pub const LEFT: f32 = 20.0;

/// Right of the text, for the arrows that lead out of the picture.
pub const EDGE: f32 = 28.0;

/// From a lane to its text.
pub const BESIDE: f32 = 14.0;

/// A line of text.
pub const LINE: f32 = 18.0;

/// Above and below the text of a row.
pub const PAD: f32 = 6.0;

/// The name over the first row of a lane.
pub const HEAD: f32 = 24.0;

/// What a lane is called, over the picture: two lines of text.
pub const CHIP: f32 = 40.0;

/// The same where the picture is low: what the lane is, and its address when it is pointed at.
pub const LOW_CHIP: f32 = 24.0;

/// Height of a picture, names included, below which they are that low.
pub const LOW: f32 = 280.0;

/// Between two of these.
pub const CHIP_GAP: f32 = 6.0;

/// Narrower than this, `fd 118 · newest` and an address find no room.
const NARROWEST_CHIP: f32 = 152.0;

/// Narrower than this, `fd 118 · newest` alone finds no room.
const NARROWEST_LOW_CHIP: f32 = 124.0;

/// A call that waits now.
pub const WAITING: f32 = 32.0;

/// Half the width of a bar.
pub const HALF_BAR: f32 = 4.0;

/// Radius of the dot of a call.
pub const DOT: f32 = 4.5;

/// The room that text has at least, right of the last lane.
const TEXT_ROOM: f32 = 236.0;

const NARROWEST_LANE: f32 = 20.0;
const WIDEST_LANE: f32 = 320.0;

/// Lanes, however narrow the picture: the listener, the chosen one, the newest, and all others.
pub const LANES: usize = 4;

/// Shorter waits are not told: each call takes some microseconds.
pub const WAIT_TOLD: Duration = Duration::from_millis(1);

/// Size of the text.
pub const FONT: f32 = 12.0;

/// Width of a character of ASCII in most monospaced fonts at that size; others are taken for square.
const CELL: f32 = 7.25;

/// About how wide a line of text is.
#[must_use]
pub fn text_width(text: &str) -> f32 {
    text.chars().map(|c| if c.is_ascii() { CELL } else { FONT }).sum()
}

/// How many lanes find room beside each other.
#[must_use]
pub fn most_lanes(width: f32) -> usize {
    let room = (width - LEFT - EDGE - TEXT_ROOM).max(0.0);
    (1 + (room / NARROWEST_LANE) as usize).max(LANES)
}

/// Whether the names of lanes that are so far apart find room over their lanes.
#[must_use]
pub fn is_wide(lane_width: f32) -> bool {
    lane_width >= NARROWEST_CHIP
}

/// How many names stand beside each other where they are not over their lanes: as many in each row, if that can be.
#[must_use]
pub fn chips_in_a_row(width: f32, lanes: usize, low: bool) -> usize {
    let narrowest = if low { NARROWEST_LOW_CHIP } else { NARROWEST_CHIP };
    let most = ((width / narrowest) as usize).clamp(1, lanes.max(1));
    lanes.div_ceil(lanes.div_ceil(most).max(1)).max(1)
}

/// From one lane to the next, where there are so many.
#[must_use]
pub fn lane_width(width: f32, lanes: usize) -> f32 {
    let room = (width - LEFT - EDGE - TEXT_ROOM).max(0.0);
    let between = lanes.saturating_sub(1).max(1) as f32;
    (room / between).clamp(NARROWEST_LANE, WIDEST_LANE)
}

/// How a row is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The name of the lane stands over it.
    pub head: bool,
    /// Call and result stand in two lines.
    pub two_lines: bool,
    /// How long the call waited, where it is told.
    pub wait: Option<Duration>,
}

impl Shape {
    /// Height of the row.
    #[must_use]
    pub fn height(self) -> f32 {
        self.body_top() + self.body() + PAD
    }

    /// From the top of the row to its first line of text.
    #[must_use]
    pub fn body_top(self) -> f32 {
        PAD + if self.head { HEAD } else { 0.0 }
    }

    /// Height of text and bar.
    #[must_use]
    pub fn body(self) -> f32 {
        let lines = if self.two_lines { 2.0 * LINE } else { LINE };
        self.bar().map_or(lines, |bar| bar.max(lines))
    }

    /// Length of the bar: each ten times longer wait makes it longer by the same.
    #[must_use]
    pub fn bar(self) -> Option<f32> {
        let millis = self.wait?.as_secs_f32() * 1e3;
        Some((18.0 + 14.0 * millis.max(1.0).log10()).min(96.0))
    }

    /// From the top of the row to the middle of the dot, or to the end of the bar: where arrows begin and end.
    #[must_use]
    pub fn joint(self) -> f32 {
        self.body_top() + self.bar().map_or(LINE / 2.0, |_| self.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_waits_have_longer_bars_but_never_longer_than_a_page() {
        let bar = |millis| Shape { head: false, two_lines: true, wait: Some(Duration::from_millis(millis)) }.height();
        let heights = [1, 100, 1_000, 38_000, 86_400_000].map(bar);
        assert!(heights.is_sorted(), "{heights:?}");
        assert!(heights.iter().all(|height| *height < 120.0), "{heights:?}");
    }

    #[test]
    fn names_stand_in_rows_of_as_many() {
        for (width, lanes, in_a_row) in [(350.0, 4, 2), (480.0, 4, 2), (700.0, 4, 4), (480.0, 3, 3), (480.0, 5, 3)] {
            assert_eq!(chips_in_a_row(width, lanes, false), in_a_row, "{lanes} of {width}");
        }
        assert_eq!((chips_in_a_row(10.0, 3, false), chips_in_a_row(480.0, 0, true)), (1, 1));
    }

    #[test]
    fn lanes_leave_room_for_text_or_stand_as_close_as_they_may() {
        for width in [320.0, 480.0, 1280.0] {
            let most = most_lanes(width);
            for lanes in 1..=most {
                let last = LEFT + lane_width(width, lanes) * (lanes - 1) as f32;
                let room = width - EDGE - last;
                assert!(room >= TEXT_ROOM - 1.0 || most == LANES, "{lanes} of {width}: {room}");
            }
        }
    }
}
