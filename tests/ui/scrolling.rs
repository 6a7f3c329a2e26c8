//! Scrolling: what is being read stays where it is, and what left memory comes back from the history.

use std::{ops::Range, thread};

use egui::{Key, Modifiers, Rect};
use i18n_embed_fl::fl;
use sockhop::{
    core::{Conversation, EARLIER_ROWS, ROWS_KEPT},
    settings::Language,
    window::parts::transcript::PART_BYTES,
    wire::{Framing, LONGEST_MESSAGE, LONGEST_PREFIXED},
};

use super::{
    conversations::{choose_encoding, choose_framing},
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

/// More lines than stay in memory.
const MANY: usize = ROWS_KEPT + 2_500;

fn lines(numbers: Range<usize>) -> String {
    numbers.fold(String::new(), |lines, number| lines + &format!("line {number}\n"))
}

fn conversation(window: &Window) -> &Conversation {
    window.app().core().conversations().next_back().unwrap().1
}

fn tell(window: &mut Window, peer: &mut Peer, text: &str) {
    let before = conversation(window).messages_in;
    let count = text.lines().count() as u64;
    peer.send(text);
    window.until("all lines", |window| conversation(window).messages_in == before + count);
}

/// The numbers of the lines in sight, and where the first of them is; none is missing in between.
#[track_caller]
fn in_sight(window: &Window) -> (usize, usize, f32) {
    let messages = window.messages();
    let number = |text: &str| text.strip_prefix("line ").unwrap().parse::<usize>().unwrap();
    let numbers: Vec<usize> = messages.iter().map(|(text, _)| number(text)).collect();
    let (first, last) = (*numbers.first().unwrap(), *numbers.last().unwrap());
    assert_eq!(numbers, (first..=last).collect::<Vec<_>>());
    (first, last, messages[0].1.top())
}

/// What a framing is called, and what in the list of all.
fn framing(window: &Window, framing: Framing) -> (String, String) {
    let words = &window.words;
    match framing {
        Framing::Line => (fl!(words, "framing-line"), fl!(words, "framing-line-long", quiet = "200")),
        Framing::Chunk => (fl!(words, "framing-chunk"), fl!(words, "framing-chunk-long")),
        _ => (fl!(words, "framing-length"), fl!(words, "framing-length-long")),
    }
}

fn place(window: &Window, line: usize) -> Option<Rect> {
    let text = format!("line {line}");
    window.messages().into_iter().find_map(|(other, rect)| (other == text).then_some(rect))
}

/// Scroll until it holds. Whatever is read back meanwhile, each row goes as far as the others, and none too far.
fn scroll_until(window: &mut Window, down: f32, mut holds: impl FnMut(&mut Window) -> bool) {
    for _ in 0..4_000 {
        if holds(window) {
            return;
        }
        let before = window.messages();
        window.scroll(down);
        in_sight(window);
        for (text, was) in before {
            if let Some((_, is)) = window.messages().into_iter().find(|(other, _)| *other == text) {
                let moved = is.top() - was.top();
                assert!((moved - down).abs() < 1.0 || moved.abs() < down.abs(), "{text} moved by {moved}, not {down}");
                assert!(moved == 0.0 || (moved > 0.0) == (down > 0.0), "{text} moved by {moved}, not {down}");
            }
        }
    }
    panic!("not within 4,000 scrolls: {:?}", in_sight(window));
}

#[test]
fn the_end_stays_in_sight_and_else_what_is_read_does_until_the_way_down_is_taken() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, &lines(0..100));
        window.see_message(false, "line 99");
        tell(&mut window, &mut peer, &lines(100..150));
        window.see_message(false, "line 149");

        window.scroll(500.0);
        window.settle();
        let before = in_sight(&window);
        assert!(before.1 < 149);
        tell(&mut window, &mut peer, &lines(150..200));
        assert_eq!(in_sight(&window), before);
        let new = fl!(window.words, "new-below", count = 50);
        let down = window.named_with(&new);
        window.click(&down);
        window.see_message(false, "line 199");
        tell(&mut window, &mut peer, &lines(200..210));
        window.see_message(false, "line 209");
    });
}

#[test]
fn what_is_read_stays_while_so_much_comes_that_it_leaves_memory() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    tell(&mut window, &mut peer, &lines(0..500));
    window.see_message(false, "line 499");
    window.scroll(4_000.0);
    window.settle();
    let before = in_sight(&window);
    let mut told = 500;
    while told < MANY + EARLIER_ROWS {
        tell(&mut window, &mut peer, &lines(told..told + 1_000));
        told += 1_000;
        assert_eq!(in_sight(&window), before);
    }
    // Down again, through rows that were not in memory when the reader came to them.
    scroll_until(&mut window, -3_000.0, |window| place(window, told - 1).is_some());
    tell(&mut window, &mut peer, &lines(told..told + 10));
    window.see_message(false, &format!("line {}", told + 9));
}

