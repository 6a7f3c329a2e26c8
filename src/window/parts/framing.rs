//! Where a message ends, with all that can be chosen, shown on the last bytes received while it is being set.

use std::time::Duration;

use egui::{DragValue, Margin, RichText, ScrollArea, TextEdit, Ui};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::window::{
    Cx,
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::{ConnOptions, ConversationOptions, LineEnding},
    core::{Conversation, Key, Preview},
    explain,
    settings::Settings,
    wire::{
        ByteOrder, Cut, Delimiter, FixedLength, Framing, FramingError, LONGEST_DELIMITER, LONGEST_MESSAGE,
        LONGEST_QUIET, LengthPrefix, MOST_PREFIX_OFFSET, PrefixWidth, decode_escapes, decode_hex, encode_escapes,
        encode_hex,
        text::{self, SplitChar, TextEncoding},
        visible,
    },
};

/// Messages shown of what the framing makes of the bytes.
const SHOWN: usize = 6;

/// Bytes shown of each.
const SHOWN_BYTES: usize = 48;

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To hold this conversation so from now on.
    Hold(Key, Box<ConversationOptions>),
    /// To hold new conversations so.
    Default(Box<Settings>),
    /// To close it.
    Close,
}

/// Which kind of framing is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Line,
    Cr,
    Delimiter,
    Fixed,
    Length,
    Quiet,
    Chunk,
}

/// Which line ending is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Named(LineEnding),
    Own,
}

/// Bytes that are typed, as text with escapes or as hex.
#[derive(Debug, Default)]
struct TypedBytes {
    text: String,
    hex: bool,
}

/// Asks where a message ends.
#[derive(Debug)]
pub struct FramingDialog {
    /// Of which conversation; `None`: of new ones.
    key: Option<Key>,
    encoding: TextEncoding,
    kind: Kind,
    delimiter: TypedBytes,
    fixed: usize,
    prefix: LengthPrefix,
    quiet_ms: u64,
    ending: Ending,
    own: TypedBytes,
}

impl FramingDialog {
    /// For this conversation, which is held so.
    #[must_use]
    pub fn of_conversation(key: Key, manner: &ConversationOptions) -> Self {
        Self::new(Some(key), manner)
    }

    /// For new conversations.
    #[must_use]
    pub fn of_settings(settings: &Settings) -> Self {
        Self::new(None, &settings.conversation_options())
    }

    fn new(key: Option<Key>, manner: &ConversationOptions) -> Self {
        let framing = manner.framing();
        let delimiter = if let Framing::Delimiter(delimiter) = framing { Some(delimiter) } else { None };
        let own = if let LineEnding::Own(own) = manner.line_ending { Some(own) } else { None };
        let typed = |bytes: Option<Delimiter>| TypedBytes {
            text: bytes.map_or_else(String::new, |bytes| encode_escapes(bytes.as_slice())),
            hex: false,
        };
        Self {
            key,
            encoding: manner.encoding,
            kind: match framing {
                Framing::Line => Kind::Line,
                Framing::Chunk => Kind::Chunk,
                Framing::Length(_) => Kind::Length,
                Framing::Cr => Kind::Cr,
                Framing::Delimiter(_) => Kind::Delimiter,
                Framing::Fixed(_) => Kind::Fixed,
                Framing::Quiet => Kind::Quiet,
            },
            delimiter: typed(delimiter),
            fixed: if let Framing::Fixed(length) = framing { length.get() } else { 16 },
            prefix: if let Framing::Length(prefix) = framing { prefix } else { LengthPrefix::NETWORK },
            quiet_ms: manner.options.quiet.as_millis() as u64,
            ending: if own.is_some() { Ending::Own } else { Ending::Named(manner.line_ending) },
            own: typed(own),
        }
    }

