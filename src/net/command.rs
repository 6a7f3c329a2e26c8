//! What may be asked of the network thread.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;

use super::{
    Admission, AutoReply, CallKind, ConnId, ConnOptions, Group, ListenerId, MOST_UDP_PEERS, MessageId, Repeat, SocketId,
};

/// How a listener is opened, and what the clients it accepts are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    /// Address and port; port 0 for any free one.
    pub address: SocketAddr,
    /// Connections that the system may hold before `accept` (listen(2)).
    pub backlog: u32,
    /// Set [`SocketOption::of_server`](super::SocketOption::of_server) before `bind`.
    pub reuse_address: bool,
    /// Clients at once; one more is accepted and closed without a byte, and that is reported.
    pub max_clients: usize,
    /// Who may connect; another is accepted and closed without a byte, and that is reported.
    pub admission: Admission,
    /// For each accepted client.
    pub conn: ConnOptions,
}

impl ListenOptions {
    /// The usual way: a backlog of 5, the address reused, [`super::MAX_CLIENTS`].
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            backlog: 5,
            reuse_address: true,
            max_clients: super::MAX_CLIENTS,
            admission: Admission::default(),
            conn: ConnOptions::default(),
        }
    }
}

/// How a UDP socket that hears anybody is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UdpOptions {
    /// Address and port; port 0 for any free one.
    pub address: SocketAddr,
    /// A multicast group that is heard too. `SO_REUSEADDR` is set then, so that several programs may hear it.
    pub group: Option<Group>,
    /// Addresses at once: with one more, the one that was not heard for longest is let go.
    pub most_peers: usize,
    /// What each is answered.
    pub auto_reply: AutoReply,
}

impl UdpOptions {
    /// The usual way: no group, [`MOST_UDP_PEERS`], and no answer.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, group: None, most_peers: MOST_UDP_PEERS, auto_reply: AutoReply::Off }
    }
}

/// One step of opening a listener by hand. Nothing else happens between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenStep {
    /// `socket`, of the family of [`ListenOptions::address`].
    Socket,
    /// `setsockopt` of [`SocketOption::of_server`](super::SocketOption::of_server) with [`ListenOptions::reuse_address`].
    ReuseAddress,
    /// `bind` to [`ListenOptions::address`].
    Bind,
    /// `listen` with [`ListenOptions::backlog`].
    Listen,
    /// `accept` one client: now if one waits in the queue, else the next that comes.
    Accept,
    /// `close` the listening socket. The listener is gone; its clients stay connected.
    Close,
}

/// One step of a connection by hand. Nothing else happens between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnStep {
    /// `socket`, of the family of the address that was prepared.
    Socket,
    /// `connect` to that address.
    Connect,
    /// One `recv` of [`ConnOptions::recv_size`]: now if something is there, else when something comes.
    Recv,
    /// One `send` of the message that waits longest, or of nothing if none waits.
    Send,
    /// `shutdown(SHUT_WR)`, also with messages waiting.
    FinishSending,
    /// `close`, also with messages waiting. The connection is gone.
    Close,
}

/// One step of a UDP socket by hand. Nothing else happens between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UdpStep {
    /// `socket`, of the family of the address; and, for one that sends to many computers at once, `SO_BROADCAST`.
    Socket,
    /// `setsockopt` of `SO_REUSEADDR`, so that several programs may hear a group.
    ReuseAddress,
    /// `bind` to the address that was chosen, or else to any.
    Bind,
    /// `setsockopt` that joins [`UdpOptions::group`], if there is one.
    JoinGroup,
    /// One `recvfrom`: now if a datagram is there, else when one comes.
    RecvFrom,
    /// One `sendto` of the datagram that waits longest: now, or once there is one.
    SendTo,
    /// `close`, also with datagrams waiting. The socket is gone, and with it all conversations over it.
    Close,
}

impl UdpStep {
    /// Which call it is.
    #[must_use]
    pub fn call(self) -> CallKind {
        match self {
            Self::Socket => CallKind::Socket,
            Self::ReuseAddress | Self::JoinGroup => CallKind::SetOption,
            Self::Bind => CallKind::Bind,
            Self::RecvFrom => CallKind::RecvFrom,
            Self::SendTo => CallKind::SendTo,
            Self::Close => CallKind::Close,
        }
    }
}

