//! The page of shortcuts.

use egui::{Grid, RichText, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{
    Cx,
    command::{Group, UiCommand},
    theme::{self, STEP},
    wording,
};

/// Width of the page, and from which of it there are two columns.
const WIDTH: f32 = 760.0;
const TWO_COLUMNS: f32 = 640.0;

/// Width of the keys, with the space to their names.
const KEYS: f32 = 150.0;
const SPACE: f32 = 16.0;

/// The least height of a row: it holds no control.
const ROW: f32 = 20.0;

/// Draw it; whether it is to be closed.
#[must_use]
pub fn show(ui: &Ui, cx: &Cx<'_>) -> bool {
    let response = controls::dialog(ui, "shortcuts", WIDTH, |ui| {
        ui.label(theme::strong(fl!(cx.words, "shortcuts"), theme::TITLE));
        let height = (ui.ctx().content_rect().height() - 180.0).max(80.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                let (left, right) = ([Group::Conversations, Group::Server], [Group::Connection, Group::Window]);
                if ui.available_width() >= TWO_COLUMNS {
                    ui.columns_const(|[one, other]| {
                        for shown in left {
                            group(one, cx, shown);
                        }
                        for shown in right {
                            group(other, cx, shown);
                        }
                    });
                } else {
                    for shown in left.into_iter().chain(right) {
                        group(ui, cx, shown);
                    }
                }
            },
        );
        controls::primary(ui, cx.look, fl!(cx.words, "dismiss")).clicked()
    });
    response.should_close() || response.inner
}

fn group(ui: &mut Ui, cx: &Cx<'_>, shown: Group) {
    let title = match shown {
        Group::Connection => fl!(cx.words, "tab-connection"),
        Group::Conversations => fl!(cx.words, "conversations"),
        Group::Server => fl!(cx.words, "section-server"),
        Group::Window => fl!(cx.words, "shortcuts-window"),
    };
    ui.add_space(2.0 * STEP);
    ui.label(theme::strong(title, theme::SMALL + 1.0).color(cx.look.weak));
    // A long name breaks rather than reach into the column beside it.
    let widest = (ui.available_width() - KEYS).max(KEYS);
    let grid = Grid::new(("shortcut-list", shown as u8)).num_columns(2).spacing([SPACE, 6.0]);
    // The names of all groups stand below each other.
    grid.min_col_width(KEYS - SPACE).min_row_height(ROW).max_col_width(widest).show(ui, |ui| {
        for command in
            UiCommand::ALL.into_iter().filter(|command| command.group() == shown && !command.keys().is_empty())
        {
            let keys: Vec<_> = command.keys().iter().map(|keys| wording::keys_text(ui.ctx(), cx.words, keys)).collect();
            row(ui, cx, &keys.join(", "), command.name(cx.words));
        }
        for (_, keys, name) in keys_of_widgets(cx).into_iter().filter(|(group, ..)| *group == shown) {
            row(ui, cx, keys, name);
        }
    });
}

fn row(ui: &mut Ui, cx: &Cx<'_>, keys: &str, name: String) {
    ui.label(RichText::new(keys).font(theme::mono(theme::SMALL)).color(cx.look.weak));
    ui.label(name);
    ui.end_row();
}

/// Those that a field or a list handles itself.
fn keys_of_widgets(cx: &Cx<'_>) -> [(Group, &'static str, String); 6] {
    [
        (Group::Conversations, "Enter", fl!(cx.words, "key-send")),
        (Group::Conversations, "Shift+Enter", fl!(cx.words, "key-break")),
        (Group::Conversations, "↑ ↓", fl!(cx.words, "key-recall")),
        (Group::Conversations, "Page Up/Down", fl!(cx.words, "key-scroll")),
        (Group::Window, "Tab", fl!(cx.words, "key-tab")),
        (Group::Window, "Esc", fl!(cx.words, "key-escape")),
    ]
}
