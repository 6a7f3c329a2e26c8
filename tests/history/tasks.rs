//! Messages go out to files and come in again, and are removed for good.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*};
use sockhop::{
    chat::{JournalEntry, LONGEST_HOST, LONGEST_NAME, Origin, Received, RowKind, SessionId},
    history::{Answer, Cancel, Format, Outcome, Place, Question, Removal, TaskId, Trouble, Which},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::{
    book::{Book, LIMIT, new_session, place},
    imports::{PIECES, an_import_is_whole_or_nothing_and_comes_once},
    recording::check,
    records::{Known, Step, steps},
};

/// A file as an export writes it, more or less.
fn lines() -> impl Strategy<Value = String> {
    let session = |id: Range<u64>| {
        (id, prop::sample::select(vec!["UTF-8", "GBK"]), 0..9, option::of(0..9)).prop_map(
            |(session, encoding, last, ended)| {
                let ended =
                    ended.map_or_else(String::new, |ended| format!(",\"ended\":\"2026-01-01T00:00:0{ended}Z\""));
                format!(
                    "{{\"type\":\"session\",\"session\":{session},\"origin\":\"accepted\",\"encoding\":\"{encoding}\",\
                 \"opened\":\"2026-01-01T00:00:00Z\",\"last\":\"2026-01-01T00:00:0{last}Z\"{ended}}}\n"
                )
            },
        )
    };
    let message = (0..2_u64, 0..6_u64, 0..9, vec(prop::sample::select(vec!["e4", "bd", "a0", "0a", "61"]), 0..5), 0..8)
        .prop_map(|(session, number, at, raw, boundary)| {
            format!(
                "{{\"type\":\"received\",\"session\":{session},\"number\":{number},\
                 \"at\":\"2026-01-01T00:00:0{at}Z\",\"raw\":\"{}\",\"boundary\":{boundary}}}\n",
                raw.concat()
            )
        });
    let line = prop_oneof![
        1 => session(0..3),
        16 => message,
        1 => vec(prop::sample::select(PIECES.to_vec()), 0..6).prop_map(|pieces| pieces.concat()),
    ];
    // Most rows are of one of these.
    (session(0..1), session(1..2), vec(line, 0..8)).prop_map(|(a, b, lines)| a + &b + &lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn what_is_exported_and_imported_is_the_same(steps in steps()) {
        let (folder, path) = place();
        let mut known = Known::default();
        let mut book = Book::open(&path);
        for step in steps {
            if let Some(record) = known.records(step) {
                book.record(record);
            }
        }
        drop(book);
        let mut book = Book::open(&path);
        book.wait_until_indexed();
        let file = folder.path().join("all.jsonl");
        let messages = known.sessions.iter().map(|(summary, _)| summary.messages).sum();
        prop_assert_eq!(book.export(Which::All, Format::JsonLines, &file), Outcome::Exported { messages });

        let mut other = Book::open(&folder.path().join("other.db"));
        let sessions = known.sessions.len() as u64;
        prop_assert_eq!(other.import(&file), Outcome::Imported { sessions, messages, known: 0 });
        check(&mut other, &known);
        prop_assert_eq!(other.import(&file), Outcome::Imported { sessions: 0, messages: 0, known: sessions });
        check(&mut other, &known);
    }

    #[test]
    fn whatever_is_imported_is_whole_or_nothing_and_comes_once(files in vec(lines(), 1..4)) {
        an_import_is_whole_or_nothing_and_comes_once(&files);
    }
}

/// A history with a session of each of these, and its folder.
fn with_sessions(texts: &[&[&str]]) -> (tempfile::TempDir, Book, Known) {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    for texts in texts {
        let session = known.open(&mut book, TextEncoding::default());
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        known.receive(&mut book, session, &texts);
    }
    (folder, book, known)
}

fn id(known: &Known, place: usize) -> SessionId {
    known.sessions[place].0.session.id
}

fn file_of(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("exported")
}

#[test]
fn each_form_has_what_it_should() {
    let (folder, mut book, mut known) = with_sessions(&[&["你好", "say \"hi\", all", "two\rlines"]]);
    let raw = "out\n".as_bytes().to_vec();
    let sent = Step::Send {
        who: 0,
        raw,
        delivery: sockhop::chat::Delivery::Waiting,
        auto: true,
        encoding: TextEncoding::default(),
    };
    let record = known.records(sent).unwrap();
    book.record(record);
    let (file, session) = (file_of(&folder), Which::Session(id(&known, 0)));
    let mut exported = |format| {
        assert_eq!(book.export(session.clone(), format, &file), Outcome::Exported { messages: 4 });
        fs::read_to_string(&file).unwrap()
    };
    assert_eq!(exported(Format::RawReceived), "你好\nsay \"hi\", all\ntwo\rlines\n");

    let csv = exported(Format::Csv);
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert!(rows[0].starts_with("\u{feff}session,opened,"));
    assert!(
        rows[1].ends_with(",0,1970-01-01T00:00:02.000000014Z,received,,7,你好,e4 bd a0 e5 a5 bd 0a"),
        "{}",
        rows[1]
    );
    assert!(rows[2].ends_with(",14,\"say \"\"hi\"\", all\",73 61 79 20 22 68 69 22 2c 20 61 6c 6c 0a"), "{}", rows[2]);
    assert!(rows[3].ends_with(",10,\"two\rlines\",74 77 6f 0d 6c 69 6e 65 73 0a"), "{}", rows[3]);
    assert!(rows[4].ends_with(",auto,waiting,4,out,6f 75 74 0a"), "{}", rows[4]);

    let text = exported(Format::Text);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("# 1970-01-01 ") || lines[0].starts_with("# 1969-12-31 "));
    let zoned = |text: &str| text.parse::<jiff::Zoned>().is_ok() || text.parse::<Timestamp>().is_ok();
    let times = lines.iter().map(|line| line.trim_start_matches("# ").split("  ").next().unwrap());
    assert!(times.clone().all(|time| time.split(" – ").all(zoned)), "{:?}", times.collect::<Vec<_>>());
    assert!(lines[1].ends_with("  ←  你好"), "{}", lines[1]);
    assert!(lines[3].ends_with("  ←  two␍lines"), "{}", lines[3]);
    assert!(lines[4].ends_with("  → …  out"), "{}", lines[4]);

    let json = exported(Format::JsonLines);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["type"], &lines[0]["origin"]), (&"session".into(), &"accepted".into()));
    assert_eq!((&lines[1]["text"], &lines[1]["raw"]), (&"你好".into(), &"e4bda0e5a5bd0a".into()));
}

