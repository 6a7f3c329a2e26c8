//! Text from right to left, and in both directions: shaped a word at a time, and put where it is read.
//!
//! epaint draws the runs of one font from left to right, whatever is in them, so that Hebrew and Arabic words stand in
//! reverse order, and it gives such a run another number of glyphs than it has characters. Here a galley has one glyph
//! for each character, in the order of the text, and where each is drawn is where it is read: what is copied, searched
//! and read aloud stays the text.

use std::{ops::Range, sync::Arc};

use egui::{
    Align, Color32, Galley, Rect, Ui, Vec2, Visuals,
    emath::GuiRounding as _,
    epaint::{
        Mesh, Vertex,
        text::{Glyph, PlacedRow, Row, RowVisuals},
    },
    pos2,
    text::{LayoutJob, LayoutSection},
    vec2,
};
use unicode_bidi::{BidiClass, Level, ParagraphBidiInfo, bidi_class};

use super::lines::{self, Span};

pub mod field;

/// Whether something in a text is written from right to left.
#[must_use]
pub fn is_in(text: &str) -> bool {
    // Most texts have none of the bytes that such a character begins with.
    text.bytes().any(|byte| matches!(byte, 0xd6..=0xe0 | 0xef | 0xf0))
        && text.chars().any(|character| {
            matches!(u32::from(character),
                0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff | 0x1e800..=0x1efff)
        })
}

/// Lays a text out in lines of that width, which was laid out in one line for each paragraph.
#[must_use]
pub fn lay_out(ui: &Ui, from: &Galley, width: f32) -> Galley {
    let mut galley = from.clone();
    (galley.rows, galley.rect, galley.mesh_bounds) = (Vec::new(), Rect::ZERO, Rect::NOTHING);
    (galley.num_vertices, galley.num_indices) = (0, 0);
    let (mut start, mut y) = (0, 0.0);
    let mut from_right = Vec::new();
    // In a field of one line nothing begins another one, and what is too wide is moved along in it.
    let in_one_line = !from.job.break_on_newline;
    let paragraphs: Vec<&str> = if in_one_line { vec![from.text()] } else { from.text().split('\n').collect() };
    for (paragraph, text) in from.rows.iter().zip(paragraphs) {
        let range = start..start + text.len();
        start = range.end + 1;
        let bidi = ParagraphBidiInfo::new(text, None);
        let letters = letters(ui, from, text, &range, &bidi.levels);
        // A row can't be made from nothing: one of its fields is epaint's own.
        let mut empty = Row::clone(&paragraph.row);
        (empty.glyphs, empty.visuals) = (Vec::new(), RowVisuals::default());
        let starts = if in_one_line { vec![0] } else { lines::line_starts(&spans(&letters), width) };
        for (line, first) in starts.iter().enumerate() {
            let end = starts.get(line + 1).copied();
            let letters = letters.get(*first..end.unwrap_or(letters.len())).unwrap_or_default();
            let is_last = end.is_none();
            let keeps_blanks = is_last && from.job.keep_trailing_whitespace;
            let row = one_line(letters, bidi.paragraph_level, keeps_blanks, empty.clone(), from.pixels_per_point);
            from_right.push(bidi.paragraph_level.is_rtl());
            let ends_with_newline = paragraph.ends_with_newline && is_last;
            galley.rows.push(PlacedRow { pos: pos2(0.0, y), row: Arc::new(row), ends_with_newline });
            y += empty.size.y;
        }
    }
    // In a field, which is as wide as it is whatever is written in it, at its right.
    let least = if from.job.keep_trailing_whitespace { width } else { 0.0 };
    let widest = galley.rows.iter().map(|row| row.size.x).fold(least, f32::max);
    for (placed, from_right) in galley.rows.iter_mut().zip(from_right) {
        placed.pos.x = match galley.job.halign {
            // Where its reader looks for its beginning.
            Align::LEFT if from_right => widest - placed.row.size.x,
            Align::LEFT => 0.0,
            Align::Center => -placed.row.size.x / 2.0,
            Align::RIGHT => -placed.row.size.x,
        };
        placed.pos = placed.pos.round_to_pixels(from.pixels_per_point);
        galley.rect |= Rect::from_min_size(placed.pos, placed.row.size);
        let visuals = &placed.row.visuals;
        if visuals.mesh_bounds.is_positive() {
            galley.mesh_bounds |= visuals.mesh_bounds.translate(placed.pos.to_vec2());
        }
        galley.num_vertices += visuals.mesh.vertices.len();
        galley.num_indices += visuals.mesh.indices.len();
    }
    galley.rect = galley.rect.round_ui();
    galley
}

