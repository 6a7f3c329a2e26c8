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
        self.good.sort_by(|a, b| a.id.cmp(&b.id));
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
}
