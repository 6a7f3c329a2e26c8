//! What the system says of itself, against real sockets.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use sockhop::host::{
    AcceptQueue, Answer, Host, InterfaceKind, QUESTIONS_IN_FLIGHT, Question, accept_queue, interfaces,
    system_backlog_cap, who_listens_on,
};

/// A listener, and as many connections to it that it does not accept.
fn listener_with_waiting(address: &str, waiting: usize) -> (TcpListener, SocketAddr, Vec<TcpStream>) {
    let listener = TcpListener::bind(address).unwrap();
    let local = listener.local_addr().unwrap();
    let clients = (0..waiting).map(|_| TcpStream::connect(local).unwrap()).collect();
    (listener, local, clients)
}

/// The next answer, or a failed test.
fn answer(host: &Host) -> Answer {
    let begun = Instant::now();
    loop {
        if let Some(answer) = host.try_recv() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no answer");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_loopback_is_among_the_interfaces() {
    let interfaces = interfaces().unwrap();
    let loopback = interfaces.iter().find(|interface| interface.address.to_string() == "127.0.0.1").unwrap();
    assert_eq!(loopback.kind, InterfaceKind::Loopback);
    assert!(interfaces.is_sorted_by_key(|interface| interface.kind));
}

#[test]
fn the_owner_of_our_listeners_port_is_this_process() {
    let (_listener, local, _) = listener_with_waiting("127.0.0.1:0", 0);
    assert_eq!(who_listens_on(local.port()).map(|owner| owner.pid), Some(std::process::id()));
}

#[test]
fn a_connection_does_not_own_its_local_port() {
    let (listener, _, clients) = listener_with_waiting("127.0.0.1:0", 1);
    let port = clients[0].local_addr().unwrap().port();
    drop(listener);
    assert_eq!(who_listens_on(port), None);
    assert_eq!(who_listens_on(0), None);
}

#[cfg(target_os = "linux")]
#[test]
fn connections_not_accepted_are_counted() {
    for address in ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0"] {
        let (listener, local, _clients) = listener_with_waiting(address, 3);
        assert_eq!(accept_queue(local), Some(AcceptQueue { waiting: 3 }), "{address}");
        let _accepted = listener.accept().unwrap();
        assert_eq!(accept_queue(local), Some(AcceptQueue { waiting: 2 }), "{address}");
        drop(listener);
        assert_eq!(accept_queue(local), None, "{address}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_backlog_has_a_cap() {
    assert!(system_backlog_cap().unwrap() >= 1);
}

#[test]
fn the_thread_answers_in_the_order_asked_and_wakes_for_each_answer() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&woken);
    let host = Host::start(move || _ = counted.fetch_add(1, Ordering::SeqCst)).unwrap();
    let (_listener, local, _clients) = listener_with_waiting("127.0.0.1:0", 2);
    assert!(host.ask(Question::AcceptQueue(local)));
    assert!(host.ask(Question::PortOwner(local.port())));
    assert!(host.ask(Question::Interfaces));
    assert_eq!(answer(&host), Answer::AcceptQueue { local, queue: accept_queue(local) });
    assert_eq!(answer(&host), Answer::PortOwner { port: local.port(), owner: who_listens_on(local.port()) });
    assert_eq!(answer(&host), Answer::Interfaces(interfaces()));
    drop(host);
    assert_eq!(woken.load(Ordering::SeqCst), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_watched_queue_is_told_at_once_and_when_it_changes_and_not_otherwise() {
    let host = Host::start(|| ()).unwrap();
    let (listener, local, _clients) = listener_with_waiting("127.0.0.1:0", 1);
    let told = |waiting| Answer::AcceptQueue { local, queue: Some(AcceptQueue { waiting }) };
    assert!(host.ask(Question::WatchAcceptQueue(Some(local))));
    assert_eq!(answer(&host), told(1));
    thread::sleep(Duration::from_millis(600));
    assert_eq!(host.try_recv(), None);
    let _accepted = listener.accept().unwrap();
    assert_eq!(answer(&host), told(0));
    assert!(host.ask(Question::WatchAcceptQueue(None)));
    assert!(host.ask(Question::Interfaces));
    answer(&host);
    let _late = TcpStream::connect(local).unwrap();
    thread::sleep(Duration::from_millis(600));
    assert_eq!(host.try_recv(), None);
}

#[test]
fn a_host_whose_answers_nobody_takes_says_no_in_the_end_and_ends_when_dropped() {
    let host = Host::start(|| ()).unwrap();
    let begun = Instant::now();
    while host.ask(Question::Interfaces) {
        assert!(begun.elapsed() < Duration::from_secs(10), "more than {QUESTIONS_IN_FLIGHT} questions wait");
    }
    let begun = Instant::now();
    drop(host);
    assert!(begun.elapsed() < Duration::from_secs(1));
}
