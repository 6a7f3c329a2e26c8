//! A very long text: laid out where it is in sight at once, and elsewhere a piece in each of the frames that follow.

use std::{collections::HashMap, ops::Range, sync::Arc};

use egui::{
    Align, FontId, Galley, Rect, Ui,
    cache::CacheTrait,
    emath::GuiRounding as _,
    epaint::text::{PlacedRow, Row, RowVisuals},
    pos2,
    text::LayoutJob,
};

use super::lines::{self, Break};

/// A text of more bytes is laid out in pieces.
pub const LONG: usize = 6 * 1024;

/// Bytes of a piece, at most.
pub const PIECE: usize = 3 * 1024;

/// What of a text can be seen, in points.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// From its top.
    FromTop(Range<f32>),
    /// Backwards from its end.
    FromEnd(Range<f32>),
}

impl Seen {
    /// With so much more on either side.
    #[must_use]
    pub fn with_margin(self, margin: f32) -> Self {
        let wider = |range: Range<f32>| range.start - margin..range.end + margin;
        match self {
            Self::FromTop(range) => Self::FromTop(wider(range)),
            Self::FromEnd(range) => Self::FromEnd(wider(range)),
        }
    }
}

/// A text, as far as it is laid out. What is not has about the height that it will have.
pub struct LaidOut {
    /// All of it.
    pub galley: Arc<Galley>,
    /// How much higher what is above the sight became in this frame; `None` when it was laid out for the first time.
    pub grown_above: Option<f32>,
}

/// Lays a long text out in lines of that width.
///
/// Where two pieces meet in the middle of a paragraph, a line ends early.
#[must_use]
pub fn lay_out(ui: &Ui, job: LayoutJob, width: f32, sight: &Seen) -> LaidOut {
    let key = (egui::util::hash(&job), width.round().to_bits(), ui.pixels_per_point().to_bits());
    let kept = ui.memory_mut(|memory| memory.caches.cache::<Texts>().texts.remove(&key));
    let is_new = kept.is_none();
    let mut text = match kept {
        Some(kept) => kept.text,
        None => Text::new(ui, &job, width),
    };
    let mut changed = text.look_after(ui, width);
    let mut grown = 0.0;
    let mut laid = false;
    while let Some(next) = text.next_in_sight(sight) {
        text.lay(ui, next, width);
        laid = true;
    }
    if !laid && let Some(next) = text.next(sight) {
        let (above, before) = (text.is_above(next, sight), text.height(next));
        text.lay(ui, next, width);
        grown = if above { text.height(next) - before } else { 0.0 };
        laid = true;
    }
    changed |= laid;
    if text.pieces.iter().any(|piece| piece.laid.is_none()) {
        ui.request_repaint();
    }
    let galley = match &text.joined {
        Some(joined) if !changed => Arc::clone(joined),
        _ => Arc::new(text.join(job)),
    };
    text.joined = Some(Arc::clone(&galley));
    let kept = Kept { text, used: true };
    ui.memory_mut(|memory| memory.caches.cache::<Texts>().texts.insert(key, kept));
    LaidOut { galley, grown_above: (!is_new).then_some(grown) }
}

/// The long texts of this frame and the one before.
#[derive(Default)]
struct Texts {
    texts: HashMap<(u64, u32, u32), Kept>,
}

struct Kept {
    text: Text,
    used: bool,
}

impl CacheTrait for Texts {
    fn update(&mut self) {
        self.texts.retain(|_, kept| std::mem::take(&mut kept.used));
    }

    fn len(&self) -> usize {
        self.texts.len()
    }
}

struct Text {
    pieces: Vec<Piece>,
    /// A galley can't be made from nothing: this one is what others begin as.
    letter: Arc<Galley>,
    joined: Option<Arc<Galley>>,
}

struct Piece {
    job: LayoutJob,
    /// A newline follows it, which is in no piece.
    ends_with_newline: bool,
    laid: Option<Arc<Galley>>,
    /// What stands in its place until it is laid out: as many characters, none of them drawn, in one row of about its
    /// height.
    instead: Arc<Galley>,
}

