//! The Connection tab: both ends' states and the socket table, beside real sockets.

#![cfg(target_os = "linux")]

use std::time::Duration;

use i18n_embed_fl::fl;
use sockhop::{
    core::{Use, tcp_states::End},
    host::TcpState,
    settings::Language,
};

use super::{
    peer::{self, Peer},
    window::{Setup, Window, in_each_language},
};

/// Open the inspector at the tab.
fn open_tab(window: &mut Window) {
    window.press(egui::Modifiers::NONE, egui::Key::F12);
    let name = fl!(window.words, "tab-connection");
    window.click(&name);
    window.see(&fl!(window.words, "socket-table"));
}

/// See an end in that state, as the kernel says.
#[track_caller]
fn see_end(window: &mut Window, end: End, state: TcpState) {
    let end = match end {
        End::Ours => fl!(window.words, "end-ours"),
        End::Peer => fl!(window.words, "end-peer"),
    };
    let source = fl!(window.words, "source-kernel");
    window.see(&fl!(window.words, "end-is", end = end, state = state.name(), source = source));
}

/// See a socket's row that has all of this in its name.
#[track_caller]
fn see_row_with(window: &mut Window, parts: &[&str]) -> String {
    let find =
        |window: &Window| window.all_names().into_iter().find(|name| parts.iter().all(|part| name.contains(part)));
    window.until(&format!("a row with {parts:?}"), |window| find(window).is_some());
    find(window).unwrap()
}

#[test]
fn a_client_that_is_accepted_has_both_ends_established_and_the_listeners_port() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.size(1280.0, 1600.0).with_client();
        let (local, remote) = (window.address().to_string(), peer.address().to_string());
        open_tab(&mut window);
        see_end(&mut window, End::Ours, TcpState::Established);
        see_end(&mut window, End::Peer, TcpState::Established);
        window.see(&fl!(window.words, "opened-by-peer"));
        window.see(&fl!(window.words, "accept-returns-new"));
        let listening = fl!(window.words, "socket-listening");
        let queue = fl!(window.words, "queue-figure", figure = format!("0\u{a0}/\u{a0}{}", 5));
        see_row_with(&mut window, &["fd ", &listening, &local, "LISTEN", &queue]);
        let accepted = fl!(window.words, "socket-accepted");
        see_row_with(&mut window, &["fd ", &accepted, &local, &remote, "ESTABLISHED"]);
    });
}

#[test]
fn who_waits_in_the_accept_queue_is_a_socket_of_the_kernel_until_accept_takes_it() {
    in_each_language(|setup| {
        let (mut window, _first) = setup.size(1280.0, 1600.0).with(|settings| settings.backlog = 7).with_client();
        let address = window.address();
        open_tab(&mut window);
        window.click(&fl!(window.words, "everyone"));
        window.see(&fl!(window.words, "ends-none"));
        window.click(&fl!(window.words, "pause-accept"));
        let waiting = Peer::connect(address);
        let remote = waiting.address().to_string();
        let figure = fl!(window.words, "queue-figure", figure = "1\u{a0}/\u{a0}7");
        let listening = fl!(window.words, "socket-listening");
        see_row_with(&mut window, &[&listening, &figure]);
        let kind = fl!(window.words, "socket-waiting");
        see_row_with(&mut window, &[&kind, &remote, "ESTABLISHED"]);
        window.click(&fl!(window.words, "resume-accept"));
        let kind = fl!(window.words, "socket-accepted");
        see_row_with(&mut window, &[&kind, &remote, "ESTABLISHED"]);
    });
}

#[test]
fn bytes_that_the_peer_does_not_read_wait_in_both_queues() {
    let (mut window, address) = Setup::new(Language::English).size(1280.0, 1600.0).listening();
    let peer = Peer::with_little_room(address);
    let state = fl!(window.words, "state-open");
    window.see_row(&peer, &state);
    open_tab(&mut window);
    see_end(&mut window, End::Ours, TcpState::Established);
    let conn = window.app().core().conversations().next().unwrap().0;
    window.say(&"x".repeat(200_000));
    window.until("bytes in the send queue", |window| {
        let row = window.app().core().socket_table().and_then(|table| table.row_of(conn));
        row.is_some_and(|row| row.unacknowledged > Some(0))
    });
    // The other end is a socket of this very process.
    window.until("bytes in the peer's receive queue", |window| {
        let Some(sockets) = window.app().core().socket_table() else { return false };
        let rows = &sockets.table.as_ref().unwrap().rows;
        rows.iter().enumerate().any(|(place, row)| sockets.use_of(place) == Use::OtherEnd(conn) && row.unread > Some(0))
    });
    let quiet = fl!(window.words, "unacknowledged-bytes", count = "0");
    let accepted = fl!(window.words, "socket-accepted");
    let row = see_row_with(&mut window, &[&accepted, &peer.address().to_string()]);
    assert!(!row.contains(&quiet), "{row}");
}

