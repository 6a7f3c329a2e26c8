//! What packages carry beside the program, and what is made from the program's own definitions: that they agree.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test packaging` writes the man pages and completions again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory as _;
use clap_complete::Shell;
use sockhop::cli::Cli;

/// What lies here goes to `/usr/share`, or to `~/.local/share`.
const SHARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/linux/share");

/// Folders of [`SHARE`] in which every file is made from the command line's definition.
const MADE: [&str; 4] = ["man/man1", "bash-completion/completions", "zsh/vendor-completions", "fish/vendor_completions.d"];

#[test]
fn the_man_pages_and_the_completions_say_what_the_command_line_takes() {
    let made = made();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        for folder in MADE {
            let folder = Path::new(SHARE).join(folder);
            drop(fs::remove_dir_all(&folder));
            fs::create_dir_all(&folder).unwrap();
        }
        for (path, content) in &made {
            fs::write(Path::new(SHARE).join(path), content).unwrap();
        }
    }
    let kept: Vec<PathBuf> = MADE.iter().flat_map(|folder| files(folder)).collect();
    let expected: Vec<PathBuf> = MADE
        .iter()
        .flat_map(|folder| made.keys().filter(move |path| path.starts_with(folder)).cloned())
        .collect();
    assert_eq!(kept, expected, "UPDATE_SNAPSHOTS=1 cargo test --test packaging");
    for (path, content) in &made {
        let kept = fs::read(Path::new(SHARE).join(path)).unwrap();
        assert!(kept == *content, "{}: UPDATE_SNAPSHOTS=1 cargo test --test packaging", path.display());
    }
}

/// Each file made from the command line's definition, by its path below [`SHARE`].
fn made() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut made = BTreeMap::new();
    let mut command = Cli::command();
    for (shell, path) in [
        (Shell::Bash, "bash-completion/completions/sockhop"),
        (Shell::Zsh, "zsh/vendor-completions/_sockhop"),
        (Shell::Fish, "fish/vendor_completions.d/sockhop.fish"),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command, "sockhop", &mut script);
        made.insert(PathBuf::from(path), script);
    }
    let pages = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), pages.path()).unwrap();
    for page in fs::read_dir(pages.path()).unwrap() {
        let page = page.unwrap();
        made.insert(Path::new("man/man1").join(page.file_name()), fs::read(page.path()).unwrap());
    }
    made
}

/// The files of a folder of [`SHARE`], by their paths below it, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let found = fs::read_dir(Path::new(SHARE).join(folder)).into_iter().flatten();
    let mut files: Vec<PathBuf> = found.map(|file| Path::new(folder).join(file.unwrap().file_name())).collect();
    files.sort();
    files
}
