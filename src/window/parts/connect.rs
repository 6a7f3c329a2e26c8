//! Asking for the address to connect to.

use std::net::SocketAddr;

use egui::{
    Key as Button, TextEdit, Ui,
    text::{CCursor, CCursorRange},
};
use i18n_embed_fl::fl;

use super::{controls, field};
use crate::window::{Cx, theme, wording};
use crate::{
    chat::address::{AddressError, PeerAddress, ZonedIp},
    host,
    net::interface_number,
    settings::Transport,
};

/// What is wrong with a typed address.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AddressProblem {
    /// It is none.
    Wrong(AddressError),
    /// A name, where only an IP address will do.
    Name,
}

/// What else may be chosen about a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// The address and port it is made from; as the system chooses where they are not given.
    pub from: Option<SocketAddr>,
    /// Whether it is made again by itself when it has ended.
    pub reconnect: bool,
    /// Over what.
    pub over: Transport,
}

impl Way {
    /// The usual way over this.
    #[must_use]
    pub fn over(over: Transport) -> Self {
        Self { over, ..Self::default() }
    }
}

/// What the dialog is called.
fn title(cx: &Cx<'_>, over: Transport) -> String {
    match over {
        Transport::Tcp => fl!(cx.words, "connect-title"),
        Transport::Udp => fl!(cx.words, "udp-client-title"),
    }
}

/// Over what to connect, with what it means. What was chosen.
pub fn choose(ui: &mut Ui, cx: &Cx<'_>, over: Transport) -> Option<Transport> {
    let all = [(Transport::Tcp, fl!(cx.words, "udp-tcp")), (Transport::Udp, fl!(cx.words, "udp-udp"))];
    let chosen = controls::segments(ui, cx.look, &fl!(cx.words, "udp-over"), over, &all);
    if chosen.unwrap_or(over) == Transport::Udp {
        controls::hint(ui, cx.look, fl!(cx.words, "udp-client-hint"));
    }
    chosen
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect to this host, at the usual port if it has none, in this way.
    Connect(PeerAddress, Way),
    /// A connection to this address, in this way, of which no call is made before its step.
    Prepare(SocketAddr, Way),
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
    /// Over what.
    over: Transport,
}

/// What else there is beside a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing: it begins with the address connected to last.
    Nothing,
    /// The addresses connected to before.
    Recent,
    /// These, and another main button until something is typed.
    MainButton,
}

impl AddressField {
    /// Put the cursor in it.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Over what the address is connected to.
    pub fn set_over(&mut self, over: Transport) {
        self.over = over;
    }

    /// Whether something is typed in it.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.typed.as_ref().is_some_and(|typed| !typed.trim().is_empty())
    }

    /// Draw it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, beside: Beside) -> Option<Action> {
        let main = beside != Beside::MainButton || self.is_filled();
        let typed = self.typed.get_or_insert_with(|| match beside {
            Beside::Nothing => cx.settings.last_peer.clone(),
            Beside::Recent | Beside::MainButton => String::new(),
        });
        let mut action = None;
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(typed)
                .font(theme::mono(theme::TEXT))
                .hint_text("192.168.1.20:8888")
                .desired_width((ui.available_width() - 120.0).clamp(120.0, 300.0))
                .margin(egui::Margin::symmetric(10, 7));
            let response = field::show(ui, cx.words, field, fl!(cx.words, "address"));
            if std::mem::take(&mut self.focus) {
                response.request_focus();
                // What is typed takes the place of what is filled in.
                if let Some(mut state) = TextEdit::load_state(ui.ctx(), response.id) {
                    let all = CCursorRange::two(CCursor::new(0), CCursor::new(typed.chars().count()));
                    state.cursor.set_char_range(Some(all));
                    state.store(ui.ctx(), response.id);
                }
            }
            if response.changed() {
                self.problem = None;
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Button::Enter));
            let name = match self.over {
                Transport::Tcp => fl!(cx.words, "connect"),
                Transport::Udp => fl!(cx.words, "udp-talk"),
            };
            let button = if main { controls::primary(ui, cx.look, name) } else { ui.button(name) };
            if button.clicked() || entered {
                match asked(typed, cx.settings.port, (self.stepped == Some(true), self.over)) {
                    Ok(asked) => action = Some(asked),
                    Err(problem) => {
                        self.problem = Some(problem);
                        response.request_focus();
                    }
                }
            }
        });
        match &self.problem {
            Some(AddressProblem::Wrong(error)) => {
                controls::wrong(ui, cx.look, wording::address_error(cx, error));
            }
            Some(AddressProblem::Name) => {
                controls::wrong(ui, cx.look, fl!(cx.words, "step-needs-ip"));
            }
            None => {}
        }
        if let Some(stepped) = self.stepped.as_mut() {
            let response = controls::checkbox(ui, cx.look, stepped, fl!(cx.words, "step-by-step"));
            if response.on_hover_text(fl!(cx.words, "step-by-step-hint")).changed() {
                self.problem = None;
            }
        }
        action
    }
}

