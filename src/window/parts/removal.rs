//! The question before messages are deleted: what will be gone, away from where the pointer just clicked.

use egui::{Align2, Frame, Id, Margin, Modal, Pos2, RichText, Ui, vec2};
use i18n_embed_fl::fl;

use super::{controls, notices::UNDO};
use crate::history::Removal;
use crate::window::{
    Cx,
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
    /// Where it was asked for with the pointer, if it was.
    clicked: Option<Pos2>,
    shown_before: bool,
}

impl RemovalDialog {
    /// Asks about these.
    #[must_use]
    pub fn new(what: Removal, clicked: Option<Pos2>) -> Self {
        Self { what, clicked, shown_before: false }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let window = ui.ctx().content_rect();
        // In the half of the window where the pointer is not.
        let above = self.clicked.is_none_or(|at| at.y >= window.center().y);
        let place = if above { Align2::CENTER_TOP } else { Align2::CENTER_BOTTOM };
        let id = Id::unique("removal");
        let away = if above { 3.0 * STEP } else { -3.0 * STEP };
        let frame = Frame::popup(ui.style()).inner_margin(Margin::same(20)).corner_radius(12);
        let area = Modal::default_area(id).anchor(place, vec2(0.0, away));
        let response = Modal::new(id).area(area).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(window.width() - 72.0));
            self.content(ui, cx)
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }

    fn content(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
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
                fl!(cx.words, "removal-counts", count = messages, conversations = sessions)
            }
        };
        ui.label(words);
        if weighed.is_some_and(|(_, _, sessions)| sessions > 0) {
            controls::hint(ui, cx.look, fl!(cx.words, "removal-undo", seconds = UNDO.as_secs()));
        }
        ui.add_space(STEP);
        let mut action = None;
        ui.horizontal_wrapped(|ui| {
            let cancel = ui.button(fl!(cx.words, "cancel"));
            if !std::mem::replace(&mut self.shown_before, true) {
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
