//! The window as it looks: pictures in `tests/snapshots`, of a core made by hand with times and addresses that stay.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test pictures` draws them anew. They need Vulkan; Mesa's lavapipe will do.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

use std::{io, net::SocketAddr};

use bytes::Bytes;
use egui::{CentralPanel, Frame, Margin, Panel, Ui};
use egui_kittest::{Harness, SnapshotOptions};
use jiff::{Timestamp, tz::TimeZone};
use sockhop::{
    core::{Core, Input, Key},
    explain::Facts,
    host::{Interface, InterfaceKind},
    i18n::{self, Words},
    net::{
        Call, CallKind, CloseReason, ConnId, Event, EventKind, Limit, ListenOptions, ListenerId, MessageId, NetError,
        Reason, Target,
    },
    settings::{Language, Settings},
    window::{
        Cx, fonts,
        parts::{conversation::ConversationPanel, sidebar::Sidebar},
        screen::{settings::SettingsPane, welcome::Welcome},
        theme,
    },
    wire::{BatchBuilder, Framer, QUIET_TAIL},
};

/// What is beside the sidebar.
#[derive(Clone, Copy, PartialEq)]
enum Scene {
    Welcome,
    Conversation,
    /// The settings, and the conversation if there is room for both.
    Settings,
}

/// A window without its threads.
struct Window {
    core: Core,
    settings: Settings,
    words: Words,
    interfaces: Vec<Interface>,
    scene: Scene,
    selected: Key,
    welcome: Welcome,
    conversation: ConversationPanel,
    pane: SettingsPane,
}

impl Window {
    fn new(scene: Scene, language: Language) -> Self {
        let settings = Settings { language, ..Settings::default() };
        let mut core = Core::new(settings.conversation_options());
        if scene != Scene::Welcome {
            fill(&mut core, language);
        }
        let interface = |name: &str, address: &str, kind| Interface {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            kind,
        };
        let interfaces = vec![
            interface("eth0", "192.168.1.20", InterfaceKind::Lan),
            interface("lo", "127.0.0.1", InterfaceKind::Loopback),
        ];
        let mut conversation = ConversationPanel::default();
        conversation.composer.focus();
        Self {
            core,
            words: i18n::words(language),
            settings,
            interfaces,
            scene,
            selected: Key::Conn(ConnId(1)),
            welcome: Welcome::default(),
            conversation,
            pane: SettingsPane::default(),
        }
    }

    /// The same places as in the app.
    fn draw(&mut self, ui: &mut Ui) {
        let look = theme::palette(ui.ctx());
        let cx = Cx {
            core: &self.core,
            settings: &self.settings,
            words: &self.words,
            look,
            interfaces: &self.interfaces,
            facts: &Facts::default(),
            backlog_cap: Some(4096),
            zone: &TimeZone::UTC,
            selected: self.selected,
            chosen: None,
            inspecting: false,
            presenting: false,
            labs: &[],
        };
        let width = ui.available_width();
        Panel::left("sidebar")
            .resizable(false)
            .exact_size((width * 0.225).clamp(196.0, 276.0))
            .frame(Frame::new().fill(look.side).inner_margin(Margin::same(if width < 700.0 { 8 } else { 12 })))
            .show(ui, |ui| Sidebar::default().show(ui, &cx));
        if self.scene == Scene::Settings {
            self.pane.show_beside(ui, &cx);
        }
        CentralPanel::default().frame(Frame::new().fill(look.ground)).show(ui, |ui| {
            if self.scene == Scene::Welcome {
                drop(self.welcome.show(ui, &cx));
            } else {
                drop(self.conversation.show(ui, &cx));
            }
        });
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_714_982_400 + second, 0).unwrap()
}

fn happen(core: &mut Core, second: i64, kind: EventKind) {
    let _ = core.apply(Input::Net(Event { at: at(second), kind }), Timestamp::UNIX_EPOCH);
}

fn receive(core: &mut Core, second: i64, conn: ConnId, bytes: &[u8]) {
    let manner = core.conversation(Key::Conn(conn)).unwrap().manner().clone();
    let mut framer = Framer::new(manner.framing(), manner.options.unit);
    let (mut out, now) = (BatchBuilder::default(), std::time::Instant::now());
    framer.push(bytes, now, &mut out).unwrap();
    framer.quiet(now + QUIET_TAIL, &mut out);
    happen(core, second, EventKind::Received { conn, batch: out.take(), recv_ends: Vec::new() });
}

