//! Everything by the keyboard, and a name on everything.

use egui::{Key, Modifiers, Rect};
use i18n_embed_fl::fl;
use sockhop::{
    core::ServerState,
    settings::{EmptyEnter, Language},
    window::theme,
};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language, key_event},
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
    let (mut window, _first) = Setup::new(Language::English).with_client();
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

/// What has the keyboard, from the first press of Tab until it comes to something a second time.
fn gone_through(window: &mut Window) -> Vec<(String, Rect, bool)> {
    let mut stops: Vec<(String, Rect, bool)> = Vec::new();
    for _ in 0..100 {
        window.press(Modifiers::NONE, Key::Tab);
        let Some((place, field)) = window.focused_place() else { panic!("nothing has the focus after {stops:?}") };
        let name = window.focused().unwrap_or_default();
        if stops.iter().any(|(other, at, _)| (other, at) == (&name, &place)) {
            return stops;
        }
        stops.push((name, place, field));
    }
    panic!("no end: {stops:?}")
}

#[test]
fn tab_goes_through_the_window_as_one_reads_it() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with(|settings| settings.inspector = true).with_client();
        peer.send("a line\n");
        window.see_message(false, "a line");
        // Away from the field.
        window.press(Modifiers::NONE, Key::Escape);
        let inspector = window.place_of(&fl!(window.words, "tab-calls")).left() - 1.0;
        let sidebar = window.row_of(&peer.address().to_string());
        let sidebar = window.place_of(&sidebar).right() + 1.0;
        let column = |place: Rect| [sidebar, inspector].iter().filter(|edge| place.center().x > **edge).count();
        let stops = gone_through(&mut window);
        let told =
            || stops.iter().map(|(name, place, _)| format!("{name} at {place:?}")).collect::<Vec<_>>().join("\n");
        for pair in stops.windows(2) {
            let [(one, from, _), (other, to, _)] = pair else { continue };
            assert!(column(*from) <= column(*to), "{other} before {one}:\n{}", told());
            if column(*from) == column(*to) {
                assert!(to.bottom() > from.top(), "{other} is above {one}:\n{}", told());
                let beside = to.center().y < from.bottom() && to.center().y > from.top();
                assert!(!beside || to.left() > from.left(), "{other} is left of {one}:\n{}", told());
            }
        }
        for column_there in 0..3 {
            assert!(stops.iter().any(|(_, place, _)| column(*place) == column_there), "{column_there}:\n{}", told());
        }
        // And back the same way.
        let last = stops.last().unwrap();
        window.press(Modifiers::SHIFT, Key::Tab);
        assert_eq!(window.focused().as_ref(), Some(&last.0));
    });
}

#[test]
fn what_tab_comes_to_shows_a_ring() {
    let (mut window, mut peer) = Setup::new(Language::English).with(|settings| settings.inspector = true).with_client();
    peer.send("a line\n");
    window.see_message(false, "a line");
    window.press(Modifiers::NONE, Key::Escape);
    let first = gone_through(&mut window).len();
    window.press(Modifiers::NONE, Key::Escape);
    for _ in 0..first {
        window.press(Modifiers::NONE, Key::Tab);
        let name = window.focused();
        let (place, field) = window.focused_place().unwrap();
        // The frame of a field is its ring.
        assert!(field || window.has_ring(place, theme::LIGHT.accent), "{name:?} at {place:?}");
    }
}

#[test]
fn a_held_shortcut_is_done_once_unless_it_moves_on() {
    in_each_language(|setup| {
        let mut window = setup.open();
        for _ in 0..4 {
            window.frame([key_event(COMMAND, Key::L, true)]);
            let waits = |state| matches!(state, ServerState::Starting(_));
            window.until("it is done", |window| !waits(window.app().core().server().state));
        }
        window.frame([key_event(COMMAND, Key::L, false)]);
        window.see(&fl!(window.words, "server-listening"));
        let listener = window.app().core().server().listener();
        window.hold(COMMAND, Key::N, 5);
        window.see(&fl!(window.words, "connect-title"));
        window.press(Modifiers::NONE, Key::Escape);
        assert_eq!(window.app().core().server().listener(), listener);
        let size = window.saved().text_size;
        window.hold(COMMAND, Key::Minus, 2);
        assert_eq!(window.saved().text_size, size - 20);
    });
}

#[test]
fn the_address_that_is_filled_in_is_typed_over() {
    in_each_language(|setup| {
        let mut window = setup.with(|settings| settings.last_peer = "192.0.2.1:8888".to_owned()).open();
        window.press(COMMAND, Key::N);
        window.see(&fl!(window.words, "connect-title"));
        window.write("192.0.2.2");
        assert_eq!(window.value_of(&fl!(window.words, "address")), "192.0.2.2");
    });
}