/// The character that is at that place of a galley from here; of those between two, the one that is further on.
#[must_use]
pub fn place_at(galley: &Galley, at: Vec2) -> usize {
    let mut first = 0;
    for (number, row) in galley.rows.iter().enumerate() {
        let is_last = number + 1 == galley.rows.len();
        if at.y < row.pos.y + row.size.y || is_last {
            return first + place_in(row, at.x - row.pos.x);
        }
        first += row.char_count_including_newline().0;
    }
    first
}

/// Before which of the characters of a line that is.
fn place_in(row: &Row, x: f32) -> usize {
    let wide = || row.glyphs.iter().enumerate().filter(|(_, glyph)| glyph.advance_width > 0.0);
    let apart = |glyph: &Glyph| (glyph.pos.x - x).max(x - glyph.max_x()).max(0.0);
    let nearest = wide().min_by(|(_, one), (_, other)| apart(one).total_cmp(&apart(other)));
    let Some((place, glyph)) = nearest else { return 0 };
    let in_left_half = x < f32::midpoint(glyph.pos.x, glyph.max_x());
    if in_left_half != is_from_right(row, place) {
        return place;
    }
    // What is drawn onto it belongs to it.
    wide().map(|(next, _)| next).find(|next| *next > place).unwrap_or(row.glyphs.len())
}

/// Whether this character of a line is read from right to left: as its kind is, or as its neighbours stand.
fn is_from_right(row: &Row, place: usize) -> bool {
    let glyph = |place: Option<usize>| place.and_then(|place| row.glyphs.get(place));
    let Some(this) = glyph(Some(place)) else { return false };
    let meet = |one: f32, other: f32| (one - other).abs() < 1.0;
    match bidi_class(this.chr) {
        BidiClass::R | BidiClass::AL => true,
        BidiClass::L | BidiClass::EN | BidiClass::AN => false,
        _ => {
            glyph(place.checked_sub(1)).is_some_and(|before| meet(before.pos.x, this.max_x()))
                || glyph(Some(place + 1)).is_some_and(|after| meet(after.max_x(), this.pos.x))
        }
    }
}

/// Draws these characters of a galley from here as selected ones.
pub fn paint_selection(galley: &mut Arc<Galley>, visuals: &Visuals, selected: &Range<usize>) {
    let (background, text) = (visuals.selection.bg_fill, visuals.selection.stroke.color);
    let galley = Arc::make_mut(galley);
    let mut first = 0;
    for placed in &mut galley.rows {
        let (here, newline) = of_line(placed, first, selected);
        first += placed.char_count_including_newline().0;
        if here.is_empty() && !newline {
            continue;
        }
        let row = Arc::make_mut(&mut placed.row);
        paint_in(row, here, newline, background, text);
    }
}

/// Which of the characters of a line that begins with the character `first` are selected, and whether its newline is.
fn of_line(line: &PlacedRow, first: usize, selected: &Range<usize>) -> (Range<usize>, bool) {
    let count = line.row.glyphs.len();
    let here = selected.start.clamp(first, first + count) - first..selected.end.clamp(first, first + count) - first;
    (here, line.ends_with_newline && selected.contains(&(first + count)))
}

