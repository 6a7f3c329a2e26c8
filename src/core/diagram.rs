//! The calls of all sockets, or of one, as a sequence diagram: rows in the order they happened, a lane for each
//! socket that is looked at and one for all others, and what joins them. No pixels.

mod fold;
mod lanes;
mod tally;

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque},
    net::SocketAddr,
    ops::Range,
};

pub use fold::{Fold, Item, Run, Times};
pub use lanes::{Lanes, OwnLane, Role, Wishes};
pub use tally::{SocketState, Tally, state_of};

use super::{CallRow, Core, Descriptor, Key};
use crate::chat::{Call, ConnId, Direction, Outcome, SocketId};

/// Rows in the diagram; past it the oldest go.
pub const ROWS_SHOWN: usize = 5_000;

/// Joins told of one row: a large send may be received by thousands of recvs.
pub const JOINS_OF_A_ROW: usize = 32;

/// A lane: a socket from its first call to its close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId(u64);

/// A lane: a socket from its first call to its close.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Whose it is.
    pub socket: SocketId,
    /// The socket's descriptor, where it has one yet.
    pub descriptor: Option<Descriptor>,
    /// The number of its first call, and of its last so far.
    pub calls: (u64, u64),
    /// Whether the socket was closed.
    pub closed: bool,
    rows: usize,
}

/// A row: a call, and the lane it is in.
#[derive(Clone, Copy, Debug)]
pub struct DiagramRow {
    /// The call.
    pub call: CallRow,
    /// Its lane.
    pub lane: LaneId,
    /// Whether the lane begins here.
    pub begins_lane: bool,
}

/// Bytes that one call sent and another received, both ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The number of the `send`.
    pub send: u64,
    /// The number of the `recv`.
    pub recv: u64,
    /// Which bytes of that stream.
    pub bytes: Range<u64>,
}

/// What one socket sent and received, call by call.
#[derive(Debug, Default)]
struct Streams {
    sent: VecDeque<(Range<u64>, u64)>,
    received: VecDeque<(Range<u64>, u64)>,
}

impl Streams {
    fn of(&self, direction: Direction) -> &VecDeque<(Range<u64>, u64)> {
        match direction {
            Direction::In => &self.received,
            Direction::Out => &self.sent,
        }
    }
}

/// The diagram.
#[derive(Debug, Default)]
pub struct Diagram {
    only: Option<SocketId>,
    rows: VecDeque<DiagramRow>,
    lanes: BTreeMap<LaneId, Lane>,
    next_lane: u64,
    /// The lane that each socket is in now.
    current: HashMap<SocketId, LaneId>,
    /// The `accept` that each connection came from.
    accepts: HashMap<ConnId, u64>,
    /// The listening socket that was made last.
    latest_listener: Option<SocketId>,
    streams: HashMap<SocketId, Streams>,
    /// Connections whose addresses are not known yet.
    unknown: BTreeSet<ConnId>,
    /// Local and remote address of each connection, and the other way round.
    addresses: HashMap<ConnId, (SocketAddr, SocketAddr)>,
    ends: HashMap<(SocketAddr, SocketAddr), ConnId>,
    others: HashMap<ConnId, ConnId>,
    seen: u64,
    taken_away: u64,
    let_go: u64,
    generation: u64,
}

impl Diagram {
    /// The one socket that is shown; all, if none.
    #[must_use]
    pub fn only(&self) -> Option<SocketId> {
        self.only
    }

    /// Show one socket, with the `accept` it came from, or all.
    pub fn show_only(&mut self, only: Option<SocketId>) {
        *self = Self { only, taken_away: self.taken_away, generation: self.generation + 1, ..Self::default() };
    }

    /// Take in the calls made since the last time. Whether anything changed.
    pub fn follow(&mut self, core: &Core) -> bool {
        if self.taken_away != core.calls_taken_away() {
            self.taken_away = core.calls_taken_away();
            self.show_only(self.only);
        }
        let changed = self.seen != core.calls_so_far();
        if changed {
            for call in self.new_calls(core) {
                self.push(call);
            }
            self.seen = core.calls_so_far();
        }
        self.learn_addresses(core);
        changed
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows that are not here any more.
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// Changes when the rows were gathered anew, so that what was measured of them is void.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// A row by its place, from 0.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&DiagramRow> {
        self.rows.get(place)
    }

