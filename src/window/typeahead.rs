//! Typeahead: what was typed behind an Enter or a shortcut waits for the frame after it.

use egui::{Context, Event, Key, Modifiers, Plugin, RawInput};

/// Cuts the keys of a frame where one of them may change what the next ones are for.
///
/// egui gives a field all keys of a frame at once, and a shortcut acts before or after all of them. A barcode scanner,
/// or a hand that is faster than the frames, types several lines in one: they would become one message. So no key is
/// left behind an Enter, Tab, Escape or a shortcut in its frame; the next frame, asked for at once, begins with those
/// that waited, in front of what was typed since.
#[derive(Debug, Default)]
pub struct Typeahead {
    waiting: Vec<Event>,
}

impl Plugin for Typeahead {
    fn debug_name(&self) -> &'static str {
        "typeahead"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let mut events = std::mem::take(&mut self.waiting);
        events.append(&mut input.events);
        if let Some(end) = end_of_frame(&events) {
            self.waiting = events.split_off(end);
            ctx.request_repaint();
        }
        input.events = events;
    }
}

/// How many of these events belong to one frame, if not all do. A key that is held is pressed again and again; it
/// needs no frame for each.
fn end_of_frame(events: &[Event]) -> Option<usize> {
    let last = events.iter().position(ends_frame)?;
    let behind = events.get(last..)?;
    let held = behind.iter().zip(behind.iter().skip(1)).take_while(|(one, next)| one == next).count();
    let end = last + held + 1;
    (end < events.len()).then_some(end)
}

fn ends_frame(event: &Event) -> bool {
    match event {
        Event::Key { key: Key::Enter, pressed: true, modifiers, .. } => *modifiers != Modifiers::SHIFT,
        Event::Key { key, pressed: true, modifiers, .. } => modifiers.command || matches!(key, Key::Tab | Key::Escape),
        _ => false,
    }
}
