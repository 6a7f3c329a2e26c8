//! What the program makes is its owner's alone, whatever the umask.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

#[test]
fn under_any_umask_the_folder_and_the_log_are_their_owners_alone() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("data");
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask 000; exec \"$0\" --data-dir \"$1\" interfaces", env!("CARGO_BIN_EXE_sockhop")])
        .arg(&folder);
    assert!(command.output().unwrap().status.success());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("sockhop.log"))), (0o700, 0o600));
}
