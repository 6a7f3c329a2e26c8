//! Whether what a step waits for has happened: looked up in what the program knows, and in nothing else.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::file::WhichEnd;
use crate::{
    chat::{CallKind, Cause, CloseReason, ConnId, Errno, ListenerId, NetError, Outcome, SocketId},
    chat::{Happening, Origin, Received, RowKind},
    core::{CallLog, ConnState, Conversation, Core, Key, ServerState, diagnoses::Diagnosis},
    wire::{Framing, text::TextEncoding},
};

/// A connect that takes longer than this is kept waiting; the handshake with this computer takes far less.
pub const KEPT_WAITING: SignedDuration = SignedDuration::from_millis(800);

/// What must have happened since a step began.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// This call was made, and returned.
    Call(CallMade),
    /// The server is in this state now.
    Server(ServerIs),
    /// At least so many clients are connected to our server now.
    Clients(usize),
    /// At least so many connections wait in the accept queue now, where the kernel tells.
    Queue(u32),
    /// At least so many students' connects are kept waiting.
    KeptWaiting(usize),
    /// A message came.
    Received(MessageReceived),
    /// At least so many messages came together: one `recv` brought more than one `send` had taken.
    StuckTogether(WhichEnd),
    /// The last message received reads so now, in the encoding set now.
    Reads(MessageReads),
    /// Connections are held in this manner now.
    #[serde(rename = "manner")]
    Options(OptionsAre),
    /// This happened to a connection.
    Happened(Happened),
    /// A text went over TLS, and this came of it.
    OverTls(OverTls),
    /// This is found of a connection now, and said.
    Diagnosis(Diagnosed),
    /// One of these.
    Any(Vec<Condition>),
}

/// What came of a text that went over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverTls {
    /// It arrived.
    Arrived,
    /// The other end refused it.
    Refused,
}

/// What is found of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Diagnosed {
    /// Of which end.
    pub of: WhichEnd,
    /// What.
    pub is: DiagnosisIs,
}

/// A diagnosis of a connection that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiagnosisIs {
    /// The kernel at the other end has made it, and its program has not accepted it.
    NotAccepted,
    /// The program at the other end has not read what came.
    NotRead,
    /// Nothing is on its way, and nobody speaks.
    BothWait,
    /// The program at the other end has not finished, as we have.
    EndNotNoticed,
    /// There is none.
    Nothing,
}

impl DiagnosisIs {
    fn is(self, found: Option<&Diagnosis>) -> bool {
        match self {
            Self::NotAccepted => matches!(found, Some(Diagnosis::NotAccepted { .. })),
            Self::NotRead => matches!(found, Some(Diagnosis::NotRead { .. })),
            Self::BothWait => matches!(found, Some(Diagnosis::BothWait { .. })),
            Self::EndNotNoticed => matches!(found, Some(Diagnosis::EndNotNoticed { .. })),
            Self::Nothing => found.is_none(),
        }
    }
}

/// A call as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CallMade {
    /// Its name, as in the manual.
    pub name: String,
    /// On which kind of socket.
    pub on: Socket,
    /// How it failed, by the name of the error (`EADDRINUSE`); without this it must have succeeded.
    pub result: Option<String>,
    /// `recv`, `send`: the bytes moved; 0 from `recv` is the end of the stream. Without this, any number but that.
    pub bytes: Option<u64>,
    /// How many such calls, at least.
    #[serde(default = "one")]
    pub times: usize,
}

fn one() -> usize {
    1
}

/// A kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Socket {
    /// The listening socket.
    Server,
    /// The second listening socket.
    SecondServer,
    /// One that our server accepted.
    Accepted,
    /// A simulated student's.
    Student,
    /// One that connects from this window otherwise.
    Client,
}

/// A state of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerIs {
    /// It listens, and accepts or not.
    Listening,
    /// It listens and accepts.
    Accepting,
    /// It listens and does not accept.
    Paused,
    /// There is none.
    Stopped,
    /// There is a UDP socket in its place.
    Bound,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MessageReceived {
    /// At which end.
    pub by: WhichEnd,
    /// Its whole text; of any, without this.
    pub text: Option<String>,
    /// How many such messages, at least.
    #[serde(default = "one")]
    pub messages: usize,
}

/// How the last message received reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MessageReads {
    /// At which end.
    pub by: WhichEnd,
    /// Its text.
    pub text: Option<String>,
    /// Whether bytes of it are no characters of the encoding.
    pub broken: Option<bool>,
    /// Its bytes without framing, in hex (`c4 e3`).
    pub bytes: Option<String>,
}

/// A manner in which connections are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OptionsAre {
    /// At which end.
    pub of: WhichEnd,
    /// Where a message ends.
    pub framing: Option<Framing>,
    /// Encoding of text.
    pub encoding: Option<TextEncoding>,
}

