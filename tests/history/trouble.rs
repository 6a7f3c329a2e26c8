//! What can be wrong with the file, the folder and the disk: it is told, nothing is overwritten, recording goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use sockhop::{
    chat::{ConversationChange, Delivery, Happening, JournalEntry, Origin, Row, RowNumber, Session, SessionId},
    history::{
        Answer, Format, History, PENDING_BYTES, Question, Reader, SessionSummary, Trouble, Unavailable, VERSION,
    },
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::{
    book::{Book, new_session, place},
    records::Known,
};

/// Record a session with one message. Whether it can be asked for.
fn records(book: &mut Book) -> bool {
    let mut known = Known::default();
    let session = known.open(book, TextEncoding::default());
    known.receive(book, session, &["message".to_owned()]);
    let id = known.sessions[session].0.session.id;
    if book.answers() { book.rows(id).len() == 1 } else { false }
}

/// Nothing is recorded, and nobody is told so at every message.
fn lets_go(book: &mut Book) {
    assert!(!records(book));
    assert_eq!(book.troubles, []);
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/history-1.db")
}

#[test]
fn a_file_of_the_first_version_is_read_and_written() {
    let (_folder, path) = place();
    fs::copy(fixture(), &path).unwrap();
    let mut book = Book::open(&path);
    let sessions = book.sessions();
    let names: Vec<_> = sessions.iter().map(|summary| summary.session.name.as_deref()).collect();
    assert_eq!(names, [None, Some("小明")]);
    let texts = |book: &mut Book, id: SessionId, encoding| -> Vec<String> {
        book.rows(id).iter().filter_map(|row| row.decode(encoding)).map(|decoded| decoded.text).collect()
    };
    let gbk = TextEncoding::named("GBK").unwrap();
    assert_eq!(texts(&mut book, sessions[1].session.id, gbk), ["你好", "Hello", "received"]);
    assert_eq!(book.rows(sessions[1].session.id).len(), 5);
    assert_eq!(texts(&mut book, sessions[0].session.id, TextEncoding::default()).len(), 40);
    assert_eq!(book.search("HELLO", 10).len(), 1);
    assert_eq!(book.search("你好", 10).len(), 1);
    assert!(records(&mut book));
    assert_eq!(book.troubles, []);
}

#[test]
fn a_file_of_before_people_knows_them_from_then_on() {
    let (_folder, path) = place();
    fs::copy(fixture().with_file_name("history-3.db"), &path).unwrap();
    let mut book = Book::open(&path);
    assert_eq!(book.sessions().len(), 2);
    assert_eq!(book.search("HELLO", 10).len(), 1);
    assert!(records(&mut book));
    assert_eq!(book.people(), []);
    assert_eq!(book.troubles, []);
}

#[test]
fn what_an_older_file_says_was_sent_stays_in_the_encoding_of_then() {
    let gbk = TextEncoding::named("GBK").unwrap();
    let (_folder, path) = place();
    fs::copy(of_one_encoding(), &path).unwrap();
    // Only read, before it is of today's version.
    let mut exported = Vec::new();
    Reader::open(&path).unwrap().export(&[], Format::Text, &mut exported).unwrap();
    let exported = String::from_utf8(exported).unwrap();
    assert_eq!(exported.matches("你好").count(), 6, "{exported}");

    let mut book = Book::open(&path);
    let of_gbk = |summary: &&SessionSummary| summary.session.encoding == gbk;
    let session = book.sessions().iter().find(of_gbk).map(|summary| summary.session.id).unwrap();
    let texts =
        |rows: &[Row], read_in| -> Vec<String> { rows.iter().map(|row| row.decode(read_in).unwrap().text).collect() };
    assert_eq!(texts(&book.rows(session), gbk), ["你好"; 3]);
    let windows = TextEncoding::named("windows-1252").unwrap();
    let change = ConversationChange::Encoding(windows);
    book.record(JournalEntry::Changed { session, change });
    assert_eq!(texts(&book.rows(session), windows), ["ÄãºÃ", "你好", "你好"]);
    // The search finds what is shown.
    book.wait_until_indexed();
    assert_eq!(book.search("ÄãºÃ", 10).len(), 1);
    assert_eq!(book.search("你好", 10).len(), 2 + 3);
    assert_eq!(book.troubles, []);
}

