//! The window as it looks: a picture of each screen in `tests/snapshots`, drawn by the window itself from a core made by
//! hand with times and addresses that stay.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test pictures` draws them again. They need Vulkan; Mesa's lavapipe will do.
//!
//! `cargo test --test pictures -- --include-ignored` also takes every screen in both languages, in six sizes and text sizes
//! from 80 to 200 %, and in the dark in two of these, into `target/pictures`: for people to look at.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use egui::{Key as Button, Modifiers};
use egui_kittest::{Harness, SnapshotOptions, kittest::Queryable as _};
use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use sockhop::{
    chat::{ConversationOptions, Epoch, LineEnding, Origin, PersonColour, PersonId, Presence, Session, SessionId},
    core::{Core, Input, Key, PeopleInput},
    history::{Answer, SessionSummary},
    host::{
        Holder, Interface, InterfaceKind, Link, ListeningPort, PortOwner, PortsAsked, SocketRow, SocketTable, TcpState,
    },
    i18n::{self, Words},
    lan::{self, Comparison, Greeting, Identity, Incoming, Me, Options, Taken},
    net::{
        Call, CallKind, CloseReason, ConnId, Event, EventKind, Limit, ListenOptions, ListenerId, MessageId, NetError,
        Outcome, Reason, SocketCall, SocketId, SocketOption, Target, UdpOptions,
    },
    settings::{Language, Settings, Theme, Visible},
    window::app::{App, Start, Still},
    wire::{BatchBuilder, Framer, QUIET_TAIL, text::TextEncoding},
};

/// A window that holds still.
struct Window {
    harness: Harness<'static, App>,
    words: Words,
}

impl Window {
    /// The size is in pixels.
    fn open(core: Core, settings: Settings, size: (f32, f32)) -> Self {
        Self::open_at(core, settings, size, Key::Conn(ConnId(1)))
    }

    /// The same with this conversation open.
    fn open_at(core: Core, settings: Settings, size: (f32, f32), selected: Key) -> Self {
        let zoom = f32::from(settings.text_size) / 100.0;
        let theme = if settings.theme == Theme::Dark { egui::Theme::Dark } else { egui::Theme::Light };
        let words = i18n::words(settings.language);
        let interface = |name: &str, address: &str, kind| Interface {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            kind,
            link: Link::default(),
        };
        let port = |local: &str, owner: Option<(&str, u32)>| ListeningPort {
            local: local.parse().unwrap(),
            owner: owner.map(|(name, pid)| PortOwner { name: name.to_owned(), pid }),
        };
        let still = Still {
            core,
            selected,
            interfaces: vec![
                interface("eth0", "192.168.1.20", InterfaceKind::Lan),
                interface("lo", "127.0.0.1", InterfaceKind::Loopback),
            ],
            ports: vec![
                port("0.0.0.0:22", None),
                port("127.0.0.1:631", Some(("cupsd", 812))),
                port("[::]:8000", Some(("python3", 4711))),
            ],
            backlog_cap: Some(4096),
            zone: TimeZone::UTC,
        };
        // Another driver, or another processor, smooths edges a little otherwise.
        let options = SnapshotOptions::new().threshold(2.0).max_failed_pixels(100);
        let mut builder = Harness::builder();
        if settings.inspector {
            // What text is in other encodings are characters that no font has.
            builder = builder.allow_missing_glyphs();
        }
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
        let mut harness = builder
            .with_size((size.0 / zoom, size.1 / zoom))
            .with_theme(theme)
            .with_max_steps(40)
            .with_options(options)
            .renderer(egui_kittest::LazyRenderer::default())
            .build_eframe(|cc| {
                let mut app = App::new(&cc.egui_ctx, start).unwrap();
                app.hold_still(&cc.egui_ctx, still);
                app
            });
        harness.run();
        Self { harness, words }
    }

    fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.harness.run();
    }

    fn press(&mut self, modifiers: Modifiers, key: Button) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// Compare the window with its picture, without the pointer.
    fn look(&mut self, name: &str) {
        self.harness.event(egui::Event::PointerGone);
        self.harness.run();
        self.harness.snapshot(name);
    }
}

fn settings(language: Language, theme: Theme) -> Settings {
    Settings { language, theme, ..Settings::default() }
}

/// A lesson under way, with these settings.
fn lesson(settings: Settings, size: (f32, f32)) -> Window {
    let mut core = Core::new(settings.conversation_options());
    fill(&mut core, settings.language);
    Window::open(core, settings, size)
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_714_982_400 + second, 0).unwrap()
}

fn happen(core: &mut Core, second: i64, kind: EventKind) {
    let _ = core.apply(Input::Net(Event { at: at(second), kind }), Timestamp::UNIX_EPOCH);
}

/// A call that waited so many milliseconds.
fn call(core: &mut Core, second: i64, (socket, fd): (SocketId, i64), call: Call, outcome: Outcome, waited: u64) {
    let waited = Duration::from_millis(waited);
    let call = SocketCall { socket, fd, call, outcome, at: at(second), waited, count: 1 };
    happen(core, second, EventKind::Call(call));
}

/// The socket of a client, and its descriptor.
fn socket(conn: ConnId) -> (SocketId, i64) {
    (SocketId::Conn(conn), i64::try_from(conn.number()).unwrap() + 11)
}

