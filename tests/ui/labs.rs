//! Labs, from their first step to their last, against real sockets.

use std::fs;

use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};
use sockhop::{
    core::{
        Key,
        labs::{
            self, Condition, Lab,
            file::{InspectorTab, Step, Text},
        },
    },
    history::Reader,
    settings::{DataFolder, Language, Settings},
    wire::Framing,
};

fn in_language(text: &Text, language: Language) -> &str {
    if language == Language::Chinese { &text.zh_cn } else { &text.en }
}

fn lab_called(id: &str) -> Lab {
    labs::embedded().0.into_iter().find(|lab| lab.id == id).unwrap()
}

fn is_done(window: &Window) -> bool {
    window.sees(&fl!(window.words, "lab-done"))
}

fn see_step(window: &mut Window, number: usize, total: usize) {
    window.see(&fl!(window.words, "lab-step", number = number, total = total));
}

fn open(window: &mut Window, lab: &Lab, language: Language) {
    window.click(&fl!(window.words, "labs"));
    window.click(in_language(&lab.title, language));
    see_step(window, 1, lab.steps.len());
}

/// The button of every step, and on to the next; the last is done then.
fn press_each_button(window: &mut Window, lab: &Lab, language: Language) {
    for (n, step) in lab.steps.iter().enumerate() {
        see_step(window, n + 1, lab.steps.len());
        window.click(in_language(step.button.as_ref().unwrap(), language));
        window.until("the step to be done", is_done_now);
        if n + 1 < lab.steps.len() {
            window.click(&fl!(window.words, "lab-next"));
        }
    }
}

/// Through every step, by its button; each is not done before it is pressed, and done after.
fn play(id: &str, language: Language) {
    let lab = lab_called(id);
    // Bytes read in the wrong encoding are rare characters.
    let setup = Setup::new(language).with(|settings| settings.framing = Framing::LENGTH).any_bytes();
    let mut window = setup.open();
    let before = window.saved();
    open(&mut window, &lab, language);
    let total = lab.steps.len();
    for (n, step) in lab.steps.iter().enumerate() {
        see_step(&mut window, n + 1, total);
        let text = text_of(&window, step, language);
        assert!(window.all_names().iter().any(|name| name.replace('\u{a0}', " ").ends_with(&text)), "{text}");
        if let Some(tab) = step.look.map(|look| tab_name(&window, look)) {
            window.until("the tab that the step speaks of", |window| window.is_on(&tab));
        }
        window.settle();
        assert!(!is_done(&window), "step {} of {id} was done by nothing", n + 1);
        let button = in_language(step.button.as_ref().unwrap(), language);
        window.click(button);
        let (mut frames, again) =
            (0, step.until.iter().any(|condition| matches!(condition, Condition::StuckTogether(_))));
        window.until(&format!("step {} of {id} to be done", n + 1), |window| {
            frames += 1;
            if again && frames % 200 == 0 && !is_done(window) {
                // Whether messages stick together is up to the system: the lab says to press again.
                window.click_unseen(button);
            }
            is_done(window)
        });
        let last = n + 1 == total;
        window.click(&if last { fl!(window.words, "lab-finish") } else { fl!(window.words, "lab-next") });
    }
    window.see_gone(&fl!(window.words, "lab-leave"));
    window.until("nothing of the lab to be left", |window| {
        let core = window.app().core();
        core.students().len() == 0 && core.conversations().len() == 0 && core.server().listener().is_none()
    });
    let core = window.app().core();
    assert_eq!(core.sockets().map(|(socket, _)| socket).collect::<Vec<_>>(), [], "calls of the lab");
    assert_eq!(core.conversation(Key::Everyone).unwrap().entries().len(), 0, "what the lab said to everyone");
    assert!(!window.app().core().server().stepping);
    assert_eq!(window.app().core().manner(), &before.conversation_options());
    let after = window.saved();
    assert_eq!(after, Settings { labs_done: vec![id.to_owned()], ..before });
    window.click(&fl!(window.words, "labs"));
    window.see(&fl!(window.words, "lab-done-before", title = in_language(&lab.title, language)));
    assert_eq!(kept(window), 0, "sessions in the history");
}

/// What a step says on this computer, as a screen reader reads it.
fn text_of(window: &Window, step: &Step, language: Language) -> String {
    let place = window.app().core().lab().unwrap().place();
    let mut text = in_language(&step.text, language).replace("{lan}", &place.lan.to_string());
    if let Some(offline) = step.offline.as_ref().filter(|_| place.is_offline()) {
        text.push_str(if language == Language::Chinese { "" } else { " " });
        text.push_str(in_language(offline, language));
    }
    text.replace('`', "").replace('\u{a0}', " ")
}