#[test]
fn no_cell_of_a_table_is_a_formula_or_another_number() {
    let texts = ["=HYPERLINK(\"x\",\"y\")", "-2+3", "@a", "6901234567890123456", "1E5", "'quoted", "7"];
    let (folder, mut book, known) = with_sessions(&[&texts]);
    let (file, session) = (file_of(&folder), id(&known, 0));
    book.export(Which::Session(session), Format::Csv, &file);
    let table = fs::read_to_string(&file).unwrap();
    let cells: Vec<String> = table
        .split_terminator("\r\n")
        .skip(1)
        .map(|row| row.rsplit_once(',').unwrap().0.splitn(11, ',').nth(10).unwrap())
        .map(|cell| cell.trim_matches('"').replace("\"\"", "\""))
        .collect();
    let marked = |text: &&str| if *text == "7" { (*text).to_owned() } else { format!("'{text}") };
    assert_eq!(cells, texts.iter().map(marked).collect::<Vec<_>>());
}

#[test]
fn what_a_search_finds_can_be_exported() {
    let (folder, mut book, known) = with_sessions(&[&["one apple", "two"], &["APPLE three"]]);
    let file = file_of(&folder);
    let found = Which::Found { needle: "apple".to_owned() };
    assert_eq!(book.export(found, Format::JsonLines, &file), Outcome::Exported { messages: 2 });
    let mut other = Book::open(&folder.path().join("other.db"));
    assert_eq!(other.import(&file), Outcome::Imported { sessions: 2, messages: 2, known: 0 });
    let texts = |rows: Vec<sockhop::chat::Row>| -> Vec<String> {
        rows.iter().map(|row| row.decode(TextEncoding::default()).unwrap().text).collect()
    };
    assert_eq!(texts(other.rows(id(&known, 0))), ["one apple"]);
    assert_eq!(texts(other.rows(id(&known, 1))), ["APPLE three"]);
}