    /// The rows, oldest first.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &DiagramRow> + ExactSizeIterator {
        self.rows.iter()
    }

    /// The place of the call with this number.
    #[must_use]
    pub fn place_of(&self, number: u64) -> Option<usize> {
        let place = self.rows.partition_point(|row| row.call.number < number);
        (self.rows.get(place)?.call.number == number).then_some(place)
    }

    /// The place of the first call whose number is not below this; past the last, if there is none.
    #[must_use]
    pub fn place_at_or_after(&self, number: u64) -> usize {
        self.rows.partition_point(|row| row.call.number < number)
    }

    /// The call with this number.
    #[must_use]
    pub fn row_of(&self, number: u64) -> Option<&DiagramRow> {
        self.row(self.place_of(number)?)
    }

    /// The descriptor of a socket, or the one it had last.
    #[must_use]
    pub fn descriptor_of(&self, socket: SocketId) -> Option<Descriptor> {
        self.lane(self.lane_of(socket)?)?.descriptor
    }

    /// The number of the oldest row that is here.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.rows.front().map(|row| row.call.number)
    }

    /// A lane.
    #[must_use]
    pub fn lane(&self, lane: LaneId) -> Option<&Lane> {
        self.lanes.get(&lane)
    }

    /// The lanes, in the order in which they began.
    pub fn lanes(&self) -> impl Iterator<Item = (LaneId, &Lane)> {
        self.lanes.iter().map(|(id, lane)| (*id, lane))
    }

    /// The lane a socket is in, or was in last.
    #[must_use]
    pub fn lane_of(&self, socket: SocketId) -> Option<LaneId> {
        self.current.get(&socket).copied()
    }

    /// Which connection of ours is the other end of this one.
    #[must_use]
    pub fn other_end(&self, conn: ConnId) -> Option<ConnId> {
        self.others.get(&conn).copied()
    }

    /// The number of the `accept` that this lane came from, if it is here.
    #[must_use]
    pub fn accepted_by(&self, lane: LaneId) -> Option<u64> {
        let SocketId::Conn(conn) = self.lanes.get(&lane)?.socket else { return None };
        self.accepts.get(&conn).copied()
    }

    /// The `recv`s that delivered what this `send` sent, or the `send`s that sent what this `recv` delivered;
    /// at most [`JOINS_OF_A_ROW`]. None where the other end is not ours, or its rows are not here.
    #[must_use]
    pub fn joins(&self, row: &DiagramRow) -> Vec<Transfer> {
        let (Some(bytes), SocketId::Conn(conn)) = (row.call.bytes(), row.call.call.socket) else { return Vec::new() };
        let is_send = matches!(row.call.call.call, Call::Send(_));
        let direction = if is_send { Direction::In } else { Direction::Out };
        let other = self.other_end(conn).and_then(|other| self.streams.get(&SocketId::Conn(other)));
        let Some(spans) = other.map(|streams| streams.of(direction)) else { return Vec::new() };
        let first = spans.partition_point(|(span, _)| span.end <= bytes.start);
        spans
            .range(first..)
            .take_while(|(span, _)| span.start < bytes.end)
            .take(JOINS_OF_A_ROW)
            .map(|(span, number)| {
                let (send, recv) = if is_send { (row.call.number, *number) } else { (*number, row.call.number) };
                Transfer { send, recv, bytes: span.start.max(bytes.start)..span.end.min(bytes.end) }
            })
            .collect()
    }

    /// The rows that carried these bytes of a connection, by number; at most [`JOINS_OF_A_ROW`].
    #[must_use]
    pub fn carried(&self, conn: ConnId, direction: Direction, bytes: &Range<u64>) -> Vec<u64> {
        let Some(streams) = self.streams.get(&SocketId::Conn(conn)) else { return Vec::new() };
        let spans = streams.of(direction);
        let first = spans.partition_point(|(span, _)| span.end <= bytes.start);
        let those = spans.range(first..).take_while(|(span, _)| span.start < bytes.end);
        those.take(JOINS_OF_A_ROW).map(|(_, number)| *number).collect()
    }

    /// The latest calls that are not here yet, oldest first; at most [`ROWS_SHOWN`].
    fn new_calls(&self, core: &Core) -> Vec<CallRow> {
        let mut newest = BinaryHeap::new();
        let mut logs = Vec::new();
        let wanted = |socket: SocketId| match self.only {
            None => true,
            Some(only) => socket == only || (matches!(socket, SocketId::Listener(_)) && only != socket),
        };
        for (socket, log) in core.sockets().filter(|(socket, _)| wanted(*socket)) {
            let mut rows = log.iter().rev().take_while(|row| row.number > self.seen);
            let keeps = |row: &&CallRow| self.keeps(socket, row);
            if let Some(row) = rows.find(keeps) {
                newest.push((row.number, logs.len()));
                logs.push((socket, rows, *row));
            }
        }
        let mut calls = Vec::new();
        while let Some((_, which)) = newest.pop() {
            let Some((socket, rows, row)) = logs.get_mut(which) else { break };
            calls.push(*row);
            if calls.len() == ROWS_SHOWN {
                break;
            }
            if let Some(next) = rows.find(|row| self.keeps(*socket, row)) {
                *row = *next;
                newest.push((next.number, which));
            }
        }
        calls.reverse();
        calls
    }

    fn keeps(&self, socket: SocketId, row: &CallRow) -> bool {
        match (self.only, row.call.outcome) {
            (None, _) => true,
            (Some(only), _) if only == socket => true,
            (Some(SocketId::Conn(only)), Outcome::Accepted { conn, .. }) => only == conn,
            _ => false,
        }
    }

    fn push(&mut self, call: CallRow) {
        if self.rows.len() == ROWS_SHOWN {
            self.let_oldest_go();
        }
        let (socket, number) = (call.call.socket, call.number);
        let open = self.current.get(&socket).filter(|id| self.lanes.get(id).is_some_and(|lane| !lane.closed)).copied();
        let lane = open.unwrap_or_else(|| self.begin_lane(&call));
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.calls.1 = number;
            lane.descriptor = call.descriptor.or(lane.descriptor);
            lane.rows += 1;
            lane.closed = call.call.call == Call::Close;
        }
        if let Some(bytes) = call.bytes().filter(|bytes| !bytes.is_empty()) {
            let streams = self.streams.entry(socket).or_default();
            match call.call.call {
                Call::Send(_) => streams.sent.push_back((bytes, number)),
                _ => streams.received.push_back((bytes, number)),
            }
        }
        if let Outcome::Accepted { conn, .. } = call.call.outcome {
            self.accepts.insert(conn, number);
        }
        self.rows.push_back(DiagramRow { call, lane, begins_lane: open.is_none() });
    }

    fn begin_lane(&mut self, call: &CallRow) -> LaneId {
        let id = LaneId(self.next_lane);
        self.next_lane += 1;
        let socket = call.call.socket;
        let (descriptor, calls) = (call.descriptor, (call.number, call.number));
        self.lanes.insert(id, Lane { socket, descriptor, calls, closed: false, rows: 0 });
        self.current.insert(socket, id);
        if matches!(socket, SocketId::Listener(_)) {
            self.latest_listener = Some(socket);
        }
        if let SocketId::Conn(conn) = socket
            && !self.addresses.contains_key(&conn)
        {
            self.unknown.insert(conn);
        }
        id
    }

    fn let_oldest_go(&mut self) {
        let Some(row) = self.rows.pop_front() else { return };
        self.let_go += 1;
        let (socket, number) = (row.call.call.socket, row.call.number);
        if let Some(streams) = self.streams.get_mut(&socket) {
            for spans in [&mut streams.sent, &mut streams.received] {
                if spans.front().is_some_and(|(_, first)| *first == number) {
                    spans.pop_front();
                }
            }
            if streams.sent.is_empty() && streams.received.is_empty() {
                self.streams.remove(&socket);
            }
        }
        if let Outcome::Accepted { conn, .. } = row.call.call.outcome {
            self.accepts.remove(&conn);
        }
        let Some(lane) = self.lanes.get_mut(&row.lane) else { return };
        lane.rows -= 1;
        if lane.rows > 0 {
            return;
        }
        // A socket that has been quiet for so long begins a new lane with its next call.
        self.lanes.remove(&row.lane);
        if self.current.get(&socket) == Some(&row.lane) {
            self.current.remove(&socket);
            if let SocketId::Conn(conn) = socket {
                self.forget_end(conn);
            }
        }
    }

    fn forget_end(&mut self, conn: ConnId) {
        self.unknown.remove(&conn);
        self.others.remove(&conn);
        if let Some(ends) = self.addresses.remove(&conn)
            && self.ends.get(&ends) == Some(&conn)
        {
            self.ends.remove(&ends);
        }
    }

    /// Which connections are the two ends of one: their addresses are each other's, mirrored.
    fn learn_addresses(&mut self, core: &Core) {
        let mut still_unknown = BTreeSet::new();
        for conn in std::mem::take(&mut self.unknown) {
            let Some(conversation) = core.conversation(Key::Conn(conn)) else {
                // The call is told before the connection.
                if self.current.contains_key(&SocketId::Conn(conn)) && core.calls(SocketId::Conn(conn)).is_some() {
                    still_unknown.insert(conn);
                }
                continue;
            };
            match (conversation.local, conversation.peer) {
                (Some(local), Some(peer)) => {
                    self.addresses.insert(conn, (local, peer));
                    self.ends.insert((local, peer), conn);
                    if let Some(other) = self.ends.get(&(peer, local)).copied().filter(|other| *other != conn) {
                        self.others.insert(conn, other);
                        self.others.insert(other, conn);
                    }
                }
                _ if conversation.state.is_over() => {}
                _ => {
                    still_unknown.insert(conn);
                }
            }
        }
        self.unknown = still_unknown;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
