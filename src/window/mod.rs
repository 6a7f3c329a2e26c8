//! The window: what draws it, and what its parts draw from. A screen draws from [`Cx`] and returns an [`Action`]; the
//! app carries it out.

pub mod action;
pub mod app;
pub mod cx;
pub mod fonts;
pub mod parts;
pub mod screen;
pub mod shortcuts;
pub mod theme;
pub mod wording;

pub use action::Action;
pub use app::{App, Start, run};
pub use cx::Cx;
pub use wording::grouped;