#[test]
fn a_peer_that_finishes_first_leaves_us_in_close_wait_and_holds_time_wait_itself() {
    in_each_language(|setup| {
        let keeps_open = setup.with(|settings| settings.half_open = true);
        let (mut window, peer) = keeps_open.size(1280.0, 1600.0).with_client();
        open_tab(&mut window);
        see_end(&mut window, End::Peer, TcpState::Established);
        peer.finish_sending();
        see_end(&mut window, End::Ours, TcpState::CloseWait);
        see_end(&mut window, End::Peer, TcpState::FinWait2);
        window.see_part(&super::window::around(&fl!(window.words, "closed-first-peer", time = "|")).0);
        window.choose(&fl!(window.words, "close"));
        see_end(&mut window, End::Ours, TcpState::Closed);
        see_end(&mut window, End::Peer, TcpState::TimeWait);
        window.see(&fl!(window.words, "time-wait-peer", seconds = 60));
        // The kernel may have been asked before the call is told.
        window.until("LAST-ACK", |window| {
            let history = window.app().core().conversations().next().unwrap().1.tcp.history();
            history.has(End::Ours, TcpState::LastAck)
        });
    });
}

#[test]
fn closing_first_leaves_us_in_time_wait() {
    in_each_language(|setup| {
        let (listener, address) = peer::server();
        let mut window = setup.size(1280.0, 1600.0).open();
        window.fill(&fl!(window.words, "address"), &address.to_string());
        window.click(&fl!(window.words, "connect"));
        let server = Peer::accept(&listener);
        window.see(&fl!(window.words, "message"));
        open_tab(&mut window);
        see_end(&mut window, End::Ours, TcpState::Established);
        window.see(&fl!(window.words, "opened-by-us"));
        window.choose(&fl!(window.words, "close"));
        see_end(&mut window, End::Ours, TcpState::FinWait2);
        see_end(&mut window, End::Peer, TcpState::CloseWait);
        drop(server);
        see_end(&mut window, End::Ours, TcpState::TimeWait);
        see_end(&mut window, End::Peer, TcpState::Closed);
        window.see(&fl!(window.words, "time-wait-ours", seconds = 60));
        let kind = fl!(window.words, "socket-kernel");
        see_row_with(&mut window, &[&kind, &address.to_string(), "TIME-WAIT"]);
    });
}

#[test]
fn a_click_on_a_socket_opens_its_conversation() {
    let (mut window, _first) = Setup::new(Language::English).size(1280.0, 1600.0).with_client();
    let second = Peer::connect(window.address());
    let state = fl!(window.words, "state-open");
    window.see_row(&second, &state);
    open_tab(&mut window);
    let accepted = fl!(window.words, "socket-accepted");
    let row = see_row_with(&mut window, &["ListItem", &accepted, &second.address().to_string()]);
    let row = row.split_once(": ").unwrap().1;
    assert!(!window.is_on(row));
    window.click(row);
    window.until("its conversation", |window| window.is_on(row));
    window.see_part(&fl!(window.words, "row-accepted", peer = second.address().to_string()));
}

#[test]
fn the_kernel_is_asked_only_while_the_tab_shows_or_a_conversation_is_in_sight() {
    let (mut window, peer) = Setup::new(Language::English).with_client();
    // Nothing happens: the watch draws nothing.
    window.until("a table", |window| window.app().core().socket_table().is_some());
    window.until("rest", |window| window.next_draw() == Duration::MAX);
    window.click(&fl!(window.words, "everyone"));
    window.until("no table", |window| window.app().core().socket_table().is_none());
    open_tab(&mut window);
    window.until("a table", |window| window.app().core().socket_table().is_some());
    window.until("rest", |window| window.next_draw() == Duration::MAX);
    window.click(&fl!(window.words, "tab-code"));
    window.until("no table", |window| window.app().core().socket_table().is_none());
    window.press(egui::Modifiers::NONE, egui::Key::F12);
    window.open_row(&peer);
    window.until("a table", |window| window.app().core().socket_table().is_some());
}