impl Text {
    fn new(ui: &Ui, job: &LayoutJob, width: f32) -> Self {
        let font = job.sections.first().map_or_else(FontId::default, |section| section.format.font_id.clone());
        let letter = ui.painter().layout_no_wrap("x".to_owned(), font.clone(), egui::Color32::PLACEHOLDER);
        let piece = |(range, ends_with_newline)| {
            let piece = part(job, range);
            let instead = Arc::new(instead(&letter, &piece.text, font.size, width));
            Piece { job: piece, ends_with_newline, laid: None, instead }
        };
        let pieces = pieces(&job.text).into_iter().map(piece).collect();
        Self { pieces, letter, joined: None }
    }

    /// Whether some of what was laid out was anew: the fonts may have been drawn again.
    fn look_after(&mut self, ui: &Ui, width: f32) -> bool {
        let mut changed = false;
        for piece in &mut self.pieces {
            if let Some(laid) = &mut piece.laid {
                let now = lines::lay_out(ui, piece.job.clone(), width);
                changed |= !Arc::ptr_eq(laid, &now);
                *laid = now;
            }
        }
        changed
    }

    fn lay(&mut self, ui: &Ui, place: usize, width: f32) {
        if let Some(piece) = self.pieces.get_mut(place) {
            piece.laid = Some(lines::lay_out(ui, piece.job.clone(), width));
        }
    }

    fn height(&self, place: usize) -> f32 {
        self.pieces.get(place).map_or(0.0, |piece| piece.galley().rect.height())
    }

    /// Where each piece is, in points below the top.
    fn places(&self) -> impl Iterator<Item = (usize, Range<f32>, bool)> {
        self.pieces.iter().enumerate().scan(0.0, |top, (place, piece)| {
            let from = *top;
            *top += piece.galley().rect.height();
            Some((place, from..*top, piece.laid.is_some()))
        })
    }

    /// What is in sight, in points below the top.
    fn seen(&self, sight: &Seen) -> Range<f32> {
        match sight {
            Seen::FromTop(range) => range.clone(),
            Seen::FromEnd(range) => {
                let height: f32 = self.pieces.iter().map(|piece| piece.galley().rect.height()).sum();
                height - range.end..height - range.start
            }
        }
    }

    /// The next piece that is in sight and not laid out.
    fn next_in_sight(&self, sight: &Seen) -> Option<usize> {
        let seen = self.seen(sight);
        let mut places = self.places();
        places.find(|(_, at, laid)| !laid && at.start < seen.end && at.end > seen.start).map(|(place, ..)| place)
    }

    /// The piece that is to be laid out next though it is not in sight: the nearest.
    fn next(&self, sight: &Seen) -> Option<usize> {
        let seen = self.seen(sight);
        let apart = |at: &Range<f32>| (at.start - seen.end).max(seen.start - at.end);
        let left = self.places().filter(|(_, _, laid)| !laid);
        left.min_by(|(_, one, _), (_, other, _)| apart(one).total_cmp(&apart(other))).map(|(place, ..)| place)
    }

    fn is_above(&self, place: usize, sight: &Seen) -> bool {
        let seen = self.seen(sight);
        self.places().nth(place).is_some_and(|(_, at, _)| at.end <= seen.start)
    }

    /// All pieces below each other.
    fn join(&self, job: LayoutJob) -> Galley {
        let mut all = Galley::clone(&self.letter);
        (all.job, all.rows, all.rect, all.mesh_bounds) = (Arc::new(job), Vec::new(), Rect::ZERO, Rect::NOTHING);
        (all.num_vertices, all.num_indices) = (0, 0);
        let mut y = 0.0;
        for piece in &self.pieces {
            let galley = piece.galley();
            for row in &galley.rows {
                let pos = pos2(row.pos.x, row.pos.y + y).round_to_pixels(all.pixels_per_point);
                all.rect |= Rect::from_min_size(pos, row.row.size);
                all.rows.push(PlacedRow { pos, ..row.clone() });
            }
            if let Some(last) = all.rows.last_mut() {
                last.ends_with_newline = piece.ends_with_newline;
            }
            if galley.mesh_bounds.is_positive() {
                all.mesh_bounds |= galley.mesh_bounds.translate(egui::vec2(0.0, y));
            }
            all.num_vertices += galley.num_vertices;
            all.num_indices += galley.num_indices;
            y += galley.rect.height();
        }
        all.rect = all.rect.round_ui();
        all
    }
}

