//! The bar of a wait from where it began: other calls on the same socket may have been made meanwhile.

use egui::{Rect, emath::Rangef};

use super::{
    row::{Of, Placed},
    scene::{Mark, Scene, WAIT_STRENGTH},
    shape::{HALF_BAR, PAD},
};
use crate::window::Cx;
use crate::{
    core::diagram::DiagramRow,
    net::{CallKind, SocketId},
};

/// Where a wait on this socket began that was not over before the row at `end`: at the first of these rows that is the
/// socket's and came after the call that has this number. None, where no row is between.
fn began<L: Clone>(rows: &[Placed<L>], end: usize, socket: SocketId, after: u64) -> Option<f32> {
    let before = rows.get(..end)?.iter().rev();
    let same = |row: &&Placed<L>| matches!(&row.row.of, Of::Call(of) if of.call.call.socket == socket);
    let since = before.take_while(|row| row.row.number() > after).filter(same);
    since.last().map(|row| row.top + PAD)
}

impl Scene<'_> {
    /// The call on the same socket after which this one began to wait: the one before it of its kind, or else what made
    /// the connection.
    fn waits_since(&self, socket: SocketId, kind: CallKind, before: u64) -> u64 {
        let of_socket = |row: &&DiagramRow| row.call.number < before && row.call.call.socket == socket;
        let earlier = self.diagram.rows().rev().filter(of_socket).take(LOOKED_BACK);
        let mut first = 0;
        for row in earlier {
            first = row.call.number;
            if row.call.call.call.kind() == kind {
                break;
            }
        }
        first
    }

    /// The parts of bars that are above their rows: for waits that have ended.
    pub(super) fn waits<L: Clone>(&self, cx: &Cx<'_>, rows: &[Placed<L>]) -> Vec<Mark<L>> {
        let mut marks = Vec::new();
        for (place, placed) in rows.iter().enumerate() {
            let Of::Call(of) = &placed.row.of else { continue };
            let call = &of.call.call;
            let SocketId::Conn(_) = call.socket else { continue };
            if !placed.row.waited() || self.fold.lanes().column(call.socket).is_none() {
                continue;
            }
            let since = self.waits_since(call.socket, call.call.kind(), of.call.number);
            if let Some(began) = began(rows, place, call.socket, since) {
                let ys = Rangef::new(began, placed.top + placed.row.body_bottom());
                let x = self.x(call.socket);
                let rect = Rect::from_x_y_ranges(x - HALF_BAR..=x + HALF_BAR, ys);
                marks.push(Mark::plate(rect, HALF_BAR, cx.look.raised));
                marks.push(Mark::plate(rect, HALF_BAR, cx.look.wait.gamma_multiply(WAIT_STRENGTH)));
            }
        }
        marks
    }

    /// Where a wait in this call began that is not over; None, if no call was made on the socket since.
    pub(super) fn began_waiting<L: Clone>(&self, rows: &[Placed<L>], socket: SocketId, kind: CallKind) -> Option<f32> {
        began(rows, rows.len(), socket, self.waits_since(socket, kind, u64::MAX))
    }
}

/// Calls of a socket that are looked through for the one before; under load many of the other kind may be between.
const LOOKED_BACK: usize = 256;
