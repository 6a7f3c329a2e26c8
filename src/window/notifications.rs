//! Notifications on the desktop: one a conversation, taken away when it was looked at.
//!
//! On Linux they are asked for over D-Bus, with zbus, which the file dialog and screen readers bring with them. A crate
//! for notifications would add itself, an image decoder or a thread that waits for each of them, and nothing that is
//! missing here. Windows shows those of an installed program only (others come in the name of its terminal), and macOS
//! those of a signed bundle: there the taskbar and the dock ask for attention, and that is all.

#[cfg(not(any(windows, target_os = "macos")))]
mod freedesktop;

#[cfg(not(any(windows, target_os = "macos")))]
pub use freedesktop::Notifications;
#[cfg(any(windows, target_os = "macos"))]
pub use none::Notifications;

use crate::core::Key;

/// What the user did with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Chose it, to see this conversation.
    Chosen(Key),
    /// Put it away, or it is shown no more for another reason.
    PutAway(Key),
}

/// Where there are none.
#[cfg(any(windows, target_os = "macos"))]
mod none {
    use std::io;

    use super::Heard;
    use crate::core::Key;

    /// There are none on this system.
    #[derive(Debug)]
    pub enum Notifications {}

    impl Notifications {
        /// There are none.
        ///
        /// # Errors
        /// Always.
        pub fn start(_wake: impl Fn() + Send + 'static) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Never called.
        pub fn show(&self, _conn: Key, _text: String, _open: String) {
            match *self {}
        }

        /// Never called.
        pub fn close(&self, _conn: Key) {
            match *self {}
        }

        /// Never called.
        #[must_use]
        pub fn try_recv(&self) -> Option<Heard> {
            match *self {}
        }
    }
}
