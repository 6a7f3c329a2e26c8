//! How fast the history is, beside a bare rusqlite program doing the same work in the same run.
//!
//! `cargo bench --bench history`, or with `-- --quick` for a fifth of everything; `-- store`, `-- talkers`, `-- search`
//! and `-- tasks` run a part; `-- search --messages 10000000` searches so many messages. Ours and bare take turns, and the median of the rounds counts, since no machine is ever
//! quiet.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a measurement may fail")]

mod row;

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use row::{median, row};
use rusqlite::{Connection, params};
use sockhop::{
    chat::{JournalEntry, Origin, RowNumber, Session, SessionId},
    history::{Answer, Cancel, Format, Full, History, Outcome, Place, Question, Removal, TaskId, Which},
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

/// How much of everything.
struct Scale {
    rounds: usize,
    messages: usize,
}

const FULL: Scale = Scale { rounds: 5, messages: 1_000_000 };

const QUICK: Scale = Scale { rounds: 3, messages: 200_000 };

/// Lines of 40 bytes in a batch of 64 KiB, as the network thread hands over.
const LINES_A_BATCH: usize = 1_638;

/// Rows that the bare loop commits at once.
const ROWS_A_COMMIT: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let scale = if words.iter().any(|word| word == "--quick") { QUICK } else { FULL };
    let messages = words.iter().position(|word| word == "--messages").and_then(|at| words.get(at + 1)?.parse().ok());
    let begun = Instant::now();
    row::heading();
    let wanted = |name: &str| {
        let is_name = |word: &&String| !word.starts_with("--") && word.parse::<usize>().is_err();
        let mut names = words.iter().filter(is_name).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    if wanted("store") {
        storing(&scale)?;
    }
    if wanted("talkers") {
        talkers()?;
    }
    if wanted("search") {
        searching(messages.unwrap_or(scale.messages))?;
    }
    if wanted("tasks") {
        tasks(&scale)?;
    }
    println!("took {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// A flood of 40-byte lines, until all of them are in the file.
fn storing(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = (0..scale.messages).map(|number| format!("{number:>39}")).collect();
    let batches = batches(&texts);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let folder = tempfile::tempdir()?;
        let book = Book::open(&folder.path().join("ours.db"))?;
        let now = Timestamp::now();
        let session = book.session(now);
        let begun = Instant::now();
        book.flood(session, &batches, |_| now);
        assert_eq!(book.size().0, scale.messages as u64);
        ours.push(scale.messages as f64 / begun.elapsed().as_secs_f64());

        let begun = Instant::now();
        bare_flood(&folder.path().join("bare.db"), &batches)?;
        bare.push(scale.messages as f64 / begun.elapsed().as_secs_f64());
    }
    let measure = format!("{} lines of 40 bytes stored", scale.messages);
    row(&measure, median(&ours) / 1e3, Some(median(&bare) / 1e3), "k/s", "≥ 0.6");
    Ok(())
}

/// 200 talkers, each of whom says 50 lines of 38 bytes: 500 lines a second in all. What the disk has of each byte, and how
/// much was written for it.
fn talkers() -> Result<(), Box<dyn Error>> {
    const TALKERS: usize = 200;
    const LINES: usize = 50;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = folder.path().join("ours.db");
    let book = Book::open(&path)?;
    let before = written();
    let sessions: Vec<SessionId> = (0..TALKERS).map(|_| book.session(Timestamp::now())).collect();
    let texts = conversation(TALKERS * LINES);
    let (begun, mut bytes) = (Instant::now(), 0);
    for (number, text) in texts.iter().enumerate() {
        let mut text = text.clone();
        text.truncate(text.floor_char_boundary(37));
        let text = [format!("{text:<37}")];
        let (session, first, at) = (sessions[number % TALKERS], (number / TALKERS) as u64, Timestamp::now());
        for batch in batches(&text) {
            bytes += batch.bytes.len();
            book.record(JournalEntry::Received { session, first: RowNumber(first), at, batch });
        }
        std::thread::sleep((Duration::from_millis(2) * number as u32).saturating_sub(begun.elapsed()));
    }
    for session in sessions {
        book.record(JournalEntry::Ended { session, at: Timestamp::now() });
    }
    while book.size().2 > 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(book);
    let (size, written) = (fs::metadata(&path)?.len() as f64, written() - before);
    row("history on disk for each byte of 200 talkers", size / bytes as f64, None, "bytes", "≤ 2.5 bytes");
    row("written to disk for each byte of them", written / bytes as f64, None, "bytes", "≤ 8 bytes");
    Ok(())
}

/// Bytes that this process had written to a disk (proc(5), `write_bytes`); none where the system does not tell.
fn written() -> f64 {
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok()).unwrap_or(f64::NAN)
}

/// The same rows in the same table, as a program would that does nothing else.
fn bare_flood(path: &Path, batches: &[Batch]) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE rows (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, header INTEGER,
            trailer INTEGER, boundary INTEGER, raw BLOB, carry BLOB, detail TEXT) STRICT",
    )?;
    let at = Timestamp::now().as_nanosecond() as i64;
    let mut lines = batches.iter().flat_map(Batch::messages);
    let mut id = 1_i64 << 32;
    loop {
        connection.execute_batch("BEGIN")?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, carry, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let mut rows = 0;
        for (raw, cut) in lines.by_ref().take(ROWS_A_COMMIT) {
            let nothing = (None::<&[u8]>, None::<&str>);
            insert.execute(params![id, at, 0, cut.header, cut.trailer, 0, raw.as_ref(), nothing.0, nothing.1])?;
            id += 1;
            rows += 1;
        }
        connection.execute_batch("COMMIT")?;
        if rows < ROWS_A_COMMIT {
            return Ok(());
        }
    }
}

