//! The nouns that everything speaks of: conversations, their rows, and the journal that rows are made from.
//!
//! No sockets, no clock, no state machine: a value here is the same in memory, on disk and on its way between the two.

pub mod address;
mod admission;
mod call;
mod conversation;
mod device;
mod errno;
mod error;
mod ids;
mod journal;
mod options;
mod person;
mod row;
mod rule;
mod written;
mod zone;

pub use address::{LONGEST_HOST, is_host};
pub use admission::{Admission, Network, NotANetwork};
pub use call::{Call, CallKind, Group, Outcome, SocketCall, SocketId, SocketOption};
pub use conversation::{LONGEST_NAME, Origin, Session, SessionId};
pub use device::{Device, LONGEST_FIRST_LINE, MOST_DEVICES};
pub use errno::Errno;
pub use error::{Cause, Failure, Limit, NetError, Operation, Reason, Target};
pub use ids::{ConnId, ListenerId, MessageId};
pub use journal::{ConversationChange, JournalEntry};
pub use options::{
    AutoReply, ConnOptions, ConversationOptions, LARGEST_DATAGRAM, LEAST_PEER_TIMEOUT, LONGEST_KEEPALIVE, LineEnding,
    MAX_CLIENTS, MOST_CLIENTS, MOST_PEER_TIMEOUT, MOST_UDP_PEERS, PEER_TIMEOUT, RECV_SIZE, Relay,
};
pub use person::{
    Epoch, GivenUp, LONGEST_PERSON_NAME, LONGEST_PERSON_TEXT, NoPersonId, PersonColour, PersonHappening, PersonId,
    PersonRecord, Presence, Stream, json_length, person_name,
};
pub use row::{CloseReason, Delivery, Direction, Happening, Received, Row, RowKind, RowNumber, Sent, payload};
pub use rule::{AnswerTo, LONGEST_ANSWER_WAIT, MOST_RULES, Rule, When};
pub use written::{NotWritten, Written};
