//! The sidebar: the server, everyone, and a row for each connection.

use egui::{
    Align, CentralPanel, Color32, Frame, Layout, Margin, Panel, Popup, Rect, Response, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, accesskit::Role, pos2, style::ScrollAnimation, vec2,
};
use egui_material_icons::icons::{ICON_DELETE_SWEEP, ICON_SCHOOL};
use i18n_embed_fl::fl;

use super::{
    conn_menu, controls, server_card,
    students::{self, StudentsSection},
};
use crate::window::{
    Cx,
    command::{Intent, UiCommand},
    theme::{self, AVATAR, STEP},
    wording,
};
use crate::{
    chat::{Delivery, Origin, RowKind, SessionId},
    core::{Conversation, Key},
    history::SessionSummary,
    net::ConnId,
    wire::{mark, visible},
};

const ROW: f32 = 52.0;

/// Size that an address in a row shrinks to before it is cut.
const SMALLEST_ADDRESS: f32 = 9.5;

/// Height of the sidebar from which the server's card stays in sight.
const PINNED: f32 = 420.0;

/// Height of a past session's row.
const LATEST_ROW: f32 = 28.0;

/// Height of the line above them.
const LATEST_HEAD: f32 = 24.0;

/// With room for fewer past sessions than this, none are shown.
const MIN_RECENT_ROWS: usize = 2;

/// Characters of a last line that are looked at.
const PREVIEW: usize = 80;

/// What is asked for in the sidebar.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// What a command does.
    Run(Intent),
    /// Something of the server.
    Server(server_card::Action),
    /// Something of the students.
    Students(students::Action),
    /// Something of a connection.
    Conn(ConnId, conn_menu::Action),
    /// Select a conversation.
    Select(Key),
    /// Remove all closed conversations.
    RemoveClosed,
    /// Open this past session, or the list of them.
    ReadPast(Option<SessionId>),
}

/// The sidebar.
#[derive(Debug, Default)]
pub struct Sidebar {
    students: StudentsSection,
    /// The conversation that was open in the frame before.
    shown: Option<Key>,
}

impl Sidebar {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = None;
        Panel::bottom("sidebar-foot")
            .resizable(false)
            .show_separator_line(false)
            .frame(Frame::new().inner_margin(Margin { left: 0, right: 0, top: 8, bottom: 0 }))
            .show(ui, |ui| action = foot(ui, cx));
        CentralPanel::no_frame().show(ui, |ui| {
            // The server stays in sight, unless that leaves too little room for the list.
            let pinned = ui.available_height() >= PINNED;
            if pinned {
                action = server_card::show(ui, cx).map(Action::Server).or(action.take());
            }
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                if !pinned {
                    action = server_card::show(ui, cx).map(Action::Server).or(action.take());
                }
                action = self.students.show(ui, cx).map(Action::Students).or(action.take());
                let bottom = ui.clip_rect().bottom();
                let chosen = self.shown.replace(cx.selected).is_some_and(|shown| shown != cx.selected);
                action = conversations(ui, cx, chosen).or(action.take());
                action = latest(ui, cx, bottom).or(action.take());
            });
        });
        action
    }
}

/// Connect, and the small buttons below it.
fn foot(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    ui.spacing_mut().item_spacing = vec2(STEP, 1.5 * STEP);
    let text = RichText::new(fl!(cx.words, "connect-ask")).color(cx.look.on_accent);
    let button = egui::Button::new(text).fill(cx.look.accent).stroke(egui::Stroke::NONE).truncate();
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), theme::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            for command in [UiCommand::Labs, UiCommand::Presenter] {
                if controls::command_button(ui, cx.words, command) {
                    action = command.resolve(cx).map(Action::Run);
                }
            }
            if ui.add_sized(vec2(ui.available_width(), theme::CONTROL), button).clicked() {
                action = UiCommand::Connect.resolve(cx).map(Action::Run);
            }
        },
    );
    let small = [UiCommand::Network, UiCommand::Shortcuts, UiCommand::History, UiCommand::Notices, UiCommand::Settings];
    ui.columns(small.len(), |columns| {
        for (ui, command) in columns.iter_mut().zip(small) {
            ui.with_layout(Layout::top_down_justified(Align::Center), |ui| {
                if controls::command_button(ui, cx.words, command) {
                    action = command.resolve(cx).map(Action::Run);
                }
            });
        }
    });
    action
}

