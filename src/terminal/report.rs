//! What happened, told on standard output: one JSON object a line, or words for people.

use std::{
    borrow::Cow,
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use i18n_embed_fl::fl;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Serialize, Serializer};

use crate::{
    explain,
    i18n::Words,
    net::ConnId,
    wire::{Boundary, encode_hex, visible, write_json_line},
};

/// Something that happened, in the form that `--json` prints.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told<'a> {
    /// The listener listens.
    Listening { local: SocketAddr, backlog: u32, reach: Reach },
    /// A UDP socket that hears anybody is open.
    Bound {
        local: SocketAddr,
        reach: Reach,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<IpAddr>,
    },
    /// A UDP socket that sends to this address is open; `local` where it was bound.
    Ready {
        conn: ConnId,
        peer: SocketAddr,
        #[serde(skip_serializing_if = "Option::is_none")]
        local: Option<SocketAddr>,
    },
    /// The first datagram gave that socket its port.
    HasPort { conn: ConnId, local: SocketAddr },
    /// An address sent its first datagram.
    Heard { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// So many datagrams in all came that the system had no room for.
    Dropped { datagrams: u64 },
    /// A conversation over UDP is over.
    Ended {
        conn: ConnId,
        peer: SocketAddr,
        #[serde(flatten)]
        over: Over<'a>,
    },
    /// A client was accepted.
    Accepted { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// Our connection stands.
    Connected { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// A message arrived.
    Received {
        conn: ConnId,
        peer: SocketAddr,
        #[serde(flatten)]
        message: Message<'a>,
    },
    /// The kernel took a message.
    Sent {
        conn: ConnId,
        peer: SocketAddr,
        #[serde(flatten)]
        message: Message<'a>,
        /// Another client said it.
        #[serde(skip_serializing_if = "is_false")]
        relayed: bool,
    },
    /// A message has not come whole for a while: so many bytes of so many, if that is known by now.
    Waiting {
        conn: ConnId,
        peer: SocketAddr,
        came: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<usize>,
    },
    /// Standard input has ended, and with it our side of the connection.
    InputEnded { conn: ConnId, peer: SocketAddr },
    /// Nothing has come or gone for so long, and the connection is closed.
    Idle {
        conn: ConnId,
        peer: SocketAddr,
        #[serde(serialize_with = "as_seconds")]
        seconds: Duration,
    },
    /// The connection will be made again after so long.
    Reconnecting {
        #[serde(serialize_with = "as_seconds")]
        seconds: Duration,
        attempt: u32,
    },
    /// So many clients more were turned away since it was last told.
    TurnedAway { clients: u64 },
    /// A client answers what it hears of others: what it says is relayed no more.
    RelayStopped { conn: ConnId, peer: SocketAddr },
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
        #[serde(flatten)]
        over: Over<'a>,
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
        /// The exception that Python raises for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        exception: Option<&'static str>,
        /// The explanation.
        message: &'a str,
    },
    /// The end.
    Stopped {
        /// Clients accepted.
        clients: u64,
        /// Which end of what we were.
        #[serde(skip)]
        end: End,
        #[serde(flatten)]
        moved: Moved,
    },
}

/// How a conversation was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Over<'a> {
    /// For programs.
    pub reason: &'static str,
    /// For people.
    #[serde(skip)]
    pub why: &'a str,
    /// What was moved over it.
    #[serde(flatten)]
    pub moved: Moved,
}

/// Which end of what it was that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A server, and clients connected to it.
    Server,
    /// A UDP socket that addresses sent to.
    Heard,
    /// A client of either.
    Client,
}

/// A message: what is told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Message<'a> {
    /// Its text without framing.
    pub text: &'a str,
    /// How many bytes it has, with framing.
    pub bytes: usize,
    /// It is not text in the encoding. Its bytes without framing follow.
    #[serde(skip_serializing_if = "is_false")]
    pub malformed: bool,
    /// Its bytes without framing, where it is no text.
    #[serde(skip_serializing_if = "is_empty", serialize_with = "as_hex")]
    pub hex: &'a [u8],
    /// What ended it, where that is not what ends a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Unended>,
    /// It goes on with the message before, which had not ended.
    #[serde(skip_serializing_if = "is_false")]
    pub continued: bool,
}

/// What ended a message that has not come to its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unended {
    /// Nothing came for a while.
    Quiet,
    /// It is too long to be held.
    Cut,
    /// The stream ended.
    EndOfStream,
}

impl Unended {
    /// Of this boundary, if it is no end.
    #[must_use]
    pub fn of(boundary: Boundary) -> Option<Self> {
        match boundary {
            Boundary::Newline | Boundary::Recv | Boundary::Length | Boundary::Pause => None,
            Boundary::Quiet => Some(Self::Quiet),
            Boundary::Cut => Some(Self::Cut),
            Boundary::EndOfStream | Boundary::Reframed => Some(Self::EndOfStream),
        }
    }
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
    /// The last peer that said something or was said something to, as written.
    peer: Option<(SocketAddr, String)>,
    /// The day that was written last, or on which it began.
    day: Option<Date>,
}

