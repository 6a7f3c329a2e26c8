//! What holds of the core: messages cut and decoded anew, states, counts and limits.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod datagrams;
mod devices;
mod diagnoses;
mod lab_files;
mod labs;
mod paging;
mod past;
mod reconnecting;
mod relay;
mod states;
mod steps;
mod students;
mod table;

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::Index};
use sockhop::{
    chat::{Delivery, Received, RowKind, Sent},
    core::{
        BYTES_KEPT, CALLS_KEPT, CLOSED_KEPT, ConnState, Conversation, ConversationOptions, Core, Input, Key,
        NOTICES_KEPT, NoticeKind, ROWS_KEPT,
    },
    net::{
        Call, CallKind, CloseReason, Command, ConnId, Event, EventKind, Limit, ListenOptions, ListenerId, MessageId,
        NetError, Outcome, Reason, SocketCall, SocketId, Target,
    },
    wire::{
        Batch, BatchBuilder, Delimiter, Framer, Framing,
        text::{self, OFFERED, TextEncoding},
    },
};

const CONN: ConnId = ConnId(1);
const KEY: Key = Key::Conn(CONN);

fn manner(framing: Framing, encoding: TextEncoding) -> ConversationOptions {
    let mut manner = ConversationOptions { encoding, ..ConversationOptions::default() };
    manner.options.framing = framing;
    manner.options.unit = encoding.unit();
    manner
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn happen(core: &mut Core, kind: EventKind) {
    let _ = core.apply(Input::Net(Event { at: Timestamp::UNIX_EPOCH, kind }), Timestamp::UNIX_EPOCH);
}

fn accept(core: &mut Core, conn: ConnId) {
    let (peer, local) = (address(conn.0 as u16), address(9));
    happen(core, EventKind::Accepted { listener: ListenerId(1), conn, peer, local });
}

fn close(core: &mut Core, conn: ConnId) {
    happen(core, EventKind::Closed { conn, reason: CloseReason::Orderly, bytes_in: 0, bytes_out: 0 });
}

/// Connects to someone. Gives the id that core counted for it.
fn connecting(core: &mut Core) -> ConnId {
    let (target, manner) = (("here".to_owned(), 9), ConversationOptions::default());
    let effects = core.apply(Input::Connect { target, name: None, manner }, Timestamp::UNIX_EPOCH);
    match effects.show {
        Some(Key::Conn(conn)) => conn,
        other => panic!("{other:?}"),
    }
}

fn listen(core: &mut Core, local: SocketAddr) -> ListenerId {
    let _ = core.apply(Input::Listen(ListenOptions::new(local)), Timestamp::UNIX_EPOCH);
    let listener = core.server().listener().unwrap();
    happen(core, EventKind::Listening { listener, local, backlog: 5 });
    listener
}

fn call(core: &mut Core, socket: SocketId, call: Call, outcome: Outcome) {
    let (at, waited) = (Timestamp::UNIX_EPOCH, Duration::ZERO);
    happen(core, EventKind::Call(SocketCall { socket, fd: 5, call, outcome, at, waited, count: 1 }));
}

/// A connection as the network thread serves it, and the core that hears of it.
struct Room {
    core: Core,
    framer: Framer,
    out: BatchBuilder,
    recv_ends: Vec<u64>,
    received: u64,
    now: Duration,
}

impl Room {
    fn new(manner: ConversationOptions) -> Self {
        let framer = Framer::new(manner.framing(), manner.options.unit);
        let mut core = Core::new(manner);
        accept(&mut core, CONN);
        Self { core, framer, out: BatchBuilder::default(), recv_ends: Vec::new(), received: 0, now: Duration::ZERO }
    }

    fn recv(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.received += bytes.len() as u64;
            self.recv_ends.push(self.received);
            self.framer.push(bytes, self.now, &mut self.out).unwrap();
            self.deliver();
        }
    }

    fn deliver(&mut self) {
        if !self.out.is_empty() {
            let (batch, recv_ends) = (self.out.take(), std::mem::take(&mut self.recv_ends));
            happen(&mut self.core, EventKind::Received { conn: CONN, batch, recv_ends });
        }
    }

    /// Have what the framer holds as a message.
    fn flush(&mut self) {
        self.framer.finish(&mut self.out);
        self.deliver();
    }

    fn change(&mut self, manner: ConversationOptions) {
        let (framing, unit) = (manner.framing(), manner.options.unit);
        let _ = self.core.apply(Input::OptionsChanged { key: KEY, manner }, Timestamp::UNIX_EPOCH);
        self.framer.reframe(framing, unit, &mut self.out);
        self.deliver();
        happen(&mut self.core, EventKind::Reframed { conn: CONN });
    }

    fn conversation(&self) -> &Conversation {
        self.core.conversation(KEY).unwrap()
    }

    fn received(&self) -> Vec<&Received> {
        let entries = self.conversation().entries().iter();
        entries
            .filter_map(|(_, e)| if let RowKind::Received(received) = &e.kind { Some(received) } else { None })
            .collect()
    }

    /// Each message: its raw bytes, and those that are no framing.
    fn messages(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.received().into_iter().map(|received| (received.raw.to_vec(), received.payload().to_vec())).collect()
    }

    fn raw(&self) -> Vec<u8> {
        self.received().into_iter().flat_map(|received| received.raw.to_vec()).collect()
    }

    fn text(&self) -> String {
        let encoding = self.conversation().manner().encoding;
        self.received().into_iter().map(|received| received.decode(encoding).text).collect()
    }

    fn sent(&self) -> Vec<&Sent> {
        sent(self.conversation())
    }
}

