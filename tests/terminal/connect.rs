//! `sockhop connect`.

use std::{
    io::Write as _,
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use sockhop::net::CONNECT_LIMIT;

use crate::{
    free_port::free_port,
    process::{listening, nc, number, python_server, sockhop, sockhop_in, text},
};

#[test]
fn the_course_server_for_one_client_gets_a_line_and_answers() {
    let (server, address) = python_server("server_one_client.py", &[], &[]);
    let mut client = sockhop(["connect", &address, "--json", "--line-ending", "none"]);
    let connected = client.event("connected");
    assert_eq!(text(&connected, "peer"), address);
    client.write("你好");
    // Its input stays open: the peer's close ends it.
    let received = client.event("received");
    assert_eq!((text(&received, "text").as_str(), number(&received, "bytes")), ("数据已收到", 15));
    let ended = client.end().with_status(0);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "bytes_in"), number(&stopped, "bytes_out")), (15, 6));
    assert_eq!((number(&stopped, "messages_in"), number(&stopped, "messages_out")), (1, 1));
    assert_eq!(text(&ended.event("closed"), "reason"), "orderly");

    let server = server.end().with_status(0);
    let local = text(&connected, "local").replace("127.0.0.1:", "client: ('127.0.0.1', ") + ")";
    assert!(server.output.contains(&local), "{local} in {:?}", server.output);
    assert!(server.output.contains(&"received: 你好".to_owned()));
}

#[test]
fn the_course_server_for_many_clients_serves_one_after_another() {
    let (mut server, address) = python_server("server_many_clients.py", &[], &[]);
    for line in ["第一个", "第二个"] {
        let mut client = sockhop(["connect", &address, "--json"]);
        client.write(line);
        server.line(&format!("received: {line}"));
        let ended = client.end().with_status(0);
        assert_eq!(text(&ended.event("received"), "text"), "数据已收到");
    }
}

#[test]
fn an_address_is_taken_as_it_is_written() {
    let (_server, port) = listening(&[]);
    let one = |address: &str| vec![address.replace("PORT", &port)];
    for arguments in [
        vec!["127.0.0.1".to_owned(), port.clone()],
        one("127.0.0.1 PORT"),
        one("127.0.0.1：PORT"),
        one("１２７。０。０。１：PORT"),
        one("('127.0.0.1', PORT)"),
        one("http://127.0.0.1:PORT/"),
    ] {
        let mut client = sockhop([&["connect".to_owned(), "--json".to_owned()], arguments.as_slice()].concat());
        assert_eq!(text(&client.event("connected"), "peer"), format!("127.0.0.1:{port}"), "{arguments:?}");
        client.end_input();
        let ended = client.end();
        assert_eq!(ended.errors.contains("not the web"), arguments[0].starts_with("http"), "{}", ended.errors);
    }
}

#[test]
fn an_address_of_a_link_keeps_its_interface_at_both_ends() {
    let mut server = sockhop(["listen", "[fe80::1%nosuch0]:0"]);
    server.error_line("no interface nosuch0");
    server.end().with_status(1);
    let mut client = sockhop(["connect", "[fe80::1%nosuch0]:80"]);
    client.error_line("no interface nosuch0");
    client.end().with_status(1);
}

#[test]
fn nc_talks_both_ways() {
    let mut server = nc(&["-v", "-l", "127.0.0.1", "0"]);
    let line = server.error_line("Listening on");
    let port = line.rsplit_once(' ').expect("a port").1;
    let mut client = sockhop(["connect", &format!("localhost:{port}"), "--json"]);
    client.write("hello");
    server.line("hello");
    server.write("你好");
    assert_eq!(text(&client.event("received"), "text"), "你好");
    client.end_input();
    let ended = client.end().with_status(0);
    assert_eq!(number(&ended.event("stopped"), "bytes_in"), 7);
    server.end().with_status(0);
}

#[test]
fn every_byte_piped_in_arrives() {
    // Far more than the queue and all buffers hold, and not only text.
    let mut data = Vec::new();
    for n in 0..100_000_u32 {
        data.extend_from_slice(format!("{n} 你好").as_bytes());
        data.extend((0..n % 200).map(|byte| if byte as u8 == b'\n' { 0xff } else { byte as u8 }));
        data.push(b'\n');
    }
    data.extend(vec![b'x'; 3_000_000]);
    data.push(b'\n');
    let (server, address) = python_server("sink.py", &[], &[]);
    let mut client = sockhop(["connect", &address, "--json"]);
    let mut stdin = client.take_stdin();
    let expected = data.clone();
    let feeder = thread::spawn(move || stdin.write_all(&data));
    let server = server.end().with_status(0);
    feeder.join().expect("no panic").expect("all was read");
    let (bytes, digest) = (expected.len(), sha256(&expected));
    assert!(server.output.contains(&format!("bytes {bytes} sha256 {digest}")), "{:?}", server.output);
    let ended = client.end().with_status(0);
    let stopped = ended.event("stopped");
    assert_eq!(number(&stopped, "bytes_out"), bytes as u64);
    assert_eq!(number(&stopped, "messages_out"), ended.events("sent").len() as u64);
    assert_eq!(ended.events("sent").iter().map(|event| number(event, "bytes")).sum::<u64>(), bytes as u64);
    assert!(ended.events("error").is_empty());
}