/// What is asked for with what was typed.
fn asked(typed: &str, usual_port: u16, (stepped, over): (bool, Transport)) -> Result<Action, AddressProblem> {
    let peer = match over {
        Transport::Tcp => host::peer_address(typed),
        Transport::Udp => host::datagram_address(typed),
    };
    let peer = peer.map_err(AddressProblem::Wrong)?;
    peer.check_zone(interface_number).map_err(AddressProblem::Wrong)?;
    let way = Way::over(over);
    if !stepped {
        return Ok(Action::Connect(peer, way));
    }
    let (host, port) = peer.or_port(usual_port);
    let ip: ZonedIp = host.parse().map_err(|_| AddressProblem::Name)?;
    let address = ip.with_port(port, interface_number).map_err(AddressProblem::Wrong)?;
    Ok(Action::Prepare(address, way))
}

/// An address of ours with or without a port, or a port alone.
fn own_address(typed: &str) -> Result<Option<SocketAddr>, ()> {
    if typed.is_empty() {
        return Ok(None);
    }
    let lone = typed.strip_prefix(':').unwrap_or(typed);
    let port = lone.parse::<u16>().ok().or_else(|| host::lone_port(lone).ok());
    let any = std::net::IpAddr::from([0, 0, 0, 0]);
    let address = typed.parse::<SocketAddr>().ok();
    let address = address.or_else(|| typed.parse().ok().map(|ip| SocketAddr::new(ip, 0)));
    address.or_else(|| port.map(|port| SocketAddr::new(any, port))).map(Some).ok_or(())
}

/// The dialog that asks for an address.
#[derive(Debug)]
pub struct ConnectDialog {
    field: AddressField,
    /// Our own address, as typed.
    from: String,
    reconnect: bool,
    /// Over what; as the last time until it is chosen.
    over: Option<Transport>,
}

impl Default for ConnectDialog {
    fn default() -> Self {
        let field = AddressField { focus: true, stepped: Some(false), ..AddressField::default() };
        Self { field, from: String::new(), reconnect: false, over: None }
    }
}

impl ConnectDialog {
    /// Draw it.
    pub fn show(&mut self, ui: &Ui, cx: &Cx<'_>) -> Option<Action> {
        let response = controls::dialog(ui, "connect-dialog", 400.0, |ui| {
            let over = self.over.unwrap_or(cx.settings.client_over);
            ui.label(theme::strong(title(cx, over), theme::TITLE));
            controls::hint(ui, cx.look, fl!(cx.words, "welcome-address-hint"));
            self.over = choose(ui, cx, over).or(self.over);
            self.field.over = self.over.unwrap_or(over);
            let asked = self.field.show(ui, cx, Beside::Nothing);
            let way = self.way(ui, cx);
            match (asked, way) {
                (Some(Action::Connect(peer, _)), Ok(way)) => Some(Action::Connect(peer, way)),
                (Some(Action::Prepare(address, _)), Ok(way)) => Some(Action::Prepare(address, way)),
                (Some(Action::Connect(..) | Action::Prepare(..)), Err(())) => None,
                (asked, _) => asked,
            }
        });
        if response.should_close() { Some(Action::Dismiss) } else { response.inner }
    }

    /// What else may be chosen; an error where our own address is typed wrong.
    fn way(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Result<Way, ()> {
        let over = self.field.over;
        if over == Transport::Tcp {
            let name = fl!(cx.words, "reconnect");
            controls::checkbox(ui, cx.look, &mut self.reconnect, name).on_hover_text(fl!(cx.words, "reconnect-hint"));
        }
        ui.horizontal_wrapped(|ui| {
            let name = fl!(cx.words, "connect-from");
            ui.label(name.as_str());
            let field = TextEdit::singleline(&mut self.from)
                .font(theme::mono(theme::TEXT))
                .hint_text(fl!(cx.words, "connect-from-any"))
                .desired_width(180.0)
                .margin(egui::Margin::symmetric(10, 7));
            field::show(ui, cx.words, field, name);
        });
        let from = own_address(self.from.trim());
        if from.is_err() {
            controls::wrong(ui, cx.look, fl!(cx.words, "connect-from-wrong"));
        }
        Ok(Way { from: from?, reconnect: self.reconnect && over == Transport::Tcp, over })
    }
}
