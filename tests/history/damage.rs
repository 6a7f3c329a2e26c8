//! A damaged history: what can be read of it is kept, and what is missing is counted.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    thread,
};

use proptest::{collection::vec, option, prelude::*};
use sockhop::{
    chat::RowNumber,
    history::{Answer, Place, Question, Trouble},
    wire::text::TextEncoding,
};

use crate::{
    blocks::{Stored, StoredBlock, StoredRow, whatever_is_stored_is_read},
    book::{Book, place},
    people,
    records::Known,
};

/// Sessions with many messages, of which one continues, in a file that is not open.
fn with_many(path: &Path, known: &mut Known, sessions: usize) {
    let mut book = Book::open(path);
    for place in 0..sessions {
        known.open(&mut book, TextEncoding::default());
        for round in 0..20 {
            let texts: Vec<String> = (0..100).map(|number| format!("s{place} message {round}.{number}")).collect();
            known.receive(&mut book, place, &texts);
        }
    }
    book.wait_until_indexed();
}

/// Destroy the pages of the file that have this text as it was received; how many they are.
fn damage(path: &Path, text: &str, most: usize) -> usize {
    let mut content = fs::read(path).unwrap();
    let mut damaged = 0;
    for page in content.chunks_mut(4096).skip(1) {
        // A leaf of a table. Texts in the index are elsewhere.
        if damaged < most && page[0] == 13 && memchr::memmem::find(page, format!("{text}\n").as_bytes()).is_some() {
            page.fill(0x55);
            damaged += 1;
        }
    }
    fs::write(path, content).unwrap();
    damaged
}

impl Book {
    pub fn salvaged(&mut self) -> (u64, u64) {
        let of = |trouble: &Trouble| match trouble {
            Trouble::Salvaged { kept, missing, .. } => Some((*kept, *missing)),
            _ => None,
        };
        match self.troubles.iter().find_map(of) {
            Some(found) => found,
            None => self.wait(|answer| if let Answer::Trouble(trouble) = answer { of(&trouble) } else { None }),
        }
    }
}

#[test]
fn of_a_damaged_history_all_is_kept_that_can_be_read() {
    let (folder, path) = place();
    let mut known = Known::default();
    with_many(&path, &mut known, 3);
    let ids: Vec<_> = known.sessions.iter().map(|(summary, _)| summary.session.id).collect();
    assert_eq!(damage(&path, "s1 message 7.50", 1) + damage(&path, "s2 message 10.50", 1), 2);

    let mut book = Book::open(&path);
    // One that begins in this run, before the damage shows.
    let running = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, running, &["before it showed".to_owned()]);
    let running_id = known.sessions[running].0.session.id;
    assert_eq!(book.rows(running_id).len(), 1);
    assert_eq!(book.rows(ids[0]).len(), 2_000);
    // Whoever comes to it first is told that it can't be read.
    book.ask(Question::Page { session: ids[1], place: Place::Around(750), count: 100 });
    known.receive(&mut book, running, &["after".to_owned()]);
    let (kept, missing) = book.salvaged();
    // Two pages of lines of some 20 bytes.
    assert!((1..=2 * 4_096 / 20).contains(&missing), "{missing}");
    assert!((6_000..=6_002).contains(&(kept + missing)), "{kept} {missing}");
    assert!(folder.path().join("history.damaged-1.db").exists());

    assert_eq!(book.rows(running_id), known.sessions[running].1.values().cloned().collect::<Vec<_>>());
    assert_eq!(book.rows(ids[0]), known.sessions[0].1.values().cloned().collect::<Vec<_>>());
    let mut total = 0;
    for (id, (_, all)) in ids.iter().zip(&known.sessions) {
        let rows = book.rows(*id);
        assert!(rows.iter().all(|row| all.get(&row.number.0) == Some(row)));
        assert_eq!(rows[0].number.0, 0);
        total += rows.len() as u64;
    }
    assert_eq!(total + missing, 6_000);
    assert_eq!(book.rows(ids[1]).last().unwrap().number.0, 1_999, "what is behind the damaged page");
    let sessions = book.sessions();
    let expected: Vec<_> = known.sessions.iter().rev().map(|(summary, _)| summary.session.clone()).collect();
    assert_eq!(sessions.iter().map(|summary| summary.session.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(sessions.iter().map(|summary| summary.messages).sum::<u64>(), total + 2);
    assert_eq!(book.search("s0 message 3.33", 9).len(), 1);
    // The one that continues has too few for a block.
    while book.size().unindexed > 2 {
        thread::yield_now();
    }
    assert_eq!(book.search("s0 message 3.33", 9).len(), 1);
    known.receive(&mut book, running, &["later".to_owned()]);
    assert_eq!(book.rows(running_id).len(), 3);
    drop(book);
    let mut book = Book::open(&path);
    assert_eq!(book.rows(running_id).len(), 3);
    assert_eq!(book.troubles, []);
}

#[test]
fn the_rows_of_a_running_conversation_are_kept_also_where_nothing_says_whose_they_are() {
    let (_folder, path) = place();
    let mut known = Known::default();
    let mut book = Book::open(&path);
    let session = known.open(&mut book, TextEncoding::default());
    let texts: Vec<String> = (0..3_000).map(|number| format!("message {number}")).collect();
    known.receive(&mut book, session, &texts);
    let id = known.sessions[session].0.session.id;
    assert_eq!(book.rows(id).len(), 3_000);
    // The table of sessions is destroyed in the file, where this program has it open.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'sessions'";
    let page: u32 = other.query_row(root, [], |row| row.get(0)).unwrap();
    // As another writer would, so that nobody reads on in memory.
    other.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(other);
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start((u64::from(page) - 1) * 4096)).unwrap();
    file.write_all(&[0x55; 4096]).unwrap();
    drop(file);
    book.ask(Question::Sessions { matching: String::new(), before: None, count: 3 });
    known.receive(&mut book, session, &["after".to_owned()]);
    let (kept, _) = book.salvaged();
    assert!(kept >= 3_000, "{kept}");
    assert_eq!(book.rows(id), known.sessions[session].1.values().cloned().collect::<Vec<_>>());
    assert_eq!(book.sessions()[0].session, known.sessions[session].0.session);
}

