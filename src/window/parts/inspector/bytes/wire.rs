//! What a listener on the way sees: the bytes of a plain message as they are, and of an encrypted link the records.

use egui::{
    Color32, Frame, Label, Margin, RichText, ScrollArea, Ui, WidgetInfo,
    accesskit::Role,
    text::{LayoutJob, TextFormat},
};
use i18n_embed_fl::fl;

use super::message::Message;
use crate::window::{
    Cx, lines,
    parts::{controls, inspector::Action},
    shield::Shield,
    theme::{self, STEP},
};
use crate::{
    chat::{Origin, PersonId},
    core::{Key, labs::file::InspectorTab},
    lan::Rehearsal,
    wire::{
        encode_hex,
        text::decode,
        tls_records::{ContentType, Hello, RECORD_HEADER, Record, Records},
        visible,
    },
};

/// From this width on, the two are beside each other.
const BESIDE: f32 = 640.0;

/// Bytes of a record or a message that are shown.
const SHOWN: usize = 256;

/// Records that are shown, the latest ones.
const RECORDS: usize = 24;

/// Size of the letters of bytes.
const SIZE: f32 = 12.5;

/// Whose bytes are looked at.
pub enum Wire {
    /// Those of the link to a person.
    Link(PersonId),
    /// Those of a lab: a plain message, and a text that went over TLS.
    Lab,
}

impl Wire {
    /// What is looked at now; none, where it is no encrypted link and no lab about one.
    pub fn of(cx: &Cx<'_>) -> Option<Self> {
        let step = cx.core.lab().and_then(|lab| lab.progress.step());
        match (step.and_then(|step| step.look), cx.selected) {
            (Some(InspectorTab::Wire), _) => Some(Self::Lab),
            // Whoever has chosen a message looks at its own bytes.
            (_, Key::Person(id)) if cx.chosen.is_none_or(|(key, _)| key != cx.selected) => Some(Self::Link(id)),
            _ => None,
        }
    }

    /// Whose link is looked at, if one is.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Link(id) => Some(*id),
            Self::Lab => None,
        }
    }

    /// Draw it.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        ScrollArea::vertical().id_salt("wire").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin { left: 12, right: 16, top: 12, bottom: 16 }).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(theme::strong(fl!(cx.words, "wire"), theme::TITLE - 2.0));
                match self {
                    Self::Link(id) => {
                        controls::hint(ui, cx.look, fl!(cx.words, "wire-hint"));
                        link(ui, cx, *id);
                    }
                    Self::Lab if ui.available_width() >= BESIDE => ui.columns(2, |columns| {
                        if let [left, right] = columns {
                            plain(left, cx);
                            rehearsed(right, cx);
                        }
                    }),
                    Self::Lab => {
                        plain(ui, cx);
                        rehearsed(ui, cx);
                    }
                }
            });
        });
        None
    }
}

/// The message that a client of this window sent last, byte by byte.
fn plain(ui: &mut Ui, cx: &Cx<'_>) {
    let mut clients = cx.core.conversations().filter(|(_, it)| matches!(it.origin, Origin::Outgoing { .. }));
    let message = clients.next_back().and_then(|(conn, _)| Message::latest(cx.core, Key::Conn(conn)));
    head(ui, cx, fl!(cx.words, "wire-plain"), Shield::Plain);
    let Some(message) = message else {
        controls::hint(ui, cx.look, fl!(cx.words, "wire-nothing"));
        return;
    };
    card(ui, cx, |ui| {
        dump(ui, cx, &message.raw, message.raw.len(), cx.look.wait);
        let text = decode(message.encoding, message.carry, message.payload(), message.cut.boundary).text;
        let text = visible(&text, &[]).into_owned();
        says(ui, cx, fl!(cx.words, "wire-you-see"), &text, cx.look.text);
        says(ui, cx, fl!(cx.words, "wire-they-see"), &text, cx.look.wait);
    });
    controls::hint(ui, cx.look, fl!(cx.words, "wire-plain-means", count = message.raw.len()));
}

/// The text that went over TLS last.
fn rehearsed(ui: &mut Ui, cx: &Cx<'_>) {
    head(ui, cx, fl!(cx.words, "wire-tls"), Shield::Encrypted);
    match cx.core.people().rehearsal() {
        None => _ = controls::hint(ui, cx.look, fl!(cx.words, "wire-nothing")),
        Some((_, Err(why))) => _ = controls::wrong(ui, cx.look, fl!(cx.words, "wire-failed", why = why.as_str())),
        Some((_, Ok(rehearsal))) => flights(ui, cx, rehearsal),
    }
}

