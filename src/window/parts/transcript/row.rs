//! One row of the transcript: a message, or what happened to the connection.

mod beside;
mod sent;

use std::sync::Arc;

use egui::{
    Align, Button, Color32, Galley, Id, Layout, Popup, Pos2, Rect, RichText, Sense, Stroke, Ui, UiBuilder, WidgetInfo,
    accesskit::Role,
    pos2,
    text::{LayoutJob, TextFormat},
    vec2,
};
use egui_material_icons::{
    MaterialIcon,
    icons::{ICON_CHEVRON_LEFT, ICON_CHEVRON_RIGHT},
};
use i18n_embed_fl::fl;
use jiff::SignedDuration;

use self::sent::{SentState, sent_bubble};
use super::{
    Action,
    drawn::Drawn,
    marks,
    row_text::RowText,
    said::{AllSaid, Form, Message, Said},
    view::View,
};
use crate::window::{
    Cx, lines,
    long_text::Seen,
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::{CloseReason, Happening, NetError, Origin, PersonHappening, PersonId, Received, Row, RowKind, RowNumber},
    core::{Conversation, Key, PastState},
    explain,
    wire::text::TextEncoding,
};

const PAD_X: f32 = 12.0;
const PAD_Y: f32 = 7.0;
const PAD: egui::Vec2 = vec2(PAD_X, PAD_Y);
/// Space around the text of what happened.
const PILL: egui::Vec2 = vec2(12.0, 4.0);
const SPACE: f32 = 8.0;
const WIDEST: f32 = 640.0;
const SEPARATOR: f32 = 32.0;
const META_GAP: f32 = 10.0;
const TURN_WIDTH: f32 = 220.0;

/// Space below the text for turning to another part of it.
const TURN: f32 = 32.0;

/// Height of the button that tries another encoding.
const TRY: f32 = 24.0;

/// A row, laid out but not drawn.
pub struct LaidOutRow {
    /// Its id.
    pub id: RowNumber,
    /// Its height, in points, space below included.
    pub height: f32,
    /// How much higher it became above what is in sight, if it is long and was laid out in part before.
    pub grown_above: Option<f32>,
    separators: Vec<(Arc<Galley>, Color32)>,
    kind: Kind,
}

enum Kind {
    Bubble(Box<Bubble>),
    System(RowText),
}

struct Bubble {
    ours: bool,
    failed: bool,
    /// It can be sent again, and nobody would have it twice.
    retry: bool,
    /// It is not on its way, and nothing is wrong: as ours, but not as sent.
    quiet: bool,
    /// It waits for this person, and can be taken back.
    cancel: Option<PersonId>,
    /// It is known who got it.
    shares: bool,
    text: RowText,
    meta: Arc<Galley>,
    /// What the mark in the meta line stands for.
    state: Option<SentState>,
    note: Option<Arc<Galley>>,
    /// Its bytes below its text.
    bytes: Option<Arc<Galley>>,
    /// Another encoding can be tried here, in which it is text.
    suggests: Option<TextEncoding>,
    /// The meta line stands beside the text rather than under it.
    beside: bool,
    said: Arc<Said>,
    message: Message,
}

