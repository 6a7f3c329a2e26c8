//! UDP: a socket that hears anybody, and those that send to one address. There is no connection: an address that is heard
//! is a conversation, and what the socket is has no more states than open and closed.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::{
    ConnState, ConversationOptions, Core, Key, NoticeKind, ServerState,
    asked::{Keeping, reachable},
};
use crate::{
    chat::{ConnId, ConversationChange, JournalEntry, ListenerId, MOST_UDP_PEERS, Origin, SocketId, address::host_of},
    net::{Command, UdpOptions},
};

/// What a conversation over UDP goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverUdp {
    /// Our socket. Several conversations may share one.
    pub socket: SocketId,
    /// Datagrams in all that came to that socket and that our system had no room for, where it says so.
    pub dropped: u64,
}

impl Core {
    /// Opens a UDP socket that hears anybody, in the server's place, if there is none.
    pub(super) fn listen_udp(&mut self, options: UdpOptions, manner: ConversationOptions) {
        if self.server.state == ServerState::Stopped {
            let listener = self.udp_server(&options, manner);
            self.command(Command::BindUdp { listener, options });
        }
    }

    /// A UDP socket in the server's place whose calls are made one by one; makes none yet.
    pub(super) fn prepare_udp(&mut self, options: UdpOptions, manner: ConversationOptions) {
        if self.server.state == ServerState::Stopped {
            let listener = self.udp_server(&options, manner);
            self.command(Command::PrepareUdp { listener, options });
        }
    }

    /// A UDP socket that sends to someone, of which no call is made before its step.
    pub(super) fn prepare_udp_to(
        &mut self,
        address: SocketAddr,
        name: Option<String>,
        manner: ConversationOptions,
        now: Timestamp,
    ) {
        let manner = manner.of_datagrams();
        let options = manner.options.clone();
        let origin = Origin::Datagrams { host: host_of(address), port: address.port() };
        let conn = self.outgoing(origin, name, manner, Keeping::All, now);
        self.with(conn, |c| c.udp = Some(OverUdp { socket: SocketId::Conn(conn), dropped: 0 }));
        self.recognise_address(conn);
        self.command(Command::PrepareUdpTo { conn, address, options });
    }

    /// The server is to be a UDP socket.
    fn udp_server(&mut self, options: &UdpOptions, manner: ConversationOptions) -> ListenerId {
        let listener = self.next_listener();
        self.server.starting_udp(listener, options.clone());
        self.datagrams = manner.of_datagrams();
        self.everyone.set_manner(self.datagrams.clone());
        listener
    }

    /// Opens a UDP socket that sends to someone, and has that conversation in sight.
    pub(super) fn connect_udp(
        &mut self,
        (host, port): (String, u16),
        name: Option<String>,
        manner: ConversationOptions,
        keeping: Keeping,
        now: Timestamp,
    ) -> ConnId {
        let manner = manner.of_datagrams();
        let options = manner.options.clone();
        let origin = Origin::Datagrams { host: host.clone(), port };
        let conn = self.outgoing(origin, name, manner, keeping, now);
        self.with(conn, |c| c.udp = Some(OverUdp { socket: SocketId::Conn(conn), dropped: 0 }));
        self.recognise_address(conn);
        self.command(Command::OpenUdp { conn, host, port, options });
        conn
    }

    /// Both ends in one window, over UDP: opens the one that hears, and then the one that sends to it.
    pub(super) fn try_udp_loopback(&mut self, options: UdpOptions, manner: ConversationOptions) {
        if self.server.state == ServerState::Stopped {
            // Both ends at once is what was asked for.
            if self.server.stepping {
                self.set_stepping(false);
            }
            self.listen_udp(options, manner);
            self.loopback_trial = self.server.listener();
        }
    }

    /// A client of the UDP socket in this window.
    pub(super) fn try_udp(&mut self, to: SocketAddr, now: Timestamp) {
        let to = reachable(to);
        let manner = self.datagrams.clone();
        self.connect_udp((host_of(to), to.port()), None, manner, Keeping::All, now);
    }

    /// A datagram came from an address that its socket did not know.
    pub(super) fn heard(
        &mut self,
        socket: SocketId,
        conn: ConnId,
        (peer, local): (SocketAddr, SocketAddr),
        (at, now): (Timestamp, Timestamp),
    ) {
        let opened_by = match socket {
            SocketId::Conn(by) => self.conversation(Key::Conn(by)),
            SocketId::Listener(_) => None,
        };
        let manner = opened_by.map_or_else(|| self.datagrams.clone(), |by| by.manner().clone());
        let of_lab = self.lab.as_ref().is_some_and(|lab| match socket {
            SocketId::Listener(_) => true,
            SocketId::Conn(by) => lab.made(by),
        });
        let mut conversation = self.open(Origin::Heard, manner, at, now);
        (conversation.peer, conversation.local) = (Some(peer), Some(local));
        conversation.state = ConnState::Open;
        conversation.udp = Some(OverUdp { socket, dropped: self.dropped_by(socket) });
        if of_lab {
            conversation.keep_nothing();
        }
        let session = Box::new(conversation.session());
        self.conversations.insert(conn, conversation);
        self.decide(Key::Conn(conn), |_, _| JournalEntry::Opened(session));
        self.recognise_address(conn);
        self.connected_clients += usize::from(matches!(socket, SocketId::Listener(_)));
    }

    /// A UDP socket that sends to this address is open, or has its port.
    pub(super) fn udp_ready(&mut self, conn: ConnId, peer: SocketAddr, local: Option<SocketAddr>) {
        self.decide_change(Key::Conn(conn), ConversationChange::Addresses { peer: Some(peer), local });
        self.with(conn, |c| c.state = ConnState::Open);
    }

    /// So many datagrams in all did not get further than our system.
    pub(super) fn udp_dropped(&mut self, socket: SocketId, datagrams: u64) {
        if let SocketId::Listener(listener) = socket
            && self.server.listener() == Some(listener)
        {
            self.server.dropped = datagrams;
        }
        for (_, conversation) in self.conversations.iter_mut() {
            if let Some(over) = conversation.udp.as_mut().filter(|over| over.socket == socket) {
                over.dropped = datagrams;
            }
        }
    }

    fn dropped_by(&self, socket: SocketId) -> u64 {
        match socket {
            SocketId::Listener(_) => self.server.dropped,
            SocketId::Conn(by) => self.conversation(Key::Conn(by)).and_then(|c| c.udp).map_or(0, |over| over.dropped),
        }
    }

    /// An address was let go to make room for another.
    pub(super) fn address_let_go(&mut self, at: Timestamp) {
        self.notice_once(at, NoticeKind::AddressesLetGo { most: MOST_UDP_PEERS });
    }

    /// Whether this conversation is one of those that are sent what is said to everyone.
    pub(super) fn is_client(&self, conn: ConnId) -> bool {
        self.conversations.get(conn).is_some_and(|c| match c.origin {
            Origin::Accepted => true,
            Origin::Heard => c.udp.is_some_and(|over| matches!(over.socket, SocketId::Listener(ListenerId(_)))),
            _ => false,
        })
    }
}
