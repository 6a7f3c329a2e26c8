//! What is typed while no field has the keyboard: it belongs to the field that messages are written in.

use egui::{Event, ImeEvent, Popup, Ui, text_edit::TextEditState};

use super::{Cx, command::UiCommand};

/// Whether something is typed in this frame that no field, menu or dialog takes, and that no button or command means.
#[must_use]
pub fn for_nobody(ui: &Ui, cx: &Cx<'_>) -> bool {
    let typed = ui.input(|input| input.events.iter().any(is_text));
    if !typed || Popup::is_any_open(ui.ctx()) || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
        return false;
    }
    let focused = ui.memory(egui::Memory::focused);
    // A field, or one that is yet to be drawn.
    let is_field = |id| TextEditState::load(ui.ctx(), id).is_some() || ui.ctx().read_response(id).is_none();
    if focused.is_some_and(is_field) {
        return false;
    }
    // Space presses the button that has the keyboard, and where each call is a step it makes the next.
    let space_is_meant = focused.is_some() || UiCommand::NextStep.resolve(cx).is_some();
    !space_is_meant || ui.input(|input| input.events.iter().any(|event| is_text(event) && !is_space(event)))
}

fn is_text(event: &Event) -> bool {
    match event {
        Event::Text(text)
        | Event::Paste(text)
        | Event::Ime(ImeEvent::Preedit { text, .. } | ImeEvent::Commit(text)) => !text.is_empty(),
        _ => false,
    }
}

fn is_space(event: &Event) -> bool {
    matches!(event, Event::Text(text) if text == " ")
}
