//! Replacing a file whole or not at all, and setting aside one that can't be used.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone: what was said and chosen.
    Owner,
    /// Whoever may read any other new file of the user's: what is made to be handed on.
    AsUsual,
}

/// A file while it is written: beside its place and under another name, so that what is in its place stays as it is
/// until [`Self::commit`]. Dropped before that, it is removed.
#[derive(Debug)]
pub struct AtomicFile(BufWriter<NamedTempFile>);

impl AtomicFile {
    /// Begins to write a file that will be at this path.
    ///
    /// # Errors
    /// Where the folder can't be written to.
    pub fn create(path: &Path, readers: Readers) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sockhop-");
        // As it is, only its owner reads a temporary file.
        #[cfg(unix)]
        if readers == Readers::AsUsual {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        #[cfg(not(unix))]
        let _ = readers;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self(BufWriter::new(builder.tempfile_in(folder)?)))
    }

    /// Gives the file these rights.
    ///
    /// # Errors
    /// Where the file system has none such.
    pub fn set_permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.0.get_ref().as_file().set_permissions(permissions)
    }

    /// Puts the file at this path, in place of what is there. It has to be the path it was created for.
    ///
    /// # Errors
    /// Where the disk is full, or something that is no file is there.
    pub fn commit(self, path: &Path) -> io::Result<()> {
        let file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        // On some file systems that is where a full disk shows.
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes these bytes to this file, in place of what is there, which stays as it is unless all of them could be
/// written.
///
/// # Errors
/// Where the folder can't be written to, or the disk is full.
pub fn write_atomically(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = AtomicFile::create(path, readers)?;
    file.write_all(bytes)?;
    file.commit(path)
}

/// Moves a file that can't be used out of the way: `name.ext` to the first of `name.damaged-1.ext` and so on that is
/// not there yet, which it returns.
///
/// # Errors
/// Where the folder can't be written to, or too many were set aside already.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let free = (1..DAMAGED_KEPT)
        .map(|n| path.with_extension(format!("damaged-{n}.{extension}")))
        .find(|candidate| !candidate.exists())
        .ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, "too many damaged files"))?;
    fs::rename(path, &free)?;
    Ok(free)
}

/// From so many damaged files on, no further one is set aside.
const DAMAGED_KEPT: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_replaced_as_a_whole_or_stays() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.txt");
        fs::write(&path, "before, and longer")?;
        let mut given_up = AtomicFile::create(&path, Readers::AsUsual)?;
        given_up.write_all(b"half")?;
        drop(given_up);
        assert_eq!(fs::read(&path)?, b"before, and longer");
        write_atomically(&path, b"after", Readers::AsUsual)?;
        assert_eq!(fs::read(&path)?, b"after");
        assert!(write_atomically(&folder.path().join("no/a.txt"), b"after", Readers::AsUsual).is_err());
        assert!(write_atomically(folder.path(), b"after", Readers::AsUsual).is_err());
        let names: Vec<_> = fs::read_dir(folder.path())?.collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
        Ok(())
    }

    #[test]
    fn each_file_set_aside_has_a_name_of_its_own() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.toml");
        for n in 1..3 {
            fs::write(&path, n.to_string())?;
            assert_eq!(set_aside(&path)?, folder.path().join(format!("a.damaged-{n}.toml")));
        }
        assert!(set_aside(&path).is_err(), "there is none");
        assert_eq!(fs::read_to_string(folder.path().join("a.damaged-1.toml"))?, "1");
        Ok(())
    }
}
