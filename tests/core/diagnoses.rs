//! Diagnoses against a model of what can cause the facts: nothing is said that is not so in the world that the facts come
//! from, whatever of them the system does not report; and what is known for certain is said.
//!
//! A world is what really is: what the program at the other end has done, what its kernel holds, who listens where. Its
//! facts are what kernels say of such a world, and some of them are then left out, as systems do. Since worlds are made
//! at random, two that differ in the cause and give the same facts are among them: a sentence that follows for the one
//! alone is found out in the other.

use std::net::SocketAddr;

use proptest::prelude::*;
use sockhop::{
    chat::Cause,
    core::{
        ConversationOptions, Core, Input,
        diagnoses::{Diagnosis, End, Facts, LastWord, OtherEnd, Program, ReadOfEnd, Stage, diagnose},
    },
    host::{Holder, ListeningPort, PortHeld, PortOwner, PortsAsked, SocketRow, SocketTable, TcpState, who_holds},
    net::{CallKind, Command, Event, EventKind, Limit, NetError, Reason, Target},
};

use crate::{Key, Timestamp, address, connecting, happen};

const CLIENT: u16 = 40_222;
const SERVER: u16 = 9_999;

fn here(port: u16) -> SocketAddr {
    address(port)
}

fn nobody() -> SocketAddr {
    ([0, 0, 0, 0], 0).into()
}

fn python(pid: u32) -> PortOwner {
    PortOwner { name: "python3".to_owned(), pid }
}

/// What the program at the other end has done with the connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Peer {
    /// It has not called accept.
    NotAccepted,
    /// It has it, and has finished sending or not.
    Holds { finished: bool },
    /// It has called close, or ended.
    Closed,
}

/// What really is.
#[derive(Clone, Debug)]
struct World {
    /// The other end is on this machine.
    here: bool,
    peer: Peer,
    /// What we sent, and its program has not read: in its kernel, on its way or waiting here.
    unread: u32,
    under_way: u32,
    /// We finished sending; the FIN has come; the program has read it.
    we_finished: bool,
    fin_came: bool,
    fin_read: bool,
    /// Its window is closed.
    window_closed: bool,
    /// What it sent that we have not read yet, and what we have.
    to_us: u32,
    received: u64,
    since_finish: bool,
    spoke: LastWord,
    in_lab: bool,
    backlog: u32,
    /// Others in the accept queue.
    others_wait: u32,
    /// Other connections that the listening program has.
    serves: usize,
    listener_closed: bool,
}

fn worlds() -> impl Strategy<Value = World> {
    let peer = prop_oneof![
        Just(Peer::NotAccepted),
        any::<bool>().prop_map(|finished| Peer::Holds { finished }),
        Just(Peer::Closed),
    ];
    let spoke = prop_oneof![
        Just(LastWord::Nobody),
        any::<bool>().prop_map(|automatic| LastWord::Ours { automatic }),
        Just(LastWord::Theirs),
    ];
    let amount = || prop_oneof![3 => Just(0_u32), 1 => 1..10_000_u32];
    (
        (any::<bool>(), peer, amount(), amount()),
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        (amount(), amount(), spoke, any::<bool>()),
        (1..6_u32, 0..4_u32, 0..3_usize, any::<bool>()),
    )
        .prop_map(|(one, two, three, four)| {
            let (here, peer, unread, under_way) = one;
            let (we_finished, fin_came, fin_read, window_closed, since_finish) = two;
            let (to_us, received, spoke, in_lab) = three;
            let (backlog, others_wait, serves, listener_closed) = four;
            let accepted = peer != Peer::NotAccepted;
            let we_finished = we_finished && peer != Peer::Closed;
            let fin_came = we_finished && fin_came && under_way == 0;
            World {
                here,
                peer,
                unread,
                under_way,
                we_finished,
                fin_came,
                fin_read: fin_came && fin_read && accepted && unread == 0,
                window_closed: window_closed && under_way > 0,
                to_us,
                received: received.into(),
                since_finish: since_finish && we_finished,
                spoke,
                in_lab,
                backlog,
                others_wait,
                serves,
                listener_closed: listener_closed && accepted,
            }
        })
}

impl World {
    fn waiting(&self) -> u32 {
        self.others_wait + u32::from(self.peer == Peer::NotAccepted)
    }