/// Not a test: what wrote the fixture, when `VERSION` was 1.
#[test]
#[ignore = "the fixture is there"]
fn write_the_fixture() {
    if std::env::var_os("SOCKHOP_TEST_FIXTURE").is_none() {
        return;
    }
    assert_eq!(VERSION, 1);
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
    let session = |name: Option<&str>, encoding, second| Session {
        id: new_session(),
        origin: Origin::Outgoing { host: "room-12".to_owned(), port: 8888 },
        peer: "10.0.0.7:8888".parse().ok(),
        local: "10.0.0.9:50312".parse().ok(),
        name: name.map(str::to_owned),
        encoding: TextEncoding::named(encoding).unwrap(),
        opened: at(second),
    };
    let first = session(Some("小明"), "GBK", 0);
    let id = first.id;
    book.record(JournalEntry::Opened(Box::new(first)));
    let what = Happening::Connected("10.0.0.7:8888".parse().unwrap());
    book.record(JournalEntry::Happened { session: id, number: RowNumber(0), at: at(1), what });
    let bytes = b"\xc4\xe3\xba\xc3\nHello\r\n".to_vec().into();
    let cut = |end, trailer| Cut { end, header: 0, trailer, boundary: Boundary::Newline };
    let batch = Batch { bytes, cuts: vec![cut(5, 1), cut(12, 2)] };
    book.record(JournalEntry::Received { session: id, first: RowNumber(1), at: at(2), batch });
    let (raw, cut) = (bytes::Bytes::from_static(b"received\n"), cut(9, 1));
    book.record(JournalEntry::Sent {
        session: id,
        number: RowNumber(3),
        at: at(3),
        raw,
        cut,
        delivery: Delivery::Sent,
        auto: true,
        encoding: TextEncoding::named("GBK").unwrap(),
    });
    book.record(JournalEntry::Happened { session: id, number: RowNumber(4), at: at(4), what: Happening::PeerFinished });
    book.record(JournalEntry::Ended { session: id, at: at(5) });
    let second = session(None, "UTF-8", 10);
    let id = second.id;
    book.record(JournalEntry::Opened(Box::new(second)));
    for number in 0..40 {
        let batch = Batch {
            bytes: format!("line {number}\n").into_bytes().into(),
            cuts: vec![Cut { end: 7 + u32::from(number > 9), header: 0, trailer: 1, boundary: Boundary::Newline }],
        };
        book.record(JournalEntry::Received { session: id, first: RowNumber(number), at: at(11), batch });
    }
    book.record(JournalEntry::Ended { session: id, at: at(12) });
    book.wait_until_indexed();
    drop(book);
    fs::copy(path, fixture()).unwrap();
}

/// Not a test: what wrote the fixture of a conversation whose rows say nothing of encodings, when `VERSION` was 2.
#[test]
#[ignore = "the fixture is there"]
fn write_the_fixture_of_one_encoding() {
    if std::env::var_os("SOCKHOP_TEST_FIXTURE").is_none() {
        return;
    }
    assert_eq!(VERSION, 2);
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
    for (encoding, raw) in [("GBK", b"\xc4\xe3\xba\xc3\n".as_slice()), ("UTF-8", "你好\n".as_bytes())] {
        let id = new_session();
        book.record(JournalEntry::Opened(Box::new(Session {
            id,
            origin: Origin::Accepted,
            peer: "10.0.0.9:50312".parse().ok(),
            local: "10.0.0.7:8888".parse().ok(),
            name: None,
            encoding: TextEncoding::named(encoding).unwrap(),
            opened: at(0),
        })));
        let cut = Cut { end: raw.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline };
        let batch = Batch { bytes: bytes::Bytes::from_static(raw), cuts: vec![cut] };
        book.record(JournalEntry::Received { session: id, first: RowNumber(0), at: at(1), batch });
        for (number, auto) in [(1, false), (2, true)] {
            book.record(JournalEntry::Sent {
                session: id,
                number: RowNumber(number),
                at: at(2),
                raw: bytes::Bytes::from_static(raw),
                cut,
                delivery: Delivery::Sent,
                auto,
                encoding: TextEncoding::named(encoding).unwrap(),
            });
        }
        book.record(JournalEntry::Ended { session: id, at: at(3) });
    }
    book.wait_until_indexed();
    drop(book);
    fs::copy(path, of_one_encoding()).unwrap();
}

fn of_one_encoding() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/history-2.db")
}

