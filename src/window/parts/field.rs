//! A field to type in, with the menu that every field has.

use egui::{Button, FontId, Id, PointerButton, Popup, Response, TextEdit, Ui, text::CCursorRange};
use i18n_embed_fl::fl;

use crate::{
    i18n::Words,
    window::{
        both_ways,
        clipboard::{self, Edit},
        wording,
    },
};

/// Draws it, called so, with Cut, Copy, Paste and Select all behind a right click.
pub fn show(ui: &mut Ui, words: &Words, field: TextEdit<'_>, name: impl Into<String>) -> Response {
    let output = field.show(ui);
    // What comes into an empty field is drawn a frame later, in the hint's place: nothing else may bring that frame.
    if output.response.response.changed() {
        ui.ctx().request_repaint();
    }
    both_ways::field::after(ui, output.response.id, &output);
    let response = output.response.response.accessible_name(name);
    let menu = Popup::context_menu(&response);
    let selection = keep_selection(ui, &response, menu.is_open());
    let selected = selection.is_some_and(|range| !range.is_empty());
    menu.show(|ui| {
        ui.set_min_width(150.0);
        for (edit, needs, text) in [
            (Edit::Cut, true, fl!(words, "edit-cut")),
            (Edit::Copy, true, fl!(words, "edit-copy")),
            (Edit::Paste, false, fl!(words, "edit-paste")),
            (Edit::SelectAll, false, fl!(words, "edit-select-all")),
        ] {
            let item = Button::new(text).shortcut_text(wording::keys_text(ui.ctx(), words, &edit.keys()));
            if ui.add_enabled(selected || !needs, item.frame_when_inactive(false)).clicked() {
                ui.close();
                ui.memory_mut(|memory| memory.request_focus(response.id));
                if let Some(range) = selection {
                    select(ui, response.id, range);
                }
                clipboard::edit_field(ui.ctx(), edit);
            }
        }
    });
    response
}

/// The same with a text in one line, which is shown as it is read, also from right to left. `how` says what else it is like.
pub fn one_line(
    ui: &mut Ui,
    words: &Words,
    text: &mut String,
    font: FontId,
    name: impl Into<String>,
    how: impl for<'t> FnOnce(TextEdit<'t>) -> TextEdit<'t>,
) -> Response {
    let id = ui.next_auto_id();
    ui.skip_ahead_auto_ids(1);
    one_line_with_id(ui, words, id, text, font, name, how)
}

/// The same with an id of its own.
pub fn one_line_with_id(
    ui: &mut Ui,
    words: &Words,
    id: Id,
    text: &mut String,
    font: FontId,
    name: impl Into<String>,
    how: impl for<'t> FnOnce(TextEdit<'t>) -> TextEdit<'t>,
) -> Response {
    let selected = ui.visuals().selection.bg_fill;
    both_ways::field::before(ui, id, text);
    let mut layouter = both_ways::field::line_layouter(id, font.clone());
    let field = how(TextEdit::singleline(text).id(id).font(font).layouter(&mut layouter));
    let response = show(ui, words, field, name);
    if ui.visuals().selection.bg_fill != selected {
        // For what is drawn after it.
        ui.visuals_mut().selection.bg_fill = selected;
    }
    response
}

/// The field of this id will not be drawn again.
pub fn forget(ui: &Ui, field: Id) {
    ui.data_mut(|data| data.remove::<CCursorRange>(field.with("selection")));
    both_ways::field::forget(ui, field);
}

/// What is selected. egui puts the cursor where any button is pressed, and a field forgets its selection with the keyboard:
/// a right click and the menu behind it leave it as it was.
fn keep_selection(ui: &Ui, response: &Response, menu_is_open: bool) -> Option<CCursorRange> {
    let id = response.id.with("selection");
    let before: Option<CCursorRange> = ui.data(|data| data.get_temp(id));
    let right = ui.input(|input| {
        let pointer = &input.pointer;
        pointer.secondary_pressed() || pointer.secondary_down() || pointer.button_released(PointerButton::Secondary)
    });
    if menu_is_open {
        return before;
    }
    if right
        && response.contains_pointer()
        && let Some(before) = before.filter(|range| !range.is_empty())
    {
        select(ui, response.id, before);
        return Some(before);
    }
    let now = TextEdit::load_state(ui.ctx(), response.id).and_then(|state| state.cursor.char_range());
    ui.data_mut(|data| match now {
        Some(now) => drop(data.insert_temp(id, now)),
        None => data.remove::<CCursorRange>(id),
    });
    now
}

fn select(ui: &Ui, field: Id, range: CCursorRange) {
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), field) {
        state.cursor.set_char_range(Some(range));
        TextEdit::store_state(ui.ctx(), field, state);
    }
}