fn receive(core: &mut Core, second: i64, conn: ConnId, bytes: &[u8]) {
    call(core, second, socket(conn), Call::Recv(4096), Outcome::Bytes(bytes.len() as u64), 4000);
    let manner = core.conversation(Key::Conn(conn)).unwrap().manner().clone();
    let mut framer = Framer::new(manner.framing(), manner.options.unit);
    let (mut out, now) = (BatchBuilder::default(), Duration::ZERO);
    framer.push(bytes, now, &mut out).unwrap();
    framer.quiet(now + QUIET_TAIL, &mut out);
    happen(core, second, EventKind::Received { conn, batch: out.take(), recv_ends: Vec::new() });
}

fn send(core: &mut Core, second: i64, text: &'static str) -> usize {
    let (key, bytes) = (Key::Conn(ConnId(1)), Bytes::from_static(text.as_bytes()));
    let _ = core.apply(Input::SendBytes { key, bytes }, at(second));
    text.len()
}

/// A server with clients in every state, one of them in the middle of a talk.
fn fill(core: &mut Core, language: Language) {
    let local: SocketAddr = "0.0.0.0:8888".parse().unwrap();
    let listener = ListenerId(1);
    let _ = core.apply(Input::Listen(ListenOptions::new(local)), at(0));
    let server = (SocketId::Listener(listener), 11);
    call(core, 0, server, Call::Socket { ipv6: false }, Outcome::Descriptor(11), 0);
    call(core, 0, server, Call::SetOption(SocketOption::ReuseAddress(true)), Outcome::Done, 0);
    call(core, 0, server, Call::Bind(local), Outcome::Done, 0);
    call(core, 0, server, Call::Listen(5), Outcome::Done, 0);
    happen(core, 0, EventKind::Listening { listener, local, backlog: 5 });
    let _ = core.apply(Input::AcceptQueue { waiting: Some(2) }, Timestamp::UNIX_EPOCH);
    let here: SocketAddr = "192.168.1.20:8888".parse().unwrap();
    for (n, peer) in ["192.168.1.21:53124", "192.168.1.22:50412", "192.168.1.123:40100"].iter().enumerate() {
        let (conn, peer) = (ConnId::accepted(n as u64 + 1), peer.parse().unwrap());
        let outcome = Outcome::Accepted { conn, fd: socket(conn).1, peer };
        call(core, n as i64, server, Call::Accept, outcome, 900);
        call(core, n as i64, socket(conn), Call::SetOption(SocketOption::NoDelay(true)), Outcome::Done, 0);
        happen(core, n as i64, EventKind::Accepted { listener, conn, peer, local: here });
    }
    let (target, manner) = (("192.168.1.9".to_owned(), 8888), core.manner().clone());
    let _ = core.apply(Input::Connect { target, name: None, manner }, at(3));
    let conn = ConnId::asked(1);
    let address: SocketAddr = "192.168.1.9:8888".parse().unwrap();
    let refused = io::Error::from_raw_os_error(111);
    let error = NetError::new(Call::Connect(address), Target::Address(address), &refused);
    happen(core, 4, EventKind::ConnectFailed { conn, error });
    receive(core, 5, ConnId::accepted(2), "one\ntwo\n".as_bytes());
    happen(core, 6, EventKind::PeerFinished { conn: ConnId::accepted(3) });
    call(core, 6, socket(ConnId::accepted(3)), Call::Recv(4096), Outcome::Bytes(0), 3000);
    call(core, 6, socket(ConnId::accepted(3)), Call::Close, Outcome::Done, 0);
    let reason = CloseReason::Orderly;
    happen(core, 6, EventKind::Closed { conn: ConnId::accepted(3), reason, bytes_in: 0, bytes_out: 0 });

    let chinese = language == Language::Chinese;
    receive(core, 10, ConnId(1), if chinese { "老师好\n" } else { "Hello from the second row\n" }.as_bytes());
    let bytes = send(core, 20, if chinese { "你好，收到了\n" } else { "Hello, you are through\n" });
    call(core, 20, socket(ConnId(1)), Call::Send(bytes), Outcome::Bytes(bytes as u64), 0);
    happen(core, 20, EventKind::Sent { conn: ConnId(1), message: MessageId::asked(1), bytes });
    let long = if chinese {
        "这一条比较长，用来看看气泡怎样换行：TCP 是字节流，没有消息的边界，所以两次发送可能一次收到，一次发送也可能分几次收到。\n"
    } else {
        "A longer one, to see how a bubble breaks its lines: TCP is a stream of bytes without borders between messages, so \
         that two sends may come in one recv, and one send in several.\n"
    };
    receive(core, 31, ConnId(1), long.as_bytes());
    receive(core, 32, ConnId(1), b"\xc4\xe3\xba\xc3\n");
    receive(core, 40, ConnId(1), if chinese { "没有换行" } else { "no newline" }.as_bytes());
    send(core, 50, "tab\there\nand a second line\n");
    send(core, 60, if chinese { "这条没有发出去\n" } else { "This one did not go out\n" });
    let error = NetError::ours(
        CallKind::Send,
        Target::Address("192.168.1.21:53124".parse().unwrap()),
        Reason::Limit(Limit::SendQueue),
    );
    happen(core, 61, EventKind::SendFailed { conn: ConnId(1), message: MessageId::asked(3), error });
    let _ = core.apply(Input::Read(Key::Conn(ConnId(1))), Timestamp::UNIX_EPOCH);
    let row = |remote: &str, state, descriptor| {
        let local = if state == TcpState::Listen { local } else { here };
        SocketRow {
            unread: Some(if state == TcpState::Listen { 2 } else { 0 }),
            unacknowledged: Some(0),
            ..SocketRow::new(local, remote.parse().unwrap(), state, Holder::ThisProgram(Some(descriptor)))
        }
    };
    let rows = vec![
        row("0.0.0.0:0", TcpState::Listen, 11),
        row("192.168.1.21:53124", TcpState::Established, 12),
        row("192.168.1.22:50412", TcpState::Established, 13),
    ];
    let table = SocketTable { at: at(70), rows, ports: PortsAsked::default(), left_out: 0, complete: true };
    let _ = core.apply(Input::Sockets(Some(Ok(table))), Timestamp::UNIX_EPOCH);
    past(core);
}

