//! The chosen message, byte by byte.

mod cells;
mod dump;
mod layers;
mod message;
mod readings;
mod wire;

use std::ops::Range;

use egui::{Button, RichText, ScrollArea, Stroke, Ui, WidgetInfo, accesskit::Role};
use i18n_embed_fl::fl;
use message::{Item, MOVES_SHOWN, Message, Move};
use readings::Readings;
use wire::Wire;

use super::super::controls;
use crate::window::{
    Cx,
    parts::inspector::Action,
    theme::{self, STEP},
};
use crate::{
    chat::{PersonId, RowNumber},
    core::{Conversation, Key},
    wire::{encode_hex, text, visible},
};

/// Characters shown at first; more when asked for.
pub const CELLS_AT_FIRST: usize = 400;

/// How many more are shown each time.
pub const CELLS_MORE: usize = 1_600;

/// Bytes of a message that its title quotes at most.
const QUOTED_BYTES: usize = 64;

/// Characters of it that are quoted.
const QUOTED: usize = 16;

/// The tab.
#[derive(Debug, Default)]
pub struct BytesTab {
    seen: Option<Seen>,
    /// The chosen message that was let go for the latest one.
    let_go: Option<(Key, RowNumber)>,
    /// The person whose link was looked at in the last frame.
    watched: Option<PersonId>,
}

/// The message that is looked at, and how.
#[derive(Debug)]
struct Seen {
    of: (Key, RowNumber, text::TextEncoding, u64),
    items: Vec<Item>,
    more: bool,
    shown: usize,
    readings: Readings,
    selected: Option<Range<usize>>,
    hovered: Option<Range<usize>>,
}

impl BytesTab {
    /// Whose link was looked at in the last frame, if one was.
    pub fn take_watched(&mut self) -> Option<PersonId> {
        self.watched.take()
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        if let Some(wire) = Wire::of(cx) {
            self.seen = None;
            self.watched = wire.person();
            return wire.show(ui, cx);
        }
        if self.let_go != cx.chosen {
            self.let_go = None;
        }
        let chosen = cx.chosen.filter(|chosen| self.let_go != Some(*chosen));
        let chosen = chosen.and_then(|(key, id)| Message::of(cx.core, key, id));
        let latest = chosen.is_none();
        let message = chosen.or_else(|| Message::latest(cx.core, cx.selected));
        let conversation = message.as_ref().and_then(|message| cx.core.conversation(message.key));
        let (Some(message), Some(conversation)) = (message, conversation) else {
            self.seen = None;
            ui.add_space(6.0 * STEP);
            ui.vertical_centered(|ui| ui.label(RichText::new(fl!(cx.words, "bytes-none")).color(cx.look.weak)));
            return None;
        };
        let generation = conversation.entries().generation();
        let of = (message.key, message.id, message.encoding, generation);
        let mut seen = self.seen.take().filter(|seen| seen.of == of).unwrap_or_else(|| {
            let (items, more) = message.items(CELLS_AT_FIRST);
            let readings = Readings::of(&message);
            Seen { of, items, more, shown: CELLS_AT_FIRST, readings, selected: None, hovered: None }
        });
        let action = ScrollArea::vertical()
            .id_salt(("bytes", message.key, message.id))
            .auto_shrink(false)
            .show(ui, |ui| {
                egui::Frame::new()
                    .inner_margin(egui::Margin { left: 12, right: 16, top: 12, bottom: 16 })
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        let head = self.head(ui, cx, &message, conversation, latest);
                        seen.show(ui, cx, &message, conversation).or(head)
                    })
                    .inner
            })
            .inner;
        self.seen = Some(seen);
        action
    }

    fn head(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        message: &Message,
        conversation: &Conversation,
        latest: bool,
    ) -> Option<Action> {
        let mut action = None;
        let bytes = fl!(cx.words, "bytes", count = message.raw.len());
        let title = format!("{} → {bytes}", beginning(message));
        ui.add(egui::Label::new(theme::strong(title, theme::TITLE)).wrap());
        let (time, who) = (cx.time(message.at), cx.title(conversation));
        let mut about = if message.ours {
            fl!(cx.words, "bytes-sent", time = time, who = who)
        } else {
            fl!(cx.words, "bytes-received", time = time, who = who)
        };
        if latest {
            about = format!("{about} · {}", fl!(cx.words, "bytes-latest"));
        }
        controls::hint(ui, cx.look, about);
        ui.horizontal_wrapped(|ui| {
            if !latest && ui.button(fl!(cx.words, "bytes-follow")).clicked() {
                self.let_go = cx.chosen;
            }
            if !matches!(message.key, Key::Past(_)) && ui.button(fl!(cx.words, "bytes-go-to")).clicked() {
                action = Some(Action::GoTo(message.key, message.id));
            }
            if matches!(message.key, Key::Conn(_)) && ui.button(fl!(cx.words, "show-calls")).clicked() {
                action = Some(Action::ShowCalls(message.key, message.id));
            }
        });
        action
    }
}

