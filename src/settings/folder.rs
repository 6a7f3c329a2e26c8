//! The folder where Sockhop keeps its files.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::private_file;

/// The folder where Sockhop keeps its files: settings, history and log.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// As [`Self::locate`]; made if it isn't there. What is made is its owner's alone, and so is everything of ours that
    /// is in it. A folder that was asked for and is there stays as open as it is; the system's usual one is ours.
    ///
    /// # Errors
    /// Where the folder can't be made, or the user has no home to put it in.
    pub fn open(asked: Option<&Path>) -> io::Result<Self> {
        let folder = Self::locate(asked)?;
        private_file::create_folder(&folder.0)?;
        if asked.is_none() {
            private_file::restrict(&folder.0);
        }
        for entry in std::fs::read_dir(&folder.0).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if entry.file_type().is_ok_and(|kind| kind.is_file()) && is_ours(&name.to_string_lossy()) {
                private_file::restrict(&entry.path());
            }
        }
        Ok(folder)
    }

    /// The folder asked for, or this system's usual one for a program's data, whether it is there or not.
    ///
    /// # Errors
    /// Where the user has no home to put it in.
    pub fn locate(asked: Option<&Path>) -> io::Result<Self> {
        let path = match asked {
            Some(path) => path.to_owned(),
            None => directories::ProjectDirs::from("", "", "sockhop")
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no home folder"))?
                // On Windows the other one follows its user to other computers, and the history may be large.
                .data_local_dir()
                .to_owned(),
        };
        Ok(Self(path))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the settings are.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.0.join("settings.toml")
    }

    /// Where the history of all conversations is.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.0.join("history.db")
    }

    /// Where the window that is open is found by a second start.
    #[must_use]
    pub fn window(&self) -> PathBuf {
        self.0.join("window")
    }

    /// Where the key is by which others know us.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        self.0.join("identity.key")
    }

    /// Where labs of the user's own are.
    #[must_use]
    pub fn labs(&self) -> PathBuf {
        self.0.join("labs")
    }

    /// What is there after a panic, until the next window has said so.
    #[must_use]
    pub fn panicked(&self) -> PathBuf {
        self.0.join("panicked")
    }

    /// Where the log of what the program did is.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("sockhop.log")
    }
}

/// Whether a file of that name in the folder is one that Sockhop made: settings, history, log, and what was set aside.
fn is_ours(name: &str) -> bool {
    ["settings.", "history.", "identity.", "sockhop.", "panicked"].iter().any(|ours| name.starts_with(ours))
}
