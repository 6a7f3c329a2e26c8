//! The calls as a sequence diagram, over real sockets.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::settings::Language;

use super::{
    peer::{self, Peer},
    window::{Setup, Window, in_each_language},
};

/// What the rows say, from top to bottom: without waits, and without numbers that differ each time.
fn calls(window: &Window) -> Vec<String> {
    let names = [
        "socket(",
        "setsockopt(",
        "bind(",
        "listen(",
        "getsockname(",
        "getsockopt(",
        "accept(",
        "connect(",
        "recv(",
        "send(",
        "shutdown(",
        "close(",
    ];
    let rows = window.all_names().into_iter().filter_map(|name| name.strip_prefix("Button: ").map(str::to_owned));
    rows.filter(|row| names.iter().any(|name| row.starts_with(name)) && row.contains('→')).collect()
}

fn place(rows: &[String], begins: &str, contains: &str) -> usize {
    rows.iter()
        .position(|row| row.starts_with(begins) && row.contains(contains))
        .unwrap_or_else(|| panic!("no {begins:?} with {contains:?} in {rows:#?}"))
}

fn inspecting(setup: Setup) -> Setup {
    setup.with(|settings| settings.inspector = true).size(1280.0, 1400.0)
}

#[test]
fn what_a_server_does_stands_row_by_row_in_its_order() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).with_client();
        peer.send("你好\n");
        window.see_message(false, "你好");
        window.say("数据已收到");
        assert_eq!(peer.line(), "数据已收到\n");
        peer.finish_sending();
        let close = "close() → 0";
        window.see_part(close);
        let rows = calls(&window);
        let bytes = |count: i32| fl!(window.words, "bytes", count = count);
        let accepted = format!("('{}', {})", peer.address().ip(), peer.address().port());
        let places = [
            place(&rows, "socket(AF_INET, SOCK_STREAM) → fd ", ""),
            place(&rows, "setsockopt(SO_REUSEADDR, 1) → 0", ""),
            place(&rows, "bind(('127.0.0.1', 0)) → 0", ""),
            place(&rows, "listen(5) → 0", ""),
            place(&rows, "getsockname() → ('127.0.0.1', ", ""),
            place(&rows, "accept()", &accepted),
            place(&rows, "setsockopt(TCP_NODELAY, 1) → 0", ""),
            place(&rows, "recv(4096)", &format!("→ {} 你好", bytes(7))),
            place(&rows, "send(16)", &format!("→ {} 数据已收到", bytes(16))),
            place(&rows, "recv(4096)", &format!("→ {} · {}", bytes(0), fl!(window.words, "calls-peer-finished"))),
            place(&rows, close, ""),
        ];
        assert!(places.is_sorted(), "{places:?} of {rows:#?}");
        // accept waits for the next one.
        window.see_part(&format!("accept()  {}", fl!(window.words, "calls-waiting")));
    });
}

#[test]
fn an_error_is_told_by_name_and_number() {
    in_each_language(|setup| {
        let nobody = peer::nobody();
        let mut window = inspecting(setup).open();
        window.fill(&fl!(window.words, "address"), &nobody.to_string());
        window.click(&fl!(window.words, "connect"));
        let refused = if cfg!(target_os = "linux") { "ECONNREFUSED (111)" } else { "ECONNREFUSED" };
        window.see_part(refused);
        let rows = calls(&window);
        let error = place(&rows, "getsockopt(SO_ERROR)", refused);
        assert!(place(&rows, "connect(('127.0.0.1', ", "→ EINPROGRESS") < error, "{rows:#?}");
    });
}

#[test]
fn both_ends_of_one_connection_name_each_other() {
    in_each_language(|setup| {
        let mut window = inspecting(setup).open();
        let alone = fl!(window.words, "welcome-try");
        window.click(&alone);
        window.until("both ends", |window| window.app().core().conversations().len() == 2);
        window.see(&fl!(window.words, "message"));
        window.say("hello");
        let bytes = fl!(window.words, "bytes", count = 6);
        window.until("to see the bytes sent and received", |window| {
            let rows = calls(window);
            rows.iter().any(|row| row.starts_with("send(6)"))
                && rows.iter().any(|row| row.starts_with("recv(") && row.contains(&format!("→ {bytes} hello")))
        });
        let mut diagram = sockhop::core::diagram::Diagram::default();
        let core = window.app().core();
        diagram.follow(core);
        let send = diagram.rows().find(|row| matches!(row.call.call.call, sockhop::net::Call::Send(6))).unwrap();
        let joins = diagram.joins(send);
        assert_eq!(joins.len(), 1);
        assert_eq!(joins[0].bytes, 0..6);
    });
}