/// Texts that are found by what they look like, and by what.
pub const ALIKE: [(&str, &str); 8] = [
    ("insert the ＵＳＢ stick", "usb"),
    ("１００ percent", "100"),
    ("（你好），老师", "(你好),"),
    ("caf\u{e9} au lait", "cafe"),
    ("cafe\u{301} noir", "caf\u{e9}"),
    ("Hauptstraße", "STRASSE"),
    ("한글 one", "\u{1112}\u{1161}\u{11ab}"),
    ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} two", "한글"),
];

/// Not a test: what wrote the fixture of texts that were folded as they were then, when `VERSION` was 1.
#[test]
#[ignore = "the fixture is there"]
fn write_the_fixture_of_old_blocks() {
    if std::env::var_os("SOCKHOP_TEST_FIXTURE").is_none() {
        return;
    }
    assert_eq!(VERSION, 1);
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    // More blocks than are looked at without asking the index.
    for round in 0..OLD_BLOCKS {
        let session = known.open(&mut book, TextEncoding::default());
        let mut texts: Vec<String> = ALIKE.iter().map(|(text, _)| format!("{text} {round}")).collect();
        texts.push(format!("plain {round}"));
        known.receive(&mut book, session, &texts);
        book.record(JournalEntry::Ended { session: known.sessions[session].0.session.id, at: Timestamp::UNIX_EPOCH });
    }
    book.wait_until_indexed();
    drop(book);
    fs::copy(path, old_blocks()).unwrap();
}

/// How many blocks are in that fixture.
const OLD_BLOCKS: usize = 48;

fn old_blocks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/history-1-blocks.db")
}

