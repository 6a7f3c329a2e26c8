//! Lines that find nobody, or nobody who reads.

use super::*;
use crate::{
    i18n,
    net::{CallKind, Limit, Reason, Target},
    settings::Language,
};

const LISTENER: ListenerId = ListenerId(1);
const MESSAGE: MessageId = MessageId(7);

fn with_session(role: Role, test: impl FnOnce(&mut Session<'_, Vec<u8>>)) {
    let settings = Settings::default();
    let words = i18n::words(Language::English);
    let report = Report::new(Vec::new(), Form::Json);
    let mut session = Session::new(role, Command::Quit, &settings, &words, report);
    session.commands().clear();
    test(&mut session);
}

fn happens(session: &mut Session<'_, Vec<u8>>, kind: EventKind) {
    session.event(Event { at: Timestamp::UNIX_EPOCH, kind }).expect("a Vec takes all");
}

fn accept(session: &mut Session<'_, Vec<u8>>, conn: u64) {
    let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
    happens(session, EventKind::Listening { listener: LISTENER, local, backlog: 5 });
    happens(session, EventKind::Accepted { listener: LISTENER, conn: ConnId(conn), peer, local });
}

#[test]
fn a_line_that_came_to_nobody_is_kept_for_the_next_client() {
    with_session(Role::Listen(LISTENER), |session| {
        assert!(!session.wants_lines(Instant::now()));
        accept(session, 1);
        assert!(session.wants_lines(Instant::now()));
        session.send_line(MESSAGE, Line { bytes: b"a".to_vec(), ends: true }).expect("a Vec takes all");
        let reason = CloseReason::Orderly;
        happens(session, EventKind::Closed { conn: ConnId(1), reason, bytes_in: 0, bytes_out: 0 });
        happens(session, EventKind::SendingToAll { message: MESSAGE, clients: 0 });
        assert!(!session.wants_lines(Instant::now()));
        accept(session, 2);
        assert_eq!(session.take_returned().as_deref(), Some(&b"a\n"[..]));
    });
}

#[test]
fn lines_wait_while_much_is_queued_and_not_for_ever_for_one_of_many() {
    with_session(Role::Listen(LISTENER), |session| {
        accept(session, 1);
        session.send(MESSAGE, vec![0; QUEUED_AT_MOST].into());
        let now = Instant::now();
        assert!(!session.wants_lines(now));
        assert!(session.patience_ends().is_some_and(|at| session.wants_lines(at)));
        happens(session, EventKind::Sent { conn: ConnId(1), message: MESSAGE, bytes: QUEUED_AT_MOST });
        assert!(session.wants_lines(now));
    });
}

#[test]
fn a_server_gets_a_line_again_that_its_full_queue_refused() {
    let conn = ConnId(1);
    with_session(Role::Connect(conn), |session| {
        let (peer, local) = (([127, 0, 0, 1], 5).into(), ([127, 0, 0, 1], 6).into());
        happens(session, EventKind::Connected { conn, peer, local });
        session.send(MESSAGE, Bytes::from_static(b"a\n"));
        let error = NetError::ours(CallKind::Send, Target::Address(peer), Reason::Limit(Limit::SendQueue));
        happens(session, EventKind::SendFailed { conn, message: MESSAGE, error });
        assert_eq!(session.take_returned().as_deref(), Some(&b"a\n"[..]));
        assert!(session.failure().is_none());
    });
}
