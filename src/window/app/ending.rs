//! The end: what arrived, or was sent, before the window closed still reaches the history.

use std::time::Duration;

use super::App;
use crate::settings::DataFolder;

/// The most time that closing may take to hand on what is left.
const LAST: Duration = Duration::from_secs(10);

impl App {
    /// Close everything, and drop nothing that was received. Does nothing the second time.
    pub(super) fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.screens.network.stop_ping();
        self.save_settings();
        let saver = self.saver.take();
        if !self.driver.end(LAST) {
            let folder = self.folder.as_ref().map(DataFolder::history);
            tracing::error!(?folder, "not all that came at the end could be kept");
        }
        if saver.is_some_and(|saver| !saver.end(LAST)) {
            tracing::error!("the settings could not be written in time");
        }
        if let Some(log) = &mut self.viewport.frame_log
            && let Err(error) = log.flush()
        {
            tracing::error!("frame log: {error}");
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.end();
    }
}
