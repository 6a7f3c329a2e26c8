//! One conversation in the terminal: what core decides about what the network and standard input say, turned into what
//! is told and what is asked of the network. No threads and no sockets of its own.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io::{self, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{
    input::Line,
    outgoing,
    peer::Peer,
    report::{Form, Moved, Report, Told},
};
use crate::{
    chat::{Delivery, Happening, JournalEntry, Received, Sent},
    core::{ConversationOptions, Core, Input, Key, cut_of},
    explain::{self, Facts},
    i18n::Words,
    net::{Cause, CloseReason, Command, ConnId, Event, EventKind, ListenerId, MessageId, NetError},
    settings::Settings,
    wire::text::TextEncoding,
};

/// Which end we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server.
    Listen(ListenerId),
    /// The client.
    Connect(ConnId),
}

/// One conversation in the terminal.
pub struct Session<'a, W: Write> {
    role: Role,
    settings: &'a Settings,
    words: &'a Words,
    report: Report<W>,
    /// Decides what each event means; the journal it gives is what is told.
    core: Core,
    /// Told apart from the report, as it goes to standard error: what ended the session.
    failure: Option<NetError>,

    /// Connections that stand.
    peers: BTreeMap<ConnId, Peer>,
    /// Messages that the kernel has not taken yet.
    waiting: HashMap<MessageId, Waiting>,
    /// Messages that came to nobody: they are sent before any other.
    returned: VecDeque<Bytes>,
    /// What is asked of the network, in order.
    commands: VecDeque<Command>,

    clients: u64,
    moved: Moved,
    phase: Phase,
    nobody_told: bool,
    begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Nothing stands yet.
    Opening,
    /// Lines may be sent.
    Open,
    /// Our side has finished sending, or can't send any more.
    Finished,
    /// The network was asked to close everything.
    Quitting,
    /// It has.
    Stopped,
}

struct Waiting {
    bytes: Bytes,
    /// Peers that have not taken it yet.
    left: usize,
    /// Whether it came from standard input; else it is an automatic reply.
    typed: bool,
}

impl<'a, W: Write> Session<'a, W> {
    /// A session that begins with `first`, the command that listens or connects.
    pub fn new(role: Role, first: Command, settings: &'a Settings, words: &'a Words, report: Report<W>) -> Self {
        let mut core = Core::new(ConversationOptions::from(settings));
        if let Command::Connect { conn, host, port, .. } = &first {
            let (target, at) = ((host.clone(), *port), Timestamp::now());
            // Nothing is kept: the journal of a conversation in the terminal is what is told.
            let _ = core.apply(Input::Connecting { conn: *conn, target, name: None, at }, at);
        }
        let mut commands = VecDeque::from([first]);
        if let (Role::Connect(conn), Form::Json) = (role, report.form()) {
            commands.push_back(Command::InSight { conn: Some(conn) });
        }
        Self {
            role,
            settings,
            words,
            report,
            core,
            failure: None,
            peers: BTreeMap::new(),
            waiting: HashMap::new(),
            returned: VecDeque::new(),
            commands,
            clients: 0,
            moved: Moved::default(),
            phase: Phase::Opening,
            nobody_told: false,
            begun: false,
        }
    }

    /// What is asked of the network, first to last; the caller takes what the network took.
    pub fn commands(&mut self) -> &mut VecDeque<Command> {
        &mut self.commands
    }

    /// Whether the network has closed everything.
    pub fn has_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Whether anything has stood of which totals can be told.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// What ended the session, if it did not end as asked.
    pub fn failure(&self) -> Option<&NetError> {
        self.failure.as_ref()
    }

