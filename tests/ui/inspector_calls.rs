//! The calls as a sequence diagram, over real sockets.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::settings::Language;

use super::{
    peer::{self, Peer},
    window::{self, Setup, Window, in_each_language},
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
    let rows = rows.map(|row| socket_of(&row).map_or(row.clone(), |(_, call)| call.to_owned()));
    rows.filter(|row| names.iter().any(|name| row.starts_with(name)) && row.contains('→')).collect()
}

/// What names the socket of a row, and the rest of the row: `fd 9`, or `fd 9 #2`.
fn socket_of(row: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = row.strip_prefix("fd ")?;
    let mut end = "fd ".len() + digits(number);
    if let Some(nth) = row[end..].strip_prefix(" #") {
        end += " #".len() + digits(nth);
    }
    Some((&row[..end], row[end..].trim_start()))
}

/// Whether a call that carried this is in sight.
fn shows_call(window: &Window, text: &str) -> bool {
    window.all_names().iter().any(|name| name.starts_with("Button: fd ") && name.contains(text))
}

#[track_caller]
fn see_call(window: &mut Window, text: &str) {
    window.until(&format!("to see the call {text:?}"), |window| shows_call(window, text));
}

/// The name of the row of a call that carried this.
#[track_caller]
fn call_row(window: &mut Window, text: &str) -> String {
    see_call(window, text);
    let names = window.all_names().into_iter().filter_map(|name| name.strip_prefix("Button: ").map(str::to_owned));
    names.into_iter().find(|name| name.starts_with("fd ") && name.contains(text)).unwrap()
}

/// What the lanes are called, from left to right.
fn headers(window: &Window) -> Vec<String> {
    let others = around(&fl!(window.words, "calls-others", count = 888)).map(|part| part.replace("888", ""));
    let names = window.all_names().into_iter().filter_map(|name| name.strip_prefix("Label: ").map(str::to_owned));
    names
        .filter(|name| {
            let own = socket_of(name).is_some_and(|(_, rest)| rest.starts_with("· "));
            own || others.iter().all(|part| name.contains(part.as_str()))
        })
        .collect()
}

fn around(text: &str) -> [String; 2] {
    let (before, after) = text.split_once("888").unwrap();
    [before.to_owned(), after.to_owned()]
}

/// The item of the menu of lanes for the socket of this peer.
fn lane_item(window: &Window, begins: &str, peer: &Peer) -> String {
    let address = peer.address().to_string();
    let names =
        window.all_names().into_iter().filter_map(|name| name.split_once(": ").map(|(_, name)| name.to_owned()));
    let found = names.into_iter().find(|name| name.starts_with(begins) && name.contains(&address));
    found.unwrap_or_else(|| panic!("no {begins:?} with {address} in\n{}", window.all_names().join("\n")))
}

/// So many clients, each of which says its number; the first is the chosen one.
fn class(setup: Setup, clients: usize) -> (Window, Vec<Peer>) {
    let (mut window, first) = setup.with_client();
    let mut peers = vec![first];
    while peers.len() < clients {
        peers.push(Peer::connect(window.address()));
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.send(format!("number {number}.\n"));
    }
    window.until("all to have spoken", |window| {
        let core = window.app().core();
        core.conversations().len() == clients && core.conversations().all(|(_, c)| c.messages_in == 1)
    });
    (window, peers)
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
            place(&rows, "socket(AF_INET, SOCK_STREAM)", "→ fd "),
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
        window.see_part(&format!("accept() {}", fl!(window.words, "calls-waiting")));
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
        see_call(&mut window, "from one");
        see_call(&mut window, "from two");
        let filter = fl!(window.words, "calls-filter");
        window.click(&filter);
        let (only, _) = window::around(&fl!(window.words, "lanes-only", socket = "|"));
        let item = lane_item(&window, &only, &second);
        window.click(&item);
        window.until("the first to be gone", |window| !shows_call(window, "from one"));
        assert!(shows_call(&window, "from two") && !window.sees_part("listen(5)"));
        window.click(&filter);
        window.click(&fl!(window.words, "lanes-usual"));
        see_call(&mut window, "from one");
    });
}

