//! Files: what is exported, taken in, recorded and removed, and the dialog that asks where.

use std::{
    fs,
    future::poll_fn,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;
use sockhop::{
    chat::{JournalEntry, Origin, RowNumber, Session, SessionId},
    core::{Notice, NoticeKind, PastState, TaskKind},
    i18n::Words,
    settings::RemoveAfter,
    window::system_dialog::{Choice, Question, SystemDialog},
};

use super::{
    peer::Peer,
    window::{LIMIT, Setup, Window, in_each_language},
};

/// Bytes of four messages, with all kinds of endings.
const SENT: &[u8] = "你好，老师\nsecond, \"quoted\" line\r\n\n\x00\x01\ttail".as_bytes();

/// A window on what was said in one before.
fn after_talking(setup: Setup) -> (Window, String) {
    let (mut window, mut peer) = setup.any_bytes().with_client();
    peer.send(SENT);
    peer.finish_sending();
    window.see_row(&peer, &fl!(window.words, "state-closed"));
    let address = peer.address().to_string();
    (window.close().any_bytes().open_as_it_is(), address)
}

fn open_history(window: &mut Window) {
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    let find = fl!(window.words, "history-find");
    window.until("the history", |window| window.sees_part(&find));
}

/// Open the past conversation from the panel.
fn open_past(window: &mut Window, address: &str) {
    open_history(window);
    let session = window.named_with(&format!("{address}, "));
    window.click(&session);
    let read_only = fl!(window.words, "history-read-only");
    window.see(&read_only);
}

/// Choose a format in the dialog.
fn format(window: &mut Window, text: &str) {
    let choice = format!("{}: {text}", fl!(window.words, "file-format"));
    window.click(&choice);
}

/// Type a path in the dialog and press its button.
fn choose(window: &mut Window, path: &Path, button: &str) {
    let field = fl!(window.words, "file-name");
    window.fill(&field, path.to_str().unwrap());
    window.click(button);
}

/// Save under that path, and see that it was done.
fn save_exported(window: &mut Window, path: &Path, messages: u64) {
    let save = fl!(window.words, "file-save");
    choose(window, path, &save);
    let (count, path) = (messages, path.display().to_string());
    let told = fl!(window.words, "told-exported", count = count, path = path);
    window.see(&told);
}

fn menu(window: &mut Window, item: impl Fn(&Words) -> String) {
    let more = fl!(window.words, "history-menu");
    let item = item(&window.words);
    window.click(&more);
    window.click(&item);
}

fn notices(window: &Window) -> &[Notice] {
    window.app().core().notices()
}

/// A system's file dialog whose user is the test.
#[derive(Default)]
struct FakeDialog {
    /// What was asked, until it is answered.
    asked: Mutex<Option<Question>>,
    /// What the test answers: one at a time.
    answers: Arc<Mutex<Vec<Option<PathBuf>>>>,
}

impl SystemDialog for FakeDialog {
    fn is_there(&self) -> bool {
        true
    }

    fn ask(&self, question: Question, _window: &eframe::Frame) -> Choice {
        assert_eq!(self.asked.lock().unwrap().replace(question), None, "one dialog at a time");
        let answers = Arc::clone(&self.answers);
        Box::pin(poll_fn(move |_| answers.lock().unwrap().pop().map_or(Poll::Pending, Poll::Ready)))
    }
}

impl FakeDialog {
    /// See what is asked.
    #[track_caller]
    fn see(&self, window: &mut Window) -> Question {
        window.until("the system's dialog", |_| self.asked.lock().unwrap().is_some());
        self.asked.lock().unwrap().clone().unwrap()
    }

    /// Choose this file, or none, as soon as a person could.
    fn choose(&self, window: &mut Window, path: Option<&Path>) {
        std::thread::sleep(Duration::from_millis(500));
        *self.asked.lock().unwrap() = None;
        self.answers.lock().unwrap().push(path.map(Path::to_owned));
        window.until("the answer to be taken", |_| self.answers.lock().unwrap().is_empty());
        window.settle();
    }
}

#[test]
fn the_systems_dialog_asks_at_once_and_what_is_chosen_there_is_done() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let dialog = Arc::new(FakeDialog::default());
        let (mut window, mut peer) = setup.system_dialog(dialog.clone()).with_client();
        peer.send("one\n");
        window.see_message(false, "one");
        let field = fl!(window.words, "file-name");

        // The ending of the name is the format.
        window.choose(&fl!(window.words, "export"));
        let question = dialog.see(&mut window);
        let title = fl!(window.words, "file-export-conversation");
        assert_eq!(question.title, fl!(window.words, "file-endings", title = title));
        assert!(question.save_as.unwrap().ends_with(" 127.0.0.1.txt"));
        let endings: Vec<_> = question.filters.iter().map(|(_, ending)| ending.as_str()).collect();
        assert_eq!(endings, ["txt", "csv", "jsonl", "bin"]);
        assert!(!window.sees(&field));
        let path = folder.path().join("a.csv");
        dialog.choose(&mut window, Some(&path));
        window.see(&fl!(window.words, "told-exported", count = 1, path = path.display().to_string()));
        assert!(fs::read_to_string(&path).unwrap().contains(",one"));

        // The next begins where the last ended; whatever is asked meanwhile has a field, and both are answered.
        window.choose(&fl!(window.words, "record"));
        let question = dialog.see(&mut window);
        assert_eq!(question.folder.as_deref(), Some(folder.path()));
        window.choose(&fl!(window.words, "export"));
        window.see(&fl!(window.words, "file-dialog-busy"));
        save_exported(&mut window, &folder.path().join("b.txt"), 1);
        let path = folder.path().join("raw.bin");
        dialog.choose(&mut window, Some(&path));
        window.see(&fl!(window.words, "record-stop"));
        peer.send("two\n");
        window.until("the bytes", |_| fs::read(&path).is_ok_and(|bytes| bytes == b"two\n"));

        // A file to import may have any name.
        open_history(&mut window);
        menu(&mut window, |words| fl!(words, "history-import"));
        let question = dialog.see(&mut window);
        assert_eq!(question.save_as, None);
        assert!(question.filters.iter().any(|(_, ending)| ending == "*"));
        dialog.choose(&mut window, None);
        assert_eq!(notices(&window), []);
    });
}