fn tab_name(window: &Window, look: InspectorTab) -> String {
    match look {
        InspectorTab::Calls => fl!(window.words, "tab-calls"),
        InspectorTab::Bytes | InspectorTab::Wire => fl!(window.words, "tab-bytes"),
        InspectorTab::Connection => fl!(window.words, "tab-connection"),
        InspectorTab::Code => fl!(window.words, "tab-code"),
    }
}

/// How many sessions the window leaves in its history.
fn kept(window: Window) -> usize {
    let setup = window.close();
    let history = DataFolder::open(Some(setup.folder.path())).unwrap().history();
    Reader::open(&history).map_or(0, |mut reader| reader.sessions(None, 100).unwrap().0.len())
}

fn is_done_now(window: &mut Window) -> bool {
    is_done(window)
}

#[test]
fn lab_1_a_server_in_six_calls() {
    play("1-server", Language::English);
}

#[test]
fn lab_2_a_client_in_four_calls() {
    play("2-client", Language::Chinese);
}

#[test]
fn lab_3_who_can_reach_whom() {
    play("3-who-reaches-whom", Language::Chinese);
}

#[test]
fn lab_4_one_server_and_many_clients() {
    play("4-many-clients", Language::English);
}

#[test]
fn lab_5_the_backlog() {
    play("5-backlog", Language::Chinese);
}

#[test]
fn lab_6_text_and_bytes() {
    play("6-text-and-bytes", Language::English);
}

#[test]
fn lab_6_text_and_bytes_in_the_other_language() {
    play("6-text-and-bytes", Language::Chinese);
}

#[test]
fn lab_7_messages_that_stick_together() {
    play("7-sticking", Language::English);
}

#[test]
fn lab_8_closing() {
    play("8-closing", Language::Chinese);
}

#[test]
fn lab_9_address_already_in_use() {
    play("9-address-in-use", Language::English);
}

#[cfg(target_os = "linux")]
#[test]
fn lab_10_connected_not_accepted() {
    play("10-not-accepted", Language::Chinese);
}

#[cfg(target_os = "linux")]
#[test]
fn lab_11_both_wait() {
    play("11-both-wait", Language::English);
}

#[test]
fn lab_12_what_a_listener_on_the_way_sees() {
    play("12-listener", Language::English);
    play("12-listener", Language::Chinese);
}

#[test]
fn lab_13_without_a_connection() {
    play("13-without-a-connection", Language::English);
    play("13-without-a-connection", Language::Chinese);
}

#[test]
fn every_lab_is_played() {
    let ids: Vec<String> = labs::embedded().0.into_iter().map(|lab| lab.id).collect();
    let source = include_str!("labs.rs");
    for id in ids {
        assert!(source.contains(&format!("play(\"{id}\"")), "{id}");
    }
}

#[test]
fn a_step_may_be_done_by_hand_and_something_else_does_not_count() {
    in_each_language(|setup| {
        let language = setup.settings.language;
        let lab = lab_called("2-client");
        let mut window = setup.open();
        open(&mut window, &lab, language);
        // The server's own button instead of the lab's.
        window.click(&fl!(window.words, "start-listening"));
        window.until("the first step to be done", is_done_now);
        window.click(&fl!(window.words, "lab-next"));
        // Somebody else connects: that is no connection made here.
        let address = window.address();
        let mut peer = Peer::connect(address);
        peer.send("你好\n");
        window.until("the message", |window| window.app().core().conversations().any(|(_, end)| end.messages_in == 1));
        window.settle();
        assert!(!is_done(&window));
        // Back and forth, and skipped, is not done either.
        window.click(&fl!(window.words, "lab-skip"));
        see_step(&mut window, 3, lab.steps.len());
        window.click(&fl!(window.words, "lab-back"));
        see_step(&mut window, 2, lab.steps.len());
        assert!(!is_done(&window));
        window.click(&fl!(window.words, "lab-leave"));
        window.click(&fl!(window.words, "lab-leave-yes"));
        window.see(&fl!(window.words, "server-stopped"));
        assert_eq!(window.saved().labs_done, Vec::<String>::new());
    });
}

