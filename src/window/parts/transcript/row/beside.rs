//! What is beside a bubble, or opens from it: its menu, and the button that takes back what waits.

use egui::{Align2, Button, Id, Popup, Rect, Response, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_material_icons::icons::ICON_MORE_HORIZ;
use i18n_embed_fl::fl;

use super::{Action, Bubble, first_words};
use crate::{
    chat::{PersonId, RowNumber},
    core::Key,
    window::{
        Cx,
        parts::controls,
        request::PersonRequest,
        theme::{self, STEP},
    },
    wire::encode_hex,
};

/// Width of the place for the menu, left of a bubble of ours.
const MENU: f32 = 34.0;

/// Between the menu and the button that takes back what waits.
const GAP: f32 = 2.0;

/// The room left of a bubble of ours that waits.
pub(super) fn room(ui: &Ui, cx: &Cx<'_>) -> f32 {
    let text = ui.painter().layout_no_wrap(fl!(cx.words, "cancel"), theme::small(), cx.look.accent);
    MENU + GAP + text.size().x + 2.0 * STEP
}

impl Bubble {
    /// The small button beside the bubble: retry, or the menu when the pointer or the keyboard is here.
    pub(super) fn corner(
        &self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        key: Key,
        id: RowNumber,
        rect: Rect,
        near: &Response,
    ) -> Option<Action> {
        let beside = if self.ours { rect.left() - MENU } else { rect.right() + 6.0 };
        let place = Rect::from_center_size(pos2(beside + 14.0, rect.center().y), vec2(28.0, 26.0));
        let menu_id = Id::unique(("message-menu", key, id));
        let focused = ui.memory(|memory| memory.has_focus(menu_id));
        let open = Popup::is_id_open(ui.ctx(), menu_id.with("popup"));
        let pointer = ui.rect_contains_pointer(rect.union(place).expand(4.0)) || near.hovered();
        let response = ui.interact(place, menu_id, Sense::click());
        let name = fl!(cx.words, "message-menu", text = first_words(&self.said.plain));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if pointer || focused || open {
            let fill = if response.hovered() { cx.look.hover } else { cx.look.ground };
            ui.painter().rect_filled(place, theme::RADIUS, fill);
            let icon = ICON_MORE_HORIZ;
            let font = egui::FontId::new(16.0, icon.font_family());
            ui.painter().text(place.center(), Align2::CENTER_CENTER, icon.codepoint, font, cx.look.weak);
            controls::focus_ring(ui, cx.look, &response, place.shrink(2.0), theme::RADIUS);
        }
        let mut action = None;
        if let Some(to) = self.cancel {
            action = self.cancel_beside(ui, cx, (to, id), place);
        }
        Popup::menu(&response)
            .id(menu_id.with("popup"))
            .show(|ui| action = self.menu(ui, cx, key, id).or(action.take()));
        action
    }

    /// The button that takes back what waits, beside the menu.
    fn cancel_beside(&self, ui: &mut Ui, cx: &Cx<'_>, (to, id): (PersonId, RowNumber), menu: Rect) -> Option<Action> {
        let name = fl!(cx.words, "person-cancel", text = first_words(&self.said.plain));
        let text = ui.painter().layout_no_wrap(fl!(cx.words, "cancel"), theme::small(), cx.look.accent);
        let size = vec2(text.size().x + 2.0 * STEP, menu.height());
        let place = Rect::from_min_size(pos2(menu.left() - size.x - GAP, menu.top()), size);
        let response = ui.interact(place, Id::unique(("message-cancel", to, id)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            ui.painter().rect_filled(place, theme::RADIUS, cx.look.hover);
        }
        controls::focus_ring(ui, cx.look, &response, place.shrink(2.0), theme::RADIUS);
        ui.painter().galley(place.center() - text.size() / 2.0, text, cx.look.accent);
        response.clicked().then_some(Action::Person(to, PersonRequest::Cancel(id)))
    }

    pub(super) fn menu(&self, ui: &mut Ui, cx: &Cx<'_>, key: Key, id: RowNumber) -> Option<Action> {
        ui.set_min_width(160.0);
        let mut action = None;
        let item = |ui: &mut Ui, text: String| {
            let clicked = ui.add(Button::new(text).frame_when_inactive(false)).clicked();
            if clicked {
                ui.close();
            }
            clicked
        };
        if self.retry && !matches!(key, Key::Past(_)) && item(ui, fl!(cx.words, "retry")) {
            action = Some(Action::Retry(key, id));
        }
        if let Some(to) = self.cancel
            && item(ui, fl!(cx.words, "cancel"))
        {
            action = Some(Action::Person(to, PersonRequest::Cancel(id)));
        }
        if self.shares && item(ui, fl!(cx.words, "shares")) {
            action = Some(Action::ShowShares(id));
        }
        if item(ui, fl!(cx.words, "show-bytes")) {
            action = Some(Action::ShowBytes(key, id));
        }
        if matches!(key, Key::Conn(_)) && item(ui, fl!(cx.words, "show-calls")) {
            action = Some(Action::ShowCalls(key, id));
        }
        if item(ui, fl!(cx.words, "copy-text")) {
            action = Some(Action::Copy(self.message.decode().text));
        }
        if item(ui, fl!(cx.words, "copy-hex")) {
            action = Some(Action::Copy(encode_hex(self.message.raw())));
        }
        action
    }
}
