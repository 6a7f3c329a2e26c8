//! Simulated students: clients in this very window that connect to our own server, say something, and answer what
//! the user sends them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::App;
use crate::{
    chat::{Origin, RowKind},
    core::{ConnState, Input, Key, STUDENTS, ServerState},
    net::{AutoReply, Command, ConnId, ConnOptions, Event, EventKind},
    wire::text,
};

/// Characters of a message that a student repeats in its answer.
const REPEATED: usize = 40;

/// The students that are still to come.
#[derive(Debug, Default)]
pub(super) struct Students {
    to_come: usize,
    /// The number that the last one was given.
    last: u32,
}

/// What a student does about an event, once the core knows of it.
pub(super) enum Reaction {
    Greet(ConnId),
    /// Answer so many messages; the last of them has just come.
    Answer(ConnId, usize),
    /// A student was sent away, so its other end goes too.
    Close(ConnId),
}

/// Where a client of this computer reaches a server that listens there.
pub(super) fn reachable(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}

impl App {
    /// Have this many more students, as far as there is room for them.
    pub(super) fn add_students(&mut self, count: usize) {
        if self.core.students().len() == 0 && self.lesson.students.to_come == 0 {
            self.lesson.students.last = 0;
        }
        let room = STUDENTS.saturating_sub(self.core.students().len() + self.lesson.students.to_come);
        self.lesson.students.to_come += count.min(room);
        self.connect_due_students();
    }

    /// Send all students away, and forget both ends of their connections.
    pub(super) fn remove_students(&mut self) {
        self.lesson.students.to_come = 0;
        let own: Vec<ConnId> = self.core.students().map(|(conn, _)| conn).collect();
        let is_student = |c: &crate::core::Conversation| c.student.is_some() && c.origin == Origin::Accepted;
        let accepted: Vec<(ConnId, bool)> = self
            .core
            .conversations()
            .filter(|(_, c)| is_student(c))
            .map(|(conn, c)| (conn, matches!(c.state, ConnState::PeerFinished | ConnState::WeFinished)))
            .collect();
        for conn in &own {
            self.command(Command::Close { conn: *conn });
        }
        for (conn, _) in accepted.iter().filter(|(_, half_closed)| *half_closed) {
            self.command(Command::Close { conn: *conn });
        }
        let all: Vec<ConnId> = own.into_iter().chain(accepted.into_iter().map(|(conn, _)| conn)).collect();
        for conn in &all {
            self.screens.conversation.forget(Key::Conn(*conn));
        }
        self.change(Input::Dismissed(all));
        self.select_what_is_left();
    }

    /// Let students in who are still to come: while the server accepts, no more of them at once than its backlog
    /// holds, so that none is kept waiting for a second.
    pub(super) fn connect_due_students(&mut self) {
        if self.lesson.students.to_come == 0 {
            return;
        }
        let (local, backlog, accepting) = match self.core.server().state {
            ServerState::Listening { local, backlog, accepting, .. } => {
                (local, backlog, accepting && !self.core.server().stepping)
            }
            ServerState::Starting(_) => return,
            ServerState::Stopped => {
                self.lesson.students.to_come = 0;
                return;
            }
        };
        let mut room = self.lesson.students.to_come;
        if accepting {
            let not_accepted = |(conn, c): &(ConnId, &crate::core::Conversation)| {
                !c.state.is_over() && self.core.other_end(*conn).is_none()
            };
            room =
                room.min((backlog.max(1) as usize).saturating_sub(self.core.students().filter(not_accepted).count()));
        }
        for _ in 0..room {
            self.lesson.students.to_come -= 1;
            self.bring_student(reachable(local));
        }
    }

    fn bring_student(&mut self, server: SocketAddr) {
        self.lesson.students.last += 1;
        let conn = self.net.next_conn();
        let target = (server.ip().to_string(), server.port());
        let number = self.lesson.students.last;
        self.change(Input::StudentConnecting { conn, target: target.clone(), number, at: Timestamp::now() });
        // A student answers by itself, and only what the user sent: two automata would never stop.
        let options =
            ConnOptions { auto_reply: AutoReply::Off, half_open: false, ..self.core.manner().options.clone() };
        self.command(Command::Connect { conn, host: target.0, port: target.1, options });
    }

    /// What a student does about an event; asked before the core knows of it.
    pub(super) fn student_reaction(&self, event: &Event) -> Option<Reaction> {
        let own = |conn: &ConnId| self.core.conversation(Key::Conn(*conn)).filter(|c| c.is_students_own());
        match &event.kind {
            EventKind::Connected { conn, .. } => own(conn).map(|_| Reaction::Greet(*conn)),
            EventKind::Received { conn, batch, .. } => {
                let begins = own(conn)?.bytes_in;
                let other = self.core.other_end(*conn)?;
                let said = self.core.said_by_hand(other, &(begins..begins + batch.bytes.len() as u64));
                (said > 0).then_some(Reaction::Answer(*conn, said))
            }
            EventKind::PeerFinished { conn } => self.core.is_leaving(*conn).then_some(Reaction::Close(*conn)),
            _ => None,
        }
    }

    /// Do it; asked once the core knows of the event.
    pub(super) fn react(&mut self, reaction: &Reaction) {
        match reaction {
            Reaction::Greet(conn) => {
                if let Some(number) = self.core.conversation(Key::Conn(*conn)).and_then(|c| c.student) {
                    self.say_as_student(*conn, &fl!(self.words, "student-greets", number = number));
                }
            }
            Reaction::Answer(conn, count) => {
                let end = self.core.conversation(Key::Conn(*conn));
                if !end.is_some_and(|end| end.state.can_send()) {
                    return;
                }
                for _ in 0..*count {
                    if let Some(answer) = self.answer_of_student(*conn) {
                        self.say_as_student(*conn, &answer);
                    }
                }
            }
            Reaction::Close(conn) => self.command(Command::Close { conn: *conn }),
        }
    }

    fn answer_of_student(&self, conn: ConnId) -> Option<String> {
        let conversation = self.core.conversation(Key::Conn(conn))?;
        let number = conversation.student?;
        let heard = conversation.entries().iter().rev().find_map(|(_, entry)| match &entry.kind {
            RowKind::Received(received) => Some(received.decode(conversation.manner().encoding).text),
            _ => None,
        })?;
        let mut text: String = heard.trim_end().chars().take(REPEATED).collect();
        if text.len() < heard.trim_end().len() {
            text.push('…');
        }
        Some(fl!(self.words, "student-answers", number = number, text = text))
    }

    /// A student says this, in the manner of its connection; a character that its encoding lacks goes out as `?`.
    pub(super) fn say_as_student(&mut self, conn: ConnId, said: &str) {
        let Some(conversation) = self.core.conversation(Key::Conn(conn)) else { return };
        let manner = conversation.manner();
        let encoded = text::encode_message(said, manner.encoding, manner.framing(), manner.line_ending.text());
        self.send(Key::Conn(conn), encoded.bytes.into());
    }
}
