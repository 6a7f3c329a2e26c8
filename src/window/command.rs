//! Everything with a name: its keys, its icon, and what it does here and now.

use egui::{Event, Key as Button, KeyboardShortcut, Modifiers, Ui};
use egui_material_icons::{
    MaterialIcon,
    icons::{
        ICON_ADD_LINK, ICON_HISTORY, ICON_KEYBOARD, ICON_LAN, ICON_NOTIFICATIONS, ICON_PRESENT_TO_ALL,
        ICON_RIGHT_PANEL_OPEN, ICON_SCIENCE, ICON_SEARCH, ICON_SETTINGS,
    },
};
use i18n_embed_fl::fl;

use super::{
    Cx,
    request::{ConnRequest, ServerRequest},
    to_open::{may_start, next_step},
};
use crate::{
    chat::PersonId,
    core::{ConnState, Key, ServerState},
    i18n::Words,
    lan::LinkState,
    net::ConnId,
};

/// Buttons, tooltips, shortcuts and the page of shortcuts read this table.
#[allow(missing_docs, reason = "each is named by `Self::name`")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UiCommand {
    NextStep,
    WidenInspector,
    PauseOrResume,
    FinishSending,
    CloseConnection,
    ResetConnection,
    RemoveConversation,
    UndoRemove,
    History,
    Network,
    Notices,
    StartOrStop,
    Connect,
    NextConversation,
    PreviousConversation,
    Everyone,
    FocusComposer,
    ToggleHex,
    Find,
    Labs,
    Rename,
    Verify,
    Settings,
    LargerText,
    SmallerText,
    UsualText,
    Presenter,
    Inspector,
    Shortcuts,
    About,
    ExplainError,
    Palette,
}

/// Where a command stands on the page of shortcuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The connection that is open.
    Connection,
    /// Going from one conversation to another, and writing.
    Conversations,
    /// The server.
    Server,
    /// What the window shows.
    Window,
}

/// Something that is shown, or hidden if it is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toggled {
    /// The settings.
    Settings,
    /// Past sessions.
    History,
    /// This computer's network.
    Network,
    /// The log of notices.
    Notices,
    /// The version and the licences.
    About,
    /// What an error means.
    ExplainError,
    /// The page of shortcuts.
    Shortcuts,
    /// The list of labs.
    Labs,
    /// The palette of everything that can be done or opened.
    Palette,
    /// The projected window.
    Presenter,
    /// The inspector.
    Inspector,
    /// The inspector in all the window.
    WideInspector,
}

/// What a command does with what is selected now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Ask something of the server.
    Server(ServerRequest),
    /// Ask something of a connection.
    Conn(ConnId, ConnRequest),
    /// Make the call that a program would make next.
    NextStep,
    /// Restore the conversations that were removed last.
    UndoRemove,
    /// Show or hide something.
    Toggle(Toggled),
    /// Ask for an address to connect to.
    OpenConnectDialog,
    /// Ask for a name.
    OpenRenameDialog(ConnId),
    /// Compare six digits with a person.
    Verify(PersonId),
    /// Select a conversation.
    Select(Key),
    /// Select the one after it in the list.
    SelectNext,
    /// Select the one before it in the list.
    SelectPrevious,
    /// Put the cursor in the composer.
    FocusComposer,
    /// Type hex, or text again.
    ToggleHex,
    /// Find a text in the open conversation.
    Find,
    /// Make text larger (`1`) or smaller (`-1`), or as it was (`0`).
    TextSize(i8),
}

const fn key(key: Button) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Button) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Button) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

impl UiCommand {
    /// In the order of the page of shortcuts.
    pub const ALL: [Self; 32] = [
        Self::NextStep,
        Self::WidenInspector,
        Self::PauseOrResume,
        Self::FinishSending,
        Self::CloseConnection,
        Self::ResetConnection,
        Self::RemoveConversation,
        Self::UndoRemove,
        Self::History,
        Self::Network,
        Self::Notices,
        Self::StartOrStop,
        Self::Connect,
        Self::NextConversation,
        Self::PreviousConversation,
        Self::Everyone,
        Self::FocusComposer,
        Self::ToggleHex,
        Self::Find,
        Self::Labs,
        Self::Rename,
        Self::Verify,
        Self::Settings,
        Self::LargerText,
        Self::SmallerText,
        Self::UsualText,
        Self::Presenter,
        Self::Inspector,
        Self::Shortcuts,
        Self::About,
        Self::ExplainError,
        Self::Palette,
    ];

