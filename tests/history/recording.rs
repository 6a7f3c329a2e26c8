//! What was recorded comes back, in this run and in the next.

use bytes::Bytes;
use proptest::prelude::*;
use sockhop::{
    chat::{ConversationChange, Row},
    history::{Full, History, Place, QUEUE_BYTES},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::{
    book::{Book, LIMIT, place},
    records::{Known, Step, steps},
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_records_in_any_order_come_back_the_same(steps in steps()) {
        let (_folder, path) = place();
        let mut known = Known::default();
        let mut book = Book::open(&path);
        let recoded = steps.iter().any(|step| matches!(step, Step::Change { change: ConversationChange::Encoding(_), .. }));
        for step in steps {
            let restart = matches!(step, Step::Restart);
            if let Some(record) = known.records(step) {
                book.record(record);
            }
            if restart {
                drop(book);
                book = Book::open(&path);
            }
        }
        if !recoded {
            check(&mut book, &known);
        }
        // What begins with half a character is known for sure when all is read in its last encoding.
        drop(book);
        let mut book = Book::open(&path);
        book.wait_until_indexed();
        check(&mut book, &known);
        prop_assert!(book.troubles.is_empty());
    }
}

pub fn check(book: &mut Book, known: &Known) {
    let sessions = book.sessions();
    let expected: Vec<_> = known.sessions.iter().rev().map(|(summary, _)| summary.clone()).collect();
    assert_eq!(sessions, expected);
    for (summary, rows) in &known.sessions {
        let rows: Vec<Row> = rows.values().cloned().collect();
        let session = summary.session.id;
        assert_eq!(book.rows(session), rows);

        let (last, more, _) = book.page(session, Place::End, 3);
        assert_eq!(last, rows[rows.len().saturating_sub(3)..]);
        assert_eq!(more, rows.len() > 3);
        if let Some(middle) = rows.get(rows.len() / 2) {
            let before = rows.iter().filter(|row| row.number < middle.number).count();
            let (around, more_before, more_after) = book.page(session, Place::Around(middle.number.0), 4);
            assert_eq!(around, rows[before.saturating_sub(2)..(before + 2).min(rows.len())]);
            assert_eq!((more_before, more_after), (before > 2, before + 2 < rows.len()));
            let (earlier, more, _) = book.page(session, Place::Before(middle.number.0), 2);
            assert_eq!(earlier, rows[before.saturating_sub(2)..before]);
            assert_eq!(more, before > 2);
        }
    }
}

#[test]
fn a_full_queue_gives_the_record_back_and_wakes_when_there_is_room() {
    let (_folder, path) = place();
    let (ring, rung) = std::sync::mpsc::channel();
    let history = History::open(&path, move || ring.send(()).unwrap()).unwrap();
    let mut book = Book { history, troubles: Vec::new() };
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let mut refused = 0;
    for _ in 0..200 {
        let bytes = Bytes::from(vec![b'x'; QUEUE_BYTES / 10]);
        let cuts = vec![Cut { end: bytes.len() as u32, header: 0, trailer: 0, boundary: Boundary::Quiet }];
        let mut record = known.received(session, Batch { bytes, cuts });
        known.forget_rows(session);
        while let Err(Full(back)) = book.history.record(record) {
            refused += 1;
            record = *back;
            rung.recv_timeout(LIMIT).unwrap();
        }
    }
    assert!(refused > 0);
    // One that is heavier than all may be finds its way too.
    let bytes = Bytes::from(vec![b'y'; QUEUE_BYTES + 1]);
    let cuts = vec![Cut { end: bytes.len() as u32, header: 0, trailer: 0, boundary: Boundary::Quiet }];
    let record = known.received(session, Batch { bytes, cuts });
    book.record(record);
    assert_eq!(book.size().messages, 201);
}