fn sent(conversation: &Conversation) -> Vec<&Sent> {
    let entries = conversation.entries().iter();
    entries.filter_map(|(_, e)| if let RowKind::Sent(sent) = &e.kind { Some(sent) } else { None }).collect()
}

/// Length-prefixed messages with line endings in them, the last one perhaps not whole: there is something in it for
/// every framing.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let payload = vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(b'\r'), Just(0xe4), Just(0)], 0..12);
    (vec(payload, 0..8), any::<Index>()).prop_map(|(payloads, end)| {
        let mut stream = Vec::new();
        for payload in payloads {
            stream.extend((payload.len() as u32).to_be_bytes());
            stream.extend(payload);
        }
        let end = end.index(stream.len() + 1);
        stream.truncate(end);
        stream
    })
}

fn pieces(bytes: &[u8], cuts: &[Index]) -> Vec<Vec<u8>> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    ends.push(bytes.len());
    ends.sort_unstable();
    let mut begin = 0;
    let mut pieces = Vec::new();
    for end in ends {
        pieces.push(bytes[begin..end].to_vec());
        begin = end;
    }
    pieces
}

fn framings() -> impl Strategy<Value = Framing> {
    let delimiter = Framing::Delimiter(Delimiter::new(b"a\n").unwrap());
    prop_oneof![
        2 => Just(Framing::Line),
        2 => Just(Framing::Chunk),
        2 => Just(Framing::LENGTH),
        1 => Just(Framing::Cr),
        1 => Just(delimiter),
    ]
}

fn encodings() -> impl Strategy<Value = TextEncoding> {
    (0..OFFERED.len()).prop_map(|n| OFFERED[n])
}