/// From where to where these characters of a line are drawn. As few stretches as can be: where two meet, both would be seen
/// through.
fn stretches(row: &Row, selected: Range<usize>, newline: bool) -> Vec<(f32, f32)> {
    let mut all: Vec<(f32, f32)> = Vec::new();
    let glyphs = row.glyphs.get(selected).unwrap_or_default().iter().filter(|glyph| glyph.advance_width > 0.0);
    for (left, right) in glyphs.map(|glyph| (glyph.pos.x, glyph.max_x())) {
        match all.last_mut() {
            Some((_, to)) if (left - *to).abs() < 1.0 => *to = right,
            Some((from, _)) if (right - *from).abs() < 1.0 => *from = left,
            _ => all.push((left, right)),
        }
    }
    if newline {
        all.push((row.size.x, row.size.x + row.size.y / 2.0));
    }
    all
}

fn paint_in(row: &mut Row, selected: Range<usize>, newline: bool, background: Color32, text: Color32) {
    let mut behind = Mesh::default();
    for (left, right) in stretches(row, selected.clone(), newline) {
        behind.add_colored_rect(Rect::from_min_max(pos2(left, 0.0), pos2(right, row.size.y)), background);
    }
    let mesh = &mut row.visuals.mesh;
    for glyph in row.glyphs.get(selected).unwrap_or_default().iter().filter(|glyph| !glyph.uv_rect.is_nothing()) {
        let from = glyph.first_vertex as usize;
        for vertex in mesh.vertices.get_mut(from..from + 4).unwrap_or_default() {
            vertex.color = text;
        }
    }
    behind.append_ref(mesh);
    row.visuals.mesh_bounds = behind.calc_bounds();
    row.visuals.mesh = behind;
}

/// A character, shaped.
struct Letter {
    level: Level,
    /// Where it is in its word, and how wide.
    glyph: Glyph,
    /// Where in its word the pen was.
    pen: Option<f32>,
    /// Four corners for each thing that is drawn.
    drawn: Vec<Vertex>,
}

/// The characters of a paragraph, each shaped beside those that it is written together with.
fn letters(ui: &Ui, from: &Galley, text: &str, range: &Range<usize>, levels: &[Level]) -> Vec<Letter> {
    let mut all = Vec::new();
    // What characters that the fonts leave out are made from.
    let Some(any) = from.rows.iter().flat_map(|row| &row.glyphs).next() else { return all };
    let mut sections = from.job.sections.iter().peekable();
    let mut word: Option<Word> = None;
    for (byte, character) in text.char_indices() {
        let at = range.start + byte;
        while sections.next_if(|section| section.byte_range.end.0 <= at).is_some() {}
        let (Some(section), Some(level)) = (sections.peek().copied(), levels.get(byte).copied()) else { continue };
        let goes_on = word
            .as_ref()
            .is_some_and(|word| word.level == level && std::ptr::eq(word.section, section) && word.takes(character));
        if !goes_on && let Some(word) = word.take() {
            word.shape(ui, any, &mut all);
        }
        let word = word.get_or_insert_with(|| Word { section, level, characters: String::new() });
        word.characters.push(character);
    }
    if let Some(word) = word {
        word.shape(ui, any, &mut all);
    }
    all
}

/// Characters that are shaped together.
struct Word<'a> {
    section: &'a LayoutSection,
    level: Level,
    characters: String,
}

