//! What the system says of itself, against real sockets.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(not(target_os = "linux"), allow(unused_imports, dead_code, reason = "some tests are of Linux alone"))]

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};
use sockhop::host::{
    AcceptQueue, Answer, Holder, Host, InterfaceKind, Pace, Ping, PingEnd, PingReport, QUESTIONS_IN_FLIGHT, Question,
    SocketRow, TRIES_AT_ONCE, TcpState, TimerKind, Tried, TryOutcome, Wanted, accept_queue, interfaces,
    listening_ports, sockets, system_backlog_cap, who_listens_on,
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

#[test]
fn our_listeners_are_among_the_ports_with_this_process_and_in_order() {
    let (_four, local_four, _) = listener_with_waiting("127.0.0.1:0", 0);
    let (_six, local_six, _) = listener_with_waiting("[::1]:0", 0);
    let ports = listening_ports().unwrap();
    for local in [local_four, local_six] {
        let found: Vec<_> = ports.iter().filter(|port| port.local == local).collect();
        assert_eq!(found.len(), 1, "{local}: {ports:?}");
        assert_eq!(found[0].owner.as_ref().map(|owner| owner.pid), Some(std::process::id()));
    }
    assert!(ports.is_sorted_by_key(|port| (port.local.port(), port.local.ip())));
}

#[test]
fn a_connection_is_not_among_the_ports() {
    let (_listener, _, clients) = listener_with_waiting("127.0.0.1:0", 1);
    let connected = clients[0].local_addr().unwrap();
    assert!(listening_ports().unwrap().iter().all(|port| port.local != connected));
}

/// Have that port tried, and what was found.
fn try_port(host: &Host, destination: &str, port: u16) -> Tried {
    assert!(host.ask(Question::TryPort { number: 7, destination: destination.parse().unwrap(), port }));
    let Answer::Tried { number: 7, tried } = answer(host) else { panic!("another answer") };
    tried
}

#[test]
fn a_port_refuses_until_somebody_listens_and_is_open_then() {
    let host = Host::start(|| ()).unwrap();
    for (destination, bound) in [("127.0.0.1", "127.0.0.1:0"), ("::1", "[::1]:0"), ("localhost", "127.0.0.1:0")] {
        // Bound from the beginning, so that no other test takes the port.
        let address: SocketAddr = bound.parse().unwrap();
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.bind(&address.into()).unwrap();
        let local = socket.local_addr().unwrap().as_socket().unwrap();
        let refused = try_port(&host, destination, local.port());
        let TryOutcome::Refused(error) = refused.outcome else { panic!("{destination}: {refused:?}") };
        assert_eq!(error.operation.name(), "connect");
        #[cfg(target_os = "linux")]
        assert_eq!(error.number, Some((111, "ECONNREFUSED")));
        socket.listen(1).unwrap();
        let open = try_port(&host, destination, local.port());
        assert_eq!((open.outcome, open.address), (TryOutcome::Open, Some(local)), "{destination}");
    }
}

#[test]
fn a_name_without_an_address_is_not_taken_for_a_closed_port() {
    let host = Host::start(|| ()).unwrap();
    let tried = try_port(&host, "nosuch.invalid", 80);
    assert!(matches!(tried.outcome, TryOutcome::NameNotFound(_)), "{tried:?}");
    assert_eq!(tried.address, None);
}

#[test]
fn each_of_many_tries_is_answered_and_no_more_are_under_way_than_the_limit() {
    let host = Host::start(|| ()).unwrap();
    let (_listener, local, _) = listener_with_waiting("127.0.0.1:0", 0);
    for number in 0..2 * TRIES_AT_ONCE as u64 {
        assert!(host.ask(Question::TryPort { number, destination: "127.0.0.1".parse().unwrap(), port: local.port() }));
    }
    let mut numbers = Vec::new();
    for _ in 0..2 * TRIES_AT_ONCE {
        let Answer::Tried { number, tried } = answer(&host) else { panic!("another answer") };
        assert!(matches!(tried.outcome, TryOutcome::Open | TryOutcome::Busy), "{tried:?}");
        numbers.push(number);
    }
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..2 * TRIES_AT_ONCE as u64));
}