    /// What kernels say of it.
    fn facts(&self) -> Facts {
        let peer_finished = matches!(self.peer, Peer::Closed | Peer::Holds { finished: true });
        let stage = match (self.we_finished, peer_finished && self.to_us == 0) {
            (_, true) => Stage::PeerFinished,
            (true, false) => Stage::WeFinished,
            (false, false) => Stage::Open,
        };
        let (client, server) = (here(CLIENT), here(SERVER));
        let fin = u32::from(self.we_finished && !self.fin_came);
        let ours_state = match (self.we_finished, self.fin_came, peer_finished) {
            (false, _, false) => TcpState::Established,
            (false, _, true) => TcpState::CloseWait,
            (true, false, _) => TcpState::FinWait1,
            (true, true, false) => TcpState::FinWait2,
            (true, true, true) => TcpState::TimeWait,
        };
        let ours = SocketRow {
            unread: Some(self.to_us + u32::from(peer_finished && self.to_us > 0)),
            unacknowledged: Some(self.under_way + fin),
            ..SocketRow::new(client, server, ours_state, Holder::ThisProgram(Some(7)))
        };
        let other_state = match (self.peer, self.fin_came) {
            (Peer::NotAccepted | Peer::Holds { finished: false }, false) => TcpState::Established,
            (Peer::NotAccepted | Peer::Holds { finished: false }, true) => TcpState::CloseWait,
            (_, false) => TcpState::FinWait2,
            (_, true) => TcpState::LastAck,
        };
        let holder = if let Peer::Holds { .. } = self.peer { Holder::Other } else { Holder::Kernel };
        let other = SocketRow {
            unread: Some(self.unread + u32::from(self.fin_came && !self.fin_read)),
            unacknowledged: Some(0),
            owner: (holder == Holder::Other).then(|| python(4711)),
            ..SocketRow::new(server, client, other_state, holder)
        };
        let listener = SocketRow {
            unread: Some(self.waiting()),
            unacknowledged: Some(0),
            backlog: Some(self.backlog),
            owner: Some(python(4711)),
            ..SocketRow::new(server, nobody(), TcpState::Listen, Holder::Other)
        };
        let listening = if self.here && !self.listener_closed { vec![listener] } else { Vec::new() };
        Facts {
            stage,
            outgoing: true,
            peer: Some(server),
            peer_is_here: self.here,
            ours: Some(ours),
            other: if self.here { OtherEnd::Here(other) } else { OtherEnd::Unknown },
            listeners: listening.clone(),
            serves: if self.here { self.serves } else { 0 },
            ports_are_known: self.here,
            listening,
            udp: Vec::new(),
            no_room: self.window_closed,
            nothing_queued: self.under_way == 0,
            received: self.received,
            received_since_finish: self.since_finish,
            last_word: self.spoke,
            in_lab: self.in_lab,
        }
    }

    /// Whether that is so in this world.
    fn is_so(&self, found: &Diagnosis) -> bool {
        let holds = matches!(self.peer, Peer::Holds { .. });
        let is_python = |program: &Program| match program {
            Program::Other(owner) => *owner == python(4711),
            Program::Unknown => true,
            Program::This => false,
        };
        match found {
            Diagnosis::NotAccepted { listener, serves } => {
                let figures = listener.as_ref().is_none_or(|one| {
                    is_python(&one.program)
                        && one.waiting == self.waiting()
                        && one.backlog.is_none_or(|backlog| backlog == self.backlog)
                });
                self.peer == Peer::NotAccepted && figures && *serves <= self.serves
            }
            Diagnosis::NotRead { program, bytes } => {
                holds && is_python(program) && *bytes == self.unread && self.unread > 0
            }
            Diagnosis::NoRoom { .. } => self.window_closed,
            Diagnosis::BothWait { program, we_spoke } => {
                holds
                    && is_python(program)
                    && (self.unread, self.under_way, self.to_us) == (0, 0, 0)
                    && *we_spoke == matches!(self.spoke, LastWord::Ours { .. })
            }
            Diagnosis::EndNotNoticed { program, read } => {
                let reads = match read {
                    ReadOfEnd::All => self.fin_read,
                    ReadOfEnd::Left(bytes) => !self.fin_read && *bytes == self.unread,
                    ReadOfEnd::NotTold => !self.here,
                };
                // On another machine it may not even be accepted yet: it has not closed all the same.
                let open =
                    if self.here { self.peer == Peer::Holds { finished: false } } else { self.peer != Peer::Closed };
                self.fin_came && open && reads && program.as_ref().is_none_or(is_python)
            }
            _ => false,
        }
    }
}

