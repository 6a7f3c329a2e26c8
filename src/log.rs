//! The log of what the program did: a file in the data folder, never the terminal.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    sync::Mutex,
};

use tracing::level_filters::LevelFilter;

/// Begin to log to this file. One that has grown too long is kept under another name, once.
///
/// # Errors
/// Where the file can't be written, or something else already takes the log. The program can do without.
pub fn start(path: &Path) -> io::Result<()> {
    set_aside_if_long(path)?;
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init()
        .map_err(io::Error::other)
}

fn set_aside_if_long(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(file) if file.len() > LONGEST => fs::rename(path, path.with_extension("old.log")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

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