/// Something that happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Happened {
    /// To which end.
    pub to: WhichEnd,
    /// What.
    pub what: What,
}

/// What may happen to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It stands.
    Connected,
    /// Nobody listened there.
    Refused,
    /// The peer finished sending: `recv` returned 0.
    PeerFinished,
    /// This end finished sending.
    WeFinished,
    /// It closed in good order, by whichever end.
    Closed,
    /// The peer threw it away.
    Reset,
}

/// When a step began, and what belongs to its lab.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// When the step began.
    pub at: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// The lab's second listening socket.
    pub second: Option<ListenerId>,
}

impl Condition {
    /// Whether it has happened.
    #[must_use]
    pub fn holds(&self, core: &Core, since: Since) -> bool {
        match self {
            Self::Call(call) => call.count(core, since) >= call.times as u64,
            Self::Server(state) => matches!(
                (state, core.server().state),
                (ServerIs::Listening, ServerState::Listening { .. })
                    | (ServerIs::Accepting, ServerState::Listening { accepting: true, .. })
                    | (ServerIs::Paused, ServerState::Listening { accepting: false, .. })
                    | (ServerIs::Stopped, ServerState::Stopped)
                    | (ServerIs::Bound, ServerState::Bound { .. })
            ),
            Self::Clients(count) => core.connected_clients() >= *count,
            Self::Queue(count) => core.server().waiting.is_some_and(|waiting| waiting >= *count),
            Self::KeptWaiting(count) => kept_waiting(core, since) >= *count,
            Self::Received(message) => {
                let came = ends(core, message.by).map(|(_, end)| {
                    let new = end.entries().iter().filter(|(_, entry)| entry.at >= since.at);
                    let received = new.filter_map(|(_, entry)| received(&entry.kind));
                    received.filter(|received| message.is(received, end)).count()
                });
                came.sum::<usize>() >= message.messages
            }
            Self::StuckTogether(by) => ends(core, *by).any(|(conn, _)| stuck_together(core, conn, since)),
            Self::Reads(message) => {
                let last = ends(core, message.by).last().and_then(|(_, end)| {
                    Some((end.entries().iter().rev().find_map(|(_, entry)| received(&entry.kind))?, end))
                });
                last.is_some_and(|(received, end)| message.is(received, end))
            }
            Self::Options(options) => ends(core, options.of).last().is_some_and(|(_, end)| {
                options.framing.is_none_or(|framing| end.manner().framing() == framing)
                    && options.encoding.is_none_or(|encoding| end.manner().encoding == encoding)
            }),
            Self::Happened(Happened { to, what }) => ends(core, *to).any(|(_, end)| {
                let mut new = end.entries().iter().filter(|(_, entry)| entry.at >= since.at);
                new.any(|(_, entry)| matches!(&entry.kind, RowKind::Happened(system) if what.is(system)))
            }),
            Self::OverTls(outcome) => core.people().rehearsal().is_some_and(|(at, rehearsed)| {
                let refused = rehearsed.as_ref().ok().map(|rehearsal| rehearsal.refused.is_some());
                at >= since.at && refused == Some(*outcome == OverTls::Refused)
            }),
            Self::Diagnosis(Diagnosed { of, is }) => {
                ends(core, *of).last().is_some_and(|(_, end)| is.is(end.diagnosis()))
            }
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(core, since)),
        }
    }

    /// When it may come to hold by nothing but time.
    #[must_use]
    pub fn wakes(&self, core: &Core, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::KeptWaiting(_) => {
                let since = connecting_since(core).filter_map(|since| since.checked_add(KEPT_WAITING).ok());
                since.filter(|wakes| *wakes > now).min()
            }
            Self::Any(conditions) => conditions.iter().filter_map(|condition| condition.wakes(core, now)).min(),
            _ => None,
        }
    }
}

/// The ends of that kind, the oldest first.
pub fn ends(core: &Core, whose: WhichEnd) -> impl DoubleEndedIterator<Item = (ConnId, &Conversation)> {
    let is = move |end: &Conversation| match whose {
        WhichEnd::Accepted => end.origin == Origin::Accepted,
        WhichEnd::Student => true,
        WhichEnd::Client => matches!(end.origin, Origin::Outgoing { .. } | Origin::Datagrams { .. }),
        WhichEnd::Everyone => false,
        WhichEnd::Heard => end.origin == Origin::Heard,
    };
    let students = core.students().filter(move |_| whose == WhichEnd::Student);
    let others = core.conversations().filter(move |_| whose != WhichEnd::Student);
    others.chain(students).filter(move |(_, end)| is(end))
}

