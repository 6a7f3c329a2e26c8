//! The calls of a UDP socket, one after the other.

use bytes::Bytes;
use jiff::Timestamp;

use super::{Step, Steps, has_done, has_succeeded};
use crate::{
    chat::{Call, CallKind, ConnId, SocketId, SocketOption},
    core::{CallLog, ConnState, Core, Key},
    net::{Command, UdpStep},
};

/// The steps of a UDP socket, if it is stepped.
pub(super) fn of_socket(core: &Core, socket: SocketId) -> Option<Steps> {
    match socket {
        SocketId::Listener(listener) => {
            let server = core.server();
            let options = server.udp().filter(|_| server.stepping && server.listener() == Some(listener))?;
            Some(of_server(core, options.group.is_some()))
        }
        SocketId::Conn(conn) => {
            let conversation = core.conversation(Key::Conn(conn))?;
            (conversation.stepped && !conversation.state.is_over()).then(|| of_conn(core, conn))
        }
    }
}

/// The steps of the UDP socket in the server's place, whether there is one yet or not.
pub(super) fn of_server(core: &Core, group: bool) -> Steps {
    let socket = core.server().listener().map(SocketId::Listener);
    let log = socket.and_then(|socket| core.calls(socket));
    let waiting = socket.is_some_and(|socket| datagram_waits(core, socket));
    let next = next_of_server(log, group, waiting);
    let all = [
        (UdpStep::Socket, true),
        (UdpStep::ReuseAddress, group),
        (UdpStep::Bind, true),
        (UdpStep::JoinGroup, group),
        (UdpStep::RecvFrom, true),
        // To whom, only what is written says.
        (UdpStep::SendTo, waiting),
        (UdpStep::Close, true),
    ];
    let all = all.into_iter().filter(|(_, offered)| *offered).map(|(step, _)| Step::UdpServer(step)).collect();
    let waits = log.is_some_and(|log| log.waits_in(next.call()));
    Steps { next: Step::UdpServer(next), waits, all }
}

fn next_of_server(log: Option<&CallLog>, group: bool, waiting: bool) -> UdpStep {
    let done = |kind| log.is_some_and(|log| has_done(log, kind));
    let set = |wanted: fn(SocketOption) -> bool| {
        let of_call = |call: Call| matches!(call, Call::SetOption(option) if wanted(option));
        log.is_some_and(|log| log.iter().any(|row| of_call(row.call.call) && has_succeeded(row.call.outcome)))
    };
    if !done(CallKind::Socket) {
        UdpStep::Socket
    } else if !done(CallKind::Bind) {
        let reuse = group && !set(|option| matches!(option, SocketOption::ReuseAddress(_)));
        if reuse { UdpStep::ReuseAddress } else { UdpStep::Bind }
    } else if group && !set(|option| matches!(option, SocketOption::JoinGroup(_))) {
        UdpStep::JoinGroup
    } else if waiting {
        UdpStep::SendTo
    } else {
        UdpStep::RecvFrom
    }
}

/// The steps of the UDP socket that was opened to send to someone.
fn of_conn(core: &Core, conn: ConnId) -> Steps {
    const ALL: [UdpStep; 5] = [UdpStep::Socket, UdpStep::Bind, UdpStep::SendTo, UdpStep::RecvFrom, UdpStep::Close];
    let log = core.calls(SocketId::Conn(conn));
    let next = next_of_conn(core, conn, log);
    let waits = log.is_some_and(|log| log.waits_in(next.call()));
    let all = ALL.into_iter().map(|step| Step::UdpConn(conn, step)).collect();
    Steps { next: Step::UdpConn(conn, next), waits, all }
}

fn next_of_conn(core: &Core, conn: ConnId, log: Option<&CallLog>) -> UdpStep {
    let done = |kind| log.is_some_and(|log| has_done(log, kind));
    if !done(CallKind::Socket) {
        return UdpStep::Socket;
    }
    let own = core.conversation(Key::Conn(conn)).and_then(|conversation| conversation.manner().options.local);
    if own.is_some() && !done(CallKind::Bind) {
        return UdpStep::Bind;
    }
    if datagram_waits(core, SocketId::Conn(conn)) {
        return UdpStep::SendTo;
    }
    if log.is_some_and(|log| log.waits_in(CallKind::RecvFrom)) {
        return UdpStep::RecvFrom;
    }
    let calls = log.into_iter().flat_map(|log| log.iter().rev()).map(|row| &row.call);
    let mut moved = calls.filter(|call| matches!(call.call, Call::RecvFrom(_) | Call::SendTo { .. }));
    let last = moved.next();
    let worked = last.is_some_and(|call| has_succeeded(call.outcome));
    match last.map(|call| call.call) {
        // A question and its answer.
        Some(Call::RecvFrom(_)) if worked && moved.any(|call| matches!(call.call, Call::SendTo { .. })) => {
            UdpStep::Close
        }
        Some(Call::RecvFrom(_)) if !worked => UdpStep::RecvFrom,
        Some(Call::SendTo { .. }) if worked => UdpStep::RecvFrom,
        _ => UdpStep::SendTo,
    }
}

/// Whether something is written that goes out by this socket.
fn datagram_waits(core: &Core, socket: SocketId) -> bool {
    core.conversations().any(|(_, conversation)| {
        conversation.udp.is_some_and(|over| over.socket == socket)
            && conversation.waiting() > 0
            && !conversation.state.is_over()
    })
}

impl Core {
    pub(super) fn step_udp(&mut self, socket: SocketId, step: UdpStep) {
        self.step_in_flight = Some(socket);
        self.command(Command::StepUdp { socket, step });
    }

    /// Where nothing is written, `sendto` sends an empty datagram: that is a message, too.
    pub(super) fn write_nothing(&mut self, conn: ConnId, step: UdpStep, now: Timestamp) {
        let is_open = self.conversation(Key::Conn(conn)).is_some_and(|c| c.state == ConnState::Open);
        if step == UdpStep::SendTo && is_open && !datagram_waits(self, SocketId::Conn(conn)) {
            self.send(Key::Conn(conn), Bytes::new(), now);
        }
    }
}
