//! The calls of all sockets as a sequence diagram that grows downward.

mod arrows;
mod card;
pub mod code;
mod draw;
mod file;
mod headers;
mod lanes;
mod row;
mod run_words;
mod scene;
pub mod shape;
mod svg;
mod waiting;
mod waits;
pub mod words;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use egui::{Key as Button_, Popup, RichText, ScrollArea, Ui, scroll_area::ScrollBarVisibility, vec2};
use egui_material_icons::icons::ICON_SAVE;
use i18n_embed_fl::fl;

use self::{
    draw::{Placed, Row, Screen},
    row::Of,
    scene::Scene,
};
use super::super::{controls, transcript::heights::Heights};
use crate::window::{
    Cx,
    file_wanted::FileWanted,
    parts::inspector::Action,
    theme::{self, STEP},
};
use crate::{
    chat::{Direction, RowNumber},
    core::{
        Core, Key,
        diagram::{Diagram, Fold, Item, Tally, Wishes},
    },
    net::SocketId,
};

/// Height of a row that has not been laid out yet.
const ESTIMATE: f32 = 36.0;

/// Closer to the end than this counts as at the end.
const AT_END: f32 = 8.0;

/// So many sockets are counted in each frame; more of them, only every [`COUNTED_EVERY`].
const COUNTED_AT_ONCE: usize = 256;

/// How often the sockets are counted, where they are many.
const COUNTED_EVERY: Duration = Duration::from_millis(100);

/// The tab.
#[derive(Debug)]
pub struct CallsTab {
    diagram: Diagram,
    fold: Fold,
    /// The sockets that the user gave a lane.
    asked: Vec<SocketId>,
    tally: Tally,
    /// When the sockets were counted, in seconds of the window.
    counted: f64,
    heights: Heights,
    /// Rows that had gone when the heights were last in step with the rows.
    gone: u64,
    generation: u64,
    width: f32,
    follow: bool,
    /// Where it is held: the number of a call, and how far its top is above the top of the view.
    held: (u64, f32),
    /// The call whose explanation is open.
    open: Option<u64>,
    card_height: f32,
    /// The calls of the message that was asked for.
    marked: HashSet<u64>,
    /// A message whose calls are to be shown as soon as it is known which they are.
    wanted: Option<(Key, RowNumber)>,
    /// A row that is to be in sight.
    reveal: Option<u64>,
}

impl Default for CallsTab {
    fn default() -> Self {
        Self {
            diagram: Diagram::default(),
            fold: Fold::default(),
            asked: Vec::new(),
            tally: Tally::default(),
            counted: f64::NEG_INFINITY,
            heights: Heights::default(),
            gone: 0,
            generation: 0,
            width: 0.0,
            follow: true,
            held: (0, 0.0),
            open: None,
            card_height: 0.0,
            marked: HashSet::new(),
            wanted: None,
            reveal: None,
        }
    }
}

impl CallsTab {
    /// Have the calls in sight that carried this message.
    pub fn go_to_message(&mut self, core: &Core, key: Key, entry: RowNumber) {
        self.wanted = Some((key, entry));
        self.marked.clear();
        self.diagram.follow(core);
        self.find_wanted(core);
    }

    /// Look for the calls of the message that is wanted, until the message is known to have been carried.
    fn find_wanted(&mut self, core: &Core) {
        let Some((key @ Key::Conn(conn), id)) = self.wanted else {
            self.wanted = None;
            return;
        };
        let Some(entry) = core.conversation(key).and_then(|conversation| conversation.entries().get(id)) else {
            self.wanted = None;
            return;
        };
        let found = [Direction::In, Direction::Out].into_iter().find_map(|direction| {
            let begins = entry.begins(direction)?;
            Some((direction, begins..begins + entry.bytes() as u64))
        });
        let Some((direction, bytes)) = found else { return };
        self.wanted = None;
        let mut calls = self.diagram.carried(conn, direction, &bytes);
        if calls.is_empty() {
            // Among all calls they may be too old, or others are shown.
            self.show_only(Some(SocketId::Conn(conn)));
            self.diagram.follow(core);
            calls = self.diagram.carried(conn, direction, &bytes);
        }
        if self.fold.lanes().others && self.fold.lanes().column(SocketId::Conn(conn)).is_none() {
            self.asked.push(SocketId::Conn(conn));
        }
        self.reveal = calls.first().copied();
        self.follow &= self.reveal.is_none();
        self.marked = calls.into_iter().collect();
    }

