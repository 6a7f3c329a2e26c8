//! The nouns that everything speaks of: conversations, their rows, and the journal that rows are made from.
//!
//! No sockets, no clock, no state machine: a value here is the same in memory, on disk and on its way between the two.

mod conversation;
mod journal;
mod row;

pub use conversation::{Origin, Session, SessionId};
pub use journal::{ConversationChange, JournalEntry};
pub use row::{Delivery, Direction, Happening, Received, Row, RowKind, RowNumber, Sent, payload};
