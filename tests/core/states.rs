//! States of connections and of the server, the calls on their sockets, and what is told.

use std::path::PathBuf;

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{Cause, Delivery, Errno, Happening, JournalEntry, Row, RowKind, SessionId},
    core::{
        ConnState, Core, Input, NoticeKind, PIECE, Recording, Server, ServerState,
        tcp_states::{End, Fact, Facts},
    },
    host::TcpState,
    net::{
        AutoReply, Call, CallKind, CloseReason, Command, ConnId, EventKind, ListenOptions, ListenerId, MessageId,
        NetError, Outcome, Reason, SocketId, SocketOption, Target,
    },
    wire::{Framing, text::TextEncoding},
};

use crate::{
    CONN, ConversationOptions, KEY, Key, Room, accept, address, call, close, connecting, failure, happen, listen,
    manner, send, sent, was_not_sent, was_sent,
};

const SOCKET: SocketId = SocketId::Conn(CONN);

fn apply(core: &mut Core, input: Input) {
    let _ = core.apply(input, Timestamp::UNIX_EPOCH);
}

fn state(core: &Core, conn: ConnId) -> &ConnState {
    &core.conversation(Key::Conn(conn)).unwrap().state
}

fn known(core: &Core, conn: ConnId, end: End) -> Option<TcpState> {
    facts(core, conn).history().now(end).map(|period| period.state)
}

fn facts(core: &Core, conn: ConnId) -> &Facts {
    &core.conversation(Key::Conn(conn)).unwrap().tcp
}

fn may(state: &ConnState) -> (bool, bool, bool) {
    (state.is_under_way(), state.can_send(), state.is_over())
}

#[test]
fn a_connection_that_is_made_goes_through_its_states() {
    let mut core = Core::default();
    let conn = connecting(&mut core);
    assert_eq!(may(state(&core, conn)), (true, false, false));
    happen(&mut core, EventKind::LookingUp { conn, host: "here".to_owned() });
    assert_eq!(*state(&core, conn), ConnState::LookingUp("here".to_owned()));
    assert_eq!(may(state(&core, conn)), (true, false, false));
    happen(&mut core, EventKind::Connecting { conn, address: address(9), local: None });
    assert_eq!(may(state(&core, conn)), (true, false, false));
    happen(&mut core, EventKind::Connected { conn, peer: address(9), local: address(1) });
    assert_eq!(*state(&core, conn), ConnState::Open);
    assert_eq!(may(state(&core, conn)), (false, true, false));
    assert_eq!(known(&core, conn, End::Ours), Some(TcpState::Established));
    happen(&mut core, EventKind::PeerFinished { conn });
    assert_eq!(*state(&core, conn), ConnState::PeerFinished);
    assert_eq!(may(state(&core, conn)), (false, true, false));
    happen(&mut core, EventKind::WriteFinished { conn });
    assert_eq!(*state(&core, conn), ConnState::PeerFinished, "until it is closed");
    close(&mut core, conn);
    assert_eq!(may(state(&core, conn)), (false, false, true));
    let rows = core.conversation(Key::Conn(conn)).unwrap().entries();
    let happened = |kind: &RowKind| if let RowKind::Happened(what) = kind { Some(what.clone()) } else { None };
    assert_eq!(
        rows.iter().filter_map(|(_, row)| happened(&row.kind)).collect::<Vec<_>>(),
        [
            Happening::Connected(address(9)),
            Happening::PeerFinished,
            Happening::WriteFinished,
            Happening::Closed(CloseReason::Orderly),
        ]
    );
}

#[test]
fn when_we_finish_first_we_may_not_send() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    assert_eq!(known(&core, CONN, End::Ours), Some(TcpState::Established));
    happen(&mut core, EventKind::WriteFinished { conn: CONN });
    assert_eq!((state(&core, CONN), may(state(&core, CONN))), (&ConnState::WeFinished, (false, false, false)));
}

