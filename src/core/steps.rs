//! Which call comes next, where each waits for the user: worked out from the calls made so far.

mod udp;

use jiff::Timestamp;

use super::{CallLog, ConnState, Conversation, Core, Key, ServerState};
use crate::{
    chat::{Call, CallKind, ConnId, ListenerId, Origin, Outcome, SocketId},
    net::{Command, ConnStep, ListenOptions, ListenStep, UdpStep},
};

/// What the server is, once it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToOpen {
    /// A listening socket.
    Tcp {
        /// `SO_REUSEADDR` is to be set.
        reuse_address: bool,
    },
    /// A UDP socket.
    Udp {
        /// A group is to be joined.
        group: bool,
    },
}

/// One call that the user may have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// On the listening socket.
    Server(ListenStep),
    /// On an accepted socket, or one of a client connection.
    Conn(ConnId, ConnStep),
    /// On the UDP socket in the server's place.
    UdpServer(UdpStep),
    /// On the UDP socket of this conversation, which was opened to send to someone.
    UdpConn(ConnId, UdpStep),
}

impl Step {
    /// Which call it is.
    #[must_use]
    pub fn call(self) -> CallKind {
        match self {
            Self::Server(ListenStep::Socket) | Self::Conn(_, ConnStep::Socket) => CallKind::Socket,
            Self::Server(ListenStep::ReuseAddress) => CallKind::SetOption,
            Self::Server(ListenStep::Bind) => CallKind::Bind,
            Self::Server(ListenStep::Listen) => CallKind::Listen,
            Self::Server(ListenStep::Accept) => CallKind::Accept,
            Self::Conn(_, ConnStep::Connect) => CallKind::Connect,
            Self::Conn(_, ConnStep::Recv) => CallKind::Recv,
            Self::Conn(_, ConnStep::Send) => CallKind::Send,
            Self::Conn(_, ConnStep::FinishSending) => CallKind::ShutdownWrite,
            Self::Server(ListenStep::Close) | Self::Conn(_, ConnStep::Close) => CallKind::Close,
            Self::UdpServer(step) | Self::UdpConn(_, step) => step.call(),
        }
    }

    /// The call's name as the manual page has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.call().name()
    }

    /// The connection it is made on, if on one.
    #[must_use]
    pub fn conn(self) -> Option<ConnId> {
        match self {
            Self::Server(_) | Self::UdpServer(_) => None,
            Self::Conn(conn, _) | Self::UdpConn(conn, _) => Some(conn),
        }
    }
}

/// What may be stepped now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The call that a program would make next, or the one that it waits in.
    pub next: Step,
    /// That call was made, and has not returned yet.
    pub waits: bool,
    /// All that may be tried, in the order of a program, `next` among them. The kernel judges.
    pub all: Vec<Step>,
}

/// What the next step is, where something is stepped: of the open conversation, if that is; else of the
/// server. `to_open`: what the server is to be, where there is none yet.
#[must_use]
pub fn next(core: &Core, selected: Key, to_open: ToOpen) -> Option<Steps> {
    of_selected(core, selected).or_else(|| of_server(core, selected, to_open))
}

/// The steps of the open conversation.
#[must_use]
pub fn of_selected(core: &Core, selected: Key) -> Option<Steps> {
    match selected {
        Key::Conn(conn) => of_conn(core, conn),
        Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => None,
    }
}

/// The steps of one connection, if it is stepped and not over.
#[must_use]
pub fn of_conn(core: &Core, conn: ConnId) -> Option<Steps> {
    let conversation = core.conversation(Key::Conn(conn))?;
    if let Some(over) = conversation.udp {
        return udp::of_socket(core, over.socket).filter(|_| !conversation.state.is_over());
    }
    if !conversation.stepped || conversation.state.is_over() {
        return None;
    }
    let log = core.calls(SocketId::Conn(conn));
    let step = next_of_conn(conversation, log);
    let next = Step::Conn(conn, step);
    let waits = match step {
        ConnStep::Connect => matches!(conversation.state, ConnState::Connecting(_)),
        _ => log.is_some_and(|log| log.waits_in(next.call())),
    };
    let steps: &[ConnStep] = if conversation.origin == Origin::Accepted { &OF_ACCEPTED } else { &OF_CLIENT };
    Some(Steps { next, waits, all: steps.iter().map(|step| Step::Conn(conn, *step)).collect() })
}

