//! Beginners' mistakes, each a script of its own: what is said about it, and what is not.

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use crate::{
    free_port::free_port,
    process::{Ended, Process, listening, python, python_server, sockhop, text},
};

/// A server with this mistake on 127.0.0.1, and its address.
fn mistaken(mistake: &str) -> (Process, String) {
    python_server("mistakes.py", &[mistake], &[])
}

/// A client with this mistake, of a server of ours.
fn mistaken_client(mistake: &str, port: &str) -> Process {
    let mut client = python("mistakes.py", &[mistake, "127.0.0.1", port]);
    client.line("connected from");
    client
}

fn connected(address: &str) -> Process {
    let mut ours = sockhop(["connect", address, "--json", "--line-ending", "none"]);
    ours.event("connected");
    ours
}

/// The next diagnosis, which is of this kind and holds; and its sentence.
#[track_caller]
fn found(process: &mut Process, kind: &str) -> String {
    let event = process.event("diagnosis");
    assert_eq!((event["kind"].as_str(), event["holds"].as_bool()), (Some(kind), Some(true)), "{event}");
    text(&event, "message")
}

#[track_caller]
fn over(process: &mut Process, kind: &str) {
    let event = process.event("diagnosis");
    assert_eq!((event["kind"].as_str(), event["holds"].as_bool()), (Some(kind), Some(false)), "{event}");
}

fn kinds(ended: &Ended) -> Vec<String> {
    ended.events("diagnosis").iter().map(|event| text(event, "kind")).collect()
}

#[track_caller]
fn has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
}

#[test]
fn a_server_that_never_accepts_is_named_with_its_queue() {
    let (server, address) = mistaken("never_accepts");
    let mut ours = connected(&address);
    let message = found(&mut ours, "not_accepted");
    has(&message, &["not accepted", "(1 / 5)", &format!("python3 (process {})", server.id())]);
    let ended = ours.stop();
    assert_eq!(kinds(&ended), ["not_accepted"]);
}

#[test]
fn a_server_that_serves_another_client_is_said_to_hold_it_and_not_more() {
    let (_server, address) = mistaken("serves_one_and_no_other");
    let first = connected(&address);
    let mut second = connected(&address);
    let message = found(&mut second, "not_accepted");
    has(&message, &["holds another connection that it accepted"]);
    // The first is accepted; what it is about nobody knows but that both may wait.
    let kinds = kinds(&first.stop());
    assert!(kinds.iter().all(|kind| kind == "both_wait"), "{kinds:?}");
}

#[test]
fn a_full_accept_queue_is_the_reason_and_neither_network_nor_firewall() {
    let (mut server, address) = mistaken("tiny_backlog_never_accepts");
    let _fill = [connected(&address), connected(&address)];
    let mut third = sockhop(["connect", &address, "--json"]);
    let message = found(&mut third, "accept_queue_full");
    has(&message, &["full (2, backlog 1)", &format!("python3 (process {})", server.id())]);
    for word in ["network", "firewall", "ping"] {
        assert!(!message.contains(word), "{message}");
    }
    let ended = third.end();
    let error = text(&ended.event("error"), "message");
    assert!(!error.contains("firewall") && error.contains("accept queue"), "{error}");
    server.write("");
}

#[test]
fn what_was_delivered_and_not_read_is_counted_until_it_is() {
    let (mut server, address) = mistaken("never_reads");
    let mut ours = connected(&address);
    server.line("accepted");
    ours.write("twenty bytes of text");
    let message = found(&mut ours, "not_read");
    has(&message, &["20 bytes", &format!("python3 (process {})", server.id())]);
    server.write("");
    server.line("received: twenty bytes of text");
    over(&mut ours, "not_read");
}

#[test]
fn two_that_wait_for_each_other_are_told_so_until_one_speaks() {
    let (mut server, address) = mistaken("waits_in_recv");
    let mut ours = connected(&address);
    let message = found(&mut ours, "both_wait");
    has(&message, &["Nothing is on its way in either direction", "if the peer is in recv too", "send first"]);
    ours.write("a word");
    server.line("received: a word");
    // Since the server has spoken, or at least something is on its way, nobody claims that it waits.
    over(&mut ours, "both_wait");
}

#[test]
fn a_line_without_its_newline_was_read_and_not_answered() {
    let (server, address) = mistaken("waits_for_a_newline");
    let mut ours = connected(&address);
    ours.write("exit");
    let message = loop {
        let event = ours.event("diagnosis");
        if event["kind"] == "both_wait" && text(&event, "message").contains("read everything") {
            break text(&event, "message");
        }
    };
    has(&message, &[&format!("python3 (process {})", server.id()), "newline"]);
}

#[test]
fn a_program_that_does_not_notice_the_end_has_read_it() {
    let (server, address) = mistaken("ignores_the_end");
    let mut ours = connected(&address);
    ours.write("one");
    ours.end_input();
    let message = found(&mut ours, "end_not_noticed");
    has(&message, &[&format!("python3 (process {})", server.id()), "recv has returned 0 bytes", "Does its loop check"]);
}

