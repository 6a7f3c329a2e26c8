//! One conversation in the terminal: what core decides about what the network and standard input say, turned into what
//! is told and what is asked of the network. It hears of each input from who runs the driver; no threads and no sockets
//! of its own.

use std::{
    collections::{BTreeMap, VecDeque},
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
    report::{Form, Moved, Reach, Report, Told},
};
use crate::{
    chat::{Delivery, Happening, JournalEntry, Received, RowNumber, Sent},
    core::{Core, Key, NoticeKind},
    explain::{self, Facts},
    host::{self, HandOut},
    i18n::Words,
    net::{Cause, CloseReason, Command, ConnId, EventKind, NetError},
    settings::Settings,
    wire::text::TextEncoding,
};

/// Which end we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server.
    Listen,
    /// The client.
    Connect(ConnId),
}

/// One conversation in the terminal.
pub struct Session<'a, W: Write> {
    role: Role,
    settings: &'a Settings,
    words: &'a Words,
    report: Report<W>,
    /// Told apart from the report, as it goes to standard error: what ended the session.
    failure: Option<NetError>,

    /// Connections that stand.
    peers: BTreeMap<ConnId, Peer>,
    /// Messages to everyone that the network has not handed to anybody yet.
    to_all: BTreeMap<RowNumber, Bytes>,
    /// Messages that came to nobody: they are sent before any other.
    returned: VecDeque<Bytes>,
    /// What is asked of the network, in order.
    commands: VecDeque<Command>,

    clients: u64,
    moved: Moved,
    phase: Phase,
    nobody_told: bool,
    begun: bool,
    /// Where the server listens, and what was said of how others reach it.
    listening: Option<(SocketAddr, HandOut)>,
    /// The number of core's last notice that was looked at.
    notices_seen: u64,
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

impl<'a, W: Write> Session<'a, W> {
    /// A session that was begun in this role.
    pub fn new(role: Role, settings: &'a Settings, words: &'a Words, report: Report<W>) -> Self {
        let mut commands = VecDeque::new();
        if let (Role::Connect(conn), Form::Json) = (role, report.form()) {
            commands.push_back(Command::InSight { conn: Some(conn) });
        }
        Self {
            role,
            settings,
            words,
            report,
            failure: None,
            peers: BTreeMap::new(),
            to_all: BTreeMap::new(),
            returned: VecDeque::new(),
            commands,
            clients: 0,
            moved: Moved::default(),
            phase: Phase::Opening,
            nobody_told: false,
            listening: None,
            begun: false,
            notices_seen: 0,
        }
    }

    /// What is asked of the network next.
    pub fn take_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// Who is sent what standard input says.
    pub fn key(&self) -> Key {
        match self.role {
            Role::Listen => Key::Everyone,
            Role::Connect(conn) => Key::Conn(conn),
        }
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
            Role::Listen => {
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
            Role::Listen if self.phase == Phase::Open => self
                .peers
                .values()
                .filter(|peer| peer.queued >= QUEUED_AT_MOST)
                .map(|peer| peer.progress + PATIENCE)
                .max(),
            _ => None,
        }
    }

    /// The bytes of a line, ready for the wire; none, if there is nothing to send.
    pub fn encode(&mut self, line: Line) -> io::Result<Option<Bytes>> {
        let encoded = outgoing::encode(line, self.settings);
        if let Some(character) = encoded.unmappable {
            let encoding = self.settings.encoding.name();
            let text = fl!(self.words, "term-unmappable", character = character.to_string(), encoding = encoding);
            self.report.note(Timestamp::now(), &text)?;
        }
        Ok((!encoded.bytes.is_empty()).then(|| encoded.bytes.into()))
    }

