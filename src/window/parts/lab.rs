//! Labs: the list of them, and the card of the one that runs.

use egui::{
    Align, Button, Frame, Label, Layout, Margin, Panel, Response, RichText, ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    accesskit::Role,
    text::{LayoutJob, TextFormat},
    vec2,
};
use egui_material_icons::icons::{ICON_CHECK, ICON_CHECK_CIRCLE, ICON_CLOSE, ICON_RESTART_ALT, ICON_SCIENCE};
use i18n_embed_fl::fl;

use super::{controls, inspector::Tab};
use crate::window::{
    Cx, fonts, lines,
    theme::{self, STEP},
};
use crate::{
    chat::{RowKind, RowNumber},
    core::{
        Key,
        labs::{
            Lab, Progress, RunningLab,
            file::{InspectorTab, Step},
            place_in_list,
        },
    },
};

/// Height of a lab's row in the list.
const ROW: f32 = 48.0;

/// The share of the room that the card's text may take.
const SHARE: f32 = 0.34;

/// The least height of the card's text; a longer one scrolls.
const LEAST_TEXT: f32 = 36.0;

/// Height below which there is no room for the composer beside the card.
pub const CRAMPED: f32 = 420.0;

/// Width of the icon before the title, and of the space around both.
const BESIDE_TITLE: f32 = 48.0;

/// Width of a step's dot, with the space around it.
const DOT: f32 = 12.0;

/// Bytes of code up to which it is not broken over two lines.
const ONE_PIECE: usize = 32;

/// Width from which a step's buttons share a line.
const ONE_LINE: f32 = 420.0;

/// What is asked for in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAction {
    /// To close it.
    Close,
    /// To begin a lab.
    Start {
        /// Which.
        id: String,
        /// The user said that the server may be stopped for it.
        stop_server: bool,
    },
}

/// What is asked for on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// What the step's button says.
    DoStep,
    /// The next step.
    Next,
    /// The step before.
    Back,
    /// The lab that comes after this one.
    NextLab,
    /// The lab from its beginning.
    Restart,
    /// The end of the lab.
    Leave,
    /// A tab of the inspector.
    ShowTab(Tab),
    /// The bytes of this message.
    ShowBytes(Key, RowNumber),
}

/// The list of labs.
#[derive(Debug, Default)]
pub struct LabList {
    /// A lab that the user chose, and the clients of the server that would be stopped for it.
    asking: Option<(String, usize)>,
}

impl LabList {
    /// The list, asking whether the server, with so many clients, may be stopped for this lab.
    #[must_use]
    pub fn asking(id: String, clients: usize) -> Self {
        Self { asking: Some((id, clients)) }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<ListAction> {
        let response = controls::dialog(ui, "labs", 520.0, |ui| match self.asking.clone() {
            Some((id, clients)) => ask(ui, cx, id, clients),
            None => list(ui, cx),
        });
        if response.should_close() { Some(ListAction::Close) } else { response.inner }
    }
}

fn ask(ui: &mut Ui, cx: &Cx<'_>, id: String, clients: usize) -> Option<ListAction> {
    ui.label(theme::strong(fl!(cx.words, "labs"), theme::TITLE));
    ui.label(fl!(cx.words, "lab-stops-server", count = clients));
    ui.add_space(STEP);
    ui.horizontal_wrapped(|ui| {
        if controls::primary(ui, cx.look, fl!(cx.words, "lab-stop-and-begin")).clicked() {
            return Some(ListAction::Start { id, stop_server: true });
        }
        ui.button(fl!(cx.words, "cancel")).clicked().then_some(ListAction::Close)
    })
    .inner
}

fn list(ui: &mut Ui, cx: &Cx<'_>) -> Option<ListAction> {
    let mut action = None;
    ui.horizontal(|ui| {
        ui.label(theme::strong(fl!(cx.words, "labs"), theme::TITLE));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "dismiss")).clicked() {
                action = Some(ListAction::Close);
            }
        });
    });
    controls::hint(ui, cx.look, fl!(cx.words, "labs-hint"));
    controls::hint(ui, cx.look, fl!(cx.words, "labs-not-kept"));
    ui.add_space(STEP);
    let height = (ui.ctx().content_rect().height() - 180.0).max(80.0);
    ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for lab in cx.labs {
            if row(ui, cx, lab).clicked() {
                action = Some(ListAction::Start { id: lab.id.clone(), stop_server: false });
            }
        }
    });
    action
}

