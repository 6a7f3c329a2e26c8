//! The sidebar: a search over everything, a row for each conversation, and at its foot the server and a few buttons.

mod foot;
mod people;
mod row;

use egui::{
    Align, Button, Label, Layout, Popup, Rect, RichText, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, accesskit::Role,
    pos2, style::ScrollAnimation, vec2,
};
use egui_material_icons::{
    MaterialIcon,
    icons::{ICON_CHEVRON_RIGHT, ICON_DELETE_SWEEP, ICON_EXPAND_MORE, ICON_FORUM, ICON_SCHOOL},
};
use i18n_embed_fl::fl;
use row::{Dot, ROW, Row, SMALLEST_ADDRESS};

use super::{
    conn_menu, controls, me, person_menu, server_card,
    students::{self, StudentsSection},
};
use crate::window::{
    Cx,
    avatar::{self, Endings, Peer},
    command::Intent,
    listed::{List, Listed, PeopleList},
    theme::{self, STEP},
    wording,
};
use crate::{
    chat::{Delivery, Origin, RowKind, SessionId},
    core::{Conversation, Key},
    explain::diagnoses,
    history::SessionSummary,
    net::ConnId,
    wire::visible,
};

/// Height of the line above a part of the list.
const HEAD: f32 = 26.0;

/// Height of a past session's row.
const LATEST_ROW: f32 = 28.0;

/// Height of the line above them.
const LATEST_HEAD: f32 = 24.0;

/// With room for fewer past sessions than this, none are shown.
const MIN_RECENT_ROWS: usize = 2;

/// Characters of a last line that are looked at.
const PREVIEW: usize = 80;

/// What the list keeps of the height, whatever the server's card needs: two rows.
const LEAST_LIST: f32 = 2.0 * ROW;

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
    /// Something of a person.
    Person(person_menu::Action),
    /// Something about oneself.
    Me(me::Action),
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
    /// The conversations in which nothing was said have rows.
    pub silent_unfolded: bool,
    /// The people who are not nearby have rows.
    pub away_unfolded: bool,
    /// Height of what is below the list, in the frame before.
    below: f32,
    /// The conversation that was open in the frame before.
    shown: Option<Key>,
}

impl Sidebar {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let mut action = me::row(ui, cx).map(Action::Me);
        action = foot::search(ui, cx).map(Action::Run).or(action);
        ui.add_space(STEP);
        let all = ui.available_rect_before_wrap();
        // In the order in which it is read, which is that of the keyboard: the list, then what is below it.
        let border = (all.bottom() - self.below).max(all.top());
        let list = Rect::from_min_max(all.min, pos2(all.right(), border));
        ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("list"), |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(list));
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                action = self.list(ui, cx, list.bottom()).or(action.take());
            });
        });
        let below = Rect::from_min_max(pos2(all.left(), border), all.max);
        let drawn = ui.scope_builder(UiBuilder::new().max_rect(below).id_salt("below"), |ui| {
            ui.add_space(2.0 * STEP);
            let foot = theme::CONTROL + 2.0 * STEP;
            ScrollArea::vertical()
                .id_salt("server-card")
                .auto_shrink([false, true])
                .max_height((all.height() - LEAST_LIST - 2.0 * STEP - foot).max(server_card::LEAST))
                .min_scrolled_height(0.0)
                .show(ui, |ui| action = server_card::show(ui, cx).map(Action::Server).or(action.take()));
            ui.add_space(2.0 * STEP);
            action = foot::buttons(ui, cx).map(Action::Run).or(action.take());
        });
        let height = drawn.response.rect.height();
        if (height - self.below).abs() > 0.5 {
            self.below = height;
            ui.ctx().request_repaint();
        }
        action
    }

    fn list(&mut self, ui: &mut Ui, cx: &Cx<'_>, bottom: f32) -> Option<Action> {
        let chosen = self.shown.replace(cx.selected).is_some_and(|shown| shown != cx.selected);
        let mut action = self.students.show(ui, cx).map(Action::Students);
        let people = people::show(ui, cx, &mut self.away_unfolded, chosen);
        action = people.or(action);
        action = self.conversations(ui, cx, chosen).or(action);
        latest(ui, cx, bottom).or(action)
    }

    /// A row for everyone and one for each conversation; only those in sight are drawn.
    fn conversations(&mut self, ui: &mut Ui, cx: &Cx<'_>, chosen: bool) -> Option<Action> {
        let mut action = None;
        let list = List::of(cx.core, cx.selected);
        let endings = (cx.core.conversations().map(|(_, conversation)| Peer::of(conversation))).collect();
        ui.spacing_mut().item_spacing.y = 0.0;
        // Beside people, whose conversations are encrypted, it is said what these are.
        let people = PeopleList::of(cx.core.people(), cx.selected).is_wanted(cx.core.people());
        let title = if people { fl!(cx.words, "plain-conversations") } else { fl!(cx.words, "conversations") };
        head(ui, cx, title, |ui| {
            controls::hint(ui, cx.look, (list.open.len()).to_string());
        });
        if shows_everyone(cx) {
            action = everyone_row(ui, cx, chosen).or(action);
        } else if list.open.is_empty() && list.over() == 0 {
            let nobody = if cx.serves_udp() { fl!(cx.words, "udp-not-heard") } else { fl!(cx.words, "nobody-yet") };
            controls::empty(ui, cx.look, ICON_FORUM, nobody);
        }
        action = rows(ui, cx, &list.open, &endings, chosen).or(action);
        if list.over() == 0 {
            return action;
        }
        head(ui, cx, fl!(cx.words, "closed-conversations"), |ui| {
            if controls::quiet_icon(ui, cx.look, ICON_DELETE_SWEEP, fl!(cx.words, "remove-closed")).clicked() {
                action = Some(Action::RemoveClosed);
            }
            controls::hint(ui, cx.look, list.over().to_string());
        });
        action = rows(ui, cx, &list.closed, &endings, chosen).or(action);
        if !list.silent.is_empty() {
            let name = fl!(cx.words, "silent-conversations", count = list.silent.len());
            let icon = if self.silent_unfolded { ICON_EXPAND_MORE } else { ICON_CHEVRON_RIGHT };
            self.silent_unfolded ^= fold_row(ui, cx, icon, &name, &fl!(cx.words, "silent-conversations-hint"));
            if self.silent_unfolded {
                action = rows(ui, cx, &list.silent, &endings, chosen).or(action);
            }
        }
        action
    }
}

