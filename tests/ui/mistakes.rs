//! Beginners' mistakes, as scripts of their own: what the window says of each, and what it does not say.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
};

use egui::{Key, Modifiers};
use i18n_embed::LanguageLoader as _;
use i18n_embed_fl::fl;
use sockhop::{
    chat::LineEnding,
    settings::Language,
    wire::{Framing, text::TextEncoding},
};

use super::{
    conversations::choose_encoding,
    peer::{self, Peer},
    window::{Setup, Window, in_each_language},
};

/// One of `tests/peers/mistakes`, while it runs.
struct Script(Child);

impl Script {
    fn run(name: &str, server: SocketAddr, more: &[&str]) -> Self {
        let path = format!("{}/tests/peers/mistakes/{name}.py", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("python3");
        command.arg(path).args([server.ip().to_string(), server.port().to_string()]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("python3"))
    }

    /// Let it go on.
    fn step(&mut self) {
        self.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A window whose server has this client.
fn served(setup: Setup, name: &str, more: &[&str]) -> (Window, Script) {
    let (window, server) = setup.any_bytes().listening();
    let script = Script::run(name, server, more);
    (window, script)
}

#[test]
fn a_character_cut_over_two_messages_is_told_on_both_and_in_the_bytes() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.framing = Framing::Chunk).size(1280.0, 1400.0);
        let (mut window, mut script) = served(setup, "cut_character", &[]);
        let (first, _) = window.see_message(false, "你");
        let cut = fl!(window.words, "cut-character-raises", codec = "utf-8");
        assert!(first.contains(&cut), "{first}");
        window.press(Modifiers::NONE, Key::F12);
        let tab = fl!(window.words, "tab-bytes");
        window.click(&tab);
        window.see(&format!("✗ {cut}"));
        script.step();
        let (second, _) = window.see_message(false, "好");
        assert!(second.contains(&cut), "{second}");
        assert!(!second.contains(&fl!(window.words, "malformed", encoding = "UTF-8")), "{second}");
    });
    let (mut window, _script) =
        served(Setup::new(Language::Chinese).with(|settings| settings.framing = Framing::Chunk), "cut_character", &[]);
    window.see_part("有 1 个字符被截断：单独 decode('utf-8') 会报错");
}

#[test]
fn text_without_a_newline_that_is_closed_at_once_has_no_newline_and_is_not_unfinished() {
    in_each_language(|setup| {
        let (mut window, _script) = served(setup, "send_and_close", &[]);
        let (told, _) = window.see_message(false, "你好");
        assert!(told.ends_with(&fl!(window.words, "mark-no-newline")), "{told}");
        assert!(!told.contains(&fl!(window.words, "mark-unfinished")), "{told}");
    });
}

#[test]
fn half_a_character_at_the_end_is_unfinished() {
    in_each_language(|setup| {
        let (mut window, _script) = served(setup, "half_a_character", &[]);
        window.see_part(&fl!(window.words, "mark-unfinished"));
        window.see_part(&fl!(window.words, "malformed", encoding = "UTF-8"));
    });
}

#[test]
fn bytes_that_were_made_text_by_str_look_like_it() {
    in_each_language(|setup| {
        let (mut window, _script) = served(setup, "str_of_bytes", &[]);
        window.see_part(&fl!(window.words, "bytes-literal"));
        assert!(!window.sees_part(&fl!(window.words, "malformed", encoding = "UTF-8")));
    });
}

#[test]
fn bytes_that_are_text_in_another_encoding_too_say_in_which_and_what() {
    in_each_language(|setup| {
        let (mut window, _script) = served(setup, "encoding", &["gbk"]);
        window.see_part(&fl!(window.words, "also-text", encoding = "GBK", text = "你好"));
    });
    in_each_language(|setup| {
        let gbk = TextEncoding::named("GBK").unwrap();
        let setup = setup.with(|settings| settings.encoding = gbk);
        let (mut window, _script) = served(setup, "encoding", &["utf-8"]);
        window.see_part(&fl!(window.words, "also-text", encoding = "UTF-8", text = "你好"));
        let utf8 = fl!(window.words, "try-encoding", encoding = "UTF-8");
        window.click(&utf8);
        window.see_message(false, "你好");
        assert!(!window.sees_part(&fl!(window.words, "also-text", encoding = "UTF-8", text = "你好")));
    });
    // What is text in one way alone says nothing of another.
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    peer.send("hello\n");
    window.see_message(false, "hello");
    choose_encoding(&mut window, "UTF-8", "GBK");
    assert!(!window.sees_part("also"), "{:?}", window.all_names());
}

