//! Past sessions: found by peer, listed by day, and opened for reading.

use egui::{
    Align, Button, Frame, Label, Layout, Margin, Panel, Popup, RichText, ScrollArea, Sense, Ui, WidgetInfo,
    accesskit::Role,
    text::{LayoutJob, TextFormat, TextWrapping},
    vec2,
};
use egui_material_icons::icons::{ICON_ARROW_BACK, ICON_CLOSE, ICON_MORE_HORIZ};
use i18n_embed_fl::fl;

use crate::window::{
    Cx,
    file_wanted::{Exported, FileWanted},
    parts::{
        controls, field,
        transcript::{self, Transcript},
    },
    theme::{self, AVATAR, STEP},
    wording,
};
use crate::{
    chat::{Origin, RowNumber, SessionId},
    core::{Key, OpenPast, PastState, Sight},
    history::{Format, Hit, HitPlace, SessionSummary},
    wire::{mark, visible},
};

const ROW: f32 = 52.0;

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To close it.
    Close,
    /// Sessions with this in their name or address, and messages with this in their text.
    Find(String),
    /// To open a session for reading.
    Open(SessionId),
    /// To go back to the list.
    Back,
    /// To open the session of a message that was found, there.
    OpenHit(HitPlace),
    /// To remove a session for good.
    Remove(SessionId),
    /// A file to export to, or to import.
    AskFile(FileWanted),
    /// Something about the rows of the session that is open.
    Transcript(transcript::Action),
}

/// The panel of past sessions.
#[derive(Debug, Default)]
pub struct HistoryPanel {
    matching: String,
    /// Put the cursor in the search at the next draw.
    focus: bool,
    /// What was opened last, and which row of it was sought.
    shown: Option<(Key, Option<RowNumber>)>,
    transcript: Transcript,
}

impl HistoryPanel {
    /// What the list is searched for.
    #[must_use]
    pub fn matching(&self) -> &str {
        &self.matching
    }

    /// Search for this from now on.
    pub fn look_for(&mut self, text: String) {
        self.matching = text;
    }

    /// Put the cursor in the search at the next draw.
    pub fn focus_search(&mut self) {
        self.focus = true;
    }

