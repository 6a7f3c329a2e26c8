//! The calls of all sockets, or of one, as a sequence diagram: rows in the order they happened, a lane for each
//! socket, and what joins them. No pixels.

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque},
    net::SocketAddr,
    ops::Range,
};

use super::{CallRow, ConnState, Direction, Key, Model, ServerState};
use crate::net::{Call, ConnId, Outcome, SocketId};

/// Rows in the diagram; past it the oldest go.
pub const ROWS_SHOWN: usize = 5_000;

/// Joins told of one row: a large send may be received by thousands of recvs.
pub const JOINS_OF_A_ROW: usize = 32;

/// Calls that wait now, and are told of; those of the sockets that were busy last.
pub const WAITING_SHOWN: usize = 6;

/// A lane: a socket from its first call to its close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId(u64);

/// A lane: a socket from its first call to its close.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Whose it is.
    pub socket: SocketId,
    /// The socket's descriptor, -1 where there is none yet.
    pub fd: i64,
    /// The column it takes when each lane has one of its own; free again when it is closed.
    pub slot: usize,
    /// The number of its first call, and of its last so far.
    pub calls: (u64, u64),
    /// Whether the socket was closed.
    pub closed: bool,
    rows: usize,
}

/// A row: a call, and the lane it is in.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The call.
    pub call: CallRow,
    /// Its lane.
    pub lane: LaneId,
    /// Whether the lane begins here.
    pub begins_lane: bool,
}

/// Bytes that one call sent and another received, both ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The number of the `send`.
    pub send: u64,
    /// The number of the `recv`.
    pub recv: u64,
    /// Which bytes of that stream.
    pub bytes: Range<u64>,
}

/// A call that waits now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Where.
    pub lane: LaneId,
    /// Which call.
    pub call: Call,
}

/// The columns that lanes stand in, for some of the rows.
#[derive(Debug, Default)]
pub struct Columns {
    of: HashMap<LaneId, usize>,
    /// How many there are.
    pub count: usize,
    /// There were too many lanes: only those with a row among these have a column, and use it by turns.
    pub folded: bool,
}

