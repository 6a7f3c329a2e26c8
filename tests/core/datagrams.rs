//! UDP in core: addresses are conversations, a datagram is a row, and what is said to all goes to those who were heard.

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, LineEnding, Origin, RowKind},
    core::{ConnState, ConversationOptions, Core, Input, Key, NoticeKind, ServerState, Step},
    net::{
        Call, CloseReason, Command, ConnId, Event, EventKind, Group, ListenOptions, ListenerId, MessageId, Outcome,
        SocketCall, SocketId, SocketOption, UdpOptions, UdpStep,
    },
    wire::{Batch, Boundary, Cut, Framing},
};

use super::address;

fn apply(core: &mut Core, input: Input) -> Vec<Command> {
    core.apply(input, Timestamp::UNIX_EPOCH).commands
}

fn happen(core: &mut Core, kind: EventKind) -> Vec<Command> {
    apply(core, Input::Net(Event { at: Timestamp::UNIX_EPOCH, kind }))
}

/// A core with a UDP socket in the server's place that has heard these.
fn bound(heard: &[ConnId]) -> (Core, ListenerId) {
    let mut core = Core::new(ConversationOptions::default());
    let manner = ConversationOptions { line_ending: LineEnding::None, ..ConversationOptions::default() };
    let commands = apply(&mut core, Input::ListenUdp { options: UdpOptions::new(address(9)), manner });
    let [Command::BindUdp { listener, .. }] = commands[..] else { panic!("{commands:?}") };
    happen(&mut core, EventKind::UdpBound { listener, local: address(9), group: None });
    for conn in heard {
        let (socket, peer) = (SocketId::Listener(listener), address(100 + conn.0 as u16));
        happen(&mut core, EventKind::UdpHeard { socket, conn: *conn, peer, local: address(9) });
    }
    (core, listener)
}

fn datagrams(texts: &[&str]) -> Batch {
    let mut end = 0;
    let cuts = texts.iter().map(|text| {
        end += text.len() as u32;
        Cut { end, header: 0, trailer: 0, boundary: Boundary::Length }
    });
    Batch { cuts: cuts.collect(), bytes: Bytes::from(texts.concat()) }
}

