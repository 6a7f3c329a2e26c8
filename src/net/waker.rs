//! Waking the network thread, and asking it to end.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use mio::{Registry, Token, Waker};

/// Shared by everybody who has something for the thread: the handle, the receiver, the look-ups.
///
/// Who wakes the thread first puts what it has where the thread will look. The thread first says
/// that it is about to sleep, then looks a last time. So nothing is overlooked, and waking a
/// thread that is awake costs no system call.
#[derive(Debug)]
pub(super) struct LoopWaker {
    waker: Waker,
    asleep: AtomicBool,
    quit: AtomicBool,
    abandoned: AtomicBool,
}

impl LoopWaker {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        Ok(Self {
            waker: Waker::new(registry, token)?,
            asleep: AtomicBool::new(false),
            quit: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
        })
    }

    /// Wake the thread if it sleeps.
    pub(super) fn wake(&self) {
        if self.asleep.swap(false, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "the network thread could not be woken");
        }
    }

    /// Ask the thread to close everything and end, past any queue of commands.
    pub(super) fn ask_to_quit(&self) {
        self.quit.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// As [`Self::ask_to_quit`], and nobody will receive the events that are left.
    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::SeqCst);
        self.ask_to_quit();
    }

    pub(super) fn is_quitting(&self) -> bool {
        self.quit.load(Ordering::SeqCst)
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::SeqCst)
    }

    /// The thread is about to sleep: from here on [`Self::wake`] wakes it.
    pub(super) fn before_poll(&self) {
        self.asleep.store(true, Ordering::SeqCst);
    }

    /// The thread is awake and will look by itself.
    pub(super) fn after_poll(&self) {
        self.asleep.store(false, Ordering::SeqCst);
    }
}
