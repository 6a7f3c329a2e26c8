//! Text in lines as readers of Chinese and of English expect: none begins with what closes, none ends with what opens.
//!
//! epaint breaks after every mark that stands before a Chinese character, an opening bracket included, and it has no
//! way to say otherwise. So it lays a paragraph out in one line here, and what it drew is cut into lines by our rule.
//! The text of a galley stays what it was: nothing that is read aloud, searched or copied changes.

use std::{collections::HashMap, sync::Arc};

use egui::{
    Align, Galley, Rect, Response, TextWrapMode, Ui, WidgetText,
    cache::CacheTrait,
    emath::GuiRounding as _,
    epaint::{
        Mesh, Vertex,
        text::{Glyph, PlacedRow, Row, RowVisuals},
    },
    pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use super::both_ways;

/// Stands before the name in a box, see [`BOX_END`]: a line may end before it, and never after it.
pub const BOX_BEGIN: char = '\u{2008}';

/// Stands after the name in a box: a line may end after it.
pub const BOX_END: char = '\u{2009}';

/// A label of one or more lines.
pub fn label(ui: &mut Ui, text: impl Into<WidgetText>) -> Response {
    let wrapping_row = ui.layout().main_dir().is_horizontal() && ui.layout().main_wrap();
    if wrapping_row || ui.wrap_mode() != TextWrapMode::Wrap {
        return ui.label(text);
    }
    let job = text.into().into_layout_job(ui.style(), egui::FontSelection::Default, ui.text_valign());
    let mut job = Arc::unwrap_or_clone(job);
    job.halign = ui.layout().horizontal_placement();
    let galley = lay_out(ui, job, ui.available_width());
    ui.label(galley)
}

/// Lays a text out in lines of that width.
#[must_use]
pub fn lay_out(ui: &Ui, mut job: LayoutJob, width: f32) -> Arc<Galley> {
    let plain = |section: &egui::text::LayoutSection| {
        let format = &section.format;
        format.background == egui::Color32::TRANSPARENT
            && format.underline.is_empty()
            && format.strikethrough.is_empty()
    };
    if !job.sections.iter().all(plain) {
        // What is drawn behind and below letters is cut by epaint alone.
        job.wrap = TextWrapping::wrap_at_width(width);
        return ui.painter().layout_job(job);
    }
    job.wrap = TextWrapping::no_max_width();
    let both_ways = both_ways::is_in(&job.text);
    let in_one_line = ui.painter().layout_job(job);
    if in_one_line.rect.width() <= width && !both_ways {
        return in_one_line;
    }
    let width = width.round();
    if let Some(lines) = ui.memory_mut(|memory| memory.caches.cache::<Cut>().get(&in_one_line, width)) {
        return lines;
    }
    let lines = if both_ways { both_ways::lay_out(ui, &in_one_line, width) } else { cut(&in_one_line, width) };
    let lines = Arc::new(lines);
    ui.memory_mut(|memory| memory.caches.cache::<Cut>().keep(in_one_line, width, Arc::clone(&lines)));
    lines
}

/// What was cut in this frame and the one before, by what it was cut from. A galley that the fonts had to draw anew is
/// another one.
#[derive(Default)]
struct Cut {
    cut: HashMap<(usize, u32), Kept>,
}

struct Kept {
    /// Held, so that its address is not used again.
    _from: Arc<Galley>,
    lines: Arc<Galley>,
    used: bool,
}

impl Cut {
    fn get(&mut self, from: &Arc<Galley>, width: f32) -> Option<Arc<Galley>> {
        let kept = self.cut.get_mut(&(Arc::as_ptr(from).addr(), width.to_bits()))?;
        kept.used = true;
        Some(Arc::clone(&kept.lines))
    }

    fn keep(&mut self, from: Arc<Galley>, width: f32, lines: Arc<Galley>) {
        self.cut.insert((Arc::as_ptr(&from).addr(), width.to_bits()), Kept { _from: from, lines, used: true });
    }
}

impl CacheTrait for Cut {
    fn update(&mut self) {
        self.cut.retain(|_, kept| std::mem::take(&mut kept.used));
    }

    fn len(&self) -> usize {
        self.cut.len()
    }
}

/// A galley whose paragraphs are one line each, in lines of that width.
fn cut(from: &Galley, width: f32) -> Galley {
    let mut galley = from.clone();
    (galley.rows, galley.rect, galley.mesh_bounds) = (Vec::new(), Rect::ZERO, Rect::NOTHING);
    (galley.num_vertices, galley.num_indices) = (0, 0);
    let mut y = 0.0;
    for paragraph in &from.rows {
        let spans: Vec<Span> = paragraph.glyphs.iter().map(Span::of).collect();
        let starts = line_starts(&spans, width);
        // A row can't be made from nothing: one of its fields is epaint's own.
        let mut empty = Row::clone(&paragraph.row);
        (empty.glyphs, empty.visuals) = (Vec::new(), RowVisuals::default());
        for (line, start) in starts.iter().enumerate() {
            let end = starts.get(line + 1).copied();
            let glyphs = paragraph.glyphs.get(*start..end.unwrap_or(spans.len())).unwrap_or_default();
            let row = one_line(&paragraph.row, glyphs, empty.clone());
            let x = match galley.job.halign {
                Align::LEFT => 0.0,
                Align::Center => -row.size.x / 2.0,
                Align::RIGHT => -row.size.x,
            };
            let pos = pos2(x, y).round_to_pixels(from.pixels_per_point);
            galley.rect |= Rect::from_min_size(pos, row.size);
            galley.mesh_bounds |= row.visuals.mesh_bounds.translate(pos.to_vec2());
            galley.num_vertices += row.visuals.mesh.vertices.len();
            galley.num_indices += row.visuals.mesh.indices.len();
            y += row.size.y;
            let ends_with_newline = paragraph.ends_with_newline && end.is_none();
            galley.rows.push(PlacedRow { pos, row: Arc::new(row), ends_with_newline });
        }
    }
    galley.rect = galley.rect.round_ui();
    galley
}

/// These glyphs of a paragraph as a line of their own, put into an empty row.
fn one_line(paragraph: &Row, glyphs: &[Glyph], mut row: Row) -> Row {
    let left = glyphs.first().map_or(0.0, |glyph| glyph.pos.x);
    let mut mesh = Mesh::default();
    let mut line: Vec<Glyph> = glyphs.to_vec();
    for glyph in &mut line {
        let from = glyph.first_vertex as usize;
        glyph.first_vertex = mesh.vertices.len() as u32;
        glyph.pos.x -= left;
        if glyph.uv_rect.is_nothing() {
            continue;
        }
        let corner = mesh.vertices.len() as u32;
        let drawn = paragraph.visuals.mesh.vertices.get(from..from + 4).unwrap_or_default();
        mesh.vertices.extend(drawn.iter().map(|vertex| Vertex { pos: vertex.pos - vec2(left, 0.0), ..*vertex }));
        if drawn.len() == 4 {
            mesh.add_triangle(corner, corner + 1, corner + 2);
            mesh.add_triangle(corner + 2, corner + 1, corner + 3);
        }
    }
    // What is not seen at the end of a line takes no room.
    let seen = line.iter().rev().find(|glyph| !is_space(glyph.chr));
    let width = seen.or(line.last()).map_or(0.0, Glyph::max_x);
    let glyph_vertex_range = 0..mesh.vertices.len();
    row.visuals = RowVisuals { mesh_bounds: mesh.calc_bounds(), mesh, glyph_index_start: 0, glyph_vertex_range };
    row.size.x = width;
    row.glyphs = line;
    row
}

/// Where a character begins and ends in its paragraph, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub character: char,
    pub left: f32,
    pub right: f32,
}