#[test]
fn cancelling_the_systems_dialog_changes_nothing() {
    in_each_language(|setup| {
        let dialog = Arc::new(FakeDialog::default());
        let (mut window, _peer) = setup.system_dialog(dialog.clone()).with_client();
        window.see_part("0\u{a0}/");
        let before = window.all_names();
        window.choose(&fl!(window.words, "record"));
        dialog.see(&mut window);
        dialog.choose(&mut window, None);
        assert_eq!(window.all_names(), before);
        assert!(!window.sees(&fl!(window.words, "record-stop")));
    });
}

#[test]
fn a_system_without_a_dialog_or_whose_dialog_does_not_open_leads_to_the_path_field_which_says_why() {
    in_each_language(|setup| {
        let language = setup.settings.language;
        let (mut window, _peer) = setup.with_client();
        window.choose(&fl!(window.words, "record"));
        window.see(&fl!(window.words, "file-no-dialog"));
        drop(window);

        let dialog = Arc::new(FakeDialog::default());
        let (mut window, _peer) = Setup::new(language).system_dialog(dialog.clone()).with_client();
        window.choose(&fl!(window.words, "record"));
        // Faster than anybody cancels.
        dialog.answers.lock().unwrap().push(None);
        window.see(&fl!(window.words, "file-dialog-not-shown"));
        window.click(&fl!(window.words, "cancel"));
        window.see_gone(&fl!(window.words, "file-name"));
    });
}