/// Give a file another version.
fn set_version(path: &Path, version: u32) {
    let mut bytes = fs::read(path).unwrap();
    bytes[60..64].copy_from_slice(&version.to_be_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_newer_file_is_left_as_it_is() {
    let (_folder, path) = place();
    fs::copy(fixture(), &path).unwrap();
    set_version(&path, VERSION + 1);
    let before = fs::read(&path).unwrap();
    let (mut book, opened) = Book::try_open(&path);
    assert_eq!(opened, Err(Unavailable::Newer { found: VERSION + 1, known: VERSION }));
    lets_go(&mut book);
    drop(book);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_newer_by_its_log_only_is_left_as_it_is() {
    let (folder, path) = place();
    fs::copy(fixture(), &path).unwrap();
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "journal_mode", "WAL").unwrap();
    newer.pragma_update(None, "user_version", VERSION + 7).unwrap();
    // As if it had been killed now.
    let log = folder.path().join("history.db-wal");
    let (file, kept) = (fs::read(&path).unwrap(), fs::read(&log).unwrap());
    drop(newer);
    fs::write(&path, &file).unwrap();
    fs::write(&log, &kept).unwrap();
    let (mut book, opened) = Book::try_open(&path);
    assert_eq!(opened, Err(Unavailable::Newer { found: VERSION + 7, known: VERSION }));
    lets_go(&mut book);
    drop(book);
    assert_eq!((fs::read(&path).unwrap(), fs::read(&log).unwrap()), (file, kept));
}

#[test]
fn what_is_no_history_is_set_aside_and_a_new_one_begun() {
    let of_other_program = |sql: &str| {
        let (_folder, path) = place();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch(sql).unwrap();
        drop(other);
        fs::read(path).unwrap()
    };
    let [other, another] =
        ["PRAGMA application_id = 7", ""].map(|id| of_other_program(&format!("{id}; CREATE TABLE t (x)")));
    let whole = fs::read(fixture()).unwrap();
    let cut_short = whole[..5_000].to_vec();
    for content in [b"not a database, not by far".to_vec(), vec![0; 8192], other, another, cut_short] {
        let (folder, path) = place();
        fs::write(&path, &content).unwrap();
        let mut book = Book::open(&path);
        let [Trouble::SetAside { to, .. }] = book.troubles.as_slice() else { panic!("{:?}", book.troubles) };
        assert_eq!(to, &folder.path().join("history.damaged-1.db"));
        assert_eq!(fs::read(to).unwrap(), content);
        assert!(records(&mut book));

        // The next one gets another name.
        drop(book);
        fs::write(&path, &content).unwrap();
        let book = Book::open(&path);
        assert!(matches!(&book.troubles[..], [Trouble::SetAside { to, .. }] if to.ends_with("history.damaged-2.db")));
        assert_eq!(fs::read(folder.path().join("history.damaged-1.db")).unwrap(), content);
    }
}

#[test]
fn damage_that_shows_later_does_not_lose_what_comes_then() {
    let (folder, path) = place();
    fs::copy(fixture(), &path).unwrap();
    let mut content = fs::read(&path).unwrap();
    // All but the first page, which says what tables there are.
    content[4096..].fill(0x55);
    fs::write(&path, &content).unwrap();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, session, &["before it showed".to_owned()]);
    let id = known.sessions[session].0.session.id;
    // Whoever asks first may be answered that it failed.
    if book.answers() {
        book.rows(id);
    }
    known.receive(&mut book, session, &["after".to_owned()]);
    let rows = book.rows(id);
    assert_eq!(rows, known.sessions[session].1.values().cloned().collect::<Vec<_>>());
    let aside = book.troubles.iter().filter(|trouble| matches!(trouble, Trouble::SetAside { .. })).count();
    assert_eq!(aside, 1, "{:?}", book.troubles);
    assert!(folder.path().join("history.damaged-1.db").exists());
}

#[test]
fn what_an_old_index_holds_is_found_before_during_and_after_it_is_made_new() {
    let found = |book: &mut Book| {
        for (text, needle) in ALIKE.iter().chain([&("plain", "PLAIN")]) {
            // Some of them are alike to one another.
            let hits = book.search(needle, 7);
            let of_this = hits.iter().filter(|hit| hit.excerpt.starts_with(text)).count();
            assert_eq!(of_this, OLD_BLOCKS, "{needle}");
        }
        assert_eq!(book.search("plain 17", 9).len(), 1);
    };
    let upto = |path: &Path| -> i64 {
        let other = rusqlite::Connection::open(path).unwrap();
        other.query_row("SELECT upto FROM refolding", [], |row| row.get(0)).unwrap()
    };
    let (_folder, path) = place();
    fs::copy(old_blocks(), &path).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    assert_eq!(reader.search("usb", None, 99).unwrap().0.len(), OLD_BLOCKS, "before anybody has moved it over");
    let mut halfway = 0;
    for _ in 0..100 {
        fs::copy(old_blocks(), &path).unwrap();
        let mut book = Book::open(&path);
        let (done, of) = book.wait(|answer| match answer {
            Answer::Indexing { done, of } => Some((done, of)),
            _ => None,
        });
        assert!(0 < done && done <= of);
        // As if it were killed now.
        drop(book);
        if upto(&path) == 0 {
            continue;
        }
        halfway += 1;
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.search("usb", None, 99).unwrap().0.len(), OLD_BLOCKS);
        let mut book = Book::open(&path);
        found(&mut book);
        while upto(&path) > 0 {
            book.size();
        }
        found(&mut book);
        drop(book);
        let mut book = Book::open(&path);
        found(&mut book);
        assert_eq!(book.troubles, []);
        drop(book);
        // The index has nothing of what was there before, and can do without.
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute("INSERT INTO grams (grams) VALUES ('integrity-check')", []).unwrap();
        let named = |gram: &str| -> i64 {
            other.query_row("SELECT count(*) FROM grams WHERE grams MATCH ?1", [gram], |row| row.get(0)).unwrap()
        };
        assert_eq!((named("usb"), named("ｕｓｂ"), named("pla")), (48, 0, 48));
        break;
    }
    assert_eq!(halfway, 1);
}

#[test]
fn an_empty_file_becomes_a_history() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    let mut book = Book::open(&path);
    assert!(records(&mut book));
    assert_eq!(book.troubles, []);
}

#[test]
fn the_second_on_the_same_file_is_told_so_and_takes_over_when_the_first_is_closed() {
    let (_folder, path) = place();
    let mut first = Book::open(&path);
    let (mut second, opened) = Book::try_open(&path);
    assert_eq!(opened, Err(Unavailable::InUse));
    let mut known = Known::default();
    let session = known.open(&mut second, TextEncoding::default());
    known.receive(&mut second, session, &["said meanwhile".to_owned()]);
    assert!(!second.answers());
    assert!(records(&mut first));
    drop(first);
    second.wait(|answer| matches!(answer, Answer::Opened { .. }).then_some(()));
    known.receive(&mut second, session, &["and after".to_owned()]);
    assert_eq!(second.sessions().len(), 2);
    let rows = second.rows(known.sessions[session].0.session.id);
    assert_eq!(rows, known.sessions[session].1.values().cloned().collect::<Vec<_>>());
    assert_eq!(second.troubles, []);
}

