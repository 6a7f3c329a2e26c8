//! The real program in a real window: typed into with a keyboard, read with eyes and the clipboard.
//!
//! Needs Xvfb, openbox, xdotool, xclip and `ImageMagick`; `tests/run.sh` installs them. Where a test fails, its message
//! says where a picture of the screen is.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod clipboard;
mod composing;
mod desktop;
#[path = "../net/free_port.rs"]
mod free_port;
mod input_method;
mod labs;
mod machines;
mod notification_server;
mod peer;
mod people;
mod unmanaged;

use std::{cell::Cell, net::TcpListener};

use clipboard::{NOT_HELD_UP, Owner, timed};
use desktop::{Desktop, Frame, SockhopWindow};
use free_port::free_port;
use input_method::InputMethod;
use notification_server::{Call, NotificationServer};
use peer::Peer;

#[test]
fn a_typed_line_reaches_python_and_its_answer_is_shown() {
    let desktop = Desktop::start();
    let port = free_port();
    let window = SockhopWindow::open(&desktop, &format!("listen_on = \"this-computer\"\nport = {port}\n"), &[]);
    window.press("ctrl+l");
    let mut peer = Peer::connect(port);
    window.wait_for_conversation();

    window.send("Hello over there");
    assert_eq!(peer.hears(), "Hello over there");
    window.send("你好，世界");
    assert_eq!(peer.hears(), "你好，世界");

    let before = window.still_picture();
    peer.says("数据已收到");
    assert_eq!(window.read_newest_received(&before), "数据已收到");

    window.close();
    assert_eq!(peer.hears(), "closed");
}

#[test]
fn a_window_that_is_told_to_end_by_a_signal_keeps_what_came_and_what_was_set() {
    let desktop = Desktop::start();
    let port = free_port();
    let window = SockhopWindow::open(&desktop, &format!("listen_on = \"this-computer\"\nport = {port}\n"), &[]);
    window.press("ctrl+l");
    let mut peer = Peer::connect(port);
    window.wait_for_conversation();
    for number in 0..200 {
        peer.says(&format!("line {number}"));
    }
    window.send("got it");
    while peer.hears() != "got it" {}
    window.terminate();
    assert_eq!(peer.hears(), "closed");

    let found = std::process::Command::new(env!("CARGO_BIN_EXE_sockhop"))
        .arg("--data-dir")
        .arg(window.folder())
        .args(["history", "export", "--format", "text"])
        .output()
        .unwrap();
    let kept = String::from_utf8(found.stdout).unwrap();
    for said in ["line 0", "line 199", "got it"] {
        assert!(kept.contains(said), "{said}: {kept}");
    }
}

#[test]
fn two_windows_talk_to_each_other() {
    let desktop = Desktop::start();
    let address = format!("127.0.0.1:{}", free_port());
    let server = SockhopWindow::open(&desktop, "", &["--listen", &address]);
    let client = SockhopWindow::open(&desktop, "", &["--connect", &address]);

    for (speaker, listener, text) in [(&client, &server, "你好"), (&server, &client, "hello")] {
        listener.wait_for_conversation();
        let before = listener.still_picture();
        speaker.wait_for_conversation();
        speaker.send(text);
        assert_eq!(listener.read_newest_received(&before), text);
    }
    client.close();
    server.close();
}

