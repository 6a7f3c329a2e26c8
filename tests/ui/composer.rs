//! Writing a message: keys, input methods, sizes, hex, and why it can't be sent.

use std::time::Duration;

use egui::{Event, ImeEvent, Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{chat::LineEnding, settings::Language, wire::Framing};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language, key_event},
};

fn enter() -> Event {
    key_event(Modifiers::NONE, Key::Enter, true)
}

fn typed(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn candidate(text: &str) -> Event {
    Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None })
}

fn chosen(text: &str) -> Event {
    Event::Ime(ImeEvent::Commit(text.to_owned()))
}

/// A window whose cursor is in the composer.
fn writing(setup: Setup) -> (Window, Peer, String) {
    let (mut window, peer) = setup.with_client();
    let field = fl!(window.words, "message");
    window.click(&field);
    (window, peer, field)
}

#[test]
fn enter_sends_and_shift_enter_breaks_the_line() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) = writing(setup);
        window.write("first");
        window.press(Modifiers::SHIFT, Key::Enter);
        window.write("second");
        assert_eq!(window.value_of(&field), "first\nsecond");
        window.see_part(&fl!(window.words, "lines-arrive-apart", count = 2));
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(window.value_of(&field), "");
        assert_eq!((peer.line().as_str(), peer.line().as_str()), ("first\n", "second\n"));
    });
}

#[test]
fn the_button_sends_and_the_cursor_stays_in_the_field() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) = writing(setup);
        let send = fl!(window.words, "send");
        assert!(!window.is_enabled(&send), "there is nothing to send");
        window.write("by button");
        window.click(&send);
        assert_eq!(peer.line(), "by button\n");
        window.write("next");
        assert_eq!(window.value_of(&field), "next");
    });
}

#[test]
fn enter_that_confirms_a_candidate_does_not_send() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) = writing(setup);
        // While the candidate is shown, and in the frame in which it is chosen.
        window.frame([candidate("ni hao")]);
        window.frame([enter()]);
        window.frame([enter(), chosen("你好")]);
        assert_eq!(window.value_of(&field), "你好");
        window.frame([candidate("a")]);
        window.frame([candidate(""), chosen("啊"), enter()]);
        assert_eq!(window.value_of(&field), "你好啊");
        // The next Enter is meant.
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.line(), "你好啊\n");
    });
}

#[test]
fn a_candidate_given_up_does_not_keep_enter_from_sending() {
    let (mut window, mut peer, _) = writing(Setup::new(Language::English));
    window.write("hello");
    window.frame([candidate("ni")]);
    window.frame([candidate("")]);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(peer.line(), "hello\n");
}

#[test]
fn a_candidate_left_for_another_control_does_not_keep_enter_from_sending() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    window.frame([candidate("ni")]);
    window.click(&fl!(window.words, "settings"));
    window.frame([candidate("")]);
    window.frame([]);
    window.fill(&field, "hello");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(peer.line(), "hello\n");
}

#[test]
fn an_input_method_that_says_nothing_does_not_keep_enter_from_sending() {
    // Some systems report an empty text whenever the cursor moves.
    let (mut window, mut peer, _) = writing(Setup::new(Language::English));
    window.write("hello");
    window.frame([chosen(""), enter()]);
    assert_eq!(peer.line(), "hello\n");
}

#[test]
fn nothing_but_the_end_of_a_composition_stops_the_input_method() {
    let (mut window, first, field) = writing(Setup::new(Language::English));
    let second = Peer::connect(window.address());
    window.see_row(&second, &fl!(window.words, "state-open"));
    window.input_method_stops = 0;
    window.say("by Enter");
    window.write("by button");
    window.click(&fl!(window.words, "send"));
    window.click(&field);
    window.click(&fl!(window.words, "hex"));
    window.click(&fl!(window.words, "hex"));
    window.open_row(&second);
    window.press(Modifiers::COMMAND, Key::PageUp);
    window.press(Modifiers::COMMAND, Key::E);
    // Away from the field, and back.
    window.click(&fl!(window.words, "settings"));
    window.settle();
    window.click(&field);
    window.open_row(&first);
    assert_eq!(window.input_method_stops, 0);
}

