//! Rows that left memory and are read back, and where they are among those that can be shown.

use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, Direction, Happening, Received, Row, RowKind, RowNumber},
    core::{EARLIER_BYTES, EARLIER_ROWS, Input, Paged, PagedPlace, ROWS_KEPT, Rows},
    wire::{Boundary, Cut, text::SplitChar},
};

use crate::{CONN, ConversationOptions, KEY, Key, Room, send, sent, was_sent};

/// A room in which so many rows came: the one that says that the client was accepted, and messages.
fn room_of(rows: usize) -> Room {
    let mut room = Room::new(ConversationOptions::default());
    room.recv("a\n".repeat(rows - 1).as_bytes());
    room
}

fn row(number: u64) -> Row {
    Row { number: RowNumber(number), at: Timestamp::UNIX_EPOCH, kind: RowKind::Happened(Happening::PeerFinished) }
}

fn message(number: u64, bytes: usize) -> Row {
    let cut = Cut { end: bytes as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
    let received = Received { raw: vec![b'a'; bytes].into(), cut, carry: SplitChar::default(), begins: None };
    Row { number: RowNumber(number), at: Timestamp::UNIX_EPOCH, kind: RowKind::Received(received) }
}

fn apply(room: &mut Room, input: Input) {
    let _ = room.core.apply(input, Timestamp::UNIX_EPOCH);
}

fn read_near(room: &mut Room, first: u64, last: u64) {
    apply(room, Input::ScrolledBack { key: KEY, near: (RowNumber(first), RowNumber(last)) });
}

/// The history gives these rows, asked when what is in memory now was there.
fn page(room: &mut Room, place: PagedPlace, rows: Vec<Row>, more: (bool, bool)) {
    let live = (rows_of(room).first(), rows_of(room).end());
    page_asked_when(room, place, rows, more, live);
}

fn page_asked_when(
    room: &mut Room,
    place: PagedPlace,
    rows: Vec<Row>,
    (more_before, more_after): (bool, bool),
    live: (RowNumber, RowNumber),
) {
    apply(room, Input::Paged { key: KEY, paged: Paged { place, rows, more_before, more_after, live } });
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
    read_near(&mut room, 0, 10);
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

    apply(&mut room, Input::ScrolledToEnd(KEY));
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
    page(&mut room, PagedPlace::Before, vec![row(9)], (true, false));
    assert_eq!(rows_of(&room).shown(), ROWS_KEPT, "nobody reads there");
    read_near(&mut room, 10, 20);
    assert!(rows_of(&room).more_before());
    page(&mut room, PagedPlace::Before, (7..11).map(row).collect(), (true, false));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..5)), (ROWS_KEPT + 3, vec![7, 8, 9, 10, 11]));
    assert!(rows.more_before() && rows.is_away(RowNumber(6)) && !rows.is_away(RowNumber(7)));
    page(&mut room, PagedPlace::Before, (5..8).map(row).collect(), (false, false));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..4)), (ROWS_KEPT + 5, vec![5, 6, 7, 8]));
    assert!(!rows.more_before() && !rows.is_away(RowNumber(4)));
    assert!(rows.get(RowNumber(6)).is_some() && rows.get(RowNumber(4)).is_none());
}

#[test]
fn rows_in_the_middle_are_all_that_is_shown_until_they_reach_those_in_memory() {
    let mut room = room_of(ROWS_KEPT + 10);
    read_near(&mut room, 3, 4);
    page(&mut room, PagedPlace::Instead, vec![row(3), row(4)], (true, true));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), numbers(rows, 0..5)), (2, vec![3, 4]));
    assert!(
        rows.more_after() && rows.is_away(RowNumber(5)) && rows.is_away(RowNumber(2)) && !rows.is_away(RowNumber(4))
    );
    assert_eq!(rows.place_of(RowNumber(100)), 2, "past what is shown");
    // What comes meanwhile does not belong behind them.
    room.recv(b"more\n");
    assert_eq!(rows_of(&room).shown(), 2);
    page(&mut room, PagedPlace::After, (4..9).map(row).collect(), (false, true));
    let rows = rows_of(&room);
    assert_eq!(numbers(rows, 0..10), [3, 4, 5, 6, 7, 8]);
    assert!(rows.more_after() && rows.more_before());
    page(&mut room, PagedPlace::After, vec![row(9), row(10)], (false, true));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), rows.more_after()), (8 + ROWS_KEPT, false), "they reach those in memory");
    // Asked for elsewhere: what was read goes.
    page(&mut room, PagedPlace::Instead, vec![row(0)], (false, true));
    assert_eq!((rows_of(&room).shown(), rows_of(&room).more_before()), (1, false));
}

