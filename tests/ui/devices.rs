//! Talking to devices: where a message ends, chosen while the last bytes received show what that makes of them.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{
    chat::{AnswerTo, LineEnding, Origin, Rule, When, Written},
    settings::{SavedMessage, SavedMessages},
    wire::{Delimiter, Framing, LengthPrefix, PrefixWidth},
};

use super::{
    peer::{self, Peer},
    window::{Setup, Window, in_each_language},
};

fn framing_of(window: &Window) -> Framing {
    let (_, conversation) = window.app().core().conversations().last().unwrap();
    conversation.manner().framing()
}

/// Opens the dialog on where a message ends.
fn ask_framing(window: &mut Window, now: &str) {
    let name = fl!(window.words, "framing");
    window.click(&format!("{name}: {now}"));
    window.click(&fl!(window.words, "framing-other"));
    window.see(&fl!(window.words, "framing-title"));
}

#[test]
fn a_delimiter_is_shown_on_the_last_bytes_received_and_then_used() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("T=21.5##T=21.6##\n");
        window.see_message(false, "T=21.5##T=21.6##");
        let line = fl!(window.words, "framing-line");
        ask_framing(&mut window, &line);
        let (framing, own) = (fl!(window.words, "framing"), fl!(window.words, "framing-own"));
        window.click(&format!("{framing}: {own}"));
        let field = fl!(window.words, "framing-own-bytes");
        window.fill(&field, r"\q");
        window.see(&fl!(window.words, "bytes-wrong", most = 32));
        assert!(!window.is_enabled(&fl!(window.words, "framing-use")));
        window.fill(&field, "##");
        window.see("T=21.5");
        window.see("T=21.6");
        window.see(&fl!(window.words, "framing-preview-rest"));
        window.click(&fl!(window.words, "framing-use"));
        window.see_gone(&fl!(window.words, "framing-title"));
        window.see_message(false, "T=21.6");
        let delimiter = Delimiter::new(b"##").unwrap();
        assert_eq!(framing_of(&window), Framing::Delimiter(delimiter));
        let (_, conversation) = window.app().core().conversations().last().unwrap();
        assert_eq!(conversation.manner().line_ending, LineEnding::Own(delimiter), "what is sent ends so too");
        window.say("hi");
        assert_eq!(peer.read(4), b"hi##");
    });
}

#[test]
fn a_prefix_that_does_not_fit_is_told_and_the_one_that_does_is_a_click_away() {
    in_each_language(|setup: Setup| {
        let setup = setup.with(|settings| settings.framing = Framing::LENGTH);
        let (mut window, mut peer) = setup.with_client();
        peer.send(b"\0\x05hello");
        window.see(&fl!(window.words, "unfinished", missing = 354_402, of = 354_405));
        let two = fl!(window.words, "framing-length-of", bytes = 2);
        let two = format!("{two} · {}", fl!(window.words, "prefix-big"));
        window.click(&fl!(window.words, "unfinished-fits", framing = two));
        window.see_message(false, "hello");
        let prefix = LengthPrefix { width: PrefixWidth::Two, ..LengthPrefix::NETWORK };
        assert_eq!(framing_of(&window), Framing::Length(prefix));
        window.say("hi");
        assert_eq!(peer.read(4), b"\0\x02hi");
    });
}

#[test]
fn a_line_that_comes_key_by_key_is_one_row() {
    in_each_language(|setup: Setup| {
        let setup = setup.with(|settings| settings.quiet_ms = 20);
        let (mut window, mut peer) = setup.with_client();
        for key in ["h", "e", "l"] {
            peer.send(key);
            window.see_message(false, key);
        }
        peer.send("lo\r\n");
        window.see_message(false, "hello");
        let texts: Vec<String> = window.messages().into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
    });
}

#[test]
fn the_settings_have_all_framings_too() {
    in_each_language(|setup: Setup| {
        let mut window = setup.open();
        window.press(Modifiers::COMMAND, Key::Comma);
        window.see(&fl!(window.words, "section-messages"));
        window.click(&fl!(window.words, "framing-other"));
        window.see(&fl!(window.words, "framing-title"));
        let (framing, kind) = (fl!(window.words, "framing"), fl!(window.words, "framing-fixed-kind"));
        window.click(&format!("{framing}: {kind}"));
        window.click(&fl!(window.words, "framing-use"));
        window.until("saved", |window| window.saved().framing.to_string() == "fixed 16");
    });
}

#[test]
fn escapes_are_sent_as_their_bytes_which_are_shown_before() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        window.click(&fl!(window.words, "written-escapes"));
        window.write(r"\x02T?\u4f60\r");
        window.see_part("02 54 3f e4 bd a0 0d");
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(peer.read(7), "\x02T?你\r".as_bytes());
        window.write(r"\q");
        window.see(&fl!(window.words, "escape-unknown", place = 1, found = "q"));
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(window.value_of(&fl!(window.words, "message")), r"\q", "what is no message is not sent");
    });
}

