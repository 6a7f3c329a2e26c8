//! What the user chose, and the folder that it and the history lie in.

mod choices;
mod file;
mod folder;
mod saver;

pub use choices::{
    AutoReplyChoice, EmptyEnter, LARGEST_RECV, LONGEST_LAN_NAME, Language, ListenOn, MOST_SAVED, RECENT_PEERS,
    RemoveAfter, SavedMessage, SavedMessages, Settings, TEXT_SIZES, Theme, Transport, Visible, WindowPlace,
    may_be_peer_timeout,
};
pub use file::{BadValue, Damaged, LONGEST_SETTINGS, SaveError};
pub use folder::DataFolder;
pub use saver::{LONGEST_UNSAVED, SETTLED, Saver};
