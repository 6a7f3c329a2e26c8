//! What an error that a program printed means, and what this computer's sockets say about it now.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons::{ICON_CLOSE, ICON_REFRESH};
use i18n_embed_fl::fl;

use crate::window::{
    Cx,
    parts::{controls, field},
    theme::{self, STEP},
};
use crate::{
    explain::{self, Pasted, held},
    host::{self, ListeningPort, PortsError, SocketRow, TcpState},
    i18n,
};

/// The widest that it gets: a line of text stays easy to follow.
const WIDEST: f32 = 760.0;

/// From one second that is left to the next.
const SECOND: Duration = Duration::from_secs(1);

/// Rows of the field before it scrolls.
const ROWS: usize = 9;

/// What leaves the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To close it.
    Close,
    /// Ask the system who holds the port, from here on.
    Look,
}

/// What was pasted, and what is made of it.
#[derive(Debug, Default)]
pub struct ExplainError {
    text: String,
    /// What `text` says, and the text that this was read from.
    read: Option<(String, Option<Pasted>)>,
    /// The port that is asked about, as it is typed.
    port: String,
    /// The port that the system was asked about last.
    asked: Option<u16>,
    focus: bool,
}

impl ExplainError {
    /// Explain this text, in place of what was in the field.
    pub fn explain(&mut self, text: String) {
        self.text = text;
    }

    /// Put the cursor in the field at the next draw.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// The port whose sockets are to be watched.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let typed = self.port.trim();
        typed.parse().ok().or_else(|| host::lone_port(typed).ok()).filter(|port| *port > 0)
    }

    /// Draws the screen in all of `ui`; `listening` are the ports of this computer, as far as they are known.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        listening: Option<&Result<Vec<ListeningPort>, PortsError>>,
    ) -> Option<Action> {
        let mut action = None;
        Frame::new().inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 0 }).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(fl!(cx.words, "explain-error"), theme::TITLE));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if controls::quiet_icon(ui, cx.look, ICON_CLOSE, fl!(cx.words, "explain-error-close")).clicked() {
                        action = Some(Action::Close);
                    }
                });
            });
            controls::hint(ui, cx.look, fl!(cx.words, "explain-error-what"));
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                Frame::new().inner_margin(Margin { left: 0, right: 12, top: 8, bottom: 24 }).show(ui, |ui| {
                    ui.set_max_width(ui.available_width().min(WIDEST));
                    self.field(ui, cx);
                    self.read();
                    ui.add_space(2.0 * STEP);
                    match self.read.as_ref().and_then(|(_, pasted)| pasted.as_ref()) {
                        Some(pasted) => {
                            meaning(ui, cx, pasted);
                            let ip = pasted.address.0.clone();
                            action = self.here(ui, cx, ip.as_deref(), listening).or(action.take());
                        }
                        None if self.text.trim().is_empty() => {}
                        None => drop(controls::hint(ui, cx.look, fl!(cx.words, "explain-error-none"))),
                    }
                });
            });
        });
        let port = self.port();
        if port != self.asked {
            self.asked = port;
            action = action.or(port.map(|_| Action::Look));
        }
        action
    }

    fn field(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rows = self.text.lines().count().clamp(4, ROWS);
        let font = theme::mono(theme::TEXT);
        let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
        let focus = std::mem::take(&mut self.focus);
        ScrollArea::vertical().id_salt("explain-error-field").max_height(height * ROWS as f32 + 20.0).show(ui, |ui| {
            let text = TextEdit::multiline(&mut self.text)
                .font(font)
                .hint_text(fl!(cx.words, "explain-error-hint"))
                .desired_rows(rows)
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(12, 8));
            let response = field::show(ui, cx.words, text, fl!(cx.words, "explain-error-field"));
            if focus {
                response.request_focus();
            }
        });
    }

    /// Read the text, if it is another; the port that stands in it is the one to ask about.
    fn read(&mut self) {
        if self.read.as_ref().is_some_and(|(text, _)| *text == self.text) {
            return;
        }
        let pasted = Pasted::read(&self.text);
        if let Some(port) = pasted.as_ref().and_then(|pasted| pasted.address.1) {
            self.port = port.to_string();
        }
        self.read = Some((self.text.clone(), pasted));
    }

    /// What this computer's sockets say now.
    fn here(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        host: Option<&str>,
        listening: Option<&Result<Vec<ListeningPort>, PortsError>>,
    ) -> Option<Action> {
        let mut action = None;
        ui.add_space(4.0 * STEP);
        ui.label(theme::strong(fl!(cx.words, "explain-error-here"), theme::TEXT + 2.0));
        controls::hint(ui, cx.look, fl!(cx.words, "explain-error-here-hint"));
        ui.add_space(STEP);
        ui.horizontal(|ui| {
            ui.label(fl!(cx.words, "explain-error-port"));
            let text = TextEdit::singleline(&mut self.port)
                .font(theme::mono(theme::TEXT))
                .margin(Margin::symmetric(10, 7))
                .desired_width(64.0);
            field::show(ui, cx.words, text, fl!(cx.words, "explain-error-port"));
            if self.port().is_some() {
                let again = controls::quiet_icon(ui, cx.look, ICON_REFRESH, fl!(cx.words, "network-refresh"));
                action = again.clicked().then_some(Action::Look);
            } else {
                controls::hint(ui, cx.look, fl!(cx.words, "explain-error-port-hint"));
            }
        });
        for line in self.facts(ui, cx, host, listening) {
            ui.add(egui::Label::new(line).wrap());
        }
        action
    }

    /// Each fact in a line.
    fn facts(
        &self,
        ui: &Ui,
        cx: &Cx<'_>,
        host: Option<&str>,
        listening: Option<&Result<Vec<ListeningPort>, PortsError>>,
    ) -> Vec<String> {
        let mut facts = Vec::new();
        if let Some(ip) = host.and_then(|host| host.parse::<IpAddr>().ok())
            && !ip.is_loopback()
            && !ip.is_unspecified()
            && !cx.interfaces.is_empty()
        {
            let ours = cx.interfaces.iter().any(|one| one.address.to_canonical() == ip.to_canonical());
            facts.push(if ours {
                fl!(cx.words, "explain-error-is-ours", ip = ip.to_string())
            } else {
                fl!(cx.words, "explain-error-is-not-ours", ip = ip.to_string())
            });
        }
        let Some(port) = self.port() else { return facts };
        match listening {
            None => facts.push(fl!(cx.words, "network-ports-wait")),
            Some(Err(error)) => facts.push(fl!(cx.words, "explain-error-not-told", why = error.to_string())),
            Some(Ok(all)) => {
                let of_port: Vec<_> = all.iter().filter(|one| one.local.port() == port).collect();
                facts.extend(of_port.iter().map(|one| listens(cx, one)));
                if of_port.is_empty() {
                    facts.push(fl!(cx.words, "explain-error-nobody", port = port.to_string()));
                }
            }
        }
        facts.extend(held(cx, port));
        if let Some(left) = time_wait_left(cx, port) {
            facts.push(left);
            ui.ctx().request_repaint_after(SECOND);
        }
        facts
    }
}

