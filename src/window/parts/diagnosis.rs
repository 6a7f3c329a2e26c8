//! Why the open conversation does not do what it should, under its header; and the mark of it on a row.

use egui::{
    Align, Frame, Id, Layout, Margin, Panel, Rect, RichText, Ui, Vec2, WidgetInfo,
    accesskit::{Live, Role},
    vec2,
};
use i18n_embed_fl::fl;

use super::inspector::Tab;
use crate::window::{
    Cx, lines,
    theme::{self, STEP},
};
use crate::{
    core::{
        Key,
        diagnoses::{Diagnosis, Evidence},
    },
    explain::diagnoses,
};

/// Diameter of the mark.
const MARK: f32 = 20.0;

/// Where the text would be narrower than this beside the way to the evidence, that way is below it.
const NARROW: f32 = 240.0;

/// Where less height is left for the conversation, one line says what it is, and its tooltip what to do.
const LOW: f32 = 300.0;

/// What the open conversation suffers from, above what follows. Gives the tab that shows the evidence, if it was asked
/// for.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, key: Key) -> Option<Tab> {
    let found = cx.core.diagnosis(key);
    announce(ui, cx, found);
    let found = found?;
    let panel = Panel::top("diagnosis").resizable(false).frame(Frame::new()).show_separator_line(false);
    let low = ui.available_height() < LOW;
    panel.show(ui, |ui| draw(ui, cx, found, low)).inner
}

fn draw(ui: &mut Ui, cx: &Cx<'_>, found: &Diagnosis, low: bool) -> Option<Tab> {
    let explained = diagnoses::diagnosis(cx.words, found);
    let (ground, colour) =
        if found.is_calm() { (cx.look.raised, cx.look.weak) } else { (cx.look.wait_ground, cx.look.wait) };
    let mut clicked = false;
    Frame::new().fill(ground).inner_margin(Margin::symmetric(16, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = 3.0 * STEP;
            let (rect, _) = ui.allocate_exact_size(vec2(MARK, MARK), egui::Sense::hover());
            mark(ui, cx, rect, colour);
            let link = fl!(cx.words, "diagnosis-evidence");
            let size = ui.painter().layout_no_wrap(link.clone(), theme::small(), colour).size();
            let beside = ui.available_width() - size.x - 6.0 * STEP;
            let narrow = beside < NARROW;
            let left = vec2(if narrow { ui.available_width() } else { beside }, 0.0);
            let text = RichText::new(link).size(theme::SMALL).color(cx.look.accent);
            let link = || egui::Button::new(text.clone()).frame_when_inactive(false);
            ui.allocate_ui_with_layout(left, Layout::top_down(Align::Min), |ui| {
                ui.set_width(left.x);
                ui.spacing_mut().item_spacing.y = STEP / 2.0;
                let what = theme::strong(&explained.what, theme::TEXT);
                if low {
                    let whole = format!("{}\n{}", explained.what, explained.todo);
                    ui.add(egui::Label::new(what).truncate()).on_hover_text(whole);
                } else {
                    lines::label(ui, what);
                    lines::label(ui, RichText::new(explained.todo).size(theme::SMALL).color(cx.look.weak));
                }
                if narrow {
                    clicked = ui.add(link()).clicked();
                }
            });
            if !narrow {
                clicked = ui.add(link()).clicked();
            }
        });
    });
    clicked.then_some(match found.evidence() {
        Evidence::Connection => Tab::Connection,
        Evidence::Calls => Tab::Calls,
    })
}

/// An exclamation mark in a circle of that colour.
pub fn mark(ui: &Ui, cx: &Cx<'_>, rect: Rect, colour: egui::Color32) {
    let radius = rect.height().min(rect.width()) / 2.0;
    ui.painter().circle_filled(rect.center(), radius, colour);
    let font = egui::FontId::proportional(radius * 1.5);
    let galley = ui.painter().layout_no_wrap("!".to_owned(), font, cx.look.ground);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, cx.look.ground);
}

/// Has a screen reader say what is new, once: the region is there all the time, and empty where there is nothing.
fn announce(ui: &Ui, cx: &Cx<'_>, found: Option<&Diagnosis>) {
    let text = found.map_or_else(String::new, |found| {
        let explained = diagnoses::diagnosis(cx.words, found);
        fl!(cx.words, "diagnosis-named", what = explained.what, todo = explained.todo)
    });
    let id = Id::unique("diagnosis");
    let place = Rect::from_min_size(ui.max_rect().min, Vec2::splat(1.0));
    let response = ui.interact(place, id, egui::Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    ui.ctx().accesskit_node_builder(id, |node| node.set_live(Live::Polite));
}