    /// The framing that is chosen, if it is one.
    fn framing(&self) -> Result<Framing, ()> {
        Ok(match self.kind {
            Kind::Line => Framing::Line,
            Kind::Cr => Framing::Cr,
            Kind::Delimiter => Framing::Delimiter(self.delimiter.bytes(self.encoding)?),
            Kind::Fixed => Framing::Fixed(FixedLength::new(self.fixed).ok_or(())?),
            Kind::Length => Framing::Length(self.prefix),
            Kind::Quiet => Framing::Quiet,
            Kind::Chunk => Framing::Chunk,
        })
    }

    fn line_ending(&self) -> Result<LineEnding, ()> {
        match self.ending {
            Ending::Named(named) => Ok(named),
            Ending::Own => self.own.bytes(self.encoding).map(LineEnding::Own),
        }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "framing-dialog", 560.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "framing-title"), theme::TITLE));
            let height = (ui.ctx().content_rect().height() - 180.0).max(160.0);
            ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
                ui,
                |ui| {
                    self.choose_framing(ui, cx);
                    if self.framing().is_ok_and(Framing::takes_ending) {
                        ui.add_space(STEP);
                        self.choose_ending(ui, cx);
                    }
                    ui.add_space(2.0 * STEP);
                    self.preview(ui, cx);
                },
            );
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                let ready = self.framing().is_ok() && self.line_ending().is_ok();
                let done = controls::primary_enabled(ui, cx.look, ready, fl!(cx.words, "framing-use")).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if done { self.chosen(cx) } else { cancelled.then_some(Action::Close) }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    fn chosen(&self, cx: &Cx<'_>) -> Option<Action> {
        let (framing, line_ending) = (self.framing().ok()?, self.line_ending().ok()?);
        let Some(key) = self.key else {
            let settings = Settings { framing, line_ending, quiet_ms: self.quiet_ms, ..cx.settings.clone() };
            return Some(Action::Default(Box::new(settings)));
        };
        let mut manner = cx.core.conversation(key)?.manner().clone();
        manner.line_ending = line_ending;
        manner.options.framing = framing;
        manner.options.quiet = Duration::from_millis(self.quiet_ms);
        Some(Action::Hold(key, Box::new(manner)))
    }

    fn choose_framing(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let kinds = [
            (Kind::Line, fl!(cx.words, "framing-line")),
            (Kind::Cr, fl!(cx.words, "framing-cr")),
            (Kind::Delimiter, fl!(cx.words, "framing-own")),
            (Kind::Fixed, fl!(cx.words, "framing-fixed-kind")),
            (Kind::Length, fl!(cx.words, "framing-length")),
            (Kind::Quiet, fl!(cx.words, "framing-quiet")),
            (Kind::Chunk, fl!(cx.words, "framing-chunk")),
        ];
        if let Some(kind) = controls::segments(ui, cx.look, &fl!(cx.words, "framing"), self.kind, &kinds) {
            self.kind = kind;
        }
        ui.add_space(STEP);
        match self.kind {
            Kind::Line => hint(ui, cx, fl!(cx.words, "framing-line-hint")),
            Kind::Cr => hint(ui, cx, fl!(cx.words, "framing-cr-hint")),
            Kind::Chunk => hint(ui, cx, fl!(cx.words, "framing-chunk-long")),
            Kind::Quiet => hint(ui, cx, fl!(cx.words, "framing-quiet-hint")),
            Kind::Delimiter => {
                let name = fl!(cx.words, "framing-own-bytes");
                let was = self.delimiter.bytes(self.encoding).ok();
                self.delimiter.show(ui, cx, &name, self.encoding);
                // What we send is ended in the same way, unless that is chosen otherwise.
                let now = self.delimiter.bytes(self.encoding).ok();
                let follows =
                    matches!(self.ending, Ending::Named(LineEnding::Lf)) || self.own.bytes(self.encoding).ok() == was;
                if now != was && now.is_some() && follows {
                    self.ending = Ending::Own;
                    self.own = TypedBytes { text: self.delimiter.text.clone(), hex: self.delimiter.hex };
                }
            }
            Kind::Fixed => number(ui, &fl!(cx.words, "framing-fixed-bytes"), &mut self.fixed, 1, LONGEST_MESSAGE),
            Kind::Length => self.choose_prefix(ui, cx),
        }
        let has_tails = self.framing().map_or(self.kind == Kind::Delimiter, Framing::has_tails);
        if has_tails || self.kind == Kind::Quiet {
            let name = if has_tails { fl!(cx.words, "framing-tail-ms") } else { fl!(cx.words, "framing-quiet-ms") };
            number(ui, &name, &mut self.quiet_ms, 1, LONGEST_QUIET.as_millis() as u64);
        }
    }

    fn choose_prefix(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let prefix = &mut self.prefix;
        let name = fl!(cx.words, "prefix-width");
        ui.horizontal_wrapped(|ui| {
            ui.label(name.as_str());
            let all = PrefixWidth::ALL.map(|width| (width, width.bytes().to_string()));
            prefix.width = controls::segments(ui, cx.look, &name, prefix.width, &all).unwrap_or(prefix.width);
            if prefix.width != PrefixWidth::One {
                let name = fl!(cx.words, "prefix-order");
                let all = [
                    (ByteOrder::Big, fl!(cx.words, "prefix-big")),
                    (ByteOrder::Little, fl!(cx.words, "prefix-little")),
                ];
                prefix.order = controls::segments(ui, cx.look, &name, prefix.order, &all).unwrap_or(prefix.order);
            }
        });
        controls::checkbox(ui, cx.look, &mut prefix.counts_itself, fl!(cx.words, "prefix-itself"));
        number(ui, &fl!(cx.words, "prefix-offset"), &mut prefix.offset, 0, MOST_PREFIX_OFFSET);
        if prefix.offset > 0 {
            hint(ui, cx, fl!(cx.words, "prefix-offset-hint"));
        }
    }

    fn choose_ending(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let name = fl!(cx.words, "line-ending");
        ui.label(name.as_str());
        let named = LineEnding::NAMED.map(|ending| (Ending::Named(ending), wording::ending_text(cx, ending)));
        let all: Vec<_> = named.into_iter().chain([(Ending::Own, fl!(cx.words, "ending-own"))]).collect();
        if let Some(ending) = controls::segments(ui, cx.look, &name, self.ending, &all) {
            self.ending = ending;
        }
        if self.ending == Ending::Own {
            self.own.show(ui, cx, &fl!(cx.words, "ending-own-bytes"), self.encoding);
        }
    }

    /// The last bytes received, as they would be cut.
    fn preview(&self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(conversation) = self.key.and_then(|key| cx.core.conversation(key)) else { return };
        let Ok(framing) = self.framing() else { return };
        let options = ConnOptions {
            framing,
            quiet: Duration::from_millis(self.quiet_ms),
            ..conversation.manner().options.clone()
        };
        let preview = conversation.preview(&options);
        ui.label(fl!(cx.words, "framing-preview"));
        controls::card(cx.look).inner_margin(Margin::same(8)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            // Lines are as high as their text, not as a button.
            ui.spacing_mut().interact_size.y = 0.0;
            show_preview(ui, cx, conversation, &preview);
        });
    }
}

