//! What who knows `nc` and `ncat` expects: one client, ended input, raw bytes, who may connect, time limits, copies.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    free_port::free_port,
    process::{Process, listening, nc, number, python, python_server, sockhop, sockhop_command, text},
};

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// Bytes of every kind.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

/// `sockhop` with the files of this folder as its standard input and output.
fn piped(folder: &Path, arguments: &[&str], input: &[u8]) -> std::process::Child {
    fs::write(folder.join("input"), input).unwrap();
    let output = fs::File::create(folder.join("output")).unwrap();
    let mut command = sockhop_command(folder);
    command.args(["--lang", "en"]).args(arguments);
    command.stdin(fs::File::open(folder.join("input")).unwrap()).stdout(output).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// A client of a server that tells where it listens on standard error or output.
fn connect(port: &str) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().unwrap())).unwrap()
}

/// Connects as soon as somebody listens there.
fn connect_when_there(port: u16) -> TcpStream {
    let begun = Instant::now();
    loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(stream) => return stream,
            Err(error) => assert!(begun.elapsed() < LIMIT, "{error}"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn once_serves_one_client_and_ends_with_it() {
    let (mut server, port) = listening(&["--once"]);
    let mut client = connect(&port);
    server.event("accepted");
    // The port is free for others at once.
    let begun = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().unwrap())).is_ok() {
        assert!(begun.elapsed() < LIMIT);
    }
    client.write_all(b"hello\n").unwrap();
    server.event("received");
    drop(client);
    let ended = server.end().with_status(0);
    assert_eq!(number(&ended.event("stopped"), "clients"), 1);
    assert_eq!(text(&ended.event("closed"), "reason"), "orderly");
}

#[test]
fn once_ends_badly_where_the_client_resets() {
    let (mut server, port) = listening(&["--once"]);
    python("raw.py", &["127.0.0.1", &port, "610a", "reset"]).end().with_status(0);
    server.event("received");
    let ended = server.end().with_status(1);
    assert_eq!(text(&ended.event("closed"), "reason"), "reset");
    assert!(ended.errors.contains("reset the connection"), "{}", ended.errors);
}

#[test]
fn the_end_of_a_server_s_input_reaches_its_clients_and_later_ones() {
    let (mut server, port) = listening(&[]);
    server.write("one");
    server.write("two");
    server.end_input();
    for expected in ["one\ntwo\n", ""] {
        let mut client = connect(&port);
        let mut said = String::new();
        // Ends with the server's end of the stream, while ours is open.
        client.read_to_string(&mut said).unwrap();
        assert_eq!(said, expected);
        client.write_all(b"thanks\n").unwrap();
        assert_eq!(text(&server.event("received"), "text"), "thanks");
    }
    server.stop().with_status(0);
}

#[test]
fn the_end_of_input_is_no_end_for_a_server_that_answers() {
    let (mut server, port) = listening(&["--echo"]);
    server.write("one");
    server.end_input();
    let mut client = connect(&port);
    server.event("sent");
    client.write_all(b"still there?\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).unwrap();
    assert_eq!(said, "one\nstill there?\n");
    server.stop().with_status(0);
}

#[test]
fn raw_bytes_pass_unchanged_both_ways() {
    let (there, back) = (bytes(300_001), bytes(123_457));
    let (server_folder, client_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let address = format!("127.0.0.1:{}", free_port());
    let mut server = piped(server_folder.path(), &["listen", &address, "--once", "--raw"], &back);
    let begun = Instant::now();
    let client = loop {
        let mut client = piped(client_folder.path(), &["connect", &address, "--raw"], &there);
        if client.wait().unwrap().success() {
            break client;
        }
        assert!(begun.elapsed() < LIMIT);
    };
    drop(client);
    assert!(server.wait().unwrap().success());
    let read = |folder: &Path| fs::read(folder.join("output")).unwrap();
    assert!(read(server_folder.path()) == there, "what the server has written is not what was sent");
    assert!(read(client_folder.path()) == back, "what the client has written is not what was sent");
}

#[test]
fn raw_says_nothing_but_what_came_and_errors_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let client = piped(folder.path(), &["connect", &address, "--raw"], b"");
    let ended = client.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("ECONNREFUSED"));
    assert_eq!(fs::read(folder.path().join("output")).unwrap(), b"");
}