fn row(ui: &mut Ui, cx: &Cx<'_>, lab: &Lab) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let title = cx.written(&lab.title);
    let done = cx.settings.labs_done.contains(&lab.id);
    let name = if done { fl!(cx.words, "lab-done-before", title = title) } else { title.to_owned() };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, cx.look.hover);
    }
    controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
    let width = rect.width() - 52.0;
    let at = rect.min + vec2(12.0, 5.0);
    controls::one_line(ui, at, title, theme::text(), cx.look.text, width);
    let summary = cx.written(&lab.summary);
    controls::one_line(ui, at + vec2(0.0, 20.0), summary, theme::small(), cx.look.weak, width);
    if done {
        let centre = egui::pos2(rect.right() - 20.0, rect.center().y);
        let font = egui::FontId::proportional(18.0);
        ui.painter().text(centre, egui::Align2::CENTER_CENTER, ICON_CHECK_CIRCLE.codepoint, font, cx.look.good);
    }
    response
}

/// The tab of the inspector that a step speaks of.
#[must_use]
pub fn tab(look: InspectorTab) -> Tab {
    match look {
        InspectorTab::Calls => Tab::Calls,
        InspectorTab::Bytes | InspectorTab::Wire => Tab::Bytes,
        InspectorTab::Connection => Tab::Connection,
        InspectorTab::Code => Tab::Code,
    }
}

/// The lab that comes after this one in the list, whether this one is (still) there or not.
#[must_use]
pub fn next_lab<'a>(all: &'a [Lab], this: &Lab) -> Option<&'a Lab> {
    all.iter().find(|lab| place_in_list(lab) > place_in_list(this))
}

/// What takes a lab that has begun away: asked about before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Restart,
    Leave,
}

/// The card of the lab that runs.
#[derive(Debug, Default)]
pub struct LabCard {
    /// The step shown last: another one is shown from its beginning.
    shown: Option<(String, usize)>,
    /// What the user is asked about.
    asking: Option<Ending>,
}

impl LabCard {
    /// Draw it at the top, over the conversation.
    pub fn show_above(&mut self, ui: &mut Ui, cx: &Cx<'_>, lab: &RunningLab, possible: bool) -> Option<Action> {
        let room = ui.available_height();
        let panel = Panel::top("lab").resizable(false);
        panel.frame(frame(cx)).show(ui, |ui| self.card(ui, cx, lab, possible, room)).inner
    }

    /// Draw it at the bottom, under what is projected or inspected.
    pub fn show_below(&mut self, ui: &mut Ui, cx: &Cx<'_>, lab: &RunningLab, possible: bool) -> Option<Action> {
        let room = ui.available_height();
        let panel = Panel::bottom("lab-presented").resizable(false);
        panel.frame(frame(cx)).show(ui, |ui| self.card(ui, cx, lab, possible, room)).inner
    }

    fn card(&mut self, ui: &mut Ui, cx: &Cx<'_>, running: &RunningLab, possible: bool, room: f32) -> Option<Action> {
        let lab = &running.progress;
        let step = lab.step()?;
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = STEP;
        let mut action = None;
        if let Some(ending) = head(ui, cx, lab) {
            let has_begun = lab.at() > 0 || lab.is_done(lab.at());
            if has_begun && !lab.is_all_done() {
                self.asking = Some(ending);
            } else {
                action = Some(ending.action());
            }
        }
        let place = (lab.lab.id.clone(), lab.at());
        let mut area = ScrollArea::vertical()
            .id_salt("lab-text")
            .max_height((room * SHARE).max(LEAST_TEXT))
            .auto_shrink([false, true]);
        if self.shown.as_ref() != Some(&place) {
            self.shown = Some(place);
            self.asking = None;
            area = area.vertical_scroll_offset(0.0);
        }
        area.show(ui, |ui| {
            text(ui, cx, &written(cx, running, step));
            if !possible && !lab.is_done(lab.at()) && step.button.is_some() {
                controls::wrong(ui, cx.look, fl!(cx.words, "lab-impossible"));
            }
        });
        match self.asking {
            Some(ending) => self.ask(ui, cx, ending).or(action),
            None => foot(ui, cx, lab, possible).or(action),
        }
    }

