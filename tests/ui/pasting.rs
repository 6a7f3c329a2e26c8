//! What is pasted and dropped: read aside, within the field or offered to be sent as it is; and the menu of every field.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
};

use egui::{Event, Key, Modifiers, ViewportCommand, pos2};
use i18n_embed_fl::fl;
use sockhop::{
    core::{NotTaken, NoticeKind},
    history::{Format, Reader},
    settings::Language,
    window::clipboard::{Clipboard, MOST_IN_FIELD, Unread},
    wire::text::TextEncoding,
};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language, key_event},
};

/// A window whose cursor is in the composer, of this size.
fn writing(setup: Setup) -> (Window, Peer, String) {
    let (mut window, peer) = setup.with_client();
    let field = fl!(window.words, "message");
    window.click(&field);
    (window, peer, field)
}

fn paste(window: &mut Window, text: &str) {
    window.frame([Event::Paste(text.to_owned())]);
    window.settle();
}

/// That the field shows seven rows at most, with the caret in sight and the options below.
#[track_caller]
fn is_whole(window: &mut Window) {
    let screen = window.ctx().content_rect();
    let send = window.place_of(&fl!(window.words, "send"));
    assert!(screen.contains_rect(send), "{send:?}");
    let options = format!("{}: {}", fl!(window.words, "encoding"), TextEncoding::default().name());
    let options = window.place_of(&options);
    assert!(screen.contains_rect(options) && options.top() >= send.bottom(), "{options:?} {send:?}");
    assert!(options.top() - send.bottom() < 60.0, "{options:?} {send:?}");
    let caret = window.caret();
    assert!(caret.bottom() <= send.bottom() + 1.0, "{caret:?} {send:?}");
    assert!(send.bottom() - caret.top() < 7.0 * caret.height() + 24.0, "{caret:?} {send:?}");
}

#[test]
fn however_many_lines_are_pasted_the_options_and_the_caret_stay_in_sight() {
    for size in [(1024.0, 640.0), (640.0, 420.0)] {
        let (mut window, mut peer, field) = writing(Setup::new(Language::English).size(size.0, size.1));
        for lines in [1, 6, 7, 15, 60, 1_000] {
            let text = "a line\n".repeat(lines - 1) + "the last";
            paste(&mut window, &text);
            assert_eq!(window.value_of(&field), text);
            is_whole(&mut window);
            window.press(Modifiers::NONE, Key::Enter);
            for _ in 0..lines {
                peer.line();
            }
            window.press(Modifiers::NONE, Key::ArrowUp);
            window.settle();
            assert_eq!(window.value_of(&field), text);
            is_whole(&mut window);
            window.frame([key_event(Modifiers::COMMAND, Key::A, true), key_event(Modifiers::NONE, Key::Delete, true)]);
            window.settle();
            assert_eq!(window.value_of(&field), "");
        }
    }
}

#[test]
fn what_is_too_long_for_the_field_is_sent_as_it_is_or_put_aside() {
    in_each_language(|setup| {
        let (mut window, mut peer, field) = writing(setup);
        let long = "一行 text\n".repeat(5 * 1024 * 1024 / 12);
        paste(&mut window, &long);
        assert_eq!(window.value_of(&field), "");
        let size = fl!(window.words, "size-mib", size = "5.0");
        window.see(&fl!(window.words, "offered-pasted", size = size.as_str()));
        window.click(&fl!(window.words, "offered-aside"));
        let send = fl!(window.words, "offered-send");
        window.see_gone(&send);

        paste(&mut window, &long);
        window.click(&send);
        let length = long.len();
        let reads = std::thread::spawn(move || (peer.read(length), peer));
        window.until("all is read", |_| reads.is_finished());
        let (read, _peer) = reads.join().unwrap();
        assert_eq!(read, long.into_bytes());
        window.until("all is sent", |window| {
            window
                .app()
                .core()
                .conversations()
                .all(|(conn, _)| window.app().core().long_send(sockhop::core::Key::Conn(conn)).is_none())
        });
        window.say("short again");
    });
}

