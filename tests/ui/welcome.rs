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
        window.see_part(&fl!(window.words, "error-refused", target = address.to_string()));
        window.see_part(&fl!(window.words, "error-refused-todo"));
        window.see(&format!("→ {address}, {}", fl!(window.words, "state-failed")));
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