    /// Its keys, if it has any; tooltips show the first.
    #[must_use]
    pub const fn keys(self) -> &'static [KeyboardShortcut] {
        match self {
            Self::NextStep => const { &[key(Button::F10), key(Button::Space)] },
            Self::WidenInspector => const { &[KeyboardShortcut::new(Modifiers::SHIFT, Button::F12)] },
            Self::PauseOrResume => const { &[ctrl_shift(Button::P)] },
            Self::FinishSending => const { &[ctrl_shift(Button::F)] },
            Self::CloseConnection => const { &[ctrl_shift(Button::W)] },
            Self::ResetConnection => const { &[ctrl_shift(Button::R)] },
            Self::RemoveConversation => const { &[ctrl_shift(Button::Delete)] },
            Self::UndoRemove => const { &[ctrl_shift(Button::Z)] },
            Self::History => const { &[ctrl_shift(Button::H)] },
            Self::Network => const { &[ctrl_shift(Button::N)] },
            Self::Notices => const { &[ctrl_shift(Button::L)] },
            Self::StartOrStop => const { &[ctrl(Button::L)] },
            Self::Connect => const { &[ctrl(Button::N)] },
            Self::NextConversation => const { &[ctrl(Button::PageDown)] },
            Self::PreviousConversation => const { &[ctrl(Button::PageUp)] },
            Self::Everyone => const { &[ctrl(Button::E)] },
            Self::FocusComposer => const { &[ctrl(Button::I)] },
            Self::ToggleHex => const { &[ctrl(Button::H)] },
            Self::Find => const { &[ctrl(Button::F)] },
            Self::Labs => const { &[key(Button::F9)] },
            Self::Rename => const { &[key(Button::F2)] },
            Self::Verify => const { &[ctrl_shift(Button::D)] },
            Self::Settings => const { &[ctrl(Button::Comma)] },
            Self::LargerText => const { &[ctrl(Button::Plus), ctrl(Button::Equals)] },
            Self::SmallerText => const { &[ctrl(Button::Minus)] },
            Self::UsualText => const { &[ctrl(Button::Num0)] },
            Self::Presenter => const { &[key(Button::F11)] },
            Self::Inspector => const { &[key(Button::F12)] },
            Self::Shortcuts => const { &[key(Button::F1)] },
            Self::About | Self::ExplainError => &[],
            Self::Palette => const { &[ctrl(Button::K)] },
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self, words: &Words) -> String {
        match self {
            Self::NextStep => fl!(words, "key-next-step"),
            Self::WidenInspector => fl!(words, "inspector-widen"),
            Self::PauseOrResume => fl!(words, "key-pause"),
            Self::FinishSending => fl!(words, "finish-sending"),
            Self::CloseConnection => fl!(words, "key-close"),
            Self::ResetConnection => fl!(words, "reset"),
            Self::RemoveConversation => fl!(words, "remove"),
            Self::UndoRemove => fl!(words, "key-undo-remove"),
            Self::History => fl!(words, "history"),
            Self::Network => fl!(words, "network"),
            Self::Notices => fl!(words, "notices"),
            Self::StartOrStop => fl!(words, "key-start-stop"),
            Self::Connect => fl!(words, "connect-ask"),
            Self::NextConversation => fl!(words, "key-next"),
            Self::PreviousConversation => fl!(words, "key-previous"),
            Self::Everyone => fl!(words, "key-everyone"),
            Self::FocusComposer => fl!(words, "key-composer"),
            Self::ToggleHex => fl!(words, "key-hex"),
            Self::Find => fl!(words, "find"),
            Self::Labs => fl!(words, "labs"),
            Self::Rename => fl!(words, "rename"),
            Self::Verify => fl!(words, "person-verify"),
            Self::Settings => fl!(words, "settings"),
            Self::LargerText => fl!(words, "text-larger"),
            Self::SmallerText => fl!(words, "text-smaller"),
            Self::UsualText => fl!(words, "key-text-normal"),
            Self::Presenter => fl!(words, "presenter"),
            Self::Inspector => fl!(words, "inspector"),
            Self::Shortcuts => fl!(words, "shortcuts"),
            Self::About => fl!(words, "about"),
            Self::ExplainError => fl!(words, "explain-error"),
            Self::Palette => fl!(words, "palette"),
        }
    }

