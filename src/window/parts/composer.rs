//! Where messages are written: as text, with escapes or as hex, its size in bytes, and how it will go on the wire.

mod menus;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use egui::{
    Align, Button, Id, Key as Button_, KeyboardShortcut, Layout, Modifiers, Rangef, Response, RichText, ScrollArea,
    TextEdit, Ui, style::ScrollAnimation, text::CCursorRange, text_edit::TextEditState,
};
use i18n_embed_fl::fl;

use menus::{Chosen, encoding_menu, ending_menu, framing_menu, more_menu, saved_by_key};

use super::{controls, field, repeat};
use crate::window::{
    Cx, both_ways,
    clipboard::Clipboard,
    input_method,
    theme::{self, STEP},
    typed, wording,
};
use crate::{
    chat::{CloseReason, LONGEST_PERSON_TEXT, LineEnding, Written},
    core::{ConnState, Conversation, ConversationOptions, Key},
    settings::{EmptyEnter, SavedMessage},
    wire::{Framing, encode_hex, text},
};

/// Earlier messages that Up recalls, for each conversation.
const RECALLED: usize = 100;

/// Rows the field grows to before it scrolls.
const ROWS: usize = 6;

/// With less room than this, what is said of writing without a connection is left out.
const BOTH_HINTS: f32 = 340.0;
/// With less room than this, what is below the field is set closer, and says nothing twice.
const NARROW: f32 = 340.0;

/// Bytes of a message with escapes that are shown.
const BYTES_SHOWN: usize = 24;

/// What is asked for with what is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send text.
    SendText(Key, String),
    /// Send these bytes as they are.
    SendBytes(Key, Bytes),
    /// Ask whether Enter in an empty field is to send the line ending alone.
    AskEmpty(Key),
    /// Send these bytes as they are, in pieces.
    SendLong(Key, Bytes),
    /// Send this saved message.
    SendSaved(Key, SavedMessage),
    /// Show the saved messages, and what is written as a new one.
    AskSaved(Key, String, Written),
    /// Ask what is to be sent again and again, beginning with what is written.
    AskRepeat(Key, String, Written),
    /// Send no more of what is repeated.
    StopRepeating(Key),
    /// Ask for a file to send.
    AskFile(Key),
    /// Ask for everything that can be chosen about where a message ends.
    AskFraming(Key),
    /// Hold the conversation so from now on.
    SetManner(Key, Box<ConversationOptions>),
}

/// What is being written.
#[derive(Debug, Default)]
pub struct Composer {
    drafts: HashMap<Key, Draft>,
    composing: bool,
    focus: bool,
    /// The conversation whose field was drawn last.
    shown: Option<Key>,
    /// Those whose undo history and cursor egui still keeps.
    forgotten: Vec<Key>,
}

#[derive(Debug, Default)]
struct Draft {
    text: String,
    written: Written,
    earlier: VecDeque<String>,
    recalled: Option<usize>,
    before_recall: String,
    /// Too much for the field; to be sent as it is, or not.
    offered: Option<Offered>,
    /// How long the text was, where the caret, and what of the field was in sight, when the caret was.
    followed: Option<(usize, CCursorRange, Rangef)>,
}

/// Something that is too much for the field.
#[derive(Debug)]
pub enum Offered {
    /// A text that was pasted.
    Pasted(String),
    /// A file.
    File {
        /// What it is called.
        name: String,
        /// All of it.
        bytes: Bytes,
    },
}

impl Offered {
    fn len(&self) -> usize {
        match self {
            Self::Pasted(text) => text.len(),
            Self::File { bytes, .. } => bytes.len(),
        }
    }
}

impl Composer {
    /// Put the cursor in the field at the next draw.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Change between text and hex.
    pub fn toggle_hex(&mut self, key: Key) {
        self.write_as(key, Written::Hex);
    }

