//! What the user is told in passing: toasts in a place of their own, and a log of what went wrong.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use egui::{Frame, Layout, Margin, Panel, RichText, ScrollArea, Stroke, Ui, vec2};
use egui_material_icons::icons::{ICON_CHECK, ICON_CLOSE, ICON_DELETE, ICON_ERROR, ICON_INFO, ICON_WARNING};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::controls;
use crate::window::{
    Cx,
    file_wanted::FileWanted,
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::Origin,
    core::{Key, Notice, NoticeKind, Task, TaskKind},
    history::TaskId,
    host::HandOut,
};

/// How long a toast stays.
pub const TOAST: Duration = Duration::from_secs(8);

/// For how long a removal can be taken back.
pub const UNDO: Duration = Duration::from_secs(10);

/// How long the word that something was copied stays.
const COPIED: Duration = Duration::from_secs(2);

/// Toasts at once; more are in the log.
const TOASTS: usize = 3;

/// What is asked for with a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAction {
    /// The conversations that were removed last.
    UndoRemove,
    /// An end to what the history is at.
    CancelTask(TaskId),
    /// No more of the notices up to this number.
    DismissNotices(u64),
    /// No more of what went well, by its place.
    DismissConfirmation(usize),
}

/// What is asked for in the log.
#[derive(Clone, Debug, PartialEq)]
pub enum LogAction {
    /// To close it.
    Close,
    /// Put this on the clipboard.
    Copy(String),
    /// A file to save in.
    AskFile(FileWanted),
}

/// The toasts.
#[derive(Debug, Default)]
pub struct Toasts {
    dismissed: u64,
    copied: Option<(String, Timestamp)>,
    removed: Option<(Removed, Timestamp)>,
    /// What went well, the latest last; at most [`TOASTS`].
    confirmed: VecDeque<(Confirmation, Timestamp)>,
}

/// What was removed, and can be had back for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// So many conversations, from the list.
    Conversations(usize),
    /// Messages, from the history.
    Messages {
        /// The history's task.
        task: TaskId,
        /// How many.
        count: u64,
    },
}

/// Something that went well and took its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Messages were written to this file.
    Exported {
        /// The file.
        path: PathBuf,
        /// How many are in it.
        messages: u64,
    },
    /// A file was taken into the history.
    Imported {
        /// Sessions that were taken in.
        sessions: u64,
        /// Messages in them.
        messages: u64,
        /// Sessions that were there already.
        known: u64,
    },
    /// Messages were removed from the history.
    Removed {
        /// How many.
        messages: u64,
        /// Whether it was since they had grown old.
        old: bool,
        /// Whether their traces in the file are still to be removed.
        traces: bool,
    },
    /// A task was given up.
    Cancelled,
    /// A text was saved in this file.
    Saved(PathBuf),
    /// What a connection received was recorded in this file.
    Recorded {
        /// The file.
        path: PathBuf,
        /// Bytes in it.
        bytes: u64,
    },
    /// Whether others can come to the server has changed.
    Reach {
        /// The address listened on.
        local: SocketAddr,
        /// What they type now.
        now: HandOut,
    },
    /// An address of the web was typed: this is what is connected to.
    OfWeb {
        /// Host and port.
        address: String,
    },
}

/// How it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Good,
    Neutral,
    Bad,
}

impl Confirmation {
    fn tone(&self) -> Tone {
        match self {
            Self::Reach { now: HandOut::Address(_), .. }
            | Self::Exported { .. }
            | Self::Imported { .. }
            | Self::Removed { .. }
            | Self::Saved(_)
            | Self::Recorded { .. } => Tone::Good,
            Self::Cancelled | Self::OfWeb { .. } => Tone::Neutral,
            Self::Reach { .. } => Tone::Bad,
        }
    }
}

impl Toasts {
    /// Say what was put on the clipboard.
    pub fn copied(&mut self, what: String) {
        self.copied = Some((what, Timestamp::now()));
    }

    /// Say what was removed, and offer to take it back.
    pub fn removed(&mut self, what: Removed) {
        self.removed = Some((what, Timestamp::now()));
    }

    /// Say what went well.
    pub fn confirm(&mut self, confirmation: Confirmation) {
        // How it was before is no news beside how it is now.
        if matches!(confirmation, Confirmation::Reach { .. }) {
            self.confirmed.retain(|(other, _)| !matches!(other, Confirmation::Reach { .. }));
        }
        if self.confirmed.len() == TOASTS {
            self.confirmed.pop_front();
        }
        self.confirmed.push_back((confirmation, Timestamp::now()));
    }

