//! What the history answers, and past sessions that are read.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use sockhop::{
    chat::{Delivery, Happening, NetError, Origin, Row, RowKind, RowNumber, Sent, Session, SessionId},
    core::{ConnState, Core, Input, Key, NoticeKind, PastState, Sight, Task, TaskKind},
    history::{
        Answer, Cancel, Hit, HitPlace, Outcome, Place, Question, Removal, SessionSummary, Size, TaskId, Trouble,
        Unavailable,
    },
    net::CloseReason,
    wire::text::TextEncoding,
};

/// The past session that is read.
const KEY: Key = Key::Past(SessionId(3));

fn answer(core: &mut Core, answer: Answer) {
    let _ = core.apply(Input::History(Box::new(answer)), Timestamp::UNIX_EPOCH);
}

fn apply(core: &mut Core, input: Input) {
    let _ = core.apply(input, Timestamp::UNIX_EPOCH);
}

fn session(id: u64) -> Session {
    Session {
        id: SessionId(id),
        origin: Origin::Accepted,
        peer: None,
        local: None,
        name: Some("n".to_owned()),
        encoding: TextEncoding::named("gbk").unwrap(),
        opened: Timestamp::UNIX_EPOCH,
    }
}

fn summary(id: u64, messages: u64) -> SessionSummary {
    SessionSummary { session: session(id), ended: None, last: Timestamp::UNIX_EPOCH, messages, bytes: 0 }
}

fn rows(numbers: std::ops::Range<u64>) -> Vec<Row> {
    let kind = RowKind::Happened(Happening::PeerFinished);
    numbers.map(|n| Row { number: RowNumber(n), at: Timestamp::UNIX_EPOCH, kind: kind.clone() }).collect()
}

fn page(id: u64, place: Place, numbers: std::ops::Range<u64>, (more_before, more_after): (bool, bool)) -> Answer {
    let (session, asked) = (Some(Box::new(summary(id, 50))), SessionId(id));
    Answer::Page { session, asked, place, rows: rows(numbers), more_before, more_after }
}

/// Rows are in sight for which others have to be read at that place.
fn sight(core: &mut Core, first: u64, last: u64, place: Place) {
    let near = (RowNumber(first), RowNumber(last));
    let sight = Sight { key: KEY, near, wanted: near.0, at_end: false };
    let questions = core.apply(Input::InSight(sight), Timestamp::UNIX_EPOCH).questions;
    assert_eq!(questions, [Question::Page { session: SessionId(3), place, count: 1_000 }]);
}

#[test]
fn a_past_session_is_read_as_a_conversation_that_is_over() {
    let mut core = Core::default();
    answer(&mut core, Answer::Opened { path: "h".into() });
    apply(&mut core, Input::OpenPast(SessionId(3), Place::Around(20)));
    answer(&mut core, page(4, Place::End, 0..9, (false, false)));
    assert!(core.past().open.is_none(), "another was asked for");
    answer(&mut core, page(3, Place::Around(20), 10..30, (true, true)));
    let open = core.past().open.as_ref().unwrap();
    assert_eq!((open.key(), open.sought), (KEY, Some(RowNumber(20))));
    assert!(core.conversation(Key::Past(SessionId(4))).is_none());
    let conversation = core.conversation(KEY).unwrap();
    assert_eq!((conversation.id, conversation.name.as_deref()), (SessionId(3), Some("n")));
    assert_eq!(
        (&conversation.state, conversation.manner().encoding.name()),
        (&ConnState::Closed(CloseReason::Quit), "GBK")
    );
    let read = conversation.entries();
    assert_eq!((read.shown(), read.len(), read.extent(), read.is_empty()), (20, 0, 50, false));
    assert!(read.more_before() && read.more_after() && read.is_away(RowNumber(30)) && !read.is_away(RowNumber(29)));
    assert_eq!((read.place_of(RowNumber(12)), read.at(2).unwrap().0), (2, RowNumber(12)));

    sight(&mut core, 12, 29, Place::From(30));
    answer(&mut core, page(3, Place::From(30), 30..70, (false, true)));
    let read = core.conversation(KEY).unwrap().entries();
    assert_eq!((read.shown(), read.extent(), read.more_after(), read.more_before()), (60, 70, true, true));
    sight(&mut core, 10, 20, Place::Before(10));
    answer(&mut core, page(3, Place::Before(10), 0..10, (false, false)));
    let read = core.conversation(KEY).unwrap().entries();
    assert_eq!((read.shown(), read.extent(), read.more_after(), read.more_before()), (70, 70, true, false));

    let mut manner = core.conversation(KEY).unwrap().manner().clone();
    manner.encoding = TextEncoding::default();
    let effects = core.apply(Input::OptionsChanged { key: KEY, manner }, Timestamp::UNIX_EPOCH);
    assert!(effects.journal.is_empty(), "it is only read in another way");
    assert_eq!(core.conversation(KEY).unwrap().manner().encoding.name(), "UTF-8");
    apply(&mut core, Input::ClosePast);
    assert!(core.past().open.is_none() && core.conversation(KEY).is_none());
}

