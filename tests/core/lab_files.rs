//! Checks of the files of labs that hold for any text.
//!
//! `tests/core` gives the texts by proptest, `tests/fuzz` takes them as they come.

// Clippy's allowance for tests does not reach the functions that several of them share.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use sockhop::{
    core::{
        Core,
        labs::{
            Lab, LabError, Since,
            file::{MOST_STEPS, Text},
        },
    },
    wire::{visible, visible_text},
};

/// A text is a lab that can be gone through and is the same when it is written again, or it is said what is wrong where.
pub fn a_lab_can_be_used_or_its_fault_is_told(file: &str) {
    match Lab::parse("lab", file) {
        Ok(lab) => {
            can_be_gone_through(&lab);
            let table: toml::Table = file.parse().unwrap();
            let written = toml::to_string(&table).unwrap();
            assert_eq!(Lab::parse("lab", &written), Ok(lab), "{written}");
        }
        Err(LabError { line, why }) => {
            assert!(!why.is_empty());
            assert_eq!(visible(&why, &[]), why, "it is one line, and nothing hides in it");
            assert!(line <= file.split('\n').count(), "line {line}: {why}");
            // What is wrong with the file as a whole names a step or a text.
            assert!(line > 0 || why.contains("step") || why.starts_with("empty text"), "{why}");
        }
    }
}

fn can_be_gone_through(lab: &Lab) {
    assert!((1..=MOST_STEPS).contains(&lab.steps.len()));
    for Text { en, zh_cn } in lab.texts() {
        for text in [en, zh_cn] {
            assert!(!text.trim().is_empty());
            assert_eq!(visible_text(text), *text, "nothing hides in it");
        }
    }
    let core = Core::default();
    let (at, now) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    for step in &lab.steps {
        assert_eq!(step.button.is_some(), !step.deeds.is_empty());
        for condition in &step.until {
            let _ = condition.holds(&core, Since { at, now, second: None });
            assert_eq!(condition.wakes(&core, now), None, "nobody is connecting");
        }
    }
}

/// Pieces of a file.
pub const PIECES: [&str; 58] = [
    "title = { en = \"Title\", zh-CN = \"标题\" }\nsummary = { en = \"What for\", zh-CN = \"做什么\" }\n",
    "[[step]]\ntext = { en = \"Do\", zh-CN = \"做\" }\n",
    "button = { en = \"Go\", zh-CN = \"开始\" }\ndo = [",
    "until = [",
    "look = \"connection\"\n",
    "offline = { en = \"No network\", zh-CN = \"没有网络\" }\n",
    "]\n",
    "[step.text]\n",
    "[[step.do]]\n",
    "en = ",
    "zh-CN = ",
    "\"pause-accepting\", ",
    "\"resume-accepting\", ",
    "\"stop-server\", ",
    "\"remove-students\", ",
    "{ serve = { on = \"lan\", backlog = 2, reuse-address = false } }, ",
    "{ prepare = {} }, ",
    "{ call = \"listen\" }, ",
    "{ second-server = { calls = [\"socket\", \"reuse-address\", \"bind\"] } }, ",
    "{ add-students = 3 }, ",
    "{ prepare-connection = \"everywhere\" }, ",
    "{ call-on = { end = \"client\", call = \"recv\" } }, ",
    "{ connect = \"loopback\" }, ",
    "{ say = { by = \"student\", texts = [\"你好\", \"\"], encoding = \"gbk\", bare = true } }, ",
    "{ finish = \"accepted\" }, ",
    "{ close = \"everyone\" }, ",
    "{ reset = \"student\" }, ",
    "{ set = { of = \"client\", framing = \"length\", encoding = \"utf-16le\" } }, ",
    "{ call = { name = \"bind\", on = \"second-server\", result = \"EADDRINUSE\" } }, ",
    "{ call = { name = \"recv\", on = \"student\", bytes = 0, times = 2 } }, ",
    "{ server = \"paused\" }, ",
    "{ clients = 2 }, ",
    "{ queue = 1 }, ",
    "{ kept-waiting = 1 }, ",
    "{ received = { by = \"accepted\", text = \"x\", messages = 2 } }, ",
    "{ stuck-together = \"client\" }, ",
    "{ reads = { by = \"client\", broken = true, bytes = \"c4 e3\" } }, ",
    "{ manner = { of = \"client\", framing = \"line\" } }, ",
    "{ happened = { to = \"client\", what = \"peer-finished\" } }, ",
    "{ any = [",
    "] }, ",
    "\"\"\"",
    "'''",
    "\\u202e",
    "\u{202e}",
    "\u{200d}",
    "\u{feff}",
    "❤\u{fe0f}",
    "\r\n",
    "1979-05-27T07:32:00Z",
    "-inf",
    "0x7fffffffffffffff",
    "18446744073709551616",
    "1_0.0e9",
    "true",
    "step = []\n",
    "step.",
    "{ ",
];