    /// The removal is taken back. What the toast offered to take back, if it still did.
    #[must_use]
    pub fn forget_removal(&mut self) -> Option<Removed> {
        self.removed.take().map(|(what, _)| what)
    }

    /// The user has seen it.
    pub fn dismiss(&mut self, action: ToastAction) {
        match action {
            ToastAction::DismissNotices(number) => self.dismissed = number,
            ToastAction::DismissConfirmation(place) => drop(self.confirmed.remove(place)),
            ToastAction::UndoRemove | ToastAction::CancelTask(_) => {}
        }
    }

    /// Forget what has been shown for long enough.
    pub fn tidy(&mut self) {
        let now = Timestamp::now();
        self.copied.take_if(|(_, at)| age(*at, now) >= COPIED);
        self.removed.take_if(|(_, at)| age(*at, now) >= UNDO);
        self.confirmed.retain(|(_, at)| age(*at, now) < TOAST);
    }

    /// Draw those that are due at the bottom of `ui`, in a place of their own: they cover nothing.
    pub fn show(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<ToastAction> {
        let now = Timestamp::now();
        let latest = cx.core.notices().iter().rev();
        let due = latest.take_while(|notice| notice.number > self.dismissed && age(notice.at, now) < TOAST);
        let due: Vec<&Notice> = due.filter(|notice| needs_toast(cx, &notice.kind)).take(TOASTS).collect();
        let tasks: Vec<&Task> = cx.core.past().tasks.iter().filter(|task| task.progress.is_some()).collect();
        let left = |at: Timestamp, limit: Duration| limit.saturating_sub(age(at, now));
        let next = (due.iter().map(|notice| left(notice.at, TOAST)))
            .chain(self.removed.iter().map(|(_, at)| left(*at, UNDO)))
            .chain(self.copied.iter().map(|(_, at)| left(*at, COPIED)))
            .chain(self.confirmed.iter().map(|(_, at)| left(*at, TOAST)))
            .min();
        // A task is drawn again when it reports its progress.
        match next {
            Some(next) => ui.ctx().request_repaint_after(next + Duration::from_millis(20)),
            None if tasks.is_empty() => return None,
            None => {}
        }
        let mut action = None;
        Panel::bottom("toasts")
            .resizable(false)
            .show_separator_line(false)
            .frame(Frame::new().inner_margin(Margin::symmetric(16, 6)))
            .show(ui, |ui| {
                let width = WIDEST.min(ui.available_width());
                ui.vertical_centered(|ui| {
                    ui.set_max_width(width);
                    ui.spacing_mut().item_spacing.y = 1.5 * STEP;
                    action = self.passing(ui, cx);
                    for task in tasks {
                        toast(ui, cx, |ui| action = under_way(ui, cx, task).or(action.take()));
                    }
                    for (place, (confirmation, _)) in self.confirmed.iter().enumerate() {
                        let mut open = true;
                        toast(ui, cx, |ui| open = confirmed(ui, cx, confirmation));
                        if !open {
                            action = Some(ToastAction::DismissConfirmation(place));
                        }
                    }
                    for notice in due.iter().rev() {
                        toast(ui, cx, |ui| action = went_wrong(ui, cx, notice).or(action.take()));
                    }
                });
            });
        action
    }

    /// What was copied, and what was removed.
    fn passing(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<ToastAction> {
        let mut action = None;
        if let Some((what, _)) = &self.copied {
            toast(ui, cx, |ui| {
                ui.horizontal(|ui| {
                    ui.label(ICON_CHECK.rich_text().color(cx.look.good).size(18.0));
                    ui.add(egui::Label::new(fl!(cx.words, "copied", text = what.as_str())).truncate());
                });
            });
        }
        if let Some((what, _)) = self.removed {
            let words = match what {
                Removed::Conversations(count) => fl!(cx.words, "removed", count = count),
                Removed::Messages { count, .. } => {
                    fl!(cx.words, "removing", count = count, seconds = UNDO.as_secs())
                }
            };
            toast(ui, cx, |ui| {
                ui.horizontal(|ui| {
                    ui.label(ICON_DELETE.rich_text().color(cx.look.weak).size(18.0));
                    ui.label(words);
                    if ui.button(fl!(cx.words, "undo")).clicked() {
                        action = Some(ToastAction::UndoRemove);
                    }
                });
            });
        }
        action
    }
}

/// Width of a toast, at most.
const WIDEST: f32 = 460.0;

fn age(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(at)).unwrap_or_default()
}

/// Whether a notice has a toast besides its line in the log: only what nothing else in sight says.
fn needs_toast(cx: &Cx<'_>, kind: &NoticeKind) -> bool {
    let NoticeKind::Net { conn, error } = kind else { return true };
    let Some(conn) = *conn else {
        // The server's card says why it does not listen.
        return !cx.listing || cx.core.server().failure.as_ref() != Some(error);
    };
    match cx.core.conversation(Key::Conn(conn)) {
        // Its row in the list says that it has ended, and its transcript why. Who has asked for a connection and looks at
        // another waits for it.
        Some(ended) if ended.state.is_over() => cx.selected != Key::Conn(conn) && ended.origin != Origin::Accepted,
        _ => true,
    }
}

/// What did not go well.
fn went_wrong(ui: &mut Ui, cx: &Cx<'_>, notice: &Notice) -> Option<ToastAction> {
    let mut action = None;
    let explanation = wording::words_of(cx, &notice.kind);
    ui.horizontal_top(|ui| {
        ui.label(ICON_ERROR.rich_text().color(cx.look.bad).size(18.0));
        let width = ui.available_width() - 36.0;
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.label(&explanation.what);
            if !explanation.todo.is_empty() {
                controls::hint(ui, cx.look, &explanation.todo);
            }
        });
        if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "dismiss")).clicked() {
            action = Some(ToastAction::DismissNotices(notice.number));
        }
    });
    action
}