#[test]
fn what_came_after_an_export_comes_with_the_next() {
    let (folder, mut book, mut known) = with_sessions(&[&["one", "two"], &["of another"]]);
    let first = file_of(&folder);
    assert_eq!(book.export(Which::All, Format::JsonLines, &first), Outcome::Exported { messages: 3 });
    let mut other = Book::open(&folder.path().join("other.db"));
    assert_eq!(other.import(&first), Outcome::Imported { sessions: 2, messages: 3, known: 0 });
    other.wait_until_indexed();

    known.receive(&mut book, 0, &["three".to_owned(), "vier".to_owned()]);
    let ended = Timestamp::from_second(1_000).unwrap();
    book.record(JournalEntry::Ended { session: id(&known, 0), at: ended });
    known.sessions[0].0.ended = Some(ended);
    let second = folder.path().join("second");
    assert_eq!(book.export(Which::All, Format::JsonLines, &second), Outcome::Exported { messages: 5 });
    assert_eq!(other.import(&second), Outcome::Imported { sessions: 0, messages: 2, known: 2 });
    check(&mut other, &known);
    assert_eq!(other.search("vier", 9).len(), 1);
    // Neither again nor the older one changes anything.
    for file in [&second, &first] {
        assert_eq!(other.import(file), Outcome::Imported { sessions: 0, messages: 0, known: 2 });
        check(&mut other, &known);
    }
    drop(other);
    let mut other = Book::open(&folder.path().join("other.db"));
    other.wait_until_indexed();
    check(&mut other, &known);
    assert_eq!(["one", "three", "vier"].map(|text| other.search(text, 9).len()), [1, 1, 1]);
    // One's own, into the history that it is of.
    assert_eq!(book.import(&second), Outcome::Imported { sessions: 0, messages: 0, known: 2 });
    check(&mut book, &known);
}

#[test]
fn what_lies_before_and_between_comes_too_and_a_bad_file_adds_nothing() {
    let (folder, mut book, known) = with_sessions(&[&["apple 0", "pear 1", "apple 2", "pear 3"]]);
    let (some, all) = (file_of(&folder), folder.path().join("all"));
    let found = Which::Found { needle: "apple".to_owned() };
    assert_eq!(book.export(found, Format::JsonLines, &some), Outcome::Exported { messages: 2 });
    assert_eq!(book.export(Which::All, Format::JsonLines, &all), Outcome::Exported { messages: 4 });
    let mut other = Book::open(&folder.path().join("other.db"));
    assert_eq!(other.import(&some), Outcome::Imported { sessions: 1, messages: 2, known: 0 });
    other.wait_until_indexed();
    let bad = folder.path().join("bad");
    fs::write(&bad, format!("{}nonsense\n", fs::read_to_string(&all).unwrap())).unwrap();
    assert!(matches!(other.import(&bad), Outcome::Failed { line: Some(6), .. }));
    assert_eq!(other.rows(id(&known, 0)).len(), 2);
    assert_eq!(other.search("pear", 9).len(), 0);
    assert_eq!(other.sessions().len(), 1);
    assert_eq!(other.import(&all), Outcome::Imported { sessions: 0, messages: 2, known: 1 });
    check(&mut other, &known);
    other.wait_until_indexed();
    assert_eq!((other.search("pear", 9).len(), other.search("apple", 9).len()), (2, 2));
}

