//! The one loop that joins the parts, for the window and for the terminal alike.
//!
//! ```text
//!            ┌──────────────── Driver ────────────────┐
//!  net, lan ─ Event ─▶ next ─▶ the face ─▶ apply ─▶ core
//!  history ─ Answer ─▶                                │ Effects
//!            │  1. journal ──▶ history, or the face    │
//!            │  2. commands ─▶ net, lan                │
//!            │  3. questions ▶ history                 │
//!            └────────────────────────────────────────┘
//! ```
//! What holds:
//! - Everything that changes core goes through [`Driver::apply`], one input after the other.
//! - The entries of a conversation are handed out in order, and before the commands that go with them.
//! - [`Driver::next`] gives no event while the history has no room for what came before: the network thread then stops
//!   reading, and TCP slows the senders down. A disk that hangs holds nobody up for longer than [`HISTORY_HOLDS_UP`]: what
//!   comes then waits here, up to [`BACKLOG_BYTES`]. A recording that has no room holds up its own connection alone.
//! - What finds no room waits here, in queues with a limit, and is offered again by every call; what is over the limit
//!   comes back to core as refused.
//! - No clock is asked in a circle: [`Driver::settle`] says when time alone is to change something, and why.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use sockhop::{
//!     core::{ConversationOptions, Input},
//!     driver::Driver,
//!     net::ListenOptions,
//! };
//!
//! let (wake, woken) = crossbeam_channel::bounded(1);
//! let wake = move || _ = wake.try_send(());
//! let mut driver = Driver::start(ConversationOptions::default(), None, wake)?;
//! driver.apply(Input::Listen(ListenOptions::new(([127, 0, 0, 1], 8888).into())));
//! loop {
//!     while let Some(input) = driver.next() {
//!         for entry in driver.apply(input).journal {
//!             println!("{entry:?}");
//!         }
//!     }
//!     let wait = driver.settle().map_or(Duration::MAX, |wake| wake.after);
//!     let _ = woken.recv_timeout(wait);
//! }
//! # #[allow(unreachable_code)]
//! # Ok::<(), std::io::Error>(())
//! ```

mod backlog;
mod people;
mod recordings;

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

pub use backlog::{BACKLOG_BYTES, HISTORY_HOLDS_UP};
use backlog::{Backlog, Told};
use jiff::Timestamp;
pub use people::{LanPorts, computer_name, me};
use recordings::Recordings;
pub use recordings::{PIECES_IN_FLIGHT, RECORDINGS};

use crate::{
    chat::{CallKind, ConnId, JournalEntry, NetError, Reason, Target},
    core::{ConversationOptions, Core, Effects, Input, Key, NoticeKind, WakeReason},
    history::{History, Question, Trouble},
    lan::{self, KeyFile, Lan},
    net::{Busy, Command, EventKind, Net, Urgency},
};

/// Commands that wait for room at the network thread; past it they are refused.
pub const COMMANDS_WAITING: usize = 16_384;

/// How long to wait before what found no room at the network thread is offered again: it tells nobody when it has some.
const OFFERED_AGAIN: Duration = Duration::from_millis(5);

/// How long [`Driver::end`] waits before what found no room is handed on again.
const RETRY: Duration = Duration::from_millis(2);

/// What the face is told of one input.
#[derive(Debug, Default)]
#[must_use]
pub struct Outcome {
    /// What was decided about conversations; nothing, where a history takes it.
    pub journal: Vec<JournalEntry>,
    /// The conversation that is to be in sight from here on.
    pub show: Option<Key>,
}

/// When to come back, though nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// After this time.
    pub after: Duration,
    /// What for.
    pub why: Why,
}

/// What to come back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Core waits for the time.
    Core(WakeReason),
    /// The network thread is too busy to take commands.
    NetworkBusy,
    /// The history takes nothing.
    HistoryBusy,
}

/// A recording that is over.
#[derive(Debug)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// Bytes in it.
    pub bytes: u64,
}

