//! A peer that does not read, one that floods, and a receiver that does not drain.

use std::{
    io::{ErrorKind, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use sockhop::net::{
    AutoReply, COMMANDS_IN_FLIGHT, Call, Cause, CloseReason, Command, ConnId, ConnOptions, EVENTS_IN_FLIGHT, EventKind,
    Net, QUEUE_LIMIT, SocketId, Urgency,
};

use crate::{
    ids,
    room::{LIMIT, Room, anywhere, moved, read, replying},
};

/// Write until nothing more goes in for a while. Bytes that went in.
fn stuff(stream: &mut TcpStream, bytes: &[u8]) -> usize {
    stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut written = 0;
    loop {
        match stream.write(&bytes[written % bytes.len()..]) {
            Ok(more) => written += more,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return written,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn what_comes_from_whom_nobody_looks_at_may_wait_until_much_of_it_does() {
    let (tell, told) = mpsc::channel();
    let mut room = Room::of(Net::start_unhurried(move |urgency| _ = tell.send(urgency)).unwrap());
    let (_, at) = room.listen();
    let (conn, mut in_sight) = room.guest(at);
    let (_, mut out_of_sight) = room.guest(at);
    room.ask(Command::InSight { conn: Some(conn) });
    // What was asked for is urgent, whomever it is about.
    let begin = |room: &mut Room| {
        room.catch_up();
        while room.net.try_recv().is_some() {}
        while told.try_recv().is_ok() {}
    };
    let next = || told.recv_timeout(LIMIT).unwrap();
    begin(&mut room);
    out_of_sight.write_all(b"hello\n").unwrap();
    assert_eq!(next(), Urgency::Soon);
    in_sight.write_all(b"hello\n").unwrap();
    assert_eq!(next(), Urgency::Now, "though nothing was taken since");
    begin(&mut room);
    room.ask(Command::Close { conn });
    assert_eq!(next(), Urgency::Now);

    begin(&mut room);
    room.net.hurry(true);
    out_of_sight.write_all(b"hello\n").unwrap();
    assert_eq!(next(), Urgency::Now);
    begin(&mut room);
    room.net.hurry(false);
    out_of_sight.write_all(&b"hello\n".repeat(128 * 1024)).unwrap();
    while next() != Urgency::Now {}
}

#[test]
fn who_does_not_read_fills_its_own_queue_and_nobody_elses() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (lazy, mut sleeper) = room.guest(at);
    let (keen, mut reader) = room.guest(at);
    let block = bytes::Bytes::from(vec![b'z'; 1024 * 1024]);
    let mut sending = Vec::new();
    let refused = loop {
        let message = room.send(lazy, block.clone());
        room.catch_up();
        if room.has_seen(|kind| matches!(kind, EventKind::SendFailed { message: id, .. } if *id == message)) {
            break message;
        }
        sending.push(message);
    };
    assert_eq!(room.send_failed(refused).cause(), Cause::NotReading);
    assert!(sending.len() >= QUEUE_LIMIT / block.len());

    // The other has all the room there is, also in a message to both.
    let message = ids::next_message();
    room.ask(Command::SendToAll { message, bytes: block.clone() });
    assert_eq!(read(&mut reader, block.len()), block);
    room.wait("Sent", |kind| {
        matches!(kind, EventKind::Sent { conn, message: id, .. } if *conn == keen && *id == message).then_some(())
    });
    assert_eq!(room.send_failed(message).cause(), Cause::NotReading);

    // And once it reads, everything that was not refused arrives.
    assert!(read(&mut sleeper, sending.len() * block.len()).iter().all(|byte| *byte == b'z'));
    for message in sending {
        room.sent(message);
    }
    let after = room.send(lazy, "awake\n");
    room.sent(after);
    assert_eq!(read(&mut sleeper, 6), b"awake\n");
}

#[test]
fn one_message_may_be_larger_than_the_queue() {
    let mut room = Room::new();
    let (conn, mut peer) = room.visit(ConnOptions::default());
    let bytes: Vec<u8> = (0..3 * QUEUE_LIMIT).map(|at| (at / 3) as u8).collect();
    let message = room.send(conn, bytes.clone());
    let reading = thread::spawn(move || read(&mut peer, 3 * QUEUE_LIMIT));
    assert_eq!(room.sent(message), bytes.len());
    assert!(reading.join().unwrap() == bytes);
    assert_eq!(moved(&room.rows(SocketId::Conn(conn))).1, bytes.len() as u64);
}

#[test]
fn a_flood_does_not_starve_the_others() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (flood, mut flooder) = room.guest(at);
    let (quiet, mut guest) = room.guest(at);
    room.ask(Command::SetOptions { conn: quiet, options: replying(AutoReply::Echo) });
    room.catch_up();
    let flooding = thread::spawn(move || {
        let lines = [b'f', b'\n'].repeat(32 * 1024);
        // Until our end is closed.
        while flooder.write_all(&lines).is_ok() {}
    });
    let asking = thread::spawn(move || {
        for _ in 0..200 {
            guest.write_all(b"still there?\n").unwrap();
            assert_eq!(read(&mut guest, 13), b"still there?\n");
        }
    });
    let mut flooded = 0;
    while !asking.is_finished() {
        if let Some(event) = room.net.recv_timeout(LIMIT)
            && let EventKind::Received { conn, batch, .. } = event.kind
            && conn == flood
        {
            flooded += batch.bytes.len();
        }
    }
    asking.join().unwrap();
    assert!(flooded > 1024 * 1024, "{flooded}");
    room.net.quit();
    flooding.join().unwrap();
}

#[test]
fn a_receiver_that_does_not_drain_slows_the_sender_and_loses_nothing() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut sender) = room.guest(at);
    let line = [b'x'; 39].iter().copied().chain([b'\n']).collect::<Vec<u8>>().repeat(1024);
    // Nobody drains now.
    let mut written = stuff(&mut sender, &line);
    assert!(written < 64 * 1024 * 1024, "{written}");
    let rest = line.len() - written % line.len();
    let sending = thread::spawn(move || {
        sender.set_write_timeout(None).unwrap();
        sender.write_all(&line[line.len() - rest..]).unwrap();
        sender.write_all(&line.repeat(1000)).unwrap();
    });
    written += rest + 1000 * 40 * 1024;

    let (mut lines, mut bytes, mut by_rows, mut last_end) = (0, 0, 0, 0);
    let (reason, bytes_in) = loop {
        match room.net.recv_timeout(LIMIT).unwrap().kind {
            EventKind::Received { batch, recv_ends, .. } => {
                lines += batch.cuts.len();
                bytes += batch.bytes.len();
                last_end = recv_ends.last().copied().unwrap_or(last_end);
            }
            EventKind::Call(row) => by_rows += moved(&[row]).0,
            EventKind::Closed { reason, bytes_in, .. } => break (reason, bytes_in),
            _ => {}
        }
    };
    sending.join().unwrap();
    assert_eq!(reason, CloseReason::Orderly);
    assert_eq!((bytes, lines), (written, written / 40));
    assert_eq!([by_rows, last_end, bytes_in], [written as u64; 3]);
    assert_eq!(conn, ConnId(1));
}

#[test]
fn a_connection_whose_reading_is_paused_slows_its_own_peer_and_no_other() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (paused, mut sender) = room.guest(at);
    let (other, mut guest) = room.guest(at);
    room.ask(Command::SetOptions { conn: other, options: replying(AutoReply::Echo) });
    sender.write_all(b"before\n").unwrap();
    assert_eq!(room.received(paused).0.bytes.as_ref(), b"before\n");

    room.ask(Command::PauseReading { conn: paused });
    room.catch_up();
    let line = [b'x'; 39].iter().copied().chain([b'\n']).collect::<Vec<u8>>().repeat(1024);
    let written = stuff(&mut sender, &line);
    assert!(written < 64 * 1024 * 1024, "{written}");
    for _ in 0..100 {
        guest.write_all(b"still there?\n").unwrap();
        assert_eq!(read(&mut guest, 13), b"still there?\n");
    }
    let message = room.send(paused, "and you?\n");
    room.sent(message);
    assert_eq!(read(&mut sender, 9), b"and you?\n");
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Received { conn, .. } if *conn == paused)));

    room.ask(Command::ResumeReading { conn: paused });
    let rest = line.len() - written % line.len();
    sender.set_write_timeout(Some(LIMIT)).unwrap();
    sender.write_all(&line[line.len() - rest..]).unwrap();
    drop(sender);
    let mut lines = 0;
    let bytes_in = loop {
        match room.net.recv_timeout(LIMIT).unwrap().kind {
            EventKind::Received { conn, batch, .. } if conn == paused => lines += batch.cuts.len(),
            EventKind::Closed { conn, bytes_in, .. } if conn == paused => break bytes_in,
            _ => {}
        }
    };
    assert_eq!((bytes_in, lines), ((7 + written + rest) as u64, (written + rest) / 40));
}