fn send(core: &mut Core, second: i64, text: &'static str) {
    let (key, bytes) = (Key::Conn(ConnId(1)), Bytes::from_static(text.as_bytes()));
    let _ = core.apply(Input::SendBytes { key, bytes }, at(second));
}

/// A server with clients in every state, one of them in the middle of a talk.
fn fill(core: &mut Core, language: Language) {
    let local: SocketAddr = "0.0.0.0:8888".parse().unwrap();
    let listener = ListenerId(1);
    let _ = core.apply(Input::Listen(ListenOptions::new(local)), at(0));
    happen(core, 0, EventKind::Listening { listener, local, backlog: 5 });
    let _ = core.apply(Input::AcceptQueue { waiting: Some(2) }, Timestamp::UNIX_EPOCH);
    let here: SocketAddr = "192.168.1.20:8888".parse().unwrap();
    for (n, peer) in ["192.168.1.21:53124", "192.168.1.22:50412", "192.168.1.123:40100"].iter().enumerate() {
        let (conn, peer) = (ConnId::accepted(n as u64 + 1), peer.parse().unwrap());
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
    let reason = CloseReason::Orderly;
    happen(core, 6, EventKind::Closed { conn: ConnId::accepted(3), reason, bytes_in: 0, bytes_out: 0 });

    let chinese = language == Language::Chinese;
    receive(core, 10, ConnId(1), if chinese { "老师好\n" } else { "Hello from the second row\n" }.as_bytes());
    send(core, 20, if chinese { "你好，收到了\n" } else { "Hello, you are through\n" });
    happen(core, 20, EventKind::Sent { conn: ConnId(1), message: MessageId::asked(1), bytes: 1 });
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
}

/// Draw the scene and compare it with its picture.
fn look(name: &str, scene: Scene, language: Language, theme: egui::Theme, (width, height): (f32, f32), zoom: f32) {
    let mut window = Window::new(scene, language);
    // Another driver, or another processor, smooths edges a little otherwise.
    let options = SnapshotOptions::new().threshold(2.0).max_failed_pixels(100);
    let mut harness = Harness::builder()
        .with_size((width / zoom, height / zoom))
        .with_pixels_per_point(zoom)
        .with_theme(theme)
        .with_max_steps(20)
        .with_options(options)
        .with_context_setup(|ctx| {
            fonts::install(ctx);
            theme::install(ctx);
        })
        .renderer(egui_kittest::LazyRenderer::default())
        .build_ui(move |ui| {
            let whole = ui.ctx().content_rect();
            ui.scope_builder(egui::UiBuilder::new().max_rect(whole), |ui| {
                ui.set_clip_rect(whole);
                window.draw(ui);
            });
        });
    harness.run();
    if scene != Scene::Welcome {
        harness.event(egui::Event::Text("你好".to_owned()));
    }
    harness.run();
    harness.snapshot(name);
}

const USUAL: (f32, f32) = (1280.0, 800.0);

#[test]
fn the_welcome_looks_as_it_did() {
    look("welcome-en-light", Scene::Welcome, Language::English, egui::Theme::Light, USUAL, 1.0);
}

#[test]
fn the_welcome_looks_as_it_did_in_chinese_and_dark() {
    look("welcome-zh-dark", Scene::Welcome, Language::Chinese, egui::Theme::Dark, USUAL, 1.0);
}

#[test]
fn a_conversation_looks_as_it_did() {
    look("conversation-en-light", Scene::Conversation, Language::English, egui::Theme::Light, USUAL, 1.0);
}

#[test]
fn a_conversation_looks_as_it_did_in_chinese_and_dark() {
    look("conversation-zh-dark", Scene::Conversation, Language::Chinese, egui::Theme::Dark, USUAL, 1.0);
}

#[test]
fn the_settings_look_as_they_did_in_a_small_window() {
    look("settings-en-light", Scene::Settings, Language::English, egui::Theme::Light, (1024.0, 640.0), 1.0);
}

#[test]
fn large_text_looks_as_it_did() {
    look("conversation-en-200", Scene::Conversation, Language::English, egui::Theme::Light, USUAL, 2.0);
}
