//! Connections: opening, closing and removing them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use jiff::Timestamp;

use super::App;
use crate::{
    chat::Origin,
    core::{ConversationOptions, Input, Key, ServerState},
    net::{Command, ConnId},
    window::{request::ConnRequest, wording},
};

impl App {
    /// Carry out what was asked of a connection.
    pub(super) fn conn_request(&mut self, conn: ConnId, request: ConnRequest) {
        match request {
            ConnRequest::CancelConnect => self.command(Command::CancelConnect { conn }),
            ConnRequest::ConnectAgain => self.connect_again(conn),
            ConnRequest::FinishSending => self.command(Command::FinishSending { conn }),
            ConnRequest::Close => self.command(Command::Close { conn }),
            ConnRequest::Reset => self.command(Command::Reset { conn }),
            ConnRequest::Remove => self.remove(vec![conn]),
            ConnRequest::StopRecording => self.stop_recording(conn),
            ConnRequest::StopStepping => self.command(Command::SetStepped { conn, stepped: false }),
        }
    }

    pub(super) fn connect(&mut self, host: String, port: u16, name: Option<String>) {
        let conn = self.net.next_conn();
        let manner = ConversationOptions::from(&self.settings);
        let typed = wording::join(&host, port);
        let target = (host.clone(), port);
        self.change(Input::Connecting { conn, target, name, at: Timestamp::now() });
        self.command(Command::Connect { conn, host, port, options: manner.options });
        self.opened(conn, typed);
    }

    /// A connection was asked for: its conversation is the one to look at.
    pub(super) fn opened(&mut self, conn: ConnId, typed: String) {
        self.front.dialog = None;
        self.uncover_conversation();
        self.select(Key::Conn(conn));
        if self.settings.last_peer != typed {
            self.settings.last_peer = typed;
            self.save_settings();
        }
    }

    fn connect_again(&mut self, conn: ConnId) {
        let Some(conversation) = self.core.conversation(Key::Conn(conn)) else { return };
        let Origin::Outgoing { host, port } = conversation.origin.clone() else { return };
        let (name, manner) = (conversation.name.clone(), conversation.manner().clone());
        let never_stood = conversation.peer.is_none();
        match self.stepped_address(conn, &host, port) {
            Some(address) => self.prepare_connection(address, name),
            None => self.connect(host, port, name),
        }
        let again = self.selection.conversation;
        self.set_manner(again, manner);
        self.screens.conversation.composer.carry_over(Key::Conn(conn), again);
        if never_stood {
            self.remove(vec![conn]);
            self.front.toasts.forget_removal();
        }
    }

    /// Both ends in one window: listen on 127.0.0.1 and connect to it.
    pub(super) fn try_loopback(&mut self) {
        if let ServerState::Listening { local, .. } = self.core.server().state {
            let ip = if local.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { local.ip() };
            self.connect(ip.to_string(), local.port(), None);
            return;
        }
        // Both ends at once is what was asked for.
        if self.core.server().stepping {
            self.set_stepping(false);
        }
        self.listen(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.settings.port));
        self.pending.loopback_trial = self.core.server().listener();
    }

    /// Take closed conversations out of the list. What was removed before can't be restored from here on.
    fn remove(&mut self, conns: Vec<ConnId>) {
        for conn in self.core.removed() {
            self.screens.conversation.forget(Key::Conn(conn));
        }
        self.change(Input::Removed(conns));
        self.front.toasts.removed(self.core.removed().len());
        self.ask_latest();
        self.select_what_is_left();
    }

    /// Remove all conversations that are closed.
    pub(super) fn remove_closed(&mut self) {
        self.remove(self.core.conversations().filter(|(_, c)| c.state.is_over()).map(|(c, _)| c).collect());
    }

    /// Restore the conversations that were removed last.
    pub(super) fn undo_remove(&mut self) {
        self.front.toasts.forget_removal();
        self.change(Input::RemovalUndone);
        self.ask_latest();
    }

    /// If the selected conversation is removed, select the last one there is.
    pub(super) fn select_what_is_left(&mut self) {
        if self.core.conversation(self.selection.conversation).is_none() {
            let last = self.core.conversations().next_back().map(|(conn, _)| Key::Conn(conn));
            self.select(last.unwrap_or(Key::Everyone));
            self.selection.user_has_selected = last.is_some();
        }
    }
}
