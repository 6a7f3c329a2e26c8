//! Writing what connections receive to files while it arrives.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    core::Input,
    net::{ConnId, EventKind},
    private_file,
};
use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};

/// Pieces on their way to one file; past it nothing more is read from that connection until there is room. What was on
/// its way from the network thread by then waits too: at most [`BYTES_IN_FLIGHT`](crate::net::BYTES_IN_FLIGHT).
pub const PIECES_IN_FLIGHT: usize = 64;

/// Recordings at once, each with a thread of its own.
pub const RECORDINGS: usize = 32;

/// The recordings.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    ongoing: HashMap<ConnId, Recording>,
    /// Nothing more comes to these, and not all may be written.
    ending: Vec<Ending>,
    /// Connections that are to be read no further for now (`true`), or again, since this was last asked.
    holds: Vec<(ConnId, bool)>,
}

/// One connection's bytes on their way to a file.
#[derive(Debug)]
struct Recording {
    pieces: Sender<Bytes>,
    /// What found no room.
    waiting: VecDeque<Bytes>,
    /// The connection is not read meanwhile.
    held: bool,
    /// Something found no room: the driver is to be woken when there is some.
    sender_waits: Arc<AtomicBool>,
    /// Nothing is recorded after what is waiting.
    stopping: bool,
    ending: Ending,
}

/// A file, and what comes of it.
#[derive(Debug)]
struct Ending {
    conn: ConnId,
    path: PathBuf,
    /// How many bytes are in it, once it is closed.
    outcome: Receiver<io::Result<u64>>,
}

impl Recordings {
    /// How many are under way.
    pub fn count(&self) -> usize {
        self.ongoing.len()
    }

    /// The file that this connection is recorded to.
    pub fn path_of(&self, conn: ConnId) -> Option<&Path> {
        self.ongoing.get(&conn).map(|recording| recording.ending.path.as_path())
    }

    /// Whether something is recorded to this file.
    pub fn writes(&self, path: &Path) -> bool {
        self.ongoing.values().any(|recording| recording.ending.path == path)
    }

    /// Write what this connection receives from now on to this file. `wake` is called when there is room again, and
    /// when it is over.
    pub fn start(&mut self, conn: ConnId, path: &Path, wake: impl Fn() + Send + 'static) -> io::Result<()> {
        let (pieces, taken) = bounded(PIECES_IN_FLIGHT);
        let (over, outcome) = bounded(1);
        let sender_waits = Arc::new(AtomicBool::new(false));
        let (to, waits) = (path.to_owned(), Arc::clone(&sender_waits));
        thread::Builder::new().name("recording".to_owned()).spawn(move || {
            let written = write_all(&to, &taken, &waits, &wake);
            // From here on a piece is refused instead of waiting for ever.
            drop(taken);
            if over.send(written).is_ok() {
                wake();
            }
        })?;
        let ending = Ending { conn, path: path.to_owned(), outcome };
        self.ongoing.insert(
            conn,
            Recording { pieces, waiting: VecDeque::new(), held: false, sender_waits, stopping: false, ending },
        );
        Ok(())
    }

    /// Take what was received; nothing of another change is recorded.
    pub fn take(&mut self, change: &Input) {
        let Input::Net(event) = change else { return };
        match &event.kind {
            EventKind::Received { conn, batch, .. } => {
                if let Some(recording) = self.ongoing.get_mut(conn).filter(|recording| !recording.stopping) {
                    recording.waiting.push_back(batch.bytes.clone());
                    self.flush();
                }
            }
            EventKind::Closed { conn, .. } => self.stop(*conn),
            _ => {}
        }
    }

    /// Hand over what found no room; whether all of it did now.
    pub fn flush(&mut self) -> bool {
        let mut all = true;
        let mut stopped = Vec::new();
        for (conn, recording) in &mut self.ongoing {
            let flushed = recording.flush();
            all &= flushed;
            if recording.held == flushed {
                recording.held = !flushed;
                self.holds.push((*conn, recording.held));
            }
            if flushed && recording.stopping {
                stopped.push(*conn);
            }
        }
        for conn in stopped {
            self.stop(conn);
        }
        all
    }

