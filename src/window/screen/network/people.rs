//! Other Sockhops on this network: whether they see this one, why none is seen, and looking harder.

use egui::{Label, RichText, Ui};
use egui_material_icons::icons::{ICON_CHECK, ICON_INFO, ICON_WARNING};
use i18n_embed_fl::fl;

use super::{Action, section};
use crate::{
    core::{People, Visibility},
    host::{Interface, InterfaceKind},
    settings::{Settings, Visible},
    window::{
        Cx, lines,
        parts::{controls, me},
        theme::STEP,
        wording,
    },
    wire::visible,
};

pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Action> {
    let mut action = None;
    section(ui, cx, fl!(cx.words, "network-people"), fl!(cx.words, "network-people-hint"));
    controls::card(cx.look).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 1.5 * STEP;
        let name = fl!(cx.words, "visible");
        ui.horizontal(|ui| {
            let on = cx.settings.visible == Visible::On;
            if let Some(on) = controls::switch(ui, cx.look, &name, on) {
                action = Some(Action::Me(me::Action::SetVisible(on)));
            }
            controls::switch_label(ui, &name, Label::new(&name));
        });
        let people = cx.core.people();
        match people.visibility() {
            Visibility::Off => _ = controls::hint(ui, cx.look, fl!(cx.words, "visible-off-hint")),
            Visibility::Opening => _ = controls::hint(ui, cx.look, fl!(cx.words, "visibility-opening")),
            Visibility::Unable(why) => _ = controls::wrong(ui, cx.look, wording::people::why_unable(cx, why)),
            Visibility::On { port } => {
                let count = people.nearby().count();
                let words = fl!(cx.words, "visible-on-port", count = count, port = port.to_string());
                controls::hint(ui, cx.look, words);
                action = used(ui, cx, people).or(action.take());
                if count == 0 {
                    why_nobody(ui, cx, people);
                }
                if ui.button(fl!(cx.words, "look-harder")).on_hover_text(fl!(cx.words, "look-harder-hint")).clicked() {
                    action = Some(Action::LookHarder);
                }
            }
        }
    });
    action
}

/// Over which interfaces, and a switch for each that is off unless the user wants it.
fn used(ui: &mut Ui, cx: &Cx<'_>, people: &People) -> Option<Action> {
    let mut action = None;
    let interfaces = people.interfaces();
    if !interfaces.used.is_empty() {
        let names: Vec<_> = interfaces.used.iter().map(|name| visible(name, &[])).collect();
        let names = names.join(&fl!(cx.words, "list-comma"));
        line(ui, ICON_CHECK.rich_text().color(cx.look.good), fl!(cx.words, "people-interfaces", names = names));
    }
    for (name, why) in &interfaces.failed {
        let name = visible(name, &[]).into_owned();
        let words = fl!(cx.words, "people-interface-failed", name = name, why = why.as_str());
        line(ui, ICON_WARNING.rich_text().color(cx.look.wait), words);
    }
    let off = interfaces.off.iter().chain(&cx.settings.lan_interfaces);
    let mut shown: Vec<&String> = Vec::new();
    for name in off {
        if shown.contains(&name) {
            continue;
        }
        shown.push(name);
        let label = fl!(cx.words, "people-use-interface", name = visible(name, &[]).into_owned());
        ui.horizontal(|ui| {
            let on = cx.settings.lan_interfaces.contains(name);
            if let Some(on) = controls::switch(ui, cx.look, &label, on) {
                let mut settings: Settings = cx.settings.clone();
                settings.lan_interfaces.retain(|other| other != name);
                if on {
                    settings.lan_interfaces.push(name.clone());
                }
                action = Some(Action::Set(Box::new(settings)));
            }
            controls::switch_label(ui, &label, Label::new(&label));
        });
    }
    action
}

/// What is known to keep Sockhops from seeing each other, what of it is the case here first.
fn why_nobody(ui: &mut Ui, cx: &Cx<'_>, people: &People) {
    ui.add_space(STEP);
    ui.label(fl!(cx.words, "why-nobody"));
    let here = cx.interfaces.iter();
    let reaches = |interface: &Interface| matches!(interface.kind, InterfaceKind::Lan | InterfaceKind::Public);
    if !here.clone().any(reaches) {
        line(ui, ICON_WARNING.rich_text().color(cx.look.wait), fl!(cx.words, "why-no-network"));
    } else if people.interfaces().used.is_empty() {
        line(ui, ICON_WARNING.rich_text().color(cx.look.wait), fl!(cx.words, "why-no-interface"));
    }
    if here.clone().any(|interface| interface.kind == InterfaceKind::Virtual) {
        line(ui, ICON_INFO.rich_text().color(cx.look.weak), fl!(cx.words, "why-vpn"));
    }
    if people.is_crowded() {
        line(ui, ICON_INFO.rich_text().color(cx.look.weak), fl!(cx.words, "why-crowded"));
    }
    let mut may = vec![fl!(cx.words, "why-they-hide"), fl!(cx.words, "why-isolation"), fl!(cx.words, "why-subnet")];
    if cfg!(windows) {
        may.push(fl!(cx.words, "why-windows"));
    }
    if cfg!(target_os = "macos") {
        may.push(fl!(cx.words, "why-macos"));
    }
    if cfg!(target_os = "linux") {
        may.push(fl!(cx.words, "why-firewall"));
    }
    for words in may {
        line(ui, ICON_INFO.rich_text().color(cx.look.weak), words);
    }
}

fn line(ui: &mut Ui, icon: RichText, words: String) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(icon.size(16.0));
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            lines::label(ui, words);
        });
    });
}
