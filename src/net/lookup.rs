//! Names to addresses, on a short-lived thread for each name: `getaddrinfo` waits as long as it likes.

use std::{
    collections::VecDeque,
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};

use super::{ConnId, waker::LoopWaker};
use crate::chat::address::name_to_look_up;

/// Look-ups at once; further ones wait for a thread.
const MOST_AT_ONCE: usize = 8;

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
}

/// The look-ups under way and those that wait.
#[derive(Debug)]
pub(super) struct Lookups {
    waiting: VecDeque<Question>,
    threads: Vec<JoinHandle<()>>,
    /// Threads that have not answered yet.
    running: usize,
    answer_to: Sender<Answer>,
    answers: Receiver<Answer>,
    waker: Arc<LoopWaker>,
}

impl Lookups {
    pub(super) fn new(waker: Arc<LoopWaker>) -> Self {
        let (answer_to, answers) = crossbeam_channel::unbounded();
        Self { waiting: VecDeque::new(), threads: Vec::new(), running: 0, answer_to, answers, waker }
    }

    /// Look a name up; [`Self::next_answer`] will have the addresses.
    pub(super) fn ask(&mut self, conn: ConnId, host: String, port: u16) {
        self.waiting.push_back(Question { conn, host, port });
        self.start_waiting();
    }

    /// Nobody wants to know any more. A thread that asks already asks to its end.
    pub(super) fn forget(&mut self, conn: ConnId) {
        self.waiting.retain(|question| question.conn != conn);
    }

    pub(super) fn has_answer(&self) -> bool {
        !self.answers.is_empty()
    }

    pub(super) fn next_answer(&mut self) -> Option<Answer> {
        let answer = self.answers.try_recv().ok()?;
        self.running = self.running.saturating_sub(1);
        self.threads.retain(|thread| !thread.is_finished());
        self.start_waiting();
        Some(answer)
    }

    /// Join the threads that end within `limit`, and leave the others running: nothing can interrupt `getaddrinfo`.
    pub(super) fn join(self, limit: Duration) {
        let deadline = Instant::now() + limit;
        for _ in 0..self.running {
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
        while self.running < MOST_AT_ONCE
            && let Some(Question { conn, host, port }) = self.waiting.pop_front()
        {
            let (answer_to, waker) = (self.answer_to.clone(), Arc::clone(&self.waker));
            let started = thread::Builder::new().name("lookup".to_owned()).spawn(move || {
                let addresses = (name_to_look_up(&host).as_str(), port).to_socket_addrs().map(Iterator::collect);
                // Nobody listens any more when the program quits.
                if answer_to.send(Answer { conn, addresses }).is_ok() {
                    waker.wake();
                }
            });
            self.running += 1;
            match started {
                Ok(thread) => self.threads.push(thread),
                Err(error) => {
                    // The channel has no bound and its receiver is ours.
                    let _ = self.answer_to.send(Answer { conn, addresses: Err(error) });
                    self.waker.wake();
                }
            }
        }
    }
}
