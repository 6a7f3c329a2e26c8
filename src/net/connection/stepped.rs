//! A connection that makes a call only as a step: one `recv`, one `send`, and nothing in between.

use std::{
    io::{self, Write as _},
    net::Shutdown,
    time::Instant,
};

use socket2::{SockAddr, SockRef};

use super::{Connection, IoContext};
use crate::net::{
    Call, CallKind, Cause, CloseReason, ConnStep, Errno, EventKind, MOST_RECV_SIZE, NetError, Outcome, Reason,
    SocketId, Target, socket,
};

/// What steps have asked for and the kernel has not given yet.
#[derive(Debug, Default)]
pub(super) struct RequestedCalls {
    pub(super) recv: bool,
    pub(super) send: bool,
    /// `StepWaiting` was sent for it.
    recv_waiting_reported: bool,
    send_waiting_reported: bool,
}

impl Connection {
    /// Make calls only as steps, or continue by itself, and report which.
    pub(in crate::net) fn set_stepped(&mut self, stepped: bool, cx: &mut IoContext) {
        if stepped == self.stepped.is_some() {
            return;
        }
        let requested = self.stepped.take();
        if stepped {
            self.stepped = Some(RequestedCalls::default());
        } else {
            let now = cx.events.now();
            if !requested.as_ref().is_some_and(|requested| requested.recv) {
                self.ready_since = now;
            }
            if !requested.as_ref().is_some_and(|requested| requested.send) {
                self.head_since = now;
            }
            // What came in the meantime was announced long ago: look.
            self.readable = !self.peer_finished;
            if std::mem::take(&mut self.no_delay_pending) {
                socket::set_no_delay(self.label, &self.stream, &mut cx.events);
            }
        }
        cx.events.event(EventKind::Stepping { conn: self.id, stepped });
    }

    /// It is stepped from its beginning: not even `TCP_NODELAY` has been set.
    pub(in crate::net) fn begin_stepped(&mut self, cx: &mut IoContext) {
        self.no_delay_pending = true;
        self.set_stepped(true, cx);
    }

    /// Whether it makes calls only as steps.
    pub(in crate::net) fn is_stepped(&self) -> bool {
        self.stepped.is_some()
    }

    /// One call, whatever the order: the kernel says what results from it. `recv` and `send` are made in the
    /// next turn; [`ConnStep::Close`] is for the loop.
    pub(in crate::net) fn step(&mut self, step: ConnStep, cx: &mut IoContext) -> Result<(), NetError> {
        self.set_stepped(true, cx);
        let now = cx.events.now();
        match step {
            ConnStep::Socket => Err(NetError::ours(CallKind::Socket, Target::None, Reason::OutOfOrder)),
            ConnStep::Connect => self.connect_again(cx),
            ConnStep::Recv => {
                if let Some(requested) = self.stepped.as_mut().filter(|requested| !requested.recv) {
                    (requested.recv, requested.recv_waiting_reported) = (true, false);
                    self.ready_since = now;
                    self.readable = true;
                }
                Ok(())
            }
            ConnStep::Send => {
                if let Some(requested) = self.stepped.as_mut().filter(|requested| !requested.send) {
                    (requested.send, requested.send_waiting_reported) = (true, false);
                    self.head_since = now;
                    self.blocked = false;
                }
                Ok(())
            }
            ConnStep::FinishSending => self.shut_down(cx),
            ConnStep::Close => Ok(()),
        }
    }

    /// The turn of a connection that is stepped: what steps asked for, as far as the kernel gives it.
    pub(super) fn turn_stepped(&mut self, may_read: bool, cx: &mut IoContext) -> Option<CloseReason> {
        if may_read {
            if self.wants_to_read()
                && let Some(reason) = self.recv_once(cx)
            {
                return Some(reason);
            }
            self.quiet(cx);
            self.reply(cx);
        }
        if self.has_work_besides_reading() {
            self.send_once(cx);
        }
        None
    }