#[test]
fn the_sidebar_follows_the_conversation_that_is_chosen() {
    in_each_language(|setup| {
        let (mut window, _first) = setup.size(1024.0, 640.0).with_client();
        let address = window.address();
        let peers: Vec<Peer> = (0..20).map(|_| Peer::connect(address)).collect();
        let all = fl!(window.words, "clients-connected", count = 21);
        window.until("all of them", |window| window.app().core().conversations().len() == 21);
        window.settle();
        let last = peers.last().unwrap().address().to_string();
        window.hold(COMMAND, Key::PageDown, 25);
        let row = window.row_of(&last);
        window.settle();
        let place = window.place_of(&row);
        assert!(place.bottom() < 640.0 && place.top() > 0.0, "{place:?} {all}");
        // Nothing scrolls where it is in sight already.
        window.press(COMMAND, Key::PageUp);
        assert_eq!(window.place_of(&row), place);
        window.press(COMMAND, Key::E);
        window.place_of(&fl!(window.words, "everyone"));
    });
}

#[test]
fn what_is_typed_goes_to_the_composer_where_no_other_field_has_the_keyboard() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("a line\n");
        window.see_message(false, "a line");
        let field = fl!(window.words, "message");
        window.fill(&field, "a");
        window.press(Modifiers::NONE, Key::Escape);
        window.write("b");
        let menu = fl!(window.words, "message-menu", text = "a line");
        window.click(&menu);
        window.click(&fl!(window.words, "copy-text"));
        window.write("c");
        window.click(&menu);
        window.press(Modifiers::NONE, Key::Escape);
        window.write("d");
        assert_eq!(window.value_of(&field), "abcd");
        // A button that has the keyboard is pressed with Space, and letters are written.
        window.press(Modifiers::NONE, Key::Escape);
        window.press(Modifiers::NONE, Key::Tab);
        window.write("e");
        assert_eq!(window.value_of(&field), "abcde");
        // Another field keeps what is typed there.
        window.press(COMMAND, Key::N);
        window.write("192.0.2.3");
        assert_eq!(window.value_of(&fl!(window.words, "address")), "192.0.2.3");
        window.press(Modifiers::NONE, Key::Escape);
        assert_eq!(window.value_of(&field), "abcde");
    });
}

#[test]
fn a_dialog_that_closes_gives_the_keyboard_back() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with_client();
        let field = fl!(window.words, "message");
        for (modifiers, key) in [(Modifiers::NONE, Key::F1), (Modifiers::NONE, Key::F2), (COMMAND, Key::N)] {
            window.click(&field);
            window.press(modifiers, key);
            window.press(Modifiers::NONE, Key::Escape);
            window.settle();
            assert_eq!(window.focused().as_ref(), Some(&field), "{key:?}");
        }
        let menu = fl!(window.words, "conversation-menu");
        while window.focused().as_ref() != Some(&menu) {
            window.press(Modifiers::SHIFT, Key::Tab);
        }
        window.press(Modifiers::NONE, Key::F1);
        window.press(Modifiers::NONE, Key::Escape);
        window.settle();
        assert_eq!(window.focused(), Some(menu));
    });
}

#[test]
fn enter_in_an_empty_field_sends_the_line_ending_alone_after_asking_once() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let field = fl!(window.words, "message");
        let title = fl!(window.words, "empty-enter-title", ending = "LF");
        window.click(&field);
        window.press(Modifiers::NONE, Key::Enter);
        window.see(&title);
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&title);
        window.settle();
        // It was not answered: it is asked again. Enter says yes.
        window.press(Modifiers::NONE, Key::Enter);
        window.see(&title);
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.line(), "\n");
        window.settle();
        assert_eq!(window.saved().empty_enter, EmptyEnter::Send);
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.line(), "\n");
        window.say("text");
        assert_eq!(peer.line(), "text\n");
        let mut window = window.close().with(|settings| settings.empty_enter = EmptyEnter::Ask).open();
        let mut peer = Peer::connect(window.start_listening());
        window.see_row(&peer, &fl!(window.words, "state-open"));
        window.click(&field);
        window.press(Modifiers::NONE, Key::Enter);
        window.click(&fl!(window.words, "empty-enter-nothing"));
        window.settle();
        window.press(Modifiers::NONE, Key::Enter);
        assert!(!window.sees(&title));
        window.say("first");
        assert_eq!(peer.line(), "first\n");
    });
}

#[test]
fn escape_leaves_the_projected_window_and_the_wide_inspector() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with(|settings| settings.inspector = true).with_client();
        let send = fl!(window.words, "send");
        window.press(Modifiers::SHIFT, Key::F12);
        window.see_gone(&send);
        window.press(Modifiers::NONE, Key::Escape);
        window.see(&send);
        let leave = fl!(window.words, "presenter-leave");
        window.press(Modifiers::NONE, Key::F11);
        window.see(&leave);
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&leave);
        window.see(&send);
    });
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
