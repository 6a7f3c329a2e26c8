//! The programs that the window writes for the other end run as they are: each is started, and talked with.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "net/free_port.rs"]
mod free_port;
#[path = "net/ids.rs"]
mod ids;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command as Process, Stdio},
    thread,
    time::{Duration, Instant},
};

use free_port::free_port;
use sockhop::{
    chat::LineEnding,
    net::{Command, ConnId, ConnOptions, EventKind, ListenOptions, Net},
    programs::{Language, Remarks, Role, Wanted},
    wire::{
        ByteOrder, Delimiter, FixedLength, Framing, LengthPrefix, PrefixWidth,
        text::{self, SplitChar, TextEncoding},
    },
};

/// Longer than a compiler takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

const FRAMINGS: [Framing; 3] = [Framing::Line, Framing::Chunk, Framing::LENGTH];

/// Those that devices have.
fn framings_of_devices() -> [Framing; 5] {
    let little = LengthPrefix { width: PrefixWidth::Two, order: ByteOrder::Little, counts_itself: true, offset: 3 };
    let one = LengthPrefix { width: PrefixWidth::One, ..LengthPrefix::NETWORK };
    [
        Framing::Cr,
        Framing::Delimiter(Delimiter::new(b"\x03##\0").unwrap()),
        Framing::Fixed(FixedLength::new(24).unwrap()),
        Framing::Length(little),
        Framing::Length(one),
    ]
}

fn encoding(name: &str) -> TextEncoding {
    TextEncoding::named(name).unwrap()
}

fn wanted(role: Role, address: SocketAddr, framing: Framing, encoding: TextEncoding) -> Wanted {
    let remarks = Remarks {
        listening: "listening on".into(),
        as_bytes: "the text as bytes".into(),
        typed_lines: "type lines".into(),
        typed_after: "Ctrl+D ends".into(),
        shown_late: "shown at the end".into(),
    };
    let (host, port) = (address.ip().to_string(), address.port());
    Wanted { role, host, port, encoding, framing, ending: LineEnding::Lf, remarks }
}

/// A program that runs, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended as a rule, and there is nothing to end. A shell leads a group, with what it started.
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(&self.0),
            rustix::process::Signal::KILL,
        );
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(wanted: &Wanted, language: Language, folder: &Path) -> Self {
        let file = folder.join(wanted.file_name(language));
        let program = wanted.write(language);
        fs::write(&file, &program).unwrap();
        let mut process = match language {
            Language::Python => {
                let mut python = Process::new("python3");
                python.arg("-u").arg(&file).env("PYTHONIOENCODING", "utf-8");
                python
            }
            Language::Rust => {
                let binary = folder.join("program");
                let compiler = Process::new("rustc")
                    .args(["--edition", "2024", "-D", "warnings", "-C", "debuginfo=0", "--crate-name", "program", "-o"])
                    .args([&binary, &file])
                    .output()
                    .unwrap();
                assert!(compiler.status.success(), "{}\n{program}", String::from_utf8_lossy(&compiler.stderr));
                Process::new(binary)
            }
            Language::Nc => {
                let mut shell = Process::new("sh");
                shell.arg(&file);
                #[cfg(unix)]
                std::os::unix::process::CommandExt::process_group(&mut shell, 0);
                shell
            }
        };
        Self(process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What it printed, all of it, once it has ended well.
    fn printed(mut self) -> String {
        drop(self.0.stdin.take());
        let start = Instant::now();
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None => thread::park_timeout(Duration::from_millis(2)),
            }
            assert!(start.elapsed() < LIMIT, "it goes on and on");
        };
        let (mut out, mut errors) = (String::new(), String::new());
        self.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert!(status.success(), "{status}: {errors}");
        out
    }
}

/// Sockhop's end of the connection.
struct Room {
    net: Net,
}

impl Room {
    fn new() -> Self {
        Self { net: Net::start(|| ()).unwrap() }
    }

    fn wait<T>(&self, what: &str, mut pick: impl FnMut(EventKind) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        loop {
            let event = self.net.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            if let Some(picked) = pick(event.unwrap_or_else(|| panic!("no {what} in time")).kind) {
                return picked;
            }
        }
    }

    fn say(&self, conn: ConnId, said: &str, wanted: &Wanted) {
        let bytes = text::encode_message(said, wanted.encoding, wanted.framing, &ending(wanted)).bytes.into();
        self.net.send(Command::Send { conn, message: ids::next_message(), bytes }).unwrap();
    }

    /// The text of the next message, without its framing.
    fn heard(&self, wanted: &Wanted) -> String {
        self.wait("message", |kind| match kind {
            EventKind::Received { batch, .. } => {
                let (raw, cut) = batch.messages().next().unwrap();
                let payload = &raw[cut.header.into()..raw.len() - usize::from(cut.trailer)];
                let decoded = text::decode(wanted.encoding, SplitChar::default(), payload, cut.boundary);
                assert!(!decoded.malformed, "{raw:02x?}");
                // What is missing of a fixed length are spaces.
                Some(decoded.text.trim_end_matches(' ').to_owned())
            }
            EventKind::Closed { reason, .. } => panic!("closed: {reason:?}"),
            _ => None,
        })
    }
}

