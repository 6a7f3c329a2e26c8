//! The simulated students: their menu beside the server, and their own section of the sidebar.

use egui::{Align, Layout, Popup, Response, RichText, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_material_icons::icons::{ICON_CHEVRON_RIGHT, ICON_EXPAND_MORE, ICON_GROUP_REMOVE, ICON_SCHOOL};
use i18n_embed_fl::fl;

use super::controls;
use crate::core::{Key, STUDENTS};
use crate::window::{
    Cx,
    theme::{self, STEP},
    wording,
};

/// How many the menu adds at a time.
const ADDED: [usize; 3] = [1, 10, 100];

/// Height of a student's row.
const ROW: f32 = 30.0;

/// What is asked for of the students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Have so many more of them connect to our server.
    Add(usize),
    /// Have all of them leave.
    Remove,
    /// Select the conversation of one.
    Select(Key),
}

/// The section of the sidebar; folded to one row until it is unfolded.
#[derive(Debug, Default)]
pub struct StudentsSection {
    unfolded: bool,
}

/// The button whose menu adds and removes students.
pub fn menu(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let button = ui.button(ICON_SCHOOL.rich_text().size(16.0));
    let name = fl!(cx.words, "students");
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let button = button.on_hover_text(fl!(cx.words, "students-hint"));
    Popup::menu(&button).show(|ui| {
        ui.set_min_width(190.0);
        controls::hint(ui, cx.look, fl!(cx.words, "students"));
        controls::hint(ui, cx.look, fl!(cx.words, "students-not-kept"));
        let present = cx.core.students().len();
        for count in ADDED {
            if item(ui, present < STUDENTS, fl!(cx.words, "students-add", count = count)).clicked() {
                action = Some(Action::Add(count));
                ui.close();
            }
        }
        if item(ui, present > 0, fl!(cx.words, "students-remove")).clicked() {
            action = Some(Action::Remove);
            ui.close();
        }
    });
    action
}

fn item(ui: &mut Ui, enabled: bool, text: String) -> Response {
    ui.add_enabled(enabled, egui::Button::new(text).frame_when_inactive(false))
}

impl StudentsSection {
    /// Draw it, if there are students: one row, and below it one for each student while it is unfolded.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let total = cx.core.students().len();
        if total == 0 {
            return None;
        }
        let mut action = None;
        ui.add_space(STEP);
        let name = fl!(cx.words, "students-count", count = total);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), ROW), Layout::right_to_left(Align::Center), |ui| {
            let remove = fl!(cx.words, "students-remove");
            if controls::quiet_icon(ui, cx.look, ICON_GROUP_REMOVE, remove).clicked() {
                action = Some(Action::Remove);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if self.head(ui, cx, &name).clicked() {
                    self.unfolded = !self.unfolded;
                }
            });
        });
        if !self.unfolded {
            return action;
        }
        let (top, clip) = (ui.cursor().top(), ui.clip_rect());
        let row_at = |y: f32| (((y - top) / ROW).max(0.0) as usize).min(total);
        let (first, end) = (row_at(clip.top()), (row_at(clip.bottom()) + 1).min(total));
        ui.add_space(first as f32 * ROW);
        for (conn, student) in cx.core.students().skip(first).take(end.saturating_sub(first)) {
            let key = Key::Conn(conn);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
            let (title, state) = (cx.title(student), wording::state_text(cx, student));
            let told = fl!(cx.words, "student-row", title = title.as_str(), state = state.as_str());
            response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, cx.selected == key, &told));
            if cx.selected == key {
                ui.painter().rect_filled(rect, theme::RADIUS, cx.look.chosen);
            } else if response.hovered() {
                ui.painter().rect_filled(rect, theme::RADIUS, cx.look.hover);
            }
            controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
            let over = student.state.is_over();
            let colour = if over { cx.look.weak } else { cx.look.text };
            let at = pos2(rect.left() + 28.0, rect.center().y - theme::TEXT * 0.65);
            controls::one_line(ui, at, &title, theme::text(), colour, rect.width() - 56.0);
            let dot = pos2(rect.right() - 15.0, rect.center().y);
            controls::dot(ui, cx.look, dot, cx.state_colour(student));
            if response.clicked() {
                action = Some(Action::Select(key));
            }
        }
        ui.add_space((total - end) as f32 * ROW);
        action
    }

    fn head(&self, ui: &mut Ui, cx: &Cx<'_>, name: &str) -> Response {
        let icon = if self.unfolded { ICON_EXPAND_MORE } else { ICON_CHEVRON_RIGHT };
        let text = RichText::new(name).size(theme::SMALL).color(cx.look.weak);
        let icon = icon.rich_text().size(16.0).color(cx.look.weak);
        let button = egui::Button::new((icon, text)).frame_when_inactive(false).truncate();
        let response = ui.add(button);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        response
    }
}
