//! Names to addresses, on a short-lived thread for each name: `getaddrinfo` waits as long as it likes.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};

use super::{ConnId, waker::LoopWaker};
use crate::chat::address::name_to_look_up;

/// Look-ups at once; further ones wait for a thread. One that was given up does not count any more, though its thread
/// still hangs.
const MOST_AT_ONCE: usize = 8;

/// Threads in all, those that hang included; past it a name is not asked for, and its look-up runs out of time.
const MOST_THREADS: usize = 64;

/// What looks a name up.
type Resolve = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// A name, and who wants to know.
#[derive(Debug)]
struct Question {
    conn: ConnId,
    host: String,
    port: u16,
}

/// What became of a look-up.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) conn: ConnId,
    pub(super) addresses: io::Result<Vec<SocketAddr>>,
    number: u64,
}

/// The look-ups under way and those that wait.
#[derive(Debug)]
pub(super) struct Lookups {
    waiting: VecDeque<Question>,
    threads: Vec<JoinHandle<()>>,
    /// By their numbers, those that somebody waits for.
    running: BTreeMap<u64, ConnId>,
    /// Those that nobody waits for any more.
    given_up: BTreeSet<u64>,
    /// Of the last thread.
    number: u64,
    resolve: Resolve,
    answer_to: Sender<Answer>,
    answers: Receiver<Answer>,
    waker: Arc<LoopWaker>,
}

impl Lookups {
    pub(super) fn new(waker: Arc<LoopWaker>) -> Self {
        Self::with(waker, |host, port| (name_to_look_up(host).as_str(), port).to_socket_addrs().map(Iterator::collect))
    }

    fn with(waker: Arc<LoopWaker>, resolve: Resolve) -> Self {
        let (answer_to, answers) = crossbeam_channel::unbounded();
        Self {
            waiting: VecDeque::new(),
            threads: Vec::new(),
            running: BTreeMap::new(),
            given_up: BTreeSet::new(),
            number: 0,
            resolve,
            answer_to,
            answers,
            waker,
        }
    }

    /// Look a name up; [`Self::next_answer`] will have the addresses.
    pub(super) fn ask(&mut self, conn: ConnId, host: String, port: u16) {
        let question = Question { conn, host, port };
        if question.is_of_this_machine() {
            self.start(question);
        } else {
            self.waiting.push_back(question);
            self.start_waiting();
        }
    }

    /// Nobody wants to know any more. A thread that asks already asks to its end.
    pub(super) fn forget(&mut self, conn: ConnId) {
        self.waiting.retain(|question| question.conn != conn);
        let given_up: Vec<u64> =
            self.running.iter().filter(|(_, asking)| **asking == conn).map(|(number, _)| *number).collect();
        for number in given_up {
            self.running.remove(&number);
            self.given_up.insert(number);
        }
        self.start_waiting();
    }

    pub(super) fn has_answer(&self) -> bool {
        !self.answers.is_empty()
    }

    pub(super) fn next_answer(&mut self) -> Option<Answer> {
        let answer = self.answers.try_recv().ok()?;
        self.running.remove(&answer.number);
        self.given_up.remove(&answer.number);
        self.threads.retain(|thread| !thread.is_finished());
        self.start_waiting();
        Some(answer)
    }

    /// Join the threads that end within `limit`, and leave the others running: nothing can interrupt `getaddrinfo`.
    pub(super) fn join(self, limit: Duration) {
        let deadline = Instant::now() + limit;
        for _ in 0..self.running.len() + self.given_up.len() {
            if self.answers.recv_deadline(deadline).is_err() {
                break;
            }
        }
        // An answer is the last thing that a thread does, so these end now.
        if self.answers.is_empty() && Instant::now() < deadline {
            for thread in self.threads {
                let _ = thread.join();
            }
        }
    }

    fn start_waiting(&mut self) {
        while self.running.len() < MOST_AT_ONCE
            && self.running.len() + self.given_up.len() < MOST_THREADS
            && let Some(question) = self.waiting.pop_front()
        {
            self.start(question);
        }
    }

    fn start(&mut self, Question { conn, host, port }: Question) {
        let (answer_to, waker) = (self.answer_to.clone(), Arc::clone(&self.waker));
        self.number += 1;
        let (number, resolve) = (self.number, self.resolve);
        let started = thread::Builder::new().name("lookup".to_owned()).spawn(move || {
            let addresses = resolve(&host, port);
            // Nobody listens any more when the program quits.
            if answer_to.send(Answer { conn, addresses, number }).is_ok() {
                waker.wake();
            }
        });
        self.running.insert(number, conn);
        match started {
            Ok(thread) => self.threads.push(thread),
            Err(error) => {
                // The channel has no bound and its receiver is ours.
                let _ = self.answer_to.send(Answer { conn, addresses: Err(error), number });
                self.waker.wake();
            }
        }
    }
}

impl Question {
    /// Whether no name server is asked (RFC 6761 section 6.3): it waits for nobody.
    fn is_of_this_machine(&self) -> bool {
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        host == "localhost" || host.ends_with(".localhost")
    }
}

#[cfg(test)]
mod tests {
    use mio::{Poll, Token};

    use super::*;

    /// Hangs for all names but these.
    fn hung(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if host == "localhost" || host == "known" {
            return Ok(vec![([127, 0, 0, 1], port).into()]);
        }
        loop {
            thread::park();
        }
    }

    fn lookups() -> (Poll, Lookups) {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(LoopWaker::new(poll.registry(), Token(0)).unwrap());
        (poll, Lookups::with(waker, hung))
    }

    fn answered(lookups: &mut Lookups) -> Option<ConnId> {
        let answer = lookups.answers.recv_timeout(Duration::from_secs(10)).ok()?;
        let conn = answer.conn;
        lookups.answer_to.send(answer).unwrap();
        lookups.next_answer().map(|_| conn)
    }

    #[test]
    fn hung_look_ups_do_not_keep_localhost_waiting() {
        let (_poll, mut lookups) = lookups();
        for id in 1..=20 {
            lookups.ask(ConnId(id), format!("hangs{id}.example"), 80);
        }
        assert_eq!(lookups.threads.len(), MOST_AT_ONCE);
        lookups.ask(ConnId(99), "localhost".to_owned(), 80);
        assert_eq!(answered(&mut lookups), Some(ConnId(99)));
    }

    #[test]
    fn look_ups_that_were_given_up_make_room_for_others_up_to_a_limit() {
        let (_poll, mut lookups) = lookups();
        for id in 1..=8 {
            lookups.ask(ConnId(id), format!("hangs{id}.example"), 80);
        }
        lookups.ask(ConnId(99), "known".to_owned(), 80);
        assert!(!lookups.has_answer());
        lookups.forget(ConnId(3));
        assert_eq!(answered(&mut lookups), Some(ConnId(99)));
        for id in 100..300 {
            lookups.ask(ConnId(id), format!("hangs{id}.example"), 80);
            lookups.forget(ConnId(id));
        }
        assert!(lookups.threads.len() <= MOST_THREADS, "{}", lookups.threads.len());
        lookups.ask(ConnId(999), "localhost".to_owned(), 80);
        assert_eq!(answered(&mut lookups), Some(ConnId(999)));
    }
}