    /// Write so from now on; as text, if it was written so.
    fn write_as(&mut self, key: Key, written: Written) {
        let draft = self.drafts.entry(key).or_default();
        draft.written = if draft.written == written { Written::Text } else { written };
        self.focus = true;
    }

    /// Offers to send this as it is, in place of what was offered before.
    pub fn offer(&mut self, key: Key, offered: Offered) {
        self.drafts.entry(key).or_default().offered = Some(offered);
    }

    /// Puts a text into the field, behind what stands there.
    pub fn insert(&mut self, key: Key, text: &str) {
        self.drafts.entry(key).or_default().text.push_str(text);
        self.focus = true;
    }

    /// What was being written goes on in another conversation, as when a closed one is connected again.
    pub fn carry_over(&mut self, from: Key, to: Key) {
        if let Some(draft) = self.drafts.remove(&from) {
            self.drafts.insert(to, draft);
        }
    }

    /// Forget conversations that are gone.
    pub fn keep_only(&mut self, lives: impl Fn(Key) -> bool) {
        let gone: Vec<Key> = self.drafts.keys().copied().filter(|key| !lives(*key)).collect();
        for key in gone {
            self.drafts.remove(&key);
            self.forgotten.push(key);
        }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        for gone in self.forgotten.drain(..) {
            ui.data_mut(|data| data.remove::<TextEditState>(field_id(gone)));
            field::forget(ui, field_id(gone));
        }
        let id = field_id(key);
        self.focus |= typed::for_nobody(ui, cx);
        self.move_focus(ui, key);
        let focused = ui.memory(|memory| memory.has_focus(id));
        // What was being composed ended when the cursor left.
        self.composing &= focused;
        let enter = focused && input_method::enter_pressed(ui, &mut self.composing);
        let draft = self.drafts.entry(key).or_default();
        if focused && !self.composing {
            recall(ui, draft, id);
        }
        if focused && let Some(long) = ui.ctx().with_plugin(Clipboard::take_long).flatten() {
            draft.offered = Some(Offered::Pasted(long));
        }
        let why_not = wording::why_no_sending(cx, key, conversation);
        let under_way = cx.core.long_send(key);
        let of_people = matches!(key, Key::Person(_) | Key::Nearby);
        let too_long = of_people.then(|| wording::people::too_long_for_a_person(cx, &draft.text)).flatten();
        let can_send = why_not.is_none() && under_way.is_none() && too_long.is_none();
        let manner = conversation.manner();
        let had = draft.offered.is_some();
        // A person is sent messages, not bytes: what is too much for the field is too much for one.
        let way = if of_people { Way::NotToPeople } else { Way::AsItIs { now: can_send } };
        let offered = offer(ui, cx, draft, way, manner).map(|bytes| Action::SendLong(key, bytes));
        // Whatever was done with it, the next is written.
        self.focus |= had && draft.offered.is_none();

        let says_why_not = why_not.is_some();
        let mut sent = false;
        let send = fl!(cx.words, "send");
        let label = ui.painter().layout_no_wrap(send.clone(), theme::text(), cx.look.text);
        let button = label.size().x + 2.0 * ui.spacing().button_padding.x;
        let width = (ui.available_width() - button - ui.spacing().item_spacing.x).max(60.0);
        ui.horizontal_top(|ui| {
            let shown = ui.vertical(|ui| field(ui, cx, key, draft, id, width));
            let response = shown.inner;
            // A click into the field ends what is being composed; a frame may be so long that all of it comes in one.
            self.composing &= !response.is_pointer_button_down_on() && !response.clicked();
            let ready = can_send && !draft.text.is_empty() && draft.written.encode(&draft.text, manner).is_ok();
            // The button stands at the foot of a field that has grown, as far as that is seen.
            let seen = shown.response.rect;
            let at = egui::pos2(seen.right() + ui.spacing().item_spacing.x, seen.bottom());
            let place = egui::Rect::from_min_max(at - egui::vec2(0.0, theme::CONTROL), at + egui::vec2(button, 0.0));
            let middle = Layout::left_to_right(Align::Center);
            let button = ui.scope_builder(egui::UiBuilder::new().max_rect(place).layout(middle), |ui| {
                controls::primary_enabled(ui, cx.look, ready, send).clicked()
            });
            sent = button.inner || enter && ready;
        });

        let mut action = offered;
        let alone = draft.text.is_empty() && draft.written == Written::Text && !of_people;
        if enter && can_send && alone && (ends_alone(manner) || is_udp(cx, key)) {
            action = match cx.settings.empty_enter {
                EmptyEnter::Ask => Some(Action::AskEmpty(key)),
                EmptyEnter::Send => Some(Action::SendText(key, String::new())),
                EmptyEnter::Nothing => None,
            };
        }
        if sent {
            action = draft.take(key, manner);
            self.focus = true;
        }
        if can_send && let Some(message) = saved_by_key(ui, cx, conversation) {
            action = Some(Action::SendSaved(key, message));
        }
        if repeat::progress(ui, cx, conversation) {
            action = Some(Action::StopRepeating(key));
        }
        ui.add_space(STEP * 0.5);
        if let Some(why) = why_not {
            // Nothing is wrong with a conversation that has no peer yet, or none any more.
            match &conversation.state {
                ConnState::Failed(_) | ConnState::Closed(CloseReason::Failed(_)) => controls::wrong(ui, cx.look, why),
                _ => controls::hint(ui, cx.look, why),
            };
        } else if let Some((done, of)) = under_way {
            let (done, of) = (wording::size(cx, done as u64), wording::size(cx, of as u64));
            controls::hint(ui, cx.look, fl!(cx.words, "long-under-way", done = done, of = of));
        }
        if of_people {
            if !says_why_not {
                self.footer_of_people(ui, cx, key, too_long);
            }
            return action;
        }
        action.or(self.footer(ui, cx, key, manner, can_send))
    }

