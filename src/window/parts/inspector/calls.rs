//! The calls of all sockets as a sequence diagram that grows downward.

mod card;
pub mod code;
mod draw;
mod file;
mod scene;
pub mod shape;
mod svg;
pub mod words;

use std::collections::{HashMap, HashSet};

use egui::{ComboBox, Key as Button_, Popup, RichText, ScrollArea, Ui, scroll_area::ScrollBarVisibility, vec2};
use egui_material_icons::icons::ICON_SAVE;
use i18n_embed_fl::fl;

use self::{
    draw::{Placed, Row, Screen},
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
    core::{Core, Key, diagram::Diagram},
    net::SocketId,
};

/// Height of a row that has not been laid out yet.
const ESTIMATE: f32 = 36.0;

/// Closer to the end than this counts as at the end.
const AT_END: f32 = 8.0;

/// Connections offered to be shown alone: the latest.
const OFFERED: usize = 200;

/// The tab.
#[derive(Debug)]
pub struct CallsTab {
    diagram: Diagram,
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
            let name = fl!(cx.words, "calls-filter");
            let mut chosen = self.diagram.only();
            let width = (ui.available_width() - 2.0 * (theme::CONTROL + 2.0 * STEP) - 9.0 * STEP).clamp(80.0, 280.0);
            let combo = ComboBox::from_id_salt("calls-filter")
                .width(width)
                .height(400.0)
                .truncate()
                .selected_text(socket_name(cx, chosen));
            let response = combo.show_ui(ui, |ui| {
                for socket in std::iter::once(None).chain(self.offered(cx).into_iter().map(Some)) {
                    let text = socket_name(cx, socket);
                    ui.selectable_value(&mut chosen, socket, text);
                }
            });
            let shown = socket_name(cx, self.diagram.only());
            response.response.widget_info(|| {
                let mut info = egui::WidgetInfo::labeled(egui::accesskit::Role::ComboBox, true, &name);
                info.current_text_value = Some(shown.clone());
                info
            });
            if chosen != self.diagram.only() {
                self.show_only(chosen);
                self.diagram.follow(cx.core);
            }

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
                    let (name, text) = ("sockhop.svg".to_owned(), svg::svg(cx, &self.diagram));
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

    /// The sockets that may be shown alone: listening ones, and the latest connections.
    fn offered(&self, cx: &Cx<'_>) -> Vec<SocketId> {
        let mut sockets: Vec<_> = cx.core.sockets().map(|(socket, _)| socket).collect();
        sockets.sort_unstable();
        let listeners = sockets.partition_point(|socket| matches!(socket, SocketId::Listener(_)));
        let connections = sockets.split_off(listeners);
        let latest = connections.into_iter().rev().take(OFFERED);
        let only = self.diagram.only();
        sockets.into_iter().rev().take(OFFERED).chain(latest).chain(only).fold(Vec::new(), |mut all, socket| {
            if !all.contains(&socket) {
                all.push(socket);
            }
            all
        })
    }