#[test]
fn a_past_conversation_is_exported_in_each_format_as_it_was_sent() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, address) = after_talking(setup);
        open_past(&mut window, &address);
        let export = fl!(window.words, "export");
        let raw = fl!(window.words, "file-raw");
        let text = fl!(window.words, "file-text");
        let file = |name: &str| folder.path().join(name);

        window.click(&export);
        format(&mut window, &raw);
        let suggested = window.value_of(&fl!(window.words, "file-name"));
        assert!(suggested.contains("sockhop 20") && suggested.ends_with(" 127.0.0.1.bin"), "{suggested}");
        assert_eq!(window.unnamed(), Vec::<String>::new());
        save_exported(&mut window, &file("a.bin"), 4);
        assert_eq!(fs::read(file("a.bin")).unwrap(), SENT);

        window.click(&export);
        let suggested = window.value_of(&fl!(window.words, "file-name"));
        assert!(suggested.starts_with(folder.path().to_str().unwrap()), "the folder chosen last: {suggested}");
        format(&mut window, "JSON Lines");
        save_exported(&mut window, &file("a.jsonl"), 4);
        let lines = fs::read_to_string(file("a.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.len() >= 5, "a session and its rows: {lines:?}");

        window.click(&export);
        format(&mut window, "CSV");
        save_exported(&mut window, &file("a.csv"), 4);
        let table = fs::read_to_string(file("a.csv")).unwrap();
        assert!(table.contains("你好，老师") && table.contains(r#""second, ""quoted"" line""#), "{table}");
        assert!(table.contains(&address));

        window.click(&export);
        format(&mut window, &text);
        save_exported(&mut window, &file("a.txt"), 4);
        let read = fs::read_to_string(file("a.txt")).unwrap();
        assert!(read.contains("←  你好，老师\n") && read.contains("←  second, \"quoted\" line\n"), "{read}");
        assert_eq!(notices(&window), []);
    });
}

#[test]
fn a_conversation_that_lasts_is_exported_from_its_menu() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, mut peer) = setup.with_client();
        peer.send("one\ntwo\n");
        window.see_message(false, "two");
        window.say("three");
        assert_eq!(peer.line(), "three\n");
        window.choose(&fl!(window.words, "export"));
        let path = folder.path().join("live.txt");
        save_exported(&mut window, &path, 3);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("←  one\n") && text.contains("→  three\n"), "{text}");
    });
}

#[test]
fn with_the_history_off_a_conversation_says_why_it_is_not_exported() {
    in_each_language(|setup| {
        let (mut window, _peer) = setup.with(|settings| settings.keep_history = false).with_client();
        window.click(&fl!(window.words, "conversation-menu"));
        let export = fl!(window.words, "export");
        assert!(!window.is_enabled(&export));
        window.see(&fl!(window.words, "export-off"));
    });
}

#[test]
fn what_a_search_found_is_exported_and_nothing_else() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, _) = after_talking(setup);
        open_history(&mut window);
        let more = fl!(window.words, "history-menu");
        let export_found = fl!(window.words, "history-export-found");
        window.click(&more);
        assert!(!window.is_enabled(&export_found), "nothing was searched for");
        window.press(Modifiers::NONE, Key::Escape);
        window.fill(&fl!(window.words, "history-find"), "老师");
        window.named_with("你好，老师, ");
        menu(&mut window, |words| fl!(words, "history-export-found"));
        let path = folder.path().join("found.csv");
        format(&mut window, "CSV");
        save_exported(&mut window, &path, 1);
        let table = fs::read_to_string(&path).unwrap();
        assert!(table.contains("老师") && !table.contains("second"), "{table}");
    });
}

#[test]
fn what_was_exported_is_the_same_when_it_is_taken_in_again() {
    in_each_language(|setup| {
        let language = setup.settings.language;
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first.jsonl"), folder.path().join("second.jsonl"));
        let (mut window, address) = after_talking(setup);
        open_history(&mut window);
        menu(&mut window, |words| fl!(words, "history-export-all"));
        format(&mut window, "JSON Lines");
        save_exported(&mut window, &first, 4);
        drop(window);

        let mut window = Setup::new(language).any_bytes().open();
        open_history(&mut window);
        menu(&mut window, |words| fl!(words, "history-import"));
        let open = fl!(window.words, "file-open");
        choose(&mut window, &first, &open);
        let told = fl!(window.words, "told-imported", count = 4, sessions = 1);
        window.see(&told);
        // In the sidebar, and in the panel.
        window
            .named_with(fl!(window.words, "past-row", title = address.as_str(), day = "|").split_once('|').unwrap().0);
        menu(&mut window, |words| fl!(words, "history-export-all"));
        format(&mut window, "JSON Lines");
        save_exported(&mut window, &second, 4);
        assert_eq!(fs::read_to_string(&first).unwrap(), fs::read_to_string(&second).unwrap());

        menu(&mut window, |words| fl!(words, "history-import"));
        choose(&mut window, &first, &open);
        let known = fl!(window.words, "told-known", known = 1);
        window.see_part(&known);
    });
}

