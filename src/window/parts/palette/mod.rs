//! The palette: everything that can be done or opened, found by typing a part of its name.

mod entries;

use egui::{
    Align, Align2, Event, Frame, Id, Key as Button, Layout, Margin, Modal, Modifiers, Rect, Response, RichText,
    ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    accesskit::Role,
    pos2,
    style::ScrollAnimation,
    text::{LayoutJob, TextFormat, TextWrapping},
    vec2,
};
use entries::{Entry, Names, address, address_text, offered};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::{
    chat::{SessionId, address::PeerAddress},
    core::Key,
    history::HitPlace,
    window::{
        Cx,
        command::Intent,
        fonts, input_method,
        theme::{self, STEP},
        wording,
    },
};

/// Its width, in points, where there is room.
const WIDTH: f32 = 600.0;

/// How far it is below the top of the window, in points, where there is room.
const TOP: f32 = 96.0;

/// Height of a row, in points.
const ROW: f32 = 36.0;

/// Height of the field and the line at the foot, with what is around them, in points.
const AROUND: f32 = 132.0;

/// The most of a row that what is said at its end takes.
const BESIDE: f32 = 0.4;

/// What is chosen, or asked for while typing.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To close it.
    Close,
    /// Past sessions and messages with this text.
    Find(String),
    /// What a command does.
    Run(Intent),
    /// A connection to this address.
    Connect(PeerAddress),
    /// A lab, by its id.
    StartLab(String),
    /// The settings, at the row of this name.
    ShowSetting(String),
    /// What this error means.
    Explain(String),
    /// A conversation.
    Select(Key),
    /// A past session.
    OpenPast(SessionId),
    /// A message, where it is.
    OpenHit(HitPlace),
}

/// The palette.
#[derive(Debug, Default)]
pub struct Palette {
    typed: String,
    /// A text of several lines that was pasted, and what stood in the field then: it has one line.
    pasted: Option<(String, String)>,
    selected: usize,
    names: Names,
    /// An input method is composing in the field.
    composing: bool,
}

/// Its field; also before it is drawn, so that what is typed behind the shortcut is typed here.
#[must_use]
pub fn field_id() -> Id {
    Id::unique("palette-field")
}

impl Palette {
    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let room = ui.ctx().content_rect();
        let top = TOP.min(room.height() * 0.1);
        let id = Id::unique("palette");
        let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, top));
        let frame = Frame::popup(ui.style()).inner_margin(Margin::ZERO).corner_radius(12);
        let response = Modal::new(id).area(area).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(room.width() - 48.0));
            ui.spacing_mut().item_spacing.y = 0.0;
            self.content(ui, cx, (room.height() - 2.0 * top - AROUND).max(2.0 * ROW))
        });
        if response.should_close() { Some(Action::Close) } else { response.inner }
    }

    fn content(&mut self, ui: &mut Ui, cx: &Cx<'_>, height: f32) -> Option<Action> {
        let id = field_id();
        if ui.memory(|memory| memory.focused().is_none()) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        self.composing &= ui.memory(|memory| memory.has_focus(id));
        let enter = input_method::enter_pressed(ui, &mut self.composing);
        let moved = if self.composing { 0 } else { moved(ui) };
        let pasted = pasted_lines(ui);
        let typed = self.field(ui, cx, id);
        if typed {
            self.selected = 0;
            self.pasted = pasted.map(|text| (text, self.typed.clone())).or(self.pasted.take());
        }
        let line = |ui: &Ui| {
            let y = ui.cursor().top();
            ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, cx.look.line));
        };
        line(ui);
        let whole = match &self.pasted {
            Some((text, typed)) if *typed == self.typed => text,
            _ => &self.typed,
        };
        let entries = offered(cx, (self.typed.as_str(), whole.as_str()), &mut self.names, |keys| {
            wording::keys_text(ui.ctx(), cx.words, keys)
        });
        let last = entries.len().saturating_sub(1);
        self.selected = self.selected.min(last).saturating_add_signed(moved).min(last);
        let clicked = self.list(ui, cx, &entries, height, moved != 0 || typed);
        line(ui);
        self.foot(ui, cx);
        let chosen = clicked.or(if enter { entries.get(self.selected) } else { None });
        match chosen {
            Some(entry) => Some(entry.action.clone()),
            None => typed.then(|| Action::Find(self.typed.clone())),
        }
    }

    /// Whether something was typed.
    fn field(&mut self, ui: &mut Ui, cx: &Cx<'_>, id: Id) -> bool {
        let (name, font) = (fl!(cx.words, "palette"), egui::FontId::proportional(theme::TEXT + 2.0));
        let response = field::one_line_with_id(ui, cx.words, id, &mut self.typed, font, name, |field| {
            let field = field.frame(Frame::new().inner_margin(Margin::symmetric(16, 12)));
            field.hint_text(fl!(cx.words, "palette-hint")).desired_width(f32::INFINITY)
        });
        let option = row_id(self.selected).accesskit_id();
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_active_descendant(option));
        response.changed()
    }

    /// The sections and their rows; what was clicked.
    fn list<'e>(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        entries: &'e [Entry],
        height: f32,
        follow: bool,
    ) -> Option<&'e Entry> {
        let mut clicked = None;
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            if entries.is_empty() {
                Frame::new().inner_margin(Margin::symmetric(16, 16)).show(ui, |ui| {
                    controls::hint(ui, cx.look, fl!(cx.words, "palette-nothing"));
                });
            }
            let mut section = None;
            for (place, entry) in entries.iter().enumerate() {
                if section != Some(entry.section) {
                    section = Some(entry.section);
                    Frame::new().inner_margin(Margin { left: 16, right: 16, top: 10, bottom: 2 }).show(ui, |ui| {
                        controls::hint(ui, cx.look, entry.section.name(cx));
                    });
                }
                let selected = place == self.selected;
                let response = row(ui, cx, place, entry, selected);
                if selected && follow {
                    ui.scroll_to_rect_animation(response.rect, None, ScrollAnimation::none());
                }
                if response.clicked() {
                    clicked = Some(entry);
                }
            }
            ui.add_space(STEP);
        });
        clicked
    }

    fn foot(&self, ui: &mut Ui, cx: &Cx<'_>) {
        Frame::new().inner_margin(Margin::symmetric(16, 8)).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 3.0 * STEP;
                for words in
                    [fl!(cx.words, "palette-choose"), fl!(cx.words, "palette-do"), fl!(cx.words, "palette-close")]
                {
                    controls::hint(ui, cx.look, words);
                }
                if let Some(peer) = address(&self.typed, cx.settings.port) {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let words = fl!(cx.words, "palette-connects", address = address_text(cx, &peer));
                        ui.add(
                            egui::Label::new(RichText::new(words).size(theme::SMALL).color(cx.look.weak)).truncate(),
                        );
                    });
                }
            });
        });
    }
}

