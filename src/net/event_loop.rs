//! The loop that owns every socket: one poll, edge-triggered, and a circle of those to serve.

mod acknowledged;
mod commands;
mod datagrams;
mod repeating;
mod stepped_udp;

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Token, event::Event};
use socket2::SockRef;

use acknowledged::Unacknowledged;
use datagrams::Resolving;

use super::{
    Call, CloseReason, Command, ConnId, EventKind, ListenerId, NetError, SocketId, Target,
    connecting::{Connecting, Progress},
    connection::{Connection, IoContext},
    event_queue::EventSender,
    listener::{AcceptError, Client, Listener},
    lookup::Lookups,
    prepared::{ConnectedSocket, Prepared},
    repeat::Rounds,
    socket,
    udp::{Plan, UdpEndpoint},
    waker::LoopWaker,
};

/// The poll's name for the waker. Ids count from 1, so no socket has it.
pub(super) const WAKER: Token = Token(0);

/// Clients accepted before it is another socket's turn.
const ACCEPTS_A_TURN: usize = 64;

/// Connections for which there is room in memory, however few there are.
const ROOM_KEPT: usize = 512;

/// Events received from the poll at once.
const POLL_EVENTS_AT_ONCE: usize = 1024;

/// Events that gather before they are handed over in the middle of a turn.
const GATHERED: usize = 256;

/// How long quitting continues with commands given before.
const LAST_COMMANDS: Duration = Duration::from_millis(100);

/// Bytes that are still read of all connections together before they are closed at the end, in one go of their own
/// beside [`super::BYTES_IN_FLIGHT`]; what a peer goes on sending beyond that is lost.
const LAST_BYTES: usize = 64 * 1024 * 1024;

/// How long quitting waits for look-ups to end.
const JOIN_LOOKUPS: Duration = Duration::from_millis(400);

fn token(socket: SocketId) -> Token {
    match socket {
        SocketId::Conn(ConnId(id)) => Token(id as usize * 2),
        SocketId::Listener(ListenerId(id)) => Token(id as usize * 2 + 1),
    }
}

fn socket_id(Token(token): Token) -> SocketId {
    let id = token as u64 / 2;
    if token % 2 == 0 { SocketId::Conn(ConnId(id)) } else { SocketId::Listener(ListenerId(id)) }
}

/// Everything the network thread owns.
pub(super) struct EventLoop {
    cx: IoContext,
    commands: Receiver<Command>,
    waker: Arc<LoopWaker>,
    lookups: Lookups,
    listeners: HashMap<ListenerId, Listener>,
    /// Living clients of each listener, also of closed ones.
    clients: HashMap<ListenerId, BTreeSet<ConnId>>,
    connecting: HashMap<ConnId, Connecting>,
    /// Those that are made step by step, until they are connected.
    prepared: HashMap<ConnId, Prepared>,
    /// Listeners and the clients they accept make a call only as a step.
    stepping: bool,
    conns: HashMap<ConnId, Connection>,
    /// Those that have something to do, served in a circle.
    ready: VecDeque<SocketId>,
    /// Those that would have, once the receiver has drained.
    parked: VecDeque<SocketId>,
    timers: BinaryHeap<Reverse<(Instant, SocketId)>>,
    unacknowledged: Unacknowledged,
    /// What is sent again and again.
    repeating: HashMap<ConnId, (Instant, Rounds)>,
    /// UDP sockets.
    udp: HashMap<SocketId, UdpEndpoint>,
    /// Those of which no call was made yet, for each waits for its step.
    prepared_udp: HashMap<SocketId, Plan>,
    /// Over which of them a conversation goes.
    udp_of: HashMap<ConnId, SocketId>,
    /// Those that wait for an address.
    resolving: HashMap<ConnId, Resolving>,
}

