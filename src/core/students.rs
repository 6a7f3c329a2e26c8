//! Simulated students: clients of our own server in this very window, told apart from all others. They connect, say
//! something, and answer what the user sends them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::SocketAddr,
    ops::Range,
};

use jiff::Timestamp;

use super::{ConnState, Conversation, Core, Key, ServerState, asked::reachable};
use crate::{
    chat::{AutoReply, ConnId, ConnOptions, Origin, RowKind, address::host_of},
    net::{Command, EventKind},
    wire::text,
};

/// Simulated students at once.
pub const STUDENTS: usize = 1_000;

/// Characters of a message that a student repeats in its answer.
const REPEATED: usize = 40;

/// What students say, in the user's language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudentPhrases {
    /// Once connected; `{number}` stands for the student's number.
    pub greeting: String,
    /// To a message; `{number}` stands for the student's number, `{text}` for the beginning of the message.
    pub answer: String,
}

/// The simulated students' own ends, and which connections of this window are each other's ends.
#[derive(Debug, Default)]
pub(super) struct Students {
    /// Their own ends; the ends that our server accepted are ordinary conversations.
    pub(super) client_ends: BTreeMap<ConnId, Conversation>,
    /// Live connections of this window by (local address, peer's address), and those that connect, as far as known.
    by_addresses: HashMap<(SocketAddr, SocketAddr), ConnId>,
    /// Under which addresses those are that connect.
    connecting: HashMap<ConnId, (SocketAddr, SocketAddr)>,
    /// Ends of students that were sent away: forgotten once they are closed.
    leaving: HashSet<ConnId>,
    /// How many are still to come.
    to_come: usize,
    /// The number that the last one was given.
    last: u32,
    phrases: StudentPhrases,
}

/// What a student does about an event, once that is known.
pub(super) enum Reaction {
    Greet(ConnId),
    /// Answer so many messages; the last of them has just come.
    Answer(ConnId, usize),
    /// A student was sent away, so its other end goes too.
    Close(ConnId),
}

impl Core {
    /// The simulated students' own ends, by the order in which they came.
    #[must_use]
    pub fn students(&self) -> impl DoubleEndedIterator<Item = (ConnId, &Conversation)> + ExactSizeIterator {
        self.students.client_ends.iter().map(|(conn, conversation)| (*conn, conversation))
    }

    /// Whether there are simulated students, or some are to come.
    pub(super) fn has_students(&self) -> bool {
        !self.students.client_ends.is_empty() || self.students.to_come > 0
    }

    /// The live connection of this window that is this one's other end, if it is ours too.
    #[must_use]
    pub fn other_end(&self, conn: ConnId) -> Option<ConnId> {
        let conversation = self.conversation(Key::Conn(conn))?;
        self.students.by_addresses.get(&(conversation.peer?, conversation.local?)).copied()
    }

    /// Whether this is an end of a student that was sent away, and which is about to go.
    #[must_use]
    pub fn is_leaving(&self, conn: ConnId) -> bool {
        self.students.leaving.contains(&conn)
    }

