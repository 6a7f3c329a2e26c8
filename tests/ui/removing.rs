//! Deleting messages: asked for away from the pointer, counted, and taken back within ten seconds.

use egui::PointerButton;
use i18n_embed_fl::fl;

use super::window::{Setup, Window, in_each_language};

/// A window with one past conversation of two messages, and its peer's address.
fn after_talking(setup: Setup) -> (Window, String) {
    let (mut window, mut peer) = setup.with_client();
    peer.send("first line\nsecond line\n");
    window.see_message(false, "second line");
    let address = peer.address().to_string();
    (window.close().open_as_it_is(), address)
}

fn open_settings(window: &mut Window) {
    window.click(&fl!(window.words, "settings"));
    window.until("the size", |window| window.app().core().past().size.is_some());
    window.settle();
}

/// How many messages a window that is opened on the same folder finds.
fn kept(window: Window) -> u64 {
    let mut window = window.close().open_as_it_is();
    open_settings(&mut window);
    window.app().core().past().size.as_ref().unwrap().messages
}

/// Clicks there again and again, whatever comes to lie under the pointer.
fn click_on_and_on(window: &mut Window, button: &str) {
    let place = window.click(button);
    for _ in 0..5 {
        window.settle();
        window.click_at(place, PointerButton::Primary);
    }
    window.settle();
}

#[test]
fn nothing_is_deleted_by_clicks_at_one_place() {
    for (width, height) in [(1280.0, 800.0), (1024.0, 640.0), (480.0, 300.0)] {
        in_each_language(|setup| {
            let (mut window, address) = after_talking(setup);
            window.resize(width, height);
            open_settings(&mut window);
            let delete = fl!(window.words, "history-remove-all");
            click_on_and_on(&mut window, &delete);
            assert!(window.app().core().past().tasks.is_empty(), "all is being deleted");
            let mut window = window.close().open_as_it_is();
            window.press(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::H);
            let session = window.named_with(&format!("{address}, "));
            window.click(&session);
            let delete = fl!(window.words, "history-remove");
            click_on_and_on(&mut window, &delete);
            assert!(window.app().core().past().tasks.is_empty(), "the conversation is being deleted");
            assert_eq!(kept(window), 2);
        });
    }
}

#[test]
fn what_will_be_gone_is_counted_and_can_be_had_back() {
    in_each_language(|setup| {
        let (mut window, address) = after_talking(setup);
        let named = format!("{address}, ");
        window.press(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::H);
        let session = window.named_with(&named);
        window.click(&session);
        window.click(&fl!(window.words, "history-remove"));
        window.see_part(&fl!(window.words, "removal-counts", count = 2, conversations = 1));
        window.click(&fl!(window.words, "history-remove-sure"));
        window.see(&fl!(window.words, "removing", count = 2, seconds = 10));
        window.see(&fl!(window.words, "history-empty"));
        window.click(&fl!(window.words, "undo"));
        window.named_with(&named);
        // By its key as well.
        window.click(&session);
        window.click(&fl!(window.words, "history-remove"));
        window.click(&fl!(window.words, "history-remove-sure"));
        window.see(&fl!(window.words, "history-empty"));
        window.press(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::Z);
        window.named_with(&named);
        assert_eq!(kept(window), 2);
    });
}

#[test]
fn what_was_deleted_is_gone_when_the_window_is_closed_before_the_time_is_over() {
    let (mut window, _) = after_talking(Setup::new(sockhop::settings::Language::English));
    open_settings(&mut window);
    window.click(&fl!(window.words, "history-remove-all"));
    window.click(&fl!(window.words, "history-remove-all-sure"));
    window.see(&fl!(window.words, "removing", count = 2, seconds = 10));
    assert_eq!(kept(window), 0);
}
