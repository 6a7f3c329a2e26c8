//! A UDP socket that makes a call only as a step: one `recvfrom`, one `sendto`, and nothing in between.

use super::{
    super::{
        Call, CallKind, EventKind, NetError, Reason, Target, UdpStep, connection::IoContext, event_queue::EventSender,
    },
    CALLS_A_TURN, UdpEndpoint,
};

/// What steps have asked for and the kernel has not given yet.
#[derive(Debug, Default)]
pub(super) struct Requested {
    pub(super) recv: bool,
    recv_waiting_reported: bool,
    pub(super) send: bool,
    send_waiting_reported: bool,
}

impl UdpEndpoint {
    /// Make calls only as steps, or go on by itself: what is still to do up to the first datagram is done then.
    ///
    /// # Errors
    /// Which call of those failed.
    pub(in crate::net) fn set_stepped(&mut self, stepped: bool, to: &mut EventSender) -> Result<(), NetError> {
        if stepped {
            self.stepped.get_or_insert_default();
            return Ok(());
        }
        if self.stepped.take().is_none() {
            return Ok(());
        }
        // What came while nobody looked was announced long ago: look.
        self.readable = true;
        self.open_rest(to)
    }

    /// One call, whatever the order: the kernel says what results from it. [`UdpStep::Close`] is for the loop. What is
    /// received or sent follows in the next turn.
    ///
    /// # Errors
    /// What the kernel says of it.
    pub(in crate::net) fn step(&mut self, step: UdpStep, cx: &mut IoContext) -> Result<(), NetError> {
        let now = cx.events.now();
        let requested = self.stepped.get_or_insert_default();
        match step {
            UdpStep::Socket => Err(NetError::ours(CallKind::Socket, Target::None, Reason::OutOfOrder)),
            UdpStep::ReuseAddress => self.reuse_address(&mut cx.events),
            UdpStep::Bind => self.bind_to_plan(&mut cx.events),
            UdpStep::JoinGroup => self.join_group(&mut cx.events),
            UdpStep::RecvFrom => {
                (requested.recv, requested.recv_waiting_reported) = (true, false);
                self.ready_since = now;
                self.readable = true;
                Ok(())
            }
            UdpStep::SendTo => {
                (requested.send, requested.send_waiting_reported) = (true, false);
                self.blocked = false;
                if let Some(head) = self.queue.front_mut() {
                    head.since = now;
                }
                Ok(())
            }
            UdpStep::Close => Ok(()),
        }
    }

    /// How many calls it may make before it is another socket's turn; of a stepped one, those that were asked for.
    pub(super) fn calls_a_turn(&self, asked: fn(&Requested) -> bool) -> usize {
        self.stepped.as_ref().map_or(CALLS_A_TURN, |requested| usize::from(asked(requested)))
    }

    /// There is nothing to receive: a step's call waits, which is told once.
    pub(super) fn recv_waits(&mut self, call: Call, to: &mut EventSender) {
        if let Some(requested) = &mut self.stepped
            && !std::mem::replace(&mut requested.recv_waiting_reported, true)
        {
            to.event(EventKind::StepWaiting { socket: self.label.socket, call });
        }
    }

    /// The system takes nothing now.
    pub(super) fn send_waits(&mut self, call: Call, to: &mut EventSender) {
        if let Some(requested) = &mut self.stepped
            && !std::mem::replace(&mut requested.send_waiting_reported, true)
        {
            to.event(EventKind::StepWaiting { socket: self.label.socket, call });
        }
    }
}
