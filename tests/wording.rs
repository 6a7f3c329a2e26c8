//! The texts of both languages: the same keys and placeholders, one word for one thing, and their marks and blanks.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_bundle::FluentResource;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What is not to be found in the texts, what is written in its place, and the keys in which it is right.
type Term = (&'static str, &'static str, &'static [&'static str]);

const ENGLISH: &[Term] = &[
    ("this machine", "this computer", &[]),
    ("finished connection", "a connection with its handshake done", &[]),
    ("tell", "report", &[]),
    ("tells", "reports", &["accept-returns-new"]), // … them apart
    ("told", "reported; unknown, of a program", &[]),
    ("set aside", "moved to", &[]),
    ("take in", "import", &[]),
    ("taken in", "imported", &[]),
    ("goes on", "continues, keeps", &[]),
    ("going on", "continuing, instead", &[]),
    ("go on", "continue", &[]),
    (
        "stands",
        "is open, is",
        &["address-many", "error-address-not-here-todo-list", "error-address-not-here-todo-list-ipv6"],
    ), // … for
    ("is no more", "no longer exists", &[]),
    ("any more", "no longer", &[]),
    ("called off", "cancelled", &[]),
    ("broken off", "closed, lost", &[]),
    ("session", "conversation", &["osi-5"]), // the layer
    ("sessions", "conversations", &[]),
    ("tried", "tested", &["history-retried"]),
    ("nobody listens", "no program listens", &[]),
    ("somebody listens", "a program listens", &[]),
    ("someone", "a server, another computer", &[]),
    ("whoever", "anyone who", &[]),
    ("anew", "again", &[]),
    ("border", "boundary", &[]),
    ("borders", "boundaries", &[]),
    ("knows no", "has no", &[]),
    ("other side", "other end", &[]),
    ("our side", "this end", &[]),
    ("both sides", "both ends", &[]),
    ("in place of", "instead of", &[]),
    ("we", "you; this end, of the socket", &[]),
    ("us", "you; this end, of the socket", &[]),
    ("our", "this end’s", &[]),
    ("ctrl-c", "Ctrl+C", &[]),
    (
        "'",
        "’",
        &[
            // An empty bytes object of Python.
            "finish-sending-hint",
            "when-peer-finishes-hint",
            "diagnosis-end-read",
            "diagnosis-end-unread",
            "diagnosis-end-todo",
            "diagnosis-end-read-todo",
            // As it is written in Python.
            "diagnosis-listens-elsewhere-todo",
            "meaning-recv",
            "meaning-shutdown",
            "step-does-close",
            // A program in Python.
            "cut-character-may-raise",
            "cut-character-raises",
            "mistake-encoding-todo",
            "mistake-few-bytes",
            "mistake-not-here-todo",
            "mistake-pipe-todo",
            "mistake-reset-todo",
            "mistake-text-and-bytes-todo",
            "mistake-text-for-bytes-todo",
            "mistake-tuple-todo",
        ],
    ),
];

