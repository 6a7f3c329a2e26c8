//! One connected socket: bounded reads, a bounded write queue, half-close, reset.

mod stepped;

use std::{
    collections::VecDeque,
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr},
    sync::Arc,
    time::Instant,
};

use bytes::Bytes;
use mio::{Interest, Poll, Token, net::TcpStream};

use super::{
    AutoReply, Call, CallKind, Cause, CloseReason, ConnId, ConnOptions, Errno, EventKind, Limit, ListenerId,
    MOST_RECV_SIZE, MessageId, NetError, Outcome, QUEUE_LIMIT, READ_BUDGET, Reason, SocketOption, Target,
    buffers::Buffers,
    call_run::CallRun,
    event_queue::{EventSender, Who},
    ids::Ids,
    socket,
};
use stepped::Asked;

use crate::wire::{BatchBuilder, Framer, FramingError};

/// Bytes sent in one turn, at least; then it is another connection's turn.
const WRITE_BUDGET: usize = 1024 * 1024;

/// Calls of one kind in one turn, at most.
const CALLS_A_TURN: usize = 64;

/// A `recv` that gave fewer bytes than asked for has emptied the socket: the poll will tell when more
/// comes. Not so on Windows, where the poll wants to see the call that would wait (mio, "Draining readiness").
const SHORT_IS_DRAINED: bool = cfg!(unix);

/// What all connections share while they are served.
pub(super) struct Workshop {
    pub(super) poll: Poll,
    pub(super) events: EventSender,
    pub(super) ids: Arc<Ids>,
    /// What `recv` writes to.
    scratch: Vec<u8>,
    batch: BatchBuilder,
    buffers: Buffers,
    run: CallRun,
    sent: Vec<(MessageId, usize)>,
}

impl Workshop {
    pub(super) fn new(poll: Poll, events: EventSender, ids: Arc<Ids>) -> Self {
        Self {
            poll,
            events,
            ids,
            scratch: Vec::new(),
            batch: BatchBuilder::default(),
            buffers: Buffers::new(),
            run: CallRun::default(),
            sent: Vec::new(),
        }
    }
}

/// A message on its way to the kernel.
#[derive(Debug)]
struct Outgoing {
    message: MessageId,
    /// What the kernel has not taken yet.
    rest: Bytes,
    len: usize,
}

/// One connected socket.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    who: Who,
    id: ConnId,
    token: Token,
    peer: SocketAddr,
    options: ConnOptions,
    framer: Framer,

    /// Something may be read: the poll said so, or we have not read it all yet.
    readable: bool,
    /// The poll said that the end of the stream, or an error, is there to be read.
    end_in_sight: bool,
    /// The poll spoke of an error after the end of the stream, where `recv` does not see it.
    error_in_sight: bool,
    /// When the last `recv` ended: since then we were ready for the next.
    ready_since: Instant,
    /// Where in the stream each `recv` since the last event ended.
    recv_ends: Vec<u64>,
    bytes_in: u64,

    queue: VecDeque<Outgoing>,
    queued_bytes: usize,
    /// Since when the queue's head is its head.
    head_since: Instant,
    /// The kernel takes no more; the poll will tell when it does.
    blocked: bool,
    /// The poll tells when there is room to send.
    watching_room: bool,
    bytes_out: u64,
    /// Fixed replies that are not in the queue yet, for want of room.
    replies_owed: usize,

    peer_finished: bool,
    /// Finish sending once the queue is sent.
    finishing: bool,
    write_finished: bool,
    /// Sending failed. What has arrived is still read, then it closes.
    failing: Option<NetError>,

    /// It makes a call only as a step: what steps have asked for.
    stepped: Option<Asked>,
    /// `TCP_NODELAY` is not set yet: a step does nothing beside its call.
    delays: bool,

    /// The listener that accepted it; none if it was made by us.
    pub(super) listener: Option<ListenerId>,
    /// When the timer for the quiet tail goes off, if one is set.
    pub(super) timer: Option<Instant>,
    /// It is in the loop's queue of those to serve.
    pub(super) in_ready: bool,
    /// It is in the loop's queue of those to serve once the receiver has drained.
    pub(super) in_held: bool,
}