#[test]
fn a_length_that_is_text_is_told_as_text() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.framing = Framing::LENGTH);
        let (mut window, _script) = served(setup, "no_length", &[]);
        window.see_part(&fl!(window.words, "error-prefix-is-text", text = "hell"));
        assert!(!window.sees_part("1751477356") && !window.sees_part("1,751,477,356"));
    });
}

#[test]
fn a_request_has_not_ended_until_its_blank_line_is_there() {
    in_each_language(|setup| {
        let (mut window, mut script) = served(setup, "http_without_blank_line", &[]);
        let unfinished = fl!(window.words, "http-unfinished");
        window.see_part(&unfinished);
        window.see_part(&fl!(window.words, "looks-http"));
        script.step();
        window.until("the end of the request", |window| !window.sees_part(&unfinished));
        assert!(window.sees_part(&fl!(window.words, "looks-http")));
    });
}

#[test]
fn another_protocol_is_told_by_how_it_begins() {
    for name in ["tls", "telnet", "ssh"] {
        in_each_language(|setup| {
            let (mut window, _script) = served(setup, name, &[]);
            window.see_part(&match name {
                "tls" => fl!(window.words, "looks-tls"),
                "telnet" => fl!(window.words, "looks-telnet"),
                _ => fl!(window.words, "looks-ssh"),
            });
            let gbk = fl!(window.words, "try-encoding", encoding = "GBK");
            // Of the random bytes of TLS some may be text.
            assert!(name == "tls" || !window.sees(&gbk), "{:?}", window.all_names());
        });
    }
}

#[test]
fn our_own_messages_say_what_ends_them() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let bytes = fl!(window.words, "characters-bytes-framed", characters = 5, bytes = "5+1");
        window.fill(&fl!(window.words, "message"), "hello");
        window.see(&bytes);
        window.say("exit");
        assert_eq!(peer.line(), "exit\n");
        let (told, _) = window.see_message(true, "exit");
        assert!(told.contains(" · +LF · "), "{told}");
    });
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with(|settings| settings.line_ending = LineEnding::None).with_client();
        window.say("exit");
        assert_eq!(peer.read(4), b"exit");
        let (told, _) = window.see_message(true, "exit");
        assert!(told.contains(&fl!(window.words, "mark-no-newline")), "{told}");
        assert!(!told.contains("+LF"), "{told}");
    });
    let (mut window, mut peer) =
        Setup::new(Language::English).with(|settings| settings.line_ending = LineEnding::Crlf).with_client();
    window.say("a");
    assert_eq!(peer.line(), "a\r\n");
    assert!(window.see_message(true, "a").0.contains("+CRLF"));
}

/// A server on this computer, and a window that is told to connect to it by an address to listen on.
#[cfg(target_os = "linux")]
#[test]
fn an_address_to_listen_on_leads_to_this_computer_and_says_so() {
    in_each_language(|setup| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &format!("0.0.0.0:{port}"));
        window.press(Modifiers::NONE, Key::Enter);
        let _peer = Peer::accept(&listener);
        let real = format!("127.0.0.1:{port}");
        window.see_part(&fl!(window.words, "row-connected", peer = real.as_str()));
        window.see_part(&fl!(window.words, "connected-unspecified", ip = "0.0.0.0", peer = "127.0.0.1"));
        window.see(&format!("→ {real}, {}", fl!(window.words, "state-open")));
        assert!(!window.sees_part(&fl!(window.words, "row-connected", peer = format!("0.0.0.0:{port}"))));
    });
    in_each_language(|setup| {
        let port = peer::nobody().port();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &format!("0.0.0.0:{port}"));
        window.press(Modifiers::NONE, Key::Enter);
        window.see_part(&fl!(window.words, "error-unspecified-todo", ip = "0.0.0.0", loopback = "127.0.0.1"));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_connect_says_what_a_program_gets_and_its_card_explains_the_result() {
    in_each_language(|setup| {
        let nobody = peer::nobody();
        let mut window = setup.with(|settings| settings.inspector = true).size(1280.0, 1400.0).open();
        window.fill(&fl!(window.words, "address"), &nobody.to_string());
        window.press(Modifiers::NONE, Key::Enter);
        window.see_part("ConnectionRefusedError");
        window.see_part("[Errno 61]");
        let chinese = window.words.current_language().language.as_str() == "zh";
        let said =
            if chinese { "由于目标计算机积极拒绝，无法连接。" } else { "No connection could be made" };
        window.see_part(&format!("[WinError 10061] {said}"));
        let call = window.named_with("getsockopt(SO_ERROR)");
        let before = window.count_of("ConnectionRefusedError");
        window.click(&call);
        window.until("the explanation", |window| window.count_of("ConnectionRefusedError") > before);
        let why = fl!(window.words, "error-refused", target = nobody.to_string());
        assert!(window.count_of(&why) >= 2, "in the row and in the card: {:?}", window.all_names());
    });
}

#[test]
fn the_card_of_a_send_has_the_encoding_and_the_newline_that_were_sent() {
    in_each_language(|setup| {
        let gbk = TextEncoding::named("GBK").unwrap();
        let setup = setup
            .with(|settings| {
                settings.inspector = true;
                settings.encoding = gbk;
            })
            .size(1280.0, 1400.0);
        let (mut window, mut peer) = setup.with_client();
        window.say("你好");
        assert_eq!(peer.read(5), b"\xc4\xe3\xba\xc3\n");
        let call = window.named_with("send(5)");
        window.click(&call);
        window.see("conn.send(\"你好\\n\".encode('gbk'))");
        assert!(!window.sees_part("utf-8"), "{:?}", window.all_names());
    });
}

/// The peer had closed; the message is answered by a reset, which Linux gives as EPIPE.
#[cfg(target_os = "linux")]
#[test]
fn a_send_to_a_closed_peer_is_a_broken_pipe_and_never_getsockopt() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.half_open = true);
        let (mut window, _script) = served(setup, "close_at_once", &[]);
        window.see_part(&fl!(window.words, "row-peer-finished"));
        window.say("are you there");
        window.see_part("BrokenPipeError");
        window.see_part("EPIPE (32)");
        let of = |call: &str| fl!(window.words, "error-line", what = "", call = call, errno = "EPIPE (32)");
        assert!(window.sees_part(&of("send")) && !window.sees_part(&of("getsockopt")), "{:?}", window.all_names());
    });
}