#[test]
fn what_is_being_composed_ends_with_a_click_or_in_another_conversation() {
    let (mut window, _first, field) = writing(Setup::new(Language::English));
    let mut second = Peer::connect(window.address());
    window.see_row(&second, &fl!(window.words, "state-open"));
    window.open_row(&second);
    for leave in [
        |window: &mut Window, field: &str, _: &Peer| {
            window.click(field);
        },
        |window: &mut Window, _: &str, second: &Peer| {
            window.press(Modifiers::COMMAND, Key::E);
            window.open_row(second);
        },
    ] {
        window.frame([candidate("ni")]);
        window.input_method_stops = 0;
        leave(&mut window, &field, &second);
        assert_eq!(window.input_method_stops, 1);
        // Nothing is to be confirmed any more.
        window.say("hello");
        assert_eq!(second.line(), "hello\n");
    }
}

#[test]
fn each_enter_among_the_keys_of_one_frame_ends_a_message() {
    // A barcode scanner types a line faster than a frame is drawn.
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    window.frame([typed("a"), typed("b"), enter(), typed("c"), typed("d"), enter(), typed("e"), typed("f")]);
    assert_eq!(window.next_draw(), Duration::ZERO, "what is left waits for no other event");
    window.until("the rest stays", |window| window.value_of(&field) == "ef");
    assert_eq!((peer.line().as_str(), peer.line().as_str()), ("ab\n", "cd\n"));
    window.frame([enter()]);
    assert_eq!(peer.line(), "ef\n");
}

#[test]
fn codes_scanned_at_once_are_a_message_each_and_in_order() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    let codes: Vec<String> = (0..20).map(|n| format!("69{:011}", n * 7919)).collect();
    let keys = |code: &String| {
        let letters = code.chars().map(|letter| typed(&letter.to_string())).collect::<Vec<_>>();
        letters.into_iter().chain([enter(), key_event(Modifiers::NONE, Key::Enter, false)])
    };
    let (now, later) = codes.split_at(15);
    window.frame(now.iter().flat_map(keys));
    // More come while the first still wait.
    window.frame(later.iter().flat_map(keys));
    window.until("all have gone", |window| window.next_draw() > Duration::ZERO);
    let sent: Vec<String> = codes.iter().map(|_| peer.line().trim_end().to_owned()).collect();
    assert_eq!(sent, codes);
    assert_eq!(window.value_of(&field), "");
}

#[test]
fn bytes_scanned_at_once_are_sent_line_by_line() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    window.click(&fl!(window.words, "hex"));
    window.frame([typed("01"), enter(), typed("02"), enter(), typed("x"), enter()]);
    window.until("what can't be sent stays", |window| window.value_of(&field) == "x");
    assert_eq!(peer.read(2), [1, 2]);
}

#[test]
fn a_line_broken_among_the_keys_of_one_frame_stays_in_its_message() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    window.frame([typed("a"), key_event(Modifiers::SHIFT, Key::Enter, true), typed("b"), enter(), typed("c")]);
    window.until("the rest stays", |window| window.value_of(&field) == "c");
    assert_eq!((peer.line().as_str(), peer.line().as_str()), ("a\n", "b\n"));
}

#[test]
fn what_is_typed_at_once_before_and_after_a_change_of_conversation_stays_apart() {
    let (mut window, mut first, field) = writing(Setup::new(Language::English));
    let mut second = Peer::connect(window.address());
    window.see_row(&second, &fl!(window.words, "state-open"));
    window.open_row(&first);
    let next = key_event(Modifiers::COMMAND, Key::PageDown, true);
    window.frame([typed("a"), next, typed("b"), enter()]);
    window.until("nothing waits", |window| window.next_draw() > Duration::ZERO);
    assert_eq!(second.line(), "b\n");
    assert_eq!(window.value_of(&field), "");
    window.open_row(&first);
    assert_eq!(window.value_of(&field), "a");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(first.line(), "a\n");
}

