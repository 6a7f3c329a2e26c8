//! The palette: everything that can be done or opened, by typing a part of its name.

use std::net::TcpListener;

use egui::{Event, ImeEvent, Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{
    settings::Language,
    window::{screen::settings, wording},
};

use super::{
    peer::Peer,
    window::{LIMIT, Setup, Window, around, in_each_language, key_event},
};

fn open(window: &mut Window) -> String {
    window.press(Modifiers::COMMAND, Key::K);
    let field = fl!(window.words, "palette");
    window.place_of(&field);
    field
}

fn search(window: &mut Window, typed: &str) {
    open(window);
    window.write(typed);
}

#[test]
fn a_command_is_found_by_a_part_of_its_name_and_done_with_enter() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let field = open(&mut window);
        // Without a word there is everything, with its keys.
        let connect = window.until_named(&fl!(window.words, "connect-ask"));
        assert!(connect.ends_with('N'), "{connect}");
        let name = fl!(window.words, "history");
        window.write(&name.to_uppercase());
        window.press(Modifiers::NONE, Key::Enter);
        window.see_gone(&field);
        window.place_of(&fl!(window.words, "history-find"));
    });
}

#[test]
fn what_a_program_printed_is_offered_to_be_explained_with_all_of_its_lines() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let field = open(&mut window);
        let error = "ConnectionRefusedError: [Errno 111] Connection refused";
        let traceback = format!(
            "Traceback (most recent call last):\n  File \"client.py\", line 3, in <module>\n    \
             s.connect(('127.0.0.1', 9))\n{error}\n"
        );
        window.frame([Event::Paste(traceback)]);
        // The field shows it in the next frame, which nothing else brings.
        assert!(window.next_draw() < LIMIT, "{:?}", window.next_draw());
        window.see(&fl!(window.words, "palette-explain", error = error));
        window.press(Modifiers::NONE, Key::Enter);
        window.see_gone(&field);
        window.see(&fl!(window.words, "mistake-refused"));
        // The call stands in another line than the error.
        let side = fl!(window.words, "explain-side-client");
        window.see(&fl!(window.words, "explain-error-at", call = "connect", side = side));
        // The name of an error is enough, and what is none offers nothing.
        search(&mut window, "EADDRINUSE");
        window.see(&fl!(window.words, "palette-explain", error = "EADDRINUSE"));
        window.press(Modifiers::NONE, Key::Enter);
        window.see(&fl!(window.words, "mistake-in-use"));
        search(&mut window, "error");
        let (before, _) = around(&fl!(window.words, "palette-explain", error = "|"));
        assert!(!window.options().iter().any(|option| option.starts_with(&before)), "{:?}", window.options());
    });
}

#[test]
fn up_and_down_choose_and_a_click_does_it() {
    in_each_language(|setup| {
        let (mut window, first) = setup.with_client();
        let second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        let local = window.address().to_string();
        let subtitle = |window: &Window, peer: &Peer| {
            fl!(window.words, "accepted-subtitle", peer = peer.address().to_string(), local = local.as_str())
        };
        search(&mut window, "127.0.0.1:");
        let state = fl!(window.words, "state-open");
        let entry = |peer: &Peer| format!("{}, {state}", peer.address());
        window.until("both", |window| window.is_on(&entry(&first)) && !window.is_on(&entry(&second)));
        window.press(Modifiers::NONE, Key::ArrowDown);
        assert!(window.is_on(&entry(&second)));
        window.press(Modifiers::NONE, Key::ArrowDown);
        window.press(Modifiers::NONE, Key::ArrowUp);
        window.press(Modifiers::NONE, Key::ArrowUp);
        window.press(Modifiers::NONE, Key::ArrowDown);
        window.press(Modifiers::NONE, Key::Enter);
        window.see(&subtitle(&window, &second));
        search(&mut window, &first.address().port().to_string());
        window.click(&entry(&first));
        window.see(&subtitle(&window, &first));
    });
}

