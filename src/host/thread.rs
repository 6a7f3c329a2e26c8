//! The `host` thread: asks the system what takes its time, so that the window need not wait.

use std::{
    io,
    net::SocketAddr,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, at, bounded, never, select};

use super::{
    AcceptQueue, Destination, Interface, InterfacesError, ListeningPort, PortOwner, PortsError, SocketTable,
    SocketsError, Tried, Wanted, accept_queue, interfaces, listening_ports, sockets, try_port::TryOutcome,
    try_port::try_port, who_listens_on,
};

/// Questions, and answers, on their way; past it [`Host::ask`] says no.
pub const QUESTIONS_IN_FLIGHT: usize = 16;

/// Ports that are tried at once, each on a thread of its own; past it [`TryOutcome::Busy`] is the answer.
pub const TRIES_AT_ONCE: usize = 4;

/// What may be asked. Answers come in the order of the questions, but for those to [`Question::TryPort`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// [`interfaces`]; those that have changed are answered by themselves from here on
    Interfaces,
    /// [`who_listens_on`] this port
    PortOwner(u16),
    /// [`accept_queue`] of the socket that listens on this address, once
    AcceptQueue(SocketAddr),
    /// The same at once and whenever it has changed, until the next question of this kind; None ends it.
    WatchAcceptQueue(Option<SocketAddr>),
    /// [`sockets`](super::sockets) that are wanted, at once and whenever they have changed, until the next question of
    /// this kind; None ends it.
    WatchSockets(Option<Wanted>),
    /// [`listening_ports`]
    ListeningPorts,
    /// Whether somebody listens on that port there. The answer comes when it is known, which may take
    /// [`TRY_LIMIT`](super::TRY_LIMIT) and more.
    TryPort {
        /// Comes back with the answer.
        number: u64,
        /// The computer.
        destination: Destination,
        /// The port.
        port: u16,
    },
}

/// What resulted from a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This machine's addresses.
    Interfaces(Result<Vec<Interface>, InterfacesError>),
    /// Who listens on a port.
    PortOwner {
        /// The port.
        port: u16,
        /// Who listens on it, where the system reports it.
        owner: Option<PortOwner>,
    },
    /// How many wait in an accept queue; asked for once, or watched.
    AcceptQueue {
        /// The address listened on.
        local: SocketAddr,
        /// Its queue, where the system reports it.
        queue: Option<AcceptQueue>,
    },
    /// The sockets that are watched.
    Sockets(Result<SocketTable, SocketsError>),
    /// The ports that this computer listens on.
    ListeningPorts(Result<Vec<ListeningPort>, PortsError>),
    /// What trying a port found.
    Tried {
        /// The question's number.
        number: u64,
        /// What was found.
        tried: Tried,
    },
}

/// The thread's handle. When it is dropped the thread ends; one that hangs in a question is left behind.
#[derive(Debug)]
pub struct Host {
    questions: Sender<Question>,
    answers: Receiver<Answer>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Start the thread. It calls `wake` after each answer that can be received, and sleeps in between.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (questions, asked) = bounded(QUESTIONS_IN_FLIGHT);
        let (answer, answers) = bounded(QUESTIONS_IN_FLIGHT);
        let (end, ended) = bounded(0);
        let thread = thread::Builder::new().name("host".to_owned()).spawn(move || {
            let (done, tried) = bounded(TRIES_AT_ONCE);
            let (network, changed) = NetworkChanges::start();
            Answering {
                asked,
                answer,
                wake,
                watch: None,
                sockets: None,
                done,
                tried,
                tries: Vec::new(),
                changed,
                told: None,
            }
            .run();
            drop(network);
            drop(end);
        })?;
        Ok(Self { questions, answers, ended, thread: Some(thread) })
    }

    /// Ask without waiting, and return whether it will be answered: not, if [`QUESTIONS_IN_FLIGHT`] already wait.
    #[must_use]
    pub fn ask(&self, question: Question) -> bool {
        self.questions.try_send(question).is_ok()
    }

    /// The next answer, if there is one by now.
    #[must_use]
    pub fn try_recv(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // The thread ends when it finds nobody to ask it, or nobody to answer.
        self.questions = bounded(0).0;
        self.answers = never();
        match self.ended.recv_timeout(LONGEST_JOIN) {
            Err(RecvTimeoutError::Timeout) => tracing::warn!("the host thread still waits for the system; left behind"),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if let Some(thread) = self.thread.take() {
                    // Had it panicked, that is in the log already.
                    let _ = thread.join();
                }
            }
        }
    }
}

