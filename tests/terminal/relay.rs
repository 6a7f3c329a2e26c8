//! `sockhop listen --relay`: a room for `nc` and scripts.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    thread,
};

use crate::process::{listening, nc, number, text};

fn member(server: &mut crate::process::Process, port: &str) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    server.event("accepted");
    stream
}

fn line(stream: &TcpStream) -> String {
    let mut line = String::new();
    BufReader::with_capacity(1, stream).read_line(&mut line).unwrap();
    line
}

#[test]
fn what_one_says_all_others_hear_and_nobody_twice() {
    let (mut server, port) = listening(&["--relay"]);
    let mut first = nc(&["127.0.0.1", &port]);
    server.event("accepted");
    let second = member(&mut server, &port);
    let mut third = member(&mut server, &port);
    first.write("你好");
    assert_eq!((line(&second), line(&third)), ("你好\n".to_owned(), "你好\n".to_owned()));
    third.write_all(b"hello\n").unwrap();
    first.line("hello");
    assert_eq!(line(&second), "hello\n");
    // A script that sends no newline is heard as a line too, and what follows does not stick to it.
    third.write_all(b"tail").unwrap();
    first.line("tail");
    assert_eq!(line(&second), "tail\n");
    // Whoever serves speaks to all.
    server.write("welcome");
    first.line("welcome");
    assert_eq!((line(&second), line(&third)), ("welcome\n".to_owned(), "welcome\n".to_owned()));
    let ended = server.stop().with_status(0);
    let relayed = ended.events("sent").iter().filter(|event| event["relayed"] == true).count();
    assert_eq!(relayed, 6);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "messages_in"), number(&stopped, "messages_out")), (3, 9));
}

#[test]
fn with_names_it_is_heard_who_has_said_it() {
    let (mut server, port) = listening(&["--relay-names", "--encoding", "gbk"]);
    let mut first = member(&mut server, &port);
    let second = member(&mut server, &port);
    first.write_all(b"\xc4\xe3\n").unwrap();
    let mut heard = Vec::new();
    BufReader::new(&second).read_until(b'\n', &mut heard).unwrap();
    let address = first.local_addr().unwrap().to_string();
    assert_eq!(heard, [address.as_bytes(), b": \xc4\xe3\n"].concat());
    server.stop().with_status(0);
}

#[test]
fn a_file_goes_whole_to_one_who_reads_and_one_who_does_not_holds_nobody_up() {
    const LINES: usize = 20_000;
    let (mut server, port) = listening(&["--relay", "--half-open"]);
    let mut writer = member(&mut server, &port);
    let _deaf = member(&mut server, &port);
    let mut reader = member(&mut server, &port);
    let said = (("x".repeat(999) + "\n").repeat(LINES)).into_bytes();
    let (length, copy) = (said.len(), said.clone());
    let writing = thread::spawn(move || {
        writer.write_all(&said).unwrap();
        writer
    });
    let mut heard = vec![0; length];
    reader.read_exact(&mut heard).unwrap();
    assert!(heard == copy);
    drop(writing.join().unwrap());
    // Its stream has a hole: it is closed where the first message is missing.
    let ended = server.stop().with_status(0);
    let closed = ended.events("closed").into_iter().find(|closed| number(closed, "conn") == 2).expect("it is closed");
    assert_eq!(text(&closed, "reason"), "by_us");
}

#[test]
fn two_who_answer_each_other_are_noticed() {
    let (mut server, port) = listening(&["--relay"]);
    let mut echoes = Vec::new();
    for _ in 0..2 {
        let mut stream = member(&mut server, &port);
        let mut copy = stream.try_clone().unwrap();
        echoes.push(stream.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut stream, &mut copy));
    }
    server.write("hello");
    // What the server says comes back from both, goes to the other, and so on.
    server.event("relay_stopped");
    for echo in echoes {
        echo.shutdown(std::net::Shutdown::Both).unwrap();
    }
    server.stop().with_status(0);
}
