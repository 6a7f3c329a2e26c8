//! A screen without a monitor, programs with a window on it, and what the system says that they have used.

use std::{
    error::Error,
    fs,
    io::{self, BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ConnectionExt as _, ImageFormat, MapState, Window},
    rust_connection::RustConnection,
};

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_mins(5);

/// From one look at the screen to the next.
const LOOK: Duration = Duration::from_millis(2);

/// What of a window is looked at.
const CORNER: (u16, u16) = (400, 300);

/// Of `/proc/PID/stat`: proc(5), `utime` and `stime` are in these.
const TICK: Duration = Duration::from_millis(10);

/// A screen.
pub struct Screen {
    display: String,
    connection: RustConnection,
    root: Window,
    _process: Running,
}

/// A process that ends with the measurement.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Screen {
    /// Draws by the processor, as on a computer without a graphics card.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1100x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb: {error}; tests/run.sh installs it"))?;
        let output = process.stdout.take().ok_or("no output")?;
        let process = Running(process);
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        let display = format!(":{}", number.trim());
        let (connection, screen) = x11rb::connect(Some(&display))?;
        let root = connection.setup().roots.get(screen).ok_or("no screen")?.root;
        Ok(Self { display, connection, root, _process: process })
    }

    /// As programs are told where it is.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Starts this program, and waits until its window has something in it: how long that took.
    pub fn open(&self, command: &mut Command) -> Result<(Program, Duration), Box<dyn Error>> {
        command.env("DISPLAY", &self.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
        command.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
        let begun = Instant::now();
        let mut program = Program(Running(command.stdin(Stdio::null()).spawn()?));
        while !self.has_picture()? {
            if let Some(status) = program.0.0.try_wait()? {
                return Err(format!("the program ended: {status}").into());
            }
            if begun.elapsed() > LIMIT {
                return Err("no window".into());
            }
            thread::sleep(LOOK);
        }
        Ok((program, begun.elapsed()))
    }

    /// Whether there is a window in whose corner not all is of one colour.
    fn has_picture(&self) -> Result<bool, Box<dyn Error>> {
        for window in self.connection.query_tree(self.root)?.reply()?.children {
            // It may be gone by now.
            let Ok(attributes) = self.connection.get_window_attributes(window)?.reply() else { continue };
            let Ok(at) = self.connection.get_geometry(window)?.reply() else { continue };
            let (width, height) = CORNER;
            if attributes.map_state != MapState::VIEWABLE || at.width < width || at.height < height {
                continue;
            }
            let format = ImageFormat::Z_PIXMAP;
            let image = self.connection.get_image(format, self.root, at.x, at.y, width, height, !0)?.reply()?.data;
            let first = image.get(..4).unwrap_or_default();
            if image.chunks_exact(4).any(|pixel| pixel != first) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A program that runs.
pub struct Program(Running);

impl Program {
    fn proc(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.0.0.id()))
    }

    /// Processor time of all its threads so far.
    pub fn cpu(&self) -> io::Result<Duration> {
        let stat = self.proc("stat")?;
        // The name before it may have spaces in it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: u32 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        Ok(TICK * ticks)
    }

    /// Bytes of its memory: `VmRSS`, `VmHWM` (its peak), or `Pss` (its share of what several have).
    pub fn memory(&self, which: &str) -> io::Result<f64> {
        let file = self.proc(if which == "Pss" { "smaps_rollup" } else { "status" })?;
        let line = file.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        Ok(kib.ok_or(io::ErrorKind::InvalidData)? * 1024.0)
    }

    /// Waits until it uses next to no processor time for a second.
    pub fn settle(&self) -> io::Result<()> {
        let begun = Instant::now();
        let mut before = self.cpu()?;
        while begun.elapsed() < LIMIT {
            thread::sleep(Duration::from_secs(1));
            let now = self.cpu()?;
            if now.saturating_sub(before) <= TICK {
                return Ok(());
            }
            before = now;
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}
