//! The system's file dialog: whether there is one, and asking it for a file; and its box for what there is no window for.

use std::{future::Future, path::PathBuf, pin::Pin};

/// What it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the dialog is called.
    pub title: String,
    /// Where it begins, if there is such a folder.
    pub folder: Option<PathBuf>,
    /// The name it suggests; `None` if a file is to be opened.
    pub save_as: Option<String>,
    /// What files are shown, the first at the beginning: what that is called, and how their names end (`*` for all).
    pub filters: Vec<(String, String)>,
}

/// The file that the user chose, as soon as there is one; `None` if the dialog was cancelled, or could not be shown.
pub type Choice = Pin<Box<dyn Future<Output = Option<PathBuf>>>>;

/// A system's file dialog.
pub trait SystemDialog: Send + Sync {
    /// Whether there is one. May take seconds, so it is called on a thread of its own.
    fn is_there(&self) -> bool;

    /// Opens it, belonging to this window; on the window's thread, which it does not hold up. Some systems want that.
    fn ask(&self, question: Question, window: &eframe::Frame) -> Choice;
}

/// That of this system.
#[derive(Clone, Copy, Debug)]
pub struct Native;

impl SystemDialog for Native {
    fn is_there(&self) -> bool {
        is_there()
    }

    fn ask(&self, question: Question, window: &eframe::Frame) -> Choice {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(question.title).set_parent(window);
        if let Some(folder) = question.folder {
            dialog = dialog.set_directory(folder);
        }
        for (name, ending) in question.filters {
            dialog = dialog.add_filter(name, &[ending]);
        }
        if let Some(name) = question.save_as {
            let chosen = dialog.set_file_name(name).save_file();
            Box::pin(async { Some(chosen.await?.path().to_owned()) })
        } else {
            let chosen = dialog.pick_file();
            Box::pin(async { Some(chosen.await?.path().to_owned()) })
        }
    }
}

/// Shows this in a box until it is closed, unless standard error is a terminal, where it can be read already. A program
/// begun by a double click has none.
#[cfg(any(windows, target_os = "macos"))]
pub fn alert(text: &str) {
    use std::io::IsTerminal as _;

    if !std::io::stderr().is_terminal() {
        rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error).set_title("Sockhop").set_description(text).show();
    }
}

/// Does nothing: a desktop keeps what a program writes to standard error, and a box would need what has just failed.
#[cfg(not(any(windows, target_os = "macos")))]
pub fn alert(_: &str) {}

/// The dialog is a part of the system.
#[cfg(any(windows, target_os = "macos"))]
fn is_there() -> bool {
    true
}

/// The dialog is a part of some desktops. rfd can't say whether there is one: where its question to the portal fails, it
/// starts zenity, and where that fails as well, it answers as if the user had cancelled.
#[cfg(not(any(windows, target_os = "macos")))]
fn is_there() -> bool {
    match portal::file_chooser_version(None) {
        Ok(version) => {
            tracing::debug!("file chooser portal, version {version}");
            true
        }
        Err(error) => {
            tracing::info!("no file chooser portal: {error}");
            false
        }
    }
}

/// The file dialog of a Linux or BSD desktop, which is asked for over D-Bus.
///
/// <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.FileChooser.html>
#[cfg(not(any(windows, target_os = "macos")))]
mod portal {
    use std::time::Duration;

    use zbus::blocking::connection::Builder;

    /// A portal is started by the first question it gets, so its answer may take a moment.
    const LIMIT: Duration = Duration::from_secs(3);

    /// The version of the portal's file chooser; an error where there is no bus, no portal, or nothing behind the portal
    /// that shows files. `bus` is a D-Bus address, in place of the session's.
    pub fn file_chooser_version(bus: Option<&str>) -> zbus::Result<u32> {
        let builder = match bus {
            Some(address) => Builder::address(address)?,
            None => Builder::session()?,
        };
        let connection = builder.method_timeout(LIMIT).build()?;
        let answer = connection.call_method(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &("org.freedesktop.portal.FileChooser", "version"),
        )?;
        Ok(answer.body().deserialize::<zbus::zvariant::Value<'_>>()?.downcast()?)
    }

    #[cfg(test)]
    mod tests {
        use std::time::Instant;

        use super::*;

        #[test]
        fn without_a_bus_there_is_no_file_chooser_and_nobody_waits_for_one() {
            let begun = Instant::now();
            let folder = tempfile::tempdir().unwrap();
            let nobody = format!("unix:path={}", folder.path().join("bus").display());
            assert!(file_chooser_version(Some(&nobody)).is_err());
            assert!(begun.elapsed() < Duration::from_secs(1));
        }
    }
}