impl Piece {
    fn galley(&self) -> &Arc<Galley> {
        self.laid.as_ref().unwrap_or(&self.instead)
    }
}

/// This much of a text, in the same formats.
fn part(job: &LayoutJob, range: Range<usize>) -> LayoutJob {
    let mut part = LayoutJob { halign: Align::LEFT, ..LayoutJob::default() };
    let first = job.sections.partition_point(|section| section.byte_range.end.0 <= range.start);
    for section in job.sections.iter().skip(first) {
        let (from, to) = (section.byte_range.start.0.max(range.start), section.byte_range.end.0.min(range.end));
        if section.byte_range.start.0 >= range.end {
            break;
        }
        part.append(job.text.get(from..to).unwrap_or_default(), 0.0, section.format.clone());
    }
    part
}

/// Where the pieces of a text are, and whether a newline follows.
fn pieces(text: &str) -> Vec<(Range<usize>, bool)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while text.len() - start > PIECE {
        let most = text.floor_char_boundary(start + PIECE);
        let window = text.get(start..most).unwrap_or_default();
        if let Some(line) = window.rfind('\n') {
            pieces.push((start..start + line, true));
            start += line + 1;
            continue;
        }
        let end = start + good_break(window);
        pieces.push((start..end, false));
        start = end;
    }
    // A newline in the rest is in its galley, and one at its end makes an empty row there.
    pieces.push((start..text.len(), false));
    pieces
}

/// How much of this is in a piece: up to where a line ends well, in its second half.
fn good_break(window: &str) -> usize {
    let half = window.floor_char_boundary(window.len() / 2);
    let late = window.get(half..).unwrap_or_default();
    let pairs =
        || late.char_indices().zip(late.char_indices().skip(1)).map(|((_, before), (at, after))| (at, before, after));
    let best = |least: Break| pairs().filter(|(_, before, after)| lines::between(*before, *after) >= least).last();
    best(Break::Word).or_else(|| best(Break::Letter)).map_or(window.len(), |(at, ..)| half + at)
}

