//! The end: what arrived, or was sent, before the window closed still reaches the history.

use std::time::{Duration, Instant};

use egui::{Context, Id, ViewportCommand};

use super::{App, dialog::Dialog};
use crate::settings::DataFolder;

/// The most time that closing may take to hand on what is left.
const LAST: Duration = Duration::from_secs(10);

/// A signal this long after the first ends the process whatever it is doing.
const INSISTENCE: Duration = Duration::from_secs(1);

/// Close the window, as its frame does, when the system asks the program to end (SIGINT, SIGTERM, SIGHUP).
pub(super) fn close_on_signals(ctx: &Context) {
    let ctx = ctx.clone();
    let mut first = None;
    let set = ctrlc::set_handler(move || {
        close_without_asking(&ctx);
        ctx.request_repaint();
        if first.get_or_insert_with(Instant::now).elapsed() > INSISTENCE {
            std::process::exit(1);
        }
    });
    if let Err(error) = set {
        tracing::warn!("signals: {error}");
    }
}

/// Closes the window, whatever is still to be sent.
pub(super) fn close_without_asking(ctx: &Context) {
    ctx.data_mut(|data| data.insert_temp(asks_nothing(), true));
    ctx.send_viewport_cmd(ViewportCommand::Close);
}

/// Where it is said that the window closes without a question.
fn asks_nothing() -> Id {
    Id::unique("closes without asking")
}

impl App {
    /// Asks before the window closes in the middle of something long that is being sent.
    pub(super) fn ask_before_closing(&mut self, ctx: &Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        let at_once = ctx.data(|data| data.get_temp(asks_nothing()).unwrap_or(false));
        if !asked || at_once || self.core().not_taken() == 0 {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
        self.front.dialog = Some(Dialog::Unsent);
        ctx.request_repaint();
    }

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
