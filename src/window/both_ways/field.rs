//! The field in which text from right to left is written: egui's own, which is given such a text where it looks for it.
//!
//! egui takes the left edge of a character for the place of the cursor before it, and the right edge of a line for that
//! after its last; what a pointer is on it looks for from left to right, and what is selected it takes for one stretch. So
//! its galley says of each character where the cursor before it is; for the one place that is asked for in a frame, the
//! pointer's or that of the cursor on its way to another line, the widths are such that egui finds what is there; and
//! what is selected is drawn here.

use std::{ops::Range, sync::Arc};

use egui::{
    Color32, Event, FontId, Galley, Id, Key, Rect, TextBuffer, Ui,
    emath::GuiRounding as _,
    epaint::text::Row,
    pos2,
    text::LayoutJob,
    text_edit::{TextEditOutput, TextEditState},
    vec2,
};
use unicode_bidi::ParagraphBidiInfo;

use super::{is_from_right, is_in, paint_selection, place_in, stretches};
use crate::window::lines;

/// Where a field's text was drawn, from the left of the window.
#[derive(Clone, Copy)]
struct Left(f32);

/// What stands in a field, each character where it is drawn.
#[derive(Clone)]
struct Drawn(Arc<Galley>);

/// Lays out the text of a field of several lines: as egui does, but where something in it is read from right to left.
pub fn layouter(id: Id, font: FontId) -> impl FnMut(&Ui, &dyn TextBuffer, f32) -> Arc<Galley> {
    move |ui, text, width| {
        let job = LayoutJob::simple(text.as_str().to_owned(), font.clone(), Color32::PLACEHOLDER, width);
        lay_out(ui, id, &font, job, width)
    }
}

/// The same for a field of one line.
pub fn line_layouter(id: Id, font: FontId) -> impl FnMut(&Ui, &dyn TextBuffer, f32) -> Arc<Galley> {
    move |ui, text, width| {
        let job = LayoutJob::simple_singleline(text.as_str().to_owned(), font.clone(), Color32::PLACEHOLDER);
        lay_out(ui, id, &font, job, width)
    }
}

fn lay_out(ui: &Ui, id: Id, font: &FontId, mut job: LayoutJob, width: f32) -> Arc<Galley> {
    job.keep_trailing_whitespace = true;
    let line_height = ui.fonts_mut(|fonts| fonts.row_height(font)) + ui.spacing().extra_text_line_spacing;
    for section in &mut job.sections {
        section.format.line_height = Some(line_height);
    }
    if !is_in(&job.text) {
        ui.data_mut(|data| data.remove::<Drawn>(id));
        return ui.fonts_mut(|fonts| fonts.layout_job(job));
    }
    let width = width.floor();
    let drawn = lines::lay_out(ui, job, width);
    ui.data_mut(|data| data.insert_temp(id, Drawn(Arc::clone(&drawn))));
    let wanted = wanted(ui, id, &drawn);
    Arc::new(as_looked_for(&drawn, width, wanted))
}

/// Before the field is drawn that has the keyboard: what it is to know of the text in it.
///
/// The arrows lead where they point, in a paragraph that is read from right to left as well. Modifiers mean what they do.
pub fn before(ui: &mut Ui, id: Id, text: &str) {
    if !is_in(text) {
        return;
    }
    // It draws what is selected as one stretch.
    ui.visuals_mut().selection.bg_fill = Color32::TRANSPARENT;
    let cursor = TextEditState::load(ui.ctx(), id).and_then(|state| state.cursor.char_range());
    // Where it was never put, it is at the end.
    let place = cursor.map_or_else(|| text.chars().count(), |cursor| cursor.primary.index.0);
    if !ui.memory(|memory| memory.has_focus(id)) || !begins_at_right(text, place) {
        return;
    }
    ui.input_mut(|input| {
        for event in &mut input.events {
            if let Event::Key { key, .. } = event {
                *key = match *key {
                    Key::ArrowLeft => Key::ArrowRight,
                    Key::ArrowRight => Key::ArrowLeft,
                    other => other,
                };
            }
        }
    });
}