    /// The cursor goes where it is wanted, and from one conversation's field to the next one's. It is asked for before
    /// the field is drawn, so that no frame is without a field that takes what an input method composes.
    fn move_focus(&mut self, ui: &Ui, key: Key) {
        let id = field_id(key);
        let left = self.shown.replace(key).filter(|shown| *shown != key);
        // What lies behind a dialog cannot have it.
        if !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
            return;
        }
        ui.memory_mut(|memory| {
            let follows = left.is_some_and(|left| memory.has_focus(field_id(left)));
            // Asking ends what is being composed, even for a field that has it.
            if (std::mem::take(&mut self.focus) || follows) && !memory.has_focus(id) {
                memory.request_focus(id);
                self.composing = false;
            }
        });
    }

    /// How it is written to people: it goes as one message, now or once they are there.
    fn footer_of_people(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, too_long: Option<String>) {
        let empty = self.drafts.get(&key).is_none_or(|draft| draft.text.is_empty());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(3.0 * STEP, 0.0);
            ui.spacing_mut().interact_size.y = 22.0;
            match too_long {
                Some(problem) => controls::wrong(ui, cx.look, problem),
                None => controls::hint(ui, cx.look, fl!(cx.words, "person-keys")),
            };
            if empty && matches!(key, Key::Person(_)) && ui.available_width() > BOTH_HINTS {
                controls::hint(ui, cx.look, fl!(cx.words, "person-offline-hint"));
            }
        });
    }

    fn footer(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        key: Key,
        manner: &ConversationOptions,
        can_send: bool,
    ) -> Option<Action> {
        let draft = self.drafts.entry(key).or_default();
        let (count, problem) = size_of(cx, draft, manner);
        let mut action = None;
        let narrow = ui.available_width() < NARROW;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(if narrow { STEP } else { theme::GAP }, 0.0);
            ui.spacing_mut().button_padding = egui::vec2(STEP, 0.0);
            ui.spacing_mut().interact_size.y = 22.0;
            match problem {
                Some(problem) => controls::wrong(ui, cx.look, problem),
                None => controls::hint(ui, cx.look, count),
            };
            if let Some(chosen) = encoding_menu(ui, cx, manner.encoding) {
                let mut manner = manner.clone();
                manner.encoding = chosen;
                manner.options.unit = chosen.unit();
                action = Some(Action::SetManner(key, Box::new(manner)));
            }
            // A datagram is a message: there is nothing to cut.
            let framing = if is_udp(cx, key) { None } else { framing_menu(ui, cx, manner) };
            match framing {
                Some(Chosen::This(chosen)) => {
                    let mut manner = manner.clone();
                    manner.options.framing = chosen;
                    action = Some(Action::SetManner(key, Box::new(manner)));
                }
                Some(Chosen::Other) => action = Some(Action::AskFraming(key)),
                None => {}
            }
            if manner.framing().takes_ending() {
                match ending_menu(ui, cx, manner.line_ending) {
                    Some(Chosen::This(line_ending)) => {
                        let manner = ConversationOptions { line_ending, ..manner.clone() };
                        action = Some(Action::SetManner(key, Box::new(manner)));
                    }
                    Some(Chosen::Other) => action = Some(Action::AskFraming(key)),
                    None => {}
                }
            }
            for (written, name, hint) in [
                (Written::Hex, fl!(cx.words, "hex"), fl!(cx.words, "hex-hint")),
                (Written::Escapes, fl!(cx.words, "written-escapes"), fl!(cx.words, "written-escapes-hint")),
            ] {
                let button = Button::selectable(draft.written == written, RichText::new(name).size(theme::SMALL));
                if ui.add(button).on_hover_text(hint).clicked() {
                    draft.written = if draft.written == written { Written::Text } else { written };
                    self.focus = true;
                }
            }
            action = more_menu(ui, cx, key, draft, can_send).or(action.take());
            // In one piece: Chinese could break anywhere.
            let text = RichText::new(fl!(cx.words, "not-encrypted")).size(theme::SMALL).color(cx.look.weak);
            // The shield above says it too.
            if !narrow {
                ui.add(egui::Label::new(text).extend()).on_hover_text(fl!(cx.words, "not-encrypted-hint"));
            }
        });
        action
    }
}

