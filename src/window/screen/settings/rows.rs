//! The rows of the settings: a name, and beside it a field for a number, a size of text, or what the section adds.

use egui::{Align, FocusDirection, Layout, TextEdit, Ui, style::ScrollAnimation};

use crate::{
    settings::TEXT_SIZES,
    window::{
        Cx,
        parts::{controls::switch_label, field},
        theme::{self, STEP},
    },
};

/// Width of the names beside the fields.
const NAME_WIDTH: f32 = 124.0;

/// A field as typed, beside the value that it stands for.
#[derive(Debug, Default)]
pub(super) struct Typed {
    text: String,
    of: Option<String>,
}

impl Typed {
    /// The text to edit: what was typed, unless the value has changed elsewhere.
    pub(super) fn edit(&mut self, value: String) -> &mut String {
        if self.of.as_ref() != Some(&value) {
            self.text.clone_from(&value);
            self.of = Some(value);
        }
        &mut self.text
    }

    pub(super) fn keep(&mut self, value: String) {
        self.of = Some(value);
    }
}

/// A size of text, and the buttons that change it.
pub(super) fn percent(ui: &mut Ui, name: &str, (smaller, larger): (String, String), size: &mut u16) {
    row(ui, name, |ui, name| {
        ui.horizontal(|ui| {
            let (least, most) = (*TEXT_SIZES.start(), *TEXT_SIZES.end());
            let less = ui.add_enabled(*size > least, egui::Button::new("−"));
            if less.accessible_name(smaller).clicked() {
                *size = size.saturating_sub(10).max(least);
            }
            let shown = format!("{size} %");
            ui.label(shown.clone()).accessible_name(format!("{name}: {shown}"));
            let more = ui.add_enabled(*size < most, egui::Button::new("+"));
            if more.accessible_name(larger).clicked() {
                *size = (*size + 10).min(most);
            }
        });
    });
}

pub(super) fn section(ui: &mut Ui, cx: &Cx<'_>, title: &str) {
    ui.add_space(3.0 * STEP);
    ui.label(theme::strong(title, theme::SMALL + 1.0).color(cx.look.weak));
    ui.add_space(STEP);
}

/// Where the name of the row is kept that is scrolled to.
pub(super) fn sought_id() -> egui::Id {
    egui::Id::unique("settings-sought")
}

/// A name on the left and what it names on the right; one above the other where it is narrow.
pub(super) fn row(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui, &str)) {
    if ui.data(|data| data.get_temp::<Option<String>>(sought_id())).flatten().as_deref() == Some(name) {
        ui.data_mut(|data| data.remove_temp::<Option<String>>(sought_id()));
        let top = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), 2.0 * theme::CONTROL));
        ui.scroll_to_rect_animation(top, Some(Align::Center), ScrollAnimation::none());
        // The next control that can have the keyboard is the first of this row.
        ui.memory_mut(|memory| {
            memory.stop_text_input();
            memory.move_focus(FocusDirection::Next);
        });
    }
    if ui.available_width() < 330.0 {
        switch_label(ui, name, egui::Label::new(name));
        add(ui, name);
    } else {
        ui.horizontal_top(|ui| {
            let name_size = egui::vec2(NAME_WIDTH, theme::CONTROL);
            ui.allocate_ui_with_layout(name_size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_size(name_size);
                switch_label(ui, name, egui::Label::new(name).wrap());
            });
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                add(ui, name);
            });
        });
    }
    ui.add_space(2.0 * STEP);
}

/// A field for a whole number; what is typed, if it is one.
pub(super) fn number(ui: &mut Ui, cx: &Cx<'_>, name: &str, typed: &mut Typed, value: u64) -> Option<u64> {
    entry(ui, cx, name, typed, value).trim().parse().ok()
}

/// A field for a number; what is typed in it.
pub(super) fn entry<'t>(ui: &mut Ui, cx: &Cx<'_>, name: &str, typed: &'t mut Typed, value: u64) -> &'t str {
    let text = typed.edit(value.to_string());
    let field = TextEdit::singleline(text)
        .font(theme::mono(theme::TEXT))
        .margin(egui::Margin::symmetric(10, 7))
        .desired_width(ui.available_width());
    field::show(ui, cx.words, field, name);
    text
}