#[test]
fn a_file_that_cannot_be_taken_in_says_which_line_and_nothing_of_it_is_kept() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bad.jsonl");
        let (mut window, address) = after_talking(setup);
        open_past(&mut window, &address);
        window.click(&fl!(window.words, "export"));
        format(&mut window, "JSON Lines");
        save_exported(&mut window, &path, 4);
        window.click(&fl!(window.words, "history-remove"));
        window.click(&fl!(window.words, "history-remove-sure"));
        let mut window = window.close().open_as_it_is();
        open_history(&mut window);
        let empty = fl!(window.words, "history-empty");
        window.see(&empty);
        let mut text = fs::read_to_string(&path).unwrap();
        let line = text.lines().count() + 1;
        text.push_str("{\"no\": \"row\"}\n");
        fs::write(&path, text).unwrap();
        menu(&mut window, |words| fl!(words, "history-import"));
        let open = fl!(window.words, "file-open");
        choose(&mut window, &path, &open);
        window.until("the line", |window| {
            notices(window).iter().any(|notice| match &notice.kind {
                NoticeKind::TaskFailed { task, line: Some(at), .. } => {
                    *task == TaskKind::Import(path.clone()) && *at == line as u64
                }
                _ => false,
            })
        });
        let todo = fl!(window.words, "import-bad-line-todo");
        window.see(&todo);
        window.see(&empty);
    });
}

#[test]
fn what_is_wrong_with_a_path_is_said_before_anything_is_written() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, address) = after_talking(setup);
        open_past(&mut window, &address);
        window.click(&fl!(window.words, "export"));
        let save = fl!(window.words, "file-save");
        let text = fl!(window.words, "file-text");
        format(&mut window, &text);

        let missing = folder.path().join("no/such");
        choose(&mut window, &missing.join("a.txt"), &save);
        let words = fl!(window.words, "file-no-folder", folder = missing.display().to_string());
        window.see(&words);
        choose(&mut window, folder.path(), &save);
        window.see(&fl!(window.words, "file-is-folder"));
        choose(&mut window, Path::new(""), &save);
        window.see(&fl!(window.words, "file-empty"));

        let path = folder.path().join("there.txt");
        fs::write(&path, "precious").unwrap();
        choose(&mut window, &path, &save);
        let exists = fl!(window.words, "file-exists", name = "there.txt");
        window.see(&exists);
        assert!(!window.sees(&save));
        window.click(&fl!(window.words, "cancel"));
        window.see_gone(&exists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");

        window.click(&fl!(window.words, "export"));
        choose(&mut window, &path, &save);
        window.click(&fl!(window.words, "file-replace"));
        let name = path.display().to_string();
        window.see(&fl!(window.words, "told-exported", count = 4, path = name));
        assert_ne!(fs::read_to_string(&path).unwrap(), "precious");
        window.click(&fl!(window.words, "history-back"));

        menu(&mut window, |words| fl!(words, "history-import"));
        let open = fl!(window.words, "file-open");
        choose(&mut window, &folder.path().join("nothing.jsonl"), &open);
        window.see(&fl!(window.words, "file-no-file"));
        assert_eq!(notices(&window), []);
    });
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_with_what_to_do() {
    in_each_language(|setup| {
        let (mut window, address) = after_talking(setup);
        open_past(&mut window, &address);
        window.click(&fl!(window.words, "export"));
        let save = fl!(window.words, "file-save");
        choose(&mut window, Path::new("/proc/sockhop.txt"), &save);
        let todo = fl!(window.words, "file-not-written-todo");
        window.see(&todo);
        window.see_part("/proc/sockhop.txt");
    });
}

