//! UDP in the window: where it is chosen, and what is said of what has no connection.

use std::net::UdpSocket;

use i18n_embed_fl::fl;

use super::window::{LIMIT, Window, in_each_language};
use sockhop::{
    core::{Key, ServerState},
    settings::Transport,
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
