//! A message's text as it is drawn: what can't be seen stands in small boxes with its name, and of each character that
//! is drawn it is known what it stands for.

use egui::{
    Color32, Galley, Painter, Pos2, Rect, Stroke, StrokeKind,
    text::{LayoutJob, TextFormat},
    vec2,
};

use crate::{
    window::{
        both_ways,
        lines::{BOX_BEGIN, BOX_END},
        theme,
    },
    wire::{OF_LINES, Piece, mark, pieces, symbol},
};

/// Boxes in one text; in a text that would have more, a symbol stands for each character that can't be seen.
pub const MOST_BOXES: usize = 4_000;

/// Space between a name and the frame of its box.
const PAD: f32 = 2.5;

/// A text as it is drawn, and as it is copied.
#[derive(Debug)]
pub struct Drawn {
    /// What is copied: the text, with a symbol for each character that can't be seen.
    pub copied: String,
    /// Some of it is written from right to left.
    pub right_to_left: bool,
    /// What is drawn instead, if there are boxes in it.
    boxed: Option<Boxed>,
}

#[derive(Debug)]
struct Boxed {
    text: String,
    /// From the first character to the last.
    stretches: Vec<Stretch>,
}

/// Either a box, or characters that are drawn as they are.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Where it begins among the bytes and the characters that are drawn, and among the bytes that are copied.
    drawn: usize,
    character: usize,
    copied: usize,
    is_box: bool,
}

/// Bytes of a message that are no character, and where in its text U+FFFD stands for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where, in bytes of the text.
    pub place: usize,
    /// The bytes, in hex.
    pub name: String,
}