impl Seen {
    fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, message: &Message, conversation: &Conversation) -> Option<Action> {
        let mut action = None;
        let moves = message.moves(cx.core, conversation);
        let ends: Vec<usize> =
            moves.iter().flatten().map(|a_move| a_move.here.end).filter(|end| *end < message.raw.len()).collect();
        let mut hovered = None;

        title(ui, cx, fl!(cx.words, "bytes-characters", encoding = message.encoding.name()));
        let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
        let (selected, under) = (self.selected.clone(), self.hovered.clone());
        let marked =
            |bytes: &Range<usize>| [&selected, &under].into_iter().flatten().any(|range| overlap(range, bytes));
        let touched = cells::show(ui, cx, message, &self.items, &ends, &marked);
        if let Some(clicked) = touched.clicked {
            self.selected = if self.selected.as_ref() == Some(&clicked) { None } else { Some(clicked) };
        }
        hovered = hovered.or(touched.hovered);
        if self.more && ui.button(fl!(cx.words, "bytes-more", count = CELLS_MORE)).clicked() {
            self.shown += CELLS_MORE;
            (self.items, self.more) = message.items(self.shown);
        }

        title(ui, cx, fl!(cx.words, "bytes-dump"));
        let (selected, under) = (self.selected.as_ref(), self.hovered.as_ref());
        let done = dump::show(ui, cx, message, &self.items, &ends, selected, under);
        if let Some(selected) = done.selected {
            self.selected = Some(selected);
        }
        hovered = hovered.or(done.hovered);
        action = done.action.or(action);
        ui.horizontal_wrapped(|ui| {
            let all = 0..message.raw.len();
            let (name, range) = match &self.selected {
                Some(selected) => (fl!(cx.words, "bytes-copy-selected", count = selected.len()), selected.clone()),
                None => (fl!(cx.words, "copy-hex"), all),
            };
            if ui.button(name).clicked()
                && let Some(bytes) = message.raw.get(range)
            {
                action = Some(Action::Copy(encode_hex(bytes)));
            }
            if self.selected.is_some() && ui.button(fl!(cx.words, "bytes-unselect")).clicked() {
                self.selected = None;
            }
        });

        let heading = if message.ours { fl!(cx.words, "bytes-sends") } else { fl!(cx.words, "bytes-recvs") };
        title(ui, cx, heading);
        self.moves(ui, cx, message, moves.as_deref(), &mut hovered);

        title(ui, cx, fl!(cx.words, "bytes-read-as"));
        self.readings.show(ui, cx, message);

        title(ui, cx, fl!(cx.words, "layers"));
        layers::show(ui, cx, message, conversation);

        if self.hovered != hovered {
            self.hovered = hovered;
            ui.ctx().request_repaint();
        }
        action
    }

    /// The calls that moved its bytes.
    fn moves(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        message: &Message,
        moves: Option<&[Move]>,
        hovered: &mut Option<Range<usize>>,
    ) {
        let moves = match (moves, message.key, message.ours) {
            (Some(moves), ..) if !moves.is_empty() => moves,
            (_, Key::Everyone, _) => {
                controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-everyone"));
                return;
            }
            (_, Key::Person(_) | Key::Nearby, _) => {
                controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-person"));
                return;
            }
            (_, Key::Past(_), _) => {
                controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-past"));
                return;
            }
            (None, Key::Conn(_), true) => {
                controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-not-sent"));
                return;
            }
            (_, Key::Conn(_), _) => {
                controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-let-go"));
                return;
            }
        };
        let (whole, calls) = (message.raw.len(), moves.len());
        let together = moves.iter().any(|a_move| a_move.bytes as usize > a_move.here.len());
        let story = match (message.ours, calls, together) {
            (false, 1, false) => fl!(cx.words, "bytes-recv-one"),
            (false, 1, true) => fl!(cx.words, "bytes-recv-together"),
            (false, _, _) => fl!(cx.words, "bytes-recv-split"),
            (true, 1, false) => fl!(cx.words, "bytes-send-one"),
            (true, 1, true) => fl!(cx.words, "bytes-send-together"),
            (true, _, _) => fl!(cx.words, "bytes-send-split"),
        };
        ui.add(egui::Label::new(RichText::new(story).color(cx.look.text)).wrap());
        for (place, a_move) in moves.iter().take(MOVES_SHOWN).enumerate() {
            let call = match a_move.number {
                Some(number) => format!("recv #{number}"),
                None => "send".to_owned(),
            };
            let folded = if a_move.calls > 1 { format!(" ×{}", a_move.calls) } else { String::new() };
            let bytes = fl!(cx.words, "bytes", count = a_move.bytes);
            let mut told = format!("{call}{folded} → {bytes}");
            if a_move.here.len() < whole || a_move.here.len() < a_move.bytes as usize {
                let (from, to) = (a_move.here.start, a_move.here.end.saturating_sub(1));
                let here = fl!(cx.words, "bytes-here", count = a_move.here.len(), from = from, to = to);
                told = format!("{told} · {here}");
            }
            let selected = self.selected.as_ref() == Some(&a_move.here);
            let text = RichText::new(&told).font(theme::mono(theme::SMALL));
            let button = Button::selectable(selected, text).stroke(Stroke::NONE).wrap();
            let response = ui.push_id(place, |ui| ui.add(button)).inner;
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &told));
            if response.clicked() {
                self.selected = (!selected).then(|| a_move.here.clone());
            }
            if response.hovered() {
                *hovered = Some(a_move.here.clone());
            }
        }
        if calls > MOVES_SHOWN {
            controls::hint(ui, cx.look, fl!(cx.words, "bytes-moves-more", count = MOVES_SHOWN));
        }
    }
}

fn title(ui: &mut Ui, cx: &Cx<'_>, text: String) {
    ui.add_space(4.0 * STEP);
    ui.label(theme::strong(text, theme::TEXT + 1.0).color(cx.look.text));
}

/// The first characters of it.
fn beginning(message: &Message) -> String {
    let payload = message.payload();
    let shown = payload.get(..QUOTED_BYTES).unwrap_or(payload);
    let decoded = text::decode(message.encoding, message.carry, shown, crate::wire::Boundary::Cut).text;
    let text = visible(&decoded, &[]);
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if text.chars().count() > QUOTED || shown.len() < payload.len() {
        quoted.push('…');
    }
    quoted
}
