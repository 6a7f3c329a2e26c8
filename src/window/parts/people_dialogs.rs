//! The dialogs about people: six digits to compare, what is protected, who got a message, and forgetting somebody.

use egui::{Align, Button, Layout, Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_material_icons::{
    MaterialIcon,
    icons::{ICON_CHECK, ICON_CLOSE},
};
use i18n_embed_fl::fl;

use super::controls;
use crate::{
    chat::{PersonId, RowNumber},
    core::{Comparing, Person},
    lan::{Comparison, Digits},
    window::{
        Cx,
        avatar::{self, Endings, Peer},
        lines,
        request::PersonRequest,
        shield::Shield,
        theme::{self, AVATAR, STEP},
        wording,
    },
    wire::visible,
};

/// What is asked for in one of these dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To close it.
    Close,
    /// Something of a person.
    Person(PersonId, PersonRequest),
}

/// Compares six digits with a person.
#[derive(Debug)]
pub struct VerifyDialog {
    with: PersonId,
}

impl VerifyDialog {
    /// With this person.
    #[must_use]
    pub fn new(with: PersonId) -> Self {
        Self { with }
    }

    /// Draw it.
    #[must_use]
    pub fn show(&self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let Some(person) = cx.core.people().get(self.with) else { return Some(Action::Close) };
        let name = visible(person.name(), &[]).into_owned();
        let comparing = person.comparing();
        let response = controls::dialog(ui, "verify", 480.0, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0 * STEP;
            lines::label(ui, theme::strong(fl!(cx.words, "verify-title", name = name.as_str()), theme::TITLE));
            match comparing {
                Some(Comparing::Digits { digits, theirs }) => {
                    let hint = if theirs {
                        fl!(cx.words, "verify-they-began", name = name.as_str())
                    } else {
                        fl!(cx.words, "verify-hint")
                    };
                    lines::label(ui, RichText::new(hint).color(cx.look.weak));
                    six_digits(ui, cx, digits);
                    ui.vertical_centered(|ui| {
                        controls::hint(ui, cx.look, fl!(cx.words, "verify-same-question", name = name.as_str()));
                    });
                }
                Some(Comparing::WaitsForThem(digits)) => {
                    six_digits(ui, cx, digits);
                    ui.vertical_centered(|ui| {
                        controls::hint(ui, cx.look, fl!(cx.words, "verify-waits", name = name.as_str()));
                    });
                }
                Some(Comparing::Begun) => {
                    lines::label(ui, RichText::new(fl!(cx.words, "verify-begun", name = name.as_str())));
                }
                Some(Comparing::Over(outcome)) => outcome_words(ui, cx, &name, outcome),
                None => _ = lines::label(ui, fl!(cx.words, "verify-stopped")),
            }
            ui.add_space(STEP);
            // As high as a button: what is left of a taller dialog of before is not filled.
            let size = vec2(ui.available_width(), theme::CONTROL);
            let layout = Layout::right_to_left(Align::Center);
            ui.allocate_ui_with_layout(size, layout, |ui| self.buttons(ui, cx, comparing)).inner
        });
        if response.should_close() {
            return Some(Action::Person(self.with, PersonRequest::StopVerifying));
        }
        response.inner
    }

    fn buttons(&self, ui: &mut Ui, cx: &Cx<'_>, comparing: Option<Comparing>) -> Option<Action> {
        let person = |request| Some(Action::Person(self.with, request));
        match comparing {
            Some(Comparing::Digits { .. }) => {
                let same = controls::primary(ui, cx.look, fl!(cx.words, "verify-same")).clicked();
                let text = RichText::new(fl!(cx.words, "verify-differ")).color(cx.look.bad);
                let differ = ui.add(Button::new(text)).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if same {
                    person(PersonRequest::Compared { same: true })
                } else if differ {
                    person(PersonRequest::Compared { same: false })
                } else if cancelled {
                    person(PersonRequest::StopVerifying)
                } else {
                    None
                }
            }
            Some(Comparing::Begun | Comparing::WaitsForThem(_)) => {
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if cancelled { person(PersonRequest::StopVerifying) } else { None }
            }
            Some(Comparing::Over(_)) | None => {
                let closed = controls::primary(ui, cx.look, fl!(cx.words, "verify-close")).clicked();
                if closed { person(PersonRequest::StopVerifying) } else { None }
            }
        }
    }
}

/// The digits, large enough to be read out.
fn six_digits(ui: &mut Ui, cx: &Cx<'_>, digits: Digits) {
    let text = digits.to_string();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 1.6 * theme::DIGITS), Sense::hover());
    // Digit by digit: as one number it would be read as thousands.
    let spoken: Vec<String> = text.chars().filter(char::is_ascii_digit).map(String::from).collect();
    let name = fl!(cx.words, "verify-digits", digits = spoken.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let font = theme::mono(theme::DIGITS.min(rect.width() / 5.0));
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, text, font, cx.look.text);
}

fn outcome_words(ui: &mut Ui, cx: &Cx<'_>, name: &str, outcome: Comparison) {
    let (colour, text) = match outcome {
        Comparison::Same => (cx.look.good, fl!(cx.words, "verify-over-same", name = name)),
        Comparison::Differ => (cx.look.bad, fl!(cx.words, "verify-over-differ")),
        Comparison::Cheated => (cx.look.bad, fl!(cx.words, "verify-over-cheated")),
        Comparison::Stopped => (cx.look.text, fl!(cx.words, "verify-stopped")),
        Comparison::NotLinked => (cx.look.text, fl!(cx.words, "verify-over-not-linked", name = name)),
        Comparison::Locked(seconds) => {
            (cx.look.bad, fl!(cx.words, "verify-over-locked", minutes = seconds.div_ceil(60)))
        }
    };
    lines::label(ui, RichText::new(text).color(colour));
}

