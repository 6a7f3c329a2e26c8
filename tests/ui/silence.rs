//! A peer whose system does not answer: what is said while that lasts, and when the connection has been given up.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use egui_kittest::{Harness, kittest::Queryable as _};
use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use sockhop::{
    chat::{Errno, MessageId},
    core::{Core, Input, Key},
    explain::{self, Facts},
    i18n::{self, Words},
    net::{Call, CloseReason, ConnId, Event, EventKind, ListenerId, NetError, Target},
    settings::{Language, Settings},
    window::app::{App, Start, Still},
};

const CONN: ConnId = ConnId(2);

fn peer() -> SocketAddr {
    ([192, 168, 1, 9], 50_000).into()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn happen(core: &mut Core, second: i64, kind: EventKind) {
    let _ = core.apply(Input::Net(Event { at: at(second), kind }), at(second));
}

/// Two messages were sent, of which the first was acknowledged, and then nothing was answered any more.
fn silent_conversation() -> Core {
    let mut core = Core::default();
    let local = ([192, 168, 1, 20], 8888).into();
    happen(&mut core, 1, EventKind::Accepted { listener: ListenerId(1), conn: CONN, peer: peer(), local });
    for (number, bytes) in [(1, "one\n"), (2, "seven\n")] {
        let bytes = Bytes::from(bytes);
        let length = bytes.len();
        let _ = core.apply(Input::SendBytes { key: Key::Conn(CONN), bytes }, at(1));
        happen(&mut core, 2, EventKind::Sent { conn: CONN, message: MessageId::asked(number), bytes: length });
    }
    happen(&mut core, 2, EventKind::Acknowledged { conn: CONN, bytes: 4 });
    happen(&mut core, 6, EventKind::Silent { conn: CONN, since: Some(at(2)) });
    core
}

fn window(language: Language, core: Core) -> (Harness<'static, App>, Words) {
    let settings = Settings { language, ..Settings::default() };
    let start = Start {
        folder: None,
        settings,
        damaged: None,
        language: None,
        listen: None,
        connect: None,
        frame_log: None,
        tls_keys: None,
        seat: None,
        lan: sockhop::driver::LanPorts::default(),
    };
    let still = Still {
        core,
        selected: Key::Conn(CONN),
        interfaces: Vec::new(),
        ports: Vec::new(),
        backlog_cap: None,
        zone: TimeZone::UTC,
    };
    let mut harness = Harness::builder().with_size((1024.0, 640.0)).with_max_steps(40).build_eframe(|cc| {
        let mut app = App::new(&cc.egui_ctx, start).unwrap();
        app.hold_still(&cc.egui_ctx, still);
        app
    });
    harness.run();
    (harness, i18n::words(language))
}

fn in_each_language(core: impl Fn() -> Core, look: impl Fn(&Harness<'static, App>, &Words)) {
    for language in [Language::English, Language::Chinese] {
        let (harness, words) = window(language, core());
        look(&harness, &words);
    }
}

#[test]
fn the_head_says_since_when_a_peer_is_silent_and_that_alone() {
    in_each_language(silent_conversation, |window, words| {
        let silent = window.get_by_label(&fl!(words, "silent-since", time = "00:00:02")).rect();
        assert!(window.query_by_label(&fl!(words, "not-acknowledged", time = "00:00")).is_none());
        let addresses =
            fl!(words, "accepted-subtitle", peer = peer().to_string(), local = "192.168.1.20:8888".to_owned());
        let addresses = window.get_by_label(&addresses).rect();
        assert!(silent.right() <= addresses.left(), "{silent:?} {addresses:?}");
    });
}

#[test]
fn a_peer_that_answers_again_is_not_called_silent() {
    let answers = || {
        let mut core = silent_conversation();
        happen(&mut core, 7, EventKind::Silent { conn: CONN, since: None });
        core
    };
    in_each_language(answers, |window, words| {
        assert!(window.query_by_label(&fl!(words, "silent-since", time = "00:00:02")).is_none());
    });
}

#[test]
fn a_connection_that_was_given_up_says_so_and_what_was_never_acknowledged_and_what_to_do() {
    let errno = Errno::named("ETIMEDOUT").unwrap();
    let error = NetError::new(Call::Recv(4096), Target::Address(peer()), &io::Error::from_raw_os_error(errno.0));
    let given_up = || {
        let mut core = silent_conversation();
        let reason = CloseReason::Failed(error.clone());
        happen(&mut core, 62, EventKind::Closed { conn: CONN, reason, bytes_in: 0, bytes_out: 10 });
        core
    };
    in_each_language(given_up, |window, words| {
        let explanation = explain::explain(words, &error, &Facts::default());
        assert!(explanation.what.contains(&fl!(words, "error-vanished", target = peer().to_string())));
        assert_eq!(explanation.todo, fl!(words, "error-vanished-todo"));
        for part in [
            fl!(words, "row-never-acknowledged", messages = 1, bytes = 6),
            fl!(words, "row-closed", reason = explanation.what),
            explanation.todo,
        ] {
            assert!(window.query_all_by_label_contains(&part).next().is_some(), "{part}");
        }
        assert!(window.query_by_label(&fl!(words, "silent-since", time = "00:00:02")).is_none());
    });
}
