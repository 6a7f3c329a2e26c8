//! What changes the core: what happened on a socket, and what the user did.

use std::{net::SocketAddr, path::PathBuf};

use bytes::Bytes;

use super::{
    ConversationOptions, Key, NoticeKind, PeopleInput, Sight, Step, StudentPhrases, Task,
    labs::{Lab, LabPlace},
};
use crate::{
    chat::{ConnId, Device, Relay, RowNumber, Rule, SessionId},
    history::{Answer, Place, SessionSummary, TaskId},
    host::{SocketTable, SocketsError},
    lan::Event as LanEvent,
    net::{Command, Event, ListenOptions, Repeat, UdpOptions},
    wire::Batch,
};

/// What changes the core.
#[derive(Debug)]
pub enum Input {
    /// Something happened on a socket.
    Net(Event),
    /// Something happened on this network, among people.
    Lan(LanEvent),
    /// The user asks something of people on this network.
    People(PeopleInput),
    /// The network thread took no more commands: nothing of this one was done.
    Refused(Box<Command>),
    /// Everything that waited was applied, or the time of [`super::Core::next_wake`] has come; an early one does no harm.
    Wake,
    /// To be asked of the network as it is.
    Command(Command),
    /// The user starts the server.
    Listen(ListenOptions),
    /// The user opens a UDP socket that hears anybody, in the server's place.
    ListenUdp {
        /// How it is opened.
        options: UdpOptions,
        /// How conversations over it are held.
        manner: ConversationOptions,
    },
    /// The user opens a UDP socket that sends to someone.
    ConnectUdp {
        /// Host and port as typed.
        target: (String, u16),
        /// The name the user gave that peer before.
        name: Option<String>,
        /// How the conversation is held.
        manner: ConversationOptions,
    },
    /// The user opens a UDP socket that hears anybody, in the server's place, one call after the other.
    PrepareUdp {
        /// How it is opened.
        options: UdpOptions,
        /// How conversations over it are held.
        manner: ConversationOptions,
    },
    /// The user opens a UDP socket that sends to this address, one call after the other.
    PrepareUdpTo {
        /// The address.
        address: SocketAddr,
        /// The name the user gave that peer before.
        name: Option<String>,
        /// How the conversation is held.
        manner: ConversationOptions,
    },
    /// The user wants both ends in this window: the server, started in this way unless there is one, and a client.
    TryLoopback(ListenOptions),
    /// The same over UDP.
    TryUdpLoopback {
        /// How the socket that hears is opened, unless there is one.
        options: UdpOptions,
        /// How conversations over it are held.
        manner: ConversationOptions,
    },
    /// The user has the server make each call as a step, or go on by itself.
    Stepping(bool),
    /// The user has this call made.
    Step {
        /// Which.
        step: Step,
        /// How the server is opened, if there is none yet.
        listen: ListenOptions,
    },
    /// The user has the call made that a program would make next.
    NextStep {
        /// The conversation that is in sight.
        selected: Key,
        /// How the server is opened, if there is none yet.
        listen: ListenOptions,
    },
    /// The user connects to someone.
    Connect {
        /// Host and port as typed.
        target: (String, u16),
        /// The name the user gave that peer before, if this connects again.
        name: Option<String>,
        /// How the conversation is held.
        manner: ConversationOptions,
    },
    /// The user connects to this address, one call after the other.
    PrepareConnection {
        /// The address.
        address: SocketAddr,
        /// The name the user gave that peer before, if this connects again.
        name: Option<String>,
        /// How the conversation is held.
        manner: ConversationOptions,
    },
    /// The user does not want this client, which waits for it, to connect again.
    StopReconnecting(ConnId),
    /// The user sends a text, as it was typed.
    SendText {
        /// To whom.
        key: Key,
        /// The text.
        text: String,
    },
    /// The user sends bytes as they are.
    SendBytes {
        /// To whom.
        key: Key,
        /// The bytes as they go on the wire.
        bytes: Bytes,
    },
    /// The user sends several messages in one go.
    SendBatch {
        /// To whom.
        key: Key,
        /// The bytes as they go on the wire, and what of them each message is.
        batch: Batch,
    },
    /// The user has what a client says sent to all others, or not.
    RelayChanged(Relay),
    /// The user sends bytes that are too many for one message: as they are, in pieces.
    SendLong {
        /// To whom.
        key: Key,
        /// The bytes, at most [`super::MOST_SENT`].
        bytes: Bytes,
    },
    /// The user sends a failed message again.
    Resend {
        /// To whom.
        key: Key,
        /// Which.
        row: RowNumber,
    },
    /// The user has messages sent again and again, in place of those that were.
    Repeat {
        /// To whom: one connection, or everyone.
        key: Key,
        /// What, and when.
        repeat: Repeat,
    },
    /// The user has that stopped.
    StopRepeating(Key),
    /// The user changed which devices are known.
    DevicesChanged(Vec<Device>),
    /// The user changed the rules.
    RulesChanged(Vec<Rule>),
    /// The user wants so many more simulated students.
    AddStudents {
        /// How many.
        count: usize,
        /// What they say.
        phrases: StudentPhrases,
    },
    /// The user sends all simulated students away.
    RemoveStudents,
    /// The user does something in a lab, or begins or leaves one.
    Lab(LabInput),
    /// Connections waiting in the kernel's accept queue; `None` where the kernel does not tell.
    AcceptQueue {
        /// How many wait.
        waiting: Option<u32>,
    },
    /// The kernel's socket table, or why there is none; None, if it is watched no more.
    Sockets(Option<Result<SocketTable, SocketsError>>),
    /// The user has seen all of a conversation.
    Read(Key),
    /// The user gave a peer a name, or took it back.
    Renamed {
        /// Whose.
        conn: ConnId,
        /// The name.
        name: Option<String>,
    },
    /// The user removed closed conversations.
    Removed(Vec<ConnId>),
    /// The user takes the last removal back.
    RemovalUndone,
    /// The user chose how later connections begin, and messages to everyone are sent.
    DefaultOptionsChanged {
        /// How.
        manner: ConversationOptions,
        /// Clients of our server at once.
        max_clients: usize,
    },
    /// The user changed the manner of one conversation.
    OptionsChanged {
        /// Which.
        key: Key,
        /// The new manner.
        manner: ConversationOptions,
    },
    /// The history answered.
    History(Box<Answer>),
    /// A search with this number is under way; 0, if the user looks for nothing.
    Searching(u64),
    /// The user opens a past session for reading, at this place.
    OpenPast(SessionId, Place),
    /// The user closes it.
    ClosePast,
    /// These are the latest past sessions, but for those of the conversations in the list.
    Latest(Vec<SessionSummary>),
    /// The history was given this to do.
    TaskBegun(Task),
    /// The history will not do it.
    TaskOver(TaskId),
    /// What a connection receives is recorded from now on, or no further.
    Recording {
        /// Which.
        conn: ConnId,
        /// To this file.
        to: Option<PathBuf>,
    },
    /// The file that a connection is recorded to takes nothing at present (`true`), or does again.
    RecordingWaits {
        /// Which.
        conn: ConnId,
        /// Whether it waits.
        waits: bool,
    },
    /// The history keeps what is handed to it from here on, or does not.
    HistoryKeeps(bool),
    /// This is in sight of the user.
    InSight(Sight),
    /// Something is to be told that happened outside the network.
    Notice(NoticeKind),
}

/// What the user does in a lab.
#[allow(clippy::large_enum_variant, reason = "one is made at a time")]
#[derive(Debug)]
pub enum LabInput {
    /// Begins it, in place of one that runs.
    Start(Box<Lab>, LabPlace),
    /// Does what the step's button says. Students that come for it say these phrases.
    Do(StudentPhrases),
    /// Goes on to the next step.
    Next,
    /// Goes back to the step before.
    Back,
    /// Leaves it. The user's own server is opened again in this way, if it listened before.
    Leave(ListenOptions),
}
