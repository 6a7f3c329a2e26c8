//! The text of a row, laid out: drawn with what of it is selected, and pressed to select.

use std::{ops::Range, sync::Arc};

use egui::{
    Color32, CursorIcon, Galley, Pos2, Response, Ui,
    emath::TSTransform,
    epaint::TextShape,
    text::{CCursor, CharIndex, TextFormat},
    text_selection::{CCursorRange, accesskit_text::update_accesskit_for_text_widget, visuals::paint_text_selection},
};

use super::{
    drawn::Drawn,
    selection::{Grain, Selection, Spot, word_at},
};
use crate::{
    chat::RowNumber,
    window::{
        both_ways, lines,
        long_text::{self, LONG, LaidOut, Seen},
    },
};

/// The text of a row, or of one part of it, laid out.
pub struct RowText {
    row: RowNumber,
    part: usize,
    drawn: Arc<Drawn>,
    /// How it is laid out.
    pub galley: Arc<Galley>,
    /// How much higher it became above what is in sight, if it is long and was laid out in part before.
    pub grown_above: Option<f32>,
}

impl RowText {
    /// Lays it out in lines of that width; if it is long, what is in sight of it first.
    pub fn new(
        ui: &Ui,
        (row, part): (RowNumber, usize),
        drawn: Arc<Drawn>,
        format: TextFormat,
        (width, sight): (f32, &Seen),
    ) -> Self {
        let row_height = ui.fonts_mut(|fonts| fonts.row_height(&format.font_id));
        let job = drawn.job(format, row_height);
        let (galley, grown_above) = if job.text.len() > LONG {
            let LaidOut { galley, grown_above } = long_text::lay_out(ui, job, width, sight);
            (galley, grown_above)
        } else {
            (lines::lay_out(ui, job, width), None)
        };
        Self { row, part, drawn, galley, grown_above }
    }

    /// Draws it there. A press begins to select.
    pub fn show(&self, ui: &Ui, at: Pos2, response: &Response, selection: &mut Selection, faint: Color32) {
        if response.hovered() {
            ui.set_cursor_icon(CursorIcon::Text);
        }
        let (pressed, goes_on) = ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        if let Some(pointer) = response.interact_pointer_pos() {
            if response.triple_clicked() {
                selection.take(self.unit_at(at, pointer, Grain::Row));
            } else if response.double_clicked() {
                selection.take(self.unit_at(at, pointer, Grain::Word));
            } else if pressed && (response.is_pointer_button_down_on() || response.clicked()) {
                selection.press(self.unit_at(at, pointer, Grain::Character), goes_on);
            }
        }
        let mut galley = Arc::clone(&self.galley);
        let cursors = selection.of_row(self.row, self.part, self.drawn.copied.len()).map(|bytes| self.cursors(&bytes));
        if let Some(cursors) = &cursors {
            if self.drawn.right_to_left {
                let range = cursors.as_sorted_char_range();
                both_ways::paint_selection(&mut galley, ui.visuals(), &(range.start.0..range.end.0));
            } else {
                paint_text_selection(&mut galley, ui.visuals(), cursors, None);
            }
        }
        ui.painter().add(TextShape::new(at, galley, faint));
        self.drawn.paint_boxes(ui.painter(), at, &self.galley, faint);
        let place = TSTransform::from_translation(at.to_vec2());
        update_accesskit_for_text_widget(ui.ctx(), response.id, cursors, place, &self.galley);
    }

    /// What a press there takes: nothing yet, or the word or the row.
    pub fn unit_at(&self, at: Pos2, pointer: Pos2, grain: Grain) -> Range<Spot> {
        let character = if self.drawn.right_to_left {
            both_ways::place_at(&self.galley, pointer - at)
        } else {
            self.galley.cursor_from_pos(pointer - at).index.0
        };
        let byte = self.drawn.copied_at(character);
        let bytes = match grain {
            Grain::Character => byte..byte,
            Grain::Word => word_at(&self.drawn.copied, byte),
            Grain::Row => 0..self.drawn.copied.len(),
        };
        let spot = |at| Spot { row: self.row, part: self.part, at };
        spot(bytes.start)..spot(bytes.end)
    }

    fn cursors(&self, bytes: &Range<usize>) -> CCursorRange {
        let cursor = |byte| CCursor::new(CharIndex(self.drawn.character_at(byte)));
        CCursorRange::two(cursor(bytes.start), cursor(bytes.end))
    }
}
