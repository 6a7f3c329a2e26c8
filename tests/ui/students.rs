//! Simulated students: they connect, greet, answer what the user says, and go.

use i18n_embed_fl::fl;

use super::{
    peer::Peer,
    window::{Setup, Window, in_each_language},
};
use sockhop::{
    chat::{Origin, RowKind},
    core::Key,
    net::ConnId,
    settings::{AutoReplyChoice, Language},
};

/// Add students by the menu, and wait until all of them have said something.
fn add(window: &mut Window, count: usize, then: usize) {
    window.click(&fl!(window.words, "students"));
    window.click(&fl!(window.words, "students-add", count = count));
    window.see(&fl!(window.words, "students-count", count = then));
    window.until("all to have greeted", |window| {
        let core = window.app().core();
        core.connected_clients() == then && accepted(window).iter().all(|conn| received(window, *conn).len() == 1)
    });
}

fn accepted(window: &Window) -> Vec<ConnId> {
    let conversations = window.app().core().conversations();
    conversations.filter(|(_, c)| c.student.is_some() && c.origin == Origin::Accepted).map(|(conn, _)| conn).collect()
}

fn received(window: &Window, conn: ConnId) -> Vec<String> {
    let conversation = window.app().core().conversation(Key::Conn(conn)).unwrap();
    let text = |kind: &RowKind| match kind {
        RowKind::Received(received) => Some(received.decode(conversation.manner().encoding).text),
        _ => None,
    };
    conversation.entries().iter().filter_map(|(_, entry)| text(&entry.kind)).collect()
}

#[test]
fn students_greet_and_answer_and_stand_in_a_section_of_their_own() {
    in_each_language(|setup| {
        let (mut window, _) = setup.size(1280.0, 1300.0).listening();
        add(&mut window, 1, 1);
        add(&mut window, 10, 11);
        assert_eq!(window.app().core().conversations().len(), 11, "the students' own ends are apart");
        let third = window.row_of(&fl!(window.words, "student-name", number = 3));
        window.click(&third);
        window.see_message(false, &fl!(window.words, "student-greets", number = 3));
        window.say("1+1=?");
        window.see_message(false, &fl!(window.words, "student-answers", number = 3, text = "1+1=?"));

        window.click(&fl!(window.words, "everyone"));
        window.say("下课");
        let answered = |window: &Window| {
            accepted(window).iter().all(|conn| received(window, *conn).last().is_some_and(|last| last.contains("下课")))
        };
        window.until("all to answer", |window| answered(window));

        let own = fl!(
            window.words,
            "student-row",
            title = fl!(window.words, "student-name", number = 11),
            state = fl!(window.words, "state-open")
        );
        assert!(!window.sees(&own), "folded");
        window.click(&fl!(window.words, "students-count", count = 11));
        window.click(&own);
        window.see_message(true, &fl!(window.words, "student-greets", number = 11));
        assert_eq!(window.unnamed(), Vec::<String>::new());
    });
}

#[test]
fn removed_students_leave_nothing_behind_and_others_stay() {
    let (mut window, peer) = Setup::new(Language::English).with_client();
    window.click(&fl!(window.words, "students"));
    window.click(&fl!(window.words, "students-add", count = 100));
    window.until("a hundred and one", |window| window.app().core().connected_clients() == 101);
    window.click(&fl!(window.words, "students-remove"));
    window.until("only the peer", |window| {
        let core = window.app().core();
        core.students().len() == 0 && core.conversations().len() == 1 && core.connected_clients() == 1
    });
    window.see_row(&peer, &fl!(window.words, "state-open"));
    assert_eq!(window.app().core().notices(), []);
    // The next one is the first again.
    window.click(&fl!(window.words, "students"));
    window.click(&fl!(window.words, "students-add", count = 1));
    window.row_of(&fl!(window.words, "student-name", number = 1));
}

