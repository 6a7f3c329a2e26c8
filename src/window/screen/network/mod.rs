//! This computer's network: its addresses, ping, trying a port, and the ports it listens on.

mod interfaces;
mod people;
mod ping;
mod ports;
mod try_port;

use egui::{Align, Frame, Layout, Margin, Response, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons::ICON_CLOSE;
use i18n_embed_fl::fl;
use ping::PingSection;
pub use ping::{PingState, Pinged};
use ports::PortsSection;
use try_port::TrySection;
pub use try_port::TryState;

use crate::window::{
    Cx,
    parts::{self, controls, me},
    theme::{self, STEP},
};
use crate::{
    host::{Destination, ListeningPort, PortsError},
    i18n::Words,
    settings::Settings,
};

/// The widest that the sections get: a line of text stays easy to follow.
const WIDEST: f32 = 960.0;

/// What leaves the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To close it.
    Close,
    /// Ask the system for addresses and ports once more.
    Refresh,
    /// Ping this, in place of what is pinged now.
    Ping(Destination),
    /// Ping no more.
    StopPing,
    /// Try this port.
    Try(Destination, u16),
    /// Put this on the clipboard.
    Copy(String),
    /// Something about oneself among the people on this network.
    Me(me::Action),
    /// Ask every address of the own networks for a Sockhop.
    LookHarder,
    /// These settings from now on.
    Set(Box<Settings>),
}

/// What was found out about the network so far.
#[derive(Debug, Default)]
pub struct Findings {
    /// The ports that this computer listens on; None before they were asked for.
    pub ports: Option<Result<Vec<ListeningPort>, PortsError>>,
    /// The ping that runs, or the last one.
    pub ping: Option<Pinged>,
    /// The port that is tried, or was last.
    pub tried: Option<TryState>,
}

/// The pane: what is typed in its fields.
#[derive(Debug, Default)]
pub struct NetworkPanel {
    ping: PingSection,
    try_port: TrySection,
    ports: PortsSection,
}

impl NetworkPanel {
    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, findings: &Findings) -> Option<Action> {
        let mut action = None;
        Frame::new().inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 0 }).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(fl!(cx.words, "network"), theme::TITLE));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "network-close")).clicked() {
                        action = Some(Action::Close);
                    }
                });
            });
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                Frame::new().inner_margin(Margin { left: 0, right: 12, top: 0, bottom: 24 }).show(ui, |ui| {
                    ui.set_max_width(ui.available_width().min(WIDEST));
                    action = interfaces::show(ui, cx).or(action.take());
                    action = people::show(ui, cx).or(action.take());
                    action = self.ping.show(ui, cx, findings.ping.as_ref()).or(action.take());
                    action = self.try_port.show(ui, cx, findings.tried.as_ref()).or(action.take());
                    action = self.ports.show(ui, cx, findings.ports.as_ref()).or(action.take());
                });
            });
        });
        action
    }
}

/// The heading of a section, and a line on what it is for.
fn section(ui: &mut Ui, cx: &Cx<'_>, title: String, what_for: String) {
    ui.add_space(3.0 * STEP);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.5 * STEP;
        ui.label(theme::strong(title, theme::TEXT + 2.0));
        controls::hint(ui, cx.look, what_for);
    });
    ui.add_space(STEP);
}

/// A field for one line.
fn field(ui: &mut Ui, words: &Words, text: &mut String, name: String, hint: &str, width: f32) -> Response {
    let field = TextEdit::singleline(text)
        .font(theme::mono(theme::TEXT))
        .hint_text(hint)
        .margin(Margin::symmetric(10, 7))
        .desired_width(width - 20.0);
    parts::field::show(ui, words, field, name)
}
