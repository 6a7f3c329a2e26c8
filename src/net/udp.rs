//! A UDP socket: what each address sends it, and what is sent to each.

mod drops;
mod opening;
mod receiving;
mod stepped;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use bytes::Bytes;
use mio::{Interest, Token, net::UdpSocket};
use socket2::{InterfaceIndexOrAddress, SockRef};

use super::{
    AutoReply, Call, CallKind, CloseReason, ConnId, Errno, EventKind, Group, Limit, MessageId, NetError, Outcome,
    QUEUE_LIMIT, Reason, SocketId, SocketOption, Target,
    call_run::FOLD_ABOVE,
    connection::IoContext,
    event_queue::{EventSender, SocketLabel},
    largest_datagram, socket,
};
use drops::Drops;
pub(super) use opening::Plan;
use stepped::Requested;

/// Datagrams received, or sent, before it is another socket's turn.
const CALLS_A_TURN: usize = 64;

/// What a datagram takes of [`QUEUE_LIMIT`] besides its bytes: one may have none.
const AROUND_A_DATAGRAM: usize = 64;

/// After a datagram, how long until the system is asked how many it had no room for.
const DROPS_ASKED: Duration = Duration::from_secs(1);

/// A UDP socket, and the addresses that it knows.
#[derive(Debug)]
pub(super) struct UdpEndpoint {
    socket: UdpSocket,
    label: SocketLabel,
    token: Token,
    /// As `getsockname` returned it, once the socket has a port.
    local: Option<SocketAddr>,
    /// How it is opened.
    plan: Plan,
    /// `SO_REUSEADDR` is set.
    reused: bool,
    /// `bind` has succeeded.
    bound: bool,
    /// The group that it is in.
    group: Option<Group>,
    /// It makes a call only as a step: what steps have asked for.
    stepped: Option<Requested>,
    /// Whom it was opened to send to: never let go.
    target: Option<SocketAddr>,
    most_peers: usize,
    peers: HashMap<SocketAddr, Peer>,
    by_conn: HashMap<ConnId, SocketAddr>,
    /// What later addresses are answered.
    pub(super) auto_reply: AutoReply,
    queue: VecDeque<Outgoing>,
    queued_bytes: usize,
    readable: bool,
    blocked: bool,
    watching_room: bool,
    /// Conversations whose taker is full: nothing is read as long as there is one.
    paused: BTreeSet<ConnId>,
    ready_since: Instant,
    drops: Drops,
    /// When the timer for the drops goes off, if one is set.
    pub(super) timer: Option<Instant>,
    /// It is in the loop's queue of those to serve.
    pub(super) in_ready: bool,
    /// It is in the loop's queue of those to serve once the receiver has drained.
    pub(super) in_parked: bool,
}

/// An address that sent something, or is sent something.
#[derive(Debug)]
struct Peer {
    conn: ConnId,
    auto_reply: AutoReply,
    /// When it was heard last, or its conversation began.
    heard: Instant,
    bytes_in: u64,
    bytes_out: u64,
}

/// A datagram on its way to the kernel.
#[derive(Debug)]
struct Outgoing {
    conn: ConnId,
    to: SocketAddr,
    message: MessageId,
    bytes: Bytes,
    since: Instant,
}

/// A call that has returned, until the turn is over.
struct Returned {
    call: Call,
    outcome: Outcome,
    waited: Duration,
    at: Instant,
}

/// What a turn began and ended: conversations that the loop is to know of.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) begun: Vec<ConnId>,
    pub(super) over: Vec<ConnId>,
}

impl UdpEndpoint {
    /// Whom it was opened to send to.
    pub(super) fn target(&self) -> Option<SocketAddr> {
        self.target
    }

    /// Its own address, once it has a port.
    pub(super) fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    /// The conversations over it.
    pub(super) fn conns(&self) -> impl ExactSizeIterator<Item = ConnId> {
        self.by_conn.keys().copied()
    }

    /// The poll reports something of this socket.
    pub(super) fn on_poll_event(&mut self, event: &mio::event::Event) {
        self.readable |= event.is_readable() || event.is_error();
        if event.is_writable() || event.is_error() {
            self.blocked = false;
        }
    }

    /// Do what can be done, within the budget of one turn. With `may_read` false, nothing that brings in more for the
    /// receiver: the kernel keeps what it has room for, and drops the rest.
    pub(super) fn turn(&mut self, may_read: bool, cx: &mut IoContext, changed: &mut Changed) {
        if may_read && self.wants_to_read() {
            self.receive(cx, changed);
        }
        self.write(cx);
    }

    /// Whether another turn would do more than this one.
    pub(super) fn wants_to_read(&self) -> bool {
        self.readable && self.paused.is_empty() && self.stepped.as_ref().is_none_or(|requested| requested.recv)
    }

