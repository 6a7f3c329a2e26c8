//! The hex dump: place, bytes, text. Only the rows in sight are drawn.

use std::ops::Range;

use egui::{
    Align2, Event, EventFilter, Id, Key as Button, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, accesskit::Role,
    pos2, vec2,
};
use i18n_embed_fl::fl;

use super::{
    super::super::controls,
    message::{Is, Item, Message},
};
use crate::window::{
    Cx,
    parts::inspector::Action,
    theme::{self, STEP},
};
use crate::wire::{characters::Meaning, encode_hex};

/// Size of the letters.
const SIZE: f32 = 12.5;
/// Height of a row.
const ROW: f32 = 20.0;
/// Rows in sight at once; more are scrolled to.
const ROWS_IN_SIGHT: usize = 12;

/// What was done.
#[derive(Debug, Default)]
pub struct Done {
    /// The bytes that are selected from now on.
    pub selected: Option<Range<usize>>,
    /// The byte under the pointer.
    pub hovered: Option<Range<usize>>,
    /// What the app shall do.
    pub action: Option<Action>,
}

/// How wide things are.
struct Measures {
    digit: f32,
    /// Bytes in a row.
    bytes: usize,
    /// Digits of a place.
    places: usize,
}

impl Measures {
    fn of(ui: &Ui, length: usize) -> Self {
        let digit = ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(SIZE), '0'));
        let places = if length > 0x1_0000 { 8 } else { 4 };
        let room = ui.available_width() - 4.0 * STEP;
        let width = |bytes: usize| digit * (places + 2 + 4 * bytes + 1) as f32;
        let bytes = [16, 8].into_iter().find(|bytes| width(*bytes) <= room).unwrap_or(4);
        Self { digit, bytes, places }
    }

    fn byte_x(&self, column: usize) -> f32 {
        self.digit * (self.places + 2 + 3 * column) as f32
    }

    fn text_x(&self, column: usize) -> f32 {
        self.byte_x(self.bytes) + self.digit * (1 + column) as f32
    }

    /// The column at that distance from the left.
    fn column(&self, x: f32) -> usize {
        let column = if x >= self.text_x(0) - self.digit / 2.0 {
            (x - self.text_x(0)) / self.digit
        } else {
            (x - self.byte_x(0) + self.digit / 2.0) / (3.0 * self.digit)
        };
        (column.max(0.0) as usize).min(self.bytes - 1)
    }
}

/// Draw it. `ends` are where in the message a call ended.
pub fn show(
    ui: &mut Ui,
    cx: &Cx<'_>,
    message: &Message,
    items: &[Item],
    ends: &[usize],
    selected: Option<&Range<usize>>,
    hovered: Option<&Range<usize>>,
) -> Done {
    let mut done = Done::default();
    let raw = &message.raw;
    let measures = Measures::of(ui, raw.len());
    let rows = raw.len().div_ceil(measures.bytes);
    let id = Id::unique("bytes-dump");
    let anchor_id = id.with("anchor");
    ScrollArea::vertical()
        .id_salt(("bytes-dump", message.key, message.id))
        .max_height(ROW * ROWS_IN_SIGHT as f32)
        .auto_shrink([false, true])
        .show_viewport(ui, |ui, viewport| {
            let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW * rows as f32), Sense::hover());
            let seen = area.intersect(ui.clip_rect());
            let response = ui.interact(seen, id, Sense::click_and_drag());
            response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, fl!(cx.words, "bytes-dump")));
            let left = area.left() + STEP;
            let at = |pos: egui::Pos2| {
                let row = ((pos.y - area.top()) / ROW).max(0.0) as usize;
                (row * measures.bytes + measures.column(pos.x - left)).min(raw.len().saturating_sub(1))
            };
            if let Some(pos) = response.hover_pos()
                && !raw.is_empty()
            {
                done.hovered = Some(at(pos)..at(pos) + 1);
            }
            if let Some(pos) = response.interact_pointer_pos()
                && !raw.is_empty()
            {
                let here = at(pos);
                if response.drag_started() || response.clicked() {
                    response.request_focus();
                    ui.data_mut(|data| data.insert_temp(anchor_id, here));
                }
                let anchor = ui.data(|data| data.get_temp(anchor_id)).unwrap_or(here);
                done.selected = Some(anchor.min(here)..anchor.max(here) + 1);
            }
            if response.has_focus() {
                let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
                ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
                controls::focus_ring(ui, cx.look, &response, seen.shrink(2.0), 2);
                let moved = keys(ui, raw.len(), measures.bytes, selected, anchor_id);
                if let Some(there) = moved {
                    let row = there.start / measures.bytes;
                    let place = Rect::from_min_size(pos2(area.left(), area.top() + ROW * row as f32), vec2(1.0, ROW));
                    ui.scroll_to_rect(place, None);
                    done.selected = Some(there);
                }
                let copies = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
                if copies && let Some(selected) = selected {
                    done.action = raw.get(selected.clone()).map(|bytes| Action::Copy(encode_hex(bytes)));
                }
            }
            let first = (viewport.top() / ROW).max(0.0) as usize;
            let last = ((viewport.bottom() / ROW).ceil().max(0.0) as usize).min(rows);
            for row in first..last {
                let corner = pos2(left, area.top() + ROW * row as f32);
                draw_row(ui, cx, message, items, ends, selected, hovered, &measures, row, corner);
            }
        });
    done
}