impl Span {
    fn of(glyph: &Glyph) -> Self {
        Self { character: glyph.chr, left: glyph.pos.x, right: glyph.max_x() }
    }
}

/// The first character of each line: always 0, and each later one further on.
pub(super) fn line_starts(spans: &[Span], width: f32) -> Vec<usize> {
    let mut starts = vec![0];
    let mut start = 0;
    while let Some(first) = spans.get(start) {
        let rest = spans.iter().enumerate().skip(start + 1);
        let too_far = |span: &Span| span.right - first.left > width && !is_space(span.character);
        let Some(over) = rest.clone().find_map(|(place, span)| too_far(span).then_some(place)) else { break };
        let best = |least: Break| (start + 1..=over).rev().find(|place| break_before(spans, *place) >= least);
        let next = best(Break::Word).or_else(|| best(Break::Dash)).or_else(|| best(Break::Mark));
        // In the middle of a word that is longer than the line, but not between a letter and its accent.
        start = next.or_else(|| best(Break::Letter)).unwrap_or(over);
        starts.push(start);
    }
    starts
}

/// How good it is that a line ends before a character, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    Never,
    Letter,
    Mark,
    Dash,
    Word,
}

fn break_before(spans: &[Span], place: usize) -> Break {
    let character = |place: Option<usize>| place.and_then(|place| spans.get(place));
    let (Some(before), Some(after)) = (character(place.checked_sub(1)), character(Some(place))) else {
        return Break::Never;
    };
    // A glyph of its own has a width, and what is drawn onto the letter before has none.
    if after.right <= after.left { Break::Never } else { between(before.character, after.character) }
}

/// How good it is that a line ends between these two.
pub(super) fn between(before: char, after: char) -> Break {
    match (before, after) {
        (_, after) if is_space(after) => Break::Never,
        (_, after) if closes(after) => Break::Never,
        (before, after) if before == after && matches!(before, '—' | '…' | '─' | '·') => Break::Never,
        (before, _) if opens(before) || before == BOX_BEGIN => Break::Never,
        (before, _) if is_space(before) => Break::Word,
        (_, BOX_BEGIN) => Break::Word,
        (before, after) if is_flag(before) && is_flag(after) => Break::Letter,
        (_, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') | ('\u{200d}', _) => Break::Never,
        (before, after) if is_wide(before) || is_wide(after) => Break::Word,
        ('-' | '\u{2013}', _) => Break::Dash,
        (before, _) if before.is_ascii_punctuation() => Break::Mark,
        _ => Break::Letter,
    }
}

/// Whether a line may end after it: not the spaces that hold together what is around them.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}' | BOX_BEGIN)
}

