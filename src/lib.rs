//! Sockhop: chat over a bare TCP socket, and see what the socket does.
//!
//! One window is both ends: it runs a server and it makes client connections. What is on the wire is
//! plain bytes, so the other end may be another Sockhop, a ten-line Python script, `nc`, or a device.
//!
//! # The house
//! | module | what it is | what it never does |
//! | --- | --- | --- |
//! | [`chat`] | the nouns: conversations, their rows, the journal, errors and ids | no I/O, no state machine |
//! | [`wire`] | bytes ↔ messages | no sockets, no clock, no threads |
//! | [`net`] | sockets, on one background thread | knows no conversation and no window |
//! | [`core`] | what the program knows and decides: rows, students, steps, labs, what is read back | reads no clock, opens nothing, draws nothing |
//! | [`lan`] | Sockhops on this network: beacons, keys, encrypted links, on one background thread | keeps nothing: what it acknowledges is on the disk |
//! | [`history`] | the journal on disk: search, export, import | decides nothing: a row is what the journal says |
//! | [`settings`] | what the user chose, and where files lie | |
//! | [`host`] | facts about this machine: local addresses, the kernel's socket table, who holds a port | what the system does not tell is absent |
//! | [`driver`] | the one loop: takes events in, applies them, hands the effects out, and stops taking when a taker is full | decides nothing |
//! | [`window`] | `app` runs the driver; `screen` fills the window; `parts` are what several screens draw; `wording` are words for states and reasons | makes no row |
//! | [`terminal`] | the same driver without a window, and the history's commands | makes no row |
//! | [`second_start`] | what another start for the same data folder, or a command about people, asks of the window | does nothing of it |
//! | [`programs`] | the smallest programs for the other end: Python, Rust, `nc` | |
//! | [`explain`] | errors and diagnoses in the user's language, with what to do | |
//! | [`i18n`], [`cli`], [`log`] | the language; commands and flags; what the program did | |
//! | [`atomic_file`], [`private_file`] | files written whole; files that only their owner reads | |
//!
//! Imports point one way: `window, terminal → driver → core → chat → wire`; `net`, `host`, `history` and `settings` stand beside
//! `core`. Nothing but `window` knows that egui exists. `tests/architecture.rs` holds this; `core` knows
//! their vocabulary (commands, events, questions, answers), and nothing that has a thread.
//!
//! # One place decides what a row is
//! An event is taken in once. [`core`] decides what it means as entries of a journal, and applies them to its own
//! conversations by the function that replays them, so that memory cannot differ from the journal. The history stores
//! the entries, the window draws the rows, the terminal tells them; nobody derives them again. `tests/journal` holds
//! this with random events.
//!
//! ```text
//!               ┌──────────── driver ───────────┐
//!  socket ─► net ── events ─► core ── journal ─┬─► history (disk)
//!    ▲        ▲                │               ├─► terminal (lines, JSON)
//!    │        └─── commands ◄──┤               └─► its own conversations ─► window
//!    └── bytes                 ▲
//!                      what the user asks
//! ```
//!
//! # From socket to pixel
//! 1. A socket turns readable; its connection reads at most its budget, `recv` by `recv`, each of the
//!    size the user set.
//! 2. [`wire::Framer`] cuts the bytes into messages. The raw bytes are kept with each message: encoding and framing
//!    can be changed after the fact.
//! 3. The loop sends [`net::Event`]s over a bounded channel and wakes the window: at once for what is in sight or was
//!    asked for, a few times a second for what only changes a badge ([`net::Urgency`]). When the channel is
//!    full the loop keeps its events and stops reading. TCP then slows the sender: memory stays
//!    bounded, nothing is lost.
//! 4. `App::logic` has the [`driver`] apply what waits, for at most 8 ms a frame (32 ms
//!    while nobody touches the window). The driver hands the journal to the
//!    history's thread over a second bounded channel. When that is full it gives no more events, and so on back to the
//!    sender. A recording that is full holds up the connection that feeds it alone ([`net::Command::PauseReading`]).
//! 5. `App::ui` draws from `&Core`. A screen returns a small action; the app turns it into a [`core::Input`]. What core
//!    decides comes back as [`core::Effects`]: the journal first, then the commands that go with it.
//!
//! # Threads
//! | thread | owns | ends |
//! | --- | --- | --- |
//! | main | window, driver, core | when the window closes |
//! | `net` | listener and every connection, one mio poll | on [`net::Command::Quit`], joined |
//! | `lan` | beacons and every link to other Sockhops, one mio poll; only once somebody wants to be seen | when its handle is dropped, after saying goodbye, joined |
//! | `lookup` | one name look-up | with its answer; left behind if it hangs |
//! | `store` | the history database | when its channel closes, after writing what is queued, joined |
//! | `recording` | a file that what a connection receives is written to | with the connection, or when it is stopped |
//! | `settings` | the settings file, written when they have settled | at the end, after writing the latest, not waited on for more than 10 s |
//! | `saving` | a text on its way to a file | when it is written |
//! | `clipboard` | the question for what is on the clipboard of X11 | with its answer, or after half a second without one |
//! | `keyboard` | the wish for the keyboard, on X11 without a window manager | with the X server's answer, or after 5 s without a window |
//! | `middle-click` | the middle clicks into a window on X11, and what is selected then | with the process |
//! | `dropped-file` | a file that was dropped on the window, while it is read | with its bytes; left behind if the disk hangs |
//! | `file-dialog` | the question whether the system has a file dialog | with its answer; left behind after 4 s |
//! | `second-start` | the socket on which other starts for the same data folder are heard | with the window, woken by a connection of its own; not waited on |
//! | `notifications` | the connection to the desktop's notification server | at the end, after taking away what is shown, not waited on for more than 300 ms |
//! | `notified` | what that server says | with that connection |
//! | `host` | slow questions: the socket table, interfaces, who holds a port | joined, never waited on for more than a second |
//! | `network` | the wait for the kernel to say that links, addresses or routes have changed | when its watch is dropped, joined |
//! | `try-port` | one port that is tried, for the `host` thread | when it is known, joined by that thread |
//! | `ping` | the program that pings, while it runs | when its handle is dropped, joined as `host` is; the program is killed |
//!
//! Going down is the same road backwards, and there is no other road: no shared locks, no globals, no
//! callback from the thread into the window.

pub mod atomic_file;
pub mod chat;
pub mod cli;
pub mod core;
pub mod driver;
pub mod explain;
pub mod history;
pub mod host;
pub mod i18n;
pub mod lan;
pub mod log;
pub mod net;
pub mod private_file;
pub mod programs;
pub mod second_start;
pub mod settings;
pub mod terminal;
pub mod window;
pub mod wire;
