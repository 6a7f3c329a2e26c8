//! What is known of one conversation when it is asked why it does not do what it should.

use std::net::SocketAddr;

use super::listens::may_take;
pub use crate::core::tcp_states::End;
use crate::{
    chat::{Cause, CloseReason, Origin, RowKind},
    core::{ConnState, Conversation, Server, ServerState, Sockets},
    host::{Holder, ListeningPort, SocketRow, SocketTable, TcpState, plain},
};

/// The facts of one conversation. What a system does not say is absent.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// How far it is.
    pub stage: Stage,
    /// We connected.
    pub outgoing: bool,
    /// The address at the other end: as it was reached, or was to be.
    pub peer: Option<SocketAddr>,
    /// The address at the other end is one of this machine.
    pub peer_is_here: bool,
    /// Our socket, as the kernel has it.
    pub ours: Option<SocketRow>,
    /// The socket at the other end.
    pub other: OtherEnd,
    /// All that listen on this machine and may be asked by who asks for the peer's address.
    pub listeners: Vec<SocketRow>,
    /// So many other connections to that address the listening program has accepted, and holds.
    pub serves: usize,
    /// The tables have all that has to do with the peer's port: what follows, and `listeners`.
    pub ports_are_known: bool,
    /// All that listen on this machine, on whatever port.
    pub listening: Vec<SocketRow>,
    /// UDP sockets of the peer's port.
    pub udp: Vec<ListeningPort>,
    /// The peer's system has said that it has no room.
    pub no_room: bool,
    /// Nothing that we said waits for the kernel to take it.
    pub nothing_queued: bool,
    /// Bytes that came.
    pub received: u64,
    /// Bytes came after we had finished sending.
    pub received_since_finish: bool,
    /// Who said something last.
    pub last_word: LastWord,
    /// It is one of a lab that runs.
    pub in_lab: bool,
}

/// How far a conversation is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// The handshake is under way.
    #[default]
    Connecting,
    /// It could not be made.
    Failed(Cause),
    /// Both may send.
    Open,
    /// The peer has finished sending.
    PeerFinished,
    /// We have.
    WeFinished,
    /// It is closed.
    Closed {
        /// Who finished sending first, if somebody did.
        finished_first: Option<End>,
        /// The peer reset it.
        reset: bool,
        /// So many messages the peer answered by RST, after it had finished sending.
        answered_by_reset: Option<u64>,
    },
}

/// The socket at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OtherEnd {
    /// Not known: as a rule, it is on another machine.
    #[default]
    Unknown,
    /// It is on this machine.
    Here(SocketRow),
}

/// Who said something last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastWord {
    /// Nobody has said anything.
    #[default]
    Nobody,
    /// We did.
    Ours {
        /// It was an automatic reply.
        automatic: bool,
    },
    /// The peer did.
    Theirs,
}

impl Facts {
    /// What is known of a `connect` that failed just now to an address of this machine.
    #[must_use]
    pub fn of_failed(cause: Cause, peer: SocketAddr, table: &SocketTable) -> Self {
        let mut facts = Self {
            stage: Stage::Failed(cause),
            outgoing: true,
            peer: Some(peer),
            peer_is_here: true,
            ..Self::default()
        };
        facts.take_ports(peer, table);
        facts
    }

    fn take_ports(&mut self, peer: SocketAddr, table: &SocketTable) {
        self.ports_are_known = table.complete && table.left_out == 0;
        self.listening.clone_from(&table.ports.listening);
        self.udp.clone_from(&table.ports.udp);
        self.listeners = self.listening.iter().filter(|row| may_take(row.local, peer)).cloned().collect();
    }

