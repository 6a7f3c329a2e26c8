//! What came last is not in its place among the rows of its session yet; nobody sees that.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use rusqlite::Connection;
use sockhop::{
    chat::{Delivery, Row, RowKind},
    history::{Format, Outcome, Reader, Which},
    wire::text::TextEncoding,
};

use crate::{
    book::{Book, LIMIT, place},
    recording::check,
    records::{Known, Step},
};

/// Sessions that say three things each, one at a time and in turn; waits until all is in the file.
fn talk(book: &mut Book, path: &Path, talkers: usize) -> Known {
    let mut known = Known::default();
    let sessions: Vec<_> = (0..talkers).map(|_| known.open(book, TextEncoding::default())).collect();
    for text in ["one", "two", "three"] {
        for session in &sessions {
            known.receive(book, *session, &[format!("{text} of {session}")]);
        }
    }
    wait_for(path, "recent", 3 * talkers as i64);
    known
}

/// Waits until the table has so many rows.
fn wait_for(path: &Path, table: &str, rows: i64) {
    let begun = Instant::now();
    let file = Connection::open(path).unwrap();
    while count(&file, table) < rows {
        assert!(begun.elapsed() < LIMIT, "{} of {rows}", count(&file, table));
        std::thread::yield_now();
    }
}

fn count(file: &Connection, table: &str) -> i64 {
    file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// The file as a program that was killed leaves it behind, in the same folder.
fn as_killed(path: &Path) -> PathBuf {
    let copy = path.with_file_name("killed.db");
    fs::copy(path, &copy).unwrap();
    fs::copy(path.with_file_name("history.db-wal"), path.with_file_name("killed.db-wal")).unwrap();
    copy
}

#[test]
fn another_program_reads_it_as_if_it_were_in_its_place() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let known = talk(&mut book, &path, 5);
    let mut reader = Reader::open(&path).unwrap();
    let mut expected: Vec<_> = known.sessions.iter().map(|(summary, _)| summary.clone()).collect();
    expected.reverse();
    assert_eq!(reader.sessions(None, 9).unwrap(), (expected, false));
    assert_eq!(reader.search("TWO OF", None, 9).unwrap().0.len(), 5);
    let mut text = Vec::new();
    let all: Vec<_> = known.sessions.iter().map(|(summary, _)| summary.session.id).collect();
    assert_eq!(reader.export(&all, Format::RawReceived, &mut text).unwrap(), 15);
    assert!(text.starts_with(b"one of 0\ntwo of 0\nthree of 0\none of 1\n"));
    assert_eq!(count(&Connection::open(&path).unwrap(), "rows"), 0);
    // Once somebody asks, it is.
    check(&mut book, &known);
    let file = Connection::open(&path).unwrap();
    assert_eq!((count(&file, "recent"), count(&file, "rows")), (0, 5));
    assert_eq!(reader.search("TWO OF", None, 9).unwrap().0.len(), 5);
}

#[test]
fn it_is_there_after_the_program_was_killed() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let known = talk(&mut book, &path, 40);
    let killed = as_killed(&path);
    check(&mut Book::open(&killed), &known);
    check(&mut book, &known);
}

#[test]
fn what_can_not_take_its_place_is_read_where_it_is() {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    book.size();
    let other = Connection::open(&path).unwrap();
    let rule = "CREATE TRIGGER no_room BEFORE INSERT ON rows BEGIN SELECT raise(ABORT, 'no room'); END";
    other.execute_batch(rule).unwrap();
    let mut known = talk(&mut book, &path, 5);
    check(&mut book, &known);
    assert_eq!(book.search("two of", 9).len(), 5);
    let file = folder.path().join("all.txt");
    assert!(matches!(book.export(Which::All, Format::Text, &file), Outcome::Exported { messages: 15 }));
    // What comes meanwhile comes to it.
    known.receive(&mut book, 0, &["four".to_owned()]);
    check(&mut book, &known);
    assert_eq!((count(&other, "recent"), count(&other, "rows")), (16, 0));
    other.execute_batch("DROP TRIGGER no_room").unwrap();
    check(&mut book, &known);
    assert_eq!((count(&other, "recent"), count(&other, "rows")), (0, 5));
    assert_eq!(book.troubles, []);
}

#[test]
fn it_is_salvaged_with_the_rest_of_a_damaged_file() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = talk(&mut book, &path, 3);
    book.size();
    for session in [known.open(&mut book, TextEncoding::default()), 0] {
        known.receive(&mut book, session, &["late".to_owned()]);
    }
    wait_for(&path, "recent", 2);
    let killed = as_killed(&path);
    let (folder, path) = place();
    drop(Book::open(&path));
    let aside = folder.path().join("history.damaged-1.db");
    for ending in ["", "-wal"] {
        let of = |path: &Path| format!("{}{ending}", path.display());
        fs::copy(of(&killed), of(&aside)).unwrap();
    }
    Connection::open(&path).unwrap().execute("INSERT INTO salvage VALUES ('history.damaged-1.db')", []).unwrap();
    let mut book = Book::open(&path);
    assert_eq!(book.salvaged(), (11, 0));
    check(&mut book, &known);
}

#[test]
fn what_becomes_of_a_message_that_was_sent_is_kept_with_it() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    known.open(&mut book, TextEncoding::default());
    let step = |book: &mut Book, known: &mut Known, step| book.record(known.records(step).unwrap());
    for _ in 0..4 {
        let (raw, delivery, encoding) = (b"sent\n".to_vec(), Delivery::Sent, TextEncoding::default());
        step(&mut book, &mut known, Step::Send { who: 0, raw, delivery, auto: false, encoding });
    }
    wait_for(&path, "recent", 4);
    step(&mut book, &mut known, Step::Deliver { who: 0, which: 0, delivery: Delivery::Waiting });
    step(&mut book, &mut known, Step::Acknowledge { who: 0, first: 0, count: 3 });
    check(&mut book, &known);
    // They are in their places now.
    assert_eq!(count(&Connection::open(&path).unwrap(), "rows"), 4);
    step(&mut book, &mut known, Step::Acknowledge { who: 0, first: 0, count: 4 });
    check(&mut book, &known);
    let delivery = |row: &Row| if let RowKind::Sent(sent) = &row.kind { Some(sent.delivery.clone()) } else { None };
    let states: Vec<_> = known.sessions[0].1.values().filter_map(delivery).collect();
    let acknowledged = Delivery::Acknowledged;
    assert_eq!(states, [Delivery::Waiting, acknowledged.clone(), acknowledged.clone(), acknowledged]);
}

#[test]
fn there_is_an_end_to_what_waits_for_its_place() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    // A transaction takes 10,000.
    for number in 0..30_000 {
        known.receive(&mut book, session, &[number.to_string()]);
    }
    // They take their places as runs, of many messages each.
    wait_for(&path, "rows", 1);
    check(&mut book, &known);
    let rows = count(&Connection::open(&path).unwrap(), "rows");
    assert!((20..2_000).contains(&rows), "{rows}");
}
