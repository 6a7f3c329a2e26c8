//! Step by step: each call waits for its turn, in order and out of it, on real sockets.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener, TcpStream},
};

use egui::{Key as Button, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{
    core::{Key, ServerState},
    net::{ConnId, SocketId},
};

use super::{
    peer::{Peer, nobody, server},
    window::{Setup, Window, in_each_language, key_event},
};

/// Turn the switch on, for a server that is to listen there.
fn stepping(setup: Setup, at: SocketAddr) -> Window {
    let mut window = setup.with(|settings| (settings.port, settings.backlog) = (at.port(), 3)).open();
    let switch = fl!(window.words, "step-by-step");
    window.click(&switch);
    assert!(window.is_on(&switch));
    window
}

fn next(window: &Window, call: &str) -> String {
    fl!(window.words, "step-next", call = call)
}

/// Click Next, which is to be this call.
#[track_caller]
fn step(window: &mut Window, call: &str) {
    let next = next(window, call);
    window.click(&next);
}

/// The only connection.
fn conn_of(window: &Window) -> ConnId {
    window.app().core().conversations().next().unwrap().0
}

/// Try one of the other calls.
#[track_caller]
fn try_call(window: &mut Window, name: &str) {
    let others = fl!(window.words, "step-others");
    window.click(&others);
    window.click(name);
}

/// The server's calls so far that came from a step.
fn calls(window: &Window, socket: SocketId) -> Vec<&'static str> {
    let log = window.app().core().calls(socket).into_iter().flat_map(sockhop::core::CallLog::iter);
    log.map(|row| row.call.call.name()).filter(|name| *name != "getsockname").collect()
}