proptest! {
    #[test]
    fn a_framing_chosen_later_gives_the_messages_it_would_have_given_from_the_start(
        stream in streams(), cuts in vec(any::<Index>(), 0..10), from in framings(), to in framings(),
        while_open in any::<bool>(),
    ) {
        let utf8 = TextEncoding::default();
        let (mut changed, mut direct) = (Room::new(manner(from, utf8)), Room::new(manner(to, utf8)));
        for piece in pieces(&stream, &cuts) {
            changed.recv(&piece);
            direct.recv(&piece);
        }
        direct.flush();
        if while_open {
            changed.change(manner(to, utf8));
            changed.flush();
        } else {
            changed.flush();
            close(&mut changed.core, CONN);
            let _ = changed.core.apply(Input::OptionsChanged { key: KEY, manner: manner(to, utf8) }, Timestamp::UNIX_EPOCH);
        }
        prop_assert_eq!(changed.raw(), stream);
        prop_assert_eq!(changed.messages(), direct.messages());
    }

    #[test]
    fn no_change_of_manner_loses_a_byte(
        stream in streams(), cuts in vec(any::<Index>(), 1..10),
        changes in vec((framings(), encodings()), 1..4),
    ) {
        let mut room = Room::new(manner(Framing::Line, TextEncoding::default()));
        let pieces = pieces(&stream, &cuts);
        for (n, piece) in pieces.iter().enumerate() {
            // What a change to length prefixes finds in the middle may not be one: that ends the connection.
            if let Some((framing, encoding)) = changes.get(n)
                && (*framing != Framing::LENGTH || room.received == 0)
            {
                room.change(manner(*framing, *encoding));
            }
            room.recv(piece);
        }
        room.flush();
        prop_assert_eq!(room.raw().len() as u64, room.received);
        prop_assert_eq!(room.raw(), &stream[..room.received as usize]);
    }

    #[test]
    fn an_encoding_chosen_later_decodes_what_was_split_between_messages(
        characters in vec(prop_oneof![Just('a'), Just('，'), Just('é'), any::<char>()], 0..20),
        cuts in vec(any::<Index>(), 0..12), to in encodings(), from in encodings(), while_open in any::<bool>(),
    ) {
        let whole: String = characters.into_iter().filter(|c| text::encode(&c.to_string(), to).unmappable.is_none()).collect();
        let bytes = text::encode(&whole, to).bytes;
        // What comes back from the encoding is what it can carry: some have several bytes for a character.
        let mut room = Room::new(manner(Framing::Chunk, from));
        for piece in pieces(&bytes, &cuts) {
            room.recv(&piece);
        }
        if while_open {
            room.change(manner(Framing::Chunk, to));
        } else {
            close(&mut room.core, CONN);
            let _ = room.core.apply(Input::OptionsChanged { key: KEY, manner: manner(Framing::Chunk, to) }, Timestamp::UNIX_EPOCH);
        }
        let mut direct = Room::new(manner(Framing::Chunk, to));
        direct.recv(&bytes);
        prop_assert_eq!(room.text(), direct.text());
        prop_assert_eq!(room.raw(), bytes);
    }
}

#[test]
fn lines_are_cut_anew_where_the_encoding_has_units_of_two_bytes() {
    let utf16 = OFFERED.into_iter().find(|encoding| encoding.unit() == 2).unwrap();
    // In UTF-16LE this is one line: the LF byte is half of another character.
    let line = text::encode("a\u{0a00}b\n", utf16).bytes;
    for while_open in [true, false] {
        let mut room = Room::new(manner(Framing::Line, TextEncoding::default()));
        room.recv(&line);
        if while_open {
            room.change(manner(Framing::Line, utf16));
        } else {
            room.flush();
            close(&mut room.core, CONN);
            let _ = room
                .core
                .apply(Input::OptionsChanged { key: KEY, manner: manner(Framing::Line, utf16) }, Timestamp::UNIX_EPOCH);
        }
        assert_eq!(room.text(), "a\u{0a00}b", "while open: {while_open}");
        assert_eq!(room.raw(), line);
    }
}

#[test]
fn what_is_unread_is_counted_in_the_messages_that_a_new_framing_makes() {
    let utf8 = TextEncoding::default();
    let mut room = Room::new(manner(Framing::Line, utf8));
    room.recv(b"seen\n");
    let _ = room.core.apply(Input::Read(KEY), Timestamp::UNIX_EPOCH);
    room.recv(b"one\ntwo\nthree\n");
    assert_eq!(room.conversation().unread(), 3);
    room.change(manner(Framing::Chunk, utf8));
    assert_eq!(room.conversation().unread(), 1);
    let first = room.conversation().first_unread().unwrap();
    let RowKind::Received(received) = &room.conversation().entries().get(first).unwrap().kind else {
        panic!("the first unread row is no message");
    };
    assert_eq!(&received.raw[..], b"one\ntwo\nthree\n");
    room.change(manner(Framing::Line, utf8));
    assert_eq!(room.conversation().unread(), 3);
    let _ = room.core.apply(Input::Read(KEY), Timestamp::UNIX_EPOCH);
    assert_eq!((room.conversation().unread(), room.conversation().first_unread()), (0, None));
}

#[test]
fn of_many_messages_the_latest_are_kept_and_the_others_counted() {
    let mut room = Room::new(manner(Framing::Line, TextEncoding::default()));
    let extra = 25;
    let number = |n: usize| format!("{n}\n");
    let all: String = (0..ROWS_KEPT + extra).map(number).collect();
    room.recv(all.as_bytes());
    let entries = room.conversation().entries();
    assert_eq!(entries.len(), ROWS_KEPT);
    // The row that says that the client was accepted went first, and is no message.
    assert_eq!(entries.messages_let_go(), extra as u64);
    assert_eq!(entries.first().0, extra as u64 + 1);
    assert!(entries.get(sockhop::chat::RowNumber(0)).is_none());
    assert_eq!(room.messages()[0].0, number(extra).as_bytes());
    assert_eq!(room.conversation().unread(), ROWS_KEPT + extra, "those let go were not read either");

    // A new framing counts those in memory anew, and those let go as before.
    room.change(manner(Framing::Chunk, TextEncoding::default()));
    assert_eq!(room.conversation().unread(), extra + 1);
    let kept: String = (extra..ROWS_KEPT + extra).map(number).collect();
    assert_eq!(room.raw(), kept.as_bytes());
    room.recv(b"more");
    assert_eq!(room.messages().len(), 2);
}

