//! The way down and up: the message inside TCP, inside IP, inside the link, beside the seven layers of OSI.

use std::net::{IpAddr, SocketAddr};

use egui::{CornerRadius, Frame, Grid, Margin, RichText, Stroke, Ui};
use i18n_embed_fl::fl;

use super::{super::super::controls, message::Message};
use crate::window::{
    Cx,
    theme::{self, STEP},
    wording,
};
use crate::{
    core::Conversation,
    host::{Interface, InterfaceKind},
};

/// Bytes of a TCP header without options (RFC 9293, section 3.1).
const TCP_HEADER: usize = 20;
/// Bytes of an IPv4 header without options (RFC 791).
const IPV4_HEADER: usize = 20;
/// Bytes of an IPv6 header (RFC 8200).
const IPV6_HEADER: usize = 40;
/// Bytes of an IP packet that fit in one Ethernet frame (RFC 894).
const ETHERNET_MTU: usize = 1500;
/// Wider than this, boxes and layers stand side by side.
const SIDE_BY_SIDE: f32 = 700.0;

/// The ends of a message's way.
struct Way<'a> {
    source: SocketAddr,
    destination: SocketAddr,
    ipv6: bool,
    link: Link<'a>,
}

/// By what the packets leave or reach this computer.
enum Link<'a> {
    /// They never leave it.
    Loopback(Option<&'a str>),
    /// By the interface with our address.
    Interface(&'a Interface),
    /// No interface has our address (any more).
    Unknown,
}

impl<'a> Way<'a> {
    fn of(cx: &Cx<'a>, message: &Message, conversation: &Conversation) -> Option<Self> {
        let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let (local, peer) = (plain(conversation.local?), plain(conversation.peer?));
        let (source, destination) = if message.ours { (local, peer) } else { (peer, local) };
        Some(Self { source, destination, ipv6: local.is_ipv6(), link: link(cx.interfaces, local.ip(), peer.ip()) })
    }
}

/// A packet between two addresses of this computer takes the loopback interface, whichever they are.
fn link(interfaces: &[Interface], local: IpAddr, peer: IpAddr) -> Link<'_> {
    let with = |ip: IpAddr| interfaces.iter().find(|interface| interface.address == ip);
    if local.is_loopback() || local == peer || with(peer).is_some() {
        let loopback = interfaces.iter().find(|interface| interface.kind == InterfaceKind::Loopback);
        Link::Loopback(loopback.map(|interface| interface.name.as_str()))
    } else {
        with(local).map_or(Link::Unknown, Link::Interface)
    }
}

/// Draw it.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, message: &Message, conversation: &Conversation) {
    let Some(way) = Way::of(cx, message, conversation) else {
        controls::hint(ui, cx.look, fl!(cx.words, "layers-none"));
        return;
    };
    let down = if message.ours { fl!(cx.words, "layers-down") } else { fl!(cx.words, "layers-up") };
    ui.label(RichText::new(down).color(cx.look.weak));
    if ui.available_width() >= SIDE_BY_SIDE {
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                boxes(left, cx, message, &way);
                table(right, cx, message, &way);
            }
        });
    } else {
        boxes(ui, cx, message, &way);
        ui.add_space(2.0 * STEP);
        table(ui, cx, message, &way);
    }
    let ip = if way.ipv6 { IPV6_HEADER } else { IPV4_HEADER };
    let most = ETHERNET_MTU - ip - TCP_HEADER;
    controls::hint(ui, cx.look, fl!(cx.words, "layers-inferred", most = most));
}

fn boxes(ui: &mut Ui, cx: &Cx<'_>, message: &Message, way: &Way<'_>) {
    let (frame, note) = match &way.link {
        Link::Loopback(name) => {
            (fl!(cx.words, "layers-loopback", name = name.unwrap_or("lo").to_owned()), fl!(cx.words, "layers-no-frame"))
        }
        Link::Interface(interface) => {
            let name = interface.name.clone();
            let note = if interface.kind == InterfaceKind::Virtual {
                fl!(cx.words, "layers-virtual")
            } else {
                fl!(cx.words, "layers-frame-note")
            };
            (fl!(cx.words, "layers-frame", name = name), note)
        }
        Link::Unknown => (fl!(cx.words, "layers-frame-unknown"), fl!(cx.words, "layers-frame-gone")),
    };
    let (version, ip_header) = if way.ipv6 { ("IPv6", IPV6_HEADER) } else { ("IPv4", IPV4_HEADER) };
    let from_to = |source: String, destination: String| {
        format!(
            "{}\n{}",
            fl!(cx.words, "layers-source", value = source),
            fl!(cx.words, "layers-destination", value = destination)
        )
    };
    let ip = from_to(way.source.ip().to_string(), way.destination.ip().to_string());
    let tcp = from_to(way.source.port().to_string(), way.destination.port().to_string());
    nested(ui, cx, &frame, &note, |ui| {
        let header = fl!(cx.words, "layers-header", count = ip_header);
        nested(ui, cx, &format!("{version} · {header}"), &ip, |ui| {
            let header = fl!(cx.words, "layers-header", count = TCP_HEADER);
            nested(ui, cx, &format!("TCP · {header}"), &tcp, |ui| {
                let bytes = fl!(cx.words, "bytes", count = message.raw.len());
                let inner = Frame::new()
                    .fill(cx.look.chosen)
                    .stroke(Stroke::new(1.0, cx.look.accent))
                    .corner_radius(CornerRadius::same(theme::RADIUS))
                    .inner_margin(Margin::same(8));
                inner.show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.label(theme::strong(fl!(cx.words, "layers-message"), theme::TEXT));
                    ui.label(RichText::new(format!("{} · {bytes}", super::beginning(message))).color(cx.look.accent));
                });
            });
        });
    });
}