#[test]
fn a_server_with_clients_is_stopped_only_if_the_user_says_so_and_listens_again_afterwards() {
    in_each_language(|setup| {
        let language = setup.settings.language;
        let lab = lab_called("5-backlog");
        let (mut window, peer) = setup.with_client();
        let address = window.address();
        window.click(&fl!(window.words, "labs"));
        window.click(in_language(&lab.title, language));
        window.see(&fl!(window.words, "lab-stops-server", count = 1));
        window.click(&fl!(window.words, "cancel"));
        assert!(window.app().core().server().listener().is_some());
        assert!(!window.sees(&fl!(window.words, "lab-leave")));

        window.click(&fl!(window.words, "labs"));
        window.click(in_language(&lab.title, language));
        window.click(&fl!(window.words, "lab-stop-and-begin"));
        see_step(&mut window, 1, lab.steps.len());
        window.see(&fl!(window.words, "server-stopped"));
        window.click(in_language(lab.steps[0].button.as_ref().unwrap(), language));
        window.until("the first step to be done", is_done_now);
        assert_ne!(window.address(), address, "the port is still in use by the client");
        window.click(&fl!(window.words, "lab-next"));
        window.click(&fl!(window.words, "lab-restart"));
        window.click(&fl!(window.words, "lab-restart-yes"));
        see_step(&mut window, 1, lab.steps.len());
        assert!(!is_done(&window));
        // Nothing was done yet, so nothing is asked.
        window.click(&fl!(window.words, "lab-leave"));
        window.see(&fl!(window.words, "server-listening"));
        assert_eq!(window.address(), address);
        window.see_row(&peer, &fl!(window.words, "state-open"));
    });
}

#[test]
fn a_damaged_lab_is_named_with_its_line_and_skipped_and_one_of_the_users_own_is_offered() {
    let setup = Setup::new(Language::English);
    let labs = setup.folder.path().join("labs");
    fs::create_dir_all(&labs).unwrap();
    let own = "title = { en = \"Mine\", zh-CN = \"我的\" }\nsummary = { en = \"Own\", zh-CN = \"自己的\" }\n\
        [[step]]\ntext = { en = \"Read this\", zh-CN = \"读一读\" }\n";
    fs::write(labs.join("mine.toml"), own).unwrap();
    fs::write(labs.join("broken.toml"), own.replace("text", "txet")).unwrap();
    let mut window = setup.open();
    window.see_part("broken.toml");
    window.see_part("line 4");
    window.see_part("txet");
    window.click(&fl!(window.words, "labs"));
    window.see("A server in six calls");
    window.click("Mine");
    window.see("Read this");
    window.click(&fl!(window.words, "lab-finish"));
    window.until("it to be remembered", |window| window.saved().labs_done == ["mine"]);
    assert!(window.app().core().conversation(Key::Everyone).is_some());
}

/// A window in which the first step of this lab is done.
fn under_way(id: &str, setup: Setup) -> Window {
    let (lab, language) = (lab_called(id), setup.settings.language);
    let mut window = setup.open();
    open(&mut window, &lab, language);
    window.click(in_language(lab.steps[0].button.as_ref().unwrap(), language));
    window.until("the first step to be done", is_done_now);
    window
}

#[test]
fn a_lab_that_has_begun_is_restarted_or_left_only_if_the_user_says_so() {
    in_each_language(|setup| {
        let mut window = under_way("2-client", setup);
        let listener = window.app().core().server().listener();
        for what in ["lab-restart", "lab-leave"] {
            let button =
                if what == "lab-leave" { fl!(window.words, "lab-leave") } else { fl!(window.words, "lab-restart") };
            let place = window.place_of(&button).center();
            // A double click does no more than ask.
            window.click_at(place, egui::PointerButton::Primary);
            window.click_at(place, egui::PointerButton::Primary);
            let question = if what == "lab-leave" {
                fl!(window.words, "lab-leave-ask")
            } else {
                fl!(window.words, "lab-restart-ask")
            };
            window.see(&question);
            window.click(&fl!(window.words, "cancel"));
            window.see_gone(&question);
            assert!(is_done(&window) && window.app().core().server().listener() == listener);
        }
    });
}

#[test]
fn what_is_under_the_pointer_that_widened_or_folded_the_inspector_ends_no_lab() {
    in_each_language(|setup| {
        let mut window = under_way("2-client", setup.size(1024.0, 640.0));
        let widen = fl!(window.words, "inspector-widen");
        let place = window.place_of(&widen).center();
        window.click_at(place, egui::PointerButton::Primary);
        let narrow = window.place_of(&fl!(window.words, "inspector-narrow"));
        assert!(narrow.contains(place), "{narrow:?} {place:?}");
        for _ in 0..3 {
            window.click_at(place, egui::PointerButton::Primary);
        }
        let place = window.place_of(&fl!(window.words, "inspector-fold")).center();
        for _ in 0..4 {
            window.click_at(place, egui::PointerButton::Primary);
        }
        assert!(window.app().core().lab().is_some_and(|lab| lab.progress.is_done(0)));
    });
}

