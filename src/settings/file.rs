//! `settings.toml`: read key by key, and only the keys that changed written back.
//!
//! The file is the user's: keys that are not known here (a newer version's), comments, order and a link that it may be
//! stay as they are. Two windows may have it at once; each writes what was changed in it.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::Deserialize as _;
use toml::{Table, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use super::Settings;
use crate::{
    atomic_file::{self, AtomicFile, Readers},
    private_file,
};

/// The most bytes that a settings file may have.
pub const LONGEST_SETTINGS: u64 = 1024 * 1024;

/// What of a settings file could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// All of it: it is no TOML, or no file that can be read.
    File {
        /// What is wrong with it, in one line.
        why: String,
        /// Where it is now; `None` if it could not be moved and is still there.
        set_aside: Option<PathBuf>,
    },
    /// These values; all others hold. The file stays as it is.
    Values(Vec<BadValue>),
}

/// A value that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// Its key, with that of its table before a dot.
    pub key: String,
    /// What is wrong with it, in one line.
    pub why: String,
}

/// Settings could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct SaveError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Settings {
    /// Settings from a file; defaults where there is none, and for each value that can't be used. A file that can't be
    /// used as a whole is set aside.
    #[must_use]
    pub fn load(path: &Path) -> (Self, Option<Damaged>) {
        match read(path) {
            Ok((settings, bad)) if bad.is_empty() => (settings, None),
            Ok((settings, bad)) => (settings, Some(Damaged::Values(bad))),
            Err(why) => (Self::default(), Some(Damaged::File { why, set_aside: atomic_file::set_aside(path).ok() })),
        }
    }

    /// Settings from a file, which stays as it is; defaults where there is none, and for each value that can't be used.
    ///
    /// # Errors
    /// Where the file can't be used: why, in one line.
    pub fn read(path: &Path) -> Result<Self, String> {
        read(path).map(|(settings, _)| settings)
    }

    /// Writes what is different from the file, so that it holds these settings.
    ///
    /// # Errors
    /// As [`Self::save_changes`].
    pub fn save(&self, path: &Path) -> Result<(), SaveError> {
        self.save_changes(&Self::read(path).unwrap_or_default(), path)
    }

    /// Writes the keys whose values are different from those `before`, and leaves all others as they are in the file by
    /// now. Nothing is written where nothing is different. A link is followed.
    ///
    /// # Errors
    /// Where the folder can't be written to.
    pub fn save_changes(&self, before: &Self, path: &Path) -> Result<(), SaveError> {
        save_changes(before, self, path).map_err(|source| SaveError { path: path.to_owned(), source })
    }
}

fn read(path: &Path) -> Result<(Settings, Vec<BadValue>), String> {
    match text(path) {
        Ok(text) => text.parse::<Table>().map_err(|error| one_line(error.message())).map(from_table),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Settings::default(), Vec::new())),
        Err(error) => Err(error.to_string()),
    }
}