#[test]
fn an_export_that_an_editor_has_saved_again_is_one() {
    let (folder, mut book, known) = with_sessions(&[&["one", "two"]]);
    let file = file_of(&folder);
    book.export(Which::All, Format::JsonLines, &file);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
    let mut other = Book::open(&folder.path().join("other.db"));
    assert_eq!(other.import(&file), Outcome::Imported { sessions: 1, messages: 2, known: 0 });
    check(&mut other, &known);
}

#[test]
fn an_export_that_is_given_up_or_fails_leaves_no_file() {
    let (folder, mut book, known) = with_sessions(&[&["a"]]);
    let what = Which::Session(id(&known, 0));
    let cancel = Cancel::default();
    cancel.cancel();
    let (task, format, to) = (TaskId(9), Format::Text, file_of(&folder));
    book.ask(Question::Export { task, what: what.clone(), format, to: to.clone(), cancel });
    assert_eq!(book.outcome(task), Outcome::Cancelled);
    let nowhere = folder.path().join("no such folder").join("file");
    assert!(matches!(book.export(what.clone(), format, &nowhere), Outcome::Failed { .. }));
    // What was there stays, if it can't be replaced.
    fs::create_dir(&to).unwrap();
    assert!(matches!(book.export(what, format, &to), Outcome::Failed { .. }));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "exported" || name.to_string_lossy().starts_with("history.db")), "{left:?}");
}

#[test]
fn a_file_with_something_wrong_in_it_is_not_taken_in_at_all() {
    let (folder, mut book, _) = with_sessions(&[&["a", "b"], &["c"]]);
    let file = file_of(&folder);
    book.export(Which::All, Format::JsonLines, &file);
    let whole = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let mut other = Book::open(&folder.path().join("other.db"));
    for (wrong, line) in [
        (format!("{whole}{{}}\n"), 6),
        (format!("{whole}{}\n", lines[1]), 6),
        (whole.replacen("\"raw\":\"61", "\"raw\":\"6", 1), 2),
        (lines[1..].join("\n"), 1),
        (whole.replacen("\"at\":\"1970", "\"at\":\"then", 1), 2),
        (whole.replacen("\"number\":1", "\"number\":4294967295", 1), 3),
    ] {
        fs::write(&file, wrong).unwrap();
        let outcome = other.import(&file);
        assert!(matches!(outcome, Outcome::Failed { line: found, .. } if found == Some(line)), "{outcome:?}");
        assert_eq!(other.sessions(), []);
    }
    assert!(matches!(other.import(Path::new("/no/such/file")), Outcome::Failed { line: None, .. }));
    fs::write(&file, whole).unwrap();
    assert_eq!(other.import(&file), Outcome::Imported { sessions: 2, messages: 3, known: 0 });
}

#[test]
fn a_session_with_an_id_that_none_can_have_is_wrong() {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    let file = file_of(&folder);
    let session = |id: u64| {
        format!(
            "{{\"type\":\"session\",\"session\":{id},\"origin\":\"everyone\",\"encoding\":\"UTF-8\",\
             \"opened\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    };
    for id in [1 << 63, u64::MAX] {
        // Here already, so that what is new of the first is gathered under an id that no session has.
        fs::write(&file, session(7)).unwrap();
        book.import(&file);
        fs::write(&file, session(7) + &session(id)).unwrap();
        let outcome = book.import(&file);
        assert!(matches!(outcome, Outcome::Failed { line: Some(2), .. }), "{outcome:?}");
    }
    fs::write(&file, session((1 << 63) - 1)).unwrap();
    assert_eq!(book.import(&file), Outcome::Imported { sessions: 1, messages: 0, known: 0 });
}

#[test]
fn a_session_that_has_ended_here_has_ended_then() {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    let files = ["01", "02"].map(|second| {
        let file = folder.path().join(second);
        let session = format!(
            "{{\"type\":\"session\",\"session\":7,\"origin\":\"everyone\",\"encoding\":\"UTF-8\",\
             \"opened\":\"2026-01-01T00:00:00Z\",\"ended\":\"2026-01-01T00:00:{second}Z\"}}\n"
        );
        fs::write(&file, session).unwrap();
        file
    });
    for file in [&files[0], &files[1], &files[0]] {
        book.import(file);
        assert_eq!(book.sessions()[0].ended, "2026-01-01T00:00:01Z".parse().ok());
    }
}

/// Whether one of these texts, in either case, is in one of the history's files.
fn has_trace(folder: &Path, texts: &[&str]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap().to_ascii_lowercase();
        texts.iter().any(|text| memchr::memmem::find(&bytes, text.to_lowercase().as_bytes()).is_some())
    })
}

