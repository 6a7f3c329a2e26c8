//! Conversations: who is in the sidebar, what is said, and how a conversation ends.

use egui::{Event, Key, Modifiers, PointerButton};
use i18n_embed_fl::fl;
use sockhop::{
    chat::{Delivery, RowKind},
    core::CLOSED_KEPT,
    settings::Language,
};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

#[test]
fn what_comes_while_another_conversation_is_open_is_counted_until_it_is_opened() {
    in_each_language(|setup| {
        let (mut window, _first) = setup.with_client();
        let mut second = Peer::connect(window.address());
        second.send("one\ntwo\n");
        let open = fl!(window.words, "state-open");
        let unread = format!("{open}, {}", fl!(window.words, "unread", count = 2));
        window.see_row(&second, &unread);
        let title = format!("(2) {}", fl!(window.words, "app-name"));
        window.until("the title counts them", |window| window.title() == Some(title.as_str()));
        window.open_row(&second);
        window.see_row(&second, &open);
        window.see_message(false, "one");
        window.see_message(false, "two");
        assert_eq!(window.title(), Some(fl!(window.words, "app-name").as_str()));
    });
}

#[test]
fn messages_sent_are_on_the_right_and_messages_received_on_the_left() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.say("ours");
        peer.send("theirs\n");
        let (told, left) = window.see_message(false, "theirs");
        assert!(told.contains(&fl!(window.words, "bytes", count = 7)), "{told}");
        let (_, right) = window.see_message(true, "ours");
        window.see_sent("ours", "✓");
        assert!(left.right() < right.left(), "{left:?} {right:?}");
        assert!(left.top() > right.bottom(), "the later one is below: {left:?} {right:?}");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_says_when_the_other_machine_has_acknowledged_it_and_after_a_while_that_it_has_not() {
    in_each_language(|setup| {
        let (mut window, address) = setup.listening();
        let mut peer = Peer::with_little_room(address);
        window.see_row(&peer, &fl!(window.words, "state-open"));
        window.say("first");
        window.see_sent("first", &format!("{} ✓✓", fl!(window.words, "acknowledged")));
        // Takes all the room that there is.
        let long = "x".repeat(60_000);
        window.say(&long);
        window.say("last");
        window.see_sent("last", &format!("{} ✓", fl!(window.words, "sent")));
        let at = {
            let mut conversations = window.app().core().conversations();
            let rows = conversations.next().unwrap().1.entries().iter();
            let at: Vec<_> = rows.map(|(_, row)| row.at.to_zoned(jiff::tz::TimeZone::system())).collect();
            at.iter().rev().take(2).map(|at| at.strftime("%H:%M").to_string()).collect::<Vec<_>>()
        };
        let words = |time: &String| fl!(window.words, "not-acknowledged", time = time.as_str());
        let (of_last, of_long) = (words(&at[0]), words(&at[1]));
        window.see_sent("last", &of_last);
        // In the head, the message that has waited longest.
        window.see(&of_long);
        peer.read(6 + long.len() + 1 + 5);
        window.see_sent("last", &format!("{} ✓✓", fl!(window.words, "acknowledged")));
        window.see_gone(&of_long);
    });
}

#[test]
fn a_closed_conversation_stays_until_it_is_removed() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("bye\n");
        peer.finish_sending();
        window.see_row(&peer, &fl!(window.words, "state-closed"));
        window.see_message(false, "bye");
        window.see_part(&fl!(window.words, "row-peer-finished"));
        window.see_part(&fl!(window.words, "row-closed", reason = fl!(window.words, "close-orderly")));
        window.see(&fl!(window.words, "cannot-send-closed"));
        assert_eq!(peer.rest().unwrap(), b"");
        window.choose(&fl!(window.words, "remove"));
        window.see(&fl!(window.words, "welcome-title"));
        assert_eq!(window.app().core().conversations().len(), 0);
    });
}