impl Word<'_> {
    /// Whether a character of the same level is written together with these.
    fn takes(&self, character: char) -> bool {
        let Some(last) = self.characters.chars().next_back() else { return true };
        let is_mark = |character: char| matches!(kind(character), BidiClass::NSM | BidiClass::BN);
        let before = self.characters.chars().rev().find(|before| !is_mark(*before)).unwrap_or(last);
        match (kind(before), kind(character)) {
            // What is drawn onto a letter, or joins two.
            _ if is_mark(character) || last == '\u{200d}' => true,
            // What makes of an emoji another one.
            (BidiClass::ON, BidiClass::ON) if matches!(character, '\u{1f3fb}'..='\u{1f3ff}') => true,
            // Some of the digits of Arabic would be shaped from right to left.
            (BidiClass::AN, _) | (_, BidiClass::AN) => false,
            _ if self.level.is_ltr() => true,
            (BidiClass::R, BidiClass::R) | (BidiClass::AL, BidiClass::AL) => true,
            _ => false,
        }
    }

    fn shape(self, ui: &Ui, any: &Glyph, all: &mut Vec<Letter>) {
        let from_right = self.level.is_rtl();
        let seen: String =
            if from_right { self.characters.chars().map(mirrored).collect() } else { self.characters.clone() };
        let mut job = LayoutJob::default();
        job.append(&seen, 0.0, self.section.format.clone());
        let galley = ui.painter().layout_job(job);
        let Some(row) = galley.rows.first() else { return };
        // Where the pen is at each of them.
        let mut glyphs: Vec<(f32, &Glyph)> = Vec::with_capacity(row.glyphs.len());
        let mut pen = 0.0;
        for glyph in &row.glyphs {
            glyphs.push((pen, glyph));
            pen += glyph.advance_width;
        }
        let seen: Vec<char> = seen.chars().collect();
        if from_right && kind(seen.first().copied().unwrap_or_default()) != BidiClass::ON {
            // As they are read. Those that are not drawn stand for no character: epaint counts from the left.
            glyphs.retain(|(_, glyph)| glyph.advance_width > 0.0 || !glyph.uv_rect.is_nothing());
            glyphs.reverse();
        }
        let blank = |character: char| {
            let mut glyph = *row.glyphs.first().unwrap_or(any);
            (glyph.chr, glyph.pos.x, glyph.advance_width, glyph.first_vertex) = (character, 0.0, 0.0, 0);
            (glyph.uv_rect.min, glyph.uv_rect.max) = ([0, 0], [0, 0]);
            Letter { level: self.level, glyph, pen: None, drawn: Vec::new() }
        };
        let first = all.len();
        all.extend(self.characters.chars().map(blank));
        let Some(letters) = all.get_mut(first..) else { return };
        let mut next = 0;
        for (pen, glyph) in glyphs {
            let place = place_of(glyph, &seen, next).unwrap_or(next.saturating_sub(1));
            next = next.max(place + 1);
            let Some(letter) = letters.get_mut(place) else { continue };
            letter.take(pen, glyph, &row.row);
        }
    }
}

/// Which of the characters, from that one on, this glyph is the first of; `None` if it is one more of the one before.
fn place_of(glyph: &Glyph, characters: &[char], next: usize) -> Option<usize> {
    let here = characters.get(next)?;
    if *here == glyph.chr || (glyph.advance_width <= 0.0 && bidi_class(*here) == BidiClass::NSM) {
        return Some(next);
    }
    let rest = characters.get(next..)?;
    let further = rest.iter().position(|character| *character == glyph.chr).filter(|_| glyph.advance_width > 0.0)?;
    Some(next + further)
}

impl Letter {
    fn take(&mut self, pen: f32, glyph: &Glyph, row: &Row) {
        if let Some(before) = self.pen {
            self.glyph.advance_width += glyph.advance_width;
            self.pen = Some(before.min(pen));
        } else {
            // Not made from its fields: one of them is epaint's own.
            let character = std::mem::replace(&mut self.glyph, *glyph).chr;
            self.glyph.chr = character;
            self.pen = Some(pen);
        }
        let from = glyph.first_vertex as usize;
        if !glyph.uv_rect.is_nothing()
            && let Some(corners) = row.visuals.mesh.vertices.get(from..from + 4)
        {
            self.drawn.extend_from_slice(corners);
        }
    }
}

/// Where each would be if all were read from left to right: for how much of them is a line.
fn spans(letters: &[Letter]) -> Vec<Span> {
    let mut left = 0.0;
    let span = |letter: &Letter| {
        let from = left;
        left += letter.glyph.advance_width;
        Span { character: letter.glyph.chr, left: from, right: left }
    };
    letters.iter().map(span).collect()
}

