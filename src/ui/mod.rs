//! The panels of the window, one file each, and what they share.

pub mod fonts;
pub mod icon;