#[test]
fn the_end_of_a_paused_connection_comes_after_what_was_before_it() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (conn, mut peer) = room.guest(at);
    room.ask(Command::PauseReading { conn });
    room.catch_up();
    peer.write_all(b"last words\n").unwrap();
    drop(peer);
    let ended = |kind: &EventKind| matches!(kind, EventKind::PeerFinished { .. } | EventKind::Closed { .. });
    assert!(room.net.recv_timeout(Duration::from_millis(200)).is_none());
    assert!(!room.has_seen(ended));
    room.ask(Command::ResumeReading { conn });
    assert_eq!(room.received(conn).0.bytes.as_ref(), b"last words\n");
    assert_eq!(room.closed(conn), CloseReason::Orderly);
}

#[test]
fn a_paused_connection_can_be_closed_and_its_failing_is_found_by_sending() {
    let mut room = Room::new();
    let (_, at) = room.listen();
    let (closed, mut left) = room.guest(at);
    let (broken, lost) = room.guest(at);
    room.ask(Command::PauseReading { conn: closed });
    room.ask(Command::PauseReading { conn: broken });
    room.catch_up();
    left.write_all(b"unread\n").unwrap();
    room.ask(Command::Close { conn: closed });
    assert_eq!(room.closed(closed), CloseReason::ByUs);
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Received { .. })));

    socket2::SockRef::from(&lost).set_linger(Some(Duration::ZERO)).unwrap();
    drop(lost);
    // The one that finds it out waits for the end, which is not read yet. Those after it fail at once.
    let refused = loop {
        let message = room.send(broken, "anybody?\n");
        room.catch_up();
        if room.has_seen(|kind| matches!(kind, EventKind::SendFailed { message: id, .. } if *id == message)) {
            break message;
        }
        thread::yield_now();
    };
    assert_eq!(room.send_failed(refused).cause(), Cause::Reset);
    assert!(!room.has_seen(|kind| matches!(kind, EventKind::Closed { .. })));
    room.ask(Command::ResumeReading { conn: broken });
    assert!(matches!(room.closed(broken), CloseReason::Failed(error) if error.cause() == Cause::Reset));
}