/// A history of very many messages in the setup's folder.
fn many_messages(setup: &Setup, count: u32) {
    use sockhop::{
        history::{Answer, History, Question},
        wire::{Framer, Framing},
    };
    let history = History::open(&setup.folder.path().join("history.db"), || ()).unwrap();
    let session = new_session();
    let at = jiff::Timestamp::now();
    let record = |record: JournalEntry| {
        let mut record = record;
        while let Err(full) = history.record(record) {
            record = *full.0;
            std::thread::yield_now();
        }
    };
    let (peer, local) = (Some("10.1.2.3:4".parse().unwrap()), None);
    let encoding = sockhop::wire::text::TextEncoding::default();
    let name = None;
    record(JournalEntry::Opened(Box::new(Session {
        id: session,
        origin: Origin::Accepted,
        peer,
        local,
        name,
        encoding,
        opened: at,
    })));
    let mut out = sockhop::wire::BatchBuilder::default();
    for first in (0..count).step_by(1000) {
        let mut framer = Framer::new(Framing::Line, 1);
        let lines = (first..first + 1000).map(|n| format!("message {n}\n")).collect::<Vec<_>>().concat();
        framer.push(lines.as_bytes(), Duration::ZERO, &mut out).unwrap();
        record(JournalEntry::Received { session, first: RowNumber(u64::from(first)), at, batch: out.take() });
    }
    assert!(history.ask(Question::Size));
    while !matches!(history.recv_timeout(LIMIT), Some(Answer::Size(_))) {}
}

#[test]
fn an_export_of_many_messages_tells_how_far_it_is_and_leaves_nothing_when_it_is_cancelled() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        many_messages(&setup, 100_000);
        let mut window = setup.open();
        open_history(&mut window);
        window.named_with("10.1.2.3");
        menu(&mut window, |words| fl!(words, "history-export-all"));
        let save = fl!(window.words, "file-save");
        choose(&mut window, &folder.path().join("many.txt"), &save);
        let doing = fl!(window.words, "task-export", name = "many.txt");
        window.see(&doing);
        window.see_part("100,000");
        window.click_unseen(&fl!(window.words, "cancel"));
        window.see(&fl!(window.words, "told-cancelled"));
        window.see_gone(&doing);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        menu(&mut window, |words| fl!(words, "history-export-all"));
        let path = folder.path().join("many.txt");
        choose(&mut window, &path, &save);
        let told = fl!(window.words, "told-exported", count = 100_000, path = path.display().to_string());
        window.see(&told);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("←  message ")).count(), 100_000);
    });
}

/// Record to a file that is there already.
#[cfg(unix)]
fn record_over(window: &mut Window, path: &Path) {
    window.choose(&fl!(window.words, "record"));
    let record = fl!(window.words, "file-record");
    choose(window, path, &record);
    window.click(&fl!(window.words, "file-replace"));
    window.see(&fl!(window.words, "record-stop"));
}

fn start_recording(window: &mut Window, path: &Path) {
    window.choose(&fl!(window.words, "record"));
    let record = fl!(window.words, "file-record");
    choose(window, path, &record);
    window.see(&fl!(window.words, "record-stop"));
}

#[test]
fn recording_writes_exactly_the_bytes_received_from_then_on() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.bin");
        let (mut window, mut peer) = setup.any_bytes().with_client();
        peer.send("before\n");
        window.see_message(false, "before");
        start_recording(&mut window, &path);
        let every: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let bytes = [SENT, b"\r\n", &every].concat();
        peer.send(&bytes);
        let count = bytes.len();
        window.see(&fl!(window.words, "recording", name = "raw.bin", count = count));
        window.click(&fl!(window.words, "record-stop"));
        let name = path.display().to_string();
        window.see(&fl!(window.words, "told-recorded", count = count, path = name));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        // What came has not ended by itself.
        peer.send("\nafter\n");
        window.see_message(false, "after");
        assert_eq!(fs::read(&path).unwrap(), bytes, "nothing after it was stopped");
    });
}

#[test]
fn a_recording_ends_whole_with_its_connection() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.bin");
        let (mut window, mut peer) = setup.with_client();
        start_recording(&mut window, &path);
        let bytes = "0123456789abcdef0123456789abcdef0123456\n".repeat(100_000);
        let sent = bytes.clone();
        let sender = std::thread::spawn(move || {
            peer.send(sent);
            peer.finish_sending();
            peer.rest().unwrap();
        });
        let count = bytes.len();
        let name = path.display().to_string();
        window.see(&fl!(window.words, "told-recorded", count = count, path = name));
        assert!(!window.sees(&fl!(window.words, "record-stop")));
        assert!(fs::read(&path).unwrap() == bytes.as_bytes(), "not the same bytes");
        sender.join().unwrap();
    });
}