#[test]
fn scrolling_up_past_memory_brings_rows_from_the_history_and_down_again_to_the_live_end() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    tell(&mut window, &mut peer, &lines(0..MANY));
    window.see_message(false, &format!("line {}", MANY - 1));
    scroll_until(&mut window, 3_000.0, |window| place(window, 0).is_some());
    let entries = conversation(&window).entries();
    assert!(entries.shown() <= ROWS_KEPT + EARLIER_ROWS, "{}", entries.shown());
    window.press(Modifiers::COMMAND, Key::Home);
    let accepted = fl!(window.words, "row-accepted", peer = peer.address().to_string());
    window.see_part(&accepted);
    assert!(!window.sees_part(&fl!(window.words, "let-go", count = 1)));
    scroll_until(&mut window, -3_000.0, |window| place(window, MANY - 1).is_some());
    tell(&mut window, &mut peer, &lines(MANY..MANY + 10));
    window.see_message(false, &format!("line {}", MANY + 9));
    assert!(!conversation(&window).entries().reads_earlier(), "at the end nothing is kept that left memory");
}

#[test]
fn the_scroll_bar_and_home_lead_anywhere_in_all_of_it() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    let all = ROWS_KEPT + EARLIER_ROWS + 6_000;
    for from in (0..all).step_by(2_000) {
        tell(&mut window, &mut peer, &lines(from..from + 2_000));
    }
    window.press(Modifiers::COMMAND, Key::Home);
    window.see_message(false, "line 0");
    let bar = window.place_of(&fl!(window.words, "transcript-bar"));
    for share in [0.25, 0.1, 0.6, 0.9] {
        let at = egui::pos2(bar.center().x, bar.top() + bar.height() * share);
        window.click_at(at, egui::PointerButton::Primary);
        let about = (all as f32 * share) as usize;
        window.until("rows from there", |window| {
            !window.messages().is_empty() && in_sight(window).0.abs_diff(about) < all / 20
        });
        window.scroll(-3_000.0);
        in_sight(&window);
    }
    window.press(Modifiers::COMMAND, Key::End);
    window.see_message(false, &format!("line {}", all - 1));
    tell(&mut window, &mut peer, "line 1000000\n");
    window.see_message(false, "line 1000000");
}

#[test]
fn without_a_history_the_top_says_how_much_is_not_kept() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with(|settings| settings.keep_history = false).with_client();
        tell(&mut window, &mut peer, &lines(0..ROWS_KEPT + 20));
        window.press(Modifiers::COMMAND, Key::Home);
        window.see_message(false, "line 20");
        let told = fl!(window.words, "let-go", count = 20);
        window.see(&told);
    });
}

#[test]
fn a_past_conversation_pages_on_by_itself() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, &lines(0..9_000));
        window.see_message(false, "line 8999");
        let address = peer.address().to_string();
        let mut window = window.close().open_as_it_is();
        window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
        let session = window.named_with(&address);
        window.click(&session);
        let read_only = fl!(window.words, "history-read-only");
        window.see(&read_only);
        let last = |window: &Window| window.messages().last().map(|(text, _)| text.clone());
        window.until("the end", |window| last(window).as_deref() == Some("line 8999"));
        scroll_until(&mut window, 6_000.0, |window| place(window, 0).is_some());
        scroll_until(&mut window, -6_000.0, |window| place(window, 8_999).is_some());
    });
}

#[test]
fn a_message_found_in_a_conversation_that_goes_on_is_shown_in_its_place_there() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        tell(&mut window, &mut peer, &lines(0..MANY));
        window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
        let field = fl!(window.words, "history-find");
        window.fill(&field, "line 1234");
        let hit = window.named_with("line 1234, ");
        window.click(&hit);
        window.see_message(false, "line 1234");
        in_sight(&window);
        window.say("here I am");
        assert_eq!(peer.line(), "here I am\n");
        window.see_message(true, "here I am");
    });
}

#[test]
fn resizing_text_size_encoding_and_framing_keep_the_message_that_is_read() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        let long = "many words that break into more and more lines when there is less room for them; ".repeat(4);
        let told = (0..400).fold(String::new(), |told, number| told + &format!("line {number} {long}\n"));
        tell(&mut window, &mut peer, &told);
        window.scroll(20_000.0);
        window.settle();
        let first = |window: &Window| {
            let messages = window.messages();
            let (text, place) = messages.first().unwrap();
            (text.split(' ').nth(1).unwrap().parse::<usize>().unwrap(), place.top())
        };
        let (read, top) = first(&window);
        assert!(read > 10 && read < 390);
        for (width, height) in [(760.0, 800.0), (1_280.0, 500.0), (1_024.0, 640.0), (1_280.0, 800.0)] {
            window.resize(width, height);
            window.settle();
            assert_eq!(first(&window).0, read, "{width} × {height}");
        }
        assert!((first(&window).1 - top).abs() < 2.0, "back at the first size");
        for key in [Key::Plus, Key::Plus, Key::Plus, Key::Num0] {
            window.press(Modifiers::COMMAND, key);
            window.settle();
            assert_eq!(first(&window).0, read);
        }
        choose_encoding(&mut window, "UTF-8", "GBK");
        window.settle();
        assert_eq!(first(&window).0, read);
        // In one piece, and in lines again.
        let (line, chunk) = (framing(&window, Framing::Line), framing(&window, Framing::Chunk));
        choose_framing(&mut window, &line.0, &chunk.1);
        window.settle();
        choose_framing(&mut window, &chunk.0, &line.1);
        window.settle();
        assert!(first(&window).0.abs_diff(read) <= 2, "{:?} {read}", first(&window));
    });
}

