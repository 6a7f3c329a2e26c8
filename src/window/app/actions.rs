//! Carrying out what a panel asked for: on the model, or as a command to the network thread.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use egui::Context;
use jiff::Timestamp;

use super::{
    App,
    dialog::{Dialog, RenameDialog},
    tasks::ListFor,
};
use crate::{
    core::{Change, EntryId, EntryKind, Key, Manner, NoticeKind, Origin, TaskKind, cut_of},
    history, i18n,
    net::{AutoReply, Cause, Command, ConnId, ListenOptions, NetError, Target},
    settings::{Settings, TEXT_SIZES},
    window::{
        Action,
        parts::{connect::ConnectDialog, inspector::Tab},
        screen::Screen,
        wording,
    },
    wire::{Framing, text},
};

/// Rows of a past session that are shown at a time.
const PAGE: usize = 2_000;

/// Messages found that are listed at a time.
const HITS: usize = 200;

/// Past sessions that are listed at a time.
const SESSIONS: usize = 500;

/// What fails when the network thread takes no command: no system call, but the handing over.
const BUSY: &str = "command";

impl App {
    /// Carry it out.
    pub(super) fn carry_out(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::StartListening if self.model.server().stepping => self.next_step(),
            Action::StartListening => self.listen(SocketAddr::new(self.settings.listen_on.ip(), self.settings.port)),
            Action::SetStepping(stepping) => self.set_stepping(stepping),
            Action::SetConnStepping(conn, stepped) => {
                self.command(Command::SetStepped { conn, stepped });
            }
            Action::NextStep => self.next_step(),
            Action::TryStep(step) => self.try_step(step),
            Action::PrepareConnection(address) => self.prepare_connection(address, None),
            Action::StopListening => self.command_listener(|listener| Command::CloseListener { listener }),
            Action::PauseAccepting => self.command_listener(|listener| Command::PauseAccepting { listener }),
            Action::ResumeAccepting => self.command_listener(|listener| Command::ResumeAccepting { listener }),
            Action::AskAddress => self.dialog = Some(Dialog::Connect(ConnectDialog::default())),
            Action::Connect(host, port) => self.connect(host, port, None),
            Action::TryAlone => self.try_alone(),
            Action::CancelConnect(conn) => self.command(Command::CancelConnect { conn }),
            Action::ConnectAgain(conn) => self.connect_again(conn),
            Action::Select(key) => {
                self.uncover_conversation();
                self.select(key);
            }
            Action::SelectBeside(step) => self.select_beside(step),
            Action::Read(key) => self.model.apply(Change::Read(key)),
            Action::SendText(key, text) => self.send_text(key, &text),
            Action::SendBytes(key, bytes) => self.send(key, bytes),
            Action::Retry(key, entry) => self.retry(key, entry),
            Action::FinishSending(conn) => self.command(Command::FinishSending { conn }),
            Action::Close(conn) => self.command(Command::Close { conn }),
            Action::Reset(conn) => self.command(Command::Reset { conn }),
            Action::Remove(conn) => self.remove(vec![conn]),
            Action::RemoveClosed => {
                self.remove(self.model.conversations().filter(|(_, c)| c.state.is_over()).map(|(c, _)| c).collect());
            }
            Action::UndoRemove => {
                self.toasts.forget_removal();
                self.model.apply(Change::RemovalUndone);
                self.ask_latest();
            }
            Action::AddStudents(count) => self.add_students(count),
            Action::RemoveStudents => self.remove_students(),
            Action::AskName(conn) => {
                let name = self.model.conversation(Key::Conn(conn)).and_then(|c| c.name.clone()).unwrap_or_default();
                self.dialog = Some(Dialog::Rename(RenameDialog::new(conn, name)));
            }
            Action::Rename(conn, name) => {
                self.dialog = None;
                self.change(Change::Renamed { conn, name });
                self.conversation.composer.focus();
            }
            Action::SetManner(key, manner) => self.set_manner(key, manner),
            Action::SetSettings(settings) => self.set_settings(ctx, *settings),
            Action::Copy(text) => {
                let shown: String = text.chars().take(60).collect();
                ctx.copy_text(text);
                self.toasts.copied(shown);
            }
            Action::CloseInFront => self.close_in_front(),
            Action::ToggleSettings => self.toggle_screen(ctx, Screen::Settings),
            Action::ToggleInspector => {
                self.settings.inspector = !self.settings.inspector;
                self.inspector.wide = false;
                self.save_settings();
            }
            Action::TogglePresenter => self.toggle_projecting(ctx),
            Action::ToggleFullScreen => {
                let full = ctx.input(|input| input.viewport().fullscreen == Some(true));
                ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(!full));
            }
            Action::WidenInspector => self.inspector.wide = !self.inspector.wide,
            Action::ShowTab(tab) => self.show_tab(tab),
            Action::ShowBytes(key, entry) => {
                self.chosen = Some((key, entry));
                self.show_tab(Tab::Bytes);
            }
            Action::ShowCalls(key, entry) => {
                self.chosen = Some((key, entry));
                self.inspector.calls.go_to_message(&self.model, key, entry);
                self.show_tab(Tab::Calls);
            }
            Action::GoTo(key, entry) => {
                self.inspector.wide = false;
                self.presenter.talk = true;
                self.uncover_conversation();
                self.chosen = Some((key, entry));
                self.select(key);
                self.conversation.to_row(key, entry);
            }
            Action::ToggleHistory => self.toggle_screen(ctx, Screen::History),
            Action::Network(action) => self.network_action(ctx, action),
            Action::Find(text) => self.find(text),
            Action::OpenHit(place) => {
                if let Some((key, entry)) = self.place_in_list(place.session, place.number) {
                    self.uncover_conversation();
                    self.select(key);
                    self.conversation.to_row(key, entry);
                    return;
                }
                self.model.apply(Change::OpenPast(Some(place.session)));
                self.ask_history(history::Question::Page {
                    session: place.session,
                    place: history::Place::Around(place.number),
                    count: PAGE,
                });
            }
            Action::OpenPast(session) => {
                self.model.apply(Change::OpenPast(session));
                match session {
                    Some(session) => {
                        self.ask_history(history::Question::Page { session, place: history::Place::End, count: PAGE });
                    }
                    None => self.find(self.history.matching().to_owned()),
                }
            }
            Action::RemovePast(what) => self.remove_past(what),
            Action::RemoveOld => self.remove_old(TaskKind::Remove),
            Action::ReadPast(session) => self.read_past(ctx, session),
            Action::CancelTask(task) => self.cancel_task(task),
            Action::AskFile(wanted) => self.ask_file(wanted),
            Action::BrowseFiles => self.browse_files(),
            Action::FileChosen(wanted, path) => self.file_chosen(ctx, wanted, path),
            Action::StopRecording(conn) => self.stop_recording(conn),
            Action::ToggleNotices => self.toggle(Dialog::Notices),
            Action::ToggleShortcuts => self.toggle(Dialog::Shortcuts),
            Action::ToggleLabs => self.toggle_labs(),
            Action::StartLab(id, sure) => self.start_lab(&id, sure),
            Action::DoStep => self.do_step_of_lab(),
            Action::NextOfLab => self.next_step_of_lab(),
            Action::BackInLab => self.last_step_of_lab(),
            Action::RestartLab => self.restart_lab(),
            Action::LeaveLab => self.leave_lab(),
            Action::FocusComposer => self.conversation.composer.focus(),
            Action::ToggleHex => self.conversation.composer.toggle_hex(self.selected),
            Action::TextSize(step) => {
                let mut settings = self.settings.clone();
                let usual = Settings::default();
                let (size, usual) = if self.stage.is_projecting() {
                    (&mut settings.presenter_text_size, usual.presenter_text_size)
                } else {
                    (&mut settings.text_size, usual.text_size)
                };
                let wanted = if step == 0 { usual } else { size.saturating_add_signed(i16::from(step) * 10) };
                *size = wanted.clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end());
                self.set_settings(ctx, settings);
            }
            Action::Dismiss => {
                self.dialog = None;
                self.conversation.composer.focus();
            }
        }
    }

    fn show_tab(&mut self, tab: Tab) {
        self.inspector.tab = tab;
        self.presenter.talk &= tab == Tab::Calls;
        if !self.settings.inspector && !self.stage.is_projecting() {
            self.settings.inspector = true;
            self.save_settings();
        }
    }

    /// Find past sessions by peer, and messages by their text.
    pub(super) fn find(&mut self, text: String) {
        self.searches += 1;
        let generation = if text.is_empty() { 0 } else { self.searches };
        self.model.apply(Change::Searching(generation));
        if generation > 0 {
            let (needle, count) = (text.clone(), HITS);
            self.ask_history(history::Question::Search { generation, needle, within: None, after: None, count });
        }
        let question = history::Question::Sessions { matching: text, opened: None, before: None, count: SESSIONS };
        self.ask_sessions(ListFor::Panel, question);
    }

    fn toggle(&mut self, dialog: Dialog) {
        self.dialog = if self.dialog.is_none() { Some(dialog) } else { None };
    }

    /// Hand a command to the network thread; if it is too busy to take it, say so.
    pub(super) fn command(&mut self, command: Command) {
        self.try_command(command);
    }

    /// The same, and whether it was taken.
    pub(super) fn try_command(&mut self, command: Command) -> bool {
        let taken = self.net.send(command).is_ok();
        if !taken {
            let error = NetError::ours(BUSY, Target::None, Cause::Busy);
            self.model.apply(Change::Notice(NoticeKind::Net { conn: None, error }));
        }
        taken
    }

    pub(super) fn command_listener(&mut self, command: impl FnOnce(crate::net::ListenerId) -> Command) {
        if let Some(listener) = self.model.server().listener() {
            self.command(command(listener));
        }
    }

    pub(super) fn listen(&mut self, address: SocketAddr) {
        if self.is_serving() {
            return;
        }
        let options = self.listen_options(address);
        self.settings_pane.started(self.settings.clone());
        let listener = self.net.next_listener();
        self.model.apply(Change::Starting(listener));
        self.command(Command::Listen { listener, options });
    }

    /// How a listener is opened with the present settings.
    pub(super) fn listen_options(&self, address: SocketAddr) -> ListenOptions {
        let settings = &self.settings;
        ListenOptions {
            address,
            backlog: settings.backlog,
            reuse_address: settings.reuse_address,
            max_clients: settings.max_clients,
            conn: settings.conn_options(),
        }
    }

    fn connect(&mut self, host: String, port: u16, name: Option<String>) {
        let conn = self.net.next_conn();
        let manner = Manner::from(&self.settings);
        let typed = wording::join(&host, port);
        let target = (host.clone(), port);
        self.change(Change::Connecting { conn, target, name, at: Timestamp::now() });
        self.command(Command::Connect { conn, host, port, options: manner.options });
        self.opened(conn, typed);
    }

    /// A connection was asked for: its conversation is the one to look at.
    pub(super) fn opened(&mut self, conn: ConnId, typed: String) {
        self.dialog = None;
        self.uncover_conversation();
        self.select(Key::Conn(conn));
        if self.settings.last_peer != typed {
            self.settings.last_peer = typed;
            self.save_settings();
        }
    }

    fn connect_again(&mut self, conn: ConnId) {
        let Some(conversation) = self.model.conversation(Key::Conn(conn)) else { return };
        let Origin::Outgoing(host, port) = conversation.origin.clone() else { return };
        let (name, manner) = (conversation.name.clone(), conversation.manner().clone());
        let never_stood = conversation.peer.is_none();
        match self.stepped_address(conn, &host, port) {
            Some(address) => self.prepare_connection(address, name),
            None => self.connect(host, port, name),
        }
        let again = self.selected;
        self.set_manner(again, manner);
        self.conversation.composer.carry_over(Key::Conn(conn), again);
        if never_stood {
            self.remove(vec![conn]);
            self.toasts.forget_removal();
        }
    }

    /// Both ends in one window: listen on 127.0.0.1 and connect to it.
    fn try_alone(&mut self) {
        if let crate::core::ServerState::Listening { local, .. } = self.model.server().state {
            let ip = if local.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { local.ip() };
            self.connect(ip.to_string(), local.port(), None);
            return;
        }
        // Both ends at once is what was asked for.
        if self.model.server().stepping {
            self.set_stepping(false);
        }
        self.listen(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.settings.port));
        self.alone = self.model.server().listener();
    }

    fn select_beside(&mut self, step: isize) {
        self.uncover_conversation();
        let mut keys: Vec<Key> = self.model.conversations().map(|(conn, _)| Key::Conn(conn)).collect();
        keys.insert(0, Key::Everyone);
        let now = keys.iter().position(|key| *key == self.selected).unwrap_or(0);
        let next = now.saturating_add_signed(step).min(keys.len() - 1);
        if let Some(key) = keys.get(next) {
            self.select(*key);
        }
    }

    fn send_text(&mut self, key: Key, typed: &str) {
        let Some(conversation) = self.model.conversation(key) else { return };
        let manner = conversation.manner();
        let ending = manner.line_ending.text();
        // A line broken in the field goes out as the line ending that was chosen.
        let line_break = if ending.is_empty() || manner.framing() != Framing::Line { "\n" } else { ending };
        let typed = typed.replace('\n', line_break);
        let encoded = text::encode_message(&typed, manner.encoding, manner.framing(), ending);
        if let Some(character) = encoded.unmappable {
            let encoding = manner.encoding.name();
            self.model.apply(Change::Notice(NoticeKind::Unmappable { character, encoding }));
        }
        self.send(key, encoded.bytes.into());
    }

    pub(super) fn send(&mut self, key: Key, raw: Bytes) {
        let Some(conversation) = self.model.conversation(key) else { return };
        self.conversation.to_end(key);
        let cut = cut_of(&raw, conversation.manner());
        let message = self.net.next_message();
        self.change(Change::Sending { key, message, raw: raw.clone(), cut, at: Timestamp::now() });
        self.transmit(key, message, raw);
    }

    fn retry(&mut self, key: Key, entry: EntryId) {
        let row = self.model.conversation(key).and_then(|conversation| conversation.entries().get(entry));
        let Some(EntryKind::Sent(sent)) = row.map(|entry| &entry.kind) else { return };
        let raw = sent.raw.clone();
        let message = self.net.next_message();
        self.change(Change::Resending { key, entry, message });
        self.transmit(key, message, raw);
    }

    fn transmit(&mut self, key: Key, message: crate::net::MessageId, bytes: Bytes) {
        let command = match key {
            Key::Conn(conn) => Command::Send { conn, message, bytes },
            Key::Everyone => Command::SendToAll { message, bytes },
            Key::Past(_) => return,
        };
        if self.net.send(command).is_err() {
            let error = NetError::ours(BUSY, Target::None, Cause::Busy);
            self.change(Change::NotSent { key, message, error });
        }
    }

    /// Take closed conversations out of the list. What was removed before can't be had back from here on.
    fn remove(&mut self, conns: Vec<ConnId>) {
        for conn in self.model.removed() {
            self.conversation.forget(Key::Conn(conn));
        }
        self.model.apply(Change::Removed(conns));
        self.toasts.removed(self.model.removed().len());
        self.ask_latest();
        self.select_what_is_left();
    }

    /// If the open conversation is no more, open the last one there is.
    pub(super) fn select_what_is_left(&mut self) {
        if self.model.conversation(self.selected).is_none() {
            let last = self.model.conversations().next_back().map(|(conn, _)| Key::Conn(conn));
            self.select(last.unwrap_or(Key::Everyone));
            self.settled = last.is_some();
        }
    }

    pub(super) fn set_manner(&mut self, key: Key, manner: Manner) {
        let Some(conversation) = self.model.conversation(key) else { return };
        let mut manner = manner;
        // A fixed reply goes out in the manner of the conversation.
        if matches!(manner.options.auto_reply, AutoReply::Fixed(_)) {
            manner.options.auto_reply =
                AutoReply::Fixed(crate::window::parts::conn_menu::reply_bytes(&self.settings, &manner));
        }
        if let Key::Conn(conn) = key
            && !conversation.state.is_over()
        {
            self.change(Change::Manner { key, manner: manner.clone() });
            self.command(Command::SetOptions { conn, options: manner.options });
        } else {
            self.change(Change::Manner { key, manner });
        }
    }

    fn set_settings(&mut self, ctx: &Context, settings: Settings) {
        if settings == self.settings {
            return;
        }
        let before = std::mem::replace(&mut self.settings, settings);
        self.save_settings();
        if before.language != self.settings.language {
            self.words = i18n::words(self.settings.language);
        }
        let worn = |settings: &Settings| (settings.theme, settings.text_size, settings.presenter_text_size);
        if worn(&before) != worn(&self.settings) {
            self.wear(ctx);
        }
        if before.keep_history != self.settings.keep_history {
            self.ask_history(history::Question::Keep(self.settings.keep_history));
        }
        let manner = Manner::from(&self.settings);
        if manner != Manner::from(&before) || before.max_clients != self.settings.max_clients {
            let (max_clients, conn) = (self.settings.max_clients, manner.options.clone());
            self.model.apply(Change::NewManner(manner));
            self.command_listener(|listener| Command::SetListenerOptions { listener, max_clients, conn });
        }
    }
}