const CHINESE: &[Term] = &[
    ("远端", "对端", &[]),
    ("另一端", "对端", &[]),
    (
        "对端",
        "对方",
        &[
            // The TCP endpoint, where the socket and its states are shown.
            "end-peer",
            "evidence-other",
            "opened-by-peer",
            "closed-first-peer",
            "reset-from-peer",
            "refused-by-peer",
            "time-wait-peer",
            "accept-returns-new",
            "socket-other-end",
            "calls-other-end",
        ],
    ),
    ("别人", "对方", &[]),
    ("其他人", "对方", &[]),
    ("本方", "本端", &[]),
    ("我们", "本端", &[]),
    ("本地地址", "本端", &["network-link-local"]),
    ("电脑", "计算机；本机", &[]),
    ("机器", "计算机", &[]),
    ("数据包", "报文段", &["network-no-answer-means"]), // IP drops it
    ("接收队列", "接收缓冲区", &[]),
    ("发送队列", "发送缓冲区", &[]),
    ("返回 0 个字节", "返回 0 字节", &[]),
    ("发送完毕", "结束发送", &[]),
    // ECONNREFUSED
    (
        "拒绝",
        "关闭，失败",
        &["network-refused", "network-refused-means", "refused-by-peer", "mistake-refused", "error-refused-elsewhere"],
    ),
    ("没有人", "没有程序在监听", &[]),
    ("回应", "应答", &[]),
    ("回答", "应答；回复", &["students-hint"]), // people
    ("询问", "获取，查询", &[]),
    ("名称", "主机名", &["name", "history-find", "history-find-hint", "history-none", "history-more"]), // a conversation’s
    ("此系统", "本系统", &[]),
    ("此程序", "本程序", &["code-port-ours"]), // the one that is shown
    ("告知", "提供；未知", &[]),
    ("等候", "等待", &[]),
    ("挑", "选", &[]),
    ("录制", "记录", &[]),
    ("尝试", "测试", &[]),
    ("试一个", "测试", &[]),
    ("更早的", "过期的", &["let-go", "calls-older-gone"]), // earlier than what is shown
    ("另存为", "改名为", &[]),
    ("会话", "对话", &["osi-5"]), // the layer
    ("地址复用", "地址重用", &[]),
    ("分帧", "消息边界", &[]),
    ("认识", "支持", &[]),
    ("您", "你", &[]),
    ("Ctrl-", "Ctrl+", &[]),
    (" – ", "（…）", &["history-facts-days"]), // from day to day
];

/// Keys whose Chinese leaves out a placeholder of the English, and which.
const LEFT_OUT: &[(&str, &str)] = &[("presenter-clients", "count")]; // the number is above it

/// What is right in the labs, where a teacher speaks, and why.
const RIGHT_IN_LABS: &[(&str, &str)] = &[
    ("tell", "to tell apart, to tell everyone"),
    ("stands", "one address stands for another"),
    ("our", "the class and its program"),
    ("'", "an empty bytes object of Python"),
    ("我们", "the class and its program"),
    ("回答", "people"),
    ("拒绝", "as Windows does, with ECONNREFUSED"),
    ("没有人", "people"),
    ("对端", "of a socket"),
];

/// Chinese keys in which a mark or a digit is right as it is, and why.
const MARKS_AS_THEY_ARE: &[(&str, &str)] = &[
    ("day", "a date has no blanks"),
    ("day-short", "a date has no blanks"),
    ("term-no-connection", "a colon as it is typed"),
    ("term-no-display", "a colon as it is typed"),
    ("term-no-opengl", "a colon as it is typed"),
    ("term-no-window", "a colon as it is typed"),
];

/// How the keys of sentences begin that say a cause, a state or a next step of a socket.
const SAYS: &[&str] = &[
    "reach-",
    "told-reach",
    "state-",
    "address-",
    "finish-sending-hint",
    "close-hint",
    "reset-hint",
    "pause-accept-hint",
    "accept-queue-hint",
    "cannot-send-",
    "row-",
    "connected-",
    "mark-",
    "malformed",
    "also-text",
    "cut-character",
    "bytes-literal",
    "looks-",
    "http-unfinished",
    "sent-",
    "acknowledged",
    "not-acknowledged",
    "silent-since",
    "ip-not-here",
    "port-well",
    "reuse-address-hint",
    "exclusive-address-hint",
    "answers-went-round",
    "term-answers",
    "error-",
    "exception",
    "close-by",
    "close-orderly",
    "close-reset",
    "close-quit",
    "close-udp",
    "close-forgotten",
    "close-let-go",
    "addresses-let-go",
    "udp-sent",
    "udp-dropped",
    "udp-no-connection",
    "udp-let-go-hint",
    "udp-close-hint",
    "udp-heard",
    "udp-not-heard",
    "calls-peer-finished",
    "calls-reused",
    "lane-",
    "tally-",
    "meaning-",
    "opened-by",
    "closed-first",
    "reset-from",
    "refused-by",
    "time-wait",
    "source-",
    "packets-inferred",
    "queues-count",
    "socket-",
    "accept-returns-new",
    "bytes-recv-o",
    "bytes-recv-t",
    "bytes-recv-s",
    "bytes-send-o",
    "bytes-send-t",
    "bytes-send-s",
    "bytes-read-w",
    "bytes-read-ba",
    "layers-inferred",
    "step-does-",
    "step-waits-",
    "mistake-",
    "explain-side-",
    "explain-error-listens",
    "explain-error-holds",
    "explain-error-time-wait",
    "explain-error-is-",
    "explain-error-nobody",
    "diagnosis",
];

