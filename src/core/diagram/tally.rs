//! What the sockets are about now: what each waits in, and how many of the others wait in what.

use super::{Lanes, lanes::is_student};
use crate::{
    chat::{Call, CallKind, Cause, CloseReason, LARGEST_DATAGRAM, NetError, Reason, SocketId},
    core::{ConnState, Core, Key, ServerState},
};

/// What a socket is about now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// It waits in this call.
    Waits(Call),
    /// No call is under way: it waits for the user's step, or for somebody to accept.
    Idle,
    /// The peer finished sending, and we have not closed it yet.
    Closing,
    /// The peer reset the connection.
    Reset,
    /// It failed in another way.
    Failed,
    /// It is closed.
    Closed,
}

/// How many sockets are about what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub sockets: usize,
    /// Those that wait in `recv`.
    pub recv: usize,
    /// Those that wait in `connect`.
    pub connect: usize,
    /// Those that wait in another call.
    pub other_call: usize,
    /// [`SocketState::Idle`]
    pub idle: usize,
    /// [`SocketState::Closing`]
    pub closing: usize,
    /// [`SocketState::Reset`]
    pub reset: usize,
    /// [`SocketState::Failed`]
    pub failed: usize,
    /// [`SocketState::Closed`]
    pub closed: usize,
}

impl Tally {
    /// Of the sockets that have no lane of their own; without the simulated students' own ends. Looks at each socket.
    #[must_use]
    pub fn of_others(core: &Core, lanes: &Lanes) -> Self {
        let mut tally = Self::default();
        for (socket, _) in core.sockets() {
            if lanes.column(socket).is_some() || is_student(core, socket) {
                continue;
            }
            tally.sockets += 1;
            let count = match state_of(core, socket) {
                SocketState::Waits(call) => match call.kind() {
                    CallKind::Recv => &mut tally.recv,
                    CallKind::Connect => &mut tally.connect,
                    _ => &mut tally.other_call,
                },
                SocketState::Idle => &mut tally.idle,
                SocketState::Closing => &mut tally.closing,
                SocketState::Reset => &mut tally.reset,
                SocketState::Failed => &mut tally.failed,
                SocketState::Closed => &mut tally.closed,
            };
            *count += 1;
        }
        tally
    }
}

/// What a socket is about, as far as is known.
#[must_use]
pub fn state_of(core: &Core, socket: SocketId) -> SocketState {
    if let Some(call) = core.calls(socket).and_then(|log| log.waiting().last()) {
        return SocketState::Waits(*call);
    }
    match socket {
        SocketId::Listener(listener) => match core.server().state {
            ServerState::Listening { listener: now, accepting: true, .. } if now == listener => {
                SocketState::Waits(Call::Accept)
            }
            // Step by step, nothing waits but the calls that were asked for.
            ServerState::Bound { listener: now, .. } if now == listener && core.server().stepping => SocketState::Idle,
            ServerState::Bound { listener: now, .. } if now == listener => {
                SocketState::Waits(Call::RecvFrom(LARGEST_DATAGRAM))
            }
            ServerState::Listening { listener: now, .. } | ServerState::Starting(now) if now == listener => {
                SocketState::Idle
            }
            _ => SocketState::Closed,
        },
        SocketId::Conn(conn) => {
            let Some(conversation) = core.conversation(Key::Conn(conn)) else { return SocketState::Closed };
            match &conversation.state {
                ConnState::Closed(CloseReason::Failed(error)) | ConnState::Failed(error) if is_reset(error) => {
                    SocketState::Reset
                }
                ConnState::Closed(CloseReason::Failed(_)) | ConnState::Failed(_) => SocketState::Failed,
                ConnState::Closed(_) => SocketState::Closed,
                ConnState::PeerFinished => SocketState::Closing,
                // Step by step, nothing waits but the calls that were asked for.
                _ if conversation.stepped => SocketState::Idle,
                ConnState::Open if conversation.udp.is_some() => SocketState::Waits(Call::RecvFrom(LARGEST_DATAGRAM)),
                ConnState::Connecting(address) => SocketState::Waits(Call::Connect(*address)),
                // Its replies have to go first; recv is called only then.
                ConnState::Open | ConnState::WeFinished if conversation.reading_held_up => {
                    SocketState::Waits(Call::Send(conversation.waiting_bytes()))
                }
                ConnState::Open | ConnState::WeFinished => {
                    SocketState::Waits(Call::Recv(conversation.manner().options.recv_size))
                }
                ConnState::New | ConnState::LookingUp(_) => SocketState::Idle,
            }
        }
    }
}

fn is_reset(error: &NetError) -> bool {
    matches!(error.reason, Reason::Kernel { cause: Cause::Reset, .. })
}
