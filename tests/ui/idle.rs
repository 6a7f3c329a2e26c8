//! At rest, and at the end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use i18n_embed_fl::fl;
use sockhop::{core::PastState, settings::Language};

use super::{
    peer::Peer,
    window::{Setup, Window},
};

/// Nothing asks for a frame: no panel, and no thread. What the system was asked just before is answered when it can,
/// which on a busy machine takes its time; but then there is rest.
fn assert_idle(window: &mut Window, state: &str) {
    let limit = Instant::now() + ANSWERED_WITHIN;
    while asked_within(window, state, AT_REST) > 0 {
        assert!(Instant::now() < limit, "frames are asked for in {state}, again and again");
    }
}

/// Longer than any clock of the window's ticks.
const AT_REST: Duration = Duration::from_millis(1_200);

/// How late an answer to a question may be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// How many frames are asked for within this time, once the panels are at rest.
fn asked_within(window: &mut Window, state: &str, time: Duration) -> usize {
    window.until(&format!("rest in {state}"), |window| window.next_draw() == Duration::MAX);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    window.ctx().set_request_repaint_callback(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let until = Instant::now() + time;
    while let left = until.saturating_duration_since(Instant::now())
        && !left.is_zero()
    {
        thread::park_timeout(left);
    }
    asked.load(Ordering::Relaxed)
}

#[test]
fn at_rest_no_frame_is_asked_for() {
    let mut window = Setup::new(Language::English).open();
    // The file of the history is opened beside the window, which is told once.
    window.until("the history is open", |window| matches!(window.app().core().past().state, PastState::Open(_)));
    assert_idle(&mut window, "the welcome");
    let address = window.start_listening();
    assert_idle(&mut window, "a server without clients");
    let mut peers = [Peer::connect(address), Peer::connect(address)];
    for peer in &mut peers {
        window.see_row(peer, &fl!(window.words, "state-open"));
        peer.send("hello\n");
    }
    window.say("hello");
    window.see_message(false, "hello");
    // Where the system says what is acknowledged, it is asked until all is.
    #[cfg(target_os = "linux")]
    window.see_sent("hello", "✓✓");
    // The cursor is in the composer.
    assert_idle(&mut window, "a conversation");
    window.click(&fl!(window.words, "settings"));
    assert_idle(&mut window, "the settings");
}

#[test]
fn a_toast_asks_for_the_frame_in_which_it_goes_and_for_no_other() {
    let mut window = Setup::new(Language::English).with(|settings| settings.port = 8888).open();
    window.click(&fl!(window.words, "copy-this-address", address = "127.0.0.1:8888"));
    window.see(&fl!(window.words, "copied", text = "127.0.0.1:8888"));
    window.until("calm", |window| window.next_draw() > Duration::from_millis(100));
    assert!(window.next_draw() < Duration::from_secs(3), "{:?}", window.next_draw());
}

#[test]
fn closing_the_window_ends_everything_and_waits_for_nobody() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    let mut others: Vec<Peer> = (0..20).map(|_| Peer::connect(window.address())).collect();
    window.until("all clients", |window| window.app().core().connected_clients() == 21);
    window.say("bye");
    let address = window.address();
    let app = window.into_app();
    let start = Instant::now();
    drop(app);
    // It takes a tenth of a second; but other tests run beside it.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(peer.rest().unwrap(), b"bye\n");
    for other in &mut others {
        assert_eq!(other.rest().unwrap(), b"");
    }
    assert!(std::net::TcpStream::connect(address).is_err());
}