#[test]
fn nc_gets_a_raw_file_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let sent = bytes(200_000);
    let port = free_port();
    let server = piped(folder.path(), &["listen", &format!("127.0.0.1:{port}"), "--once", "--raw"], &sent);
    let mut stream = connect_when_there(port);
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    drop(stream);
    assert!(got == sent);
    assert!(server.wait_with_output().unwrap().status.success());
}

#[test]
fn a_server_that_never_closes_is_left_after_a_silence() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json", "--idle", "0.3"]);
    client.write("hi");
    client.end_input();
    let (mut stream, _) = host.accept().unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    stream.write_all(b"hello\n").unwrap();
    client.event("received");
    let idle = client.event("idle");
    assert_eq!(idle["seconds"], 0.3);
    let ended = client.end().with_status(0);
    assert_eq!((said.as_str(), text(&ended.event("closed"), "reason").as_str()), ("hi\n", "by_us"));
}

#[test]
fn a_client_that_says_nothing_is_sent_away_and_the_others_stay() {
    let (mut server, port) = listening(&["--idle", "0.4"]);
    let mut silent = connect(&port);
    server.event("accepted");
    let mut talker = connect(&port);
    server.event("accepted");
    let idle = loop {
        talker.write_all(b"x").unwrap();
        let mut end = [0];
        silent.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        if silent.read(&mut end).is_ok() {
            break server.event("idle");
        }
    };
    assert_eq!(number(&idle, "conn"), 1);
    talker.write_all(b" still here\n").unwrap();
    let ended = loop {
        if text(&server.event("received"), "text").ends_with("still here") {
            break server.stop();
        }
    };
    assert_eq!(ended.events("idle").len(), 1);
}

#[test]
fn without_input_a_client_that_only_receives_gets_all() {
    // It sends five lines while its client has not finished, and ends with it.
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let serve = move |until_finished: bool| {
        let (mut stream, _) = host.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        for line in 1..=5 {
            if until_finished && stream.read(&mut [0]).is_ok_and(|read| read == 0) {
                return host;
            }
            writeln!(stream, "{line}").unwrap();
        }
        host
    };
    let folder = tempfile::tempdir().unwrap();
    let server = thread::spawn(move || serve(true));
    let client = piped(folder.path(), &["connect", &address, "--receive-only"], b"");
    let ended = client.wait_with_output().unwrap();
    assert!(ended.status.success());
    let told = fs::read_to_string(folder.path().join("output")).unwrap();
    assert_eq!(told.matches('←').count(), 5, "{told}");
    // Without it, that the input has ended is told.
    let host = server.join().unwrap();
    let address = host.local_addr().unwrap().to_string();
    let server = thread::spawn(move || host.accept().unwrap().0.read_to_end(&mut Vec::new()).unwrap());
    let ended = piped(folder.path(), &["connect", &address], b"").wait_with_output().unwrap();
    server.join().unwrap();
    assert!(ended.status.success());
    let told = fs::read_to_string(folder.path().join("output")).unwrap();
    assert!(told.contains("Input has ended") && told.contains("--receive-only"), "{told}");
}

#[test]
fn who_only_sends_ends_when_all_is_sent_and_shows_nothing_of_what_comes() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json", "--send-only"]);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"unwanted\n").unwrap();
    client.write("one");
    client.end_input();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    // The server keeps its end open: that does not keep the client.
    let ended = client.end().with_status(0);
    assert_eq!((said.as_str(), ended.events("received").len()), ("one\n", 0));
}

#[test]
fn only_those_who_are_allowed_can_connect() {
    for (arguments, is_let_in) in [
        (&["--allow", "127.0.0.0/8"][..], true),
        (&["--allow", "192.168.0.0/16"], false),
        (&["--allow", "192.168.0.0/16", "--allow", "127.0.0.1"], true),
        (&["--deny", "127.0.0.1"], false),
        (&["--allow", "127.0.0.0/8", "--deny", "127.0.0.1"], false),
    ] {
        let (mut server, port) = listening(arguments);
        let mut client = connect(&port);
        if is_let_in {
            server.event("accepted");
        } else {
            assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "{arguments:?}");
            let error = server.event("error");
            assert!(text(&error, "message").contains("may not connect here"), "{error}");
        }
        let ended = server.stop().with_status(0);
        assert_eq!(number(&ended.event("stopped"), "clients"), u64::from(is_let_in), "{arguments:?}");
    }
}