fn refused(at: SocketAddr) -> bool {
    TcpStream::connect(at).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[test]
fn the_lessons_server_goes_from_socket_to_close_by_next_alone() {
    in_each_language(|setup| {
        let at = nobody();
        let mut window = stepping(setup, at);
        let keys = fl!(window.words, "step-keys", key = "F10");
        window.see(&keys);
        for call in ["socket()", "setsockopt()", "bind()"] {
            assert!(refused(at));
            step(&mut window, call);
        }
        let listen = next(&window, "listen()");
        window.see(&listen);
        assert!(refused(at));
        step(&mut window, "listen()");
        let accept = next(&window, "accept()");
        window.see(&accept);

        // Who comes now sits in the queue, and nothing happens on its own.
        let mut peer = Peer::connect(at);
        peer.send("你好");
        if cfg!(target_os = "linux") {
            window.see("1\u{a0}/\u{a0}3");
            window.see(&fl!(window.words, "step-does-accept-waiting", count = 1));
        }
        assert_eq!(window.app().core().conversations().len(), 0);
        step(&mut window, "accept()");
        let recv = next(&window, "recv()");
        window.see(&recv);
        let conn = conn_of(&window);
        assert_eq!(window.app().core().conversation(Key::Conn(conn)).unwrap().bytes_in, 0);
        step(&mut window, "recv()");
        window.see_message(false, "你好");

        // What is said waits for its step.
        window.say("数据已收到");
        let waiting = fl!(window.words, "sent-waiting");
        window.see_sent("数据已收到", &waiting);
        step(&mut window, "send()");
        window.see_sent("数据已收到", "✓");
        assert_eq!(peer.line(), "数据已收到\n");
        step(&mut window, "close()");
        assert_eq!(peer.rest().unwrap(), b"");
        // And then the next client.
        window.see(&accept);
        assert_eq!(calls(&window, SocketId::Conn(conn)), ["recv", "send", "close"]);
        let ServerState::Listening { listener, .. } = window.app().core().server().state else { panic!() };
        let made = ["socket", "setsockopt", "bind", "listen", "accept"];
        assert_eq!(calls(&window, SocketId::Listener(listener)), made);
    });
}

#[test]
fn accept_and_recv_wait_and_the_button_says_so() {
    in_each_language(|setup| {
        let at = nobody();
        let mut window = stepping(setup, at);
        for call in ["socket()", "setsockopt()", "bind()", "listen()", "accept()"] {
            step(&mut window, call);
        }
        let waits = fl!(window.words, "step-waits", call = "accept()");
        window.see(&waits);
        assert!(!window.is_enabled(&waits));
        let mut peer = Peer::connect(at);
        step(&mut window, "recv()");
        let waits = fl!(window.words, "step-waits", call = "recv()");
        window.see(&waits);
        assert_eq!(window.app().core().calls(SocketId::Conn(conn_of(&window))).unwrap().waiting().len(), 1);
        peer.send("late");
        window.see_message(false, "late");
        peer.finish_sending();
        step(&mut window, "recv()");
        step(&mut window, "close()");
        assert_eq!(peer.rest().unwrap(), b"");
    });
}

#[test]
fn a_call_out_of_order_is_made_and_its_error_told_with_name_and_number() {
    in_each_language(|setup| {
        let at = nobody();
        let mut window = stepping(setup, at);
        let try_accept = fl!(window.words, "step-try", call = "accept()");
        try_call(&mut window, &try_accept);
        window.see_part(&fl!(window.words, "error-no-socket-yet", call = "accept"));
        step(&mut window, "socket()");
        let setsockopt = next(&window, "setsockopt()");
        window.see(&setsockopt);
        try_call(&mut window, &try_accept);
        window.see_part(&fl!(window.words, "error-out-of-order", call = "accept"));
        if cfg!(target_os = "linux") {
            window.see_part("EINVAL (22)");
        }
        // It goes on where it was.
        for call in ["setsockopt()", "bind()", "listen()"] {
            step(&mut window, call);
        }
        let accept = next(&window, "accept()");
        window.see(&accept);
        Peer::connect(at);
    });
}

#[test]
fn a_bind_that_fails_says_why_and_may_be_tried_again() {
    in_each_language(|setup| {
        let (holder, at) = server();
        let mut window = stepping(setup, at);
        for call in ["socket()", "setsockopt()", "bind()"] {
            step(&mut window, call);
        }
        window.see_part(&fl!(window.words, "error-address-in-use", target = at.to_string()));
        drop(holder);
        step(&mut window, "bind()");
        let listen = next(&window, "listen()");
        window.see(&listen);
    });
}

#[test]
fn the_key_makes_one_step_for_each_press_and_space_only_where_nothing_else_has_the_keyboard() {
    in_each_language(|setup| {
        let at = nobody();
        let mut window = stepping(setup, at);
        for then in ["setsockopt()", "bind()"] {
            window.press(Modifiers::NONE, Button::F10);
            let then = next(&window, then);
            window.see(&then);
        }
        // Held down, it is still one press.
        let listen = next(&window, "listen()");
        window.frame([key_event(Modifiers::NONE, Button::F10, true)]);
        window.see(&listen);
        window.frame([key_event(Modifiers::NONE, Button::F10, true)]);
        window.settle();
        window.frame([key_event(Modifiers::NONE, Button::F10, false)]);
        window.see(&listen);

        let focused = |window: &mut Window| window.ctx().memory(egui::Memory::focused);
        if let Some(id) = focused(&mut window) {
            window.ctx().memory_mut(|memory| memory.surrender_focus(id));
        }
        window.press(Modifiers::NONE, Button::Space);
        let accept = next(&window, "accept()");
        window.see(&accept);
        let mut peer = Peer::connect(at);
        window.press(Modifiers::NONE, Button::F10);
        let recv = next(&window, "recv()");
        window.see(&recv);
        // In the field, Space is a character.
        let field = fl!(window.words, "message");
        window.fill(&field, "two");
        window.press(Modifiers::NONE, Button::Space);
        window.settle();
        assert!(window.sees(&recv));
        peer.send("x\n");
    });
}

#[test]
fn a_client_connection_is_made_by_next_alone() {
    in_each_language(|setup| {
        let (listener, at) = server();
        let mut window = setup.open();
        prepare(&mut window, &at.to_string());
        listener.set_nonblocking(true).unwrap();
        step(&mut window, "socket()");
        let connect = next(&window, "connect()");
        window.see(&connect);
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        step(&mut window, "connect()");
        let mut peer = Peer::accept(&listener);
        let recv = next(&window, "recv()");
        window.see(&recv);
        window.say("hello");
        let waiting = fl!(window.words, "sent-waiting");
        window.see_sent("hello", &waiting);
        step(&mut window, "send()");
        assert_eq!(peer.line(), "hello\n");
        peer.send("world\n");
        step(&mut window, "recv()");
        window.see_message(false, "world");
        step(&mut window, "close()");
        assert_eq!(peer.rest().unwrap(), b"");
        window.see_gone(&fl!(window.words, "step-others"));
    });
}

#[test]
fn a_refused_connect_is_explained_and_can_be_tried_again() {
    in_each_language(|setup| {
        let at = nobody();
        let mut window = setup.open();
        prepare(&mut window, &at.to_string());
        let send = fl!(window.words, "step-try-conn", call = "send()");
        step(&mut window, "socket()");
        let connect = next(&window, "connect()");
        window.see(&connect);
        try_call(&mut window, &send);
        if cfg!(target_os = "linux") {
            window.see_part("EPIPE (32)");
        }
        step(&mut window, "connect()");
        window.see_part(&fl!(window.words, "error-refused", target = at.to_string()));
        if cfg!(target_os = "linux") {
            window.see_part("ECONNREFUSED (111)");
            let _host = TcpListener::bind(at).unwrap();
            step(&mut window, "connect()");
            let recv = next(&window, "recv()");
            window.see(&recv);
        }
    });
}

#[test]
fn a_name_is_not_looked_up_step_by_step() {
    in_each_language(|setup| {
        let mut window = setup.open();
        prepare(&mut window, "localhost:8888");
        window.see(&fl!(window.words, "step-needs-ip"));
        assert_eq!(window.app().core().conversations().len(), 0);
    });
}

#[test]
fn a_client_that_goes_on_by_itself_needs_no_more_steps() {
    in_each_language(|setup| {
        let (listener, at) = server();
        let mut window = setup.open();
        prepare(&mut window, &at.to_string());
        let go_on = fl!(window.words, "step-go-on");
        try_call(&mut window, &go_on);
        let mut peer = Peer::accept(&listener);
        peer.send("hello\n");
        window.see_message(false, "hello");
        assert!(!window.sees(&fl!(window.words, "step-others")));
    });
}

#[test]
fn switched_on_a_running_server_stops_where_it_is_and_off_it_goes_on() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let at = window.address();
        let switch = fl!(window.words, "step-by-step");
        window.click(&switch);
        let recv = next(&window, "recv()");
        window.see(&recv);
        peer.send("unread\n");
        let second = Peer::connect(at);
        window.settle();
        assert_eq!(window.app().core().conversations().len(), 1);
        assert!(!window.sees_part("unread"));

        window.click(&switch);
        window.see_message(false, "unread");
        window.see_row(&second, &fl!(window.words, "state-open"));
        assert!(!window.sees(&fl!(window.words, "step-others")));
    });
}