    /// Whether a turn with nothing to report would do anything.
    pub(super) fn has_work_besides_reading(&self) -> bool {
        !self.queue.is_empty() && !self.blocked && self.stepped.as_ref().is_none_or(|requested| requested.send)
    }

    /// When the system is asked what it had no room for, if that is due and no timer is set yet.
    pub(super) fn ask_drops_at(&mut self, now: Instant) -> Option<Instant> {
        if self.timer.is_some() || !self.drops.are_due() {
            return None;
        }
        let at = now + DROPS_ASKED;
        self.timer = Some(at);
        Some(at)
    }

    /// Asks the system how many datagrams it had no room for, and reports it if they are more by now.
    pub(super) fn ask_drops(&mut self, to: &mut EventSender) {
        self.timer = None;
        if let Some(datagrams) = self.drops.ask() {
            to.event(EventKind::UdpDropped { socket: self.label.socket, datagrams });
        }
    }

    /// What an address is answered from here on.
    pub(super) fn set_auto_reply(&mut self, conn: ConnId, auto_reply: AutoReply) {
        if let Some(peer) = self.by_conn.get(&conn).and_then(|address| self.peers.get_mut(address)) {
            peer.auto_reply = auto_reply;
        }
    }

    /// Whoever takes what this conversation receives is full, or is no longer.
    pub(super) fn pause_reading(&mut self, conn: ConnId, paused: bool, now: Instant) {
        if paused {
            self.paused.insert(conn);
        } else if self.paused.remove(&conn) {
            self.ready_since = now;
        }
    }

    /// Let one address go, as asked.
    pub(super) fn let_go(&mut self, conn: ConnId, cx: &mut IoContext) {
        if let Some(address) = self.by_conn.get(&conn).copied() {
            self.end(address, CloseReason::Forgotten, cx);
        }
    }

    /// Close it, and with it all conversations. Gives those.
    pub(super) fn close(mut self, reason: &CloseReason, cx: &mut IoContext) -> Vec<ConnId> {
        while self.has_work_besides_reading() {
            self.write(cx);
        }
        let all: Vec<ConnId> = self.by_conn.keys().copied().collect();
        if let Some(datagrams) = self.drops.ask() {
            cx.events.event(EventKind::UdpDropped { socket: self.label.socket, datagrams });
        }
        // Of steps, each call is one that was asked for.
        if let Some(group) = self.group.filter(|_| self.stepped.is_none()) {
            let target = Target::Address(SocketAddr::new(group.ip, self.local.map_or(0, |local| local.port())));
            let call = Call::SetOption(SocketOption::LeaveGroup(group));
            // The kernel leaves it with `close`, too.
            let _ = self.make_call(call, &target, &mut cx.events, |socket| leave(&socket, group));
        }
        let unsent = std::mem::take(&mut self.queue);
        for outgoing in unsent {
            send_failed(&outgoing, Reason::Closed, &mut cx.events);
        }
        let Self { socket, label, peers, .. } = self;
        socket::close(label, socket, &mut cx.events);
        for (_, peer) in peers {
            let Peer { conn, bytes_in, bytes_out, .. } = peer;
            cx.events.event(EventKind::Closed { conn, reason: reason.clone(), bytes_in, bytes_out });
        }
        all
    }

    /// Put a datagram in the queue; the next turn sends it. Whether it may be sent.
    pub(super) fn send(&mut self, conn: ConnId, message: MessageId, bytes: Bytes, cx: &mut IoContext) -> bool {
        let Some(to) = self.by_conn.get(&conn).copied() else { return false };
        let outgoing = Outgoing { conn, to, message, bytes, since: cx.events.now() };
        let most = largest_datagram(to.ip());
        let refusal = if outgoing.bytes.len() > most {
            Some(Limit::Datagram(most))
        } else {
            let full = |endpoint: &Self| {
                let queued = endpoint.queued_bytes + outgoing.bytes.len() + AROUND_A_DATAGRAM;
                !endpoint.queue.is_empty() && queued > QUEUE_LIMIT
            };
            if full(self) {
                self.write(cx);
            }
            full(self).then_some(Limit::Datagrams)
        };
        if let Some(limit) = refusal {
            send_failed(&outgoing, Reason::Limit(limit), &mut cx.events);
            return false;
        }
        self.queued_bytes += outgoing.bytes.len() + AROUND_A_DATAGRAM;
        self.queue.push_back(outgoing);
        true
    }

