//! The real window with a flood, with many who talk, with many who come and go, beside a bare program that stores a flood.

use std::{
    error::Error,
    io::Read as _,
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use sockhop::history::Reader;

use crate::{
    clients::{Clients, Role},
    program::Window,
    row::{median, row},
    screen::Screen,
    talkers::{LINE, TALKERS, line},
};

/// Longer than any flood takes.
const LIMIT: Duration = Duration::from_mins(10);

/// Rows that the bare program commits at once.
const ROWS_A_COMMIT: usize = 10_000;

/// So many lines, until each is stored; the last is found.
pub fn flood(screen: &Screen, lines: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let (mut ours, mut bare, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let window = Window::open(screen)?;
        ours.push(stored(&window, lines)?.as_secs_f64());
        peaks.push(window.program.memory("VmHWM")? / 1e6);
        bare.push(bare_flood(lines)?.as_secs_f64());
    }
    let measure = format!("{} MB of {LINE}-byte lines, each shown and stored", lines * LINE / 1_000_000);
    row(&measure, median(&ours), Some(median(&bare)), "s", "≤ 0.4");
    row("its peak of memory", median(&peaks), None, "MB", "≤ 140 MB");
    Ok(())
}

/// Sends the window so many lines. How long until the history has all of them, and finds the last.
pub fn stored(window: &Window, lines: usize) -> Result<Duration, Box<dyn Error>> {
    let (count, limit) = (lines.to_string(), LIMIT.as_secs().to_string());
    let begun = Instant::now();
    let clients = Clients::spawn(&[TALKERS, "lines", &count, &window.address.to_string(), &limit])?;
    let history = Connection::open(window.history())?;
    let mut count =
        history.prepare("SELECT ifnull(sum(messages), 0) + (SELECT count(raw) FROM recent) FROM sessions")?;
    while count.query_row([], |row| row.get::<_, i64>(0))? < lines as i64 {
        if begun.elapsed() > LIMIT {
            return Err("not all lines were stored".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed();
    clients.end()?;
    let (found, _) = Reader::open(&window.history())?.search(line(lines - 1).trim_end(), None, 2)?;
    if found.len() != 1 {
        return Err("the last line is not found".into());
    }
    Ok(took)
}

/// The same lines, received and inserted by a program that does nothing else.
fn bare_flood(lines: usize) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (count, limit) = (lines.to_string(), LIMIT.as_secs().to_string());
    let begun = Instant::now();
    let clients = Clients::spawn(&[TALKERS, "lines", &count, &listener.local_addr()?.to_string(), &limit])?;
    let stored = receive_and_insert(&listener, &folder.path().join("bare.db"))?;
    let took = begun.elapsed();
    clients.end()?;
    if stored == lines { Ok(took) } else { Err(format!("{stored} lines of {lines}").into()) }
}

fn receive_and_insert(listener: &TcpListener, path: &Path) -> Result<usize, Box<dyn Error>> {
    let mut stream = listener.accept()?.0;
    let history = Connection::open(path)?;
    history.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE rows (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, header INTEGER,
            trailer INTEGER, boundary INTEGER, raw BLOB, carry BLOB, detail TEXT) STRICT; BEGIN",
    )?;
    let mut insert = history.prepare(
        "INSERT INTO rows (id, at, kind, header, trailer, boundary, raw, carry, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let (mut buffer, mut held, mut stored) = (vec![0; 64 * 1024], Vec::new(), 0);
    loop {
        let received = stream.read(&mut buffer)?;
        if received == 0 {
            break;
        }
        held.extend_from_slice(buffer.get(..received).unwrap_or_default());
        let mut begin = 0;
        for newline in memchr::memchr_iter(b'\n', &held) {
            let at = jiff::Timestamp::now().as_nanosecond() as i64;
            let (raw, nothing) = (held.get(begin..=newline), None::<i64>);
            insert.execute(params![(1_i64 << 32) + stored as i64, at, 0, 0, 1, 0, raw, nothing, nothing])?;
            (begin, stored) = (newline + 1, stored + 1);
            if stored % ROWS_A_COMMIT == 0 {
                history.execute_batch("COMMIT; BEGIN")?;
            }
        }
        held.drain(..begin);
    }
    history.execute_batch("COMMIT")?;
    Ok(stored)
}

/// Processor time while so many clients do this for so long.
pub fn talking(screen: &Screen, what: &str, count: usize, seconds: u64) -> Result<(), Box<dyn Error>> {
    let window = Window::open(screen)?;
    let (address, limit) = (window.address.to_string(), (seconds + 4).to_string());
    let mut clients = Clients::spawn(&[TALKERS, what, &count.to_string(), &address, &limit])?;
    clients.told()?;
    // Those that came at once are taken in by then.
    thread::sleep(Duration::from_secs(2));
    let (begun, before) = (Instant::now(), window.program.cpu()?);
    thread::sleep(Duration::from_secs(seconds));
    let used = window.program.cpu()?.saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
    clients.end()?;
    let (measure, goal) = match what {
        "talk" => ("500 lines/s of 200 clients, ten leave and come each second", "≤ 15 %"),
        "bytes" => ("2,000 clients that send a byte a second", "≤ 20 %"),
        _ => ("1,000 clients a second that connect and close", "≤ 25 %"),
    };
    row(&format!("{measure}: CPU of a core"), used * 100.0, None, "%", goal);
    Ok(())
}

/// Processor time of so many clients that close at once.
pub fn close(screen: &Screen, count: usize) -> Result<(), Box<dyn Error>> {
    let window = Window::open(screen)?;
    let mut clients = Clients::start(Role::Idle(count), window.address)?;
    clients.told()?;
    window.program.settle()?;
    let (before, begun) = (window.program.cpu()?, Instant::now());
    clients.end()?;
    window.program.settle()?;
    let used = window.program.cpu()?.saturating_sub(before).as_secs_f64();
    row(&format!("{count} clients close at once: CPU"), used, None, "s", "≤ 1 s");
    row("    until all is done", begun.elapsed().as_secs_f64() - 1.0, None, "s", "");
    Ok(())
}

/// What is left in memory of many clients, again and again.
pub fn rounds(screen: &Screen, rounds: usize, count: usize) -> Result<(), Box<dyn Error>> {
    let window = Window::open(screen)?;
    window.program.settle()?;
    let before = window.program.memory("VmRSS")?;
    for _ in 0..rounds {
        let mut clients = Clients::start(Role::Idle(count), window.address)?;
        clients.told()?;
        clients.end()?;
        window.program.settle()?;
    }
    let grown = (window.program.memory("VmRSS")? - before) / 1e6;
    row(&format!("memory after {rounds} rounds of {count} clients, over the start"), grown, None, "MB", "≤ 25 MB");
    Ok(())
}
