//! What may import what: the map in `src/lib.rs`, held by reading the paths that the source names.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// For each part of the program, which others it may know. `main.rs` may know all.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("atomic_file", &[]),
    ("private_file", &[]),
    ("chat", &["wire"]),
    ("cli", &["chat", "explain", "history", "host", "i18n", "lan", "net", "private_file", "settings", "wire"]),
    ("core", &["chat", "wire"]),
    ("driver", &["atomic_file", "chat", "core", "history", "host", "lan", "net", "private_file", "settings", "wire"]),
    ("explain", &["chat", "core", "host", "i18n", "lan", "net", "settings", "wire"]),
    ("history", &["atomic_file", "chat", "private_file", "wire"]),
    ("host", &["chat", "wire"]),
    ("i18n", &["settings", "wire"]),
    ("lan", &["chat", "wire"]),
    ("log", &["private_file", "settings"]),
    ("net", &["chat", "wire"]),
    ("programs", &["chat", "wire"]),
    ("second_start", &["core", "lan", "private_file", "settings"]),
    ("settings", &["atomic_file", "chat", "private_file", "wire"]),
    ("terminal", FACES_MAY_KNOW),
    ("window", FACES_MAY_KNOW),
    ("wire", &[]),
];

/// What the window and the terminal may know.
const FACES_MAY_KNOW: &[&str] = &[
    "atomic_file",
    "chat",
    "cli",
    "core",
    "driver",
    "explain",
    "history",
    "host",
    "i18n",
    "lan",
    "log",
    "net",
    "private_file",
    "programs",
    "second_start",
    "settings",
    "wire",
];

/// What core may name of the parts that stand beside it: their vocabulary (commands, events, questions, answers), and
/// nothing that has a thread, a socket or a file.
const VOCABULARY: &[(&str, &[&str])] = &[
    (
        "history",
        &[
            "Answer",
            "Cancel",
            "Hit",
            "Outcome",
            "Place",
            "Question",
            "Removal",
            "SessionSummary",
            "Size",
            "StoredMessage",
            "StoredPerson",
            "TaskId",
            "Trouble",
            "Unavailable",
        ],
    ),
    (
        "host",
        &[
            "Holder",
            "ListeningPort",
            "Pace",
            "PortHeld",
            "PortOwner",
            "SocketRow",
            "SocketTable",
            "SocketsError",
            "TcpState",
            "Wanted",
            "plain",
            "who_holds",
        ],
    ),
    (
        "lan",
        &[
            "Command",
            "Comparison",
            "Digits",
            "Event",
            "EventKind",
            "Greeting",
            "Incoming",
            "Interface",
            "Invisible",
            "LinkState",
            "Me",
            "Options",
            "Outgoing",
            "Rehearsal",
            "Seen",
            "Taken",
        ],
    ),
    (
        "net",
        &[
            "Command",
            "ConnStep",
            "Event",
            "EventKind",
            "ListenOptions",
            "ListenStep",
            "Repeat",
            "Rounds",
            "UdpOptions",
            "UdpStep",
        ],
    ),
];

/// A module of the library, by its path below `crate`, and the paths that it names.
struct Module {
    path: Vec<String>,
    code: String,
    names: Vec<Vec<String>>,
}

#[test]
fn imports_point_one_way() {
    let mut forbidden = BTreeSet::new();
    for module in modules() {
        let Some(from) = module.path.first() else { continue };
        let known = MAY_KNOW.iter().find(|(name, _)| name == from);
        let (_, may) = known.unwrap_or_else(|| panic!("`{from}` is not on the map"));
        for name in &module.names {
            let Some(to) = name.first().filter(|to| *to != from && MAY_KNOW.iter().any(|(name, _)| name == to)) else {
                continue;
            };
            let words = VOCABULARY.iter().find(|(part, _)| from == "core" && part == to).map(|(_, words)| *words);
            let is_word = name.get(1).is_some_and(|name| words.is_some_and(|words| words.contains(&name.as_str())));
            if !may.contains(&to.as_str()) && !is_word {
                forbidden.insert(format!("{} names crate::{}", at(&module), name.join("::")));
            }
        }
    }
    assert!(forbidden.is_empty(), "{forbidden:#?}");
}