    /// Draw it: the list, or the session that is open.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        if let Some(open) = &cx.core.past().open {
            return self.session(ui, cx, open);
        }
        self.shown = None;
        self.list(ui, cx)
    }

    /// What is in sight of the session that is open, if it was drawn since this was asked last.
    pub fn take_sight(&mut self) -> Option<Sight> {
        self.transcript.take_sight()
    }

    fn list(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        let past = cx.core.past();
        Frame::new().inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 0 }).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(fl!(cx.words, "history"), theme::TITLE));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "close-history")).clicked() {
                        action = Some(Action::Close);
                    }
                    if matches!(past.state, PastState::Open(_)) {
                        let more = controls::icon_button(ui, ICON_MORE_HORIZ, fl!(cx.words, "history-menu"));
                        Popup::menu(&more).show(|ui| action = self.menu(ui, cx).or(action.take()));
                    }
                });
            });
            ui.add_space(STEP);
            if let PastState::Waiting(why) | PastState::Unavailable(why) = &past.state {
                controls::wrong(ui, cx.look, wording::why_no_history(cx, why));
                return;
            }
            let (name, width) = (fl!(cx.words, "history-find"), ui.available_width().min(360.0));
            let response = field::one_line(ui, cx.words, &mut self.matching, theme::text(), name, |field| {
                let field = field.hint_text(fl!(cx.words, "history-find-hint"));
                field.margin(Margin::symmetric(10, 7)).desired_width(width)
            });
            if std::mem::take(&mut self.focus) {
                response.request_focus();
            }
            if response.changed() {
                action = Some(Action::Find(self.matching.clone()));
            }
            if let Some((done, of)) = past.indexing {
                let percent: u64 = done.saturating_mul(100) / of.max(1);
                controls::hint(ui, cx.look, fl!(cx.words, "history-indexing", percent = percent));
            }
            ui.add_space(STEP);
            if past.sessions.is_empty() && past.hits.is_empty() {
                let words = if self.matching.is_empty() {
                    fl!(cx.words, "history-empty")
                } else {
                    fl!(cx.words, "history-none")
                };
                controls::hint(ui, cx.look, words);
                return;
            }
            let mut area = ScrollArea::vertical().auto_shrink(false);
            if response.changed() {
                // What is found next is read from its beginning.
                area = area.vertical_scroll_offset(0.0);
            }
            area.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let mut day = None;
                for summary in &past.sessions {
                    let date = summary.session.opened.to_zoned(cx.zone.clone()).date();
                    if day != Some(date) {
                        day = Some(date);
                        ui.add_space(2.0 * STEP);
                        controls::hint(ui, cx.look, cx.day(date));
                        ui.add_space(STEP);
                    }
                    if row(ui, cx, summary) {
                        action = Some(Action::Open(summary.session.id));
                    }
                }
                if past.more {
                    controls::hint(ui, cx.look, fl!(cx.words, "history-more"));
                }
                if !self.matching.is_empty() && !past.hits.is_empty() {
                    ui.add_space(3.0 * STEP);
                    controls::hint(ui, cx.look, fl!(cx.words, "history-messages"));
                    ui.add_space(STEP);
                    for found in &past.hits {
                        if hit(ui, cx, found) {
                            action = Some(Action::OpenHit(found.place));
                        }
                    }
                    if past.more_hits {
                        controls::hint(ui, cx.look, fl!(cx.words, "history-more-hits"));
                    }
                }
            });
        });
        action
    }

    /// What can be done with all of it, or with what was found.
    fn menu(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        ui.set_min_width(210.0);
        let mut action = None;
        let export = |what| Action::AskFile(FileWanted::Export { what, format: Format::Text });
        let found = !self.matching.is_empty() && !cx.core.past().hits.is_empty();
        for (enabled, text, wanted) in [
            (found, fl!(cx.words, "history-export-found"), export(Exported::Found(self.matching.clone()))),
            (true, fl!(cx.words, "history-export-all"), export(Exported::All)),
            (true, fl!(cx.words, "history-import"), Action::AskFile(FileWanted::Import)),
        ] {
            let item = ui.add_enabled(enabled, Button::new(text).frame_when_inactive(false));
            if item.on_disabled_hover_text(fl!(cx.words, "history-export-found-first")).clicked() {
                ui.close();
                action = Some(wanted);
            }
        }
        action
    }

    fn session(&mut self, ui: &mut Ui, cx: &Cx<'_>, open: &OpenPast) -> Option<Action> {
        let mut action = None;
        Panel::top("past-head").resizable(false).frame(Frame::new().inner_margin(Margin::symmetric(16, 8))).show(
            ui,
            |ui| {
                ui.horizontal(|ui| {
                    ui.set_height(44.0);
                    if controls::icon_button(ui, ICON_ARROW_BACK, fl!(cx.words, "history-back")).clicked() {
                        action = Some(Action::Back);
                    }
                    ui.add_space(STEP);
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        if ui.button(fl!(cx.words, "export")).clicked() {
                            let what = Exported::Conversation(open.key());
                            action = Some(Action::AskFile(FileWanted::Export { what, format: Format::Text }));
                        }
                        ui.with_layout(Layout::top_down(Align::Min), |ui| {
                            ui.spacing_mut().item_spacing.y = 2.0;
                            ui.add_space(2.0);
                            let title = theme::strong(cx.title(&open.conversation), theme::TEXT + 1.0);
                            ui.add(Label::new(title).truncate().selectable(true));
                            let text = RichText::new(wording::session_facts(cx, &open.summary))
                                .size(theme::SMALL)
                                .color(cx.look.weak);
                            ui.add(Label::new(text).truncate());
                        });
                    });
                });
            },
        );
        Panel::bottom("past-foot").resizable(false).frame(Frame::new().inner_margin(Margin::symmetric(16, 8))).show(
            ui,
            |ui| {
                ui.horizontal_wrapped(|ui| {
                    if ui.button(fl!(cx.words, "history-remove")).clicked() {
                        action = Some(Action::Remove(open.summary.session.id));
                    }
                    controls::hint(ui, cx.look, fl!(cx.words, "history-read-only"));
                });
            },
        );
        egui::CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin { left: 16, right: 6, top: 0, bottom: 0 }))
            .show(ui, |ui| {
                let shown = Some((open.key(), open.sought));
                if self.shown != shown {
                    self.shown = shown;
                    self.transcript.keep_only(|key| key != open.key());
                    if let Some(row) = open.sought {
                        self.transcript.to_row(open.key(), row);
                    }
                }
                action = self
                    .transcript
                    .show(ui, cx, open.key(), &open.conversation)
                    .map(Action::Transcript)
                    .or(action.take());
            });
        action
    }
}