/// After the field was drawn: what is selected is drawn over it.
pub fn after(ui: &Ui, id: Id, output: &TextEditOutput) {
    let left = output.galley_pos.x - output.galley.rect.left();
    ui.data_mut(|data| data.insert_temp(id, Left(left)));
    let Some(Drawn(drawn)) = ui.data(|data| data.get_temp(id)) else { return };
    let focused = ui.memory(|memory| memory.has_focus(id));
    let Some(selected) = output.state.cursor.char_range().filter(|range| focused && !range.is_empty()) else { return };
    let selected = selected.as_sorted_char_range();
    let selected = selected.start.0..selected.end.0;
    let origin = pos2(left, output.galley_pos.y);
    // As it is everywhere else.
    let visuals = ui.ctx().global_style().visuals.clone();
    let mut painted = Arc::clone(&drawn);
    paint_selection(&mut painted, &visuals, &selected);
    let painter = ui.painter_at(output.text_clip_rect.expand(1.0));
    for place in places(&drawn, &selected) {
        let place = place.translate(origin.to_vec2()).round_to_pixels(ui.pixels_per_point());
        let painter = painter.with_clip_rect(place.intersect(painter.clip_rect()));
        painter.galley(origin, Arc::clone(&painted), ui.visuals().text_color());
    }
}

/// The field of this id will not be drawn again.
pub fn forget(ui: &Ui, id: Id) {
    ui.data_mut(|data| {
        data.remove::<Left>(id);
        data.remove::<Drawn>(id);
    });
}

/// Where these characters are drawn.
fn places(galley: &Galley, selected: &Range<usize>) -> Vec<Rect> {
    let mut places = Vec::new();
    let mut first = 0;
    for placed in &galley.rows {
        let (selected, newline) = super::of_line(placed, first, selected);
        first += placed.char_count_including_newline().0;
        let here = stretches(&placed.row, selected, newline).into_iter();
        places.extend(here.map(|(left, right)| {
            Rect::from_min_max(pos2(left, 0.0), pos2(right, placed.row.size.y)).translate(placed.pos.to_vec2())
        }));
    }
    places
}

/// Whether the paragraph that has this character is read from right to left.
fn begins_at_right(text: &str, place: usize) -> bool {
    let mut left = place;
    for paragraph in text.split('\n') {
        let length = paragraph.chars().count();
        if left <= length {
            return ParagraphBidiInfo::new(paragraph, None).paragraph_level.is_rtl();
        }
        left -= length + 1;
    }
    false
}

/// Where egui will look for a character in this frame, in points from the left of the galley.
fn wanted(ui: &Ui, id: Id, drawn: &Galley) -> Option<f32> {
    let (pointed, moved) = ui.input(|input| {
        let pointer = &input.pointer;
        let pastes = |event: &Event| matches!(event, Event::MiddleClickPaste { .. });
        let used = pointer.any_down() || pointer.any_released() || input.events.iter().any(pastes);
        let moved = input.key_pressed(Key::ArrowUp) || input.key_pressed(Key::ArrowDown);
        (pointer.interact_pos().filter(|_| used), moved)
    });
    if let (Some(at), Some(Left(left))) = (pointed, ui.data(|data| data.get_temp(id))) {
        return Some(at.x - left);
    }
    let cursor = TextEditState::load(ui.ctx(), id).filter(|_| moved)?.cursor.char_range()?;
    let from = as_looked_for(drawn, drawn.rect.right(), None).pos_from_cursor(cursor.primary).center().x;
    Some(cursor.h_pos.unwrap_or(from))
}

/// The same text, each character where egui looks for it.
fn as_looked_for(drawn: &Galley, width: f32, wanted: Option<f32>) -> Galley {
    let mut galley = drawn.clone();
    for placed in &mut galley.rows {
        let found = wanted.map(|x| (x - placed.pos.x, place_in(&placed.row, x - placed.pos.x)));
        let (cursors, end) = cursors(&placed.row);
        let row = Arc::make_mut(&mut placed.row);
        for (place, (glyph, cursor)) in row.glyphs.iter_mut().zip(cursors).enumerate() {
            // Nor does it colour what is selected.
            (glyph.pos.x, glyph.first_vertex) = (cursor, 0);
            if let Some((x, found)) = found {
                // It takes the first whose middle is further to the right.
                let middle = if place < found { x - 1.0 } else { x + 1.0 };
                glyph.advance_width = 2.0 * (middle - cursor);
            }
        }
        (row.size.x, row.visuals.glyph_vertex_range) = (end, 0..0);
    }
    galley.rect =
        Rect::from_min_size(pos2(0.0, drawn.rect.top()), vec2(width.max(drawn.rect.right()), drawn.rect.height()));
    galley
}