impl TypedBytes {
    fn bytes(&self, encoding: TextEncoding) -> Result<Delimiter, ()> {
        let bytes = if self.hex { decode_hex(&self.text).ok() } else { decode_escapes(&self.text, encoding).ok() };
        bytes.and_then(|bytes| Delimiter::new(&bytes)).ok_or(())
    }

    fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, name: &str, encoding: TextEncoding) {
        ui.horizontal_wrapped(|ui| {
            let all = [(false, fl!(cx.words, "bytes-as-text")), (true, fl!(cx.words, "hex"))];
            if let Some(hex) = controls::segments(ui, cx.look, name, self.hex, &all) {
                // The same bytes, written otherwise.
                if let Ok(bytes) = self.bytes(encoding) {
                    let bytes = bytes.as_slice();
                    self.text = if hex { encode_hex(bytes) } else { encode_escapes(bytes) };
                }
                self.hex = hex;
            }
            let example = if self.hex { "23 23 0d 0a" } else { "##\\r\\n" };
            let text = TextEdit::singleline(&mut self.text)
                .font(theme::mono(theme::TEXT))
                .hint_text(example)
                .margin(Margin::symmetric(10, 7))
                .desired_width(220.0);
            field::show(ui, cx.words, text, name);
        });
        match self.bytes(encoding) {
            Ok(bytes) => hint(ui, cx, encode_hex(bytes.as_slice())),
            Err(()) if self.text.is_empty() => {}
            Err(()) => {
                controls::wrong(ui, cx.look, fl!(cx.words, "bytes-wrong", most = LONGEST_DELIMITER));
            }
        }
    }
}

