//! Ping: what to ask, and the round trips as they come.

use std::ops::RangeInclusive;

use egui::{Key, Label, Rangef, RichText, Ui};
use egui_plot::{AxisHints, GridMark, Line, MarkerShape, Plot, PlotPoint, PlotPoints, Points};
use i18n_embed_fl::fl;

use super::{Action, field, section};
use crate::host::{Destination, DestinationError, PING_INTERVAL, PingEnd, PingReport, RoundTrips};
use crate::window::{
    Cx,
    parts::controls,
    theme::{self, Palette, STEP},
    wording,
};

/// Height of the plot.
const PLOT: f32 = 170.0;

/// Numbers that the plot is wide at least, so that the first ones don't fill it.
const NARROWEST: f64 = 30.0;

/// A ping, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinged {
    /// What is asked.
    pub destination: Destination,
    /// Its answers.
    pub trips: RoundTrips,
    /// What was said last about answers that won't come.
    pub trouble: Option<String>,
    /// Whether it runs, or how it ended.
    pub state: PingState,
}

/// Whether a ping runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingState {
    /// It does.
    Running,
    /// The user stopped it.
    Stopped,
    /// It ended by itself.
    Ended(PingEnd),
}

impl Pinged {
    /// One that has just been started.
    #[must_use]
    pub fn new(destination: Destination) -> Self {
        Self { destination, trips: RoundTrips::default(), trouble: None, state: PingState::Running }
    }

    /// Take a report in.
    pub fn apply(&mut self, report: PingReport) {
        match report {
            PingReport::Answer { number, took } => {
                self.trips.answer(number, took);
                self.trouble = None;
            }
            PingReport::NoAnswer { number } => self.trips.no_answer(number),
            PingReport::Trouble { number, words } => {
                if number.is_some() {
                    self.trips.no_answer(number);
                }
                self.trouble = Some(words);
            }
            PingReport::Ended(end) => self.state = PingState::Ended(end),
        }
    }
}

/// The section: what is typed in its field.
#[derive(Debug)]
pub(super) struct PingSection {
    typed: String,
    problem: Option<DestinationError>,
}

impl Default for PingSection {
    fn default() -> Self {
        Self { typed: "127.0.0.1".to_owned(), problem: None }
    }
}

impl PingSection {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, pinged: Option<&Pinged>) -> Option<Action> {
        section(ui, cx, fl!(cx.words, "network-ping"), fl!(cx.words, "network-ping-hint"));
        let mut action = None;
        controls::card(cx.look).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let running = pinged.is_some_and(|pinged| pinged.state == PingState::Running);
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 96.0).clamp(120.0, 340.0);
                let name = fl!(cx.words, "network-ping-what");
                let response = field(ui, cx.words, &mut self.typed, name, "192.168.1.20", width);
                if response.changed() {
                    self.problem = None;
                }
                let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                let pressed = if running {
                    if ui.button(fl!(cx.words, "network-ping-stop")).clicked() {
                        action = Some(Action::StopPing);
                    }
                    false
                } else {
                    controls::primary(ui, cx.look, fl!(cx.words, "network-ping-start")).clicked()
                };
                if entered || pressed {
                    match self.typed.parse() {
                        Ok(destination) => action = Some(Action::Ping(destination)),
                        Err(problem) => self.problem = Some(problem),
                    }
                }
            });
            if let Some(problem) = self.problem {
                controls::wrong(ui, cx.look, wording::destination_problem(cx, problem));
            }
            if let Some(pinged) = pinged {
                result(ui, cx, pinged);
            }
        });
        action
    }
}

fn result(ui: &mut Ui, cx: &Cx<'_>, pinged: &Pinged) {
    let trips = &pinged.trips;
    let destination = pinged.destination.as_str();
    let title = match &pinged.state {
        PingState::Running => fl!(cx.words, "network-pinging", to = destination),
        PingState::Stopped | PingState::Ended(_) => fl!(cx.words, "network-pinged", to = destination),
    };
    let any = trips.kept().len() > 0;
    ui.add_space(STEP);
    // Of one that never began only the reason is told.
    if any || !matches!(pinged.state, PingState::Ended(_)) {
        ui.add(Label::new(theme::strong(title, theme::TEXT)).wrap());
    }
    if any {
        let summary = summary(cx, trips);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0 * STEP;
            let lost = trips.lost() > 0;
            for (place, words) in summary.iter().enumerate() {
                let colour = if lost && place == 1 { cx.look.bad } else { cx.look.text };
                // Each in one piece.
                ui.add(Label::new(RichText::new(words).color(colour)).extend());
            }
        });
        plot(ui, cx.look, trips, &summary.join(", "));
        controls::hint(ui, cx.look, fl!(cx.words, "network-plot", seconds = PING_INTERVAL.as_secs()));
    } else if pinged.state == PingState::Running {
        controls::hint(ui, cx.look, fl!(cx.words, "network-ping-waits"));
    }
    match &pinged.state {
        PingState::Ended(end) => {
            ui.label(RichText::new(end_text(cx, end, destination)).color(cx.look.bad));
            let todo = match end {
                PingEnd::NoProgram | PingEnd::OtherProgram => Some(fl!(cx.words, "network-ping-install")),
                PingEnd::NameNotFound => Some(fl!(cx.words, "error-name-not-found-todo")),
                PingEnd::Failed(_) => None,
            };
            if let Some(todo) = todo {
                controls::hint(ui, cx.look, todo);
            }
        }
        PingState::Running | PingState::Stopped => {
            if let Some(trouble) = &pinged.trouble {
                controls::wrong(ui, cx.look, trouble);
            }
            if trips.answered() == 0 && trips.lost() > 0 {
                controls::hint(ui, cx.look, fl!(cx.words, "network-ping-silence"));
            }
        }
    }
}

