//! What packages carry beside the program, and what is made from the program's own definitions: that they agree.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test packaging` writes the man pages and completions again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory as _;
use clap_complete::Shell;
use sockhop::cli::Cli;

/// What lies here goes to `/usr/share`, or to `~/.local/share`.
const SHARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/linux/share");

/// Folders of [`SHARE`] in which every file is made from the command line's definition.
const MADE: [&str; 4] =
    ["man/man1", "bash-completion/completions", "zsh/vendor-completions", "fish/vendor_completions.d"];

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
    let expected: Vec<PathBuf> =
        MADE.iter().flat_map(|folder| made.keys().filter(move |path| path.starts_with(folder)).cloned()).collect();
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
        // What stands at the end of a page are examples.
        let text = fs::read_to_string(page.path()).unwrap().replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n");
        made.insert(Path::new("man/man1").join(page.file_name()), text.into_bytes());
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

/// What is accepted, and the targets that packages are made for: `packaging/licences/about.toml`.
#[derive(serde::Deserialize)]
struct About {
    accepted: Vec<String>,
    targets: Vec<String>,
}

#[test]
fn no_crate_in_the_program_has_a_licence_that_forbids_it() {
    let about = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/licences/about.toml")).unwrap();
    let about: About = toml::from_str(&about).unwrap();
    assert!(!about.targets.is_empty());
    let forbidden: Vec<String> = packages()
        .into_iter()
        .filter(|package| package.name != "sockhop")
        .filter(|package| !package.license.as_deref().is_some_and(|terms| accepts(terms, &about.accepted)))
        .map(|package| format!("{} {}: {}", package.name, package.version, package.license.unwrap_or_default()))
        .collect();
    assert_eq!(forbidden, [""; 0], "packaging/licences/about.toml says what is accepted");
}

#[test]
fn the_licences_that_packages_carry_are_those_of_what_is_in_the_program() {
    let about = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/licences/about.toml")).unwrap();
    let about: About = toml::from_str(&about).unwrap();
    let licences = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/resources/licences.txt")).unwrap();
    let carried: BTreeSet<&str> = licences.lines().filter_map(|line| line.strip_prefix("* ")).collect();
    let mut missing = BTreeSet::new();
    for target in &about.targets {
        let tree = cargo(&[
            "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--target", target,
        ]);
        let tree = String::from_utf8(tree).unwrap();
        assert!(tree.lines().count() > 100, "{target}");
        for line in tree.lines().filter(|line| !line.starts_with("sockhop ")) {
            let (name, version) = line.split_once(" v").unwrap();
            let version = version.split_whitespace().next().unwrap();
            let line = format!("{name} {version}");
            if !carried.contains(line.as_str()) {
                missing.insert(line);
            }
        }
    }
    assert!(missing.is_empty(), "bash packaging/licences/make.sh: {missing:?}");
}

#[test]
fn terms_are_accepted_where_one_side_of_an_or_and_both_of_an_and_are() {
    let accepted = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for (terms, holds) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
        ("MIT AND (GPL-3.0 OR LGPL-3.0)", false),
        ("GPL-3.0 OR (MIT AND GPL-2.0)", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("MIT WITH some-exception", false),
        ("", false),
        ("(MIT", false),
    ] {
        assert_eq!(accepts(terms, &accepted), holds, "{terms:?}");
    }
}

/// A crate of `Cargo.lock`.
#[derive(serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// All crates of `Cargo.lock`, those that only build or test it and those of other systems too.
fn packages() -> Vec<Package> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = cargo(&["metadata", "--locked", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_slice(&output).unwrap();
    assert!(metadata.packages.len() > 100);
    metadata.packages
}

/// What cargo says of this crate. It asks the registry only for what is not here yet: after `cargo fetch`, for nothing.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Whether terms in the form of SPDX leave a way to follow them with these licences alone. `/` is an old way to write OR.
fn accepts(terms: &str, accepted: &[String]) -> bool {
    let spaced = terms.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, accepted) == Some(true) && rest.is_empty()
}

/// Reads `a OR b`, from the front of `words`; `None` where they are no terms.
fn either(words: &mut &[&str], accepted: &[String]) -> Option<bool> {
    let mut holds = both(words, accepted)?;
    while let Some(("OR" | "or", rest)) = words.split_first().map(|(word, rest)| (*word, rest)) {
        *words = rest;
        holds |= both(words, accepted)?;
    }
    Some(holds)
}

/// Reads `a AND b`, which binds closer.
fn both(words: &mut &[&str], accepted: &[String]) -> Option<bool> {
    let mut holds = licence(words, accepted)?;
    while let Some(("AND" | "and", rest)) = words.split_first().map(|(word, rest)| (*word, rest)) {
        *words = rest;
        holds &= licence(words, accepted)?;
    }
    Some(holds)
}

/// Reads one licence with its exception, or terms in parentheses.
fn licence(words: &mut &[&str], accepted: &[String]) -> Option<bool> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    if *first == "(" {
        let holds = either(words, accepted)?;
        let (last, rest) = words.split_first()?;
        *words = rest;
        return (*last == ")").then_some(holds);
    }
    let mut name = (*first).to_owned();
    if let ["WITH", exception, rest @ ..] = *words {
        name = format!("{name} WITH {exception}");
        *words = rest;
    }
    Some(accepted.contains(&name))
}
