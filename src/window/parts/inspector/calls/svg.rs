//! The diagram as a picture in a file (SVG 1.1), in the colours of the theme.

use std::fmt::Write as _;

use egui::Color32;

use super::{
    card::precise_time,
    draw::lane_colour,
    shape::{self, BESIDE, DOT, EDGE, HALF_BAR, HEAD, LEFT, LINE, Shape},
    words::{self, RowText},
};
use crate::window::Cx;
use crate::{
    core::diagram::{Columns, Diagram, DiagramRow, LaneId},
    net::{Call, Outcome, SocketId},
    wire::visible,
};

/// Width of the picture, in its own units.
const WIDTH: f32 = 1040.0;

/// Above the first row and below the last.
const MARGIN: f32 = 16.0;

/// Fonts by what systems call their monospaced ones.
const FONTS: &str = "ui-monospace, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', Menlo, Consolas, monospace";

struct Placed {
    row: DiagramRow,
    text: RowText,
    shape: Shape,
    x: f32,
    top: f32,
}

struct Picture<'a> {
    cx: &'a Cx<'a>,
    diagram: &'a Diagram,
    columns: Columns,
    rows: Vec<Placed>,
    bottom: f32,
    out: String,
}

/// The diagram as a picture.
#[must_use]
pub fn svg(cx: &Cx<'_>, diagram: &Diagram) -> String {
    let columns = diagram.columns(0..diagram.len(), shape::most_lanes(WIDTH));
    let lane_width = shape::lane_width(WIDTH, columns.count);
    let mut top = MARGIN;
    let mut rows = Vec::new();
    for row in diagram.rows() {
        let x = LEFT + columns.of(row.lane).unwrap_or(0) as f32 * lane_width;
        let text = RowText::new(cx, &row.call);
        let wait = text.wait.is_some().then_some(row.call.call.waited);
        let two_lines = wait.is_some() || x + BESIDE + shape::text_width(&text.line()) > WIDTH - EDGE;
        let shape = Shape { head: row.begins_lane, two_lines, wait };
        rows.push(Placed { row: *row, text, shape, x, top });
        top += shape.height();
    }
    let mut picture = Picture { cx, diagram, columns, rows, bottom: top + MARGIN, out: String::new() };
    picture.draw();
    picture.out
}

