//! Asking for a file by its path, where the system has no dialog for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use egui::{
    Button, Key as Pressed, Label, RichText, Ui,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::window::{
    Cx,
    file_wanted::{Exported, FileWanted, extension},
    system_dialog::Question,
    theme,
};
use crate::{history::Format, i18n::Words, wire::mark};

/// A text as (part of) the name of a file, on every system.
#[must_use]
pub fn file_name(text: &str) -> String {
    let fit = |c: char| if mark(c).is_some() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let name: String = text.chars().map(fit).take(LONGEST_NAME).collect();
    name.trim_matches(['.', ' ']).to_owned()
}

/// What is asked for in the dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// No file: close the dialog.
    Dismiss,
    /// To do with this file what it was asked for.
    Chosen(FileWanted, PathBuf),
}

/// Why the system's dialog does not ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absence {
    /// There is none.
    #[default]
    None,
    /// There is one, which did not open.
    NotShown,
    /// It is open for another file.
    Busy,
}

/// The dialog.
#[derive(Debug)]
pub struct FileDialog {
    wanted: FileWanted,
    typed: String,
    folder: PathBuf,
    problem: Option<Problem>,
    /// Why it is not the system's that asks.
    pub why: Absence,
    shown_before: bool,
}

/// Why this file is none to save in, or to open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Empty,
    NoFolder(PathBuf),
    IsFolder,
    NoFile,
    /// There is one already, which would be lost.
    Exists(PathBuf),
}

impl FileDialog {
    /// For this, beginning with that name in that folder.
    #[must_use]
    pub fn new(wanted: FileWanted, folder: PathBuf, name: &str) -> Self {
        let typed = folder.join(name).display().to_string();
        let typed = if wanted.is_saving() { typed } else { String::new() };
        Self { wanted, typed, folder, problem: None, why: Absence::default(), shown_before: false }
    }

