//! What went wrong: toasts in the corner, and a log of them.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use egui::{Align2, Area, Frame, Id, Layout, Margin, Order, RichText, ScrollArea, Stroke, Ui, vec2};
use egui_material_icons::icons::{ICON_CHECK, ICON_CLOSE, ICON_DELETE, ICON_ERROR};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::controls;
use crate::window::{
    Cx,
    file_wanted::FileWanted,
    grouped,
    theme::{self, STEP},
    wording,
};
use crate::{
    core::{Notice, Task, TaskKind},
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

    /// Draw those that are due.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<ToastAction> {
        let now = Timestamp::now();
        let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
        let due: Vec<&Notice> = cx
            .core
            .notices()
            .iter()
            .rev()
            .take_while(|notice| notice.number > self.dismissed && age(notice.at) < TOAST)
            .take(TOASTS)
            .collect();
        if self.copied.as_ref().is_some_and(|(_, at)| age(*at) >= COPIED) {
            self.copied = None;
        }
        if self.removed.is_some_and(|(_, at)| age(at) >= UNDO) {
            self.removed = None;
        }
        self.confirmed.retain(|(_, at)| age(*at) < TOAST);
        let tasks: Vec<&Task> = cx.core.past().tasks.iter().filter(|task| task.progress.is_some()).collect();
        if due.is_empty()
            && self.copied.is_none()
            && self.removed.is_none()
            && self.confirmed.is_empty()
            && tasks.is_empty()
        {
            return None;
        }
        let next = due.iter().map(|notice| TOAST.saturating_sub(age(notice.at)));
        let next = next.chain(self.removed.iter().map(|(_, at)| UNDO.saturating_sub(age(*at))));
        let next = next.chain(self.copied.iter().map(|(_, at)| COPIED.saturating_sub(age(*at)))).min();
        let next = next.into_iter().chain(self.confirmed.iter().map(|(_, at)| TOAST.saturating_sub(age(*at)))).min();
        // A task is drawn again when it reports its progress.
        if let Some(next) = next {
            ui.ctx().request_repaint_after(next + Duration::from_millis(20));
        }

        let mut action = None;
        Area::new(Id::unique("toasts"))
            .anchor(Align2::CENTER_TOP, vec2(0.0, 64.0))
            .order(Order::Foreground)
            .fade_in(false)
            .show(ui.ctx(), |ui| {
                ui.set_max_width(420.0_f32.min(ui.ctx().content_rect().width() - 32.0));
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
                            fl!(cx.words, "removing", count = count, shown = grouped(count), seconds = UNDO.as_secs())
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
                for task in tasks {
                    toast(ui, cx, |ui| action = under_way(ui, cx, task).or(action.take()));
                }
                self.confirmed.retain(|(confirmation, _)| {
                    let mut open = true;
                    toast(ui, cx, |ui| open = went_well(ui, cx, confirmation));
                    open
                });
                for notice in due.iter().rev() {
                    let explanation = wording::words_of(cx, &notice.kind);
                    toast(ui, cx, |ui| {
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
                            let close = fl!(cx.words, "dismiss");
                            if controls::quiet_icon(ui, cx.look, ICON_CLOSE, close).clicked() {
                                self.dismissed = notice.number;
                            }
                        });
                    });
                }
            });
        action
    }
}

fn toast(ui: &mut Ui, cx: &Cx<'_>, add: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(cx.look.raised)
        .stroke(Stroke::new(1.0, cx.look.line))
        .corner_radius(12)
        .inner_margin(Margin::symmetric(14, 10))
        .shadow(ui.visuals().popup_shadow)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = STEP * 0.5;
            add(ui);
        });
}

/// How far a task is, and a button to give it up.
fn under_way(ui: &mut Ui, cx: &Cx<'_>, task: &Task) -> Option<ToastAction> {
    let (done, of) = task.progress.unwrap_or_default();
    let shown = |number: u64| grouped(number);
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (what, unit) = match &task.kind {
        TaskKind::Export(path) => (fl!(cx.words, "task-export", name = name(path)), 1),
        TaskKind::Import(path) => (fl!(cx.words, "task-import", name = name(path)), 1024),
        TaskKind::Remove { .. } => (fl!(cx.words, "task-remove"), 1),
        TaskKind::RemoveOld => (fl!(cx.words, "task-remove-old"), 1),
    };
    let far = match (of, unit) {
        (Some(of), 1) => fl!(cx.words, "task-messages-of", done = shown(done), of = shown(of)),
        (None, 1) => fl!(cx.words, "task-messages", done = shown(done)),
        (of, unit) => {
            let of = of.unwrap_or(done).div_ceil(unit);
            fl!(cx.words, "task-kib-of", done = shown(done / unit), of = shown(of))
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

/// What went well; whether it stays in sight.
fn went_well(ui: &mut Ui, cx: &Cx<'_>, confirmation: &Confirmation) -> bool {
    let mut open = true;
    ui.horizontal_top(|ui| {
        ui.label(ICON_CHECK.rich_text().color(cx.look.good).size(18.0));
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
            let (path, count, shown) = (path.display().to_string(), *messages, grouped(*messages));
            fl!(cx.words, "told-exported", count = count, shown = shown, path = path)
        }
        Confirmation::Imported { sessions, messages, known } => {
            let (sessions, known) = (*sessions, *known);
            let (count, shown) = (*messages, grouped(*messages));
            let words = fl!(cx.words, "told-imported", count = count, shown = shown, sessions = sessions);
            if known == 0 { words } else { format!("{words} {}", fl!(cx.words, "told-known", known = known)) }
        }
        Confirmation::Removed { messages, old, traces } => {
            let (count, shown) = (*messages, grouped(*messages));
            let words = if *old {
                fl!(cx.words, "told-removed-old", count = count, shown = shown)
            } else {
                fl!(cx.words, "told-removed", count = count, shown = shown)
            };
            if *traces { format!("{words} {}", fl!(cx.words, "told-traces")) } else { words }
        }
        Confirmation::Cancelled => fl!(cx.words, "told-cancelled"),
        Confirmation::Saved(path) => fl!(cx.words, "told-saved", path = path.display().to_string()),
        Confirmation::Recorded { path, bytes } => {
            let (path, count, shown) = (path.display().to_string(), *bytes, grouped(*bytes));
            fl!(cx.words, "told-recorded", count = count, shown = shown, path = path)
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
            controls::hint(ui, cx.look, fl!(cx.words, "no-notices"));
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