fn ending(wanted: &Wanted) -> Vec<u8> {
    if wanted.framing == Framing::Chunk { Vec::new() } else { wanted.ending.bytes(wanted.encoding) }
}

fn options(framing: Framing, encoding: TextEncoding) -> ConnOptions {
    ConnOptions { framing, unit: encoding.unit(), ..ConnOptions::default() }
}

/// What the program prints of this text.
fn shown(text: &str, wanted: &Wanted, language: Language) -> String {
    if language == Language::Rust && wanted.encoding != TextEncoding::default() {
        let mut bytes = text::encode(text, wanted.encoding).bytes;
        bytes.extend(if wanted.framing.takes_ending() { ending(wanted) } else { Vec::new() });
        format!("{bytes:02x?}")
    } else {
        text.to_owned()
    }
}

/// The program is a client of our server.
fn client(language: Language, at: IpAddr, framing: Framing, encoding: TextEncoding) {
    let room = Room::new();
    let listener = ids::next_listener();
    let options = ListenOptions { conn: options(framing, encoding), ..ListenOptions::new((at, 0).into()) };
    room.net.send(Command::Listen { listener, options }).unwrap();
    let address = room.wait("listener", |kind| match kind {
        EventKind::Listening { local, .. } => Some(local),
        _ => None,
    });
    let wanted = wanted(Role::Client, address, framing, encoding);
    let folder = tempfile::tempdir().unwrap();
    let mut program = Running::start(&wanted, language, folder.path());
    let conn = room.wait("client", |kind| match kind {
        EventKind::Accepted { conn, .. } => Some(conn),
        _ => None,
    });
    type_if_wanted(&mut program, &wanted, language);
    assert_eq!(room.heard(&wanted), wanted.text(), "{}", wanted.write(language));
    room.say(conn, "收到了，谢谢", &wanted);
    end_nc(&room, conn, language);
    assert_eq!(program.printed().trim_end(), shown("收到了，谢谢", &wanted, language), "{}", wanted.write(language));
}

/// The program is a server that we connect to.
fn server(language: Language, framing: Framing, encoding: TextEncoding) {
    let address: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let wanted = wanted(Role::Server, address, framing, encoding);
    let folder = tempfile::tempdir().unwrap();
    let mut program = Running::start(&wanted, language, folder.path());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap());
    let mut line = String::new();
    if language != Language::Nc {
        lines.read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on"), "{line:?}\n{}", wanted.write(language));
        assert!(line.contains(&address.port().to_string()), "{line:?}");
    }
    let room = Room::new();
    let start = Instant::now();
    let conn = loop {
        let (conn, options) = (ids::next_conn(), options(framing, encoding));
        let (host, port) = (address.ip().to_string(), address.port());
        room.net.send(Command::Connect { conn, host, port, options }).unwrap();
        let connected = room.wait("connection", |kind| match kind {
            EventKind::Connected { .. } => Some(true),
            EventKind::ConnectFailed { .. } => Some(false),
            _ => None,
        });
        if connected {
            break conn;
        }
        // nc does not say when it listens.
        assert!(language == Language::Nc && start.elapsed() < LIMIT, "it does not listen");
    };
    type_if_wanted(&mut program, &wanted, language);
    room.say(conn, "你在吗", &wanted);
    assert_eq!(room.heard(&wanted), wanted.text(), "{}", wanted.write(language));
    end_nc(&room, conn, language);
    drop(program.0.stdin.take());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    program.0.stdout = lines.into_inner().into();
    program.printed();
    assert_eq!(
        rest.trim_end().lines().last().unwrap(),
        shown("你在吗", &wanted, language),
        "{}",
        wanted.write(language)
    );
}

/// Where the command asks for it, a person types the message.
fn type_if_wanted(program: &mut Running, wanted: &Wanted, language: Language) {
    if language == Language::Nc && wanted.framing == Framing::Line && wanted.encoding == TextEncoding::default() {
        writeln!(program.0.stdin.as_mut().unwrap(), "{}", wanted.text()).unwrap();
    }
}

/// `nc` goes on until the other side has closed, and what feeds it until its end of file.
fn end_nc(room: &Room, conn: ConnId, language: Language) {
    if language == Language::Nc {
        room.net.send(Command::FinishSending { conn }).unwrap();
    }
}

#[test]
fn python_programs_talk_in_every_framing_and_two_encodings() {
    for framing in FRAMINGS {
        for encoding in ["utf-8", "gbk"].map(encoding) {
            client(Language::Python, [127, 0, 0, 1].into(), framing, encoding);
            server(Language::Python, framing, encoding);
        }
    }
}

#[test]
fn python_programs_talk_as_devices_do() {
    for framing in framings_of_devices() {
        for encoding in ["utf-8", "gbk"].map(encoding) {
            client(Language::Python, [127, 0, 0, 1].into(), framing, encoding);
            server(Language::Python, framing, encoding);
        }
    }
}

