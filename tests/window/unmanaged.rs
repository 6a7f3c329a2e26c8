//! The window on a screen where nobody manages windows: a kiosk, a bare `xinit`.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
};

use crate::desktop::{Desktop, PATIENCE, SockhopWindow};

#[test]
fn the_window_has_the_keyboard_when_it_opens_and_when_it_is_clicked() {
    let desktop = Desktop::unmanaged();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let talk = || {
        let window = SockhopWindow::open(&desktop, "", &["--connect", &address]);
        let (stream, _) = server.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        window.wait_for_conversation();
        (window, BufReader::new(stream))
    };
    let heard = |peer: &mut BufReader<std::net::TcpStream>| {
        let mut line = String::new();
        peer.read_line(&mut line).unwrap();
        line
    };
    let (window, mut peer) = talk();
    window.say_with_the_keyboard("typed at once");
    assert_eq!(heard(&mut peer), "typed at once\n");
    let field = window.field();

    let (other, mut other_peer) = talk();
    other.say_with_the_keyboard("the newer one");
    assert_eq!(heard(&mut other_peer), "the newer one\n");
    other.move_to(1_200, 0);
    window.click(field);
    window.say_with_the_keyboard("clicked");
    assert_eq!(heard(&mut peer), "clicked\n");
}