#[test]
fn the_window_asks_before_it_closes_in_the_middle_of_something_long() {
    in_each_language(|setup| {
        let (mut window, _peer, _) = writing(setup);
        assert!(!window.ask_to_close().contains(&ViewportCommand::CancelClose), "nothing is on its way");
        // More than the queue and both kernels take; the peer reads nothing.
        paste(&mut window, &"0123456789abcde\n".repeat(2 << 20));
        window.click(&fl!(window.words, "offered-send"));
        window.until("much is left", |window| window.app().core().not_taken() > 0);
        assert!(window.ask_to_close().contains(&ViewportCommand::CancelClose));
        window.see(&fl!(window.words, "unsent-title"));
        window.click(&fl!(window.words, "unsent-stay"));
        window.see_gone(&fl!(window.words, "unsent-title"));
        assert!(window.app().core().not_taken() > 0, "it goes on");
        assert!(window.ask_to_close().contains(&ViewportCommand::CancelClose));
        window.click(&fl!(window.words, "unsent-close"));
        assert!(!window.ask_to_close().contains(&ViewportCommand::CancelClose), "it was answered");
        let history = window.settings_path().with_file_name("history.db");
        let setup = window.close();
        let mut rows = Vec::new();
        Reader::open(&history).unwrap().export(&[], Format::JsonLines, &mut rows).unwrap();
        let rows = String::from_utf8(rows).unwrap();
        assert_eq!(rows.matches("\"not-sent\"").count(), 1);
        drop(setup);
    });
}

#[test]
fn a_text_too_long_for_another_field_is_refused_in_words() {
    let mut window = Setup::new(Language::English).open();
    window.press(Modifiers::COMMAND, Key::N);
    window.see(&fl!(window.words, "address"));
    paste(&mut window, &"x".repeat(MOST_IN_FIELD + 1));
    let most = fl!(window.words, "size-kib", size = "64");
    window.see(&fl!(window.words, "not-pasted-long", most = most.as_str()));
}

/// Has the clipboard of this window answered by what is sent.
fn clipboard(window: &Window) -> mpsc::Sender<Result<String, Unread>> {
    let (answer, answers) = mpsc::channel();
    let answers = Mutex::new(answers);
    let reader = Arc::new(move || answers.lock().unwrap().recv().unwrap_or(Err(Unread::Nothing)));
    window.ctx().with_plugin(|clipboard: &mut Clipboard| clipboard.read_by(reader)).unwrap();
    answer
}

#[test]
fn frames_go_on_while_the_clipboard_is_read_and_what_is_typed_comes_behind_it() {
    let (mut window, mut peer, field) = writing(Setup::new(Language::English));
    let answer = clipboard(&window);
    let keys = [
        key_event(Modifiers::COMMAND, Key::V, true),
        key_event(Modifiers::COMMAND, Key::V, false),
        Event::Text(" and typed".to_owned()),
        key_event(Modifiers::NONE, Key::Enter, true),
    ];
    window.frame(keys);
    for _ in 0..10 {
        window.frame([Event::PointerMoved(pos2(10.0, 10.0))]);
    }
    assert_eq!(window.value_of(&field), "", "nothing is sent before it is pasted");
    answer.send(Ok("pasted\r\ntext".to_owned())).unwrap();
    window.see_message(true, "pasted\ntext and typed");
    assert_eq!((peer.line().as_str(), peer.line().as_str()), ("pasted\n", "text and typed\n"));
}

#[test]
fn a_clipboard_that_does_not_answer_is_told_and_what_was_typed_stays() {
    in_each_language(|setup| {
        let (mut window, _peer, field) = writing(setup);
        let answer = clipboard(&window);
        window.frame([key_event(Modifiers::COMMAND, Key::V, true), Event::Text("typed".to_owned())]);
        answer.send(Err(Unread::Silent)).unwrap();
        window.see(&fl!(window.words, "not-pasted-silent"));
        assert_eq!(window.value_of(&field), "typed");
    });
}

