//! Asking for a file: where to save, or what to open.

use std::{
    fs,
    path::{Path, PathBuf},
};

use egui::{
    Button, Key as Pressed, Label, RichText, TextEdit, Ui,
    text::{CCursor, CCursorRange},
    text_edit::TextEditState,
};
use i18n_embed_fl::fl;

use super::controls;
use crate::window::{
    Cx,
    file_wanted::{Exported, FileWanted, extension},
    theme,
};
use crate::{history::Format, i18n::Words};

/// A text as (part of) the name of a file, on every system.
#[must_use]
pub fn file_name(text: &str) -> String {
    let fit = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let name: String = text.chars().map(fit).take(LONGEST_NAME).collect();
    name.trim_matches(['.', ' ']).to_owned()
}

/// What is asked for in the dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The system's own dialog.
    Browse,
    /// No file: close the dialog.
    Dismiss,
    /// To do with this file what it was asked for.
    Chosen(FileWanted, PathBuf),
}

/// The dialog.
#[derive(Debug)]
pub struct FileDialog {
    wanted: FileWanted,
    typed: String,
    folder: PathBuf,
    problem: Option<Problem>,
    /// The user knows that there is such a file.
    known: Option<PathBuf>,
    /// The system's own dialog is open.
    pub browsing: bool,
    /// The system has no such dialog to show.
    pub no_browser: bool,
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
        Self {
            wanted,
            typed,
            folder,
            problem: None,
            known: None,
            browsing: false,
            no_browser: false,
            shown_before: false,
        }
    }

    /// What it asks a file for.
    #[must_use]
    pub fn wanted(&self) -> &FileWanted {
        &self.wanted
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

    /// The user chose this file in the system's dialog, which has asked whether to replace it.
    pub fn browsed(&mut self, path: PathBuf) {
        self.typed = path.display().to_string();
        self.format_by_name();
        self.problem = None;
        self.known = Some(path);
    }

    /// What it is called, for the system's dialog too.
    #[must_use]
    pub fn title(&self, words: &Words) -> String {
        title(words, &self.wanted)
    }

    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "file-dialog", 520.0, |ui| {
            ui.label(theme::strong(self.title(cx.words), theme::TITLE));
            if let FileWanted::Export { format, .. } = &self.wanted {
                let name = fl!(cx.words, "file-format");
                let all = FORMATS.map(|format| (format, format_text(cx, format)));
                if let Some(format) = controls::segments(ui, cx.look, &name, *format, &all) {
                    self.set_format(format);
                }
            }
            controls::hint(ui, cx.look, self.explanation(cx));
            let mut action = self.field(ui, cx);
            if let Some(problem) = &self.problem {
                controls::wrong(ui, cx.look, problem_text(cx, problem));
            }
            if self.no_browser {
                controls::hint(ui, cx.look, fl!(cx.words, "file-no-browser"));
            }
            ui.horizontal(|ui| {
                let done = if let Some(Problem::Exists(_)) = &self.problem {
                    let text = RichText::new(fl!(cx.words, "file-replace")).color(cx.look.bad);
                    ui.add(Button::new(text))
                } else {
                    let text = match self.wanted {
                        FileWanted::Import => fl!(cx.words, "file-open"),
                        FileWanted::Record(_) => fl!(cx.words, "file-record"),
                        _ => fl!(cx.words, "file-save"),
                    };
                    controls::primary_enabled(ui, cx.look, !self.browsing, text)
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
        ui.horizontal(|ui| {
            let browse = fl!(cx.words, "file-browse");
            let beside = ui.painter().layout_no_wrap(browse.clone(), theme::text(), cx.look.text).size().x + 40.0;
            let field = TextEdit::singleline(&mut self.typed)
                .hint_text(fl!(cx.words, "file-hint"))
                .margin(egui::Margin::symmetric(10, 7))
                .desired_width((ui.available_width() - beside).max(80.0));
            let response = ui.add(field).accessible_name(fl!(cx.words, "file-name"));
            if !self.shown_before {
                self.shown_before = true;
                response.request_focus();
                let mut state = TextEditState::load(ui.ctx(), response.id).unwrap_or_default();
                state.cursor.set_char_range(Some(self.stem()));
                state.store(ui.ctx(), response.id);
            }
            if response.changed() {
                self.problem = None;
                self.format_by_name();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Pressed::Enter));
            if entered && !self.browsing {
                // Enter never overwrites a file; the button does.
                if !matches!(self.problem, Some(Problem::Exists(_))) {
                    action = self.done();
                }
                response.request_focus();
            }
            if ui.add_enabled(!self.browsing, Button::new(browse)).clicked() {
                action = Some(Action::Browse);
            }
        });
        if self.typed.chars().count() > FITS {
            // The end of a long path is what tells it from others.
            ui.add(Label::new(RichText::new(&self.typed).size(theme::SMALL).color(cx.look.weak)).wrap());
        }
        action
    }

    /// What the user chose, if it can be had.
    fn done(&mut self) -> Option<Action> {
        let path = self.path();
        let known = self.known.as_ref() == Some(&path) || self.problem == Some(Problem::Exists(path.clone()));
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
    fn format_by_name(&mut self) {
        let path = self.path();
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
        FileWanted::Record(_) => fl!(words, "file-record-title"),
        FileWanted::SaveText { name, .. } => fl!(words, "file-save-title", name = name.as_str()),
    }
}

fn format_text(cx: &Cx<'_>, format: Format) -> String {
    match format {
        Format::Text => fl!(cx.words, "file-text"),
        Format::Csv => "CSV".to_owned(),
        Format::JsonLines => "JSON Lines".to_owned(),
        Format::RawReceived => fl!(cx.words, "file-raw"),
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
        dialog.format_by_name();
        assert!(matches!(dialog.wanted, FileWanted::Export { format: Format::RawReceived, .. }));
    }
}
