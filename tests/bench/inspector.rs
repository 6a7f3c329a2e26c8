//! What the inspector costs while a flood comes in, beside the same without it in the same run.
//!
//! `cargo bench --bench inspector`, or with `-- --quick` for a tenth of the bytes; `-- window` and `-- record`
//! run a part, `-- sockets` what a thousand sockets in the tab of calls cost beside ten. The client lives in a process
//! of its own. Frames are those of the real window, drawn without a screen, sixty times a second; what counts of each is
//! the processor time of its thread, from the drain of events to the shapes that are to be painted, with the tree for
//! screen readers. Recording is measured as the `net` bench measures the flood, once with each call applied to a core
//! and once with calls dropped.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a measurement may fail")]

#[allow(dead_code, reason = "the other benches need more of it")]
mod clients;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../net/ids.rs"]
mod ids;

use std::{
    error::Error,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use egui_kittest::{Harness, kittest::Queryable as _};
use sockhop::{
    core::{Core, Input, Key, ServerState},
    net::{Command, ConnOptions, EventKind, ListenOptions, Net, RECV_SIZE},
    settings::{DataFolder, Language, ListenOn, Settings},
    window::app::{App, Start},
};

use clients::{Clients, Role};

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_mins(5);

/// Frames come so often.
const FRAME: Duration = Duration::from_micros(16_667);

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().map(String::as_str) == Some(clients::CLIENTS) {
        return Ok(clients::run(&words[1..])?);
    }
    let quick = words.iter().any(|word| word == "--quick");
    let (window_bytes, windows_opened, record_bytes, rounds) =
        if quick { (10_000_000, 2, 50_000_000, 3) } else { (100_000_000, 8, 500_000_000, 5) };
    let wanted = |name: &str| {
        let mut names = words.iter().filter(|word| !word.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    println!("{:<58} {:>12} {:>12} {:>7}  to reach", "measure", "inspector", "without", "ratio");
    if wanted("window") {
        windows(window_bytes, windows_opened)?;
    }
    if wanted("sockets") {
        crowds(if quick { 60 } else { 300 })?;
    }
    if wanted("record") {
        for recv_size in [64 * 1024, RECV_SIZE] {
            records(record_bytes, rounds, recv_size)?;
        }
    }
    Ok(())
}

/// What came of floods into the window.
#[derive(Default)]
struct Watched {
    /// Processor time of each frame, in seconds, from the shortest.
    frames: Vec<f64>,
    grown: usize,
    took: Duration,
}

impl Watched {
    fn add(&mut self, other: Self) {
        self.frames.extend(other.frames);
        self.frames.sort_by(f64::total_cmp);
        self.grown = self.grown.max(other.grown);
        self.took += other.took;
    }
}

fn windows(bytes: usize, opened: usize) -> Result<(), Box<dyn Error>> {
    // The first window that opens pays for fonts and caches that the second one finds.
    watched(bytes / 100, true)?;
    // One flood takes some thirty frames: their 99th percentile is told of several floods, by turns.
    let (mut with, mut without) = (Watched::default(), Watched::default());
    for _ in 0..opened {
        without.add(watched(bytes, false)?);
        with.add(watched(bytes, true)?);
    }
    let megabytes = bytes / 1_000_000;
    let p99 = |watched: &Watched| watched.frames[watched.frames.len() * 99 / 100] * 1e3;
    let row = |measure: &str, unit: &str, ours: f64, other: f64, to_reach: &str| {
        let shown = |value: f64| format!("{value:.1} {unit}");
        let ratio = ours / other;
        println!("{measure:<58} {:>12} {:>12} {ratio:>7.2}  {to_reach}", shown(ours), shown(other));
    };
    let flood = format!("{megabytes} MB of 40-byte lines");
    row(&format!("{flood}: CPU of a frame, 99th percentile"), "ms", p99(&with), p99(&without), "< 16 ms");
    let median = |watched: &Watched| watched.frames[watched.frames.len() / 2] * 1e3;
    row(&format!("{flood}: CPU of a frame, median"), "ms", median(&with), median(&without), "");
    let grown = |watched: &Watched| watched.grown as f64 / f64::from(1 << 20);
    row(&format!("{flood}: memory grown by"), "MiB", grown(&with), grown(&without), "≤ 64 MiB");
    let rate = |watched: &Watched| (bytes * opened) as f64 / watched.took.as_secs_f64() / 1e6;
    row(&format!("{flood}: taken in"), "MB/s", rate(&with), rate(&without), "");
    println!("frames drawn: {} with the inspector, {} without", with.frames.len(), without.frames.len());
    Ok(())
}

/// The window takes a flood in, with the inspector open on the calls or closed.
fn watched(bytes: usize, inspector: bool) -> Result<Watched, Box<dyn Error>> {
    let bytes = bytes / clients::LINE.len() * clients::LINE.len();
    let folder = tempfile::tempdir()?;
    let (mut window, local) = open(&folder, inspector)?;
    let begun = Instant::now();
    // Somebody has talked before, so that the characters are drawn and the conversation has its place.
    let mut first = TcpStream::connect(local)?;
    first.write_all(clients::LINE.as_bytes())?;
    while window.state().core().conversations().next().is_none_or(|(_, first)| first.messages_in == 0) {
        window.step();
        assert!(begun.elapsed() < LIMIT);
    }
    for _ in 0..30 {
        window.step();
    }
    let before = resident();
    let clients = Clients::start(Role::Flood(bytes), local)?;
    let (mut frames, mut most, mut since) = (Vec::new(), before, None);
    loop {
        let frame = Instant::now();
        // The user is at it: otherwise events may take more of a frame.
        let at = egui::pos2(600.0, 400.0 + (frames.len() % 2) as f32);
        window.input_mut().events.push(egui::Event::PointerMoved(at));
        let cpu = thread_time();
        window.step();
        let spent = thread_time().saturating_sub(cpu).as_secs_f64();
        let core = window.state().core();
        if let Some((conn, conversation)) = core.conversations().nth(1) {
            let over = conversation.state.is_over();
            if since.is_none() {
                // Its conversation is the one that is read, from the next frame on.
                since = Some(frame);
                if let Some(row) = window.get_all_by_role(egui::accesskit::Role::ListItem).last() {
                    // One event, so one frame: the harness draws one for each.
                    row.click_accesskit();
                }
            }
            frames.push(spent);
            most = most.max(resident());
            if over {
                let core = window.state().core();
                assert_eq!(core.conversation(Key::Conn(conn)).map(|c| c.bytes_in), Some(bytes as u64));
                break;
            }
        }
        assert!(begun.elapsed() < LIMIT, "the flood takes too long");
        thread::sleep(FRAME.saturating_sub(frame.elapsed()));
    }
    let took = since.map_or(Duration::ZERO, |since| since.elapsed());
    clients.end()?;
    frames.sort_by(f64::total_cmp);
    Ok(Watched { frames, grown: most - before, took })
}

/// A window that listens, with the inspector open on the calls or closed.
fn open(folder: &tempfile::TempDir, inspector: bool) -> Result<(Harness<'static, App>, SocketAddr), Box<dyn Error>> {
    let settings = Settings {
        listen_on: ListenOn::ThisComputer,
        port: 0,
        language: Language::English,
        inspector,
        keep_history: false,
        ..Settings::default()
    };
    let start = Start {
        folder: Some(DataFolder::open(Some(folder.path()))?),
        settings,
        damaged: None,
        language: None,
        listen: Some((Ipv4Addr::LOCALHOST, 0).into()),
        connect: None,
        frame_log: None,
        tls_keys: None,
        seat: None,
        lan: sockhop::driver::LanPorts::default(),
    };
    let mut window: Harness<'static, App> = Harness::builder()
        .with_size((1280.0, 800.0))
        .with_max_steps(50)
        .build_eframe(|cc| App::new(&cc.egui_ctx, start).unwrap());
    let begun = Instant::now();
    let local = loop {
        window.step();
        if let ServerState::Listening { local, .. } = window.state().core().server().state {
            break local;
        }
        assert!(begun.elapsed() < LIMIT);
        thread::park_timeout(Duration::from_millis(2));
    };
    Ok((window, local))
}

/// What a frame costs with many sockets, some of which speak in each.
fn crowds(frames: usize) -> Result<(), Box<dyn Error>> {
    let speak = 10;
    crowd(speak, speak, true, frames / 10)?;
    let times = |sockets: usize, inspector: bool| crowd(sockets, speak, inspector, frames);
    let (few, few_without) = (times(speak, true)?, times(speak, false)?);
    let (many, many_without) = (times(1_000, true)?, times(1_000, false)?);
    for (measure, at) in [("median", 50), ("99th percentile", 99)] {
        let of = |times: &[f64]| times[(times.len() - 1) * at / 100] * 1e3;
        let (few, many) = (of(&few) - of(&few_without), of(&many) - of(&many_without));
        let name = format!("1,000 sockets beside 10: CPU of the calls in a frame, {measure}");
        println!("{name:<58} {many:>9.2} ms {few:>9.2} ms {:>7.2}  ≤ 2", many / few);
    }
    Ok(())
}

/// Processor time of frames in which so many of these clients speak, in seconds, from the shortest.
fn crowd(sockets: usize, speak: usize, inspector: bool, frames: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (mut window, local) = open(&folder, inspector)?;
    let begun = Instant::now();
    let mut clients = Vec::new();
    while clients.len() < sockets {
        clients.push(TcpStream::connect(local)?);
        while window.state().core().connected_clients() + 4 < clients.len() {
            window.step();
            assert!(begun.elapsed() < LIMIT);
        }
    }
    while window.state().core().connected_clients() < sockets {
        window.step();
        assert!(begun.elapsed() < LIMIT);
    }
    let mut times = Vec::new();
    for frame in 0..frames + 10 {
        for client in 0..speak {
            clients[(frame * speak + client) % sockets].write_all(clients::LINE.as_bytes())?;
        }
        thread::sleep(FRAME);
        let cpu = thread_time();
        window.step();
        times.push(thread_time().saturating_sub(cpu).as_secs_f64());
    }
    times.drain(..10);
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The rate of a flood with and without each call applied to a core.
fn records(bytes: usize, rounds: usize, recv_size: usize) -> Result<(), Box<dyn Error>> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        with.push(flood(bytes, recv_size, true)?);
        without.push(flood(bytes, recv_size, false)?);
    }
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let (with, without) = (median(&mut with), median(&mut without));
    let measure = format!("{} MB of 40-byte lines, recv({recv_size}), calls recorded", bytes / 1_000_000);
    let ratio = with / without;
    println!("{measure:<58} {with:>7.0} MB/s {without:>7.0} MB/s {ratio:>7.2}  ≥ 0.9");
    Ok(())
}

/// Megabytes a second.
fn flood(bytes: usize, recv_size: usize, record: bool) -> Result<f64, Box<dyn Error>> {
    let bytes = bytes / clients::LINE.len() * clients::LINE.len();
    let net = Net::start(|| ())?;
    let listener = ids::next_listener();
    let conn = ConnOptions { recv_size, ..ConnOptions::default() };
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    net.send(Command::Listen { listener, options: ListenOptions { conn, ..ListenOptions::new(address) } })?;
    let (mut core, mut clients, mut begun) = (Core::default(), None, None);
    let (mut received, mut lines) = (0, 0);
    loop {
        let event = net.recv_timeout(LIMIT).ok_or("no event came")?;
        match event.kind {
            EventKind::Listening { local, .. } => clients = Some(Clients::start(Role::Flood(bytes), local)?),
            EventKind::Received { batch, .. } => {
                begun.get_or_insert_with(Instant::now);
                let mut start = 0;
                for cut in &batch.cuts {
                    received += cut.end as usize - start;
                    start = cut.end as usize;
                    lines += 1;
                }
            }
            EventKind::Call(_) if record => drop(core.apply(Input::Net(event), jiff::Timestamp::UNIX_EPOCH)),
            EventKind::Closed { .. } => break,
            _ => {}
        }
    }
    let took = begun.map_or(Duration::ZERO, |begun: Instant| begun.elapsed());
    assert_eq!((received, lines), (bytes, bytes / clients::LINE.len()));
    assert!(!record || core.calls_so_far() > 0);
    if let Some(clients) = clients {
        clients.end()?;
    }
    net.quit();
    Ok(bytes as f64 / took.as_secs_f64() / 1e6)
}

/// Bytes of this process in memory (proc(5), statm), 0 where the system has no such file.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// Processor time of this thread (`clock_gettime(2)`); the time that has passed, where the system does not tell.
fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}