#[test]
fn an_enter_after_a_chosen_candidate_sends_it_in_the_same_frame() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    window.frame([candidate("ni hao")]);
    let space_up = key_event(Modifiers::NONE, Key::Space, false);
    window.frame([candidate(""), chosen("你好"), space_up, enter(), typed("a")]);
    window.until("the rest stays", |window| window.value_of(&field) == "a");
    assert_eq!(peer.line(), "你好\n");
}

#[test]
fn the_size_is_shown_in_characters_and_bytes() {
    in_each_language(|setup| {
        let (mut window, _peer, field) = writing(setup);
        window.write("你好");
        let count = fl!(window.words, "characters-bytes-framed", characters = 2, bytes = "6+1");
        window.see(&count);
        window.fill(&field, "a");
        let count = fl!(window.words, "characters-bytes-framed", characters = 1, bytes = "1+1");
        window.see(&count);
    });
    let (mut window, _peer, _) = writing(Setup::new(Language::English));
    window.write("你好");
    window.see("2 characters, 6+1 bytes");
    let setup = Setup::new(Language::English).with(|settings| settings.line_ending = LineEnding::None);
    let (mut window, _peer, _) = writing(setup);
    window.write("你好");
    window.see("2 characters, 6 bytes");
    let setup = Setup::new(Language::English).with(|settings| settings.framing = Framing::LENGTH);
    let (mut window, _peer, _) = writing(setup);
    window.write("你好");
    window.see("2 characters, 4+6 bytes");
}

#[test]
fn hex_sends_the_bytes_typed_and_nothing_else() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) = writing(setup);
        window.click(&fl!(window.words, "hex"));
        window.write("e4 bd a0");
        window.see(&fl!(window.words, "bytes", count = 3));
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.read(3), "你".as_bytes());
        window.see_message(true, "你");

        window.write("e4 xg");
        window.see(&fl!(window.words, "hex-bad-digit", place = 4, found = "x"));
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(window.value_of(&field), "e4 xg", "it was not sent");
        window.fill(&field, "e4b");
        window.see(&fl!(window.words, "hex-odd"));
        assert!(!window.is_enabled(&fl!(window.words, "send")));
    });
}

#[test]
fn up_recalls_earlier_messages_and_down_leads_back() {
    in_each_language(|setup| {
        let (mut window, _peer, field) = writing(setup);
        window.say("one");
        window.say("two");
        for (key, shown) in [
            (Key::ArrowUp, "two"),
            (Key::ArrowUp, "one"),
            (Key::ArrowUp, "one"),
            (Key::ArrowDown, "two"),
            (Key::ArrowDown, ""),
            (Key::ArrowUp, "two"),
        ] {
            window.press(Modifiers::NONE, key);
            assert_eq!(window.value_of(&field), shown);
        }
        // The cursor stands at the end of what was recalled.
        window.write("!");
        assert_eq!(window.value_of(&field), "two!");
        window.press(Modifiers::NONE, Key::ArrowUp);
        assert_eq!(window.value_of(&field), "two!", "what has been changed is not lost");
    });
}

#[test]
fn the_note_on_lines_is_for_line_framing_only() {
    in_each_language(|setup| {
        let (mut window, _peer, _) = writing(setup);
        window.write("a\nb");
        let note = fl!(window.words, "lines-arrive-apart", count = 2);
        window.see_part(&note);
        let (framing, line) = (fl!(window.words, "framing"), fl!(window.words, "framing-line"));
        window.click(&format!("{framing}: {line}"));
        window.click(&fl!(window.words, "framing-chunk-long"));
        window.until("no note", |window| !window.sees_part(&note));
    });
}

