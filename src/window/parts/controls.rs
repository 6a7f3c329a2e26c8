//! The window's own kinds of button, switch and field, so that each looks the same everywhere.

use egui::{
    Align2, Button, Color32, Context, CornerRadius, FontId, Frame, Id, Margin, Modal, ModalResponse, Pos2, Rect,
    Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    accesskit::Role,
    text::{LayoutJob, TextFormat, TextWrapping},
    text_edit::TextEditState,
    vec2,
};
use egui_material_icons::MaterialIcon;
use egui_plot::{GridInput, GridMark, Plot, PlotUi};

use crate::{
    i18n::Words,
    window::{
        both_ways,
        command::UiCommand,
        lines,
        theme::{self, CONTROL, Palette, RADIUS, STEP},
        wording,
    },
};

/// The button for what is most likely wanted here.
pub fn primary(ui: &mut Ui, palette: &Palette, text: impl Into<String>) -> Response {
    primary_enabled(ui, palette, true, text)
}

/// The same, which may be out of use for now.
pub fn primary_enabled(ui: &mut Ui, palette: &Palette, enabled: bool, text: impl Into<String>) -> Response {
    let button = Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent).stroke(Stroke::NONE);
    ui.add_enabled(enabled, button)
}

/// A button that is an icon; its name is for the tooltip and for screen readers.
pub fn icon_button(ui: &mut Ui, icon: MaterialIcon, name: impl Into<String>) -> Response {
    let response = framed_icon(ui, icon);
    named(response, Role::Button, name.into())
}

fn framed_icon(ui: &mut Ui, icon: MaterialIcon) -> Response {
    let button = Button::new(icon.rich_text().size(18.0)).min_size(vec2(CONTROL, CONTROL));
    let padding = ui.spacing().button_padding;
    ui.spacing_mut().button_padding = vec2(1.5 * STEP, 1.5 * STEP);
    let response = ui.add(button);
    ui.spacing_mut().button_padding = padding;
    response
}

/// The button of a command; whether it was clicked. Its tooltip says its keys.
pub fn command_button(ui: &mut Ui, words: &Words, command: UiCommand) -> bool {
    let Some(icon) = command.icon() else { return false };
    let button = framed_icon(ui, icon);
    with_tooltip(button, words, command).clicked()
}

/// Names the button of a command, and has its tooltip say its keys.
pub fn with_tooltip(button: Response, words: &Words, command: UiCommand) -> Response {
    let name = command.name(words);
    let tooltip = match command.keys().first() {
        Some(keys) => format!("{name} ({})", wording::keys_text(&button.ctx, words, keys)),
        None => name.clone(),
    };
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    button.on_hover_text(tooltip)
}

/// The first keys of a command, as they are written.
#[must_use]
pub fn keys(ui: &Ui, words: &Words, command: UiCommand) -> String {
    command.keys().first().map(|keys| wording::keys_text(ui.ctx(), words, keys)).unwrap_or_default()
}

/// A place with nothing in it yet: a picture, and what will be here.
pub fn empty(ui: &mut Ui, palette: &Palette, icon: MaterialIcon, text: impl Into<String>) {
    ui.vertical_centered(|ui| {
        ui.add_space(2.0 * STEP);
        // Drawn, and no label: a picture says nothing to a screen reader.
        let (place, _) = ui.allocate_exact_size(vec2(EMPTY, EMPTY), Sense::hover());
        let font = FontId::new(EMPTY, icon.font_family());
        ui.painter().text(
            place.center(),
            Align2::CENTER_CENTER,
            icon.codepoint,
            font,
            palette.weak.gamma_multiply(0.6),
        );
        hint(ui, palette, text);
        ui.add_space(2.0 * STEP);
    });
}

/// Size of the picture of an empty place.
const EMPTY: f32 = 36.0;

/// An icon with no frame, for rows and corners.
pub fn quiet_icon(ui: &mut Ui, palette: &Palette, icon: MaterialIcon, name: impl Into<String>) -> Response {
    let button = Button::new(icon.rich_text().size(16.0).color(palette.weak)).frame_when_inactive(false);
    let padding = ui.spacing().button_padding;
    ui.spacing_mut().button_padding = vec2(STEP, 0.5 * STEP);
    let response = ui.add(button);
    ui.spacing_mut().button_padding = padding;
    named(response, Role::Button, name.into())
}

fn named(response: Response, role: Role, name: String) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(role, enabled, &name));
    response.on_hover_text(name)
}