#[test]
fn where_the_history_lacks_what_came_last_the_rows_in_memory_follow() {
    let mut room = room_of(ROWS_KEPT + 10);
    read_near(&mut room, 3, 4);
    let more_after = |room: &mut Room, rows: Vec<Row>, more, live: (u64, u64)| {
        page_asked_when(room, PagedPlace::Instead, rows, (false, more), (RowNumber(live.0), RowNumber(live.1)));
        rows_of(room).more_after()
    };
    assert!(!more_after(&mut room, vec![row(3)], false, (10, 20)), "it has no more, and nothing left memory since");
    assert!(!more_after(&mut room, vec![], false, (2, 4)), "it has nothing");
    assert!(!more_after(&mut room, vec![row(1)], false, (2, 4)), "it had less than memory then");
    assert!(more_after(&mut room, vec![row(2)], false, (2, 4)), "since it was asked, rows left memory");
    assert!(more_after(&mut room, vec![row(3)], true, (10, 20)));
}

#[test]
fn of_many_earlier_rows_those_near_the_reader_stay() {
    let mut room = room_of(ROWS_KEPT + 20_000);
    read_near(&mut room, 10_000, 10_010);
    page(&mut room, PagedPlace::Instead, (7_000..13_500).map(row).collect(), (false, false));
    let rows = rows_of(&room);
    // 3,000 before the reader, 3,489 after: the farther end goes first, then both in turn.
    assert_eq!(
        (rows.shown(), rows.at(0).unwrap().0.0, rows.at(EARLIER_ROWS - 1).unwrap().0.0),
        (EARLIER_ROWS, 7_006, 13_005)
    );
    assert!(rows.more_before() && rows.more_after());

    read_near(&mut room, 13_005, 13_005);
    page(&mut room, PagedPlace::After, (13_006..13_106).map(row).collect(), (true, true));
    let rows = rows_of(&room);
    assert_eq!((rows.shown(), rows.at(0).unwrap().0.0), (EARLIER_ROWS, 7_106), "a hundred of the oldest have gone");
}

#[test]
fn earlier_rows_are_kept_as_far_as_their_bytes_allow_and_near_the_reader_in_any_case() {
    let mut room = room_of(ROWS_KEPT + 200);
    let size = 64 * 1024;
    let fit = (EARLIER_BYTES / size) as u64;
    assert_eq!(fit, 128);
    read_near(&mut room, 0, 9);
    page(&mut room, PagedPlace::Instead, (0..fit + 5).map(|number| message(number, size)).collect(), (false, true));
    assert_eq!((rows_of(&room).shown() as u64, rows_of(&room).at(0).unwrap().0.0), (fit, 0), "the last five have gone");
    page(&mut room, PagedPlace::Instead, (0..fit).map(|number| message(number, size)).collect(), (false, true));
    assert_eq!(rows_of(&room).shown() as u64, fit, "those before them weigh nothing any more");
    page(&mut room, PagedPlace::Instead, (0..10).map(|number| message(number, EARLIER_BYTES)).collect(), (false, true));
    assert_eq!(rows_of(&room).shown(), 10, "all of them are near the reader");
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
    let begins: Vec<_> =
        sent(room.core.conversation(Key::Conn(CONN)).unwrap()).iter().map(|sent| sent.begins).collect();
    assert_eq!((begins, room.conversation().bytes_out), (vec![Some(0), Some(3), None], 6));
}

#[test]
fn a_message_that_left_memory_is_told_what_became_of_it() {
    let mut room = Room::new(ConversationOptions::default());
    read_near(&mut room, 0, 10);
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
    apply(&mut room, Input::ScrolledToEnd(KEY));
    was_sent(&mut room.core, CONN, 2);
    assert_eq!(room.conversation().bytes_out, 6);
}

#[test]
fn of_many_recvs_the_latest_are_remembered_by_their_numbers() {
    let mut core = sockhop::core::Core::default();
    crate::accept(&mut core, CONN);
    let kept = 50_000_u64;
    let bytes = vec![b'a'; kept as usize + 3];
    let cut = Cut { end: bytes.len() as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
    let batch = sockhop::wire::Batch { bytes: bytes.into(), cuts: vec![cut] };
    let recv_ends = (1..=kept + 3).collect();
    crate::happen(&mut core, sockhop::net::EventKind::Received { conn: CONN, batch, recv_ends });
    let conversation = core.conversation(KEY).unwrap();
    let within = |bytes| conversation.recvs_within(bytes).map(|recv| (recv.number, recv.bytes)).collect::<Vec<_>>();
    assert_eq!(within(0..3), []);
    assert_eq!(within(2..5), [(4, 3..4), (5, 4..5)]);
    assert_eq!(within(kept + 2..kept + 9), [(kept + 3, kept + 2..kept + 3)]);
}
