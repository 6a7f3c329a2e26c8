//! Keys: what each does, and the list of them.

use egui::{Grid, Key as Button, KeyboardShortcut, Modifiers, RichText, ScrollArea, Ui};
use i18n_embed_fl::fl;

use super::{Action, Cx, parts::controls, screen::network::NetworkAction, theme};
use crate::{
    core::{Key, ServerState},
    net::ConnId,
};

/// A key and what it does here and now; the same table makes it work and lists it.
struct Shortcut {
    keys: KeyboardShortcut,
    words: String,
    /// `None` where it would do nothing now.
    action: Option<Action>,
}

/// What was asked for by a key, if it does something now.
#[must_use]
pub fn pressed(ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
    if !ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Key { pressed: true, .. }))) {
        return None;
    }
    if let Some(step) = next_step(ui, cx) {
        return Some(step);
    }
    all(cx).into_iter().find(|shortcut| ui.input_mut(|input| input.consume_shortcut(&shortcut.keys)))?.action
}

/// F10, or Space where nothing else has the keyboard: once for each press, however long it is held.
fn next_step(ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
    let free = ui.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ui.ctx());
    let is_next = |key: Button| key == Button::F10 || key == Button::Space && free;
    let pressed = ui.input(|input| {
        input.events.iter().any(|event| match event {
            egui::Event::Key { key, pressed: true, repeat: false, modifiers, .. } => {
                modifiers.is_none() && is_next(*key)
            }
            _ => false,
        })
    });
    let steps = crate::window::parts::steps::next(cx).filter(|_| pressed)?;
    (!steps.waits).then_some(Action::NextStep)
}

/// The list of shortcuts.
pub fn list(ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
    let response = controls::dialog(ui, "shortcuts", 440.0, |ui| {
        ui.label(theme::strong(fl!(cx.words, "shortcuts"), theme::TITLE));
        let height = (ui.ctx().content_rect().height() - 180.0).max(80.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                Grid::new("shortcut-list").num_columns(2).spacing([24.0, 8.0]).show(ui, |ui| {
                    for (keys, words) in by_hand(cx) {
                        ui.label(RichText::new(keys).font(theme::mono(theme::SMALL)).color(cx.look.weak));
                        ui.label(words);
                        ui.end_row();
                    }
                    for shortcut in all(cx) {
                        let keys = ui.ctx().format_shortcut(&shortcut.keys);
                        ui.label(RichText::new(keys).font(theme::mono(theme::SMALL)).color(cx.look.weak));
                        ui.label(shortcut.words);
                        ui.end_row();
                    }
                });
            },
        );
        controls::primary(ui, cx.look, fl!(cx.words, "dismiss")).clicked()
    });
    (response.should_close() || response.inner).then_some(Action::ToggleShortcuts)
}

/// Those that a field or a list handles itself.
fn by_hand(cx: &Cx<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("Enter", fl!(cx.words, "key-send")),
        ("Shift+Enter", fl!(cx.words, "key-break")),
        ("↑ ↓", fl!(cx.words, "key-recall")),
        ("Page Up/Down", fl!(cx.words, "key-scroll")),
        ("Tab", fl!(cx.words, "key-tab")),
        ("Esc", fl!(cx.words, "key-escape")),
        ("F10, Space", fl!(cx.words, "key-next-step")),
    ]
}

