//! Checks of blocks, and of what else is read out of a file, that hold for anything in them.
//!
//! `searching` and `reading` give them by proptest, `tests/fuzz` takes them as they come.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{cmp::Reverse, fs, io, path::Path};

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use sockhop::{
    chat::{JournalEntry, Origin, RowNumber, Session},
    history::{Answer, Format, Outcome, Question, Reader, Removal, TaskId, Which},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::book::{Book, new_session, place_of_empty};

/// A message that is to be recorded.
#[derive(Clone, Debug)]
pub struct Message {
    /// Numbers that are left out before it.
    pub gap: u8,
    /// Nanoseconds since 1970: a clock may be set anywhere.
    pub at: i64,
    pub text: String,
}

/// What was recorded is found in blocks with its number and its time, the newest first, and nothing else is.
pub fn what_was_recorded_is_found_in_blocks(messages: &[Message], needles: &[String]) {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let (id, opened) = (new_session(), Timestamp::UNIX_EPOCH);
    let (origin, encoding) = (Origin::Accepted, TextEncoding::default());
    let session = Session { id, origin, peer: None, local: None, name: None, encoding, opened };
    book.record(JournalEntry::Opened(Box::new(session)));
    let (mut recorded, mut number) = (Vec::new(), 0);
    for message in messages {
        number += u64::from(message.gap);
        let at = Timestamp::from_nanosecond(message.at.into()).unwrap();
        let bytes = format!("{}\n", message.text).into_bytes();
        let cut = Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline };
        let batch = Batch { bytes: bytes.into(), cuts: vec![cut] };
        book.record(JournalEntry::Received { session: id, first: RowNumber(number), at, batch });
        recorded.push((at, number, folded(&message.text)));
        number += 1;
    }
    // Else the last rows would wait for others to be in a block with.
    book.record(JournalEntry::Ended { session: id, at: opened });
    book.wait_until_indexed();
    recorded.sort_by_key(|(at, number, _)| Reverse((*at, *number)));
    for needle in needles {
        let wanted = wanted(needle);
        let has = |text: &str| !wanted.is_empty() && text.contains(&wanted);
        let expected = recorded.iter().filter(|(.., text)| has(text)).map(|(at, number, _)| (*at, *number));
        let found = book.search(needle, 100).into_iter().map(|hit| (hit.place.at, hit.place.number));
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{needle:?}");
    }
    assert!(book.troubles.is_empty());
}

/// Letters that make needles of one to four characters likely to be there, and there often.
pub const LETTERS: [char; 21] = [
    'a', 'B', 'b', 'ｂ', 'É', 'é', 'e', '\u{301}', ' ', '"', '*', '（', '(', '你', '好', '😀', 'ß', 's', '각',
    '\u{1100}', '\u{1161}',
];

/// A text as it is compared: by the book, all of it at once.
pub fn folded(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let bare = decomposed.filter(|c| !('\u{300}'..='\u{36f}').contains(c));
    let lower = bare.collect::<String>().to_lowercase().to_uppercase().to_lowercase();
    ComposingNormalizerBorrowed::new_nfc().normalize_iter(lower.chars()).collect()
}

/// What a needle has to be part of.
pub fn wanted(needle: &str) -> String {
    folded(needle.trim()).trim().to_owned()
}

/// What a file has in its columns, whoever wrote them. Text may be any bytes.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub origin: i64,
    pub port: Option<i64>,
    /// Host, peer, local and name.
    pub texts: [Option<Vec<u8>>; 4],
    pub encoding: Vec<u8>,
    pub opened: i64,
    pub recode: bool,
    pub rows: Vec<StoredRow>,
    pub blocks: Vec<StoredBlock>,
}

