//! What outlives the window: past conversations, found and read.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;

use sockhop::{
    chat::{Row, RowKind},
    core::PastState,
    settings::AutoReplyChoice,
};

use super::window::{Setup, Window, in_each_language};

/// A window on what was said in one before: two messages came, and one was sent.
fn after_talking(setup: Setup) -> (Window, String) {
    let (mut window, mut peer) = setup.with_client();
    peer.send("你好，老师\nsecond line\n");
    window.see_message(false, "second line");
    window.say("an answer");
    assert_eq!(peer.line(), "an answer\n");
    window.see_sent("an answer", "✓");
    let address = peer.address().to_string();
    (window.close().open_as_it_is(), address)
}

fn open_history(window: &mut Window) {
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    let find = fl!(window.words, "history-find");
    window.until("the history", |window| window.sees_part(&find));
}

#[test]
fn a_past_conversation_is_there_after_a_restart_as_it_was_and_only_to_read() {
    in_each_language(|setup| {
        let (mut window, address) = after_talking(setup);
        open_history(&mut window);
        let session = window.named_with(&address);
        window.click(&session);
        window.see_message(false, "你好，老师");
        window.see_message(false, "second line");
        window.see_message(true, "an answer");
        let read_only = fl!(window.words, "history-read-only");
        window.see(&read_only);
        assert!(!window.sees(&fl!(window.words, "send")), "there is nobody to send to");
        let back = fl!(window.words, "history-back");
        window.click(&back);
        window.see_gone(&read_only);
        assert_eq!(window.unnamed(), Vec::<String>::new());
    });
}

#[test]
fn two_chinese_characters_find_the_message_and_lead_to_its_place() {
    in_each_language(|setup| {
        let (mut window, _) = after_talking(setup);
        open_history(&mut window);
        let field = fl!(window.words, "history-find");
        window.fill(&field, "老师");
        let hit = window.named_with("你好，老师, ");
        window.fill(&field, "学生");
        let none = fl!(window.words, "history-none");
        window.see(&none);
        window.fill(&field, "老师");
        window.click(&hit);
        window.see_message(false, "你好，老师");
    });
}

#[test]
fn the_history_opens_with_the_cursor_in_its_search_and_new_results_begin_at_the_top() {
    in_each_language(|setup| {
        let (mut window, address) = setup.size(1024.0, 640.0).listening();
        let mut peers = Vec::new();
        for n in 0..20 {
            let mut peer = super::peer::Peer::connect(address);
            peer.send(format!("word {n}\n"));
            peers.push(peer);
        }
        window.until("all of it", |window| {
            let came = |row: &Row| matches!(row.kind, RowKind::Received(_));
            window.app().core().conversations().filter(|(_, c)| c.entries().iter().any(|(_, row)| came(row))).count()
                == 20
        });
        let mut window = window.close().size(1024.0, 640.0).open_as_it_is();
        open_history(&mut window);
        window.named_with("127.0.0.1:");
        window.scroll(-2_000.0);
        window.settle();
        window.write("word");
        assert_eq!(window.value_of(&fl!(window.words, "history-find")), "word");
        let newest = window.named_with("word 19, ");
        window.settle();
        let place = window.place_of(&newest);
        assert!(place.top() > 60.0 && place.top() < 260.0, "{place:?}");
    });
}

#[test]
fn what_is_typed_in_ascii_finds_what_was_written_in_full_width() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("插入 ＵＳＢ（３号）\n");
        window.see_message(false, "插入 ＵＳＢ（３号）");
        let mut window = window.close().open_as_it_is();
        open_history(&mut window);
        let field = fl!(window.words, "history-find");
        window.fill(&field, " usb(3号) ");
        let hit = window.named_with("插入 ＵＳＢ（３号）, ");
        window.click(&hit);
        window.see_message(false, "插入 ＵＳＢ（３号）");
    });
}

#[test]
fn a_conversation_that_ended_on_another_day_says_on_which() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("a long one\n");
        window.see_message(false, "a long one");
        let address = peer.address().to_string();
        let setup = window.close();
        let history = rusqlite::Connection::open(setup.folder.path().join("history.db")).unwrap();
        // 2020-01-01 and 2026-03-03, at noon.
        let days = [1_577_880_000_i64, 1_772_539_200].map(|second| second * 1_000_000_000);
        history.execute("UPDATE sessions SET opened = ?1, last = ?2, ended = ?2 WHERE peer IS NOT NULL", days).unwrap();
        drop(history);
        let mut window = setup.open_as_it_is();
        open_history(&mut window);
        let first = fl!(window.words, "day", year = 2020, month = 1, day = 1);
        let last = fl!(window.words, "day", year = 2026, month = 3, day = 3);
        window.until("both days", |window| {
            let names = window.all_names();
            names.iter().any(|name| [&address, &first, &last].iter().all(|part| name.contains(part.as_str())))
        });
    });
}

#[test]
fn nothing_is_kept_while_the_switch_is_off() {
    in_each_language(|setup| {
        let (mut window, _) = after_talking(setup.with(|settings| settings.keep_history = false));
        open_history(&mut window);
        let empty = fl!(window.words, "history-empty");
        window.see(&empty);
    });
}

// A link to a folder: Windows lets only administrators make one.
#[cfg(unix)]
#[test]
fn a_second_window_on_the_same_folder_says_so_and_keeps_the_history_when_the_first_is_closed() {
    in_each_language(|setup| {
        let folder = setup.folder.path().to_owned();
        let language = setup.settings.language;
        let (first, _) = setup.listening();
        let mut second = Setup::new(language);
        second.folder = tempfile::Builder::new().tempdir_in(&folder).unwrap();
        std::fs::remove_dir(second.folder.path()).unwrap();
        std::os::unix::fs::symlink(&folder, second.folder.path()).unwrap();
        let mut second = second.open_as_it_is();
        let words = fl!(second.words, "no-history-in-use");
        second.see_part(&words);
        let _folder = first.close();
        second.until("the history", |window| matches!(window.app().core().past().state, PastState::Open(_)));
        second.see_gone(&words);
    });
}

#[test]
fn a_past_conversation_is_deleted_for_good_once_it_was_asked_for() {
    in_each_language(|setup| {
        let (mut window, address) = after_talking(setup);
        open_history(&mut window);
        let session = window.named_with(&address);
        window.click(&session);
        let (delete, sure) = (fl!(window.words, "history-remove"), fl!(window.words, "history-remove-sure"));
        window.click(&delete);
        let cancel = fl!(window.words, "cancel");
        window.click(&cancel);
        window.see_message(false, "second line");
        window.click(&delete);
        window.click(&sure);
        let empty = fl!(window.words, "history-empty");
        window.see(&empty);
        let folder = window.close().folder;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(11).any(|part| part == b"second line"), "the text is still on the disk");
        }
    });
}

#[test]
fn what_came_after_the_last_frame_is_in_the_history_too() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with(|settings| settings.auto_reply = AutoReplyChoice::Echo).with_client();
        peer.send("hello\n");
        window.see_message(false, "hello");
        assert_eq!(peer.line(), "hello\n");
        peer.send("last words\n");
        // They were read and answered, and no frame has taken that in.
        assert_eq!(peer.line(), "last words\n");
        let mut window = window.close().open_as_it_is();
        open_history(&mut window);
        let session = window.named_with(&format!("{}, ", peer.address()));
        window.click(&session);
        window.see_message(false, "last words");
    });
}