impl Draft {
    fn take(&mut self, key: Key, manner: &ConversationOptions) -> Option<Action> {
        let text = std::mem::take(&mut self.text);
        self.recalled = None;
        self.before_recall.clear();
        if self.earlier.back() != Some(&text) {
            self.earlier.push_back(text.clone());
        }
        if self.earlier.len() > RECALLED {
            self.earlier.pop_front();
        }
        match self.written {
            Written::Text => Some(Action::SendText(key, text)),
            written => written.encode(&text, manner).ok().map(|sent| Action::SendBytes(key, sent.bytes.into())),
        }
    }
}

/// Whether something is sent where nothing is written: the line ending.
fn ends_alone(manner: &ConversationOptions) -> bool {
    manner.framing().takes_ending() && manner.line_ending != LineEnding::None
}

/// One for each conversation: egui keeps undo history, cursor and selection by it.
fn field_id(key: Key) -> Id {
    Id::unique(("composer-field", key))
}

/// Up and Down go through earlier messages, as long as the one shown has not been changed.
fn recall(ui: &mut Ui, draft: &mut Draft, id: Id) {
    let shown = draft.recalled.and_then(|n| draft.earlier.get(n));
    let untouched = match shown {
        Some(shown) => *shown == draft.text,
        None => draft.text.is_empty(),
    };
    if !untouched || draft.earlier.is_empty() {
        return;
    }
    let last = draft.earlier.len() - 1;
    let (up, down) = ui.input_mut(|input| {
        (input.consume_key(Modifiers::NONE, Button_::ArrowUp), input.consume_key(Modifiers::NONE, Button_::ArrowDown))
    });
    let to = match (draft.recalled, up, down) {
        (None, true, _) => Some(last),
        (Some(n), true, _) => Some(n.saturating_sub(1)),
        (Some(n), _, true) if n < last => Some(n + 1),
        (Some(_), _, true) => None,
        _ => return,
    };
    if draft.recalled.is_none() {
        draft.before_recall.clone_from(&draft.text);
    }
    draft.recalled = to;
    draft.text = to.and_then(|n| draft.earlier.get(n)).unwrap_or(&draft.before_recall).clone();
    let end = egui::text::CCursor::new(draft.text.chars().count());
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
        state.cursor.set_char_range(Some(CCursorRange::one(end)));
        TextEdit::store_state(ui.ctx(), id, state);
    }
}

