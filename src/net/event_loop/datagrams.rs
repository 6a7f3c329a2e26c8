//! UDP sockets among the others: opened, served, and closed.

use std::net::SocketAddr;

use bytes::Bytes;

use super::{
    super::{
        CallKind, CloseReason, ConnId, ConnOptions, EventKind, ListenerId, MessageId, NetError, Reason, SocketId,
        Target, UdpOptions, connecting,
        udp::{Changed, Plan, UdpEndpoint},
    },
    EventLoop, token,
};

/// A UDP socket that waits for the address of a name.
#[derive(Debug)]
pub(super) struct Resolving {
    host: String,
    port: u16,
    options: ConnOptions,
}

/// How a socket is opened that sends to this address.
pub(super) fn plan_towards(conn: ConnId, peer: SocketAddr, options: &ConnOptions) -> Plan {
    Plan::SendsTo { conn, peer, local: options.local, auto_reply: options.auto_reply.clone() }
}

impl EventLoop {
    pub(super) fn bind_udp(&mut self, listener: ListenerId, options: UdpOptions) {
        let socket = SocketId::Listener(listener);
        let registry = self.cx.poll.registry();
        let made = UdpEndpoint::make(socket, token(socket), Plan::Hears(options), registry, &mut self.cx.events);
        match made.and_then(|made| made.open(&mut self.cx.events)) {
            Ok(endpoint) => {
                self.udp.insert(socket, endpoint);
                self.tell_bound(socket);
            }
            Err(error) => self.cx.events.event(EventKind::ListenFailed { listener, error }),
        }
    }

    /// Where a UDP socket is bound by now, and in which group it is.
    pub(super) fn tell_bound(&mut self, socket: SocketId) {
        let Some(endpoint) = self.udp.get(&socket) else { return };
        let group = endpoint.group();
        if let (SocketId::Listener(listener), Some(local)) = (socket, endpoint.local()) {
            self.cx.events.event(EventKind::UdpBound { listener, local, group });
        }
    }

    /// It sends to someone, and is open.
    pub(super) fn tell_ready(&mut self, socket: SocketId) {
        let Some(endpoint) = self.udp.get(&socket) else { return };
        if let (SocketId::Conn(conn), Some(peer)) = (socket, endpoint.target()) {
            self.cx.events.event(EventKind::UdpReady { conn, peer, local: endpoint.local() });
        }
    }

    pub(super) fn open_udp(&mut self, conn: ConnId, host: String, port: u16, options: ConnOptions) {
        let literal = connecting::literal(&host, port);
        let resolving = Resolving { host, port, options };
        if let Some(address) = literal {
            self.open_udp_as(conn, plan_towards(conn, address, &resolving.options));
        } else {
            self.cx.events.event(EventKind::LookingUp { conn, host: resolving.host.clone() });
            self.lookups.ask(conn, resolving.host.clone(), port);
            self.resolving.insert(conn, resolving);
        }
    }

    /// The name of a UDP socket's address was looked up.
    pub(super) fn on_udp_lookup(&mut self, conn: ConnId, addresses: std::io::Result<Vec<SocketAddr>>) {
        let Some(Resolving { host, port, options }) = self.resolving.remove(&conn) else { return };
        let target = Target::Name(host, port);
        let error = match addresses {
            // Nobody says which of them hears: IPv4, where there is one, as a server without a word does.
            Ok(all) => match all.iter().find(|address| address.is_ipv4()).or(all.first()) {
                Some(address) => return self.open_udp_as(conn, plan_towards(conn, *address, &options)),
                None => NetError::ours(super::super::Operation::LookUp, target, Reason::NoAddress),
            },
            Err(error) => NetError::ours(super::super::Operation::LookUp, target, Reason::of_look_up(&error)),
        };
        self.cx.events.event(EventKind::ConnectFailed { conn, error });
    }

    /// Open a UDP socket that sends to someone.
    pub(super) fn open_udp_as(&mut self, conn: ConnId, plan: Plan) {
        let socket = SocketId::Conn(conn);
        let registry = self.cx.poll.registry();
        let made = UdpEndpoint::make(socket, token(socket), plan, registry, &mut self.cx.events);
        match made.and_then(|made| made.open(&mut self.cx.events)) {
            Ok(endpoint) => {
                self.udp.insert(socket, endpoint);
                self.udp_of.insert(conn, socket);
                self.tell_ready(socket);
            }
            Err(error) => self.cx.events.event(EventKind::ConnectFailed { conn, error }),
        }
    }

    /// The poll reports something of a UDP socket.
    pub(super) fn on_udp_event(&mut self, socket: SocketId, event: &mio::event::Event) {
        if let Some(endpoint) = self.udp.get_mut(&socket) {
            endpoint.on_poll_event(event);
            self.make_ready(socket);
        }
    }