    /// Whether the lab is to end before it is done; away from the button that was pressed for it.
    fn ask(&mut self, ui: &mut Ui, cx: &Cx<'_>, ending: Ending) -> Option<Action> {
        let (question, yes) = match ending {
            Ending::Restart => (fl!(cx.words, "lab-restart-ask"), fl!(cx.words, "lab-restart-yes")),
            Ending::Leave => (fl!(cx.words, "lab-leave-ask"), fl!(cx.words, "lab-leave-yes")),
        };
        ui.label(question);
        let mut action = None;
        ui.horizontal_wrapped(|ui| {
            let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
            if ui.button(yes).clicked() {
                action = Some(ending.action());
            }
            if cancelled || action.is_some() {
                self.asking = None;
            }
        });
        action
    }
}

impl Ending {
    fn action(self) -> Action {
        match self {
            Self::Restart => Action::Restart,
            Self::Leave => Action::Leave,
        }
    }
}

/// What a step says, on this computer and now.
fn written(cx: &Cx<'_>, running: &RunningLab, step: &Step) -> String {
    let place = running.place();
    let mut text = cx.written(&step.text).trim().replace("{lan}", &place.lan.to_string());
    if let Some(offline) = step.offline.as_ref().filter(|_| place.is_offline()) {
        // Chinese has no blank between sentences.
        if text.ends_with('.') {
            text.push(' ');
        }
        text.push_str(cx.written(offline));
    }
    text
}

fn frame(cx: &Cx<'_>) -> Frame {
    Frame::new().fill(cx.look.chosen).inner_margin(Margin::symmetric(16, 6)).stroke(Stroke::new(1.0, cx.look.line))
}

fn head(ui: &mut Ui, cx: &Cx<'_>, lab: &Progress) -> Option<Ending> {
    let mut action = None;
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 24.0), Layout::right_to_left(Align::Center), |ui| {
        if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "lab-leave")).clicked() {
            action = Some(Ending::Leave);
        }
        if controls::quiet_icon(ui, cx.look, ICON_RESTART_ALT, fl!(cx.words, "lab-restart")).clicked() {
            action = Some(Ending::Restart);
        }
        let (number, total) = (lab.at() + 1, lab.lab.steps.len());
        controls::hint(ui, cx.look, fl!(cx.words, "lab-step", number = number, total = total));
        let (title, size) = (cx.written(&lab.lab.title), theme::TEXT + 1.0);
        let text = ui.painter().layout_no_wrap(title.to_owned(), fonts::semibold(size), cx.look.text);
        // The number of the step says the same: the title comes first.
        if ui.available_width() > text.size().x + BESIDE_TITLE + DOT * total as f32 {
            dots(ui, cx, lab);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(ICON_SCIENCE.rich_text().size(18.0).color(cx.look.accent));
            ui.add(Label::new(theme::strong(title, size)).truncate());
        });
    });
    action
}

/// A dot for each step: full where it is done, in a ring where the user is.
fn dots(ui: &mut Ui, cx: &Cx<'_>, lab: &Progress) {
    let count = lab.lab.steps.len();
    let (rect, _) = ui.allocate_exact_size(vec2(count as f32 * DOT, 12.0), Sense::hover());
    for n in 0..count {
        let centre = rect.left_center() + vec2((n as f32 + 0.5) * DOT, 0.0);
        let here = n == lab.at();
        let colour = if lab.is_done(n) { cx.look.good } else { cx.look.weak };
        if lab.is_done(n) {
            ui.painter().circle_filled(centre, 3.0, colour);
        } else {
            ui.painter().circle_stroke(centre, 2.5, Stroke::new(1.0, colour));
        }
        if here {
            ui.painter().circle_stroke(centre, 4.5, Stroke::new(1.5, cx.look.accent));
        }
    }
}

/// The text of a step: what is between backquotes is code.
fn text(ui: &mut Ui, cx: &Cx<'_>, text: &str) {
    let mut job = LayoutJob::default();
    for (n, part) in text.trim().split('`').enumerate() {
        let code = n % 2 == 1;
        let font = if code { theme::mono(theme::TEXT - 0.5) } else { theme::text() };
        // Bytes and calls stay in one piece, as far as a line can hold them.
        let part = if code && part.len() <= ONE_PIECE { part.replace(' ', "\u{a0}") } else { part.to_owned() };
        job.append(&part, 0.0, TextFormat::simple(font, cx.look.text));
    }
    let galley = lines::lay_out(ui, job, ui.available_width());
    ui.add(Label::new(galley).selectable(true));
}