    /// The messages sent on a connection that end within these bytes of its outgoing stream and are no automatic
    /// replies: what a simulated student at the other end answers.
    fn said_by_hand(&self, conn: ConnId, bytes: &Range<u64>) -> usize {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return 0 };
        let rows = conversation.entries().iter().rev();
        let ends = rows.filter_map(|(_, entry)| match &entry.kind {
            RowKind::Sent(sent) => Some((sent.begins? + sent.raw.len() as u64, sent.auto)),
            _ => None,
        });
        let recent = ends.take_while(|(end, _)| *end > bytes.start);
        recent.filter(|(end, auto)| *end <= bytes.end && !auto).count()
    }

    /// Have this many more students, as far as there is room for them.
    pub(super) fn add_students(&mut self, count: usize, phrases: StudentPhrases, now: Timestamp) {
        let students = &mut self.students;
        students.phrases = phrases;
        if students.client_ends.is_empty() && students.to_come == 0 {
            students.last = 0;
        }
        let room = STUDENTS.saturating_sub(students.client_ends.len() + students.to_come);
        students.to_come += count.min(room);
        self.connect_due_students(now);
    }

    /// Sends all students away, and forgets both ends of their connections.
    pub(super) fn remove_students(&mut self) {
        self.students.to_come = 0;
        let own: Vec<ConnId> = self.students().map(|(conn, _)| conn).collect();
        let is_student = |c: &Conversation| c.student.is_some() && c.origin == Origin::Accepted;
        let accepted: Vec<(ConnId, bool)> = self
            .conversations()
            .filter(|(_, c)| is_student(c))
            .map(|(conn, c)| (conn, matches!(c.state, ConnState::PeerFinished | ConnState::WeFinished)))
            .collect();
        let half_closed = accepted.iter().filter(|(_, half_closed)| *half_closed).map(|(conn, _)| *conn);
        for conn in own.iter().copied().chain(half_closed) {
            self.command(Command::Close { conn });
        }
        self.send_away(own.into_iter().chain(accepted.into_iter().map(|(conn, _)| conn)).collect());
    }

    /// Lets students in who are still to come: while the server accepts, no more of them at once than its backlog
    /// holds, so that none is kept waiting for a second.
    pub(super) fn connect_due_students(&mut self, now: Timestamp) {
        if self.students.to_come == 0 {
            return;
        }
        let (local, backlog, accepting) = match self.server.state {
            ServerState::Listening { local, backlog, accepting, .. } => {
                (local, backlog, accepting && !self.server.stepping)
            }
            ServerState::Starting(_) => return,
            ServerState::Stopped | ServerState::Bound { .. } => {
                self.students.to_come = 0;
                return;
            }
        };
        let mut room = self.students.to_come;
        if accepting {
            let not_accepted =
                |(conn, c): &(ConnId, &Conversation)| !c.state.is_over() && self.other_end(*conn).is_none();
            room = room.min((backlog.max(1) as usize).saturating_sub(self.students().filter(not_accepted).count()));
        }
        self.students.to_come -= room;
        for _ in 0..room {
            self.bring_student(reachable(local), now);
        }
    }

    fn bring_student(&mut self, server: SocketAddr, now: Timestamp) {
        self.students.last += 1;
        let number = self.students.last;
        let conn = self.next_conn();
        let (host, port) = (host_of(server), server.port());
        let origin = Origin::Outgoing { host: host.clone(), port };
        let mut conversation = self.open(origin, self.manner.clone(), now, now);
        conversation.student = Some(number);
        conversation.keep_nothing();
        self.students.client_ends.insert(conn, conversation);
        // A student answers by itself, and only what the user sent: two automata would never stop.
        let options = ConnOptions { auto_reply: AutoReply::Off, half_open: false, ..self.manner.options.clone() };
        self.command(Command::Connect { conn, host, port, options });
    }

    /// What a student does about an event; asked before it is taken in.
    pub(super) fn student_reaction(&self, event: &EventKind) -> Option<Reaction> {
        let own = |conn: &ConnId| self.students.client_ends.get(conn);
        match event {
            EventKind::Connected { conn, .. } => own(conn).map(|_| Reaction::Greet(*conn)),
            EventKind::Received { conn, batch, .. } => {
                let begins = own(conn)?.bytes_in;
                let other = self.other_end(*conn)?;
                let said = self.said_by_hand(other, &(begins..begins + batch.bytes.len() as u64));
                (said > 0).then_some(Reaction::Answer(*conn, said))
            }
            EventKind::PeerFinished { conn } => self.is_leaving(*conn).then_some(Reaction::Close(*conn)),
            _ => None,
        }
    }

    /// Does it; once the event was taken in.
    pub(super) fn react(&mut self, reaction: &Reaction, now: Timestamp) {
        match reaction {
            Reaction::Greet(conn) => {
                if let Some(number) = self.students.client_ends.get(conn).and_then(|end| end.student) {
                    let greeting = self.students.phrases.greeting.replace("{number}", &number.to_string());
                    self.say_as_student(*conn, &greeting, now);
                }
            }
            Reaction::Answer(conn, count) => {
                if !self.students.client_ends.get(conn).is_some_and(|end| end.state.can_send()) {
                    return;
                }
                for _ in 0..*count {
                    if let Some(answer) = self.answer_of_student(*conn) {
                        self.say_as_student(*conn, &answer, now);
                    }
                }
            }
            Reaction::Close(conn) => self.command(Command::Close { conn: *conn }),
        }
    }

    fn answer_of_student(&self, conn: ConnId) -> Option<String> {
        let conversation = self.students.client_ends.get(&conn)?;
        let number = conversation.student?;
        let heard = conversation.entries().iter().rev().find_map(|(_, entry)| match &entry.kind {
            RowKind::Received(received) => Some(received.decode(conversation.manner().encoding).text),
            _ => None,
        })?;
        let mut text: String = heard.trim_end().chars().take(REPEATED).collect();
        if text.len() < heard.trim_end().len() {
            text.push('…');
        }
        // The number first: what was heard may say `{number}` itself.
        Some(self.students.phrases.answer.replace("{number}", &number.to_string()).replace("{text}", &text))
    }

    /// A student says this, in the manner of its connection; a character that its encoding lacks goes out as `?`.
    fn say_as_student(&mut self, conn: ConnId, said: &str, now: Timestamp) {
        let Some(conversation) = self.students.client_ends.get(&conn) else { return };
        let manner = conversation.manner();
        let encoded = text::encode_message(said, manner.encoding, manner.framing(), &manner.ending());
        self.send(Key::Conn(conn), encoded.bytes.into(), now);
    }

    /// A connection is being made between these addresses: whoever is accepted from there is its other end.
    pub(super) fn connecting(&mut self, conn: ConnId, local: Option<SocketAddr>, peer: SocketAddr) {
        self.connects_no_more(conn);
        let Some(mut local) = local else { return };
        if local.ip().is_unspecified() {
            // Windows says the port first. To an address of this computer, it connects from that address.
            local.set_ip(peer.ip());
        }
        self.students.by_addresses.insert((local, peer), conn);
        self.students.connecting.insert(conn, (local, peer));
    }

    /// It is made, or it failed.
    fn connects_no_more(&mut self, conn: ConnId) {
        if let Some(addresses) = self.students.connecting.remove(&conn)
            && self.students.by_addresses.get(&addresses) == Some(&conn)
        {
            self.students.by_addresses.remove(&addresses);
        }
    }

    /// The connection of this window that connected from this peer of our server, as far as known.
    pub(super) fn connects_from(&self, peer: SocketAddr, local: SocketAddr) -> Option<ConnId> {
        self.students.by_addresses.get(&(peer, local)).copied()
    }

    /// A connection stands: if its other end is a student's, both are that student's.
    pub(super) fn pair(&mut self, conn: ConnId) {
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        let (Some(local), Some(peer)) = (conversation.local, conversation.peer) else { return };
        self.connects_no_more(conn);
        self.students.by_addresses.insert((local, peer), conn);
        let Some(other) = self.other_end(conn) else { return };
        let number = |conn| self.conversation(Key::Conn(conn)).and_then(|c| c.student);
        let student = number(conn).or(number(other));
        for end in [conn, other] {
            self.with(end, |conversation| conversation.student = student);
        }
        // It was sent away before its other end was known.
        if self.is_leaving(conn) || self.is_leaving(other) {
            self.students.leaving.extend([conn, other]);
        }
    }

    /// A connection is no more.
    pub(super) fn part(&mut self, conn: ConnId) {
        self.connects_no_more(conn);
        let Some(conversation) = self.conversation(Key::Conn(conn)) else { return };
        if let (Some(local), Some(peer)) = (conversation.local, conversation.peer)
            && self.students.by_addresses.get(&(local, peer)) == Some(&conn)
        {
            self.students.by_addresses.remove(&(local, peer));
        }
        if self.students.leaving.remove(&conn) {
            self.forget(conn);
        }
    }

    /// These connections go: at once if they are over, else when they are closed.
    pub(super) fn send_away(&mut self, conns: Vec<ConnId>) {
        for conn in conns {
            match self.conversation(Key::Conn(conn)) {
                Some(conversation) if conversation.state.is_over() => self.forget(conn),
                Some(_) => {
                    self.students.leaving.insert(conn);
                }
                None => {}
            }
        }
    }
}

impl Conversation {
    /// Whether this is a simulated student's own end, not the end that our server accepted.
    #[must_use]
    pub fn is_students_own(&self) -> bool {
        self.student.is_some() && matches!(self.origin, Origin::Outgoing { .. })
    }
}