/// Each sentence that says a cause, a state or a next step has its facts written beside it; what does not follow from them
/// alone says so by the word that is written there.
#[test]
fn every_sentence_about_a_socket_has_the_facts_that_it_follows_from() {
    let list = fs::read_to_string(Path::new(ROOT).join("src/explain/sentences.tsv")).unwrap();
    // What labs say has its lines too, but for titles and buttons, which only name what follows.
    let labs = |locale| lab_texts(locale).into_iter().map(|(place, text)| (format!("lab {place}"), text));
    let says = |key: &str| !matches!(key.rsplit('.').next(), Some("title" | "button"));
    let of_labs: Vec<String> = labs("en").map(|(key, _)| key).filter(|key| says(key)).collect();
    assert!(of_labs.len() > 70, "{}", of_labs.len());
    let with_labs = |locale| texts(locale).into_iter().chain(labs(locale)).collect::<BTreeMap<_, _>>();
    let (english, chinese) = (with_labs("en"), with_labs("zh-CN"));
    let mut listed = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [key, facts, in_english, in_chinese] = cells[..] else { panic!("four cells: {line}") };
        if !listed.insert(key) {
            wrong.push(format!("{key} is there twice"));
        }
        if facts.trim().is_empty() {
            wrong.push(format!("{key} has no facts"));
        }
        match (english.get(key), chinese.get(key)) {
            (Some(english), Some(chinese)) => {
                if !in_english.is_empty() && !has(english, in_english, true) {
                    wrong.push(format!("{key} no longer says “{in_english}”: {english}"));
                }
                if !chinese.contains(in_chinese) {
                    wrong.push(format!("{key} no longer says “{in_chinese}”: {chinese}"));
                }
            }
            _ => wrong.push(format!("{key} is no longer a text")),
        }
    }
    let of_texts = english.keys().filter(|key| SAYS.iter().any(|begin| key.starts_with(begin)));
    for key in of_texts.chain(&of_labs) {
        if !listed.contains(key.as_str()) {
            wrong.push(format!("{key} has no line: from which facts does it follow?"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn both_languages_have_the_same_keys_and_each_once() {
    let [english, chinese] = ["en", "zh-CN"].map(keys);
    assert!(english.len() > 700, "{}", english.len());
    for (keys, name) in [(&english, "English"), (&chinese, "Chinese")] {
        let once: BTreeSet<_> = keys.iter().collect();
        assert_eq!(once.len(), keys.len(), "{name}: said twice, the second counts for nothing");
    }
    let [english, chinese] = [english, chinese].map(BTreeSet::from_iter);
    assert_eq!(english.symmetric_difference(&chinese).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn both_languages_place_the_same_values() {
    let (english, chinese) = (texts("en"), texts("zh-CN"));
    let mut differ = Vec::new();
    for (key, text) in &english {
        let mut placed = placeholders(text);
        for (_, left_out) in LEFT_OUT.iter().filter(|(of, _)| of == key) {
            placed.remove(*left_out);
        }
        if chinese.get(key).is_none_or(|text| placeholders(text) != placed) {
            differ.push(key);
        }
    }
    assert_eq!(differ, [""; 0]);
}

/// The macro compares the arguments that are given. Of a text that is asked for without any it says nothing.
#[test]
fn a_text_with_placeholders_is_never_asked_for_without_values() {
    let texts = texts("en");
    let mut without = Vec::new();
    for path in sources(&Path::new(ROOT).join("src")).into_iter().chain(sources(&Path::new(ROOT).join("tests"))) {
        let source = fs::read_to_string(&path).unwrap();
        for asked in source.split("fl!(").skip(1) {
            let Some((_, rest)) = asked.split_once('"') else { continue };
            let Some((key, after)) = rest.split_once('"') else { continue };
            if after.starts_with(')') && texts.get(key).is_some_and(|text| !placeholders(text).is_empty()) {
                without.push(format!("{}: {key}", path.display()));
            }
        }
    }
    assert_eq!(without, [""; 0]);
}

#[test]
fn one_thing_has_one_word() {
    let mut wrong = Vec::new();
    for (locale, terms, by_words) in [("en", ENGLISH, true), ("zh-CN", CHINESE, false)] {
        let texts = texts(locale);
        for (not, better, right_in) in terms {
            let found: BTreeSet<&str> = texts
                .iter()
                .filter(|(_, text)| has(&nameless(text), not, by_words))
                .map(|(key, _)| key.as_str())
                .collect();
            for key in &found {
                if !right_in.contains(key) {
                    wrong.push(format!("{locale}: {key} has “{not}”: {better}"));
                }
            }
            for key in right_in.iter().filter(|key| !found.contains(*key)) {
                wrong.push(format!("{locale}: {key} no longer has “{not}”: no exception is needed"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn one_thing_has_one_word_in_the_labs_too() {
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for (locale, terms, by_words) in [("en", ENGLISH, true), ("zh-CN", CHINESE, false)] {
        for (place, text) in lab_texts(locale) {
            for (not, better, _) in terms.iter().filter(|(not, ..)| has(&text, not, by_words)) {
                if RIGHT_IN_LABS.iter().any(|(right, _)| right == not) {
                    needed.insert(*not);
                } else {
                    wrong.push(format!("{place} has “{not}”: {better}"));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    let unneeded = RIGHT_IN_LABS.iter().map(|(right, _)| *right).filter(|right| !needed.contains(right));
    assert_eq!(unneeded.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_word_that_goes_with_another_has_it() {
    let mut wrong = Vec::new();
    for (locale, word, with) in [
        ("en", "returns 0", " bytes"),
        ("en", "returned 0", " bytes"),
        ("zh-CN", "返回 0", " 字节"),
        ("zh-CN", "报文", "段"),
        ("zh-CN", "回车", "键"),
    ] {
        for (key, text) in texts(locale).into_iter().chain(lab_texts(locale)) {
            if text.split(word).skip(1).any(|after| !after.starts_with(with)) {
                wrong.push(format!("{locale}: {key}: {word}{with}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn states_are_written_as_in_the_standard() {
    let states = ["SYN-SENT", "SYN-RECEIVED", "FIN-WAIT", "CLOSE-WAIT", "LAST-ACK", "TIME-WAIT"];
    for locale in ["en", "zh-CN"] {
        for (key, text) in texts(locale).into_iter().chain(lab_texts(locale)) {
            let upper = text.to_uppercase();
            for state in states {
                for other in [state.to_owned(), state.replace('-', "_"), state.replace('-', " ")] {
                    // The last acknowledgement is none of them.
                    let is_whole = |after: &str| !after.starts_with(char::is_alphabetic);
                    assert_eq!(
                        upper.split(&other).skip(1).filter(|after| is_whole(after)).count(),
                        if other == state { text.matches(state).count() } else { 0 },
                        "{key}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn chinese_has_a_blank_beside_latin_and_none_beside_its_own_marks() {
    let mut wrong = Vec::new();
    // In a lab `this` is code: its marks are not seen, and a blank stands beside it as beside Latin.
    let of_labs = lab_texts("zh-CN").into_iter().map(|(place, text)| (place, text.replace('`', "")));
    for (key, text) in texts("zh-CN").into_iter().chain(of_labs) {
        if MARKS_AS_THEY_ARE.iter().any(|(as_it_is, _)| *as_it_is == key) {
            continue;
        }
        // A placed value is a number or a name. What a text is chosen by is none of it.
        for text in said(&text) {
            let characters: Vec<char> = text.chars().collect();
            for pair in characters.windows(2) {
                let (left, right) = (pair[0], pair[1]);
                let glued = is_han(left) && is_latin(right) || is_latin(left) && is_han(right);
                let apart = left == ' ' && is_wide_mark(right) || is_wide_mark(left) && right == ' ';
                let narrow = is_han(left) && ",;:!?()".contains(right);
                if glued || apart || narrow {
                    wrong.push(format!("{key}: “{left}{right}” in {text}"));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The text without the names of what is placed in it.
fn nameless(text: &str) -> String {
    let mut parts = text.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + "$" + part.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether the text has these words: in English as words, whatever their case.
fn has(text: &str, words: &str, by_words: bool) -> bool {
    if !by_words || !words.chars().any(char::is_alphabetic) {
        return text.contains(words);
    }
    let text = text.to_lowercase();
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(words)
        .any(|(at, _)| !letter(text[..at].chars().next_back()) && !letter(text[at + words.len()..].chars().next()))
}

/// What is said, with a letter for each value that is placed; of a choice, each possibility by itself.
fn said(text: &str) -> Vec<String> {
    let mut without = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{ $") {
        let (name, after) = after.split_once(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or((after, ""));
        without.push_str(before);
        if let Some(after) = after.strip_prefix("-> ").or_else(|| after.trim_start().strip_prefix("->")) {
            without.push('{');
            rest = after;
        } else {
            assert!(!name.is_empty());
            // A program is named with its process in brackets, or in words: nothing Latin ends it.
            without.push(if name == "program" { '程' } else { 'A' });
            rest = after.trim_start().strip_prefix('}').unwrap_or(after);
        }
    }
    without.push_str(rest);
    without
        .split(['{', '}'])
        .flat_map(|part| part.split('['))
        .map(|part| part.split_once(']').map_or(part, |(_, said)| said).trim().trim_end_matches('*').trim().to_owned())
        .collect()
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '%'
}

fn is_wide_mark(c: char) -> bool {
    "，。；：！？（）、《》“”…".contains(c)
}

fn placeholders(text: &str) -> BTreeSet<String> {
    let name = |after: &str| after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split('$').skip(1).map(name).collect()
}

/// The keys, in their order.
fn keys(locale: &str) -> Vec<String> {
    messages(locale).into_iter().map(|(key, _)| key).collect()
}

/// The texts by their keys, each on one line.
fn texts(locale: &str) -> BTreeMap<String, String> {
    messages(locale).into_iter().collect()
}

/// What the labs say, and where.
fn lab_texts(locale: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(ROOT).join("resources/labs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let lab: toml::Value = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            said_in(&lab, locale, &name, &mut found);
        }
    }
    assert!(found.len() > 60, "{}", found.len());
    found
}

fn said_in(value: &toml::Value, locale: &str, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(text) if key == locale => found.push((place.to_owned(), text.to_owned())),
                    _ => said_in(value, locale, &format!("{place}.{key}"), found),
                }
            }
        }
        toml::Value::Array(all) => {
            for (at, value) in all.iter().enumerate() {
                said_in(value, locale, &format!("{place}[{at}]"), found);
            }
        }
        _ => {}
    }
}

fn messages(locale: &str) -> Vec<(String, String)> {
    let file = Path::new(ROOT).join("resources/i18n").join(locale).join("sockhop.ftl");
    let source = fs::read_to_string(file).unwrap();
    if let Err((_, errors)) = FluentResource::try_new(source.clone()) {
        panic!("{locale}: {errors:?}");
    }
    let mut messages: Vec<(String, String)> = Vec::new();
    let mut open = 0;
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let (at, text) = match line.split_once(" =") {
            Some((key, text)) if open == 0 && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
                messages.push((key.to_owned(), String::new()));
                (messages.last_mut(), text)
            }
            _ => (messages.last_mut(), line),
        };
        open = open + text.matches('{').count() - text.matches('}').count();
        if let Some((_, value)) = at
            && !text.trim().is_empty()
        {
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(text.trim());
        }
    }
    messages
}

/// The Rust files in a folder, and in those inside it.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