#[test]
fn of_large_messages_as_many_are_kept_as_their_bytes_allow() {
    let mut room = Room::new(manner(Framing::Chunk, TextEncoding::default()));
    let message = vec![b'x'; 64 * 1024];
    let fit = BYTES_KEPT / message.len();
    assert_eq!(fit, 256);
    for _ in 0..fit + 3 {
        room.recv(&message);
    }
    assert_eq!(room.messages().len(), fit);
    assert_eq!(room.conversation().entries().messages_let_go(), 3);
    assert_eq!(room.conversation().bytes_in, ((fit + 3) * message.len()) as u64);
}

#[test]
fn the_recvs_that_brought_a_message_are_known() {
    let mut room = Room::new(manner(Framing::Line, TextEncoding::default()));
    for bytes in ["one\ntw", "o", "\nthree\n", "four\n"] {
        room.recv(bytes.as_bytes());
    }
    let conversation = room.core.conversation(KEY).unwrap();
    let recvs = |bytes| -> Vec<_> { conversation.recvs_within(bytes).map(|recv| (recv.number, recv.bytes)).collect() };
    assert_eq!(recvs(0..4), [(1, 0..6)]);
    assert_eq!(recvs(4..8), [(1, 0..6), (2, 6..7), (3, 7..14)]);
    assert_eq!(recvs(8..14), [(3, 7..14)]);
    assert_eq!(recvs(14..19), [(4, 14..19)]);
    assert_eq!(recvs(19..19), []);
}

#[test]
fn of_many_notices_the_latest_are_kept_and_numbered_on() {
    let mut core = Core::new(ConversationOptions::default());
    for _ in 0..NOTICES_KEPT + 7 {
        let _ = core.apply(Input::Notice(NoticeKind::NoFolder), Timestamp::UNIX_EPOCH);
    }
    assert_eq!(core.notices().len(), NOTICES_KEPT);
    assert_eq!(core.notices()[0].number, 8);
    assert_eq!(core.notices().last().unwrap().number, NOTICES_KEPT as u64 + 7);
}

#[test]
fn of_many_closed_conversations_the_one_closed_longest_ago_goes_first() {
    let mut core = Core::new(ConversationOptions::default());
    let all = CLOSED_KEPT as u64 + 4;
    for conn in 1..=all {
        accept(&mut core, ConnId(conn));
    }
    // The first client stays longest, and the second for good.
    for conn in (3..=all).chain([1]) {
        close(&mut core, ConnId(conn));
    }
    assert_eq!(core.conversations().len(), CLOSED_KEPT + 1);
    let kept = |conn| core.conversation(Key::Conn(ConnId(conn))).is_some();
    assert!(kept(1) && kept(2), "one is closed last, the other open");
    assert!(!kept(3) && !kept(4) && !kept(5) && kept(6), "these were closed longest ago");
    let told = |notice: &&sockhop::core::Notice| notice.kind == NoticeKind::ClosedLetGo;
    assert_eq!(core.notices().iter().filter(told).count(), 1);
    assert_eq!(core.connected_clients(), 1);
}

#[test]
fn removed_conversations_do_not_count_as_closed_ones_kept() {
    let mut core = Core::new(ConversationOptions::default());
    for conn in 1..=10 {
        accept(&mut core, ConnId(conn));
        close(&mut core, ConnId(conn));
    }
    let _ = core.apply(Input::Removed((1..=10).map(ConnId).collect()), Timestamp::UNIX_EPOCH);
    let all = CLOSED_KEPT as u64 + 10;
    for conn in 11..=all {
        accept(&mut core, ConnId(conn));
        close(&mut core, ConnId(conn));
    }
    assert_eq!(core.conversations().len(), CLOSED_KEPT);
    assert!(core.notices().is_empty());
    // Had back, they are too many.
    let _ = core.apply(Input::RemovalUndone, Timestamp::UNIX_EPOCH);
    accept(&mut core, ConnId(all + 1));
    close(&mut core, ConnId(all + 1));
    assert_eq!(core.conversations().len(), CLOSED_KEPT);
}