#[test]
fn a_failed_connect_is_told_unless_it_was_called_off() {
    let failed = |error: NetError| {
        let mut core = Core::default();
        let conn = connecting(&mut core);
        call(&mut core, SocketId::Conn(conn), Call::Connect(address(9)), Outcome::InProgress);
        happen(&mut core, EventKind::ConnectFailed { conn, error: error.clone() });
        assert_eq!(*state(&core, conn), ConnState::Failed(error));
        (core.notices().len(), facts(&core, conn).history().has(End::Ours, TcpState::SynSent))
    };
    let error = |reason| NetError::ours(CallKind::Connect, Target::None, reason);
    assert_eq!(failed(error(Reason::Broken(Cause::Refused))), (1, true));
    assert_eq!(failed(error(Reason::Cancelled)), (0, true));
}

#[test]
fn calls_say_in_which_states_a_connection_is() {
    let reset = Errno::named("ECONNRESET").unwrap();
    let after = |calls: &[(Call, Outcome)]| {
        let mut core = Core::default();
        accept(&mut core, CONN);
        for (made, outcome) in calls {
            call(&mut core, SOCKET, *made, *outcome);
        }
        known(&core, CONN, End::Ours)
    };
    let (recv, send) = (Call::Recv(1024), Call::Send(3));
    assert_eq!(after(&[(recv, Outcome::Bytes(3)), (send, Outcome::Bytes(3))]), Some(TcpState::Established));
    assert_eq!(after(&[(recv, Outcome::Bytes(0))]), Some(TcpState::CloseWait));
    assert_eq!(after(&[(Call::ShutdownWrite, Outcome::Failed(reset))]), Some(TcpState::Established));
    let after_shutdown = after(&[(Call::ShutdownWrite, Outcome::Done)]);
    assert!(matches!(after_shutdown, Some(TcpState::FinWait1 | TcpState::FinWait2)), "{after_shutdown:?}");
    for lost in [recv, send, Call::GetOption(SocketOption::Error)] {
        let lost_state = after(&[(lost, Outcome::Failed(reset))]);
        assert!(lost_state.is_none_or(|state| state == TcpState::Closed), "{lost:?}: {lost_state:?}");
        assert_eq!(after(&[(lost, Outcome::Failed(Errno(11)))]), Some(TcpState::Established), "{lost:?}");
    }
    let closed = after(&[(Call::Close, Outcome::Done)]);
    assert_ne!(closed, Some(TcpState::Established));
    let linger = |seconds| {
        after(&[(Call::SetOption(SocketOption::Linger(seconds)), Outcome::Done), (Call::Close, Outcome::Done)])
    };
    assert_ne!(linger(0), linger(5), "a reset leaves nothing behind");
    assert_eq!(closed, linger(5));
}

#[test]
fn a_connect_that_is_refused_is_no_reset() {
    let mut core = Core::default();
    let conn = connecting(&mut core);
    call(&mut core, SocketId::Conn(conn), Call::Connect(address(9)), Outcome::InProgress);
    let before = format!("{:?}", facts(&core, conn));
    let reset = Outcome::Failed(Errno::named("ECONNRESET").unwrap());
    call(&mut core, SocketId::Conn(conn), Call::GetOption(SocketOption::Error), reset);
    assert_eq!(format!("{:?}", facts(&core, conn)), before);
    let mut again = facts(&core, conn).clone();
    again.add(Timestamp::UNIX_EPOCH, Fact::ConnectCalled);
    assert_eq!(format!("{again:?}"), before, "another address is tried anew");
}

