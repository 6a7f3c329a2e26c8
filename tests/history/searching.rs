//! A search finds what a plain look at every message finds, in the same order.

use std::time::{Duration, Instant};

use proptest::{collection::vec, prelude::*};
use sockhop::{
    chat::{ConversationChange, JournalEntry, Row},
    history::{Answer, HitPlace, Question, Reader, SessionSummary},
    wire::{
        Batch, Boundary, Cut,
        text::{self, TextEncoding},
    },
};

use crate::{
    blocks::{LETTERS, Message, folded, wanted, what_was_recorded_is_found_in_blocks},
    book::{Book, LIMIT, place},
    records::Known,
};

fn text(most: usize) -> impl Strategy<Value = String> {
    vec(prop::sample::select(LETTERS.to_vec()), 0..=most).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_search_finds_what_a_plain_scan_finds(
        batches in vec((0..3_usize, vec(text(12), 1..40), any::<bool>()), 1..12),
        // More than are looked at without asking the index.
        others in vec(text(8), 0..80),
        needles in vec(text(4), 1..8),
        count in 1..20_usize,
    ) {
        let (_folder, path) = place();
        let mut book = Book::open(&path);
        let mut known = Known::default();
        let sessions: Vec<_> = (0..3).map(|_| known.open(&mut book, TextEncoding::default())).collect();
        for (who, texts, restart) in batches {
            known.receive(&mut book, sessions[who], &texts);
            if restart {
                // All is indexed of what nobody adds to any more, sooner or later: searching goes on meanwhile.
                drop(book);
                book = Book::open(&path);
            }
        }
        for text in others {
            let session = known.open(&mut book, TextEncoding::default());
            known.receive(&mut book, session, &[text]);
        }
        for needle in &needles {
            compare(&mut book, &known, needle, count);
        }
        let mut reader = Reader::open(&path).unwrap();
        for needle in &needles {
            compare_reader(&mut reader, &known, needle, count);
        }
        drop(book);
        let mut book = Book::open(&path);
        book.wait_until_indexed();
        for needle in &needles {
            compare(&mut book, &known, needle, count);
            compare_reader(&mut reader, &known, needle, count);
        }
        drop(book);
        compare_reader(&mut Reader::open(&path).unwrap(), &known, &needles[0], count);
    }

    #[test]
    fn what_is_in_blocks_is_found_whatever_the_clock_said(
        messages in vec(
            (0..9_u8, prop_oneof![-9..9_i64, any::<i64>()], text(12), prop_oneof![7 => Just(1_usize), 1 => Just(500)])
                .prop_map(|(gap, at, text, times)| Message { gap, at, text: text.repeat(times) }),
            1..60,
        ),
        needles in vec(text(4), 1..4),
    ) {
        what_was_recorded_is_found_in_blocks(&messages, &needles);
    }
}

fn compare(book: &mut Book, known: &Known, needle: &str, count: usize) {
    let found = book.search(needle, count);
    let expected = scan(known, needle);
    let places: Vec<HitPlace> = found.iter().map(|hit| hit.place).collect();
    assert_eq!(places, expected, "{needle:?}");
    for hit in found {
        assert!(!hit.matches.is_empty());
        for range in hit.matches {
            let marked = folded(&hit.excerpt[range]);
            assert!(marked.contains(&wanted(needle)), "{marked:?} {needle:?}");
        }
    }
}

/// The same for a reader, which finds it in the file that another program has open.
fn compare_reader(reader: &mut Reader, known: &Known, needle: &str, count: usize) {
    let mut places: Vec<HitPlace> = Vec::new();
    loop {
        let (hits, more) = reader.search(needle, places.last(), count).unwrap();
        places.extend(hits.iter().map(|hit| hit.place));
        if !more {
            break;
        }
    }
    assert_eq!(places, scan(known, needle), "{needle:?}");
}

/// What has the needle, by looking at everything.
fn scan(known: &Known, needle: &str) -> Vec<HitPlace> {
    let mut all = Vec::new();
    for (key, (summary, rows)) in known.sessions.iter().enumerate() {
        let SessionSummary { session, .. } = summary;
        let needle = wanted(needle);
        if needle.is_empty() {
            continue;
        }
        let has = |row: &&Row| {
            let text = row.decode(session.encoding).unwrap_or_else(|| panic!("{row:?}")).text;
            folded(&text).contains(&needle)
        };
        let place = |row: &Row| HitPlace { at: row.at, session: session.id, number: row.number.0 };
        all.extend(rows.values().filter(has).map(|row| (row.at, key, place(row))));
    }
    all.sort_by_key(|(at, key, place)| std::cmp::Reverse((*at, *key, place.number)));
    all.into_iter().map(|(_, _, place)| place).collect()
}

#[test]
fn an_excerpt_shows_what_is_around_the_first_match() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let long = format!("{}Needle 你好{}needle", "前".repeat(100), "z".repeat(500));
    known.receive(&mut book, session, &[long, "the needle".to_owned()]);
    let hits = book.search("NEEDLE", 10);
    let shown: Vec<_> = hits.iter().map(|hit| (hit.cut_before, hit.cut_after, hit.matches[0].clone())).collect();
    assert_eq!(shown, [(false, false, 4..10), (true, true, 120..126)]);
    assert_eq!((hits[0].matches.len(), hits[1].matches.len()), (1, 1));
    assert_eq!(&hits[1].excerpt[120..133], "Needle 你好");
    assert_eq!(hits[1].excerpt.chars().count(), 40 + 6 + 160);
    assert!(!hits[1].ours);
}

