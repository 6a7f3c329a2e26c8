//! Beginners' mistakes on another machine, made of network namespaces: there less is known, and less is said.

use std::{io::Write as _, thread, time::Duration};

use crate::{
    network::Namespace,
    process::{Process, text},
};

/// Two machines on one cable, and a server with this mistake on the far one.
struct Far {
    near: Namespace,
    away: Namespace,
    server: Process,
}

impl Far {
    fn new(mistake: &str) -> Option<Self> {
        let (near, far) = (Namespace::new()?, Namespace::new()?);
        near.cable_to(&far, ["10.9.0.1/24", "10.9.0.2/24"]);
        let mut server = far.python("mistakes.py", &[mistake, "10.9.0.2", "9999"]);
        server.line("listening on");
        Some(Self { near, away: far, server })
    }

    fn connect(&self) -> Process {
        let mut ours = self.near.sockhop(&["connect", "10.9.0.2:9999", "--json", "--line-ending", "none"]);
        ours.event("connected");
        ours
    }
}

#[test]
fn of_another_machine_is_said_what_its_kernel_says_and_no_more() {
    // Its program has read the end, or has not: nobody here can know.
    let Some(far) = Far::new("ignores_the_end") else { return };
    let mut ours = far.connect();
    ours.write("one");
    ours.end_input();
    let event = ours.event("diagnosis");
    assert_eq!(event["kind"], "end_not_noticed");
    let message = text(&event, "message");
    assert!(message.contains("its kernel has acknowledged this end’s FIN") && !message.contains("python"), "{message}");
    drop(far.away);
}

#[test]
fn of_another_machine_that_does_not_accept_nothing_is_said() {
    let Some(far) = Far::new("never_accepts") else { return };
    let mut ours = far.connect();
    ours.write("hello");
    ours.event("acknowledged");
    // Longer than all that could be said is waited for.
    thread::sleep(Duration::from_secs(7));
    let ended = ours.stop();
    assert_eq!(ended.events("diagnosis"), [] as [serde_json::Value; 0]);
}

#[test]
fn of_another_machine_that_does_not_read_a_window_of_zero_is_its_own_word() {
    let Some(mut far) = Far::new("never_reads") else { return };
    let mut ours = far.connect();
    far.server.line("accepted");
    let mut input = ours.take_stdin();
    // It takes no more once its own queue is full, and ends with the test.
    let line = "x".repeat(60_000);
    thread::spawn(move || while writeln!(input, "{line}").is_ok() {});
    let event = ours.event("diagnosis");
    assert_eq!((event["kind"].as_str(), event["holds"].as_bool()), (Some("no_room"), Some(true)));
    let message = text(&event, "message");
    assert!(message.contains("receive window is 0") && !message.contains("python"), "{message}");
}

#[test]
fn of_another_machine_that_refuses_or_does_not_answer_no_program_here_is_named() {
    let Some(far) = Far::new("never_accepts") else { return };
    // A program here listens on that port; it was not asked.
    let mut here = far.near.python("mistakes.py", &["never_accepts", "127.0.0.1", "9998"]);
    here.line("listening on");
    let ended = far.near.sockhop(&["connect", "10.9.0.2:9998", "--json"]).end().with_status(1);
    assert_eq!(ended.events("diagnosis"), [] as [serde_json::Value; 0]);
    assert!(!ended.errors.contains("python"), "{}", ended.errors);
    // What comes from here is dropped: no packet is answered.
    far.away.ip("route add blackhole 10.9.0.1/32");
    let ended = far.near.sockhop(&["connect", "10.9.0.2:9999", "--json"]).end().with_status(1);
    assert_eq!(ended.events("diagnosis"), [] as [serde_json::Value; 0]);
    for part in ["firewall", "accept queue is full", "ping"] {
        assert!(ended.errors.contains(part), "no {part:?} in {}", ended.errors);
    }
}

#[test]
fn without_ipv6_what_is_known_of_ipv4_is_said_all_the_same() {
    let Some(network) = Namespace::new() else { return };
    network.sysctl("net.ipv6.conf.all.disable_ipv6=1");
    let mut server = network.python("mistakes.py", &["never_accepts", "127.0.0.1", "9999"]);
    server.line("listening on");
    let mut ours = network.sockhop(&["connect", "127.0.0.1:9999", "--json"]);
    let event = ours.event("diagnosis");
    assert_eq!(event["kind"], "not_accepted");
    let message = text(&event, "message");
    assert!(message.contains("(1 / 5)") && message.contains("python3"), "{message}");
}
