//! What several screens draw.

pub mod composer;
pub mod conn_menu;
pub mod connect;
pub mod controls;
pub mod conversation;
pub mod field;
pub mod file_dialog;
pub mod find;
pub mod icon;
pub mod inspector;
pub mod lab;
pub mod me;
pub mod notices;
pub mod palette;
pub mod people_dialogs;
pub mod person_avatar;
pub mod person_bar;
pub mod person_menu;
pub mod removal;
pub mod replies;
pub mod server_card;
pub mod shortcuts;
pub mod sidebar;
pub mod steps;
pub mod students;
pub mod transcript;
