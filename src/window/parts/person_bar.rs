//! What stands above the field while something about a person is to be decided first.

use egui::{Frame, Margin, RichText, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::{controls, person_menu::Action};
use crate::{
    core::{Comparing, Person},
    lan::LinkState,
    window::{
        Cx, lines,
        request::PersonRequest,
        shield::Shield,
        theme::{self, STEP},
    },
    wire::visible,
};

/// The share of the window's height that its text may take; a longer one scrolls.
const MOST_TEXT: f32 = 0.16;

/// Draws it, if there is something.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, person: &Person) -> Option<Action> {
    let name = visible(person.name(), &[]).into_owned();
    let linked = person.link() == LinkState::Live;
    let mut action = None;
    let asked = |request| Some(Action::Ask(person.id(), request));
    if let Some(Comparing::Digits { theirs: true, .. }) = person.comparing() {
        bar(ui, cx, Shield::Encrypted, fl!(cx.words, "bar-compare", name = name.as_str()), |ui| {
            if controls::primary(ui, cx.look, fl!(cx.words, "bar-compare-show")).clicked() {
                action = asked(PersonRequest::Verify);
            }
            if ui.button(fl!(cx.words, "bar-compare-not")).clicked() {
                action = asked(PersonRequest::StopVerifying);
            }
        });
    }
    match Shield::of_person(person) {
        Shield::NewKey => {
            bar(ui, cx, Shield::NewKey, fl!(cx.words, "bar-new-key", name = name.as_str()), |ui| {
                ui.add_enabled_ui(linked, |ui| {
                    if controls::primary(ui, cx.look, fl!(cx.words, "person-verify")).clicked() {
                        action = asked(PersonRequest::Verify);
                    }
                });
                if ui.button(fl!(cx.words, "bar-new-key-right")).clicked() {
                    action = asked(PersonRequest::Accept);
                }
                if ui.button(fl!(cx.words, "person-block")).clicked() {
                    action = asked(PersonRequest::Block);
                }
            });
        }
        Shield::Blocked => {
            bar(ui, cx, Shield::Blocked, fl!(cx.words, "bar-blocked", name = name.as_str()), |ui| {
                if ui.button(fl!(cx.words, "person-unblock")).clicked() {
                    action = asked(PersonRequest::Unblock);
                }
            });
        }
        Shield::Plain | Shield::NotReached | Shield::Encrypted | Shield::Verified => {}
    }
    action
}

fn bar(ui: &mut Ui, cx: &Cx<'_>, shield: Shield, text: String, buttons: impl FnOnce(&mut Ui)) {
    let ground = if shield == Shield::Encrypted { cx.look.chosen } else { cx.look.bad_ground };
    let frame = Frame::new().fill(ground).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 1.5 * STEP;
        // In a low window its buttons and the field stay in sight.
        let most = ui.ctx().content_rect().height() * MOST_TEXT;
        ScrollArea::vertical().id_salt("person-bar").max_height(most).auto_shrink([false, true]).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().interact_size.y = 0.0;
                let colour = if shield == Shield::Encrypted { cx.look.accent } else { cx.look.bad };
                ui.label(shield.icon().rich_text().color(colour).size(18.0));
                ui.vertical(|ui| {
                    ui.set_width(ui.available_width());
                    lines::label(ui, RichText::new(text).color(cx.look.text));
                });
            });
        });
        ui.horizontal_wrapped(buttons);
    });
    ui.add_space(2.0 * STEP);
}
