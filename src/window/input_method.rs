//! The input method of the window: as its user switched it, for as long as the window is there.

use egui::{Context, Event, FullOutput, ImeEvent, Key, Plugin, RawInput, Rect, Ui, output::IMEOutput};

/// Has the input method stopped only to end what is being composed, and its candidates shown beside the line.
///
/// egui has it stopped and started again whenever a field asks for the keyboard, even one that has it, and stopped while
/// no field has it. On X11 each start is a new input context, and that of fcitx5 begins off: after every message sent
/// the next one would be letters. Once a field has been written in, the input method stays, also for the time between
/// two fields.
///
/// Where the candidates go, X11 is told as a point that they are shown below. winit gives it the upper end of the cursor,
/// so that they would cover the line.
#[derive(Debug)]
pub struct InputMethod {
    on_x11: bool,
    composing: bool,
    /// What the last field that had the keyboard told it.
    last: Option<IMEOutput>,
}

impl InputMethod {
    /// For a window on X11, or on another display.
    #[must_use]
    pub const fn new(on_x11: bool) -> Self {
        Self { on_x11, composing: false, last: None }
    }
}

impl Plugin for InputMethod {
    fn debug_name(&self) -> &'static str {
        "input method"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        for event in &input.events {
            match event {
                Event::Ime(ImeEvent::Preedit { text, .. }) => self.composing = !text.is_empty(),
                Event::Ime(ImeEvent::Commit(_)) => self.composing = false,
                _ => {}
            }
        }
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        let told = &mut output.platform_output.ime;
        if let Some(now) = told {
            now.should_interrupt_composition &= self.composing;
            self.last = Some(IMEOutput { should_interrupt_composition: false, ..*now });
        } else {
            // Nobody is there any more to take what is being composed.
            *told = self.last.map(|last| IMEOutput { should_interrupt_composition: self.composing, ..last });
        }
        if told.is_none_or(|told| told.should_interrupt_composition) {
            self.composing = false;
        }
        if self.on_x11
            && let Some(told) = told
        {
            let cursor = told.cursor_rect;
            told.cursor_rect = Rect::from_min_max(cursor.left_bottom(), cursor.max);
        }
    }
}

/// Whether Enter was pressed in the field that has the keyboard and is drawn after this: not with Shift, and not to
/// confirm an input method's candidate. `composing` says whether one is being chosen, before and after. It is the last
/// key of its frame ([`Typeahead`](super::typeahead::Typeahead)), so that the field holds what was typed before it.
pub fn enter_pressed(ui: &Ui, composing: &mut bool) -> bool {
    let mut confirms = *composing;
    let mut pressed = false;
    ui.input_mut(|input| {
        input.events.retain(|event| {
            match event {
                // Shift+Enter is for the field: it breaks the line. The event's own modifiers count, since Shift
                // may be up again by the end of the frame.
                Event::Key { key: Key::Enter, pressed: true, modifiers, .. } if modifiers.is_none() => {
                    pressed |= !confirms;
                    return false;
                }
                Event::Ime(ImeEvent::Preedit { text, .. }) => {
                    *composing = !text.is_empty();
                    confirms |= *composing;
                }
                Event::Ime(ImeEvent::Commit(text)) => {
                    *composing = false;
                    // Some systems report an empty one where nothing was composed.
                    confirms |= !text.is_empty();
                }
                // The candidate was chosen with this key, and Enter comes after it.
                Event::Key { .. } | Event::Text(_) => confirms = *composing,
                _ => {}
            }
            true
        });
    });
    pressed
}