/// The line above a part of the list, with something on its right.
fn head(ui: &mut Ui, cx: &Cx<'_>, title: String, right: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(ui.available_width(), HEAD), Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(STEP);
        right(ui);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(STEP);
            let title = RichText::new(title).size(theme::SMALL).color(cx.look.weak);
            ui.add(Label::new(title).truncate());
        });
    });
}

/// The one row in place of several; whether it was clicked.
fn fold_row(ui: &mut Ui, cx: &Cx<'_>, icon: MaterialIcon, name: &str, hint: &str) -> bool {
    let text = RichText::new(name).size(theme::SMALL).color(cx.look.weak);
    let icon = icon.rich_text().size(16.0).color(cx.look.weak);
    let button = Button::new((icon, text)).frame_when_inactive(false).truncate();
    let response = controls::no_wider(ui, ui.available_width() - 3.0 * STEP, |ui| ui.add(button));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response.on_hover_text(hint).clicked()
}

/// A row for each; only those in sight are drawn. One that was just chosen is scrolled into sight.
fn rows(ui: &mut Ui, cx: &Cx<'_>, all: &[Listed<'_>], endings: &Endings, chosen: bool) -> Option<Action> {
    let mut action = None;
    let total = all.len();
    let place = all.iter().position(|(conn, _)| cx.selected == Key::Conn(*conn));
    let (first, end) = in_sight(ui, total, place.filter(|_| chosen));
    ui.add_space(first as f32 * ROW);
    for (conn, conversation) in all.iter().skip(first).take(end.saturating_sub(first)) {
        action = conversation_row(ui, cx, *conn, conversation, endings).or(action);
    }
    ui.add_space((total - end) as f32 * ROW);
    action
}