    /// Connections that are to be read no further for now (`true`), or again (`false`), since this was last asked.
    pub fn take_holds(&mut self) -> Vec<(ConnId, bool)> {
        std::mem::take(&mut self.holds)
    }

    /// Record no further, at once: gives up what waits for a file that takes nothing. How many bytes that is.
    pub fn give_up(&mut self, conn: ConnId) -> usize {
        let Some(mut recording) = self.ongoing.remove(&conn) else { return 0 };
        recording.flush();
        if recording.held {
            self.holds.push((conn, false));
        }
        let left = recording.waiting.iter().map(Bytes::len).sum();
        self.ending.push(recording.ending);
        left
    }

    /// Close the file once all that was received is in it.
    fn stop(&mut self, conn: ConnId) {
        if let Some(mut recording) = self.ongoing.remove(&conn) {
            if recording.flush() {
                self.ending.push(recording.ending);
            } else {
                recording.stopping = true;
                self.ongoing.insert(conn, recording);
            }
        }
    }

    /// The recordings that are over, and how each went.
    pub fn over(&mut self) -> Vec<(ConnId, PathBuf, io::Result<u64>)> {
        let mut over = Vec::new();
        let ended: Vec<ConnId> = (self.ongoing.values())
            .filter(|recording| !recording.ending.outcome.is_empty())
            .map(|recording| recording.ending.conn)
            .collect();
        for conn in ended {
            self.stop(conn);
        }
        self.ending.retain(|Ending { conn, path, outcome }| match outcome.try_recv() {
            Ok(outcome) => {
                over.push((*conn, path.clone(), outcome));
                false
            }
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Disconnected) => {
                over.push((*conn, path.clone(), Err(io::ErrorKind::BrokenPipe.into())));
                false
            }
        });
        over
    }
}

impl Recording {
    fn flush(&mut self) -> bool {
        while let Some(piece) = self.waiting.pop_front() {
            match self.pieces.try_send(piece) {
                // What is refused because it failed is told by the outcome.
                Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                Err(TrySendError::Full(piece)) => {
                    self.sender_waits.store(true, Ordering::SeqCst);
                    // The thread may have made room, and found nobody waiting, just before.
                    if let Err(TrySendError::Full(piece)) = self.pieces.try_send(piece) {
                        self.waiting.push_front(piece);
                        return false;
                    }
                }
            }
        }
        true
    }
}

impl Drop for Recordings {
    fn drop(&mut self) {
        for (_, recording) in self.ongoing.drain() {
            self.ending.push(recording.ending);
        }
        for Ending { path, outcome, .. } in &self.ending {
            match outcome.recv_timeout(LONGEST_END) {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(path = %path.display(), "recording: {error}"),
                Err(_) => tracing::error!(path = %path.display(), "the program ends before a recording was written"),
            }
        }
    }
}

/// The thread's work: how many bytes are in the file when there are no more.
fn write_all(path: &Path, pieces: &Receiver<Bytes>, sender_waits: &AtomicBool, wake: &impl Fn()) -> io::Result<u64> {
    let mut file = BufWriter::new(private_file::options().write(true).create(true).truncate(true).open(path)?);
    let mut written = 0;
    while let Ok(piece) = pieces.recv() {
        if pieces.len() <= PIECES_IN_FLIGHT / 2 && sender_waits.swap(false, Ordering::SeqCst) {
            wake();
        }
        file.write_all(&piece)?;
        written += piece.len() as u64;
        if pieces.is_empty() {
            // Others may be reading along.
            file.flush()?;
        }
    }
    file.flush()?;
    match file.get_ref().sync_all() {
        // A pipe to another program is no file on a disk.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error),
        _ => Ok(written),
    }
}

/// The longest that the end of the program waits for a file.
const LONGEST_END: Duration = Duration::from_secs(3);
