//! The question before messages are deleted: what will be gone, away from where the pointer just clicked.

use egui::{Align2, Frame, Id, Margin, Modal, RichText, Ui, vec2};
use i18n_embed_fl::fl;

use super::notices::UNDO;
use crate::history::Removal;
use crate::window::{
    Cx, grouped,
    theme::{self, STEP},
};

/// Width of the dialog.
const WIDTH: f32 = 380.0;

/// What is asked for in the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To close it.
    Dismiss,
    /// To delete this.
    Remove(Removal),
}

/// Asks whether messages are to be deleted.
#[derive(Debug)]
pub struct RemovalDialog {
    what: Removal,
    /// At the top or at the foot of the window: in the half where the pointer is not.
    place: Option<Align2>,
}

impl RemovalDialog {
    /// Asks about these.
    #[must_use]
    pub fn new(what: Removal) -> Self {
        Self { what, place: None }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let window = ui.ctx().content_rect();
        let shown_before = self.place.is_some();
        let place = *self.place.get_or_insert_with(|| {
            let clicked = ui.input(|input| input.pointer.latest_pos());
            let above = clicked.is_none_or(|at| at.y >= window.center().y);
            if above { Align2::CENTER_TOP } else { Align2::CENTER_BOTTOM }
        });
        let id = Id::unique("removal");
        let away = if place == Align2::CENTER_TOP { 3.0 * STEP } else { -3.0 * STEP };
        let frame = Frame::popup(ui.style()).inner_margin(Margin::same(20)).corner_radius(12);
        let area = Modal::default_area(id).anchor(place, vec2(0.0, away));
        let response = Modal::new(id).area(area).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(window.width() - 72.0));
            self.content(ui, cx, shown_before)
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }

    fn content(&self, ui: &mut Ui, cx: &Cx<'_>, shown_before: bool) -> Option<Action> {
        let (title, yes) = match self.what {
            Removal::All => (fl!(cx.words, "removal-all"), fl!(cx.words, "history-remove-all-sure")),
            Removal::Session(_) => (fl!(cx.words, "removal-session"), fl!(cx.words, "history-remove-sure")),
            Removal::Before(_) | Removal::Old(_) => (fl!(cx.words, "removal-old"), fl!(cx.words, "remove-old-sure")),
        };
        ui.label(theme::strong(title, theme::TITLE));
        let weighed = cx.core.past().weighed.filter(|(what, ..)| *what == self.what);
        let words = match weighed {
            None => fl!(cx.words, "removal-counting"),
            Some((_, 0, 0)) => fl!(cx.words, "removal-nothing"),
            Some((_, messages, sessions)) => {
                let shown = grouped(messages);
                let gone = fl!(cx.words, "removal-counts", count = messages, shown = shown, conversations = sessions);
                format!("{gone} {}", fl!(cx.words, "removal-undo", seconds = UNDO.as_secs()))
            }
        };
        ui.label(words);
        ui.add_space(STEP);
        let mut action = None;
        ui.horizontal_wrapped(|ui| {
            let cancel = ui.button(fl!(cx.words, "cancel"));
            if !shown_before {
                cancel.request_focus();
            }
            if cancel.clicked() {
                action = Some(Action::Dismiss);
            }
            if weighed.is_some() && ui.button(RichText::new(yes).color(cx.look.bad)).clicked() {
                action = Some(Action::Remove(self.what));
            }
        });
        action
    }
}
