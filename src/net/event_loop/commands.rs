//! Carrying out what was asked for.

use std::{collections::BTreeSet, net::SocketAddr, time::Instant};

use bytes::Bytes;

use super::{
    super::{
        CallKind, CloseReason, Command, ConnId, ConnOptions, ConnStep, EventKind, ListenOptions, ListenStep,
        ListenerId, MessageId, NetError, Reason, SocketId, Target,
        connecting::{self, Connecting, Progress},
        listener::Listener,
        prepared::Prepared,
    },
    EventLoop, token,
};

/// Commands carried out before sockets are served again.
const COMMANDS_A_TURN: usize = 256;

impl EventLoop {
    pub(super) fn carry_out_waiting(&mut self) {
        for _ in 0..COMMANDS_A_TURN {
            if self.cx.events.is_full() {
                return;
            }
            let Ok(command) = self.commands.try_recv() else { return };
            self.carry_out(command);
            self.flush_if_many();
        }
    }

    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::Listen { listener, options } => self.open_listener(listener, options, true),
            Command::BindUdp { listener, options } => self.bind_udp(listener, options),
            Command::OpenUdp { conn, host, port, options } => self.open_udp(conn, host, port, options),
            Command::PrepareUdp { listener, options } => self.prepare_udp(listener, options),
            Command::PrepareUdpTo { conn, address, options } => self.prepare_udp_to(conn, address, &options),
            Command::StepUdp { socket, step } => self.step_udp(socket, step),
            Command::PrepareListener { listener, options } => self.open_listener(listener, options, false),
            Command::Step { listener, step } => self.step(listener, step),
            Command::StepServers { stepped } => self.step_servers(stepped),
            Command::PrepareConnection { conn, address, options } => self.prepare(conn, address, options),
            Command::StepConn { conn, step } => self.step_conn(conn, step),
            Command::SetStepped { conn, stepped } => self.set_stepped(conn, stepped),
            Command::PauseAccepting { listener } => self.set_accepting(listener, false),
            Command::ResumeAccepting { listener } => self.set_accepting(listener, true),
            Command::CloseListener { listener } => self.close_listener(listener),
            Command::Connect { conn, host, port, options } => self.connect(conn, host, port, options),
            Command::CancelConnect { conn } => self.cancel_connect(conn),
            Command::Send { conn, message, bytes } => self.send(conn, message, bytes),
            Command::SendToEach { conns, message, bytes } => {
                for conn in conns.iter() {
                    self.send(*conn, message, bytes.clone());
                }
            }
            Command::SendToAll { message, bytes } => {
                let heard = self.heard();
                let clients = self.clients.values().map(BTreeSet::len).sum::<usize>() + heard.len();
                self.cx.events.event(EventKind::SendingToAll { message, clients });
                for conn in heard {
                    self.send_datagram(conn, message, bytes.clone());
                }
                for id in self.clients.values().flatten() {
                    if let Some(conn) = self.conns.get_mut(id) {
                        conn.send(message, bytes.clone(), &mut self.cx);
                        if !std::mem::replace(&mut conn.in_ready, true) {
                            self.ready.push_back(SocketId::Conn(*id));
                        }
                    }
                }
            }
            Command::Repeat { conn, repeat } => self.repeat(conn, repeat),
            Command::StopRepeating { conn } => self.stop_repeating(conn),
            Command::FinishSending { conn } => {
                if let Some(connection) = self.conns.get_mut(&conn) {
                    if connection.is_stepped() {
                        self.step_conn(conn, ConnStep::FinishSending);
                        return;
                    }
                    connection.finish_sending();
                    self.make_ready(SocketId::Conn(conn));
                }
            }
            Command::Close { conn } => self.end_conn(conn, CloseReason::ByUs),
            Command::Reset { conn } => self.end_conn(conn, CloseReason::ResetByUs),
            Command::PauseReading { conn } => {
                if let Some(connection) = self.conns.get_mut(&conn) {
                    connection.pause_reading();
                } else if let Some((_, endpoint)) = self.udp_over(conn) {
                    endpoint.pause_reading(conn, true, Instant::now());
                }
            }
            Command::ResumeReading { conn } => {
                if let Some(connection) = self.conns.get_mut(&conn) {
                    connection.resume_reading(self.cx.events.now());
                    self.make_ready(SocketId::Conn(conn));
                } else if let Some((socket, endpoint)) = self.udp_over(conn) {
                    endpoint.pause_reading(conn, false, Instant::now());
                    self.make_ready(socket);
                }
            }
            Command::InSight { conn } => self.in_sight(conn),
            Command::SetOptions { conn, options } => {
                if let Some(connection) = self.conns.get_mut(&conn) {
                    connection.set_options(options, &mut self.cx);
                    self.make_ready(SocketId::Conn(conn));
                } else if let Some(connecting) = self.connecting.get_mut(&conn) {
                    connecting.options = options;
                } else if let Some(prepared) = self.prepared.get_mut(&conn) {
                    prepared.options = options;
                } else if let Some((_, endpoint)) = self.udp_over(conn) {
                    endpoint.set_auto_reply(conn, options.auto_reply);
                }
            }
            Command::SetListenerOptions { listener, max_clients, conn } => {
                if let Some(listener) = self.listeners.get_mut(&listener) {
                    listener.set_options(max_clients, conn);
                } else if let Some(endpoint) = self.udp.get_mut(&SocketId::Listener(listener)) {
                    endpoint.auto_reply = conn.auto_reply;
                }
            }
            // The handle sends it as a flag, past the queue.
            Command::Quit => self.waker.ask_to_quit(),
        }
    }

    fn send(&mut self, conn: ConnId, message: MessageId, bytes: Bytes) {
        if let Some(connection) = self.conns.get_mut(&conn) {
            connection.send(message, bytes, &mut self.cx);
            self.make_ready(SocketId::Conn(conn));
        } else {
            self.send_datagram(conn, message, bytes);
        }
    }

    fn open_listener(&mut self, id: ListenerId, options: ListenOptions, at_once: bool) {
        let socket = SocketId::Listener(id);
        let now = self.cx.events.now();
        if self.listeners.contains_key(&id) {
            let error = NetError::ours(CallKind::Socket, Target::Address(options.address), Reason::OutOfOrder);
            self.cx.events.event(EventKind::ListenFailed { listener: id, error });
            return;
        }
        let mut listener = Listener::new(id, token(socket), options, now);
        if at_once && let Err(error) = listener.open(self.cx.poll.registry(), &mut self.cx.events) {
            listener.close(&mut self.cx.events);
            self.cx.events.event(EventKind::ListenFailed { listener: id, error });
            return;
        }
        self.listeners.insert(id, listener);
        self.make_ready(socket);
    }

    fn step(&mut self, id: ListenerId, step: ListenStep) {
        let socket = SocketId::Listener(id);
        let stepped = match self.listeners.get_mut(&id) {
            Some(listener) => listener.step(step, self.cx.poll.registry(), &mut self.cx.events),
            None => Err(NetError::ours(CallKind::Socket, Target::None, Reason::NoSuchSocket)),
        };
        match (stepped, step) {
            (Ok(()), ListenStep::Close) => self.close_listener(id),
            (Ok(()), _) => self.make_ready(socket),
            (Err(error), _) => self.cx.events.event(EventKind::StepFailed { socket, error }),
        }
    }

    /// All listeners and their clients wait for steps, or continue by themselves.
    fn step_servers(&mut self, stepped: bool) {
        self.stepping = stepped;
        let listeners: Vec<ListenerId> = self.listeners.keys().copied().collect();
        for id in listeners {
            if stepped {
                self.set_accepting(id, false);
            } else {
                self.resume_by_itself(id);
            }
        }
        let clients: Vec<ConnId> = self.clients.values().flatten().copied().collect();
        for id in clients {
            self.set_stepped(id, stepped);
        }
        self.step_all_udp(stepped);
    }

    /// A listener whose steps were made by hand makes the others by itself.
    fn resume_by_itself(&mut self, id: ListenerId) {
        let Some(listener) = self.listeners.get_mut(&id) else { return };
        if !listener.has_socket() {
            self.close_listener(id);
            return;
        }
        match listener.open_rest(self.cx.poll.registry(), &mut self.cx.events) {
            Ok(()) => {
                self.cx.events.event(EventKind::AcceptingPaused { listener: id, paused: false });
                self.make_ready(SocketId::Listener(id));
            }
            Err(error) => {
                if let Some(listener) = self.listeners.remove(&id) {
                    listener.close(&mut self.cx.events);
                }
                self.cx.events.event(EventKind::ListenFailed { listener: id, error });
            }
        }
    }

    fn prepare(&mut self, id: ConnId, address: SocketAddr, options: ConnOptions) {
        if self.is_taken(id) {
            return;
        }
        self.prepared.insert(id, Prepared::new(id, token(SocketId::Conn(id)), address, options));
        self.cx.events.event(EventKind::Stepping { conn: id, stepped: true });
    }

    fn step_conn(&mut self, id: ConnId, step: ConnStep) {
        let socket = SocketId::Conn(id);
        let stepped = if let Some(conn) = self.conns.get_mut(&id) {
            conn.step(step, &mut self.cx)
        } else if let Some(prepared) = self.prepared.get_mut(&id) {
            prepared.step(step, self.cx.poll.registry(), &mut self.cx.events)
        } else {
            Err(NetError::ours(call_of(step), Target::None, Reason::NoSuchSocket))
        };
        match (stepped, step) {
            (Ok(()), ConnStep::Close) if self.conns.contains_key(&id) => self.close_conn(id, CloseReason::ByUs),
            (Ok(()), ConnStep::Close) => {
                if let Some(prepared) = self.prepared.remove(&id) {
                    prepared.close(&mut self.cx.events);
                    let reason = CloseReason::ByUs;
                    self.cx.events.event(EventKind::Closed { conn: id, reason, bytes_in: 0, bytes_out: 0 });
                    self.descriptor_freed();
                }
            }
            (Ok(()), _) => self.make_ready(socket),
            (Err(error), _) => self.cx.events.event(EventKind::StepFailed { socket, error }),
        }
    }

    fn set_stepped(&mut self, id: ConnId, stepped: bool) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.set_stepped(stepped, &mut self.cx);
            self.make_ready(SocketId::Conn(id));
        } else if let Some(prepared) = self.prepared.get_mut(&id)
            && stepped != prepared.stepped
        {
            prepared.stepped = stepped;
            self.cx.events.event(EventKind::Stepping { conn: id, stepped });
            if !stepped && let Err(error) = prepared.connect_rest(self.cx.poll.registry(), &mut self.cx.events) {
                self.on_handshake_end(id, Some(Err(error)));
            }
        } else {
            self.set_udp_stepped(SocketId::Conn(id), stepped);
        }
    }

    pub(super) fn is_taken(&self, id: ConnId) -> bool {
        let taken =
            self.connecting.contains_key(&id) || self.conns.contains_key(&id) || self.prepared.contains_key(&id);
        if taken {
            tracing::warn!(?id, "asked to connect twice under one id");
        }
        taken
    }

    fn set_accepting(&mut self, id: ListenerId, accept: bool) {
        let Some(listener) = self.listeners.get_mut(&id) else { return };
        if accept {
            listener.resume(self.cx.events.now());
        } else {
            listener.pause();
        }
        self.cx.events.event(EventKind::AcceptingPaused { listener: id, paused: !accept });
        self.make_ready(SocketId::Listener(id));
    }

    fn close_listener(&mut self, id: ListenerId) {
        let Some(listener) = self.listeners.remove(&id) else {
            self.close_udp(SocketId::Listener(id), &CloseReason::SocketClosed);
            return;
        };
        listener.close(&mut self.cx.events);
        self.cx.events.event(EventKind::ListenerClosed { listener: id });
        self.forget_clients(id);
        self.descriptor_freed();
    }

    fn connect(&mut self, id: ConnId, host: String, port: u16, options: ConnOptions) {
        if self.is_taken(id) {
            return;
        }
        let socket = SocketId::Conn(id);
        let literal = connecting::literal(&host, port);
        let mut connecting = Connecting::new(id, token(socket), host, port, options, self.cx.events.now());
        let progress = if let Some(address) = literal {
            let addresses = Ok(vec![address]);
            connecting.on_lookup(addresses, self.cx.poll.registry(), &mut self.cx.events)
        } else {
            self.cx.events.event(EventKind::LookingUp { conn: id, host: connecting.name() });
            self.lookups.ask(id, connecting.name(), port);
            Progress::Waiting(connecting.deadline())
        };
        self.connecting.insert(id, connecting);
        self.on_connect_progress(id, progress);
    }

    fn cancel_connect(&mut self, id: ConnId) {
        if let Some(prepared) = self.prepared.remove(&id) {
            let error = prepared.cancelled();
            prepared.close(&mut self.cx.events);
            self.cx.events.event(EventKind::ConnectFailed { conn: id, error });
            self.descriptor_freed();
            return;
        }
        let Some(mut connecting) = self.connecting.remove(&id) else {
            if self.resolving.contains_key(&id) || self.prepared_udp.contains_key(&SocketId::Conn(id)) {
                self.end_udp(id);
            }
            return;
        };
        self.lookups.forget(id);
        connecting.stop(&mut self.cx.events);
        self.cx.events.event(EventKind::ConnectFailed { conn: id, error: connecting.cancelled() });
        self.descriptor_freed();
    }

    /// Close or reset a connection; one that is still connecting is called off.
    fn end_conn(&mut self, id: ConnId, reason: CloseReason) {
        let Some(conn) = self.conns.get_mut(&id) else {
            if !self.end_udp(id) {
                self.cancel_connect(id);
            }
            return;
        };
        // One more turn: what was sent just before is not to be lost, nor what has arrived already.
        let may_read = !self.cx.events.is_stalled();
        let reason = conn.turn(may_read, &mut self.cx).unwrap_or(reason);
        self.close_conn(id, reason);
    }
}

/// The call that a step makes.
fn call_of(step: ConnStep) -> CallKind {
    match step {
        ConnStep::Socket => CallKind::Socket,
        ConnStep::Connect => CallKind::Connect,
        ConnStep::Recv => CallKind::Recv,
        ConnStep::Send => CallKind::Send,
        ConnStep::FinishSending => CallKind::ShutdownWrite,
        ConnStep::Close => CallKind::Close,
    }
}