#[test]
fn many_small_events_are_bounded_by_their_number() {
    const LINES: usize = 300_000;
    let mut room = Room::new();
    let (_, at) = room.listen_for(ConnOptions { recv_size: 1, ..ConnOptions::default() });
    let (_, mut sender) = room.guest(at);
    // Two events for each turn of a few bytes: the events run out long before the bytes in flight do.
    sender.write_all(&vec![b'\n'; LINES]).unwrap();
    drop(sender);
    let (mut lines, mut recvs) = (0, 0);
    while let Some(event) = room.net.recv_timeout(LIMIT) {
        match event.kind {
            EventKind::Received { batch, .. } => lines += batch.cuts.len(),
            EventKind::Call(row) if row.call == Call::Recv(1) => recvs += row.count as usize,
            EventKind::Closed { .. } => break,
            _ => {}
        }
    }
    // And the one that told of the end.
    assert_eq!((lines, recvs), (LINES, LINES + 1));
}

#[test]
fn a_peer_that_does_not_read_its_replies_is_not_read_from() {
    let mut room = Room::new();
    let reply = bytes::Bytes::from(vec![b'r'; 10_000]);
    let (_, at) = room.listen_for(replying(AutoReply::Fixed(reply.clone())));
    let (conn, mut asker) = room.guest(at);
    // Each byte asks for ten thousand.
    let draining = thread::spawn(move || {
        let deadline = std::time::Instant::now() + Duration::from_secs(1);
        let mut failed = 0;
        while std::time::Instant::now() < deadline {
            let event = room.net.recv_timeout(Duration::from_millis(50));
            failed += usize::from(event.is_some_and(|event| matches!(event.kind, EventKind::SendFailed { .. })));
        }
        (room, failed)
    });
    asker.write_all(&[b'\n'; 5000]).unwrap();
    let (room, failed) = draining.join().unwrap();
    assert_eq!(failed, 0);
    let reading = thread::spawn(move || {
        let replies = read(&mut asker, 5000 * 10_000);
        asker.shutdown(std::net::Shutdown::Write).unwrap();
        replies.len()
    });
    let mut last = None;
    while let Some(event) = room.net.recv_timeout(LIMIT) {
        match event.kind {
            EventKind::SendFailed { error, .. } => panic!("{error}"),
            EventKind::Closed { conn: id, reason, bytes_in, bytes_out } if id == conn => {
                last = Some((reason, bytes_in, bytes_out));
                break;
            }
            _ => {}
        }
    }
    assert_eq!(reading.join().unwrap(), 50_000_000);
    assert_eq!(last, Some((CloseReason::Orderly, 5000, 50_000_000)));
}