/// In which form it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Words.
    #[default]
    Plain,
    /// One JSON object a line.
    Json,
    /// Nothing but the bytes that are received.
    Raw,
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
        Self { out, form, zone: TimeZone::system(), second: (i64::MIN, String::new()), peer: None, day: None }
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
            Form::Raw => Ok(()),
        }
    }

    /// Hand on bytes as they came.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Tell people something that programs don't need to know.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn note(&mut self, words: &Words, at: Timestamp, text: &str) -> io::Result<()> {
        match self.form {
            Form::Json | Form::Raw => Ok(()),
            Form::Plain => self.row(words, at, '·', text),
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
                self.row(words, at, '·', &line)?;
                match reach {
                    Reach::AllInterfaces if local.is_ipv6() => self.row(words, at, '!', &fl!(words, "term-reach-both")),
                    Reach::AllInterfaces => self.row(words, at, '!', &fl!(words, "term-reach-all")),
                    Reach::ThisComputer | Reach::OneAddress => Ok(()),
                }
            }
            Told::Bound { local, reach, group } => {
                self.row(words, at, '·', &fl!(words, "term-bound", local = local.to_string()))?;
                if let Some(group) = group {
                    self.row(words, at, '·', &fl!(words, "term-in-group", group = group.to_string()))?;
                }
                if *reach == Reach::AllInterfaces {
                    self.row(words, at, '!', &fl!(words, "term-udp-reach-all"))?;
                }
                Ok(())
            }
            Told::Ready { peer, .. } => self.row(words, at, '·', &fl!(words, "term-ready", peer = peer.to_string())),
            Told::HasPort { local, .. } => {
                self.row(words, at, '·', &fl!(words, "term-has-port", local = local.to_string()))
            }
            Told::Heard { peer, .. } => self.row(words, at, '·', &fl!(words, "term-heard", peer = peer.to_string())),
            Told::Dropped { datagrams } => {
                self.row(words, at, '!', &fl!(words, "term-dropped", count = datagrams.to_owned()))
            }
            Told::Ended { peer, over: Over { why, moved, .. }, .. } => {
                let moved = moved_in_words(words, *moved);
                let text =
                    fl!(words, "term-udp-ended", peer = peer.to_string(), why = (*why).to_owned(), moved = moved);
                self.row(words, at, '·', &text)
            }
            Told::Accepted { peer, .. } => {
                self.row(words, at, '·', &fl!(words, "term-accepted", peer = peer.to_string()))
            }
            Told::Connected { peer, local, .. } => self.row(
                words,
                at,
                '·',
                &fl!(words, "term-connected", peer = peer.to_string(), local = local.to_string()),
            ),
            Told::Received { peer, message, .. } => self.said(words, at, '←', *peer, &in_words(words, message)),
            Told::Sent { peer, message, relayed: false, .. } => {
                self.said(words, at, '→', *peer, &in_words(words, message))
            }
            Told::Waiting { peer, came, of, .. } => {
                let text = match of {
                    Some(of) => fl!(words, "term-waiting-of", came = came.to_string(), of = of.to_string()),
                    None => fl!(words, "term-waiting", came = came.to_string()),
                };
                self.row(words, at, '!', &peer_text(peer, &text))
            }
            Told::InputEnded { peer, .. } => {
                self.row(words, at, '·', &fl!(words, "term-input-ended", peer = peer.to_string()))
            }
            Told::Idle { peer, seconds, .. } => {
                let text = fl!(words, "term-idle", peer = peer.to_string(), seconds = seconds.as_secs_f64());
                self.row(words, at, '·', &text)
            }
            Told::Reconnecting { seconds, .. } => {
                self.row(words, at, '·', &fl!(words, "term-reconnecting", seconds = seconds.as_secs_f64()))
            }
            Told::TurnedAway { clients } => {
                self.row(words, at, '!', &fl!(words, "term-turned-away", clients = clients.to_owned()))
            }
            Told::RelayStopped { peer, .. } => {
                self.row(words, at, '!', &fl!(words, "relay-went-round", who = peer.to_string()))
            }
            // What goes to all others is told once, as what came.
            Told::Acknowledged { .. } | Told::Sent { relayed: true, .. } | Told::Diagnosis { holds: false, .. } => {
                Ok(())
            }
            Told::Urgent { peer, byte, position, last_told, .. } => {
                self.row(words, at, '!', &peer_text(peer, &explain::urgent(words, *byte, *position, *last_told)))
            }
            Told::NeverAcknowledged { peer, messages, bytes, .. } => {
                self.row(words, at, '!', &peer_text(peer, &explain::never_acknowledged(words, *messages, *bytes)))
            }
            Told::AutoReplyStopped { peer, .. } => {
                self.row(words, at, '!', &fl!(words, "term-answers-went-round", peer = peer.to_string()))
            }
            Told::Diagnosis { peer, message, .. } => {
                let text = one_line(words, message);
                self.row(words, at, '?', &peer.map_or_else(|| text.clone(), |peer| peer_text(&peer, &text)))
            }
            Told::PeerFinished { peer, .. } => {
                self.row(words, at, '·', &fl!(words, "term-peer-finished", peer = peer.to_string()))
            }
            Told::Closed { peer, over: Over { why, moved, .. }, unsent, .. } => {
                let moved = moved_in_words(words, *moved);
                let mut text =
                    fl!(words, "term-closed", peer = peer.to_string(), why = (*why).to_owned(), moved = moved);
                if *unsent > 0 {
                    text.push_str(&fl!(words, "term-closed-unsent", lines = unsent.to_owned()));
                }
                self.row(words, at, '·', &text)
            }
            Told::Error { message, .. } => self.row(words, at, '!', &one_line(words, message)),
            Told::Stopped { clients, end, moved } => {
                let (clients, moved) = (clients.to_owned(), moved_in_words(words, *moved));
                let text = match end {
                    End::Server => fl!(words, "term-stopped", clients = clients, moved = moved),
                    End::Heard => fl!(words, "term-udp-stopped", addresses = clients, moved = moved),
                    End::Client => fl!(words, "term-ended", moved = moved),
                };
                self.row(words, at, '·', &text)
            }
        }
    }

    fn row(&mut self, words: &Words, at: Timestamp, mark: char, text: &str) -> io::Result<()> {
        self.tell_day(words, at)?;
        writeln!(self.out, "{} {mark} {}", self.second.1, visible(text, &[]))
    }

    /// What this peer said, or was told. Of everything that is written, there is most of this: nothing is formatted that was
    /// written just so before.
    fn said(&mut self, words: &Words, at: Timestamp, mark: char, peer: SocketAddr, text: &str) -> io::Result<()> {
        self.tell_day(words, at)?;
        if self.peer.as_ref().is_none_or(|(before, _)| *before != peer) {
            self.peer = Some((peer, peer.to_string()));
        }
        let written = self.peer.as_ref().map_or("", |(_, written)| written);
        for piece in [&self.second.1, " ", mark.encode_utf8(&mut [0; 4]), " ", written, "  ", &visible(text, &[]), "\n"]
        {
            self.out.write_all(piece.as_bytes())?;
        }
        Ok(())
    }

    /// The time of what is told next, and a line of its own where the day changes.
    fn tell_day(&mut self, words: &Words, at: Timestamp) -> io::Result<()> {
        let second = at.as_second();
        if self.second.0 != second {
            let zoned = at.to_zoned(self.zone.clone());
            self.second = (second, zoned.strftime("%H:%M:%S").to_string());
            let day = zoned.date();
            if self.day.replace(day).is_some_and(|before| before != day) {
                let (year, month, day) = (day.year(), i64::from(day.month()), i64::from(day.day()));
                writeln!(self.out, "── {} ──", fl!(words, "day", year = year, month = month, day = day))?;
            }
        }
        Ok(())
    }
}

