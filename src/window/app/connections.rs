//! Connections: opening, closing and removing them.

use std::net::SocketAddr;

use super::App;
use crate::{
    chat::{
        Origin,
        address::{ZonedIp, host_of},
    },
    core::{Input, Key},
    net::{Command, ConnId, interface_number},
    settings::Transport,
    window::{
        parts::{connect::Way, notices::Removed},
        request::ConnRequest,
        wording,
    },
};

impl App {
    /// Carry out what was asked of a connection.
    pub(super) fn conn_request(&mut self, conn: ConnId, request: ConnRequest) {
        match request {
            ConnRequest::CancelConnect => self.change(Input::Command(Command::CancelConnect { conn })),
            ConnRequest::ConnectAgain => self.connect_again(conn),
            ConnRequest::FinishSending => self.change(Input::Command(Command::FinishSending { conn })),
            ConnRequest::Close => self.change(Input::Command(Command::Close { conn })),
            ConnRequest::Reset => self.change(Input::Command(Command::Reset { conn })),
            ConnRequest::Remove => self.remove(vec![conn]),
            ConnRequest::StopRecording => self.driver.stop_recording(conn),
            ConnRequest::StopReconnecting => self.change(Input::StopReconnecting(conn)),
            ConnRequest::StopStepping => self.change(Input::Command(Command::SetStepped { conn, stepped: false })),
        }
    }

    pub(super) fn connect(&mut self, host: String, port: u16, way: Way) {
        if way.over == Transport::Udp {
            self.send_to(host, port, way);
            return;
        }
        let mut manner = self.settings.conversation_options();
        manner.reconnect = way.reconnect;
        manner.options.local = way.from;
        let typed = wording::join(&host, port);
        self.change(Input::Connect { target: (host, port), name: None, manner });
        self.opened(typed, way.over);
    }

    /// A UDP socket that sends to there.
    fn send_to(&mut self, host: String, port: u16, way: Way) {
        let mut manner = self.datagram_manner();
        manner.options.local = way.from;
        let typed = wording::join(&host, port);
        self.change(Input::ConnectUdp { target: (host, port), name: None, manner });
        self.opened(typed, way.over);
    }

    /// A client of which no call is made before its step.
    pub(super) fn prepare_connection(&mut self, address: SocketAddr, way: Way) {
        let mut manner = match way.over {
            Transport::Tcp => self.settings.conversation_options(),
            Transport::Udp => self.datagram_manner(),
        };
        manner.options.local = way.from;
        self.change(match way.over {
            Transport::Tcp => Input::PrepareConnection { address, name: None, manner },
            Transport::Udp => Input::PrepareUdpTo { address, name: None, manner },
        });
        self.opened(wording::join(&host_of(address), address.port()), way.over);
    }

    /// A connection was asked for: its conversation is the one to look at.
    fn opened(&mut self, typed: String, over: Transport) {
        self.front.dialog = None;
        self.uncover_conversation();
        self.settings.remember_peer(typed, over);
        self.save_settings();
    }

    /// A connection that was in sight is tried again by itself: so is what has taken its place.
    pub(super) fn follow_reconnected(&mut self) {
        let Key::Conn(old) = self.selection.conversation else { return };
        let gone = self.core().conversation(Key::Conn(old)).is_none_or(|c| c.state.is_over());
        if !gone {
            return;
        }
        let next = self.core().conversations().rev().find(|(_, c)| c.continues == Some(old)).map(|(conn, _)| conn);
        if let Some(next) = next {
            self.screens.conversation.composer.carry_over(Key::Conn(old), Key::Conn(next));
            self.select(Key::Conn(next));
        }
    }

    fn connect_again(&mut self, conn: ConnId) {
        let Some(conversation) = self.core().conversation(Key::Conn(conn)) else { return };
        let (Origin::Outgoing { host, port } | Origin::Datagrams { host, port }) = conversation.origin.clone() else {
            return;
        };
        let over_udp = conversation.origin.is_udp();
        let (name, manner) = (conversation.name.clone(), conversation.manner().clone());
        let never_stood = conversation.peer.is_none();
        // One of which each call was made as a step is made so again.
        let stepped = host.parse().ok().filter(|_| conversation.stepped);
        let stepped = stepped.and_then(|ip: ZonedIp| ip.with_port(port, interface_number).ok());
        let typed = wording::join(&host, port);
        // This is the next attempt.
        self.change(Input::StopReconnecting(conn));
        self.change(match stepped {
            Some(address) if over_udp => Input::PrepareUdpTo { address, name, manner },
            Some(address) => Input::PrepareConnection { address, name, manner },
            None if over_udp => Input::ConnectUdp { target: (host, port), name, manner },
            None => Input::Connect { target: (host, port), name, manner },
        });
        self.opened(typed, if over_udp { Transport::Udp } else { Transport::Tcp });
        self.screens.conversation.composer.carry_over(Key::Conn(conn), self.selection.conversation);
        if never_stood {
            self.remove(vec![conn]);
            let _ = self.front.toasts.forget_removal();
        }
    }

    /// Take closed conversations out of the list. What was removed before can't be restored from here on.
    fn remove(&mut self, conns: Vec<ConnId>) {
        self.change(Input::Removed(conns));
        let removed = self.core().removed().len();
        if removed > 0 {
            self.front.toasts.removed(Removed::Conversations(removed));
        }
        self.ask_latest();
        self.select_what_is_left();
    }

    /// Remove all conversations that are closed.
    pub(super) fn remove_closed(&mut self) {
        self.remove(self.core().conversations().filter(|(_, c)| c.state.is_over()).map(|(c, _)| c).collect());
    }

    /// Restore what was removed last, conversations or messages.
    pub(super) fn undo_remove(&mut self) {
        let removed = self.front.toasts.forget_removal();
        if matches!(removed, Some(Removed::Conversations(_))) || !self.undo_removal() {
            self.change(Input::RemovalUndone);
        }
        self.ask_latest();
    }

    /// If the selected conversation is removed, select the last one there is.
    pub(super) fn select_what_is_left(&mut self) {
        if self.core().conversation(self.selection.conversation).is_none() {
            let last = self.core().conversations().next_back().map(|(conn, _)| Key::Conn(conn));
            self.select(last.unwrap_or(Key::Everyone));
            self.selection.user_has_selected = last.is_some();
        }
    }
}