/// A text of several lines that is being pasted.
fn pasted_lines(ui: &Ui) -> Option<String> {
    ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Paste(text) if text.contains('\n') => Some(text.clone()),
            _ => None,
        })
    })
}

/// How many rows down the keys moved what is selected.
fn moved(ui: &Ui) -> isize {
    ui.input_mut(|input| {
        let mut rows = 0;
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers: Modifiers::NONE, .. } = event else { return true };
            match key {
                Button::ArrowDown => rows += 1,
                Button::ArrowUp => rows -= 1,
                _ => return true,
            }
            false
        });
        rows
    })
}

fn row_id(place: usize) -> Id {
    Id::unique(("palette-row", place))
}

fn row(ui: &mut Ui, cx: &Cx<'_>, place: usize, entry: &Entry, selected: bool) -> Response {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    // The cursor stays in the field.
    let response = ui.interact(rect, row_id(place), Sense::CLICK);
    response.widget_info(|| {
        let name = [entry.label.as_str(), entry.beside.as_str()].join(", ");
        WidgetInfo::selected(Role::ListBoxOption, true, selected, name.trim_end_matches(", "))
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let look = cx.look;
    if selected {
        ui.painter().rect_filled(rect, 0.0, look.chosen);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, look.hover);
    }
    let icon = egui::FontId::new(18.0, entry.icon.font_family());
    let at = pos2(rect.left() + 25.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, entry.icon.codepoint, icon, look.weak);

    let mut job = LayoutJob::single_section(entry.beside.clone(), TextFormat::simple(theme::small(), look.weak));
    job.wrap = TextWrapping::truncate_at_width(rect.width() * BESIDE);
    let beside = ui.painter().layout_job(job);
    let is_key = entry.is_key && !entry.beside.is_empty();
    let right = rect.right() - if is_key { 21.0 } else { 16.0 };
    let at = pos2(right - beside.size().x, rect.center().y - beside.size().y / 2.0);
    if is_key {
        let cap = Rect::from_min_size(at, beside.size()).expand2(vec2(5.0, 2.0));
        ui.painter().rect(cap, 4.0, look.ground, Stroke::new(1.0, look.line), egui::StrokeKind::Inside);
    }
    let width = at.x - 16.0 - (rect.left() + 46.0);
    ui.painter().galley(at, beside, look.weak);

    let label = ui.painter().layout_job(marked(cx, entry, width));
    let at = pos2(rect.left() + 46.0, rect.center().y - label.size().y / 2.0);
    ui.painter().galley(at, label, look.text);
    response
}

/// The label on one line, what was typed emphasised.
fn marked(cx: &Cx<'_>, entry: &Entry, width: f32) -> LayoutJob {
    let plain = TextFormat::simple(theme::text(), cx.look.text);
    let mark = TextFormat::simple(fonts::semibold(theme::TEXT), cx.look.accent);
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(width), ..LayoutJob::default() };
    let mut done = 0;
    for found in &entry.marks {
        job.append(entry.label.get(done..found.start).unwrap_or_default(), 0.0, plain.clone());
        job.append(entry.label.get(found.clone()).unwrap_or_default(), 0.0, mark.clone());
        done = found.end;
    }
    job.append(entry.label.get(done..).unwrap_or_default(), 0.0, plain);
    job
}
