//! The program that is measured, as a user starts it; how soon its window is there, and what it costs at rest.

use std::{
    error::Error,
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    measured::sockhop,
    namespaces::play,
    row::{median, row},
    screen::{Program, Screen},
};

/// What marks the command line of a bare window.
pub const EMPTY_WINDOW: &str = "--empty-window";

/// Longer than a window takes to listen.
const LIMIT: Duration = Duration::from_mins(1);

/// The window, with its server.
pub struct Window {
    pub program: Program,
    /// Where it listens.
    pub address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Window {
    /// Opens it in a folder of its own, and waits until it listens.
    pub fn open(screen: &Screen) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (port, settings_file) = (address.port(), folder.path().join("settings.toml"));
        let server = "listen_on = \"this-computer\"\nmax_clients = 20000\nbacklog = 4096\n";
        fs::write(settings_file, format!("{server}port = {port}\n"))?;
        let mut command = sockhop();
        command.arg("--data-dir").arg(folder.path()).args(["--lang", "en", "--listen", &address.to_string()]);
        let (program, _) = screen.open(command.env("XDG_RUNTIME_DIR", folder.path()))?;
        let begun = Instant::now();
        // A look at the list, rather than a connection, of which the window would tell.
        let listening = format!(":{port:04X} 00000000:0000 0A");
        while !fs::read_to_string("/proc/net/tcp")?.contains(&listening) {
            if begun.elapsed() > LIMIT {
                return Err("the window does not listen".into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { program, address, folder })
    }

    pub fn history(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }
}

/// A window of eframe with a word in it.
pub fn empty_window() -> Result<(), Box<dyn Error>> {
    struct Empty;
    impl eframe::App for Empty {
        fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
            ui.heading("A window");
        }
    }
    let viewport = egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]);
    let options = eframe::NativeOptions { viewport, persist_window: false, ..Default::default() };
    Ok(eframe::run_native("Empty", options, Box::new(|_| Ok(Box::new(Empty))))?)
}

/// How soon the first window has something in it, and its memory, beside a window of eframe with nothing in it.
pub fn first(screen: &Screen, rounds: usize) -> Result<(), Box<dyn Error>> {
    let (mut ours, mut bare) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..rounds {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut window = sockhop();
        window.arg("--data-dir").arg(folder.path()).env("XDG_RUNTIME_DIR", folder.path());
        let mut empty = Command::new(std::env::current_exe()?);
        empty.arg(EMPTY_WINDOW);
        for (command, (times, memory)) in [(&mut window, &mut ours), (&mut empty, &mut bare)] {
            let (program, took) = screen.open(command)?;
            times.push(took.as_secs_f64() * 1e3);
            program.settle()?;
            memory.push(program.memory("Pss")? / 1e6);
        }
    }
    row("the first window is drawn", median(&ours.0), Some(median(&bare.0)), "ms", "≤ 1.1");
    row("its memory at rest (PSS)", median(&ours.1), Some(median(&bare.1)), "MB", "≤ 1.1");
    Ok(())
}

/// A server, people nearby, and nothing that happens.
pub fn rest(screen: &Screen, minutes: u64) {
    let Some(found) = play("rest", minutes, Some(screen.display())) else { return };
    let (percent, grown) = (found["percent"].as_f64(), found["grown"].as_f64());
    let measure = format!("{minutes} min at rest, a server, {} people nearby: CPU", found["count"]);
    row(&measure, percent.unwrap_or(f64::NAN), None, "%", "≤ 0.05 %");
    row("    memory that it grew by", grown.unwrap_or(f64::NAN) / 1e6, None, "MB", "≤ 0.5 MB");
}
