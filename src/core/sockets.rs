//! The kernel's socket table, and which socket is of which conversation.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use super::{
    CallLog, ConnState, Conversation, Server, ServerState,
    conversations::Conversations,
    tcp_states::{Fact, KernelReading},
};
use crate::{
    chat::{Call, ConnId, ListenerId, NetError, Outcome, SocketCall, SocketId, SocketOption},
    host::{Holder, SocketRow, SocketTable, SocketsError, TcpState, plain},
};

/// The socket table that was told last.
#[derive(Debug)]
pub struct Sockets {
    /// Which table it is, counted from 1.
    pub number: u64,
    /// The table.
    pub table: Result<SocketTable, SocketsError>,
    uses: Vec<Use>,
}

/// What a socket of the table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// It listens for our server.
    Listening(ListenerId),
    /// It is our end of this conversation.
    Conn(ConnId),
    /// It is the other end of this conversation.
    OtherEnd(ConnId),
    /// It waits for our server to accept it.
    Waiting,
    /// None of these: another socket of this program, or what the kernel holds of a connection that is no more.
    Unknown,
}

impl Sockets {
    /// What a socket of the table is for.
    #[must_use]
    pub fn use_of(&self, place: usize) -> Use {
        self.uses.get(place).copied().unwrap_or(Use::Unknown)
    }

    /// Our end's row of a conversation.
    #[must_use]
    pub fn row_of(&self, conn: ConnId) -> Option<&SocketRow> {
        let place = self.uses.iter().position(|used| *used == Use::Conn(conn))?;
        self.table.as_ref().ok()?.rows.get(place)
    }

    /// Take in a table: find the conversations' sockets, and note their states there.
    pub(super) fn take_in(
        number: u64,
        table: Result<SocketTable, SocketsError>,
        server: &Server,
        conversations: &mut Conversations,
        calls: &HashMap<SocketId, CallLog>,
    ) -> Self {
        let uses = table.as_ref().map(|table| uses(table, server, conversations, calls)).unwrap_or_default();
        Self { number, table, uses }
    }
}

type Ends = ((IpAddr, u16), (IpAddr, u16));

fn uses(
    table: &SocketTable,
    server: &Server,
    conversations: &mut Conversations,
    calls: &HashMap<SocketId, CallLog>,
) -> Vec<Use> {
    let mut uses = vec![Use::Unknown; table.rows.len()];
    let mut by_ends: HashMap<Ends, usize> = HashMap::new();
    let mut by_fd: HashMap<i64, usize> = HashMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        if row.state != TcpState::Listen {
            by_ends.insert((plain(row.local), plain(row.remote)), place);
        }
        if let Holder::ThisProgram(Some(fd)) = row.holder {
            by_fd.insert(fd, place);
        }
    }
    let complete = table.complete && table.left_out == 0;
    let mut others = Vec::new();
    // Where an address pair was used again, the socket is the later conversation's.
    for (conn, conversation) in conversations.iter_mut().rev() {
        if conversation.tcp.is_over() || conversation.origin.is_udp() {
            continue;
        }
        let connecting = conversation.local.is_none();
        let ends = conversation.local.zip(conversation.peer).map(|(local, peer)| (plain(local), plain(peer)));
        let ours = match ends {
            Some(ends) => by_ends.get(&ends).copied(),
            None if conversation.state.is_under_way() => {
                let last = calls.get(&SocketId::Conn(conn)).and_then(|log| log.iter().next_back());
                last.filter(|row| row.call.call != Call::Close).and_then(|row| by_fd.get(&row.call.fd).copied())
            }
            None => None,
        };
        let ours = ours.filter(|place| uses.get(*place) == Some(&Use::Unknown));
        if let Some(used) = ours.and_then(|place| uses.get_mut(place)) {
            *used = Use::Conn(conn);
        }
        let peer = ends.and_then(|(local, peer)| by_ends.get(&(peer, local)).copied());
        others.extend(peer.map(|place| (place, conn)));
        let state = |place: Option<usize>| place.and_then(|place| table.rows.get(place)).map(|row| row.state);
        let gone = |known| if known && complete { KernelReading::Gone } else { KernelReading::Unknown };
        let here = conversation.tcp.peer_was_seen() || is_here(conversation);
        let seen = Fact::Seen {
            ours: state(ours).map_or_else(|| gone(!connecting), KernelReading::In),
            peer: state(peer).map_or_else(|| gone(here), KernelReading::In),
        };
        if !conversation.tcp.is_empty()
            && seen != (Fact::Seen { ours: KernelReading::Unknown, peer: KernelReading::Unknown })
        {
            conversation.tcp.add(table.at, seen);
        }
    }
    for (place, conn) in others {
        if let Some(used) = uses.get_mut(place).filter(|used| **used == Use::Unknown) {
            *used = Use::OtherEnd(conn);
        }
    }
    if let ServerState::Listening { listener, local, .. } = server.state {
        for (row, used) in table.rows.iter().zip(&mut uses).filter(|(_, used)| **used == Use::Unknown) {
            let not_accepted = matches!(row.state, TcpState::Established | TcpState::SynReceived | TcpState::CloseWait);
            if row.state == TcpState::Listen && plain(row.local) == plain(local) {
                *used = Use::Listening(listener);
            } else if row.holder == Holder::Kernel && not_accepted && is_to(row.local, local) {
                *used = Use::Waiting;
            }
        }
    }
    uses
}

/// Whether the other end is on this machine, as far as addresses tell.
fn is_here(conversation: &Conversation) -> bool {
    conversation.local.zip(conversation.peer).is_some_and(|(local, peer)| {
        let (local, peer) = (plain(local).0, plain(peer).0);
        peer.is_loopback() || local == peer
    })
}

fn is_to(address: SocketAddr, listening: SocketAddr) -> bool {
    address.port() == listening.port() && (listening.ip().is_unspecified() || plain(address) == plain(listening))
}

/// What a call on a connection says of its state.
pub(super) fn fact_of(call: &SocketCall, state: &ConnState) -> Option<Fact> {
    match (call.call, call.outcome) {
        (Call::Connect(_), _) => Some(Fact::ConnectCalled),
        (Call::ShutdownWrite, Outcome::Done) => Some(Fact::WriteFinished),
        (Call::Recv(_), Outcome::Bytes(0)) => Some(Fact::PeerFinished),
        (Call::SetOption(SocketOption::Linger(0)), Outcome::Done) => Some(Fact::LingerZero),
        (Call::Close, _) => Some(Fact::Closed),
        (Call::Recv(_) | Call::Send(_) | Call::GetOption(SocketOption::Error), Outcome::Failed(errno))
            if !state.is_under_way() && errno.is_reset() =>
        {
            Some(Fact::ResetByPeer)
        }
        _ => None,
    }
}

/// What a failed connect says.
pub(super) fn fact_of_failure(error: &NetError) -> Fact {
    Fact::ConnectFailed { refused: error.cause() == crate::chat::Cause::Refused }
}
