//! People of this network: what is kept of them, and what waits for them, with the rows that go with it or not at all.

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{
        Delivery, Epoch, GivenUp, JournalEntry, Origin, PersonColour, PersonId, PersonRecord, RowNumber, Session,
        SessionId, Stream,
    },
    history::{Answer, Question},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::book::{Book, new_session, place_of_empty};

fn somebody() -> PersonRecord {
    PersonRecord {
        id: PersonId([7; 32]),
        session: new_session(),
        name: "Lab PC 2".to_owned(),
        colour: PersonColour::new(3),
        met: Timestamp::from_second(1_795_000_000).unwrap(),
        ours: Stream { epoch: Epoch(u64::MAX), ..Stream::default() },
        theirs: Stream { epoch: Epoch(9), ..Stream::default() },
        ..PersonRecord::default()
    }
}

fn opened(record: &PersonRecord) -> JournalEntry {
    JournalEntry::Opened(Box::new(Session {
        id: record.session,
        origin: Origin::Person(record.id),
        peer: None,
        local: None,
        name: Some(record.name.clone()),
        encoding: TextEncoding::default(),
        opened: record.met,
    }))
}

fn whole(length: usize) -> Cut {
    Cut { end: length as u32, header: 0, trailer: 0, boundary: Boundary::Length }
}

fn sent(session: SessionId, number: u64, text: &'static str) -> JournalEntry {
    let (number, at, raw) = (RowNumber(number), Timestamp::from_second(1_795_000_100).unwrap(), Bytes::from(text));
    let cut = whole(raw.len());
    JournalEntry::Sent {
        session,
        number,
        at,
        raw,
        cut,
        delivery: Delivery::Waiting,
        auto: false,
        encoding: TextEncoding::default(),
    }
}

fn received(session: SessionId, first: u64, text: &'static str) -> JournalEntry {
    let batch = Batch { bytes: Bytes::from(text), cuts: vec![whole(text.len())] };
    JournalEntry::Received { session, first: RowNumber(first), at: Timestamp::UNIX_EPOCH, batch }
}

fn became(session: SessionId, number: u64, delivery: Delivery) -> JournalEntry {
    JournalEntry::Delivery { session, number: RowNumber(number), delivery }
}

fn person(record: &PersonRecord, with: Vec<JournalEntry>) -> JournalEntry {
    JournalEntry::Person { record: Box::new(record.clone()), with }
}

/// Records it, and waits until it is certain that it is on the disk.
fn keep(book: &mut Book, record: &PersonRecord, with: Vec<JournalEntry>) {
    book.record(person(record, with));
    book.wait(|answer| match answer {
        Answer::Kept(kept) if kept.contains(record) => Some(()),
        _ => None,
    });
}

/// The texts that wait, by their numbers; of those given up none.
pub fn waiting(book: &mut Book) -> Vec<(u64, Option<String>)> {
    let people = book.people();
    let texts = people[0].messages.iter().map(|message| {
        let text = message.text.as_ref().map(|text| String::from_utf8_lossy(text).into_owned());
        (message.n, text)
    });
    texts.collect()
}

/// Somebody verified, to whom one message is delivered while two wait.
pub fn with_one_delivered_and_two_that_wait(book: &mut Book) -> PersonRecord {
    let mut record = somebody();
    let session = record.session;
    record.verified = Some(Timestamp::from_second(1_795_000_200).unwrap());
    record.ours.last = 3;
    let texts = vec![opened(&record), sent(session, 0, "one"), sent(session, 1, "two"), sent(session, 2, "three")];
    keep(book, &record, texts);
    (record.ours.delivered, record.ours.read) = (1, 1);
    keep(book, &record, vec![became(session, 0, Delivery::Read)]);
    record
}

#[test]
fn what_is_kept_of_a_person_is_there_again_with_what_waits_for_them() {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let mut record = somebody();
    let session = record.session;
    record.ours.last = 1;
    keep(&mut book, &record, vec![opened(&record), sent(session, 0, "one")]);
    record.ours.last = 2;
    keep(&mut book, &record, vec![sent(session, 1, "two")]);
    (record.theirs.last, record.theirs.mark) = (1, u64::MAX - 5);
    keep(&mut book, &record, vec![received(session, 2, "theirs")]);
    record.ours.last = 3;
    keep(&mut book, &record, vec![sent(session, 3, "three")]);
    record.ours.delivered = 1;
    record.verified = Some(Timestamp::from_second(1_795_000_200).unwrap());
    book.record(person(&record, vec![became(session, 0, Delivery::Delivered)]));
    keep(&mut book, &record, vec![became(session, 3, Delivery::GivenUp(GivenUp::Cancelled))]);
    drop(book);

    let mut book = Book::open(&path);
    let people = book.people();
    assert_eq!(people.len(), 1);
    assert_eq!((&people[0].record, people[0].next), (&record, RowNumber(4)));
    assert_eq!(people[0].rows.len(), 4);
    let texts = [(1, Some("one".to_owned())), (2, Some("two".to_owned())), (3, None)];
    assert_eq!(waiting(&mut book), texts, "one is not read yet, and three was given up");
    assert_eq!(book.sessions()[0].session.origin, Origin::Person(record.id));
    (record.ours.read, record.ours.delivered) = (2, 2);
    keep(&mut book, &record, vec![became(session, 1, Delivery::Read)]);
    assert_eq!(waiting(&mut book), [(3, None)]);
}

#[test]
fn a_numbering_that_begins_anew_has_what_waits_from_one_on() {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let mut record = somebody();
    let session = record.session;
    record.ours.last = 3;
    let texts = vec![opened(&record), sent(session, 0, "one"), sent(session, 1, "two"), sent(session, 2, "three")];
    keep(&mut book, &record, texts);
    record.ours.delivered = 1;
    keep(&mut book, &record, vec![became(session, 0, Delivery::Delivered)]);
    record.ours = Stream { epoch: Epoch(77), last: 2, ..Stream::default() };
    keep(&mut book, &record, Vec::new());
    assert_eq!(waiting(&mut book), [(1, Some("two".to_owned())), (2, Some("three".to_owned()))]);
}

#[test]
fn people_are_kept_though_the_user_keeps_no_history() {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    assert!(book.history.ask(Question::Keep(false)));
    let mut record = somebody();
    record.theirs.last = 1;
    keep(&mut book, &record, vec![opened(&record), received(record.session, 0, "not to be lost")]);
    assert_eq!(book.people()[0].rows.len(), 1);
}

#[test]
fn of_an_entry_with_a_row_that_is_refused_nothing_is_kept_and_nobody_is_told_so() {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let mut record = somebody();
    record.theirs.last = 1;
    keep(&mut book, &record, vec![opened(&record), received(record.session, 0, "one")]);
    let before = record.clone();
    record.theirs.last = 2;
    // The number is taken: this can't be what was decided.
    book.record(person(&record, vec![received(record.session, 0, "two")]));
    let told = book.wait(|answer| match answer {
        Answer::Kept(kept) => Some(Some(kept)),
        Answer::Trouble(_) => Some(None),
        _ => None,
    });
    assert_eq!(told, None);
    let people = book.people();
    assert_eq!((&people[0].record, people[0].rows.len()), (&before, 1));
}

#[test]
fn a_stranger_who_is_forgotten_leaves_nothing() {
    let (_folder, path) = place_of_empty();
    let mut book = Book::open(&path);
    let mut record = somebody();
    keep(&mut book, &record, Vec::new());
    record.forgotten = true;
    keep(&mut book, &record, Vec::new());
    assert_eq!(book.people(), []);
}