#[test]
fn every_field_has_a_menu_that_cuts_copies_pastes_and_selects_all() {
    in_each_language(|setup| {
        let (mut window, _peer, message) = writing(setup);
        let answer = clipboard(&window);
        let words = &window.words;
        let (cut, copy) = (fl!(words, "edit-cut") + " Ctrl+X", fl!(words, "edit-copy") + " Ctrl+C");
        let (paste, all) = (fl!(words, "edit-paste") + " Ctrl+V", fl!(words, "edit-select-all") + " Ctrl+A");
        window.click(&fl!(window.words, "settings"));
        for field in [message, fl!(window.words, "port")] {
            window.fill(&field, "1234");
            let choose = |window: &mut Window, item: &str| {
                window.click_secondary(&field);
                window.click(item);
                window.settle();
            };
            window.frame([key_event(Modifiers::NONE, Key::End, true)]);
            choose(&mut window, &all);
            choose(&mut window, &copy);
            assert_eq!(window.copied(), Some("1234"), "{field}");
            assert_eq!(window.value_of(&field), "1234");
            window.forget_copied();
            choose(&mut window, &cut);
            assert_eq!(window.copied(), Some("1234"), "{field}");
            assert_eq!(window.value_of(&field), "");
            answer.send(Ok("56".to_owned())).unwrap();
            choose(&mut window, &paste);
            window.until("it is pasted", |window| window.value_of(&field) == "56");
        }
    });
}

#[test]
fn the_keys_of_older_systems_cut_copy_and_paste() {
    let (mut window, _peer, field) = writing(Setup::new(Language::English));
    let answer = clipboard(&window);
    window.write("1234");
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::COMMAND, Key::Insert);
    assert_eq!(window.copied(), Some("1234"));
    window.forget_copied();
    window.press(Modifiers::SHIFT, Key::Delete);
    assert_eq!(window.copied(), Some("1234"));
    assert_eq!(window.value_of(&field), "");
    answer.send(Ok("56".to_owned())).unwrap();
    window.press(Modifiers::SHIFT, Key::Insert);
    window.until("it is pasted", |window| window.value_of(&field) == "56");
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_dropped_text_goes_into_the_field_and_another_file_is_offered() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, mut peer, field) = writing(setup);
        window.write("see: ");
        window.drop_files(&[file(folder.path(), "a.txt", "你好\n".as_bytes())]);
        window.until("the text", |window| window.value_of(&field) == "see: 你好\n");

        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        window.drop_files(&[file(folder.path(), "b.bin", &bytes)]);
        let size = fl!(window.words, "size-kib", size = "98");
        window.see(&fl!(window.words, "offered-file", name = "b.bin", size = size.as_str()));
        window.click(&fl!(window.words, "offered-send"));
        let reads = std::thread::spawn(move || peer.read(100_000));
        window.until("all is read", |_| reads.is_finished());
        assert_eq!(reads.join().unwrap(), bytes);
        assert_eq!(window.value_of(&field), "see: 你好\n");
    });
}

#[test]
fn a_file_that_is_not_taken_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = file(folder.path(), "a.txt", b"text");
    let mut window = Setup::new(Language::English).open();
    window.drop_files(std::slice::from_ref(&text));
    window.see(&fl!(window.words, "not-taken-nobody"));
    drop(window);
    let (mut window, _peer, _) = writing(Setup::new(Language::English));
    window.drop_files(&[folder.path().to_owned()]);
    window.see(&fl!(window.words, "not-taken-folder"));
    window.drop_files(&[folder.path().join("none"), text]);
    window.see(&fl!(window.words, "not-taken-several"));
    let unread =
        |notice: &sockhop::core::Notice| matches!(&notice.kind, NoticeKind::NotTaken { why: NotTaken::Unread(_), .. });
    window.until("why it was not read", |window| window.app().core().notices().iter().any(unread));
}
