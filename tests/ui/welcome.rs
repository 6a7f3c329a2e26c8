//! The welcome: three ways to begin.

use i18n_embed_fl::fl;

use super::{
    peer::{Peer, nobody, server},
    window::{Setup, in_each_language},
};
use sockhop::settings::Language;

#[test]
fn the_welcome_offers_three_ways_to_begin() {
    in_each_language(|setup| {
        let mut window = setup.open();
        for text in [
            fl!(window.words, "welcome-title"),
            fl!(window.words, "start-listening"),
            fl!(window.words, "connect"),
            fl!(window.words, "welcome-try"),
            fl!(window.words, "server-stopped"),
            fl!(window.words, "nobody-yet"),
        ] {
            window.see(&text);
        }
    });
}

#[test]
fn the_address_others_type_is_shown_while_waiting_for_them_and_a_click_copies_it() {
    in_each_language(|setup| {
        let (mut window, address) = setup.listening();
        window.see(&fl!(window.words, "welcome-waiting"));
        assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
        assert!(window.sees(&fl!(window.words, "reach-this-computer")));
        window.click(&fl!(window.words, "copy-this-address", address = address.to_string()));
        assert_eq!(window.copied(), Some(address.to_string().as_str()));
        window.see(&fl!(window.words, "copied", text = address.to_string()));
        Peer::connect(address);
    });
}

#[test]
fn from_the_start_to_the_first_line_it_takes_an_address_and_no_click() {
    in_each_language(|setup| {
        let (listener, address) = server();
        let mut window = setup.open();
        window.settle();
        window.write(&address.to_string());
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        let mut peer = Peer::accept(&listener);
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-open")));
        window.write("hello");
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        assert_eq!(peer.line(), "hello\n");
    });
}

#[test]
fn from_the_start_to_the_first_line_of_who_waits_it_takes_one_click() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.settle();
        let start = fl!(window.words, "start-listening");
        assert_eq!(window.count_of(&start), 1, "one way to start");
        window.click(&start);
        window.see(&fl!(window.words, "server-listening"));
        let mut peer = Peer::connect(window.address());
        window.see_row(&peer, &fl!(window.words, "state-open"));
        window.write("hello");
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        assert_eq!(peer.line(), "hello\n");
    });
}

#[test]
fn one_button_at_a_time_is_the_main_one() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.settle();
        assert_eq!(window.main_buttons(), 1, "to start");
        window.write("192.168.1.20");
        window.settle();
        assert_eq!(window.main_buttons(), 1, "to connect");
        let address = window.start_listening();
        window.settle();
        assert_eq!(window.main_buttons(), 1, "to connect");
        let peer = Peer::connect(address);
        window.see_row(&peer, &fl!(window.words, "state-open"));
        let message = fl!(window.words, "message");
        window.fill(&message, "hello");
        window.settle();
        assert_eq!(window.main_buttons(), 1, "to send");
    });
}

#[test]
fn recent_addresses_are_offered_until_they_are_removed() {
    in_each_language(|setup| {
        let (listener, address) = server();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &address.to_string());
        window.click(&fl!(window.words, "connect"));
        drop(Peer::accept(&listener));
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-closed")));
        let mut window = window.close().open_as_it_is();
        window.click(&fl!(window.words, "recent-connect", address = address.to_string()));
        let _peer = Peer::accept(&listener);
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-open")));
        let mut window = window.close().open_as_it_is();
        let forget = fl!(window.words, "recent-forget", address = address.to_string());
        window.click(&forget);
        window.see_gone(&forget);
        assert!(window.saved().recent_peers.is_empty());
    });
}

#[test]
fn the_welcome_comes_back_when_nothing_is_open_also_after_a_message_to_everyone() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        window.click(&fl!(window.words, "everyone"));
        window.say("hello");
        window.open_row(&peer);
        peer.finish_sending();
        window.see_row(&peer, &fl!(window.words, "state-closed"));
        window.choose(&fl!(window.words, "remove"));
        window.see(&fl!(window.words, "welcome-title"));
        window.settle();
        assert_eq!(window.focused(), Some(fl!(window.words, "address")));
        window.press(egui::Modifiers::COMMAND, egui::Key::E);
        window.see_message(true, "hello");
    });
}