/// How many were answered and lost, and the least, mean and most time.
fn summary(cx: &Cx<'_>, trips: &RoundTrips) -> Vec<String> {
    let (answered, lost) = (trips.answered(), trips.lost());
    let percent = (lost as f64 / (answered + lost).max(1) as f64 * 100.0).round() as u64;
    let mut summary = vec![
        fl!(cx.words, "network-answered", count = answered),
        fl!(cx.words, "network-lost", count = lost, percent = percent),
    ];
    if let Some((least, mean, most)) = trips.least_mean_most() {
        summary.push(fl!(cx.words, "network-least", ms = wording::milliseconds(least)));
        summary.push(fl!(cx.words, "network-mean", ms = wording::milliseconds(mean)));
        summary.push(fl!(cx.words, "network-most", ms = wording::milliseconds(most)));
    }
    summary
}

fn end_text(cx: &Cx<'_>, end: &PingEnd, destination: &str) -> String {
    match end {
        PingEnd::NoProgram => fl!(cx.words, "network-ping-missing"),
        PingEnd::OtherProgram => fl!(cx.words, "network-ping-other"),
        PingEnd::NameNotFound => fl!(cx.words, "error-name-not-found", name = destination),
        PingEnd::Failed(words) => fl!(cx.words, "network-ping-failed", words = words.as_str()),
    }
}

/// Milliseconds over numbers; a cross where no answer came.
fn plot(ui: &mut Ui, look: &Palette, trips: &RoundTrips, name: &str) {
    let ms = |took: std::time::Duration| took.as_secs_f64() * 1000.0;
    // Each run of answers is a line of its own: none is drawn across what is lost.
    let mut runs: Vec<Vec<PlotPoint>> = vec![Vec::new()];
    let mut lost = Vec::new();
    for trip in trips.kept() {
        if let (Some(took), Some(run)) = (trip.took, runs.last_mut()) {
            run.push(PlotPoint::new(trip.number as f64, ms(took)));
        } else {
            lost.push([trip.number as f64, 0.0]);
            runs.push(Vec::new());
        }
    }
    let most = trips.kept().filter_map(|trip| trip.took).max().map_or(1.0, ms).max(0.1);
    let first = trips.kept().next().map_or(0.0, |trip| trip.number as f64);
    let last = trips.kept().next_back().map_or(0.0, |trip| trip.number as f64);
    let (accent, bad) = (look.accent, look.bad);
    let whole = |mark: GridMark, _: &RangeInclusive<f64>| {
        if mark.value.fract().abs() < 1e-6 { wording::at_mark(mark.value, 1.0) } else { String::new() }
    };
    let plot = Plot::new("round-trips")
        .height(PLOT)
        .custom_x_axes(vec![AxisHints::new_x().formatter(whole).label_spacing(Rangef::new(28.0, 40.0))])
        .y_axis_formatter(|mark, _| format!("{} ms", wording::at_mark(mark.value, mark.step_size)))
        .y_axis_min_width(48.0);
    controls::plot(ui, look, name, plot, |plot| {
        plot.set_plot_bounds_x(first - 1.0..=last.max(first + NARROWEST) + 1.0);
        plot.set_plot_bounds_y(-most * 0.06..=most * 1.15);
        for run in runs.into_iter().filter(|run| !run.is_empty()) {
            let dots: Vec<[f64; 2]> = run.iter().map(|point| [point.x, point.y]).collect();
            let line = Line::new("", PlotPoints::Owned(run)).color(accent).width(1.5);
            plot.line(line.allow_hover(false));
            plot.points(Points::new("", dots).color(accent).radius(2.5).allow_hover(false));
        }
        let crosses = Points::new("", lost).shape(MarkerShape::Cross).color(bad).radius(4.0);
        plot.points(crosses.allow_hover(false));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::fonts;
    use egui::{Context, Pos2, RawInput, Rect, Shape, vec2};
    use std::time::Duration;

    /// What is written at the axes of a plot of these times, in milliseconds.
    fn marks(times: &[f64]) -> Vec<String> {
        let mut trips = RoundTrips::default();
        for ms in times {
            trips.answer(None, Duration::from_secs_f64(ms / 1000.0));
        }
        let ctx = Context::default();
        fonts::install(&ctx);
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(700.0, 300.0));
        let mut marks = Vec::new();
        // How wide the numbers are is known after the first frame.
        for _ in 0..2 {
            let input = RawInput { screen_rect: Some(screen), ..RawInput::default() };
            let mut output = ctx.run_ui(input, |ui| plot(ui, &theme::LIGHT, &trips, "times"));
            output.textures_delta.clear();
            marks = output
                .shapes
                .iter()
                .filter_map(|clipped| match &clipped.shape {
                    Shape::Text(text) => Some(text.galley.text().to_owned()),
                    _ => None,
                })
                .collect();
        }
        marks
    }

    #[test]
    fn no_axis_has_a_number_with_more_digits_than_its_marks_differ_in() {
        let mut seen = 0;
        for most in [0.04, 0.3, 0.7, 1.9, 3.3, 29.0, 140.0, 900.0] {
            let marks = marks(&[most / 2.0, most]);
            let times: Vec<_> = marks.iter().filter_map(|mark| mark.strip_suffix(" ms")).collect();
            assert!(times.len() > 1, "{most} ms: {marks:?}");
            seen += times.len();
            for mark in &marks {
                let digits = mark.strip_suffix(" ms").unwrap_or(mark);
                assert!(digits.len() <= 5 && digits.parse::<f64>().is_ok(), "{most} ms: {mark}");
            }
        }
        assert!(seen > 20, "{seen}");
    }
}
