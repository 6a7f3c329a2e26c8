//! What of the messages is shown: text, bytes or both; and another encoding, tried from the row that needs it.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;

use super::window::{Window, in_each_language};

/// Whether a time to the millisecond is in it.
fn has_milliseconds(told: &str) -> bool {
    told.split([' ', '·']).any(|word| {
        let Some((time, fraction)) = word.split_once('.') else { return false };
        time.split(':').count() == 3 && fraction.len() == 3 && fraction.chars().all(|c| c.is_ascii_digit())
    })
}

fn show_as(window: &mut Window, form: &str) {
    window.choose(form);
    window.settle();
}

#[test]
fn a_conversation_is_shown_as_hex_or_as_both_with_times_to_the_millisecond() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("hello\n");
        let (told, _) = window.see_message(false, "hello");
        assert!(!has_milliseconds(&told), "{told}");
        window.say("ours");
        let [text, hex, both] = {
            let words = &window.words;
            [fl!(words, "show-as-text"), fl!(words, "show-as-hex"), fl!(words, "show-as-both")]
        };
        show_as(&mut window, &hex);
        let (told, _) = window.see_message(false, "68 65 6c 6c 6f 0a");
        assert!(has_milliseconds(&told), "{told}");
        window.see_message(true, "6f 75 72 73 0a");
        show_as(&mut window, &both);
        let (told, _) = window.see_message(false, "hello");
        assert!(told.contains("68 65 6c 6c 6f 0a") && has_milliseconds(&told), "{told}");
        show_as(&mut window, &text);
        let (told, _) = window.see_message(false, "hello");
        assert!(!told.contains("68 65"), "{told}");
    });
}

#[test]
fn what_was_written_in_hex_and_is_no_text_is_shown_in_hex() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let hex = fl!(window.words, "hex");
        window.click(&hex);
        let field = fl!(window.words, "message");
        window.fill(&field, "01 03 00 ff");
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.read(4), [1, 3, 0, 0xff]);
        window.see_message(true, "01 03 00 ff");
    });
}

#[test]
fn a_row_that_is_not_utf_8_but_gbk_offers_to_read_it_so() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        peer.send(b"\xc4\xe3\xba\xc3\n");
        let offer = fl!(window.words, "try-encoding", encoding = "GBK");
        window.click(&offer);
        window.see_message(false, "你好");
        window.see_gone(&offer);
        peer.send(b"\xff\xff\n");
        window.see_message(false, "\u{fffd}\u{fffd}");
        assert!(!window.sees(&offer));
    });
}

#[test]
fn a_row_that_is_no_text_at_all_offers_nothing() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        peer.send(b"\x80\x01\xff\n");
        let malformed = fl!(window.words, "malformed", encoding = "UTF-8");
        window.see_part(&malformed);
        assert!(!window.sees(&fl!(window.words, "try-encoding", encoding = "GBK")));
        assert!(!window.sees(&fl!(window.words, "try-encoding", encoding = "GB18030")));
    });
}
