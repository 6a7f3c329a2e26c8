//! Where a message ends, chosen on the command line, and what is told of one that has not ended.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener},
};

use serde_json::Value;

use crate::process::{Ended, sockhop, text};

/// `sockhop connect` to a peer that says this in these sends, and gets what the client sends: three lines.
fn talk(arguments: &[&str], sends: &[&[u8]]) -> (Ended, Vec<u8>) {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop([&["connect", &address, "--json", "--half-open"], arguments].concat());
    let (mut stream, _) = host.accept().unwrap();
    stream.set_nodelay(true).unwrap();
    for send in sends {
        stream.write_all(send).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    client.event("peer_finished");
    for line in ["a", "你", ""] {
        client.write(line);
    }
    client.end_input();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    (client.end().with_status(0), got)
}

fn texts(ended: &Ended) -> Vec<String> {
    ended.events("received").iter().map(|event| text(event, "text")).collect()
}

#[test]
fn a_message_ends_where_it_was_said_in_both_directions() {
    let you = "你".as_bytes();
    for (arguments, said, received, sent) in [
        (vec!["--delimiter", r"\r"], &b"T=21.5\rT=21.6\r"[..], ["T=21.5", "T=21.6"], [b"a\r", you, b"\r\r"].concat()),
        (
            vec!["--delimiter", r"##\r\n"],
            b"a#b##\r\nc##\r\n",
            ["a#b", "c"],
            [b"a##\r\n", you, b"##\r\n##\r\n"].concat(),
        ),
        (
            vec!["--delimiter", r"\x03", "--line-ending", "cr"],
            b"a\x03b\x03",
            ["a", "b"],
            [b"a\r", you, b"\r\r"].concat(),
        ),
        (vec!["--fixed", "3"], b"abcdef", ["abc", "def"], [b"a", you].concat()),
        (vec!["--prefix", "1"], b"\x02ab\x01c", ["ab", "c"], [b"\x01a\x03", you, b"\x00"].concat()),
        (
            vec!["--prefix", "2", "--prefix-order", "little"],
            b"\x02\x00ab\x01\x00c",
            ["ab", "c"],
            [b"\x01\x00a\x03\x00", you, b"\x00\x00"].concat(),
        ),
        (
            vec!["--prefix", "2", "--prefix-self", "--prefix-offset", "1"],
            b"!\x00\x05ab!\x00\x04c",
            ["ab", "c"],
            [b"\x00\x00\x04a\x00\x00\x06", you, b"\x00\x00\x03"].concat(),
        ),
        (vec!["--framing", "length"], b"\x00\x00\x00\x02ab\x00\x00\x00\x01c", ["ab", "c"], {
            [b"\0\0\0\x01a\0\0\0\x03", you, b"\0\0\0\0"].concat()
        }),
    ] {
        let (ended, got) = talk(&arguments, &[said]);
        assert_eq!(texts(&ended), received, "{arguments:?}");
        assert_eq!(got, sent, "{arguments:?}");
    }
}

#[test]
fn a_pause_ends_a_message_where_that_was_asked_for() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json", "--framing", "quiet", "--quiet-ms", "300"]);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"one\ntwo").unwrap();
    let event = client.event("received");
    assert_eq!((text(&event, "text").as_str(), &event["ended"]), ("one\ntwo", &Value::Null));
    client.stop().with_status(0);
}

#[test]
fn a_tail_is_marked_and_so_is_what_goes_on_with_it() {
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json", "--quiet-ms", "50"]);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"hel").unwrap();
    let tail = client.event("received");
    assert_eq!((tail["ended"].as_str(), tail["continued"].as_bool()), (Some("quiet"), None));
    stream.write_all(b"lo\nlast").unwrap();
    let rest = client.event("received");
    assert_eq!((rest["ended"].as_str(), rest["continued"].as_bool()), (None, Some(true)));
    drop(stream);
    let ended = client.end();
    let last = ended.events("received").pop().unwrap();
    assert_eq!(text(&last, "text"), "last");
    assert!(matches!(last["ended"].as_str(), Some("quiet" | "end_of_stream")), "{last}");
    assert_eq!(last["continued"], Value::Null);
}

#[test]
fn bytes_that_are_no_text_are_told_as_hex() {
    let (ended, _) = talk(&[], &[b"ok\n\xff\x00\xe4\n"]);
    let events = ended.events("received");
    assert_eq!((events[0]["malformed"].as_bool(), events[0]["hex"].as_str()), (None, None));
    assert_eq!((events[1]["malformed"].as_bool(), events[1]["hex"].as_str()), (Some(true), Some("ff 00 e4")));
}

#[test]
fn a_message_too_long_to_be_held_is_marked_where_it_was_cut() {
    let long = vec![b'x'; 150_000];
    let (ended, _) = talk(&[], &[&long, b"\n"]);
    let events = ended.events("received");
    let marks: Vec<_> = events.iter().map(|event| (event["ended"].as_str(), event["continued"].as_bool())).collect();
    assert_eq!(marks, [(Some("cut"), None), (Some("cut"), Some(true)), (None, Some(true))]);
}

#[test]
fn a_length_that_does_not_fit_is_told_while_it_waits() {
    // Digits, taken for a length of 2 bytes; then the beginning of what would be a message.
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let mut client = sockhop(["connect", &address, "--json", "--prefix", "2"]);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"05hello").unwrap();
    let waiting = client.event("waiting");
    assert_eq!((waiting["came"].as_u64(), waiting["of"].as_u64()), (Some(5), Some(0x3035)));
    client.stop().with_status(0);
    let mut client = sockhop(["connect", &address, "--prefix", "2"]);
    let (mut stream, _) = host.accept().unwrap();
    stream.write_all(b"05hello").unwrap();
    client.line("waiting for 5 of 12341 bytes");
    stream.write_all(b"").unwrap();
    client.stop().with_status(0);
}
