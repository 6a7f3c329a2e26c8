//! The kernel's socket table: which of its sockets is whose.

use std::net::SocketAddr;

use jiff::Timestamp;
use sockhop::{
    core::{
        Core, Input, Use,
        tcp_states::{End, Source},
    },
    host::{Holder, PortsAsked, SocketRow, SocketTable, SocketsError, TcpState},
    net::{Call, CloseReason, ConnId, EventKind, ListenerId, Outcome, SocketId},
};

use crate::{CONN, Key, address, call, connecting, happen, listen};

fn row(local: SocketAddr, remote: SocketAddr, state: TcpState, holder: Holder) -> SocketRow {
    SocketRow::new(local, remote, state, holder)
}

fn ours(fd: i64) -> Holder {
    Holder::ThisProgram(Some(fd))
}

fn table(rows: Vec<SocketRow>) -> SocketTable {
    SocketTable { at: Timestamp::UNIX_EPOCH, rows, ports: PortsAsked::default(), left_out: 0, complete: true }
}

fn look(core: &mut Core, table: SocketTable) -> Vec<Use> {
    let places = 0..table.rows.len();
    let _ = core.apply(Input::Sockets(Some(Ok(table))), Timestamp::UNIX_EPOCH);
    places.map(|place| core.socket_table().unwrap().use_of(place)).collect()
}

fn accept_from(core: &mut Core, conn: ConnId, peer: SocketAddr, local: SocketAddr) {
    happen(core, EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
}

fn state(core: &Core, conn: ConnId, end: End) -> Option<(TcpState, Source)> {
    let history = core.conversation(Key::Conn(conn)).unwrap().tcp.history();
    history.now(end).map(|period| (period.state, period.source))
}

#[test]
fn each_socket_is_told_by_what_it_is_for() {
    let mut core = Core::default();
    listen(&mut core, address(9));
    accept_from(&mut core, CONN, address(1), address(9));
    let none = SocketAddr::from(([0, 0, 0, 0], 0));
    let uses = look(
        &mut core,
        table(vec![
            row(address(9), none, TcpState::Listen, ours(3)),
            row(address(9), address(1), TcpState::Established, ours(4)),
            row(address(1), address(9), TcpState::Established, Holder::Other),
            row(address(9), address(2), TcpState::Established, Holder::Kernel),
            row(address(9), address(3), TcpState::SynReceived, Holder::Kernel),
            row(address(9), address(4), TcpState::CloseWait, Holder::Kernel),
            row(address(9), address(5), TcpState::TimeWait, Holder::Kernel),
            row(address(9), address(6), TcpState::Established, Holder::Other),
            row(address(8), none, TcpState::Listen, ours(5)),
            row(address(8), address(7), TcpState::Established, Holder::Kernel),
            row(SocketAddr::from(([127, 0, 0, 2], 9)), address(7), TcpState::Established, Holder::Kernel),
        ]),
    );
    let conn = [Use::Conn(CONN), Use::OtherEnd(CONN)];
    let waiting = [Use::Waiting, Use::Waiting, Use::Waiting];
    assert_eq!(uses[0], Use::Listening(ListenerId(1)));
    assert_eq!((&uses[1..3], &uses[3..6]), (&conn[..], &waiting[..]));
    assert_eq!(uses[6..], [Use::Unknown; 5]);
    let sockets = core.socket_table().unwrap();
    assert_eq!(sockets.use_of(100), Use::Unknown);
    assert_eq!(sockets.row_of(CONN).unwrap().holder, ours(4));
    assert!(sockets.row_of(ConnId(99)).is_none());
    assert_eq!(sockets.number, 1);
    assert_eq!(state(&core, CONN, End::Ours), Some((TcpState::Established, Source::Kernel)));
    assert_eq!(state(&core, CONN, End::Peer), Some((TcpState::Established, Source::Kernel)));
}

#[test]
fn a_server_on_all_addresses_has_those_that_wait_on_any_of_them() {
    let mut core = Core::default();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 9));
    listen(&mut core, everywhere);
    let uses = look(
        &mut core,
        table(vec![
            row(everywhere, SocketAddr::from(([0, 0, 0, 0], 0)), TcpState::Listen, ours(3)),
            row(address(9), address(2), TcpState::Established, Holder::Kernel),
            row(address(8), address(2), TcpState::Established, Holder::Kernel),
        ]),
    );
    assert_eq!(uses, [Use::Listening(ListenerId(1)), Use::Waiting, Use::Unknown]);
}

#[test]
fn an_address_within_ipv6_is_the_same_address() {
    let mut core = Core::default();
    accept_from(&mut core, CONN, address(1), address(9));
    let within: SocketAddr = "[::ffff:127.0.0.1]:9".parse().unwrap();
    assert_eq!(
        look(&mut core, table(vec![row(within, address(1), TcpState::Established, ours(4))])),
        [Use::Conn(CONN)]
    );
}

