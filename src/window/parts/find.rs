//! Finding a text in the conversation that is open: its matches in memory, from the newest to the oldest.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use egui::{Align, Frame, Layout, Margin, Panel, Ui};
use egui_material_icons::icons::{ICON_ARROW_DOWNWARD, ICON_ARROW_UPWARD, ICON_CLOSE};
use i18n_embed_fl::fl;
use regex::{Regex, RegexBuilder};

use super::{controls, field};
use crate::{
    chat::{Row, RowKind, RowNumber},
    core::{Conversation, Key},
    history,
    window::{
        Cx, input_method,
        theme::{self, STEP},
    },
};

/// Time that looking through the messages may take of a frame; the rest is looked through in the next.
const LOOKED: Duration = Duration::from_millis(4);

/// Messages looked through between two looks at the clock.
const AT_ONCE: usize = 64;

/// What a pattern may take in memory, in bytes.
const PATTERN_SIZE: usize = 1024 * 1024;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// To close it.
    Close,
    /// To have this row in sight.
    GoTo(RowNumber),
    /// To search the history for this: it has what is not in memory.
    SearchHistory(String),
}

/// The bar below the head of a conversation.
#[derive(Debug, Default)]
pub struct FindBar {
    open: bool,
    focus: bool,
    typed: String,
    /// It is a pattern.
    is_pattern: bool,
    /// An input method is composing in the field.
    composing: bool,
    matches: Matches,
    /// Which of them is looked at, from the newest.
    at: usize,
}

/// The rows that have the text, and what was looked through for them.
#[derive(Debug, Default)]
struct Matches {
    of: Option<(Key, u64, String, bool)>,
    /// What is looked for, where it is a pattern; `None` where it is none, or not yet.
    pattern: Option<Regex>,
    /// From the newest to the oldest.
    found: VecDeque<RowNumber>,
    /// How many of them came after the search began.
    later: usize,
    /// Rows from here up to there are looked through.
    from: Option<RowNumber>,
    to: RowNumber,
}

impl FindBar {
    /// Show it, with the cursor in its field.
    pub fn open(&mut self) {
        (self.open, self.focus) = (true, true);
    }

    /// Close it.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Whether it shows.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The row that is looked at.
    #[must_use]
    pub fn found(&self) -> Option<RowNumber> {
        self.matches.found.get(self.at).copied().filter(|_| self.open)
    }

    /// Draw it, if it is open.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        if !self.open {
            return None;
        }
        let frame = Frame::new().fill(cx.look.side).inner_margin(Margin::symmetric(16, 6));
        Panel::top("find").resizable(false).frame(frame).show(ui, |ui| self.bar(ui, cx, key, conversation)).inner
    }

    fn bar(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        let mut action = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            let id = egui::Id::unique("find-field");
            if std::mem::take(&mut self.focus) {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            let focused = ui.memory(|memory| memory.has_focus(id));
            self.composing &= focused;
            let enter = focused && input_method::enter_pressed(ui, &mut self.composing);
            let (name, width) = (fl!(cx.words, "find"), (ui.available_width() - 300.0).clamp(100.0, 360.0));
            field::one_line_with_id(ui, cx.words, id, &mut self.typed, theme::text(), name.as_str(), |field| {
                field.hint_text(name.clone()).margin(Margin::symmetric(10, 7)).desired_width(width)
            });
            let name = fl!(cx.words, "find-pattern");
            let button =
                egui::Button::selectable(self.is_pattern, egui::RichText::new(".*").font(theme::mono(theme::TEXT)));
            let response = ui.add(button).on_hover_text(name.as_str());
            response.widget_info(|| {
                egui::WidgetInfo::selected(egui::accesskit::Role::CheckBox, true, self.is_pattern, name.as_str())
            });
            if response.clicked() {
                self.is_pattern = !self.is_pattern;
            }
            if self.matches.follow(&self.typed, self.is_pattern, key, conversation) {
                self.at = 0;
            }
            let (none_yet, later) = (self.matches.found.is_empty(), self.matches.later);
            if self.matches.look_on(conversation) {
                ui.ctx().request_repaint();
            }
            if !none_yet {
                // The one that is looked at stays so.
                self.at += self.matches.later - later;
            }
            if none_yet {
                action = self.found().map(Action::GoTo);
            }
            let total = self.matches.found.len();
            let (older, newer) = (self.at + 1 < total, self.at > 0);
            let step = |ui: &mut Ui, enabled: bool, icon, name: String| {
                ui.add_enabled_ui(enabled, |ui| controls::quiet_icon(ui, cx.look, icon, name).clicked()).inner
            };
            if step(ui, older, ICON_ARROW_UPWARD, fl!(cx.words, "find-older")) || enter && older {
                self.at += 1;
                action = self.found().map(Action::GoTo);
            }
            if step(ui, newer, ICON_ARROW_DOWNWARD, fl!(cx.words, "find-newer")) {
                self.at -= 1;
                action = self.found().map(Action::GoTo);
            }
            if total > 0 {
                let at = self.at + 1;
                controls::hint(ui, cx.look, fl!(cx.words, "find-count", at = at, total = total));
            } else if self.is_pattern && self.matches.pattern.is_none() && !self.typed.is_empty() {
                controls::wrong(ui, cx.look, fl!(cx.words, "find-no-pattern"));
            } else if !self.typed.trim().is_empty() {
                controls::hint(ui, cx.look, fl!(cx.words, "find-none"));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "find-close")).clicked() {
                    action = Some(Action::Close);
                }
                // The history finds texts alone.
                let older = conversation.entries().more_before() && !self.typed.trim().is_empty() && !self.is_pattern;
                if older && ui.button(fl!(cx.words, "find-history")).clicked() {
                    action = Some(Action::SearchHistory(self.typed.clone()));
                }
            });
        });
        action
    }
}