#[test]
fn a_message_is_found_in_what_is_open_and_in_the_past() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("你好，ＵＳＢ（３号）\nanother line\n");
        window.see_message(false, "another line");
        search(&mut window, "usb(3号)");
        let found = window.until_named("你好，ＵＳＢ（３号）, ");
        window.click(&found);
        window.see_message(false, "你好，ＵＳＢ（３号）");
        assert!(!window.sees(&fl!(window.words, "close-history")));
        let mut window = window.close().open_as_it_is();
        search(&mut window, "usb(3号)");
        let found = window.until_named("你好，ＵＳＢ（３号）, ");
        // What does not have it any more is not offered.
        window.write("x");
        window.see_gone(&found);
        window.press(Modifiers::NONE, Key::Backspace);
        window.click(&found);
        window.see(&fl!(window.words, "history-read-only"));
        window.see_message(false, "你好，ＵＳＢ（３号）");
    });
}

#[test]
fn an_address_that_is_typed_is_connected_to() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        search(&mut window, &address);
        window.see(&fl!(window.words, "palette-connects", address = address.as_str()));
        window.press(Modifiers::NONE, Key::Enter);
        let (_stream, peer) = listener.accept().unwrap();
        assert!(peer.ip().is_loopback());
        window.see_part(&format!("→ {address}"));
    });
}

#[test]
fn enter_that_confirms_a_candidate_chooses_nothing() {
    let mut window = Setup::new(Language::Chinese).open();
    let field = open(&mut window);
    let enter = || key_event(Modifiers::NONE, Key::Enter, true);
    let preedit = |text: &str| Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None });
    window.frame([preedit("li shi")]);
    window.frame([enter()]);
    window.frame([enter(), Event::Ime(ImeEvent::Commit("历史".to_owned()))]);
    assert_eq!(window.value_of(&field), "历史");
    window.press(Modifiers::NONE, Key::Enter);
    window.see_gone(&field);
    window.place_of(&fl!(window.words, "history-find"));
}

#[test]
fn what_is_typed_right_behind_the_shortcut_is_typed_there_and_escape_gives_the_keyboard_back() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with_client();
        let message = fl!(window.words, "message");
        window.fill(&message, "draft");
        window.frame([
            Event::ModifiersChanged(Modifiers::COMMAND),
            key_event(Modifiers::COMMAND, Key::K, true),
            key_event(Modifiers::COMMAND, Key::K, false),
            Event::ModifiersChanged(Modifiers::NONE),
            Event::Text("abc".to_owned()),
        ]);
        let field = fl!(window.words, "palette");
        window.until("the first letters", |window| window.value_of(&field) == "abc");
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&field);
        window.settle();
        assert_eq!(window.focused().as_ref(), Some(&message));
        assert_eq!(window.value_of(&message), "draft");
    });
}

#[test]
fn each_section_is_bounded() {
    let (mut window, _first) = Setup::new(Language::English).with_client();
    let address = window.address();
    let _peers: Vec<Peer> = (0..30).map(|_| Peer::connect(address)).collect();
    window.until("all of them", |window| window.app().core().conversations().len() == 31);
    search(&mut window, "127.0.0.1:");
    window.until("the conversations", |window| window.options().len() == 6);
    for letter in ["e", "a", "o"] {
        window.press(Modifiers::COMMAND, Key::A);
        window.write(letter);
        let options = window.options().len();
        assert!((1..=20).contains(&options), "{options} for {letter}");
    }
}

#[test]
fn every_setting_is_found_by_its_name() {
    in_each_language(|setup| {
        let mut window = setup.open();
        for name in wording::names_of_settings(&window.words) {
            search(&mut window, &name);
            window.click(&format!("{name}, {}", fl!(window.words, "settings")));
            window.settle();
            let focused = window.focused_place();
            let (place, _) = focused.unwrap_or_else(|| panic!("nothing has the keyboard at {name}"));
            assert!(place.left() > 1280.0 - settings::WIDTH && place.bottom() < 800.0, "{name}: {place:?}");
            let focused = window.focused().unwrap();
            let (smaller, presenter) = (fl!(window.words, "text-smaller"), fl!(window.words, "presenter-smaller"));
            assert!(focused.starts_with(&name) || focused == smaller || focused == presenter, "{name}: {focused}");
            window.press(Modifiers::COMMAND, Key::Comma);
        }
    });
}

#[test]
fn a_lab_is_begun_from_the_palette() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let labs = fl!(window.words, "labs");
        search(&mut window, "backlog");
        let lab = window.until_named(&format!(", {labs}"));
        window.click(&lab);
        window.place_of(&fl!(window.words, "lab-leave"));
    });
}
