//! What a connection sends: the bounded queue to the kernel, and the replies it makes by itself.

use std::io::{self, Write as _};

use bytes::Bytes;
use mio::Interest;

use super::{CALLS_A_TURN, Connection, IoContext};
use crate::net::{
    AutoReply, Call, CallKind, Errno, EventKind, Limit, MessageId, NetError, Outcome, QUEUE_LIMIT, Reason, Target,
    socket,
};

/// Bytes sent in one turn, at least; then it is another connection's turn.
const WRITE_BUDGET: usize = 1024 * 1024;

/// A message on its way to the kernel.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) message: MessageId,
    /// What the kernel has not taken yet.
    pub(super) rest: Bytes,
    pub(super) len: usize,
}

impl Connection {
    /// Put a message in the queue; the next turn sends it. Whether there was room.
    pub(in crate::net) fn send(&mut self, message: MessageId, bytes: Bytes, cx: &mut IoContext) -> bool {
        let refusal = if self.finishing || self.write_finished {
            Some(Reason::WriteFinished)
        } else if let Some(failed) = &self.failing {
            Some(Reason::Broken(failed.cause()))
        } else {
            if self.is_too_much(bytes.len()) {
                // It may be that nobody has asked the kernel yet.
                self.write(cx);
            }
            self.is_too_much(bytes.len()).then_some(Reason::Limit(Limit::SendQueue))
        };
        if let Some(reason) = refusal {
            self.send_failed(message, reason, cx);
            return false;
        }
        self.enqueue(message, bytes, cx);
        true
    }

    /// Finish sending once the queue is sent.
    pub(in crate::net) fn finish_sending(&mut self) {
        self.finishing = true;
    }

    /// As long as a peer does not take its replies, it may not ask for more of them.
    pub(super) fn replies_wait(&self) -> bool {
        self.replies_owed > 0 || (self.options.auto_reply != AutoReply::Off && self.queued_bytes > QUEUE_LIMIT / 2)
    }

    pub(super) fn may_reply(&self) -> bool {
        self.replies_owed > 0 && self.queued_bytes <= QUEUE_LIMIT / 2
    }

    /// Queue the fixed replies that are owed, as far as there is room.
    pub(super) fn reply(&mut self, cx: &mut IoContext) {
        for _ in 0..CALLS_A_TURN {
            if !self.may_reply() {
                return;
            }
            let AutoReply::Fixed(reply) = &self.options.auto_reply else { return };
            let reply = reply.clone();
            self.replies_owed -= 1;
            self.enqueue_reply(reply, cx);
        }
    }

    pub(super) fn enqueue_reply(&mut self, bytes: Bytes, cx: &mut IoContext) {
        let message = cx.ids.next_reply();
        cx.events.event(EventKind::AutoReplied { conn: self.id, message, bytes: bytes.clone() });
        self.enqueue(message, bytes, cx);
    }

    fn is_too_much(&self, len: usize) -> bool {
        !self.queue.is_empty() && self.queued_bytes + len > QUEUE_LIMIT
    }

    fn enqueue(&mut self, message: MessageId, bytes: Bytes, cx: &IoContext) {
        if self.queue.is_empty() {
            self.head_since = cx.events.now();
        }
        self.queued_bytes += bytes.len();
        self.queue.push_back(Outgoing { message, len: bytes.len(), rest: bytes });
    }

    /// Give the kernel what it takes of the queue, within the budget of one turn.
    pub(in crate::net) fn write(&mut self, cx: &mut IoContext) {
        if self.stepped.is_some() {
            return;
        }
        let mut budget = WRITE_BUDGET;
        let before = self.bytes_out;
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
                        self.head_since = cx.run.add(call, outcome, true, self.head_since, &mut cx.events);
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
                        cx.run.add(call, outcome, false, self.head_since, &mut cx.events);
                        self.failing = Some(NetError::new(call, Target::Address(self.peer), &error));
                    }
                }
            }
            if head.rest.is_empty() {
                cx.sent.push((head.message, head.len));
                self.queue.pop_front();
            }
        }
        self.last_answer.wrote(before, self.bytes_out);
        cx.run.report(self.label, &mut cx.events);
        for (message, bytes) in cx.sent.drain(..) {
            cx.events.event(EventKind::Sent { conn: self.id, message, bytes });
        }
        if self.blocked != self.watching_room {
            self.watch_room(self.blocked, cx);
        }
    }

    /// Have the poll report when there is room to send, or no longer.
    pub(super) fn watch_room(&mut self, watch: bool, cx: &IoContext) {
        let interest = if watch { socket::RECEIVING | Interest::WRITABLE } else { socket::RECEIVING };
        match cx.poll.registry().reregister(&mut self.stream, self.token, interest) {
            Ok(()) => self.watching_room = watch,
            Err(error) => {
                let call = Call::Send(self.queued_bytes);
                self.failing = Some(NetError::new(call, Target::Address(self.peer), &error));
            }
        }
    }

    pub(super) fn send_failed(&self, message: MessageId, reason: Reason, cx: &mut IoContext) {
        let error = NetError::ours(CallKind::Send, Target::Address(self.peer), reason);
        cx.events.event(EventKind::SendFailed { conn: self.id, message, error });
    }
}
