//! Why a conversation does not do what it should: under its header and on its row, with one click to the evidence, and
//! gone when it is so no longer. The other ends are beginners' scripts.

#![cfg(target_os = "linux")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use i18n_embed_fl::fl;

use sockhop::core::tcp_states::End;

use super::{
    mistakes::explain,
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

/// A script with a mistake, which ends with the test.
struct Mistake {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Mistake {
    fn start(mistake: &str, port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/mistakes.py");
        let mut command = Command::new("python3");
        command.arg(script).args([mistake, "127.0.0.1", &port.to_string()]).env("PYTHONUTF8", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// A server, and its address.
    fn server(mistake: &str) -> (Self, SocketAddr) {
        let mut server = Self::start(mistake, 0);
        let line = server.line();
        let port = line.trim_end_matches(')').rsplit_once(' ').unwrap().1;
        let address = ([127, 0, 0, 1], port.parse().unwrap()).into();
        (server, address)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn go_on(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap()).unwrap();
    }

    fn program(&self, window: &Window) -> String {
        fl!(window.words, "program-other", name = "python3", pid = self.child.id().to_string())
    }
}

impl Drop for Mistake {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(window: &mut Window, address: SocketAddr) {
    let field = fl!(window.words, "address");
    window.fill(&field, &address.to_string());
    let connect = fl!(window.words, "connect");
    window.click(&connect);
    let open = fl!(window.words, "state-open");
    window.until("the connection", |window| window.sees_part(&format!("{address}, {open}")));
}

#[test]
fn a_server_that_does_not_accept_is_named_under_the_header_and_on_the_row_until_it_does() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let (server, address) = Mistake::server("never_accepts");
        connect(&mut window, address);
        let what = fl!(window.words, "diagnosis-not-accepted-figures", waiting = 1, backlog = 5);
        let todo = fl!(window.words, "diagnosis-not-accepted-todo", program = server.program(&window));
        window.see(&what);
        window.see(&todo);
        // On the row, and to be heard.
        assert!(window.row_of(&format!("→ {address}")).contains(&what));
        let spoken = fl!(window.words, "diagnosis-named", what = what.as_str(), todo = todo.as_str());
        assert!(window.spoken().contains(&spoken), "{:?}", window.spoken());
        // It is no toast: nothing is to be dismissed, and nothing is in the list of notices.
        assert_eq!(window.app().core().notices().len(), 0);
        // The evidence is one click away.
        window.click(&fl!(window.words, "diagnosis-evidence"));
        let tab = fl!(window.words, "tab-connection");
        window.until("the tab with the evidence", |window| window.is_on(&tab));
        window.see(&fl!(window.words, "evidence-owner-none"));
        window.see(&fl!(window.words, "evidence-listener", address = address.to_string()));
        window.see("1\u{a0}/\u{a0}5");
        // It holds no longer than it is so.
        drop(server);
        window.see_gone(&what);
        window.until("silence", |window| !window.spoken().contains(&spoken));
    });
}

/// A program that has accepted and does not read, with a message in its buffer; and what is said of it.
fn not_read(window: &mut Window) -> (Mistake, String) {
    let (mut server, address) = Mistake::server("never_reads");
    connect(window, address);
    assert_eq!(server.line(), "accepted");
    window.say("hello");
    let program = server.program(window);
    let what = fl!(window.words, "diagnosis-not-read", program = program, bytes = 6);
    window.see(&what);
    (server, what)
}

#[test]
fn bytes_that_a_program_does_not_read_are_counted_until_it_reads_them() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let (mut server, what) = not_read(&mut window);
        server.go_on();
        assert_eq!(server.line(), "received: hello");
        window.see_gone(&what);
    });
}

#[test]
fn what_is_written_stays_in_sight_under_a_diagnosis_where_a_small_window_is_projected() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let (_server, _what) = not_read(&mut window);
        window.press(egui::Modifiers::NONE, egui::Key::F11);
        // 1024 by 640 at 160 %.
        window.resize(640.0, 400.0);
        window.settle();
        let evidence = window.place_of(&fl!(window.words, "diagnosis-evidence"));
        let field = window.place_of(&fl!(window.words, "message"));
        assert!(evidence.bottom() <= field.top(), "{evidence:?} {field:?}");
        let encoding = format!("{}: UTF-8", fl!(window.words, "encoding"));
        let options = window.place_of(&encoding);
        assert!(options.bottom() <= 400.0, "{options:?} {field:?}");
    });
}

#[test]
fn a_message_to_a_client_that_has_closed_is_not_delivered_and_no_toast_says_so() {
    in_each_language(|setup| {
        let replies = setup.with(|settings| {
            settings.auto_reply = sockhop::settings::AutoReplyChoice::Text;
            settings.reply_text = "数据已收到".to_owned();
        });
        let (mut window, address) = replies.listening();
        let mut client = Mistake::start("sends_and_closes", address.port());
        assert!(client.line().starts_with("connected"));
        let what = fl!(window.words, "diagnosis-answered-by-reset", messages = 1);
        window.see(&what);
        let (told, _) = window.see_message(true, "数据已收到");
        assert!(!told.contains('✓'), "{told}");
        assert_eq!(window.app().core().notices().len(), 0);
        assert!(told.contains(&fl!(window.words, "sent-not-delivered")), "{told}");
        // No end stays in TIME-WAIT: there is nothing of it in the kernel.
        let (_, conversation) = window.app().core().conversations().next().unwrap();
        let history = conversation.tcp.history();
        assert_eq!((history.time_wait(), history.reset), (None, Some(End::Peer)));
        window.click(&fl!(window.words, "diagnosis-evidence"));
        let tab = fl!(window.words, "tab-calls");
        window.until("the tab with the evidence", |window| window.is_on(&tab));
    });
}

