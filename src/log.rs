//! The log of what the program did, panics included: a file in the data folder, never the terminal.

use std::{
    backtrace::Backtrace,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    panic,
    path::Path,
    sync::Mutex,
    thread,
};

use jiff::Timestamp;
use tracing::level_filters::LevelFilter;

use crate::{private_file, settings::DataFolder};

/// Begin to log to this file. One that has grown too long is kept under another name, once.
///
/// # Errors
/// Where the file can't be written, or something else already takes the log. The program can do without.
pub fn start(path: &Path) -> io::Result<()> {
    set_aside_if_long(path)?;
    let file = private_file::append(path)?;
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init()
        .map_err(io::Error::other)
}

/// From here on, a panic of any thread is written to the log, and leaves a mark for [`take_fault`]. What is done about
/// a panic otherwise is done too.
pub fn watch_panics(folder: &DataFolder) {
    let (log, mark) = (folder.log(), folder.panicked());
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let backtrace = Backtrace::force_capture();
        let thread = thread::current();
        let mut text = String::new();
        // A String takes everything.
        let _ = writeln!(
            text,
            "{}  PANIC sockhop {} ({} {}), thread {}: {panic}\n{backtrace}",
            Timestamp::now(),
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            thread.name().unwrap_or("?"),
        );
        // Not through the usual way to the log: the thread may have panicked in it, and hold its lock. Where this
        // can't be written, the panic is still told on standard error.
        let _ = private_file::append(&log).and_then(|mut log| log.write_all(text.as_bytes()));
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let mark = private_file::options().create(true).write(true).truncate(true).open(&mark);
        let _ = mark.and_then(|mut mark| mark.write_all(place.as_bytes()));
        usual(panic);
    }));
}

/// Where in the program's source a panic ended it the last time; `None` if none did. The mark is removed, so that this
/// is told once.
#[must_use]
pub fn take_fault(folder: &DataFolder) -> Option<String> {
    let mark = folder.panicked();
    private_file::check_plain(&mark).ok()?;
    let mut place = String::from_utf8_lossy(&fs::read(&mark).ok()?).into_owned();
    // What can't be removed would be told at every start.
    fs::remove_file(&mark).ok()?;
    place.truncate(place.floor_char_boundary(LONGEST_PLACE));
    Some(place)
}

fn set_aside_if_long(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(file) if file.len() > LONGEST => fs::rename(path, path.with_extension("old.log")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Of a mark no more than so many bytes is read: a path, a line and a column.
const LONGEST_PLACE: usize = 200;

/// A log longer than this many bytes is not added to.
const LONGEST: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_log_is_set_aside() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("sockhop.log");
        set_aside_if_long(&path)?;
        fs::write(&path, "short")?;
        set_aside_if_long(&path)?;
        assert!(path.exists());
        fs::write(&path, vec![b'x'; LONGEST as usize + 1])?;
        set_aside_if_long(&path)?;
        assert!(!path.exists());
        assert!(folder.path().join("sockhop.old.log").exists());
        Ok(())
    }
}
