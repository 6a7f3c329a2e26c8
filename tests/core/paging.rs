//! Rows that left memory and are read back, and where they are among those that can be shown.

use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, Direction, Happening, Row, RowKind, RowNumber},
    core::{Core, Input, ROWS_KEPT, Rows, Sight},
    history::{Answer, Place, Question},
    wire::{Batch, Boundary, Cut},
};

use crate::{CONN, ConversationOptions, KEY, Room, send, sent, was_sent};

/// A room in which so many rows came: the one that says that the client was accepted, and messages.
fn room_of(rows: usize) -> Room {
    let mut room = Room::new(ConversationOptions::default());
    answer(&mut room, Answer::Opened { path: "h".into() });
    room.recv("a\n".repeat(rows - 1).as_bytes());
    room
}

fn row(number: u64) -> Row {
    Row { number: RowNumber(number), at: Timestamp::UNIX_EPOCH, kind: RowKind::Happened(Happening::PeerFinished) }
}

fn answer(room: &mut Room, answer: Answer) {
    let _ = room.core.apply(Input::History(Box::new(answer)), Timestamp::UNIX_EPOCH);
}

/// These rows are in sight. Gives where the history is asked for others.
fn read_near(room: &mut Room, first: u64, last: u64) -> Option<Place> {
    let near = (RowNumber(first), RowNumber(last));
    let sight = Sight { key: KEY, near, wanted: near.0, at_end: false };
    let questions = room.core.apply(Input::InSight(sight), Timestamp::UNIX_EPOCH).questions;
    assert!(questions.len() <= 1, "{questions:?}");
    questions.first().map(|question| match question {
        Question::Page { session, place, .. } if *session == room.conversation().id => *place,
        other => panic!("{other:?}"),
    })
}

/// The reader is back at the end.
fn read_at_end(room: &mut Room) {
    let end = rows_of(room).end();
    let sight = Sight { key: KEY, near: (RowNumber(end.0 - 50), end), wanted: end, at_end: true };
    let questions = room.core.apply(Input::InSight(sight), Timestamp::UNIX_EPOCH).questions;
    assert_eq!(questions, []);
}

/// The history answers with these rows.
fn page(room: &mut Room, place: Place, rows: Vec<Row>, (more_before, more_after): (bool, bool)) {
    let asked = room.conversation().id;
    answer(room, Answer::Page { session: None, asked, place, rows, more_before, more_after });
}

fn rows_of(room: &Room) -> &Rows {
    room.conversation().entries()
}

fn numbers(rows: &Rows, places: std::ops::Range<usize>) -> Vec<u64> {
    places
        .filter_map(|place| rows.at(place))
        .map(|(number, row)| {
            assert_eq!(number, row.number);
            number.0
        })
        .collect()
}

#[test]
fn what_leaves_memory_while_somebody_reads_there_stays_until_they_have_read() {
    let mut room = room_of(ROWS_KEPT);
    assert!(!rows_of(&room).more_before() && !rows_of(&room).reads_earlier() && !rows_of(&room).is_empty());
    assert_eq!(read_near(&mut room, 0, 10), None, "there is nothing before them");
    assert!(rows_of(&room).reads_earlier());
    room.recv("b\n".repeat(5).as_bytes());
    let rows = rows_of(&room);
    assert_eq!((rows.len(), rows.shown(), rows.first().0), (ROWS_KEPT, ROWS_KEPT + 5, 5));
    assert_eq!((rows.extent(), rows.end().0), (ROWS_KEPT as u64 + 5, ROWS_KEPT as u64 + 5));
    assert_eq!(numbers(rows, 0..7), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(rows.at(rows.shown() - 1).unwrap().0.0, ROWS_KEPT as u64 + 4);
    assert!(rows.at(rows.shown()).is_none());
    let places = [0, 3, 4, 5, 6, 50].map(|number| rows.place_of(RowNumber(number)));
    assert_eq!(places, [0, 3, 4, 5, 6, 50]);
    assert_eq!(rows.place_of(RowNumber(u64::MAX)), rows.shown());
    assert!(rows.get(RowNumber(2)).is_some_and(|row| row.number.0 == 2));
    assert!(!rows.more_before() && !rows.more_after() && !rows.is_away(RowNumber(0)));

    read_at_end(&mut room);
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..2)), (ROWS_KEPT, vec![5, 6]));
    assert!(rows.get(RowNumber(4)).is_none() && rows.get(RowNumber(5)).is_some());
    assert_eq!((rows.place_of(RowNumber(4)), rows.place_of(RowNumber(7))), (0, 2));
    assert!(rows.more_before() && !rows.more_after());
    assert!(rows.is_away(RowNumber(4)) && !rows.is_away(RowNumber(5)) && !rows.is_away(RowNumber(u64::MAX)));
}

