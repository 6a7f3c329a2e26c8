//! The projected window, and the inspector beside the conversation.

use std::net::Ipv4Addr;

use egui::{Key, Modifiers, ViewportCommand};
use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Setup, in_each_language, key_event},
};
use sockhop::settings::{Language, ListenOn};

#[test]
fn one_key_projects_the_window_and_the_same_key_ends_it() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("你好\n".as_bytes());
        window.see_part("你好");
        window.press(Modifiers::NONE, Key::F11);
        window.see(&fl!(window.words, "presenter-connect-to"));
        window.until("the larger text", |window| (window.ctx().zoom_factor() - 1.6).abs() < 0.01);
        let clients = format!("{} 1", fl!(window.words, "presenter-clients", count = 1));
        window.see(&clients);
        // Nobody needs the sidebar: it is gone.
        assert!(!window.sees(&fl!(window.words, "connect-ask")));
        window.see_part("你好");
        window.press(Modifiers::NONE, Key::F11);
        window.see(&fl!(window.words, "connect-ask"));
        window.until("the usual text", |window| (window.ctx().zoom_factor() - 1.0).abs() < 0.01);
    });
}

#[test]
fn what_is_projected_fills_the_screen() {
    let mut window = Setup::new(Language::English).open();
    for full in [true, false] {
        window.frame([key_event(Modifiers::NONE, Key::F11, true)]);
        assert!(window.viewport_commands().contains(&ViewportCommand::Fullscreen(full)));
        window.frame([key_event(Modifiers::NONE, Key::F11, false)]);
        window.settle();
    }
}

#[test]
fn the_projected_text_has_a_size_of_its_own() {
    let mut window = Setup::new(Language::English).open();
    window.press(Modifiers::NONE, Key::F11);
    window.press(Modifiers::COMMAND, Key::Minus);
    window.until("smaller text", |window| (window.ctx().zoom_factor() - 1.5).abs() < 0.01);
    assert_eq!((window.saved().presenter_text_size, window.saved().text_size), (150, 100));
    window.press(Modifiers::COMMAND, Key::Num0);
    window.until("the usual projected text", |window| (window.ctx().zoom_factor() - 1.6).abs() < 0.01);
}

#[test]
fn the_server_is_started_from_the_projected_window() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.press(Modifiers::NONE, Key::F11);
        window.see(&fl!(window.words, "server-stopped"));
        window.click(&fl!(window.words, "start-listening"));
        window.see(&fl!(window.words, "presenter-connect-to"));
    });
}

#[test]
fn the_inspector_folds_away_with_one_key_and_the_choice_is_remembered() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with_client();
        assert!(!window.sees(&fl!(window.words, "tab-calls")));
        window.press(Modifiers::NONE, Key::F12);
        window.see(&fl!(window.words, "tab-calls"));
        assert!(window.saved().inspector);
        window.press(Modifiers::SHIFT, Key::F12);
        window.see_gone(&fl!(window.words, "connect-ask"));
        window.press(Modifiers::SHIFT, Key::F12);
        window.see(&fl!(window.words, "connect-ask"));
        window.press(Modifiers::NONE, Key::F12);
        window.see_gone(&fl!(window.words, "tab-calls"));
        assert!(!window.saved().inspector);
    });
}

#[test]
fn a_click_on_a_message_looks_at_its_bytes_once_the_inspector_shows() {
    let (mut window, mut peer) = Setup::new(Language::English).any_bytes().with_client();
    peer.send(b"look\n");
    window.see_message(false, "look");
    window.press(Modifiers::NONE, Key::F12);
    window.settle();
    let (_, place) = window.see_message(false, "look");
    window.click_at(place.center(), egui::PointerButton::Primary);
    window.until("the tab of bytes", |window| window.is_on(&fl!(window.words, "tab-bytes")));
}

#[test]
fn one_address_is_projected_and_the_code_beside_it_says_the_same() {
    in_each_language(|setup| {
        let (mut window, address) = setup.with(|settings| settings.listen_on = ListenOn::AllInterfaces).listening();
        if address.ip().is_loopback() {
            println!("skipped: this computer is on no network");
            return;
        }
        // Somebody on this computer reaches the server by another address.
        let peer = Peer::connect((Ipv4Addr::LOCALHOST, address.port()).into());
        window.see_row(&peer, &fl!(window.words, "state-open"));
        window.open_row(&peer);
        window.press(Modifiers::NONE, Key::F11);
        window.see(&address.to_string());
        window.click(&fl!(window.words, "tab-code"));
        window.see(&fl!(window.words, "code-client", address = address.to_string()));
        window.click(&fl!(window.words, "code-copy"));
        assert!(window.copied().unwrap().contains(&address.ip().to_string()), "{:?}", window.copied());
    });
}
