//! A fault that ended the program is named at the next start, once.

use std::{fs, process::Command};

use i18n_embed_fl::fl;
use sockhop::{core::NoticeKind, log, settings::DataFolder};

use super::window::{Setup, in_each_language};

/// Says where, to the process that panics.
const FOLDER: &str = "SOCKHOP_TEST_FAULT_FOLDER";

#[test]
#[ignore = "panics"]
fn panics() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    log::watch_panics(&DataFolder::open(Some(folder.as_ref())).unwrap());
    std::thread::Builder::new().name("faulty".to_owned()).spawn(|| panic!("on purpose")).unwrap().join().unwrap_err();
}

#[test]
fn a_fault_that_ended_the_program_is_named_at_the_next_start_and_only_then() {
    in_each_language(|setup: Setup| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["ui::fault::panics", "--exact", "--include-ignored"]).env(FOLDER, setup.folder.path());
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
        let folder = DataFolder::open(Some(setup.folder.path())).unwrap();
        let written = fs::read_to_string(folder.log()).unwrap();
        assert!(written.contains("thread faulty") && written.contains("on purpose"), "{written}");
        assert!(written.contains("tests/ui/fault.rs:"), "{written}");

        let mut window = setup.open();
        let faults = |notices: &[sockhop::core::Notice]| {
            notices.iter().filter(|notice| matches!(notice.kind, NoticeKind::EndedByFault { .. })).count()
        };
        assert_eq!(faults(window.app().core().notices()), 1);
        assert!(!folder.panicked().exists());
        let todo = fl!(window.words, "ended-by-fault-todo", path = folder.log().display().to_string());
        window.until("the notice", |window| window.sees_part(&todo));
        let window = window.close().open_as_it_is();
        assert_eq!(faults(window.app().core().notices()), 0);
    });
}