fn text(path: &Path) -> io::Result<String> {
    private_file::check_plain(path)?;
    let mut text = String::new();
    File::open(path)?.take(LONGEST_SETTINGS + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_SETTINGS {
        return Err(io::Error::other(format!("more than {LONGEST_SETTINGS} bytes")));
    }
    Ok(text)
}

/// The settings with each value that can be used, and what is wrong with the others.
fn from_table(file: Table) -> (Settings, Vec<BadValue>) {
    let mut settings = Settings::default();
    let mut bad = Vec::new();
    let mut take = |key: String, change: &dyn Fn(&mut Table)| {
        let Ok(mut table) = Table::try_from(&settings) else { return };
        change(&mut table);
        match Settings::deserialize(table).map_err(|error| one_line(error.message())).and_then(Settings::checked) {
            Ok(changed) => settings = changed,
            Err(why) => bad.push(BadValue { key, why }),
        }
    };
    for (key, value) in file {
        match value {
            Value::Table(inner) if key == WINDOW => {
                for (name, value) in inner {
                    take(format!("{key}.{name}"), &|table| {
                        if let Some(Value::Table(window)) = table.get_mut(WINDOW) {
                            window.insert(name.clone(), value.clone());
                        }
                    });
                }
            }
            value => take(key.clone(), &|table| _ = table.insert(key.clone(), value.clone())),
        }
    }
    (settings, bad)
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(" ")
}

fn save_changes(before: &Settings, now: &Settings, path: &Path) -> io::Result<()> {
    if before == now {
        return Ok(());
    }
    let tables = (Table::try_from(before), Table::try_from(now));
    let (Ok(before), Ok(now)) = tables else { return Err(io::Error::other("settings that are no table")) };
    let text = match text(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.unwrap_or_else(|_| UNUSABLE.to_owned()),
    };
    let mut document = text.parse::<DocumentMut>().or_else(|_| {
        // Damaged since it was read.
        atomic_file::set_aside(path).map(|_| DocumentMut::new())
    })?;
    change(document.as_table_mut(), &before, &now)?;
    let changed = document.to_string();
    if changed == text { Ok(()) } else { write_through(path, changed.as_bytes()) }
}

/// What is no TOML, in place of a file that can't be read.
const UNUSABLE: &str = "=";

/// Changes what is different between the two in the file.
fn change(file: &mut dyn TableLike, before: &Table, now: &Table) -> io::Result<()> {
    for (key, value) in now {
        let old = before.get(key);
        if old == Some(value) {
            continue;
        }
        let there = file.get_mut(key);
        match (old, value, there) {
            (Some(Value::Table(old)), Value::Table(value), Some(there)) if there.is_table_like() => {
                if let Some(there) = there.as_table_like_mut() {
                    change(there, old, value)?;
                }
            }
            // Another window may have added to the list too.
            (Some(Value::Array(old)), Value::Array(value), Some(Item::Value(toml_edit::Value::Array(there))))
                if value.starts_with(old) =>
            {
                for added in value.iter().skip(old.len()) {
                    let added = edited(added)?;
                    if there.iter().all(|one| one.to_string().trim() != added.to_string().trim()) {
                        there.push(added);
                    }
                }
            }
            (_, Value::Table(value), None) => {
                let mut table = toml_edit::Table::new();
                change(&mut table, &Table::new(), value)?;
                file.insert(key, Item::Table(table));
            }
            (_, value, there) => {
                let mut value = edited(value)?;
                if let Some(Item::Value(there)) = there {
                    // With the comment behind it.
                    *value.decor_mut() = there.decor().clone();
                }
                file.insert(key, Item::Value(value));
            }
        }
    }
    for key in before.keys().filter(|key| !now.contains_key(*key)) {
        file.remove(key);
    }
    Ok(())
}

fn edited(value: &Value) -> io::Result<toml_edit::Value> {
    value.to_string().parse().map_err(io::Error::other)
}

/// Writes the file that a link leads to, which keeps its rights; the link stays. What is no link is its owner's alone.
fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
        let to = fs::canonicalize(path).or_else(|_| {
            let to = fs::read_link(path)?;
            Ok::<_, io::Error>(path.parent().map_or_else(|| to.clone(), |folder| folder.join(&to)))
        })?;
        let mut file = AtomicFile::create(&to, Readers::Owner)?;
        file.write_all(bytes)?;
        if let Ok(there) = fs::metadata(&to) {
            file.set_permissions(there.permissions())?;
        }
        return file.commit(&to);
    }
    atomic_file::write_atomically(path, bytes, Readers::Owner)
}