    /// What is known of this conversation; `sockets`: what the kernel said last.
    pub(in crate::core) fn of(
        conversation: &Conversation,
        sockets: Option<&Sockets>,
        server: &Server,
        in_lab: bool,
    ) -> Option<Self> {
        let peer = conversation.peer.or(conversation.connecting_to);
        let table = sockets.and_then(|sockets| sockets.table.as_ref().ok());
        let mut facts = Self {
            stage: stage(conversation)?,
            outgoing: matches!(conversation.origin, Origin::Outgoing { .. }),
            peer,
            peer_is_here: conversation.peer_is_here(),
            no_room: conversation.no_room,
            nothing_queued: conversation.waiting() == 0,
            received: conversation.bytes_in,
            received_since_finish: conversation.received_since_finish(),
            last_word: last_word(conversation),
            in_lab,
            ..Self::default()
        };
        let (Some(table), Some(peer)) = (table, peer) else { return Some(facts) };
        let over = conversation.ended_at;
        if over.is_none()
            && let Some(local) = conversation.local.or(conversation.connecting_from)
        {
            let ends = (plain(local), plain(peer));
            let is = |ends: ((_, u16), (_, u16))| {
                move |row: &&SocketRow| row.state != TcpState::Listen && (plain(row.local), plain(row.remote)) == ends
            };
            facts.ours = table.rows.iter().find(is(ends)).cloned();
            facts.other =
                table.rows.iter().find(is((ends.1, ends.0))).cloned().map_or(OtherEnd::Unknown, OtherEnd::Here);
        }
        // A client that we accepted listens nowhere.
        let fresh = over.is_none_or(|over| table.at >= over);
        if fresh && facts.outgoing && facts.peer_is_here && table.ports.ports.contains(&peer.port()) {
            facts.take_ports(peer, table);
            if let [listener] = facts.listeners.as_mut_slice() {
                own_backlog(listener, server);
                let holds = |row: &&SocketRow| {
                    row.state == TcpState::Established
                        && plain(row.local) == plain(peer)
                        && row.holder != Holder::Kernel
                        && is_of_same(row, listener)
                };
                let ours = facts.other.clone();
                let others = table.rows.iter().filter(holds).filter(|row| OtherEnd::Here((*row).clone()) != ours);
                facts.serves = others.count();
            }
        }
        Some(facts)
    }
}

/// Whether both are held by the same process, as far as is known.
fn is_of_same(row: &SocketRow, listener: &SocketRow) -> bool {
    match (&row.owner, &listener.owner) {
        (Some(one), Some(other)) => one.pid == other.pid,
        _ => matches!((row.holder, listener.holder), (Holder::ThisProgram(_), Holder::ThisProgram(_))),
    }
}

/// Where the kernel does not say the backlog of our own server, what was asked of `listen` was.
fn own_backlog(listener: &mut SocketRow, server: &Server) {
    if let ServerState::Listening { local, backlog, .. } = server.state
        && listener.backlog.is_none()
        && plain(listener.local) == plain(local)
    {
        listener.backlog = Some(backlog);
    }
}

fn stage(conversation: &Conversation) -> Option<Stage> {
    Some(match &conversation.state {
        ConnState::New | ConnState::LookingUp(_) => return None,
        ConnState::Connecting(_) => Stage::Connecting,
        ConnState::Failed(error) => Stage::Failed(error.cause()),
        ConnState::Open => Stage::Open,
        ConnState::PeerFinished => Stage::PeerFinished,
        ConnState::WeFinished => Stage::WeFinished,
        ConnState::Closed(reason) => Stage::Closed {
            finished_first: conversation.finished_first,
            reset: matches!(reason, CloseReason::Failed(error) if error.cause() == Cause::Reset),
            answered_by_reset: conversation.answered_by_reset,
        },
    })
}

fn last_word(conversation: &Conversation) -> LastWord {
    let mut rows = conversation.entries().iter().rev();
    rows.find_map(|(_, row)| match &row.kind {
        RowKind::Received(_) => Some(LastWord::Theirs),
        RowKind::Sent(sent) => Some(LastWord::Ours { automatic: sent.auto }),
        RowKind::Happened(_) => None,
    })
    .unwrap_or_default()
}
