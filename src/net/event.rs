//! What the network thread reports: everything that happens, with its time and its addresses.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::{Call, CloseReason, ConnId, Group, ListenerId, MessageId, NetError, SocketCall, SocketId};
use crate::wire::{Batch, Unfinished};

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, on this machine's clock.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[allow(missing_docs, reason = "the fields' names and types say what they are")]
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A call was made on a socket.
    Call(SocketCall),

    /// A step failed; the socket is as before, as far as the kernel leaves it so.
    StepFailed { socket: SocketId, error: NetError },
    /// A step's call waits; it returns when there is something for it. A row of that call follows then.
    StepWaiting { socket: SocketId, call: Call },
    /// A connection makes a call only as a step (`true`), or continues by itself (`false`).
    Stepping { conn: ConnId, stepped: bool },

    /// A listener listens. `local` as `getsockname` returned it.
    Listening { listener: ListenerId, local: SocketAddr, backlog: u32 },
    /// A listener could not be opened, and is gone: its id may be used again.
    ListenFailed { listener: ListenerId, error: NetError },
    /// `accept` began to fail; it is tried again, and this reported again only after a success.
    AcceptFailed { listener: ListenerId, error: NetError },
    /// Accepting stopped (`true`) or continues (`false`).
    AcceptingPaused { listener: ListenerId, paused: bool },
    /// A client over the limit was closed at once.
    TurnedAway { listener: ListenerId, conn: ConnId, peer: SocketAddr, error: NetError },
    /// The listening socket is closed.
    ListenerClosed { listener: ListenerId },

    /// A client was accepted. `peer` exactly as `accept` returned it.
    Accepted { listener: ListenerId, conn: ConnId, peer: SocketAddr, local: SocketAddr },

    /// A name is being looked up.
    LookingUp { conn: ConnId, host: String },
    /// `connect` to this address is under way, from the address `local` where the system has given one by now.
    Connecting { conn: ConnId, address: SocketAddr, local: Option<SocketAddr> },
    /// The connection is established.
    Connected { conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// No address could be connected to; `error` is the last one's. The connection is gone.
    ConnectFailed { conn: ConnId, error: NetError },

    /// Messages arrived. `recv_ends` says, for each `recv` since the event before, how many bytes
    /// of the stream had been received by its end, so that each can be shown.
    Received { conn: ConnId, batch: Batch, recv_ends: Vec<u64> },
    /// A message has begun whose length is known, and no byte has come for a while. `held`: its first bytes, framing
    /// included, at most [`LOOKED_AT`](crate::wire::LOOKED_AT), if none of it was reported yet.
    Unfinished { conn: ConnId, unfinished: Unfinished, held: Bytes },
    /// The framing changed here: bytes after this event are cut the new way.
    Reframed { conn: ConnId },
    /// An automatic reply was queued under this id: one for each message if it is a fixed text, one for
    /// all messages of the [`EventKind::Received`] before if it is an echo. [`EventKind::Sent`] follows.
    AutoReplied { conn: ConnId, message: MessageId, bytes: Bytes },
    /// A message of a repeat was queued under this id. [`EventKind::Sent`] or [`EventKind::SendFailed`] follows.
    Repeated { conn: ConnId, message: MessageId, bytes: Bytes },
    /// Nothing is repeated on this connection any more.
    RepeatEnded { conn: ConnId },
    /// The kernel took all bytes of a message.
    Sent { conn: ConnId, message: MessageId, bytes: usize },
    /// The other machine's kernel has acknowledged the first `bytes` bytes that were sent, at the least. Follows the
    /// `Sent` of each message within them. The first one may say 0: the kernel was asked. Where the system does not say
    /// it, there is none.
    Acknowledged { conn: ConnId, bytes: u64 },
    /// The peer's system has not answered for [`super::PEER_SILENT_AFTER`] what we sent or a keepalive probe; `since` is when
    /// it was heard last. `None`: it answers again. Where the system does not say it, there is none.
    Silent { conn: ConnId, since: Option<Timestamp> },
    /// The peer's system has said that it has no room for a segment (`true`), so that what was sent waits here; or it has
    /// some again. Where our system does not say it, there is none.
    NoRoom { conn: ConnId, no_room: bool },
    /// `recv` is not called (`true`), for what waits to be sent has to go first; or it is again.
    ReadingHeldUp { conn: ConnId, held: bool },
    /// The peer had finished sending, and then reset the connection: what was sent from the byte `from` on was not known to
    /// be acknowledged, and nothing was sent after it. `Closed` follows.
    AnsweredByReset { conn: ConnId, from: u64 },
    /// A message could not be sent, or not wholly.
    SendFailed { conn: ConnId, message: MessageId, error: NetError },
    /// `SendToAll` was handed to this many clients; their `Sent` or `SendFailed` follow.
    SendingToAll { message: MessageId, clients: usize },
    /// The peer sent this byte as urgent (`MSG_OOB`). It is among those received, the one of this number in the stream,
    /// counted from 1. `last_told`: of later ones nothing is said. Where the system does not say which it is, there is
    /// none.
    Urgent { conn: ConnId, byte: u8, position: u64, last_told: bool },
    /// The peer finished sending (`recv` returned 0).
    PeerFinished { conn: ConnId },
    /// We finished sending (`shutdown(SHUT_WR)`).
    WriteFinished { conn: ConnId },
    /// The connection is closed, with what it moved in its life, in bytes. The last event of this
    /// connection; whatever it had queued has failed before.
    Closed { conn: ConnId, reason: CloseReason, bytes_in: u64, bytes_out: u64 },

    /// A UDP socket that hears anybody has its address, `local` as `getsockname` returned it, and is in this group.
    UdpBound { listener: ListenerId, local: SocketAddr, group: Option<Group> },
    /// A UDP socket that sends to `peer` is open. It comes once more with the first datagram, which gave the socket a
    /// port, if it had none.
    UdpReady { conn: ConnId, peer: SocketAddr, local: Option<SocketAddr> },
    /// A datagram came from an address that this UDP socket does not know, `peer` as `recvfrom` returned it: a
    /// conversation begins. `Received` follows.
    UdpHeard { socket: SocketId, conn: ConnId, peer: SocketAddr, local: SocketAddr },
    /// So many datagrams in all came to this UDP socket that our system had no room for. Where the system does not say
    /// it, there is none.
    UdpDropped { socket: SocketId, datagrams: u64 },

    /// The thread has closed everything; no event follows.
    Stopped,
}
