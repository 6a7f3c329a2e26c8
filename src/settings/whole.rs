//! Writing a file whole, or not at all.

use std::{
    io::{self, Write as _},
    path::Path,
};

/// Write these bytes to this file, in place of what is there: under another name first, so that what is there stays
/// as it is unless all of them could be written.
///
/// # Errors
/// Where the folder can't be written to, or the disk is full.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sockhop-save-");
    // As any other file that a program makes, not for its owner only.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_there_is_replaced_as_a_whole_or_stays() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.txt");
        fs::write(&path, "before, and longer")?;
        write_whole(&path, b"after")?;
        assert_eq!(fs::read(&path)?, b"after");
        assert!(write_whole(&folder.path().join("no/a.txt"), b"after").is_err());
        assert!(write_whole(folder.path(), b"after").is_err());
        let names: Vec<_> = fs::read_dir(folder.path())?.collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
        Ok(())
    }
}