#[test]
fn what_looks_or_reads_the_same_is_found_and_shown_as_it_was_written() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let texts = [
        "insert the ＵＳＢ stick",
        "１００ percent",
        "（你好），老师",
        "caf\u{e9}",
        "un cafe\u{301}!",
        "Hauptstraße 5",
        "HAUPTSTRASSE 6",
        "한글",
        "a \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} b",
        "ΟΔΥΣΣΕΥΣ",
    ];
    known.receive(&mut book, session, &texts.map(str::to_owned));
    let mut found = |needle: &str| {
        let hits = book.search(needle, 10);
        hits.iter().rev().map(|hit| hit.excerpt[hit.matches[0].clone()].to_owned()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(found("USB"), ["ＵＳＢ"]);
        assert_eq!(found("ｕｓｂ"), ["ＵＳＢ"]);
        assert_eq!(found("100"), ["１００"]);
        assert_eq!(found("(你好)"), ["（你好）"]);
        for cafe in ["cafe", "CAFÉ", "cafe\u{301}", " café\n"] {
            assert_eq!(found(cafe), ["caf\u{e9}", "cafe\u{301}"], "{cafe:?}");
        }
        assert_eq!(found("strasse"), ["straße", "STRASSE"]);
        assert_eq!(found("Straße"), ["straße", "STRASSE"]);
        let decomposed = &texts[8][2..texts[8].len() - 2];
        assert_eq!(found("한글"), ["한글", decomposed]);
        assert_eq!(found(decomposed), ["한글", decomposed]);
        assert_eq!(found("οδυσσεύς"), ["ΟΔΥΣΣΕΥΣ"]);
        assert_eq!(found(" \u{3000}\t"), [] as [&str; 0]);
    }
}

#[test]
fn conversations_are_found_by_their_names_the_same_way() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    for name in ["José", "ＵＳＢ", "小明", "100%_\\"] {
        let (origin, encoding) = (sockhop::chat::Origin::Accepted, TextEncoding::default());
        let record = known.records(crate::records::Step::Open { origin, name: Some(name.to_owned()), encoding });
        book.record(record.unwrap());
    }
    let mut found = |text: &str| {
        book.sessions_matching(text).into_iter().filter_map(|summary| summary.session.name).collect::<Vec<_>>()
    };
    assert_eq!(found("jose "), ["José"]);
    assert_eq!(found("usb"), ["ＵＳＢ"]);
    assert_eq!(found("小明"), ["小明"]);
    assert_eq!(found("%_\\"), ["100%_\\"]);
    assert_eq!(found("_0"), [] as [&str; 0]);
    assert_eq!(found(" ").len(), 4);
}

#[test]
fn a_later_search_takes_the_place_of_an_earlier_one() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let texts: Vec<String> = (0..20_000).map(|number| format!("line {number}")).collect();
    known.receive(&mut book, session, &texts);
    for generation in 0..20 {
        let needle = "no such line".to_owned();
        book.ask(Question::Search { generation, needle, after: None, count: 10 });
    }
    let mut last = None;
    while last != Some(19) {
        let generation = book.wait(|answer| match answer {
            Answer::Found { generation, done: true, .. } => Some(generation),
            _ => None,
        });
        assert!(last < Some(generation));
        last = Some(generation);
    }
}

#[test]
fn an_empty_needle_is_nowhere() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, session, &["a".to_owned()]);
    assert_eq!(book.search("", 10), []);
}

impl Known {
    /// Open a session.
    pub fn open(&mut self, book: &mut Book, encoding: TextEncoding) -> usize {
        let step = crate::records::Step::Open { origin: sockhop::chat::Origin::Accepted, name: None, encoding };
        let record = self.records(step).unwrap();
        book.record(record);
        self.sessions.len() - 1
    }

    /// Receive these texts, one message each, in one batch.
    pub fn receive(&mut self, book: &mut Book, place: usize, texts: &[String]) {
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
            cuts.push(Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline });
        }
        let record = self.received(place, Batch { bytes: bytes.into(), cuts });
        book.record(record);
    }
}

#[test]
fn a_session_in_another_encoding_is_found_by_what_it_says_then() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let (gbk, ended) = (TextEncoding::named("GBK").unwrap(), jiff::Timestamp::UNIX_EPOCH);
    let session = known.open(&mut book, TextEncoding::default());
    let id = known.sessions[session].0.session.id;
    let bytes = text::encode("你好\n", gbk).bytes;
    let cuts = vec![Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline }];
    let record = known.received(session, Batch { bytes: bytes.into(), cuts });
    book.record(record);
    book.record(JournalEntry::Ended { session: id, at: ended });
    book.wait_until_indexed();
    assert_eq!(book.search("你好", 9).len(), 0);
    book.record(JournalEntry::Changed { session: id, change: ConversationChange::Encoding(gbk) });
    assert_eq!(book.search("你好", 9).len(), 0);
    book.record(JournalEntry::Changed { session: id, change: ConversationChange::Encoding(gbk) });
    book.wait_until_indexed();
    assert_eq!(book.search("你好", 9).len(), 1);
    assert_eq!(book.search("\u{fffd}", 9).len(), 0);
}

#[test]
fn what_comes_again_and_again_is_indexed_meanwhile() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let file = rusqlite::Connection::open(&path).unwrap();
    let texts: Vec<String> = (0..400).map(|number| format!("message {number}")).collect();
    let begun = Instant::now();
    let indexed = || file.query_row("SELECT ifnull(max(indexed), 0) FROM sessions", [], |row| row.get::<_, i64>(0));
    // More than is indexed at once, and never calm.
    while indexed().unwrap() < 10_000 {
        assert!(begun.elapsed() < LIMIT);
        known.receive(&mut book, session, &texts);
        known.forget_rows(session);
        std::thread::sleep(Duration::from_millis(10));
    }
}