    /// A message was sent on its way, with these entries of the journal.
    pub fn sent(&mut self, journal: Vec<JournalEntry>) {
        let now = Instant::now();
        for entry in journal {
            let JournalEntry::Sent { number, raw, cut, delivery, auto, .. } = entry else { continue };
            for peer in self.peers.values_mut() {
                if peer.queued == 0 {
                    peer.progress = now;
                }
                peer.queued += cost(raw.len());
            }
            match self.role {
                Role::Listen => _ = self.to_all.insert(number, raw),
                Role::Connect(conn) => {
                    if let Some(peer) = self.peers.get_mut(&conn) {
                        peer.unsent.insert(number, Sent { raw, cut, delivery, auto, begins: None });
                    }
                }
            }
        }
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

    /// Something happened, which core decided to mean these entries of the journal. `kind`: what, unless it is that
    /// messages came.
    pub fn told(
        &mut self,
        core: &Core,
        at: Timestamp,
        kind: Option<EventKind>,
        journal: Vec<JournalEntry>,
    ) -> io::Result<()> {
        self.tell_notices(core)?;
        let Some(kind) = kind else { return self.tell_entries(core, at, journal) };
        match kind {
            EventKind::Listening { local, backlog, .. } => {
                self.open();
                self.report.tell(self.words, at, &Told::Listening { local, backlog, reach: Reach::of(local) })?;
                self.tell_where_to_connect(at, local)?;
            }
            EventKind::ListenFailed { error, .. } | EventKind::ConnectFailed { error, .. } => {
                self.fail(at, None, None, error)?;
            }
            EventKind::AcceptFailed { error, .. } => self.tell_error(at, None, None, &error)?,
            EventKind::TurnedAway { peer, error, .. } => self.tell_error(at, None, Some(peer), &error)?,
            EventKind::Accepted { conn, peer, local, .. } => {
                self.clients += 1;
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Accepted { conn, peer, local })?;
            }
            EventKind::Connected { conn, peer, local } => {
                self.open();
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Connected { conn, peer, local })?;
            }
            EventKind::LookingUp { host, .. } => {
                self.report.note(at, &fl!(self.words, "term-looking-up", host = host))?;
            }
            EventKind::Connecting { address, .. } => {
                self.report.note(at, &fl!(self.words, "term-connecting", address = address.to_string()))?;
            }
            EventKind::Closed { conn, reason, bytes_in, bytes_out } => {
                // What was decided about its messages is told before its end.
                self.tell_entries(core, at, journal)?;
                return self.closed(at, conn, reason, bytes_in, bytes_out);
            }
            EventKind::ListenerClosed { .. } => self.stop(),
            EventKind::Stopped => self.phase = Phase::Stopped,
            _ => {}
        }
        self.tell_entries(core, at, journal)
    }

    /// Tells of what core has noticed by itself.
    fn tell_notices(&mut self, core: &Core) -> io::Result<()> {
        let new = core.notices().iter().rev().take_while(|notice| notice.number > self.notices_seen);
        let went_round: Vec<_> = new
            .filter_map(|notice| match notice.kind {
                NoticeKind::AnswersWentRound { conn } => Some((notice.at, conn)),
                _ => None,
            })
            .collect();
        self.notices_seen = core.notices().last().map_or(0, |notice| notice.number);
        for (at, conn) in went_round.into_iter().rev() {
            if let Some(peer) = self.peers.get(&conn).map(|peer| peer.address) {
                self.report.tell(self.words, at, &Told::AutoReplyStopped { conn, peer })?;
            }
        }
        Ok(())
    }

    /// Tells what these entries of the journal make or change.
    fn tell_entries(&mut self, core: &Core, at: Timestamp, journal: Vec<JournalEntry>) -> io::Result<()> {
        for entry in journal {
            match core.key_of(entry.session()) {
                Some(Key::Everyone) => self.tell_entry_of_everyone(at, &entry)?,
                Some(Key::Conn(conn)) => self.tell_entry(at, conn, entry)?,
                // `sockhop lan` tells of people.
                Some(Key::Past(_) | Key::Person(_) | Key::Nearby) | None => {}
            }
        }
        Ok(())
    }

    fn tell_entry_of_everyone(&mut self, at: Timestamp, entry: &JournalEntry) -> io::Result<()> {
        if let JournalEntry::Delivery { number, delivery: Delivery::ToAll { clients, .. }, .. } = entry
            && let Some(bytes) = self.to_all.remove(number)
            && *clients == 0
        {
            // The last client had left before the line reached the network.
            self.returned.push_back(bytes);
            return self.tell_nobody(at);
        }
        Ok(())
    }

    fn tell_entry(&mut self, at: Timestamp, conn: ConnId, entry: JournalEntry) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
        let (address, encoding) = (peer.address, self.settings.encoding);
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
                Ok(())
            }
            JournalEntry::Sent { number, raw, cut, delivery, auto, .. } => {
                let sent = Sent { raw, cut, delivery, auto, begins: None };
                if sent.delivery == Delivery::Waiting {
                    // An automatic reply.
                    peer.queued += cost(sent.raw.len());
                    peer.unsent.insert(number, sent);
                    return Ok(());
                }
                self.send_ended(at, conn, &sent)
            }
            JournalEntry::Delivery { number, delivery, .. } => {
                let Some(sent) = peer.unsent.remove(&number) else { return Ok(()) };
                self.send_ended(at, conn, &Sent { delivery, ..sent })
            }
            JournalEntry::Acknowledged { numbers, bytes, .. } => {
                let messages = numbers.end.0 - numbers.start.0;
                let told = Told::Acknowledged { conn, peer: address, messages, bytes };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::Urgent { byte, position, last_told }, .. } => {
                let told = Told::Urgent { conn, peer: address, byte, position, last_told };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::NeverAcknowledged { messages, bytes }, .. } => {
                let told = Told::NeverAcknowledged { conn, peer: address, messages, bytes };
                self.report.tell(self.words, at, &told)
            }
            JournalEntry::Happened { what: Happening::PeerFinished, .. } => {
                self.report.tell(self.words, at, &Told::PeerFinished { conn, peer: address })?;
                let closes = matches!(self.role, Role::Connect(_)) && !self.settings.half_open;
                if closes && self.phase == Phase::Open {
                    // The connection closes once its queue is sent; what comes after would be lost.
                    self.phase = Phase::Finished;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The kernel took a message, or it failed.
    fn send_ended(&mut self, at: Timestamp, conn: ConnId, sent: &Sent) -> io::Result<()> {
        let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
        peer.queued = peer.queued.saturating_sub(cost(sent.raw.len()));
        match &sent.delivery {
            Delivery::Sent => {
                peer.progress = Instant::now();
                peer.told = None;
                tell_sent(&mut self.report, self.words, at, (conn, peer), self.settings.encoding, sent)
            }
            Delivery::Failed(error) => {
                if error.cause() == Cause::NotReading && !sent.auto && matches!(self.role, Role::Connect(_)) {
                    // Automatic replies filled the queue; the line goes out when some of them have.
                    self.returned.push_back(sent.raw.clone());
                    return Ok(());
                }
                peer.unsent_lines += u64::from(!sent.auto);
                if peer.told.replace(error.cause()) == Some(error.cause()) {
                    return Ok(());
                }
                let address = peer.address;
                if error.cause() == Cause::NotReading {
                    // What it would get from here on has a hole.
                    self.commands.push_back(Command::Close { conn });
                }
                self.tell_error(at, Some(conn), Some(address), error)
            }
            Delivery::Waiting
            | Delivery::Acknowledged
            | Delivery::ToAll { .. }
            | Delivery::Delivered
            | Delivery::Read
            | Delivery::GivenUp(_)
            | Delivery::ToPeople { .. } => Ok(()),
        }
    }

    /// Tell that the conversation ended before these lines of standard input were sent. `more`: there may be others.
    pub fn tell_unsent(&mut self, lines: u64, more: bool) -> io::Result<String> {
        let message = if more {
            fl!(self.words, "term-unsent-more", lines = lines)
        } else {
            fl!(self.words, "term-unsent", lines = lines)
        };
        if self.report.form() == Form::Json {
            let told = Told::Error { conn: None, peer: None, call: "send", errno: None, message: &message };
            self.report.tell(self.words, Timestamp::now(), &told)?;
        }
        Ok(message)
    }

    /// Tell the totals; the last that is told.
    pub fn tell_totals(&mut self) -> io::Result<()> {
        let told =
            Told::Stopped { clients: self.clients, served: matches!(self.role, Role::Listen), moved: self.moved };
        self.report.tell(self.words, Timestamp::now(), &told)?;
        self.report.flush()
    }

    fn open(&mut self) {
        self.begun = true;
        if self.phase == Phase::Opening {
            self.phase = Phase::Open;
        }
    }

    /// The network has changed: what others type may be another address.
    pub fn network_changed(&mut self, at: Timestamp) -> io::Result<()> {
        match self.listening {
            Some((local, _)) => self.tell_where_to_connect(at, local),
            None => Ok(()),
        }
    }

    /// The address that others type, where it is not the one listened on, or has changed.
    fn tell_where_to_connect(&mut self, at: Timestamp, local: SocketAddr) -> io::Result<()> {
        let interfaces = host::interfaces().unwrap_or_default();
        let ip = local.ip();
        let found = host::hand_out(&interfaces, ip);
        let before = self.listening.replace((local, found.clone()));
        let told = match found {
            found if before.as_ref().is_some_and(|(_, before)| *before == found) => return Ok(()),
            HandOut::Address(_) if !ip.is_unspecified() && before.is_none() => return Ok(()),
            HandOut::Address(other) => {
                let ip = if ip.is_unspecified() { other } else { ip };
                let address = SocketAddr::new(ip, local.port()).to_string();
                fl!(self.words, "term-hand-out", address = address)
            }
            HandOut::Cut(name) => fl!(self.words, "reach-cut", interface = name),
            HandOut::Ipv6Only(ip) => fl!(self.words, "reach-ipv6-only", ip = ip.to_string()),
            HandOut::Gone => fl!(self.words, "reach-gone", ip = ip.to_string()),
            HandOut::NoNetwork => fl!(self.words, "reach-no-network"),
        };
        self.report.note(at, &told)
    }

    /// Tell that a line waits for somebody to read it; once for each time that nobody is there.
    pub fn tell_nobody(&mut self, at: Timestamp) -> io::Result<()> {
        let nobody = matches!(self.role, Role::Listen) && self.phase == Phase::Open && self.peers.is_empty();
        if !nobody || std::mem::replace(&mut self.nobody_told, true) {
            return Ok(());
        }
        self.report.note(at, &fl!(self.words, "term-nobody"))
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
            (Role::Listen, CloseReason::Failed(error)) if self.report.form() == Form::Json => {
                self.tell_error(at, Some(conn), Some(peer.address), &error)?;
            }
            _ => {}
        }
        let unsent = peer.unsent_lines;
        let told = Told::Closed { conn, peer: peer.address, reason: reason_name, why: &why, moved, unsent };
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
