//! The end: what arrived, or was sent, before the window closed still reaches the history.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{App, recorder::Recorder};
use crate::{
    core::Input,
    net::{Command, EventKind},
    settings::DataFolder,
};

/// The most time that closing may take to hand on what is left.
const LAST: Duration = Duration::from_secs(10);

/// How long to wait before what found no room is handed on again.
const RETRY: Duration = Duration::from_millis(2);

impl App {
    /// Close everything, and drop nothing that was received. Does nothing the second time.
    pub(super) fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.screens.network.stop_ping();
        self.save_settings();
        if !self.apply_the_rest() {
            let folder = self.folder.as_ref().map(DataFolder::history);
            tracing::error!(?folder, "not all that came at the end could be kept");
        }
        if let Some(log) = &mut self.viewport.frame_log
            && let Err(error) = log.flush()
        {
            tracing::error!("frame log: {error}");
        }
    }

    /// Apply what the network thread still reports, up to its last event. False: there was not time for all.
    fn apply_the_rest(&mut self) -> bool {
        if self.net.send(Command::Quit).is_err() {
            return false;
        }
        let until = Instant::now() + LAST;
        let mut over = false;
        while Instant::now() < until {
            if !(self.recorder.as_mut().is_none_or(Recorder::flush) && self.recordings.flush()) {
                thread::sleep(RETRY);
            } else if over {
                return true;
            } else if let Some(event) = self.net.recv_timeout(RETRY) {
                over = matches!(event.kind, EventKind::Stopped);
                self.change(Input::Net(event));
            }
        }
        false
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.end();
    }
}
