//! The settings: refused in words beside the field where they are wrong, and kept at once where they are right.

use std::net::IpAddr;

use i18n_embed_fl::fl;
use sockhop::{
    chat::LineEnding,
    host::{self, HandOut},
    i18n,
    net::MOST_CLIENTS,
    settings::{AutoReplyChoice, LARGEST_RECV, Language, ListenOn, Settings, Theme},
    wire::Framing,
};

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};

/// A field, what is wrong in it and in which words, what is right, and where that is saved.
type Field = (String, &'static [&'static str], String, u64, fn(&Settings) -> u64);

/// The name of a row, one of its choices, and what holds once that is chosen.
type Choice = (String, String, fn(&Settings) -> bool);

/// A window high enough for all settings, with its settings open.
fn settings_open(setup: Setup) -> Window {
    let mut window = setup.size(1280.0, 1800.0).open();
    open_settings(&mut window);
    window
}

fn open_settings(window: &mut Window) {
    window.click(&fl!(window.words, "settings"));
    window.place_of(&fl!(window.words, "close-settings"));
}

#[test]
fn a_wrong_number_is_refused_beside_its_field_and_a_right_one_is_saved() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let (recv, clients) = (LARGEST_RECV as u64, MOST_CLIENTS as u64);
        let words = &window.words;
        let fields: [Field; 4] = [
            (fl!(words, "port"), &["65536", "-1", "abc", ""], fl!(words, "port-wrong"), 8080, |s| s.port.into()),
            (fl!(words, "backlog"), &["0", "x", "99999999999"], fl!(words, "backlog-wrong"), 128, |s| s.backlog.into()),
            (
                fl!(words, "max-clients"),
                &["0", "20001", "1.5"],
                fl!(words, "max-clients-wrong", most = clients),
                20_000,
                |s| s.max_clients as u64,
            ),
            (fl!(words, "recv-size"), &["0", "1048577", "4k"], fl!(words, "recv-size-wrong", most = recv), 1024, |s| {
                s.recv_size as u64
            }),
        ];
        for (field, wrong, why, right, value) in fields {
            let before = value(&window.saved());
            for typed in wrong {
                window.fill(&field, typed);
                window.see(&why);
                assert_eq!(window.value_of(&field), *typed, "what was typed stays to be corrected");
                assert_eq!(value(&window.saved()), before, "{field} {typed:?}");
            }
            let (error, place) = (window.label_place(&why), window.place_of(&field));
            assert!(error.top() >= place.bottom() && error.top() < place.bottom() + 20.0, "{error:?} {place:?}");
            window.fill(&field, &right.to_string());
            window.see_gone(&why);
            assert_eq!(value(&window.saved()), right, "{field}");
        }
    });
}

#[test]
fn a_port_may_be_the_name_of_a_service() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let port = fl!(window.words, "port");
        window.fill(&port, "http-alt");
        window.see(&fl!(window.words, "port-of-service", name = "http-alt", port = "8080"));
        window.see(&fl!(window.words, "port-own"));
        window.until("the port to be kept", |window| window.saved().port == 8080);
        // It stays as it was typed.
        assert_eq!(window.value_of(&port), "http-alt");
        window.fill(&port, "no-such-service");
        window.see(&fl!(window.words, "port-wrong"));
        assert_eq!(window.saved().port, 8080);
    });
}

#[test]
fn the_port_says_what_its_range_means() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let port = fl!(window.words, "port");
        for (typed, words) in [
            ("0", fl!(window.words, "port-any")),
            ("80", fl!(window.words, "port-well-known")),
            ("1023", fl!(window.words, "port-well-known")),
            ("1024", fl!(window.words, "port-own")),
            ("65535", fl!(window.words, "port-own")),
        ] {
            window.fill(&port, typed);
            window.see(&words);
        }
    });
}