    fn show_only(&mut self, only: Option<SocketId>) {
        self.diagram.show_only(only);
        self.follow = true;
        self.open = None;
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        self.diagram.follow(cx.core);
        if self.wanted.is_some() {
            self.find_wanted(cx.core);
        }
        let mut action = None;
        egui::Frame::new().inner_margin(egui::Margin { left: 12, right: 8, top: 8, bottom: 4 }).show(ui, |ui| {
            action = self.tools(ui, cx);
        });
        if self.diagram.is_empty() {
            ui.set_min_size(ui.available_size());
            ui.add_space(6.0 * STEP);
            ui.vertical_centered(|ui| controls::hint(ui, cx.look, fl!(cx.words, "calls-none")));
            return action;
        }
        self.picture(ui, cx).or(action)
    }

    /// Which sockets, follow or hold, save.
    fn tools(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 2.0 * (theme::CONTROL + 2.0 * STEP) - 9.0 * STEP).clamp(80.0, 320.0);
            match lanes::menu(ui, cx, &self.diagram, &self.asked, width) {
                Some(lanes::Choice::Usual) => {
                    self.asked.clear();
                    self.show_only(None);
                }
                Some(lanes::Choice::Only(socket)) => self.show_only(Some(socket)),
                Some(lanes::Choice::Lane(socket)) => {
                    let before = self.asked.len();
                    self.asked.retain(|asked| *asked != socket);
                    if self.asked.len() == before {
                        self.asked.push(socket);
                    }
                }
                None => {}
            }
            self.diagram.follow(cx.core);

            let text = RichText::new(fl!(cx.words, "calls-follow"));
            let text = if self.follow { text.color(cx.look.accent) } else { text };
            let button = egui::Button::selectable(self.follow, text)
                .frame_when_inactive(true)
                .min_size(vec2(0.0, theme::CONTROL));
            let response = ui.add(button).on_hover_text(fl!(cx.words, "calls-follow-hint"));
            response.widget_info(|| {
                let name = fl!(cx.words, "calls-follow");
                egui::WidgetInfo::selected(egui::accesskit::Role::Switch, true, self.follow, name)
            });
            self.follow ^= response.clicked();

