//! The history: every message of every session, in one SQLite file that a thread of its own writes.
//!
//! [`History`] is the handle: [`History::record`] what happens, [`History::ask`] for what happened, and take
//! [`Answer`]s. None of them waits.
//!
//! ```no_run
//! use sockhop::store::history::{Answer, History, Place, Question};
//!
//! let history = History::open("history.db".as_ref(), || ())?;
//! let asked = history.ask(Question::Sessions { matching: String::new(), opened: None, before: None, count: 20 });
//! assert!(asked);
//! loop {
//!     if let Some(Answer::Sessions { sessions, .. }) = history.try_recv() {
//!         if let Some(latest) = sessions.first() {
//!             let _ = history.ask(Question::Page { session: latest.session.id, place: Place::End, count: 50 });
//!         }
//!         break;
//!     }
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # From record to disk
//! A bounded channel leads to the thread; when it is full, [`History::record`] gives the record back, and whoever
//! took it off a socket stops taking. The thread gathers what comes for up to [`BETWEEN_COMMITS`] or
//! [`ROWS_A_COMMIT`] rows and writes it in one transaction. WAL and `synchronous = NORMAL` make that a transaction
//! that is there whole, or not at all, after a crash of the program or of the system.
//!
//! Questions are answered between two transactions, and see everything recorded before they were asked. What takes
//! its time (a search, an export, a removal, the index) goes on in steps in between.
//!
//! # Finding
//! Nothing is indexed while messages come in. When there is time, their texts are laid end to end, in lower case, in
//! blocks of some 16 KiB, and FTS5 is told which characters, pairs and triples of characters are in a block. A search
//! reads what is in no block yet, the newest blocks, and then those that may have the needle, from the newest on
//! until it has enough.
//!
//! # When things go wrong
//! The file is the only one's that opened it first, is never overwritten when it can't be understood, and is set
//! aside when it is damaged: [`Unavailable`] and [`Trouble`] say what happened, [`History::record`] takes everything
//! in any case.

mod blocks;
mod export;
mod file;
mod grams;
mod handle;
mod import;
mod lines;
mod question;
mod read;
mod reader;
mod recode;
mod record;
mod remove;
mod schema;
mod search;
mod stored;
mod thread;
mod work;
mod write;

pub use handle::{Full, History, QUESTIONS_IN_FLIGHT, QUEUE_BYTES, QUEUE_RECORDS};
pub use question::{
    Answer, Cancel, Format, HITS_A_PAGE, Hit, HitPlace, Outcome, PAGE_BYTES, PAGE_ROWS, Place, Question, Removal,
    SESSIONS_A_PAGE, SessionSummary, Size, TaskId, Trouble, Unavailable, Which,
};
pub use reader::{ReadError, Reader};
pub use record::{Change, Delivery, Happening, Origin, Record, Row, RowKind, Session, SessionId};
pub use schema::VERSION;
pub use thread::{BETWEEN_COMMITS, PENDING_BYTES, ROWS_A_COMMIT};