#[test]
fn the_address_is_chosen_from_this_computers_or_typed() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let combo = fl!(window.words, "ip-address");
        window.click(&combo);
        window.click(&fl!(window.words, "ip-all"));
        assert_eq!(window.saved().listen_on, ListenOn::AllInterfaces);
        assert_eq!(window.value_of(&combo), fl!(window.words, "ip-all"));

        let field = fl!(window.words, "ip-field");
        if std::net::TcpListener::bind("[::1]:0").is_ok() {
            window.click(&combo);
            window.click(&fl!(window.words, "ip-all-both"));
            assert_eq!(window.saved().listen_on, ListenOn::Address("::".parse().unwrap()));
            assert!(!window.sees(&field), "it is one of the choices");
            window.click(&combo);
            window.click(&fl!(window.words, "ip-all"));
        }

        window.click(&combo);
        window.click(&fl!(window.words, "ip-type"));
        let interfaces = host::interfaces().unwrap();
        if let (Some(name), HandOut::Address(ip)) =
            (host::own_name(), host::hand_out(&interfaces, IpAddr::from([0, 0, 0, 0])))
        {
            window.fill(&field, &name);
            assert_eq!(window.saved().listen_on, ListenOn::Address(ip.into()), "{name}");
            window.click(&combo);
            window.click(&fl!(window.words, "ip-all"));
            window.click(&combo);
            window.click(&fl!(window.words, "ip-type"));
        }
        window.fill(&field, "192.168.1");
        window.see(&fl!(window.words, "address-not-whole-meant", meant = "192.168.1.1"));
        for (typed, words) in [
            ("pc", fl!(window.words, "ip-wrong")),
            ("224.0.0.1", fl!(window.words, "address-many", ip = "224.0.0.1")),
            ("ff02::1%lo", fl!(window.words, "address-many", ip = "ff02::1")),
        ] {
            window.fill(&field, typed);
            window.see(&words);
        }
        window.fill(&field, "fe80::1");
        window.see_part("fe80::1%");
        assert_eq!(window.saved().listen_on, ListenOn::AllInterfaces);
        window.fill(&field, "[fe80::1%lo]");
        window.see(&fl!(window.words, "ip-not-here"));
        assert_eq!(window.saved().listen_on, ListenOn::Address("fe80::1%lo".parse().unwrap()));
        window.fill(&field, "203.0.113.7");
        window.see(&fl!(window.words, "ip-not-here"));
        let typed: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(window.saved().listen_on, ListenOn::Address(typed.into()));

        window.click(&combo);
        window.click(&fl!(window.words, "ip-this"));
        assert_eq!(window.saved().listen_on, ListenOn::ThisComputer);
        window.see_gone(&field);
    });
}

#[test]
fn listening_on_an_address_of_another_machine_is_explained() {
    in_each_language(|setup| {
        let elsewhere: IpAddr = "203.0.113.7".parse().unwrap();
        let mut window = setup.with(|settings| settings.listen_on = ListenOn::Address(elsewhere.into())).open();
        window.click(&fl!(window.words, "start-listening"));
        window.see_part(&fl!(window.words, "error-address-not-here", ip = "203.0.113.7"));
        window.see_part("127.0.0.1");
    });
}

#[test]
fn how_long_a_vanished_peer_is_waited_for_is_chosen() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let field = fl!(window.words, "peer-timeout");
        assert_eq!(window.value_of(&field), "60");
        for (typed, saved) in [("3", 3), ("0", 0), ("86400", 86_400)] {
            window.fill(&field, typed);
            window.see(&fl!(window.words, "peer-timeout-hint"));
            assert_eq!(window.saved().peer_timeout, saved);
        }
        for typed in ["2", "86401", "soon"] {
            window.fill(&field, typed);
            window.see(&fl!(window.words, "peer-timeout-wrong", least = 3, most = 86_400));
            assert_eq!(window.saved().peer_timeout, 86_400);
        }
    });
}

#[test]
fn every_choice_is_saved_at_once() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let words = &window.words;
        let choices: Vec<Choice> = vec![
            (fl!(words, "framing"), fl!(words, "framing-length"), |s| s.framing == Framing::LENGTH),
            (fl!(words, "framing"), fl!(words, "framing-chunk"), |s| s.framing == Framing::Chunk),
            (fl!(words, "framing"), fl!(words, "framing-line"), |s| s.framing == Framing::Line),
            (fl!(words, "line-ending"), fl!(words, "ending-none"), |s| s.line_ending == LineEnding::None),
            (fl!(words, "line-ending"), "CRLF".to_owned(), |s| s.line_ending == LineEnding::Crlf),
            (fl!(words, "line-ending"), "LF".to_owned(), |s| s.line_ending == LineEnding::Lf),
            (fl!(words, "auto-reply"), fl!(words, "auto-reply-echo"), |s| s.auto_reply == AutoReplyChoice::Echo),
            (fl!(words, "auto-reply"), fl!(words, "auto-reply-text"), |s| s.auto_reply == AutoReplyChoice::Text),
            (fl!(words, "when-peer-finishes"), fl!(words, "peer-finishes-keep"), |s| s.half_open),
            (fl!(words, "when-peer-finishes"), fl!(words, "peer-finishes-close"), |s| !s.half_open),
            (fl!(words, "theme"), fl!(words, "theme-dark"), |s| s.theme == Theme::Dark),
            (fl!(words, "theme"), fl!(words, "theme-light"), |s| s.theme == Theme::Light),
        ];
        for (name, choice, holds) in choices {
            let control = format!("{name}: {choice}");
            window.click(&control);
            assert!(window.is_on(&control), "{control}");
            assert!(holds(&window.saved()), "{control}");
        }
        let reuse = fl!(window.words, "reuse-address");
        assert!(window.is_on(&reuse));
        window.click(&reuse);
        assert!(!window.is_on(&reuse) && !window.saved().reuse_address);

        let notify = fl!(window.words, "notify");
        assert!(window.is_on(&notify));
        window.click(&notify);
        assert!(!window.is_on(&notify) && !window.saved().notify);

        window.click(&fl!(window.words, "encoding"));
        window.click("GB18030");
        assert_eq!(window.saved().encoding.name(), "GB18030");

        let reply = fl!(window.words, "reply-text");
        window.fill(&reply, "收到");
        assert_eq!(window.saved().reply_text, "收到");
    });
}

