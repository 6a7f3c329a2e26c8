//! Who I am on this network: the row above the list, what can be changed there, and the question whether to be seen.

use egui::{Align, Button, Layout, Popup, Rect, RichText, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_material_icons::icons::ICON_VISIBILITY;
use i18n_embed_fl::fl;

use super::{controls, field, person_avatar};
use crate::{
    chat::{LONGEST_PERSON_NAME, PersonColour, Presence},
    core::Visibility,
    settings::Visible,
    window::{
        Cx,
        theme::{self, AVATAR, STEP},
        wording,
    },
};

/// Height of the row.
const ROW: f32 = 44.0;

/// Diameter of a colour to choose.
const SWATCH: f32 = 28.0;

/// What is asked for about oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// To say this of oneself from now on.
    Be(Presence),
    /// To ask for a name and a colour.
    AskName,
    /// To be called so from now on, in this colour.
    Call {
        /// The name; empty for this computer's.
        name: String,
        /// The colour's number.
        colour: u8,
    },
    /// Whether to be seen.
    SetVisible(bool),
    /// This computer's network.
    ShowNetwork,
    /// The page of what is protected.
    ShowProtection,
    /// To close the dialog.
    Dismiss,
}

/// My name and whether I am seen; a click opens what can be changed. Nothing, while I am not to be seen.
pub fn row(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    if *cx.core.people().visibility() == Visibility::Off {
        return None;
    }
    let me = cx.core.people().me();
    let line = wording::people::visibility(cx);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let state = wording::people::presence(cx.words, me.presence);
    let name = fl!(cx.words, "me-row", name = me.name.as_str(), state = state, line = line.as_str());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, cx.look.hover);
    }
    controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
    let centre = pos2(rect.left() + STEP + AVATAR / 2.0, rect.center().y);
    let avatar = Rect::from_center_size(centre, vec2(AVATAR, AVATAR));
    person_avatar::show(ui, cx, avatar, &me.name, me.colour, Some(me.presence));
    let left = avatar.right() + 10.0;
    let width = rect.right() - STEP - left;
    let strong = crate::window::fonts::semibold(theme::TEXT);
    controls::one_line(ui, pos2(left, rect.top() + 3.0), &me.name, strong, cx.look.text, width);
    let colour = match cx.core.people().visibility() {
        Visibility::Unable(_) => cx.look.bad,
        _ => cx.look.weak,
    };
    controls::one_line(ui, pos2(left, rect.top() + 23.0), &line, theme::small(), colour, width);
    let mut action = None;
    Popup::menu(&response).show(|ui| action = menu(ui, cx));
    action
}

fn menu(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(210.0);
    let now = cx.core.people().me().presence;
    for presence in Presence::ALL {
        let name = wording::people::presence(cx.words, presence);
        let response = ui.add(Button::selectable(now == presence, name.as_str()));
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, now == presence, name.as_str()));
        if response.clicked() {
            ui.close();
            action = Some(Action::Be(presence));
        }
    }
    ui.separator();
    for (name, what) in [
        (fl!(cx.words, "me-rename"), Action::AskName),
        (fl!(cx.words, "protection-open"), Action::ShowProtection),
        (fl!(cx.words, "me-network"), Action::ShowNetwork),
        (fl!(cx.words, "me-hide"), Action::SetVisible(false)),
    ] {
        if ui.add(Button::new(name).frame_when_inactive(false)).clicked() {
            ui.close();
            action = Some(what);
        }
    }
    action
}

/// Asks, once, whether to be seen: nothing is until it was answered.
pub fn question(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    if cx.settings.visible != Visible::Unanswered {
        return None;
    }
    let mut action = None;
    controls::card(cx.look).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.label(ICON_VISIBILITY.rich_text().color(cx.look.accent).size(18.0));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.5 * STEP;
                ui.label(theme::strong(fl!(cx.words, "visible-question"), theme::TEXT));
                controls::hint(ui, cx.look, fl!(cx.words, "visible-question-hint"));
                ui.horizontal_wrapped(|ui| {
                    // Each in one piece.
                    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
                    if ui.button(fl!(cx.words, "visible-yes")).clicked() {
                        action = Some(Action::SetVisible(true));
                    }
                    if ui.button(fl!(cx.words, "visible-no")).clicked() {
                        action = Some(Action::SetVisible(false));
                    }
                    if ui.link(RichText::new(fl!(cx.words, "protection-open")).size(theme::SMALL)).clicked() {
                        action = Some(Action::ShowProtection);
                    }
                });
            });
        });
    });
    action
}

/// Asks for a name and a colour.
#[derive(Debug)]
pub struct MeDialog {
    name: String,
    colour: u8,
    shown_before: bool,
}

impl MeDialog {
    /// Called so now, in this colour.
    #[must_use]
    pub fn new(name: String, colour: u8) -> Self {
        Self { name, colour, shown_before: false }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "me-dialog", 360.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "me-title"), theme::TITLE));
            controls::hint(ui, cx.look, fl!(cx.words, "me-hint"));
            let (name, width) = (fl!(cx.words, "lan-name"), ui.available_width() - 20.0);
            let response = field::one_line(ui, cx.words, &mut self.name, theme::text(), name, |field| {
                field.char_limit(LONGEST_PERSON_NAME).margin(egui::Margin::symmetric(10, 7)).desired_width(width)
            });
            if !std::mem::replace(&mut self.shown_before, true) {
                response.request_focus();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            ui.add_space(STEP);
            if let Some(colour) = colours(ui, cx, self.colour) {
                self.colour = colour;
            }
            ui.add_space(2.0 * STEP);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let done = controls::primary(ui, cx.look, fl!(cx.words, "me-done")).clicked() || entered;
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if done {
                    Some(Action::Call { name: self.name.trim().to_owned(), colour: self.colour })
                } else {
                    cancelled.then_some(Action::Dismiss)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }
}

/// The eight colours; the one that was chosen now.
pub fn colours(ui: &mut Ui, cx: &Cx<'_>, now: u8) -> Option<u8> {
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, STEP);
        for number in 0..PersonColour::COUNT {
            let (rect, response) = ui.allocate_exact_size(vec2(SWATCH, SWATCH), Sense::click());
            let selected = PersonColour::new(now) == PersonColour::new(number);
            let place = i64::from(number) + 1;
            let name = fl!(cx.words, "lan-colour-number", number = place);
            response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, &name));
            let colour = theme::person_colour(PersonColour::new(number));
            ui.painter().circle_filled(rect.center(), SWATCH / 2.0 - 4.0, colour);
            if selected {
                let stroke = egui::Stroke::new(2.0, cx.look.text);
                ui.painter().circle_stroke(rect.center(), SWATCH / 2.0 - 1.0, stroke);
            }
            controls::focus_ring(ui, cx.look, &response, rect.shrink(2.0), (SWATCH / 2.0) as u8);
            if response.clicked() && !selected {
                chosen = Some(number);
            }
        }
    });
    chosen
}