/// Small text that matters less.
pub fn hint(ui: &mut Ui, palette: &Palette, text: impl Into<String>) -> Response {
    lines::label(ui, RichText::new(text).size(theme::SMALL).color(palette.weak))
}

/// Small text that says what is wrong.
pub fn wrong(ui: &mut Ui, palette: &Palette, text: impl Into<String>) -> Response {
    lines::label(ui, RichText::new(text).size(theme::SMALL).color(palette.bad))
}

/// A card: a raised, framed area.
pub fn card(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(12))
        .inner_margin(Margin::same(16))
}

/// A dialog in front of the window, which waits until it is closed.
pub fn dialog<T>(ui: &Ui, name: &str, width: f32, add: impl FnOnce(&mut Ui) -> T) -> ModalResponse<T> {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(20)).corner_radius(CornerRadius::same(12));
    Modal::new(Id::unique(name)).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - 72.0));
        add(ui)
    })
}

/// One of a few choices, side by side. Gives the one that was just chosen.
pub fn segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    palette: &Palette,
    name: &str,
    now: T,
    all: &[(T, String)],
) -> Option<T> {
    let mut chosen = None;
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(RADIUS))
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                for (value, text) in all {
                    let selected = *value == now;
                    let button = Button::selectable(selected, text.as_str())
                        .min_size(vec2(0.0, CONTROL - 2.0))
                        .frame_when_inactive(selected)
                        .stroke(Stroke::NONE);
                    let response = ui.add(button);
                    response.widget_info(|| {
                        WidgetInfo::selected(Role::RadioButton, true, selected, format!("{name}: {text}"))
                    });
                    if response.clicked() && !selected {
                        chosen = Some(*value);
                    }
                }
            });
        });
    chosen
}

/// A switch. Gives the new state when it was just turned.
pub fn switch(ui: &mut Ui, palette: &Palette, name: &str, on: bool) -> Option<bool> {
    let (rect, mut response) = ui.allocate_exact_size(vec2(40.0, 24.0), Sense::click());
    let by_label = ui.data_mut(|data| data.remove_temp::<bool>(label_id(name))).is_some();
    let turned = response.clicked() || (by_label && ui.is_enabled());
    if turned {
        response.mark_changed();
    }
    let on = on != turned;
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, name));
    if ui.is_rect_visible(rect) {
        let track = Rect::from_center_size(rect.center(), vec2(36.0, 20.0));
        let (fill, line) = if on { (palette.accent, palette.accent) } else { (palette.raised, palette.weak) };
        ui.painter().rect(track, 10.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let x = if on { track.right() - 10.0 } else { track.left() + 10.0 };
        let knob = if on { palette.on_accent } else { palette.weak };
        ui.painter().circle_filled(egui::pos2(x, track.center().y), 6.5, knob);
        focus_ring(ui, palette, &response, track, 10);
    }
    turned.then_some(on)
}

/// A box to tick. Its edge is all that is seen of an empty one.
pub fn checkbox(ui: &mut Ui, palette: &Palette, on: &mut bool, name: impl Into<String>) -> Response {
    let before = ui.visuals().widgets.clone();
    let widgets = &mut ui.visuals_mut().widgets;
    for widget in [&mut widgets.inactive, &mut widgets.hovered] {
        widget.bg_stroke.color = palette.weak;
    }
    let response = ui.checkbox(on, name.into());
    ui.visuals_mut().widgets = before;
    response
}

/// The label of a switch, which turns it too.
pub fn switch_label(ui: &mut Ui, name: &str, label: egui::Label) -> Response {
    let response = ui.add(label.sense(Sense::click() - Sense::FOCUSABLE));
    if response.clicked() {
        ui.data_mut(|data| data.insert_temp(label_id(name), true));
        // The switch may have been drawn already.
        ui.ctx().request_repaint();
    }
    response
}

fn label_id(name: &str) -> Id {
    Id::unique(("label-of-switch", name))
}

/// The ring around what has the keyboard's focus, for what draws itself and is not where its rectangle says.
pub fn focus_ring(ui: &Ui, palette: &Palette, response: &Response, rect: Rect, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, palette.accent);
        ui.painter().rect_stroke(rect.expand(2.0), CornerRadius::same(radius + 2), stroke, StrokeKind::Inside);
        ui.data_mut(|data| data.insert_temp(ring_id(), Some(response.id)));
    }
}