/// The steps of the server: of its listening socket, or of the client that it serves.
///
/// A program that serves one client after another finishes with the one it accepted before it accepts
/// the next; with the open conversation's client, if that is one of the server's, else with the last.
#[must_use]
pub fn of_server(core: &Core, selected: Key, to_open: ToOpen) -> Option<Steps> {
    if !core.server().stepping {
        return None;
    }
    let opened = core.server().listener().is_some();
    let group = match (core.server().udp(), to_open) {
        (Some(options), _) => Some(options.group.is_some()),
        (None, ToOpen::Udp { group }) if !opened => Some(group),
        (None, _) => None,
    };
    if let Some(group) = group {
        return Some(udp::of_server(core, group));
    }
    let reuse_address = !matches!(to_open, ToOpen::Tcp { reuse_address: false });
    let served = |conn: ConnId| {
        let accepted = core.conversation(Key::Conn(conn)).is_some_and(|c| c.origin == Origin::Accepted);
        of_conn(core, conn).filter(|_| accepted)
    };
    let mut all: Vec<Step> = OF_LISTENER.map(Step::Server).to_vec();
    let of_client = match selected {
        Key::Conn(conn) => served(conn),
        Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => None,
    };
    let of_client = of_client.or_else(|| {
        // While one waits for its client's words, the next can be accepted.
        core.conversations().rev().take(LOOKED_BACK).find_map(|(conn, _)| served(conn)).filter(|steps| !steps.waits)
    });
    if let Some(steps) = of_client {
        all.extend(steps.all);
        return Some(Steps { all, ..steps });
    }
    let log = core.server().listener().and_then(|listener| core.calls(SocketId::Listener(listener)));
    let next = Step::Server(next_of_listener(core, log, reuse_address));
    let waits = log.is_some_and(|log| log.waits_in(next.call()));
    Some(Steps { next, waits, all })
}

impl Core {
    /// Has the server and its clients make each call as a step, or go on by themselves.
    pub(super) fn set_stepping(&mut self, stepped: bool) {
        self.server.stepping = stepped;
        self.step_in_flight = None;
        self.command(Command::StepServers { stepped });
    }

    /// Makes the call that a program would make next, unless one is being waited in.
    pub(super) fn next_step(&mut self, selected: Key, listen: ListenOptions, now: Timestamp) {
        let to_open = ToOpen::Tcp { reuse_address: listen.reuse_address };
        if self.step_in_flight.is_none()
            && let Some(steps) = next(self, selected, to_open)
            && !steps.waits
        {
            self.step(steps.next, Some(listen), now);
        }
    }

    /// Makes a call, whatever the order. `listen`: how the server is opened, if there is none yet.
    pub(super) fn step(&mut self, step: Step, listen: Option<ListenOptions>, now: Timestamp) {
        match step {
            Step::UdpServer(step) => {
                if let Some(listener) = self.server.listener() {
                    self.step_udp(SocketId::Listener(listener), step);
                }
            }
            Step::UdpConn(conn, step) => {
                self.write_nothing(conn, step, now);
                self.step_udp(SocketId::Conn(conn), step);
            }
            Step::Server(step) => {
                let server = self.server.listener();
                if let Some(listener) = server.or_else(|| listen.map(|listen| self.prepare_listener(listen))) {
                    self.step_server(listener, step);
                }
            }
            Step::Conn(conn, step) => {
                self.step_in_flight = Some(SocketId::Conn(conn));
                self.command(Command::StepConn { conn, step });
            }
        }
    }