#[test]
fn what_was_removed_has_left_no_trace_in_the_file() {
    for everything in [true, false] {
        let secrets = ["Xylophone-Quartz", "瑀甌龘靐"];
        let long = format!("{}{}", "padding ".repeat(2_000), secrets[0]);
        let (folder, mut book, mut known) = with_sessions(&[&[&long, secrets[1]], &["harmless"]]);
        // Enough to have it moved about between pages.
        for round in 0..300 {
            let texts: Vec<String> =
                (0..10).map(|number| format!("{} {} {round} {number}", secrets[0], secrets[1])).collect();
            known.receive(&mut book, 0, &texts);
            known.receive(&mut book, 1, &["more".to_owned()]);
        }
        for session in [id(&known, 0), id(&known, 1)] {
            book.record(JournalEntry::Ended { session, at: Timestamp::now() });
        }
        book.wait_until_indexed();
        assert!(has_trace(folder.path(), &secrets));

        let removed = if everything { 3_303 } else { 3_002 };
        let what = if everything { Removal::All } else { Removal::Session(id(&known, 0)) };
        assert_eq!(book.remove(what), Outcome::Removed { messages: removed, traces: false });
        assert!(!has_trace(folder.path(), &["Xylophone", "Quartz", "瑀甌", "龘靐"]));
        // Nor its parts, as the index has them.
        assert!(!has_trace(folder.path(), &["xyl", "quar", "瑀甌", "龘"]));
        assert!(book.search(secrets[0], 10).is_empty());
        let left: Vec<_> = book.sessions().iter().map(|summary| summary.messages).collect();
        assert_eq!(left, if everything { vec![] } else { vec![301] });
        assert_eq!(book.search("MORE", 1_000).len(), if everything { 0 } else { 300 });
        drop(book);
        assert!(!has_trace(folder.path(), &["xyl", "quar", "瑀甌", "龘"]));
    }
}

#[test]
fn a_removal_waits_for_another_program_that_reads() {
    let (folder, mut book, mut known) = with_sessions(&[&["Xylophone"], &["harmless"]]);
    known.receive(&mut book, 1, &["more".to_owned()]);
    book.size();
    let reader = rusqlite::Connection::open(folder.path().join("history.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM sessions").unwrap();
    let reads = thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        drop(reader);
    });
    assert_eq!(book.remove(Removal::Session(id(&known, 0))), Outcome::Removed { messages: 1, traces: false });
    assert!(!has_trace(folder.path(), &["xyl"]));
    reads.join().unwrap();
}