fn nested(ui: &mut Ui, cx: &Cx<'_>, title: &str, values: &str, add: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(cx.look.ground)
        .stroke(Stroke::new(1.0, cx.look.line))
        .corner_radius(CornerRadius::same(theme::RADIUS))
        .inner_margin(Margin::same(8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = STEP;
            ui.label(theme::strong(title, theme::TEXT));
            ui.label(RichText::new(values).size(theme::SMALL).color(cx.look.weak));
            add(ui);
        });
}

fn table(ui: &mut Ui, cx: &Cx<'_>, message: &Message, way: &Way<'_>) {
    let words = cx.words;
    let framing = wording::framing_text(cx, message.framing);
    let ip = if way.ipv6 { "IPv6" } else { "IPv4" };
    let link = match &way.link {
        Link::Loopback(name) => fl!(words, "layers-loopback", name = name.unwrap_or("lo").to_owned()),
        Link::Interface(interface) => interface.name.clone(),
        Link::Unknown => fl!(words, "layers-unknown"),
    };
    let cable = match &way.link {
        Link::Loopback(_) => fl!(words, "layers-no-cable"),
        Link::Interface(_) | Link::Unknown => fl!(words, "layers-cable"),
    };
    let (application, encoding) = (fl!(words, "layers-four-application"), message.encoding.name().to_owned());
    let rows = [
        (fl!(words, "osi-7"), application.clone(), fl!(words, "layers-message")),
        (fl!(words, "osi-6"), application.clone(), fl!(words, "layers-encoding", name = encoding)),
        (fl!(words, "osi-5"), application, fl!(words, "layers-framing", name = framing)),
        (
            fl!(words, "osi-4"),
            fl!(words, "layers-four-transport"),
            format!("TCP {} → {}", way.source.port(), way.destination.port()),
        ),
        (
            fl!(words, "osi-3"),
            fl!(words, "layers-four-internet"),
            format!("{ip}\n{} →\n{}", way.source.ip(), way.destination.ip()),
        ),
        (fl!(words, "osi-2"), fl!(words, "layers-four-link"), link),
        (fl!(words, "osi-1"), fl!(words, "layers-four-link"), cable),
    ];
    let small = |text: String| RichText::new(text).size(theme::SMALL);
    // What the names of the layers leave, in the longer of the languages.
    let here = (ui.available_width() - 200.0).max(100.0);
    Grid::new("layers").num_columns(3).striped(true).min_row_height(24.0).spacing([2.0 * STEP, STEP]).show(ui, |ui| {
        for head in [fl!(words, "layers-osi"), fl!(words, "layers-four"), fl!(words, "layers-here")] {
            ui.label(small(head).color(cx.look.weak));
        }
        ui.end_row();
        for (osi, four, value) in rows {
            ui.label(small(osi));
            ui.label(small(four).color(cx.look.weak));
            ui.scope(|ui| {
                ui.set_max_width(here);
                ui.add(egui::Label::new(small(value).color(cx.look.accent)).wrap());
            });
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_between_addresses_of_this_computer_take_the_loopback() {
        let interface = |name: &str, address: &str, kind| Interface {
            name: name.into(),
            address: address.parse().unwrap(),
            kind,
            link: crate::host::Link::default(),
        };
        let all = [
            interface("eth0", "192.168.1.5", InterfaceKind::Lan),
            interface("wlan0", "10.0.0.7", InterfaceKind::Lan),
            interface("lo", "127.0.0.1", InterfaceKind::Loopback),
        ];
        let taken = |local: &str, peer: &str| match link(&all, local.parse().unwrap(), peer.parse().unwrap()) {
            Link::Loopback(name) => name.unwrap_or_default().to_owned(),
            Link::Interface(interface) => interface.name.clone(),
            Link::Unknown => "?".into(),
        };
        assert_eq!(taken("127.0.0.1", "127.0.0.1"), "lo");
        assert_eq!(taken("192.168.1.5", "192.168.1.5"), "lo");
        assert_eq!(taken("192.168.1.5", "10.0.0.7"), "lo");
        assert_eq!(taken("192.168.1.5", "192.168.1.9"), "eth0");
        assert_eq!(taken("192.168.7.5", "192.168.7.9"), "?");
    }
}