#[test]
fn many_who_are_turned_away_are_counted_and_not_told_one_by_one() {
    const CLIENTS: u64 = 300;
    let (mut server, port) = listening(&["--deny", "127.0.0.1"]);
    for _ in 0..CLIENTS {
        // Wait for its end: each is turned away before the next.
        let _ = connect(&port).read(&mut [0]);
    }
    let mut told = 0;
    while told + 1 < CLIENTS {
        told += number(&server.event("turned_away"), "clients");
        assert!(told < CLIENTS);
    }
    let ended = server.stop().with_status(0);
    let lines = ended.events("error").len() + ended.events("turned_away").len();
    assert!(lines < 100, "{lines}");
}

#[test]
fn a_probe_says_whether_somebody_listens() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    // Standard input stays open: it is not read.
    let ended = sockhop(["connect", &address, "--probe", "--json"]).end().with_status(0);
    assert_eq!(ended.events("connected").len(), 1);
    drop(host);
    let ended = sockhop(["connect", &address, "--probe"]).end().with_status(1);
    assert!(ended.errors.contains("ECONNREFUSED"), "{}", ended.errors);
}

#[cfg(target_os = "linux")]
#[test]
fn the_time_for_connecting_can_be_set() {
    // A queue that is full: the kernel lets the first packet go.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let at = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&at, Duration::from_millis(300)) {
        waiting.push(stream);
    }
    let ended = sockhop(["connect", &at.to_string(), "--connect-timeout", "0.5"]).end().with_status(1);
    assert!(ended.errors.contains("within 0.5 seconds"), "{}", ended.errors);
}

#[test]
fn a_client_comes_from_the_port_it_was_given() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let port = free_port();
    let mut client = sockhop(["connect", &address, "--json", "--bind", &port.to_string()]);
    let (_stream, seen) = host.accept().unwrap();
    assert_eq!(seen.port(), port);
    assert_eq!(text(&client.event("connected"), "local"), seen.to_string());
    client.stop().with_status(0);
}

#[test]
fn lines_can_be_sent_slowly() {
    let (server, address) = python_server("sink.py", &[], &[]);
    let begun = Instant::now();
    let mut client = sockhop(["connect", &address, "--json", "--delay", "200"]);
    for line in ["a", "b", "c", "d"] {
        client.write(line);
    }
    client.end_input();
    let ended = client.end().with_status(0);
    assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
    assert_eq!(ended.events("sent").len(), 4);
    server.end().with_status(0);
}

#[test]
fn what_is_said_is_copied_to_files() {
    let folder = tempfile::tempdir().unwrap();
    let (copy, dump) = (folder.path().join("copy"), folder.path().join("dump"));
    let (copy_path, dump_path) = (copy.to_str().unwrap(), dump.to_str().unwrap());
    let (mut server, port) = listening(&["--output", copy_path, "--hex-dump", dump_path, "--once"]);
    let mut client = connect(&port);
    client.write_all(b"ab\xff\n").unwrap();
    server.event("received");
    server.write("yes");
    server.event("sent");
    drop(client);
    server.end();
    assert_eq!(fs::read(&copy).unwrap(), b"ab\xff\nyes\n");
    let dump = fs::read_to_string(&dump).unwrap();
    assert!(dump.contains("61 62 ff 0a") && dump.contains("|ab..|"), "{dump}");
    assert!(dump.contains("79 65 73 0a") && dump.contains(" → 127.0.0.1:"), "{dump}");
    let nowhere = folder.path().join("no/such/folder");
    let ended = sockhop(["listen", "127.0.0.1:0", "--output", nowhere.to_str().unwrap()]).end().with_status(1);
    assert!(ended.errors.contains("no/such/folder"), "{}", ended.errors);
}

#[test]
fn a_client_connects_again_and_loses_no_line() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut client = sockhop(["connect", &address, "--json", "--reconnect"]);
    // Nobody listens yet.
    assert_eq!(number(&client.event("reconnecting"), "attempt"), 1);
    let host = TcpListener::bind(&address).unwrap();
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"first\n").unwrap();
    client.event("received");
    drop((stream, host));
    client.event("closed");
    client.event("reconnecting");
    // What is said meanwhile waits.
    client.write("still here");
    let host = TcpListener::bind(&address).unwrap();
    let (mut stream, _) = host.accept().unwrap();
    let mut said = [0; 11];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"still here\n");
    // The end of input is the end.
    client.end_input();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    drop(stream);
    client.end().with_status(0);
}