/// One session; whether it was clicked.
fn row(ui: &mut Ui, cx: &Cx<'_>, summary: &SessionSummary) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 8.0, ROW), Sense::click());
    let title = wording::session_title(cx, summary);
    let line = wording::session_facts(cx, summary);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title}, {line}")));
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), theme::RADIUS, cx.look.hover);
        }
        controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
        let centre = egui::pos2(rect.left() + 10.0 + AVATAR / 2.0, rect.center().y);
        let avatar = egui::Rect::from_center_size(centre, vec2(AVATAR, AVATAR));
        let letter: String = match (&summary.session.name, &summary.session.origin) {
            (Some(name), _) => name.chars().filter(|c| mark(*c).is_none()).take(1).collect(),
            (None, Origin::Everyone | Origin::Nearby) => fl!(cx.words, "everyone-avatar"),
            (None, Origin::Person(_)) => "?".to_owned(),
            (None, Origin::Accepted | Origin::Heard) => "←".to_owned(),
            (None, Origin::Outgoing { .. } | Origin::Datagrams { .. }) => "→".to_owned(),
        };
        controls::avatar(ui, avatar, cx.look.everyone, &letter);
        let left = avatar.right() + 10.0;
        let width = rect.right() - left - 8.0;
        let at = egui::pos2(left, rect.top() + 6.0);
        controls::one_line(ui, at, &title, theme::text(), cx.look.text, width);
        let at = egui::pos2(left, rect.top() + 27.0);
        controls::one_line(ui, at, &line, theme::small(), cx.look.weak, width);
    }
    response.clicked()
}

/// One message that was found, the match marked; whether it was clicked.
fn hit(ui: &mut Ui, cx: &Cx<'_>, hit: &Hit) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 8.0, ROW), Sense::click());
    let session = &hit.session;
    let who = session.name.clone().or_else(|| session.peer.map(|peer| peer.to_string()));
    let who = who.unwrap_or_else(|| fl!(cx.words, "everyone"));
    let date = cx.day(hit.place.at.to_zoned(cx.zone.clone()).date());
    let line = format!("{} · {date} {}", visible(&who, &[]), cx.time(hit.place.at));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{}, {line}", visible(&hit.excerpt, &[]))));
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), theme::RADIUS, cx.look.hover);
        }
        controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
        let at = rect.min + vec2(10.0, 6.0);
        let width = rect.width() - 20.0;
        let galley = ui.painter().layout_job(marked(cx, hit, width));
        ui.painter().galley(at, galley, cx.look.text);
        controls::one_line(ui, at + vec2(0.0, 21.0), &line, theme::small(), cx.look.weak, width);
    }
    response.clicked()
}

/// The excerpt on one line, what was looked for on the accent's tint.
fn marked(cx: &Cx<'_>, hit: &Hit, width: f32) -> LayoutJob {
    let plain = TextFormat::simple(theme::text(), cx.look.text);
    let mark = TextFormat { background: cx.look.chosen, color: cx.look.accent, ..plain.clone() };
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(width), ..LayoutJob::default() };
    let piece = |from: usize, to: usize| visible(hit.excerpt.get(from..to).unwrap_or_default(), &[]);
    job.append(if hit.cut_before { "…" } else { "" }, 0.0, plain.clone());
    let mut done = 0;
    for found in &hit.matches {
        job.append(&piece(done, found.start), 0.0, plain.clone());
        job.append(&piece(found.start, found.end), 0.0, mark.clone());
        done = found.end;
    }
    job.append(&piece(done, hit.excerpt.len()), 0.0, plain.clone());
    job.append(if hit.cut_after { "…" } else { "" }, 0.0, plain);
    job
}
