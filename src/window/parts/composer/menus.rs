//! The menus below the field: encoding, where a message ends, what else can be sent, and keys of saved messages.

use egui::{Button, Key as Button_, Modifiers, RichText, Ui};
use egui_material_icons::icons::ICON_ARROW_DROP_DOWN;
use i18n_embed_fl::fl;

use super::{super::saved, Action, Draft, is_udp};
use crate::{
    chat::LineEnding,
    core::{Conversation, ConversationOptions, Key},
    settings::SavedMessage,
    window::{Cx, theme, wording},
    wire::{
        Framing,
        text::{OFFERED, TextEncoding},
    },
};

/// What was chosen in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen<T> {
    /// This.
    This(T),
    /// Something that the menu does not have: a dialog is to ask for it.
    Other,
}

/// The saved message whose key was just pressed.
pub(super) fn saved_by_key(ui: &Ui, cx: &Cx<'_>, conversation: &Conversation) -> Option<SavedMessage> {
    const DIGITS: [Button_; 9] = [
        Button_::Num1,
        Button_::Num2,
        Button_::Num3,
        Button_::Num4,
        Button_::Num5,
        Button_::Num6,
        Button_::Num7,
        Button_::Num8,
        Button_::Num9,
    ];
    // What lies behind a dialog does nothing.
    if !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
        return None;
    }
    let own = |message: &&SavedMessage| !message.device.is_empty();
    let of_key = |key: u8| {
        let all = || saved::of(cx.settings, conversation).map(|(_, message)| message);
        let with_key = |message: &&SavedMessage| message.key == key;
        // One of this device goes before one of all.
        all().filter(own).find(with_key).or_else(|| all().find(with_key)).cloned()
    };
    let keys = DIGITS.into_iter().zip(1..);
    let mut used = keys.filter_map(|(digit, key)| of_key(key).map(|message| (digit, message)));
    used.find(|(digit, _)| ui.input_mut(|input| input.consume_key(Modifiers::ALT, *digit))).map(|(_, message)| message)
}

/// What else can be sent.
pub(super) fn more_menu(ui: &mut Ui, cx: &Cx<'_>, key: Key, draft: &Draft, can_send: bool) -> Option<Action> {
    let mut action = None;
    let name = fl!(cx.words, "send-more");
    let more = ICON_ARROW_DROP_DOWN.rich_text().size(theme::SMALL);
    let text = RichText::new(name.as_str()).size(theme::SMALL);
    let button = Button::new((text, more)).gap(0.0).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(180.0);
        let item = |ui: &mut Ui, enabled: bool, text: String| {
            let clicked = ui.add_enabled(enabled, Button::new(text).frame_when_inactive(false)).clicked();
            if clicked {
                ui.close();
            }
            clicked
        };
        if item(ui, true, fl!(cx.words, "saved-messages")) {
            action = Some(Action::AskSaved(key, draft.text.clone(), draft.written));
        }
        if item(ui, can_send, fl!(cx.words, "repeat-ask")) {
            action = Some(Action::AskRepeat(key, draft.text.clone(), draft.written));
        }
        if item(ui, can_send, fl!(cx.words, "send-file")) {
            action = Some(Action::AskFile(key));
        }
        if is_udp(cx, key) && item(ui, can_send, fl!(cx.words, "udp-send-empty")) {
            action = Some(Action::SendText(key, String::new()));
        }
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name.as_str()));
    action
}

fn menu<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    (value, shown): (&str, &str),
    now: T,
    choices: impl IntoIterator<Item = (T, String)>,
) -> Option<T> {
    let mut chosen = None;
    let more = ICON_ARROW_DROP_DOWN.rich_text().size(theme::SMALL);
    let button = Button::new((RichText::new(shown).size(theme::SMALL), more)).gap(0.0).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(180.0);
        for (value, text) in choices {
            if ui.add(Button::selectable(value == now, text)).clicked() {
                ui.close();
                chosen = (value != now).then_some(value);
            }
        }
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, format!("{name}: {value}")));
    response.on_hover_text(hint);
    chosen
}

pub(super) fn encoding_menu(ui: &mut Ui, cx: &Cx<'_>, now: TextEncoding) -> Option<TextEncoding> {
    let choices = OFFERED.into_iter().map(|encoding| (encoding, encoding.name().to_owned()));
    let name = fl!(cx.words, "encoding");
    menu(ui, &name, &name, (now.name(), now.name()), now, choices)
}

pub(super) fn framing_menu(ui: &mut Ui, cx: &Cx<'_>, manner: &ConversationOptions) -> Option<Chosen<Framing>> {
    let (now, quiet) = (manner.framing(), manner.options.quiet);
    let usual = [Framing::Line, Framing::Chunk, Framing::LENGTH, Framing::Cr];
    let own = (!usual.contains(&now)).then_some(now);
    let choices =
        usual.into_iter().chain(own).map(|framing| (Chosen::This(framing), wording::framing_long(cx, framing, quiet)));
    let choices = choices.chain([(Chosen::Other, fl!(cx.words, "framing-other"))]);
    let (name, hint) = (fl!(cx.words, "framing"), fl!(cx.words, "framing-hint"));
    let shown = wording::framing_text(cx, now);
    menu(ui, &name, &hint, (&shown, &shown), Chosen::This(now), choices)
}

pub(super) fn ending_menu(ui: &mut Ui, cx: &Cx<'_>, now: LineEnding) -> Option<Chosen<LineEnding>> {
    let own = (!LineEnding::NAMED.contains(&now)).then_some(now);
    let choices = LineEnding::NAMED.into_iter().chain(own);
    let choices = choices.map(|ending| (Chosen::This(ending), wording::ending_text(cx, ending)));
    let choices = choices.chain([(Chosen::Other, fl!(cx.words, "ending-other"))]);
    let value = wording::ending_text(cx, now);
    let shown = fl!(cx.words, "ending-is", ending = value.as_str());
    let name = fl!(cx.words, "line-ending");
    menu(ui, &name, &name, (&value, &shown), Chosen::This(now), choices)
}
