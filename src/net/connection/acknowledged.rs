//! What the kernel is asked of a connection: how much of what it sent the other machine has acknowledged, and whether
//! that answers at all.

use super::{Connection, IoContext};
use crate::net::{EventKind, send_queue::SocketIdentity};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// Set at the first send: later it may be too late, for a socket in TIME-WAIT is found by no new number.
    identity: Option<SocketIdentity>,
    /// The bytes acknowledged, as they were reported last.
    reported: Option<u64>,
    /// Its loop asks for it, or has asked in vain.
    awaited: bool,
}

impl Connection {
    /// Whether the kernel took bytes that are not known to be acknowledged.
    pub(in crate::net) fn has_unacknowledged(&self) -> bool {
        self.bytes_out > self.acknowledged.reported.unwrap_or(0)
    }

    /// Whether the loop should ask from now on. Gives `true` once, until nothing is unacknowledged any more.
    pub(in crate::net) fn begins_to_await_acknowledgement(&mut self) -> bool {
        if !self.has_unacknowledged() || std::mem::replace(&mut self.acknowledged.awaited, true) {
            return false;
        }
        self.identify();
        self.acknowledged.identity.is_some()
    }

    /// Whether the loop asks for it.
    pub(in crate::net) fn awaits_acknowledgement(&self) -> bool {
        self.acknowledged.awaited && self.acknowledged.identity.is_some()
    }

    /// Asks the kernel, and reports what is new. Gives whether it should be asked again: not when all is
    /// acknowledged and answered, and not when the kernel doesn't know the socket any more.
    ///
    /// No more is reported than is acknowledged: the kernel's send queue ends where the last `send` did, for nobody but
    /// this thread sends on the socket, and not between this question and its answer. So what is in the queue are the
    /// last of the `bytes_out` bytes that the kernel took, and maybe the FIN that we sent after them.
    pub(in crate::net) fn ask_kernel(&mut self, cx: &mut IoContext) -> bool {
        self.identify();
        let asked = self.acknowledged.identity.and_then(|socket| cx.send_queues.ask(socket));
        let Some(queue) = asked else { return false };
        let unacknowledged = queue.bytes.saturating_sub(u64::from(self.write_finished));
        let bytes = self.bytes_out.saturating_sub(unacknowledged).max(self.acknowledged.reported.unwrap_or(0));
        let reported = self.acknowledged.reported.replace(bytes);
        if reported != Some(bytes) && self.bytes_out > 0 {
            cx.events.event(EventKind::Acknowledged { conn: self.id, bytes });
        }
        self.note_silence(&queue, cx);
        self.acknowledged.awaited = self.has_unacknowledged() || self.silence.is_unanswered();
        self.acknowledged.awaited
    }

    /// How many bytes are known to be acknowledged.
    pub(super) fn acknowledged_so_far(&self) -> u64 {
        self.acknowledged.reported.unwrap_or(0)
    }

    /// Whether the kernel can be asked for it at all.
    pub(super) fn is_known_to_kernel(&self) -> bool {
        self.acknowledged.identity.is_some()
    }

    fn identify(&mut self) {
        if self.acknowledged.identity.is_none() {
            self.acknowledged.identity = SocketIdentity::of(&self.stream, self.local, self.peer);
        }
    }
}
