//! Selecting in the transcript: while more comes, over more than is in sight, and all of it; and what is copied.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language, key_event},
};
use sockhop::settings::Language;

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |lines, number| lines + &format!("line {number}\n"))
}

fn tell(window: &mut Window, peer: &mut Peer, numbers: std::ops::Range<usize>) {
    let received = |window: &Window| window.app().core().conversations().next_back().unwrap().1.messages_in;
    let before = received(window);
    peer.send(lines(numbers.clone()));
    window.until("all lines", |window| received(window) == before + numbers.len() as u64);
    window.settle();
}

fn button(window: &mut Window, pos: Pos2, pressed: bool) {
    window.frame([
        Event::PointerMoved(pos),
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE },
    ]);
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    button(window, from, true);
    window.frame([Event::PointerMoved(from.lerp(to, 0.5))]);
    window.frame([Event::PointerMoved(to)]);
    button(window, to, false);
    window.frame([]);
}

fn copy(window: &mut Window) -> String {
    window.forget_copied();
    window.frame([Event::Copy]);
    window.frame([]);
    window.copied().unwrap_or_default().to_owned()
}

/// From left of the first letter to right of the last.
fn ends(rect: Rect) -> (Pos2, Pos2) {
    (rect.left_center() + egui::vec2(1.0, 0.0), rect.right_center() - egui::vec2(1.0, 0.0))
}

#[test]
fn the_view_waits_while_something_is_selected_and_it_is_copied_without_empty_lines() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, 0..100);
        let in_sight = window.messages();
        let [.., (first, above), (second, _), (third, below)] = in_sight.as_slice() else { panic!("no rows") };
        drag(&mut window, ends(*above).0, ends(*below).1);
        tell(&mut window, &mut peer, 100..300);
        assert_eq!(window.messages(), in_sight, "it waits while lines come");
        assert_eq!(copy(&mut window), format!("{first}\n{second}\n{third}"));
        window.press(Modifiers::NONE, Key::Escape);
        window.see_message(false, "line 299");
        assert_eq!(copy(&mut window), "", "nothing is selected any more");
    });
}

#[test]
fn dragging_with_the_wheel_selects_what_was_passed() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    tell(&mut window, &mut peer, 0..400);
    let (last, place) = window.messages().pop().unwrap();
    assert_eq!(last, "line 399");
    let (begin, end) = ends(place);
    button(&mut window, end, true);
    window.frame([Event::PointerMoved(begin - egui::vec2(0.0, 200.0))]);
    for _ in 0..20 {
        window.scroll(300.0);
    }
    for _ in 0..40 {
        window.frame([]);
    }
    let (top, place) = window.messages().into_iter().nth(3).unwrap();
    button(&mut window, ends(place).0, false);
    window.frame([]);
    let copied = copy(&mut window);
    let number: usize = top.strip_prefix("line ").unwrap().parse().unwrap();
    assert!(number < 300, "{top}: several screens up");
    assert_eq!(copied, lines(number..400).trim_end());
}

#[test]
fn select_all_takes_all_messages_of_the_conversation() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, 0..300);
        let (_, place) = window.messages().pop().unwrap();
        window.click_at(place.center(), PointerButton::Primary);
        window.press(Modifiers::COMMAND, Key::A);
        assert_eq!(copy(&mut window), lines(0..300).trim_end());
        window.press(Modifiers::NONE, Key::Escape);
        assert_eq!(copy(&mut window), "");
        // From the field too, while nothing is written in it.
        let field = i18n_embed_fl::fl!(window.words, "message");
        window.click(&field);
        window.press(Modifiers::COMMAND, Key::A);
        assert_eq!(copy(&mut window), lines(0..300).trim_end());
    });
}

#[test]
fn what_is_selected_in_a_field_in_front_leaves_the_transcript_alone() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, 0..3);
        window.press(Modifiers::COMMAND, Key::K);
        window.frame([Event::Text("zzz".to_owned())]);
        window.settle();
        window.forget_copied();
        // Both keys in one frame, as where frames are slow; the field is drawn after the transcript.
        window.frame([key_event(Modifiers::COMMAND, Key::A, true), Event::Copy]);
        window.settle();
        assert_eq!(window.all_copied(), ["zzz"]);
        assert_eq!(copy(&mut window), "zzz");
    });
}

#[test]
fn a_double_click_takes_a_word_and_a_triple_click_the_message() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    peer.send("one two three\n");
    let (_, place) = window.see_message(false, "one two three");
    for (clicks, copied) in [(2, "two"), (3, "one two three")] {
        // Within one frame, for frames are a quarter of a second here.
        let pos = place.center();
        let click = [true, false].map(|pressed| {
            let button = PointerButton::Primary;
            Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }
        });
        window.frame([Event::PointerMoved(pos)]);
        window.frame(std::iter::repeat_n(click, clicks).flatten());
        window.frame([]);
        assert_eq!(copy(&mut window), copied);
        window.press(Modifiers::NONE, Key::Escape);
        // Clicks that come later count anew.
        for _ in 0..60 {
            window.frame([]);
        }
    }
}

#[test]
fn what_cannot_be_seen_is_selected_and_copied_as_the_symbol_that_stands_for_it() {
    let (mut window, mut peer) = Setup::new(Language::English).any_bytes().with_client();
    peer.send(b"\x02ok\x1b[0m \x80 \xe4\xbd\xa0\n");
    let (_, place) = window.see_message(false, "\u{2}ok\u{1b}[0m \u{fffd} 你");
    let (from, to) = ends(place);
    drag(&mut window, from, to);
    assert_eq!(copy(&mut window), "␂ok␛[0m \u{fffd} 你");
}

#[test]
fn what_is_selected_in_the_field_is_what_is_copied_there() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    tell(&mut window, &mut peer, 0..3);
    let (_, place) = window.messages().pop().unwrap();
    let (from, to) = ends(place);
    drag(&mut window, from, to);
    assert_eq!(copy(&mut window), "line 2");
    let field = i18n_embed_fl::fl!(window.words, "message");
    window.fill(&field, "mine");
    window.press(Modifiers::COMMAND, Key::A);
    assert_eq!(copy(&mut window), "mine");
}
