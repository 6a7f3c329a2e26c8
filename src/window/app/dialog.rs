//! The dialog in front of the window, one at a time.

use egui::{Context, Key as Button, Ui};
use i18n_embed_fl::fl;

use super::{App, ending};
use crate::{
    chat::RowNumber,
    core::{Input, Key},
    net::ConnId,
    settings::EmptyEnter,
    window::{
        Cx,
        parts::{
            composer,
            connect::{self, ConnectDialog},
            controls,
            device::{self, DeviceDialog, OptionsDialog},
            field,
            file_dialog::{self, FileDialog},
            framing::{self, FramingDialog},
            lab::{self, LabList},
            me::{self, MeDialog},
            notices,
            palette::{self, Palette},
            people_dialogs::{self, ForgetDialog, VerifyDialog},
            removal::{self, RemovalDialog},
            repeat::{self, RepeatDialog},
            rules::{self, RulesDialog},
            saved::{self, SavedDialog},
            shortcuts,
        },
        theme, wording,
    },
};

/// The dialog in front of the window.
#[derive(Debug)]
pub enum Dialog {
    /// Asks for an address to connect to.
    Connect(ConnectDialog),
    /// Asks for a name.
    Rename(RenameDialog),
    /// Asks for the text to reply with.
    Reply(ReplyDialog),
    /// Asks for a file.
    File(FileDialog),
    /// The log of what went wrong.
    Notices,
    /// Asks whether messages are to be deleted.
    Removal(RemovalDialog),
    /// The list of labs.
    Labs(LabList),
    /// The list of keys.
    Shortcuts,
    /// Asks what Enter does in an empty field.
    EmptyEnter(Key),
    /// Everything that can be done or opened.
    Palette(Palette),
    /// Asks for what to be called on this network.
    Me(MeDialog),
    /// Six digits to compare.
    Verify(VerifyDialog),
    /// Asks whether to forget a person.
    Forget(ForgetDialog),
    /// What is protected and what is not.
    Protection,
    /// Who got a message to everyone nearby.
    Shares(RowNumber),
    /// Asks where a message ends.
    Framing(FramingDialog),
    /// Asks by what a device is to be known.
    Device(DeviceDialog),
    /// Asks what a connection does on its own.
    ConnOptions(OptionsDialog),
    /// The saved messages.
    Saved(SavedDialog),
    /// Asks what is sent again and again.
    Repeat(RepeatDialog),
    /// Asks for the rules to reply by.
    Rules(RulesDialog),
    /// Asks whether the window is to close though something is on its way.
    Unsent,
}

/// What is asked for in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To close it.
    Close,
    /// A connection.
    Connect(connect::Action),
    /// This name for a peer, or none.
    Rename(ConnId, Option<String>),
    /// To reply to this peer with this text from now on.
    Reply(ConnId, String),
    /// Something with a file.
    File(file_dialog::Action),
    /// Something in the log of notices.
    Log(notices::LogAction),
    /// To delete messages.
    Removal(removal::Action),
    /// A lab.
    Labs(lab::ListAction),
    /// This from now on for Enter in an empty field, in this conversation first.
    EmptyEnter(Key, EmptyEnter),
    /// Something in the palette.
    Palette(palette::Action),
    /// Something about oneself.
    Me(me::Action),
    /// Something of a person.
    People(people_dialogs::Action),
    /// Where messages end from now on.
    Framing(framing::Action),
    /// Something with a device.
    Device(device::Action),
    /// Something with saved messages.
    Saved(saved::Action),
    /// What is sent again and again.
    Repeat(repeat::Action),
    /// The rules to reply by.
    Rules(rules::Action),
    /// To close the window, whatever is on its way.
    CloseWindow,
}

