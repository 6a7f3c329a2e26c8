//! What the system says of itself, against real sockets.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use sockhop::host::{
    AcceptQueue, Answer, Holder, Host, InterfaceKind, QUESTIONS_IN_FLIGHT, Question, SocketRow, TcpState, accept_queue,
    interfaces, sockets, system_backlog_cap, who_listens_on,
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

/// The row of the socket with these ends, or a failed test.
#[cfg(target_os = "linux")]
fn row(local: SocketAddr, remote: SocketAddr) -> Option<SocketRow> {
    let ports = BTreeSet::from([local.port(), remote.port()]);
    sockets(&ports).unwrap().rows.into_iter().find(|row| row.local == local && row.remote == remote)
}

/// What `ss -tan` says of the socket with these ends: state, receive queue, send queue.
#[cfg(target_os = "linux")]
fn told_by_ss(local: SocketAddr, remote: SocketAddr) -> Option<(String, u32, u32)> {
    let output = std::process::Command::new("ss").args(["-tanH"]).output().expect("ss, of iproute2");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let remote = remote.to_string();
    let remote = remote.strip_suffix(":0").map_or_else(|| remote.clone(), |ip| format!("{ip}:*"));
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (state, unread, unacknowledged) = (fields.next()?, fields.next()?, fields.next()?);
        let ends = (fields.next()? == local.to_string(), fields.next()? == remote);
        (ends == (true, true)).then(|| (state.to_owned(), unread.parse().unwrap(), unacknowledged.parse().unwrap()))
    })
}

#[cfg(target_os = "linux")]
fn name_in_ss(state: TcpState) -> &'static str {
    match state {
        TcpState::Closed => "UNCONN",
        TcpState::Listen => "LISTEN",
        TcpState::SynSent => "SYN-SENT",
        TcpState::SynReceived => "SYN-RECV",
        TcpState::Established => "ESTAB",
        TcpState::FinWait1 => "FIN-WAIT-1",
        TcpState::FinWait2 => "FIN-WAIT-2",
        TcpState::Closing => "CLOSING",
        TcpState::TimeWait => "TIME-WAIT",
        TcpState::CloseWait => "CLOSE-WAIT",
        TcpState::LastAck => "LAST-ACK",
    }
}

/// The table and `ss` say the same of this socket, once it is in that state; gives its row.
#[cfg(target_os = "linux")]
#[track_caller]
fn as_ss_says(local: SocketAddr, remote: SocketAddr, state: TcpState) -> SocketRow {
    let begun = Instant::now();
    let mut last = None;
    while begun.elapsed() < Duration::from_secs(10) {
        let (ours, ss) = (row(local, remote), told_by_ss(local, remote));
        if let (Some(ours), Some((name, unread, unacknowledged))) = (&ours, &ss)
            && ours.state == state
            && name == name_in_ss(state)
            && ours.unread == Some(*unread)
            // Of a listening socket, ss has the backlog there, which the table does not tell.
            && (state == TcpState::Listen || ours.unacknowledged == Some(*unacknowledged))
        {
            return ours.clone();
        }
        last = Some((ours, ss));
        thread::yield_now();
    }
    panic!("{state:?}: {last:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_socket_table_is_what_ss_says_from_listen_to_time_wait() {
    use std::{io::Write as _, net::Shutdown, os::fd::AsRawFd as _};

    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (listener, local, mut clients) = listener_with_waiting(address, 2);
        let nobody = SocketAddr::new(if local.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() }, 0);
        let mut client = clients.remove(0);
        let far = client.local_addr().unwrap();

        // Two wait; each is held by the kernel alone until it is accepted.
        let listening = as_ss_says(local, nobody, TcpState::Listen);
        assert_eq!(listening.unread, Some(2));
        assert_eq!(listening.holder, Holder::ThisProgram(Some(listener.as_raw_fd().into())));
        assert_eq!(as_ss_says(local, far, TcpState::Established).holder, Holder::Kernel);
        let (accepted, peer) = listener.accept().unwrap();
        assert_eq!(peer, far);
        assert_eq!(as_ss_says(local, nobody, TcpState::Listen).unread, Some(1));
        let held = Holder::ThisProgram(Some(accepted.as_raw_fd().into()));
        assert_eq!(as_ss_says(local, far, TcpState::Established).holder, held);

        // Unread bytes wait in one end's receive queue; what that has no room for, in the other's send queue.
        client.write_all(b"five!").unwrap();
        let begun = Instant::now();
        while as_ss_says(local, far, TcpState::Established).unread != Some(5) {
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
        client.set_nonblocking(true).unwrap();
        while client.write(&[0; 65536]).is_ok() {}
        assert!(as_ss_says(far, local, TcpState::Established).unacknowledged > Some(0));
        assert!(as_ss_says(local, far, TcpState::Established).unread > Some(5));

        // The other client closes in order, first.
        let second = clients.remove(0);
        let (ours, theirs) = (listener.accept().unwrap().0, second.local_addr().unwrap());
        second.shutdown(Shutdown::Write).unwrap();
        as_ss_says(theirs, local, TcpState::FinWait2);
        as_ss_says(local, theirs, TcpState::CloseWait);
        drop(ours);
        drop(second);
        let waiting = as_ss_says(theirs, local, TcpState::TimeWait);
        assert_eq!(waiting.holder, Holder::Kernel);
        assert_eq!((row(local, theirs), told_by_ss(local, theirs)), (None, None));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn watched_sockets_are_told_at_once_and_when_they_change_until_the_watch_ends() {
    let host = Host::start(|| ()).unwrap();
    let (listener, local, _clients) = listener_with_waiting("127.0.0.1:0", 1);
    let waiting = |answer: Answer| {
        let Answer::Sockets(Ok(table)) = answer else { panic!("{answer:?}") };
        let listening = table.rows.iter().find(|row| row.local == local && row.state == TcpState::Listen).unwrap();
        listening.unread
    };
    assert!(host.ask(Question::WatchSockets(Some(BTreeSet::from([local.port()])))));
    assert_eq!(waiting(answer(&host)), Some(1));
    let _accepted = listener.accept().unwrap();
    let begun = Instant::now();
    while waiting(answer(&host)) != Some(0) {
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    assert!(host.ask(Question::WatchSockets(None)));
    assert!(host.ask(Question::PortOwner(0)));
    while !matches!(answer(&host), Answer::PortOwner { .. }) {}
    let _late = TcpStream::connect(local).unwrap();
    thread::sleep(Duration::from_millis(600));
    assert_eq!(host.try_recv(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn very_many_sockets_are_listed_fast_enough_to_be_listed_four_times_a_second() {
    let (listener, local, clients) = listener_with_waiting("127.0.0.1:0", 0);
    drop(clients);
    let ends: Vec<_> = (0..400).map(|_| (TcpStream::connect(local).unwrap(), listener.accept().unwrap())).collect();
    let begun = Instant::now();
    let table = sockets(&BTreeSet::new()).unwrap();
    let took = begun.elapsed();
    assert!(table.rows.len() > 2 * ends.len(), "{}", table.rows.len());
    assert_eq!(table.left_out, 0);
    assert!(took < Duration::from_millis(250), "{took:?}");
}
