//! One connected socket: bounded reads, a bounded write queue, half-close, reset.

mod acknowledged;
mod last_answer;
mod sending;
mod silence;
mod stepped;
mod urgent;

use std::{
    collections::VecDeque,
    io,
    net::{Shutdown, SocketAddr},
    time::Instant,
};

use bytes::Bytes;
use mio::{Poll, Token, net::TcpStream};

use super::{
    AutoReply, Call, CallKind, Cause, CloseReason, ConnId, ConnOptions, Errno, EventKind, Limit, ListenerId,
    MOST_RECV_SIZE, MessageId, NetError, Outcome, READ_BUDGET, Reason, SocketOption, Target,
    buffers::Buffers,
    call_run::CallRun,
    event_queue::{EventSender, SocketLabel},
    ids::Ids,
    send_queue::SendQueues,
    socket,
};
use acknowledged::Acknowledged;
use last_answer::LastAnswer;
use sending::Outgoing;
use silence::Silence;
use stepped::RequestedCalls;
use urgent::Urgent;

use crate::wire::{BatchBuilder, Framer, FramingError, LOOKED_AT};

/// Calls of one kind in one turn, at most.
const CALLS_A_TURN: usize = 64;

/// A `recv` that gave fewer bytes than asked for has emptied the socket: the poll will report when more
/// comes. Not so where it stopped before an urgent byte, nor on Windows, where the poll wants to see the call that would wait (mio, "Draining readiness").
const SHORT_READ_EMPTIES_SOCKET: bool = cfg!(unix);

/// What all connections share while they are served.
pub(super) struct IoContext {
    pub(super) poll: Poll,
    pub(super) events: EventSender,
    pub(super) ids: Ids,
    send_queues: SendQueues,
    /// What `recv` writes to.
    pub(super) scratch: Vec<u8>,
    batch: BatchBuilder,
    buffers: Buffers,
    run: CallRun,
    sent: Vec<(MessageId, usize)>,
}

impl IoContext {
    pub(super) fn new(poll: Poll, events: EventSender) -> Self {
        Self {
            poll,
            events,
            ids: Ids::default(),
            send_queues: SendQueues::default(),
            scratch: Vec::new(),
            batch: BatchBuilder::default(),
            buffers: Buffers::new(),
            run: CallRun::default(),
            sent: Vec::new(),
        }
    }
}

/// One connected socket.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    label: SocketLabel,
    id: ConnId,
    token: Token,
    peer: SocketAddr,
    local: SocketAddr,
    options: ConnOptions,
    framer: Framer,
    /// The moment from which the framer's times count.
    began: Instant,

    /// Something may be read: the poll said so, or we have not read it all yet.
    readable: bool,
    /// It is not to be read for now: who takes what it receives is full.
    reading_paused: bool,
    /// The poll said that the end of the stream, or an error, is there to be read.
    end_in_sight: bool,
    /// The poll reported an error after the end of the stream. `recv` will not return it: read `SO_ERROR`.
    error_in_sight: bool,
    /// When the last `recv` ended: since then we were ready for the next.
    ready_since: Instant,
    /// Where in the stream each `recv` since the last event ended.
    recv_ends: Vec<u64>,
    bytes_in: u64,

    queue: VecDeque<Outgoing>,
    queued_bytes: usize,
    /// When the first message of the queue became the first.
    head_since: Instant,
    /// The kernel takes nothing more; the poll will report when it does.
    blocked: bool,
    /// The poll reports when there is room to send.
    watching_room: bool,
    bytes_out: u64,
    acknowledged: Acknowledged,
    silence: Silence,
    last_answer: LastAnswer,
    urgent: Urgent,
    /// `ReadingHeldUp` was sent.
    held_up: bool,
    /// Fixed replies that are not in the queue yet, for want of room.
    replies_owed: usize,

    peer_finished: bool,
    /// Finish sending once the queue is sent.
    finishing: bool,
    write_finished: bool,
    /// Sending failed. What has arrived is still read, then it closes.
    failing: Option<NetError>,

    /// It makes a call only as a step: what steps have asked for.
    stepped: Option<RequestedCalls>,
    /// `TCP_NODELAY` is not set yet: a step does nothing beside its call.
    no_delay_pending: bool,

    /// The listener that accepted it; none if it was made by us.
    pub(super) listener: Option<ListenerId>,
    /// When the timer for the quiet tail goes off, if one is set.
    pub(super) timer: Option<Instant>,
    /// It is in the loop's queue of those to serve.
    pub(super) in_ready: bool,
    /// It is in the loop's queue of those to serve once the receiver has drained.
    pub(super) in_parked: bool,
}