/// Asks what this text means.
pub fn explain(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND, Key::K);
    let palette = fl!(window.words, "palette");
    window.place_of(&palette);
    let name = fl!(window.words, "explain-error");
    window.write(&name);
    window.press(Modifiers::NONE, Key::Enter);
    window.see_gone(&palette);
    let field = fl!(window.words, "explain-error-field");
    window.fill(&field, text);
}

#[test]
fn a_traceback_is_explained_with_what_the_sockets_here_say() {
    in_each_language(|setup| {
        let nobody = peer::nobody();
        let mut window = setup.open();
        let text = format!(
            "Traceback (most recent call last):\n  File \"client.py\", line 3, in <module>\n    \
             s.connect(('127.0.0.1', {}))\nConnectionRefusedError: [Errno 111] Connection refused",
            nobody.port()
        );
        explain(&mut window, &text);
        window.see(&fl!(window.words, "mistake-refused"));
        window.see(&fl!(window.words, "mistake-refused-todo"));
        let side = fl!(window.words, "explain-side-client");
        window.see(&fl!(window.words, "explain-error-at", call = "connect", side = side));
        window.see(&fl!(window.words, "explain-error-ran-on", system = "Linux"));
        window.see(&fl!(window.words, "explain-error-nobody", port = nobody.port().to_string()));
        assert_eq!(window.unnamed(), Vec::<String>::new());
        // Escape leaves it.
        window.press(Modifiers::NONE, Key::Escape);
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&fl!(window.words, "mistake-refused"));
    });
}

#[test]
fn a_line_of_chinese_windows_is_explained_and_the_listener_is_named() {
    in_each_language(|setup| {
        let (mut window, server) = setup.listening();
        explain(
            &mut window,
            &format!(
                "    s.bind((\"127.0.0.1\", {}))\nOSError: [WinError 10048] \
                 通常每个套接字地址(协议/网络地址/端口)只允许使用一次。",
                server.port()
            ),
        );
        window.see(&fl!(window.words, "mistake-in-use"));
        window.see(&fl!(window.words, "explain-error-ran-on", system = "Windows"));
        let listens = fl!(window.words, "explain-error-listens-ours", address = server.to_string());
        window.see(&fl!(window.words, "explain-error-only-here", listens = listens));
    });
}

#[test]
fn a_text_without_an_exception_says_that_there_is_none() {
    in_each_language(|setup| {
        let mut window = setup.open();
        explain(&mut window, "it does not work");
        window.see(&fl!(window.words, "explain-error-none"));
        let field = fl!(window.words, "explain-error-field");
        window.fill(&field, "TypeError: a bytes-like object is required, not 'str'");
        window.see(&fl!(window.words, "mistake-text-for-bytes"));
        assert!(!window.sees(&fl!(window.words, "explain-error-none")));
    });
}