#[test]
fn a_click_tells_what_a_call_does_and_how_it_is_written() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).with_client();
        peer.send("hello\n");
        window.see_message(false, "hello");
        for (call, meaning, python, rust) in [
            ("listen(5) → 0", fl!(window.words, "meaning-listen"), "server.listen(5)", "TcpListener::bind"),
            ("accept()", fl!(window.words, "meaning-accept"), "conn, addr = server.accept()", "server.accept()?"),
            ("recv(4096)", fl!(window.words, "meaning-recv"), "data = conn.recv(4096)", "conn.read(&mut data)?"),
        ] {
            let row = window.named_with(call);
            window.click(&row);
            window.see(&meaning);
            window.see(python);
            window.see_part(rust);
            window.click(&fl!(window.words, "calls-close-card"));
            window.see_gone(&meaning);
        }
    });
}

#[test]
fn the_keyboard_opens_an_explanation() {
    let (mut window, _peer) = inspecting(Setup::new(Language::English)).with_client();
    let row = window.named_with("listen(5) → 0");
    for _ in 0..60 {
        window.press(Modifiers::NONE, Key::Tab);
        if window.focused().as_deref() == Some(&row) {
            break;
        }
    }
    assert_eq!(window.focused().as_deref(), Some(row.as_str()));
    window.press(Modifiers::NONE, Key::Enter);
    let meaning = fl!(window.words, "meaning-listen");
    window.see(&meaning);
}

#[test]
fn one_socket_is_shown_alone() {
    in_each_language(|setup| {
        let (mut window, mut first) = inspecting(setup).with_client();
        let mut second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        first.send("from one\n");
        second.send("from two\n");
        window.see_part("from one · fd");
        window.see_part("from two · fd");
        let filter = fl!(window.words, "calls-filter");
        window.click(&filter);
        let title = second.address().to_string();
        window.click(&title);
        window.until("the first to be gone", |window| !window.sees_part("from one · fd"));
        assert!(window.sees_part("from two · fd") && !window.sees_part("listen(5)"));
        window.click(&filter);
        window.click(&fl!(window.words, "calls-all"));
        window.see_part("from one · fd");
    });
}

#[test]
fn the_newest_call_is_followed_unless_it_is_held() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).size(1280.0, 640.0).with_client();
        let follow = fl!(window.words, "calls-follow");
        let mut say = |window: &mut Window, number: usize| {
            peer.send(format!("line {number}.\n"));
            window.see_message(false, &format!("line {number}."));
            window.settle();
        };
        for number in 0..20 {
            say(&mut window, number);
        }
        assert!(window.is_on(&follow));
        window.see_part("line 19. · fd");
        assert!(!window.sees_part("listen(5)"));
        window.click(&follow);
        assert!(!window.is_on(&follow));
        for number in 20..40 {
            say(&mut window, number);
        }
        assert!(window.sees_part("line 19. · fd") && !window.sees_part("line 39. · fd"));
        window.click(&follow);
        window.see_part("line 39. · fd");
    });
}

#[test]
fn a_call_leads_to_its_message_and_a_message_to_its_calls() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).size(1280.0, 640.0).with_client();
        for number in 0..30 {
            peer.send(format!("line {number}.\n"));
            window.see_message(false, &format!("line {number}."));
        }
        assert!(!window.sees_part("line 3. · fd"));
        let menu = fl!(window.words, "message-menu", text = "line 20.");
        window.click_unseen(&menu);
        window.click(&fl!(window.words, "show-calls"));
        window.see_part("line 20. · fd");
        let row = window.named_with("line 20. · fd");
        window.click(&row);
        window.click(&fl!(window.words, "calls-show-message"));
        window.see_message(false, "line 20.");
    });
}

#[test]
fn the_diagram_is_saved_as_text_and_as_a_picture() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).with_client();
        peer.send("<&>\u{1}'\"\n");
        window.see_part("<&>␁'\" · fd");
        let folder = tempfile::tempdir().unwrap();
        for (item, file) in [("calls-save-svg", "calls.svg"), ("calls-save-text", "calls.txt")] {
            let item = match item {
                "calls-save-svg" => fl!(window.words, "calls-save-svg"),
                _ => fl!(window.words, "calls-save-text"),
            };
            window.click(&fl!(window.words, "calls-save"));
            window.click(&item);
            let path = folder.path().join(file);
            let field = fl!(window.words, "file-name");
            window.fill(&field, path.to_str().unwrap());
            window.click(&fl!(window.words, "file-save"));
            window.until("the file", |_| path.exists());
        }
        let text = std::fs::read_to_string(folder.path().join("calls.txt")).unwrap();
        assert!(text.lines().any(|line| line.contains("listen(5) → 0")), "{text}");
        assert!(text.lines().any(|line| line.contains("<&>␁'\"")), "{text}");
        let svg = std::fs::read_to_string(folder.path().join("calls.svg")).unwrap();
        let picture = roxmltree::Document::parse(&svg).unwrap();
        let written: Vec<String> = picture
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .map(|node| node.descendants().filter_map(|node| node.text().filter(|_| node.is_text())).collect())
            .collect();
        assert!(written.iter().any(|text| text.contains("listen(5) → 0")), "{written:?}");
        assert!(written.iter().any(|text| text.contains("<&>␁'\"")), "{written:?}");
        assert!(picture.descendants().any(|node| node.attribute("class") == Some("arrow")), "{svg}");
    });
}