fn show_preview(ui: &mut Ui, cx: &Cx<'_>, conversation: &Conversation, preview: &Preview) {
    let Preview { messages, rest, unfinished, error } = preview;
    if messages.is_empty() && rest.is_empty() && error.is_none() {
        hint(ui, cx, fl!(cx.words, "framing-preview-none"));
        return;
    }
    let before = messages.len().saturating_sub(SHOWN);
    if before > 0 {
        hint(ui, cx, fl!(cx.words, "framing-preview-before", count = before));
    }
    let encoding = conversation.manner().encoding;
    for (raw, cut) in messages.iter().skip(before) {
        message(ui, cx, encoding, raw, *cut);
    }
    if let Some(error) = error {
        let (FramingError::PrefixTooLong(bytes) | FramingError::PrefixTooShort(bytes)) = error;
        controls::wrong(ui, cx.look, fl!(cx.words, "framing-preview-wrong", bytes = bytes.to_string()));
    } else if let Some(unfinished) = unfinished {
        hint(ui, cx, explain::unfinished(cx.words, *unfinished));
    } else if !rest.is_empty() {
        let cut = Cut { end: 0, header: 0, trailer: 0, boundary: crate::wire::Boundary::Quiet };
        ui.horizontal(|ui| {
            message(ui, cx, encoding, rest, cut);
            hint(ui, cx, fl!(cx.words, "framing-preview-rest"));
        });
    }
}

/// One message: its framing as hex, around its text.
fn message(ui: &mut Ui, cx: &Cx<'_>, encoding: TextEncoding, raw: &[u8], cut: Cut) {
    let end = raw.len().saturating_sub(cut.trailer.into());
    let (header, trailer) = (raw.get(..cut.header.into()).unwrap_or_default(), raw.get(end..).unwrap_or_default());
    let payload = raw.get(cut.header.into()..end).unwrap_or_default();
    let shown = payload.get(..SHOWN_BYTES).unwrap_or(payload);
    let decoded = text::decode(encoding, SplitChar::default(), shown, cut.boundary);
    let mut words = if decoded.malformed { encode_hex(shown) } else { visible(&decoded.text, &[]).into_owned() };
    if shown.len() < payload.len() {
        words.push('…');
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        let framing =
            |bytes: &[u8]| RichText::new(encode_hex(bytes)).font(theme::mono(theme::SMALL)).color(cx.look.weak);
        if !header.is_empty() {
            ui.label(framing(header));
        }
        ui.label(RichText::new(words).font(theme::mono(theme::SMALL)));
        if !trailer.is_empty() {
            ui.label(framing(trailer));
        }
        hint(ui, cx, fl!(cx.words, "bytes", count = payload.len()));
    });
}

fn hint(ui: &mut Ui, cx: &Cx<'_>, text: String) {
    controls::hint(ui, cx.look, text);
}

/// A number with its name before it.
fn number<N: egui::emath::Numeric>(ui: &mut Ui, name: &str, value: &mut N, least: N, most: N) {
    ui.horizontal(|ui| {
        let label = ui.label(name);
        ui.add(DragValue::new(value).range(least..=most)).labelled_by(label.id);
    });
}
