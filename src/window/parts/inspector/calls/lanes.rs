//! The menu of lanes: the usual ones, one socket alone, or more sockets with a lane of their own.

use egui::{ComboBox, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons::ICON_PUSH_PIN;
use i18n_embed_fl::fl;

use super::words;
use crate::window::{Cx, parts::controls};
use crate::{core::diagram::Diagram, net::SocketId};

/// Sockets offered: the latest.
const OFFERED: usize = 200;

/// What was chosen.
pub enum Choice {
    /// The listener, the chosen one, the newest, and all others.
    Usual,
    /// This socket alone, with the `accept` it came from.
    Only(SocketId),
    /// A lane of its own for this socket, or none any more.
    Lane(SocketId),
}

/// Draw it.
pub fn menu(ui: &mut Ui, cx: &Cx<'_>, diagram: &Diagram, asked: &[SocketId], width: f32) -> Option<Choice> {
    let mut choice = None;
    let usual = fl!(cx.words, "lanes-usual");
    let shown = match diagram.only() {
        Some(only) => fl!(cx.words, "lanes-only", socket = name(cx, only)),
        None if asked.is_empty() => usual.clone(),
        None => format!("{usual} +{}", asked.len()),
    };
    let combo = ComboBox::from_id_salt("calls-filter").width(width).height(400.0).truncate().selected_text(&shown);
    let response = controls::no_wider(ui, width, |ui| {
        combo.show_ui(ui, |ui| {
            if ui.selectable_label(diagram.only().is_none() && asked.is_empty(), usual).clicked() {
                choice = Some(Choice::Usual);
            }
            let offered = offered(cx, diagram);
            for socket in &offered {
                let (alone, has_lane) = (diagram.only() == Some(*socket), asked.contains(socket));
                ui.horizontal(|ui| {
                    let lane = fl!(cx.words, "lanes-add", socket = name(cx, *socket));
                    let pin = ICON_PUSH_PIN.rich_text().size(16.0);
                    let pin = ui.add(egui::Button::selectable(has_lane, pin)).on_hover_text(&lane);
                    pin.widget_info(|| WidgetInfo::selected(Role::Switch, true, has_lane, &lane));
                    if pin.clicked() {
                        choice = Some(Choice::Lane(*socket));
                    }
                    if ui.selectable_label(alone, fl!(cx.words, "lanes-only", socket = name(cx, *socket))).clicked() {
                        choice = Some(Choice::Only(*socket));
                    }
                });
            }
        })
    });
    response.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, true, fl!(cx.words, "calls-filter"));
        info.current_text_value = Some(shown.clone());
        info
    });
    choice
}

/// Listening sockets, and the latest connections.
fn offered(cx: &Cx<'_>, diagram: &Diagram) -> Vec<SocketId> {
    let mut sockets: Vec<_> = cx.core.sockets().map(|(socket, _)| socket).collect();
    sockets.sort_unstable();
    let listeners = sockets.partition_point(|socket| matches!(socket, SocketId::Listener(_)));
    let connections = sockets.split_off(listeners);
    let latest = connections.into_iter().rev().take(OFFERED);
    sockets.into_iter().rev().take(OFFERED).chain(latest).chain(diagram.only()).fold(Vec::new(), |mut all, socket| {
        if !all.contains(&socket) {
            all.push(socket);
        }
        all
    })
}

fn name(cx: &Cx<'_>, socket: SocketId) -> String {
    let descriptor = cx.core.calls(socket).and_then(|log| log.last()).and_then(|row| row.descriptor);
    words::socket_name(cx, socket, descriptor)
}
