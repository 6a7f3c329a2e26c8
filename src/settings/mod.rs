//! What the user chose, and the folder that it and the history lie in.

mod choices;
mod folder;

pub use choices::{
    AutoReplyChoice, Damaged, LARGEST_RECV, Language, ListenOn, RemoveAfter, SaveError, Settings, TEXT_SIZES, Theme,
    WindowPlace,
};
pub use folder::DataFolder;
