//! The characters of a message over their bytes, each in a cell.

use std::ops::Range;

use egui::{Align2, FontFamily, FontId, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use i18n_embed_fl::fl;

use super::message::{Is, Item, Message};
use crate::window::{
    Cx, fonts,
    theme::{self, STEP},
};
use crate::wire::{
    characters::{Meaning, abbreviation, is_combining},
    encode_hex,
};

/// Size of a character.
const GLYPH: f32 = 28.0;
/// Size of a name where there is no character.
const NAME: f32 = 15.0;
/// Size of the bytes.
const HEX: f32 = 13.0;
/// Height of a cell.
const HEIGHT: f32 = 84.0;
/// Least width of a cell.
const NARROWEST: f32 = 56.0;
/// Between two cells.
const GAP: f32 = 1.5 * STEP;

/// What the pointer does.
#[derive(Debug, Default)]
pub struct Touched {
    /// The bytes of the cell that was clicked.
    pub clicked: Option<Range<usize>>,
    /// The bytes of the cell under the pointer.
    pub hovered: Option<Range<usize>>,
}

/// Draw the cells that are in sight. `ends` are where in the message a call ended.
pub fn show(
    ui: &mut Ui,
    cx: &Cx<'_>,
    message: &Message,
    items: &[Item],
    ends: &[usize],
    marked: &dyn Fn(&Range<usize>) -> bool,
) -> Touched {
    let mut touched = Touched::default();
    let width = ui.available_width();
    let digit = ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(HEX), '0'));
    let faces: Vec<Face> = items.iter().map(|item| Face::of(cx, message, item)).collect();
    let places = flow(ui, items, &faces, digit, width);
    let height = places.last().map_or(0.0, Rect::bottom);
    let (area, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    for ((item, face), place) in items.iter().zip(&faces).zip(places) {
        let rect = place.translate(area.min.to_vec2());
        if ui.is_rect_visible(rect) {
            cell(ui, cx, message, item, face, rect, digit, ends, marked(&item.bytes), &mut touched);
        }
    }
    touched
}

/// What a cell shows over its bytes.
struct Face {
    glyph: String,
    font: FontId,
    below: String,
}