#[test]
fn earlier_rows_come_before_those_in_memory_each_once() {
    let mut room = room_of(ROWS_KEPT + 10);
    page(&mut room, Place::Before(10), vec![row(9)], (true, false));
    assert_eq!(rows_of(&room).shown(), ROWS_KEPT, "nobody reads there");
    assert_eq!(read_near(&mut room, 10, 20), Some(Place::Before(10)));
    assert!(rows_of(&room).more_before());
    page(&mut room, Place::Before(10), (7..11).map(row).collect(), (true, false));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..5)), (ROWS_KEPT + 3, vec![7, 8, 9, 10, 11]));
    assert!(rows.more_before() && rows.is_away(RowNumber(6)) && !rows.is_away(RowNumber(7)));
    assert_eq!(read_near(&mut room, 8, 20), None, "there are others before them still");
    assert_eq!(read_near(&mut room, 7, 20), Some(Place::Before(7)));
    page(&mut room, Place::Before(7), (5..8).map(row).collect(), (false, false));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..4)), (ROWS_KEPT + 5, vec![5, 6, 7, 8]));
    assert!(!rows.more_before() && !rows.is_away(RowNumber(4)));
    assert!(rows.get(RowNumber(6)).is_some() && rows.get(RowNumber(4)).is_none());
    assert_eq!(read_near(&mut room, 5, 20), None, "the history has no others before them");
}

#[test]
fn rows_in_the_middle_are_all_that_is_shown_until_they_reach_those_in_memory() {
    let mut room = room_of(ROWS_KEPT + 10);
    assert_eq!(read_near(&mut room, 3, 4), Some(Place::Around(3)));
    page(&mut room, Place::Around(3), vec![row(3), row(4)], (true, true));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..5)), (2, vec![3, 4]));
    assert!(
        rows.more_after() && rows.is_away(RowNumber(5)) && rows.is_away(RowNumber(2)) && !rows.is_away(RowNumber(4))
    );
    assert_eq!(rows.place_of(RowNumber(100)), 2, "past what is shown");
    // What comes meanwhile does not belong behind them.
    room.recv(b"more\n");
    assert_eq!(rows_of(&room).shown(), 2);
    assert_eq!(read_near(&mut room, 4, 4), Some(Place::From(5)));
    page(&mut room, Place::From(5), (4..9).map(row).collect(), (false, true));
    let rows = rows_of(&room);
    assert_eq!(numbers(rows, 0..10), [3, 4, 5, 6, 7, 8]);
    assert!(rows.more_after() && rows.more_before());
    assert_eq!(read_near(&mut room, 4, 8), Some(Place::From(9)));
    page(&mut room, Place::From(9), vec![row(9), row(10)], (false, true));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), rows.more_after()), (8 + ROWS_KEPT, false), "they reach those in memory");
    // Asked for elsewhere: what was read goes.
    assert_eq!(read_near(&mut room, 0, 1), Some(Place::Around(0)));
    page(&mut room, Place::Around(0), vec![row(0)], (false, true));
    assert_eq!((rows_of(&room).shown(), rows_of(&room).more_before()), (1, false));
}

