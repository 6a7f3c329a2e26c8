//! UDP in the window: where it is chosen, and what is said of what has no connection.

use std::net::{TcpListener, UdpSocket};

use egui::Modifiers;
use i18n_embed_fl::fl;

use super::window::{LIMIT, Setup, Window, in_each_language};
use sockhop::{
    core::{Key, ServerState},
    settings::{ListenOn, Transport},
};

fn guest() -> UdpSocket {
    let guest = UdpSocket::bind("127.0.0.1:0").unwrap();
    guest.set_read_timeout(Some(LIMIT)).unwrap();
    guest
}

fn bound(window: &mut Window) -> std::net::SocketAddr {
    window.until("the UDP socket", |window| matches!(window.app().core().server().state, ServerState::Bound { .. }));
    window.app().core().server().local().unwrap()
}

#[test]
fn a_udp_socket_is_opened_where_the_server_is_started_and_hears_anybody() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| {
            settings.server_unfolded = true;
            settings.inspector = true;
        });
        let mut window = setup.size(1280.0, 900.0).open();
        let name = format!("{}: {}", fl!(window.words, "udp-over"), fl!(window.words, "udp-udp"));
        window.click(&name);
        window.until("the choice to be kept", |window| window.saved().server_over == Transport::Udp);
        window.click(&fl!(window.words, "udp-start"));
        let at = bound(&mut window);
        window.see(&fl!(window.words, "udp-bound"));
        let guest = guest();
        guest.send_to("你好".as_bytes(), at).unwrap();
        let peer = guest.local_addr().unwrap().to_string();
        let title = fl!(window.words, "udp-title", peer = peer.clone());
        let row = window.row_of(&title);
        window.click(&row);
        window.see_part("你好");
        // Of an empty one, that it came.
        guest.send_to(b"", at).unwrap();
        window.see_part(&fl!(window.words, "udp-empty"));
        window.say("收到");
        let mut buffer = [0; 100];
        let (bytes, _) = guest.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..bytes], "收到".as_bytes(), "nothing is added");
        let no_newline = fl!(window.words, "mark-no-newline");
        assert!(!window.all_names().iter().any(|name| name.contains(&no_newline)), "nor is it said that it lacks one");
        for state in ["state-open", "state-closed"] {
            let words = window.words.get(state);
            assert!(!window.sees(&words), "{words}");
        }
        window.click(&fl!(window.words, "tab-connection"));
        window.see(&fl!(window.words, "udp-no-connection"));
        window.click(&fl!(window.words, "tab-calls"));
        window.named_with("recvfrom(65535)");
        window.named_with("sendto(6, ");
        window.click(&fl!(window.words, "stop"));
        window.see_part(&fl!(window.words, "close-udp"));
    });
}

#[test]
fn a_client_over_udp_is_chosen_beside_its_address() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let server = guest();
        let address = server.local_addr().unwrap().to_string();
        window.click(&fl!(window.words, "connect-ask"));
        window.click(&format!("{}: {}", fl!(window.words, "udp-over"), fl!(window.words, "udp-udp")));
        window.see(&fl!(window.words, "udp-client-hint"));
        window.see(&fl!(window.words, "udp-client-title"));
        window.fill(&fl!(window.words, "address"), &address);
        window.click(&fl!(window.words, "udp-talk"));
        window.until("its conversation", |window| window.app().core().conversations().len() == 1);
        window.say("第一");
        let mut buffer = [0; 100];
        let (bytes, from) = server.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..bytes], "第一".as_bytes());
        server.send_to("答".as_bytes(), from).unwrap();
        window.see_part("答");
        assert_eq!(window.saved().client_over, Transport::Udp);
        let conn = window.app().core().conversations().next().unwrap().0;
        assert!(window.app().core().conversation(Key::Conn(conn)).unwrap().tcp.is_empty());
    });
}

/// Turns a setting that is kept over to UDP.
fn over_udp(setup: Setup) -> Setup {
    setup.with(|settings| {
        settings.server_over = Transport::Udp;
        settings.client_over = Transport::Udp;
        settings.server_unfolded = true;
    })
}

