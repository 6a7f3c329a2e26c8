//! The thread that writes the settings, so that nobody who draws waits for a disk.

use std::{
    io,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::{SaveError, Settings};

/// How long settings have to stay as they are before they are written: a text is typed key by key.
pub const SETTLED: Duration = Duration::from_millis(400);

/// The longest that settings which go on changing are not written.
pub const LONGEST_UNSAVED: Duration = Duration::from_secs(3);

/// Writes the settings, the latest ones last, also at the end.
#[derive(Debug)]
pub struct Saver {
    sender: Sender<Asked>,
    failed: Receiver<SaveError>,
    ended: Receiver<()>,
}

#[derive(Debug)]
enum Asked {
    Save(Box<Settings>),
    /// Write at once, and say so.
    Settle(Sender<()>),
}

impl Saver {
    /// Starts the thread. `before`: the settings as the file has them. `wake` is called when one could not be written.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(path: PathBuf, before: Settings, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (sender, asked) = unbounded();
        let (failure, failed) = unbounded();
        let (ending, ended) = bounded(0);
        thread::Builder::new().name("settings".to_owned()).spawn(move || {
            // Let go at the end, which is what is waited for.
            let _ending = ending;
            run(&asked, before, |before, now| match now.save_changes(before, &path) {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!("settings: {error}");
                    if failure.send(error).is_ok() {
                        wake();
                    }
                    false
                }
            });
        })?;
        Ok(Self { sender, failed, ended })
    }

    /// Has these settings written soon.
    pub fn save(&self, settings: &Settings) {
        // The thread lives as long as this.
        let _ = self.sender.send(Asked::Save(Box::new(settings.clone())));
    }

    /// A failure to write since this was last asked.
    #[must_use]
    pub fn take_failure(&self) -> Option<SaveError> {
        self.failed.try_recv().ok()
    }

    /// Waits until all is written that was to be, or could not be.
    pub fn settle(&self) {
        let (done, wait) = bounded(1);
        if self.sender.send(Asked::Settle(done)).is_ok() {
            let _ = wait.recv();
        }
    }

    /// Writes what is to be written still. False: the disk did not take it within `limit`.
    #[must_use]
    pub fn end(self, limit: Duration) -> bool {
        let Self { sender, failed: _failed, ended } = self;
        drop(sender);
        !matches!(ended.recv_timeout(limit), Err(RecvTimeoutError::Timeout))
    }
}

fn run(asked: &Receiver<Asked>, mut before: Settings, mut save: impl FnMut(&Settings, &Settings) -> bool) {
    let mut latest: Option<Box<Settings>> = None;
    let mut unsaved_since = Instant::now();
    loop {
        let next = match &latest {
            None => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => asked.recv_timeout(SETTLED.min(LONGEST_UNSAVED.saturating_sub(unsaved_since.elapsed()))),
        };
        let (done, is_over) = match next {
            Ok(Asked::Save(settings)) => {
                if latest.replace(settings).is_none() {
                    unsaved_since = Instant::now();
                }
                continue;
            }
            Ok(Asked::Settle(done)) => (Some(done), false),
            Err(RecvTimeoutError::Timeout) => (None, false),
            Err(RecvTimeoutError::Disconnected) => (None, true),
        };
        // What could not be written is tried again with the next change.
        if let Some(now) = latest.take()
            && save(&before, &now)
        {
            before = *now;
        }
        if let Some(done) = done {
            let _ = done.send(());
        }
        if is_over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_are_written_once_and_the_last_one_always() {
        let (sender, asked) = unbounded();
        let port = |port| Settings { port, ..Settings::default() };
        for n in 0..1000 {
            let _ = sender.send(Asked::Save(Box::new(port(n))));
        }
        drop(sender);
        let mut saved = Vec::new();
        run(&asked, port(1), |before, now| {
            saved.push((before.port, now.port));
            true
        });
        assert_eq!(saved, [(1, 999)]);
    }

    #[test]
    fn what_could_not_be_written_is_tried_with_the_next_change() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("no/settings.toml");
        let saver = Saver::start(path.clone(), Settings::default(), || ())?;
        saver.save(&Settings { port: 1, ..Settings::default() });
        saver.settle();
        assert!(saver.take_failure().is_some());
        std::fs::create_dir(folder.path().join("no"))?;
        saver.save(&Settings { port: 1, backlog: 9, ..Settings::default() });
        assert!(saver.end(Duration::from_mins(1)));
        let (saved, _) = Settings::load(&path);
        assert_eq!((saved.port, saved.backlog), (1, 9));
        Ok(())
    }
}