#[test]
fn every_socket_has_a_lane_of_its_own_and_says_that_it_is_new() {
    in_each_language(|setup| {
        let (window, peers) = class(inspecting(setup), 2);
        let words = &window.words;
        let headers = headers(&window);
        let queue = if cfg!(target_os = "linux") {
            format!(" · {}", fl!(words, "lane-queue", waiting = 0, backlog = 5))
        } else {
            String::new()
        };
        let roles = [
            format!("{}{queue} · ('127.0.0.1', {})", fl!(words, "lane-listening"), window.address().port()),
            format!("{} · {}", fl!(words, "lane-chosen"), peers[0].address()),
            format!("{} · {}", fl!(words, "lane-newest"), peers[1].address()),
        ];
        assert_eq!(headers.len(), 3, "{headers:?}");
        let mut sockets = Vec::new();
        for (header, role) in headers.iter().zip(&roles) {
            let (socket, rest) = socket_of(header).unwrap();
            assert_eq!(rest, format!("· {role}"));
            sockets.push(socket.to_owned());
        }
        // Each row names the socket over its lane, and a client's own socket says that it is new.
        for name in window.all_names() {
            if let Some((socket, _)) = name.strip_prefix("Button: ").and_then(socket_of) {
                assert!(sockets.iter().any(|known| known == socket), "{name} of {sockets:?}");
            }
        }
        for socket in &sockets[1..] {
            let (whole, short) =
                (fl!(words, "lane-new-whole", fd = socket.as_str()), fl!(words, "lane-new", fd = socket.as_str()));
            assert!(window.sees(&whole) || window.sees(&short), "{:?}", window.all_names());
            let waits = format!("{socket} recv(4096) {}", fl!(words, "calls-waiting"));
            assert!(window.sees(&waits), "{waits}");
        }
        assert!(window.sees(&format!("{} accept() {}", sockets[0], fl!(words, "calls-waiting"))));
    });
}

#[test]
fn other_sockets_share_a_lane_that_says_what_they_wait_in_and_opens() {
    in_each_language(|setup| {
        let (mut window, mut peers) = class(inspecting(setup), 12);
        let tally = |window: &Window, count: i32| {
            let (name, recv) =
                (fl!(window.words, "calls-others", count = count), fl!(window.words, "tally-recv", count = count));
            format!("{name} · {recv}")
        };
        let others = tally(&window, 10);
        window.see(&others);
        assert_eq!(headers(&window).len(), 4, "{:?}", headers(&window));
        window.see(&fl!(window.words, "calls-others-wait", count = 10, call = "recv()"));
        // What they did is one row, or some, that open.
        assert!(!shows_call(&window, "number 5."));
        let runs = |window: &Window| -> Vec<String> {
            let names =
                window.all_names().into_iter().filter_map(|name| name.strip_prefix("Button: ").map(str::to_owned));
            names.filter(|name| !name.contains('→') && name.contains("recv")).collect()
        };
        for run in runs(&window) {
            window.click(&run);
        }
        see_call(&mut window, "number 5.");
        for run in runs(&window) {
            window.click(&run);
        }
        window.until("the run to be closed", |window| !shows_call(window, "number 5."));
        // An error is a row of its own, in the lane of the others.
        peers.remove(5).reset();
        see_call(&mut window, "ECONNRESET");
        let (recv, reset) = (fl!(window.words, "tally-recv", count = 9), fl!(window.words, "tally-reset", count = 1));
        window.see(&format!("{} · {recv} · {reset}", fl!(window.words, "calls-others", count = 10)));
        // One of them may have a lane.
        window.click(&fl!(window.words, "calls-filter"));
        let (lane, _) = window::around(&fl!(window.words, "lanes-add", socket = "|"));
        let item = lane_item(&window, &lane, &peers[3]);
        window.click(&item);
        window.until("its lane", |window| {
            headers(window).iter().any(|header| header.contains(&peers[3].address().to_string()))
        });
        see_call(&mut window, "number 3.");
    });
}