#[test]
fn of_many_calls_the_latest_are_kept_and_the_others_counted() {
    let mut core = Core::new(ConversationOptions::default());
    let socket = SocketId::Conn(CONN);
    for n in 0..CALLS_KEPT + 3 {
        let call = SocketCall {
            socket,
            fd: 5,
            call: Call::Recv(n),
            outcome: Outcome::Bytes(1),
            at: Timestamp::UNIX_EPOCH,
            waited: Duration::ZERO,
            count: 1,
        };
        happen(&mut core, EventKind::Call(call));
    }
    let log = core.calls(socket).unwrap();
    assert_eq!((log.iter().len(), log.let_go()), (CALLS_KEPT, 3));
    let oldest = log.iter().next().unwrap();
    assert_eq!((oldest.call.call, oldest.number, oldest.bytes()), (Call::Recv(3), 4, Some(3..4)));
}

fn failure() -> NetError {
    NetError::ours(CallKind::Send, Target::None, Reason::Limit(Limit::SendQueue))
}

fn send(core: &mut Core, key: Key, message: u64) {
    let effects = core.apply(Input::SendBytes { key, bytes: Bytes::from_static(b"hi\n") }, Timestamp::UNIX_EPOCH);
    assert_eq!(asked(&effects.commands), [MessageId::asked(message)]);
}

/// The messages that are to be sent.
fn asked(commands: &[Command]) -> Vec<MessageId> {
    let message = |command: &Command| match command {
        Command::Send { message, .. } | Command::SendToAll { message, .. } => Some(*message),
        _ => None,
    };
    commands.iter().filter_map(message).collect()
}

fn was_sent(core: &mut Core, conn: ConnId, message: u64) {
    happen(core, EventKind::Sent { conn, message: MessageId::asked(message), bytes: 3 });
}

fn was_not_sent(core: &mut Core, conn: ConnId, message: u64) {
    happen(core, EventKind::SendFailed { conn, message: MessageId::asked(message), error: failure() });
}

#[test]
fn a_message_waits_until_it_is_sent_or_has_failed_and_may_be_sent_again() {
    let mut room = Room::new(ConversationOptions::default());
    for message in 1..=3 {
        send(&mut room.core, KEY, message);
    }
    assert_eq!(room.conversation().waiting(), 3);
    was_not_sent(&mut room.core, CONN, 2);
    was_sent(&mut room.core, CONN, 1);
    let states = |room: &Room| room.sent().iter().map(|sent| sent.delivery.clone()).collect::<Vec<_>>();
    assert_eq!(states(&room), [Delivery::Sent, Delivery::Failed(failure()), Delivery::Waiting]);

    let failed = room.conversation().entries().iter().nth(2).unwrap().0;
    let again = room.core.apply(Input::Resend { key: KEY, row: failed }, Timestamp::UNIX_EPOCH);
    assert_eq!(asked(&again.commands), [MessageId::asked(4)]);
    assert_eq!((room.sent().len(), room.conversation().waiting()), (3, 2), "it is the same message");
    was_sent(&mut room.core, CONN, 4);
    was_sent(&mut room.core, CONN, 3);
    assert_eq!(states(&room), [Delivery::Sent, Delivery::Sent, Delivery::Sent]);
    assert_eq!(room.conversation().waiting(), 0);

    send(&mut room.core, KEY, 5);
    let command = Command::Send { conn: CONN, message: MessageId::asked(5), bytes: Bytes::new() };
    let _ = room.core.apply(Input::Refused(Box::new(command)), Timestamp::UNIX_EPOCH);
    assert_eq!(room.sent()[3].delivery, Delivery::Failed(NetError::busy()));
}

#[test]
fn a_message_that_waits_is_found_after_a_new_framing_has_made_all_rows_anew() {
    let utf8 = TextEncoding::default();
    let mut room = Room::new(manner(Framing::Line, utf8));
    room.recv(b"one\ntwo\n");
    send(&mut room.core, KEY, 1);
    send(&mut room.core, KEY, 2);
    room.change(manner(Framing::Chunk, utf8));
    was_sent(&mut room.core, CONN, 1);
    was_not_sent(&mut room.core, CONN, 2);
    let states: Vec<_> = room.sent().iter().map(|sent| sent.delivery.clone()).collect();
    assert_eq!(states, [Delivery::Sent, Delivery::Failed(failure())]);
}