/// Two past sessions.
fn past(core: &mut Core) {
    let summary = |number: u64, peer: &str, name: Option<&str>, messages, bytes| {
        let opened = at(-90_000 * i64::try_from(number).unwrap());
        let peer: SocketAddr = peer.parse().unwrap();
        let session = Session {
            id: SessionId(number),
            origin: Origin::Accepted,
            peer: Some(peer),
            local: Some("192.168.1.20:8888".parse().unwrap()),
            name: name.map(str::to_owned),
            encoding: TextEncoding::default(),
            opened,
        };
        let ended = opened + Duration::from_secs(600 * number);
        SessionSummary { session, ended: Some(ended), last: ended, messages, bytes }
    };
    let sessions =
        vec![summary(1, "192.168.1.21:49870", None, 12, 480), summary(2, "192.168.1.22:50001", Some("第二排"), 3, 96)];
    let path = "/data/sockhop/history.db".into();
    let answers = [Answer::Opened { path }, Answer::Sessions { sessions: sessions.clone(), more: false }];
    for answer in answers {
        let _ = core.apply(Input::History(Box::new(answer)), Timestamp::UNIX_EPOCH);
    }
    let _ = core.apply(Input::Latest(sessions), Timestamp::UNIX_EPOCH);
}

const USUAL: (f32, f32) = (1280.0, 800.0);

#[test]
fn the_welcome_looks_as_it_did() {
    let settings = settings(Language::Chinese, Theme::Light);
    let core = Core::new(settings.conversation_options());
    Window::open(core, settings, USUAL).look("welcome-zh");
}

#[test]
fn a_conversation_looks_as_it_did() {
    lesson(settings(Language::English, Theme::Light), USUAL).look("conversation-en");
}

#[test]
fn a_dark_conversation_looks_as_it_did() {
    lesson(settings(Language::Chinese, Theme::Dark), USUAL).look("conversation-zh-dark");
}

#[test]
fn large_text_looks_as_it_did() {
    let settings = Settings { text_size: 200, ..settings(Language::English, Theme::Light) };
    lesson(settings, USUAL).look("conversation-en-200");
}

#[test]
fn the_settings_look_as_they_did_in_a_small_window() {
    let mut window = lesson(settings(Language::English, Theme::Light), (1024.0, 640.0));
    window.press(Modifiers::COMMAND, Button::Comma);
    window.look("settings-en");
}

#[test]
fn the_history_looks_as_it_did() {
    let mut window = lesson(settings(Language::Chinese, Theme::Light), USUAL);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Button::H);
    window.look("history-zh");
}

#[test]
fn the_network_looks_as_it_did() {
    let mut window = lesson(settings(Language::English, Theme::Light), USUAL);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Button::N);
    window.look("network-en");
}

#[test]
fn the_projected_window_looks_as_it_did() {
    let mut window = lesson(settings(Language::Chinese, Theme::Light), USUAL);
    window.press(Modifiers::NONE, Button::F11);
    // What is projected has a zoom of its own, and most projectors have so many pixels.
    let zoom = f32::from(Settings::default().presenter_text_size) / 100.0;
    window.harness.set_size(egui::vec2(1920.0, 1080.0) / zoom);
    window.look("presenter-zh");
}

#[test]
fn the_list_of_labs_looks_as_it_did() {
    let mut window = lesson(settings(Language::English, Theme::Light), USUAL);
    window.click(&fl!(window.words, "labs"));
    window.look("labs-en");
}

#[test]
fn a_lab_under_way_looks_as_it_did() {
    let settings = settings(Language::Chinese, Theme::Light);
    let core = Core::new(settings.conversation_options());
    let mut window = Window::open(core, settings, USUAL);
    let lab = sockhop::core::labs::embedded().0.remove(0);
    window.click(&fl!(window.words, "labs"));
    window.click(&lab.title.zh_cn);
    window.look("lab-zh");
}

/// The inspector beside the conversation, with this tab open.
fn inspect(language: Language, tab: impl Fn(&Words) -> String) -> Window {
    let settings = Settings { inspector: true, ..settings(language, Theme::Light) };
    let mut window = lesson(settings, USUAL);
    let tab = tab(&window.words);
    window.click(&tab);
    window
}

#[test]
fn the_calls_look_as_they_did() {
    inspect(Language::English, |words| fl!(words, "tab-calls")).look("calls-en");
}

#[test]
fn the_bytes_look_as_they_did() {
    inspect(Language::Chinese, |words| fl!(words, "tab-bytes")).look("bytes-zh");
}

#[test]
fn the_connection_looks_as_it_did() {
    inspect(Language::English, |words| fl!(words, "tab-connection")).look("connection-en");
}

