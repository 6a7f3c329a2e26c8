//! Carrying out what a command does.

use egui::Context;

use super::{
    App,
    dialog::{Dialog, RenameDialog},
};
use crate::{
    core::Key,
    net::ConnId,
    settings::{Settings, TEXT_SIZES},
    window::{
        command::{Intent, Toggled},
        listed::{List, PeopleList},
        parts::{connect::ConnectDialog, palette::Palette},
        request::PersonRequest,
        screen::Screen,
    },
};

impl App {
    /// Carry it out.
    pub(super) fn run(&mut self, ctx: &Context, intent: Intent) {
        match intent {
            Intent::Server(request) => self.server_request(request),
            Intent::Conn(conn, request) => self.conn_request(conn, request),
            Intent::NextStep => self.next_step(),
            Intent::UndoRemove => self.undo_remove(),
            Intent::Toggle(what) => self.toggle(ctx, what),
            Intent::OpenConnectDialog => self.front.dialog = Some(Dialog::Connect(ConnectDialog::default())),
            Intent::OpenRenameDialog(conn) => self.open_rename_dialog(conn),
            Intent::Verify(id) => self.person_request(id, PersonRequest::Verify),
            Intent::Select(key) => self.go_to_conversation(key),
            Intent::SelectNext => self.select_beside(1),
            Intent::SelectPrevious => self.select_beside(-1),
            Intent::FocusComposer => self.screens.conversation.composer.focus(),
            Intent::ToggleHex => self.screens.conversation.composer.toggle_hex(self.selection.conversation),
            Intent::Find => {
                self.uncover_conversation();
                self.screens.inspector.wide = false;
                self.screens.conversation.find.open();
            }
            Intent::TextSize(step) => self.change_text_size(ctx, step),
        }
    }

    fn toggle(&mut self, ctx: &Context, what: Toggled) {
        match what {
            Toggled::Settings => self.toggle_screen(ctx, Screen::Settings),
            Toggled::History => self.toggle_screen(ctx, Screen::History),
            Toggled::About => self.toggle_screen(ctx, Screen::About),
            Toggled::ExplainError => self.toggle_screen(ctx, Screen::ExplainError),
            Toggled::Network => self.toggle_screen(ctx, Screen::Network),
            Toggled::Notices => self.toggle_dialog(Dialog::Notices),
            Toggled::Shortcuts => self.toggle_dialog(Dialog::Shortcuts),
            Toggled::Labs => self.toggle_labs(),
            Toggled::Palette => self.toggle_dialog(Dialog::Palette(Palette::default())),
            Toggled::Presenter => self.toggle_projecting(ctx),
            Toggled::Inspector => self.toggle_inspector(),
            Toggled::WideInspector => self.screens.inspector.wide = !self.screens.inspector.wide,
        }
    }

    /// Show the dialog that asks for a name.
    pub(super) fn open_rename_dialog(&mut self, conn: ConnId) {
        let name = self.core().conversation(Key::Conn(conn)).and_then(|c| c.name.clone()).unwrap_or_default();
        self.front.dialog = Some(Dialog::Rename(RenameDialog::new(conn, name)));
    }

    /// Select a conversation, and have it in sight.
    pub(super) fn go_to_conversation(&mut self, key: Key) {
        self.uncover_conversation();
        self.select(key);
    }

    /// Select the conversation that is so many places further down the list.
    fn select_beside(&mut self, places: isize) {
        self.uncover_conversation();
        let list = List::of(self.core(), self.selection.conversation);
        let rows = list.rows(self.screens.sidebar.silent_unfolded).map(Key::Conn);
        let people = PeopleList::of(self.core().people(), self.selection.conversation);
        let nearby = PeopleList::has_everyone(self.core()).then_some(Key::Nearby);
        let people = people.rows(self.screens.sidebar.away_unfolded);
        let keys: Vec<Key> = nearby.into_iter().chain(people).chain([Key::Everyone]).chain(rows).collect();
        let now = keys.iter().position(|key| *key == self.selection.conversation).unwrap_or(0);
        let next = now.saturating_add_signed(places).min(keys.len() - 1);
        if let Some(key) = keys.get(next) {
            self.select(*key);
        }
    }

    fn change_text_size(&mut self, ctx: &Context, step: i8) {
        let mut settings = self.settings.clone();
        let usual = Settings::default();
        let (size, usual) = if self.screens.stage.is_projecting() {
            (&mut settings.presenter_text_size, usual.presenter_text_size)
        } else {
            (&mut settings.text_size, usual.text_size)
        };
        let wanted = if step == 0 { usual } else { size.saturating_add_signed(i16::from(step) * 10) };
        *size = wanted.clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end());
        self.set_settings(ctx, settings);
    }
}