/// Fifty searches through what a class might have said.
fn searching(wanted: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = folder.path().join("ours.db");
    let book = Book::open(&path)?;
    let texts = conversation(wanted);
    let bytes: usize = texts.iter().map(String::len).sum();
    // Ten conversations at a time, one batch after the other.
    let start = Timestamp::now() - SignedDuration::from_hours(240);
    let sessions: Vec<SessionId> = (0..10).map(|_| book.session(start)).collect();
    let mut firsts = [0; 10];
    for (number, batch) in batches_of(&texts, 40).into_iter().enumerate() {
        let who = number % sessions.len();
        let (session, first, at) = (sessions[who], firsts[who], start + SignedDuration::from_millis(number as i64));
        firsts[who] += batch.cuts.len() as u64;
        book.record(JournalEntry::Received { session, first: RowNumber(first), at, batch });
    }
    let (messages, ..) = book.size();
    assert_eq!(messages, wanted as u64);
    let begun = Instant::now();
    let (tail, _) = book.search("Socket_42a");
    let unindexed = begun.elapsed();
    assert_eq!(tail, 0);
    for session in &sessions {
        book.record(JournalEntry::Ended { session: *session, at: Timestamp::now() });
    }
    let begun = Instant::now();
    while book.size().2 > 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let indexed = begun.elapsed();
    let (_, size, _) = book.size();

    let (mut ours, mut slowest) = (Vec::new(), String::new());
    for needle in needles() {
        let begun = Instant::now();
        let (hits, _) = book.search(&needle);
        let took = begun.elapsed().as_secs_f64();
        if ours.iter().all(|before| *before < took) {
            slowest = format!("{needle:?}, {hits} shown");
        }
        ours.push(took);
    }
    // A scan of more than that takes minutes.
    let bare = if wanted > FULL.messages { None } else { Some(bare_search(&folder.path().join("bare.db"), &texts)?) };
    let worst = |times: &[f64]| times.iter().copied().fold(0.0, f64::max) * 1e3;
    let median_of_bare = bare.as_deref().map(|bare| median(bare) * 1e3);
    let measure = format!("search in {messages} messages, median of {}", needles().len());
    row(&measure, median(&ours) * 1e3, median_of_bare, "ms", "≤ 5 ms");
    row(&format!("the worst: {slowest}"), worst(&ours), bare.as_deref().map(worst), "ms", "≤ 150 ms");
    row("search before anything is indexed", unindexed.as_secs_f64() * 1e3, None, "ms", "");
    row("indexing afterwards", indexed.as_secs_f64(), None, "s", "");
    row("the file, for each byte of text", size as f64 / bytes as f64, None, "bytes", "");
    drop(book);
    let (mut opening, mut with_page) = (Vec::new(), Vec::new());
    for path in [&path, &folder.path().join("empty.db")] {
        let begun = Instant::now();
        let book = Book::open(path)?;
        book.wait(|answer| matches!(answer, Answer::Opened { .. }).then_some(()));
        opening.push(begun.elapsed().as_secs_f64() * 1e3);
        let begun = Instant::now();
        book.page(sessions[9]);
        with_page.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    row(&format!("opening the newest of {messages}"), with_page[0], None, "ms", "≤ 10 ms");
    row("the history is open, against an empty one", opening[0], Some(opening[1]), "ms", "");
    Ok(())
}

/// The same texts, looked through with LIKE as far as one page of hits.
fn bare_search(path: &Path, texts: &[String]) -> rusqlite::Result<Vec<f64>> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO rows (text) VALUES (?1)")?;
        for text in texts {
            insert.execute([text])?;
        }
    }
    transaction.commit()?;
    let mut select = connection.prepare("SELECT id, text FROM rows WHERE text LIKE ?1 ORDER BY id DESC LIMIT 50")?;
    let mut times = Vec::new();
    for needle in needles() {
        let begun = Instant::now();
        let like = format!("%{}%", needle.replace(['%', '_'], "_"));
        let found = select.query_map([like], |row| row.get::<_, String>(1))?.count();
        assert!(found <= 50);
        times.push(begun.elapsed().as_secs_f64());
    }
    Ok(times)
}