/// Opens something of what else can be sent.
fn send_more(window: &mut Window, item: &str) {
    let more = fl!(window.words, "send-more");
    window.click(&more);
    window.click(item);
}

#[test]
fn a_message_is_saved_with_a_key_and_sent_by_it() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        window.click(&fl!(window.words, "hex"));
        window.write("02 3f 03");
        let item = fl!(window.words, "saved-messages");
        send_more(&mut window, &item);
        window.see(&fl!(window.words, "saved-title"));
        window.fill(&fl!(window.words, "name"), "poll");
        let key = fl!(window.words, "saved-key");
        window.click(&key);
        window.click("Alt+2");
        let only = fl!(window.words, "saved-only-device", device = "127.0.0.1");
        window.click(&only);
        window.click(&fl!(window.words, "saved-keep"));
        window.until("saved", |window| window.saved().saved_messages.len() == 1);
        let saved = SavedMessage {
            name: "poll".into(),
            text: "02 3f 03".into(),
            written: Written::Hex,
            device: "127.0.0.1".into(),
            key: 2,
        };
        assert_eq!(window.saved().saved_messages, [saved]);
        window.click(&fl!(window.words, "saved-send", name = "poll"));
        assert_eq!(peer.read(3), b"\x02?\x03");
        window.press(Modifiers::ALT, Key::Num2);
        assert_eq!(peer.read(3), b"\x02?\x03");
    });
}

#[test]
fn saved_messages_are_imported_from_a_file_each_once() {
    in_each_language(|setup: Setup| {
        let message = |text: &str| SavedMessage { text: text.into(), ..SavedMessage::default() };
        let setup = setup.with(|settings| settings.saved_messages = vec![message("one")]);
        let file = setup.folder.path().join("messages.toml");
        let text = SavedMessages { message: vec![message("one"), message("two")] }.to_text();
        std::fs::write(&file, text).unwrap();
        let (mut window, _peer) = setup.with_client();
        let item = fl!(window.words, "saved-messages");
        send_more(&mut window, &item);
        window.click(&fl!(window.words, "saved-import"));
        window.see(&fl!(window.words, "file-import-saved"));
        window.fill(&fl!(window.words, "file-name"), file.to_str().unwrap());
        window.click(&fl!(window.words, "file-open"));
        window.until("imported", |window| window.saved().saved_messages.len() == 2);
    });
}

#[test]
fn messages_are_repeated_in_rounds_and_stopped() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        window.write("poll");
        let item = fl!(window.words, "repeat-ask");
        send_more(&mut window, &item);
        window.see(&fl!(window.words, "repeat-title"));
        window.click(&fl!(window.words, "repeat-add"));
        window.fill(&fl!(window.words, "repeat-message", number = 2), "again");
        window.click(&fl!(window.words, "repeat-start"));
        assert_eq!((peer.line(), peer.line()), ("poll\n".into(), "again\n".into()));
        window.see_part(&fl!(window.words, "repeat-so-far", sent = 2));
        window.click(&fl!(window.words, "repeat-stop"));
        window.until("stopped", |window| !window.sees(&fl!(window.words, "repeat-stop")));
    });
}

#[test]
fn messages_to_everyone_are_repeated_until_that_is_stopped() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        window.press(Modifiers::COMMAND, Key::E);
        window.see_part(&fl!(window.words, "everyone-subtitle", count = 1));
        window.write("poll");
        let item = fl!(window.words, "repeat-ask");
        send_more(&mut window, &item);
        window.see(&fl!(window.words, "repeat-title"));
        window.click(&fl!(window.words, "repeat-start"));
        window.see_part(&fl!(window.words, "repeat-so-far", sent = 2));
        assert_eq!((peer.line(), peer.line()), ("poll\n".into(), "poll\n".into()));
        window.click(&fl!(window.words, "repeat-stop"));
        window.see_gone(&fl!(window.words, "repeat-stop"));
    });
}

#[test]
fn a_rule_may_answer_all_clients() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        let mut other = Peer::connect(peer.server());
        window.choose(&fl!(window.words, "auto-reply"));
        window.click(&fl!(window.words, "auto-reply-rules-ask"));
        window.fill(&fl!(window.words, "rule-this", number = 1), "alarm");
        window.fill(&fl!(window.words, "rule-answer", number = 1), "all out");
        let (to, everyone) = (fl!(window.words, "rule-to", number = 1), fl!(window.words, "rule-to-everyone"));
        window.click(&format!("{to}: {everyone}"));
        window.click(&fl!(window.words, "rules-use"));
        window.until("saved", |window| window.saved().rules.first().is_some_and(|rule| rule.to == AnswerTo::Everyone));
        peer.send("alarm\n");
        window.until("answered", |window| {
            window.app().core().conversations().all(|(_, conversation)| conversation.bytes_out == 8)
        });
        assert_eq!((peer.line(), other.line()), ("all out\n".into(), "all out\n".into()));
        window.press(Modifiers::COMMAND, Key::E);
        window.see_message(true, "all out");
        assert!(!window.sees(&fl!(window.words, "replies", count = 1)), "it came before");
    });
}