/// The parts, joined.
pub struct Driver {
    net: Net,
    /// Once somebody wanted to be seen on this network.
    lan: Option<Lan>,
    core: Core,
    /// Where the journal is kept; none, if nothing is.
    history: Option<History>,
    recordings: Recordings,
    /// Wakes whoever runs the loop.
    wake: Arc<dyn Fn() + Send + Sync>,
    backlog: Backlog,
    /// At most [`COMMANDS_WAITING`].
    commands: VecDeque<Command>,
    /// Few: core asks one at a time.
    questions: VecDeque<Question>,
    /// As many as core has people, and messages that wait for them.
    lan_commands: VecDeque<lan::Command>,
    /// Where the secrets of links are written.
    tls_keys: Option<KeyFile>,
}

impl Driver {
    /// Starts the network's thread, and the history's, which writes to that file if there is one.
    ///
    /// `wake` is called, on any thread, when there is something to be taken in. It must not block.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(
        defaults: ConversationOptions,
        history: Option<&Path>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let wake_for_net = Arc::clone(&wake);
        Self::start_unhurried(defaults, history, wake, move |_| wake_for_net())
    }

    /// The same, for a face that shows one conversation: `wake_for_net` is told whether what comes from the network may
    /// wait a moment, since nobody sees it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_unhurried(
        defaults: ConversationOptions,
        history: Option<&Path>,
        wake: Arc<dyn Fn() + Send + Sync>,
        wake_for_net: impl Fn(Urgency) + Send + 'static,
    ) -> io::Result<Self> {
        let waker = || {
            let wake = Arc::clone(&wake);
            move || wake()
        };
        let history = history.map(|path| History::open(path, waker())).transpose()?;
        Ok(Self {
            net: Net::start_unhurried(wake_for_net)?,
            lan: None,
            core: Core::new(defaults),
            history,
            recordings: Recordings::default(),
            backlog: Backlog::default(),
            commands: VecDeque::new(),
            questions: VecDeque::new(),
            lan_commands: VecDeque::new(),
            tls_keys: None,
            wake,
        })
    }

    /// The same, for a face that shows rows: see [`Core::joining_tails`].
    #[must_use]
    pub fn joining_tails(mut self) -> Self {
        self.core = self.core.joining_tails();
        self
    }

    /// What the program knows.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// What the program is to know from here on, for a picture of it.
    pub(crate) fn replace_core(&mut self, core: Core) {
        self.core = core;
    }

    /// The history, if there is one.
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// Whether commands wait for the network thread: a face that makes more of them by itself is to pause.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.commands.is_empty() || !self.lan_commands.is_empty()
    }

    /// What is to be applied next, if something waits and all of what came before was handed on.
    #[allow(clippy::should_implement_trait, reason = "an iterator ends; this may give more after it gave none")]
    pub fn next(&mut self) -> Option<Input> {
        self.hand_out_commands();
        let handed = self.hand_out_journal();
        match self.backlog.tells() {
            Some(Told::Stuck) => self.tell(NoticeKind::HistoryStuck),
            Some(Told::Again { given_up }) => self.tell(NoticeKind::History(Trouble::WrittenAgain { given_up })),
            None => {}
        }
        if handed || self.backlog.is_stuck() {
            self.hand_out_questions();
            if let Some(event) = self.net.try_recv() {
                return Some(Input::Net(event));
            }
        }
        // What is on the disk is acknowledged before more is taken.
        if let Some(answer) = self.history.as_ref().and_then(History::try_recv) {
            return Some(Input::History(Box::new(answer)));
        }
        if handed { self.lan_event().map(Input::Lan) } else { None }
    }

    /// Takes one input in, and hands out what follows from it: the one way in which anything changes.
    pub fn apply(&mut self, input: Input) -> Outcome {
        self.recordings.take(&input);
        let Effects { journal, commands, lan, questions, show } = self.core.apply(input, Timestamp::now());
        let told = if let Some(history) = &self.history {
            self.backlog.extend(journal, history);
            Vec::new()
        } else {
            journal
        };
        let mut outcome = Outcome { journal: told, show };
        self.commands.extend(commands);
        self.lan_commands.extend(lan);
        self.hand_out_commands();
        while self.commands.len() > COMMANDS_WAITING
            && let Some(command) = self.commands.pop_back()
        {
            outcome.journal.extend(self.apply(Input::Refused(Box::new(command))).journal);
        }
        self.questions.extend(questions);
        self.hand_out_questions();
        outcome
    }

    /// To be called once [`Self::next`] gives nothing: looks after what waits for time or for room. When to come back
    /// though nothing happens.
    pub fn settle(&mut self) -> Option<Wake> {
        let _ = self.apply(Input::Wake);
        self.net.hurry(self.core.reacts());
        self.look_after_recordings();
        if self.is_busy() {
            return Some(Wake { after: OFFERED_AGAIN, why: Why::NetworkBusy });
        }
        let now = Timestamp::now();
        let core = self.core.next_wake(now).map(|(due, why)| {
            let after = due.duration_since(now).try_into().unwrap_or(Duration::ZERO);
            Wake { after, why: Why::Core(why) }
        });
        let history = self.backlog.wake().map(|after| Wake { after, why: Why::HistoryBusy });
        core.into_iter().chain(history).min_by_key(|wake| wake.after)
    }

    /// Writes what this connection receives from now on to this file.
    pub fn record(&mut self, conn: ConnId, path: PathBuf) {
        let live = self.core.conversation(Key::Conn(conn)).is_some_and(|c| !c.state.is_over());
        if !live {
            let error = NetError::ours(CallKind::Recv, Target::None, Reason::NoSuchSocket);
            return self.tell(NoticeKind::Net { conn: Some(conn), error });
        }
        self.stop_recording(conn);
        if self.recordings.count() >= RECORDINGS {
            return self.tell(NoticeKind::TooManyRecordings { most: RECORDINGS });
        }
        let wake = Arc::clone(&self.wake);
        let started = if self.recordings.writes(&path) {
            Err(io::ErrorKind::ResourceBusy.into())
        } else {
            self.recordings.start(conn, &path, move || wake())
        };
        match started {
            Ok(()) => drop(self.apply(Input::Recording { conn, to: Some(path) })),
            Err(error) => self.not_recorded(path, &error),
        }
    }

    /// Records no further.
    pub fn stop_recording(&mut self, conn: ConnId) {
        let path = self.recordings.path_of(conn).map(Path::to_owned);
        let left = self.recordings.give_up(conn);
        if let Some(path) = path.filter(|_| left > 0) {
            self.tell(NoticeKind::RecordingCutShort { path, bytes: left as u64 });
        }
        let _ = self.apply(Input::Recording { conn, to: None });
    }

    /// The recordings that came to their end since this was last asked.
    pub fn take_recorded(&mut self) -> Vec<Recorded> {
        let mut recorded = Vec::new();
        for (conn, path, outcome) in self.recordings.over() {
            let now = self.core.conversation(Key::Conn(conn)).and_then(|c| c.recording.as_ref());
            // The connection may be recorded anew by now, to another file.
            if now.is_some_and(|recording| recording.path == path) && self.recordings.path_of(conn).is_none() {
                let _ = self.apply(Input::Recording { conn, to: None });
            }
            match outcome {
                Ok(bytes) => recorded.push(Recorded { path, bytes }),
                Err(error) => self.not_recorded(path, &error),
            }
        }
        recorded
    }

    /// Closes everything, and takes in what the network thread still reports, up to its last event. False: there was
    /// not time for all of it within `limit`.
    pub fn end(&mut self, limit: Duration) -> bool {
        if self.net.send(Command::Quit).is_err() {
            return false;
        }
        let until = Instant::now() + limit;
        let mut over = false;
        while Instant::now() < until {
            if !(self.hand_out_journal() && self.recordings.flush()) {
                thread::sleep(RETRY);
            } else if over {
                return true;
            } else if let Some(event) = self.net.recv_timeout(RETRY) {
                over = matches!(event.kind, EventKind::Stopped);
                let _ = self.apply(Input::Net(event));
            }
        }
        false
    }

    /// A file that takes nothing holds up the connection that feeds it, and no other.
    fn look_after_recordings(&mut self) {
        self.recordings.flush();
        for (conn, held) in self.recordings.take_holds() {
            let _ = self.apply(Input::RecordingWaits { conn, waits: held });
            let command = if held { Command::PauseReading { conn } } else { Command::ResumeReading { conn } };
            let _ = self.apply(Input::Command(command));
        }
    }

    fn not_recorded(&mut self, path: PathBuf, error: &io::Error) {
        self.tell(NoticeKind::NotRecorded { path, why: error.to_string() });
    }

    fn tell(&mut self, notice: NoticeKind) {
        let _ = self.apply(Input::Notice(notice));
    }

    /// Whether the history has all of the journal now.
    fn hand_out_journal(&mut self) -> bool {
        self.history.as_ref().is_none_or(|history| self.backlog.hand_out(history))
    }

    fn hand_out_commands(&mut self) {
        self.hand_out_lan_commands();
        while let Some(command) = self.commands.pop_front() {
            if let Err(Busy { command }) = self.net.send(command) {
                self.commands.push_front(*command);
                return;
            }
        }
    }

    /// An answer is to know of all that was recorded before, so this waits for the journal.
    fn hand_out_questions(&mut self) {
        let Some(history) = self.history.as_ref().filter(|_| self.backlog.is_empty()) else { return };
        while let Some(question) = self.questions.front() {
            if !history.ask(question.clone()) {
                return;
            }
            self.questions.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        net::{SocketAddr, TcpStream},
    };

    use crossbeam_channel::{Receiver, Sender, bounded};

    use super::*;
    use crate::{core::ServerState, history::Reader, net::ListenOptions};

    const LIMIT: Duration = Duration::from_mins(1);

    /// A driver whose history hangs from its first answer on, as on a disk that does, until the sender is dropped.
    fn with_a_disk_that_hangs(path: &Path) -> (Driver, Sender<()>, Receiver<()>) {
        let (hang, hangs) = bounded::<()>(0);
        let (wake, woken) = bounded(1);
        let wake = move || {
            let _ = wake.try_send(());
            if thread::current().name() == Some("store") {
                let _ = hangs.recv();
            }
        };
        (Driver::start(ConversationOptions::default(), Some(path), wake).unwrap(), hang, woken)
    }

    fn run_until(driver: &mut Driver, woken: &Receiver<()>, reached: impl Fn(&Core) -> bool) {
        let begun = Instant::now();
        while !reached(driver.core()) {
            assert!(begun.elapsed() < LIMIT);
            while let Some(input) = driver.next() {
                let _ = driver.apply(input);
            }
            let wait = driver.settle().map_or(LIMIT, |wake| wake.after);
            let _ = woken.recv_timeout(wait.min(Duration::from_millis(100)));
        }
    }

    fn received(core: &Core) -> u64 {
        core.conversations().map(|(_, conversation)| conversation.bytes_in).sum()
    }

    fn listens_at(core: &Core) -> Option<SocketAddr> {
        match core.server().state {
            ServerState::Listening { local, .. } => Some(local),
            _ => None,
        }
    }

    fn is_stuck(core: &Core) -> bool {
        core.notices().iter().any(|notice| matches!(notice.kind, NoticeKind::HistoryStuck))
    }

    fn given_up(core: &Core) -> Option<u64> {
        core.notices().iter().find_map(|notice| match notice.kind {
            NoticeKind::History(Trouble::WrittenAgain { given_up }) => Some(given_up),
            _ => None,
        })
    }

    #[test]
    fn a_disk_that_hangs_holds_nobody_up_and_what_is_given_up_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let (mut driver, hang, woken) = with_a_disk_that_hangs(&path);
        let _ = driver.apply(Input::Listen(ListenOptions::new(([127, 0, 0, 1], 0).into())));
        run_until(&mut driver, &woken, |core| listens_at(core).is_some());
        let address = listens_at(driver.core()).unwrap();
        // More lines than the queue and the backlog take.
        let lines = 40 * 1024;
        let sends = thread::spawn(move || {
            let mut peer = TcpStream::connect(address).unwrap();
            let line = format!("{}\n", "x".repeat(1023));
            for _ in 0..lines {
                peer.write_all(line.as_bytes()).unwrap();
            }
            peer
        });
        run_until(&mut driver, &woken, |core| received(core) == lines * 1024);
        assert!(is_stuck(driver.core()));
        let peer = sends.join().unwrap();

        drop(hang);
        run_until(&mut driver, &woken, |core| given_up(core).is_some());
        let given_up = given_up(driver.core()).unwrap();
        assert!(given_up > 0);
        drop(peer);
        assert!(driver.end(LIMIT));
        drop(driver);
        let (sessions, _) = Reader::open(&path).unwrap().sessions(None, 10).unwrap();
        let kept: u64 = sessions.iter().map(|summary| summary.messages).sum();
        assert_eq!(kept + given_up, lines);
    }
}