/// An explanation on one line.
fn one_line(words: &Words, message: &str) -> String {
    match message.split_once('\n') {
        Some((what, todo)) => fl!(words, "term-what-and-todo", what = what, todo = todo),
        None => message.to_owned(),
    }
}

/// A message's text, with marks for what can't be seen of it.
fn in_words<'a>(words: &Words, message: &Message<'a>) -> Cow<'a, str> {
    let Message { text, malformed, hex, ended, continued, .. } = *message;
    if !malformed && ended.is_none() && !continued {
        return text.into();
    }
    let mut all = if continued { "… ".to_owned() } else { String::new() };
    if malformed {
        let shown = hex.get(..HEX_SHOWN).unwrap_or(hex);
        let more = if shown.len() < hex.len() { " …" } else { "" };
        let (shown, bytes) = (encode_hex(shown) + more, hex.len() as u64);
        all += &fl!(words, "term-hex", hex = shown, bytes = bytes);
    } else {
        all += text;
    }
    all.push_str(match ended {
        Some(Unended::Quiet | Unended::Cut) => " …",
        Some(Unended::EndOfStream) => " ⊣",
        None => "",
    });
    all.into()
}

/// Bytes of what is no text that people are shown.
const HEX_SHOWN: usize = 64;

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

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode_hex(bytes))
}

/// As serde asks.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn as_seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

/// As serde asks.
fn is_empty(bytes: &[u8]) -> bool {
    bytes.is_empty()
}

/// As serde asks.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// As serde asks.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests;
