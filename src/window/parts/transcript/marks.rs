//! What is said of a message's end beside its time, and of its bytes below it.

use egui::Color32;
use i18n_embed_fl::fl;

use super::said::{Alone, Message, Said};
use crate::window::Cx;
use crate::{
    chat::{Received, Row, RowKind, RowNumber, Sent},
    core::Conversation,
    explain, programs,
    wire::{
        Boundary, Framing, Looks, encode_escapes, has_blank_line,
        text::{self, SplitChar, TextEncoding},
    },
};

/// Rows that are looked through for the end of a request.
const LONGEST_REQUEST: usize = 100;

/// Bytes of a request's head that are looked through; of a longer one nothing is said.
const LONGEST_HEAD: usize = 64 * 1024;

/// How a message that came ended, where that was not as its framing says it should.
pub fn of_received(cx: &Cx<'_>, received: &Received, framing: Framing, encoding: TextEncoding) -> Option<String> {
    let cut = received.cut;
    match cut.boundary {
        Boundary::Length if received.raw.is_empty() => Some(fl!(cx.words, "udp-empty")),
        Boundary::Cut => Some(fl!(cx.words, "mark-cut")),
        Boundary::Quiet => Some(fl!(cx.words, "mark-no-newline")),
        // Without a newline nobody can know whether more was meant to come; with a length, and in a character, it was.
        Boundary::Reframed | Boundary::EndOfStream => {
            let short = matches!(framing, Framing::Length(_) | Framing::Fixed(_)) || cut.header > 0;
            let in_character = || {
                let rest = text::decode(encoding, received.carry, received.payload(), Boundary::Recv).split_char;
                !rest.as_slice().is_empty()
            };
            Some(if short || in_character() {
                fl!(cx.words, "mark-unfinished")
            } else {
                fl!(cx.words, "mark-no-newline")
            })
        }
        Boundary::Newline | Boundary::Recv | Boundary::Length | Boundary::Pause => None,
    }
}

/// What ends a message of ours, beside what is shown of it.
pub fn of_sent(cx: &Cx<'_>, sent: &Sent, encoding: TextEncoding) -> Option<String> {
    let cut = sent.cut;
    let trailer = sent.raw.get(sent.raw.len().saturating_sub(cut.trailer.into())..).unwrap_or_default();
    let ending = text::decode(encoding, SplitChar::default(), trailer, Boundary::Newline).text;
    match ending.as_str() {
        "" if cut.header > 0 => None,
        // It may have been typed as hex, or be in the text itself.
        "" if ends_in_newline(&sent.raw, encoding) => None,
        "" => Some(fl!(cx.words, "mark-no-newline")),
        "\r" | "\n" | "\r\n" => Some(format!("+{}", ending.replace('\r', "CR").replace('\n', "LF"))),
        // Bytes of the user's own.
        _ => Some(format!("+{}", encode_escapes(trailer))),
    }
}

fn ends_in_newline(raw: &[u8], encoding: TextEncoding) -> bool {
    let newline = text::encode("\n", encoding).bytes;
    raw.ends_with(&newline)
}

/// What is said below a message that came: what its bytes look like, and what a program would make of it.
pub fn note_on_received(
    cx: &Cx<'_>,
    conversation: &Conversation,
    row: (RowNumber, &Row),
    message: &Message,
    said: &Said,
) -> Option<(String, Color32)> {
    let mut lines = Vec::new();
    let mut colour = cx.look.weak;
    if let Some(looks) = said.looks {
        lines.push(explain::looks(cx.words, looks));
        lines.extend(unfinished_request(cx, conversation, row));
    } else {
        if said.malformed {
            lines.push(fl!(cx.words, "malformed", encoding = message.encoding().name()));
            colour = cx.look.bad;
        }
        if let Some((encoding, text)) = &said.also {
            lines.push(fl!(cx.words, "also-text", encoding = encoding.name(), text = text.as_str()));
        }
    }
    if let Some(alone) = said.split {
        lines.push(cut_character(cx, message.encoding(), alone));
    }
    if said.bytes_literal {
        lines.push(fl!(cx.words, "bytes-literal"));
    }
    (!lines.is_empty()).then(|| (lines.join("\n"), colour))
}

/// What is said below a message of ours.
pub fn note_on_sent(cx: &Cx<'_>, conversation: &Conversation, row: (RowNumber, &Row)) -> Option<(String, Color32)> {
    (Looks::of(row.1.raw()) == Some(Looks::Http))
        .then(|| unfinished_request(cx, conversation, row))
        .flatten()
        .map(|note| (note, cx.look.weak))
}

/// That a character is in two messages, and what `decode` makes of one alone.
#[must_use]
pub fn cut_character(cx: &Cx<'_>, encoding: TextEncoding, alone: Alone) -> String {
    let codec = programs::python_codec(encoding);
    match alone {
        Alone::Raises => fl!(cx.words, "cut-character-raises", codec = codec),
        Alone::MayRaise => fl!(cx.words, "cut-character-may-raise", codec = codec),
    }
}

/// That the head of an HTTP request has no end so far, if it has none.
fn unfinished_request(cx: &Cx<'_>, conversation: &Conversation, (number, row): (RowNumber, &Row)) -> Option<String> {
    let ours = matches!(row.kind, RowKind::Sent(_));
    let entries = conversation.entries();
    let place = entries.place_of(number);
    let mut head = Vec::new();
    for (_, row) in (place..place + LONGEST_REQUEST).map_while(|place| entries.at(place)) {
        if matches!(row.kind, RowKind::Sent(_)) == ours {
            head.extend_from_slice(row.raw());
        }
        if has_blank_line(&head) || head.len() > LONGEST_HEAD {
            return None;
        }
    }
    (Looks::of(&head) == Some(Looks::Http)).then(|| fl!(cx.words, "http-unfinished"))
}
