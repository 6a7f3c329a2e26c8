//! What messages say, as it is shown: decoded once while they are in sight, and very long ones in parts.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::drawn::{Drawn, Malformed};
use crate::{
    chat::{Received, Row, RowKind, RowNumber, Sent, payload},
    wire::{
        Boundary, Cut, Looks, OF_LINES, encode_hex, is_bytes_literal, mark,
        text::{self, Decoded, SplitChar, TextEncoding},
        visible,
    },
};

/// Text of a message that is laid out at a time, in bytes of UTF-8; a longer one is shown in parts.
pub const PART_BYTES: usize = 64 * 1024;

/// What of a message is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Its text.
    #[default]
    Text,
    /// Its bytes, framing included, in hex.
    Hex,
    /// Its text, and its bytes below it.
    Both,
}

/// Bytes that are shown below a text; of a longer message, its first.
pub const BYTES_BELOW: usize = 4 * 1024;

/// The bytes of a message, and how to read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    raw: Bytes,
    cut: Cut,
    carry: SplitChar,
    encoding: TextEncoding,
    form: Form,
    ours: bool,
}

/// What a message says, or one part of it.
#[derive(Debug)]
pub struct Said {
    /// The text of this part.
    pub plain: String,
    /// How it is drawn, every character of it visible.
    pub drawn: Arc<Drawn>,
    /// Whether some bytes of the message are no text in its encoding.
    pub malformed: bool,
    /// Another encoding in which all of them are text, and the beginning of it.
    pub also: Option<(TextEncoding, String)>,
    /// It begins or ends in the middle of a character.
    pub split: Option<Alone>,
    /// Another protocol than this one begins so.
    pub looks: Option<Looks>,
    /// Python's way to write bytes, in place of these.
    pub bytes_literal: bool,
    /// It is shown as hex.
    pub hex: bool,
    /// Which part it is, from 0.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
}

/// What `decode` makes of a message alone that begins or ends in the middle of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// It raises an error.
    Raises,
    /// In this encoding half a character may pass for another one.
    MayRaise,
}

/// What the messages in sight say.
#[derive(Debug, Default)]
pub struct AllSaid {
    said: HashMap<RowNumber, Kept>,
    /// Parts that were turned to.
    parts: HashMap<RowNumber, usize>,
}

#[derive(Debug)]
struct Kept {
    message: Message,
    said: Arc<Said>,
    /// It was asked for in this frame.
    used: bool,
}

impl Message {
    /// One that came, read in that encoding.
    #[must_use]
    pub fn received(received: &Received, encoding: TextEncoding, form: Form) -> Self {
        Self { raw: received.raw.clone(), cut: received.cut, carry: received.carry, encoding, form, ours: false }
    }

    /// One of ours, as it was written.
    #[must_use]
    pub fn sent(sent: &Sent, form: Form) -> Self {
        let (carry, encoding) = (SplitChar::default(), sent.encoding);
        Self { raw: sent.raw.clone(), cut: sent.cut, carry, encoding, form, ours: true }
    }

    /// That of a row, if it is one; what came is read in that encoding.
    #[must_use]
    pub fn of(row: &Row, encoding: TextEncoding, form: Form) -> Option<Self> {
        match &row.kind {
            RowKind::Received(received) => Some(Self::received(received, encoding, form)),
            RowKind::Sent(sent) => Some(Self::sent(sent, form)),
            RowKind::Happened(_) => None,
        }
    }

    /// Its bytes, framing included.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// In which encoding it is read.
    #[must_use]
    pub fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// What of it is shown.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// All of its text.
    #[must_use]
    pub fn decode(&self) -> Decoded {
        text::decode(self.encoding, self.carry, self.payload(), self.cut.boundary)
    }

    /// Its bytes without framing.
    fn payload(&self) -> &[u8] {
        payload(&self.raw, self.cut)
    }

    /// Its bytes in hex, where they are shown below its text.
    #[must_use]
    pub fn bytes_below(&self) -> Option<String> {
        let first = self.raw.get(..BYTES_BELOW.min(self.raw.len())).unwrap_or_default();
        let rest = if first.len() < self.raw.len() { " …" } else { "" };
        (self.form == Form::Both).then(|| encode_hex(first) + rest)
    }

    /// Another encoding in which all of it is text: UTF-8, if it is read in another one; one of Chinese, if it is
    /// malformed in UTF-8. With the beginning of that text.
    fn also(&self, malformed: bool) -> Option<(TextEncoding, String)> {
        let utf8 = TextEncoding::default();
        if self.ours || self.encoding == utf8 && !malformed {
            return None;
        }
        if self.encoding != utf8 {
            // Whole, and by itself: the beginning of a character may be in the message before.
            let text = std::str::from_utf8(self.payload()).ok().filter(|text| !text.is_ascii())?;
            return is_text(text).then(|| (utf8, beginning(text)));
        }
        let chinese = ["GBK", "GB18030"].into_iter().filter_map(TextEncoding::named);
        chinese.into_iter().find_map(|encoding| {
            let decoded = text::decode(encoding, self.carry, self.payload(), self.cut.boundary);
            (!decoded.malformed && is_text(&decoded.text)).then(|| (encoding, beginning(&decoded.text)))
        })
    }

    /// Whether it begins or ends in the middle of a character, which goes on in the message beside it.
    fn split(&self, rest: SplitChar) -> Option<Alone> {
        if self.ours || self.carry.as_slice().is_empty() && rest.as_slice().is_empty() {
            return None;
        }
        let alone = text::decode(self.encoding, SplitChar::default(), self.payload(), Boundary::EndOfStream);
        Some(if alone.malformed { Alone::Raises } else { Alone::MayRaise })
    }

