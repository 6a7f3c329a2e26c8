//! One CSV row for each frame: when, and the CPU time it took.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Rows after which the log stops, about five hours at 60 frames a second.
const MOST_ROWS: u32 = 1_000_000;

/// Writes a row a frame: `ms` since start, `logic_ms` and `ui_ms` of CPU time of the window's thread.
#[derive(Debug)]
pub struct FrameLog {
    file: BufWriter<File>,
    path: PathBuf,
    start: Instant,
    logic: Duration,
    rows: u32,
}

impl FrameLog {
    /// A new file, with its heading.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "ms,logic_ms,ui_ms")?;
        Ok(Self { file, path: path.to_owned(), start: Instant::now(), logic: Duration::ZERO, rows: 0 })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// CPU time of `logic`; several may come before one `ui`.
    pub fn logic(&mut self, took: Duration) {
        self.logic += took;
    }

    /// CPU time of `ui`, which ends the row.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn ui(&mut self, took: Duration) -> io::Result<()> {
        if self.rows < MOST_ROWS {
            self.rows += 1;
            let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
            writeln!(self.file, "{:.3},{:.3},{:.3}", ms(self.start.elapsed()), ms(self.logic), ms(took))?;
        }
        self.logic = Duration::ZERO;
        Ok(())
    }

    /// Have all rows in the file.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// CPU time that this thread has used; wall-clock time where the system does not tell.
#[must_use]
pub fn thread_time() -> Duration {
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
