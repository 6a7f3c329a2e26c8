//! The calls made on one socket.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
};

use super::{CALLS_OF_NOBODY_KEPT, Core};
use crate::chat::{Call, CallKind, Outcome, SocketCall, SocketId};

/// Calls kept of one socket; past it the oldest go, and are counted.
pub const CALLS_KEPT: usize = 5_000;

/// A call, and where it stands among the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallRow {
    /// Which call of all sockets it is, counted from 1: the order in which they were reported.
    pub number: u64,
    /// The call.
    pub call: SocketCall,
    /// `recv`, `send`: where in the stream of that direction its bytes begin, in bytes.
    pub begins: u64,
    /// The socket's descriptor, if it has one.
    pub descriptor: Option<Descriptor>,
}

/// A descriptor of this process, told apart from others with the same number: the system gives the number of a closed
/// socket to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Descriptor {
    /// The number (a handle on Windows).
    pub fd: i64,
    /// Which socket with this number it is, counted from 1.
    pub nth: u32,
}

/// How many sockets there have been with each number.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    /// As many as the process may have files open.
    used: HashMap<i64, u32>,
}

impl Descriptors {
    fn next(&mut self, fd: i64) -> Descriptor {
        let nth = self.used.entry(fd).or_default();
        *nth += 1;
        Descriptor { fd, nth: *nth }
    }
}

impl CallRow {
    /// `recv`, `send`: the bytes that it moved, by their place in the stream of that direction.
    #[must_use]
    pub fn bytes(&self) -> Option<Range<u64>> {
        match (self.call.call, self.call.outcome) {
            (Call::Recv(_) | Call::Send(_), Outcome::Bytes(bytes)) => Some(self.begins..self.begins + bytes),
            _ => None,
        }
    }
}

/// The calls made on one socket, oldest first.
#[derive(Debug, Default)]
pub struct CallLog {
    rows: VecDeque<CallRow>,
    let_go: u64,
    received: u64,
    sent: u64,
    waiting: Vec<Call>,
    descriptor: Option<Descriptor>,
}

impl CallLog {
    /// The calls, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &CallRow> + ExactSizeIterator {
        self.rows.iter()
    }

    /// How many older ones are not kept any more.
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// The latest call.
    #[must_use]
    pub fn last(&self) -> Option<&CallRow> {
        self.rows.back()
    }

    /// The first call kept whose number is not below this, as a place in [`Self::iter`].
    #[must_use]
    pub fn place_of(&self, number: u64) -> usize {
        self.rows.partition_point(|row| row.number < number)
    }

    /// Calls made by steps that have not returned yet.
    #[must_use]
    pub fn waiting(&self) -> &[Call] {
        &self.waiting
    }

    /// Whether such a call, made by a step, has not returned yet.
    #[must_use]
    pub fn waits_in(&self, kind: CallKind) -> bool {
        self.waiting.iter().any(|call| call.kind() == kind)
    }

    pub(super) fn waits(&mut self, call: Call) {
        self.returned(call);
        self.waiting.push(call);
    }

    pub(super) fn waits_no_more(&mut self) {
        self.waiting.clear();
    }

    fn returned(&mut self, call: Call) {
        self.waiting.retain(|waiting| waiting.kind() != call.kind());
    }

    pub(super) fn push(&mut self, number: u64, call: SocketCall, descriptors: &mut Descriptors) {
        if !self.waiting.is_empty() {
            self.returned(call.call);
        }
        if self.rows.len() == CALLS_KEPT {
            self.rows.pop_front();
            self.let_go += 1;
        }
        let stream = match call.call {
            Call::Send(_) => &mut self.sent,
            _ => &mut self.received,
        };
        let fd = match call.outcome {
            Outcome::Descriptor(fd) => fd,
            _ => call.fd,
        };
        if fd >= 0 && self.descriptor.is_none_or(|now| now.fd != fd) {
            self.descriptor = Some(descriptors.next(fd));
        }
        let row = CallRow { number, call, begins: *stream, descriptor: self.descriptor };
        *stream += row.bytes().map_or(0, |bytes| bytes.end - bytes.start);
        self.rows.push_back(row);
        if call.call == Call::Close {
            self.descriptor = None;
        }
    }
}

impl Core {
    /// A socket is closed that no conversation stands for: its calls are kept for a while, as the latest of such; not
    /// those of a lab that is over.
    pub(super) fn gone_without_conversation(&mut self, socket: SocketId) {
        if self.left_by_labs.remove(&socket) {
            self.take_calls_away(socket);
            return;
        }
        self.calls_of_nobody.push_back(socket);
        while self.calls_of_nobody.len() > CALLS_OF_NOBODY_KEPT
            && let Some(oldest) = self.calls_of_nobody.pop_front()
        {
            self.calls.remove(&oldest);
        }
    }

    /// This socket was a lab's that is over: its calls go, at once or when it is closed.
    pub(super) fn leave_to_labs(&mut self, socket: SocketId) {
        let before = self.calls_of_nobody.len();
        self.calls_of_nobody.retain(|closed| *closed != socket);
        if self.calls_of_nobody.len() < before {
            self.take_calls_away(socket);
        } else {
            self.left_by_labs.insert(socket);
        }
    }

    /// The calls of a socket are not shown any more.
    pub(super) fn take_calls_away(&mut self, socket: SocketId) {
        if self.calls.remove(&socket).is_some() {
            self.calls_taken_away += 1;
            if self.calls.is_empty() {
                // Nothing is shown that a number could be taken for.
                self.descriptors = Descriptors::default();
            }
        }
    }
}