    fn recv_once(&mut self, cx: &mut IoContext) -> Option<CloseReason> {
        let size = self.options.recv_size.clamp(1, MOST_RECV_SIZE);
        if cx.scratch.len() < size {
            cx.scratch.resize(size, 0);
        }
        let call = Call::Recv(size);
        let result = self.recv(cx.scratch.get_mut(..size)?);
        let requested = self.stepped.as_mut()?;
        let outcome = match &result {
            Ok(n) => Outcome::Bytes(*n as u64),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                if !std::mem::replace(&mut requested.recv_waiting_reported, true) {
                    cx.events.event(EventKind::StepWaiting { socket: SocketId::Conn(self.id), call });
                }
                return None;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
            Err(error) => Outcome::Failed(Errno::of(error)),
        };
        requested.recv = false;
        cx.events.call(self.label, call, outcome, self.ready_since);
        match result {
            Ok(0) => {
                if !std::mem::replace(&mut self.peer_finished, true) {
                    self.framer.finish(&mut cx.batch);
                    self.deliver(cx);
                    cx.events.event(EventKind::PeerFinished { conn: self.id });
                }
                None
            }
            Ok(n) => {
                self.tell_urgent(&mut cx.events);
                self.bytes_in += n as u64;
                self.recv_ends.push(self.bytes_in);
                let received = cx.scratch.get(..n).unwrap_or_default();
                let cut = self.framer.push(received, cx.events.now() - self.began, &mut cx.batch);
                self.deliver(cx);
                Some(CloseReason::Failed(self.uncuttable(cut.err()?)))
            }
            Err(error) => {
                self.step_failed(call, &error, cx);
                None
            }
        }
    }

    fn send_once(&mut self, cx: &mut IoContext) {
        let Some(requested) = self.stepped.as_mut() else { return };
        let bytes = self.queue.front().map(|head| head.rest.clone()).unwrap_or_default();
        let call = Call::Send(bytes.len());
        match self.stream.write(&bytes) {
            Ok(n) => {
                requested.send = false;
                cx.events.call(self.label, call, Outcome::Bytes(n as u64), self.head_since);
                self.queued_bytes -= n;
                self.last_answer.wrote(self.bytes_out, self.bytes_out + n as u64);
                self.bytes_out += n as u64;
                if let Some(head) = self.queue.front_mut() {
                    head.rest = head.rest.slice(n..);
                    if head.rest.is_empty() {
                        let (message, bytes) = (head.message, head.len);
                        self.queue.pop_front();
                        cx.events.event(EventKind::Sent { conn: self.id, message, bytes });
                    }
                }
                self.blocked = false;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked = true;
                if !std::mem::replace(&mut requested.send_waiting_reported, true) {
                    cx.events.event(EventKind::StepWaiting { socket: SocketId::Conn(self.id), call });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                requested.send = false;
                cx.events.call(self.label, call, Outcome::Failed(Errno::of(&error)), self.head_since);
                let failed = self.step_failed(call, &error, cx);
                if let Some(head) = self.queue.pop_front() {
                    self.queued_bytes -= head.rest.len();
                    cx.events.event(EventKind::SendFailed { conn: self.id, message: head.message, error: failed });
                }
            }
        }
        if self.blocked != self.watching_room {
            self.watch_room(self.blocked, cx);
        }
    }

    fn shut_down(&mut self, cx: &mut IoContext) -> Result<(), NetError> {
        let since = Instant::now();
        let result = self.stream.shutdown(Shutdown::Write);
        cx.events.plain_call(self.label, Call::ShutdownWrite, &result, since);
        result.map_err(|error| NetError::new(Call::ShutdownWrite, Target::Address(self.peer), &error))?;
        self.finishing = true;
        if !std::mem::replace(&mut self.write_finished, true) {
            cx.events.event(EventKind::WriteFinished { conn: self.id });
        }
        Ok(())
    }

    /// `connect` on a socket that is connected: the kernel's answer is what it is for.
    fn connect_again(&self, cx: &mut IoContext) -> Result<(), NetError> {
        let call = Call::Connect(self.peer);
        let since = Instant::now();
        let result = SockRef::from(&self.stream).connect(&SockAddr::from(self.peer));
        cx.events.plain_call(self.label, call, &result, since);
        result.map_err(|error| NetError::new(call, Target::Address(self.peer), &error))
    }

    /// A step's `recv` or `send` failed. The connection stays, as a program's would, until it is closed
    /// or continues by itself.
    fn step_failed(&mut self, call: Call, error: &io::Error, cx: &mut IoContext) -> NetError {
        let error = NetError::new(call, Target::Address(self.peer), error);
        // After our own shutdown, it is only the order that was wrong.
        let error = if self.write_finished && error.cause() == Cause::Reset && matches!(call, Call::Send(_)) {
            error.with_cause(Cause::OutOfOrder)
        } else {
            self.failing = Some(error.clone());
            error
        };
        let socket = SocketId::Conn(self.id);
        cx.events.event(EventKind::StepFailed { socket, error: error.clone() });
        error
    }
}
