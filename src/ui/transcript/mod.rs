//! The transcript: rows of variable height, of which only those in sight are laid out.

pub mod heights;
mod row;

use std::collections::HashMap;

use egui::{
    Align2, Button, Key as Button_, Rect, RichText, ScrollArea, Ui, pos2, scroll_area::ScrollBarVisibility, vec2,
};
use egui_material_icons::icons::ICON_ARROW_DOWNWARD;
use heights::Heights;
use i18n_embed_fl::fl;
use row::Row;

use super::{
    Action, Cx, controls,
    theme::{self, STEP},
};
use crate::model::{Conversation, EntryId, Key};

/// Height of a row that has not been measured yet.
const ESTIMATE: f32 = 44.0;

/// Closer to the end than this counts as at the end.
const AT_END: f32 = 8.0;

/// The transcript.
#[derive(Debug, Default)]
pub struct Transcript {
    views: HashMap<Key, View>,
}

/// How one conversation is looked at.
#[derive(Debug)]
struct View {
    heights: Heights,
    first: EntryId,
    generation: u64,
    width: f32,
    place: Place,
    /// The first message that was unread when the conversation was opened.
    unread_line: Option<EntryId>,
    /// The conversation was open in the frame before.
    open: bool,
    /// Rows there were when the reader left the end.
    seen_end: EntryId,
}

/// What of it is in sight.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// The end, whatever comes.
    End,
    /// This row, its top this far above the top of the view.
    Row(EntryId, f32),
}

impl Default for View {
    fn default() -> Self {
        Self {
            heights: Heights::default(),
            first: EntryId(0),
            generation: 0,
            width: 0.0,
            place: Place::End,
            unread_line: None,
            open: false,
            seen_end: EntryId(0),
        }
    }
}

impl Transcript {
    /// Forget a conversation that is no more.
    pub fn forget(&mut self, key: Key) {
        self.views.remove(&key);
    }

    /// Have the end in sight.
    pub fn to_end(&mut self, key: Key) {
        if let Some(view) = self.views.get_mut(&key) {
            view.place = Place::End;
        }
    }

    /// Have this row in sight, a little below the top.
    pub fn to_row(&mut self, key: Key, row: EntryId) {
        let view = self.views.entry(key).or_default();
        view.place = Place::Row(row, -2.0 * ESTIMATE);
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        for (other, view) in &mut self.views {
            view.open &= *other == key;
        }
        let view = self.views.entry(key).or_default();
        view.open_now(conversation);
        view.show(ui, cx, key, conversation)
    }
}

impl View {
    fn open_now(&mut self, conversation: &Conversation) {
        if !self.open {
            self.open = true;
            self.unread_line =
                conversation.first_unread().filter(|_| !self.heights.is_empty() || conversation.unread() > 1);
        }
    }

    fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        let entries = conversation.entries();
        let area = ui.available_rect_before_wrap();
        // Room for the scroll bar.
        let width = area.width() - 12.0;
        self.follow(conversation, width);
        if entries.is_empty() {
            empty(ui, cx, key, area);
            return None;
        }

        let height = area.height();
        let fresh =
            |view: &Self, row: usize| row::layout(ui, cx, key, conversation, view.id(row), view.unread_line, width);
        let offset = match self.place {
            Place::End => {
                // Measured upwards from the end, so that the last row ends where the view does.
                let mut row = self.heights.len();
                let mut covered = 0.0;
                while row > 0 && covered < height {
                    row -= 1;
                    if let Some(laid_out) = fresh(self, row) {
                        self.heights.set(row, laid_out.height);
                    }
                    covered += self.heights.get(row);
                }
                (self.heights.total() as f32 - height).max(0.0)
            }
            Place::Row(id, above) => {
                let row = id.0.saturating_sub(self.first.0) as usize;
                (self.heights.top(row) as f32 + above).max(0.0)
            }
        };