    /// What the stream looks like that begins with it.
    fn looks(&self) -> Option<Looks> {
        if self.ours { None } else { Looks::of(&self.raw) }
    }

    /// Where in its text U+FFFD stands for bytes that are no character, as far as they are known: in UTF-8.
    fn malformed(&self, text: &str) -> Vec<Malformed> {
        let mut found = Vec::new();
        if self.encoding != TextEncoding::default() {
            return found;
        }
        let bytes = [self.carry.as_slice(), self.payload()].concat();
        let mut place = 0;
        for chunk in bytes.utf8_chunks() {
            place += chunk.valid().len();
            if chunk.invalid().is_empty() || !text.get(place..).is_some_and(|rest| rest.starts_with('\u{fffd}')) {
                break;
            }
            let name = chunk.invalid().iter().fold("0x".to_owned(), |name, byte| format!("{name}{byte:02X}"));
            found.push(Malformed { place, name });
            place += '\u{fffd}'.len_utf8();
        }
        found
    }

    /// Whether these are the same bytes in the same place of memory, read the same way.
    fn is_same(&self, other: &Self) -> bool {
        (self.raw.as_ptr(), self.raw.len()) == (other.raw.as_ptr(), other.raw.len())
            && (self.cut, self.carry, self.encoding, self.form) == (other.cut, other.carry, other.encoding, other.form)
    }
}

impl Said {
    /// What this message says, or the part of it that there is.
    pub fn new(message: &Message, part: usize) -> Self {
        let Decoded { mut text, malformed, split_char } = message.decode();
        // What we sent that is no text was written in hex.
        let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let written_in_hex = message.ours && (malformed || text.contains(controls));
        let hex = message.form == Form::Hex || (message.form == Form::Text && written_in_hex);
        let looks = message.looks();
        let also = if looks.is_none() { message.also(malformed) } else { None };
        let split = message.split(if message.cut.boundary.is_open() { split_char } else { SplitChar::default() });
        let bytes_literal = text.len() <= PART_BYTES && is_bytes_literal(&text);
        let malformed = malformed && !hex;
        if hex {
            text = encode_hex(&message.raw);
        }
        let mut marks = if malformed { message.malformed(&text) } else { Vec::new() };
        let parts = text.len().div_ceil(PART_BYTES).max(1);
        let part = part.min(parts - 1);
        let plain = if parts == 1 {
            text
        } else {
            let place = |part: usize| text.floor_char_boundary((part * PART_BYTES).min(text.len()));
            let (from, to) = (place(part), place(part + 1));
            marks.retain_mut(|mark| {
                let within = (from..to).contains(&mark.place);
                mark.place = mark.place.saturating_sub(from);
                within
            });
            text.get(from..to).unwrap_or_default().to_owned()
        };
        let drawn = Arc::new(Drawn::new(&plain, &marks));
        Self { plain, drawn, malformed, also, split, looks, bytes_literal, hex, part, parts }
    }
}

impl AllSaid {
    /// What this message says, or the part of it that was turned to.
    pub fn get(&mut self, id: RowNumber, message: &Message) -> Arc<Said> {
        let part = self.parts.get(&id).copied().unwrap_or(0);
        if let Some(kept) = self.said.get_mut(&id)
            && kept.message.is_same(message)
            && (kept.said.part == part || part >= kept.said.parts)
        {
            kept.used = true;
            return Arc::clone(&kept.said);
        }
        let said = Arc::new(Said::new(message, part));
        self.said.insert(id, Kept { message: message.clone(), said: Arc::clone(&said), used: true });
        said
    }

    /// Turn to that part of a message.
    pub fn turn_to(&mut self, id: RowNumber, part: usize) {
        if self.parts.len() >= PARTS_KEPT {
            self.parts.clear();
        }
        self.parts.insert(id, part);
    }

    /// Let go of what was not asked for since this was called last.
    pub fn end_frame(&mut self) {
        self.said.retain(|_, kept| std::mem::take(&mut kept.used));
    }
}

/// Whether all of it is seen, but for what lines consist of.
fn is_text(text: &str) -> bool {
    text.chars().all(|c| mark(c).is_none() || OF_LINES.contains(&c) || c == '\r')
}

/// So much of a text that it is known by.
fn beginning(text: &str) -> String {
    let line = text.trim_matches(['\r', '\n']);
    let mut shown: String = visible(line, &[]).chars().take(BEGINNING).collect();
    if line.chars().count() > BEGINNING {
        shown.push('…');
    }
    shown
}

/// Characters of a text by which it is known.
const BEGINNING: usize = 24;

/// Messages of which is remembered which part was turned to; past it all begin at the beginning again.
const PARTS_KEPT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_long_message_are_together_all_of_it() {
        let text = "a你😀\u{1}".repeat(40_000);
        let raw = Bytes::from(text.clone().into_bytes());
        let cut = Cut { end: raw.len() as u32, header: 0, trailer: 0, boundary: Boundary::Length };
        let (carry, encoding) = (SplitChar::default(), TextEncoding::default());
        let message = Message { raw, cut, carry, encoding, form: Form::Text, ours: false };
        let parts = Said::new(&message, 0).parts;
        assert!(parts > 1);
        let all: Vec<Said> = (0..parts).map(|part| Said::new(&message, part)).collect();
        assert_eq!(all.iter().map(|said| said.plain.as_str()).collect::<String>(), text);
        assert!(all.iter().all(|said| said.plain.len() <= PART_BYTES + 4 && said.drawn.copied.contains('␁')));
        assert_eq!(Said::new(&message, parts + 7).part, parts - 1);
    }
}
