//! Every interface with its addresses, and the one that others use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use egui::{Frame, Label, Layout, Margin, RichText, Sense, Stroke, Ui, WidgetInfo, accesskit::Role, vec2};
use egui_material_icons::icons::ICON_CONTENT_COPY;
use i18n_embed_fl::fl;

use super::{Action, section};
use crate::host::{self, HandOut, Interface, InterfaceAddresses, InterfaceKind};
use crate::window::{
    Cx,
    parts::controls,
    theme::{self, STEP},
    wording,
};
use crate::wire::visible;

/// From this width on, an interface's name is beside its addresses.
const BESIDE: f32 = 560.0;

/// Width of the names where they are beside.
const NAME_WIDTH: f32 = 248.0;

/// Width of the words `IPv4` and `IPv6`.
const FAMILY_WIDTH: f32 = 36.0;

pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    section(ui, cx, fl!(cx.words, "network-this"), fl!(cx.words, "network-this-hint"));
    // Whatever one computer alone is listened on: it is about the network.
    let all = match cx.server_address().ip() {
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
    };
    let others_use = match host::hand_out(cx.interfaces, all) {
        HandOut::Address(ip) => Some(ip),
        HandOut::NoNetwork | HandOut::Gone => {
            ui.label(RichText::new(fl!(cx.words, "network-none")).color(cx.look.wait));
            None
        }
        HandOut::Cut(_) | HandOut::Ipv6Only(_) => {
            ui.label(RichText::new(wording::reach(cx, all)).color(cx.look.wait));
            None
        }
    };
    for interface in host::by_interface(cx.interfaces) {
        action = card(ui, cx, &interface, others_use).or(action.take());
    }
    action
}

fn card(ui: &mut Ui, cx: &Cx<'_>, interface: &InterfaceAddresses<'_>, others_use: Option<IpAddr>) -> Option<Action> {
    let mut action = None;
    let marked = interface.addresses.iter().any(|one| Some(one.address) == others_use);
    let mut frame = controls::card(cx.look).inner_margin(Margin::symmetric(16, 12));
    if marked {
        frame = frame.stroke(Stroke::new(1.0, cx.look.accent));
    }
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let beside = ui.available_width() >= BESIDE;
        let layout = if beside { Layout::left_to_right(egui::Align::Min) } else { Layout::top_down(egui::Align::Min) };
        ui.with_layout(layout, |ui| {
            let width = if beside { NAME_WIDTH } else { ui.available_width() };
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(egui::Align::Min), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.5 * STEP;
                if beside {
                    // On a line with the first address.
                    ui.add_space(0.75 * STEP);
                }
                ui.add(Label::new(theme::strong(visible(interface.name, &[]), theme::TEXT)).truncate());
                controls::hint(ui, cx.look, purpose(cx, interface.kind));
            });
            if beside {
                ui.add_space(2.0 * STEP);
            }
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.5 * STEP;
                for one in &interface.addresses {
                    action = address(ui, cx, one, interface.kind, others_use).or(action.take());
                }
            });
        });
    });
    action
}

/// One address, with the button that copies it.
fn address(
    ui: &mut Ui,
    cx: &Cx<'_>,
    one: &Interface,
    card: InterfaceKind,
    others_use: Option<IpAddr>,
) -> Option<Action> {
    let mut action = None;
    let marked = Some(one.address) == others_use;
    let text = one.address.to_string();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP, 0.0);
        let family = if one.address.is_ipv4() { "IPv4" } else { "IPv6" };
        ui.allocate_ui_with_layout(vec2(FAMILY_WIDTH, 24.0), Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(FAMILY_WIDTH);
            controls::hint(ui, cx.look, family);
        });
        // An IPv6 address is long: it shrinks before it is cut.
        let room = (ui.available_width() - 32.0).max(1.0);
        let size = (room / (text.len() as f32 * 0.62)).clamp(theme::SMALL - 2.0, theme::TEXT);
        let colour = if marked { cx.look.accent } else { cx.look.text };
        ui.add(Label::new(RichText::new(&text).font(theme::mono(size)).color(colour)).truncate().selectable(true));
        let name = fl!(cx.words, "copy-this-address", address = text.as_str());
        if controls::quiet_icon(ui, cx.look, ICON_CONTENT_COPY, name).clicked() {
            action = Some(Action::Copy(text.clone()));
        }
        if marked {
            chip(ui, cx, &fl!(cx.words, "network-others-use"));
        }
    });
    if one.kind != card {
        let margin = Margin { left: (FAMILY_WIDTH + STEP) as i8, right: 0, top: 0, bottom: 4 };
        Frame::new().inner_margin(margin).show(ui, |ui| controls::hint(ui, cx.look, purpose(cx, one.kind)));
    }
    action
}

/// Words on a tint of the accent: beside what is before, or below it where there is no room.
fn chip(ui: &mut Ui, cx: &Cx<'_>, words: &str) {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), theme::small(), cx.look.accent);
    let size = galley.size() + vec2(4.0 * STEP, STEP);
    if size.x > ui.available_size_before_wrap().x {
        ui.end_row();
        ui.add_space(FAMILY_WIDTH + STEP);
    }
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().rect_filled(rect, theme::RADIUS, cx.look.chosen);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, cx.look.accent);
}

fn purpose(cx: &Cx<'_>, kind: InterfaceKind) -> String {
    match kind {
        InterfaceKind::Lan => fl!(cx.words, "network-lan"),
        InterfaceKind::Public => fl!(cx.words, "network-public"),
        InterfaceKind::Virtual => fl!(cx.words, "network-virtual"),
        InterfaceKind::LinkLocal => fl!(cx.words, "network-link-local"),
        InterfaceKind::Loopback => fl!(cx.words, "network-loopback"),
    }
}
