//! People on this network: seen, written to, verified, warned of, and everyone at once. What the `lan` thread reports is
//! fed in; what the user does is done by the names on the controls.

use egui::{Key as Button, Modifiers};
use i18n_embed_fl::fl;
use jiff::{Timestamp, tz::TimeZone};
use sockhop::{
    chat::{
        Epoch, JournalEntry, Origin, PersonColour, PersonId, PersonRecord, Presence, RowNumber, Session, SessionId,
        Stream,
    },
    core::{Core, Input, Key, PeopleInput, Visibility},
    history::{Answer, History},
    lan::{
        Comparison, Digits, Event, EventKind, Greeting, Identity, Incoming, Interface, KeyFile, LinkState, Me, Options,
        Seen, Taken,
    },
    settings::Visible,
    window::app::Still,
    wire::{Batch, Boundary, Cut, text::TextEncoding},
};

use super::window::{Setup, Window, in_each_language};

const A: PersonId = PersonId([1; 32]);
const B: PersonId = PersonId([2; 32]);
const C: PersonId = PersonId([3; 32]);

/// What they number their messages in.
const THEIRS: Epoch = Epoch(7);

fn lan(kind: EventKind) -> Input {
    Input::Lan(Event { at: Timestamp::now(), kind })
}

fn seen(id: PersonId, name: &str, presence: Presence) -> Input {
    lan(EventKind::Seen(Box::new(Seen {
        id,
        name: name.to_owned(),
        colour: PersonColour::new(id.0[0]),
        presence,
        addresses: vec!["192.168.1.32:28888".parse().unwrap()],
        door: None,
    })))
}

fn greeted(id: PersonId, name: &str, presence: Presence) -> Input {
    lan(EventKind::Greeted {
        with: id,
        address: Some("192.168.1.32:28888".parse().unwrap()),
        hello: Box::new(Greeting {
            name: name.to_owned(),
            colour: PersonColour::new(id.0[0]),
            presence,
            epoch: THEIRS,
            first: 1,
            has: Taken::default(),
            receipts: true,
        }),
    })
}

fn said(id: PersonId, n: u64, text: &str) -> Input {
    let message = Incoming { mark: n, at: 0, text: Some(text.as_bytes().to_vec().into()), again: false };
    lan(EventKind::Received { from: id, epoch: THEIRS, first: n, messages: vec![message] })
}

/// A window that is seen on this network, as 讲台, with these people nearby.
fn among(setup: Setup, people: &[(PersonId, &str)]) -> Window {
    let mut core = Core::new(setup.settings.conversation_options());
    let options = Options {
        identity: Identity::generate().unwrap(),
        me: Me { name: "讲台".to_owned(), receipts: true, ..Me::default() },
        interfaces: Vec::<Interface>::new(),
        lan_port: 0,
        beacon_port: 1,
        keys: None,
    };
    let inputs = [
        Input::History(Box::new(Answer::People(Vec::new()))),
        Input::People(PeopleInput::Appear(Box::new(options))),
        lan(EventKind::Visible { port: 28888 }),
    ];
    let people =
        people.iter().flat_map(|(id, name)| [seen(*id, name, Presence::Here), greeted(*id, name, Presence::Here)]);
    for input in inputs.into_iter().chain(people) {
        let _ = core.apply(input, Timestamp::now());
    }
    let mut window = setup.with(|settings| settings.visible = Visible::On).open();
    window.hold_still(Still {
        core,
        selected: Key::Everyone,
        interfaces: Vec::new(),
        ports: Vec::new(),
        backlog_cap: None,
        zone: TimeZone::UTC,
    });
    window
}

fn person(window: &Window, id: PersonId) -> &sockhop::core::Person {
    window.app().core().people().get(id).unwrap()
}

fn ours(window: &Window, id: PersonId) -> (Epoch, u64) {
    let stream = person(window, id).record().ours;
    (stream.epoch, stream.last)
}

fn open(window: &mut Window, name: &str) {
    let row = window.row_of(name);
    window.click(&row);
}

#[test]
fn whether_to_be_seen_is_asked_once_and_is_off_until_it_is_answered() {
    in_each_language(|setup| {
        let mut window = setup.open();
        let question = fl!(window.words, "visible-question");
        window.see(&question);
        assert_eq!(*window.app().core().people().visibility(), Visibility::Off);
        assert!(!window.sees(&fl!(window.words, "nearby")), "a section for nobody");
        window.click(&fl!(window.words, "visible-no"));
        window.see_gone(&question);
        assert_eq!(window.saved().visible, Visible::Off);
        let mut window = window.close().open_as_it_is();
        window.see(&fl!(window.words, "welcome-title"));
        assert!(!window.sees(&question), "asked again");
        assert_eq!(*window.app().core().people().visibility(), Visibility::Off);
    });
}