    /// Hand what was told to standard output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.report.flush()
    }

    /// Close everything.
    pub fn stop(&mut self) {
        if self.phase < Phase::Quitting {
            self.phase = Phase::Quitting;
            self.commands.push_back(Command::Quit);
        }
    }

    /// A message that came to nobody: to be sent before any line.
    pub fn take_returned(&mut self) -> Option<Bytes> {
        self.returned.pop_front()
    }

    /// Whether a line can be sent now. While not, standard input is left to wait.
    pub fn wants_lines(&self, now: Instant) -> bool {
        if self.phase != Phase::Open {
            return false;
        }
        let full = |peer: &Peer| peer.queued >= QUEUED_AT_MOST;
        match self.role {
            Role::Connect(_) => !self.peers.values().any(full),
            // One who does not read at all must not keep all others waiting.
            Role::Listen(_) => {
                !self.peers.is_empty()
                    && !self
                        .peers
                        .values()
                        .any(|peer| full(peer) && now.saturating_duration_since(peer.progress) < PATIENCE)
            }
        }
    }

    /// When [`Self::wants_lines`] may change without any event.
    pub fn patience_ends(&self) -> Option<Instant> {
        match self.role {
            Role::Listen(_) if self.phase == Phase::Open => self
                .peers
                .values()
                .filter(|peer| peer.queued >= QUEUED_AT_MOST)
                .map(|peer| peer.progress + PATIENCE)
                .max(),
            _ => None,
        }
    }

    /// Send a line under this id.
    pub fn send_line(&mut self, message: MessageId, line: Line) -> io::Result<()> {
        let encoded = outgoing::encode(line, self.settings);
        if let Some(character) = encoded.unmappable {
            let encoding = self.settings.encoding.name();
            let text = fl!(self.words, "term-unmappable", character = character.to_string(), encoding = encoding);
            self.report.note(Timestamp::now(), &text)?;
        }
        if !encoded.bytes.is_empty() {
            self.send(message, encoded.bytes.into());
        }
        Ok(())
    }

    /// Send these bytes, ready for the wire, under this id.
    pub fn send(&mut self, message: MessageId, bytes: Bytes) {
        let now = Instant::now();
        for peer in self.peers.values_mut() {
            if peer.queued == 0 {
                peer.progress = now;
            }
            peer.queued += cost(bytes.len());
        }
        self.commands.push_back(match self.role {
            Role::Listen(_) => Command::SendToAll { message, bytes: bytes.clone() },
            Role::Connect(conn) => Command::Send { conn, message, bytes: bytes.clone() },
        });
        let key = match self.role {
            Role::Listen(_) => Key::Everyone,
            Role::Connect(conn) => Key::Conn(conn),
        };
        let (raw, cut, at) = (bytes.clone(), cut_of(&bytes, self.core.manner()), Timestamp::now());
        let effects = self.core.apply(Input::Sending { key, message, raw, cut, at }, at);
        if let Role::Connect(conn) = self.role {
            self.note_unsent(conn, effects.journal);
        }
        self.waiting.insert(message, Waiting { bytes, left: 1, typed: true });
    }

    /// Standard input has ended.
    pub fn end_of_input(&mut self) {
        if let Role::Connect(conn) = self.role
            && self.phase == Phase::Open
        {
            self.phase = Phase::Finished;
            self.commands.push_back(Command::FinishSending { conn });
        }
    }

    /// Takes in what the network reports: what it means for the conversations is told as core decided it.
    pub fn event(&mut self, event: Event) -> io::Result<()> {
        let at = event.at;
        let conn = conn_of(&event.kind);
        if let EventKind::Received { conn, .. } = event.kind {
            let journal = self.core.apply(Input::Net(event), at).journal;
            return self.tell_rows(at, conn, journal);
        }
        let kind = event.kind.clone();
        let mut journal = self.core.apply(Input::Net(event), at).journal;
        if let Some(conn) = conn {
            // A share of a message to everyone changes a row there too.
            let id = self.core.conversation(Key::Conn(conn)).map(|conversation| conversation.id);
            journal.retain(|entry| Some(entry.session()) == id);
        }
        match kind {
            EventKind::Listening { local, backlog, .. } => {
                self.open();
                self.report.tell(self.words, at, &Told::Listening { local, backlog })?;
                self.tell_where_to_connect(at, local)
            }
            EventKind::ListenFailed { error, .. } | EventKind::ConnectFailed { error, .. } => {
                self.fail(at, None, None, error)
            }
            EventKind::AcceptFailed { error, .. } => self.tell_error(at, None, None, &error),
            EventKind::TurnedAway { peer, error, .. } => self.tell_error(at, None, Some(peer), &error),
            EventKind::Accepted { conn, peer, local, .. } => {
                self.clients += 1;
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Accepted { conn, peer, local })
            }
            EventKind::Connected { conn, peer, local } => {
                self.open();
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Connected { conn, peer, local })
            }
            EventKind::LookingUp { host, .. } => self.report.note(at, &fl!(self.words, "term-looking-up", host = host)),
            EventKind::Connecting { address, .. } => {
                self.report.note(at, &fl!(self.words, "term-connecting", address = address.to_string()))
            }
            EventKind::AutoReplied { conn, message, bytes } => {
                let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
                peer.queued += cost(bytes.len());
                self.note_unsent(conn, journal);
                self.waiting.insert(message, Waiting { bytes, left: 1, typed: false });
                Ok(())
            }
            EventKind::SendingToAll { message, clients, .. } => self.sending_to_all(at, message, clients),
            EventKind::Sent { conn, message, .. } => {
                if let (Some((bytes, _)), Some(peer)) = (self.one_less_waits(message), self.peers.get_mut(&conn)) {
                    peer.queued = peer.queued.saturating_sub(cost(bytes.len()));
                    peer.progress = Instant::now();
                    peer.told = None;
                }
                self.tell_rows(at, conn, journal)
            }
            EventKind::Acknowledged { conn, .. } => self.tell_rows(at, conn, journal),
            EventKind::SendFailed { conn, message, error } => {
                self.tell_rows(at, conn, journal)?;
                self.send_failed(at, conn, message, &error)
            }
            EventKind::PeerFinished { conn } => {
                self.tell_rows(at, conn, journal)?;
                let closes = matches!(self.role, Role::Connect(_)) && !self.settings.half_open;
                if closes && self.peers.contains_key(&conn) && self.phase == Phase::Open {
                    // The connection closes once its queue is sent; what comes after would be lost.
                    self.phase = Phase::Finished;
                }
                Ok(())
            }
            EventKind::Closed { conn, reason, bytes_in, bytes_out } => {
                self.closed(at, conn, reason, bytes_in, bytes_out)
            }
            EventKind::ListenerClosed { .. } => {
                self.stop();
                Ok(())
            }
            EventKind::Stopped => {
                self.phase = Phase::Stopped;
                Ok(())
            }
            EventKind::Received { .. }
            | EventKind::Call(_)
            | EventKind::AcceptingPaused { .. }
            | EventKind::Reframed { .. }
            | EventKind::StepFailed { .. }
            | EventKind::StepWaiting { .. }
            | EventKind::Stepping { .. }
            | EventKind::WriteFinished { .. } => Ok(()),
        }
    }

    /// Remembers the messages of these entries until the kernel has taken them.
    fn note_unsent(&mut self, conn: ConnId, journal: Vec<JournalEntry>) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        for entry in journal {
            if let JournalEntry::Sent { number, raw, cut, delivery, auto, .. } = entry {
                peer.unsent.insert(number, Sent { raw, cut, delivery, auto, begins: None });
            }
        }
    }

    /// Tells the rows of a connection that these entries of the journal make or change.
    fn tell_rows(&mut self, at: Timestamp, conn: ConnId, journal: Vec<JournalEntry>) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
        let (address, encoding) = (peer.address, self.settings.encoding);
        for entry in journal {
            match entry {
                JournalEntry::Received { batch, .. } => {
                    for (raw, cut) in batch.messages() {
                        let received = Received { raw, cut, carry: peer.carry, begins: None };
                        let decoded = received.decode(encoding);
                        peer.carry = decoded.split_char;
                        peer.messages_in += 1;
                        let (text, bytes) = (decoded.text.as_str(), received.raw.len());
                        self.report.tell(self.words, at, &Told::Received { conn, peer: address, text, bytes })?;
                    }
                }
                JournalEntry::Sent { raw, cut, delivery: delivery @ Delivery::Sent, auto, .. } => {
                    let sent = Sent { raw, cut, delivery, auto, begins: None };
                    tell_sent(&mut self.report, self.words, at, (conn, peer), encoding, &sent)?;
                }
                JournalEntry::Delivery { number, delivery, .. } => {
                    let unsent = peer.unsent.remove(&number);
                    if let Some(sent) = unsent.filter(|_| delivery == Delivery::Sent) {
                        tell_sent(&mut self.report, self.words, at, (conn, peer), encoding, &sent)?;
                    }
                }
                JournalEntry::Acknowledged { numbers, bytes, .. } => {
                    let messages = numbers.end.0 - numbers.start.0;
                    let told = Told::Acknowledged { conn, peer: address, messages, bytes };
                    self.report.tell(self.words, at, &told)?;
                }
                JournalEntry::Happened { what: Happening::PeerFinished, .. } => {
                    self.report.tell(self.words, at, &Told::PeerFinished { conn, peer: address })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Tell the totals; the last that is told.
    pub fn tell_totals(&mut self) -> io::Result<()> {
        let told =
            Told::Stopped { clients: self.clients, served: matches!(self.role, Role::Listen(_)), moved: self.moved };
        self.report.tell(self.words, Timestamp::now(), &told)?;
        self.report.flush()
    }

    fn open(&mut self) {
        self.begun = true;
        if self.phase == Phase::Opening {
            self.phase = Phase::Open;
        }
    }

    /// On all interfaces: the address that others type.
    fn tell_where_to_connect(&mut self, at: Timestamp, local: SocketAddr) -> io::Result<()> {
        if !local.ip().is_unspecified() {
            return Ok(());
        }
        let interfaces = crate::host::interfaces().unwrap_or_default();
        match crate::host::address_to_hand_out(&interfaces) {
            Some(ip) => {
                let address = SocketAddr::new(ip, local.port()).to_string();
                self.report.note(at, &fl!(self.words, "term-hand-out", address = address))
            }
            None => Ok(()),
        }
    }

    fn sending_to_all(&mut self, at: Timestamp, message: MessageId, clients: usize) -> io::Result<()> {
        if clients > 0 {
            if let Some(waiting) = self.waiting.get_mut(&message) {
                waiting.left = clients;
            }
            return Ok(());
        }
        // The last client had left before the line reached the network.
        if let Some(waiting) = self.waiting.remove(&message) {
            self.returned.push_back(waiting.bytes);
        }
        self.tell_nobody(at)
    }

    /// Tell that a line waits for somebody to read it; once for each time that nobody is there.
    pub fn tell_nobody(&mut self, at: Timestamp) -> io::Result<()> {
        let nobody = matches!(self.role, Role::Listen(_)) && self.phase == Phase::Open && self.peers.is_empty();
        if !nobody || std::mem::replace(&mut self.nobody_told, true) {
            return Ok(());
        }
        self.report.note(at, &fl!(self.words, "term-nobody"))
    }

    fn send_failed(&mut self, at: Timestamp, conn: ConnId, message: MessageId, error: &NetError) -> io::Result<()> {
        let (bytes, typed) = match self.one_less_waits(message) {
            Some((bytes, typed)) => (bytes, typed),
            None => (Bytes::new(), false),
        };
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.queued = peer.queued.saturating_sub(cost(bytes.len()));
            if error.cause() == Cause::NotReading && typed && matches!(self.role, Role::Connect(_)) {
                // Automatic replies filled the queue; the line goes out when some of them have.
                self.returned.push_back(bytes);
                return Ok(());
            }
            if peer.told.replace(error.cause()) == Some(error.cause()) {
                return Ok(());
            }
        }
        let peer = self.peers.get(&conn).map(|peer| peer.address);
        self.tell_error(at, Some(conn), peer, error)
    }

    /// One peer less has to take this message: its bytes, and whether it was typed. It is forgotten with the last.
    fn one_less_waits(&mut self, message: MessageId) -> Option<(Bytes, bool)> {
        let waiting = self.waiting.get_mut(&message)?;
        waiting.left = waiting.left.saturating_sub(1);
        let taken = (waiting.bytes.clone(), waiting.typed);
        if waiting.left == 0 {
            self.waiting.remove(&message);
        }
        Some(taken)
    }

    fn closed(
        &mut self,
        at: Timestamp,
        conn: ConnId,
        reason: CloseReason,
        bytes_in: u64,
        bytes_out: u64,
    ) -> io::Result<()> {
        let Some(peer) = self.peers.remove(&conn) else { return Ok(()) };
        let moved = Moved { bytes_in, bytes_out, messages_in: peer.messages_in, messages_out: peer.messages_out };
        self.moved += moved;
        let why = explain::close_reason(self.words, &reason);
        let reason_name = reason_name(&reason);
        match (self.role, reason) {
            (Role::Connect(_), CloseReason::Failed(error)) => self.fail(at, Some(conn), Some(peer.address), error)?,
            (Role::Listen(_), CloseReason::Failed(error)) if self.report.form() == Form::Json => {
                self.tell_error(at, Some(conn), Some(peer.address), &error)?;
            }
            _ => {}
        }
        let told = Told::Closed { conn, peer: peer.address, reason: reason_name, why: &why, moved };
        self.report.tell(self.words, at, &told)?;
        self.nobody_told = false;
        if matches!(self.role, Role::Connect(_)) {
            self.stop();
        }
        Ok(())
    }

    /// End with this failure. People are told of it on standard error, by who runs the session.
    fn fail(
        &mut self,
        at: Timestamp,
        conn: Option<ConnId>,
        peer: Option<SocketAddr>,
        error: NetError,
    ) -> io::Result<()> {
        if self.phase >= Phase::Quitting {
            // What comes of being told to stop is no failure.
            return Ok(());
        }
        if self.report.form() == Form::Json {
            self.tell_error(at, conn, peer, &error)?;
        }
        self.failure = Some(error);
        self.stop();
        Ok(())
    }

    fn tell_error(
        &mut self,
        at: Timestamp,
        conn: Option<ConnId>,
        peer: Option<SocketAddr>,
        error: &NetError,
    ) -> io::Result<()> {
        let message = explain::explain(self.words, error, &Facts::gather(error)).to_string();
        let errno = error.errno().map(|errno| errno.0);
        self.report.tell(
            self.words,
            at,
            &Told::Error { conn, peer, call: error.operation.name(), errno, message: &message },
        )
    }
}

/// Tells that the kernel took a message: its text, and its bytes with framing.
fn tell_sent<W: Write>(
    report: &mut Report<W>,
    words: &Words,
    at: Timestamp,
    (conn, peer): (ConnId, &mut Peer),
    encoding: TextEncoding,
    sent: &Sent,
) -> io::Result<()> {
    peer.messages_out += 1;
    let decoded = if sent.auto {
        // An echo goes out as it came, with half a character at its end.
        let echo = Received { raw: sent.raw.clone(), cut: sent.cut, carry: peer.carry_out, begins: None };
        let decoded = echo.decode(encoding);
        peer.carry_out = decoded.split_char;
        decoded
    } else {
        sent.decode(encoding)
    };
    let (text, bytes) = (decoded.text.as_str(), sent.raw.len());
    report.tell(words, at, &Told::Sent { conn, peer: peer.address, text, bytes })
}

/// Which connection an event is of.
fn conn_of(kind: &EventKind) -> Option<ConnId> {
    match kind {
        EventKind::AutoReplied { conn, .. }
        | EventKind::Sent { conn, .. }
        | EventKind::Acknowledged { conn, .. }
        | EventKind::SendFailed { conn, .. }
        | EventKind::PeerFinished { conn } => Some(*conn),
        _ => None,
    }
}

/// What a message takes of [`QUEUED_AT_MOST`]: its bytes, and something for itself.
fn cost(bytes: usize) -> usize {
    bytes + 256
}

fn reason_name(reason: &CloseReason) -> &'static str {
    match reason {
        CloseReason::ByUs => "by_us",
        CloseReason::Orderly => "orderly",
        CloseReason::ResetByUs => "reset_by_us",
        CloseReason::Failed(error) if error.cause() == Cause::Reset => "reset",
        CloseReason::Failed(_) => "failed",
        CloseReason::Quit => "quit",
    }
}

/// When this much waits for a peer, standard input waits too. Well below [`crate::net::QUEUE_LIMIT`],
/// where lines would be lost.
const QUEUED_AT_MOST: usize = 512 * 1024;

/// How long a client that takes nothing keeps the lines back from all others.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
