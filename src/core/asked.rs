//! What the user asks of the server and of connections: what it means for the conversations, and the commands that
//! carry it out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;

use super::{ConnState, Conversation, ConversationOptions, Core, Key, NoticeKind, ServerState};
use crate::{
    chat::{
        ConnId, Happening, JournalEntry, ListenerId, MessageId, NetError, Origin, RowKind, RowNumber, SocketId,
        address::host_of,
    },
    net::{Command, ListenOptions},
    wire::{Batch, Framing, text},
};

/// The last id of each kind that core gave out.
#[derive(Debug, Default)]
pub(super) struct Ids {
    listeners: u64,
    conns: u64,
    messages: u64,
}

/// What the history is to keep of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    All,
    /// It is a lab's.
    Nothing,
}

/// Where a client of this computer reaches a server that listens there.
pub(super) fn reachable(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}

impl Core {
    pub(super) fn command(&mut self, command: Command) {
        self.effects.commands.push(command);
    }

    pub(super) fn next_listener(&mut self) -> ListenerId {
        self.ids.listeners += 1;
        let listener = ListenerId(self.ids.listeners);
        if let Some(lab) = &mut self.lab {
            lab.listens(listener);
        }
        listener
    }

    pub(super) fn next_conn(&mut self) -> ConnId {
        self.ids.conns += 1;
        ConnId::asked(self.ids.conns)
    }

    pub(super) fn next_message(&mut self) -> MessageId {
        self.ids.messages += 1;
        MessageId::asked(self.ids.messages)
    }

    /// Starts the server, if there is none.
    pub(super) fn listen(&mut self, options: ListenOptions) {
        if self.server.state == ServerState::Stopped {
            let listener = self.next_listener();
            self.server.starting(listener);
            self.everyone.set_manner(self.manner.clone());
            self.command(Command::Listen { listener, options });
        }
    }

    /// A server whose calls are made one by one; makes none yet.
    pub(super) fn prepare_listener(&mut self, options: ListenOptions) -> ListenerId {
        let listener = self.next_listener();
        self.server.starting(listener);
        self.everyone.set_manner(self.manner.clone());
        self.command(Command::PrepareListener { listener, options });
        listener
    }

    /// A listener beside the server.
    pub(super) fn prepare_second_listener(&mut self, options: ListenOptions) -> ListenerId {
        let listener = self.next_listener();
        self.command(Command::PrepareListener { listener, options });
        listener
    }

    /// Stops the server so that another may be started in its place at once.
    pub(super) fn stop_server(&mut self) {
        if let Some(listener) = self.server.listener() {
            self.command(Command::CloseListener { listener });
            self.server.closed(listener);
        }
    }

    /// Both ends in one window: listens, unless it does already, and connects to that.
    pub(super) fn try_loopback(&mut self, options: ListenOptions, now: Timestamp) {
        if let ServerState::Listening { local, .. } = self.server.state {
            let to = reachable(local);
            self.connect((host_of(to), to.port()), None, self.manner.clone(), now);
            return;
        }
        if let ServerState::Bound { local, .. } = self.server.state {
            self.try_udp(local, now);
            return;
        }
        // Both ends at once is what was asked for.
        if self.server.stepping {
            self.set_stepping(false);
        }
        self.listen(options);
        self.loopback_trial = self.server.listener();
    }

    /// The server listens or failed to: whoever waited for that to connect to it does so.
    pub(super) fn loopback_answered(&mut self, listener: ListenerId, local: Option<SocketAddr>, now: Timestamp) {
        if self.loopback_trial != Some(listener) {
            return;
        }
        self.loopback_trial = None;
        if let Some(to) = local.filter(|_| self.server.is_udp()) {
            self.try_udp(to, now);
        } else if let Some(to) = local.map(reachable) {
            self.connect((host_of(to), to.port()), None, self.manner.clone(), now);
        }
    }

    /// Connects to someone, and has that conversation in sight.
    pub(super) fn connect(
        &mut self,
        (host, port): (String, u16),
        name: Option<String>,
        options: ConversationOptions,
        now: Timestamp,
    ) -> ConnId {
        let origin = Origin::Outgoing { host: host.clone(), port };
        let conn = self.outgoing(origin, name, options, Keeping::All, now);
        self.recognise_address(conn);
        let options = self.conversation(Key::Conn(conn)).map(|c| c.manner().options.clone()).unwrap_or_default();
        self.command(Command::Connect { conn, host, port, options });
        conn
    }

    /// A client connection of which no call is made before its step.
    pub(super) fn prepare_connection(
        &mut self,
        address: SocketAddr,
        name: Option<String>,
        options: ConversationOptions,
        now: Timestamp,
    ) -> ConnId {
        let conn_options = options.options.clone();
        let origin = Origin::Outgoing { host: host_of(address), port: address.port() };
        let conn = self.outgoing(origin, name, options, Keeping::All, now);
        self.command(Command::PrepareConnection { conn, address, options: conn_options });
        conn
    }

    /// A conversation with someone that will be connected to, in sight.
    pub(super) fn outgoing(
        &mut self,
        origin: Origin,
        name: Option<String>,
        options: ConversationOptions,
        keeping: Keeping,
        now: Timestamp,
    ) -> ConnId {
        let conn = self.next_conn();
        let mut conversation = self.open(origin, options, now, now);
        conversation.name = name;
        if keeping == Keeping::Nothing {
            conversation.keep_nothing();
        }
        let session = Box::new(conversation.session());
        self.conversations.insert(conn, conversation);
        self.decide(Key::Conn(conn), |_, _| JournalEntry::Opened(session));
        self.effects.show = Some(Key::Conn(conn));
        conn
    }