#[test]
fn a_server_starts_listens_pauses_and_stops() {
    let mut core = Core::default();
    let server = |core: &Core| -> ServerState { core.server().state };
    let (ours, other) = (ListenerId(1), ListenerId(99));
    let listening = |listener| EventKind::Listening { listener, local: address(9), backlog: 5 };
    let start = || Input::Listen(ListenOptions::new(address(9)));
    apply(&mut core, Input::Stepping(true));
    apply(&mut core, start());
    assert_eq!((server(&core), core.server().listener()), (ServerState::Starting(ours), Some(ours)));
    apply(&mut core, start());
    assert_eq!(server(&core), ServerState::Starting(ours), "there is one already");
    happen(&mut core, listening(other));
    assert_eq!(server(&core), ServerState::Starting(ours));
    happen(&mut core, listening(ours));
    let is = |accepting| ServerState::Listening { listener: ours, local: address(9), backlog: 5, accepting };
    assert_eq!((server(&core), core.server().listener()), (is(true), Some(ours)));
    happen(&mut core, EventKind::AcceptingPaused { listener: other, paused: true });
    assert_eq!(server(&core), is(true));
    happen(&mut core, EventKind::AcceptingPaused { listener: ours, paused: true });
    assert_eq!(server(&core), is(false));
    happen(&mut core, EventKind::AcceptingPaused { listener: ours, paused: false });
    assert_eq!(server(&core), is(true));
    apply(&mut core, Input::AcceptQueue { waiting: Some(3) });
    assert_eq!(core.server().waiting, Some(3));
    happen(&mut core, EventKind::ListenerClosed { listener: other });
    assert_eq!(server(&core), is(true));
    happen(&mut core, EventKind::ListenFailed { listener: other, error: failure() });
    assert_eq!((server(&core), core.notices().len()), (is(true), 1));
    happen(&mut core, EventKind::ListenerClosed { listener: ours });
    assert_eq!((server(&core), core.server().waiting, core.server().stepping), (ServerState::Stopped, None, true));
    apply(&mut core, start());
    assert_eq!(server(&core), ServerState::Starting(ListenerId(2)), "its id is never used again");
    happen(&mut core, EventKind::ListenFailed { listener: ListenerId(2), error: failure() });
    let Server { state, failure: why, stepping, .. } = core.server();
    assert_eq!((*state, why, *stepping), (ServerState::Stopped, &Some(failure()), true));
    let third = listen(&mut core, address(9));
    assert_eq!((core.server().listener(), &core.server().failure), (Some(third), &None));
}

#[test]
fn errors_of_the_server_are_told() {
    let mut core = Core::default();
    happen(&mut core, EventKind::AcceptFailed { listener: ListenerId(1), error: failure() });
    happen(
        &mut core,
        EventKind::TurnedAway {
            listener: ListenerId(1),
            conn: ConnId::accepted(9),
            peer: address(1),
            error: failure(),
        },
    );
    let listener = SocketId::Listener(ListenerId(1));
    happen(&mut core, EventKind::StepFailed { socket: listener, error: failure() });
    let told = NoticeKind::Net { conn: None, error: failure() };
    assert_eq!(core.notices().iter().map(|notice| &notice.kind).collect::<Vec<_>>(), [&told; 3]);
    accept(&mut core, CONN);
    send(&mut core, KEY, 1);
    let reason = CloseReason::Failed(failure());
    happen(&mut core, EventKind::Closed { conn: CONN, reason, bytes_in: 0, bytes_out: 0 });
    assert_eq!(core.notices().last().unwrap().kind, NoticeKind::Net { conn: Some(CONN), error: failure() });
    assert_eq!(core.notices().len(), 4);
}

#[test]
fn clients_are_counted_and_not_connections_that_we_made() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    accept(&mut core, ConnId::accepted(2));
    let ours = connecting(&mut core);
    happen(&mut core, EventKind::Connected { conn: ours, peer: address(9), local: address(77) });
    assert_eq!(core.connected_clients(), 2);
    close(&mut core, ours);
    assert_eq!(core.connected_clients(), 2);
    close(&mut core, ConnId::accepted(2));
    assert_eq!(core.connected_clients(), 1);
}

