//! The thread's handle: commands in, events out, nothing that waits.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use mio::{Poll, Waker};

use super::{
    Command, Event,
    thread::{Thread, WAKER},
};

/// Commands on their way to the thread; past it [`Lan::send`] gives them back.
pub const COMMANDS_IN_FLIGHT: usize = 4_096;

/// Events on their way to the receiver; past it the thread stops reading from links.
pub const EVENTS_IN_FLIGHT: usize = 4_096;

/// The handle of the `lan` thread. Dropping it says goodbye to everyone, closes all links and joins the thread.
#[derive(Debug)]
pub struct Lan {
    commands: Option<Sender<Command>>,
    events: Receiver<Event>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
}

/// [`COMMANDS_IN_FLIGHT`] commands wait already, or the thread has ended.
#[derive(Debug)]
pub struct Busy(pub Box<Command>);

impl Lan {
    /// Starts the thread. It does nothing before [`Command::Start`].
    ///
    /// `wake` is called, on that thread, after events were handed over. It must not block.
    ///
    /// # Errors
    /// Where the system has no poll or no thread to give.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (commands, taken) = bounded(COMMANDS_IN_FLIGHT);
        let (sender, events) = bounded(EVENTS_IN_FLIGHT);
        let thread = Thread::new(poll, taken, sender, Box::new(wake));
        let thread = thread::Builder::new().name("lan".to_owned()).spawn(move || thread.run())?;
        Ok(Self { commands: Some(commands), events, waker, thread: Some(thread) })
    }

    /// Asks the thread for something, without waiting.
    ///
    /// # Errors
    /// With the command, while [`COMMANDS_IN_FLIGHT`] wait.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        let Some(commands) = &self.commands else { return Err(Busy(Box::new(command))) };
        let sent = commands.try_send(command);
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "lan: wake");
        }
        sent.map_err(|error| match error {
            TrySendError::Full(command) | TrySendError::Disconnected(command) => Busy(Box::new(command)),
        })
    }

    /// The next event, if one waits.
    #[must_use]
    pub fn try_recv(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event, waiting for one if need be.
    #[must_use]
    pub fn recv_timeout(&self, limit: Duration) -> Option<Event> {
        self.events.recv_timeout(limit).ok()
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.waker.wake();
        // The thread hands out what is left before it ends: it is to have room.
        while self.events.recv().is_ok() {}
        if let Some(thread) = self.thread.take() {
            // Had it panicked, that is in the log already.
            let _ = thread.join();
        }
    }
}