    pub(super) fn serve_udp(&mut self, socket: SocketId) {
        let Some(endpoint) = self.udp.get_mut(&socket) else { return };
        endpoint.in_ready = false;
        if self.cx.events.is_full() {
            self.park(socket);
            return;
        }
        let may_read = !self.cx.events.is_stalled();
        let mut changed = Changed::default();
        endpoint.turn(may_read, &mut self.cx, &mut changed);
        let (reads, works) = (endpoint.wants_to_read(), endpoint.has_work_besides_reading());
        if let Some(at) = endpoint.ask_drops_at(self.cx.events.now()) {
            self.timers.push(std::cmp::Reverse((at, socket)));
        }
        for conn in changed.begun {
            self.udp_of.insert(conn, socket);
        }
        for conn in changed.over {
            self.udp_of.remove(&conn);
            self.repeating.remove(&conn);
        }
        if (may_read && reads) || works {
            self.make_ready(socket);
        }
        if !may_read && reads {
            self.park(socket);
        }
    }

    /// The time of a UDP socket's timer has come.
    pub(super) fn ask_udp_drops(&mut self, socket: SocketId) {
        if let Some(endpoint) = self.udp.get_mut(&socket) {
            endpoint.ask_drops(&mut self.cx.events);
        }
    }

    /// The socket that this conversation goes over, if that is one of UDP.
    pub(super) fn udp_over(&mut self, conn: ConnId) -> Option<(SocketId, &mut UdpEndpoint)> {
        let socket = *self.udp_of.get(&conn)?;
        Some((socket, self.udp.get_mut(&socket)?))
    }

    /// Send a datagram. Whether it may be sent.
    pub(super) fn send_datagram(&mut self, conn: ConnId, message: MessageId, bytes: Bytes) -> bool {
        let Some(socket) = self.udp_of.get(&conn).copied() else { return self.nobody(conn, message) };
        let Some(endpoint) = self.udp.get_mut(&socket) else { return self.nobody(conn, message) };
        let taken = endpoint.send(conn, message, bytes, &mut self.cx);
        self.make_ready(socket);
        taken
    }

    fn nobody(&mut self, conn: ConnId, message: MessageId) -> bool {
        let error = NetError::ours(CallKind::Send, Target::None, Reason::NoSuchSocket);
        self.cx.events.event(EventKind::SendFailed { conn, message, error });
        false
    }

    /// Everyone that our UDP sockets without a target have heard.
    pub(super) fn heard(&self) -> Vec<ConnId> {
        let ours = self.udp.iter().filter(|(socket, _)| matches!(socket, SocketId::Listener(_)));
        ours.flat_map(|(_, endpoint)| endpoint.conns()).collect()
    }

    /// Close the UDP socket of a listener; whether it is one.
    pub(super) fn close_udp(&mut self, socket: SocketId, reason: &CloseReason) -> bool {
        let Some(endpoint) = self.udp.remove(&socket) else { return self.forget_prepared_udp(socket) };
        for conn in endpoint.close(reason, &mut self.cx) {
            self.udp_of.remove(&conn);
            self.repeating.remove(&conn);
        }
        if let SocketId::Listener(listener) = socket {
            self.cx.events.event(EventKind::ListenerClosed { listener });
        }
        self.descriptor_freed();
        true
    }

    /// End a conversation over UDP: its address is let go, or its own socket closed. Whether it is one.
    pub(super) fn end_udp(&mut self, conn: ConnId) -> bool {
        if let Some(Resolving { host, port, .. }) = self.resolving.remove(&conn) {
            self.lookups.forget(conn);
            let error = NetError::ours(super::super::Operation::LookUp, Target::Name(host, port), Reason::Cancelled);
            self.cx.events.event(EventKind::ConnectFailed { conn, error });
            return true;
        }
        let Some(socket) = self.udp_of.get(&conn).copied() else {
            return self.forget_prepared_udp(SocketId::Conn(conn));
        };
        if socket == SocketId::Conn(conn) {
            return self.close_udp(socket, &CloseReason::SocketClosed);
        }
        self.udp_of.remove(&conn);
        self.repeating.remove(&conn);
        if let Some(endpoint) = self.udp.get_mut(&socket) {
            endpoint.let_go(conn, &mut self.cx);
        }
        true
    }

    /// Close them all, as the thread ends.
    pub(super) fn end_all_udp(&mut self) {
        let conns: Vec<ConnId> = self.resolving.keys().copied().collect();
        for conn in conns {
            self.end_udp(conn);
        }
        let sockets: Vec<SocketId> = self.udp.keys().chain(self.prepared_udp.keys()).copied().collect();
        for socket in sockets {
            self.close_udp(socket, &CloseReason::Quit);
        }
    }
}