#[derive(Clone, Debug)]
pub struct StoredRow {
    pub at: i64,
    pub kind: i64,
    /// Header, trailer and boundary.
    pub cut: [Option<i64>; 3],
    pub raw: Option<Vec<u8>>,
    pub carry: Option<Vec<u8>>,
    pub detail: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub struct StoredBlock {
    /// Numbers and times.
    pub range: [i64; 4],
    pub messages: Vec<u8>,
    pub text: Vec<u8>,
}

/// Whatever is in a file, all of it can be read, searched and exported, and the export imported; and a writer makes
/// blocks of it.
pub fn whatever_is_stored_is_read(stored: &Stored, needle: &str) {
    let (folder, path) = place_of_empty();
    stored.write(&path);
    let mut reader = Reader::open(&path).unwrap();
    let (sessions, more) = reader.sessions(None, 9).unwrap();
    assert_eq!((sessions.len(), more), (1, false));
    let (hits, _) = reader.search(needle, None, 100).unwrap();
    assert!(hits.len() <= stored.rows.len() + stored.blocks.len() * stored.rows.len());
    for format in [Format::Text, Format::Csv, Format::RawReceived] {
        reader.export(&[], format, io::sink()).unwrap();
    }
    let mut exported = Vec::new();
    reader.export(&[], Format::JsonLines, &mut exported).unwrap();
    drop(reader);
    let (file, again) = (folder.path().join("all.jsonl"), folder.path().join("again.jsonl"));
    fs::write(&file, &exported).unwrap();
    let (_other_folder, other) = place_of_empty();
    let mut other = Book::open(&other);
    let imported = other.import(&file);
    assert!(matches!(imported, Outcome::Imported { sessions: 1, known: 0, .. }), "{imported:?}");
    other.export(Which::All, Format::JsonLines, &again);
    assert_eq!(String::from_utf8(fs::read(&again).unwrap()), String::from_utf8(exported));
    write_on(&path, needle);
}

/// A writer finds the file so: it may have to set it aside, and that is all.
fn write_on(path: &Path, needle: &str) {
    let mut book = Book::open(path);
    let mut unindexed = true;
    while unindexed {
        book.ask(Question::Size);
        unindexed = book.wait(|answer| match answer {
            Answer::Size(size) => Some(size.unindexed > 0),
            Answer::Failed(_) => Some(false),
            _ => None,
        });
    }
    book.ask(Question::Search { generation: 1, needle: needle.to_owned(), after: None, count: 100 });
    book.wait(|answer| matches!(answer, Answer::Found { done: true, .. } | Answer::Failed(_)).then_some(()));
    let (task, what) = (TaskId(1), Removal::All);
    book.ask(Question::Remove {
        task,
        what,
        cancel: sockhop::history::Cancel::default(),
        after: std::time::Duration::ZERO,
    });
    book.wait(|answer| matches!(answer, Answer::Done { .. } | Answer::Failed(_)).then_some(()));
}

impl Stored {
    fn write(&self, path: &Path) {
        let Self { origin, port, texts: [host, peer, local, name], encoding, opened, .. } = self;
        let file = Connection::open(path).unwrap();
        let next = self.rows.len() as i64;
        let last = self.rows.iter().map(|row| row.at).chain([*opened]).max();
        file.execute(
            "INSERT INTO sessions (key, id, origin, port, host, peer, local, name, encoding, opened, last, recode, next)
            VALUES (1, 7, ?1, ?2, CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT),
                CAST(?7 AS TEXT), ?8, ?9, ?10, ?11)",
            params![origin, port, host, peer, local, name, encoding, opened, last, self.recode.then_some(0), next],
        )
        .unwrap();
        for (number, StoredRow { at, kind, cut: [header, trailer, boundary], raw, carry, detail }) in
            (1_i64 << 32..).zip(&self.rows)
        {
            file.execute(
                "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, carry, detail)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CAST(?9 AS TEXT))",
                params![number, at, kind, header, trailer, boundary, raw, carry, detail],
            )
            .unwrap();
        }
        for StoredBlock { range: [first, end, oldest, newest], messages, text } in &self.blocks {
            file.execute(
                "INSERT INTO blocks (session, first, end, oldest, newest, messages, text)
                VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![first, end, oldest, newest, messages, text],
            )
            .unwrap();
        }
        file.close().unwrap();
    }
}
