//! The inspector's Bytes and Code: what a message is made of, and programs for the other end.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{i18n::listed, settings::Language, wire::Framing};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

/// The inspector in all the window, with this tab open.
fn inspect(window: &mut Window, tab: &str) {
    window.press(Modifiers::NONE, Key::F12);
    window.press(Modifiers::SHIFT, Key::F12);
    window.click(tab);
}

fn bytes_of(setup: Setup, sent: &[u8], text: &str) -> (Window, Peer) {
    let (mut window, mut peer) = setup.any_bytes().size(1280.0, 2400.0).with_client();
    peer.send(sent);
    window.see_message(false, text);
    let tab = fl!(window.words, "tab-bytes");
    inspect(&mut window, &tab);
    (window, peer)
}

#[test]
fn each_character_stands_over_its_bytes() {
    in_each_language(|setup| {
        let (mut window, _peer) = bytes_of(setup, "你好\n".as_bytes(), "你好");
        window.see(&format!("你好 → {}", fl!(window.words, "bytes", count = 7)));
        window.place_of("你 U+4F60 e4 bd a0");
        window.place_of("好 U+597D e5 a5 bd");
        let ending = fl!(window.words, "bytes-ending");
        window.place_of(&format!("␊ LF · {ending} 0a"));
        window.see("0000  e4 bd a0 e5 a5 bd 0a");
        window.see_part(&fl!(window.words, "bytes-latest"));
        // Marked in the cells, it is what the button copies.
        window.click("好 U+597D e5 a5 bd");
        assert!(window.is_on("好 U+597D e5 a5 bd"));
        assert!(!window.is_on("你 U+4F60 e4 bd a0"));
        let copy = fl!(window.words, "bytes-copy-selected", count = 3);
        window.click(&copy);
        assert_eq!(window.copied(), Some("e5 a5 bd"));
    });
}

#[test]
fn the_arrow_keys_select_bytes_and_their_character_is_marked() {
    in_each_language(|setup| {
        let (mut window, _peer) = bytes_of(setup, "你好\n".as_bytes(), "你好");
        let dump = window.place_of(&fl!(window.words, "bytes-dump"));
        window.click_at(dump.left_top() + egui::vec2(6.0, 8.0), egui::PointerButton::Primary);
        window.press(Modifiers::NONE, Key::ArrowRight);
        window.press(Modifiers::SHIFT, Key::ArrowRight);
        window.press(Modifiers::SHIFT, Key::ArrowRight);
        let copy = fl!(window.words, "bytes-copy-selected", count = 3);
        window.click(&copy);
        assert_eq!(window.copied(), Some("bd a0 e5"));
        assert!(window.is_on("你 U+4F60 e4 bd a0") && window.is_on("好 U+597D e5 a5 bd"));
    });
}

#[test]
fn a_length_prefix_is_shown_with_the_number_it_is() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.framing = Framing::LENGTH);
        let (mut window, _peer) = bytes_of(setup, b"\0\0\0\x06\xe4\xbd\xa0\xe5\xa5\xbd", "你好");
        let length = fl!(window.words, "bytes-length");
        window.place_of(&format!("6 {length} 00 00 00 06"));
        window.place_of("你 U+4F60 e4 bd a0");
    });
}

#[test]
fn several_messages_in_one_recv_are_told_from_one_message_in_several() {
    in_each_language(|setup| {
        let (mut window, mut peer) = bytes_of(setup, b"one\ntwo\n", "two");
        window.see(&fl!(window.words, "bytes-recv-together"));
        window.named_with("recv #1");
        peer.send("thr");
        let received = |window: &Window, bytes: u64| {
            window.app().core().conversations().any(|(_, conversation)| conversation.bytes_in >= bytes)
        };
        // The tail that was quiet is a message of its own.
        window.until("the first part", |window| received(window, 11));
        window.see_part("thr → ");
        window.see(&fl!(window.words, "bytes-recv-one"));
        window.named_with("recv #2");
    });
}

#[test]
fn what_goes_wrong_in_other_encodings_is_counted() {
    in_each_language(|setup| {
        let (mut window, _peer) = bytes_of(setup, b"\xc4\xe3\n", "\u{fffd}\u{fffd}");
        let places = listed(&window.words, &["0", "1"].map(str::to_owned));
        window.see(&format!("✗ {}", fl!(window.words, "bytes-read-badly", count = 2, places = places)));
        window.see("你");
        let malformed = fl!(window.words, "bytes-malformed");
        window.place_of(&format!("\u{fffd} {malformed} c4"));
    });
}

#[test]
fn what_goes_wrong_is_placed_as_in_the_dump_where_the_length_comes_first() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.framing = Framing::LENGTH);
        let (mut window, _peer) = bytes_of(setup, b"\0\0\0\x02a\xff", "a\u{fffd}");
        window.see("0000  00 00 00 02 61 ff");
        window.see(&format!("✗ {}", fl!(window.words, "bytes-read-badly", count = 1, places = "5")));
    });
}

#[test]
fn the_layers_have_the_values_of_the_connection() {
    in_each_language(|setup| {
        let (mut window, peer) = bytes_of(setup, b"hi\n", "hi");
        let (from, to) = (peer.address(), window.app().core().conversations().next().unwrap().1.local.unwrap());
        window.see(&format!("TCP {} → {}", from.port(), to.port()));
        window.see_part(&fl!(window.words, "layers-no-frame"));
        for layer in ["osi-7", "osi-4", "osi-1"] {
            let name = match layer {
                "osi-7" => fl!(window.words, "osi-7"),
                "osi-4" => fl!(window.words, "osi-4"),
                _ => fl!(window.words, "osi-1"),
            };
            window.see(&name);
        }
        assert_eq!(window.unnamed(), Vec::<String>::new());
    });
}

#[test]
fn of_a_long_message_the_first_characters_are_shown_and_more_when_asked_for() {
    let (mut window, _peer) =
        bytes_of(Setup::new(Language::English), &[b"a".repeat(5000), b"\n".to_vec()].concat(), &"a".repeat(5000));
    let more = fl!(window.words, "bytes-more", count = 1600);
    window.click(&more);
    window.settle();
    window.click(&more);
}

#[test]
fn a_client_for_the_server_is_written_copied_and_saved() {
    in_each_language(|setup| {
        let (mut window, address) = setup.listening();
        let tab = fl!(window.words, "tab-code");
        inspect(&mut window, &tab);
        window.see(&fl!(window.words, "code-client", address = address.to_string()));
        let copy = fl!(window.words, "code-copy");
        window.click(&copy);
        let python = window.copied().unwrap().to_owned();
        assert!(python.contains(&format!("client.connect((\"127.0.0.1\", {}))", address.port())), "{python}");
        let rust = format!("{}: Rust", fl!(window.words, "code-language"));
        window.click(&rust);
        window.click(&copy);
        assert!(window.copied().unwrap().contains(&format!("TcpStream::connect(\"{address}\")")));
        let nc = format!("{}: nc", fl!(window.words, "code-language"));
        window.click(&nc);
        window.click(&copy);
        assert!(window.copied().unwrap().ends_with(&format!("nc 127.0.0.1 {}\n", address.port())));
        let save = fl!(window.words, "code-save");
        window.click(&save);
        window.see(&fl!(window.words, "file-save-title", name = "client.sh"));
        assert_eq!(window.unnamed(), Vec::<String>::new());
    });
}
