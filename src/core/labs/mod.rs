//! Labs: guided experiments on real sockets. A lab is a file; a step counts as done once what it waits for has
//! happened.

pub mod condition;
pub mod file;
mod runner;

use std::{fs, io, path::Path};

pub use condition::{Condition, Since};
pub use file::{LONGEST_FILE, Lab, LabAction, LabError};
use jiff::Timestamp;
pub use runner::{LabPlace, RunningLab};
use rust_embed::RustEmbed;

use crate::{chat::ListenerId, core::Core};

/// Labs read from the data folder, at most.
pub const MOST_LABS: usize = 200;

#[derive(RustEmbed)]
#[folder = "resources/labs/"]
struct Embedded;

/// A lab's file that can't be used, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedLab {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1; 0 where it is the file as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// The labs that come with the program, by their files' names, and what is wrong with any.
#[must_use]
pub fn embedded() -> (Vec<Lab>, Vec<DamagedLab>) {
    let mut labs = Labs::default();
    for name in Embedded::iter().filter(|name| is_lab(Path::new(name.as_ref()))) {
        if let Some(file) = Embedded::get(&name) {
            labs.take(&name, &String::from_utf8_lossy(&file.data));
        }
    }
    labs.in_order()
}

/// The labs of a folder, by their files' names, and what is wrong with any. No folder is no lab.
#[must_use]
pub fn of_folder(folder: &Path) -> (Vec<Lab>, Vec<DamagedLab>) {
    let mut labs = Labs::default();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries.flatten().filter(|entry| is_lab(&entry.path())).take(MOST_LABS) {
                let name = entry.file_name().to_string_lossy().into_owned();
                match read(&entry.path()) {
                    Ok(text) => labs.take(&name, &text),
                    Err(error) => labs.damaged.push(DamagedLab { file: name, line: 0, why: error.to_string() }),
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let file = folder.display().to_string();
            labs.damaged.push(DamagedLab { file, line: 0, why: error.to_string() });
        }
    }
    labs.in_order()
}

/// Labs are listed by the number that their file's name begins with, those without one last, and by the name.
#[must_use]
pub fn place_in_list(lab: &Lab) -> (u64, &str) {
    let digits = lab.id.find(|character: char| !character.is_ascii_digit()).unwrap_or(lab.id.len());
    (lab.id.get(..digits).and_then(|number| number.parse().ok()).unwrap_or(u64::MAX), &lab.id)
}

fn is_lab(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn read(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        // A pipe is not opened before somebody opens its other end.
        return Err(io::Error::other("not a file"));
    }
    let bytes = metadata.len();
    if bytes > LONGEST_FILE {
        return Err(io::Error::other(format!("{bytes} bytes, more than {LONGEST_FILE}")));
    }
    fs::read_to_string(path)
}

#[derive(Default)]
struct Labs {
    good: Vec<Lab>,
    damaged: Vec<DamagedLab>,
}

impl Labs {
    fn take(&mut self, name: &str, text: &str) {
        let id = name.rsplit_once('.').map_or(name, |(id, _)| id);
        match Lab::parse(id, text) {
            Ok(lab) => self.good.push(lab),
            Err(LabError { line, why }) => self.damaged.push(DamagedLab { file: name.to_owned(), line, why }),
        }
    }

    fn in_order(mut self) -> (Vec<Lab>, Vec<DamagedLab>) {
        self.good.sort_by(|a, b| place_in_list(a).cmp(&place_in_list(b)));
        self.damaged.sort_by(|a, b| a.file.cmp(&b.file));
        (self.good, self.damaged)
    }
}

/// How far the user is in a lab.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The lab.
    pub lab: Lab,
    /// The lab's second listening socket.
    pub second: Option<ListenerId>,
    at: usize,
    began: Timestamp,
    /// For each step, whether what it waits for has happened.
    done: Vec<bool>,
}

impl Progress {
    /// At the first step of a lab.
    #[must_use]
    pub fn new(lab: Lab, now: Timestamp) -> Self {
        let done = vec![false; lab.steps.len()];
        Self { lab, second: None, at: 0, began: now, done }
    }

    /// The step's place, counted from 0.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The step.
    #[must_use]
    pub fn step(&self) -> Option<&file::Step> {
        self.lab.steps.get(self.at)
    }

    /// Whether what the step waits for has happened.
    #[must_use]
    pub fn is_done(&self, step: usize) -> bool {
        self.done.get(step).copied().unwrap_or(false)
    }

    /// Whether all steps are done.
    #[must_use]
    pub fn is_all_done(&self) -> bool {
        self.done.iter().all(|done| *done)
    }