#[test]
fn only_the_window_knows_egui() {
    let named: Vec<String> = modules()
        .iter()
        .filter(|module| module.path.first().is_some_and(|name| name != "window"))
        .filter(|module| words(&module.code).any(|word| word.starts_with("egui") || word == "eframe"))
        .map(at)
        .collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn one_call_of_the_library_is_made_without_the_safety_of_a_crate() {
    let unsafe_in: Vec<String> =
        modules().iter().filter(|module| words(&module.code).any(|word| word == "unsafe_code")).map(at).collect();
    assert_eq!(unsafe_in.len(), 1, "{unsafe_in:?}");
    assert!(unsafe_in[0].contains("socket"), "{unsafe_in:?}");
}

#[test]
fn no_screen_imports_another() {
    check_window(|from, to| match (from, to) {
        (["screen", screen, ..], ["screen", other, ..]) => screen == other,
        (["screen", ..], ["app", ..]) => false,
        _ => true,
    });
}

#[test]
fn parts_import_no_screen_and_not_the_app() {
    check_window(|from, to| !matches!((from, to), (["parts", ..], ["screen" | "app", ..])));
}

#[test]
fn what_all_of_the_window_imports_imports_no_part() {
    check_window(|from, to| {
        // Who opens the window, and on which display, runs the app.
        let shared = !matches!(from, [] | ["app" | "screen" | "parts" | "display", ..]);
        !(shared && matches!(to, ["app" | "screen" | "parts", ..]))
    });
}

#[test]
fn parts_of_the_window_do_not_import_one_another_in_a_circle() {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in window_imports() {
        if let (["parts", part, ..], ["parts", other, ..]) = (slices(&from).as_slice(), slices(&to).as_slice())
            && part != other
        {
            imports.entry((*part).to_owned()).or_default().insert((*other).to_owned());
        }
    }
    // What imports no part that is left can be taken away; a circle stays.
    while let Some(free) = imports.iter().find(|(_, of)| of.iter().all(|to| !imports.contains_key(to))) {
        let free = free.0.clone();
        imports.remove(&free);
    }
    assert!(imports.is_empty(), "{imports:#?}");
}

/// Each import within the window, by the modules below `crate::window`.
fn check_window(may: impl Fn(&[&str], &[&str]) -> bool) {
    let wrong: BTreeSet<String> = window_imports()
        .into_iter()
        .filter(|(from, to)| !may(&slices(from), &slices(to)))
        .map(|(from, to)| format!("{} imports {}", from.join("::"), to.join("::")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn window_imports() -> Vec<(Vec<String>, Vec<String>)> {
    let modules = modules();
    let paths: BTreeSet<&[String]> = modules.iter().map(|module| module.path.as_slice()).collect();
    let mut imports = Vec::new();
    for module in &modules {
        let Some((first, from)) = module.path.split_first() else { continue };
        for name in module.names.iter().filter(|name| first == "window" && name.first() == Some(first)) {
            let named = name.get(1).map_or("", String::as_str);
            // `window` offers the app again by these names.
            let to = if matches!(named, "App" | "Start" | "run") {
                vec!["app".to_owned()]
            } else {
                let end = (1..=name.len()).rev().find(|end| paths.contains(&name[..*end])).unwrap_or(1);
                name[1..end].to_vec()
            };
            imports.push((from.to_vec(), to));
        }
    }
    assert!(imports.len() > 100, "too few imports were read: {}", imports.len());
    imports
}

fn slices(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn at(module: &Module) -> String {
    module.path.join("::")
}

/// All modules of the library, without their tests.
fn modules() -> Vec<Module> {
    let mut modules = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut modules);
    assert!(modules.len() > 50, "too few files were read: {}", modules.len());
    modules
}

fn read(folder: &Path, above: &[String], modules: &mut Vec<Module>) {
    for entry in fs::read_dir(folder).expect("a folder of the source").map(|entry| entry.expect("an entry").path()) {
        let stem = entry.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let mut path = above.to_vec();
        if entry.is_dir() {
            path.push(stem);
            read(&entry, &path, modules);
        } else if entry.extension().is_some_and(|end| end == "rs")
            && stem != "tests"
            && !(above.is_empty() && matches!(stem.as_str(), "main" | "lib"))
        {
            if stem != "mod" {
                path.push(stem);
            }
            let source = fs::read_to_string(&entry).expect("source text");
            let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = without_comments(source);
            let names = names(&code, &path);
            modules.push(Module { path, code, names });
        }
    }
}

/// The code without its comments. What stands in a string stays: no path is written in one.
fn without_comments(source: &str) -> String {
    source
        .lines()
        .map(|line| if line.trim_start().starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) })
        .collect::<Vec<_>>()
        .join("\n")
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The paths that the code names below `crate`, in `use` lines and elsewhere.
fn names(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut names = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = matches!(tokens[at], "crate" | "super")
            && tokens.get(at + 1) == Some(&"::")
            && (at == 0 || tokens[at - 1] != "::");
        if !starts {
            at += 1;
            continue;
        }
        let mut base = if tokens[at] == "crate" { Vec::new() } else { parent(module) };
        at += 2;
        while tokens.get(at) == Some(&"super") {
            base = parent(&base);
            at += 2;
        }
        at = tree(&tokens, at, base, &mut names);
    }
    names
}

fn parent(module: &[String]) -> Vec<String> {
    module.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default()
}

/// Reads what follows a `::`, of which `base` is before it; gives the place behind it.
fn tree(tokens: &[&str], mut at: usize, mut base: Vec<String>, names: &mut Vec<Vec<String>>) -> usize {
    loop {
        match tokens.get(at) {
            Some(&"{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| *token != "}") {
                    let mut inner = base.clone();
                    while tokens.get(at) == Some(&"super") && tokens.get(at + 1) == Some(&"::") {
                        inner = parent(&inner);
                        at += 2;
                    }
                    at = tree(tokens, at, inner, names);
                    while tokens.get(at).is_some_and(|token| *token != "," && *token != "}") {
                        at += 1; // `as` and a name
                    }
                    if tokens.get(at) == Some(&",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(word) if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                if *word != "self" {
                    base.push((*word).to_owned());
                }
                at += 1;
                if tokens.get(at) != Some(&"::") {
                    names.push(base);
                    return at;
                }
                at += 1;
            }
            // A glob, or type parameters.
            _ => {
                names.push(base);
                return at + 1;
            }
        }
    }
}

fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !token.trim().is_empty() {
            tokens.push(token);
        }
        rest = after;
    }
    tokens
}

#[test]
fn paths_are_read_from_use_lines_and_from_code() {
    let module = ["window", "parts", "lab"].map(str::to_owned);
    let code = "use super::{controls, inspector::{self, Tab as T}};\nuse crate::{core::Key, net::*};\nuse super::super::Cx;\n\
                fn f() { crate::wire::text::encode(x) }";
    let read: Vec<String> = names(code, &module).iter().map(|name| name.join("::")).collect();
    assert_eq!(
        read,
        [
            "window::parts::controls",
            "window::parts::inspector",
            "window::parts::inspector::Tab",
            "core::Key",
            "net",
            "window::Cx",
            "wire::text::encode",
        ]
    );
}
