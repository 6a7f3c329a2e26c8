//! Which of the rows that the history gave are kept, and whether those in memory follow.

use jiff::Timestamp;

use super::*;
use crate::{
    chat::{Happening, Received, RowKind},
    wire::{Boundary, Cut, text::SplitChar},
};

fn row(number: u64) -> Row {
    Row { number: RowNumber(number), at: Timestamp::UNIX_EPOCH, kind: RowKind::Happened(Happening::PeerFinished) }
}

fn message(number: u64, bytes: usize) -> Row {
    let cut = Cut { end: bytes as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
    let received = Received { raw: vec![b'a'; bytes].into(), cut, carry: SplitChar::default(), begins: None };
    Row { number: RowNumber(number), at: Timestamp::UNIX_EPOCH, kind: RowKind::Received(received) }
}

/// Earlier rows of which nothing was read yet; the reader is near these.
fn read_near(first: u64, last: u64) -> Earlier {
    let mut earlier = Earlier::new(true);
    earlier.read_at((RowNumber(first), RowNumber(last)));
    earlier
}

/// The history gives these rows, asked when what is in memory now was there.
fn page(earlier: &mut Earlier, place: PagedPlace, rows: Vec<Row>, more: (bool, bool)) {
    let (first_live, end) = (RowNumber(20_000), RowNumber(30_000));
    earlier.page(place, rows, more, first_live, (first_live, end));
}

fn ends(earlier: &Earlier) -> (u64, u64) {
    (earlier.first().unwrap().0, earlier.last().unwrap().0)
}

#[test]
fn where_the_history_lacks_what_came_last_the_rows_in_memory_follow() {
    let more_after = |rows: Vec<Row>, more, live: (u64, u64)| {
        let mut earlier = read_near(3, 4);
        let asked_when = (RowNumber(live.0), RowNumber(live.1));
        earlier.page(PagedPlace::Instead, rows, (false, more), RowNumber(10), asked_when);
        earlier.more_after
    };
    assert!(!more_after(vec![row(3)], false, (10, 20)), "it has no more, and nothing left memory since");
    assert!(!more_after(vec![], false, (2, 4)), "it has nothing");
    assert!(!more_after(vec![row(1)], false, (2, 4)), "it had less than memory then");
    assert!(more_after(vec![row(2)], false, (2, 4)), "since it was asked, rows left memory");
    assert!(more_after(vec![row(3)], true, (10, 20)));
}

#[test]
fn of_many_earlier_rows_those_near_the_reader_stay() {
    let mut earlier = read_near(10_000, 10_010);
    page(&mut earlier, PagedPlace::Instead, (7_000..13_500).map(row).collect(), (false, false));
    // 3,000 before the reader, 3,489 after: the farther end goes first, then both in turn.
    assert_eq!((earlier.len(), ends(&earlier)), (EARLIER_ROWS, (7_006, 13_005)));
    assert!(earlier.more_before && earlier.more_after);

    earlier.read_at((RowNumber(13_005), RowNumber(13_005)));
    page(&mut earlier, PagedPlace::After, (13_006..13_106).map(row).collect(), (true, true));
    assert_eq!((earlier.len(), ends(&earlier).0), (EARLIER_ROWS, 7_106), "a hundred of the oldest have gone");
}

#[test]
fn earlier_rows_are_kept_as_far_as_their_bytes_allow_and_near_the_reader_in_any_case() {
    let mut earlier = read_near(0, 9);
    let size = 64 * 1024;
    let fit = (EARLIER_BYTES / size) as u64;
    assert_eq!(fit, 128);
    page(&mut earlier, PagedPlace::Instead, (0..fit + 5).map(|number| message(number, size)).collect(), (false, true));
    assert_eq!((earlier.len() as u64, ends(&earlier).0), (fit, 0), "the last five have gone");
    page(&mut earlier, PagedPlace::Instead, (0..fit).map(|number| message(number, size)).collect(), (false, true));
    assert_eq!(earlier.len() as u64, fit, "those before them weigh nothing any more");
    let large = (0..10).map(|number| message(number, EARLIER_BYTES)).collect();
    page(&mut earlier, PagedPlace::Instead, large, (false, true));
    assert_eq!(earlier.len(), 10, "all of them are near the reader");
}