/// These letters as a line of their own, put into an empty row.
fn one_line(letters: &[Letter], paragraph: Level, keeps_blanks: bool, mut row: Row, pixels_per_point: f32) -> Row {
    let blank = |letter: &Letter| lines::is_space(letter.glyph.chr);
    let seen = letters.iter().rposition(|letter| !blank(letter)).map_or(letters.len(), |last| last + 1);
    // Blanks at the end of a line stand where its paragraph ends, and take no room but where they are being written.
    let level = |(place, letter): (usize, &Letter)| {
        if place >= seen || letter.glyph.chr == '\t' { paragraph } else { letter.level }
    };
    let levels: Vec<Level> = letters.iter().enumerate().map(level).collect();
    let mut mesh = Mesh::default();
    row.glyphs = letters.iter().map(|letter| letter.glyph).collect();
    let mut x: f32 = 0.0;
    for place in ParagraphBidiInfo::reorder_visual(&levels) {
        let (Some(letter), Some(glyph)) = (letters.get(place), row.glyphs.get_mut(place)) else { continue };
        glyph.first_vertex = mesh.vertices.len() as u32;
        if place >= seen && !keeps_blanks {
            (glyph.pos.x, glyph.advance_width) = (x, 0.0);
            continue;
        }
        // To a whole pixel, as it was drawn.
        let by = vec2((x - letter.pen.unwrap_or(0.0)).round_to_pixels(pixels_per_point), 0.0);
        glyph.pos += by;
        for corners in letter.drawn.chunks_exact(4) {
            let corner = mesh.vertices.len() as u32;
            mesh.vertices.extend(corners.iter().map(|vertex| Vertex { pos: vertex.pos + by, ..*vertex }));
            mesh.add_triangle(corner, corner + 1, corner + 2);
            mesh.add_triangle(corner + 2, corner + 1, corner + 3);
        }
        x += letter.glyph.advance_width;
    }
    let glyph_vertex_range = 0..mesh.vertices.len();
    row.visuals = RowVisuals { mesh_bounds: mesh.calc_bounds(), mesh, glyph_index_start: 0, glyph_vertex_range };
    row.size.x = x;
    row
}

/// How it is written beside others: marks and letters of their kind, and all else.
fn kind(character: char) -> BidiClass {
    match bidi_class(character) {
        kind @ (BidiClass::R | BidiClass::AL | BidiClass::AN | BidiClass::NSM | BidiClass::BN) => kind,
        _ => BidiClass::ON,
    }
}