#[test]
fn removed_conversations_are_had_back_from_the_toast() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("keep me\n");
        window.see_message(false, "keep me");
        peer.finish_sending();
        let closed = fl!(window.words, "state-closed");
        window.see_row(&peer, &closed);
        window.choose(&fl!(window.words, "remove"));
        window.see(&fl!(window.words, "removed", count = 1));
        window.click(&fl!(window.words, "undo"));
        window.see_row(&peer, &closed);
        window.open_row(&peer);
        window.see_message(false, "keep me");
    });
}

#[test]
fn when_the_open_conversation_is_let_go_for_newer_ones_another_is_opened() {
    let (mut window, first) = Setup::new(Language::English).with(|settings| settings.backlog = 128).with_client();
    let address = window.address();
    first.finish_sending();
    window.see(&fl!(window.words, "cannot-send-closed"));
    for n in 0..CLOSED_KEPT {
        Peer::connect(address).finish_sending();
        if n % 50 == 0 {
            window.until("the latest", |window| window.app().core().connected_clients() == 0);
        }
    }
    window.see(&fl!(window.words, "closed-let-go"));
    assert!(!window.sees_part(&first.address().to_string()));
    window.see(&fl!(window.words, "cannot-send-closed"));
}

#[test]
fn all_closed_conversations_are_removed_at_once_and_the_others_stay() {
    let (mut window, first) = Setup::new(Language::English).with_client();
    let (second, third) = (Peer::connect(window.address()), Peer::connect(window.address()));
    let closed = fl!(window.words, "state-closed");
    for peer in [&first, &second] {
        peer.finish_sending();
        window.see_row(peer, &closed);
    }
    window.click(&fl!(window.words, "remove-closed"));
    window.see_gone(&format!("{}, {closed}", second.address()));
    window.see_row(&third, &fl!(window.words, "state-open"));
    assert_eq!(window.app().core().conversations().len(), 1);
    assert!(!window.sees(&fl!(window.words, "remove-closed")));
}

#[test]
fn a_name_given_to_a_peer_stands_in_place_of_its_address_until_it_is_taken_back() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        let open = fl!(window.words, "state-open");
        window.choose(&fl!(window.words, "rename"));
        // The cursor is in the field already.
        window.see(&fl!(window.words, "rename-title"));
        window.write("小明");
        window.click(&fl!(window.words, "rename-done"));
        window.see(&format!("小明, {open}"));
        window.press(Modifiers::NONE, Key::F2);
        window.fill(&fl!(window.words, "name"), "");
        window.press(Modifiers::NONE, Key::Enter);
        window.see_row(&peer, &open);
    });
}

#[test]
fn the_address_of_a_peer_is_copied_also_by_the_menu_of_its_row() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        let address = peer.address().to_string();
        window.choose(&fl!(window.words, "copy-address"));
        assert_eq!(window.copied(), Some(address.as_str()));
        window.forget_copied();
        let row = window.row_of(&address);
        window.click_secondary(&row);
        window.click(&fl!(window.words, "copy-address"));
        assert_eq!(window.copied(), Some(address.as_str()));
    });
}

#[test]
fn after_finishing_to_send_we_still_receive() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.choose(&fl!(window.words, "finish-sending"));
        window.see_row(&peer, &fl!(window.words, "state-we-finished"));
        window.see_part(&fl!(window.words, "row-write-finished"));
        window.see(&fl!(window.words, "cannot-send-finished"));
        assert_eq!(peer.rest().unwrap(), b"");
        peer.send("still talking\n");
        window.see_message(false, "still talking");
        peer.finish_sending();
        window.see_row(&peer, &fl!(window.words, "state-closed"));
    });
}

#[test]
fn with_the_setting_to_stay_open_we_still_send_after_the_peer_has_finished() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with(|settings| settings.half_open = true).with_client();
        peer.finish_sending();
        window.see_row(&peer, &fl!(window.words, "state-peer-finished"));
        window.say("my turn");
        assert_eq!(peer.line(), "my turn\n");
        window.choose(&fl!(window.words, "finish-sending"));
        window.see_row(&peer, &fl!(window.words, "state-closed"));
    });
}

