//! Another program reads a history, whatever its writer does meanwhile.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use jiff::Timestamp;
use sockhop::{
    chat::{JournalEntry, SessionId},
    history::{Format, Outcome, ReadError, Reader, Removal},
    wire::text::TextEncoding,
};

use crate::{
    book::{Book, place},
    records::Known,
};

fn write_two(book: &mut Book, known: &mut Known, text: &str) -> SessionId {
    let session = known.open(book, TextEncoding::default());
    known.receive(book, session, &[text.to_owned(), text.to_owned()]);
    let id = known.sessions[session].0.session.id;
    book.record(JournalEntry::Ended { session: id, at: Timestamp::now() });
    id
}

#[test]
fn what_is_written_after_it_was_opened_is_seen_too() {
    let (_folder, path) = place();
    let mut known = Known::default();
    write_two(&mut Book::open(&path), &mut known, "first");
    // Nobody has it open.
    let mut reader = Reader::open(&path).unwrap();
    assert_eq!(reader.search("first", None, 9).unwrap().0.len(), 2);
    for round in 0..3 {
        // A writer comes and goes: the log is there and gone again.
        let mut book = Book::open(&path);
        write_two(&mut book, &mut known, "later");
        if round == 1 {
            book.size();
            assert_eq!(reader.search("later", None, 9).unwrap().0.len(), 2 * (round + 1));
        }
        drop(book);
        assert_eq!(reader.search("later", None, 9).unwrap().0.len(), 2 * (round + 1));
        assert_eq!(reader.sessions(None, 9).unwrap().0.len(), round + 2);
    }
}

#[test]
fn what_is_recorded_indexed_and_removed_meanwhile_does_not_disturb_it() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let stays = write_two(&mut book, &mut known, "it stays");
    book.size();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reads = scope.spawn(|| {
            let mut reader = Reader::open(&path).unwrap();
            let mut rounds = 0;
            while !over.load(Ordering::Relaxed) || rounds < 3 {
                assert_eq!(reader.search("stays", None, 100).unwrap().0.len(), 2);
                let mut text = Vec::new();
                reader.export(&[stays], Format::RawReceived, &mut text).unwrap();
                assert_eq!(String::from_utf8(text).unwrap().matches("stays").count(), 2);
                reader.export(&[], Format::JsonLines, Vec::new()).unwrap();
                rounds += 1;
            }
        });
        for _ in 0..20 {
            let goes = write_two(&mut book, &mut known, &"it goes ".repeat(400));
            assert_eq!(book.remove(Removal::Session(goes)), Outcome::Removed { messages: 2, traces: false });
        }
        over.store(true, Ordering::Relaxed);
        reads.join().unwrap();
    });
    assert_eq!(book.troubles, []);
}

#[test]
fn a_session_that_is_not_there_is_named_before_anything_is_written() {
    let (_folder, path) = place();
    let mut known = Known::default();
    let there = write_two(&mut Book::open(&path), &mut known, "text");
    let mut written = Vec::new();
    let failed = Reader::open(&path).unwrap().export(&[there, SessionId(7)], Format::Csv, &mut written);
    assert!(matches!(failed, Err(ReadError::UnknownSession(SessionId(7)))), "{failed:?}");
    assert_eq!(written, b"");
}

#[test]
fn a_writer_that_opens_and_closes_the_file_and_readers_that_do_are_not_in_each_others_way() {
    let (_folder, path) = place();
    let mut known = Known::default();
    write_two(&mut Book::open(&path), &mut known, "first");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reads = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let found = Reader::open(&path).and_then(|mut reader| reader.search("first", None, 9));
                assert_eq!(found.unwrap().0.len(), 2);
            }
        });
        for _ in 0..40 {
            let mut book = Book::open(&path);
            write_two(&mut book, &mut known, "later");
            assert_eq!(book.troubles, []);
        }
        over.store(true, Ordering::Relaxed);
        reads.join().unwrap();
    });
    assert_eq!(Reader::open(&path).unwrap().search("later", None, 99).unwrap().0.len(), 80);
}