/// What keeps a client of a Python server here from an answer.
#[derive(Clone, Copy, Debug)]
enum Ill {
    NotAccepted,
    ServesAnother,
    QueueFull,
    NotRead,
    NoRoom,
    BothWait,
    WaitsForMore,
    EndRead,
    EndElsewhere,
    AnsweredByReset,
    ServerGone,
    ClosedSilently,
    ClosedUnanswered,
    ListensElsewhere,
    OnlyUdp,
    OtherPort,
}

/// Plays it: first what happens, then the kernel's tables, ten seconds long.
fn suffer(core: &mut Core, ill: Ill) -> Key {
    let (server, client): (SocketAddr, SocketAddr) =
        ("127.0.0.1:9999".parse().unwrap(), "127.0.0.1:40222".parse().unwrap());
    let far: SocketAddr = "192.168.1.9:9999".parse().unwrap();
    let elsewhere = matches!(ill, Ill::NoRoom | Ill::EndElsewhere);
    let (peer, local) = if elsewhere { (far, "192.168.1.20:40222".parse().unwrap()) } else { (server, client) };
    let (target, manner) = ((peer.ip().to_string(), peer.port()), core.manner().clone());
    let _ = core.apply(Input::Connect { target, name: None, manner }, at(3));
    let conn = ConnId::asked(1);
    let _ = core.apply(Input::Command(sockhop::net::Command::InSight { conn: Some(conn) }), at(3));
    happen(core, 3, EventKind::Connecting { conn, address: peer, local: Some(local) });
    let failed = |errno: i32| {
        let error = io::Error::from_raw_os_error(errno);
        NetError::new(Call::Connect(peer), Target::Address(peer), &error)
    };
    let refused = matches!(ill, Ill::ListensElsewhere | Ill::OnlyUdp | Ill::OtherPort);
    if refused {
        happen(core, 3, EventKind::ConnectFailed { conn, error: failed(111) });
    } else if !matches!(ill, Ill::QueueFull) {
        happen(core, 4, EventKind::Connected { conn, peer, local });
    }
    let speaks = !refused && !matches!(ill, Ill::QueueFull | Ill::BothWait | Ill::ClosedSilently);
    let finished = |core: &mut Core| happen(core, 4, EventKind::PeerFinished { conn });
    if matches!(ill, Ill::AnsweredByReset) {
        finished(core);
    }
    if speaks {
        let bytes = Bytes::from_static(b"hello\n");
        let _ = core.apply(Input::SendBytes { key: Key::Conn(conn), bytes }, at(5));
        happen(core, 5, EventKind::Sent { conn, message: MessageId::asked(1), bytes: 6 });
        if !matches!(ill, Ill::AnsweredByReset | Ill::NoRoom) {
            happen(core, 5, EventKind::Acknowledged { conn, bytes: 6 });
        }
    }
    let closed =
        |core: &mut Core, reason| happen(core, 6, EventKind::Closed { conn, reason, bytes_in: 0, bytes_out: 6 });
    let reset = || {
        let error = io::Error::from_raw_os_error(104);
        CloseReason::Failed(NetError::new(Call::Recv(4096), Target::Address(peer), &error))
    };
    match ill {
        Ill::NoRoom => happen(core, 6, EventKind::NoRoom { conn, no_room: true }),
        Ill::EndRead | Ill::EndElsewhere => happen(core, 6, EventKind::WriteFinished { conn }),
        Ill::AnsweredByReset => {
            happen(core, 6, EventKind::AnsweredByReset { conn, from: 0 });
            closed(core, reset());
        }
        Ill::ServerGone => closed(core, reset()),
        Ill::ClosedSilently | Ill::ClosedUnanswered => {
            finished(core);
            closed(core, CloseReason::Orderly);
        }
        _ => {}
    }
    let nobody: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let python = |pid| PortOwner { name: "python3".to_owned(), pid };
    let row = |local, remote, state, holder, unread| SocketRow {
        unread: Some(unread),
        unacknowledged: Some(0),
        owner: (holder == Holder::Other).then(|| python(4711)),
        ..SocketRow::new(local, remote, state, holder)
    };
    let (waiting, backlog) = match ill {
        Ill::QueueFull => (2, 1),
        Ill::NotAccepted | Ill::ServesAnother => (1, 5),
        _ => (0, 5),
    };
    let listens_at = match ill {
        Ill::OtherPort => Some("127.0.0.1:9998".parse().unwrap()),
        Ill::ListensElsewhere => Some("127.0.0.2:9999".parse().unwrap()),
        Ill::OnlyUdp | Ill::ServerGone => None,
        _ => Some(server),
    };
    let listening: Vec<SocketRow> = listens_at
        .map(|at| SocketRow { backlog: Some(backlog), ..row(at, nobody, TcpState::Listen, Holder::Other, waiting) })
        .into_iter()
        .collect();
    let (ours, theirs) = match ill {
        Ill::EndRead | Ill::EndElsewhere => (TcpState::FinWait2, TcpState::CloseWait),
        Ill::QueueFull => (TcpState::SynSent, TcpState::Closed),
        _ => (TcpState::Established, TcpState::Established),
    };
    let holder = if matches!(ill, Ill::NotAccepted | Ill::ServesAnother) { Holder::Kernel } else { Holder::Other };
    let unread = if matches!(ill, Ill::NotAccepted | Ill::ServesAnother | Ill::NotRead) { 6 } else { 0 };
    let mut rows = listening.clone();
    rows.push(SocketRow {
        unacknowledged: Some(if matches!(ill, Ill::NoRoom) { 587_668 } else { 0 }),
        ..row(local, peer, ours, Holder::ThisProgram(Some(12)), 0)
    });
    if !elsewhere && theirs != TcpState::Closed {
        rows.push(row(peer, local, theirs, holder, unread));
    }
    if matches!(ill, Ill::ServesAnother) {
        rows.push(row(peer, "127.0.0.1:40111".parse().unwrap(), TcpState::Established, Holder::Other, 0));
    }
    let udp = if matches!(ill, Ill::OnlyUdp) {
        vec![ListeningPort { local: server, owner: Some(python(4711)) }]
    } else {
        Vec::new()
    };
    let ports = PortsAsked { ports: [9999].into(), udp, listening };
    for second in [8, 18] {
        let table =
            SocketTable { at: at(second), rows: rows.clone(), ports: ports.clone(), left_out: 0, complete: true };
        let _ = core.apply(Input::Sockets(Some(Ok(table))), at(second));
        let _ = core.apply(Input::Wake, at(second));
    }
    assert!(core.diagnosis(Key::Conn(conn)).is_some(), "{ill:?}");
    Key::Conn(conn)
}

