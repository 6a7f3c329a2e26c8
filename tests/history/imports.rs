//! Checks of imports that hold for any files.
//!
//! `tasks` gives the files by proptest, `tests/fuzz` takes them as they come.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use sockhop::history::{Format, Outcome, Which};

use crate::book::{Book, place_of_empty};

/// Imports these files one after the other. Each is there whole, or the line is told that is wrong and nothing of it is
/// there. Again they add nothing, and what an export makes of all of them is imported the same.
pub fn an_import_is_whole_or_nothing_and_comes_once(files: &[impl AsRef<[u8]>]) {
    let (folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let from = |number: usize| folder.path().join(format!("{number}.jsonl"));
    let all = folder.path().join("all.jsonl");
    let mut here = String::new();
    let mut imported = Vec::new();
    for (number, file) in files.iter().map(AsRef::as_ref).enumerate() {
        fs::write(from(number), file).unwrap();
        let before = book.size().messages;
        match book.import(&from(number)) {
            Outcome::Imported { messages, .. } => {
                here = exported(&mut book, &path, &all);
                assert_eq!(book.size().messages, before + messages);
                imported.push(from(number));
            }
            Outcome::Failed { line: Some(line), .. } => {
                assert!((1..=file.split(|byte| *byte == b'\n').count() as u64).contains(&line), "line {line}");
                assert_eq!(exported(&mut book, &path, &all), here);
            }
            other => panic!("{other:?}"),
        }
    }
    if imported.is_empty() {
        return;
    }
    for file in imported {
        let again = book.import(&file);
        assert!(matches!(again, Outcome::Imported { sessions: 0, messages: 0, .. }), "{again:?}");
    }
    assert_eq!(exported(&mut book, &path, &all), here);
    let (messages, sessions) = (book.size().messages, book.size().sessions);
    let (_folder, path) = place_of_empty();
    let mut other = Book::open(&path);
    assert_eq!(other.import(&all), Outcome::Imported { sessions, messages, known: 0 });
    assert_eq!(exported(&mut other, &path, &folder.path().join("again.jsonl")), here);
    assert!(book.troubles.is_empty() && other.troubles.is_empty());
}

/// All that is in the history of this file, once its text is worked out in the encodings that its sessions have.
fn exported(book: &mut Book, path: &Path, to: &PathBuf) -> String {
    let recoding = |path: &Path| {
        let count = "SELECT count(*) FROM sessions WHERE recode IS NOT NULL";
        Connection::open(path).unwrap().query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    while recoding(path) > 0 {
        book.size();
    }
    let messages = book.size().messages;
    assert_eq!(book.export(Which::All, Format::JsonLines, to), Outcome::Exported { messages });
    fs::read_to_string(to).unwrap()
}

/// Pieces of the lines of a file.
pub const PIECES: [&str; 40] = [
    "{\"type\":\"session\",\"session\":7,\"origin\":\"accepted\",\"peer\":\"127.0.0.1:5\",\"local\":\"[::1]:6\",\
     \"encoding\":\"UTF-8\",\"opened\":\"2026-01-01T00:00:00Z\"}\n",
    "{\"type\":\"session\",\"session\":7,\"origin\":\"outgoing\",\"host\":\"h\",\"port\":80,\"name\":\"n\",\
     \"encoding\":\"GBK\",\"opened\":\"2026-01-01T00:00:00Z\",\"ended\":\"2026-01-01T01:00:00Z\",\
     \"last\":\"2026-01-01T02:00:00Z\"}\n",
    "{\"type\":\"session\",\"session\":",
    ",\"origin\":\"everyone\",\"encoding\":\"UTF-16LE\",\"opened\":\"2026-01-01T00:00:00Z\"",
    "{\"type\":\"received\",\"session\":7,\"number\":",
    "{\"type\":\"sent\",\"session\":7,\"number\":",
    "{\"type\":\"auto\",\"session\":7,\"number\":",
    "{\"type\":\"happened\",\"session\":7,\"number\":",
    ",\"at\":\"2026-01-01T00:00:0",
    "Z\",\"raw\":\"",
    "Z\",\"what\":",
    "\",\"boundary\":",
    ",\"header\":",
    ",\"trailer\":",
    ",\"carry\":\"",
    ",\"text\":\"",
    ",\"delivery\":",
    "\"waiting\"",
    "{\"failed\":{\"call\":\"send\",\"address\":\"127.0.0.1:5\",\"cause\":\"reset\",\"errno\":104,\"words\":\"w\"}}",
    "{\"to-all\":{\"clients\":3,\"sent\":2,\"failed\":1,\"error\":null}}",
    "\"peer-finished\"",
    "{\"connected\":\"127.0.0.1:5\"}",
    "{\"broken\":{\"call\":\"recv\",\"name\":[\"h\",5],\"cause\":{\"prefix-too-long\":9},\"words\":\"PrefixTooLong(9)\"}}",
    "}\n",
    "{",
    "\"",
    ",",
    "null",
    "e4bda0",
    "c4",
    "0a",
    "\\ud83d",
    "\u{feff}",
    "你",
    "9223372036854775808",
    "18446744073709551615",
    "4294967294",
    ",\"ended\":\"9999-12-31T00:00:00Z\"",
    ",\"last\":\"-009999-01-02T01:59:59Z\"",
    "\r\n",
];
