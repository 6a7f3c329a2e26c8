//! What happened, told on standard output: one JSON object a line, or words for people.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Serialize, Serializer};

use crate::{
    explain,
    i18n::Words,
    net::ConnId,
    wire::{visible, write_json_line},
};

/// Something that happened, in the form that `--json` prints.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told<'a> {
    /// The listener listens.
    Listening { local: SocketAddr, backlog: u32, reach: Reach },
    /// A client was accepted.
    Accepted { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// Our connection stands.
    Connected { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// A message arrived: its text without framing, and its bytes with it.
    Received { conn: ConnId, peer: SocketAddr, text: &'a str, bytes: usize },
    /// The kernel took a message: its text without framing, and its bytes with it.
    Sent { conn: ConnId, peer: SocketAddr, text: &'a str, bytes: usize },
    /// The other machine has acknowledged that many messages more, in the order in which they were sent, with so many
    /// bytes. For programs alone.
    Acknowledged { conn: ConnId, peer: SocketAddr, messages: u64, bytes: u64 },
    /// The peer sent this byte as urgent: of those received on this connection, the one of this number, counted from 1.
    Urgent { conn: ConnId, peer: SocketAddr, byte: u8, position: u64, last_told: bool },
    /// The peer vanished, and its system has not acknowledged the last messages, with so many bytes.
    NeverAcknowledged { conn: ConnId, peer: SocketAddr, messages: u64, bytes: u64 },
    /// Our automatic replies and the peer's answered each other: it gets no more of them.
    AutoReplyStopped { conn: ConnId, peer: SocketAddr },
    /// Why the conversation does not do what it should (`holds`), or that this is so no longer.
    Diagnosis {
        conn: ConnId,
        peer: Option<SocketAddr>,
        kind: &'a str,
        holds: bool,
        /// The explanation.
        #[serde(skip_serializing_if = "str::is_empty")]
        message: &'a str,
    },
    /// The peer finished sending.
    PeerFinished { conn: ConnId, peer: SocketAddr },
    /// A connection is no more.
    Closed {
        conn: ConnId,
        peer: SocketAddr,
        /// For programs.
        reason: &'static str,
        /// For people.
        #[serde(skip)]
        why: &'a str,
        #[serde(flatten)]
        moved: Moved,
        /// Lines of standard input that did not reach it.
        #[serde(skip_serializing_if = "is_none")]
        unsent: u64,
    },
    /// Something failed.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        conn: Option<ConnId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        peer: Option<SocketAddr>,
        call: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        errno: Option<i32>,
        /// The explanation.
        message: &'a str,
    },
    /// The end.
    Stopped {
        /// Clients accepted.
        clients: u64,
        /// Whether we were the server.
        #[serde(skip)]
        served: bool,
        #[serde(flatten)]
        moved: Moved,
    },
}

/// From where clients can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// From every network that this computer is in.
    AllInterfaces,
    /// From this computer.
    ThisComputer,
    /// From wherever this one address can be reached.
    OneAddress,
}

impl Reach {
    /// Of a server that listens there.
    #[must_use]
    pub fn of(local: SocketAddr) -> Self {
        match local.ip().to_canonical() {
            ip if ip.is_unspecified() => Self::AllInterfaces,
            ip if ip.is_loopback() => Self::ThisComputer,
            _ => Self::OneAddress,
        }
    }
}

/// What was moved over one connection, or over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Bytes received, framing included.
    pub bytes_in: u64,
    /// Bytes sent, framing included.
    pub bytes_out: u64,
    /// Messages received.
    pub messages_in: u64,
    /// Messages sent whole.
    pub messages_out: u64,
}

impl std::ops::AddAssign for Moved {
    fn add_assign(&mut self, other: Self) {
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.messages_in += other.messages_in;
        self.messages_out += other.messages_out;
    }
}

/// Tells what happened.
pub struct Report<W: Write> {
    out: W,
    form: Form,
    zone: TimeZone,
    /// The last second that was written, as written: many things happen in one.
    second: (i64, String),
}

/// In which form it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Json,
    /// Words.
    Plain,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    told: &'a Told<'a>,
    #[serde(serialize_with = "as_text")]
    at: Timestamp,
}

fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

impl<W: Write> Report<W> {
    /// A report written to `out`, which should buffer.
    pub fn new(out: W, form: Form) -> Self {
        Self { out, form, zone: TimeZone::system(), second: (i64::MIN, String::new()) }
    }