#[track_caller]
fn step(window: &mut Window, call: &str) {
    let next = fl!(window.words, "step-next", call = call);
    window.click(&next);
}

#[test]
fn a_udp_server_is_opened_and_used_step_by_step() {
    in_each_language(|setup| {
        let mut window = over_udp(setup).size(1280.0, 900.0).open();
        let switch = fl!(window.words, "step-by-step");
        window.click(&switch);
        assert!(window.is_on(&switch));
        step(&mut window, "socket()");
        step(&mut window, "bind()");
        let at = bound(&mut window);
        let recvfrom = fl!(window.words, "step-next", call = "recvfrom()");
        window.see(&recvfrom);
        let guest = guest();
        guest.send_to("你好".as_bytes(), at).unwrap();
        window.settle();
        assert_eq!(window.app().core().conversations().len(), 0, "nobody has taken it");
        window.click(&recvfrom);
        window.until("the address that was heard", |window| window.app().core().conversations().len() == 1);
        let title = fl!(window.words, "udp-title", peer = guest.local_addr().unwrap().to_string());
        let row = window.row_of(&title);
        window.click(&row);
        window.see_part("你好");
        window.say("收到");
        let waiting = fl!(window.words, "sent-waiting");
        window.see_sent("收到", &waiting);
        step(&mut window, "sendto()");
        let mut buffer = [0; 100];
        let (bytes, _) = guest.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..bytes], "收到".as_bytes());
        window.click(&recvfrom);
        window.see(&fl!(window.words, "step-waits", call = "recvfrom()"));
        window.see(&fl!(window.words, "step-waits-recvfrom"));
        // The rest by itself.
        guest.send_to(b"two", at).unwrap();
        window.see_part("two");
        window.click(&switch);
        guest.send_to(b"three", at).unwrap();
        window.see_part("three");
        window.see_gone(&recvfrom);
    });
}

#[test]
fn a_udp_client_is_opened_step_by_step_beside_its_address() {
    in_each_language(|setup| {
        let mut window = over_udp(setup).open();
        let server = guest();
        window.click(&fl!(window.words, "connect-ask"));
        window.see(&fl!(window.words, "udp-client-title"));
        window.see_gone(&fl!(window.words, "connect-title"));
        window.fill(&fl!(window.words, "address"), &server.local_addr().unwrap().to_string());
        window.click(&fl!(window.words, "step-by-step"));
        window.click(&fl!(window.words, "udp-talk"));
        window.see(&fl!(window.words, "cannot-send-no-socket"));
        step(&mut window, "socket()");
        window.see(&fl!(window.words, "step-does-sendto-empty"));
        step(&mut window, "sendto()");
        let mut buffer = [0; 100];
        let (bytes, from) = server.recv_from(&mut buffer).unwrap();
        assert_eq!(bytes, 0);
        window.see_part(&fl!(window.words, "udp-empty"));
        server.send_to(b"answer", from).unwrap();
        step(&mut window, "recvfrom()");
        window.see_part("answer");
        step(&mut window, "close()");
        window.see_part(&fl!(window.words, "close-udp"));
    });
}

