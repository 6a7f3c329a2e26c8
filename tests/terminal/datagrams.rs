//! `--udp`: datagrams in the terminal, against Python and against itself.

use std::net::UdpSocket;

use crate::process::{Process, number, python, sockhop, text};

fn listening(arguments: &[&str]) -> (Process, String) {
    let mut process = sockhop([&["listen", "--udp", "127.0.0.1:0", "--json"], arguments].concat());
    let local = text(&process.event("bound"), "local");
    let port = local.rsplit_once(':').expect("a port").1.to_owned();
    (process, port)
}

#[test]
fn a_python_client_is_heard_and_answered() {
    let (mut server, port) = listening(&["--echo"]);
    let mut client = python("udp_client.py", &["127.0.0.1", &port, "你好", "two words"]);
    client.line(&format!("{port} 你好"));
    client.line(&format!("{port} two words"));
    let heard = server.event("heard");
    let received = server.event("received");
    assert_eq!((text(&received, "text"), number(&received, "bytes")), ("你好".to_owned(), 6));
    assert_eq!(text(&received, "peer"), text(&heard, "peer"));
    let ended = server.stop().with_status(0);
    assert_eq!(text(&ended.event("ended"), "reason"), "quit");
    assert_eq!((ended.events("accepted").len(), ended.events("closed").len()), (0, 0));
}

#[test]
fn a_python_server_hears_each_line_as_a_datagram_with_nothing_added() {
    let mut server = python("udp_server.py", &["127.0.0.1", "0"]);
    let line = server.line("listening on");
    let port = line.trim_end_matches(')').rsplit_once(' ').expect("a port").1.to_owned();
    let mut client = sockhop(["connect", "--udp", &format!("127.0.0.1:{port}"), "--json", "--idle", "1"]);
    client.event("ready");
    client.write("第一");
    client.write("second");
    client.end_input();
    server.line("6 第一");
    server.line("6 second");
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(text(&client.event("received"), "text"));
    }
    assert_eq!(answers, ["第一", "second"]);
    // Nothing more comes: the idle time ends it.
    let ended = client.end().with_status(0);
    assert_eq!(text(&ended.event("ended"), "reason"), "by_us");
}

#[test]
fn what_only_sends_ends_with_its_last_datagram() {
    let mut server = python("udp_server.py", &["127.0.0.1", "0"]);
    let line = server.line("listening on");
    let port = line.trim_end_matches(')').rsplit_once(' ').expect("a port").1.to_owned();
    let mut client = sockhop(["connect", "--udp", "127.0.0.1", &port, "--send-only"]);
    client.write("bye");
    client.end_input();
    client.end().with_status(0);
    server.line("3 bye");
}

#[test]
fn lines_typed_at_a_server_go_to_every_address_that_was_heard() {
    let (mut server, port) = listening(&[]);
    let to = format!("127.0.0.1:{port}");
    let mut clients: Vec<Process> = (0..2).map(|_| sockhop(["connect", "--udp", &to, "--json"])).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        client.event("ready");
        client.write(&format!("client {n}"));
        client.event("has_port");
        server.event("heard");
    }
    server.write("大家好");
    for client in &mut clients {
        assert_eq!(text(&client.event("received"), "text"), "大家好");
    }
}

#[test]
fn what_udp_does_not_have_is_refused_and_what_cannot_be_sent_is_a_failure() {
    for arguments in [
        &["listen", "--udp", "--backlog", "5"][..],
        &["listen", "--udp", "--framing", "line"],
        &["listen", "--udp", "--once"],
        &["listen", "--group", "239.1.2.3"],
        &["listen", "--udp", "--group", "10.0.0.1"],
        &["connect", "--udp", "a:1", "--reconnect"],
        &["connect", "239.1.2.3:1"],
    ] {
        sockhop(arguments.iter().copied()).end().with_status(2);
    }
    let mut client = sockhop(["connect", "--udp", "127.0.0.1:9", "--send-only"]);
    client.write(&"x".repeat(65_508));
    client.end_input();
    let ended = client.end().with_status(1);
    assert!(ended.errors.contains("65,507"), "{}", ended.errors);
}

#[test]
fn a_udp_socket_has_had_no_clients_when_it_ends() {
    let mut server = sockhop(["listen", "--udp", "127.0.0.1:0"]);
    let local = server.line("UDP socket open at ");
    let to = local.rsplit_once(' ').expect("an address").1.to_owned();
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"hi", to).unwrap();
    server.line("sent its first datagram");
    let ended = server.stop().with_status(0);
    assert!(ended.output.last().is_some_and(|line| line.contains("1 address heard")), "{:?}", ended.output);
}