#[test]
fn what_carries_a_part_of_the_stream_is_found_in_either_direction() {
    let mut room = Room::new(ConversationOptions::default());
    room.recv(b"one\ntwo\n");
    for message in 1..=3 {
        send(&mut room.core, KEY, message);
    }
    was_sent(&mut room.core, CONN, 1);
    was_sent(&mut room.core, CONN, 2);
    room.recv(b"three\nfour\n");
    let carrying = |direction, bytes| -> Vec<String> {
        let rows = rows_of(&room).carrying(direction, bytes);
        rows.map(|(number, row)| format!("{} {}", number.0, String::from_utf8_lossy(row.raw()).trim_end())).collect()
    };
    assert_eq!(carrying(Direction::In, 0..1), ["1 one"]);
    assert_eq!(carrying(Direction::In, 3..4), ["1 one"]);
    assert_eq!(carrying(Direction::In, 4..5), ["2 two"]);
    assert_eq!(carrying(Direction::In, 5..9), ["2 two", "6 three"]);
    assert_eq!(carrying(Direction::In, 0..19), ["1 one", "2 two", "6 three", "7 four"]);
    assert_eq!(carrying(Direction::In, 14..100), ["7 four"]);
    assert_eq!(carrying(Direction::In, 19..100), [""; 0]);
    assert_eq!(carrying(Direction::Out, 0..3), ["3 hi"]);
    assert_eq!(carrying(Direction::Out, 2..4), ["3 hi", "4 hi"]);
    assert_eq!(carrying(Direction::Out, 6..9), [""; 0], "the third has not gone out");
    let begins: Vec<_> = sent(room.conversation()).iter().map(|sent| sent.begins).collect();
    assert_eq!((begins, room.conversation().bytes_out), (vec![Some(0), Some(3), None], 6));
}

#[test]
fn a_message_that_left_memory_is_told_what_became_of_it() {
    let mut room = room_of(1);
    assert_eq!(read_near(&mut room, 0, 10), None);
    send(&mut room.core, KEY, 1);
    send(&mut room.core, KEY, 2);
    room.recv("a\n".repeat(ROWS_KEPT).as_bytes());
    assert_eq!(rows_of(&room).first(), RowNumber(3));
    was_sent(&mut room.core, CONN, 1);
    let delivery = |room: &Room, number| match &rows_of(room).get(RowNumber(number)).unwrap().kind {
        RowKind::Sent(sent) => (sent.delivery.clone(), sent.begins),
        other => panic!("{other:?}"),
    };
    assert_eq!(delivery(&room, 1), (Delivery::Sent, Some(0)));
    assert_eq!(delivery(&room, 2), (Delivery::Waiting, None));
    read_at_end(&mut room);
    was_sent(&mut room.core, CONN, 2);
    assert_eq!(room.conversation().bytes_out, 6);
}

#[test]
fn of_many_recvs_the_latest_are_remembered_by_their_numbers() {
    let mut core = Core::default();
    crate::accept(&mut core, CONN);
    let kept = 50_000_u64;
    let bytes = vec![b'a'; kept as usize + 3];
    let cut = Cut { end: bytes.len() as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
    let batch = Batch { bytes: bytes.into(), cuts: vec![cut] };
    let recv_ends = (1..=kept + 3).collect();
    crate::happen(&mut core, sockhop::net::EventKind::Received { conn: CONN, batch, recv_ends });
    let conversation = core.conversation(KEY).unwrap();
    let within = |bytes| conversation.recvs_within(bytes).map(|recv| (recv.number, recv.bytes)).collect::<Vec<_>>();
    assert_eq!(within(0..3), []);
    assert_eq!(within(2..5), [(4, 3..4), (5, 4..5)]);
    assert_eq!(within(kept + 2..kept + 9), [(kept + 3, kept + 2..kept + 3)]);
}