#[test]
fn the_traces_of_a_removal_give_way_to_what_comes_and_are_removed_when_it_is_quiet() {
    let (folder, mut book, mut known) = with_sessions(&[&["Xylophone"], &["harmless"]]);
    let what = Removal::Session(id(&known, 0));
    // Enough for writing the whole file again to take a while.
    let long = bytes::Bytes::from(vec![b'x'; 1024 * 1024]);
    let more = |book: &mut Book, known: &mut Known| {
        let cuts = vec![Cut { end: long.len() as u32, header: 0, trailer: 0, boundary: Boundary::Quiet }];
        book.record(known.received(1, Batch { bytes: long.clone(), cuts }));
        known.forget_rows(1);
    };
    for _ in 0..64 {
        more(&mut book, &mut known);
    }
    book.size();
    let begun = Instant::now();
    // On a busy machine the file may be written again before enough came.
    loop {
        assert!(begun.elapsed() < LIMIT);
        book.ask(Question::Remove { task: TaskId(1), what, cancel: Cancel::default(), after: Duration::ZERO });
        let outcome = loop {
            more(&mut book, &mut known);
            if let Some(Answer::Done { outcome, .. }) = book.history.try_recv() {
                break outcome;
            }
        };
        match outcome {
            Outcome::Removed { traces: true, .. } => break,
            Outcome::Removed { traces: false, .. } => known.receive(&mut book, 0, &["Xylophone".to_owned()]),
            other => panic!("{other:?}"),
        }
    }
    let noted = |folder: &Path| -> bool {
        let connection = rusqlite::Connection::open(folder.join("history.db")).unwrap();
        connection.query_row("SELECT EXISTS (SELECT 1 FROM traces)", [], |row| row.get(0)).unwrap()
    };
    assert!(noted(folder.path()));
    while noted(folder.path()) {
        assert!(begun.elapsed() < LIMIT);
        book.size();
    }
    assert!(!has_trace(folder.path(), &["xyl"]));
    assert_eq!(book.troubles, [] as [Trouble; 0]);
}

#[test]
fn traces_that_a_killed_removal_has_left_are_removed_at_the_next_start() {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    // A long message is in a row of the table by itself.
    known.receive(&mut book, session, &["Xylophone".to_owned(), "harmless".repeat(200)]);
    drop(book);
    let killed = rusqlite::Connection::open(&path).unwrap();
    killed
        .execute_batch("PRAGMA secure_delete = OFF; DELETE FROM rows WHERE id % 2 = 0; INSERT INTO traces VALUES (1)")
        .unwrap();
    drop(killed);
    assert!(has_trace(folder.path(), &["xyl"]));
    let mut book = Book::open(&path);
    while has_trace(folder.path(), &["xyl"]) {
        book.size();
    }
    assert_eq!(book.rows(id(&known, session)).len(), 1);
    assert_eq!(book.troubles, [] as [Trouble; 0]);
}

#[test]
fn a_session_that_was_taken_in_by_halves_is_gone_at_the_next_start() {
    let (folder, mut book, known) = with_sessions(&[&["whole"], &["half"]]);
    let (whole, half) = (id(&known, 0), id(&known, 1));
    book.size();
    drop(book);
    let path = folder.path().join("history.db");
    let killed = rusqlite::Connection::open(&path).unwrap();
    killed.execute("UPDATE sessions SET whole = 0 WHERE id = ?1", [half.0 as i64]).unwrap();
    drop(killed);
    let mut book = Book::open(&path);
    assert_eq!(book.sessions().iter().map(|summary| summary.session.id).collect::<Vec<_>>(), [whole]);
    while has_trace(folder.path(), &["half"]) {
        book.size();
    }
    assert_eq!((book.search("half", 9).len(), book.search("whole", 9).len()), (0, 1));
}

#[test]
fn what_is_older_is_removed_and_what_is_not_stays() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let texts: Vec<String> = (0..1_000).map(|number| format!("message {number}")).collect();
    let old = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, old, &texts);
    let both = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, both, &texts);
    for session in [old, both] {
        let session = id(&known, session);
        book.record(JournalEntry::Ended { session, at: Timestamp::now() });
    }
    book.wait_until_indexed();
    // Opened again, in a manner of speaking: rows may come late.
    known.receive(&mut book, both, &["late".to_owned()]);
    let time = known.sessions[both].1.values().last().unwrap().at;
    assert_eq!(book.remove(Removal::Before(time)), Outcome::Removed { messages: 2_000, traces: false });
    let sessions = book.sessions();
    assert_eq!(sessions.len(), 1);
    assert_eq!((sessions[0].session.id, sessions[0].messages), (id(&known, both), 1));
    assert_eq!(book.search("message", 10), []);
    assert_eq!(book.search("late", 10).len(), 1);
}

