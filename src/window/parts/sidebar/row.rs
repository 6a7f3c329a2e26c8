//! A row of the sidebar: an avatar, a title and a line, and on the right the state or how much is unread.

use egui::{Align2, Color32, FontId, Rect, Response, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use crate::window::{
    Cx,
    parts::{controls, diagnosis},
    shield::Shield,
    theme::{self, AVATAR},
};

/// Height of a row.
pub const ROW: f32 = 52.0;

/// Size that an address in a row shrinks to before it is cut.
pub const SMALLEST_ADDRESS: f32 = 9.5;

/// Width of a character of an address, as a share of its font's size.
const ADVANCE: f32 = 0.61;

/// Size of the icon that says how a conversation is protected.
const SHIELD: f32 = 16.0;

/// What is on the right of a row: the state where nothing is unread; how it is protected in any case.
pub enum Dot {
    /// Nothing.
    Absent,
    /// The state: a dot of that colour, or an empty one.
    Shown(Option<Color32>),
    /// How it is protected: its icon.
    Shield(Shield),
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
        if let Dot::Shield(shield) = self.dot {
            let font = FontId::new(SHIELD, shield.icon().font_family());
            let at = pos2(right - SHIELD / 2.0, rect.center().y);
            let icon = shield.icon().codepoint;
            ui.painter().text(at, Align2::CENTER_CENTER, icon, font, shield.colour(look));
            right -= SHIELD + 4.0;
        }
        let left = avatar.right() + 10.0;
        let width = right - left;
        // An address shrinks before it is cut, and is cut at its beginning: its end, the port, tells the clients of one
        // machine apart.
        let length = self.title.chars().count().max(1);
        let fitting = width / (length as f32 * ADVANCE);
        let title_font =
            if self.mono { theme::mono(fitting.clamp(SMALLEST_ADDRESS, theme::TEXT - 1.0)) } else { theme::text() };
        let title_colour = if self.faded { look.weak } else { look.text };
        let room = (width / (SMALLEST_ADDRESS * ADVANCE)) as usize;
        let cut = (self.mono && length > room).then(|| {
            let end: String = self.title.chars().skip(length - room.saturating_sub(1).min(length)).collect();
            // Of what stands before the address, no half is left.
            format!("…{}", end.rsplit(' ').next().unwrap_or_default())
        });
        let title = cut.as_deref().unwrap_or(&self.title);
        controls::one_line(ui, pos2(left, rect.top() + 6.0), title, title_font, title_colour, width);
        controls::one_line(ui, pos2(left, rect.top() + 27.0), &self.line, theme::small(), look.weak, width);
        response
    }
}
