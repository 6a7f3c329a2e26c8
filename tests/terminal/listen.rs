//! `sockhop listen`.

use std::{
    io::Write as _,
    thread,
    time::{Duration, Instant},
};

use crate::process::{LIMIT, listening, nc, number, python, sockhop, sockhop_in, text};

#[test]
fn the_course_client_is_answered_as_its_server_would() {
    let (server, port) = listening(&["--reply", "数据已收到", "--line-ending", "none"]);
    let client = python("client.py", &["127.0.0.1", &port]).end().with_status(0);
    assert_eq!(client.output, ["received: 数据已收到"]);

    let ended = server.stop().with_status(0);
    let received = ended.event("received");
    assert_eq!((text(&received, "text").as_str(), number(&received, "bytes")), ("你好", 6));
    let sent = ended.event("sent");
    assert_eq!((text(&sent, "text").as_str(), number(&sent, "bytes")), ("数据已收到", 15));
    assert_eq!(text(&ended.event("closed"), "reason"), "orderly");
    let stopped = ended.event("stopped");
    assert_eq!(number(&stopped, "clients"), 1);
    assert_eq!((number(&stopped, "bytes_in"), number(&stopped, "bytes_out")), (6, 15));
    assert_eq!((number(&stopped, "messages_in"), number(&stopped, "messages_out")), (1, 1));
}

#[test]
fn the_course_client_is_answered_by_a_typed_line() {
    let (mut server, port) = listening(&[]);
    let client = python("client.py", &["127.0.0.1", &port]);
    assert_eq!(text(&server.event("received"), "text"), "你好");
    server.write("收到，谢谢");
    // The client prints the line ending too.
    assert_eq!(client.end().with_status(0).output, ["received: 收到，谢谢", ""]);
    server.event("closed");
    server.stop().with_status(0);
}

#[test]
fn the_peer_address_is_the_one_that_accept_returned() {
    let (mut server, port) = listening(&[]);
    let mut client = python("raw.py", &["127.0.0.1", &port, "stay"]);
    let local = client.line("local");
    let own_port = local.trim_end_matches(')').rsplit_once(' ').expect("a port").1;
    let accepted = server.event("accepted");
    assert_eq!(text(&accepted, "peer"), format!("127.0.0.1:{own_port}"));
    assert_eq!(text(&accepted, "local"), format!("127.0.0.1:{port}"));
    assert_eq!(number(&accepted, "conn"), 1);
}

#[test]
fn an_ipv6_address_stands_in_brackets() {
    let mut server = sockhop(["listen", "[::1]:0", "--json"]);
    let local = text(&server.event("listening"), "local");
    let port = local.strip_prefix("[::1]:").expect("brackets");
    let client = python("raw.py", &["::1", port, "610a"]);
    assert!(text(&server.event("accepted"), "peer").starts_with("[::1]:"));
    client.end().with_status(0);
    server.stop().with_status(0);
}

#[test]
fn nc_talks_both_ways() {
    let (mut server, port) = listening(&[]);
    let mut client = nc(&["-N", "127.0.0.1", &port]);
    client.write("hello");
    assert_eq!(text(&server.event("received"), "text"), "hello");
    server.write("你好");
    client.line("你好");
    client.end_input();
    client.end().with_status(0);
    let ended = server.stop().with_status(0);
    assert_eq!(ended.events("peer_finished").len(), 1);
    assert_eq!(text(&ended.event("closed"), "reason"), "orderly");
}

#[test]
fn a_line_goes_to_every_client() {
    let (mut server, port) = listening(&[]);
    let mut clients: Vec<_> = (0..3).map(|_| python("raw.py", &["127.0.0.1", &port, "wait", "stay"])).collect();
    for _ in &clients {
        server.event("accepted");
    }
    server.write("all");
    for client in &mut clients {
        client.line("answer 616c6c0a");
    }
    for client in clients {
        drop(client);
        server.event("closed");
    }
    let ended = server.stop().with_status(0);
    assert_eq!(ended.events("sent").len(), 3);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "messages_out"), number(&stopped, "bytes_out")), (3, 12));
}