/// Where the cursor is before each character of a line, and at its end: behind the one before it, as one writes.
fn cursors(row: &Row) -> (Vec<f32>, f32) {
    let edges = |place: usize| {
        row.glyphs.get(place).map(|glyph| {
            let (left, right) = (glyph.pos.x, glyph.max_x());
            if is_from_right(row, place) { (right, left) } else { (left, right) }
        })
    };
    let mut cursors = Vec::with_capacity(row.glyphs.len());
    let mut next = edges(0).map_or(0.0, |(before, _)| before);
    for place in 0..row.glyphs.len() {
        cursors.push(next);
        next = edges(place).map_or(next, |(_, behind)| behind);
    }
    (cursors, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::{both_ways::place_at, fonts, theme};
    use egui::{
        Context, FullOutput, Modifiers, PointerButton, Pos2, RawInput, Shape, TextEdit, epaint::ClippedShape,
        text::CCursorRange,
    };

    const WIDTH: f32 = 400.0;

    /// A field with the keyboard, and what became of it in the last frame.
    struct Field {
        ctx: Context,
        one_line: bool,
        text: String,
        time: f64,
        left_top: Pos2,
        selected: CCursorRange,
        galley: Option<Arc<Galley>>,
        output: FullOutput,
    }

    impl Field {
        fn with(text: &str) -> Self {
            Self::of(text, false)
        }

        fn of_one_line(text: &str) -> Self {
            Self::of(text, true)
        }

        fn of(text: &str, one_line: bool) -> Self {
            let ctx = Context::default();
            fonts::install(&ctx);
            let text = text.to_owned();
            let (selected, output) = (CCursorRange::default(), FullOutput::default());
            let left_top = Pos2::ZERO;
            let mut field = Self { ctx, one_line, text, time: 0.0, left_top, selected, galley: None, output };
            field.frame(Vec::new());
            field.ctx.memory_mut(|memory| memory.request_focus(id()));
            field.frame(Vec::new());
            field
        }

        fn frame(&mut self, events: Vec<Event>) {
            // Far enough apart that two clicks are no double click.
            self.time += 1.0;
            let screen = Rect::from_min_size(Pos2::ZERO, vec2(600.0, 300.0));
            let input = RawInput { events, time: Some(self.time), screen_rect: Some(screen), ..RawInput::default() };
            let (text, mut shown) = (&mut self.text, None);
            let mut lines = layouter(id(), theme::text());
            let mut line = line_layouter(id(), theme::text());
            self.output = self.ctx.run_ui(input, |ui| {
                before(ui, id(), text);
                let edit = if self.one_line {
                    TextEdit::singleline(text).layouter(&mut line)
                } else {
                    TextEdit::multiline(text).layouter(&mut lines)
                };
                let output = edit.id(id()).font(theme::text()).desired_width(WIDTH).show(ui);
                after(ui, id(), &output);
                shown = Some(output);
            });
            self.output.textures_delta.clear();
            let shown = shown.expect("a field");
            self.left_top = pos2(shown.galley_pos.x - shown.galley.rect.left(), shown.galley_pos.y);
            self.selected = shown.state.cursor.char_range().unwrap_or_default();
            self.galley = Some(shown.galley);
        }

        fn write(&mut self, text: &str) {
            self.frame(vec![Event::Text(text.to_owned())]);
        }

        fn press(&mut self, key: Key) {
            let (modifiers, repeat) = (Modifiers::NONE, false);
            self.frame(vec![Event::Key { key, physical_key: None, pressed: true, repeat, modifiers }]);
        }

        /// The button of the mouse, at that place of the text.
        fn button(&mut self, at: Pos2, pressed: bool) {
            let pos = self.left_top + at.to_vec2();
            let button = PointerButton::Primary;
            self.frame(vec![
                Event::PointerMoved(pos),
                Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE },
            ]);
        }

        fn cursor(&self) -> usize {
            self.selected.primary.index.0
        }

        /// Where an input method is told that the cursor is, from the left of the text.
        fn cursor_at(&self) -> f32 {
            let told = self.output.platform_output.ime.expect("the field has the keyboard");
            told.cursor_rect.center().x - self.left_top.x
        }

        fn drawn(&self) -> Arc<Galley> {
            let Drawn(drawn) = self.ctx.data(|data| data.get_temp(id())).expect("something from right to left");
            drawn
        }

        /// What of the text is drawn as selected.
        fn painted(&self) -> Vec<Rect> {
            let texts = self.output.shapes.iter().filter(|clipped| matches!(clipped.shape, Shape::Text(_)));
            texts.skip(1).map(|clipped| clipped.clip_rect.translate(-self.left_top.to_vec2())).collect()
        }
    }

    fn id() -> Id {
        Id::unique("field")
    }

    #[test]
    fn its_frame_is_that_of_every_field() {
        let frames = |text| {
            let field = Field::with(text);
            let frame = |clipped: &ClippedShape| match &clipped.shape {
                Shape::Rect(rect) => Some((rect.rect, rect.fill, rect.stroke)),
                _ => None,
            };
            field.output.shapes.iter().filter_map(frame).collect::<Vec<_>>()
        };
        assert!(!frames("hello").is_empty());
        assert_eq!(frames("שלום"), frames("hello"));
    }

    #[test]
    fn the_cursor_stands_behind_what_was_written() {
        let mut field = Field::with("");
        field.write("ש");
        let mut before = field.cursor_at();
        assert!(before > WIDTH - 40.0, "at the right of the field, not at {before}");
        for letter in ["ל", "ו", "ם", " ", "ע", " "] {
            field.write(letter);
            assert!(field.cursor_at() < before - 1.0, "{letter:?} leads from {before} to {}", field.cursor_at());
            before = field.cursor_at();
        }
        // A foreign word is written to the right, and what follows it stands at its left.
        field.write("a");
        field.write("b");
        assert!((field.cursor_at() - before).abs() < 2.0, "{} and {before}", field.cursor_at());
        field.write("ש");
        assert!(field.cursor_at() < before - 15.0);
        assert_eq!(field.text, "שלום ע abש");
    }

    #[test]
    fn a_click_puts_the_cursor_where_it_points() {
        for text in ["ab שלום עולם cd", "שלום hello עולם 12", "שלום\nhello\nשלום עולם"] {
            let mut field = Field::with(text);
            let drawn = field.drawn();
            for row in &drawn.rows {
                let mut x = row.pos.x + 1.0;
                while x < row.pos.x + row.size.x {
                    let at = pos2(x, row.rect().center().y);
                    field.button(at, true);
                    field.button(at, false);
                    assert_eq!(field.cursor(), place_at(&drawn, at.to_vec2()), "{text:?} at {at:?}");
                    x += 4.0;
                }
            }
        }
    }

    #[test]
    fn what_the_mouse_is_drawn_over_is_selected_and_drawn_so() {
        let mut field = Field::with("ab שלום עולם cd");
        let drawn = field.drawn();
        let glyph = |place: usize| drawn.rows[0].glyphs[place];
        let y = drawn.rows[0].rect().center().y;
        // From the first letter to the end of the first word, which stands at the right of the second.
        field.button(pos2(glyph(0).pos.x + 1.0, y), true);
        field.frame(vec![Event::PointerMoved(field.left_top + vec2(glyph(6).pos.x + 1.0, y))]);
        field.button(pos2(glyph(6).pos.x + 1.0, y), false);
        assert_eq!(field.selected.as_sorted_char_range().start.0..field.selected.as_sorted_char_range().end.0, 0..7);
        let painted = field.painted();
        assert_eq!(painted.len(), 2, "{painted:?}");
        assert!((painted[0].right() - glyph(3).pos.x.min(glyph(2).max_x())).abs() < 2.0, "{painted:?}");
        assert!(
            (painted[1].left() - glyph(6).pos.x).abs() < 2.0 && (painted[1].right() - glyph(3).max_x()).abs() < 2.0
        );
        // What is written takes its place.
        field.write("x");
        assert_eq!(field.text, "x עולם cd");
    }

    #[test]
    fn the_arrows_lead_where_they_point() {
        let mut field = Field::with("שלום עולם\nשלום עולם");
        field.press(Key::Home);
        field.press(Key::ArrowUp);
        assert_eq!(field.cursor(), 0);
        for place in 1..=4 {
            let before = field.cursor_at();
            field.press(Key::ArrowLeft);
            assert_eq!(field.cursor(), place);
            assert!(field.cursor_at() < before);
        }
        field.press(Key::ArrowRight);
        assert_eq!(field.cursor(), 3);
        let above = field.cursor_at();
        field.press(Key::ArrowDown);
        assert_eq!((field.cursor(), field.cursor_at()), (13, above));
        field.press(Key::ArrowUp);
        assert_eq!(field.cursor(), 3);
        let mut field = Field::with("hello שלום");
        field.press(Key::Home);
        field.press(Key::ArrowRight);
        assert_eq!(field.cursor(), 1);
    }

    #[test]
    fn in_one_line_words_stand_as_they_are_read_and_the_cursor_is_in_sight() {
        let mut field = Field::of_one_line("");
        for letter in ["ש", "ל", "ו", "ם", " ", "a", "b"] {
            field.write(letter);
        }
        let drawn = field.drawn();
        assert_eq!(drawn.rows.len(), 1);
        let mut seen: Vec<_> = drawn.rows[0].glyphs.iter().collect();
        seen.sort_by(|one, other| one.pos.x.total_cmp(&other.pos.x));
        assert_eq!(seen.iter().map(|glyph| glyph.chr).collect::<String>(), "ab םולש");
        assert!(drawn.rows[0].pos.x > WIDTH / 2.0, "at the right of the field");
        // What is wider than the field is not broken, and moves along with the cursor.
        for _ in 0..30 {
            field.write(" עולם");
        }
        let drawn = field.drawn();
        assert_eq!(drawn.rows.len(), 1);
        assert!(drawn.rows[0].size.x > WIDTH);
        let in_sight = |field: &Field| {
            let told = field.output.platform_output.ime.expect("the field has the keyboard");
            told.rect.expand(2.0).contains(told.cursor_rect.center())
        };
        assert!(in_sight(&field));
        field.press(Key::Home);
        field.frame(Vec::new());
        assert!(in_sight(&field));
        assert_eq!(field.cursor(), 0);
        // A click there puts the cursor where it points.
        let middle = field.drawn().rows[0].glyphs[3];
        field.button(pos2(middle.pos.x + 1.0, 8.0), true);
        field.button(pos2(middle.pos.x + 1.0, 8.0), false);
        assert_eq!(field.cursor(), 4);
    }

    #[test]
    fn a_text_from_left_to_right_is_laid_out_as_egui_does() {
        for text in ["hello", "你好，世界  ", "one\ntwo\n", &"word ".repeat(40)] {
            let ours = Field::with(text);
            let mut theirs = None;
            let mut output = ours.ctx.run_ui(RawInput::default(), |ui| {
                let mut text = text.to_owned();
                let edit = TextEdit::multiline(&mut text).font(theme::text()).desired_width(WIDTH);
                theirs = Some(edit.show(ui).galley);
            });
            output.textures_delta.clear();
            let rows = |galley: Option<Arc<Galley>>| {
                let galley = galley.expect("a galley");
                let glyphs = |row: &Row| row.glyphs.iter().map(|glyph| (glyph.chr, glyph.pos.x)).collect::<Vec<_>>();
                galley.rows.iter().map(|row| (row.pos, row.size, glyphs(row))).collect::<Vec<_>>()
            };
            assert_eq!(rows(ours.galley.clone()), rows(theirs), "{text:?}");
        }
    }
}