#[test]
fn what_is_open_is_not_removed_for_its_age() {
    let (_folder, mut book, known) = with_sessions(&[&["a", "b"]]);
    let later = Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365);
    for what in [Removal::Before(later), Removal::Old(later)] {
        assert_eq!(book.remove(what), Outcome::Removed { messages: 0, traces: false });
    }
    assert_eq!(book.rows(id(&known, 0)).len(), 2);
}

#[test]
fn most_of_all_is_not_removed_for_its_age_without_asking() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let lot = |book: &mut Book, known: &mut Known, texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let session = known.open(book, TextEncoding::default());
        known.receive(book, session, &texts);
        let session = id(known, session);
        book.record(JournalEntry::Ended { session, at: Timestamp::now() });
    };
    lot(&mut book, &mut known, &["one"]);
    lot(&mut book, &mut known, &["and another", "of three"]);
    let later = Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365);
    let all = 3;
    assert_eq!(book.remove(Removal::Old(later)), Outcome::MostIsOld { messages: all, of: all });
    assert_eq!(book.sessions().len(), 2);
    assert_eq!(
        book.remove(Removal::Before(later)),
        Outcome::Removed { messages: all, traces: false },
        "asked for, it is"
    );
    // Half of them is no reason to ask.
    lot(&mut book, &mut known, &["old"]);
    let session = known.open(&mut book, TextEncoding::default());
    known.receive(&mut book, session, &["said now".to_owned()]);
    let between = book.sessions()[0].session.opened;
    assert_eq!(book.remove(Removal::Old(between)), Outcome::Removed { messages: 1, traces: false });
}

#[test]
fn what_was_written_after_something_young_is_not_old_whatever_the_clock_said() {
    let (_folder, path) = place();
    let mut book = Book::open(&path);
    let mut known = Known::default();
    let mut opened = |year: i16| {
        let session = known.open(&mut book, TextEncoding::default());
        let mut summary = known.sessions[session].0.session.clone();
        summary.id = new_session();
        summary.opened = jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let (id, at) = (summary.id, summary.opened);
        book.record(JournalEntry::Opened(Box::new(summary)));
        let what = sockhop::chat::Happening::PeerFinished;
        book.record(JournalEntry::Happened { session: id, number: sockhop::chat::RowNumber(0), at, what });
        book.record(JournalEntry::Ended { session: id, at });
        id
    };
    let (old, _, by_a_wrong_clock) = (opened(2024), opened(2026), opened(2020));
    let year = |year| jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    assert_eq!(book.remove(Removal::Old(year(2025))), Outcome::Removed { messages: 0, traces: false });
    let left: Vec<_> = book.sessions().iter().map(|summary| summary.session.id).collect();
    assert!(!left.contains(&old) && left.contains(&by_a_wrong_clock));
    book.remove(Removal::Before(year(2025)));
    let left: Vec<_> = book.sessions().iter().map(|summary| summary.session.id).collect();
    assert!(!left.contains(&by_a_wrong_clock), "asked for, it is");
}

#[test]
fn a_removal_that_waits_takes_what_was_there_and_is_done_at_the_latest_at_the_end() {
    let (folder, mut book, mut known) = with_sessions(&[&["Xylophone", "before"], &["before too"]]);
    let (task, cancel) = (TaskId(1), Cancel::default());
    let hour = Duration::from_hours(1);
    book.ask(Question::Remove { task, what: Removal::All, cancel, after: hour });
    book.ask(Question::Weigh(Removal::All));
    let weighed = book.wait(|answer| match answer {
        Answer::Weighed { messages, sessions, .. } => Some((messages, sessions)),
        _ => None,
    });
    assert_eq!(weighed, (3, 2));
    known.receive(&mut book, 0, &["after".to_owned()]);
    for session in [id(&known, 0), id(&known, 1)] {
        book.record(JournalEntry::Ended { session, at: Timestamp::now() });
    }
    book.wait_until_indexed();
    assert_eq!(book.search("before", 9).len(), 2, "nothing is removed yet");
    drop(book);
    assert!(!has_trace(folder.path(), &["xyl"]));
    let mut book = Book::open(&folder.path().join("history.db"));
    let left: Vec<_> = book.sessions().iter().map(|summary| (summary.session.id, summary.messages)).collect();
    assert_eq!(left, [(id(&known, 0), 1)]);
    assert_eq!((book.search("before", 9).len(), book.search("after", 9).len()), (0, 1));
}

