//! What changes the core: what happened on a socket, and what the user did.

use std::path::PathBuf;

use bytes::Bytes;
use jiff::Timestamp;

use super::{ConversationOptions, Key, NoticeKind, Paged, Task};
use crate::chat::RowNumber;
use crate::{
    chat::SessionId,
    chat::{ConnId, ListenerId, MessageId},
    history::{Answer, SessionSummary, TaskId},
    host::{SocketTable, SocketsError},
    net::{Command, Event},
    wire::Cut,
};

/// What changes the core.
#[derive(Debug)]
pub enum Input {
    /// Something happened on a socket.
    Net(Event),
    /// The user has the server make each call as a step, or go on by itself.
    Stepping(bool),
    /// The user started the server.
    Starting(ListenerId),
    /// The server is being closed: another may be started in its place at once.
    Stopping(ListenerId),
    /// Connections waiting in the kernel's accept queue; `None` where the kernel does not tell.
    AcceptQueue {
        /// How many wait.
        waiting: Option<u32>,
    },
    /// The kernel's socket table, or why there is none; None, if it is watched no more.
    Sockets(Option<Result<SocketTable, SocketsError>>),
    /// The user connects to someone.
    Connecting {
        /// The new connection.
        conn: ConnId,
        /// Host and port as typed.
        target: (String, u16),
        /// The name the user gave that peer before, if this connects again.
        name: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// A simulated student connects to our own server.
    StudentConnecting {
        /// The student's own end.
        conn: ConnId,
        /// Our server.
        target: (String, u16),
        /// Which student, counted from 1.
        number: u32,
        /// When.
        at: Timestamp,
    },
    /// These connections are to go from the window, now or once they are closed.
    Dismissed(Vec<ConnId>),
    /// The user sent a message.
    Sending {
        /// To whom.
        key: Key,
        /// Its id.
        message: MessageId,
        /// Its bytes as they go on the wire.
        raw: Bytes,
        /// What of them is framing.
        cut: Cut,
        /// When.
        at: Timestamp,
    },
    /// The user sends a failed message again, under a new id.
    Resending {
        /// To whom.
        key: Key,
        /// Which.
        entry: RowNumber,
        /// Its new id.
        message: MessageId,
    },
    /// The network thread took no more commands: nothing of this one was done.
    Refused(Box<Command>),
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
    /// The manner in which later connections begin, and messages to everyone are sent.
    DefaultOptionsChanged(ConversationOptions),
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
    /// The user opened a past session for reading, or closed it.
    OpenPast(Option<SessionId>),
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
    /// The user reads a conversation away from its end.
    ScrolledBack {
        /// Which.
        key: Key,
        /// The first and the last row near the reader.
        near: (RowNumber, RowNumber),
    },
    /// The user does not read earlier rows of this conversation any more.
    ScrolledToEnd(Key),
    /// The history gave earlier rows of a conversation that is being read.
    Paged {
        /// Which.
        key: Key,
        /// The rows.
        paged: Paged,
    },
    /// Something is to be told that happened outside the network.
    Notice(NoticeKind),
}