impl Connection {
    /// A connected socket that the poll watches for what can be read.
    pub(super) fn new(
        stream: TcpStream,
        who: Who,
        id: ConnId,
        token: Token,
        peer: SocketAddr,
        options: ConnOptions,
        now: Instant,
    ) -> Self {
        Self {
            framer: Framer::new(options.framing, options.unit),
            stream,
            who,
            id,
            token,
            peer,
            options,
            readable: false,
            end_in_sight: false,
            error_in_sight: false,
            ready_since: now,
            recv_ends: Vec::new(),
            bytes_in: 0,
            queue: VecDeque::new(),
            queued_bytes: 0,
            head_since: now,
            blocked: false,
            watching_room: false,
            bytes_out: 0,
            replies_owed: 0,
            peer_finished: false,
            finishing: false,
            write_finished: false,
            failing: None,
            stepped: None,
            delays: false,
            listener: None,
            timer: None,
            in_ready: false,
            in_held: false,
        }
    }

    /// The poll has something to say.
    pub(super) fn heard(&mut self, event: &mio::event::Event) {
        let ended = event.is_read_closed() || event.is_error();
        if self.peer_finished {
            self.error_in_sight |= event.is_error();
        } else {
            self.readable |= event.is_readable() || ended;
            self.end_in_sight |= ended;
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.blocked = false;
        }
    }

    /// Do what can be done, within the budget of one turn. With `may_read` false, nothing that brings
    /// in more for the receiver. Some: the connection is over and is to be closed.
    pub(super) fn turn(&mut self, may_read: bool, shop: &mut Workshop) -> Option<CloseReason> {
        if self.stepped.is_some() {
            return self.turn_stepped(may_read, shop);
        }
        if std::mem::take(&mut self.error_in_sight)
            && let Some(reason) = self.ask_error(shop)
        {
            return Some(reason);
        }
        if may_read {
            if self.wants_to_read()
                && let Some(reason) = self.receive(shop)
            {
                return Some(reason);
            }
            if !self.readable {
                self.framer.quiet(shop.events.now(), &mut shop.batch);
                self.deliver(shop);
            }
            self.reply(shop);
        }
        self.write(shop);
        self.settle(shop)
    }

    /// Whether another turn would do more than this one.
    pub(super) fn wants_turn(&self) -> bool {
        self.wants_to_read() || self.may_reply() || self.wants_turn_unread()
    }

    /// Whether a turn with nothing to report would do anything.
    pub(super) fn wants_turn_unread(&self) -> bool {
        match &self.stepped {
            None => !self.queue.is_empty() && !self.blocked && self.failing.is_none(),
            Some(asked) => asked.send && !self.blocked,
        }
    }