            let save = controls::icon_button(ui, ICON_SAVE, fl!(cx.words, "calls-save"));
            Popup::menu(&save).show(|ui| {
                if ui.button(fl!(cx.words, "calls-save-svg")).clicked() {
                    let (name, text) = ("sockhop.svg".to_owned(), svg::svg(cx, &self.diagram, &self.fold));
                    action = Some(Action::AskFile(FileWanted::SaveText { name, text }));
                }
                if ui.button(fl!(cx.words, "calls-save-text")).clicked() {
                    let (name, text) = ("sockhop.txt".to_owned(), file::text(cx, &self.diagram));
                    action = Some(Action::AskFile(FileWanted::SaveText { name, text }));
                }
            });
        });
        action
    }

    /// Have the rows in the lanes that are looked at now, of which there may be more in a wider picture.
    fn fold(&mut self, ui: &Ui, cx: &Cx<'_>, width: f32) {
        let chosen = match cx.selected {
            Key::Conn(conn) => Some(conn),
            Key::Everyone | Key::Past(_) | Key::Person(_) | Key::Nearby => None,
        };
        self.asked.retain(|socket| cx.core.calls(*socket).is_some());
        let most = (shape::LANES + self.asked.len()).min(shape::most_lanes(width));
        let lanes = self.diagram.lanes_for(cx.core, Wishes { chosen, asked: &self.asked, most });
        let anew = &lanes != self.fold.lanes();
        self.fold.follow(&self.diagram, cx.core, lanes);
        let (now, every) = (ui.input(|input| input.time), COUNTED_EVERY.as_secs_f64());
        let few = cx.core.sockets().len() <= COUNTED_AT_ONCE;
        if few || anew || now - self.counted >= every {
            self.tally = Tally::of_others(cx.core, self.fold.lanes());
            self.counted = now;
        } else {
            ui.ctx().request_repaint_after(COUNTED_EVERY);
        }
    }

    fn picture(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let area = ui.available_rect_before_wrap();
        let width = area.width() - 10.0;
        self.fold(ui, cx, width);
        self.keep_in_step(width);
        // Taken out for the frame, so that rows can be measured while they are drawn.
        let (diagram, fold) = (std::mem::take(&mut self.diagram), std::mem::take(&mut self.fold));
        let scene = Scene::new(cx, (area.left(), width), &diagram, &fold).of_height(area.height());
        let (action, toggled) = self.picture_of(ui, cx, &scene);
        (self.diagram, self.fold) = (diagram, fold);
        if let Some(run) = toggled {
            self.fold.toggle(run);
            ui.ctx().request_repaint();
        }
        action
    }

    /// Draw the picture. What was asked for, and the run that is to be opened or closed.
    fn picture_of(&mut self, ui: &mut Ui, cx: &Cx<'_>, scene: &Scene<'_>) -> (Option<Action>, Option<u64>) {
        let screen = Screen(ui.painter().clone());
        let top = ui.cursor().top();
        ui.allocate_space(vec2(ui.available_width(), scene.headers_height()));
        for header in scene.headers(&screen, cx, &self.tally, top) {
            draw::header(ui, header);
        }
        let height = ui.available_rect_before_wrap().height();
        let waiting = scene.waiting(cx, &self.tally);
        let tail = waiting.height() + 2.0 * STEP;
        let lay = |this: &Self, place: usize| -> Option<(Row, f32)> {
            let row = scene.item(&screen, cx, place)?;
            let open = matches!(row.of, Of::Call(_)) && this.open == Some(row.number());
            let height = row.height() + if open { this.card_height } else { 0.0 };
            Some((row, height))
        };
        if let Some(number) = self.reveal.take().filter(|number| scene.fold.place_of(*number).is_some()) {
            self.follow = false;
            self.held = (number, -height / 3.0);
        }
        // Rows that were measured are drawn as they are.
        let mut measured: HashMap<usize, (Row, f32)> = HashMap::new();
        let before = if self.follow {
            // Measured upwards from the end, so that the last row ends where the view does.
            let (mut place, mut covered) = (self.heights.len(), tail);
            while place > 0 && covered < height {
                place -= 1;
                if let Some(laid) = lay(self, place) {
                    self.heights.set(place, laid.1);
                    measured.insert(place, laid);
                }
                covered += self.heights.get(place);
            }
            (self.heights.total() as f32 + tail - height).max(0.0)
        } else {
            let (place, above) = (held_row(scene.fold, self.held.0), self.held.1);
            (self.heights.top(place) as f32 + above).max(0.0)
        };

        let (mut action, mut toggled) = (None, None);
        let output = ScrollArea::vertical()
            .id_salt("calls")
            .auto_shrink(false)
            .animated(false)
            .scroll_bar_visibility(ScrollBarVisibility::VisibleWhenNeeded)
            .vertical_scroll_offset(before)
            .show_viewport(ui, |ui, viewport| {
                let top = ui.min_rect().top();
                // One row more on either side, so that the keyboard finds its way there.
                let mut place = self.heights.row_at(f64::from(viewport.top())).saturating_sub(1);
                let mut y = self.heights.top(place) as f32;
                let mut rows = Vec::new();
                let mut beyond = 0;
                while place < self.heights.len() && beyond < 2 {
                    if let Some((row, height)) = measured.remove(&place).or_else(|| lay(self, place)) {
                        self.heights.set(place, height);
                        rows.push(Placed { place, top: top + y, row });
                        y += self.heights.get(place);
                    }
                    beyond += usize::from(y > viewport.bottom());
                    place += 1;
                }
                let end = top + self.heights.total() as f32;
                let tops = |place: usize| top + self.heights.top(place) as f32;
                let view = ui.clip_rect().y_range();
                draw::paint(ui.painter(), scene.behind(cx, &rows, view, end, &tops));
                let mut waits = Vec::new();
                if end < viewport.bottom() + top {
                    let waiting = scene.waiting_rows(&screen, cx, &waiting, &rows, end);
                    draw::paint(ui.painter(), waiting.lanes);
                    waits = waiting.rows;
                }
                for placed in &rows {
                    let (asked, run) = self.row(ui, cx, scene, placed);
                    action = asked.or(action.take());
                    toggled = run.or(toggled);
                }
                for row in waits {
                    draw::waiting(ui, row);
                }
                ui.set_height(self.heights.total() as f32 + tail);
                ui.set_width(scene.width());
            });
        let offset = output.state.clamped_offset().y + keys(ui, height);
        self.settle(scene.fold, before, offset, (height, tail));
        (action, toggled)
    }

    /// One row, and its explanation where that is open. What was asked for, and the run that was clicked.
    fn row(&mut self, ui: &mut Ui, cx: &Cx<'_>, scene: &Scene<'_>, placed: &Placed) -> (Option<Action>, Option<u64>) {
        let (top, number) = (placed.top, placed.row.number());
        let (open, marked, run) = match &placed.row.of {
            Of::Call(_) => (self.open == Some(number), self.marked.contains(&number), None),
            Of::Run(run) => {
                (run.open, self.marked.iter().any(|call| (run.calls.0..=run.calls.1).contains(call)), Some(number))
            }
        };
        let response = draw::row(ui, cx, placed, open, marked);
        if response.clicked() {
            if self.follow && !open {
                self.follow = false;
                self.held = (number, ui.clip_rect().top() - top);
            }
            if run.is_some() {
                return (None, run);
            }
            self.open = (!open).then_some(number);
        }
        if response.gained_focus() {
            self.reveal_row(ui, number, response.rect);
        }
        let (true, Of::Call(row)) = (open, &placed.row.of) else { return (None, None) };
        let rect = scene.card_rect(top + placed.row.body_bottom());
        let (height, action, close) = card::show(ui, cx, row, rect);
        if close {
            self.open = None;
        }
        if (height - self.card_height).abs() > 0.5 {
            self.card_height = height;
            ui.ctx().request_repaint();
        }
        (action, None)
    }

    /// The keyboard went to a row that is not wholly in sight.
    fn reveal_row(&mut self, ui: &Ui, number: u64, rect: egui::Rect) {
        let view = ui.clip_rect();
        if rect.top() < view.top() {
            self.follow = false;
            self.held = (number, -2.0 * STEP);
            ui.ctx().request_repaint();
        } else if rect.bottom() > view.bottom() && !self.follow {
            self.held = (number, -(view.height() - rect.height() - 4.0 * STEP));
            ui.ctx().request_repaint();
        }
    }

    /// Have as many heights as there are rows.
    fn keep_in_step(&mut self, width: f32) {
        let rewritten = self.generation != self.fold.generation();
        if rewritten || (self.width - width).abs() > 0.5 {
            let rows = if rewritten { 0 } else { self.heights.len() };
            self.heights = (0..rows).map(|_| ESTIMATE).collect();
            self.generation = self.fold.generation();
            self.width = width;
            if rewritten {
                self.gone = 0;
            }
        }
        let gone = self.fold.let_go() - self.gone;
        self.heights.remove_first(usize::try_from(gone).unwrap_or(usize::MAX));
        self.gone = self.fold.let_go();
        for _ in self.heights.len()..self.fold.len() {
            self.heights.push(ESTIMATE);
        }
    }

    /// Remember what is in sight, so that it stays there whatever comes.
    fn settle(&mut self, fold: &Fold, before: f32, offset: f32, (height, tail): (f32, f32)) {
        let total = self.heights.total() as f32 + tail;
        let moved = offset - before;
        let at_end = offset + height >= total - AT_END;
        if self.follow {
            self.follow = at_end || moved > -0.5;
        } else if at_end && moved > 0.5 {
            self.follow = true;
        }
        // What was asked for in this frame is shown in the next.
        if self.follow || moved.abs() > 0.5 || fold.place_of(self.held.0).is_none() {
            let offset = offset.max(0.0);
            let place = self.heights.row_at(f64::from(offset));
            let number = fold.item(place).map_or(0, Item::number);
            self.held = (number, offset - self.heights.top(place) as f32);
        }
    }
}

/// The row at the top of the view where it is held: the one in which that call is drawn; the oldest, if it has gone.
fn held_row(fold: &Fold, number: u64) -> usize {
    let last = fold.len().saturating_sub(1);
    fold.place_of(number).unwrap_or_else(|| fold.place_at_or_after(number)).min(last)
}

/// How far the keys scroll, while the keyboard is in the diagram.
fn keys(ui: &Ui, height: f32) -> f32 {
    let here =
        ui.memory(egui::Memory::focused).is_some_and(|focused| ui.data(|data| data.get_temp::<u64>(focused)).is_some());
    if !here {
        return 0.0;
    }
    ui.input(|input| {
        let pressed = |key| f32::from(u8::from(input.key_pressed(key)));
        (pressed(Button_::PageDown) - pressed(Button_::PageUp)) * height * 0.9
            + (pressed(Button_::End) - pressed(Button_::Home)) * 1e6
    })
}

/// Text that says less.
fn weak(cx: &Cx<'_>, text: impl Into<String>) -> RichText {
    RichText::new(text).size(theme::SMALL).color(cx.look.weak)
}