impl Face {
    fn of(cx: &Cx<'_>, message: &Message, item: &Item) -> Self {
        let large = FontId::new(GLYPH, FontFamily::Proportional);
        let named = |glyph: String, below: String| Self { glyph, font: fonts::semibold(NAME), below };
        match item.is {
            Is::Prefix(Some(length)) => named(length.to_string(), fl!(cx.words, "bytes-length")),
            Is::Prefix(None) => named("…".into(), fl!(cx.words, "bytes-length-part")),
            Is::Piece(Meaning::Malformed) => {
                Self { glyph: "\u{fffd}".into(), font: large, below: fl!(cx.words, "bytes-malformed") }
            }
            Is::Piece(Meaning::Unfinished) => named("…".into(), fl!(cx.words, "bytes-unfinished")),
            Is::Piece(Meaning::Pair(first, second)) => Self {
                glyph: format!("{first}{second}"),
                font: large,
                below: format!("{} {}", code_point(first), code_point(second)),
            },
            Is::Piece(Meaning::Character(character)) => {
                let below = code_point(character);
                let below =
                    if item.carried > 0 { format!("{below} · {}", fl!(cx.words, "bytes-carried")) } else { below };
                match abbreviation(character) {
                    // The block Control Pictures has the C0 controls in their order.
                    Some(name) if character < ' ' => {
                        let picture = char::from_u32(0x2400 + u32::from(character)).unwrap_or(character);
                        let below = if item.framing && message.cut.trailer > 0 {
                            format!("{name} · {}", fl!(cx.words, "bytes-ending"))
                        } else {
                            format!("{name} {below}")
                        };
                        Self { glyph: picture.into(), font: large, below }
                    }
                    Some(name) => named(name.into(), below),
                    None if is_combining(character) => Self { glyph: format!(" {character}"), font: large, below },
                    None => Self { glyph: character.into(), font: large, below },
                }
            }
        }
    }
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Where each cell goes: side by side, and on the next line where there is no room.
fn flow(ui: &Ui, items: &[Item], faces: &[Face], digit: f32, width: f32) -> Vec<Rect> {
    let mut at = pos2(0.0, 0.0);
    let mut after_framing = items.first().is_some_and(|item| item.framing);
    let places = items.iter().zip(faces).map(|(item, face)| {
        let bytes = (item.bytes.len() + item.carried) as f32;
        let below =
            ui.painter().layout_no_wrap(face.below.clone(), theme::small(), egui::Color32::PLACEHOLDER).size().x;
        let cell = (digit * (3.0 * bytes - 1.0)).max(below) + 4.0 * STEP;
        let cell = cell.max(NARROWEST).min(width);
        // Framing stands apart from the text.
        if at.x > 0.0 && after_framing != item.framing {
            at.x += 2.0 * STEP;
        }
        after_framing = item.framing;
        if at.x > 0.0 && at.x + cell > width {
            at = pos2(0.0, at.y + HEIGHT + GAP);
        }
        let place = Rect::from_min_size(at, vec2(cell, HEIGHT));
        at.x += cell + GAP;
        place
    });
    places.collect()
}

#[expect(clippy::too_many_arguments, reason = "a cell is drawn here, and only here")]
fn cell(
    ui: &Ui,
    cx: &Cx<'_>,
    message: &Message,
    item: &Item,
    face: &Face,
    rect: Rect,
    digit: f32,
    ends: &[usize],
    marked: bool,
    touched: &mut Touched,
) {
    let look = cx.look;
    let mut hex = encode_hex(message.carry.as_slice().get(..item.carried).unwrap_or_default());
    let carried_digits = hex.len();
    let own = encode_hex(message.raw.get(item.bytes.clone()).unwrap_or_default());
    if !hex.is_empty() && !own.is_empty() {
        hex.push(' ');
    }
    hex.push_str(&own);

    let id = egui::Id::unique(("bytes-cell", message.key, message.id, item.bytes.start, item.carried));
    // Without a tab stop each: the dump is the way with the keyboard.
    let response = ui.interact(rect, id, Sense::click() - Sense::FOCUSABLE);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, marked, format!("{} {} {hex}", face.glyph, face.below))
    });
    if response.clicked() {
        touched.clicked = Some(item.bytes.clone());
    }
    if response.hovered() {
        touched.hovered = Some(item.bytes.clone());
    }

    let malformed = item.is == Is::Piece(Meaning::Malformed);
    let (fill, line) = match (marked, malformed, item.framing) {
        (true, ..) => (look.chosen, Stroke::new(1.5, look.accent)),
        (_, true, _) => (look.bad_ground, Stroke::new(1.0, look.bad)),
        (_, _, true) => (look.side, Stroke::new(1.0, look.weak)),
        (_, _, false) => (look.ground, Stroke::new(1.0, look.line)),
    };
    ui.painter().rect(rect, theme::RADIUS, fill, line, StrokeKind::Inside);
    let quiet = item.framing
        || matches!(item.is, Is::Piece(Meaning::Character(character)) if abbreviation(character).is_some());
    let colour = if malformed {
        look.bad
    } else if quiet {
        look.weak
    } else {
        look.text
    };
    let middle = rect.center().x;
    let clipped = ui.painter().with_clip_rect(rect.shrink(2.0).intersect(ui.clip_rect()));
    clipped.text(pos2(middle, rect.top() + 25.0), Align2::CENTER_CENTER, &face.glyph, face.font.clone(), colour);
    let weak = if malformed { look.bad } else { look.weak };
    clipped.text(pos2(middle, rect.top() + 50.0), Align2::CENTER_CENTER, &face.below, theme::small(), weak);

    let bytes_colour = if malformed { look.bad } else { look.accent };
    let left = middle - digit * hex.len() as f32 / 2.0;
    let y = rect.top() + 68.0;
    let (carried, own) = hex.split_at_checked(carried_digits).unwrap_or(("", &hex));
    clipped.text(pos2(left, y), Align2::LEFT_CENTER, carried, theme::mono(HEX), look.weak);
    let own_left = left + digit * carried_digits as f32;
    clipped.text(pos2(own_left, y), Align2::LEFT_CENTER, own, theme::mono(HEX), bytes_colour);

    // Where a call ended: beside the cell, or between two bytes of it.
    let first = ends.partition_point(|end| *end < item.bytes.start.max(1));
    for end in ends.iter().skip(first).take_while(|end| **end < item.bytes.end) {
        let before = (end - item.bytes.start + item.carried) as f32;
        let stroke = Stroke::new(2.0, look.wait);
        if *end == item.bytes.start && item.carried == 0 {
            ui.painter().vline(rect.left() - GAP / 2.0, rect.y_range(), stroke);
        } else {
            let x = left + digit * (3.0 * before - 0.5);
            ui.painter().vline(x, y - 9.0..=y + 9.0, stroke);
        }
    }
}
