//! `sockhop history` on real files: while they are written, after they were, and where there are none.

use std::{fs, path::Path, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use sockhop::{
    chat::{ConversationChange, Delivery, JournalEntry, Origin, RowNumber, Session, SessionId},
    history::{Answer, Cancel, Format, History, Question, TaskId, VERSION, Which},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use crate::process::{Ended, Process, sockhop_command, text};

const LIMIT: Duration = Duration::from_mins(1);

/// A history that is open, as in a window.
struct Open {
    history: History,
    sessions: std::cell::Cell<u64>,
}

impl Open {
    fn new(folder: &Path) -> Self {
        Self {
            history: History::open(&folder.join("history.db"), || ()).expect("a thread"),
            sessions: std::cell::Cell::default(),
        }
    }

    fn record(&self, record: JournalEntry) {
        self.history.record(record).expect("there is room");
    }

    fn session(&self, peer: &str, name: Option<&str>) -> SessionId {
        let (origin, opened) = (Origin::Accepted, Timestamp::now());
        let id = SessionId(
            u64::try_from(opened.as_microsecond()).expect("after 1970")
                + self.sessions.replace(self.sessions.get() + 1),
        );
        let (peer, name) = (Some(peer.parse().expect("an address")), name.map(str::to_owned));
        let encoding = TextEncoding::default();
        self.record(JournalEntry::Opened(Box::new(Session { id, origin, peer, local: None, name, encoding, opened })));
        id
    }

    fn receive(&self, session: SessionId, first: u64, texts: &[&str]) {
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
            cuts.push(Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline });
        }
        self.record(JournalEntry::Received {
            session,
            first: RowNumber(first),
            at: Timestamp::now(),
            batch: Batch { bytes: bytes.into(), cuts },
        });
    }

    fn send(&self, session: SessionId, number: u64, text: &'static str) {
        let cut = Cut { end: text.len() as u32, header: 0, trailer: 0, boundary: Boundary::Recv };
        let (raw, delivery) = (text.as_bytes().into(), Delivery::Sent);
        self.record(JournalEntry::Sent {
            session,
            number: RowNumber(number),
            at: Timestamp::now(),
            raw,
            cut,
            delivery,
            auto: false,
            encoding: TextEncoding::default(),
        });
    }

    /// Wait until all that was recorded is written.
    fn written(&self) -> u64 {
        assert!(self.history.ask(Question::Size));
        loop {
            if let Answer::Size(size) = self.history.recv_timeout(LIMIT).expect("an answer") {
                return size.unindexed;
            }
        }
    }
}

fn history(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = sockhop_command(folder);
    command.args(["--lang", "en", "history"]).args(arguments);
    Process::start(command).end()
}

fn rows(ended: &Ended) -> Vec<Value> {
    ended.output.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("it is there");
    let mut names: Vec<String> =
        names.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A folder with two conversations that nobody has open.
fn two() -> (tempfile::TempDir, [String; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let open = Open::new(folder.path());
    let first = open.session("127.0.0.1:5001", Some("Ann\u{202e}a"));
    open.receive(first, 0, &["hello, \"you\"", "\u{1b}[2J你好 \u{202e}x"]);
    open.record(JournalEntry::Changed {
        session: first,
        change: ConversationChange::Name(Some("An\u{202e}na".into())),
    });
    open.record(JournalEntry::Ended { session: first, at: Timestamp::now() });
    let second = open.session("[::1]:5002", None);
    open.send(second, 0, "Hello back");
    open.record(JournalEntry::Ended { session: second, at: Timestamp::now() });
    open.written();
    (folder, [first, second].map(|id| id.0.to_string()))
}

#[test]
fn what_a_window_has_written_is_listed_found_and_exported_while_it_writes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = Open::new(folder.path());
    let id = open.session("127.0.0.1:5001", None);
    let mut number = 0;
    // Three rounds: nothing indexed, some of it, most of it.
    for round in 1..=3_usize {
        for _ in 0..round * 40 {
            open.receive(id, number, &["filler", "needle in here", "more filler"]);
            number += 3;
        }
        open.written();
        let listed = rows(&history(folder.path(), &["list", "--json"]).with_status(0));
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0]["id"].as_u64(), listed[0]["messages"].as_u64()), (Some(id.0), Some(number)));
        let found = rows(&history(folder.path(), &["search", "NEEDLE", "--json"]).with_status(0));
        assert_eq!(found.len() as u64, number / 3);
        assert_eq!(found[0]["number"].as_u64(), Some(number - 2));
        let ended = history(folder.path(), &["export", "--format", "raw", &id.0.to_string()]).with_status(0);
        assert_eq!(ended.output.len() as u64, number);
    }
    // It is still the window's.
    open.receive(id, number, &["the last"]);
    open.written();
    assert_eq!(history(folder.path(), &["search", "the last"]).with_status(0).output.len(), 1);
}

