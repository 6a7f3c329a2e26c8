//! Asking for the address to connect to.

use std::net::SocketAddr;

use egui::{Key as Button, TextEdit, Ui};
use i18n_embed_fl::fl;

use super::controls;
use crate::cli::{AddressError, PeerAddress};
use crate::window::{Cx, theme, wording};

/// What is wrong with a typed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressProblem {
    /// Nothing was typed.
    Empty,
    /// There is no host before the port.
    NoHost,
    /// The port is no number from 1 to 65535.
    Port,
    /// The host has a character that no name or address has.
    Host,
    /// A name, where only an IP address will do.
    Name,
}

/// Host and port from what was typed: `host:port`, `[v6]:port`, or a host alone, with the usual port.
///
/// # Errors
/// What is wrong with it.
pub fn parse_address(typed: &str, usual_port: u16) -> Result<(String, u16), AddressProblem> {
    // A Chinese keyboard types the wide colon and full stop.
    let typed = typed.trim().replace('：', ":").replace(['。', '．'], ".");
    let inside = typed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&typed);
    let whole = if typed.is_empty() {
        return Err(AddressProblem::Empty);
    } else if inside.matches(':').count() > 1 && !inside.contains(']') {
        wording::join(inside, usual_port)
    } else if typed.contains(':') {
        typed
    } else {
        wording::join(&typed, usual_port)
    };
    match whole.parse() {
        Ok(PeerAddress { host, port }) => Ok((host, port)),
        Err(AddressError::NoHost) => Err(AddressProblem::NoHost),
        Err(AddressError::Port(_) | AddressError::PortZero | AddressError::NoPort(_)) => Err(AddressProblem::Port),
        Err(AddressError::Host(_) | AddressError::Brackets | AddressError::NotAnIp(_)) => Err(AddressProblem::Host),
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect to this host and port.
    Connect(String, u16),
    /// A connection to this address, of which no call is made before its step.
    Prepare(SocketAddr),
    /// No connection: close the dialog.
    Dismiss,
}

/// A field for an address, and the button beside it.
#[derive(Debug, Default)]
pub struct AddressField {
    typed: Option<String>,
    problem: Option<AddressProblem>,
    /// Put the cursor in it at the next draw.
    focus: bool,
    /// Make each call as a step; none where that is not offered.
    stepped: Option<bool>,
}

impl AddressField {
    /// Draw it; it begins with the address connected to last.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
        let typed = self.typed.get_or_insert_with(|| cx.settings.last_peer.clone());
        let mut action = None;
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(typed)
                .font(theme::mono(theme::TEXT))
                .hint_text("192.168.1.20:8888")
                .desired_width((ui.available_width() - 120.0).clamp(120.0, 300.0))
                .margin(egui::Margin::symmetric(10, 7));
            let response = ui.add(field).accessible_name(fl!(cx.words, "address"));
            if std::mem::take(&mut self.focus) {
                response.request_focus();
            }
            if response.changed() {
                self.problem = None;
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Button::Enter));
            if controls::primary(ui, cx.look, fl!(cx.words, "connect")).clicked() || entered {
                match parse_address(typed, cx.settings.port).and_then(|to| asked(to, self.stepped == Some(true))) {
                    Ok(asked) => action = Some(asked),
                    Err(problem) => {
                        self.problem = Some(problem);
                        response.request_focus();
                    }
                }
            }
        });
        if let Some(problem) = self.problem {
            let words = match problem {
                AddressProblem::Empty => fl!(cx.words, "address-empty"),
                AddressProblem::NoHost => fl!(cx.words, "address-no-host"),
                AddressProblem::Port => fl!(cx.words, "address-port"),
                AddressProblem::Host => fl!(cx.words, "address-host"),
                AddressProblem::Name => fl!(cx.words, "step-needs-ip"),
            };
            controls::wrong(ui, cx.look, words);
        }
        if let Some(stepped) = &mut self.stepped {
            let response = ui.checkbox(stepped, fl!(cx.words, "step-by-step"));
            if response.on_hover_text(fl!(cx.words, "step-by-step-hint")).changed() {
                self.problem = None;
            }
        }
        action
    }
}

/// What is asked for with that host and port.
fn asked((host, port): (String, u16), stepped: bool) -> Result<Action, AddressProblem> {
    if !stepped {
        return Ok(Action::Connect(host, port));
    }
    let ip = host.parse().map_err(|_| AddressProblem::Name)?;
    Ok(Action::Prepare(SocketAddr::new(ip, port)))
}

/// The dialog that asks for an address.
#[derive(Debug)]
pub struct ConnectDialog {
    field: AddressField,
}

impl Default for ConnectDialog {
    fn default() -> Self {
        Self { field: AddressField { focus: true, stepped: Some(false), ..AddressField::default() } }
    }
}

impl ConnectDialog {
    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "connect-dialog", 400.0, |ui| {
            ui.label(theme::strong(fl!(cx.words, "connect-title"), theme::TITLE));
            controls::hint(ui, cx.look, fl!(cx.words, "welcome-address-hint"));
            self.field.show(ui, cx)
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("192.168.1.20:8888", ("192.168.1.20", 8888)),
            (" 192.168.1.20 ", ("192.168.1.20", 10000)),
            ("192.168.1.20：80", ("192.168.1.20", 80)),
            ("192。168。1。20：80", ("192.168.1.20", 80)),
            ("localhost:1", ("localhost", 1)),
            ("[::1]:9", ("::1", 9)),
            ("::1", ("::1", 10000)),
            ("[fe80::1%eth0]", ("fe80::1%eth0", 10000)),
        ] {
            let (host, port) = expected;
            assert_eq!(parse_address(typed, 10000), Ok((host.to_owned(), port)), "{typed}");
        }
        for (typed, problem) in [
            ("", AddressProblem::Empty),
            (":80", AddressProblem::NoHost),
            ("host:0", AddressProblem::Port),
            ("host:65536", AddressProblem::Port),
            ("host:", AddressProblem::Port),
            ("http://host", AddressProblem::Port),
            ("ho st:1", AddressProblem::Host),
            ("[::1:9", AddressProblem::Host),
        ] {
            assert_eq!(parse_address(typed, 10000), Err(problem), "{typed}");
        }
    }
}
