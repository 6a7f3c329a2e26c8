//! What is told to programs and to people.

use super::*;
use crate::{i18n, settings::Language};

fn told(form: Form, told: &Told<'_>) -> String {
    let mut out = Vec::new();
    let mut report = Report::new(&mut out, form);
    report.zone = TimeZone::UTC;
    report.tell(&i18n::words(Language::English), Timestamp::UNIX_EPOCH, told).expect("a Vec takes all");
    String::from_utf8(out).expect("UTF-8")
}

fn received(conn: ConnId, text: &str, bytes: usize, peer: SocketAddr) -> Told<'_> {
    Told::Received { conn, peer, message: Message { text, bytes, ..Message::default() } }
}

#[test]
fn what_is_no_text_is_hex_and_what_has_not_ended_is_marked() {
    let peer = "127.0.0.1:5".parse().expect("an address");
    let message = Message {
        text: "\u{fffd}a",
        bytes: 2,
        malformed: true,
        hex: b"\xffa",
        ended: Some(Unended::Quiet),
        continued: true,
    };
    let one = Told::Received { conn: ConnId(1), peer, message };
    let line = told(Form::Json, &one);
    assert!(line.contains(r#""bytes":2,"malformed":true,"hex":"ff 61","ended":"quiet","continued":true"#), "{line}");
    assert_eq!(told(Form::Plain, &one), "00:00:00 ← 127.0.0.1:5  … ff 61 (2 bytes in hex) …\n");
    assert_eq!(told(Form::Raw, &one), "");
}

#[test]
fn past_midnight_the_new_day_is_told_once() {
    let mut out = Vec::new();
    let mut report = Report::new(&mut out, Form::Plain);
    report.zone = TimeZone::UTC;
    let words = i18n::words(Language::English);
    let (peer, day) = ("127.0.0.1:5".parse().expect("an address"), 24 * 3600);
    for second in [day - 1, day, day + 1, 3 * day] {
        let at = Timestamp::from_second(second).expect("a time");
        report.tell(&words, at, &received(ConnId(1), "a", 1, peer)).expect("a Vec takes all");
    }
    let lines = String::from_utf8(out).expect("UTF-8");
    let lines: Vec<&str> = lines.lines().map(|line| line.split(" ← ").next().unwrap_or_default()).collect();
    assert_eq!(lines, ["23:59:59", "── 2 January 1970 ──", "00:00:00", "00:00:01", "── 4 January 1970 ──", "00:00:00"]);
}

#[test]
fn json_is_one_object_a_line_with_addresses_as_text() {
    let peer = "[::1]:5".parse().expect("an address");
    let line = told(Form::Json, &received(ConnId::accepted(3), "a\n\"b", 5, peer));
    assert_eq!(
        line,
        "{\"event\":\"received\",\"conn\":3,\"peer\":\"[::1]:5\",\"text\":\"a\\n\\\"b\",\"bytes\":5,\
         \"at\":\"1970-01-01T00:00:00Z\"}\n"
    );
    let moved = Moved { bytes_in: 1, bytes_out: 2, messages_in: 3, messages_out: 4 };
    let line = told(Form::Json, &Told::Stopped { clients: 5, end: End::Server, moved });
    assert!(line.starts_with("{\"event\":\"stopped\",\"clients\":5,\"bytes_in\":1,\"bytes_out\":2,"), "{line}");
}

#[test]
fn a_message_in_json_does_not_command_the_terminal_either() {
    let peer = "127.0.0.1:5".parse().expect("an address");
    let text = "\u{9b}6n\u{202e}\u{e0041}\u{7f}";
    let line = told(Form::Json, &received(ConnId(1), text, 3, peer));
    assert!(line.contains(r#""text":"\u009b6n\u202e\udb40\udc41\u007f""#), "{line}");
}

#[test]
fn a_message_does_not_command_the_terminal() {
    let peer = "127.0.0.1:5".parse().expect("an address");
    let line = told(Form::Plain, &received(ConnId(1), "\u{1b}c\n", 3, peer));
    assert_eq!(line, "00:00:00 ← 127.0.0.1:5  ␛c␊\n");
}