#[test]
fn closing_ends_this_connection_only() {
    in_each_language(|setup| {
        let (mut window, mut first) = setup.with_client();
        let second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        window.choose(&fl!(window.words, "close"));
        window.see_row(&first, &fl!(window.words, "state-closed"));
        window.see_part(&fl!(window.words, "row-closed", reason = fl!(window.words, "close-by-us")));
        assert_eq!(first.rest().unwrap(), b"");
        assert!(window.sees(&format!("{}, {}", second.address(), fl!(window.words, "state-open"))));
        assert!(window.app().core().notices().is_empty(), "{:?}", window.app().core().notices());
    });
}

#[test]
fn a_reset_is_seen_by_the_peer_as_a_reset() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.choose(&fl!(window.words, "reset"));
        window.see_row(&peer, &fl!(window.words, "state-closed"));
        window.see_part(&fl!(window.words, "row-closed", reason = fl!(window.words, "close-reset-by-us")));
        assert_eq!(peer.rest().unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_reset_by_the_peer_is_told_from_an_orderly_close_and_explained() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let address = peer.address();
        peer.send("hello\n");
        window.see_message(false, "hello");
        peer.reset();
        let row = format!("{address}, {}", fl!(window.words, "state-broken"));
        window.see(&row);
        let why = fl!(window.words, "error-reset", target = address.to_string());
        window.see_part(&fl!(window.words, "error-reset-todo"));
        assert_eq!(window.count_of(&why), 1, "told once: {:?}", window.all_names());
    });
}

#[test]
fn connections_that_are_reset_without_a_word_are_one_calm_row() {
    in_each_language(|setup| {
        let (mut window, mut talker) = setup.with(|settings| settings.backlog = 128).with_client();
        talker.send("hello\n");
        window.see_message(false, "hello");
        let address = window.address();
        for _ in 0..60 {
            Peer::connect(address).reset();
        }
        let folded = fl!(window.words, "silent-conversations", count = 60);
        window.see(&folded);
        assert!(!window.sees_part(&fl!(window.words, "state-broken")));
        assert!(window.app().core().notices().is_empty(), "{:?}", window.app().core().notices());
        window.see_row(&talker, &fl!(window.words, "state-open"));

        window.click(&folded);
        window.see_part(&fl!(window.words, "state-broken"));
        let row =
            window.all_names().into_iter().find(|name| name.ends_with(&fl!(window.words, "state-broken"))).unwrap();
        window.click(row.strip_prefix("ListItem: ").unwrap());
        window.see(&fl!(window.words, "cannot-send-closed"));
        assert!(!window.sees_part(&fl!(window.words, "error-reset-todo")), "they never spoke");
        window.click(&folded.replace("60", "59"));
        window.click(&fl!(window.words, "remove-closed"));
        window.see(&fl!(window.words, "removed", count = 60));
    });
}

#[test]
fn what_comes_to_the_conversation_that_is_looked_at_is_at_no_moment_unread() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        for text in ["one", "two"] {
            window.settle();
            peer.send(format!("{text}\n"));
            // The frame in which it is seen first.
            window.see_message(false, text);
            let unread = fl!(window.words, "unread", count = 1);
            assert!(!window.sees_part(&unread), "{:?}", window.all_names());
            assert!(window.title().is_none_or(|title| !title.starts_with('(')), "{:?}", window.title());
        }
        window.focus(false);
        peer.send("three\n");
        let row = format!("{}, {}", fl!(window.words, "state-open"), fl!(window.words, "unread", count = 1));
        window.see_row(&peer, &row);
        window.focus(true);
        assert!(window.sees(&format!("{}, {}", peer.address(), fl!(window.words, "state-open"))));
        assert!(!window.sees(&fl!(window.words, "unread-line")));
    });
}

