//! Sockhop: chat over a bare TCP socket, and see what the socket does.
//!
//! One window is both ends: it runs a server and it makes client connections. What is on the wire is
//! plain bytes, so the other end may be another Sockhop, a ten-line Python script, `nc`, or a device.
//!
//! # The house
//! | module | what it is |
//! | --- | --- |
//! | [`cli`] | commands and flags |
//! | [`terminal`] | the same core without a window |
//! | [`window`] | `app` drains events and carries out actions; `screen` fills the window; `parts` are what several screens draw |
//! | [`core`] | what the program knows; changed by `apply` and by nothing else; labs and their conditions |
//! | [`net`] | sockets, on one background thread |
//! | [`wire`] | bytes ↔ messages; no sockets, no clock, no threads |
//! | [`history`] | every message on disk: search, export, import |
//! | [`settings`] | what the user chose, and where files lie |
//! | [`host`] | facts about this machine: local addresses, the kernel's socket table, who holds a port |
//! | [`programs`] | the smallest programs for the other end: Python, Rust, `nc` |
//! | [`i18n`] | the language, chosen and loaded |
//! | [`explain`] | errors in the user's language, with what to do |
//! | [`log`] | what the program did, in a file |
//!
//! Imports point one way: `window, terminal → core → net → wire`; `host`, `history` and `settings` stand beside `core`.
//! Nothing but `window` knows that egui exists. `tests/architecture.rs` holds this, and what is still against it.
//!
//! # From socket to pixel
//! 1. A socket turns readable; its connection reads at most its budget, `recv` by `recv`, each of the
//!    size the user set.
//! 2. [`wire::Framer`] cuts the bytes into messages. The raw bytes are kept with each message: the
//!    encoding can be changed after the fact and the text is decoded again.
//! 3. The loop sends [`net::Event`]s over a bounded channel and wakes the window. When the channel is
//!    full the loop keeps its events and stops reading. TCP then slows the sender: memory stays
//!    bounded, nothing is lost.
//! 4. `App::logic` drains for at most 8 ms a frame: [`core::Core::apply`], and what must last goes to the
//!    store's thread over a second bounded channel. A full store channel stops the drain, and so on back to
//!    the sender.
//! 5. `App::ui` draws from `&Core`. A panel returns an action; the app carries it out: on the model,
//!    or as a [`net::Command`] (push, then wake the poller).
//!
//! # Threads
//! | thread | owns | ends |
//! | --- | --- | --- |
//! | main | window, model | when the window closes |
//! | `net` | listener and every connection, one mio poll | on [`net::Command::Quit`], joined |
//! | `lookup` | one name look-up | with its answer; let go if it hangs |
//! | `store` | the history database | when its channel closes, after writing what is queued, joined |
//! | `recording` | a file that what a connection receives is written to | with the connection, or when it is stopped |
//! | `saving` | a text on its way to a file | when it is written |
//! | `host` | slow questions: the socket table, interfaces, who holds a port | joined, never waited on for more than a second |
//! | `try-port` | one port that is tried, for the `host` thread | when it is known, joined by that thread |
//! | `ping` | the program that pings, while it runs | when its handle is dropped, joined as `host` is; the program is killed |
//!
//! Going down is the same road backwards, and there is no other road: no shared locks, no globals, no
//! callback from the thread into the window.

pub mod atomic_file;
pub mod chat;
pub mod cli;
pub mod core;
pub mod explain;
pub mod history;
pub mod host;
pub mod i18n;
pub mod log;
pub mod net;
pub mod programs;
pub mod settings;
pub mod terminal;
pub mod window;
pub mod wire;
