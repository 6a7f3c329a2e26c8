//! Everything by the keyboard, and a name on everything.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

const COMMAND: Modifiers = Modifiers::COMMAND;

#[test]
fn the_list_of_shortcuts_opens_with_a_key_and_names_what_each_does() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.press(Modifiers::NONE, Key::F1);
        for words in [
            fl!(window.words, "key-send"),
            fl!(window.words, "key-break"),
            fl!(window.words, "key-start-stop"),
            fl!(window.words, "key-next"),
            fl!(window.words, "key-hex"),
            fl!(window.words, "reset"),
        ] {
            window.see(&words);
        }
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&fl!(window.words, "key-send"));
    });
}

#[test]
fn the_server_is_started_paused_and_stopped_by_keys() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.press(COMMAND, Key::L);
        window.see(&fl!(window.words, "server-listening"));
        window.press(COMMAND | Modifiers::SHIFT, Key::P);
        window.see(&fl!(window.words, "server-paused"));
        window.press(COMMAND | Modifiers::SHIFT, Key::P);
        window.see(&fl!(window.words, "server-listening"));
        window.press(COMMAND, Key::L);
        window.see(&fl!(window.words, "server-stopped"));
    });
}

#[test]
fn conversations_are_gone_through_and_ended_by_keys() {
    in_each_language(|setup| {
        let (mut window, first) = setup.with_client();
        let second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        let local = window.address().to_string();
        let open = |window: &Window, peer: &Peer| {
            fl!(window.words, "accepted-subtitle", peer = peer.address().to_string(), local = local.as_str())
        };
        window.press(COMMAND, Key::PageDown);
        window.see(&open(&window, &second));
        window.press(COMMAND, Key::PageUp);
        window.see(&open(&window, &first));
        window.press(COMMAND, Key::E);
        window.see(&fl!(window.words, "everyone-subtitle", count = 2));
        window.press(COMMAND, Key::PageDown);
        window.press(COMMAND | Modifiers::SHIFT, Key::W);
        window.see_row(&first, &fl!(window.words, "state-closed"));
        window.press(COMMAND | Modifiers::SHIFT, Key::Delete);
        window.see_gone(&format!("{}, {}", first.address(), fl!(window.words, "state-closed")));
        window.see(&open(&window, &second));
    });
}

#[test]
fn the_composer_is_reached_and_turned_to_hex_by_keys() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.press(COMMAND, Key::Comma);
        window.place_of(&fl!(window.words, "close-settings"));
        window.press(COMMAND, Key::Comma);
        window.see_gone(&fl!(window.words, "close-settings"));
        window.press(COMMAND, Key::I);
        window.press(COMMAND, Key::H);
        window.write("41 0a");
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.line(), "A\n");
    });
}

#[test]
fn a_conversation_is_reached_with_tab_and_opened_with_enter() {
    let (mut window, _first) = Setup::new(sockhop::settings::Language::English).with_client();
    let second = Peer::connect(window.address());
    let row = window.row_of(&second.address().to_string());
    let subtitle = format!("accept(): {}", second.address());
    for _ in 0..40 {
        if window.focused().as_deref() == Some(row.as_str()) {
            break;
        }
        window.press(Modifiers::NONE, Key::Tab);
    }
    assert_eq!(window.focused(), Some(row));
    window.press(Modifiers::NONE, Key::Enter);
    window.see_part(&subtitle);
}

#[test]
fn escape_closes_the_screen_in_front_and_one_replaces_another() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let welcome = fl!(window.words, "welcome-title");
        let screens = [
            (fl!(window.words, "history"), fl!(window.words, "close-history")),
            (fl!(window.words, "network"), fl!(window.words, "network-close")),
            (fl!(window.words, "settings"), fl!(window.words, "close-settings")),
        ];
        for (button, close) in &screens {
            window.click(button);
            window.see(close);
            window.press(Modifiers::NONE, Key::Escape);
            window.see_gone(close);
            window.see(&welcome);
        }
        for (n, (button, close)) in screens.iter().enumerate() {
            window.click(button);
            window.see(close);
            for (_, other) in screens.iter().take(n) {
                assert!(!window.sees(other), "{other} beside {close}");
            }
        }
    });
}

#[test]
fn every_control_has_a_name() {
    in_each_language(|setup| {
        let mut window = setup.size(1280.0, 1800.0).open();
        let named = |window: &mut Window, state: &str| {
            window.settle();
            assert_eq!(window.unnamed(), Vec::<String>::new(), "in {state}");
        };
        named(&mut window, "the welcome");
        window.click(&fl!(window.words, "settings"));
        for combo in [fl!(window.words, "ip-address"), fl!(window.words, "encoding")] {
            window.click(&combo);
            named(&mut window, &combo);
            window.press(Modifiers::NONE, Key::Escape);
        }
        // Escape closed what lay in front of the settings, and nothing more.
        named(&mut window, "the settings");
        window.click(&fl!(window.words, "close-settings"));

        let address = window.start_listening();
        let mut peer = Peer::connect(address);
        window.see_row(&peer, &fl!(window.words, "state-open"));
        peer.send("hello\n");
        window.say("hello");
        window.see_message(false, "hello");
        named(&mut window, "a conversation");
        let shows = [
            ("conversation-menu", fl!(window.words, "conversation-menu")),
            ("message-menu", fl!(window.words, "message-menu", text = "hello")),
            ("connect-ask", fl!(window.words, "connect-ask")),
            ("notices", fl!(window.words, "notices")),
            ("shortcuts", fl!(window.words, "shortcuts")),
        ];
        for (state, button) in shows {
            window.click(&button);
            named(&mut window, state);
            window.press(Modifiers::NONE, Key::Escape);
        }
        window.press(Modifiers::NONE, Key::F2);
        window.see(&fl!(window.words, "rename-title"));
        named(&mut window, "rename");
        window.press(Modifiers::NONE, Key::Escape);
        peer.finish_sending();
        window.see(&fl!(window.words, "cannot-send-closed"));
        named(&mut window, "a closed conversation");
    });
}