/// A row for everyone and one for each connection; only those in sight are drawn. One that was just chosen is scrolled
/// into sight.
fn conversations(ui: &mut Ui, cx: &Cx<'_>, chosen: bool) -> Option<Action> {
    let mut action = None;
    ui.add_space(STEP);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 24.0), Layout::right_to_left(Align::Center), |ui| {
        let any_closed = cx.core.conversations().any(|(_, conversation)| conversation.state.is_over());
        if any_closed && controls::quiet_icon(ui, cx.look, ICON_DELETE_SWEEP, fl!(cx.words, "remove-closed")).clicked()
        {
            action = Some(Action::RemoveClosed);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(STEP);
            controls::hint(ui, cx.look, fl!(cx.words, "conversations"));
        });
    });
    let total = cx.core.conversations().len();
    if total == 0 {
        ui.horizontal(|ui| {
            ui.add_space(STEP);
            controls::hint(ui, cx.look, fl!(cx.words, "nobody-yet"));
        });
        return action;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    if shows_everyone(cx) {
        action = everyone_row(ui, cx, chosen).or(action.take());
    }
    let (top, clip) = (ui.cursor().top(), ui.clip_rect());
    if chosen && let Some(place) = cx.core.conversations().position(|(conn, _)| cx.selected == Key::Conn(conn)) {
        let at = pos2(ui.max_rect().left(), top + place as f32 * ROW);
        let row = Rect::from_min_size(at, vec2(ui.available_width(), ROW));
        ui.scroll_to_rect_animation(row, None, ScrollAnimation::none());
    }
    let row_at = |y: f32| (((y - top) / ROW).max(0.0) as usize).min(total);
    let (first, end) = (row_at(clip.top()), (row_at(clip.bottom()) + 1).min(total));
    ui.add_space(first as f32 * ROW);
    for (conn, conversation) in cx.core.conversations().skip(first).take(end - first) {
        action = conversation_row(ui, cx, conn, conversation).or(action.take());
    }
    ui.add_space((total - end) as f32 * ROW);
    action
}

/// The latest past sessions, where the conversations leave room for some.
fn latest(ui: &mut Ui, cx: &Cx<'_>, bottom: f32) -> Option<Action> {
    let latest = &cx.core.past().latest;
    let room = bottom - ui.cursor().top() - 4.0 * STEP - LATEST_HEAD;
    let fits = ((room / LATEST_ROW).max(0.0) as usize).min(latest.len());
    if fits < MIN_RECENT_ROWS.min(latest.len()) || fits == 0 {
        return None;
    }
    let mut action = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add_space(3.0 * STEP);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), LATEST_HEAD), Layout::right_to_left(Align::Center), |ui| {
        let text = RichText::new(fl!(cx.words, "history-all")).size(theme::SMALL).color(cx.look.weak);
        if ui.add(egui::Button::new(text).frame_when_inactive(false)).clicked() {
            action = Some(Action::ReadPast(None));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(STEP);
            controls::hint(ui, cx.look, fl!(cx.words, "history"));
        });
    });
    for past in latest.iter().take(fits) {
        if latest_row(ui, cx, past) {
            action = Some(Action::ReadPast(Some(past.session.id)));
        }
    }
    action
}