/// What the arrow keys select.
fn keys(ui: &Ui, length: usize, row: usize, selected: Option<&Range<usize>>, anchor_id: Id) -> Option<Range<usize>> {
    let step = ui.input(|input| {
        let pressed = |button| input.key_pressed(button);
        let steps = [(Button::ArrowLeft, -1), (Button::ArrowRight, 1)].into_iter();
        let rows = [(Button::ArrowUp, -(row as isize)), (Button::ArrowDown, row as isize)];
        let step = steps.chain(rows).find(|(button, _)| pressed(*button)).map(|(_, step)| step);
        step.map(|step| (step, input.modifiers.shift))
    });
    let (step, extend) = step?;
    let last = length.checked_sub(1)?;
    let Some(selected) = selected else {
        ui.data_mut(|data| data.insert_temp(anchor_id, 0_usize));
        return Some(0..1);
    };
    let anchor: usize = ui.data(|data| data.get_temp(anchor_id)).unwrap_or(selected.start);
    let end = if anchor <= selected.start { selected.end - 1 } else { selected.start };
    let there = end.saturating_add_signed(step).min(last);
    if extend {
        return Some(anchor.min(there)..anchor.max(there) + 1);
    }
    ui.data_mut(|data| data.insert_temp(anchor_id, there));
    Some(there..there + 1)
}

#[expect(clippy::too_many_arguments, reason = "a row is drawn here, and only here")]
fn draw_row(
    ui: &Ui,
    cx: &Cx<'_>,
    message: &Message,
    items: &[Item],
    ends: &[usize],
    selected: Option<&Range<usize>>,
    hovered: Option<&Range<usize>>,
    measures: &Measures,
    row: usize,
    corner: egui::Pos2,
) {
    let look = cx.look;
    let start = row * measures.bytes;
    let bytes = message.raw.get(start..).unwrap_or_default();
    let bytes = bytes.get(..measures.bytes).unwrap_or(bytes);
    let rect = Rect::from_min_size(corner, vec2(measures.text_x(measures.bytes), ROW));
    let label = ui.interact(rect, Id::unique(("bytes-row", message.key, message.id, row)), Sense::empty());
    let place = format!("{start:0width$x}", width = measures.places);
    label.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{place}  {}", encode_hex(bytes))));

    let (painter, font) = (ui.painter(), theme::mono(SIZE));
    let y = corner.y + ROW / 2.0;
    painter.text(pos2(corner.x, y), Align2::LEFT_CENTER, place, font.clone(), look.weak);
    let mut next_end = ends.partition_point(|end| *end < start.max(1));
    for (column, byte) in bytes.iter().enumerate() {
        let at = start + column;
        let x = corner.x + measures.byte_x(column);
        let cell = Rect::from_min_size(pos2(x - measures.digit / 2.0, corner.y), vec2(3.0 * measures.digit, ROW));
        let text_x = corner.x + measures.text_x(column);
        let text_cell = Rect::from_min_size(pos2(text_x, corner.y), vec2(measures.digit, ROW));
        let has = |range: Option<&Range<usize>>| range.is_some_and(|range| range.contains(&at));
        let fill = if has(selected) {
            Some(look.chosen)
        } else if has(hovered) {
            Some(look.hover)
        } else {
            None
        };
        if let Some(fill) = fill {
            painter.rect_filled(cell, 0.0, fill);
            painter.rect_filled(text_cell, 0.0, fill);
        }
        let found = items.partition_point(|item| item.bytes.end <= at);
        let item = items.get(found).filter(|item| item.bytes.contains(&at));
        let colour = match item {
            Some(item) if item.is == Is::Piece(Meaning::Malformed) => look.bad,
            Some(item) if item.framing => look.weak,
            _ => look.text,
        };
        painter.text(pos2(x, y), Align2::LEFT_CENTER, format!("{byte:02x}"), font.clone(), colour);
        let letter = if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '·' };
        painter.text(pos2(text_x, y), Align2::LEFT_CENTER, letter, font.clone(), look.weak);
        if ends.get(next_end) == Some(&at) {
            next_end += 1;
            painter.vline(cell.left(), cell.y_range().shrink(2.0), Stroke::new(2.0, look.wait));
        }
    }
}