    fn picture(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let names = ui.allocate_space(vec2(ui.available_width(), shape::NAMES)).1;
        let area = ui.available_rect_before_wrap();
        let (width, height) = (area.width() - 10.0, area.height());
        self.keep_in_step(width);
        let (waiting, more_waiting) = self.diagram.waiting(cx.core);
        let tail =
            waiting.len() as f32 * shape::WAITING + if more_waiting > 0 { shape::WAITING } else { 0.0 } + 2.0 * STEP;

        // The lanes are placed for the rows about to be seen, and rows are measured between their lanes.
        let first = if self.follow { None } else { self.held_row() };
        let columns = self.diagram.columns(self.in_sight(first, height), shape::most_lanes(width));
        let scene = Scene::new(area.left(), width, columns);
        let screen = Screen(ui.painter().clone());
        let lay = |this: &Self, place: usize| -> Option<(Row, f32)> {
            let row = scene.row(&screen, cx, &this.diagram, this.diagram.row(place)?);
            let card = if this.open == Some(row.row().call.number) { this.card_height } else { 0.0 };
            let height = row.height() + card;
            Some((row, height))
        };
        if let Some(place) = self.reveal.take().and_then(|number| self.diagram.place_of(number)) {
            self.follow = false;
            let number = self.diagram.row(place).map_or(0, |row| row.call.number);
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
            let (place, above) = (self.held_row().unwrap_or(0), self.held.1);
            (self.heights.top(place) as f32 + above).max(0.0)
        };

        let mut action = None;
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
                draw::paint(&screen.0, scene.names(&screen, cx, &self.diagram, &rows, names));
                let view = ui.clip_rect().y_range();
                draw::paint(ui.painter(), scene.behind(cx, &self.diagram, &rows, view, end, &tops));
                for placed in &rows {
                    action = self.row(ui, cx, &scene, placed).or(action.take());
                }
                let waiting = scene.waiting(&screen, cx, &self.diagram, (&waiting, more_waiting), end);
                draw::paint(ui.painter(), waiting.lanes);
                for row in waiting.rows {
                    draw::waiting(ui, row);
                }
                ui.set_height(self.heights.total() as f32 + tail);
                ui.set_width(width);
            });
        let offset = output.state.clamped_offset().y + keys(ui, height);
        self.settle(before, offset, height, tail);
        action
    }

    /// One row, and its explanation where that is open.
    fn row(&mut self, ui: &mut Ui, cx: &Cx<'_>, scene: &Scene, placed: &Placed) -> Option<Action> {
        let (place, top, row) = (placed.place, placed.top, *placed.row.row());
        let number = row.call.number;
        let open = self.open == Some(number);
        let response = draw::row(ui, cx, &self.diagram, placed, open, self.marked.contains(&number));
        if response.clicked() {
            self.open = (!open).then_some(number);
            if self.follow && !open {
                self.follow = false;
                self.held = (number, ui.clip_rect().top() - top);
            }
        }
        if response.gained_focus() {
            self.reveal_row(ui, place, response.rect);
        }
        if !open {
            return None;
        }
        let rect = scene.card_rect(top + placed.row.body_bottom());
        let (height, action, close) = card::show(ui, cx, &row, rect);
        if close {
            self.open = None;
        }
        if (height - self.card_height).abs() > 0.5 {
            self.card_height = height;
            ui.ctx().request_repaint();
        }
        action
    }

    /// The keyboard went to a row that is not wholly in sight.
    fn reveal_row(&mut self, ui: &Ui, place: usize, rect: egui::Rect) {
        let view = ui.clip_rect();
        let number = self.diagram.row(place).map_or(0, |row| row.call.number);
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
        let rewritten = self.generation != self.diagram.generation();
        if rewritten || (self.width - width).abs() > 0.5 {
            let rows = if rewritten { 0 } else { self.heights.len() };
            self.heights = (0..rows).map(|_| ESTIMATE).collect();
            self.generation = self.diagram.generation();
            self.width = width;
            if rewritten {
                self.gone = self.diagram.let_go();
            }
        }
        let gone = self.diagram.let_go() - self.gone;
        self.heights.remove_first(usize::try_from(gone).unwrap_or(usize::MAX));
        self.gone = self.diagram.let_go();
        for _ in self.heights.len()..self.diagram.len() {
            self.heights.push(ESTIMATE);
        }
    }

    /// The row at the top of the view where it is held; the oldest, if that one has gone.
    fn held_row(&self) -> Option<usize> {
        let last = self.diagram.len().checked_sub(1)?;
        Some(self.diagram.place_at_or_after(self.held.0).min(last))
    }

    /// The rows about to be seen, as far as their heights are known.
    fn in_sight(&self, first: Option<usize>, height: f32) -> std::ops::Range<usize> {
        let (from, to) = match first {
            None => (self.heights.total() - f64::from(height), self.heights.total()),
            Some(place) => {
                let top = self.heights.top(place) + f64::from(self.held.1);
                (top, top + f64::from(height))
            }
        };
        self.heights.row_at(from.max(0.0))..(self.heights.row_at(to) + 2)
    }

    /// Remember what is in sight, so that it stays there whatever comes.
    fn settle(&mut self, before: f32, offset: f32, height: f32, tail: f32) {
        let total = self.heights.total() as f32 + tail;
        let moved = offset - before;
        let at_end = offset + height >= total - AT_END;
        if self.follow {
            self.follow = at_end || moved > -0.5;
        } else if at_end && moved > 0.5 {
            self.follow = true;
        }
        // What was asked for in this frame is shown in the next.
        if self.follow || moved.abs() > 0.5 || self.diagram.place_of(self.held.0).is_none() {
            let offset = offset.max(0.0);
            let place = self.heights.row_at(f64::from(offset));
            let number = self.diagram.row(place).map_or(0, |row| row.call.number);
            self.held = (number, offset - self.heights.top(place) as f32);
        }
    }
}

fn socket_name(cx: &Cx<'_>, socket: Option<SocketId>) -> String {
    match socket {
        None => fl!(cx.words, "calls-all"),
        Some(SocketId::Conn(conn)) => cx.core.conversation(Key::Conn(conn)).map(|c| cx.title(c)).unwrap_or_default(),
        Some(socket @ SocketId::Listener(_)) => {
            let call = cx.core.calls(socket).and_then(|log| log.last());
            let fd = call.map_or(-1, |call| call.call.fd).to_string();
            fl!(cx.words, "calls-listener", fd = fd)
        }
    }
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