#[test]
fn rust_programs_compile_and_talk_as_devices_do() {
    for framing in framings_of_devices() {
        client(Language::Rust, [127, 0, 0, 1].into(), framing, encoding("utf-8"));
        server(Language::Rust, framing, encoding("gbk"));
    }
}

#[test]
fn python_programs_know_utf_16_too() {
    for framing in FRAMINGS {
        client(Language::Python, [127, 0, 0, 1].into(), framing, encoding("utf-16le"));
    }
}

#[test]
fn rust_programs_compile_and_talk_in_every_framing_and_two_encodings() {
    for framing in FRAMINGS {
        for encoding in ["utf-8", "gbk"].map(encoding) {
            client(Language::Rust, [127, 0, 0, 1].into(), framing, encoding);
            server(Language::Rust, framing, encoding);
        }
    }
    client(Language::Rust, [127, 0, 0, 1].into(), Framing::Line, encoding("utf-16le"));
}

#[test]
fn nc_talks_in_every_framing_and_two_encodings() {
    if !Process::new("sh").args(["-c", "nc -h 2>&1 | grep -q OpenBSD"]).status().unwrap().success() {
        println!("OpenBSD's nc is not installed: nothing to test");
        return;
    }
    for framing in FRAMINGS.into_iter().chain(framings_of_devices()) {
        for encoding in ["utf-8", "gbk"].map(encoding) {
            client(Language::Nc, [127, 0, 0, 1].into(), framing, encoding);
            server(Language::Nc, framing, encoding);
        }
    }
}

#[test]
fn programs_connect_to_ipv6_addresses() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        println!("no IPv6 here: nothing to test");
        return;
    }
    for language in [Language::Python, Language::Rust] {
        client(language, Ipv6Addr::LOCALHOST.into(), Framing::Line, encoding("utf-8"));
    }
}

#[test]
fn what_an_encoding_has_no_bytes_for_is_said_in_english() {
    let wanted = wanted(Role::Client, ([10, 0, 0, 5], 8888).into(), Framing::Chunk, encoding("windows-1252"));
    assert_eq!(wanted.text(), "hello");
    assert!(wanted.write(Language::Python).contains("client.send(\"hello\".encode(\"cp1252\"))"));
}

// A shell runs the programs.
#[cfg(unix)]
#[test]
fn nothing_of_a_host_or_a_remark_is_run_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    // In the place of the one that connects.
    let nc = folder.path().join("nc");
    fs::write(&nc, "#!/bin/sh\nprintf '%s|' \"$@\" > asked\n").unwrap();
    fs::set_permissions(&nc, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    for host in [
        "$(touch${IFS}pwned)",
        "`touch pwned`",
        "a; touch pwned",
        "a'; touch pwned; '",
        "a\ntouch pwned\n",
        "\"); open(\"pwned\", \"w\") #",
        "\\\"); open(\"pwned\", \"w\") #",
        "\"); std::fs::write(\"pwned\", \"\").unwrap(); (\"",
        "{}",
        "a\u{202e}b\0",
    ] {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        for (role, framing) in [(Role::Client, Framing::Line), (Role::Server, Framing::LENGTH)] {
            let mut wanted = wanted(role, address, framing, encoding("utf-8"));
            wanted.host = host.to_owned();
            wanted.remarks.listening = host.to_owned();
            wanted.remarks.typed_after = format!("x\rtouch pwned\u{2028}{host}");
            wanted.remarks.typed_lines = wanted.remarks.typed_after.clone();
            let write = |language: Language| {
                let file = folder.path().join(wanted.file_name(language));
                fs::write(&file, wanted.write(language)).unwrap();
                file
            };
            if !host.contains('\0') {
                let mut shell = Process::new("sh");
                shell.arg(write(Language::Nc)).current_dir(&folder).env("PATH", &path).stdin(Stdio::null());
                assert!(shell.status().unwrap().success(), "{host:?}");
                let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
                assert!(asked.contains(&format!("{host}|9|")), "{host:?}: {asked:?}");
            }
            // It is compiled, whatever becomes of its connection.
            let check = "import ast, sys; tree = ast.parse(open(sys.argv[1], encoding='utf-8').read()); \
                         names = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) \
                         and isinstance(node.func, ast.Name)}; sys.exit('open' in names)";
            let mut python = Process::new("python3");
            assert!(python.args(["-c", check]).arg(write(Language::Python)).status().unwrap().success(), "{host:?}");
            let mut rust = Process::new("rustc");
            rust.args(["--edition", "2024", "-D", "warnings", "--emit", "metadata", "--crate-name", "program", "-o"]);
            let program = write(Language::Rust);
            let compiled = rust.arg(folder.path().join("program.rmeta")).arg(&program).output().unwrap();
            let errors = String::from_utf8_lossy(&compiled.stderr).into_owned();
            assert!(compiled.status.success(), "{host:?}: {errors}");
            assert!(!folder.path().join("pwned").exists(), "{host:?}");
        }
    }
}