    /// The file that is written in the field.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let typed = self.typed.trim();
        // As the file managers of Windows copy a path.
        let typed = typed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(typed);
        let home = || Some(directories::UserDirs::new()?.home_dir().to_owned());
        if let Some(rest) = typed.strip_prefix("~/")
            && let Some(home) = home()
        {
            return home.join(rest);
        }
        self.folder.join(typed)
    }

    /// What is asked for, if the user chose this file for it in the system's dialog.
    #[must_use]
    pub fn wanted_as(mut self, path: &Path) -> FileWanted {
        self.format_by_name(path);
        self.wanted
    }

    /// The same, asked of the system's dialog.
    #[must_use]
    pub fn question(&self, words: &Words) -> Question {
        let mut title = title(words, &self.wanted);
        let mut filters = Vec::new();
        if let FileWanted::Export { format, .. } = &self.wanted {
            // That dialog has no choice of a format: the ending of the name is one.
            title = fl!(words, "file-endings", title = title);
            let others = FORMATS.into_iter().filter(|other| other != format);
            let all = std::iter::once(*format).chain(others);
            filters.extend(all.map(|format| (format_text(words, format), extension(format).to_owned())));
        } else if let Some(ending) = self.wanted.extension() {
            filters.push((format!(".{ending}"), ending.to_owned()));
        }
        // macOS takes all filters for one, and knows no ending for all files.
        if !self.wanted.is_saving() && cfg!(not(target_os = "macos")) {
            filters.push((fl!(words, "file-all"), "*".to_owned()));
        }
        let name = Path::new(&self.typed).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Question {
            title,
            folder: Some(self.folder.clone()).filter(|folder| folder.is_dir()),
            save_as: self.wanted.is_saving().then_some(name),
            filters,
        }
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "file-dialog", 520.0, |ui| {
            ui.label(theme::strong(title(cx.words, &self.wanted), theme::TITLE));
            if let FileWanted::Export { format, .. } = &self.wanted {
                let name = fl!(cx.words, "file-format");
                let all = FORMATS.map(|format| (format, format_text(cx.words, format)));
                if let Some(format) = controls::segments(ui, cx.look, &name, *format, &all) {
                    self.set_format(format);
                }
            }
            controls::hint(ui, cx.look, self.explanation(cx));
            let mut action = self.field(ui, cx);
            controls::hint(
                ui,
                cx.look,
                match self.why {
                    Absence::None => fl!(cx.words, "file-no-dialog"),
                    Absence::NotShown => fl!(cx.words, "file-dialog-not-shown"),
                    Absence::Busy => fl!(cx.words, "file-dialog-busy"),
                },
            );
            if let Some(problem) = &self.problem {
                controls::wrong(ui, cx.look, problem_text(cx, problem));
            }
            ui.horizontal(|ui| {
                let done = if let Some(Problem::Exists(_)) = &self.problem {
                    let text = RichText::new(fl!(cx.words, "file-replace")).color(cx.look.bad);
                    ui.add(Button::new(text))
                } else {
                    let text = match self.wanted {
                        FileWanted::Import | FileWanted::ImportSaved | FileWanted::Send(_) => {
                            fl!(cx.words, "file-open")
                        }
                        FileWanted::Record(_) => fl!(cx.words, "file-record"),
                        _ => fl!(cx.words, "file-save"),
                    };
                    controls::primary(ui, cx.look, text)
                };
                if done.clicked() {
                    action = self.done().or(action.take());
                }
                if ui.button(fl!(cx.words, "cancel")).clicked() {
                    action = Some(Action::Dismiss);
                }
            });
            action
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }

    fn field(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        let (name, width) = (fl!(cx.words, "file-name"), ui.available_width());
        let response = field::one_line(ui, cx.words, &mut self.typed, theme::text(), name, |field| {
            let field = field.hint_text(fl!(cx.words, "file-hint"));
            field.margin(egui::Margin::symmetric(10, 7)).desired_width(width)
        });
        if !self.shown_before {
            self.shown_before = true;
            response.request_focus();
            let mut state = TextEditState::load(ui.ctx(), response.id).unwrap_or_default();
            state.cursor.set_char_range(Some(self.stem()));
            state.store(ui.ctx(), response.id);
        }
        if response.changed() {
            self.problem = None;
            self.format_by_name(&self.path());
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Pressed::Enter)) {
            // Enter never overwrites a file; the button does.
            if !matches!(self.problem, Some(Problem::Exists(_))) {
                action = self.done();
            }
            response.request_focus();
        }
        if self.typed.chars().count() > FITS {
            // The end of a long path is what tells it from others.
            ui.add(Label::new(RichText::new(&self.typed).size(theme::SMALL).color(cx.look.weak)).wrap());
        }
        action
    }

    /// What the user chose, if it can be had.
    fn done(&mut self) -> Option<Action> {
        let path = self.path();
        let known = self.problem == Some(Problem::Exists(path.clone()));
        let problem = if self.typed.trim().is_empty() { Some(Problem::Empty) } else { wrong_with(&path, &self.wanted) };
        match problem {
            None => Some(Action::Chosen(self.wanted.clone(), path)),
            Some(Problem::Exists(_)) if known => Some(Action::Chosen(self.wanted.clone(), path)),
            problem => {
                self.problem = problem;
                None
            }
        }
    }

    fn set_format(&mut self, to: Format) {
        let FileWanted::Export { format, .. } = &mut self.wanted else { return };
        let end = format!(".{}", extension(*format));
        if let Some(stem) = self.typed.strip_suffix(&end) {
            self.typed = format!("{stem}.{}", extension(to));
        }
        *format = to;
        self.problem = None;
    }

    /// The name in the field without its folder and its ending: what is changed most often.
    fn stem(&self) -> CCursorRange {
        let begin = self.typed.rfind(std::path::MAIN_SEPARATOR).map_or(0, |at| at + 1);
        let end = self.typed.rfind('.').filter(|end| *end >= begin).unwrap_or(self.typed.len());
        let place = |bytes: usize| CCursor::new(self.typed.get(..bytes).unwrap_or_default().chars().count());
        CCursorRange::two(place(begin), place(end))
    }

    /// A known ending in the typed name selects the format.
    fn format_by_name(&mut self, path: &Path) {
        let FileWanted::Export { format, .. } = &mut self.wanted else { return };
        let ending = path.extension().and_then(|ending| ending.to_str());
        if let Some(said) = FORMATS.into_iter().find(|format| Some(extension(*format)) == ending) {
            *format = said;
        }
    }

    fn explanation(&self, cx: &Cx<'_>) -> String {
        match &self.wanted {
            FileWanted::Export { format: Format::Text, .. } => fl!(cx.words, "file-text-hint"),
            FileWanted::Export { format: Format::Csv, .. } => fl!(cx.words, "file-csv-hint"),
            FileWanted::Export { format: Format::JsonLines, .. } => fl!(cx.words, "file-jsonl-hint"),
            FileWanted::Export { format: Format::RawReceived, .. } => fl!(cx.words, "file-raw-hint"),
            FileWanted::Import => fl!(cx.words, "file-import-hint"),
            FileWanted::ImportSaved => fl!(cx.words, "file-import-saved-hint"),
            FileWanted::Send(_) => fl!(cx.words, "file-send-hint"),
            FileWanted::Record(_) => fl!(cx.words, "file-record-hint"),
            FileWanted::SaveText { .. } => fl!(cx.words, "file-save-hint"),
        }
    }
}