#[test]
fn a_character_that_the_encoding_does_not_have_is_named_before_and_after_sending() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) =
            writing(setup.with(|settings| settings.encoding = encoding("windows-1252")));
        window.write("a你");
        window.see(&fl!(window.words, "unmappable", character = "你", encoding = "windows-1252"));
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(window.value_of(&field), "");
        assert_eq!(peer.line(), "a?\n");
        window.see(&fl!(window.words, "unmappable-sent", character = "你", encoding = "windows-1252"));
    });
}

fn encoding(name: &str) -> sockhop::wire::text::TextEncoding {
    sockhop::wire::text::TextEncoding::named(name).unwrap()
}

#[test]
fn the_line_ending_chosen_here_is_what_is_sent() {
    in_each_language(|setup| {
        let (mut window, mut peer, _) = writing(setup);
        let name = fl!(window.words, "line-ending");
        let shown = |window: &Window, ending: &str| {
            let seen = fl!(window.words, "ending-is", ending = ending.to_owned());
            assert!(window.sees_part(ending) && !window.sees_part(&format!("{name}: {seen}")), "once is enough");
            format!("{name}: {ending}")
        };
        window.click(&shown(&window, "LF"));
        window.click("CRLF");
        window.say("a");
        assert_eq!(peer.line(), "a\r\n");
        window.click(&shown(&window, "CRLF"));
        window.click(&fl!(window.words, "ending-none"));
        window.say("b");
        assert_eq!(peer.read(1), b"b");
    });
}

#[test]
fn what_is_being_written_stays_with_its_conversation() {
    let (mut window, first, field) = writing(Setup::new(Language::English));
    let second = Peer::connect(window.address());
    window.write("for the first");
    window.open_row(&second);
    assert_eq!(window.value_of(&field), "");
    window.open_row(&first);
    assert_eq!(window.value_of(&field), "for the first");
}

#[test]
fn undo_brings_back_nothing_that_was_written_for_another() {
    let (mut window, mut first, field) = writing(Setup::new(Language::English));
    let mut second = Peer::connect(window.address());
    window.write("for the first");
    window.open_row(&second);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.value_of(&field), "");
    window.write("for the second");
    window.open_row(&first);
    window.press(Modifiers::COMMAND, Key::Z);
    assert!("for the first".starts_with(&window.value_of(&field)), "{}", window.value_of(&field));
    // What the keys send is what this one's field holds.
    window.say("one");
    window.open_row(&second);
    assert_eq!(window.value_of(&field), "for the second");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!((first.line().as_str(), second.line().as_str()), ("one\n", "for the second\n"));
}

#[test]
fn the_cursor_stays_in_the_field_when_another_conversation_is_opened() {
    let (mut window, first, field) = writing(Setup::new(Language::English));
    let second = Peer::connect(window.address());
    window.write("for the first");
    window.see_row(&second, &fl!(window.words, "state-open"));
    let to_another = |window: &mut Window| window.press(Modifiers::COMMAND, Key::PageDown);
    to_another(&mut window);
    window.write("x");
    assert_eq!(window.value_of(&field), "x");
    // A cursor that was left at the start of the text is there again.
    window.open_row(&first);
    window.press(Modifiers::NONE, Key::Home);
    window.open_row(&second);
    window.write("y");
    assert_eq!(window.value_of(&field), "xy");
    window.open_row(&first);
    window.write(">");
    assert_eq!(window.value_of(&field), ">for the first");
}

#[test]
fn characters_that_control_a_terminal_are_shown_as_pictures() {
    let (mut window, mut peer, _) = writing(Setup::new(Language::English));
    let all: Vec<u8> = (0..=0x1f).filter(|byte| *byte != b'\n').chain([0x7f, b'\n']).collect();
    peer.send(&all);
    // No character is without a glyph, or the window would not have been drawn.
    window.see_part(&fl!(window.words, "bytes", count = all.len()));
}