    /// Sends a text as it was typed, in the manner of the conversation.
    pub(super) fn send_text(&mut self, key: Key, typed: &str, now: Timestamp) {
        let Some(conversation) = self.conversation(key) else { return };
        let options = conversation.manner();
        // A line broken in the field goes out as the line ending that was chosen.
        let breaks_lines = matches!(options.framing(), Framing::Line | Framing::Cr);
        let line_break = options.line_ending.line_break().filter(|_| breaks_lines).unwrap_or("\n");
        let typed = typed.replace('\n', line_break);
        let encoded = text::encode(&typed, options.encoding);
        let (framing, ending) = (options.framing(), options.ending());
        if let Some(character) = encoded.unmappable {
            let encoding = options.encoding.name();
            self.notice(now, NoticeKind::Unmappable { character, encoding });
        }
        if encoded.bytes.len() > framing.longest_sent() {
            // Each piece behind a prefix of its own is a row of its own.
            self.send_long(key, encoded.bytes.into(), now);
        } else {
            self.send(key, framing.wrap(encoded.bytes, &ending).into(), now);
        }
    }

    /// Sends these bytes as they are.
    pub(super) fn send(&mut self, key: Key, raw: Bytes, now: Timestamp) {
        let Some(conversation) = self.conversation(key) else { return };
        let cut = conversation.cut_of(&raw);
        let message = self.next_message();
        self.sending(key, message, (raw.clone(), cut), now);
        self.transmit(key, message, raw);
    }

    /// Sends several messages as they are, in one go: each is a row of its own.
    pub(super) fn send_batch(&mut self, key: Key, batch: &Batch, now: Timestamp) {
        let of_datagrams = self.conversation(key).is_some_and(|c| c.origin.is_udp());
        if let (Key::Conn(_), false) = (key, of_datagrams) {
            let message = self.next_message();
            self.sending_batch(key, message, batch, now);
            self.transmit(key, message, batch.bytes.clone());
            return;
        }
        for (raw, _) in batch.messages() {
            self.send(key, raw, now);
        }
    }

    /// Sends a message again that failed.
    pub(super) fn resend(&mut self, key: Key, number: RowNumber) {
        let row = self.conversation(key).and_then(|conversation| conversation.entries().get(number));
        let Some(RowKind::Sent(sent)) = row.map(|row| &row.kind) else { return };
        let raw = sent.raw.clone();
        let message = self.next_message();
        self.resending(key, number, message);
        self.transmit(key, message, raw);
    }

    fn transmit(&mut self, key: Key, message: MessageId, bytes: Bytes) {
        match key {
            Key::Conn(conn) => self.command(Command::Send { conn, message, bytes }),
            Key::Everyone => self.command(Command::SendToAll { message, bytes }),
            // What people are sent goes another way.
            Key::Past(_) | Key::Person(_) | Key::Nearby => {}
        }
    }

    /// Holds a conversation in another manner from here on.
    pub(super) fn change_options(&mut self, key: Key, options: ConversationOptions) {
        let is = |what: fn(&Conversation) -> bool| self.conversation(key).is_some_and(what);
        let live = is(|conversation| !conversation.state.is_over());
        let options = if is(|conversation| conversation.origin.is_udp()) { options.of_datagrams() } else { options };
        let conn_options = options.options.clone();
        self.set_manner(key, options);
        if let Key::Conn(conn) = key
            && live
        {
            self.command(Command::SetOptions { conn, options: conn_options });
        }
    }

    /// What the user chose for new connections, and for our server. While a lab runs, that waits for its end.
    pub(super) fn defaults_changed(&mut self, options: ConversationOptions, max_clients: usize) {
        if let Some(lab) = &mut self.lab {
            lab.options_changed(options);
            return;
        }
        self.set_defaults(options);
        if let Some(listener) = self.server.listener() {
            let conn = self.manner.options.clone();
            self.command(Command::SetListenerOptions { listener, max_clients, conn });
        }
    }

    /// How later connections begin, and messages to everyone are sent.
    pub(super) fn set_defaults(&mut self, options: ConversationOptions) {
        if !matches!(self.server.state, ServerState::Bound { .. }) {
            self.everyone.set_manner(options.clone());
        }
        self.manner = options;
    }

    /// The network thread took no more commands: what this one was to do has failed.
    pub(super) fn refused(&mut self, command: &Command, now: Timestamp) {
        let error = NetError::busy();
        match command {
            Command::Send { conn, message, .. } => return self.not_sent(Key::Conn(*conn), *message, &error),
            Command::SendToAll { message, .. } => return self.not_sent(Key::Everyone, *message, &error),
            Command::SendToEach { conns, message, .. } => self.not_relayed(conns, *message),
            Command::Listen { listener, .. }
            | Command::PrepareListener { listener, .. }
            | Command::BindUdp { listener, .. }
            | Command::PrepareUdp { listener, .. } => {
                self.server.failed(*listener, &error);
                self.loopback_answered(*listener, None, now);
            }
            Command::Connect { conn, .. }
            | Command::PrepareConnection { conn, .. }
            | Command::OpenUdp { conn, .. }
            | Command::PrepareUdpTo { conn, .. } => {
                self.over(*conn, now, Happening::ConnectFailed(error.clone()), ConnState::Failed(error.clone()));
                self.ended(*conn, now);
            }
            Command::StepServers { stepped } => self.server.stepping = !stepped,
            Command::Step { listener, .. } => self.step_returned(SocketId::Listener(*listener)),
            Command::StepConn { conn, .. } => self.step_returned(SocketId::Conn(*conn)),
            Command::StepUdp { socket, .. } => self.step_returned(*socket),
            _ => {}
        }
        self.notice(now, NoticeKind::Net { conn: None, error });
    }
}
