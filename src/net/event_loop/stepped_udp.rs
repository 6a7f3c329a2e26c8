//! UDP sockets that are opened and used step by step.

use std::net::SocketAddr;

use super::{
    super::{
        CallKind, CloseReason, ConnId, ConnOptions, EventKind, ListenerId, NetError, Reason, SocketId, Target,
        UdpOptions, UdpStep,
        udp::{Plan, UdpEndpoint},
    },
    EventLoop,
    datagrams::plan_towards,
    token,
};

impl EventLoop {
    pub(super) fn prepare_udp(&mut self, listener: ListenerId, options: UdpOptions) {
        self.prepared_udp.insert(SocketId::Listener(listener), Plan::Hears(options));
    }

    pub(super) fn prepare_udp_to(&mut self, conn: ConnId, address: SocketAddr, options: &ConnOptions) {
        if self.is_taken(conn) {
            return;
        }
        self.prepared_udp.insert(SocketId::Conn(conn), plan_towards(conn, address, options));
        self.cx.events.event(EventKind::Stepping { conn, stepped: true });
    }

    pub(super) fn step_udp(&mut self, socket: SocketId, step: UdpStep) {
        let stepped = match self.udp.get_mut(&socket) {
            Some(endpoint) => endpoint.step(step, &mut self.cx),
            None if step == UdpStep::Socket => self.make_udp(socket),
            None => Err(NetError::ours(step.call(), Target::None, self.why_no_udp(socket))),
        };
        match (stepped, step) {
            (Ok(()), UdpStep::Close) => _ = self.close_udp(socket, &CloseReason::SocketClosed),
            (Ok(()), UdpStep::Bind | UdpStep::JoinGroup) => {
                self.tell_bound(socket);
                self.tell_ready(socket);
            }
            (Ok(()), UdpStep::Socket) => self.tell_ready(socket),
            (Ok(()), _) => self.make_ready(socket),
            (Err(error), _) => self.cx.events.event(EventKind::StepFailed { socket, error }),
        }
    }

    fn make_udp(&mut self, socket: SocketId) -> Result<(), NetError> {
        let none = || NetError::ours(CallKind::Socket, Target::None, Reason::NoSuchSocket);
        let plan = self.prepared_udp.get(&socket).cloned().ok_or_else(none)?;
        let (registry, to) = (self.cx.poll.registry(), &mut self.cx.events);
        let mut endpoint = UdpEndpoint::make(socket, token(socket), plan, registry, to)?;
        endpoint.set_stepped(true, to)?;
        self.prepared_udp.remove(&socket);
        self.udp.insert(socket, endpoint);
        if let SocketId::Conn(conn) = socket {
            self.udp_of.insert(conn, socket);
        }
        Ok(())
    }

    fn why_no_udp(&self, socket: SocketId) -> Reason {
        if self.prepared_udp.contains_key(&socket) { Reason::NoSocketYet } else { Reason::NoSuchSocket }
    }

    /// All that hear anybody wait for steps, or go on by themselves.
    pub(super) fn step_all_udp(&mut self, stepped: bool) {
        let all = self.udp.keys().chain(self.prepared_udp.keys()).copied();
        let all: Vec<SocketId> = all.filter(|socket| matches!(socket, SocketId::Listener(_))).collect();
        for socket in all {
            self.set_udp_stepped(socket, stepped);
        }
    }

    /// A UDP socket waits for steps, or goes on by itself: of one that was half opened, the rest is done.
    pub(super) fn set_udp_stepped(&mut self, socket: SocketId, stepped: bool) {
        let is_udp = self.udp.contains_key(&socket) || self.prepared_udp.contains_key(&socket);
        if let (SocketId::Conn(conn), true) = (socket, is_udp) {
            self.cx.events.event(EventKind::Stepping { conn, stepped });
        }
        if let Some(endpoint) = self.udp.get_mut(&socket) {
            match endpoint.set_stepped(stepped, &mut self.cx.events) {
                Ok(()) => {
                    self.tell_bound(socket);
                    self.tell_ready(socket);
                    self.make_ready(socket);
                }
                Err(error) => {
                    self.cx.events.event(EventKind::StepFailed { socket, error });
                    self.close_udp(socket, &CloseReason::SocketClosed);
                }
            }
            return;
        }
        if stepped {
            return;
        }
        match (self.prepared_udp.remove(&socket), socket) {
            // As a TCP listener of which no call was made.
            (Some(_), SocketId::Listener(listener)) => self.cx.events.event(EventKind::ListenerClosed { listener }),
            (Some(plan), SocketId::Conn(conn)) => self.open_udp_as(conn, plan),
            (None, _) => {}
        }
    }

    /// One of which no call was made is called off; whether it is one.
    pub(super) fn forget_prepared_udp(&mut self, socket: SocketId) -> bool {
        if self.prepared_udp.remove(&socket).is_none() {
            return false;
        }
        self.cx.events.event(match socket {
            SocketId::Listener(listener) => EventKind::ListenerClosed { listener },
            SocketId::Conn(conn) => {
                let error = NetError::ours(CallKind::Socket, Target::None, Reason::Cancelled);
                EventKind::ConnectFailed { conn, error }
            }
        });
        true
    }
}