fn toast(ui: &mut Ui, cx: &Cx<'_>, add: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(cx.look.raised)
        .stroke(Stroke::new(1.0, cx.look.line))
        .corner_radius(12)
        .inner_margin(Margin::symmetric(14, 8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = STEP * 0.5;
            add(ui);
        });
}

/// How far a task is, and a button to give it up.
fn under_way(ui: &mut Ui, cx: &Cx<'_>, task: &Task) -> Option<ToastAction> {
    let (done, of) = task.progress.unwrap_or_default();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (what, unit) = match &task.kind {
        TaskKind::Export(path) => (fl!(cx.words, "task-export", name = name(path)), 1),
        TaskKind::Import(path) => (fl!(cx.words, "task-import", name = name(path)), 1024),
        TaskKind::Remove { .. } => (fl!(cx.words, "task-remove"), 1),
        TaskKind::RemoveOld => (fl!(cx.words, "task-remove-old"), 1),
    };
    let far = match (of, unit) {
        (Some(of), 1) => fl!(cx.words, "task-messages-of", done = done, of = of),
        (None, 1) => fl!(cx.words, "task-messages", done = done),
        (of, unit) => {
            let (done, of) = (done / unit, of.unwrap_or(done).div_ceil(unit));
            fl!(cx.words, "task-kib-of", done = done, of = of)
        }
    };
    let mut action = None;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let cancelled = task.cancel.is_cancelled();
            if ui.add_enabled(!cancelled, egui::Button::new(fl!(cx.words, "cancel"))).clicked() {
                action = Some(ToastAction::CancelTask(task.id));
            }
            ui.vertical(|ui| {
                ui.add(egui::Label::new(what).truncate());
                controls::hint(ui, cx.look, far);
            });
        });
    });
    if let Some(of) = of.filter(|of| *of > 0) {
        let part = (done as f32 / of as f32).clamp(0.0, 1.0);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), STEP), egui::Sense::hover());
        ui.painter().rect_filled(rect, 2.0, cx.look.line);
        let full = egui::Rect::from_min_size(rect.min, vec2(rect.width() * part, rect.height()));
        ui.painter().rect_filled(full, 2.0, cx.look.accent);
    }
    action
}

/// What went well, or what is to be known; whether it stays in sight.
fn confirmed(ui: &mut Ui, cx: &Cx<'_>, confirmation: &Confirmation) -> bool {
    let mut open = true;
    let (icon, colour) = match confirmation.tone() {
        Tone::Good => (ICON_CHECK, cx.look.good),
        Tone::Neutral => (ICON_INFO, cx.look.weak),
        Tone::Bad => (ICON_WARNING, cx.look.wait),
    };
    ui.horizontal_top(|ui| {
        ui.label(icon.rich_text().color(colour).size(18.0));
        let width = ui.available_width() - 36.0;
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.add(egui::Label::new(confirmation_words(cx, confirmation)).wrap());
        });
        if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "dismiss")).clicked() {
            open = false;
        }
    });
    open
}