/// One ping at a time: a zombie doesn't tell whose it was.
static PINGS: Mutex<()> = Mutex::new(());

/// The next report, or a failed test.
fn report(ping: &Ping) -> PingReport {
    let begun = Instant::now();
    loop {
        if let Some(report) = ping.try_recv() {
            return report;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no report");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Programs that were started with this argument, zombies of this process among them.
#[cfg(target_os = "linux")]
fn programs_with(argument: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        let line = read("cmdline").replace('\0', " ");
        let status = read("stat");
        let parent = status.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)).unwrap_or_default();
        let zombie = status.contains("(ping) Z") && parent == std::process::id().to_string();
        if zombie || line.split(' ').any(|part| part == argument) {
            found.push(format!("{status} {line}"));
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[test]
fn ping_is_answered_by_this_computer_and_nothing_is_left_of_it_when_dropped() {
    let _one = PINGS.lock().unwrap();
    // An address of its own, so that no other test's ping is taken for this one.
    let address = "127.0.0.71";
    let woken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&woken);
    let ping = Ping::start(address.parse().unwrap(), move || _ = counted.fetch_add(1, Ordering::SeqCst)).unwrap();
    for expected in 1..=2 {
        match report(&ping) {
            PingReport::Answer { number, took } => {
                assert_eq!(number, Some(expected));
                assert!(took < Duration::from_secs(1), "{took:?}");
            }
            PingReport::Ended(PingEnd::NoProgram) => {
                println!("skipped: there is no ping here; packaging/linux/packages.sh names its package");
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(woken.load(Ordering::SeqCst), 2);
    assert_eq!(programs_with(address).len(), 1);
    let begun = Instant::now();
    drop(ping);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(programs_with(address), Vec::<String>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn a_ping_dropped_at_once_leaves_nothing_either() {
    let _one = PINGS.lock().unwrap();
    let address = "127.0.0.72";
    for _ in 0..5 {
        drop(Ping::start(address.parse().unwrap(), || ()).unwrap());
        assert_eq!(programs_with(address), Vec::<String>::new());
    }
}

#[test]
fn pinging_a_name_without_an_address_says_so() {
    let _one = PINGS.lock().unwrap();
    let ping = Ping::start("nosuch.invalid".parse().unwrap(), || ()).unwrap();
    loop {
        match report(&ping) {
            PingReport::Trouble { .. } => {}
            PingReport::Ended(end) => {
                assert!(matches!(end, PingEnd::NameNotFound | PingEnd::NoProgram), "{end:?}");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The row of the socket with these ends, or a failed test.
#[cfg(target_os = "linux")]
fn row(local: SocketAddr, remote: SocketAddr) -> Option<SocketRow> {
    let ports = BTreeSet::from([local.port(), remote.port()]);
    sockets(&Wanted { ports, ..Wanted::default() })
        .unwrap()
        .rows
        .into_iter()
        .find(|row| row.local == local && row.remote == remote)
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
        let block = vec![0; 65536];
        while client.write(&block).is_ok() {}
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
    assert!(
        host.ask(Question::WatchSockets(Some(Wanted { ports: BTreeSet::from([local.port()]), ..Wanted::default() })))
    );
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
    let table = sockets(&Wanted::default()).unwrap();
    let took = begun.elapsed();
    assert!(table.rows.len() > 2 * ends.len(), "{}", table.rows.len());
    assert_eq!(table.left_out, 0);
    assert!(took < Duration::from_millis(250), "{took:?}");
}

/// Runs this very test once more, in a network of its own. False where that is not permitted, or it is that run.
#[cfg(target_os = "linux")]
fn runs_in_own_network(test: &str) -> bool {
    use std::process::Command;
    if std::env::var_os("SOCKHOP_TEST_IN_OWN_NETWORK").is_some() {
        return true;
    }
    let name = format!("sockhop-host-{}", std::process::id());
    if !Command::new("ip").args(["netns", "add", &name]).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: no network namespace can be made here");
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let mut within = Command::new("ip");
    within.args(["netns", "exec", &name]).arg(program).args([test, "--exact", "--nocapture"]);
    let status = within.env("SOCKHOP_TEST_IN_OWN_NETWORK", "1").status().unwrap();
    Command::new("ip").args(["netns", "delete", &name]).status().unwrap();
    assert!(status.success(), "it failed in a network of its own");
    false
}

#[cfg(target_os = "linux")]
#[test]
fn addresses_are_answered_anew_when_the_network_changes() {
    if !runs_in_own_network("addresses_are_answered_anew_when_the_network_changes") {
        return;
    }
    let ip = |arguments: &str| {
        let status = std::process::Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(status.success(), "{arguments}");
    };
    let addresses = |answer: Answer| match answer {
        Answer::Interfaces(Ok(all)) => all.into_iter().map(|one| one.address.to_string()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let host = Host::start(|| ()).unwrap();
    assert!(host.ask(Question::Interfaces));
    assert_eq!(addresses(answer(&host)), [""; 0]);
    ip("link set lo up");
    ip("link add wlp2s0 type veth peer name far");
    ip("link set far up");
    ip("link set wlp2s0 up");
    ip("address add 192.168.1.20/24 dev wlp2s0");
    while !addresses(answer(&host)).contains(&"192.168.1.20".to_owned()) {}
    ip("address delete 192.168.1.20/24 dev wlp2s0");
    while addresses(answer(&host)).contains(&"192.168.1.20".to_owned()) {}
}

/// CPU time of this process's thread of that name (`proc_pid_schedstat(5)`).
#[cfg(target_os = "linux")]
fn cpu_time_of(thread: &str) -> Duration {
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        if read("comm").trim() == thread {
            return Duration::from_nanos(read("schedstat").split(' ').next().unwrap().parse().unwrap());
        }
    }
    panic!("no thread {thread}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures; run alone"]
fn watching_a_hundred_connections_takes_less_than_a_hundredth_of_a_core() {
    let (listener, local, clients) = listener_with_waiting("127.0.0.1:0", 100);
    let _accepted: Vec<_> = (0..100).map(|_| listener.accept().unwrap()).collect();
    for pace in [Pace::Shown, Pace::Behind] {
        let host = Host::start(|| ()).unwrap();
        let wanted = Wanted { ports: [local.port()].into(), asked: [local.port()].into(), pace, after: None };
        assert!(host.ask(Question::WatchSockets(Some(wanted))));
        let Answer::Sockets(Ok(table)) = answer(&host) else { panic!() };
        assert!(table.rows.len() > 2 * clients.len());
        let (begun, before) = (Instant::now(), cpu_time_of("host"));
        thread::sleep(Duration::from_secs(20));
        let share = cpu_time_of("host").saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
        println!("{pace:?}: {:.3} % of a core", share * 100.0);
        assert!(share < 0.01, "{share}");
        drop(host);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_listener_says_its_backlog_and_time_wait_its_time() {
    use std::net::Shutdown;

    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(7).unwrap();
    let local = socket.local_addr().unwrap().as_socket().unwrap();
    let client = TcpStream::connect(local).unwrap();
    let far = client.local_addr().unwrap();
    let look = || sockets(&Wanted { ports: [local.port()].into(), ..Wanted::default() }).unwrap();
    let table = look();
    let listening = table.rows.iter().find(|row| row.state == TcpState::Listen && row.local == local).unwrap();
    assert_eq!((listening.backlog, listening.unread), (Some(7), Some(1)));
    // We close first: our end waits, for a minute from now on.
    let (accepted, _) = socket.accept().unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    drop(accepted);
    let begun = Instant::now();
    let timer = loop {
        let row = look().rows.into_iter().find(|row| row.local == far && row.state == TcpState::TimeWait);
        if let Some(row) = row {
            break row.timer.unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
    };
    assert_eq!(timer.kind, TimerKind::TimeWait);
    let left = timer.left(jiff::Timestamp::now());
    assert!((Duration::from_secs(50)..=Duration::from_secs(61)).contains(&left), "{left:?}");
}
