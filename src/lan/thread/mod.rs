//! The `lan` thread: one poll over beacons and links, commands in, events out.
//!
//! Each turn takes commands, serves what is ready within a budget, sends what waits, and looks at what is due. While the
//! receiver has no room for events nothing is read.

mod links;
mod neighbours;
mod watched;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use jiff::Timestamp;
use mio::{Events, Poll, Token};
use ring::rand::{SecureRandom as _, SystemRandom};

use self::links::Conn;
use super::{
    Command, Event, EventKind, Invisible, LinkState, Me, Options,
    air::Air,
    dial::Door,
    frame::Kind,
    limits::{self, Rate, Source},
    peer::Peer,
    tls::Tls,
    verify::Do,
};
use crate::chat::PersonId;

/// The waker's token.
pub(super) const WAKER: Token = Token(0);

/// Commands taken before sockets are looked at again.
const COMMANDS_A_TURN: usize = 1_024;

/// How long to wait before events that found no room are offered again.
const OFFERED_AGAIN: Duration = Duration::from_millis(5);

/// What the thread owns.
pub(super) struct Thread {
    poll: Poll,
    commands: Receiver<Command>,
    events: Sender<Event>,
    /// Events that found no room.
    backlog: VecDeque<Event>,
    wake: Box<dyn Fn() + Send>,
    on: Option<On>,
    peers: BTreeMap<PersonId, Peer>,
    links: HashMap<Token, Conn>,
    /// Links that may have more to be read.
    readable: BTreeSet<Token>,
    next_token: usize,
    now: Instant,
    random: u64,
    buffer: Vec<u8>,
    /// Whose link is looked at.
    watched: Option<PersonId>,
}

/// What there is while we are on this network.
struct On {
    tls: Arc<Tls>,
    options: Box<Options>,
    air: Air,
    door: Door,
    run: u64,
    beacons: u64,
    asks: VecDeque<Instant>,
    next_here: Instant,
    answers: VecDeque<(Instant, SocketAddr)>,
    /// Addresses that are still to be asked, one by one.
    to_ask: VecDeque<SocketAddr>,
    next_to_ask: Instant,
    /// Addresses that were asked and are dialled if nobody answers.
    asked: Vec<(SocketAddr, Instant)>,
    taken: Rate<Source>,
    packets: Rate<()>,
    new_keys: Rate<Source>,
    handshakes: Rate<Source>,
    told_crowded: bool,
    /// Interfaces that failed since they were looked at last.
    failed: BTreeSet<String>,
}

impl On {
    fn me(&self) -> &Me {
        &self.options.me
    }

    fn us(&self) -> PersonId {
        self.tls.id
    }
}

