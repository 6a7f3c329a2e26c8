//! What went wrong: toasts in the corner, and a log of them.

use std::time::Duration;

use egui::{Align2, Area, Frame, Id, Layout, Margin, Order, RichText, ScrollArea, Stroke, Ui, vec2};
use egui_material_icons::icons::{ICON_CHECK, ICON_CLOSE, ICON_DELETE, ICON_ERROR};
use i18n_embed_fl::fl;
use jiff::Timestamp;

use super::{
    Action, Cx, controls, history,
    theme::{self, STEP},
};
use crate::{
    explain::{self, Explanation},
    model::{Key, Notice, NoticeKind},
    store::history::Trouble,
};

/// How long a toast stays.
pub const TOAST: Duration = Duration::from_secs(8);

/// How long a word of confirmation stays.
const CONFIRMATION: Duration = Duration::from_secs(2);

/// Toasts at once; more are in the log.
const TOASTS: usize = 3;

/// The toasts.
#[derive(Debug, Default)]
pub struct Toasts {
    dismissed: u64,
    copied: Option<(String, Timestamp)>,
    removed: Option<(usize, Timestamp)>,
}

impl Toasts {
    /// Say what was put on the clipboard.
    pub fn copied(&mut self, what: String) {
        self.copied = Some((what, Timestamp::now()));
    }

    /// Say how many conversations were removed, and offer to take it back.
    pub fn removed(&mut self, count: usize) {
        self.removed = (count > 0).then(|| (count, Timestamp::now()));
    }

    /// The removal was taken back.
    pub fn forget_removal(&mut self) {
        self.removed = None;
    }