/// What the thread owns.
struct Answering<Wake> {
    asked: Receiver<Question>,
    answer: Sender<Answer>,
    wake: Wake,
    watch: Option<Watch>,
    sockets: Option<sockets::Watch>,
    done: Sender<TryDone>,
    tried: Receiver<TryDone>,
    /// The threads that try ports, by the numbers of their questions.
    tries: Vec<(u64, JoinHandle<()>)>,
    /// The network may have changed.
    changed: Receiver<()>,
    /// What was answered last to [`Question::Interfaces`].
    told: Option<Result<Vec<Interface>, InterfacesError>>,
}

/// Says when the network may have changed, as long as it lives.
struct NetworkChanges {
    #[cfg(target_os = "linux")]
    _watch: Option<super::NetworkWatch>,
}

impl NetworkChanges {
    /// The kernel is listened to.
    #[cfg(target_os = "linux")]
    fn start() -> (Self, Receiver<()>) {
        let (change, changed) = bounded(1);
        // One that waits to be taken says all.
        let watch = super::NetworkWatch::start(move || _ = change.try_send(()));
        let watch = watch.inspect_err(|error| tracing::warn!("changes of the network are not heard: {error}")).ok();
        (Self { _watch: watch }, changed)
    }

    /// Looked at now and then.
    #[cfg(not(target_os = "linux"))]
    fn start() -> (Self, Receiver<()>) {
        let ticks = crossbeam_channel::tick(BETWEEN_LOOKS_AT_NETWORK);
        let (change, changed) = bounded(1);
        let _ = thread::Builder::new().name("network".to_owned()).spawn(move || {
            while ticks.recv().is_ok() {
                if let Err(crossbeam_channel::TrySendError::Disconnected(())) = change.try_send(()) {
                    return;
                }
            }
        });
        (Self {}, changed)
    }
}

/// What a thread that tried a port found.
struct TryDone {
    number: u64,
    tried: Tried,
}

/// An accept queue that is looked at again and again.
struct Watch {
    local: SocketAddr,
    /// What was answered last; None before the first answer.
    reported: Option<Answer>,
    next: Instant,
}

/// Nobody takes answers any more.
struct HandleDropped;

impl<Wake: Fn()> Answering<Wake> {
    fn run(mut self) {
        loop {
            let queue = self.watch.as_ref().map(|watch| watch.next);
            let next = queue.into_iter().chain(self.sockets.as_ref().map(|watch| watch.next)).min();
            let next_look = next.map_or_else(never, at);
            let gone_on = select! {
                recv(self.asked) -> question => match question {
                    Ok(question) => self.answer(question),
                    Err(_) => Err(HandleDropped),
                },
                recv(self.tried) -> done => match done {
                    Ok(done) => self.tried(done),
                    Err(_) => Ok(()),
                },
                recv(self.changed) -> change => if change.is_ok() {
                    self.network_changed()
                } else {
                    self.changed = never();
                    Ok(())
                },
                recv(next_look) -> _ => self.look(),
            };
            if let Err(HandleDropped) = gone_on {
                break;
            }
        }
        // Each may wait as long as TRY_LIMIT; the handle's owner does not.
        for (_, thread) in self.tries {
            let _ = thread.join();
        }
    }