#[test]
fn reading_leaves_the_folder_as_it_is() {
    let (folder, [first, _]) = two();
    let before = (names(folder.path()), fs::read(folder.path().join("history.db")).expect("it is there"));
    history(folder.path(), &["list"]).with_status(0);
    history(folder.path(), &["search", "hello"]).with_status(0);
    history(folder.path(), &["export", &first]).with_status(0);
    let after = (names(folder.path()), fs::read(folder.path().join("history.db")).expect("it is there"));
    assert_eq!(before, after);
}

#[test]
fn conversations_are_listed_newest_first_and_nothing_in_them_commands() {
    let (folder, [first, second]) = two();
    let ended = history(folder.path(), &["list"]).with_status(0);
    let [line, other] = ended.output.as_slice() else { panic!("{:?}", ended.output) };
    assert!(line.starts_with(&second) && line.ends_with("[::1]:5002  1 message, 10 bytes"), "{line}");
    assert!(other.starts_with(&first), "{other}");
    assert!(other.ends_with("An\\u{202e}na (127.0.0.1:5001)  2 messages, 29 bytes"), "{other}");
    let ended = history(folder.path(), &["list", "--json"]).with_status(0);
    assert!(ended.output[1].contains("\"name\":\"An\\u202ena\""), "{}", ended.output[1]);
    let row = &rows(&ended)[1];
    assert_eq!((text(row, "origin"), text(row, "peer")), ("accepted".to_owned(), "127.0.0.1:5001".to_owned()));
    assert!(row["opened"].is_string() && row["ended"].is_string());
}

#[test]
fn what_is_found_is_printed_and_if_nothing_is_that_is_status_1() {
    let (folder, [first, second]) = two();
    let ended = history(folder.path(), &["search", "hello"]).with_status(0);
    let [line, other] = ended.output.as_slice() else { panic!("{:?}", ended.output) };
    assert!(line.starts_with(&format!("{second}:0  ")) && line.ends_with("→ Hello back"), "{line}");
    assert!(other.starts_with(&format!("{first}:0  ")) && other.ends_with("← hello, \"you\""), "{other}");
    let ended = history(folder.path(), &["search", "你好"]).with_status(0);
    assert!(ended.output[0].ends_with("← ␛[2J你好 \\u{202e}x"), "{}", ended.output[0]);
    let ended = history(folder.path(), &["search", "你好", "--json"]).with_status(0);
    assert!(ended.output[0].contains("\"text\":\"\\u001b[2J你好 \\u202ex\""), "{}", ended.output[0]);
    assert_eq!(text(&rows(&ended)[0], "direction"), "received");
    let ended = history(folder.path(), &["search", "nowhere"]).with_status(1);
    assert_eq!((ended.output.len(), ended.errors.as_str()), (0, "No message contains this text"));
}

#[test]
fn each_format_is_printed_or_written_and_the_same_as_the_windows() {
    let (folder, [first, second]) = two();
    let history = |arguments: &[&str]| history(folder.path(), arguments);
    let ended = history(&["export"]).with_status(0);
    assert_eq!(ended.output.len(), 5, "{:?}", ended.output);
    assert!(ended.output[2].ends_with("←  ␛[2J你好 \\u{202e}x"), "{}", ended.output[2]);
    let ended = history(&["export", &second, &first, &second, "--format", "csv"]).with_status(0);
    assert_eq!(ended.output.len(), 4, "{:?}", ended.output);
    let state = if ended.output[1].contains(",acknowledged,") { "acknowledged" } else { "sent" };
    let row = format!("sent,{state},10,Hello back,48 65 6c 6c 6f 20 62 61 63 6b\r");
    assert!(ended.output[1].contains(&second) && ended.output[1].ends_with(&row), "{:?}", ended.output);
    assert!(
        ended.output[2].ends_with(",\"hello, \"\"you\"\"\",68 65 6c 6c 6f 2c 20 22 79 6f 75 22 0a\r"),
        "{}",
        ended.output[2]
    );
    assert_eq!(history(&["export", &first, "--format", "raw"]).output, ["hello, \"you\"", "\u{1b}[2J你好 \u{202e}x"]);

    let to = folder.path().join("out.jsonl");
    fs::write(&to, "before").expect("written");
    let ended = history(&["export", "--format", "jsonl", "--output", to.to_str().expect("UTF-8")]).with_status(0);
    assert_eq!(ended.output.len(), 0);
    let written = fs::read(&to).expect("it is there");
    let open = Open::new(folder.path());
    let (task, cancel) = (TaskId(1), Cancel::default());
    let (what, format) = (Which::All, Format::JsonLines);
    assert!(open.history.ask(Question::Export { task, what, format, to: to.clone(), cancel }));
    while !matches!(open.history.recv_timeout(LIMIT).expect("an answer"), Answer::Done { .. }) {}
    assert_eq!(fs::read(&to).expect("it is there"), written);
}