/// One past session on one line: who, and on which day; whether it was clicked.
fn latest_row(ui: &mut Ui, cx: &Cx<'_>, past: &SessionSummary) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LATEST_ROW), Sense::click());
    let title = wording::session_title(cx, past);
    let opened = past.session.opened.to_zoned(cx.zone.clone());
    let (today, now) = (cx.now().to_zoned(cx.zone.clone()).date(), opened.date());
    let (month, day) = (i64::from(now.month()), i64::from(now.day()));
    let when = if now == today {
        opened.strftime("%H:%M").to_string()
    } else if now.year() == today.year() {
        fl!(cx.words, "day-short", month = month, day = day)
    } else {
        cx.day(now)
    };
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, fl!(cx.words, "past-row", title = title.as_str(), day = when.as_str()))
    });
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter().rect_filled(rect, theme::RADIUS, cx.look.hover);
        }
        controls::focus_ring(ui, cx.look, &response, rect.shrink(3.0), theme::RADIUS);
        let galley = ui.painter().layout_no_wrap(when, theme::small(), cx.look.weak);
        let at = pos2(rect.right() - 10.0 - galley.size().x, rect.center().y - galley.size().y / 2.0);
        let left = rect.left() + 10.0;
        let width = at.x - 8.0 - left;
        ui.painter().galley(at, galley, cx.look.weak);
        let fitting = width / (title.chars().count().max(1) as f32 * 0.61);
        let mono = past.session.name.is_none() && past.session.origin != Origin::Everyone;
        let font = if mono { theme::mono(fitting.clamp(SMALLEST_ADDRESS, theme::SMALL)) } else { theme::small() };
        let top = rect.center().y - ui.fonts_mut(|fonts| fonts.row_height(&font)) / 2.0;
        controls::one_line(ui, pos2(left, top), &title, font, cx.look.text, width);
    }
    response.clicked()
}

/// Whether there is a row for everyone: once our server has, or had, clients.
#[must_use]
pub fn shows_everyone(cx: &Cx<'_>) -> bool {
    cx.core.server().listener().is_some() || cx.core.conversations().any(|(_, c)| c.origin == Origin::Accepted)
}

fn everyone_row(ui: &mut Ui, cx: &Cx<'_>, chosen: bool) -> Option<Action> {
    let clients = cx.core.connected_clients();
    let row = Row {
        title: fl!(cx.words, "everyone"),
        mono: false,
        line: fl!(cx.words, "clients-connected", count = clients),
        avatar: (cx.look.everyone, fl!(cx.words, "everyone-avatar")),
        selected: cx.selected == Key::Everyone,
        faded: clients == 0,
        dot: Dot::Absent,
        unread: 0,
        name: fl!(cx.words, "everyone"),
    };
    let response = row.show(ui, cx);
    if chosen && row.selected {
        ui.scroll_to_rect_animation(response.rect, None, ScrollAnimation::none());
    }
    response.clicked().then_some(Action::Select(Key::Everyone))
}

fn conversation_row(ui: &mut Ui, cx: &Cx<'_>, conn: ConnId, conversation: &Conversation) -> Option<Action> {
    let title = cx.title(conversation);
    let state = wording::state_text(cx, conversation);
    let line = match (&conversation.name, conversation.peer) {
        (Some(_), Some(peer)) if conversation.entries().is_empty() => peer.to_string(),
        _ => last_line(cx, conversation).unwrap_or_else(|| state.clone()),
    };
    let over = conversation.state.is_over();
    let row = Row {
        mono: conversation.name.is_none() && conversation.student.is_none(),
        line,
        avatar: (theme::peer_colour(conn), avatar_letters(conversation)),
        selected: cx.selected == Key::Conn(conn),
        faded: over,
        dot: Dot::Shown(cx.state_colour(conversation)),
        unread: conversation.unread(),
        name: if conversation.unread() == 0 {
            format!("{title}, {state}")
        } else {
            format!("{title}, {state}, {}", fl!(cx.words, "unread", count = conversation.unread()))
        },
        title,
    };
    let response = row.show(ui, cx);
    let mut action = response.clicked().then_some(Action::Select(Key::Conn(conn)));
    Popup::context_menu(&response).show(|ui| {
        action = conn_menu::show(ui, cx, conn, conversation).map(|asked| Action::Conn(conn, asked)).or(action.take());
    });
    action
}

enum Dot {
    Absent,
    Shown(Option<Color32>),
}

struct Row {
    title: String,
    mono: bool,
    line: String,
    avatar: (Color32, String),
    selected: bool,
    faded: bool,
    /// Whether the state is shown, as a dot of that colour or an empty one.
    dot: Dot,
    unread: usize,
    name: String,
}