#[test]
fn however_low_the_window_is_it_comes_to_rest_with_the_end_in_sight() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    tell(&mut window, &mut peer, &lines(0..2));
    window.settle();
    let latest = fl!(window.words, "to-the-end");
    window.press(Modifiers::NONE, Key::F11);
    for height in (300..=640).rev().step_by(10) {
        window.resize(512.0, height as f32);
        window.settle();
        assert!(!window.sees(&latest), "{height}");
    }
}

#[test]
fn after_another_framing_what_left_memory_and_what_did_not_are_shown_one_after_the_other() {
    let (mut window, mut peer) = Setup::new(Language::English).any_bytes().with_client();
    tell(&mut window, &mut peer, &lines(0..MANY));
    let (line, chunk) = (framing(&window, Framing::Line), framing(&window, Framing::Chunk));
    choose_framing(&mut window, &line.0, &chunk.1);
    choose_framing(&mut window, &chunk.0, &line.1);
    window.settle();
    // Lines are cut where they were before, but for the first one in memory.
    scroll_until(&mut window, 3_000.0, |window| place(window, 0).is_some());
    scroll_until(&mut window, -3_000.0, |window| place(window, MANY - 1).is_some());
    // The history has it as the window does.
    let address = peer.address().to_string();
    let mut window = window.close().open_as_it_is();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    let session = window.named_with(&address);
    window.click(&session);
    window.see_message(false, &format!("line {}", MANY - 1));
    scroll_until(&mut window, 3_000.0, |window| place(window, 0).is_some());
}

#[test]
fn strange_messages_are_all_shown() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        for (sent, shown) in [
            (String::new(), String::new()),
            ("\u{1}\u{7}\u{1b}[31m".to_owned(), "\u{1}\u{7}\u{1b}[31m".to_owned()),
            ("שלום עולם مرحبا".to_owned(), "שלום עולם مرحبا".to_owned()),
            ("😀🎉".repeat(5_000), "😀🎉".repeat(5_000)),
            ("x".repeat(LONGEST_MESSAGE - 1), "x".repeat(LONGEST_MESSAGE - 1)),
        ] {
            let bytes = sent.len() + 1;
            tell(&mut window, &mut peer, &format!("{sent}\n"));
            window.see_message(false, &shown);
            let told = fl!(window.words, "bytes", count = bytes);
            window.see_part(&told);
        }
    });
}

#[test]
fn a_message_of_16_mib_comes_in_parts_that_are_all_there() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    let (line, length) = (framing(&window, Framing::Line), framing(&window, Framing::LENGTH));
    choose_framing(&mut window, &line.0, &length.1);
    let text: String = (0..).map(|number| format!("{number:>63}\n")).take(LONGEST_PREFIXED / 64).collect();
    // One to see that the other framing is in force.
    peer.send(b"\0\0\0\x02hi");
    window.see_message(false, "hi");
    let parts = text.len() / LONGEST_MESSAGE;
    thread::scope(|scope| {
        // More than is read before the window takes some of it.
        scope.spawn(|| {
            peer.send((text.len() as u32).to_be_bytes());
            peer.send(&text);
        });
        window.until("all parts", |window| conversation(window).messages_in == 1 + parts as u64);
    });
    let last = text.len() - LONGEST_MESSAGE;
    window.see_message(false, &text[last..]);
    window.press(Modifiers::COMMAND, Key::Home);
    window.see_message(false, "hi");
    window.see_message(false, &text[..LONGEST_MESSAGE]);
}

#[test]
fn a_message_of_ours_that_is_longer_than_any_received_is_read_part_by_part() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let text: String = (0..).map(|number| format!("{number:>31} ")).take(6 * PART_BYTES / 32 / 2).collect();
        window.say(&text);
        assert_eq!(peer.line().len(), text.len() + 1);
        let part = |window: &Window, part: usize| fl!(window.words, "part-of", part = part, parts = 3);
        let begins = |window: &Window, number: usize| format!("{}: {number:>31} ", fl!(window.words, "you"));
        let (next, before) = (fl!(window.words, "part-next"), fl!(window.words, "part-before"));
        for (number, button) in [(1, &next), (2, &next), (3, &before), (2, &before), (1, &next)] {
            let (which, begins) = (part(&window, number), begins(&window, (number - 1) * PART_BYTES / 32));
            window.see(&which);
            window.see_part(&begins);
            window.click_unseen(button);
        }
    });
}