/// What one conversation of all messages takes to be shown, written out, taken in and removed.
fn tasks(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut book = Book::open(&folder.path().join("ours.db"))?;
    let texts = conversation(scale.messages);
    let start = Timestamp::now() - SignedDuration::from_hours(24);
    let session = book.session(start);
    book.flood(session, &batches(&texts), |number| start + SignedDuration::from_millis(number as i64));
    book.record(JournalEntry::Ended { session, at: Timestamp::now() });
    while book.size().2 > 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let print = |measure: &str, took: Duration, to_reach: &str| {
        let took = took.as_secs_f64();
        let (took, unit) = if took < 1.0 { (took * 1e3, "ms") } else { (took, "s") };
        row(measure, took, None, unit, to_reach);
    };
    let begun = Instant::now();
    assert!(book.page(session) > 0);
    print(&format!("the last page of {} messages", scale.messages), begun.elapsed(), "≤ 100 ms");
    for (format, name) in [
        (Format::Text, "as text"),
        (Format::Csv, "as a table"),
        (Format::RawReceived, "as raw bytes"),
        (Format::JsonLines, "as JSON Lines"),
    ] {
        let (to, what, cancel) = (folder.path().join("exported"), Which::All, Cancel::default());
        let begun = Instant::now();
        let outcome = book.task(|task| Question::Export { task, what, format, to, cancel });
        assert_eq!(outcome, Outcome::Exported { messages: scale.messages as u64 });
        print(&format!("exported {name}"), begun.elapsed(), "");
    }
    let mut other = Book::open(&folder.path().join("other.db"))?;
    let (from, begun) = (folder.path().join("exported"), Instant::now());
    let outcome = other.task(|task| Question::Import { task, from, cancel: Cancel::default() });
    assert!(matches!(outcome, Outcome::Imported { messages, .. } if messages == scale.messages as u64));
    print("taken in", begun.elapsed(), "");
    let begun = Instant::now();
    let outcome = book.task(|task| Question::Remove {
        task,
        what: Removal::All,
        cancel: Cancel::default(),
        after: Duration::ZERO,
    });
    assert_eq!(outcome, Outcome::Removed { messages: scale.messages as u64, traces: false });
    print("removed for good", begun.elapsed(), "");
    Ok(())
}

/// An open history.
struct Book {
    history: History,
    tasks: u64,
}

static LAST_SESSION: AtomicU64 = AtomicU64::new(0);