#[test]
fn the_inspector_is_opened_for_a_lab_and_folded_again_after_it_unless_the_user_has_chosen() {
    let mut window = under_way("2-client", Setup::new(Language::English));
    let (leave, leave_yes) = (fl!(window.words, "lab-leave"), fl!(window.words, "lab-leave-yes"));
    let calls = fl!(window.words, "tab-calls");
    window.see(&fl!(window.words, "inspector-fold"));
    window.click(&leave);
    window.click(&leave_yes);
    window.see_gone(&calls);
    assert!(!window.saved().inspector);

    // Folded by the user, it stays so, whatever the next step speaks of.
    let mut window = under_way("2-client", window.close());
    window.click(&fl!(window.words, "inspector-fold"));
    window.click(&fl!(window.words, "lab-next"));
    window.settle();
    assert!(!window.sees(&calls));
    window.click(&leave);
    window.click(&leave_yes);
    assert!(!window.saved().inspector);
}

#[test]
fn after_the_last_step_the_next_lab_is_offered_and_shows_nothing_of_the_one_before() {
    in_each_language(|setup| {
        let language = setup.settings.language;
        let (all, _) = labs::embedded();
        let mut window = setup.open();
        // The lab that says something to everyone, and the one after it.
        let lab = lab_called("4-many-clients");
        open(&mut window, &lab, language);
        press_each_button(&mut window, &lab, language);
        assert!(!window.app().core().conversation(Key::Everyone).unwrap().entries().is_empty());
        let next = all.iter().find(|next| next.id == "5-backlog").unwrap();
        window.click(&fl!(window.words, "lab-next-lab", title = in_language(&next.title, language)));
        see_step(&mut window, 1, next.steps.len());
        window.until("nothing of the lab before to be left", |window| {
            let core = window.app().core();
            core.conversations().len() == 0
                && core.sockets().len() == 0
                && core.conversation(Key::Everyone).unwrap().entries().is_empty()
        });
        assert_eq!(window.saved().labs_done, ["4-many-clients"]);
        // Nor is a descriptor the second of its number for a socket that is not shown.
        window.click(in_language(next.steps[0].button.as_ref().unwrap(), language));
        window.until("the step to be done", is_done_now);
        let core = window.app().core();
        let mut descriptors = core.sockets().filter_map(|(_, calls)| calls.last()?.descriptor).peekable();
        assert!(descriptors.peek().is_some());
        assert!(descriptors.all(|descriptor| descriptor.nth == 1));
    });
}

#[test]
fn the_user_s_own_words_to_everyone_are_as_before_after_a_lab() {
    let (mut window, mut peer) = Setup::new(Language::English).with_client();
    window.click(&fl!(window.words, "everyone"));
    window.say("before the lab");
    assert_eq!(peer.line(), "before the lab\n");
    window.click(&fl!(window.words, "labs"));
    window.click("One server, many clients");
    window.click(&fl!(window.words, "lab-stop-and-begin"));
    window.click("Start a server");
    window.until("the first step to be done", is_done_now);
    window.click(&fl!(window.words, "everyone"));
    window.say("in the lab");
    window.see_message(true, "in the lab");
    window.click(&fl!(window.words, "lab-leave"));
    window.click(&fl!(window.words, "lab-leave-yes"));
    window.click(&fl!(window.words, "everyone"));
    window.see_message(true, "before the lab");
    assert!(!window.sees_part("in the lab"));
    window.say("after the lab");
    window.see_message(true, "after the lab");
}

#[test]
fn in_a_lab_the_card_of_the_server_shows_where_the_lab_has_it() {
    in_each_language(|setup| {
        let setup = setup.with(|settings| settings.listen_on = sockhop::settings::ListenOn::AllInterfaces);
        let (lab, language) = (lab_called("1-server"), setup.settings.language);
        let mut window = setup.open();
        open(&mut window, &lab, language);
        let address = window.app().core().lab().unwrap().place().port;
        window.see(&fl!(window.words, "copy-this-address", address = format!("127.0.0.1:{address}")));
        window.click(in_language(lab.steps[0].button.as_ref().unwrap(), language));
        window.until("the first step to be done", is_done_now);
        window.see(&fl!(window.words, "copy-this-address", address = format!("127.0.0.1:{address}")));
        // A server whose calls are steps can be stopped, too.
        window.click(&fl!(window.words, "stop"));
        window.until("the server to be gone", |window| window.app().core().server().listener().is_none());
    });
}

#[test]
fn the_first_lab_ends_in_good_order() {
    use sockhop::{chat::CloseReason, core::ConnState};
    let (lab, language) = (lab_called("1-server"), Language::English);
    let mut window = Setup::new(language).any_bytes().open();
    open(&mut window, &lab, language);
    press_each_button(&mut window, &lab, language);
    window.until("both ends to be closed", |window| {
        let core = window.app().core();
        core.conversations().chain(core.students()).all(|(_, end)| end.state.is_over())
    });
    let core = window.app().core();
    for (_, end) in core.conversations().chain(core.students()) {
        assert!(!matches!(end.state, ConnState::Closed(CloseReason::Failed(_))), "{:?}", end.state);
    }
    assert_eq!(core.notices(), []);
}
