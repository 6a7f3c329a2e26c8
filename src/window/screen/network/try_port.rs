//! Trying a port: where, and what the answer means.

use egui::{Key, Label, RichText, Ui};
use i18n_embed_fl::fl;

use super::{Action, field, section};
use crate::host::{Destination, DestinationError, TRY_LIMIT, Tried, TryError, TryOutcome};
use crate::window::{
    Cx,
    parts::controls,
    theme::{self, STEP},
    wording,
};

/// A port that is tried, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryState {
    /// The number of the question.
    pub number: u64,
    /// The computer.
    pub destination: Destination,
    /// The port.
    pub port: u16,
    /// What was found; None until it is known.
    pub tried: Option<Tried>,
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Destination(DestinationError),
    Port,
}

/// The section: what is typed in its fields.
#[derive(Debug)]
pub(super) struct TrySection {
    host: String,
    port: String,
    problem: Option<Problem>,
}

impl Default for TrySection {
    fn default() -> Self {
        Self { host: "127.0.0.1".to_owned(), port: "80".to_owned(), problem: None }
    }
}

impl TrySection {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, state: Option<&TryState>) -> Option<Action> {
        section(ui, cx, fl!(cx.words, "network-try"), fl!(cx.words, "network-try-hint"));
        let mut action = None;
        controls::card(cx.look).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                let width = (ui.available_width() - 176.0).clamp(120.0, 340.0);
                let host =
                    field(ui, cx.words, &mut self.host, fl!(cx.words, "network-try-host"), "192.168.1.20", width);
                let port = field(ui, cx.words, &mut self.port, fl!(cx.words, "network-try-port"), "8888", 76.0);
                if host.changed() || port.changed() {
                    self.problem = None;
                }
                let left = host.lost_focus() || port.lost_focus();
                let entered = left && ui.input(|input| input.key_pressed(Key::Enter));
                if controls::primary(ui, cx.look, fl!(cx.words, "network-try-button")).clicked() || entered {
                    match self.parse() {
                        Ok((destination, port)) => {
                            action = Some(Action::Try(destination, port));
                        }
                        Err(problem) => self.problem = Some(problem),
                    }
                }
            });
            match self.problem {
                Some(Problem::Destination(problem)) => {
                    controls::wrong(ui, cx.look, wording::destination_problem(cx, problem));
                }
                Some(Problem::Port) => {
                    controls::wrong(ui, cx.look, fl!(cx.words, "address-port"));
                }
                None => {}
            }
            if let Some(state) = state {
                result(ui, cx, state);
            }
        });
        action
    }

    fn parse(&self) -> Result<(Destination, u16), Problem> {
        let destination = self.host.parse().map_err(Problem::Destination)?;
        let port = self.port.trim().parse().ok().filter(|port| *port != 0).ok_or(Problem::Port)?;
        Ok((destination, port))
    }
}

fn result(ui: &mut Ui, cx: &Cx<'_>, state: &TryState) {
    let asked = wording::join(state.destination.as_str(), state.port);
    ui.add_space(STEP);
    let Some(tried) = &state.tried else {
        ui.add(Label::new(RichText::new(fl!(cx.words, "network-trying", to = asked)).color(cx.look.weak)).wrap());
        return;
    };
    let at = tried.address.map_or(asked, |address| address.to_string());
    let seconds = TRY_LIMIT.as_secs();
    let name = state.destination.as_str();
    let (colour, title, meaning, error) = match &tried.outcome {
        TryOutcome::Open => {
            let title = fl!(cx.words, "network-open", at = at, ms = wording::milliseconds(tried.took));
            (cx.look.good, title, fl!(cx.words, "network-open-means"), None)
        }
        TryOutcome::Refused(error) => {
            let title = fl!(cx.words, "network-refused", at = at, ms = wording::milliseconds(tried.took));
            (cx.look.bad, title, fl!(cx.words, "network-refused-means"), Some(error))
        }
        TryOutcome::NoAnswer(error) => {
            let title = fl!(cx.words, "network-no-answer", at = at, seconds = seconds);
            (cx.look.wait, title, fl!(cx.words, "network-no-answer-means"), Some(error))
        }
        TryOutcome::Unreachable(error) => {
            let title = fl!(cx.words, "error-unreachable", target = at);
            (cx.look.wait, title, fl!(cx.words, "network-unreachable-means"), Some(error))
        }
        TryOutcome::NameNotFound(error) => {
            let title = fl!(cx.words, "error-name-not-found", name = name);
            (cx.look.wait, title, fl!(cx.words, "network-name-means"), Some(error))
        }
        TryOutcome::Failed(error) => {
            let title = fl!(cx.words, "network-failed", at = at);
            (cx.look.bad, title, fl!(cx.words, "network-failed-means"), Some(error))
        }
        TryOutcome::Busy => (cx.look.wait, fl!(cx.words, "error-busy"), fl!(cx.words, "error-busy-todo"), None),
    };
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(12.0, 20.0), egui::Sense::hover());
        controls::dot(ui, cx.look, rect.center(), Some(colour));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = STEP;
            ui.add(Label::new(theme::strong(title, theme::TEXT).color(colour)).wrap());
            ui.add(Label::new(meaning).wrap());
            if let Some(error) = error {
                let words = RichText::new(error_text(error)).font(theme::mono(theme::SMALL)).color(cx.look.weak);
                ui.add(Label::new(words).wrap().selectable(true));
            }
        });
    });
}

/// The call, and the error's name and number; the system's own words, where it has no number.
fn error_text(error: &TryError) -> String {
    match error.number {
        Some((number, name)) if !name.is_empty() => format!("{}: {name} ({number})", error.operation),
        _ => format!("{}: {}", error.operation, error.words),
    }
}