/// Lay a row out for that width, by its place among those that can be shown.
#[expect(clippy::too_many_arguments, reason = "all that a row is made of")]
pub fn layout(
    ui: &Ui,
    cx: &Cx<'_>,
    key: Key,
    conversation: &Conversation,
    (all_said, form, exact_times): (&mut AllSaid, Form, bool),
    place: usize,
    unread_line: Option<RowNumber>,
    (width, sight): (f32, &Seen),
) -> Option<LaidOutRow> {
    let entries = conversation.entries();
    let (id, entry) = entries.at(place)?;
    let before = place.checked_sub(1).and_then(|before| entries.at(before)).map(|(_, entry)| entry);
    let mut separators = Vec::new();
    let small = |text: String, colour: Color32| ui.painter().layout_no_wrap(text, theme::small(), colour);
    // What is not in memory either comes from the history, or is no more.
    let from_history = matches!(cx.core.past().state, PastState::Open(_)) && entries.more_before();
    let let_go = entries.messages_let_go().min(id.0);
    if place == 0 && let_go > 0 && !from_history {
        separators.push((small(fl!(cx.words, "let-go", count = let_go), cx.look.weak), cx.look.line));
    }
    if let Some(day) = new_day(cx, before, entry) {
        separators.push((small(day, cx.look.weak), cx.look.line));
    }
    if unread_line == Some(id) {
        separators.push((small(fl!(cx.words, "unread-line"), cx.look.accent), cx.look.accent));
    }
    let widest = (width * 0.78).min(WIDEST);
    let since = before.filter(|_| exact_times).map(|before| entry.at.duration_since(before.at));
    let when = |message: &Message| when(cx, entry, message, exact_times, since);
    let encoding = conversation.manner().encoding;
    let kind = match &entry.kind {
        RowKind::Received(received) => {
            let message = Message::received(received, encoding, form);
            let said = all_said.get(id, &message);
            let when = when(&message);
            let bubble = received_bubble(ui, cx, conversation, entry, received, (when, message, said), (widest, sight));
            Kind::Bubble(Box::new(bubble))
        }
        RowKind::Sent(sent) => {
            let message = Message::sent(sent, form);
            let said = all_said.get(id, &message);
            let unacknowledged = wording::not_acknowledged(ui, cx, conversation.unacknowledged_since(entry));
            let (state, when) = (unacknowledged.as_deref(), when(&message));
            // What takes it back finds room beside it; once that is gone, its lines stay as they are.
            let widest = match key {
                Key::Person(_) => widest.min(width - beside::room(ui, cx)),
                _ => widest,
            };
            let mut bubble =
                sent_bubble(ui, cx, key, conversation, entry, (sent, state), (when, message, said), (widest, sight));
            // One that was read back has no id any more under which it could be followed.
            bubble.retry &= id >= entries.first();
            Kind::Bubble(Box::new(bubble))
        }
        RowKind::Happened(system) => {
            let drawn = Arc::new(Drawn::new(&happened(cx, conversation, entry, system), &[]));
            let colour = match system {
                // A health check is no failure.
                _ if conversation.said_nothing() => cx.look.weak,
                Happening::ConnectFailed(_)
                | Happening::NeverAcknowledged { .. }
                | Happening::Person(PersonHappening::NewKeyUnderVerifiedName | PersonHappening::CodesDiffered)
                | Happening::NotSent { .. }
                | Happening::Closed(CloseReason::Failed(_)) => cx.look.bad,
                _ => cx.look.weak,
            };
            let format = TextFormat::simple(theme::small(), colour);
            Kind::System(RowText::new(ui, (id, 0), drawn, format, (width - 48.0, sight)))
        }
    };
    let body = match &kind {
        Kind::Bubble(bubble) => bubble.size().y,
        Kind::System(text) => text.galley.size().y + 8.0,
    };
    let height = separators.len() as f32 * SEPARATOR + body + SPACE;
    let grown_above = match &kind {
        Kind::Bubble(bubble) => bubble.text.grown_above,
        Kind::System(text) => text.grown_above,
    };
    Some(LaidOutRow { id, height, grown_above, separators, kind })
}

fn new_day(cx: &Cx<'_>, before: Option<&Row>, entry: &Row) -> Option<String> {
    let day = |entry: &Row| entry.at.to_zoned(cx.zone.clone()).date();
    let date = day(entry);
    if before.is_some_and(|before| day(before) == date) {
        return None;
    }
    let today = jiff::Timestamp::now().to_zoned(cx.zone.clone()).date();
    // A conversation of today needs no date over its first row.
    (before.is_some() || date != today).then(|| cx.day(date))
}

fn received_bubble(
    ui: &Ui,
    cx: &Cx<'_>,
    conversation: &Conversation,
    entry: &Row,
    received: &Received,
    (when, message, said): (String, Message, Arc<Said>),
    widest: (f32, &Seen),
) -> Bubble {
    let bytes = fl!(cx.words, "bytes", count = received.raw.len());
    let mut meta = when;
    // How many bytes went over the wire for a message of a person, these are not.
    if !matches!(conversation.origin, Origin::Person(_)) {
        meta = format!("{meta} · {bytes}");
    }
    if let Some(mark) = marks::of_received(cx, received, conversation.manner().framing(), message.encoding()) {
        meta = format!("{meta} · {mark}");
    }
    let note = marks::note_on_received(cx, conversation, (entry.number, entry), &message, &said);
    let colours = (cx.look.text, cx.look.weak);
    bubble(ui, cx, entry, false, false, (message, said), meta, note, colours, widest)
}

/// The time of a message; to the millisecond where its bytes are looked at, or that was chosen; then also how long after
/// the row before.
fn when(cx: &Cx<'_>, entry: &Row, message: &Message, exact: bool, since: Option<SignedDuration>) -> String {
    let time = if exact || message.form() != Form::Text { cx.time_to_ms(entry.at) } else { cx.time(entry.at) };
    match since {
        Some(since) => format!("{time} · {}", wording::time_between(cx, since)),
        None => time,
    }
}

