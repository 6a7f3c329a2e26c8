//! The transcript: rows of variable height, of which only those in sight are laid out.
//!
//! What is drawn hangs on one row, the one being read, and not on how far down it is: the heights of a million rows
//! are not known, and their sum is more than `f32` can tell apart.

mod drawn;
pub mod heights;
mod marks;
mod row;
mod row_text;
mod said;
mod scroll_bar;
mod select;
mod selection;
mod view;

use std::collections::HashMap;

use egui::{
    Align2, Button, Id, Key as Button_, Rect, RichText, ScrollArea, Ui, UiBuilder, accesskit::Role, pos2,
    scroll_area::ScrollBarVisibility, vec2,
};
use egui_material_icons::icons::{ICON_ARROW_DOWNWARD, ICON_FORUM, ICON_GROUPS};
use i18n_embed_fl::fl;
pub use marks::cut_character;
pub use said::{Alone, Form, PART_BYTES};
use view::{ESTIMATE, Place, View};

use super::controls;
use crate::window::{
    Cx,
    request::PersonRequest,
    theme::{self, STEP},
};
use crate::{
    chat::{PersonId, RowNumber},
    core::{Conversation, Key, Sight},
    wire::text::TextEncoding,
};

/// Room for the scroll bar, in points.
const BAR: f32 = 12.0;

/// How far can be scrolled in one frame, in points.
const REACH: f64 = 50_000.0;

/// What is asked for in a transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// All of this conversation has been seen.
    MarkRead(Key),
    /// Put this on the clipboard.
    Copy(String),
    /// Send a failed message again.
    Retry(Key, RowNumber),
    /// Look at the bytes of this message.
    ShowBytes(Key, RowNumber),
    /// Look at the calls that carried this message.
    ShowCalls(Key, RowNumber),
    /// Read the conversation in this encoding.
    ReadAs(Key, TextEncoding),
    /// Something about a message to a person.
    Person(PersonId, PersonRequest),
    /// Who got this message to everyone nearby.
    ShowShares(RowNumber),
}

/// The transcript.
#[derive(Debug, Default)]
pub struct Transcript {
    views: HashMap<Key, View>,
    sight: Option<Sight>,
}

impl Transcript {
    /// Forget conversations that are gone.
    pub fn keep_only(&mut self, lives: impl Fn(Key) -> bool) {
        self.views.retain(|key, _| lives(*key));
    }

    /// Have the end in sight.
    pub fn to_end(&mut self, key: Key) {
        if let Some(view) = self.views.get_mut(&key) {
            view.selection.clear();
            view.place = Place::End;
        }
    }

    /// Have this row in sight, a little below the top.
    pub fn to_row(&mut self, key: Key, row: RowNumber) {
        let view = self.views.entry(key).or_default();
        view.place = Place::Row(row, -2.0 * ESTIMATE);
        view.selection.at_end = false;
    }

    /// What of a conversation's messages is shown.
    #[must_use]
    pub fn form(&self, key: Key) -> Form {
        self.views.get(&key).map_or(Form::Text, |view| view.form)
    }

    /// Have that of them shown.
    pub fn show_as(&mut self, key: Key, form: Form) {
        let view = self.views.entry(key).or_default();
        view.deselect();
        view.form = form;
    }

    /// Whether times are shown to the millisecond, and how long after the row before.
    #[must_use]
    pub fn exact_times(&self, key: Key) -> bool {
        self.views.get(&key).is_some_and(|view| view.exact_times)
    }

    /// Have times shown so, or to the second.
    pub fn show_exact_times(&mut self, key: Key, exact: bool) {
        self.views.entry(key).or_default().exact_times = exact;
    }

    /// Have this row of a conversation marked as the one that was found, and no other.
    pub fn mark(&mut self, key: Key, found: Option<RowNumber>) {
        self.views.entry(key).or_default().found = found;
    }

