//! A line that is edited in a terminal of its own.

use std::{io::Write as _, net::TcpListener};

use crate::process::{Ended, Process, python};

/// `sockhop connect` in a terminal.
fn typing(address: &str, folder: &tempfile::TempDir) -> Process {
    let data = folder.path().to_str().unwrap();
    python("terminal.py", &[env!("CARGO_BIN_EXE_sockhop"), "--data-dir", data, "--lang", "en", "connect", address])
}

/// What the terminal was written, with escapes.
fn screen(ended: &Ended) -> &str {
    ended.output.iter().find_map(|line| line.strip_prefix("screen ")).expect("a screen")
}

#[test]
fn a_line_is_edited_while_messages_come_and_those_before_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = typing(&host.local_addr().unwrap().to_string(), &folder);
    let (mut stream, _) = host.accept().unwrap();
    let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
    let mut line = move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
        line
    };
    for step in ["wait Connected to", "type hel", "wait hel"] {
        terminal.write(step);
    }
    terminal.line("shown hel");
    stream.write_all("你好, meanwhile\n".as_bytes()).unwrap();
    // What was typed is written again below the message.
    terminal.write("wait meanwhile");
    terminal.write("wait hel");
    terminal.line("shown meanwhile");
    terminal.line("shown hel");
    // Back to its beginning, a letter there, to its end, and Enter.
    terminal.write(r"type \x01>\x05lo\r");
    assert_eq!(line(), ">hello\n");
    // The line before comes back.
    terminal.write(r"type \x1b[A\r");
    assert_eq!(line(), ">hello\n");
    // Ctrl+D finishes sending.
    terminal.write(r"type \x04");
    assert_eq!(line(), "");
    drop((line, stream));
    terminal.write("end");
    terminal.end_input();
    let ended = terminal.end().with_status(0);
    assert!(ended.output.contains(&"status 0".to_owned()), "{:?}", ended.output);
    // Nothing that was typed is torn by what came.
    assert!(!screen(&ended).contains("hel1"), "{}", screen(&ended));
}

#[test]
fn ctrl_c_ends_it_and_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = typing(&host.local_addr().unwrap().to_string(), &folder);
    let (_stream, _) = host.accept().unwrap();
    for step in ["wait Connected to", "type half a line", "wait half a line", r"type \x03", "end"] {
        terminal.write(step);
    }
    terminal.end_input();
    let ended = terminal.end().with_status(0);
    assert!(ended.output.contains(&"status 0".to_owned()), "{:?}", ended.output);
    assert!(screen(&ended).contains("Ended;"), "{}", screen(&ended));
    // The last word on pasting is that it comes as it did before.
    let (on, off) = (screen(&ended).rfind("[?2004h"), screen(&ended).rfind("[?2004l"));
    assert!(on < off, "{}", screen(&ended));
}

#[test]
fn a_peer_that_closes_in_the_middle_of_a_line_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = typing(&host.local_addr().unwrap().to_string(), &folder);
    let (stream, _) = host.accept().unwrap();
    for step in ["wait Connected to", "type half a line", "wait half a line"] {
        terminal.write(step);
    }
    terminal.line("shown half a line");
    drop(stream);
    terminal.write("end");
    terminal.end_input();
    let ended = terminal.end().with_status(0);
    let (on, off) = (screen(&ended).rfind("[?2004h"), screen(&ended).rfind("[?2004l"));
    assert!(on < off, "{}", screen(&ended));
}