#[expect(clippy::too_many_arguments, reason = "both kinds of message end here, and only here")]
fn bubble(
    ui: &Ui,
    cx: &Cx<'_>,
    entry: &Row,
    ours: bool,
    failed: bool,
    (message, said): (Message, Arc<Said>),
    meta: String,
    note: Option<(String, Color32)>,
    (text_colour, weak): (Color32, Color32),
    (widest, sight): (f32, &Seen),
) -> Bubble {
    let inner = widest - 2.0 * PAD_X;
    let font = if said.hex { theme::mono(theme::TEXT - 1.0) } else { theme::text() };
    let format = TextFormat::simple(font, text_colour);
    let text = RowText::new(ui, (entry.number, said.part), Arc::clone(&said.drawn), format, (inner, sight));
    let small = |text: String, font, colour| {
        lines::lay_out(ui, LayoutJob::single_section(text, TextFormat::simple(font, colour)), inner)
    };
    let meta = small(meta, theme::small(), weak);
    let note = note.map(|(note, colour)| small(note, theme::small(), colour));
    let bytes = message.bytes_below().map(|bytes| small(bytes, theme::mono(theme::SMALL), weak));
    let suggests = said.also.as_ref().map(|(encoding, _)| *encoding);
    let suggests = suggests.filter(|_| !said.hex && !matches!(cx.selected, Key::Past(_)));
    let of_text = &text.galley;
    let beside = said.parts == 1
        && bytes.is_none()
        && of_text.rows.len() == 1
        && of_text.size().x + META_GAP + meta.size().x <= inner;
    Bubble {
        ours,
        failed,
        retry: failed,
        quiet: false,
        cancel: None,
        shares: false,
        text,
        meta,
        state: None,
        note,
        bytes,
        suggests,
        beside,
        said,
        message,
    }
}

/// What happened, as it is shown: when, and what.
pub fn happened(cx: &Cx<'_>, conversation: &Conversation, entry: &Row, what: &Happening) -> String {
    format!("{} · {}", cx.time(entry.at), system_text(cx, conversation, what))
}

/// What failed, the exception that a program gets, and what to do, unless that is said above.
fn failed(cx: &Cx<'_>, conversation: &Conversation, error: &NetError) -> String {
    if conversation.diagnosis().is_some() {
        explain::beside_a_diagnosis(cx.words, error, cx.facts)
    } else {
        explain::in_full(cx.words, error, cx.facts)
    }
}

fn system_text(cx: &Cx<'_>, conversation: &Conversation, system: &Happening) -> String {
    match system {
        Happening::Accepted(peer) => fl!(cx.words, "row-accepted", peer = peer.to_string()),
        Happening::Connected(peer) => {
            let connected = fl!(cx.words, "row-connected", peer = peer.to_string());
            match explain::connected_elsewhere(cx.words, &conversation.origin, *peer) {
                Some(note) => format!("{connected}\n{note}"),
                None => connected,
            }
        }
        Happening::ConnectFailed(error) => failed(cx, conversation, error),
        Happening::PeerFinished => fl!(cx.words, "row-peer-finished"),
        Happening::WriteFinished => fl!(cx.words, "row-write-finished"),
        Happening::Urgent { byte, position, last_told } => explain::urgent(cx.words, *byte, *position, *last_told),
        Happening::NeverAcknowledged { messages, bytes } => explain::never_acknowledged(cx.words, *messages, *bytes),
        Happening::Person(what) => explain::person_happening(cx.words, *what),
        Happening::NotSent { bytes, of } => {
            fl!(cx.words, "row-not-sent", size = wording::size(cx, *bytes), of = wording::size(cx, *of))
        }
        // Who never spoke does not want to be connected to again.
        Happening::Closed(CloseReason::Failed(error)) if !conversation.said_nothing() => {
            fl!(cx.words, "row-closed", reason = failed(cx, conversation, error))
        }
        Happening::Closed(reason @ (CloseReason::SocketClosed | CloseReason::Forgotten | CloseReason::LetGo)) => {
            explain::close_reason(cx.words, reason)
        }
        Happening::Closed(reason) => fl!(cx.words, "row-closed", reason = explain::close_reason(cx.words, reason)),
    }
}

