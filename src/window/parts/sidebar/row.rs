//! A row of the sidebar: an avatar, a title and a line, and on the right the state or how much is unread.

use egui::{Color32, Rect, Response, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use crate::window::{
    Cx,
    parts::{controls, diagnosis},
    theme::{self, AVATAR},
};

/// Height of a row.
pub const ROW: f32 = 52.0;

/// Size that an address in a row shrinks to before it is cut.
pub const SMALLEST_ADDRESS: f32 = 9.5;

/// What is on the right of a row with nothing unread.
pub enum Dot {
    /// Nothing.
    Absent,
    /// The state: a dot of that colour, or an empty one.
    Shown(Option<Color32>),
    /// The mark of a diagnosis.
    Mark,
}

/// A row.
pub struct Row {
    pub title: String,
    /// The title is an address.
    pub mono: bool,
    pub line: String,
    pub avatar: (Color32, String),
    pub selected: bool,
    pub faded: bool,
    pub dot: Dot,
    pub unread: usize,
    /// For a screen reader.
    pub name: String,
}

impl Row {
    /// Draw it.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, self.selected, &self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let look = cx.look;
        let rect = rect.shrink2(vec2(0.0, 1.0));
        if self.selected {
            ui.painter().rect_filled(rect, theme::RADIUS, look.chosen);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, theme::RADIUS, look.hover);
        }
        controls::focus_ring(ui, look, &response, rect.shrink(3.0), theme::RADIUS);

        let avatar =
            Rect::from_center_size(pos2(rect.left() + 10.0 + AVATAR / 2.0, rect.center().y), vec2(AVATAR, AVATAR));
        let (colour, letters) = &self.avatar;
        let colour = if self.faded { look.everyone.gamma_multiply(0.8) } else { *colour };
        controls::avatar(ui, avatar, colour, letters);

        let mut right = rect.right() - 10.0;
        if self.unread > 0 {
            let text = if self.unread > 999 { "999+".to_owned() } else { self.unread.to_string() };
            let galley = ui.painter().layout_no_wrap(text, theme::small(), look.on_accent);
            let width = (galley.size().x + 12.0).max(20.0);
            let badge = Rect::from_center_size(pos2(right - width / 2.0, rect.center().y), vec2(width, 18.0));
            ui.painter().rect_filled(badge, 9.0, look.accent);
            ui.painter().galley(badge.center() - galley.size() / 2.0, galley, look.on_accent);
            right = badge.left() - 6.0;
        } else if let Dot::Mark = self.dot {
            let place = Rect::from_center_size(pos2(right - 9.0, rect.center().y), vec2(18.0, 18.0));
            diagnosis::mark(ui, cx, place, look.wait);
            right -= 26.0;
        } else if let Dot::Shown(dot) = self.dot {
            controls::dot(ui, cx.look, pos2(right - 5.0, rect.center().y), dot);
            right -= 18.0;
        }
        let left = avatar.right() + 10.0;
        let width = right - left;
        // An address shrinks before it is cut: its end, the port, tells the clients of one machine apart.
        let fitting = width / (self.title.chars().count().max(1) as f32 * 0.61);
        let title_font =
            if self.mono { theme::mono(fitting.clamp(SMALLEST_ADDRESS, theme::TEXT - 1.0)) } else { theme::text() };
        let title_colour = if self.faded { look.weak } else { look.text };
        controls::one_line(ui, pos2(left, rect.top() + 6.0), &self.title, title_font, title_colour, width);
        controls::one_line(ui, pos2(left, rect.top() + 27.0), &self.line, theme::small(), look.weak, width);
        response
    }
}