#[test]
fn an_address_that_is_heard_is_a_conversation_without_a_connection() {
    let conn = ConnId(1);
    let (mut core, listener) = bound(&[conn]);
    assert!(matches!(core.server().state, ServerState::Bound { .. }));
    assert_eq!((core.server().listener(), core.connected_clients()), (Some(listener), 1));
    let batch = datagrams(&["你好\n", "", "second"]);
    happen(&mut core, EventKind::Received { conn, batch, recv_ends: vec![7, 7, 13] });
    let conversation = core.conversation(Key::Conn(conn)).unwrap();
    assert_eq!((&conversation.origin, &conversation.state), (&Origin::Heard, &ConnState::Open));
    let rows: Vec<Vec<u8>> = (conversation.entries().iter())
        .map(|(_, row)| match &row.kind {
            RowKind::Received(received) => received.payload().to_vec(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rows, ["你好\n".as_bytes(), b"", b"second"], "each whole, nothing taken off");
    assert!(conversation.tcp.is_empty(), "it has no states of TCP");
    // Its framing stays what a datagram is.
    let mut manner = conversation.manner().clone();
    manner.options.framing = Framing::Line;
    apply(&mut core, Input::OptionsChanged { key: Key::Conn(conn), manner });
    assert_eq!(core.conversation(Key::Conn(conn)).unwrap().manner().framing(), Framing::Chunk);
}

#[test]
fn what_is_sent_is_the_text_alone_and_is_never_more_than_sent() {
    let conn = ConnId(1);
    let (mut core, _) = bound(&[conn]);
    let commands = apply(&mut core, Input::SendText { key: Key::Conn(conn), text: "你好".to_owned() });
    let [Command::Send { message, ref bytes, .. }] = commands[..] else { panic!("{commands:?}") };
    assert_eq!(&bytes[..], "你好".as_bytes());
    happen(&mut core, EventKind::Sent { conn, message, bytes: 6 });
    let conversation = core.conversation(Key::Conn(conn)).unwrap();
    let (_, row) = conversation.entries().iter().next_back().unwrap();
    let RowKind::Sent(sent) = &row.kind else { panic!("{row:?}") };
    assert_eq!(sent.delivery, Delivery::Sent);
    assert_eq!(conversation.oldest_unacknowledged_since(), None);
}

#[test]
fn several_messages_are_several_datagrams_also_to_all() {
    let (mut core, _) = bound(&[ConnId(1), ConnId(3)]);
    let batch = datagrams(&["one", "two"]);
    let commands = apply(&mut core, Input::SendBatch { key: Key::Conn(ConnId(1)), batch: batch.clone() });
    let sent: Vec<&[u8]> = commands
        .iter()
        .map(|command| if let Command::Send { bytes, .. } = command { &bytes[..] } else { panic!("{command:?}") })
        .collect();
    assert_eq!(sent, [b"one", b"two"]);
    let commands = apply(&mut core, Input::SendText { key: Key::Everyone, text: "all".to_owned() });
    let [Command::SendToAll { message, ref bytes }] = commands[..] else { panic!("{commands:?}") };
    assert_eq!(&bytes[..], b"all", "nothing is added for all, either");
    happen(&mut core, EventKind::SendingToAll { message, clients: 2 });
    for conn in [ConnId(1), ConnId(3)] {
        happen(&mut core, EventKind::Sent { conn, message, bytes: 3 });
    }
    let everyone = core.conversation(Key::Everyone).unwrap();
    let (_, row) = everyone.entries().iter().next_back().unwrap();
    let RowKind::Sent(sent) = &row.kind else { panic!("{row:?}") };
    assert_eq!(sent.delivery, Delivery::ToAll { clients: 2, sent: 2, failed: 0, error: None });
}

#[test]
fn an_address_that_made_room_is_told_once_and_the_socket_ends_them_all() {
    let (mut core, listener) = bound(&[ConnId(1), ConnId(3), ConnId(5)]);
    for conn in [ConnId(1), ConnId(3)] {
        happen(&mut core, EventKind::Closed { conn, reason: CloseReason::LetGo, bytes_in: 0, bytes_out: 0 });
    }
    let told = core.notices().iter().filter(|notice| matches!(notice.kind, NoticeKind::AddressesLetGo { .. }));
    assert_eq!((told.count(), core.connected_clients()), (1, 1));
    happen(&mut core, EventKind::UdpDropped { socket: SocketId::Listener(listener), datagrams: 7 });
    assert_eq!(core.server().dropped, 7);
    assert_eq!(core.conversation(Key::Conn(ConnId(5))).unwrap().udp.unwrap().dropped, 7);
    let reason = CloseReason::SocketClosed;
    happen(&mut core, EventKind::Closed { conn: ConnId(5), reason, bytes_in: 0, bytes_out: 0 });
    happen(&mut core, EventKind::ListenerClosed { listener });
    assert_eq!((core.server().state, core.connected_clients()), (ServerState::Stopped, 0));
}

#[test]
fn a_client_is_one_socket_and_its_calls_say_nothing_of_tcp() {
    let mut core = Core::new(ConversationOptions::default());
    let manner = ConversationOptions { line_ending: LineEnding::None, ..ConversationOptions::default() };
    let target = ("127.0.0.1".to_owned(), 9);
    let commands = apply(&mut core, Input::ConnectUdp { target, name: None, manner });
    let [Command::OpenUdp { conn, .. }] = commands[..] else { panic!("{commands:?}") };
    happen(&mut core, EventKind::UdpReady { conn, peer: address(9), local: None });
    assert!(core.conversation(Key::Conn(conn)).unwrap().state.can_send());
    happen(&mut core, EventKind::UdpReady { conn, peer: address(9), local: Some(address(77)) });
    let call = SocketCall {
        socket: SocketId::Conn(conn),
        fd: 5,
        call: Call::Close,
        outcome: Outcome::Done,
        at: Timestamp::UNIX_EPOCH,
        waited: std::time::Duration::ZERO,
        count: 1,
    };
    happen(&mut core, EventKind::Call(call));
    let conversation = core.conversation(Key::Conn(conn)).unwrap();
    assert_eq!((conversation.local, conversation.tcp.is_empty()), (Some(address(77)), true));
    // Several answers of rules, or a long text, never become another number of datagrams.
    let commands = apply(&mut core, Input::SendLong { key: Key::Conn(conn), bytes: vec![0; 100_000].into() });
    let [Command::Send { ref bytes, .. }] = commands[..] else { panic!("{commands:?}") };
    assert_eq!(bytes.len(), 100_000);
}

#[test]
fn a_udp_server_makes_its_calls_in_their_order() {
    use sockhop::core::{
        diagram::{SocketState, state_of},
        steps::{ToOpen, next, of_conn},
    };

    let group = Group { ip: [239, 1, 2, 3].into(), interface: 0 };
    for group in [None, Some(group)] {
        let to_open = ToOpen::Udp { group: group.is_some() };
        let mut core = Core::new(ConversationOptions::default());
        apply(&mut core, Input::Stepping(true));
        let next_is = |core: &Core, expected: UdpStep, waits: bool| {
            let steps = next(core, Key::Everyone, to_open).unwrap();
            assert_eq!((steps.next, steps.waits), (Step::UdpServer(expected), waits));
            assert!(steps.all.contains(&steps.next));
        };
        next_is(&core, UdpStep::Socket, false);
        let options = UdpOptions { group, ..UdpOptions::new(address(9)) };
        let commands = apply(&mut core, Input::PrepareUdp { options, manner: ConversationOptions::default() });
        let [Command::PrepareUdp { listener, .. }] = commands[..] else { panic!("{commands:?}") };
        let socket = SocketId::Listener(listener);
        let called = |core: &mut Core, call: Call, outcome: Outcome| happen(core, made(socket, call, outcome));
        next_is(&core, UdpStep::Socket, false);
        let step = Step::UdpServer(UdpStep::Socket);
        let commands = apply(&mut core, Input::Step { step, listen: ListenOptions::new(address(9)) });
        assert!(matches!(commands[..], [Command::StepUdp { step: UdpStep::Socket, .. }]), "{commands:?}");
        called(&mut core, Call::DatagramSocket { ipv6: false }, Outcome::Descriptor(3));
        if group.is_some() {
            next_is(&core, UdpStep::ReuseAddress, false);
            called(&mut core, Call::SetOption(SocketOption::ReuseAddress(true)), Outcome::Done);
        }
        next_is(&core, UdpStep::Bind, false);
        called(&mut core, Call::Bind(address(9)), Outcome::Done);
        happen(&mut core, EventKind::UdpBound { listener, local: address(9), group: None });
        if let Some(group) = group {
            next_is(&core, UdpStep::JoinGroup, false);
            called(&mut core, Call::SetOption(SocketOption::JoinGroup(group)), Outcome::Done);
        }
        next_is(&core, UdpStep::RecvFrom, false);
        happen(&mut core, EventKind::StepWaiting { socket, call: Call::RecvFrom(10) });
        next_is(&core, UdpStep::RecvFrom, true);
        let (conn, peer) = (ConnId(1), address(100));
        called(&mut core, Call::RecvFrom(10), Outcome::BytesFrom { bytes: 1, from: peer });
        happen(&mut core, EventKind::UdpHeard { socket, conn, peer, local: address(9) });
        next_is(&core, UdpStep::RecvFrom, false);
        assert_eq!(state_of(&core, socket), SocketState::Idle, "between two steps nothing waits");
        let sends =
            |core: &Core| next(core, Key::Everyone, to_open).unwrap().all.contains(&Step::UdpServer(UdpStep::SendTo));
        assert!(!sends(&core), "to whom, nobody has said");
        apply(&mut core, Input::SendText { key: Key::Conn(conn), text: "answer".to_owned() });
        next_is(&core, UdpStep::SendTo, false);
        assert!(sends(&core));
        assert_eq!(of_conn(&core, conn).unwrap().next, Step::UdpServer(UdpStep::SendTo), "in its conversation too");
        let message = MessageId::asked(1);
        called(&mut core, Call::SendTo { len: 6, to: peer }, Outcome::Bytes(6));
        happen(&mut core, EventKind::Sent { conn, message, bytes: 6 });
        next_is(&core, UdpStep::RecvFrom, false);
        // What waited waits no longer once its steps are over.
        happen(&mut core, EventKind::StepWaiting { socket, call: Call::RecvFrom(10) });
        happen(&mut core, EventKind::UdpBound { listener, local: address(9), group: None });
        next_is(&core, UdpStep::RecvFrom, false);
        happen(&mut core, EventKind::ListenerClosed { listener });
        next_is(&core, UdpStep::Socket, false);
    }
}

#[test]
fn a_udp_client_sends_first_and_an_empty_datagram_where_nothing_is_written() {
    use sockhop::core::{
        diagram::{SocketState, state_of},
        steps::of_conn,
    };

    let mut core = Core::new(ConversationOptions::default());
    let manner = ConversationOptions::default();
    let commands = apply(&mut core, Input::PrepareUdpTo { address: address(7), name: None, manner });
    let [Command::PrepareUdpTo { conn, .. }] = commands[..] else { panic!("{commands:?}") };
    let socket = SocketId::Conn(conn);
    happen(&mut core, EventKind::Stepping { conn, stepped: true });
    let next_of = |core: &Core| match of_conn(core, conn).unwrap().next {
        Step::UdpConn(of, step) if of == conn => step,
        other => panic!("{other:?}"),
    };
    let step = |core: &mut Core, step: UdpStep| {
        let step = Step::UdpConn(conn, step);
        apply(core, Input::Step { step, listen: ListenOptions::new(address(9)) })
    };
    assert_eq!(next_of(&core), UdpStep::Socket);
    // There is nothing to send with yet: no row is made of it.
    assert_eq!(step(&mut core, UdpStep::SendTo).len(), 1);
    happen(&mut core, made(socket, Call::DatagramSocket { ipv6: false }, Outcome::Descriptor(3)));
    happen(&mut core, EventKind::UdpReady { conn, peer: address(7), local: None });
    assert_eq!(next_of(&core), UdpStep::SendTo, "nothing can come before something was sent");
    let commands = step(&mut core, UdpStep::SendTo);
    let [Command::Send { message, bytes, .. }, Command::StepUdp { .. }] = &commands[..] else { panic!("{commands:?}") };
    assert!(bytes.is_empty());
    happen(&mut core, made(socket, Call::SendTo { len: 0, to: address(7) }, Outcome::Bytes(0)));
    happen(&mut core, EventKind::Sent { conn, message: *message, bytes: 0 });
    assert_eq!(next_of(&core), UdpStep::RecvFrom, "for the answer");
    apply(&mut core, Input::SendText { key: Key::Conn(conn), text: "more".to_owned() });
    let commands = step(&mut core, UdpStep::SendTo);
    assert!(matches!(commands[..], [Command::StepUdp { .. }]), "what is written is sent: {commands:?}");
    happen(&mut core, made(socket, Call::SendTo { len: 4, to: address(7) }, Outcome::Bytes(4)));
    happen(&mut core, EventKind::Sent { conn, message: MessageId::asked(2), bytes: 4 });
    happen(&mut core, made(socket, Call::RecvFrom(9), Outcome::BytesFrom { bytes: 2, from: address(7) }));
    assert_eq!(next_of(&core), UdpStep::Close, "a question and its answer");
    assert_eq!(state_of(&core, socket), SocketState::Idle, "nothing waits");
    happen(&mut core, EventKind::Stepping { conn, stepped: false });
    assert_eq!(of_conn(&core, conn), None);
}

fn made(socket: SocketId, call: Call, outcome: Outcome) -> EventKind {
    let (at, waited) = (Timestamp::UNIX_EPOCH, std::time::Duration::ZERO);
    EventKind::Call(SocketCall { socket, fd: 3, call, outcome, at, waited, count: 1 })
}