#[test]
fn who_wants_to_be_seen_is_and_the_network_pane_tells_why_nobody_is_there() {
    in_each_language(|setup| {
        let mut window = setup.open();
        window.click(&fl!(window.words, "visible-yes"));
        window.until("to be on this network", |window| {
            matches!(window.app().core().people().visibility(), Visibility::On { .. })
        });
        assert_eq!(window.saved().visible, Visible::On);
        window.see(&fl!(window.words, "nearby-nobody"));
        let me = window.named_with(&fl!(window.words, "visibility-on", count = 0));
        window.click(&me);
        window.click(&fl!(window.words, "presence-busy"));
        window.until("to be busy", |window| window.app().core().people().me().presence == Presence::Busy);
        window.click(&fl!(window.words, "nearby-why"));
        window.see(&fl!(window.words, "why-nobody"));
        window.see(&fl!(window.words, "why-they-hide"));
        window.click(&fl!(window.words, "look-harder"));
        // What is turned off there is gone from the sidebar too.
        window.click(&fl!(window.words, "visible"));
        window.see_gone(&fl!(window.words, "nearby"));
        window.until("not to be on it", |window| *window.app().core().people().visibility() == Visibility::Off);
        assert_eq!(window.saved().visible, Visible::Off);
    });
}

#[test]
fn people_have_rows_that_say_where_they_are_and_how_they_are_protected() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        window.take_in(seen(B, "Lab PC 3", Presence::Busy));
        let encrypted = fl!(window.words, "shield-encrypted");
        let not_reached = fl!(window.words, "shield-not-reached");
        window.see(&format!("三排二座, {}, {encrypted}", fl!(window.words, "presence-here")));
        window.see(&format!("Lab PC 3, {}, {not_reached}", fl!(window.words, "presence-busy")));
        window.see(&fl!(window.words, "plain-conversations"));
        open(&mut window, "三排二座");
        window.see(&encrypted);
        window.see_part(&fl!(window.words, "person-key", tag = A.tag()));
        window.see_part("192.168.1.32");
        // Nobody has proved to be Lab PC 3: nothing can be written.
        open(&mut window, "Lab PC 3");
        window.see(&fl!(window.words, "cannot-say-not-reached"));
        assert!(!window.is_enabled(&fl!(window.words, "send")));
        window.take_in(lan(EventKind::Gone(B)));
        window.see(&fl!(window.words, "nearby"));
        assert!(!window.sees_part("Lab PC 3"), "a stranger who is gone is still listed");
    });
}

#[test]
fn a_message_to_a_person_says_how_far_it_came_and_arrives_as_one_however_many_lines_it_has() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        let field = fl!(window.words, "message");
        window.fill(&field, "one");
        window.press(Modifiers::SHIFT, Button::Enter);
        window.write("two");
        window.press(Modifiers::NONE, Button::Enter);
        let mark = |window: &mut Window| {
            let begin = format!("{}: one", fl!(window.words, "you"));
            let told = window.all_names().into_iter().find(|name| name.contains(&begin));
            told.unwrap_or_else(|| panic!("{}", window.all_names().join("\n")))
        };
        assert!(mark(&mut window).contains("two"));
        let waits = fl!(window.words, "person-waits");
        assert!(mark(&mut window).contains(&waits), "{}", mark(&mut window));
        let (epoch, n) = ours(&window, A);
        for (kind, word) in [
            (EventKind::Sent { to: A, epoch, n }, fl!(window.words, "sent")),
            (EventKind::Delivered { to: A, epoch, n }, fl!(window.words, "delivered")),
            (EventKind::Read { by: A, epoch, n }, fl!(window.words, "sent-read")),
        ] {
            window.take_in(lan(kind));
            let told = mark(&mut window);
            assert!(told.contains(&format!(" · {word} ")), "{word}: {told}");
            assert!(!told.contains(&waits), "{told}");
        }
        window.take_in(said(A, 1, "第一行\n第二行"));
        window.see_part("第一行");
        let messages = window.app().core().conversation(Key::Person(A)).unwrap().entries();
        let received = messages.iter().filter(|(_, row)| matches!(row.kind, sockhop::chat::RowKind::Received(_)));
        assert_eq!(received.count(), 1);
        assert!(!window.sees(&fl!(window.words, "hex")), "bytes are nothing for a person");
    });
}