#[test]
fn an_empty_datagram_is_sent_by_enter_after_asking_once_and_from_the_menu() {
    in_each_language(|setup| {
        let mut window = over_udp(setup).open();
        window.click(&fl!(window.words, "udp-start"));
        let at = bound(&mut window);
        let guest = guest();
        guest.send_to(b"hello", at).unwrap();
        let title = fl!(window.words, "udp-title", peer = guest.local_addr().unwrap().to_string());
        let row = window.row_of(&title);
        window.click(&row);
        window.click(&fl!(window.words, "send-more"));
        window.click(&fl!(window.words, "udp-send-empty"));
        let mut buffer = [0; 100];
        assert_eq!(guest.recv_from(&mut buffer).unwrap(), (0, at));
        // In the list too: it is not nothing.
        let said = fl!(window.words, "you-said", text = fl!(window.words, "udp-empty"));
        window.until("what was sent, in the list", |window| {
            window.shapes().iter().any(|shape| match &shape.shape {
                epaint::Shape::Text(text) => text.galley.text() == said,
                _ => false,
            })
        });
        window.click(&fl!(window.words, "message"));
        window.press(Modifiers::NONE, egui::Key::Enter);
        window.see(&fl!(window.words, "udp-empty-enter-title"));
        window.press(Modifiers::NONE, egui::Key::Enter);
        assert_eq!(guest.recv_from(&mut buffer).unwrap(), (0, at));
        window.settle();
        window.press(Modifiers::NONE, egui::Key::Enter);
        assert_eq!(guest.recv_from(&mut buffer).unwrap(), (0, at), "it is not asked again");
    });
}

#[test]
fn the_welcome_speaks_of_datagrams_where_udp_is_chosen_and_goes_back_to_tcp() {
    in_each_language(|setup| {
        let mut window =
            over_udp(setup).with(|settings| settings.remember_peer("127.0.0.1:9".to_owned(), Transport::Udp)).open();
        window.see(&fl!(window.words, "udp-welcome-wait"));
        window.see(&fl!(window.words, "udp-stopped"));
        window.see(&fl!(window.words, "udp-not-heard"));
        window.see(&fl!(window.words, "udp-client-title"));
        window.see(&fl!(window.words, "udp-client-hint"));
        window.see(&fl!(window.words, "udp-recent", address = "127.0.0.1:9"));
        for said in ["welcome-wait", "welcome-connect", "connect"] {
            let words = window.words.get(said);
            assert!(!window.sees(&words), "{words}");
        }
        window.click(&fl!(window.words, "udp-start"));
        bound(&mut window);
        window.see(&fl!(window.words, "udp-welcome-waiting"));
        window.see(&fl!(window.words, "udp-welcome-try"));
        let server = guest();
        window.fill(&fl!(window.words, "address"), &server.local_addr().unwrap().to_string());
        window.click(&fl!(window.words, "udp-talk"));
        window.until("its conversation", |window| window.app().core().conversations().len() == 1);
        window.say("over UDP");
        assert_eq!(server.recv(&mut [0; 100]).unwrap(), 8);

        let mut window = window.close().open();
        window.click(&format!("{}: {}", fl!(window.words, "udp-over"), fl!(window.words, "udp-tcp")));
        window.see(&fl!(window.words, "welcome-connect"));
        window.see(&fl!(window.words, "connect"));
    });
}

#[test]
fn a_group_is_joined_where_it_is_one_and_nothing_is_opened_where_it_is_none() {
    in_each_language(|setup| {
        let mut window = over_udp(setup).size(1280.0, 900.0).open();
        let (field, start) = (fl!(window.words, "udp-group"), fl!(window.words, "udp-start"));
        let wrong = fl!(window.words, "udp-group-wrong");
        for typed in ["192.168.1.1", "239.1.2.3%no-such-interface", "group"] {
            window.fill(&field, typed);
            window.see(&wrong);
            assert!(!window.is_enabled(&start), "{typed}");
            window.press(Modifiers::COMMAND, egui::Key::L);
            window.settle();
            assert_eq!(window.app().core().server().state, ServerState::Stopped, "{typed}");
        }
        let group = if cfg!(target_os = "linux") { "239.1.2.3%lo" } else { "239.1.2.3" };
        window.fill(&field, group);
        window.see_gone(&wrong);
        window.click(&start);
        bound(&mut window);
        window.see(&fl!(window.words, "udp-in-group", group = "239.1.2.3"));
        assert_eq!(window.saved().udp_group, group);
    });
}