#[test]
fn a_message_that_was_acknowledged_is_exported_as_such_and_one_that_was_not_as_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = Open::new(folder.path());
    let session = open.session("127.0.0.1:5001", None);
    for number in 0..3 {
        open.send(session, number, "hello");
    }
    let numbers = RowNumber(0)..RowNumber(2);
    open.record(JournalEntry::Acknowledged { session, numbers, bytes: 10 });
    open.written();
    let lines = rows(&history(folder.path(), &["export", "--format", "jsonl"]).with_status(0));
    let deliveries: Vec<_> = lines.iter().skip(1).map(|line| line["delivery"].as_str()).collect();
    assert_eq!(deliveries, [Some("acknowledged"), Some("acknowledged"), Some("sent")]);
    let lines = history(folder.path(), &["export", "--format", "csv"]).with_status(0).output;
    assert!(
        lines[1].ends_with("sent,acknowledged,5,hello,68 65 6c 6c 6f\r")
            && lines[3].ends_with("sent,sent,5,hello,68 65 6c 6c 6f\r"),
        "{lines:?}"
    );
}

#[test]
fn an_unknown_conversation_is_named_and_nothing_is_written() {
    let (folder, [first, _]) = two();
    let to = folder.path().join("out.txt");
    fs::write(&to, "before").expect("written");
    let ended = history(folder.path(), &["export", &first, "7", "-o", to.to_str().expect("UTF-8")]).with_status(1);
    assert!(ended.errors.starts_with("There is no conversation 7;"), "{}", ended.errors);
    assert_eq!(fs::read(&to).expect("it is there"), b"before");
    let ended = history(folder.path(), &["export", &first, "7"]).with_status(1);
    assert_eq!(ended.output.len(), 0);
    let ended = history(folder.path(), &["export", "-o", "/nowhere/out.txt"]).with_status(1);
    assert!(ended.errors.contains("/nowhere/out.txt"), "{}", ended.errors);
}

#[test]
fn where_there_is_no_history_it_says_so_and_makes_none() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("none");
    for arguments in [&["list"][..], &["search", "a"], &["export"]] {
        let ended = history(&folder, arguments).with_status(1);
        assert!(ended.errors.starts_with("There is no history in "), "{}", ended.errors);
        assert!(!folder.exists());
    }
    fs::write(parent.path().join("history.db"), "").expect("written");
    let ended = history(parent.path(), &["list"]).with_status(1);
    assert!(ended.errors.starts_with("There is no history in "), "{}", ended.errors);
    assert_eq!(names(parent.path()), ["history.db"]);
}

#[test]
fn what_a_later_version_or_another_program_wrote_is_left_alone() {
    let (folder, _) = two();
    let path = folder.path().join("history.db");
    let newer = rusqlite::Connection::open(&path).expect("a database");
    newer.pragma_update(None, "user_version", VERSION + 1).expect("written");
    drop(newer);
    let before = (names(folder.path()), fs::read(&path).expect("it is there"));
    let ended = history(folder.path(), &["list"]).with_status(1);
    assert!(ended.errors.contains("a later version of Sockhop"), "{}", ended.errors);
    assert_eq!((names(folder.path()), fs::read(&path).expect("it is there")), before);
    fs::write(&path, "no database at all").expect("written");
    let ended = history(folder.path(), &["export"]).with_status(1);
    assert!(ended.errors.starts_with("The history is damaged"), "{}", ended.errors);
    assert_eq!(fs::read(&path).expect("it is there"), b"no database at all");
}

#[test]
fn what_a_killed_program_left_in_its_log_is_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = Open::new(folder.path());
    let id = open.session("127.0.0.1:5001", None);
    open.receive(id, 0, &["in the log only"]);
    open.written();
    // As if it had been killed now.
    let killed = tempfile::tempdir().expect("a folder");
    for name in ["history.db", "history.db-wal"] {
        fs::copy(folder.path().join(name), killed.path().join(name)).expect("copied");
    }
    assert_eq!(history(killed.path(), &["search", "log"]).with_status(0).output.len(), 1);
    let again = Open::new(killed.path());
    let second = again.session("127.0.0.1:5002", None);
    again.receive(second, 0, &["after it"]);
    again.written();
    assert_eq!(history(killed.path(), &["list"]).with_status(0).output.len(), 2);
}