fn all(cx: &Cx<'_>) -> Vec<Shortcut> {
    let command = |key| KeyboardShortcut::new(Modifiers::COMMAND, key);
    let shifted = |key| KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key);
    let one = |keys, words, action| Shortcut { keys, words, action };
    let conn: Option<ConnId> = match cx.selected {
        Key::Conn(conn) => Some(conn),
        Key::Everyone | Key::Past(_) => None,
    };
    let state = conn.and_then(|_| cx.model.conversation(cx.selected)).map(|conversation| &conversation.state);
    let live = conn.filter(|_| state.is_some_and(|state| !state.is_over() && !state.is_under_way()));
    let over = conn.filter(|_| state.is_some_and(crate::core::ConnState::is_over));
    let any_removed = cx.model.removed().len() > 0;
    let stepping = cx.model.server().stepping;
    let (start_stop, pause) = match cx.model.server().state {
        ServerState::Listening { .. } if stepping => (Some(Action::StopListening), None),
        ServerState::Stopped => (Some(Action::StartListening), None),
        ServerState::Starting(_) => (None, None),
        ServerState::Listening { accepting: true, .. } => (Some(Action::StopListening), Some(Action::PauseAccepting)),
        ServerState::Listening { accepting: false, .. } => (Some(Action::StopListening), Some(Action::ResumeAccepting)),
    };
    vec![
        // The longer ones first: Ctrl+Shift+L would also match Ctrl+L.
        one(
            KeyboardShortcut::new(Modifiers::SHIFT, Button::F12),
            fl!(cx.words, "inspector-widen"),
            cx.inspecting.then_some(Action::WidenInspector),
        ),
        one(shifted(Button::P), fl!(cx.words, "key-pause"), pause),
        one(shifted(Button::F), fl!(cx.words, "finish-sending"), live.map(Action::FinishSending)),
        one(shifted(Button::W), fl!(cx.words, "key-close"), live.map(Action::Close)),
        one(shifted(Button::R), fl!(cx.words, "reset"), live.map(Action::Reset)),
        one(shifted(Button::Delete), fl!(cx.words, "remove"), over.map(Action::Remove)),
        one(shifted(Button::Z), fl!(cx.words, "key-undo-remove"), any_removed.then_some(Action::UndoRemove)),
        one(shifted(Button::H), fl!(cx.words, "history"), Some(Action::ToggleHistory)),
        one(shifted(Button::N), fl!(cx.words, "network"), Some(Action::Network(NetworkAction::Toggle))),
        one(shifted(Button::L), fl!(cx.words, "notices"), Some(Action::ToggleNotices)),
        one(command(Button::L), fl!(cx.words, "key-start-stop"), start_stop),
        one(command(Button::N), fl!(cx.words, "connect-ask"), Some(Action::AskAddress)),
        one(command(Button::PageDown), fl!(cx.words, "key-next"), Some(Action::SelectBeside(1))),
        one(command(Button::PageUp), fl!(cx.words, "key-previous"), Some(Action::SelectBeside(-1))),
        one(command(Button::E), fl!(cx.words, "key-everyone"), Some(Action::Select(Key::Everyone))),
        one(command(Button::I), fl!(cx.words, "key-composer"), Some(Action::FocusComposer)),
        one(command(Button::H), fl!(cx.words, "key-hex"), Some(Action::ToggleHex)),
        one(KeyboardShortcut::new(Modifiers::NONE, Button::F9), fl!(cx.words, "labs"), Some(Action::ToggleLabs)),
        one(KeyboardShortcut::new(Modifiers::NONE, Button::F2), fl!(cx.words, "rename"), conn.map(Action::AskName)),
        one(command(Button::Comma), fl!(cx.words, "settings"), Some(Action::ToggleSettings)),
        one(command(Button::Plus), fl!(cx.words, "text-larger"), Some(Action::TextSize(1))),
        one(command(Button::Equals), fl!(cx.words, "text-larger"), Some(Action::TextSize(1))),
        one(command(Button::Minus), fl!(cx.words, "text-smaller"), Some(Action::TextSize(-1))),
        one(command(Button::Num0), fl!(cx.words, "key-text-normal"), Some(Action::TextSize(0))),
        one(
            KeyboardShortcut::new(Modifiers::NONE, Button::F11),
            fl!(cx.words, "presenter"),
            Some(Action::TogglePresenter),
        ),
        one(
            KeyboardShortcut::new(Modifiers::NONE, Button::F12),
            fl!(cx.words, "inspector"),
            Some(Action::ToggleInspector),
        ),
        one(
            KeyboardShortcut::new(Modifiers::NONE, Button::F1),
            fl!(cx.words, "shortcuts"),
            Some(Action::ToggleShortcuts),
        ),
    ]
}