#[test]
fn two_windows_find_each_other_and_what_is_written_arrives_once_through_a_kill() {
    let desktop = Desktop::start();
    let beacons = std::net::UdpSocket::bind(("0.0.0.0", 0)).unwrap().local_addr().unwrap().port().to_string();
    let ports = ["--lan-port", "0", "--beacon-port", beacons.as_str()];
    let settings = |name: &str| format!("visible = \"on\"\nlan_name = \"{name}\"\n");
    let first = SockhopWindow::open(&desktop, &settings("Lab PC 1"), &ports);
    let second = SockhopWindow::open(&desktop, &settings("Lab PC 2"), &ports);

    first.go_to_person("Lab PC 2");
    first.send("hello over there");
    second.to_the_front();
    second.wait_for_title("(1) Sockhop");
    second.go_to_person("Lab PC 1");
    second.wait_for_title("Sockhop");
    second.send("and hello to you");
    second.still_picture();

    // It waits for somebody whose program was killed, and is there once that has begun again.
    let folder = first.keep_folder();
    first.kill();
    second.send("written meanwhile");
    second.still_picture();
    let first = SockhopWindow::open_in(&desktop, folder, &ports, &[]);
    first.wait_for_title("(2) Sockhop");
    first.go_to_person("Lab PC 2");
    first.wait_for_title("Sockhop");
    for window in [&first, &second] {
        window.terminate();
        let mut export = std::process::Command::new(env!("CARGO_BIN_EXE_sockhop"));
        let export = export.arg("--data-dir").arg(window.folder()).args(["history", "export", "--format", "text"]);
        let kept = String::from_utf8(export.output().unwrap().stdout).unwrap();
        let places: Vec<_> = ["hello over there", "and hello to you", "written meanwhile"]
            .map(|said| {
                assert_eq!(kept.matches(said).count(), 1, "{said}: {kept}");
                kept.find(said)
            })
            .into();
        assert!(places.is_sorted(), "{kept}");
    }
}

#[test]
fn a_display_that_nobody_serves_leads_to_the_other_one() {
    let desktop = Desktop::start();
    let port = free_port();
    let settings = format!("listen_on = \"this-computer\"\nport = {port}\n");
    let window = SockhopWindow::open_with(&desktop, &settings, &[], &[("WAYLAND_DISPLAY", "wayland-77")]);
    window.press("ctrl+l");
    let peer = Peer::connect(port);
    window.wait_for_conversation();
    window.send("still here");
    assert_eq!(peer.hears(), "still here");
    window.close();
}

#[test]
fn a_clipboard_whose_owner_has_stopped_holds_nothing_up() {
    let desktop = Desktop::start();
    let port = free_port();
    let settings = format!("listen_on = \"this-computer\"\nport = {port}\n");
    let window = SockhopWindow::open(&desktop, &settings, &[]);
    window.press("ctrl+l");
    let peer = Peer::connect(port);
    window.wait_for_conversation();
    let field = window.field();
    let clipboard = Owner::of(&desktop, "clipboard", "copied");
    let primary = Owner::of(&desktop, "primary", "selected");
    window.write_here();
    clipboard.stop();
    let took = timed(|| {
        window.press("ctrl+v");
        window.send("typed behind it");
        assert_eq!(peer.hears(), "typed behind it");
    });
    assert!(took < NOT_HELD_UP, "{took:?}");
    primary.stop();
    let took = timed(|| {
        window.middle_click(field);
        window.send("and behind a middle click");
        assert_eq!(peer.hears(), "and behind a middle click");
    });
    assert!(took < NOT_HELD_UP, "{took:?}");

    drop((clipboard, primary));
    let _clipboard = Owner::of(&desktop, "clipboard", "copied");
    let _primary = Owner::of(&desktop, "primary", "selected");
    window.press("ctrl+v");
    window.press("Return");
    assert_eq!(peer.hears(), "copied");
    let empty = window.still_picture();
    window.middle_click(field);
    window.wait_until_changed(&empty);
    window.press("Return");
    assert_eq!(peer.hears(), "selected");
    window.close();
}

#[test]
fn a_scale_that_makes_no_sense_is_told_and_the_window_opens() {
    let desktop = Desktop::start();
    for value in ["0", "-1", "two"] {
        let window = SockhopWindow::open_with(&desktop, "", &[], &[("WINIT_X11_SCALE_FACTOR", value)]);
        assert!(window.said().contains(value), "{}", window.said());
        window.close();
    }
    desktop
        .run("xprop", &["-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", "Xft.dpi:\t0\n"])
        .unwrap();
    let window = SockhopWindow::open(&desktop, "", &[]);
    assert!(window.said().contains("Xft.dpi"), "{}", window.said());
    window.close();
}