#[test]
fn lines_wait_for_the_first_client() {
    let mut server = sockhop(["listen", "127.0.0.1:0"]);
    let line = server.line("Listening on 127.0.0.1:");
    let port = line.split(&[':', ','][..]).rev().nth(1).expect("a port").to_owned();
    server.write("first");
    server.write("second");
    server.line("Nobody is connected");
    let mut client = python("raw.py", &["127.0.0.1", &port, "stay"]);
    server.line("→ ");
    server.line("second");
    client.end_input();
    let answers: String = client.end().output.iter().filter_map(|line| line.strip_prefix("answer ")).collect();
    assert_eq!(answers, "66697273740a7365636f6e640a");
    server.stop().with_status(0);
}

#[test]
fn a_client_that_never_reads_does_not_keep_the_lines_from_the_others() {
    const LINES: usize = 10_000;
    let (mut server, port) = listening(&["--half-open"]);
    let _deaf = python("raw.py", &["127.0.0.1", &port, "stay"]);
    server.event("accepted");
    // Sends nothing, reads to the end.
    let reader = python("flood.py", &["127.0.0.1", &port, "0"]);
    server.event("accepted");
    let mut stdin = server.take_stdin();
    let feeder = thread::spawn(move || stdin.write_all(("x".repeat(999) + "\n").repeat(LINES).as_bytes()));
    let mut sent = 0;
    while sent < LINES {
        sent += usize::from(number(&server.event("sent"), "conn") == 2);
    }
    feeder.join().expect("no panic").expect("all was read");
    let ended = server.stop().with_status(0);
    assert_eq!(reader.end().with_status(0).output, [format!("sent 0 back {}", LINES * 1000)]);
    // Told once, and not for each line.
    let errors: Vec<_> = ended.events("error").iter().map(|error| number(error, "conn")).collect();
    assert!(errors.len() <= 2 && errors.iter().all(|conn| *conn == 1), "{errors:?}");
    assert!(ended.events("error").iter().any(|error| text(error, "message").contains("waiting to be sent to")));
    // Its stream would have had a hole: it ends where the first line is missing, and the missing ones are counted.
    let closed = ended.events("closed").into_iter().find(|closed| number(closed, "conn") == 1).expect("it is closed");
    let (sent, unsent) = (number(&closed, "messages_out"), number(&closed, "unsent"));
    assert!(unsent > 0 && sent + unsent < LINES as u64, "{closed}");
}

#[test]
fn an_echo_is_counted_message_by_message() {
    let (server, port) = listening(&["--echo"]);
    // Two lines in one send, and half of a third.
    let client = python("raw.py", &["127.0.0.1", &port, "e4bda00ae5a5bd0d0a63", "wait", "640a"]).end().with_status(0);
    let answers: String = client.output.iter().filter_map(|line| line.strip_prefix("answer ")).collect();
    assert_eq!(answers, "e4bda00ae5a5bd0d0a63640a");
    let ended = server.stop().with_status(0);
    for event in ["received", "sent"] {
        let events = ended.events(event);
        let texts: Vec<_> = events.iter().map(|event| text(event, "text")).collect();
        let bytes: Vec<_> = events.iter().map(|event| number(event, "bytes")).collect();
        // The tail may have been quiet for long enough to be a message of its own.
        assert_eq!(texts.concat(), "你好cd", "{event}");
        assert_eq!(bytes.iter().sum::<u64>(), 12, "{event}");
        assert_eq!(&bytes[..2], [4, 5], "{event}");
    }
    let stopped = ended.event("stopped");
    assert_eq!(number(&stopped, "messages_in"), number(&stopped, "messages_out"));
}

#[test]
fn our_side_closes_with_the_peer_unless_half_open() {
    let (mut server, port) = listening(&["--half-open"]);
    let mut client = python("raw.py", &["127.0.0.1", &port, "610a"]);
    server.event("peer_finished");
    server.write("still here");
    client.line(&hex("still here\n"));
    let ended = server.stop().with_status(0);
    assert_eq!(text(&ended.event("closed"), "reason"), "quit");
    client.line("closed");

    let (mut server, port) = listening(&[]);
    python("raw.py", &["127.0.0.1", &port, "610a"]).end().with_status(0);
    assert_eq!(text(&server.event("closed"), "reason"), "orderly");
}

