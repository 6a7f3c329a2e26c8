//! How a conversation came to be, as a file says it: of today's, and of older ones that get such conversations.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sockhop::{
    chat::{JournalEntry, Origin, PersonId, RowNumber, Session},
    history::{Format, Outcome, Reader, VERSION, Which},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::book::{Book, new_session, place};

/// Each way, with what is said in its conversation.
fn all() -> Vec<(Origin, &'static [&'static str])> {
    let (host, port) = ("room-12".to_owned(), 8888);
    vec![
        (Origin::Everyone, &["to all"]),
        (Origin::Accepted, &["accepted"]),
        (Origin::Outgoing { host: host.clone(), port }, &["outgoing"]),
        (Origin::Person(PersonId([7; 32])), &["你好"]),
        (Origin::Nearby, &["nearby"]),
        // The second datagram is empty, which is one.
        (Origin::Heard, &["heard", "", "again"]),
        (Origin::Datagrams { host, port }, &["datagram\nof two lines"]),
    ]
}

fn write(book: &mut Book) {
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
    for (second, (origin, texts)) in (0..).zip(all()) {
        let id = new_session();
        book.record(JournalEntry::Opened(Box::new(Session {
            id,
            origin,
            peer: "10.0.0.9:50312".parse().ok(),
            local: "10.0.0.7:8888".parse().ok(),
            name: None,
            encoding: TextEncoding::default(),
            opened: at(second),
        })));
        let mut end = 0;
        let cuts = texts.iter().map(|text| {
            end += text.len() as u32;
            Cut { end, header: 0, trailer: 0, boundary: Boundary::Length }
        });
        let batch = Batch { cuts: cuts.collect(), bytes: texts.concat().into() };
        book.record(JournalEntry::Received { session: id, first: RowNumber(0), at: at(second), batch });
        book.record(JournalEntry::Ended { session: id, at: at(second + 1) });
    }
    book.wait_until_indexed();
}

/// What a file has of each way, by its text.
fn found(book: &mut Book) -> BTreeMap<String, Vec<String>> {
    let sessions = book.sessions();
    let texts = |book: &mut Book, id| {
        let rows = book.rows(id);
        rows.iter().filter_map(|row| row.decode(TextEncoding::default())).map(|decoded| decoded.text).collect()
    };
    sessions.iter().map(|one| (format!("{:?}", one.session.origin), texts(book, one.session.id))).collect()
}

fn expected() -> BTreeMap<String, Vec<String>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    all().into_iter().map(|(origin, said)| (format!("{origin:?}"), texts(said))).collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[test]
fn a_file_of_today_has_every_way_that_a_conversation_comes_to_be() {
    // The fifth has the datagrams that were heard in one row of its table.
    for name in ["history-4.db", "history-5.db"] {
        let (_folder, path) = place();
        fs::copy(fixture(name), &path).unwrap();
        // Only read, as a copy on another computer is.
        let mut exported = Vec::new();
        Reader::open(&path).unwrap().export(&[], Format::JsonLines, &mut exported).unwrap();
        let exported = String::from_utf8(exported).unwrap();
        for origin in ["\"heard\"", "\"datagrams\"", "\"person\""] {
            assert!(exported.contains(origin), "{name}: {origin}: {exported}");
        }
        let mut book = Book::open(&path);
        assert_eq!(found(&mut book), expected(), "{name}");
        assert_eq!(book.search("two lines", 10).len(), 1, "{name}");
        assert_eq!(book.troubles, []);
    }
}

#[test]
fn an_older_file_takes_every_way_and_gives_it_again_after_an_import() {
    for name in ["history-1.db", "history-2.db", "history-3.db"] {
        let (folder, path) = place();
        fs::copy(fixture(name), &path).unwrap();
        let mut book = Book::open(&path);
        let before = found(&mut book);
        write(&mut book);
        drop(book);
        let mut book = Book::open(&path);
        let now = found(&mut book);
        // What was there already may be of the same way.
        for (origin, texts) in expected().into_iter().filter(|(origin, _)| !before.contains_key(origin)) {
            assert_eq!(now.get(&origin), Some(&texts), "{name}: {origin}");
        }
        let mut all = before;
        all.extend(expected());
        assert_eq!(now.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>(), "{name}");
        let file = folder.path().join("all.json");
        assert!(matches!(book.export(Which::All, Format::JsonLines, &file), Outcome::Exported { .. }));
        let (_other, elsewhere) = place();
        let mut other = Book::open(&elsewhere);
        assert!(matches!(other.import(&file), Outcome::Imported { .. }));
        assert_eq!(found(&mut other).keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>(), "{name}");
        assert_eq!((book.troubles, other.troubles), (vec![], vec![]));
    }
}

/// Not a test: what wrote the fixtures, when `VERSION` was 4, and when it was 5.
#[test]
#[ignore = "the fixture is there"]
fn write_the_fixture_of_every_way() {
    if std::env::var_os("SOCKHOP_TEST_FIXTURE").is_none() {
        return;
    }
    assert_eq!(VERSION, 5);
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    write(&mut book);
    drop(book);
    fs::copy(path, fixture("history-5.db")).unwrap();
}