fn title(words: &Words, wanted: &FileWanted) -> String {
    match wanted {
        FileWanted::Export { what: Exported::Conversation(_), .. } => fl!(words, "file-export-conversation"),
        FileWanted::Export { what: Exported::Found(text), .. } => {
            fl!(words, "file-export-found", text = text.as_str())
        }
        FileWanted::Export { what: Exported::All, .. } => fl!(words, "file-export-all"),
        FileWanted::Import => fl!(words, "file-import"),
        FileWanted::ImportSaved => fl!(words, "file-import-saved"),
        FileWanted::Send(_) => fl!(words, "file-send"),
        FileWanted::Record(_) => fl!(words, "file-record-title"),
        FileWanted::SaveText { name, .. } => fl!(words, "file-save-title", name = name.as_str()),
    }
}

fn format_text(words: &Words, format: Format) -> String {
    match format {
        Format::Text => fl!(words, "file-text"),
        Format::Csv => "CSV".to_owned(),
        Format::JsonLines => "JSON Lines".to_owned(),
        Format::RawReceived => fl!(words, "file-raw"),
    }
}

fn problem_text(cx: &Cx<'_>, problem: &Problem) -> String {
    match problem {
        Problem::Empty => fl!(cx.words, "file-empty"),
        Problem::NoFolder(folder) => fl!(cx.words, "file-no-folder", folder = folder.display().to_string()),
        Problem::IsFolder => fl!(cx.words, "file-is-folder"),
        Problem::NoFile => fl!(cx.words, "file-no-file"),
        Problem::Exists(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            fl!(cx.words, "file-exists", name = name)
        }
    }
}

fn wrong_with(path: &Path, wanted: &FileWanted) -> Option<Problem> {
    let there = fs::metadata(path);
    if there.as_ref().is_ok_and(fs::Metadata::is_dir) {
        return Some(Problem::IsFolder);
    }
    let folder = path.parent().unwrap_or(path);
    if !folder.is_dir() {
        return Some(Problem::NoFolder(folder.to_owned()));
    }
    match (there.is_ok(), wanted.is_saving()) {
        (true, true) => Some(Problem::Exists(path.to_owned())),
        (false, false) => Some(Problem::NoFile),
        _ => None,
    }
}

/// In their order in the dialog.
const FORMATS: [Format; 4] = [Format::Text, Format::Csv, Format::JsonLines, Format::RawReceived];

/// Characters of a suggested name.
const LONGEST_NAME: usize = 60;

/// Characters of a path that the field shows at once, about.
const FITS: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_can_be_a_file_on_every_system() {
        assert_eq!(file_name("[::1]:80 a/b\\c*?\"<>|\n"), "[--1]-80 a-b-c-------");
        assert_eq!(file_name(" ..老师. "), "老师");
        assert_eq!(file_name(&"长".repeat(100)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn a_path_is_read_as_people_type_it() {
        let mut dialog = FileDialog::new(FileWanted::Import, PathBuf::from("/folder"), "");
        for (typed, path) in [("a.txt", "/folder/a.txt"), (" /b/c ", "/b/c"), ("\"/d e/f\"", "/d e/f")] {
            dialog.typed = typed.to_owned();
            assert_eq!(dialog.path(), PathBuf::from(path), "{typed}");
        }
    }

    #[test]
    fn another_format_has_another_ending_unless_the_user_chose_one() {
        let wanted = FileWanted::Export { what: Exported::All, format: Format::Text };
        let mut dialog = FileDialog::new(wanted, PathBuf::from("/f"), "a.txt");
        dialog.set_format(Format::JsonLines);
        assert_eq!(dialog.typed, "/f/a.jsonl");
        dialog.typed = "/f/a.log".to_owned();
        dialog.set_format(Format::Csv);
        assert_eq!(dialog.typed, "/f/a.log");
        dialog.typed = "/f/b.bin".to_owned();
        dialog.format_by_name(&dialog.path());
        assert!(matches!(dialog.wanted, FileWanted::Export { format: Format::RawReceived, .. }));
    }
}