/// What a system does not report.
#[derive(Clone, Copy, Debug)]
struct Unsaid {
    owner: bool,
    queues: bool,
    backlog: bool,
    ports: bool,
    other: bool,
    ours: bool,
    room: bool,
}

fn unsaid() -> impl Strategy<Value = Unsaid> {
    any::<[bool; 7]>().prop_map(|[owner, queues, backlog, ports, other, ours, room]| Unsaid {
        owner,
        queues,
        backlog,
        ports,
        other,
        ours,
        room,
    })
}

fn without(mut facts: Facts, unsaid: Unsaid) -> Facts {
    let forget = |row: &mut SocketRow| {
        if unsaid.owner {
            row.owner = None;
        }
        if unsaid.queues {
            (row.unread, row.unacknowledged) = (None, None);
        }
        if unsaid.backlog {
            row.backlog = None;
        }
        row.timer = None;
    };
    facts.ours.iter_mut().for_each(forget);
    if let OtherEnd::Here(row) = &mut facts.other {
        forget(row);
    }
    facts.listeners.iter_mut().for_each(forget);
    facts.listening.iter_mut().for_each(forget);
    if unsaid.ports {
        (facts.ports_are_known, facts.serves) = (false, 0);
        facts.listeners.clear();
        facts.listening.clear();
    }
    if unsaid.other {
        facts.other = OtherEnd::Unknown;
    }
    if unsaid.ours {
        facts.ours = None;
    }
    facts.no_room &= !unsaid.room;
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_is_said_that_is_not_so(world in worlds(), unsaid in unsaid()) {
        let facts = without(world.facts(), unsaid);
        if let Some(found) = diagnose(&facts) {
            // Where the other end is not reported, it is as if it were on another machine.
            let seen = World { here: world.here && !unsaid.other, ..world.clone() };
            prop_assert!(seen.is_so(&found) || world.is_so(&found), "{found:?} of {world:?}");
        }
    }

    #[test]
    fn what_is_certain_is_said(world in worlds()) {
        let facts = world.facts();
        let found = diagnose(&facts);
        let open = facts.stage == Stage::Open;
        if world.here && world.peer == Peer::NotAccepted && (open || facts.stage == Stage::WeFinished) {
            prop_assert!(matches!(found, Some(Diagnosis::NotAccepted { listener: Some(_), .. })), "{found:?}");
        } else if world.here && open && world.unread > 0 && matches!(world.peer, Peer::Holds { .. }) {
            prop_assert!(matches!(found, Some(Diagnosis::NotRead { .. })), "{found:?}");
        } else if open && world.window_closed {
            prop_assert!(matches!(found, Some(Diagnosis::NoRoom { .. })), "{found:?}");
        } else if world.here && open && world.peer == (Peer::Holds { finished: false }) {
            let quiet = (world.unread, world.under_way, world.to_us) == (0, 0, 0);
            let waits = quiet && matches!(world.spoke, LastWord::Nobody | LastWord::Ours { automatic: false });
            prop_assert_eq!(matches!(found, Some(Diagnosis::BothWait { .. })), waits, "{:?}", found);
        } else if facts.stage == Stage::WeFinished && world.fin_came && !world.since_finish && world.to_us == 0 {
            prop_assert!(matches!(found, Some(Diagnosis::EndNotNoticed { .. })), "{found:?}");
        }
    }

    #[test]
    fn why_connect_failed_is_what_the_ports_say(
        asked_ip in prop_oneof![Just("127.0.0.1"), Just("127.0.0.2"), Just("::1")],
        tcp in prop::collection::vec((0..5_usize, 0..3_usize, 0..8_u32, 1..6_u32, any::<bool>()), 0..4),
        udp in prop::collection::vec((0..5_usize, 0..2_usize), 0..3),
        known in any::<bool>(),
        is_here in any::<bool>(),
        timed_out in any::<bool>(),
    ) {
        const IPS: [&str; 5] = ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::", "::1"];
        const PORTS: [u16; 3] = [SERVER, 8_888, 22];
        let ip = |place: usize| IPS[place].parse().unwrap();
        let asked = SocketAddr::new(asked_ip.parse().unwrap(), SERVER);
        let listening: Vec<SocketRow> = tcp
            .iter()
            .map(|(at, port, waiting, backlog, owned)| SocketRow {
                unread: Some(*waiting),
                backlog: Some(*backlog),
                owner: owned.then(|| python(1)),
                ..SocketRow::new(SocketAddr::new(ip(*at), PORTS[*port]), nobody(), TcpState::Listen, Holder::Other)
            })
            .collect();
        let udp: Vec<ListeningPort> = udp
            .iter()
            .map(|(at, port)| ListeningPort { local: SocketAddr::new(ip(*at), PORTS[*port]), owner: Some(python(2)) })
            .collect();
        let table = SocketTable {
            at: Timestamp::UNIX_EPOCH,
            rows: Vec::new(),
            ports: PortsAsked { ports: [SERVER].into(), udp: udp.clone(), listening: listening.clone() },
            left_out: 0,
            complete: known,
        };
        let cause = if timed_out { Cause::TimedOut } else { Cause::Refused };
        let mut facts = Facts::of_failed(cause, asked, &table);
        facts.peer_is_here = is_here;
        let found = diagnose(&facts);
        let is_asked = |local: SocketAddr| {
            let bound = local.ip();
            local.port() == SERVER && (bound == asked.ip() || bound.is_unspecified() && bound.is_ipv4() == asked.is_ipv4())
        };
        if !is_here {
            prop_assert_eq!(&found, &None);
        }
        match &found {
            None => {}
            Some(Diagnosis::QueueFull(one)) => {
                prop_assert!(timed_out && one.waiting > one.backlog.unwrap());
            }
            Some(Diagnosis::ListensElsewhere { listens, .. }) => {
                prop_assert!(!timed_out && known && listens.port() == SERVER);
                prop_assert!(listening.iter().any(|row| row.local == *listens));
                prop_assert!(!listening.iter().any(|row| is_asked(row.local)), "somebody listens there");
            }
            Some(Diagnosis::OnlyUdp { port, .. }) => {
                prop_assert!(!timed_out && known && *port == SERVER);
                prop_assert!(!listening.iter().any(|row| row.local.port() == SERVER));
                prop_assert!(udp.iter().any(|one| one.local.port() == SERVER));
            }
            Some(Diagnosis::OtherPort { listens, .. }) => {
                prop_assert!(!timed_out && known && listens.port() != SERVER);
                prop_assert!(!listening.iter().any(|row| row.local.port() == SERVER));
                // It is the only one that may be meant.
                prop_assert_eq!(listening.iter().filter(|row| row.owner.is_some()).count(), 1);
            }
            Some(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn what_holds_a_port_has_it(
        rows in prop::collection::vec((0..3_usize, 0..2_usize, 0..6_usize, 0..3_usize), 0..6),
        wanted in 0..2_usize,
    ) {
        const IPS: [&str; 3] = ["127.0.0.1", "127.0.0.2", "0.0.0.0"];
        const STATES: [TcpState; 6] = [
            TcpState::Listen,
            TcpState::Established,
            TcpState::CloseWait,
            TcpState::FinWait2,
            TcpState::TimeWait,
            TcpState::Closed,
        ];
        let address = SocketAddr::new(["127.0.0.1", "0.0.0.0"][wanted].parse().unwrap(), SERVER);
        let rows: Vec<SocketRow> = rows
            .iter()
            .map(|(ip, port, state, holder)| {
                let local = SocketAddr::new(IPS[*ip].parse().unwrap(), [SERVER, 8_888][*port]);
                let holder = [Holder::ThisProgram(Some(1)), Holder::Kernel, Holder::Other][*holder];
                SocketRow::new(local, here(CLIENT), STATES[*state], holder)
            })
            .collect();
        let in_the_way = |row: &&SocketRow| {
            let ip = row.local.ip();
            row.local.port() == SERVER
                && row.state != TcpState::Closed
                && (ip.is_unspecified() || address.ip().is_unspecified() || ip == address.ip())
        };
        let count = |state: fn(TcpState) -> bool| rows.iter().filter(in_the_way).filter(|row| state(row.state)).count();
        match who_holds(&rows, address) {
            None => prop_assert_eq!(rows.iter().filter(in_the_way).count(), 0),
            Some(PortHeld::Listening { .. }) => prop_assert!(count(|state| state == TcpState::Listen) > 0),
            Some(PortHeld::Connections { count: held, .. }) => {
                prop_assert_eq!(count(|state| state == TcpState::Listen), 0);
                prop_assert!(held > 0 && held <= count(|state| state != TcpState::TimeWait));
            }
            Some(PortHeld::TimeWait { .. }) => {
                prop_assert!(count(|state| state == TcpState::TimeWait) > 0);
                prop_assert_eq!(count(|state| state != TcpState::TimeWait), 0);
            }
        }
    }
}

#[test]
fn who_closed_without_a_word_is_told_from_who_was_answered() {
    let closed = |finished_first, reset| Stage::Closed { finished_first, reset, answered_by_reset: None };
    let check = |stage: Stage, received: u64, last_word: LastWord| {
        diagnose(&Facts { stage, outgoing: true, received, last_word, ..Facts::default() })
    };
    let ours = LastWord::Ours { automatic: false };
    let by_peer = || closed(Some(End::Peer), false);
    assert_eq!(check(by_peer(), 0, LastWord::Nobody), Some(Diagnosis::ClosedSilently));
    assert_eq!(check(by_peer(), 0, ours), Some(Diagnosis::ClosedUnanswered));
    assert_eq!(check(by_peer(), 9, ours), Some(Diagnosis::ClosedUnanswered));
    assert_eq!(check(by_peer(), 9, LastWord::Theirs), None);
    assert_eq!(check(by_peer(), 9, LastWord::Ours { automatic: true }), None);
    // Whoever closed it here knows why; a reset has its own words.
    assert_eq!(check(closed(Some(End::Ours), false), 0, ours), None);
    assert_eq!(check(closed(None, false), 0, ours), None);
    assert_eq!(check(closed(Some(End::Peer), true), 0, ours), None);
}

/// A connection to a server here that does not accept it, and the table that says so at that second.
fn look(core: &mut Core, second: i64, waiting: u32) {
    let at = Timestamp::from_second(second).unwrap();
    let (client, server) = (here(CLIENT), here(SERVER));
    let row = |local, remote, state, holder, unread| SocketRow {
        unread: Some(unread),
        unacknowledged: Some(0),
        ..SocketRow::new(local, remote, state, holder)
    };
    let listener = SocketRow {
        owner: Some(python(1)),
        backlog: Some(5),
        ..row(server, nobody(), TcpState::Listen, Holder::Other, waiting)
    };
    let held = if waiting > 0 { Holder::Kernel } else { Holder::Other };
    let rows = vec![
        row(client, server, TcpState::Established, Holder::ThisProgram(Some(7)), 0),
        row(server, client, TcpState::Established, held, 3),
        listener.clone(),
    ];
    let ports = PortsAsked { ports: [SERVER].into(), udp: Vec::new(), listening: vec![listener] };
    let table = SocketTable { at, rows, ports, left_out: 0, complete: true };
    let _ = core.apply(Input::Sockets(Some(Ok(table))), at);
}

#[test]
fn what_passes_is_not_said_and_what_was_said_goes_when_it_is_so_no_longer() {
    let second = |second| Timestamp::from_second(second).unwrap();
    let mut core = Core::default();
    let conn = connecting(&mut core);
    let _ = core.apply(Input::Command(Command::InSight { conn: Some(conn) }), second(0));
    happen(&mut core, EventKind::Connecting { conn, address: here(SERVER), local: Some(here(CLIENT)) });
    happen(&mut core, EventKind::Connected { conn, peer: here(SERVER), local: here(CLIENT) });
    // What is wanted of the kernel: our port, and all of the server's.
    let wanted = core.sockets_wanted(false).unwrap();
    assert!(wanted.ports.contains(&CLIENT) && wanted.asked.contains(&SERVER), "{wanted:?}");
    look(&mut core, 10, 1);
    assert_eq!(core.diagnosis(Key::Conn(conn)), None, "a handshake is always over a moment before accept");
    let (due, _) = core.next_wake(second(10)).unwrap();
    assert_eq!(due, second(11));
    let _ = core.apply(Input::Wake, due);
    assert!(matches!(core.diagnosis(Key::Conn(conn)), Some(Diagnosis::NotAccepted { .. })));
    assert_eq!(core.next_wake(second(11)), None, "nothing is to change by time alone");
    // Its figures change, and it stays.
    look(&mut core, 12, 3);
    let Some(Diagnosis::NotAccepted { listener: Some(listener), .. }) = core.diagnosis(Key::Conn(conn)) else {
        panic!()
    };
    assert_eq!(listener.waiting, 3);
    // Accepted: what is unread then is another matter, and has to hold for a while again.
    look(&mut core, 13, 0);
    assert_eq!(core.diagnosis(Key::Conn(conn)), None);
    let _ = core.apply(Input::Wake, second(15));
    assert!(matches!(core.diagnosis(Key::Conn(conn)), Some(Diagnosis::NotRead { bytes: 3, .. })));
}

#[test]
fn nothing_is_asked_of_the_kernel_when_nobody_looks_and_nothing_may_be_wrong() {
    let mut core = Core::default();
    assert_eq!(core.sockets_wanted(false), None);
    crate::listen(&mut core, here(SERVER));
    crate::accept(&mut core, crate::CONN);
    assert_eq!(core.sockets_wanted(false), None, "a client that we accepted, out of sight");
    assert!(core.sockets_wanted(true).is_some());
    let _ = core.apply(Input::Command(Command::InSight { conn: Some(crate::CONN) }), Timestamp::UNIX_EPOCH);
    assert!(core.sockets_wanted(false).is_some());
    let _ = core.apply(Input::Command(Command::InSight { conn: None }), Timestamp::UNIX_EPOCH);
    assert_eq!(core.sockets_wanted(false), None);
}

/// The kernel is asked again, though none of its sockets has changed: what it said before says nothing of now.
#[test]
fn a_full_queue_is_still_the_reason_once_connect_has_given_up() {
    let second = |second| Timestamp::from_second(second).unwrap();
    let mut core = Core::default();
    let server = here(SERVER);
    let target = (server.ip().to_string(), server.port());
    let ask = Input::Connect { target, name: None, manner: ConversationOptions::default() };
    let Some(Key::Conn(conn)) = core.apply(ask, second(0)).show else { panic!("no conversation") };
    let happens = |core: &mut Core, at, kind| core.apply(Input::Net(Event { at: second(at), kind }), second(at));
    let _ = happens(&mut core, 0, EventKind::Connecting { conn, address: server, local: None });
    let _ = core.apply(Input::Command(Command::InSight { conn: Some(conn) }), second(0));
    let before = core.sockets_wanted(false).unwrap();
    let full = |core: &mut Core, at| {
        let listener = SocketRow {
            owner: Some(python(1)),
            backlog: Some(1),
            unread: Some(2),
            ..SocketRow::new(server, nobody(), TcpState::Listen, Holder::Other)
        };
        let ports = PortsAsked { ports: [SERVER].into(), udp: Vec::new(), listening: vec![listener] };
        let table = SocketTable { at: second(at), rows: Vec::new(), ports, left_out: 0, complete: true };
        let _ = core.apply(Input::Sockets(Some(Ok(table))), second(at));
    };
    full(&mut core, 1);
    let _ = core.apply(Input::Wake, second(3));
    assert!(matches!(core.diagnosis(Key::Conn(conn)), Some(Diagnosis::QueueFull(_))));
    let error = NetError::ours(CallKind::Connect, Target::Address(server), Reason::Limit(Limit::ConnectTime));
    let _ = happens(&mut core, 10, EventKind::ConnectFailed { conn, error });
    let after = core.sockets_wanted(false).unwrap();
    assert_ne!(before, after, "nothing new would be asked, and nothing told");
    full(&mut core, 11);
    let _ = core.apply(Input::Wake, second(13));
    assert!(matches!(core.diagnosis(Key::Conn(conn)), Some(Diagnosis::QueueFull(_))));
}
