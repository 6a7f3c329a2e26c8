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
        labs::{self, Condition, Lab, file::Text},
    },
    settings::{Language, Settings},
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

/// Through every step, by its button; each is not done before it is pressed, and done after.
fn play(id: &str, language: Language) {
    let lab = lab_called(id);
    let mut setup = Setup::new(language).with(|settings| settings.framing = Framing::Length);
    // Bytes read in the wrong encoding are rare characters.
    setup.any_bytes = id == "6-text-and-bytes";
    let mut window = setup.open();
    let before = window.saved();
    open(&mut window, &lab, language);
    let total = lab.steps.len();
    for (n, step) in lab.steps.iter().enumerate() {
        see_step(&mut window, n + 1, total);
        let text: String = in_language(&step.text, language).chars().filter(|c| *c != '`').collect();
        assert!(window.sees(&text), "{text}");
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
    assert!(!window.app().core().server().stepping);
    assert_eq!(window.app().core().manner(), &before.conversation_options());
    let after = window.saved();
    assert_eq!(after, Settings { labs_done: vec![id.to_owned()], ..before });
    window.click(&fl!(window.words, "labs"));
    window.see(&fl!(window.words, "lab-done-before", title = in_language(&lab.title, language)));
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
        see_step(&mut window, 1, lab.steps.len());
        assert!(!is_done(&window));
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