impl Columns {
    /// The column of a lane, if it has one.
    #[must_use]
    pub fn of(&self, lane: LaneId) -> Option<usize> {
        self.of.get(&lane).copied()
    }
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
    rows: VecDeque<Row>,
    lanes: BTreeMap<LaneId, Lane>,
    next_lane: u64,
    /// The lane that each socket is in now.
    current: HashMap<SocketId, LaneId>,
    /// The `accept` that each connection came from.
    accepts: HashMap<ConnId, u64>,
    free_slots: BTreeSet<usize>,
    slots: usize,
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
    pub fn follow(&mut self, model: &Model) -> bool {
        if self.taken_away != model.calls_taken_away() {
            self.taken_away = model.calls_taken_away();
            self.show_only(self.only);
        }
        let changed = self.seen != model.calls_so_far();
        if changed {
            for call in self.new_calls(model) {
                self.push(call);
            }
            self.seen = model.calls_so_far();
        }
        self.learn_addresses(model);
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
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// The rows, oldest first.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> + ExactSizeIterator {
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
    pub fn joins(&self, row: &Row) -> Vec<Join> {
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
                Join { send, recv, bytes: span.start.max(bytes.start)..span.end.min(bytes.end) }
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

    /// The columns of the lanes for these rows: one for each lane, if there are no more than `most`; else
    /// those with a row here share them, each from its first row here to its last.
    #[must_use]
    pub fn columns(&self, rows: Range<usize>, most: usize) -> Columns {
        let most = most.max(1);
        if self.slots <= most {
            let of = self.lanes.iter().map(|(id, lane)| (*id, lane.slot)).collect();
            return Columns { of, count: self.slots, folded: false };
        }
        let mut last_row = HashMap::new();
        for row in self.rows.range(rows.start.min(self.len())..rows.end.min(self.len())) {
            last_row.insert(row.lane, row.call.number);
        }
        let mut columns = Columns { folded: true, ..Columns::default() };
        let mut busy_until: Vec<u64> = Vec::new();
        for row in self.rows.range(rows.start.min(self.len())..rows.end.min(self.len())) {
            if columns.of.contains_key(&row.lane) {
                continue;
            }
            let number = row.call.number;
            let until = last_row.get(&row.lane).copied().unwrap_or(number);
            let free = busy_until.iter().position(|until| *until < number);
            let column = match free {
                Some(column) => column,
                None if busy_until.len() < most => busy_until.len(),
                // More at once than there is room for: the last column has them all.
                None => most - 1,
            };
            match busy_until.get_mut(column) {
                Some(busy) => *busy = until.max(*busy),
                None => busy_until.push(until),
            }
            columns.of.insert(row.lane, column);
        }
        columns.count = busy_until.len();
        columns
    }

    /// The calls that wait now, of the sockets that were busy last, and how many more there are.
    #[must_use]
    pub fn waiting(&self, model: &Model) -> (Vec<Waiting>, usize) {
        let mut open: Vec<_> = self.lanes.iter().filter(|(_, lane)| !lane.closed).collect();
        open.sort_by_key(|(_, lane)| std::cmp::Reverse(lane.calls.1));
        let mut waiting: Vec<_> = open
            .into_iter()
            .filter_map(|(id, lane)| Some(Waiting { lane: *id, call: waits_in(model, lane.socket)? }))
            .collect();
        let more = waiting.len().saturating_sub(WAITING_SHOWN);
        waiting.truncate(WAITING_SHOWN);
        waiting.sort_by_key(|waiting| self.lane(waiting.lane).map(|lane| lane.slot));
        (waiting, more)
    }

    /// The latest calls that are not here yet, oldest first; at most [`ROWS_SHOWN`].
    fn new_calls(&self, model: &Model) -> Vec<CallRow> {
        let mut newest = BinaryHeap::new();
        let mut logs = Vec::new();
        let wanted = |socket: SocketId| match self.only {
            None => true,
            Some(only) => socket == only || (matches!(socket, SocketId::Listener(_)) && only != socket),
        };
        for (socket, log) in model.sockets().filter(|(socket, _)| wanted(*socket)) {
            if log.last().is_some_and(|last| last.number > self.seen) {
                let mut rows = log.iter().rev().take_while(|row| row.number > self.seen);
                let keeps = |row: &&CallRow| self.keeps(socket, row);
                if let Some(row) = rows.find(keeps) {
                    newest.push((row.number, logs.len()));
                    logs.push((socket, rows, *row));
                }
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
            lane.fd = if call.call.fd >= 0 { call.call.fd } else { lane.fd };
            lane.rows += 1;
            if call.call.call == Call::Close {
                lane.closed = true;
                self.free_slots.insert(lane.slot);
            }
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
        self.rows.push_back(Row { call, lane, begins_lane: open.is_none() });
    }

    fn begin_lane(&mut self, call: &CallRow) -> LaneId {
        let id = LaneId(self.next_lane);
        self.next_lane += 1;
        let slot = self.free_slots.pop_first().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        let socket = call.call.socket;
        let lane = Lane { socket, fd: call.call.fd, slot, calls: (call.number, call.number), closed: false, rows: 0 };
        self.lanes.insert(id, lane);
        self.current.insert(socket, id);
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
        if !lane.closed {
            self.free_slots.insert(lane.slot);
        }
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
    fn learn_addresses(&mut self, model: &Model) {
        let mut still_unknown = BTreeSet::new();
        for conn in std::mem::take(&mut self.unknown) {
            let Some(conversation) = model.conversation(Key::Conn(conn)) else {
                // The call is told before the connection.
                if self.current.contains_key(&SocketId::Conn(conn)) && model.calls(SocketId::Conn(conn)).is_some() {
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

/// The call that waits on this socket, as far as is known.
fn waits_in(model: &Model, socket: SocketId) -> Option<Call> {
    if let Some(call) = model.calls(socket).and_then(|log| log.waiting().last()) {
        return Some(*call);
    }
    match socket {
        SocketId::Listener(listener) => match model.server().state {
            ServerState::Listening { listener: now, accepting: true, .. } if now == listener => Some(Call::Accept),
            _ => None,
        },
        SocketId::Conn(conn) => {
            // Step by step, nothing waits but the calls that were asked for.
            let conversation = model.conversation(Key::Conn(conn)).filter(|conversation| !conversation.stepped)?;
            match &conversation.state {
                ConnState::Connecting(address) => Some(Call::Connect(*address)),
                ConnState::Open | ConnState::WeFinished => Some(Call::Recv(conversation.manner().options.recv_size)),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::Change,
        net::{Event, EventKind, ListenerId, SocketCall},
    };

    const LISTENER: SocketId = SocketId::Listener(ListenerId(1));
    const A: ConnId = ConnId(1);
    const B: ConnId = ConnId(2);

    fn happen(model: &mut Model, kind: EventKind) {
        model.apply(Change::Net(Event { at: Timestamp::UNIX_EPOCH, kind }));
    }

    fn call(model: &mut Model, socket: SocketId, call: Call, outcome: Outcome, count: u32) -> u64 {
        let (at, waited) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
        happen(model, EventKind::Call(SocketCall { socket, fd: 7, call, outcome, at, waited, count }));
        model.calls_so_far()
    }

    fn send(model: &mut Model, conn: ConnId, bytes: u64) -> u64 {
        call(model, SocketId::Conn(conn), Call::Send(bytes as usize), Outcome::Bytes(bytes), 1)
    }

    fn recv(model: &mut Model, conn: ConnId, bytes: u64) -> u64 {
        call(model, SocketId::Conn(conn), Call::Recv(4096), Outcome::Bytes(bytes), 1)
    }

    fn address(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    fn accept(model: &mut Model, conn: ConnId, peer: u16) -> u64 {
        let outcome = Outcome::Accepted { conn, fd: 9, peer: address(peer) };
        let number = call(model, LISTENER, Call::Accept, outcome, 1);
        let (peer, local) = (address(peer), address(1));
        happen(model, EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
        number
    }

    /// Both ends ours: A connects to our own server, which accepts it as B.
    fn both_ends() -> Model {
        let mut model = Model::default();
        let (target, at) = (("127.0.0.1".to_owned(), 1), Timestamp::UNIX_EPOCH);
        model.apply(Change::Connecting { conn: A, target, name: None, at });
        call(&mut model, SocketId::Conn(A), Call::Connect(address(1)), Outcome::InProgress, 1);
        happen(&mut model, EventKind::Connected { conn: A, peer: address(1), local: address(50) });
        accept(&mut model, B, 50);
        model
    }

    fn followed(model: &Model) -> Diagram {
        let mut diagram = Diagram::default();
        diagram.follow(model);
        diagram
    }

    fn joins(diagram: &Diagram, number: u64) -> Vec<(u64, u64, Range<u64>)> {
        let row = diagram.row(diagram.place_of(number).unwrap()).unwrap();
        diagram.joins(row).into_iter().map(|join| (join.send, join.recv, join.bytes)).collect()
    }

    fn lane_of(diagram: &Diagram, number: u64) -> LaneId {
        diagram.row(diagram.place_of(number).unwrap()).unwrap().lane
    }

    #[test]
    fn a_send_leads_to_each_recv_that_delivered_its_bytes() {
        let mut model = both_ends();
        let (one, two) = (send(&mut model, A, 10), send(&mut model, A, 5));
        let (first, second) = (recv(&mut model, B, 4), recv(&mut model, B, 11));
        let diagram = followed(&model);
        assert_eq!(diagram.other_end(A), Some(B));
        assert_eq!(diagram.other_end(B), Some(A));
        assert_eq!(joins(&diagram, one), [(one, first, 0..4), (one, second, 4..10)]);
        assert_eq!(joins(&diagram, two), [(two, second, 10..15)]);
        assert_eq!(joins(&diagram, second), [(one, second, 4..10), (two, second, 10..15)]);
        assert_eq!(diagram.carried(B, Direction::In, &(3..5)), [first, second]);
    }

    #[test]
    fn a_folded_row_is_joined_to_all_that_it_stands_for() {
        let mut model = both_ends();
        let sends: Vec<u64> = (0..3).map(|_| send(&mut model, B, 100)).collect();
        let folded = call(&mut model, SocketId::Conn(A), Call::Recv(50), Outcome::Bytes(300), 6);
        let found = joins(&followed(&model), folded);
        assert_eq!(found.iter().map(|(send, ..)| *send).collect::<Vec<_>>(), sends);
        assert_eq!(found.iter().map(|(.., bytes)| bytes.end - bytes.start).sum::<u64>(), 300);
    }

    #[test]
    fn joins_of_a_row_are_bounded() {
        let mut model = both_ends();
        let all = send(&mut model, A, 1000);
        for _ in 0..1000 {
            recv(&mut model, B, 1);
        }
        assert_eq!(joins(&followed(&model), all).len(), JOINS_OF_A_ROW);
    }

    #[test]
    fn the_oldest_rows_go_and_leave_no_trace() {
        let mut model = both_ends();
        let gone = send(&mut model, A, 1);
        let delivered = recv(&mut model, B, 1);
        let mut diagram = followed(&model);
        assert_eq!(joins(&diagram, delivered).len(), 1);
        let other = ConnId(9);
        for _ in 0..ROWS_SHOWN - 1 {
            recv(&mut model, other, 1);
        }
        diagram.follow(&model);
        assert_eq!(diagram.len(), ROWS_SHOWN);
        assert_eq!(diagram.place_of(gone), None);
        assert_eq!(joins(&diagram, delivered), []);
        recv(&mut model, other, 1);
        diagram.follow(&model);
        assert_eq!(diagram.place_of(delivered), None);
        assert_eq!(diagram.lanes().count(), 1);
        assert_eq!(diagram.let_go(), model.calls_so_far() - ROWS_SHOWN as u64);
        assert!(diagram.streams.len() == 1 && diagram.addresses.is_empty() && diagram.ends.is_empty());
    }

    #[test]
    fn a_lane_leaves_its_column_to_another_when_its_socket_closes() {
        let mut model = Model::default();
        let first = accept(&mut model, A, 50);
        let made = recv(&mut model, A, 0);
        let close = call(&mut model, SocketId::Conn(A), Call::Close, Outcome::Done, 1);
        accept(&mut model, B, 51);
        let next = recv(&mut model, B, 0);
        let diagram = followed(&model);
        assert_eq!(diagram.accepted_by(lane_of(&diagram, made)), Some(first));
        assert!(diagram.lane(lane_of(&diagram, close)).unwrap().closed);
        let columns = diagram.columns(0..diagram.len(), 8);
        assert_eq!((columns.count, columns.folded), (2, false));
        assert_eq!(columns.of(lane_of(&diagram, made)), columns.of(lane_of(&diagram, next)));
    }

    #[test]
    fn a_thousand_lanes_share_the_few_columns_there_are() {
        let mut model = Model::default();
        let mut calls = Vec::new();
        for conn in 1..=1024 {
            accept(&mut model, ConnId(conn), conn as u16);
            calls.push(recv(&mut model, ConnId(conn), 1));
        }
        let diagram = followed(&model);
        let columns = diagram.columns(100..130, 4);
        assert!(columns.folded && columns.count <= 4, "{columns:?}");
        for place in 100..130 {
            assert!(columns.of(diagram.row(place).unwrap().lane).is_some_and(|column| column < 4));
        }
        let (waiting, _) = diagram.waiting(&model);
        assert!(waiting.len() <= WAITING_SHOWN);
    }

    #[test]
    fn one_socket_is_shown_with_the_accept_it_came_from() {
        let mut model = Model::default();
        call(&mut model, LISTENER, Call::Listen(5), Outcome::Done, 1);
        let accepted = accept(&mut model, A, 50);
        accept(&mut model, B, 51);
        let (ours, _) = (recv(&mut model, A, 1), recv(&mut model, B, 1));
        let mut diagram = followed(&model);
        assert_eq!(diagram.len(), 5);
        diagram.show_only(Some(SocketId::Conn(A)));
        diagram.follow(&model);
        assert_eq!(diagram.rows().map(|row| row.call.number).collect::<Vec<_>>(), [accepted, ours]);
        diagram.show_only(Some(LISTENER));
        diagram.follow(&model);
        assert_eq!(diagram.len(), 3);
    }

    #[test]
    fn calls_of_a_removed_conversation_go_with_it_and_come_back() {
        let mut model = Model::default();
        accept(&mut model, A, 50);
        recv(&mut model, A, 0);
        let reason = crate::net::CloseReason::Orderly;
        happen(&mut model, EventKind::Closed { conn: A, reason, bytes_in: 0, bytes_out: 0 });
        let mut diagram = followed(&model);
        model.apply(Change::Removed(vec![A]));
        diagram.follow(&model);
        assert_eq!(diagram.len(), 1);
        model.apply(Change::RemovalUndone);
        diagram.follow(&model);
        assert_eq!(diagram.len(), 2);
    }

    proptest! {
        #[test]
        fn following_call_by_call_gives_what_gathering_at_once_gives(
            moves in prop::collection::vec((0_u8..4, 1_u64..50), 0..120),
        ) {
            let mut model = both_ends();
            let mut step_by_step = Diagram::default();
            let mut sent = [0_u64; 2];
            let mut received = [0_u64; 2];
            for (what, bytes) in moves {
                let from = usize::from(what % 2);
                let (conn, other) = if from == 0 { (A, B) } else { (B, A) };
                if what < 2 {
                    sent[from] += bytes;
                    send(&mut model, conn, bytes);
                } else {
                    let bytes = bytes.min(sent[from] - received[from]);
                    received[from] += bytes;
                    recv(&mut model, other, bytes);
                }
                step_by_step.follow(&model);
            }
            step_by_step.follow(&model);
            let at_once = followed(&model);
            prop_assert_eq!(step_by_step.len(), at_once.len());
            for (one, other) in step_by_step.rows().zip(at_once.rows()) {
                prop_assert_eq!(one.call, other.call);
                let joins = step_by_step.joins(one);
                prop_assert_eq!(&joins, &at_once.joins(other));
                // Each byte received came by one send: the joins cover a recv without a gap.
                if matches!(one.call.call.call, Call::Recv(_)) && joins.len() < JOINS_OF_A_ROW {
                    let covered: u64 = joins.iter().map(|join| join.bytes.end - join.bytes.start).sum();
                    let bytes = one.call.bytes().map_or(0, |bytes| bytes.end - bytes.start);
                    prop_assert_eq!(covered, bytes);
                    prop_assert!(joins.windows(2).all(|pair| pair[0].bytes.end == pair[1].bytes.start));
                }
            }
        }
    }
}
