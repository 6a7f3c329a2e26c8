//! How the program starts and ends: wrong usage, settings, no display, no reader.

use std::{fs, process::Stdio};

use crate::{
    free_port::free_port,
    process::{Process, python, sockhop, sockhop_command, sockhop_in},
};

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
fn with_settings_what_is_not_given_comes_from_the_saved_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "listen_on = \"this-computer\"\nport = 0\nbacklog = 7\nencoding = \"GBK\"\nlanguage = \"zh-CN\"\n";
    fs::write(folder.path().join("settings.toml"), settings).expect("written");
    let mut command = sockhop_command(folder.path());
    command.args(["listen", "--settings"]);
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
fn without_settings_the_terminal_has_its_own_defaults_whatever_the_window_was_set_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "backlog = 7\nencoding = \"GBK\"\nframing = \"length\"\nline_ending = \"crlf\"\nauto_reply = \"echo\"\n\
                    half_open = true\nrecv_size = 1\nmax_clients = 1\nlanguage = \"en\"\nreply_text = 1\n";
    fs::write(folder.path().join("settings.toml"), settings).expect("written");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut command = sockhop_command(folder.path());
    command.args(["connect", &address]);
    let mut client = Process::start(command);
    client.write("hi 你好");
    client.end_input();
    let mut received = String::new();
    std::io::Read::read_to_string(&mut listener.accept().expect("a client").0, &mut received).expect("read");
    assert_eq!(received, "hi 你好\n");
    let ended = client.end().with_status(0);
    assert_eq!(ended.errors, "");
    let mut command = sockhop_command(folder.path());
    command.args(["listen", "127.0.0.1:0"]);
    let mut server = Process::start(command);
    server.line("backlog 5");
    server.stop().with_status(0);
}

#[test]
fn damaged_settings_are_named_and_do_not_stop_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("settings.toml"), "backlog = 0\n").expect("written");
    let mut command = sockhop_command(folder.path());
    command.args(["--lang", "en", "listen", "--settings", "127.0.0.1:0"]);
    let mut server = Process::start(command);
    let line = server.error_line("settings file");
    assert!(line.contains("backlog is 0"), "{line}");
    server.line("backlog 5");
    server.stop().with_status(0);
    assert_eq!(fs::read_to_string(folder.path().join("settings.toml")).expect("there"), "backlog = 0\n");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_does_not_hang_the_start() {
    for (command, name) in [
        (&["listen", "--settings", "127.0.0.1:0"][..], "settings.toml"),
        (&["interfaces"], "settings.toml"),
        (&["interfaces"], "sockhop.log"),
        (&["history", "list"], "history.db"),
        (&["history", "list"], "settings.toml"),
    ] {
        for device in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(name);
            if device {
                std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
            } else {
                assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
            }
            let mut process = sockhop_command(folder.path());
            process.args(command);
            let mut process = Process::start(process);
            process.end_input();
            if command.starts_with(&["listen"]) {
                assert!(process.error_line("not a file").contains("damaged-1"));
                process.line("Listening");
                process.stop().with_status(0);
            } else {
                process.end();
            }
        }
    }
}

#[test]
fn without_a_display_that_works_it_says_so_and_nothing_listens() {
    let address = format!("127.0.0.1:{}", free_port());
    let nowhere = tempfile::tempdir().expect("a folder");
    for displays in
        [&[][..], &[("WAYLAND_DISPLAY", "wayland-7")], &[("WAYLAND_DISPLAY", "wayland-7"), ("DISPLAY", ":7077")]]
    {
        for option in ["--listen", "--connect"] {
            let folder = tempfile::tempdir().expect("a folder");
            let mut command = sockhop_command(folder.path());
            command.args(["--lang", "en", option, &address]).envs(displays.iter().copied());
            command.env("XDG_RUNTIME_DIR", nowhere.path());
            let mut process = Process::start(command);
            let line = process.error_line("sockhop listen");
            // Which display: of two, the one that was tried last. And nothing of where in the toolkit it failed.
            let said = match displays.last() {
                None => "There is no display".to_owned(),
                Some((name, value)) => format!("({name}={value}"),
            };
            assert!(line.contains(&said) && !line.contains(".rs"), "{line}");
            let ended = process.end().with_status(1);
            assert_eq!(ended.errors.lines().count(), 1, "{}", ended.errors);
            assert!(ended.output.is_empty(), "{:?}", ended.output);
        }
    }
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