#[test]
fn bytes_of_the_encoding_pass_unchanged_and_others_end_with_status_2() {
    let folder = tempfile::tempdir().unwrap();
    for (input, expected, status) in [
        (&b"\xc4\xe3\n"[..], &b"\xc4\xe3\n"[..], 0),
        ("你\n".as_bytes(), b"\xc4\xe3\n", 0),
        (b"\xff\xff\n", b"", 2),
        ("😀\n".as_bytes(), b"", 2),
    ] {
        let host = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = host.local_addr().unwrap().to_string();
        let client = piped(folder.path(), &["connect", &address, "--encoding", "gbk"], input);
        let (mut stream, _) = host.accept().unwrap();
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        drop(stream);
        let ended = client.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((got.as_slice(), ended.status.code()), (expected, Some(status)), "{errors}");
        assert_eq!(errors.contains("GBK"), status == 2, "{errors}");
    }
}

#[test]
fn a_server_without_an_address_serves_both_families_and_says_so() {
    let Ok(ipv6) = TcpListener::bind("[::1]:0") else { return };
    drop(ipv6);
    let mut server = sockhop(["listen", "0"]);
    let line = server.line("Listening on [::]:");
    let port: u16 = line.split(&[':', ','][..]).rev().nth(1).unwrap().parse().unwrap();
    server.line("IPv4 and IPv6");
    let four = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    // It is told as it knows itself.
    server.line(&format!("{} connected", four.local_addr().unwrap()));
    let six = TcpStream::connect(("::1", port)).unwrap();
    server.line(&format!("{} connected", six.local_addr().unwrap()));
    server.stop().with_status(0);
}

#[test]
fn a_service_has_a_name_and_so_has_this_machine() {
    let mut client = sockhop(["connect", "127.0.0.1:no-such-service"]);
    client.error_line("ports are numbers");
    client.end().with_status(2);
    let own = sockhop::host::own_name().expect("a name");
    let mut server = sockhop(["listen", &format!("{own}:0"), "--json"]);
    // Whatever address the system gives the name.
    let local: SocketAddr = text(&server.event("listening"), "local").parse().unwrap();
    assert!(!local.ip().is_unspecified());
    server.stop().with_status(0);
}

#[test]
fn sigterm_ends_it_though_nobody_reads_what_it_prints() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = sockhop_command(folder.path());
    let port = free_port();
    command.args(["listen", &format!("127.0.0.1:{port}"), "--json"]);
    let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // More than the pipe and the buffers hold.
    let mut stream = connect_when_there(port);
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let line = [b'x'; 999];
    while stream.write_all(&line).and_then(|()| stream.write_all(b"\n")).is_ok() {}
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let begun = Instant::now();
    while server.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "one SIGTERM was not enough");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.wait().unwrap().code(), Some(1), "what was not printed is lost");
}

#[test]
fn ncat_and_socat_are_served_where_they_are() {
    for (program, arguments) in [("ncat", vec!["127.0.0.1"]), ("socat", vec!["-"])] {
        if Command::new(program).arg("--version").output().is_err() && Command::new(program).arg("-V").output().is_err()
        {
            continue;
        }
        let (mut server, port) = listening(&["--once"]);
        let mut command = Command::new(program);
        match program {
            "socat" => command.args(arguments).arg(format!("TCP:127.0.0.1:{port}")),
            _ => command.args(arguments).arg(&port),
        };
        let mut client = Process::start(command);
        client.write("hello");
        assert_eq!(text(&server.event("received"), "text"), "hello", "{program}");
        server.write("你好");
        client.line("你好");
        client.end_input();
        client.end().with_status(0);
        server.end().with_status(0);
    }
}

#[test]
fn nc_ends_with_a_client_that_only_sends() {
    let mut server = nc(&["-v", "-l", "127.0.0.1", "0"]);
    let line = server.error_line("Listening on");
    let port = line.rsplit_once(' ').expect("a port").1.to_owned();
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}"), "--send-only"]);
    client.write("hello");
    server.line("hello");
    client.end_input();
    client.end().with_status(0);
    server.end();
}
