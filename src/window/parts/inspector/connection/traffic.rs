//! What went over a connection: how much, how fast, and the numbers in its messages as a curve.

use std::ops::RangeInclusive;

use egui::{DragValue, RichText, Ui};
use egui_plot::{GridMark, Line, Plot, PlotPoint, PlotPoints};
use i18n_embed_fl::fl;

use crate::{
    core::{Conversation, Key},
    window::{
        Cx,
        parts::controls,
        theme::{self, STEP},
        wording,
    },
};

/// Fewer bytes are told one by one.
const COUNTED: u64 = 10 * 1024;

/// Height of the curve, in points.
const CURVE: f32 = 160.0;

/// The curve, and which numbers it is of.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Which number of each message, counted from 0.
    place: usize,
    /// What is drawn, and of which state of which conversation.
    of: Option<(Key, u64, u64, usize)>,
    points: Vec<[f64; 2]>,
}

impl Traffic {
    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, key: Key, conversation: &Conversation) {
        ui.label(theme::strong(fl!(cx.words, "traffic"), theme::TEXT));
        let (bytes_in, bytes_out) = (bytes(cx, conversation.bytes_in), bytes(cx, conversation.bytes_out));
        let received = fl!(cx.words, "traffic-in", count = conversation.messages_in, bytes = bytes_in);
        let sent = fl!(cx.words, "traffic-out", count = conversation.messages_out, bytes = bytes_out);
        for line in [received, sent] {
            ui.label(RichText::new(line).size(theme::SMALL));
        }
        if let Some(rate) = conversation.rate() {
            let (messages, bytes) = (format!("{:.1}", rate.messages), bytes(cx, rate.bytes.round() as u64));
            controls::hint(ui, cx.look, fl!(cx.words, "traffic-rate", messages = messages, bytes = bytes));
        }
        self.follow(key, conversation);
        ui.horizontal_wrapped(|ui| {
            let label = ui.label(fl!(cx.words, "plot-which"));
            let mut number = self.place + 1;
            ui.add(DragValue::new(&mut number).range(1..=50)).labelled_by(label.id);
            self.place = number.saturating_sub(1);
        });
        if self.points.len() < 2 {
            controls::hint(ui, cx.look, fl!(cx.words, "plot-none"));
        } else {
            self.curve(ui, cx);
        }
        ui.add_space(STEP);
    }

    fn follow(&mut self, key: Key, conversation: &Conversation) {
        let entries = conversation.entries();
        let of = (key, entries.generation(), entries.end().0, self.place);
        if self.of == Some(of) {
            return;
        }
        self.of = Some(of);
        let numbers = conversation.numbers(self.place);
        let last = numbers.last().map(|(at, _)| *at);
        self.points = numbers
            .into_iter()
            .filter_map(|(at, number)| Some([at.duration_since(last?).as_secs_f64(), number]))
            .collect();
    }

    fn curve(&self, ui: &mut Ui, cx: &Cx<'_>) {
        let points = self.points.iter().map(|[x, y]| PlotPoint::new(*x, *y)).collect();
        let number = self.place + 1;
        let name = fl!(cx.words, "plot-name", number = number);
        let seconds =
            |mark: GridMark, _: &RangeInclusive<f64>| format!("{} s", wording::at_mark(mark.value, mark.step_size));
        let plot = Plot::new("numbers")
            .height(CURVE)
            .x_axis_formatter(seconds)
            .y_axis_formatter(|mark, _| wording::at_mark(mark.value, mark.step_size))
            .y_axis_min_width(40.0);
        let line = Line::new("", PlotPoints::Owned(points)).color(cx.look.accent).width(1.5).allow_hover(false);
        controls::plot(ui, cx.look, &name, plot, |plot| plot.line(line));
        controls::hint(ui, cx.look, fl!(cx.words, "plot-hint"));
    }
}

/// So many bytes: their number, or about how many KiB or MiB they are.
fn bytes(cx: &Cx<'_>, count: u64) -> String {
    if count < COUNTED { fl!(cx.words, "bytes", count = count) } else { wording::size(cx, count) }
}