impl Connection {
    /// A connected socket that the poll watches for what can be read, with [`socket::set_unseen_options`] done.
    pub(super) fn new(
        stream: TcpStream,
        label: SocketLabel,
        id: ConnId,
        token: Token,
        (peer, local): (SocketAddr, SocketAddr),
        options: ConnOptions,
        now: Instant,
    ) -> Self {
        Self {
            framer: Framer::new(options.framing, options.unit).with_quiet(options.quiet),
            began: now,
            stream,
            label,
            id,
            token,
            peer,
            local,
            options,
            readable: false,
            reading_paused: false,
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
            acknowledged: Acknowledged::default(),
            silence: Silence::default(),
            last_answer: LastAnswer::default(),
            held_up: false,
            urgent: Urgent::default(),
            replies_owed: 0,
            peer_finished: false,
            finishing: false,
            write_finished: false,
            failing: None,
            stepped: None,
            no_delay_pending: false,
            listener: None,
            timer: None,
            in_ready: false,
            in_parked: false,
        }
    }

    /// The poll reports something of this socket.
    pub(super) fn on_poll_event(&mut self, event: &mio::event::Event) {
        let ended = event.is_read_closed() || event.is_error();
        if self.peer_finished {
            self.error_in_sight |= event.is_error();
        } else {
            self.readable |= event.is_readable() || ended;
            self.end_in_sight |= ended;
            self.urgent.waits |= socket::is_urgent(event);
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.blocked = false;
        }
    }

    /// Do what can be done, within the budget of one turn. With `may_read` false, nothing that brings
    /// in more for the receiver. Some: the connection is over and is to be closed.
    pub(super) fn turn(&mut self, may_read: bool, cx: &mut IoContext) -> Option<CloseReason> {
        if self.stepped.is_some() {
            return self.turn_stepped(may_read, cx);
        }
        if std::mem::take(&mut self.error_in_sight)
            && let Some(reason) = self.ask_error(cx)
        {
            return Some(reason);
        }
        if may_read {
            if self.wants_to_read()
                && let Some(reason) = self.receive(cx)
            {
                return Some(reason);
            }
            if !self.readable && !self.reading_paused {
                self.quiet(cx);
            }
            self.reply(cx);
        }
        self.write(cx);
        self.tell_held_up(cx);
        self.settle(cx)
    }

    /// Whether another turn would do more than this one.
    pub(super) fn wants_turn(&self) -> bool {
        self.wants_to_read() || self.may_reply() || self.has_work_besides_reading()
    }

    /// Whether a turn with nothing to report would do anything.
    pub(super) fn has_work_besides_reading(&self) -> bool {
        match &self.stepped {
            None => !self.queue.is_empty() && !self.blocked && self.failing.is_none(),
            Some(requested) => requested.send && !self.blocked,
        }
    }