#[test]
fn a_fixed_reply_answers_clients_that_come_after_it_was_chosen() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let address = window.start_listening();
        window.click(&format!("{}: {}", fl!(window.words, "auto-reply"), fl!(window.words, "auto-reply-text")));
        window.fill(&fl!(window.words, "reply-text"), "数据已收到");
        let mut peer = Peer::connect(address);
        peer.send("question\n");
        assert_eq!(peer.line(), "数据已收到\n");
    });
}

#[test]
fn a_change_for_a_server_that_runs_says_that_it_waits_for_the_next_start() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        window.start_listening();
        let (note, backlog) = (fl!(window.words, "next-start"), fl!(window.words, "backlog"));
        assert!(!window.sees(&note));
        window.fill(&backlog, "7");
        window.see(&note);
        window.fill(&backlog, "5");
        window.see_gone(&note);
        window.fill(&backlog, "8");
        window.see(&note);
        window.click(&fl!(window.words, "stop"));
        window.see_gone(&note);
    });
}

#[test]
fn the_language_changes_at_once() {
    let mut window = settings_open(Setup::new(Language::English));
    let (english, chinese) = (i18n::words(Language::English), i18n::words(Language::Chinese));
    window.click(&format!("{}: {}", fl!(english, "language"), fl!(english, "language-chinese")));
    window.see(&fl!(chinese, "section-server"));
    window.see(&fl!(chinese, "welcome-title"));
    assert_eq!(window.saved().language, Language::Chinese);
    window.click(&format!("{}: {}", fl!(chinese, "language"), fl!(chinese, "language-english")));
    window.see(&fl!(english, "section-server"));
    assert_eq!(window.title(), Some("Sockhop"));
}

#[test]
fn a_reply_that_nobody_has_written_is_in_the_language_of_the_window() {
    let replies = |language| fl!(i18n::words(language), "reply-default");
    assert_eq!(replies(Language::English), "Received");
    assert_eq!(replies(Language::Chinese), Settings::default().reply_text);
    // Without a file, as at the first start.
    let mut window = Setup::new(Language::English).size(1280.0, 1800.0).open_as_it_is();
    open_settings(&mut window);
    let fixed = |words: &i18n::Words| format!("{}: {}", fl!(words, "auto-reply"), fl!(words, "auto-reply-text"));
    let reply = |words: &i18n::Words| fl!(words, "reply-text");
    window.click(&fixed(&window.words));
    let field = reply(&window.words);
    assert_eq!(window.value_of(&field), fl!(window.words, "reply-default"));
    for language in [Language::Chinese, Language::English] {
        let name = fl!(window.words, "language");
        let chosen = match language {
            Language::Chinese => fl!(window.words, "language-chinese"),
            _ => fl!(window.words, "language-english"),
        };
        window.click(&format!("{name}: {chosen}"));
        window.words = i18n::words(language);
        let field = reply(&window.words);
        assert_eq!(window.value_of(&field), replies(language));
        assert_eq!(window.saved().reply_text, replies(language));
    }
    // One's own stays.
    let field = reply(&window.words);
    window.fill(&field, "OK");
    window.click(&format!("{}: {}", fl!(window.words, "language"), fl!(window.words, "language-chinese")));
    assert_eq!(window.saved().reply_text, "OK");
}

#[test]
fn the_theme_changes_at_once() {
    in_each_language(|setup| {
        let mut window = settings_open(setup.with(|settings| settings.theme = Theme::Light));
        assert_eq!(window.ctx().theme(), egui::Theme::Light);
        window.click(&format!("{}: {}", fl!(window.words, "theme"), fl!(window.words, "theme-dark")));
        assert_eq!(window.ctx().theme(), egui::Theme::Dark);
    });
}

