//! UDP in core: addresses are conversations, a datagram is a row, and what is said to all goes to those who were heard.

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, LineEnding, Origin, RowKind},
    core::{ConnState, ConversationOptions, Core, Input, Key, NoticeKind, ServerState},
    net::{
        Call, CloseReason, Command, ConnId, Event, EventKind, ListenerId, Outcome, SocketCall, SocketId, UdpOptions,
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