#[test]
fn who_waits_for_long_keeps_so_much_and_says_what_is_missing() {
    let (_folder, path) = place();
    let first = Book::open(&path);
    let (mut second, opened) = Book::try_open(&path);
    assert_eq!(opened, Err(Unavailable::InUse));
    let mut known = Known::default();
    let session = known.open(&mut second, TextEncoding::default());
    let long = "x".repeat(PENDING_BYTES / 16);
    for _ in 0..24 {
        known.receive(&mut second, session, std::slice::from_ref(&long));
        known.forget_rows(session);
    }
    let late = known.open(&mut second, TextEncoding::default());
    assert!(!second.answers());
    drop(first);
    let given_up = second.wait(|answer| match answer {
        Answer::Trouble(Trouble::WrittenAgain { given_up }) => Some(given_up),
        _ => None,
    });
    assert!((8..12).contains(&given_up), "{given_up}");
    known.receive(&mut second, late, &["there is room again".to_owned()]);
    assert_eq!(second.size().messages, 24 - given_up + 1);
    assert_eq!(second.rows(known.sessions[late].0.session.id).len(), 1);
}

/// Open files can't be deleted elsewhere.
#[cfg(unix)]
#[test]
fn a_history_that_is_deleted_moved_away_or_replaced_is_told_and_begun_again() {
    type TakeAway = fn(&Path);
    let delete: TakeAway = |path| fs::remove_file(path).unwrap();
    let delete_folder: TakeAway = |path| fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let move_away: TakeAway = |path| {
        let folder = path.parent().unwrap();
        fs::rename(folder, folder.with_extension("moved")).unwrap();
    };
    let replace: TakeAway = |path| {
        let other = path.with_file_name("other.db");
        assert!(records(&mut Book::open(&other)));
        fs::rename(other, path).unwrap();
    };
    for (take_away, there) in [(delete, 0), (delete_folder, 0), (move_away, 0), (replace, 1)] {
        let (folder, _) = place();
        let path = folder.path().join("sockhop/history.db");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let mut book = Book::open(&path);
        let mut known = Known::default();
        let session = known.open(&mut book, TextEncoding::default());
        known.receive(&mut book, session, &["before".to_owned()]);
        assert!(book.answers());
        take_away(&path);
        known.forget_rows(session);
        known.receive(&mut book, session, &["after".to_owned()]);
        book.wait(|answer| matches!(answer, Answer::Opened { .. }).then_some(()));
        assert_eq!(book.troubles, [Trouble::Gone { path: path.clone() }]);
        let id = known.sessions[session].0.session.id;
        let rows: Vec<_> = known.sessions[session].1.values().cloned().collect();
        assert_eq!(book.rows(id), rows);
        drop(book);
        let mut again = Book::open(&path);
        assert_eq!(again.rows(id), rows);
        assert_eq!(again.sessions().len(), 1 + there);
    }
}

#[cfg(unix)]
#[test]
fn a_history_that_cannot_be_begun_again_yet_keeps_what_comes_until_it_can() {
    let (folder, _) = place();
    let path = folder.path().join("sockhop/history.db");
    fs::create_dir(path.parent().unwrap()).unwrap();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    assert!(book.answers());
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.parent().unwrap(), "in the way").unwrap();
    known.receive(&mut book, session, &["after".to_owned()]);
    let why = book.wait(|answer| match answer {
        Answer::Waiting { why, .. } => Some(why),
        _ => None,
    });
    assert!(matches!(why, Unavailable::Gone(_)), "{why:?}");
    known.receive(&mut book, session, &["and later".to_owned()]);
    fs::remove_file(path.parent().unwrap()).unwrap();
    book.wait(|answer| matches!(answer, Answer::Opened { .. }).then_some(()));
    assert_eq!(book.rows(known.sessions[session].0.session.id).len(), 2);
}

