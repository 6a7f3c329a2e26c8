//! The scene as a picture in a file (SVG 1.1), in the colours of the theme.

use std::fmt::Write as _;

use egui::{Color32, Pos2, emath::Rangef, vec2};

use super::{
    card::precise_time,
    row::{Emphasis, Of, Placed},
    scene::{Line, Mark, STROKE, Scene, TextKind, Typesetter},
    shape::{self, DOT},
};
use crate::window::Cx;
use crate::{
    core::diagram::{Diagram, Fold, Tally},
    wire::visible,
};

/// Width of the picture, in its own units.
const WIDTH: f32 = 1040.0;

/// Right of what is drawn.
const RIGHT: f32 = 4.0;

/// Above the first row and below the last.
const MARGIN: f32 = 16.0;

/// Fonts by what systems call their monospaced ones.
const FONTS: &str = "ui-monospace, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', Menlo, Consolas, monospace";

/// Text whose size is estimated: which font will show it, nobody knows.
struct File;

/// The parts of a line, each with its colour.
#[derive(Clone)]
struct Parts {
    bold: bool,
    parts: Vec<(String, Color32)>,
}

impl Typesetter for File {
    type Line = Parts;

    fn set(&self, kind: TextKind, parts: &[(&str, Color32)], _room: f32) -> Line<Parts> {
        let width = parts.iter().map(|(part, _)| shape::text_width(part)).sum();
        let parts = parts.iter().map(|(part, colour)| ((*part).to_owned(), *colour)).collect();
        Line { laid: Parts { bold: kind == TextKind::LaneName, parts }, size: vec2(width, shape::LINE) }
    }
}

/// The diagram as a picture, folded as it is on the screen.
#[must_use]
pub fn svg(cx: &Cx<'_>, diagram: &Diagram, fold: &Fold) -> String {
    let scene = Scene::new(cx, (0.0, WIDTH - RIGHT), diagram, fold);
    let tally = Tally::of_others(cx.core, fold.lanes());
    let mut top = MARGIN + scene.headers_height();
    let mut rows = Vec::new();
    for place in 0..fold.len() {
        let Some(row) = scene.item(&File, cx, place) else { continue };
        let height = row.height();
        rows.push(Placed { place, top, row });
        top += height;
    }
    let height = top + MARGIN;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH} \
         {height:.0}\" font-family=\"{FONTS}\" font-size=\"{}\">",
        shape::FONT
    );
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\"{}/>", colour("fill", cx.look.raised));
    for header in scene.headers(&File, cx, &tally, MARGIN / 2.0) {
        paint(&mut out, header.marks);
    }
    let (begin, end) = (MARGIN + scene.headers_height(), height - MARGIN / 2.0);
    paint(&mut out, scene.behind(cx, &rows, Rangef::new(begin, end), end, &|_| end));
    for placed in rows {
        let text = escaped(&placed.row.text);
        let _ = match placed.row.of {
            Of::Call(row) => writeln!(out, "<g><title>{} {text}</title>", precise_time(cx, row.call.call.at)),
            Of::Run(_) => writeln!(out, "<g><title>{text}</title>"),
        };
        paint(&mut out, placed.row.marks(cx, placed.top, Emphasis::default()));
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// Write these marks, the first at the back.
fn paint(out: &mut String, marks: Vec<Mark<Parts>>) {
    for mark in marks {
        let _ = match mark {
            Mark::Line { ends: [from, to], colour: stroke } => writeln!(
                out,
                "<path d=\"M{} L{}\" stroke-width=\"{STROKE}\"{}/>",
                point(from),
                point(to),
                colour("stroke", stroke)
            ),
            Mark::Dotted { ends: [from, to], colour: stroke } => writeln!(
                out,
                "<path d=\"M{} L{}\" stroke-width=\"{STROKE}\" stroke-dasharray=\"1.5 4\"{}/>",
                point(from),
                point(to),
                colour("stroke", stroke)
            ),
            Mark::Curve { points: [from, bend, near, to], colour: stroke } => writeln!(
                out,
                "<path d=\"M{} C{} {} {}\" fill=\"none\" stroke-width=\"{STROKE}\"{}/>",
                point(from),
                point(bend),
                point(near),
                point(to),
                colour("stroke", stroke)
            ),
            Mark::ArrowHead { corners: [tip, one, other], colour: fill } => writeln!(
                out,
                "<path class=\"arrow\" d=\"M{} L{} L{} z\"{}/>",
                point(tip),
                point(one),
                point(other),
                colour("fill", fill)
            ),
            Mark::Dot { middle, colour: fill } => writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{DOT}\"{}/>",
                middle.x,
                middle.y,
                colour("fill", fill)
            ),
            Mark::Plate { rect, corner, fill, edge } => {
                let fill = fill.map_or_else(|| " fill=\"none\"".to_owned(), |fill| colour("fill", fill));
                let edge = edge.map(|edge| format!("{} stroke-width=\"{STROKE}\"", colour("stroke", edge)));
                // The line of an edge has its middle on the border of the rectangle.
                let rect = if edge.is_some() { rect.shrink(STROKE / 2.0) } else { rect };
                writeln!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{corner}\"{fill}{}/>",
                    rect.left(),
                    rect.top(),
                    rect.width(),
                    rect.height(),
                    edge.unwrap_or_default()
                )
            }
            Mark::Text { at, line } => {
                let weight = if line.laid.bold { " font-weight=\"bold\"" } else { "" };
                let _ = write!(
                    out,
                    "<text x=\"{:.1}\" y=\"{:.1}\"{weight} xml:space=\"preserve\">",
                    at.x,
                    at.y + shape::FONT / 3.0
                );
                for (part, fill) in &line.laid.parts {
                    let _ = write!(out, "<tspan{}>{}</tspan>", colour("fill", *fill), escaped(part));
                }
                writeln!(out, "</text>")
            }
        };
    }
}

fn point(at: Pos2) -> String {
    format!("{:.1} {:.1}", at.x, at.y)
}

/// A colour as an attribute, with another for how strong it is, unless it covers what is behind it.
fn colour(attribute: &str, colour: Color32) -> String {
    let [red, green, blue, alpha] = colour.to_srgba_unmultiplied();
    let hex = format!(" {attribute}=\"#{red:02x}{green:02x}{blue:02x}\"");
    match alpha {
        u8::MAX => hex,
        alpha => format!("{hex} {attribute}-opacity=\"{:.2}\"", f32::from(alpha) / 255.0),
    }
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
