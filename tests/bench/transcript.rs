//! How fast the transcript is: the real window without a screen, with real sockets and a real history behind it.
//!
//! `cargo bench --bench transcript`, or with `-- --quick` for a tenth of everything; `-- memory`, `-- scroll`,
//! `-- flood`, `-- strange` and `-- open` run a part. A frame is all that the window's thread does for it but the graphics card's
//! part: taking in events, `App::ui` and tessellation; its time is CPU time of that thread, so that others on the same
//! machine count little. There is no accessibility tree in it, as in a window that no screen reader looks at;
//! `egui_kittest` always makes one, and so it only opens the conversation here.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a measurement may fail")]

use std::{
    error::Error,
    fmt::Write as _,
    io::Write as _,
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use eframe::App as _;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, TouchPhase};
use egui_kittest::{Harness, kittest::Queryable as _};
use sockhop::{
    core::{Conversation, ServerState},
    settings::{DataFolder, Language, Settings},
    window::app::{App, Start},
};

const SIZE: egui::Vec2 = egui::vec2(1280.0, 800.0);

/// A frame at 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);

/// The longest that anything may take.
const LIMIT: Duration = Duration::from_mins(10);

/// How much of everything.
struct Scale {
    messages: usize,
    conversations: usize,
    frames: usize,
    flood: Duration,
    openings: usize,
}

const FULL: Scale =
    Scale { messages: 1_000_000, conversations: 10, frames: 1_000, flood: Duration::from_secs(20), openings: 7 };

