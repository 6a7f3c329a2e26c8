//! Selecting in the transcript: by the pointer, over what is scrolled past too, and by keys; and copying it.

use std::ops::Range;

use egui::{Event, Key, OutputCommand, Rect, TextEdit, Ui, pos2, vec2};

use super::{
    row::{self, LaidOutRow},
    said::{Form, Message, Said},
    selection::{Asked, Grain, Spot},
    view::View,
};
use crate::{
    chat::{RowKind, RowNumber},
    core::Conversation,
    window::Cx,
};

/// How far the view goes in a frame for each point that the pointer leads past its edge.
const SPEED: f32 = 0.2;

/// The most that it goes in a frame.
const FASTEST: f32 = 60.0;

impl View {
    /// Takes in what was done to select, after these rows were drawn, the first of them that far down. Gives how far the
    /// pointer leads the view down.
    pub fn select(
        &mut self,
        ui: &Ui,
        cx: &Cx<'_>,
        conversation: &Conversation,
        rows: &[(f32, LaidOutRow)],
        area: Rect,
        top: f32,
    ) -> f32 {
        let led = self.drag(ui, cx, conversation, rows, area, top);
        let (pressed, escape, asked) = ui.input(|input| {
            let asked = Asked {
                all: input.modifiers.command && input.key_pressed(Key::A),
                copy: input.events.iter().any(|event| matches!(event, Event::Copy)),
            };
            (input.pointer.primary_pressed(), input.key_pressed(Key::Escape), asked)
        });
        // What lies behind a dialog is not meant. And a field that is drawn after this takes the keys after this: who has
        // something selected is known in the next frame.
        let in_front = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        let asked = if in_front { asked } else { Asked::default() };
        if asked != Asked::default() {
            ui.ctx().request_repaint();
        }
        let Asked { all, copy } = std::mem::replace(&mut self.selection.asked, asked);
        let on_bar = ui
            .input(|input| input.pointer.interact_pos())
            .is_some_and(|at| at.x > area.right() && at.x < area.right() + super::BAR && area.y_range().contains(at.y));
        let touched = std::mem::take(&mut self.selection.touched);
        if escape || (pressed && !touched && !on_bar) {
            self.deselect();
        }
        // A field that has nothing to select leaves it to the conversation.
        if all && !field_has_selection(ui) {
            self.select_all(conversation);
            ui.ctx().request_repaint();
        }
        if copy
            && !field_has_selection(ui)
            && let Some(range) = self.selection.range()
        {
            ui.copy_text(text_of(cx, conversation, &range, self.form));
        }
        led
    }

    fn select_all(&mut self, conversation: &Conversation) {
        let entries = conversation.entries();
        let ends = entries.at(0).zip(entries.shown().checked_sub(1).and_then(|last| entries.at(last)));
        if let Some(((first, _), (last, _))) = ends {
            let from = Spot { row: first, ..Spot::default() };
            self.selection.take(from..Spot { row: last, part: usize::MAX, at: usize::MAX });
        }
    }

    /// Goes on to where the pointer is.
    fn drag(
        &mut self,
        ui: &Ui,
        cx: &Cx<'_>,
        conversation: &Conversation,
        rows: &[(f32, LaidOutRow)],
        area: Rect,
        top: f32,
    ) -> f32 {
        if !self.selection.dragged {
            return 0.0;
        }
        let Some(pointer) = ui.input(|input| input.pointer.interact_pos()) else { return 0.0 };
        let below = |(y, row): &&(f32, LaidOutRow)| pointer.y < top + y + row.height;
        if let Some((y, row)) = rows.iter().find(below).or(rows.last()) {
            let rect = Rect::from_min_size(pos2(area.left(), top + y), vec2(area.width(), row.height));
            let (text, at) = row.text_in(rect);
            self.selection.drag_to(text.unit_at(at, pointer, Grain::Character).start);
        }
        if !ui.input(|input| input.pointer.primary_down()) {
            self.selection.dragged = false;
            match self.selection.range() {
                // For the middle button of X11, as any text that is selected.
                Some(range) => {
                    ui.send_cmd(OutputCommand::TextSelectionSettled(text_of(cx, conversation, &range, self.form)));
                }
                None => self.deselect(),
            }
            return 0.0;
        }
        let past = (pointer.y - area.bottom()).max(0.0) - (area.top() - pointer.y).max(0.0);
        if past != 0.0 {
            ui.ctx().request_repaint();
        }
        (past * SPEED).clamp(-FASTEST, FASTEST)
    }
}

/// Whether the field that has the keyboard has something selected itself.
fn field_has_selection(ui: &Ui) -> bool {
    let focused = ui.memory(egui::Memory::focused);
    let state = focused.and_then(|id| TextEdit::load_state(ui.ctx(), id));
    state.and_then(|state| state.cursor.char_range()).is_some_and(|range| !range.is_empty())
}

/// The text that is selected: each message in lines of its own, none empty between them.
fn text_of(cx: &Cx<'_>, conversation: &Conversation, range: &Range<Spot>, form: Form) -> String {
    let entries = conversation.entries();
    let encoding = conversation.manner().encoding;
    let rows = (entries.place_of(range.start.row)..entries.shown()).map_while(|place| entries.at(place));
    let mut copied: Option<String> = None;
    for (id, entry) in rows.take_while(|(id, _)| *id <= range.end.row) {
        let text = match (&entry.kind, Message::of(entry, encoding, form)) {
            (_, Some(message)) => text_of_message(&message, id, range),
            (RowKind::Happened(what), None) if range.start.row == range.end.row => {
                let text = row::happened(cx, conversation, entry, what);
                text.get(range.start.at..range.end.at.min(text.len())).unwrap_or(&text).to_owned()
            }
            _ => continue,
        };
        // Where a selection ends at the edge of a row, nothing of the row is in it.
        if text.is_empty() && (id == range.start.row || id == range.end.row) {
            continue;
        }
        match &mut copied {
            Some(before) => {
                before.push('\n');
                before.push_str(&text);
            }
            None => copied = Some(text),
        }
    }
    copied.unwrap_or_default()
}

fn text_of_message(message: &Message, id: RowNumber, range: &Range<Spot>) -> String {
    let from = if range.start.row == id { range.start.part } else { 0 };
    let mut text = String::new();
    for part in from.. {
        let said = Said::new(message, part);
        if said.part != part {
            break;
        }
        let copied = &said.drawn.copied;
        let spot = |at| Spot { row: id, part, at };
        let (first, last) = (range.start.max(spot(0)), range.end.min(spot(copied.len())));
        if first < last {
            let place = |at: usize| copied.floor_char_boundary(at.min(copied.len()));
            text.push_str(copied.get(place(first.at)..place(last.at)).unwrap_or_default());
        }
        if part + 1 >= said.parts {
            break;
        }
    }
    text
}