#[test]
fn half_open_goes_on_sending_after_the_peer_has_finished() {
    let (server, address) = python_server("sink.py", &[], &["half"]);
    let mut client = sockhop(["connect", &address, "--json", "--half-open"]);
    client.event("peer_finished");
    client.write("late");
    client.end_input();
    let ended = client.end().with_status(0);
    assert_eq!(text(&ended.event("closed"), "reason"), "orderly");
    assert!(server.end().output.contains(&format!("bytes 5 sha256 {}", sha256(b"late\n"))));
}

#[test]
fn input_that_a_server_did_not_wait_for_is_counted_and_is_no_good_end() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json"]);
    let (stream, _) = host.accept().unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    client.event("peer_finished");
    client.write("line\n".repeat(1000).trim_end());
    client.end_input();
    let ended = client.end().with_status(1);
    assert!(ended.errors.contains("1000 lines of input were not sent"), "{}", ended.errors);
    assert!(text(&ended.event("error"), "message").contains("1000 lines"));
}

#[test]
fn two_sockhops_talk() {
    let (mut server, port) = listening(&[]);
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}"), "--json"]);
    client.write("你好");
    assert_eq!(text(&server.event("received"), "text"), "你好");
    server.write("hello");
    assert_eq!(text(&client.event("received"), "text"), "hello");
    client.end_input();
    let ended = client.end().with_status(0);
    assert_eq!(number(&ended.event("stopped"), "bytes_in"), 6);
    let ended = server.stop().with_status(0);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "bytes_in"), number(&stopped, "bytes_out")), (7, 6));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_other_machine_has_acknowledged_is_told_to_programs() {
    let (mut server, port) = listening(&[]);
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}"), "--json"]);
    client.write("你好");
    let (sent, acknowledged) = (client.event("sent"), client.event("acknowledged"));
    for field in ["conn", "peer", "bytes"] {
        assert_eq!(sent[field], acknowledged[field], "{field}");
    }
    assert_eq!(number(&acknowledged, "messages"), 1);
    // A message to all, by each.
    server.write("hello");
    assert_eq!(number(&server.event("acknowledged"), "bytes"), 6);
    // What is sent last is asked for before the connection is closed.
    client.write("last");
    client.end_input();
    let ended = client.end().with_status(0);
    assert_eq!(ended.events("acknowledged").iter().map(|event| number(event, "messages")).sum::<u64>(), 2);
    server.stop().with_status(0);
}

#[cfg(target_os = "linux")]
#[test]
fn people_are_told_nothing_of_acknowledgements() {
    let (server, port) = listening(&[]);
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}")]);
    client.write("hello");
    client.line("hello");
    client.end_input();
    let ended = client.end().with_status(0);
    assert_eq!(ended.output.iter().filter(|line| line.contains("hello")).count(), 1, "{:?}", ended.output);
    assert!(!ended.output.iter().any(|line| line.contains("acknowledged")), "{:?}", ended.output);
    server.stop().with_status(0);
}

#[test]
fn length_framing_speaks_struct_pack() {
    let (server, address) = python_server("length.py", &["server"], &["你好", "二"]);
    let mut client = sockhop(["connect", &address, "--json", "--framing", "length"]);
    client.write("hello");
    client.write("你");
    let server = server.end().with_status(0);
    assert!(server.output.ends_with(&["received: hello".to_owned(), "received: 你".to_owned()]));
    let ended = client.end().with_status(0);
    let texts: Vec<_> = ended.events("received").iter().map(|event| text(event, "text")).collect();
    assert_eq!(texts, ["你好", "二"]);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "bytes_in"), number(&stopped, "bytes_out")), (17, 16));
}