#[test]
fn a_file_that_is_no_message_to_a_person_says_so_and_what_to_do() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let mut window = among(setup, &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        for (name, bytes) in [("large.txt", "x".repeat(100_000).into_bytes()), ("picture.bin", vec![0xff; 100])] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            window.drop_files(&[path]);
            window.see_part(name);
            let most = fl!(window.words, "size-kib", size = "60");
            window.see(&fl!(window.words, "offered-not-to-people", most = most));
            assert!(!window.sees(&fl!(window.words, "offered-send")));
            window.click(&fl!(window.words, "offered-aside"));
            window.see_gone(&fl!(window.words, "offered-aside"));
        }
    });
}

#[test]
fn what_waits_can_be_cancelled_and_is_not_shown_as_an_error() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        window.take_in(lan(EventKind::Link { with: A, state: LinkState::Waiting }));
        open(&mut window, "三排二座");
        window.say("too soon");
        window.see_part(&fl!(window.words, "row-not-linked"));
        assert_eq!(person(&window, A).waiting(), 1);
        window.click(&fl!(window.words, "person-cancel", text = "too soon"));
        window.see_part(&fl!(window.words, "given-up-cancelled"));
        assert_eq!(person(&window, A).waiting(), 0);
        assert!(!window.sees(&fl!(window.words, "retry")));
    });
}

#[test]
fn what_cancels_a_long_message_has_room_beside_it_in_a_narrow_window() {
    in_each_language(|setup| {
        // That of 1024 by 640 pixels at 200 %.
        let mut window = among(setup.size(512.0, 320.0), &[(A, "三排二座")]);
        window.take_in(lan(EventKind::Link { with: A, state: LinkState::Waiting }));
        open(&mut window, "三排二座");
        let text = "The client’s: address and port of the peer. The server’s port is 8888 all the time.";
        window.say(text);
        let first: String = text.chars().take(40).collect();
        let cancel = window.place_of(&fl!(window.words, "person-cancel", text = first));
        let composer = window.place_of(&fl!(window.words, "message"));
        assert!(cancel.left() >= composer.left(), "{cancel:?} {composer:?}");
    });
}

#[test]
fn what_a_person_writes_is_counted_until_it_is_seen_and_the_palette_finds_them() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座"), (B, "Lab PC 3")]);
        window.take_in(said(B, 1, "hello"));
        window.take_in(said(B, 2, "there"));
        let unread = fl!(window.words, "unread", count = 2);
        let row = window.row_of("Lab PC 3");
        assert!(row.ends_with(&unread), "{row}");
        let title = format!("(2) {}", fl!(window.words, "app-name"));
        window.until("the title counts them", |window| window.title() == Some(title.as_str()));
        window.press(Modifiers::COMMAND, Button::K);
        window.write("lab pc");
        window.press(Modifiers::NONE, Button::Enter);
        window.see_message(false, "there");
        window.press(Modifiers::COMMAND, Button::PageDown);
        window.see_part(&fl!(window.words, "person-key", tag = A.tag()));
    });
}

#[test]
fn six_digits_are_read_out_and_what_came_of_it_is_said() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        window.choose(&fl!(window.words, "person-verify"));
        window.see(&fl!(window.words, "verify-begun", name = "三排二座"));
        window.take_in(lan(EventKind::Digits { with: A, digits: Digits(482_193), theirs: false }));
        window.see(&fl!(window.words, "verify-digits", digits = "4 8 2 1 9 3"));
        window.see(&fl!(window.words, "verify-same-question", name = "三排二座"));
        window.click(&fl!(window.words, "verify-same"));
        window.see(&fl!(window.words, "verify-waits", name = "三排二座"));
        window.take_in(lan(EventKind::Compared { with: A, outcome: Comparison::Same }));
        window.see(&fl!(window.words, "verify-over-same", name = "三排二座"));
        window.click(&fl!(window.words, "verify-close"));
        assert!(person(&window, A).is_verified());
        window.see(&fl!(window.words, "shield-verified"));
        window.see_part(&fl!(window.words, "row-verified"));
    });
}