#[test]
fn when_a_silent_peer_is_asked_first_can_be_chosen() {
    in_each_language(|setup: Setup| {
        let (mut window, _peer) = setup.with_client();
        window.choose(&fl!(window.words, "conn-options-ask"));
        let after = fl!(window.words, "keepalive-after");
        assert_eq!(window.value_of(&after), "15 s", "a quarter of the timeout");
        window.fill(&after, "5");
        window.press(Modifiers::NONE, Key::Enter);
        window.click(&fl!(window.words, "framing-use"));
        window.until("held so", |window| {
            let (_, conversation) = window.app().core().conversations().last().unwrap();
            conversation.manner().options.keepalive == Some(std::time::Duration::from_secs(5))
        });
    });
}

#[test]
fn a_port_may_be_written_as_its_service() {
    in_each_language(|setup: Setup| {
        let mut window = setup.open();
        window.press(Modifiers::COMMAND, Key::N);
        window.fill(&fl!(window.words, "address"), "127.0.0.1:no-such-service");
        window.click(&fl!(window.words, "connect"));
        window.see(&fl!(window.words, "address-port"));
        assert_eq!(window.app().core().conversations().len(), 0);
        window.fill(&fl!(window.words, "address"), "127.0.0.1:echo");
        window.click(&fl!(window.words, "connect"));
        window.until("asked", |window| {
            let first = window.app().core().conversations().next();
            first.is_some_and(|(_, one)| one.origin == Origin::Outgoing { host: "127.0.0.1".into(), port: 7 })
        });
    });
}

#[test]
fn a_rule_is_tried_on_a_sample_and_answers_with_what_it_caught() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        window.choose(&fl!(window.words, "auto-reply"));
        window.click(&fl!(window.words, "auto-reply-rules-ask"));
        window.see(&fl!(window.words, "rules-title"));
        assert!(!window.is_enabled(&fl!(window.words, "rules-use")), "an empty rule");
        window.click(&fl!(window.words, "rule-when", number = 1));
        window.click(&fl!(window.words, "rule-matches"));
        window.fill(&fl!(window.words, "rule-this", number = 1), "T=(");
        assert!(!window.is_enabled(&fl!(window.words, "rules-use")));
        window.fill(&fl!(window.words, "rule-this", number = 1), r"T=(\d+)");
        window.fill(&fl!(window.words, "rule-answer", number = 1), "got $1");
        window.fill(&fl!(window.words, "rules-sample"), "T=21");
        window.see(&fl!(window.words, "rules-sample-answer", number = 1, answer = r"got 21\n"));
        window.fill(&fl!(window.words, "rules-sample"), "H=40");
        window.see(&fl!(window.words, "rules-sample-none"));
        window.click(&fl!(window.words, "rules-use"));
        peer.send("T=22\nH=40\nT=23\n");
        window.until("answered", |window| {
            let (_, conversation) = window.app().core().conversations().last().unwrap();
            conversation.bytes_out == 14
        });
        assert_eq!((peer.line(), peer.line()), ("got 22\n".into(), "got 23\n".into()));
        window.until("saved", |window| {
            let rule =
                Rule { when: When::Matches, this: r"T=(\d+)".into(), answer: "got $1".into(), ..Rule::default() };
            window.saved().rules == [rule]
        });
    });
}

/// Asks for a connection there, with what is chosen in the dialog by then.
fn connect(window: &mut Window, address: std::net::SocketAddr, choose: impl FnOnce(&mut Window)) {
    window.press(Modifiers::COMMAND, Key::N);
    window.see(&fl!(window.words, "connect-title"));
    window.fill(&fl!(window.words, "address"), &address.to_string());
    choose(window);
    window.click(&fl!(window.words, "connect"));
}

#[test]
fn a_client_is_made_from_the_port_that_was_chosen() {
    in_each_language(|setup: Setup| {
        let (listener, address) = peer::server();
        let free = peer::nobody();
        let mut window = setup.open();
        connect(&mut window, address, |window| {
            let field = fl!(window.words, "connect-from");
            window.fill(&field, "nowhere");
            window.see(&fl!(window.words, "connect-from-wrong"));
            window.fill(&field, &format!(":{}", free.port()));
        });
        let (_stream, from) = listener.accept().unwrap();
        assert_eq!(from, free);
        window.see_part(&free.port().to_string());
    });
}