    /// What is in sight, if it was drawn since this was asked last.
    pub fn take_sight(&mut self) -> Option<Sight> {
        self.sight.take()
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) -> Option<Action> {
        for (other, view) in &mut self.views {
            view.open &= *other == key;
        }
        let view = self.views.entry(key).or_default();
        view.open_now(conversation);
        let area = ui.available_rect_before_wrap();
        view.follow(conversation);
        if conversation.entries().is_empty() && !conversation.entries().more_after() {
            empty(ui, cx, key, area);
            return None;
        }
        // No live region: a row that is scrolled into sight is no news.
        let log = UiBuilder::new().accessibility_role(Role::Log).accessibility_label(fl!(cx.words, "transcript"));
        let action = ui.scope_builder(log, |ui| view.show(ui, cx, key, conversation, area)).inner;
        self.sight = Some(view.sight(key, conversation, f64::from(area.height())));
        action
    }
}

impl View {
    fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation, area: Rect) -> Option<Action> {
        let (width, height) = (area.width() - BAR, area.height());
        let rows = self.lay_out(ui, cx, key, conversation, (width, height));
        let (up, down) = self.around(f64::from(height));
        let (up, down) = (up.min(REACH) as f32, down.min(REACH) as f32);
        let mut action = None;
        let mut top = area.top();
        let output = ScrollArea::vertical()
            .id_salt(("transcript", key))
            .auto_shrink(false)
            .animated(false)
            // As high as there is room for: where it made itself higher, it would scroll away from the end by that.
            .min_scrolled_height(0.0)
            .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
            .vertical_scroll_offset(up)
            .show_viewport(ui, |ui, _| {
                top = ui.min_rect().top() + up;
                for (y, row) in &rows {
                    let rect = Rect::from_min_size(pos2(area.left(), top + y), vec2(width, row.height));
                    action = row.show(ui, cx, key, rect, self).or(action.take());
                }
                ui.set_height(up + height + down);
                ui.set_width(width);
            });
        self.said.end_frame();
        let wheel = output.state.clamped_offset().y - up;
        let text_area = area.with_max_x(area.right() - BAR);
        let led = self.select(ui, cx, conversation, &rows, text_area, top);
        let moved = wheel + keys(ui, height) + led;
        self.settle(conversation, &rows, moved, f64::from(height));
        if ui.input(|input| input.modifiers.command && input.key_pressed(Button_::Home)) {
            self.place = Place::Row(RowNumber(0), 0.0);
            self.selection.at_end = false;
        }
        let extent = self.extent(conversation, f64::from(height));
        let id = Id::unique(("transcript-bar", key));
        if let Some(above) = scroll_bar::show(ui, cx, &fl!(cx.words, "transcript-bar"), id, area, extent) {
            self.scroll_to(conversation, above);
            ui.ctx().request_repaint();
        }
        if self.place == Place::End {
            self.seen_end = conversation.entries().end();
            if conversation.unread() > 0 && ui.input(|input| input.focused) {
                action = action.or(Some(Action::MarkRead(key)));
            }
        } else if self.is_more_below(conversation, f64::from(height))
            && (!self.selection.at_end || self.seen_end != conversation.entries().end())
        {
            action = self.way_down(ui, cx, key, conversation, area).or(action);
        }
        action
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
            self.selection.clear();
            self.place = Place::End;
            ui.ctx().request_repaint();
            return (conversation.unread() > 0).then_some(Action::MarkRead(key));
        }
        None
    }
}

/// How far Page Up and Page Down scroll; they do nothing for the field that is being written in.
fn keys(ui: &Ui, height: f32) -> f32 {
    ui.input(|input| {
        let pages =
            f32::from(i8::from(input.key_pressed(Button_::PageDown)) - i8::from(input.key_pressed(Button_::PageUp)));
        if input.modifiers.command { 0.0 } else { pages * height * 0.9 }
    })
}

fn empty(ui: &mut Ui, cx: &Cx<'_>, key: Key, area: Rect) {
    let (icon, text) = match key {
        Key::Everyone if cx.core.server().is_udp() => (ICON_GROUPS, fl!(cx.words, "udp-empty-everyone")),
        Key::Everyone => (ICON_GROUPS, fl!(cx.words, "empty-everyone")),
        Key::Nearby => (ICON_GROUPS, fl!(cx.words, "empty-nearby")),
        Key::Conn(_) | Key::Past(_) | Key::Person(_) => (ICON_FORUM, fl!(cx.words, "empty-conversation")),
    };
    let size = vec2(area.width().min(420.0), 90.0_f32.min(area.height()));
    let place = Align2::CENTER_CENTER.align_size_within_rect(size, area);
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| controls::empty(ui, cx.look, icon, text));
}