impl Bubble {
    fn size(&self) -> egui::Vec2 {
        let (text, meta) = (self.text.galley.size(), self.meta.size());
        let mut size = if self.beside {
            vec2(text.x + META_GAP + meta.x, text.y.max(meta.y))
        } else {
            vec2(text.x.max(meta.x), text.y + 2.0 + meta.y)
        };
        if let Some(bytes) = &self.bytes {
            size = vec2(size.x.max(bytes.size().x), size.y + STEP + bytes.size().y);
        }
        if let Some(note) = &self.note {
            size = vec2(size.x.max(note.size().x), size.y + STEP + note.size().y);
        }
        if self.suggests.is_some() {
            size = vec2(size.x.max(TURN_WIDTH), size.y + STEP + TRY);
        }
        if self.said.parts > 1 {
            size = vec2(size.x.max(TURN_WIDTH), size.y + TURN);
        }
        size + 2.0 * PAD
    }

    fn show(&self, ui: &mut Ui, cx: &Cx<'_>, key: Key, id: RowNumber, row: Rect, view: &mut View) -> Option<Action> {
        let rect = self.place(row);
        let look = cx.look;
        let (fill, line) = match (self.ours, self.failed) {
            _ if self.quiet => (look.ground, look.weak),
            (_, true) => (look.bad_ground, look.bad),
            (true, false) => (look.sent, look.sent),
            (false, false) => (look.raised, look.line),
        };
        ui.painter().rect(rect, 10.0, fill, Stroke::new(1.0, line), egui::StrokeKind::Inside);

        // The text first, so that selecting works on it; the bubble itself only opens the menu.
        let base = Id::unique(("message", key, id));
        let around = ui.interact(rect, base, Sense::CLICK);
        let at = rect.min + PAD;
        let text_rect = Rect::from_min_size(at, self.text.galley.size());
        let sense = Sense::click_and_drag() - Sense::FOCUSABLE;
        let response = ui.interact(text_rect, base.with("text"), sense);
        let who = if self.ours { fl!(cx.words, "you") } else { fl!(cx.words, "peer") };
        response.widget_info(|| {
            let meta = self.meta.text();
            let meta = match (&self.state, meta.rsplit_once(" · ")) {
                (Some(SentState { name, .. }), Some((time, mark))) => format!("{time} · {name} {mark}"),
                _ => meta.to_owned(),
            };
            let mut told = format!("{who}: {} · {meta}", self.said.plain);
            for below in [&self.bytes, &self.note].into_iter().flatten() {
                told.extend([" · ", below.text()]);
            }
            WidgetInfo::labeled(Role::Label, true, told)
        });
        self.text.show(ui, at, &response, &mut view.selection, self.weak(cx));
        let turn = if self.said.parts > 1 { TURN } else { 0.0 };
        if turn > 0.0 {
            let place = Rect::from_min_size(pos2(at.x, text_rect.bottom() + 2.0), vec2(rect.width(), TURN));
            self.turn(ui, cx, id, place, view);
        }
        let mut turn = turn;
        if let Some(bytes) = &self.bytes {
            ui.painter().galley(pos2(at.x, text_rect.bottom() + turn + STEP), Arc::clone(bytes), look.weak);
            turn += STEP + bytes.size().y;
        }
        let bottom = turn + at.y + self.text.galley.size().y.max(if self.beside { self.meta.size().y } else { 0.0 });
        let meta_at = if self.beside {
            pos2(text_rect.right() + META_GAP, bottom - self.meta.size().y - 1.0)
        } else {
            pos2(rect.right() - PAD_X - self.meta.size().x, bottom + 2.0)
        };
        ui.painter().galley(meta_at, Arc::clone(&self.meta), look.weak);
        if let Some(state) = &self.state {
            let place = Rect::from_min_size(meta_at, self.meta.size());
            ui.interact(place, base.with("state"), Sense::hover()).on_hover_text(&state.hint);
        }
        if let Some(note) = &self.note {
            let below = if self.suggests.is_some() { STEP + TRY } else { 0.0 };
            let at = pos2(at.x, rect.bottom() - PAD_Y - below - note.size().y);
            ui.painter().galley(at, Arc::clone(note), look.bad);
        }
        let mut action = None;
        if let Some(encoding) = self.suggests {
            let name = fl!(cx.words, "try-encoding", encoding = encoding.name());
            let place = Rect::from_min_size(pos2(at.x, rect.bottom() - PAD_Y - TRY), vec2(TURN_WIDTH, TRY));
            ui.scope_builder(UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center)), |ui| {
                ui.spacing_mut().interact_size.y = TRY;
                ui.spacing_mut().button_padding = vec2(2.0 * STEP, 0.0);
                if ui.button(RichText::new(name).size(theme::SMALL)).clicked() {
                    action = Some(Action::ReadAs(key, encoding));
                }
            });
        }
        // With the inspector in sight, a click is enough.
        if cx.inspecting && (around.clicked() || response.clicked()) {
            action = Some(Action::ShowBytes(key, id));
        }
        if view.found == Some(id) || cx.inspecting && cx.chosen == Some((key, id)) {
            ui.painter().rect_stroke(rect.expand(2.0), 12.0, Stroke::new(1.5, look.accent), egui::StrokeKind::Outside);
        }
        action = self.corner(ui, cx, key, id, rect, &(response.clone() | around.clone())).or(action);
        Popup::context_menu(&(response | around)).id(base.with("menu")).show(|ui| {
            action = self.menu(ui, cx, key, id).or(action.take());
        });
        action
    }

    /// Where it is in its row.
    fn place(&self, row: Rect) -> Rect {
        let size = self.size();
        let left = if self.ours { row.right() - size.x } else { row.left() };
        Rect::from_min_size(pos2(left, row.top()), size)
    }

    /// The colour of what matters less in it.
    fn weak(&self, cx: &Cx<'_>) -> Color32 {
        if self.ours && !self.failed && !self.quiet { cx.look.on_sent_weak } else { cx.look.weak }
    }

    /// Which part of a very long message this is, and buttons to turn to the others.
    fn turn(&self, ui: &mut Ui, cx: &Cx<'_>, id: RowNumber, place: Rect, view: &mut View) {
        let (part, parts) = (self.said.part, self.said.parts);
        let weak = self.weak(cx);
        ui.scope_builder(UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center)), |ui| {
            let mut turn = |ui: &mut Ui, icon: MaterialIcon, name: String, to: Option<usize>| {
                let button = Button::new(icon.rich_text());
                let response = ui.add_enabled(to.is_some(), button).accessible_name(&name).on_hover_text(name);
                if let (true, Some(to)) = (response.clicked(), to) {
                    view.turn_to(id, to);
                }
            };
            turn(ui, ICON_CHEVRON_LEFT, fl!(cx.words, "part-before"), part.checked_sub(1));
            let next = Some(part + 1).filter(|next| *next < parts);
            turn(ui, ICON_CHEVRON_RIGHT, fl!(cx.words, "part-next"), next);
            let number = part + 1;
            let text = fl!(cx.words, "part-of", part = number, parts = parts);
            ui.label(RichText::new(text).size(theme::SMALL).color(weak));
        });
    }
}

