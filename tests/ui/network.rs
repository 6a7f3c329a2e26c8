//! This computer's network: addresses, ping, trying a port, and who listens.

use std::{net::SocketAddr, time::Duration};

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::settings::Language;

use super::{
    peer::server,
    window::{Window, in_each_language},
};

fn open_network(window: &mut Window) {
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    see_network(window);
}

/// See the pane once all has come that moves what stands below it.
fn see_network(window: &mut Window) {
    let loopback = fl!(window.words, "network-loopback");
    window.see(&loopback);
    let wait = fl!(window.words, "network-ports-wait");
    window.see_gone(&wait);
}

/// Fill the field of that name and press that button.
fn ask(window: &mut Window, field: &str, text: &str, button: &str) {
    window.fill(field, text);
    window.click(button);
}

/// Programs that run with this argument.
#[cfg(target_os = "linux")]
fn programs_with(argument: &str) -> usize {
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = folders.map(|folder| std::fs::read_to_string(folder.path().join("cmdline")).unwrap_or_default());
    lines.filter(|line| line.split('\0').any(|part| part == argument)).count()
}

#[test]
fn every_interface_stands_there_and_the_address_for_others_is_copied() {
    in_each_language(|setup| {
        let mut window = setup.open();
        open_network(&mut window);
        let loopback = fl!(window.words, "network-loopback");
        window.see(&loopback);
        let all = sockhop::host::interfaces().unwrap();
        for interface in &all {
            window.see(&interface.address.to_string());
            window.see(&interface.name);
        }
        let others_use = fl!(window.words, "network-others-use");
        match sockhop::host::hand_out(&all, std::net::Ipv4Addr::UNSPECIFIED.into()) {
            sockhop::host::HandOut::Address(address) => {
                window.see(&others_use);
                let copy = fl!(window.words, "copy-this-address", address = address.to_string());
                window.click(&copy);
                assert_eq!(window.copied(), Some(address.to_string().as_str()));
            }
            _ => assert!(!window.sees(&others_use)),
        }
        assert_eq!(window.unnamed(), Vec::<String>::new());
        let close = fl!(window.words, "network-close");
        window.click(&close);
        window.see_gone(&loopback);
    });
}

#[test]
fn our_own_listener_comes_into_the_table_and_others_after_a_look_and_the_filter_finds_them() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let button = fl!(window.words, "network");
        window.click(&button);
        see_network(&mut window);
        let address = window.start_listening();
        let only_here = fl!(window.words, "network-only-here");
        let begin = format!("{}, ", address.port());
        window.until("our row", |window| {
            let names = window.all_names();
            names.iter().any(|name| name.contains(&begin) && name.contains(&only_here) && name.contains("127.0.0.1"))
        });
        let ours = fl!(window.words, "network-ours", name = "|");
        window.see_part(ours.split('|').next_back().unwrap());

        let filter = fl!(window.words, "network-filter");
        window.fill(&filter, "no such program");
        let none = fl!(window.words, "network-filter-none");
        window.see(&none);
        window.fill(&filter, &address.port().to_string());
        window.see_part(&begin);

        let (listener, other) = server();
        window.fill(&filter, &other.port().to_string());
        window.see(&none);
        let refresh = fl!(window.words, "network-refresh");
        window.click(&refresh);
        window.see_part(&format!("{}, ", other.port()));
        drop(listener);
    });
}

#[test]
fn a_port_that_is_tried_is_open_or_refused_and_the_words_say_what_that_means() {
    in_each_language(|setup| {
        let mut window = setup.open();
        open_network(&mut window);
        let (host, port) = (fl!(window.words, "network-try-host"), fl!(window.words, "network-try-port"));
        let button = fl!(window.words, "network-try-button");
        let (listener, address) = server();
        window.fill(&host, "127.0.0.1");
        ask(&mut window, &port, &address.port().to_string(), &button);
        let means = fl!(window.words, "network-open-means");
        window.see(&means);
        drop(listener);

        // Bound, so that no other test takes the port, and not listening.
        let unheard = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        unheard.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let closed = unheard.local_addr().unwrap().as_socket().unwrap();
        ask(&mut window, &port, &closed.port().to_string(), &button);
        let means = fl!(window.words, "network-refused-means");
        window.see(&means);
        window.see_part("ECONNREFUSED");

        window.fill(&port, "0");
        window.press(Modifiers::NONE, Key::Enter);
        let wrong = fl!(window.words, "address-port");
        window.see(&wrong);
        window.fill(&port, "80");
        ask(&mut window, &host, "nosuch.invalid", &button);
        let means = fl!(window.words, "network-name-means");
        window.see(&means);
        assert_eq!(window.unnamed(), Vec::<String>::new());
    });
}