#[test]
fn length_framing_speaks_struct_pack() {
    let (server, port) = listening(&["--framing", "length", "--echo"]);
    let client = python("length.py", &["client", "127.0.0.1", &port, "你好", "a\nb", ""]).end().with_status(0);
    assert_eq!(client.output, ["received: 你好", "received: a", "b", "received: "]);
    let ended = server.stop().with_status(0);
    for event in ["received", "sent"] {
        let events = ended.events(event);
        let texts: Vec<_> = events.iter().map(|event| text(event, "text")).collect();
        assert_eq!(texts, ["你好", "a\nb", ""], "{event}");
        let bytes: Vec<_> = events.iter().map(|event| number(event, "bytes")).collect();
        assert_eq!(bytes, [10, 7, 4], "{event}");
    }
}

#[test]
fn a_length_beyond_all_measure_closes_with_a_reason() {
    let (mut server, port) = listening(&["--framing", "length"]);
    python("raw.py", &["127.0.0.1", &port, "ffffffff"]).end();
    assert!(text(&server.event("error"), "message").contains("4294967295"));
    assert_eq!(text(&server.event("closed"), "reason"), "failed");
    server.stop().with_status(0);
}

#[test]
fn a_gbk_peer_is_read_and_answered_in_gbk() {
    let (server, port) = listening(&["--encoding", "gbk", "--reply", "收到", "--line-ending", "crlf"]);
    let mut client = python("raw.py", &["127.0.0.1", &port, "c4e3bac30a", "wait"]);
    client.line("answer cad5b5bd0d0a");
    client.end().with_status(0);
    let received = server.stop().with_status(0).event("received");
    assert_eq!((text(&received, "text").as_str(), number(&received, "bytes")), ("你好", 5));
}

#[test]
fn a_character_split_over_two_reads_comes_out_whole() {
    let (server, port) = listening(&["--framing", "chunk", "--reply", "."]);
    python("raw.py", &["127.0.0.1", &port, "41e4bd", "wait", "a042"]).end().with_status(0);
    let ended = server.stop().with_status(0);
    let texts: Vec<_> = ended.events("received").iter().map(|event| text(event, "text")).collect();
    assert_eq!(texts, ["A", "你B"]);
}

#[test]
fn totals_after_a_flood_are_exact() {
    const LINES: u64 = 100_000;
    let (mut server, port) = listening(&[]);
    let client = python("flood.py", &["127.0.0.1", &port, &LINES.to_string()]);
    server.event("closed");
    let output = client.end().with_status(0).output.concat();
    let bytes: u64 = output.split(' ').nth(1).expect("sent N").parse().expect("a number");
    let ended = server.stop().with_status(0);
    let stopped = ended.event("stopped");
    assert_eq!((number(&stopped, "messages_in"), number(&stopped, "bytes_in")), (LINES, bytes));
    let received = ended.events("received");
    assert_eq!(received.len() as u64, LINES);
    assert_eq!(received.iter().map(|event| number(event, "bytes")).sum::<u64>(), bytes);
    let last = text(received.last().expect("many"), "text");
    assert!(last.starts_with("99999 "), "{last}");
}

#[test]
fn what_still_arrives_while_stopping_is_counted_as_reported() {
    let (mut server, port) = listening(&[]);
    let _clients: Vec<_> = (0..2).map(|_| python("pour.py", &["127.0.0.1", &port])).collect();
    server.event("received");
    let ended = server.stop().with_status(0);
    let stopped = ended.event("stopped");
    let received = ended.events("received");
    assert_eq!(received.len() as u64, number(&stopped, "messages_in"));
    let bytes: u64 = received.iter().map(|event| number(event, "bytes")).sum();
    assert_eq!(bytes, number(&stopped, "bytes_in"));
    let closed: u64 = ended.events("closed").iter().map(|event| number(event, "bytes_in")).sum();
    assert_eq!(bytes, closed);
}

