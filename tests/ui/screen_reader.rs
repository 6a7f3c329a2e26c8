//! What a screen reader finds: names on everything, the transcript as one, and new messages spoken.

use egui::{Key, Modifiers, accesskit::Role};
use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Window, in_each_language},
};

const COMMAND: Modifiers = Modifiers::COMMAND;

#[track_caller]
fn named(window: &mut Window, state: &str) {
    window.settle();
    assert_eq!(window.unnamed(), Vec::<String>::new(), "in {state}");
}

#[test]
fn every_control_of_every_screen_has_a_name() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.inspector = true);
        let (mut window, mut peer) = setup.size(1400.0, 1000.0).any_bytes().with_client();
        peer.send("hello\n");
        window.see_message(false, "hello");
        window.say("an answer");
        for tab in ["tab-bytes", "tab-connection", "tab-code", "tab-calls"] {
            let tab = match tab {
                "tab-bytes" => fl!(window.words, "tab-bytes"),
                "tab-connection" => fl!(window.words, "tab-connection"),
                "tab-code" => fl!(window.words, "tab-code"),
                _ => fl!(window.words, "tab-calls"),
            };
            window.click(&tab);
            named(&mut window, &tab);
        }
        let message = fl!(window.words, "message-menu", text = "hello");
        window.click(&message);
        window.click(&fl!(window.words, "show-bytes"));
        named(&mut window, "the bytes of a message");
        for (modifiers, key, state) in [
            (COMMAND | Modifiers::SHIFT, Key::H, "the history"),
            (COMMAND | Modifiers::SHIFT, Key::N, "the network"),
            (COMMAND, Key::Comma, "the settings"),
            (Modifiers::NONE, Key::F11, "the presenter"),
            (Modifiers::SHIFT, Key::F12, "the wide inspector"),
            (COMMAND, Key::K, "the palette"),
            (COMMAND, Key::N, "the connect dialog"),
            (COMMAND | Modifiers::SHIFT, Key::L, "the notices"),
            (Modifiers::NONE, Key::F1, "the shortcuts"),
            (Modifiers::NONE, Key::F2, "the rename dialog"),
            (Modifiers::NONE, Key::F9, "the labs"),
        ] {
            window.press(modifiers, key);
            named(&mut window, state);
            window.press(Modifiers::NONE, Key::Escape);
        }
        window.press(Modifiers::NONE, Key::F9);
        let lab = window.named_with("backlog");
        window.click(&lab);
        named(&mut window, "the labs, asking");
    });
}

#[test]
fn the_window_and_the_transcript_have_names_and_the_rows_are_in_it() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("hello\n");
        window.see_message(false, "hello");
        assert_eq!(window.root_name(), Some(fl!(window.words, "app-name")));
        let logs = window.all_with_role(Role::Log);
        assert_eq!(logs, [fl!(window.words, "transcript")]);
        let rows = window.texts_within(Role::Log);
        assert!(rows.iter().any(|row| row.contains("hello")), "{rows:?}");
    });
}

#[test]
fn a_new_message_is_spoken_once_and_what_is_scrolled_to_is_not() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let who = fl!(window.words, "peer");
        peer.send("hello\n");
        window.until("it to be spoken", |window| window.spoken() == [format!("{who}: hello")]);
        window.say("mine");
        peer.send("again\n");
        window.until("the next", |window| window.spoken() == [format!("{who}: again")]);
        // From another conversation: from whom, and how many.
        let mut second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        second.send("one\ntwo\n");
        let title = second.address().to_string();
        let told = fl!(window.words, "notification", count = 2, name = title);
        window.until("the other", |window| window.spoken() == [told.as_str()]);
        // What was there before is not news.
        window.open_row(&second);
        window.see_message(false, "two");
        window.settle();
        assert!(!window.spoken().iter().any(|spoken| spoken.contains("two")), "{:?}", window.spoken());
    });
}
