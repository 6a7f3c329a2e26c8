//! A process that a test started: what it prints is waited for, and it never outlives the test.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader, Read, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longer than anything takes on a busy machine.
pub const LIMIT: Duration = Duration::from_mins(1);

/// A running process.
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    output: Output,
    errors: Output,
    /// Where it keeps its files.
    folder: Option<tempfile::TempDir>,
}

/// The lines of one of its streams.
struct Output {
    lines: Receiver<String>,
    seen: Vec<String>,
    /// How many of those a test has waited for.
    passed: usize,
}

/// A process that has ended.
pub struct Ended {
    pub status: ExitStatus,
    pub output: Vec<String>,
    pub errors: String,
}

/// `sockhop` with these arguments, in English and with a data folder of its own.
pub fn sockhop<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Process {
    sockhop_in("en", arguments)
}

/// `sockhop` with these arguments, in this language.
pub fn sockhop_in<S: AsRef<OsStr>>(language: &str, arguments: impl IntoIterator<Item = S>) -> Process {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = sockhop_command(folder.path());
    command.args(["--lang", language]).args(arguments);
    let mut process = Process::start(command);
    process.folder = Some(folder);
    process
}

/// `sockhop` with its files in this folder and no display.
pub fn sockhop_command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockhop"));
    command.arg("--data-dir").arg(folder);
    for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(variable);
    }
    command
}

/// `sockhop listen` on a free port, telling in JSON; and the port.
pub fn listening(arguments: &[&str]) -> (Process, String) {
    let mut process = sockhop([&["listen", "127.0.0.1:0", "--json"], arguments].concat());
    let local = text(&process.event("listening"), "local");
    let port = local.rsplit_once(':').expect("a port").1.to_owned();
    (process, port)
}

/// One of the scripts in tests/peers.
pub fn python(script: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new("python3");
    command.env("PYTHONUTF8", "1");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script)).args(arguments);
    Process::start(command)
}

/// One of the scripts that serve, on 127.0.0.1; and the address it listens on.
pub fn python_server(script: &str, before: &[&str], after: &[&str]) -> (Process, String) {
    let mut process = python(script, &[before, &["127.0.0.1", "0"], after].concat());
    let line = process.line("listening on");
    let port = line.trim_end_matches(')').rsplit_once(' ').expect("a port").1;
    (process, format!("127.0.0.1:{port}"))
}

/// netcat (OpenBSD's).
pub fn nc(arguments: &[&str]) -> Process {
    let mut command = Command::new("nc");
    command.args(arguments);
    Process::start(command)
}

/// A field of an event that is text.
pub fn text(event: &Value, field: &str) -> String {
    event[field].as_str().unwrap_or_else(|| panic!("no text {field} in {event}")).to_owned()
}

/// A field of an event that is a number.
pub fn number(event: &Value, field: &str) -> u64 {
    event[field].as_u64().unwrap_or_else(|| panic!("no number {field} in {event}"))
}

impl Process {
    pub fn start(mut command: Command) -> Self {
        let name = format!("{command:?}");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name,
            stdin: child.stdin.take(),
            output: Output::of(child.stdout.take().expect("piped")),
            errors: Output::of(child.stderr.take().expect("piped")),
            child,
            folder: None,
        }
    }

    /// The next line of its output that contains this.
    pub fn line(&mut self, wanted: &str) -> String {
        self.output
            .wait(|line| line.contains(wanted).then(|| line.to_owned()), &format!("{} to print {wanted}", self.name))
    }

    /// The next line of its error output that contains this.
    pub fn error_line(&mut self, wanted: &str) -> String {
        self.errors
            .wait(|line| line.contains(wanted).then(|| line.to_owned()), &format!("{} to complain {wanted}", self.name))
    }

    /// The next of its events of this name.
    pub fn event(&mut self, name: &str) -> Value {
        self.output.wait(
            |line| {
                let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
                (event["event"] == name).then_some(event)
            },
            &format!("{} to tell {name}", self.name),
        )
    }

    /// Whether it has told this by now.
    pub fn has_told(&mut self, name: &str) -> bool {
        self.output.seen.extend(self.output.lines.try_iter());
        let named = format!("\"event\":\"{name}\"");
        self.output.seen.iter().any(|line| line.contains(&named))
    }

    /// Whether it says nothing for so long.
    pub fn is_quiet_for(&mut self, time: Duration) -> bool {
        self.output.lines.recv_timeout(time).map(|line| self.output.seen.push(line)).is_err()
    }

    /// Give it a line to read.
    pub fn write(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// Its standard input.
    pub fn take_stdin(&mut self) -> ChildStdin {
        self.stdin.take().expect("its input is open")
    }

    /// End its standard input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it lives");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and wait for the end.
    pub fn stop(self) -> Ended {
        self.terminate();
        self.end()
    }

    /// Wait for it to end by itself. Its standard input stays as it is until then.
    pub fn end(mut self) -> Ended {
        let what = format!("{} to end", self.name);
        let output = self.output.rest(&what);
        let errors = self.errors.rest(&what).join("\n");
        let status = self.child.wait().expect("it was ours");
        // Only now may its files go.
        drop(self.folder.take());
        Ended { status, output, errors }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A shell leads a group, with what it started. All of them may have ended already.
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::KILL,
        );
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Its events of this name.
    pub fn events(&self, name: &str) -> Vec<Value> {
        self.output
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error} in {line}")))
            .filter(|event| event["event"] == name)
            .collect()
    }

    /// Its only event of this name.
    pub fn event(&self, name: &str) -> Value {
        let mut events = self.events(name);
        assert_eq!(events.len(), 1, "{name} in {:#?}", last(&self.output));
        events.remove(0)
    }

    /// Assert the exit status.
    pub fn with_status(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "output {:#?}\nerrors {}", last(&self.output), self.errors);
        self
    }
}

impl Output {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
                if sender.send(text).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Self { lines, seen: Vec::new(), passed: 0 }
    }

    fn wait<T>(&mut self, wanted: impl Fn(&str) -> Option<T>, what: &str) -> T {
        let until = Instant::now() + LIMIT;
        loop {
            while let Some(line) = self.seen.get(self.passed) {
                self.passed += 1;
                if let Some(found) = wanted(line) {
                    return found;
                }
            }
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("waited for {what}: {error}; it said {:#?}", last(&self.seen)),
            }
        }
    }

    fn rest(&mut self, what: &str) -> Vec<String> {
        let until = Instant::now() + LIMIT;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return std::mem::take(&mut self.seen),
                Err(RecvTimeoutError::Timeout) => panic!("waited for {what}; it said {:#?}", last(&self.seen)),
            }
        }
    }
}

/// The end of what was printed, for a message.
fn last(lines: &[String]) -> &[String] {
    &lines[lines.len().saturating_sub(20)..]
}