    /// Where it stands on the page of shortcuts.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::FinishSending
            | Self::CloseConnection
            | Self::ResetConnection
            | Self::RemoveConversation
            | Self::UndoRemove
            | Self::Rename
            | Self::Connect => Group::Connection,
            Self::NextConversation
            | Self::PreviousConversation
            | Self::Everyone
            | Self::FocusComposer
            | Self::ToggleHex
            | Self::Find
            | Self::Verify => Group::Conversations,
            Self::NextStep | Self::PauseOrResume | Self::StartOrStop => Group::Server,
            Self::WidenInspector
            | Self::History
            | Self::Network
            | Self::Notices
            | Self::Labs
            | Self::Settings
            | Self::LargerText
            | Self::SmallerText
            | Self::UsualText
            | Self::Presenter
            | Self::Inspector
            | Self::Shortcuts
            | Self::About
            | Self::ExplainError
            | Self::Palette => Group::Window,
        }
    }

    /// Whether it is done again and again while its keys are held: what moves on by a little.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::NextConversation | Self::PreviousConversation | Self::LargerText | Self::SmallerText)
    }

    /// Its icon, if it has a button.
    #[must_use]
    pub fn icon(self) -> Option<MaterialIcon> {
        match self {
            Self::Connect => Some(ICON_ADD_LINK),
            Self::Find => Some(ICON_SEARCH),
            Self::History => Some(ICON_HISTORY),
            Self::Inspector => Some(ICON_RIGHT_PANEL_OPEN),
            Self::Labs => Some(ICON_SCIENCE),
            Self::Network => Some(ICON_LAN),
            Self::Notices => Some(ICON_NOTIFICATIONS),
            Self::Presenter => Some(ICON_PRESENT_TO_ALL),
            Self::Settings => Some(ICON_SETTINGS),
            Self::Shortcuts => Some(ICON_KEYBOARD),
            _ => None,
        }
    }

    /// What it does with what is selected now; `None`, if nothing.
    #[must_use]
    pub fn resolve(self, cx: &Cx<'_>) -> Option<Intent> {
        let conn = match cx.selected {
            Key::Conn(conn) => Some(conn),
            Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => None,
        };
        let state = || cx.core.conversation(cx.selected).map(|conversation| &conversation.state);
        let live = || conn.filter(|_| state().is_some_and(|state| !state.is_over() && !state.is_under_way()));
        let udp = || cx.core.conversation(cx.selected).is_some_and(|conversation| conversation.origin.is_udp());
        let over = || conn.filter(|_| state().is_some_and(ConnState::is_over));
        let server = cx.core.server();
        match self {
            Self::NextStep => next_step(cx).filter(|steps| !steps.waits).map(|_| Intent::NextStep),
            Self::WidenInspector => cx.inspecting.then_some(Intent::Toggle(Toggled::WideInspector)),
            Self::PauseOrResume => match server.state {
                ServerState::Listening { .. } if server.stepping => None,
                ServerState::Listening { accepting: true, .. } => Some(Intent::Server(ServerRequest::PauseAccepting)),
                ServerState::Listening { accepting: false, .. } => Some(Intent::Server(ServerRequest::ResumeAccepting)),
                ServerState::Stopped | ServerState::Starting(_) | ServerState::Bound { .. } => None,
            },
            Self::StartOrStop => match server.state {
                ServerState::Listening { .. } | ServerState::Bound { .. } => Some(Intent::Server(ServerRequest::Stop)),
                ServerState::Stopped if may_start(cx) => Some(Intent::Server(ServerRequest::Start)),
                ServerState::Stopped | ServerState::Starting(_) => None,
            },
            Self::FinishSending => Some(Intent::Conn(live().filter(|_| !udp())?, ConnRequest::FinishSending)),
            Self::CloseConnection => Some(Intent::Conn(live()?, ConnRequest::Close)),
            Self::ResetConnection => Some(Intent::Conn(live().filter(|_| !udp())?, ConnRequest::Reset)),
            Self::RemoveConversation => Some(Intent::Conn(over()?, ConnRequest::Remove)),
            Self::UndoRemove => (cx.core.removed().len() > 0 || cx.core.past().removal_to_undo(cx.now()).is_some())
                .then_some(Intent::UndoRemove),
            Self::History => Some(Intent::Toggle(Toggled::History)),
            Self::Network => Some(Intent::Toggle(Toggled::Network)),
            Self::Notices => Some(Intent::Toggle(Toggled::Notices)),
            Self::Connect => Some(Intent::OpenConnectDialog),
            Self::NextConversation => Some(Intent::SelectNext),
            Self::PreviousConversation => Some(Intent::SelectPrevious),
            Self::Everyone => Some(Intent::Select(Key::Everyone)),
            Self::FocusComposer => Some(Intent::FocusComposer),
            // People are sent text.
            Self::ToggleHex => (!matches!(cx.selected, Key::Person(_) | Key::Nearby)).then_some(Intent::ToggleHex),
            Self::Find => cx.core.conversation(cx.selected).map(|_| Intent::Find),
            Self::Labs => Some(Intent::Toggle(Toggled::Labs)),
            Self::Rename => conn.map(Intent::OpenRenameDialog),
            Self::Verify => {
                let Key::Person(id) = cx.selected else { return None };
                let person = cx.core.people().get(id)?;
                (person.link() == LinkState::Live && !person.record().blocked).then_some(Intent::Verify(id))
            }
            Self::Settings => Some(Intent::Toggle(Toggled::Settings)),
            Self::LargerText => Some(Intent::TextSize(1)),
            Self::SmallerText => Some(Intent::TextSize(-1)),
            Self::UsualText => Some(Intent::TextSize(0)),
            Self::Presenter => Some(Intent::Toggle(Toggled::Presenter)),
            Self::Inspector => Some(Intent::Toggle(Toggled::Inspector)),
            Self::Shortcuts => Some(Intent::Toggle(Toggled::Shortcuts)),
            Self::About => Some(Intent::Toggle(Toggled::About)),
            Self::ExplainError => Some(Intent::Toggle(Toggled::ExplainError)),
            Self::Palette => Some(Intent::Toggle(Toggled::Palette)),
        }
    }
}