    /// Makes a call of the server.
    pub(super) fn step_server(&mut self, listener: ListenerId, step: ListenStep) {
        self.step_in_flight = Some(SocketId::Listener(listener));
        self.command(Command::Step { listener, step });
    }

    /// A step on that socket came to something.
    pub(super) fn step_returned(&mut self, socket: SocketId) {
        if self.step_in_flight == Some(socket) {
            self.step_in_flight = None;
        }
    }
}

fn next_of_listener(core: &Core, log: Option<&CallLog>, reuse_address: bool) -> ListenStep {
    if matches!(core.server().state, ServerState::Listening { .. }) {
        return ListenStep::Accept;
    }
    let done = |kind| log.is_some_and(|log| has_done(log, kind));
    if !done(CallKind::Socket) {
        ListenStep::Socket
    } else if done(CallKind::Bind) {
        ListenStep::Listen
    } else if reuse_address && !done(CallKind::SetOption) {
        ListenStep::ReuseAddress
    } else {
        ListenStep::Bind
    }
}

fn next_of_conn(conversation: &Conversation, log: Option<&CallLog>) -> ConnStep {
    let waits_in = |kind| log.is_some_and(|log| log.waits_in(kind));
    match conversation.state {
        ConnState::Connecting(_) => return ConnStep::Connect,
        ConnState::New if log.is_some_and(|log| has_done(log, CallKind::Socket)) => return ConnStep::Connect,
        ConnState::New | ConnState::LookingUp(_) => return ConnStep::Socket,
        _ => {}
    }
    if waits_in(CallKind::Send) {
        return ConnStep::Send;
    }
    // The last word from either side; before it was connected, there was none.
    let calls = log.into_iter().flat_map(|log| log.iter().rev()).map(|row| &row.call);
    let calls = calls.take_while(|call| !(matches!(call.call, Call::Connect(_)) && has_succeeded(call.outcome)));
    let mut moved = calls.filter(|call| matches!(call.call, Call::Recv(_) | Call::Send(_)));
    let last = moved.next();
    let lost = last.is_some_and(|call| matches!(call.outcome, Outcome::Failed(_)));
    if lost {
        return ConnStep::Close;
    }
    if conversation.waiting() > 0 && conversation.state.can_send() {
        return ConnStep::Send;
    }
    if waits_in(CallKind::Recv) {
        return ConnStep::Recv;
    }
    let accepted = conversation.origin == Origin::Accepted;
    let finished = conversation.state == ConnState::PeerFinished
        || last.is_some_and(|call| matches!(call.call, Call::Recv(_)) && call.outcome == Outcome::Bytes(0));
    // A question and its answer have gone over it.
    let answered = match last.map(|call| call.call) {
        Some(Call::Send(_)) => accepted,
        Some(Call::Recv(_)) => !accepted && moved.any(|call| matches!(call.call, Call::Send(_))),
        _ => false,
    };
    if finished || answered { ConnStep::Close } else { ConnStep::Recv }
}

/// Whether such a call has succeeded on that socket.
fn has_done(log: &CallLog, kind: CallKind) -> bool {
    log.iter().any(|row| row.call.call.kind() == kind && has_succeeded(row.call.outcome))
}

fn has_succeeded(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Failed(_))
}

const OF_LISTENER: [ListenStep; 6] = [
    ListenStep::Socket,
    ListenStep::ReuseAddress,
    ListenStep::Bind,
    ListenStep::Listen,
    ListenStep::Accept,
    ListenStep::Close,
];

const OF_ACCEPTED: [ConnStep; 4] = [ConnStep::Recv, ConnStep::Send, ConnStep::FinishSending, ConnStep::Close];

const OF_CLIENT: [ConnStep; 6] =
    [ConnStep::Socket, ConnStep::Connect, ConnStep::Send, ConnStep::Recv, ConnStep::FinishSending, ConnStep::Close];

/// Conversations looked through for the client that is served.
const LOOKED_BACK: usize = 100;
