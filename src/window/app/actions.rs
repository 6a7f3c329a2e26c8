//! Carrying out what was asked for in a frame: each screen and part has its own actions.

use egui::Context;

use super::{
    App,
    dialog::{self, Dialog},
};
use crate::{
    chat::RowNumber,
    core::{Input, Key},
    net::ConnId,
    settings::Transport,
    window::{
        command::Intent,
        parts::{
            conn_menu, connect, conversation, find,
            inspector::{self, Tab},
            notices::{Confirmation, ToastAction},
            server_card, sidebar, steps, transcript,
        },
        request::{ConnRequest, ServerRequest},
        screen::{Screen, about, explain_error, history, network, presenter, settings, welcome},
        wording,
    },
};

/// What was asked for, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// By a command.
    Run(Intent),
    /// By Escape.
    CloseInFront,
    /// In the sidebar.
    Sidebar(sidebar::Action),
    /// In the inspector.
    Inspector(inspector::Action),
    /// In the conversation.
    Conversation(conversation::Action),
    /// On the welcome.
    Welcome(welcome::Action),
    /// In the settings.
    Settings(settings::Action),
    /// Among past sessions.
    History(history::Action),
    /// On the screen of the network.
    Network(network::Action),
    /// On the page about Sockhop.
    About(about::Action),
    ExplainError(explain_error::Action),
    /// In the projected window.
    Presenter(presenter::Action),
    /// On the card of the lab that runs.
    Lab(crate::window::parts::lab::Action),
    /// In the dialog in front.
    Dialog(dialog::Action),
    /// With a toast.
    Toast(ToastAction),
}