#[test]
fn calls_are_numbered_over_all_sockets_and_placed_in_their_streams() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let listener = SocketId::Listener(ListenerId(1));
    call(&mut core, listener, Call::Accept, Outcome::Done);
    for (made, bytes) in [(Call::Recv(9), 4), (Call::Send(9), 3), (Call::Recv(9), 2), (Call::Send(9), 5)] {
        call(&mut core, SOCKET, made, Outcome::Bytes(bytes));
    }
    call(&mut core, listener, Call::Accept, Outcome::Done);
    call(&mut core, SOCKET, Call::Close, Outcome::Done);
    assert_eq!((core.calls_so_far(), core.sockets().len()), (7, 2));
    let log = core.calls(SOCKET).unwrap();
    let calls: Vec<_> = log.iter().map(|row| (row.number, row.bytes())).collect();
    assert_eq!(calls, [(2, Some(0..4)), (3, Some(0..3)), (4, Some(4..6)), (5, Some(3..8)), (7, None)]);
    assert_eq!([0, 2, 3, 5, 6, 7, 8].map(|number| log.place_of(number)), [0, 0, 1, 3, 4, 4, 5]);
    assert_eq!((log.last().unwrap().number, log.let_go()), (7, 0));
    assert!(core.calls(SocketId::Conn(ConnId(99))).is_none());
}

#[test]
fn a_call_that_waits_is_known_until_it_returns() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let waiting = |core: &Core| core.calls(SOCKET).map(|log| log.waiting().to_vec()).unwrap_or_default();
    for waits in [Call::Recv(9), Call::Send(3), Call::Recv(8)] {
        happen(&mut core, EventKind::StepWaiting { socket: SOCKET, call: waits });
    }
    assert_eq!(waiting(&core), [Call::Send(3), Call::Recv(8)]);
    assert!(
        core.calls(SOCKET).unwrap().waits_in(CallKind::Recv) && !core.calls(SOCKET).unwrap().waits_in(CallKind::Close)
    );
    call(&mut core, SOCKET, Call::Recv(8), Outcome::Bytes(1));
    assert_eq!(waiting(&core), [Call::Send(3)]);
    happen(&mut core, EventKind::Stepping { conn: CONN, stepped: false });
    assert_eq!((waiting(&core), core.conversation(KEY).unwrap().stepped), (vec![], false));
    happen(&mut core, EventKind::StepWaiting { socket: SOCKET, call: Call::Recv(8) });
    close(&mut core, CONN);
    assert_eq!(waiting(&core), []);
}

#[test]
fn removed_conversations_come_back_with_their_calls() {
    let mut core = Core::default();
    for conn in [CONN, ConnId::accepted(2)] {
        accept(&mut core, conn);
        call(&mut core, SocketId::Conn(conn), Call::Recv(9), Outcome::Bytes(1));
        close(&mut core, conn);
    }
    let before = core.calls_taken_away();
    apply(&mut core, Input::Removed(vec![CONN]));
    assert_eq!(
        (core.conversations().len(), core.sockets().len(), core.removed().collect::<Vec<_>>()),
        (1, 1, vec![CONN])
    );
    assert_eq!(core.calls_taken_away(), before + 1);
    apply(&mut core, Input::RemovalUndone);
    assert_eq!((core.conversations().len(), core.sockets().len(), core.removed().len()), (2, 2, 0));
    assert_eq!((core.calls_taken_away(), core.calls(SOCKET).unwrap().iter().len()), (before + 2, 1));
    // The next removal makes this one final.
    apply(&mut core, Input::Removed(vec![CONN]));
    apply(&mut core, Input::Removed(vec![ConnId::accepted(2)]));
    assert_eq!(core.removed().collect::<Vec<_>>(), [ConnId::accepted(2)]);
}