#[test]
fn an_address_typed_in_the_welcome_is_connected_to() {
    in_each_language(|setup| {
        let (listener, address) = server();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &address.to_string());
        window.click(&fl!(window.words, "connect"));
        let mut peer = Peer::accept(&listener);
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-open")));
        window.say("hello");
        assert_eq!(peer.line(), "hello\n");
        assert_eq!(window.saved().last_peer, address.to_string());
    });
}

#[test]
fn trying_it_alone_has_both_ends_in_the_sidebar() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.click(&fl!(window.words, "welcome-try"));
        let open = fl!(window.words, "state-open");
        window.until("both ends", |window| {
            window.all_names().iter().filter(|name| name.starts_with("ListItem: ") && name.ends_with(&open)).count()
                == 2
        });
        let address = window.address();
        let ours = window.row_of(&format!("→ {address}"));
        window.click(&ours);
        window.say("你好");
        window.see_message(true, "你好");
        let unread = fl!(window.words, "unread", count = 1);
        window.see_part(&unread);
        let rows = window.all_names();
        let theirs = rows.iter().find(|name| name.ends_with(&unread)).unwrap();
        window.click(theirs.strip_prefix("ListItem: ").unwrap());
        window.see_message(false, "你好");
    });
}

#[test]
fn a_wrong_address_is_refused_beside_the_field_in_words() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let (field, connect) = (fl!(window.words, "address"), fl!(window.words, "connect"));
        for (typed, words) in [
            ("", fl!(window.words, "address-empty")),
            (":80", fl!(window.words, "address-no-host")),
            ("127.0.0.1:99999", fl!(window.words, "address-port")),
            ("http host", fl!(window.words, "address-host")),
            ("127.0.0.010:80", fl!(window.words, "address-not-whole-meant", meant = "127.0.0.10")),
            ("192.168.1.256", fl!(window.words, "address-not-whole")),
            ("fd00::20:8888", fl!(window.words, "address-brackets", meant = "[fd00::20]:8888")),
            ("224.0.0.1:80", fl!(window.words, "address-many", ip = "224.0.0.1")),
            ("[fe80::1%nosuch0]:80", fl!(window.words, "address-no-such-zone", zone = "nosuch0")),
        ] {
            window.fill(&field, typed);
            window.click(&connect);
            window.see(&words);
        }
        assert_eq!(window.app().core().conversations().len(), 0);
    });
}

#[test]
fn a_refused_connect_is_explained_and_can_be_tried_again() {
    in_each_language(|setup| {
        let address = nobody();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &address.to_string());
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        let why = fl!(window.words, "error-refused", target = address.to_string());
        window.see_part(&why);
        // Where a Python program listens on another port, that is said instead: another test may have one.
        let (todo, elsewhere) = (fl!(window.words, "error-refused-todo"), fl!(window.words, "diagnosis-evidence"));
        window.until("what to do", |window| window.sees_part(&todo) || window.sees(&elsewhere));
        assert_eq!(window.count_of(&why), 1, "told once: {:?}", window.all_names());
        window.see_part(&format!("→ {address}, {}", fl!(window.words, "state-failed")));
        assert!(window.sees(&fl!(window.words, "cannot-send-failed")));

        let listener = std::net::TcpListener::bind(address).unwrap();
        window.click(&fl!(window.words, "connect-again"));
        let _peer = Peer::accept(&listener);
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-open")));
        assert_eq!(window.app().core().conversations().len(), 1, "the failed attempt is gone");
        assert!(!window.sees(&fl!(window.words, "undo")), "nobody removed anything");
    });
}

#[test]
fn the_dialog_that_asks_for_an_address_has_its_cursor_in_the_field() {
    in_each_language(|setup| {
        let (listener, address) = server();
        let (mut window, _client) = setup.with_client();
        window.click(&fl!(window.words, "connect-ask"));
        window.see(&fl!(window.words, "connect-title"));
        window.write(&address.to_string());
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        let _peer = Peer::accept(&listener);
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-open")));
        window.see_gone(&fl!(window.words, "connect-title"));
    });
}

#[test]
fn escape_closes_the_dialog_that_asks_for_an_address() {
    let (mut window, _client) = Setup::new(Language::English).with_client();
    window.click(&fl!(window.words, "connect-ask"));
    window.see(&fl!(window.words, "connect-title"));
    window.press(egui::Modifiers::NONE, egui::Key::Escape);
    window.see_gone(&fl!(window.words, "connect-title"));
}
