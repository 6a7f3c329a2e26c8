//! What the lanes are called, over the picture: descriptor, role and address of each, and what the others are about.

use egui::{Color32, Rect, pos2, vec2};
use i18n_embed_fl::fl;

use super::{
    scene::{Mark, Scene, TextKind, Typesetter},
    shape::{self, BESIDE, CHIP, CHIP_GAP, LOW_CHIP},
    words,
};
use crate::window::{Cx, theme};
use crate::{
    core::{
        CallRow, Key, ServerState,
        diagram::{OwnLane, Role, SocketState, Tally, state_of},
    },
    net::{Call, Outcome, SocketId},
};

/// Width of the bar in a lane's colour.
const BAR: f32 = 4.0;

/// Between the edge of a name's ground and its text.
const INSIDE: f32 = 10.0;

/// A name need not be wider.
const WIDEST: f32 = 320.0;

/// What a lane is called.
pub struct Header<L> {
    /// Where it is.
    pub rect: Rect,
    /// From back to front.
    pub marks: Vec<Mark<L>>,
    /// All of it.
    pub told: String,
}

/// What is written over a lane.
struct Written {
    name: String,
    more: String,
    colour: Color32,
}

impl Scene<'_> {
    /// How high the names are: over their lanes, or in rows where lanes stand too close.
    pub fn headers_height(&self) -> f32 {
        let lanes = self.fold.lanes().count();
        let rows = if self.is_wide() { 1 } else { lanes.div_ceil(self.in_a_row()) };
        rows as f32 * (self.chip() + CHIP_GAP)
    }

    fn chip(&self) -> f32 {
        if self.low { LOW_CHIP } else { CHIP }
    }

    fn is_wide(&self) -> bool {
        let lanes = self.fold.lanes().count();
        lanes == 1 || shape::is_wide(self.lane_width)
    }

    fn in_a_row(&self) -> usize {
        shape::chips_in_a_row(self.right - self.left, self.fold.lanes().count(), self.low)
    }

    /// The names, the first of which begins at `top`.
    pub fn headers<T: Typesetter>(&self, setter: &T, cx: &Cx<'_>, tally: &Tally, top: f32) -> Vec<Header<T::Line>> {
        let lanes = self.fold.lanes();
        let own = lanes.own.iter().map(|own| written(cx, *own, self.colour(cx, own.socket)));
        let others = lanes.others.then(|| Written {
            name: fl!(cx.words, "calls-others", count = tally.sockets),
            more: tally_text(cx, tally),
            colour: cx.look.weak,
        });
        let header = |(column, written)| self.header(setter, cx, (column, written), top);
        own.chain(others).enumerate().map(header).collect()
    }

    fn header<T: Typesetter>(
        &self,
        setter: &T,
        cx: &Cx<'_>,
        (column, written): (usize, Written),
        top: f32,
    ) -> Header<T::Line> {
        let Written { name, more, colour } = written;
        let rect = self.header_rect(column, top);
        let room = rect.width() - INSIDE - 6.0;
        let left = rect.left() + INSIDE;
        let bar = Rect::from_min_size(rect.min, vec2(BAR, rect.height()));
        let mut marks = vec![
            Mark::plate(rect, f32::from(theme::RADIUS), theme::lane_ground(cx.look, colour)),
            Mark::plate(bar.shrink2(vec2(0.0, 6.0)), BAR / 2.0, colour),
        ];
        let name_at = if self.low { LOW_CHIP / 2.0 } else { 13.0 };
        let lines =
            [(TextKind::LaneName, &name, cx.look.text, name_at), (TextKind::LaneAddress, &more, cx.look.weak, 28.0)];
        for (kind, text, colour, y) in lines.into_iter().take(if self.low { 1 } else { 2 }) {
            let line = setter.set(kind, &[(text, colour)], room);
            marks.push(Mark::Text { at: pos2(left, rect.top() + y), line });
        }
        let told = if more.is_empty() { name } else { format!("{name} · {more}") };
        Header { rect, marks, told }
    }

    fn header_rect(&self, column: usize, top: f32) -> Rect {
        let lanes = self.fold.lanes().count();
        if self.is_wide() {
            let left = self.column_x(column) - BESIDE;
            let right = if column + 1 == lanes { self.right } else { left + self.lane_width };
            return Rect::from_min_max(pos2(left, top), pos2((right - CHIP_GAP).min(left + WIDEST), top + self.chip()));
        }
        let in_a_row = self.in_a_row();
        let left = self.left - BESIDE;
        let width = (self.right - left) / in_a_row as f32;
        let (across, down) = ((column % in_a_row) as f32, (column / in_a_row) as f32);
        let at = pos2(left + across * width, top + down * (self.chip() + CHIP_GAP));
        Rect::from_min_size(at, vec2(width - CHIP_GAP, self.chip()))
    }
}

