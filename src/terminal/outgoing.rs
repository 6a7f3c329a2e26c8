//! Lines of standard input as bytes for the wire, and those bytes as text again.

use crate::{
    chat::LineEnding,
    settings::Settings,
    wire::text::{self, Encoded, TextEncoding},
};

use super::input::Line;

/// One line, ready for the wire.
///
/// With UTF-8 the bytes go out as they are, also those that are no text. Only the last part of a long
/// line gets the line ending; with length framing each part is a message of its own.
pub fn encode(line: Line, settings: &Settings) -> Encoded {
    let Line { mut bytes, ends } = line;
    let ending = if ends { settings.line_ending.bytes(settings.encoding) } else { Vec::new() };
    // The CR belongs to the line ending where such line endings are used.
    if ends && (cfg!(windows) || settings.line_ending == LineEnding::Crlf) && bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if settings.encoding != TextEncoding::default() {
        let text = String::from_utf8_lossy(&bytes);
        return text::encode_message(&text, settings.encoding, settings.framing, &ending);
    }
    Encoded { bytes: settings.framing.wrap(bytes, &ending), unmappable: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::{Delivery, Sent},
        wire::Framing,
    };

    fn decode(bytes: &[u8], settings: &Settings) -> String {
        let cut = settings.conversation_options().cut_of(bytes);
        let (raw, encoding) = (bytes.to_vec().into(), settings.encoding);
        Sent { raw, cut, delivery: Delivery::Sent, auto: false, encoding, begins: None }.decode().text
    }

    fn line(bytes: &[u8]) -> Line {
        Line { bytes: bytes.to_vec(), ends: true }
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
                    assert_eq!(decode(&encoded.bytes, &settings), "你好", "{encoding} {framing:?} {ending:?}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_go_out_as_they_are_with_utf_8() {
        let bytes = b"\xff\x00\xe4\xbd\r";
        let lines = settings("utf-8", Framing::Line, LineEnding::Lf);
        assert_eq!(encode(line(bytes), &lines).bytes, b"\xff\x00\xe4\xbd\r\n");
        let lengths = settings("utf-8", Framing::LENGTH, LineEnding::Lf);
        assert_eq!(encode(line(bytes), &lengths).bytes, b"\0\0\0\x05\xff\x00\xe4\xbd\r");
    }

    #[test]
    fn a_crlf_file_keeps_one_line_ending_each() {
        let settings = settings("utf-8", Framing::Line, LineEnding::Crlf);
        assert_eq!(encode(line(b"a\r"), &settings).bytes, b"a\r\n");
    }
}