#[test]
fn digits_that_differ_verify_nobody_and_three_failures_are_locked() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        // They begin: it is said above the field, and no dialog comes over what is typed.
        window.take_in(lan(EventKind::Digits { with: A, digits: Digits(7), theirs: true }));
        window.see(&fl!(window.words, "bar-compare", name = "三排二座"));
        window.click(&fl!(window.words, "bar-compare-show"));
        window.see(&fl!(window.words, "verify-digits", digits = "0 0 0 0 0 7"));
        window.click(&fl!(window.words, "verify-differ"));
        window.take_in(lan(EventKind::Compared { with: A, outcome: Comparison::Differ }));
        window.see(&fl!(window.words, "verify-over-differ"));
        window.click(&fl!(window.words, "verify-close"));
        assert!(!person(&window, A).is_verified());
        window.see_part(&fl!(window.words, "row-codes-differed"));
        window.press(Modifiers::COMMAND | Modifiers::SHIFT, Button::D);
        window.take_in(lan(EventKind::Compared { with: A, outcome: Comparison::Locked(599) }));
        window.see(&fl!(window.words, "verify-over-locked", minutes = 10));
        window.press(Modifiers::NONE, Button::Escape);
        window.see_gone(&fl!(window.words, "verify-over-locked", minutes = 10));
    });
}

#[test]
fn a_new_key_under_a_verified_name_warns_before_anything_is_sent() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        window.choose(&fl!(window.words, "person-verify"));
        window.take_in(lan(EventKind::Digits { with: A, digits: Digits(1), theirs: false }));
        window.take_in(lan(EventKind::Compared { with: A, outcome: Comparison::Same }));
        window.click(&fl!(window.words, "verify-close"));
        window.take_in(lan(EventKind::Gone(A)));
        window.take_in(greeted(B, "三排二座", Presence::Here));
        let new_key = fl!(window.words, "shield-new-key");
        window.click(&format!("三排二座, {}, {new_key}", fl!(window.words, "presence-here")));
        window.see(&fl!(window.words, "bar-new-key", name = "三排二座"));
        window.see(&fl!(window.words, "cannot-say-new-key"));
        let field = fl!(window.words, "message");
        window.fill(&field, "the exam is on Friday");
        window.press(Modifiers::NONE, Button::Enter);
        assert_eq!(window.value_of(&field), "the exam is on Friday");
        assert_eq!(person(&window, B).record().ours.last, 0, "it was sent");
        window.click(&fl!(window.words, "bar-new-key-right"));
        window.see_gone(&fl!(window.words, "cannot-say-new-key"));
        window.click(&fl!(window.words, "send"));
        assert_eq!(person(&window, B).record().ours.last, 1);
    });
}

#[test]
fn a_person_can_be_blocked_and_forgotten() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座"), (B, "Lab PC 3")]);
        open(&mut window, "三排二座");
        window.choose(&fl!(window.words, "person-block"));
        window.see(&fl!(window.words, "bar-blocked", name = "三排二座"));
        window.see(&fl!(window.words, "cannot-say-blocked"));
        window.click(&fl!(window.words, "person-unblock"));
        window.see_gone(&fl!(window.words, "cannot-say-blocked"));
        window.take_in(lan(EventKind::Gone(A)));
        window.choose(&fl!(window.words, "person-forget"));
        window.see(&fl!(window.words, "forget-title", name = "三排二座"));
        window.click(&fl!(window.words, "person-forget-do"));
        window.until("to be forgotten", |window| person(window, A).record().forgotten);
    });
}

#[test]
fn a_message_to_everyone_nearby_says_who_got_it() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座"), (B, "Lab PC 3"), (C, "一号机")]);
        let to_all = fl!(window.words, "nearby-to-all", count = 3);
        window.click(&format!("{}, {to_all}", fl!(window.words, "nearby-all")));
        window.say("stop writing");
        window.see_part(&fl!(window.words, "sent-to-people", delivered = 0, people = 3, read = 0));
        let (epoch, n) = ours(&window, B);
        window.take_in(lan(EventKind::Delivered { to: B, epoch, n }));
        window.see_part(&fl!(window.words, "sent-to-people", delivered = 1, people = 3, read = 0));
        window.click(&fl!(window.words, "message-menu", text = "stop writing"));
        window.click(&fl!(window.words, "shares"));
        window.see(&format!("Lab PC 3, {}", fl!(window.words, "delivered")));
        window.see(&format!("一号机, {}", fl!(window.words, "person-waits")));
        window.click(&fl!(window.words, "shares-close"));
        assert_eq!(ours(&window, A).1, 1, "each has a message of their own");
    });
}

#[test]
fn what_is_protected_is_said_in_words_from_the_shield_of_any_conversation() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with_client();
        window.click(&fl!(window.words, "shield-plain"));
        window.see(&fl!(window.words, "protection-plain-why"));
        window.see(&fl!(window.words, "protection-not-disk"));
        window.click(&fl!(window.words, "protection-close"));
        window.see_gone(&fl!(window.words, "protection-plain-why"));
    });
}

