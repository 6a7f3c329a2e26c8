//! The thread's handle: records and questions in, answers out, nothing that waits.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::{Answer, Question, thread::Store};
use crate::chat::JournalEntry;

/// Records on their way to the thread; past it [`History::record`] gives them back.
pub const QUEUE_RECORDS: usize = 2_048;

/// Their weight together ([`JournalEntry::weight`]), in bytes; past it [`History::record`] gives them back. Where the disk
/// is slow it is less, so that what is on its way is written in good time ([`super::LOST_AT_MOST`]). A record that is
/// heavier by itself is taken when no other is on its way.
pub const QUEUE_BYTES: usize = 4 * 1024 * 1024;

/// The least that [`QUEUE_BYTES`] becomes, and what it is until the first is written.
pub(super) const LEAST_ROOM: usize = 128 * 1024;

/// Questions on their way to the thread; past it [`History::ask`] says no.
pub const QUESTIONS_IN_FLIGHT: usize = 64;

/// The thread's handle. When it is dropped, what was recorded is written, and the thread ends.
#[derive(Debug)]
pub struct History {
    records: Option<Sender<Queued>>,
    /// What [`Question::Keep`] said last.
    keep: AtomicBool,
    questions: Option<Sender<Question>>,
    answers: Receiver<Answer>,
    queue: Arc<QueueFill>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// There is no room for a record now. The thread calls `wake` when there is.
#[derive(Debug)]
pub struct Full(pub Box<JournalEntry>);

/// A record on its way to the thread.
#[derive(Debug)]
pub(super) struct Queued {
    pub record: JournalEntry,
    /// Whether it is to be written. That goes with each record: by a channel of its own, the thread would hear of a
    /// change before or after records that were handed over on the other side of it.
    pub keep: bool,
}

/// How full the queue to the thread is, as the handle and the thread both know it.
#[derive(Debug)]
pub(super) struct QueueFill {
    /// The weight that may be on its way: what the thread writes in a moment, at most [`QUEUE_BYTES`].
    pub room: AtomicUsize,
    /// The weight of what is on its way to the thread.
    pub weight: AtomicUsize,
    /// A record was given back, and the thread has not woken anybody since.
    pub sender_waits: AtomicBool,
    /// Counts what the thread gets done.
    pub progress: AtomicU64,
}

impl Default for QueueFill {
    fn default() -> Self {
        Self {
            room: AtomicUsize::new(LEAST_ROOM),
            weight: AtomicUsize::default(),
            sender_waits: AtomicBool::default(),
            progress: AtomicU64::default(),
        }
    }
}

impl History {
    /// Start the thread, which opens the file or makes it. It calls `wake` after each answer that can be received,
    /// and when there is room again for records after [`Full`].
    ///
    /// The folder has to be there. How opening went is reported by [`Answer::Opened`] or [`Answer::Unavailable`]; before,
    /// and in either case, everything here may be called.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn open(path: &Path, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (records, recorded) = bounded(QUEUE_RECORDS);
        let (questions, asked) = bounded(QUESTIONS_IN_FLIGHT);
        // Bounded by the questions, and by what the thread allows itself to report unasked.
        let (answer, answers) = unbounded();
        let (end, ended) = bounded(0);
        let queue = Arc::new(QueueFill::default());
        let store = Store::new(path.to_owned(), recorded, asked, answer, Arc::clone(&queue), wake);
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || {
            store.run();
            drop(end);
        })?;
        Ok(Self {
            records: Some(records),
            keep: AtomicBool::new(true),
            questions: Some(questions),
            answers,
            queue,
            ended,
            thread: Some(thread),
        })
    }

    /// Hand over something to be remembered, without waiting.
    ///
    /// # Errors
    /// With the record, while [`QUEUE_RECORDS`] or [`QUEUE_BYTES`] are on their way: offer it again before any
    /// other, when `wake` was called. A history that is unavailable or off takes everything and drops it.
    pub fn record(&self, record: JournalEntry) -> Result<(), Full> {
        let Some(records) = &self.records else { return Ok(()) };
        let weight = record.weight();
        if !self.has_room(weight) {
            self.queue.sender_waits.store(true, Ordering::SeqCst);
            // The thread may have made room, and found nobody waiting, just before.
            if !self.has_room(weight) {
                return Err(Full(Box::new(record)));
            }
        }
        self.queue.weight.fetch_add(weight, Ordering::SeqCst);
        let keep = self.keep.load(Ordering::SeqCst);
        if let Err(refused) = records.try_send(Queued { record, keep }) {
            self.queue.weight.fetch_sub(weight, Ordering::SeqCst);
            if refused.is_full() {
                self.queue.sender_waits.store(true, Ordering::SeqCst);
                return Err(Full(Box::new(refused.into_inner().record)));
            }
        }
        Ok(())
    }

    /// Asks without waiting. Whether it will be answered: not, if [`QUESTIONS_IN_FLIGHT`] already wait.
    /// The answer knows of everything that was recorded before.
    #[must_use]
    pub fn ask(&self, question: Question) -> bool {
        if let Question::Keep(keep) = question {
            self.keep.store(keep, Ordering::SeqCst);
            return true;
        }
        self.questions.as_ref().is_some_and(|questions| questions.try_send(question).is_ok())
    }

    /// The next answer, if there is one by now.
    #[must_use]
    pub fn try_recv(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// The next answer, if there is one before the time is out.
    #[must_use]
    pub fn recv_timeout(&self, limit: Duration) -> Option<Answer> {
        self.answers.recv_timeout(limit).ok()
    }

    fn has_room(&self, weight: usize) -> bool {
        let queued = self.queue.weight.load(Ordering::SeqCst);
        let full = self.records.as_ref().is_some_and(Sender::is_full);
        !full && (queued == 0 || queued + weight <= self.queue.room.load(Ordering::Relaxed))
    }
}

impl Drop for History {
    fn drop(&mut self) {
        // The thread ends when it finds nobody to record and to ask.
        self.records = None;
        self.questions = None;
        let mut progress = self.queue.progress.load(Ordering::Relaxed);
        while let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(LONGEST_WITHOUT_PROGRESS) {
            let now = self.queue.progress.load(Ordering::Relaxed);
            if now == progress {
                tracing::warn!("the store thread still waits for the disk; left behind");
                return;
            }
            progress = now;
        }
        if let Some(thread) = self.thread.take() {
            // Had it panicked, that is in the log already.
            let _ = thread.join();
        }
    }
}

/// The longest that dropping the handle waits while nothing gets written.
const LONGEST_WITHOUT_PROGRESS: Duration = Duration::from_secs(1);
