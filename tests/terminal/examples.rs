//! The examples of the help and the man pages, run by a shell as they are written.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use sockhop::cli::examples::{CONNECT, Example, LISTEN};

use crate::{free_port::free_port, process::Process};

const LIMIT: Duration = Duration::from_mins(1);

fn example(key: &str) -> &'static Example {
    LISTEN.iter().chain(&CONNECT).find(|example| example.key == key).unwrap_or_else(|| panic!("no example {key}"))
}

/// A shell with `sockhop`, in a folder with a picture.
struct Shell {
    folder: tempfile::TempDir,
    port: u16,
}

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("photo.jpg"), picture()).unwrap();
        Self { folder, port: free_port() }
    }

    /// Runs an example, with another port.
    fn run(&self, key: &str) -> Process {
        let line = example(key).line.replace("8888", &self.port.to_string());
        let mut command = Command::new("bash");
        let program = Path::new(env!("CARGO_BIN_EXE_sockhop"));
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
        // `exec`, so that what ends the shell ends the program; of several programs, it leads the group.
        let line = if line.contains(['|', ';']) { line } else { format!("exec {line}") };
        command.process_group(0);
        command.args(["-c", &line]).current_dir(self.folder.path()).env("PATH", path).env("LC_ALL", "en_US.UTF-8");
        for folder in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
            command.env(folder, self.folder.path());
        }
        Process::start(command)
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(file)).unwrap()
    }

    fn listen(&self) -> TcpListener {
        TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).unwrap()
    }

    /// Connects as soon as the example listens.
    fn connect(&self) -> TcpStream {
        let begun = Instant::now();
        loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                Ok(stream) => return stream,
                Err(error) => assert!(begun.elapsed() < LIMIT, "{error}"),
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn picture() -> Vec<u8> {
    (0..70_000_u32).map(|n| (n.wrapping_mul(n) >> 3) as u8).collect()
}

fn line(stream: &TcpStream) -> String {
    let mut line = String::new();
    BufReader::with_capacity(1, stream).read_line(&mut line).unwrap();
    line
}

fn all(mut stream: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn each_example_is_run_here() {
    let here = include_str!("examples.rs");
    for example in LISTEN.iter().chain(&CONNECT) {
        assert!(here.contains(&format!("run(\"{}\")", example.key)), "{}", example.key);
    }
}

#[test]
fn servers_listen_answer_and_relay() {
    let shell = Shell::new();
    let mut server = shell.run("listen");
    let client = shell.connect();
    server.write("hello");
    assert_eq!(line(&client), "hello\n");
    drop((client, server.stop().with_status(0)));

    let shell = Shell::new();
    let mut server = shell.run("room");
    let (mut first, second) = (shell.connect(), shell.connect());
    server.line(&format!("{} connected", first.local_addr().unwrap()));
    server.line(&format!("{} connected", second.local_addr().unwrap()));
    first.write_all(b"hello\n").unwrap();
    assert_eq!(line(&second), format!("{}: hello\n", first.local_addr().unwrap()));
    server.stop().with_status(0);

    let shell = Shell::new();
    let server = shell.run("echo");
    let mut client = shell.connect();
    client.write_all(b"hello\n").unwrap();
    assert_eq!(line(&client), "hello\n");
    server.stop().with_status(0);

    let shell = Shell::new();
    let server = shell.run("allow");
    let mut client = shell.connect();
    client.write_all(b"let in\n").unwrap();
    let mut server = server;
    server.line("let in");
    server.stop().with_status(0);
}

#[test]
fn files_go_byte_for_byte() {
    let shell = Shell::new();
    fs::remove_file(shell.folder.path().join("photo.jpg")).unwrap();
    let server = shell.run("take");
    shell.connect().write_all(&picture()).unwrap();
    server.end().with_status(0);
    assert!(shell.read("photo.jpg") == picture());

    let shell = Shell::new();
    let server = shell.run("serve");
    let client = shell.connect();
    assert!(all(&client) == picture());
    drop(client);
    server.end().with_status(0);

    let shell = Shell::new();
    let host = shell.listen();
    let client = shell.run("give");
    let (stream, _) = host.accept().unwrap();
    assert!(all(&stream) == picture());
    drop(stream);
    client.end().with_status(0);
}

#[test]
fn other_programs_get_what_came() {
    let shell = Shell::new();
    let server = shell.run("jq");
    let mut client = shell.connect();
    client.write_all(b"hello\n").unwrap();
    drop(client);
    let mut server = server;
    // `grep` hands on what it has at its end, or once it has much.
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, shell.port)) {
            Ok(stream) if (&stream).write_all(&b"hello again\n".repeat(1000)).is_ok() => break,
            _ => thread::sleep(Duration::from_millis(5)),
        }
    }
    let line = server.line("received");
    assert!(line.contains(r#""text":"hello""#), "{line}");
}

#[test]
fn clients_talk_ask_and_wait() {
    let shell = Shell::new();
    let host = shell.listen();
    let mut client = shell.run("connect");
    let (mut stream, _) = host.accept().unwrap();
    client.write("hello");
    assert_eq!(line(&stream), "hello\n");
    stream.write_all("你好\n".as_bytes()).unwrap();
    client.line("你好");
    client.stop().with_status(0);

    let client = shell.run("ask");
    let (mut stream, _) = host.accept().unwrap();
    assert_eq!(line(&stream), "hello\n");
    stream.write_all(b"answer\n").unwrap();
    let ended = client.end().with_status(0);
    assert!(ended.output.iter().any(|line| line.ends_with("answer")), "{:?}", ended.output);
    drop((host, stream));

    let shell = Shell::new();
    let waiting = shell.run("probe");
    let host = shell.listen();
    drop(host.accept().unwrap());
    waiting.end().with_status(0);
}

#[test]
fn devices_and_programs_are_understood() {
    let shell = Shell::new();
    let host = shell.listen();
    let client = shell.run("device");
    let (mut stream, _) = host.accept().unwrap();
    let mut asked = [0; 6];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"T?\rV?\r");
    stream.write_all(b"21.5\r3.3\r").unwrap();
    let ended = client.end().with_status(0);
    for answer in ["21.5", "3.3"] {
        assert!(ended.output.iter().any(|line| line.ends_with(&format!("  {answer}"))), "{:?}", ended.output);
    }

    let client = shell.run("prefix");
    let (stream, _) = host.accept().unwrap();
    assert_eq!(all(&stream), b"\x05\x00hello");
    drop(stream);
    client.end().with_status(0);

    let client = shell.run("gbk");
    let (stream, _) = host.accept().unwrap();
    assert_eq!(all(&stream), b"\xc4\xe3\xba\xc3\n");
    drop(stream);
    client.end().with_status(0);

    let mut client = shell.run("watch");
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"T=21.5\n").unwrap();
    client.line("T=21.5");
    drop(stream);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"T=21.6\n").unwrap();
    client.line("T=21.6");
    client.stop().with_status(0);
    assert_eq!(shell.read("measured.log"), b"T=21.5\nT=21.6\n");
}

#[test]
fn what_a_shell_started_ends_with_it() {
    let shell = Shell::new();
    let server = shell.run("jq");
    drop(shell.connect());
    drop(server);
    // Nobody has the port any more.
    let begun = Instant::now();
    while let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, shell.port)) {
        assert!(begun.elapsed() < LIMIT, "{error}");
        thread::sleep(Duration::from_millis(5));
    }
}