/// What the command does whose keys were pressed.
#[must_use]
pub fn pressed(ui: &Ui, cx: &Cx<'_>) -> Option<Intent> {
    if !ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { pressed: true, .. }))) {
        return None;
    }
    if next_step_pressed(ui)
        && let Some(step) = UiCommand::NextStep.resolve(cx)
    {
        return Some(step);
    }
    // Those with Shift first: Ctrl+Shift+L would also match Ctrl+L.
    let command = [true, false].into_iter().find_map(|with_shift| {
        UiCommand::ALL.into_iter().filter(|command| *command != UiCommand::NextStep).find(|command| {
            let mut keys = command.keys().iter().filter(|keys| keys.modifiers.shift == with_shift);
            keys.any(|keys| consume(ui, *keys, command.repeats()))
        })
    });
    command?.resolve(cx)
}

/// Whether these keys were pressed; nobody else hears of them then, nor that they are still held.
fn consume(ui: &Ui, keys: KeyboardShortcut, repeats: bool) -> bool {
    let mut done = false;
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, repeat, modifiers, .. }
                if *key == keys.logical_key && modifiers.matches_logically(keys.modifiers) =>
            {
                done |= repeats || !*repeat;
                false
            }
            _ => true,
        });
    });
    done
}

/// F10, or Space where nothing else has the keyboard: once for each press, however long it is held.
fn next_step_pressed(ui: &Ui) -> bool {
    let free = ui.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ui.ctx());
    let is_next = |pressed: Button| {
        let mut keys = UiCommand::NextStep.keys().iter();
        keys.any(|keys| keys.logical_key == pressed) && (pressed != Button::Space || free)
    };
    ui.input(|input| {
        input.events.iter().any(|event| match event {
            Event::Key { key, pressed: true, repeat: false, modifiers, .. } => modifiers.is_none() && is_next(*key),
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_the_same_keys() {
        let all: Vec<_> =
            UiCommand::ALL.iter().flat_map(|command| command.keys().iter().map(move |keys| (keys, command))).collect();
        for (n, (keys, command)) in all.iter().enumerate() {
            for (other_keys, other) in all.iter().skip(n + 1) {
                assert_ne!(keys, other_keys, "{command:?} and {other:?}");
            }
        }
    }

    #[test]
    fn each_command_is_in_the_table_once() {
        for (n, command) in UiCommand::ALL.iter().enumerate() {
            assert_eq!(*command as usize, n, "{command:?}");
        }
    }
}