#[test]
fn what_ping_could_take_for_an_option_is_refused_in_words() {
    in_each_language(|setup| {
        let mut window = setup.open();
        open_network(&mut window);
        let (field, start) = (fl!(window.words, "network-ping-what"), fl!(window.words, "network-ping-start"));
        ask(&mut window, &field, "-f", &start);
        let dash = fl!(window.words, "network-dash");
        window.see(&dash);
        ask(&mut window, &field, "", &start);
        let empty = fl!(window.words, "network-empty");
        window.see(&empty);
        assert!(!window.sees(&fl!(window.words, "network-ping-stop")));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn ping_counts_answers_until_it_is_stopped_or_the_pane_or_the_window_is_closed() {
    in_each_language(|setup| {
        // An address of its own, so that no other test's ping is taken for this one.
        let address = if setup.settings.language == Language::Chinese { "127.0.0.81" } else { "127.0.0.82" };
        let mut window = setup.open();
        open_network(&mut window);
        let (field, start) = (fl!(window.words, "network-ping-what"), fl!(window.words, "network-ping-start"));
        ask(&mut window, &field, address, &start);
        let missing = fl!(window.words, "network-ping-missing");
        let two = fl!(window.words, "network-answered", count = 2);
        window.until("two answers, or no ping program", |window| window.sees(&two) || window.sees(&missing));
        if window.sees(&missing) {
            println!("skipped: there is no ping here; packaging/linux/packages.sh names its package");
            return;
        }
        assert_eq!(programs_with(address), 1);
        let stop = fl!(window.words, "network-ping-stop");
        window.click(&stop);
        let stopped = fl!(window.words, "network-pinged", to = address);
        window.see(&stopped);
        assert_eq!(programs_with(address), 0);
        window.until("rest after it was stopped", |window| window.next_draw() == Duration::MAX);

        let one = fl!(window.words, "network-answered", count = 1);
        window.click(&start);
        window.see(&one);
        assert_eq!(programs_with(address), 1);
        let close = fl!(window.words, "network-close");
        window.click(&close);
        window.see_gone(&stopped);
        assert_eq!(programs_with(address), 0);

        open_network(&mut window);
        window.see(&stopped);
        window.click(&start);
        window.see(&one);
        // The projected window has no such pane: nothing goes on where it isn't seen.
        window.press(Modifiers::NONE, Key::F11);
        assert_eq!(programs_with(address), 0);
        open_network(&mut window);
        window.click(&start);
        window.see(&one);
        drop(window.into_app());
        assert_eq!(programs_with(address), 0);
    });
}

#[test]
fn pinging_a_name_without_an_address_says_so() {
    in_each_language(|setup| {
        let mut window = setup.open();
        open_network(&mut window);
        let (field, start) = (fl!(window.words, "network-ping-what"), fl!(window.words, "network-ping-start"));
        ask(&mut window, &field, "nosuch.invalid", &start);
        let unknown = fl!(window.words, "error-name-not-found", name = "nosuch.invalid");
        let missing = fl!(window.words, "network-ping-missing");
        window.until("why", |window| window.sees(&unknown) || window.sees(&missing));
        window.place_of(&start);
    });
}

#[test]
fn nothing_reaches_past_the_window_where_it_is_small_and_the_text_large() {
    in_each_language(|setup| {
        // 1024 by 640 at 200 %.
        let mut window = setup.size(512.0, 320.0).open();
        open_network(&mut window);
        for name in [
            fl!(window.words, "network-ping-start"),
            fl!(window.words, "network-try-button"),
            fl!(window.words, "network-refresh"),
            fl!(window.words, "network-close"),
            fl!(window.words, "sidebar-menu"),
        ] {
            let place = window.place_of(&name);
            assert!(place.left() >= 0.0 && place.right() <= 512.0, "{name}: {place:?}");
        }
    });
}