    /// Give the kernel what it takes of the queue, within the budget of one turn.
    fn write(&mut self, cx: &mut IoContext) {
        let mut calls = Vec::new();
        let mut ended = Vec::new();
        for _ in 0..self.calls_a_turn(|requested| requested.send) {
            if self.blocked {
                break;
            }
            let Some(head) = self.queue.front() else { break };
            let call = Call::SendTo { len: head.bytes.len(), to: head.to };
            let result = self.socket.send_to(&head.bytes, head.to);
            let outcome = match &result {
                Ok(sent) => Outcome::Bytes(*sent as u64),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.blocked = true;
                    self.send_waits(call, &mut cx.events);
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Outcome::Failed(Errno::of(error)),
            };
            cx.events.tick();
            let at = cx.events.now();
            calls.push(Returned { call, outcome, waited: at.saturating_duration_since(head.since), at });
            if let Some(head) = self.queue.pop_front() {
                self.queued_bytes -= head.bytes.len() + AROUND_A_DATAGRAM;
                ended.push((head, call, result));
            }
        }
        if let Some(requested) = self.stepped.as_mut().filter(|_| !calls.is_empty()) {
            requested.send = false;
        }
        let sent = ended.iter().any(|(_, _, result)| result.is_ok());
        report(self.label, calls, &mut cx.events);
        for (head, call, result) in ended {
            match result {
                Ok(sent) => {
                    if let Some(peer) = self.peers.get_mut(&head.to) {
                        peer.bytes_out += sent as u64;
                    }
                    cx.events.event(EventKind::Sent { conn: head.conn, message: head.message, bytes: sent });
                }
                Err(error) => {
                    let error = NetError::new(call, Target::Address(head.to), &error);
                    cx.events.event(EventKind::SendFailed { conn: head.conn, message: head.message, error });
                }
            }
        }
        if sent && self.local.is_none() {
            // The first datagram gave the socket its port.
            self.look_up_local(&mut cx.events);
            if let (SocketId::Conn(conn), Some(peer)) = (self.label.socket, self.target) {
                cx.events.event(EventKind::UdpReady { conn, peer, local: self.local });
            }
        }
        if self.blocked != self.watching_room {
            let interest = if self.blocked { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            if cx.poll.registry().reregister(&mut self.socket, self.token, interest).is_ok() {
                self.watching_room = self.blocked;
            }
        }
    }

    fn begin(&mut self, address: SocketAddr, conn: ConnId, now: Instant) {
        let auto_reply = self.auto_reply.clone();
        self.peers.insert(address, Peer { conn, auto_reply, heard: now, bytes_in: 0, bytes_out: 0 });
        self.by_conn.insert(conn, address);
    }

    fn end(&mut self, address: SocketAddr, reason: CloseReason, cx: &mut IoContext) {
        self.write(cx);
        let Some(Peer { conn, bytes_in, bytes_out, .. }) = self.peers.remove(&address) else { return };
        self.by_conn.remove(&conn);
        self.paused.remove(&conn);
        let (gone, stay) = std::mem::take(&mut self.queue).into_iter().partition(|one| one.conn == conn);
        self.queue = stay;
        let gone: VecDeque<Outgoing> = gone;
        for outgoing in gone {
            self.queued_bytes -= outgoing.bytes.len() + AROUND_A_DATAGRAM;
            send_failed(&outgoing, Reason::Closed, &mut cx.events);
        }
        cx.events.event(EventKind::Closed { conn, reason, bytes_in, bytes_out });
    }
}

/// The rows of a turn's calls; of many, one.
fn report(label: SocketLabel, calls: Vec<Returned>, to: &mut EventSender) {
    let moved = |outcome: Outcome| match outcome {
        Outcome::Bytes(bytes) | Outcome::BytesFrom { bytes, .. } => Some(bytes),
        _ => None,
    };
    let all_moved: Option<u64> = calls.iter().map(|call| moved(call.outcome)).sum();
    if let (Some(bytes), Some(first), Some(last)) = (all_moved, calls.first(), calls.last())
        && calls.len() > FOLD_ABOVE
    {
        let waited = calls.iter().map(|call| call.waited).sum();
        to.row(label, first.call, Outcome::Bytes(bytes), waited, last.at, calls.len() as u32);
        return;
    }
    for call in calls {
        to.row(label, call.call, call.outcome, call.waited, call.at, 1);
    }
}

fn send_failed(outgoing: &Outgoing, reason: Reason, to: &mut EventSender) {
    let Outgoing { conn, message, .. } = *outgoing;
    let error = NetError::ours(CallKind::SendTo, Target::Address(outgoing.to), reason);
    to.event(EventKind::SendFailed { conn, message, error });
}

fn leave(socket: &SockRef<'_>, Group { ip, interface }: Group) -> io::Result<()> {
    match ip {
        IpAddr::V4(ip) => socket.leave_multicast_v4_n(&ip, &InterfaceIndexOrAddress::Index(interface)),
        IpAddr::V6(ip) => socket.leave_multicast_v6(&ip, interface),
    }
}