/// How what is too much for the field can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As it is, if anything can be sent now.
    AsItIs {
        /// Whether it can.
        now: bool,
    },
    /// Not in this conversation.
    NotToPeople,
}

/// What is too much for the field, with what can be done about it. Gives the bytes to send, once that was chosen.
fn offer(ui: &mut Ui, cx: &Cx<'_>, draft: &mut Draft, way: Way, manner: &ConversationOptions) -> Option<Bytes> {
    let offered = draft.offered.as_ref()?;
    let size = wording::size(cx, offered.len() as u64);
    let words = match offered {
        Offered::Pasted(_) => fl!(cx.words, "offered-pasted", size = size),
        Offered::File { name, .. } => fl!(cx.words, "offered-file", name = name.as_str(), size = size),
    };
    let (mut send, mut aside) = (false, false);
    ui.horizontal_wrapped(|ui| {
        ui.label(words);
        if let Way::AsItIs { now } = way {
            send = ui.add_enabled(now, Button::new(fl!(cx.words, "offered-send"))).clicked();
        }
        aside = ui.button(fl!(cx.words, "offered-aside")).clicked();
    });
    if way == Way::NotToPeople {
        let most = wording::size(cx, LONGEST_PERSON_TEXT as u64);
        controls::hint(ui, cx.look, fl!(cx.words, "offered-not-to-people", most = most));
    }
    ui.add_space(STEP);
    let taken = if send || aside { draft.offered.take() } else { None };
    match taken.filter(|_| send)? {
        Offered::Pasted(text) => Some(text::encode(&text, manner.encoding).bytes.into()),
        Offered::File { bytes, .. } => Some(bytes),
    }
}

fn field(ui: &mut Ui, cx: &Cx<'_>, key: Key, draft: &mut Draft, id: Id, width: f32) -> Response {
    let rows = draft.text.lines().count().max(1) + usize::from(draft.text.ends_with('\n'));
    let font = if draft.written == Written::Text { theme::text() } else { theme::mono(theme::TEXT) };
    let hint = match (draft.written, key, cx.core.conversation(key)) {
        (Written::Text, Key::Person(_) | Key::Nearby, Some(conversation)) => {
            fl!(cx.words, "person-composer-hint", name = cx.title(conversation))
        }
        (Written::Text, ..) => fl!(cx.words, "composer-hint"),
        (Written::Escapes, ..) => r"\x02T?\x03\r\n".to_owned(),
        (Written::Hex, ..) => fl!(cx.words, "hex-field-hint"),
    };
    let row_height = ui.fonts_mut(|fonts| fonts.row_height(&font));
    ScrollArea::vertical()
        .id_salt(("composer-scroll", id))
        .max_height(row_height * ROWS as f32 + 20.0)
        .max_width(width)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let mut layouter = both_ways::field::layouter(id, font.clone());
            both_ways::field::before(ui, id, &draft.text);
            let field = TextEdit::multiline(&mut draft.text)
                .id(id)
                .font(font)
                .layouter(&mut layouter)
                .hint_text(hint)
                .desired_rows(rows.min(ROWS))
                .desired_width(width)
                .margin(egui::Margin::symmetric(12, 8))
                .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Button_::Enter));
            let response = field::show(ui, cx.words, field, fl!(cx.words, "message"));
            follow_caret(ui, id, draft.text.len(), &mut draft.followed);
            response
        })
        .inner
}

