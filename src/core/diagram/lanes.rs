//! Which sockets have a lane of their own.

use super::{Diagram, Lane};
use crate::{
    chat::{ConnId, Origin, SocketId},
    core::{Core, Key},
};

/// Lanes looked through for sockets that find room beside those that are asked for: the latest.
const LOOKED_THROUGH: usize = 256;

/// Why a socket has a lane of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It listens, or did last.
    Listening,
    /// Its conversation is open.
    Chosen,
    /// It is the other end of that one, and ours too.
    OtherEnd,
    /// The user gave it a lane.
    Asked,
    /// It was made last.
    Newest,
    /// There is room for it.
    Room,
}

/// A lane of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnLane {
    /// Whose it is.
    pub socket: SocketId,
    /// Why.
    pub role: Role,
}

/// The lanes, from left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Those of one socket each.
    pub own: Vec<OwnLane>,
    /// Whether the last one is that of all other sockets.
    pub others: bool,
}

/// What is wished for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// The connection whose conversation is open.
    pub chosen: Option<ConnId>,
    /// The sockets that the user gave a lane.
    pub asked: &'a [SocketId],
    /// How many lanes find room, with that of the others.
    pub most: usize,
}

impl Lanes {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.own.len() + usize::from(self.others)
    }

    /// The column of a socket's own lane.
    #[must_use]
    pub fn column(&self, socket: SocketId) -> Option<usize> {
        self.own.iter().position(|own| own.socket == socket)
    }

    /// The column of all others.
    #[must_use]
    pub fn others_column(&self) -> Option<usize> {
        self.others.then_some(self.own.len())
    }
}

impl Diagram {
    /// The lanes for these wishes: the listening socket, the chosen ones, the newest. If all sockets find room, each has
    /// a lane; else the last lane is that of all others. The simulated students' own ends have a lane where there is
    /// room, and are no others: a class looks at the server.
    #[must_use]
    pub fn lanes_for(&self, core: &Core, wishes: Wishes<'_>) -> Lanes {
        let mut lanes = Lanes::default();
        let most = wishes.most.max(2);
        if let Some(only) = self.only {
            if matches!(only, SocketId::Conn(_))
                && let Some(listener) = self.latest_listener
            {
                lanes.add(listener, Role::Listening);
            }
            lanes.add(only, Role::Chosen);
            return lanes;
        }
        let is_here = |socket: &&SocketId| core.calls(**socket).is_some();
        let asked = || wishes.asked.iter().filter(is_here);
        // A student's own end counts where it is asked for.
        let students = asked().filter(|socket| is_student(core, **socket)).count();
        let sockets = core.sockets().len().saturating_sub(core.students().len()) + students;
        lanes.others = sockets > most;
        let room = most - usize::from(lanes.others);
        let listener = core.server().listener().map(SocketId::Listener);
        if let Some(listener) = listener.filter(|listener| core.calls(*listener).is_some()).or(self.latest_listener) {
            lanes.add(listener, Role::Listening);
        }
        if let Some(chosen) = wishes.chosen.filter(|chosen| core.calls(SocketId::Conn(*chosen)).is_some()) {
            lanes.add(SocketId::Conn(chosen), Role::Chosen);
            // That of a student takes no lane from the server's, where each of those finds room.
            let has_room = |other: SocketId| lanes.others || sockets < most || !is_student(core, other);
            let other = self.other_end(chosen).map(SocketId::Conn);
            if let Some(other) = other.filter(|other| lanes.own.len() < room && has_room(*other)) {
                lanes.add(other, Role::OtherEnd);
            }
        }
        for socket in asked() {
            if lanes.own.len() < room {
                lanes.add(*socket, Role::Asked);
            }
        }
        let latest = || self.lanes.values().rev().take(LOOKED_THROUGH);
        let newest = latest().find(|lane| is_connection(lane) && !is_student(core, lane.socket));
        if let Some(newest) = newest.filter(|_| lanes.own.len() < room) {
            lanes.add(newest.socket, Role::Newest);
        }
        for (closed, students) in [(false, false), (true, false), (false, true), (true, true)] {
            // A student's own end is shown beside the server's, once all of those are.
            if students && lanes.others {
                break;
            }
            for lane in latest().filter(|lane| lane.closed == closed && is_student(core, lane.socket) == students) {
                if lanes.own.len() >= room {
                    return lanes;
                }
                lanes.add(lane.socket, Role::Room);
            }
        }
        lanes
    }
}

impl Lanes {
    fn add(&mut self, socket: SocketId, role: Role) {
        if self.column(socket).is_none() {
            self.own.push(OwnLane { socket, role });
        }
    }
}

fn is_connection(lane: &Lane) -> bool {
    matches!(lane.socket, SocketId::Conn(_))
}

/// Whether this is a simulated student's own end of its connection.
pub(super) fn is_student(core: &Core, socket: SocketId) -> bool {
    let SocketId::Conn(conn) = socket else { return false };
    let conversation = core.conversation(Key::Conn(conn));
    conversation.is_some_and(|end| end.student.is_some() && matches!(end.origin, Origin::Outgoing { .. }))
}