#[test]
fn a_client_beyond_the_limit_is_turned_away_and_said_so() {
    let (mut server, port) = listening(&["--max-clients", "1"]);
    let _first = python("raw.py", &["127.0.0.1", &port, "stay"]);
    server.event("accepted");
    python("raw.py", &["127.0.0.1", &port]).end();
    assert!(text(&server.event("error"), "message").contains("the limit of clients (1) is reached"));
    assert_eq!(number(&server.stop().with_status(0).event("stopped"), "clients"), 1);
}

#[test]
fn a_client_that_resets_ends_nobody_else() {
    let (mut server, port) = listening(&[]);
    python("raw.py", &["127.0.0.1", &port, "610a", "reset"]).end().with_status(0);
    let error = server.event("error");
    assert_eq!((text(&error, "call").as_str(), number(&error, "conn")), ("recv", 1));
    assert!(error["errno"].is_number());
    assert_eq!(text(&server.event("closed"), "reason"), "reset");
    python("raw.py", &["127.0.0.1", &port, "620a"]).end().with_status(0);
    let ended = server.stop().with_status(0);
    assert_eq!(number(&ended.event("stopped"), "clients"), 2);
    assert_eq!(ended.errors, "");
}

#[test]
fn the_end_of_standard_input_is_not_the_end_of_the_server() {
    let (mut server, port) = listening(&[]);
    server.end_input();
    let _client = python("raw.py", &["127.0.0.1", &port, "stay"]);
    server.event("accepted");
    // Twice, as timeout(1) and some shells do it: that is still one wish.
    server.signal(rustix::process::Signal::INT);
    server.signal(rustix::process::Signal::INT);
    server.end().with_status(0);
}

#[test]
fn nothing_received_commands_the_terminal() {
    let mut server = sockhop(["listen", "127.0.0.1:0"]);
    let line = server.line("Listening on 127.0.0.1:");
    let port = line.split(&[':', ','][..]).rev().nth(1).expect("a port").to_owned();
    python("raw.py", &["127.0.0.1", &port, &hex("\u{1b}[2J\u{7}\u{9b}31m你好\n")]).end().with_status(0);
    let line = server.line("← ");
    assert!(line.ends_with("␛[2J␇\\u{9b}31m你好"), "{line}");
}

#[test]
fn a_port_in_use_is_told_with_its_owner_in_both_languages() {
    let (first, port) = listening(&[]);
    let address = format!("127.0.0.1:{port}");
    let second = sockhop(["listen", &address, "--json"]).end().with_status(1);
    assert!(second.errors.contains("EADDRINUSE"), "{}", second.errors);
    assert!(second.errors.contains(&format!("(process {})", first.id())), "{}", second.errors);
    let error = second.event("error");
    assert_eq!(text(&error, "call"), "bind");
    assert!(second.errors.contains(&text(&error, "message")));
    assert!(second.events("stopped").is_empty());
    let chinese = sockhop_in("zh-CN", ["listen", &address]).end().with_status(1);
    assert!(chinese.errors.contains("已被占用"), "{}", chinese.errors);
    assert!(chinese.errors.contains(&format!("（进程 {}）", first.id())), "{}", chinese.errors);
}

#[test]
fn an_address_of_another_machine_is_told_with_those_of_this_one() {
    let ended = sockhop(["listen", "203.0.113.1:8888"]).end().with_status(1);
    assert!(ended.errors.contains("203.0.113.1 is not an address of this computer"), "{}", ended.errors);
    assert!(ended.errors.contains("127.0.0.1"), "{}", ended.errors);
}

#[test]
fn people_are_told_in_their_language() {
    let mut server = sockhop_in("zh-CN", ["listen", "127.0.0.1:0"]);
    let line = server.line("正在监听 127.0.0.1:");
    let port = line.split(&[':', '，'][..]).rev().nth(1).expect("a port").to_owned();
    let client = python("client.py", &["127.0.0.1", &port]);
    server.line("已连接");
    let received = server.line("←");
    assert!(received.ends_with("  你好 …"), "{received}");
    server.write("好");
    client.end().with_status(0);
    server.line("已关闭");
    let ended = server.stop().with_status(0);
    let last = ended.output.last().expect("totals");
    assert!(last.contains("收到 1 条消息（6 字节），发送 1 条消息（4 字节）"), "{last}");
}

