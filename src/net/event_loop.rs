//! The loop that owns every socket: one poll, edge-triggered, and a circle of those to serve.

mod commands;

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use mio::{Events, Interest, Poll, Token, event::Event};

use super::{
    Call, CloseReason, Command, ConnId, EventKind, ListenerId, NetError, SocketId, Target,
    connecting::{Connecting, Progress},
    connection::{Connection, Workshop},
    doorbell::Doorbell,
    event_queue::EventSender,
    ids::Ids,
    listener::{AcceptError, Client, Listener},
    lookup::Lookups,
    prepared::{Made, Prepared},
    socket,
};

/// The poll's name for the doorbell. Ids count from 1, so no socket has it.
pub(super) const DOORBELL: Token = Token(0);

/// Clients accepted before it is another socket's turn.
const ACCEPTS_A_TURN: usize = 64;

/// Events heard from the poll at once.
const HEARD_AT_ONCE: usize = 1024;

/// Events that gather before they are handed over in the middle of a turn.
const GATHERED: usize = 256;

/// How long quitting goes on with commands given before.
const LAST_COMMANDS: Duration = Duration::from_millis(100);

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
    shop: Workshop,
    commands: Receiver<Command>,
    doorbell: Arc<Doorbell>,
    lookups: Lookups,
    listeners: HashMap<ListenerId, Listener>,
    /// Living clients of each listener, also of closed ones.
    clients: HashMap<ListenerId, BTreeSet<ConnId>>,
    connecting: HashMap<ConnId, Connecting>,
    /// Those that are made step by step, until they stand.
    prepared: HashMap<ConnId, Prepared>,
    /// Listeners and the clients they accept make a call only as a step.
    stepping: bool,
    conns: HashMap<ConnId, Connection>,
    /// Those that have something to do, served in a circle.
    ready: VecDeque<SocketId>,
    /// Those that would have, once the receiver has drained.
    held: VecDeque<SocketId>,
    timers: BinaryHeap<Reverse<(Instant, SocketId)>>,
}

impl EventLoop {
    pub(super) fn new(
        poll: Poll,
        commands: Receiver<Command>,
        events: EventSender,
        doorbell: Arc<Doorbell>,
        ids: Arc<Ids>,
    ) -> Self {
        Self {
            shop: Workshop::new(poll, events, ids),
            commands,
            lookups: Lookups::new(Arc::clone(&doorbell)),
            doorbell,
            listeners: HashMap::new(),
            clients: HashMap::new(),
            connecting: HashMap::new(),
            prepared: HashMap::new(),
            stepping: false,
            conns: HashMap::new(),
            ready: VecDeque::new(),
            held: VecDeque::new(),
            timers: BinaryHeap::new(),
        }
    }

    /// Until [`Doorbell::ask_to_quit`].
    pub(super) fn run(mut self) {
        let mut heard = Events::with_capacity(HEARD_AT_ONCE);
        while !self.doorbell.is_quitting() {
            if !self.sleep(&mut heard) {
                break;
            }
            self.shop.events.begin_turn();
            for event in &heard {
                self.hear(event);
            }
            if self.shop.events.has_room_again() {
                self.shop.events.flush();
            }
            if !self.shop.events.is_stalled() {
                self.release_held();
            }
            self.take_answers();
            self.take_commands();
            self.fire_timers();
            self.serve_ready();
            if self.ready.is_empty() || self.shop.events.is_late() {
                self.shop.events.flush();
            }
        }
        self.end(&mut heard);
    }