#[test]
fn stepping_is_off_at_the_next_start() {
    let setup = Setup::new(sockhop::settings::Language::English);
    let window = stepping(setup, nobody());
    let mut window = window.close().open();
    let switch = fl!(window.words, "step-by-step");
    assert!(!window.is_on(&switch));
}

/// Have a client connection to this address, step by step.
#[track_caller]
fn prepare(window: &mut Window, address: &str) {
    let ask = fl!(window.words, "connect-ask");
    window.click(&ask);
    let field = fl!(window.words, "address");
    window.fill(&field, address);
    let stepped = fl!(window.words, "step-by-step");
    window.click(&stepped);
    let connect = fl!(window.words, "connect");
    window.click(&connect);
}

#[test]
fn a_socket_is_not_said_to_listen_before_listen() {
    in_each_language(|setup| {
        let mut window = stepping(setup.with(|settings| settings.inspector = true), nobody());
        let (not_yet, listening) = (fl!(window.words, "lane-not-listening"), fl!(window.words, "lane-listening"));
        let is_headed = |window: &Window, what: &str| {
            window.all_names().iter().any(|name| name.contains("fd ") && name.contains(&format!("· {what}")))
        };
        for call in ["socket()", "setsockopt()", "bind()"] {
            step(&mut window, call);
            window.until("its header", |window| is_headed(window, &not_yet));
            assert!(!is_headed(&window, &listening));
        }
        step(&mut window, "listen()");
        window.until("that it listens", |window| is_headed(window, &listening) && !is_headed(window, &not_yet));
    });
}

#[test]
fn the_server_can_be_stopped_after_each_of_its_steps() {
    for calls in 1..=4 {
        in_each_language(|setup| {
            let at = nobody();
            let mut window = stepping(setup, at);
            for call in ["socket()", "setsockopt()", "bind()", "listen()"].into_iter().take(calls) {
                step(&mut window, call);
            }
            let stop = fl!(window.words, "stop");
            window.click(&stop);
            window.until("its end", |window| window.app().core().server().state == ServerState::Stopped);
            assert!(refused(at));
            let first = next(&window, "socket()");
            window.see(&first);
        });
    }
}
