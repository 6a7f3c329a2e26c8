//! The format of a lab: a TOML file with steps, each with its text in both languages, what its button does, and what
//! must have happened before it counts as done.

use serde::Deserialize;

use super::condition::Condition;
use crate::wire::{Framing, text::TextEncoding, visible, visible_text};

/// The most bytes that a lab's file may have.
pub const LONGEST_FILE: u64 = 256 * 1024;

/// The most steps that a lab may have.
pub const MOST_STEPS: usize = 100;

/// A guided experiment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lab {
    /// What it is called: its file's name without the ending.
    #[serde(skip)]
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What it shows, in a line.
    pub summary: Text,
    /// Its steps, in their order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// What to do, what to look at, and why. `{lan}` in it stands for [`LabAddress::Lan`].
    pub text: Text,
    /// What is added to that where this computer is in no network.
    pub offline: Option<Text>,
    /// What the button is called; there is one if it does anything.
    pub button: Option<Text>,
    /// What the button does, one after the other.
    #[serde(default, rename = "do")]
    pub deeds: Vec<LabAction>,
    /// What must have happened since the step began, all of it. Nothing, if the step is only to be read.
    #[serde(default)]
    pub until: Vec<Condition>,
    /// Where in the inspector it is to be seen.
    pub look: Option<InspectorTab>,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// A tab of the inspector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InspectorTab {
    /// The calls as a sequence diagram.
    Calls,
    /// The bytes of a message.
    Bytes,
    /// The two ends of the connection.
    Connection,
    /// Programs for the other end.
    Code,
    /// What a listener on the way sees: a plain connection beside an encrypted one.
    Wire,
}

/// What a step's button does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LabAction {
    /// Start the server, all calls up to `listen`, and accept.
    Serve(Serve),
    /// Open a UDP socket there that hears anybody, in the server's place.
    ServeUdp(LabAddress),
    /// Open a UDP socket of this window that sends to there.
    SendUdp(LabAddress),
    /// Have a server whose calls, and those of its clients, are made one by one.
    Prepare(Serve),
    /// Make this call of the prepared server.
    Call(ListenCall),
    /// Stop calling `accept`.
    PauseAccepting,
    /// Call `accept` again.
    ResumeAccepting,
    /// Close the listening socket.
    StopServer,
    /// Have a second listening socket on the server's address and make these calls of it; one that there is already
    /// is closed before.
    SecondServer(Second),
    /// Close the second listening socket.
    StopSecondServer,
    /// Have so many more simulated students connect.
    AddStudents(usize),
    /// Send all simulated students away.
    RemoveStudents,
    /// Have a client connection to there, whose calls are made one by one.
    PrepareConnection(LabAddress),
    /// Make this call of a connection.
    CallOn(CallOn),
    /// Connect, as a client of this window.
    Connect(LabAddress),
    /// An end of a connection says something.
    Say(SendText),
    /// A text goes over TLS between two ends of this program, as between two Sockhops.
    SayOverTls(SayOverTls),
    /// An end of a connection finishes sending.
    Finish(WhichEnd),
    /// An end of a connection closes it.
    Close(WhichEnd),
    /// An end of a connection throws it away.
    Reset(WhichEnd),
    /// Connections are held in this manner from here on.
    Set(Set),
}

/// How the server is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Serve {
    /// On which address.
    pub on: LabAddress,
    /// Connections that the system may hold before `accept`.
    pub backlog: u32,
    /// Set `SO_REUSEADDR` before `bind`.
    pub reuse_address: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self { on: LabAddress::Loopback, backlog: 5, reuse_address: true }
    }
}

/// How the second listening socket is opened: the calls, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Second {
    /// The calls.
    pub calls: Vec<ListenCall>,
}

/// A call of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenCall {
    /// `socket`
    Socket,
    /// `setsockopt(SO_REUSEADDR, 1)`
    ReuseAddress,
    /// `bind`
    Bind,
    /// `listen`
    Listen,
    /// `accept`, once
    Accept,
}

