//! The dialog in front of the window, one at a time.

use egui::{Key as Button, TextEdit, Ui};
use i18n_embed_fl::fl;

use crate::{
    net::ConnId,
    window::{
        Action, Cx,
        parts::{connect::ConnectDialog, controls, file_dialog::FileDialog, lab::LabList, notices},
        shortcuts, theme,
    },
};

/// The dialog in front of the window.
#[derive(Debug)]
pub enum Dialog {
    /// Asks for an address to connect to.
    Connect(ConnectDialog),
    /// Asks for a name.
    Rename(RenameDialog),
    /// Asks for a file.
    File(FileDialog),
    /// The log of what went wrong.
    Notices,
    /// The list of labs.
    Labs(LabList),
    /// The list of keys.
    Shortcuts,
}

impl Dialog {
    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        match self {
            Self::Connect(dialog) => dialog.show(ui, cx),
            Self::Rename(dialog) => dialog.show(ui, cx),
            Self::Labs(list) => list.show(ui, cx),
            Self::File(dialog) => dialog.show(ui, cx),
            Self::Notices => notices::log(ui, cx),
            Self::Shortcuts => shortcuts::list(ui, cx),
        }
    }
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
            let field = TextEdit::singleline(&mut self.name)
                .hint_text(fl!(cx.words, "rename-hint"))
                .char_limit(40)
                .margin(egui::Margin::symmetric(10, 7))
                .desired_width(300.0);
            let response = ui.add(field).accessible_name(fl!(cx.words, "name"));
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
                    cancelled.then_some(Action::Dismiss)
                }
            })
            .inner
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }
}