/// The key of the table that each window changes.
const WINDOW: &str = "window";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Language, ListenOn, Theme, WindowPlace};

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn place() -> io::Result<(tempfile::TempDir, PathBuf)> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("settings.toml");
        Ok((folder, path))
    }

    #[test]
    fn settings_come_back_as_they_were_saved() -> Done {
        let (_folder, path) = place()?;
        let settings = Settings {
            listen_on: ListenOn::Address("fe80::1%eth0".parse()?),
            port: 10000,
            backlog: 128,
            reply_text: "收到 \"quoted\"\n".to_owned(),
            language: Language::Chinese,
            labs_done: vec!["a".to_owned()],
            window: WindowPlace { position: Some((-5, 7)), size: (1024, 640), maximized: true },
            ..Settings::default()
        };
        settings.save(&path)?;
        assert_eq!(Settings::load(&path), (settings.clone(), None));
        let other = Settings { listen_on: ListenOn::ThisComputer, window: WindowPlace::default(), ..settings };
        other.save(&path)?;
        assert_eq!(Settings::load(&path), (other, None));
        Settings::default().save(&path)?;
        assert_eq!(Settings::load(&path), (Settings::default(), None));
        Ok(())
    }

    #[test]
    fn a_file_that_is_no_toml_is_set_aside_and_defaults_are_used() -> Done {
        let (_folder, path) = place()?;
        let long = format!("port = 1 # {}", "x".repeat(LONGEST_SETTINGS as usize));
        for text in ["port = [", "\u{0}", long.as_str()] {
            fs::write(&path, text)?;
            let (settings, damaged) = Settings::load(&path);
            assert_eq!(settings, Settings::default(), "{:?}", text.get(..8));
            let Some(Damaged::File { set_aside: Some(aside), .. }) = damaged else {
                return Err("not set aside".into());
            };
            assert!(fs::read_to_string(aside)? == text);
            assert!(!path.exists());
        }
        Ok(())
    }

    #[test]
    fn one_bad_value_is_told_and_all_others_hold() -> Done {
        let (_folder, path) = place()?;
        let text = "keep_history = false\nport = 99999\nbacklog = 0\ntheme = \"sepia\"\ncolour = 3\n\
                    [window]\nsize = \"large\"\nmaximized = true\n[newer]\nkey = 1\n";
        fs::write(&path, text)?;
        let (settings, damaged) = Settings::load(&path);
        let window = WindowPlace { maximized: true, ..WindowPlace::default() };
        assert_eq!(settings, Settings { keep_history: false, window, ..Settings::default() });
        let Some(Damaged::Values(bad)) = damaged else { return Err("not told".into()) };
        let mut keys: Vec<_> = bad.iter().map(|bad| bad.key.as_str()).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["backlog", "port", "theme", "window.size"]);
        assert!(bad.iter().any(|bad| bad.why.contains("not 1 to")), "{bad:?}");
        assert_eq!(fs::read_to_string(&path)?, text);
        Ok(())
    }

    #[test]
    fn unknown_keys_comments_and_order_stay_and_only_what_changed_is_written() -> Done {
        let (_folder, path) = place()?;
        let text = "# mine\nfuture = { a = 1 }\nport = 8888 # as in class\n\n[window]\nscreen = 2\n";
        fs::write(&path, text)?;
        let (before, _) = Settings::load(&path);
        let mut now = Settings { port: 9000, theme: Theme::Dark, ..before.clone() };
        now.window.maximized = true;
        now.save_changes(&before, &path)?;
        assert_eq!(
            fs::read_to_string(&path)?,
            "# mine\nfuture = { a = 1 }\nport = 9000 # as in class\ntheme = \"dark\"\n\n[window]\nscreen = 2\nmaximized = true\n"
        );
        Ok(())
    }

    #[test]
    fn two_windows_keep_each_others_changes() -> Done {
        let (_folder, path) = place()?;
        Settings { labs_done: vec!["a".to_owned()], ..Settings::default() }.save(&path)?;
        let ((one, _), (other, _)) = (Settings::load(&path), Settings::load(&path));
        let add = |settings: &Settings, lab: &str| {
            let labs_done = settings.labs_done.iter().cloned().chain([lab.to_owned()]).collect();
            Settings { labs_done, ..settings.clone() }
        };
        Settings { port: 1, ..add(&one, "b") }.save_changes(&one, &path)?;
        Settings { backlog: 7, ..add(&other, "c") }.save_changes(&other, &path)?;
        let (both, _) = Settings::load(&path);
        assert_eq!((both.port, both.backlog, both.labs_done.concat()), (1, 7, "abc".to_owned()));
        Ok(())
    }

    #[test]
    fn nothing_is_written_where_nothing_changed() -> Done {
        let (_folder, path) = place()?;
        Settings::default().save_changes(&Settings::default(), &path)?;
        assert!(!path.exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() -> Done {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (folder, path) = place()?;
        let real = folder.path().join("dotfiles.toml");
        fs::write(&real, "port = 1 # mine\n")?;
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640))?;
        symlink("dotfiles.toml", &path)?;
        Settings { port: 2, ..Settings::default() }.save(&path)?;
        assert!(fs::symlink_metadata(&path)?.is_symlink());
        assert_eq!(fs::read_to_string(&real)?, "port = 2 # mine\n");
        assert_eq!(fs::metadata(&real)?.permissions().mode() & 0o777, 0o640);
        fs::remove_file(&real)?;
        Settings { port: 3, ..Settings::default() }.save(&path)?;
        assert_eq!(fs::read_to_string(&real)?, "port = 3\n");
        Ok(())
    }

    #[test]
    fn no_file_means_defaults_and_no_notice() {
        assert_eq!(Settings::load(Path::new("/nonexistent/settings.toml")), (Settings::default(), None));
    }
}
