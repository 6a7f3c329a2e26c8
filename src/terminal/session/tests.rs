//! Lines that find nobody, or nobody who reads.

use super::*;
use crate::{
    core::{ConversationOptions, Input},
    i18n,
    net::{CallKind, Event, Limit, ListenOptions, ListenerId, MessageId, Reason, Target},
    settings::Language,
};

const LISTENER: ListenerId = ListenerId(1);
const MESSAGE: MessageId = MessageId::asked(1);

/// A session, and the core that it hears of.
struct Room<'a> {
    core: Core,
    session: Session<'a, Vec<u8>>,
}

impl Room<'_> {
    fn happens(&mut self, kind: EventKind) {
        let at = Timestamp::UNIX_EPOCH;
        let journal = self.core.apply(Input::Net(Event { at, kind: kind.clone() }), at).journal;
        self.session.told(&self.core, at, Some(kind), journal).expect("a Vec takes all");
    }

    fn accept(&mut self, count: u64) -> ConnId {
        let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
        let conn = ConnId::accepted(count);
        self.happens(EventKind::Listening { listener: LISTENER, local, backlog: 5 });
        self.happens(EventKind::Accepted { listener: LISTENER, conn, peer, local });
        conn
    }

    fn send(&mut self, bytes: impl Into<Bytes>) {
        let input = Input::SendBytes { key: self.session.key(), bytes: bytes.into() };
        self.session.sent(self.core.apply(input, Timestamp::UNIX_EPOCH).journal);
    }
}

fn with_room(first: Input, test: impl FnOnce(&mut Room<'_>)) {
    let settings = Settings::default();
    let words = i18n::words(Language::English);
    let report = Report::new(Vec::new(), Form::Json);
    let mut core = Core::new(settings.conversation_options());
    let role = match core.apply(first, Timestamp::UNIX_EPOCH).show {
        Some(Key::Conn(conn)) => Role::Connect(conn),
        _ => Role::Listen,
    };
    test(&mut Room { core, session: Session::new(role, &settings, &words, report) });
}

fn listen() -> Input {
    Input::Listen(ListenOptions::new(([127, 0, 0, 1], 6).into()))
}

#[test]
fn a_line_that_came_to_nobody_is_kept_for_the_next_client() {
    with_room(listen(), |room| {
        assert!(!room.session.wants_lines(Instant::now()));
        let conn = room.accept(1);
        assert!(room.session.wants_lines(Instant::now()));
        room.send(&b"a\n"[..]);
        let reason = CloseReason::Orderly;
        room.happens(EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 0 });
        room.happens(EventKind::SendingToAll { message: MESSAGE, clients: 0 });
        assert!(!room.session.wants_lines(Instant::now()));
        room.accept(2);
        assert_eq!(room.session.take_returned().as_deref(), Some(&b"a\n"[..]));
    });
}

#[test]
fn lines_wait_while_much_is_queued_and_not_for_ever_for_one_of_many() {
    with_room(listen(), |room| {
        let conn = room.accept(1);
        room.send(vec![0; QUEUED_AT_MOST]);
        let now = Instant::now();
        assert!(!room.session.wants_lines(now));
        assert!(room.session.patience_ends().is_some_and(|at| room.session.wants_lines(at)));
        room.happens(EventKind::SendingToAll { message: MESSAGE, clients: 1 });
        room.happens(EventKind::Sent { conn, message: MESSAGE, bytes: QUEUED_AT_MOST });
        assert!(room.session.wants_lines(now));
    });
}

#[test]
fn a_server_gets_a_line_again_that_its_full_queue_refused() {
    let (target, manner) = (("127.0.0.1".to_owned(), 5), ConversationOptions::default());
    with_room(Input::Connect { target, name: None, manner }, |room| {
        let Role::Connect(conn) = room.session.role else { panic!("a client") };
        let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
        room.happens(EventKind::Connected { conn, peer, local });
        room.send(&b"a\n"[..]);
        let error = NetError::ours(CallKind::Send, Target::Address(peer), Reason::Limit(Limit::SendQueue));
        room.happens(EventKind::SendFailed { conn, message: MESSAGE, error });
        assert_eq!(room.session.take_returned().as_deref(), Some(&b"a\n"[..]));
        assert!(room.session.failure().is_none());
    });
}
