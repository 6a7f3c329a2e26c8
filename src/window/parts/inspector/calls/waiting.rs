//! The calls that wait now, under the last row: one for each lane, and one for all others that wait in the same call.

use egui::{Color32, Rect, emath::Rangef, pos2, vec2};
use i18n_embed_fl::fl;

use super::{
    row::Placed,
    scene::{Mark, Scene, TextKind, Typesetter},
    shape::{self, BESIDE, EDGE, HALF_BAR},
    words,
};
use crate::window::Cx;
use crate::{
    core::diagram::{SocketState, Tally, state_of},
    net::{Call, SocketId},
};

/// What waits now.
pub struct Waiting {
    own: Vec<(SocketId, usize, Call)>,
    others: Vec<String>,
}

/// The rows of what waits now.
pub struct WaitingRows<L> {
    /// Their lanes and bars, behind them and all rows.
    pub lanes: Vec<Mark<L>>,
    /// Each of them, from top to bottom.
    pub rows: Vec<WaitingRow<L>>,
}

/// A call that waits now, as it is painted.
pub struct WaitingRow<L> {
    /// From back to front.
    pub marks: Vec<Mark<L>>,
    /// Where the text is.
    pub rect: Rect,
    /// For screen readers.
    pub told: String,
}

impl Waiting {
    /// How high the rows are.
    pub fn height(&self) -> f32 {
        (self.own.len() + self.others.len()) as f32 * shape::WAITING
    }
}

impl Scene<'_> {
    /// What waits now.
    pub fn waiting(&self, cx: &Cx<'_>, tally: &Tally) -> Waiting {
        let lanes = self.fold.lanes();
        let waits = |socket| match state_of(cx.core, socket) {
            SocketState::Waits(call) => Some(call),
            _ => None,
        };
        let own = lanes.own.iter().enumerate();
        let own = own.filter_map(|(column, own)| Some((own.socket, column, waits(own.socket)?))).collect();
        let others = [("recv()", tally.recv), ("connect()", tally.connect)].into_iter();
        let others = others.filter(|(_, count)| lanes.others && *count > 0);
        let others =
            others.map(|(call, count)| fl!(cx.words, "calls-others-wait", count = count, call = call)).collect();
        Waiting { own, others }
    }

    /// Its rows, under the last row of the picture, which ends at `end`. `placed` are the rows in sight.
    pub fn waiting_rows<T: Typesetter>(
        &self,
        setter: &T,
        cx: &Cx<'_>,
        waiting: &Waiting,
        placed: &[Placed<T::Line>],
        end: f32,
    ) -> WaitingRows<T::Line> {
        let (mut lanes, mut rows) = (Vec::new(), Vec::new());
        let mut top = end;
        for (socket, column, call) in &waiting.own {
            let x = self.column_x(*column);
            lanes.push(self.lane_line(cx, *socket, x, Rangef::new(end, top + shape::PAD)));
            let began = self.began_waiting(placed, *socket, call.kind());
            let (from, to) = (began.unwrap_or(top + 4.0), top + shape::WAITING - 2.0);
            let bar = Rect::from_x_y_ranges(x - HALF_BAR..=x + HALF_BAR, from..=to);
            let bar = Mark::Plate { rect: bar, corner: HALF_BAR, fill: Some(cx.look.raised), edge: Some(cx.look.wait) };
            let last = cx.core.calls(*socket).and_then(|log| log.last());
            let name = words::prefix(last.and_then(|row| row.descriptor));
            let text = format!("{name}{} {}", words::call_text(*call), fl!(cx.words, "calls-waiting"));
            // Behind the rows beside which it waits.
            lanes.push(bar);
            rows.push(self.waiting_row(setter, cx, (Vec::new(), text, cx.look.wait), pos2(x, top)));
            top += shape::WAITING;
        }
        if let Some(x) = self.others_x() {
            let bottom = top + waiting.others.len() as f32 * shape::WAITING;
            lanes.push(Mark::Dotted { ends: [pos2(x, end), pos2(x, bottom)], colour: cx.look.weak });
            for text in &waiting.others {
                rows.push(self.waiting_row(setter, cx, (Vec::new(), text.clone(), cx.look.weak), pos2(x, top)));
                top += shape::WAITING;
            }
        }
        WaitingRows { lanes, rows }
    }

    fn waiting_row<T: Typesetter>(
        &self,
        setter: &T,
        cx: &Cx<'_>,
        (mut marks, told, colour): (Vec<Mark<T::Line>>, String, Color32),
        begins: egui::Pos2,
    ) -> WaitingRow<T::Line> {
        let at = begins + vec2(BESIDE, shape::WAITING / 2.0);
        let line = setter.set(TextKind::Call, &[(&told, colour)], self.right - EDGE / 2.0 - at.x);
        let rect = Rect::from_min_size(at - vec2(0.0, line.size.y / 2.0), line.size);
        // Text covers the lanes it crosses.
        marks.push(Mark::plate(rect.expand2(vec2(4.0, 1.0)), 4.0, cx.look.raised));
        marks.push(Mark::Text { at, line });
        WaitingRow { marks, rect, told }
    }
}