    /// Draw those that are due.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let now = Timestamp::now();
        let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
        let due: Vec<&Notice> = cx
            .model
            .notices()
            .iter()
            .rev()
            .take_while(|notice| notice.number > self.dismissed && age(notice.at) < TOAST)
            .take(TOASTS)
            .collect();
        if self.copied.as_ref().is_some_and(|(_, at)| age(*at) >= CONFIRMATION) {
            self.copied = None;
        }
        if self.removed.is_some_and(|(_, at)| age(at) >= TOAST) {
            self.removed = None;
        }
        if due.is_empty() && self.copied.is_none() && self.removed.is_none() {
            return None;
        }
        let next = due.iter().map(|notice| TOAST.saturating_sub(age(notice.at)));
        let next = next.chain(self.removed.iter().map(|(_, at)| TOAST.saturating_sub(age(*at))));
        let next = next.chain(self.copied.iter().map(|(_, at)| CONFIRMATION.saturating_sub(age(*at)))).min();
        ui.ctx().request_repaint_after(next.unwrap_or_default() + Duration::from_millis(20));

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
                if let Some((count, _)) = self.removed {
                    toast(ui, cx, |ui| {
                        ui.horizontal(|ui| {
                            ui.label(ICON_DELETE.rich_text().color(cx.look.weak).size(18.0));
                            ui.label(fl!(cx.words, "removed", count = count));
                            if ui.button(fl!(cx.words, "undo")).clicked() {
                                action = Some(Action::UndoRemove);
                            }
                        });
                    });
                }
                for notice in due.iter().rev() {
                    let explanation = words_of(cx, &notice.kind);
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

/// The log of notices.
pub fn log(ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    let screen = ui.ctx().content_rect();
    let response = controls::dialog(ui, "notices", 620.0, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(fl!(cx.words, "notices"), theme::TITLE));
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "dismiss")).clicked() {
                    action = Some(Action::ToggleNotices);
                }
                let any = !cx.model.notices().is_empty();
                if any && ui.button(fl!(cx.words, "copy-all")).clicked() {
                    action = Some(Action::Copy(as_text(cx)));
                }
            });
        });
        ui.add_space(STEP);
        if cx.model.notices().is_empty() {
            controls::hint(ui, cx.look, fl!(cx.words, "no-notices"));
        }
        let height = (screen.height() - 200.0).max(80.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                for notice in cx.model.notices().iter().rev() {
                    let explanation = words_of(cx, &notice.kind);
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
    if response.should_close() { Some(Action::ToggleNotices) } else { action }
}

fn as_text(cx: &Cx<'_>) -> String {
    let mut text = String::new();
    for notice in cx.model.notices() {
        let explanation = words_of(cx, &notice.kind);
        text.extend([cx.time(notice.at).as_str(), " ", &explanation.what]);
        if !explanation.todo.is_empty() {
            text.extend([" – ", &explanation.todo]);
        }
        text.push('\n');
    }
    text
}

/// What happened and what to do about it.
fn words_of(cx: &Cx<'_>, kind: &NoticeKind) -> Explanation {
    let alone = |what: String| Explanation { what, todo: String::new() };
    match kind {
        NoticeKind::Net { conn, error } => {
            let mut explanation = explain::explain(cx.words, error, cx.facts);
            let conversation = conn.and_then(|conn| cx.model.conversation(Key::Conn(conn)));
            if let Some(name) = conversation.and_then(|conversation| conversation.name.as_ref()) {
                explanation.what = format!("{name}: {}", explanation.what);
            }
            explanation
        }
        NoticeKind::SettingsDamaged(damaged) => Explanation {
            what: fl!(cx.words, "settings-damaged", why = damaged.why.as_str()),
            todo: match &damaged.set_aside {
                Some(path) => fl!(cx.words, "settings-set-aside", path = path.display().to_string()),
                None => fl!(cx.words, "settings-not-set-aside"),
            },
        },
        NoticeKind::NoFolder => {
            Explanation { what: fl!(cx.words, "no-folder"), todo: fl!(cx.words, "settings-not-saved-todo") }
        }
        NoticeKind::SettingsNotSaved { path, why } => Explanation {
            what: fl!(cx.words, "settings-not-saved", path = path.display().to_string(), why = why.as_str()),
            todo: fl!(cx.words, "settings-not-saved-todo"),
        },
        NoticeKind::Unmappable { character, encoding } => alone(fl!(
            cx.words,
            "unmappable-sent",
            character = character.to_string(),
            encoding = (*encoding).to_owned()
        )),
        NoticeKind::FrameLog { path, why } => {
            alone(fl!(cx.words, "frame-log-failed", path = path.display().to_string(), why = why.as_str()))
        }
        NoticeKind::NoHistory { path, why } => Explanation {
            what: history::why_not(cx, why),
            todo: fl!(cx.words, "no-history-todo", path = path.display().to_string()),
        },
        NoticeKind::HistoryTaskFailed { why } => alone(fl!(cx.words, "history-task-failed", why = why.as_str())),
        NoticeKind::History(trouble) => trouble_words(cx, trouble),
        NoticeKind::LabDamaged { file, line, why } => {
            let line = *line;
            Explanation {
                what: fl!(cx.words, "lab-damaged", file = file.as_str(), line = line, why = why.as_str()),
                todo: fl!(cx.words, "lab-damaged-todo"),
            }
        }
        NoticeKind::ClosedLetGo => alone(fl!(cx.words, "closed-let-go")),
    }
}

fn trouble_words(cx: &Cx<'_>, trouble: &Trouble) -> Explanation {
    let alone = |what: String| Explanation { what, todo: String::new() };
    match trouble.clone() {
        Trouble::SetAside { why, to } => Explanation {
            what: fl!(cx.words, "history-damaged", why = why),
            todo: fl!(cx.words, "history-set-aside", path = to.display().to_string()),
        },
        Trouble::NotWritten { path, full: true, .. } => Explanation {
            what: fl!(cx.words, "history-disk-full", path = path.display().to_string()),
            todo: fl!(cx.words, "history-retried"),
        },
        Trouble::NotWritten { path, why, full: false } => Explanation {
            what: fl!(cx.words, "history-not-written", path = path.display().to_string(), why = why),
            todo: fl!(cx.words, "history-retried"),
        },
        Trouble::WrittenAgain { given_up: 0 } => alone(fl!(cx.words, "history-written-again")),
        Trouble::WrittenAgain { given_up } => alone(fl!(cx.words, "history-given-up", count = given_up)),
        Trouble::NotRead { path, why } => {
            alone(fl!(cx.words, "history-not-read", path = path.display().to_string(), why = why))
        }
        Trouble::Refused { rows } => alone(fl!(cx.words, "history-refused", count = rows)),
    }
}