#[test]
fn students_do_not_answer_automatic_replies() {
    for reply in [AutoReplyChoice::Echo, AutoReplyChoice::Text] {
        let setup = Setup::new(Language::Chinese).with(|settings| settings.auto_reply = reply);
        let (mut window, _) = setup.listening();
        add(&mut window, 1, 1);
        let conn = accepted(&window)[0];
        let row = window.row_of(&fl!(window.words, "student-name", number = 1));
        window.click(&row);
        window.say("在吗");
        // The greeting and the one answer; each got an automatic reply, and no more.
        let heard_all = |window: &Window| {
            let core = window.app().core();
            let own = core.students().next().unwrap().0;
            received(window, conn).len() == 2 && received(window, own).len() == 3
        };
        window.until("two automatic replies and the message", |window| heard_all(window));
        window.settle();
        assert!(heard_all(&window), "{:?}", received(&window, conn));
    }
}

#[test]
fn a_student_kept_waiting_is_shown_connecting_and_what_is_past_the_backlog_too() {
    let (mut window, _) = Setup::new(Language::English).with(|settings| settings.backlog = 2).listening();
    window.click(&fl!(window.words, "pause-accept"));
    window.see(&fl!(window.words, "server-paused"));
    for count in 1..=4 {
        window.click(&fl!(window.words, "students"));
        window.click(&fl!(window.words, "students-add", count = 1));
        window.see(&fl!(window.words, "students-count", count = count));
        if cfg!(target_os = "linux") {
            // The card says so when its queue is full, which moves what is below.
            let waiting = u32::try_from(count).unwrap().min(3);
            window.until("its place in the queue", |window| window.app().core().server().waiting == Some(waiting));
        }
    }
    if cfg!(target_os = "linux") {
        window.until("the fourth to be kept waiting", |window| {
            let waiting = window.app().core().students().filter(|(_, c)| c.state.is_under_way()).count();
            waiting == 1 && window.app().core().server().waiting == Some(3)
        });
    }
    window.click(&fl!(window.words, "resume-accept"));
    window.until("all in", |window| window.app().core().connected_clients() == 4);
}

#[test]
fn students_own_ends_are_no_past_sessions_and_count_no_unread() {
    let (mut window, _) = Setup::new(Language::English).listening();
    add(&mut window, 10, 10);
    window.click(&fl!(window.words, "everyone"));
    window.say("hello");
    window.until("the own ends to have heard it", |window| {
        window.app().core().students().all(|(_, own)| own.messages_in == 1)
    });
    assert!(window.app().core().students().all(|(_, own)| own.unread() == 0));
    let peer = Peer::connect(window.address());
    window.until("the peer too", |window| window.app().core().connected_clients() == 11);
    let own: Vec<String> = window.app().core().students().map(|(_, own)| own.peer.unwrap().to_string()).collect();
    window.click(&fl!(window.words, "history"));
    window.see_part(&peer.address().to_string());
    assert!(own.iter().all(|address| !window.sees_part(&format!("→ {address}"))));
}

#[test]
fn what_students_do_is_not_kept_and_what_others_do_is() {
    use sockhop::{history::Reader, settings::DataFolder};
    in_each_language(|setup| {
        let (mut window, address) = setup.size(1280.0, 1300.0).listening();
        add(&mut window, 10, 10);
        let mut peer = Peer::connect(address);
        peer.send("from a real one\n");
        window.until("the message", |window| {
            let core = window.app().core();
            core.conversations().any(|(_, c)| c.student.is_none() && c.messages_in == 1)
        });
        assert!(window.app().core().conversations().all(|(_, c)| c.is_kept() == c.student.is_none()));
        window.click(&fl!(window.words, "students"));
        window.see(&fl!(window.words, "students-not-kept"));
        let setup = window.close();
        let mut reader = Reader::open(&DataFolder::open(Some(setup.folder.path())).unwrap().history()).unwrap();
        let kept: Vec<_> = reader.sessions(None, 100).unwrap().0.into_iter().map(|kept| kept.session.peer).collect();
        assert_eq!(kept, [Some(peer.address())]);
    });
}