    /// When the quiet tail is due. Nothing is quiet as long as bytes wait to be read, or may.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if let Some(next) = self.last_answer.next() {
            return Some(next);
        }
        let may_be_unread = self.readable || self.reading_paused;
        if may_be_unread && self.stepped.is_none() { None } else { self.framer.deadline().map(|due| self.began + due) }
    }

    /// Read nothing more until [`Self::resume_reading`]; what the poll reports in the meantime is remembered.
    pub(super) fn pause_reading(&mut self) {
        self.reading_paused = true;
    }

    /// Read again what comes.
    pub(super) fn resume_reading(&mut self, now: Instant) {
        if std::mem::take(&mut self.reading_paused) && self.stepped.is_none() {
            self.ready_since = now;
        }
    }

    /// Continue with these options. A change of framing cuts off what is held.
    pub(super) fn set_options(&mut self, options: ConnOptions, cx: &mut IoContext) {
        let reframed = (options.framing, options.unit) != (self.options.framing, self.options.unit);
        let probes = |options: &ConnOptions| (options.peer_timeout, options.keepalive);
        let other_probes = probes(&options) != probes(&self.options);
        self.options = options;
        self.framer.set_quiet(self.options.quiet);
        if other_probes {
            self.set_peer_timeout();
        }
        self.replies_owed = if matches!(self.options.auto_reply, AutoReply::Fixed(_)) { self.replies_owed } else { 0 };
        if reframed {
            self.framer.reframe(self.options.framing, self.options.unit, &mut cx.batch);
            self.deliver(cx);
            cx.events.event(EventKind::Reframed { conn: self.id });
        }
    }

    /// Read what the kernel holds, about `room` bytes at most, before the connection is closed: what is unread then is
    /// lost, and the kernel resets the connection for it (RFC 2525, 2.17). How many bytes came. A connection that is
    /// stepped, or is not read at present, is left as it is.
    pub(super) fn read_rest(&mut self, room: usize, cx: &mut IoContext) -> usize {
        let before = self.bytes_in;
        let came = |connection: &Self| (connection.bytes_in - before) as usize;
        if self.stepped.is_some() || self.reading_paused || self.peer_finished {
            return 0;
        }
        self.options.auto_reply = AutoReply::Off;
        self.options.recv_size = self.options.recv_size.max(READ_BUDGET);
        self.readable = true;
        while self.readable && came(self) < room && self.receive(cx).is_none() {}
        came(self)
    }

    /// Close, for whatever reason, and report it.
    pub(super) fn close(mut self, reason: CloseReason, cx: &mut IoContext) {
        self.framer.finish(&mut cx.batch);
        self.options.auto_reply = AutoReply::Off;
        self.deliver(cx);
        let unsent = match &reason {
            CloseReason::Failed(error) if error.cause() == Cause::Reset => Reason::Broken(Cause::Reset),
            _ => Reason::Closed,
        };
        for outgoing in std::mem::take(&mut self.queue) {
            self.send_failed(outgoing.message, unsent.clone(), cx);
        }
        if self.has_unacknowledged() {
            // For the last time: once it is closed, nobody can ask.
            self.ask_kernel(cx);
        }
        self.tell_answered_by_reset(&reason, cx);
        if reason == CloseReason::ResetByUs {
            socket::set_linger_zero(self.label, &self.stream, &mut cx.events);
        }
        socket::close(self.label, self.stream, &mut cx.events);
        let (bytes_in, bytes_out) = (self.bytes_in, self.bytes_out);
        cx.events.event(EventKind::Closed { conn: self.id, reason, bytes_in, bytes_out });
    }

    /// A reset after the end of the stream ends our side too, as long as that was open.
    fn ask_error(&self, cx: &mut IoContext) -> Option<CloseReason> {
        let since = Instant::now();
        self.report_error(self.stream.take_error(), since, cx)
    }

    /// The row of a call that fetched an error, or none; and why that ends the connection.
    fn report_error(
        &self,
        error: io::Result<Option<io::Error>>,
        since: Instant,
        cx: &mut IoContext,
    ) -> Option<CloseReason> {
        let call = Call::GetOption(SocketOption::Error);
        let outcome = match &error {
            Ok(None) => Outcome::Done,
            Ok(Some(error)) | Err(error) => Outcome::Failed(Errno::of(error)),
        };
        cx.events.call(self.label, call, outcome, since);
        let error = error.transpose()?.unwrap_or_else(|error| error);
        // What a program gets from its next `send`; nobody meets it in `getsockopt`.
        let broken_pipe = Errno::named("EPIPE") == Some(Errno::of(&error));
        let call = if broken_pipe { Call::Send(0) } else { call };
        Some(CloseReason::Failed(NetError::new(call, Target::Address(self.peer), &error)))
    }

    fn wants_to_read(&self) -> bool {
        if let Some(requested) = &self.stepped {
            return self.readable && requested.recv;
        }
        self.readable && !self.reading_paused && (!self.replies_wait() || self.failing.is_some())
    }

    /// Reports whether something to be read is left, for replies go first.
    fn tell_held_up(&mut self, cx: &mut IoContext) {
        let held = self.readable && self.blocked && self.replies_wait() && self.failing.is_none();
        if std::mem::replace(&mut self.held_up, held) != held {
            cx.events.event(EventKind::ReadingHeldUp { conn: self.id, held });
        }
    }

    fn receive(&mut self, cx: &mut IoContext) -> Option<CloseReason> {
        let size = self.options.recv_size.clamp(1, MOST_RECV_SIZE);
        if cx.scratch.len() < size {
            cx.scratch.resize(size, 0);
        }
        let mut budget = READ_BUDGET.max(size);
        let mut end = None;
        for _ in 0..CALLS_A_TURN {
            if !self.readable || budget < size || end.is_some() {
                break;
            }
            let Some(buffer) = cx.scratch.get_mut(..size) else { break };
            let result = self.recv(buffer);
            let (outcome, full) = match &result {
                Ok(n) => (Outcome::Bytes(*n as u64), *n == size),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => (Outcome::Failed(Errno::of(error)), false),
            };
            self.ready_since = cx.run.add(Call::Recv(size), outcome, full, self.ready_since, &mut cx.events);
            match result {
                Ok(0) => end = Some(End::Finished),
                Ok(n) => {
                    self.tell_urgent(&mut cx.events);
                    budget -= n;
                    self.bytes_in += n as u64;
                    self.recv_ends.push(self.bytes_in);
                    if !full && SHORT_READ_EMPTIES_SOCKET && !self.end_in_sight && !self.urgent.waits {
                        self.readable = false;
                    }
                    // A full one is seldom the last.
                    if cx.batch.is_empty() && (full || n >= READ_BUDGET / 2) {
                        cx.buffers.lend(&mut cx.batch);
                    }
                    let received = cx.scratch.get(..n).unwrap_or_default();
                    if let Err(error) = self.framer.push(received, cx.events.now() - self.began, &mut cx.batch) {
                        end = Some(End::Uncuttable(error));
                    }
                }
                Err(error) => end = Some(End::Failed(error)),
            }
        }
        cx.run.report(self.label, &mut cx.events);
        match end {
            None => {
                self.deliver(cx);
                if self.readable { None } else { self.failing.take().map(CloseReason::Failed) }
            }
            Some(End::Finished) => {
                self.readable = false;
                self.framer.finish(&mut cx.batch);
                self.deliver(cx);
                self.peer_finished = true;
                cx.events.event(EventKind::PeerFinished { conn: self.id });
                self.failing.take().map(CloseReason::Failed)
            }
            Some(End::Uncuttable(error)) => {
                self.deliver(cx);
                // The messages before that are answered.
                self.reply(cx);
                self.write(cx);
                Some(CloseReason::Failed(self.uncuttable(error)))
            }
            Some(End::Failed(error)) => {
                self.deliver(cx);
                let error = NetError::new(Call::Recv(size), Target::Address(self.peer), &error);
                Some(CloseReason::Failed(self.failing.take().unwrap_or(error)))
            }
        }
    }

    /// Report what the quiet makes of what is held.
    fn quiet(&mut self, cx: &mut IoContext) {
        let unfinished = self.framer.quiet(cx.events.now() - self.began, &mut cx.batch);
        self.deliver(cx);
        if let Some(unfinished) = unfinished {
            let held = self.framer.held();
            let held = Bytes::copy_from_slice(held.get(..LOOKED_AT).unwrap_or(held));
            cx.events.event(EventKind::Unfinished { conn: self.id, unfinished, held });
        }
    }

    /// Report the messages that are complete, and answer them.
    fn deliver(&mut self, cx: &mut IoContext) {
        if cx.batch.is_empty() {
            return;
        }
        let batch = cx.buffers.take(&mut cx.batch);
        let messages = batch.cuts.len();
        let bytes = batch.bytes.clone();
        let recv_ends = std::mem::take(&mut self.recv_ends);
        cx.events.event(EventKind::Received { conn: self.id, batch, recv_ends });
        if self.finishing || self.write_finished || self.failing.is_some() {
            return;
        }
        match &self.options.auto_reply {
            AutoReply::Off | AutoReply::Rules => {}
            AutoReply::Echo => self.enqueue_reply(bytes, cx),
            AutoReply::Fixed(reply) if reply.is_empty() => {}
            AutoReply::Fixed(_) => self.replies_owed += messages,
        }
    }

    fn uncuttable(&self, error: FramingError) -> NetError {
        let limit = match error {
            FramingError::PrefixTooLong(length) => Limit::Prefix(length),
            FramingError::PrefixTooShort(length) => Limit::ShortPrefix(length),
        };
        NetError::ours(CallKind::Recv, Target::Address(self.peer), Reason::Limit(limit))
    }

    /// Finish sending, or the whole connection, if it is time.
    fn settle(&mut self, cx: &mut IoContext) -> Option<CloseReason> {
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
            cx.events.plain_call(self.label, Call::ShutdownWrite, &result, since);
            if let Err(error) = result {
                let error = NetError::new(Call::ShutdownWrite, Target::Address(self.peer), &error);
                return Some(CloseReason::Failed(error));
            }
            self.write_finished = true;
            cx.events.event(EventKind::WriteFinished { conn: self.id });
        }
        let over = self.peer_finished && (self.write_finished || !self.options.half_open);
        if over { self.last_answer(cx) } else { None }
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
