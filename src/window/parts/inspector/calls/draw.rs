//! The scene on the screen: its marks painted, and what of it is clicked and read out.

use std::sync::Arc;

use egui::{
    Align2, Color32, Galley, Id, Painter, Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    accesskit::Role,
    epaint::CubicBezierShape,
    text::{LayoutJob, TextFormat, TextWrapping},
};

use super::{
    super::super::controls,
    headers::Header,
    row::{self, Emphasis},
    scene::{Line, Mark, STROKE, TextKind, Typesetter},
    shape::DOT,
    waiting::WaitingRow,
};
use crate::window::{Cx, fonts, theme};

/// From one dot to the next of a dotted line.
const DOTS: f32 = 5.0;

/// A row of the screen.
pub type Row = row::Row<Arc<Galley>>;

/// A row of the screen, in its place.
pub type Placed = row::Placed<Arc<Galley>>;

/// Lays text out as egui measures it.
pub struct Screen(pub Painter);

impl Typesetter for Screen {
    type Line = Arc<Galley>;

    fn set(&self, kind: TextKind, parts: &[(&str, Color32)], room: f32) -> Line<Self::Line> {
        let font = match kind {
            TextKind::Call => theme::mono(theme::SMALL),
            TextKind::LaneName => fonts::semibold(theme::SMALL),
            TextKind::LaneAddress => theme::mono(theme::SMALL - 1.0),
        };
        let mut job = LayoutJob::default();
        for (part, colour) in parts {
            job.append(part, 0.0, TextFormat::simple(font.clone(), *colour));
        }
        job.wrap = TextWrapping { max_width: room, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
        let laid = self.0.layout_job(job);
        Line { size: laid.size(), laid }
    }
}

/// Paint these marks, the first at the back.
pub fn paint(painter: &Painter, marks: Vec<Mark<Arc<Galley>>>) {
    for mark in marks {
        let shape = match mark {
            Mark::Line { ends, colour } => Shape::line_segment(ends, Stroke::new(STROKE, colour)),
            Mark::Dotted { ends, colour } => {
                painter.extend(Shape::dotted_line(&ends, colour, DOTS, STROKE / 2.0));
                continue;
            }
            Mark::Curve { points, colour } => {
                let stroke = Stroke::new(STROKE, colour);
                CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke).into()
            }
            Mark::ArrowHead { corners, colour } => Shape::convex_polygon(corners.to_vec(), colour, Stroke::NONE),
            Mark::Dot { middle, colour } => Shape::circle_filled(middle, DOT, colour),
            Mark::Plate { rect, corner, fill, edge } => {
                let edge = edge.map_or(Stroke::NONE, |colour| Stroke::new(STROKE, colour));
                painter.rect(rect, corner, fill.unwrap_or(Color32::TRANSPARENT), edge, StrokeKind::Inside);
                continue;
            }
            Mark::Text { at, line } => {
                let at = Align2::LEFT_CENTER.anchor_size(at, line.size).min;
                // Each part has a colour of its own.
                painter.galley(at, line.laid, Color32::PLACEHOLDER);
                continue;
            }
        };
        painter.add(shape);
    }
}

/// Paint a row that begins at `top`; gives what was done with it.
pub fn row(ui: &Ui, cx: &Cx<'_>, placed: &Placed, open: bool, marked: bool) -> Response {
    let (row, top) = (&placed.row, placed.top);
    let number = row.number();
    let id = Id::unique(("call", number, matches!(row.of, row::Of::Run(_))));
    ui.data_mut(|data| data.insert_temp(id, number));
    let response = ui.interact(row.hit_rect(top), id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &row.text));
    if response.hovered() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    if let Some((text, rect)) = row.head(top) {
        let head = ui.interact(rect, Id::unique(("new", number)), Sense::hover());
        head.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    }
    paint(ui.painter(), row.marks(cx, top, Emphasis { open, marked, hovered: response.hovered() }));
    controls::focus_ring(ui, cx.look, &response, row.text_rect(top), 6);
    response
}

/// Paint what a lane is called; all of it shows under the pointer.
pub fn header(ui: &Ui, header: Header<Arc<Galley>>) {
    paint(ui.painter(), header.marks);
    let response = ui.interact(header.rect, Id::unique(("lane", &header.told)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &header.told));
    response.on_hover_text(header.told);
}

/// Paint a call that waits now, so that a screen reader finds it.
pub fn waiting(ui: &Ui, row: WaitingRow<Arc<Galley>>) {
    paint(ui.painter(), row.marks);
    let response = ui.interact(row.rect, Id::unique(("waiting", &row.told)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &row.told));
}
