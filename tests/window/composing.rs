//! Chinese by a real input method, in every field and wherever the cursor goes.

use crate::{
    desktop::{Desktop, SockhopWindow, until},
    free_port::free_port,
    input_method::{ENVIRONMENT, InputMethod},
    peer::Peer,
};

/// A window with a conversation, the cursor in its field, and the input method on.
fn writing<'a>(desktop: &'a Desktop, input_method: &InputMethod) -> (SockhopWindow<'a>, Peer) {
    let port = free_port();
    let settings = format!("listen_on = \"this-computer\"\nport = {port}\n");
    let window = SockhopWindow::open_with(desktop, &settings, &[], &ENVIRONMENT);
    window.press("ctrl+l");
    let peer = Peer::connect(port);
    window.wait_for_conversation();
    window.write_here();
    window.press("ctrl+space");
    input_method.wait_until_on();
    (window, peer)
}

/// What stands in the field that has the cursor.
fn written(desktop: &Desktop, window: &SockhopWindow<'_>) -> String {
    let copied = || desktop.run("timeout", &["2", "xclip", "-selection", "clipboard", "-o"]).unwrap_or_default();
    desktop.empty_clipboard();
    // What empties it does so a little later.
    until("the clipboard is empty", || copied().is_empty().then_some(()));
    window.press("ctrl+a");
    window.press("ctrl+c");
    until("what is written is copied", || Some(String::from_utf8(copied()).unwrap()).filter(|text| !text.is_empty()))
}

#[test]
fn enter_while_something_is_composed_sends_nothing() {
    let desktop = Desktop::start();
    let input_method = InputMethod::start(&desktop);
    let (window, peer) = writing(&desktop, &input_method);
    for _ in 0..3 {
        // Enter takes the letters as they are; what is written after it belongs to the same message.
        window.type_letters("nihao");
        InputMethod::wait_for_candidates(&desktop);
        window.press("Return");
        window.compose("nihao");
        window.press("Return");
        assert_eq!(peer.hears(), "nihao你好");
    }
    window.close();
}

#[test]
fn chinese_is_composed_in_a_name_and_in_what_is_searched_for() {
    let desktop = Desktop::start();
    let input_method = InputMethod::start(&desktop);
    let (window, peer) = writing(&desktop, &input_method);
    // A name, everything, and this conversation; and the message again.
    for keys in ["F2", "ctrl+k", "ctrl+f"] {
        let before = window.still_picture();
        window.press(keys);
        until("its field is there", || {
            let now = window.picture();
            let changed = before.pixels().zip(now.pixels()).filter(|(before, now)| before != now).count();
            (changed > 10_000).then_some(())
        });
        window.still_picture();
        window.compose("nihao");
        assert_eq!(written(&desktop, &window), "你好", "{keys}");
        // Enter takes the letters, and leaves the field where it is.
        window.type_letters("nihao");
        InputMethod::wait_for_candidates(&desktop);
        window.press("Return");
        assert_eq!(written(&desktop, &window), "nihao", "{keys}");
        window.press("Escape");
        window.write_here();
        window.compose("nihao");
        window.press("Return");
        assert_eq!(peer.hears(), "你好", "after {keys}");
    }
    window.close();
}

#[test]
fn the_candidates_do_not_cover_the_line() {
    let desktop = Desktop::start();
    let input_method = InputMethod::start(&desktop);
    let (window, _peer) = writing(&desktop, &input_method);
    let line = window.on_screen(window.field()).1;
    window.type_letters("nihao");
    let (top, height) = InputMethod::wait_for_candidates(&desktop);
    assert!(top >= line + 6 || top + height <= line - 6, "candidates at {top}, {height} high, over the line at {line}");
    window.press("Escape");
    window.press("alt+F4");
}