impl App {
    /// Carry it out.
    pub(super) fn carry_out(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Run(intent) => self.run(ctx, intent),
            Action::CloseInFront => self.close_in_front(ctx),
            Action::Sidebar(action) => self.sidebar_action(ctx, action),
            Action::Inspector(action) => self.inspector_action(ctx, action),
            Action::Conversation(action) => self.conversation_action(ctx, action),
            Action::Welcome(action) => self.welcome_action(ctx, action),
            Action::Settings(action) => self.settings_action(ctx, action),
            Action::History(action) => self.history_action(ctx, action),
            Action::Network(action) => self.network_action(ctx, action),
            Action::ExplainError(explain_error::Action::Look) => self.look_at_port(),
            Action::About(about::Action::Close) | Action::ExplainError(explain_error::Action::Close) => self.close(),
            Action::About(about::Action::Copy(text)) => self.copy(ctx, text),
            Action::Presenter(action) => self.presenter_action(ctx, action),
            Action::Lab(action) => self.lab_action(action),
            Action::Dialog(action) => self.dialog_action(ctx, action),
            Action::Toast(action) => self.toast_action(action),
        }
    }

    fn toast_action(&mut self, action: ToastAction) {
        self.front.toasts.dismiss(action);
        match action {
            ToastAction::UndoRemove => self.undo_remove(),
            ToastAction::CancelTask(task) => self.cancel_task(task),
            ToastAction::DismissNotices(_) | ToastAction::DismissConfirmation(_) => {}
        }
    }

    fn sidebar_action(&mut self, ctx: &Context, action: sidebar::Action) {
        match action {
            sidebar::Action::Run(intent) => self.run(ctx, intent),
            sidebar::Action::Server(action) => self.server_card_action(ctx, action),
            sidebar::Action::Students(action) => self.students_action(action),
            sidebar::Action::Conn(conn, action) => self.conn_menu_action(ctx, conn, action),
            sidebar::Action::Person(action) => self.person_action(ctx, action),
            sidebar::Action::Me(action) => self.me_action(ctx, action),
            sidebar::Action::Select(key) => self.go_to_conversation(key),
            sidebar::Action::RemoveClosed => self.remove_closed(),
            sidebar::Action::ReadPast(session) => self.read_past(ctx, session),
        }
    }

    fn server_card_action(&mut self, ctx: &Context, action: server_card::Action) {
        match action {
            server_card::Action::Ask(request) => self.server_request(request),
            server_card::Action::Step(action) => self.step_action(action),
            server_card::Action::Students(action) => self.students_action(action),
            server_card::Action::Copy(text) => self.copy(ctx, text),
            server_card::Action::Run(intent) => self.run(ctx, intent),
            server_card::Action::Group(typed) => {
                self.settings.udp_group = typed;
                self.save_settings();
            }
            server_card::Action::Unfold(unfolded) => {
                self.settings.server_unfolded = unfolded;
                self.save_settings();
            }
        }
    }

    fn step_action(&mut self, action: steps::Action) {
        match action {
            steps::Action::Make(step) => self.try_step(step),
            steps::Action::StopStepping(conn) => self.conn_request(conn, ConnRequest::StopStepping),
        }
    }

    fn conversation_action(&mut self, ctx: &Context, action: conversation::Action) {
        match action {
            conversation::Action::Select(key) => self.go_to_conversation(key),
            conversation::Action::ShowInspector => self.toggle_inspector(),
            conversation::Action::ShowTab(tab) => self.show_tab(tab),
            conversation::Action::Conn(conn, action) => self.conn_menu_action(ctx, conn, action),
            conversation::Action::Person(action) => self.person_action(ctx, action),
            conversation::Action::Step(action) => self.step_action(action),
            conversation::Action::Composer(action) => self.composer_action(action),
            conversation::Action::Find(action) => self.find_action(ctx, action),
            conversation::Action::Transcript(action) => self.transcript_action(ctx, action),
            conversation::Action::Toast(action) => self.toast_action(action),
        }
    }

    fn find_action(&mut self, ctx: &Context, action: find::Action) {
        match action {
            find::Action::Close => self.close_find(),
            find::Action::GoTo(row) => self.screens.conversation.to_row(self.selection.conversation, row),
            find::Action::SearchHistory(text) => {
                self.screens.history.look_for(text);
                self.open(ctx, Screen::History);
            }
        }
    }

    /// Close the bar that finds in a conversation; the next thing is to write.
    pub(super) fn close_find(&mut self) {
        self.screens.conversation.find.close();
        self.screens.conversation.composer.focus();
    }

    fn conn_menu_action(&mut self, ctx: &Context, conn: ConnId, action: conn_menu::Action) {
        match action {
            conn_menu::Action::Ask(request) => self.conn_request(conn, request),
            conn_menu::Action::Rename => self.open_rename_dialog(conn),
            conn_menu::Action::Copy(text) => self.copy(ctx, text),
            conn_menu::Action::AskFile(wanted) => self.ask_file(wanted),
            conn_menu::Action::AskReply => self.ask_reply(conn),
            conn_menu::Action::AskRules => self.ask_rules(conn),
            conn_menu::Action::AskOptions => self.ask_options(conn),
            conn_menu::Action::AskDevice => self.ask_device(conn),
            conn_menu::Action::Reply(choice) => self.set_reply(Key::Conn(conn), choice),
        }
    }

    pub(super) fn transcript_action(&mut self, ctx: &Context, action: transcript::Action) {
        match action {
            transcript::Action::MarkRead(key) => {
                self.change(Input::Read(key));
                // The list was drawn before.
                ctx.request_repaint();
            }
            transcript::Action::Copy(text) => self.copy(ctx, text),
            transcript::Action::Retry(key, row) => self.change(Input::Resend { key, row }),
            transcript::Action::ShowBytes(key, entry) => self.show_bytes(key, entry),
            transcript::Action::ShowCalls(key, entry) => self.show_calls(key, entry),
            transcript::Action::ReadAs(key, encoding) => self.read_as(key, encoding),
            transcript::Action::Person(id, request) => self.person_request(id, request),
            transcript::Action::ShowShares(row) => self.front.dialog = Some(Dialog::Shares(row)),
        }
    }

    fn inspector_action(&mut self, ctx: &Context, action: inspector::Action) {
        match action {
            inspector::Action::ShowTab(tab) => self.show_tab(tab),
            inspector::Action::Fold => self.toggle_inspector(),
            inspector::Action::ToggleWide => self.screens.inspector.wide = !self.screens.inspector.wide,
            inspector::Action::Copy(text) => self.copy(ctx, text),
            inspector::Action::AskFile(wanted) => self.ask_file(wanted),
            inspector::Action::GoTo(key, entry) => self.go_to_message(key, entry),
            inspector::Action::ShowCalls(key, entry) => self.show_calls(key, entry),
            inspector::Action::Select(key) => self.go_to_conversation(key),
        }
    }

    fn presenter_action(&mut self, ctx: &Context, action: presenter::Action) {
        match action {
            presenter::Action::Leave => self.toggle_projecting(ctx),
            presenter::Action::ToggleFullScreen => {
                let full = ctx.input(|input| input.viewport().fullscreen == Some(true));
                ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(!full));
            }
            presenter::Action::StartServer => self.server_request(ServerRequest::Start),
            presenter::Action::Select(key) => self.go_to_conversation(key),
            presenter::Action::Step(action) => self.step_action(action),
            presenter::Action::Inspector(action) => self.inspector_action(ctx, action),
            presenter::Action::Conversation(action) => self.conversation_action(ctx, action),
            presenter::Action::Toast(action) => self.toast_action(action),
        }
    }

    fn welcome_action(&mut self, ctx: &Context, action: welcome::Action) {
        match action {
            welcome::Action::StartServer => self.server_request(ServerRequest::Start),
            welcome::Action::Step(action) => self.step_action(action),
            welcome::Action::Connect(action) => {
                if let connect::Action::Connect(_, way) = &action {
                    self.remember_over(way.over);
                }
                self.connect_action(action);
            }
            welcome::Action::ForgetPeer(typed) => {
                self.settings.forget_peer(&typed);
                self.save_settings();
            }
            welcome::Action::TryLoopback => self.try_loopback(),
            welcome::Action::OpenLabs => self.toggle_labs(),
            welcome::Action::Copy(text) => self.copy(ctx, text),
            welcome::Action::Me(action) => self.me_action(ctx, action),
        }
    }

    pub(super) fn connect_action(&mut self, action: connect::Action) {
        match action {
            connect::Action::Connect(peer, way) => {
                if self.front.dialog.is_some() {
                    self.remember_over(way.over);
                }
                let of_web = peer.of_web;
                let (host, port) = peer.or_port(self.settings.port);
                if of_web {
                    self.front.toasts.confirm(Confirmation::OfWeb { address: wording::join(&host, port) });
                }
                self.connect(host, port, way);
            }
            connect::Action::Prepare(address, way) => {
                self.remember_over(way.over);
                self.prepare_connection(address, way);
            }
            connect::Action::Dismiss => self.close_dialog(),
        }
    }

    /// The next time, it begins with what was chosen.
    fn remember_over(&mut self, over: Transport) {
        if self.settings.client_over != over {
            self.settings.client_over = over;
            self.save_settings();
        }
    }

    /// Put it on the clipboard, and say what it is.
    pub(super) fn copy(&mut self, ctx: &Context, text: String) {
        let shown: String = text.chars().take(60).collect();
        ctx.copy_text(text);
        self.front.toasts.copied(shown);
    }

    pub(super) fn toggle_inspector(&mut self) {
        self.settings.inspector = !self.settings.inspector;
        self.labs.inspector_was_chosen();
        self.screens.inspector.wide = false;
        self.save_settings();
    }

    pub(super) fn show_bytes(&mut self, key: Key, entry: RowNumber) {
        self.selection.inspected_message = Some((key, entry));
        self.show_tab(Tab::Bytes);
    }

    fn show_calls(&mut self, key: Key, entry: RowNumber) {
        self.selection.inspected_message = Some((key, entry));
        self.screens.inspector.calls.go_to_message(self.driver.core(), key, entry);
        self.show_tab(Tab::Calls);
    }

    fn go_to_message(&mut self, key: Key, entry: RowNumber) {
        self.screens.inspector.wide = false;
        self.screens.presenter.talk = true;
        self.uncover_conversation();
        self.selection.inspected_message = Some((key, entry));
        self.select(key);
        self.screens.conversation.to_row(key, entry);
    }

    pub(super) fn show_tab(&mut self, tab: Tab) {
        self.screens.inspector.tab = tab;
        self.screens.presenter.talk &= tab == Tab::Calls;
        if !self.settings.inspector && !self.screens.stage.is_projecting() {
            self.settings.inspector = true;
            self.save_settings();
        }
    }
}