fn flights(ui: &mut Ui, cx: &Cx<'_>, rehearsal: &Rehearsal) {
    let (mut ours, mut theirs) = (Records::default(), Records::default());
    let mut all = Vec::new();
    for (is_ours, bytes) in &rehearsal.flights {
        let records = if *is_ours { &mut ours } else { &mut theirs };
        all.extend(records.push(bytes).into_iter().map(|record| (*is_ours, record)));
    }
    let last = all.pop();
    let text = String::from_utf8_lossy(&rehearsal.text).into_owned();
    // The sentence first: what went before it made the keys.
    if let Some((is_ours, record)) = &last {
        card(ui, cx, |ui| {
            one(ui, cx, *is_ours, record);
            says(ui, cx, fl!(cx.words, "wire-you-see"), &visible(&text, &[]), cx.look.text);
            let about = fl!(cx.words, "wire-about", count = record.encrypted_bytes().unwrap_or_default());
            says(ui, cx, fl!(cx.words, "wire-they-see"), &about, cx.look.accent);
            if let Some(why) = &rehearsal.refused {
                controls::wrong(ui, cx.look, fl!(cx.words, "wire-refused", why = why.as_str()));
            }
        });
        controls::hint(ui, cx.look, fl!(cx.words, "wire-tls-means"));
    }
    ui.add_space(2.0 * STEP);
    ui.label(theme::strong(fl!(cx.words, "wire-before"), theme::TEXT));
    for (is_ours, record) in &all {
        card(ui, cx, |ui| one(ui, cx, *is_ours, record));
    }
}

/// The records of the link to a person, the latest first.
fn link(ui: &mut Ui, cx: &Cx<'_>, id: PersonId) {
    let wire = cx.core.people().wire();
    let crossings = wire.crossings();
    if wire.with() != Some(id) || crossings.len() == 0 {
        controls::hint(ui, cx.look, fl!(cx.words, "wire-nothing-yet"));
        return;
    }
    if wire.is_lost() {
        controls::wrong(ui, cx.look, fl!(cx.words, "wire-lost"));
    }
    for crossing in crossings.rev().take(RECORDS) {
        card(ui, cx, |ui| {
            controls::hint(ui, cx.look, cx.time_to_ms(crossing.at));
            one(ui, cx, crossing.ours, &crossing.record);
            if let Some(count) = crossing.record.encrypted_bytes() {
                let about = fl!(cx.words, "wire-about", count = count);
                says(ui, cx, fl!(cx.words, "wire-they-see"), &about, cx.look.accent);
            }
        });
    }
}

fn head(ui: &mut Ui, cx: &Cx<'_>, title: String, shield: Shield) {
    ui.add_space(2.0 * STEP);
    ui.horizontal(|ui| {
        ui.label(shield.icon().rich_text().color(shield.colour(cx.look)).size(18.0));
        ui.add(Label::new(theme::strong(title, theme::TEXT)).truncate());
    });
}

fn card(ui: &mut Ui, cx: &Cx<'_>, add: impl FnOnce(&mut Ui)) {
    controls::card(cx.look).fill(cx.look.ground).inner_margin(Margin::symmetric(12, 10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = STEP;
        add(ui);
    });
}

/// One record: what its header says, and its bytes.
fn one(ui: &mut Ui, cx: &Cx<'_>, ours: bool, record: &Record) {
    let header = |range: std::ops::Range<usize>| encode_hex(record.bytes().get(range).unwrap_or_default());
    let what = match (record.content_type(), record.hello()) {
        (ContentType::Handshake, Some(Hello::Client)) => fl!(cx.words, "record-client-hello"),
        (ContentType::Handshake, Some(Hello::Server)) => fl!(cx.words, "record-server-hello"),
        (ContentType::Handshake, None) => fl!(cx.words, "record-handshake"),
        (ContentType::ChangeCipherSpec, _) => fl!(cx.words, "record-change-cipher"),
        (ContentType::Alert, _) => fl!(cx.words, "record-alert"),
        (ContentType::ApplicationData, _) => fl!(cx.words, "record-application-data"),
    };
    let arrow = if ours { "→" } else { "←" };
    dump(ui, cx, record.bytes(), RECORD_HEADER, cx.look.accent);
    let (kind, version, length) = (header(0..1), header(1..3), header(3..5));
    let words = fl!(
        cx.words,
        "record-header",
        kind = kind,
        what = what,
        version = version,
        length = length,
        count = record.length()
    );
    lines::label(ui, RichText::new(format!("{arrow} {words}")).size(theme::SMALL));
}

fn says(ui: &mut Ui, cx: &Cx<'_>, who: String, what: &str, colour: Color32) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        ui.spacing_mut().interact_size.y = 0.0;
        controls::hint(ui, cx.look, who);
        ui.label(RichText::new(what).color(colour));
    });
}

/// Places and bytes in rows; the first `marked` bytes are in that colour.
fn dump(ui: &mut Ui, cx: &Cx<'_>, bytes: &[u8], marked: usize, colour: Color32) {
    let font = theme::mono(SIZE);
    let digit = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
    let in_row = if ui.available_width() >= digit * 54.0 { 16 } else { 8 };
    let format = |colour| TextFormat::simple(font.clone(), colour);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for (row, piece) in bytes.chunks(in_row).enumerate().take(SHOWN / in_row) {
            let at = row * in_row;
            let (mark, rest) = piece.split_at(marked.saturating_sub(at).min(piece.len()));
            let mut job = LayoutJob::default();
            job.append(&format!("{at:04x}  "), 0.0, format(cx.look.weak));
            job.append(&encode_hex(mark), 0.0, format(colour));
            let between = if mark.is_empty() || rest.is_empty() { "" } else { " " };
            job.append(&format!("{between}{}", encode_hex(rest)), 0.0, format(cx.look.text));
            let said = job.text.clone();
            let response = ui.add(Label::new(job).extend());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
        }
    });
    if bytes.len() > SHOWN {
        let more = bytes.len() - SHOWN;
        controls::hint(ui, cx.look, fl!(cx.words, "wire-more", count = more));
    }
}