fn ill(settings: Settings, size: (f32, f32), ill: Ill) -> Window {
    let mut core = Core::new(settings.conversation_options());
    listen(&mut core, 3);
    let selected = suffer(&mut core, ill);
    Window::open_at(core, settings, size, selected)
}

#[test]
fn a_diagnosis_looks_as_it_did_with_its_evidence() {
    let settings = Settings { inspector: true, ..settings(Language::Chinese, Theme::Light) };
    let mut window = ill(settings, USUAL, Ill::NotAccepted);
    let evidence = fl!(window.words, "diagnosis-evidence");
    window.click(&evidence);
    window.look("diagnosis-zh");
}

#[test]
#[ignore = "for people to look at"]
fn every_diagnosis() {
    let all = [
        Ill::NotAccepted,
        Ill::ServesAnother,
        Ill::QueueFull,
        Ill::NotRead,
        Ill::NoRoom,
        Ill::BothWait,
        Ill::WaitsForMore,
        Ill::EndRead,
        Ill::EndElsewhere,
        Ill::AnsweredByReset,
        Ill::ServerGone,
        Ill::ClosedSilently,
        Ill::ClosedUnanswered,
        Ill::ListensElsewhere,
        Ill::OnlyUdp,
        Ill::OtherPort,
    ];
    for (n, one) in all.into_iter().enumerate() {
        for (language, theme, size, text) in [
            (Language::Chinese, Theme::Light, USUAL, 100),
            (Language::English, Theme::Dark, (1024.0, 640.0), 100),
            (Language::Chinese, Theme::Dark, USUAL, 200),
        ] {
            let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures").join("diagnoses");
            std::fs::create_dir_all(&folder).unwrap();
            let settings = Settings { inspector: text == 100, text_size: text, ..settings(language, theme) };
            let mut window = ill(settings, size, one);
            if text == 100 {
                let evidence = fl!(window.words, "diagnosis-evidence");
                window.click(&evidence);
            }
            let picture = window.harness.render().unwrap();
            picture.save(folder.join(format!("{n:02}-{one:?}-{language:?}-{theme:?}-{text}.png"))).unwrap();
        }
    }
}

/// Width and height in pixels, and the text size in percent; the first two are enough to see another theme, which moves
/// nothing.
const SIZES: [(f32, f32, u16); 6] = [
    (1024.0, 640.0, 100),
    (1280.0, 800.0, 200),
    (800.0, 600.0, 100),
    (1024.0, 640.0, 200),
    (1366.0, 768.0, 80),
    (1920.0, 1080.0, 150),
];

/// The labs, by their place in the list, whose cards are looked at: the first, and those with the most to say.
const LABS: [usize; 4] = [0, 2, 6, 7];

/// Takes pictures of a window in every size.
struct Album {
    settings: Settings,
    folder: std::path::PathBuf,
}

impl Album {
    fn new(language: Language, theme: Theme) -> Self {
        let name = format!("{language:?}-{theme:?}").to_lowercase();
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self { settings: settings(language, theme), folder }
    }

    fn open(&self, fill: impl FnOnce(&mut Core)) -> Window {
        let mut core = Core::new(self.settings.conversation_options());
        fill(&mut core);
        Window::open(core, self.settings.clone(), USUAL)
    }

    fn take(&self, window: &mut Window, name: &str) {
        window.harness.event(egui::Event::PointerGone);
        let sizes = if self.settings.theme == Theme::Dark { &SIZES[..2] } else { &SIZES[..] };
        for &(width, height, text) in sizes {
            let zoom = f32::from(text) / 100.0;
            window.harness.ctx.set_zoom_factor(zoom);
            // Another zoom makes another size of the one before; the size that is wanted comes after it.
            window.harness.run();
            window.harness.set_size(egui::vec2(width, height) / zoom);
            // What is as high as its content knows it a frame later.
            window.harness.run();
            window.harness.run();
            let picture = window.harness.render().unwrap();
            picture.save(self.folder.join(format!("{name}-{width}x{height}-{text}.png"))).unwrap();
        }
        window.harness.ctx.set_zoom_factor(1.0);
        window.harness.run();
        window.harness.set_size(egui::vec2(USUAL.0, USUAL.1));
        window.harness.run();
    }