#[test]
fn what_is_recorded_is_counted_until_the_end() {
    let mut room = Room::new(ConversationOptions::default());
    room.recv(b"before\n");
    let to = Some(PathBuf::from("out"));
    apply(&mut room.core, Input::Recording { conn: CONN, to: to.clone() });
    room.recv(b"four\n");
    room.recv(b"x\n");
    apply(&mut room.core, Input::RecordingWaits { conn: CONN, waits: true });
    let recording = Some(Recording { path: PathBuf::from("out"), bytes: 7, waits: true });
    assert_eq!(room.conversation().recording, recording);
    assert_eq!((room.conversation().bytes_in, room.conversation().messages_in), (14, 3));
    apply(&mut room.core, Input::Recording { conn: CONN, to: None });
    assert_eq!(room.conversation().recording, None);
    apply(&mut room.core, Input::Recording { conn: CONN, to });
    close(&mut room.core, CONN);
    assert_eq!(room.conversation().recording, None);
}

#[test]
fn a_name_and_a_manner_are_the_conversations_own() {
    let mut room = Room::new(ConversationOptions::default());
    apply(&mut room.core, Input::Renamed { conn: CONN, name: Some("n".to_owned()) });
    assert_eq!(room.conversation().name.as_deref(), Some("n"));
    let gbk = manner(Framing::Chunk, TextEncoding::named("gbk").unwrap());
    apply(&mut room.core, Input::DefaultOptionsChanged { manner: gbk.clone(), max_clients: 5 });
    let core = Core::new(gbk.clone());
    assert_eq!((core.manner(), core.conversation(Key::Everyone).unwrap().manner()), (&gbk, &gbk));
    assert_eq!((room.core.manner(), room.core.conversation(Key::Everyone).unwrap().manner()), (&gbk, &gbk));
    assert_eq!(room.conversation().manner(), &ConversationOptions::default());
    accept(&mut room.core, ConnId::accepted(2));
    assert_eq!(room.core.conversation(Key::Conn(ConnId::accepted(2))).unwrap().manner(), &gbk);
    let echo = gbk.replying(AutoReply::Echo);
    assert_eq!((&echo.options.auto_reply, echo.framing()), (&AutoReply::Echo, Framing::Chunk));
}

#[test]
fn an_echo_has_a_row_for_each_message_it_repeats() {
    let mut room = Room::new(ConversationOptions::default().replying(AutoReply::Echo));
    room.recv(b"one\ntwo\r\n");
    let message = MessageId::reply(1);
    happen(&mut room.core, EventKind::AutoReplied { conn: CONN, message, bytes: "one\ntwo\r\n".into() });
    let rows: Vec<_> = room.sent().iter().map(|sent| (sent.payload().to_vec(), sent.auto, sent.begins)).collect();
    assert_eq!(rows, [(b"one".to_vec(), true, None), (b"two".to_vec(), true, None)]);
    assert_eq!(room.conversation().waiting(), 1);
    happen(&mut room.core, EventKind::Sent { conn: CONN, message, bytes: 9 });
    assert_eq!(room.sent().iter().map(|sent| sent.begins).collect::<Vec<_>>(), [Some(0), Some(4)]);
    // What is no repetition is one message.
    happen(&mut room.core, EventKind::AutoReplied { conn: CONN, message, bytes: "a\nb\n".into() });
    assert_eq!(room.sent()[2].payload(), b"a\nb");
}

#[test]
fn a_message_to_many_clients_is_told_in_a_few_steps() {
    let mut core = Core::default();
    let clients = 64;
    for conn in 1..=clients {
        accept(&mut core, ConnId(conn));
    }
    send(&mut core, Key::Everyone, 1);
    happen(&mut core, EventKind::SendingToAll { message: MessageId::asked(1), clients: clients as usize });
    let mut changes = 0;
    for conn in 1..=clients {
        let kind = EventKind::Sent { conn: ConnId(conn), message: MessageId::asked(1), bytes: 3 };
        let at = Timestamp::UNIX_EPOCH;
        let journal = core.apply(Input::Net(sockhop::net::Event { at, kind }), at).journal;
        changes += journal.iter().filter(|entry| matches!(entry, JournalEntry::Delivery { .. })).count();
    }
    assert_eq!(changes, 16);
    // All shares have ended: what comes late is of no message.
    was_sent(&mut core, CONN, 1);
    assert_eq!(sent(core.conversation(KEY).unwrap()).len(), 1);
}

