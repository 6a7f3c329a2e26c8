//! What fills the window: one file a screen.

pub mod conversation;
pub mod history;
pub mod network;
pub mod presenter;
pub mod settings;
pub mod welcome;