#[test]
fn a_client_that_reads_the_answer_and_closes_is_nothing_to_talk_of() {
    let replies = Setup::new(sockhop::settings::Language::English).with(|settings| {
        settings.auto_reply = sockhop::settings::AutoReplyChoice::Text;
        settings.reply_text = "got it".to_owned();
    });
    let (mut window, address) = replies.listening();
    let mut client = Mistake::start("sends_and_waits", address.port());
    assert!(client.line().starts_with("connected"));
    assert!(client.line().starts_with("received: b'got it"));
    window.until("its end", |window| {
        window.app().core().conversations().next().is_some_and(|(_, conversation)| conversation.state.is_over())
    });
    window.settle();
    let (_, conversation) = window.app().core().conversations().next().unwrap();
    assert_eq!(conversation.diagnosis(), None);
    let closed = sockhop::core::ConnState::Closed(sockhop::net::CloseReason::Orderly);
    assert_eq!(conversation.state, closed);
}

#[test]
fn what_waits_is_send_while_the_peer_does_not_read_its_echo() {
    let setup = Setup::new(sockhop::settings::Language::English)
        .with(|settings| settings.auto_reply = sockhop::settings::AutoReplyChoice::Echo);
    let (mut window, address) = setup.listening();
    let mut client = Mistake::start("floods_and_never_reads", address.port());
    assert!(client.line().starts_with("connected"));
    assert!(client.line().starts_with("sent"));
    let socket = |window: &Window| {
        let conn = window.app().core().conversations().next()?.0;
        Some(sockhop::core::diagram::state_of(window.app().core(), sockhop::net::SocketId::Conn(conn)))
    };
    window.until("send to wait", |window| {
        matches!(
            socket(window),
            Some(sockhop::core::diagram::SocketState::Waits(sockhop::net::Call::Send(bytes))) if bytes > 0
        )
    });
    window.see(&fl!(window.words, "diagnosis-not-read-todo"));
}

#[test]
fn who_keeps_the_server_from_its_port_is_said_until_it_does_no_longer() {
    in_each_language(|setup| {
        let (mut server, address) = Mistake::server("closes_listener_keeps_connection");
        let mut client = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(server.line(), "listener closed");
        let mut window = setup.with(|settings| settings.port = address.port()).open();
        window.click(&fl!(window.words, "start-listening"));
        let program = server.program(&window);
        window.see(&fl!(window.words, "held-by-connections", program = program.as_str(), count = 1));
        // Its end closes first: the port is the kernel's for a minute, since the program did not set SO_REUSEADDR.
        server.go_on();
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
        drop(client);
        let seconds = |window: &Window, seconds: u64| fl!(window.words, "held-time-wait", seconds = seconds);
        window.until("the seconds that are left", |window| (50..=60).any(|left| window.sees(&seconds(window, left))));
    });
}

#[test]
fn the_card_says_what_holds_the_port_that_the_server_has_left() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        let port = window.address().port().to_string();
        window.click(&fl!(window.words, "stop"));
        window.see(&fl!(window.words, "left-connections", port = port.as_str(), count = 1));
        drop(peer);
        window.see_gone(&fl!(window.words, "left-connections", port = port.as_str(), count = 1));
    });
}

#[test]
fn a_queue_that_is_over_full_says_that_others_get_no_answer() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with(|settings| settings.backlog = 1).with_client();
        let address = window.address();
        window.click(&fl!(window.words, "pause-accept"));
        let full = fl!(window.words, "queue-is-full");
        let _first = Peer::connect(address);
        window.until("one to wait", |window| window.app().core().server().waiting == Some(1));
        assert!(!window.sees(&full));
        let _second = Peer::connect(address);
        window.see(&full);
        window.click(&fl!(window.words, "resume-accept"));
        window.see_gone(&full);
    });
}

#[test]
fn who_asks_about_an_address_in_use_is_told_how_long_time_wait_still_lasts() {
    in_each_language(|setup| {
        let (mut server, address) = Mistake::server("leaves-time-wait");
        assert_eq!(server.line(), "closed");
        let mut window = setup.open();
        let call = format!("    s.bind(('127.0.0.1', {}))", address.port());
        explain(&mut window, &format!("{call}\nOSError: [Errno 98] Address already in use"));
        let told: Vec<String> =
            (1..=60_u64).map(|left| fl!(window.words, "explain-error-time-wait", seconds = left)).collect();
        window.until("the seconds that are left", |window| told.iter().any(|told| window.sees(told)));
    });
}

#[test]
fn a_refused_connect_does_not_say_what_to_do_twice() {
    in_each_language(|setup| {
        let (server, address) = Mistake::server("never-accepts");
        let mut window = setup.open();
        let asked = SocketAddr::from(([127, 0, 0, 2], address.port()));
        window.fill(&fl!(window.words, "address"), &asked.to_string());
        window.click(&fl!(window.words, "connect"));
        let program = server.program(&window);
        let (listens, asked) = (address.to_string(), asked.to_string());
        let what =
            fl!(window.words, "diagnosis-listens-elsewhere", program = program, listens = listens, asked = asked);
        window.see_part(&what);
        let exception = "ConnectionRefusedError";
        window.see_part(exception);
        let todo = fl!(window.words, "error-refused-todo");
        assert!(!window.sees_part(&todo), "the server has been started");
    });
}