#[test]
fn a_connection_is_made_again_by_itself_until_that_is_stopped() {
    in_each_language(|setup: Setup| {
        let (listener, address) = peer::server();
        let mut window = setup.open();
        connect(&mut window, address, |window| {
            let again = fl!(window.words, "reconnect");
            window.click(&again);
        });
        let first = Peer::accept(&listener);
        window.see(&fl!(window.words, "state-open"));
        drop(first);
        let stop = fl!(window.words, "reconnect-stop");
        window.see(&stop);
        let mut second = None;
        window.until("the next connection", |_| {
            second = listener.accept().ok();
            second.is_some()
        });
        let (mut second, _) = second.unwrap();
        std::io::Write::write_all(&mut second, b"back\n").unwrap();
        window.see_message(false, "back");
        drop(listener);
        drop(second);
        // Nobody listens: it is tried in vain, and only the latest attempt is in the list.
        window.until("the second attempt", |window| window.sees_part("2)") || window.sees_part("2 "));
        window.click(&stop);
        window.see_gone(&stop);
        let core = window.app().core();
        assert!(core.conversations().all(|(conn, _)| core.reconnecting(conn).is_none()));
    });
}

#[test]
fn a_device_is_known_by_the_first_it_says_when_it_comes_back() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("sensor 42 ready\n");
        window.see_message(false, "sensor 42 ready");
        let line = fl!(window.words, "framing-line");
        ask_framing(&mut window, &line);
        let (framing, cr) = (fl!(window.words, "framing"), fl!(window.words, "framing-cr"));
        window.click(&format!("{framing}: {cr}"));
        window.click(&fl!(window.words, "framing-use"));
        window.see_gone(&fl!(window.words, "framing-title"));
        window.choose(&fl!(window.words, "device-ask"));
        window.see(&fl!(window.words, "device-title"));
        window.fill(&fl!(window.words, "name"), "Sensor 42");
        let (by, first) = (fl!(window.words, "device-by"), fl!(window.words, "device-by-first-line"));
        window.click(&format!("{by}: {first}"));
        window.fill(&fl!(window.words, "device-first-line"), "sensor 42");
        window.click(&fl!(window.words, "device-keep"));
        window.until("remembered", |window| window.saved().devices.len() == 1);
        let server = peer.server();
        drop(peer);
        let mut again = Peer::connect(server);
        again.send("sensor 42 ready\n");
        window.until("known again", |window| {
            let (_, conversation) = window.app().core().conversations().last().unwrap();
            conversation.name.as_deref() == Some("Sensor 42") && conversation.state.can_send()
        });
        assert_eq!(framing_of(&window), Framing::Cr);
    });
}

#[test]
fn messages_are_found_by_a_pattern() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("T=21.5\nT=22.0\nH=40\nT=23.5\n");
        window.see_message(false, "T=23.5");
        window.press(Modifiers::COMMAND, Key::F);
        window.fill(&fl!(window.words, "find"), r"^T=\d+\.5$");
        window.see(&fl!(window.words, "find-none"));
        window.click(&fl!(window.words, "find-pattern"));
        window.see(&fl!(window.words, "find-count", at = 1, total = 2));
        window.fill(&fl!(window.words, "find"), "T=(");
        window.see(&fl!(window.words, "find-no-pattern"));
    });
}

#[test]
fn times_are_shown_to_the_millisecond_and_between_messages() {
    in_each_language(|setup: Setup| {
        let (mut window, mut peer) = setup.with_client();
        peer.send("one\n");
        window.see_message(false, "one");
        assert!(!window.sees_part(" · +"));
        window.choose(&fl!(window.words, "show-exact-times"));
        window.until("how long after the row before", |window| window.sees_part(" · +"));
    });
}

#[test]
fn the_numbers_in_messages_are_a_curve_beside_what_was_counted() {
    in_each_language(|setup: Setup| {
        let setup = setup.with(|settings| settings.inspector = true);
        let (mut window, mut peer) = setup.with_client();
        window.click(&fl!(window.words, "tab-connection"));
        window.see(&fl!(window.words, "plot-none"));
        for line in ["T=21.5 H=40\n", "T=22.0 H=41\n", "T=23.5 H=39\n"] {
            peer.send(line);
            window.see_message(false, line.trim_end());
        }
        let bytes = fl!(window.words, "bytes", count = 36);
        window.see(&fl!(window.words, "traffic-in", count = 3, bytes = bytes));
        window.see(&fl!(window.words, "plot-name", number = 1));
        let (_, conversation) = window.app().core().conversations().last().unwrap();
        let second: Vec<f64> = conversation.numbers(1).into_iter().map(|(_, number)| number).collect();
        assert_eq!(second, [40.0, 41.0, 39.0]);
    });
}