/// What may be asked of the network thread. Every command is answered by events, but for a change of
/// options, for pausing or resuming to read, and for what is over already: closing, pausing or finishing
/// what is gone is no error.
#[allow(missing_docs, reason = "the fields' names and types say what they are")]
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a listener at once: socket, setsockopt, bind, listen, and accept whoever comes.
    Listen { listener: ListenerId, options: ListenOptions },
    /// Open a UDP socket that hears anybody: socket, bind, and the group joined. It is closed as a listener is.
    BindUdp { listener: ListenerId, options: UdpOptions },
    /// Open a UDP socket that sends to a name or an address; of a name, to its first address of IPv4, or else of IPv6.
    /// It is closed with its conversation. [`ConnOptions::local`] and [`ConnOptions::auto_reply`] count.
    OpenUdp { conn: ConnId, host: String, port: u16, options: ConnOptions },
    /// Have a UDP socket that hears anybody, opened step by step; makes no call yet.
    PrepareUdp { listener: ListenerId, options: UdpOptions },
    /// Have a UDP socket that sends to this address, opened step by step; makes no call yet.
    PrepareUdpTo { conn: ConnId, address: SocketAddr, options: ConnOptions },
    /// Make the next call of a UDP socket, whatever its order; the kernel says what results from it.
    StepUdp { socket: SocketId, step: UdpStep },
    /// Have a listener that is opened step by step; makes no call yet.
    PrepareListener { listener: ListenerId, options: ListenOptions },
    /// Make the next call of a prepared listener, whatever its order; the kernel says what results from it.
    Step { listener: ListenerId, step: ListenStep },
    /// From here on all listeners, all connections they accepted or accept, and all UDP sockets that hear anybody make a
    /// call only as a step (`true`), or continue by themselves (`false`): what was half opened by steps is then opened.
    StepServers { stepped: bool },
    /// Stop calling `accept`: who connects now waits in the accept queue. Steps that wait for a client
    /// are called off; later ones count.
    PauseAccepting { listener: ListenerId },
    /// Call `accept` again for whoever comes.
    ResumeAccepting { listener: ListenerId },
    /// Close the listening socket. Accepted clients stay connected.
    CloseListener { listener: ListenerId },
    /// Connect to a name or an address; every address of the name is tried in turn, for
    /// [`super::CONNECT_LIMIT`] altogether after the look-up, which has [`super::LOOK_UP_LIMIT`].
    Connect { conn: ConnId, host: String, port: u16, options: ConnOptions },
    /// Have a connection that is made step by step; makes no call yet.
    PrepareConnection { conn: ConnId, address: SocketAddr, options: ConnOptions },
    /// Make one call of a connection, whatever its order; the kernel says what results from it. One that ran
    /// by itself is stepped from here on.
    StepConn { conn: ConnId, step: ConnStep },
    /// From here on a connection makes a call only as a step (`true`), or continues by itself (`false`).
    SetStepped { conn: ConnId, stepped: bool },
    /// Call off a connect that is under way.
    CancelConnect { conn: ConnId },
    /// Send these bytes, already encoded, to one peer. A single message may be longer than
    /// [`super::QUEUE_LIMIT`]; otherwise one that does not fit in the queue fails.
    Send { conn: ConnId, message: MessageId, bytes: Bytes },
    /// Send the same bytes to all accepted clients, also those of a listener that is closed.
    SendToAll { message: MessageId, bytes: Bytes },
    /// Send these messages to one peer again and again, in place of those that were; until the rounds are over, a message
    /// fails, the connection ends, or it is stopped.
    Repeat { conn: ConnId, repeat: Repeat },
    /// Send them no more.
    StopRepeating { conn: ConnId },
    /// Send the same bytes to each of these.
    SendToEach { conns: Arc<[ConnId]>, message: MessageId, bytes: Bytes },
    /// Finish sending once the queue is sent (`shutdown(SHUT_WR)`); receiving continues. What is sent
    /// after this fails.
    FinishSending { conn: ConnId },
    /// Close at once. What the kernel does not take now fails. One that is still connecting is called off.
    Close { conn: ConnId },
    /// Throw the connection away: the peer sees "connection reset" (RST; socket(7), `SO_LINGER`).
    Reset { conn: ConnId },
    /// Stop reading one connection, and no other: TCP then slows its peer down. Until it is resumed, nothing
    /// more is received from it, not even its end; messages are sent, and it can be closed, which loses what
    /// was not read. A step's `recv` is made all the same. One that is not connected yet is not paused.
    PauseReading { conn: ConnId },
    /// Read it again, from where reading was paused.
    ResumeReading { conn: ConnId },
    /// Somebody looks at this connection, and at no other: what is acknowledged on it is asked for every
    /// [`super::ACKNOWLEDGED_ASKED_IN_SIGHT`].
    InSight { conn: Option<ConnId> },
    /// Change what a connection does from here on.
    SetOptions { conn: ConnId, options: ConnOptions },
    /// Change what later clients of a listener, and its accepting, are like. Address and backlog stay.
    SetListenerOptions { listener: ListenerId, max_clients: usize, conn: ConnOptions },
    /// Close everything and end the thread. Gets ahead of all other commands; those given before it
    /// are still carried out, as far as that goes at once.
    Quit,
}
