//! The page of shortcuts.

use egui::{Grid, RichText, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{Cx, command::UiCommand, theme};

/// Draw it; whether it is to be closed.
#[must_use]
pub fn show(ui: &Ui, cx: &Cx<'_>) -> bool {
    let response = controls::dialog(ui, "shortcuts", 440.0, |ui| {
        ui.label(theme::strong(fl!(cx.words, "shortcuts"), theme::TITLE));
        let height = (ui.ctx().content_rect().height() - 180.0).max(80.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                Grid::new("shortcut-list").num_columns(2).spacing([24.0, 8.0]).show(ui, |ui| {
                    for (keys, name) in keys_of_widgets(cx) {
                        row(ui, cx, keys, name);
                    }
                    for command in UiCommand::ALL.into_iter().filter(|command| !command.keys().is_empty()) {
                        let keys: Vec<_> = command.keys().iter().map(|keys| ui.ctx().format_shortcut(keys)).collect();
                        row(ui, cx, &keys.join(", "), command.name(cx.words));
                    }
                });
            },
        );
        controls::primary(ui, cx.look, fl!(cx.words, "dismiss")).clicked()
    });
    response.should_close() || response.inner
}

fn row(ui: &mut Ui, cx: &Cx<'_>, keys: &str, name: String) {
    ui.label(RichText::new(keys).font(theme::mono(theme::SMALL)).color(cx.look.weak));
    ui.label(name);
    ui.end_row();
}

/// Those that a field or a list handles itself.
fn keys_of_widgets(cx: &Cx<'_>) -> [(&'static str, String); 6] {
    [
        ("Enter", fl!(cx.words, "key-send")),
        ("Shift+Enter", fl!(cx.words, "key-break")),
        ("↑ ↓", fl!(cx.words, "key-recall")),
        ("Page Up/Down", fl!(cx.words, "key-scroll")),
        ("Tab", fl!(cx.words, "key-tab")),
        ("Esc", fl!(cx.words, "key-escape")),
    ]
}
