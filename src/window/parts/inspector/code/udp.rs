//! The smallest program for the other end of a conversation over UDP.

use std::net::SocketAddr;

use egui::{RichText, Ui};
use i18n_embed_fl::fl;

use super::plain;
use crate::{
    chat::Origin,
    core::{Key, ServerState},
    window::{Cx, parts::controls, theme},
};

/// The program for the other end of what is selected, if that is of UDP.
pub fn other_end(cx: &Cx<'_>) -> Option<String> {
    let conversation = match cx.selected {
        Key::Everyone => None,
        key => cx.core.conversation(key),
    };
    match conversation.map(|conversation| &conversation.origin) {
        Some(Origin::Datagrams { host, port }) => Some(server(host, *port)),
        Some(Origin::Heard) => cx.core.server().local().map(|local| client(cx.address_to_hand_out(local))),
        Some(Origin::Everyone) | None => match cx.core.server().state {
            ServerState::Bound { local, .. } => Some(client(cx.address_to_hand_out(local))),
            _ => None,
        },
        Some(_) => None,
    }
}

/// Draws it; what a click asks to be copied.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, program: &str) -> Option<String> {
    ui.label(theme::strong(fl!(cx.words, "udp-code"), theme::TEXT + 1.0));
    ui.add(egui::Label::new(RichText::new(program).font(theme::mono(theme::SMALL))).selectable(true).extend());
    controls::primary(ui, cx.look, fl!(cx.words, "code-copy")).clicked().then(|| program.to_owned())
}

fn server(host: &str, port: u16) -> String {
    let family = if host.contains(':') { "AF_INET6" } else { "AF_INET" };
    format!(
        "from socket import *\n\ns = socket({family}, SOCK_DGRAM)\ns.bind(('', {port}))\nwhile True:\n    data, addr = s.recvfrom(65535)\n    print(addr, data.decode())\n    s.sendto(data, addr)\n"
    )
}

fn client(server: SocketAddr) -> String {
    let server = plain(server);
    let family = if server.is_ipv6() { "AF_INET6" } else { "AF_INET" };
    let (host, port) = (server.ip(), server.port());
    format!(
        "from socket import *\n\ns = socket({family}, SOCK_DGRAM)\ns.sendto('你好'.encode(), ('{host}', {port}))\ndata, addr = s.recvfrom(65535)\nprint(addr, data.decode())\n"
    )
}