/// What stands in the place of a text of that width, until that is laid out.
fn instead(letter: &Galley, text: &str, size: f32, width: f32) -> Galley {
    let mut galley = letter.clone();
    let wide = |c: char| if c.is_ascii() { 0.55 * size } else { size };
    let rows: f32 = text.split('\n').map(|line| (line.chars().map(wide).sum::<f32>() / width).ceil().max(1.0)).sum();
    let Some(placed) = letter.rows.first() else { return galley };
    let mut row = Row::clone(&placed.row);
    let height = (row.size.y * rows).round_ui();
    if let Some(mut stub) = row.glyphs.first().copied() {
        (stub.pos.x, stub.advance_width, stub.first_vertex) = (0.0, 0.0, 0);
        (stub.uv_rect.min, stub.uv_rect.max) = ([0, 0], [0, 0]);
        let stub = |chr: char| {
            stub.chr = chr;
            stub
        };
        row.glyphs = text.chars().map(stub).collect();
    }
    row.visuals = RowVisuals::default();
    row.size = egui::vec2(0.0, height);
    galley.rect = Rect::from_min_size(pos2(0.0, 0.0), egui::vec2(0.0, height));
    galley.rows = vec![PlacedRow { pos: pos2(0.0, 0.0), row: Arc::new(row), ends_with_newline: false }];
    galley.mesh_bounds = Rect::NOTHING;
    (galley.num_vertices, galley.num_indices) = (0, 0);
    galley
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::{fonts, theme};
    use egui::text::TextFormat;
    use proptest::prelude::*;

    /// Lays this text out in frames until nothing is left; gives after each how many of its bytes are laid out.
    fn frames(text: &str, sight: &Seen) -> (Vec<usize>, Arc<Galley>) {
        let ctx = egui::Context::default();
        fonts::install(&ctx);
        let (mut counts, mut last) = (Vec::new(), None);
        while counts.len() < 100 {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                let job =
                    LayoutJob::single_section(text.to_owned(), TextFormat::simple(theme::text(), theme::LIGHT.text));
                last = Some(lay_out(ui, job, 400.0, sight).galley);
                let kept = |memory: &mut egui::Memory| {
                    let texts = memory.caches.cache::<Texts>();
                    let pieces = texts.texts.values().flat_map(|kept| &kept.text.pieces);
                    pieces.filter(|piece| piece.laid.is_some()).map(|piece| piece.job.text.len()).sum()
                };
                counts.push(ui.memory_mut(kept));
            });
            output.textures_delta.clear();
            let calm = output.viewport_output[&egui::ViewportId::ROOT].repaint_delay > std::time::Duration::ZERO;
            if calm && counts.len() > 1 {
                break;
            }
        }
        (counts, last.expect("a galley"))
    }

    #[test]
    fn what_is_in_sight_is_laid_out_first_and_the_rest_a_piece_at_a_time() {
        for text in ["lorem ipsum ".repeat(64 * 1024 / 12), "x".repeat(64 * 1024), "你好世界".repeat(64 * 1024 / 12)]
        {
            for sight in [Seen::FromEnd(-60.0..800.0), Seen::FromTop(-60.0..800.0), Seen::FromTop(3_000.0..3_800.0)] {
                let (counts, galley) = frames(&text, &sight);
                assert!(counts[0] > 0 && counts[0] <= 4 * PIECE, "{counts:?}");
                assert!(counts.windows(2).all(|pair| pair[1] - pair[0] <= PIECE), "{counts:?}");
                assert!(*counts.last().expect("frames") >= text.len() - 1, "all of it in the end: {counts:?}");
                let drawn: usize = galley.rows.iter().map(|row| row.char_count_including_newline().0).sum();
                assert_eq!(drawn, text.chars().count());
            }
        }
    }

    /// The character with which the line begins that is so far down, and how far down the line that is.
    fn read_at(galley: &Galley, y: f32) -> (usize, f32) {
        let mut first = 0;
        for row in &galley.rows {
            if y < row.pos.y + row.size.y {
                return (first, y - row.pos.y);
            }
            first += row.char_count_including_newline().0;
        }
        (first, 0.0)
    }

    #[test]
    fn what_is_read_stays_where_it_is_while_what_is_above_it_is_laid_out() {
        // Both are narrower than what is thought of their letters, so that each piece above gets lower.
        for text in ["ill it ".repeat(64 * 1024 / 7), format!("{}\n", "ill it ".repeat(150)).repeat(60)] {
            let ctx = egui::Context::default();
            fonts::install(&ctx);
            let (mut above, mut read, mut moved) = (9_000.0, None, 0);
            for _ in 0..60 {
                let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                    let format = TextFormat::simple(theme::text(), theme::LIGHT.text);
                    let job = LayoutJob::single_section(text.clone(), format);
                    let LaidOut { galley, grown_above } = lay_out(ui, job, 400.0, &Seen::FromTop(above..above + 600.0));
                    let grown = grown_above.unwrap_or(0.0);
                    moved += usize::from(grown != 0.0);
                    above += grown;
                    let (character, down) = read_at(&galley, above);
                    let (before, was_down) = *read.get_or_insert((character, down));
                    assert_eq!(character, before, "{down}");
                    assert!((down - was_down).abs() < 1.5, "{down} {was_down}");
                });
                output.textures_delta.clear();
            }
            assert!(moved > 3, "{moved}");
        }
    }

    proptest! {
        #[test]
        fn pieces_are_together_the_text(text in "([a-z ]{0,900}|[你好，。]{0,900}|\n{0,3}){0,30}") {
            let mut all = String::new();
            for (range, ends_with_newline) in pieces(&text) {
                prop_assert!(range.len() <= PIECE);
                all.push_str(&text[range]);
                all.extend(ends_with_newline.then_some('\n'));
            }
            prop_assert_eq!(all, text);
        }
    }
}
