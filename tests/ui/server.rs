//! The server: clients come, accept is paused, it is stopped.

use std::net::TcpListener;

use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Setup, Window, around, in_each_language},
};
use sockhop::{core::Key, settings::Language};

#[test]
fn each_client_has_a_row_named_by_the_address_that_accept_returned() {
    in_each_language(|setup| {
        let (mut window, address) = setup.listening();
        let (first, second) = (Peer::connect(address), Peer::connect(address));
        let open = fl!(window.words, "state-open");
        window.see_row(&first, &open);
        window.see_row(&second, &open);
        window.see(&fl!(
            window.words,
            "accepted-subtitle",
            peer = first.address().to_string(),
            local = address.to_string()
        ));
        window.see_part(&fl!(window.words, "row-accepted", peer = first.address().to_string()));
        assert!(window.sees(&fl!(window.words, "everyone")));
    });
}

#[test]
fn who_connects_while_accept_is_paused_is_shown_waiting_in_the_queue() {
    in_each_language(|setup| {
        let (mut window, address) = setup.with(|settings| settings.backlog = 3).listening();
        window.click(&fl!(window.words, "pause-accept"));
        window.see(&fl!(window.words, "server-paused"));
        let waiting = Peer::connect(address);
        if cfg!(target_os = "linux") {
            window.see("1\u{a0}/\u{a0}3");
        }
        assert_eq!(window.app().core().conversations().len(), 0);
        window.click(&fl!(window.words, "resume-accept"));
        window.see_row(&waiting, &fl!(window.words, "state-open"));
        window.see(&fl!(window.words, "server-listening"));
        if cfg!(target_os = "linux") {
            window.see("0\u{a0}/\u{a0}3");
        }
    });
}

#[test]
fn a_server_that_was_told_where_to_listen_starts_again_there() {
    in_each_language(|setup| {
        let mut window = setup.told_to_listen(([127, 0, 0, 2], 0).into()).open();
        window.see(&fl!(window.words, "server-listening"));
        assert_eq!(window.address().ip().to_string(), "127.0.0.2");
        window.click(&fl!(window.words, "stop"));
        window.see(&fl!(window.words, "server-stopped"));
        assert_eq!(window.start_listening().ip().to_string(), "127.0.0.2");
    });
}

#[test]
fn stopping_the_server_leaves_its_clients_connected() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let address = window.address();
        window.click(&fl!(window.words, "stop"));
        window.see(&fl!(window.words, "server-stopped"));
        window.say("still here");
        assert_eq!(peer.line(), "still here\n");
        assert!(std::net::TcpStream::connect(address).is_err());
    });
}

#[test]
fn an_address_in_use_is_explained_where_it_was_tried_and_can_be_tried_again() {
    in_each_language(|setup| {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = holder.local_addr().unwrap();
        let mut window = setup.with(|settings| settings.port = address.port()).open();
        let start = fl!(window.words, "start-listening");
        window.click(&start);
        let what = fl!(window.words, "error-address-in-use", target = address.to_string());
        window.see_part(&what);
        if cfg!(target_os = "linux") {
            // The test holds the port, so this program's own server is named.
            window.see(&fl!(window.words, "error-address-in-use-todo-self"));
        }
        window.see(&fl!(window.words, "server-stopped"));

        window.click(&fl!(window.words, "notices"));
        window.see(&fl!(window.words, "copy-all"));
        window.click(&fl!(window.words, "copy-all"));
        assert!(window.copied().unwrap().contains(&what), "{:?}", window.copied());
        window.press(egui::Modifiers::NONE, egui::Key::Escape);

        drop(holder);
        window.click(&start);
        window.see(&fl!(window.words, "server-listening"));
        assert_eq!(window.address(), address);
    });
}

#[test]
fn the_card_folds_to_its_address_and_the_queue_and_stays_so() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with_client();
        let address = window.address();
        window.click(&fl!(window.words, "server-fold"));
        window.see_gone(&fl!(window.words, "pause-accept"));
        assert_eq!(window.address(), address);
        if cfg!(target_os = "linux") {
            window.see("0\u{a0}/\u{a0}5");
        }
        assert!(!window.saved().server_unfolded);
        window.click(&fl!(window.words, "server-unfold"));
        window.see(&fl!(window.words, "pause-accept"));
        assert!(window.saved().server_unfolded);
    });
}