fn foot(ui: &mut Ui, cx: &Cx<'_>, lab: &Progress, possible: bool) -> Option<Action> {
    if ui.available_width() >= ONE_LINE {
        let onward = |ui: &mut Ui| ui.with_layout(Layout::right_to_left(Align::Center), |ui| ways(ui, cx, lab)).inner;
        // The next lab's title needs a line of its own.
        if lab.is_last() && lab.is_done(lab.at()) {
            let done = ui.horizontal(|ui| deeds(ui, cx, lab, possible)).inner;
            return ui.horizontal(onward).inner.or(done);
        }
        ui.horizontal(|ui| {
            let done = deeds(ui, cx, lab, possible);
            onward(ui).or(done)
        })
        .inner
    } else {
        ui.horizontal_wrapped(|ui| {
            let done = deeds(ui, cx, lab, possible);
            ways(ui, cx, lab).or(done)
        })
        .inner
    }
}

/// What the step offers, and the tick once it is done.
fn deeds(ui: &mut Ui, cx: &Cx<'_>, lab: &Progress, possible: bool) -> Option<Action> {
    let mut action = None;
    let step = lab.step()?;
    let done = lab.is_done(lab.at());
    if let Some(name) = &step.button {
        let name = cx.written(name);
        let clicked = if done {
            ui.add_enabled(possible, Button::new(name)).clicked()
        } else {
            controls::primary_enabled(ui, cx.look, possible, name).clicked()
        };
        if clicked {
            action = Some(Action::DoStep);
        }
    }
    if done && !step.until.is_empty() {
        ui.label(ICON_CHECK.rich_text().size(18.0).color(cx.look.good));
        ui.label(RichText::new(fl!(cx.words, "lab-done")).color(cx.look.good));
    }
    if let Some(look) = step.look {
        let tab = tab(look);
        // In one piece, like the buttons beside it.
        let wrap = ui.style_mut().wrap_mode.replace(egui::TextWrapMode::Extend);
        let link = ui.link(fl!(cx.words, "lab-look", tab = tab.name(cx)));
        ui.style_mut().wrap_mode = wrap;
        if link.clicked() {
            action = Some(match last_message(cx) {
                Some(entry) if tab == Tab::Bytes => Action::ShowBytes(cx.selected, entry),
                _ => Action::ShowTab(tab),
            });
        }
    }
    action
}

/// The last message received in the open conversation.
fn last_message(cx: &Cx<'_>) -> Option<RowNumber> {
    let entries = cx.core.conversation(cx.selected)?.entries();
    entries.iter().rev().find(|(_, entry)| matches!(entry.kind, RowKind::Received(_))).map(|(id, _)| id)
}

/// Back, and on.
fn ways(ui: &mut Ui, cx: &Cx<'_>, lab: &Progress) -> Option<Action> {
    let mut action = None;
    let next = next_lab(cx.labs, &lab.lab).filter(|_| lab.is_last());
    if lab.is_done(lab.at()) {
        if let Some(next) = next {
            let title = cx.written(&next.title);
            if controls::primary(ui, cx.look, fl!(cx.words, "lab-next-lab", title = title)).clicked() {
                action = Some(Action::NextLab);
            }
            if ui.button(fl!(cx.words, "lab-finish")).clicked() {
                action = Some(Action::Next);
            }
        } else {
            let onward = if lab.is_last() { fl!(cx.words, "lab-finish") } else { fl!(cx.words, "lab-next") };
            if controls::primary(ui, cx.look, onward).clicked() {
                action = Some(Action::Next);
            }
        }
    } else if ui.button(fl!(cx.words, "lab-skip")).clicked() {
        action = Some(Action::Next);
    }
    if lab.at() > 0 && ui.button(fl!(cx.words, "lab-back")).clicked() {
        action = Some(Action::Back);
    }
    action
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::labs::embedded;

    #[test]
    fn each_lab_is_followed_by_the_one_below_it_in_the_list() {
        let (all, _) = embedded();
        assert!(all.len() > 10, "numbers of two digits are what this is about");
        for pair in all.windows(2) {
            assert_eq!(next_lab(&all, &pair[0]).map(|lab| &lab.id), Some(&pair[1].id));
        }
        assert!(all.last().is_some_and(|last| next_lab(&all, last).is_none()));
    }
}