/// A call of a connection: of the latest one of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CallOn {
    /// Of which end.
    pub end: WhichEnd,
    /// The call.
    pub call: ConnCall,
}

/// A call of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnCall {
    /// `socket`
    Socket,
    /// `connect`
    Connect,
    /// `recv`, once
    Recv,
    /// `send`, of what was said last
    Send,
    /// `close`
    Close,
}

/// An address of this computer; the port is the lab's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabAddress {
    /// 127.0.0.1
    Loopback,
    /// 0.0.0.0
    Everywhere,
    /// The address that others in the network would use, or 127.0.0.2 where there is no network.
    Lan,
}

/// An end of a connection: the latest one of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhichEnd {
    /// The end that our server accepted.
    Accepted,
    /// A simulated student's own end.
    Student,
    /// A connection that this window made.
    Client,
    /// All clients of our server.
    Everyone,
    /// An address that our UDP socket has heard.
    Heard,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SendText {
    /// By which end.
    pub by: WhichEnd,
    /// The messages, one `send` each.
    pub texts: Vec<String>,
    /// In this encoding, whatever the connection's own.
    pub encoding: Option<TextEncoding>,
    /// Without any line ending.
    #[serde(default)]
    pub bare: bool,
}

/// What is said over TLS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SayOverTls {
    /// The text.
    pub text: String,
    /// One byte of it is changed on the way.
    #[serde(default)]
    pub changed: bool,
}

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Set {
    /// Of one end only; of all connections, and those to come, without this.
    pub of: Option<WhichEnd>,
    /// Where a message ends.
    pub framing: Option<Framing>,
    /// Encoding of text.
    pub encoding: Option<TextEncoding>,
}

/// A lab's file that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct LabError {
    /// The line, counted from 1; 0 where it is the file as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Lab {
    /// The lab in a file of that name.
    ///
    /// # Errors
    /// Where it is no TOML, has fields that no lab has, lacks one, or a text of it is empty.
    pub fn parse(id: &str, file: &str) -> Result<Self, LabError> {
        let mut lab: Self = toml::from_str(file).map_err(|error| {
            // With words of the file in it.
            let why = visible(&error.message().lines().collect::<Vec<_>>().join(" "), &[]).into_owned();
            match error.span() {
                Some(span) => LabError { line: line_of(file, span.start), why },
                // A key of a hundred parts: the reader gives up at a depth, and says of no place that it is there.
                None if why.contains("recursion limit") => {
                    LabError { line: deepest_line(file), why: format!("nested too deeply: {why}") }
                }
                None => LabError { line: 0, why },
            }
        })?;
        let whole = |why: &str| Err(LabError { line: 0, why: why.to_owned() });
        if lab.steps.is_empty() || lab.steps.len() > MOST_STEPS {
            return whole(&format!("{} steps, not 1 to {MOST_STEPS}", lab.steps.len()));
        }
        for (n, step) in lab.steps.iter().enumerate() {
            if step.button.is_some() == step.deeds.is_empty() {
                return whole(&format!("step {}: button and do belong together", n + 1));
            }
        }
        if let Some(empty) = lab.texts().find(|text| text.en.trim().is_empty() || text.zh_cn.trim().is_empty()) {
            return whole(&format!("empty text beside {:?}", format!("{}{}", empty.en, empty.zh_cn)));
        }
        // Written by who knows whom, and shown.
        let of_steps = (lab.steps.iter_mut())
            .flat_map(|step| std::iter::once(&mut step.text).chain(&mut step.offline).chain(&mut step.button));
        for text in [&mut lab.title, &mut lab.summary].into_iter().chain(of_steps) {
            for written in [&mut text.en, &mut text.zh_cn] {
                *written = visible_text(written).into_owned();
            }
        }
        Ok(Self { id: id.to_owned(), ..lab })
    }

    /// All that there is to read in it.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let of_steps =
            (self.steps.iter()).flat_map(|step| std::iter::once(&step.text).chain(&step.offline).chain(&step.button));
        [&self.title, &self.summary].into_iter().chain(of_steps)
    }
}