#[test]
#[cfg(unix)]
fn a_recording_that_finds_no_room_slows_the_sender_and_loses_nothing() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        // What is written to a pipe waits until somebody reads it, as on a disk that is very slow.
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (mut window, mut peer) = setup.with_client();
        record_over(&mut window, &path);
        let mut line = vec![b'x'; 40_000];
        line.push(b'\n');
        let bytes = line.repeat(800);
        let sent = bytes.clone();
        let sender = std::thread::spawn(move || {
            peer.send(sent);
            peer.finish_sending();
            peer.rest().unwrap();
        });
        let received = |window: &Window| window.app().core().conversations().next().unwrap().1.bytes_in;
        let (mut last, mut calm) = (0, 0);
        window.until("nothing more to be taken", |window| {
            let now = received(window);
            calm = if now == last && now > 0 { calm + 1 } else { 0 };
            last = now;
            calm == 30
        });
        println!("{} bytes taken", received(&window));
        assert!(received(&window) < bytes.len() as u64 * 3 / 4, "{} of {}", received(&window), bytes.len());
        let reader = std::thread::spawn(move || fs::read(path).unwrap());
        window.see_part(&fl!(window.words, "bytes", count = bytes.len()));
        window.until("the end", |window| !window.sees(&fl!(window.words, "record-stop")));
        assert!(reader.join().unwrap() == bytes, "not the same bytes");
        sender.join().unwrap();
    });
}

#[test]
#[cfg(unix)]
fn a_file_that_takes_nothing_holds_up_its_own_connection_alone_and_stop_stops() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (mut window, mut stuck) = setup.with_client();
        let other = stuck.server();
        let mut other = Peer::connect(other);
        record_over(&mut window, &path);
        let mut line = vec![b'x'; 40_000];
        line.push(b'\n');
        let flood = std::thread::spawn(move || {
            stuck.send(line.repeat(800));
            stuck
        });
        window.see(&fl!(window.words, "recording-waits", name = "pipe"));
        other.send(b"still heard\n");
        window.until("the other is heard", |window| {
            window.app().core().conversations().any(|(_, c)| c.messages_in == 1 && c.bytes_in == 12)
        });
        window.click(&fl!(window.words, "record-stop"));
        window.see_gone(&fl!(window.words, "record-stop"));
        let all = 40_001 * 800;
        window.until("it is read on", |window| window.app().core().conversations().any(|(_, c)| c.bytes_in == all));
        let cut_short = |window: &Window| {
            window
                .app()
                .core()
                .notices()
                .iter()
                .any(|notice| matches!(notice.kind, NoticeKind::RecordingCutShort { bytes: 1.., .. }))
        };
        assert!(cut_short(&window), "what is missing is told");
        drop(flood.join().unwrap());
        // Whoever still waits for a reader of the pipe is let go.
        drop(fs::read(&path));
    });
}

#[test]
fn a_recording_that_cannot_be_written_stops_and_says_so_once() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.with_client();
        // Always full, as far as it is there.
        let full = PathBuf::from("/dev/full");
        window.choose(&fl!(window.words, "record"));
        let record = fl!(window.words, "file-record");
        choose(&mut window, &full, &record);
        window.click(&fl!(window.words, "file-replace"));
        window.see(&fl!(window.words, "record-stop"));
        peer.send("one\n");
        window.see_message(false, "one");
        let todo = fl!(window.words, "not-recorded-todo");
        window.see(&todo);
        window.see_gone(&fl!(window.words, "record-stop"));
        peer.send("two\n");
        window.see_message(false, "two");
        let told = notices(&window).iter().filter(|notice| matches!(notice.kind, NoticeKind::NotRecorded { .. }));
        assert_eq!(told.count(), 1);
    });
}

