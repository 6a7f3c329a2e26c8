//! How the program starts and ends: wrong usage, settings, no display, no reader.

use std::{fs, process::Stdio};

use crate::process::{Process, python, sockhop, sockhop_command, sockhop_in};

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        vec!["listen", "--framing", "words"],
        vec!["listen", "70000"],
        vec!["connect"],
        vec!["connect", "127.0.0.010:80"],
        vec!["connect", "192.168.1"],
        vec!["listen", "224.0.0.1"],
        vec!["listen", "fe80::1"],
        vec!["speak"],
    ] {
        let ended = sockhop(&arguments).end().with_status(2);
        assert!(ended.errors.contains("error:"), "{arguments:?}: {}", ended.errors);
    }
}

#[test]
fn interfaces_are_listed_with_what_they_are_for() {
    let ended = sockhop(["interfaces"]).end().with_status(0);
    assert!(ended.output.iter().any(|line| line.contains("127.0.0.1") && line.contains("this computer only")));
    let ended = sockhop_in("zh-CN", ["interfaces", "--json"]).end().with_status(0);
    let rows: Vec<serde_json::Value> =
        ended.output.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(rows.iter().any(|row| row["ip"] == "127.0.0.1" && row["kind"] == "loopback" && row["name"].is_string()));
}

#[test]
fn what_is_not_given_comes_from_the_saved_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "listen_on = \"this-computer\"\nport = 0\nbacklog = 7\nencoding = \"GBK\"\nlanguage = \"zh-CN\"\n";
    fs::write(folder.path().join("settings.toml"), settings).expect("written");
    let mut command = sockhop_command(folder.path());
    command.arg("listen");
    let mut server = Process::start(command);
    let line = server.line("正在监听 127.0.0.1:");
    assert!(line.ends_with("backlog 为 7"), "{line}");
    let port = line.split(&[':', '，'][..]).rev().nth(1).expect("a port").to_owned();
    python("raw.py", &["127.0.0.1", &port, "c4e3bac30a"]).end().with_status(0);
    assert!(server.line("←").ends_with("你好"));
    server.stop().with_status(0);
    assert!(folder.path().join("sockhop.log").exists());
}

#[test]
fn damaged_settings_are_named_and_do_not_stop_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("settings.toml"), "backlog = 0\n").expect("written");
    let mut command = sockhop_command(folder.path());
    command.args(["--lang", "en", "listen", "127.0.0.1:0"]);
    let mut server = Process::start(command);
    let line = server.error_line("settings file");
    assert!(line.contains("backlog is 0") && line.contains("damaged-1"), "{line}");
    server.line("backlog 5");
    server.stop().with_status(0);
}

#[test]
fn without_a_display_it_goes_on_in_the_terminal() {
    let mut server = sockhop(["--listen", "127.0.0.1:0"]);
    server.error_line("sockhop listen");
    let line = server.line("Listening on 127.0.0.1:");
    let port = line.split(&[':', ','][..]).rev().nth(1).expect("a port").to_owned();
    let mut client = sockhop(["--connect", &format!("127.0.0.1:{port}")]);
    client.error_line("sockhop connect 127.0.0.1:");
    client.write("hello");
    assert!(server.line("←").ends_with("hello"));
    let errors = client.stop().with_status(0).errors;
    assert_eq!(errors.lines().count(), 1, "{errors}");
    server.stop().with_status(0);
}

#[test]
fn a_reader_that_has_enough_ends_it_quietly() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = sockhop_command(folder.path());
    command.args(["listen", "127.0.0.1:0", "--json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}