/// What is drawn for it where it is read from right to left.
fn mirrored(character: char) -> char {
    const PAIRS: [(char, char); 12] = [
        ('(', ')'),
        ('[', ']'),
        ('{', '}'),
        ('<', '>'),
        ('«', '»'),
        ('‹', '›'),
        ('（', '）'),
        ('［', '］'),
        ('《', '》'),
        ('〈', '〉'),
        ('「', '」'),
        ('【', '】'),
    ];
    let other = |(one, other): &(char, char)| match character {
        found if found == *one => Some(*other),
        found if found == *other => Some(*one),
        _ => None,
    };
    PAIRS.iter().find_map(other).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::{fonts, theme};
    use egui::text::TextFormat;
    use proptest::prelude::*;

    /// Laid out by [`lines::lay_out`], as all texts of the window are.
    fn laid_out(text: &str, width: f32) -> Arc<Galley> {
        let ctx = egui::Context::default();
        fonts::install(&ctx);
        let mut galley = None;
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(theme::text(), theme::LIGHT.text));
            galley = Some(lines::lay_out(ui, job, width));
        });
        output.textures_delta.clear();
        galley.expect("a galley")
    }

    /// The characters of a line, from left to right.
    fn seen(row: &Row) -> String {
        let mut glyphs: Vec<&Glyph> = row.glyphs.iter().filter(|glyph| glyph.advance_width > 0.0).collect();
        glyphs.sort_by(|one, other| one.pos.x.total_cmp(&other.pos.x));
        glyphs.iter().map(|glyph| glyph.chr).collect()
    }

    #[test]
    fn words_stand_as_they_are_read() {
        for (text, from_left) in [
            ("שלום עולם", "םלוע םולש"),
            ("hello שלום עולם!", "hello םלוע םולש!"),
            ("שלום, hello world, 12 + 34.", ".hello world, 12 + 34 ,םולש"),
            ("מחיר 12 + 34", "34 + 12 ריחמ"),
            ("עולם (שלום)", ")םולש( םלוע"),
            ("套接字 שלום עולם 端口 8080", "套接字 םלוע םולש 端口 8080"),
        ] {
            let galley = laid_out(text, 2_000.0);
            assert_eq!(galley.rows.len(), 1, "{text}");
            assert_eq!(seen(&galley.rows[0]), from_left);
            let in_order: String = galley.rows[0].glyphs.iter().map(|glyph| glyph.chr).collect();
            assert_eq!(in_order, text, "a glyph for each character, in the order of the text");
        }
    }

    #[test]
    fn a_paragraph_from_right_to_left_begins_at_the_right_in_each_line() {
        let galley = laid_out("שלום עולם שלום עולם שלום עולם\nhello", 120.0);
        assert!(galley.rows.len() > 2);
        let right = galley.rect.right();
        let (last, lines) = galley.rows.split_last().expect("lines");
        for row in lines {
            assert!((row.pos.x + row.size.x - right).abs() < 1.5, "{row:?}");
            let first = &row.glyphs[0];
            assert!(row.glyphs.iter().all(|glyph| glyph.pos.x <= first.pos.x));
        }
        assert!(last.pos.x == 0.0);
    }

    #[test]
    fn the_pointer_finds_the_character_that_it_is_on_and_what_is_selected_is_drawn_there() {
        let text = "ab שלום עולם cd";
        let galley = laid_out(text, 2_000.0);
        let row = &galley.rows[0];
        for (place, glyph) in row.glyphs.iter().enumerate() {
            let middle = f32::midpoint(glyph.pos.x, glyph.max_x());
            let before = if (3..12).contains(&place) { 2.0 } else { -2.0 };
            assert_eq!(place_at(&galley, vec2(middle + before, 3.0)), place, "{text} at {place}");
            assert_eq!(place_at(&galley, vec2(middle - before, 3.0)), place + 1, "{text} after {place}");
        }
        assert_eq!(place_at(&galley, vec2(1_000.0, 900.0)), 15);
        // From the first letter to the end of the first word: two stretches, for the word stands at the right of the other.
        let mut painted = Arc::clone(&galley);
        paint_selection(&mut painted, &Visuals::light(), &(0..7));
        let before = galley.rows[0].visuals.mesh.vertices.len();
        let mesh = &painted.rows[0].visuals.mesh;
        assert_eq!(mesh.vertices.len() - before, 2 * 4);
        let word = mesh.vertices[4..8].iter().map(|vertex| vertex.pos.x).fold(f32::INFINITY, f32::min);
        assert!((word - row.glyphs[6].pos.x).abs() < 1.0, "{word} {}", row.glyphs[6].pos.x);
    }

    #[test]
    fn other_texts_take_no_part_in_it() {
        for text in ["hello", "你好，世界！（套接字）", "😀 é — ü", ""] {
            assert!(!is_in(text), "{text}");
        }
        for text in ["שלום", "你好 مرحبا", "\u{fb1d}", "\u{1e900}"] {
            assert!(is_in(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn there_is_a_glyph_for_each_character_and_places_are_within(
            text in "(א|ש[\u{5b8}\u{5c1}]{0,2}|[لاب\u{651}]|[a1٣۴ ()!👍\u{1f3fe}\u{200d}你。\n\t-]){0,40}א",
            width in 20.0_f32..400.0,
            at in (0.0_f32..400.0, 0.0_f32..200.0),
            ends in (0_usize..60, 0_usize..60),
        ) {
            let mut galley = laid_out(&text, width);
            let all: String = galley.rows.iter().flat_map(|row| {
                row.glyphs.iter().map(|glyph| glyph.chr).chain(row.ends_with_newline.then_some('\n'))
            }).collect();
            prop_assert_eq!(&all, &text);
            prop_assert!(place_at(&galley, vec2(at.0, at.1)) <= text.chars().count());
            paint_selection(&mut galley, &Visuals::light(), &(ends.0.min(ends.1)..ends.0.max(ends.1)));
        }
    }
}