/// What is protected and what is not, in plain words.
#[must_use]
pub fn protection(ui: &Ui, cx: &Cx<'_>) -> bool {
    let room = ui.ctx().content_rect().height() - 150.0;
    let response = controls::dialog(ui, "protection", 560.0, |ui| {
        ui.label(theme::strong(fl!(cx.words, "protection"), theme::TITLE));
        ScrollArea::vertical().max_height(room.max(120.0)).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.5 * STEP;
            heading(ui, cx, Shield::Verified, fl!(cx.words, "protection-people"));
            let protected = [
                fl!(cx.words, "protection-read"),
                fl!(cx.words, "protection-change"),
                fl!(cx.words, "protection-pose"),
                fl!(cx.words, "protection-never-plain"),
                fl!(cx.words, "protection-arrive"),
            ];
            points(ui, cx, ICON_CHECK, protected);
            heading(ui, cx, Shield::Encrypted, fl!(cx.words, "protection-until-verified"));
            lines::label(ui, fl!(cx.words, "protection-until-verified-why"));
            heading(ui, cx, Shield::NewKey, fl!(cx.words, "protection-not"));
            let not_protected = [
                fl!(cx.words, "protection-not-who"),
                fl!(cx.words, "protection-not-disk"),
                fl!(cx.words, "protection-not-names"),
                fl!(cx.words, "protection-not-other"),
            ];
            points(ui, cx, ICON_CLOSE, not_protected);
            heading(ui, cx, Shield::Plain, fl!(cx.words, "protection-plain"));
            lines::label(ui, fl!(cx.words, "protection-plain-why"));
        });
        ui.add_space(STEP);
        ui.button(fl!(cx.words, "protection-close")).clicked()
    });
    response.should_close() || response.inner
}

fn heading(ui: &mut Ui, cx: &Cx<'_>, shield: Shield, text: String) {
    ui.add_space(2.0 * STEP);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(shield.icon().rich_text().color(shield.colour(cx.look)).size(18.0));
        ui.add(egui::Label::new(theme::strong(text, theme::TEXT)).wrap());
    });
}

fn points<const N: usize>(ui: &mut Ui, cx: &Cx<'_>, icon: MaterialIcon, all: [String; N]) {
    for text in all {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.label(icon.rich_text().color(cx.look.weak).size(16.0));
            ui.add(egui::Label::new(text).wrap());
        });
    }
}

/// Who got a message to everyone nearby.
#[must_use]
pub fn shares(ui: &Ui, cx: &Cx<'_>, row: RowNumber) -> bool {
    let shares = cx.core.people().shares(row);
    let room = ui.ctx().content_rect().height() - 150.0;
    let response = controls::dialog(ui, "shares", 360.0, |ui| {
        ui.label(theme::strong(fl!(cx.words, "shares"), theme::TITLE));
        ScrollArea::vertical().max_height(room.max(120.0)).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if shares.is_empty() {
                controls::hint(ui, cx.look, fl!(cx.words, "shares-none"));
            }
            for share in shares {
                let Some(person) = cx.core.people().get(share.person) else { continue };
                share_row(ui, cx, person, &wording::people::delivery(cx.words, &share.delivery));
            }
        });
        ui.add_space(STEP);
        ui.button(fl!(cx.words, "shares-close")).clicked()
    });
    response.should_close() || response.inner
}

fn share_row(ui: &mut Ui, cx: &Cx<'_>, person: &Person, state: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), AVATAR + STEP), Sense::hover());
    let name = visible(person.name(), &[]);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}, {state}")));
    let small = AVATAR * 0.75;
    let place = Rect::from_center_size(pos2(rect.left() + small / 2.0, rect.center().y), vec2(small, small));
    let letters = avatar::letters(Peer::Name(&name), &Endings::default());
    controls::avatar(ui, place, theme::person_colour(person.record().colour), &letters);
    let galley = ui.painter().layout_no_wrap(state.to_owned(), theme::small(), cx.look.weak);
    let at = pos2(rect.right() - galley.size().x, rect.center().y - galley.size().y / 2.0);
    let left = place.right() + 2.0 * STEP;
    let top = rect.center().y - theme::TEXT * 0.65;
    controls::one_line(ui, pos2(left, top), &name, theme::text(), cx.look.text, at.x - STEP - left);
    ui.painter().galley(at, galley, cx.look.weak);
}

/// Asks whether to forget a person.
#[derive(Debug)]
pub struct ForgetDialog {
    who: PersonId,
}

impl ForgetDialog {
    /// This one.
    #[must_use]
    pub fn new(who: PersonId) -> Self {
        Self { who }
    }

    /// Draw it.
    #[must_use]
    pub fn show(&self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let Some(person) = cx.core.people().get(self.who) else { return Some(Action::Close) };
        let name = visible(person.name(), &[]).into_owned();
        let response = controls::dialog(ui, "forget-person", 400.0, |ui| {
            lines::label(ui, theme::strong(fl!(cx.words, "forget-title", name = name.as_str()), theme::TITLE));
            lines::label(ui, fl!(cx.words, "forget-hint"));
            if person.waiting() > 0 {
                controls::wrong(ui, cx.look, fl!(cx.words, "forget-waiting", count = person.waiting()));
            }
            ui.add_space(STEP);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let forget = controls::primary(ui, cx.look, fl!(cx.words, "person-forget-do")).clicked();
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if forget {
                    Some(Action::Person(self.who, PersonRequest::Forget))
                } else {
                    cancelled.then_some(Action::Close)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }
}
