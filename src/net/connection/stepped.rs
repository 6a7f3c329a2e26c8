//! A connection that makes a call only as a step: one `recv`, one `send`, and nothing in between.

use std::{
    io::{self, Read as _, Write as _},
    net::Shutdown,
    time::Instant,
};

use socket2::{SockAddr, SockRef};

use super::{Connection, Workshop};
use crate::{
    net::{
        Call, CallKind, Cause, CloseReason, ConnStep, Errno, EventKind, MOST_RECV_SIZE, NetError, Outcome, Reason,
        SocketId, Target, socket,
    },
    wire::FramingError,
};

/// What steps have asked for and the kernel has not given yet.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) recv: bool,
    pub(super) send: bool,
    /// That the call waits was said.
    recv_told: bool,
    send_told: bool,
}

impl Connection {
    /// Make calls only as steps, or go on by itself, and say so.
    pub(in crate::net) fn set_stepped(&mut self, stepped: bool, shop: &mut Workshop) {
        if stepped == self.stepped.is_some() {
            return;
        }
        let asked = self.stepped.take();
        if stepped {
            self.stepped = Some(Asked::default());
        } else {
            let now = shop.events.now();
            if !asked.as_ref().is_some_and(|asked| asked.recv) {
                self.ready_since = now;
            }
            if !asked.as_ref().is_some_and(|asked| asked.send) {
                self.head_since = now;
            }
            // What came in the meantime was announced long ago: look.
            self.readable = !self.peer_finished;
            if std::mem::take(&mut self.delays) {
                socket::set_no_delay(self.who, &self.stream, &mut shop.events);
            }
        }
        shop.events.event(EventKind::Stepping { conn: self.id, stepped });
    }

    /// It is stepped from its beginning: not even `TCP_NODELAY` has been set.
    pub(in crate::net) fn begin_stepped(&mut self, shop: &mut Workshop) {
        self.delays = true;
        self.set_stepped(true, shop);
    }

    /// Whether it makes calls only as steps.
    pub(in crate::net) fn is_stepped(&self) -> bool {
        self.stepped.is_some()
    }

    /// One call, whatever the order: the kernel says what comes of it. `recv` and `send` are made in the
    /// next turn; [`ConnStep::Close`] is for the loop.
    pub(in crate::net) fn step(&mut self, step: ConnStep, shop: &mut Workshop) -> Result<(), NetError> {
        self.set_stepped(true, shop);
        let now = shop.events.now();
        match step {
            ConnStep::Socket => Err(NetError::ours(CallKind::Socket, Target::None, Reason::OutOfOrder)),
            ConnStep::Connect => self.connect_again(shop),
            ConnStep::Recv => {
                if let Some(asked) = self.stepped.as_mut().filter(|asked| !asked.recv) {
                    (asked.recv, asked.recv_told) = (true, false);
                    self.ready_since = now;
                    self.readable = true;
                }
                Ok(())
            }
            ConnStep::Send => {
                if let Some(asked) = self.stepped.as_mut().filter(|asked| !asked.send) {
                    (asked.send, asked.send_told) = (true, false);
                    self.head_since = now;
                    self.blocked = false;
                }
                Ok(())
            }
            ConnStep::FinishSending => self.shut_down(shop),
            ConnStep::Close => Ok(()),
        }
    }

    /// The turn of a connection that is stepped: what steps asked for, as far as the kernel gives it.
    pub(super) fn turn_stepped(&mut self, may_read: bool, shop: &mut Workshop) -> Option<CloseReason> {
        if may_read {
            if self.wants_to_read()
                && let Some(reason) = self.recv_once(shop)
            {
                return Some(reason);
            }
            self.framer.quiet(shop.events.now(), &mut shop.batch);
            self.deliver(shop);
            self.reply(shop);
        }
        if self.wants_turn_unread() {
            self.send_once(shop);
        }
        None
    }