#[test]
fn conversations_stay_in_sight_in_a_small_window_and_nothing_reaches_out_of_the_sidebar() {
    // The second and the third are 1024 by 640 and 1280 by 800 at 200 %.
    for (width, height) in [(1024.0, 640.0), (512.0, 320.0), (640.0, 400.0), (1280.0, 800.0)] {
        in_each_language(|setup| {
            let (mut window, address) = setup.size(width, height).listening();
            let peers: Vec<Peer> = (0..12).map(|_| Peer::connect(address)).collect();
            window.until("all of them", |window| window.app().core().connected_clients() == 12);
            window.settle();
            let copy = fl!(window.words, "copy-this-address", address = address.to_string());
            let card = window.place_of(&copy);
            let seen = |window: &mut Window, peer: &Peer| {
                let row = format!("{}, {}", peer.address(), fl!(window.words, "state-open"));
                window.sees(&row).then(|| window.place_of(&row))
            };
            let rows: Vec<_> = peers.iter().filter_map(|peer| seen(&mut window, peer)).collect();
            let whole = rows.iter().filter(|row| row.bottom() <= card.top()).count();
            assert!(whole >= 1, "{width} × {height}: {rows:?} above {card:?}");
            let sidebar = (width * 0.225).clamp(196.0, 276.0);
            for (name, place) in window.controls() {
                if place.left() < sidebar && !peers.iter().any(|peer| name.starts_with(&peer.address().to_string())) {
                    assert!(
                        place.right() <= sidebar - 8.0 && place.bottom() <= height,
                        "{width} × {height}: {name} {place:?}"
                    );
                }
            }
            // What there is no room for is in front of the window, or in the menu.
            if height < 500.0 {
                window.click(&fl!(window.words, "server-unfold"));
            }
            window.click(&fl!(window.words, "pause-accept"));
            window.see(&fl!(window.words, "server-paused"));
        });
    }
}

#[test]
fn a_message_to_everyone_goes_to_each_client_and_counts_those_it_reached() {
    in_each_language(|setup| {
        let (mut window, address) = setup.listening();
        let mut peers = [Peer::connect(address), Peer::connect(address)];
        for peer in &peers {
            window.see_row(peer, &fl!(window.words, "state-open"));
        }
        window.click(&fl!(window.words, "everyone"));
        window.see(&fl!(window.words, "everyone-subtitle", count = 2));
        window.see(&fl!(window.words, "empty-everyone"));
        window.say("大家好");
        for peer in &mut peers {
            assert_eq!(peer.line(), "大家好\n");
        }
        window.see_sent("大家好", &fl!(window.words, "sent-to-all", sent = 2, clients = 2));
        for peer in &peers {
            window.open_row(peer);
            window.see_sent("大家好", "✓");
        }
    });
}

#[test]
fn nobody_to_send_to_is_said_and_the_button_is_out_of_use() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        window.click(&fl!(window.words, "everyone"));
        drop(peer);
        window.see(&fl!(window.words, "cannot-send-nobody"));
        window.fill(&fl!(window.words, "message"), "hello");
        assert!(!window.is_enabled(&fl!(window.words, "send")));
        window.press(egui::Modifiers::NONE, egui::Key::Enter);
        assert_eq!(window.value_of(&fl!(window.words, "message")), "hello");
        assert!(window.app().core().conversation(Key::Everyone).unwrap().entries().is_empty());
    });
}

#[test]
fn a_client_more_than_may_be_is_turned_away_and_it_is_told() {
    let (mut window, _first) = Setup::new(Language::English).with(|settings| settings.max_clients = 1).with_client();
    let mut second = Peer::connect(window.address());
    window.see_part(&fl!(window.words, "error-too-many-clients", target = second.address().to_string(), most = 1));
    assert_eq!(second.rest().unwrap(), b"");
    assert_eq!(window.app().core().conversations().len(), 1);
}

#[test]
fn a_toast_covers_no_control() {
    in_each_language(|setup| {
        let (mut window, _first) = setup.with(|settings| settings.max_clients = 1).with_client();
        let address = window.address();
        let uncovered = |window: &mut Window, place: &str| {
            let _second = Peer::connect(address);
            let what = fl!(window.words, "error-too-many-clients", target = "|", most = 1);
            let (before, after) = around(&what);
            let dismiss = fl!(window.words, "dismiss");
            window.until("the toast", |window| {
                window.sees_part(&before) && window.sees_part(&after) && window.sees(&dismiss)
            });
            window.settle();
            let toast = window.place_of(&dismiss);
            let toast =
                egui::Rect::from_center_size(toast.center(), egui::vec2(8.0, 20.0)).expand2(egui::vec2(150.0, 0.0));
            for (name, other) in window.controls() {
                assert!(name == dismiss || !other.intersects(toast), "in {place}, {name} at {other:?} under {toast:?}");
            }
        };
        uncovered(&mut window, "a conversation");
        window.press(egui::Modifiers::NONE, egui::Key::F11);
        uncovered(&mut window, "what is projected");
        window.press(egui::Modifiers::NONE, egui::Key::F11);
        window.press(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::N);
        window.see(&fl!(window.words, "network-close"));
    });
}