    /// Whether this is the last step.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.at + 1 >= self.lab.steps.len()
    }

    /// Look whether what the step waits for has happened by now.
    pub fn check(&mut self, core: &Core, now: Timestamp) {
        if self.is_done(self.at) {
            return;
        }
        let since = Since { at: self.began, now, second: self.second };
        let holds = self.step().is_some_and(|step| step.until.iter().all(|condition| condition.holds(core, since)));
        if let Some(done) = self.done.get_mut(self.at) {
            *done = holds;
        }
    }

    /// When the step may become done by nothing but time.
    pub(super) fn wakes(&self, core: &Core, now: Timestamp) -> Option<Timestamp> {
        let step = self.step().filter(|_| !self.is_done(self.at))?;
        step.until.iter().filter_map(|condition| condition.wakes(core, now)).min()
    }

    /// Go on to the next step, done or not.
    pub fn next(&mut self, now: Timestamp) {
        if !self.is_last() {
            self.at += 1;
            self.began = now;
        }
    }

    /// Go back to the step before, to read it again.
    pub fn back(&mut self, now: Timestamp) {
        self.at = self.at.saturating_sub(1);
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_a_lab_is_named_and_does_not_hang() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe.toml");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.toml"))?;
        let (labs, damaged) = of_folder(folder.path());
        assert_eq!(labs, []);
        let told: Vec<_> = damaged.iter().map(|lab| (lab.file.as_str(), lab.why.as_str())).collect();
        assert_eq!(told, [("pipe.toml", "not a file"), ("zero.toml", "not a file")]);
        Ok(())
    }

    #[test]
    fn every_lab_that_comes_with_the_program_can_be_read_and_has_its_texts_in_both_languages() {
        let (labs, damaged) = embedded();
        assert_eq!(damaged, []);
        assert!(labs.len() >= 9, "{}", labs.len());
        for lab in &labs {
            for text in lab.texts() {
                assert!(text.zh_cn.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}: {text:?}", lab.id);
                assert!(!text.en.chars().any(|c| ('\u{3000}'..='\u{303f}').contains(&c)), "{}: {text:?}", lab.id);
                assert_ne!(text.en, text.zh_cn, "{}", lab.id);
            }
        }
    }

    const LAB: &str = r#"
title = { en = "t", zh-CN = "t" }
summary = { en = "t", zh-CN = "t" }
[[step]]
text = { en = "one", zh-CN = "t" }
until = [{ server = "stopped" }, { clients = 1 }]
[[step]]
text = { en = "two", zh-CN = "t" }
until = [{ kept-waiting = 1 }]
[[step]]
text = { en = "three", zh-CN = "t" }
"#;

    #[test]
    fn the_labs_of_a_folder_are_read_in_order_and_what_is_no_lab_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let padded = |bytes: u64| format!("{LAB}#{}", " ".repeat(bytes as usize - LAB.len() - 1));
        write("2-b.TOML", LAB);
        write("1-a.toml", &padded(200_000));
        write("3-c.toml", &padded(LONGEST_FILE));
        write("10-d.toml", LAB);
        write("own.toml", LAB);
        write("z-long.toml", &padded(LONGEST_FILE + 1));
        write("y-broken.toml", "title = ");
        write("notes.txt", "title = ");
        let (labs, damaged) = of_folder(folder.path());
        assert_eq!(labs.iter().map(|lab| lab.id.as_str()).collect::<Vec<_>>(), ["1-a", "2-b", "3-c", "10-d", "own"]);
        let damaged: Vec<_> = damaged.iter().map(|lab| (lab.file.as_str(), lab.line)).collect();
        assert_eq!(damaged, [("y-broken.toml", 1), ("z-long.toml", 0)]);
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_labs_and_one_that_cannot_be_read_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_folder(&folder.path().join("none")), (vec![], vec![]));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let (labs, damaged) = of_folder(&file);
        assert_eq!((labs.len(), damaged.len()), (0, 1));
        assert_eq!((damaged[0].file.as_str(), damaged[0].line), (file.to_str().unwrap(), 0));
    }

    #[test]
    fn a_lab_is_gone_through_step_by_step_and_each_counts_from_when_it_began() {
        use crate::net::{Event, EventKind};
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut core = Core::default();
        let mut progress = Progress::new(Lab::parse("x", LAB).unwrap(), at(0));
        let shown = |progress: &Progress| progress.step().unwrap().text.en.clone();
        assert_eq!((progress.at(), shown(&progress).as_str(), progress.is_last()), (0, "one", false));
        progress.check(&core, at(1));
        assert!(!progress.is_done(0) && progress.wakes(&core, at(1)).is_none(), "nobody is connected");
        let address = |port: u16| ([127, 0, 0, 1], port).into();
        let (listener, conn) = (ListenerId(1), crate::chat::ConnId(1));
        let kind = EventKind::Accepted { listener, conn, peer: address(1), local: address(9) };
        let _ = core.apply(crate::core::Input::Net(Event { at: at(1), kind }), at(1));
        progress.check(&core, at(2));
        assert!(progress.is_done(0) && !progress.is_done(1) && !progress.is_done(9) && !progress.is_all_done());
        progress.next(at(3));
        assert_eq!((progress.at(), shown(&progress).as_str(), progress.is_last()), (1, "two", false));
        progress.next(at(4));
        assert_eq!((progress.at(), shown(&progress).as_str(), progress.is_last()), (2, "three", true));
        progress.next(at(5));
        assert_eq!((progress.at(), progress.is_done(2)), (2, false));
        progress.check(&core, at(5));
        assert!(progress.is_done(2) && !progress.is_all_done(), "it is only to be read");
        progress.back(at(6));
        assert_eq!((progress.at(), progress.is_done(0)), (1, true));
        progress.done[1] = true;
        assert!(progress.is_all_done() && progress.wakes(&core, at(6)).is_none(), "it is done");
        progress.back(at(7));
        progress.back(at(8));
        assert_eq!(progress.at(), 0);
    }
}
