//! About Sockhop: its version, its own licence, and those of all that is in it.

use std::sync::LazyLock;

use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Ui};
use egui_material_icons::icons::{ICON_CLOSE, ICON_CONTENT_COPY};
use i18n_embed_fl::fl;

use crate::window::{
    Cx,
    parts::controls,
    theme::{self, STEP},
};

/// What is in the program beside its own code, and under which terms; written by packaging/licences/make.sh.
const LICENCES: &str = include_str!("../../../resources/licences.txt");

/// Split once: the page has thousands of lines, of which a frame draws those in sight.
static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| LICENCES.lines().collect());

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// To close it.
    Close,
    /// Put this on the clipboard.
    Copy(String),
}

/// Draws the screen in all of `ui`.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    Frame::new().inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 0 }).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(fl!(cx.words, "about"), theme::TITLE));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "about-close")).clicked() {
                    action = Some(Action::Close);
                }
            });
        });
        ui.add_space(2.0 * STEP);
        ui.horizontal(|ui| {
            let version = fl!(cx.words, "about-version", version = env!("CARGO_PKG_VERSION"));
            ui.label(theme::strong(version.clone(), theme::TEXT + 2.0));
            if controls::quiet_icon(ui, cx.look, ICON_CONTENT_COPY, fl!(cx.words, "about-copy")).clicked() {
                action = Some(Action::Copy(version));
            }
        });
        ui.add(egui::Label::new(fl!(cx.words, "about-what")).wrap());
        controls::hint(ui, cx.look, fl!(cx.words, "about-licence"));
        ui.add_space(3.0 * STEP);
        ui.label(theme::strong(fl!(cx.words, "about-others"), theme::TEXT));
        ui.add_space(STEP);
        let font = theme::mono(theme::SMALL);
        let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::both().auto_shrink(false).show_rows(ui, height, LINES.len(), |ui, rows| {
            for line in LINES.get(rows).unwrap_or_default() {
                ui.add(egui::Label::new(RichText::new(*line).font(font.clone())).extend());
            }
        });
    });
    action
}
