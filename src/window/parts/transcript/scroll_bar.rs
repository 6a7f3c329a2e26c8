//! The transcript's scroll bar: it stands for the whole conversation, also for what is not in memory.

use egui::{Id, Rect, Sense, Ui, WidgetInfo, accesskit::Role, lerp, pos2, remap_clamp};

use crate::window::Cx;

/// Its width, and that of the space it stands in, in points.
const WIDTH: f32 = 8.0;

/// The least height of its thumb.
const LEAST: f32 = 24.0;

/// How far down the conversation the view is, in points of about how high it all is.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Height of what is above the view.
    pub above: f64,
    /// Height of the view.
    pub view: f64,
    /// Height of everything.
    pub total: f64,
}

/// Draw it at the right of the area. Where the user drags it to: the height that is to be above the view; infinite at
/// the very end.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, name: &str, id: Id, area: Rect, extent: Extent) -> Option<f64> {
    let scrolled = extent.total - extent.view;
    if scrolled <= 0.5 {
        return None;
    }
    let track = Rect::from_min_max(pos2(area.right() - WIDTH - 2.0, area.top() + 2.0), area.max - egui::vec2(2.0, 2.0));
    let length = (f64::from(track.height()) * extent.view / extent.total) as f32;
    let length = length.max(LEAST).min(track.height());
    let tops = track.top()..=track.bottom() - length;
    let share = (extent.above / scrolled).clamp(0.0, 1.0) as f32;
    let mut top = lerp(tops.clone(), share);

    let response = ui.interact(track.expand2(egui::vec2(2.0, 0.0)), id, Sense::click_and_drag() - Sense::FOCUSABLE);
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, name));
    let mut to = None;
    if let Some(pointer) = response.interact_pointer_pos() {
        // Where on the thumb it was taken; elsewhere, its middle comes to the pointer.
        let taken = response.is_pointer_button_down_on() || response.clicked();
        let pressed = taken && ui.input(|input| input.pointer.any_pressed());
        let on_thumb = (top..=top + length).contains(&pointer.y);
        let grip = ui.data_mut(|memory| {
            if pressed {
                memory.insert_temp(id, if on_thumb { pointer.y - top } else { length / 2.0 });
            }
            memory.get_temp(id).unwrap_or(length / 2.0)
        });
        let wanted = (pointer.y - grip).clamp(*tops.start(), *tops.end());
        if (wanted - top).abs() >= 0.5 {
            let share = f64::from(remap_clamp(wanted, tops.clone(), 0.0..=1.0));
            to = Some(if share >= 1.0 { f64::INFINITY } else { share * scrolled });
        }
        // It is where the pointer holds it, whatever comes in meanwhile.
        top = wanted;
    }
    let thumb = Rect::from_min_size(pos2(track.left(), top), egui::vec2(WIDTH, length));
    let held = response.hovered() || response.is_pointer_button_down_on();
    ui.painter().rect_filled(thumb, WIDTH / 2.0, if held { cx.look.weak } else { cx.look.grip });
    to
}