#[test]
fn a_message_to_everyone_counts_the_shares_of_its_clients() {
    let mut core = Core::new(ConversationOptions::default());
    for conn in 1..=3 {
        accept(&mut core, ConnId(conn));
    }
    send(&mut core, Key::Everyone, 1);
    let state = |core: &Core| sent(core.conversation(Key::Everyone).unwrap())[0].delivery.clone();
    assert_eq!(state(&core), Delivery::Waiting);
    happen(&mut core, EventKind::SendingToAll { message: MessageId::asked(1), clients: 3 });
    was_sent(&mut core, ConnId(1), 1);
    was_not_sent(&mut core, ConnId(2), 1);
    assert_eq!(state(&core), Delivery::ToAll { clients: 3, sent: 1, failed: 1, error: Some(failure()) });
    was_sent(&mut core, ConnId(3), 1);
    assert_eq!(state(&core), Delivery::ToAll { clients: 3, sent: 2, failed: 1, error: Some(failure()) });

    let share = |conn| {
        let sent = sent(core.conversation(Key::Conn(ConnId(conn))).unwrap());
        assert_eq!((sent.len(), &sent[0].raw[..]), (1, &b"hi\n"[..]));
        sent[0].delivery.clone()
    };
    assert_eq!([share(1), share(2), share(3)], [Delivery::Sent, Delivery::Failed(failure()), Delivery::Sent]);
}

#[test]
fn a_message_to_everyone_when_nobody_is_there_went_to_nobody() {
    let mut core = Core::new(ConversationOptions::default());
    send(&mut core, Key::Everyone, 1);
    happen(&mut core, EventKind::SendingToAll { message: MessageId::asked(1), clients: 0 });
    let state = &sent(core.conversation(Key::Everyone).unwrap())[0].delivery;
    assert_eq!(*state, Delivery::ToAll { clients: 0, sent: 0, failed: 0, error: None });
}

#[test]
fn what_happens_to_a_connection_that_is_no_more_changes_nothing() {
    let mut core = Core::new(ConversationOptions::default());
    accept(&mut core, CONN);
    close(&mut core, CONN);
    let _ = core.apply(Input::Removed(vec![CONN]), Timestamp::UNIX_EPOCH);
    let batch = Batch { bytes: Bytes::from_static(b"late"), cuts: Vec::new() };
    happen(&mut core, EventKind::Received { conn: CONN, batch, recv_ends: vec![4] });
    happen(&mut core, EventKind::Reframed { conn: CONN });
    was_sent(&mut core, CONN, 1);
    assert_eq!((core.conversations().len(), core.connected_clients()), (0, 0));
}

#[test]
fn only_what_is_closed_can_be_removed() {
    let mut core = Core::new(ConversationOptions::default());
    accept(&mut core, CONN);
    let _ = core.apply(Input::Removed(vec![CONN]), Timestamp::UNIX_EPOCH);
    assert_eq!(core.conversation(KEY).unwrap().state, ConnState::Open);
}

#[test]
fn a_command_that_the_network_refused_leaves_no_listener_starting_and_no_connection_new() {
    let mut core = Core::new(ConversationOptions::default());
    let at = Timestamp::UNIX_EPOCH;
    let refuse = |core: &mut Core, mut commands: Vec<Command>| {
        assert_eq!(commands.len(), 1);
        core.apply(Input::Refused(Box::new(commands.remove(0))), at)
    };
    let starting = core.apply(Input::Listen(ListenOptions::new(address(9))), at);
    assert!(core.server().listener().is_some());
    let _ = refuse(&mut core, starting.commands);
    assert_eq!(core.server().listener(), None);
    assert_eq!(core.server().failure, Some(NetError::busy()));

    let (target, manner) = (("here".to_owned(), 9), ConversationOptions::default());
    let opened = core.apply(Input::Connect { target, name: None, manner }, at);
    let refused = refuse(&mut core, opened.commands);
    let conn = core.conversations().next().unwrap().0;
    assert_eq!(opened.show, Some(Key::Conn(conn)));
    assert_eq!(core.conversation(Key::Conn(conn)).unwrap().state, ConnState::Failed(NetError::busy()));
    assert_eq!((opened.journal.len(), refused.journal.len()), (1, 2), "opened; failed and ended");
    assert_eq!(core.notices().len(), 2);
}