fn received(kind: &RowKind) -> Option<&Received> {
    if let RowKind::Received(received) = kind { Some(received) } else { None }
}

fn kept_waiting(core: &Core, since: Since) -> usize {
    connecting_since(core).filter(|first| since.now.duration_since(*first) >= KEPT_WAITING).count()
}

/// When each student's connect began that has not returned.
fn connecting_since(core: &Core) -> impl Iterator<Item = Timestamp> {
    let connecting = core.students().filter(|(_, end)| matches!(end.state, ConnState::Connecting(_)));
    connecting.filter_map(|(conn, _)| Some(core.calls(SocketId::Conn(conn))?.iter().next()?.call.at))
}

/// Whether one `recv` of this connection since then brought what more than one `send` of the other end took.
fn stuck_together(core: &Core, conn: ConnId, since: Since) -> bool {
    let Some(other) = core.other_end(conn) else { return false };
    let calls = |conn, kind: CallKind| {
        let log = core.calls(SocketId::Conn(conn)).map(CallLog::iter).into_iter().flatten();
        let named = log.filter(move |row| row.call.at >= since.at && row.call.call.kind() == kind);
        named.filter_map(|row| Some((row.bytes()?, row.call.count)))
    };
    calls(conn, CallKind::Recv).filter(|(_, count)| *count == 1).any(|(recv, _)| {
        let within = calls(other, CallKind::Send).filter(|(send, _)| send.start >= recv.start && send.end <= recv.end);
        within.map(|(_, count)| count).sum::<u32>() > 1
    })
}

impl CallMade {
    fn count(&self, core: &Core, since: Since) -> u64 {
        let sockets = core.sockets().filter(|(socket, _)| self.on.is(*socket, core, since));
        let calls = sockets.flat_map(|(_, log)| log.iter().rev().take_while(|row| row.call.at >= since.at));
        let made = calls.filter(|row| row.call.call.name() == self.name && self.is_outcome(row.call.outcome));
        made.map(|row| u64::from(row.call.count)).sum()
    }

    fn is_outcome(&self, outcome: Outcome) -> bool {
        match (outcome, &self.result, self.bytes) {
            (Outcome::Failed(errno), Some(name), _) => Errno::named(name) == Some(errno),
            (Outcome::Failed(_), None, _) | (_, Some(_), _) => false,
            (Outcome::Bytes(moved) | Outcome::BytesFrom { bytes: moved, .. }, None, Some(bytes)) => moved == bytes,
            (Outcome::Bytes(moved) | Outcome::BytesFrom { bytes: moved, .. }, None, None) => moved > 0,
            (_, None, bytes) => bytes.is_none(),
        }
    }
}

impl Socket {
    fn is(self, socket: SocketId, core: &Core, since: Since) -> bool {
        let conn = match socket {
            SocketId::Listener(listener) => {
                let second = since.second == Some(listener);
                return if second { self == Self::SecondServer } else { self == Self::Server };
            }
            SocketId::Conn(conn) => conn,
        };
        core.conversation(Key::Conn(conn)).is_some_and(|end| match self {
            Self::Accepted => end.origin == Origin::Accepted,
            Self::Student => end.is_students_own(),
            Self::Client => {
                matches!(end.origin, Origin::Outgoing { .. } | Origin::Datagrams { .. }) && !end.is_students_own()
            }
            Self::Server | Self::SecondServer => false,
        })
    }
}

impl MessageReceived {
    fn is(&self, received: &Received, end: &Conversation) -> bool {
        self.text.as_ref().is_none_or(|text| received.decode(end.manner().encoding).text == *text)
    }
}

impl MessageReads {
    fn is(&self, received: &Received, end: &Conversation) -> bool {
        let decoded = received.decode(end.manner().encoding);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        self.text.as_ref().is_none_or(|text| decoded.text == *text)
            && self.broken.is_none_or(|broken| decoded.malformed == broken)
            && self.bytes.as_ref().is_none_or(|bytes| hex(received.payload()) == *bytes)
    }
}

impl What {
    fn is(self, system: &Happening) -> bool {
        let is_cause = |error: &NetError, cause| error.cause() == cause;
        match (self, system) {
            (Self::Connected, Happening::Accepted(_) | Happening::Connected(_))
            | (Self::PeerFinished, Happening::PeerFinished)
            | (Self::WeFinished, Happening::WriteFinished)
            | (Self::Closed, Happening::Closed(CloseReason::ByUs | CloseReason::Orderly)) => true,
            (Self::Refused, Happening::ConnectFailed(error)) => is_cause(error, Cause::Refused),
            (Self::Reset, Happening::Closed(CloseReason::Failed(error))) => is_cause(error, Cause::Reset),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