#[test]
fn an_answer_to_a_client_that_has_closed_is_not_delivered_and_leaves_no_time_wait() {
    let (mut ours, port) = listening(&["--reply", "数据已收到"]);
    let _client = mistaken_client("sends_and_closes", &port);
    ours.event("received");
    assert_eq!(text(&ours.event("closed"), "reason"), "reset");
    let message = found(&mut ours, "answered_by_reset");
    has(&message, &["had finished sending", "reset", "most likely", "before close()"]);
}

#[test]
fn an_answer_to_a_client_that_waits_for_it_or_still_reads_is_delivered() {
    for peer in ["sends_and_waits", "finishes_and_still_reads"] {
        let (mut ours, port) = listening(&["--reply", "数据已收到"]);
        let mut client = mistaken_client(peer, &port);
        client.line("received: b'");
        client.write("");
        assert_eq!(text(&ours.event("closed"), "reason"), "orderly", "{peer}");
        assert_eq!(kinds(&ours.stop()), [""; 0], "{peer}");
    }
}

#[test]
fn a_client_that_comes_and_goes_without_a_byte_is_told_so() {
    let (mut ours, port) = listening(&[]);
    let _client = mistaken_client("dies_after_connect", &port);
    has(&found(&mut ours, "closed_silently"), &["never sent a byte"]);
}

#[test]
fn a_server_that_dies_after_our_message_did_not_answer() {
    for mistake in ["dies_after_recv", "recv_on_the_listening_socket"] {
        let (_server, address) = mistaken(mistake);
        let mut ours = connected(&address);
        ours.write("are you there");
        let ended = ours.end();
        let kinds = kinds(&ended);
        if mistake == "dies_after_recv" {
            assert_eq!(kinds, ["closed_unanswered"]);
        } else {
            // What it had not read makes its kernel send RST; whatever came first, nothing is told that is not so.
            let possible = ["closed_unanswered", "closed_silently", "server_gone", "answered_by_reset"];
            assert!(kinds.iter().all(|kind| possible.contains(&kind.as_str())), "{kinds:?}");
        }
    }
}

#[test]
fn a_refused_connect_names_the_program_that_waits_elsewhere() {
    // On another address.
    let (server, address) = mistaken("never_accepts");
    let port = address.rsplit_once(':').expect("a port").1;
    let ended = sockhop(["connect", &format!("127.0.0.2:{port}"), "--json"]).end().with_status(1);
    let event = ended.event("diagnosis");
    assert_eq!(event["kind"], "listens_elsewhere");
    let process = format!("python3 (process {})", server.id());
    has(&text(&event, "message"), &[&process, &format!("{address} only"), &format!("bind to ('', {port})")]);
    has(&ended.errors, &[&process]);
    drop(server);

    // Of another kind.
    let (server, address) = mistaken("udp_server");
    let ended = sockhop(["connect", &address, "--json"]).end().with_status(1);
    let event = ended.event("diagnosis");
    assert_eq!(event["kind"], "only_udp");
    has(&text(&event, "message"), &[&format!("python3 (process {})", server.id()), "for UDP", "SOCK_STREAM"]);
}

#[test]
fn a_refused_connect_where_nobody_listens_says_no_more_than_that() {
    let address = format!("127.0.0.1:{}", free_port());
    let ended = sockhop(["connect", &address, "--json"]).end().with_status(1);
    // Other tests' Python servers may be the one that listens.
    assert!(kinds(&ended).iter().all(|kind| kind == "other_port"), "{:?}", kinds(&ended));
}

#[test]
fn a_port_that_another_program_s_connection_holds_is_its() {
    let (mut server, address) = mistaken("closes_listener_keeps_connection");
    let _client = std::net::TcpStream::connect(&address).expect("it listens");
    server.line("listener closed");
    let ended = sockhop(["listen", &address, "--json"]).end().with_status(1);
    let message = text(&ended.event("error"), "message");
    has(&message, &[&format!("python3 (process {})", server.id()), "no longer listens", "1 connection"]);
}

#[test]
fn a_port_in_time_wait_says_for_how_long_and_whose_fault_it_is() {
    let (mut server, address) = mistaken("leaves_time_wait");
    server.line("closed");
    let ended = sockhop(["listen", &address, "--json"]).end().with_status(1);
    let message = text(&ended.event("error"), "message");
    has(&message, &["SO_REUSEADDR", "TIME-WAIT for "]);
    let seconds: u32 =
        message.split("for ").last().and_then(|rest| rest.split(' ').next()?.parse().ok()).expect("seconds");
    assert!((30..=60).contains(&seconds), "{message}");
    assert!(!message.contains("turn on"), "{message}");
}

#[test]
fn a_conversation_that_goes_well_has_no_diagnosis() {
    let (mut ours, port) = listening(&[]);
    let mut client = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
    ours.event("accepted");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        client.write_all(b"hello\n").expect("it is open");
        ours.event("received");
        ours.write("hello you");
        client.read_exact(&mut [0; 10]).expect("an answer");
    }
    drop(client);
    ours.event("closed");
    let kinds = kinds(&ours.stop());
    assert!(kinds.is_empty() || kinds == ["closed_unanswered"], "{kinds:?}");
}