    fn answer(&mut self, question: Question) -> Result<(), HandleDropped> {
        match question {
            Question::Interfaces => {
                let found = interfaces();
                self.told = Some(found.clone());
                self.report(Answer::Interfaces(found))
            }
            Question::PortOwner(port) => self.report(Answer::PortOwner { port, owner: who_listens_on(port) }),
            Question::AcceptQueue(local) => self.report(Answer::AcceptQueue { local, queue: accept_queue(local) }),
            Question::WatchAcceptQueue(local) => {
                self.watch = local.map(|local| Watch { local, reported: None, next: Instant::now() });
                Ok(())
            }
            Question::WatchSockets(wanted) => {
                match (&mut self.sockets, wanted) {
                    (Some(watch), Some(wanted)) => watch.want(wanted),
                    (watch, wanted) => *watch = wanted.map(sockets::Watch::new),
                }
                Ok(())
            }
            Question::ListeningPorts => self.report(Answer::ListeningPorts(listening_ports())),
            Question::TryPort { number, destination, port } => self.try_port(number, destination, port),
        }
    }

    /// The network may have changed: whoever has asked for it hears what is new.
    fn network_changed(&mut self) -> Result<(), HandleDropped> {
        let Some(told) = &self.told else { return Ok(()) };
        let found = interfaces();
        if *told == found {
            return Ok(());
        }
        self.told = Some(found.clone());
        self.report(Answer::Interfaces(found))
    }

    /// Try a port on a thread of its own: other questions need not wait for it.
    fn try_port(&mut self, number: u64, destination: Destination, port: u16) -> Result<(), HandleDropped> {
        let busy = Tried { address: None, outcome: TryOutcome::Busy, took: Duration::ZERO };
        if self.tries.len() >= TRIES_AT_ONCE {
            return self.report(Answer::Tried { number, tried: busy });
        }
        let done = self.done.clone();
        let spawned = thread::Builder::new().name("try-port".to_owned()).spawn(move || {
            // There is room for all of them; none is left to receive it only when the program ends.
            let _ = done.send(TryDone { number, tried: try_port(&destination, port) });
        });
        match spawned {
            Ok(thread) => {
                self.tries.push((number, thread));
                Ok(())
            }
            Err(error) => {
                tracing::warn!("a thread to try a port: {error}");
                self.report(Answer::Tried { number, tried: busy })
            }
        }
    }

    /// A port was tried.
    fn tried(&mut self, done: TryDone) -> Result<(), HandleDropped> {
        if let Some(place) = self.tries.iter().position(|(number, _)| *number == done.number) {
            let _ = self.tries.swap_remove(place).1.join();
        }
        self.report(Answer::Tried { number: done.number, tried: done.tried })
    }

    /// Look at what is watched and due, and report it if it has changed.
    fn look(&mut self) -> Result<(), HandleDropped> {
        let now = Instant::now();
        if let Some(watch) = self.sockets.as_mut().filter(|watch| watch.next <= now)
            && let Some(found) = watch.look()
        {
            self.report(Answer::Sockets(found))?;
        }
        let Some(watch) = self.watch.as_mut().filter(|watch| watch.next <= now) else { return Ok(()) };
        let answer = Answer::AcceptQueue { local: watch.local, queue: accept_queue(watch.local) };
        watch.next = Instant::now() + BETWEEN_LOOKS;
        if watch.reported.as_ref() == Some(&answer) {
            return Ok(());
        }
        watch.reported = Some(answer.clone());
        self.report(answer)
    }

    fn report(&self, answer: Answer) -> Result<(), HandleDropped> {
        self.answer.send(answer).map_err(|_| HandleDropped)?;
        (self.wake)();
        Ok(())
    }
}

/// From one look at the network to the next, where the system does not say that it has changed.
#[cfg(not(target_os = "linux"))]
const BETWEEN_LOOKS_AT_NETWORK: Duration = Duration::from_secs(3);

/// From one look at a watched queue to the next.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// The longest that dropping the handle waits for the thread.
const LONGEST_JOIN: Duration = Duration::from_secs(1);