#[test]
fn ones_name_and_colour_are_set_once_for_all() {
    in_each_language(|setup| {
        let mut window = among(setup, &[(A, "三排二座")]);
        let line = fl!(window.words, "visibility-on", count = 1);
        let me = fl!(window.words, "me-row", name = "讲台", state = fl!(window.words, "presence-here"), line = line);
        window.click(&me);
        window.click(&fl!(window.words, "me-rename"));
        window.fill(&fl!(window.words, "lan-name"), "Lab PC 1");
        window.click(&fl!(window.words, "lan-colour-number", number = 4));
        window.click(&fl!(window.words, "me-done"));
        assert_eq!((window.saved().lan_name.as_str(), window.saved().lan_colour), ("Lab PC 1", 3));
    });
}

/// A record of application data with so many bytes after its header.
fn record(length: u8) -> Vec<u8> {
    [&[23, 3, 3, 0, length][..], &vec![9; usize::from(length)]].concat()
}

#[test]
fn the_records_of_a_link_are_named_while_they_are_looked_at() {
    in_each_language(|setup| {
        let mut window = among(setup.with(|settings| settings.inspector = true), &[(A, "三排二座")]);
        open(&mut window, "三排二座");
        assert_eq!(window.app().core().people().wire().with(), None, "nobody looks");
        window.click(&fl!(window.words, "tab-bytes"));
        window.see(&fl!(window.words, "wire-nothing-yet"));
        window.frame([]);
        assert_eq!(window.app().core().people().wire().with(), Some(A));
        let bytes = record(63).into();
        window.take_in(lan(EventKind::OnTheWire { with: A, ours: true, bytes }));
        let what = fl!(window.words, "record-application-data");
        let header = fl!(
            window.words,
            "record-header",
            kind = "17",
            what = what,
            version = "03 03",
            length = "00 3f",
            count = 63
        );
        window.see(&format!("→ {header}"));
        window.see(&fl!(window.words, "wire-about", count = 46));
        window.see_part("17 03 03 00 3f 09");
        window.click(&fl!(window.words, "tab-calls"));
        window.frame([]);
        assert_eq!(window.app().core().people().wire().with(), None, "it is looked at no more");
    });
}

#[test]
fn a_window_that_writes_the_secrets_of_links_says_so_all_the_time() {
    in_each_language(|mut setup| {
        let keys = setup.folder.path().join("keys.txt");
        setup.tls_keys = Some(KeyFile::new(std::fs::File::create(keys).unwrap()));
        let mut window = setup.open();
        let words = fl!(window.words, "tls-keys-written");
        window.see(&words);
        window.press(Modifiers::NONE, Button::F11);
        window.see(&words);
        let usual = window.close().open_as_it_is();
        assert!(!usual.sees(&words));
    });
}

#[test]
fn who_is_known_after_a_restart_is_listed_once_and_not_among_what_is_past() {
    in_each_language(|setup| {
        let history = History::open(&setup.folder.path().join("history.db"), || ()).unwrap();
        let session = |id: u64, origin: Origin, name: &str| Session {
            id: SessionId(id),
            origin,
            peer: None,
            local: None,
            name: Some(name.to_owned()),
            encoding: TextEncoding::default(),
            opened: Timestamp::now(),
        };
        let said = |id: u64| {
            let text = bytes::Bytes::from_static(b"before");
            let cut = Cut { end: 6, header: 0, trailer: 0, boundary: Boundary::Length };
            let batch = Batch { bytes: text, cuts: vec![cut] };
            JournalEntry::Received { session: SessionId(id), first: RowNumber(0), at: Timestamp::now(), batch }
        };
        let theirs = Stream { epoch: THEIRS, last: 1, ..Stream::default() };
        let record = PersonRecord {
            id: A,
            session: SessionId(1),
            name: "三排二座".to_owned(),
            theirs,
            ..PersonRecord::default()
        };
        let opened = JournalEntry::Opened(Box::new(session(1, Origin::Person(A), "三排二座")));
        let entries = [
            JournalEntry::Person { record: Box::new(record), with: vec![opened, said(1)] },
            JournalEntry::Opened(Box::new(session(2, Origin::Accepted, "a device"))),
            said(2),
        ];
        for entry in entries {
            assert!(history.record(entry).is_ok());
        }
        drop(history);
        let mut window = setup.with(|settings| settings.visible = Visible::On).open();
        let past = |window: &Window, name: &str| {
            let row = fl!(window.words, "past-row", title = name, day = "");
            let begins = row.trim_end_matches(|last: char| !last.is_alphanumeric());
            window.all_names().into_iter().any(|other| other.contains(begins))
        };
        window.until("the device alone to be past", |window| past(window, "a device") && !past(window, "三排二座"));
        let _ = window.row_of("三排二座");
    });
}