impl Dialog {
    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        match self {
            Self::Connect(dialog) => dialog.show(ui, cx).map(Action::Connect),
            Self::Rename(dialog) => dialog.show(ui, cx),
            Self::Reply(dialog) => dialog.show(ui, cx),
            Self::Labs(list) => list.show(ui, cx).map(Action::Labs),
            Self::File(dialog) => dialog.show(ui, cx).map(Action::File),
            Self::Removal(dialog) => dialog.show(ui, cx).map(Action::Removal),
            Self::Notices => notices::log(ui, cx).map(Action::Log),
            Self::Shortcuts => shortcuts::show(ui, cx).then_some(Action::Close),
            Self::EmptyEnter(key) => ask_empty_enter(ui, cx, *key),
            Self::Palette(palette) => palette.show(ui, cx).map(Action::Palette),
            Self::Me(dialog) => dialog.show(ui, cx).map(Action::Me),
            Self::Verify(dialog) => dialog.show(ui, cx).map(Action::People),
            Self::Forget(dialog) => dialog.show(ui, cx).map(Action::People),
            Self::Protection => people_dialogs::protection(ui, cx).then_some(Action::Close),
            Self::Shares(row) => people_dialogs::shares(ui, cx, *row).then_some(Action::Close),
            Self::Framing(dialog) => dialog.show(ui, cx).map(Action::Framing),
            Self::Device(dialog) => dialog.show(ui, cx).map(Action::Device),
            Self::ConnOptions(dialog) => dialog.show(ui, cx).map(Action::Device),
            Self::Saved(dialog) => dialog.show(ui, cx).map(Action::Saved),
            Self::Repeat(dialog) => dialog.show(ui, cx).map(Action::Repeat),
            Self::Rules(dialog) => dialog.show(ui, cx).map(Action::Rules),
            Self::Unsent => ask_unsent(ui, cx),
        }
    }
}

impl App {
    pub(super) fn dialog_action(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Close
            | Action::File(file_dialog::Action::Dismiss)
            | Action::Removal(removal::Action::Dismiss)
            | Action::Log(notices::LogAction::Close)
            | Action::Labs(lab::ListAction::Close) => self.close_dialog(),
            Action::Connect(action) => self.connect_action(action),
            Action::Rename(conn, name) => {
                self.change(Input::Renamed { conn, name });
                self.close_dialog();
            }
            Action::Reply(conn, text) => {
                self.close_dialog();
                self.reply_with(ctx, conn, text);
            }
            Action::File(file_dialog::Action::Chosen(wanted, path)) => self.file_chosen(ctx, wanted, path),
            Action::Removal(removal::Action::Remove(what)) => {
                self.close_dialog();
                self.remove_past(what);
            }
            Action::Log(notices::LogAction::Copy(text)) => self.copy(ctx, text),
            Action::Log(notices::LogAction::AskFile(wanted)) => self.ask_file(wanted),
            Action::EmptyEnter(key, choice) => self.set_empty_enter(ctx, key, choice),
            Action::Palette(action) => self.palette_action(ctx, action),
            Action::Me(action) => self.me_action(ctx, action),
            Action::People(action) => self.people_dialog_action(action),
            Action::Framing(action) => self.framing_action(ctx, action),
            Action::Device(action) => self.device_action(ctx, action),
            Action::Saved(action) => self.saved_action(ctx, action),
            Action::Repeat(action) => self.repeat_action(action),
            Action::Rules(action) => self.rules_action(ctx, action),
            Action::CloseWindow => ending::close_without_asking(ctx),
            Action::Labs(lab::ListAction::Start { id, stop_server }) => self.start_lab(&id, stop_server),
        }
    }

    /// Close the dialog: what had the keyboard has it again, and where nothing had, the next thing is to write.
    pub(super) fn close_dialog(&mut self) {
        let asked = matches!(
            self.front.dialog.take(),
            Some(
                Dialog::Connect(_)
                    | Dialog::Rename(_)
                    | Dialog::Reply(_)
                    | Dialog::File(_)
                    | Dialog::Framing(_)
                    | Dialog::Saved(_)
                    | Dialog::Device(_)
                    | Dialog::ConnOptions(_)
                    | Dialog::Repeat(_)
                    | Dialog::Rules(_)
            )
        );
        if asked && self.front.behind.and_then(|behind| behind.focused).is_none() {
            self.screens.conversation.composer.focus();
        }
    }

    /// Show this dialog, or close the one that is open.
    pub(super) fn toggle_dialog(&mut self, dialog: Dialog) {
        self.front.dialog = if self.front.dialog.is_none() { Some(dialog) } else { None };
    }
}

/// Asks, once, whether Enter in an empty field sends the line ending alone; over UDP, an empty datagram.
fn ask_empty_enter(ui: &Ui, cx: &Cx<'_>, key: Key) -> Option<Action> {
    let response = controls::dialog(ui, "empty-enter", 360.0, |ui| {
        if composer::is_udp(cx, key) {
            ui.label(theme::strong(fl!(cx.words, "udp-empty-enter-title"), theme::TEXT + 1.0));
            controls::hint(ui, cx.look, fl!(cx.words, "udp-empty-enter-hint"));
            return choice(ui, cx);
        }
        let ending = cx
            .core
            .conversation(key)
            .map_or_else(String::new, |conversation| wording::ending_text(cx, conversation.manner().line_ending));
        ui.label(theme::strong(fl!(cx.words, "empty-enter-title", ending = ending), theme::TEXT + 1.0));
        controls::hint(ui, cx.look, fl!(cx.words, "empty-enter-hint"));
        choice(ui, cx)
    });
    match response.inner {
        Some(choice) => Some(Action::EmptyEnter(key, choice)),
        None => response.should_close().then_some(Action::Close),
    }
}