#[test]
fn a_descriptor_that_is_used_again_is_told_apart_and_its_card_says_whose_it_is() {
    in_each_language(|setup| {
        let (mut window, peer) = inspecting(setup).with_client();
        peer.finish_sending();
        window.until("the first to be closed", |window| window.app().core().connected_clients() == 0);
        let mut second = Peer::connect(window.address());
        second.send("again\n");
        let row = call_row(&mut window, "again");
        let (socket, _) = socket_of(&row).unwrap();
        let Some((fd, "2")) = socket.split_once(" #") else {
            println!("skipped: another test's descriptor came between: {socket}");
            return;
        };
        window.click(&row);
        window.see(&format!("{socket} · {}", second.address()));
        let fd = fd.trim_start_matches("fd ").parse::<i64>().unwrap();
        window.see(&fl!(window.words, "calls-reused", fd = fd, nth = 2));
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
        see_call(&mut window, "line 19.");
        assert!(!window.sees_part("listen(5)"));
        window.click(&follow);
        assert!(!window.is_on(&follow));
        for number in 20..40 {
            say(&mut window, number);
        }
        assert!(shows_call(&window, "line 19.") && !shows_call(&window, "line 39."));
        window.click(&follow);
        see_call(&mut window, "line 39.");
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
        assert!(!shows_call(&window, "line 3."));
        let menu = fl!(window.words, "message-menu", text = "line 20.");
        window.click_unseen(&menu);
        window.click(&fl!(window.words, "show-calls"));
        see_call(&mut window, "line 20.");
        let row = call_row(&mut window, "line 20.");
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
        see_call(&mut window, "<&>␁'\"");
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

/// The bars of waits that are not over: their edges have the colour of waiting.
fn bars(window: &Window) -> Vec<egui::Rect> {
    let wait = sockhop::window::theme::palette(window.ctx()).wait;
    let rects = window.shapes().iter().filter_map(|shape| match &shape.shape {
        egui::Shape::Rect(rect) if rect.stroke.color == wait && (rect.rect.width() - 8.0).abs() < 0.5 => {
            Some(rect.rect)
        }
        _ => None,
    });
    rects.collect()
}

#[test]
fn a_recv_that_waits_began_before_the_send_beside_it() {
    in_each_language(|setup| {
        let (mut window, mut peer) = inspecting(setup).with_client();
        window.say("first");
        assert_eq!(peer.line(), "first\n");
        let row = call_row(&mut window, "first");
        let waits = format!("recv(4096) {}", fl!(window.words, "calls-waiting"));
        window.see_part(&waits);
        let send = window.place_of(&row);
        window.until("the bar from above the send", |window| {
            bars(window).iter().any(|bar| bar.top() < send.center().y && bar.bottom() > send.bottom() + 8.0)
        });
        // Once it has returned, the next one begins behind it.
        peer.send("second\n");
        let recv = call_row(&mut window, "second");
        let recv = window.place_of(&recv);
        window.see_part(&waits);
        window.until("a bar below the recv", |window| {
            let bars = bars(window);
            !bars.is_empty() && bars.iter().all(|bar| bar.top() > recv.center().y)
        });
    });
}

#[test]
fn its_tools_stay_in_a_small_window_where_the_text_is_large() {
    in_each_language(|setup| {
        // 1024 by 640 at 200 %.
        let mut window = inspecting(setup).size(512.0, 320.0).open();
        for name in
            [fl!(window.words, "calls-filter"), fl!(window.words, "calls-follow"), fl!(window.words, "calls-save")]
        {
            let place = window.place_of(&name);
            assert!(place.left() >= 0.0 && place.right() <= 512.0, "{name}: {place:?}");
        }
    });
}
