//! The clipboard of a screen, when its owner has stopped: a copy was made in a program that hangs.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::desktop::{Desktop, Running, until};

/// Far less than a window stands still in that asks such an owner by itself, and far more than a busy machine needs.
pub const NOT_HELD_UP: Duration = Duration::from_secs(9);

/// A program that owns a selection of X11.
pub struct Owner(Running);

impl Owner {
    pub fn of(desktop: &Desktop, selection: &str, text: &str) -> Self {
        let mut command = Command::new("xclip");
        command.args(["-quiet", "-i", "-selection", selection]).env("DISPLAY", desktop.display());
        let mut owner = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()));
        owner.0.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        until("the selection is owned", || {
            let found = desktop.run("xclip", &["-o", "-selection", selection])?;
            (found == text.as_bytes()).then_some(())
        });
        Self(owner)
    }

    /// It answers no more.
    pub fn stop(&self) {
        assert!(Command::new("kill").args(["-STOP", &self.0.0.id().to_string()]).status().unwrap().success());
    }
}

/// How long something took.
pub fn timed(what: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    what();
    begun.elapsed()
}