    fn take_all(&self) {
        let mut window = self.open(|_| {});
        self.take(&mut window, "welcome");
        for place in LABS {
            let mut window = self.open(|_| {});
            let lab = sockhop::core::labs::embedded().0.remove(place);
            window.press(Modifiers::NONE, Button::F9);
            let title = if self.settings.language == Language::Chinese { lab.title.zh_cn } else { lab.title.en };
            window.click(&title);
            self.take(&mut window, &format!("lab-{}", place + 1));
        }

        let mut window = self.open(|core| listen(core, 0));
        self.take(&mut window, "listening");
        let mut window = self.open(|core| listen(core, 12));
        self.take(&mut window, "twelve");

        let mut window = self.open(|core| fill(core, self.settings.language));
        self.take(&mut window, "conversation");
        let both = Modifiers::COMMAND | Modifiers::SHIFT;
        for (name, modifiers, key) in [
            ("settings", Modifiers::COMMAND, Button::Comma),
            ("history", both, Button::H),
            ("network", both, Button::N),
            ("notices", both, Button::L),
            ("connect", Modifiers::COMMAND, Button::N),
            ("shortcuts", Modifiers::NONE, Button::F1),
            ("labs", Modifiers::NONE, Button::F9),
            ("palette", Modifiers::COMMAND, Button::K),
        ] {
            window.press(modifiers, key);
            self.take(&mut window, name);
            window.press(Modifiers::NONE, Button::Escape);
        }
        // From here on with glyphs that are missing: bytes are shown in encodings that they are not in.
        let settings = Settings { inspector: true, ..self.settings.clone() };
        let mut window = lesson(settings, USUAL);
        for (name, tab) in [
            ("calls", fl!(window.words, "tab-calls")),
            ("bytes", fl!(window.words, "tab-bytes")),
            ("tcp", fl!(window.words, "tab-connection")),
            ("code", fl!(window.words, "tab-code")),
        ] {
            window.click(&tab);
            self.take(&mut window, name);
        }
        window.press(Modifiers::NONE, Button::F12);
        window.press(Modifiers::NONE, Button::F11);
        self.take(&mut window, "presenter");

        let mut window = ill(self.settings.clone(), USUAL, Ill::NotAccepted);
        window.press(Modifiers::NONE, Button::F11);
        self.take(&mut window, "presenter-ill");
    }
}