impl Picture<'_> {
    fn draw(&mut self) {
        let look = self.cx.look;
        let (height, ground, ink) = (self.bottom, hex(look.raised), hex(look.text));
        let _ = writeln!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH} \
             {height:.0}\" font-family=\"{FONTS}\" font-size=\"{}\" fill=\"{ink}\">",
            shape::FONT
        );
        let _ = writeln!(self.out, "<rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>");
        self.lanes();
        let rows = std::mem::take(&mut self.rows);
        for placed in &rows {
            self.joins(&rows, placed);
        }
        for placed in &rows {
            self.row(placed);
        }
        self.rows = rows;
        self.out.push_str("</svg>\n");
    }

    fn colour(&self, lane: LaneId) -> String {
        hex(self.diagram.lane(lane).map_or(self.cx.look.accent, |lane| lane_colour(self.cx, lane)))
    }

    fn lanes(&mut self) {
        let mut ends: std::collections::BTreeMap<LaneId, (f32, f32, f32)> = std::collections::BTreeMap::new();
        for placed in &self.rows {
            let begins = placed.top + if placed.shape.head { shape::PAD + HEAD / 2.0 } else { placed.shape.joint() };
            let ends = ends.entry(placed.row.lane).or_insert((placed.x, begins, begins));
            ends.2 = placed.top + placed.shape.joint();
        }
        for (id, (x, begins, last)) in ends {
            let open = self.diagram.lane(id).is_some_and(|lane| !lane.closed) && !self.columns.folded;
            let ends = if open { self.bottom - MARGIN / 2.0 } else { last };
            let colour = self.colour(id);
            let _ = writeln!(
                self.out,
                "<line x1=\"{x:.1}\" y1=\"{begins:.1}\" x2=\"{x:.1}\" y2=\"{ends:.1}\" stroke=\"{colour}\" \
                 stroke-opacity=\"0.55\" stroke-width=\"1.5\"/>"
            );
        }
    }

    /// What leads to this row, or out of the picture.
    fn joins(&mut self, rows: &[Placed], placed: &Placed) {
        let find = |number: u64| rows.get(self.diagram.place_of(number)?);
        let joint = |placed: &Placed| (placed.x, placed.top + placed.shape.joint());
        let (x, y) = joint(placed);
        let colour = self.colour(placed.row.lane);
        let mut drawn = String::new();
        if placed.row.begins_lane
            && let Some(from) = self.diagram.accepted_by(placed.row.lane).and_then(find)
        {
            let ((x0, y0), y1) = (joint(from), placed.top + shape::PAD + HEAD / 2.0);
            let middle = f32::midpoint(x0, x);
            // From the end of the bar, or from under the dot.
            let (y0, (bend_x, bend_y)) =
                if from.shape.wait.is_some() { (y0, (middle, y0)) } else { (y0 + DOT, (x0, y1)) };
            let _ = writeln!(
                drawn,
                "<path d=\"M{x0:.1} {y0:.1} C{bend_x:.1} {bend_y:.1} {middle:.1} {y1:.1} {x:.1} {y1:.1}\" fill=\"none\" \
                 stroke=\"{colour}\" stroke-width=\"1.5\"/>"
            );
        }
        // Each join is found from both its rows, and drawn from the one that sent.
        let sends = matches!(placed.row.call.call.call, Call::Send(_));
        for join in self.diagram.joins(&placed.row).iter().filter(|_| sends) {
            let Some(to) = find(join.recv) else { continue };
            let ((x1, y1), y0) = (joint(to), y + DOT);
            // To a dot from above, to a bar from the side.
            let side = if x > x1 { -1.0 } else { 1.0 };
            let (tip_x, tip_y, (dx, dy)) = if to.shape.wait.is_some() {
                (x1 - side * (HALF_BAR + 1.0), y1 - HALF_BAR, (side, 0.0))
            } else {
                (x1, y1 - DOT - 1.0, (0.0, 1.0))
            };
            let bend = ((tip_y - y0) / 2.0).abs().clamp(6.0, 60.0);
            let (end_x, end_y, near) = (tip_x - 5.0 * dx, tip_y - 5.0 * dy, bend.min(24.0));
            let (side_x, side_y, back_x, back_y) = (3.6 * dy, 3.6 * dx, tip_x - 6.0 * dx, tip_y - 6.0 * dy);
            let _ = writeln!(
                drawn,
                "<path class=\"arrow\" d=\"M{x:.1} {y0:.1} C{x:.1} {:.1} {:.1} {:.1} {end_x:.1} {end_y:.1}\" \
                 fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/><path d=\"M{tip_x:.1} {tip_y:.1} L{:.1} {:.1} \
                 L{:.1} {:.1} z\" fill=\"{colour}\"/>",
                y0 + bend,
                end_x - dx * near,
                end_y - dy * near,
                back_x + side_x,
                back_y + side_y,
                back_x - side_x,
                back_y - side_y
            );
        }
        let moved = placed.row.call.bytes().is_some_and(|bytes| !bytes.is_empty());
        let elsewhere = |socket| !matches!(socket, SocketId::Conn(conn) if self.diagram.other_end(conn).is_some());
        if moved && elsewhere(placed.row.call.call.socket) {
            let last = if placed.shape.two_lines {
                shape::text_width(&placed.text.result)
            } else {
                shape::text_width(&placed.text.line())
            };
            let (near, far) = (placed.x + BESIDE + last + 8.0, WIDTH - 4.0);
            let y = placed.top + placed.shape.body_top() + placed.shape.body() - LINE / 2.0;
            let (from, tip, back) = if sends { (near, far, -6.0) } else { (far, near, 6.0) };
            if far - near > 12.0 {
                let _ = writeln!(
                    drawn,
                    "<path class=\"arrow\" d=\"M{from:.1} {y:.1} H{:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
                     <path d=\"M{tip:.1} {y:.1} l{back} -3.6 v7.2 z\" fill=\"{colour}\"/>",
                    tip + back
                );
            }
        }
        self.out.push_str(&drawn);
    }

    fn row(&mut self, placed: &Placed) {
        let look = self.cx.look;
        let (x, text_x) = (placed.x, placed.x + BESIDE);
        let (text, shape, call) = (&placed.text, placed.shape, &placed.row.call.call);
        let body = placed.top + shape.body_top();
        let (first, last) = (body + LINE / 2.0, body + shape.body() - LINE / 2.0);
        let (colour, ground) = (self.colour(placed.row.lane), hex(look.raised));
        let dot = hex(if text.failed { look.bad } else { look.wait });
        let mut out = String::new();
        let _ = writeln!(out, "<g><title>{} {}</title>", precise_time(self.cx, call.at), escaped(&text.line()));
        // The text covers the lanes it crosses.
        let mut piece = |x: f32, y: f32, parts: &[(&str, Color32)], weight: &str| {
            let width: f32 = parts.iter().map(|(part, _)| shape::text_width(part)).sum();
            let _ = write!(
                out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{LINE}\" rx=\"4\" fill=\"{ground}\"/><text \
                 x=\"{x:.1}\" y=\"{:.1}\"{weight} xml:space=\"preserve\">",
                x - 4.0,
                y - LINE / 2.0,
                width + 8.0,
                y + 4.0
            );
            for (part, colour) in parts {
                let _ = write!(out, "<tspan fill=\"{}\">{}</tspan>", hex(*colour), escaped(part));
            }
            out.push_str("</text>\n");
        };
        if shape.head {
            let name = self.diagram.lane(placed.row.lane).map(|lane| words::lane_name(self.cx, self.diagram, lane));
            let y = placed.top + shape::PAD + HEAD / 2.0 - 2.0;
            piece(text_x, y, &[(&name.unwrap_or_default(), look.weak)], " font-weight=\"bold\"");
        }
        let result_colour = match call.outcome {
            _ if text.failed => look.bad,
            Outcome::Accepted { .. } | Outcome::Bytes(_) => look.accent,
            _ => look.weak,
        };
        let wait = text.wait.as_ref().map(|wait| format!("  {wait}")).unwrap_or_default();
        let result = format!(" {}", text.result);
        if shape.two_lines {
            piece(text_x, first, &[(&text.call, look.text), (&wait, look.wait)], "");
            piece(text_x, last, &[(&text.result, result_colour)], "");
        } else {
            piece(text_x, first, &[(&text.call, look.text), (&result, result_colour)], "");
        }
        if shape.head {
            let y = placed.top + shape::PAD + HEAD / 2.0 - 2.0;
            let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{DOT}\" fill=\"{colour}\"/>");
        }
        if shape.wait.is_some() {
            let (left, width, height) = (x - HALF_BAR, 2.0 * HALF_BAR, shape.body());
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{body:.1}\" width=\"{width}\" height=\"{height:.1}\" rx=\"{HALF_BAR}\" \
                 fill=\"{dot}\" fill-opacity=\"0.75\"/>"
            );
        } else {
            let colour = if text.failed { dot } else { colour };
            let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{first:.1}\" r=\"{DOT}\" fill=\"{colour}\"/>");
        }
        out.push_str("</g>\n");
        self.out.push_str(&out);
    }
}

fn hex(colour: Color32) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.r(), colour.g(), colour.b())
}

/// Text as XML takes it: its signs escaped, and no character that it does not allow (XML 1.0, section 2.2).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text, &[]).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_well_formed_and_says_the_same(text in "\\PC*|[\\x00-\\x7f\\u{80}-\\u{9f}\\u{fffe}\\u{ffff}<>&'\"]*") {
            let document = format!("<text>{}</text>", escaped(&text));
            let parsed = roxmltree::Document::parse(&document).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let shown = visible(&text, &[]).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
            prop_assert_eq!(parsed.root_element().text().unwrap_or_default(), shown);
        }
    }
}