impl Drawn {
    /// This text, in which these bytes were no characters.
    #[must_use]
    pub fn new(plain: &str, malformed: &[Malformed]) -> Self {
        // Most messages are this and nothing else, and some are long.
        if plain.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~')) {
            return Self { copied: plain.to_owned(), right_to_left: false, boxed: None };
        }
        let mut built = Building { copied: String::with_capacity(plain.len()), ..Building::default() };
        let mut malformed = malformed.iter().peekable();
        let mut place = 0;
        for piece in pieces(plain, &OF_LINES) {
            match piece {
                Piece::Mark(sign) => {
                    let mut copied = String::new();
                    symbol(sign, &mut copied);
                    built.name(mark(sign).unwrap_or_default(), &copied);
                    place += sign.len_utf8();
                }
                Piece::Seen(seen) => {
                    let from = place;
                    place += seen.len();
                    let mut rest = seen;
                    while let Some(next) = rest.find(is_boxed) {
                        let (before, from_it) = rest.split_at(next);
                        let Some(sign) = from_it.chars().next() else { break };
                        let at = from + (seen.len() - from_it.len());
                        built.seen(before);
                        rest = from_it.get(sign.len_utf8()..).unwrap_or_default();
                        while malformed.next_if(|bytes| bytes.place < at).is_some() {}
                        let copied = sign.encode_utf8(&mut [0; 4]).to_owned();
                        match (malformed.next_if(|bytes| bytes.place == at), of_picture(sign)) {
                            (Some(bytes), _) => built.name(&bytes.name, &copied),
                            (None, Some(name)) => built.name(name, &copied),
                            (None, None) => built.seen(&copied),
                        }
                    }
                    built.seen(rest);
                }
            }
        }
        built.end()
    }

    /// What is drawn.
    #[cfg(test)]
    fn text(&self) -> &str {
        self.boxed.as_ref().map_or(&self.copied, |boxed| &boxed.text)
    }

    /// To be laid out in that font and colour.
    #[must_use]
    pub fn job(&self, format: TextFormat, row_height: f32) -> LayoutJob {
        let Some(boxed) = &self.boxed else { return LayoutJob::single_section(self.copied.clone(), format) };
        let small = TextFormat {
            font_id: theme::mono(theme::TINY),
            line_height: Some(row_height),
            color: format.color,
            ..TextFormat::default()
        };
        let mut job = LayoutJob::default();
        for (stretch, end) in boxed.with_ends() {
            let text = boxed.text.get(stretch.drawn..end).unwrap_or_default();
            job.append(text, 0.0, if stretch.is_box { small.clone() } else { format.clone() });
        }
        job
    }

    /// Where among the bytes that are copied this character that is drawn begins; of a box, where the nearer end is.
    #[must_use]
    pub fn copied_at(&self, character: usize) -> usize {
        let Some(boxed) = &self.boxed else { return byte_of(&self.copied, character) };
        let next = boxed.stretches.partition_point(|stretch| stretch.character <= character);
        let Some(stretch) = next.checked_sub(1).and_then(|at| boxed.stretches.get(at)) else { return 0 };
        let after = boxed.stretches.get(next);
        let into = character - stretch.character;
        if stretch.is_box {
            let characters = after.map_or(boxed.text.chars().count(), |after| after.character) - stretch.character;
            let end = after.map_or(self.copied.len(), |after| after.copied);
            if 2 * into < characters { stretch.copied } else { end }
        } else {
            let text = self.copied.get(stretch.copied..).unwrap_or_default();
            stretch.copied + byte_of(text, into)
        }
    }

    /// The character that is drawn for this place among the bytes that are copied.
    #[must_use]
    pub fn character_at(&self, copied: usize) -> usize {
        let count =
            |from: usize| self.copied.get(from..copied.min(self.copied.len())).unwrap_or_default().chars().count();
        let Some(boxed) = &self.boxed else { return count(0) };
        let next = boxed.stretches.partition_point(|stretch| stretch.copied <= copied);
        let Some(stretch) = next.checked_sub(1).and_then(|at| boxed.stretches.get(at)) else { return 0 };
        match boxed.stretches.get(next) {
            _ if copied == stretch.copied => stretch.character,
            _ if !stretch.is_box => stretch.character + count(stretch.copied),
            Some(after) => after.character,
            None => boxed.text.chars().count(),
        }
    }

    /// Draws the frames of the boxes of a galley that was laid out from this.
    pub fn paint_boxes(&self, painter: &Painter, at: Pos2, galley: &Galley, colour: Color32) {
        let Some(boxed) = &self.boxed else { return };
        let mut rows = galley.rows.iter();
        let mut row = rows.next();
        let mut first = 0;
        let clip = painter.clip_rect();
        for (place, stretch) in boxed.stretches.iter().enumerate().filter(|(_, stretch)| stretch.is_box) {
            let end = boxed.stretches.get(place + 1).map(|after| after.character);
            while let Some(here) = row
                && stretch.character >= first + here.char_count_including_newline().0
            {
                first += here.char_count_including_newline().0;
                row = rows.next();
            }
            let Some(here) = row else { return };
            let top = at.y + here.pos.y;
            if top > clip.bottom() {
                return;
            }
            if top + here.size.y < clip.top() {
                continue;
            }
            // From its first letter to its last: the spaces around them keep it apart from what is beside it.
            let last = end.map_or(here.glyphs.len(), |end| (end - first).min(here.glyphs.len()));
            let letter = |place: Option<usize>| place.and_then(|place| here.glyphs.get(place));
            let Some((from, to)) = letter(Some(stretch.character - first + 1)).zip(letter(last.checked_sub(2))) else {
                continue;
            };
            let x = at.x + here.pos.x;
            let height = theme::TINY + 5.0;
            let corner = egui::pos2(x + from.pos.x - PAD, top + (here.size.y - height) / 2.0);
            let frame = Rect::from_min_size(corner, vec2(to.max_x() - from.pos.x + 2.0 * PAD, height));
            painter.rect_stroke(frame, 3, Stroke::new(1.0, colour), StrokeKind::Inside);
        }
    }
}

impl Boxed {
    /// The stretches, each with where among the bytes drawn it ends.
    fn with_ends(&self) -> impl Iterator<Item = (&Stretch, usize)> {
        let ends = self.stretches.iter().skip(1).map(|next| next.drawn).chain([self.text.len()]);
        self.stretches.iter().zip(ends)
    }
}