fn confirmation_words(cx: &Cx<'_>, confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::Exported { path, messages } => {
            let (path, count) = (path.display().to_string(), *messages);
            fl!(cx.words, "told-exported", count = count, path = path)
        }
        Confirmation::Imported { sessions, messages, known } => {
            let (sessions, known, count) = (*sessions, *known, *messages);
            let words = fl!(cx.words, "told-imported", count = count, sessions = sessions);
            if known == 0 { words } else { words + &fl!(cx.words, "told-known", known = known) }
        }
        Confirmation::Removed { messages, old, traces } => {
            let count = *messages;
            let words = if *old {
                fl!(cx.words, "told-removed-old", count = count)
            } else {
                fl!(cx.words, "told-removed", count = count)
            };
            if *traces { words + &fl!(cx.words, "told-traces") } else { words }
        }
        Confirmation::Cancelled => fl!(cx.words, "told-cancelled"),
        Confirmation::Saved(path) => fl!(cx.words, "told-saved", path = path.display().to_string()),
        Confirmation::Recorded { path, bytes } => {
            let (path, count) = (path.display().to_string(), *bytes);
            fl!(cx.words, "told-recorded", count = count, path = path)
        }
        Confirmation::Reach { local, now: HandOut::Address(ip) } => {
            fl!(cx.words, "told-reach-again", address = SocketAddr::new(*ip, local.port()).to_string())
        }
        Confirmation::Reach { local, now } => wording::reach_by(cx, local.ip(), now.clone()),
        Confirmation::OfWeb { address } => fl!(cx.words, "address-of-web", address = address.as_str()),
    }
}

/// The log of notices.
#[must_use]
pub fn log(ui: &Ui, cx: &Cx<'_>) -> Option<LogAction> {
    let mut action = None;
    let screen = ui.ctx().content_rect();
    let response = controls::dialog(ui, "notices", 620.0, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(fl!(cx.words, "notices"), theme::TITLE));
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "dismiss")).clicked() {
                    action = Some(LogAction::Close);
                }
                let any = !cx.core.notices().is_empty();
                if any && ui.button(fl!(cx.words, "copy-all")).clicked() {
                    action = Some(LogAction::Copy(as_text(cx)));
                }
                if any && ui.button(fl!(cx.words, "save-all")).clicked() {
                    let name = format!("{}.txt", fl!(cx.words, "notices"));
                    action = Some(LogAction::AskFile(FileWanted::SaveText { name, text: as_text(cx) }));
                }
            });
        });
        ui.add_space(STEP);
        if cx.core.notices().is_empty() {
            controls::empty(ui, cx.look, ICON_CHECK, fl!(cx.words, "no-notices"));
        }
        let height = (screen.height() - 200.0).max(80.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                for notice in cx.core.notices().iter().rev() {
                    let explanation = wording::words_of(cx, &notice.kind);
                    ui.horizontal_top(|ui| {
                        controls::hint(ui, cx.look, cx.time(notice.at));
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 2.0;
                            ui.add(egui::Label::new(&explanation.what).wrap().selectable(true));
                            if !explanation.todo.is_empty() {
                                let todo = RichText::new(&explanation.todo).size(theme::SMALL).color(cx.look.weak);
                                ui.add(egui::Label::new(todo).wrap().selectable(true));
                            }
                        });
                    });
                    ui.add_space(STEP);
                }
            },
        );
    });
    if response.should_close() { Some(LogAction::Close) } else { action }
}

fn as_text(cx: &Cx<'_>) -> String {
    let mut text = String::new();
    for notice in cx.core.notices() {
        let explanation = wording::words_of(cx, &notice.kind);
        text.extend([cx.time(notice.at).as_str(), " ", &explanation.what]);
        if !explanation.todo.is_empty() {
            text.extend([" – ", &explanation.todo]);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_news_has_no_tick() {
        let reach = |now| Confirmation::Reach { local: ([0, 0, 0, 0], 8888).into(), now }.tone();
        for bad in [HandOut::NoNetwork, HandOut::Cut("eth0".to_owned())] {
            assert_eq!(reach(bad), Tone::Bad);
        }
        assert_eq!(reach(HandOut::Address([192, 168, 1, 20].into())), Tone::Good);
        assert_eq!(Confirmation::Cancelled.tone(), Tone::Neutral);
    }
}