/// What the error means, whose call it was, and what to do.
fn meaning(ui: &mut Ui, cx: &Cx<'_>, pasted: &Pasted) {
    let explanation = explain::explain_pasted(cx.words, pasted);
    controls::card(cx.look).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = STEP;
        ui.add(
            egui::Label::new(
                RichText::new(crate::wire::visible(&pasted.line, &[]))
                    .font(theme::mono(theme::SMALL))
                    .color(cx.look.bad),
            )
            .wrap(),
        );
        ui.add(egui::Label::new(theme::strong(explanation.what, theme::TEXT + 1.0)).wrap());
        if !explanation.todo.is_empty() {
            ui.add(egui::Label::new(explanation.todo).wrap());
        }
        let system = pasted.system.map(|system| fl!(cx.words, "explain-error-ran-on", system = system.name()));
        let exception = explain::pasted_exception(cx.words, pasted);
        for line in [explain::whose_call(cx.words, pasted), exception, system].into_iter().flatten() {
            controls::hint(ui, cx.look, line);
        }
    });
}

fn listens(cx: &Cx<'_>, one: &ListeningPort) -> String {
    let address = one.local.to_string();
    let listens = match &one.owner {
        Some(owner) if owner.pid == std::process::id() => {
            fl!(cx.words, "explain-error-listens-ours", address = address)
        }
        Some(owner) => {
            let name = crate::wire::visible(&owner.name, &[]).into_owned();
            fl!(cx.words, "explain-error-listens", name = name, pid = owner.pid.to_string(), address = address)
        }
        None => fl!(cx.words, "explain-error-listens-unknown", address = address),
    };
    if one.local.ip().to_canonical().is_loopback() {
        fl!(cx.words, "explain-error-only-here", listens = listens)
    } else {
        listens
    }
}

/// When the last of them leaves TIME-WAIT, where the kernel tells.
fn time_wait_left(cx: &Cx<'_>, port: u16) -> Option<String> {
    let table = cx.core.socket_table()?.table.as_ref().ok()?;
    let waits = |row: &&SocketRow| row.local.port() == port && row.state == TcpState::TimeWait;
    let ends = table.rows.iter().filter(waits).filter_map(|row| row.timer).map(|timer| timer.ends).max()?;
    Some(fl!(cx.words, "explain-error-time-wait", seconds = held::seconds_left(ends)))
}

/// The connections that have the port on this computer, by their states.
fn held(cx: &Cx<'_>, port: u16) -> Option<String> {
    let table = match &cx.core.socket_table()?.table {
        Ok(table) => table,
        Err(error) => return Some(fl!(cx.words, "explain-error-not-told", why = error.to_string())),
    };
    let mut states: BTreeMap<TcpState, usize> = BTreeMap::new();
    for row in table.rows.iter().filter(|row| row.local.port() == port && row.state != TcpState::Listen) {
        *states.entry(row.state).or_default() += 1;
    }
    let listed: Vec<String> = states.iter().map(|(state, count)| format!("{} × {count}", state.name())).collect();
    (!listed.is_empty()).then(|| {
        let states = i18n::listed(cx.words, &listed);
        fl!(cx.words, "explain-error-holds", port = port.to_string(), states = states)
    })
}