impl Book {
    fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { history: History::open(path, || ())?, tasks: 0 })
    }

    fn session(&self, opened: Timestamp) -> SessionId {
        // As core gives them: the time in microseconds, or the next one after the last.
        let now = u64::try_from(Timestamp::now().as_microsecond()).unwrap();
        let last = LAST_SESSION.fetch_max(now, Ordering::Relaxed);
        let id = SessionId(if last < now { now } else { LAST_SESSION.fetch_add(1, Ordering::Relaxed) + 1 });
        let (origin, encoding) = (Origin::Accepted, TextEncoding::default());
        let session = Session { id, origin, peer: None, local: None, name: None, encoding, opened };
        self.record(JournalEntry::Opened(Box::new(session)));
        id
    }

    fn record(&self, mut record: JournalEntry) {
        while let Err(Full(back)) = self.history.record(record) {
            std::thread::sleep(Duration::from_micros(100));
            record = *back;
        }
    }

    fn flood(&self, session: SessionId, batches: &[Batch], at: impl Fn(u64) -> Timestamp) {
        let mut first = 0;
        for batch in batches {
            self.record(JournalEntry::Received {
                session,
                first: RowNumber(first),
                at: at(first),
                batch: batch.clone(),
            });
            first += batch.cuts.len() as u64;
        }
    }

    fn wait<T>(&self, mut wanted: impl FnMut(Answer) -> Option<T>) -> T {
        loop {
            match self.history.recv_timeout(Duration::from_mins(10)).unwrap() {
                Answer::Trouble(trouble) => panic!("{trouble:?}"),
                answer => {
                    if let Some(found) = wanted(answer) {
                        return found;
                    }
                }
            }
        }
    }

    /// Messages, bytes of the file, and rows that are not indexed.
    fn size(&self) -> (u64, u64, u64) {
        assert!(self.history.ask(Question::Size));
        self.wait(|answer| match answer {
            Answer::Size(size) => Some((size.messages, size.bytes, size.unindexed)),
            _ => None,
        })
    }

    fn search(&self, needle: &str) -> (usize, bool) {
        let needle = needle.to_owned();
        assert!(self.history.ask(Question::Search { generation: 1, needle, after: None, count: 50 }));
        let mut found = 0;
        self.wait(|answer| match answer {
            Answer::Found { hits, done, more, .. } => {
                found += hits.len();
                done.then_some((found, more))
            }
            _ => None,
        })
    }

    fn page(&self, session: SessionId) -> usize {
        assert!(self.history.ask(Question::Page { session, place: Place::End, count: 200 }));
        self.wait(|answer| match answer {
            Answer::Page { rows, .. } => Some(rows.len()),
            _ => None,
        })
    }

    fn task(&mut self, question: impl FnOnce(TaskId) -> Question) -> Outcome {
        self.tasks += 1;
        let task = TaskId(self.tasks);
        assert!(self.history.ask(question(task)));
        self.wait(|answer| match answer {
            Answer::Done { task: of, outcome } if of == task => Some(outcome),
            _ => None,
        })
    }
}

fn batches(texts: &[String]) -> Vec<Batch> {
    batches_of(texts, LINES_A_BATCH)
}

fn batches_of(texts: &[String], lines: usize) -> Vec<Batch> {
    let batch = |texts: &[String]| {
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
            cuts.push(Cut { end: bytes.len() as u32, header: 0, trailer: 1, boundary: Boundary::Newline });
        }
        Batch { bytes: Bytes::from(bytes), cuts }
    };
    texts.chunks(lines).map(batch).collect()
}

/// What a class might say: Chinese and English words in any order, and numbers.
fn conversation(messages: usize) -> Vec<String> {
    let mut random = Random(7);
    let message = |number: usize| {
        let mut text = String::new();
        for _ in 0..random.below(6) + 2 {
            text.push_str(random.one_of(&CHINESE));
            if random.below(2) == 0 {
                text.push(' ');
                text.push_str(random.one_of(&ENGLISH));
                text.push(' ');
            }
        }
        if number.is_multiple_of(3) {
            let _ = write!(text, "{:06}", random.below(1_000_000));
        }
        text
    };
    let mut texts: Vec<String> = (0..messages).map(message).collect();
    // Some that are there once, near the beginning, in the middle and near the end.
    for (place, needle) in [1_000, messages / 2, messages - 1_000].into_iter().zip(RARE) {
        texts[place].push_str(needle);
    }
    texts
}

/// What to look for: a letter to a sentence; everywhere, here and there, once, nowhere.
fn needles() -> Vec<String> {
    let mut needles: Vec<String> = RARE.into_iter().map(str::to_owned).collect();
    needles.extend(CHINESE.into_iter().take(8).map(str::to_owned));
    needles.extend(ENGLISH.into_iter().take(8).map(str::to_owned));
    needles.extend(
        [
            "e",
            "的",
            "Z",
            "q",
            "龘",
            "0",
            "er",
            "zz",
            "qx",
            "龘靐",
            "们服",
            "你吗",
            "o w",
            "  ",
            "42",
            "007",
            "12345",
            "999999",
            "0000",
            "xyzzy",
            "SERVER",
            "Client soc",
            "socket 你",
            "bind() failed",
            "没有这句话",
            "能听到吗 server",
            "\"",
            "*",
            "packet loss",
            "数据已收到吗",
            "😀",
        ]
        .map(str::to_owned),
    );
    needles.truncate(50);
    assert_eq!(needles.len(), 50);
    needles
}

const RARE: [&str; 3] = ["Xylophon", "靐齉", "needle in a haystack"];

const CHINESE: [&str; 16] = [
    "你好",
    "我们",
    "服务器",
    "客户端",
    "数据已收到",
    "能听到吗",
    "端口",
    "连接",
    "今天的作业",
    "老师",
    "同学",
    "网络",
    "的",
    "是不是",
    "再试一次",
    "断开了",
];

const ENGLISH: [&str; 16] = [
    "hello", "server", "client", "socket", "bind", "listen", "accept", "recv", "send", "packet", "stream", "again",
    "failed", "windows", "linux", "buffer",
];

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}