impl EventLoop {
    pub(super) fn new(poll: Poll, commands: Receiver<Command>, events: EventSender, waker: Arc<LoopWaker>) -> Self {
        Self {
            cx: IoContext::new(poll, events),
            commands,
            lookups: Lookups::new(Arc::clone(&waker)),
            waker,
            listeners: HashMap::new(),
            clients: HashMap::new(),
            connecting: HashMap::new(),
            prepared: HashMap::new(),
            stepping: false,
            conns: HashMap::new(),
            ready: VecDeque::new(),
            parked: VecDeque::new(),
            timers: BinaryHeap::new(),
            unacknowledged: Unacknowledged::default(),
            repeating: HashMap::new(),
            udp: HashMap::new(),
            prepared_udp: HashMap::new(),
            udp_of: HashMap::new(),
            resolving: HashMap::new(),
        }
    }

    /// Until [`LoopWaker::ask_to_quit`].
    pub(super) fn run(mut self) {
        let mut polled = Events::with_capacity(POLL_EVENTS_AT_ONCE);
        while !self.waker.is_quitting() {
            if !self.sleep(&mut polled) {
                break;
            }
            self.cx.events.begin_turn();
            for event in &polled {
                self.on_poll_event(event);
            }
            if self.cx.events.has_room_again() {
                self.cx.events.flush();
            }
            if !self.cx.events.is_stalled() {
                self.unpark_all();
            }
            self.on_lookup_answers();
            self.carry_out_waiting();
            self.fire_timers();
            self.send_repeated();
            self.serve_ready();
            self.ask_acknowledged();
            if self.ready.is_empty() || self.cx.events.is_late() {
                self.cx.events.flush();
            }
        }
        self.end(&mut polled);
    }