impl Thread {
    pub fn new(poll: Poll, commands: Receiver<Command>, events: Sender<Event>, wake: Box<dyn Fn() + Send>) -> Self {
        let mut seed = [0; 8];
        let _ = SystemRandom::new().fill(&mut seed);
        Self {
            poll,
            commands,
            events,
            backlog: VecDeque::new(),
            wake,
            on: None,
            peers: BTreeMap::new(),
            links: HashMap::new(),
            readable: BTreeSet::new(),
            next_token: WAKER.0,
            now: Instant::now(),
            random: u64::from_le_bytes(seed) | 1,
            buffer: vec![0; READ_AT_ONCE],
            watched: None,
        }
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        loop {
            let wait = self.wait();
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "lan: poll");
                break;
            }
            self.now = Instant::now();
            if !self.take_commands() {
                break;
            }
            for event in &events {
                self.ready(event.token(), event.is_readable() || event.is_read_closed(), event.is_writable());
            }
            self.serve();
            self.send_what_waits();
            self.hand_out();
        }
        self.stop();
        self.tell(EventKind::Stopped);
        // Whoever dropped the receiver wants to hear nothing.
        for event in self.backlog.drain(..) {
            if self.events.send(event).is_err() {
                break;
            }
        }
        (self.wake)();
    }

    /// How long nothing is to be done, if nothing happens.
    fn wait(&mut self) -> Option<Duration> {
        self.now = Instant::now();
        let more = self.backlog.is_empty() && self.readable.iter().any(|token| self.may_read(*token).is_ok());
        if more || !self.commands.is_empty() {
            return Some(Duration::ZERO);
        }
        if !self.backlog.is_empty() {
            return Some(OFFERED_AGAIN);
        }
        let due = [self.neighbours_due(), self.links_due()].into_iter().flatten().min();
        due.map(|due| due.saturating_duration_since(self.now) + ROUNDED_UP)
    }

    /// False: the thread is to end.
    fn take_commands(&mut self) -> bool {
        for _ in 0..COMMANDS_A_TURN {
            match self.commands.try_recv() {
                Ok(Command::Quit) | Err(crossbeam_channel::TryRecvError::Disconnected) => return false,
                Ok(command) => self.command(command),
                Err(crossbeam_channel::TryRecvError::Empty) => break,
            }
        }
        true
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Start(options) => self.start(options),
            Command::Stop => {
                self.stop();
                self.tell(EventKind::Invisible(Invisible::Asked));
            }
            Command::Me(me) => self.change_me(*me),
            Command::Interfaces(interfaces) => {
                if let Some(on) = &mut self.on {
                    on.options.interfaces = interfaces;
                }
                self.use_interfaces();
            }
            Command::LookHarder => self.look_harder(),
            Command::Ask(address) => self.ask_at(address),
            Command::Know(record) => {
                let id = record.id;
                self.peers.entry(id).or_default().know(&record);
                self.look_for(id);
            }
            Command::Refuse(id) => {
                let peer = self.peers.entry(id).or_default();
                peer.is_refused = true;
                peer.queue.clear();
                self.unlink(id);
            }
            Command::Forget(id) => {
                self.unlink(id);
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.is_known = false;
                    peer.is_contact = false;
                    peer.queue.clear();
                }
            }
            Command::Send { to, epoch, n, what } => self.peers.entry(to).or_default().push(epoch, n, what),
            Command::Resume { to, epoch, after } => {
                let peer = self.peers.entry(to).or_default();
                if peer.epoch == epoch || peer.queue.is_empty() {
                    peer.delivered(after);
                    (peer.epoch, peer.sent, peer.resumed) = (epoch, after, true);
                    peer.last = peer.last.max(after);
                }
            }
            Command::Renumbered { to, epoch, waiting } => {
                let peer = self.peers.entry(to).or_default();
                peer.renumber(epoch, waiting);
                peer.resumed = true;
            }
            Command::Withhold { to, n } => {
                if let Some(peer) = self.peers.get_mut(&to)
                    && n > peer.ever_sent
                    && peer.withheld.is_none()
                {
                    peer.withheld = Some(n);
                    self.tell(EventKind::Withheld { to, n });
                }
            }
            Command::GivenUp { to, n } => {
                if let Some(peer) = self.peers.get_mut(&to) {
                    if let Some((_, what)) = peer.queue.iter_mut().find(|(of, _)| *of == n) {
                        what.text = None;
                    }
                    peer.withheld = None;
                }
            }
            Command::Acknowledge { to, epoch, n, mark } => {
                let taken = super::Taken { epoch, n, mark };
                self.peers.entry(to).or_default().kept(taken);
                self.say_up_to(to, Kind::Delivered, epoch, n);
                self.say_read(to);
            }
            Command::Read { to, n } => {
                self.peers.entry(to).or_default().read = n;
                self.say_read(to);
            }
            Command::Cut(id) => self.unlink(id),
            Command::Verify(id) => {
                let now = self.now;
                let linked = self.peers.get(&id).is_some_and(|peer| peer.link.is_some());
                let todo = if linked {
                    self.peers.entry(id).or_default().verifying.begin(now)
                } else {
                    vec![Do::End(super::Comparison::NotLinked)]
                };
                self.verify(id, todo);
            }
            Command::Compared { with, same } => {
                let now = self.now;
                let todo = self.peers.entry(with).or_default().verifying.compared(same, now);
                self.verify(with, todo);
            }
            Command::StopVerifying(id) => {
                let todo = self.peers.entry(id).or_default().verifying.stop();
                self.verify(id, todo);
            }
            Command::Watch(watched) => self.watched = watched,
            Command::Rehearse { text, change } => {
                let rehearsed = super::rehearse(&text, change).map_err(|error| error.to_string());
                self.tell(EventKind::Rehearsed(rehearsed));
            }
            Command::Quit => {}
        }
    }

    fn start(&mut self, options: Box<Options>) {
        if let Some(on) = &mut self.on {
            if on.options.beacon_port == options.beacon_port && on.us() == options.identity.id() {
                on.options.interfaces.clone_from(&options.interfaces);
                let port = on.door.port();
                self.use_interfaces();
                self.change_me(options.me);
                return self.tell(EventKind::Visible { port });
            }
            self.stop();
        }
        match self.opened(options) {
            Ok(on) => {
                let port = on.door.port();
                self.on = Some(on);
                self.tell(EventKind::Visible { port });
                self.use_interfaces();
                let known: Vec<PersonId> = self.peers.keys().copied().collect();
                for id in known {
                    self.look_for(id);
                }
            }
            Err(why) => self.tell(EventKind::Invisible(why)),
        }
    }

    fn opened(&mut self, options: Box<Options>) -> Result<On, Invisible> {
        let (lan, beacon) = (options.lan_port, options.beacon_port);
        let no_port = |why: String| Invisible::NoPort { port: lan, why };
        let mut tls = Tls::new(&options.identity).map_err(|error| no_port(error.to_string()))?;
        if let Some(keys) = &options.keys {
            tls.write_keys(keys);
        }
        let registry = self.poll.registry().try_clone().map_err(|error| no_port(error.to_string()))?;
        let run = self.next_random();
        let mut tokens = tokens(&mut self.next_token);
        let door = Door::open(lan, &registry, &mut tokens).map_err(|error| no_port(error.to_string()))?;
        let air = Air::open(beacon, &registry, &mut tokens)
            .map_err(|error| Invisible::NoBeacons { port: beacon, why: error.to_string() })?;
        let now = self.now;
        let second = Duration::from_secs(1);
        Ok(On {
            tls: Arc::new(tls),
            options,
            air,
            door,
            run,
            beacons: 0,
            asks: VecDeque::new(),
            next_here: now,
            answers: VecDeque::new(),
            to_ask: VecDeque::new(),
            next_to_ask: now,
            asked: Vec::new(),
            taken: Rate::new(second, limits::BEACONS_A_SECOND, limits::BEACONS_A_SECOND_A_SOURCE),
            packets: Rate::new(second, limits::PACKETS_A_SECOND, limits::PACKETS_A_SECOND),
            new_keys: Rate::new(Duration::from_hours(1), u32::MAX, limits::NEW_KEYS_AN_HOUR),
            handshakes: Rate::new(second, limits::HANDSHAKES_A_SECOND, limits::HANDSHAKES_A_SECOND_AN_ADDRESS),
            told_crowded: false,
            failed: BTreeSet::new(),
        })
    }

    /// Says goodbye, and closes everything. What waits for people waits here as before.
    fn stop(&mut self) {
        if self.on.is_none() {
            return;
        }
        self.say_goodbye();
        let tokens: Vec<Token> = self.links.keys().copied().collect();
        for token in tokens {
            self.close_in_order(token);
        }
        if let Some(mut on) = self.on.take() {
            on.air.close(self.poll.registry());
            on.door.close(self.poll.registry());
        }
        for peer in self.peers.values_mut() {
            (peer.seen, peer.heard, peer.next_dial, peer.state) = (None, None, None, LinkState::Absent);
        }
        self.peers.retain(|_, peer| peer.is_known || peer.is_refused);
        self.readable.clear();
    }

    fn ready(&mut self, token: Token, readable: bool, writable: bool) {
        let Some(on) = &self.on else { return };
        if on.air.has(token) {
            self.hear(token);
        } else if on.door.has(token) {
            self.accept(token);
        } else if self.links.contains_key(&token) {
            self.link_ready(token, readable, writable);
        }
    }

    /// Reads what there is to be read, and looks at what is due.
    fn serve(&mut self) {
        if self.backlog.is_empty() {
            for token in self.readable.clone() {
                self.read(token);
            }
        }
        self.look_at_neighbours();
        self.look_at_links();
    }

    fn tell(&mut self, kind: EventKind) {
        self.backlog.push_back(Event { at: Timestamp::now(), kind });
    }

    fn hand_out(&mut self) {
        let mut handed = false;
        while let Some(event) = self.backlog.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => handed = true,
                Err(TrySendError::Full(event)) => {
                    self.backlog.push_front(event);
                    break;
                }
                // The handle is being dropped.
                Err(TrySendError::Disconnected(_)) => {}
            }
        }
        if handed {
            (self.wake)();
        }
    }

    /// A number that nobody needs to be unable to guess (xorshift64*).
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 to 1.
    fn chance(&mut self) -> f64 {
        (self.next_random() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn tokens(next: &mut usize) -> impl FnMut() -> Token {
    move || {
        *next += 1;
        Token(*next)
    }
}

/// The system waits in whole milliseconds: a little longer, so that what is due is so when it wakes.
const ROUNDED_UP: Duration = Duration::from_micros(500);

/// Bytes read from one link before it is another's turn.
const READ_AT_ONCE: usize = 64 * 1024;