#[test]
fn everyones_conversation_is_begun_by_the_first_message_and_ended_with_the_program() {
    let mut core = Core::default();
    let stopped = |core: &mut Core| {
        let at = Timestamp::UNIX_EPOCH;
        core.apply(Input::Net(sockhop::net::Event { at, kind: EventKind::Stopped }), at).journal
    };
    assert!(stopped(&mut core).is_empty());
    accept(&mut core, CONN);
    send(&mut core, Key::Everyone, 1);
    let id = core.conversation(Key::Everyone).unwrap().id;
    assert_ne!(id, SessionId::default());
    send(&mut core, Key::Everyone, 2);
    assert_eq!(core.conversation(Key::Everyone).unwrap().id, id);
    let journal = stopped(&mut core);
    assert!(matches!(journal[..], [JournalEntry::Ended { session, .. }] if session == id), "{journal:?}");
}

#[test]
fn only_a_message_can_be_sent_again() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let first = core.conversation(KEY).unwrap().entries().first();
    let effects = core.apply(Input::Resend { key: KEY, row: first }, Timestamp::UNIX_EPOCH);
    assert!(effects.commands.is_empty() && effects.journal.is_empty(), "{effects:?}");
    assert_eq!(core.conversation(KEY).unwrap().waiting(), 0);
}

#[test]
fn a_message_to_everyone_that_the_network_refused_has_failed() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    send(&mut core, Key::Everyone, 1);
    let command = Command::SendToAll { message: MessageId::asked(1), bytes: "hi\n".into() };
    apply(&mut core, Input::Refused(Box::new(command)));
    let everyone = sent(core.conversation(Key::Everyone).unwrap());
    assert_eq!(everyone[0].delivery, Delivery::Failed(NetError::busy()));
    assert!(core.notices().is_empty(), "its row says it");
    was_sent(&mut core, CONN, 1);
    assert!(sent(core.conversation(KEY).unwrap()).is_empty(), "it was handed to nobody");
}

#[test]
fn what_of_our_bytes_is_framing_follows_from_the_manner() {
    let cut = |framing, encoding: &str, raw: &[u8]| {
        let cut = manner(framing, TextEncoding::named(encoding).unwrap()).cut_of(raw);
        (cut.end as usize, cut.header, cut.trailer)
    };
    assert_eq!(cut(Framing::Line, "utf-8", b"hi\n"), (3, 0, 1));
    assert_eq!(cut(Framing::Chunk, "utf-8", b"hi"), (2, 0, 0));
    assert_eq!(cut(Framing::Line, "utf-16le", b"a\0\n\0"), (4, 0, 2));
    assert_eq!(cut(Framing::Line, "utf-16le", b"a\n"), (2, 0, 0));
    assert_eq!(cut(Framing::LENGTH, "utf-8", b"\0\0\0\x02hi"), (6, 4, 0));
    assert_eq!(cut(Framing::LENGTH, "utf-8", b"hi"), (2, 2, 0));
}

#[test]
fn rows_are_cut_again_only_when_the_framing_changes_and_where_it_does() {
    let utf8 = TextEncoding::default();
    let gbk = TextEncoding::named("gbk").unwrap();
    let mut room = Room::new(manner(Framing::Line, utf8));
    room.recv(b"a\nb\n");
    let change = |core: &mut Core, manner: ConversationOptions| {
        let at = Timestamp::UNIX_EPOCH;
        let journal = core.apply(Input::OptionsChanged { key: KEY, manner }, at).journal;
        journal.iter().map(|entry| matches!(entry, JournalEntry::Replaced { .. })).collect::<Vec<_>>()
    };
    let generation = |core: &Core| core.conversation(KEY).unwrap().entries().generation();
    assert_eq!(change(&mut room.core, manner(Framing::Chunk, utf8)), [false; 0], "the network thread says where");
    happen(&mut room.core, EventKind::Reframed { conn: CONN });
    assert_eq!(generation(&room.core), 1);
    close(&mut room.core, CONN);
    assert_eq!(change(&mut room.core, manner(Framing::Chunk, gbk)), [false], "another encoding");
    assert_eq!(change(&mut room.core, manner(Framing::Chunk, gbk).replying(AutoReply::Echo)), [false; 0]);
    assert!(change(&mut room.core, manner(Framing::Line, gbk))[0]);
    assert_eq!(generation(&room.core), 2);
}