    /// In which form it is told.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Tell what happened.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn tell(&mut self, words: &Words, at: Timestamp, told: &Told<'_>) -> io::Result<()> {
        match self.form {
            Form::Json => write_json_line(&mut self.out, &Line { told, at }),
            Form::Plain => self.tell_people(words, at, told),
        }
    }

    /// Tell people something that programs don't need to know.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn note(&mut self, at: Timestamp, text: &str) -> io::Result<()> {
        match self.form {
            Form::Json => Ok(()),
            Form::Plain => self.row(at, '·', text),
        }
    }

    /// Hand on what is buffered.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn tell_people(&mut self, words: &Words, at: Timestamp, told: &Told<'_>) -> io::Result<()> {
        let peer_text = |peer: &SocketAddr, text: &str| format!("{peer}  {text}");
        match told {
            Told::Listening { local, backlog, reach } => {
                let line = fl!(words, "term-listening", local = local.to_string(), backlog = backlog.to_string());
                self.row(at, '·', &line)?;
                match reach {
                    Reach::AllInterfaces => self.row(at, '!', &fl!(words, "term-reach-all")),
                    Reach::ThisComputer | Reach::OneAddress => Ok(()),
                }
            }
            Told::Accepted { peer, .. } => self.row(at, '·', &fl!(words, "term-accepted", peer = peer.to_string())),
            Told::Connected { peer, local, .. } => {
                self.row(at, '·', &fl!(words, "term-connected", peer = peer.to_string(), local = local.to_string()))
            }
            Told::Received { peer, text, .. } => self.row(at, '←', &peer_text(peer, text)),
            Told::Sent { peer, text, .. } => self.row(at, '→', &peer_text(peer, text)),
            Told::Acknowledged { .. } | Told::Diagnosis { holds: false, .. } => Ok(()),
            Told::Urgent { peer, byte, position, last_told, .. } => {
                self.row(at, '!', &peer_text(peer, &explain::urgent(words, *byte, *position, *last_told)))
            }
            Told::NeverAcknowledged { peer, messages, bytes, .. } => {
                self.row(at, '!', &peer_text(peer, &explain::never_acknowledged(words, *messages, *bytes)))
            }
            Told::AutoReplyStopped { peer, .. } => {
                self.row(at, '!', &fl!(words, "term-answers-went-round", peer = peer.to_string()))
            }
            Told::Diagnosis { peer, message, .. } => {
                let text = one_line(words, message);
                self.row(at, '?', &peer.map_or_else(|| text.clone(), |peer| peer_text(&peer, &text)))
            }
            Told::PeerFinished { peer, .. } => {
                self.row(at, '·', &fl!(words, "term-peer-finished", peer = peer.to_string()))
            }
            Told::Closed { peer, why, moved, unsent, .. } => {
                let moved = moved_in_words(words, *moved);
                let mut text = fl!(words, "term-closed", peer = peer.to_string(), why = why.to_owned(), moved = moved);
                if *unsent > 0 {
                    text.push_str(&fl!(words, "term-closed-unsent", lines = unsent.to_owned()));
                }
                self.row(at, '·', &text)
            }
            Told::Error { message, .. } => self.row(at, '!', &one_line(words, message)),
            Told::Stopped { clients, served: true, moved } => {
                let moved = moved_in_words(words, *moved);
                self.row(at, '·', &fl!(words, "term-stopped", clients = clients.to_owned(), moved = moved))
            }
            Told::Stopped { moved, .. } => {
                self.row(at, '·', &fl!(words, "term-ended", moved = moved_in_words(words, *moved)))
            }
        }
    }

    fn row(&mut self, at: Timestamp, mark: char, text: &str) -> io::Result<()> {
        let second = at.as_second();
        if self.second.0 != second {
            self.second = (second, at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string());
        }
        writeln!(self.out, "{} {mark} {}", self.second.1, visible(text, &[]))
    }
}

/// An explanation on one line.
fn one_line(words: &Words, message: &str) -> String {
    match message.split_once('\n') {
        Some((what, todo)) => fl!(words, "term-what-and-todo", what = what, todo = todo),
        None => message.to_owned(),
    }
}

fn moved_in_words(words: &Words, moved: Moved) -> String {
    fl!(
        words,
        "term-moved",
        bytes_in = moved.bytes_in,
        bytes_out = moved.bytes_out,
        messages_in = moved.messages_in,
        messages_out = moved.messages_out
    )
}

/// As serde asks.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n, settings::Language};

    fn told(form: Form, told: &Told<'_>) -> String {
        let mut out = Vec::new();
        let mut report = Report::new(&mut out, form);
        report.zone = TimeZone::UTC;
        report.tell(&i18n::words(Language::English), Timestamp::UNIX_EPOCH, told).expect("a Vec takes all");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn json_is_one_object_a_line_with_addresses_as_text() {
        let peer = "[::1]:5".parse().expect("an address");
        let line = told(Form::Json, &Told::Received { conn: ConnId::accepted(3), peer, text: "a\n\"b", bytes: 5 });
        assert_eq!(
            line,
            "{\"event\":\"received\",\"conn\":3,\"peer\":\"[::1]:5\",\"text\":\"a\\n\\\"b\",\"bytes\":5,\
             \"at\":\"1970-01-01T00:00:00Z\"}\n"
        );
        let moved = Moved { bytes_in: 1, bytes_out: 2, messages_in: 3, messages_out: 4 };
        let line = told(Form::Json, &Told::Stopped { clients: 5, served: true, moved });
        assert!(line.starts_with("{\"event\":\"stopped\",\"clients\":5,\"bytes_in\":1,\"bytes_out\":2,"), "{line}");
    }

    #[test]
    fn a_message_in_json_does_not_command_the_terminal_either() {
        let peer = "127.0.0.1:5".parse().expect("an address");
        let text = "\u{9b}6n\u{202e}\u{e0041}\u{7f}";
        let line = told(Form::Json, &Told::Received { conn: ConnId(1), peer, text, bytes: 3 });
        assert!(line.contains(r#""text":"\u009b6n\u202e\udb40\udc41\u007f""#), "{line}");
    }

    #[test]
    fn a_message_does_not_command_the_terminal() {
        let peer = "127.0.0.1:5".parse().expect("an address");
        let line = told(Form::Plain, &Told::Received { conn: ConnId(1), peer, text: "\u{1b}c\n", bytes: 3 });
        assert_eq!(line, "00:00:00 ← 127.0.0.1:5  ␛c␊\n");
    }
}