fn hex(text: &str) -> String {
    sockhop::wire::encode_hex(text.as_bytes()).replace(' ', "")
}

#[test]
fn a_server_on_every_interface_says_so_and_no_other_does() {
    for (arguments, reach) in [
        (&["listen", ":0"][..], "all_interfaces"),
        (&["listen", "0.0.0.0:0"], "all_interfaces"),
        (&["listen", "[::]:0"], "all_interfaces"),
        (&["listen", "127.0.0.1:0"], "this_computer"),
    ] {
        let mut server = sockhop([arguments, &["--json"]].concat());
        assert_eq!(text(&server.event("listening"), "reach"), reach, "{arguments:?}");
        server.stop().with_status(0);
        let mut server = sockhop(arguments);
        server.line("Listening on");
        let told = server.stop().with_status(0).output.iter().any(|line| line.contains("every interface"));
        assert_eq!(told, reach == "all_interfaces", "{arguments:?}");
    }
}

#[test]
fn two_that_answer_each_other_automatically_are_stopped_and_it_is_said() {
    for (ours, theirs) in [
        (&["--echo"][..], &["--echo"][..]),
        (&["--reply", "got it"], &["--echo"]),
        (&["--reply", "a"], &["--reply", "b"]),
    ] {
        let (mut server, port) = listening(ours);
        let mut client = sockhop([&["connect", &format!("127.0.0.1:{port}"), "--json"], theirs].concat());
        client.write("hello");
        let begun = Instant::now();
        while !server.has_told("auto_reply_stopped") && !client.has_told("auto_reply_stopped") {
            assert!(begun.elapsed() < LIMIT, "{ours:?} {theirs:?}");
            client.is_quiet_for(Duration::from_millis(10));
        }
        // What was on its way comes, and then nothing.
        while !server.is_quiet_for(Duration::from_millis(300)) {
            assert!(begun.elapsed() < LIMIT, "{ours:?} {theirs:?}");
        }
        let server = server.stop().with_status(0);
        let messages = number(&server.event("stopped"), "messages_in");
        assert!(messages < 5_000, "{ours:?} {theirs:?}: {messages}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_urgent_byte_is_received_in_its_place_and_told_to_programs_and_to_people() {
    let (mut server, port) = listening(&[]);
    let _client = python("urgent.py", &["127.0.0.1", &port]);
    let urgent = server.event("urgent");
    assert_eq!((number(&urgent, "byte"), number(&urgent, "position")), (u64::from(b'!'), 13));
    assert_eq!(text(&server.event("received"), "text"), "hello world?!");
    for (language, told) in
        [("en", "An urgent byte (MSG_OOB) arrived: 0x21 (!)"), ("zh-CN", "收到一个紧急字节（MSG_OOB）：0x21 (!)")]
    {
        let mut server = sockhop_in(language, ["listen", "127.0.0.1:0"]);
        let line = server.line("127.0.0.1:");
        let port: String =
            line.split_once("127.0.0.1:").expect("a port").1.chars().take_while(char::is_ascii_digit).collect();
        let _client = python("urgent.py", &["127.0.0.1", &port]);
        server.line(told);
        server.line("hello world?!");
    }
}

#[test]
fn another_protocol_is_told_by_how_it_begins() {
    for (language, told) in [("en", "Looks like the start of TLS"), ("zh-CN", "像是 TLS 的开头")] {
        let mut server = sockhop_in(language, ["listen", "127.0.0.1:0"]);
        let line = server.line("127.0.0.1:");
        let port: String =
            line.split_once("127.0.0.1:").expect("a port").1.chars().take_while(char::is_ascii_digit).collect();
        let _client = python("mistakes/tls.py", &["127.0.0.1", &port]);
        server.line(told);
    }
}
