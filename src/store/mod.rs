//! What outlives the program: settings, the history, and the folder they lie in.

mod folder;
pub mod history;
mod settings;
mod whole;

pub use folder::DataFolder;
pub use settings::{
    AutoReplyChoice, Damaged, LARGEST_RECV, Language, LineEnding, ListenOn, RemoveAfter, SaveError, Settings,
    TEXT_SIZES, Theme, WindowPlace,
};
pub use whole::{AtomicFile, write_atomically};