    /// Wait until there is something to do. False: the poll is broken.
    fn sleep(&mut self, heard: &mut Events) -> bool {
        let mut work = self.has_work();
        if !work {
            self.doorbell.lie_down();
            // Something may have come just before there was anybody to wake.
            work = self.has_work();
        }
        let timeout = if work {
            Some(Duration::ZERO)
        } else {
            self.timers.peek().map(|Reverse((at, _))| at.saturating_duration_since(Instant::now()))
        };
        let polled = self.shop.poll.poll(heard, timeout);
        self.doorbell.get_up();
        match polled {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                tracing::error!(%error, "the poll is broken");
                false
            }
            _ => true,
        }
    }

    fn has_work(&self) -> bool {
        let events = &self.shop.events;
        !self.ready.is_empty()
            || (!self.held.is_empty() && !events.is_stalled())
            || (!self.commands.is_empty() && !events.is_full())
            || events.has_room_again()
            || self.lookups.has_answer()
            || self.doorbell.is_quitting()
    }

    fn hear(&mut self, event: &Event) {
        if event.token() == DOORBELL {
            return;
        }
        let socket = socket_id(event.token());
        match socket {
            SocketId::Listener(id) => {
                if let Some(listener) = self.listeners.get_mut(&id) {
                    listener.announce();
                    self.make_ready(socket);
                }
            }
            SocketId::Conn(id) => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.heard(event);
                    self.make_ready(socket);
                } else if let Some(connecting) = self.connecting.get_mut(&id)
                    && (event.is_writable() || event.is_error() || event.is_write_closed())
                {
                    let progress = connecting.heard(self.shop.poll.registry(), &mut self.shop.events);
                    self.went_on(id, progress);
                } else if let Some(prepared) = self.prepared.get_mut(&id)
                    && (event.is_writable() || event.is_error() || event.is_write_closed())
                {
                    let ended = prepared.heard(self.shop.poll.registry(), &mut self.shop.events);
                    self.handshake_ended(id, ended);
                }
            }
        }
    }

    fn make_ready(&mut self, socket: SocketId) {
        let in_ready = match socket {
            SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| &mut listener.in_ready),
            SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| &mut conn.in_ready),
        };
        if let Some(in_ready) = in_ready
            && !std::mem::replace(in_ready, true)
        {
            self.ready.push_back(socket);
        }
    }

    fn hold(&mut self, socket: SocketId) {
        let in_held = match socket {
            SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| &mut listener.in_held),
            SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| &mut conn.in_held),
        };
        if let Some(in_held) = in_held
            && !std::mem::replace(in_held, true)
        {
            self.held.push_back(socket);
        }
    }

    fn release_held(&mut self) {
        for socket in std::mem::take(&mut self.held) {
            match socket {
                SocketId::Listener(id) => self.listeners.get_mut(&id).map(|listener| listener.in_held = false),
                SocketId::Conn(id) => self.conns.get_mut(&id).map(|conn| conn.in_held = false),
            };
            self.make_ready(socket);
        }
    }

    fn take_answers(&mut self) {
        while let Some(answer) = self.lookups.next_answer() {
            if let Some(connecting) = self.connecting.get_mut(&answer.conn) {
                let registry = self.shop.poll.registry();
                let progress = connecting.looked_up(answer.addresses, registry, &mut self.shop.events);
                self.went_on(answer.conn, progress);
            }
        }
    }

    fn fire_timers(&mut self) {
        let now = self.shop.events.now();
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
                    }
                }
                SocketId::Conn(id) => {
                    if let Some(conn) = self.conns.get_mut(&id) {
                        if conn.timer == Some(at) {
                            conn.timer = None;
                            self.make_ready(socket);
                        }
                    } else if let Some(connecting) = self.connecting.get_mut(&id) {
                        let progress = connecting.check_time(self.shop.poll.registry(), &mut self.shop.events);
                        self.went_on(id, progress);
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
        if self.shop.events.gathered() >= GATHERED {
            self.shop.events.flush();
        }
    }

    fn serve_conn(&mut self, id: ConnId) {
        let socket = SocketId::Conn(id);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.in_ready = false;
        if self.shop.events.is_full() {
            self.hold(socket);
            return;
        }
        let may_read = !self.shop.events.is_stalled();
        if let Some(reason) = conn.turn(may_read, &mut self.shop) {
            self.close_conn(id, reason);
            return;
        }
        let (wants_turn, wants_turn_unread) = (conn.wants_turn(), conn.wants_turn_unread());
        if let Some(at) = conn.deadline().filter(|_| may_read && conn.timer.is_none()) {
            conn.timer = Some(at);
            self.timers.push(Reverse((at, socket)));
        }
        let has_deadline = conn.deadline().is_some();
        if (may_read && wants_turn) || wants_turn_unread {
            self.make_ready(socket);
        }
        if !may_read && (wants_turn || has_deadline) {
            self.hold(socket);
        }
    }

    fn serve_listener(&mut self, id: ListenerId) {
        let socket = SocketId::Listener(id);
        for _ in 0..ACCEPTS_A_TURN {
            let Some(listener) = self.listeners.get_mut(&id) else { return };
            listener.in_ready = false;
            if !listener.may_accept() {
                return;
            }
            if self.shop.events.is_stalled() {
                self.hold(socket);
                return;
            }
            match listener.accept(&self.shop.ids, &mut self.shop.events) {
                Ok(Some(client)) => self.admit(id, client),
                Ok(None) | Err(AcceptError::Quiet) => {}
                Err(AcceptError::Step(error)) => {
                    self.shop.events.event(EventKind::StepFailed { socket, error });
                }
                Err(AcceptError::First(error)) => {
                    self.shop.events.event(EventKind::AcceptFailed { listener: id, error });
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
        let to = &mut self.shop.events;
        if clients.len() >= listener.options.max_clients {
            let Client { stream, who, peer, .. } = client;
            socket::close(who, stream, to);
            to.event(EventKind::TurnedAway { listener: id, peer, error: listener.too_many(peer) });
            return;
        }
        let local = listener.local_of(&client, to);
        let Client { conn, mut stream, who, peer } = client;
        if !self.stepping {
            socket::set_no_delay(who, &stream, to);
        }
        clients.insert(conn);
        let options = listener.options.conn.clone();
        to.event(EventKind::Accepted { listener: id, conn, peer, local });
        let token = token(SocketId::Conn(conn));
        let watched = self.shop.poll.registry().register(&mut stream, token, Interest::READABLE);
        let mut connection = Connection::new(stream, who, conn, token, peer, options, self.shop.events.now());
        connection.listener = Some(id);
        if self.stepping {
            connection.begin_stepped(&mut self.shop);
        }
        self.conns.insert(conn, connection);
        if let Err(error) = watched {
            let error = NetError::new(Call::Accept, Target::Address(peer), &error);
            self.close_conn(conn, CloseReason::Failed(error));
        }
    }

    fn close_conn(&mut self, id: ConnId, reason: CloseReason) {
        let Some(conn) = self.conns.remove(&id) else { return };
        if let Some(listener) = conn.listener
            && let Some(clients) = self.clients.get_mut(&listener)
        {
            clients.remove(&id);
            self.forget_clients(listener);
        }
        conn.close(reason, &mut self.shop);
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
    fn went_on(&mut self, id: ConnId, progress: Progress) {
        let socket = SocketId::Conn(id);
        match progress {
            Progress::Waiting(until) => self.timers.push(Reverse((until, socket))),
            Progress::Connected { stream, who, peer, local } => {
                let Some(connecting) = self.connecting.remove(&id) else { return };
                let now = self.shop.events.now();
                let options = connecting.options;
                self.shop.events.event(EventKind::Connected { conn: id, peer, local });
                self.conns.insert(id, Connection::new(stream, who, id, token(socket), peer, options, now));
            }
            Progress::Failed(error) => {
                self.connecting.remove(&id);
                self.lookups.forget(id);
                self.shop.events.event(EventKind::ConnectFailed { conn: id, error });
                self.descriptor_freed();
            }
        }
    }

    /// The handshake of a connection that was made step by step is over, if one was under way.
    fn handshake_ended(&mut self, id: ConnId, ended: Option<Result<Made, NetError>>) {
        let Some(ended) = ended else { return };
        let Some(prepared) = self.prepared.remove(&id) else { return };
        let socket = SocketId::Conn(id);
        match ended {
            Ok(Made { stream, who, peer, local }) => {
                let stepped = prepared.stepped;
                if !stepped {
                    socket::set_no_delay(who, &stream, &mut self.shop.events);
                }
                self.shop.events.event(EventKind::Connected { conn: id, peer, local });
                let now = self.shop.events.now();
                let mut conn = Connection::new(stream, who, id, token(socket), peer, prepared.options, now);
                if stepped {
                    conn.begin_stepped(&mut self.shop);
                }
                self.conns.insert(id, conn);
            }
            Err(error) if prepared.stepped => {
                self.prepared.insert(id, prepared);
                self.shop.events.event(EventKind::StepFailed { socket, error });
            }
            Err(error) => {
                prepared.close(&mut self.shop.events);
                self.shop.events.event(EventKind::ConnectFailed { conn: id, error });
                self.descriptor_freed();
            }
        }
    }

    /// Close everything, and hand over what is left to say.
    fn end(mut self, heard: &mut Events) {
        self.shop.events.begin_turn();
        // What was asked for before quitting was is still done, as far as it can be at once.
        let deadline = self.shop.events.now() + LAST_COMMANDS;
        while Instant::now() < deadline
            && let Ok(command) = self.commands.try_recv()
        {
            self.carry_out(command);
        }
        for (id, listener) in self.listeners.drain() {
            listener.close(&mut self.shop.events);
            self.shop.events.event(EventKind::ListenerClosed { listener: id });
        }
        for (id, mut connecting) in self.connecting.drain() {
            connecting.stop(&mut self.shop.events);
            self.shop.events.event(EventKind::ConnectFailed { conn: id, error: connecting.cancelled() });
        }
        for (id, prepared) in self.prepared.drain() {
            let error = prepared.cancelled();
            prepared.close(&mut self.shop.events);
            self.shop.events.event(EventKind::ConnectFailed { conn: id, error });
        }
        for (_, mut conn) in self.conns.drain() {
            conn.write(&mut self.shop);
            conn.close(CloseReason::Quit, &mut self.shop);
        }
        self.lookups.join(JOIN_LOOKUPS);
        self.shop.events.tick();
        self.shop.events.event(EventKind::Stopped);
        self.shop.events.flush();
        while !self.shop.events.is_empty() && !self.doorbell.is_abandoned() {
            self.doorbell.lie_down();
            if !self.shop.events.has_room_again() && !self.doorbell.is_abandoned() {
                let _ = self.shop.poll.poll(heard, None);
            }
            self.doorbell.get_up();
            self.shop.events.flush();
        }
    }
}