/// A server that listens, with so many clients of one computer, some of which have gone.
fn listen(core: &mut Core, clients: u16) {
    let listener = ListenerId(1);
    let local: SocketAddr = "0.0.0.0:8888".parse().unwrap();
    let _ = core.apply(Input::Listen(ListenOptions::new(local)), at(0));
    happen(core, 0, EventKind::Listening { listener, local, backlog: 5 });
    let _ = core.apply(Input::AcceptQueue { waiting: Some(0) }, Timestamp::UNIX_EPOCH);
    for n in 1..=clients {
        let (conn, peer) = (ConnId::accepted(n.into()), SocketAddr::from(([127, 0, 0, 1], 50_100 + 2 * n)));
        happen(core, i64::from(n), EventKind::Accepted { listener, conn, peer, local });
        if n % 3 > 0 {
            receive(core, 20, conn, format!("{n}: hello 你好\n").as_bytes());
        }
        if n % 4 == 0 {
            happen(core, 30, EventKind::Closed { conn, reason: CloseReason::Orderly, bytes_in: 0, bytes_out: 0 });
        }
    }
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn every_screen_in_english_light() {
    Album::new(Language::English, Theme::Light).take_all();
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn every_screen_in_english_dark() {
    Album::new(Language::English, Theme::Dark).take_all();
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn every_screen_in_chinese_light() {
    Album::new(Language::Chinese, Theme::Light).take_all();
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn every_screen_in_chinese_dark() {
    Album::new(Language::Chinese, Theme::Dark).take_all();
}

/// People nearby, one of them in the middle of a talk: read, delivered, waiting after a cut.
fn meet(core: &mut Core, language: Language) {
    let chinese = language == Language::Chinese;
    let (me, names) = if chinese {
        ("讲台", ["三排二座", "实验室 07", "机房 4 号"])
    } else {
        ("Teacher’s desk", ["Row 3, seat 2", "Lab 07", "Room 4, PC 2"])
    };
    let me = Me { name: me.to_owned(), receipts: true, ..Me::default() };
    let identity = Identity::generate().unwrap();
    let options = Options { identity, me, interfaces: Vec::new(), lan_port: 0, beacon_port: 1, keys: None };
    let _ = core.apply(Input::History(Box::new(Answer::People(Vec::new()))), at(0));
    let _ = core.apply(Input::People(PeopleInput::Appear(Box::new(options))), at(0));
    met(core, 0, lan::EventKind::Visible { port: 28888 });
    for ((n, name), colour) in (1_u8..).zip(names).zip([0, 1, 6]) {
        let id = PersonId([n * 37; 32]);
        let presence = if n == 2 { Presence::Away } else { Presence::Here };
        let colour = PersonColour::new(colour);
        let address = SocketAddr::from(([192, 168, 1, 30 + n], 28888));
        let hello = Greeting {
            name: name.to_owned(),
            colour,
            presence,
            epoch: Epoch(7),
            first: 1,
            has: Taken::default(),
            receipts: true,
        };
        met(core, 1, lan::EventKind::Greeted { with: id, address: Some(address), hello: Box::new(hello) });
    }
    let (first, second, third) = (PersonId([37; 32]), PersonId([74; 32]), PersonId([111; 32]));
    let _ = core.apply(Input::People(PeopleInput::Verify(first)), at(2));
    let digits = lan::Digits(482_193);
    met(core, 2, lan::EventKind::Digits { with: first, digits, theirs: false });
    met(core, 2, lan::EventKind::Compared { with: first, outcome: Comparison::Same });
    let _ = core.apply(Input::People(PeopleInput::StopVerifying(first)), at(2));
    let says = |core: &mut Core, second, from, n, text: &'static str| {
        let message = Incoming { mark: n, at: 0, text: Some(Bytes::from_static(text.as_bytes())), again: false };
        met(core, second, lan::EventKind::Received { from, epoch: Epoch(7), first: n, messages: vec![message] });
    };
    let write = |core: &mut Core, second, text: &str| {
        let _ = core.apply(Input::SendText { key: Key::Person(first), text: text.to_owned() }, at(second));
    };
    let [question, answer, another, waiting, other] = if chinese {
        [
            "老师，客户端没有 bind，我的端口为什么是 52110？",
            "没有 bind 时，connect 会替你选一个：\n1. 内核从动态端口里取一个空闲的；\n2. 用 getsockname() 可以看到它。",
            "那 accept 返回的端口，是它的还是服务器的？",
            "是它的：对方的地址和端口。服务器的端口一直是 8888。",
            "先 bind 再 listen",
        ]
    } else {
        [
            "I did not call bind: why is my port 52110?",
            "Without bind, connect chooses one for you:\n1. the kernel takes a free one of the ephemeral ports;\n2. getsockname() shows it.",
            "And the port that accept gives, is it hers or the server’s?",
            "The client’s: address and port of the peer. The server’s port is 8888 all the time.",
            "bind first, then listen",
        ]
    };
    says(core, 60, first, 1, question);
    write(core, 90, answer);
    let epoch = core.people().get(first).unwrap().record().ours.epoch;
    met(core, 91, lan::EventKind::Delivered { to: first, epoch, n: 1 });
    met(core, 92, lan::EventKind::Read { by: first, epoch, n: 1 });
    says(core, 100, first, 2, another);
    met(core, 110, lan::EventKind::Link { with: first, state: lan::LinkState::Waiting });
    write(core, 120, waiting);
    says(core, 130, second, 1, other);
    met(core, 140, lan::EventKind::Link { with: third, state: lan::LinkState::Absent });
    met(core, 140, lan::EventKind::Gone(third));
    let _ = core.apply(Input::Read(Key::Person(first)), at(150));
}

fn met(core: &mut Core, second: i64, kind: lan::EventKind) {
    let _ = core.apply(Input::Lan(lan::Event { at: at(second), kind }), at(second));
}

/// The settings of somebody who is seen under the name that [`meet`] gives.
fn seen(settings: Settings) -> Settings {
    let name = if settings.language == Language::Chinese { "讲台" } else { "Teacher’s desk" };
    Settings { visible: Visible::On, lan_name: name.to_owned(), ..settings }
}

/// A window with people nearby.
fn nearby(settings: Settings, size: (f32, f32)) -> Window {
    let settings = seen(settings);
    let mut core = Core::new(settings.conversation_options());
    meet(&mut core, settings.language);
    let name = if settings.language == Language::Chinese { "三排二座" } else { "Row 3, seat 2" };
    let mut window = Window::open(core, settings, size);
    let row = fl!(window.words, "shield-verified");
    let row = format!("{name}, {}, {row}", fl!(window.words, "presence-here"));
    window.click(&row);
    window
}

#[test]
fn a_conversation_with_a_person_looks_as_it_did() {
    nearby(settings(Language::Chinese, Theme::Light), USUAL).look("person-zh");
}

impl Album {
    fn take_people(&self) {
        let second = if self.settings.language == Language::Chinese { "实验室 07" } else { "Lab 07" };
        let mut window = nearby(self.settings.clone(), USUAL);
        self.take(&mut window, "person");
        let protected = fl!(window.words, "shield-verified");
        window.click(&protected);
        self.take(&mut window, "protection");
        window.press(Modifiers::NONE, Button::Escape);
        window.press(Modifiers::COMMAND | Modifiers::SHIFT, Button::N);
        self.take(&mut window, "people-network");
        window.press(Modifiers::NONE, Button::Escape);
        window.press(Modifiers::COMMAND, Button::Comma);
        self.take(&mut window, "people-settings");

        // Somebody else comes under the name of the one who is verified; and another asks to compare.
        let settings = seen(self.settings.clone());
        let mut core = Core::new(settings.conversation_options());
        meet(&mut core, settings.language);
        let name = core.people().get(PersonId([37; 32])).unwrap().name().to_owned();
        let stranger = PersonId([200; 32]);
        let hello = Greeting {
            name: name.clone(),
            colour: PersonColour::new(2),
            presence: Presence::Busy,
            epoch: Epoch(7),
            first: 1,
            has: Taken::default(),
            receipts: true,
        };
        met(&mut core, 200, lan::EventKind::Greeted { with: stranger, address: None, hello: Box::new(hello) });
        let compares = PersonId([74; 32]);
        met(&mut core, 201, lan::EventKind::Digits { with: compares, digits: lan::Digits(482_193), theirs: true });
        let mut window = Window::open(core, settings.clone(), USUAL);
        let (busy, new_key) = (fl!(window.words, "presence-busy"), fl!(window.words, "shield-new-key"));
        window.click(&format!("{name}, {busy}, {new_key}"));
        self.take(&mut window, "new-key");
        let row = format!(
            "{second}, {}, {}, {}",
            fl!(window.words, "presence-away"),
            fl!(window.words, "shield-encrypted"),
            fl!(window.words, "unread", count = 1)
        );
        window.click(&row);
        let show = fl!(window.words, "bar-compare-show");
        self.take(&mut window, "compare");
        window.click(&show);
        self.take(&mut window, "verify");

        // The lab about a listener, after its text went over TLS.
        let settings = Settings { inspector: true, ..self.settings.clone() };
        let mut core = Core::new(settings.conversation_options());
        let text = Bytes::from_static("你好，2 点见".as_bytes());
        let conn = ConnId::asked(1);
        let manner = core.manner().clone();
        let target = ("127.0.0.1".to_owned(), 8888);
        let _ = core.apply(Input::Connect { target, name: None, manner }, at(0));
        let here: SocketAddr = "127.0.0.1:52110".parse().unwrap();
        happen(&mut core, 0, EventKind::Connected { conn, peer: "127.0.0.1:8888".parse().unwrap(), local: here });
        let _ = core.apply(Input::SendText { key: Key::Conn(conn), text: "你好，2 点见".to_owned() }, at(1));
        let rehearsed = lan::rehearse(&text, false).map_err(|error| error.to_string());
        met(&mut core, 2, lan::EventKind::Rehearsed(rehearsed));
        let mut window = Window::open(core, settings, USUAL);
        let lab = sockhop::core::labs::embedded().0.into_iter().find(|lab| lab.id.ends_with("listener")).unwrap();
        window.press(Modifiers::NONE, Button::F9);
        let title = if self.settings.language == Language::Chinese { lab.title.zh_cn } else { lab.title.en };
        window.click(&title);
        self.take(&mut window, "wire");
        window.press(Modifiers::SHIFT, Button::F12);
        self.take(&mut window, "wire-wide");
    }
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn people_in_both_languages_and_themes() {
    for (language, theme) in [
        (Language::Chinese, Theme::Light),
        (Language::English, Theme::Dark),
        (Language::Chinese, Theme::Dark),
        (Language::English, Theme::Light),
    ] {
        Album::new(language, theme).take_people();
    }
}

impl Album {
    /// What talks to devices, and what has no connection.
    fn take_devices(&self) {
        let mut core = Core::new(self.settings.conversation_options());
        listen(&mut core, 2);
        let conn = ConnId::accepted(1);
        receive(&mut core, 40, conn, b"T=21.5##T=21.6##\nT=21.7##\n");
        let mut window = Window::open_at(core, self.settings.clone(), USUAL, Key::Conn(conn));
        let (framing, line) = (fl!(window.words, "framing"), fl!(window.words, "framing-line"));
        let (other, own) = (fl!(window.words, "framing-other"), fl!(window.words, "framing-own"));
        window.click(&format!("{framing}: {line}"));
        window.click(&other);
        window.click(&format!("{framing}: {own}"));
        self.take(&mut window, "framing");
        window.press(Modifiers::NONE, Button::Escape);
        let (more, saved) = (fl!(window.words, "send-more"), fl!(window.words, "saved-messages"));
        window.click(&more);
        window.click(&saved);
        self.take(&mut window, "saved");
        window.press(Modifiers::NONE, Button::Escape);
        let (menu, replies) = (fl!(window.words, "conversation-menu"), fl!(window.words, "auto-reply"));
        let by_rules = fl!(window.words, "auto-reply-rules-ask");
        window.click(&menu);
        window.harness.get_by_label(&replies).hover();
        window.harness.run();
        window.click(&by_rules);
        self.take(&mut window, "rules");

        let mut core = Core::new(self.settings.conversation_options());
        let local: SocketAddr = "0.0.0.0:9000".parse().unwrap();
        let manner = ConversationOptions { line_ending: LineEnding::None, ..self.settings.conversation_options() };
        let _ = core.apply(Input::ListenUdp { options: UdpOptions::new(local), manner }, at(0));
        let listener = ListenerId(1);
        happen(&mut core, 0, EventKind::UdpBound { listener, local, group: None });
        for n in 1..=2 {
            let (conn, peer) = (ConnId::accepted(n), format!("192.168.1.2{n}:5012{n}").parse().unwrap());
            happen(&mut core, 1, EventKind::UdpHeard { socket: SocketId::Listener(listener), conn, peer, local });
            receive(&mut core, 2, conn, "温度 21.5".as_bytes());
        }
        let udp = Key::Conn(ConnId::accepted(1));
        let _ = core.apply(Input::SendText { key: udp, text: "收到".to_owned() }, at(3));
        let settings = Settings { inspector: true, ..self.settings.clone() };
        let mut window = Window::open_at(core, settings, USUAL, udp);
        self.take(&mut window, "udp");
        window.press(Modifiers::NONE, Button::F12);
        window.press(Modifiers::NONE, Button::F11);
        self.take(&mut window, "udp-presenter");
    }
}

#[test]
#[ignore = "takes minutes, and is for people to look at"]
fn devices_in_both_languages_and_themes() {
    for (language, theme) in [
        (Language::Chinese, Theme::Light),
        (Language::English, Theme::Dark),
        (Language::Chinese, Theme::Dark),
        (Language::English, Theme::Light),
    ] {
        Album::new(language, theme).take_devices();
    }
}