/// The line with the most marks that nest something: dots of keys and opening brackets.
fn deepest_line(file: &str) -> usize {
    let marks = |line: &str| line.bytes().filter(|byte| matches!(byte, b'.' | b'[' | b'{')).count();
    let lines = file.split('\n').enumerate();
    lines.max_by_key(|(n, line)| (marks(line), std::cmp::Reverse(*n))).map_or(1, |(n, _)| n + 1)
}

fn line_of(file: &str, byte: usize) -> usize {
    1 + file.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
title = { en = "Title", zh-CN = "标题" }
summary = { en = "What for", zh-CN = "做什么" }
[[step]]
text = { en = "Do", zh-CN = "做" }
button = { en = "Pause", zh-CN = "暂停" }
do = ["pause-accepting", { serve = { backlog = 2 } }, { say = { by = "student", texts = ["你好"], encoding = "gbk" } }]
until = [{ server = "paused" }, { call = { name = "bind", on = "second-server", result = "EADDRINUSE" } }]
look = "calls"
"#;

    #[test]
    fn a_lab_is_read_with_its_steps_and_defaults() -> Result<(), LabError> {
        let lab = Lab::parse("small", SMALL)?;
        assert_eq!(lab.id, "small");
        assert_eq!(lab.title.zh_cn, "标题");
        assert_eq!(lab.title.en, "Title");
        let [step] = lab.steps.as_slice() else { return Err(LabError { line: 0, why: "steps".to_owned() }) };
        assert_eq!(step.deeds.first(), Some(&LabAction::PauseAccepting));
        assert_eq!(step.deeds.get(1), Some(&LabAction::Serve(Serve { backlog: 2, ..Serve::default() })));
        assert_eq!(step.until.len(), 2);
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let refused = |file: &str| Lab::parse("x", file).err().map(|error| (error.line, error.why)).unwrap_or_default();
        let (line, why) = refused(&SMALL.replace("look = \"calls\"", "lok = \"calls\""));
        assert_eq!(line, 9, "{why}");
        assert!(why.contains("lok"), "{why}");
        let (line, why) = refused(&SMALL.replace("zh-CN = \"做\"", "de = \"Tun\""));
        assert_eq!(line, 5, "{why}");
        let (line, why) = refused(&SMALL.replace("\"pause-accepting\"", "\"dance\""));
        assert_eq!(line, 7, "{why}");
        assert!(why.contains("dance"), "{why}");
        assert_eq!(refused("title = ").0, 1);
        assert!(refused(&SMALL.replace("\"做\"", "\"\"")).1.contains("empty"));
        assert!(refused(&SMALL.replace("button =", "# ")).1.contains("button"));
    }

    #[test]
    fn a_lab_has_as_many_steps_as_can_be_gone_through() {
        let (head, step) = SMALL.split_at(SMALL.find("[[step]]").unwrap_or_default());
        let with = |steps: usize| Lab::parse("x", &format!("{head}{}", step.repeat(steps)));
        assert!(with(1).is_ok() && with(MOST_STEPS).is_ok());
        assert_eq!(with(MOST_STEPS + 1).unwrap_err(), LabError { line: 0, why: "101 steps, not 1 to 100".to_owned() });
        let none = Lab::parse("x", &format!("{head}step = []\n")).unwrap_err();
        assert_eq!(none.why, "0 steps, not 1 to 100");
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (from, to) in [("\"做\"", "\" \""), ("\"Do\"", "\"\""), ("\"暂停\"", "\"\""), ("\"What for\"", "\"\"")] {
            let refused = Lab::parse("x", &SMALL.replace(from, to)).unwrap_err();
            assert!(refused.why.contains("empty text"), "{from}: {refused}");
        }
        let second = SMALL.replace("button =", "# button =");
        assert_eq!(Lab::parse("x", &second).unwrap_err().why, "step 1: button and do belong together");
    }
}