#[test]
fn a_salvage_that_was_killed_is_continued_at_the_next_start() {
    let (folder, path) = place();
    let mut known = Known::default();
    with_many(&path, &mut known, 2);
    let aside = folder.path().join("history.damaged-1.db");
    fs::rename(&path, &aside).unwrap();
    drop(Book::open(&path));
    let killed = rusqlite::Connection::open(&path).unwrap();
    killed.execute("INSERT INTO salvage VALUES ('history.damaged-1.db')", []).unwrap();
    drop(killed);
    let before = fs::read(&aside).unwrap();
    let mut book = Book::open(&path);
    assert_eq!(book.salvaged(), (4_000, 0));
    crate::recording::check(&mut book, &known);
    assert_eq!(fs::read(&aside).unwrap(), before);
    drop(book);
    assert_eq!(Book::open(&path).troubles, []);
}

#[test]
fn one_bad_value_does_not_hide_the_rest() {
    let row = |cut| StoredRow { at: 0, kind: 0, cut, raw: Some(b"a".to_vec()), carry: None, detail: None };
    let no_text = Some(b"\xff".to_vec());
    for stored in [
        Stored {
            rows: vec![row([Some(0), Some(0), Some(0)]), row([Some(300), Some(-1), Some(99)])],
            ..Stored::default()
        },
        Stored { texts: [no_text.clone(), no_text.clone(), no_text.clone(), no_text], ..Stored::default() },
        Stored { encoding: b"\xff".to_vec(), ..Stored::default() },
        // Before 1970, as a clock may be.
        Stored { opened: -1, rows: vec![StoredRow { at: -1, ..row([None, None, Some(0)]) }], ..Stored::default() },
        Stored { origin: 2, port: Some(70_000), ..Stored::default() },
        Stored { origin: 2, port: None, ..Stored::default() },
    ] {
        whatever_is_stored_is_read(&stored, "a");
    }
}

/// Mostly what may be there.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..9_i64, 1 => -9..300_i64, 1 => any::<i64>()]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..20), "[a你]{0,9}".prop_map(String::into_bytes)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn whatever_is_stored_is_read_as_what_it_may_have_been(
        origin in number(),
        port in option::of(number()),
        texts in [option::of(bytes()), option::of(bytes()), option::of(bytes()), option::of(bytes())],
        encoding in bytes(),
        opened in number(),
        recode in any::<bool>(),
        rows in vec(
            (number(), 0..4_i64, [option::of(number()), option::of(number()), option::of(number())], option::of(bytes()),
                option::of(bytes()), option::of(bytes()))
                .prop_map(|(at, kind, cut, raw, carry, detail)| StoredRow { at, kind, cut, raw, carry, detail }),
            0..6,
        ),
        blocks in vec(
            ([number(), number(), number(), number()], bytes(), bytes())
                .prop_map(|(range, messages, text)| StoredBlock { range, messages, text }),
            0..4,
        ),
        needle in "[a你]{1,2}",
    ) {
        whatever_is_stored_is_read(&Stored { origin, port, texts, encoding, opened, recode, rows, blocks }, &needle);
    }
}

#[test]
fn who_is_known_and_what_waits_for_them_is_there_at_once_after_a_damage_and_the_rest_follows() {
    let (_folder, path) = place();
    let mut known = Known::default();
    with_many(&path, &mut known, 1);
    let mut book = Book::open(&path);
    let record = people::with_one_delivered_and_two_that_wait(&mut book);
    drop(book);
    assert_eq!(damage(&path, "s0 message 7.50", 1), 1);

    let mut book = Book::open(&path);
    let everyone = known.sessions[0].0.session.id;
    book.ask(Question::Page { session: everyone, place: Place::Around(750), count: 100 });
    book.wait(|answer| matches!(answer, Answer::Opened { .. }).then_some(()));
    let people = book.people();
    assert_eq!(people.len(), 1);
    assert_eq!((&people[0].record, people[0].next), (&record, RowNumber(3)));
    assert_eq!(people::waiting(&mut book), [(2, Some("two".to_owned())), (3, Some("three".to_owned()))]);
    book.salvaged();
    let rows = book.rows(record.session);
    assert_eq!(rows.iter().map(|row| row.number.0).collect::<Vec<_>>(), [0, 1, 2]);
    let summary = book.sessions().into_iter().find(|summary| summary.session.id == record.session).unwrap();
    assert_eq!(summary.messages, 3, "each is counted once");
    // The next run has them too.
    drop(book);
    let mut book = Book::open(&path);
    assert_eq!(book.people()[0].record, record);
    assert_eq!(people::waiting(&mut book).len(), 2);
}