#[test]
fn a_server_that_nobody_started_is_told_in_both_languages() {
    let address = format!("127.0.0.1:{}", free_port());
    let ended = sockhop(["connect", &address, "--json"]).end().with_status(1);
    let error = ended.event("error");
    assert_eq!(text(&error, "call"), "connect");
    assert!(error["errno"].is_number());
    assert_eq!(text(&error, "exception"), "ConnectionRefusedError");
    assert!(ended.errors.contains(&format!("No program listens on {address}")), "{}", ended.errors);
    assert!(ended.errors.contains("ECONNREFUSED"), "{}", ended.errors);
    // Another test's server in Python may be there, on another port: then that may be the one that was meant.
    let next = ["Start the server first", "If that is the server"];
    assert!(next.iter().any(|next| ended.errors.contains(next)), "{}", ended.errors);
    let chinese = sockhop_in("zh-CN", ["connect", &address]).end().with_status(1);
    let next = ["先启动服务器", "如果它就是要找的服务器"];
    assert!(next.iter().any(|next| chinese.errors.contains(next)), "{}", chinese.errors);
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_to_listen_on_leads_to_this_computer_and_says_so() {
    let (_server, port) = listening(&[]);
    let mut client = sockhop(["connect", &format!("0.0.0.0:{port}")]);
    client.line(&format!("Connected to 127.0.0.1:{port}"));
    client.line("0.0.0.0 is an address to listen on; this system took it for 127.0.0.1");
    client.stop().with_status(0);
}

#[test]
fn a_name_without_an_address_is_told() {
    let ended = sockhop(["connect", "nobody.invalid:8888"]).end().with_status(1);
    assert!(ended.errors.contains("nobody.invalid"), "{}", ended.errors);
    assert!(ended.output.iter().any(|line| line.contains("Looking up nobody.invalid")), "{:?}", ended.output);
}

#[test]
fn a_reset_is_told_and_is_no_good_end() {
    let (_server, address) = python_server("server_reset.py", &[], &[]);
    let mut client = sockhop(["connect", &address, "--json"]);
    client.write("hello");
    let ended = client.end().with_status(1);
    assert_eq!(text(&ended.event("closed"), "reason"), "reset");
    assert_eq!(text(&ended.event("error"), "exception"), "ConnectionResetError");
    assert!(ended.errors.contains("reset the connection"), "{}", ended.errors);
    assert_eq!(number(&ended.event("stopped"), "bytes_out"), 6);
}

#[test]
fn sigterm_ends_it_as_asked() {
    let (mut server, port) = listening(&[]);
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}")]);
    client.line("Connected to 127.0.0.1:");
    let ended = client.stop().with_status(0);
    assert!(
        ended.output.last().is_some_and(|line| line.contains("Ended; 0 messages (0 bytes) received, 0 (0 bytes) sent"))
    );
    server.event("closed");
}

#[test]
fn it_can_be_stopped_while_it_pours_to_one_who_does_not_read() {
    let (mut server, port) = listening(&[]);
    // A server stopped by SIGSTOP reads nothing, while its kernel still takes the connection.
    server.signal(rustix::process::Signal::STOP);
    let mut client = sockhop(["connect", &format!("127.0.0.1:{port}"), "--json"]);
    client.event("connected");
    let mut stdin = client.take_stdin();
    let feeder = thread::spawn(move || {
        let line = [b'x'; 1000];
        let mut fed = 0;
        // Ends when nobody reads any more.
        while stdin.write_all(&line).and_then(|()| stdin.write_all(b"\n")).is_ok() {
            fed += 1;
        }
        fed
    });
    client.event("sent");
    let ended = client.stop().with_status(0);
    let fed: u64 = feeder.join().expect("no panic");
    assert!(number(&ended.event("stopped"), "messages_out") <= fed);
    server.signal(rustix::process::Signal::CONT);
    server.event("closed");
}

fn sha256(data: &[u8]) -> String {
    use std::process::{Command, Stdio};
    let mut sum = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum");
    sum.stdin.take().expect("piped").write_all(data).expect("it reads");
    let output = sum.wait_with_output().expect("it ends").stdout;
    String::from_utf8_lossy(&output).split(' ').next().expect("a sum").to_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn who_was_stopped_while_connecting_finds_the_connection_that_came_meanwhile() {
    // A queue that is full: the kernel lets the first packet go, and takes the next when there is room.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let at = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&at, Duration::from_millis(300)) {
        waiting.push(stream);
    }
    let mut client = sockhop(["connect", &at.to_string(), "--json"]);
    let begun = Instant::now();
    // proc_net_tcp(5): SYN_SENT is 02.
    let sent = format!(":{:04X} 02 ", at.port());
    let syns = || std::fs::read_to_string("/proc/net/tcp").unwrap().matches(&sent).count();
    while syns() == 0 {
        assert!(begun.elapsed() < CONNECT_LIMIT);
        thread::yield_now();
    }
    client.signal(rustix::process::Signal::STOP);
    for _ in &waiting {
        listener.accept().unwrap();
    }
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"there is room\n").unwrap();
    // Nothing tells that time has passed.
    thread::sleep((CONNECT_LIMIT + Duration::from_secs(1)).saturating_sub(begun.elapsed()));
    client.signal(rustix::process::Signal::CONT);
    assert_eq!(text(&client.event("received"), "text"), "there is room");
    drop(stream);
    client.end().with_status(0);
}