#[test]
fn open_conversations_are_above_closed_ones_in_the_list_and_for_the_keys() {
    in_each_language(|setup| {
        let (mut window, first) = setup.with_client();
        let (second, third) = (Peer::connect(window.address()), Peer::connect(window.address()));
        window.see_row(&third, &fl!(window.words, "state-open"));
        second.finish_sending();
        let closed = fl!(window.words, "state-closed");
        window.see_row(&second, &closed);
        let top = |window: &mut Window, peer: &Peer| {
            let row = window.row_of(&peer.address().to_string());
            window.place_of(&row).top()
        };
        let tops = [&first, &third, &second].map(|peer| top(&mut window, peer));
        assert!(tops[0] < tops[1] && tops[1] < tops[2], "{tops:?}");
        let heading = window.label_place(&fl!(window.words, "closed-conversations")).top();
        assert!(tops[1] < heading && heading < tops[2]);
        for _ in 0..2 {
            window.press(Modifiers::COMMAND, Key::PageDown);
        }
        window.see(&fl!(window.words, "cannot-send-closed"));
    });
}

#[test]
fn a_message_that_could_not_be_sent_says_why_and_can_be_sent_again() {
    let (mut window, address) = Setup::new(Language::English).listening();
    let mut peer = Peer::with_little_room(address);
    window.see_row(&peer, &fl!(window.words, "state-open"));
    // The peer does not read, and our queue for it has room for four of these; the kernel holds some more.
    let line = "x".repeat(1023);
    let text = vec![line.as_str(); 1024].join("\n");
    let field = fl!(window.words, "message");
    window.click(&field);
    // Typed: a paste of that length is not for the field.
    window.frame([Event::Text(text.clone())]);
    let failed = |window: &Window| {
        let (_, conversation) = window.app().core().conversations().next().unwrap();
        let state =
            |entry: &RowKind| matches!(entry, RowKind::Sent(sent) if matches!(sent.delivery, Delivery::Failed(_)));
        conversation.entries().iter().any(|(_, entry)| state(&entry.kind))
    };
    let mut said = 0;
    while !failed(&window) {
        window.press(Modifiers::NONE, Key::Enter);
        window.press(Modifiers::NONE, Key::ArrowUp);
        said += 1;
        assert!(said < 20, "nothing has failed");
    }
    let limit = sockhop::net::QUEUE_LIMIT / (1024 * 1024);
    let why = fl!(window.words, "error-not-reading", target = peer.address().to_string(), mib = limit);
    window.see_part(&fl!(window.words, "sent-failed"));
    window.see_part(&why);

    // It reads what was queued for it before that; what failed is then sent again.
    for _ in 0..(said - 1) * 1024 {
        assert_eq!(peer.line().trim_end(), line);
    }
    window.click_unseen(&fl!(window.words, "message-menu", text = line[..40].to_owned()));
    window.click(&fl!(window.words, "retry"));
    for _ in 0..1024 {
        assert_eq!(peer.line().trim_end(), line);
    }
    window.until("all of it to be sent", |window| {
        let (_, conversation) = window.app().core().conversations().next().unwrap();
        conversation.entries().iter().all(|(_, entry)| match &entry.kind {
            RowKind::Sent(sent) => matches!(sent.delivery, Delivery::Sent | Delivery::Acknowledged),
            _ => true,
        })
    });
}

#[test]
fn a_message_is_copied_as_text_and_as_hex() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("你好\n");
        window.see_message(false, "你好");
        let menu = fl!(window.words, "message-menu", text = "你好");
        window.click(&menu);
        window.click(&fl!(window.words, "copy-text"));
        assert_eq!(window.copied(), Some("你好"));
        window.click(&menu);
        window.click(&fl!(window.words, "copy-hex"));
        assert_eq!(window.copied(), Some("e4 bd a0 e5 a5 bd 0a"));
        // The other way to the menu.
        let (_, place) = window.see_message(false, "你好");
        window.click_at(place.center(), PointerButton::Secondary);
        window.click(&fl!(window.words, "copy-text"));
        assert_eq!(window.copied(), Some("你好"));
    });
}

