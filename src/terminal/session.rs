//! One conversation in the terminal: what core decides about what the network and standard input say, turned into what
//! is told and what is asked of the network. It hears of each input from who runs the driver; no threads and no sockets
//! of its own.

mod input_end;
mod said;
mod waiting;

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Write},
    net::SocketAddr,
    time::Instant,
};

use bytes::Bytes;
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{
    copies::Copies,
    doctor::{Doctor, News},
    options::{Direction, Ends, Options},
    peer::Peer,
    report::{End, Form, Moved, Over, Reach, Report, Told},
};
use crate::{
    chat::{JournalEntry, RowNumber},
    core::{Core, Input, Key, NoticeKind, Reconnecting},
    explain::{self, Exception, Facts},
    host::{self, HandOut},
    i18n::Words,
    net::{Cause, CloseReason, Command, ConnId, EventKind, NetError},
    settings::Settings,
    wire::Unfinished,
};
use waiting::{Refused, cost};

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
    options: &'a Options,
    words: &'a Words,
    report: Report<W>,
    copies: Copies,
    /// Told apart from the report, as it goes to standard error: what ended the session.
    failure: Option<NetError>,
    /// The diagnosis that was told with an error: core may find it too.
    told_with_error: Option<&'static str>,
    /// A line of standard input that cannot be sent in the encoding, which ended the session: what is told of it.
    wrong_input: Option<String>,

    /// Connections that stand.
    peers: BTreeMap<ConnId, Peer>,
    /// Messages to everyone that the network has not handed to anybody yet.
    to_all: BTreeMap<RowNumber, Bytes>,
    /// Messages that came to nobody: they are sent before any other.
    returned: VecDeque<Bytes>,
    /// What is asked of core, in order.
    inputs: VecDeque<Input>,

    clients: u64,
    moved: Moved,
    phase: Phase,
    nobody_told: bool,
    begun: bool,
    /// Standard input said something.
    had_input: bool,
    /// It said all.
    input_ended: bool,
    /// Not before this time is the next line sent.
    next_line: Option<Instant>,
    refused: Refused,
    /// Lines that were handed over and did not reach the server.
    lost: u64,
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
    pub fn new(
        role: Role,
        settings: &'a Settings,
        options: &'a Options,
        words: &'a Words,
        report: Report<W>,
        copies: Copies,
    ) -> Self {
        let mut inputs = VecDeque::new();
        if let Role::Connect(conn) = role {
            inputs.push_back(Input::Command(Command::InSight { conn: Some(conn) }));
        }
        Self {
            role,
            settings,
            options,
            words,
            report,
            copies,
            failure: None,
            told_with_error: None,
            wrong_input: None,
            peers: BTreeMap::new(),
            to_all: BTreeMap::new(),
            returned: VecDeque::new(),
            inputs,
            clients: 0,
            moved: Moved::default(),
            phase: Phase::Opening,
            nobody_told: false,
            listening: None,
            begun: false,
            had_input: false,
            input_ended: false,
            next_line: None,
            refused: Refused::default(),
            lost: 0,
            notices_seen: 0,
        }
    }

    /// What is asked of core next.
    pub fn take_input(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    fn command(&mut self, command: Command) {
        self.inputs.push_back(Input::Command(command));
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

    /// Lines of standard input that were handed over and did not reach the server.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether anything has stood of which totals can be told.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// What ended the session, if it did not end as asked.
    pub fn failure(&self) -> Option<&NetError> {
        self.failure.as_ref()
    }

    /// What is told of a line of standard input that could not be sent, and ended the session.
    pub fn wrong_input(&self) -> Option<&str> {
        self.wrong_input.as_deref()
    }

    /// Hand what was told to standard output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.copies.flush()?;
        self.report.flush()
    }

    /// Close everything.
    pub fn stop(&mut self) {
        if self.phase < Phase::Quitting {
            self.phase = Phase::Quitting;
            self.command(Command::Quit);
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
            EventKind::Call(call) => self.was_active(&call),
            EventKind::Listening { local, backlog, .. } => {
                self.open();
                self.report.tell(self.words, at, &Told::Listening { local, backlog, reach: Reach::of(local) })?;
                self.tell_where_to_connect(at, local)?;
            }
            EventKind::ListenFailed { error, .. } => self.fail(at, None, None, error)?,
            EventKind::ConnectFailed { conn, error } => {
                self.is_now(conn);
                match core.reconnecting(conn) {
                    Some(again) => {
                        self.tell_error(at, Some(conn), None, &error)?;
                        self.tell_again(at, again)?;
                    }
                    None => self.fail(at, None, None, error)?,
                }
            }
            EventKind::UdpBound { local, group, .. } => {
                self.open();
                let group = group.map(|group| group.ip);
                self.report.tell(self.words, at, &Told::Bound { local, reach: Reach::of(local), group })?;
                self.tell_where_to_connect(at, local)?;
            }
            EventKind::UdpReady { conn, peer, local } => {
                let (peer, known) = (plain(peer), self.peers.contains_key(&conn));
                match local {
                    Some(local) if known => self.report.tell(self.words, at, &Told::HasPort { conn, local })?,
                    _ => {
                        self.open();
                        self.peers.insert(conn, Peer::new(peer));
                        self.report.tell(self.words, at, &Told::Ready { conn, peer, local })?;
                    }
                }
            }
            EventKind::UdpHeard { conn, peer, local, .. } => {
                self.clients += 1;
                let (peer, local) = (plain(peer), plain(local));
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Heard { conn, peer, local })?;
            }
            EventKind::UdpDropped { datagrams, .. } => {
                self.report.tell(self.words, at, &Told::Dropped { datagrams })?;
            }
            EventKind::AcceptFailed { error, .. } => self.tell_error(at, None, None, &error)?,
            EventKind::TurnedAway { peer, error, .. } if self.refused.is_told(Instant::now()) => {
                self.tell_error(at, None, Some(plain(peer)), &error)?;
            }
            EventKind::Accepted { listener, conn, peer, local } => {
                self.clients += 1;
                let (peer, local) = (plain(peer), plain(local));
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Accepted { conn, peer, local })?;
                if self.options.ends == Ends::WithFirstClient {
                    self.command(Command::CloseListener { listener });
                }
                self.finish_clients();
            }
            EventKind::Connected { conn, peer, local } => {
                self.is_now(conn);
                self.open();
                self.peers.insert(conn, Peer::new(peer));
                self.report.tell(self.words, at, &Told::Connected { conn, peer, local })?;
                let origin = core.conversation(Key::Conn(conn)).map(|conversation| &conversation.origin);
                if let Some(note) = origin.and_then(|of| explain::connected_elsewhere(self.words, of, peer)) {
                    self.report.note(self.words, at, &note)?;
                }
                if self.options.ends == Ends::OnceConnected {
                    self.stop();
                }
            }
            EventKind::LookingUp { conn, host } => {
                self.is_now(conn);
                self.report.note(self.words, at, &fl!(self.words, "term-looking-up", host = host))?;
            }
            EventKind::Connecting { conn, address, .. } => {
                self.is_now(conn);
                let text = fl!(self.words, "term-connecting", address = address.to_string());
                self.report.note(self.words, at, &text)?;
            }
            EventKind::WriteFinished { conn } if self.options.direction == Direction::SendOnly => {
                self.command(Command::Close { conn });
            }
            EventKind::Closed { conn, reason, bytes_in, bytes_out } => {
                // What was decided about its messages is told before its end.
                self.tell_entries(core, at, journal)?;
                return self.closed(core, at, conn, reason, bytes_in, bytes_out);
            }
            EventKind::ListenerClosed { .. } if self.options.ends != Ends::WithFirstClient => self.stop(),
            EventKind::Unfinished { conn, unfinished: Unfinished { came, of }, .. } => {
                if let Some(peer) = self.peers.get(&conn).map(|peer| peer.address) {
                    self.report.tell(self.words, at, &Told::Waiting { conn, peer, came, of })?;
                }
            }
            EventKind::Stopped => self.phase = Phase::Stopped,
            _ => {}
        }
        self.tell_entries(core, at, journal)
    }

    /// A client that connects again may do so as another connection.
    fn is_now(&mut self, conn: ConnId) {
        if matches!(self.role, Role::Connect(_)) {
            if self.role != Role::Connect(conn) && self.report.form() == Form::Json {
                self.command(Command::InSight { conn: Some(conn) });
            }
            self.role = Role::Connect(conn);
        }
    }

    fn tell_again(&mut self, at: Timestamp, again: Reconnecting) -> io::Result<()> {
        let seconds = again.due.duration_since(at).try_into().unwrap_or_default();
        self.report.tell(self.words, at, &Told::Reconnecting { seconds, attempt: again.attempt })
    }

    /// Tells of what core has noticed by itself.
    fn tell_notices(&mut self, core: &Core) -> io::Result<()> {
        let new = core.notices().iter().rev().take_while(|notice| notice.number > self.notices_seen);
        let went_round: Vec<_> = new
            .filter_map(|notice| match notice.kind {
                NoticeKind::AnswersWentRound { conn } => Some((notice.at, conn, false)),
                NoticeKind::RelayWentRound { conn } => Some((notice.at, conn, true)),
                _ => None,
            })
            .collect();
        self.notices_seen = core.notices().last().map_or(0, |notice| notice.number);
        for (at, conn, relayed) in went_round.into_iter().rev() {
            if let Some(peer) = self.peers.get(&conn).map(|peer| peer.address) {
                let told =
                    if relayed { Told::RelayStopped { conn, peer } } else { Told::AutoReplyStopped { conn, peer } };
                self.report.tell(self.words, at, &told)?;
            }
        }
        Ok(())
    }

    /// Tell why conversations do not do what they should, where that is news.
    pub fn tell_diagnoses(&mut self, core: &Core, doctor: &mut Doctor) -> io::Result<()> {
        for (conn, news) in doctor.news(core) {
            let peer = core.conversation(Key::Conn(conn)).and_then(|conversation| conversation.peer);
            let (kind, holds, message) = match news {
                News::Found(found) if self.told_with_error == Some(found.name()) => continue,
                News::Found(found) => {
                    (found.name(), true, explain::diagnoses::diagnosis(self.words, found).to_string())
                }
                News::Over(kind) => (kind, false, String::new()),
            };
            let told = Told::Diagnosis { conn, peer, kind, holds, message: &message };
            self.report.tell(self.words, Timestamp::now(), &told)?;
        }
        Ok(())
    }

    /// Tell that the conversation ended before these lines of standard input were sent. `more`: there may be others.
    pub fn tell_unsent(&mut self, lines: u64, more: bool) -> io::Result<String> {
        let message = if more {
            fl!(self.words, "term-unsent-more", lines = lines)
        } else {
            fl!(self.words, "term-unsent", lines = lines)
        };
        if self.report.form() == Form::Json {
            let told =
                Told::Error { conn: None, peer: None, call: "send", errno: None, exception: None, message: &message };
            self.report.tell(self.words, Timestamp::now(), &told)?;
        }
        Ok(message)
    }

    /// Tell the totals; the last that is told.
    pub fn tell_totals(&mut self) -> io::Result<()> {
        self.tell_refused(true)?;
        let end = match self.role {
            Role::Listen if self.options.udp => End::Heard,
            Role::Listen => End::Server,
            Role::Connect(_) => End::Client,
        };
        let told = Told::Stopped { clients: self.clients, end, moved: self.moved };
        self.report.tell(self.words, Timestamp::now(), &told)?;
        self.flush()
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
                if self.options.udp {
                    fl!(self.words, "term-udp-hand-out", address = address)
                } else {
                    fl!(self.words, "term-hand-out", address = address)
                }
            }
            HandOut::Cut(name) => fl!(self.words, "reach-cut", interface = name),
            HandOut::Ipv6Only(ip) => fl!(self.words, "reach-ipv6-only", ip = ip.to_string()),
            HandOut::Gone => fl!(self.words, "reach-gone", ip = ip.to_string()),
            HandOut::NoNetwork => fl!(self.words, "reach-no-network"),
        };
        self.report.note(self.words, at, &told)
    }

    /// Tell that a line waits for somebody to read it; once for each time that nobody is there.
    pub fn tell_nobody(&mut self, at: Timestamp) -> io::Result<()> {
        let nobody = matches!(self.role, Role::Listen) && self.phase == Phase::Open && self.peers.is_empty();
        if !nobody || std::mem::replace(&mut self.nobody_told, true) {
            return Ok(());
        }
        let nobody = if self.options.udp { fl!(self.words, "term-udp-nobody") } else { fl!(self.words, "term-nobody") };
        self.report.note(self.words, at, &nobody)
    }

    fn closed(
        &mut self,
        core: &Core,
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
        let again = core.reconnecting(conn);
        let is_only = self.role == Role::Connect(conn) || self.options.ends == Ends::WithFirstClient;
        match reason {
            CloseReason::Failed(error) if is_only && again.is_none() => {
                self.fail(at, Some(conn), Some(peer.address), error)?;
            }
            CloseReason::Failed(error) if self.report.form() == Form::Json => {
                self.tell_error(at, Some(conn), Some(peer.address), &error)?;
            }
            _ => {}
        }
        // Those that were handed over when the connection had ended already: nobody says of them that they failed.
        let left = peer.unsent.into_iter().filter(|(_, sent)| !sent.auto).map(|(_, sent)| sent.raw);
        let mut unsent = peer.unsent_lines;
        if again.is_some() {
            self.returned.extend(left);
        } else {
            unsent += left.count() as u64;
        }
        if matches!(self.role, Role::Connect(_)) {
            self.lost += unsent;
        }
        let over = Over { reason: reason_name, why: &why, moved };
        let told = if self.options.udp {
            Told::Ended { conn, peer: peer.address, over }
        } else {
            Told::Closed { conn, peer: peer.address, over, unsent }
        };
        self.report.tell(self.words, at, &told)?;
        self.nobody_told = false;
        if let Some(again) = again {
            // Lines wait for the next connection.
            if self.phase < Phase::Quitting {
                self.phase = Phase::Opening;
            }
            return self.tell_again(at, again);
        }
        if is_only {
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
        let facts = Facts { reuse_address: Some(self.settings.reuse_address), ..Facts::gather(error) };
        if let (Some(why), Form::Json, Role::Connect(conn)) = (&facts.why, self.report.form(), self.role) {
            let message = explain::diagnoses::diagnosis(self.words, why).to_string();
            self.told_with_error = Some(why.name());
            let told = Told::Diagnosis { conn, peer: None, kind: why.name(), holds: true, message: &message };
            self.report.tell(self.words, at, &told)?;
        }
        let message = explain::explain(self.words, error, &facts).to_string();
        if self.report.form() == Form::Raw {
            super::complain(&message);
            return Ok(());
        }
        let errno = error.errno().map(|errno| errno.0);
        let exception = error.errno().and_then(Exception::of).map(|exception| exception.class);
        self.report.tell(
            self.words,
            at,
            &Told::Error { conn, peer, call: error.operation.name(), errno, exception, message: &message },
        )
    }
}

fn reason_name(reason: &CloseReason) -> &'static str {
    match reason {
        CloseReason::ByUs | CloseReason::SocketClosed => "by_us",
        CloseReason::Orderly => "orderly",
        CloseReason::ResetByUs => "reset_by_us",
        CloseReason::Failed(error) if error.cause() == Cause::Reset => "reset",
        CloseReason::Failed(_) => "failed",
        CloseReason::Quit => "quit",
        CloseReason::Forgotten => "forgotten",
        CloseReason::LetGo => "let_go",
    }
}

/// An address as the peer knows it: of a socket of both families, that of an IPv4 client is one of IPv6.
fn plain(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip if ip.is_ipv4() => SocketAddr::new(ip, address.port()),
        _ => address,
    }
}

#[cfg(test)]
mod tests;
