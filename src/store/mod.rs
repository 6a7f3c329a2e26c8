//! What outlives the program: settings, and the folder they lie in.

mod folder;
mod settings;

pub use folder::DataFolder;
pub use settings::{
    AutoReplyChoice, Damaged, LARGEST_RECV, Language, LineEnding, ListenOn, SaveError, Settings, TEXT_SIZES, Theme,
    WindowPlace,
};