fn choice(ui: &mut Ui, cx: &Cx<'_>) -> Option<EmptyEnter> {
    let send = (fl!(cx.words, "empty-enter-send"), EmptyEnter::Send);
    either(ui, cx, send, (fl!(cx.words, "empty-enter-nothing"), EmptyEnter::Nothing))
}

/// Two buttons; Enter presses the first unless something else has the keyboard.
fn either<T>(ui: &mut Ui, cx: &Cx<'_>, (main, of_main): (String, T), (other, of_other): (String, T)) -> Option<T> {
    ui.horizontal(|ui| {
        let main = controls::primary(ui, cx.look, main);
        let other = ui.button(other);
        if ui.memory(|memory| memory.focused().is_none()) {
            main.request_focus();
        }
        main.clicked().then_some(of_main).or(other.clicked().then_some(of_other))
    })
    .inner
}

/// Asks whether to close while something long is on its way; no question is left once it is sent.
fn ask_unsent(ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
    let left = cx.core.not_taken();
    if left == 0 {
        return Some(Action::Close);
    }
    let response = controls::dialog(ui, "unsent", 360.0, |ui| {
        ui.label(theme::strong(fl!(cx.words, "unsent-title"), theme::TEXT + 1.0));
        controls::hint(ui, cx.look, fl!(cx.words, "unsent-left", size = wording::size(cx, left as u64)));
        let stay = (fl!(cx.words, "unsent-stay"), Action::Close);
        either(ui, cx, stay, (fl!(cx.words, "unsent-close"), Action::CloseWindow))
    });
    if response.should_close() { Some(Action::Close) } else { response.inner }
}

/// Asks for the name of a peer.
#[derive(Debug)]
pub struct RenameDialog {
    conn: ConnId,
    name: String,
    shown_before: bool,
}

impl RenameDialog {
    /// For this connection, called so now.
    #[must_use]
    pub fn new(conn: ConnId, name: String) -> Self {
        Self { conn, name, shown_before: false }
    }

    fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "rename-dialog", 320.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "rename-title"), theme::TITLE));
            let name = fl!(cx.words, "name");
            let response = field::one_line(ui, cx.words, &mut self.name, theme::text(), name, |field| {
                let field = field.hint_text(fl!(cx.words, "rename-hint")).char_limit(40);
                field.margin(egui::Margin::symmetric(10, 7)).desired_width(300.0)
            });
            if !self.shown_before {
                self.shown_before = true;
                response.request_focus();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Button::Enter));
            ui.horizontal(|ui| {
                let done = controls::primary(ui, cx.look, fl!(cx.words, "rename-done")).clicked() || entered;
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if done {
                    let name = self.name.trim();
                    Some(Action::Rename(self.conn, (!name.is_empty()).then(|| name.to_owned())))
                } else {
                    cancelled.then_some(Action::Close)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }
}

/// Asks for the text that is replied with.
#[derive(Debug)]
pub struct ReplyDialog {
    conn: ConnId,
    text: String,
    shown_before: bool,
}

impl ReplyDialog {
    /// For this connection, beginning with this text.
    #[must_use]
    pub fn new(conn: ConnId, text: String) -> Self {
        Self { conn, text, shown_before: false }
    }

    fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "reply-dialog", 360.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "reply-title"), theme::TITLE));
            let name = fl!(cx.words, "reply-text");
            let response = field::one_line(ui, cx.words, &mut self.text, theme::text(), name, |field| {
                field.margin(egui::Margin::symmetric(10, 7)).desired_width(340.0)
            });
            if !std::mem::replace(&mut self.shown_before, true) {
                response.request_focus();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Button::Enter));
            ui.horizontal(|ui| {
                let done = controls::primary(ui, cx.look, fl!(cx.words, "reply-done")).clicked() || entered;
                let cancelled = ui.button(fl!(cx.words, "cancel")).clicked();
                if done {
                    Some(Action::Reply(self.conn, std::mem::take(&mut self.text)))
                } else {
                    cancelled.then_some(Action::Close)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }
}
