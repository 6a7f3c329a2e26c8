//! Files and folders that only their owner may read, whatever the umask says.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

/// How a file of ours is opened: one that is made by it is its owner's alone (0600).
#[must_use]
pub fn options() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "elsewhere a file has its folder's rights"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_FILE);
    options
}

/// Makes the folder, and those above it, where they are not there. What is made is its owner's alone (0700); what was
/// there stays as it is.
///
/// # Errors
/// Where it can't be made.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, OWNER_FOLDER);
    builder.recursive(true).create(path)
}

/// Opens a file to write to its end; it is made if it is not there.
///
/// # Errors
/// Where it can't be written, or something that is no file is there.
pub fn append(path: &Path) -> io::Result<File> {
    check_plain_or_absent(path)?;
    options().create(true).append(true).open(path)
}

/// As [`check_plain`], but for a file that is not there yet.
///
/// # Errors
/// Where something else is there, or nobody can tell.
pub fn check_plain_or_absent(path: &Path) -> io::Result<()> {
    check_plain(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Whether there is a file on a disk, so that it can be opened without waiting for anybody: a pipe is
/// not opened until somebody opens its other end, and a device may give for ever.
///
/// # Errors
/// Where something else is there, or nobody can tell; with [`io::ErrorKind::NotFound`] where nothing is.
pub fn check_plain(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("not a file")) }
}

/// Takes a file or folder of ours from all others, as far as the system lets us: another account's file stays as it is.
/// One that a link leads to does too.
pub fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(there) = fs::symlink_metadata(path) else { return };
        let mode = if there.is_dir() { OWNER_FOLDER } else { OWNER_FILE };
        let now = there.permissions().mode();
        if (there.is_file() || there.is_dir())
            && now & OTHERS != 0
            && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(now & mode))
        {
            tracing::warn!("{}: {error}", path.display());
        }
    }
    #[cfg(not(unix))]
    let _ = (path, fs::symlink_metadata::<&Path>);
}

/// Read and write, for the owner.
#[cfg(unix)]
const OWNER_FILE: u32 = 0o600;

/// The same, and enter.
#[cfg(unix)]
const OWNER_FOLDER: u32 = 0o700;

/// Whatever the group or all others may do.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o777)
    }

    #[test]
    fn what_is_made_is_its_owners_alone_and_what_was_there_can_be_taken_from_others() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (inner, file) = (folder.path().join("a/b"), folder.path().join("a/b/c"));
        create_folder(&inner)?;
        assert_eq!((mode(&inner)?, mode(&folder.path().join("a"))?), (0o700, 0o700));
        options().create(true).append(true).open(&file)?;
        assert_eq!(mode(&file)?, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755))?;
        create_folder(&inner)?;
        assert_eq!(mode(&inner)?, 0o755, "it was there");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link)?;
        restrict(&link);
        assert_eq!(mode(&file)?, 0o644, "it lies elsewhere");
        restrict(&file);
        restrict(&inner);
        assert_eq!((mode(&file)?, mode(&inner)?), (0o600, 0o700));
        Ok(())
    }
}
