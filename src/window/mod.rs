//! The window: what draws it, and what its parts draw from. A screen draws from [`Cx`] and returns a
//! small action of its own; the app carries it out.

pub mod app;
pub mod attention;
pub mod avatar;
pub mod both_ways;
pub mod clipboard;
pub mod command;
pub mod cx;
pub mod file_wanted;
pub mod fonts;
pub mod input_method;
pub mod lines;
pub mod listed;
pub mod long_text;
pub mod notifications;
pub mod parts;
pub mod place;
pub mod reading_order;
pub mod request;
pub mod screen;
pub mod shield;
pub mod spoken;
pub mod system_dialog;
pub mod theme;
pub mod to_open;
pub mod typeahead;
pub mod typed;
pub mod wording;
#[cfg(not(any(windows, target_os = "macos")))]
pub mod x11;

pub use app::{App, Start};
pub use cx::Cx;