    /// When the quiet tail is due. Nothing is quiet as long as bytes wait to be read.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.readable && self.stepped.is_none() { None } else { self.framer.deadline() }
    }

    /// Put a message in the queue; the next turn sends it.
    pub(super) fn send(&mut self, message: MessageId, bytes: Bytes, shop: &mut Workshop) {
        let refusal = if self.finishing || self.write_finished {
            Some(Reason::WriteFinished)
        } else if let Some(failed) = &self.failing {
            Some(Reason::Broken(failed.cause()))
        } else {
            if self.is_too_much(bytes.len()) {
                // It may be that nobody has asked the kernel yet.
                self.write(shop);
            }
            self.is_too_much(bytes.len()).then_some(Reason::Limit(Limit::SendQueue))
        };
        match refusal {
            Some(reason) => self.send_failed(message, reason, shop),
            None => self.enqueue(message, bytes, shop),
        }
    }

    /// Finish sending once the queue is sent.
    pub(super) fn finish_sending(&mut self) {
        self.finishing = true;
    }

    /// Go on with these options. A change of framing cuts off what is held.
    pub(super) fn set_options(&mut self, options: ConnOptions, shop: &mut Workshop) {
        let reframed = (options.framing, options.unit) != (self.options.framing, self.options.unit);
        self.options = options;
        self.replies_owed = if matches!(self.options.auto_reply, AutoReply::Fixed(_)) { self.replies_owed } else { 0 };
        if reframed {
            self.framer.reframe(self.options.framing, self.options.unit, &mut shop.batch);
            self.deliver(shop);
            shop.events.event(EventKind::Reframed { conn: self.id });
        }
    }

    /// Close, for whatever reason, and say so.
    pub(super) fn close(mut self, reason: CloseReason, shop: &mut Workshop) {
        self.framer.finish(&mut shop.batch);
        self.options.auto_reply = AutoReply::Off;
        self.deliver(shop);
        let unsent = match &reason {
            CloseReason::Failed(error) if error.cause() == Cause::Reset => Reason::Broken(Cause::Reset),
            _ => Reason::Closed,
        };
        for outgoing in std::mem::take(&mut self.queue) {
            self.send_failed(outgoing.message, unsent.clone(), shop);
        }
        if reason == CloseReason::ResetByUs {
            socket::set_linger_zero(self.who, &self.stream, &mut shop.events);
        }
        socket::close(self.who, self.stream, &mut shop.events);
        let (bytes_in, bytes_out) = (self.bytes_in, self.bytes_out);
        shop.events.event(EventKind::Closed { conn: self.id, reason, bytes_in, bytes_out });
    }

    /// A reset after the end of the stream ends our side too, as long as that was open.
    fn ask_error(&self, shop: &mut Workshop) -> Option<CloseReason> {
        let call = Call::GetOption(SocketOption::Error);
        let since = Instant::now();
        let error = self.stream.take_error();
        let outcome = match &error {
            Ok(None) => Outcome::Done,
            Ok(Some(error)) | Err(error) => Outcome::Failed(Errno::of(error)),
        };
        shop.events.call(self.who, call, outcome, since);
        let error = error.transpose()?.unwrap_or_else(|error| error);
        Some(CloseReason::Failed(NetError::new(call, Target::Address(self.peer), &error)))
    }

    fn wants_to_read(&self) -> bool {
        if let Some(asked) = &self.stepped {
            return self.readable && asked.recv;
        }
        // As long as a peer does not take its replies, it may not ask for more of them.
        let replies_wait =
            self.replies_owed > 0 || (self.options.auto_reply != AutoReply::Off && self.queued_bytes > QUEUE_LIMIT / 2);
        self.readable && (!replies_wait || self.failing.is_some())
    }

    fn receive(&mut self, shop: &mut Workshop) -> Option<CloseReason> {
        let size = self.options.recv_size.clamp(1, MOST_RECV_SIZE);
        if shop.scratch.len() < size {
            shop.scratch.resize(size, 0);
        }
        let mut budget = READ_BUDGET.max(size);
        let mut end = None;
        for _ in 0..CALLS_A_TURN {
            if !self.readable || budget < size || end.is_some() {
                break;
            }
            let Some(buffer) = shop.scratch.get_mut(..size) else { break };
            let result = self.stream.read(buffer);
            let (outcome, full) = match &result {
                Ok(n) => (Outcome::Bytes(*n as u64), *n == size),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => (Outcome::Failed(Errno::of(error)), false),
            };
            self.ready_since = shop.run.add(Call::Recv(size), outcome, full, self.ready_since, &mut shop.events);
            match result {
                Ok(0) => end = Some(End::Finished),
                Ok(n) => {
                    budget -= n;
                    self.bytes_in += n as u64;
                    self.recv_ends.push(self.bytes_in);
                    if !full && SHORT_IS_DRAINED && !self.end_in_sight {
                        self.readable = false;
                    }
                    // A full one is seldom the last.
                    if shop.batch.is_empty() && (full || n >= READ_BUDGET / 2) {
                        shop.buffers.lend(&mut shop.batch);
                    }
                    let received = shop.scratch.get(..n).unwrap_or_default();
                    if let Err(error) = self.framer.push(received, shop.events.now(), &mut shop.batch) {
                        end = Some(End::Uncuttable(error));
                    }
                }
                Err(error) => end = Some(End::Failed(error)),
            }
        }
        shop.run.report(self.who, &mut shop.events);
        match end {
            None => {
                self.deliver(shop);
                if self.readable { None } else { self.failing.take().map(CloseReason::Failed) }
            }
            Some(End::Finished) => {
                self.readable = false;
                self.framer.finish(&mut shop.batch);
                self.deliver(shop);
                self.peer_finished = true;
                shop.events.event(EventKind::PeerFinished { conn: self.id });
                self.failing.take().map(CloseReason::Failed)
            }
            Some(End::Uncuttable(FramingError::PrefixTooLong(length))) => {
                self.deliver(shop);
                // The messages before that are answered.
                self.reply(shop);
                self.write(shop);
                Some(CloseReason::Failed(self.prefix_too_long(length)))
            }
            Some(End::Failed(error)) => {
                self.deliver(shop);
                let error = NetError::new(Call::Recv(size), Target::Address(self.peer), &error);
                Some(CloseReason::Failed(self.failing.take().unwrap_or(error)))
            }
        }
    }

    /// Report the messages that are complete, and answer them.
    fn deliver(&mut self, shop: &mut Workshop) {
        if shop.batch.is_empty() {
            return;
        }
        let batch = shop.buffers.take(&mut shop.batch);
        let messages = batch.cuts.len();
        let bytes = batch.bytes.clone();
        let recv_ends = std::mem::take(&mut self.recv_ends);
        shop.events.event(EventKind::Received { conn: self.id, batch, recv_ends });
        if self.finishing || self.write_finished || self.failing.is_some() {
            return;
        }
        match &self.options.auto_reply {
            AutoReply::Off => {}
            AutoReply::Echo => self.enqueue_reply(bytes, shop),
            AutoReply::Fixed(reply) if reply.is_empty() => {}
            AutoReply::Fixed(_) => self.replies_owed += messages,
        }
    }

    fn may_reply(&self) -> bool {
        self.replies_owed > 0 && self.queued_bytes <= QUEUE_LIMIT / 2
    }

    /// Queue the fixed replies that are owed, as far as there is room.
    fn reply(&mut self, shop: &mut Workshop) {
        for _ in 0..CALLS_A_TURN {
            if !self.may_reply() {
                return;
            }
            let AutoReply::Fixed(reply) = &self.options.auto_reply else { return };
            let reply = reply.clone();
            self.replies_owed -= 1;
            self.enqueue_reply(reply, shop);
        }
    }

    fn enqueue_reply(&mut self, bytes: Bytes, shop: &mut Workshop) {
        let message = shop.ids.next_message();
        shop.events.event(EventKind::AutoReplied { conn: self.id, message, bytes: bytes.clone() });
        self.enqueue(message, bytes, shop);
    }

    fn is_too_much(&self, len: usize) -> bool {
        !self.queue.is_empty() && self.queued_bytes + len > QUEUE_LIMIT
    }

    fn enqueue(&mut self, message: MessageId, bytes: Bytes, shop: &Workshop) {
        if self.queue.is_empty() {
            self.head_since = shop.events.now();
        }
        self.queued_bytes += bytes.len();
        self.queue.push_back(Outgoing { message, len: bytes.len(), rest: bytes });
    }

    /// Give the kernel what it takes of the queue, within the budget of one turn.
    pub(super) fn write(&mut self, shop: &mut Workshop) {
        if self.stepped.is_some() {
            return;
        }
        let mut budget = WRITE_BUDGET;
        for _ in 0..CALLS_A_TURN {
            if self.blocked || budget == 0 || self.failing.is_some() {
                break;
            }
            let Some(head) = self.queue.front_mut() else { break };
            if !head.rest.is_empty() {
                let asked = head.rest.len();
                match self.stream.write(&head.rest) {
                    Ok(n) => {
                        let (call, outcome) = (Call::Send(asked), Outcome::Bytes(n as u64));
                        self.head_since = shop.run.add(call, outcome, true, self.head_since, &mut shop.events);
                        head.rest = head.rest.slice(n.min(asked)..);
                        self.queued_bytes -= n;
                        self.bytes_out += n as u64;
                        budget = budget.saturating_sub(n);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.blocked = true;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        let (call, outcome) = (Call::Send(asked), Outcome::Failed(Errno::of(&error)));
                        shop.run.add(call, outcome, false, self.head_since, &mut shop.events);
                        self.failing = Some(NetError::new(call, Target::Address(self.peer), &error));
                    }
                }
            }
            if head.rest.is_empty() {
                shop.sent.push((head.message, head.len));
                self.queue.pop_front();
            }
        }
        shop.run.report(self.who, &mut shop.events);
        for (message, bytes) in shop.sent.drain(..) {
            shop.events.event(EventKind::Sent { conn: self.id, message, bytes });
        }
        if self.blocked != self.watching_room {
            self.watch_room(self.blocked, shop);
        }
    }

    /// Have the poll tell when there is room to send, or no longer.
    fn watch_room(&mut self, watch: bool, shop: &Workshop) {
        let interest = if watch { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        match shop.poll.registry().reregister(&mut self.stream, self.token, interest) {
            Ok(()) => self.watching_room = watch,
            Err(error) => {
                let call = Call::Send(self.queued_bytes);
                self.failing = Some(NetError::new(call, Target::Address(self.peer), &error));
            }
        }
    }

    fn prefix_too_long(&self, length: u64) -> NetError {
        NetError::ours(CallKind::Recv, Target::Address(self.peer), Reason::Limit(Limit::Prefix(length)))
    }

    fn send_failed(&self, message: MessageId, reason: Reason, shop: &mut Workshop) {
        let error = NetError::ours(CallKind::Send, Target::Address(self.peer), reason);
        shop.events.event(EventKind::SendFailed { conn: self.id, message, error });
    }

    /// Finish sending, or the whole connection, if it is time.
    fn settle(&mut self, shop: &mut Workshop) -> Option<CloseReason> {
        if let Some(error) = &self.failing {
            // What the peer sent before it went away is still there to be read.
            if self.peer_finished {
                return Some(CloseReason::Failed(error.clone()));
            }
            self.readable = true;
            self.end_in_sight = true;
            return None;
        }
        if !self.queue.is_empty() || self.replies_owed > 0 {
            return None;
        }
        if self.finishing && !self.write_finished {
            let since = Instant::now();
            let result = self.stream.shutdown(Shutdown::Write);
            shop.events.plain_call(self.who, Call::ShutdownWrite, &result, since);
            if let Err(error) = result {
                let error = NetError::new(Call::ShutdownWrite, Target::Address(self.peer), &error);
                return Some(CloseReason::Failed(error));
            }
            self.write_finished = true;
            shop.events.event(EventKind::WriteFinished { conn: self.id });
        }
        let over = self.peer_finished && (self.write_finished || !self.options.half_open);
        over.then_some(CloseReason::Orderly)
    }
}

/// What ended the reading of a connection.
enum End {
    /// `recv` gave 0.
    Finished,
    /// The stream can't be cut any further.
    Uncuttable(FramingError),
    /// `recv` failed.
    Failed(io::Error),
}