#[test]
fn selected_text_is_copied() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    peer.send("select me\n");
    let (_, place) = window.see_message(false, "select me");
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let (from, to) = (place.left_center(), place.right_center());
    window.frame([Event::PointerMoved(from)]);
    window.frame([button(from, true)]);
    window.frame([Event::PointerMoved(place.center())]);
    window.frame([Event::PointerMoved(to)]);
    window.frame([button(to, false)]);
    window.frame([Event::Copy]);
    // A field that is drawn after the messages may have taken it: who has it is known in the next frame.
    window.frame([]);
    assert_eq!(window.copied(), Some("select me"));
}

#[test]
fn an_encoding_chosen_after_receipt_decodes_what_came_again() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        // 你好 in GBK.
        peer.send(b"\xc4\xe3\xba\xc3\n");
        window.see_part(&fl!(window.words, "malformed", encoding = "UTF-8"));
        choose_encoding(&mut window, "UTF-8", "GBK");
        window.see_message(false, "你好");
        assert!(!window.sees_part(&fl!(window.words, "malformed", encoding = "GBK")));
        window.say("再见");
        assert_eq!(peer.read(5), b"\xd4\xd9\xbc\xfb\n");
        choose_encoding(&mut window, "GBK", "UTF-8");
        window.see_part(&fl!(window.words, "malformed", encoding = "UTF-8"));
    });
}

#[test]
fn a_head_with_little_room_says_what_its_title_does_not() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.size(1024.0, 640.0).with_client();
        let (from, local) = (peer.address().to_string(), peer.server().to_string());
        let full = fl!(window.words, "accepted-subtitle", peer = from, local = local.as_str());
        let short = fl!(window.words, "local-subtitle", local = local.as_str());
        window.see(&full);
        assert!(!window.sees(&short));
        window.press(Modifiers::COMMAND, Key::Comma);
        window.see(&short);
        assert!(!window.sees(&full));
    });
}

#[test]
fn what_was_sent_stays_as_it_was_written_when_another_encoding_is_chosen() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.say("再见");
        assert_eq!(peer.line(), "再见\n");
        peer.send("你好\n");
        window.see_message(false, "你好");
        choose_encoding(&mut window, "UTF-8", "windows-1252");
        window.see_message(false, "ä½\u{a0}å¥½");
        window.see_message(true, "再见");
        window.say("é");
        assert_eq!(peer.read(2), b"\xe9\n");
        choose_encoding(&mut window, "windows-1252", "UTF-8");
        window.see_message(true, "é");
    });
}

pub fn choose_encoding(window: &mut Window, from: &str, to: &str) {
    let menu = |window: &Window, encoding: &str| format!("{}: {encoding}", fl!(window.words, "encoding"));
    let from = menu(window, from);
    window.click(&from);
    window.click(to);
    let now = menu(window, to);
    window.place_of(&now);
}

pub fn choose_framing(window: &mut Window, from: &str, choice: &str) {
    let menu = format!("{}: {from}", fl!(window.words, "framing"));
    window.click(&menu);
    window.click(choice);
}

#[test]
fn a_framing_chosen_after_receipt_cuts_what_came_again() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.any_bytes().with_client();
        peer.send("one\ntwo\n");
        window.see_message(false, "one");
        window.see_message(false, "two");
        let (line, chunk) = (fl!(window.words, "framing-line"), fl!(window.words, "framing-chunk"));
        let chunk_long = fl!(window.words, "framing-chunk-long");
        choose_framing(&mut window, &line, &chunk_long);
        window.see_message(false, "one\ntwo\n");
        let line_long = fl!(window.words, "framing-line-long", quiet = "200");
        choose_framing(&mut window, &chunk, &line_long);
        window.see_message(false, "one");

        let length_long = fl!(window.words, "framing-length-long");
        choose_framing(&mut window, &line, &length_long);
        // These bytes are no length prefix: they stand as they are, and the connection goes on or ends with a reason.
        window.see_part("one\ntwo");
    });
}

