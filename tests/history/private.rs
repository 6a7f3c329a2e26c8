//! What is kept is its owner's alone.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use sockhop::{
    chat::Origin,
    history::{Cancel, Format, Question, TaskId, Which},
    log,
    settings::{DataFolder, Settings},
    wire::text::TextEncoding,
};

use crate::{
    book::Book,
    records::{Known, Step},
};

fn modes(folder: &Path) -> Vec<(String, u32)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut modes: Vec<_> = entries
        .map(|entry| {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.file_name().to_string_lossy().into_owned(), mode)
        })
        .collect();
    modes.sort();
    modes
}

#[test]
fn every_file_in_the_folder_is_its_owners_alone() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("a/b");
    let folder = DataFolder::open(Some(&path)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    log::start(&folder.log()).unwrap();
    Settings { port: 1, ..Settings::default() }.save(&folder.settings()).unwrap();
    let mut book = Book::open(&folder.history());
    let opened = Step::Open { origin: Origin::Accepted, name: None, encoding: TextEncoding::default() };
    book.record(Known::default().records(opened).unwrap());
    let (to, cancel) = (path.join("export.txt"), Cancel::default());
    book.ask(Question::Export { task: TaskId(1), what: Which::All, format: Format::Text, to, cancel });
    book.wait(|answer| matches!(answer, sockhop::history::Answer::Done { .. }).then_some(()));
    let expected = [
        "export.txt",
        "history.db",
        "history.db-shm",
        "history.db-wal",
        "history.db.lock",
        "settings.toml",
        "sockhop.log",
    ];
    assert_eq!(modes(&path), expected.map(|name| (name.to_owned(), 0o600)));
}

#[test]
fn files_of_an_earlier_version_are_taken_from_others_and_an_open_folder_stays_open() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for name in ["settings.toml", "settings.damaged-1.toml", "history.db-wal", "sockhop.old.log", "notes.txt"] {
        fs::write(folder.path().join(name), "x").unwrap();
        fs::set_permissions(folder.path().join(name), Permissions::from_mode(0o644)).unwrap();
    }
    DataFolder::open(Some(folder.path())).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o755);
    for (name, mode) in modes(folder.path()) {
        assert_eq!(mode, if name == "notes.txt" { 0o644 } else { 0o600 }, "{name}");
    }
}