#[test]
fn nothing_is_sent_to_a_past_session() {
    let mut core = Core::default();
    apply(&mut core, Input::OpenPast(SessionId(3), Place::End));
    let (raw, at) = (Bytes::from_static(b"hi\n"), Timestamp::UNIX_EPOCH);
    let cut = core.manner().cut_of(&raw);
    let failed = Delivery::Failed(NetError::busy());
    let (delivery, encoding) = (failed.clone(), TextEncoding::default());
    let sent = Sent { raw: raw.clone(), cut, delivery, auto: false, encoding, begins: None };
    let rows = vec![Row { number: RowNumber(4), at, kind: RowKind::Sent(sent) }];
    let (session, asked, place) = (Some(Box::new(summary(3, 1))), SessionId(3), Place::End);
    answer(&mut core, Answer::Page { session, asked, place, rows, more_before: false, more_after: false });
    assert_eq!(core.conversation(KEY).unwrap().entries().extent(), 5, "one message, and four rows before it");
    let text = "hi".to_owned();
    for input in [
        Input::SendBytes { key: KEY, bytes: raw },
        Input::SendText { key: KEY, text },
        Input::Resend { key: KEY, row: RowNumber(4) },
    ] {
        let effects = core.apply(input, at);
        assert!(effects.journal.is_empty() && effects.commands.is_empty(), "{effects:?}");
        let conversation = core.conversation(KEY).unwrap();
        assert_eq!((conversation.entries().shown(), conversation.waiting()), (1, 0));
        let row = &conversation.entries().get(RowNumber(4)).unwrap().kind;
        assert!(matches!(row, RowKind::Sent(sent) if sent.delivery == failed), "{row:?}");
    }
}

#[test]
fn the_row_that_was_asked_for_is_the_first_from_that_number_on() {
    let sought = |place| {
        let mut core = Core::default();
        apply(&mut core, Input::OpenPast(SessionId(3), place));
        answer(&mut core, page(3, place, 10..30, (false, false)));
        core.past().open.as_ref().unwrap().sought.map(|number| number.0)
    };
    assert_eq!(
        [sought(Place::From(12)), sought(Place::Around(4)), sought(Place::From(30))],
        [Some(12), Some(10), None]
    );
    assert_eq!([sought(Place::End), sought(Place::Before(12))], [None, None]);
}

fn hit(number: u64) -> Hit {
    let place = HitPlace { at: Timestamp::UNIX_EPOCH, session: SessionId(1), number };
    let (session, excerpt) = (Arc::new(session(1)), String::new());
    Hit { place, session, ours: false, excerpt, matches: Vec::new(), cut_before: false, cut_after: false }
}

#[test]
fn what_a_search_finds_follows_on_and_replaces_what_an_earlier_one_found() {
    let mut core = Core::default();
    let found = |core: &mut Core, generation, number, more| {
        answer(core, Answer::Found { generation, hits: vec![hit(number)], done: false, more });
        let numbers: Vec<u64> = core.past().hits.iter().map(|hit| hit.place.number).collect();
        (numbers, core.past().more_hits)
    };
    apply(&mut core, Input::Searching(1));
    assert_eq!(found(&mut core, 1, 9, true), (vec![9], true));
    assert_eq!(found(&mut core, 1, 8, false), (vec![9, 8], false));
    apply(&mut core, Input::Searching(2));
    assert_eq!(found(&mut core, 1, 7, true), (vec![9, 8], false), "late");
    assert_eq!(found(&mut core, 2, 6, true), (vec![6], true));
    apply(&mut core, Input::Searching(0));
    assert!(core.past().hits.is_empty());
}