/// A message of ten days ago and one of now, each in a session of its own, in the setup's folder.
fn old_and_new(setup: &Setup) {
    let history = sockhop::history::History::open(&setup.folder.path().join("history.db"), || ()).unwrap();
    for (days, text) in [(10, "an old one\n"), (0, "a new one\n")] {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        let id = new_session();
        let (peer, local) = (Some(format!("10.0.0.{days}:5").parse().unwrap()), None);
        let encoding = sockhop::wire::text::TextEncoding::default();
        let session = Session { id, origin: Origin::Accepted, peer, local, name: None, encoding, opened: at };
        history.record(JournalEntry::Opened(Box::new(session))).unwrap();
        let mut out = sockhop::wire::BatchBuilder::default();
        let mut framer = sockhop::wire::Framer::new(sockhop::wire::Framing::Line, 1);
        framer.push(text.as_bytes(), Duration::ZERO, &mut out).unwrap();
        history.record(JournalEntry::Received { session: id, first: RowNumber(0), at, batch: out.take() }).unwrap();
        history.record(JournalEntry::Ended { session: id, at }).unwrap();
    }
}

#[test]
fn at_the_start_messages_older_than_was_chosen_are_deleted_and_counted() {
    in_each_language(|setup| {
        old_and_new(&setup);
        let mut window = setup.with(|settings| settings.remove_after = RemoveAfter::Week).open();
        window.see(&fl!(window.words, "told-removed-old", count = 1));
        open_history(&mut window);
        window.named_with("10.0.0.0:5, ");
        window.until("the old one to be gone", |window| !window.sees_part("10.0.0.10:5"));
    });
}

#[test]
fn old_messages_stay_until_the_user_chooses_otherwise_and_asks_to_delete_them_now() {
    in_each_language(|setup| {
        old_and_new(&setup);
        let mut window = setup.open();
        window.until("the history is open", |window| matches!(window.app().core().past().state, PastState::Open(_)));
        window.named_with("10.0.0.10:5");
        window.click(&fl!(window.words, "settings"));
        window.until("the size", |window| window.app().core().past().size.is_some());
        window.settle();
        let choice = fl!(window.words, "remove-after");
        window.click_unseen(&choice);
        window.click_unseen(&fl!(window.words, "remove-after-week"));
        assert_eq!(window.saved().remove_after, RemoveAfter::Week);
        window.named_with("10.0.0.10:5");
        window.click_unseen(&fl!(window.words, "remove-old-now"));
        window.click_unseen(&fl!(window.words, "remove-old-sure"));
        window.see(&fl!(window.words, "removing", count = 1, seconds = 10));
        window.until("the old one to be gone", |window| !window.sees_part("10.0.0.10:5"));
        assert!(window.sees_part("10.0.0.0:5"));
    });
}

#[test]
fn the_sidebar_lists_past_conversations_and_opens_them_to_read() {
    in_each_language(|setup| {
        let (mut window, address) = after_talking(setup);
        let row = window.named_with(&address);
        window.click(&row);
        window.see(&fl!(window.words, "history-read-only"));
        window.see_message(false, "你好，老师");
        window.click(&fl!(window.words, "history-back"));
        window.click(&fl!(window.words, "close-history"));
        let all = fl!(window.words, "history-all");
        window.click(&all);
        window.see(&fl!(window.words, "close-history"));
    });
}

#[test]
fn the_log_of_notices_is_saved_as_a_text() {
    in_each_language(|setup| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my notices.txt");
        let nobody = super::peer::nobody();
        let mut window = setup.open();
        window.fill(&fl!(window.words, "address"), &nobody.to_string());
        window.click(&fl!(window.words, "connect"));
        window.until("a notice", |window| !notices(window).is_empty());
        window.click(&fl!(window.words, "notices"));
        window.click(&fl!(window.words, "save-all"));
        let suggested = window.value_of(&fl!(window.words, "file-name"));
        assert_eq!(Path::new(&suggested).extension(), Some("txt".as_ref()));
        let save = fl!(window.words, "file-save");
        choose(&mut window, &path, &save);
        window.see(&fl!(window.words, "told-saved", path = path.display().to_string()));
        assert!(fs::read_to_string(&path).unwrap().contains(&nobody.to_string()));
    });
}

/// An id that no session has.
fn new_session() -> SessionId {
    std::thread::sleep(Duration::from_micros(2));
    SessionId(u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap())
}