/// A text whose pieces come one after the other.
#[derive(Default)]
struct Building {
    copied: String,
    text: String,
    characters: usize,
    stretches: Vec<Stretch>,
    boxes: usize,
}

impl Building {
    fn stretch(&mut self, is_box: bool) {
        let (drawn, character, copied) = (self.text.len(), self.characters, self.copied.len());
        self.stretches.push(Stretch { drawn, character, copied, is_box });
    }

    fn seen(&mut self, text: &str) {
        if self.boxes <= MOST_BOXES && !text.is_empty() {
            if self.stretches.last().is_none_or(|last| last.is_box) {
                self.stretch(false);
            }
            self.text.push_str(text);
            self.characters += text.chars().count();
        }
        self.copied.push_str(text);
    }

    fn name(&mut self, name: &str, copied: &str) {
        self.boxes += 1;
        if self.boxes <= MOST_BOXES {
            self.stretch(true);
            let before = self.text.len();
            self.text.push(BOX_BEGIN);
            self.text.push_str(name);
            self.text.push(BOX_END);
            self.characters += self.text.get(before..).unwrap_or_default().chars().count();
        }
        self.copied.push_str(copied);
    }

    fn end(self) -> Drawn {
        let boxed = (1..=MOST_BOXES).contains(&self.boxes);
        let boxed = boxed.then_some(Boxed { text: self.text, stretches: self.stretches });
        Drawn { right_to_left: both_ways::is_in(&self.copied), copied: self.copied, boxed }
    }
}

/// Whether it may stand in a box though it can be seen.
fn is_boxed(character: char) -> bool {
    character == char::REPLACEMENT_CHARACTER || of_picture(character).is_some()
}

/// The name of the character of which this is a picture.
fn of_picture(picture: char) -> Option<&'static str> {
    match picture {
        '\u{2400}'..='\u{241f}' => mark(char::from_u32(u32::from(picture) - 0x2400)?),
        '␡' => mark('\u{7f}'),
        _ => None,
    }
}

fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::visible_text;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_seen_is_drawn_by_its_name_and_copied_as_a_symbol() {
        let malformed = [Malformed { place: 5, name: "0x80".to_owned() }];
        let drawn = Drawn::new("\u{2}hi␛\u{fffd}你\u{fffd}", &malformed);
        assert_eq!(drawn.text().replace([BOX_BEGIN, BOX_END], "|"), "|STX|hi|ESC|\u{fffd}你\u{fffd}");
        let malformed = [Malformed { place: 6, name: "0x80".to_owned() }];
        let drawn = Drawn::new("\u{2}hi␛\u{fffd}你\u{fffd}", &malformed);
        assert_eq!(drawn.text().replace([BOX_BEGIN, BOX_END], "|"), "|STX|hi|ESC||0x80|你\u{fffd}");
        assert_eq!(drawn.copied, "␂hi␛\u{fffd}你\u{fffd}");
        assert!(Drawn::new("nothing of it\n\t你", &[]).boxed.is_none());
    }

    #[test]
    fn a_text_with_too_many_boxes_has_symbols() {
        let text = "a\u{1}".repeat(MOST_BOXES + 1);
        let drawn = Drawn::new(&text, &[]);
        assert_eq!(drawn.text(), visible_text(&text));
    }

    proptest! {
        #[test]
        fn what_is_copied_is_the_visible_text_and_places_lead_there_and_back(
            plain in "[ab你\u{0}\u{1b}\u{7f}\u{80}\u{202e}␂\u{fffd}\n\t]{0,40}",
            character in 0_usize..200,
        ) {
            let drawn = Drawn::new(&plain, &[]);
            prop_assert_eq!(drawn.copied.as_str(), visible_text(&plain));
            let copied = drawn.copied_at(character);
            prop_assert!(drawn.copied.is_char_boundary(copied));
            prop_assert_eq!(drawn.copied_at(drawn.character_at(copied)), copied);
            prop_assert!(drawn.character_at(drawn.copied.len()) == drawn.text().chars().count());
            let job = drawn.job(TextFormat::default(), 18.0);
            prop_assert_eq!(job.text.as_str(), drawn.text());
        }
    }
}