#[test]
fn another_program_that_has_it_locked_at_the_start_is_waited_for() {
    let (_folder, path) = place();
    assert!(records(&mut Book::open(&path)));
    let backup = rusqlite::Connection::open(&path).unwrap();
    backup.pragma_update(None, "journal_mode", "DELETE").unwrap();
    backup.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let reads = thread::spawn(move || {
        thread::sleep(Duration::from_secs(7));
        drop(backup);
    });
    let history = History::open(&path, || ()).unwrap();
    let mut book = Book { history, troubles: Vec::new() };
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, session, &["said meanwhile".to_owned()]);
    let mut told = None;
    book.wait(|answer| match answer {
        Answer::Waiting { why, .. } => {
            told = Some(why);
            None
        }
        Answer::Opened { .. } => Some(()),
        other => panic!("{other:?}"),
    });
    assert_eq!(told, Some(Unavailable::Locked));
    assert_eq!(book.rows(known.sessions[session].0.session.id).len(), 1);
    assert_eq!((book.sessions().len(), book.troubles.len()), (2, 0));
    reads.join().unwrap();
}

#[test]
fn where_nothing_may_be_written_there_is_no_history() {
    let (folder, path) = place();
    let nowhere = folder.path().join("no such folder").join("history.db");
    let (mut book, opened) = Book::try_open(&nowhere);
    assert!(matches!(opened, Err(Unavailable::NotOpened(_))), "{opened:?}");
    lets_go(&mut book);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        // The rights of files do not hold back the superuser, but those of the kernel's own folders do.
        let path = if rustix::process::geteuid().is_root() { PathBuf::from("/sys/history.db") } else { path };
        let (mut book, opened) = Book::try_open(&path);
        assert!(matches!(opened, Err(Unavailable::ReadOnly(_))), "{opened:?}");
        lets_go(&mut book);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    drop(path);
}

#[test]
fn nothing_is_recorded_while_it_is_off() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    // From the very next record on, each time.
    for round in 0..50 {
        book.ask(Question::Keep(false));
        let session = known.open(&mut book, TextEncoding::default());
        known.receive(&mut book, session, &["secret".to_owned()]);
        assert_eq!(book.sessions().len(), round);
        book.ask(Question::Keep(true));
        known.receive(&mut book, session, &["not secret".to_owned()]);
        let (summary, rows) = &known.sessions[session];
        assert_eq!(book.rows(summary.session.id), [rows[&1].clone()]);
        assert!(book.sessions().iter().any(|listed| listed.session == summary.session));
        // And of what was handed over before, all is written.
        book.ask(Question::Keep(false));
        known.receive(&mut book, session, &["secret too".to_owned()]);
        assert_eq!(book.rows(known.sessions[session].0.session.id).len(), 1);
    }
}

#[test]
fn rows_out_of_order_or_of_no_session_are_refused_and_told() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, session, &["one".to_owned(), "two".to_owned()]);
    let kept = known.sessions[session].1.clone();
    let mut other = Known::default();
    other.sessions.clone_from(&known.sessions);
    for mut record in [known.again(session), known.again(session)] {
        if let JournalEntry::Received { session, .. } = &mut record
            && !book.troubles.is_empty()
        {
            *session = SessionId(1);
        }
        book.record(record);
        assert_eq!(book.rows(known.sessions[session].0.session.id), kept.values().cloned().collect::<Vec<_>>());
    }
    assert_eq!(book.troubles, [Trouble::Refused { rows: 2 }, Trouble::Refused { rows: 2 }]);
}

#[test]
fn of_a_batch_that_is_refused_only_the_bad_row_is_left_out() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    book.size();
    // Another program has put a rule into the file.
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER bad BEFORE INSERT ON recent WHEN new.raw = CAST('bad\n' AS BLOB)
            BEGIN SELECT raise(ABORT, 'no bad rows'); END",
        )
        .unwrap();
    drop(other);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    known.receive(&mut book, session, &texts(&["one", "bad", "two"]));
    known.receive(&mut book, session, &texts(&["three"]));
    known.receive(&mut book, session, &texts(&["bad"]));
    known.receive(&mut book, session, &texts(&["four"]));
    let (summary, rows) = &known.sessions[session];
    let good: Vec<_> = rows.values().filter(|row| row.raw() != b"bad\n").cloned().collect();
    assert_eq!(book.rows(summary.session.id), good);
    let refused = |trouble: &Trouble| if let Trouble::Refused { rows } = trouble { *rows } else { 99 };
    assert_eq!(book.troubles.iter().map(refused).sum::<u64>(), 2, "{:?}", book.troubles);
    assert_eq!(book.sessions()[0].messages, 4);
    assert_eq!(book.search("four", 9).len(), 1);
}