impl Row {
    fn show(&self, ui: &mut Ui, cx: &Cx<'_>) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, self.selected, &self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let look = cx.look;
        let rect = rect.shrink2(vec2(0.0, 1.0));
        if self.selected {
            ui.painter().rect_filled(rect, theme::RADIUS, look.chosen);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, theme::RADIUS, look.hover);
        }
        controls::focus_ring(ui, look, &response, rect.shrink(3.0), theme::RADIUS);

        let avatar =
            Rect::from_center_size(pos2(rect.left() + 10.0 + AVATAR / 2.0, rect.center().y), vec2(AVATAR, AVATAR));
        let (colour, letters) = &self.avatar;
        let colour = if self.faded { look.everyone.gamma_multiply(0.8) } else { *colour };
        controls::avatar(ui, avatar, colour, letters);

        let mut right = rect.right() - 10.0;
        if self.unread > 0 {
            let text = if self.unread > 999 { "999+".to_owned() } else { self.unread.to_string() };
            let galley = ui.painter().layout_no_wrap(text, theme::small(), look.on_accent);
            let width = (galley.size().x + 12.0).max(20.0);
            let badge = Rect::from_center_size(pos2(right - width / 2.0, rect.center().y), vec2(width, 18.0));
            ui.painter().rect_filled(badge, 9.0, look.accent);
            ui.painter().galley(badge.center() - galley.size() / 2.0, galley, look.on_accent);
            right = badge.left() - 6.0;
        } else if let Dot::Shown(dot) = self.dot {
            controls::dot(ui, cx.look, pos2(right - 5.0, rect.center().y), dot);
            right -= 18.0;
        }
        let left = avatar.right() + 10.0;
        let width = right - left;
        // An address shrinks before it is cut: its end, the port, tells the clients of one machine apart.
        let fitting = width / (self.title.chars().count().max(1) as f32 * 0.61);
        let title_font =
            if self.mono { theme::mono(fitting.clamp(SMALLEST_ADDRESS, theme::TEXT - 1.0)) } else { theme::text() };
        let title_colour = if self.faded { look.weak } else { look.text };
        controls::one_line(ui, pos2(left, rect.top() + 6.0), &self.title, title_font, title_colour, width);
        controls::one_line(ui, pos2(left, rect.top() + 27.0), &self.line, theme::small(), look.weak, width);
        response
    }
}

/// The last number of the address, or the first character of the name; a student's is a picture.
fn avatar_letters(conversation: &Conversation) -> String {
    if conversation.student.is_some() {
        return ICON_SCHOOL.codepoint.to_owned();
    }
    if let Some(first) = conversation.name.as_ref().and_then(|name| name.chars().find(|c| mark(*c).is_none())) {
        return first.to_uppercase().to_string();
    }
    match conversation.peer.map(|peer| peer.ip()) {
        Some(std::net::IpAddr::V4(ip)) => ip.octets().last().map(u8::to_string).unwrap_or_default(),
        Some(std::net::IpAddr::V6(ip)) => format!("{:x}", ip.segments().last().copied().unwrap_or_default()),
        None => "…".to_owned(),
    }
}

fn last_line(cx: &Cx<'_>, conversation: &Conversation) -> Option<String> {
    if conversation.state.is_over() && conversation.unread() == 0 {
        return None;
    }
    let encoding = conversation.manner().encoding;
    let (_, last) =
        conversation.entries().iter().rev().find(|(_, entry)| !matches!(entry.kind, RowKind::Happened(_)))?;
    let (text, ours) = match &last.kind {
        RowKind::Received(received) => (received.decode(encoding).text, false),
        RowKind::Sent(sent) => {
            let failed = if matches!(sent.delivery, Delivery::Failed(_)) { "✗ " } else { "" };
            (format!("{failed}{}", sent.decode(encoding).text), true)
        }
        RowKind::Happened(_) => return None,
    };
    let line: String = text.lines().next().unwrap_or_default().chars().take(PREVIEW).collect();
    let line = visible(&line, &[]).into_owned();
    Some(if ours { fl!(cx.words, "you-said", text = line) } else { line })
}