#[test]
fn a_pair_of_addresses_that_is_used_again_is_the_later_connections() {
    let mut core = Core::default();
    let later = ConnId::accepted(2);
    for conn in [CONN, later] {
        accept_from(&mut core, conn, address(1), address(9));
    }
    let rows = || vec![row(address(9), address(1), TcpState::Established, ours(4))];
    assert_eq!(look(&mut core, table(rows())), [Use::Conn(later)]);
}

#[test]
fn while_it_connects_a_socket_is_known_by_its_descriptor() {
    let mut core = Core::default();
    let conn = connecting(&mut core);
    happen(&mut core, EventKind::Connecting { conn, address: address(9), local: None });
    let socket = SocketId::Conn(conn);
    call(&mut core, socket, Call::Connect(address(9)), Outcome::InProgress);
    let rows = || vec![row(address(1), address(9), TcpState::SynSent, ours(5))];
    assert_eq!(look(&mut core, table(rows())), [Use::Conn(conn)]);
    assert_eq!(state(&core, conn, End::Ours), Some((TcpState::SynSent, Source::Kernel)));
    let other = vec![row(address(1), address(9), TcpState::SynSent, ours(6))];
    assert_eq!(look(&mut core, table(other)), [Use::Unknown], "another descriptor");
    call(&mut core, socket, Call::Close, Outcome::Done);
    assert_eq!(look(&mut core, table(rows())), [Use::Unknown], "the descriptor is free again");
}

#[test]
fn what_is_not_in_a_complete_table_does_not_exist() {
    for (complete, left_out, gone) in [(true, 0, true), (false, 0, false), (true, 1, false)] {
        let mut core = Core::default();
        accept_from(&mut core, CONN, address(1), address(9));
        call(&mut core, SocketId::Conn(CONN), Call::Close, Outcome::Done);
        let uses = look(&mut core, SocketTable { complete, left_out, ..table(Vec::new()) });
        assert_eq!(uses, []);
        assert_eq!(core.conversation(Key::Conn(CONN)).unwrap().tcp.is_over(), gone, "{complete} {left_out}");
    }
}

#[test]
fn a_look_that_says_nothing_is_no_fact() {
    let mut core = Core::default();
    accept_from(&mut core, CONN, address(1), address(9));
    let facts = |core: &Core| format!("{:?}", core.conversation(Key::Conn(CONN)).unwrap().tcp);
    let before = facts(&core);
    look(&mut core, SocketTable { complete: false, ..table(Vec::new()) });
    assert_eq!(facts(&core), before);
    look(&mut core, table(Vec::new()));
    assert_ne!(facts(&core), before);
}

#[test]
fn the_other_end_is_gone_only_where_it_would_be_in_the_table() {
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 1));
    let here = SocketAddr::from(([192, 0, 2, 7], 9));
    let same = SocketAddr::from(([192, 0, 2, 7], 1));
    let peer = |peer: SocketAddr, local: SocketAddr| {
        let mut core = Core::default();
        accept_from(&mut core, CONN, peer, local);
        look(&mut core, table(vec![row(local, peer, TcpState::Established, ours(4))]));
        state(&core, CONN, End::Peer)
    };
    let established = Some(TcpState::Established);
    assert_eq!(peer(elsewhere, here).map(|(state, _)| state), established, "the table does not tell of it");
    assert_ne!(peer(address(1), address(9)).map(|(state, _)| state), established, "it is on this machine");
    assert_ne!(peer(same, here).map(|(state, _)| state), established, "both have this address");
}

#[test]
fn a_table_that_could_not_be_had_says_so_and_one_that_is_not_watched_is_none() {
    let mut core = Core::default();
    accept_from(&mut core, CONN, address(1), address(9));
    let failed = SocketsError("no /proc".to_owned());
    let _ = core.apply(Input::Sockets(Some(Err(failed.clone()))), Timestamp::UNIX_EPOCH);
    let sockets = core.socket_table().unwrap();
    assert_eq!((sockets.table.as_ref(), sockets.use_of(0), sockets.number), (Err(&failed), Use::Unknown, 1));
    assert!(sockets.row_of(CONN).is_none());
    look(&mut core, table(Vec::new()));
    assert_eq!(core.socket_table().unwrap().number, 2);
    let _ = core.apply(Input::Sockets(None), Timestamp::UNIX_EPOCH);
    assert!(core.socket_table().is_none());
}

#[test]
fn a_connection_that_the_kernel_has_forgotten_is_looked_for_no_more() {
    let mut core = Core::default();
    accept_from(&mut core, CONN, address(1), address(9));
    call(&mut core, SocketId::Conn(CONN), Call::Close, Outcome::Done);
    happen(&mut core, EventKind::Closed { conn: CONN, reason: CloseReason::ByUs, bytes_in: 0, bytes_out: 0 });
    look(&mut core, table(Vec::new()));
    let reused = vec![row(address(9), address(1), TcpState::Established, ours(4))];
    assert_eq!(look(&mut core, table(reused)), [Use::Unknown]);
}