    fn recv_once(&mut self, shop: &mut Workshop) -> Option<CloseReason> {
        let size = self.options.recv_size.clamp(1, MOST_RECV_SIZE);
        if shop.scratch.len() < size {
            shop.scratch.resize(size, 0);
        }
        let asked = self.stepped.as_mut()?;
        let call = Call::Recv(size);
        let result = self.stream.read(shop.scratch.get_mut(..size)?);
        let outcome = match &result {
            Ok(n) => Outcome::Bytes(*n as u64),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                if !std::mem::replace(&mut asked.recv_told, true) {
                    shop.events.event(EventKind::StepWaiting { socket: SocketId::Conn(self.id), call });
                }
                return None;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
            Err(error) => Outcome::Failed(Errno::of(error)),
        };
        asked.recv = false;
        shop.events.call(self.who, call, outcome, self.ready_since);
        match result {
            Ok(0) => {
                if !std::mem::replace(&mut self.peer_finished, true) {
                    self.framer.finish(&mut shop.batch);
                    self.deliver(shop);
                    shop.events.event(EventKind::PeerFinished { conn: self.id });
                }
                None
            }
            Ok(n) => {
                self.bytes_in += n as u64;
                self.recv_ends.push(self.bytes_in);
                let received = shop.scratch.get(..n).unwrap_or_default();
                let cut = self.framer.push(received, shop.events.now(), &mut shop.batch);
                self.deliver(shop);
                let FramingError::PrefixTooLong(length) = cut.err()?;
                Some(CloseReason::Failed(self.prefix_too_long(length)))
            }
            Err(error) => {
                self.step_failed(call, &error, shop);
                None
            }
        }
    }

    fn send_once(&mut self, shop: &mut Workshop) {
        let Some(asked) = self.stepped.as_mut() else { return };
        let bytes = self.queue.front().map(|head| head.rest.clone()).unwrap_or_default();
        let call = Call::Send(bytes.len());
        match self.stream.write(&bytes) {
            Ok(n) => {
                asked.send = false;
                shop.events.call(self.who, call, Outcome::Bytes(n as u64), self.head_since);
                self.queued_bytes -= n;
                self.bytes_out += n as u64;
                if let Some(head) = self.queue.front_mut() {
                    head.rest = head.rest.slice(n..);
                    if head.rest.is_empty() {
                        let (message, bytes) = (head.message, head.len);
                        self.queue.pop_front();
                        shop.events.event(EventKind::Sent { conn: self.id, message, bytes });
                    }
                }
                self.blocked = false;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked = true;
                if !std::mem::replace(&mut asked.send_told, true) {
                    shop.events.event(EventKind::StepWaiting { socket: SocketId::Conn(self.id), call });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                asked.send = false;
                shop.events.call(self.who, call, Outcome::Failed(Errno::of(&error)), self.head_since);
                let failed = self.step_failed(call, &error, shop);
                if let Some(head) = self.queue.pop_front() {
                    self.queued_bytes -= head.rest.len();
                    shop.events.event(EventKind::SendFailed { conn: self.id, message: head.message, error: failed });
                }
            }
        }
        if self.blocked != self.watching_room {
            self.watch_room(self.blocked, shop);
        }
    }

    fn shut_down(&mut self, shop: &mut Workshop) -> Result<(), NetError> {
        let since = Instant::now();
        let result = self.stream.shutdown(Shutdown::Write);
        shop.events.plain_call(self.who, Call::ShutdownWrite, &result, since);
        result.map_err(|error| NetError::new(Call::ShutdownWrite, Target::Address(self.peer), &error))?;
        self.finishing = true;
        if !std::mem::replace(&mut self.write_finished, true) {
            shop.events.event(EventKind::WriteFinished { conn: self.id });
        }
        Ok(())
    }

    /// `connect` on a socket that is connected: the kernel's answer is what it is for.
    fn connect_again(&self, shop: &mut Workshop) -> Result<(), NetError> {
        let call = Call::Connect(self.peer);
        let since = Instant::now();
        let result = SockRef::from(&self.stream).connect(&SockAddr::from(self.peer));
        shop.events.plain_call(self.who, call, &result, since);
        result.map_err(|error| NetError::new(call, Target::Address(self.peer), &error))
    }

    /// A step's `recv` or `send` failed. The connection stays, as a program's would, until it is closed
    /// or goes on by itself.
    fn step_failed(&mut self, call: Call, error: &io::Error, shop: &mut Workshop) -> NetError {
        let error = NetError::new(call, Target::Address(self.peer), error);
        // After our own shutdown, it is only the order that was wrong.
        let error = if self.write_finished && error.cause() == Cause::Reset && matches!(call, Call::Send(_)) {
            error.with_cause(Cause::OutOfOrder)
        } else {
            self.failing = Some(error.clone());
            error
        };
        let socket = SocketId::Conn(self.id);
        shop.events.event(EventKind::StepFailed { socket, error: error.clone() });
        error
    }
}