#[test]
fn what_the_history_reports_is_known() {
    let mut core = Core::default();
    assert_eq!(core.past().state, PastState::Opening);
    let path = PathBuf::from("history.db");
    answer(&mut core, Answer::Opened { path: path.clone() });
    assert_eq!(core.past().state, PastState::Open(path.clone()));
    let sessions = vec![summary(3, 1)];
    answer(&mut core, Answer::Sessions { sessions: sessions.clone(), more: true });
    assert_eq!((&core.past().sessions, core.past().more), (&sessions, true));
    apply(&mut core, Input::Latest(sessions.clone()));
    assert_eq!(core.past().latest, sessions);
    let size = Size { path: path.clone(), bytes: 1, sessions: 2, messages: 3, oldest: None, unindexed: 0 };
    answer(&mut core, Answer::Size(size.clone()));
    assert_eq!(core.past().size, Some(size));
    assert!(core.notices().is_empty());
    let trouble = Trouble::WrittenAgain { given_up: 0 };
    answer(&mut core, Answer::Trouble(trouble.clone()));
    assert_eq!(core.notices().last().unwrap().kind, NoticeKind::History(trouble));
    answer(&mut core, Answer::Indexing { done: 4, of: 5 });
    assert_eq!(core.past().indexing, Some((4, 5)));
    answer(&mut core, Answer::Indexing { done: 5, of: 5 });
    assert_eq!(core.past().indexing, None);
    let why = Unavailable::InUse;
    answer(&mut core, Answer::Unavailable { path: path.clone(), why: why.clone() });
    assert_eq!(core.past().state, PastState::Unavailable(why.clone()));
    assert_eq!(core.notices().last().unwrap().kind, NoticeKind::NoHistory { path, why });
}

#[test]
fn what_is_to_be_removed_is_out_of_sight_until_that_is_taken_back() {
    let (mut core, now) = (Core::default(), Timestamp::UNIX_EPOCH);
    let listed = |core: &Core| core.past().sessions.iter().map(|found| found.session.id.0).collect::<Vec<_>>();
    let sessions = || Answer::Sessions { sessions: vec![summary(1, 5), summary(2, 6)], more: false };
    answer(&mut core, sessions());
    let kind = TaskKind::Remove { what: Removal::Session(SessionId(2)), until: now + Duration::from_secs(10) };
    let task = Task { id: TaskId(1), kind, cancel: Cancel::default(), progress: None };
    apply(&mut core, Input::TaskBegun(task));
    assert_eq!(listed(&core), [1]);
    answer(&mut core, sessions());
    assert_eq!(listed(&core), [1], "also of a later answer");
    apply(&mut core, Input::Latest(vec![summary(2, 6)]));
    assert!(core.past().latest.is_empty());
    let undo = |after| core.past().removal_to_undo(now + Duration::from_secs(after)).map(|task| task.id);
    assert_eq!((undo(9), undo(10)), (Some(TaskId(1)), None));
    apply(&mut core, Input::TaskOver(TaskId(1)));
    answer(&mut core, sessions());
    assert_eq!(listed(&core), [1, 2]);
}

#[test]
fn a_task_is_known_until_it_is_over() {
    let mut core = Core::default();
    for id in [1, 2, 3] {
        let task = Task { id: TaskId(id), kind: TaskKind::RemoveOld, cancel: Cancel::default(), progress: None };
        apply(&mut core, Input::TaskBegun(task));
    }
    answer(&mut core, Answer::Progress { task: TaskId(2), done: 5, of: Some(9) });
    answer(&mut core, Answer::Progress { task: TaskId(9), done: 5, of: None });
    let tasks = |core: &Core| core.past().tasks.iter().map(|task| (task.id, task.progress)).collect::<Vec<_>>();
    assert_eq!(tasks(&core), [(TaskId(1), None), (TaskId(2), Some((5, Some(9)))), (TaskId(3), None)]);
    answer(&mut core, Answer::Done { task: TaskId(2), outcome: Outcome::Cancelled });
    assert_eq!(tasks(&core), [(TaskId(1), None), (TaskId(3), None)]);
    apply(&mut core, Input::TaskOver(TaskId(1)));
    assert_eq!(tasks(&core), [(TaskId(3), None)]);
}