fn written(cx: &Cx<'_>, own: OwnLane, colour: Color32) -> Written {
    let socket = own.socket;
    // Its latest call knows the number, even if its rows are here no more.
    let last = cx.core.calls(socket).and_then(|log| log.last());
    let fd = words::prefix(last.and_then(|row| row.descriptor));
    let role = match (own.role, state_of(cx.core, socket)) {
        (_, SocketState::Closed) => fl!(cx.words, "lane-closed"),
        (_, SocketState::Reset) => fl!(cx.words, "lane-reset"),
        (_, SocketState::Failed) => fl!(cx.words, "lane-failed"),
        (_, SocketState::Closing) => fl!(cx.words, "lane-closing"),
        (Role::Listening, _) if words::is_udp(cx.core, socket) => fl!(cx.words, "lane-bound"),
        (Role::Listening, _) if listens(cx, socket) => fl!(cx.words, "lane-listening"),
        (Role::Listening, _) => fl!(cx.words, "lane-not-listening"),
        (Role::Chosen, _) => fl!(cx.words, "lane-chosen"),
        (Role::OtherEnd, _) => fl!(cx.words, "lane-other-end"),
        (Role::Newest, _) => fl!(cx.words, "lane-newest"),
        (Role::Asked | Role::Room, _) if words::is_udp(cx.core, socket) => fl!(cx.words, "lane-udp"),
        (Role::Asked | Role::Room, _) => fl!(cx.words, "lane-open"),
    };
    let mut name = if fd.is_empty() { role } else { format!("{fd}· {role}") };
    if let SocketId::Listener(listener) = socket
        && let ServerState::Listening { listener: now, backlog, .. } = cx.core.server().state
        && let (true, Some(waiting)) = (now == listener, cx.core.server().waiting)
    {
        name = format!("{name} · {}", fl!(cx.words, "lane-queue", waiting = waiting, backlog = backlog));
    }
    Written { name, more: address(cx, socket), colour }
}

/// Whether `listen` has succeeded on a socket, as far as its calls are known.
fn listens(cx: &Cx<'_>, socket: SocketId) -> bool {
    cx.core.calls(socket).is_some_and(|log| {
        let is_listen = |row: &CallRow| matches!((&row.call.call, &row.call.outcome), (Call::Listen(_), Outcome::Done));
        // One that has been called so often was being listened on.
        log.let_go() > 0 || log.iter().any(is_listen)
    })
}

/// The address of a socket: the listener's own; of a connection its other end's, and what it is called.
pub fn address(cx: &Cx<'_>, socket: SocketId) -> String {
    match socket {
        SocketId::Listener(listener) => match cx.core.server().state {
            ServerState::Listening { listener: now, local, .. } | ServerState::Bound { listener: now, local, .. }
                if now == listener =>
            {
                words::tuple(local)
            }
            _ => String::new(),
        },
        SocketId::Conn(conn) => {
            let Some(conversation) = cx.core.conversation(Key::Conn(conn)) else { return String::new() };
            let title = cx.title(conversation);
            match conversation.peer.filter(|_| conversation.name.is_some() || conversation.student.is_some()) {
                Some(peer) => format!("{peer} · {title}"),
                None => title,
            }
        }
    }
}

/// What the others are about.
fn tally_text(cx: &Cx<'_>, tally: &Tally) -> String {
    let words = cx.words;
    let parts = [
        (tally.recv, fl!(words, "tally-recv", count = tally.recv)),
        (tally.connect, fl!(words, "tally-connect", count = tally.connect)),
        (tally.other_call, fl!(words, "tally-other-call", count = tally.other_call)),
        (tally.idle, fl!(words, "tally-idle", count = tally.idle)),
        (tally.closing, fl!(words, "tally-closing", count = tally.closing)),
        (tally.reset, fl!(words, "tally-reset", count = tally.reset)),
        (tally.failed, fl!(words, "tally-failed", count = tally.failed)),
        (tally.closed, fl!(words, "tally-closed", count = tally.closed)),
    ];
    let told: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    told.join(" · ")
}
