//! What messages say, as it is shown: decoded once while they are in sight, and very long ones in parts.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use crate::{
    chat::{Received, RowNumber, Sent},
    wire::{
        Cut,
        text::{self, Decoded, SplitChar, TextEncoding},
        visible_text,
    },
};

/// Text of a message that is laid out at a time, in bytes of UTF-8; a longer one is shown in parts.
pub const PART_BYTES: usize = 64 * 1024;

/// The bytes of a message, and how to read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    raw: Bytes,
    cut: Cut,
    carry: SplitChar,
    encoding: TextEncoding,
}

/// What a message says, or one part of it.
#[derive(Debug)]
pub struct Said {
    /// The text of this part.
    pub plain: String,
    /// The same, with a symbol for each character that can't be seen; `None`, if there is no such character.
    visible: Option<String>,
    /// Whether some bytes of the message are no text in its encoding.
    pub malformed: bool,
    /// Which part it is, from 0.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
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
    pub fn received(received: &Received, encoding: TextEncoding) -> Self {
        Self { raw: received.raw.clone(), cut: received.cut, carry: received.carry, encoding }
    }

    /// One of ours, read in that encoding.
    #[must_use]
    pub fn sent(sent: &Sent, encoding: TextEncoding) -> Self {
        Self { raw: sent.raw.clone(), cut: sent.cut, carry: SplitChar::default(), encoding }
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

    /// All of its text.
    #[must_use]
    pub fn decode(&self) -> Decoded {
        let end = self.raw.len().saturating_sub(self.cut.trailer.into());
        let payload = self.raw.get(self.cut.header.into()..end).unwrap_or_default();
        text::decode(self.encoding, self.carry, payload, self.cut.boundary)
    }

    /// Whether these are the same bytes in the same place of memory, read the same way.
    fn is_same(&self, other: &Self) -> bool {
        (self.raw.as_ptr(), self.raw.len()) == (other.raw.as_ptr(), other.raw.len())
            && (self.cut, self.carry, self.encoding) == (other.cut, other.carry, other.encoding)
    }
}

impl Said {
    fn new(message: &Message, part: usize) -> Self {
        let Decoded { text, malformed, .. } = message.decode();
        let parts = text.len().div_ceil(PART_BYTES).max(1);
        let part = part.min(parts - 1);
        let plain = if parts == 1 {
            text
        } else {
            let place = |part: usize| text.floor_char_boundary((part * PART_BYTES).min(text.len()));
            text.get(place(part)..place(part + 1)).unwrap_or_default().to_owned()
        };
        let visible = match visible_text(&plain) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(visible) => Some(visible),
        };
        Self { plain, visible, malformed, part, parts }
    }

    /// The text of this part, every character of it visible.
    #[must_use]
    pub fn visible(&self) -> &str {
        self.visible.as_deref().unwrap_or(&self.plain)
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

/// Messages of which is remembered which part was turned to; past it all begin at the beginning again.
const PARTS_KEPT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Boundary;

    #[test]
    fn the_parts_of_a_long_message_are_together_all_of_it() {
        let text = "a你😀\u{1}".repeat(40_000);
        let raw = Bytes::from(text.clone().into_bytes());
        let cut = Cut { end: raw.len() as u32, header: 0, trailer: 0, boundary: Boundary::Length };
        let message = Message { raw, cut, carry: SplitChar::default(), encoding: TextEncoding::default() };
        let parts = Said::new(&message, 0).parts;
        assert!(parts > 1);
        let all: Vec<Said> = (0..parts).map(|part| Said::new(&message, part)).collect();
        assert_eq!(all.iter().map(|said| said.plain.as_str()).collect::<String>(), text);
        assert!(all.iter().all(|said| said.plain.len() <= PART_BYTES + 4 && said.visible().contains('␁')));
        assert_eq!(Said::new(&message, parts + 7).part, parts - 1);
    }
}