        let mut action = None;
        let mut rows: Vec<Row> = Vec::new();
        let output = ScrollArea::vertical()
            .id_salt(("transcript", key))
            .auto_shrink(false)
            .animated(false)
            .scroll_bar_visibility(ScrollBarVisibility::VisibleWhenNeeded)
            .vertical_scroll_offset(offset)
            .show_viewport(ui, |ui, viewport| {
                let top = ui.min_rect().top();
                let mut row = self.heights.row_at(f64::from(viewport.top()));
                let mut y = self.heights.top(row) as f32;
                // Few messages stand at the bottom, where the composer is.
                let slack = (height - self.heights.total() as f32).max(0.0);
                while row < self.heights.len() && y < viewport.bottom() {
                    if let Some(laid_out) =
                        row::layout(ui, cx, key, conversation, self.id(row), self.unread_line, width)
                    {
                        self.heights.set(row, laid_out.height);
                        let at = pos2(area.left(), top + y + slack);
                        let rect = Rect::from_min_size(at, vec2(width, laid_out.height));
                        y += laid_out.height;
                        action = laid_out.show(ui, cx, key, rect).or(action.take());
                        rows.push(laid_out);
                    }
                    row += 1;
                }
                ui.set_height(self.heights.total() as f32);
                ui.set_width(width);
            });
        let offset = output.state.clamped_offset().y + keys(ui, height);
        self.settle(offset, height, conversation);
        if self.place == Place::End {
            if conversation.unread() > 0 && ui.input(|input| input.focused) {
                action = action.or(Some(Action::Read(key)));
            }
        } else {
            action = self.way_down(ui, cx, key, conversation, area).or(action);
        }
        action
    }

    /// Have as many heights as there are rows, under the same ids.
    fn follow(&mut self, conversation: &Conversation, width: f32) {
        let entries = conversation.entries();
        if self.generation != entries.generation() {
            self.generation = entries.generation();
            self.heights.clear();
            self.first = entries.first();
            self.place = Place::End;
            self.unread_line = None;
        }
        if (self.width - width).abs() > 0.5 {
            // Text breaks elsewhere: all is measured anew, and the row being read stays.
            self.width = width;
            self.heights = (0..self.heights.len()).map(|_| ESTIMATE).collect();
        }
        let gone = entries.first().0.saturating_sub(self.first.0) as usize;
        self.heights.remove_first(gone);
        self.first = entries.first();
        for _ in self.heights.len()..entries.len() {
            self.heights.push(ESTIMATE);
        }
        if let Place::Row(id, _) = self.place
            && id < self.first
        {
            self.place = Place::Row(self.first, 0.0);
        }
    }

    fn id(&self, row: usize) -> EntryId {
        EntryId(self.first.0 + row as u64)
    }

    /// Remember what is in sight, so that it stays there whatever comes.
    fn settle(&mut self, offset: f32, height: f32, conversation: &Conversation) {
        let total = self.heights.total() as f32;
        if offset + height >= total - AT_END {
            self.place = Place::End;
            self.seen_end = conversation.entries().end();
        } else {
            let offset = offset.max(0.0);
            let row = self.heights.row_at(f64::from(offset));
            self.place = Place::Row(self.id(row), offset - self.heights.top(row) as f32);
        }
    }

    /// The button that leads down, with how many messages came meanwhile.
    fn way_down(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        key: Key,
        conversation: &Conversation,
        area: Rect,
    ) -> Option<Action> {
        // Nothing comes to a past session.
        let past = matches!(key, Key::Past(_));
        let new = if past { 0 } else { conversation.entries().end().0.saturating_sub(self.seen_end.0) };
        let text = if new > 0 { fl!(cx.words, "new-below", count = new) } else { fl!(cx.words, "to-the-end") };
        let button = Button::new((ICON_ARROW_DOWNWARD.rich_text(), RichText::new(text))).fill(if new > 0 {
            cx.look.chosen
        } else {
            cx.look.raised
        });
        let size = vec2(170.0, theme::CONTROL);
        let place = Align2::CENTER_BOTTOM.align_size_within_rect(size, area.shrink(3.0 * STEP));
        if ui.put(place, button).clicked()
            || ui.input(|input| input.modifiers.command && input.key_pressed(Button_::End))
        {
            self.place = Place::End;
            ui.ctx().request_repaint();
            return (conversation.unread() > 0).then_some(Action::Read(key));
        }
        None
    }
}

/// How far Page Up and Page Down scroll; they do nothing for the field that is being written in.
fn keys(ui: &Ui, height: f32) -> f32 {
    ui.input(|input| {
        let pages =
            f32::from(i8::from(input.key_pressed(Button_::PageDown)) - i8::from(input.key_pressed(Button_::PageUp)));
        let home = if input.modifiers.command && input.key_pressed(Button_::Home) { -1e9 } else { 0.0 };
        if input.modifiers.command { home } else { pages * height * 0.9 }
    })
}

fn empty(ui: &mut Ui, cx: &Cx<'_>, key: Key, area: Rect) {
    let text = if key == Key::Everyone { fl!(cx.words, "empty-everyone") } else { fl!(cx.words, "empty-conversation") };
    let size = vec2(area.width().min(420.0), 60.0);
    let place = Align2::CENTER_CENTER.align_size_within_rect(size, area);
    ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
        ui.vertical_centered(|ui| controls::hint(ui, cx.look, text));
    });
}
