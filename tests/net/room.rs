//! A `Net` with its events kept, and the words the tests use for what they do.

use std::{
    fmt::Write as _,
    io::Read as _,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use sockhop::{
    net::{
        AutoReply, Call, CloseReason, Command, ConnId, ConnOptions, EventKind, ListenOptions, ListenerId, MessageId,
        Net, NetError, Outcome, SocketCall, SocketId,
    },
    wire::{Batch, Cut, Framing},
};

use crate::ids;

/// Longer than anything here takes on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Any free port of this computer.
pub fn anywhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// A `Net`, and every event it reported that no [`Room::wait`] has taken yet.
pub struct Room {
    pub net: Net,
    seen: Vec<EventKind>,
    rows: Vec<SocketCall>,
}

impl Room {
    pub fn new() -> Self {
        Self::of(Net::start(|| ()).unwrap())
    }

    pub fn of(net: Net) -> Self {
        Self { net, seen: Vec::new(), rows: Vec::new() }
    }

    pub fn ask(&self, command: Command) {
        self.net.send(command).unwrap();
    }

    fn keep(&mut self, kind: EventKind) {
        match kind {
            EventKind::Call(row) => self.rows.push(row),
            kind => self.seen.push(kind),
        }
    }

    /// The first event that `pick` picks, whether it came already or is still to come.
    pub fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(&EventKind) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        let mut looked = 0;
        loop {
            while let Some(kind) = self.seen.get(looked) {
                if let Some(picked) = pick(kind) {
                    self.seen.remove(looked);
                    return picked;
                }
                looked += 1;
            }
            match self.net.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Some(event) => self.keep(event.kind),
                None => panic!("no {what} in time, but:\n{}", self.story()),
            }
        }
    }

    fn story(&self) -> String {
        let mut story = String::new();
        for kind in self.seen.iter().rev().take(40).rev() {
            let mut line = format!("{kind:?}");
            line.truncate(300);
            writeln!(story, "{line}").unwrap();
        }
        story
    }

    /// Whether such an event has come, among all that came up to now.
    pub fn has_seen(&mut self, pick: impl Fn(&EventKind) -> bool) -> bool {
        while let Some(event) = self.net.try_recv() {
            self.keep(event.kind);
        }
        self.seen.iter().any(pick)
    }

    /// Wait until the thread has carried out every command given so far.
    pub fn catch_up(&mut self) {
        let (conn, marker) = (ConnId(u64::MAX / 4), ids::next_message());
        self.ask(Command::Send { conn, message: marker, bytes: "".into() });
        self.wait("marker", |kind| {
            matches!(kind, EventKind::SendFailed { message, .. } if *message == marker).then_some(())
        });
    }

    /// The rows of a socket so far.
    pub fn rows(&self, socket: SocketId) -> Vec<SocketCall> {
        self.rows.iter().filter(|row| row.socket == socket).copied().collect()
    }

    /// The names of the calls on a socket so far.
    pub fn calls(&self, socket: SocketId) -> Vec<&'static str> {
        self.rows(socket).iter().map(|row| row.call.name()).collect()
    }

    pub fn listen_with(&mut self, options: ListenOptions) -> (ListenerId, SocketAddr) {
        let listener = ids::next_listener();
        self.ask(Command::Listen { listener, options });
        (listener, self.listening(listener))
    }

    pub fn listen(&mut self) -> (ListenerId, SocketAddr) {
        self.listen_with(ListenOptions::new(anywhere()))
    }

    pub fn listen_for(&mut self, conn: ConnOptions) -> (ListenerId, SocketAddr) {
        self.listen_with(ListenOptions { conn, ..ListenOptions::new(anywhere()) })
    }

    pub fn listening(&mut self, id: ListenerId) -> SocketAddr {
        self.wait("Listening", |kind| match kind {
            EventKind::Listening { listener, local, .. } if *listener == id => Some(*local),
            _ => None,
        })
    }

    pub fn listen_failed(&mut self, id: ListenerId) -> NetError {
        self.wait("ListenFailed", |kind| match kind {
            EventKind::ListenFailed { listener, error } if *listener == id => Some(error.clone()),
            _ => None,
        })
    }

    pub fn step_failed(&mut self, id: SocketId) -> NetError {
        self.wait("StepFailed", |kind| match kind {
            EventKind::StepFailed { socket, error } if *socket == id => Some(error.clone()),
            _ => None,
        })
    }

    /// The call in which a step waits.
    pub fn step_waiting(&mut self, id: SocketId) -> Call {
        self.wait("StepWaiting", |kind| match kind {
            EventKind::StepWaiting { socket, call } if *socket == id => Some(*call),
            _ => None,
        })
    }

    /// Wait until so many calls were made on a socket.
    pub fn until_calls(&mut self, id: SocketId, count: usize) {
        let deadline = Instant::now() + LIMIT;
        while self.calls(id).len() < count {
            match self.net.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Some(event) => self.keep(event.kind),
                None => panic!("only {:?} in time", self.calls(id)),
            }
        }
    }

    /// The next client: its connection, its address, and ours.
    pub fn accepted(&mut self) -> (ConnId, SocketAddr, SocketAddr) {
        self.wait("Accepted", |kind| match kind {
            EventKind::Accepted { conn, peer, local, .. } => Some((*conn, *peer, *local)),
            _ => None,
        })
    }

    /// A plain socket that was accepted by `at`.
    pub fn guest(&mut self, at: SocketAddr) -> (ConnId, TcpStream) {
        let stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        let local = stream.local_addr().unwrap();
        let conn = self.wait("Accepted", |kind| match kind {
            EventKind::Accepted { conn, peer, .. } if *peer == local => Some(*conn),
            _ => None,
        });
        (conn, stream)
    }

    /// Ask for a connection.
    pub fn connect(&mut self, host: &str, port: u16) -> ConnId {
        let conn = ids::next_conn();
        let options = ConnOptions::default();
        self.ask(Command::Connect { conn, host: host.to_owned(), port, options });
        conn
    }

    pub fn connected(&mut self, id: ConnId) -> (SocketAddr, SocketAddr) {
        self.wait("Connected", |kind| match kind {
            EventKind::Connected { conn, peer, local } if *conn == id => Some((*peer, *local)),
            _ => None,
        })
    }

    pub fn connect_failed(&mut self, id: ConnId) -> NetError {
        self.wait("ConnectFailed", |kind| match kind {
            EventKind::ConnectFailed { conn, error } if *conn == id => Some(error.clone()),
            _ => None,
        })
    }

    /// A connection made by us to a plain socket.
    pub fn visit(&mut self, options: ConnOptions) -> (ConnId, TcpStream) {
        let host = TcpListener::bind(anywhere()).unwrap();
        let conn = ids::next_conn();
        let port = host.local_addr().unwrap().port();
        self.ask(Command::Connect { conn, host: "127.0.0.1".to_owned(), port, options });
        let stream = host.accept().unwrap().0;
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        self.connected(conn);
        (conn, stream)
    }

    pub fn send(&self, conn: ConnId, bytes: impl Into<bytes::Bytes>) -> MessageId {
        let message = ids::next_message();
        self.ask(Command::Send { conn, message, bytes: bytes.into() });
        message
    }

    pub fn sent(&mut self, id: MessageId) -> usize {
        self.wait("Sent", |kind| match kind {
            EventKind::Sent { message, bytes, .. } if *message == id => Some(*bytes),
            EventKind::SendFailed { message, error, .. } if *message == id => panic!("{error}"),
            _ => None,
        })
    }

    pub fn send_failed(&mut self, id: MessageId) -> NetError {
        self.wait("SendFailed", |kind| match kind {
            EventKind::SendFailed { message, error, .. } if *message == id => Some(error.clone()),
            EventKind::Sent { message, .. } if *message == id => panic!("sent"),
            _ => None,
        })
    }

    pub fn received(&mut self, id: ConnId) -> (Batch, Vec<u64>) {
        self.wait("Received", |kind| match kind {
            EventKind::Received { conn, batch, recv_ends } if *conn == id => Some((batch.clone(), recv_ends.clone())),
            _ => None,
        })
    }

    /// One message, of those that come each in an event of its own.
    pub fn message(&mut self, id: ConnId) -> (Vec<u8>, Cut) {
        let (batch, _) = self.received(id);
        assert_eq!(batch.cuts.len(), 1, "{batch:?}");
        (batch.bytes.to_vec(), batch.cuts[0])
    }

    pub fn peer_finished(&mut self, id: ConnId) {
        self.wait("PeerFinished", |kind| matches!(kind, EventKind::PeerFinished { conn } if *conn == id).then_some(()));
    }

    pub fn closed(&mut self, id: ConnId) -> CloseReason {
        self.closed_with(id).0
    }

    /// Why it closed, bytes in, bytes out.
    pub fn closed_with(&mut self, id: ConnId) -> (CloseReason, u64, u64) {
        self.wait("Closed", |kind| match kind {
            EventKind::Closed { conn, reason, bytes_in, bytes_out } if *conn == id => {
                Some((reason.clone(), *bytes_in, *bytes_out))
            }
            _ => None,
        })
    }
}

/// Exactly so many bytes from a plain socket.
pub fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    stream.read_exact(&mut read).unwrap();
    read
}

pub fn replying(auto_reply: AutoReply) -> ConnOptions {
    ConnOptions { auto_reply, ..ConnOptions::default() }
}

pub fn framed(framing: Framing) -> ConnOptions {
    ConnOptions { framing, ..ConnOptions::default() }
}

/// Bytes moved by the `recv` rows, and by the `send` rows.
pub fn moved(rows: &[SocketCall]) -> (u64, u64) {
    rows.iter().fold((0, 0), |(received, sent), row| match (row.call, row.outcome) {
        (Call::Recv(_), Outcome::Bytes(bytes)) => (received + bytes, sent),
        (Call::Send(_), Outcome::Bytes(bytes)) => (received, sent + bytes),
        _ => (received, sent),
    })
}
