//! Lines of standard input as bytes for the wire, and those bytes as text again.

use std::borrow::Cow;

use crate::{
    chat::{ConversationOptions, LineEnding},
    wire::{
        Batch, Boundary, Cut,
        text::{self, SplitChar, TextEncoding},
    },
};

use super::input::Line;

/// Lines, ready for the wire.
#[derive(Debug, Default)]
pub struct Encoded {
    /// Those that can be sent, each a message.
    pub batch: Batch,
    /// Of the first line that could not be passed on as it is: why.
    pub wrong: Option<Wrong>,
}

/// Why a line can't be passed on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The encoding has no bytes for this character; `?` stands for it.
    Unmappable(char),
    /// It is text neither as UTF-8 nor in the encoding, and was left out.
    NoText,
}

/// Lines, each as a message.
///
/// With UTF-8 the bytes go out as they are, also those that are no text. With another encoding, text in UTF-8 is encoded,
/// and what is in that encoding already goes out as it is. Only the last part of a long line gets the line ending; with a
/// length before each message, each part is a message of its own.
pub fn encode(lines: impl IntoIterator<Item = Line>, manner: &ConversationOptions) -> Encoded {
    let (framing, own_ending) = (manner.framing(), manner.ending());
    // The CR belongs to the line ending where such line endings are used.
    let takes_cr = cfg!(windows) || matches!(manner.line_ending, LineEnding::Crlf | LineEnding::Cr);
    let (mut bytes, mut cuts, mut wrong) = (Vec::new(), Vec::new(), None);
    for line in lines {
        let ending = if line.ends { own_ending.as_slice() } else { &[] };
        let said = match line.bytes.split_last() {
            Some((b'\r', before)) if line.ends && takes_cr => before,
            _ => &line.bytes[..],
        };
        let (said, why) = in_encoding(said, line.ends, manner.encoding);
        wrong = wrong.or(why);
        let Some(said) = said else { continue };
        let before = bytes.len();
        let cut = if framing.takes_ending() {
            bytes.extend_from_slice(&said);
            bytes.extend_from_slice(ending);
            Cut { end: 0, header: 0, trailer: ending.len() as u8, boundary: Boundary::Newline }
        } else {
            let wrapped = framing.wrap(said.into_owned(), ending);
            bytes.extend_from_slice(&wrapped);
            manner.cut_of(&wrapped)
        };
        if bytes.len() > before {
            cuts.push(Cut { end: bytes.len() as u32, ..cut });
        }
    }
    Encoded { batch: Batch { bytes: bytes.into(), cuts }, wrong }
}

/// The bytes of a line in that encoding; none, if there are none.
fn in_encoding(line: &[u8], ends: bool, encoding: TextEncoding) -> (Option<Cow<'_, [u8]>>, Option<Wrong>) {
    if encoding == TextEncoding::default() {
        return (Some(line.into()), None);
    }
    if let Ok(text) = std::str::from_utf8(line) {
        let encoded = text::encode(text, encoding);
        return (Some(encoded.bytes.into()), encoded.unmappable.map(Wrong::Unmappable));
    }
    let boundary = if ends { Boundary::Newline } else { Boundary::Cut };
    if text::decode(encoding, SplitChar::default(), line, boundary).malformed {
        (None, Some(Wrong::NoText))
    } else {
        (Some(line.into()), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::{Delivery, Sent},
        settings::Settings,
        wire::Framing,
    };

    fn decode(bytes: &[u8], settings: &Settings) -> String {
        let cut = settings.conversation_options().cut_of(bytes);
        let (raw, encoding) = (bytes.to_vec().into(), settings.encoding);
        Sent { raw, cut, delivery: Delivery::Sent, auto: false, encoding, begins: None }.decode().text
    }

    fn line(bytes: &[u8]) -> Line {
        Line { bytes: bytes.to_vec().into(), ends: true }
    }

    fn encode(line: Line, settings: &Settings) -> (Vec<u8>, Option<Wrong>) {
        let encoded = super::encode([line], &settings.conversation_options());
        (encoded.batch.bytes.to_vec(), encoded.wrong)
    }

    fn settings(encoding: &str, framing: Framing, line_ending: LineEnding) -> Settings {
        let encoding = TextEncoding::named(encoding).expect("a known name");
        Settings { encoding, framing, line_ending, ..Settings::default() }
    }

    #[test]
    fn a_line_goes_out_and_reads_the_same_in_every_form() {
        for encoding in ["utf-8", "gbk", "utf-16le"] {
            for framing in [Framing::Line, Framing::Chunk, Framing::LENGTH] {
                for ending in [LineEnding::None, LineEnding::Lf, LineEnding::Crlf] {
                    let settings = settings(encoding, framing, ending);
                    let encoded = encode(line("你好".as_bytes()), &settings);
                    assert_eq!(decode(&encoded.0, &settings), "你好", "{encoding} {framing:?} {ending:?}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_go_out_as_they_are_with_utf_8() {
        let bytes = b"\xff\x00\xe4\xbd\r";
        let lines = settings("utf-8", Framing::Line, LineEnding::Lf);
        assert_eq!(encode(line(bytes), &lines).0, b"\xff\x00\xe4\xbd\r\n");
        let lengths = settings("utf-8", Framing::LENGTH, LineEnding::Lf);
        assert_eq!(encode(line(bytes), &lengths).0, b"\0\0\0\x05\xff\x00\xe4\xbd\r");
    }

    #[test]
    fn a_crlf_file_keeps_one_line_ending_each() {
        let settings = settings("utf-8", Framing::Line, LineEnding::Crlf);
        assert_eq!(encode(line(b"a\r"), &settings).0, b"a\r\n");
    }

    #[test]
    fn bytes_of_the_encoding_go_out_as_they_are_and_others_are_told() {
        let gbk = settings("gbk", Framing::Line, LineEnding::Lf);
        assert_eq!(encode(line("你".as_bytes()), &gbk), (b"\xc4\xe3\n".to_vec(), None));
        assert_eq!(encode(line(b"\xc4\xe3"), &gbk), (b"\xc4\xe3\n".to_vec(), None));
        assert_eq!(encode(line(b"\xff\xff"), &gbk), (Vec::new(), Some(Wrong::NoText)));
        assert_eq!(encode(line("😀".as_bytes()), &gbk), (b"?\n".to_vec(), Some(Wrong::Unmappable('😀'))));
    }

    #[test]
    fn lines_that_came_together_go_together_each_with_its_place() {
        let lines = [line(b"a"), line(b""), line(b"bc")];
        let lengths = settings("utf-8", Framing::LENGTH, LineEnding::Lf);
        for settings in [settings("utf-8", Framing::Line, LineEnding::Crlf), lengths] {
            let manner = settings.conversation_options();
            let batch = super::encode(lines.clone(), &manner).batch;
            for (raw, cut) in batch.messages() {
                assert_eq!(Cut { end: raw.len() as u32, ..cut }, manner.cut_of(&raw));
            }
            assert_eq!(batch.cuts.len(), 3);
        }
        let bare = settings("utf-8", Framing::Line, LineEnding::None);
        assert_eq!(super::encode(lines, &bare.conversation_options()).batch.cuts.len(), 2, "nothing is no message");
    }
}