impl Matches {
    /// Begin anew if something else is looked for, or elsewhere; whether that is so.
    fn follow(&mut self, typed: &str, is_pattern: bool, key: Key, conversation: &Conversation) -> bool {
        let generation = conversation.entries().generation();
        let same = self.of.as_ref().is_some_and(|(of, n, text, pattern)| {
            (*of, *n, text.as_str(), *pattern) == (key, generation, typed, is_pattern)
        });
        if !same {
            let end = conversation.entries().end();
            let built = || RegexBuilder::new(typed).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE).build().ok();
            let pattern = if is_pattern && !typed.is_empty() { built() } else { None };
            let of = Some((key, generation, typed.to_owned(), is_pattern));
            *self = Self { of, pattern, to: end, ..Self::default() };
        }
        !same
    }

    /// Look through some more; whether there is more.
    fn look_on(&mut self, conversation: &Conversation) -> bool {
        let Some((_, _, typed, is_pattern)) = &self.of else { return false };
        if typed.trim().is_empty() || (*is_pattern && self.pattern.is_none()) {
            return false;
        }
        let encoding = conversation.manner().encoding;
        let has = |row: &Row| {
            let text = match &row.kind {
                RowKind::Received(received) => received.decode(encoding).text,
                RowKind::Sent(sent) => sent.decode().text,
                RowKind::Happened(_) => return false,
            };
            match &self.pattern {
                Some(pattern) => pattern.is_match(&text),
                None => !history::found_in(&text, typed, 1).is_empty(),
            }
        };
        let until = Instant::now() + LOOKED;
        for (n, (number, row)) in conversation.entries().since(self.to).enumerate() {
            if n % AT_ONCE == AT_ONCE - 1 && Instant::now() >= until {
                return true;
            }
            self.from.get_or_insert(self.to);
            self.to = RowNumber(number.0 + 1);
            if has(row) {
                self.found.push_front(number);
                self.later += 1;
            }
        }
        let rows = conversation.entries().iter().rev();
        let seen = self.from.unwrap_or(self.to);
        let rest = rows.skip_while(|(number, _)| *number >= seen);
        for (n, (number, row)) in rest.enumerate() {
            if n % AT_ONCE == AT_ONCE - 1 && Instant::now() >= until {
                return true;
            }
            self.from = Some(number);
            if has(row) {
                self.found.push_back(number);
            }
        }
        false
    }
}