#[test]
fn messages_cut_again_that_came_at_one_time_go_together_in_batches() {
    let cut_again = |lines: usize| {
        let mut room = Room::new(manner(Framing::Chunk, TextEncoding::default()));
        room.recv("0123456789abcde\n".repeat(lines).as_bytes());
        close(&mut room.core, CONN);
        let (manner, at) = (manner(Framing::Line, TextEncoding::default()), Timestamp::UNIX_EPOCH);
        let journal = room.core.apply(Input::OptionsChanged { key: KEY, manner }, at).journal;
        let batch = |entry: &JournalEntry| match entry {
            JournalEntry::Received { batch, .. } => Some((batch.bytes.len(), batch.cuts.len())),
            _ => None,
        };
        journal.iter().filter_map(batch).collect::<Vec<_>>()
    };
    assert_eq!(cut_again(3), [(48, 3)]);
    // 64 KiB are 4,096 such lines.
    assert_eq!(cut_again(5_000), [(65_536, 4_096), (14_464, 904)]);
}

#[test]
fn each_message_has_the_cut_of_its_own_bytes() {
    let mut room = Room::new(ConversationOptions::default());
    room.recv(b"one\nthree\r\n");
    let cuts: Vec<_> = room.received().iter().map(|received| (received.cut.end, received.cut.trailer)).collect();
    assert_eq!(cuts, [(4, 1), (7, 2)]);
    assert_eq!(room.received().iter().map(|received| received.begins).collect::<Vec<_>>(), [Some(0), Some(4)]);
}

#[test]
fn an_echo_that_waits_is_found_with_all_its_rows_after_a_new_framing() {
    let mut room = Room::new(ConversationOptions::default().replying(AutoReply::Echo));
    room.recv(b"one\ntwo\n");
    let message = MessageId::reply(1);
    happen(&mut room.core, EventKind::AutoReplied { conn: CONN, message, bytes: "one\ntwo\n".into() });
    send(&mut room.core, KEY, 1);
    room.change(manner(Framing::Chunk, TextEncoding::default()));
    happen(&mut room.core, EventKind::Sent { conn: CONN, message, bytes: 8 });
    let states: Vec<_> = room.sent().iter().map(|sent| (sent.delivery.clone(), sent.begins)).collect();
    assert_eq!(states, [(Delivery::Sent, Some(0)), (Delivery::Sent, Some(4)), (Delivery::Waiting, None)]);
}

#[test]
fn what_is_asked_to_be_sent_while_something_long_is_under_way_is_told_not_to_be() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let long = Bytes::from(vec![b'a'; 1 << 20]);
    apply(&mut core, Input::SendLong { key: KEY, bytes: long.clone() });
    assert_eq!(core.long_send(KEY).unwrap().1, 1 << 20);
    assert_eq!(core.notices().len(), 0);
    apply(&mut core, Input::SendLong { key: KEY, bytes: long });
    assert_eq!(core.notices().last().unwrap().kind, NoticeKind::NotAllSent { bytes: 1 << 20 });
    assert_eq!(core.long_send(KEY).unwrap().1, 1 << 20, "the first goes on");
}

