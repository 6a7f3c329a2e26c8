//! The same bytes read in each encoding, and what goes wrong.

use egui::{
    FontFamily, FontId, RichText, Ui,
    text::{LayoutJob, TextFormat},
};
use i18n_embed_fl::fl;

use super::{
    super::super::{
        controls,
        transcript::{Alone, cut_character},
    },
    message::Message,
};
use crate::i18n;
use crate::window::{
    Cx, fonts,
    theme::{self, STEP},
};
use crate::wire::{
    characters::{self, Faults, Meaning},
    text::{self, READ_AS, SplitChar, TextEncoding},
    visible,
};

/// Characters shown of each.
const SHOWN: usize = 80;

/// Bytes that are looked through for faults; longer messages by their beginning only.
const LOOKED_THROUGH: usize = 64 * 1024;

/// The bytes of one message, in each encoding.
#[derive(Debug, Default)]
pub struct Readings {
    readings: Vec<Reading>,
    /// Whether the message is longer than what was looked through.
    beginning_only: bool,
}

#[derive(Debug)]
struct Reading {
    encoding: TextEncoding,
    /// Pieces of text, and whether each is malformed.
    text: Vec<(String, bool)>,
    faults: Faults,
    /// It begins or ends in the middle of a character: what `decode` makes of it alone.
    split: Option<Alone>,
    more: bool,
}

impl Readings {
    /// Read it in each encoding.
    pub fn of(message: &Message) -> Self {
        let payload = message.payload();
        let looked = payload.get(..LOOKED_THROUGH).unwrap_or(payload);
        let readings = READ_AS.map(|encoding| {
            // Where the message goes on in the middle of a character, only its own encoding knows of that.
            let own = encoding == message.encoding;
            let carry = if own { message.carry } else { SplitChar::default() };
            let mut pieces = characters::pieces(encoding, carry, payload, message.cut.boundary);
            let mut text: Vec<(String, bool)> = Vec::new();
            for piece in pieces.by_ref().take(SHOWN) {
                let malformed = piece.is == Meaning::Malformed;
                let characters: String = piece.is.chars().collect();
                let characters = visible(&characters, &[]);
                match text.last_mut() {
                    Some((last, same)) if *same == malformed => last.push_str(&characters),
                    _ => text.push((characters.into_owned(), malformed)),
                }
            }
            let faults = if own && !carry.as_slice().is_empty() {
                own_faults(message, looked)
            } else {
                characters::faults(encoding, looked, message.cut.boundary)
            };
            let more = pieces.next().is_some();
            Reading { encoding, text, faults, split: split(message, encoding, looked), more }
        });
        Self { readings: readings.into(), beginning_only: looked.len() < payload.len() }
    }

    /// Draw them.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>, message: &Message) {
        let look = cx.look;
        if self.beginning_only {
            controls::hint(ui, look, fl!(cx.words, "bytes-read-beginning", count = LOOKED_THROUGH));
        }
        // Where a byte is, is said as in the dump of the message, which has the framing too.
        let header = usize::from(message.cut.header);
        for reading in &self.readings {
            ui.spacing_mut().item_spacing.y = STEP / 2.0;
            ui.horizontal_wrapped(|ui| {
                let name = reading.encoding.name();
                let own = reading.encoding == message.encoding;
                ui.label(if own { theme::strong(name, theme::TEXT).color(look.accent) } else { RichText::new(name) });
                let count = reading.faults.count;
                if let (0, Some(alone)) = (count, reading.split) {
                    let text = format!("✗ {}", cut_character(cx, reading.encoding, alone));
                    ui.label(RichText::new(text).size(theme::SMALL).color(look.wait));
                } else if count == 0 {
                    let text = RichText::new(format!("✓ {}", fl!(cx.words, "bytes-read-well")));
                    ui.label(text.size(theme::SMALL).color(look.good));
                } else {
                    let mut places: Vec<String> =
                        reading.faults.first.iter().map(|place| (place + header).to_string()).collect();
                    if count > places.len() {
                        places.push("…".into());
                    }
                    let places = i18n::listed(cx.words, &places);
                    let text = fl!(cx.words, "bytes-read-badly", count = count, places = places);
                    ui.label(RichText::new(format!("✗ {text}")).size(theme::SMALL).color(look.bad));
                }
            });
            let mut job = LayoutJob::default();
            let font = FontId::new(theme::TEXT + 2.0, FontFamily::Proportional);
            for (text, malformed) in &reading.text {
                let (font, colour) =
                    if *malformed { (fonts::semibold(font.size), look.bad) } else { (font.clone(), look.text) };
                job.append(text, 0.0, TextFormat::simple(font, colour));
            }
            if reading.more {
                job.append("…", 0.0, TextFormat::simple(font, look.weak));
            }
            ui.label(job);
            ui.add_space(2.0 * STEP);
        }
    }
}

/// What `decode` makes of it alone, if it begins or ends in the middle of a character that goes on beside it.
fn split(message: &Message, encoding: TextEncoding, looked: &[u8]) -> Option<Alone> {
    let own = encoding == message.encoding;
    let begun = own && !message.carry.as_slice().is_empty();
    let carry = if own { message.carry } else { SplitChar::default() };
    let boundary = message.cut.boundary;
    let rest = text::decode(encoding, carry, looked, boundary).split_char;
    let cut = boundary.is_open() && !rest.as_slice().is_empty() && looked.len() == message.payload().len();
    if message.ours || !begun && !cut {
        return None;
    }
    let alone = text::decode_whole(encoding, looked).is_none();
    Some(if alone { Alone::Raises } else { Alone::MayRaise })
}

/// The faults where the first character began in the message before.
fn own_faults(message: &Message, looked: &[u8]) -> Faults {
    let mut faults = Faults::default();
    let carried = message.carry.as_slice().len();
    for piece in characters::pieces(message.encoding, message.carry, looked, message.cut.boundary) {
        if piece.is == Meaning::Malformed {
            faults.count += 1;
            if faults.first.len() < characters::FAULTS_TOLD {
                faults.first.push(piece.bytes.start.saturating_sub(carried));
            }
        }
    }
    faults
}