#[test]
fn the_input_method_stays_on_from_one_message_to_the_next() {
    let desktop = Desktop::start();
    let input_method = InputMethod::start(&desktop);
    let port = free_port();
    let settings = format!("listen_on = \"this-computer\"\nport = {port}\n");
    let window = SockhopWindow::open_with(&desktop, &settings, &[], &input_method::ENVIRONMENT);
    window.press("ctrl+l");
    let peer = Peer::connect(port);
    window.wait_for_conversation();
    window.write_here();

    let say_hello = |before: &dyn Fn(), when: &str| {
        for turn in 1..=5 {
            before();
            window.compose("nihao");
            window.press("Return");
            assert_eq!(peer.hears(), "你好", "message {turn} {when}");
        }
    };
    window.press("ctrl+space");
    input_method.wait_until_on();
    say_hello(&|| {}, "after another");
    say_hello(&|| window.click_into_field(), "after a click into the field");
    // Both reach the one client there is.
    let everyone_next = Cell::new(true);
    let change = || window.press(if everyone_next.replace(!everyone_next.get()) { "ctrl+e" } else { "ctrl+Next" });
    say_hello(&change, "after a change of conversation");
    window.close();
}

#[test]
fn a_first_window_is_whole_on_a_small_screen_with_a_panel() {
    for (width, height) in [(1280, 800), (1366, 768), (1024, 640)] {
        let desktop = Desktop::of_size((width, height), 40);
        let window = SockhopWindow::open(&desktop, "", &[]);
        let frame = window.frame();
        assert!(is_within(frame, (width, height - 40)), "{frame:?} on {width}×{height}");
        assert!(frame.width >= width - 100 && frame.height >= height - 150, "{frame:?} on {width}×{height}");
        window.close();
    }
}

#[test]
fn a_window_left_on_a_larger_screen_or_one_that_is_gone_comes_back_whole() {
    let desktop = Desktop::of_size((1366, 768), 40);
    for left in ["position = [5000, 3000]\nsize = [1000, 600]", "position = [300, 400]\nsize = [2500, 1300]"] {
        let window = SockhopWindow::open(&desktop, &format!("[window]\n{left}\n"), &[]);
        let frame = window.frame();
        assert!(is_within(frame, (1366, 728)), "{frame:?}, left at {left}");
        window.close();
    }
}

#[test]
fn a_window_opens_where_it_was_closed_and_as_large() {
    let desktop = Desktop::of_size((1366, 768), 40);
    let window = SockhopWindow::open(&desktop, "", &[]);
    window.frame();
    // What happens in the first second the desktop does, and the user does not.
    std::thread::sleep(std::time::Duration::from_secs(1));
    window.place((150, 60), (900, 540));
    let placed = window.frame();
    window.close();
    window.wait_until_saved("size = [900, 540]");
    for _ in 0..2 {
        let window = SockhopWindow::open_in(&desktop, window.keep_folder(), &[], &[]);
        assert_eq!(window.frame(), placed);
        window.close();
    }
}

#[test]
fn a_window_that_was_maximised_fills_what_the_panel_leaves() {
    let desktop = Desktop::of_size((1366, 768), 40);
    let settings = "[window]\nposition = [150, 60]\nsize = [900, 540]\nmaximized = true\n";
    let window = SockhopWindow::open(&desktop, settings, &[]);
    let frame = window.frame();
    assert_eq!((frame.left, frame.top, frame.width, frame.height), (0, 0, 1366, 728));
    window.close();
    assert!(std::fs::read_to_string(window.folder().join("settings.toml")).unwrap().contains("maximized = true"));
}

