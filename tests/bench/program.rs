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

use sockhop::lan::{self, Identity, Interface, Lan, Me, Options};

use crate::{
    row::{median, row},
    screen::{Program, Screen},
};

/// What marks the command line of a bare window.
pub const EMPTY_WINDOW: &str = "--empty-window";

/// Longer than a window takes to listen.
const LIMIT: Duration = Duration::from_mins(1);

/// People of this network while it is measured at rest.
const NEARBY: usize = 40;

fn sockhop() -> Command {
    Command::new(std::env::var_os("SOCKHOP").unwrap_or_else(|| env!("CARGO_BIN_EXE_sockhop").into()))
}

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
        Self::open_with(screen, "", &[])
    }

    fn open_with(screen: &Screen, settings: &str, arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (port, settings_file) = (address.port(), folder.path().join("settings.toml"));
        let server = "listen_on = \"this-computer\"\nmax_clients = 20000\nbacklog = 4096\n";
        fs::write(settings_file, format!("{server}port = {port}\n{settings}"))?;
        let mut command = sockhop();
        command.arg("--data-dir").arg(folder.path()).args(["--lang", "en", "--listen", &address.to_string()]);
        let (program, _) = screen.open(command.args(arguments).env("XDG_RUNTIME_DIR", folder.path()))?;
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
pub fn rest(screen: &Screen, minutes: u64) -> Result<(), Box<dyn Error>> {
    let beacon_port = std::net::UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
    let port = beacon_port.to_string();
    let window = Window::open_with(screen, "visible = \"on\"\n", &["--beacon-port", &port, "--lan-port", "0"])?;
    let mut people = Vec::new();
    for number in 1..=NEARBY {
        let lan = Lan::start(|| ())?;
        let interface =
            Interface { name: "lo".to_owned(), index: 1, address: [127, 0, 0, 1].into(), prefix: Some(8), on: true };
        let me = Me { name: format!("Lab PC {number}"), ..Me::default() };
        let options =
            Options { identity: Identity::generate()?, me, interfaces: vec![interface], lan_port: 0, beacon_port };
        lan.send(lan::Command::Start(Box::new(options))).map_err(|_| "the thread takes nothing")?;
        people.push(lan);
    }
    // Links are made and names are known by then.
    thread::sleep(Duration::from_secs(10));
    let (before, memory, begun) = (window.program.cpu()?, window.program.memory("VmRSS")?, Instant::now());
    while begun.elapsed() < Duration::from_secs(60 * minutes) {
        thread::sleep(Duration::from_secs(1));
        for lan in &people {
            while lan.try_recv().is_some() {}
        }
    }
    let used = window.program.cpu()?.saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let grown = (window.program.memory("VmRSS")? - memory) / 1e6;
    row(&format!("{minutes} min at rest, a server, {NEARBY} people nearby: CPU"), used * 100.0, None, "%", "≤ 0.05 %");
    row("    memory that it grew by", grown, None, "MB", "≤ 0.5 MB");
    Ok(())
}
