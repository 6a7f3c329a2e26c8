//! The other end, in Python.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use crate::desktop::{PATIENCE, Running, until};

/// `tests/peers/chat.py`
pub struct Peer {
    process: Running,
    lines: Receiver<String>,
}

impl Peer {
    /// Waits until something listens at `port` of this machine, and connects to it.
    pub fn connect(port: u16) -> Self {
        // A look at the list, rather than a connection, of which the window would tell.
        let listening = format!(":{port:04X} 00000000:0000 0A");
        until("the window listens", || {
            std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&listening).then_some(())
        });
        let mut process = Running::start(
            Command::new("python3")
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/chat.py"))
                .args(["127.0.0.1", &port.to_string()])
                .env("PYTHONUTF8", "1")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped()),
        );
        let out = process.0.stdout.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { process, lines }
    }

    /// The next line it has received.
    pub fn hears(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the peer received nothing")
    }

    /// Sends this, with no newline.
    pub fn says(&mut self, text: &str) {
        writeln!(self.process.0.stdin.as_mut().unwrap(), "{text}").unwrap();
    }
}
