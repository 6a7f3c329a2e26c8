//! What frames the sidebar's list: the search above it, and the buttons at its foot.

use egui::{Button, Popup, RichText, Stroke, Ui, WidgetInfo, accesskit::Role, vec2};
use egui_material_icons::icons::{ICON_MENU, ICON_SEARCH};
use i18n_embed_fl::fl;

use crate::window::{
    Cx,
    command::{Intent, UiCommand},
    parts::controls,
    theme::{self, CONTROL, STEP},
};

/// What a click on the search does.
const SEARCH: UiCommand = UiCommand::Palette;

/// The commands in the menu, besides those that have no room in the foot.
const IN_MENU: [UiCommand; 5] =
    [UiCommand::History, UiCommand::Network, UiCommand::Settings, UiCommand::Notices, UiCommand::Shortcuts];

/// Those in the foot beside the main one, where there is room for their words.
const IN_FOOT: [UiCommand; 2] = [UiCommand::Presenter, UiCommand::Labs];

/// Size of the icon in the search.
const ICON: f32 = 16.0;

/// Space in a button of the foot, left and right of its words.
const PADDING: f32 = 2.0 * STEP;

/// The search over everything, and the menu.
pub fn search(ui: &mut Ui, cx: &Cx<'_>) -> Option<Intent> {
    let mut intent = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 1.5 * STEP;
        ui.spacing_mut().button_padding.x = PADDING;
        let width = ui.available_width() - CONTROL - 1.5 * STEP;
        let name = fl!(cx.words, "sidebar-search");
        let keys = controls::keys(ui, cx.words, SEARCH);
        let measure = |text: &str, font| ui.painter().layout_no_wrap(text.to_owned(), font, cx.look.weak).size().x;
        let words = ICON + measure(&name, theme::text()) + measure(&keys, theme::small()) + 2.0 * PADDING + 8.0 * STEP;
        let text = RichText::new(&name).color(cx.look.weak);
        let mut field = Button::new((ICON_SEARCH.rich_text().size(ICON).color(cx.look.weak), text));
        // The tooltip has them too.
        let shown = if words <= width { keys.as_str() } else { "" };
        field = field.shortcut_text(RichText::new(shown).size(theme::SMALL));
        let field = ui.add(field.min_size(vec2(width, CONTROL)));
        field.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if field.on_hover_text(format!("{name} ({keys})")).clicked() {
            intent = SEARCH.resolve(cx);
        }
        intent = menu(ui, cx).or(intent);
    });
    intent
}

/// Whatever is not in sight.
fn menu(ui: &mut Ui, cx: &Cx<'_>) -> Option<Intent> {
    let mut intent = None;
    let crowded = !fits(ui, cx, ui.max_rect().width());
    let button = controls::icon_button(ui, ICON_MENU, fl!(cx.words, "sidebar-menu"));
    Popup::menu(&button).show(|ui| {
        ui.set_min_width(220.0);
        for command in IN_FOOT.iter().filter(|_| crowded).chain(&IN_MENU) {
            let name = command.name(cx.words);
            let icon = command.icon().map(|icon| icon.rich_text().size(18.0).color(cx.look.weak));
            let keys = controls::keys(ui, cx.words, *command);
            let item = match icon {
                Some(icon) => Button::new((icon, name.as_str())),
                None => Button::new(name.as_str()),
            };
            let item = item.shortcut_text(RichText::new(keys).size(theme::SMALL)).frame_when_inactive(false);
            let item = ui.add(item.min_size(vec2(ui.available_width(), 0.0)));
            item.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if item.clicked() {
                intent = command.resolve(cx);
                ui.close();
            }
        }
    });
    intent
}

/// The buttons below the server: the main one, and others while there is room for their words.
pub fn buttons(ui: &mut Ui, cx: &Cx<'_>) -> Option<Intent> {
    let mut intent = None;
    let crowded = !fits(ui, cx, ui.available_width());
    let others: f32 = if crowded { 0.0 } else { IN_FOOT.iter().map(|command| width(ui, cx, *command) + GAP).sum() };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.spacing_mut().button_padding.x = PADDING;
        // A tint of the accent: what is asked for in the middle of the window has the accent itself.
        let text = RichText::new(UiCommand::Connect.name(cx.words)).color(cx.look.accent);
        let main = Button::new(text).fill(cx.look.chosen).stroke(Stroke::new(1.0, cx.look.accent)).truncate();
        let main = ui.add_sized(vec2(ui.available_width() - others, CONTROL), main);
        if controls::with_tooltip(main, cx.words, UiCommand::Connect).clicked() {
            intent = UiCommand::Connect.resolve(cx);
        }
        for command in IN_FOOT.iter().filter(|_| !crowded) {
            let button = ui.add(Button::new(word(cx, *command)).min_size(vec2(0.0, CONTROL)));
            if controls::with_tooltip(button, cx.words, *command).clicked() {
                intent = command.resolve(cx);
            }
        }
    });
    intent
}

/// Space between the buttons.
const GAP: f32 = 1.5 * STEP;

/// Whether all buttons of the foot fit beside each other.
fn fits(ui: &Ui, cx: &Cx<'_>, room: f32) -> bool {
    let all = IN_FOOT.iter().map(|command| width(ui, cx, *command) + GAP).sum::<f32>();
    width(ui, cx, UiCommand::Connect) + all <= room
}

fn width(ui: &Ui, cx: &Cx<'_>, command: UiCommand) -> f32 {
    let words = ui.painter().layout_no_wrap(word(cx, command), theme::text(), cx.look.text);
    words.size().x + 2.0 * PADDING + 2.0
}

/// What stands on its button.
fn word(cx: &Cx<'_>, command: UiCommand) -> String {
    match command {
        UiCommand::Presenter => fl!(cx.words, "present"),
        command => command.name(cx.words),
    }
}