#[test]
fn the_text_grows_and_shrinks_within_its_range() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let (name, larger, smaller) =
            (fl!(window.words, "text-size"), fl!(window.words, "text-larger"), fl!(window.words, "text-smaller"));
        window.click(&larger);
        window.see("110 %");
        assert!((window.ctx().zoom_factor() - 1.1).abs() < 1e-3);
        assert_eq!(window.saved().text_size, 110);
        for _ in 0..3 {
            window.click(&smaller);
        }
        assert_eq!(window.saved().text_size, 80);
        assert!(!window.is_enabled(&smaller), "{name}");
        let command = egui::Modifiers::COMMAND;
        for _ in 0..20 {
            window.press(command, egui::Key::Plus);
        }
        assert_eq!(window.saved().text_size, 200);
        window.press(command, egui::Key::Num0);
        assert_eq!(window.saved().text_size, 100);
    });
}

#[test]
fn a_damaged_file_is_set_aside_and_named_in_a_notice() {
    in_each_language(|setup| {
        let path = setup.folder.path().join("settings.toml");
        std::fs::write(&path, "port = [").unwrap();
        let mut window = setup.open_as_it_is();
        let aside = path.with_extension("damaged-1.toml");
        window.see(&fl!(window.words, "settings-set-aside", path = aside.display().to_string()));
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), "port = [");
        window.click(&fl!(window.words, "notices"));
        window.see(&fl!(window.words, "copy-all"));
        window.click(&fl!(window.words, "copy-all"));
        assert!(window.copied().unwrap().contains(&aside.display().to_string()));
    });
}

#[test]
fn a_bad_value_is_named_in_a_notice_and_what_is_not_changed_stays_in_the_file() {
    in_each_language(|setup| {
        let path = setup.folder.path().join("settings.toml");
        let language = if setup.settings.language == Language::Chinese { "zh-CN" } else { "en" };
        let text = format!("# mine\nlanguage = \"{language}\"\nbacklog = 0\nfuture = 1\n");
        std::fs::write(&path, &text).unwrap();
        let mut window = setup.open_as_it_is();
        let (before, _) = super::window::around(&fl!(window.words, "setting-ignored", key = "backlog", why = "|"));
        window.see_part(&before);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        open_settings(&mut window);
        window.fill(&fl!(window.words, "port"), "1234");
        window.app().wait_until_saved();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{text}port = 1234\n"));
        let _folder = window.close();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{text}port = 1234\n"));
    });
}

#[test]
fn a_window_in_which_nothing_is_changed_writes_nothing() {
    in_each_language(|setup| {
        let path = setup.folder.path().join("settings.toml");
        std::fs::write(&path, "port = 0 # mine\n").unwrap();
        let written = |path: &std::path::Path| std::fs::metadata(path).unwrap().modified().unwrap();
        let before = written(&path);
        let window = setup.open_as_it_is();
        let _folder = window.close();
        assert_eq!(written(&path), before);
    });
}

#[test]
fn settings_that_cannot_be_saved_are_told_and_hold_all_the_same() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        std::fs::remove_dir_all(window.settings_path().parent().unwrap()).unwrap();
        window.fill(&fl!(window.words, "port"), "0123");
        let (before, _) = super::window::around(&fl!(
            window.words,
            "settings-not-saved",
            path = window.settings_path().display().to_string(),
            why = "|"
        ));
        window.see_part(&before);
        window.see_part(":123");
    });
}

#[test]
fn in_a_small_window_the_settings_take_the_place_of_the_conversation_and_escape_closes_them() {
    in_each_language(|setup| {
        let mut window = setup.size(700.0, 500.0).open();
        open_settings(&mut window);
        assert!(!window.sees(&fl!(window.words, "welcome-title")));
        window.press(egui::Modifiers::NONE, egui::Key::Escape);
        window.see(&fl!(window.words, "welcome-title"));
    });
}

#[test]
fn the_page_about_sockhop_says_its_version_and_the_licences_of_what_is_in_it() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        window.click(&fl!(window.words, "about"));
        let version = fl!(window.words, "about-version", version = env!("CARGO_PKG_VERSION"));
        window.see(&version);
        let first = include_str!("../../resources/licences.txt").lines().find(|line| line.starts_with("* ")).unwrap();
        window.see(first);
        window.click(&fl!(window.words, "about-copy"));
        assert_eq!(window.copied(), Some(version.as_str()));
        window.press(egui::Modifiers::NONE, egui::Key::Escape);
        window.see_gone(&version);
    });
}

#[test]
fn the_label_of_a_switch_turns_it_too() {
    in_each_language(|setup| {
        let mut window = settings_open(setup);
        let name = fl!(window.words, "notify");
        let before = window.is_on(&name);
        window.click(&name);
        assert_eq!(window.is_on(&name), !before);
        let label = window.label_place(&name);
        window.click_at(label.center(), egui::PointerButton::Primary);
        assert_eq!(window.is_on(&name), before);
    });
}