/// Which of so many rows from here on are in sight: the first, and the one after the last. The chosen one is scrolled to.
fn in_sight(ui: &Ui, total: usize, chosen: Option<usize>) -> (usize, usize) {
    let (top, clip) = (ui.cursor().top(), ui.clip_rect());
    if let Some(place) = chosen {
        let at = pos2(ui.max_rect().left(), top + place as f32 * ROW);
        let row = Rect::from_min_size(at, vec2(ui.available_width(), ROW));
        ui.scroll_to_rect_animation(row, None, ScrollAnimation::none());
    }
    let row_at = |y: f32| (((y - top) / ROW).max(0.0) as usize).min(total);
    (row_at(clip.top()), (row_at(clip.bottom()) + 1).min(total))
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
        if ui.add(Button::new(text).frame_when_inactive(false)).clicked() {
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
    cx.core.server().listener().is_some()
        || cx.core.conversations().any(|(_, c)| matches!(c.origin, Origin::Accepted | Origin::Heard))
}

fn everyone_row(ui: &mut Ui, cx: &Cx<'_>, chosen: bool) -> Option<Action> {
    let clients = cx.core.connected_clients();
    let line = if cx.core.server().is_udp() {
        fl!(cx.words, "udp-addresses", count = clients)
    } else {
        fl!(cx.words, "clients-connected", count = clients)
    };
    let name = fl!(cx.words, "everyone");
    row_of_many(ui, cx, chosen, Key::Everyone, (name.clone(), line, name), clients)
}

/// A row for a conversation with so many at once: what they are called, how many they are in words, and
/// both for who listens.
fn row_of_many(
    ui: &mut Ui,
    cx: &Cx<'_>,
    chosen: bool,
    key: Key,
    (title, line, name): (String, String, String),
    count: usize,
) -> Option<Action> {
    let row = Row {
        title,
        mono: false,
        line,
        avatar: (cx.look.everyone, fl!(cx.words, "everyone-avatar")),
        selected: cx.selected == key,
        faded: count == 0,
        dot: Dot::Absent,
        unread: 0,
        name,
    };
    let response = row.show(ui, cx);
    if chosen && row.selected {
        ui.scroll_to_rect_animation(response.rect, None, ScrollAnimation::none());
    }
    response.clicked().then_some(Action::Select(key))
}

fn conversation_row(
    ui: &mut Ui,
    cx: &Cx<'_>,
    conn: ConnId,
    conversation: &Conversation,
    endings: &Endings,
) -> Option<Action> {
    let title = cx.title(conversation);
    let state = wording::state_text(cx, conversation);
    let line = match (&conversation.name, conversation.peer) {
        (Some(_), Some(peer)) if conversation.entries().is_empty() => peer.to_string(),
        _ => last_line(cx, conversation).unwrap_or_else(|| state.clone()),
    };
    let over = conversation.state.is_over();
    let found = conversation.diagnosis().filter(|_| !conversation.said_nothing());
    let sentence = found.map(|found| diagnoses::diagnosis(cx.words, found).what);
    let line = sentence.clone().filter(|_| over).unwrap_or(line);
    let marked = found.is_some_and(|found| !found.is_calm());
    let state = sentence.filter(|_| marked).map_or_else(|| state.clone(), |sentence| format!("{state}, {sentence}"));
    let row = Row {
        mono: conversation.name.is_none() && conversation.student.is_none(),
        line,
        avatar: (theme::peer_colour(conn), avatar_letters(conversation, endings)),
        selected: cx.selected == Key::Conn(conn),
        faded: over,
        dot: if marked { Dot::Mark } else { Dot::Shown(cx.state_colour(conversation)) },
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
        controls::tall_menu(ui, |ui| {
            action =
                conn_menu::show(ui, cx, conn, conversation).map(|asked| Action::Conn(conn, asked)).or(action.take());
        });
    });
    action
}

/// What tells the peer from the others; a student's is a picture.
fn avatar_letters(conversation: &Conversation, endings: &Endings) -> String {
    if conversation.student.is_some() {
        return ICON_SCHOOL.codepoint.to_owned();
    }
    avatar::letters(Peer::of(conversation), endings)
}

fn last_line(cx: &Cx<'_>, conversation: &Conversation) -> Option<String> {
    if conversation.state.is_over() && conversation.unread() == 0 {
        return None;
    }
    let encoding = conversation.manner().encoding;
    let (_, last) =
        conversation.entries().iter().rev().find(|(_, entry)| !matches!(entry.kind, RowKind::Happened(_)))?;
    let (text, ours) = match &last.kind {
        RowKind::Received(received) if received.raw.is_empty() => (fl!(cx.words, "udp-empty"), false),
        RowKind::Sent(sent) if sent.raw.is_empty() => (fl!(cx.words, "udp-empty"), true),
        RowKind::Received(received) => (received.decode(encoding).text, false),
        RowKind::Sent(sent) => {
            let failed = if matches!(sent.delivery, Delivery::Failed(_)) { "✗ " } else { "" };
            (format!("{failed}{}", sent.decode().text), true)
        }
        RowKind::Happened(_) => return None,
    };
    let line: String = text.lines().next().unwrap_or_default().chars().take(PREVIEW).collect();
    let line = visible(&line, &[]).into_owned();
    Some(if ours { fl!(cx.words, "you-said", text = line) } else { line })
}