#[test]
fn a_removal_that_was_taken_back_removes_nothing() {
    let (folder, mut book, _) = with_sessions(&[&["one"]]);
    let (task, cancel) = (TaskId(1), Cancel::default());
    book.ask(Question::Remove { task, what: Removal::All, cancel: cancel.clone(), after: Duration::from_millis(1) });
    cancel.cancel();
    assert_eq!(book.outcome(task), Outcome::Cancelled);
    let (task, cancel) = (TaskId(2), Cancel::default());
    book.ask(Question::Remove { task, what: Removal::All, cancel: cancel.clone(), after: Duration::from_hours(1) });
    cancel.cancel();
    drop(book);
    let mut book = Book::open(&folder.path().join("history.db"));
    assert_eq!(book.search("one", 9).len(), 1);
}

#[test]
fn a_session_that_goes_on_is_emptied_and_goes_on() {
    let (_folder, mut book, mut known) = with_sessions(&[&["before"]]);
    assert_eq!(book.remove(Removal::All), Outcome::Removed { messages: 1, traces: false });
    assert_eq!(book.size().unindexed, 0);
    known.receive(&mut book, 0, &["after".to_owned()]);
    let rows = book.rows(id(&known, 0));
    assert_eq!(rows.iter().map(|row| row.number.0).collect::<Vec<_>>(), [1]);
    assert_eq!(book.sessions()[0].messages, 1);
    assert_eq!((book.search("before", 9).len(), book.search("after", 9).len()), (0, 1));
}

#[test]
fn recording_goes_on_while_there_is_work() {
    let (folder, mut book, mut known) = with_sessions(&[&["first"]]);
    let texts: Vec<String> = (0..5_000).map(|number| format!("line {number}")).collect();
    known.receive(&mut book, 0, &texts);
    let (task, to) = (TaskId(4), file_of(&folder));
    let what = Which::Session(id(&known, 0));
    let cancel = Cancel::default();
    book.ask(Question::Export { task, what, format: Format::JsonLines, to, cancel });
    known.receive(&mut book, 0, &["meanwhile".to_owned()]);
    let (rows, ..) = book.page(id(&known, 0), Place::End, 1);
    assert!(matches!(&rows[0].kind, RowKind::Received(Received { raw, .. }) if raw == "meanwhile\n"));
    let outcome = book.outcome(task);
    assert!(matches!(outcome, Outcome::Exported { messages: 5_001 | 5_002 }), "{outcome:?}");
    assert_eq!(book.troubles, [] as [Trouble; 0]);
}

#[test]
fn the_names_in_a_file_that_is_imported_are_cut_where_they_are_too_long() {
    let (folder, path) = place();
    let mut book = Book::open(&path);
    let from = folder.path().join("made.jsonl");
    let (name, host) = ("名".repeat(10_000_000), "h".repeat(1_000_000));
    let session = |id: u64, name: &str, host: &str| {
        format!(
            "{{\"type\":\"session\",\"session\":{id},\"origin\":\"outgoing\",\"host\":\"{host}\",\"port\":80,\"name\":\"{name}\",\
             \"encoding\":\"UTF-8\",\"opened\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    };
    fs::write(&from, session(1, &name, &host) + &session(2, "短", "a.example")).unwrap();
    assert!(matches!(book.import(&from), Outcome::Imported { sessions: 2, .. }));
    let sessions = book.sessions();
    let of = |id: u64| &sessions.iter().find(|summary| summary.session.id == SessionId(id)).unwrap().session;
    assert_eq!(of(1).name.as_ref().unwrap().chars().count(), LONGEST_NAME);
    assert!(matches!(&of(1).origin, Origin::Outgoing { host, .. } if host.len() == LONGEST_HOST));
    assert_eq!(of(2).name.as_deref(), Some("短"));
}
