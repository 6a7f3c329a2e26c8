//! The work as Sockhop does it.

use std::{
    error::Error,
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sockhop::{
    chat::{ConversationOptions, Relay},
    core::{Core, Input, rules::Rules},
    net::{
        AutoReply, Command, ConnOptions, Event, EventKind, ListenOptions, ListenerId, MOST_CLIENTS, Net, Repeat,
        SocketCall,
    },
};

use crate::{
    Flood,
    clients::{Clients, Role},
    ids,
};

/// Longer than anything here may take.
const LIMIT: Duration = Duration::from_mins(1);

/// How the window is woken: at most so often (`request_repaint_after`).
const FRAME: Duration = Duration::from_millis(10);

fn listen(
    wake: impl Fn() + Send + 'static,
    conn: ConnOptions,
) -> Result<(Net, ListenerId, SocketAddr), Box<dyn Error>> {
    let net = Net::start(wake)?;
    let listener = ids::next_listener();
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let options =
        ListenOptions { backlog: crate::BACKLOG, max_clients: MOST_CLIENTS, conn, ..ListenOptions::new(address) };
    net.send(Command::Listen { listener, options })?;
    loop {
        if let EventKind::Listening { local, .. } = next(&net)?.kind {
            return Ok((net, listener, local));
        }
    }
}

fn next(net: &Net) -> io::Result<Event> {
    net.recv_timeout(LIMIT).ok_or_else(|| io::ErrorKind::TimedOut.into())
}

/// Answered in the loop; events are drained as the window drains them.
pub fn echo_in_the_loop(count: usize) -> Result<Vec<u64>, Box<dyn Error>> {
    let (wake, woken) = crossbeam_channel::bounded(1);
    let conn = ConnOptions { auto_reply: AutoReply::Echo, ..ConnOptions::default() };
    let wake = move || {
        // Full: it is told already.
        let _ = wake.try_send(());
    };
    let (net, _, at) = listen(wake, conn)?;
    let mut clients = Clients::start(Role::Ask(count), at)?;
    let mut over = false;
    while !over {
        woken.recv_timeout(LIMIT)?;
        thread::sleep(FRAME);
        while let Some(event) = net.try_recv() {
            over |= matches!(event.kind, EventKind::Closed { .. });
        }
    }
    let took = clients.told()?;
    clients.end()?;
    net.quit();
    Ok(took)
}

/// Answered by whoever receives the events.
pub fn echo_by_the_consumer(count: usize) -> Result<Vec<u64>, Box<dyn Error>> {
    let (net, _, at) = listen(|| (), ConnOptions::default())?;
    let mut clients = Clients::start(Role::Ask(count), at)?;
    loop {
        match next(&net)?.kind {
            EventKind::Received { conn, batch, .. } => {
                net.send(Command::Send { conn, message: ids::next_message(), bytes: batch.bytes })?;
            }
            EventKind::Closed { .. } => break,
            _ => {}
        }
    }
    let took = clients.told()?;
    clients.end()?;
    net.quit();
    Ok(took)
}

/// Cut into lines and consumed.
pub fn flood(bytes: usize, recv_size: usize) -> Result<Flood, Box<dyn Error>> {
    flood_with(bytes, ConnOptions { recv_size, ..ConnOptions::default() }, &Rules::default())
}

/// Cut into messages and consumed; each is held against these rules, which answer none of them.
pub fn flood_with(bytes: usize, options: ConnOptions, rules: &Rules) -> Result<Flood, Box<dyn Error>> {
    let (net, _, at) = listen(|| (), options)?;
    let manner = ConversationOptions::default();
    let clients = Clients::start(Role::Flood(bytes), at)?;
    let (mut received, mut lines) = (0, 0);
    let mut begun = None;
    loop {
        match next(&net)?.kind {
            EventKind::Received { batch, .. } => {
                begun.get_or_insert_with(Instant::now);
                let mut start = 0;
                for cut in &batch.cuts {
                    received += cut.end as usize - start;
                    start = cut.end as usize;
                    lines += 1;
                }
                assert_eq!(rules.answers(&batch, &manner, &manner).next(), None);
            }
            EventKind::Closed { .. } => break,
            _ => {}
        }
    }
    let took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
    clients.end()?;
    net.quit();
    Ok(Flood { bytes: received, lines, took })
}

/// A message every millisecond to a client that reads nothing of it: the time between each two that the kernel took, in
/// nanoseconds.
pub fn repeat(count: u64) -> Result<Vec<u64>, Box<dyn Error>> {
    let (net, _, at) = listen(|| (), ConnOptions::default())?;
    let mut clients = Clients::start(Role::Idle(1), at)?;
    let mut times = Vec::new();
    loop {
        match next(&net)?.kind {
            EventKind::Accepted { conn, .. } => {
                let messages = vec![(bytes::Bytes::from_static(b"T?\n"), Duration::from_millis(1))];
                net.send(Command::Repeat { conn, repeat: Repeat { messages, rounds: Some(count) } })?;
            }
            EventKind::Sent { .. } => times.push(Instant::now()),
            EventKind::RepeatEnded { .. } => break,
            _ => {}
        }
    }
    clients.told()?;
    net.quit();
    clients.end()?;
    Ok(times.windows(2).map(|pair| (pair[1] - pair[0]).as_nanos() as u64).collect())
}

/// Ten thousand clients.
pub struct Crowd {
    net: Net,
    clients: Clients,
    /// As the window keeps them.
    pub calls: Vec<SocketCall>,
}

impl Crowd {
    /// Accept them all. How long it took from the first to the last.
    pub fn gather(count: usize) -> Result<(Self, Duration), Box<dyn Error>> {
        let (net, _, at) = listen(|| (), ConnOptions::default())?;
        let mut clients = Clients::start(Role::Idle(count), at)?;
        let (mut accepted, mut begun, mut calls) = (0, Instant::now(), Vec::new());
        while accepted < count {
            match next(&net)?.kind {
                EventKind::Accepted { .. } => {
                    if accepted == 0 {
                        begun = Instant::now();
                    }
                    accepted += 1;
                }
                EventKind::Call(row) => calls.push(row),
                _ => {}
            }
        }
        let took = begun.elapsed();
        clients.told()?;
        Ok((Self { net, clients, calls }, took))
    }

    /// Send the same to everyone: from the command to the last one's event.
    pub fn tell(&mut self, bytes: &bytes::Bytes) -> Result<Duration, Box<dyn Error>> {
        let message = ids::next_message();
        let begun = Instant::now();
        self.net.send(Command::SendToAll { message, bytes: bytes.clone() })?;
        let (mut sent, mut expected) = (0, usize::MAX);
        while sent < expected {
            match next(&self.net)?.kind {
                EventKind::SendingToAll { clients, .. } => expected = clients,
                EventKind::Sent { .. } => sent += 1,
                _ => {}
            }
        }
        Ok(begun.elapsed())
    }

    pub fn disperse(self) -> io::Result<()> {
        self.net.quit();
        self.clients.end()
    }
}

/// A room of so many clients and one who speaks, decided by core.
pub struct Room {
    net: Net,
    core: Core,
    clients: Clients,
    speaker: TcpStream,
    others: usize,
}

impl Room {
    /// All of them have come.
    pub fn gather(others: usize) -> Result<Self, Box<dyn Error>> {
        let (net, _, at) = listen(|| (), ConnOptions::default())?;
        let mut core = Core::default();
        let _ = core.apply(Input::RelayChanged(Relay::Plain), Timestamp::now());
        let mut clients = Clients::start(Role::Idle(others), at)?;
        let speaker = TcpStream::connect(at)?;
        speaker.set_nodelay(true)?;
        while core.connected_clients() <= others {
            drop(core.apply(Input::Net(next(&net)?), Timestamp::now()));
        }
        clients.told()?;
        Ok(Self { net, core, clients, speaker, others })
    }

    /// One line: from the speaker's write until the kernel has taken it for everyone.
    pub fn relay(&mut self, line: &[u8]) -> Result<Duration, Box<dyn Error>> {
        let begun = Instant::now();
        self.speaker.write_all(line)?;
        self.speaker.write_all(b"\n")?;
        let mut sent = 0;
        while sent < self.others {
            let event = next(&self.net)?;
            sent += usize::from(matches!(event.kind, EventKind::Sent { .. }));
            for command in self.core.apply(Input::Net(event), Timestamp::now()).commands {
                self.net.send(command)?;
            }
        }
        Ok(begun.elapsed())
    }

    pub fn disperse(self) -> io::Result<()> {
        self.net.quit();
        self.clients.end()
    }
}