    /// Wait until there is something to do. False: the poll is broken.
    fn sleep(&mut self, polled: &mut Events) -> bool {
        let mut work = self.has_work();
        if !work {
            self.waker.before_poll();
            // Something may have come just before there was anybody to wake.
            work = self.has_work();
        }
        let timeout = if work {
            Some(Duration::ZERO)
        } else {
            let timer = self.timers.peek().map(|Reverse((at, _))| *at);
            let question = self.unacknowledged.due().filter(|_| !self.cx.events.is_stalled());
            let next = timer.into_iter().chain(question).chain(self.next_repeated()).min();
            next.map(|at| at.saturating_duration_since(Instant::now()))
        };
        let result = self.cx.poll.poll(polled, timeout);
        self.waker.after_poll();
        match result {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                tracing::error!(%error, "the poll is broken");
                false
            }
            _ => true,
        }
    }

    fn has_work(&self) -> bool {
        let events = &self.cx.events;
        !self.ready.is_empty()
            || (!self.parked.is_empty() && !events.is_stalled())
            || (!self.commands.is_empty() && !events.is_full())
            || events.has_room_again()
            || (self.unacknowledged.has_work() && !events.is_stalled())
            || self.lookups.has_answer()
            || self.waker.is_quitting()
    }

    fn on_poll_event(&mut self, event: &Event) {
        if event.token() == WAKER {
            return;
        }
        let socket = socket_id(event.token());
        match socket {
            SocketId::Listener(id) => {
                if let Some(listener) = self.listeners.get_mut(&id) {
                    listener.on_poll_event();
                    self.make_ready(socket);
                } else {
                    self.on_udp_event(socket, event);
                }
            }
            SocketId::Conn(id) => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.on_poll_event(event);
                    self.make_ready(socket);
                } else if let Some(connecting) = self.connecting.get_mut(&id)
                    && (event.is_writable() || event.is_error() || event.is_write_closed())
                {
                    let progress = connecting.on_poll_event(self.cx.poll.registry(), &mut self.cx.events);
                    self.on_connect_progress(id, progress);
                } else if let Some(prepared) = self.prepared.get_mut(&id)
                    && (event.is_writable() || event.is_error() || event.is_write_closed())
                {
                    let ended = prepared.on_poll_event(self.cx.poll.registry(), &mut self.cx.events);
                    self.on_handshake_end(id, ended);
                } else {
                    self.on_udp_event(socket, event);
                }
            }
        }
    }

    fn make_ready(&mut self, socket: SocketId) {
        let in_ready = match socket {
            SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| &mut listener.in_ready),
            SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| &mut conn.in_ready),
        };
        let in_ready = in_ready.or_else(|| self.udp.get_mut(&socket).map(|endpoint| &mut endpoint.in_ready));
        if let Some(in_ready) = in_ready
            && !std::mem::replace(in_ready, true)
        {
            self.ready.push_back(socket);
        }
    }

    fn park(&mut self, socket: SocketId) {
        let in_parked = match socket {
            SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| &mut listener.in_parked),
            SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| &mut conn.in_parked),
        };
        let in_parked = in_parked.or_else(|| self.udp.get_mut(&socket).map(|endpoint| &mut endpoint.in_parked));
        if let Some(in_parked) = in_parked
            && !std::mem::replace(in_parked, true)
        {
            self.parked.push_back(socket);
        }
    }

    fn unpark_all(&mut self) {
        for socket in std::mem::take(&mut self.parked) {
            let known = match socket {
                SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| listener.in_parked = false),
                SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| conn.in_parked = false),
            };
            if known.is_none()
                && let Some(endpoint) = self.udp.get_mut(&socket)
            {
                endpoint.in_parked = false;
            }
            self.make_ready(socket);
        }
    }

    fn on_lookup_answers(&mut self) {
        while let Some(answer) = self.lookups.next_answer() {
            if let Some(connecting) = self.connecting.get_mut(&answer.conn) {
                let registry = self.cx.poll.registry();
                let progress = connecting.on_lookup(answer.addresses, registry, &mut self.cx.events);
                self.on_connect_progress(answer.conn, progress);
            } else {
                self.on_udp_lookup(answer.conn, answer.addresses);
            }
        }
    }

    fn fire_timers(&mut self) {
        let now = self.cx.events.now();
        while let Some(Reverse((at, socket))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            match socket {
                SocketId::Listener(id) => {
                    if let Some(listener) = self.listeners.get_mut(&id) {
                        listener.end_rest();
                        self.make_ready(socket);
                    } else {
                        self.ask_udp_drops(socket);
                    }
                }
                SocketId::Conn(id) => {
                    if let Some(conn) = self.conns.get_mut(&id) {
                        if conn.timer == Some(at) {
                            conn.timer = None;
                            self.make_ready(socket);
                        }
                    } else if let Some(connecting) = self.connecting.get_mut(&id) {
                        let progress = connecting.check_time(self.cx.poll.registry(), &mut self.cx.events);
                        self.on_connect_progress(id, progress);
                    } else {
                        self.ask_udp_drops(socket);
                    }
                }
            }
        }
    }

    fn serve_ready(&mut self) {
        for _ in 0..self.ready.len() {
            match self.ready.pop_front() {
                Some(SocketId::Listener(id)) => self.serve_listener(id),
                Some(SocketId::Conn(id)) => self.serve_conn(id),
                None => break,
            }
            self.flush_if_many();
        }
    }

    fn flush_if_many(&mut self) {
        if self.cx.events.gathered() >= GATHERED {
            self.cx.events.flush();
        }
    }

    fn serve_conn(&mut self, id: ConnId) {
        let socket = SocketId::Conn(id);
        let Some(conn) = self.conns.get_mut(&id) else { return self.serve_udp(socket) };
        conn.in_ready = false;
        if self.cx.events.is_full() {
            self.park(socket);
            return;
        }
        let may_read = !self.cx.events.is_stalled();
        if let Some(reason) = conn.turn(may_read, &mut self.cx) {
            self.close_conn(id, reason);
            return;
        }
        let (wants_turn, has_work_besides_reading) = (conn.wants_turn(), conn.has_work_besides_reading());
        if let Some(at) = conn.deadline().filter(|_| may_read && conn.timer.is_none()) {
            conn.timer = Some(at);
            self.timers.push(Reverse((at, socket)));
        }
        let has_deadline = conn.deadline().is_some();
        if (may_read && wants_turn) || has_work_besides_reading {
            self.make_ready(socket);
        }
        if !may_read && (wants_turn || has_deadline) {
            self.park(socket);
        }
        self.await_acknowledgement(id);
    }

    fn serve_listener(&mut self, id: ListenerId) {
        let socket = SocketId::Listener(id);
        for _ in 0..ACCEPTS_A_TURN {
            let Some(listener) = self.listeners.get_mut(&id) else { return self.serve_udp(socket) };
            listener.in_ready = false;
            if !listener.may_accept() {
                return;
            }
            if self.cx.events.is_stalled() {
                self.park(socket);
                return;
            }
            match listener.accept(&self.cx.ids, &mut self.cx.events) {
                Ok(Some(client)) => self.admit(id, client),
                Ok(None) | Err(AcceptError::Quiet) => {}
                Err(AcceptError::Step(error)) => {
                    self.cx.events.event(EventKind::StepFailed { socket, error });
                }
                Err(AcceptError::First(error)) => {
                    self.cx.events.event(EventKind::AcceptFailed { listener: id, error });
                }
            }
            if let Some(at) = self.listeners.get(&id).and_then(Listener::rests_until) {
                self.timers.push(Reverse((at, socket)));
            }
            self.flush_if_many();
        }
        self.make_ready(socket);
    }

    /// A client was accepted: it becomes a connection, unless it is one too many.
    fn admit(&mut self, id: ListenerId, client: Client) {
        let Some(listener) = self.listeners.get(&id) else { return };
        let clients = self.clients.entry(id).or_default();
        let to = &mut self.cx.events;
        let refusal = listener.refusal(client.peer, clients.len());
        if let Some(error) = refusal {
            let Client { conn, stream, label, peer } = client;
            socket::close(label, stream, to);
            to.event(EventKind::TurnedAway { listener: id, conn, peer, error });
            return;
        }
        let local = listener.local_of(&client, to);
        let Client { conn, mut stream, label, peer } = client;
        if !self.stepping {
            socket::set_no_delay(label, &stream, to);
        }
        listener.complete_options(&stream);
        clients.insert(conn);
        let options = listener.options.conn.clone();
        to.event(EventKind::Accepted { listener: id, conn, peer, local });
        let token = token(SocketId::Conn(conn));
        let watched = self.cx.poll.registry().register(&mut stream, token, socket::RECEIVING);
        let mut connection = Connection::new(stream, label, conn, token, (peer, local), options, self.cx.events.now());
        connection.listener = Some(id);
        if self.stepping {
            connection.begin_stepped(&mut self.cx);
        }
        self.add_conn(conn, connection);
        if let Err(error) = watched {
            let error = NetError::new(Call::Accept, Target::Address(peer), &error);
            self.close_conn(conn, CloseReason::Failed(error));
        }
    }

    fn add_conn(&mut self, id: ConnId, conn: Connection) {
        self.conns.insert(id, conn);
        self.begin_sight(id);
    }

    fn close_conn(&mut self, id: ConnId, reason: CloseReason) {
        let Some(conn) = self.conns.remove(&id) else { return };
        // A crowd that has gone leaves no room behind for another.
        if self.conns.capacity() > ROOM_KEPT && self.conns.len() < self.conns.capacity() / 8 {
            self.conns.shrink_to(2 * self.conns.len());
        }
        if let Some(listener) = conn.listener
            && let Some(clients) = self.clients.get_mut(&listener)
        {
            clients.remove(&id);
            self.forget_clients(listener);
        }
        self.repeating.remove(&id);
        conn.close(reason, &mut self.cx);
        self.descriptor_freed();
    }

    /// Drop the list of a closed listener's clients with the last of them.
    fn forget_clients(&mut self, id: ListenerId) {
        if !self.listeners.contains_key(&id) && self.clients.get(&id).is_some_and(BTreeSet::is_empty) {
            self.clients.remove(&id);
        }
    }

    /// A listener that ran out of descriptors may try again.
    fn descriptor_freed(&mut self) {
        for (id, listener) in &mut self.listeners {
            if listener.rests_until().is_some() {
                listener.end_rest();
                if !std::mem::replace(&mut listener.in_ready, true) {
                    self.ready.push_back(SocketId::Listener(*id));
                }
            }
        }
    }

    /// A connect went a step further.
    fn on_connect_progress(&mut self, id: ConnId, progress: Progress) {
        let socket = SocketId::Conn(id);
        match progress {
            Progress::Waiting(until) => self.timers.push(Reverse((until, socket))),
            Progress::Connected { stream, label, peer, local } => {
                let Some(connecting) = self.connecting.remove(&id) else { return };
                let now = self.cx.events.now();
                let options = connecting.options;
                self.cx.events.event(EventKind::Connected { conn: id, peer, local });
                socket::set_unseen_options(&SockRef::from(&stream), &options);
                self.add_conn(id, Connection::new(stream, label, id, token(socket), (peer, local), options, now));
            }
            Progress::Failed(error) => {
                self.connecting.remove(&id);
                self.lookups.forget(id);
                self.cx.events.event(EventKind::ConnectFailed { conn: id, error });
                self.descriptor_freed();
            }
        }
    }

    /// The handshake of a connection that was made step by step is over, if one was under way.
    fn on_handshake_end(&mut self, id: ConnId, ended: Option<Result<ConnectedSocket, NetError>>) {
        let Some(ended) = ended else { return };
        let Some(prepared) = self.prepared.remove(&id) else { return };
        let socket = SocketId::Conn(id);
        match ended {
            Ok(ConnectedSocket { stream, label, peer, local }) => {
                let stepped = prepared.stepped;
                if !stepped {
                    socket::set_no_delay(label, &stream, &mut self.cx.events);
                }
                self.cx.events.event(EventKind::Connected { conn: id, peer, local });
                let now = self.cx.events.now();
                socket::set_unseen_options(&SockRef::from(&stream), &prepared.options);
                let mut conn = Connection::new(stream, label, id, token(socket), (peer, local), prepared.options, now);
                if stepped {
                    conn.begin_stepped(&mut self.cx);
                }
                self.add_conn(id, conn);
            }
            Err(error) if prepared.stepped => {
                self.prepared.insert(id, prepared);
                self.cx.events.event(EventKind::StepFailed { socket, error });
            }
            Err(error) => {
                prepared.close(&mut self.cx.events);
                self.cx.events.event(EventKind::ConnectFailed { conn: id, error });
                self.descriptor_freed();
            }
        }
    }

    /// Close everything, and hand over what is left to report.
    fn end(mut self, polled: &mut Events) {
        self.cx.events.begin_turn();
        // What was asked for before quitting was is still done, as far as it can be at once.
        let deadline = self.cx.events.now() + LAST_COMMANDS;
        while Instant::now() < deadline
            && let Ok(command) = self.commands.try_recv()
        {
            self.carry_out(command);
        }
        self.end_all_udp();
        for (id, listener) in self.listeners.drain() {
            listener.close(&mut self.cx.events);
            self.cx.events.event(EventKind::ListenerClosed { listener: id });
        }
        for (id, mut connecting) in self.connecting.drain() {
            connecting.stop(&mut self.cx.events);
            self.cx.events.event(EventKind::ConnectFailed { conn: id, error: connecting.cancelled() });
        }
        for (id, prepared) in self.prepared.drain() {
            let error = prepared.cancelled();
            prepared.close(&mut self.cx.events);
            self.cx.events.event(EventKind::ConnectFailed { conn: id, error });
        }
        let mut room = LAST_BYTES;
        for (_, mut conn) in self.conns.drain() {
            room = room.saturating_sub(conn.read_rest(room, &mut self.cx));
            conn.write(&mut self.cx);
            conn.close(CloseReason::Quit, &mut self.cx);
        }
        self.lookups.join(JOIN_LOOKUPS);
        self.cx.events.tick();
        self.cx.events.event(EventKind::Stopped);
        self.cx.events.flush();
        while !self.cx.events.is_empty() && !self.waker.is_abandoned() {
            self.waker.before_poll();
            if !self.cx.events.has_room_again() && !self.waker.is_abandoned() {
                let _ = self.cx.poll.poll(polled, None);
            }
            self.waker.after_poll();
            self.cx.events.flush();
        }
    }
}