#[test]
fn too_many_commands_come_back_and_the_others_are_carried_out() {
    let room = Room::new();
    let mut given = 0;
    // Each is answered by an event that nobody takes.
    let back = loop {
        let message = ids::next_message();
        match room.net.send(Command::Send { conn: ConnId(7), message, bytes: "?".into() }) {
            Ok(()) => given += 1,
            Err(busy) if given > 2 * EVENTS_IN_FLIGHT + COMMANDS_IN_FLIGHT / 2 => break busy.command,
            Err(_) => thread::yield_now(),
        }
    };
    assert!(matches!(*back, Command::Send { conn: ConnId(7), .. }));
    let mut failed = 0;
    while failed < given {
        let event = room.net.recv_timeout(LIMIT).unwrap();
        failed += usize::from(matches!(event.kind, EventKind::SendFailed { .. }));
    }
    assert!(room.net.try_recv().is_none());
    // Quitting gets through whatever else waits.
    room.net.quit();
}

#[test]
fn the_receiver_is_woken_once_until_it_has_drained() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let net = Net::start(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    let host = TcpListener::bind(anywhere()).unwrap();
    let (conn, port) = (ids::next_conn(), host.local_addr().unwrap().port());
    let options = ConnOptions::default();
    net.send(Command::Connect { conn, host: "127.0.0.1".to_owned(), port, options }).unwrap();
    let mut peer = host.accept().unwrap().0;
    while !matches!(net.recv_timeout(LIMIT).unwrap().kind, EventKind::Connected { .. }) {}
    while net.try_recv().is_some() {}

    for _ in 0..3 {
        let before = woken.load(Ordering::SeqCst);
        // What the peer reads was sent in turns that are over, except for the last ones.
        for _ in 0..200 {
            net.send(Command::Send { conn, message: ids::next_message(), bytes: "?".into() }).unwrap();
            read(&mut peer, 1);
        }
        // At most one, and one that was on its way when the queue was drained before.
        assert!(woken.load(Ordering::SeqCst) - before <= 2);
        // A call and its message each.
        let mut left = 400;
        while left > 0 {
            // When the other machine has them is asked from time to time.
            left -= i32::from(!matches!(net.recv_timeout(LIMIT).unwrap().kind, EventKind::Acknowledged { .. }));
        }
        assert!(woken.load(Ordering::SeqCst) > before);
        while let Some(event) = net.try_recv() {
            assert!(matches!(event.kind, EventKind::Acknowledged { .. }), "{event:?}");
        }
    }
    net.quit();
}