/// The ring around whatever else has the focus, to be drawn after all of it. A field shows by its frame that it has it.
pub fn ring_of_focus(ctx: &Context, palette: &Palette) {
    let drawn: Option<Id> = ctx.data_mut(|data| data.remove_temp::<Option<Id>>(ring_id())).flatten();
    let Some(id) = ctx.memory(egui::Memory::focused).filter(|id| Some(*id) != drawn) else { return };
    if !ctx.input(|input| input.focused) || TextEditState::load(ctx, id).is_some() {
        return;
    }
    let Some(response) = ctx.read_response(id).filter(|response| response.interact_rect.is_positive()) else { return };
    // With a little of the ground between: a ring in the accent is not seen on a button that is filled with it.
    let ring = response.interact_rect.expand(2.0 * RING);
    let painter = ctx.layer_painter(response.layer_id);
    painter.rect_stroke(ring, CornerRadius::same(RADIUS + 4), Stroke::new(RING, palette.accent), StrokeKind::Inside);
}

/// Width of the ring, and of the gap inside it.
const RING: f32 = 2.0;

/// Under which the control is kept that drew its ring itself.
fn ring_id() -> Id {
    Id::unique("focus-ring")
}

/// A round avatar with one or two letters.
pub fn avatar(ui: &Ui, rect: Rect, colour: Color32, letters: &str) {
    ui.painter().circle_filled(rect.center(), rect.width() / 2.0, colour);
    let font = FontId::new(rect.width() * 0.4, egui::FontFamily::Proportional);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, letters, font, Color32::WHITE);
}

/// What has a least width by itself, such as a menu that shows what was chosen, with that as its greatest.
pub fn no_wider<T>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> T) -> T {
    ui.scope(|ui| {
        ui.set_max_width(width);
        add(ui)
    })
    .inner
}

/// One line of text, cut with an ellipsis where there is no more room.
pub fn one_line(ui: &Ui, at: Pos2, text: &str, font: FontId, colour: Color32, width: f32) {
    let format = TextFormat::simple(font, colour);
    let line = |text: String| LayoutJob::single_section(text, format.clone());
    let mut job = line(text.to_owned());
    let galley = if both_ways::is_in(text) {
        // Its end is cut, on whichever side that is.
        let whole = lines::lay_out(ui, job, width - theme::TEXT);
        let first = whole.rows.first().map_or(0, |row| row.glyphs.len());
        if whole.rows.len() > 1 {
            let cut: String = text.chars().take(first).collect();
            lines::lay_out(ui, line(format!("{}…", cut.trim_end())), f32::INFINITY)
        } else {
            whole
        }
    } else {
        job.wrap = TextWrapping::truncate_at_width(width);
        ui.painter().layout_job(job)
    };
    ui.painter().galley(at, galley, colour);
}

/// A plot that is looked at, of that name: nothing in it is moved or chosen.
pub fn plot<'a>(ui: &mut Ui, palette: &Palette, name: &str, plot: Plot<'a>, draw: impl FnOnce(&mut PlotUi<'a>) + 'a) {
    ui.scope(|ui| {
        // Its ground, and that of its numbers.
        ui.visuals_mut().text_edit_bg_color = Some(palette.ground);
        ui.visuals_mut().extreme_bg_color = palette.ground;
        let shown = plot
            .allow_zoom(false)
            .allow_drag(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_x(false)
            .show_y(false)
            .sense(Sense::hover())
            .grid_color(palette.line)
            .y_grid_spacer(|axis| marks(&axis))
            .show(ui, draw);
        shown.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    });
}

/// Marks at round numbers, three to six of them however far an axis reaches. By itself a plot has them at powers of ten
/// alone: up to 0.7 that is one, at nothing.
fn marks(axis: &GridInput) -> Vec<GridMark> {
    let (least, most) = axis.bounds;
    let apart = (most - least) / 5.0;
    if !apart.is_finite() || apart <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(apart.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step >= apart);
    let step_size = step.unwrap_or(10.0 * power);
    let (first, last) = ((least / step_size).ceil() as i64, (most / step_size).floor() as i64);
    (first..=last).map(|number| GridMark { value: number as f64 * step_size, step_size }).collect()
}

/// A full dot in that colour, or an empty one.
pub fn dot(ui: &Ui, palette: &Palette, centre: Pos2, colour: Option<Color32>) {
    match colour {
        Some(colour) => ui.painter().circle_filled(centre, 4.5, colour),
        None => ui.painter().circle_stroke(centre, 4.0, Stroke::new(1.5, palette.weak)),
    };
}

/// What may be higher than the window: then it scrolls.
pub fn tall_menu(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let height = ui.ctx().content_rect().height() - 8.0 * STEP;
    egui::ScrollArea::vertical().max_height(height).show(ui, add);
}