/// egui has the caret in sight after its own keys, as far as it knows how high the text is by then: not after a paste, nor
/// where a text comes from elsewhere.
fn follow_caret(ui: &Ui, id: Id, length: usize, followed: &mut Option<(usize, CCursorRange, Rangef)>) {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let caret = ui.ctx().output(|output| output.ime.map(|ime| ime.cursor_rect));
    let cursor = TextEdit::load_state(ui.ctx(), id).and_then(|state| state.cursor.char_range());
    let (Some(caret), Some(cursor)) = (caret, cursor) else { return };
    // As the field grows, so does what is in sight of it, a frame later.
    let seen = ui.clip_rect().y_range();
    if *followed == Some((length, cursor, seen)) {
        return;
    }
    // Where less than a line has room, as in a very low window with large text, it never is wholly in sight.
    let no_room = seen.span() < caret.height();
    if no_room || seen.contains(caret.top()) && seen.contains(caret.bottom()) {
        *followed = Some((length, cursor, seen));
    } else {
        ui.scroll_to_rect_animation(caret, None, ScrollAnimation::none());
        ui.ctx().request_repaint();
    }
}

/// How long the message is, in characters and bytes; and what is wrong with it, or to know of it.
fn size_of(cx: &Cx<'_>, draft: &Draft, manner: &ConversationOptions) -> (String, Option<String>) {
    if draft.written != Written::Text {
        return match draft.written.encode(&draft.text, manner) {
            Ok(encoded) => {
                let count = fl!(cx.words, "bytes", count = encoded.bytes.len());
                let shown = encoded.bytes.get(..BYTES_SHOWN).unwrap_or(&encoded.bytes);
                let more = if shown.len() < encoded.bytes.len() { " …" } else { "" };
                // Hex shows its bytes by itself.
                let escapes = draft.written == Written::Escapes && !shown.is_empty();
                (if escapes { format!("{count} · {}{more}", encode_hex(shown)) } else { count }, None)
            }
            Err(why) => (String::new(), Some(wording::not_written(cx, &why))),
        };
    }
    let encoded = text::encode(&draft.text, manner.encoding);
    let characters = draft.text.chars().count();
    let count = match framing_bytes(manner) {
        0 => fl!(cx.words, "characters-bytes", characters = characters, bytes = encoded.bytes.len()),
        added if matches!(manner.framing(), Framing::Length(_)) => {
            let bytes = format!("{added}+{}", encoded.bytes.len());
            fl!(cx.words, "characters-bytes-framed", characters = characters, bytes = bytes)
        }
        added => {
            let bytes = format!("{}+{added}", encoded.bytes.len());
            fl!(cx.words, "characters-bytes-framed", characters = characters, bytes = bytes)
        }
    };
    if let Some(character) = encoded.unmappable {
        let problem = fl!(cx.words, "unmappable", character = character.to_string(), encoding = manner.encoding.name());
        return (count, Some(problem));
    }
    let lines = draft.text.lines().count();
    if manner.framing() == Framing::Line && lines > 1 {
        return (format!("{count} · {}", fl!(cx.words, "lines-arrive-apart", count = lines)), None);
    }
    (count, None)
}

/// Whether what is written here goes over UDP.
#[must_use]
pub fn is_udp(cx: &Cx<'_>, key: Key) -> bool {
    match key {
        Key::Everyone => cx.core.server().is_udp(),
        key => cx.core.conversation(key).is_some_and(|conversation| conversation.origin.is_udp()),
    }
}

/// Bytes that are sent with each message beside those of its text: a line ending, a delimiter, or a length.
fn framing_bytes(manner: &ConversationOptions) -> usize {
    manner.framing().wrap(Vec::new(), &manner.line_ending.bytes(manner.encoding)).len()
}