const QUICK: Scale =
    Scale { messages: 100_000, conversations: 10, frames: 200, flood: Duration::from_secs(4), openings: 3 };

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let scale = if words.iter().any(|word| word == "--quick") { QUICK } else { FULL };
    let begun = Instant::now();
    println!("{:<64} {:>10} {:>10} {:>7}  to reach", "measure", "ours", "reference", "ratio");
    let wanted = |name: &str| {
        let mut names = words.iter().filter(|word| !word.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    // First, while nothing was freed that could be used again.
    if wanted("memory") {
        memory(&scale)?;
    }
    if wanted("scroll") {
        scrolling(&scale)?;
    }
    if wanted("flood") {
        flood(&scale)?;
    }
    if wanted("strange") {
        strange()?;
    }
    if wanted("open") {
        opening(&scale)?;
    }
    println!("took {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Ten conversations of a tenth of the messages each.
fn memory(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut window = Window::open(folder.path())?;
    for _ in 0..10 {
        window.frame([]);
    }
    let before = resident();
    let count = scale.messages / scale.conversations;
    let mut peers = Vec::new();
    for _ in 0..scale.conversations {
        peers.push(window.receive(count)?);
    }
    let grown = resident().saturating_sub(before) as f64 / 1e6;
    let measure = format!("memory with {} conversations of {count} received, over empty", scale.conversations);
    println!("{measure:<64} {:>10} {:>10} {:>7}  ≤ 150 MB", format!("{grown:.0} MB"), "", "");
    Ok(())
}

/// Scrolling up and down at the end, and on and on in the middle.
fn scrolling(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let small_folder = tempfile::tempdir()?;
    let mut small = Window::open(small_folder.path())?;
    let _small_peer = small.receive(100)?;
    let folder = tempfile::tempdir()?;
    let mut large = Window::open(folder.path())?;
    let _peer = large.receive(scale.messages)?;
    let (mut reference, mut end, mut middle) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, since no machine is ever quiet.
    let up_and_down = |frame: usize| if (frame / 25).is_multiple_of(2) { 100.0 } else { -100.0 };
    for _ in 0..4 {
        for (window, times) in [(&mut small, &mut reference), (&mut large, &mut end)] {
            for frame in 0..scale.frames / 4 {
                times.push(window.scroll(up_and_down(frame)));
            }
        }
    }
    large.click(Pos2::new(SIZE.x - 12.0, SIZE.y / 2.0));
    let begun = Instant::now();
    while !large.conversation().entries().more_after() {
        large.frame([]);
        assert!(begun.elapsed() < LIMIT, "the middle was not read back");
    }
    for frame in 0..scale.frames {
        // On through rows that are read back meanwhile, most of the time.
        middle.push(large.scroll(if frame % 100 < 80 { 100.0 } else { -100.0 }));
    }
    let print = |measure: &str, ours: &[f64]| {
        let (ours, reference) = (mean(ours), mean(&reference));
        let shown = |time: f64| format!("{:.2} ms", time * 1e3);
        println!("{measure:<64} {:>10} {:>10} {:>7.2}  ≤ 1.2", shown(ours), shown(reference), ours / reference);
    };
    print(&format!("CPU a frame, scrolling at the end of {} against 100", scale.messages), &end);
    print("the same in the middle, read back from the history", &middle);
    let worst = |times: &[f64]| format!("{:.2} ms", at_share(times, 0.99) * 1e3);
    let measure = "the same, 99th percentile";
    println!("{measure:<64} {:>10} {:>10}", worst(&middle), worst(&reference));
    Ok(())
}

/// 10,000 messages a second, at the end and while reading above it.
fn flood(scale: &Scale) -> Result<(), Box<dyn Error>> {
    for (measure, reads) in [
        ("CPU a frame while 10,000 messages/s come, 99th percentile", false),
        ("the same, reading what came before", true),
    ] {
        let folder = tempfile::tempdir()?;
        let mut window = Window::open(folder.path())?;
        let mut peer = window.receive(20_000)?;
        if reads {
            for _ in 0..20 {
                window.scroll(200.0);
            }
        }
        let length = scale.flood;
        let teller = thread::spawn(move || -> std::io::Result<(TcpStream, usize)> {
            let begun = Instant::now();
            let mut told = 0;
            while begun.elapsed() < length {
                peer.write_all(lines(told, told + 100).as_bytes())?;
                told += 100;
                let due = Duration::from_micros(told as u64 * 100);
                thread::sleep(due.saturating_sub(begun.elapsed()));
            }
            Ok((peer, told))
        });
        let (begun, before) = (Instant::now(), window.conversation().messages_in);
        let mut times = Vec::new();
        while begun.elapsed() < length {
            let next = Instant::now() + FRAME;
            times.push(window.frame([]));
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        let came = window.conversation().messages_in - before;
        let (_peer, told) = teller.join().unwrap()?;
        let ours = format!("{:.2} ms", at_share(&times, 0.99) * 1e3);
        println!("{measure:<64} {ours:>10} {:>10} {:>7}  ≤ 8 ms", "", "");
        let (median, rate) = (at_share(&times, 0.5) * 1e3, came as f64 / length.as_secs_f64());
        println!("    median {median:.2} ms, {} frames, {rate:.0} messages/s of {told} sent", times.len());
    }
    Ok(())
}

/// Large and strange messages, alone in sight.
fn strange() -> Result<(), Box<dyn Error>> {
    for (name, text) in [
        ("64 KiB in one line without a space", "x".repeat(64 * 1024 - 1)),
        ("64 KiB of words", "lorem ipsum ".repeat(64 * 1024 / 12)),
        ("64 KiB of Chinese", "你好世界".repeat(64 * 1024 / 12)),
        ("10,000 emoji", "😀🎉".repeat(5_000)),
        ("64 KiB from right to left", "שלום עולם ".repeat(64 * 1024 / 18)),
        ("64 KiB of control characters", "\u{1}\u{7}".repeat(32 * 1024 - 1)),
    ] {
        let folder = tempfile::tempdir()?;
        let mut window = Window::open(folder.path())?;
        let mut peer = window.receive(1)?;
        window.frame([]);
        peer.write_all(format!("{text}\n").as_bytes())?;
        let (begun, mut first) = (Instant::now(), 0.0_f64);
        while window.conversation().messages_in < 2 {
            first = window.frame([]);
            assert!(begun.elapsed() < LIMIT, "not received");
        }
        // The glyphs are drawn once, too.
        first = first.max(window.frame([]));
        let times: Vec<f64> = (0..200).map(|frame| window.scroll(if frame % 40 < 20 { 30.0 } else { -30.0 })).collect();
        let ours = format!("{:.2} ms", at_share(&times, 0.99) * 1e3);
        let measure = format!("CPU a frame, scrolling in {name}, 99th percentile");
        println!("{measure:<64} {ours:>10} {:>10} {:>7}  ≤ 8 ms", "", "");
        println!("    laying it out at first: {:.1} ms", first * 1e3);
    }
    Ok(())
}

/// From the click on a past conversation to the frame that shows its last message.
fn opening(scale: &Scale) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut window = Window::open(folder.path())?;
    let peer = window.receive(scale.messages)?;
    let name = peer.local_addr()?.to_string();
    drop(peer);
    drop(window);
    let last = lines(scale.messages - 1, scale.messages);
    let mut times = Vec::new();
    for _ in 0..scale.openings {
        let start = start(folder.path())?;
        let mut harness = Harness::builder().with_size(SIZE).build_eframe(|cc| App::new(&cc.egui_ctx, start).unwrap());
        let command_shift = Modifiers::COMMAND | Modifiers::SHIFT;
        harness.key_press_modifiers(command_shift, Key::H);
        let begun = Instant::now();
        // One row in the sidebar, and one in the list.
        let row = format!("{name}, ");
        while harness.query_all_by_label_contains(&row).count() < 2 {
            harness.step();
            assert!(begun.elapsed() < LIMIT, "no list");
        }
        harness.step();
        if let Some(row) = harness.query_all_by_label_contains(&row).last() {
            row.click();
        }
        let begun = Instant::now();
        loop {
            harness.step();
            if harness.query_all_by_label_contains(last.trim_end()).next().is_some() {
                break;
            }
            assert!(begun.elapsed() < LIMIT, "no last page");
        }
        times.push(begun.elapsed().as_secs_f64());
    }
    let ours = format!("{:.1} ms", at_share(&times, 0.5) * 1e3);
    let measure = format!("opening a past conversation of {}, wall clock", scale.messages);
    println!("{measure:<64} {ours:>10} {:>10} {:>7}  ≤ 100 ms", "", "");
    Ok(())
}

/// The real window, drawn but not shown.
struct Window {
    ctx: egui::Context,
    app: App,
    frame: eframe::Frame,
    address: SocketAddr,
    time: f64,
}

fn start(folder: &Path) -> Result<Start, Box<dyn Error>> {
    Ok(Start {
        folder: Some(DataFolder::open(Some(folder))?),
        settings: Settings { language: Language::English, inspector: false, ..Settings::default() },
        damaged: None,
        language: None,
        listen: Some(([127, 0, 0, 1], 0).into()),
        connect: None,
        frame_log: None,
        tls_keys: None,
        seat: None,
        lan: sockhop::driver::LanPorts::default(),
    })
}

impl Window {
    fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let ctx = egui::Context::default();
        let app = App::new(&ctx, start(folder)?)?;
        let address = ([127, 0, 0, 1], 0).into();
        let mut window = Self { ctx, app, frame: eframe::Frame::_new_kittest(), address, time: 0.0 };
        let begun = Instant::now();
        loop {
            window.frame([]);
            if let ServerState::Listening { local, .. } = window.app.core().server().state {
                window.address = local;
                return Ok(window);
            }
            assert!(begun.elapsed() < LIMIT, "does not listen");
        }
    }

    fn conversation(&self) -> &Conversation {
        self.app.core().conversations().next_back().unwrap().1
    }

    /// A frame; the CPU time it took, in seconds.
    fn frame(&mut self, events: impl IntoIterator<Item = Event>) -> f64 {
        self.time += FRAME.as_secs_f64();
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            focused: true,
            events: events.into_iter().collect(),
            ..RawInput::default()
        };
        let before = thread_time();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let mut output = self.ctx.run_ui(input, |ui| {
            app.logic(ui, frame);
            app.ui(ui, frame);
        });
        let drawn = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = thread_time().saturating_sub(before);
        assert!(!drawn.is_empty());
        // These are for the graphics card.
        output.textures_delta.clear();
        took.as_secs_f64()
    }

    fn scroll(&mut self, down: f32) -> f64 {
        let wheel = |phase, y| Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: egui::vec2(0.0, y),
            phase,
            source: MouseWheelSource::Trackpad,
            modifiers: Modifiers::NONE,
        };
        let middle = Pos2::new(SIZE.x * 0.6, SIZE.y * 0.5);
        self.frame([Event::PointerMoved(middle), wheel(TouchPhase::Start, 0.0), wheel(TouchPhase::Move, down)])
    }

    fn click(&mut self, pos: Pos2) {
        self.frame([Event::PointerMoved(pos)]);
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            self.frame([Event::PointerButton { pos, button, pressed, modifiers }]);
        }
    }

    /// Have a client that sends this many lines, and all of them received.
    fn receive(&mut self, count: usize) -> Result<TcpStream, Box<dyn Error>> {
        let address = self.address;
        let sender = thread::spawn(move || -> std::io::Result<TcpStream> {
            let mut stream = TcpStream::connect(address)?;
            for from in (0..count).step_by(1_000) {
                stream.write_all(lines(from, count.min(from + 1_000)).as_bytes())?;
            }
            Ok(stream)
        });
        let begun = Instant::now();
        let conversations = self.app.core().conversations().len();
        while self.app.core().conversations().len() == conversations || self.conversation().messages_in < count as u64 {
            self.frame([]);
            assert!(begun.elapsed() < LIMIT, "not all received");
        }
        Ok(sender.join().unwrap()?)
    }
}

/// Lines of 40 bytes, each with its number.
fn lines(from: usize, to: usize) -> String {
    let mut lines = String::with_capacity((to - from) * 40);
    for number in from..to {
        let _ = writeln!(lines, "message {number:>31}");
    }
    lines
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

/// The value that this share of all is below.
fn at_share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() as f64 * share) as usize]
}

/// Bytes of this process in memory (proc(5), statm), 0 where the system has no such file.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// CPU time that this thread has used; wall-clock time where the system does not tell.
fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    {
        use std::sync::LazyLock;
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}
