//! The window as its user meets it: by the names on its controls, in each language, with real sockets behind it.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(not(target_os = "linux"), allow(unused_imports, dead_code, reason = "some tests are of Linux alone"))]

mod ui {
    mod composer;
    mod contrast;
    mod conversations;
    mod datagrams;
    mod devices;
    mod diagnoses;
    mod fault;
    mod files;
    mod find;
    mod forms;
    #[path = "../net/free_port.rs"]
    mod free_port;
    mod history;
    mod idle;
    mod inspector_bytes;
    mod inspector_calls;
    mod inspector_connection;
    mod keys;
    mod labs;
    mod mistakes;
    mod network;
    mod palette;
    mod pasting;
    mod peer;
    mod people;
    mod presenter;
    mod removing;
    mod screen_reader;
    mod scrolling;
    mod selecting;
    mod server;
    mod settings;
    mod silence;
    mod steps;
    mod students;
    mod welcome;
    mod window;
}
