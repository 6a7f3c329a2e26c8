//! The program is killed in the middle of a flood, or the disk is full: what the file says it holds, it holds.

#![cfg(unix)]

use std::{
    cmp::Reverse,
    collections::VecDeque,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sockhop::{
    chat::{Received, RowKind},
    history::{LOST_AT_MOST, Question, Trouble},
    wire::text::TextEncoding,
};

use crate::{
    book::{Book, LIMIT, place},
    records::Known,
};

/// Set in the environment of a process that this test starts, to the file it is to write.
const FILE: &str = "SOCKHOP_TEST_HISTORY";

/// How often the program is killed; fifty times takes a minute or two. Where it is set, what is lost has to be within
/// [`LOST_AT_MOST`], which a machine that is busy with other tests does not promise.
const KILLS: &str = "SOCKHOP_TEST_KILLS";

/// Sessions that are written to at the same time.
const SESSIONS: usize = 3;

/// Messages in a batch.
const BATCH: usize = 400;

/// This test program, to run one test in it alone.
fn this_test(name: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture", "--include-ignored"]).env(FILE, path);
    command
}

fn text(session: usize, number: u64) -> String {
    format!("session {session} message {number} 你好")
}

#[test]
#[ignore = "writes until it is killed"]
fn flood() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut book = Book::open(path.as_ref());
    let mut known = Known::default();
    let sessions: Vec<_> = (0..SESSIONS).map(|_| known.open(&mut book, TextEncoding::default())).collect();
    for round in 0_u64.. {
        for session in &sessions {
            let first = round * BATCH as u64;
            let texts: Vec<_> = (first..first + BATCH as u64).map(|number| text(*session, number)).collect();
            // One of them says one thing at a time.
            for texts in texts.chunks(if Some(session) == sessions.last() { 1 } else { BATCH }) {
                known.receive(&mut book, *session, texts);
            }
            known.forget_rows(*session);
        }
        if round % 16 == 0 {
            // Have it do something else in between.
            let needle = "no such text".to_owned();
            let _ = book.history.ask(Question::Search { generation: 0, needle, after: None, count: 1 });
        }
        while book.history.try_recv().is_some() {}
        println!("\nwritten {}", (round + 1) * BATCH as u64);
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn who_is_killed_in_a_flood_loses_the_last_moment_at_most_and_damages_nothing() {
    let (kills, limit) = match std::env::var(KILLS) {
        Ok(kills) => (kills.parse().unwrap(), LOST_AT_MOST),
        Err(_) => (10, 4 * LOST_AT_MOST),
    };
    let mut longest = Duration::ZERO;
    let (_folder, mut path) = place();
    for kill in 0..kills {
        if kill % 5 == 0 {
            // After five floods it is another file's turn.
            path.set_file_name(format!("history-{kill}.db"));
        }
        let mut child =
            this_test("violence::flood", &path).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // No clock: a moment is random enough if it is so many batches from the beginning.
        let moment = usize::from(fastrand(kill)) % 300 + 1;
        let mut told = VecDeque::new();
        for line in lines.map_while(Result::ok).filter(|line| line.starts_with("written ")).take(moment) {
            told.push_back((Instant::now(), line["written ".len()..].parse::<u64>().unwrap()));
        }
        child.kill().unwrap();
        let killed = Instant::now();
        child.wait().unwrap();
        check_file(&path);

        let mut book = Book::open(&path);
        assert_eq!(book.troubles, []);
        let mut sessions = book.sessions();
        sessions.sort_by_key(|summary| Reverse(summary.session.id));
        for (place, summary) in sessions.iter().take(SESSIONS).enumerate() {
            let rows = book.rows(summary.session.id);
            assert_eq!(rows.len() as u64, summary.messages);
            let lost =
                told.iter().find(|(_, rows)| *rows > summary.messages).map_or(Duration::ZERO, |(at, _)| killed - *at);
            assert!(lost <= limit, "{lost:?} of {kill}");
            longest = longest.max(lost);
            assert_eq!(rows.iter().map(|row| row.raw().len() as u64).sum::<u64>(), summary.bytes);
            for (row, number) in rows.iter().zip(0..) {
                let RowKind::Received(Received { raw, .. }) = &row.kind else { panic!("{row:?}") };
                assert_eq!(row.number.0, number);
                assert_eq!(*raw, format!("{}\n", text(SESSIONS - 1 - place, number)));
            }
        }
    }
    println!("lost in {kills} kills: the last {longest:?} at most");
}

/// SQLite finds nothing wrong with it.
fn check_file(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let found: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    connection.execute("INSERT INTO grams (grams) VALUES ('integrity-check')", []).unwrap();
}

/// A number that looks random, the same at every run.
fn fastrand(seed: u32) -> u16 {
    (u64::from(seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u16
}

#[test]
fn a_full_disk_is_told_and_what_waited_is_written_when_there_is_room() {
    let (_folder, path) = place();
    drop(Book::open(&path));
    // A limit on the size of files is as good as a full disk; without the trap its signal would end the process.
    let me = this_test("violence::flood_a_full_disk", &path);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(me.get_program()).args(me.get_args()).env(FILE, &path);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    check_file(&path);
    assert_eq!(Book::open(&path).sessions().len(), 1);
}

#[test]
#[ignore = "limits the size of its files"]
fn flood_a_full_disk() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Some(path) = std::env::var_os(FILE) else { return };
    let path: &Path = path.as_ref();
    let limit = |current| {
        let maximum = getrlimit(Resource::Fsize).maximum;
        setrlimit(Resource::Fsize, Rlimit { current, maximum }).unwrap();
    };
    limit(Some(std::fs::metadata(path).unwrap().len() + 400_000));
    let mut book = Book::open(path);
    let mut known = Known::default();
    let session = known.open(&mut book, TextEncoding::default());
    let begun = Instant::now();
    let troubled = |book: &mut Book| {
        while let Some(answer) = book.history.try_recv() {
            if let sockhop::history::Answer::Trouble(trouble) = answer {
                book.troubles.push(trouble);
            }
        }
        !book.troubles.is_empty()
    };
    let mut batches = 0;
    while !troubled(&mut book) {
        assert!(begun.elapsed() < LIMIT);
        let texts: Vec<_> = (0..20).map(|number| text(batches, number)).collect();
        known.receive(&mut book, session, &texts);
        batches += 1;
    }
    assert!(matches!(&book.troubles[..], [Trouble::NotWritten { path: told, .. }] if told == path));
    // What is recorded now waits. It still can be asked for what was written.
    for number in 0..50 {
        known.receive(&mut book, session, &[text(batches, number)]);
    }
    let id = known.sessions[session].0.session.id;
    assert!(book.rows(id).len() < known.sessions[session].1.len());
    assert_eq!(book.search(&text(0, 0), 9).len(), 1);
    assert_eq!(book.troubles.len(), 1, "{:?}", book.troubles);

    limit(None);
    while book.troubles.len() < 2 {
        assert!(begun.elapsed() < LIMIT);
        // Each question has it try.
        book.size();
    }
    assert_eq!(book.troubles[1..], [Trouble::WrittenAgain { given_up: 0 }]);
    assert_eq!(book.rows(id), known.sessions[session].1.values().cloned().collect::<Vec<_>>());
}