#[test]
fn length_prefixes_chosen_after_receipt_part_what_had_stuck_together() {
    in_each_language(|setup| {
        let (mut window, mut peer) =
            setup.with(|settings| settings.framing = sockhop::wire::Framing::Chunk).any_bytes().with_client();
        peer.send(b"\0\0\0\x03one\0\0\0\x03two");
        window.see_part("two");
        let chunk = fl!(window.words, "framing-chunk");
        let length_long = fl!(window.words, "framing-length-long");
        choose_framing(&mut window, &chunk, &length_long);
        window.see_message(false, "one");
        window.see_message(false, "two");
        window.say("three");
        assert_eq!(peer.read(9), b"\0\0\0\x05three");
    });
}

#[test]
fn with_chunk_framing_a_character_split_over_two_recvs_shows_once_it_is_whole() {
    in_each_language(|setup| {
        let (mut window, mut peer) =
            setup.with(|settings| settings.framing = sockhop::wire::Framing::Chunk).with_client();
        let bytes = "你好".as_bytes();
        peer.send(&bytes[..4]);
        window.see_message(false, "你");
        peer.send(&bytes[4..]);
        window.see_message(false, "好");
        assert!(!window.sees_part(&fl!(window.words, "malformed", encoding = "UTF-8")));
    });
}

#[test]
fn a_line_with_no_newline_becomes_a_message_after_a_while_and_is_marked() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("no newline");
        let (told, _) = window.see_message(false, "no newline");
        assert!(told.ends_with(&fl!(window.words, "mark-no-newline")), "{told}");
    });
}

#[test]
fn an_automatic_reply_chosen_for_one_conversation_answers_and_is_marked() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        window.choose(&fl!(window.words, "auto-reply"));
        window.click(&fl!(window.words, "auto-reply-echo"));
        peer.send("echo\n");
        assert_eq!(peer.line(), "echo\n");
        let (told, _) = window.see_message(true, "echo");
        assert!(told.contains(&fl!(window.words, "automatic")), "{told}");
    });
}

#[test]
fn the_list_stays_where_it_is_when_a_conversation_closes() {
    in_each_language(|setup| {
        let (mut window, peer) = setup.with_client();
        let _second = Peer::connect(window.address());
        let everyone = fl!(window.words, "everyone");
        let before = window.place_of(&everyone).top();
        drop(peer);
        let remove = fl!(window.words, "remove-closed");
        window.place_of(&remove);
        assert!((window.place_of(&everyone).top() - before).abs() < 0.5);
    });
}

#[test]
fn the_text_of_an_automatic_reply_is_edited_where_it_is_switched_on() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        let before = window.saved().reply_text;
        window.choose(&fl!(window.words, "auto-reply"));
        window.click(&fl!(window.words, "auto-reply-this", text = before));
        let field = fl!(window.words, "reply-text");
        window.until("the field has the keyboard", |window| window.focused().as_ref() == Some(&field));
        window.fill(&field, "数据已收到");
        window.click(&fl!(window.words, "reply-done"));
        window.settle();
        peer.send("data\n");
        let line = std::thread::spawn(move || peer.line());
        window.until("the reply", |_| line.is_finished());
        assert_eq!(line.join().unwrap(), "数据已收到\n");
        assert_eq!(window.saved().reply_text, "数据已收到", "it is offered again");
    });
}

#[test]
fn who_replies_to_a_message_to_everyone_is_seen_beside_it() {
    in_each_language(|setup| {
        let (mut window, mut first) = setup.with_client();
        let second = Peer::connect(window.address());
        window.see_row(&second, &fl!(window.words, "state-open"));
        first.send("before it was asked\n");
        window.see_part("before it was asked");
        window.click(&fl!(window.words, "everyone"));
        window.say("who is there?");
        assert_eq!(first.line(), "who is there?\n");
        let asked = fl!(window.words, "replies", count = 1);
        assert!(!window.sees(&asked));
        first.send("I am\n");
        window.see(&asked);
        let reply = fl!(window.words, "reply-of", who = first.address().to_string(), text = "I am");
        window.click(&reply);
        window.see_message(false, "I am");
    });
}
