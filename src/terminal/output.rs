//! Standard output: buffered, above the line that is being typed, and watched, so that one that takes nothing does not
//! keep a program that was told to end.

use std::{
    io::{self, StdoutLock, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Standard output.
pub struct Output {
    to: Target,
    buffer: Vec<u8>,
    progress: Arc<AtomicU64>,
}

enum Target {
    Stdout(StdoutLock<'static>),
    AboveTheLine(Box<dyn FnMut(String) -> io::Result<()>>),
}

impl Output {
    /// As it is. `progress` rises with each write that returned.
    pub fn stdout(progress: Arc<AtomicU64>) -> Self {
        Self { to: Target::Stdout(io::stdout().lock()), buffer: Vec::with_capacity(AT_ONCE), progress }
    }

    /// A terminal in which somebody types.
    pub fn above_the_line(print: Box<dyn FnMut(String) -> io::Result<()>>, progress: Arc<AtomicU64>) -> Self {
        Self { to: Target::AboveTheLine(print), buffer: Vec::new(), progress }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > AT_ONCE {
            self.flush()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        match &mut self.to {
            Target::Stdout(stdout) => {
                for piece in self.buffer.chunks(AT_ONCE) {
                    // `Stdout` looks for lines, and would write each terminal's line by itself.
                    stdout.write_all(piece)?;
                    stdout.flush()?;
                    self.progress.fetch_add(1, Ordering::Relaxed);
                }
            }
            Target::AboveTheLine(print) => {
                print(String::from_utf8_lossy(&self.buffer).into_owned())?;
                self.progress.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.buffer.clear();
        Ok(())
    }
}

/// Bytes handed on at a time, at most; a turn's worth is always handed on.
pub const AT_ONCE: usize = 64 * 1024;