#[test]
fn both_ends_over_udp_are_tried_in_one_window_where_udp_is_chosen() {
    in_each_language(|setup| {
        let mut window = over_udp(setup).open();
        window.click(&fl!(window.words, "udp-welcome-try"));
        bound(&mut window);
        window.until("its conversation", |window| window.app().core().conversations().len() == 1);
        window.say("from here to here");
        window.until("the other end", |window| window.app().core().conversations().len() == 2);
        let all = window.app().core().conversations();
        let all: Vec<_> = all.map(|(_, conversation)| conversation.origin.is_udp()).collect();
        assert_eq!(all, [true, true]);
    });
}

/// While nobody looks at the window the socket is not read; what the system has no room for is told then.
#[cfg(target_os = "linux")]
#[test]
fn datagrams_that_the_system_dropped_are_counted_in_sight() {
    in_each_language(|setup| {
        let setup = over_udp(setup).with(|settings| settings.inspector = true);
        let mut window = setup.size(1280.0, 900.0).open();
        window.click(&fl!(window.words, "udp-start"));
        let at = bound(&mut window);
        let guest = guest();
        let piece = vec![b'x'; 60_000];
        for _ in 0..1_500 {
            let _ = guest.send_to(&piece, at);
        }
        window.until("what was dropped", |window| window.app().core().server().dropped > 0);
        let words = fl!(window.words, "udp-dropped", count = window.app().core().server().dropped);
        window.see(&words);
        let title = fl!(window.words, "udp-title", peer = guest.local_addr().unwrap().to_string());
        let row = window.row_of(&title);
        window.click(&row);
        window.click(&fl!(window.words, "tab-connection"));
        window.until("both places", |window| {
            let words = fl!(window.words, "udp-dropped", count = window.app().core().server().dropped);
            window.count_of(&words) == 2
        });
    });
}

#[test]
fn an_address_used_before_is_used_again_over_what_it_was_used() {
    in_each_language(|setup| {
        let (datagrams, listener) = (guest(), TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = [datagrams.local_addr(), listener.local_addr()].map(|local| local.unwrap().to_string());
        let [over_udp, over_tcp] = &addresses;
        let mut window = setup.open();
        for (address, over, button) in [(over_udp, "udp-udp", "udp-talk"), (over_tcp, "udp-tcp", "connect")] {
            let (over, button) = (window.words.get(over), window.words.get(button));
            window.click(&fl!(window.words, "connect-ask"));
            window.click(&format!("{}: {over}", fl!(window.words, "udp-over")));
            window.fill(&fl!(window.words, "address"), address);
            window.click(&button);
        }
        let _accepted = listener.accept().unwrap();
        window.until("both", |window| window.app().core().conversations().len() == 2);

        let mut window = window.close().open_as_it_is();
        window.see(&fl!(window.words, "recent-connect", address = over_tcp.clone()));
        window.click(&fl!(window.words, "udp-recent", address = over_udp.clone()));
        window.until("its conversation", |window| window.app().core().conversations().len() == 1);
        window.say("again");
        assert_eq!(datagrams.recv(&mut [0; 100]).unwrap(), 5);
    });
}

#[test]
fn nobody_is_said_to_connect_to_a_udp_socket() {
    for bind in [ListenOn::AllInterfaces, ListenOn::ThisComputer] {
        in_each_language(|setup| {
            let mut window = over_udp(setup).with(|settings| settings.listen_on = bind).size(1280.0, 900.0).open();
            window.click(&fl!(window.words, "udp-start"));
            bound(&mut window);
            for projected in [false, true] {
                if projected {
                    window.press(Modifiers::NONE, egui::Key::F11);
                }
                let names = window.all_names();
                let connects = |name: &&String| {
                    let name = name.to_lowercase();
                    // What leads to connections of TCP stays, and that UDP makes none is said.
                    let own = ["connect-ask", "udp-client-hint", "udp-server-hint"]
                        .map(|key| window.words.get(key).to_lowercase());
                    let tab = format!("button: {}", fl!(window.words, "tab-connection").to_lowercase());
                    name != tab
                        && (name.contains("connect") || name.contains("连接"))
                        && !own.iter().any(|own| name.contains(own))
                };
                assert_eq!(names.iter().find(connects), None, "{projected}");
            }
        });
    }
}