/// Whether it ends something, so that no line begins with it.
fn closes(character: char) -> bool {
    matches!(character, ')' | ']' | '}' | ',' | '.' | '!' | '?' | ':' | ';' | '%' | '\'' | '"')
        || "）］｝〕〉》」』】〗〙〛”’»›，。、．：；！？％‰℃…—·～‼⁇⁈⁉・ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ".contains(character)
}

/// Whether it begins something, so that no line ends with it.
fn opens(character: char) -> bool {
    matches!(character, '(' | '[' | '{') || "（［｛〔〈《「『【〖〘〚“‘«‹￥＄".contains(character)
}

/// Whether it is a word by itself: a Chinese character, kana, what is as wide, an emoji.
fn is_wide(character: char) -> bool {
    matches!(u32::from(character), 0x2e80..=0x30ff | 0x31f0..=0x9fff | 0xf900..=0xfaff | 0xff01..=0xff60 | 0xffe0..=0xffe6
        | 0x2600..=0x27bf | 0x1f000..=0x1faff | 0x20000..=0x3ffff)
}

/// Whether it is half of a flag.
fn is_flag(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every character is as wide as 10 points, a Chinese one 20.
    fn spans(text: &str) -> Vec<Span> {
        let mut left = 0.0;
        let mut span = |character: char| {
            let width = if is_wide(character) { 20.0 } else { 10.0 };
            left += width;
            Span { character, left: left - width, right: left }
        };
        text.chars().map(&mut span).collect()
    }

    fn lines(text: &str, width: f32) -> Vec<String> {
        let spans = spans(text);
        let starts = line_starts(&spans, width);
        let end = |line: usize| starts.get(line + 1).copied().unwrap_or(spans.len());
        (0..starts.len())
            .map(|line| spans[starts[line]..end(line)].iter().map(|span| span.character).collect())
            .collect()
    }

    #[test]
    fn no_line_begins_with_what_closes_or_ends_with_what_opens() {
        assert_eq!(lines("明文，未加密", 100.0), ["明文，未加", "密"]);
        assert_eq!(lines("连接已经关闭。", 120.0), ["连接已经关", "闭。"]);
        assert_eq!(lines("这是（明文）吧", 70.0), ["这是", "（明", "文）吧"], "not after the bracket that opens");
        assert_eq!(lines("他说“好的”", 65.0), ["他说", "“好的”"]);
        assert_eq!(lines("地址 127.0.0.1。", 130.0), ["地址 ", "127.0.0.1。"]);
        assert_eq!(lines("等一等——再说", 75.0), ["等一", "等——再", "说"]);
    }

    #[test]
    fn words_stay_whole_and_spaces_hang_at_the_end() {
        assert_eq!(lines("one two three", 70.0), ["one two ", "three"]);
        assert_eq!(lines("用 recv 收到的字节", 90.0), ["用 recv ", "收到的字", "节"]);
        assert_eq!(lines("a-very-long-name", 70.0), ["a-very-", "long-", "name"]);
        assert_eq!(lines("abcdefghij", 40.0), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn a_box_is_not_broken() {
        let text = format!("ab{BOX_BEGIN}STX{BOX_END}{BOX_BEGIN}0x80{BOX_END}cd");
        let broken = lines(&text, 75.0);
        assert_eq!(
            broken,
            [format!("ab{BOX_BEGIN}STX{BOX_END}"), format!("{BOX_BEGIN}0x80{BOX_END}"), "cd".to_owned()]
        );
    }

    proptest! {
        #[test]
        fn lines_are_together_the_text_and_end_badly_only_where_nothing_else_fits(
            text in "[ab ，。、（）“”明文加密,.()—\u{2008}\u{2009}😀-]{0,60}",
            width in 1.0_f32..200.0,
        ) {
            let broken = lines(&text, width);
            prop_assert_eq!(broken.concat(), text);
            for pair in broken.windows(2) {
                prop_assert!(!pair[0].is_empty());
                let (last, first) = (pair[0].chars().next_back(), pair[1].chars().next());
                let (Some(last), Some(first)) = (last, first) else { panic!("an empty line") };
                if between(last, first) == Break::Never {
                    // Then no place in the line before would have been better.
                    let spans = spans(&pair[0]);
                    prop_assert!((1..spans.len()).all(|place| break_before(&spans, place) == Break::Never));
                }
            }
            for line in &broken {
                let spans = spans(line.trim_end_matches(is_space));
                let wide = spans.last().map_or(0.0, |last| last.right) > width;
                prop_assert!(!wide || (1..spans.len()).all(|place| break_before(&spans, place) == Break::Never));
            }
        }
    }
}