#[test]
fn what_was_not_sent_of_something_long_is_said_before_the_end() {
    type End = dyn Fn(&mut Core);
    let stopped = |core: &mut Core| happen(core, EventKind::Stopped);
    let by_us = |core: &mut Core| close(core, CONN);
    let quit = |core: &mut Core| {
        happen(core, EventKind::Closed { conn: CONN, reason: CloseReason::Quit, bytes_in: 0, bytes_out: 0 });
    };
    let fails = |core: &mut Core| was_not_sent(core, CONN, 1);
    let ends: [(Key, &End); 4] = [(KEY, &by_us), (KEY, &quit), (KEY, &fails), (Key::Everyone, &stopped)];
    for (key, end) in ends {
        let mut core = Core::default();
        accept(&mut core, CONN);
        let asked = core.apply(Input::SendLong { key, bytes: vec![b'a'; 1 << 20].into() }, Timestamp::UNIX_EPOCH);
        assert_eq!(asked.commands.len(), 8, "as many pieces wait as may");
        assert_eq!(core.not_taken(), 1 << 20);
        end(&mut core);
        assert_eq!(core.not_taken(), 0);
        let happened = |row: &Row| match &row.kind {
            RowKind::Happened(what) => Some(what.clone()),
            _ => None,
        };
        let rows: Vec<_> =
            core.conversation(key).unwrap().entries().iter().filter_map(|(_, row)| happened(row)).collect();
        let not_sent = Happening::NotSent { bytes: 1 << 19, of: 1 << 20 };
        assert_eq!(rows.iter().filter(|what| **what == not_sent).count(), 1, "{rows:?}");
        let closed = rows.iter().position(|what| matches!(what, Happening::Closed(_)));
        assert!(closed.is_none_or(|closed| rows[closed - 1] == not_sent), "{rows:?}");
    }
}

#[test]
fn what_is_left_of_something_long_counts_what_waits_for_the_kernel() {
    let mut core = Core::default();
    accept(&mut core, CONN);
    let long = vec![b'a'; 3 * PIECE].into();
    let asked = core.apply(Input::SendLong { key: KEY, bytes: long }, Timestamp::UNIX_EPOCH);
    assert_eq!(core.long_send(KEY), Some((3 * PIECE, 3 * PIECE)), "all of it is handed on");
    let pieces = crate::asked(&asked.commands);
    assert_eq!(pieces.len(), 3);
    for (place, message) in pieces.into_iter().enumerate() {
        assert_eq!(core.not_taken(), (3 - place) * PIECE);
        happen(&mut core, EventKind::Sent { conn: CONN, message, bytes: PIECE });
    }
    assert_eq!(core.not_taken(), 0);
}

#[test]
fn what_was_sent_stays_as_it_was_written_whatever_is_read_later() {
    let (utf, gbk) = (TextEncoding::default(), TextEncoding::named("GBK").unwrap());
    let mut room = Room::new(manner(Framing::Line, gbk));
    let say = |room: &mut Room, text: &str| {
        apply(&mut room.core, Input::SendText { key: KEY, text: text.to_owned() });
    };
    say(&mut room, "你好");
    room.change(manner(Framing::Line, utf));
    say(&mut room, "再见");
    room.change(manner(Framing::Chunk, utf));
    let texts = |room: &Room| room.sent().iter().map(|sent| sent.decode().text).collect::<Vec<_>>();
    assert_eq!(texts(&room), ["你好", "再见"]);
    // A share of what everyone is sent is in the encoding of everyone, and not in that of the client.
    let text = "大家好".to_owned();
    let asked = room.core.apply(Input::SendText { key: Key::Everyone, text }, Timestamp::UNIX_EPOCH);
    let message = crate::asked(&asked.commands)[0];
    happen(&mut room.core, EventKind::SendingToAll { message, clients: 1 });
    happen(&mut room.core, EventKind::Sent { conn: CONN, message, bytes: 7 });
    assert_eq!(texts(&room), ["你好", "再见", "大家好"]);
    assert_eq!(room.sent()[2].encoding, gbk);
}