#[test]
fn a_second_start_brings_the_open_window_to_the_front_and_passes_on_what_it_is_to_do() {
    let desktop = Desktop::start();
    let window = SockhopWindow::open(&desktop, "", &[]);
    let elsewhere = SockhopWindow::open(&desktop, "", &[]);
    elsewhere.wait_until_in_front();
    let port = free_port();
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = peer.local_addr().unwrap().to_string();

    let told = window.start_again(&["--listen", &format!("127.0.0.1:{port}"), "--connect", &server]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(String::from_utf8_lossy(&told.stderr).contains("is open already"), "{told:?}");
    window.wait_until_in_front();
    drop(peer.accept().unwrap());
    drop(Peer::connect(port));

    window.minimize();
    elsewhere.to_the_front();
    assert_eq!(window.start_again(&[]).status.code(), Some(0));
    window.wait_until_in_front();
    // First the one that has just come to the front: it may still be asking for the keyboard.
    window.close();
    elsewhere.close();
}

#[test]
fn a_window_that_hangs_or_was_killed_keeps_no_other_from_opening() {
    let desktop = Desktop::start();
    let hanging = SockhopWindow::open(&desktop, "", &[]);
    hanging.hang();
    let next = SockhopWindow::open_in(&desktop, hanging.keep_folder(), &[], &[]);
    next.close();
    hanging.kill();
    let first = SockhopWindow::open_in(&desktop, hanging.keep_folder(), &[], &[]);
    assert_eq!(first.start_again(&[]).status.code(), Some(0));
    first.close();
}

#[test]
fn messages_to_a_window_behind_another_are_told_of_once_a_conversation_until_it_is_looked_at() {
    let desktop = Desktop::start();
    let server = NotificationServer::start();
    let bus = [("DBUS_SESSION_BUS_ADDRESS", server.bus_address.as_str())];
    let port = free_port();
    let settings = format!("listen_on = \"this-computer\"\nport = {port}\n");
    let window = SockhopWindow::open_with(&desktop, &settings, &[], &bus);
    window.press("ctrl+l");
    let mut peer = Peer::connect(port);
    window.wait_for_conversation();
    peer.says("seen at once");
    window.still_picture();
    let elsewhere = SockhopWindow::open(&desktop, "", &[]);
    elsewhere.wait_until_in_front();

    peer.says("a secret");
    let Call::Show { number, replaces: 0, text } = server.next_call() else { panic!("nothing was shown") };
    assert!(text.starts_with("1 new message from 127.0.0.1:"), "{text}");
    window.wait_until_urgent(true);
    for (more, title) in [("another", "(2) Sockhop"), ("and another", "(3) Sockhop")] {
        peer.says(more);
        window.wait_for_title(title);
    }
    // It may have been brought up to date in between.
    loop {
        let Call::Show { number: same, replaces, text } = server.next_call() else { panic!("it was taken away") };
        assert_eq!((same, replaces), (number, number));
        if text.starts_with("3 new messages from 127.0.0.1:") {
            break;
        }
    }

    server.click(number);
    window.wait_until_in_front();
    window.wait_until_urgent(false);
    window.wait_for_title("Sockhop");
    assert_eq!(server.calls_left(), []);

    window.minimize();
    peer.says("to an icon");
    window.wait_for_title("(1) Sockhop");
    let Call::Show { number: next, replaces: 0, .. } = server.next_call() else { panic!("nothing was shown") };
    assert_ne!(next, number);
    window.to_the_front();
    assert_eq!(server.next_call(), Call::Close(next), "it was looked at");

    // The projected window.
    window.press("F11");
    window.still_picture();
    elsewhere.to_the_front();
    peer.says("to the class");
    window.wait_for_title("(1) Sockhop");
    assert_eq!(server.calls_left(), []);
    window.close();
    elsewhere.close();
}

#[test]
fn nothing_is_told_of_where_the_user_does_not_want_it_and_nobody_misses_a_desktop_that_shows_nothing() {
    let desktop = Desktop::start();
    let server = NotificationServer::start();
    for (notify, bus) in [(false, server.bus_address.as_str()), (true, "unix:path=/nobody/is/here")] {
        let port = free_port();
        let settings = format!("listen_on = \"this-computer\"\nport = {port}\nnotify = {notify}\n");
        let window = SockhopWindow::open_with(&desktop, &settings, &[], &[("DBUS_SESSION_BUS_ADDRESS", bus)]);
        window.press("ctrl+l");
        let mut peer = Peer::connect(port);
        window.wait_for_conversation();
        let elsewhere = SockhopWindow::open(&desktop, "", &[]);
        elsewhere.wait_until_in_front();
        peer.says("hello");
        window.wait_for_title("(1) Sockhop");
        window.wait_until_urgent(notify);
        assert_eq!(server.calls_left(), []);
        window.close();
        elsewhere.close();
    }
}

/// Whether all of it is in the upper left part of the screen that is so large.
fn is_within(frame: Frame, (width, height): (u32, u32)) -> bool {
    frame.left >= 0
        && frame.top >= 0
        && frame.left as u32 + frame.width <= width
        && frame.top as u32 + frame.height <= height
}