fn first_words(text: &str) -> String {
    text.chars().take(40).collect()
}

impl LaidOutRow {
    /// Draw it.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>, key: Key, rect: Rect, view: &mut View) -> Option<Action> {
        let mut top = rect.top();
        for (text, line) in &self.separators {
            let y = top + SEPARATOR / 2.0;
            let half = text.size().x / 2.0 + 10.0;
            let middle = rect.center().x;
            let stroke = Stroke::new(1.0, *line);
            ui.painter().hline(rect.left()..=middle - half, y, stroke);
            ui.painter().hline(middle + half..=rect.right(), y, stroke);
            let place = Rect::from_center_size(pos2(middle, y), text.size());
            ui.painter().galley(place.min, Arc::clone(text), cx.look.weak);
            let response = ui.interact(place, Id::unique(("separator", key, self.id, text.text())), Sense::empty());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.text()));
            top += SEPARATOR;
        }
        let rest = Rect::from_min_max(pos2(rect.left(), top), rect.max);
        match &self.kind {
            Kind::Bubble(bubble) => bubble.show(ui, cx, key, self.id, rest, view),
            Kind::System(text) => {
                let pill = pill(text, rest);
                ui.painter().rect_filled(pill, 12.0, cx.look.side);
                let at = pill.min + PILL;
                let response = ui.interact(
                    Rect::from_min_size(at, text.galley.size()),
                    Id::unique(("system", key, self.id)),
                    Sense::click_and_drag() - Sense::FOCUSABLE,
                );
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.galley.text()));
                view.selection.show_alone(self.id, |selection| {
                    text.show(ui, at, &response, selection, cx.look.weak);
                });
                None
            }
        }
    }

    /// Its text and where that is, in a row drawn there.
    pub fn text_in(&self, rect: Rect) -> (&RowText, Pos2) {
        let rest = rect.with_min_y(rect.top() + self.separators.len() as f32 * SEPARATOR);
        match &self.kind {
            Kind::Bubble(bubble) => (&bubble.text, bubble.place(rest).min + PAD),
            Kind::System(text) => (text, pill(text, rest).min + PILL),
        }
    }
}

/// Where what happened is in its row.
fn pill(text: &RowText, row: Rect) -> Rect {
    let size = text.galley.size() + 2.0 * PILL;
    Rect::from_min_size(pos2(row.center().x - size.x / 2.0, row.top()), size)
}
